from odoo import api, fields, models


class ComplaintCancel(models.TransientModel):
    _inherit = "commercial.complaint.cancel"

    similar_ids = fields.Many2many(related="complaint_id.similar_ids")
    take_over = fields.Boolean(
        string="Take over goods and files",
        default=True,
        help="What this complaint has, and the other one has not, is added to the other one.",
    )

    def action_cancel_complaint(self):
        """Carry over first: a complaint that has ended changes no more."""
        self.ensure_one()
        merges = self.reason == "duplicate" and self.take_over and self.duplicate_of_id
        if merges:
            self.complaint_id._check_transition("cancelled")
            self.complaint_id._merge_into(self.duplicate_of_id)
        result = super().action_cancel_complaint()
        return self.duplicate_of_id._get_records_action() if merges else result

    @api.onchange("reason")
    def _onchange_reason(self):
        if self.reason == "duplicate" and not self.duplicate_of_id:
            self.duplicate_of_id = self.similar_ids[:1]
