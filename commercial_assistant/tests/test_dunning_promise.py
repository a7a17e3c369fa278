from datetime import date
from decimal import Decimal
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.commercial_assistant.models.dunning.payment_promise import PaymentPromise
from odoo.addons.commercial_assistant.tools import dunning as core

from .test_dunning_dispute import ClaimCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-20 09:00:00")
class TestPromise(ClaimCommon):
    def _promise(self, *moves, amount=None, day="2026-03-27", user=None, receivable=None, currency=None, **values):
        items = self._read_items(*moves)
        receivable = receivable or items.receivable_id or self._account(self.business)
        user = user or self.assistant
        return self.Promise.with_user(user)._take_down(
            receivable.with_user(user),
            amount or sum(items.mapped("amount_residual")),
            currency or items.currency_id or self.company.currency_id,
            date.fromisoformat(day),
            items=items.with_user(user),
            **values,
        )

    def _account(self, partner):
        return self.env["commercial.receivable"].search(
            [("partner_id", "=", partner.id), ("company_id", "=", self.company.id)]
        )

    def _judge(self, day="2026-03-20"):
        with freeze_time(f"{day} 09:00:00"):
            self._read_items()

    def _outcomes(self, *promises):
        return [(p.state, p.kept_amount, p.unallocated_amount) for p in promises]

    # --- REGISTERING ---

    def test_takes_down(self):
        invoice = self._invoice(amount=1000)
        promise = self._promise(invoice, amount=400, contact_id=self.business.id, note="After the holidays")
        self.assertRecordValues(
            promise,
            [
                {
                    "amount": 400,
                    "promised_on": date(2026, 3, 27),
                    "hold_until": date(2026, 3, 31),  # two working days later
                    "made_on": date(2026, 3, 20),
                    "state": "open",
                    "source": "call",
                    "company_id": self.company.id,
                    "partner_id": self.business.id,
                    "user_id": self.assistant.id,
                    "create_uid": self.assistant.id,
                    "judged_on": False,
                }
            ],
        )
        self.assertIn("400", promise.receivable_id.message_ids[0].body)

    def test_grace_of_the_company(self):
        self.company.promise_grace_days = 0
        invoice = self._invoice()
        self.assertEqual(self._promise(invoice, amount=10).hold_until, date(2026, 3, 27))
        self.company.promise_grace_days = 5
        self.assertEqual(
            self._promise(invoice, amount=10, day="2026-04-02").hold_until, date(2026, 4, 10), "Easter Monday"
        )

    # --- HOLDS ---

    def test_only_its_amount_is_held(self):
        first, second = self._invoice(amount=1000), self._invoice(amount=300)
        self._promise(first, amount=400)
        run = self._run()
        self.assertEqual(
            {line.move_id: line.amount_residual for line in run.notice_ids.line_ids}, {first: 600, second: 300}
        )
        self.assertEqual(self._item(first).promised_amount, 400)

    def test_without_named_items_the_oldest_is_held(self):
        new = self._invoice(amount=300, due="2026-03-10")
        old = self._invoice(amount=200, due="2026-02-20")
        self._read_items()
        self._promise(amount=350)
        run = self._run()
        self.assertEqual({line.move_id: line.amount_residual for line in run.notice_ids.line_ids}, {new: 150})
        self.assertEqual(self._reasons(run), {old: "promise"})
        skip = run.skip_ids
        self.assertEqual(skip.until, date(2026, 4, 1), "the day after the grace")

    def test_oldest_first_also_when_only_some_items_are_asked_about(self):
        """A letter about the newer invoice alone does not take the promise away from the older one."""
        old = self._invoice(amount=200, due="2026-02-20")
        new = self._invoice(amount=300, due="2026-03-10")
        self._read_items()
        self._promise(amount=250)
        run = self.env["commercial.dunning.run"]
        rows = run._fetch_items(self._item(new).receivable_id.ids, self._item(new).ids)
        self.assertEqual(
            self.Promise._fetch_dunning_holds(rows, {}),
            {self._item(new).id: [core.Hold("promise", Decimal(50), date(2026, 3, 31))]},
        )
        self.assertEqual(self._item(old).promised_amount, 200)

    def test_beside_a_dispute(self):
        invoice = self._invoice(amount=1000)
        self._dispute(invoice, amounts=[300])
        with self.assertRaisesRegex(UserError, "only.*700"):
            self._promise(invoice, amount=701)
        self._promise(invoice, amount=500)
        item = self._item(invoice)
        self.assertRecordValues(item, [{"disputed_amount": 300, "promised_amount": 500}])
        self.assertEqual(self._run().notice_ids.amount_total, 200)

    def test_hold_ends_with_its_day(self):
        """Also when the nightly job did not come along; a dry run looks ahead in the same way."""
        invoice = self._invoice()
        self._promise(invoice)
        for day, reason in ((date(2026, 3, 31), "promise"), (date(2026, 4, 1), None)):
            run = self._run(mode="dry", date=day)
            self.assertEqual(self._reasons(run).get(invoice), reason)
            self.assertEqual(bool(run.notice_ids), not reason)
        with freeze_time("2026-04-01 09:00:00"), patch.object(PaymentPromise, "_follow_accounting"):
            self.assertEqual(self._run().notice_ids.amount_total, 1000)

    def test_paid_part_is_not_held_twice(self):
        invoice = self._invoice(amount=1000)
        self._promise(invoice, amount=500)
        self._pay(invoice, 200, day="2026-03-22")
        with freeze_time("2026-03-23 09:00:00"):
            notice = self._run().notice_ids
            self.assertEqual(notice.amount_total, 500, "of 800 open, 300 are still promised")

    def test_letters_under_way(self):
        invoice = self._invoice(amount=1000)
        notice = self._run().notice_ids
        self._promise(invoice, amount=400)
        self.assertRecordValues(notice, [{"state": "approved", "amount_total": 600}])
        self._promise(invoice, amount=600)
        self.assertRecordValues(notice, [{"state": "cancelled", "skip_reason": "The customer promised to pay"}])

    # --- JUDGING ---

    def test_kept(self):
        invoice = self._invoice(amount=1000)
        promise = self._promise(invoice, amount=400)
        self._pay(invoice, 400, day="2026-03-25")
        self._judge("2026-03-26")
        self.assertRecordValues(
            promise, [{"state": "kept", "kept_amount": 400, "judged_on": date(2026, 3, 26), "is_kept": True}]
        )
        self.assertFalse(promise.activity_ids)

    def test_days(self):
        """The last day of the grace is in time, the next one is not."""
        for paid_on, outcome in (
            ("2026-03-19", ("broken", 0)),
            ("2026-03-20", ("kept", 100)),
            ("2026-03-31", ("kept", 100)),
            ("2026-04-01", ("broken", 0)),
        ):
            customer = self._create_customer(f"Day {paid_on}", is_company=True)
            invoice = self._invoice(customer, 500)
            promise = self._promise(invoice, amount=100)
            self._pay(invoice, 100, day=paid_on)
            self._judge("2026-04-05")
            with self.subTest(paid_on=paid_on):
                self.assertEqual((promise.state, promise.kept_amount), outcome)

    def test_open_until_the_end_of_the_grace(self):
        invoice = self._invoice(amount=1000)
        promise = self._promise(invoice)
        self._judge("2026-03-31")
        self.assertEqual(promise.state, "open")
        self._judge("2026-04-01")
        self.assertRecordValues(promise, [{"state": "broken", "judged_on": date(2026, 4, 1), "is_kept": False}])
        self.assertEqual(promise.activity_ids.user_id, self.assistant)
        self._judge("2026-04-02")
        self.assertEqual(len(promise.activity_ids), 1)
        self.assertEqual(promise.judged_on, date(2026, 4, 1))

    def test_partly(self):
        invoice = self._invoice(amount=1000)
        promise = self._promise(invoice)
        self._pay(invoice, 999, day="2026-03-25")
        self._judge("2026-04-01")
        self.assertEqual(self._outcomes(promise), [("partly", 999, 0)])
        self.assertTrue(promise.activity_ids)

    def test_payment_booked_later_for_a_day_in_time(self):
        """The statement of the bank came late: the promise was kept all the same."""
        invoice = self._invoice()
        promise = self._promise(invoice)
        self._judge("2026-04-02")
        self.assertEqual(promise.state, "broken")
        self._pay(invoice, day="2026-03-30")
        self._judge("2026-04-03")
        self.assertEqual(self._outcomes(promise), [("kept", 1000, 0)])
        self.assertFalse(promise.activity_ids)

    def test_paid_the_same_day_before_the_call(self):
        """What was booked when the promise was made is not money for the promise."""
        invoice = self._invoice(amount=1000)
        self._pay(invoice, 300, day="2026-03-20")
        promise = self._promise(invoice, amount=200)
        self._judge("2026-03-21")
        self.assertEqual(self._outcomes(promise), [("open", 0, 0)])

    def test_credit_note_is_no_payment(self):
        invoice = self._invoice(amount=1000)
        promise = self._promise(invoice)
        with freeze_time("2026-03-23 09:00:00"):
            self._credit(invoice, 400, day="2026-03-23")
        self._judge("2026-03-24")
        self.assertEqual(self._outcomes(promise), [("open", 0, 0)])
        self._pay(invoice, 600, day="2026-03-25")
        self._judge("2026-03-26")
        self.assertEqual(self._outcomes(promise), [("kept", 600, 0)], "nothing more could be paid")

    def test_everything_credited(self):
        """Neither kept nor broken: it does not count."""
        invoice = self._invoice(amount=1000)
        promise = self._promise(invoice)
        with freeze_time("2026-03-23 09:00:00"):
            self._credit(invoice, day="2026-03-23")
        self._judge("2026-03-24")
        self.assertEqual(promise.state, "cancelled")
        self.assertIn("credited", promise.cancel_reason)

    def test_credit_note_after_the_verdict(self):
        invoice = self._invoice(amount=1000)
        promise = self._promise(invoice)
        self._judge("2026-04-01")
        with freeze_time("2026-04-02 09:00:00"):
            self._credit(invoice, day="2026-04-02")
        self._judge("2026-04-03")
        self.assertEqual(promise.state, "broken")

    def _settle_by_entry(self, move, amount, *debits):
        """Settle a part of an invoice by an entry of a journal that is neither bank nor cash."""
        receivable = move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        credit = {"account_id": receivable.account_id.id, "credit": amount, "partner_id": self.business.id}
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": self.company_data["default_journal_misc"].id,
                "date": "2026-03-25",
                "line_ids": [Command.create(credit), *(Command.create(debit) for debit in debits)],
            }
        )
        entry.action_post()
        (receivable + entry.line_ids.filtered("credit")).reconcile()

    def _account_of(self, account_type, code, **values):
        return self.env["account.account"].create(
            {"name": code, "code": code, "account_type": account_type, "reconcile": True, **values}
        )

    def test_written_off(self):
        """A journal entry that settles the invoice as a loss is no payment, nor is the tax that comes back with it."""
        invoice = self._invoice(amount=1000)
        promise = self._promise(invoice, amount=300)
        vat = self.company_data["default_tax_sale"].invoice_repartition_line_ids.filtered(
            lambda line: line.repartition_type == "tax"
        )
        self._settle_by_entry(
            invoice,
            300,
            {"account_id": self.company_data["default_account_expense"].id, "debit": 250},
            {
                "account_id": self._account_of("asset_current", "499000").id,
                "debit": 50,
                "tax_repartition_line_id": vat[:1].id,
            },
        )
        self._judge("2026-04-01")
        self.assertEqual(self._outcomes(promise), [("broken", 0, 0)])

    def test_paid_at_the_till(self):
        """A point of sale books its payments in a journal of its own kind."""
        till = self._account_of("asset_receivable", "400100", non_trade=True)
        invoice = self._invoice(amount=1000)
        promise = self._promise(invoice, amount=300)
        self._settle_by_entry(invoice, 300, {"account_id": till.id, "debit": 300, "partner_id": self.business.id})
        self._judge("2026-03-26")
        self.assertEqual(self._outcomes(promise), [("kept", 300, 0)])

    def test_paid_at_the_till_of_the_company(self):
        till = self._account_of("asset_receivable", "400100")
        self.company.account_default_pos_receivable_account_id = till
        invoice = self._invoice(amount=1000)
        promise = self._promise(invoice, amount=300)
        self._settle_by_entry(invoice, 300, {"account_id": till.id, "debit": 300, "partner_id": self.business.id})
        self._judge("2026-03-26")
        self.assertEqual(self._outcomes(promise), [("kept", 300, 0)])

    def test_set_off(self):
        """What we owe the customer is set off: the debt is paid with it; what is written off beside it is not."""
        invoice = self._invoice(amount=1000)
        promise = self._promise(invoice, amount=300)
        self._settle_by_entry(
            invoice,
            300,
            {"account_id": self.company_data["default_account_payable"].id, "debit": 200},
            {"account_id": self.company_data["default_account_expense"].id, "debit": 100},
        )
        self._judge("2026-04-01")
        self.assertEqual(self._outcomes(promise), [("partly", 200, 0)])

    def test_doubtful_debt(self):
        """A debt that moves to another account of the customer is not paid."""
        doubtful = self._account_of("asset_receivable", "407000")
        invoice = self._invoice(amount=1000)
        promise = self._promise(invoice, amount=300)
        self._settle_by_entry(invoice, 300, {"account_id": doubtful.id, "debit": 300, "partner_id": self.business.id})
        self._judge("2026-04-01")
        self.assertEqual(self._outcomes(promise), [("broken", 0, 0)])

    def test_money_on_account(self):
        """It counts, and the screen says that it is to be allocated; taken away again it counts no more."""
        invoice = self._invoice(amount=1000)
        promise = self._promise(invoice, amount=500)
        payment = self._pay_on_account(self.business, 300, day="2026-03-25")
        self._judge("2026-04-01")
        self.assertEqual(self._outcomes(promise), [("partly", 300, 300)])
        self._pay_on_account(self.business, 200, day="2026-03-26")
        self._judge("2026-04-02")
        self.assertEqual(self._outcomes(promise), [("kept", 500, 500)])
        lines = (payment.move_id + invoice).line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        lines.reconcile()
        self._judge("2026-04-03")
        self.assertEqual(self._outcomes(promise), [("kept", 500, 200)])
        payment.action_draft()
        self._judge("2026-04-04")
        self.assertEqual(self._outcomes(promise), [("partly", 200, 200)])

    def test_money_on_account_counts_once(self):
        first, second = self._invoice(amount=100), self._invoice(amount=100)
        one, other = self._promise(first), self._promise(second, day="2026-03-28")
        self._pay_on_account(self.business, 150, day="2026-03-25")
        self._judge("2026-04-02")
        self.assertEqual(self._outcomes(one, other), [("kept", 100, 100), ("partly", 50, 50)])

    def test_cancelled_payment_opens_the_promise_again(self):
        invoice = self._invoice()
        promise = self._promise(invoice)
        payment = self._pay(invoice, day="2026-03-25")
        self._judge("2026-03-26")
        self.assertEqual(promise.state, "kept")
        payment.action_draft()
        payment.action_cancel()
        self._judge("2026-03-27")
        self.assertRecordValues(promise, [{"state": "open", "kept_amount": 0, "judged_on": False}])
        self.assertEqual(self._item(invoice).promised_amount, 1000)
        self._judge("2026-04-01")
        self.assertEqual(promise.state, "broken")

    def test_cancelled_payment_after_the_day(self):
        invoice = self._invoice()
        promise = self._promise(invoice)
        payment = self._pay(invoice, day="2026-03-25")
        self._judge("2026-04-10")
        payment.action_draft()
        payment.action_cancel()
        self._judge("2026-04-11")
        self.assertRecordValues(promise, [{"state": "broken", "judged_on": date(2026, 4, 11)}])
        self.assertTrue(promise.activity_ids)

    def test_old_promises_rest(self):
        """After a year nobody judges a promise again; one that is still open is judged whenever the job comes."""
        invoice, other = self._invoice(amount=500), self._invoice(amount=100)
        promise = self._promise(invoice)
        payment = self._pay(invoice, day="2026-03-25")
        self._judge("2026-04-10")
        open_one = self._promise(other)
        self._judge("2026-03-20")
        payment.action_draft()
        self._judge("2027-05-10")
        self.assertEqual((promise.state, promise.kept_amount), ("kept", 500))
        self.assertEqual(open_one.state, "broken")

    def test_money_given_back(self):
        invoice = self._invoice(amount=1000)
        promise = self._promise(invoice, amount=500)
        payment = self._pay_on_account(self.business, 500, day="2026-03-25")
        back = self._pay_on_account(self.business, 500, day="2026-03-26", payment_type="outbound")
        lines = (payment + back).move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        lines.reconcile()
        self._judge("2026-04-02")
        self.assertEqual(self._outcomes(promise), [("broken", 0, 0)])

    def test_other_currency_is_other_money(self):
        dollar = self.setup_other_currency("USD")
        invoice = self._invoice(amount=1000, currency_id=dollar.id)
        promise = self._promise(invoice, amount=500)
        self.assertEqual(promise.currency_id, dollar)
        self._pay_on_account(self.business, 5000, day="2026-03-25")
        self._judge("2026-04-02")
        self.assertEqual(promise.state, "broken")

    def test_other_company_is_other_money(self):
        invoice = self._invoice()
        promise = self._promise(invoice)
        data = self.setup_other_company(name="Other BV", currency_id=self.company.currency_id.id)
        payment = (
            self.env["account.payment"]
            .with_company(data["company"])
            .create(
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": self.business.id,
                    "amount": 1000,
                    "date": "2026-03-25",
                    "journal_id": data["default_journal_bank"].id,
                }
            )
        )
        payment.action_post()
        self._judge("2026-04-02")
        self.assertEqual(promise.state, "broken")

    def test_broken_promise_is_reminded_at_once(self):
        invoice = self._invoice()
        self._promise(invoice)
        with freeze_time("2026-03-31 09:00:00"):
            self.assertEqual(self._reasons(self._run()), {invoice: "promise"})
        with freeze_time("2026-04-01 09:00:00"):
            self.assertEqual(self._run().notice_ids.amount_total, 1000)

    def test_after_too_many_broken_promises(self):
        self.business_policy.promise_limit = 2
        for number in range(2):
            invoice = self._invoice(amount=100 + number)
            self._promise(invoice)
        self._judge("2026-04-02")
        with freeze_time("2026-04-03 09:00:00"):
            invoice = self._invoice(amount=500)
            promise = self._promise(invoice, day="2026-04-20")
            self.assertFalse(promise.holds_reminders)
            wizard = Form(
                self.env["commercial.payment.promise.register"].with_context(
                    default_receivable_id=promise.receivable_id.id
                )
            )
            self.assertTrue(wizard.is_reminded_anyway)
            self.assertIn(invoice, self._run().notice_ids.line_ids.move_id)
            self.consumer_policy.promise_limit = 1
            self.assertTrue(self._promise(self._invoice(self.consumer), day="2026-04-20").holds_reminders)
        with freeze_time("2027-05-03 09:00:00"):
            self.assertTrue(promise.receivable_id._may_promise_hold(), "old ones are forgotten")

    # --- THE JOB ---

    def test_job_goes_on_after_a_stop(self):
        """Killed after the first customers, it judges the others the next time; a third start changes nothing."""
        self.company.dunning_chunk_size = 1
        promises = self.Promise
        for number in range(3):
            promises |= self._promise(self._invoice(self._create_customer(f"Firma {number}", is_company=True)))
        calls = []

        def progress(*args, **kwargs):
            calls.append((args, kwargs))
            return 0 if len(calls) == 3 else 60

        with freeze_time("2026-04-02 09:00:00"):
            with patch.object(type(self.env["ir.cron"]), "_commit_progress", side_effect=progress):
                self.Promise._cron_judge()
            promises.invalidate_recordset()
            self.assertEqual(sorted(promises.mapped("state")), ["broken", "broken", "open"])
            with patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=60):
                self.Promise._cron_judge()
                messages = promises.message_ids
                with patch.object(PaymentPromise, "_follow_accounting", side_effect=AssertionError):
                    self.Promise._cron_judge()
        promises.invalidate_recordset()
        self.assertEqual(set(promises.mapped("state")), {"broken"})
        self.assertEqual(promises.message_ids, messages)
        self.assertEqual(len(promises.activity_ids), 3)

    def test_cron_record(self):
        promise = self._promise(self._invoice())
        with freeze_time("2026-04-02 09:00:00"), self.enter_registry_test_mode():
            self.env.ref("commercial_assistant.ir_cron_payment_promise").method_direct_trigger()
        promise.invalidate_recordset()
        self.assertEqual(promise.state, "broken")

    def test_queries(self):
        costs = []
        for count in (2, 20):
            partners = [self._create_customer(f"P{count} {number}", is_company=True) for number in range(count)]
            promises = self.Promise
            for partner in partners:
                invoice = self._invoice(partner)
                promises |= self._promise(invoice, amount=600) + self._promise(
                    amount=200, receivable=self._account(partner)
                )
                self._pay(invoice, 100, day="2026-03-25")
            ids = [partner.id for partner in partners]
            items = self.env["commercial.receivable.item"].search([("partner_id", "in", ids)])
            cost = [self._measure(lambda items=items: items.mapped("promised_amount"))]
            run = self._run(propose=False, partner_ids=[Command.set(ids)])
            cost.append(self._measure(run.action_propose))
            with freeze_time("2026-04-02 09:00:00"):
                cost.append(self._measure(lambda ids=ids: self.Promise._follow_accounting(self.company, ids)))
            self.assertEqual(set(promises.mapped("state")), {"partly", "broken"})
            costs.append(cost)
        for name, low, high in zip(("list", "propose", "judge"), *costs, strict=True):
            self.assertLessEqual(high, low + 2, f"{name}: {low} queries for 2 customers, {high} for 20")

    def _measure(self, method):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        method()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    # --- BAD INPUT ---

    def test_refused(self):
        invoice = self._invoice(amount=1000)
        foreign = self._read_items(self._invoice(self.consumer))
        dollar = self.setup_other_currency("USD")
        for values, message in (
            ({"amount": 1000.01}, "only.*1.000.00"),
            ({"amount": -1}, "above zero"),
            ({"amount": float("nan")}, "above zero"),
            ({"day": "2026-03-19"}, "today or later"),
            ({"currency": dollar}, "about one currency"),
            ({"receivable": foreign.receivable_id}, "not of Jan Peeters"),
            ({"contact_id": self.consumer.id}, "is not a contact"),
        ):
            with self.subTest(values=values), self.assertRaisesRegex(UserError, message), self.env.cr.savepoint():
                self._promise(invoice, **values)
        self.assertFalse(self.Promise.search([("company_id", "=", self.company.id)]))

    def test_twice(self):
        """Nobody promises the same money twice."""
        invoice = self._invoice(amount=1000)
        self._promise(invoice, amount=800)
        with self.assertRaisesRegex(UserError, "only.*200"):
            self._promise(invoice, amount=800)
        self._promise(amount=200)
        with self.assertRaisesRegex(UserError, "neither disputed nor promised"):
            self._promise(amount=1)

    def test_already_paid(self):
        invoice = self._invoice()
        items = self._read_items(invoice)
        self._pay(invoice)
        with self.assertRaisesRegex(UserError, "only.*0.00"):
            self.Promise.with_user(self.assistant)._take_down(
                items.receivable_id.with_user(self.assistant), 1000, items.currency_id, date(2026, 3, 27), items=items
            )

    def test_cancel(self):
        invoice = self._invoice()
        promise = self._promise(invoice)
        action = promise.with_user(self.collector).action_cancel()
        wizard = Form(self.env[action["res_model"]].with_user(self.collector).with_context(**action["context"]))
        wizard.reason = "The wrong customer"
        wizard.save().action_cancel_promise()
        self.assertRecordValues(promise, [{"state": "cancelled", "cancel_reason": "The wrong customer"}])
        self.assertEqual(self._item(invoice).promised_amount, 0)
        with self.assertRaisesRegex(UserError, "cancelled already"):
            promise.with_user(self.collector).action_cancel()
        self._pay(invoice, day="2026-03-25")
        self._judge("2026-04-02")
        self.assertEqual(promise.state, "cancelled")

    # --- CONFIRMATION ---

    def test_confirmation_once(self):
        self.business.lang = "en_US"
        invoice = self._invoice(amount=1000)
        promise = self._promise(invoice, amount=400, confirm=True)
        letter = self.env["commercial.dispatch"].search(
            [("res_model", "=", promise._name), ("res_id", "=", promise.id)]
        )
        self.assertRecordValues(letter, [{"channel": "email", "lang": "en_US", "state": "reserved"}])
        for text in ("400.00", "03/27/2026", invoice.name, "BE71 0961 2345 6769", "no reminder"):
            self.assertIn(text, letter.body)
        promise.sudo()._send_customer_letter("confirmation")
        letter._send()
        letter._send()
        self.assertEqual(len(self.sent), 1)
        self.assertEqual(promise.confirmed_on, date(2026, 3, 20))

    def test_confirmation_of_a_cancelled_promise_stays(self):
        promise = self._promise(self._invoice(), confirm=True)
        promise.with_user(self.collector)._cancel("Mistake")
        letter = self.env["commercial.dispatch"].search(
            [("res_model", "=", promise._name), ("res_id", "=", promise.id)]
        )
        letter._send()
        self.assertEqual(letter.state, "cancelled")
        self.assertFalse(self.sent)

    # --- PORTAL ---

    def _portal(self, receivable, partner=None, **values):
        values = {"receivable_id": receivable.id, "amount": 100, "promised_on": "2026-03-27", **values}
        return self.Promise.sudo()._register_from_portal(partner or self.business, values)

    def test_from_the_portal(self):
        item = self._read_items(self._invoice(amount=1000))
        promise = self._portal(item.receivable_id, item_ids=item.ids, amount=250.5, note=" By the end of the week ")
        self.assertRecordValues(
            promise,
            [
                {
                    "amount": 250.5,
                    "source": "portal",
                    "item_ids": item.ids,
                    "note": "By the end of the week",
                    "state": "open",
                }
            ],
        )
        self.assertTrue(promise.dispatch_ids)
        self.assertFalse(self._portal(item.receivable_id).item_ids)

    def test_portal_checks_every_value(self):
        account = self._read_items(self._invoice(amount=1000)).receivable_id
        foreign = self._read_items(self._invoice(self.consumer))
        for values, message in (
            ({"state": "kept"}, "Unknown entries: state"),
            ({"receivable_id": foreign.receivable_id.id}, "not yours"),
            ({"receivable_id": 999999999}, "not yours"),
            ({"receivable_id": "1"}, "not yours"),
            ({"receivable_id": True}, "not yours"),
            ({"item_ids": foreign.ids}, "not one of yours"),
            ({"item_ids": "all"}, "not one of yours"),
            ({"item_ids": [False]}, "not one of yours"),
            ({"amount": "100"}, "as a number"),
            ({"amount": None}, "as a number"),
            ({"amount": 1e9}, "cannot be promised"),
            ({"amount": float("inf")}, "above zero"),
            ({"promised_on": "2026-03-19"}, "Choose a day between"),
            ({"promised_on": "2026-04-20"}, "payment plan"),
            ({"promised_on": "soon"}, "Choose a day"),
            ({"promised_on": date(2026, 3, 27)}, "Choose a day"),
            ({"currency": "XXX"}, "Unknown currency"),
            ({"note": "x" * 1001}, "too long"),
            ({"note": 5}, "too long"),
        ):
            with self.subTest(values=str(values)), self.assertRaisesRegex(UserError, message):
                self._portal(account, **values)
        self.company.promise_portal_days = 31
        self.assertTrue(self._portal(account, promised_on="2026-04-20"))
        self.assertEqual(self.Promise.search_count([("company_id", "=", self.company.id)]), 1)

    # --- RIGHTS ---

    def test_rights(self):
        promise = self._promise(self._invoice())
        mine = promise.with_user(self.assistant)
        mine.note = "Called again"
        for vals in (
            {"state": "kept"},
            {"amount": 1},
            {"promised_on": "2027-01-01"},
            {"kept_amount": 1},
            {"holds_reminders": True},
        ):
            for user in (self.assistant, self.collector):
                with self.subTest(vals=vals, user=user.login), self.assertRaises(AccessError):
                    promise.with_user(user).write(vals)
        for method, args in (("action_cancel", ()), ("_cancel", ("x",)), ("action_judge", ())):
            with self.subTest(method=method), self.assertRaises(AccessError):
                getattr(mine, method)(*args)
        for user in (self.assistant, self.collector):
            with self.assertRaises(AccessError):
                self.Promise.with_user(user).create({"receivable_id": promise.receivable_id.id})
        with self.assertRaises(AccessError):
            mine.unlink()
        with self.assertRaisesRegex(UserError, "never deleted"):
            promise.sudo().unlink()
        with self.assertRaisesRegex(UserError, "not duplicated"):
            promise.copy()
        promise.with_user(self.collector).action_judge()

    def test_strangers(self):
        promise = self._promise(self._invoice())
        account = promise.receivable_id
        employee = new_test_user(self.env, "promise_employee", "base.group_user", company_id=self.company.id)
        portal = new_test_user(self.env, "promise_portal", "base.group_portal")
        other = self.setup_other_company(name="Other BV")["company"]
        stranger = new_test_user(
            self.env,
            "promise_stranger",
            "commercial_assistant.group_team_lead",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        for user in (employee, portal):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.Promise.with_user(user).search([])
        for user in (employee, portal, stranger):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.Promise.with_user(user)._take_down(
                    account.with_user(user), 1, self.company.currency_id, date(2026, 3, 27)
                )
        self.assertFalse(self.Promise.with_user(stranger).search([("id", "=", promise.id)]))
        with self.assertRaises(AccessError):
            promise.with_user(stranger).action_judge()

    # --- FROM EVERYWHERE ---

    def test_wizard(self):
        first, second = self._invoice(amount=100), self._invoice(amount=50)
        run = self._run()
        items = self._read_items(first, second)
        for record in (items, items.receivable_id, run.notice_ids):
            action = record.with_user(self.assistant).action_register_promise()
            wizard = Form(self.env[action["res_model"]].with_user(self.assistant).with_context(**action["context"]))
            self.assertEqual((wizard.receivable_id, wizard.amount, wizard.open_amount), (items.receivable_id, 150, 150))
        wizard.amount = 120
        wizard.promised_on = "2026-03-30"
        promise = self.Promise.browse(wizard.save().action_register()["res_id"])
        self.assertRecordValues(promise, [{"amount": 120, "item_ids": items.ids, "create_uid": self.assistant.id}])
        action = first.with_user(self.assistant).action_register_promise()
        self.assertEqual(action["context"]["default_item_ids"], self._item(first).ids)
        for record, name in (
            (items.receivable_id, "promise_count"),
            (first, "open_promise_count"),
            (self.business, "open_promise_count"),
        ):
            record.invalidate_recordset()
            self.assertEqual(record.with_user(self.assistant)[name], 1)
            action = record.with_user(self.assistant).action_open_promises()
            self.assertEqual(self.Promise.search(action["domain"]), promise)

    def test_wizard_with_several_customers(self):
        items = self._read_items(self._invoice(), self._invoice(self.consumer))
        wizard = Form(
            self.env["commercial.payment.promise.register"]
            .with_user(self.assistant)
            .with_context(default_item_ids=items.ids)
        )
        wizard.promised_on = "2026-03-30"
        with self.assertRaisesRegex(UserError, "several customers"):
            wizard.save().action_register()

    def test_forms_cost_little(self):
        """A customer or an invoice costs one query more for disputes and promises together."""
        invoice = self._invoice()
        self._promise(invoice)
        for record in (self.business.with_user(self.collector), invoice.with_user(self.collector)):
            names = ["open_dispute_count", "open_promise_count"]
            record.mapped(names[0])
            record.env.invalidate_all()
            record.read(["display_name", "commercial_partner_id"])
            before = self.env.cr.sql_log_count
            for name in names:
                record.mapped(name)
            self.assertLessEqual(self.env.cr.sql_log_count - before, 1, record._name)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-20 09:00:00")
class TestStop(ClaimCommon):
    """A customer whose reminders stop as a whole, until a person lets them go on."""

    def _stop(self, receivable, kind, reason="Letter of the mediator", **values):
        wizard = (
            self.env["commercial.receivable.exclude"]
            .with_user(self.collector)
            .with_context(active_model="commercial.receivable", active_ids=receivable.ids)
            .create({"hold_kind": kind, "reason": reason, **values})
        )
        wizard.action_exclude()
        receivable.invalidate_recordset()

    def test_stops_until_released(self):
        invoice = self._invoice(self.consumer)
        account = self._read_items(invoice).receivable_id.with_user(self.collector)
        self._stop(account, "mediation", until="2026-04-01")
        self.assertRecordValues(
            account, [{"is_excluded": True, "excluded_until": False, "hold_kind": "mediation", "is_hold_manual": True}]
        )
        run = self._run(mode="dry", date=date(2027, 3, 20))
        self.assertRecordValues(run.skip_ids, [{"reason": "customer_excluded", "hold_kind": "mediation"}])
        for vals in (
            {"is_excluded": False},
            {"is_excluded": False, "hold_release_reason": "  "},
            {"hold_kind": "agreed"},
            {"hold_kind": False},
        ):
            with self.subTest(vals=vals), self.assertRaisesRegex(UserError, "release them with a reason"):
                account.write(vals)
        with self.assertRaisesRegex(ValidationError, "leave the last day empty"), self.env.cr.savepoint():
            account.excluded_until = "2026-04-01"
        account.invalidate_recordset()
        action = account.action_release()
        wizard = Form(self.env[action["res_model"]].with_user(self.collector).with_context(**action["context"]))
        self.assertIn("Letter of the mediator", wizard.stop_reasons)
        wizard.reason = "No plan was found"
        wizard.save().action_release()
        self.assertRecordValues(
            account,
            [
                {
                    "is_excluded": False,
                    "hold_kind": False,
                    "exclusion_reason": False,
                    "hold_release_reason": "No plan was found",
                    "hold_released_by_id": self.collector.id,
                    "hold_released_on": date(2026, 3, 20),
                }
            ],
        )
        body = account.message_ids[0].body
        for text in ("No plan was found", "Amicable debt mediation", "Letter of the mediator"):
            self.assertIn(text, body)
        self.assertTrue(self._run().notice_ids)
        with self.assertRaisesRegex(UserError, "not stopped"):
            account.action_release()

    def test_every_kind_of_the_law(self):
        account = self._read_items(self._invoice(self.consumer)).receivable_id
        for kind in ("instalments", "mediation", "collective", "insolvency", "death"):
            with self.subTest(kind=kind):
                self._stop(account, kind)
                self.assertTrue(account.is_hold_manual)
                account.with_user(self.collector)._release("Over")

    def test_agreed_stop_ends_by_itself(self):
        account = self._read_items(self._invoice()).receivable_id
        self._stop(account, "agreed", until="2026-04-01")
        self.assertRecordValues(account, [{"excluded_until": date(2026, 4, 1), "is_hold_manual": False}])
        account.with_user(self.collector).write({"is_excluded": False})
        self.assertFalse(account.hold_kind)

    def test_letters_under_way_stop(self):
        self._invoice()
        notice = self._run().notice_ids
        self._stop(notice.receivable_id, "insolvency")
        self.assertRecordValues(notice, [{"state": "cancelled", "skip_reason": "Customer gets no reminders"}])

    def test_item_has_no_kind(self):
        item = self._read_items(self._invoice())
        wizard = (
            self.env["commercial.receivable.exclude"]
            .with_user(self.collector)
            .with_context(active_model="commercial.receivable.item", active_ids=item.ids)
            .create({"reason": "Goods are replaced", "until": "2026-04-01"})
        )
        wizard.action_exclude()
        self.assertRecordValues(item, [{"is_excluded": True, "excluded_until": date(2026, 4, 1)}])

    def test_rights(self):
        account = self._read_items(self._invoice()).receivable_id
        self._stop(account, "death")
        with self.assertRaises(AccessError):
            account.with_user(self.assistant)._release("x")
        with self.assertRaises(AccessError):
            self.env["commercial.receivable.release"].with_user(self.assistant).create({"reason": "x"})
