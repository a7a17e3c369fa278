from odoo import api, fields, models

GROUPS = "commercial_assistant.group_assistant,commercial_assistant.group_collector"


class ComplaintDocument(models.AbstractModel):
    """A document of Odoo in which a solution of a complaint is carried out; what happens to it settles the solution.

    A model that inherits this calls `_follow_complaint_solution()` wherever its state changes.
    """

    _name = "commercial.complaint.document.mixin"
    _description = "Document of a Complaint"

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
    has_complaint = fields.Boolean(
        compute="_compute_has_complaint",
        groups=GROUPS,
        help="Whether the user may see the complaint for which this document was made.",
    )

    @api.depends_context("uid")
    @api.depends("complaint_solution_id.is_confidential")
    def _compute_has_complaint(self):
        # the record rules decide: a confidential complaint shows no button
        solutions = self.sudo().complaint_solution_id.sudo(False)._filtered_access("read")
        for document in self:
            document.has_complaint = document.sudo().complaint_solution_id.id in solutions._ids

    def unlink(self):
        solutions_sudo = self.sudo().complaint_solution_id
        result = super().unlink()
        # the solutions still remember what is gone
        solutions_sudo.invalidate_recordset()
        solutions_sudo._follow()
        return result

    def action_open_complaint(self):
        self.ensure_one()
        return self.complaint_id._get_records_action()

    def _follow_complaint_solution(self):
        """Let the solutions follow their documents; whoever works on a document needs no right on complaints."""
        self.sudo().complaint_solution_id._follow()
