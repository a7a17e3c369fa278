from datetime import date
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.commercial_assistant.tools.complaint_figures import (
    bar_lengths,
    mean,
    month_bounds,
    percentage,
    previous_month,
    share_amount,
)

CENT = Decimal("0.01")
cents = st.integers(0, 10**9).map(lambda number: number * CENT)


@tagged("post_install", "-at_install")
class TestComplaintFigures(BaseCase):
    def test_an_amount_is_shared_to_the_last_cent(self):
        for amount, weights, expected in (
            ("100", ["1", "1"], ["50", "50"]),
            ("100", ["1", "1", "1"], ["33.34", "33.33", "33.33"]),
            ("0.01", ["1", "2", "1"], ["0", "0.01", "0"]),
            ("10", ["0", "5"], ["0", "10"]),
            ("10", ["0", "0"], ["5", "5"]),
            ("0", ["3", "4"], ["0", "0"]),
            ("7", [], []),
        ):
            with self.subTest(amount=amount, weights=weights):
                parts = share_amount(Decimal(amount), [Decimal(weight) for weight in weights])
                self.assertEqual(parts, [Decimal(part) for part in expected])

    def test_currencies_without_cents(self):
        self.assertEqual(share_amount(Decimal(5), [Decimal(1), Decimal(1)], Decimal(1)), [Decimal(3), Decimal(2)])

    def test_negative_input_is_refused(self):
        for amount, weights in ((Decimal(-1), [Decimal(1)]), (Decimal(1), [Decimal(-1)])):
            with self.subTest(amount=amount), self.assertRaises(ValueError):
                share_amount(amount, weights)

    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(cents, st.lists(cents, min_size=1, max_size=20))
    def test_shares_add_up_and_are_fair(self, amount, weights):
        parts = share_amount(amount, weights)
        self.assertEqual(sum(parts), amount)
        total = sum(weights)
        for part, weight in zip(parts, weights, strict=True):
            self.assertGreaterEqual(part, 0)
            exact = amount * weight / total if total else amount / len(weights)
            self.assertLessEqual(abs(part - exact), CENT)

    def test_months(self):
        self.assertEqual(month_bounds(date(2028, 2, 10)), (date(2028, 2, 1), date(2028, 2, 29)))
        self.assertEqual(previous_month(date(2026, 1, 31)), date(2025, 12, 1))
        self.assertEqual(previous_month(date(2026, 3, 31)), date(2026, 2, 1))

    def test_shares_and_means_of_nothing(self):
        self.assertIsNone(percentage(0, 0))
        self.assertIsNone(mean(0.0, 0))
        self.assertEqual(percentage(1, 3), 33.3)
        self.assertEqual(mean(7.0, 2), 3.5)

    def test_bars(self):
        self.assertEqual(bar_lengths([]), [])
        self.assertEqual(bar_lengths([0, 0]), [0.0, 0.0])
        self.assertEqual(bar_lengths([1, 4, -2]), [25.0, 100.0, 0.0])
