import base64
from datetime import date, datetime

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..tools.spreadsheet_writer import write_table
from .common_warranty import WarrantyCommon

HEADERS = ["Klant", "Artikel", "Serienummer", "Geleverd op", "Aantal", "Factuur"]


@tagged("post_install", "-at_install")
class TestWarrantySearch(WarrantyCommon):
    """Somebody on the phone gives whatever he has at hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lot = cls._create_lot("ZX-4711")
        cls.order = cls._sell(cls.consumer, [(cls.pump, 1, [cls.lot]), (cls.tap, 2)], date(2026, 1, 10))
        cls.order.client_order_ref = "MY-77"

    def _look_up(self, text, user=None, **values):
        wizard = self.env["commercial.warranty.search"].with_user(user or self.assistant)
        wizard = wizard.create({"text": text, "reported_on": date(2026, 3, 2), **values})
        wizard.action_search()
        return wizard

    def test_by_whatever(self):
        invoice = self.order._create_invoices()
        invoice.invoice_date = date(2026, 1, 12)
        invoice.action_post()
        for text, products in [
            ("ZX-4711", self.pump),
            ("zx-4711", self.pump),
            ("4711", self.pump),
            (self.order.name, self.pump | self.tap),
            ("MY-77", self.pump | self.tap),
            (self.order.picking_ids.name, self.pump | self.tap),
            (invoice.name, self.pump | self.tap),
            ("Ann Peeters", self.pump | self.tap),
            ("ann@peeters.example", self.pump | self.tap),
            ("Test tap", self.tap),
        ]:
            with self.subTest(text=text):
                self.assertEqual(self._look_up(text).line_ids.product_id, products)

    def test_what_is_shown(self):
        self.assertRecordValues(
            self._look_up("ZX-4711").line_ids,
            [
                {
                    "partner_id": self.consumer.id,
                    "serial_number": "ZX-4711",
                    "order_name": self.order.name,
                    "delivered_on": date(2026, 1, 10),
                    "covered_until": date(2028, 1, 10),
                    "state": "covered",
                }
            ],
        )
        late = self._look_up("ZX-4711", reported_on=date(2028, 1, 11))
        self.assertEqual(late.line_ids.state, "expired")

    def test_one_click_records_the_verdict(self):
        action = self._look_up("ZX-4711").line_ids.action_check()
        check = self.env["commercial.warranty.check"].browse(action["res_id"])
        self.assertRecordValues(
            check,
            [{"verdict": "covered_legal", "reported_on": date(2026, 3, 2), "partner_id": self.consumer.id}],
        )

    def test_nothing_found(self):
        wizard = self._look_up("nonsense%")
        self.assertFalse(wizard.line_ids)
        self.assertIn("nonsense%", wizard.message)
        for text in ("", " ", "%", "a"):
            with self.subTest(text=text), self.assertRaisesRegex(UserError, "Enter a serial number"):
                self._look_up(text)
        self.assertFalse(self._look_up("%%").line_ids, "a sign is a sign")

    def test_units_are_shown_once(self):
        self.env["commercial.warranty.policy"].create(
            {"name": "Five years", "kind": "manufacturer", "duration_months": 60}
        )
        lot = self._create_lot("ZX-9")
        self._sell(self.consumer, [(self.pump, 1, [lot])], date(2026, 1, 10))
        line = self._look_up("ZX-9").line_ids
        self.assertRecordValues(line, [{"policy_name": "Five years", "covered_until": date(2031, 1, 10)}])

    def test_other_company_sees_nothing(self):
        wizard = self._look_up("ZX-4711", user=self.other_lead)
        self.assertFalse(wizard.line_ids)
        mine = self._look_up("ZX-4711")
        with self.assertRaises(AccessError):
            mine.with_user(self.colleague).read(["text"])
        with self.assertRaises(AccessError):
            mine.line_ids.with_user(self.colleague).read(["serial_number"])

    def test_only_the_desk(self):
        employee = self._create_user("search_employee", "base.group_user")
        with self.assertRaises(AccessError):
            self._look_up("ZX-4711", user=employee)

    def test_queries_do_not_grow(self):
        counts = []
        for size in (2, 20):
            partner = self._create_customer(name=f"Growing {size}", is_company=False)
            for _number in range(size):
                self._sell(partner, [(self.tap, 1)], date(2026, 1, 10))
            self._look_up(partner.name)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._look_up(partner.name)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2, counts)


@tagged("post_install", "-at_install")
class TestWarrantyHistory(WarrantyCommon):
    """Sales from before the installation, and what is wrong with a list."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pump.default_code = "TP-1"
        cls.consumer.ref = "K-0815"

    def _forget(self, rows):
        """Leave the transfers as they were before the installation: nothing covered."""
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM commercial_warranty WHERE id = ANY(%s)", [rows.ids])
        self.env.invalidate_all()

    def _read(self, rows, headers=None, user=None):
        content = write_table("Sales", headers or HEADERS, rows)
        history = self.env["commercial.warranty.history"].with_user(user or self.lead)
        history = history.create({"kind": "list", "file": base64.b64encode(content), "file_name": "sales.xlsx"})
        history.action_read()
        return history

    def _cover(self, date_from, date_to, user=None):
        history = self.env["commercial.warranty.history"].with_user(user or self.lead)
        history = history.create({"date_from": date_from, "date_to": date_to})
        history.action_cover()
        return history

    # --- TRANSFERS ---

    def test_transfers(self):
        lot = self._create_lot("P-1")
        order = self._sell(self.consumer, [(self.pump, 1, [lot]), (self.tap, 4)], date(2024, 2, 29))
        delivery = order.picking_ids
        back = self._return(delivery, {self.pump: 1, self.tap: 1}, date(2024, 5, 1))
        self._return(back, {self.pump: 1, self.tap: 0}, date(2024, 5, 20))
        self._forget(self._rows())
        history = self._cover(date(2024, 2, 1), date(2024, 12, 31))
        self.assertIn("2 rows", history.message)
        self.assertRecordValues(
            self._rows(),
            [
                {"lot_id": lot.id, "start": date(2024, 2, 29), "end": date(2026, 2, 28), "quantity_returned": 0},
                {"lot_id": False, "start": date(2024, 2, 29), "end": date(2026, 2, 28), "quantity_returned": 1},
            ],
        )
        rows = self._rows()
        self.assertIn("0 rows", self._cover(date(2024, 2, 1), date(2024, 12, 31)).message)
        self.assertEqual(self._rows(), rows)

    def test_period_follows_the_clock_of_the_company(self):
        order = self._sell(self.consumer, [(self.tap, 1)])
        order.picking_ids.date_done = datetime(2024, 3, 31, 22, 30)  # half past midnight on 1 April in Brussels
        self._forget(self._rows())
        self._cover(date(2024, 3, 1), date(2024, 3, 31))
        self.assertFalse(self._rows())
        self._cover(date(2024, 4, 1), date(2024, 4, 1))
        self.assertEqual(self._rows().start, date(2024, 4, 1))

    def test_job(self):
        self._sell(self.consumer, [(self.tap, 1)])
        old = self._sell(self.consumer, [(self.tap, 1)], date(2024, 3, 5))
        self._forget(self._rows())
        job = self.env.ref("commercial_assistant.ir_cron_warranty_cover")
        with self.enter_registry_test_mode():
            job.method_direct_trigger()
        self.assertEqual(len(self._rows()), 1, "what was missed lately")
        self.company.write({"warranty_history_from": date(2024, 1, 1), "warranty_history_to": date(2024, 12, 31)})
        with self.enter_registry_test_mode():
            job.method_direct_trigger()
        self.assertEqual(len(self._rows()), 2)
        self.assertIn(old, self._rows().order_id)
        self.assertFalse(self.company.warranty_history_from)

    def test_wrong_period(self):
        for date_from, date_to, message in [
            (False, date(2024, 1, 1), "first and the last day"),
            (date(2024, 2, 1), date(2024, 1, 1), "first and the last day"),
            (date(2024, 2, 1), date(2100, 1, 1), "still to come"),
        ]:
            with self.subTest(date_from=date_from, date_to=date_to), self.assertRaisesRegex(UserError, message):
                self._cover(date_from, date_to)

    # --- LIST ---

    def test_list(self):
        rows = [
            ["Ann Peeters", "TP-1", "OLD-1", date(2025, 1, 10), 1, "F-1"],
            ["k-0815", "Test tap", "", "10/01/2025", "2,5", "F-1"],
        ]
        history = self._read(rows)
        self.assertRecordValues(history, [{"good_count": 2, "bad_count": 0, "state": "read"}])
        self.assertFalse(self._rows(), "reading takes nothing over")
        history.action_import()
        self.assertRecordValues(
            self._rows(),
            [
                {
                    "partner_id": self.consumer.id,
                    "product_id": self.pump.id,
                    "serial_number": "OLD-1",
                    "lot_id": False,
                    "quantity": 1,
                    "end": date(2027, 1, 10),
                    "source": "F-1",
                },
                {
                    "partner_id": self.consumer.id,
                    "product_id": self.tap.id,
                    "serial_number": False,
                    "lot_id": False,
                    "quantity": 2.5,
                    "end": date(2027, 1, 10),
                    "source": "F-1",
                },
            ],
        )
        self._read(rows).action_import()
        self.assertEqual(len(self._rows()), 2, "a list that comes twice counts once")
        check = self._ask(lot=self._create_lot("OLD-1"), reported_on=date(2026, 3, 2))
        self.assertEqual(check.verdict, "covered_legal", "the number is found once Odoo knows it")

    def test_mistakes_name_their_cell(self):
        self._create_customer(name="Twice")
        self._create_customer(name="Twice")
        day = date(2025, 1, 10)
        history = self._read(
            [
                ["Nobody", "TP-1", "A", day, 1, ""],
                ["Ann Peeters", "XX-9", "A", day, 1, ""],
                ["Ann Peeters", "TP-1", "A", "soon", 1, ""],
                ["Ann Peeters", "TP-1", "A", "31/02/2025", 1, ""],
                ["Ann Peeters", "TP-1", "A", fields.Date.today().replace(year=2090), 1, ""],
                ["Ann Peeters", "TP-1", "A", day, "-3", ""],
                ["Ann Peeters", "TP-1", "A", day, "many", ""],
                ["", "TP-1", "A", day, 1, ""],
                ["Twice", "TP-1", "A", day, 1, ""],
                ["Ann Peeters", "TP-1", "GOOD", day, 1, ""],
            ]
        )
        self.assertEqual(
            [(line.row, line.column) for line in history.line_ids.filtered("error")],
            [(2, "A"), (3, "B"), (4, "D"), (5, "D"), (6, "D"), (7, "E"), (8, "E"), (9, "A"), (10, "A")],
        )
        self.assertEqual(set(history.line_ids.mapped("sheet")), {"Sales"})
        history.action_import()
        self.assertEqual(self._rows().serial_number, "GOOD")
        self.assertIn("9 rows", history.message)

    def test_list_without_its_columns(self):
        with self.assertRaisesRegex(UserError, "Sheet “Sales”, row 1: there is no column"):
            self._read([["Ann Peeters", "TP-1"]], headers=["Klant", "Artikel"])
        history = self.env["commercial.warranty.history"].with_user(self.lead)
        for content, message in [(b"", "Choose a file"), (b"<html></html>", "cannot be read"), (b"\x00\x01", "")]:
            with self.subTest(content=content), self.assertRaisesRegex(UserError, message):
                history.create({"kind": "list", "file": base64.b64encode(content)}).action_read()

    def test_nothing_to_take_over(self):
        history = self._read([["Nobody", "TP-1", "A", date(2025, 1, 10), 1, ""]])
        with self.assertRaisesRegex(UserError, "no row that can be taken over"):
            history.action_import()

    def test_number_that_is_covered_already(self):
        lot = self._create_lot("P-1")
        self._sell(self.consumer, [(self.pump, 1, [lot])], date(2026, 1, 10))
        self._read([["Ann Peeters", "TP-1", "P-1", date(2026, 1, 10), 1, ""]]).action_import()
        self.assertEqual(len(self._rows()), 1)

    def test_rights(self):
        with self.assertRaises(AccessError):
            self._read([], user=self.assistant)
        with self.assertRaises(AccessError):
            self._cover(date(2024, 1, 1), date(2024, 2, 1), user=self.assistant)
