from odoo import api, fields, models
from odoo.exceptions import UserError

from .complaint_solution_execute import ACTIVITY_INSPECT


class ComplaintSolution(models.Model):
    """Returned goods leave the place of inspection by Odoo's own transfers."""

    _inherit = "commercial.complaint.solution"

    placement_ids = fields.One2many(
        comodel_name="commercial.complaint.placement",
        inverse_name="solution_id",
        string="Ways of the goods",
        readonly=True,
    )
    quantity_to_place = fields.Float(
        string="To inspect",
        digits="Product Unit",
        compute="_compute_quantity_to_place",
        help="Came back, and nobody has said yet where it goes.",
    )

    @api.depends("kind", "quantity_done", "placement_ids.quantity")
    def _compute_quantity_to_place(self):
        for solution in self:
            solution.quantity_to_place = max(0.0, solution._get_quantity_to_place())

    def _get_quantity_to_place(self):
        self.ensure_one()
        if self.kind != "return":
            return 0.0
        placed = self.placement_ids.filtered(lambda placement: not placement.is_void)
        return self.quantity_done - sum(placed.mapped("quantity"))

    def _get_resold_quantity(self):
        """What of the returned goods went back to stock."""
        self.ensure_one()
        back = self.placement_ids.filtered(
            lambda placement: placement.destination == "stock" and placement.picking_id.state == "done"
        )
        return sum(back.mapped("quantity"))

    def _compare_quantity(self, quantity, other):
        self.ensure_one()
        unit = self.product_uom_id or self.product_id.uom_id
        return unit.compare(quantity, other) if unit else (quantity > other) - (quantity < other)

    # --- ACTIONS ---

    def action_inspect(self):
        """Say how the returned goods are, and where they go."""
        self.ensure_one()
        self._check_may_settle()
        if self._compare_quantity(self.quantity_to_place, 0.0) <= 0:
            raise UserError(self.env._("%(solution)s: nothing waits for an inspection.", solution=self.display_name))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Inspect the Goods"),
            "res_model": "commercial.complaint.inspect",
            "view_mode": "form",
            "target": "new",
            "context": {"default_solution_id": self.id},
        }

    # --- PLACING ---

    def _place(self, destination, quantity, lot=None):
        """Let returned goods go on from the place of inspection.

        :param str destination: a key of ``DESTINATIONS``
        :param float quantity: in the unit of the line
        :param lot: the serial number, where the goods have one
        :return: the placement
        """
        self.ensure_one()
        self._check_may_settle()
        # sudo: checked above; two people never place the same piece
        solution_sudo = self.sudo().with_company(self.company_id)
        solution_sudo.lock_for_update(allow_referencing=True)
        solution_sudo.invalidate_recordset(["placement_ids", "quantity_done"])
        left = solution_sudo._get_quantity_to_place()
        if quantity <= 0 or self._compare_quantity(quantity, left) > 0:
            raise UserError(
                self.env._(
                    "%(solution)s: %(left)g wait for an inspection, %(quantity)g cannot go on.",
                    solution=self.display_name,
                    left=max(left, 0.0),
                    quantity=quantity,
                )
            )
        lot = lot or solution_sudo._get_returned_lot(quantity)
        document = getattr(solution_sudo, f"_place_to_{destination}")(quantity, lot)
        name = "scrap_id" if document._name == "stock.scrap" else "picking_id"
        placement = (
            self.env["commercial.complaint.placement"]
            .sudo()
            .create(
                {
                    "solution_id": self.id,
                    "destination": destination,
                    "quantity": quantity,
                    "lot_id": lot.id,
                    name: document.id,
                }
            )
        )
        destinations = dict(placement._fields["destination"]._description_selection(self.env))
        self.complaint_id._message_log(
            body=self.env._(
                "%(line)s: %(quantity)g %(destination)s (%(document)s).",
                line=self.line_id.display_name,
                quantity=quantity,
                destination=destinations[destination].lower(),
                document=document._get_html_link(),
            )
        )
        if not any(other.quantity_to_place for other in self.complaint_id.solution_ids):
            self.complaint_id.sudo().activity_unlink([ACTIVITY_INSPECT])
        return placement

    def _get_lots_to_place(self):
        """The lots and serial numbers that came back, as far as they lie there still."""
        self.ensure_one()
        lots = self.picking_ids.move_line_ids.filtered(lambda line: line.state == "done").lot_id
        gone = self.placement_ids.filtered(lambda placement: not placement.is_void).lot_id
        return lots.filtered(lambda lot: lot not in gone or lot.product_id.tracking == "lot")

    def _get_returned_lot(self, quantity):
        """The serial number that came back and lies there still; empty where goods have none."""
        self.ensure_one()
        product = self.line_id.product_id
        if product.tracking == "none":
            return self.env["stock.lot"]
        lots = self._get_lots_to_place()
        if product.tracking == "serial" and quantity != 1.0:
            raise UserError(
                self.env._("%(product)s has serial numbers: inspect one at a time.", product=product.display_name)
            )
        if len(lots) != 1:
            raise UserError(self.env._("%(product)s: which serial number goes on?", product=product.display_name))
        return lots

    def _get_source(self):
        return self.company_id._get_complaint_quarantine()

    def _place_to_stock(self, quantity, lot):
        """Back among the goods that are sold, at once: whoever inspects has the goods in hand."""
        warehouse = self._get_warehouse()
        picking = self._create_onward(warehouse.int_type_id, warehouse.lot_stock_id, quantity, lot)
        picking.move_ids.picked = True
        picking._action_done()
        return picking

    def _place_to_scrap(self, quantity, lot):
        unit = self.line_id.product_uom_id or self.line_id.product_id.uom_id
        scrap = self.env["stock.scrap"].create(
            {
                "product_id": self.line_id.product_id.id,
                "product_uom_id": unit.id,
                "scrap_qty": quantity,
                "lot_id": lot.id,
                "location_id": self._get_source().id,
                "company_id": self.company_id.id,
                "origin": self.complaint_id.name,
            }
        )
        scrap.do_scrap()
        return scrap

    def _place_to_supplier(self, quantity, lot):
        product = self.line_id.product_id
        supplier = product._prepare_sellers(False)[:1].partner_id
        if not supplier:
            raise UserError(
                self.env._("%(product)s has no supplier: enter one on the product.", product=product.display_name)
            )
        picking_type = self._get_warehouse().out_type_id
        return self._create_onward(
            picking_type, supplier.property_stock_supplier, quantity, lot, partner_id=supplier.id
        )

    def _place_to_customer(self, quantity, lot):
        address = self._get_delivery_address()
        picking_type = self._get_warehouse().out_type_id
        return self._create_onward(picking_type, address.property_stock_customer, quantity, lot, partner_id=address.id)

    def _create_onward(self, picking_type, destination, quantity, lot, **values):
        """A transfer from the place of inspection that follows no solution."""
        picking = self._create_transfer(
            picking_type, self._get_source(), destination, quantity, lot, complaint_solution_id=False, **values
        )
        if not lot:
            picking.action_assign()
        return picking
