from odoo import models
from odoo.exceptions import UserError


class ComplaintSolution(models.Model):
    """A return, by Odoo's own wizard, into a place where nobody sells from."""

    _inherit = "commercial.complaint.solution"

    def _execute_return(self):
        """Make a return for each delivery from which goods come back, the oldest one first."""
        self.ensure_one()
        pickings = self.env["stock.picking"]
        for picking, quantities in self._plan_return().items():
            pickings |= self._create_return(picking, quantities)
        return pickings

    def _plan_return(self):
        """``{delivery: {move: quantity}}`` of what comes back, in the unit of each move.

        :raise UserError: when more is wanted back than the customer still has
        """
        self.ensure_one()
        line = self.line_id
        returnable = line._get_returnable()
        if not returnable:
            raise UserError(
                self.env._(
                    "%(line)s: no delivery is known, so nothing can be returned. Enter the delivery or the order on "
                    "the line.",
                    line=line.display_name,
                )
            )
        left = self.quantity
        plan = {}
        for move, quantity in returnable.items():
            wanted = line.product_uom_id._compute_quantity(left, move.product_uom, round=False)
            taken = min(wanted, quantity)
            if move.product_uom.compare(taken, 0.0) <= 0:
                continue
            plan.setdefault(move.picking_id, {})[move] = taken
            left -= move.product_uom._compute_quantity(taken, line.product_uom_id, round=False)
        if line.product_uom_id.compare(left, 0.0) > 0:
            raise UserError(
                self.env._(
                    "%(line)s: %(quantity)g cannot come back. Of what was delivered, %(available)g did not come back "
                    "and is not on its way.",
                    line=line.display_name,
                    quantity=self.quantity,
                    available=line.product_uom_id.round(self.quantity - left),
                )
            )
        return plan

    def _create_return(self, delivery, quantities):
        """Call Odoo's wizard on one delivery, then lead the goods to the place where they are inspected."""
        wizard = self.env["stock.return.picking"].create({"picking_id": delivery.id})
        for wizard_line in wizard.product_return_moves:
            wizard_line.quantity = quantities.get(wizard_line.move_id, 0.0)
            wizard_line.to_refund = self.touches_order
        picking = wizard._create_return()
        picking.write({"complaint_solution_id": self.id, "complaint_use": "return"})
        self._redirect(picking, self.company_id._get_complaint_quarantine())
        self._keep_lot(picking.move_ids)
        return picking

    def _redirect(self, picking, location):
        """The picking, its moves and what is reserved already go to another place."""
        picking.location_dest_id = location
        picking.move_ids.location_dest_id = location
        picking.move_ids.location_final_id = False
        picking.move_line_ids.location_dest_id = location

    def _keep_lot(self, moves):
        """The serial number complained about is the one that travels."""
        lot = self.line_id.lot_id
        if not lot:
            return
        for move in moves.filtered(lambda move: move.product_id == lot.product_id):
            quantity = move.product_uom_qty
            move.move_line_ids.unlink()
            self.env["stock.move.line"].create(
                {
                    **move._prepare_move_line_vals(quantity=0),
                    "lot_id": lot.id,
                    "quantity": move.product_uom._compute_quantity(quantity, move.product_id.uom_id),
                    "product_uom_id": move.product_id.uom_id.id,
                }
            )
