from odoo import fields, models


class StockLot(models.Model):
    _inherit = "stock.lot"

    warranty_count = fields.Integer(compute="_compute_warranty_count", groups="commercial_assistant.group_assistant")

    def _compute_warranty_count(self):
        counts = dict(
            self.env["commercial.warranty"]._read_group([("lot_id", "in", self.ids)], ["lot_id"], ["__count"])
        )
        for lot in self:
            lot.warranty_count = counts.get(lot, 0)

    def action_open_warranties(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.warranty_action")
        action["domain"] = [("lot_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_check_warranty(self):
        """Record whether this serial number is covered today, and open the answer."""
        self.ensure_one()
        warranties = self.env["commercial.warranty"]
        check = warranties._check(
            self.product_id,
            self,
            self.env["sale.order.line"],
            self.env["res.partner"],
            fields.Date.context_today(self),
        )
        return check._get_records_action()
