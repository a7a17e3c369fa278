"""Clocks of a complaint: terms in working hours or in calendar days, rests, and what ran out.

Nothing here knows "now" or a calendar of Odoo: moments are arguments, working time comes from a function. Moments are
naive and in UTC, as Odoo stores them; a day is a day where the company is.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta

import pytz

Interval = tuple[datetime, datetime]

_EPOCH = datetime(2000, 1, 3)  # a Monday
_CHUNK = timedelta(weeks=26)
# as far as Odoo's own planning looks: a calendar without working time in four years has none
_MOST_CHUNKS = 8
_HOUR = 3600.0


class WorkingHours:
    """Working time of one calendar, fetched half a year at a time and kept for the next question.

    :param fetch: returns the intervals of work between two moments; None: the clock itself, day and night
    """

    def __init__(self, fetch: Callable[[datetime, datetime], Sequence[Interval]] | None = None) -> None:
        self._fetch = fetch
        self._chunks: dict[int, list[Interval]] = {}

    @property
    def is_round_the_clock(self) -> bool:
        return self._fetch is None

    def _get_chunk(self, number: int) -> list[Interval]:
        if number not in self._chunks:
            start = _EPOCH + _CHUNK * number
            self._chunks[number] = sorted(self._fetch(start, start + _CHUNK)) if self._fetch else []
        return self._chunks[number]

    def _walk(self, start: datetime, most: int = _MOST_CHUNKS):
        """Yield the intervals of work from ``start`` on, the first one cut off there."""
        first = (start - _EPOCH) // _CHUNK
        for number in range(first, first + most):
            intervals = self._get_chunk(number)
            place = bisect_right(intervals, start, key=lambda interval: interval[1]) if number == first else 0
            for begin, end in intervals[place:]:
                yield max(begin, start), end

    def plan(self, start: datetime, hours: float) -> datetime | None:
        """Return the moment at which so many hours of work have passed.

        Nothing at all to wait for outside working time ends when work begins again. A calendar without working time
        has no such moment: None.
        """
        if self.is_round_the_clock:
            return start + timedelta(hours=hours)
        left = timedelta(hours=hours)
        for begin, end in self._walk(start):
            if left <= end - begin:
                return begin + left
            left -= end - begin
        return None

    def between(self, start: datetime, end: datetime) -> float:
        """Return the hours of work between two moments; nothing when the end is not after the start."""
        if end <= start:
            return 0.0
        if self.is_round_the_clock:
            return (end - start).total_seconds() / _HOUR
        worked = timedelta()
        most = (end - _EPOCH) // _CHUNK - (start - _EPOCH) // _CHUNK + 1
        for begin, stop in self._walk(start, most):
            if begin >= end:
                break
            worked += min(stop, end) - begin
        return worked.total_seconds() / _HOUR

    def is_working(self, moment: datetime) -> bool:
        """Tell whether somebody works at that moment; the clock itself always does."""
        if self.is_round_the_clock:
            return True
        begin, _end = next(self._walk(moment), (None, None))
        return begin == moment


def working_deadline(start: datetime, hours: float, paused_hours: float, working: WorkingHours) -> datetime | None:
    """Return the end of a term in working hours that rested meanwhile; no hours: no term.

    Where the calendar knows no working time, hours of the clock count: a term that never ends protects nobody.

    :param start: when the customer said it
    :param hours: the term
    :param paused_hours: working hours during which the clock rested
    """
    if hours <= 0:
        return None
    total = hours + max(paused_hours, 0.0)
    return working.plan(start, total) or start + timedelta(hours=total)


def calendar_deadline(start: datetime, days: int, timezone: str = "Europe/Brussels") -> datetime | None:
    """Return the end of the last day of a term in calendar days; no days: no term.

    The day of the start does not count; the last day counts whole, where the company is.
    """
    if days <= 0:
        return None
    zone = pytz.timezone(timezone)
    last_day = local_day(start, timezone) + timedelta(days=days)
    midnight = zone.localize(datetime.combine(last_day + timedelta(days=1), time()))
    return (midnight - timedelta(seconds=1)).astimezone(pytz.utc).replace(tzinfo=None)


def local_day(moment: datetime, timezone: str = "Europe/Brussels") -> date:
    """Return the day of a moment in UTC where the company is."""
    return pytz.utc.localize(moment).astimezone(pytz.timezone(timezone)).date()


def is_breached(
    deadline: datetime | None,
    now: datetime,
    stopped_on: datetime | None = None,
    paused_since: datetime | None = None,
) -> bool:
    """Tell whether a term ran out.

    The last moment of the term still counts. What was done too late has run out too, and so has what rests now but
    had run out before it rested.

    :param stopped_on: when what the term is for was done
    :param paused_since: since when the clock rests
    """
    if not deadline:
        return False
    return min(moment for moment in (now, stopped_on, paused_since) if moment) > deadline


def next_deadline(deadlines: Sequence[datetime | None]) -> datetime | None:
    """Return the first of several ends that are still ahead of somebody."""
    return min((deadline for deadline in deadlines if deadline), default=None)
