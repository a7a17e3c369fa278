from odoo import fields, models


class DunningPolicyLevel(models.Model):
    _inherit = "commercial.dunning.policy.level"

    sets_credit_hold = fields.Boolean(
        help="When a letter of this level was delivered, new orders of the customer wait until it is paid."
    )
    proposes_handover = fields.Boolean(
        string="Proposes hand-over",
        help="When the last day to pay of a delivered letter of this level has passed, a hand-over for collection is "
        "proposed.",
    )
