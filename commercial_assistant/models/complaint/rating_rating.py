from odoo import fields, models


class Rating(models.Model):
    _inherit = "rating.rating"

    is_confidential = fields.Boolean(
        string="Confidential",
        readonly=True,
        copy=False,
        help="About a confidential complaint: seen by the group of these only.",
    )
