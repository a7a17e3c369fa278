from odoo import api, models


class CustomerLetterReport(models.AbstractModel):
    _name = "report.commercial_assistant.report_customer_letter"
    _description = "Letter About a Dispute or a Promise"

    @api.model
    def _get_report_values(self, docids, data=None):
        """The documents are sendings; what they say comes from the record they belong to."""
        dispatches = self.env["commercial.dispatch"].browse(docids)
        letters = {}
        for dispatch in dispatches:
            document = dispatch._get_document()
            letters[dispatch.id] = document._prepare_customer_letter(document._get_letter_kind(dispatch))
        return {"doc_ids": docids, "doc_model": dispatches._name, "docs": dispatches, "letters": letters}
