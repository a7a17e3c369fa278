from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.commercial_assistant.tools.dunning import (
    Claim,
    Context,
    Customer,
    Hold,
    Item,
    Level,
    Policy,
    decide,
)
from odoo.addons.commercial_assistant.tools.late_payment import late_interest

from .test_dunning_decide import EUR, RATES, USD, Book

DAY = date(2026, 4, 20)
FIRST = Level(12, 20, "reminder", 3)
FORMAL = Level(14, 40, "formal_notice", 30, 10, charge_interest=True, charge_fixed=True)
BUSINESS = Policy(2, "be_business", (FIRST, FORMAL), charge_interest=True, claims_orphan_charges=True)
CONSUMER = Policy(1, "be_consumer", (FIRST, replace(FORMAL, charge_fixed=False)), claims_orphan_charges=True)
AMOUNTS = st.decimals(1, 10_000, places=2)
steady = settings(
    max_examples=100, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


def make_item(amount="1000", number=1, due=date(2026, 3, 1), **values):
    reached = {"level_id": 12, "level_kind": "reminder", "level_regime": "be_business"}
    return Item(
        **{
            "id": number,
            "move_id": number,
            "currency_id": EUR,
            "date_due": due,
            "residual": Decimal(amount),
            "last_delivered_on": date(2026, 4, 1),
            **reached,
            **values,
        }
    )


def letters(items, policy=BUSINESS, **values):
    context = Context(
        day=DAY, law=Book(), convert=lambda amount, *_ids: amount, company_currency_id=EUR, law_currency_id=EUR
    )
    kind = "consumer" if policy.regime == "be_consumer" else "business"
    customer = Customer(
        id=1,
        kind=kind,
        policy=policy,
        items=items,
        contact_id=5,
        lang="nl_BE",
        has_email=True,
        **values,
    )
    return decide(customer, context).letters


def orphan(number=90, kind="fixed", amount="40", **values):
    return Claim(number, kind, 900 + number, Decimal(amount), Decimal(0), **values)


@tagged("post_install", "-at_install")
class TestChargeDecision(BaseCase):
    def _interest(self, letter):
        return letter.charged("interest")

    @steady
    @given(AMOUNTS, st.integers(0, 99))
    def test_nothing_is_claimed_on_a_held_part(self, amount, percent):
        """A dispute or promise holds its amount, and the interest on it."""
        held = (amount * percent / 100).quantize(Decimal("0.01"))
        [letter] = letters([make_item(amount, holds=(Hold("disputed", held),))])
        rest = amount - held
        expected = late_interest([(date(2026, 3, 1), rest)], RATES, date(2026, 3, 2), DAY)
        self.assertEqual(self._interest(letter), expected)
        self.assertEqual(letter.principal, rest)

    @steady
    @given(AMOUNTS, st.lists(AMOUNTS, max_size=4))
    def test_no_charge_on_charges(self, amount, earlier):
        """Whatever was claimed before, interest is counted on the invoice alone."""
        claims = [
            Claim(number, "interest", 1, claimed, amount, date_to=date(2026, 3, 1))
            for number, claimed in enumerate(earlier, start=50)
        ]
        [letter] = letters([make_item(amount)], claims={1: claims})
        expected = late_interest([(date(2026, 3, 1), amount)], RATES, date(2026, 3, 2), DAY)
        new = sum((charge.amount for charge in letter.lines[0].charges if charge.kind == "interest"), Decimal())
        self.assertEqual(new, expected)
        self.assertEqual({charge.base for charge in letter.lines[0].charges}, {amount})

    def test_what_is_left_of_an_earlier_claim(self):
        claims = [Claim(50, "fixed", 1, Decimal(40), Decimal(1000), settled=Decimal(15))]
        [letter] = letters([make_item()], claims={1: claims})
        self.assertEqual(letter.charged("fixed"), 25)
        self.assertEqual(letter.total, 1000 + 25 + self._interest(letter))

    def test_waived_indemnity_counts_for_the_debt(self):
        """What was claimed once for a debt is not claimed again, also when it was waived."""
        claims = [Claim(50, "fixed", 1, Decimal(40), Decimal(1000), is_open=False)]
        [letter] = letters([make_item()], claims={1: claims})
        self.assertEqual(letter.charged("fixed"), 0)

    def test_open_charges_of_settled_invoices(self):
        [letter] = letters([make_item()], orphans={EUR: [orphan(), orphan(91, "interest", "7.5")], USD: [orphan(92)]})
        self.assertEqual([claim.id for claim in letter.orphans], [90, 91])
        self.assertEqual(letter.charged("fixed"), 80)
        plain = letters([make_item()])[0]
        self.assertEqual(letter.total, plain.total + Decimal("47.5"))

    def test_open_charges_stand_in_one_letter(self):
        policy = replace(BUSINESS, letter_scope="invoice")
        items = [make_item(number=1), make_item(number=2, level_id=None, level_kind=None)]
        found = letters(items, policy, orphans={EUR: [orphan()]})
        self.assertEqual(
            [(letter.level.kind, len(letter.orphans)) for letter in sorted(found, key=lambda one: one.level.rank)],
            [("reminder", 0), ("formal_notice", 1)],
        )

    def test_never_in_a_free_letter(self):
        first = make_item(level_id=None, level_kind=None, last_delivered_on=None)
        [letter] = letters([first], CONSUMER, orphans={EUR: [orphan()]})
        self.assertFalse(letter.orphans)
        courtesy = replace(BUSINESS, levels=(Level(11, 10, "courtesy", -5), *BUSINESS.levels))
        early = make_item(due=date(2026, 4, 23), level_id=None, level_kind=None, last_delivered_on=None)
        [letter] = letters([early], courtesy, orphans={EUR: [orphan()]})
        self.assertEqual((letter.level.kind, letter.orphans), ("courtesy", []))

    def test_not_when_the_policy_says_so(self):
        [letter] = letters([make_item()], replace(BUSINESS, claims_orphan_charges=False), orphans={EUR: [orphan()]})
        self.assertFalse(letter.orphans)

    def test_no_letter_for_charges_alone(self):
        self.assertFalse(letters([], orphans={EUR: [orphan()]}))
