"""Which policy fits a customer: criteria of a rule against what is known of the customer."""

from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal()


@dataclass(frozen=True, slots=True)
class Segment:
    """What the rules may ask about one customer. ``exposure`` is the open amount in the currency of the company."""

    kind: str
    country_id: int | None = None
    category_ids: frozenset[int] = frozenset()
    trust: str | None = None
    team_ids: frozenset[int] = frozenset()
    payment_method_id: int | None = None
    exposure: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Criteria:
    """What one rule asks; whatever is empty asks nothing.

    ``country_ids`` and ``has_payment_method`` know "nothing asked" (``None``) apart from "none fits" or "has none".
    """

    kind: str | None = None
    country_ids: frozenset[int] | None = None
    category_ids: frozenset[int] = frozenset()
    trust: str | None = None
    team_ids: frozenset[int] = frozenset()
    payment_method_ids: frozenset[int] = frozenset()
    has_payment_method: bool | None = None
    exposure_from: Decimal = ZERO
    exposure_to: Decimal = ZERO  # 0: no upper limit

    @property
    def asks_exposure(self) -> bool:
        return bool(self.exposure_from or self.exposure_to)

    @property
    def asks_payment_method(self) -> bool:
        return bool(self.payment_method_ids) or self.has_payment_method is not None

    def fits(self, customer: Segment) -> bool:
        """Whether the customer fulfils everything that is asked; an exposure fits from its lower limit up to below
        the upper one, so that neighbouring ranges leave no gap and share no amount.
        """
        return (
            (not self.kind or self.kind == customer.kind)
            and (self.country_ids is None or customer.country_id in self.country_ids)
            and (not self.category_ids or bool(self.category_ids & customer.category_ids))
            and (not self.trust or self.trust == customer.trust)
            and (not self.team_ids or bool(self.team_ids & customer.team_ids))
            and (not self.payment_method_ids or customer.payment_method_id in self.payment_method_ids)
            and (self.has_payment_method is None or self.has_payment_method == bool(customer.payment_method_id))
            and self.exposure_from <= customer.exposure
            and (not self.exposure_to or customer.exposure < self.exposure_to)
        )
