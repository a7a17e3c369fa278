"""The decision about reminders: which letters leave for one customer's open items, what they claim, why the rest waits.

Pure functions: the day, the policy, the figures of law and the exchange rates are arguments, so that the nightly job,
the button and the dry run cannot decide differently. Amounts are ``Decimal`` in the currency of the item.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from .dunning_law import REGIMES, Law, MissingFigureError, NewCharge
from .late_payment import compound_slices, interest_slices, round_half_up
from .working_days import COUNTRIES, add_working_days, is_working_day

ZERO = Decimal()
_DAY = timedelta(days=1)
_BEGINNING = date(1900, 1, 1)
INSTANT_CHANNELS = frozenset(("email", "sms", "phone"))
KIND_ORDER = ("courtesy", "reminder", "second_reminder", "formal_notice", "last_notice")


class MissingExchangeRateError(LookupError):
    """An amount cannot be converted: one of the currencies has no rate."""

    def __init__(self, currency_id: int) -> None:
        super().__init__(f"Currency {currency_id} has no rate.")
        self.currency_id = currency_id


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
    second_fallback_channel: str | None = None
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
    longer_term_is_justified: bool = True  # BE public authorities
    due_date_is_agreed: bool = False  # NL consumers
    compound_interest: bool = False  # NL
    vat_on_costs: bool = False  # NL
    invoices_state_interest: bool = False  # LU consumers
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


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a first reminder said that would be claimed for its invoices together, and what of it was claimed."""

    letter_id: int
    amount: Decimal
    claimed: Decimal = ZERO
    claimed_base: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Reminded:
    """What the first reminders of an item asked for, read only where each part needs a first reminder of its own.

    A part that was held then (a dispute, a promise) has had none when the hold ends.
    """

    amount: Decimal  # open amount that had its first reminder when the last of them left
    residual: Decimal  # what was open at that time, with what was held
    credited: Decimal = ZERO  # credit notes since
    announced: Decimal = ZERO  # indemnity that was announced for the whole debt
    rounds: int = 1  # first reminders, each for another part
    later: tuple[tuple[date, Decimal], ...] = ()  # (first day that may bear interest, part) of all but the first

    def still_open(self, residual: Decimal) -> Decimal:
        """Return how much of what is open now had its first reminder.

        A payment settles what was asked for, a credit note first what was held.
        """
        less = max(self.residual - residual, ZERO)
        credited = min(self.credited, less)
        held = self.residual - self.amount
        return min(max(self.amount - (less - credited) - max(credited - held, ZERO), ZERO), residual)


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
    delivered_on: date | None = None  # the goods; read only where the law asks for it
    announcement: Announcement | None = None  # read only where the law asks for it
    reminded: Reminded | None = None  # read only where the law asks for it


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
    has_phone: bool = False
    has_mobile: bool = False  # a number that takes text messages
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


@dataclass(slots=True)
class Line:
    """One item in a letter."""

    item: Item
    level: Level
    date_due: date
    amount: Decimal  # open amount that is reminded
    days_late: int
    told: Decimal = ZERO  # what else of the item had its first reminder before
    is_part: bool = False  # the first reminder of a part that was held when the rest had its own
    on_the_way: Decimal = ZERO  # payments that are not booked yet; paid for whoever reads the letter
    credit: Decimal = ZERO  # money on account deducted from it
    announced_indemnity: Decimal = ZERO
    charges: list[NewCharge] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)

    @property
    def net(self) -> Decimal:
        return self.amount - self.credit

    @property
    def round(self) -> int:
        """Number of the first reminder that this line is or follows; the levels begin anew with each of them."""
        rounds = self.item.reminded.rounds if self.item.reminded else 0
        return rounds if self.is_part else max(rounds - 1, 0)

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


# --- TIMING ---


def find_next_level(item: Item, policy: Policy, day: date, date_due: date) -> Level | None:
    """Return the level that follows the last delivered one; nothing is skipped but a courtesy reminder too late.

    A level of another policy counts by its kind. A level delivered under another law does not count: its letter did not
    say what this law wants to be said.
    """
    levels = list(policy.levels)
    if item.level_id and REGIMES[policy.regime].counts(item.level_regime):
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
    return day if channel in INSTANT_CHANNELS else add_working_days(day, policy.posting_days, _calendar(policy))


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
    on_the_way = ZERO
    for hold in item.holds:
        if hold.until and hold.until < day:
            continue
        held = amount if hold.amount is None else hold.amount
        amount -= held
        if hold.reason == "payment_in_process":
            on_the_way += held
        if amount <= 0:
            raise _SkipError(hold.reason, hold.until and hold.until + _DAY)
    date_due = REGIMES[policy.regime].due_date(item, policy, context)
    told = _told_of(item, amount, policy)
    if told < amount:
        part = _make_part_line(item, amount - told, told, date_due, customer, context)
        if part:
            part.on_the_way = on_the_way
            return part
        amount = told
        if not amount:
            raise _SkipError("below_minimum")
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
    return Line(item, level, date_due, amount, (day - date_due).days, on_the_way=on_the_way)


def _told_of(item: Item, amount: Decimal, policy: Policy) -> Decimal:
    """Return how much of an amount had its first reminder, as far as this law asks for it."""
    regime = REGIMES[policy.regime]
    if not (regime.reminds_each_part and item.reminded and item.first_reminder_on and regime.counts(item.level_regime)):
        return amount
    return min(amount, item.reminded.still_open(item.residual))


def _make_part_line(
    item: Item, amount: Decimal, told: Decimal, date_due: date, customer: Customer, context: Context
) -> Line | None:
    """Return the first reminder of a part that had none; nothing where it is too small for a letter."""
    policy, day = customer.policy, context.day
    level = next((level for level in policy.levels if level.kind == "reminder"), None)
    own = context.convert(amount, item.currency_id, context.company_currency_id)
    if not level or own < policy.min_line or amount < context.unit(item.currency_id):
        return None
    # the time that the first reminder of the rest opened is not the time of this part
    ready = find_ready_day(replace(item, earliest_charge_on=None), level, policy, date_due)
    if ready > day or (policy.working_days_only and not is_working_day(day, _calendar(policy))):
        raise _SkipError("too_early", max(ready, _next_possible_day(day, policy)))
    return Line(item, level, date_due, amount, (day - date_due).days, told=told, is_part=True)


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
    debts: dict[Hashable, _Debt] = {}
    kept = []
    for line in lines:
        claims = customer.claims.get(line.item.move_id, [])
        key = REGIMES[customer.policy.regime].debt_key(line.item)
        debt = debts.get(key) or _Debt.of(line.item, claims)
        try:
            if line.is_part:
                # it is free, also of what is claimed already for the rest
                line.announced_indemnity = _announce_part(line, claims, customer.policy, context)
                kept.append(line)
                continue
            line.claims = [claim for claim in claims if claim.item_id == line.item.id and claim.is_open]
            debts[key] = _charge_line(line, debt, claims, customer.policy, context)
        except (MissingFigureError, MissingExchangeRateError) as error:
            decision.skips.append(_skip_of(line.item, error))
            continue
        kept.append(line)
    return kept


@dataclass(frozen=True, slots=True)
class _Debt:
    """What was claimed for one debt so far, or announced in this letter; usually a debt is an invoice."""

    base: Decimal = ZERO
    indemnity: Decimal = ZERO
    has_fixed: bool = False
    announced_base: Decimal = ZERO
    announced: Decimal = ZERO
    announced_fixed: bool = False

    @classmethod
    def of(cls, item: Item, claims: Iterable[Claim]) -> "_Debt":
        if item.announcement:
            return cls(base=item.announcement.claimed_base, indemnity=item.announcement.claimed)
        indemnities = [claim for claim in claims if claim.kind == "indemnity"]
        return cls(
            base=sum((claim.base for claim in indemnities), ZERO),
            indemnity=sum((claim.amount for claim in indemnities), ZERO),
            has_fixed=any(claim.kind == "fixed" for claim in claims),
        )


def _announce_part(line: Line, claims: list[Claim], policy: Policy, context: Context) -> Decimal:
    """Return the indemnity that the first reminder of a further part announces: what it adds to the one of the rest.

    An indemnity that is claimed already is not claimed a second time.
    """
    if not policy.charge_indemnity or not any(level.charge_indemnity for level in policy.levels):
        return ZERO
    if any(claim.kind == "indemnity" and claim.item_id == line.item.id for claim in claims):
        return ZERO
    amount = REGIMES[policy.regime].indemnity(line.told + line.net, line.item.currency_id, policy, context)
    return max(amount - line.item.reminded.announced, ZERO)


def _charge_line(line: Line, debt: _Debt, claims: list[Claim], policy: Policy, context: Context) -> _Debt:
    regime, level, item = REGIMES[policy.regime], line.level, line.item
    own = [claim for claim in claims if claim.item_id == item.id]
    start = regime.interest_start(item, line.date_due, policy, context)
    charges: list[NewCharge] = []
    if policy.charge_interest and level.charge_interest and start:
        charges += _interest(line, start, own, policy, context)
    base, indemnity, has_fixed = debt.base, debt.indemnity, debt.has_fixed
    may_claim = policy.charge_indemnity and level.charge_indemnity and regime.may_claim_sums(item)
    if may_claim and not any(claim.kind == "indemnity" for claim in own):
        # one debt, one indemnity: further parts of a debt add only what the larger balance adds
        base += line.net
        amount = regime.indemnity(base, item.currency_id, policy, context)
        if regime.limits_to_announced:
            amount = min(amount, item.announcement.amount)
        amount = max(amount - indemnity, ZERO)
        if regime.reminds_each_part and item.reminded:
            amount = min(amount, max(item.reminded.announced - indemnity, ZERO))
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
    origin = start
    if claimed_to:
        start = max(start, claimed_to + _DAY)
    if start > day:
        return []
    regime = REGIMES[policy.regime]
    # what is held, being paid or on account bears no interest: the customer's advantage
    away = item.residual - line.net
    steps = [(first, max(principal - away, ZERO)) for first, principal in item.steps] or [(_BEGINNING, line.net)]
    if item.reminded:
        for first, part in item.reminded.later:
            steps = _without_before(steps, part, first)
    unit = context.unit(item.currency_id)
    if policy.compound_interest and regime.compounds:
        rates = regime.interest_rates(policy, origin, day, context.law)
        settled = sum((claim.amount for claim in own if claim.kind == "interest" and not claim.is_open), ZERO)
        slices = compound_slices(steps, rates, origin, start, day, _day_base(context), settled, unit)
    else:
        rates = regime.interest_rates(policy, start, day, context.law)
        slices = interest_slices(steps, rates, start, day, _day_base(context))
    amount = round_half_up(sum((piece.exact for piece in slices), Fraction()), unit)
    if not amount:
        return []
    return [NewCharge("interest", item.id, amount, line.net, regime.interest_ground, start, day, tuple(slices))]


def _without_before(steps: list[tuple[date, Decimal]], part: Decimal, first: date) -> list[tuple[date, Decimal]]:
    """Return the principal without a part that bears interest only from a later day on."""
    current = next((principal for start, principal in reversed(steps) if start <= first), ZERO)
    before = [(start, max(principal - part, ZERO)) for start, principal in steps if start < first]
    return [*before, (first, current), *(step for step in steps if step[0] > first)]


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
    channel = _choose_channel(customer, level, [line.level.kind for line in lines])
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


def _choose_channel(customer: Customer, level: Level, kinds: Iterable[str]) -> str:
    """The first channel by which the customer can be reached and which the law allows for all kinds of the letter."""
    regime, kinds = REGIMES[customer.policy.regime], list(kinds)
    wanted = [customer.forced_channel, level.channel, level.fallback_channel, level.second_fallback_channel]
    reachable = {
        "email": customer.has_email,
        "post": customer.has_address,
        "registered": customer.has_address,
        "sms": customer.has_mobile,
        "phone": customer.has_phone,
    }
    for channel in filter(None, wanted):
        if customer.contact_id and reachable[channel] and all(regime.allows_channel(kind, channel) for kind in kinds):
            return channel
    raise _SkipError("no_recipient")
