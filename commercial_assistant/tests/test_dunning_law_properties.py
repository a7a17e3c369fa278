from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.commercial_assistant.tests.common_dunning_law import (
    TIERS,
    announced,
    decide_for,
    make_context,
    make_item,
    make_policy,
    make_reminded,
)
from odoo.addons.commercial_assistant.tools.dunning import REGIMES, Claim
from odoo.addons.commercial_assistant.tools.dunning_rules import Criteria, Segment
from odoo.addons.commercial_assistant.tools.late_payment import (
    compound_slices,
    interest_slices,
    presumed_delivery,
    tiered_amount,
)
from odoo.addons.commercial_assistant.tools.working_days import is_working_day

# the same examples in every run, and no file of examples left behind
steady = settings(
    max_examples=120, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
AMOUNTS = st.decimals("0.01", 300_000, places=2)
SENT = st.dates(date(2026, 1, 2), date(2026, 5, 31))
LATE = st.integers(1, 180)
CODES = st.sampled_from(sorted(REGIMES))
CONSUMERS = st.sampled_from([code for code in sorted(REGIMES) if code.endswith("_consumer")])
KINDS = st.sampled_from(["reminder", "second_reminder", "formal_notice"])
CHANNELS = st.sampled_from(["email", "post", "registered"])
DAY = timedelta(days=1)
MONEY = ("interest", "indemnity", "fixed", "cost")


def make_late(code, amount, sent_on, after, number=1):
    """An item as the letters before it leave it."""
    item = make_reminded(code, sent_on, amount=amount, number=number)
    return replace_item(
        item,
        level_id={"reminder": 1, "second_reminder": 2, "formal_notice": 3}[after],
        level_kind=after,
        announcement=announced("8197.75") if code == "nl_consumer" else None,
        interest_from=item.interest_from or (sent_on + DAY if after == "formal_notice" else None),
        delivered_on=item.date_due - timedelta(days=60),
        invoice_date=item.date_due - timedelta(days=50),
    )


def replace_item(item, **values):
    for name, value in values.items():
        setattr(item, name, value)
    return item


def charge(code, item, day, **values):
    values = {"invoices_state_interest": True, "charge_indemnity": REGIMES[code].indemnity_ground != ""} | values
    decision = decide_for([item], day, make_policy(code, **values), make_context(day))
    return decision.letters[0] if decision.letters else None


@tagged("post_install", "-at_install")
class TestLawProperties(BaseCase):
    @steady
    @given(CODES, AMOUNTS, SENT)
    def test_the_first_letter_claims_nothing(self, code, amount, day):
        letter = charge(code, make_item(code, amount, due=day - timedelta(days=30)), day)
        self.assertEqual(letter.level.kind, "reminder")
        self.assertFalse(letter.charged(*MONEY))
        self.assertEqual(letter.total, Decimal(amount))

    @steady
    @given(CONSUMERS, AMOUNTS, SENT, CHANNELS, st.integers(0, 40))
    def test_no_charge_before_the_allowed_day(self, code, amount, sent_on, channel, wait):
        first = REGIMES[code].first_reminder(sent_on, channel, make_context(sent_on))
        assume(first)
        item = make_reminded(code, sent_on, channel, amount=amount, announcement=announced("8197.75"))
        day = sent_on + wait * DAY
        letter = charge(code, item, day)
        if day < first.earliest_charge_on:
            self.assertIsNone(letter)
        elif letter:
            for new in letter.lines[0].charges:
                self.assertGreaterEqual(new.date_from or day, first.interest_from)

    @steady
    @given(AMOUNTS, SENT, KINDS, LATE)
    def test_a_french_consumer_owes_legal_interest_at_most(self, amount, sent_on, after, wait):
        letter = charge("fr_consumer", make_late("fr_consumer", amount, sent_on, after), sent_on + wait * DAY)
        assume(letter)
        self.assertEqual(letter.charged("indemnity", "fixed", "cost"), 0)
        if after != "formal_notice":
            self.assertEqual(letter.charged("interest"), 0)

    @steady
    @given(CODES, AMOUNTS, SENT, KINDS, LATE, st.integers(1, 60))
    def test_claims_grow_with_time(self, code, amount, sent_on, after, wait, more):
        item, day = make_late(code, amount, sent_on, after), sent_on + wait * DAY
        earlier, later = charge(code, item, day), charge(code, item, day + more * DAY)
        assume(earlier and later)
        self.assertLessEqual(earlier.charged(*MONEY), later.charged(*MONEY))

    @steady
    @given(CODES, AMOUNTS, AMOUNTS, SENT, KINDS, LATE)
    def test_claims_grow_with_the_principal(self, code, small, large, sent_on, after, wait):
        small, large = sorted((small, large))
        day = sent_on + wait * DAY
        less, more = (charge(code, make_late(code, amount, sent_on, after), day) for amount in (small, large))
        assume(less and more)
        for kind in MONEY:
            self.assertLessEqual(less.charged(kind), more.charged(kind), kind)

    @steady
    @given(CODES, AMOUNTS, SENT, KINDS, LATE, st.integers(1, 60), AMOUNTS)
    def test_no_charge_on_charges(self, code, amount, sent_on, after, wait, more, claimed):
        """What was claimed before changes neither the base nor the interest of a later letter."""
        item, day = make_late(code, amount, sent_on, after), sent_on + (wait + more) * DAY
        until = sent_on + wait * DAY
        claims = [
            Claim(1, "interest", item.id, claimed, item.residual, until),
            Claim(2, "fixed", item.id, claimed, item.residual),
            Claim(3, "cost", item.id, claimed, Decimal()),
        ]
        values = {"invoices_state_interest": True, "charge_indemnity": False}
        policy, context = make_policy(code, **values), make_context(day)
        plain, burdened = (
            decide_for([item], day, policy, context, claims={item.move_id: list(given_claims)})
            for given_claims in (claims[:1], claims)
        )
        assume(plain.letters and burdened.letters)
        interest = [
            [charge for charge in result.letters[0].lines[0].charges if charge.kind == "interest"]
            for result in (plain, burdened)
        ]
        self.assertEqual(*interest)
        for new in interest[1]:
            self.assertEqual(new.base, item.residual)
            self.assertTrue(all(piece.principal <= item.residual for piece in new.slices))
            self.assertGreater(new.date_from, until)

    @steady
    @given(CODES, AMOUNTS, SENT, KINDS, LATE)
    def test_nothing_is_claimed_twice(self, code, amount, sent_on, after, wait):
        """The letter after one that claimed everything on the same day adds nothing."""
        item, day = make_late(code, amount, sent_on, after), sent_on + wait * DAY
        first = charge(code, item, day)
        assume(first)
        claims = [
            Claim(number, new.kind, item.id, new.amount, new.base, new.date_to)
            for number, new in enumerate(first.lines[0].charges)
        ]
        decision = decide_for(
            [item],
            day,
            make_policy(code, invoices_state_interest=True),
            make_context(day),
            claims={item.move_id: claims},
        )
        self.assertFalse(decision.letters[0].lines[0].charges)

    @steady
    @given(AMOUNTS, SENT, st.integers(16, 180))
    def test_caps_of_the_consumer_laws(self, amount, sent_on, wait):
        day = sent_on + wait * DAY
        belgian = charge("be_consumer", make_late("be_consumer", amount, sent_on, "reminder"), day)
        assume(belgian)
        cap = tiered_amount(amount, TIERS["be_b2c_indemnity_tiers"], maximum=2000)
        self.assertEqual(belgian.charged("indemnity"), cap)
        self.assertLessEqual(belgian.charged("indemnity"), 2000)
        dutch = charge("nl_consumer", make_late("nl_consumer", amount, sent_on, "reminder"), day)
        assume(dutch)
        self.assertTrue(40 <= dutch.charged("indemnity") <= 6775)
        for letter in (belgian, dutch):
            self.assertEqual(letter.charged("fixed", "cost"), 0)

    @steady
    @given(st.lists(AMOUNTS, min_size=1, max_size=4), SENT, st.decimals(0, 7000, places=2))
    def test_announced_sum_is_the_limit(self, amounts, sent_on, limit):
        """However many invoices, letters and orders: never more than announced, and never more than the scale."""
        context = make_context(sent_on)
        term = REGIMES["nl_consumer"].first_reminder(sent_on, "email", context)
        told = announced(limit)
        items = [
            make_reminded("nl_consumer", sent_on, amount=amount, number=number, announcement=told)
            for number, amount in enumerate(amounts, start=1)
        ]
        day = term.earliest_charge_on
        policy = make_policy("nl_consumer", charge_interest=False)
        letter = decide_for(items, day, policy, make_context(day)).letters[0]
        scale = tiered_amount(sum(amounts), TIERS["nl_collection_cost_tiers"], minimum=40, maximum=6775)
        self.assertEqual(letter.charged("indemnity"), min(limit, scale))

    @steady
    @given(SENT, CHANNELS)
    def test_dutch_term(self, sent_on, channel):
        """At least fifteen days after the presumed delivery, ending on a working day."""
        term = REGIMES["nl_consumer"].free_term(sent_on, channel, make_context(sent_on))
        delivered = presumed_delivery(sent_on)
        self.assertGreaterEqual((term.last_free_day - delivered).days, 15)
        self.assertTrue(is_working_day(term.last_free_day, "NL"))
        self.assertNotIn(delivered.weekday(), (6, 0))
        self.assertGreaterEqual((delivered - sent_on).days, 2)

    @steady
    @given(AMOUNTS, st.dates(date(2020, 1, 1), date(2023, 12, 31)), st.integers(0, 1500), st.decimals(0, 15, places=2))
    def test_compound_is_never_less_than_simple(self, amount, origin, length, percent):
        steps, rates, end = [(date(2019, 1, 1), amount)], [(date(2019, 1, 1), percent)], origin + length * DAY
        simple = sum(piece.exact for piece in interest_slices(steps, rates, origin, end))
        compound = sum(piece.exact for piece in compound_slices(steps, rates, origin, origin, end))
        self.assertGreaterEqual(compound, simple)
        if length < 365:
            self.assertEqual(compound, simple)


OPTIONAL = st.one_of(st.none(), st.frozensets(st.integers(1, 4), max_size=2))
SETS = st.frozensets(st.integers(1, 4), max_size=2)
CRITERIA = st.builds(
    Criteria,
    kind=st.sampled_from([None, "consumer", "business"]),
    country_ids=OPTIONAL,
    category_ids=SETS,
    trust=st.sampled_from([None, "good", "bad"]),
    team_ids=SETS,
    payment_method_ids=SETS,
    has_payment_method=st.sampled_from([None, True, False]),
    exposure_from=st.integers(0, 50).map(Decimal),
    exposure_to=st.integers(0, 100).map(Decimal),
)
SEGMENTS = st.builds(
    Segment,
    kind=st.sampled_from(["consumer", "business", "public"]),
    country_id=st.one_of(st.none(), st.integers(1, 4)),
    category_ids=SETS,
    trust=st.sampled_from([None, "good", "bad"]),
    team_ids=SETS,
    payment_method_id=st.one_of(st.none(), st.integers(1, 4)),
    exposure=st.integers(0, 100).map(Decimal),
)


@tagged("post_install", "-at_install")
class TestRuleProperties(BaseCase):
    @steady
    @given(SEGMENTS)
    def test_a_rule_that_asks_nothing_fits(self, segment):
        self.assertTrue(Criteria().fits(segment))

    @steady
    @given(CRITERIA, SEGMENTS)
    def test_each_question_only_narrows(self, criteria, segment):
        nothing = Criteria()
        if criteria.fits(segment):
            for name in criteria.__dataclass_fields__:
                self.assertTrue(replace(criteria, **{name: getattr(nothing, name)}).fits(segment), name)

    @steady
    @given(st.integers(1, 100).map(Decimal), SEGMENTS)
    def test_neighbouring_ranges_share_nothing(self, limit, segment):
        below, above = Criteria(exposure_to=limit), Criteria(exposure_from=limit)
        self.assertNotEqual(below.fits(segment), above.fits(segment))
