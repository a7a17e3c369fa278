"""What a statement of account shows of the entries of one customer: sections by currency, running balance, ageing.

Pure functions; the day of the statement is an argument. Amounts are ``Decimal``: debts of the customer above zero,
money on account and credit notes below.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from .ageing import age

ZERO = Decimal()


@dataclass(frozen=True, slots=True)
class Entry:
    """A journal item of the customer. ``residual`` is what was open of it on the day of the statement."""

    currency_id: int
    date: date
    due: date
    amount: Decimal
    residual: Decimal = ZERO
    key: object = None  # whatever the caller needs to name the entry
    balance: Decimal = ZERO  # running balance after the entry, of an activity only


@dataclass(frozen=True, slots=True)
class Charge:
    """Interest, indemnity or cost that is claimed besides the entries."""

    currency_id: int
    amount: Decimal
    key: object = None


@dataclass(slots=True)
class Section:
    """Everything in one currency."""

    currency_id: int
    entries: list[Entry] = field(default_factory=list)  # what is listed
    still_open: list[Entry] = field(default_factory=list)  # open on the last day
    charges: list[Charge] = field(default_factory=list)
    opening: Decimal = ZERO
    debts: Decimal = ZERO  # open invoices
    credits: Decimal = ZERO  # money on account and open credit notes, below zero
    overdue: Decimal = ZERO
    buckets: list[Decimal] = field(default_factory=list)  # of the debts only

    @property
    def balance(self) -> Decimal:
        return self.debts + self.credits

    @property
    def charged(self) -> Decimal:
        return sum((charge.amount for charge in self.charges), ZERO)

    @property
    def total(self) -> Decimal:
        return self.balance + self.charged


def open_sections(
    entries: Iterable[Entry], charges: Iterable[Charge], day: date, limits: Sequence[int]
) -> dict[int, Section]:
    """Return a section for each currency in which something was open on that day."""
    sections: dict[int, Section] = {}
    for entry in sorted(entries, key=lambda entry: (entry.due, entry.date)):
        if entry.residual:
            sections.setdefault(entry.currency_id, Section(entry.currency_id)).entries.append(entry)
    for charge in charges:
        sections.setdefault(charge.currency_id, Section(charge.currency_id)).charges.append(charge)
    for section in sections.values():
        section.still_open = section.entries
        debts = [entry for entry in section.entries if entry.residual > 0]
        section.debts = sum((entry.residual for entry in debts), ZERO)
        section.credits = sum((entry.residual for entry in section.entries if entry.residual < 0), ZERO)
        section.overdue = sum((entry.residual for entry in debts if entry.due < day), ZERO)
        section.buckets = age([(entry.due, entry.residual) for entry in debts], day, limits)
    return sections


def activity_sections(
    opening: dict[int, Decimal], entries: Iterable[Entry], still_open: dict[int, Section]
) -> dict[int, Section]:
    """Return the sections of a period: opening balance, entries in the order of their days with the balance after each.

    :param opening: balance before the first day, by currency
    :param entries: of the period
    :param still_open: what :func:`open_sections` says about the last day
    """
    sections = {}
    listed: dict[int, list[Entry]] = {}
    for entry in sorted(entries, key=lambda entry: entry.date):
        listed.setdefault(entry.currency_id, []).append(entry)
    for currency_id in dict.fromkeys((*opening, *listed, *still_open)):
        start = opening.get(currency_id, ZERO)
        rest = still_open.get(currency_id) or Section(currency_id)
        if not (start or currency_id in listed or rest.charges):
            continue
        balance, rows = start, []
        for entry in listed.get(currency_id, ()):
            balance += entry.amount
            rows.append(
                Entry(entry.currency_id, entry.date, entry.due, entry.amount, entry.residual, entry.key, balance)
            )
        sections[currency_id] = Section(
            currency_id,
            entries=rows,
            still_open=rest.still_open,
            charges=rest.charges,
            opening=start,
            debts=rest.debts,
            credits=rest.credits,
            overdue=rest.overdue,
            buckets=rest.buckets,
        )
    return sections
