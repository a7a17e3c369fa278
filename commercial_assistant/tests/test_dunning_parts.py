from datetime import date
from decimal import Decimal

from freezegun import freeze_time

from odoo import Command
from odoo.tests import BaseCase, tagged

from odoo.addons.commercial_assistant.tools.dunning import Reminded
from odoo.addons.commercial_assistant.tools.late_payment import late_interest

from .test_dunning_decide import RATES
from .test_dunning_dispute import ClaimCommon


@tagged("post_install", "-at_install")
class TestReminded(BaseCase):
    """How much of what is open had its own first reminder (article XIX.2 of the Code of Economic Law)."""

    def _told(self, residual, amount="600", then="1000", credited="0"):
        return Reminded(Decimal(amount), Decimal(then), Decimal(credited)).still_open(Decimal(residual))

    def test_still_open(self):
        for case, told in (
            ({"residual": "1000"}, 600),
            # a payment settles what was asked for
            ({"residual": "700"}, 300),
            ({"residual": "400"}, 0),
            ({"residual": "100"}, 0),
            # a credit note settles first what was held
            ({"residual": "600", "credited": "400"}, 600),
            ({"residual": "500", "credited": "500"}, 500),
            ({"residual": "500", "credited": "400"}, 500),
            ({"residual": "300", "credited": "100"}, 0),
            # money that was taken back was not asked for
            ({"residual": "1200"}, 600),
            ({"residual": "1000", "amount": "1000"}, 1000),
            ({"residual": "900", "amount": "1000"}, 900),
        ):
            with self.subTest(**case):
                self.assertEqual(self._told(**case), told)

    def test_never_more_than_open(self):
        for residual in range(0, 1300, 50):
            for credited in range(0, 1300, 50):
                told = self._told(str(residual), credited=str(credited))
                self.assertTrue(0 <= told <= min(residual, 600))


@tagged("post_install", "-at_install")
class TestReleasedPart(ClaimCommon):
    """A consumer's invoice of which a part was disputed or promised when the first reminder left."""

    def _letters(self, day):
        """Send what a run of this day proposes to the consumer, and return it."""
        with freeze_time(f"{day} 09:00:00"):
            run = self._run(day)
            self._deliver(run)
            return run.notice_ids

    def _held_first_reminder(self, amount=1000, held=400):
        with freeze_time("2026-03-20 08:00:00"):
            invoice = self._invoice(self.consumer, amount=amount)
            dispute = self._dispute(invoice, amounts=[held])
        first = self._letters("2026-03-20")
        self.assertRecordValues(first, [{"level_kind": "reminder", "amount_total": amount - held}])
        return invoice, dispute, first

    def _release(self, dispute, day="2026-04-10", outcome="rejected"):
        with freeze_time(f"{day} 08:00:00"):
            self._settle(dispute, outcome)

    def test_released_part_has_its_own_first_reminder(self):
        invoice, dispute, first = self._held_first_reminder()
        item = self._item(invoice)
        self.assertEqual(first.announced_indemnity, 70, "65 + 5 % of 100")
        self._release(dispute)
        letter = self._letters("2026-04-15")
        self.assertRecordValues(
            letter,
            [
                {
                    "level_kind": "reminder",
                    "amount_principal": 400,
                    "amount_total": 400,
                    "announced_indemnity": 20,  # 90 on 1000, of which 70 was announced
                    "state": "delivered",
                }
            ],
        )
        self.assertFalse(letter.charge_ids, "it is free")
        self.assertRecordValues(letter.line_ids, [{"amount_paid": 0, "amount_reminded": 1000, "round": 1}])
        self.assertRecordValues(
            item,
            [
                {
                    "first_reminder_on": date(2026, 3, 20),
                    "earliest_charge_on": letter.earliest_charge_date,
                    "level_kind": "reminder",
                    "last_delivered_on": date(2026, 4, 15),
                }
            ],
        )
        self.assertFalse(self._letters("2026-04-25"), "its own fourteen days")
        second = self._letters("2026-05-20")
        self.assertRecordValues(
            second, [{"level_kind": "second_reminder", "amount_principal": 1000, "amount_indemnity": 90}]
        )
        since = [(item.interest_from, Decimal(600)), (letter.earliest_charge_date, Decimal(1000))]
        expected = late_interest(since, RATES, item.interest_from, date(2026, 5, 20))
        self.assertEqual(second.amount_interest, float(expected))
        self.assertEqual(second._get_first_reminder_dates(), [date(2026, 3, 20), date(2026, 4, 15)])

    def test_after_later_letters(self):
        """A part that is released late begins with the first reminder, and the levels begin anew for the whole."""
        invoice, dispute, _first = self._held_first_reminder()
        second = self._letters("2026-04-20")
        self.assertRecordValues(
            second, [{"level_kind": "second_reminder", "amount_principal": 600, "amount_indemnity": 70}]
        )
        self._release(dispute, "2026-05-01")
        part = self._letters("2026-05-10")
        self.assertRecordValues(
            part, [{"level_kind": "reminder", "amount_total": 400, "announced_indemnity": 0, "amount_indemnity": 0}]
        )
        self.assertFalse(part.charge_ids, "what is claimed for the rest does not stand in the free letter")
        again = self._letters("2026-06-10")
        self.assertRecordValues(
            again, [{"level_kind": "second_reminder", "amount_principal": 1000, "amount_indemnity": 70}]
        )
        self.assertEqual(len(self._item(invoice).charge_ids.filtered(lambda charge: charge.kind == "indemnity")), 1)

    def test_paid_meanwhile(self):
        """The customer paid what was asked: what is released was never reminded."""
        invoice, dispute, _first = self._held_first_reminder()
        self._pay(invoice, 600, day="2026-04-01")
        self._release(dispute)
        letter = self._letters("2026-04-20")
        self.assertRecordValues(
            letter, [{"level_kind": "reminder", "amount_total": 400, "announced_indemnity": 0, "amount_interest": 0}]
        )
        later = self._letters("2026-05-20")
        self.assertRecordValues(later, [{"level_kind": "second_reminder", "amount_principal": 400}])
        self.assertLessEqual(later.amount_indemnity, 70)

    def test_credited(self):
        """What was disputed is credited: nothing new is asked, so no further first reminder is needed."""
        invoice, dispute, _first = self._held_first_reminder()
        with freeze_time("2026-04-10 08:00:00"):
            self._settle(dispute, "upheld")
            self._credit(invoice, 400, day="2026-04-10", dispute=dispute)
        letter = self._letters("2026-04-20")
        self.assertRecordValues(
            letter, [{"level_kind": "second_reminder", "amount_principal": 600, "amount_indemnity": 70}]
        )

    def test_still_held(self):
        """As long as the part is held the rest goes on alone."""
        self._held_first_reminder()
        letter = self._letters("2026-04-20")
        self.assertRecordValues(letter, [{"level_kind": "second_reminder", "amount_principal": 600}])

    def test_too_small_for_a_letter(self):
        """What is not worth a letter is not claimed along either."""
        self.consumer_policy.min_line_amount = 50
        _invoice, dispute, _first = self._held_first_reminder(held=40)
        self._release(dispute)
        letter = self._letters("2026-04-20")
        self.assertRecordValues(letter, [{"level_kind": "second_reminder", "amount_principal": 960}])

    def test_payment_taken_back(self):
        """A payment that fails was not part of the balance that the first reminder named."""
        with freeze_time("2026-03-20 08:00:00"):
            invoice = self._invoice(self.consumer, amount=1000)
            payment = self._pay(invoice, 300, day="2026-03-18")
        self._letters("2026-03-20")
        payment.action_draft()
        payment.action_cancel()
        letter = self._letters("2026-04-20")
        self.assertRecordValues(letter, [{"level_kind": "reminder", "amount_total": 300}])

    def test_letter_that_came_back(self):
        """The part needs its first reminder again when that letter did not arrive."""
        invoice, dispute, _first = self._held_first_reminder()
        self._release(dispute)
        letter = self._letters("2026-04-15")
        letter._dispatch_after_failure(letter.dispatch_ids)
        self.assertRecordValues(self._item(invoice), [{"last_delivered_on": date(2026, 3, 20)}])
        again = self._letters("2026-04-16")
        self.assertRecordValues(again, [{"level_kind": "reminder", "amount_total": 400}])

    def test_nothing_beyond_what_was_announced(self):
        """A policy that learns to claim an indemnity after the first reminder claims none for that debt."""
        self.consumer_policy.charge_indemnity = False
        with freeze_time("2026-03-20 08:00:00"):
            self._invoice(self.consumer, amount=1000)
        self._letters("2026-03-20")
        self.consumer_policy.charge_indemnity = True
        letter = self._letters("2026-04-20")
        self.assertRecordValues(letter, [{"level_kind": "second_reminder", "amount_indemnity": 0}])

    def test_business_goes_on(self):
        """Another law asks for no first reminder of each part."""
        with freeze_time("2026-03-20 08:00:00"):
            invoice = self._invoice(amount=1000)
            dispute = self._dispute(invoice, amounts=[400])
        self._letters("2026-03-20")
        self._release(dispute)
        letter = self._letters("2026-04-15")
        self.assertRecordValues(letter, [{"level_kind": "second_reminder", "amount_principal": 1000}])

    def test_text(self):
        """The letter says that only a part is asked, and what is claimed for it."""
        _invoice, dispute, _first = self._held_first_reminder()
        self._release(dispute)
        with freeze_time("2026-04-15 09:00:00"):
            run = self._run("2026-04-15")
            letter = run.notice_ids.with_context(lang="en_US")
            letter.sudo().lang = "en_US"
            values = letter.env["report.commercial_assistant.report_dunning_notice"]._prepare_letter(letter)
        self.assertIn("does not ask for", values["lines"][0]["note"])
        self.assertIn("600", values["lines"][0]["note"])

    def test_queries(self):
        """As many queries for two released parts as for twenty."""
        self.company.dunning_send_batch = 100
        groups = []
        disputes = self.Dispute
        with freeze_time("2026-03-20 08:00:00"):
            for number in (2, 20):
                customers = self.env["res.partner"]
                for index in range(number):
                    customer = self._create_customer(f"Part{number}x{index} Person")
                    customers |= customer
                    disputes |= self._dispute(self._invoice(customer, amount=1000), amounts=[400])
                groups.append(customers)
        self._letters("2026-03-20")
        with freeze_time("2026-04-10 08:00:00"):
            for dispute in disputes:
                self._settle(dispute, "rejected")
        costs = []
        with freeze_time("2026-04-15 09:00:00"):
            for customers in groups:
                run = self._run("2026-04-15", propose=False, partner_ids=[Command.set(customers.ids)])
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                run.action_propose()
                self.env.flush_all()
                costs.append(self.env.cr.sql_log_count - before)
                self.assertEqual(run.notice_ids.mapped("amount_total"), [400] * len(customers))
        self.assertLessEqual(costs[1], costs[0] + 4)
