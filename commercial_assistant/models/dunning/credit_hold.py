from odoo import fields, models


class CreditHold(models.Model):
    _inherit = "commercial.credit.hold"

    reason = fields.Selection(
        selection_add=[("dunning", "Reminder level"), ("insolvency",)],
        ondelete={"dunning": "set default"},
    )
