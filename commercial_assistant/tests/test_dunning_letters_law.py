import itertools
import re

from lxml import html

from odoo.tests import tagged

from odoo.addons.commercial_assistant.tools.identifiers import (
    format_creditor_reference,
    is_creditor_reference,
    is_structured_communication,
)

from .common_dunning_letters import FINAL_KINDS, KINDS, LANGUAGES, REGIMES, REPORT, DunningLetterCommon

# what a letter claims besides the invoices where its law allows it
CHARGES = {
    "be_consumer": [("interest", 6.27), ("indemnity", 100.5)],
    "nl_consumer": [("interest", 6.27), ("indemnity", 181.5)],
    "nl_business": [("interest", 6.27), ("indemnity", 181.5)],
    "fr_consumer": [("interest", 6.27)],
    "lu_consumer": [("interest", 6.27)],
}
BUSINESS_CHARGES = [("interest", 6.27), ("fixed", 40)]

# Each statement in English, Dutch, French and German.
STATEMENTS = {
    "free": ("free of charge", "kosteloos", "gratuit", "ostenlos"),
    "in words": ("In words: one thousand ", "In letters: ", "En toutes lettres : ", "In Worten: "),
    "dispute": (
        "Do you not agree",
        "niet helemaal akkoord",
        "Vous contestez tout ou partie",
        "nicht ganz einverstanden",
    ),
    "plan": ("propose a payment plan", "afbetalingsplan", "un plan de paiement", "einen Ratenplan"),
    "proof": ("proof of this", "bewijsstukken", "pièce justificative|pièces justificatives", "Belege"),
    "formal": (
        "We hereby give you formal notice to pay",
        "Hierbij stellen wij u in gebreke",
        "nous vous mettons en demeure de payer la somme de",
        "Hiermit setzen wir Sie in Verzug",
    ),
    "last": (
        "For the last time we call on you to pay",
        "Wij manen u voor de laatste keer aan",
        "Nous vous invitons une dernière fois à payer la somme de",
        "Wir fordern Sie letztmalig auf",
    ),
    "amicable": (
        "neither a summons nor a|neither a writ of summons nor a",
        "geen dagvaarding",
        "ni une citation ni une saisie|ni une assignation",
        "weder eine Ladung noch eine Pfändung",
    ),
    "rights": (
        "We reserve all our rights",
        "Wij behouden ons alle rechten voor",
        "réservons tous nos droits",
        "alle Rechte vor",
    ),
    "lawyer": ("a lawyer", "een advocaat", "un avocat", "einem Rechtsanwalt|einen Rechtsanwalt"),
    "bailiff": ("a bailiff", "deurwaarder", "un huissier de justice", "Gerichtsvollzieher"),
    # Belgium
    "14 days": ("14 calendar days", "14 kalenderdagen", "14 jours calendrier", "14 Kalendertagen"),
    "first reminder": (
        "This is the first reminder in the sense of article XIX.2",
        "Dit is de eerste herinnering in de zin van artikel XIX.2",
        "Ceci est le premier rappel au sens de l’article XIX.2",
        "Dies ist die erste Mahnung im Sinne von Artikel XIX.2",
    ),
    "not yet": (
        "not yet the first reminder in the sense of article XIX.2",
        "nog niet de eerste herinnering in de zin van artikel XIX.2",
        "pas encore le premier rappel au sens de l’article XIX.2",
        "noch nicht die erste Mahnung im Sinne von Artikel XIX.2",
    ),
    "XIX.3": ("XIX.3",) * 4,
    "XIX.4": ("XIX.4",) * 4,
    "collector's costs": ("are ours", "dragen wij zelf", "restent à notre charge", "tragen wir selbst"),
    "debt mediator": ("debt mediator", "schuldbemiddelaar", "médiateur de dettes", "Schuldenvermittler"),
    "law of 2002": (
        "law of 2 August 2002",
        "wet van 2 augustus 2002",
        "loi du 2 août 2002",
        "Gesetzes vom 2. August 2002",
    ),
    "by law": ("by operation of law", "van rechtswege", "de plein droit", "von Rechts wegen"),
    "whatever is agreed": (
        "whatever the contract says",
        "wat de overeenkomst ook bepaalt",
        "quoi que prévoie le contrat",
        "was immer der Vertrag vorsieht",
    ),
    "undisputed": ("1394/20",) * 4,
    "40 euro": ("40.00 €", "40,00 €", "40,00 €", "40,00 €"),
    # Netherlands
    "6:96": ("article 6:96", "artikel 6:96", "article 6:96", "Artikel 6:96"),
    "fourteen": ("fourteen-day letter", "veertiendagenbrief", "veertiendagenbrief", "veertiendagenbrief"),
    "15 days": (
        "within 15 days after this letter was delivered to you",
        "binnen 15 dagen nadat deze brief bij u is bezorgd",
        "dans les 15 jours après que cette lettre vous a été remise",
        "innerhalb von 15 Tagen erhalten, nachdem Ihnen dieses Schreiben zugestellt wurde",
    ),
    "in any case": (
        "In any case it runs until 8 December 2026",
        "in elk geval tot en met 8 december 2026",
        "en tout cas jusqu’au 8 décembre 2026 inclus",
        "in jedem Fall bis einschließlich 8. Dezember 2026",
    ),
    "exact cost": (
        "extrajudicial collection costs of 181.50 €",
        "181,50 € aan buitengerechtelijke incassokosten",
        "frais de recouvrement extrajudiciaires de 181,50 €",
        "außergerichtliche Inkassokosten von 181,50 €",
    ),
    "cost of claim": ("181.50 €", "181,50 €", "181,50 €", "181,50 €"),
    "decree": (
        "Decree on compensation for extrajudicial collection costs",
        "Besluit vergoeding voor buitengerechtelijke incassokosten",
        "frais de recouvrement extrajudiciaires",
        "Vergütung außergerichtlicher Inkassokosten",
    ),
    "6:119": ("6:119 of", "6:119 van", "6:119 du", "6:119 des"),
    "6:119a": ("6:119a",) * 4,
    "statutory interest": ("tatutory interest", "ettelijke rente", "ntérêt légal", "esetzliche"),
    "commercial interest": (
        "commercial interest",
        "wettelijke handelsrente",
        "wettelijke handelsrente",
        "wettelijke handelsrente",
    ),
    "in default": ("you are in default", "u bent in verzuim", "vous êtes en défaut de paiement", "Sie sind in Verzug"),
    "no more costs": (
        "no more extrajudicial collection costs than the law allows",
        "niet meer buitengerechtelijke incassokosten verschuldigd dan de wet toestaat",
        "pas plus de frais de recouvrement extrajudiciaires que la loi ne le permet",
        "nicht mehr außergerichtliche Inkassokosten, als das Gesetz zulässt",
    ),
    # France
    "L441-10": ("L441-10",) * 4,
    "D441-5": ("D441-5",) * 4,
    "penalties": ("late payment penalties", "pénalités de retard", "pénalités de retard", "pénalités de retard"),
    "lump sum": (
        "fixed indemnity for recovery costs of 40.00 €",
        "forfaitaire vergoeding voor invorderingskosten van 40,00 €",
        "indemnité forfaitaire pour frais de recouvrement de 40,00 €",
        "Pauschale für Beitreibungskosten von 40,00 €",
    ),
    "1344": ("article 1344", "artikel 1344", "article 1344", "Artikel 1344"),
    "mise en demeure": ("formal notice", "mise en demeure", "vaut mise en demeure", "mise en demeure"),
    "from formal notice": (
        "runs only from a formal notice",
        "loopt pas vanaf een ingebrekestelling",
        "ne courent qu’à compter d’une mise en demeure",
        "laufen erst ab einer Inverzugsetzung",
    ),
    "1344-1": ("1231-6 and 1344-1", "1231-6 en 1344-1", "1231-6 et 1344-1", "1231-6 und 1344-1"),
    "L111-8": ("L111-8",) * 4,
    "officer": ("judicial officer", "commissaire de justice", "commissaire de justice", "commissaire de justice"),
    # Luxembourg
    "law of 2004": (
        "law of 18 April 2004",
        "wet van 18 april 2004",
        "du 18 avril 2004",
        "Gesetz|Gesetzes vom 18. April 2004",
    ),
    "fixed sum": (
        "a fixed sum of 40.00 € for recovery costs",
        "een forfaitair bedrag van 40,00 € voor invorderingskosten",
        "un montant forfaitaire de 40,00 € pour frais de recouvrement",
        "ein Pauschalbetrag von 40,00 € für Beitreibungskosten",
    ),
    "three months": (
        "from three months after delivery",
        "vanaf drie maanden na de levering",
        "trois mois après la livraison",
        "ab drei Monaten nach der Lieferung",
    ),
}
# The letter of a kind says more than that of the kind before it only where its list does.
BE = ("law of 2002", "by law", "40 euro")
NEEDED = {
    "be_consumer": {
        "courtesy": ("free", "not yet"),
        "reminder": ("free", "first reminder", "14 days", "XIX.3", "XIX.4", "proof"),
        "second_reminder": ("XIX.3", "XIX.4", "proof"),
        "formal_notice": ("XIX.3", "XIX.4", "lawyer", "bailiff", "amicable", "proof"),
        "last_notice": ("XIX.3", "XIX.4", "bailiff", "amicable", "collector's costs", "debt mediator", "proof"),
    },
    "be_business": {
        "courtesy": ("free",),
        "reminder": BE,
        "second_reminder": BE,
        "formal_notice": (*BE, "lawyer", "bailiff", "rights"),
        "last_notice": (*BE, "lawyer", "bailiff", "undisputed", "rights"),
    },
    "be_public": {
        "courtesy": ("free",),
        "reminder": (*BE, "whatever is agreed"),
        "second_reminder": (*BE, "whatever is agreed"),
        "formal_notice": (*BE, "whatever is agreed", "lawyer", "rights"),
        "last_notice": (*BE, "whatever is agreed", "lawyer", "rights"),
    },
    "nl_consumer": {
        "courtesy": ("free", "fourteen"),
        "reminder": (
            "6:96", "fourteen", "in default", "15 days", "in any case", "exact cost", "decree", "6:119",
            "statutory interest",
        ),
        "second_reminder": ("6:96", "fourteen", "6:119", "statutory interest", "cost of claim"),
        "formal_notice": ("6:96", "fourteen", "6:119", "cost of claim", "bailiff", "amicable"),
        "last_notice": ("6:96", "fourteen", "6:119", "cost of claim", "no more costs", "bailiff", "amicable"),
    },
    "nl_business": {
        "courtesy": ("free",),
        "reminder": ("6:119a", "commercial interest", "6:96", "decree", "cost of claim"),
        "second_reminder": ("6:119a", "commercial interest", "6:96", "decree"),
        "formal_notice": ("6:119a", "commercial interest", "6:96", "decree", "bailiff", "rights"),
        "last_notice": ("6:119a", "commercial interest", "6:96", "decree", "bailiff", "rights"),
    },
    "fr_consumer": {
        "courtesy": ("free",),
        "reminder": ("free", "from formal notice", "1344-1"),
        "second_reminder": ("free", "from formal notice", "1344-1"),
        "formal_notice": ("1344", "1344-1", "mise en demeure", "L111-8", "officer", "amicable"),
        "last_notice": ("1344-1", "L111-8", "officer", "amicable"),
    },
    "fr_business": {
        "courtesy": ("free",),
        "reminder": ("L441-10", "D441-5", "penalties", "lump sum", "by law"),
        "second_reminder": ("L441-10", "D441-5", "penalties", "lump sum", "by law"),
        "formal_notice": ("L441-10", "D441-5", "lump sum", "1344", "mise en demeure", "officer", "rights"),
        "last_notice": ("L441-10", "D441-5", "lump sum", "officer", "rights"),
    },
    "lu_consumer": {
        "courtesy": ("free",),
        "reminder": ("law of 2004", "three months"),
        "second_reminder": ("law of 2004", "three months"),
        "formal_notice": ("law of 2004", "three months", "lawyer", "bailiff", "amicable"),
        "last_notice": ("law of 2004", "three months", "lawyer", "bailiff", "amicable"),
    },
    "lu_business": {
        "courtesy": ("free",),
        "reminder": ("law of 2004", "by law", "fixed sum"),
        "second_reminder": ("law of 2004", "by law", "fixed sum"),
        "formal_notice": ("law of 2004", "by law", "fixed sum", "bailiff", "rights"),
        "last_notice": ("law of 2004", "by law", "fixed sum", "bailiff", "rights"),
    },
}  # fmt: skip
OF_KIND = {
    "courtesy": (),
    "reminder": ("dispute", "plan", "proof"),
    "second_reminder": ("dispute", "plan", "proof"),
    "formal_notice": ("dispute", "plan", "proof", "in words", "formal"),
    "last_notice": ("dispute", "plan", "proof", "in words", "last"),
}
# what must not stand in a letter under a law, in any language
FORBIDDEN = {
    "be_consumer": (r"\b40[.,]00\b", r"2 August 2002|2 augustus 2002|2 août 2002|2\. August 2002", r"\bIOS\b|1394/20"),
    "be_business": (r"XIX\.", r"6:96", r"L441", r"18 avril 2004"),
    "be_public": (r"XIX\.", r"1394/20", r"6:96", r"L441", r"18 avril 2004"),
    "nl_consumer": (
        r"XIX\.", r"2002", r"\b40[.,]00\b", r"6:119a",
        # a term that counts from the date of the letter is void
        r"14 days (?:from|after) (?:today|the date)", r"14 dagen (?:na heden|na dagtekening|na vandaag)",
        r"14 jours (?:à compter d'aujourd|à dater)", r"14 Tagen? (?:ab heute|ab Datum)",
    ),
    "nl_business": (r"XIX\.", r"2002", r"L441", r"18 avril 2004"),
    "fr_consumer": (
        r"\b40\b", r"L441", r"D441", r"XIX\.", r"2002",
        r"forfaitaire", r"[Ff]ixed (?:indemnity|recovery|sum)", r"Pauschale", r"6:96",
    ),
    "fr_business": (r"XIX\.", r"2002", r"6:96", r"L111-8"),
    "lu_consumer": (r"\b40[.,]00\b", r"XIX\.", r"2002", r"L441", r"6:96", r"forfait"),
    "lu_business": (r"XIX\.", r"2002", r"L441", r"6:96"),
}  # fmt: skip


@tagged("post_install", "-at_install")
class TestDunningLettersOfEachLaw(DunningLetterCommon):
    """Each law, each level, each language: everything that must stand there does, in the letter and in the mail."""

    # a word of these in a letter in another language was forgotten
    ENGLISH = frozenset(
        (
            "the and you your we our us to from by with this that not have been "
            "invoice invoices reminder payment amount due late days charge free letter law formal notice interest rate "
            "indemnity cost costs account customer creditor debtor calculation registered mail paid pay year page "
            "words court claim lawyer bailiff under legal statutory balance principal recovery collection"
        ).split()
    )
    # the same word in the other language
    SHARED = {
        "nl_BE": {"interest", "late"},
        "fr_BE": {"charge", "court", "due", "page", "principal"},
        "de_DE": set(),
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product_a.name = "Ergo 3000"
        cls.company.dunning_contact_id.name = "Els Maes"

    def assertForeign(self, text, lang):
        if lang in self.SHARED:
            words = set(re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", text.lower()))
            self.assertEqual(words & (self.ENGLISH - self.SHARED[lang]), set())

    def assertNeeded(self, text, regime, kind, lang):
        position = LANGUAGES.index(lang)
        missing = [
            name
            for name in (*NEEDED[regime][kind], *OF_KIND[kind])
            if not re.search("|".join(map(re.escape, STATEMENTS[name][position].split("|"))), text)
        ]
        self.assertEqual(missing, [], text)

    def assertNothingForbidden(self, text, regime):
        found = [pattern for pattern in FORBIDDEN[regime] if re.search(pattern, text)]
        self.assertEqual(found, [], text)

    def _charges(self, regime, kind):
        """What a letter of this kind claims: a consumer in France owes interest only after the formal notice."""
        if kind in KINDS[:2] or (regime == "fr_consumer" and kind != "last_notice"):
            return []
        if kind == "second_reminder" and regime not in ("be_consumer", "nl_consumer"):
            return []
        return CHARGES.get(regime, BUSINESS_CHARGES)

    def test_every_letter(self):
        reports = self.env["ir.actions.report"]
        for regime, kind in itertools.product(REGIMES, KINDS):
            channel = "registered" if kind in FINAL_KINDS else "email"
            notice = self._notice(regime, kind, "en_US", 1, self._charges(regime, kind), channel=channel)
            for lang in LANGUAGES:
                notice.lang = lang
                page = html.fromstring(reports._render_qweb_html(REPORT, notice.ids, {"report_type": "pdf"})[0])
                article = page.xpath("//div[contains(concat(' ', @class, ' '), ' article ')]")[0]
                foot = self._text(page.xpath("//div[@class='footer']")[0])
                mail = self._text(html.fromstring(notice._render_mail_body()))
                for name, text in (("letter", self._text(article)), ("mail", mail)):
                    with self.subTest(regime=regime, kind=kind, lang=lang, text=name):
                        self.assertNeeded(text, regime, kind, lang)
                        self.assertNothingForbidden(text, regime)
                        self.assertForeign(text, lang)
                        for part in ("%(", "False", "None", "  "):
                            self.assertNotIn(part, text)
                        self.assertStates(
                            text,
                            notice.line_ids.invoice_name,
                            notice.partner_id.name,
                            "Letterwerk Kortrijk BV",
                            "BE68 5390 0754 7034",
                            "desk@company.example",
                            notice.level_id.with_context(lang=lang).subject,
                        )
                with self.subTest(regime=regime, kind=kind, lang=lang, text="foot"):
                    self.assertForeign(foot, lang)

    def test_texts_of_the_standard_levels(self):
        for regime, kind, lang in itertools.product(REGIMES, KINDS, LANGUAGES[1:]):
            level = self.env.ref(f"commercial_assistant.dunning_level_{regime}_{kind}").sudo()
            texts = level.with_context(lang=lang)
            with self.subTest(regime=regime, kind=kind, lang=lang):
                for field in ("name", "subject", "intro", "closing"):
                    self.assertNotEqual(texts[field] or lang, level.with_context(lang="en_US")[field])
                    self.assertForeign(self._text(html.fromstring(f"<div>{texts[field] or ''}</div>")), lang)
                self.assertIn(lang, level._get_languages()[level.id])

    # --- WHERE A SETTING CHANGES WHAT THE LAW WANTS ---

    def test_dutch_consumer_without_agreed_due_date(self):
        self.policies["nl_consumer"].due_date_is_agreed = False
        text = self._body(self._notice("nl_consumer"))
        self.assertNotIn("in default", text)
        self.assertNotIn("From the day after the due date", text)
        self.assertStates(text, "You then also owe statutory interest from the end of that period")

    def test_dutch_consumer_hears_of_vat_on_costs(self):
        self.assertNotIn("VAT", self._body(self._notice("nl_consumer")))
        self.policies["nl_consumer"].vat_on_costs = True
        self.assertStates(self._body(self._notice("nl_consumer")), "This sum includes VAT")

    def test_dutch_consumer_without_costs(self):
        notice = self._notice("nl_consumer", announced_indemnity=0, announced_interest_rate=0)
        text = self._body(notice)
        self.assertStates(text, "We claim no collection costs, even if you pay later")
        self.assertNotIn("statutory interest", text)

    def test_dutch_costs_on_the_principal(self):
        text = self._body(self._notice("nl_consumer", lines=2, amount_credit=20))
        self.assertStates(text, "on the principal of 2,400.00 €", "collection costs of 363.00 €")
        self.assertNotIn("Indemnity if paid late", text, "the principals are added: no cost of one invoice")

    def test_dutch_consumer_owes_what_is_claimed_only(self):
        for charges, expected in (
            ([("interest", 6.27)], "you now also owe the interest stated above"),
            ([("indemnity", 181.5)], "you now also owe the collection costs stated above"),
            (CHARGES["nl_consumer"], "you now also owe the collection costs and the interest stated above"),
            ([], "We still claim only the outstanding balance, without costs or interest"),
        ):
            with self.subTest(charges=charges):
                self.assertStates(self._body(self._notice("nl_consumer", "second_reminder", charges=charges)), expected)

    def test_interest_and_costs_of_own_terms(self):
        for regime in ("nl_business", "fr_business", "lu_business"):
            self.policies[regime].write({"interest_basis": "clause", "interest_percent": 12})
        charges = BUSINESS_CHARGES
        self.assertStates(
            self._body(self._notice("nl_business", "formal_notice", charges=charges, announced_interest_rate=12)),
            "Under our general terms, contractual interest of 12.00 % per year",
            "Contractual interest: our general terms.",
        )
        self.assertStates(
            self._body(self._notice("fr_business", announced_interest_rate=12)),
            "Under our general terms and article L441-10",
        )
        self.assertStates(
            self._body(self._notice("lu_business", "formal_notice", charges=charges, announced_interest_rate=12)),
            "Under our general terms, interest of 12.00 % per year",
            "Late-payment interest: our general terms.",
        )
        self.policies["nl_business"].write({"indemnity_basis": "clause", "indemnity_percent": 15})
        text = self._body(self._notice("nl_business"))
        self.assertStates(text, "You also owe collection costs, which our general terms fix")
        self.assertNotIn("Decree", text)

    def test_public_authority_pays_the_statutory_rate(self):
        text = self._body(self._notice("be_public", announced_interest_rate=10.5))
        self.assertStates(text, "whatever the contract says; it is now 10.50 % per year")
        self.assertNotIn("general terms", text)

    def test_without_known_figures(self):
        """The law is named without its figures, and the letter still leaves."""
        codes = ("be_b2b_fixed_cost", "fr_fixed_cost", "lu_fixed_cost")
        self.env["commercial.legal.parameter"].search([("code", "in", codes)]).state = "to_confirm"
        for regime in ("be_public", "nl_business", "fr_business", "lu_business"):
            with self.subTest(regime=regime):
                text = self._body(self._notice(regime, announced_interest_rate=0, announced_indemnity=0))
                self.assertNotRegex(text, r"\b40[.,]00|\bis now\b")
                self.assertNothingForbidden(text, regime)
        text = self._body(self._notice("fr_consumer", "formal_notice", announced_interest_rate=0))
        self.assertStates(text, "bears interest at the legal rate (articles 1231-6 and 1344-1 of the same code).")
        text = self._body(self._notice("lu_consumer", announced_interest_rate=0))
        self.assertNotIn("April 2004", text)

    def test_dutch_names_of_charges(self):
        notice = self._notice("nl_consumer", "formal_notice", "nl_BE", charges=CHARGES["nl_consumer"])
        self.assertStates(
            self._body(notice),
            "Wettelijke rente 6,27 €",
            "Buitengerechtelijke incassokosten 181,50 €",
            "Buitengerechtelijke incassokosten: artikel 6:96 van het Burgerlijk Wetboek en het Besluit",
        )
        notice = self._notice("nl_business", "formal_notice", "nl_BE", charges=CHARGES["nl_business"])
        self.assertStates(self._body(notice), "Wettelijke handelsrente 6,27 €")

    def test_french_names_of_charges(self):
        notice = self._notice("fr_business", "formal_notice", "fr_BE", charges=BUSINESS_CHARGES)
        self.assertStates(
            self._body(notice),
            "Pénalités de retard 6,27 €",
            "Indemnité forfaitaire pour frais de recouvrement 40,00 €",
            "Pénalités de retard : article L441-10 du Code de commerce.",
        )

    def test_charges_with_one_name_are_one_total(self):
        notice = self._notice("nl_business", "formal_notice", charges=[("indemnity", 181.5), ("fixed", 40)])
        names = [name for name, _amount in self._letter(notice)["totals"]]
        self.assertEqual(names.count("Extrajudicial collection costs"), 1)
        self.assertStates(self._body(notice), "Extrajudicial collection costs 221.50 €")

    # --- TERMS OF EACH COUNTRY ---

    def test_terms_of_the_netherlands(self):
        """Dutch law calls it rente and incassokosten; the words of Belgian law do not stand in such a letter."""
        for regime in ("nl_consumer", "nl_business"):
            for kind in ("courtesy", "reminder", "second_reminder", "formal_notice", "last_notice"):
                notice = self._notice(regime, kind, "nl_BE")
                terms = " ".join(str(term) for term in self._letter(notice)["terms"]).lower()
                with self.subTest(regime=regime, kind=kind):
                    for foreign in (
                        "interest",
                        "invordering",
                        "gerechtsdeurwaarder",
                        "vervaldag ",
                        "minnelijk",
                        "rekenen",
                    ):
                        self.assertNotIn(foreign, terms)

    def test_terms_of_france(self):
        """Businesses owe penalties, and a French court summons by assignation."""
        for regime, kind in (
            ("fr_business", "last_notice"),
            ("fr_consumer", "last_notice"),
            ("fr_consumer", "formal_notice"),
        ):
            notice = self._notice(regime, kind, "fr_BE", amount_interest=10, amount_total=1220)
            terms = " ".join(str(term) for term in self._letter(notice)["terms"]).lower()
            with self.subTest(regime=regime, kind=kind):
                self.assertNotIn("citation", terms)
                self.assertNotIn("huissier", terms)
                if regime == "fr_business":
                    self.assertNotIn("des intérêts", terms)
                    self.assertIn("continuent à courir", terms)

    # --- LANGUAGE OF THE SEAT ---

    def test_letter_in_the_language_of_the_seat(self):
        self.company.dunning_seat_language = "nl_BE"
        notice = self._notice("be_consumer", "reminder", "fr_BE")
        page = html.fromstring(self.env["ir.actions.report"]._render_qweb_html(REPORT, notice.ids)[0])
        [article] = page.xpath("//div[contains(concat(' ', @class, ' '), ' article ')]")
        [part] = article.xpath(".//div[@class='ca_next_part']")
        text = self._text(part)
        self.assertStates(text, "Dezelfde brief in de taal van onze exploitatiezetel")
        self.assertNeeded(text, "be_consumer", "reminder", "nl_BE")
        self.assertForeign(text, "nl_BE")
        part.getparent().remove(part)
        first = self._text(article)
        self.assertNeeded(first, "be_consumer", "reminder", "fr_BE")
        self.assertForeign(first, "fr_BE")
        self.assertNotIn("kosteloos", first)

    def test_mail_in_the_language_of_the_seat(self):
        """What the law asks for stands in the mail itself, in both languages, and the link to the account once."""
        notice = self._notice("be_consumer", "reminder", "fr_BE", channel="email")
        self.company.dunning_seat_language = "nl_BE"
        body = html.fromstring(notice._render_mail_body())
        [part] = body.xpath(".//div[@class='ca_next_part']")
        text = self._text(part)
        self.assertStates(text, "Dezelfde brief in de taal van onze exploitatiezetel")
        self.assertNeeded(text, "be_consumer", "reminder", "nl_BE")
        self.assertForeign(text, "nl_BE")
        self.assertFalse(part.xpath(".//a[contains(@href, 'access_token')]"))
        part.getparent().remove(part)
        first = self._text(body)
        self.assertNeeded(first, "be_consumer", "reminder", "fr_BE")
        self.assertForeign(first, "fr_BE")
        self.company.dunning_seat_language = False
        self.assertNotIn("kosteloos", notice._render_mail_body())

    def test_one_language_is_enough(self):
        for lang, kind, seat in (
            ("fr_BE", "reminder", False),
            ("nl_BE", "reminder", "nl_BE"),
            ("fr_BE", "courtesy", "nl_BE"),
        ):
            with self.subTest(lang=lang, kind=kind, seat=seat):
                self.company.dunning_seat_language = seat
                self.assertFalse(self._letter(self._notice("be_business", kind, lang))["seat_letter"])
        self.env["res.lang"]._activate_lang("es_ES")
        self.company.dunning_seat_language = "es_ES"
        self.assertEqual(self._notice("be_business")._get_letter_seat_lang(), "", "no text in that language")

    def test_words_follow_the_language_of_the_part(self):
        self.company.dunning_seat_language = "nl_BE"
        letter = self._letter(self._notice("be_business", "formal_notice", "fr_BE", amount_total=91))
        self.assertIn("nonante et un euros", letter["in_words"])
        self.assertIn("eenennegentig euro", letter["seat_letter"]["in_words"])

    # --- FROM A RUN ---

    def test_letter_of_a_run_to_another_country(self):
        self._invoice(self.customers["nl_business"], 500, due="2026-03-01")
        self._invoice(self.business, 500, due="2026-03-01")
        run = self._run("2026-03-20")
        notices = {notice.partner_id: notice for notice in run.notice_ids}
        dutch = notices[self.customers["nl_business"]]
        self.assertEqual(dutch.regime, "nl_business")
        self.assertTrue(is_creditor_reference(dutch.payment_reference), dutch.payment_reference)
        self.assertTrue(is_structured_communication(notices[self.business].payment_reference))
        self.assertStates(self._body(dutch), format_creditor_reference(dutch.payment_reference), "6:119a")

    # --- LAST NOTICE ---

    def test_last_notice_tells_the_formal_notice(self):
        formal = self._notice("be_business", "formal_notice")
        formal.write({"state": "delivered", "delivered_on": "2026-11-10"})
        last = self._notice("be_business", "last_notice")
        self.assertNotIn("We gave you formal notice", self._body(last), "that of another invoice")
        last.line_ids.item_id = formal.line_ids.item_id
        self.assertEqual(last._get_formal_notice_dates(), [formal.delivered_on])
        self.assertStates(self._body(last), "We gave you formal notice on 10 November 2026.")
        formal.state = "failed"
        self.assertEqual(last._get_formal_notice_dates(), [])
        self.assertEqual(formal._get_formal_notice_dates(), [])

    def test_undisputed_debts_of_registered_businesses_only(self):
        self.assertStates(self._body(self._notice("be_business", "last_notice")), "1394/20")
        self.business.write({"vat": False, "company_registry": False})
        self.assertNotIn("1394/20", self._body(self._notice("be_business", "last_notice")))

    # --- PARTIES ---

    def test_numbers_of_the_parties(self):
        for regime, number in (
            ("be_business", "enterprise number 0477.472.701"),
            ("be_public", "enterprise number 0203.201.340"),
            ("nl_business", "Chamber of Commerce number 30123456"),
            ("fr_business", "SIREN 732 829 320"),
            ("lu_business", "RCS B123456"),
        ):
            with self.subTest(regime=regime):
                notice = self._notice(regime, "formal_notice")
                debtor = dict(self._letter(notice)["facts"])["Debtor"]
                self.assertIn(number, debtor.replace("\N{NO-BREAK SPACE}", " "))
                self.assertIn(notice.partner_id.street, debtor)
        lines = dict(self._letter(self._notice("nl_business"))["references"])
        self.assertEqual(lines["Your registration"], "Chamber of Commerce number 30123456")
        self.assertNotIn("Your registration", dict(self._letter(self._notice("nl_consumer"))["references"]))

    def test_number_of_another_country_is_not_read_as_a_belgian_one(self):
        report = self.env["report.commercial_assistant.report_dunning_notice"].with_context(lang="nl_BE")
        self.customers["nl_business"].write({"company_registry": "0477472701"})
        self.assertEqual(report._describe_number(self.customers["nl_business"]), "KvK-nummer 0477472701")
        self.customers["nl_business"].write({"company_registry": False, "vat": "NL123456782B90"})
        self.assertEqual(report._describe_number(self.customers["nl_business"]), "btw-nummer NL123456782B90")
        self.customers["fr_business"].company_registry = "732 829 320 00074"
        self.assertEqual(report._describe_number(self.customers["fr_business"]), "SIRET 732 829 320 00074")
        other = self.customers["lu_business"].copy({"country_id": self.env.ref("base.pl").id, "vat": False})
        other.company_registry = "12345"
        self.assertEqual(report._describe_number(other), "registratienummer 12345")
        other.company_registry = False
        self.assertEqual(report._describe_number(other), "")

    # --- AMOUNTS IN WORDS ---

    def test_french_numbers_of_the_country(self):
        """Belgium says nonante, France and Luxembourg say quatre-vingt-dix, whatever French is installed."""
        self.env["res.lang"]._activate_lang("fr_FR")
        for regime, lang, expected in (
            ("be_business", "fr_BE", "mille deux cent nonante et un euros"),
            ("be_business", "fr_FR", "mille deux cent nonante et un euros"),
            ("fr_business", "fr_BE", "mille deux cent quatre-vingt-onze euros"),
            ("lu_business", "fr_BE", "mille deux cent quatre-vingt-onze euros"),
        ):
            with self.subTest(regime=regime, lang=lang):
                notice = self._notice(regime, "formal_notice", lang, amount_total=1291)
                self.assertIn(expected, self._letter(notice)["in_words"])
        self.business.country_id = False
        notice = self._notice("be_business", "formal_notice", "fr_FR", amount_total=1280)
        self.assertIn("mille deux cent quatre-vingts euros", self._letter(notice)["in_words"])

    def test_words_of_the_other_languages(self):
        for lang, expected in (
            ("en_US", "one thousand two hundred and ninety-one euros and fifty cents"),
            ("nl_BE", "duizend tweehonderdeenennegentig euro en vijftig cent"),
            ("de_DE", "eintausendzweihunderteinundneunzig Euro und fünfzig Cent"),
        ):
            for kind in FINAL_KINDS:
                notice = self._notice("be_business", kind, lang, amount_total=1291.5)
                self.assertIn(expected, self._letter(notice)["in_words"])
        self.assertFalse(self._letter(self._notice("be_business", "second_reminder"))["in_words"])
