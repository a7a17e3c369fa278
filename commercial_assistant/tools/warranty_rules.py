"""Which warranty policy applies to goods: the most specific one of each kind, without records."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple


class Sale(NamedTuple):
    """What decides which policies apply to delivered or received goods.

    :ivar categ_ids: the category of the product and those above it
    :ivar supplier_id: the vendor the goods came from, 0 for goods that go to a customer
    :ivar home_country_id: the country of the company, whose law holds where no other one is kept
    """

    side: str
    company_id: int
    product_tmpl_id: int
    categ_ids: tuple[int, ...]
    supplier_id: int
    customer_kind: str
    is_second_hand: bool
    country_id: int
    home_country_id: int
    day: date


class Rule(NamedTuple):
    """For whom and for what a policy holds; empty means: whoever, whatever, whenever."""

    id: int
    kind: str
    side: str
    company_id: int
    product_tmpl_ids: frozenset[int]
    categ_ids: frozenset[int]
    supplier_id: int
    customer_kind: str
    condition: str
    country_ids: frozenset[int]
    date_from: date | None
    date_to: date | None
    sequence: int


def is_for_customer(scope: str, kind: str) -> bool:
    """Tell whether a policy for that scope holds for a kind of customer."""
    if not scope:
        return True
    return kind in ("business", "public") if scope == "professional" else scope == kind


def find_rank(rule: Rule, sale: Sale) -> tuple | None:
    """Return how closely a rule fits, to be compared; None when it does not apply."""
    is_for_product = sale.product_tmpl_id in rule.product_tmpl_ids
    is_for_category = bool(rule.categ_ids.intersection(sale.categ_ids))
    if (rule.product_tmpl_ids or rule.categ_ids) and not (is_for_product or is_for_category):
        return None
    if (
        rule.side != sale.side
        or (rule.company_id and rule.company_id != sale.company_id)
        or (rule.supplier_id and rule.supplier_id != sale.supplier_id)
        or (rule.country_ids and sale.country_id not in rule.country_ids)
        or (rule.condition and rule.condition != ("used" if sale.is_second_hand else "new"))
        or not is_for_customer(rule.customer_kind, sale.customer_kind)
        or (rule.date_from and sale.day < rule.date_from)
        or (rule.date_to and sale.day > rule.date_to)
    ):
        return None
    # a nearer category counts before one above it
    nearness = next((-place for place, categ in enumerate(sale.categ_ids) if categ in rule.categ_ids), 0)
    return (
        is_for_product,
        is_for_category,
        nearness,
        bool(rule.supplier_id),
        bool(rule.company_id),
        bool(rule.customer_kind),
        bool(rule.country_ids),
        bool(rule.condition),
        -rule.sequence,
        -rule.id,
    )


def choose(rules: Iterable[Rule], sale: Sale) -> list[int]:
    """Return the policies that apply, the most specific one of each kind.

    Goods for a country without a legal guarantee of its own fall under the law of the company's country.
    """
    rules = list(rules)
    with_law = {country for rule in rules if rule.kind == "legal" for country in rule.country_ids}
    if sale.country_id not in with_law:
        sale = sale._replace(country_id=sale.home_country_id)
    chosen: dict[str, tuple[tuple, int]] = {}
    for rule in rules:
        rank = find_rank(rule, sale)
        if rank is not None and (rule.kind not in chosen or rank > chosen[rule.kind][0]):
            chosen[rule.kind] = (rank, rule.id)
    return [policy_id for _rank, policy_id in chosen.values()]
