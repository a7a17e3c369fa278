from odoo import models


class ComplaintSolution(models.Model):
    """What a solution costs the company, and what it may offer."""

    _inherit = "commercial.complaint.solution"

    def _get_missing_to_offer(self):
        """What this solution lacks before the customer hears of it: a list of phrases."""
        self.ensure_one()
        missing = []
        if self.kind in ("price_reduction", "goodwill") and not self.document_amount:
            missing.append(self.env._("the amount of “%(solution)s”", solution=self.display_name))
        if self.return_need in ("before", "after") and not self._get_returns():
            missing.append(self.env._("the return of the goods for “%(solution)s”", solution=self.display_name))
        return missing

    def _get_cost(self):
        """The cost of this solution to the company, in its currency; nothing while it is only an idea.

        What leaves counts at cost, and so does, as a gain, what comes back and is sold again: together that is the
        value of the goods which are lost. Credits count without VAT. Before the documents exist, what was agreed
        counts.
        """
        self.ensure_one()
        if self.state in ("draft", "refused", "cancelled"):
            return 0.0
        # sudo: costs are hidden from sales people; only the sum is shown
        solution_sudo = self.sudo()
        return solution_sudo.currency_id.round(getattr(solution_sudo, f"_get_cost_{self.kind}")())

    def _get_cost_information(self):
        return 0.0

    def _get_cost_repair(self):
        return self.amount

    def _get_cost_supplier(self):
        return self.amount

    def _get_cost_replacement(self):
        done = self.picking_ids.move_ids.filtered(lambda move: move.state == "done")
        if not done:
            return self.line_id._get_unit_cost() * self.quantity
        return self._get_goods_cost(done)

    def _get_cost_return(self):
        """What went back to stock is sold again; the rest is lost, and costs nothing more than it did."""
        return -self.line_id._get_unit_cost() * self._get_resold_quantity()

    def _get_cost_credit_full(self):
        return self._get_credit_cost()

    def _get_cost_credit_partial(self):
        return self._get_credit_cost()

    def _get_cost_price_reduction(self):
        return self._get_credit_cost()

    def _get_cost_goodwill(self):
        return self._get_credit_cost()

    def _get_credit_cost(self):
        moves = self.move_ids.filtered(lambda move: move.state != "cancel")
        return abs(sum(moves.mapped("amount_untaxed_signed"))) if moves else self.amount

    def _get_goods_cost(self, moves):
        """The value of finished moves; where the accounting knows none, the cost of the product."""
        value = 0.0
        for move in moves:
            quantity = move.product_uom._compute_quantity(move.quantity, move.product_id.uom_id)
            product = move.product_id.with_company(self.company_id)
            value += abs(move.value) or quantity * product.standard_price
        return value
