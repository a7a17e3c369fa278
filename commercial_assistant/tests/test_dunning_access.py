from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .common_dunning import DunningCommon

MODELS = (
    "commercial.receivable",
    "commercial.receivable.item",
    "commercial.dunning.policy",
    "commercial.dunning.policy.rule",
    "commercial.dunning.policy.level",
    "commercial.dunning.run",
    "commercial.dunning.notice",
    "commercial.dunning.notice.line",
    "commercial.dunning.charge",
    "commercial.dunning.charge.booking",
    "commercial.dunning.charge.letter",
    "commercial.dunning.skip",
)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-20 09:00:00")
class TestDunningAccess(DunningCommon):
    def setUp(self):
        super().setUp()
        self._fake_letters()

    def test_employee_sees_nothing(self):
        employee = new_test_user(self.env, "dunning_employee", "base.group_user", company_id=self.company.id)
        for model in MODELS:
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(employee).search([])

    def test_assistant_reads(self):
        self._invoice()
        run = self._run().with_user(self.assistant)
        self.assertEqual(run.notice_ids.amount_total, 1000)
        self.assertTrue(run.notice_ids.line_ids.read(["amount_residual", "description"]))
        for action in ("action_propose", "action_approve", "action_send", "action_cancel"):
            with self.subTest(action=action), self.assertRaises(AccessError):
                getattr(run, action)()
        for action in ("action_approve", "action_send", "action_cancel"):
            with self.subTest(action=action), self.assertRaises(AccessError):
                getattr(run.notice_ids, action)()
        with self.assertRaises(AccessError):
            run.notice_ids.line_ids.action_leave_out()
        with self.assertRaises(AccessError):
            self.env["commercial.dunning.run"].with_user(self.assistant).create({})
        with self.assertRaises(AccessError):
            run.notice_ids.receivable_id.write({"is_excluded": True, "exclusion_reason": "x"})

    def test_collector_works_alone(self):
        """Everything from proposing to posting, without any other right."""
        self._invoice()
        self._invoice(self.consumer)
        run = self._run(user=self.collector)
        self._deliver(run)
        self.assertEqual(set(run.notice_ids.mapped("state")), {"delivered"})
        with self.assertRaises(AccessError):
            run.unlink()
        with self.assertRaises(AccessError):
            run.notice_ids.unlink()
        with self.assertRaises(AccessError):
            self.env["commercial.dunning.charge"].with_user(self.collector).create({})

    def test_private_methods_are_private(self):
        """What lends rights cannot be called from outside."""
        for model in MODELS:
            for name in ("_deliver", "_cancel", "_approve", "_propose_chunk", "_refresh_items", "_send"):
                self.assertFalse(hasattr(self.env[model], name.lstrip("_")))

    def test_other_company(self):
        self._invoice()
        run = self._run()
        self._deliver(run)
        other = self.setup_other_company(name="Other BV")["company"]
        stranger = new_test_user(
            self.env,
            "dunning_stranger",
            "commercial_assistant.group_team_lead",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        for model in MODELS:
            records = self.env[model].search([("company_id", "=", self.company.id)])
            with self.subTest(model=model):
                if not model.startswith("commercial.dunning.charge") and model != "commercial.dunning.skip":
                    self.assertTrue(records)
                self.assertFalse(self.env[model].with_user(stranger).search([("company_id", "=", self.company.id)]))
                if records:
                    with self.assertRaises(AccessError):
                        records.with_user(stranger).read(["company_id"])
        with self.assertRaises(AccessError):
            run.with_user(stranger).action_propose()
        with self.assertRaises(AccessError):
            self.env["commercial.dunning.run"].with_user(stranger).create({"company_id": self.company.id})

    def test_one_run_reads_one_company(self):
        """The same customer owes two companies: each writes for itself."""
        data = self.setup_other_company(name="Other BV", currency_id=self.company.currency_id.id)
        other = data["company"]
        self.env["res.partner.bank"].create({"acc_number": "BE68539007547034", "partner_id": other.partner_id.id})
        self._translate_levels(self.env["commercial.dunning.policy"].search([("company_id", "=", other.id)]))
        self._invoice(amount=1000)
        Move = self.env["account.move"].with_company(other)
        invoice = Move.create(
            {
                "move_type": "out_invoice",
                "partner_id": self.business.id,
                "invoice_date": "2026-02-01",
                "invoice_date_due": "2026-03-01",
                "invoice_payment_term_id": False,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Chair",
                            "price_unit": 70,
                            "tax_ids": False,
                            "account_id": data["default_account_revenue"].id,
                        }
                    )
                ],
            }
        )
        invoice.action_post()
        self.assertEqual(self._run().notice_ids.amount_total, 1000)
        run = self.env["commercial.dunning.run"].create({"company_id": other.id})
        run.action_propose()
        self.assertRecordValues(run.notice_ids, [{"company_id": other.id, "amount_total": 70}])
        self.assertEqual(run.notice_ids.policy_id.company_id, other)
        self.assertEqual(len(self.business.receivable_ids), 2)

    def test_branch_uses_the_policies_of_its_parent(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.env["res.partner.bank"].create({"acc_number": "BE68539007547034", "partner_id": branch.partner_id.id})
        self.env.user.company_ids += branch
        receivable = self.company_data["default_account_receivable"]
        self.business.with_company(branch).property_account_receivable_id = receivable
        journal = self.company_data["default_journal_sale"]
        invoice = (
            self.env["account.move"]
            .with_company(branch)
            .create(
                {
                    "move_type": "out_invoice",
                    "company_id": branch.id,
                    "journal_id": journal.id,
                    "partner_id": self.business.id,
                    "invoice_date": "2026-02-01",
                    "invoice_date_due": "2026-03-01",
                    "invoice_payment_term_id": False,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": "Chair",
                                "price_unit": 70,
                                "tax_ids": False,
                                "account_id": self.company_data["default_account_revenue"].id,
                            }
                        )
                    ],
                }
            )
        )
        invoice.action_post()
        worker = self._create_desk_user(
            "dunning_branch",
            "commercial_assistant.group_collector",
            company_id=branch.id,
            company_ids=[Command.set(branch.ids)],
        )
        run = self.env["commercial.dunning.run"].with_user(worker).create({"company_id": branch.id})
        run.action_propose()
        self.assertRecordValues(run.notice_ids, [{"company_id": branch.id, "policy_id": self.business_policy.id}])

    def test_forms_open(self):
        """Every screen of the room opens for the weakest person who may see it."""
        self._invoice()
        self._deliver(self._run())
        for model in MODELS:
            record = self.env[model].with_user(self.assistant).search([("company_id", "=", self.company.id)], limit=1)
            views = self.env["ir.ui.view"].search([("model", "=", model), ("type", "!=", "search")])
            for view_type in set(views.mapped("type")):
                with self.subTest(model=model, view=view_type):
                    arch = record.get_view(view_type=view_type)
                    self.assertTrue(arch["arch"])
            if record and "form" in views.mapped("type"):
                with self.subTest(model=model):
                    Form(record)

    def test_settings(self):
        with self.assertRaises(UserError):
            self.company.with_user(self.collector).action_load_dunning_policies()
        settings = self.env["res.config.settings"].create({})
        self.assertTrue(settings.action_load_dunning_policies())
