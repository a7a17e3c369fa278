from odoo import fields, models

from .complaint_document import GROUPS


class StockPicking(models.Model):
    _name = "stock.picking"
    _inherit = ["stock.picking", "commercial.complaint.count.mixin", "commercial.complaint.document.mixin"]
    _complaint_line_field = "picking_id"

    complaint_use = fields.Selection(
        selection=[
            ("return", "Return of the goods"),
            ("replacement", "Replacement"),
            ("repaired", "Repaired goods"),
        ],
        readonly=True,
        copy=False,
        groups=GROUPS,
    )

    def _action_done(self):
        """What came back or left settles the solution it was made for."""
        result = super()._action_done()
        self._follow_complaint_solution()
        return result

    def action_cancel(self):
        result = super().action_cancel()
        self._follow_complaint_solution()
        return result

    def _create_backorder_picking(self):
        """What comes later belongs to the same solution."""
        backorder = super()._create_backorder_picking()
        # sudo: the link is not written by hand
        picking_sudo = self.sudo()
        if picking_sudo.complaint_solution_id:
            backorder.sudo().write(
                {
                    "complaint_solution_id": picking_sudo.complaint_solution_id.id,
                    "complaint_use": picking_sudo.complaint_use,
                }
            )
        return backorder
