from odoo.tests import BaseCase, tagged

from odoo.addons.commercial_assistant.tools.identifiers import (
    REASONS,
    IdentifierError,
    communication_digits,
    creditor_reference,
    enterprise_number,
    establishment_number,
    format_creditor_reference,
    format_enterprise_number,
    format_establishment_number,
    is_creditor_reference,
    is_enterprise_number,
    is_establishment_number,
    is_structured_communication,
    structured_communication,
)


@tagged("post_install", "-at_install")
class TestIdentifiers(BaseCase):
    def assertRefused(self, reason, call, value):
        with self.subTest(value=value), self.assertRaises(IdentifierError) as caught:
            call(value)
        self.assertEqual(caught.exception.reason, reason)
        self.assertIn(reason, REASONS)

    def test_enterprise_number_vectors(self):
        for number in ("0566.988.259", "1027.454.187", "0203.201.340"):
            with self.subTest(number=number):
                self.assertEqual(enterprise_number(number), number.replace(".", ""))
                self.assertEqual(format_enterprise_number(number), number)
                self.assertTrue(is_enterprise_number(number))
        self.assertFalse(is_enterprise_number("0566.988.258"))

    def test_enterprise_number_ways_of_writing(self):
        for text in (
            "0566988259",
            "566988259",
            "BE 0566.988.259",
            "be0566988259",
            "BE-0566-988-259",
            "BE 566.988.259",
            "BTW BE 0566.988.259",
            "TVA: BE 0566 988 259",
            "TVA BE0566.988.259",
            "KBO 0566.988.259",
            "BE (0)566.988.259",
            "  0566 988 259 ",
            "0566\u00a0988\u00a0259",
            "0566/988/259",
            "０５６６９８８２５９",
            566988259,
            566988259.0,
            "566988259.0",
        ):
            with self.subTest(text=text):
                self.assertEqual(enterprise_number(text), "0566988259")

    def test_enterprise_number_refused(self):
        for reason, value in (
            ("empty", ""),
            ("empty", None),
            ("empty", False),
            ("empty", "BE"),
            ("empty", "  "),
            ("format", "0566.988.25X"),
            ("format", "FR 12345678901"),
            ("format", "unknown"),
            ("format", 566988259.5),
            ("format", float("nan")),
            ("format", "0000000000"),
            ("length", "0566.988"),
            ("length", "0566.988.2599"),
            ("length", 5),
            ("component", "2.000.000.339"),
            ("checksum", "0566.988.258"),
            ("checksum", 566988258),
        ):
            self.assertRefused(reason, enterprise_number, value)
        self.assertFalse(is_enterprise_number(None))

    def test_establishment_number(self):
        for text in ("2.000.000.339", "2000000339", 2000000339, "BE 2.000.000.339"):
            with self.subTest(text=text):
                self.assertEqual(establishment_number(text), "2000000339")
                self.assertEqual(format_establishment_number(text), "2.000.000.339")
                self.assertTrue(is_establishment_number(text))
        for reason, value in (
            ("checksum", "2.000.000.338"),
            ("component", "0566.988.259"),
            ("component", "9.000.000.339"),
            ("length", "2.000.000"),
            ("empty", ""),
            ("format", "2.000.000.33A"),
        ):
            self.assertRefused(reason, establishment_number, value)
        self.assertFalse(is_establishment_number("0566.988.259"))

    def test_structured_communication_vectors(self):
        table = [
            ("0108068171", "+++010/8068/17183+++"),
            (108068171, "+++010/8068/17183+++"),
            ("0000000097", "+++000/0000/09797+++"),
            (97, "+++000/0000/09797+++"),
            ("3124013980", "+++312/4013/98067+++"),
            (0, "+++000/0000/00097+++"),
        ]
        for number, expected in table:
            with self.subTest(number=number):
                self.assertEqual(structured_communication(number), expected)
                self.assertTrue(is_structured_communication(expected))

    def test_structured_communication_ways_of_writing(self):
        for text in (
            "+++010/8068/17183+++",
            "***010/8068/17183***",
            "010/8068/17183",
            "010806817183",
            " +++ 010/8068/17183 +++ ",
            "010 8068 17183",
        ):
            with self.subTest(text=text):
                self.assertEqual(communication_digits(text), "010806817183")

    def test_structured_communication_refused(self):
        for reason, value in (
            ("checksum", "+++010/8068/17180+++"),
            ("format", "+++010/8068/17183***"),
            ("format", "+++010/8068/17183"),
            ("format", "+++010/8068/171830+++"),
            ("format", "0+1+0806817183"),
            ("format", "INV/2026/00012"),
            ("empty", ""),
            ("empty", None),
        ):
            self.assertRefused(reason, communication_digits, value)
            self.assertFalse(is_structured_communication(value))
        for reason, value in (
            ("length", 10**10),
            ("format", -5),
            ("format", "12a"),
            ("empty", ""),
            ("format", True),
            ("format", "²"),
        ):
            self.assertRefused(reason, structured_communication, value)

    def test_creditor_reference_vectors(self):
        """RF18 5390 0754 7034 is the example of the standard's users; the others are computed by hand, mod 97."""
        self.assertEqual(creditor_reference("539007547034"), "RF18539007547034")
        self.assertEqual(creditor_reference("REM/2026/00007"), "RF23REM202600007")
        self.assertEqual(creditor_reference(" rem-2026-00007 "), "RF23REM202600007")
        self.assertEqual(format_creditor_reference("rf23rem202600007"), "RF23 REM2 0260 0007")
        self.assertEqual(format_creditor_reference("RF18 5390 0754 7034"), "RF18 5390 0754 7034")
        for text in ("RF18539007547034", "RF18 5390 0754 7034", "rf18539007547034", "RF18000000000539007547034"):
            with self.subTest(text=text):
                self.assertTrue(is_creditor_reference(text))
        for text in ("RF19539007547034", "539007547034", "RF18", "RF", "", None, False, 18539007547034):
            with self.subTest(text=text):
                self.assertFalse(is_creditor_reference(text))

    def test_creditor_reference_refused(self):
        for reason, value in (("empty", ""), ("empty", None), ("empty", "///"), ("length", "1" * 22)):
            self.assertRefused(reason, creditor_reference, value)

    def test_creditor_reference_always_checks(self):
        for number in (0, 7, 97, 98, 1234567890, 10**20):
            for prefix in ("", "REM", "Z"):
                with self.subTest(number=number, prefix=prefix):
                    text = f"{prefix}{number}"[:21]
                    reference = creditor_reference(text)
                    self.assertTrue(is_creditor_reference(reference))
                    self.assertEqual(reference[4:], text)
                    # as the standard puts it: the reference with its first four signs at the end, letters as numbers
                    digits = "".join(str(int(sign, 36)) for sign in reference[4:] + reference[:4])
                    self.assertEqual(int(digits) % 97, 1)
