from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command, fields

from odoo.addons.commercial_assistant.models.common.dispatch import CommercialDispatch
from odoo.addons.commercial_assistant.models.dunning.payment_plan_letter import PaymentPlan as LetterOfPlan

from .common_dunning import DunningCommon


class PlanCommon(DunningCommon):
    """Plans of a business customer, with letters that are not rendered and mails that go nowhere."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # messages in English whatever the language of the company
        cls.env = cls.env(context={**cls.env.context, "lang": "en_US"})
        for name in ("company", "business", "consumer"):
            setattr(cls, name, getattr(cls, name).with_env(cls.env))

    def setUp(self):
        super().setUp()
        self._fake_letters()
        self.made = []

        def render(plan, kind, lines=None):
            self.made.append((plan, kind, lines))
            return b"%PDF-1.4 plan", f"<p>{plan.name} {kind}</p>"

        for target, name, fake in ((LetterOfPlan, "_render_letter", render),):
            patcher = patch.object(target, name, autospec=True, side_effect=fake)
            patcher.start()
            self.addCleanup(patcher.stop)

    def _account(self, partner=None):
        self.env["commercial.receivable"]._refresh_items(self.company)
        domain = [("company_id", "=", self.company.id), ("partner_id", "=", (partner or self.business).id)]
        return self.env["commercial.receivable"].search(domain)

    def _wizard(self, moves, user=None, **values):
        """Open the wizard for invoices as a person does, with these values."""
        self._account()
        items = self.env["commercial.receivable.item"].search([("move_id", "in", [move.id for move in moves])])
        action = items.with_user(user or self.collector).action_make_payment_plan()
        make = (
            self.env["commercial.payment.plan.make"]
            .with_user(user or self.collector)
            .with_context(**action["context"])
            .create({"number": 3, "first_date": "2026-04-01", **values})
        )
        return make

    def _make(self, moves, user=None, **values):
        make = self._wizard(moves, user, **values)
        action = make.action_make()
        return self.env["commercial.payment.plan"].with_user(user or self.collector).browse(action["res_id"])

    def _start(self, *moves, **values):
        """A plan that the customer agreed to: three instalments from 1 April 2026."""
        plan = self._make(moves, **values)
        plan.action_propose()
        plan.action_activate()
        return plan

    def _pay_for(self, plan, amount, day, **values):
        """Money on account that names the plan."""
        return self._pay_on_account(plan.partner_id, amount, day, memo=plan.payment_reference, **values)

    def _follow(self, plan, day, seconds_left=600):
        """Let the nightly job look at that day; a test has one transaction only."""
        progress = patch.object(self.registry["ir.cron"], "_commit_progress", lambda *_args, **_kwargs: seconds_left)
        with freeze_time(f"{day} 06:00:00"), progress:
            self.env["commercial.payment.plan"].sudo()._cron_follow()
        plan.invalidate_recordset()

    def _states(self, plan):
        return plan.line_ids.sorted("sequence").mapped("state")

    def _letters(self, plan, kind):
        return plan.dispatch_ids.filtered(lambda dispatch: dispatch.key.split(",")[2] == kind)

    def _request(self, *moves, values=None, partner=None):
        account = self._account(partner)
        items = self.env["commercial.receivable.item"].search([("move_id", "in", [move.id for move in moves])])
        asked = {"number": 3, "first_date": "2026-04-01", "note": "We expect money from our own customer."}
        return self.env["commercial.payment.plan"].sudo()._request_from_portal(account, items, values or asked)

    def _credit(self, move, amount, day="2026-03-25"):
        refund = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": move.partner_id.id,
                "invoice_date": day,
                "invoice_line_ids": [
                    Command.create({"product_id": self.product_a.id, "price_unit": amount, "tax_ids": False})
                ],
            }
        )
        refund.action_post()
        lines = (move | refund).line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        lines.reconcile()
        return refund

    def _day(self, text):
        return fields.Date.to_date(text)


__all__ = ["CommercialDispatch", "PlanCommon"]
