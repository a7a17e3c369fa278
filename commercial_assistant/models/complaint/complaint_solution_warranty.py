from odoo import fields, models


class ComplaintSolution(models.Model):
    """A replacement takes over the guarantee of what it replaces; never a fresh term by chance."""

    _inherit = "commercial.complaint.solution"

    def _documents_done(self):
        was_done = self.state == "done"
        result = super()._documents_done()
        if self.kind == "replacement" and not was_done:
            self._pass_warranty_on()
        return result

    def _get_covers(self):
        """The guarantees of the customer on the goods of the line, as the last verdict found them."""
        self.ensure_one()
        rows = self.line_id.warranty_check_id.line_ids.warranty_id
        return rows.filtered(lambda row: row.side == "customer")

    def _pass_warranty_on(self):
        self.ensure_one()
        covers = self._get_covers()
        moves = self.picking_ids.move_ids.filtered(lambda move: move.state == "done")
        if not covers or not moves:
            return
        day = fields.Date.context_today(self)
        for move in moves:
            units = move.move_line_ids if move.product_id.tracking != "none" else move
            for unit in units:
                quantity = (
                    unit.quantity_product_uom
                    if unit._name == "stock.move.line"
                    else move.product_uom._compute_quantity(move.quantity, move.product_id.uom_id)
                )
                covers._replace(unit, day, f"{self._name},{self.id}:{unit._name},{unit.id}", quantity=quantity)
