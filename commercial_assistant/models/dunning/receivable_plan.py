from odoo import api, fields, models
from odoo.tools import SQL


class Receivable(models.Model):
    _inherit = "commercial.receivable"

    payment_plan_ids = fields.One2many(
        comodel_name="commercial.payment.plan",
        inverse_name="receivable_id",
        string="Payment plans",
    )
    payment_plan_count = fields.Integer(string="Number of payment plans", compute="_compute_payment_plan_count")

    @api.depends("payment_plan_ids")
    def _compute_payment_plan_count(self):
        counts = dict(
            self.env["commercial.payment.plan"]._read_group(
                [("receivable_id", "in", self.ids), ("state", "!=", "cancelled")], ["receivable_id"], ["__count"]
            )
        )
        for receivable in self:
            receivable.payment_plan_count = counts.get(receivable, 0)

    # --- ACTIONS ---

    def action_open_payment_plans(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.payment_plan_action")
        action["domain"] = [("receivable_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_make_payment_plan(self):
        """Spread what this customer owes over instalments."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.payment_plan_make_action")
        action["context"] = {"default_receivable_id": self.id}
        return action

    # --- BUSINESS ---

    @api.model
    def _refresh_items(self, company, partner_ids=None):
        """What was paid also says whether a plan still holds its items."""
        result = super()._refresh_items(company, partner_ids)
        # plans follow the payments whoever looks
        self.env["commercial.payment.plan"].sudo()._follow_company(company, partner_ids)
        return result

    def _move_to(self, survivor):
        self.env.flush_all()
        self.env.cr.execute(
            SQL("UPDATE commercial_payment_plan SET receivable_id = %s WHERE receivable_id = %s", survivor.id, self.id)
        )
        self.env["commercial.payment.plan"].invalidate_model()
        return super()._move_to(survivor)
