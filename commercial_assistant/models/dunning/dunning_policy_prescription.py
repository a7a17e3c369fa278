from odoo import fields, models

from .claim_kind import CLAIM_KINDS


class DunningPolicy(models.Model):
    _inherit = "commercial.dunning.policy"

    claim_kind = fields.Selection(
        selection=CLAIM_KINDS,
        string="Kind of claim",
        help="Decides after how long claims under this policy lapse by prescription. Empty: by product and customer.",
    )

    def write(self, vals):
        result = super().write(vals)
        if not {"claim_kind", "is_regular_supply"}.isdisjoint(vals):
            self.env["commercial.receivable.item"].sudo()._forget_claim_kinds()
        return result
