from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_complaint import ComplaintCommon


@tagged("post_install", "-at_install")
class TestComplaintSolutionStock(ComplaintCommon):
    """Goods that come back, leave again or stay, measured on the real documents of Odoo."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pump.invoice_policy = "delivery"

    def _settle(self, order, *solutions, quantity=None):
        """A complaint in which these solutions are accepted: pairs of kind and values."""
        complaint = self._complain_to_settle(order, quantity)
        made = [self._solve(complaint, kind, **values) for kind, values in solutions]
        self._accept(complaint)
        return made

    # --- RETURN ---

    def test_an_assistant_makes_a_return_without_rights_on_transfers(self):
        order = self._sell()
        (back,) = self._settle(order, ("return", {"quantity": 2.0}))
        with self.assertRaises(AccessError):
            self.env["stock.return.picking"].with_user(self.assistant).create({})
        back.action_execute()
        picking = back.sudo().picking_ids
        self.assertEqual(back.state, "in_progress")
        self.assertRecordValues(picking, [{"state": "assigned", "complaint_use": "return"}])
        self.assertEqual(picking.move_ids.product_uom_qty, 2.0)
        self.assertEqual((back.res_model, back.res_id), ("stock.picking", picking.id))
        self.assertIn(picking.name, back.document_names)
        self.assertIn(self.assistant.name, picking.message_ids[0].body)
        # once and no more
        back.action_execute()
        self.assertEqual(back.sudo().picking_ids, picking)

    def test_returned_goods_are_not_sold_before_the_inspection(self):
        order = self._sell()
        free, on_hand = self.pump.free_qty, self.pump.qty_available
        (back,) = self._settle(order, ("return", {"quantity": 2.0}))
        back.action_execute()
        self._receive(back.sudo().picking_ids)
        self.pump.invalidate_recordset()
        self.assertEqual((self.pump.free_qty, self.pump.qty_available), (free, on_hand))
        place = self.company.complaint_quarantine_id
        self.assertFalse(place.warehouse_id)
        self.assertEqual((place.usage, place.company_id), ("internal", self.company))
        self.assertEqual(self.env["stock.quant"]._get_available_quantity(self.pump, place), 2.0)
        self.assertEqual((back.state, back.quantity_done), ("done", 2.0))
        self.assertTrue(back.done_on)

    def test_each_company_has_its_own_place(self):
        other = self.env["res.company"].create({"name": "Other"})
        mine, theirs = self.company._get_complaint_quarantine(), other._get_complaint_quarantine()
        self.assertNotEqual(mine, theirs)
        self.assertEqual((mine.company_id, theirs.company_id), (self.company, other))
        self.assertEqual(self.company._get_complaint_quarantine(), mine)

    def test_no_more_comes_back_than_was_delivered(self):
        order = self._sell(quantity=5.0)
        (first,) = self._settle(order, ("return", {"quantity": 2.0}), quantity=5.0)
        first.action_execute()
        # an open return counts as well as a finished one, and so does one that Odoo's wizard made by itself
        wizard = self.env["stock.return.picking"].create({"picking_id": order.picking_ids[0].id})
        wizard.product_return_moves.quantity = 1.0
        self._receive(wizard._create_return())
        (second,) = self._settle(order, ("return", {"quantity": 3.0}), quantity=5.0)
        with self.assertRaisesRegex(UserError, "3 cannot come back. .* 2 did not come back"), self.env.cr.savepoint():
            second.action_execute()
        self.assertEqual((second.state, len(second.sudo().picking_ids)), ("accepted", 0))
        self._receive(first.sudo().picking_ids)
        (third,) = self._settle(order, ("return", {"quantity": 2.0}), quantity=5.0)
        third.action_execute()
        self.assertEqual(third.state, "in_progress")

    def test_a_return_that_is_paid_back_lowers_the_delivered_quantity(self):
        order = self._sell(quantity=4.0)
        back, credit = self._settle(
            order, ("return", {"quantity": 2.0}), ("credit_partial", {"quantity": 2.0, "return_need": "after"})
        )
        back.action_execute()
        credit.action_execute()
        self._receive(back.sudo().picking_ids)
        credit.sudo().move_ids.action_post()
        self.assertRecordValues(order.order_line, [{"qty_delivered": 2.0, "qty_invoiced": 2.0, "qty_to_invoice": 0.0}])
        self.assertEqual(order.invoice_status, "invoiced")

    def test_less_than_agreed_is_accepted(self):
        order = self._sell(quantity=4.0)
        (back,) = self._settle(order, ("return", {"quantity": 3.0}))
        back.action_execute()
        self._receive(back.sudo().picking_ids, quantity=1.0)
        self.assertEqual((back.state, back.quantity_done), ("done", 1.0))

    def test_a_part_that_comes_later_belongs_to_the_same_solution(self):
        order = self._sell(quantity=4.0)
        (back,) = self._settle(order, ("return", {"quantity": 3.0}))
        back.action_execute()
        self._receive(back.sudo().picking_ids, quantity=1.0, backorder=True)
        self.assertEqual(back.state, "in_progress")
        self.assertEqual(len(back.sudo().picking_ids), 2)
        self._receive(back.sudo().picking_ids.filtered(lambda picking: picking.state != "done"))
        self.assertEqual((back.state, back.quantity_done), ("done", 3.0))

    def test_a_cancelled_or_deleted_transfer_puts_the_solution_back(self):
        order = self._sell(quantity=4.0)
        (back,) = self._settle(order, ("return", {"quantity": 2.0}))
        back.action_execute()
        back.sudo().picking_ids.action_cancel()
        self.assertEqual((back.state, back.res_model), ("accepted", False))
        self.assertRegex(back.complaint_id.activity_ids.summary, "cancelled or deleted")
        back.action_execute()
        self.assertEqual(back.state, "in_progress")
        back.sudo().picking_ids.filtered(lambda picking: picking.state != "cancel").unlink()
        self.assertEqual(back.state, "accepted")
        back._cancel("The customer keeps them")
        self.assertEqual(back.state, "cancelled")

    def test_cancelling_a_solution_cancels_its_open_transfer(self):
        (back,) = self._settle(self._sell(), ("return", {"quantity": 2.0}))
        back.action_execute()
        picking = back.sudo().picking_ids
        back._cancel("The customer keeps them")
        self.assertEqual((back.state, picking.state), ("cancelled", "cancel"))
        (other,) = self._settle(self._sell(), ("return", {"quantity": 2.0}))
        other.action_execute()
        self._receive(other.sudo().picking_ids)
        with self.assertRaisesRegex(UserError, "carried out"), self.env.cr.savepoint():
            other._cancel("Too late")

    def test_without_a_delivery_nothing_comes_back(self):
        order = self._sell(deliver=False, invoice=False)
        (back,) = self._settle(order, ("return", {"quantity": 1.0}))
        with self.assertRaisesRegex(UserError, "no delivery is known"), self.env.cr.savepoint():
            back.action_execute()

    def test_goods_of_several_deliveries_come_back_in_several_transfers(self):
        order = self._sell(quantity=4.0, deliver=False, invoice=False)
        self._receive(order.picking_ids, quantity=3.0, backorder=True)
        self._receive(order.picking_ids.filtered(lambda picking: picking.state != "done"))
        order._create_invoices().action_post()
        (back,) = self._settle(order, ("return", {"quantity": 4.0}))
        back.action_execute()
        self.assertEqual(sorted(back.sudo().picking_ids.move_ids.mapped("product_uom_qty")), [1.0, 3.0])

    def test_the_serial_number_complained_about_travels(self):
        self.pump.tracking = "serial"
        lots = self.env["stock.lot"].create([{"name": f"SN{i}", "product_id": self.pump.id} for i in range(3)])
        for lot in lots:
            self.env["stock.quant"]._update_available_quantity(self.pump, self.stock_location, 1.0, lot_id=lot)
        order = self._sell(quantity=2.0, deliver=False, invoice=False)
        picking = order.picking_ids
        picking.move_ids.move_line_ids.unlink()
        picking.move_ids.lot_ids = lots[:2]
        picking.move_ids.picked = True
        picking.button_validate()
        order._create_invoices().action_post()
        complaint = self._complain_to_settle(order, quantity=1.0)
        complaint.sudo().line_ids.lot_id = lots[1]
        back = self._solve(complaint, "return", quantity=1.0)
        self._accept(complaint)
        back.action_execute()
        move = back.sudo().picking_ids.move_ids
        self.assertEqual(move.lot_ids, lots[1])
        self._receive(back.sudo().picking_ids)
        self.assertEqual(lots[1].location_id, self.company.complaint_quarantine_id)
        # it came back: nothing of this number is left with the customer
        self.assertEqual(sum(complaint.line_ids._get_returnable().values()), 0.0)
        # an assistant who may not read serial numbers lets this one go on, and no other
        action = back.action_inspect()
        wizard = (
            self.env["commercial.complaint.inspect"]
            .with_user(self.assistant)
            .with_context(**action["context"])
            .create({"condition": "good", "destination": "stock"})
        )
        self.assertEqual((wizard.serial_number, wizard.serial_numbers, wizard.quantity), ("SN1", "SN1", 1.0))
        wizard.serial_number = "SN2"
        with self.assertRaisesRegex(UserError, "did not come back"):
            wizard.action_place()
        wizard.serial_number = "SN1"
        wizard.action_place()
        lots.invalidate_recordset()
        self.assertEqual(lots[1].location_id, self.stock_location)

    # --- REPLACEMENT ---

    def test_a_free_replacement_leaves_the_order_as_it_is(self):
        order = self._sell(quantity=4.0)
        (new,) = self._settle(order, ("replacement", {"quantity": 1.0}))
        new.action_execute()
        picking = new.sudo().picking_ids
        self.assertRecordValues(picking, [{"sale_id": False, "picking_type_code": "outgoing", "state": "assigned"}])
        self.assertFalse(picking.reference_ids & order.stock_reference_ids)
        self.assertFalse(picking.move_ids.sale_line_id)
        self._receive(picking)
        self.assertEqual(new.state, "done")
        self.assertEqual(len(order.order_line), 1)
        self.assertRecordValues(order.order_line, [{"qty_delivered": 4.0, "qty_invoiced": 4.0, "qty_to_invoice": 0.0}])
        self.assertEqual(order.invoice_status, "invoiced")

    def test_a_replacement_waits_for_the_goods_only_when_it_shall(self):
        order = self._sell(quantity=4.0)
        back, new = self._settle(order, ("return", {"quantity": 1.0}), ("replacement", {"quantity": 1.0}))
        self.assertEqual(new.return_need, "before")
        with self.assertRaisesRegex(UserError, "waits for the goods"), self.env.cr.savepoint():
            new.action_execute()
        action = back.complaint_id.action_execute()
        self.assertEqual((back.state, new.state), ("in_progress", "accepted"))
        self.assertIn("waits for the goods", action["params"]["message"])
        self._receive(back.sudo().picking_ids)
        self.assertRegex(back.complaint_id.activity_ids.summary, "The goods are back")
        self.assertTrue(back.complaint_id.action_execute())
        self.assertEqual(new.state, "in_progress")
        # net nothing: one came back, one left, the order knows of neither
        self._receive(new.sudo().picking_ids)
        self.assertRecordValues(order.order_line, [{"qty_delivered": 4.0, "qty_invoiced": 4.0}])

    def test_a_replacement_can_leave_at_once(self):
        back, new = self._settle(
            self._sell(), ("return", {"quantity": 1.0}), ("replacement", {"quantity": 1.0, "return_need": "after"})
        )
        new.action_execute()
        self.assertEqual((back.state, new.state), ("accepted", "in_progress"))

    def test_the_night_follows_what_nobody_told(self):
        (new,) = self._settle(self._sell(), ("replacement", {"quantity": 1.0}))
        new.action_execute()
        self._receive(new.sudo().picking_ids)
        new.sudo().write({"state": "in_progress", "done_on": False})
        with self.enter_registry_test_mode():
            self.env.ref("commercial_assistant.ir_cron_complaint_follow").method_direct_trigger()
        self.assertEqual(new.state, "done")

    # --- INSPECTION ---

    def _return_goods(self, quantity=3.0):
        (back,) = self._settle(self._sell(quantity=4.0), ("return", {"quantity": quantity}))
        back.action_execute()
        self._receive(back.sudo().picking_ids)
        return back

    def test_inspected_goods_go_on(self):
        back = self._return_goods()
        free = self.pump.free_qty
        self.assertEqual(back.quantity_to_place, 3.0)
        with self.assertRaisesRegex(UserError, "cannot go on"), self.env.cr.savepoint():
            back._place("stock", 4.0)
        back._place("stock", 1.0)
        self.pump.invalidate_recordset()
        self.assertEqual(self.pump.free_qty, free + 1.0)
        back._place("scrap", 1.0)
        place = self.company.complaint_quarantine_id
        self.assertEqual(self.env["stock.quant"]._get_available_quantity(self.pump, place), 1.0)
        with self.assertRaisesRegex(UserError, "has no supplier"):
            back._place("supplier", 1.0)
        maker = self._create_customer("Pumpenfabrik")
        self.pump.seller_ids = [Command.create({"partner_id": maker.id})]
        supplier = back._place("supplier", 1.0).sudo().picking_id
        self.assertEqual((supplier.location_id, supplier.location_dest_id.usage), (place, "supplier"))
        self.assertEqual(back.quantity_to_place, 0.0)
        with self.assertRaisesRegex(UserError, "nothing waits"), self.env.cr.savepoint():
            back.action_inspect()
        self.assertFalse(back.complaint_id.activity_ids)
        # a transfer that is cancelled leaves the goods where they are
        supplier.action_cancel()
        self.env.invalidate_all()
        self.assertEqual(back.quantity_to_place, 1.0)
        self.assertEqual(back.state, "done")

    def test_the_inspection_writes_down_what_was_found(self):
        back = self._return_goods(quantity=1.0)
        photo = (
            self.env["ir.attachment"]
            .with_user(self.assistant)
            .create({"name": "photo.jpg", "raw": b"photo", "mimetype": "image/jpeg"})
        )
        action = back.action_inspect()
        wizard = (
            self.env["commercial.complaint.inspect"]
            .with_user(self.assistant)
            .with_context(**action["context"])
            .create(
                {
                    "condition": "defective",
                    "note": "Bearing worn",
                    "quantity_accepted": 1.0,
                    "photo_ids": [(6, 0, photo.ids)],
                    "destination": "customer",
                }
            )
        )
        self.assertEqual(wizard.quantity, 1.0)
        wizard.read()
        wizard.action_place()
        line = back.line_id
        self.assertRecordValues(
            line,
            [{"condition": "defective", "inspection_note": "Bearing worn", "inspected_by_id": self.assistant.id}],
        )
        self.assertEqual(line.inspection_photo_ids, photo)
        transfer = back.placement_ids.sudo().picking_id
        self.assertEqual(transfer.location_dest_id.usage, "customer")
        self.assertFalse(transfer.sale_id)

    # --- COST ---

    def test_what_is_sold_again_is_no_cost(self):
        self.pump.standard_price = 60.0
        order = self._sell(quantity=4.0)
        back, new = self._settle(order, ("return", {"quantity": 2.0}), ("replacement", {"quantity": 2.0}))
        self.assertEqual((back._get_cost(), new._get_cost()), (0.0, 120.0))
        back.action_execute()
        self._receive(back.sudo().picking_ids)
        back._place("stock", 1.0)
        back._place("scrap", 1.0)
        new.action_execute()
        self._receive(new.sudo().picking_ids)
        self.assertEqual((back._get_cost(), new._get_cost()), (-60.0, 120.0))
