from odoo import api, models


class WarrantyAnswerReport(models.AbstractModel):
    _name = "report.commercial_assistant.report_warranty_answer"
    _description = "Answer About a Guarantee"

    @api.model
    def _get_report_values(self, docids, data=None):
        """The documents are sendings; what they say comes from the verdict they belong to."""
        dispatches = self.env["commercial.dispatch"].browse(docids)
        letters = {dispatch.id: dispatch._get_document()._prepare_letter() for dispatch in dispatches}
        return {"doc_ids": docids, "doc_model": dispatches._name, "docs": dispatches, "letters": letters}
