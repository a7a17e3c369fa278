from datetime import date

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged

from odoo.addons.commercial_assistant.models.dunning.claim_kind import CLAIM_KINDS, SHORTEST_FIRST
from odoo.addons.commercial_assistant.tools.prescription import INTERRUPTIONS, KINDS, Interruption, lapse

from .common_handover import HandoverCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-05-04 09:00:00")
class TestPrescriptionOfItems(HandoverCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Item = cls.env["commercial.receivable.item"]
        cls.service = cls.env["product.product"].create({"name": "Advice", "type": "service"})
        cls.goods = cls.env["product.product"].create({"name": "Chair", "type": "consu"})

    def _sell(self, partner, product=None, due="2026-03-01", **values):
        line = {"product_id": product.id} if product else {"name": "Something"}
        return self._invoice(
            partner,
            due=due,
            invoice_date="2025-01-01",
            invoice_line_ids=[Command.create({**line, "price_unit": 100, "tax_ids": False})],
            **values,
        )

    def _look(self, day=None):
        self.env["commercial.receivable"]._refresh_items(self.company)
        self.Item._refresh_prescription_of(self.company, fields.Date.to_date(day) or fields.Date.today())

    def _record(self, item, kind, day, **values):
        return (
            self.env["commercial.prescription.event"]
            .with_user(self.collector)
            .create(
                {
                    "receivable_id": item.receivable_id.id,
                    "item_ids": [Command.set(item.ids)],
                    "kind": kind,
                    "date": day,
                    "note": "Letter of 3 March",
                    **values,
                }
            )
        )

    # --- KIND ---

    def test_kind_of_claim(self):
        """Choice, policy, category, customer: the first one that says something."""
        food = self.env["product.category"].create({"name": "Meals", "claim_kind": "hospitality"})
        dessert = self.env["product.category"].create({"name": "Desserts", "parent_id": food.id})
        meal = self.env["product.product"].create({"name": "Meal", "type": "consu", "categ_id": dessert.id})
        cases = [
            ("consumer, goods", self._sell(self.consumer, self.goods), "consumer_goods"),
            ("consumer, service", self._sell(self.consumer, self.service), "contract"),
            ("consumer, not known", self._sell(self.consumer), "consumer_goods"),
            ("business, goods", self._sell(self.business, self.goods), "contract"),
            ("business, meal", self._sell(self.business, meal), "hospitality"),
        ]
        mixed = self._sell(self.business, self.goods)
        mixed.button_draft()
        mixed.invoice_line_ids = [Command.create({"product_id": meal.id, "price_unit": 5, "tax_ids": False})]
        mixed.action_post()
        cases.append(("the shortest of several", mixed, "hospitality"))
        self._look()
        for name, move, expected in cases:
            with self.subTest(name):
                self.assertEqual(self._item(move).claim_kind, expected)
        food.claim_kind = False
        self._look()
        self.assertEqual(self._item(cases[4][1]).claim_kind, "contract")

    def test_policy_decides(self):
        move = self._sell(self.business, self.goods)
        self._look()
        receivable = self._item(move).receivable_id
        receivable.policy_id = self.business_policy
        self.business_policy.claim_kind = "utility"
        self._look()
        self.assertEqual(self._item(move).claim_kind, "utility")

    def test_own_choice(self):
        item = self._item_of(self.business)
        with Form(item.with_user(self.collector)) as form:
            form.claim_kind_choice = "fees"
        self.assertRecordValues(item, [{"claim_kind": "fees", "prescription_date": date(2031, 3, 1)}])
        with self.assertRaises(AccessError):
            item.with_user(self.assistant).claim_kind_choice = "contract"
        with self.assertRaises(ValidationError):
            item.with_user(self.collector).prescription_date = "2050-01-01"

    def _item_of(self, partner, due="2026-03-01"):
        move = self._sell(partner, self.goods, due=due)
        self._look()
        return self._item(move)

    def test_customer_becomes_a_business(self):
        item = self._item_of(self.consumer)
        self.assertEqual(item.prescription_date, date(2027, 3, 1))
        self.consumer.vat = "BE0477472701"
        self._look()
        self.assertRecordValues(item, [{"claim_kind": "contract", "prescription_date": date(2036, 3, 1)}])

    # --- DATES ---

    def test_table(self):
        table = [
            ("contract", date(2036, 3, 1), date(2035, 9, 1)),
            ("consumer_goods", date(2027, 3, 1), date(2026, 12, 1)),
            ("periodic", date(2031, 3, 1), date(2030, 9, 1)),
            ("utility", date(2031, 3, 1), date(2030, 9, 1)),
            ("hospitality", date(2026, 9, 1), date(2026, 7, 1)),
            ("health_care", date(2028, 3, 1), date(2027, 11, 1)),
            ("fees", date(2031, 3, 1), date(2030, 9, 1)),
        ]
        item = self._item_of(self.business)
        for kind, expected, alert in table:
            with self.subTest(kind):
                item.sudo().claim_kind_choice = kind
                self.assertRecordValues(item, [{"prescription_date": expected, "prescription_alert_on": alert}])

    def test_kinds_agree(self):
        self.assertEqual({code for code, _label in CLAIM_KINDS}, set(KINDS))
        self.assertEqual(set(SHORTEST_FIRST), set(KINDS))
        kinds = self.env["commercial.prescription.event"]._fields["kind"].get_values(self.env)
        self.assertEqual(set(kinds), set(INTERRUPTIONS))

    def test_database_and_function_agree(self):
        """The statement for all items says what the pure function says, also at the ends of months."""
        days = ["2024-02-29", "2024-08-31", "2025-01-31", "2025-12-31", "2026-02-28", "2026-03-30"]
        moves = {day: self._sell(self.consumer, self.goods, due=day) for day in days}
        self._look()
        terms = self.Item._get_prescription_terms(date(2026, 5, 4))
        for kind in KINDS:
            for day, move in moves.items():
                with self.subTest(kind=kind, day=day):
                    item = self._item(move)
                    item.sudo().claim_kind_choice = kind
                    expected = lapse(date.fromisoformat(day), terms["be", kind, "consumer"])
                    self.assertEqual(
                        (item.prescription_date, item.prescription_alert_on), (expected.on, expected.alert_on)
                    )

    def test_unconfirmed_term(self):
        """A term that nobody confirmed gives no day, and nobody is alarmed."""
        customer = self._create_customer("Klant NL", is_company=True, country_id=self.env.ref("base.nl").id)
        item = self._item_of(customer)
        self.assertRecordValues(item, [{"prescription_date": False, "prescription_state": "none"}])
        parameters = self.env["commercial.legal.parameter"].search([("code", "=like", "nl_prescription_contract%")])
        parameters.action_confirm()
        self._look()
        self.assertEqual(item.prescription_date, date(2031, 3, 1))

    def test_kind_without_a_term_of_its_own(self):
        customer = self._create_customer("Client LU", is_company=True, country_id=self.env.ref("base.lu").id)
        self.env["commercial.legal.parameter"].search([("code", "=like", "lu_prescription%")]).action_confirm()
        item = self._item_of(customer)
        item.sudo().claim_kind_choice = "hospitality"
        self.assertEqual(item.prescription_date, date(2036, 3, 1), "Luxembourg: as a contract")

    def test_country_without_law(self):
        customer = self._create_customer("American", is_company=True, country_id=self.env.ref("base.us").id)
        self.assertEqual(self._item_of(customer).prescription_date, date(2036, 3, 1), "our own law")

    def test_reminder_interrupts_nothing(self):
        invoice = self._sell(self.business, self.goods)
        self._look()
        before = self._item(invoice).prescription_date
        self._reach(invoice, self.notice_level)
        self._pay(invoice, 10)
        self._look()
        self.assertEqual(self._item(invoice).prescription_date, before)

    # --- INTERRUPTIONS ---

    def test_recorded_interruption(self):
        item = self._item_of(self.consumer)
        event = self._record(item, "acknowledgment", "2026-04-10")
        self.assertRecordValues(
            item, [{"prescription_date": date(2027, 4, 10), "prescription_alert_on": date(2027, 1, 10)}]
        )
        self._look()
        self.assertEqual(item.prescription_date, date(2027, 4, 10), "the job says the same")
        self.assertIn("Letter of 3 March", item.receivable_id.message_ids[0].body)
        with self.assertRaises(AccessError):
            event.unlink()
        event.with_user(self.lead).unlink()
        self.assertEqual(item.prescription_date, date(2027, 3, 1))

    def test_registered_notice_needs_its_figure(self):
        item = self._item_of(self.consumer, due="2025-06-01")
        parameter = self.env.ref("commercial_assistant.legal_parameter_be_prescription_notice_months")
        parameter.sudo().state = "to_confirm"
        self._record(item, "notice", "2026-05-01")
        self.assertEqual(item.prescription_date, date(2026, 6, 1))
        parameter.action_confirm()
        self._look()
        self.assertEqual(item.prescription_date, date(2027, 5, 1))

    def test_agrees_with_the_function(self):
        item = self._item_of(self.consumer, due="2025-06-01")
        events = [("acknowledgment", "2025-09-01"), ("summons", "2026-01-15"), ("notice", "2026-05-01")]
        for kind, day in events:
            self._record(item, kind, day)
        term = self.Item._get_prescription_terms(date(2026, 5, 4))["be", "consumer_goods", "consumer"]
        months = self.Item._get_interruption_months("be", date(2026, 5, 4))
        expected = lapse(
            date(2025, 6, 1), term, [Interruption(kind, date.fromisoformat(day)) for kind, day in events], *months
        )
        self.assertEqual((item.prescription_date, item.prescription_alert_on), (expected.on, expected.alert_on))

    def test_bad_interruption(self):
        item = self._item_of(self.consumer)
        other = self._item_of(self.business)
        with self.assertRaisesRegex(ValidationError, "happened already"):
            self._record(item, "summons", "2026-05-05")
        with self.assertRaisesRegex(ValidationError, "Choose items"):
            self._record(item, "summons", "2026-05-01", item_ids=[Command.set(other.ids)])
        with self.assertRaises(AccessError):
            self.env["commercial.prescription.event"].with_user(self.assistant).create(
                {"receivable_id": item.receivable_id.id, "kind": "summons", "note": "x"}
            )

    # --- ALERTS ---

    def _tasks(self, receivable):
        return receivable.activity_ids.filtered(
            lambda activity: activity.activity_type_id
            == self.env.ref("commercial_assistant.mail_activity_type_prescription")
        )

    def _job(self):
        with self.enter_registry_test_mode():
            self.env.ref("commercial_assistant.ir_cron_prescription").method_direct_trigger()
        self.env.invalidate_all()

    def test_one_task_for_each_customer(self):
        moves = [self._sell(self.consumer, self.goods, due=due) for due in ("2025-06-01", "2025-07-01", "2026-04-01")]
        self._look()
        receivable = self._item(moves[0]).receivable_id
        receivable.user_id = self.collector
        self._job()
        task = self._tasks(receivable)
        self.assertEqual(task.user_id, self.collector)
        self.assertIn("prescription: 2,", task.note)
        self.assertEqual(
            [self._item(move).prescription_alerted_on for move in moves], [date(2026, 5, 4), date(2026, 5, 4), False]
        )
        self.assertEqual(
            self.Item.search([("prescription_alert_on", "<=", "today"), ("receivable_id", "=", receivable.id)]),
            self._item(moves[0]) + self._item(moves[1]),
        )
        self.assertEqual(self._item(moves[0]).prescription_state, "soon")
        self._job()
        self.assertEqual(self._tasks(receivable), task, "once")
        task.action_feedback(feedback="Called them")
        self._job()
        self.assertFalse(self._tasks(receivable), "done is done")
        self.assertEqual(self._item(moves[0]).amount_residual, 100, "nothing is written off")

    def test_alert_again_after_an_interruption(self):
        item = self._item_of(self.consumer, due="2025-06-01")
        self._job()
        self._tasks(item.receivable_id).action_feedback(feedback="They signed")
        self._record(item, "acknowledgment", "2026-05-02")
        self._job()
        self.assertFalse(self._tasks(item.receivable_id))
        with freeze_time("2027-02-02 09:00:00"):
            self._job()
            self.assertTrue(self._tasks(item.receivable_id))

    def test_lapsed(self):
        item = self._item_of(self.consumer, due="2025-05-04")
        self.assertEqual(item.prescription_state, "lapsed", "on the day itself")
        item = self._item_of(self.consumer, due="2025-05-05")
        self.assertEqual(item.prescription_state, "soon")
        item.sudo().state = "closed"
        self.assertEqual(item.prescription_state, "none")
