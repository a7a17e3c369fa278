"""How a customer pays, as a score from 0 (never) to 100 (always on time).

Pure functions. Amounts only weigh; the day on which an open invoice is looked at is part of its days late.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

# points that can be lost: the delay counts most, then broken words, then claims that are contested
DELAY_POINTS = 70
PROMISE_POINTS = 20
DISPUTE_POINTS = 10
# so many days late, weighted by amount, cost all points of the delay
WORST_DELAY = 90
# one broken promise alone does not say that all are broken
PROMISE_PRIOR = 1

GRADES = ((85, "a"), (65, "b"), (40, "c"), (0, "d"))


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What is known about one customer; amounts in one currency of comparison."""

    settled: Decimal = Decimal()  # paid amounts
    settled_days: Decimal = Decimal()  # paid amounts times days after the due date, early ones count as 0
    open_late: Decimal = Decimal()  # open amounts that are late
    open_late_days: Decimal = Decimal()  # open late amounts times days late until now
    promises_due: int = 0
    promises_kept: int = 0
    claimed: Decimal = Decimal()  # everything invoiced in the time that is looked at
    disputed: Decimal = Decimal()


@dataclass(frozen=True, slots=True)
class Score:
    points: int
    grade: str
    delay: Decimal  # weighted days late, open items included
    lost_by_delay: int
    lost_by_promises: int
    lost_by_disputes: int


def delay_sums(items: Iterable[tuple[Decimal, int]]) -> tuple[Decimal, Decimal]:
    """Return the sum of the amounts and the sum of the amounts times days late; paying early earns nothing."""
    total = weighted = Decimal()
    for amount, days in items:
        total += amount
        weighted += amount * max(days, 0)
    return total, weighted


def weighted_delay(behaviour: Behaviour) -> Decimal | None:
    """Return the mean days late, weighted by amount, ``None`` when nothing was ever due.

    Open items that are late count with their days until now. A mean of paid invoices alone would call a customer
    prompt who paid one invoice and leaves ten others open.
    """
    weight = behaviour.settled + behaviour.open_late
    if weight <= 0:
        return None
    return (behaviour.settled_days + behaviour.open_late_days) / weight


def kept_rate(due: int, kept: int) -> Decimal | None:
    """Return the share of kept promises among those whose day has passed, ``None`` without any."""
    return Decimal(kept) / due if due else None


def share(part: Decimal, whole: Decimal) -> Decimal:
    """Return ``part`` of ``whole`` between 0 and 1; nothing of nothing is 0."""
    if whole <= 0 or part <= 0:
        return Decimal()
    return min(part / whole, Decimal(1))


def score(behaviour: Behaviour) -> Score | None:
    """Return the score, ``None`` for a customer of whom nothing was ever due."""
    delay = weighted_delay(behaviour)
    if delay is None:
        return None
    by_delay = DELAY_POINTS * min(delay / WORST_DELAY, Decimal(1))
    broken = behaviour.promises_due - behaviour.promises_kept
    by_promises = Decimal(PROMISE_POINTS * broken) / (behaviour.promises_due + PROMISE_PRIOR) if broken > 0 else 0
    by_disputes = DISPUTE_POINTS * share(behaviour.disputed, behaviour.claimed)
    lost = [round(part) for part in (by_delay, by_promises, by_disputes)]
    points = max(100 - sum(lost), 0)
    grade = next(letter for least, letter in GRADES if points >= least)
    return Score(points, grade, delay, *lost)
