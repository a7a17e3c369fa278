from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    handover_collector_id = fields.Many2one(related="company_id.handover_collector_id", readonly=False)
    handover_mail_limit = fields.Integer(related="company_id.handover_mail_limit", readonly=False)
