from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    promise_grace_days = fields.Integer(related="company_id.promise_grace_days", readonly=False)
    promise_portal_days = fields.Integer(related="company_id.promise_portal_days", readonly=False)
