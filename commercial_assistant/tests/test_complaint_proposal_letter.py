from datetime import timedelta
from itertools import product

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.commercial_assistant.models.complaint.complaint_proposal_line import MONEY_KINDS
from odoo.addons.commercial_assistant.models.complaint.complaint_solution import KINDS, WITH_GOODS

from .common_proposal import ProposalCommon

LANGUAGES = ("en_US", "nl_BE", "fr_BE", "de_DE")
VERDICTS = {
    "founded": {
        "en_US": "Your complaint is founded.",
        "nl_BE": "Uw klacht is gegrond.",
        "fr_BE": "Votre plainte est fondée.",
        "de_DE": "Ihre Beschwerde ist begründet.",
    },
    "partly": {
        "en_US": "founded in part",
        "nl_BE": "gedeeltelijk gegrond",
        "fr_BE": "partiellement fondée",
        "de_DE": "teilweise begründet",
    },
    "unfounded": {
        "en_US": "is not founded",
        "nl_BE": "ongegrond",
        "fr_BE": "n’est pas fondée",
        "de_DE": "unbegründet",
    },
    "unknown": {
        "en_US": "could not be established",
        "nl_BE": "konden niet vaststellen",
        "fr_BE": "n’a pas été possible d’établir",
        "de_DE": "ließ sich jedoch nicht feststellen",
    },
}
OFFERS = {
    "information": {
        "en_US": "explanation above",
        "nl_BE": "onze uitleg hierboven",
        "fr_BE": "nos explications ci-dessus",
        "de_DE": "Erläuterung finden Sie oben",
    },
    "repair": {
        "en_US": "We repair 2 pieces of “Pump” free of charge.",
        "nl_BE": "Wij herstellen 2 stuks “Pomp” kosteloos.",
        "fr_BE": "Nous réparons gratuitement 2 pièces « Pompe ».",
        "de_DE": "Wir reparieren 2 Stück „Pumpe“ kostenlos.",
    },
    "replacement": {
        "en_US": "We replace 2 pieces of “Pump” free of charge.",
        "nl_BE": "Wij vervangen 2 stuks “Pomp” kosteloos.",
        "fr_BE": "Nous remplaçons gratuitement 2 pièces « Pompe ».",
        "de_DE": "Wir ersetzen 2 Stück „Pumpe“ kostenlos.",
    },
    "return": {
        "en_US": "at our expense",
        "nl_BE": "op onze kosten",
        "fr_BE": "à nos frais",
        "de_DE": "auf unsere Kosten",
    },
    "credit_full": {
        "en_US": "in full: 1,234.50 € excluding VAT",
        "nl_BE": "volledig: 1.234,50 € exclusief btw",
        "fr_BE": "intégralement 2 pièces « Pompe » : 1.234,50 € hors TVA",
        "de_DE": "vollständig gut: 1.234,50 € ohne MwSt.",
    },
    "credit_partial": {
        "en_US": "1,234.50 € excluding VAT",
        "nl_BE": "gedeeltelijk: 1.234,50 € exclusief btw",
        "fr_BE": "partiellement",
        "de_DE": "teilweise gut",
    },
    "price_reduction": {
        "en_US": "We lower the price",
        "nl_BE": "prijsvermindering van 1.234,50 €",
        "fr_BE": "réduction de prix de 1.234,50 € hors TVA",
        "de_DE": "Preisminderung von 1.234,50 €",
    },
    "goodwill": {
        "en_US": "without acknowledging any liability",
        "nl_BE": "zonder enige erkenning van aansprakelijkheid",
        "fr_BE": "sans aucune reconnaissance de responsabilité",
        "de_DE": "ohne Anerkennung einer Haftung",
    },
    "supplier": {
        "en_US": "Our supplier",
        "nl_BE": "Onze leverancier",
        "fr_BE": "Notre fournisseur",
        "de_DE": "Unser Lieferant",
    },
}
BODIES = {
    "en_US": "Consumer Mediation Service",
    "nl_BE": "Consumentenombudsdienst, North Gate II, Koning Albert II-laan 8 bus 1, 1000 Brussel, 02 702 52 00, "
    "contact@consumentenombudsdienst.be, www.consumentenombudsdienst.be",
    "fr_BE": "Service de médiation pour le consommateur, North Gate II, boulevard du Roi Albert II 8 boîte 1, "
    "1000 Bruxelles, 02 702 52 20, contact@mediationconsommateur.be, www.mediationconsommateur.be",
    "de_DE": "Ombudsdienst für Verbraucher",
}
# what an English sentence cannot do without
ENGLISH = (" the ", " your ", " our ", " we ", " with ", " have ", " you ", " and ", " to ")


@tagged("post_install", "-at_install")
class TestComplaintProposalLetter(ProposalCommon):
    """What the customer reads, for each decision, each kind of solution and each language."""

    def _write(self, lang, *solutions, verdict="founded", partner=None, **values):
        """A sent proposal in this language; the reasons are no words of any language."""
        complaint = self._ready(
            *solutions, partner=partner or self.consumer, verdict=verdict, lang=lang, subject="XX-1", **values
        )
        complaint.sudo().verdict_reason = "QX 12.3"
        return complaint._offer()

    def assertNoEnglish(self, text):
        lowered = f" {text.lower()} "
        self.assertEqual([word for word in ENGLISH if word in lowered], [], text)

    def _texts(self, proposal):
        """The letter as PDF and as mail."""
        [dispatch] = self.sent[-1:]
        return {"pdf": self._letter(proposal), "mail": self._text(dispatch.body), "subject": dispatch.subject}

    def test_each_decision_in_each_language(self):
        for verdict, lang in product(VERDICTS, LANGUAGES):
            with self.subTest(verdict=verdict, lang=lang):
                proposal = self._write(lang, {"description": "ZZ"}, verdict=verdict)
                for place, text in self._texts(proposal).items():
                    if place != "subject":
                        self.assertIn(VERDICTS[verdict][lang], text)
                        self.assertIn("QX 12.3", text)
                        self.assertIn("056 12 34 56", text.replace("\N{NO-BREAK SPACE}", " "))
                    if lang != "en_US":
                        self.assertNoEnglish(text)

    def test_each_solution_in_each_language(self):
        self.assertEqual(OFFERS.keys(), dict(KINDS).keys())
        # what needs an approval is tested with the authority
        self.env["commercial.approval.rule"].search([("purpose", "=", "complaint_solution")]).active = False
        for lang, kind in product(LANGUAGES, OFFERS):
            solution = {"kind": kind, "quantity": 2, "amount": 1234.5 if kind in MONEY_KINDS else 0}
            proposal = self._write(lang, solution, quantity=2.0, price=5000.0)
            for place, text in self._texts(proposal).items():
                if lang != "en_US":
                    self.assertNoEnglish(text)
                with self.subTest(kind=kind, lang=lang, place=place):
                    if place != "subject":
                        self.assertIn(OFFERS[kind][lang], text.replace("\N{NO-BREAK SPACE}", " "))

    def test_without_amount_or_goods(self):
        for lang in LANGUAGES:
            with self.subTest(lang):
                complaint = self._ready(partner=self.consumer, lang=lang, subject="XX-1")
                complaint.sudo().verdict_reason = "QX"
                kinds = [kind for kind in OFFERS if kind not in WITH_GOODS]
                for kind in kinds:
                    amount = 10.0 if kind in MONEY_KINDS else 0.0
                    self._add_solution(complaint, kind, line_id=False, quantity=0, amount=amount)
                proposal = complaint._offer()
                self.assertEqual(len(set(proposal.line_ids.mapped("text"))), len(kinds), "each has its own words")
                for text in self._texts(proposal).values():
                    self.assertNotIn("False", text)
                    self.assertNotIn("None", text)
                    if lang != "en_US":
                        self.assertNoEnglish(text)

    def test_an_explanation_only(self):
        for lang in LANGUAGES:
            with self.subTest(lang):
                proposal = self._write(lang, verdict="unfounded", is_explanation_only=True)
                self.assertFalse(proposal.line_ids)
                for text in self._texts(proposal).values():
                    if lang != "en_US":
                        self.assertNoEnglish(text)
        self.assertIn("Sehen Sie dies anders", self._letter(proposal))

    def test_goodwill_admits_nothing_even_with_own_words(self):
        proposal = self._write("nl_BE", {"kind": "goodwill", "amount": 50, "quantity": 0, "description": "Een bon."})
        self.assertIn("zonder enige erkenning van aansprakelijkheid", proposal.line_ids.text)
        self.assertIn("Een bon.", proposal.line_ids.text)

    def test_the_last_day_stands_in_the_letter(self):
        proposal = self._write("fr_BE", {})
        day = (
            self.env["report.commercial_assistant.report_complaint_proposal"]
            .with_context(lang="fr_BE")
            ._format_day(proposal.valid_until)
        )
        for text in (self._letter(proposal), self._text(self.sent[0].body)):
            self.assertIn(day.replace("\N{NO-BREAK SPACE}", " "), text.replace("\N{NO-BREAK SPACE}", " "))

    def test_the_texts_follow_the_language_and_the_day(self):
        complaint = self._ready({}, partner=self.consumer, lang="fr_BE")
        complaint.action_offer()
        draft = complaint.proposal_ids
        self.assertIn("Votre plainte", draft.text_decision)
        draft.lang = "nl_BE"
        self.assertIn("Uw klacht", draft.text_decision)
        self.assertIn("Pomp", draft.line_ids.text)
        self.assertIn("garantie", draft.text_rights)
        own = draft.text_intro = "Mijn woorden"
        draft.valid_until = "2030-03-01"
        self.assertIn("1 maart 2030", draft.text_term.replace("\N{NO-BREAK SPACE}", " "))
        self.assertEqual(draft.text_intro, own, "another day leaves the other texts alone")

    def test_what_left_stays(self):
        proposal = self._write("nl_BE", {"kind": "credit_full", "quantity": 4, "amount": 400})
        before = (proposal.text_contact, proposal.text_rights, proposal.line_ids.text, proposal.line_ids.amount)
        complaint = proposal.complaint_id
        complaint.lang = "fr_BE"
        complaint.solution_ids.sudo().write({"amount": 7, "description": "Else"})
        self.pump.with_context(lang="nl_BE").name = "Andere pomp"
        self.company.complaint_phone = "0800 00 000"
        self.env.flush_all()
        after = (proposal.text_contact, proposal.text_rights, proposal.line_ids.text, proposal.line_ids.amount)
        self.assertEqual(before, after)
        self.assertEqual(proposal.lang, "nl_BE")

    def test_the_printed_letter_is_the_one_that_left(self):
        proposal = self._write("nl_BE", {})
        reports = self.env["ir.actions.report"]
        self.assertEqual(reports.retrieve_attachment(proposal), proposal.attachment_id)
        self.assertTrue(proposal.attachment_id.raw)

    # --- WHAT THE LAW ASKS ---

    def test_the_legal_guarantee_of_consumers(self):
        expected = {
            "BE": ("1649quater", "1649quinquies"),
            "NL": ("7:17", "7:21"),
            "FR": ("L. 217-3", "1641"),
            "LU": ("L. 212-1",),
            "DE": ("als consument",),
        }
        for code, parts in expected.items():
            with self.subTest(code):
                self.consumer.country_id = self.env.ref(f"base.{code.lower()}")
                letter = self._letter(self._write("nl_BE", {}))
                for part in parts:
                    self.assertIn(part, letter)
        self.assertFalse(self._write("nl_BE", {}, partner=self.customer).text_rights, "business customers agree terms")
        self.consumer.country_id = self.env.ref("base.be")
        complaint = self._complain(
            partner=self.consumer,
            subject="Nobody calls back",
            category_id=self.env.ref("commercial_assistant.complaint_category_service").id,
            user_id=self.assistant.id,
        )
        self._bring_to(complaint, "propose")
        self._add_solution(complaint, "goodwill", line_id=False, quantity=0, amount=10)
        self.assertFalse(complaint._offer().text_rights, "no goods are concerned")

    def test_who_is_told_of_the_body_for_disputes(self):
        for verdict in VERDICTS:
            with self.subTest(verdict):
                proposal = self._write("nl_BE", {}, verdict=verdict)
                self.assertEqual(bool(proposal.text_adr), verdict != "founded")
                proposal = self._write("nl_BE", {}, verdict=verdict, partner=self.customer)
                self.assertFalse(proposal.text_adr, "only consumers")
        old = fields.Datetime.now() - timedelta(days=40)
        self.assertTrue(self._write("nl_BE", {}, received_on=old).text_adr, "not solved in a reasonable time")
        self.company.complaint_adr_days = 60
        self.assertFalse(self._write("nl_BE", {}, received_on=old).text_adr)
        refused = self._write("nl_BE", {})
        self._answer(refused.complaint_id, "refuse", reason="No")
        self._add_solution(refused.complaint_id)
        self.assertTrue(refused.complaint_id._offer().text_adr, "a proposal was refused before")

    def test_the_body_in_each_language(self):
        for lang in LANGUAGES:
            with self.subTest(lang):
                proposal = self._write(lang, {}, verdict="unfounded")
                for text in (self._letter(proposal), self._text(self.sent[-1].body)):
                    self.assertIn(BODIES[lang], text.replace("\N{NO-BREAK SPACE}", " "))

    def test_whether_the_company_takes_part(self):
        body = self.env.ref("commercial_assistant.adr_body_be")
        texts = set()
        for value, _label in body._fields["participation"].selection:
            body.participation = value
            text = self._write("nl_BE", {}, verdict="unfounded").text_adr
            texts.add(text)
            self.assertEqual("Wij zijn verplicht aan" in text, value == "obliged")
        self.assertEqual(len(texts), 4)

    def test_a_body_of_the_company_goes_first_in_its_period(self):
        country = self.env.ref("base.be")
        today = fields.Date.today()
        Body = self.env["commercial.adr.body"]
        own = Body.create(
            {
                "name": "Ombudsman of the Sector",
                "country_id": country.id,
                "company_id": self.company.id,
                "date_from": today - timedelta(days=10),
                "date_to": today,
            }
        )
        common = self.env.ref("commercial_assistant.adr_body_be")
        for day, expected in (
            (today - timedelta(days=11), common),
            (today - timedelta(days=10), own),
            (today, own),
            (today + timedelta(days=1), common),
        ):
            self.assertEqual(Body._find(self.company, country, day), expected, day)
        own.active = False
        self.assertEqual(Body._find(self.company, country, today), common)

    def test_consumers_abroad(self):
        for code, expected in (("LU", "www.mediateurconsommation.lu"), ("NL", "Europees Consumentencentrum")):
            with self.subTest(code):
                self.consumer.country_id = self.env.ref(f"base.{code.lower()}")
                self.assertIn(expected, self._letter(self._write("nl_BE", {}, verdict="unfounded")))
        complaint = self._ready({}, partner=self.consumer, verdict="unfounded")
        complaint.action_offer()
        self.assertIn("No body for consumer disputes is known", complaint.proposal_ids.warning)

    def test_a_person_is_warned(self):
        complaint = self._ready({}, partner=self.consumer, verdict="unfounded")
        complaint.action_offer()
        draft = complaint.proposal_ids
        self.assertIn("XVI.4", draft.warning)
        self.env.ref("commercial_assistant.adr_body_be").participation = "committed"
        draft.invalidate_recordset(["warning"])
        self.assertFalse(draft.warning)
        self.company.invoice_terms = "Disputes: https://webgate.ec.europa.eu/odr"
        draft.invalidate_recordset(["warning"])
        self.assertIn("closed on 20 July 2025", draft.warning)
        settings = self.env["res.config.settings"].create({})
        self.assertTrue(settings.complaint_closed_platform)

    def test_the_law_cannot_be_left_out(self):
        complaint = self._ready({}, partner=self.consumer, verdict="unfounded")
        complaint.action_offer()
        draft = complaint.proposal_ids
        draft.sudo().write({"text_adr": "Nowhere", "text_rights": False})
        draft.action_send()
        self.assertIn("mediationconsommateur", draft.text_adr)
        self.assertIn("1649quater", draft.text_rights)

    # --- THE CLOSED PLATFORM ---

    def test_no_link_to_the_closed_platform(self):
        complaint = self._ready({})
        complaint.action_offer()
        for text in (
            "Zie https://ec.europa.eu/consumers/odr/",
            "http://EC.europa.eu/consumers/odr/main/index.cfm?event=main.home2.show&lng=NL",
            "webgate.ec.europa.eu/odr",
        ):
            for name in ("text_contact", "text_reasons", "text_term"):
                with self.subTest(text=text, name=name), self.assertRaises(ValidationError), self.env.cr.savepoint():
                    complaint.proposal_ids.write({name: text})
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            complaint.proposal_ids.line_ids.text = "Zie https://ec.europa.eu/consumers/odr"
        complaint.proposal_ids.text_reasons = "Zie https://ec.europa.eu/info/law"
        with self.assertRaises(ValidationError):
            self.env["commercial.adr.body"].create(
                {
                    "name": "EU",
                    "country_id": self.env.ref("base.be").id,
                    "date_from": "2020-01-01",
                    "website": "https://ec.europa.eu/consumers/odr",
                }
            )

    def test_no_letter_of_ours_leads_there(self):
        for lang, verdict in product(LANGUAGES, VERDICTS):
            self.assertNotIn("odr", self.sent and self._write(lang, {}, verdict=verdict).text_adr or "")

    def test_tags_stay_text(self):
        complaint = self._ready({"description": "<b>x</b>"}, subject="<script>alert(1)</script>")
        complaint.action_offer()
        draft = complaint.proposal_ids
        draft.text_reasons = "<script>alert(2)</script><img src=x onerror=alert(3)>"
        self.assertNotIn("<script", draft.preview)
        self.assertNotIn("<img", draft.preview)
        draft.action_send()
        self.assertNotIn("<script", self.sent[0].body)
