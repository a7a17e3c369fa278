from datetime import date
from decimal import Decimal

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .test_dunning_dispute import ClaimCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-20 09:00:00")
class TestContributions(ClaimCommon):
    """What disputes, promises, plans, hand-overs and booked charges tell worklist, score, history and key figures."""

    def setUp(self):
        super().setUp()
        self.invoice = self._invoice(amount=1000)
        self.items = self._read_items(self.invoice)
        self.account = self.items.receivable_id.with_context(lang="en_US")

    def _promise(self, amount=400, day="2026-03-27"):
        return self.Promise.with_user(self.assistant)._take_down(
            self.account, amount, self.company.currency_id, date.fromisoformat(day), items=self.items
        )

    def _look(self):
        self.env["commercial.receivable"]._refresh_items(self.company)
        self.env["commercial.receivable"]._refresh_work(self.company)
        return self.account

    def _figures(self):
        self.env["commercial.receivable.kpi"]._write_day(self.company, date.today())
        return self.env["commercial.receivable.kpi"].search(
            [("company_id", "=", self.company.id), ("date", "=", date.today()), ("customer_kind", "=", "business")]
        )

    def _call(self):
        call = self.env["commercial.receivable.call"].with_user(self.collector)
        call.create({"receivable_id": self.account.id, "result": "reached"}).action_done()

    def test_promise(self):
        self._promise()
        self._look()
        actions = self.account._get_next_actions()[self.account.id]
        self.assertIn(("promise_due", date(2026, 3, 27)), [(action.code, action.on) for action in actions])
        self.assertIn("400.00", self.account.timeline)
        with freeze_time("2026-04-10 09:00:00"):
            self.assertEqual(self._look().next_action, "promise_broken")
            self.assertIn("03/27/2026", self.account.next_action_text)
            self.assertEqual(self.account.score_data["promises_due"], 1)
            self.assertIn("1 promises broken", self.account.priority_text)
            self.assertRecordValues(self._figures(), [{"promise_due_count": 1, "promise_kept_rate": 0}])
            self._call()
            self.assertNotIn("promise_broken", self.account.action_codes or "")
            # the next promise is awaited
            self._promise(day="2026-04-17")
            self.assertNotIn("promise_broken", self._look().action_codes or "")

    def test_promise_kept(self):
        self._promise()
        self._pay(self.invoice, 400, day="2026-03-25")
        with freeze_time("2026-04-10 09:00:00"):
            self._look()
            self.assertNotIn("promise", self.account.action_codes or "")
            self.assertEqual(self.account.score_data["by_promises"], 0)
            self.assertRecordValues(self._figures(), [{"promise_kept_count": 1, "promise_kept_rate": 100}])

    def test_dispute(self):
        dispute = self._dispute(self.invoice, amounts=[300])
        self._look()
        self.assertIn(" dispute_waiting ", self.account.action_codes)
        self.assertEqual(self.account.next_action, "dispute_waiting")
        self.assertIn(dispute.name, self.account.timeline)
        self.assertEqual(self.account.score_data["by_disputes"], 3)
        self.assertRecordValues(self._figures(), [{"amount_disputed": 300, "dispute_share": 30}])
        dispute.with_user(self.collector).action_investigate()
        self._look()
        self.assertNotIn("dispute_waiting", self.account.action_codes or "", "until its deadline")
        with freeze_time(dispute.deadline):
            self.assertIn("dispute_waiting", self._look().action_codes)
        self._settle(dispute, "upheld")
        self._look()
        self.assertNotIn("dispute_waiting", self.account.action_codes or "")
        self.assertEqual(self.account.score_data["by_disputes"], 0, "the customer was right")

    def test_plan(self):
        plan = (
            self.env["commercial.payment.plan"]
            .sudo()
            .create(
                {
                    "receivable_id": self.account.id,
                    "currency_id": self.company.currency_id.id,
                    "item_ids": [Command.create({"item_id": self.items.id, "amount": 1000})],
                    "line_ids": [
                        Command.create({"sequence": 1, "date": "2026-03-25", "amount": 500}),
                        Command.create({"sequence": 2, "date": "2026-04-25", "amount": 500}),
                    ],
                }
            )
        )
        self.env.flush_all()
        self.env.cr.execute("UPDATE commercial_payment_plan SET state = 'active' WHERE id = %s", [plan.id])
        plan.invalidate_recordset()
        self.env["commercial.receivable"]._refresh_work(self.company)
        self.assertNotIn("plan_broken", self.account.action_codes or "")
        with freeze_time("2026-03-26 09:00:00"):
            self.env["commercial.receivable"]._refresh_work(self.company)
            self.assertIn("plan_broken", self.account.action_codes)
            self.assertIn(plan.name, self.account.timeline)

    def test_handover(self):
        handover = (
            self.env["commercial.collection.handover"]
            .sudo()
            .create(
                {
                    "company_id": self.company.id,
                    "receivable_id": self.account.id,
                    "line_ids": [Command.create({"item_id": self.items.id})],
                }
            )
        )
        self._look()
        self.assertIn(
            "handover_proposed", {action.code for action in self.account._get_next_actions()[self.account.id]}
        )
        self.assertIn(handover.name, self.account.timeline)

    def test_call_opens_the_forms(self):
        for result, model in (
            ("promise", "commercial.payment.promise.register"),
            ("dispute", "commercial.dispute.register"),
            ("plan", "commercial.payment.plan.make"),
        ):
            with self.subTest(result=result):
                call = self.env["commercial.receivable.call"].with_user(self.collector)
                action = call.create({"receivable_id": self.account.id, "result": result}).action_done()
                self.assertEqual(action["res_model"], model)
                self.assertEqual(action["context"]["default_receivable_id"], self.account.id)

    def test_booked_charges_are_told_once(self):
        """A charge that is booked is a journal item of the customer; the statement does not add it again."""
        level = self.business_policy.level_ids.filtered(lambda level: level.kind == "second_reminder")
        self.items.sudo().write({"level_id": level.id, "last_delivered_on": "2026-03-02"})
        with freeze_time("2026-04-10 09:00:00"):
            run = self._run("2026-04-10")
            self._deliver(run)
            charges = run.notice_ids.charge_ids
            total = Decimal(str(sum(charges.mapped("amount"))))
            self.assertTrue(total)
            options = {"date": "2026-04-10", "with_charges": True}

            def statement():
                [section] = self.account._load_statements(options)[self.account.id]
                return section

            self.assertEqual(statement().charged, total)
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE commercial_dunning_charge SET booking_state = 'booked' WHERE id = ANY(%s)", [charges.ids]
            )
            charges.invalidate_recordset()
            self.assertEqual(statement().charged, 0)

    def test_queries_do_not_grow(self):
        costs = []
        for count in (2, 20):
            accounts = self.env["commercial.receivable"]
            for number in range(count):
                move = self._invoice(self._create_customer(f"Work{count}x{number} Customer"), amount=100)
                items = self._read_items(move)
                accounts |= items.receivable_id
                self.Promise.with_user(self.assistant)._take_down(
                    items.receivable_id, 40, self.company.currency_id, date(2026, 3, 27), items=items
                )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["commercial.receivable"]._refresh_work(self.company, accounts.ids)
            costs.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(costs[1], costs[0])
