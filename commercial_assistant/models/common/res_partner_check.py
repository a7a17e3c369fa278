from odoo import models


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "commercial.approval.mixin"]

    def _get_approval_partner(self):
        self.ensure_one()
        return self.commercial_partner_id
