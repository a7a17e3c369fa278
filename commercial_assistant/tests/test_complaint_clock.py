from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.commercial_assistant.tools.complaint_clock import WorkingHours

from .common_complaint import ComplaintCommon

# Monday 2 November 2026, ten o'clock in Brussels
MONDAY = datetime(2026, 11, 2, 9, 0)


class ClockCommon(ComplaintCommon):
    """Working hours from Monday to Friday, 9 to 17 in UTC, and terms of two working days, 14 and 30 calendar days."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls._create_calendar()
        cls.company.resource_calendar_id = cls.calendar
        cls.company.partner_id.tz = "Europe/Brussels"
        cls.team.calendar_id = False
        cls.env["commercial.complaint.term"].search([]).active = False
        cls.term = cls.env["commercial.complaint.term"].create(
            {
                "name": "All",
                "acknowledge_hours": 16,
                "answer_hours": 40,
                "resolution_hours": 80,
                "committed_days": 14,
                "final_days": 30,
            }
        )
        cls.other_category = cls.env.ref("commercial_assistant.complaint_category_other")
        cls.team.user_id = cls.lead

    @classmethod
    def _create_calendar(cls, **values):
        return cls.env["resource.calendar"].create(
            {
                "name": "Office",
                "tz": "UTC",
                "company_id": cls.company.id,
                "attendance_ids": [Command.clear()]
                + [
                    Command.create(
                        {"name": "Day", "dayofweek": str(day), "hour_from": 9, "hour_to": 17, "day_period": "morning"}
                    )
                    for day in range(5)
                ],
                **values,
            }
        )

    @classmethod
    def _complain(cls, **values):
        values.setdefault("category_id", cls.other_category.id)
        return super()._complain(**values)

    def _judge(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("commercial_assistant.ir_cron_complaint_clocks").method_direct_trigger()


@tagged("post_install", "-at_install")
class TestComplaintClock(ClockCommon):
    @freeze_time(MONDAY)
    def test_the_acknowledgment_names_the_day_of_the_answer(self):
        complaint = self._complain()
        self.assertEqual(complaint._get_promised_answer_date(), MONDAY.date() + timedelta(days=14))
        self.term.committed_days = 0
        self.term.action_apply()
        # 40 working hours of 8 a day: the end of Friday
        self.assertEqual(complaint._get_promised_answer_date(), MONDAY.date() + timedelta(days=4))

    @freeze_time(MONDAY)
    def test_deadlines(self):
        complaint = self._complain()
        self.assertRecordValues(
            complaint,
            [
                {
                    "term_id": self.term.id,
                    "acknowledge_deadline": datetime(2026, 11, 3, 17),
                    "answer_deadline": datetime(2026, 11, 6, 17),
                    "resolution_deadline": datetime(2026, 11, 13, 17),
                    "committed_deadline": datetime(2026, 11, 16, 22, 59, 59),
                    "final_deadline": datetime(2026, 12, 2, 22, 59, 59),
                    "next_deadline": datetime(2026, 11, 3, 17),
                }
            ],
        )

    def test_the_same_as_the_planning_of_odoo(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "All Saints",
                "calendar_id": self.calendar.id,
                "date_from": datetime(2026, 11, 3, 0),
                "date_to": datetime(2026, 11, 3, 23),
            }
        )
        working = WorkingHours(self.env["commercial.complaint"]._get_interval_fetcher(self.calendar))
        for start, hours in (
            (MONDAY, 16),
            (MONDAY, 0),
            (datetime(2026, 11, 6, 16), 8),
            (datetime(2026, 10, 24, 3), 500),
        ):
            with self.subTest(start=start, hours=hours):
                planned = self.calendar.plan_hours(hours, start, compute_leaves=True)
                self.assertEqual(working.plan(start, hours), planned)
                self.assertAlmostEqual(
                    working.between(start, planned),
                    self.calendar.get_work_hours_count(start, planned, compute_leaves=True),
                )
        with freeze_time(MONDAY):
            self.assertEqual(self._complain().acknowledge_deadline, datetime(2026, 11, 4, 17), "the holiday counts not")

    @freeze_time(MONDAY)
    def test_which_calendar_counts(self):
        early = self._create_calendar(name="Early")
        early.attendance_ids.write({"hour_from": 5, "hour_to": 13})
        empty = self._create_calendar(name="Empty", attendance_ids=[Command.clear()])
        self.assertEqual(self._complain().acknowledge_deadline, datetime(2026, 11, 3, 17), "the company")
        self.team.calendar_id = early
        self.assertEqual(self._complain().acknowledge_deadline, datetime(2026, 11, 4, 9), "the team")
        self.term.write({"company_id": self.company.id, "calendar_id": self.calendar.id})
        self.assertEqual(self._complain().acknowledge_deadline, datetime(2026, 11, 3, 17), "the terms")
        self.term.calendar_id = empty
        self.assertEqual(self._complain().acknowledge_deadline, datetime(2026, 11, 4, 9), "an empty one is none")
        self.team.calendar_id = False
        self.company.resource_calendar_id = empty
        self.assertEqual(self._complain().acknowledge_deadline, datetime(2026, 11, 3, 1), "the clock itself")

    @freeze_time(MONDAY)
    def test_the_first_terms_that_fit(self):
        Term = self.env["commercial.complaint.term"]
        goods = self.env.ref("commercial_assistant.complaint_category_goods")
        urgent = Term.create({"name": "Urgent", "sequence": 1, "severity": "critical", "acknowledge_hours": 1})
        private = Term.create({"name": "Private", "sequence": 2, "customer_kind": "consumer", "category_id": goods.id})
        quality = self.category
        self.assertEqual(self._complain(severity="critical").term_id, urgent)
        self.assertEqual(
            self._complain(partner=self.consumer, category_id=quality.id).term_id, private, "a child of it"
        )
        self.assertEqual(self._complain(partner=self.consumer).term_id, self.term, "another category")
        self.assertEqual(self._complain(category_id=quality.id).term_id, self.term, "a company")
        other = self.env["res.company"].create({"name": "Other"})
        Term.create({"name": "Foreign", "sequence": 0, "company_id": other.id})
        self.assertEqual(self._complain().term_id, self.term)

    def test_the_customer_lets_the_clocks_rest(self):
        with freeze_time(MONDAY):
            complaint = self._complain()
            self._bring_to(complaint, "assess")
        with freeze_time(MONDAY + timedelta(days=1)):  # Tuesday 9:00: eight hours are gone
            complaint.action_question_asked()
            self.assertEqual(complaint.clock_state, "paused")
            self.assertEqual(complaint.next_deadline, complaint.committed_deadline, "what was promised never rests")
        with freeze_time(MONDAY + timedelta(days=3)):  # Thursday 9:00: two days of work later
            complaint._customer_replied()
            self.assertFalse(complaint.paused_since)
            self.assertEqual(complaint.paused_hours, 16.0)
            self.assertEqual(complaint.answer_deadline, datetime(2026, 11, 10, 17))
            self.assertEqual(complaint.resolution_deadline, datetime(2026, 11, 17, 17))
            self.assertEqual(complaint.committed_deadline, datetime(2026, 11, 16, 22, 59, 59))
            complaint.action_question_asked()
        with freeze_time(MONDAY + timedelta(days=5)):  # over the weekend nothing adds up but Friday and Thursday
            complaint.action_question_answered()
            self.assertEqual(complaint.paused_hours, 32.0)

    def test_a_new_severity_keeps_the_rest(self):
        self.env["commercial.complaint.term"].create(
            {"name": "High", "sequence": 1, "severity": "high", "answer_hours": 8, "resolution_hours": 40}
        )
        with freeze_time(MONDAY):
            complaint = self._complain()
            self._bring_to(complaint, "assess")
            complaint.action_question_asked()
        with freeze_time(MONDAY + timedelta(days=1)):
            complaint._customer_replied()
            complaint.severity = "high"
            self.assertEqual(complaint.answer_deadline, datetime(2026, 11, 3, 17), "eight hours and eight of rest")
            self.assertEqual(complaint.resolution_deadline, datetime(2026, 11, 9, 17))
            self.assertFalse(complaint.committed_deadline)

    def test_the_supplier_does_not_stop_the_clock_unless_asked(self):
        for rests, expected in ((False, 0.0), (True, 8.0)):
            self.term.rests_for_supplier = rests
            with self.subTest(rests=rests), freeze_time(MONDAY):
                complaint = self._complain()
                self._bring_to(complaint, "investigate")
                complaint.action_await_supplier()
                self.assertEqual(bool(complaint.paused_since), rests)
                with freeze_time(MONDAY + timedelta(days=1)):
                    complaint.action_investigate()
                    self.assertEqual(complaint.paused_hours, expected)

    def test_a_breach_is_stamped_once_and_stays(self):
        with freeze_time(MONDAY):
            complaint = self._complain()
        with freeze_time(datetime(2026, 11, 3, 17)):
            self._judge()
            self.assertFalse(complaint.acknowledge_breached_on, "the last moment counts")
        with freeze_time(datetime(2026, 11, 12, 10)):  # a week of missed nights
            self._judge()
            self._judge()
            self.assertEqual(complaint.acknowledge_breached_on, datetime(2026, 11, 3, 17))
            self.assertEqual(complaint.answer_breached_on, datetime(2026, 11, 6, 17))
            self.assertFalse(complaint.resolution_breached_on)
            self.assertTrue(complaint.is_breached)
            self.assertEqual(sorted(complaint.escalation_ids.mapped("key")), ["acknowledge", "answer"])
            complaint.action_acknowledged_by_phone()
            complaint.severity = "low"
            self._judge()
            self.assertTrue(complaint.acknowledge_breached_on)
            self.assertEqual(len(complaint.escalation_ids), 2)
            activities = complaint.activity_ids.filtered(
                lambda a: a.activity_type_id == self.env.ref("commercial_assistant.mail_activity_type_escalation")
            )
            self.assertEqual(activities.user_id, self.lead)
            self.assertEqual(len(activities), 1, "one task for both")

    def test_done_too_late_between_two_nights(self):
        with freeze_time(MONDAY):
            complaint = self._complain()
        with freeze_time(datetime(2026, 11, 4, 10)):
            complaint.action_acknowledged_by_phone()
            self.assertEqual(complaint.acknowledge_breached_on, datetime(2026, 11, 3, 17))
            self.assertEqual(complaint.hours_to_acknowledge, 17.0)
            self._judge()
            self.assertFalse(complaint.escalation_ids, "it is done: nobody has to act")

    def test_what_a_button_finds_is_escalated_too(self):
        with freeze_time(MONDAY):
            complaint = self._complain()
        with freeze_time(datetime(2026, 11, 12, 10)):
            complaint.action_acknowledged_by_phone()
            self.assertTrue(complaint.answer_breached_on)
            self.assertEqual(complaint.escalation_ids.mapped("key"), ["answer"])
            self.assertFalse(complaint.activity_ids, "the manager hears of it from the job")
            self._judge()
            self.assertEqual(complaint.escalation_ids.mapped("key"), ["answer"])
            self.assertEqual(complaint.activity_ids.user_id, self.lead)

    def test_changed_terms_do_not_heal_a_breach(self):
        slow = self.env["commercial.complaint.term"].create(
            {"name": "Slow", "sequence": 1, "severity": "low", "acknowledge_hours": 400}
        )
        with freeze_time(MONDAY):
            complaint = self._complain()
        with freeze_time(datetime(2026, 11, 5, 10)):
            complaint.severity = "low"
            self.assertEqual(complaint.term_id, slow)
            self.assertGreater(complaint.acknowledge_deadline, datetime(2026, 12, 1))
            self.assertEqual(complaint.acknowledge_breached_on, datetime(2026, 11, 3, 17))

    def test_managers_hear_of_it_in_working_time(self):
        with freeze_time(MONDAY):
            complaint = self._complain()
        with freeze_time(datetime(2026, 11, 4, 2)):
            self._judge()
            self.assertEqual(complaint.escalation_ids.key, "acknowledge")
            self.assertFalse(complaint.escalation_ids.notified_on)
            self.assertFalse(complaint.activity_ids)
        with freeze_time(datetime(2026, 11, 4, 9, 1)):
            self._judge()
            self._judge()
            self.assertTrue(complaint.escalation_ids.notified_on)
            self.assertEqual(complaint.activity_ids.user_id, self.lead)

    def test_day_thirty_reminds_of_the_ombudsman(self):
        with freeze_time(MONDAY):
            complaint = self._complain(partner=self.consumer)
        with freeze_time(datetime(2026, 12, 3, 10)):
            self._judge()
        last = complaint.escalation_ids.filtered(lambda escalation: escalation.key == "final")
        self.assertEqual(last.level, "2")
        self.assertIn("out-of-court", last.text)

    def test_badges_and_their_search(self):
        Complaint = self.env["commercial.complaint"].with_user(self.assistant).with_context(tz="Europe/Brussels")
        with freeze_time(MONDAY):
            late = self._complain()
        with freeze_time(MONDAY + timedelta(days=2)):
            today = self._complain()
            rest = self._complain()
            self._bring_to(rest, "assess")
            rest.action_question_asked()
            ended = self._complain()
            ended._cancel("withdrawn")
            running = self._complain()
        self.term.committed_days = self.term.final_days = 0
        rest.sudo()._plan_clocks_anew()
        with freeze_time(datetime(2026, 11, 5, 10)):
            running.received_on = datetime(2026, 11, 5, 9)
            cases = late | today | rest | ended | running
            states = {"late": late, "today": today, "paused": rest, "running": running, False: ended}
            for state, complaint in states.items():
                with self.subTest(state=state):
                    self.assertEqual(complaint.with_context(tz="Europe/Brussels").clock_state, state)
                    found = Complaint.search([("clock_state", "=", state), ("id", "in", cases.ids)])
                    self.assertEqual(found, complaint)
                    others = Complaint.search([("clock_state", "!=", state), ("id", "in", cases.ids)])
                    self.assertEqual(others, cases - complaint)

    def test_stamps_are_written_by_buttons_only(self):
        complaint = self._complain()
        for name in ("acknowledge_breached_on", "answered_on", "paused_hours", "waits_for_customer", "is_locked"):
            with self.subTest(name), self.assertRaises(AccessError):
                complaint.write({name: False})

    def test_only_the_desk_works(self):
        collector = self._create_desk_user("clock_collector", "commercial_assistant.group_collector")
        complaint = self._complain().with_user(collector)
        for method in ("action_question_asked", "action_answered", "action_ask_reopen", "action_escalate"):
            with self.subTest(method), self.assertRaises(AccessError):
                getattr(complaint, method)()

    def test_terms_belong_to_the_team_lead(self):
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
            self.term.with_user(self.assistant).acknowledge_hours = 1
        with freeze_time(MONDAY):
            complaint = self._complain()
            self.env.flush_all()
        self.term.with_user(self.lead).acknowledge_hours = 8
        self.assertEqual(complaint.acknowledge_deadline, datetime(2026, 11, 3, 17), "open cases keep theirs")
        self.term.with_user(self.lead).action_apply()
        self.assertEqual(complaint.acknowledge_deadline, datetime(2026, 11, 2, 17))
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
            self.term.with_user(self.assistant).action_apply()

    def test_nothing_is_asked_in_an_ended_case(self):
        complaint = self._complain()
        complaint._cancel("withdrawn")
        with self.assertRaisesRegex(UserError, "has ended"):
            complaint.action_question_asked()


@tagged("post_install", "-at_install")
class TestComplaintClockQueries(ClockCommon):
    def _create_many(self, count):
        with freeze_time(MONDAY):
            vals = {"subject": "Leaks", "partner_id": self.customer.id, "category_id": self.other_category.id}
            return self.env["commercial.complaint"].create([dict(vals) for _number in range(count)])

    def _count(self, function):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        function()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_the_job_does_not_grow(self):
        self._create_many(1)
        with freeze_time(datetime(2026, 11, 12, 10)):
            self._judge()  # warm
            self._create_many(2)
            few = self._count(self._judge)
            self._create_many(20)
            many = self._count(self._judge)
        self.assertLessEqual(many, few + 5)

    def test_the_list_does_not_grow(self):
        names = [
            "clock_state",
            "next_deadline",
            "is_escalated",
            "escalation_count",
            "is_breached",
            "open_promise_count",
        ]

        def read(complaints):
            return lambda: complaints.with_user(self.assistant).read(names)

        few, many = self._create_many(2), self._create_many(20)
        self._count(read(few))
        self.assertEqual(self._count(read(few)), self._count(read(many)))
