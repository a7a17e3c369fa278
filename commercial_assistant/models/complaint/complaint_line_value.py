from odoo import fields, models


class ComplaintLine(models.Model):
    """What the goods of a line were sold for, and what was given back of it already."""

    _inherit = "commercial.complaint.line"

    solution_ids = fields.One2many(
        comodel_name="commercial.complaint.solution",
        inverse_name="line_id",
        string="Solutions",
    )

    # --- INVOICE ---

    def _get_invoice_lines(self):
        """The invoice line of each line that was charged."""
        return self.env["account.move.line"].union(*(line._get_invoice_line() for line in self))

    def _get_invoice_line(self):
        """The posted invoice line with which the goods were charged: the one named, else that of the order.

        Of several invoices of an order line the one with most left to credit.
        """
        self.ensure_one()
        # sudo: what the customer was charged may be known to whoever deals with his complaint
        line_sudo = self.sudo()
        if line_sudo.invoice_line_id:
            return line_sudo.invoice_line_id
        order_line_sudo = line_sudo.sale_line_id or line_sudo.stock_move_id.sale_line_id
        candidates = order_line_sudo.invoice_lines.filtered(
            lambda line: line.parent_state == "posted" and line.move_id.move_type == "out_invoice" and line.quantity > 0
        )
        return candidates.sorted(lambda line: (line._get_complaint_creditable(), -line.id), reverse=True)[:1]

    def _get_unit_value(self):
        """The price of one unit of the line, without VAT, after discount; ``None`` where nothing says it.

        The price of the list is never one the customer paid.
        """
        self.ensure_one()
        line_sudo = self.sudo()
        invoice_line = self._get_invoice_line()
        if invoice_line and invoice_line.quantity:
            unit, price = invoice_line.product_uom_id, invoice_line.price_subtotal / invoice_line.quantity
        elif order_line := (line_sudo.sale_line_id or line_sudo.stock_move_id.sale_line_id):
            unit, price = order_line.product_uom_id, order_line.price_reduce_taxexcl
        else:
            return None
        if unit and line_sudo.product_uom_id and unit != line_sudo.product_uom_id:
            price = unit._compute_price(price, line_sudo.product_uom_id)
        return price

    def _get_unit_cost(self):
        """What one unit of the line cost us, in the currency of the company."""
        self.ensure_one()
        product_sudo = self.sudo().product_id.with_company(self.company_id)
        if not product_sudo:
            return 0.0
        unit = self.sudo().product_uom_id or product_sudo.uom_id
        return product_sudo.uom_id._compute_price(product_sudo.standard_price, unit)

    # --- DELIVERIES ---

    def _get_delivery_moves(self):
        """The finished deliveries of these goods to the customer, the oldest first; never a return of a return."""
        self.ensure_one()
        line_sudo = self.sudo()
        if line_sudo.stock_move_id:
            moves = line_sudo.stock_move_id
        elif order_line := (line_sudo.sale_line_id or line_sudo.invoice_line_id.sale_line_ids[:1]):
            moves = order_line.move_ids
        elif line_sudo.lot_id:
            moves = self._find_delivery_moves_of_lot()
        else:
            moves = line_sudo.stock_move_id
        moves = moves.filtered(
            lambda move: move.state == "done"
            and move.location_dest_id.usage == "customer"
            and move.location_id.usage != "customer"
            and move.picking_id
            and move.product_id == line_sudo.product_id
        )
        if lot := line_sudo.lot_id:
            moves = moves.filtered(lambda move: lot in move.move_line_ids.lot_id)
        return moves.sorted(lambda move: (move.date, move.id))

    def _find_delivery_moves_of_lot(self):
        """Goods without an order are found by their serial number, at this customer only."""
        customer = self.complaint_id.commercial_partner_id
        lines_sudo = (
            self.env["stock.move.line"]
            .sudo()
            .search(
                [
                    ("lot_id", "=", self.lot_id.id),
                    ("state", "=", "done"),
                    ("company_id", "=", self.company_id.id),
                    ("location_dest_id.usage", "=", "customer"),
                ]
            )
        )
        moves = lines_sudo.move_id
        return moves.filtered(lambda move: move.picking_id.partner_id.commercial_partner_id == customer)

    def _get_returnable(self):
        """``{delivery move: quantity}``, in the unit of the move: delivered, less what came back or is on its way."""
        self.ensure_one()
        lot = self.sudo().lot_id
        return {move: move._get_complaint_returnable(lot) for move in self._get_delivery_moves()}
