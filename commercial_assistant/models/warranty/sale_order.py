from odoo import fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    warranty_count = fields.Integer(compute="_compute_warranty_count", groups="commercial_assistant.group_assistant")

    def _compute_warranty_count(self):
        domain = [("order_id", "in", self.ids)]
        counts = dict(self.env["commercial.warranty"]._read_group(domain, ["order_id"], ["__count"]))
        for order in self:
            order.warranty_count = counts.get(order, 0)

    def action_open_warranties(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.warranty_action")
        action["domain"] = [("order_id", "=", self.id)]
        action["context"] = {}
        return action
