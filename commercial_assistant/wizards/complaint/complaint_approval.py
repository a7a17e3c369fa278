from odoo import api, fields, models


class ComplaintApproval(models.TransientModel):
    """Ask for the approval of the solutions of a complaint."""

    _name = "commercial.complaint.approval"
    _description = "Ask for Approval of Solutions"

    complaint_id = fields.Many2one(
        comodel_name="commercial.complaint",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    authority_note = fields.Char(related="complaint_id.authority_note")
    reason = fields.Text(
        compute="_compute_reason",
        store=True,
        readonly=False,
        required=True,
        help="For whoever decides.",
    )

    @api.depends("complaint_id")
    def _compute_reason(self):
        for wizard in self:
            wizard.reason = wizard.complaint_id.verdict_reason

    def action_ask(self):
        self.ensure_one()
        self.complaint_id._ask_approval(self.reason)
        return {"type": "ir.actions.act_window_close"}
