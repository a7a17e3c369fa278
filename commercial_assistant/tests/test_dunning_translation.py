from odoo.tests import TransactionCase, freeze_time, tagged

from .common_dunning import DunningCommon


@tagged("post_install", "-at_install")
class TestDunningTranslation(TransactionCase):
    """Companies have copies of the standard policies; terms that are loaded later have to reach these too."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # a language the app has no translation of its own for
        cls.env["res.lang"]._activate_lang("pt_PT")
        cls.env["res.lang"]._activate_lang("it_IT")
        cls.company = cls.env["res.company"].create(
            {"name": "Later Translated", "country_id": cls.env.ref("base.be").id}
        )
        cls.standard = cls.env.ref("commercial_assistant.dunning_policy_be_business")
        cls.policy = cls.env["commercial.dunning.policy"].search(
            [("company_id", "=", cls.company.id), ("regime", "=", "be_business")]
        )

    def _translate_standard(self, code="pt_PT", word="Português"):
        self.standard.with_context(lang=code).name = f"{word} Unternehmen"
        for level in self.standard.level_ids:
            level.with_context(lang=code).write({"name": f"{word} {level.sequence}", "subject": f"{word} Mahnung"})
            for name in ("intro", "closing"):
                terms = {term: f"{word}: {term}" for term in level._fields[name].get_trans_terms(level[name] or "")}
                level.update_field_translations(name, {code: terms})

    def _load_terms(self):
        self.env["ir.module.module"]._load_module_terms(["commercial_assistant"], ["pt_PT"])
        return self.policy.with_context(lang="pt_PT")

    def test_terms_reach_the_copies(self):
        self._translate_standard()
        policy = self._load_terms()
        self.assertEqual(policy.name, "Português Unternehmen")
        for level in policy.level_ids:
            self.assertEqual(level.subject, "Português Mahnung")
            self.assertIn("Português: ", level.intro)

    def test_several_languages(self):
        english = {level: (level.subject, level.intro, level.closing) for level in self.policy.level_ids}
        self._translate_standard()
        self._translate_standard("it_IT", "Italiano")
        self._load_terms()
        for level in self.policy.level_ids:
            self.assertEqual((level.subject, level.intro, level.closing), english[level])
            for code, word in (("pt_PT", "Português"), ("it_IT", "Italiano")):
                translated = level.with_context(lang=code)
                self.assertEqual(translated.subject, f"{word} Mahnung")
                self.assertIn(f"{word}: ", translated.intro)
                self.assertEqual(f"{word}: " in (translated.closing or ""), bool(level.closing))

    def test_own_texts_stay(self):
        own = self.policy.level_ids[0].with_context(lang="pt_PT")
        own.write({"subject": "Unser eigener Betreff", "intro": "<p>Unser eigener Text</p>"})
        self.policy.with_context(lang="en_US").name = "Our own name"
        self._translate_standard()
        policy = self._load_terms()
        self.assertEqual(own.subject, "Unser eigener Betreff")
        self.assertIn("Unser eigener Text", own.intro)
        self.assertEqual(policy.with_context(lang="en_US").name, "Our own name")
        self.assertNotEqual(policy.name, "Português Unternehmen")

    def test_other_modules_change_nothing(self):
        self._translate_standard()
        self.env["ir.module.module"]._load_module_terms(["base"], ["pt_PT"])
        self.assertNotEqual(self.policy.with_context(lang="pt_PT").name, "Português Unternehmen")


@tagged("post_install", "-at_install")
@freeze_time("2026-03-20")
class TestDunningDescription(DunningCommon):
    """A customer who asked for letters in another language than that of the invoices."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product_a.name = "Pump"
        for code, name in (("nl_BE", "Pomp"), ("fr_BE", "Pompe")):
            cls.product_a.with_context(lang=code).name = name

    def _describe(self, invoice):
        self._run()
        line = self.env["commercial.dunning.notice.line"].search([("move_id", "=", invoice.id)])
        return {code: line.with_context(lang=code).description for code in ("nl_BE", "fr_BE")}

    def test_name_of_the_product(self):
        invoice = self._invoice(self.business)
        self.assertEqual(invoice.invoice_line_ids.name, "Pomp")
        self.assertEqual(self._describe(invoice), {"nl_BE": "Pomp", "fr_BE": "Pompe"})

    def test_words_of_the_invoice(self):
        invoice = self._invoice(self.business)
        invoice.invoice_line_ids.name = "Pomp voor de kelder"
        self.assertEqual(set(self._describe(invoice).values()), {"Pomp voor de kelder"})
