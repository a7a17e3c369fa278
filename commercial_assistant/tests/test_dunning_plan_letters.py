import hashlib
import re
from unittest.mock import patch

from freezegun import freeze_time
from lxml import html

from odoo import Command
from odoo.tests import tagged

from odoo.addons.commercial_assistant.models.common.dispatch import CommercialDispatch

from .common_dunning import LANGUAGES
from .common_plan import PlanCommon

REPORT = "commercial_assistant.action_report_payment_plan"
LETTER_REPORT = "commercial_assistant.action_report_payment_plan_letter"
STATED = {
    "en_US": {"total": "1,000.00", "each": "333.33", "day": "1 Apr 2026", "until": "3 April 2026"},
    "nl_BE": {"total": "1.000,00", "each": "333,33", "day": "01/04/2026", "until": "3 april 2026"},
    "fr_BE": {"total": "1.000,00", "each": "333,33", "day": "01/04/2026", "until": "3 avril 2026"},
}
WORDS = {
    "en_US": "three hundred and thirty-three euros and thirty-three cents",
    "nl_BE": "driehonderddrieëndertig euro en drieëndertig cent",
    "fr_BE": "trois cent trente-trois euros et trente-trois centimes",
}


@tagged("post_install", "-at_install")
@freeze_time("2026-03-20 09:00:00")
class TestPlanLetters(PlanCommon):
    """What the agreement and the other letters say, as they are rendered."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {
                "name": "Letterwerk Kortrijk BV",
                "street": "Stationsstraat 12",
                "zip": "8500",
                "city": "Kortrijk",
                "country_id": cls.env.ref("base.be").id,
                "company_registry": "0566988259",
                "currency_id": cls.env.ref("base.EUR").id,
            }
        )

    def setUp(self):
        super(PlanCommon, self).setUp()
        self.sent = []

        def hand_over(dispatch):
            self.sent.append(dispatch)
            return "sent", False

        patcher = patch.object(CommercialDispatch, "_hand_over", autospec=True, side_effect=hand_over)
        patcher.start()
        self.addCleanup(patcher.stop)

    def _proposed(self, *moves, **values):
        plan = self._make(moves or [self._invoice()], **values)
        plan.action_propose()
        return plan

    def _text(self, content):
        parts = [part for part in html.fromstring(content).itertext() if part.strip()]
        return re.sub(r"\s+", " ", " ".join(parts)).strip()

    def _body(self, plan, kind="agreement", lines=None):
        """The text of a letter, spaces made equal."""
        reports = self.env["ir.actions.report"]
        data = {"kind": kind, "line_ids": lines.ids if lines else []}
        content, _kind = reports._render_qweb_html(REPORT if kind == "agreement" else LETTER_REPORT, plan.ids, data)
        text = self._text(content)
        # what a mail program shows says the same
        self.assertIn(
            plan.payment_reference if kind != "refusal" else plan.name, self._text(plan._render_mail_body(kind, lines))
        )
        return text

    def assertStates(self, text, *expected):
        for part in expected:
            self.assertIn(re.sub(r"\s+", " ", part), text)

    def test_agreement(self):
        for lang in LANGUAGES:
            with self.subTest(lang=lang):
                customer = self._create_customer("Klant", is_company=True, vat="BE0477472701", lang=lang)
                invoice = self._invoice(customer)
                plan = self._proposed(invoice, has_late_interest=True, interest_rate=8)
                text = self._body(plan)
                stated = STATED[lang]
                self.assertStates(text, *stated.values(), WORDS[lang], invoice.name, plan.name)
                # parties, account, communication, interest, break rule
                self.assertStates(text, "0566.988.259", "0477.472.701", "BE71 0961 2345 6769", plan.payment_reference)
                self.assertRegex(text, r"8[.,]00")
                self.assertStates(text, "14")
                # the debtor in one piece: name, address and number
                self.assertRegex(text, r"Klant, [^|]{0,80}0477\.472\.701")
        self.assertStates(
            self._body(plan.with_context(lang="en_US")), "Pas de novation" if lang == "fr_BE" else "No novation"
        )

    def test_legal_content(self):
        plan = self._proposed(self._invoice(self._create_customer("Client", is_company=True, lang="en_US")))
        text = self._body(plan)
        self.assertStates(
            text,
            "acknowledges owing the creditor the sum of",
            "one thousand euros",
            "ends by operation of law",
            "No novation.",
            "asks no interest on this plan as long as it is kept",
            "sends no reminders",
            "The creditor",
            "The debtor",
            "Read and approved",
        )
        self.assertNotIn("Write by hand", text)

    def test_consumer_writes_the_sum(self):
        self.consumer.lang = "en_US"
        plan = self._proposed(self._invoice(self.consumer), has_late_interest=True, interest_rate=8)
        text = self._body(plan)
        self.assertStates(text, "Write by hand: “Read and approved, good for one thousand euros”", "article XIX.4")
        self.assertNotIn("2 August 2002", text)

    def test_part_of_an_invoice_and_charges(self):
        self.business.lang = "en_US"
        invoice = self._invoice()
        make = self._wizard([invoice])
        make.item_ids.amount = 700
        make._compute_amount_total()
        plan = self.env["commercial.payment.plan"].browse(make.action_make()["res_id"]).with_user(self.collector)
        plan.action_propose()
        self.assertStates(self._body(plan), "1,000.00", "700.00", "seven hundred euros")

    def test_payment_code(self):
        plan = self._proposed()
        payload = plan._get_letter_qr_payload(plan.line_ids.sorted("sequence")[0].amount)
        self.assertIn("EUR333.33", payload)
        self.assertIn(re.sub(r"\D", "", plan.payment_reference), payload)
        content, _kind = self.env["ir.actions.report"]._render_qweb_html(REPORT, plan.ids)
        self.assertIn(b"<svg", content)

    def test_other_letters(self):
        expected = {
            "en_US": {
                "courtesy": ("Your next instalment", "costs you nothing"),
                "late": ("Instalment not received", "the plan ends", "We add no costs"),
                "broken": ("Your payment plan has ended", "due at once"),
                "refusal": ("Your request for a payment plan", "Too many plans"),
            },
            "nl_BE": dict.fromkeys(("courtesy", "late", "broken", "refusal"), ("Geachte",)),
            "fr_BE": dict.fromkeys(("courtesy", "late", "broken", "refusal"), ("Madame, Monsieur",)),
        }
        for lang in LANGUAGES:
            customer = self._create_customer("Klant", is_company=True, lang=lang)
            plan = self._proposed(self._invoice(customer)).sudo()
            plan.end_reason = "Too many plans"
            first = plan.line_ids.sorted("sequence")[0]
            for kind, parts in expected[lang].items():
                with self.subTest(lang=lang, kind=kind):
                    text = self._body(plan, kind, first if kind in ("courtesy", "late") else None)
                    self.assertStates(text, *parts, plan.name)
                    if kind != "refusal":
                        amount = STATED[lang]["total" if kind == "broken" else "each"]
                        self.assertStates(text, amount, plan.payment_reference, "BE71 0961 2345 6769")

    def test_late_interest_is_told(self):
        self.business.lang = "en_US"
        plan = self._start(self._invoice(), has_late_interest=True, interest_rate=10)
        self._follow(plan, "2026-04-11")
        letter = self._letters(plan, "late")
        self.assertStates(self._text(letter.body), "interest of 10.00 % per year", "0.91")

    def test_draft_is_marked(self):
        self.business.lang = "en_US"
        plan = self._make([self._invoice()])
        content, _kind = self.env["ir.actions.report"]._render_qweb_html(REPORT, plan.ids)
        self.assertIn("has not been proposed yet", self._text(content))
        plan.action_propose()
        content, _kind = self.env["ir.actions.report"]._render_qweb_html(REPORT, plan.ids)
        self.assertNotIn("has not been proposed yet", self._text(content))

    def test_names_are_escaped(self):
        customer = self._create_customer("<b>Bold</b> & Co", is_company=True)
        plan = self._proposed(self._invoice(customer))
        content, _kind = self.env["ir.actions.report"]._render_qweb_html(REPORT, plan.ids)
        self.assertIn(b"&lt;b&gt;Bold&lt;/b&gt; &amp; Co", content)
        self.assertNotIn(b"<b>Bold</b>", content)

    def test_reprint_gives_the_same_bytes(self):
        reports = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        if reports.get_wkhtmltopdf_state() == "install":
            self.skipTest("wkhtmltopdf is not installed")
        with self.allow_pdf_render():
            plan = self._make([self._invoice()]).with_context(force_report_rendering=True)
            plan.action_propose()
            self.assertTrue(plan.attachment_id.raw.startswith(b"%PDF"))
            self.assertEqual(plan.sha256, hashlib.sha256(plan.attachment_id.raw).hexdigest())
            again, _kind = reports._render_qweb_pdf(REPORT, plan.ids)
        self.assertEqual(again, plan.attachment_id.raw)
        self.assertEqual(plan.dispatch_ids.attachment_id, plan.attachment_id)

    def test_sender(self):
        """Answers go to the desk for reminders."""
        desk = self.env["res.partner"].create({"name": "Debtors desk", "email": "desk@company.example"})
        self.company.dunning_contact_id = desk
        plan = self._proposed()
        mail = plan.dispatch_ids.sudo().mail_id
        self.assertIn("desk@company.example", mail.reply_to)
        self.assertIn("bakkerij@customer.example", mail.email_to)

    def test_many_instalments_in_one_agreement(self):
        plan = self._proposed(self._invoice(amount=5000), number=36, minimum=10, charge_ids=[Command.clear()])
        text = self._body(plan)
        self.assertStates(text, "36", "138,88")
