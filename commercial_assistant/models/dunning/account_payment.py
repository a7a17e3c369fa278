from odoo import models
from odoo.exceptions import UserError


class AccountPayment(models.Model):
    _inherit = "account.payment"

    def action_allocate_to_dunning(self):
        """Propose how this payment settles the invoices and charges of its customer."""
        self.ensure_one()
        self.env["commercial.payment.allocate"].check_access("create")
        line = self.move_id.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable" and line.amount_residual_currency < 0
        )[:1]
        if not line:
            raise UserError(
                self.env._("This payment is not booked yet or has nothing left: there is nothing to allocate.")
            )
        customer = self.partner_id.commercial_partner_id
        # accounts of customers are made by the runs; this one reads its own at once
        self.env["commercial.receivable"].sudo()._refresh_items(self.company_id, customer.ids)
        receivable = self.env["commercial.receivable"].search(
            [("company_id", "=", self.company_id.id), ("partner_id", "=", customer.id)]
        )
        if not receivable:
            raise UserError(self.env._("%(customer)s has no open invoice.", customer=customer.display_name))
        wizard = self.env["commercial.payment.allocate"]._open(receivable, line)
        return wizard._get_records_action(name=self.env._("Allocate payment"), target="new")
