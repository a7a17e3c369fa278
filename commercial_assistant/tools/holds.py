"""What of a debt is held back from reminders, and what became of a promise to pay.

Pure functions: amounts, days and numbers are arguments, so that the nightly job, a letter that is looked at again and
the screen cannot count differently. Amounts are ``Decimal`` in the currency of the item; currencies never meet.
"""

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .dunning import Hold

ZERO = Decimal()
OPEN, KEPT, PARTLY, BROKEN, VOID = "open", "kept", "partly", "broken", "void"


def unheld(residual: Decimal, holds: Iterable[Hold]) -> Decimal:
    """Return what stronger reasons leave of an open amount."""
    for hold in holds:
        if hold.amount is None:
            return ZERO
        residual -= hold.amount
    return max(residual, ZERO)


def spread(amount: Decimal, keys: Iterable[int], left: MutableMapping[int, Decimal]) -> dict[int, Decimal]:
    """Place an amount on the keys in their order, on each up to what is left there; ``left`` is reduced.

    :return: what lies on each key; together never more than the amount
    """
    placed = {}
    for key in keys:
        part = min(amount, left.get(key, ZERO))
        if part > 0:
            placed[key] = part
            left[key] -= part
            amount -= part
    return placed


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise of a customer. Without ``item_ids`` any debt in its currency may be paid."""

    id: int
    currency_id: int
    amount: Decimal
    first_day: date
    last_day: date  # the promised day and the days of grace
    mark: int = 0  # money booked with a number up to this was known when the promise was made
    item_ids: frozenset[int] = frozenset()

    def accepts(self, money: "Money") -> bool:
        """Whether this money can have been paid because of the promise."""
        return (
            money.currency_id == self.currency_id
            and self.first_day <= money.day <= self.last_day
            and (money.number is None or money.number > self.mark)
        )


@dataclass(frozen=True, slots=True)
class Money:
    """A part of a payment: allocated to one open item, to another debt (``item_id`` 0), or not yet (``None``)."""

    currency_id: int
    amount: Decimal
    day: date
    item_id: int | None = None
    number: int | None = None  # grows with the time of booking; None: not booked yet


@dataclass(frozen=True, slots=True)
class Paid:
    """What was paid on one promise; ``unallocated`` is the part that nobody has allocated to an invoice yet."""

    kept: Decimal = ZERO
    unallocated: Decimal = ZERO


def count_payments(promises: Sequence[Promise], money: Sequence[Money]) -> dict[int, Paid]:
    """Count for each promise of one customer what was really paid on it. No money counts twice.

    Promises that name their invoices come first: they take what was allocated to these. Then every promise, the
    earliest first, takes what is left: one without named invoices from any payment, one with them only from money that
    is not allocated yet.
    """
    left = {number: part.amount for number, part in enumerate(money)}
    order = sorted(promises, key=lambda promise: (promise.last_day, promise.id))
    kept = {promise.id: ZERO for promise in promises}
    unallocated = {promise.id: ZERO for promise in promises}

    def take(promise: Promise, numbers: list[int]) -> Decimal:
        found = spread(promise.amount - kept[promise.id], numbers, left)
        total = sum(found.values(), ZERO)
        kept[promise.id] += total
        return total

    def find(promise: Promise, item_ids: Iterable[int | None] | None) -> list[int]:
        return [
            number
            for number, part in enumerate(money)
            if promise.accepts(part) and (part.item_id is not None if item_ids is None else part.item_id in item_ids)
        ]

    for promise in order:
        if promise.item_ids:
            take(promise, find(promise, promise.item_ids))
    for promise in order:
        if not promise.item_ids:
            take(promise, find(promise, None))
        unallocated[promise.id] = take(promise, find(promise, (None,)))
    return {promise.id: Paid(kept[promise.id], unallocated[promise.id]) for promise in promises}


def find_outcome(amount: Decimal, kept: Decimal, still_open: Decimal, last_day: date, today: date) -> str:
    """Tell what became of a promise.

    :param still_open: what is open of the invoices it is about; a credit note lowers what can be paid at all
    :return: ``kept``, ``open``, ``partly``, ``broken``, or ``void`` when nothing is left to pay and nothing was paid
    """
    wanted = min(amount, kept + max(still_open, ZERO))
    if wanted <= 0:
        return VOID
    if kept >= wanted:
        return KEPT
    if today <= last_day:
        return OPEN
    return PARTLY if kept > 0 else BROKEN


def pending_credit(
    accepted: Mapping[int, Decimal], credited: Mapping[int, Decimal], shared: Decimal
) -> dict[int, Decimal]:
    """Return what is still to be credited of the accepted amounts of a dispute.

    :param accepted: accepted amount by line
    :param credited: credit notes allocated to the item of a line
    :param shared: credit notes made for the dispute as a whole; they count for its first lines first
    """
    left = {key: max(amount - credited.get(key, ZERO), ZERO) for key, amount in accepted.items()}
    spread(shared, list(left), left)
    return {key: amount for key, amount in left.items() if amount > 0}
