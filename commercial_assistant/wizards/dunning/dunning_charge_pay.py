from odoo import fields, models


class DunningChargePay(models.TransientModel):
    """Note a payment of charges that is not matched in the accounting."""

    _name = "commercial.dunning.charge.pay"
    _description = "Charges Paid"

    charge_ids = fields.Many2many(
        comodel_name="commercial.dunning.charge",
        relation="commercial_dunning_charge_pay_rel",
        string="Charges",
        required=True,
    )
    date = fields.Date(string="Paid on", required=True, default=fields.Date.context_today)
    reference = fields.Char(required=True)

    def action_confirm(self):
        """Record the payment; a charge that is paid already stays as it is."""
        self.ensure_one()
        charges = self.charge_ids
        charges._check_collector()
        charges._check_can_mark_paid()
        charges.sudo()._record_payment(self.date, self.reference)
        return {"type": "ir.actions.act_window_close"}
