from odoo import fields, models


class PaymentPromiseCancel(models.TransientModel):
    """Ask why a promise does not count any more."""

    _name = "commercial.payment.promise.cancel"
    _description = "Cancel a Promise"

    promise_ids = fields.Many2many(
        comodel_name="commercial.payment.promise",
        relation="commercial_payment_promise_cancel_rel",
        string="Promises",
        required=True,
    )
    reason = fields.Char(required=True)

    def action_cancel_promise(self):
        self.ensure_one()
        self.promise_ids._cancel(self.reason)
        return {"type": "ir.actions.act_window_close"}
