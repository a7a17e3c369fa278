from odoo import fields, models
from odoo.fields import Domain


class StockPicking(models.Model):
    _inherit = "stock.picking"

    warranty_count = fields.Integer(compute="_compute_warranty_count", groups="commercial_assistant.group_assistant")

    def _compute_warranty_count(self):
        domain = [("picking_id", "in", self.ids)]
        counts = dict(self.env["commercial.warranty"]._read_group(domain, ["picking_id"], ["__count"]))
        for picking in self:
            picking.warranty_count = counts.get(picking, 0)

    def _action_done(self):
        """Goods that reach a customer are covered from that day; what comes back is not covered meanwhile."""
        result = super()._action_done()
        # whoever moves goods needs no right on the register
        self.env["commercial.warranty"].sudo()._follow_moves(self.move_ids)
        return result

    def write(self, vals):
        result = super().write(vals)
        if vals.get("date_done"):
            # the day of a delivery was corrected: the cover starts on the right one
            self.env["commercial.warranty"].sudo()._follow_date_done(self)
        return result

    def action_open_warranties(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.warranty_action")
        action["domain"] = list(Domain("picking_id", "=", self.id))
        action["context"] = {}
        return action
