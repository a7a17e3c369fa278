from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    collector_type = fields.Selection(
        selection=[
            ("lawyer", "Lawyer"),
            ("bailiff", "Bailiff"),
            ("agency", "Collection agency"),
        ],
        string="Collects debts as",
        help="Whoever collects debts for us.",
    )
    collection_registration = fields.Char(
        string="Registration with FPS Economy",
        help="Whoever collects debts of consumers for others must be registered with the Belgian FPS Economy; lawyers "
        "and bailiffs are exempt.",
    )

    def write(self, vals):
        result = super().write(vals)
        if not {"customer_kind", "is_company", "vat", "company_registry"}.isdisjoint(vals):
            # the kind of customer decides after how long a claim lapses
            self.env["commercial.receivable.item"].sudo()._forget_claim_kinds(self.commercial_partner_id.ids)
        return result
