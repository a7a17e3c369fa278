from odoo import api, models


class CommercialApprovalRule(models.Model):
    _inherit = "commercial.approval.rule"

    @api.model
    def _selection_purpose(self):
        return [*super()._selection_purpose(), ("credit_release", self.env._("Release a credit hold"))]
