from odoo import models


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = ["account.move", "commercial.complaint.count.mixin", "commercial.complaint.document.mixin"]
    _complaint_line_field = "invoice_id"

    def _post(self, soft=True):
        """A posted credit note settles the solution it was made for."""
        posted = super()._post(soft)
        posted._follow_complaint_solution()
        return posted

    def button_draft(self):
        result = super().button_draft()
        self._follow_complaint_solution()
        return result

    def button_cancel(self):
        result = super().button_cancel()
        self._follow_complaint_solution()
        return result
