from datetime import datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.commercial_assistant.tools import complaint_clock as core

MONDAY = datetime(2026, 11, 2)


def office(start, end, holidays=()):
    """Monday to Friday, 9 to 17, in UTC."""
    day = start.replace(hour=0, minute=0, second=0, microsecond=0)
    intervals = []
    while day < end:
        if day.weekday() < 5 and day.date() not in holidays:
            begin, stop = datetime.combine(day, time(9)), datetime.combine(day, time(17))
            if stop > start and begin < end:
                intervals.append((max(begin, start), min(stop, end)))
        day += timedelta(days=1)
    return intervals


def at(day, hour, minute=0):
    return MONDAY + timedelta(days=day, hours=hour, minutes=minute)


@tagged("post_install", "-at_install")
class TestComplaintClock(BaseCase):
    def test_working_hours(self):
        working = core.WorkingHours(office)
        for start, hours, expected in (
            (at(0, 12), 4, at(0, 16)),
            (at(0, 15), 4, at(1, 11)),
            (at(4, 16), 8, at(7, 16)),
            (at(5, 10), 1, at(7, 10)),
            (at(5, 10), 0, at(7, 9)),
            (at(0, 9), 8, at(0, 17)),  # the last moment of the day belongs to it
            (at(0, 17), 1, at(1, 10)),
            (at(0, 0), 16, at(1, 17)),
        ):
            with self.subTest(start=start, hours=hours):
                self.assertEqual(working.plan(start, hours), expected)

    def test_holidays_do_not_count(self):
        tuesday = at(1, 0).date()
        working = core.WorkingHours(lambda start, end: office(start, end, {tuesday}))
        self.assertEqual(working.plan(at(0, 15), 4), at(2, 11))
        self.assertEqual(working.between(at(0, 9), at(2, 17)), 16.0)
        self.assertFalse(working.is_working(at(1, 10)))

    def test_a_calendar_without_work(self):
        empty = core.WorkingHours(lambda start, end: [])
        self.assertIsNone(empty.plan(at(0, 9), 1))
        self.assertEqual(empty.between(at(0, 9), at(9, 9)), 0.0)
        self.assertFalse(empty.is_working(at(0, 9)))
        self.assertEqual(core.working_deadline(at(0, 9), 16, 0, empty), at(0, 25), "the clock itself counts then")

    def test_the_clock_itself(self):
        clock = core.WorkingHours()
        self.assertEqual(clock.plan(at(5, 3), 5), at(5, 8))
        self.assertEqual(clock.between(at(5, 3), at(6, 3)), 24.0)
        self.assertTrue(clock.is_working(at(6, 3)))

    def test_rests_move_the_end(self):
        working = core.WorkingHours(office)
        self.assertEqual(core.working_deadline(at(0, 9), 8, 0, working), at(0, 17))
        self.assertEqual(core.working_deadline(at(0, 9), 8, 3, working), at(1, 12))
        self.assertIsNone(core.working_deadline(at(0, 9), 0, 3, working), "no term")
        self.assertEqual(core.working_deadline(at(0, 9), 8, -3, working), at(0, 17))

    def test_calendar_days(self):
        for start, days, timezone, expected in (
            # received in the evening of 2 November in Brussels: 23:30 there is 22:30 in UTC
            (datetime(2026, 11, 2, 22, 30), 14, "Europe/Brussels", datetime(2026, 11, 16, 22, 59, 59)),
            # already 3 November in Brussels
            (datetime(2026, 11, 2, 23, 30), 14, "Europe/Brussels", datetime(2026, 11, 17, 22, 59, 59)),
            # summer time begins meanwhile
            (datetime(2026, 3, 20, 12), 14, "Europe/Brussels", datetime(2026, 4, 3, 21, 59, 59)),
            # the last day is the one on which summer time ends, 25 hours long
            (datetime(2026, 10, 11, 12), 14, "Europe/Brussels", datetime(2026, 10, 25, 22, 59, 59)),
            (datetime(2024, 2, 28, 12), 1, "UTC", datetime(2024, 2, 29, 23, 59, 59)),
            (datetime(2026, 12, 20, 12), 30, "UTC", datetime(2027, 1, 19, 23, 59, 59)),
        ):
            with self.subTest(start=start, timezone=timezone):
                self.assertEqual(core.calendar_deadline(start, days, timezone), expected)
        self.assertIsNone(core.calendar_deadline(MONDAY, 0))

    def test_breaches(self):
        deadline = at(2, 12)
        second = timedelta(seconds=1)
        for name, now, stopped, paused, expected in (
            ("not yet", at(2, 11), None, None, False),
            ("the last moment", deadline, None, None, False),
            ("a second later", deadline + second, None, None, True),
            ("done in time, looked at later", at(9, 0), deadline, None, False),
            ("done too late, no night in between", at(2, 13), deadline + second, None, True),
            ("rests in time", at(9, 0), None, at(2, 10), False),
            ("had run out before it rested", at(9, 0), None, at(2, 13), True),
        ):
            with self.subTest(name):
                self.assertEqual(core.is_breached(deadline, now, stopped, paused), expected)
        self.assertFalse(core.is_breached(None, at(9, 0)))

    def test_the_first_end_counts(self):
        self.assertEqual(core.next_deadline([None, at(3, 0), at(1, 0)]), at(1, 0))
        self.assertIsNone(core.next_deadline([None, None]))

    MOMENTS = st.datetimes(min_value=datetime(2025, 1, 1), max_value=datetime(2028, 1, 1))
    HOURS = st.floats(min_value=0.25, max_value=2000)

    @given(start=MOMENTS, hours=HOURS)
    def test_what_was_planned_has_passed(self, start, hours):
        working = core.WorkingHours(office)
        end = working.plan(start, hours)
        self.assertAlmostEqual(working.between(start, end), hours, places=4)

    @given(start=MOMENTS, hours=HOURS, more=HOURS)
    def test_more_hours_never_end_earlier(self, start, hours, more):
        working = core.WorkingHours(office)
        self.assertLessEqual(working.plan(start, hours), working.plan(start, hours + more))

    @given(moments=st.lists(MOMENTS, min_size=3, max_size=3))
    def test_parts_add_up(self, moments):
        working = core.WorkingHours(office)
        first, second, third = sorted(moments)
        parts = working.between(first, second) + working.between(second, third)
        self.assertAlmostEqual(parts, working.between(first, third), places=6)
