from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, new_test_user, tagged

from .common_handover import HandoverCommon

MODELS = (
    "commercial.collection.handover",
    "commercial.collection.handover.line",
    "commercial.collection.result",
    "commercial.collection.dossier",
    "commercial.prescription.event",
    "commercial.credit.hold",
)


@tagged("post_install", "-at_install")
@freeze_time("2026-05-04 09:00:00")
class TestHandoverAccess(HandoverCommon):
    def setUp(self):
        super().setUp()
        self.Hold = self.env["commercial.credit.hold"]
        self.invoice = self._invoice(amount=1000)
        self._reach(self.invoice, self.notice_level)
        self.item = self._item(self.invoice)
        self.handover = self._prepare(self.item)
        self.env["commercial.prescription.event"].create(
            {
                "receivable_id": self.item.receivable_id.id,
                "item_ids": [Command.set(self.item.ids)],
                "kind": "summons",
                "date": "2026-05-01",
                "note": "Summons",
            }
        )
        self.env["commercial.credit.hold"].with_user(self.collector).create({"partner_id": self.business.id})

    def _finish(self):
        self._admit(self.handover)
        self._hand_over(self.handover)
        self.handover.result_ids = [Command.create({"amount_recovered": 10, "date": "2026-05-04"})]

    def test_employee_sees_nothing(self):
        self._finish()
        employee = new_test_user(self.env, "handover_employee", "base.group_user", company_id=self.company.id)
        for model in MODELS:
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(employee).search([])

    def test_assistant_reads(self):
        self._finish()
        handover = self.handover.with_user(self.assistant)
        handover.read(["claimed_summary", "missing", "paid_summary", "dossier_id"])
        handover.dossier_id.read(["sha256", "content", "size_text"])
        self.assertTrue(handover.dossier_id.action_download()["url"])
        for name in (
            "action_check",
            "action_refresh",
            "action_draft",
            "action_build",
            "action_recall",
            "action_payments_reported",
            "action_add_items",
        ):
            with self.subTest(name), self.assertRaises(AccessError):
                getattr(handover, name)()
        with self.assertRaises(AccessError):
            handover._hand_over("hand")
        with self.assertRaises(AccessError):
            handover._end("recalled", "x")
        with self.assertRaises(AccessError):
            handover.line_ids.action_leave_out()
        with self.assertRaises(AccessError):
            self.env["commercial.collection.prepare"].with_user(self.assistant).create(
                {"receivable_ids": [Command.set(self.item.receivable_id.ids)]}
            )
        with self.assertRaises(AccessError):
            handover.write({"collector_reference": "x"})

    def test_collector_works_alone(self):
        """From preparing to settling, without any other right; nothing is written past the buttons."""
        self._finish()
        handover = self.handover
        for record in (handover.line_ids, handover.dossier_ids):
            with self.subTest(record), self.assertRaises(AccessError):
                record.write({"company_id": self.company.id})
            with self.subTest(record), self.assertRaises(AccessError):
                record.unlink()
        with self.assertRaises(AccessError):
            handover.unlink()
        with self.assertRaises(AccessError):
            self.env["commercial.collection.handover"].with_user(self.collector).create(
                {"receivable_id": self.item.receivable_id.id}
            )
        with self.assertRaisesRegex(UserError, "records"):
            handover.with_user(self.lead).unlink()
        self._end(handover, "recalled", "They pay us")

    def test_wizards_of_others(self):
        wizard = self.env["commercial.collection.end"].with_user(self.collector)
        wizard = wizard.create(
            {"handover_ids": [Command.set(self.handover.ids)], "outcome": "cancelled", "reason": "x"}
        )
        with self.assertRaises(AccessError):
            wizard.with_user(self.lead).read(["reason"])

    def test_private_methods_are_private(self):
        for model in MODELS:
            for name in ("_set_handed_over", "_write_end", "_release", "_prepare", "_store", "_propose", "_set"):
                self.assertFalse(hasattr(self.env[model], name.lstrip("_")), f"{model}.{name}")

    def test_other_company(self):
        self._finish()
        other = self.setup_other_company(name="Other BV")["company"]
        stranger = new_test_user(
            self.env,
            "handover_stranger",
            "commercial_assistant.group_team_lead",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        for model in MODELS:
            records = self.env[model].search([("company_id", "=", self.company.id)])
            with self.subTest(model=model):
                self.assertTrue(records)
                self.assertFalse(self.env[model].with_user(stranger).search([("company_id", "=", self.company.id)]))
                with self.assertRaises(AccessError):
                    records.with_user(stranger).read(["company_id"])
        with self.assertRaises(AccessError):
            self.handover.with_user(stranger).action_recall()
        with self.assertRaises(AccessError):
            self.handover.dossier_id.attachment_id.with_user(stranger).read(["raw"])
        with self.assertRaises(UserError):
            self.handover.sudo().line_ids.write({"item_id": self._foreign_item(other).id})

    def _foreign_item(self, company):
        receivable = (
            self.env["commercial.receivable"].sudo().create({"company_id": company.id, "partner_id": self.consumer.id})
        )
        return (
            self.env["commercial.receivable.item"]
            .sudo()
            .create(
                {
                    "receivable_id": receivable.id,
                    "company_id": company.id,
                    "partner_id": self.consumer.id,
                    "currency_id": company.currency_id.id,
                    "date_due": "2026-01-01",
                }
            )
        )

    def test_forms_open(self):
        self._finish()
        for model in MODELS:
            record = self.env[model].with_user(self.assistant).search([("company_id", "=", self.company.id)], limit=1)
            views = self.env["ir.ui.view"].search([("model", "=", model), ("type", "!=", "search")])
            for view_type in set(views.mapped("type")):
                with self.subTest(model=model, view=view_type):
                    self.assertTrue(record.get_view(view_type=view_type)["arch"])
            if "form" in views.mapped("type"):
                with self.subTest(model=model):
                    Form(record)
        with Form(self.item.with_user(self.collector)) as form:
            self.assertEqual(form.handover_id, self.handover)
        Form(self.item.receivable_id.with_user(self.assistant))
        self.env["res.config.settings"].get_view()
        Form(self.env["product.category"])
        with Form(self.bailiff.with_user(self.lead)) as form:
            form.collector_type = "agency"
            form.collection_registration = "200123"

    # --- QUERIES ---

    def _measure(self, method):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        method()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def _fill(self, count, name, due="2026-03-01"):
        moves = self.env["account.move"]
        for number in range(count):
            moves |= self._invoice(self._create_customer(f"{name}{number} Customer", is_company=True), 100, due=due)
        self.env["commercial.receivable"]._refresh_items(self.company)
        return moves

    def test_queries_of_the_jobs(self):
        """Nothing grows with the number of customers but the number of tasks that are made for the first time."""
        Handover = self.env["commercial.collection.handover"].sudo()
        Item = self.env["commercial.receivable.item"].sudo()
        self.notice_level.proposes_handover = True
        day = date(2026, 5, 4)
        source = self.env["commercial.dunning.notice"].search([("company_id", "=", self.company.id)], limit=1)
        costs = {}
        for count, name in ((2, "Few"), (20, "Many")):
            moves = self._fill(count, name)
            for move in moves:
                self._reach(move, self.notice_level, deadline="2026-05-01")
            costs["propose", count] = self._measure(lambda: Handover._propose(self.company, day))
            lines = self.env["commercial.collection.handover.line"].search([("item_id.move_id", "in", moves.ids)])
            self.assertEqual(len(lines), count)
            costs["propose again", count] = self._measure(lambda: Handover._propose(self.company, day))
            lines.handover_id.sudo().write({"state": "handed_over", "date_handed_over": day})
            lines.sudo().amount_reported = 0
            lines.sudo().amount_principal = 150
            costs["payments", count] = self._measure(lambda: Handover._follow_payments(self.company))
            costs["payments again", count] = self._measure(lambda: Handover._follow_payments(self.company))
            self.env.cr.execute(
                "UPDATE commercial_receivable_item SET date_due = '2016-06-01' WHERE move_id = ANY(%s)", (moves.ids,)
            )
            self.env.invalidate_all()
            costs["prescription", count] = self._measure(lambda: Item._refresh_prescription_of(self.company, day))
            costs["alert", count] = self._measure(lambda: Item._alert_prescription(self.company, day))
            costs["alert again", count] = self._measure(lambda: Item._alert_prescription(self.company, day))
            for move in moves:
                self.Hold._set(self.company, move.partner_id, "dunning", source=source)
            costs["holds", count] = self._measure(lambda: self.Hold._release_ended(self.company))
        for name in (
            "propose",
            "propose again",
            "payments",
            "payments again",
            "prescription",
            "alert",
            "alert again",
            "holds",
        ):
            with self.subTest(name):
                few, many = costs[name, 2], costs[name, 20]
                self.assertLessEqual(many, few + 4, f"{name}: {few} queries for 2 customers, {many} for 20")

    def test_queries_of_lists(self):
        moves = self._fill(12, "List")
        items = self.env["commercial.receivable.item"].search([("move_id", "in", moves.ids)])
        self._prepare(items)
        handovers = self.env["commercial.collection.handover"].search([("company_id", "=", self.company.id)])
        names = ["claimed_summary", "paid_summary", "open_summary", "has_unreported_payment", "item_count"]
        few = self._measure(lambda: handovers[:2].read(names))
        many = self._measure(lambda: handovers.read(names))
        self.assertLessEqual(many, few)
        names = ["handover_id", "is_handed_over", "prescription_state"]
        few = self._measure(lambda: items[:2].read(names))
        many = self._measure(lambda: items.read(names))
        self.assertLessEqual(many, few)

    def test_holds_of_a_run(self):
        """One query for the holds of all items."""
        moves = self._fill(12, "Held")
        items = self.env["commercial.receivable.item"].search([("move_id", "in", moves.ids)])
        self._prepare(items).sudo().write({"state": "handed_over"})
        rows = [{"id": item_id} for item_id in items.ids]
        Handover = self.env["commercial.collection.handover"]
        self.assertEqual(len(Handover._fetch_dunning_holds(rows, {})), 12)
        few = self._measure(lambda: Handover._fetch_dunning_holds(rows[:2], {}))
        many = self._measure(lambda: Handover._fetch_dunning_holds(rows, {}))
        self.assertLessEqual(many, few)


@tagged("post_install", "-at_install")
class TestHandoverTour(HandoverCommon, HttpCase):
    """A collector hands over a claim in the browser."""

    def test_hand_over(self):
        self.business.name = "Bakkerij Tour"
        invoice = self._invoice(amount=1000)
        self._reach(invoice, self.notice_level)
        self.start_tour("/odoo/receivables", "commercial_assistant_handover", login="dunning_collector")
        handover = self.env["commercial.collection.handover"].search([("partner_id", "=", self.business.id)])
        self.assertRecordValues(
            handover,
            [
                {
                    "state": "handed_over",
                    "collector_id": self.bailiff.id,
                    "collector_type": "bailiff",
                    "delivery_method": "portal",
                    "collector_reference": "DW/2026/17",
                }
            ],
        )
        self.assertTrue(handover.dossier_id.attachment_id.raw)
        self.assertEqual(handover.checklist_ids.state, "done")
        self.assertTrue(self._item(invoice).is_handed_over)
