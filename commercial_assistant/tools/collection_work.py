"""What a collector does next with a customer, and in which order customers come.

Pure functions; today is an argument.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from math import log10

# what can be done next; among those that are due the one that stands first is told
ACTIONS = (
    "promise_broken",
    "plan_broken",
    "dispute_waiting",
    "call_due",
    "letter_failed",
    "letter_to_approve",
    "handover_proposed",
    "letter_to_post",
    "activity_due",
    "deadline_passed",
    "promise_due",
    "reminder_due",
    "wait",
)
RANK = {code: rank for rank, code in enumerate(ACTIONS)}


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that is due on a day, with what its sentence has to name."""

    code: str
    on: date
    facts: dict = field(default_factory=dict)


def choose(actions: Iterable[Action], today: date) -> Action | None:
    """Return what comes next: what is due today or earlier by its weight, else what comes first."""
    known = list(actions)
    due = [action for action in known if action.on <= today and action.code != "wait"]
    if due:
        return min(due, key=lambda action: (RANK[action.code], action.on))
    return min(known, key=lambda action: (action.on, RANK[action.code]), default=None)


def priority(overdue: Decimal, days_late: int, broken_promises: int) -> float:
    """Return how soon a customer deserves attention: amount, age and broken promises multiply.

    The amount counts by its order of magnitude, so that one large account does not bury a hundred small ones for ever.

    :param overdue: overdue amount in the currency of the company, for the order only
    :param days_late: of the oldest overdue item
    """
    if overdue <= 0:
        return 0.0
    by_amount = log10(1 + float(overdue))
    by_age = 1 + min(max(days_late, 0), 360) / 90
    by_promises = 1 + min(broken_promises, 5) / 2
    return round(by_amount * by_age * by_promises, 2)


def share_out(weights: Iterable[tuple[int, Decimal]], users: Iterable[int]) -> dict[int, int]:
    """Give each account to the user with the smallest load so far, the heaviest accounts first.

    :param weights: ``(account, weight)``
    :return: account → user
    """
    loads = {user: (Decimal(), 0, place) for place, user in enumerate(users)}
    result = {}
    if not loads:
        return result
    for account, weight in sorted(weights, key=lambda pair: (-pair[1], pair[0])):
        user = min(loads, key=loads.__getitem__)
        load, count, place = loads[user]
        loads[user] = (load + max(weight, Decimal()), count + 1, place)
        result[account] = user
    return result
