from odoo import api, models


class CommercialApprovalRule(models.Model):
    _inherit = "commercial.approval.rule"

    @api.model
    def _selection_purpose(self):
        waive_charge = self.env._("Waive a charge")
        payment_plan = self.env._("Agree to a payment plan")
        return [*super()._selection_purpose(), ("waive_charge", waive_charge), ("payment_plan", payment_plan)]
