from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.commercial_assistant.tests.test_tools_properties import short, steady
from odoo.addons.commercial_assistant.tools.late_payment import late_interest
from odoo.addons.commercial_assistant.tools.payment_plan import (
    ACTIVE,
    BROKEN,
    KEPT,
    MAX_INSTALMENTS,
    RHYTHMS,
    Covered,
    Instalment,
    Payment,
    PlanError,
    allocate,
    check_plan,
    instalment_dates,
    judge,
    make_plan,
    month_later,
    overdue_interest,
    settle,
    split_amount,
)
from odoo.addons.commercial_assistant.tools.working_days import is_working_day

D = Decimal
DAYS = st.dates(date(2024, 1, 1), date(2028, 12, 31))
CENTS = st.decimals(0, 5000, places=2)
POSITIVE = st.decimals("0.01", 50_000, places=2)
PLANS = st.builds(
    lambda first, amounts, step: [
        Instalment(first + timedelta(days=step * number), amount) for number, amount in enumerate(amounts)
    ],
    DAYS,
    st.lists(st.decimals("0.01", 500, places=2), min_size=1, max_size=8),
    st.integers(1, 40),
)
PAYMENTS = st.lists(st.builds(Payment, DAYS, st.decimals("0.01", 900, places=2)), max_size=6)


@tagged("post_install", "-at_install")
class TestMakePlan(BaseCase):
    def _refused(self, code, method, *args, **kwargs):
        with self.assertRaises(PlanError) as caught:
            method(*args, **kwargs)
        self.assertEqual(caught.exception.code, code)
        return caught.exception.values

    def test_number(self):
        for total, number, amounts in (
            ("1000", 4, ["250"] * 4),
            ("1000", 3, ["333.33", "333.33", "333.34"]),
            ("0.05", 2, ["0.02", "0.03"]),
            ("1210.50", 1, ["1210.50"]),
            ("100", 7, ["14.28"] * 6 + ["14.32"]),
        ):
            with self.subTest(total=total, number=number):
                self.assertEqual(split_amount(D(total), number=number), [D(amount) for amount in amounts])

    def test_amount_of_each(self):
        for total, each, minimum, amounts in (
            ("1000", "250", "0", ["250"] * 4),
            ("1000", "300", "0", ["300", "300", "300", "100"]),
            ("1000", "300", "150", ["300", "300", "400"]),
            ("1000", "300", "100", ["300", "300", "300", "100"]),
            ("1000", "2000", "0", ["1000"]),
            ("20", "25", "25", ["20"]),
            ("100.01", "50.009", "0", ["50", "50", "0.01"]),
        ):
            with self.subTest(total=total, each=each, minimum=minimum):
                amounts = [D(amount) for amount in amounts]
                self.assertEqual(split_amount(D(total), each=D(each), minimum=D(minimum)), amounts)

    def test_currency_without_cents(self):
        self.assertEqual(split_amount(D(1000), number=3, unit=D(1)), [D(333), D(333), D(334)])
        self.assertEqual(split_amount(D("10.00"), number=3, unit=D("0.05")), [D("3.30"), D("3.30"), D("3.40")])

    def test_refused_amounts(self):
        self._refused("amount", split_amount, D(0), number=2)
        self._refused("amount", split_amount, D(-5), number=2)
        self._refused("amount", split_amount, D(100), each=D("0.001"))
        self._refused("number", split_amount, D(100))
        self._refused("number", split_amount, D(100), number=2, each=D(50))
        self._refused("number", split_amount, D(100), number=0)
        self._refused("too_many", split_amount, D(100), number=MAX_INSTALMENTS + 1)
        self._refused("too_many", split_amount, D(1000), each=D(1))
        self._refused("minimum", split_amount, D("0.02"), number=3)
        self._refused("minimum", split_amount, D(100), each=D(10), minimum=D(25))
        values = self._refused("minimum", split_amount, D(100), number=5, minimum=D(25))
        self.assertEqual(values, {"amount": D(20), "minimum": D(25)})

    def test_end_of_month(self):
        self.assertEqual(
            instalment_dates(date(2026, 1, 31), 5),
            [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31)],
        )
        self.assertEqual(month_later(date(2027, 12, 30), 2), date(2028, 2, 29))
        self.assertEqual(month_later(date(2026, 11, 5), 14), date(2028, 1, 5))

    def test_rhythms(self):
        first = date(2026, 11, 27)
        self.assertEqual(instalment_dates(first, 3, "weekly"), [first, date(2026, 12, 4), date(2026, 12, 11)])
        self.assertEqual(instalment_dates(first, 3, "days", 10), [first, date(2026, 12, 7), date(2026, 12, 17)])
        self._refused("rhythm", instalment_dates, first, 3, "days")
        self._refused("rhythm", instalment_dates, first, 3, "daily")
        self._refused("number", instalment_dates, first, 0)
        self._refused("too_many", instalment_dates, first, MAX_INSTALMENTS + 1)

    def test_working_days(self):
        # Friday 25 December 2026 is a holiday; 26 and 27 December are a weekend
        self.assertEqual(
            instalment_dates(date(2026, 12, 24), 4, "days", 1, "BE"),
            [date(2026, 12, 24), date(2026, 12, 28), date(2026, 12, 29), date(2026, 12, 30)],
        )
        self.assertEqual(instalment_dates(date(2026, 5, 1), 2, working_days_in="BE")[0], date(2026, 5, 4))

    @steady
    @given(POSITIVE, st.integers(1, MAX_INSTALMENTS), st.sampled_from([D("0.01"), D("0.05"), D(1)]))
    def test_split_is_exact(self, total, number, unit):
        total = (total / unit).to_integral_value() * unit
        try:
            amounts = split_amount(total, number=number, unit=unit)
        except PlanError as error:
            self.assertIn(error.code, ("amount", "minimum"))
            self.assertLess(total, unit * number)
            return
        self.assertEqual(sum(amounts), total)
        self.assertEqual(len(amounts), number)
        self.assertEqual(len(set(amounts[:-1])), min(number - 1, 1))
        self.assertTrue(all(amount > 0 and amount % unit == 0 for amount in amounts))
        self.assertTrue(0 <= amounts[-1] - amounts[0] < unit * number)

    @steady
    @given(POSITIVE, POSITIVE, CENTS)
    def test_split_by_amount_is_exact(self, total, each, minimum):
        try:
            amounts = split_amount(total, each=each, minimum=minimum)
        except PlanError as error:
            self.assertIn(error.code, ("minimum", "too_many"))
            return
        self.assertEqual(sum(amounts), total)
        self.assertTrue(all(amount == each for amount in amounts[:-1]))
        if len(amounts) > 1:
            self.assertGreaterEqual(min(amounts), minimum)
            self.assertLess(amounts[-1], each + max(minimum, each))

    @short
    @given(DAYS, st.integers(1, 60), st.sampled_from(RHYTHMS), st.integers(1, 60), st.sampled_from([None, "BE", "NL"]))
    def test_days_ascend(self, first, count, rhythm, every, country):
        days = instalment_dates(first, count, rhythm, every, country)
        self.assertEqual(len(days), count)
        self.assertEqual(days, sorted(set(days)))
        self.assertGreaterEqual(days[0], first)
        if country:
            self.assertTrue(all(is_working_day(day, country) for day in days))
        elif rhythm == "monthly":
            self.assertTrue(all((day + timedelta(days=1)).day == 1 or day.day == first.day for day in days))

    @short
    @given(POSITIVE, DAYS, st.integers(1, 40))
    def test_what_is_made_is_accepted(self, total, first, number):
        if total < D("0.01") * number:
            return
        plan = make_plan(total, first, number=number)
        check_plan(plan, total, first, plan[-1].date)
        self._refused("sum", check_plan, plan, total + 1)
        self._refused("past", check_plan, plan, total, first + timedelta(days=1))
        self._refused("too_late", check_plan, plan, total, first, plan[-1].date - timedelta(days=1))

    def test_check(self):
        plan = make_plan(D(300), date(2026, 12, 1), number=3)
        self._refused("empty", check_plan, [], D(0))
        self._refused("order", check_plan, [plan[0], plan[0]], D(200))
        self._refused("order", check_plan, [plan[1], plan[0]], D(200))
        values = self._refused("amount", check_plan, [plan[0], Instalment(date(2027, 1, 1), D(0))], D(100))
        self.assertEqual(values, {"number": 2})
        values = self._refused("sum", check_plan, plan, D("300.01"))
        self.assertEqual(values["difference"], D("0.01"))


@tagged("post_install", "-at_install")
class TestFollowPlan(BaseCase):
    plan = [Instalment(date(2026, month, 5), D(100)) for month in (1, 2, 3)]

    def _judge(self, payments, day, **kwargs):
        payments = [Payment(date.fromisoformat(on), D(amount)) for on, amount in payments]
        return judge(self.plan, payments, date.fromisoformat(day), break_days=10, **kwargs)

    def test_oldest_first(self):
        shares, over = allocate(self.plan, [Payment(date(2026, 2, 1), D(130)), Payment(date(2026, 1, 3), D(50))])
        self.assertEqual([share.paid for share in shares], [100, 80, 0])
        self.assertEqual(shares[0].paid_on, date(2026, 2, 1))
        self.assertIsNone(shares[1].paid_on)
        self.assertEqual(over, 0)

    def test_one_payment_for_several_and_too_much(self):
        shares, over = allocate(self.plan, [Payment(date(2026, 1, 5), D(350))])
        self.assertEqual([share.open for share in shares], [0, 0, 0])
        self.assertEqual(over, 50)

    def test_credit_shortens_the_end(self):
        shares, over = allocate(self.plan, [Payment(date(2026, 1, 5), D(120))], D(130))
        self.assertEqual([share.credited for share in shares], [0, 30, 100])
        self.assertEqual([share.open for share in shares], [0, 50, 0])
        self.assertEqual(over, 0)
        _shares, over = allocate(self.plan, [Payment(date(2026, 1, 5), D(120))], D(200))
        self.assertEqual(over, 20)

    def test_good_standing(self):
        standing = self._judge([("2026-01-05", 100), ("2026-02-07", 40)], "2026-02-15")
        self.assertEqual(standing.state, ACTIVE)
        self.assertEqual(standing.states, ["paid", "late", "due"])
        self.assertEqual(self._judge([("2026-01-05", 140)], "2026-02-05").states, ["paid", "partly", "due"])
        self.assertEqual((standing.paid, standing.open), (140, 160))

    def test_break(self):
        self.assertEqual(self._judge([], "2026-01-15").state, ACTIVE, "the last day still holds")
        broken = self._judge([], "2026-01-16")
        self.assertEqual((broken.state, broken.broken_on), (BROKEN, date(2026, 1, 16)))
        # the first missed day counts, however late somebody looks
        self.assertEqual(self._judge([], "2026-09-01").broken_on, date(2026, 1, 16))
        self.assertEqual(self._judge([("2026-01-05", 99.99)], "2026-01-16").state, BROKEN)

    def test_paid_before_anybody_looked(self):
        late = [("2026-01-20", 100)]
        self.assertEqual(self._judge(late, "2026-01-21").state, ACTIVE)
        self.assertEqual(self._judge(late, "2026-01-21", was_broken=True).state, BROKEN, "broken stays broken")

    def test_money_that_had_come_in_time(self):
        """Booked later, but received before the break: the plan was never broken."""
        self.assertEqual(self._judge([("2026-01-15", 100)], "2026-01-30", was_broken=True).state, ACTIVE)
        self.assertEqual(self._judge([("2026-01-16", 100)], "2026-01-30", was_broken=True).state, BROKEN)

    def test_forgiven(self):
        forgiven = date(2026, 1, 20)
        standing = self._judge([], "2026-01-21", was_broken=True, forgiven_until=forgiven)
        self.assertEqual((standing.state, standing.states), (ACTIVE, ["late", "due", "due"]))
        # money goes to the oldest instalment, so the next one breaks the plan again
        again = self._judge([("2026-02-05", 100)], "2026-02-16", forgiven_until=forgiven)
        self.assertEqual(again.broken_on, date(2026, 2, 16))

    def test_kept(self):
        self.assertEqual(self._judge([("2026-01-05", 300)], "2026-01-06").state, KEPT)
        self.assertEqual(self._judge([("2026-01-05", 250)], "2026-01-06", credited=D(50)).state, KEPT)
        self.assertEqual(self._judge([], "2026-06-06", credited=D(300)).state, KEPT)
        self.assertEqual(self._judge([], "2026-06-06", credited=D(300), was_broken=True).state, KEPT)

    def test_settle(self):
        for values, paid, credited in (
            ({"unmarked": 300}, 300, 0),
            ({"unmarked": 1200}, 1000, 0),
            ({"rest": 300, "unmarked": 300}, 0, 0),
            ({"rest": 300, "unmarked": 500}, 200, 0),
            ({"rest": 300, "marked": 500}, 500, 0),
            ({"rest": 300, "credited": 300}, 0, 0),
            ({"rest": 300, "credited": 400, "unmarked": 50}, 50, 100),
            ({"credited": 1000, "unmarked": 50}, 0, 1000),
            # an older payment was undone: the debt besides the plan grows, the plan does not
            ({"unmarked": -200}, 0, 0),
            ({"unmarked": -200, "marked": 100}, 100, 0),
            ({"credited": -200, "unmarked": 250}, 50, 0),
            ({"is_gone": True}, 0, 1000),
            ({"is_gone": True, "marked": 100}, 100, 900),
        ):
            with self.subTest(**values):
                numbers = {name: D(value) if name != "is_gone" else value for name, value in values.items()}
                self.assertEqual(settle(Covered(D(1000), **numbers)), (paid, credited))

    def test_interest_on_late_instalments_only(self):
        rates = [(date(2026, 1, 1), D(10))]
        shares, _over = allocate(self.plan, [Payment(date(2026, 1, 4), D(100)), Payment(date(2026, 2, 25), D(60))])
        interests = [
            overdue_interest(instalment, share, rates, date(2026, 3, 7))
            for instalment, share in zip(self.plan, shares, strict=True)
        ]
        # 100 for 20 days, then 40 for 10 days; the third instalment for 2 days
        steps = [(date(2026, 2, 6), D(100)), (date(2026, 2, 26), D(40))]
        self.assertEqual(interests[0], 0)
        self.assertEqual(interests[1], late_interest(steps, rates, date(2026, 2, 6), date(2026, 3, 7)))
        self.assertEqual(interests[1], D("0.66"))
        self.assertEqual(interests[2], D("0.05"))

    @steady
    @given(PLANS, PAYMENTS, CENTS)
    def test_nothing_is_lost(self, plan, payments, credited):
        total = sum(instalment.amount for instalment in plan)
        shares, over = allocate(plan, payments, credited)
        self.assertEqual(sum(share.paid for share in shares) + over, sum(payment.amount for payment in payments))
        self.assertEqual(sum(share.credited for share in shares), min(credited, total))
        states = [share.open for share in shares]
        for before, after in zip(shares, shares[1:], strict=False):
            # no later instalment gets money while an earlier one is open
            self.assertTrue(before.open == 0 or after.paid == 0)
        self.assertTrue(all(amount >= 0 for amount in states))

    @steady
    @given(PLANS, PAYMENTS, DAYS, st.integers(0, 30), st.booleans())
    def test_judging_twice(self, plan, payments, day, break_days, was_broken):
        first = judge(plan, payments, day, break_days, was_broken=was_broken)
        again = judge(plan, payments, day, break_days, was_broken=first.state == BROKEN)
        self.assertEqual(first.state, again.state)
        if first.state == KEPT:
            self.assertEqual(first.open, 0)
        if first.state == BROKEN:
            self.assertLessEqual(first.broken_on, day)

    @steady
    @given(PLANS, PAYMENTS, DAYS, st.integers(0, 30))
    def test_more_money_never_breaks(self, plan, payments, day, break_days):
        standing = judge(plan, payments, day, break_days)
        richer = judge(plan, [*payments, Payment(plan[0].date, D(100_000))], day, break_days)
        self.assertIn(richer.state, (standing.state, ACTIVE, KEPT))

    @steady
    @given(
        st.builds(Covered, POSITIVE, CENTS, CENTS, st.decimals(-500, 5000, places=2), st.decimals(-500, 500, places=2))
    )
    def test_settled_never_more_than_covered(self, item):
        paid, credited = settle(item)
        self.assertTrue(paid >= 0 and credited >= 0 and paid + credited <= item.amount)
