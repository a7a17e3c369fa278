from decimal import Decimal

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .test_dunning_charge import ChargeCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-04-25 09:00:00")
class TestPaymentAllocate(ChargeCommon):
    def _open(self, payment, user=None):
        action = payment.with_user(user or self.collector).action_allocate_to_dunning()
        return self.env["commercial.payment.allocate"].with_user(user or self.collector).browse(action["res_id"])

    def _shares(self, wizard):
        return {(line.document, line.part): line.amount for line in wizard.line_ids}

    def _set_amount(self, charge, amount):
        """The letter claimed another amount than the law gives; only the sums matter here."""
        self.env.cr.execute(
            "UPDATE commercial_dunning_charge SET amount = %s, amount_residual = %s WHERE id = %s",
            (amount, amount, charge.id),
        )
        charge.invalidate_recordset()

    # --- T28 ---

    def _t28(self, mode):
        """Claim 1 000 + interest 30 + 40; payment 500: costs 40, interest 30, principal 430."""
        self._book_in(mode)
        interest, fixed = self._claim()
        self._set_amount(interest, 30)
        self._job()
        payment = self._pay_on_account(self.business, 500, "2026-04-25")
        wizard = self._open(payment)
        self.assertRecordValues(
            wizard,
            [
                {
                    "order": "costs_first",
                    "amount_available": 500,
                    "amount_costs": 40,
                    "amount_interest": 30,
                    "amount_principal": 430,
                    "amount_rest": 0,
                }
            ],
        )
        wizard.action_allocate()
        invoice = interest.move_id
        self.assertEqual(invoice.amount_residual, 570)
        self.assertEqual((interest.state, fixed.state), ("paid", "paid"))
        self.assertEqual(self._item(invoice).amount_residual, 570)
        self.assertTrue(self._receivable_line(payment.move_id).reconciled)
        return interest, fixed, payment

    def test_t28_letter_only(self):
        interest, fixed, payment = self._t28("letter")
        # the income arose with the money, for what was paid
        self.assertEqual(fixed.booking_ids.mapped("kind"), ["receipt"])
        self.assertRecordValues(
            fixed.booking_ids.move_id, [{"state": "posted", "amount_total": 40, "is_dunning_charge": True}]
        )
        self.assertEqual(interest.booking_state, "booked")
        # the payment is undone: open again, and the income stays claimed on the account
        self._receivable_line(payment.move_id).remove_move_reconcile()
        self.assertEqual((interest.state, fixed.state), ("claimed", "claimed"))
        again = self._open(payment)
        again.action_allocate()
        self.assertEqual(len(fixed.booking_ids), 1, "the income is not booked twice")
        self.assertEqual(fixed.state, "paid")
        self.assertEqual(interest.move_id.amount_residual, 570)

    def test_t28_entry(self):
        interest, _fixed, _payment = self._t28("entry")
        self.assertEqual(interest.booking_ids.mapped("kind"), ["claim"])

    def test_t28_invoice(self):
        interest, fixed, _payment = self._t28("invoice")
        self.assertEqual((interest.booking_ids + fixed.booking_ids).move_id.payment_state, "paid")

    def test_principal_first(self):
        """A consumer pays the invoice first; changing the order proposes again."""
        charges = self._claim(partner=self.consumer)
        payment = self._pay_on_account(self.consumer, 500, "2026-04-25")
        wizard = self._open(payment)
        self.assertRecordValues(
            wizard, [{"order": "principal_first", "amount_principal": 500, "amount_costs": 0, "amount_rest": 0}]
        )
        wizard.order = "costs_first"
        wizard.action_propose()
        self.assertEqual(wizard.amount_costs + wizard.amount_interest, sum(charges.mapped("amount")))

    # --- WHICH DEBT ---

    def test_named_invoice(self):
        """The structured communication of an invoice is always honoured, however the bank wrote it."""
        self._claim()
        newer = self._invoice(amount=200, due="2026-04-10", invoice_date="2026-03-10")
        newer.payment_reference = "+++010/8068/17183+++"
        payment = self._pay_on_account(self.business, 200, "2026-04-25", memo="010806817183")
        wizard = self._open(payment)
        self.assertEqual(wizard.named_text, newer.name)
        self.assertEqual(self._shares(wizard)[newer.name, "principal"], 200)
        wizard.action_allocate()
        self.assertEqual(newer.payment_state, "paid")

    def test_named_letter(self):
        charges = self._claim()
        other = self._invoice(amount=900, due="2026-01-10", invoice_date="2026-01-02")
        payment = self._pay_on_account(self.business, 100, "2026-04-25", memo=charges.notice_id.name)
        wizard = self._open(payment)
        self.assertEqual(wizard.named_text, charges.move_id.name)
        self.assertEqual(self._shares(wizard)[other.name, "principal"], 0)

    def test_due_before_not_due_then_oldest(self):
        later = self._invoice(amount=100, due="2026-05-20", invoice_date="2026-01-20")
        newer = self._invoice(amount=100, due="2026-04-10")
        older = self._invoice(amount=100, due="2026-03-10")
        payment = self._pay_on_account(self.business, 250, "2026-04-25")
        shares = self._shares(self._open(payment))
        self.assertEqual(
            shares,
            {(older.name, "principal"): 100, (newer.name, "principal"): 100, (later.name, "principal"): 50},
        )

    # --- BY HAND ---

    def test_other_amounts_by_hand(self):
        """Any division is matched for exactly its amounts; the rest stays on account."""
        first = self._invoice(amount=300, due="2026-03-10")
        second = self._invoice(amount=400, due="2026-03-20")
        charges = self._claim()
        payment = self._pay_on_account(self.business, 500, "2026-04-25")
        wizard = self._open(payment)
        amounts = {first.name: 100, second.name: 250}
        for line in wizard.line_ids:
            line.amount = amounts.get(line.document, 0) if line.part == "principal" else 0
            if line.charge_id == charges[1]:
                line.amount = 15
        self.assertEqual(wizard.amount_rest, 135)
        wizard.action_allocate()
        self.assertEqual((first.amount_residual, second.amount_residual), (200, 150))
        self.assertEqual(charges.move_id.amount_residual, 1000)
        self.assertRecordValues(charges[1], [{"amount_paid": 15, "amount_residual": 25, "state": "claimed"}])
        self.assertEqual(self._receivable_line(payment.move_id).amount_residual, -135)
        # the rest of it later
        wizard = self._open(payment)
        self.assertEqual(wizard.amount_available, 135)

    def test_too_much_by_hand(self):
        invoice = self._invoice(amount=300, due="2026-03-10")
        payment = self._pay_on_account(self.business, 200, "2026-04-25")
        wizard = self._open(payment)
        for amount, message in ((301, "than the payment"), (-1, "cannot be negative")):
            wizard.line_ids.amount = amount
            with self.assertRaisesRegex(ValidationError, message):
                wizard.action_allocate()
        large = self._pay_on_account(self.business, 900, "2026-04-25")
        wizard = self._open(large)
        wizard.line_ids.filtered(lambda line: line.document == invoice.name).amount = 301
        with self.assertRaisesRegex(ValidationError, "is open"):
            wizard.action_allocate()
        wizard.line_ids.amount = 0
        with self.assertRaisesRegex(UserError, "Nothing is allocated"):
            wizard.action_allocate()

    def test_allocated_meanwhile(self):
        invoice = self._invoice(amount=300, due="2026-03-10")
        payment = self._pay_on_account(self.business, 300, "2026-04-25")
        wizard, twin = self._open(payment), self._open(payment)
        wizard.action_allocate()
        self.assertEqual(invoice.payment_state, "paid")
        with self.assertRaisesRegex(UserError, "allocated meanwhile"):
            twin.action_allocate()
        with self.assertRaisesRegex(UserError, "nothing to allocate"):
            self._open(payment)

    def test_credit_note(self):
        """From the account, every unmatched credit can be chosen."""
        invoice = self._invoice(amount=300, due="2026-03-10")
        credit = self._invoice(amount=120, move_type="out_refund", due="2026-04-01", invoice_date="2026-03-20")
        self.env["commercial.receivable"]._refresh_items(self.company)
        receivable = self._item(invoice).receivable_id.with_user(self.collector)
        wizard = self.env["commercial.payment.allocate"].browse(receivable.action_allocate_payment()["res_id"])
        self.assertEqual(wizard.credit_line_id.move_id, credit)
        wizard.with_user(self.collector).action_allocate()
        self.assertEqual(invoice.amount_residual, 180)
        with self.assertRaisesRegex(UserError, "no payment or credit note"):
            receivable.action_allocate_payment()

    def test_foreign_currency(self):
        """Only debts in the currency of the payment are proposed; the exchange difference is Odoo's."""
        dollar = self.setup_other_currency("USD", rates=[("2026-01-01", 2.0), ("2026-04-20", 4.0)])
        euros = self._invoice(amount=300, due="2026-03-10")
        dollars = [self._invoice(amount=300, due=day, currency_id=dollar.id) for day in ("2026-03-10", "2026-03-20")]
        payment = self._pay_on_account(self.business, 500, "2026-04-25", currency_id=dollar.id)
        wizard = self._open(payment)
        self.assertNotIn((euros.name, "principal"), self._shares(wizard))
        for line in wizard.line_ids:
            line.amount = 100
        wizard.action_allocate()
        self.assertEqual([move.amount_residual for move in dollars], [200, 200])
        line = self._receivable_line(payment.move_id)
        self.assertEqual(line.amount_residual_currency, -300)
        self._open(payment).action_allocate()
        self.assertEqual([move.amount_residual for move in dollars], [0, 100])
        self.assertTrue(line.reconciled)
        self.assertFalse(line.amount_residual)

    def test_income_account_is_missing(self):
        charges = self._claim()
        self.company.dunning_interest_account_id = False
        payment = self._pay_on_account(self.business, 500, "2026-04-25")
        wizard = self._open(payment)
        with self.assertRaisesRegex(UserError, "Account of interest"):
            wizard.action_allocate()
        self.assertEqual(charges.mapped("amount_paid"), [0, 0])

    def test_waiting_charge_is_booked_first(self):
        self._book_in("entry")
        charges = self._claim()
        payment = self._pay_on_account(self.business, 500, "2026-04-25")
        self._open(payment).action_allocate()
        self._job()
        self.assertEqual(charges.booking_ids.mapped("kind"), ["claim", "claim"])
        self.assertEqual(set(charges.mapped("state")), {"paid"})

    def test_draft_invoice(self):
        self._book_in("invoice")
        self.company.dunning_charge_post_invoices = False
        self._claim()
        self._job()
        wizard = self._open(self._pay_on_account(self.business, 500, "2026-04-25"))
        with self.assertRaisesRegex(UserError, "post its invoice first"):
            wizard.action_allocate()

    # --- RIGHTS ---

    def test_rights(self):
        invoice = self._invoice(amount=300, due="2026-03-10")
        payment = self._pay_on_account(self.business, 100, "2026-04-25")
        with self.assertRaises(AccessError):
            self._open(payment, self.assistant)
        wizard = self._open(payment)
        with self.assertRaises(AccessError):
            wizard.with_user(self.assistant).action_allocate()
        other = self.setup_other_company(name="Other BV")["company"]
        stranger = self._create_desk_user(
            "allocate_stranger",
            "commercial_assistant.group_team_lead",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        with self.assertRaises(AccessError):
            self._item(invoice).receivable_id.with_user(stranger).action_allocate_payment()
        with self.assertRaises(AccessError):
            self._open(payment, stranger)

    def test_queries(self):
        """Allocating to twenty invoices takes hardly more queries than to two, apart from Odoo's own matching."""
        costs = []
        for count in (2, 20):
            customer = self._create_customer(f"Customer {count}", is_company=True)
            for _number in range(count):
                self._invoice(customer, amount=10, due="2026-03-10")
            payment = self._pay_on_account(customer, 1000, "2026-04-25")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            wizard = self._open(payment)
            self.env.flush_all()
            costs.append(self.env.cr.sql_log_count - before)
            self.assertEqual(wizard.amount_principal, Decimal(10) * count)
        self.assertLessEqual(costs[1], costs[0] + 4)
