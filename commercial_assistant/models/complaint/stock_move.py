from odoo import models


class StockMove(models.Model):
    _inherit = "stock.move"

    def _get_complaint_quantity(self, lot):
        """The quantity of this move, of one lot where one is given; planned where it is not done."""
        self.ensure_one()
        if lot:
            lines = self.move_line_ids.filtered(lambda line: line.lot_id == lot)
            return sum(
                line.product_uom_id._compute_quantity(line.quantity, self.product_uom, round=False) for line in lines
            )
        return self.quantity if self.state == "done" else max(self.product_uom_qty, self.quantity)

    def _get_complaint_returnable(self, lot):
        """What of a delivery can still come back, in the unit of the move: Odoo's own wizard does not ask.

        Returns that are planned count as if they were done.
        """
        self.ensure_one()
        left = self._get_complaint_quantity(lot)
        for back in self.returned_move_ids.filtered(lambda move: move.state != "cancel"):
            # a planned return without reserved serial numbers says no lot: it is one of them
            quantity = back._get_complaint_quantity(lot) if back.move_line_ids or not lot else back.product_uom_qty
            left -= back.product_uom._compute_quantity(quantity, self.product_uom, round=False)
        return max(0.0, self.product_uom.round(left))
