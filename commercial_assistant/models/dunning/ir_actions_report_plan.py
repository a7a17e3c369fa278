from odoo import models


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def retrieve_attachment(self, record):
        """Print an agreement again from the one that left."""
        if record._name == "commercial.payment.plan":
            return record.attachment_id or None
        return super().retrieve_attachment(record)
