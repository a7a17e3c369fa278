from odoo import fields, models

from ...models.complaint.complaint import CANCEL_REASONS


class ComplaintCancel(models.TransientModel):
    """Ask why a complaint is none."""

    _name = "commercial.complaint.cancel"
    _description = "Cancel a Complaint"

    complaint_id = fields.Many2one(
        comodel_name="commercial.complaint",
        required=True,
        readonly=True,
    )
    commercial_partner_id = fields.Many2one(related="complaint_id.commercial_partner_id")
    company_id = fields.Many2one(related="complaint_id.company_id")
    reason = fields.Selection(selection=CANCEL_REASONS, required=True, default="duplicate")
    duplicate_of_id = fields.Many2one(
        comodel_name="commercial.complaint",
        string="Same as",
        domain="[('id', '!=', complaint_id), ('company_id', '=', company_id), ('state', '!=', 'cancelled')]",
    )
    note = fields.Char(string="Why")

    def action_cancel_complaint(self):
        self.ensure_one()
        duplicate_of = self.duplicate_of_id if self.reason == "duplicate" else None
        self.complaint_id._cancel(self.reason, self.note, duplicate_of)
        return {"type": "ir.actions.act_window_close"}
