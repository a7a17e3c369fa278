from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.commercial_assistant.tests.test_tools_properties import AMOUNTS, PERCENTS, steady
from odoo.addons.commercial_assistant.tools.collection import ORDER, cap_extras

EXTRAS = st.dictionaries(st.sampled_from(ORDER), AMOUNTS)


def extras(**amounts):
    return {kind: Decimal(str(amount)) for kind, amount in amounts.items()}


@tagged("post_install", "-at_install")
class TestCollection(BaseCase):
    def test_undisputed_debts(self):
        """T29: 1000 with interest 35, clause 100, fixed 40: 175 of extras, but only 100 may be claimed."""
        kept = cap_extras(Decimal(1000), extras(interest=35, indemnity=100, fixed=40), Decimal(10))
        self.assertEqual(kept, extras(interest=35, indemnity=25, fixed=40))
        self.assertEqual(1000 + sum(kept.values()), 1100)

    def test_table(self):
        table = [
            ("below the cap", 1000, extras(interest=35, fixed=40), extras(interest=35, fixed=40)),
            ("exactly the cap", 1000, extras(interest=60, fixed=40), extras(interest=60, fixed=40)),
            ("a cent above", 1000, extras(interest="60.01", fixed=40), extras(interest="60.01", fixed="39.99")),
            ("small debt", 100, extras(fixed=40), extras(fixed=10)),
            ("rounded down", "99.99", extras(fixed=40), extras(fixed="9.99")),
            ("nothing open", 0, extras(fixed=40), extras(fixed=0)),
            ("nothing else", 1000, {}, {}),
        ]
        for name, principal, given_extras, expected in table:
            with self.subTest(name):
                self.assertEqual(cap_extras(Decimal(principal), given_extras, Decimal(10)), expected)

    def test_currency_without_cents(self):
        kept = cap_extras(Decimal(1005), extras(fixed=400), Decimal(10), Decimal(1))
        self.assertEqual(kept, extras(fixed=100))

    def test_bad_input(self):
        for principal, amount, percent in ((-1, 0, 10), (1, -1, 10), (1, 1, -10)):
            with self.assertRaises(ValueError):
                cap_extras(Decimal(principal), extras(fixed=amount), Decimal(percent))

    @steady
    @given(AMOUNTS, EXTRAS, PERCENTS)
    def test_properties(self, principal, given_extras, percent):
        kept = cap_extras(principal, given_extras, percent)
        self.assertEqual(kept.keys(), given_extras.keys())
        self.assertTrue(all(0 <= kept[kind] <= given_extras[kind] for kind in kept))
        self.assertLessEqual(sum(kept.values()) * 100, principal * percent)
        if sum(given_extras.values()) * 100 <= principal * percent and percent:
            # nothing is lost below the cap, but for the cent that is rounded down
            self.assertLess(sum(given_extras.values()) - sum(kept.values()), Decimal("0.01"))
