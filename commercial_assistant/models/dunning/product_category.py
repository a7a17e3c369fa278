from odoo import fields, models

from .claim_kind import CLAIM_KINDS


class ProductCategory(models.Model):
    _inherit = "product.category"

    claim_kind = fields.Selection(
        selection=CLAIM_KINDS,
        string="Kind of claim",
        help="Decides after how long a claim for such products lapses by prescription. Empty: as the category above, "
        "else as the customer.",
    )

    def write(self, vals):
        result = super().write(vals)
        if "claim_kind" in vals or "parent_id" in vals:
            self.env["commercial.receivable.item"].sudo()._forget_claim_kinds()
        return result
