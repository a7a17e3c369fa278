"""Key figures of receivables as plain formulas; each currency by itself, dates are arguments.

*Count-back DSO*: the balance is compared with the sales of the latest period, then of the period before, until it is
used up; each period that is used up whole counts with all its days, the last one with the used share of its days.

*Best-possible DSO*: the same count-back of what is not due yet: what would remain if everybody paid on the due date.

*Average days delinquent*: the difference of the two.

*Collection time incl. open items*: days from the invoice to the payment, weighted by amount; what is still open counts
with its days until now. Unlike the mean of paid invoices it does not look better when bad payers do not pay at all.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal


def countback_days(balance: Decimal, periods: Sequence[tuple[int, Decimal]]) -> Decimal | None:
    """Return the days of sales that the balance stands for.

    :param balance: what is open
    :param periods: ``(days, sales)`` of each period, the latest first. Sales below zero (more credit notes than
        invoices) count as none.
    :return: ``None`` when there were no sales to compare with, else at most the days of all periods together
    """
    if balance <= 0:
        return Decimal()
    if not any(sales > 0 for _days, sales in periods):
        return None
    left, total = balance, Decimal()
    for days, sales in periods:
        if sales > 0 and left <= sales:
            return total + days * left / sales
        left -= max(sales, Decimal())
        total += days
    return total


def days_delinquent(dso: Decimal | None, best_possible: Decimal | None) -> Decimal | None:
    """Return the days that are lost because customers pay late."""
    if dso is None or best_possible is None:
        return None
    return max(dso - best_possible, Decimal())


def collection_days(paid: Iterable[tuple[Decimal, int]], still_open: Iterable[tuple[Decimal, int]]) -> Decimal | None:
    """Return the mean days from invoice to payment, open items included.

    :param paid: amount and days from the invoice to the payment
    :param still_open: amount and days from the invoice until now
    """
    weight = weighted = Decimal()
    for items in (paid, still_open):
        for amount, days in items:
            weight += amount
            weighted += amount * max(days, 0)
    return weighted / weight if weight > 0 else None


def rate(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    """Return a share in percent, ``None`` when there is nothing to take a share of."""
    return Decimal(100) * part / whole if whole else None
