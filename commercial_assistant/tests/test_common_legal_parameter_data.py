import re
from datetime import date, timedelta
from decimal import ROUND_UP, Decimal
from itertools import pairwise

from odoo.tests import TransactionCase, tagged

from odoo.addons.commercial_assistant.models.common.legal_parameter import LegalParameterError
from odoo.addons.commercial_assistant.tools.late_payment import (
    allocate_payment,
    business_due_date,
    consumer_interest_period,
    fixed_recovery_cost,
    free_term,
    late_interest,
    tiered_amount,
)

EXPECTED_CODES = {
    "be": """
        be_b2c_wait_days be_b2c_post_start_workday be_b2c_extra_days be_b2c_roll_to_working_day
        be_saturday_is_working_day be_b2c_free_duedates be_b2c_extra_fee be_b2c_indemnity_tiers be_b2c_indemnity_max
        be_b2b_term_days be_b2b_max_term_days be_b2b_fixed_cost be_late_rate be_legal_rate be_ios_cap_percent
        be_sme_turnover be_sme_balance be_sme_staff be_payment_principal_first be_prescription_contract_years
        be_prescription_consumer_goods_years be_prescription_periodic_years be_prescription_utility_years
    """,
    "nl": """
        nl_b2c_wait_days nl_collection_cost_tiers nl_collection_cost_min nl_collection_cost_max nl_commercial_rate
        nl_consumer_rate nl_b2b_term_days nl_b2b_max_term_days nl_b2c_presumed_delivery_days nl_b2c_extra_days
        nl_b2c_roll_to_working_day nl_vat_percent
    """,
    "fr": """
        fr_late_rate fr_late_spread fr_fixed_cost fr_b2b_term_days fr_b2b_max_term_days fr_legal_rate
        fr_min_rate_multiple fr_b2c_presumed_delivery_days
    """,
    "lu": """
        lu_late_rate lu_consumer_rate lu_fixed_cost lu_b2b_term_days lu_b2b_max_term_days lu_b2c_wait_months
        lu_b2c_invoice_months lu_b2c_count_whole_months
    """,
}


@tagged("post_install", "-at_install")
class TestLegalParameterData(TransactionCase):
    """The figures shipped with the app, as they are in the data file."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.model = cls.env["commercial.legal.parameter"].with_context(lang="en_US")
        data = cls.env["ir.model.data"].search(
            [("module", "=", "commercial_assistant"), ("model", "=", cls.model._name)]
        )
        cls.shipped = cls.model.browse(data.mapped("res_id")).exists()
        # a database may have confirmed, changed or added figures: here the file counts
        cls.model.search([("id", "not in", cls.shipped.ids)]).unlink()
        cls.belgium = cls.env.ref("base.be")
        cls.open_rate = cls.env.ref("commercial_assistant.legal_parameter_be_late_rate_2026_h2")
        cls.open_rate.write({"state": "to_confirm", "source": False, "value": 10.5})

    def series(self, code, kind=False):
        return self.shipped.filtered(lambda p: p.code == code and p.customer_kind == kind).sorted("date_from")

    # --- SHAPE ---

    def test_every_code_is_there(self):
        for country, codes in EXPECTED_CODES.items():
            for code in codes.split():
                with self.subTest(code):
                    self.assertEqual(self.series(code).country_id, self.env.ref(f"base.{country}"))
        self.assertFalse(self.series("late_day_base").country_id)

    def test_no_overlap(self):
        groups = self.shipped.grouped(lambda p: (p.code, p.country_id, p.customer_kind))
        for key, parameters in groups.items():
            for before, after in pairwise(parameters.sorted("date_from")):
                with self.subTest(key[0], after=after.date_from):
                    self.assertTrue(before.date_to)
                    # the next one starts on the very next day
                    self.assertEqual(before.date_to + timedelta(days=1), after.date_from)
            self.assertEqual(len(set(parameters.mapped("value_type"))), 1, key[0])
            self.assertEqual(len(set(parameters.mapped("name"))), 1, key[0])

    def test_source_or_derivation(self):
        for parameter in self.shipped:
            with self.subTest(parameter.code, start=parameter.date_from):
                if parameter.state == "confirmed":
                    self.assertTrue(parameter.source)
                else:
                    self.assertTrue(parameter.derivation and parameter.note)
                self.assertEqual(bool(parameter.tier_ids), parameter.value_type == "tiers")
                if parameter.code.endswith("_rate"):
                    self.assertEqual(parameter.value_type, "percent")
                    self.assertTrue(parameter.date_to, "A rate has a last day")
                    self.assertTrue(0 < parameter.value < 20)

    def test_waiting_for_confirmation(self):
        waiting = self.shipped.filtered(lambda p: p.state == "to_confirm")
        self.assertEqual(
            {(p.code, p.date_from) for p in waiting},
            {
                ("be_late_rate", date(2026, 7, 1)),
                ("nl_commercial_rate", date(2026, 7, 1)),
                ("nl_consumer_rate", date(2026, 7, 1)),
                ("fr_late_rate", date(2026, 7, 1)),
                ("fr_legal_rate", date(2026, 7, 1)),
                ("lu_late_rate", date(2026, 1, 1)),
                ("lu_late_rate", date(2026, 7, 1)),
                ("lu_consumer_rate", date(2025, 1, 1)),
                ("lu_consumer_rate", date(2026, 1, 1)),
                ("lu_fixed_cost", date(2013, 4, 15)),
                ("be_prescription_notice_months", date(2013, 7, 11)),
                ("be_warranty_repair_extension_months", date(2026, 7, 31)),
                ("fr_warranty_repair_extension_months", date(2026, 7, 31)),
                ("be_prescription_judgment_years", date(1998, 7, 27)),
                *(
                    (f"{law}_prescription_{name}", date(2013, 1, 1))
                    for law in ("nl", "fr", "lu")
                    for name in ("contract_years", "contract_alert_months")
                ),
                ("nl_prescription_consumer_goods_years", date(2013, 1, 1)),
                ("nl_prescription_consumer_goods_alert_months", date(2013, 1, 1)),
            },
        )

    # --- BELGIAN BUSINESS RATE ---

    def test_business_rate_covers_every_half_year(self):
        rates = self.series("be_late_rate")
        self.assertEqual(rates[0].date_from, date(2013, 3, 16))
        for rate in rates:
            half_year = self.model._get_half_year(rate.date_from)
            self.assertEqual(rate.date_to, half_year[1])
            if rate != rates[0]:
                self.assertEqual(rate.date_from, half_year[0])
        confirmed = rates.filtered(lambda p: p.state == "confirmed")
        self.assertEqual(len(confirmed), 27)
        self.assertEqual(confirmed[-1].date_to, date(2026, 6, 30))
        self.assertEqual(len(self.model._rates("be_late_rate", date(2013, 3, 16), date(2026, 6, 30), self.belgium)), 27)

    def test_business_rate_follows_the_formula(self):
        for rate in self.series("be_late_rate").filtered(lambda p: p.state == "confirmed"):
            with self.subTest(rate.display_name):
                reference = Decimal(re.search(r": (\d+\.\d\d) %; plus 8 points", rate.derivation)[1])
                rounded = ((reference + 8) * 2).to_integral_value(ROUND_UP) / 2
                self.assertEqual(Decimal(str(rate.value)), rounded)
                self.assertIn("Law of 2 August 2002", rate.source)

    def test_neighbours_follow_the_same_reference_rate(self):
        for belgian in self.series("be_late_rate").filtered(lambda p: p.state == "confirmed"):
            reference = float(re.search(r": (\d+\.\d\d) %; plus 8 points", belgian.derivation)[1])
            for code, points in (("nl_commercial_rate", 8), ("lu_late_rate", 8), ("fr_late_rate", 10)):
                found = self.series(code).filtered(
                    lambda p, day=belgian.date_from: p.state == "confirmed" and p.date_from <= day <= p.date_to
                )
                if found:
                    with self.subTest(code, start=belgian.date_from):
                        self.assertAlmostEqual(found.value, reference + points, 4)
                else:
                    self.assertIn(
                        (code, belgian.date_from),
                        [("lu_late_rate", date(2013, 3, 16)), ("lu_late_rate", date(2026, 1, 1))],
                    )

    def test_unconfirmed_half_year_is_named(self):
        for start, end in ((date(2026, 7, 1), date(2026, 7, 1)), (date(2026, 5, 1), date(2026, 9, 30))):
            with (
                self.subTest(start=start),
                self.assertRaisesRegex(LegalParameterError, "be_late_rate.*2026-H2") as caught,
            ):
                self.model._rates("be_late_rate", start, end, self.belgium)
            self.assertEqual((caught.exception.code, caught.exception.on), ("be_late_rate", date(2026, 7, 1)))

    def test_confirmed_half_year_counts(self):
        self.assertIn("10.5 %", self.open_rate.derivation)
        self.open_rate.source = "Belgian Official Gazette"
        self.open_rate.action_confirm()
        self.assertEqual(self.model._value("be_late_rate", date(2026, 11, 23), self.belgium), 10.5)

    # --- VECTORS, FROM THE RECORDS ---

    def test_business_interest(self):
        cost = self.model._value("be_b2b_fixed_cost", date(2026, 1, 1), self.belgium)
        table = [
            ("T21", 1210, date(2025, 5, 15), date(2025, 9, 20), "46.08", "86.08"),
            ("T22", 1000, date(2026, 3, 31), date(2026, 4, 30), "8.63", "48.63"),
            ("T23", 5000, date(2022, 12, 1), date(2023, 8, 31), "395.14", "435.14"),
            ("T24", 2420, date(2024, 6, 30), date(2024, 7, 1), "0.83", "40.83"),
            ("T25", 1000, date(2023, 12, 31), date(2024, 12, 31), "125.34", "165.34"),
        ]
        for vector, principal, due, paid, interest, with_cost in table:
            with self.subTest(vector):
                start = due + timedelta(days=1)
                rates = self.model._rates("be_late_rate", start, paid, self.belgium)
                base = int(self.model._value("late_day_base", paid, self.belgium))
                result = late_interest([(due, principal)], rates, start, paid, base)
                self.assertEqual(result, Decimal(interest))
                self.assertEqual(result + fixed_recovery_cost(1, cost), Decimal(with_cost))
        self.assertEqual(fixed_recovery_cost(3, cost), 120)  # T26

    def test_business_terms(self):
        day = date(2026, 4, 1)
        for kind, default, longest in (("business", 30, 60), ("public", 30, 60), (None, 30, 60)):
            with self.subTest(kind):
                terms = [
                    int(self.model._value(code, day, self.belgium, kind))
                    for code in ("be_b2b_term_days", "be_b2b_max_term_days")
                ]
                self.assertEqual(terms, [default, longest])
                self.assertEqual(business_due_date(day, 90, *terms), date(2026, 5, 1))  # T27

    def test_consumer_indemnity(self):
        day = date(2026, 3, 2)
        tiers = self.model._tiers("be_b2c_indemnity_tiers", day, self.belgium)
        maximum = self.model._value("be_b2c_indemnity_max", day, self.belgium)
        table = [
            ("T8", 100, 20),
            ("T9", 150, 20),
            ("T10", 150.01, 30),
            ("T11", 215, 36.5),
            ("T12", 400, 55),
            ("T13", 500, 65),
            ("T14", 500.01, 65),
            ("T15", 1000, 90),
            ("T16", 1210, 100.5),
            ("T17", 39200, 2000),
            ("T17", 50000, 2000),
        ]
        for vector, balance, expected in table:
            with self.subTest(vector, balance=balance):
                self.assertEqual(tiered_amount(balance, tiers, maximum=maximum), Decimal(str(expected)))

    def test_consumer_term(self):
        def value(code):
            return self.model._value(f"be_{code}", date(2026, 3, 2), self.belgium)

        options = {
            "wait_days": int(value("b2c_wait_days")),
            "post_start_workday": int(value("b2c_post_start_workday")),
            "saturday": bool(value("saturday_is_working_day")),
        }
        careful = {"extra_days": int(value("b2c_extra_days")), "roll": bool(value("b2c_roll_to_working_day"))}
        table = [
            # to the letter, and with the days of caution
            ("T1", date(2026, 3, 2), "electronic", date(2026, 3, 16), date(2026, 3, 17)),
            ("T2", date(2026, 4, 2), "post", date(2026, 4, 21), date(2026, 4, 22)),
            ("T6", date(2026, 11, 7), "electronic", date(2026, 11, 21), date(2026, 11, 23)),
        ]
        for vector, sent_on, channel, letter, safe in table:
            with self.subTest(vector):
                self.assertEqual(free_term(sent_on, channel, **options).last_free_day, letter)
                self.assertEqual(free_term(sent_on, channel, **options, **careful).last_free_day, safe)
        rates = self.model._rates("be_late_rate", date(2026, 3, 3), date(2026, 3, 31), self.belgium)
        term = free_term(date(2026, 3, 2), "electronic", **options)
        for vector, small, expected in (("T18", True, "10.09"), ("T19", False, "5.22")):
            with self.subTest(vector):
                period = consumer_interest_period(date(2026, 3, 2), term, date(2026, 3, 31), small)
                self.assertEqual(late_interest([(date(2026, 3, 2), 1210)], rates, *period), Decimal(expected))

    def test_imputation(self):
        orders = {0: ("costs", "interest", "principal"), 1: ("principal", "interest", "costs")}
        claim = {"principal": 1000, "interest": 30, "costs": 40}
        for kind, principal in (("business", 430), ("public", 430), ("consumer", 500)):
            with self.subTest("T28", kind=kind):
                first = self.model._value("be_payment_principal_first", date(2026, 3, 2), self.belgium, kind)
                self.assertEqual(allocate_payment(claim, 500, orders[first])["principal"], principal)

    def test_netherlands(self):
        netherlands, day = self.env.ref("base.nl"), date(2026, 3, 2)
        tiers = self.model._tiers("nl_collection_cost_tiers", day, netherlands)
        limits = [
            self.model._value(code, day, netherlands) for code in ("nl_collection_cost_min", "nl_collection_cost_max")
        ]
        for balance, expected in ((100, 40), (1000, 150), (3000, 425), (10000, 875), (200000, 2775), (2000000, 6775)):
            with self.subTest("T30", balance=balance):
                self.assertEqual(tiered_amount(balance, tiers, *limits), expected)
        start = date(2026, 1, 1)
        end = start + timedelta(days=89)
        rates = self.model._rates("nl_commercial_rate", start, end, netherlands)
        self.assertEqual(late_interest([(start, 5000)], rates, start, end), Decimal("125.14"))  # T31

    def test_small_company(self):
        for day, turnover, balance in (
            (date(2023, 12, 31), 9_000_000, 4_500_000),
            (date(2024, 1, 1), 11_250_000, 6_000_000),
        ):
            self.assertEqual(self.model._value("be_sme_turnover", day, self.belgium), turnover)
            self.assertEqual(self.model._value("be_sme_balance", day, self.belgium), balance)
        self.assertEqual(self.model._value("be_sme_staff", date(2026, 1, 1), self.belgium), 50)
