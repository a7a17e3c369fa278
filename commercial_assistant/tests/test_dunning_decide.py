from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from odoo.tests import BaseCase, tagged

from odoo.addons.commercial_assistant.tools.dunning import (
    REGIMES,
    Claim,
    Clause,
    Context,
    Customer,
    Hold,
    Item,
    Level,
    MissingExchangeRateError,
    MissingFigureError,
    Policy,
    decide,
    find_next_level,
    find_ready_day,
)

EUR, USD = 1, 2
TIERS = [
    (Decimal(0), Decimal(20), Decimal(0)),
    (Decimal(150), Decimal(30), Decimal(10)),
    (Decimal(500), Decimal(65), Decimal(5)),
]
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
    "late_day_base": 365,
}
RATES = [
    (date(2022, 7, 1), Decimal(8)),
    (date(2023, 1, 1), Decimal("10.5")),
    (date(2023, 7, 1), Decimal(12)),
    (date(2024, 1, 1), Decimal("12.5")),
    (date(2025, 1, 1), Decimal("11.5")),
    (date(2025, 7, 1), Decimal("10.5")),
    (date(2026, 1, 1), Decimal("10.5")),
]


class Book:
    """Figures of law as the tests know them; ``unknown`` names those without a confirmed value."""

    def __init__(self, unknown=(), rates_until=date(2026, 12, 31), **figures):
        self.figures = FIGURES | figures
        self.unknown = set(unknown)
        self.rates_until = rates_until

    def value(self, code, on):
        if code in self.unknown or code not in self.figures:
            raise MissingFigureError(code, on)
        return Decimal(str(self.figures[code]))

    def tiers(self, code, on):
        if code in self.unknown:
            raise MissingFigureError(code, on)
        return TIERS

    def rates(self, code, start, end):
        if code in self.unknown or end > self.rates_until:
            raise MissingFigureError(code, max(start, self.rates_until + timedelta(days=1)))
        return RATES


COURTESY = Level(1, 10, "courtesy", -3, payment_deadline_days=3)
FIRST = Level(2, 20, "reminder", 5, payment_deadline_days=14)
SECOND = Level(3, 30, "second_reminder", 20, 15, 10, charge_interest=True, charge_indemnity=True)
FORMAL = Level(4, 40, "formal_notice", 40, 15, 15, automatic=False, charge_interest=True, charge_indemnity=True)
CONSUMER = Policy(1, "be_consumer", (FIRST, SECOND, FORMAL), charge_interest=True, charge_indemnity=True)
BUSINESS = Policy(
    2,
    "be_business",
    (
        Level(12, 20, "reminder", 3),
        Level(13, 30, "second_reminder", 15, 10),
        Level(14, 40, "formal_notice", 30, 10, automatic=False, charge_interest=True, charge_fixed=True),
    ),
    charge_interest=True,
)
AFTER_SECOND = {"level_id": 13, "level_kind": "second_reminder", "level_regime": "be_business"}


@tagged("post_install", "-at_install")
class TestDunningDecide(BaseCase):
    def _context(self, day, **values):
        def convert(amount, source, target):
            if source == target:
                return amount
            if 3 in (source, target):
                raise MissingExchangeRateError(3)
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

    def _item(self, amount="1000", due=date(2026, 3, 1), number=1, **values):
        return Item(
            **{
                "id": number,
                "move_id": number,
                "currency_id": EUR,
                "date_due": due,
                "residual": Decimal(amount),
                **values,
            }
        )

    def _reminded(self, sent_on, channel="email", is_sme=True, **values):
        """An item whose first reminder of the consumer regime was delivered on that day."""
        first = REGIMES["be_consumer"].first_reminder(sent_on, channel, self._context(sent_on, is_sme=is_sme))
        return self._item(
            **{
                "due": sent_on - timedelta(days=20),
                "level_id": FIRST.id,
                "level_kind": "reminder",
                "level_regime": "be_consumer",
                "last_delivered_on": sent_on,
                "first_reminder_on": sent_on,
                "earliest_charge_on": first.earliest_charge_on,
                "interest_from": first.interest_from,
                **values,
            }
        )

    def _decide(self, items, day, policy=CONSUMER, context=None, **values):
        kind = "consumer" if policy and policy.regime == "be_consumer" else "business"
        customer = Customer(
            **{
                "id": 1,
                "kind": kind,
                "policy": policy,
                "items": items,
                "contact_id": 5,
                "lang": "nl_BE",
                "has_email": True,
                "has_address": True,
                **values,
            }
        )
        return decide(customer, context or self._context(day))

    def _letter(self, *args, **values):
        decision = self._decide(*args, **values)
        self.assertEqual(len(decision.letters), 1, decision.skips)
        return decision.letters[0]

    def _reason(self, *args, **values):
        decision = self._decide(*args, **values)
        self.assertFalse(decision.letters)
        return {skip.reason for skip in decision.skips}

    # --- TIMING ---

    def test_first_reminder_waits_for_its_days(self):
        item = self._item()
        early = self._decide([item], date(2026, 3, 5))
        self.assertEqual([(s.reason, s.until) for s in early.skips], [("too_early", date(2026, 3, 6))])
        self.assertEqual(self._letter([item], date(2026, 3, 6)).level, FIRST)

    def test_grace_days(self):
        self.assertEqual(
            find_ready_day(self._item(), FIRST, replace(CONSUMER, grace_days=4), date(2026, 3, 1)), date(2026, 3, 10)
        )
        policy = replace(CONSUMER, grace_days=2, grace_in_working_days=True)
        # 1 March 2026 is a Sunday: two working days later is Tuesday
        self.assertEqual(find_ready_day(self._item(), FIRST, policy, date(2026, 3, 1)), date(2026, 3, 8))

    def test_only_on_working_days(self):
        policy = replace(CONSUMER, working_days_only=True)
        item = self._item()
        # 6 April 2026 is Easter Monday
        decision = self._decide([item], date(2026, 4, 6), policy)
        self.assertEqual([(s.reason, s.until) for s in decision.skips], [("too_early", date(2026, 4, 7))])
        self.assertTrue(self._decide([item], date(2026, 4, 7), policy).letters)

    def test_free_terms_of_the_law(self):
        """T1 to T6: the second reminder leaves on the earliest charge date, not one day before."""
        cases = [
            (date(2026, 3, 2), "email", {}, date(2026, 3, 17)),
            (date(2026, 4, 2), "post", {}, date(2026, 4, 22)),
            (date(2026, 11, 5), "post", {}, date(2026, 11, 24)),
            (date(2026, 11, 23), "email", {}, date(2026, 12, 8)),
            (date(2026, 12, 23), "post", {}, date(2027, 1, 12)),
            (date(2026, 11, 7), "email", {}, date(2026, 11, 22)),
            (date(2026, 11, 7), "email", {"be_b2c_roll_to_working_day": 1}, date(2026, 11, 24)),
            (date(2026, 3, 2), "email", {"be_b2c_extra_days": 1}, date(2026, 3, 18)),
        ]
        for sent_on, channel, figures, earliest in cases:
            with self.subTest(sent_on=sent_on, channel=channel, figures=figures):
                book = Book(rates_until=date(2027, 12, 31), **figures)
                first = REGIMES["be_consumer"].first_reminder(sent_on, channel, self._context(sent_on, law=book))
                self.assertEqual(first.earliest_charge_on, earliest)
                item = self._reminded(sent_on, channel, earliest_charge_on=first.earliest_charge_on)
                levels = (FIRST, replace(SECOND, min_days_after_previous=1))
                policy = replace(CONSUMER, levels=levels)
                before = self._decide(
                    [item], earliest - timedelta(days=1), policy, self._context(earliest - timedelta(days=1), law=book)
                )
                self.assertEqual([s.reason for s in before.skips], ["too_early"])
                letter = self._letter([item], earliest, policy=policy, context=self._context(earliest, law=book))
                self.assertEqual(letter.level.kind, "second_reminder")

    def test_deadline_of_the_first_reminder_is_the_free_term(self):
        item = self._item(due=date(2026, 2, 1))
        letter = self._letter([item], date(2026, 3, 2))
        self.assertEqual((letter.deadline, letter.earliest_charge_date), (date(2026, 3, 16), date(2026, 3, 17)))
        # on paper: posted a working day later, begins on the third working day after that
        letter = self._letter([item], date(2026, 3, 2), has_email=False)
        self.assertEqual((letter.channel, letter.deadline), ("post", date(2026, 3, 19)))
        generous = replace(CONSUMER, levels=(replace(FIRST, payment_deadline_days=30),))
        self.assertEqual(self._letter([item], date(2026, 3, 2), policy=generous).deadline, date(2026, 4, 1))

    def test_two_clocks(self):
        """Old enough and far enough from the previous delivered letter are two questions."""
        item = self._item(
            due=date(2026, 1, 1), level_id=12, level_kind="reminder", level_regime="be_business",
            last_delivered_on=date(2026, 3, 1),
        )  # fmt: skip
        decision = self._decide([item], date(2026, 3, 10), BUSINESS)
        self.assertEqual([(s.reason, s.until) for s in decision.skips], [("too_early", date(2026, 3, 11))])
        self.assertEqual(self._letter([item], date(2026, 3, 11), policy=BUSINESS).level.kind, "second_reminder")

    def test_nothing_is_skipped(self):
        """A debt of a year begins with the first reminder."""
        self.assertEqual(
            self._letter([self._item(due=date(2025, 3, 1))], date(2026, 3, 1), policy=BUSINESS).level.id, 12
        )

    def test_all_levels_done(self):
        item = self._item(
            level_id=14, level_kind="formal_notice", level_regime="be_business", last_delivered_on=date(2026, 3, 1)
        )
        self.assertEqual(self._reason([item], date(2026, 9, 1), BUSINESS), {"levels_done"})

    def test_courtesy_reminder(self):
        policy = replace(BUSINESS, levels=(COURTESY, *BUSINESS.levels))
        item = self._item(due=date(2026, 3, 10))
        self.assertEqual(self._decide([item], date(2026, 3, 6), policy).skips[0].until, date(2026, 3, 7))
        letter = self._letter([item], date(2026, 3, 7), policy=policy)
        self.assertEqual((letter.level.kind, letter.scope_key), ("courtesy", "courtesy"))
        # not sent in time: the first reminder is next, on its own day
        self.assertEqual(self._decide([item], date(2026, 3, 11), policy).skips[0].until, date(2026, 3, 13))
        self.assertEqual(self._letter([item], date(2026, 3, 13), policy=policy).level.kind, "reminder")

    def test_courtesy_and_overdue_are_two_letters(self):
        policy = replace(BUSINESS, levels=(COURTESY, *BUSINESS.levels))
        items = [self._item(due=date(2026, 3, 10)), self._item(due=date(2026, 2, 1), number=2)]
        letters = self._decide(items, date(2026, 3, 8), policy).letters
        self.assertEqual(sorted(letter.level.kind for letter in letters), ["courtesy", "reminder"])

    def test_level_of_another_policy(self):
        """Under the same law the kind counts; under another law the ladder begins again."""
        item = self._item(
            level_id=99, level_kind="reminder", level_regime="be_business", last_delivered_on=date(2026, 3, 1)
        )
        self.assertEqual(find_next_level(item, BUSINESS, date(2026, 6, 1), item.date_due).kind, "second_reminder")
        self.assertEqual(find_next_level(item, CONSUMER, date(2026, 6, 1), item.date_due).kind, "reminder")

    def test_excessive_payment_term(self):
        """T27: a term of 90 days is void between businesses; 30 days count instead."""
        item = self._item(due=date(2026, 6, 30), invoice_date=date(2026, 4, 1))
        policy = replace(BUSINESS, cap_payment_term=True)
        letter = self._letter([item], date(2026, 5, 4), policy=policy)
        self.assertEqual(letter.lines[0].date_due, date(2026, 5, 1))
        self.assertEqual(self._reason([item], date(2026, 5, 4), BUSINESS), {"too_early"})
        agreed = self._item(due=date(2026, 5, 31), invoice_date=date(2026, 4, 1))
        self.assertEqual(self._reason([agreed], date(2026, 5, 4), policy), {"too_early"})

    # --- REASONS ---

    def test_reasons_of_the_customer(self):
        item, day = self._item(), date(2026, 3, 20)
        self.assertEqual(self._reason([item], day, context=self._context(day, is_active=False)), {"company_off"})
        self.assertEqual(self._reason([item], day, is_excluded=True), {"customer_excluded"})
        self.assertEqual(self._reason([item], day, is_excluded=True, excluded_until=day), {"customer_excluded"})
        self.assertTrue(self._decide([item], day, is_excluded=True, excluded_until=day - timedelta(days=1)).letters)
        self.assertEqual(self._reason([item], day, None), {"no_policy"})
        self.assertEqual(self._reason([item], day, BUSINESS, kind="consumer"), {"policy_unsuitable"})
        self.assertEqual(self._reason([item], day, has_email=False, has_address=False), {"no_recipient"})
        self.assertEqual(
            self._reason([item], day, context=self._context(day, has_bank_account=False)), {"no_bank_account"}
        )
        self.assertEqual(self._reason([item], day, written=frozenset({(EUR, "first")})), {"already_written"})
        french = replace(CONSUMER, levels=(replace(FIRST, languages=frozenset({"fr_BE"})),))
        self.assertEqual(self._reason([item], day, french), {"no_text"})

    def test_reasons_of_the_item(self):
        day = date(2026, 3, 20)
        self.assertEqual(self._reason([self._item(is_excluded=True)], day), {"item_excluded"})
        self.assertTrue(self._decide([self._item(is_excluded=True, excluded_until=date(2026, 3, 19))], day).letters)
        self.assertEqual(self._reason([self._item(is_pending=True)], day), {"notice_pending"})
        self.assertEqual(self._reason([self._item(holds=(Hold("payment_in_process"),))], day), {"payment_in_process"})
        held = self._letter([self._item(holds=(Hold("payment_in_process", Decimal(400)),))], day)
        self.assertEqual((held.principal, held.total), (600, 600))

    def test_minimum_amounts(self):
        day = date(2026, 3, 20)
        self.assertEqual(
            self._reason([self._item("4.99")], day, replace(CONSUMER, min_line=Decimal(5))), {"below_minimum"}
        )
        self.assertTrue(self._decide([self._item("5")], day, replace(CONSUMER, min_line=Decimal(5))).letters)
        items = [self._item("6", number=1), self._item("7", number=2)]
        self.assertEqual(self._reason(items, day, replace(CONSUMER, min_letter=Decimal(20))), {"below_minimum"})
        self.assertTrue(self._decide(items, day, replace(CONSUMER, min_letter=Decimal(13))).letters)
        # 30 dollars are 15 euros here
        dollars = [self._item("30", currency_id=USD)]
        self.assertEqual(self._reason(dollars, day, replace(CONSUMER, min_line=Decimal(16))), {"below_minimum"})
        self.assertTrue(self._decide(dollars, day, replace(CONSUMER, min_line=Decimal(15))).letters)

    def test_currency_without_rate(self):
        day = date(2026, 3, 20)
        strange = self._item(currency_id=3)
        self.assertEqual(self._reason([strange], day, replace(BUSINESS, min_line=Decimal(1))), {"no_rate"})
        # nothing has to be converted: the letter leaves
        plain = replace(CONSUMER, charge_indemnity=False)
        self.assertTrue(self._decide([strange], day, plain).letters)

    def test_channels(self):
        day = date(2026, 3, 20)
        self.assertEqual(self._letter([self._item()], day).channel, "email")
        self.assertEqual(self._letter([self._item()], day, has_email=False).channel, "post")
        alone = replace(CONSUMER, levels=(replace(FIRST, fallback_channel=None),))
        self.assertEqual(self._reason([self._item()], day, alone, has_email=False), {"no_recipient"})
        self.assertEqual(self._letter([self._item()], day, forced_channel="registered").channel, "registered")

    # --- LETTERS ---

    def test_one_letter_a_currency(self):
        items = [self._item(number=1), self._item(number=2, currency_id=USD), self._item(number=3)]
        letters = self._decide(items, date(2026, 3, 20)).letters
        self.assertEqual({letter.currency_id: letter.principal for letter in letters}, {EUR: 2000, USD: 1000})

    def test_one_letter_an_invoice(self):
        items = [self._item(number=1), self._item(number=2), self._item("50", number=3, move_id=1)]
        letters = self._decide(items, date(2026, 3, 20), replace(CONSUMER, letter_scope="invoice")).letters
        self.assertEqual(sorted(letter.principal for letter in letters), [1000, 1050])

    def test_tone_of_the_highest_level(self):
        items = [
            self._item(number=1, due=date(2026, 3, 1)),
            self._item(number=2, due=date(2026, 1, 1), last_delivered_on=date(2026, 2, 1), **AFTER_SECOND),
        ]
        letter = self._letter(items, date(2026, 3, 20), policy=BUSINESS)
        self.assertEqual(letter.level.kind, "formal_notice")
        self.assertEqual({line.item.id: line.level.kind for line in letter.lines}, {1: "reminder", 2: "formal_notice"})
        self.assertTrue(letter.needs_approval)
        self.assertEqual([charge.item_id for line in letter.lines for charge in line.charges], [2, 2])

    def test_first_reminder_of_a_consumer_stands_alone(self):
        """It is free of charge and has to say certain things; a letter with claims would bury them."""
        items = [self._reminded(date(2026, 3, 2)), self._item(number=2, due=date(2026, 3, 1))]
        letters = self._decide(items, date(2026, 3, 20)).letters
        self.assertEqual(
            {letter.level.kind: len(letter.lines) for letter in letters}, {"reminder": 1, "second_reminder": 1}
        )

    # --- UNALLOCATED MONEY ---

    def test_net_oldest_first(self):
        items = [
            self._item("100", due=date(2026, 1, 1), number=1),
            self._item("200", due=date(2026, 2, 1), number=2),
            self._item("300", due=date(2026, 3, 1), number=3),
        ]
        decision = self._decide(items, date(2026, 3, 20), credits={EUR: Decimal(150), USD: Decimal(9999)})
        self.assertEqual([(s.item_id, s.reason) for s in decision.skips], [(1, "unallocated_money")])
        letter = decision.letters[0]
        self.assertEqual((letter.principal, letter.credit, letter.total), (500, 50, 450))

    def test_money_covers_all(self):
        self.assertEqual(
            self._reason([self._item()], date(2026, 3, 20), credits={EUR: Decimal(1000)}), {"unallocated_money"}
        )

    def test_netting_modes(self):
        money, day = {EUR: Decimal(1)}, date(2026, 3, 20)
        policy = replace(CONSUMER, netting="none")
        self.assertEqual(self._letter([self._item()], day, policy=policy, credits=money).total, 1000)
        policy = replace(CONSUMER, netting="block")
        self.assertEqual(self._reason([self._item()], day, policy, credits=money), {"unallocated_money"})
        self.assertTrue(self._decide([self._item()], day, policy, credits={USD: Decimal(1)}).letters)
        letter = self._letter([self._item()], day, policy=replace(CONSUMER, netting="warn"), credits=money)
        self.assertEqual((letter.total, letter.needs_approval), (1000, True))
        self.assertFalse(self._letter([self._item()], day, policy=replace(CONSUMER, netting="warn")).needs_approval)

    # --- CHARGES TO CONSUMERS ---

    def test_first_reminder_is_free_and_announces(self):
        letter = self._letter([self._item("1210")], date(2026, 3, 20))
        self.assertEqual(letter.total, 1210)
        self.assertEqual(letter.announced_indemnity, Decimal("100.50"))
        self.assertEqual(letter.announced_interest_rate, Decimal("10.5"))

    def test_indemnity_tiers(self):
        """T8 to T17."""
        cases = {
            "100": "20", "150": "20", "150.01": "30", "215": "36.50", "400": "55", "500": "65", "500.01": "65",
            "1000": "90", "1210": "100.50", "39200": "2000", "50000": "2000",
        }  # fmt: skip
        for balance, amount in cases.items():
            with self.subTest(balance=balance):
                letter = self._letter([self._reminded(date(2026, 3, 2), amount=balance)], date(2026, 3, 17))
                self.assertEqual(letter.charged("indemnity"), Decimal(amount))

    def test_consumer_interest(self):
        """T18 to T20: small company from the day after the first reminder, others from the end of the term."""
        policy = replace(CONSUMER, charge_indemnity=False)
        for is_sme, interest in ((True, "10.09"), (False, "5.22")):
            item = self._reminded(date(2026, 3, 2), amount="1210", is_sme=is_sme)
            letter = self._letter([item], date(2026, 3, 31), policy=policy)
            self.assertEqual(letter.charged("interest"), Decimal(interest))
        self.assertEqual(self._reason([item], date(2026, 3, 16), policy), {"too_early"})

    def test_no_clause_no_charge(self):
        policy = replace(CONSUMER, charge_interest=False, charge_indemnity=False)
        letter = self._letter([self._reminded(date(2026, 3, 2))], date(2026, 3, 31), policy=policy)
        self.assertEqual(letter.total, 1000)
        self.assertEqual(self._letter([self._item()], date(2026, 3, 20), policy=policy).announced_indemnity, 0)

    def test_clause_below_the_caps(self):
        policy = replace(CONSUMER, interest_percent=Decimal(5), clause=Clause(Decimal(2), Decimal(10), Decimal(50)))
        letter = self._letter([self._reminded(date(2026, 3, 2))], date(2026, 3, 31), policy=policy)
        self.assertEqual(letter.charged("indemnity"), 20)
        self.assertEqual(letter.charged("interest"), Decimal("3.97"))

    def test_clause_above_the_caps_is_cut(self):
        policy = replace(CONSUMER, interest_percent=Decimal(20), clause=Clause(Decimal(15), Decimal(75)))
        letter = self._letter([self._reminded(date(2026, 3, 2), amount="1210")], date(2026, 3, 31), policy=policy)
        self.assertEqual(letter.charged("indemnity"), Decimal("100.50"))
        self.assertEqual(letter.charged("interest"), Decimal("10.09"))

    def test_indemnity_once_for_a_debt(self):
        claim = Claim(7, "indemnity", 1, Decimal(90), Decimal(1000))
        interest = Claim(8, "interest", 1, Decimal(5), Decimal(1000), date(2026, 3, 20))
        item = self._reminded(date(2026, 3, 2))
        letter = self._letter([item], date(2026, 3, 31), claims={1: [claim, interest]})
        self.assertEqual([charge.kind for charge in letter.lines[0].charges], ["interest"])
        self.assertEqual(letter.lines[0].charges[0].date_from, date(2026, 3, 21))
        self.assertEqual(letter.charged("indemnity"), 90)
        self.assertEqual(letter.charged("interest"), Decimal("5") + Decimal("3.16"))
        # a waived one is neither claimed again nor made anew
        waived = replace(claim, is_open=False)
        letter = self._letter([item], date(2026, 3, 31), claims={1: [waived]})
        self.assertEqual(letter.charged("indemnity"), 0)

    def test_instalments_of_one_invoice_share_the_indemnity(self):
        items = [
            self._reminded(date(2026, 3, 2), amount="600", number=1, move_id=1),
            self._reminded(date(2026, 3, 2), amount="400", number=2, move_id=1),
        ]
        letter = self._letter(items, date(2026, 3, 17), policy=replace(CONSUMER, charge_interest=False))
        self.assertEqual([line.total("indemnity") for line in letter.lines], [70, 20])
        self.assertEqual(letter.charged("indemnity"), 90)
        items = [self._item("600", number=1, move_id=1), self._item("400", number=2, move_id=1)]
        self.assertEqual(self._letter(items, date(2026, 3, 20)).announced_indemnity, 90)

    def test_charges_after_money_on_account(self):
        item = self._reminded(date(2026, 3, 2), amount="1000")
        letter = self._letter([item], date(2026, 3, 31), credits={EUR: Decimal(500)})
        self.assertEqual(letter.charged("indemnity"), 65)
        self.assertEqual(letter.charged("interest"), Decimal("4.17"))

    def test_cost_of_a_later_reminder(self):
        levels = (FIRST, replace(SECOND, charge_indemnity=False, charge_interest=False, cost=Decimal(9)))
        policy = replace(CONSUMER, levels=levels, charge_indemnity=False)
        items = [self._reminded(date(2026, 3, 2)), self._reminded(date(2026, 3, 2), number=2)]
        letter = self._letter(items, date(2026, 3, 31), policy=policy)
        self.assertEqual(letter.charged("cost"), Decimal("7.50"))
        policy = replace(policy, charge_indemnity=True)
        self.assertEqual(self._letter(items, date(2026, 3, 31), policy=policy).charged("cost"), 0)

    def test_regular_supply(self):
        """T7: unpaid due dates January, February, April are free; the reminder of July may cost something."""
        policy = replace(
            CONSUMER, levels=(replace(FIRST, cost=Decimal("7.50")),), regular_supply=True, charge_indemnity=False
        )
        item = self._item(due=date(2026, 7, 1))
        earlier = [date(2026, 1, 1), date(2026, 2, 1), date(2026, 4, 1)]
        letter = self._letter([item], date(2026, 7, 10), policy=policy, reminded_due_dates=frozenset(earlier))
        self.assertEqual(letter.charged("cost"), Decimal("7.50"))
        letter = self._letter([item], date(2026, 7, 10), policy=policy, reminded_due_dates=frozenset(earlier[:2]))
        self.assertEqual(letter.charged("cost"), 0)
        last_year = [day.replace(year=2025) for day in earlier]
        letter = self._letter([item], date(2026, 7, 10), policy=policy, reminded_due_dates=frozenset(last_year))
        self.assertEqual(letter.charged("cost"), 0)

    # --- CHARGES TO BUSINESSES ---

    def test_business_interest_and_fixed_sum(self):
        """T21 to T25, as a formal notice on the day of payment."""
        cases = [
            ("1210", date(2025, 5, 15), date(2025, 9, 20), "46.08", "86.08"),
            ("1000", date(2026, 3, 31), date(2026, 4, 30), "8.63", "48.63"),
            ("5000", date(2022, 12, 1), date(2023, 8, 31), "395.14", "435.14"),
            ("1000", date(2023, 12, 31), date(2024, 12, 31), "125.34", "165.34"),
        ]
        for principal, due, day, interest, charges in cases:
            with self.subTest(due=due):
                item = self._item(principal, due, last_delivered_on=due + timedelta(days=1), **AFTER_SECOND)
                letter = self._letter([item], day, policy=BUSINESS)
                self.assertEqual(letter.charged("interest"), Decimal(interest))
                self.assertEqual(letter.charged("interest", "fixed"), Decimal(charges))
                self.assertEqual(letter.total, Decimal(principal) + Decimal(charges))
        quick = replace(BUSINESS, levels=(replace(BUSINESS.levels[2], days_after_due=1),))
        letter = self._letter([self._item("2420", date(2024, 6, 30))], date(2024, 7, 1), policy=quick)
        self.assertEqual(letter.charged("interest", "fixed"), Decimal("40.83"))

    def test_fixed_sum_for_each_invoice(self):
        """T26, and the choice between invoice and instalment."""
        late = {"due": date(2026, 1, 1), "last_delivered_on": date(2026, 2, 1), **AFTER_SECOND}
        items = [self._item("100", number=number, **late) for number in (1, 2, 3)]
        self.assertEqual(self._letter(items, date(2026, 3, 1), policy=BUSINESS).charged("fixed"), 120)
        items = [self._item("100", number=number, move_id=1, **late) for number in (1, 2)]
        self.assertEqual(self._letter(items, date(2026, 3, 1), policy=BUSINESS).charged("fixed"), 40)
        policy = replace(BUSINESS, fixed_per_instalment=True)
        self.assertEqual(self._letter(items, date(2026, 3, 1), policy=policy).charged("fixed"), 80)

    def test_fixed_sum_once(self):
        item = self._item("100", due=date(2026, 1, 1), last_delivered_on=date(2026, 2, 1), **AFTER_SECOND)
        claim = Claim(7, "fixed", 1, Decimal(40), Decimal(100))
        letter = self._letter([item], date(2026, 3, 1), policy=BUSINESS, claims={1: [claim]})
        self.assertEqual([charge.kind for charge in letter.lines[0].charges], ["interest"])
        self.assertEqual(letter.charged("fixed"), 40)

    def test_interest_after_partial_payment(self):
        """Each day bears interest on what was open on that day."""
        item = self._item(
            "400", due=date(2026, 1, 31), last_delivered_on=date(2026, 2, 10), **AFTER_SECOND,
            steps=((date(1900, 1, 1), Decimal(1000)), (date(2026, 3, 1), Decimal(400))),
        )  # fmt: skip
        letter = self._letter([item], date(2026, 3, 31), policy=BUSINESS)
        # 28 days on 1000 and 31 days on 400
        self.assertEqual(letter.charged("interest"), Decimal("11.62"))

    def test_clause_covers_the_fixed_sum(self):
        """What the clause gives includes the fixed sum: costs are not compensated twice."""
        levels = (*BUSINESS.levels[:2], replace(BUSINESS.levels[2], charge_indemnity=True))
        policy = replace(BUSINESS, levels=levels, charge_indemnity=True, clause=Clause(Decimal(10)))
        late = {"due": date(2026, 1, 1), "last_delivered_on": date(2026, 2, 1), **AFTER_SECOND}
        letter = self._letter([self._item("1000", **late)], date(2026, 3, 1), policy=policy)
        self.assertEqual((letter.charged("fixed"), letter.charged("indemnity")), (40, 60))
        letter = self._letter([self._item("300", **late)], date(2026, 3, 1), policy=policy)
        self.assertEqual((letter.charged("fixed"), letter.charged("indemnity")), (40, 0))

    def test_charges_in_another_currency(self):
        item = self._item(
            "1000", due=date(2026, 1, 1), currency_id=USD, last_delivered_on=date(2026, 2, 1), **AFTER_SECOND
        )
        self.assertEqual(self._letter([item], date(2026, 3, 1), policy=BUSINESS).charged("fixed"), 80)
        item.currency_id = 3
        self.assertEqual(self._reason([item], date(2026, 3, 1), BUSINESS), {"no_rate"})

    def test_announcement_to_a_business(self):
        items = [self._item(number=1), self._item(number=2)]
        letter = self._letter(items, date(2026, 3, 20), policy=BUSINESS)
        self.assertEqual((letter.announced_indemnity, letter.announced_interest_rate), (80, Decimal("10.5")))

    # --- MISSING FIGURES ---

    def test_missing_rate_stops_only_what_needs_it(self):
        day = date(2026, 9, 1)
        context = self._context(day, law=Book(rates_until=date(2026, 6, 30)))
        items = [
            self._item(number=1, due=date(2026, 8, 1)),
            self._item(number=2, due=date(2026, 5, 1), last_delivered_on=date(2026, 6, 1), **AFTER_SECOND),
        ]
        decision = self._decide(items, day, BUSINESS, context)
        self.assertEqual([(s.item_id, s.reason) for s in decision.skips], [(2, "missing_legal_value")])
        self.assertIn("be_late_rate 2026-07-01", decision.skips[0].detail)
        self.assertEqual([letter.level.kind for letter in decision.letters], ["reminder"])
        self.assertIsNone(decision.letters[0].announced_interest_rate)
        free = self._letter([self._item(due=date(2026, 8, 1))], day, context=context)
        self.assertEqual(free.level.kind, "reminder")

    def test_missing_tiers_stop_the_first_reminder(self):
        """The law wants the amount of the indemnity on it."""
        day = date(2026, 3, 20)
        context = self._context(day, law=Book(unknown=["be_b2c_indemnity_tiers"]))
        self.assertEqual(self._reason([self._item()], day, context=context), {"missing_legal_value"})
        plain = replace(CONSUMER, charge_indemnity=False)
        self.assertTrue(self._decide([self._item()], day, plain, context).letters)

    def test_missing_waiting_days(self):
        day = date(2026, 3, 20)
        context = self._context(day, law=Book(unknown=["be_b2c_wait_days"]))
        self.assertEqual(self._reason([self._item()], day, context=context), {"missing_legal_value"})
