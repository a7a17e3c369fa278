from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.commercial_assistant.tools.complaint_amounts import share_out

steady = settings(
    max_examples=200, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
WEIGHTS = st.lists(st.floats(0, 1_000_000, allow_nan=False), min_size=1, max_size=8)


@tagged("post_install", "-at_install")
class TestComplaintAmounts(BaseCase):
    def test_examples(self):
        for amount, weights, digits, shares in (
            (10.0, [100.0, 50.0], 2, [6.67, 3.33]),
            (0.01, [1.0, 1.0], 2, [0.01, 0.0]),
            (100.0, [1.0, 1.0, 1.0], 2, [33.34, 33.33, 33.33]),
            (7.0, [0.0, 0.0], 2, [7.0, 0.0]),
            (1001.0, [1.0, 2.0], 0, [334.0, 667.0]),
            (0.0, [5.0], 2, [0.0]),
        ):
            with self.subTest(amount=amount, weights=weights):
                self.assertEqual(share_out(amount, weights, digits), shares)

    @steady
    @given(amount=st.decimals(0, 1_000_000, places=2), weights=WEIGHTS)
    def test_nothing_is_lost(self, amount, weights):
        shares = share_out(float(amount), weights)
        self.assertAlmostEqual(sum(shares), float(amount), places=4)
        self.assertTrue(all(share >= 0 for share in shares))
        self.assertEqual(len(shares), len(weights))
