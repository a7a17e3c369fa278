from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from odoo.tests import BaseCase, tagged

from odoo.addons.commercial_assistant.tests.common_dunning_law import (
    FIRST,
    FORMAL,
    LAST,
    SECOND,
    USD,
    Book,
    announced,
    decide_for,
    make_context,
    make_item,
    make_policy,
    make_reminded,
)
from odoo.addons.commercial_assistant.tools.dunning import REGIMES, Claim, Clause
from odoo.addons.commercial_assistant.tools.late_payment import compound_slices, presumed_delivery, round_half_up

DAY = timedelta(days=1)


class LawCase(BaseCase):
    def _letter(self, items, day, policy, context=None, **values):
        decision = decide_for(items, day, policy, context, **values)
        self.assertEqual(len(decision.letters), 1, decision.skips)
        return decision.letters[0]

    def _sums(self, letter):
        return {
            kind: letter.charged(kind) for kind in ("interest", "indemnity", "fixed", "cost") if letter.charged(kind)
        }


@tagged("post_install", "-at_install")
class TestRegimes(LawCase):
    def test_who_is_served(self):
        fits = {code: {kind for kind in ("consumer", "business", "public") if regime.fits(kind)}
                for code, regime in REGIMES.items()}  # fmt: skip
        everybody = {"consumer", "business", "public"}
        self.assertEqual(
            fits,
            {
                "be_consumer": everybody, "nl_consumer": everybody, "fr_consumer": everybody, "lu_consumer": everybody,
                "be_business": {"business", "public"}, "nl_business": {"business", "public"},
                "lu_business": {"business", "public"}, "fr_business": {"business"}, "be_public": {"public"},
            },
        )  # fmt: skip

    def test_letters_of_the_same_law_count(self):
        """An authority that was reminded as a business goes on, for it is the same law; another law begins anew."""
        item = make_item("be_business", after="second_reminder", last_delivered_on=date(2026, 3, 20))
        self.assertEqual(self._letter([item], date(2026, 5, 1), make_policy("be_public")).level, FORMAL)
        dutch = make_item("be_business", after="second_reminder", last_delivered_on=date(2026, 3, 20))
        self.assertEqual(self._letter([dutch], date(2026, 5, 1), make_policy("nl_business")).level, FIRST)

    def test_last_notice_comes_last(self):
        item = make_item("be_business", after="formal_notice", last_delivered_on=date(2026, 4, 10))
        letter = self._letter([item], date(2026, 5, 1), make_policy("be_business"))
        self.assertEqual((letter.level, letter.needs_approval), (LAST, True))
        done = make_item("be_business", after="last_notice", last_delivered_on=date(2026, 5, 1))
        decision = decide_for([done], date(2026, 9, 1), make_policy("be_business"))
        self.assertEqual([skip.reason for skip in decision.skips], ["levels_done"])

    def test_missing_figures_name_themselves(self):
        """Every law waits when its rate of the half-year is missing, and says which one."""
        for code, after in (
            ("be_business", "second_reminder"),
            ("be_public", "second_reminder"),
            ("nl_business", "second_reminder"),
            ("fr_business", "second_reminder"),
            ("lu_business", "second_reminder"),
        ):
            with self.subTest(code):
                item = make_item(code, after=after, last_delivered_on=date(2026, 3, 20))
                day = date(2026, 8, 1)
                context = make_context(day, law=Book(rates_until=date(2026, 6, 30)))
                decision = decide_for([item], day, make_policy(code), context)
                [skip] = decision.skips
                self.assertEqual(skip.reason, "missing_legal_value")
                self.assertEqual(skip.detail, f"{REGIMES[code].rate_code} 2026-07-01")
                free = make_item(code)
                self.assertTrue(decide_for([free], day, make_policy(code), context).letters, "free letters leave")


@tagged("post_install", "-at_install")
class TestBelgianPublic(LawCase):
    def test_statutory_rate_whatever_is_agreed(self):
        """T22: 1 000 euros, due on 31 March 2026, 30 days at 10.5 % and the fixed sum."""
        item = make_item("be_public", due=date(2026, 3, 31), after="reminder", last_delivered_on=date(2026, 4, 8))
        policy = make_policy("be_public", interest_percent=Decimal(3), charge_indemnity=False)
        letter = self._letter([item], date(2026, 4, 30), policy)
        self.assertEqual(self._sums(letter), {"interest": Decimal("8.63"), "fixed": Decimal(40)})

    def test_term_of_the_law(self):
        """T27 for authorities: more than 60 days are void; 31 to 60 days need a justification."""
        cases = [
            (90, True, date(2026, 5, 1)),
            (60, True, date(2026, 5, 31)),
            (45, True, date(2026, 5, 16)),
            (45, False, date(2026, 5, 1)),
            (30, False, date(2026, 5, 1)),
            (10, False, date(2026, 4, 11)),
        ]
        received = date(2026, 4, 1)
        for agreed, justified, due in cases:
            with self.subTest(agreed=agreed, justified=justified):
                policy = make_policy("be_public", cap_payment_term=True, longer_term_is_justified=justified)
                item = make_item("be_public", due=received + agreed * DAY, invoice_date=received)
                self.assertEqual(REGIMES["be_public"].due_date(item, policy, make_context(received)), due)
                unchanged = replace(policy, cap_payment_term=False)
                self.assertEqual(REGIMES["be_public"].due_date(item, unchanged, make_context(received)), item.date_due)

    def test_own_figures_of_authorities(self):
        policy = make_policy("be_public", cap_payment_term=True)
        context = make_context(date(2026, 4, 1), law=Book(**{"be_b2b_max_term_days:public": 50}))
        item = make_item("be_public", due=date(2026, 5, 26), invoice_date=date(2026, 4, 1))
        self.assertEqual(REGIMES["be_public"].due_date(item, policy, context), date(2026, 5, 1))
        self.assertEqual(REGIMES["be_business"].due_date(item, policy, context), item.date_due)


@tagged("post_install", "-at_install")
class TestDutchConsumer(LawCase):
    def test_presumed_delivery(self):
        """The second day after sending, not counting Sundays, Mondays and holidays."""
        cases = {
            date(2026, 3, 3): date(2026, 3, 5),  # Tuesday to Thursday
            date(2026, 3, 5): date(2026, 3, 7),  # Thursday to Saturday
            date(2026, 3, 6): date(2026, 3, 10),  # Friday: Saturday, then not Sunday, not Monday
            date(2026, 3, 7): date(2026, 3, 11),  # Saturday: Tuesday and Wednesday
            date(2026, 4, 2): date(2026, 4, 7),  # Good Friday, Easter and Easter Monday do not count
            date(2026, 4, 24): date(2026, 4, 28),  # King's day is a Monday here
            date(2026, 12, 23): date(2026, 12, 29),  # Christmas, Boxing Day, Sunday, Monday
        }
        for sent_on, delivered in cases.items():
            self.assertEqual(presumed_delivery(sent_on), delivered, sent_on)
        self.assertEqual(presumed_delivery(date(2026, 3, 3), 0), date(2026, 3, 3))
        with self.assertRaises(ValueError):
            presumed_delivery(date(2026, 3, 3), -1)

    def test_fifteen_days_after_delivery(self):
        """Delivered on D: the last day is D + 15, moved to a working day; costs from the day after."""
        cases = [
            # Tuesday 3 March, delivered on Thursday 5 March, plus 15: Friday 20 March
            (date(2026, 3, 3), date(2026, 3, 20)),
            # Thursday 5 March, delivered on Saturday 7 March, plus 15: Sunday 22 March, moved to Monday
            (date(2026, 3, 5), date(2026, 3, 23)),
            # Monday 20 April, delivered on Wednesday 22 April, plus 15: Thursday 7 May
            (date(2026, 4, 20), date(2026, 5, 7)),
            # Friday 17 April, delivered on Tuesday 21 April, plus 15: Wednesday 6 May
            (date(2026, 4, 17), date(2026, 5, 6)),
        ]
        for sent_on, last in cases:
            for channel in ("email", "post", "registered"):
                with self.subTest(sent_on=sent_on, channel=channel):
                    term = REGIMES["nl_consumer"].free_term(sent_on, channel, make_context(sent_on))
                    self.assertEqual(term.last_free_day, last)
                    self.assertEqual(term.earliest_charge_date, last + DAY)
                    delivered = presumed_delivery(sent_on)
                    self.assertEqual(term.start, delivered + DAY, "starts on the day after receipt")
                    self.assertGreaterEqual((last - delivered).days, 15)

    def test_strict_term(self):
        context = make_context(date(2026, 3, 5), law=Book(nl_b2c_extra_days=0, nl_b2c_roll_to_working_day=0))
        term = REGIMES["nl_consumer"].free_term(date(2026, 3, 5), "email", context)
        self.assertEqual(term.last_free_day, date(2026, 3, 21), "14 days from Sunday 8 March on")

    def test_letter_of_fourteen_days(self):
        """Free, alone, with the exact costs and the last day as a date."""
        item = make_item("nl_consumer", due=date(2026, 2, 20))
        letter = self._letter([item], date(2026, 3, 3), make_policy("nl_consumer"))
        self.assertFalse(self._sums(letter))
        self.assertEqual(letter.announced_indemnity, Decimal(150))
        self.assertEqual(letter.deadline, date(2026, 3, 20))
        self.assertEqual(letter.earliest_charge_date, date(2026, 3, 21))
        self.assertEqual(letter.scope_key, "first")

    def test_scale_of_collection_costs(self):
        """T30, at the level of the letter and of the claim."""
        cases = {
            "100": "40", "1000": "150", "3000": "425", "10000": "875", "200000": "2775", "1000000": "6775",
            "2000000": "6775", "0.01": "40", "266.66": "40", "266.74": "40.01",
        }  # fmt: skip
        policy = make_policy("nl_consumer")
        for balance, cost in cases.items():
            with self.subTest(balance):
                letter = self._letter([make_item("nl_consumer", balance)], date(2026, 3, 10), policy)
                self.assertEqual(letter.announced_indemnity, Decimal(cost))
                item = make_reminded("nl_consumer", date(2026, 3, 3), amount=balance, announcement=announced(cost))
                second = self._letter([item], date(2026, 3, 21), policy)
                self.assertEqual(second.charged("indemnity"), Decimal(cost))

    def test_vat_only_when_switched_on(self):
        policy = make_policy("nl_consumer", vat_on_costs=True)
        letter = self._letter([make_item("nl_consumer")], date(2026, 3, 10), policy)
        self.assertEqual(letter.announced_indemnity, Decimal("181.50"))
        # announced without VAT, so it stays without
        item = make_reminded("nl_consumer", date(2026, 3, 3), announcement=announced("150"))
        self.assertEqual(self._letter([item], date(2026, 3, 21), policy).charged("indemnity"), Decimal(150))
        highest = self._letter([make_item("nl_consumer", "2000000")], date(2026, 3, 10), policy)
        self.assertEqual(highest.announced_indemnity, Decimal("8197.75"))

    def test_nothing_before_the_time_is_over(self):
        policy = make_policy("nl_consumer")
        item = make_reminded("nl_consumer", date(2026, 3, 3), announcement=announced("150"))
        early = decide_for([item], date(2026, 3, 20), policy)
        self.assertEqual([(s.reason, s.until) for s in early.skips], [("too_early", date(2026, 3, 21))])
        self.assertEqual(self._letter([item], date(2026, 3, 21), policy).charged("indemnity"), Decimal(150))

    def test_what_was_not_announced_is_not_claimed(self):
        policy = make_policy("nl_consumer")
        item = make_reminded("nl_consumer", date(2026, 3, 3))
        self.assertEqual(self._letter([item], date(2026, 3, 25), policy).charged("indemnity"), 0)
        less = make_reminded("nl_consumer", date(2026, 3, 3), announcement=announced("100"))
        self.assertEqual(self._letter([less], date(2026, 3, 25), policy).charged("indemnity"), Decimal(100))

    def test_principals_of_one_letter_are_added(self):
        """Two invoices of 100 euros owe 40 together, not 80 (art. 6:96 par. 7)."""
        policy = make_policy("nl_consumer")
        new = [make_item("nl_consumer", "100", number=1), make_item("nl_consumer", "100", number=2)]
        letter = self._letter(new, date(2026, 3, 10), policy)
        self.assertEqual(letter.announced_indemnity, Decimal(40))
        told = announced("40")
        items = [
            make_reminded("nl_consumer", date(2026, 3, 3), amount="100", number=number, announcement=told)
            for number in (1, 2)
        ]
        self.assertEqual(self._letter(items, date(2026, 3, 25), policy).charged("indemnity"), Decimal(40))
        # the second invoice is settled: the whole announced sum may rest on the first one
        self.assertEqual(self._letter(items[:1], date(2026, 3, 25), policy).charged("indemnity"), Decimal(40))
        # the first one was claimed in an earlier letter: nothing is left for the second
        claimed = replace(told, claimed=Decimal(40), claimed_base=Decimal(100))
        late = make_reminded("nl_consumer", date(2026, 3, 3), amount="100", number=2, announcement=claimed)
        self.assertEqual(self._letter([late], date(2026, 3, 25), policy).charged("indemnity"), 0)

    def test_partial_payment_lowers_the_costs(self):
        item = make_reminded("nl_consumer", date(2026, 3, 3), amount="1000", announcement=announced("425"))
        letter = self._letter([item], date(2026, 3, 25), make_policy("nl_consumer"))
        self.assertEqual(letter.charged("indemnity"), Decimal(150))

    def test_interest_from_default(self):
        """From the end of the time given; from the day after the due date only where that was agreed."""
        item = make_reminded("nl_consumer", date(2026, 3, 3), due=date(2026, 2, 1), announcement=announced("150"))
        # 21 to 31 March: 11 days at 4 %
        letter = self._letter([item], date(2026, 3, 31), make_policy("nl_consumer"))
        self.assertEqual(letter.charged("interest"), Decimal("1.21"))
        # 2 February to 31 March: 58 days
        agreed = make_policy("nl_consumer", due_date_is_agreed=True)
        self.assertEqual(self._letter([item], date(2026, 3, 31), agreed).charged("interest"), Decimal("6.36"))
        self.assertEqual(
            self._letter([item], date(2026, 3, 31), make_policy("nl_consumer", charge_interest=False)).charged(
                "interest"
            ),
            0,
        )

    def test_interest_of_the_terms_is_capped(self):
        item = make_reminded("nl_consumer", date(2026, 3, 3), announcement=announced("150"))
        high = make_policy("nl_consumer", interest_percent=Decimal(12))
        low = make_policy("nl_consumer", interest_percent=Decimal(2))
        rates = [
            self._letter([item], date(2026, 4, 30), policy).lines[0].charges[0].slices[0].percent
            for policy in (high, low)
        ]
        self.assertEqual(rates, [Decimal(4), Decimal(2)])

    def test_compound_interest_is_a_choice(self):
        """Simple by default; with the option the interest of each full year is added."""
        item = make_reminded(
            "nl_consumer", date(2026, 3, 3), due=date(2023, 12, 31), announcement=announced("150"), amount="1000"
        )
        simple = make_policy("nl_consumer", due_date_is_agreed=True, charge_indemnity=False)
        compound = replace(simple, compound_interest=True)
        day = date(2026, 3, 31)
        # 2024: 366 days at 7 % = 70.19; 2025: 365 days at 6 % = 60.00; 2026: 90 days at 4 % = 9.86
        self.assertEqual(self._letter([item], day, simple).charged("interest"), Decimal("140.05"))
        # 70.19; 6 % of 1 070.19 = 64.21; 4 % of 1 134.40 for 90 days = 11.19
        self.assertEqual(self._letter([item], day, compound).charged("interest"), Decimal("145.59"))

    def test_missing_figure_stops_the_letter(self):
        policy = make_policy("nl_consumer")
        for code in ("nl_collection_cost_tiers", "nl_collection_cost_min", "nl_b2c_wait_days"):
            with self.subTest(code):
                context = make_context(date(2026, 3, 10), law=Book([code]))
                decision = decide_for([make_item("nl_consumer")], date(2026, 3, 10), policy, context)
                self.assertEqual([(s.reason, s.detail[: len(code)]) for s in decision.skips],
                                 [("missing_legal_value", code)])  # fmt: skip
        # who claims nothing needs no scale
        free = make_policy("nl_consumer", charge_indemnity=False, charge_interest=False)
        context = make_context(date(2026, 3, 10), law=Book(["nl_collection_cost_tiers"]))
        self.assertTrue(decide_for([make_item("nl_consumer")], date(2026, 3, 10), free, context).letters)

    def test_no_text_message_and_no_call(self):
        first = replace(FIRST, channel="sms", fallback_channel="phone", second_fallback_channel="post")
        policy = make_policy("nl_consumer", levels=(first, SECOND))
        self.assertEqual(self._letter([make_item("nl_consumer")], date(2026, 3, 10), policy).channel, "post")
        forced = self._letter([make_item("nl_consumer")], date(2026, 3, 10), policy, forced_channel="phone")
        self.assertEqual(forced.channel, "post")


@tagged("post_install", "-at_install")
class TestDutchBusiness(LawCase):
    def _item(self, **values):
        return make_item("nl_business", after="reminder", last_delivered_on=date(2026, 1, 20), **values)

    def test_commercial_interest(self):
        """T31: 5 000 euros at 10.15 %, 90 days."""
        item = self._item(amount="5000", due=date(2025, 12, 31))
        letter = self._letter([item], date(2026, 3, 31), make_policy("nl_business", charge_indemnity=False))
        self.assertEqual(self._sums(letter), {"interest": Decimal("125.14")})
        self.assertEqual(letter.lines[0].charges[0].ground, "nl_6_119a")

    def test_collection_costs_without_notice(self):
        """T30 between businesses: at least 40 euros, for each invoice."""
        policy = make_policy("nl_business", charge_interest=False)
        for balance, cost in {"100": "40", "1000": "150", "10000": "875", "2000000": "6775"}.items():
            letter = self._letter([self._item(amount=balance)], date(2026, 4, 1), policy)
            self.assertEqual(self._sums(letter), {"indemnity": Decimal(cost)}, balance)
        two = [self._item(amount="100", number=1), self._item(amount="100", number=2)]
        self.assertEqual(self._letter(two, date(2026, 4, 1), policy).charged("indemnity"), Decimal(80))

    def test_terms_instead_of_the_scale(self):
        policy = make_policy("nl_business", charge_interest=False, clause=Clause(Decimal(10)))
        self.assertEqual(self._letter([self._item()], date(2026, 4, 1), policy).charged("indemnity"), Decimal(100))
        small = self._letter([self._item(amount="100")], date(2026, 4, 1), policy)
        self.assertEqual(small.charged("indemnity"), Decimal(40), "never less than the law")

    def test_vat(self):
        policy = make_policy("nl_business", charge_interest=False, vat_on_costs=True)
        self.assertEqual(self._letter([self._item()], date(2026, 4, 1), policy).charged("indemnity"), Decimal("181.50"))

    def test_other_currency(self):
        policy = make_policy("nl_business", charge_interest=False)
        item = self._item(amount="2000", currency_id=USD)
        self.assertEqual(self._letter([item], date(2026, 4, 1), policy).charged("indemnity"), Decimal(300))

    def test_compound_interest(self):
        item = self._item(amount="1000", due=date(2024, 12, 31))
        policy = make_policy("nl_business", charge_indemnity=False, compound_interest=True)
        # 2025: 181 days at 11.15 % and 184 days at 10.15 % = 106.46; 2026: 90 days at 10.15 % of 1 106.46 = 27.69
        self.assertEqual(self._letter([item], date(2026, 3, 31), policy).charged("interest"), Decimal("134.15"))
        paid = Claim(9, "interest", item.id, Decimal("106.46"), Decimal(1000), date(2025, 12, 31), is_open=False)
        letter = self._letter([item], date(2026, 3, 31), policy, claims={item.move_id: [paid]})
        # what was paid bears nothing: 90 days at 10.15 % of 1 000
        self.assertEqual(letter.lines[0].charges[0].amount, Decimal("25.03"))
        still_open = replace(paid, is_open=True)
        letter = self._letter([item], date(2026, 3, 31), policy, claims={item.move_id: [still_open]})
        self.assertEqual(letter.lines[0].charges[0].amount, Decimal("27.69"))


@tagged("post_install", "-at_install")
class TestFrance(LawCase):
    def test_business(self):
        """Penalties from the day after the due date without reminder, and 40 euros for each invoice."""
        items = [
            make_item("fr_business", number=number, due=date(2026, 3, 31), after="reminder",
                      last_delivered_on=date(2026, 4, 8))
            for number in (1, 2)
        ]  # fmt: skip
        letter = self._letter(items, date(2026, 4, 30), make_policy("fr_business", charge_indemnity=False))
        # 30 days at 12.15 %: 9.99 each
        self.assertEqual(self._sums(letter), {"interest": Decimal("19.98"), "fixed": Decimal(80)})
        self.assertEqual({c.ground for line in letter.lines for c in line.charges}, {"fr_l441_10", "fr_d441_5"})

    def test_rate_of_the_terms(self):
        item = make_item("fr_business", due=date(2026, 3, 31), after="reminder", last_delivered_on=date(2026, 4, 8))
        policy = make_policy("fr_business", charge_indemnity=False, interest_percent=Decimal(10))
        self.assertEqual(self._letter([item], date(2026, 4, 30), policy).charged("interest"), Decimal("8.22"))

    def test_consumer_owes_nothing_before_the_formal_notice(self):
        policy = make_policy("fr_consumer")
        for after in (None, "reminder", "second_reminder"):
            item = make_item("fr_consumer", after=after, last_delivered_on=after and date(2026, 3, 20))
            self.assertFalse(self._sums(self._letter([item], date(2026, 5, 15), policy)), after)

    def test_consumer_interest_after_the_formal_notice(self):
        """Sent on Friday 3 April 2026: three working days later is 9 April (Easter Monday), interest from the 10th."""
        start = REGIMES["fr_consumer"].interest_after(date(2026, 4, 3), "registered", make_context(date(2026, 4, 3)))
        self.assertEqual(start, date(2026, 4, 10))
        item = make_item("fr_consumer", after="formal_notice", last_delivered_on=date(2026, 4, 3), interest_from=start)
        letter = self._letter([item], date(2026, 5, 9), make_policy("fr_consumer"))
        # 30 days at 2.62 %; no indemnity and no fixed sum, whatever the levels say
        self.assertEqual(self._sums(letter), {"interest": Decimal("2.15")})

    def test_no_shortened_term(self):
        item = make_item("fr_business", due=date(2026, 7, 1), invoice_date=date(2026, 3, 1))
        policy = make_policy("fr_business", cap_payment_term=True)
        self.assertEqual(REGIMES["fr_business"].due_date(item, policy, make_context(item.date_due)), item.date_due)


@tagged("post_install", "-at_install")
class TestLuxembourg(LawCase):
    def test_business_rate_is_not_rounded(self):
        item = make_item("lu_business", due=date(2024, 12, 1), after="reminder", last_delivered_on=date(2024, 12, 10))
        letter = self._letter([item], date(2024, 12, 31), make_policy("lu_business", charge_indemnity=False))
        # 30 days at 12.25 %
        self.assertEqual(self._sums(letter), {"interest": Decimal("10.07"), "fixed": Decimal(40)})

    def test_unconfirmed_fixed_sum_waits(self):
        item = make_item("lu_business", after="reminder", last_delivered_on=date(2026, 3, 10))
        context = make_context(date(2026, 4, 1), law=Book(["lu_fixed_cost"]))
        decision = decide_for([item], date(2026, 4, 1), make_policy("lu_business"), context)
        self.assertEqual([s.detail for s in decision.skips], ["lu_fixed_cost 2026-04-01"])

    def _start(self, **values):
        item = make_item(
            **{
                "regime": "lu_consumer",
                "due": date(2024, 2, 15),
                "invoice_date": date(2024, 1, 20),
                "delivered_on": date(2024, 1, 15),
                "after": "reminder",
                "last_delivered_on": date(2024, 3, 1),
                **values,
            }
        )
        policy = make_policy("lu_consumer", invoices_state_interest=True)
        return REGIMES["lu_consumer"].interest_start(item, item.date_due, policy, make_context(date(2024, 9, 1)))

    def test_consumer_conditions(self):
        self.assertEqual(self._start(), date(2024, 5, 1), "after the third month")
        self.assertEqual(self._start(due=date(2024, 6, 30)), date(2024, 7, 1), "never before the due date has passed")
        self.assertEqual(self._start(invoice_date=date(2024, 2, 15)), date(2024, 5, 1), "issued within one month")
        self.assertIsNone(self._start(invoice_date=date(2024, 2, 16)), "issued too late")
        self.assertIsNone(self._start(delivered_on=None), "an unknown delivery claims nothing")
        self.assertIsNone(self._start(invoice_date=None))
        # 31 January plus one month is 29 February in 2024
        self.assertEqual(self._start(delivered_on=date(2024, 1, 31), invoice_date=date(2024, 2, 29)), date(2024, 5, 1))

    def test_exact_months(self):
        context = make_context(date(2024, 9, 1), law=Book(lu_b2c_count_whole_months=0))
        item = make_item("lu_consumer", due=date(2024, 2, 15), invoice_date=date(2024, 1, 20),
                         delivered_on=date(2024, 1, 15))  # fmt: skip
        policy = make_policy("lu_consumer", invoices_state_interest=True)
        start = REGIMES["lu_consumer"].interest_start(item, item.date_due, policy, context)
        self.assertEqual(start, date(2024, 4, 16))

    def test_consumer_claims(self):
        """Nothing unless the invoices state the interest; never costs."""
        item = make_item(
            "lu_consumer",
            due=date(2024, 2, 15),
            invoice_date=date(2024, 1, 20),
            delivered_on=date(2024, 1, 15),
            after="reminder",
            last_delivered_on=date(2024, 3, 1),
        )
        day = date(2024, 5, 30)
        silent = self._letter([item], day, make_policy("lu_consumer"))
        self.assertFalse(self._sums(silent))
        self.assertIsNone(silent.announced_interest_rate)
        told = self._letter([item], day, make_policy("lu_consumer", invoices_state_interest=True))
        # 1 to 30 May at 4.5 %
        self.assertEqual(self._sums(told), {"interest": Decimal("3.70")})
        self.assertEqual(told.announced_interest_rate, Decimal("4.50"))


@tagged("post_install", "-at_install")
class TestChannels(LawCase):
    def test_order_of_fallbacks(self):
        level = replace(FIRST, channel="sms", fallback_channel="phone", second_fallback_channel="email")
        policy = make_policy("be_business", levels=(level,))
        cases = [
            ({}, "sms"),
            ({"has_mobile": False}, "phone"),
            ({"has_mobile": False, "has_phone": False}, "email"),
            ({"forced_channel": "post"}, "post"),
            ({"forced_channel": "post", "has_address": False}, "sms"),
        ]
        for values, channel in cases:
            letter = self._letter([make_item()], date(2026, 3, 10), policy, **values)
            self.assertEqual(letter.channel, channel, values)
        nobody = decide_for(
            [make_item()], date(2026, 3, 10), policy, has_mobile=False, has_phone=False, has_email=False
        )
        self.assertEqual([skip.reason for skip in nobody.skips], ["no_recipient"])

    def test_formal_notices_are_letters(self):
        formal = replace(FORMAL, channel="phone", fallback_channel="sms", second_fallback_channel="registered")
        policy = make_policy("be_business", levels=(FIRST, formal))
        item = make_item(after="reminder", last_delivered_on=date(2026, 3, 10))
        self.assertEqual(self._letter([item], date(2026, 5, 1), policy).channel, "registered")

    def test_a_message_leaves_the_same_day(self):
        level = replace(FIRST, channel="sms", payment_deadline_days=8)
        policy = make_policy("be_business", levels=(level,))
        self.assertEqual(self._letter([make_item()], date(2026, 3, 10), policy).deadline, date(2026, 3, 18))


@tagged("post_install", "-at_install")
class TestCompoundSlices(BaseCase):
    def _sum(self, *arguments, **values):
        return round_half_up(sum(piece.exact for piece in compound_slices(*arguments, **values)))

    def test_split_periods_agree(self):
        steps, rates = [(date(2020, 1, 1), 1000)], [(date(2020, 1, 1), 10)]
        origin = date(2023, 1, 1)
        whole = self._sum(steps, rates, origin, origin, date(2025, 12, 31))
        # 100; 10 % of 1 100 for 366 days of 365; 10 % of 1 210.30
        self.assertEqual(whole, Decimal("331.33"))
        parts = self._sum(steps, rates, origin, origin, date(2024, 5, 31))
        parts += self._sum(steps, rates, origin, date(2024, 6, 1), date(2025, 12, 31))
        self.assertLessEqual(abs(whole - parts), Decimal("0.01"))

    def test_first_year_is_simple(self):
        steps, rates, origin = [(date(2020, 1, 1), 1000)], [(date(2020, 1, 1), 10)], date(2025, 1, 1)
        self.assertEqual(self._sum(steps, rates, origin, origin, date(2025, 12, 31)), Decimal(100))

    def test_settled_interest_bears_none(self):
        steps, rates, origin = [(date(2020, 1, 1), 1000)], [(date(2020, 1, 1), 10)], date(2024, 1, 1)
        second_year = (steps, rates, origin, date(2025, 1, 1), date(2025, 12, 31))
        # the leap year before bore 100.27
        self.assertEqual(self._sum(*second_year), Decimal("110.03"))
        self.assertEqual(self._sum(*second_year, settled=Decimal(1000)), Decimal(100))

    def test_paid_principal_bears_nothing(self):
        steps, rates = [(date(2020, 1, 1), 1000), (date(2025, 3, 1), 0)], [(date(2020, 1, 1), 10)]
        slices = compound_slices(steps, rates, date(2024, 1, 1), date(2025, 1, 1), date(2025, 12, 31))
        self.assertEqual(slices[-1].end, date(2025, 2, 28))
