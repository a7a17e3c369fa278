from odoo import api, models


class ComplaintLine(models.Model):
    _inherit = "commercial.complaint.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.filtered("invoice_line_id").complaint_id._open_disputes()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if "invoice_line_id" in vals:
            self.filtered("invoice_line_id").complaint_id._open_disputes()
        return result
