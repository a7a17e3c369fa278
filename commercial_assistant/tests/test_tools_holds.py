from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.commercial_assistant.tools.dunning import Hold
from odoo.addons.commercial_assistant.tools.holds import (
    Money,
    Promise,
    count_payments,
    find_outcome,
    pending_credit,
    spread,
    unheld,
)

from .test_tools_properties import steady

DAY = date(2026, 3, 10)
EUR, USD = 1, 2


def promise(number, amount, items=(), days=10, mark=0, currency=EUR):
    return Promise(
        id=number,
        currency_id=currency,
        amount=Decimal(amount),
        first_day=DAY,
        last_day=DAY + timedelta(days=days),
        mark=mark,
        item_ids=frozenset(items),
    )


def money(amount, item=None, days=5, number=100, currency=EUR):
    return Money(currency, Decimal(amount), DAY + timedelta(days=days), item, number)


@tagged("post_install", "-at_install")
class TestHoldTools(BaseCase):
    def _kept(self, promises, payments):
        return {
            number: (int(paid.kept), int(paid.unallocated))
            for number, paid in count_payments(promises, payments).items()
        }

    def test_unheld(self):
        for holds, expected in (
            ((), 100),
            ((Hold("disputed", Decimal(30)),), 70),
            ((Hold("disputed", Decimal(30)), Hold("promise", Decimal(80))), 0),
            ((Hold("handed_over"),), 0),
        ):
            self.assertEqual(unheld(Decimal(100), holds), expected)

    def test_spread(self):
        left = {1: Decimal(100), 2: Decimal(50), 3: Decimal(0)}
        self.assertEqual(spread(Decimal(120), (3, 1, 2, 9), left), {1: 100, 2: 20})
        self.assertEqual(left, {1: 0, 2: 30, 3: 0})

    def test_window_and_mark(self):
        for payment, expected in (
            (money(60, 7), 60),
            (money(60, 7, days=0), 60),
            (money(60, 7, days=10), 60),
            (money(60, 7, days=11), 0),  # too late
            (money(60, 7, days=-1), 0),  # before the promise
            (money(60, 7, number=50), 0),  # known when the promise was made
            (money(60, 7, number=51), 60),
            (money(60, 7, number=None), 60),  # under way
            (money(60, 8), 0),  # another invoice
            (money(60, 7, currency=USD), 0),
            (money(600, 7), 100),  # never more than was promised
        ):
            with self.subTest(payment=payment):
                paid = count_payments([promise(1, 100, (7,), mark=50)], [payment])
                self.assertEqual(paid[1].kept, expected)

    def test_unallocated_money_counts_once(self):
        payments = [money(60, 7), money(30)]
        self.assertEqual(self._kept([promise(1, 100, (7,)), promise(2, 100)], payments), {1: (90, 30), 2: (0, 0)})
        # the earlier promise comes first
        self.assertEqual(
            self._kept([promise(1, 100, (7,), days=20), promise(2, 100, days=9)], payments), {1: (60, 0), 2: (30, 30)}
        )

    def test_plain_promise_takes_any_invoice(self):
        self.assertEqual(self._kept([promise(1, 100)], [money(60, 7), money(10, 0), money(20, 8)]), {1: (90, 0)})

    def test_named_invoices_come_first(self):
        promises = [promise(1, 50, days=5), promise(2, 50, (7,), days=20)]
        self.assertEqual(self._kept(promises, [money(50, 7)]), {1: (0, 0), 2: (50, 0)})
        self.assertEqual(self._kept(promises, [money(80, 7)]), {1: (30, 0), 2: (50, 0)})

    def test_outcome(self):
        last = DAY
        for kept, still_open, day, expected in (
            (0, 100, DAY, "open"),
            (0, 100, DAY + timedelta(days=1), "broken"),
            (40, 60, DAY, "open"),
            (40, 60, DAY + timedelta(days=1), "partly"),
            (100, 0, DAY, "kept"),
            (100, 500, DAY + timedelta(days=9), "kept"),
            (40, 0, DAY, "kept"),  # the rest was credited: nothing more can be paid
            (0, 0, DAY, "void"),
            (0, 30, DAY + timedelta(days=1), "broken"),
        ):
            with self.subTest(kept=kept, still_open=still_open, day=day):
                outcome = find_outcome(Decimal(100), Decimal(kept), Decimal(still_open), last, day)
                self.assertEqual(outcome, expected)

    def test_pending_credit(self):
        accepted = {1: Decimal(100), 2: Decimal(50)}
        self.assertEqual(pending_credit(accepted, {}, Decimal(0)), accepted)
        self.assertEqual(pending_credit(accepted, {1: Decimal(30)}, Decimal(80)), {2: 40})
        self.assertEqual(pending_credit(accepted, {1: Decimal(500)}, Decimal(50)), {})

    # --- WHAT ALWAYS HOLDS ---

    @steady
    @given(
        st.lists(
            st.tuples(st.decimals("0.01", 1000, places=2), st.sets(st.integers(1, 4), max_size=3), st.integers(0, 20)),
            max_size=6,
        ),
        st.lists(
            st.tuples(st.decimals("0.01", 1000, places=2), st.sampled_from([None, 0, 1, 2, 3, 4]), st.integers(-2, 22)),
            max_size=8,
        ),
    )
    def test_no_money_counts_twice(self, promised, paid):
        promises = [promise(number, amount, items, days) for number, (amount, items, days) in enumerate(promised)]
        payments = [money(amount, item, days) for amount, item, days in paid]
        result = count_payments(promises, payments)
        self.assertLessEqual(sum(part.kept for part in result.values()), sum(part.amount for part in payments))
        self.assertLessEqual(
            sum(part.unallocated for part in result.values()),
            sum(part.amount for part in payments if part.item_id is None),
        )
        for one in promises:
            self.assertLessEqual(result[one.id].kept, one.amount)
            self.assertLessEqual(result[one.id].unallocated, result[one.id].kept)
        self.assertEqual(result, count_payments(promises[::-1], payments), "the order of reading decides nothing")
        more = count_payments(promises, [*payments, money(5, None, 0)])
        self.assertGreaterEqual(sum(p.kept for p in more.values()), sum(p.kept for p in result.values()))
