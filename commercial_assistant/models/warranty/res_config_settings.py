from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    warranty_customer_months = fields.Integer(related="company_id.warranty_customer_months", readonly=False)
    warranty_supplier_months = fields.Integer(related="company_id.warranty_supplier_months", readonly=False)
