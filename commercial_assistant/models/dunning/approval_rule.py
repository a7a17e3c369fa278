from odoo import api, models


class CommercialApprovalRule(models.Model):
    _inherit = "commercial.approval.rule"

    @api.model
    def _selection_purpose(self):
        return [
            *super()._selection_purpose(),
            ("waive_charge", self.env._("Waive a charge")),
            ("payment_plan", self.env._("Agree to a payment plan")),
        ]
