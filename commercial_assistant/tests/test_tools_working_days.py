from datetime import date, datetime, timedelta

from odoo.tests import BaseCase, tagged

from odoo.addons.commercial_assistant.tools.working_days import (
    COUNTRIES,
    add_working_days,
    is_working_day,
    public_holidays,
)


@tagged("post_install", "-at_install")
class TestWorkingDays(BaseCase):
    def test_holidays_of_belgium(self):
        self.assertEqual(
            sorted(public_holidays(2026)),
            [
                date(2026, 1, 1),
                date(2026, 4, 6),
                date(2026, 5, 1),
                date(2026, 5, 14),
                date(2026, 5, 25),
                date(2026, 7, 21),
                date(2026, 8, 15),
                date(2026, 11, 1),
                date(2026, 11, 11),
                date(2026, 12, 25),
            ],
        )

    def test_holidays_of_the_neighbours(self):
        table = [
            ("NL", date(2026, 4, 27), True),  # King's day
            ("NL", date(2025, 4, 26), True),  # moved from Sunday 27 April
            ("NL", date(2025, 4, 27), False),
            ("NL", date(2013, 4, 30), True),  # Queen's day
            ("NL", date(2026, 4, 3), True),  # Good Friday counts for terms
            ("NL", date(2026, 5, 5), True),
            ("NL", date(2026, 5, 1), False),
            ("FR", date(2026, 5, 8), True),
            ("FR", date(2026, 7, 14), True),
            ("FR", date(2026, 7, 21), False),
            ("LU", date(2026, 5, 9), True),
            ("LU", date(2018, 5, 9), False),  # Europe Day since 2019
            ("LU", date(2026, 6, 23), True),
            ("LU", date(2026, 12, 26), True),
            ("DE", date(2026, 10, 3), True),
            ("DE", date(2026, 4, 3), True),
            ("DE", date(2017, 10, 31), True),  # 500 years of Reformation
            ("DE", date(2018, 10, 31), False),
            ("BE", date(2026, 4, 3), False),
            ("BE", date(2026, 12, 26), False),
        ]
        for country, day, expected in table:
            with self.subTest(country=country, day=day):
                self.assertEqual(day in public_holidays(day.year, country), expected)

    def test_result_is_a_copy(self):
        public_holidays(2026).clear()
        self.assertEqual(len(public_holidays(2026)), 10)

    def test_two_holidays_on_one_day(self):
        # Ascension Day and 1 May fell together in 2008
        self.assertEqual(len(public_holidays(2008)), 9)

    def test_unknown_country(self):
        for call in (
            lambda: public_holidays(2026, "US"),
            lambda: is_working_day(date(2026, 1, 2), "US"),
            lambda: add_working_days(date(2026, 1, 2), 1, "US"),
        ):
            with self.assertRaisesRegex(ValueError, "'US'"):
                call()

    def test_is_working_day(self):
        table = [
            (date(2026, 11, 6), False, True),  # Friday
            (date(2026, 11, 7), False, False),  # Saturday
            (date(2026, 11, 7), True, True),
            (date(2026, 11, 8), True, False),  # Sunday
            (date(2026, 11, 11), True, False),  # Armistice, a Wednesday
            (date(2026, 8, 15), True, False),  # Assumption, a Saturday
            (datetime(2026, 11, 11, 9, 30), False, False),
        ]
        for day, saturday, expected in table:
            with self.subTest(day=day, saturday=saturday):
                self.assertEqual(is_working_day(day, saturday=saturday), expected)

    def test_add_working_days(self):
        table = [
            (date(2026, 4, 2), 3, "BE", False, date(2026, 4, 8)),  # over Easter Monday
            (date(2026, 4, 2), 3, "NL", False, date(2026, 4, 9)),  # Good Friday too
            (date(2026, 11, 5), 3, "BE", False, date(2026, 11, 10)),
            (date(2026, 11, 5), 3, "BE", True, date(2026, 11, 9)),
            (date(2026, 12, 23), 3, "BE", False, date(2026, 12, 29)),
            (date(2026, 11, 7), 0, "BE", False, date(2026, 11, 7)),
            (date(2026, 11, 8), 1, "BE", False, date(2026, 11, 9)),
            (date(2026, 11, 9), -1, "BE", False, date(2026, 11, 6)),
            (date(2026, 12, 31), 1, "BE", False, date(2027, 1, 4)),
            (datetime(2026, 11, 5, 23, 59), 1, "BE", False, date(2026, 11, 6)),
        ]
        for day, count, country, saturday, expected in table:
            with self.subTest(day=day, count=count, country=country, saturday=saturday):
                self.assertEqual(add_working_days(day, count, country, saturday), expected)

    def test_every_country_has_a_christmas(self):
        for country in COUNTRIES:
            for year in (1999, 2026, 2100):
                self.assertIn(date(year, 12, 25), public_holidays(year, country))
                self.assertFalse(is_working_day(date(year, 1, 1), country))
                self.assertGreaterEqual(
                    add_working_days(date(year, 12, 24), 1, country) - date(year, 12, 24), timedelta(2)
                )
