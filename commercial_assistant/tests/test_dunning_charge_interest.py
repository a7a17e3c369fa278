from datetime import date
from decimal import Decimal

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from odoo.addons.commercial_assistant.tools.late_payment import late_interest

from .test_dunning_charge import ChargeCommon

RATES = [(date(2025, 1, 1), "11.5"), (date(2025, 7, 1), "10.5"), (date(2026, 1, 1), "10.5")]


@tagged("post_install", "-at_install")
class TestDunningChargeInterest(ChargeCommon):
    """Interest by day, by half-year and by what was open; checked against a calculation of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # a half-year with another rate, so that a wrong day shows
        rates = cls.env["commercial.legal.parameter"].search([("code", "=", "be_late_rate")])
        cls.rates = [(rate.date_from, Decimal(str(rate.value))) for rate in rates if rate.state == "confirmed"]

    def _claimed(self, invoice, days):
        """Send a letter on each of these days and return the interest that the last one claims newly."""
        for day in days:
            with freeze_time(f"{day} 09:00:00"):
                run = self._run()
                self._deliver(run)
        return self._charges(invoice).filtered(lambda charge: charge.kind == "interest").sorted("date_from")[-1]

    def _expected(self, steps, start, end):
        return float(
            late_interest(
                [(date.fromisoformat(day), Decimal(amount)) for day, amount in steps],
                self.rates,
                date.fromisoformat(start),
                date.fromisoformat(end),
            )
        )

    def test_several_payments_over_new_year_and_july(self):
        """Each payment lowers the principal from the day after it; each half-year has its own rate."""
        with freeze_time("2025-05-20"):
            invoice = self._invoice(amount=1000, due="2025-06-10", invoice_date="2025-05-10")
        for amount, day in ((200, "2025-06-25"), (150, "2025-07-01"), (100, "2025-12-31"), (50, "2026-01-10")):
            self._pay(invoice, amount, day=day)
        interest = self._claimed(invoice, ("2026-01-20", "2026-02-05", "2026-02-25"))
        steps = [
            ("2025-06-11", 1000),
            ("2025-06-26", 800),
            ("2025-07-02", 650),
            ("2026-01-01", 550),
            ("2026-01-11", 500),
        ]
        self.assertEqual(interest.amount, self._expected(steps, "2025-06-11", "2026-02-25"))
        slices = interest._get_slices()
        self.assertEqual(
            [(piece.start.isoformat(), piece.days, piece.principal, piece.percent) for piece in slices],
            [
                ("2025-06-11", 15, Decimal("1000"), Decimal("11.5")),
                ("2025-06-26", 5, Decimal("800"), Decimal("11.5")),
                ("2025-07-01", 1, Decimal("800"), Decimal("10.5")),
                ("2025-07-02", 183, Decimal("650"), Decimal("10.5")),
                ("2026-01-01", 10, Decimal("550"), Decimal("10.5")),
                ("2026-01-11", 46, Decimal("500"), Decimal("10.5")),
            ],
        )
        self.assertIn("11.50 %", interest.rate_text.replace(",", "."))

    def test_payment_that_is_undone(self):
        """A bounced payment never lowered the principal: the next letter counts what was really open."""
        invoice = self._invoice(amount=1000, due="2026-03-01")
        self._pay(invoice, 400, day="2026-03-11")
        for day in ("2026-03-20", "2026-04-01"):
            with freeze_time(f"{day} 09:00:00"):
                self._deliver(self._run())
        self._receivable_line(invoice).remove_move_reconcile()
        with freeze_time("2026-04-20 09:00:00"):
            # the money is on account now, so it is still deducted; take it away altogether
            self.env["account.payment"].search([("partner_id", "=", self.business.id)]).action_draft()
            self._deliver(self._run())
        interest = self._charges(invoice).filtered(lambda charge: charge.kind == "interest")
        self.assertEqual(interest.amount, self._expected([("2026-03-02", 1000)], "2026-03-02", "2026-04-20"))

    def test_credit_note_dated_later(self):
        """What is credited was never owed, whenever the credit note is dated; a payment counts from its day."""
        invoice = self._invoice(amount=1000, due="2026-03-01")
        credit = self._invoice(amount=300, move_type="out_refund", due="2026-04-10", invoice_date="2026-04-10")
        self._receivable_line(invoice + credit).reconcile()
        self._pay(invoice, 100, day="2026-03-31")
        interest = self._claimed(invoice, ("2026-03-20", "2026-04-01", "2026-04-20"))
        steps = [("2026-03-02", 700), ("2026-04-01", 600)]
        self.assertEqual(interest.amount, self._expected(steps, "2026-03-02", "2026-04-20"))

    def test_payment_in_another_currency(self):
        """Principal and interest are in the currency of the invoice; the rate of the payment says what it settles."""
        dollar = self.setup_other_currency("USD", rates=[("2026-01-01", 2.0)])
        invoice = self._invoice(amount=1000, due="2026-03-01", currency_id=dollar.id)
        # 200 euros are 400 dollars
        payment = self._pay_on_account(self.business, 200, "2026-03-11")
        self._receivable_line(invoice + payment.move_id).reconcile()
        self.assertEqual(invoice.amount_residual, 600)
        interest = self._claimed(invoice, ("2026-03-20", "2026-04-01", "2026-04-20"))
        self.assertEqual(interest.currency_id, dollar)
        steps = [("2026-03-02", 1000), ("2026-03-12", 600)]
        self.assertEqual(interest.amount, self._expected(steps, "2026-03-02", "2026-04-20"))

    def test_next_letter_goes_on_where_the_last_one_stopped(self):
        """No day twice, and no interest on the interest that is claimed and booked."""
        self._book_in("entry")
        invoice = self._invoice(amount=1000, due="2026-03-01")
        self._claimed(invoice, ("2026-03-20", "2026-04-01", "2026-04-20"))
        self._job()
        second = self._claimed(invoice, ("2026-05-20",))
        self.assertEqual((second.date_from, second.date_to), (date(2026, 4, 21), date(2026, 5, 20)))
        self.assertEqual(second.amount, self._expected([("2026-04-21", 1000)], "2026-04-21", "2026-05-20"))
        self.assertEqual(second.base_amount, 1000)
        both = self._charges(invoice).filtered(lambda charge: charge.kind == "interest")
        self.assertEqual(len(both), 2)
        fixed = self._charges(invoice) - both
        self.assertEqual(fixed.mapped("amount"), [40], "the fixed sum is claimed once for a debt")

    def test_indemnity_is_claimed_once_and_capped(self):
        """Instalments of one debt share one indemnity: together never more than that of the whole (XIX.4 CEL)."""
        term = self.env["account.payment.term"].create(
            {
                "name": "Two halves",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 10}),
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 24}),
                ],
            }
        )
        invoice = self._invoice(self.consumer, amount=1000, invoice_date="2026-01-10", invoice_payment_term_id=term.id)
        for day in ("2026-02-20", "2026-03-16", "2026-04-06", "2026-05-04"):
            with freeze_time(f"{day} 09:00:00"):
                self._deliver(self._run())
        charges = self._charges(invoice).filtered(lambda charge: charge.kind == "indemnity")
        self.assertEqual(len(charges), 2)
        self.assertEqual(sum(charges.mapped("amount")), 90, "65 + 5 % of what exceeds 500")
        # a waived indemnity is not claimed again
        self._waive(charges[0])
        with freeze_time("2026-06-15 09:00:00"):
            self._run()
        again = self._charges(invoice).filtered(lambda charge: charge.kind == "indemnity")
        self.assertEqual(again, charges)

    def test_money_on_account_bears_no_interest(self):
        invoice = self._invoice(amount=1000, due="2026-03-01")
        self._pay_on_account(self.business, 250, "2026-04-15")
        interest = self._claimed(invoice, ("2026-03-20", "2026-04-01", "2026-04-20"))
        self.assertEqual(interest.amount, self._expected([("2026-03-02", 750)], "2026-03-02", "2026-04-20"))
        self.assertEqual(interest.base_amount, 750)
