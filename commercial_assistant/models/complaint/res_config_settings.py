from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    complaint_currency_id = fields.Many2one(related="company_id.currency_id", string="Currency of complaints")
    complaint_manager_id = fields.Many2one(related="company_id.complaint_manager_id", readonly=False)
    complaint_escalation_amount = fields.Monetary(
        related="company_id.complaint_escalation_amount",
        readonly=False,
        currency_field="complaint_currency_id",
    )
    complaint_reopen_days = fields.Integer(related="company_id.complaint_reopen_days", readonly=False)
    complaint_asks_rating = fields.Boolean(related="company_id.complaint_asks_rating", readonly=False)
