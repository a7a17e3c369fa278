from datetime import date

from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.commercial_assistant.tests.test_tools_properties import steady
from odoo.addons.commercial_assistant.tools.prescription import (
    ACKNOWLEDGMENT,
    INTERRUPTIONS,
    JUDGMENT,
    NOTICE,
    SUMMONS,
    Interruption,
    Term,
    add_months,
    lapse,
)

GOODS = Term(12, 9)
PERIODIC = Term(60, 54)
CONTRACT = Term(120, 114)
HOSPITALITY = Term(6, 4)

DAYS = st.dates(date(2013, 1, 1), date(2040, 12, 31))
TERMS = st.sampled_from([GOODS, PERIODIC, CONTRACT, HOSPITALITY])
EVENTS = st.lists(st.builds(Interruption, st.sampled_from(INTERRUPTIONS), DAYS), max_size=6)


@tagged("post_install", "-at_install")
class TestPrescription(BaseCase):
    def _check(self, due, term, expected, alert, *events, **months):
        result = lapse(due, term, [Interruption(*event) for event in events], **months)
        self.assertEqual((result.on, result.alert_on), (expected, alert))

    def test_table(self):
        table = [
            # kind of claim, due, lapses, alert
            ("consumer goods", date(2025, 3, 1), GOODS, date(2026, 3, 1), date(2025, 12, 1)),
            ("periodic", date(2025, 3, 1), PERIODIC, date(2030, 3, 1), date(2029, 9, 1)),
            ("contract", date(2025, 3, 1), CONTRACT, date(2035, 3, 1), date(2034, 9, 1)),
            ("hospitality", date(2025, 3, 1), HOSPITALITY, date(2025, 9, 1), date(2025, 7, 1)),
            ("leap day", date(2024, 2, 29), GOODS, date(2025, 2, 28), date(2024, 11, 29)),
            ("end of a month", date(2025, 8, 31), HOSPITALITY, date(2026, 2, 28), date(2025, 12, 31)),
        ]
        for name, due, term, expected, alert in table:
            with self.subTest(name):
                self._check(due, term, expected, alert)

    def test_registered_notice(self):
        due = date(2025, 3, 1)
        notice = (NOTICE, date(2026, 2, 1))
        # without the figure of law it grants nothing
        self._check(due, GOODS, date(2026, 3, 1), date(2025, 12, 1), notice)
        self._check(due, GOODS, date(2027, 2, 1), date(2026, 11, 1), notice, notice_months=12)
        # one on the first day adds nothing to the term and never shortens it
        self._check(due, CONTRACT, date(2035, 3, 1), date(2034, 9, 1), (NOTICE, due), notice_months=12)
        # a second one counts no more
        twice = (notice, (NOTICE, date(2027, 1, 15)))
        self._check(due, GOODS, date(2027, 2, 1), date(2026, 11, 1), *twice, notice_months=12)
        # too late
        self._check(due, GOODS, date(2026, 3, 1), date(2025, 12, 1), (NOTICE, date(2026, 3, 1)), notice_months=12)

    def test_new_term(self):
        due = date(2025, 3, 1)
        for kind in (ACKNOWLEDGMENT, SUMMONS):
            with self.subTest(kind):
                self._check(due, GOODS, date(2027, 2, 28), date(2026, 11, 28), (kind, date(2026, 2, 28)))
                self._check(due, GOODS, date(2026, 3, 1), date(2025, 12, 1), (kind, date(2026, 3, 1)))
                self._check(due, GOODS, date(2026, 3, 1), date(2025, 12, 1), (kind, date(2025, 2, 28)))

    def test_judgment(self):
        due, day = date(2025, 3, 1), date(2026, 1, 10)
        self._check(due, GOODS, date(2036, 1, 10), date(2035, 10, 10), (JUDGMENT, day), judgment_months=120)
        self._check(due, GOODS, date(2027, 1, 10), date(2026, 10, 10), (JUDGMENT, day))

    def test_chain_in_any_order(self):
        events = [(ACKNOWLEDGMENT, date(2027, 1, 1)), (ACKNOWLEDGMENT, date(2026, 2, 1))]
        self._check(date(2025, 3, 1), GOODS, date(2028, 1, 1), date(2027, 10, 1), *events)

    def test_senseless_term(self):
        for months, alert in ((12, 13), (12, 0), (0, 0)):
            with self.assertRaises(ValueError):
                Term(months, alert)

    @steady
    @given(DAYS, TERMS, EVENTS, st.sampled_from([None, 12]), st.sampled_from([None, 120]))
    def test_properties(self, due, term, events, notice, judgment):
        result = lapse(due, term, events, notice, judgment)
        plain = lapse(due, term)
        self.assertGreaterEqual(result.on, plain.on, "nothing shortens a term")
        self.assertLessEqual(result.alert_on, result.on)
        self.assertGreaterEqual(result.alert_on, due)
        self.assertEqual(result, lapse(due, term, list(reversed(events)), notice, judgment))
        late = [event for event in events if event.on >= result.on]
        self.assertEqual(result, lapse(due, term, [e for e in events if e not in late], notice, judgment))
        self.assertEqual(add_months(due, 1), due + relativedelta(months=1))
