from odoo import api, fields, models

GROUPS = "commercial_assistant.group_assistant,commercial_assistant.group_collector"


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = ["account.move", "commercial.complaint.count.mixin"]
    _complaint_line_field = "invoice_id"

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
    is_complaint_credit = fields.Boolean(
        compute="_compute_is_complaint_credit",
        groups=GROUPS,
        help="Whether the user may see the complaint for which this credit note was made.",
    )

    @api.depends_context("uid")
    @api.depends("complaint_solution_id.is_confidential")
    def _compute_is_complaint_credit(self):
        # the record rules decide: a confidential complaint shows no button
        solutions = self.sudo().complaint_solution_id.sudo(False)._filtered_access("read")
        for move in self:
            move.is_complaint_credit = move.sudo().complaint_solution_id.id in solutions._ids

    def _post(self, soft=True):
        """A posted credit note settles the solution it was made for."""
        posted = super()._post(soft)
        # whoever posts it needs no right on complaints
        posted.sudo().complaint_solution_id._follow()
        return posted

    def button_draft(self):
        result = super().button_draft()
        self.sudo().complaint_solution_id._follow()  # see _post
        return result

    def button_cancel(self):
        result = super().button_cancel()
        self.sudo().complaint_solution_id._follow()  # see _post
        return result

    def unlink(self):
        solutions_sudo = self.sudo().complaint_solution_id
        result = super().unlink()
        solutions_sudo.invalidate_recordset(["move_ids"])
        solutions_sudo._follow()
        return result

    def action_open_complaint(self):
        self.ensure_one()
        return self.complaint_id._get_records_action()
