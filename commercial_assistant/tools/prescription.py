"""When a claim lapses by prescription (verjaring / prescription), and when somebody must look at it.

Pure functions: terms, dates and interruptions are arguments. Where the law leaves a doubt, the earlier day is taken:
the term counts from the due date itself, so that the claim lapses one day early rather than one day late; only what a
person recorded interrupts it, never a reminder or a payment by itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta

# kinds of claim, each with a term of its own in some country; a kind without one follows the contract
KINDS = ("contract", "consumer_goods", "periodic", "utility", "hospitality", "health_care", "fees")

NOTICE = "notice"  # registered notice by a lawyer or bailiff, old Civil Code art. 2244 par. 2
ACKNOWLEDGMENT = "acknowledgment"  # the debtor acknowledged the debt in writing
SUMMONS = "summons"  # summons to court, order to pay or seizure
JUDGMENT = "judgment"
INTERRUPTIONS = (NOTICE, ACKNOWLEDGMENT, SUMMONS, JUDGMENT)


@dataclass(frozen=True, slots=True)
class Term:
    """A term of prescription in months, and after how many months it is brought to attention."""

    months: int
    alert_months: int

    def __post_init__(self) -> None:
        if not 0 < self.alert_months <= self.months:
            raise ValueError(f"An alert after {self.alert_months} of {self.months} months warns nobody.")

    @property
    def margin(self) -> int:
        return self.months - self.alert_months


@dataclass(frozen=True, slots=True)
class Interruption:
    """Something that stops the running term."""

    kind: str
    on: date


@dataclass(frozen=True, slots=True)
class Lapse:
    """The day on which the claim lapses, and the day from which that is brought to attention."""

    on: date
    alert_on: date


def add_months(day: date, months: int) -> date:
    """Return the same day of another month, its last day where that is shorter (31 January + 1: 28 February)."""
    return day + relativedelta(months=months)


def lapse(
    due: date,
    term: Term,
    interruptions: Iterable[Interruption] = (),
    notice_months: int | None = None,
    judgment_months: int | None = None,
) -> Lapse:
    """Return when a claim lapses.

    :param due: day on which the claim became due
    :param interruptions: in any order; one before the due date or after the lapse has no effect
    :param notice_months: what a registered notice grants from its own day; ``None``: it grants nothing. It never
        shortens a term and counts once
    :param judgment_months: the term after a judgment; ``None``: the term of the claim begins again
    """
    start, end, notice_used = due, add_months(due, term.months), False
    for event in sorted(interruptions, key=lambda event: event.on):
        if not due <= event.on < end:
            continue
        if event.kind == NOTICE:
            if notice_months and not notice_used:
                end = max(end, add_months(event.on, notice_months))
                notice_used = True
            continue
        months = judgment_months if event.kind == JUDGMENT and judgment_months else term.months
        renewed = add_months(event.on, months)
        if renewed >= end:
            start, end = event.on, renewed
    if end == add_months(start, term.months):
        return Lapse(end, add_months(start, term.alert_months))
    return Lapse(end, max(due, add_months(end, -term.margin)))
