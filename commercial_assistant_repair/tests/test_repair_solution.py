from datetime import date

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.commercial_assistant.tests.common_complaint import ComplaintCommon


@tagged("post_install", "-at_install")
class TestRepairSolution(ComplaintCommon):
    """From the return to the repaired goods at the customer's."""

    def _settle(self, order, *solutions, quantity=None):
        complaint = self._complain_to_settle(order, quantity)
        made = [self._solve(complaint, kind, **values) for kind, values in solutions]
        self._accept(complaint)
        return made

    def _bring_in(self, quantity=2.0, partner=None):
        order = self._sell(quantity=4.0, partner=partner)
        back, repair = self._settle(order, ("return", {"quantity": quantity}), ("repair", {"quantity": quantity}))
        self.assertEqual(repair.return_need, "before")
        with self.assertRaisesRegex(UserError, "waits for the goods"):
            repair.action_execute()
        back.action_execute()
        self._receive(back.sudo().picking_ids)
        repair.action_execute()
        return order, back, repair

    def test_a_repair_order_follows_the_return(self):
        order, back, repair = self._bring_in(partner=self.consumer)
        document = repair.sudo().repair_order_ids
        self.assertRecordValues(
            document,
            [
                {
                    "state": "confirmed",
                    "product_id": self.pump.id,
                    "product_qty": 2.0,
                    "picking_id": back.sudo().picking_ids.id,
                    "under_warranty": True,
                    "partner_id": self.consumer.id,
                    "product_location_src_id": self.company.complaint_quarantine_id.id,
                }
            ],
        )
        self.assertEqual((repair.state, repair.res_model), ("in_progress", "repair.order"))
        repair.action_execute()
        self.assertEqual(repair.sudo().repair_order_ids, document)
        document.action_repair_start()
        document.action_repair_end()
        # repaired, but not with the customer yet
        self.assertEqual(repair.state, "in_progress")
        transfer = repair.sudo().picking_ids
        self.assertRecordValues(
            transfer, [{"sale_id": False, "complaint_use": "repaired", "picking_type_code": "outgoing"}]
        )
        self.assertEqual(transfer.location_id, self.company.complaint_quarantine_id)
        self.assertEqual(back.quantity_to_place, 0.0)
        self._receive(transfer)
        self.assertEqual((repair.state, repair.quantity_done), ("done", 2.0))
        self.assertRecordValues(order.order_line, [{"qty_delivered": 4.0, "qty_invoiced": 4.0}])

    def test_the_guarantee_stops_while_the_goods_are_here(self):
        _order, _back, repair = self._bring_in(quantity=4.0, partner=self.consumer)
        cover = repair.line_id.sudo().warranty_check_id.warranty_id
        suspension = cover.extension_ids.filtered(lambda extension: extension.kind == "suspension")
        self.assertEqual((len(suspension), suspension.date_to), (1, False))
        document = repair.sudo().repair_order_ids
        document.action_repair_start()
        document.action_repair_end()
        self._receive(repair.sudo().picking_ids)
        self.assertIsInstance(suspension.date_to, date)
        self.assertEqual(len(cover.extension_ids.filtered(lambda extension: extension.kind == "suspension")), 1)

    def test_each_serial_number_has_a_repair_order_of_its_own(self):
        self.pump.tracking = "serial"
        lots = self.env["stock.lot"].create([{"name": f"R{i}", "product_id": self.pump.id} for i in range(2)])
        for lot in lots:
            self.env["stock.quant"]._update_available_quantity(self.pump, self.stock_location, 1.0, lot_id=lot)
        order = self._sell(quantity=2.0, deliver=False, invoice=False)
        picking = order.picking_ids
        picking.move_ids.move_line_ids.unlink()
        picking.move_ids.lot_ids = lots
        picking.move_ids.picked = True
        picking.button_validate()
        order._create_invoices().action_post()
        back, repair = self._settle(order, ("return", {}), ("repair", {}))
        back.action_execute()
        back.sudo().picking_ids.move_ids.lot_ids = lots
        back.sudo().picking_ids.move_ids.picked = True
        back.sudo().picking_ids.button_validate()
        repair.action_execute()
        documents = repair.sudo().repair_order_ids
        self.assertEqual(documents.lot_id, lots)
        for document in documents:
            document.action_repair_start()
            document.action_repair_end()
        self.assertEqual(repair.sudo().picking_ids.move_ids.lot_ids, lots)
        for picking in repair.sudo().picking_ids:
            self._receive(picking)
        self.assertEqual(repair.state, "done")
        customers = self.env.ref("stock.stock_location_customers")
        lots.invalidate_recordset()
        self.assertEqual(lots.location_id, customers)

    def test_a_cancelled_repair_puts_the_solution_back(self):
        _order, _back, repair = self._bring_in()
        document = repair.sudo().repair_order_ids
        document.action_repair_cancel()
        self.assertEqual((repair.state, repair.res_model), ("accepted", False))
        repair.action_execute()
        self.assertEqual(len(repair.sudo().repair_order_ids), 2)
        repair._cancel("Not worth it")
        self.assertEqual(set(repair.sudo().repair_order_ids.mapped("state")), {"cancel"})

    def test_a_cancelled_way_back_can_be_made_anew(self):
        _order, _back, repair = self._bring_in()
        document = repair.sudo().repair_order_ids
        document.action_repair_start()
        document.action_repair_end()
        first = repair.sudo().picking_ids
        first.action_cancel()
        self.env.invalidate_all()
        self.assertEqual(repair.state, "in_progress")
        self.assertTrue(repair.can_send_back)
        repair.action_send_back()
        second = repair.sudo().picking_ids - first
        self.assertEqual(len(second), 1)
        repair.action_send_back()
        self.assertEqual(repair.sudo().picking_ids, first | second)
        self._receive(second)
        self.assertEqual(repair.state, "done")

    def test_parts_are_the_cost(self):
        _order, _back, repair = self._bring_in()
        seal = self.env["product.product"].create(
            {"name": "Seal", "type": "consu", "is_storable": True, "standard_price": 8.0}
        )
        self.env["stock.quant"]._update_available_quantity(seal, self.stock_location, 10.0)
        document = repair.sudo().repair_order_ids
        document.move_ids = [
            Command.create(
                {
                    "product_id": seal.id,
                    "product_uom_qty": 1.0,
                    "repair_line_type": "add",
                    "company_id": self.company.id,
                }
            )
        ]
        document.action_repair_start()
        document.move_ids.write({"quantity": 1.0, "picked": True})
        document.action_repair_end()
        self.assertEqual(repair._get_cost(), 8.0)

    def test_a_repair_at_the_customers_is_a_task(self):
        (repair,) = self._settle(self._sell(), ("repair", {"quantity": 1.0}))
        self.assertEqual(repair.return_need, "never")
        repair.action_execute()
        self.assertEqual((repair.state, len(repair.sudo().repair_order_ids)), ("in_progress", 0))
        self.assertTrue(repair.complaint_id.activity_ids)
        repair.action_done_by_hand()
        self.assertEqual(repair.state, "done")

    def test_a_confidential_case_shows_no_button_on_the_repair_order(self):
        _order, _back, repair = self._bring_in()
        document = repair.sudo().repair_order_ids
        self.lead.group_ids += self.env.ref("stock.group_stock_user")
        self.assertTrue(document.with_user(self.lead).has_complaint)
        repair.sudo().complaint_id.is_confidential = True
        self.assertFalse(document.with_user(self.lead).has_complaint)
