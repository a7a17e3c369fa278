"""The decision about reminders: which letters leave for one customer's open items, what they claim, why the rest waits.

Pure functions: the day, the policy, the figures of law and the exchange rates are arguments, so that the nightly job,
the button and the dry run cannot decide differently. Amounts are ``Decimal`` in the currency of the item.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from .late_payment import (
    ELECTRONIC,
    POST,
    FreeTerm,
    InterestSlice,
    business_due_date,
    free_term,
    interest_slices,
    may_charge_reminder,
    round_half_up,
    tiered_amount,
)
from .working_days import COUNTRIES, add_working_days, is_working_day

ZERO = Decimal()
_DAY = timedelta(days=1)
_BEGINNING = date(1900, 1, 1)
KIND_ORDER = ("courtesy", "reminder", "second_reminder", "formal_notice")


class MissingFigureError(LookupError):
    """A figure of law that is needed has no confirmed value for the day."""

    def __init__(self, code: str, on: date) -> None:
        super().__init__(f"{code} has no confirmed value for {on}.")
        self.code = code
        self.on = on


class MissingExchangeRateError(LookupError):
    """An amount cannot be converted: one of the currencies has no rate."""

    def __init__(self, currency_id: int) -> None:
        super().__init__(f"Currency {currency_id} has no rate.")
        self.currency_id = currency_id


class Law(Protocol):
    """Where the figures of law come from. Every method raises :class:`MissingFigureError`."""

    def value(self, code: str, on: date) -> Decimal: ...

    def tiers(self, code: str, on: date) -> Sequence[tuple[Decimal, Decimal, Decimal]]: ...

    def rates(self, code: str, start: date, end: date) -> Sequence[tuple[date, Decimal]]: ...


# --- WHAT IS GIVEN ---


@dataclass(frozen=True, slots=True)
class Level:
    """One step of a policy."""

    id: int
    sequence: int
    kind: str
    days_after_due: int
    min_days_after_previous: int = 0
    payment_deadline_days: int = 8
    channel: str = "email"
    fallback_channel: str | None = "post"
    automatic: bool = True
    charge_interest: bool = False
    charge_indemnity: bool = False
    charge_fixed: bool = False
    cost: Decimal = ZERO
    languages: frozenset[str] | None = None  # None: texts in every language

    @property
    def rank(self) -> tuple[int, int]:
        return KIND_ORDER.index(self.kind), self.sequence


@dataclass(frozen=True, slots=True)
class Clause:
    """An indemnity clause: percent of the balance, between minimum and maximum (0: none), in the company's currency."""

    percent: Decimal
    minimum: Decimal = ZERO
    maximum: Decimal = ZERO

    def amount(self, balance: Decimal) -> Decimal:
        result = max(balance * self.percent / 100, self.minimum)
        return min(result, self.maximum) if self.maximum else result


@dataclass(frozen=True, slots=True)
class Policy:
    """How a group of customers is reminded. ``levels`` are the active ones in their order."""

    id: int
    regime: str
    levels: tuple[Level, ...]
    letter_scope: str = "currency"
    netting: str = "net"
    min_line: Decimal = ZERO
    min_letter: Decimal = ZERO
    grace_days: int = 0
    grace_in_working_days: bool = False
    working_days_only: bool = False
    posting_days: int = 1
    charge_interest: bool = False
    interest_percent: Decimal | None = None
    charge_indemnity: bool = False
    clause: Clause | None = None
    fixed_per_instalment: bool = False
    regular_supply: bool = False
    cap_payment_term: bool = False
    claims_orphan_charges: bool = False
    country: str = "BE"


@dataclass(frozen=True, slots=True)
class Hold:
    """A part of an item that is not reminded, and why. ``amount=None`` holds the whole item.

    ``until`` is the last day of the hold, where that is known.
    """

    reason: str
    amount: Decimal | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A charge that exists already."""

    id: int
    kind: str
    item_id: int
    amount: Decimal
    base: Decimal
    date_to: date | None = None
    is_open: bool = True
    settled: Decimal = ZERO  # the part of it that was paid or credited

    @property
    def due(self) -> Decimal:
        return self.amount - self.settled


@dataclass(slots=True)
class Item:
    """One open instalment."""

    id: int
    move_id: int
    currency_id: int
    date_due: date
    residual: Decimal
    invoice_date: date | None = None
    level_id: int | None = None
    level_kind: str | None = None
    level_regime: str | None = None
    last_delivered_on: date | None = None
    first_reminder_on: date | None = None
    earliest_charge_on: date | None = None
    interest_from: date | None = None
    is_excluded: bool = False
    excluded_until: date | None = None
    is_pending: bool = False
    holds: tuple[Hold, ...] = ()
    steps: tuple[tuple[date, Decimal], ...] = ()  # (from, principal); empty: the residual all the time


@dataclass(slots=True)
class Customer:
    """One customer with the items to decide about."""

    id: int
    kind: str
    policy: Policy | None
    items: list[Item]
    contact_id: int | None = None
    lang: str | None = None
    has_email: bool = False
    has_address: bool = False
    is_excluded: bool = False
    excluded_until: date | None = None
    credits: dict[int, Decimal] = field(default_factory=dict)
    claims: dict[int, list[Claim]] = field(default_factory=dict)  # by invoice
    orphans: dict[int, list[Claim]] = field(default_factory=dict)  # of settled invoices, by currency
    reminded_due_dates: frozenset[date] = frozenset()
    written: frozenset[tuple[int, str]] = frozenset()  # (currency, scope) of letters of this run
    forced_channel: str | None = None


@dataclass(slots=True)
class Context:
    """What holds for the whole company on the day of the run."""

    day: date
    law: Law
    convert: Callable[[Decimal, int, int], Decimal]
    company_currency_id: int
    law_currency_id: int
    units: dict[int, Decimal] = field(default_factory=dict)  # smallest unit of a currency
    is_active: bool = True
    is_sme: bool = True
    has_bank_account: bool = True

    def unit(self, currency_id: int) -> Decimal:
        return self.units.get(currency_id, Decimal("0.01"))


# --- WHAT IS DECIDED ---


@dataclass(frozen=True, slots=True)
class Skip:
    """An item without a letter."""

    item_id: int
    reason: str
    until: date | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class NewCharge:
    """A claim that this letter adds. ``ground`` names the legal ground by a code."""

    kind: str
    item_id: int
    amount: Decimal
    base: Decimal
    ground: str
    date_from: date | None = None
    date_to: date | None = None
    slices: tuple[InterestSlice, ...] = ()

    @property
    def due(self) -> Decimal:
        return self.amount


@dataclass(slots=True)
class Line:
    """One item in a letter."""

    item: Item
    level: Level
    date_due: date
    amount: Decimal  # open amount that is reminded
    days_late: int
    credit: Decimal = ZERO  # money on account deducted from it
    announced_indemnity: Decimal = ZERO
    charges: list[NewCharge] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)

    @property
    def net(self) -> Decimal:
        return self.amount - self.credit

    def total(self, *kinds: str) -> Decimal:
        """Sum of the new and of what is open of the earlier charges of these kinds."""
        return sum((c.due for c in [*self.charges, *self.claims] if c.kind in kinds), ZERO)


@dataclass(slots=True)
class Letter:
    """One letter to one customer."""

    level: Level
    currency_id: int
    scope_key: str
    lines: list[Line]
    channel: str
    needs_approval: bool
    deadline: date
    earliest_charge_date: date | None
    announced_interest_rate: Decimal | None
    orphans: list[Claim] = field(default_factory=list)  # open charges of settled invoices, claimed along with it

    @property
    def principal(self) -> Decimal:
        return sum((line.amount for line in self.lines), ZERO)

    @property
    def credit(self) -> Decimal:
        return sum((line.credit for line in self.lines), ZERO)

    @property
    def announced_indemnity(self) -> Decimal:
        return sum((line.announced_indemnity for line in self.lines), ZERO)

    def charged(self, *kinds: str) -> Decimal:
        orphans = sum((claim.due for claim in self.orphans if claim.kind in kinds), ZERO)
        return sum((line.total(*kinds) for line in self.lines), orphans)

    @property
    def total(self) -> Decimal:
        return self.principal - self.credit + self.charged("interest", "indemnity", "fixed", "cost")


@dataclass(slots=True)
class Decision:
    """All letters of one customer, and every item without one."""

    letters: list[Letter] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)


class _SkipError(Exception):
    def __init__(self, reason: str, until: date | None = None, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.until = until
        self.detail = detail


# --- THE LAW OF ONE COUNTRY AND KIND OF CUSTOMER ---


@dataclass(frozen=True, slots=True)
class FirstReminder:
    """What the delivery of the first reminder starts."""

    last_free_day: date
    earliest_charge_on: date
    interest_from: date


class Regime:
    """What the law says about reminders; one subclass for each country and kind of customer."""

    code = ""
    country = "BE"
    kinds: tuple[str, ...] = ()
    rate_code = ""
    separates_first_reminder = False  # whether the first reminder may not share a letter with later levels
    interest_ground = ""
    indemnity_ground = ""

    def fits(self, kind: str) -> bool:
        """Whether this law may be applied to such a customer."""
        return kind in self.kinds

    def due_date(self, item: Item, policy: Policy, context: Context) -> date:
        return item.date_due

    def not_before(self, item: Item, level: Level) -> date | None:
        """Earliest day of a level, besides the days of the policy."""
        return None

    def interest_start(self, item: Item, date_due: date) -> date | None:
        """First day that bears interest; ``None`` when interest may not be claimed yet."""
        raise NotImplementedError

    def interest_rates(self, policy: Policy, start: date, end: date, law: Law) -> list[tuple[date, Decimal]]:
        raise NotImplementedError

    def indemnity(self, balance: Decimal, currency_id: int, policy: Policy, context: Context) -> Decimal:
        """The indemnity for one debt of this size, in its currency."""
        raise NotImplementedError

    def fixed_sum(self, context: Context) -> tuple[Decimal, str]:
        """The fixed sum for recovery costs with its ground; zero where the law knows none."""
        return ZERO, ""

    def cost(self, lines: list[Line], customer: Customer, policy: Policy, context: Context) -> NewCharge | None:
        """What this reminder itself may cost."""
        return None

    def announces(self, line: Line) -> bool:
        """Whether the letter must or may say what will be claimed later for this line."""
        return line.level.kind == "reminder"

    def must_announce(self) -> bool:
        """Whether the letter has to wait when the announced amounts cannot be computed."""
        return False

    def free_term(self, sent_on: date, channel: str, context: Context) -> FreeTerm | None:
        """The term the first reminder opens; ``None`` where the law knows none."""
        return None

    def first_reminder(self, sent_on: date, channel: str, context: Context) -> FirstReminder | None:
        """What the delivery of a first reminder on this day starts."""
        return None

    def announced_rate(self, policy: Policy, context: Context) -> Decimal | None:
        """The interest rate a letter names, when it is known."""
        if not policy.charge_interest:
            return None
        try:
            return self.interest_rates(policy, context.day, context.day, context.law)[-1][1]
        except MissingFigureError:
            return None


class BelgianConsumer(Regime):
    """Book XIX of the Code of Economic Law."""

    code = "be_consumer"
    kinds = ("consumer", "business", "public")  # more protective than the other laws, so never wrong
    rate_code = "be_late_rate"
    separates_first_reminder = True  # it is free, and what it has to say would get lost among claims
    interest_ground = "be_xix4_interest"
    indemnity_ground = "be_xix4_indemnity"

    def not_before(self, item, level):
        return item.earliest_charge_on if level.kind != "courtesy" else None

    def interest_start(self, item, date_due):
        return item.interest_from

    def interest_rates(self, policy, start, end, law):
        cap = [(day, Decimal(percent)) for day, percent in law.rates(self.rate_code, start, end)]
        if policy.interest_percent is None:
            return cap
        return [(day, min(percent, policy.interest_percent)) for day, percent in cap]

    def indemnity(self, balance, currency_id, policy, context):
        euros = context.convert(balance, currency_id, context.law_currency_id)
        amount = tiered_amount(
            euros,
            context.law.tiers("be_b2c_indemnity_tiers", context.day),
            maximum=context.law.value("be_b2c_indemnity_max", context.day),
        )
        if policy.clause:
            own = context.convert(balance, currency_id, context.company_currency_id)
            own = context.convert(policy.clause.amount(own), context.company_currency_id, context.law_currency_id)
            amount = min(amount, own)
        amount = context.convert(amount, context.law_currency_id, currency_id)
        return round_half_up(amount, context.unit(currency_id))

    def cost(self, lines, customer, policy, context):
        cap = None
        reminded = customer.reminded_due_dates | {line.date_due for line in lines}
        for line in lines:
            if not line.level.cost or (line.level.kind == "reminder" and not policy.regular_supply):
                continue
            if policy.regular_supply:
                free = int(context.law.value("be_b2c_free_duedates", context.day))
                if not may_charge_reminder(reminded, line.date_due, free):
                    continue
            elif policy.charge_indemnity:
                continue
            cap = context.law.value("be_b2c_extra_fee", context.day) if cap is None else cap
            own = context.convert(line.level.cost, context.company_currency_id, context.law_currency_id)
            amount = context.convert(min(own, cap), context.law_currency_id, line.item.currency_id)
            amount = round_half_up(amount, context.unit(line.item.currency_id))
            return NewCharge("cost", line.item.id, amount, ZERO, "be_xix2_cost") if amount else None
        return None

    def must_announce(self):
        return True

    def free_term(self, sent_on, channel, context):
        law, day = context.law, sent_on
        return free_term(
            sent_on,
            ELECTRONIC if channel == "email" else POST,
            wait_days=int(law.value("be_b2c_wait_days", day)),
            post_start_workday=int(law.value("be_b2c_post_start_workday", day)),
            extra_days=int(law.value("be_b2c_extra_days", day)),
            roll=bool(law.value("be_b2c_roll_to_working_day", day)),
            country=self.country,
            saturday=bool(law.value("be_saturday_is_working_day", day)),
        )

    def first_reminder(self, sent_on, channel, context):
        term = self.free_term(sent_on, channel, context)
        interest_from = sent_on + _DAY if context.is_sme else term.earliest_charge_date
        return FirstReminder(term.last_free_day, term.earliest_charge_date, interest_from)


class BelgianBusiness(Regime):
    """Law of 2 August 2002 on late payment in commercial transactions."""

    code = "be_business"
    kinds = ("business", "public")
    rate_code = "be_late_rate"
    interest_ground = "be_2002_5"
    indemnity_ground = "be_2002_clause"

    def due_date(self, item, policy, context):
        if not policy.cap_payment_term or not item.invoice_date:
            return item.date_due
        longest = int(context.law.value("be_b2b_max_term_days", context.day))
        agreed = (item.date_due - item.invoice_date).days
        if agreed <= longest:
            return item.date_due
        term = int(context.law.value("be_b2b_term_days", context.day))
        return business_due_date(item.invoice_date, agreed, term, longest)

    def interest_start(self, item, date_due):
        return date_due + _DAY

    def interest_rates(self, policy, start, end, law):
        if policy.interest_percent is not None:
            return [(_BEGINNING, policy.interest_percent)]
        return [(day, Decimal(percent)) for day, percent in law.rates(self.rate_code, start, end)]

    def indemnity(self, balance, currency_id, policy, context):
        """The clause of the terms, of which the fixed sum is a part: own costs are not compensated twice."""
        if not policy.clause:
            return ZERO
        own = context.convert(balance, currency_id, context.company_currency_id)
        amount = policy.clause.amount(own)
        if any(level.charge_fixed for level in policy.levels):
            fixed, _ground = self.fixed_sum(context)
            amount -= context.convert(fixed, context.law_currency_id, context.company_currency_id)
        amount = context.convert(max(amount, ZERO), context.company_currency_id, currency_id)
        return round_half_up(amount, context.unit(currency_id))

    def fixed_sum(self, context):
        return Decimal(context.law.value("be_b2b_fixed_cost", context.day)), "be_2002_6"

    def cost(self, lines, customer, policy, context):
        for line in lines:
            if line.level.cost and line.level.kind != "courtesy":
                amount = context.convert(line.level.cost, context.company_currency_id, line.item.currency_id)
                amount = round_half_up(amount, context.unit(line.item.currency_id))
                return NewCharge("cost", line.item.id, amount, ZERO, "be_2002_cost") if amount else None
        return None


REGIMES: dict[str, Regime] = {regime.code: regime for regime in (BelgianConsumer(), BelgianBusiness())}


# --- TIMING ---


def find_next_level(item: Item, policy: Policy, day: date, date_due: date) -> Level | None:
    """Return the level that follows the last delivered one; nothing is skipped but a courtesy reminder too late.

    A level of another policy counts by its kind. A level delivered under another law does not count: its letter did not
    say what this law wants to be said.
    """
    levels = list(policy.levels)
    if item.level_id and item.level_regime == policy.regime:
        position = next((i for i, level in enumerate(levels) if level.id == item.level_id), None)
        if position is not None:
            levels = levels[position + 1 :]
        elif item.level_kind in KIND_ORDER:
            reached = KIND_ORDER.index(item.level_kind)
            levels = [level for level in levels if KIND_ORDER.index(level.kind) > reached]
    if day > date_due:
        levels = [level for level in levels if level.kind != "courtesy"]
    return levels[0] if levels else None


def find_ready_day(item: Item, level: Level, policy: Policy, date_due: date) -> date:
    """Return the first day on which a level is both old enough and far enough from the previous letter."""
    regime = REGIMES[policy.regime]
    if level.kind == "courtesy":
        ready = date_due
    elif policy.grace_in_working_days:
        ready = add_working_days(date_due, policy.grace_days, _calendar(policy))
    else:
        ready = date_due + timedelta(days=policy.grace_days)
    ready += timedelta(days=level.days_after_due)
    if item.last_delivered_on:
        ready = max(ready, item.last_delivered_on + timedelta(days=level.min_days_after_previous))
    not_before = regime.not_before(item, level)
    if not_before:
        ready = max(ready, not_before)
    if policy.working_days_only and not is_working_day(ready, _calendar(policy)):
        ready = add_working_days(ready, 1, _calendar(policy))
    return ready


def _calendar(policy: Policy) -> str:
    return policy.country if policy.country in COUNTRIES else "BE"


def posting_day(day: date, channel: str, policy: Policy) -> date:
    """Return the day on which a letter of that date leaves the house at the latest."""
    return day if channel == "email" else add_working_days(day, policy.posting_days, _calendar(policy))


# --- THE DECISION ---


def decide(customer: Customer, context: Context) -> Decision:
    """Decide about all given items of one customer.

    :return: the letters, and for each item without one its first reason in the order: company, customer, policy, item,
        clock, amounts, unallocated money, figures of law, letter of today, minimum, recipient, language, bank account
    """
    decision = Decision()
    reason, until = _find_customer_reason(customer, context)
    if reason:
        decision.skips += [Skip(item.id, reason, until) for item in customer.items]
        return decision
    lines = []
    for item in customer.items:
        try:
            lines.append(_make_line(item, customer, context))
        except _SkipError as skip:
            decision.skips.append(Skip(item.id, skip.reason, skip.until, skip.detail))
        except (MissingFigureError, MissingExchangeRateError) as error:
            decision.skips.append(_skip_of(item, error))
    lines.sort(key=lambda line: (line.level.kind == "courtesy", line.date_due, line.item.id))
    lines = _set_off_credits(lines, customer, decision)
    lines = _add_charges(lines, customer, context, decision)
    groups: dict[tuple[int, str], list[Line]] = {}
    for line in lines:
        groups.setdefault((line.item.currency_id, _scope_key(line, customer.policy)), []).append(line)
    for (currency_id, scope_key), group in groups.items():
        try:
            decision.letters.append(_make_letter(customer, context, currency_id, scope_key, group))
        except _SkipError as skip:
            decision.skips += [Skip(line.item.id, skip.reason, skip.until, skip.detail) for line in group]
        except (MissingFigureError, MissingExchangeRateError) as error:
            decision.skips += [_skip_of(line.item, error) for line in group]
    _claim_orphans(decision.letters, customer)
    return decision


def _claim_orphans(letters: list[Letter], customer: Customer) -> None:
    """Claim the open charges of settled invoices in the strongest letter of their currency, never in a free one."""
    if not customer.policy.claims_orphan_charges:
        return
    for currency_id, claims in customer.orphans.items():
        fitting = [
            letter
            for letter in letters
            if letter.currency_id == currency_id and {"courtesy", "first"}.isdisjoint(letter.scope_key.split("/"))
        ]
        if fitting:
            max(fitting, key=lambda letter: letter.level.rank).orphans = list(claims)


def _skip_of(item: Item, error: MissingFigureError | MissingExchangeRateError) -> Skip:
    if isinstance(error, MissingFigureError):
        return Skip(item.id, "missing_legal_value", detail=f"{error.code} {error.on.isoformat()}")
    return Skip(item.id, "no_rate")


def _find_customer_reason(customer: Customer, context: Context) -> tuple[str | None, date | None]:
    if not context.is_active:
        return "company_off", None
    if customer.is_excluded and (not customer.excluded_until or customer.excluded_until >= context.day):
        return "customer_excluded", customer.excluded_until and customer.excluded_until + _DAY
    if not customer.policy:
        return "no_policy", None
    if not REGIMES[customer.policy.regime].fits(customer.kind):
        return "policy_unsuitable", None
    return None, None


def _make_line(item: Item, customer: Customer, context: Context) -> Line:
    policy, day = customer.policy, context.day
    if item.is_pending:
        raise _SkipError("notice_pending")
    if item.is_excluded and (not item.excluded_until or item.excluded_until >= day):
        raise _SkipError("item_excluded", item.excluded_until and item.excluded_until + _DAY)
    amount = item.residual
    for hold in item.holds:
        if hold.until and hold.until < day:
            continue
        amount -= amount if hold.amount is None else hold.amount
        if amount <= 0:
            raise _SkipError(hold.reason, hold.until and hold.until + _DAY)
    date_due = REGIMES[policy.regime].due_date(item, policy, context)
    level = find_next_level(item, policy, day, date_due)
    if not level:
        raise _SkipError("levels_done")
    ready = find_ready_day(item, level, policy, date_due)
    if ready > day and level.kind == "courtesy" and ready > date_due:
        # no working day is left before the due date
        level = find_next_level(item, policy, date_due + _DAY, date_due)
        if not level:
            raise _SkipError("levels_done")
        ready = find_ready_day(item, level, policy, date_due)
    if ready > day or (policy.working_days_only and not is_working_day(day, _calendar(policy))):
        raise _SkipError("too_early", max(ready, _next_possible_day(day, policy)))
    if policy.min_line and context.convert(amount, item.currency_id, context.company_currency_id) < policy.min_line:
        raise _SkipError("below_minimum")
    return Line(item, level, date_due, amount, (day - date_due).days)


def _next_possible_day(day: date, policy: Policy) -> date:
    return add_working_days(day, 1, _calendar(policy)) if policy.working_days_only else day + _DAY


def _set_off_credits(lines: list[Line], customer: Customer, decision: Decision) -> list[Line]:
    """Set money on account against the oldest debts of its currency, or hold the letters back, as the policy says."""
    if customer.policy.netting not in ("net", "block"):
        return lines
    money = {currency_id: amount for currency_id, amount in customer.credits.items() if amount > 0}
    kept = []
    for line in lines:
        available = money.get(line.item.currency_id, ZERO)
        if available and (customer.policy.netting == "block" or available >= line.amount):
            decision.skips.append(Skip(line.item.id, "unallocated_money"))
            if customer.policy.netting == "net":
                money[line.item.currency_id] = available - line.amount
            continue
        if available:
            line.credit = available
            money[line.item.currency_id] = ZERO
        kept.append(line)
    return kept


def _add_charges(lines: list[Line], customer: Customer, context: Context, decision: Decision) -> list[Line]:
    """Compute what each line claims and announces; a line that needs an unknown figure waits."""
    debts: dict[int, _Debt] = {}
    kept = []
    for line in lines:
        move_id = line.item.move_id
        claims = customer.claims.get(move_id, [])
        debt = debts.get(move_id) or _Debt.of(claims)
        try:
            line.claims = [claim for claim in claims if claim.item_id == line.item.id and claim.is_open]
            debts[move_id] = _charge_line(line, debt, claims, customer.policy, context)
        except (MissingFigureError, MissingExchangeRateError) as error:
            decision.skips.append(_skip_of(line.item, error))
            continue
        kept.append(line)
    return kept


@dataclass(frozen=True, slots=True)
class _Debt:
    """What was claimed for one invoice so far, or announced in this letter."""

    base: Decimal = ZERO
    indemnity: Decimal = ZERO
    has_fixed: bool = False
    announced_base: Decimal = ZERO
    announced: Decimal = ZERO
    announced_fixed: bool = False

    @classmethod
    def of(cls, claims: Iterable[Claim]) -> "_Debt":
        indemnities = [claim for claim in claims if claim.kind == "indemnity"]
        return cls(
            base=sum((claim.base for claim in indemnities), ZERO),
            indemnity=sum((claim.amount for claim in indemnities), ZERO),
            has_fixed=any(claim.kind == "fixed" for claim in claims),
        )


def _charge_line(line: Line, debt: _Debt, claims: list[Claim], policy: Policy, context: Context) -> _Debt:
    regime, level, item = REGIMES[policy.regime], line.level, line.item
    own = [claim for claim in claims if claim.item_id == item.id]
    start = regime.interest_start(item, line.date_due)
    charges: list[NewCharge] = []
    if policy.charge_interest and level.charge_interest and start:
        charges += _interest(line, start, own, policy, context)
    base, indemnity, has_fixed = debt.base, debt.indemnity, debt.has_fixed
    if policy.charge_indemnity and level.charge_indemnity and not any(c.kind == "indemnity" for c in own) and start:
        # one debt, one indemnity: further instalments of an invoice add only what the larger balance adds
        base += line.net
        amount = max(regime.indemnity(base, item.currency_id, policy, context) - indemnity, ZERO)
        indemnity += amount
        if amount:
            charges.append(NewCharge("indemnity", item.id, amount, line.net, regime.indemnity_ground))
    if level.charge_fixed and not any(claim.kind == "fixed" for claim in own):
        euros, ground = regime.fixed_sum(context)
        if euros and (policy.fixed_per_instalment or not has_fixed):
            amount = context.convert(euros, context.law_currency_id, item.currency_id)
            amount = round_half_up(amount, context.unit(item.currency_id))
            charges.append(NewCharge("fixed", item.id, amount, line.net, ground))
            has_fixed = True
    announced_base, announced, announced_fixed = debt.announced_base, debt.announced, debt.announced_fixed
    if regime.announces(line):
        try:
            announced_base += line.net
            if policy.charge_indemnity and any(later.charge_indemnity for later in policy.levels):
                amount = regime.indemnity(announced_base, item.currency_id, policy, context)
                line.announced_indemnity = max(amount - announced, ZERO)
                announced = max(amount, announced)
            if any(later.charge_fixed for later in policy.levels) and (
                policy.fixed_per_instalment or not (announced_fixed or has_fixed)
            ):
                euros, _ground = regime.fixed_sum(context)
                amount = context.convert(euros, context.law_currency_id, item.currency_id)
                line.announced_indemnity += round_half_up(amount, context.unit(item.currency_id))
                announced_fixed = True
        except (MissingFigureError, MissingExchangeRateError):
            if regime.must_announce():
                raise
            line.announced_indemnity = ZERO
    line.charges = charges
    return _Debt(base, indemnity, has_fixed, announced_base, announced, announced_fixed)


def _interest(line: Line, start: date, own: list[Claim], policy: Policy, context: Context) -> list[NewCharge]:
    item, day = line.item, context.day
    claimed_to = max((claim.date_to for claim in own if claim.kind == "interest" and claim.date_to), default=None)
    if claimed_to:
        start = max(start, claimed_to + _DAY)
    if start > day:
        return []
    regime = REGIMES[policy.regime]
    # what is held, being paid or on account bears no interest: the customer's advantage
    away = item.residual - line.net
    steps = [(first, max(principal - away, ZERO)) for first, principal in item.steps] or [(_BEGINNING, line.net)]
    rates = regime.interest_rates(policy, start, day, context.law)
    slices = interest_slices(steps, rates, start, day, _day_base(context))
    amount = round_half_up(sum((piece.exact for piece in slices), Fraction()), context.unit(item.currency_id))
    if not amount:
        return []
    return [NewCharge("interest", item.id, amount, line.net, regime.interest_ground, start, day, tuple(slices))]


def _day_base(context: Context) -> int:
    return int(context.law.value("late_day_base", context.day))


def _scope_key(line: Line, policy: Policy) -> str:
    parts = []
    if line.level.kind == "courtesy":
        parts.append("courtesy")
    if line.level.kind == "reminder" and REGIMES[policy.regime].separates_first_reminder:
        parts.append("first")
    if policy.letter_scope == "invoice":
        parts.append(f"invoice:{line.item.move_id}")
    return "/".join(parts)


def _make_letter(customer: Customer, context: Context, currency_id: int, scope_key: str, lines: list[Line]) -> Letter:
    policy = customer.policy
    regime = REGIMES[policy.regime]
    if (currency_id, scope_key) in customer.written:
        raise _SkipError("already_written", context.day + _DAY)
    net = sum((line.net for line in lines), ZERO)
    if policy.min_letter and context.convert(net, currency_id, context.company_currency_id) < policy.min_letter:
        raise _SkipError("below_minimum")
    level = max((line.level for line in lines), key=lambda level: level.rank)
    channel = _choose_channel(customer, level)
    if level.languages is not None and customer.lang not in level.languages:
        raise _SkipError("no_text", detail=customer.lang or "")
    if not context.has_bank_account:
        raise _SkipError("no_bank_account")
    cost = regime.cost(lines, customer, policy, context)
    if cost:
        next(line for line in lines if line.item.id == cost.item_id).charges.append(cost)
    leaves_on = posting_day(context.day, channel, policy)
    deadline = leaves_on + timedelta(days=level.payment_deadline_days)
    earliest_charge_date = None
    if any(line.level.kind == "reminder" for line in lines):
        term = regime.free_term(leaves_on, channel, context)
        if term:
            deadline = max(deadline, term.last_free_day)
            earliest_charge_date = term.earliest_charge_date
    has_unallocated = policy.netting == "warn" and customer.credits.get(currency_id, ZERO) > 0
    return Letter(
        level=level,
        currency_id=currency_id,
        scope_key=scope_key,
        lines=lines,
        channel=channel,
        needs_approval=has_unallocated or not all(line.level.automatic for line in lines),
        deadline=deadline,
        earliest_charge_date=earliest_charge_date,
        announced_interest_rate=regime.announced_rate(policy, context),
    )


def _choose_channel(customer: Customer, level: Level) -> str:
    """The first channel by which the customer can be reached."""
    wanted = [customer.forced_channel, level.channel, level.fallback_channel]
    for channel in filter(None, wanted):
        if customer.contact_id and (customer.has_email if channel == "email" else customer.has_address):
            return channel
    raise _SkipError("no_recipient")
