from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    complaint_quarantine_id = fields.Many2one(related="company_id.complaint_quarantine_id", readonly=False)
    complaint_credit_posting = fields.Selection(related="company_id.complaint_credit_posting", readonly=False)
