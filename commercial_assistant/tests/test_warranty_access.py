from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common_warranty import WarrantyCommon

MODELS = (
    "commercial.warranty",
    "commercial.warranty.policy",
    "commercial.warranty.extension",
    "commercial.warranty.check",
    "commercial.warranty.check.line",
)


@tagged("post_install", "-at_install")
class TestWarrantyAccess(WarrantyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lot = cls._create_lot("P-1")
        cls.order = cls._sell(cls.consumer, [(cls.pump, 1, [cls.lot])], date(2026, 1, 10))
        cls.row = cls.Warranty.search([("lot_id", "=", cls.lot.id)])
        cls.row._suspend(date(2026, 2, 1), date(2026, 2, 3), "In the workshop", "repair,1")

    def test_rights(self):
        employee = self._create_user("rights_employee", "base.group_user")
        for name in MODELS:
            with self.subTest(model=name):
                self.assertFalse(self.env[name].with_user(employee).has_access("read"))
                self.assertTrue(self.env[name].with_user(self.assistant).has_access("read"))
                for operation in ("create", "unlink"):
                    self.assertFalse(self.env[name].with_user(self.assistant).has_access(operation))
        policy = self.env["commercial.warranty.policy"]
        self.assertTrue(policy.with_user(self.lead).has_access("create"))
        self.assertFalse(policy.with_user(self.assistant).has_access("write"))

    def test_companies(self):
        check = self.Check.browse(self._ask(lot=self.lot, reported_on=date(2026, 3, 1)).id)
        own = self.env["commercial.warranty.policy"].create(
            {"name": "Own", "kind": "commercial", "duration_months": 36, "company_id": self.company.id}
        )
        for record in (self.row, self.row.extension_ids, check, check.line_ids, own):
            with self.subTest(model=record._name):
                record[:1].with_user(self.lead).read(["display_name"])
                with self.assertRaises(AccessError):
                    record[:1].with_user(self.other_lead).read(["display_name"])
                self.assertFalse(record.with_user(self.other_lead).search([("id", "in", record.ids)]))
        self.be_consumer.with_user(self.other_lead).read(["name"])

    def test_links_stay_within_the_company(self):
        other = self.env["commercial.warranty.policy"].create(
            {"name": "Other", "kind": "commercial", "duration_months": 36, "company_id": self.other_company.id}
        )
        with self.assertRaisesRegex(UserError, "company|Company"):
            self.row.policy_id = other
        foreign = self.env["stock.lot"].create(
            {"name": "X", "product_id": self.pump.id, "company_id": self.other_company.id}
        )
        with self.assertRaisesRegex(UserError, "company|Company"):
            self.row._replace(foreign, date(2026, 3, 1), "complaint,1")

    def test_policy_of_another_company_covers_nothing_here(self):
        self.env["commercial.warranty.policy"].create(
            {"name": "Other", "kind": "commercial", "duration_months": 36, "company_id": self.other_company.id}
        )
        self._sell(self.consumer, [(self.tap, 1)], date(2026, 1, 10))
        self.assertEqual(self._rows(product_id=self.tap).policy_id, self.be_consumer)

    def test_warehouse_worker_delivers(self):
        """Whoever delivers has no right on the register, nor on orders."""
        worker = self._create_user("warehouse_worker", "stock.group_stock_user")
        order = self.env["sale.order"].create(
            {
                "partner_id": self.consumer.id,
                "order_line": [Command.create({"product_id": self.tap.id, "product_uom_qty": 1})],
            }
        )
        self._stock_up(self.tap, 1)
        order.action_confirm()
        picking = order.picking_ids.with_user(worker)
        picking.move_ids.quantity = 1
        picking.move_ids.picked = True
        picking.button_validate()
        self.assertEqual(picking.state, "done")
        self.assertEqual(self._rows(product_id=self.tap).order_id, order)

    def test_forms_open(self):
        """What the forms of the app and of Odoo ask for may be read by those who open them."""
        check = self._ask(lot=self.lot, reported_on=date(2026, 3, 1))
        for record, view in (
            (self.row, "warranty_view_form"),
            (check, "warranty_check_view_form"),
            (self.be_consumer, "warranty_policy_view_form"),
        ):
            with self.subTest(view=view):
                Form(record.with_user(self.lead), view=f"commercial_assistant.{view}")
        product = self.pump.product_tmpl_id.with_user(self.assistant)
        self.assertIn(self.be_consumer, product.warranty_policy_ids)
        self.assertNotIn(
            self.env.ref("commercial_assistant.warranty_policy_fr_consumer_used"), product.warranty_policy_ids
        )
        self.env["commercial.warranty.policy"].create(
            {
                "name": "Pumps",
                "kind": "manufacturer",
                "duration_months": 60,
                "categ_ids": [Command.set(self.category.ids)],
            }
        )
        self.category.invalidate_recordset()
        self.assertEqual(self.category.with_user(self.assistant).warranty_policy_ids.name, "Pumps")

    def test_buttons_cost_little(self):
        """Each smart button asks one query, whatever it counts."""
        lead = self._create_user("buttons_lead", "commercial_assistant.group_team_lead,stock.group_stock_user")
        for record in (self.order, self.lot, self.order.picking_ids):
            record = record.with_user(lead)
            record.mapped("warranty_count")  # warms up the caches of rights
            self.env.flush_all()
            record.invalidate_recordset(["warranty_count"])
            before = self.env.cr.sql_log_count
            count = record.warranty_count
            with self.subTest(model=record._name):
                self.assertEqual(count, 1)
                self.assertLessEqual(self.env.cr.sql_log_count - before, 1)

    def test_lists_cost_the_same(self):
        for number in range(18):
            self._sell(self.consumer, [(self.tap, 1)], date(2026, 1, 1 + number))
        rows = self._rows()
        names = ["display_name", "state", "remaining_days", "end", "partner_id", "order_id"]
        counts = []
        for size in (2, 18):
            some = rows[:size].with_user(self.assistant)
            some.read(names)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.read(names)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0], counts)
