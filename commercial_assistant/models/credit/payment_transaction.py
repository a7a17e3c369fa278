from odoo import models


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _check_amount_and_confirm_order(self):
        """Never let a hold break the booking of money that has arrived.

        An order that is paid as asked is confirmed by the order itself. A smaller payment leaves the quotation as it
        is, and somebody decides about it.
        """
        stopped = self.filtered(
            lambda payment: payment.sale_order_ids.filtered(
                lambda order: order.state in ("draft", "sent") and order._is_stopped_by_credit_hold()
            )
        )
        for order_sudo in stopped.sale_order_ids.sudo():
            order_sudo._schedule_credit_hold_activity(
                self.env._(
                    "The customer paid a part, but is on credit hold: decide with the team lead whether the order goes "
                    "on."
                )
            )
        return super(PaymentTransaction, self - stopped)._check_amount_and_confirm_order()
