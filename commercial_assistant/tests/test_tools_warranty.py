from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.commercial_assistant.tools.warranty import (
    TermError,
    add_months,
    burden_of_proof,
    end_of_cover,
    extend_for_suspensions,
    is_covered,
    merge_suspensions,
    presumption_end,
    recourse_deadline,
    remaining_days,
    replacement_end,
    second_hand_months,
)
from odoo.addons.commercial_assistant.tools.warranty_history import map_headers, missing_columns
from odoo.addons.commercial_assistant.tools.warranty_rules import Rule, Sale, choose, is_for_customer

from .test_tools_properties import steady

DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2060, 12, 31))
MONTHS = st.integers(min_value=0, max_value=120)


@st.composite
def periods(draw):
    start = draw(DAYS)
    return start, start + timedelta(days=draw(st.integers(min_value=0, max_value=400)))


@tagged("post_install", "-at_install")
class TestEndOfCover(BaseCase):
    """Worked examples of the Belgian legal guarantee."""

    def test_repair_suspends(self):
        in_workshop = [(date(2026, 2, 1), date(2026, 2, 20))]
        self.assertEqual(end_of_cover(date(2025, 1, 10), 24, in_workshop), date(2027, 1, 29))

    def test_second_hand(self):
        delivered = date(2026, 3, 1)
        self.assertEqual(end_of_cover(delivered, second_hand_months(24, 12, 12)), date(2027, 3, 1))
        self.assertEqual(end_of_cover(delivered, second_hand_months(24, 12, None)), date(2028, 3, 1))

    def test_reported_after_23_months(self):
        delivered, reported = date(2024, 6, 3), date(2026, 5, 3)
        self.assertTrue(is_covered(delivered, end_of_cover(delivered, 24), reported))
        self.assertEqual(burden_of_proof(presumption_end(delivered, 24), reported), "seller")

    def test_repair_adds_once(self):
        in_workshop = [(date(2026, 2, 1), date(2026, 2, 20))]
        self.assertEqual(end_of_cover(date(2025, 1, 10), 24, in_workshop, extra_months=12), date(2028, 1, 29))

    def test_leap_days(self):
        for start, months, end in [
            (date(2024, 2, 29), 12, date(2025, 2, 28)),
            (date(2024, 2, 29), 24, date(2026, 2, 28)),
            (date(2024, 2, 29), 48, date(2028, 2, 29)),
            (date(2023, 2, 28), 12, date(2024, 2, 28)),
            (date(2025, 8, 31), 6, date(2026, 2, 28)),
            (date(2025, 1, 10), 0, date(2025, 1, 10)),
        ]:
            with self.subTest(start=start, months=months):
                self.assertEqual(end_of_cover(start, months), end)

    def test_last_day_included(self):
        start, end = date(2025, 1, 10), date(2027, 1, 10)
        self.assertTrue(is_covered(start, end, end))
        self.assertTrue(is_covered(start, end, start))
        self.assertFalse(is_covered(start, end, date(2027, 1, 11)))
        self.assertFalse(is_covered(start, end, date(2025, 1, 9)))
        self.assertEqual(remaining_days(end, end), 0)
        self.assertEqual(remaining_days(end, date(2027, 1, 1)), 9)
        self.assertEqual(remaining_days(end, date(2028, 1, 1)), 0)

    def test_suspensions(self):
        end = date(2027, 1, 10)
        feb = (date(2026, 2, 1), date(2026, 2, 20))
        for suspensions, until, expected in [
            ([feb, feb], None, date(2027, 1, 29)),  # the same days count once
            ([feb, (date(2026, 2, 10), date(2026, 2, 25))], None, date(2027, 2, 3)),
            ([(date(2027, 1, 10), date(2027, 1, 20))], None, date(2027, 1, 20)),  # begins on the last day
            ([(date(2027, 1, 11), date(2027, 1, 20))], None, end),  # begins when all is over
            # the second one begins in the days the first one has added
            (
                [(date(2026, 12, 20), date(2026, 12, 30)), (date(2027, 1, 15), date(2027, 1, 20))],
                None,
                date(2027, 1, 25),
            ),
            ([(date(2026, 6, 1), None)], None, end),  # still going on: unknown how long
            ([(date(2026, 6, 1), None)], date(2026, 6, 11), date(2027, 1, 20)),
            ([(date(2026, 6, 1), None)], date(2026, 5, 1), end),  # had not begun yet
        ]:
            with self.subTest(suspensions=suspensions, until=until):
                self.assertEqual(extend_for_suspensions(end, suspensions, until), expected)

    def test_impossible(self):
        with self.assertRaises(TermError):
            add_months(date(2026, 1, 1), -1)
        with self.assertRaises(TermError):
            end_of_cover(date(2026, 1, 1), 24, extra_months=-1)
        with self.assertRaises(TermError):
            merge_suspensions([(date(2026, 1, 2), date(2026, 1, 1))])
        with self.assertRaises(TermError):
            replacement_end("forever", date(2026, 1, 1), date(2026, 1, 1), 24)

    def test_second_hand_bounds(self):
        for legal, minimum, agreed, months in [
            (24, 12, 12, 12),
            (24, 12, 6, 12),
            (24, 12, 18, 18),
            (24, 12, 36, 24),
            (24, 12, 0, 24),
            (24, 24, 12, 24),
        ]:
            with self.subTest(agreed=agreed, minimum=minimum):
                self.assertEqual(second_hand_months(legal, minimum, agreed), months)

    def test_burden(self):
        self.assertEqual(burden_of_proof(date(2026, 1, 1), date(2026, 1, 1)), "seller")
        self.assertEqual(burden_of_proof(date(2026, 1, 1), date(2026, 1, 2)), "customer")
        self.assertEqual(burden_of_proof(None, date(2026, 1, 1)), "customer")
        self.assertIsNone(presumption_end(date(2026, 1, 1), 0))

    def test_recourse(self):
        end = date(2026, 6, 30)
        for reported, notice_days, deadline in [
            (date(2026, 5, 1), 0, end),
            (date(2026, 5, 1), 14, date(2026, 5, 15)),
            (date(2026, 6, 25), 14, end),
            (end, 14, end),
            (date(2026, 7, 1), 14, None),
            (date(2026, 7, 1), 0, None),
        ]:
            with self.subTest(reported=reported, notice_days=notice_days):
                self.assertEqual(recourse_deadline(end, reported, notice_days), deadline)

    def test_replacement(self):
        old_end = date(2027, 1, 10)
        for effect, minimum, start, end in [
            ("inherit", 0, date(2026, 12, 1), old_end),
            ("restart", 0, date(2026, 12, 1), date(2028, 12, 1)),
            ("minimum", 6, date(2026, 12, 1), date(2027, 6, 1)),
            ("minimum", 6, date(2026, 3, 1), old_end),
        ]:
            with self.subTest(effect=effect, start=start):
                self.assertEqual(replacement_end(effect, old_end, start, 24, minimum), end)


@tagged("post_install", "-at_install")
class TestWarrantyProperties(BaseCase):
    @steady
    @given(DAYS, MONTHS, st.lists(periods(), max_size=5))
    def test_suspension_never_shortens(self, start, months, suspensions):
        end = end_of_cover(start, months, suspensions)
        self.assertGreaterEqual(end, add_months(start, months))
        longest = sum((over - first for first, over in suspensions), timedelta())
        self.assertLessEqual(end, add_months(start, months) + longest)

    @steady
    @given(DAYS, MONTHS, st.lists(periods(), max_size=5))
    def test_order_does_not_matter(self, start, months, suspensions):
        self.assertEqual(
            end_of_cover(start, months, suspensions), end_of_cover(start, months, list(reversed(suspensions)))
        )

    @steady
    @given(DAYS, MONTHS, st.lists(periods(), max_size=5))
    def test_twice_the_same_is_once(self, start, months, suspensions):
        self.assertEqual(end_of_cover(start, months, suspensions), end_of_cover(start, months, suspensions * 2))

    @steady
    @given(DAYS, MONTHS, MONTHS)
    def test_longer_term_ends_later(self, start, months, more):
        self.assertGreaterEqual(end_of_cover(start, months + more), end_of_cover(start, months))

    @steady
    @given(st.lists(periods(), max_size=6))
    def test_merged_periods_lie_apart(self, suspensions):
        merged = merge_suspensions(suspensions)
        for (_start, over), (following, _over) in zip(merged, merged[1:], strict=False):
            self.assertLess(over, following)

    @steady
    @given(DAYS, DAYS, st.integers(min_value=0, max_value=60))
    def test_recourse_within_cover(self, end, reported, notice_days):
        deadline = recourse_deadline(end, reported, notice_days)
        self.assertEqual(deadline is None, reported > end)
        if deadline is not None:
            self.assertTrue(reported <= deadline <= end)

    @steady
    @given(MONTHS, MONTHS, st.one_of(st.none(), MONTHS))
    def test_second_hand_between_bounds(self, legal, minimum, agreed):
        months = second_hand_months(legal, minimum, agreed)
        self.assertLessEqual(months, legal)
        if agreed:
            self.assertGreaterEqual(months, min(legal, minimum))


@tagged("post_install", "-at_install")
class TestWarrantyRules(BaseCase):
    """The closest policy of each kind."""

    SALE = Sale(
        side="customer",
        company_id=1,
        product_tmpl_id=10,
        categ_ids=(22, 21),
        supplier_id=0,
        customer_kind="consumer",
        is_second_hand=False,
        country_id=32,
        home_country_id=32,
        day=date(2026, 3, 1),
    )

    def _rule(self, number, **values):
        empty = frozenset()
        defaults = {
            "kind": "commercial",
            "side": "customer",
            "company_id": 0,
            "product_tmpl_ids": empty,
            "categ_ids": empty,
            "supplier_id": 0,
            "customer_kind": "",
            "condition": "",
            "country_ids": empty,
            "date_from": None,
            "date_to": None,
            "sequence": 10,
        }
        return Rule(id=number, **{**defaults, **values})

    def test_order(self):
        rules = [
            self._rule(1),
            self._rule(2, customer_kind="consumer"),
            self._rule(3, categ_ids=frozenset({21})),
            self._rule(4, categ_ids=frozenset({22})),
            self._rule(5, product_tmpl_ids=frozenset({10})),
        ]
        while rules:
            self.assertEqual(choose(rules, self.SALE), [rules[-1].id])
            rules.pop()
        self.assertEqual(choose(rules, self.SALE), [])

    def test_one_of_each_kind(self):
        rules = [
            self._rule(1, kind="legal"),
            self._rule(2),
            self._rule(3, kind="manufacturer"),
            self._rule(4, sequence=5),
        ]
        self.assertEqual(sorted(choose(rules, self.SALE)), [1, 3, 4], "of equals the first in order counts")

    def test_what_does_not_apply(self):
        for values in (
            {"side": "supplier"},
            {"company_id": 2},
            {"product_tmpl_ids": frozenset({11})},
            {"categ_ids": frozenset({99})},
            {"customer_kind": "business"},
            {"customer_kind": "professional"},
            {"condition": "used"},
            {"country_ids": frozenset({75})},
            {"date_from": date(2026, 3, 2)},
            {"date_to": date(2026, 2, 28)},
            {"supplier_id": 5},
        ):
            with self.subTest(values=values):
                self.assertEqual(choose([self._rule(1, **values)], self.SALE), [])

    def test_days_included(self):
        for values in ({"date_from": date(2026, 3, 1)}, {"date_to": date(2026, 3, 1)}):
            self.assertEqual(choose([self._rule(1, **values)], self.SALE), [1])

    def test_country_without_law(self):
        home = self._rule(1, kind="legal", country_ids=frozenset({32}))
        other = self._rule(2, kind="legal", country_ids=frozenset({75}))
        for country, expected in [(32, [1]), (75, [2]), (81, [1]), (0, [1])]:
            with self.subTest(country=country):
                self.assertEqual(choose([home, other], self.SALE._replace(country_id=country)), expected)

    def test_scopes(self):
        for scope, kinds in [
            ("", {"consumer", "business", "public"}),
            ("professional", {"business", "public"}),
            ("public", {"public"}),
        ]:
            found = {kind for kind in ("consumer", "business", "public") if is_for_customer(scope, kind)}
            self.assertEqual(found, kinds)

    def test_headers(self):
        for headers in (
            ("Klant", "Artikel", "Serienummer", "Geleverd op"),
            ("Client", "Article", "N° de série", "Livré le"),
            ("Customer", "Product", "Serial number", "Delivered on"),
            ("Kunde", "Artikel", "Seriennummer", "Geliefert am"),
        ):
            with self.subTest(headers=headers):
                self.assertEqual(
                    map_headers(headers), {"customer": 0, "product": 1, "serial_number": 2, "delivered_on": 3}
                )
        self.assertEqual(missing_columns(map_headers(("Klant", None, 3))), ["product", "delivered_on"])
