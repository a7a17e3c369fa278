from odoo import fields, models


class DunningChargeWaive(models.TransientModel):
    """Ask for the approval to drop charges."""

    _name = "commercial.dunning.charge.waive"
    _description = "Waive Charges"

    charge_ids = fields.Many2many(
        comodel_name="commercial.dunning.charge",
        relation="commercial_dunning_charge_waive_rel",
        string="Charges",
        required=True,
    )
    reason = fields.Text(required=True)

    def action_request(self):
        self.ensure_one()
        requests = self.charge_ids._request_waiver(self.reason)
        return requests._get_records_action(name=self.env._("Approval of the waiver"))
