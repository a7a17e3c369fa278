from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    promise_grace_days = fields.Integer(
        string="Grace of promises",
        default=2,
        help="Working days after the promised day in which the money may still arrive.",
    )
    promise_portal_days = fields.Integer(
        string="Longest promise in the portal",
        default=30,
        help="Calendar days ahead that a customer may choose in the portal. Whoever needs more time asks for a payment "
        "plan.",
    )

    _promise_days_positive = models.Constraint(
        "CHECK (promise_grace_days >= 0 AND promise_portal_days >= 0)", "The days of promises are not negative."
    )
