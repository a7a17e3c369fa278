from datetime import date, datetime, timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common_warranty import WarrantyCommon


@tagged("post_install", "-at_install")
class TestWarrantyRegister(WarrantyCommon):
    """Rows come from first deliveries, once, whatever moves later."""

    def test_consumer_serial(self):
        lot = self._create_lot("P-1")
        order = self._sell(self.consumer, [(self.pump, 1, [lot])], date(2025, 1, 10))
        self.assertRecordValues(
            self._rows(side="customer"),
            [
                {
                    "policy_id": self.be_consumer.id,
                    "kind": "legal",
                    "partner_id": self.consumer.id,
                    "lot_id": lot.id,
                    "serial_number": "P-1",
                    "quantity": 1,
                    "order_id": order.id,
                    "order_line_id": order.order_line.id,
                    "picking_id": order.picking_ids.id,
                    "delivered_on": date(2025, 1, 10),
                    "start": date(2025, 1, 10),
                    "months": 24,
                    "presumption_months": 24,
                    "end": date(2027, 1, 10),
                    "is_fallback": False,
                    "status": "running",
                }
            ],
        )

    def test_business_gets_contract_term(self):
        self._sell(self.business, [(self.tap, 5)], date(2026, 3, 2))
        row = self._rows()
        self.assertRecordValues(
            row, [{"policy_id": self.be_business.id, "quantity": 5, "months": 12, "end": date(2027, 3, 2)}]
        )
        self.company.warranty_customer_months = 0
        self._sell(self.business, [(self.tap, 5)], date(2026, 3, 2))
        self.assertEqual(self._rows(), row, "no guarantee by contract")

    def test_lots_and_untracked(self):
        first, second = self._create_lot("L-1", self.paint), self._create_lot("L-2", self.paint)
        self._sell(self.consumer, [(self.paint, 6, [first, second]), (self.tap, 4)], date(2026, 3, 2))
        self.assertRecordValues(
            self._rows(),
            [
                {"product_id": self.paint.id, "lot_id": first.id, "quantity": 3},
                {"product_id": self.paint.id, "lot_id": second.id, "quantity": 3},
                {"product_id": self.tap.id, "lot_id": False, "quantity": 4},
            ],
        )

    def test_services_and_internal_moves_are_not_covered(self):
        service = self._create_product("Test service", type="service", is_storable=False)
        self._sell(self.consumer, [(self.tap, 1), (service, 1)])
        self.assertEqual(self._rows().product_id, self.tap)
        shelf = self.env["stock.location"].create({"name": "Shelf", "location_id": self.stock.id})
        self._stock_up(self.tap, 5)
        self._transfer(self.consumer, self.tap, 2, None, self.stock, shelf)
        self.assertEqual(len(self._rows()), 1)

    def test_live_animals_are_left_to_their_own_law(self):
        self.category.is_live_animal = True
        below = self.env["product.category"].create({"name": "Hens", "parent_id": self.category.id})
        self.tap.categ_id = below
        self._sell(self.consumer, [(self.tap, 1)])
        self.assertFalse(self.Warranty.search([("product_id", "=", self.tap.id)]))

    def test_leap_day(self):
        self._sell(self.business, [(self.tap, 1)], date(2024, 2, 29))
        self.assertEqual(self._rows().end, date(2025, 2, 28))

    def test_old_law(self):
        """Before June 2022 a defect was presumed for six months only."""
        order = self._sell(self.consumer, [(self.tap, 1)], date(2021, 5, 3))
        order.date_order = datetime(2021, 5, 3, 9)
        self.env.cr.execute("DELETE FROM commercial_warranty WHERE order_id = %s", [order.id])
        self.env.invalidate_all()
        self.Warranty._cover_moves(order.picking_ids.move_ids)
        self.assertRecordValues(self._rows(order_id=order), [{"months": 24, "presumption_months": 6}])

    def test_time_zone(self):
        """Half past eleven at night in London is the next day in Brussels."""
        self._sell(self.consumer, [(self.tap, 1)])
        picking = self._rows().picking_id
        picking.date_done = datetime(2026, 3, 9, 23, 30)
        self.assertRecordValues(
            self._rows(), [{"delivered_on": date(2026, 3, 10), "start": date(2026, 3, 10), "end": date(2028, 3, 10)}]
        )
        self.warehouse.partner_id.tz = "America/New_York"
        picking.date_done = datetime(2026, 3, 10, 3, 0)
        self.assertEqual(self._rows().start, date(2026, 3, 9), "the warehouse knows better what day it was")

    def test_repeating_changes_nothing(self):
        lot = self._create_lot("P-1")
        order = self._sell(self.consumer, [(self.pump, 1, [lot]), (self.tap, 2)], date(2026, 3, 2))
        rows = self._rows()
        self.Warranty._follow_moves(order.picking_ids.move_ids)
        self.Warranty._cover_period(self.company, date(2026, 3, 1), date(2026, 3, 3), commit=False)
        self.assertEqual(self._rows(), rows)

    def test_backorder(self):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.consumer.id,
                "order_line": [Command.create({"product_id": self.tap.id, "product_uom_qty": 5})],
            }
        )
        self._stock_up(self.tap, 5)
        order.action_confirm()
        picking = order.picking_ids
        picking.move_ids.quantity = 2
        self._deliver(picking, date(2026, 3, 2))
        self.assertEqual(self._rows().mapped("quantity"), [2])
        rest = order.picking_ids - picking
        self._deliver(rest, date(2026, 4, 2))
        self.assertEqual(self._rows().mapped("quantity"), [2, 3])
        self.assertEqual(self._rows().mapped("start"), [date(2026, 3, 2), date(2026, 4, 2)])

    # --- RETURNS ---

    def test_return_ends_and_return_of_return_goes_on(self):
        lot = self._create_lot("P-1")
        order = self._sell(self.consumer, [(self.pump, 1, [lot])], date(2025, 1, 10))
        row = self._rows()
        back = self._return(order.picking_ids, day=date(2026, 2, 1))
        self.assertRecordValues(row, [{"status": "returned", "quantity_returned": 1}])
        self._return(back, day=date(2026, 2, 20))
        self.assertRecordValues(
            self._rows(), [{"id": row.id, "status": "running", "quantity_returned": 0, "end": date(2027, 1, 10)}]
        )
        self.assertFalse(row.ended_on)

    def test_repaired_piece_goes_back_without_an_order(self):
        lot = self._create_lot("P-1")
        order = self._sell(self.consumer, [(self.pump, 1, [lot])], date(2025, 1, 10))
        self._return(order.picking_ids, day=date(2026, 2, 1))
        self._transfer(self.consumer, self.pump, 1, [lot], self.stock, self.customers, date(2026, 2, 20))
        self.assertRecordValues(
            self._rows(), [{"status": "running", "start": date(2025, 1, 10), "end": date(2027, 1, 10)}]
        )

    def test_part_of_the_quantity_comes_back(self):
        order = self._sell(self.consumer, [(self.tap, 5)], date(2026, 3, 2))
        row, delivery = self._rows(), order.picking_ids
        back = self._return(delivery, {self.tap: 2}, date(2026, 4, 1))
        self.assertRecordValues(row, [{"status": "running", "quantity_returned": 2}])
        self._return(delivery, {self.tap: 3}, date(2026, 4, 2))
        self.assertRecordValues(row, [{"status": "returned", "quantity_returned": 5}])
        self._return(back, {self.tap: 1}, date(2026, 4, 3))
        self.assertRecordValues(row, [{"status": "running", "quantity_returned": 4}])

    def test_sold_to_somebody_else(self):
        lot = self._create_lot("P-1")
        order = self._sell(self.consumer, [(self.pump, 1, [lot])], date(2025, 1, 10))
        self._return(order.picking_ids, day=date(2025, 3, 1))
        other = self._create_customer(name="Bob", is_company=False)
        self._sell(other, [(self.pump, 1, [lot])], date(2025, 6, 1))
        self.assertRecordValues(
            self._rows(side="customer"),
            [
                {"partner_id": self.consumer.id, "status": "returned"},
                {"partner_id": other.id, "status": "running"},
            ],
        )

    def test_sold_again_to_the_same_customer(self):
        lot = self._create_lot("P-1")
        order = self._sell(self.consumer, [(self.pump, 1, [lot])], date(2025, 1, 10))
        self._return(order.picking_ids, day=date(2025, 3, 1))
        self._sell(self.consumer, [(self.pump, 1, [lot])], date(2025, 6, 1))
        self.assertRecordValues(
            self._rows(side="customer"),
            [
                {"start": date(2025, 1, 10), "status": "returned"},
                {"start": date(2025, 6, 1), "status": "running"},
            ],
        )

    # --- SUPPLIERS ---

    def test_supplier(self):
        lot = self._create_lot("P-1")
        receipt = self._transfer(self.vendor, self.pump, 1, [lot], self.suppliers, self.stock, date(2026, 1, 5))
        row = self._rows(side="supplier")
        self.assertRecordValues(
            row, [{"partner_id": self.vendor.id, "lot_id": lot.id, "end": date(2027, 1, 5), "order_id": False}]
        )
        self._return(receipt, day=date(2026, 2, 5))
        self.assertRecordValues(row, [{"status": "returned"}])

    def test_supplier_with_a_policy_of_its_own(self):
        self.env["commercial.warranty.policy"].create(
            {
                "name": "Three years of the pump factory",
                "side": "supplier",
                "kind": "commercial",
                "supplier_id": self.vendor.id,
                "duration_months": 36,
            }
        )
        self._transfer(self.vendor, self.tap, 3, None, self.suppliers, self.stock, date(2026, 1, 5))
        other = self._create_customer(name="Other vendor")
        self._transfer(other, self.tap, 3, None, self.suppliers, self.stock, date(2026, 1, 5))
        self.assertEqual(self._rows(side="supplier").mapped("months"), [36, 12])

    # --- POLICIES ---

    def test_second_hand(self):
        for months, agreed, end in [
            (12, 12, date(2027, 3, 1)),
            (24, 0, date(2028, 3, 1)),
            (12, 6, date(2027, 3, 1)),
            (18, 18, date(2027, 9, 1)),
        ]:
            with self.subTest(agreed=agreed):
                order = self._sell(
                    self.consumer,
                    [(self.tap, 1)],
                    date(2026, 3, 1),
                    warranty_condition="used",
                    warranty_agreed_months=agreed,
                )
                self.assertRecordValues(
                    self._rows(order_id=order), [{"months": months, "end": end, "is_second_hand": True}]
                )

    def test_second_hand_product(self):
        self.tap.write({"is_second_hand": True, "second_hand_months": 12})
        self._sell(self.consumer, [(self.tap, 1)], date(2026, 3, 1))
        self.assertRecordValues(self._rows(), [{"months": 12, "is_second_hand": True}])
        self._sell(self.consumer, [(self.tap, 1)], date(2026, 3, 1), warranty_condition="new")
        self.assertRecordValues(self._rows()[-1], [{"months": 24, "is_second_hand": False}])

    def test_closest_policy_counts(self):
        policies = self.env["commercial.warranty.policy"]
        for name, months, values in [
            ("all", 6, {}),
            ("category", 36, {"categ_ids": [Command.set(self.category.parent_id.ids or self.category.ids)]}),
            ("product", 60, {"product_tmpl_ids": [Command.set(self.pump.product_tmpl_id.ids)]}),
        ]:
            policies.create({"name": name, "kind": "manufacturer", "duration_months": months, **values})
        lot = self._create_lot("P-1")
        self._sell(self.consumer, [(self.pump, 1, [lot]), (self.tap, 1)], date(2026, 3, 2))
        rows = self._rows(kind="manufacturer")
        self.assertEqual(
            rows.mapped(lambda row: (row.product_id.id, row.months)), [(self.pump.id, 60), (self.tap.id, 36)]
        )
        self.assertEqual(len(self._rows(kind="legal")), 2, "the law holds beside it")

    def test_countries(self):
        for code, months, presumption in [("nl", 24, 12), ("fr", 24, 24), ("lu", 24, 12), ("de", 24, 24)]:
            with self.subTest(country=code):
                self.consumer.country_id = self.env.ref(f"base.{code}")
                order = self._sell(self.consumer, [(self.tap, 1)], date(2026, 3, 2))
                row = self._rows(order_id=order)
                self.assertRecordValues(row, [{"months": months, "presumption_months": presumption}])
                expected = "be" if code == "de" else code
                self.assertEqual(row.policy_id.country_ids.code.lower(), expected)

    def test_french_second_hand(self):
        self.consumer.country_id = self.env.ref("base.fr")
        self._sell(
            self.consumer, [(self.tap, 1)], date(2026, 3, 2), warranty_condition="used", warranty_agreed_months=12
        )
        self.assertRecordValues(self._rows(), [{"months": 24, "presumption_months": 12}])

    def test_archived_policy_covers_nothing(self):
        self.be_consumer.active = False
        self._sell(self.consumer, [(self.tap, 1)], date(2026, 3, 2))
        self.assertFalse(self._rows())

    def test_missing_figure_does_not_stop_a_delivery(self):
        figure = self.env.ref("commercial_assistant.legal_parameter_be_warranty_months")
        figure.state = "to_confirm"
        order = self._sell(self.consumer, [(self.tap, 1)], date(2026, 3, 2))
        self.assertEqual(order.picking_ids.state, "done")
        self.assertFalse(self._rows())
        self.assertTrue(figure.activity_ids, "a team lead has to confirm it")
        figure.state = "confirmed"
        self.Warranty._cover_period(self.company, date(2026, 3, 1), date(2026, 3, 3), commit=False)
        self.assertEqual(self._rows().end, date(2028, 3, 2))

    def test_wrong_policies(self):
        policies = self.env["commercial.warranty.policy"]
        for values, message in [
            ({"term_source": "fixed"}, "how many months"),
            ({"term_source": "law"}, "name the legal parameter"),
            ({"term_source": "law", "duration_code": "nonsense"}, "no legal parameter"),
            ({"duration_months": 12, "side": "supplier", "kind": "legal"}, "supplier owes us"),
            ({"duration_months": 12, "on_replacement": "minimum"}, "replacement gets at least"),
        ]:
            with self.subTest(values=values), self.assertRaisesRegex(ValidationError, message):
                policies.create({"name": "Wrong", "kind": "commercial", **values})

    def test_used_policy_is_archived_not_deleted(self):
        self._sell(self.consumer, [(self.tap, 1)])
        with self.assertRaisesRegex(ValidationError, "archive it"):
            self.be_consumer.unlink()

    # --- START ---

    def _create_policy(self, **values):
        return self.env["commercial.warranty.policy"].create(
            {"name": "Own", "kind": "commercial", "duration_months": 24, "customer_kind": "consumer", **values}
        )

    def test_starts_with_the_invoice(self):
        policy = self._create_policy(basis="invoice")
        order = self._sell(self.consumer, [(self.tap, 2)], date(2026, 3, 2))
        row = self._rows(policy_id=policy)
        self.assertRecordValues(row, [{"start": date(2026, 3, 2), "is_fallback": True}])
        invoice = order._create_invoices()
        invoice.invoice_date = date(2026, 3, 20)
        invoice.action_post()
        self.assertRecordValues(row, [{"start": date(2026, 3, 20), "end": date(2028, 3, 20), "is_fallback": False}])
        self.assertEqual(self._rows(kind="legal").start, date(2026, 3, 2), "the law counts from delivery")

    def test_starts_with_commissioning(self):
        policy = self._create_policy(basis="commissioning")
        self._sell(self.consumer, [(self.tap, 2)], date(2026, 3, 2))
        rows = self._rows()
        self.assertTrue(self._rows(policy_id=policy).is_fallback)
        rows._set_start(date(2026, 4, 15), "Commissioned", basis="commissioning")
        self.assertRecordValues(
            self._rows(policy_id=policy), [{"start": date(2026, 4, 15), "is_fallback": False, "end": date(2028, 4, 15)}]
        )
        self.assertEqual(self._rows(kind="legal").start, date(2026, 3, 2))

    # --- KEEPING ---

    def test_register_is_kept(self):
        self._sell(self.consumer, [(self.tap, 2)])
        row = self._rows()
        with self.assertRaisesRegex(UserError, "register is kept"):
            row.unlink()
        with self.assertRaisesRegex(UserError, "not duplicated"):
            row.copy()
        as_lead = row.with_user(self.lead)
        with self.assertRaisesRegex(AccessError, "follows its buttons"):
            as_lead.end = date(2040, 1, 1)
        with self.assertRaisesRegex(AccessError, "follows deliveries"):
            self.Warranty.with_user(self.lead).create({"key": "x"})
        as_lead.note = "Outdoors"

    def test_state_and_search_agree(self):
        today = date.today()
        for days in (0, 100, 365, 366, 800):
            self._sell(self.business, [(self.tap, 1)], today - timedelta(days=days))
        rows = self._rows()
        rows[1]._suspend(today, None, "In the workshop", "test")
        returned = self._sell(self.business, [(self.tap, 1)], today - timedelta(days=5))
        self._return(returned.picking_ids)
        rows = self._rows()
        rows.invalidate_recordset()
        for state, _label in rows._fields["state"].selection:
            with self.subTest(state=state):
                found = self.Warranty.search([("state", "=", state), ("id", "in", rows.ids)])
                self.assertEqual(set(found.ids), set(rows.filtered(lambda row, state=state: row.state == state).ids))
        self.assertEqual(set(rows.mapped("state")), {"covered", "suspended", "expired", "returned"})
