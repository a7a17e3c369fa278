from odoo import api, fields, models

GROUPS = "commercial_assistant.group_assistant,commercial_assistant.group_collector"


class StockPicking(models.Model):
    _name = "stock.picking"
    _inherit = ["stock.picking", "commercial.complaint.count.mixin"]
    _complaint_line_field = "picking_id"

    complaint_solution_id = fields.Many2one(
        comodel_name="commercial.complaint.solution",
        string="Made for solution",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups=GROUPS,
    )
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
    complaint_id = fields.Many2one(
        related="complaint_solution_id.complaint_id",
        string="Complaint",
        groups=GROUPS,
    )
    is_complaint_transfer = fields.Boolean(
        compute="_compute_is_complaint_transfer",
        groups=GROUPS,
        help="Whether the user may see the complaint for which this transfer was made.",
    )

    @api.depends_context("uid")
    @api.depends("complaint_solution_id.is_confidential")
    def _compute_is_complaint_transfer(self):
        # the record rules decide: a confidential complaint shows no button
        solutions = self.sudo().complaint_solution_id.sudo(False)._filtered_access("read")
        for picking in self:
            picking.is_complaint_transfer = picking.sudo().complaint_solution_id.id in solutions._ids

    def _action_done(self):
        """What came back or left settles the solution it was made for."""
        result = super()._action_done()
        # whoever works in the warehouse needs no right on complaints
        self.sudo().complaint_solution_id._follow()
        return result

    def action_cancel(self):
        result = super().action_cancel()
        self.sudo().complaint_solution_id._follow()  # see _action_done
        return result

    def unlink(self):
        solutions_sudo = self.sudo().complaint_solution_id
        result = super().unlink()
        solutions_sudo.invalidate_recordset(["picking_ids"])
        solutions_sudo._follow()
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

    def action_open_complaint(self):
        self.ensure_one()
        return self.complaint_id._get_records_action()
