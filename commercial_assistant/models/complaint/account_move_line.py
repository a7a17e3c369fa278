from odoo import models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _prepare_complaint_line_vals(self):
        """Return how a complaint names this line of an invoice: with the line of the order, where there is one."""
        self.ensure_one()
        order_lines = self.sale_line_ids.filtered(lambda line: line.product_id == self.product_id)
        customer = self.move_id.partner_id.commercial_partner_id
        order_lines = order_lines.filtered(lambda line: line.order_id.partner_id.commercial_partner_id == customer)
        return {"invoice_line_id": self.id, "sale_line_id": order_lines[:1].id}
