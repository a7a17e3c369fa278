from odoo import models


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = ["account.move", "commercial.complaint.count.mixin"]
    _complaint_line_field = "invoice_id"
