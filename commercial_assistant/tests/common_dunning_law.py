from datetime import date, timedelta
from decimal import Decimal

from odoo.addons.commercial_assistant.tools.dunning import (
    REGIMES,
    Announcement,
    Context,
    Customer,
    Item,
    Level,
    MissingFigureError,
    Policy,
    decide,
)

EUR, USD = 1, 2
FIGURES = {
    "be_b2c_wait_days": 14,
    "be_b2c_post_start_workday": 3,
    "be_b2c_extra_days": 0,
    "be_b2c_roll_to_working_day": 0,
    "be_saturday_is_working_day": 0,
    "be_b2c_free_duedates": 3,
    "be_b2c_extra_fee": "7.50",
    "be_b2c_indemnity_max": 2000,
    "be_b2b_term_days": 30,
    "be_b2b_max_term_days": 60,
    "be_b2b_fixed_cost": 40,
    "nl_b2c_wait_days": 14,
    "nl_b2c_presumed_delivery_days": 2,
    "nl_b2c_extra_days": 1,
    "nl_b2c_roll_to_working_day": 1,
    "nl_collection_cost_min": 40,
    "nl_collection_cost_max": 6775,
    "nl_vat_percent": 21,
    "fr_fixed_cost": 40,
    "fr_b2c_presumed_delivery_days": 3,
    "lu_fixed_cost": 40,
    "lu_b2c_invoice_months": 1,
    "lu_b2c_wait_months": 3,
    "lu_b2c_count_whole_months": 1,
    "late_day_base": 365,
}
TIERS = {
    "be_b2c_indemnity_tiers": [(0, 20, 0), (150, 30, 10), (500, 65, 5)],
    "nl_collection_cost_tiers": [
        (0, 0, 15), (2500, 375, 10), (5000, 625, 5), (10000, 875, 1), (200000, 2775, Decimal("0.5")),
    ],
}  # fmt: skip
RATES = {
    "be_late_rate": [
        ("2022-07-01", 8), ("2023-01-01", "10.5"), ("2023-07-01", 12), ("2024-01-01", "12.5"), ("2025-01-01", "11.5"),
        ("2025-07-01", "10.5"),
    ],
    "nl_commercial_rate": [
        ("2024-01-01", "12.5"), ("2024-07-01", "12.25"), ("2025-01-01", "11.15"), ("2025-07-01", "10.15"),
    ],
    "nl_consumer_rate": [("2023-01-01", 4), ("2023-07-01", 6), ("2024-01-01", 7), ("2025-01-01", 6), ("2026-01-01", 4)],
    "fr_late_rate": [("2025-07-01", "12.15")],
    "fr_legal_rate": [("2025-07-01", "2.76"), ("2026-01-01", "2.62")],
    "lu_late_rate": [("2024-07-01", "12.25"), ("2025-01-01", "11.15"), ("2025-07-01", "10.15")],
    "lu_consumer_rate": [("2024-01-01", "4.50")],
}  # fmt: skip


class Book:
    """Figures of law as these tests know them; ``unknown`` names those without a confirmed value."""

    def __init__(self, unknown=(), rates_until=date(2026, 12, 31), **figures):
        self.figures = FIGURES | figures
        self.unknown = set(unknown)
        self.rates_until = rates_until

    def _known(self, code, on):
        if code in self.unknown:
            raise MissingFigureError(code, on)

    def value(self, code, on, kind=None):
        self._known(code, on)
        return Decimal(str(self.figures[f"{code}:{kind}" if f"{code}:{kind}" in self.figures else code]))

    def tiers(self, code, on):
        self._known(code, on)
        return [tuple(Decimal(part) for part in tier) for tier in TIERS[code]]

    def rates(self, code, start, end):
        self._known(code, start)
        if end > self.rates_until:
            raise MissingFigureError(code, max(start, self.rates_until + timedelta(days=1)))
        return [(date.fromisoformat(day), Decimal(str(percent))) for day, percent in RATES[code]]


CHARGES = {"charge_interest": True, "charge_indemnity": True, "charge_fixed": True}
FIRST = Level(1, 20, "reminder", 5, 0, 14)
SECOND = Level(2, 30, "second_reminder", 20, 1, 10, **CHARGES)
FORMAL = Level(3, 40, "formal_notice", 35, 1, 10, automatic=False, **CHARGES)
LAST = Level(4, 50, "last_notice", 50, 1, 10, automatic=False, **CHARGES)
LADDER = (FIRST, SECOND, FORMAL, LAST)
BY_KIND = {level.kind: level for level in LADDER}


def make_policy(regime, **values):
    return Policy(
        **{
            "id": 1,
            "regime": regime,
            "levels": LADDER,
            "charge_interest": True,
            "charge_indemnity": True,
            "country": REGIMES[regime].country,
            **values,
        }
    )


def make_context(day, **values):
    def convert(amount, source, target):
        if source == target:
            return amount
        return amount * 2 if source == EUR else amount / 2

    return Context(
        **{
            "day": day,
            "law": Book(),
            "convert": convert,
            "company_currency_id": EUR,
            "law_currency_id": EUR,
            **values,
        }
    )


def make_item(regime="be_business", amount="1000", due=date(2026, 3, 1), number=1, after=None, **values):
    """An open item; ``after`` is the kind of its last delivered letter."""
    level = BY_KIND.get(after)
    reached = {"level_id": level.id, "level_kind": after, "level_regime": regime} if level else {}
    return Item(
        **{
            "id": number,
            "move_id": number,
            "currency_id": EUR,
            "date_due": due,
            "residual": Decimal(amount),
            **reached,
            **values,
        }
    )


def make_reminded(regime, sent_on, channel="email", context=None, **values):
    """An item whose first reminder was delivered on that day, as its delivery leaves it."""
    first = REGIMES[regime].first_reminder(sent_on, channel, context or make_context(sent_on))
    given = {"earliest_charge_on": first.earliest_charge_on, "interest_from": first.interest_from} if first else {}
    return make_item(
        **{
            "regime": regime,
            "due": sent_on - timedelta(days=20),
            "after": "reminder",
            "last_delivered_on": sent_on,
            "first_reminder_on": sent_on,
            **given,
            **values,
        }
    )


def announced(amount, letter=7, claimed="0", base="0"):
    return Announcement(letter, Decimal(amount), Decimal(claimed), Decimal(base))


def decide_for(items, day, policy, context=None, **values):
    regime = REGIMES[policy.regime]
    return decide(
        Customer(
            **{
                "id": 1,
                "kind": regime.kinds[0],
                "policy": policy,
                "items": items,
                "contact_id": 5,
                "lang": "nl_BE",
                "has_email": True,
                "has_address": True,
                "has_phone": True,
                "has_mobile": True,
                **values,
            }
        ),
        context or make_context(day),
    )
