from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_warranty import WarrantyCommon


@tagged("post_install", "-at_install")
class TestWarrantyLetter(WarrantyCommon):
    """The answer leaves once, in the language of the customer, with what he may know."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for code in ("nl_BE", "fr_BE", "de_DE"):
            cls.env["res.lang"]._activate_lang(code)
        cls.lot = cls._create_lot("P-1")
        cls.order = cls._sell(cls.consumer, [(cls.pump, 1, [cls.lot])], date(2025, 1, 10))

    def _answer(self, check):
        action = check.with_user(self.assistant).action_send_answer()
        letter = self.env["commercial.dispatch"].search([("res_model", "=", check._name), ("res_id", "=", check.id)])
        return action, letter

    def test_mail_leaves_once(self):
        check = self._ask(lot=self.lot, reported_on=date(2026, 3, 2))
        self.assertFalse(check.is_answered)
        for _time in range(2):
            _action, letter = self._answer(check)
        self.assertRecordValues(
            letter,
            [
                {
                    "channel": "email",
                    "state": "reserved",
                    "partner_id": self.consumer.id,
                    "recipient_email": "ann@peeters.example",
                    "company_id": self.company.id,
                }
            ],
        )
        self.assertEqual(letter.attachment_id.mimetype, "application/pdf")
        self.assertIn(b"P-1", letter.attachment_id.raw)
        self.assertEqual(letter.attachment_id.res_model, "commercial.dispatch")
        check.invalidate_recordset()
        self.assertTrue(check.is_answered)
        printed = check.with_user(self.assistant).action_print_answer()
        self.assertEqual(printed["url"], f"/commercial_assistant/letters/{letter.id}", "the very same letter")

    def test_paper_for_whoever_has_no_mail(self):
        self.consumer.email = False
        check = self._ask(lot=self.lot, reported_on=date(2026, 3, 2))
        action, letter = self._answer(check)
        self.assertEqual(letter.channel, "post")
        self.assertEqual(action["type"], "ir.actions.act_url")
        self.consumer.write({"street": False, "zip": False, "city": False})
        check = self._ask(lot=self.lot, reported_on=date(2026, 3, 3))
        with self.assertRaisesRegex(UserError, "no e-mail and no postal address"):
            self._answer(check)

    def test_nobody_to_answer(self):
        check = self._ask(product=self.tap)
        with self.assertRaisesRegex(UserError, "nobody to answer"):
            self._answer(check)

    def test_only_the_desk_answers(self):
        check = self._ask(lot=self.lot, reported_on=date(2026, 3, 2))
        collector = self._create_user("letter_collector", "commercial_assistant.group_collector")
        with self.assertRaises(AccessError):
            check.with_user(collector).action_send_answer()

    def test_languages(self):
        """Dates and texts follow the customer, not who asks."""
        for lang, decision in [
            ("nl_BE", "Uw goederen vallen onder de wettelijke garantie."),
            ("fr_BE", "Vos biens sont couverts par la garantie légale."),
            ("de_DE", "Ihre Ware ist durch die gesetzliche Gewährleistung gedeckt."),
            ("en_US", "Your goods are covered by the legal guarantee."),
        ]:
            with self.subTest(lang=lang):
                self.consumer.lang = lang
                check = self._ask(lot=self.lot, reported_on=date(2026, 3, 2))
                letter = check.with_user(self.assistant)._prepare_letter()
                self.assertEqual(letter["lang"], lang)
                self.assertEqual(letter["decision"], decision)
                self.assertNotIn("2027-01-10", str(letter))
                self.assertTrue(any("2027" in ground for ground in letter["grounds"]))

    def test_words_of_each_verdict(self):
        self.env["commercial.warranty.policy"].create(
            {"name": "Six years", "side": "supplier", "kind": "manufacturer", "duration_months": 72}
        )
        lot = self._create_lot("P-2")
        self._transfer(self.vendor, self.pump, 1, [lot], self.suppliers, self.stock, date(2023, 5, 1))
        self._transfer(self.consumer, self.pump, 1, [lot], self.stock, self.customers, date(2023, 6, 1))
        old = self._create_lot("P-3")
        self._sell(self.consumer, [(self.pump, 1, [old])], date(2023, 6, 1))
        responsible = {"customer_responsible": True, "reason": "The pump <b>ran dry</b>."}
        for question, decision, word in [
            ({"lot": self.lot, "reported_on": date(2026, 3, 2)}, "covered by the legal", "repair and replacement"),
            ({"lot": old, "reported_on": date(2026, 3, 2)}, "not covered any more", "offer"),
            ({"lot": self.lot, "reported_on": date(2026, 3, 2), "facts": responsible}, "is not covered", "ran dry"),
            ({"lot": lot, "reported_on": date(2026, 3, 2)}, "ask our supplier", "over on the day"),
            ({"product": self.tap, "partner": self.consumer}, "cannot tell yet", "invoice or receipt"),
            ({"lot": self.lot, "partner": self.business, "reported_on": date(2026, 3, 2)}, "cannot tell yet", "to you"),
        ]:
            with self.subTest(decision=decision, word=word):
                check = self._ask(**question)
                letter = check.with_user(self.assistant)._prepare_letter(mail=True)
                self.assertIn(decision, letter["decision"])
                html = self.env["ir.qweb"]._render("commercial_assistant.mail_warranty_answer", {"letter": letter})
                self.assertIn(word, html)
                self.assertNotIn("<b>ran", html)
                self.assertNotIn(self.vendor.name, html)

    def test_order_contact_gets_the_answer(self):
        contact = self._create_customer(
            name="Jan", is_company=False, parent_id=self.business.id, email="jan@bakkerij.example", type="contact"
        )
        order = self._sell(contact, [(self.tap, 1)], date(2026, 3, 2))
        check = self._ask(order_line=order.order_line, reported_on=date(2026, 4, 1))
        _action, letter = self._answer(check)
        self.assertRecordValues(
            letter,
            [{"contact_id": contact.id, "recipient_email": "jan@bakkerij.example", "partner_id": self.business.id}],
        )

    def test_failure_is_told(self):
        check = self._ask(lot=self.lot, reported_on=date(2026, 3, 2))
        _action, letter = self._answer(check)
        letter.sudo().write({"state": "failed", "error": "No such mailbox"})
        check.sudo()._dispatch_after_failure(letter)
        self.assertIn("No such mailbox", check.message_ids[0].body)

    def test_second_hand_letter(self):
        self.env["commercial.warranty.policy"].search([("kind", "=", "legal")]).write({"terms": "Two years"})
        order = self._sell(
            self.consumer,
            [(self.tap, 1)],
            date(2026, 3, 2),
            warranty_condition="used",
            warranty_agreed_months=12,
        )
        check = self._ask(order_line=order.order_line, reported_on=date(2026, 4, 1))
        self.assertEqual(check.covered_until, date(2027, 3, 2))
        self.assertIn("Two years", check._prepare_letter()["grounds"])

    def test_policy_terms_follow_the_language(self):
        self.be_consumer.with_context(lang="nl_BE").terms = "Twee jaar"
        self.consumer.lang = "nl_BE"
        check = self._ask(lot=self.lot, reported_on=date(2026, 3, 2))
        self.assertIn("Twee jaar", check._prepare_letter()["grounds"])
