from odoo import fields, models


class DunningPolicy(models.Model):
    _inherit = "commercial.dunning.policy"

    promise_limit = fields.Integer(
        string="Broken promises",
        default=0,
        aggregator=None,
        help="A customer who broke so many promises in the last twelve months is reminded in spite of a new one. "
        "0: every promise stops the reminders.",
    )

    _promise_limit_positive = models.Constraint("CHECK (promise_limit >= 0)", "The number of promises is not negative.")
