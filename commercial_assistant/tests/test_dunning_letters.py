import hashlib
import re
import shutil
import subprocess
from datetime import date

from lxml import html
from markupsafe import Markup

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.commercial_assistant.tools.identifiers import is_creditor_reference

from .common_dunning_letters import KINDS, LANGUAGES, REPORT, DunningLetterCommon

STATED = {
    "en_US": {
        "date": "23 November 2026",
        "deadline": "8 December 2026",
        "due": "4 Oct 2026",
        "total": "1,210.00",
        "indemnity": "100.50",
    },
    "nl_BE": {
        "date": "23 november 2026",
        "deadline": "8 december 2026",
        "due": "04/10/2026",
        "total": "1.210,00",
        "indemnity": "100,50",
    },
    "fr_BE": {
        "date": "23 novembre 2026",
        "deadline": "8 décembre 2026",
        "due": "04/10/2026",
        "total": "1.210,00",
        "indemnity": "100,50",
    },
    "de_DE": {
        "date": "23. November 2026",
        "deadline": "8. Dezember 2026",
        "due": "04.10.2026",
        "total": "1.210,00",
        "indemnity": "100,50",
    },
}


@tagged("post_install", "-at_install")
class TestDunningLetters(DunningLetterCommon):
    # --- WHAT THE LAW ASKS FOR ---

    def test_first_reminder_to_consumer_is_complete(self):
        """Article XIX.2: every item stands in the body of the letter and in the mail, in each language."""
        for lang in LANGUAGES:
            notice, stated = self._notice(lang=lang), STATED[lang]
            mail = self._text(html.fromstring(notice._get_mail_values()["body_html"]))
            for text in (self._body(notice), mail):
                with self.subTest(lang=lang, mail=text is mail):
                    self.assertStates(
                        text,
                        # the creditor
                        "Letterwerk Kortrijk BV",
                        "Stationsstraat 12",
                        "8500 Kortrijk",
                        "0566.988.259",
                        "RPR Gent, afdeling Kortrijk",
                        # the debt and what it is for
                        notice.line_ids.invoice_name,
                        "Office chair Ergo",
                        stated["due"],
                        stated["total"],
                        # what follows and the term
                        stated["indemnity"],
                        "XIX.2",
                        "XIX.3",
                        "XIX.4",
                        "14 ",
                        stated["deadline"],
                        # how to pay and whom to ask
                        "BE68 5390 0754 7034",
                        "KREDBEBB",
                        "+++010/8068/17183+++",
                        "desk@company.example",
                        # the letter itself
                        "Jan Peeters",
                        stated["date"],
                        "REM/2026/00007",
                    )

    def test_first_reminder_says_from_when_the_term_runs(self):
        by_mail, by_post = self._body(self._notice()), self._body(self._notice(channel="post"))
        self.assertStates(by_mail, "This period starts on the calendar day after the day on which we sent you")
        self.assertStates(by_post, "This period starts on the third working day after the day on which we posted")
        self.assertNotIn("third working day", by_mail)
        self.assertNotIn("calendar day after the day on which we sent you", by_post)
        self.assertStates(by_mail, "at least 14 calendar days", "If your payment reaches us by 8 December 2026")

    def test_interest_of_consumer_runs_from_the_lawful_day(self):
        self.company.commercial_is_sme = True
        self.assertStates(
            self._body(self._notice()), "counted from the calendar day after the day on which this reminder"
        )
        self.company.commercial_is_sme = False
        self.assertStates(self._body(self._notice()), "counted from 9 December 2026")

    def test_without_clause_the_letter_announces_nothing(self):
        self.consumer_policy.write({"charge_interest": False, "charge_indemnity": False})
        text = self._body(self._notice(announced_indemnity=0, announced_interest_rate=0))
        self.assertStates(text, "provides no indemnity", "an indemnity of 0.00 €")
        self.assertNotIn("late-payment interest", text)
        self.assertNotIn("XIX.4", text)

    def test_courtesy_reminder_is_not_the_first_reminder(self):
        text = self._body(self._notice(kind="courtesy"))
        self.assertStates(text, "free of charge", "not yet the first reminder in the sense of article XIX.2")
        self.assertNotIn("14 calendar days", text)

    def test_later_letters_to_consumer_name_the_first_reminder(self):
        charges = [("interest", 6.27), ("indemnity", 100.5)]
        texts = {}
        for kind in KINDS[2:]:
            with self.subTest(kind=kind):
                text = texts[kind] = self._body(self._notice(kind=kind, charges=charges))
                self.assertStates(
                    text,
                    "first reminder, free of charge, on 5 November 2026",
                    "article XIX.4 of the Code of Economic Law",
                    "6.27",
                    "100.50",
                    "1,316.77",
                    "10.50 %",
                )
        self.assertStates(
            texts["formal_notice"],
            "neither a summons nor a seizure",
            "We hereby give you formal notice to pay 1,316.77 €",
        )
        self.assertStates(
            texts["last_notice"],
            "neither a summons nor a seizure",
            "For the last time we call on you to pay 1,316.77 €",
            "the costs of whom we entrust with it are ours",
        )
        free = self._body(self._notice(kind="second_reminder"))
        self.assertStates(free, "We still claim only the outstanding balance")

    def test_formal_notice_to_business_splits_the_claim(self):
        charges = [("interest", 17.4), ("fixed", 40)]
        for lang in LANGUAGES:
            with self.subTest(lang=lang):
                notice = self._notice("be_business", "formal_notice", lang, charges=charges, amount_credit=50)
                text = self._body(notice)
                if lang.startswith("en"):
                    figures = ("1,210.00", "-50.00", "17.40", "40.00", "1,217.40", "10.50 %")
                else:
                    figures = ("1.210,00", "-50,00", "17,40", "40,00", "1.217,40", "10,50 %")
                self.assertStates(text, *figures, "2002", "Bakkerij De Smet", "0477.472.701")
        text = self._body(self._notice("be_business", "formal_notice", charges=charges))
        self.assertStates(
            text,
            "Late-payment interest: article 5 of the law of 2 August 2002.",
            "Fixed recovery cost: article 6 of the law of 2 August 2002.",
            "10.50 % on 1,210.00 €, 5 Oct 2026 – 23 Nov 2026",
            "In words: one thousand two hundred and sixty-seven euros and forty cents",
            "by operation of law and without notice from the day after the due date",
            "a fixed recovery cost of 40.00 €",
            "at the latest on 8 December 2026",
            "We reserve all our rights",
        )

    def test_reminder_to_business_keeps_the_rights_open(self):
        text = self._body(self._notice("be_business"))
        self.assertStates(text, "We do not claim these amounts if your full payment reaches us by 8 December 2026")
        self.assertNotIn("XIX", text)
        self.assertNotIn("Interest, indemnity and costs", text)

    def test_business_without_known_figures(self):
        """No confirmed figure: the law is named without it, and the letter still leaves."""
        self.env["commercial.legal.parameter"].search([("code", "=", "be_b2b_fixed_cost")]).state = "to_confirm"
        text = self._body(self._notice("be_business", announced_interest_rate=0))
        self.assertStates(text, "a fixed recovery cost is due as well for each invoice paid late")
        self.assertNotIn("the rate is now", text)

    def test_interest_of_own_terms(self):
        public = self.business_policy.rule_ids.filtered(lambda rule: rule.customer_kind == "public")
        public.unlink()  # a public authority owes the statutory rate
        self.business_policy.write({"interest_basis": "clause", "interest_percent": 10.5})
        self.assertStates(
            self._body(self._notice("be_business")), "Under our general terms, interest of 10.50 % per year"
        )

    # --- EVERY LETTER ---

    def test_every_kind_in_every_language(self):
        for regime in ("be_consumer", "be_business"):
            for kind in KINDS:
                for lang in LANGUAGES:
                    with self.subTest(regime=regime, kind=kind, lang=lang):
                        notice = self._notice(regime, kind, lang)
                        text = self._body(notice)
                        self.assertStates(
                            text,
                            notice.partner_id.name,
                            "Letterwerk Kortrijk BV",
                            "0566.988.259",
                            "RPR Gent, afdeling Kortrijk",
                            STATED[lang]["date"],
                            STATED[lang]["total"],
                            notice.line_ids.invoice_name,
                            "BE68 5390 0754 7034",
                            "+++010/8068/17183+++",
                            "desk@company.example",
                            notice.level_id.with_context(lang=lang).subject,
                        )
                        self.assertNotIn("%(", text)
                        self.assertNotIn("False", text)
                        self.assertNotIn("None", text)

    def test_totals_are_those_of_the_notice(self):
        charges = [("interest", 17.4), ("interest", 2.61), ("fixed", 40), ("cost", 7.5)]
        notice = self._notice("be_business", "formal_notice", charges=charges, lines=2, amount_credit=50)
        amounts = [float(re.sub(r"[^0-9.-]", "", amount)) for _label, amount in self._letter(notice)["totals"]]
        self.assertEqual(amounts, [2420.0, -50.0, 20.01, 40.0, 7.5, 2437.51])
        self.assertAlmostEqual(sum(amounts[:-1]), amounts[-1])
        self.assertAlmostEqual(amounts[-1], notice.amount_total)

    def test_waived_charge_is_not_claimed(self):
        notice = self._notice("be_business", "formal_notice", charges=[("interest", 17.4), ("fixed", 40)])
        notice.charge_ids.filtered(lambda charge: charge.kind == "fixed").state = "waived"
        self.assertEqual(notice._get_letter_charges().mapped("kind"), ["interest"])

    def test_excluded_line_is_not_in_the_letter(self):
        notice = self._notice(lines=2)
        notice.line_ids[0].included = False
        text = self._body(notice)
        self.assertNotIn(notice.line_ids[0].invoice_name, text)
        self.assertIn(notice.line_ids[1].invoice_name, text)

    def test_indemnity_for_each_invoice(self):
        notice = self._notice(lines=2)
        self.assertStates(self._body(notice), "Indemnity if paid late", "100.50", "an indemnity of 201.00 €")
        self.assertNotIn("Indemnity if paid late", self._body(self._notice()))

    def test_what_people_typed_stays_text(self):
        notice = self._notice()
        notice.line_ids.invoice_name = "<script>alert(1)</script>"
        self.consumer.name = "<b>Jan</b> & Co"
        self.company.commercial_legal_mention = "<i>RPR</i>"
        content = self.env["ir.actions.report"]._render_qweb_html(REPORT, notice.ids)[0].decode()
        for text in (content, notice._get_mail_values()["body_html"]):
            self.assertNotIn("<script>alert", text)
            self.assertNotIn("<b>Jan", text)
            self.assertNotIn("<i>RPR", text)
            self.assertIn("&lt;script&gt;alert(1)&lt;/script&gt;", text)

    def test_code_of_the_product_is_left_out(self):
        self.product_a.default_code = "E-1"
        notice = self._notice()
        self.assertIn("[E-1]", notice.line_ids.description)
        text = self._body(notice)
        self.assertIn("Office chair Ergo", text)
        self.assertNotIn("[E-1]", text)

    def test_proposal_is_marked(self):
        self.assertIn("not approved and has not been sent", self._body(self._notice(state="proposed")))
        self.assertNotIn("not approved", self._body(self._notice()))

    def test_language_falls_back_to_an_active_one(self):
        notice = self._notice()
        notice.lang = False
        self.consumer.lang = "fr_BE"
        self.assertEqual(notice._get_letter_lang(), "fr_BE")
        self.consumer.lang = False
        self.assertEqual(notice._get_letter_lang(), "nl_BE", "the language of the company")

    def test_days_as_each_language_writes_them(self):
        report = self.env["report.commercial_assistant.report_dunning_notice"]
        for lang, expected in (
            ("en_US", "1 December 2026"),
            ("nl_BE", "1 december 2026"),
            ("fr_BE", "1er décembre 2026"),
            ("de_DE", "1. Dezember 2026"),
        ):
            text = report.with_context(lang=lang)._format_day(date(2026, 12, 1))
            self.assertEqual(text.replace("\N{NO-BREAK SPACE}", " "), expected)
        self.assertEqual(report.with_context(lang="nl_BE")._format_rate(10.5), "10,50\N{NO-BREAK SPACE}%")
        self.assertEqual(report.with_context(lang="en_US")._format_rate(8), "8.00\N{NO-BREAK SPACE}%")

    # --- RECIPIENT ---

    def test_address_of_the_recipient(self):
        report = self.env["report.commercial_assistant.report_dunning_notice"].with_context(lang="en_US")
        notice = self._notice("be_business")
        lines = report._get_recipient_lines(notice)
        self.assertEqual(lines, ["Bakkerij De Smet", "Kerkstraat 1", "9000 Gent"])
        desk = self.env["res.partner"].create({"name": "Els Maes", "parent_id": self.business.id, "type": "invoice"})
        desk.write({"street": "Postbus 4", "zip": "59000", "city": "Lille", "country_id": self.env.ref("base.fr").id})
        notice.contact_id = desk
        lines = report._get_recipient_lines(notice)
        self.assertEqual(lines, ["Bakkerij De Smet", "Attn. Els Maes", "Postbus 4", "59000 Lille", "FRANCE"])
        desk.write({"street": False, "zip": False, "city": False, "country_id": False})
        lines = report._get_recipient_lines(notice)
        self.assertEqual(lines, ["Bakkerij De Smet", "Attn. Els Maes", "Kerkstraat 1", "9000 Gent"])

    def test_long_address_is_set_smaller(self):
        notice = self._notice("be_business")
        self.assertFalse(self._letter(notice)["is_long_address"])
        self.business.name = "Koninklijke Vereniging voor de Bevordering van de Nijverheid in West-Vlaanderen VZW"
        self.business.write({"street2": "Gebouw C, kantoor 214", "city": "Sint-Katelijne-Waver"})
        self.assertFalse(self._letter(notice)["is_long_address"], "six lines fit")
        notice.contact_id = self.env["res.partner"].create({"name": "Els Maes", "parent_id": self.business.id})
        self.assertTrue(self._letter(notice)["is_long_address"])

    # --- PAYMENT CODE ---

    def test_payment_code(self):
        rows = self._notice()._get_letter_qr_payload().split("\n")
        self.assertEqual(
            rows,
            [
                "BCD", "002", "1", "SCT", "KREDBEBB", "Letterwerk Kortrijk BV", "BE68539007547034", "EUR1210.00",
                "", "010806817183", "",
            ],
        )  # fmt: skip
        free = self._notice(payment_reference="REM 7 Peeters")._get_letter_qr_payload().split("\n")
        self.assertEqual(free[-2:], ["", "REM 7 Peeters"])
        none = self._notice(payment_reference=False)._get_letter_qr_payload().split("\n")
        self.assertEqual(none[-2:], ["", "REM/2026/00007"])

    def test_reference_for_banks_elsewhere(self):
        """A creditor reference is coded where banks check it, and printed in groups of four."""
        notice = self._notice("nl_business", payment_reference="RF23REM202600007")
        rows = notice._get_letter_qr_payload().split("\n")
        self.assertEqual(rows[-2:], ["RF23REM202600007", ""])
        self.assertIn(
            ("Payment reference", "RF23 REM2 0260 0007".replace(" ", "\N{NO-BREAK SPACE}")), self._pay_rows(notice)
        )
        wrong = self._notice("nl_business", payment_reference="RF24REM202600007")
        self.assertEqual(wrong._get_letter_qr_payload().split("\n")[-2:], ["", "RF24REM202600007"])
        self.assertIn(("Communication", "RF24REM202600007"), self._pay_rows(wrong))

    def _pay_rows(self, notice):
        return self._letter(notice)["payment"]

    def test_reference_by_country_of_the_customer(self):
        get_reference = self.run_._get_payment_reference
        belgium, netherlands = self.env.ref("base.be").id, self.env.ref("base.nl").id
        own = "+++010/8068/17183+++"
        self.assertEqual(get_reference(None, "REM/2026/00007", belgium), "+++020/2600/00784+++")
        self.assertEqual(get_reference(own, "REM/2026/00007", belgium), own)
        self.assertEqual(get_reference(None, "REM/2026/00007", False), "+++020/2600/00784+++", "that of the company")
        self.assertEqual(get_reference(None, "REM/2026/00007", netherlands), "RF23REM202600007")
        # the digits of the invoice's communication stay recognisable
        reference = get_reference(own, "REM/2026/00007", netherlands)
        self.assertTrue(is_creditor_reference(reference))
        self.assertTrue(reference.endswith("010806817183"))
        for country_id in (belgium, netherlands):
            self.assertEqual(get_reference("RF18 5390 0754 7034", "REM/2026/00007", country_id), "RF18 5390 0754 7034")
        self.assertFalse(get_reference(None, "/", netherlands), "a dry run has no number")

    def test_payment_code_stands_in_the_letter_only_where_it_can_pay(self):
        notice = self._notice()
        self.assertTrue(self._letter(notice)["qr"].startswith("<svg"))
        self.assertIn("Scan with your banking app", self._body(notice))
        dollars = self._notice(currency=self._get_dollar())
        self.assertFalse(dollars._get_letter_qr_payload())
        text = self._body(dollars)
        self.assertNotIn("Scan with your banking app", text)
        self.assertStates(text, "$", "BE68 5390 0754 7034")
        self.bank.acc_number = "123-456"
        self.assertFalse(notice._get_letter_qr_payload(), "not a number of the euro payments area")
        notice.amount_total = 0
        self.assertFalse(notice._get_letter_qr_payload())

    def _get_dollar(self):
        dollar = self.env.ref("base.USD")
        dollar.active = True
        return dollar

    def test_letter_without_account(self):
        notice = self._notice(partner_bank_id=False, payment_reference=False)
        text = self._body(notice)
        self.assertNotIn("To bank account", text)
        self.assertStates(text, "1,210.00 €")

    # --- MAIL ---

    def test_mail(self):
        notice = self._notice(lang="nl_BE")
        values = notice._get_mail_values()
        self.assertIn(notice.level_id.with_context(lang="nl_BE").subject, values["subject"])
        self.assertIn("REM/2026/00007", values["subject"])
        self.assertEqual(values["email_from"], '"Letterwerk Kortrijk BV" <desk@company.example>')
        self.assertEqual(values["reply_to"], '"Debtors desk" <desk@company.example>')
        self.assertEqual(values["lang"], "nl_BE")
        self.assertNotIn("<style", values["body_html"])
        self.assertNotIn("<svg", values["body_html"])
        self.assertNotIn("src=", values["body_html"], "nothing is fetched by the mail program")

    def test_mail_answers_go_to_the_desk(self):
        notice = self._notice()
        dispatch = self.env["commercial.dispatch"]._reserve(
            [
                {
                    "company_id": self.company.id,
                    "partner_id": self.consumer.id,
                    "res_model": notice._name,
                    "res_id": notice.id,
                    "key": "letters",
                    "channel": "email",
                    "body": "<p>letter</p>",
                }
            ]
        )
        self.assertEqual(dispatch._prepare_mail_vals()["reply_to"], '"Debtors desk" <desk@company.example>')
        self.company.dunning_contact_id = False
        self.assertEqual(
            dispatch._prepare_mail_vals()["reply_to"], '"Letterwerk Kortrijk BV" <accounts@company.example>'
        )

    def test_responsible_answers_the_customer(self):
        notice = self._notice()
        self.assertEqual(notice._get_letter_contact()["name"], "Debtors desk")
        notice.receivable_id.user_id = self.collector
        self.collector.partner_id.write({"phone": "+32 2 000 00 01", "email": "collector@company.example"})
        self.assertStates(self._body(notice), "dunning collector", "+32 2 000 00 01", "collector@company.example")

    # --- STORED LETTER ---

    def test_letter_is_printed_again_from_the_bytes_that_left(self):
        notice = self._notice()
        attachment = notice._store_letter(b"%PDF-1.4 as it left")
        self.assertEqual(notice.sha256, hashlib.sha256(b"%PDF-1.4 as it left").hexdigest())
        self.assertEqual((attachment.res_model, attachment.res_id), (notice._name, notice.id))
        self.assertEqual(attachment.name, "REM-2026-00007.pdf")
        self.assertEqual(notice._store_letter(b"%PDF-1.4 another"), attachment, "the first letter stays")
        self.assertEqual(attachment.raw, b"%PDF-1.4 as it left")
        # another file of the same name does not take its place
        attachment.copy({"raw": b"%PDF-1.4 put there later"})
        notice.amount_total = 1
        self.assertEqual(notice._render_letter()[0], b"%PDF-1.4 as it left")
        content, kind = (
            self.env["ir.actions.report"].with_context(force_report_rendering=True)._render_qweb_pdf(REPORT, notice.ids)
        )
        self.assertEqual((content, kind), (b"%PDF-1.4 as it left", "pdf"))

    def test_letter_stays_as_it_left_when_texts_change(self):
        notice = self._notice("be_business", "formal_notice")
        pdf, body = notice._render_letter()
        notice._store_letter(pdf)
        self.assertEqual(notice.sha256, hashlib.sha256(pdf).hexdigest())
        dispatch = self.env["commercial.dispatch"]._reserve([notice._prepare_dispatch_vals(body)])
        notice.level_id.write({"subject": "Another subject", "intro": "<p>Another text</p>", "closing": False})
        self.company.name = "Another name"
        notice.line_ids.invoice_name = "ANOTHER"
        again = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        self.assertEqual(again._render_qweb_pdf(REPORT, notice.ids)[0], pdf)
        self.assertEqual(notice._render_letter()[0], pdf)
        self.assertEqual(notice.attachment_id.raw, pdf)
        self.assertEqual((dispatch.attachment_id, dispatch.sha256), (notice.attachment_id, notice.sha256))
        self.assertIn("Our earlier reminders have remained without result", dispatch.body)
        self.assertNotIn("Another", dispatch.body)

    def test_unsent_letter_is_not_kept_by_printing(self):
        notice = self._notice()
        report = self.env.ref(REPORT)
        self.assertFalse(report.retrieve_attachment(notice))
        self.assertFalse(
            report._prepare_pdf_report_attachment_vals_list(
                report, {notice.id: {"attachment": None, "stream": object()}}
            )
        )

    # --- PORTAL ---

    def test_portal_is_told_to_those_who_can_sign_in(self):
        notice = self._notice("be_business")
        self.assertEqual(notice._get_letter_portal_url(), "")
        self.assertNotIn("/my/receivables", self._body(notice))
        contact = self.env["res.partner"].create(
            {"name": "Els", "parent_id": self.business.id, "email": "els@x.example"}
        )
        user = new_test_user(self.env, login="letters_portal", groups="base.group_portal", partner_id=contact.id)
        url = f"{notice.get_base_url()}/my/receivables"
        self.assertEqual(notice._get_letter_portal_url(), url)
        self.assertStates(self._body(notice), "propose a payment plan", url)
        self.assertIn(f'<a href="{url}">', notice._render_mail_body())
        self.assertEqual(notice.with_user(self.collector)._get_letter_portal_url(), url)
        self.assertEqual(self._notice("be_consumer")._get_letter_portal_url(), "", "another customer")
        self.assertNotIn("/my/receivables", self._body(self._notice("be_business", "courtesy")))
        user.active = False
        self.assertEqual(notice._get_letter_portal_url(), "")

    # --- RIGHTS ---

    def test_who_may_print(self):
        notice = self._notice()
        reports = self.env["ir.actions.report"]
        self.assertTrue(reports.with_user(self.collector)._render_qweb_html(REPORT, notice.ids)[0])
        employee = new_test_user(self.env, login="letters_employee", groups="base.group_user")
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            reports.with_user(employee)._render_qweb_html(REPORT, notice.ids)
        elsewhere = self.env["res.company"].create({"name": "Other company"})
        stranger = new_test_user(
            self.env,
            login="letters_stranger",
            groups="commercial_assistant.group_collector",
            company_id=elsewhere.id,
            company_ids=[Command.set(elsewhere.ids)],
        )
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            reports.with_user(stranger)._render_qweb_html(REPORT, notice.ids)

    # --- PDF ---

    def _render_pdf(self, notices):
        """Render for real. Nothing is asked of the server, so nothing has to answer."""
        reports = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        if reports.get_wkhtmltopdf_state() == "install":
            self.skipTest("wkhtmltopdf is not installed")
        content, kind = reports._render_qweb_pdf(REPORT, notices.ids)
        self.assertEqual(kind, "pdf")
        self.assertTrue(content.startswith(b"%PDF"))
        return content

    def _get_words(self, content):
        """Return ``{word: (page, millimetres from the left, from the top)}`` of the first place of each word."""
        if not shutil.which("pdftotext"):
            self.skipTest("pdftotext is not installed")
        out = subprocess.run(
            ["pdftotext", "-bbox", "-", "-"], input=content, capture_output=True, check=True
        ).stdout.decode()
        words = {}
        for number, page in enumerate(out.split("<page ")[1:], 1):
            for left, top, word in re.findall(r'<word xMin="([\d.]+)" yMin="([\d.]+)"[^>]*>(.*?)</word>', page):
                words.setdefault(word, (number, float(left) / 72 * 25.4, float(top) / 72 * 25.4))
        return words

    def test_address_lies_in_the_window(self):
        """Measured on the sheet: the figures stand in static/src/letter/letter.css."""
        words = self._get_words(self._render_pdf(self._notice(lang="nl_BE")))
        for word in ("Peeters", "Kerkstraat", "9000"):
            page, left, top = words[word]
            self.assertEqual(page, 1)
            self.assertTrue(116 <= left <= 190, f"{word} at {left:.1f} mm")
            self.assertTrue(49 <= top <= 80, f"{word} at {top:.1f} mm")
        self.assertAlmostEqual(words["9000"][1], 118, delta=1)
        # nothing else shows in the window
        others = [word for word, (page, left, top) in words.items() if page == 1 and left > 95 and 25 < top < 83]
        self.assertEqual(set(others) - {"Jan", "Peeters", "Kerkstraat", "1", "9000", "Gent"}, set())

    def test_long_letter_breaks_cleanly(self):
        notice = self._notice("be_business", lines=1)
        line = notice.line_ids
        for number in range(45):
            line.copy({"invoice_name": f"LONG{number:03}", "notice_id": notice.id})
        words = self._get_words(self._render_pdf(notice))
        pages = {words[f"LONG{number:03}"][0] for number in range(45)}
        self.assertGreaterEqual(len(pages), 2)
        for number in range(45):
            self.assertLess(words[f"LONG{number:03}"][2], 279, "above the foot of the page")

    def test_letters_of_several_readers_in_one_file(self):
        notices = self._notice() | self._notice("be_business", "formal_notice", "fr_BE")
        content, _kind = self.env["ir.actions.report"]._render_qweb_html(REPORT, notices.ids)
        articles = html.fromstring(content).xpath("//div[contains(@class, 'article')]")
        self.assertEqual([article.get("data-oe-lang") for article in articles], ["en_US", "fr_BE"])
        self.assertIn("23 November 2026", self._text(articles[0]))
        self.assertIn("23 novembre 2026", self._text(articles[1]))

    def test_colour_and_head_of_the_company(self):
        self.company.primary_color = "#115e59"
        content = self.env["ir.actions.report"]._render_qweb_html(REPORT, self._notice().ids)[0].decode()
        self.assertIn("#115e59", content)
        self.company.primary_color = False
        letter = self._letter(self._notice())
        self.assertTrue(letter["company"]["color"].startswith("#"))
        self.assertIsInstance(letter["intro"], Markup)

    def test_cost_of_preparing_grows_with_the_letters_only(self):
        """The same number of queries for a letter of two and of twenty invoices."""
        counts = []
        for lines in (2, 20):
            notice = self._notice("be_business", "formal_notice", lines=lines, charges=[("fixed", 40)])
            self.env.flush_all()
            self.env.invalidate_all()
            self._letter(notice)  # warm
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._letter(notice)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 1)
