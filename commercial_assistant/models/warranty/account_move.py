from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _post(self, soft=True):
        """A guarantee that starts with the invoice takes the date of the first one."""
        posted = super()._post(soft=soft)
        invoices = posted.filtered(lambda move: move.move_type == "out_invoice")
        if invoices:
            # whoever posts an invoice needs no right on the register
            self.env["commercial.warranty"].sudo()._follow_invoices(invoices)
        return posted
