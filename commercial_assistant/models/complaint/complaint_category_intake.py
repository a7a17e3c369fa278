from odoo import fields, models


class ComplaintCategory(models.Model):
    _inherit = "commercial.complaint.category"

    is_portal = fields.Boolean(
        string="Customers can choose it",
        default=True,
        help="Offered to customers who complain in the portal.",
    )
