from odoo import fields, models


class StockMove(models.Model):
    _inherit = "stock.move"

    warranty_ids = fields.One2many(comodel_name="commercial.warranty", inverse_name="move_id", string="Warranties")

    # --- WHAT A MOVE MEANS FOR THE COVER ---

    def _is_delivery_to_customer(self):
        self.ensure_one()
        return self.location_dest_id.usage == "customer" and self.location_id.usage != "customer"

    def _is_return_from_customer(self):
        self.ensure_one()
        return self.location_id.usage == "customer" and self.location_dest_id.usage != "customer"

    def _is_receipt_from_supplier(self):
        self.ensure_one()
        return self.location_id.usage == "supplier" and self.location_dest_id.usage != "supplier"

    def _is_return_to_supplier(self):
        self.ensure_one()
        return self.location_dest_id.usage == "supplier" and self.location_id.usage != "supplier"

    def _can_start_warranty(self):
        """Tell whether these goods reach somebody for the first time; rooms above know more."""
        self.ensure_one()
        return self.state == "done" and self.product_id.type == "consu" and not self.origin_returned_move_id

    def _get_warranty_partner(self, side):
        """Return who is owed, or owes, the guarantee: the buyer, or the vendor."""
        self.ensure_one()
        partner = self.picking_id.partner_id or self.partner_id
        if side == "customer":
            partner = self.sale_line_id.order_id.partner_id or partner
        return partner.commercial_partner_id

    def _get_warranty_units(self):
        """Return ``[(lot, quantity)]`` of what was moved, in the unit of the product."""
        self.ensure_one()
        quantities = {}
        for line in self.move_line_ids:
            quantities[line.lot_id] = quantities.get(line.lot_id, 0.0) + line.quantity_product_uom
        compare = self.product_id.uom_id.compare
        return [(lot, quantity) for lot, quantity in quantities.items() if compare(quantity, 0) > 0]

    def _get_first_moves(self):
        """Return the moves with which these goods came or went first, through returns and returns of returns."""
        first = self
        while first.origin_returned_move_id:
            first = first.browse([(move.origin_returned_move_id or move).id for move in first])
        return first
