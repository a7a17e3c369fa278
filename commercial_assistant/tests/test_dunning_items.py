from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common_dunning import DunningCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-20 09:00:00")
class TestDunningItems(DunningCommon):
    """What becomes an open item: the journal item decides, whatever the invoice around it shows."""

    def setUp(self):
        super().setUp()
        self._fake_letters()

    def _refresh(self):
        self.env["commercial.receivable"]._refresh_items(self.company)

    def _entry(self, amount=70.0, partner=None, journal=None, day="2026-02-10", **line):
        """Post a miscellaneous entry on the receivable account."""
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": (journal or self.company_data["default_journal_misc"]).id,
                "date": day,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": self.company_data["default_account_receivable"].id,
                            "partner_id": (partner or self.business).id,
                            "debit": amount,
                            "name": "Opening balance",
                            **line,
                        }
                    ),
                    Command.create({"account_id": self.company_data["default_account_revenue"].id, "credit": amount}),
                ],
            }
        )
        move.action_post()
        return move

    def _receivable_line(self, move):
        return move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")

    # --- PITFALLS ---

    def test_blocked_payment(self):
        """The state of the invoice says nothing about what is open: it survives the payment."""
        paid, blocked = self._invoice(amount=100), self._invoice(amount=50)
        for invoice in (paid, blocked):
            invoice.action_toggle_block_payment()
        credit = self._pay_on_account(self.business, 100)
        lines = self._receivable_line(paid) + credit.move_id.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )
        lines.reconcile()
        run = self._run()
        self.assertFalse(run.notice_ids)
        self.assertEqual(paid.payment_state, "blocked")
        self.assertFalse(self._item(paid))
        self.assertEqual(self._reasons(run), {blocked: "payment_blocked"})
        blocked.action_toggle_block_payment()
        run.action_propose()
        self.assertEqual(run.notice_ids.amount_total, 50)

    def test_blocked_between_approval_and_sending(self):
        invoice = self._invoice()
        run = self._run()
        invoice.action_toggle_block_payment()
        self._deliver(run)
        self.assertEqual(run.notice_ids.state, "cancelled")
        self.assertIn("blocked", run.notice_ids.skip_reason)

    def test_sale_receipt(self):
        """On a sale receipt the field of the document says "not to follow up"; its journal item is followed."""
        receipt = self.env["account.move"].create(
            {
                "move_type": "out_receipt",
                "partner_id": self.business.id,
                "invoice_date": "2026-02-01",
                "invoice_date_due": "2026-03-01",
                "invoice_line_ids": [
                    Command.create({"product_id": self.product_a.id, "price_unit": 80, "tax_ids": False})
                ],
            }
        )
        receipt.action_post()
        self.assertFalse(self._receivable_line(receipt).no_followup)
        self.assertEqual(self._run().notice_ids.amount_total, 80)

    def test_invoice_to_a_contact(self):
        """The journal item names the company, the invoice its contact: one account, one letter."""
        contact = self.env["res.partner"].create({"name": "Buyer", "parent_id": self.business.id, "lang": "fr_BE"})
        self._invoice(contact, 100)
        self._invoice(amount=50)
        notice = self._run().notice_ids
        self.assertEqual((notice.partner_id, notice.amount_total), (self.business, 150))

    def test_point_of_sale(self):
        """Receivable lines that another app marks to be followed up in a general journal are followed."""
        entry = self._entry(no_followup=False)
        self._receivable_line(entry).no_followup = False
        self.assertEqual(self._run().notice_ids.line_ids.move_id, entry)

    def test_letters_leave_the_invoices_alone(self):
        """No token is made for the portal and nothing is written on the invoices."""
        invoice = self._invoice()
        self.env.flush_all()
        self.env.cr.execute("SELECT xmin FROM account_move WHERE id = %s", invoice.ids)
        before = self.env.cr.fetchall()
        self._deliver(self._run())
        self.env.flush_all()
        self.env.cr.execute("SELECT xmin FROM account_move WHERE id = %s", invoice.ids)
        self.assertEqual(self.env.cr.fetchall(), before)
        self.assertFalse(invoice.access_token)

    def test_partial_payment_and_back(self):
        invoice = self._invoice()
        payment = self._pay(invoice, 400)
        self._refresh()
        self.assertEqual(self._item(invoice).amount_residual, 600)
        payment.action_draft()
        payment.action_cancel()
        self._refresh()
        self.assertEqual(self._item(invoice).amount_residual, 1000)

    def test_credit_note_on_the_invoice(self):
        invoice = self._invoice()
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id})
        )
        credit = self.env["account.move"].browse(wizard.reverse_moves()["res_id"])
        credit.invoice_line_ids.price_unit = 250
        credit.action_post()
        (self._receivable_line(invoice) + self._receivable_line(credit)).filtered(
            lambda x: not x.reconciled
        ).reconcile()
        self.assertEqual(self._run().notice_ids.amount_total, 750)

    def test_reset_and_posted_again(self):
        """An invoice taken back to draft is no item; posted again it goes on with its history."""
        invoice = self._invoice()
        self._deliver(self._run())
        invoice.button_draft()
        self._refresh()
        self.assertEqual(self._item(invoice).state, "closed")
        invoice.action_post()
        self._refresh()
        item = self._item(invoice).filtered(lambda item: item.state == "open")
        self.assertEqual(item.level_id.kind, "reminder")

    def test_following_changes_nothing(self):
        """Following what has not changed writes nothing and uses up no number."""
        self._invoice()
        self._refresh()
        query = """
            SELECT max(xmin::text::bigint), (SELECT last_value FROM commercial_receivable_item_id_seq),
                   (SELECT last_value FROM commercial_receivable_id_seq)
              FROM commercial_receivable_item
        """
        self.env.cr.execute(query)
        before = self.env.cr.fetchall()
        self._refresh()
        self.env.cr.execute(query)
        self.assertEqual(self.env.cr.fetchall(), before)

    # --- OPENING BALANCES ---

    def _checks(self, user=None):
        Check = self.env["commercial.receivable.check"].with_user(user or self.collector)
        action = Check.action_check()
        self.assertEqual(action["res_model"], Check._name)
        return Check.search([("company_id", "=", self.company.id)])

    def test_opening_balances_are_shown(self):
        opening = self._entry()
        with_due = self._entry(50, self.consumer, date_maturity="2026-02-28")
        self._invoice()  # followed anyway
        self._invoice().no_followup = True  # left out on purpose, by a person
        self._pay_on_account(self.business, 10)
        checks = self._checks()
        self.assertRecordValues(
            checks.sorted("amount_residual"),
            [
                {"partner_id": self.consumer.id, "move_id": with_due.id, "date_maturity": date(2026, 2, 28)},
                {"partner_id": self.business.id, "move_id": opening.id, "date_maturity": False},
            ],
        )
        self.assertEqual(set(checks.mapped("label")), {"Opening balance"})
        self.assertEqual(self._run(mode="dry").unfollowed_count, 2)

    def test_follow_them_up(self):
        opening, other = self._entry(), self._entry(30, self.consumer)
        checks = self._checks()
        action = checks.action_follow()
        wizard = Form(self.env[action["res_model"]].with_user(self.collector).with_context(**action["context"]))
        wizard.date_maturity = "2026-03-01"
        self.assertEqual(wizard.check_count, 2)
        wizard.save().action_follow()
        self.assertRecordValues(
            checks, [{"state": "followed", "decided_by_id": self.collector.id, "date_maturity": date(2026, 3, 1)}] * 2
        )
        for move in (opening, other):
            self.assertFalse(self._receivable_line(move).no_followup)
            self.assertEqual(self._item(move).date_due, date(2026, 3, 1))
            self.assertIn("Followed up", str(move.message_ids[:1].body))
            self.assertEqual(move.message_ids[:1].author_id, self.collector.partner_id)
        self.assertEqual(self._run().notice_ids.line_ids.move_id, opening + other)
        self.assertFalse(self._checks().filtered(lambda check: check.state == "new"))
        with self.assertRaisesRegex(UserError, "followed up already"):
            checks.action_leave_out()

    def test_follow_up_with_their_own_date(self):
        opening = self._entry()
        self._checks()._follow()
        self.assertFalse(self._receivable_line(opening).date_maturity)
        self.assertEqual(self._item(opening).date_due, date(2026, 2, 10))

    def test_leave_out_on_purpose(self):
        opening = self._entry()
        checks = self._checks()
        checks.action_leave_out()
        checks.action_leave_out()  # twice changes nothing
        self.assertEqual(self._checks().mapped("state"), ["left_out"])
        self.assertEqual(len(opening.message_ids.filtered(lambda m: "left out" in str(m.body))), 1)
        self.assertFalse(self._run().notice_ids)
        checks._follow()  # on second thoughts
        self.assertEqual(self._run(partner_ids=[Command.set(self.business.ids)]).notice_ids.amount_total, 70)

    def test_settled_ones_disappear(self):
        opening = self._entry()
        self.assertEqual(len(self._checks()), 1)
        credit = self._pay_on_account(self.business, 30)
        lines = credit.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        (self._receivable_line(opening) + lines).reconcile()
        self.assertEqual(self._checks().amount_residual, 40)
        rest = self._pay_on_account(self.business, 40)
        lines = rest.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        (self._receivable_line(opening) + lines).reconcile()
        self.assertFalse(self._checks())

    def test_who_may_decide(self):
        self._entry()
        checks = self._checks()
        with self.assertRaises(AccessError):
            self._checks(self.assistant)
        for method in (checks.with_user(self.assistant).action_leave_out, checks.with_user(self.assistant)._follow):
            with self.assertRaises(AccessError):
                method()
        with self.assertRaises(AccessError):
            checks.write({"state": "left_out"})

    def test_other_company(self):
        other = self.setup_other_company(name="Elsewhere")["company"]
        self._entry()
        checks = self._checks()
        stranger = self._create_desk_user(
            "dunning_stranger",
            "commercial_assistant.group_collector",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.assertFalse(self.env["commercial.receivable.check"].with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            checks.with_user(stranger).action_leave_out()

    def test_few_queries(self):
        def cost(count):
            for number in range(count):
                self._entry(10 + number)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["commercial.receivable.check"].sudo()._refresh(self.company)
            return self.env.cr.sql_log_count - before

        cost(1)
        self.assertLessEqual(cost(20), cost(2) + 1)
