from odoo import api, models


class Complaint(models.Model):
    """What a confidential complaint is about does not stand in its name for others."""

    _inherit = "commercial.complaint"

    @api.depends_context("uid")
    @api.depends("name", "subject", "is_confidential")
    def _compute_display_name(self):
        super()._compute_display_name()
        if self.env.user.has_group("commercial_assistant.group_complaint_confidential"):
            return
        for complaint in self.filtered("is_confidential"):
            complaint.display_name = complaint.name
