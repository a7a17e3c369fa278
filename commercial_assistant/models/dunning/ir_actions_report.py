from odoo import models


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def retrieve_attachment(self, record):
        """Print a reminder again from the letter that left, not from another file of the same name."""
        if record._name in ("commercial.dunning.notice", "commercial.dunning.charge.letter"):
            return record.attachment_id or None
        return super().retrieve_attachment(record)
