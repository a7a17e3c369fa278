from datetime import date
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.commercial_assistant.tools.allocation import (
    COSTS_FIRST,
    PRINCIPAL_FIRST,
    Debt,
    allocate_over_debts,
    order_debts,
    spread,
)

steady = settings(
    max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
AMOUNTS = st.decimals(0, 10_000, places=2)
DAY = date(2026, 4, 25)
CLAIMS = st.fixed_dictionaries({"costs": AMOUNTS, "interest": AMOUNTS, "principal": AMOUNTS})
DEBTS = st.lists(
    st.builds(
        Debt,
        key=st.uuids(),
        date_due=st.dates(date(2025, 1, 1), date(2026, 12, 31)),
        claim=CLAIMS,
        is_named=st.booleans(),
        bears_interest=st.booleans(),
    ),
    max_size=6,
)


def debt(key, due, principal=100, **values):
    return Debt(key, date.fromisoformat(due), {"principal": Decimal(principal)}, **values)


@tagged("post_install", "-at_install")
class TestAllocation(BaseCase):
    def test_order_of_debts(self):
        for expected, *debts in (
            ("ab", debt("b", "2026-03-01"), debt("a", "2026-02-01")),
            ("ba", debt("a", "2026-02-01"), debt("b", "2026-03-01", is_named=True)),
            ("ba", debt("a", "2026-02-01"), debt("b", "2026-03-01", bears_interest=True)),
            ("ba", debt("a", "2026-05-01", bears_interest=True), debt("b", "2026-04-25")),
            ("ab", debt("a", "2026-05-01", is_named=True), debt("b", "2026-04-25")),
        ):
            self.assertEqual("".join(one.key for one in order_debts(debts, DAY)), expected)

    def test_t28(self):
        claim = {"costs": Decimal(40), "interest": Decimal(30), "principal": Decimal(1000)}
        one = Debt("one", date(2026, 3, 1), claim)
        for order, expected in (
            (COSTS_FIRST, {"costs": 40, "interest": 30, "principal": 430}),
            (PRINCIPAL_FIRST, {"principal": 500, "interest": 0, "costs": 0}),
        ):
            shares, rest = allocate_over_debts([one], Decimal(500), order, DAY)
            self.assertEqual((shares["one"], rest), (expected, 0))

    @steady
    @given(DEBTS, AMOUNTS, st.sampled_from([COSTS_FIRST, PRINCIPAL_FIRST]))
    def test_nothing_is_lost(self, debts, amount, order):
        shares, rest = allocate_over_debts(debts, amount, order, DAY)
        self.assertEqual(sum(sum(share.values()) for share in shares.values()) + rest, amount)
        for one in debts:
            for part, share in shares[one.key].items():
                self.assertTrue(0 <= share <= one.claim[part])
        # a debt receives something only when all before it are settled
        settled = True
        for one in order_debts(debts, DAY):
            if any(shares[one.key].values()):
                self.assertTrue(settled)
            settled = settled and shares[one.key] == dict(one.claim)

    @steady
    @given(st.lists(AMOUNTS, max_size=6), AMOUNTS)
    def test_spread(self, capacities, amount):
        parts = spread(capacities, amount)
        self.assertEqual(sum(parts), min(amount, sum(capacities)))
        self.assertTrue(all(0 <= part <= capacity for part, capacity in zip(parts, capacities, strict=True)))
