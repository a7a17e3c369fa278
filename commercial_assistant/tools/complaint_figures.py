"""Arithmetic of the complaint figures: sharing what a supplier gives back, comparing months, drawing bars."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_DOWN, Decimal


def share_amount(amount: Decimal, weights: Sequence[Decimal], unit: Decimal = Decimal("0.01")) -> list[Decimal]:
    """Share an amount in proportion to weights; the parts add up to the amount exactly.

    Each part is a multiple of ``unit``; what rounding leaves goes to the parts that lost most, the first ones first.
    Without any weight the parts are as even as possible.

    :param amount: what is shared, a multiple of ``unit``, not negative
    :param weights: one for each part, none of them negative
    :param unit: smallest coin of the currency
    """
    if not weights:
        return []
    if amount < 0 or unit <= 0 or any(weight < 0 for weight in weights):
        raise ValueError("Neither amounts nor weights are negative")
    total = sum(weights, Decimal(0))
    if not total:
        weights, total = [Decimal(1)] * len(weights), Decimal(len(weights))
    exact = [amount * weight / total for weight in weights]
    parts = [(part / unit).to_integral_value(ROUND_DOWN) * unit for part in exact]
    coins = int(((amount - sum(parts, Decimal(0))) / unit).to_integral_value())
    losers = sorted(range(len(parts)), key=lambda number: (parts[number] - exact[number], number))
    for number in losers[:coins]:
        parts[number] += unit
    return parts


def month_bounds(day: date) -> tuple[date, date]:
    """First and last day of the month of ``day``."""
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


def previous_month(day: date) -> date:
    """First day of the month before that of ``day``."""
    return date(day.year - 1, 12, 1) if day.month == 1 else date(day.year, day.month - 1, 1)


def percentage(part: float, whole: float) -> float | None:
    """Share in percent with one decimal; nothing where there is no whole."""
    return round(100.0 * part / whole, 1) if whole else None


def mean(total: float, count: int) -> float | None:
    """Mean with one decimal; nothing where nothing was counted."""
    return round(total / count, 1) if count else None


def bar_lengths(values: Sequence[float], length: float = 100.0) -> list[float]:
    """Lengths of bars for values, the largest of which fills ``length``; nothing is drawn below zero."""
    top = max(values, default=0)
    return [round(length * max(value, 0) / top, 2) if top > 0 else 0.0 for value in values]
