"""What may be claimed besides the principal when a debt is handed over for collection."""

from collections.abc import Mapping
from decimal import ROUND_DOWN, Decimal

# what is kept first when the law caps the sum: what the law itself grants before what a clause grants
ORDER = ("interest", "fixed", "indemnity", "cost")
_ZERO = Decimal()


def cap_extras(
    principal: Decimal, extras: Mapping[str, Decimal], percent: Decimal, unit: Decimal = Decimal("0.01")
) -> dict[str, Decimal]:
    """Return the extras that stay within a share of the principal; what goes beyond is left off, the last kind first.

    Recovery of undisputed money debts (Judicial Code, art. 1394/20): interest, indemnity and increases together reach
    at most 10 % of the principal. The cap is rounded down to the smallest unit of the currency.

    :param extras: amounts by kind (``interest``, ``fixed``, ``indemnity``, ``cost``)
    """
    if principal < 0 or percent < 0 or any(amount < 0 for amount in extras.values()):
        raise ValueError("Amounts and the share are not negative.")
    cap = (principal * percent / 100 / unit).to_integral_value(ROUND_DOWN) * unit
    kinds = [kind for kind in ORDER if kind in extras] + sorted(set(extras) - set(ORDER))
    kept, left = {}, cap
    for kind in kinds:
        kept[kind] = min(extras[kind], left)
        left -= kept[kind]
    return {kind: kept[kind] for kind in extras} if kinds else {}
