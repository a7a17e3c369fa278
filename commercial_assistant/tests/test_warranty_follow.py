from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_warranty import WarrantyCommon


@tagged("post_install", "-at_install")
class TestWarrantyFollow(WarrantyCommon):
    """Repairs and replacements, as the policy says, once for each document."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lot = cls._create_lot("P-1")
        cls.order = cls._sell(cls.consumer, [(cls.pump, 1, [cls.lot])], date(2025, 1, 10))
        cls.row = cls.Warranty.search([("lot_id", "=", cls.lot.id), ("side", "=", "customer")])

    def _confirm_repair_months(self, months, code="be"):
        figures = self.env["commercial.legal.parameter"].search(
            [("code", "=", f"{code}_warranty_repair_extension_months")]
        )
        figures.write({"value": months, "state": "confirmed"})

    # --- SUSPENSION ---

    def test_suspension(self):
        self.row._suspend(date(2026, 2, 1), date(2026, 2, 20), "In the workshop", "repair,1")
        self.assertEqual(self.row.end, date(2027, 1, 29))
        self.assertRecordValues(self.row.extension_ids, [{"kind": "suspension", "days": 19, "source": "repair,1"}])

    def test_suspension_counts_once(self):
        for _time in range(2):
            self.row._suspend(date(2026, 2, 1), date(2026, 2, 20), "In the workshop", self.order)
        self.assertEqual(len(self.row.extension_ids), 1)
        self.assertEqual(self.row.extension_ids.source, f"sale.order,{self.order.id}")
        self.row._suspend(date(2026, 2, 1), date(2026, 2, 25), "In the workshop", self.order)
        self.assertEqual(self.row.end, date(2027, 2, 3), "the same document, other days")

    def test_suspension_that_goes_on(self):
        self.row._suspend(date(2026, 2, 1), None, "In the workshop", "repair,1")
        self.assertEqual(self.row.end, date(2027, 1, 10))
        self.assertEqual(self.row._get_end(until=date(2026, 2, 11)), date(2027, 1, 20))
        self.assertEqual(self.row._get_state(date(2026, 2, 5)), "suspended")
        self.row._suspend(date(2026, 2, 1), date(2026, 2, 20), "In the workshop", "repair,1")
        self.assertEqual(self.row.end, date(2027, 1, 29))
        self.assertEqual(self.row._get_state(date(2026, 3, 5)), "covered")

    def test_suspension_after_the_end_does_not_count(self):
        self.assertFalse(self.row._suspend(date(2027, 1, 11), None, "Too late", "repair,1"))
        self.assertTrue(self.row._suspend(date(2027, 1, 10), date(2027, 1, 12), "On the last day", "repair,2"))

    def test_policy_decides(self):
        self.be_consumer.on_repair = "none"
        self.assertFalse(self.row._suspend(date(2026, 2, 1), date(2026, 2, 20), "In the workshop", "repair,1"))
        self.assertFalse(self.row._extend_for_repair(date(2026, 2, 20), "Repaired", "repair,1"))
        self.assertEqual(self.row.end, date(2027, 1, 10))

    def test_wrong_days(self):
        with self.assertRaisesRegex(UserError, "before they were handed in"):
            self.row._suspend(date(2026, 2, 20), date(2026, 2, 1), "Wrong", "repair,1")

    # --- EXTENSION ---

    def test_repair_extends_once(self):
        self._confirm_repair_months(12)
        self.row._suspend(date(2026, 2, 1), date(2026, 2, 20), "In the workshop", "repair,1")
        for source in ("repair,1", "repair,1", "repair,2"):
            self.row._extend_for_repair(date(2026, 2, 20), "Repaired", source)
        self.assertEqual(self.row.end, date(2028, 1, 29))
        self.assertEqual(self.row.extension_ids.mapped("kind"), ["suspension", "repair"])

    def test_unconfirmed_figure_adds_nothing_yet(self):
        """The figure of the time from 31 July 2026 waits for its law."""
        figure = self.env.ref("commercial_assistant.legal_parameter_be_warranty_repair_extension_months")
        self.assertEqual(figure.state, "to_confirm")
        self.assertFalse(self.row._extend_for_repair(date(2026, 9, 1), "Repaired", "repair,1"))
        self.assertTrue(figure.activity_ids)
        self._confirm_repair_months(12)
        self.assertTrue(self.row._extend_for_repair(date(2026, 9, 1), "Repaired", "repair,1"))
        self.assertEqual(self.row.end, date(2028, 1, 10))

    def test_before_the_directive_nothing_is_added(self):
        self.assertFalse(self.row._extend_for_repair(date(2026, 2, 20), "Repaired", "repair,1"))

    def test_french_repair(self):
        self.consumer.country_id = self.env.ref("base.fr")
        self._sell(self.consumer, [(self.tap, 1)], date(2025, 1, 10))
        row = self._rows(product_id=self.tap)
        row._extend_for_repair(date(2026, 2, 20), "Repaired", "repair,1")
        self.assertEqual(row.end, date(2027, 7, 10))

    def test_repair_of_uncovered_goods_adds_nothing(self):
        self._confirm_repair_months(12)
        self.assertFalse(self.row._extend_for_repair(date(2027, 1, 11), "Repaired", "repair,1"))

    # --- REPLACEMENT ---

    def test_replacement_inherits(self):
        new = self._create_lot("P-2")
        successor = self.row._replace(new, date(2026, 3, 1), "complaint,1")
        self.assertRecordValues(
            successor,
            [
                {
                    "lot_id": new.id,
                    "serial_number": "P-2",
                    "start": date(2026, 3, 1),
                    "end": date(2027, 1, 10),
                    "origin_id": self.row.id,
                    "partner_id": self.consumer.id,
                    "order_id": self.order.id,
                    "status": "running",
                }
            ],
        )
        self.assertRecordValues(
            self.row, [{"status": "replaced", "ended_on": date(2026, 3, 1), "quantity_replaced": 1}]
        )
        self.assertEqual(self.row._replace(new, date(2026, 3, 1), "complaint,1"), successor, "once")
        self.assertEqual(successor._get_presumption_end(), date(2027, 1, 10), "counted from the first delivery")

    def test_successor_lives_on(self):
        successor = self.row._replace(self._create_lot("P-2"), date(2026, 3, 1), "complaint,1")
        successor._suspend(date(2026, 5, 1), date(2026, 5, 11), "In the workshop", "repair,9")
        self.assertEqual(successor.end, date(2027, 1, 20))
        third = successor._replace(self._create_lot("P-3"), date(2026, 6, 1), "complaint,2")
        self.assertEqual(third.end, date(2027, 1, 20))

    def test_replacement_restarts_or_has_a_minimum(self):
        for effect, months, end in [("restart", 0, date(2028, 12, 1)), ("minimum", 6, date(2027, 6, 1))]:
            with self.subTest(effect=effect):
                self.be_consumer.write({"replacement_months": months, "on_replacement": effect})
                lot = self._create_lot(f"P-{effect}")
                self._sell(self.consumer, [(self.pump, 1, [lot])], date(2025, 1, 10))
                row = self._rows(lot_id=lot)
                successor = row._replace(self._create_lot(f"N-{effect}"), date(2026, 12, 1), f"complaint,{effect}")
                self.assertEqual(successor.end, end)

    def test_delivery_of_the_new_piece_does_not_start_anew(self):
        """Whether the free delivery comes first or the word that it is a replacement."""
        for number, delivery_first in enumerate((True, False)):
            with self.subTest(delivery_first=delivery_first):
                old, new = self._create_lot(f"O-{number}"), self._create_lot(f"N-{number}")
                self._sell(self.consumer, [(self.pump, 1, [old])], date(2025, 1, 10))
                self._stock_up(self.pump, 1, new)
                row = self._rows(lot_id=old)
                if not delivery_first:
                    row._replace(new, date(2026, 3, 1), f"complaint,{number}")
                picking = self._transfer(
                    self.consumer, self.pump, 1, [new], self.stock, self.customers, date(2026, 3, 1)
                )
                if delivery_first:
                    row._replace(picking.move_line_ids, date(2026, 3, 1), f"complaint,{number}")
                self.assertRecordValues(
                    self._rows(lot_id=new), [{"origin_id": row.id, "end": date(2027, 1, 10), "status": "running"}]
                )

    def test_returned_before_it_is_replaced(self):
        self._return(self.order.picking_ids, day=date(2026, 2, 1))
        self.assertEqual(self.row.status, "returned")
        successor = self.row._replace(self._create_lot("P-2"), date(2026, 3, 1), "complaint,1")
        self.assertEqual(successor.end, date(2027, 1, 10))
        self.assertRecordValues(self.row, [{"status": "replaced", "quantity_returned": 0, "quantity_replaced": 1}])

    def test_part_of_the_quantity_is_replaced(self):
        self._sell(self.consumer, [(self.tap, 5)], date(2026, 3, 2))
        row = self._rows(product_id=self.tap)
        successor = row._replace(self.env["stock.move"], date(2026, 4, 1), "complaint,1", quantity=2)
        self.assertRecordValues(successor, [{"quantity": 2, "end": date(2028, 3, 2), "lot_id": False}])
        self.assertRecordValues(row, [{"status": "running", "quantity_replaced": 2}])
        row._replace(self.env["stock.move"], date(2026, 4, 1), "complaint,2", quantity=99)
        self.assertRecordValues(row, [{"status": "replaced", "quantity_replaced": 5}])

    # --- BY HAND ---

    def _adjust(self, user, **values):
        wizard = self.env["commercial.warranty.adjust"].with_user(user)
        return wizard.create({"warranty_ids": self.row.ids, "reason": "Decided", **values})

    def test_team_lead_changes_the_cover(self):
        self._adjust(self.lead, kind="suspend", date_from=date(2026, 2, 1), date_to=date(2026, 2, 20)).action_adjust()
        self.assertEqual(self.row.end, date(2027, 1, 29))
        self._adjust(self.lead, kind="extend", months=3).action_adjust()
        self.assertEqual(self.row.end, date(2027, 4, 29))
        self._adjust(self.lead, kind="start", date_from=date(2025, 2, 10)).action_adjust()
        self.assertEqual(self.row.end, date(2027, 5, 29))
        self._adjust(self.lead, kind="end", date_from=date(2026, 5, 1)).action_adjust()
        self.assertRecordValues(self.row, [{"status": "ended", "ended_on": date(2026, 5, 1)}])

    def test_start_before_the_contract(self):
        with self.assertRaisesRegex(UserError, "before they were sold"):
            self._adjust(self.lead, kind="start", date_from=date(2024, 1, 1)).action_adjust()

    def test_assistant_changes_nothing(self):
        with self.assertRaises(AccessError):
            self._adjust(self.assistant, kind="extend", months=3)
        with self.assertRaisesRegex(AccessError, "team leads"):
            self.row.with_user(self.assistant).action_adjust()
        with self.assertRaises(AccessError):
            self.env["commercial.warranty.extension"].with_user(self.lead).create(
                {
                    "warranty_id": self.row.id,
                    "kind": "goodwill",
                    "date_from": date(2026, 1, 1),
                    "months": 99,
                    "reason": "x",
                }
            )
