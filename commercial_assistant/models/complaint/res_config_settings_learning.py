from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    complaint_recurring_count = fields.Integer(related="company_id.complaint_recurring_count", readonly=False)
    complaint_recurring_days = fields.Integer(related="company_id.complaint_recurring_days", readonly=False)
    complaint_hour_rate = fields.Monetary(related="company_id.complaint_hour_rate", readonly=False)
