from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from odoo.tests import BaseCase, tagged

from odoo.addons.commercial_assistant.tools.late_payment import (
    FreeTerm,
    MissingRateError,
    allocate_payment,
    business_due_date,
    consumer_interest_period,
    fixed_recovery_cost,
    free_term,
    interest_slices,
    late_interest,
    may_charge_reminder,
    round_half_up,
    tiered_amount,
)

CONSUMER_TIERS = [(0, 20, 0), (150, 30, 10), (500, 65, 5)]
DUTCH_TIERS = [(0, 0, 15), (2500, 375, 10), (5000, 625, 5), (10000, 875, 1), (200000, 2775, "0.5")]
BUSINESS_RATES = [
    (date(2022, 7, 1), 8),
    (date(2023, 1, 1), "10.5"),
    (date(2023, 7, 1), 12),
    (date(2024, 1, 1), "12.5"),
    (date(2024, 7, 1), "12.5"),
    (date(2025, 1, 1), "11.5"),
    (date(2025, 7, 1), "10.5"),
    (date(2026, 1, 1), "10.5"),
    (date(2026, 7, 1), None),
]


def business_interest(principal, due, paid, **options):
    return late_interest([(due, principal)], BUSINESS_RATES, due + timedelta(days=1), paid, **options)


@tagged("post_install", "-at_install")
class TestFreeTerm(BaseCase):
    def test_vectors(self):
        table = [
            ("T1", date(2026, 3, 2), "electronic", date(2026, 3, 3), date(2026, 3, 16), date(2026, 3, 17)),
            ("T2", date(2026, 4, 2), "post", date(2026, 4, 8), date(2026, 4, 21), date(2026, 4, 22)),
            ("T3", date(2026, 11, 5), "post", date(2026, 11, 10), date(2026, 11, 23), date(2026, 11, 24)),
            ("T4", date(2026, 11, 23), "electronic", date(2026, 11, 24), date(2026, 12, 7), date(2026, 12, 8)),
            ("T5", date(2026, 12, 23), "post", date(2026, 12, 29), date(2027, 1, 11), date(2027, 1, 12)),
            ("T6", date(2026, 11, 7), "electronic", date(2026, 11, 8), date(2026, 11, 21), date(2026, 11, 22)),
        ]
        for vector, sent_on, channel, *expected in table:
            with self.subTest(vector):
                self.assertEqual(free_term(sent_on, channel), FreeTerm(*expected))

    def test_t6_rolled(self):
        term = free_term(date(2026, 11, 7), "electronic", roll=True)
        self.assertEqual(term, FreeTerm(date(2026, 11, 8), date(2026, 11, 23), date(2026, 11, 24)))

    def test_safety_options(self):
        sent_on = date(2026, 11, 5)
        table = [
            ({"extra_days": 1}, date(2026, 11, 10), date(2026, 11, 24)),
            ({"saturday": True}, date(2026, 11, 9), date(2026, 11, 22)),
            # rolling knows no working Saturday: Sunday 22 becomes Monday 23
            ({"saturday": True, "roll": True}, date(2026, 11, 9), date(2026, 11, 23)),
            ({"wait_days": 30}, date(2026, 11, 10), date(2026, 12, 9)),
            ({"post_start_workday": 1}, date(2026, 11, 6), date(2026, 11, 19)),
            ({"country": "NL"}, date(2026, 11, 10), date(2026, 11, 23)),
        ]
        for options, start, last_free_day in table:
            with self.subTest(options=options):
                term = free_term(sent_on, "post", **options)
                self.assertEqual(term, FreeTerm(start, last_free_day, last_free_day + timedelta(days=1)))

    def test_rolled_over_a_holiday(self):
        # the last day would be Ascension Day, Thursday 14 May 2026
        self.assertEqual(free_term(date(2026, 4, 30), "electronic", roll=True).last_free_day, date(2026, 5, 15))
        self.assertEqual(free_term(date(2026, 4, 30), "electronic").last_free_day, date(2026, 5, 14))

    def test_bad_arguments(self):
        with self.assertRaisesRegex(ValueError, "pigeon"):
            free_term(date(2026, 3, 2), "pigeon")
        with self.assertRaisesRegex(ValueError, "negative"):
            free_term(date(2026, 3, 2), "post", wait_days=-1)


@tagged("post_install", "-at_install")
class TestReminderCost(BaseCase):
    def test_t7_fourth_unpaid_due_date_of_the_year(self):
        unpaid = [date(2026, 1, 31), date(2026, 2, 28), date(2026, 4, 30), date(2026, 7, 31)]
        self.assertEqual([may_charge_reminder(unpaid, day) for day in unpaid], [False, False, False, True])

    def test_each_year_starts_anew(self):
        unpaid = [date(2025, month, 28) for month in (9, 10, 11, 12)]
        self.assertTrue(may_charge_reminder(unpaid, date(2025, 12, 28)))
        self.assertFalse(may_charge_reminder(unpaid, date(2026, 1, 28)))

    def test_one_due_date_counts_once(self):
        self.assertFalse(may_charge_reminder([date(2026, 1, 31)] * 5, date(2026, 2, 28)))


@tagged("post_install", "-at_install")
class TestTieredAmount(BaseCase):
    def test_consumer_indemnity(self):
        table = [
            ("T8", "100.00", "20.00"),
            ("T9", "150.00", "20.00"),
            ("T10", "150.01", "30.00"),
            ("T11", "215.00", "36.50"),
            ("T12", "400.00", "55.00"),
            ("T13", "500.00", "65.00"),
            ("T14", "500.01", "65.00"),
            ("T15", "1000.00", "90.00"),
            ("T16", "1210.00", "100.50"),
            ("T17", "39200", "2000.00"),
            ("T17", "50000", "2000.00"),
            ("one cent", "0.01", "20.00"),
            ("half a cent up", "150.05", "30.01"),
        ]
        for vector, balance, expected in table:
            for value in (balance, Decimal(balance), float(balance)):
                with self.subTest(vector, value=value):
                    self.assertEqual(tiered_amount(value, CONSUMER_TIERS, maximum=2000), Decimal(expected))

    def test_t30_dutch_collection_costs(self):
        table = [
            (100, 40),
            (1000, 150),
            (3000, 425),
            (10000, 875),
            (200000, 2775),
            (1000000, 6775),
            (2000000, 6775),
        ]
        for balance, expected in table:
            with self.subTest("T30", balance=balance):
                self.assertEqual(tiered_amount(balance, DUTCH_TIERS, minimum=40, maximum=6775), expected)

    def test_nothing_open_costs_nothing(self):
        for balance in (0, "-12.50"):
            with self.subTest(balance=balance):
                self.assertEqual(tiered_amount(balance, DUTCH_TIERS, minimum=40, maximum=6775), 0)
        self.assertEqual(tiered_amount(100, []), 0)

    def test_order_of_the_tiers_does_not_matter(self):
        self.assertEqual(tiered_amount(1210, CONSUMER_TIERS[::-1]), Decimal("100.50"))


@tagged("post_install", "-at_install")
class TestLateInterest(BaseCase):
    def test_business_vectors(self):
        table = [
            ("T21", 1210, date(2025, 5, 15), date(2025, 9, 20), [(46, "11.5"), (82, "10.5")], "46.08", "86.08"),
            ("T22", 1000, date(2026, 3, 31), date(2026, 4, 30), [(30, "10.5")], "8.63", "48.63"),
            (
                "T23",
                5000,
                date(2022, 12, 1),
                date(2023, 8, 31),
                [(30, "8"), (181, "10.5"), (62, "12")],
                "395.14",
                "435.14",
            ),
            ("T24", 2420, date(2024, 6, 30), date(2024, 7, 1), [(1, "12.5")], "0.83", "40.83"),
            ("T25", 1000, date(2023, 12, 31), date(2024, 12, 31), [(182, "12.5"), (184, "12.5")], "125.34", "165.34"),
        ]
        for vector, principal, due, paid, slices, interest, with_cost in table:
            with self.subTest(vector):
                result = business_interest(principal, due, paid)
                self.assertEqual(result, Decimal(interest))
                self.assertEqual(result + fixed_recovery_cost(1, 40), Decimal(with_cost))
                pieces = interest_slices([(due, principal)], BUSINESS_RATES, due + timedelta(days=1), paid)
                self.assertEqual(
                    [(piece.days, piece.percent) for piece in pieces],
                    [(days, Decimal(percent)) for days, percent in slices],
                )

    def test_t26_fixed_cost_for_each_invoice(self):
        self.assertEqual(fixed_recovery_cost(3, 40), Decimal("120.00"))

    def test_t27_unwritten_term(self):
        received_on = date(2026, 4, 1)
        self.assertEqual(business_due_date(received_on, 90), date(2026, 5, 1))
        self.assertEqual(business_due_date(received_on), date(2026, 5, 1))
        self.assertEqual(business_due_date(received_on, 60), date(2026, 5, 31))
        self.assertEqual(business_due_date(received_on, 0), received_on)
        # interest from 2 May: one day on 2 May, none on 1 May
        self.assertEqual(business_interest(36500, date(2026, 5, 1), date(2026, 5, 1)), 0)
        self.assertEqual(business_interest(36500, date(2026, 5, 1), date(2026, 5, 2)), Decimal("10.50"))

    def test_consumer_vectors(self):
        sent_on = date(2026, 3, 2)
        term = free_term(sent_on, "electronic")
        table = [
            ("T18", date(2026, 3, 31), True, (date(2026, 3, 3), date(2026, 3, 31)), "10.09"),
            ("T19", date(2026, 3, 31), False, (date(2026, 3, 17), date(2026, 3, 31)), "5.22"),
            ("T20", date(2026, 3, 16), True, None, None),
            ("T20", date(2026, 3, 16), False, None, None),
        ]
        for vector, paid, small_company, expected, interest in table:
            with self.subTest(vector, small_company=small_company):
                period = consumer_interest_period(sent_on, term, paid, small_company)
                self.assertEqual(period, expected)
                if period:
                    self.assertEqual(late_interest([(sent_on, 1210)], BUSINESS_RATES, *period), Decimal(interest))
        self.assertEqual(tiered_amount(0, CONSUMER_TIERS, maximum=2000), 0)

    def test_t31_dutch_rate(self):
        start = date(2026, 1, 1)
        result = late_interest([(start, 5000)], [(start, "10.15")], start, start + timedelta(days=89))
        self.assertEqual(result, Decimal("125.14"))

    def test_partial_payment(self):
        # 1 000 due on 31 March, 400 paid on 10 April: ten days on 1 000, twenty on 600
        steps = [(date(2026, 3, 31), 1000), (date(2026, 4, 11), 600)]
        pieces = interest_slices(steps, BUSINESS_RATES, date(2026, 4, 1), date(2026, 4, 30))
        self.assertEqual([(piece.days, piece.principal) for piece in pieces], [(10, 1000), (20, 600)])
        # 2.8767… + 3.4520… is rounded once: 6.33, while the rounded parts give 2.88 + 3.45
        self.assertEqual(sum(piece.exact for piece in pieces), Fraction("10.5") * (10000 + 12000) / 36500)
        self.assertEqual(late_interest(steps, BUSINESS_RATES, date(2026, 4, 1), date(2026, 4, 30)), Decimal("6.33"))

    def test_rounded_once(self):
        # three slices of 0.00333… each: rounded one by one they would vanish
        start = date(2026, 1, 1)
        rates = [(start + timedelta(days=number), "1.21667") for number in range(3)]
        self.assertEqual(late_interest([(start, 100)], rates, start, start + timedelta(days=2)), Decimal("0.01"))

    def test_half_up(self):
        table = [("0.005", "0.01"), ("0.015", "0.02"), ("2.675", "2.68"), ("-0.005", "-0.01"), (1.005, "1.01")]
        for value, expected in table:
            with self.subTest(value=value):
                self.assertEqual(round_half_up(value), Decimal(expected))
        self.assertEqual(str(round_half_up("-0.001")), "0.00")
        self.assertEqual(round_half_up("12.34", "0.05"), Decimal("12.35"))
        self.assertEqual(round_half_up("12.5", 1), Decimal(13))

    def test_settled_debt_needs_no_rate(self):
        steps = [(date(2026, 5, 1), 100), (date(2026, 7, 1), 0)]
        self.assertEqual(late_interest(steps, BUSINESS_RATES, date(2026, 6, 1), date(2026, 12, 31)), Decimal("0.86"))

    def test_missing_rate(self):
        table = [
            # unknown from a day on
            (date(2026, 6, 1), date(2026, 9, 30), date(2026, 7, 1), date(2026, 9, 30)),
            (date(2026, 8, 1), date(2026, 8, 31), date(2026, 8, 1), date(2026, 8, 31)),
            # before the first known rate
            (date(2022, 6, 1), date(2022, 8, 1), date(2022, 6, 1), date(2022, 6, 30)),
        ]
        for start, end, missing_start, missing_end in table:
            with self.subTest(start=start), self.assertRaises(MissingRateError) as caught:
                late_interest([(date(2022, 1, 1), 100)], BUSINESS_RATES, start, end)
            self.assertEqual((caught.exception.start, caught.exception.end), (missing_start, missing_end))
            self.assertIn(str(missing_start), str(caught.exception))
        with self.assertRaises(MissingRateError):
            late_interest([(date(2026, 1, 1), 100)], [], date(2026, 1, 1), date(2026, 1, 1))

    def test_day_base(self):
        start, end = date(2024, 12, 31), date(2025, 1, 1)
        pieces = interest_slices([(start, 1000)], BUSINESS_RATES, start, end, "actual")
        self.assertEqual([piece.day_base for piece in pieces], [366, 365])
        self.assertEqual(business_interest(1000, date(2023, 12, 31), date(2024, 12, 31), day_base="actual"), 125)
        self.assertEqual(
            business_interest(1000, date(2023, 12, 31), date(2024, 12, 31), day_base=360), Decimal("127.08")
        )
        for base in (0, -365, "365", None):
            with self.subTest(base=base), self.assertRaises(ValueError):
                business_interest(1000, date(2025, 1, 1), date(2025, 2, 1), day_base=base)

    def test_bad_arguments(self):
        day = date(2026, 1, 1)
        with self.assertRaisesRegex(ValueError, "negative"):
            late_interest([(day, -1)], BUSINESS_RATES, day, day)
        with self.assertRaisesRegex(ValueError, "Two different rates"):
            late_interest([(day, 1)], [(day, 8), (day, 9)], day, day)
        with self.assertRaisesRegex(ValueError, "not an amount"):
            late_interest([(day, float("nan"))], BUSINESS_RATES, day, day)

    def test_nothing_to_charge(self):
        day = date(2026, 1, 1)
        self.assertEqual(late_interest([], BUSINESS_RATES, day, day), 0)
        self.assertEqual(late_interest([(day, 100)], BUSINESS_RATES, day, day - timedelta(days=1)), 0)
        self.assertEqual(late_interest([(day + timedelta(days=1), 100)], BUSINESS_RATES, day, day), 0)


@tagged("post_install", "-at_install")
class TestAllocatePayment(BaseCase):
    def test_t28(self):
        claim = {"principal": 1000, "interest": 30, "costs": 40}
        result = allocate_payment(claim, 500)
        self.assertEqual(result, {"costs": 40, "interest": 30, "principal": 430, "rest": 0})
        self.assertEqual(claim["principal"] - result["principal"], 570)

    def test_orders(self):
        claim = {"principal": 1000, "interest": 30, "costs": 40}
        table = [
            (("principal", "interest", "costs"), 500, (500, 0, 0, 0)),
            (("principal", "interest", "costs"), 1020, (1000, 20, 0, 0)),
            (("interest", "principal", "costs"), 500, (470, 30, 0, 0)),
            (("costs", "interest", "principal"), 0, (0, 0, 0, 0)),
            (("costs", "interest", "principal"), 35, (0, 0, 35, 0)),
            (("costs", "interest", "principal"), "1070.25", (1000, 30, 40, Decimal("0.25"))),
        ]
        for order, amount, expected in table:
            with self.subTest(order=order, amount=amount):
                result = allocate_payment(claim, amount, order)
                self.assertEqual(tuple(result[part] for part in ("principal", "interest", "costs", "rest")), expected)

    def test_bad_arguments(self):
        with self.assertRaisesRegex(ValueError, "negative"):
            allocate_payment({"principal": 10}, -1)
        with self.assertRaisesRegex(ValueError, "negative"):
            allocate_payment({"principal": -10}, 1)
        with self.assertRaisesRegex(ValueError, "costs"):
            allocate_payment({"principal": 10, "costs": 5}, 1, ("interest", "principal"))
        with self.assertRaisesRegex(ValueError, "once"):
            allocate_payment({"principal": 10}, 1, ("principal", "principal"))
        # a part that is not open need not be named
        self.assertEqual(
            allocate_payment({"principal": 10, "costs": 0}, 1, ("principal",)), {"principal": 1, "rest": 0}
        )
