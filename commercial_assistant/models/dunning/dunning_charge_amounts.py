from odoo import models


class DunningCharge(models.Model):
    _name = "commercial.dunning.charge"
    _inherit = ["commercial.dunning.charge", "commercial.currency.apart"]
