from odoo import Command, models
from odoo.exceptions import UserError


class ComplaintSolution(models.Model):
    """A replacement leaves by a transfer of its own, which no order knows."""

    _inherit = "commercial.complaint.solution"

    def _execute_replacement(self):
        """Send new goods free of charge.

        The transfer has a reference of its own and no order line: with those of the order, Odoo would add what leaves
        to the order and charge it.
        """
        self.ensure_one()
        warehouse = self._get_warehouse()
        picking = self._create_outgoing(
            warehouse.lot_stock_id, warehouse.out_type_id, self.quantity, self.env["stock.lot"]
        )
        picking.complaint_use = "replacement"
        picking.action_assign()
        return picking

    def _get_warehouse(self):
        """The warehouse the goods came from, else the first of the company."""
        self.ensure_one()
        warehouse = self.line_id._get_delivery_moves()[:1].picking_type_id.warehouse_id
        warehouse = warehouse or self.line_id.sale_line_id.order_id.warehouse_id
        if not warehouse:
            warehouse = self.env["stock.warehouse"].search([("company_id", "=", self.company_id.id)], limit=1)
        if not warehouse:
            raise UserError(
                self.env._("%(company)s has no warehouse to send goods from.", company=self.company_id.display_name)
            )
        return warehouse

    def _get_delivery_address(self):
        """Where the goods were delivered, else where the customer has goods delivered."""
        self.ensure_one()
        complaint = self.complaint_id
        partner = self.line_id._get_delivery_moves()[:1].picking_id.partner_id
        partner = partner or self.line_id.sale_line_id.order_id.partner_shipping_id or complaint.partner_id
        if not partner:
            raise UserError(
                self.env._("Who gets the goods? %(complaint)s has no customer.", complaint=complaint.display_name)
            )
        if partner == complaint.partner_id:
            return partner.browse(partner.address_get(["delivery"])["delivery"])
        return partner

    def _create_outgoing(self, source, picking_type, quantity, lot):
        """A transfer to the customer outside every order, ready to be reserved.

        :param source: where the goods lie
        :param quantity: in the unit of the line
        :param lot: the serial number that leaves, where it is known
        """
        self.ensure_one()
        address = self._get_delivery_address()
        return self._create_transfer(
            picking_type, source, address.property_stock_customer, quantity, lot, partner_id=address.id
        )

    def _create_transfer(self, picking_type, source, destination, quantity, lot, **values):
        """A confirmed transfer of goods of the line, with a reference of its own and no order."""
        self.ensure_one()
        product = self.line_id.product_id
        unit = self.line_id.product_uom_id or product.uom_id
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": picking_type.id,
                "location_id": source.id,
                "location_dest_id": destination.id,
                "origin": self.complaint_id.name,
                "company_id": self.company_id.id,
                "complaint_solution_id": self.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_uom_qty": quantity,
                            "product_uom": unit.id,
                            "location_id": source.id,
                            "location_dest_id": destination.id,
                            "location_final_id": destination.id,
                            "company_id": self.company_id.id,
                            "procure_method": "make_to_stock",
                            "reference_ids": [Command.create({"name": self.complaint_id.name})],
                            **({"partner_id": values["partner_id"]} if values.get("partner_id") else {}),
                        }
                    )
                ],
                **values,
            }
        )
        picking.action_confirm()
        if lot:
            move = picking.move_ids
            move.move_line_ids.unlink()
            self.env["stock.move.line"].create(
                {
                    **move._prepare_move_line_vals(quantity=0),
                    "lot_id": lot.id,
                    "quantity": unit._compute_quantity(quantity, product.uom_id),
                    "product_uom_id": product.uom_id.id,
                }
            )
        return picking
