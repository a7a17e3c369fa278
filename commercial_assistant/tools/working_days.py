"""Public holidays and working days of Belgium and its neighbours.

Nothing here knows "today": every date is an argument. A week has five working days; ``saturday=True`` counts Saturday
too, for rules where that is the meaning.

Sources: BE law of 4 January 1974 and royal decree of 18 April 1974 (ten holidays); NL Algemene termijnenwet, art. 3;
FR Code du travail, art. L3133-1; LU Code du travail, art. L. 232-2; DE the nine holidays common to all states.
Regional holidays (Alsace-Moselle, single German states) are left out: leaving one out gives the earlier date, so add
days of grace where that matters.
"""

from datetime import date, datetime, timedelta
from functools import lru_cache

from dateutil.easter import easter

COUNTRIES = ("BE", "NL", "FR", "LU", "DE")

# (month, day) of the holidays with a fixed date
_FIXED = {
    "BE": ((1, 1), (5, 1), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25)),
    "NL": ((1, 1), (5, 5), (12, 25), (12, 26)),
    "FR": ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)),
    "LU": ((1, 1), (5, 1), (6, 23), (8, 15), (11, 1), (12, 25), (12, 26)),
    "DE": ((1, 1), (5, 1), (10, 3), (12, 25), (12, 26)),
}
_GOOD_FRIDAY, _EASTER_MONDAY, _ASCENSION, _WHIT_MONDAY = -2, 1, 39, 50
# days from Easter Sunday of the movable holidays
_MOVABLE = {
    "BE": (_EASTER_MONDAY, _ASCENSION, _WHIT_MONDAY),
    "NL": (_GOOD_FRIDAY, _EASTER_MONDAY, _ASCENSION, _WHIT_MONDAY),
    "FR": (_EASTER_MONDAY, _ASCENSION, _WHIT_MONDAY),
    "LU": (_EASTER_MONDAY, _ASCENSION, _WHIT_MONDAY),
    "DE": (_GOOD_FRIDAY, _EASTER_MONDAY, _ASCENSION, _WHIT_MONDAY),
}
_SATURDAY, _SUNDAY = 5, 6


@lru_cache(maxsize=256)
def _holidays(year: int, country: str) -> frozenset[date]:
    if country not in _FIXED:
        raise ValueError(f"No public holidays are known for country {country!r}; known are {', '.join(COUNTRIES)}.")
    sunday = easter(year)
    days = {date(year, month, day) for month, day in _FIXED[country]}
    days.update(sunday + timedelta(days=distance) for distance in _MOVABLE[country])
    if country == "NL":
        # the sovereign's birthday, moved to Saturday when it falls on a Sunday
        birthday = date(year, 4, 27 if year >= 2014 else 30)
        days.add(birthday - timedelta(days=1) if birthday.weekday() == _SUNDAY else birthday)
    if country == "LU" and year >= 2019:
        days.add(date(year, 5, 9))
    if country == "DE" and year == 2017:
        days.add(date(2017, 10, 31))
    return frozenset(days)


def public_holidays(year: int, country: str = "BE") -> set[date]:
    """Return the public holidays of one calendar year.

    :param year: calendar year, from 1583 on
    :param country: ISO code of one of :data:`COUNTRIES`
    :raise ValueError: for a country without a table here
    """
    return set(_holidays(year, country))


def is_working_day(day: date, country: str = "BE", saturday: bool = False) -> bool:
    """Tell whether a day is a working day: not a Sunday, not a public holiday and, unless asked, not a Saturday.

    :param day: the day in question
    :param country: ISO code of one of :data:`COUNTRIES`
    :param saturday: whether Saturday counts as a working day
    :raise ValueError: for a country without a table here
    """
    if isinstance(day, datetime):
        day = day.date()
    return day.weekday() < (_SUNDAY if saturday else _SATURDAY) and day not in _holidays(day.year, country)


def add_working_days(day: date, count: int, country: str = "BE", saturday: bool = False) -> date:
    """Return the ``count``-th working day after a day, or before it when ``count`` is negative.

    The day itself never counts; ``count=0`` returns it unchanged, be it a working day or not.

    :param day: the day from which to count
    :param count: number of working days
    :param country: ISO code of one of :data:`COUNTRIES`
    :param saturday: whether Saturday counts as a working day
    :raise ValueError: for a country without a table here
    """
    if isinstance(day, datetime):
        day = day.date()
    step = timedelta(days=1 if count > 0 else -1)
    for _number in range(abs(count)):
        day += step
        while not is_working_day(day, country, saturday):
            day += step
    return day
