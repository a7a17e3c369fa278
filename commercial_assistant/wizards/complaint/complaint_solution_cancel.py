from odoo import fields, models


class ComplaintSolutionCancel(models.TransientModel):
    """Ask why a solution is cancelled."""

    _name = "commercial.complaint.solution.cancel"
    _description = "Cancel a Solution"

    solution_id = fields.Many2one(
        comodel_name="commercial.complaint.solution",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    document_names = fields.Char(related="solution_id.document_names")
    reason = fields.Char(string="Why", required=True)

    def action_cancel_solution(self):
        self.ensure_one()
        self.solution_id._cancel(self.reason)
        return {"type": "ir.actions.act_window_close"}
