from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    statement_auto = fields.Boolean(related="company_id.statement_auto", readonly=False)
    statement_day = fields.Integer(related="company_id.statement_day", readonly=False)
    ageing_limit_1 = fields.Integer(related="company_id.ageing_limit_1", readonly=False)
    ageing_limit_2 = fields.Integer(related="company_id.ageing_limit_2", readonly=False)
    ageing_limit_3 = fields.Integer(related="company_id.ageing_limit_3", readonly=False)
    ageing_limit_4 = fields.Integer(related="company_id.ageing_limit_4", readonly=False)
