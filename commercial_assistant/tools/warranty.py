"""How long goods are covered, and who has to prove what: calendar arithmetic without records and without today's date.

A term in months ends on the same day of a later month; that day still belongs to it. When the month has no such day
(29 February), its last day is meant. Suspended days are counted from the day the goods are given away up to, and
without, the day they come back.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

# first day, and the day on which it was over (None: it still goes on)
Suspension = tuple[date, date | None]


class TermError(ValueError):
    """A term or a period that cannot be: negative months, an end before its beginning."""


def add_months(day: date, months: int) -> date:
    """Return the same day so many months later, or the last day of a shorter month."""
    if months < 0:
        raise TermError("negative months")
    return day + relativedelta(months=months)


def merge_suspensions(suspensions: Iterable[Suspension], until: date | None = None) -> list[tuple[date, date]]:
    """Return the periods in order without overlaps; what still goes on counts up to ``until``, or not at all."""
    closed = []
    for start, end in suspensions:
        if end is not None and end < start:
            raise TermError("a suspension ends before it begins")
        over = end if end is not None else until
        if over is not None and over > start:
            closed.append((start, over))
    merged: list[tuple[date, date]] = []
    for start, over in sorted(closed):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(over, merged[-1][1]))
        else:
            merged.append((start, over))
    return merged


def extend_for_suspensions(end: date, suspensions: Iterable[Suspension], until: date | None = None) -> date:
    """Move the last day of cover by the days of suspension; one that begins when all is over does not count.

    :param until: the day looked at; a suspension that still goes on counts up to that day
    """
    for start, over in merge_suspensions(suspensions, until):
        if start > end:
            break
        end += over - start
    return end


def end_of_cover(
    start: date,
    months: int,
    suspensions: Iterable[Suspension] = (),
    extra_months: int = 0,
    until: date | None = None,
) -> date:
    """Return the last day of cover.

    :param start: the day of delivery, or on which the term starts otherwise
    :param months: the term
    :param suspensions: periods in which the term did not run
    :param extra_months: what was added, for example once for a repair
    :param until: the day looked at, for a suspension that still goes on
    """
    if extra_months < 0:
        raise TermError("negative months")
    return extend_for_suspensions(add_months(start, months + extra_months), suspensions, until)


def is_covered(start: date, end: date, day: date) -> bool:
    """Tell whether a day lies within the cover; first and last day included."""
    return start <= day <= end


def remaining_days(end: date, day: date) -> int:
    """Return how many days of cover are left after that day; 0 on the last day and later."""
    return max((end - day).days, 0)


def second_hand_months(legal: int, minimum: int, agreed: int | None) -> int:
    """Return the term of second-hand goods: a shorter one holds only when it was agreed, and not below the minimum.

    :param legal: the term without an agreement
    :param minimum: what may be agreed at least
    :param agreed: the agreed term; None or 0: nothing was agreed
    """
    if not agreed:
        return legal
    return min(legal, max(minimum, agreed))


def presumption_end(
    start: date, months: int, suspensions: Iterable[Suspension] = (), until: date | None = None
) -> date | None:
    """Return the last day on which a defect is presumed to have existed at delivery; None without a presumption."""
    if months <= 0:
        return None
    return end_of_cover(start, months, suspensions, until=until)


def burden_of_proof(presumed_until: date | None, day: date) -> str:
    """Return who has to prove: the ``seller`` that the goods were sound, or the ``customer`` that they were not."""
    return "seller" if presumed_until is not None and day <= presumed_until else "customer"


def recourse_deadline(supplier_end: date, reported_on: date, notice_days: int = 0) -> date | None:
    """Return the last day to claim from the supplier; None when the supplier's cover is over already.

    :param supplier_end: last day of the supplier's cover
    :param reported_on: the day the defect became known
    :param notice_days: within how many days a defect has to be passed on; 0: no such term
    """
    if reported_on > supplier_end:
        return None
    if notice_days <= 0:
        return supplier_end
    return min(supplier_end, reported_on + timedelta(days=notice_days))


def replacement_end(effect: str, old_end: date, new_start: date, months: int, minimum_months: int = 0) -> date:
    """Return the last day of cover of goods that replace others.

    :param effect: ``inherit`` (the rest of the old cover), ``restart`` (a full term), ``minimum`` (the rest, at least
        so many months)
    """
    if effect == "inherit":
        return old_end
    if effect == "restart":
        return max(old_end, add_months(new_start, months))
    if effect == "minimum":
        return max(old_end, add_months(new_start, minimum_months))
    raise TermError(f"unknown effect {effect}")
