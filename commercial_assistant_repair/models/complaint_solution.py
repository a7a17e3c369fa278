from odoo import api, fields, models
from odoo.exceptions import UserError


class ComplaintSolution(models.Model):
    """A repair is a repair order of the goods that came back; then they go home again."""

    _inherit = "commercial.complaint.solution"

    repair_order_ids = fields.One2many(
        comodel_name="repair.order",
        inverse_name="complaint_solution_id",
        string="Repair orders",
        groups="stock.group_stock_user",
    )
    can_send_back = fields.Boolean(
        compute="_compute_can_send_back",
        help="Repaired goods lie here, and no transfer brings them back to the customer.",
    )

    @api.depends("state", "kind", "quantity_done")
    def _compute_can_send_back(self):
        for solution in self:
            # sudo: whoever deals with the complaint need not see repair orders
            solution_sudo = solution.sudo()
            solution.can_send_back = solution.state == "in_progress" and bool(solution_sudo._get_repairs_to_send())

    # --- EXECUTION ---

    def _execute_repair(self):
        """Make a repair order for the goods that came back; where none come back, the repair is a task."""
        if self.return_need == "never":
            return super()._execute_repair()
        repairs = self.env["repair.order"]
        for picking, lot, quantity in self._get_goods_to_repair():
            repair = repairs.create(self._prepare_repair_vals(picking, lot, quantity))
            repair.action_validate()
            repairs |= repair
        self._suspend_covers(None)
        return repairs

    def _get_goods_to_repair(self):
        """What came back and lies there still, one serial number at a time: a list of (transfer, lot, quantity)."""
        self.ensure_one()
        product, unit = self.product_id, self.product_uom_id or self.product_id.uom_id
        left = unit._compute_quantity(self.quantity, product.uom_id, round=False)
        goods = []
        for back in self._get_returns():
            free = unit._compute_quantity(max(back._get_quantity_to_place(), 0.0), product.uom_id, round=False)
            gone = back.placement_ids.filtered(lambda placement: not placement.is_void).lot_id
            for line in back.picking_ids.move_line_ids.filtered(lambda line: line.state == "done"):
                quantity = min(left, free, line.quantity_product_uom)
                if line.lot_id in gone or product.uom_id.compare(quantity, 0.0) <= 0:
                    continue
                goods.append((line.picking_id, line.lot_id, quantity))
                left -= quantity
                free -= quantity
        if not goods:
            raise UserError(
                self.env._("%(solution)s: no goods came back that could be repaired.", solution=self.display_name)
            )
        return goods

    def _prepare_repair_vals(self, picking, lot, quantity):
        place = self.company_id._get_complaint_quarantine()
        picking_type = self._get_warehouse().repair_type_id
        return {
            "company_id": self.company_id.id,
            "picking_type_id": picking_type.id,
            "picking_id": picking.id,
            "partner_id": self.complaint_id.partner_id.id,
            "product_id": self.product_id.id,
            "product_uom": self.product_id.uom_id.id,
            "product_qty": quantity,
            "lot_id": lot.id,
            "under_warranty": self.line_id._is_covered(),
            "product_location_src_id": place.id,
            "product_location_dest_id": place.id,
            "user_id": False,
            "complaint_solution_id": self.id,
        }

    # --- FOLLOWING ---

    def _get_documents(self):
        documents = super()._get_documents()
        return [self.repair_order_ids, *documents] if self.repair_order_ids else documents

    def _get_document_states(self):
        states = super()._get_document_states()
        for repair in self.repair_order_ids:
            states.append({"done": "done", "cancel": "cancelled"}.get(repair.state, "open"))
        if self._get_repairs_to_send():
            # repaired, but not with the customer yet
            states.append("open")
        return states

    def _get_repairs_to_send(self):
        """The finished repairs whose goods no transfer brings back to the customer."""
        self.ensure_one()
        return self.repair_order_ids.filtered(
            lambda repair: repair.state == "done"
            and (not repair.complaint_picking_id or repair.complaint_picking_id.state == "cancel")
        )

    def _send_back(self):
        """Bring repaired goods back to the customer, each with its serial number, outside every order."""
        for solution in self:
            for repair in solution._get_repairs_to_send():
                unit = solution.product_uom_id or repair.product_uom
                quantity = repair.product_uom._compute_quantity(repair.product_qty, unit)
                back = solution._get_returns().filtered(
                    lambda other, picking=repair.picking_id: picking in other.picking_ids
                )
                picking = back._place("customer", quantity, repair.lot_id).sudo().picking_id
                picking.write({"complaint_solution_id": solution.id, "complaint_use": "repaired"})
                repair.complaint_picking_id = picking
                solution._link_documents(picking)

    def action_send_back(self):
        """Make the transfer anew after it was cancelled."""
        self._check_may_settle()
        self.sudo()._send_back()
        return True

    def _documents_done(self):
        was_done = self.state == "done"
        result = super()._documents_done()
        if self.kind == "repair" and not was_done and self.repair_order_ids:
            today = fields.Date.context_today(self)
            self._suspend_covers(today)
            self._get_covers()._extend_for_repair(today, self.env._("Repaired"), self)
        return result

    def _suspend_covers(self, end):
        """The guarantee does not run from the day the goods came in until they are back."""
        self.ensure_one()
        pickings = self._get_returns().picking_ids.filtered("date_done")
        if not pickings:
            return
        start = self.env["commercial.warranty"]._get_local_date(min(pickings.mapped("date_done")), self.company_id)
        covers = self._get_covers()
        if end is not None:
            end = max(start, end)
        covers._suspend(start, end, self.env._("In repair"), self)

    def _cancel_documents(self):
        result = super()._cancel_documents()
        repairs = self.repair_order_ids.filtered(lambda repair: repair.state not in ("done", "cancel"))
        repairs.action_repair_cancel()
        return result

    # --- COST ---

    def _get_cost_repair(self):
        """The parts that were used, at cost; before that, what was agreed."""
        if not self.repair_order_ids:
            return super()._get_cost_repair()
        parts = self.repair_order_ids.move_ids.filtered(
            lambda move: move.state == "done" and move.repair_line_type == "add"
        )
        return self._get_goods_cost(parts)
