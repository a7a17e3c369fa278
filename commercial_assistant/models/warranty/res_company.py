from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    warranty_customer_months = fields.Integer(
        string="Guarantee to businesses",
        default=12,
        help="Months that our terms of sale give to businesses and public authorities. 0: no guarantee by contract.",
    )
    warranty_supplier_months = fields.Integer(
        string="Guarantee of suppliers",
        default=12,
        help="Months that suppliers give us when nothing else was agreed. 0: none.",
    )
    warranty_history_from = fields.Date(help="First day of the deliveries that still have to be read.")
    warranty_history_to = fields.Date(help="Last day of the deliveries that still have to be read.")

    _warranty_months_not_negative = models.Constraint(
        "CHECK (COALESCE(warranty_customer_months, 0) >= 0 AND COALESCE(warranty_supplier_months, 0) >= 0)",
        "Months of guarantee are not negative.",
    )
