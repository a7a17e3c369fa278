from datetime import date, timedelta
from decimal import Decimal
from unittest import TestCase

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.commercial_assistant.tools import ageing, collection_work, payment_behaviour, receivable_kpi, statement

LIMITS = (30, 60, 90, 180)
DAY = date(2026, 6, 30)
days = st.integers(min_value=-400, max_value=4000)
money = st.decimals(min_value=0, max_value=10**7, places=2)
limits = st.lists(st.integers(min_value=1, max_value=1000), min_size=1, max_size=6, unique=True).map(sorted)


class TestAgeing(TestCase):
    def test_edges(self):
        for late, bucket in (
            (-5, 0),
            (0, 0),
            (1, 1),
            (30, 1),
            (31, 2),
            (60, 2),
            (61, 3),
            (90, 3),
            (91, 4),
            (180, 4),
            (181, 5),
            (4000, 5),
        ):
            with self.subTest(late=late):
                self.assertEqual(ageing.bucket_index(late, LIMITS), bucket)

    def test_bounds(self):
        self.assertEqual(ageing.bucket_bounds(LIMITS), [(None, 0), (1, 30), (31, 60), (61, 90), (91, 180), (181, None)])
        self.assertEqual(ageing.bucket_bounds((10,)), [(None, 0), (1, 10), (11, None)])

    def test_wrong_limits(self):
        for wrong in ((), (0, 30), (-1,), (30, 30), (60, 30)):
            with self.subTest(limits=wrong), self.assertRaises(ageing.LimitError):
                ageing.check_limits(wrong)

    def test_age(self):
        items = [(DAY, Decimal(10)), (DAY - timedelta(days=1), Decimal(5)), (DAY - timedelta(days=500), Decimal(-2))]
        self.assertEqual(ageing.age(items, DAY, LIMITS), [10, 5, 0, 0, 0, -2])
        self.assertEqual(ageing.age([], DAY, LIMITS), [0] * 6)

    @given(late=days, bounds=limits)
    def test_bucket_holds_its_day(self, late, bounds):
        start, end = ageing.bucket_bounds(bounds)[ageing.bucket_index(late, bounds)]
        self.assertTrue(start is None or late >= start)
        self.assertTrue(end is None or late <= end)

    @given(items=st.lists(st.tuples(days, money)), bounds=limits)
    def test_nothing_is_lost(self, items, bounds):
        dated = [(DAY - timedelta(days=late), amount) for late, amount in items]
        self.assertEqual(sum(ageing.age(dated, DAY, bounds)), sum(amount for _late, amount in items))


class TestStatement(TestCase):
    def _entry(self, late, amount, residual=None, currency=1, booked=None):
        due = DAY - timedelta(days=late)
        amount = Decimal(amount)
        return statement.Entry(currency, booked or due, due, amount, amount if residual is None else Decimal(residual))

    def test_open(self):
        entries = [
            self._entry(10, 100),
            self._entry(-5, 50),
            self._entry(40, -30),
            self._entry(3, 7, currency=2),
            self._entry(3, 7, residual=0),
        ]
        charges = [statement.Charge(1, Decimal(4))]
        sections = statement.open_sections(entries, charges, DAY, LIMITS)
        first = sections[1]
        self.assertEqual(
            (first.debts, first.credits, first.balance, first.charged, first.total), (150, -30, 120, 4, 124)
        )
        self.assertEqual((first.overdue, first.buckets), (100, [50, 100, 0, 0, 0, 0]))
        self.assertEqual([entry.amount for entry in first.entries], [-30, 100, 50], "by due date")
        self.assertEqual(sections[2].total, 7)

    def test_due_today_is_not_late(self):
        section = statement.open_sections([self._entry(0, 100)], [], DAY, LIMITS)[1]
        self.assertEqual((section.overdue, section.buckets[0]), (0, 100))

    def test_activity(self):
        still_open = statement.open_sections([self._entry(0, 100, residual=60)], [], DAY, LIMITS)
        moves = [self._entry(1, -40), self._entry(5, 90)]
        section = statement.activity_sections({1: Decimal(10)}, moves, still_open)[1]
        self.assertEqual([entry.balance for entry in section.entries], [100, 60])
        self.assertEqual((section.opening, section.balance), (10, 60))

    def test_activity_of_nothing(self):
        self.assertFalse(statement.activity_sections({1: Decimal()}, [], {}))
        self.assertTrue(statement.activity_sections({1: Decimal(5)}, [], {}), "an old balance is worth a line")

    @given(amounts=st.lists(st.integers(-100, 100).filter(bool), max_size=20), opening=st.integers(-100, 100))
    def test_balance_runs_from_opening_to_end(self, amounts, opening):
        moves = [self._entry(len(amounts) - place, amount) for place, amount in enumerate(amounts)]
        sections = statement.activity_sections({1: Decimal(opening)}, moves, {})
        if amounts:
            self.assertEqual(sections[1].entries[-1].balance, opening + sum(amounts))


class TestPaymentBehaviour(TestCase):
    def _score(self, **values):
        numbers = {
            name: Decimal(value) if name not in ("promises_due", "promises_kept") else value
            for name, value in values.items()
        }
        return payment_behaviour.score(payment_behaviour.Behaviour(**numbers))

    def test_nothing_known(self):
        self.assertIsNone(self._score())
        self.assertIsNone(self._score(promises_due=1))

    def test_prompt(self):
        score = self._score(settled=1000, settled_days=0)
        self.assertEqual((score.points, score.grade, score.delay), (100, "a", 0))

    def test_open_items_count(self):
        """One paid invoice does not make a good payer of somebody who leaves nine open."""
        paid_only = self._score(settled=100, settled_days=0)
        with_open = self._score(settled=100, settled_days=0, open_late=900, open_late_days=900 * 100)
        self.assertEqual(paid_only.points, 100)
        self.assertEqual(with_open.delay, 90)
        self.assertEqual((with_open.points, with_open.grade), (30, "d"))

    def test_promises(self):
        one_broken = self._score(settled=1, promises_due=1)
        many_broken = self._score(settled=1, promises_due=9)
        self.assertEqual((one_broken.lost_by_promises, many_broken.lost_by_promises), (10, 18))
        self.assertEqual(self._score(settled=1, promises_due=5, promises_kept=5).points, 100)

    def test_disputes(self):
        self.assertEqual(self._score(settled=1, claimed=100, disputed=50).lost_by_disputes, 5)
        self.assertEqual(self._score(settled=1, claimed=100, disputed=900).lost_by_disputes, 10)
        self.assertEqual(self._score(settled=1, disputed=900).lost_by_disputes, 0)

    def test_early_payment_earns_nothing(self):
        self.assertEqual(payment_behaviour.delay_sums([(Decimal(10), -30), (Decimal(10), 20)]), (20, 200))

    def test_rates(self):
        self.assertIsNone(payment_behaviour.kept_rate(0, 0))
        self.assertEqual(payment_behaviour.kept_rate(4, 3), Decimal("0.75"))

    @given(
        settled=money,
        late=st.integers(0, 500),
        still_open=money,
        age=st.integers(0, 500),
        due=st.integers(0, 30),
        kept=st.integers(0, 30),
        disputed=money,
    )
    @settings(deadline=None)
    def test_score_stays_in_its_range(self, settled, late, still_open, age, due, kept, disputed):
        score = self._score(
            settled=settled,
            settled_days=settled * late,
            open_late=still_open,
            open_late_days=still_open * age,
            promises_due=due,
            promises_kept=min(kept, due),
            claimed=settled + still_open,
            disputed=disputed,
        )
        if score is not None:
            self.assertTrue(0 <= score.points <= 100)
            self.assertTrue(0 <= score.delay <= 500)

    @given(settled=money.filter(bool), days=st.integers(0, 200), more=st.integers(1, 200))
    def test_later_is_never_better(self, settled, days, more):
        early = self._score(settled=settled, settled_days=settled * days)
        late = self._score(settled=settled, settled_days=settled * (days + more))
        self.assertGreaterEqual(early.points, late.points)


class TestCollectionWork(TestCase):
    def _action(self, code, on):
        return collection_work.Action(code, DAY + timedelta(days=on))

    def test_what_is_due_comes_first(self):
        chosen = collection_work.choose(
            [self._action("wait", -10), self._action("reminder_due", -3), self._action("promise_broken", 0)], DAY
        )
        self.assertEqual(chosen.code, "promise_broken")
        chosen = collection_work.choose([self._action("promise_broken", 1), self._action("reminder_due", 0)], DAY)
        self.assertEqual(chosen.code, "reminder_due")

    def test_else_what_comes_next(self):
        chosen = collection_work.choose([self._action("promise_due", 5), self._action("call_due", 2)], DAY)
        self.assertEqual(chosen.code, "call_due")
        self.assertEqual(collection_work.choose([self._action("wait", 0)], DAY).code, "wait")
        self.assertIsNone(collection_work.choose([], DAY))

    def test_priority(self):
        self.assertEqual(collection_work.priority(Decimal(0), 100, 3), 0)
        self.assertEqual(collection_work.priority(Decimal(-5), 100, 3), 0)
        base = collection_work.priority(Decimal(999), 0, 0)
        self.assertEqual(base, 3)
        self.assertEqual(collection_work.priority(Decimal(999), 90, 0), 6)
        self.assertEqual(collection_work.priority(Decimal(999), 90, 2), 12)

    @given(amount=money, more=money, late=st.integers(0, 900), broken=st.integers(0, 9))
    def test_priority_grows(self, amount, more, late, broken):
        low = collection_work.priority(amount, late, broken)
        self.assertLessEqual(low, collection_work.priority(amount + more, late, broken))
        self.assertLessEqual(low, collection_work.priority(amount, late + 1, broken))
        self.assertLessEqual(low, collection_work.priority(amount, late, broken + 1))

    @given(weights=st.lists(money, max_size=40), users=st.integers(1, 5))
    def test_share_out(self, weights, users):
        shared = collection_work.share_out(list(enumerate(weights)), range(users))
        self.assertEqual(set(shared), set(range(len(weights))))
        loads = [sum(weights[account] for account, user in shared.items() if user == one) for one in range(users)]
        self.assertLessEqual(max(loads) - min(loads), max(weights, default=0))

    def test_share_out_of_nothing(self):
        self.assertEqual(collection_work.share_out([(1, Decimal(5))], []), {})
        self.assertEqual(
            set(collection_work.share_out([(1, Decimal()), (2, Decimal())], [7, 8]).values()), {7, 8}, "by number then"
        )


class TestKpi(TestCase):
    MONTHS = [(30, Decimal(1000)), (31, Decimal(2000)), (30, Decimal(500))]

    def test_countback(self):
        for balance, expected in ((0, 0), (-5, 0), (500, 15), (1000, 30), (2000, 45.5), (3000, 61), (3500, 91)):
            with self.subTest(balance=balance):
                self.assertEqual(receivable_kpi.countback_days(Decimal(balance), self.MONTHS), Decimal(str(expected)))

    def test_countback_without_sales(self):
        self.assertIsNone(receivable_kpi.countback_days(Decimal(10), []))
        self.assertIsNone(receivable_kpi.countback_days(Decimal(10), [(30, Decimal())]))
        self.assertEqual(
            receivable_kpi.countback_days(Decimal(10), [(30, Decimal()), (31, Decimal(20))]), Decimal("45.5")
        )
        self.assertEqual(receivable_kpi.countback_days(Decimal(99999), self.MONTHS), 91, "not beyond what is known")

    def test_countback_skips_months_of_credit_notes(self):
        self.assertEqual(receivable_kpi.countback_days(Decimal(1000), [(30, Decimal(-500)), (30, Decimal(1000))]), 60)

    def test_delinquent(self):
        self.assertEqual(receivable_kpi.days_delinquent(Decimal(40), Decimal(25)), 15)
        self.assertEqual(receivable_kpi.days_delinquent(Decimal(25), Decimal(40)), 0)
        self.assertIsNone(receivable_kpi.days_delinquent(None, Decimal(1)))

    def test_collection(self):
        self.assertIsNone(receivable_kpi.collection_days([], []))
        self.assertEqual(receivable_kpi.collection_days([(Decimal(10), 30)], [(Decimal(30), 70)]), 60)

    def test_rate(self):
        self.assertIsNone(receivable_kpi.rate(3, 0))
        self.assertEqual(receivable_kpi.rate(3, 4), 75)

    @given(balance=money, more=money, sales=st.lists(st.tuples(st.integers(1, 31), money), min_size=1, max_size=12))
    def test_more_open_is_never_fewer_days(self, balance, more, sales):
        low, high = (receivable_kpi.countback_days(amount, sales) for amount in (balance, balance + more))
        if low is not None and high is not None:
            self.assertLessEqual(low, high)
            self.assertLessEqual(high, sum(length for length, _amount in sales))
