from odoo import fields, models


class DunningPolicyLevel(models.Model):
    _inherit = "commercial.dunning.policy.level"

    sets_credit_hold = fields.Boolean(
        string="Sets a credit hold",
        help="When this letter is delivered, new orders of the customer wait for a release.",
    )
    proposes_handover = fields.Boolean(
        string="Proposes hand-over",
        help="When the time given in this letter is over, the invoices are proposed for collection by others.",
    )
