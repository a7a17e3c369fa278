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

    def _get_complaint_credit_lines(self):
        """The lines of credit notes of this invoice about the same product, drafts included."""
        self.ensure_one()
        credits_ = self.move_id.reversal_move_ids.filtered(
            lambda move: move.state != "cancel" and move.move_type == "out_refund"
        )
        return credits_.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
            and line.product_id == self.product_id
            and line.currency_id == self.currency_id
        )

    def _get_complaint_creditable(self):
        """How many units of this invoice line are not credited yet; a lower price is no unit that went back."""
        self.ensure_one()
        left = self.quantity
        for line in self._get_complaint_credit_lines():
            if line._credits_complaint_pieces(self):
                left -= line.product_uom_id._compute_quantity(line.quantity, self.product_uom_id, round=False)
        return max(0.0, left)

    def _credits_complaint_pieces(self, invoice_line):
        """Whether this line of a credit note gives pieces back: by its solution, else by the price of the invoice."""
        self.ensure_one()
        # sudo: only to tell one kind of credit from the other
        if solution_sudo := self.move_id.sudo().complaint_solution_id:
            return solution_sudo.kind in ("credit_full", "credit_partial")
        price = invoice_line.price_subtotal / (invoice_line.quantity or 1.0)
        return not self.currency_id.compare_amounts(self.price_subtotal, price * self.quantity)

    def _get_complaint_creditable_amount(self):
        """How much of this invoice line is not credited yet, without VAT, in the currency of the invoice."""
        self.ensure_one()
        credited = sum(self._get_complaint_credit_lines().mapped("price_subtotal"))
        return max(0.0, self.currency_id.round(self.price_subtotal - credited))
