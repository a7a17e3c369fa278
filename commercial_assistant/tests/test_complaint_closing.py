from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from .test_complaint_clock import MONDAY, ClockCommon


class ClosingCommon(ClockCommon):
    @classmethod
    def _bring_to_settlement(cls, complaint):
        cls._bring_to(complaint, "propose")
        complaint = complaint.with_user(cls.assistant)
        complaint.is_explanation_only = True
        complaint._offer()
        complaint.action_go_on()

    @classmethod
    def _close_case(cls, **values):
        complaint = cls._complain(**values)
        cls._bring_to_settlement(complaint)
        complaint.action_close()
        return complaint

    def _get_letters(self, complaint):
        return (
            self.env["commercial.dispatch"]
            .sudo()
            .search(
                [("res_model", "=", complaint._name), ("res_id", "=", complaint.id), ("key", "like", "closed")],
                order="id",
            )
        )


@tagged("post_install", "-at_install")
class TestComplaintClosing(ClosingCommon):
    def test_what_was_accepted_must_be_done(self):
        complaint = self._complain(order=self._sell())
        self._bring_to(complaint, "propose")
        repair = self._solve(complaint, "repair").sudo()
        goodwill = self._solve(complaint, "goodwill", amount=10.0).sudo()
        self._accept(complaint)
        with self.assertRaisesRegex(UserError, "“Repair” done or cancelled"):
            complaint.action_close()
        repair.state = "done"
        goodwill.state = "cancelled"
        with self.assertRaisesRegex(UserError, "why “Gesture of goodwill” was cancelled"):
            complaint.action_close()
        goodwill.cancel_reason = "He did not want it"
        complaint.action_close()
        self.assertEqual(complaint.state, "closed")
        self.assertEqual(complaint.closed_uid, self.assistant)

    def test_draft_documents_are_confirmed_by_a_person(self):
        order = self._sell()
        complaint = self._complain(order=order)
        self._bring_to(complaint, "propose")
        self._solve(complaint, "credit_full")
        self._accept(complaint)
        credit = order.invoice_ids._reverse_moves()
        complaint.sudo().solution_ids.write({"state": "done", "res_model": "account.move", "res_id": credit.id})
        action = complaint.action_close()
        self.assertEqual(complaint.state, "execute")
        wizard = self.env[action["res_model"]].with_user(self.assistant).with_context(**action["context"]).create({})
        self.assertIn("still a draft", wizard.warnings)
        wizard.action_confirm()
        self.assertEqual(complaint.state, "closed")

    def test_the_customer_is_told_once_in_his_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        for lang, word in (
            ("en_US", "We have closed"),
            ("nl_BE", "afgesloten"),
            ("fr_BE", "clôturé"),
            ("de_DE", "abgeschlossen"),
        ):
            with self.subTest(lang=lang):
                self.consumer.lang = lang
                complaint = self._close_case(partner=self.consumer)
                letter = self._get_letters(complaint)
                self.assertEqual((len(letter), letter.lang, letter.channel), (1, lang, "email"))
                self.assertIn(word, letter.body)
                self.assertEqual(letter.recipient_email, self.consumer.email)
                self.assertEqual(letter.body.count("/rate/"), 3)
                complaint._tell_closed()
                self.assertEqual(self._get_letters(complaint), letter)

    def test_without_an_address_somebody_is_asked(self):
        self.consumer.email = False
        complaint = self._complain(partner=self.consumer)
        self._bring_to_settlement(complaint)
        action = complaint.action_close()
        wizard = self.env[action["res_model"]].with_user(self.assistant).with_context(**action["context"]).create({})
        self.assertIn("no e-mail address", wizard.warnings)
        wizard.action_confirm()
        self.assertFalse(self._get_letters(complaint))

    def test_ratings_can_be_switched_off(self):
        self.company.complaint_asks_rating = False
        self.assertNotIn("/rate/", self._get_letters(self._close_case()).body)

    def test_words_of_the_customer_stay_words(self):
        complaint = self._close_case(subject="<script>alert(1)</script>")
        self.assertNotIn("<script>", self._get_letters(complaint).body)

    def test_satisfaction_of_the_team(self):
        complaint = self._close_case()
        rating = complaint.sudo().rating_ids
        self.assertEqual(rating.partner_id, self.customer)
        complaint.sudo().rating_apply(5, token=rating.access_token, feedback="Fast")
        self.team.invalidate_recordset()
        self.assertEqual(self.team.rating_avg, 5.0)
        self.assertEqual(rating.rated_partner_id, self.assistant.partner_id)
        self.assertEqual(self.team.action_view_ratings()["res_model"], "rating.rating")

    # --- AGAIN ---

    def test_open_again_keeps_what_was_measured(self):
        with freeze_time(MONDAY):
            complaint = self._close_case(user_id=self.assistant.id)
        complaint.sudo().rating_apply(1, token=complaint.sudo().rating_ids.access_token)
        first = complaint.closing_ids
        with freeze_time(MONDAY + timedelta(days=10)):
            complaint.action_reopen("The pump leaks again")
            self.assertRecordValues(
                complaint, [{"state": "investigate", "reopen_count": 1, "closed_on": False, "verdict": "founded"}]
            )
            self.assertRecordValues(
                first,
                [
                    {
                        "closing_round": 1,
                        "closed_on": MONDAY,
                        "verdict": "founded",
                        "is_in_time": True,
                        "reopened_uid": self.assistant.id,
                        "reopen_reason": "The pump leaks again",
                    }
                ],
            )
            self.assertEqual(complaint.resolution_deadline, datetime(2026, 11, 25, 17), "settled anew")
            self.assertEqual(complaint.acknowledge_deadline, datetime(2026, 11, 3, 17))
            self.assertEqual(complaint.clock_state, "running")
            with self.assertRaisesRegex(UserError, "is not closed"):
                complaint.action_reopen()
        with freeze_time(MONDAY + timedelta(days=11)):
            complaint.verdict = "partly"
            complaint.verdict_reason = "Half of it"
            for state in ("propose", "await_customer", "execute"):
                complaint._move(state)
            complaint.action_close()
        self.assertEqual(complaint.closing_ids.sorted("closing_round").mapped("verdict"), ["founded", "partly"])
        self.assertEqual(complaint.hours_to_close, 8.0)
        self.assertEqual(len(self._get_letters(complaint)), 2, "each closing is told once")
        self.assertEqual(len(complaint.sudo().rating_ids), 2, "the first rating stays")

    def test_a_breach_stays_when_opened_again(self):
        with freeze_time(MONDAY):
            complaint = self._complain()
        with freeze_time(MONDAY + timedelta(days=20)):
            self._bring_to_settlement(complaint)
            complaint._close()
            self.assertEqual(complaint.resolution_breached_on, datetime(2026, 11, 13, 17))
            self.assertFalse(complaint.closing_ids.is_in_time)
            complaint.action_reopen("again")
            self.assertTrue(complaint.resolution_breached_on)
            self.assertTrue(complaint.is_breached)

    def test_a_question_open_at_the_end_is_no_breach(self):
        with freeze_time(MONDAY):
            complaint = self._complain()
            self._bring_to_settlement(complaint)
            complaint.action_question_asked()
        with freeze_time(MONDAY + timedelta(days=20)):
            complaint.action_close()
        self.assertFalse(complaint.resolution_breached_on, "he did not answer")
        self.assertEqual(complaint.hours_to_close, 0.0)

    def test_the_last_day_of_the_window(self):
        for days, same in ((30, True), (31, False)):
            with self.subTest(days=days):
                with freeze_time(MONDAY):
                    complaint = self._close_case(order=self._sell())
                with freeze_time(MONDAY + timedelta(days=days)):
                    action = complaint.action_reopen("again")
                self.assertEqual(action["res_id"] == complaint.id, same)
                self.assertEqual(complaint.state, "investigate" if same else "closed")
        follow_up = complaint.child_ids
        self.assertRecordValues(
            follow_up, [{"state": "new", "parent_id": complaint.id, "partner_id": complaint.partner_id.id}]
        )
        self.assertEqual(follow_up.line_ids.sale_line_id, complaint.line_ids.sale_line_id)
        with freeze_time(MONDAY + timedelta(days=40)):
            self.assertEqual(complaint._customer_replied(), follow_up, "the second message finds the same one")

    def test_the_customer_replied(self):
        with freeze_time(MONDAY):
            closed, waiting = self._close_case(), self._complain()
            self._bring_to(waiting, "propose")
            waiting.is_explanation_only = True
            waiting._offer()
            self.assertTrue(waiting.paused_since)
            cancelled = self._complain()
            cancelled._cancel("withdrawn")
        with freeze_time(MONDAY + timedelta(days=1)):
            cases = closed | waiting | cancelled
            self.assertEqual(cases.sudo()._customer_replied(), cases)
        self.assertEqual(closed.state, "investigate")
        self.assertEqual((waiting.state, waiting.paused_since, waiting.paused_hours), ("await_customer", False, 8.0))
        self.assertEqual(cancelled.state, "cancelled")

    def test_who_may_open_again(self):
        complaint = self._close_case()
        collector = self._create_desk_user("closing_collector", "commercial_assistant.group_collector")
        with self.assertRaises(AccessError):
            complaint.with_user(collector).action_reopen("x")
        with self.assertRaises(AccessError):
            complaint.with_user(collector).action_close()
        with self.assertRaises(AccessError):
            complaint.closing_ids.with_user(self.assistant).write({"verdict": "unfounded"})


@tagged("post_install", "-at_install")
class TestComplaintRatingPage(ClosingCommon, HttpCase):
    def test_a_look_rates_nothing_a_click_does(self):
        complaint = self._close_case()
        token = complaint.sudo().rating_ids.access_token
        self.assertEqual(self.url_open(f"/rate/{token}/5").status_code, 200)
        self.assertFalse(complaint.sudo().rating_ids.consumed)
        self.assertEqual(self.url_open("/rate/wrong/5").status_code, 404)
