from odoo import api, fields, models
from odoo.exceptions import UserError

GROUPS = "commercial_assistant.group_assistant,commercial_assistant.group_collector"


class AccountMove(models.Model):
    _inherit = "account.move"

    plan_item_ids = fields.One2many(
        comodel_name="commercial.payment.plan.item",
        inverse_name="move_id",
        string="Payment plans",
        groups=GROUPS,
    )
    payment_plan_count = fields.Integer(
        string="Number of payment plans", compute="_compute_payment_plan_count", groups=GROUPS
    )

    @api.depends("plan_item_ids.plan_state")
    def _compute_payment_plan_count(self):
        counts = dict(
            self.env["commercial.payment.plan.item"]._read_group(
                [("move_id", "in", self.ids), ("plan_id.state", "!=", "cancelled")],
                ["move_id"],
                ["plan_id:count_distinct"],
            )
        )
        for move in self:
            move.payment_plan_count = counts.get(move, 0)

    def action_open_payment_plans(self):
        """Open the payment plans that cover this invoice."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.payment_plan_action")
        action["domain"] = [("item_ids.move_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_make_payment_plan(self):
        """Spread what is open of this invoice over instalments."""
        self.ensure_one()
        entity = self.partner_id.commercial_partner_id
        # the account follows the accounting, whoever looks
        self.env["commercial.receivable"].sudo()._refresh_items(self.company_id, entity.ids)
        items = self.env["commercial.receivable.item"].search([("move_id", "=", self.id), ("state", "=", "open")])
        if not items:
            raise UserError(self.env._("Nothing is open of %(invoice)s.", invoice=self.display_name))
        return items.action_make_payment_plan()
