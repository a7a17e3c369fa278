from datetime import date
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.commercial_assistant.models.dunning.dunning_charge_accounting import DunningCharge

from .common_dunning import DunningCommon


class ChargeCommon(DunningCommon):
    """Formal notices that were delivered on 20 April 2026: interest and the fixed sum are claimed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company._set_charge_defaults()

    def setUp(self):
        super().setUp()
        self._fake_letters()

    def _book_in(self, mode):
        self.company.dunning_charge_booking = mode
        if mode == "invoice":
            self.company.action_prepare_charge_booking()

    def _claim(self, **invoice):
        """Return the charges of one invoice after its formal notice has arrived."""
        move = self._invoice(**invoice)
        for day in ("2026-03-20", "2026-04-01", "2026-04-20"):
            with freeze_time(f"{day} 09:00:00"):
                self._deliver(self._run())
        return self._charges(move)

    def _charges(self, move):
        return self.env["commercial.dunning.charge"].search(
            [("move_id", "=", move.id), ("state", "!=", "cancelled")], order="kind desc"
        )

    def _job(self):
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 60):
            self.env["commercial.dunning.charge"].sudo()._cron_book()

    def _waive(self, charges, reason="The invoice arrived late"):
        requests = charges.with_user(self.collector)._request_waiver(reason)
        requests.with_user(self.lead).action_approve()
        self.env.invalidate_all()

    def _receivable_line(self, move):
        return move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")


@tagged("post_install", "-at_install")
@freeze_time("2026-04-20 09:00:00")
class TestDunningChargeBooking(ChargeCommon):
    # --- IN THE LETTER ONLY ---

    def test_letter_only(self):
        charges = self._claim()
        self._job()
        self.assertRecordValues(
            charges,
            [
                {"kind": "interest", "state": "claimed", "booking_mode": "letter", "booking_state": "not_booked"},
                {"kind": "fixed", "state": "claimed", "booking_mode": "letter", "booking_state": "not_booked"},
            ],
        )
        self.assertEqual(set(charges.mapped("claimed_on")), {date(2026, 4, 20)})
        self.assertFalse(charges.booking_ids)
        with self.assertRaisesRegex(UserError, "in the letter only"):
            charges.with_user(self.collector).action_book()

    def test_without_accounts_it_stays_in_the_letter(self):
        self._book_in("entry")
        self.company.dunning_interest_account_id = False
        self.assertIn("Account of interest", self.company._get_charge_warning("entry"))
        charges = self._claim()
        self.assertEqual(set(charges.mapped("booking_mode")), {"letter"})
        # once the account is there, the claimed ones are booked by hand
        self.company._set_charge_defaults()
        self.assertFalse(self.company._get_charge_warning("entry"))
        charges.with_user(self.collector).action_book()
        self.assertEqual(set(charges.mapped("booking_state")), {"booked"})

    # --- ENTRIES ---

    def test_entry(self):
        self._book_in("entry")
        charges = self._claim()
        self.assertEqual(set(charges.mapped("booking_state")), {"to_book"}, "the letter does not wait for it")
        self._job()
        interest, fixed = charges
        self.assertRecordValues(charges, [{"booking_state": "booked", "booking_note": False}] * 2)
        move = interest.booking_ids.move_id
        self.assertRecordValues(
            move, [{"state": "posted", "move_type": "entry", "date": date(2026, 4, 20), "is_dunning_charge": True}]
        )
        line = self._receivable_line(move)
        self.assertRecordValues(
            line,
            [
                {
                    "debit": interest.amount,
                    "date_maturity": False,
                    "no_followup": True,
                    "partner_id": self.business.id,
                    "account_id": self._item(interest.move_id).move_line_id.account_id.id,
                }
            ],
        )
        income = move.line_ids - line
        self.assertRecordValues(
            income,
            [{"credit": interest.amount, "account_id": self.company.dunning_interest_account_id.id, "tax_ids": []}],
        )
        self.assertFalse(income.analytic_distribution)
        self.assertEqual(fixed.booking_ids.move_id.amount_total, 40)
        self.assertNotEqual(fixed.booking_ids.move_id, move)

    def test_policy_comes_before_the_company(self):
        self._book_in("letter")
        self.business_policy.charge_booking = "entry"
        charges = self._claim()
        self._job()
        self.assertEqual(set(charges.mapped("booking_mode")), {"entry"})

    def test_booked_charges_are_never_reminded(self):
        self._book_in("entry")
        charges = self._claim()
        self._job()
        with freeze_time("2026-09-20 09:00:00"):
            self.env["commercial.receivable"]._refresh_items(self.company)
        items = self.env["commercial.receivable.item"].search([("partner_id", "=", self.business.id)])
        self.assertEqual(items.move_id, charges.move_id)

    def test_job_twice_books_once(self):
        self._book_in("entry")
        charges = self._claim()
        self._job()
        moves = charges.booking_ids.move_id
        self._job()
        charges.sudo()._book()
        self.assertEqual(charges.booking_ids.move_id, moves)
        self.assertEqual(len(moves), 2)
        with self.assertRaisesRegex(UserError, "booked already"):
            charges.with_user(self.collector).action_book()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            charges.booking_ids[0].sudo().copy()

    def test_job_killed_halfway(self):
        """What was booked in a lost transaction is booked once by the next start."""
        self._book_in("entry")
        charges = self._claim()
        with self.assertRaises(KeyboardInterrupt), self.env.cr.savepoint():
            with patch.object(DunningCharge, "_get_day_remark", side_effect=KeyboardInterrupt):
                self._job()
        self.env.invalidate_all()
        self.assertEqual(set(charges.mapped("booking_state")), {"to_book"})
        self.assertFalse(charges.booking_ids)
        self._job()
        self.assertEqual(len(charges.booking_ids.move_id), 2)

    def test_job_stops_between_batches(self):
        self._book_in("entry")
        self._invoice(self._create_customer("Second", is_company=True))
        self._claim()
        with patch.object(DunningCharge, "_get_booking_batch", lambda self: 2):
            with patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 0):
                self.env["commercial.dunning.charge"].sudo()._cron_book()
            everything = self.env["commercial.dunning.charge"].search([("state", "=", "claimed")])
            self.assertEqual(sorted(everything.mapped("booking_state")), ["booked", "booked", "to_book", "to_book"])
            self._job()
        self.assertEqual(set(everything.mapped("booking_state")), {"booked"})

    def test_one_failing_charge(self):
        """The others are booked, the reason is told, and the job tries again."""
        self._book_in("entry")
        self.company.dunning_fixed_account_id = self.company_data["default_account_revenue"]
        interest, fixed = self._claim()
        account = self.company.dunning_interest_account_id
        account.active = False
        self._job()
        self.assertEqual((interest.booking_state, fixed.booking_state), ("failed", "booked"))
        self.assertIn("is archived", interest.booking_note)
        self.assertEqual(interest.notice_id.state, "delivered")
        self.assertFalse(interest.booking_ids)
        account.active = True
        self._job()
        self.assertRecordValues(interest, [{"booking_state": "booked", "booking_note": False}])

    def test_unexpected_error(self):
        self._book_in("entry")
        charges = self._claim()
        logger = "odoo.addons.commercial_assistant.models.dunning.dunning_charge_accounting"
        with patch.object(DunningCharge, "_prepare_entry_vals", side_effect=ValueError("Oops\nmore")):
            with mute_logger(logger):
                self._job()
        self.assertEqual(set(charges.mapped("booking_note")), {"Something unexpected went wrong: Oops"})
        self._job()
        self.assertEqual(set(charges.mapped("booking_state")), {"booked"})

    def test_locked_period(self):
        self._book_in("entry")
        charges = self._claim()
        self.company.fiscalyear_lock_date = "2026-04-30"
        with freeze_time("2026-05-04"):
            self._job()
        self.assertEqual(set(charges.booking_ids.move_id.mapped("date")), {date(2026, 5, 1)})
        self.assertIn("earlier days are locked", charges[0].booking_note)

    def test_foreign_currency(self):
        dollar = self.setup_other_currency("USD", rates=[("2026-01-01", 2.0), ("2026-04-20", 4.0)])
        self._book_in("entry")
        charges = self._claim(currency_id=dollar.id)
        self._job()
        interest, fixed = charges
        self.assertEqual(fixed.currency_id, dollar)
        line = self._receivable_line(interest.booking_ids.move_id)
        self.assertEqual(line.amount_currency, interest.amount)
        self.assertEqual(line.balance, self.company.currency_id.round(interest.amount / 4))
        self.assertEqual(line.currency_id, dollar)

    def test_currency_without_rate(self):
        dollar = self.setup_other_currency("USD", rates=[("2026-01-01", 2.0)])
        self._book_in("entry")
        charges = self._claim(currency_id=dollar.id)
        rates = self.env["res.currency.rate"].search([("currency_id", "=", dollar.id)])
        rates.unlink()
        self._job()
        self.assertEqual(set(charges.mapped("booking_state")), {"failed"})
        self.assertEqual(set(charges.mapped("booking_note")), {"USD has no exchange rate on this day."})

    # --- INVOICES ---

    def test_invoice(self):
        self._book_in("invoice")
        charges = self._claim()
        self._job()
        move = charges.booking_ids.move_id
        self.assertRecordValues(
            move,
            [
                {
                    "move_type": "out_invoice",
                    "state": "posted",
                    "amount_total": sum(charges.mapped("amount")),
                    "no_followup": True,
                    "invoice_origin": charges.notice_id.name,
                }
            ],
        )
        self.assertEqual(
            move.invoice_line_ids.product_id,
            self.company.dunning_interest_product_id + self.company.dunning_fixed_product_id,
        )
        self.env["commercial.receivable"]._refresh_items(self.company)
        self.assertFalse(self._item(move), "never reminded by itself")
        self.assertEqual(set(charges.mapped("booking_state")), {"booked"})

    def test_draft_invoice(self):
        self._book_in("invoice")
        self.company.dunning_charge_post_invoices = False
        interest, fixed = self._claim()
        self._job()
        move = fixed.booking_ids.move_id
        self.assertEqual((move.state, fixed.booking_state), ("draft", "booked"))
        self._waive(fixed)
        self.assertEqual((move.amount_total, fixed.booking_state), (interest.amount, "reversed"))
        # the accountant changes a date, so Odoo makes the line of the customer anew
        move.invoice_date_due = "2026-06-30"
        move.action_post()
        self.assertTrue(self._receivable_line(move).no_followup)
        self._waive(interest)
        self.assertEqual(interest.amount_waived, interest.amount)
        self.assertEqual(move.payment_state, "reversed")

    def test_taxes_of_the_product(self):
        self._book_in("invoice")
        tax = self.company_data["default_tax_sale"]
        tax.amount = 21
        self.env["account.fiscal.position"].search([("company_id", "=", self.company.id)]).active = False
        (self.company.dunning_interest_product_id + self.company.dunning_fixed_product_id).taxes_id = tax
        charges = self._claim()
        self._job()
        move = charges.booking_ids.move_id
        self.assertAlmostEqual(move.amount_total, move.amount_untaxed * 1.21, 2)
        self._pay(move, day="2026-04-25")
        self.assertEqual(set(charges.mapped("state")), {"paid"})
        self.assertEqual(charges.mapped("amount_paid"), charges.mapped("amount"))

    def test_products_are_made_once(self):
        self._book_in("invoice")
        products = self.company.dunning_interest_product_id
        self.assertFalse(products.taxes_id, "interest is no price of a supply")
        self.company.action_prepare_charge_booking()
        self.assertEqual(self.company.dunning_interest_product_id, products)

    # --- TAKING BACK ---

    def test_waive_a_booked_charge(self):
        self._book_in("entry")
        interest, fixed = self._claim()
        self._job()
        move = fixed.booking_ids.move_id
        with freeze_time("2026-05-06 09:00:00"):
            self._waive(fixed)
        self.assertRecordValues(
            fixed,
            [{"state": "waived", "booking_state": "reversed", "amount_waived": 40, "amount_residual": 0}],
        )
        reversal = fixed.booking_ids.filtered(lambda booking: booking.kind == "reversal").move_id
        self.assertRecordValues(reversal, [{"state": "posted", "date": date(2026, 5, 6), "reversed_entry_id": move.id}])
        self.assertTrue(self._receivable_line(move).reconciled)
        self.assertIn("arrived late", reversal.ref)
        self.assertEqual(interest.booking_state, "booked")
        # again: nothing changes
        self._job()
        self.assertEqual(len(fixed.booking_ids), 2)

    def test_waive_in_a_locked_period(self):
        self._book_in("entry")
        _interest, fixed = self._claim()
        self._job()
        self.company.fiscalyear_lock_date = "2026-05-31"
        with freeze_time("2026-05-06 09:00:00"):
            self._waive(fixed)
        reversal = fixed.booking_ids.filtered(lambda booking: booking.kind == "reversal").move_id
        self.assertEqual(reversal.date, date(2026, 6, 1))

    def test_waive_the_rest_of_a_paid_charge(self):
        self._book_in("entry")
        _interest, fixed = self._claim()
        self._job()
        self._match(fixed, 15)
        self.assertRecordValues(fixed, [{"state": "claimed", "amount_paid": 15, "amount_residual": 25}])
        self._waive(fixed)
        self.assertRecordValues(
            fixed, [{"state": "waived", "amount_paid": 15, "amount_waived": 25, "amount_residual": 0}]
        )
        self.assertTrue(self._receivable_line(fixed.booking_ids[0].move_id).reconciled)

    def test_waive_one_charge_of_an_invoice(self):
        self._book_in("invoice")
        interest, fixed = self._claim()
        self._job()
        self._waive(fixed)
        self.assertRecordValues(fixed, [{"state": "waived", "amount_waived": 40}])
        self.assertRecordValues(interest, [{"state": "claimed", "amount_residual": interest.amount}])
        self.assertEqual(interest.booking_ids.move_id.amount_residual, interest.amount)
        self._pay(interest.booking_ids.move_id, day="2026-04-25")
        self.assertRecordValues(interest, [{"state": "paid", "amount_paid": interest.amount}])
        self.assertEqual(fixed.state, "waived")

    def test_reversal_that_fails(self):
        """The waiver holds; the job takes the booking back as soon as that is possible."""
        self._book_in("entry")
        _interest, fixed = self._claim()
        self._job()
        journal = self.company.dunning_charge_journal_id
        journal.active = False
        with patch.object(DunningCharge, "_reverse_booking", side_effect=UserError("No")):
            self._waive(fixed)
        self.assertRecordValues(fixed, [{"state": "waived", "booking_state": "failed", "booking_note": "No"}])
        journal.active = True
        self._job()
        self.assertEqual(fixed.booking_state, "reversed")
        self.assertTrue(self._receivable_line(fixed.booking_ids[0].move_id).reconciled)

    def test_letter_that_came_back(self):
        self._book_in("entry")
        charges = self._claim()
        self._job()
        moves = charges.booking_ids.move_id
        notice = charges.notice_id
        notice.sudo()._dispatch_after_failure(notice.dispatch_ids)
        self.assertEqual(set(charges.mapped("state")), {"cancelled"})
        self.assertEqual(set(charges.mapped("booking_state")), {"reversed"})
        self.assertTrue(all(self._receivable_line(moves).mapped("reconciled")))
        # the letter arrives after all: claimed and booked once more
        notice.sudo()._dispatch_after_send(notice.dispatch_ids)
        self._job()
        self.assertEqual(set(charges.mapped("state")), {"claimed"})
        live = charges.booking_ids.filtered("is_live")
        self.assertEqual(len(live), 2)
        self.assertFalse(live.move_id & moves)
        self.assertEqual(charges.mapped("amount_residual"), charges.mapped("amount"))

    def test_letter_that_came_back_before_the_job(self):
        self._book_in("entry")
        charges = self._claim()
        notice = charges.notice_id
        notice.sudo()._dispatch_after_failure(notice.dispatch_ids)
        self._job()
        self.assertFalse(charges.booking_ids)
        self.assertEqual(set(charges.mapped("booking_state")), {"not_booked"})

    # --- WHAT THE ACCOUNTANT DOES ---

    def test_accountant_deletes_the_entry(self):
        self._book_in("entry")
        interest, _fixed = self._claim()
        self._job()
        move = interest.booking_ids.move_id
        move.button_draft()
        move.with_context(force_delete=True).unlink()
        self.assertRecordValues(interest, [{"state": "claimed", "booking_state": "reversed", "booking_ids": []}])
        self.assertIn("deleted in the accounting", interest.booking_note)
        self._job()
        self.assertFalse(interest.booking_ids, "not booked again behind the accountant's back")
        interest.with_user(self.collector).action_book()
        self.assertEqual(interest.booking_state, "booked")

    def test_accountant_reverses_the_entry(self):
        self._book_in("entry")
        interest, _fixed = self._claim()
        self._job()
        interest.booking_ids.move_id._reverse_moves([{"date": "2026-04-21"}], cancel=True)
        self.assertRecordValues(interest, [{"state": "claimed", "booking_state": "reversed", "amount_paid": 0}])
        self.assertEqual(interest.amount_residual, interest.amount)

    def test_accountant_credits_the_invoice(self):
        self._book_in("invoice")
        charges = self._claim()
        self._job()
        move = charges.booking_ids.move_id
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"journal_id": move.journal_id.id, "date": "2026-04-20"})
        )
        wizard.refund_moves()
        credit = wizard.new_move_ids
        credit.action_post()
        lines = self._receivable_line(move + credit).filtered(lambda line: not line.reconciled)
        if lines:
            lines.reconcile()
        self.assertEqual(set(charges.mapped("state")), {"waived"})
        self.assertEqual(charges.mapped("amount_paid"), [0, 0])
        self.assertEqual(charges.mapped("amount_credited"), charges.mapped("amount"))
        self._receivable_line(credit).remove_move_reconcile()
        self.assertEqual(set(charges.mapped("state")), {"claimed"})

    # --- PAYMENTS ---

    def _match(self, charge, amount, day="2026-04-25"):
        payment = self._pay_on_account(self.business, amount, day)
        lines = self._receivable_line(payment.move_id + charge.booking_ids.move_id)
        lines.filtered(lambda line: not line.reconciled).reconcile()
        return payment

    def test_payment_of_the_principal_alone(self):
        """The charges stay open until they are paid or waived."""
        charges = self._claim()
        self._pay(charges.move_id, day="2026-04-24")
        self.env["commercial.receivable"]._refresh_items(self.company)
        self.assertEqual(self._item(charges.move_id).state, "closed")
        self.assertEqual(set(charges.mapped("state")), {"claimed"})
        self.assertTrue(all(charges.mapped("is_orphan")))
        Charge = self.env["commercial.dunning.charge"]
        self.assertEqual(Charge.search([("is_orphan", "=", True)]), charges.sorted("id", reverse=True))
        self.assertNotIn(charges[0], Charge.search([("is_orphan", "=", False)]))
        receivable = charges.receivable_id.with_context(lang="en_US")
        self.assertEqual(receivable.open_charge_count, 2)
        self.assertIn(receivable, receivable.search([("open_charge_count", ">", 0)]))
        self.assertIn(f"{sum(charges.mapped('amount')):.2f}", receivable.open_charge_summary)

    def test_paid_in_parts_and_undone(self):
        self._book_in("entry")
        _interest, fixed = self._claim()
        self._job()
        self._match(fixed, 15)
        self.assertRecordValues(
            fixed, [{"state": "claimed", "amount_paid": 15, "amount_residual": 25, "paid_on": date(2026, 4, 25)}]
        )
        self._match(fixed, 25, "2026-04-27")
        self.assertRecordValues(
            fixed, [{"state": "paid", "amount_paid": 40, "amount_residual": 0, "paid_on": date(2026, 4, 27)}]
        )
        self._receivable_line(fixed.booking_ids.move_id).remove_move_reconcile()
        self.assertRecordValues(
            fixed, [{"state": "claimed", "amount_paid": 0, "amount_residual": 40, "paid_on": False}]
        )

    def test_the_next_letter_claims_what_is_left(self):
        self._book_in("entry")
        interest, fixed = self._claim()
        self._job()
        self._match(fixed, 15)
        with freeze_time("2026-05-11 09:00:00"):
            notice = self._run().notice_ids
        self.assertEqual(notice.amount_indemnity, 25)
        self.assertIn(fixed, notice.charge_ids)
        # the payment of the rest takes it out of the letter
        with freeze_time("2026-05-11 09:00:00"):
            self._match(fixed, 25)
            notice.action_refresh()
        self.assertEqual(notice.amount_indemnity, 0)
        self.assertGreater(notice.amount_interest, interest.amount)

    def test_mark_paid(self):
        interest, _fixed = self._claim()
        wizards = self.env["commercial.dunning.charge.pay"]
        wizard = wizards.with_user(self.collector).create(
            {"charge_ids": interest.ids, "date": "2026-04-22", "reference": "Cash receipt 7"}
        )
        wizard.action_confirm()
        self.assertRecordValues(
            interest,
            [
                {
                    "state": "paid",
                    "paid_on": date(2026, 4, 22),
                    "received_reference": "Cash receipt 7",
                    "amount_paid": interest.amount,
                }
            ],
        )
        with self.assertRaises(AccessError):
            interest.with_user(self.assistant).action_mark_paid()
        with self.assertRaises(AccessError):
            interest.with_user(self.assistant).action_book()

    def test_a_booked_charge_is_paid_in_the_accounting(self):
        self._book_in("entry")
        charges = self._claim()
        self._job()
        with self.assertRaisesRegex(UserError, "match the payment with its document"):
            charges.with_user(self.collector).action_mark_paid()

    # --- ORPHANS ---

    def _orphan(self, **values):
        charges = self._claim(**values)
        self._pay(charges.move_id, day="2026-04-24")
        return charges

    def test_open_charges_in_the_next_letter(self):
        charges = self._orphan()
        self._invoice(amount=300, due="2026-04-25", invoice_date="2026-04-01")
        with freeze_time("2026-05-11 09:00:00"):
            notice = self._run().notice_ids
            self.assertEqual(notice.level_kind, "reminder")
            self.assertEqual(notice.charge_ids, charges)
            self.assertAlmostEqual(notice.amount_total, 300 + sum(charges.mapped("amount")), 2)
            self.assertEqual(notice.amount_principal, 300)
            # another letter at the same time does not claim them twice
            other = self._invoice(amount=70, due="2026-04-25", invoice_date="2026-04-01")
            run = self._run(partner_ids=[Command.set(self.business.ids)])
            self.assertEqual(run.notice_ids.line_ids.move_id, other)
            self.assertFalse(run.notice_ids.charge_ids)
            self._waive(charges[1])
            notice.action_refresh()
            self.assertAlmostEqual(notice.amount_total, 300 + charges[0].amount, 2)

    def test_open_charges_left_out_by_the_policy(self):
        self._orphan()
        self.business_policy.claims_orphan_charges = False
        self._invoice(amount=300, due="2026-04-25", invoice_date="2026-04-01")
        with freeze_time("2026-05-11 09:00:00"):
            self.assertEqual(self._run().notice_ids.amount_total, 300)

    def test_no_letter_for_charges_alone(self):
        self._orphan()
        with freeze_time("2026-05-11 09:00:00"):
            self.assertFalse(self._run().notice_ids)

    def test_consumer_gets_a_free_first_reminder(self):
        """The free first reminder of another invoice claims nothing; a later letter does."""
        charges = self._claim(partner=self.consumer)
        self.assertTrue(charges)
        self._pay(charges.move_id, day="2026-04-24")
        invoice = self._invoice(self.consumer, amount=300, due="2026-04-25", invoice_date="2026-04-01")
        with freeze_time("2026-05-11 09:00:00"):
            run = self._run()
            self.assertEqual(run.notice_ids.amount_total, 300)
            self._deliver(run)
        with freeze_time("2026-06-08 09:00:00"):
            notice = self._run().notice_ids
            self.assertEqual(notice.line_ids.move_id, invoice)
            self.assertTrue(charges <= notice.charge_ids)

    def test_what_was_not_lawfully_claimed(self):
        charges = self._claim(partner=self.consumer)
        self._pay(charges.move_id, day="2026-04-24")
        self._item(charges.move_id).sudo().earliest_charge_on = "2026-04-21"  # the day after the claim
        self._invoice(self.consumer, amount=300, due="2026-04-25", invoice_date="2026-04-01")
        with freeze_time("2026-05-11 09:00:00"):
            self._deliver(self._run())
        with freeze_time("2026-06-08 09:00:00"):
            self.assertFalse(charges & self._run().notice_ids.charge_ids)

    # --- RIGHTS, COMPANIES, VIEWS ---

    def test_booking_follows_its_document(self):
        self._book_in("entry")
        charges = self._claim()
        self._job()
        with self.assertRaises(AccessError):
            charges.booking_ids.with_user(self.lead).unlink()
        with self.assertRaises(AccessError):
            self.env["commercial.dunning.charge.booking"].with_user(self.lead).create({})
        self.assertTrue(charges.booking_ids.with_user(self.assistant).read(["amount", "is_live"]))

    def test_other_company(self):
        self._book_in("entry")
        charges = self._claim()
        self._job()
        other = self.setup_other_company(name="Other BV")["company"]
        stranger = self._create_desk_user(
            "charge_stranger",
            "commercial_assistant.group_team_lead",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        Booking = self.env["commercial.dunning.charge.booking"].with_user(stranger)
        self.assertFalse(Booking.search([("id", "in", charges.booking_ids.ids)]))
        with self.assertRaises(AccessError):
            charges.booking_ids.with_user(stranger).read(["amount"])
        with self.assertRaises(AccessError):
            charges.with_user(stranger).action_book()

    def test_buttons_of_documents(self):
        self._book_in("entry")
        charges = self._claim()
        self._job()
        interest = charges[0].with_user(self.collector)
        entry = interest.booking_ids.move_id
        self.assertEqual(interest.move_id.dunning_charge_count, 2)
        self.assertEqual(entry.dunning_charge_count, 1)
        self.assertEqual(entry.action_open_dunning_charges()["domain"], [("id", "in", interest.ids)])
        self.assertEqual(interest.action_open_moves()["res_id"], entry.id)
        self.assertEqual(interest.notice_id.action_open_charges()["domain"], [("id", "in", charges.ids[::-1])])
        self.assertEqual(interest.receivable_id.action_open_charges()["res_model"], "commercial.dunning.charge")

    def test_calculation(self):
        """The customer can follow every day of an interest."""
        interest, _fixed = self._claim()
        rows = interest.with_context(lang="en_US")._get_calculation_rows()
        self.assertEqual([(row["days"], row["percent"]) for row in rows], [(50, "10.50 %")])
        self.assertEqual(rows[0]["interest"], "14.3836")
        self.assertIn("14.38", interest.with_context(lang="en_US").calculation_html)
        exact = sum(piece.exact for piece in interest._get_slices())
        self.assertEqual(round(float(exact), 2), interest.amount)

    # --- DEFAULTS ---

    def test_defaults(self):
        self.assertEqual(self.company.dunning_charge_journal_id.type, "general")
        self.assertNotEqual(self.company.dunning_charge_journal_id, self.company.currency_exchange_journal_id)
        self.assertEqual(self.company.dunning_interest_account_id.account_type, "income_other")

    def test_new_chart_of_accounts(self):
        other = self.setup_other_company(name="New Chart")["company"]
        self.assertTrue(other.dunning_charge_journal_id and other.dunning_fixed_account_id)
        self.assertFalse(other._get_charge_warning("entry"))

    def test_accounts_of_the_belgian_chart(self):
        """Interest belongs to 751, what compensates costs to 743; exchange gains are never taken."""
        names = {"751100": "Interest on receivables", "743000": "Miscellaneous operating income", "754000": "Exchange"}
        accounts = self.env["account.account"].create(
            [{"code": code, "name": name, "account_type": "income_other"} for code, name in names.items()]
        )
        company = self.company
        company.account_fiscal_country_id = self.env.ref("base.be")
        company.income_currency_exchange_account_id = accounts[2]
        company.write({f"dunning_{kind}_account_id": False for kind in ("interest", "indemnity", "fixed", "cost")})
        company._set_charge_defaults()
        self.assertEqual(company.dunning_interest_account_id.code, "751100")
        self.assertEqual(company.dunning_cost_account_id.code, "743000")

    def test_reversal_that_fails_and_a_letter_that_arrives_after_all(self):
        self._book_in("entry")
        charges = self._claim()
        self._job()
        moves, notice = charges.booking_ids.move_id, charges.notice_id
        with patch.object(DunningCharge, "_reverse_booking", side_effect=UserError("No")):
            notice.sudo()._dispatch_after_failure(notice.dispatch_ids)
        notice.sudo()._dispatch_after_send(notice.dispatch_ids)
        self._job()
        self.assertEqual(set(charges.mapped("booking_state")), {"booked"})
        self.assertEqual(charges.booking_ids.move_id, moves, "the entry that still stands serves again")

    def test_company_without_chart(self):
        company = self.env["res.company"].create({"name": "No Chart"})
        company._set_charge_defaults()
        self.assertFalse(company.dunning_interest_account_id)
        self.assertEqual(company._get_charge_booking(), "letter")
        self.assertFalse(company._get_charge_warning("letter"))
        self.assertIn("Account of interest", company._get_charge_warning("entry"))
        self.assertIn("Sales journal", company._get_charge_warning("invoice"))

    def test_branch_uses_the_accounts_of_its_parent(self):
        self._book_in("entry")
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.assertEqual(branch._get_charge_booking(), "entry")
        self.assertEqual(
            branch._get_charge_settings()["accounts"]["interest"], self.company.dunning_interest_account_id
        )

    def test_wrong_amounts(self):
        charges = self._claim()
        with self.assertRaises(AccessError):
            charges.with_user(self.collector).write({"amount_received": 10})
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.company.dunning_charge_journal_id = (
                self.env["account.journal"].search([("company_id", "!=", self.company.id)], limit=1)
                or self.setup_other_company(name="Elsewhere")["default_journal_misc"]
            )
