import datetime
import io
import string

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..tools import phone_numbers, prospect_headers, prospect_values, spreadsheet_writer


@tagged("post_install", "-at_install")
class TestProspectHeaders(BaseCase):
    def test_headers_in_four_languages(self):
        cases = {
            "company_name": [
                "Firma",
                "Bedrijfsnaam",
                "Naam van de firma",
                "Société",
                "Raison sociale",
                "Firmenname",
                "Company name",
            ],
            "contact_name": ["Contactpersoon", "Personne de contact", "Ansprechpartner", "Contact person", "T.a.v."],
            "first_name": ["Voornaam", "Prénom", "Vorname", "First name"],
            "last_name": ["Familienaam", "Nom de famille", "Nachname", "Surname"],
            "function": ["Functie", "Fonction", "Funktion", "Job title"],
            "street": ["Straat en nr.", "Rue et numéro", "Straße und Hausnummer", "Street address"],
            "zip": ["Postcode", "Code postal", "C.P.", "PLZ", "Zip code"],
            "city": ["Gemeente", "Localité", "Ort", "City"],
            "country": ["Land", "Pays", "Country"],
            "email": [
                "E-mail",
                "E-mailadres contactpersoon",
                "Adresse e-mail",
                "Courriel",
                "E-Mail-Adresse",
                "Email address",
            ],
            "phone": ["Tel.", "Telefoonnummer", "Téléphone", "N° de téléphone", "Telefon", "Phone"],
            "mobile": ["GSM", "Mobiel nummer", "Portable", "Handy", "Mobile"],
            "website": ["Website", "Site web", "Webseite", "URL"],
            "enterprise_number": [
                "Ondernemingsnr.",
                "KBO",
                "N° d’entreprise",
                "Numéro d'entreprise",
                "Unternehmensnummer",
            ],
            "vat": ["BTW-nummer", "N° TVA", "USt-IdNr.", "VAT number"],
            "language": ["Taal", "Langue", "Sprache", "Language"],
            "consent": ["Nieuwsbrief", "Opt-in", "Consentement", "Einwilligung", "Newsletter"],
            "met_on": ["Datum bezoek", "Date de la visite", "Besuchsdatum", "Visit date"],
            "notes": ["Opmerkingen", "Remarques", "Bemerkungen", "Comments"],
            "ignore": ["Fax", "Télécopie"],
        }
        for target, headers in cases.items():
            for header in headers:
                with self.subTest(header=header):
                    self.assertEqual(prospect_headers.recognise_header(header), target)

    def test_unknown_header(self):
        self.assertIsNone(prospect_headers.recognise_header("Stand"))
        self.assertIsNone(prospect_headers.recognise_header(None))

    def test_every_target_can_be_proposed(self):
        self.assertLessEqual(set(prospect_headers.TARGETS), set(prospect_headers.SYNONYMS.values()))

    def _targets(self, headers, *rows):
        return [proposal.target for proposal in prospect_headers.propose_mapping(headers, rows)]

    def test_meaning_of_name(self):
        row = ["a", "b", "c"]
        self.assertEqual(self._targets(["Naam", "Tel", "Mail"], row)[0], "company_name")
        self.assertEqual(self._targets(["Firma", "Naam"], row)[1], "contact_name")
        self.assertEqual(self._targets(["Société", "Prénom", "Nom"], row), ["company_name", "first_name", "last_name"])
        self.assertEqual(self._targets(["Vorname", "Name"], row), ["first_name", "last_name", "notes"])

    def test_meaning_of_number(self):
        row = [1, "a", "b", 5]
        self.assertEqual(
            self._targets(["Nr", "Firma", "Straat", "Nr"], row), ["ignore", "company_name", "street", "house_number"]
        )

    def test_field_is_proposed_once(self):
        row = ["a", "056 12 34 56", "0475 12 34 56", "056 99 99 99", "x@y.be", "z@y.be"]
        targets = self._targets(["Firma", "Tel", "Tel", "Tel", "E-mail", "E-mail"], row)
        self.assertEqual(targets, ["company_name", "phone", "mobile", "notes", "email", "notes"])

    def test_without_headers_the_values_tell(self):
        rows = [
            ["Houtbouw", "info@hout.example", "056/12.34.56", "0999.010.027", "8500"],
            ["Staalbouw", "info@staal.example", "0475 12 34 56", "0999.013.787", "9000"],
        ]
        self.assertEqual(self._targets([], *rows), ["company_name", "email", "phone", "enterprise_number", "zip"])

    def test_empty_column_is_ignored(self):
        self.assertEqual(self._targets(["Firma", "Iets"], ["a", None], ["b", ""]), ["company_name", "ignore"])

    def test_find_header_row(self):
        find = prospect_headers.find_header_row
        self.assertEqual(find([["Beurs 2026"], [], ["Firma", "E-mail"], ["Hout", "a@b.be"]]), 2)
        self.assertEqual(find([["Company visit"], ["Company", "Email"], ["Hout", "a@b.be"]]), 1)
        self.assertEqual(find([["Firma"], ["Hout"]]), 0)
        self.assertEqual(find([["Nombre", "Ciudad", "CIF"], ["Madera", "Madrid", 12]]), 0, "names nobody knows")
        self.assertIsNone(find([["Hout", "a@b.be"], ["Staal", "c@d.be"]]))
        self.assertIsNone(find([]))

    @settings(max_examples=150, deadline=None)
    @given(
        st.lists(
            st.lists(st.one_of(st.none(), st.text(max_size=20), st.integers(), st.booleans(), st.floats()), max_size=6),
            max_size=8,
        )
    )
    def test_never_fails(self, rows):
        index = prospect_headers.find_header_row(rows)
        header = rows[index] if index is not None else []
        proposals = prospect_headers.propose_mapping(header, rows)
        targets = [proposal.target for proposal in proposals]
        self.assertEqual(len(targets), max([len(header), *map(len, rows)], default=0))
        single = [target for target in targets if target not in (*prospect_headers.REPEATABLE, "ignore")]
        self.assertEqual(len(single), len(set(single)))


@tagged("post_install", "-at_install")
class TestPhoneNumbers(BaseCase):
    def test_national_and_international_forms(self):
        cases = [
            ("056/12.34.56", "BE", "+3256123456"),
            (56123456, "BE", "+3256123456"),
            (475123456.0, "BE", "+32475123456"),
            (32475123456, "BE", "+32475123456"),
            ("0032 475 12 34 56", "NL", "+32475123456"),
            ("+32 (0)56 12 34 56", None, "+3256123456"),
            ("+32 056 12 34 56", "FR", "+3256123456"),
            ("Tel.: 04 222 01 02", "BE", "+3242220102"),
            ("0475 12 34 56 toestel 12", "BE", "+32475123456"),
            ("06-12345678", "NL", "+31612345678"),
            ("03 20 12 34 56", "FR", "+33320123456"),
            ("26 12 34", "LU", "+352261234"),
            ("+49 (0)341 123 456", "BE", "+49341123456"),
            ("+1 212 555 0123", "BE", "+12125550123"),
            ("+39 06 1234 5678", "BE", "+390612345678"),
        ]
        for text, country, expected in cases:
            with self.subTest(text=text):
                self.assertEqual(phone_numbers.e164(text, country), expected)

    def test_refusals_name_the_reason(self):
        cases = [
            ("056 41", "BE", "short"),
            ("abc", "BE", "characters"),
            ("", "BE", "empty"),
            (None, "BE", "empty"),
            ("056 12 34 56", None, "country"),
            ("056 12 34 56", "XX", "country"),
            ("0475 12 34 56 78", "BE", "long"),
            ("+32 56", "BE", "short"),
            ("+0 12 34 56 78", "BE", "pattern"),
        ]
        for text, country, reason in cases:
            with self.subTest(text=text), self.assertRaises(phone_numbers.PhoneError) as caught:
                phone_numbers.e164(text, country)
            self.assertEqual(caught.exception.reason, reason)

    def test_mobile_numbers(self):
        cases = {
            ("0475 12 34 56", "BE"): "+32475123456",
            ("09 225 12 34", "BE"): None,
            ("09 225 12 34 of 0475 12 34 56", "BE"): "+32475123456",
            ("+31 6 12345678", "BE"): "+31612345678",
            ("+31 40 1234567", "BE"): None,
            ("06 12 34 56 78", "FR"): "+33612345678",
            ("01 23 45 67 89", "FR"): None,
            ("621 123 456", "LU"): "+352621123456",
            ("+1 212 555 0100", "BE"): "+12125550100",
            ("nonsense", "BE"): None,
            (None, "BE"): None,
        }
        for (text, country), expected in cases.items():
            with self.subTest(text=text):
                self.assertEqual(phone_numbers.mobile_number(text, country), expected)

    def test_several_numbers_in_a_cell(self):
        split = phone_numbers.split_numbers
        self.assertEqual(split("056/12.34.56 of 0475 12 34 56", "BE"), (["+3256123456", "+32475123456"], []))
        self.assertEqual(split("056 / 12 34 56", "BE"), (["+3256123456"], []))
        self.assertEqual(split("056 12 34 56; 056 12 34 56; onbekend", "BE"), (["+3256123456"], ["onbekend"]))
        self.assertEqual(split("geen", "BE"), ([], ["geen"]))

    @settings(max_examples=200, deadline=None)
    @given(
        st.from_regex(r"(4[5-9][0-9]{7}|[1-9][0-9]{7})", fullmatch=True),
        st.sampled_from(["0{}", "+32{}", "0032 {}", "+32 (0){}"]),
    )
    def test_every_belgian_number_survives(self, digits, form):
        number = phone_numbers.e164(form.format(digits), "BE")
        self.assertEqual(number, "+32" + digits)
        self.assertEqual(phone_numbers.e164(number, "NL"), number, "normalising twice changes nothing")


@tagged("post_install", "-at_install")
class TestProspectValues(BaseCase):
    def _normalise(self, country="BE", **cells):
        return prospect_values.normalise_row({name: [("", value)] for name, value in cells.items()}, country=country)

    def _codes(self, line):
        return [finding.code for finding in line.findings]

    def test_number_read_as_number_keeps_its_zero(self):
        line = self._normalise(company_name="A", enterprise_number=999010027, email="a@b.be")
        self.assertEqual(line.values["enterprise_number"], "0999010027")
        self.assertEqual(self._codes(line), ["leading_zero"])
        line = self._normalise(company_name="A", vat=999010027.0, email="a@b.be")
        self.assertEqual(line.values["vat"], "BE0999010027")
        self.assertEqual(line.values["enterprise_number"], "0999010027")

    def test_number_in_every_notation(self):
        for text in (
            "0999.010.027",
            "0999 010 027",
            "BE 0999.010.027",
            "BTW BE0999010027",
            "999010027",
            "be0999010027",
        ):
            with self.subTest(text=text):
                self.assertEqual(
                    self._normalise(company_name="A", enterprise_number=text).values["enterprise_number"], "0999010027"
                )
                self.assertEqual(self._normalise(company_name="A", vat=text).values["vat"], "BE0999010027")

    def test_wrong_number_stays_as_typed_and_is_not_taken_over(self):
        line = self._normalise(company_name="A", enterprise_number="0999.010.028", phone="056 12 34 56")
        self.assertEqual(line.values["enterprise_number"], "0999.010.028")
        self.assertEqual(self._codes(line), ["enterprise_number_invalid"])
        self.assertEqual(line.wrong_fields, {"enterprise_number"})

    def test_numbers_that_differ(self):
        line = self._normalise(company_name="A", enterprise_number="0999.010.027", vat="BE0999.013.787", email="a@b.be")
        self.assertEqual(self._codes(line), ["number_conflict"])
        self.assertEqual(line.wrong_fields, {"vat"})

    def test_foreign_numbers(self):
        cases = [
            ("NL994710379B01", "NL994710379B01", "NL"),
            ("FR53994712057", "FR53994712057", "FR"),
            ("LU 99471349", "LU99471349", "LU"),
            ("DE136695976", "DE136695976", "DE"),
        ]
        for text, vat, country in cases:
            with self.subTest(text=text):
                line = self._normalise(company_name="A", vat=text, email="a@b.be")
                self.assertEqual((line.values["vat"], line.values["country_code"]), (vat, country))
                self.assertEqual(self._codes(line), [])
        line = self._normalise(company_name="A", vat="NL123", email="a@b.be")
        self.assertEqual(self._codes(line), ["vat_invalid"])
        line = self._normalise(company_name="A", country="NL", enterprise_number="12345678", email="a@b.be")
        self.assertEqual(self._codes(line), [], "the numbers of other registers are not ours to judge")

    def test_words_for_nothing(self):
        line = self._normalise(
            company_name="A", vat="niet BTW-plichtig", phone="n.v.t.", email="-", website="néant", street="X 1"
        )
        self.assertEqual(self._codes(line), [])
        self.assertEqual(set(line.values), {"company_name", "street"})

    def test_mails(self):
        self.assertEqual(
            self._normalise(company_name="A", email=" MAILTO:Jan.Peeters@Firma.Example ").values["email"],
            "jan.peeters@firma.example",
        )
        self.assertEqual(
            self._normalise(company_name="A", email="Jan <JAN@firma.example>").values["email"], "jan@firma.example"
        )
        line = self._normalise(company_name="A", email="a@b.example; c@d.example")
        self.assertEqual((line.values["email"], line.values["notes"]), ("a@b.example", "c@d.example"))
        self.assertEqual(self._codes(line), ["email_more"])
        for wrong in (
            "jan(at)firma.example",
            "jan@firma",
            "jan@firma..example",
            "@firma.example",
            ".jan@firma.example",
            "jan firma",
        ):
            with self.subTest(wrong=wrong):
                self.assertIn("email_invalid", self._codes(self._normalise(company_name="A", email=wrong)))
        line = self._normalise(company_name="A", website="info@firma.example")
        self.assertEqual(line.values, {"company_name": "A", "email": "info@firma.example"}, "typed in the wrong column")

    def test_languages(self):
        words = {
            "nl": ["Nederlands", "NL", "N", "néerlandais", "Dutch", "Niederländisch", "nl_BE", "vlaams", "NL/FR"],
            "fr": ["français", "F", "Frans", "French", "Französisch", "FR-be"],
            "de": ["Duits", "D", "allemand", "German", "Deutsch"],
            "en": ["E", "Engels", "anglais", "English", "Englisch"],
            None: ["klingon", "?", "12"],
        }
        for code, names in words.items():
            for name in names:
                with self.subTest(name=name):
                    self.assertEqual(prospect_values.language_code(name), code)

    def test_countries(self):
        words = {
            "BE": ["België", "belgique", "Belgien", "Belgium", "B", "BE"],
            "NL": ["Nederland", "Pays-Bas", "Niederlande", "Holland", "the Netherlands"],
            "FR": ["Frankrijk", "F", "Frankreich"],
            "LU": ["Luxemburg", "Grand-Duché de Luxembourg", "L"],
            "DE": ["Duitsland", "Allemagne", "D", "Deutschland"],
            "GB": ["UK", "Royaume-Uni", "Verenigd Koninkrijk"],
            "CH": ["Zwitserland", "Suisse", "Schweiz"],
            None: ["Atlantis", "the"],
        }
        for code, names in words.items():
            for name in names:
                with self.subTest(name=name):
                    self.assertEqual(prospect_values.country_code(name), code)

    def test_address(self):
        line = self._normalise(company_name="A", street="Kerkstraat", house_number=5, zip="B-8500", city="Kortrijk")
        self.assertEqual(
            (line.values["street"], line.values["zip"], line.values["city"], line.values["country_code"]),
            ("Kerkstraat 5", "8500", "Kortrijk", "BE"),
        )
        line = self._normalise(company_name="A", city="8500 Kortrijk")
        self.assertEqual((line.values["zip"], line.values["city"]), ("8500", "Kortrijk"))
        line = self._normalise(company_name="A", zip="4331ab", city="Middelburg", email="a@b.be")
        self.assertEqual((line.values["zip"], line.values["country_code"]), ("4331 AB", "NL"))
        line = self._normalise(company_name="A", zip=4103, country_of="x", email="a@b.be")
        self.assertEqual(self._codes(line), [])
        self.assertEqual(self._codes(self._normalise(company_name="A", zip="85", email="a@b.be")), ["zip_invalid"])
        self.assertEqual(self._normalise(company_name="A", zip=1100, country="DE").values["zip"], "01100")

    def test_dates_and_answers(self):
        day = datetime.date(2026, 5, 7)
        for value in (
            day,
            datetime.datetime(2026, 5, 7, 10, 0),
            "2026-05-07",
            "7/5/2026",
            "07.05.26",
            "07-05-2026",
            46149,
        ):
            with self.subTest(value=value):
                self.assertEqual(prospect_values.read_date(value), day)
        for value in ("31/02/2026", "morgen", 12, True, None):
            self.assertIsNone(prospect_values.read_date(value))
        for value, answer in (
            ("ja", True),
            ("Oui", True),
            ("x", True),
            (True, True),
            ("nee", False),
            ("Nein", False),
            ("misschien", None),
        ):
            self.assertEqual(prospect_values.yes_or_no(value), answer)

    def test_names_and_contact(self):
        self.assertEqual(self._normalise(first_name="Jan", last_name=" Peeters ").values["contact_name"], "Jan Peeters")
        self.assertIn("name_missing", self._codes(self._normalise(email="a@b.be")))
        self.assertEqual(self._codes(self._normalise(company_name="A")), ["no_contact"])
        self.assertIn("too_long", self._codes(self._normalise(company_name="A" * 300, email="a@b.be")))

    def test_notes_keep_the_name_of_their_column(self):
        line = prospect_values.normalise_row(
            {
                "company_name": [("Firma", "A")],
                "notes": [("Opmerking", "bellen"), ("Stand", "B12")],
                "phone": [("Tel", "056123456")],
            }
        )
        self.assertEqual(line.values["notes"], "Opmerking: bellen\nStand: B12")

    def test_cell_error_is_a_finding(self):
        line = prospect_values.normalise_row(
            {"company_name": [("Firma", "A")], "email": [("E-mail", "#N/A")], "phone": [("T", "056123456")]}
        )
        self.assertEqual([(finding.code, finding.value) for finding in line.findings], [("cell_error", "E-mail: #N/A")])

    @settings(max_examples=300, deadline=None)
    @given(
        st.dictionaries(
            st.sampled_from(prospect_headers.TARGETS),
            st.one_of(
                st.text(max_size=40),
                st.text(string.printable, max_size=40),
                st.integers(),
                st.floats(),
                st.booleans(),
                st.none(),
                st.dates(),
            ),
        )
    )
    def test_any_row_is_normalised_and_stays_the_same_the_second_time(self, cells):
        line = prospect_values.normalise_row({name: [("", value)] for name, value in cells.items()})
        for finding in line.findings:
            self.assertIn(finding.code, prospect_values.SEVERITIES)
        good = {
            name: value
            for name, value in line.values.items()
            if name in ("email", "phone", "mobile", "enterprise_number", "vat", "website")
            and name not in line.wrong_fields
        }
        country = line.values.get("country_code") or "BE"
        again = prospect_values.normalise_row({name: [("", value)] for name, value in good.items()}, country=country)
        self.assertEqual({name: again.values.get(name) for name in good}, good)


@tagged("post_install", "-at_install")
class TestSpreadsheetWriter(BaseCase):
    def test_no_formula_leaves(self):
        rows = [["=1+1", "+32 56", "@x", "-1", 5, "bell\x07\x00", "x" * 40000]]
        content = spreadsheet_writer.write_table("a/b:c", ["A", "=B", "C", "D", "E", "F", "G"], rows)
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        self.assertEqual(sheet.title, "a b c")
        self.assertEqual({cell.data_type for row in sheet.iter_rows() for cell in row}, {"s", "n"})
        self.assertEqual(sheet["A2"].value, "=1+1")
        self.assertEqual(sheet["F2"].value, "bell")

    def test_empty_table(self):
        content = spreadsheet_writer.write_table("", ["A"], [])
        self.assertEqual(openpyxl.load_workbook(io.BytesIO(content)).active["A1"].value, "A")
