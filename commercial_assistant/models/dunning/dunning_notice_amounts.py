from odoo import models


class DunningNotice(models.Model):
    _name = "commercial.dunning.notice"
    _inherit = ["commercial.dunning.notice", "commercial.currency.apart"]
