"""How old claims are: buckets of days after the due date.

Pure functions; the day to look from is an argument. Bucket 0 holds what is not late, the last one whatever is later
than the last limit: with the limits 30, 60, 90 and 180 these are *not due*, *1-30*, *31-60*, *61-90*, *91-180*,
*> 180*.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

DEFAULT_LIMITS = (30, 60, 90, 180)


class LimitError(ValueError):
    """The limits of the buckets are not numbers of days that grow."""


def check_limits(limits: Sequence[int]) -> tuple[int, ...]:
    """Return the limits as a tuple; they are positive and each one is greater than the one before."""
    result = tuple(limits)
    if not result or result[0] < 1 or any(low >= high for low, high in zip(result, result[1:], strict=False)):
        raise LimitError(f"Not growing numbers of days: {result}")  # noqa: TRY003 - read by programmers only
    return result


def bucket_starts(limits: Sequence[int]) -> tuple[int, ...]:
    """Return the first day late of each bucket but the first: ``(1, 31, 61, ...)``."""
    return (1, *(limit + 1 for limit in check_limits(limits)))


def bucket_index(days_late: int, limits: Sequence[int]) -> int:
    """Return the number of the bucket for so many days after the due date; 0 for what is not late."""
    return bisect_right(bucket_starts(limits), days_late)


def bucket_bounds(limits: Sequence[int]) -> list[tuple[int | None, int | None]]:
    """Return first and last day late of each bucket; ``None`` where a bucket has no end."""
    starts = bucket_starts(limits)
    return [(None, 0), *zip(starts, (*limits, None), strict=True)]


def age(items: Iterable[tuple[date, Decimal]], day: date, limits: Sequence[int]) -> list[Decimal]:
    """Return the amounts by bucket.

    :param items: due date and amount of each claim, all in one currency
    :param day: the day to look from
    """
    starts = bucket_starts(limits)
    amounts = [Decimal() for _bucket in range(len(starts) + 1)]
    for due, amount in items:
        amounts[bisect_right(starts, (day - due).days)] += amount
    return amounts
