import json
from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common_plan import PlanCommon

MODELS = ("commercial.payment.plan", "commercial.payment.plan.item", "commercial.payment.plan.line")


@tagged("post_install", "-at_install")
@freeze_time("2026-03-20 09:00:00")
class TestPlanAccess(PlanCommon):
    def test_employee_sees_nothing(self):
        employee = new_test_user(self.env, "plan_employee", "base.group_user", company_id=self.company.id)
        for model in (*MODELS, "commercial.payment.plan.make", "commercial.payment.plan.close"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(employee).search([])

    def test_assistant_drafts(self):
        """An assistant puts a plan together; sending and starting it is the work of collectors."""
        plan = self._make([self._invoice()], user=self.assistant)
        self.assertEqual(plan.state, "draft")
        plan.break_days = 20
        plan.line_ids[0].amount = 333.33
        for action in ("propose", "activate", "cancel", "reset", "refuse", "reinstate", "send_break_notice"):
            with self.subTest(action=action), self.assertRaises(AccessError):
                getattr(plan, f"action_{action}")()
        self.assertTrue(plan.action_follow())
        self.assertTrue(plan.action_print())
        with self.assertRaises(AccessError):
            plan.unlink()
        with self.assertRaises(AccessError):
            self.env["commercial.payment.plan.close"].with_user(self.assistant).create(
                {"plan_ids": [Command.set(plan.ids)], "reason": "No"}
            )

    def test_nobody_writes_states_or_payments(self):
        plan = self._start(self._invoice())
        for user in (self.assistant, self.collector, self.lead):
            mine = plan.with_user(user)
            for vals in ({"state": "kept"}, {"hold_until": "2030-01-01"}, {"amount_overpaid": 5}, {"sha256": "x"}):
                with self.subTest(user=user.login, **vals), self.assertRaises(UserError):
                    mine.write(vals)
            with self.assertRaises(UserError):
                mine.line_ids[0].amount_paid = 100
            with self.assertRaises(UserError):
                mine.item_ids[0].amount_paid = 100
            with self.assertRaises(UserError):
                mine.line_ids.unlink()
            with self.assertRaises(UserError):
                self.env["commercial.payment.plan"].with_user(user).create(
                    {
                        "receivable_id": plan.receivable_id.id,
                        "currency_id": plan.currency_id.id,
                        "state": "active",
                    }
                )
            mine.user_id = user
        plan.write({"signed_document": "JVBERi0=", "signed_document_name": "signed.pdf"})

    def test_team_lead_deletes_an_unused_draft(self):
        plan = self._make([self._invoice()], user=self.assistant)
        plan.with_user(self.lead).unlink()
        self.assertFalse(plan.exists())

    def test_other_company(self):
        plan = self._start(self._invoice())
        other = self.setup_other_company(name="Other BV")["company"]
        stranger = new_test_user(
            self.env,
            "plan_stranger",
            "commercial_assistant.group_team_lead",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        for model in MODELS:
            records = self.env[model].search([("company_id", "=", self.company.id)])
            with self.subTest(model=model):
                self.assertTrue(records)
                self.assertFalse(self.env[model].with_user(stranger).search([("company_id", "=", self.company.id)]))
                with self.assertRaises(AccessError):
                    records.with_user(stranger).read(["company_id"])
        for action in ("action_propose", "action_activate", "action_cancel", "action_follow", "action_change"):
            with self.subTest(action=action), self.assertRaises(AccessError):
                getattr(plan.with_user(stranger), action)()
        with self.assertRaises(AccessError):
            self.env["commercial.payment.plan.make"].with_user(stranger).with_context(
                default_receivable_id=plan.receivable_id.id
            ).create({})
        with self.assertRaises(UserError):
            self.env["commercial.payment.plan"].create(
                {"company_id": other.id, "receivable_id": plan.receivable_id.id, "currency_id": plan.currency_id.id}
            )

    def test_forms_open(self):
        self._start(self._invoice())
        for model in MODELS:
            record = self.env[model].with_user(self.assistant).search([("company_id", "=", self.company.id)], limit=1)
            views = self.env["ir.ui.view"].search([("model", "=", model), ("type", "!=", "search")])
            for view_type in set(views.mapped("type")):
                with self.subTest(model=model, view=view_type):
                    self.assertTrue(record.get_view(view_type=view_type)["arch"])
            if "form" in views.mapped("type"):
                with self.subTest(model=model):
                    Form(record)

    def test_fields_of_others(self):
        """Counts on the account, the item and the invoice, and their searches."""
        invoice, other = self._invoice(), self._invoice(amount=50)
        plan = self._start(invoice)
        self.assertEqual(plan.receivable_id.with_user(self.assistant).payment_plan_count, 1)
        self.assertEqual(invoice.payment_plan_count, 1)
        self.assertEqual(other.payment_plan_count, 0)
        Item = self.env["commercial.receivable.item"]
        mine = [("receivable_id", "=", plan.receivable_id.id)]
        self.assertEqual(Item.search([*mine, ("payment_plan_id", "!=", False)]), self._item(invoice))
        self.assertEqual(Item.search([*mine, ("payment_plan_id", "=", False)]), self._item(other))
        self.assertEqual(Item.search([*mine, ("payment_plan_id", "=", plan.id)]), self._item(invoice))
        self.assertEqual(Item.search([*mine, ("payment_plan_id", "!=", plan.id)]), self._item(other))
        for action in (
            plan.receivable_id.action_open_payment_plans(),
            invoice.action_open_payment_plans(),
        ):
            self.assertEqual(self.env[action["res_model"]].search(action["domain"]), plan)
        self.assertTrue(plan.action_open_dispatches()["domain"])
        self.assertEqual(plan.action_open_receivable()["res_id"], plan.receivable_id.id)
        self.assertEqual(plan.line_ids[0].action_open_plan()["res_id"], plan.id)
        self.assertEqual(plan.item_ids.action_open_invoice()["res_id"], invoice.id)

    def test_merged_customers(self):
        """The plans of merged customers follow to the account that stays."""
        twin = self._create_customer("Bakkerij De Smet", is_company=True)
        invoice = self._invoice(twin)
        plan = self._start(invoice)
        self._account()
        self.env["base.partner.merge.automatic.wizard"]._merge((twin | self.business).ids, self.business)
        self.env.invalidate_all()
        self.assertEqual(plan.partner_id, self.business)
        self.assertEqual(plan.receivable_id.partner_id, self.business)
        self._follow(plan, "2026-03-21")
        self.assertEqual(plan.state, "active")

    def test_settings(self):
        settings = self.env["res.config.settings"].create({})
        settings.payment_plan_break_days = 21
        settings.execute()
        self.assertEqual(self.company.payment_plan_break_days, 21)
        self.assertEqual(self._make([self._invoice()]).break_days, 21)


@tagged("post_install", "-at_install")
class TestPlanQueries(PlanCommon):
    """The number of queries does not grow with the number of plans."""

    def _measure(self, method):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        method()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    @freeze_time("2026-03-20 09:00:00")
    def test_follow(self):
        costs = []
        for count, name in ((2, "Few"), (20, "Many")):
            plans = self.env["commercial.payment.plan"]
            moves = []
            for number in range(count):
                customer = self._create_customer(f"{name} {number}", is_company=True)
                moves.append(self._invoice(customer))
                plans |= self._start(moves[-1])
            for plan, move in zip(plans, moves, strict=True):
                self._pay(move, 333.33, "2026-04-01")
                self._pay_for(plan, 20, "2026-04-01")
            plans = plans.sudo()
            with freeze_time("2026-04-02 09:00:00"):
                costs.append(self._measure(plans._follow))
                self.assertEqual(set(plans.line_ids.mapped("state")), {"paid", "partly", "due"})
                costs.append(self._measure(plans._follow))
                customers = plans.partner_id
                run = self._run(propose=False, mode="dry", partner_ids=[Command.set(customers.ids)])
                costs.append(self._measure(run.action_propose))
                self.assertEqual(set(run.skip_ids.mapped("reason")), {"plan"})
        few, many = costs[:3], costs[3:]
        for name, low, high in zip(("follow", "repeat", "run"), few, many, strict=True):
            self.assertLessEqual(high, low + 3, f"{name}: {low} queries for 2 plans, {high} for 20")


@tagged("post_install", "-at_install")
class TestPlanTour(PlanCommon, HttpCase):
    def test_tour(self):
        """From the account of a customer to a plan that is active, in the browser."""
        self.company.payment_plan_approval_amount = 0
        self._invoice(amount=900, due="2026-03-01")
        account = self._account()
        self.start_tour("/odoo/receivables", "commercial_assistant_payment_plan", login="dunning_collector")
        plan = self.env["commercial.payment.plan"].search([("receivable_id", "=", account.id)])
        self.assertRecordValues(plan, [{"state": "active", "amount_total": 900, "instalment_count": 2}])
        self.assertEqual(plan.line_ids.mapped("amount"), [450, 450])
        self.assertEqual(self._letters(plan, "agreement").state, "sent")

    @mute_logger("odoo.http")
    def test_private_methods_are_not_called_from_outside(self):
        plan = self._make([self._invoice()], first_date=date.today())
        self.authenticate("dunning_collector", "dunning_collector")
        for method, args in (
            ("_activate", [plan.ids]),
            ("_request_from_portal", [plan.receivable_id.ids, [], {}]),
            ("_cancel", [plan.ids, "x"]),
            ("_follow", [plan.ids]),
        ):
            response = self.url_open(
                f"/web/dataset/call_kw/commercial.payment.plan/{method}",
                data=json.dumps(
                    {
                        "jsonrpc": "2.0",
                        "method": "call",
                        "params": {"model": plan._name, "method": method, "args": args, "kwargs": {}},
                    }
                ),
                headers={"Content-Type": "application/json"},
            )
            self.assertIn("private", json.dumps(response.json().get("error", {})).lower(), method)
