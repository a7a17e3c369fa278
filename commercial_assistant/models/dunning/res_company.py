from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    dunning_active = fields.Boolean(string="Reminders", default=True)
    dunning_bank_id = fields.Many2one(
        comodel_name="res.partner.bank",
        string="Bank account of reminders",
        help="The account customers are asked to pay to. Empty: the first account of the company.",
    )
    dunning_contact_id = fields.Many2one(
        comodel_name="res.partner",
        string="Contact for reminders",
        help="Named in reminders as the desk that answers questions; replies to reminder mails go to its address. The "
        "person responsible for a customer comes first. Empty: the company itself.",
    )
