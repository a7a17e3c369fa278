"""What a payment does to interest that was claimed before anybody knew of it, and what is owed after the last letter.

Pure functions: the days, principals and rates are arguments. Amounts are ``Decimal`` in the currency of the debt.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from .late_payment import InterestSlice

ZERO = Decimal()
_DAY = timedelta(days=1)


def principal_on(path: Sequence[tuple[date, Decimal]], day: date) -> Decimal:
    """Return what was open on a day.

    :param path: ``(from, principal)`` in order of time; nothing is open before the first
    """
    position = bisect_right([start for start, _principal in path], day)
    return path[position - 1][1] if position else ZERO


def correct_slices(
    slices: Sequence[InterestSlice], path: Sequence[tuple[date, Decimal]], held: Decimal = ZERO
) -> list[InterestSlice]:
    """Return a calculation as it is with the payments that are known now; no day ever bears more than before.

    :param path: what was open from which day on, as it is known now
    :param held: the part that bore no interest because it was not asked for
    """
    corrected = []
    for piece in slices:
        after = piece.end + _DAY
        cuts = sorted({piece.start, after, *(day for day, _principal in path if piece.start < day < after)})
        for first, following in pairwise(cuts):
            principal = min(piece.principal, max(principal_on(path, first) - held, ZERO))
            if principal:
                corrected.append(
                    piece._replace(
                        start=first, end=following - _DAY, days=(following - first).days, principal=principal
                    )
                )
    return corrected


def cap_path(path: Sequence[tuple[date, Decimal]], cap: Decimal) -> list[tuple[date, Decimal]]:
    """Return what was open, never more than what the last letter reckoned with."""
    return [(day, min(principal, cap)) for day, principal in path]
