"""Interest, indemnities, free terms and imputation of payments: the arithmetic of late payment, without an opinion.

Every figure of law (rates, tiers, days) and every date is an argument; this module holds none. Amounts come in as
``Decimal``, ``int``, ``str`` or ``float`` (read by its shortest decimal form) in one currency, and leave as
``Decimal``. Each sum is computed exactly and rounded once, half up.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from fractions import Fraction
from itertools import pairwise
from typing import Literal, NamedTuple

from dateutil.relativedelta import relativedelta

from .working_days import add_working_days, is_working_day, public_holidays

Amount = Decimal | int | float | str
DayBase = int | Literal["actual"]

CENT = Decimal("0.01")
ELECTRONIC = "electronic"
POST = "post"
_DAY = timedelta(days=1)
# wide enough for every product of amounts and percentages to be exact
_EXACT = Context(prec=100, traps=[InvalidOperation])
_HUNDREDTH = Decimal("0.01")


class MissingRateError(ValueError):
    """No rate is known for a part of the period to charge.

    :ivar start: first day without a rate
    :ivar end: last day without a rate
    """

    def __init__(self, start: date, end: date) -> None:
        super().__init__(f"No interest rate is known from {start} to {end}.")
        self.start = start
        self.end = end


class InterestSlice(NamedTuple):
    """Days at one principal and one rate."""

    start: date
    end: date
    days: int
    principal: Decimal
    percent: Decimal
    day_base: int

    @property
    def exact(self) -> Fraction:
        """The interest of these days, not rounded."""
        return Fraction(self.principal) * Fraction(self.percent) * self.days / (100 * self.day_base)


class FreeTerm(NamedTuple):
    """The time a consumer has to pay without any charge.

    :ivar start: day on which the term starts, counted as its first day
    :ivar last_free_day: last day on which a payment is free of charges
    :ivar earliest_charge_date: first day on which interest or an indemnity may be claimed
    """

    start: date
    last_free_day: date
    earliest_charge_date: date


def _decimal(value: Amount) -> Decimal:
    result = value if isinstance(value, Decimal) else Decimal(str(value))
    if not result.is_finite():
        raise ValueError(f"{value!r} is not an amount.")
    return result


def round_half_up(value: Amount | Fraction, rounding: Amount = CENT) -> Decimal:
    """Round to a multiple of ``rounding``, halves away from zero.

    :param value: the exact amount
    :param rounding: smallest unit of the currency, 0.01 unless told
    """
    unit = _decimal(rounding)
    if unit <= 0:
        raise ValueError("The rounding unit must be positive.")
    if not isinstance(value, Fraction):
        amount = _decimal(value)
        if unit.as_tuple().digits == (1,):
            # a power of ten: one exact step in decimals; adding nothing turns a negative zero into zero
            return _EXACT.add(amount.quantize(unit, ROUND_HALF_UP, _EXACT), 0)
        value = Fraction(amount)
    units = int(abs(value) / Fraction(unit) + Fraction(1, 2))
    return (unit * units).copy_sign(-1 if value < 0 and units else 1)


# --- INTEREST ---


def interest_slices(
    principal_steps: Iterable[tuple[date, Amount]],
    rate_periods: Iterable[tuple[date, Amount | None]],
    start: date,
    end: date,
    day_base: DayBase = 365,
) -> list[InterestSlice]:
    """Split a period into slices of one principal and one rate.

    :param principal_steps: ``(from_date, principal)``: the amount open from that day on. Before the first step nothing
        is open. A payment day still bears interest, so a payment received on day D makes a step on D + 1. Of several
        steps on one day the last one given holds.
    :param rate_periods: ``(valid_from, percent)``: the yearly rate valid from that day until the next entry; a rate of
        ``None`` marks the begin of a time without a known rate
    :param start: first charged day (the day after the due date)
    :param end: last charged day (the day of payment); nothing is charged when it lies before ``start``
    :param day_base: days of a year, usually 365; ``"actual"`` takes 366 for the days of a leap year
    :return: slices in order of time, without the days on which nothing is open
    :raise MissingRateError: when a day with an open principal has no rate
    :raise ValueError: for a negative principal, two rates from the same day or a senseless day base
    """
    if day_base != "actual" and (not isinstance(day_base, int) or day_base <= 0):
        raise ValueError(f"{day_base!r} is not a number of days of a year.")
    principals = {day: _decimal(principal) for day, principal in principal_steps}
    if any(principal < 0 for principal in principals.values()):
        raise ValueError("The principal must not be negative.")
    rates: dict[date, Decimal | None] = {}
    for day, percent in rate_periods:
        value = None if percent is None else _decimal(percent)
        if rates.setdefault(day, value) != value:
            raise ValueError(f"Two different rates are given from {day}.")
    if end < start:
        return []
    principal_days, rate_days = sorted(principals), sorted(rates)
    cuts = {start, end + _DAY}
    cuts.update(day for day in (*principal_days, *rate_days) if start < day <= end)
    if day_base == "actual":
        cuts.update(date(year, 1, 1) for year in range(start.year + 1, end.year + 1))
    slices = []
    missing: tuple[date, date] | None = None
    for first, following in pairwise(sorted(cuts)):
        position = bisect_right(principal_days, first)
        principal = principals[principal_days[position - 1]] if position else None
        if not principal:
            continue
        position = bisect_right(rate_days, first)
        percent = rates[rate_days[position - 1]] if position else None
        last = following - _DAY
        if percent is None:
            missing = (missing[0] if missing else first, last)
            continue
        if missing:
            break
        base = day_base if day_base != "actual" else (date(first.year, 12, 31) - date(first.year - 1, 12, 31)).days
        slices.append(InterestSlice(first, last, (following - first).days, principal, percent, base))
    if missing:
        raise MissingRateError(*missing)
    return slices


def late_interest(
    principal_steps: Iterable[tuple[date, Amount]],
    rate_periods: Iterable[tuple[date, Amount | None]],
    start: date,
    end: date,
    day_base: DayBase = 365,
    rounding: Amount = CENT,
) -> Decimal:
    """Return the simple interest from ``start`` to ``end``, both days charged, rounded once half up.

    Actual days over a fixed year of 365 days is the usual practice in Belgium and France. Days are counted from the day
    after the due date up to the day of payment; each slice bears its own rate (BE law of 2 August 2002, art. 5; caps of
    a consumer's interest: art. XIX.4 Code of Economic Law). No interest on interest.

    :param principal_steps: see :func:`interest_slices`
    :param rate_periods: see :func:`interest_slices`
    :param start: first charged day
    :param end: last charged day
    :param day_base: 365 or ``"actual"``
    :param rounding: smallest unit of the currency
    :raise MissingRateError: when a day with an open principal has no rate
    """
    products: dict[int, Decimal] = {}
    for piece in interest_slices(principal_steps, rate_periods, start, end, day_base):
        product = _EXACT.multiply(_EXACT.multiply(piece.principal, piece.percent), Decimal(piece.days))
        products[piece.day_base] = _EXACT.add(products.get(piece.day_base, Decimal()), product)
    # the only divisions come last, as fractions, so that nothing is rounded before the end
    total = sum((Fraction(product) / (100 * base) for base, product in products.items()), Fraction())
    return round_half_up(total, rounding)


def compound_slices(
    principal_steps: Iterable[tuple[date, Amount]],
    rate_periods: Iterable[tuple[date, Amount | None]],
    origin: date,
    start: date,
    end: date,
    day_base: DayBase = 365,
    settled: Amount = 0,
    rounding: Amount = CENT,
) -> list[InterestSlice]:
    """Split a period like :func:`interest_slices` where the interest of each full year bears interest itself.

    At the end of every year counted from ``origin`` the interest of that year, rounded half up, is added to the
    principal (Dutch Civil Code, art. 6:119 par. 2 and 6:119a par. 3).

    :param principal_steps: see :func:`interest_slices`
    :param rate_periods: see :func:`interest_slices`, from ``origin`` on
    :param origin: first day that bears interest at all
    :param start: first day of the period, not before ``origin``
    :param end: last day of the period
    :param settled: interest that was paid or waived meanwhile: it bears none
    :param rounding: smallest unit of the currency
    """
    steps = sorted((day, _decimal(principal)) for day, principal in principal_steps)
    rates = list(rate_periods)
    added: list[tuple[date, Decimal]] = [(origin, Decimal())]
    grown, year = Decimal(), 1
    while (anniversary := origin + relativedelta(years=year)) <= end:
        pieces = interest_slices(_add_steps(steps, added), rates, added[-1][0], anniversary - _DAY, day_base)
        grown += round_half_up(sum((piece.exact for piece in pieces), Fraction()), rounding)
        added.append((anniversary, max(grown - _decimal(settled), Decimal())))
        year += 1
    return interest_slices(_add_steps(steps, added), rates, max(start, origin), end, day_base)


def _add_steps(
    principals: Sequence[tuple[date, Decimal]], additions: Sequence[tuple[date, Decimal]]
) -> list[tuple[date, Decimal]]:
    """Return the sum of two step functions; where the first one is zero the sum is zero too."""
    result = []
    for day in sorted({day for day, _amount in (*principals, *additions)}):
        principal, addition = (
            next((amount for first, amount in reversed(steps) if first <= day), Decimal())
            for steps in (principals, additions)
        )
        result.append((day, principal + addition if principal else Decimal()))
    return result


# --- INDEMNITIES AND COSTS ---


def tiered_amount(
    balance: Amount,
    tiers: Iterable[tuple[Amount, Amount, Amount]],
    minimum: Amount | None = None,
    maximum: Amount | None = None,
    rounding: Amount = CENT,
) -> Decimal:
    """Return the amount of a scale for a balance, rounded once half up.

    The last tier whose ``above`` is smaller than the balance gives ``base + percent % of the part above it``. Used for
    the cap of the fixed indemnity of a consumer (art. XIX.4 Code of Economic Law) and the Dutch scale of collection
    costs (Besluit vergoeding voor buitengerechtelijke incassokosten, art. 2).

    :param balance: open amount including VAT; a balance that reaches no tier (zero, a credit) gives 0
    :param tiers: ``(above, base, percent)`` in any order
    :param minimum: least amount once a tier is reached
    :param maximum: highest amount
    :param rounding: smallest unit of the currency
    """
    amount = _decimal(balance)
    reached = [tier for tier in ((_decimal(tier[0]), tier[1], tier[2]) for tier in tiers) if tier[0] < amount]
    if not reached:
        return round_half_up(0, rounding)
    above, base, percent = max(reached, key=lambda tier: tier[0])
    part = _EXACT.multiply(_EXACT.subtract(amount, above), _EXACT.multiply(_decimal(percent), _HUNDREDTH))
    result = _EXACT.add(_decimal(base), part)
    if minimum is not None:
        result = max(result, _decimal(minimum))
    if maximum is not None:
        result = min(result, _decimal(maximum))
    return round_half_up(result, rounding)


def fixed_recovery_cost(late_amounts: int, fixed_cost: Amount) -> Decimal:
    """Return the fixed recovery cost between undertakings.

    It is due once for every invoice, or every instalment, that is paid late, not once per customer or letter
    (law of 2 August 2002, art. 6; Court of Justice C-585/20 and C-370/21).

    :param late_amounts: number of late invoices or instalments
    :param fixed_cost: the amount for one of them
    """
    return _decimal(fixed_cost) * late_amounts


def may_charge_reminder(unpaid_due_dates: Iterable[date], due_date: date, free_due_dates: int = 3) -> bool:
    """Tell whether a contract of regular supply allows a charge for the reminder of one due date.

    In each calendar year the reminders of the first due dates that stay unpaid are free (art. XIX.2 Code of Economic
    Law).

    :param unpaid_due_dates: the contract's due dates for which a reminder was needed, ``due_date`` among them or not
    :param due_date: the due date to remind of
    :param free_due_dates: number of free due dates in a calendar year
    """
    earlier = {day for day in unpaid_due_dates if day.year == due_date.year and day < due_date}
    return len(earlier) >= free_due_dates


# --- TERMS ---


def free_term(
    sent_on: date,
    channel: str,
    wait_days: int = 14,
    post_start_workday: int = 3,
    extra_days: int = 0,
    roll: bool = False,
    country: str = "BE",
    saturday: bool = False,
) -> FreeTerm:
    """Return the term in which a consumer may pay free of charge after the first reminder.

    It starts on the calendar day after an electronic sending and on the third working day after a posting, and that day
    counts as the first (art. XIX.2 Code of Economic Law).

    :param sent_on: day of sending
    :param channel: ``"electronic"`` or ``"post"``
    :param wait_days: length of the term in calendar days
    :param post_start_workday: the working day after posting on which the term starts
    :param extra_days: days of grace added to the term
    :param roll: whether a last day on a Saturday, Sunday or public holiday moves to the next working day (Civil Code,
        art. 1.7); Saturday never counts as a working day here
    :param country: country whose public holidays count
    :param saturday: whether Saturday counts as a working day for the start after posting
    :raise ValueError: for another channel or a negative number of days
    """
    if min(wait_days, post_start_workday, extra_days) < 0:
        raise ValueError("A term has no negative days.")
    if channel == ELECTRONIC:
        start = sent_on + _DAY
    elif channel == POST:
        start = add_working_days(sent_on, post_start_workday, country, saturday)
    else:
        raise ValueError(f"The channel is {ELECTRONIC!r} or {POST!r}, not {channel!r}.")
    last_free_day = start + timedelta(days=wait_days + extra_days - 1)
    if roll and not is_working_day(last_free_day, country):
        last_free_day = add_working_days(last_free_day, 1, country)
    return FreeTerm(start, last_free_day, last_free_day + _DAY)


def presumed_delivery(sent_on: date, days: int = 2, country: str = "NL", idle_weekdays: Sequence[int] = (6, 0)) -> date:
    """Return the day on which a letter is presumed to have been delivered.

    Dutch Supreme Court, 25 November 2016, ECLI:NL:HR:2016:2704: on the second day after sending, not counting Sundays,
    Mondays and holidays.

    :param sent_on: day of sending
    :param days: number of counted days after it
    :param country: country whose public holidays do not count
    :param idle_weekdays: days of the week that do not count, Monday is 0
    :raise ValueError: for a negative number of days
    """
    if days < 0:
        raise ValueError("A letter is not delivered before it is sent.")
    day = sent_on
    while days:
        day += _DAY
        if day.weekday() not in idle_weekdays and day not in public_holidays(day.year, country):
            days -= 1
    return day


def consumer_interest_period(
    sent_on: date, term: FreeTerm, until: date, small_company: bool
) -> tuple[date, date] | None:
    """Return first and last day on which a consumer's debt bears contractual interest, or ``None``.

    Nothing may be claimed before the free term has fully passed. After it the interest of a small company runs from the
    calendar day after the first reminder, that of another creditor from the end of the term (art. XIX.4 Code of
    Economic Law; small company: art. 1:24 Code of Companies and Associations).

    :param sent_on: day on which the first reminder was sent
    :param term: the free term of that reminder
    :param until: day of payment, or the day for which the claim is drawn up
    :param small_company: whether the creditor is a small company
    """
    if until <= term.last_free_day:
        return None
    return (sent_on + _DAY if small_company else term.earliest_charge_date), until


def business_due_date(
    received_on: date, agreed_days: int | None = None, default_days: int = 30, max_days: int = 60
) -> date:
    """Return the due date between undertakings.

    Without an agreed term payment is due within the default term after receipt of the invoice; a longer term than the
    maximum is deemed unwritten, so the default applies again (law of 2 August 2002, art. 4 par. 1).

    :param received_on: day of receipt of the invoice (or of the goods or services where the law says so)
    :param agreed_days: agreed term in calendar days, ``None`` when nothing was agreed
    :param default_days: term without agreement
    :param max_days: longest lawful agreed term
    """
    days = default_days if agreed_days is None or agreed_days > max_days else agreed_days
    return received_on + timedelta(days=days)


# --- PAYMENTS ---


def allocate_payment(
    claim: Mapping[str, Amount],
    amount: Amount,
    order: Sequence[str] = ("costs", "interest", "principal"),
) -> dict[str, Decimal]:
    """Divide a payment over the parts of a claim, one part after the other.

    Interest before principal is the default rule (old Civil Code, art. 1254; Book 5 Civil Code from 2023, from which
    parties may deviate); costs first is the usual contract wording. Netherlands: art. 6:44 Civil Code; France:
    art. 1343-1 Civil Code.

    :param claim: open amount of each part; a part left out is 0
    :param amount: amount paid
    :param order: the parts in the order in which they are paid
    :return: what each part of ``order`` receives, and under ``"rest"`` what is left of the payment
    :raise ValueError: for a negative amount, or an open part that ``order`` does not name
    """
    open_parts = {part: _decimal(value) for part, value in claim.items()}
    rest = _decimal(amount)
    if rest < 0 or any(value < 0 for value in open_parts.values()):
        raise ValueError("Neither the payment nor a part of the claim may be negative.")
    if len(set(order)) != len(order) or "rest" in order:
        raise ValueError("The order must name each part once.")
    unnamed = [part for part, value in open_parts.items() if value and part not in order]
    if unnamed:
        raise ValueError(f"The order does not name {', '.join(unnamed)}.")
    result = {}
    for part in order:
        result[part] = min(rest, open_parts.get(part, Decimal()))
        rest -= result[part]
    result["rest"] = rest
    return result
