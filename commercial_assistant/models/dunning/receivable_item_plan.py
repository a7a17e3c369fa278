from odoo import api, fields, models
from odoo.exceptions import UserError

from .dunning_run import to_decimal

# what keeps a part of an item out of a plan: it is not agreed that it is owed, or somebody else collects it
SETTLED_ELSEWHERE = ("commercial.collection.handover", "commercial.dispute")


class ReceivableItem(models.Model):
    _inherit = "commercial.receivable.item"

    plan_item_ids = fields.One2many(
        comodel_name="commercial.payment.plan.item",
        inverse_name="item_id",
        string="Payment plans",
    )
    payment_plan_id = fields.Many2one(
        comodel_name="commercial.payment.plan",
        string="Payment plan",
        compute="_compute_payment_plan_id",
        search="_search_payment_plan_id",
        help="The plan that is asked for, proposed or active for this item.",
    )

    @api.depends("plan_item_ids.is_live")
    def _compute_payment_plan_id(self):
        live = self.env["commercial.payment.plan.item"].search([("item_id", "in", self.ids), ("is_live", "=", True)])
        plans = {covered.item_id: covered.plan_id for covered in live}
        for item in self:
            item.payment_plan_id = plans.get(item, False)

    def _search_payment_plan_id(self, operator, value):
        if operator != "in":
            return NotImplemented
        live = [("is_live", "=", True)]
        plans = [plan for plan in value if plan]
        found = [("plan_item_ids", "any", [*live, ("plan_id", "in", plans)])]
        if False not in value:
            return found
        none = ["!", ("plan_item_ids", "any", live)]
        return ["|", *none, *found] if plans else none

    # --- ACTIONS ---

    def action_make_payment_plan(self):
        """Spread these items over instalments."""
        if len(self.receivable_id) != 1 or len(self.currency_id) != 1:
            raise UserError(self.env._("Choose invoices of one customer and one currency."))
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.payment_plan_make_action")
        action["context"] = {
            "default_receivable_id": self.receivable_id.id,
            "default_currency_id": self.currency_id.id,
            "commercial_assistant_item_ids": self.ids,
        }
        return action

    # --- BUSINESS ---

    def _get_plannable_amounts(self):
        """Return what of these items can be paid in instalments: what is open, undisputed and not on its way.

        :return: ``{item id: amount}``, only of open items
        """
        # the run knows how to read items; reading them here lends nothing that the caller cannot see
        Run_sudo = self.env["commercial.dunning.run"].sudo()
        self.flush_model()
        rows = Run_sudo._fetch_items(self.receivable_id.ids, self.ids)
        left = {row["id"]: to_decimal(row["amount_residual"]) for row in rows}
        holds = {}
        for model_name in SETTLED_ELSEWHERE:
            if model_name in self.env:
                for item_id, found in self.env[model_name].sudo()._fetch_dunning_holds(rows, holds).items():
                    holds.setdefault(item_id, []).extend(found)
        for item_id, found in Run_sudo._fetch_payment_holds(rows).items():
            holds.setdefault(item_id, []).extend(found)
        for item_id, found in holds.items():
            for hold in found:
                left[item_id] -= left[item_id] if hold.amount is None else min(hold.amount, left[item_id])
        return {item_id: float(amount) for item_id, amount in left.items()}
