from odoo import api, fields, models


class Complaint(models.Model):
    _inherit = "commercial.complaint"

    repair_order_count = fields.Integer(string="Repair orders", compute="_compute_repair_order_count")

    @api.depends("solution_ids.state")
    def _compute_repair_order_count(self):
        # sudo: that a repair order was made may be known to whoever sees the complaint
        counts = self._count_by_complaint(self.env["repair.order"].sudo())
        for complaint in self:
            complaint.repair_order_count = counts.get(complaint.id, 0)

    def action_view_repair_orders(self):
        return self._view_documents("repair_order_ids", self.env._("Repair orders"))
