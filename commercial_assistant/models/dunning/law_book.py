"""The figures of law as the decision about reminders asks for them."""

from datetime import timedelta
from decimal import Decimal

from ...tools.dunning import MissingFigureError


class LawBook:
    """Confirmed legal parameters, each read once; remembers what was missing. The code begins with its country.

    :ivar missing: ``{code: first day asked in vain}``
    """

    def __init__(self, env):
        self._env = env
        self._parameters = env["commercial.legal.parameter"]
        self._countries = {}
        self._groups = {}
        self._values = {}
        self._tiers = {}
        self._rates = {}
        self.missing = {}

    def _find(self, code, on, kind=None):
        groups = self._groups.get((code, kind))
        if groups is None:
            groups = self._parameters._get_candidates(code, self._get_country(code), kind)
            self._groups[code, kind] = groups
        for group in groups:
            for period in group:
                if period.confirmed and period.covers(on):
                    return period
        self.missing[code] = min(on, self.missing.get(code, on))
        raise MissingFigureError(code, on)

    def _get_country(self, code):
        """Return the country named by the first two letters of a code, ``None`` for a figure of no country."""
        prefix, separator, _rest = code.partition("_")
        if not separator or len(prefix) != 2:
            return None
        if prefix not in self._countries:
            self._countries[prefix] = self._env.ref(f"base.{prefix}", raise_if_not_found=False)
        return self._countries[prefix]

    def value(self, code, on, kind=None):
        """Return the number valid on that day, for one kind of customer where it differs."""
        if (code, on, kind) not in self._values:
            self._values[code, on, kind] = Decimal(str(self._find(code, on, kind).value))
        return self._values[code, on, kind]

    def tiers(self, code, on):
        """Return ``[(above, base, percent)]`` valid on that day."""
        if (code, on) not in self._tiers:
            found = self._find(code, on).tiers
            self._tiers[code, on] = [tuple(Decimal(str(part)) for part in tier) for tier in found]
        return self._tiers[code, on]

    def rates(self, code, start, end):
        """Return ``[(valid_from, percent)]`` that covers every day from ``start`` to ``end``."""
        # many items were due on the same day
        if (code, start, end) not in self._rates:
            self._rates[code, start, end] = self._find_rates(code, start, end)
        return self._rates[code, start, end]

    def _find_rates(self, code, start, end):
        rates, day = [], start
        while day <= end:
            period = self._find(code, day)
            rates.append((period.date_from, Decimal(str(period.value))))
            if period.date_to is None:
                break
            day = period.date_to + timedelta(days=1)
        return rates

    def make_tasks(self):
        """Give the team lead one task for each figure that was missing."""
        for code, on in self.missing.items():
            self._parameters._ensure_task(code, on, self._get_country(code))
