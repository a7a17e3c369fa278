from odoo import fields, models


class ComplaintReopen(models.TransientModel):
    """Ask why a closed complaint goes on."""

    _name = "commercial.complaint.reopen"
    _description = "Open a Complaint Again"

    complaint_id = fields.Many2one(comodel_name="commercial.complaint", required=True, readonly=True)
    can_reopen_until = fields.Date(related="complaint_id.can_reopen_until")
    is_follow_up = fields.Boolean(compute="_compute_is_follow_up")
    reason = fields.Char(string="Why again", required=True)

    def _compute_is_follow_up(self):
        for wizard in self:
            wizard.is_follow_up = not wizard.complaint_id._may_be_reopened()

    def action_confirm(self):
        self.ensure_one()
        return self.complaint_id.action_reopen(self.reason)
