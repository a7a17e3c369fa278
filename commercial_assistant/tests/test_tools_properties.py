import io
import zipfile
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.commercial_assistant.tests.test_tools_spreadsheet import ROWS, make_xls, make_xlsx
from odoo.addons.commercial_assistant.tools import amount_words, identifiers, spreadsheet
from odoo.addons.commercial_assistant.tools.late_payment import (
    allocate_payment,
    consumer_interest_period,
    free_term,
    interest_slices,
    late_interest,
    tiered_amount,
)
from odoo.addons.commercial_assistant.tools.working_days import COUNTRIES, add_working_days, is_working_day

# the same examples in every run, and no file of examples left behind
steady = settings(
    max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
short = settings(steady, max_examples=60)

DAYS = st.dates(date(2013, 3, 16), date(2026, 6, 30))
AMOUNTS = st.decimals(0, 100_000, places=2)
PERCENTS = st.decimals(0, 20, places=2)
STEPS = st.lists(st.tuples(DAYS, AMOUNTS), max_size=5)
RATES = st.lists(st.tuples(DAYS, PERCENTS), max_size=6, unique_by=lambda rate: rate[0]).map(
    lambda rates: [(date(2013, 1, 1), Decimal(8)), *rates]
)
BASES = st.sampled_from([365, 360, "actual"])
CONSUMER_TIERS = [(0, 20, 0), (150, 30, 10), (500, 65, 5)]
DUTCH_TIERS = [(0, 0, 15), (2500, 375, 10), (5000, 625, 5), (10000, 875, 1), (200000, 2775, Decimal("0.5"))]


def exact_interest(*arguments):
    return sum((piece.exact for piece in interest_slices(*arguments)), Fraction())


@tagged("post_install", "-at_install")
class TestInterestProperties(BaseCase):
    @steady
    @given(STEPS, RATES, DAYS, DAYS, DAYS, BASES)
    def test_additive_over_split_periods(self, steps, rates, first, second, third, base):
        start, split, end = sorted((first, second, third))
        whole = exact_interest(steps, rates, start, end, base)
        parts = exact_interest(steps, rates, start, split, base)
        parts += exact_interest(steps, rates, split + timedelta(days=1), end, base)
        self.assertEqual(whole, parts)
        rounded = late_interest(steps, rates, start, end, base)
        self.assertLessEqual(abs(Fraction(rounded) - whole), Fraction(1, 200))

    @steady
    @given(STEPS, RATES, DAYS, DAYS, BASES)
    def test_slices_cover_the_time_once(self, steps, rates, first, second, base):
        start, end = sorted((first, second))
        pieces = interest_slices(steps, rates, start, end, base)
        for before, after in zip(pieces, pieces[1:], strict=False):
            self.assertLess(before.end, after.start)
        for piece in pieces:
            self.assertTrue(start <= piece.start <= piece.end <= end)
            self.assertEqual(piece.days, (piece.end - piece.start).days + 1)
        charged = sum(piece.days for piece in pieces)
        open_days = sum(
            any(step <= start + timedelta(days=number) for step, _amount in steps)
            and [
                amount
                for step, amount in sorted(steps, key=lambda step: step[0])
                if step <= start + timedelta(days=number)
            ][-1]
            > 0
            for number in range(min((end - start).days + 1, 400))
        )
        if (end - start).days < 400:
            self.assertEqual(charged, open_days)

    @steady
    @given(AMOUNTS, AMOUNTS, RATES, DAYS, DAYS, BASES)
    def test_grows_with_the_principal(self, one, other, rates, first, second, base):
        start, end = sorted((first, second))
        small, large = sorted((one, other))
        self.assertLessEqual(
            late_interest([(start, small)], rates, start, end, base),
            late_interest([(start, large)], rates, start, end, base),
        )

    @steady
    @given(STEPS, RATES, DAYS, DAYS, DAYS, BASES)
    def test_grows_with_time(self, steps, rates, first, second, third, base):
        start, early, late = sorted((first, second, third))
        self.assertLessEqual(
            late_interest(steps, rates, start, early, base), late_interest(steps, rates, start, late, base)
        )

    @steady
    @given(STEPS, RATES, PERCENTS, DAYS, DAYS, BASES)
    def test_grows_with_the_rate(self, steps, rates, more, first, second, base):
        start, end = sorted((first, second))
        higher = [(day, percent + more) for day, percent in rates]
        self.assertLessEqual(
            late_interest(steps, rates, start, end, base), late_interest(steps, higher, start, end, base)
        )

    @steady
    @given(AMOUNTS, PERCENTS, st.integers(1, 3000))
    def test_simple_formula(self, principal, percent, days):
        start = date(2015, 1, 1)
        result = late_interest([(start, principal)], [(start, percent)], start, start + timedelta(days=days - 1))
        exact = Fraction(principal) * Fraction(percent) * days / 36500
        self.assertLessEqual(abs(Fraction(result) - exact), Fraction(1, 200))


@tagged("post_install", "-at_install")
class TestScaleProperties(BaseCase):
    CENT = Decimal("0.01")

    @steady
    @given(st.decimals("0.01", 60_000, places=2))
    @example(Decimal("149.99"))
    @example(Decimal("150.00"))
    @example(Decimal("499.99"))
    @example(Decimal("500.00"))
    @example(Decimal("39199.99"))
    @example(Decimal("39200.00"))
    def test_consumer_cap(self, balance):
        cap = tiered_amount(balance, CONSUMER_TIERS, maximum=2000)
        following = tiered_amount(balance + self.CENT, CONSUMER_TIERS, maximum=2000)
        self.assertTrue(20 <= cap <= 2000)
        # continuous everywhere but at 150, where the law itself jumps from 20 to 30
        jump = 10 if balance == 150 else 0
        self.assertTrue(jump <= following - cap <= jump + self.CENT)

    @steady
    @given(st.decimals("0.01", 2_000_000, places=2))
    @example(Decimal("266.66"))
    @example(Decimal("2500.00"))
    @example(Decimal("5000.00"))
    @example(Decimal("10000.00"))
    @example(Decimal("200000.00"))
    @example(Decimal("1000000.00"))
    def test_dutch_scale_is_continuous(self, balance):
        cost = tiered_amount(balance, DUTCH_TIERS, 40, 6775)
        following = tiered_amount(balance + self.CENT, DUTCH_TIERS, 40, 6775)
        self.assertTrue(40 <= cost <= 6775)
        self.assertTrue(0 <= following - cost <= self.CENT)

    @steady
    @given(AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS, st.permutations(["costs", "interest", "principal"]))
    def test_a_payment_is_divided_completely(self, costs, interest, principal, amount, order):
        claim = {"costs": costs, "interest": interest, "principal": principal}
        result = allocate_payment(claim, amount, order)
        self.assertEqual(sum(result.values()), amount)
        for part, value in claim.items():
            self.assertTrue(0 <= result[part] <= value)
        # nothing goes to a part, or stays over, while an earlier part is open
        keys = [*order, "rest"]
        for earlier, later in zip(keys, keys[1:], strict=False):
            self.assertTrue(result[earlier] == claim[earlier] or not result[later])


@tagged("post_install", "-at_install")
class TestDayProperties(BaseCase):
    COUNTRY = st.sampled_from(COUNTRIES)

    @steady
    @given(DAYS, st.integers(1, 40), COUNTRY, st.booleans())
    def test_counting_working_days(self, day, count, country, saturday):
        result = add_working_days(day, count, country, saturday)
        self.assertTrue(is_working_day(result, country, saturday))
        passed = sum(
            is_working_day(day + timedelta(days=number), country, saturday)
            for number in range(1, (result - day).days + 1)
        )
        self.assertEqual(passed, count)

    @steady
    @given(DAYS, st.integers(0, 40), st.integers(0, 40), COUNTRY, st.booleans())
    def test_steps_add_up(self, day, one, other, country, saturday):
        self.assertEqual(
            add_working_days(add_working_days(day, one, country, saturday), other, country, saturday),
            add_working_days(day, one + other, country, saturday),
        )

    @steady
    @given(DAYS, st.integers(1, 40), COUNTRY, st.booleans())
    def test_there_and_back(self, day, count, country, saturday):
        assume(is_working_day(day, country, saturday))
        there = add_working_days(day, count, country, saturday)
        self.assertEqual(add_working_days(there, -count, country, saturday), day)

    @steady
    @given(DAYS, st.sampled_from(["electronic", "post"]), st.integers(0, 5), st.booleans(), st.booleans())
    def test_free_term(self, sent_on, channel, extra_days, roll, saturday):
        plain = free_term(sent_on, channel, saturday=saturday)
        term = free_term(sent_on, channel, extra_days=extra_days, roll=roll, saturday=saturday)
        self.assertEqual((term.last_free_day - term.start).days + 1 >= 14 + extra_days, True)
        self.assertEqual(term.earliest_charge_date - term.last_free_day, timedelta(days=1))
        self.assertGreaterEqual(term.last_free_day, plain.last_free_day)
        if roll:
            self.assertTrue(is_working_day(term.last_free_day))
        if channel == "post":
            self.assertGreaterEqual(term.start, sent_on + timedelta(days=3))

    @steady
    @given(DAYS, st.integers(0, 100), st.booleans())
    def test_no_interest_within_the_free_term(self, sent_on, days, small_company):
        term = free_term(sent_on, "electronic")
        until = sent_on + timedelta(days=days)
        period = consumer_interest_period(sent_on, term, until, small_company)
        self.assertEqual(period is None, until <= term.last_free_day)
        if period:
            self.assertLessEqual(*period)


@tagged("post_install", "-at_install")
class TestIdentifierProperties(BaseCase):
    @steady
    @given(st.integers(0, 10**10 - 1))
    def test_structured_communication_round_trip(self, number):
        text = identifiers.structured_communication(number)
        self.assertRegex(text, r"^\+{3}\d{3}/\d{4}/\d{5}\+{3}$")
        self.assertTrue(identifiers.is_structured_communication(text))
        digits = identifiers.communication_digits(text)
        self.assertEqual(int(digits[:10]), number)
        self.assertEqual(identifiers.structured_communication(digits[:10]), text)

    @steady
    @given(st.integers(0, 10**10 - 1), st.integers(0, 11), st.integers(1, 9))
    def test_one_wrong_digit_is_noticed(self, number, position, shift):
        digits = identifiers.communication_digits(identifiers.structured_communication(number))
        wrong = digits[:position] + str((int(digits[position]) + shift) % 10) + digits[position + 1 :]
        self.assertFalse(identifiers.is_structured_communication(wrong))

    @steady
    @given(st.integers(1, 19_999_999))
    def test_enterprise_number_round_trip(self, base):
        number = f"{base:08d}{97 - base % 97:02d}"
        self.assertEqual(identifiers.enterprise_number(int(number)) if base >= 1_000_000 else number, number)
        self.assertEqual(identifiers.enterprise_number(identifiers.format_enterprise_number(number)), number)
        self.assertEqual(identifiers.enterprise_number("BE" + number), number)
        self.assertFalse(identifiers.is_establishment_number(number))

    @steady
    @given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none(), st.text("0123456789./+ BE")))
    def test_only_its_own_error(self, value):
        for call in (
            identifiers.enterprise_number,
            identifiers.establishment_number,
            identifiers.structured_communication,
            identifiers.communication_digits,
        ):
            try:
                call(value)
            except identifiers.IdentifierError as error:
                self.assertIn(error.reason, identifiers.REASONS)


@tagged("post_install", "-at_install")
class TestWordProperties(BaseCase):
    LANGUAGES = st.sampled_from(["nl_BE", "fr_BE", "fr_FR", "de_DE", "en_US"])
    CURRENCIES = st.sampled_from(["EUR", "USD", "GBP", "CHF", "PLN", "JPY"])

    @steady
    @given(st.decimals(-(10**12), 10**12, places=2), CURRENCIES, LANGUAGES)
    def test_always_words(self, amount, currency, lang):
        text = amount_words.amount_in_words(amount, currency, lang)
        self.assertRegex(text, r"^[^\s,](?:[^\s,]| (?! ))*$")
        if lang == "fr_BE":
            self.assertNotRegex(
                text, r"soixante-(dix|onze)|soixante et onze|quatre-vingt-(dix|onze)|\bcents (un|mille)"
            )

    @short
    @given(st.lists(st.integers(0, 10**7), min_size=2, max_size=20, unique=True), LANGUAGES)
    def test_different_amounts_read_differently(self, cents, lang):
        texts = {amount_words.amount_in_words(Decimal(number) / 100, "EUR", lang) for number in cents}
        self.assertEqual(len(texts), len(cents))


XLS = make_xls({"Fair": ROWS * 5, "Other": [("a", 1)]})
XLSX = make_xlsx({"Fair": ROWS * 5, "Other": [("a", 1)]})
CSV = 'Naam;Plaats\r\n"Café; De Zon";Liège\r\n0566988259;\r\n'.encode("cp1252")
SAMPLES = st.sampled_from([XLS, XLSX, CSV])


@tagged("post_install", "-at_install")
class TestSpreadsheetProperties(BaseCase):
    def read_file(self, content, filename="list.xls"):
        """Read, and let only the error of the module pass."""
        try:
            sheet = spreadsheet.read_rows(content, filename, error_cells="keep", max_unpacked_bytes=10**7)
        except spreadsheet.SpreadsheetError as error:
            self.assertIn(error.reason, spreadsheet.REASONS)
            self.assertTrue(str(error))
            return None
        for row in sheet.rows:
            self.assertIsInstance(row, tuple)
            self.assertTrue(not row or row[-1] is not None)
            for cell in row:
                self.assertIsInstance(cell, spreadsheet.Cell)
        return sheet

    @steady
    @given(st.binary(max_size=2000))
    def test_random_bytes(self, content):
        self.read_file(content)

    @steady
    @given(
        st.sampled_from(
            [b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x09\x08\x10\x00", b"\xff\xfe", b"sep="]
        ),
        st.binary(max_size=2000),
    )
    def test_random_bytes_after_a_known_start(self, start, content):
        self.read_file(start + content)

    @steady
    @given(SAMPLES, st.data())
    def test_truncated_files(self, sample, data):
        self.read_file(sample[: data.draw(st.integers(0, len(sample) - 1))])

    @settings(steady, max_examples=300)
    @given(SAMPLES, st.data())
    def test_mutated_files(self, sample, data):
        content = bytearray(sample)
        for position, value in data.draw(
            st.lists(st.tuples(st.integers(0, len(sample) - 1), st.integers(0, 255)), min_size=1, max_size=12)
        ):
            content[position] = value
        self.read_file(bytes(content))

    @steady
    @given(st.data())
    def test_mutated_parts_of_an_archive(self, data):
        stream = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(XLSX)) as source, zipfile.ZipFile(stream, "w") as target:
            names = source.namelist()
            chosen = data.draw(st.sampled_from(names))
            for name in names:
                part = bytearray(source.read(name))
                if name == chosen:
                    position = data.draw(st.integers(0, len(part) - 1))
                    length = data.draw(st.integers(0, 20))
                    part[position : position + length] = data.draw(st.binary(max_size=20))
                target.writestr(name, bytes(part))
        self.read_file(stream.getvalue())

    @steady
    @given(st.text(max_size=300))
    def test_any_text(self, text):
        self.read_file(text.encode("utf-8", "surrogatepass"), "list.csv")

    CELLS = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**12), 10**12),
        st.floats(-1e9, 1e9, allow_nan=False).map(lambda number: round(number, 4)),
        st.dates(date(1950, 1, 1), date(2100, 1, 1)),
        st.text(st.characters(codec="latin-1", categories=("L", "N", "P", "Zs")), min_size=1).filter(
            lambda text: not text.startswith(("=", "#")) and "_x" not in text
        ),
    )

    @short
    @given(st.lists(st.lists(CELLS, max_size=6), max_size=8), st.booleans())
    def test_what_was_written_is_read(self, rows, old):
        expected = []
        for row in rows:
            cells = [int(cell) if isinstance(cell, float) and cell.is_integer() else cell for cell in row]
            while cells and cells[-1] is None:
                cells.pop()
            expected.append(tuple(cells))
        while expected and not expected[-1]:
            expected.pop()
        sheet = self.read_file((make_xls if old else make_xlsx)({"A": rows}))
        if expected:
            self.assertEqual(sheet.rows, expected)
        else:
            self.assertIsNone(sheet)
