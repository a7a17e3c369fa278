from odoo import models


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def retrieve_attachment(self, record):
        """Print a proposal again from the one that left."""
        if record._name == "commercial.complaint.proposal":
            return record.attachment_id or None
        return super().retrieve_attachment(record)
