from odoo import fields, models


class DunningPolicy(models.Model):
    _inherit = "commercial.dunning.policy"

    send_statement = fields.Boolean(
        string="Monthly statement",
        help="Customers of this policy get a statement of account every month, when the company sends them.",
    )
