"""Amounts of complaints: sharing one out so that nothing is lost."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal


def share_out(amount: float, weights: Sequence[float], digits: int = 2) -> list[float]:
    """Share ``amount`` out in proportion to ``weights``.

    The shares are rounded to ``digits`` and add up to the amount rounded so: what rounding leaves goes, a unit each, to
    the shares that lost most by it. Without any weight the first share takes all.

    :param amount: not negative
    :param weights: not negative, at least one
    """
    unit = Decimal(1).scaleb(-digits)
    total = Decimal(repr(float(amount))).quantize(unit)
    parts = [Decimal(repr(float(weight))) for weight in weights]
    whole = sum(parts)
    if not whole:
        return [float(total)] + [0.0] * (len(parts) - 1)
    exact = [total * part / whole for part in parts]
    shares = [share.quantize(unit, rounding=ROUND_FLOOR) for share in exact]
    missing = int((total - sum(shares)) / unit)
    for index in sorted(range(len(parts)), key=lambda i: (shares[i] - exact[i], i))[:missing]:
        shares[index] += unit
    return [float(share) for share in shares]
