"""Payment plans: how a debt is split into instalments, what was paid of each, and whether the plan still stands.

Pure functions: dates, rates and the smallest unit of the currency are arguments. Amounts are ``Decimal`` in one
currency. A payment settles the oldest instalment first; what the debt itself lost (a credit note) shortens the plan
from its end, so that the next instalments stay as agreed.
"""

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

from .late_payment import CENT, DayBase, late_interest
from .working_days import add_working_days, is_working_day

WEEKLY, MONTHLY, DAYS = "weekly", "monthly", "days"
RHYTHMS = (WEEKLY, MONTHLY, DAYS)
MAX_INSTALMENTS = 120
ZERO = Decimal()
_DAY = timedelta(days=1)


class PlanError(ValueError):
    """Instalments cannot be made as asked, or are not what they should be.

    :ivar code: ``empty``, ``amount``, ``number``, ``too_many``, ``minimum``, ``rhythm``, ``sum``, ``order``, ``past``
        or ``too_late``
    :ivar values: what a message can tell: dates, amounts, the number of the instalment
    """

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(f"{code}: {values}" if values else code)
        self.code = code
        self.values = values


class Instalment(NamedTuple):
    """What is to be paid on which day at the latest."""

    date: date
    amount: Decimal


# --- MAKING A PLAN ---


def month_later(first: date, months: int) -> date:
    """Return the same day some months later, the last day of a month that has no such day (31 January: 28 February)."""
    month = first.month - 1 + months
    year, month = first.year + month // 12, month % 12 + 1
    return date(year, month, min(first.day, calendar.monthrange(year, month)[1]))


def instalment_dates(
    first: date, count: int, rhythm: str = MONTHLY, every_days: int = 0, working_days_in: str | None = None
) -> list[date]:
    """Return the days of the instalments, each later than the one before.

    :param first: day of the first instalment
    :param count: number of instalments
    :param rhythm: ``weekly``, ``monthly`` (the day of the month of ``first``, or its last day) or ``days``
    :param every_days: days between two instalments when the rhythm is ``days``
    :param working_days_in: ISO code of a country: a day that is no working day there moves to the next one
    :raise PlanError: ``number``, ``too_many`` or ``rhythm``
    """
    if count < 1:
        raise PlanError("number")
    if count > MAX_INSTALMENTS:
        raise PlanError("too_many", count=count, maximum=MAX_INSTALMENTS)
    if rhythm not in RHYTHMS or (rhythm == DAYS and every_days < 1):
        raise PlanError("rhythm")
    step = 7 if rhythm == WEEKLY else every_days
    days: list[date] = []
    for number in range(count):
        day = month_later(first, number) if rhythm == MONTHLY else first + timedelta(days=step * number)
        if working_days_in:
            if days:
                day = max(day, days[-1] + _DAY)
            if not is_working_day(day, working_days_in):
                day = add_working_days(day, 1, working_days_in)
        days.append(day)
    return days


def split_amount(
    total: Decimal,
    number: int | None = None,
    each: Decimal | None = None,
    minimum: Decimal = ZERO,
    unit: Decimal = CENT,
) -> list[Decimal]:
    """Split an amount into equal instalments; the last one takes what is left by rounding.

    :param total: what is to be paid, a multiple of ``unit``
    :param number: how many instalments; or
    :param each: the amount of one instalment; the last one pays the rest, a rest below the minimum is added to it
    :param minimum: no instalment is smaller than this
    :param unit: smallest unit of the currency
    :raise PlanError: ``amount``, ``number``, ``too_many`` or ``minimum``
    """
    if total <= 0:
        raise PlanError("amount")
    if (number is None) == (each is None):
        raise PlanError("number")
    if each is not None:
        return _split_by_amount(total, each, minimum, unit)
    if number < 1:
        raise PlanError("number")
    if number > MAX_INSTALMENTS:
        raise PlanError("too_many", count=number, maximum=MAX_INSTALMENTS)
    part = _floor(total / number, unit)
    if part <= 0 or (number > 1 and part < minimum):
        raise PlanError("minimum", amount=part, minimum=max(minimum, unit))
    return [part] * (number - 1) + [total - part * (number - 1)]


def _split_by_amount(total: Decimal, each: Decimal, minimum: Decimal, unit: Decimal) -> list[Decimal]:
    each = _floor(each, unit)
    if each <= 0:
        raise PlanError("amount")
    if each < min(minimum, total):
        raise PlanError("minimum", amount=each, minimum=minimum)
    if each >= total:
        return [total]
    number = int((total / each).to_integral_value(ROUND_CEILING))
    if number > MAX_INSTALMENTS:
        raise PlanError("too_many", count=number, maximum=MAX_INSTALMENTS)
    rest = total - each * (number - 1)
    if rest < minimum:
        return [each] * (number - 2) + [each + rest]
    return [each] * (number - 1) + [rest]


def _floor(amount: Decimal, unit: Decimal) -> Decimal:
    return (amount / unit).to_integral_value(ROUND_FLOOR) * unit


def make_plan(
    total: Decimal,
    first: date,
    number: int | None = None,
    each: Decimal | None = None,
    rhythm: str = MONTHLY,
    every_days: int = 0,
    minimum: Decimal = ZERO,
    unit: Decimal = CENT,
    working_days_in: str | None = None,
) -> list[Instalment]:
    """Return the instalments of an amount; see :func:`split_amount` and :func:`instalment_dates`."""
    amounts = split_amount(total, number, each, minimum, unit)
    days = instalment_dates(first, len(amounts), rhythm, every_days, working_days_in)
    return [Instalment(*pair) for pair in zip(days, amounts, strict=True)]


def check_plan(
    instalments: Sequence[Instalment], total: Decimal, today: date | None = None, not_after: date | None = None
) -> None:
    """Refuse instalments that do not pay exactly the debt, one after the other, in time.

    :param instalments: in the order in which they are numbered
    :param total: what they must come to
    :param today: the first instalment does not lie before it
    :param not_after: the last instalment does not lie after it
    :raise PlanError: ``empty``, ``too_many``, ``amount``, ``order``, ``past``, ``too_late`` or ``sum``
    """
    if not instalments:
        raise PlanError("empty")
    if len(instalments) > MAX_INSTALMENTS:
        raise PlanError("too_many", count=len(instalments), maximum=MAX_INSTALMENTS)
    previous = None
    for number, (day, amount) in enumerate(instalments, start=1):
        if amount <= 0:
            raise PlanError("amount", number=number)
        if previous and day <= previous:
            raise PlanError("order", number=number, day=day)
        previous = day
    if today and instalments[0].date < today:
        raise PlanError("past", day=instalments[0].date)
    if not_after and instalments[-1].date > not_after:
        raise PlanError("too_late", day=instalments[-1].date, limit=not_after)
    planned = sum((instalment.amount for instalment in instalments), ZERO)
    if planned != total:
        raise PlanError("sum", planned=planned, total=total, difference=total - planned)


# --- WHAT WAS PAID ---


class Payment(NamedTuple):
    """Money that was received on a day."""

    date: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Covered:
    """One open item of which a plan covers an amount, with what happened to it since the plan was made.

    :ivar amount: what the plan covers of it
    :ivar rest: what was open besides when the plan was made (a disputed part, for example)
    :ivar marked: money since that names the plan
    :ivar unmarked: other money since; negative when an older payment was undone
    :ivar credited: credit notes since; negative when an older one was undone
    :ivar is_gone: the item is no debt any more (the invoice was cancelled)
    """

    amount: Decimal
    rest: Decimal = ZERO
    marked: Decimal = ZERO
    unmarked: Decimal = ZERO
    credited: Decimal = ZERO
    is_gone: bool = False


class Settled(NamedTuple):
    """What became of the covered amount of an item."""

    paid: Decimal
    credited: Decimal


def settle(item: Covered) -> Settled:
    """Return what was paid and credited of the amount that a plan covers.

    Money that names the plan is the plan's. Other money and credit notes settle first what the plan leaves out: that is
    due now, the plan is not. A payment undone that was older than the plan makes the rest larger, not the plan.
    """
    if item.is_gone:
        paid = min(max(item.marked, ZERO), item.amount)
        return Settled(paid, item.amount - paid)
    undone = sum(min(change, ZERO) for change in (item.marked, item.unmarked, item.credited))
    rest = max(item.rest, ZERO) - undone
    credit, money = max(item.credited, ZERO), max(item.unmarked, ZERO)
    on_rest = min(credit, rest)
    credited = min(credit - on_rest, item.amount)
    on_rest = min(money, rest - on_rest)
    paid = min(max(item.marked, ZERO) + money - on_rest, item.amount - credited)
    return Settled(paid, credited)


class Share(NamedTuple):
    """What one instalment got.

    :ivar credited: taken off because the debt became smaller
    :ivar payments: parts of payments, oldest first
    """

    amount: Decimal
    credited: Decimal
    payments: tuple[Payment, ...]

    @property
    def due(self) -> Decimal:
        return self.amount - self.credited

    @property
    def paid(self) -> Decimal:
        return sum((payment.amount for payment in self.payments), ZERO)

    @property
    def open(self) -> Decimal:
        return self.due - self.paid

    @property
    def paid_on(self) -> date | None:
        """The day on which nothing was left to pay; a day long gone when a credit note left nothing from the start."""
        if self.open > 0:
            return None
        return self.payments[-1].date if self.payments else date.min


def allocate(
    instalments: Sequence[Instalment], payments: Iterable[Payment], credited: Decimal = ZERO
) -> tuple[list[Share], Decimal]:
    """Give payments to the oldest instalments first, and a smaller debt to the last ones.

    :param instalments: in the order of their days
    :param payments: in any order
    :param credited: what the debt lost since the plan was made
    :return: one share for each instalment, and what was paid too much
    """
    credits = []
    for instalment in reversed(instalments):
        part = min(max(credited, ZERO), instalment.amount)
        credits.append(part)
        credited -= part
    credits.reverse()
    parts: list[list[Payment]] = [[] for _instalment in instalments]
    left = [instalment.amount - credit for instalment, credit in zip(instalments, credits, strict=True)]
    position, over = 0, ZERO
    for day, amount in sorted(payment for payment in payments if payment.amount > 0):
        money = amount
        while money > 0 and position < len(left):
            part = min(money, left[position])
            if part > 0:
                parts[position].append(Payment(day, part))
            left[position] -= part
            money -= part
            if left[position] <= 0:
                position += 1
        over += money
    shares = [
        Share(instalment.amount, credit, tuple(part))
        for instalment, credit, part in zip(instalments, credits, parts, strict=True)
    ]
    return shares, over


# --- WHETHER IT STANDS ---

OPEN, PARTLY, PAID, LATE = "due", "partly", "paid", "late"
ACTIVE, KEPT, BROKEN = "active", "kept", "broken"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a plan stands on a day.

    :ivar shares: one for each instalment
    :ivar states: ``due``, ``partly``, ``paid`` or ``late``, one for each instalment
    :ivar state: ``active``, ``kept`` or ``broken``
    :ivar broken_on: the first day on which the plan no longer held
    :ivar overpaid: money above the plan
    """

    shares: list[Share]
    states: list[str]
    state: str
    broken_on: date | None
    overpaid: Decimal

    @property
    def paid(self) -> Decimal:
        return sum((share.paid for share in self.shares), ZERO)

    @property
    def open(self) -> Decimal:
        return sum((share.open for share in self.shares), ZERO)


def judge(
    instalments: Sequence[Instalment],
    payments: Iterable[Payment],
    day: date,
    break_days: int,
    credited: Decimal = ZERO,
    was_broken: bool = False,
    forgiven_until: date | None = None,
) -> Standing:
    """Say how a plan stands: the same facts always give the same answer, however often and after whatever break.

    A plan breaks when an instalment is not fully paid so many days after its day. One that was paid before anybody
    looked does not break it. A broken plan stays broken, whatever is paid later; it stands again when the books show
    that the money had come in time, or when the break is forgiven.

    :param day: today
    :param break_days: days after the day of an instalment on which the plan still holds
    :param credited: see :func:`allocate`
    :param was_broken: whether the plan is known as broken
    :param forgiven_until: instalments whose last day lies before or on this day no longer break the plan
    """
    shares, overpaid = allocate(instalments, payments, credited)
    states = []
    missed, arrears = [], []
    for instalment, share in zip(instalments, shares, strict=True):
        last_day = instalment.date + timedelta(days=break_days)
        is_judged = last_day < day and not (forgiven_until and last_day <= forgiven_until)
        if share.open > 0:
            states.append(LATE if instalment.date < day else PARTLY if share.paid > 0 else OPEN)
            if is_judged:
                arrears.append(last_day)
        else:
            states.append(PAID)
        if is_judged and (share.paid_on is None or share.paid_on > last_day):
            missed.append(last_day)
    breaks = missed if was_broken else arrears
    if breaks:
        return Standing(shares, states, BROKEN, min(breaks) + _DAY, overpaid)
    is_complete = all(state == PAID for state in states)
    return Standing(shares, states, KEPT if is_complete else ACTIVE, None, overpaid)


# --- INTEREST ON INSTALMENTS THAT ARE LATE ---


def overdue_interest(
    instalment: Instalment,
    share: Share,
    rate_periods: Iterable[tuple[date, Decimal]],
    until: date,
    day_base: DayBase = 365,
    unit: Decimal = CENT,
) -> Decimal:
    """Return the interest of one instalment from the day after its day: an instalment in time bears none.

    When payment by instalments was agreed, interest is due on overdue instalments only (BE law of 2 August 2002, art. 4
    par. 3). A payment day still bears interest.

    :param share: what the instalment got
    :param rate_periods: ``(valid_from, percent a year)``
    :param until: last charged day
    """
    start = instalment.date + _DAY
    principal = share.due
    steps = {start: principal}
    for payment in share.payments:
        principal -= payment.amount
        steps[max(payment.date, instalment.date) + _DAY] = principal
    return late_interest(sorted(steps.items()), rate_periods, start, until, day_base, unit)
