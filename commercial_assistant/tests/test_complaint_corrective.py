from datetime import date

from freezegun import freeze_time
from psycopg2.errors import CheckViolation, UniqueViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_complaint_learning import LearningCommon


@tagged("post_install", "-at_install")
class TestCorrectiveAction(LearningCommon):
    def _action(self, **values):
        vals = {"title": "Check each seal", "user_id": self.assistant.id, "date_due": "2026-03-10", **values}
        return self.env["commercial.corrective.action"].with_user(self.assistant).create(vals)

    def _done(self, **values):
        action = self._action(**values)
        action.done_note = "Each seal is looked at"
        action.action_done()
        return action

    def test_nothing_is_closed_without_a_check_by_somebody_else(self):
        action = self._action()
        with self.assertRaisesRegex(UserError, "what was done"):
            action.action_done()
        with self.assertRaisesRegex(UserError, "cannot go to"):
            action.with_user(self.lead).action_close()
        action.done_note = "Each seal is looked at"
        action.action_done()
        with self.assertRaisesRegex(UserError, "somebody else"):
            action.action_close()
        other = action.with_user(self.lead)
        with self.assertRaisesRegex(UserError, "whether it had an effect.*how that was seen"):
            other.action_close()
        other.write({"check_result": "effective", "check_note": "200 pumps, no leak"})
        other.action_close()
        self.assertRecordValues(
            action, [{"state": "closed", "checked_uid": self.lead.id, "done_uid": self.assistant.id}]
        )
        with self.assertRaisesRegex(UserError, "is closed"):
            action.title = "Other"

    def test_who_did_it_does_not_judge_it_either(self):
        action = self._action(user_id=self.lead.id)
        action.done_note = "Done for her"
        action.action_done()
        action.write({"check_result": "effective", "check_note": "Seen"})
        with self.assertRaisesRegex(UserError, "somebody else"):
            action.action_close()

    def test_the_checker_is_not_the_owner(self):
        with self.assertRaisesRegex(ValidationError, "somebody else than the owner"):
            self._action(checker_id=self.assistant.id)

    def test_what_did_not_help_needs_a_next_action(self):
        complaint = self._complain()
        action = self._done(complaint_ids=[Command.link(complaint.id)])
        other = action.with_user(self.lead)
        other.write({"check_result": "ineffective", "check_note": "Three more leaks"})
        with self.assertRaisesRegex(UserError, "next action"):
            other.action_close()
        other.action_follow_up()
        self.assertRecordValues(action.child_ids, [{"state": "open", "title": action.title}])
        self.assertEqual(action.child_ids.complaint_ids, complaint)
        other.action_close()
        self.assertEqual(action.state, "closed")

    def test_overdue_actions_are_found_as_they_are_shown(self):
        action = self._action()
        for day, overdue in (("2026-03-10", False), ("2026-03-11", True)):
            with self.subTest(day=day), freeze_time(day):
                action.invalidate_recordset(["is_overdue"])
                self.assertEqual(action.is_overdue, overdue)
                for value in (True, False):
                    found = action.search([("is_overdue", "=", value), ("id", "=", action.id)])
                    self.assertEqual(bool(found), overdue == value)

    def test_each_reminder_comes_once(self):
        action = self._action(date_check="2026-04-10", checker_id=self.lead.id)
        Action = self.env["commercial.corrective.action"]
        self.assertFalse(Action._remind(self.company, date(2026, 3, 10)))
        # three nights were missed
        self.assertEqual(Action._remind(self.company, date(2026, 3, 14)), action)
        self.assertFalse(Action._remind(self.company, date(2026, 3, 15)))
        self.assertEqual(action.sudo().activity_ids.user_id, self.assistant)
        action.done_note = "Done"
        action.action_done()
        self.assertFalse(action.sudo().activity_ids)
        self.assertEqual(Action._remind(self.company, date(2026, 4, 12)), action)
        self.assertFalse(Action._remind(self.company, date(2026, 4, 13)))
        self.assertEqual(action.sudo().activity_ids.user_id, self.lead)

    def test_a_new_day_reminds_anew(self):
        action = self._action()
        Action = self.env["commercial.corrective.action"]
        Action._remind(self.company, date(2026, 3, 14))
        action.date_due = "2026-03-20"
        action.sudo().activity_ids.unlink()
        self.assertFalse(Action._remind(self.company, date(2026, 3, 20)))
        self.assertEqual(Action._remind(self.company, date(2026, 3, 21)), action)

    def test_reminders_cost_the_same_for_two_and_twenty(self):
        def count(number):
            Action = self.env["commercial.corrective.action"]
            Action.create([{"title": "X", "date_due": "2026-03-01"} for _number in range(number)])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            Action._remind(self.company, date(2026, 3, 14))
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count(1)
        few, many = count(2), count(20)
        self.assertLessEqual(many, few + 2)

    def test_danger_asks_for_containment_at_once_and_once(self):
        complaint = self._complain(danger="no")
        self.assertFalse(complaint.corrective_ids)
        complaint.danger = "yes"
        complaint.danger = "yes"
        self.assertRecordValues(
            complaint.corrective_ids, [{"type": "containment", "user_id": self.lead.id, "is_automatic": True}]
        )
        self.assertEqual(self._complain(danger="yes").corrective_count, 1)

    def test_five_times_why(self):
        complaint = self._complain()
        complaint.why_ids = [
            Command.create({"level": 1, "question": "Why does it leak?", "answer": "The seal is dry"}),
            Command.create({"level": 2, "question": "Why is it dry?", "answer": "Stored too warm"}),
            Command.create({"level": 1, "branch": "detection", "question": "Why did nobody see it?"}),
        ]
        complaint.invalidate_recordset(["why_ids"])
        self.assertEqual(
            complaint.why_ids.mapped(lambda why: (why.branch, why.level)),
            [("occurrence", 1), ("occurrence", 2), ("detection", 1)],
        )
        self.assertEqual(complaint.why_ids.company_id, self.company)
        for vals, error in (
            ({"level": 2, "question": "Again?"}, UniqueViolation),
            ({"level": 0, "question": "None?"}, CheckViolation),
        ):
            with self.subTest(vals=vals), mute_logger("odoo.sql_db"), self.assertRaises(error):
                with self.env.cr.savepoint():
                    complaint.why_ids = [Command.create(vals)]

    def test_the_state_follows_the_buttons_only(self):
        action = self._action()
        for vals in ({"state": "closed"}, {"checked_uid": self.lead.id}, {"done_on": "2026-01-01"}):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                action.write(vals)
        with self.assertRaisesRegex(UserError, "never deleted"):
            action.sudo().unlink()
