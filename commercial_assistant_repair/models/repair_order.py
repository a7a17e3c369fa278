from odoo import api, fields, models

GROUPS = "commercial_assistant.group_assistant,commercial_assistant.group_collector"


class RepairOrder(models.Model):
    _inherit = "repair.order"

    complaint_solution_id = fields.Many2one(
        comodel_name="commercial.complaint.solution",
        string="Made for solution",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups=GROUPS,
    )
    complaint_id = fields.Many2one(
        related="complaint_solution_id.complaint_id",
        string="Complaint",
        groups=GROUPS,
    )
    complaint_picking_id = fields.Many2one(
        comodel_name="stock.picking",
        string="Back to the customer by",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
    )
    is_complaint_repair = fields.Boolean(
        compute="_compute_is_complaint_repair",
        groups=GROUPS,
        help="Whether the user may see the complaint for which this repair order was made.",
    )

    @api.depends_context("uid")
    @api.depends("complaint_solution_id.is_confidential")
    def _compute_is_complaint_repair(self):
        # the record rules decide: a confidential complaint shows no button
        solutions = self.sudo().complaint_solution_id.sudo(False)._filtered_access("read")
        for repair in self:
            repair.is_complaint_repair = repair.sudo().complaint_solution_id.id in solutions._ids

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
        self.sudo().complaint_solution_id._follow()  # see action_repair_done
        return result

    def unlink(self):
        solutions_sudo = self.sudo().complaint_solution_id
        result = super().unlink()
        solutions_sudo.invalidate_recordset(["repair_order_ids"])
        solutions_sudo._follow()
        return result

    def action_open_complaint(self):
        self.ensure_one()
        return self.complaint_id._get_records_action()
