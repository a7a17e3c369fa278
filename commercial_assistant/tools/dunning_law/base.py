"""What the decision about reminders asks of a law: one subclass of :class:`Regime` a country and customer kind."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from ..late_payment import ELECTRONIC, POST, FreeTerm, InterestSlice, round_half_up

if TYPE_CHECKING:
    from ..dunning import Context, Customer, Item, Level, Line, Policy

ZERO = Decimal()
DAY = timedelta(days=1)
BEGINNING = date(1900, 1, 1)
# what the customer can keep and read again
DURABLE_CHANNELS = frozenset(("email", "post", "registered"))


class MissingFigureError(LookupError):
    """A figure of law that is needed has no confirmed value for the day."""

    def __init__(self, code: str, on: date) -> None:
        super().__init__(f"{code} has no confirmed value for {on}.")
        self.code = code
        self.on = on


class Law(Protocol):
    """Where the figures of law come from. Every method raises :class:`MissingFigureError`."""

    def value(self, code: str, on: date, kind: str | None = None) -> Decimal: ...

    def tiers(self, code: str, on: date) -> Sequence[tuple[Decimal, Decimal, Decimal]]: ...

    def rates(self, code: str, start: date, end: date) -> Sequence[tuple[date, Decimal]]: ...


@dataclass(frozen=True, slots=True)
class NewCharge:
    """A claim that a letter adds. ``ground`` names the legal ground by a code."""

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


@dataclass(frozen=True, slots=True)
class FirstReminder:
    """What the delivery of the first reminder starts."""

    last_free_day: date
    earliest_charge_on: date
    interest_from: date | None


class Regime:
    """What the law says about reminders.

    :cvar kinds: kinds of customers this law may be applied to; one that protects more fits every kind
    :cvar family: codes of the laws whose letters count as letters of this one, because they say the same
    :cvar separates_first_reminder: whether the first reminder may not share a letter with later levels
    :cvar needs_durable: kinds of letters that the customer must be able to keep
    :cvar interest_kind: kind of level whose delivery lets interest run, where the law wants that
    :cvar compounds: whether the law adds the interest of each full year to the principal
    :cvar needs_deliveries: whether interest depends on the day the goods were delivered
    :cvar limits_to_announced: whether nothing may be claimed beyond what the first reminder announced
    :cvar reminds_each_part: whether each part of a debt needs a first reminder of its own before anything is claimed
    """

    code = ""
    country = "BE"
    kinds: tuple[str, ...] = ()
    family: frozenset[str] = frozenset()
    rate_code = ""
    separates_first_reminder = False
    needs_durable: frozenset[str] = frozenset(("formal_notice", "last_notice"))
    interest_kind = ""
    compounds = False
    needs_deliveries = False
    limits_to_announced = False
    reminds_each_part = False
    interest_ground = ""
    indemnity_ground = ""

    def fits(self, kind: str) -> bool:
        """Whether this law may be applied to such a customer."""
        return kind in self.kinds

    def counts(self, code: str | None) -> bool:
        """Whether a letter of that law is one of this law too."""
        return code == self.code or code in self.family

    def allows_channel(self, kind: str, channel: str) -> bool:
        """Whether a letter of this kind may take this way to the customer."""
        return channel in DURABLE_CHANNELS or kind not in self.needs_durable

    # --- TIME ---

    def due_date(self, item: "Item", policy: "Policy", context: "Context") -> date:
        return item.date_due

    def not_before(self, item: "Item", level: "Level") -> date | None:
        """Earliest day of a level, besides the days of the policy."""
        return None

    def free_term(self, sent_on: date, channel: str, context: "Context") -> FreeTerm | None:
        """The term the first reminder opens; ``None`` where the law knows none."""
        return None

    def first_reminder(self, sent_on: date, channel: str, context: "Context") -> FirstReminder | None:
        """What the delivery of a first reminder on this day starts."""
        return None

    # --- INTEREST ---

    def interest_start(self, item: "Item", date_due: date, policy: "Policy", context: "Context") -> date | None:
        """First day that bears interest; ``None`` when interest may not be claimed yet."""
        raise NotImplementedError

    def interest_after(self, sent_on: date, channel: str, context: "Context") -> date | None:
        """First day that bears interest after a letter of ``interest_kind`` was sent on this day."""
        return None

    def interest_rates(self, policy: "Policy", start: date, end: date, law: Law) -> list[tuple[date, Decimal]]:
        return [(day, Decimal(percent)) for day, percent in law.rates(self.rate_code, start, end)]

    def announced_rate(self, policy: "Policy", context: "Context") -> Decimal | None:
        """The interest rate a letter names, when it is known."""
        if not policy.charge_interest:
            return None
        try:
            return self.interest_rates(policy, context.day, context.day, context.law)[-1][1]
        except MissingFigureError:
            return None

    # --- SUMS ---

    def debt_key(self, item: "Item") -> Hashable:
        """What stands for the debt an item is a part of: one debt owes one indemnity."""
        return item.move_id

    def may_claim_sums(self, item: "Item") -> bool:
        """Whether the time for an indemnity has come."""
        return True

    def indemnity(self, balance: Decimal, currency_id: int, policy: "Policy", context: "Context") -> Decimal:
        """The indemnity for one debt of this size, in its currency."""
        return ZERO

    def fixed_sum(self, context: "Context") -> tuple[Decimal, str]:
        """The fixed sum for recovery costs with its ground; zero where the law knows none."""
        return ZERO, ""

    def cost(self, lines: "list[Line]", customer: "Customer", policy: "Policy", context: "Context") -> NewCharge | None:
        """What this reminder itself may cost."""
        return None

    def announces(self, line: "Line") -> bool:
        """Whether the letter must or may say what will be claimed later for this line."""
        return line.level.kind == "reminder"

    def must_announce(self) -> bool:
        """Whether the letter has to wait when the announced amounts cannot be computed."""
        return False


class BusinessRegime(Regime):
    """Late payment between undertakings (directive 2011/7/EU): interest without notice and a fixed sum.

    :cvar fixed_code: figure of the fixed sum
    """

    kinds = ("business", "public")
    fixed_code = ""
    fixed_ground = ""
    cost_ground = ""

    def interest_start(self, item, date_due, policy, context):
        return date_due + DAY

    def interest_rates(self, policy, start, end, law):
        if policy.interest_percent is not None:
            return [(BEGINNING, policy.interest_percent)]
        return super().interest_rates(policy, start, end, law)

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
        return Decimal(context.law.value(self.fixed_code, context.day)), self.fixed_ground

    def cost(self, lines, customer, policy, context):
        for line in lines:
            if line.level.cost and line.level.kind != "courtesy":
                amount = context.convert(line.level.cost, context.company_currency_id, line.item.currency_id)
                amount = round_half_up(amount, context.unit(line.item.currency_id))
                return NewCharge("cost", line.item.id, amount, ZERO, self.cost_ground) if amount else None
        return None


class ConsumerRegime(Regime):
    """A law that protects the customer at least as much as any other, so that it is never wrong."""

    kinds = ("consumer", "business", "public")

    def interest_rates(self, policy, start, end, law):
        """The rate of the law is the highest one; the terms may ask less."""
        cap = super().interest_rates(policy, start, end, law)
        if policy.interest_percent is None:
            return cap
        return [(day, min(percent, policy.interest_percent)) for day, percent in cap]


def sending_of(channel: str) -> str:
    """Return how the free term counts a channel; whatever is no mail counts as the slower post."""
    return ELECTRONIC if channel == "email" else POST
