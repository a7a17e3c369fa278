from datetime import datetime, timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .test_complaint_clock import MONDAY, ClockCommon


@tagged("post_install", "-at_install")
class TestComplaintEscalation(ClockCommon):
    def _get_tasks(self, complaint, kind="escalation"):
        kind = self.env.ref(f"commercial_assistant.mail_activity_type_{kind}")
        return complaint.sudo().activity_ids.filtered(lambda activity: activity.activity_type_id == kind)

    def _ask(self, complaint, question="May we take the whole batch back?", user=None):
        complaint = complaint.with_user(user or self.assistant)
        action = complaint.action_escalate()
        wizard = self.env[action["res_model"]].with_user(user or self.assistant).with_context(**action["context"])
        wizard.create({"question": question}).action_confirm()
        return complaint.sudo().escalation_ids

    def test_a_question_comes_back_as_a_message(self):
        complaint = self._complain(user_id=self.assistant.id)
        escalation = self._ask(complaint)
        self.assertRecordValues(
            escalation,
            [
                {
                    "reason": "manual",
                    "level": "1",
                    "state": "open",
                    "from_user_id": self.assistant.id,
                    "user_id": self.lead.id,
                }
            ],
        )
        self.assertTrue(complaint.is_escalated)
        self.assertEqual(complaint.state, "new", "a flag, never a state")
        self.assertEqual(self._get_tasks(complaint).user_id, self.lead)
        answered = escalation.with_user(self.lead)
        with self.assertRaisesRegex(UserError, "Write the answer first"):
            answered.action_answer()
        answered.answer = "Yes, and call the supplier"
        answered.action_answer()
        answered.action_answer()
        self.assertEqual((escalation.state, escalation.answered_uid), ("answered", self.lead))
        self.assertFalse(self._get_tasks(complaint))
        self.assertFalse(complaint.is_escalated)
        messages = complaint.message_ids.filtered(lambda message: "call the supplier" in message.body)
        self.assertEqual(len(messages), 1)
        self.assertIn(self.assistant.partner_id, messages.sudo().partner_ids)
        self.assertTrue(messages.is_internal or messages.subtype_id.internal)

    def test_one_click(self):
        complaint = self._complain(user_id=self.assistant.id)
        escalation = self._ask(complaint).with_user(self.lead)
        escalation.action_agree()
        self.assertEqual(escalation.state, "answered")
        self.assertIn("Agreed", escalation.answer)

    def test_the_same_question_twice_is_one(self):
        complaint = self._complain()
        self._ask(complaint)
        self._ask(complaint)
        self.assertEqual(len(complaint.escalation_ids), 1)
        self._ask(complaint, question="Something else")
        self.assertEqual(len(complaint.escalation_ids), 2)
        self.assertEqual(len(self._get_tasks(complaint)), 1)
        escalation = complaint.escalation_ids[0]
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.env["commercial.escalation"].sudo().create(
                {"complaint_id": complaint.id, "reason": escalation.reason, "key": escalation.key}
            )

    def test_an_open_question_keeps_the_task(self):
        complaint = self._complain()
        self._ask(complaint)
        self._ask(complaint, question="Something else")
        first, second = complaint.escalation_ids
        first.with_user(self.lead).action_agree()
        self.assertTrue(self._get_tasks(complaint))
        second.with_user(self.lead).action_agree()
        self.assertFalse(self._get_tasks(complaint))

    def test_danger_goes_to_the_management_at_once(self):
        boss = self._create_desk_user("clock_boss", "commercial_assistant.group_team_lead")
        self.company.complaint_manager_id = boss
        complaint = self._complain(danger="no")
        self.assertFalse(complaint.escalation_ids)
        complaint.danger = "yes"
        complaint.danger = "no"
        complaint.danger = "yes"
        self.assertRecordValues(complaint.escalation_ids, [{"reason": "danger", "level": "2", "user_id": boss.id}])
        self.assertEqual(self._get_tasks(complaint).user_id, boss)
        self.assertEqual(self._complain(danger="yes").escalation_ids.reason, "danger")

    def test_large_amounts(self):
        self.assertFalse(self._complain(claimed_amount=5000).escalation_ids, "no limit is set")
        self.company.complaint_escalation_amount = 1000
        complaint = self._complain(claimed_amount=999.99)
        self.assertFalse(complaint.escalation_ids)
        complaint.claimed_amount = 1000
        self.assertEqual(complaint.escalation_ids.reason, "amount")
        complaint.claimed_amount = 2000
        self.assertEqual(len(complaint.escalation_ids), 1)
        dear = self._complain()
        dear.solution_ids = [Command.create({"kind": "goodwill", "amount": 1500})]
        self.assertEqual(dear.escalation_ids.reason, "amount")

    def test_a_threat_locks_the_case(self):
        complaint = self._complain(user_id=self.assistant.id)
        complaint.action_acknowledged_by_phone()
        action = complaint.action_threat()
        wizard = self.env[action["res_model"]].with_user(self.assistant).with_context(**action["context"])
        wizard.create({"question": "I know where you park"}).action_confirm()
        self.assertTrue(complaint.is_locked)
        self.assertEqual(complaint.user_id, self.lead)
        self.assertEqual(complaint.escalation_ids.reason, "threat")
        self.assertRecordValues(complaint.contact_log_ids, [{"mood": "1", "said": "I know where you park"}])
        with self.assertRaisesRegex(AccessError, "locked after a threat"):
            complaint.action_assess()
        with self.assertRaises(AccessError):
            complaint._hand_over(self.assistant, "Take it back")
        with self.assertRaises(AccessError):
            complaint.action_unlock()
        complaint.with_user(self.lead).action_assess()
        complaint.with_user(self.lead).action_unlock()
        complaint.category_id = self.other_category
        complaint.action_investigate()

    def test_who_may_answer(self):
        complaint = self._complain()
        escalation = self._ask(complaint)
        with self.assertRaises(AccessError):
            escalation.with_user(self.assistant).action_agree()
        with self.assertRaises(AccessError):
            escalation.with_user(self.assistant).answer = "Yes"
        with self.assertRaises(AccessError):
            escalation.with_user(self.lead).answered_on = "2026-01-01"
        with self.assertRaises(AccessError):
            self.env["commercial.escalation"].with_user(self.lead).create(
                {"complaint_id": complaint.id, "reason": "manual"}
            )
        with self.assertRaises(UserError):
            escalation.unlink()
        with self.assertRaises(UserError):
            complaint._ask_manager("  ")

    def test_another_company(self):
        complaint = self._complain()
        escalation = self._ask(complaint)
        log = self.env["commercial.contact.log"].create({"complaint_id": complaint.id, "said": "x"})
        company = self.env["res.company"].create({"name": "Other"})
        stranger = self._create_desk_user(
            "clock_stranger",
            "commercial_assistant.group_team_lead",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        for record in (escalation, log):
            with self.subTest(record._name), self.assertRaises(AccessError):
                record.with_user(stranger).read(["company_id"])
        with self.assertRaises(AccessError):
            escalation.with_user(stranger).action_agree()
        with self.assertRaisesRegex(UserError, "cannot work on"):
            complaint._hand_over(stranger, "Please")

    # --- CONVERSATIONS ---

    def test_a_promise_becomes_a_task(self):
        complaint = self._complain(user_id=self.lead.id)
        log = self.env["commercial.contact.log"].with_user(self.assistant)
        log = log.create(
            {
                "complaint_id": complaint.id,
                "mood": "2",
                "said": "The pump leaks again",
                "promised": "Call with the result of the test",
                "promised_by": "2026-11-05",
            }
        )
        task = self._get_tasks(complaint, "complaint_promise")
        self.assertEqual((task.user_id, str(task.date_deadline)), (self.lead, "2026-11-05"), "the responsible's")
        log.promised_by = "2026-11-06"
        self.assertEqual(str(task.date_deadline), "2026-11-06")
        self.assertEqual(complaint.open_promise_count, 1)
        log.action_kept()
        log.action_broken()
        self.assertEqual(log.promise_state, "kept", "settled ones stay")
        self.assertFalse(self._get_tasks(complaint, "complaint_promise"))
        with self.assertRaisesRegex(UserError, "settled"):
            log.promised = "Something else"

    def test_the_task_done_is_the_promise_kept(self):
        complaint = self._complain()
        log = self.env["commercial.contact.log"].create(
            {"complaint_id": complaint.id, "said": "x", "promised": "Call", "promised_by": "2026-11-05"}
        )
        log.activity_id.action_feedback("done")
        self.assertEqual(log.promise_state, "kept")

    def test_half_a_promise_is_none(self):
        complaint = self._complain()
        Log = self.env["commercial.contact.log"].with_user(self.assistant)
        for values in ({"promised": "Call"}, {"promised_by": "2026-11-05"}):
            with self.subTest(values=values), self.assertRaises(ValidationError):
                Log.create({"complaint_id": complaint.id, "said": "x", **values})
        with self.assertRaises(ValidationError):
            Log.create({"complaint_id": complaint.id, "said": "x", "date": datetime(2999, 1, 1)})
        with self.assertRaises(AccessError):
            Log.create({"complaint_id": complaint.id, "said": "x", "promise_state": "kept"})
        with self.assertRaises(UserError):
            Log.create({"complaint_id": complaint.id, "said": "x"}).sudo().unlink()

    def test_an_answer_on_the_phone_stops_the_clock(self):
        with freeze_time(MONDAY):
            complaint = self._complain()
        with freeze_time(MONDAY + timedelta(hours=4)):
            self.env["commercial.contact.log"].with_user(self.assistant).create(
                {"complaint_id": complaint.id, "said": "We replace it", "is_answer": True}
            )
        self.assertEqual(complaint.answered_on, datetime(2026, 11, 2, 13))
        self.assertEqual(complaint.hours_to_answer, 4.0)

    def test_hand_over(self):
        complaint = self._complain(user_id=self.assistant.id)
        colleague = self._create_desk_user("clock_colleague", "commercial_assistant.group_assistant")
        log = self.env["commercial.contact.log"].create(
            {"complaint_id": complaint.id, "said": "x", "promised": "Call", "promised_by": "2026-11-05"}
        )
        action = complaint.action_hand_over()
        wizard = Form(self.env[action["res_model"]].with_user(self.assistant).with_context(**action["context"]))
        wizard.user_id = colleague
        wizard.note = "Wants a new pump"
        wizard.save().action_confirm()
        self.assertEqual(complaint.user_id, colleague)
        self.assertIn("new pump", self._get_tasks(complaint, "complaint_hand_over").note)
        self.assertEqual(log.activity_id.user_id, colleague, "promises go along")
        outsider = self._create_desk_user("clock_outsider", "base.group_user")
        with self.assertRaisesRegex(UserError, "cannot work on"):
            complaint._hand_over(outsider, "Please")
        with self.assertRaises(UserError):
            complaint._hand_over(colleague, " ")

    @freeze_time(MONDAY)
    def test_call_back(self):
        complaint = self._complain()
        action = complaint.action_call_back()
        wizard = self.env[action["res_model"]].with_user(self.assistant).with_context(**action["context"])
        wizard.create({"moment": datetime(2026, 11, 2, 14), "note": "The workshop"}).action_confirm()
        task = self._get_tasks(complaint, "complaint_call_back")
        self.assertEqual((task.user_id, str(task.date_deadline)), (self.assistant, "2026-11-02"))
        with self.assertRaisesRegex(UserError, "lies ahead"):
            complaint._call_back(datetime(2026, 11, 2, 8), self.assistant)

    def test_the_guide_of_the_category(self):
        complaint = self._complain(category_id=self.category.id)
        self.assertIn("Let the customer finish", complaint.call_guide)
