from odoo import fields, models


class RepairOrder(models.Model):
    _name = "repair.order"
    _inherit = ["repair.order", "commercial.complaint.document.mixin"]

    complaint_picking_id = fields.Many2one(
        comodel_name="stock.picking",
        string="Back to the customer by",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
    )

    def action_repair_done(self):
        """Repaired goods of a complaint go back to the customer."""
        result = super().action_repair_done()
        # whoever repairs needs no right on complaints
        solutions_sudo = self.sudo().complaint_solution_id
        solutions_sudo._send_back()
        solutions_sudo._follow()
        return result

    def action_repair_cancel(self):
        result = super().action_repair_cancel()
        self._follow_complaint_solution()
        return result
