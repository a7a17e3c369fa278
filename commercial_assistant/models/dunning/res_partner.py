from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    receivable_ids = fields.One2many(
        comodel_name="commercial.receivable",
        inverse_name="partner_id",
        string="Customer accounts",
        groups="commercial_assistant.group_assistant,commercial_assistant.group_collector",
    )
