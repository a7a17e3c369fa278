from datetime import date, timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_warranty import WarrantyCommon


@tagged("post_install", "-at_install")
class TestWarrantyVerdict(WarrantyCommon):
    """Asked as the assistant, who may read neither transfers nor serial numbers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lot = cls._create_lot("P-1")
        cls._transfer(cls.vendor, cls.pump, 1, [cls.lot], cls.suppliers, cls.stock, date(2024, 5, 1))
        cls.env["stock.quant"].search([("lot_id", "=", cls.lot.id), ("location_id", "=", cls.stock.id)]).quantity = 0
        cls.order = cls._sell(cls.consumer, [(cls.pump, 1, [cls.lot])], date(2024, 6, 3))

    def test_covered_by_law(self):
        check = self._ask(lot=self.lot, reported_on=date(2026, 5, 3))
        self.assertRecordValues(
            check,
            [
                {
                    "verdict": "covered_legal",
                    "reason_code": "law",
                    "partner_id": self.consumer.id,
                    "product_id": self.pump.id,
                    "order_id": self.order.id,
                    "covered_until": date(2026, 6, 3),
                    "burden_of_proof": "seller",
                    "presumption_until": date(2026, 6, 3),
                    "recourse_until": False,
                    "create_uid": self.assistant.id,
                }
            ],
        )
        self.assertIn("06/03/2026", check.reason)
        self.assertIn("seller has to prove", check.reason)
        self.assertRecordValues(
            check.line_ids,
            [
                {
                    "side": "customer",
                    "result": "covered",
                    "start": date(2024, 6, 3),
                    "end": date(2026, 6, 3),
                    "burden_of_proof": "seller",
                },
                {
                    "side": "supplier",
                    "result": "expired",
                    "start": date(2024, 5, 1),
                    "end": date(2025, 5, 1),
                    "burden_of_proof": False,
                },
            ],
        )

    def test_last_day(self):
        self.assertEqual(self._ask(lot=self.lot, reported_on=date(2026, 6, 3)).verdict, "covered_legal")
        late = self._ask(lot=self.lot, reported_on=date(2026, 6, 4))
        self.assertRecordValues(late, [{"verdict": "expired", "reason_code": "expired", "burden_of_proof": False}])

    def test_discovered_earlier(self):
        facts = {"discovered_on": date(2026, 6, 1)}
        check = self._ask(lot=self.lot, reported_on=date(2026, 6, 10), facts=facts)
        self.assertRecordValues(check, [{"verdict": "covered_legal", "reported_on": date(2026, 6, 1)}])

    def test_supplier_and_recourse(self):
        self.be_supplier.notice_days = 14
        check = self._ask(lot=self.lot, reported_on=date(2025, 4, 1))
        self.assertEqual(check.recourse_until, date(2025, 4, 15))
        check = self._ask(lot=self.lot, reported_on=date(2025, 4, 25))
        self.assertEqual(check.recourse_until, date(2025, 5, 1))

    def test_supplier_only(self):
        self.env["commercial.warranty.policy"].create(
            {"name": "Five years", "side": "supplier", "kind": "manufacturer", "duration_months": 60}
        )
        lot = self._create_lot("P-5")
        self._transfer(self.vendor, self.pump, 1, [lot], self.suppliers, self.stock, date(2023, 5, 1))
        self._transfer(self.business, self.pump, 1, [lot], self.stock, self.customers, date(2023, 6, 1))
        check = self._ask(lot=lot, reported_on=date(2026, 6, 1))
        self.assertRecordValues(
            check,
            [{"verdict": "supplier_only", "reason_code": "supplier", "recourse_until": date(2028, 5, 1)}],
        )

    def test_commercial(self):
        self.env["commercial.warranty.policy"].create(
            {"name": "Five years", "kind": "manufacturer", "duration_months": 60, "proof": "The card in the box"}
        )
        lot = self._create_lot("P-6")
        self._sell(self.consumer, [(self.pump, 1, [lot])], date(2023, 6, 1))
        check = self._ask(lot=lot, reported_on=date(2026, 6, 1))
        self.assertRecordValues(
            check,
            [
                {
                    "verdict": "covered_commercial",
                    "covered_until": date(2028, 6, 1),
                    "burden_of_proof": "customer",
                    "proof_needed": "The card in the box",
                }
            ],
        )
        self.assertEqual(
            {line.kind: line.result for line in check.line_ids}, {"legal": "expired", "manufacturer": "covered"}
        )

    def test_excluded(self):
        facts = {"customer_responsible": True, "reason": "Ran dry"}
        check = self._ask(lot=self.lot, reported_on=date(2025, 6, 1), facts=facts)
        self.assertRecordValues(
            check,
            [{"verdict": "excluded", "reason_code": "customer_responsible", "exclusion_reason": "Ran dry"}],
        )
        over = self._ask(lot=self.lot, reported_on=date(2026, 7, 1), facts=facts)
        self.assertEqual(over.verdict, "expired")

    def test_terms_bind_the_guarantee_not_the_law(self):
        self.env["commercial.warranty.policy"].create(
            {"name": "Five years", "kind": "commercial", "duration_months": 60}
        )
        lot = self._create_lot("P-7")
        self._sell(self.consumer, [(self.pump, 1, [lot])], date(2024, 6, 1))
        facts = {"maintenance_missing": True, "reason": "No yearly check"}
        self.assertEqual(self._ask(lot=lot, reported_on=date(2025, 6, 1), facts=facts).verdict, "covered_legal")
        later = self._ask(lot=lot, reported_on=date(2026, 7, 1), facts=facts)
        self.assertRecordValues(later, [{"verdict": "excluded", "reason_code": "terms_not_met"}])

    def test_live_animals(self):
        hen = self._create_product("Hen", categ_id=self.category.id)
        self.category.is_live_animal = True
        check = self._ask(product=hen, partner=self.consumer)
        self.assertRecordValues(check, [{"verdict": "excluded", "reason_code": "live_animal"}])

    def test_nothing_known(self):
        check = self._ask(product=self.tap, partner=self.consumer)
        self.assertRecordValues(
            check, [{"verdict": "unknown", "reason_code": "no_record", "line_ids": [], "covered_until": False}]
        )
        self.assertIn("invoice or receipt", check.proof_needed)

    def test_serial_of_another_customer(self):
        check = self._ask(lot=self.lot, partner=self.business, reported_on=date(2025, 6, 1))
        self.assertRecordValues(
            check, [{"verdict": "unknown", "reason_code": "other_customer", "partner_id": self.business.id}]
        )
        self.assertFalse(check.line_ids.filtered(lambda line: line.side == "customer"))
        self.assertNotIn(self.consumer.name, check.reason)

    def test_serial_of_another_customer_does_not_leak_the_order(self):
        check = self._ask(lot=self.lot, partner=self.business, reported_on=date(2025, 6, 1))
        self.assertFalse(check.order_id)

    def test_by_order_line(self):
        check = self._ask(order_line=self.order.order_line, reported_on=date(2025, 6, 1))
        self.assertRecordValues(check, [{"verdict": "covered_legal", "serial_number": "P-1"}])

    def test_by_customer_and_product(self):
        self._sell(self.consumer, [(self.tap, 3)], date(2026, 1, 5))
        check = self._ask(product=self.tap, partner=self.consumer, reported_on=date(2026, 2, 1))
        self.assertRecordValues(check, [{"verdict": "covered_legal", "covered_until": date(2028, 1, 5)}])

    def test_several_deliveries(self):
        """When an old and a new one were delivered, it has to be known which one it is."""
        self._sell(self.consumer, [(self.tap, 3)], date(2023, 1, 5))
        self._sell(self.consumer, [(self.tap, 3)], date(2026, 1, 5))
        check = self._ask(product=self.tap, partner=self.consumer, reported_on=date(2026, 2, 1))
        self.assertRecordValues(check, [{"verdict": "unknown", "reason_code": "which_unit"}])
        self.assertIn("delivery note", check.proof_needed)

    def test_returned_and_replaced(self):
        row = self._rows(side="customer", lot_id=self.lot)
        new = self._create_lot("P-8")
        row._replace(new, date(2025, 3, 1), "complaint,1")
        self.assertEqual(self._ask(lot=self.lot, reported_on=date(2025, 2, 1)).verdict, "covered_legal")
        check = self._ask(lot=self.lot, reported_on=date(2025, 4, 1))
        self.assertRecordValues(check, [{"verdict": "supplier_only", "reason_code": "supplier"}])
        check = self._ask(lot=self.lot, reported_on=date(2025, 5, 4))
        self.assertRecordValues(check, [{"verdict": "expired", "reason_code": "replaced"}])
        self.assertRecordValues(
            self._ask(lot=new, reported_on=date(2025, 4, 1)),
            [{"verdict": "covered_legal", "covered_until": date(2026, 6, 3)}],
        )

    def test_reported_while_in_the_workshop(self):
        row = self._rows(side="customer", lot_id=self.lot)
        row._suspend(date(2026, 6, 1), None, "In the workshop", "repair,1")
        check = self._ask(lot=self.lot, reported_on=date(2026, 6, 20))
        self.assertRecordValues(check, [{"verdict": "covered_legal", "covered_until": date(2026, 6, 22)}])

    def test_burden_lies_with_the_customer(self):
        self.consumer.country_id = self.env.ref("base.nl")
        lot = self._create_lot("P-9")
        self._sell(self.consumer, [(self.pump, 1, [lot])], date(2024, 6, 1))
        check = self._ask(lot=lot, reported_on=date(2025, 6, 1))
        self.assertEqual(check.burden_of_proof, "seller")
        check = self._ask(lot=lot, reported_on=date(2025, 6, 2))
        self.assertEqual(check.burden_of_proof, "customer")
        self.assertIn("technician", check.proof_needed)

    # --- BAD INPUT ---

    def test_contradictions(self):
        other_order = self._sell(self.business, [(self.tap, 1)])
        foreign_lot = self.env["stock.lot"].create(
            {"name": "X-1", "product_id": self.pump.id, "company_id": self.other_company.id}
        )
        for question, message in [
            ({"lot": self.lot, "product": self.tap}, "not one of Test tap"),
            ({"order_line": other_order.order_line, "product": self.pump}, "is not about"),
            ({"order_line": other_order.order_line, "partner": self.consumer}, "is not an order of"),
            ({"lot": foreign_lot}, "do not all belong"),
            ({"partner": self.consumer}, "Say which product"),
            ({"product": self.tap, "quantity": 0}, "above zero"),
            ({"product": self.tap, "quantity": float("nan")}, "above zero"),
            ({"product": self.tap, "quantity": float("inf")}, "above zero"),
            ({"order_line": other_order.order_line, "quantity": 2}, "more than the"),
            ({"product": self.tap, "reported_on": fields.Date.today() + timedelta(days=2)}, "still to come"),
            ({"product": self.tap, "reported_on": "yesterday"}, "as a date"),
        ]:
            before = self.Check.search_count([])
            with self.subTest(question=question), self.assertRaisesRegex(UserError, message):
                self._ask(**question)
            self.assertEqual(self.Check.search_count([]), before, "nothing is half written")

    def test_company_of_somebody_else(self):
        with self.assertRaises(AccessError):
            self._ask(order_line=self.order.order_line, user=self.other_lead)
        check = self._ask(lot=self.lot)
        with self.assertRaises(AccessError):
            check.with_user(self.other_lead).read(["verdict"])
        self.assertFalse(self.Warranty.with_user(self.other_lead).search([("lot_id", "=", self.lot.id)]))

    def test_only_the_desk_asks(self):
        employee = self._create_user("desk_employee", "base.group_user")
        with self.assertRaises(AccessError):
            self._ask(lot=self.lot, user=employee)
        collector = self._create_user("desk_collector", "commercial_assistant.group_collector")
        with self.assertRaises(AccessError):
            self._ask(lot=self.lot, user=collector)

    # --- KEEPING ---

    def test_answer_is_kept(self):
        check = self._ask(lot=self.lot, reported_on=date(2025, 6, 1))
        for user in (self.assistant, self.lead):
            with self.assertRaisesRegex(AccessError, "kept as it was given"):
                check.with_user(user).verdict = "expired"
            with self.assertRaisesRegex(AccessError, "kept as it was given|not allowed"):
                check.line_ids.with_user(user).write({"result": "expired"})
            with self.assertRaises(AccessError):
                check.with_user(user).unlink()
        check.with_user(self.assistant).note = "Sends pictures"
        self._rows(side="customer", lot_id=self.lot)._end(date(2025, 7, 1), "Wrong")
        self.be_consumer.name = "Another name"
        self.assertEqual(check.verdict, "covered_legal")
        self.assertEqual(check.line_ids[0].policy_name, "Belgium: legal guarantee for consumers")

    def test_buttons(self):
        row, line = self._rows(side="customer", lot_id=self.lot), self.order.order_line
        checks = self.Check.browse(
            [
                row.with_user(self.assistant).action_check()["res_id"],
                line.with_user(self.assistant).action_check_warranty()["res_id"],
            ]
        )
        self.assertEqual(checks.mapped("product_id"), self.pump)
        again = checks[0].with_user(self.assistant).action_check_again()["res_id"]
        self.assertNotIn(again, checks.ids)
        lead = self._create_user("desk_stock_lead", "commercial_assistant.group_team_lead,stock.group_stock_user")
        self.assertTrue(self.lot.with_user(lead).action_check_warranty()["res_id"])
        self.assertEqual(self.lot.with_user(lead).warranty_count, 2)
        self.assertEqual(self.order.with_user(self.assistant).warranty_count, 1)
        self.assertEqual(self.order.picking_ids.with_user(lead).warranty_count, 1)

    # --- COST ---

    def test_queries(self):
        """However long the history, a verdict costs the same, at most 15 queries."""
        counts = []
        for size in (2, 20):
            product = self._create_product(f"Queries {size}")
            for number in range(size):
                self._sell(self.consumer, [(product, 1)], date(2026, 1, 1) + timedelta(days=number))
            self.env.flush_all()
            self.env.invalidate_all()
            # warms up the caches of the registry
            self._ask(product=product, partner=self.consumer, reported_on=date(2026, 3, 1))
            self.env.flush_all()
            self.env.invalidate_all()
            self.assistant.mapped("lang")  # each request has read its user
            before = self.env.cr.sql_log_count
            self._ask(product=product, partner=self.consumer, reported_on=date(2026, 3, 1))
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 1, counts)
        self.assertLessEqual(max(counts), 15, counts)

    def test_queries_of_a_delivery(self):
        """500 lines are covered with at most 25 queries."""
        products = self.env["product.product"].create(
            [
                {"name": f"Line {number}", "type": "consu", "categ_id": self.category.id, "taxes_id": [Command.clear()]}
                for number in range(500)
            ]
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": self.consumer.id,
                "order_line": [
                    Command.create({"product_id": product.id, "product_uom_qty": 1}) for product in products
                ],
            }
        )
        order.action_confirm()
        picking = order.picking_ids
        picking.move_ids.quantity = 1
        picking.move_ids.picked = True
        picking._action_done()
        self.assertEqual(len(picking.move_ids.warranty_ids), 500)
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM commercial_warranty WHERE picking_id = %s", [picking.id])
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.Warranty.sudo()._follow_moves(picking.move_ids)
        self.env.flush_all()
        count = self.env.cr.sql_log_count - before
        self.assertEqual(self.Warranty.search_count([("picking_id", "=", picking.id)]), 500)
        self.assertLessEqual(count, 25)
