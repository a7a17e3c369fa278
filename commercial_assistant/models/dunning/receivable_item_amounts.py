from odoo import models


class ReceivableItem(models.Model):
    _name = "commercial.receivable.item"
    _inherit = ["commercial.receivable.item", "commercial.currency.apart"]
