"""Which debts a payment settles, and in each of them first the costs, the interest or the principal.

Pure functions: amounts are ``Decimal`` in one currency, the day is an argument.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from .late_payment import allocate_payment

ZERO = Decimal()
PARTS = ("costs", "interest", "principal")
COSTS_FIRST = PARTS
PRINCIPAL_FIRST = ("principal", "interest", "costs")


@dataclass(frozen=True, slots=True)
class Debt:
    """What is open of one debt.

    :ivar key: stands for the debt
    :ivar date_due: its due date
    :ivar claim: open amount of each part: ``costs``, ``interest``, ``principal``
    :ivar is_named: the customer said that this debt is paid
    :ivar bears_interest: late payment of it costs the customer more every day
    """

    key: Hashable
    date_due: date
    claim: Mapping[str, Decimal] = field(default_factory=dict)
    is_named: bool = False
    bears_interest: bool = False


def order_debts(debts: Iterable[Debt], day: date) -> list[Debt]:
    """Return the debts in the order in which a payment of this day settles them.

    The customer chooses when paying; else the debt that is most onerous goes first: what is due before what is not due
    yet, what bears interest before what bears none; else the oldest (old Civil Code, art. 1253 and 1256, Book 5 Civil
    Code; Netherlands: art. 6:43 Civil Code; France and Luxembourg: art. 1342-10 Code civil and its predecessor).
    """
    return sorted(
        debts,
        key=lambda debt: (not debt.is_named, debt.date_due > day, not debt.bears_interest, debt.date_due),
    )


def allocate_over_debts(
    debts: Iterable[Debt], amount: Decimal, order: Sequence[str], day: date
) -> tuple[dict[Hashable, dict[str, Decimal]], Decimal]:
    """Divide a payment over several debts, one debt after the other.

    :param debts: the open debts, in any order
    :param amount: the amount received
    :param order: the parts of a debt in the order in which they are paid, see :func:`late_payment.allocate_payment`
    :param day: the day of the payment
    :return: what each part of each debt receives, and what is left of the payment
    """
    rest, shares = amount, {}
    for debt in order_debts(debts, day):
        share = allocate_payment(debt.claim, rest, order)
        rest = share.pop("rest")
        shares[debt.key] = share
    return shares, rest


def spread(capacities: Sequence[Decimal], amount: Decimal) -> list[Decimal]:
    """Fill the capacities one after the other with an amount; what exceeds them all is left over."""
    result = []
    for capacity in capacities:
        part = max(min(capacity, amount), ZERO)
        result.append(part)
        amount -= part
    return result
