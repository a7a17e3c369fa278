from psycopg2.errors import CheckViolation

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.commercial_assistant.models.dunning.dunning_policy import REGIMES as LAWS
from odoo.addons.commercial_assistant.tools.dunning import REGIMES


@tagged("post_install", "-at_install")
class TestDunningPolicyLaw(TransactionCase):
    """What each law forbids is refused when the policy is saved, with its article, in the language of the user."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Nine Laws BV", "country_id": cls.env.ref("base.be").id})
        policies = cls.env["commercial.dunning.policy"].search([("company_id", "=", cls.company.id)])
        cls.policies = {policy.regime: policy for policy in policies}

    def _level(self, law, kind):
        levels = self.policies[law].with_context(active_test=False).level_ids
        return levels.filtered(lambda level: level.kind == kind)

    def _assert_refused(self, article, record, **vals):
        with self.assertRaisesRegex(ValidationError, article), self.env.cr.savepoint():
            record.write(vals)
            self.env.flush_all()
        self.env.invalidate_all()

    # --- ALL ---

    def test_every_law_is_served(self):
        self.assertEqual([code for code, _name in LAWS], list(dict(LAWS)))
        self.assertEqual(set(dict(LAWS)), set(REGIMES))
        self.assertEqual(set(self.policies), set(REGIMES))
        for law, policy in self.policies.items():
            self.assertFalse(policy._find_problems(), law)
            self.assertTrue(policy.law_explanation, law)
            self.assertEqual(
                policy.level_ids.filtered("active").mapped("kind"),
                ["reminder", "second_reminder", "formal_notice", "last_notice"],
                law,
            )
            last = self._level(law, "last_notice")
            self.assertTrue(last.proposes_handover and last.approval == "manual", law)
            if law.endswith("_consumer"):
                self.assertFalse(policy.charge_interest or policy.charge_indemnity, "only with the clause in the terms")

    def test_needed_figures(self):
        expected = {
            "be_public": {"be_late_rate", "be_b2b_fixed_cost"},
            "nl_consumer": {"nl_b2c_wait_days", "nl_b2c_presumed_delivery_days", "nl_b2c_extra_days"},
            "nl_business": {
                "nl_commercial_rate", "nl_collection_cost_tiers", "nl_collection_cost_min", "nl_collection_cost_max",
            },
            "fr_consumer": set(),
            "fr_business": {"fr_late_rate", "fr_fixed_cost"},
            "lu_consumer": set(),
            "lu_business": {"lu_late_rate", "lu_fixed_cost"},
        }  # fmt: skip
        for law, codes in expected.items():
            self.assertEqual(set(self.policies[law]._get_needed_figures()), codes, law)
        known = set(self.env["commercial.legal.parameter"].search([]).mapped("code"))
        for policy in self.policies.values():
            policy.write({"charge_interest": policy.regime != "lu_consumer"})
            self.assertFalse(set(policy._get_needed_figures()) - known)

    def test_missing_figure_stands_in_the_form(self):
        policy = self.policies["lu_business"]
        self.assertIn("lu_fixed_cost", policy.law_note)
        rate = self.env["commercial.legal.parameter"].search([("code", "=", "lu_fixed_cost")])
        rate.state = "confirmed"
        policy.invalidate_recordset(["law_note"])
        self.assertNotIn("lu_fixed_cost", policy.law_note or "")

    def test_language_of_the_refusal(self):
        self.env["res.lang"]._activate_lang("nl_BE")
        level = self._level("nl_consumer", "reminder").with_context(lang="nl_BE")
        with self.assertRaisesRegex(ValidationError, "6:96"), self.env.cr.savepoint():
            level.channel = "sms"

    def test_durable_first_reminder(self):
        """A text message or a call starts no period, on no place of the order."""
        for law, article in (("be_consumer", "durable medium.*XIX.2"), ("nl_consumer", "durable medium.*6:96")):
            level = self._level(law, "reminder")
            self._assert_refused(article, level, channel="sms")
            self._assert_refused(article, level, channel="phone")
            self._assert_refused(article, level, second_fallback_channel="phone")
        for law in ("be_business", "fr_consumer", "lu_consumer", "nl_business"):
            self._level(law, "reminder").channel = "sms"

    def test_notices_are_letters(self):
        for kind in ("formal_notice", "last_notice"):
            self._assert_refused("count in court", self._level("be_business", kind), fallback_channel="sms")
            self._assert_refused("count in court", self._level("lu_consumer", kind), channel="phone")

    def test_order_of_channels(self):
        level = self._level("be_business", "reminder")
        self._assert_refused("third channel", level, second_fallback_channel="email")
        self._assert_refused("third channel", level, second_fallback_channel="sms", fallback_channel=False)
        self._assert_refused("second channel must differ", level, fallback_channel="email")
        level.write({"fallback_channel": "sms", "second_fallback_channel": "phone"})
        self.assertEqual(level._get_channels(), ["email", "sms", "phone"])

    def test_words_of_a_text_message(self):
        level = self._level("be_business", "reminder")
        level.sms_text = "{company}: {amount} before {deadline}, reference {reference}"
        self._assert_refused("password", level, sms_text="{company} {password}")
        self._assert_refused("between braces", level, sms_text="{company.env}")

    # --- BELGIUM, PUBLIC AUTHORITIES ---

    def test_be_public(self):
        policy = self.policies["be_public"]
        clause = {"interest_basis": "clause", "interest_percent": 5}
        self._assert_refused("statutory rate.*article 5 of the law of 2 August 2002", policy, **clause)
        self._assert_refused("article 2 of the law", policy.rule_ids, customer_kind="business")
        self._assert_refused("article 2 of the law", policy.rule_ids, customer_kind=False)
        self._assert_refused("article 6 of the law", self._level("be_public", "reminder"), cost_amount=5)
        self._assert_refused("article 6 of the law", policy, charge_indemnity=True)
        self._assert_refused(
            "article 5 of the law", self._level("be_public", "courtesy"), active=True, charge_interest=True
        )
        policy.write({"cap_payment_term": True, "longer_term_is_justified": False})

    # --- NETHERLANDS ---

    def test_nl_consumer_letter(self):
        policy, letter = self.policies["nl_consumer"], "6:96 par. 6 of the Dutch Civil Code"
        self._assert_refused(f"announces the collection costs.*{letter}", self._level("nl_consumer", "reminder"),
                             charge_indemnity=True)  # fmt: skip
        self._assert_refused(f"at least 17 days.*{letter}", self._level("nl_consumer", "second_reminder"),
                             min_days_after_previous=16)  # fmt: skip
        self._level("nl_consumer", "second_reminder").min_days_after_previous = 17
        self._assert_refused(f"first reminder.*{letter}", self._level("nl_consumer", "reminder"), active=False)
        self._assert_refused(letter, self._level("nl_consumer", "courtesy"), active=True, charge_interest=True)
        self._assert_refused("one letter.*6:96 par. 7", policy, letter_scope="invoice")

    def test_nl_consumer_costs(self):
        policy, costs = self.policies["nl_consumer"], "6:96 par. 5 of the Dutch Civil Code"
        self._assert_refused(costs, self._level("nl_consumer", "formal_notice"), charge_fixed=True)
        self._assert_refused(costs, self._level("nl_consumer", "second_reminder"), cost_amount=5)
        self._assert_refused(costs, policy, charge_indemnity=True, indemnity_basis="clause", indemnity_percent=15)
        policy.write({"charge_indemnity": True, "vat_on_costs": True})

    def test_nl_consumer_rate(self):
        policy = self.policies["nl_consumer"]
        clause = {"charge_interest": True, "interest_basis": "clause"}
        self._assert_refused("6:119 of the Dutch Civil Code", policy, **clause, interest_percent=9)
        policy.write({**clause, "interest_percent": 2})
        self._assert_refused("6:119", policy, cap_payment_term=True)

    def test_nl_business(self):
        policy = self.policies["nl_business"]
        self._assert_refused("6:119a.*Business", policy.rule_ids[0], customer_kind="consumer")
        self._assert_refused("6:96 par. 4", self._level("nl_business", "formal_notice"), charge_fixed=True)
        self._assert_refused("6:96 par. 4", self._level("nl_business", "reminder"), cost_amount=5)
        self._assert_refused("6:119a", policy, cap_payment_term=True)
        self._assert_refused("6:119a", self._level("nl_business", "courtesy"), active=True, charge_indemnity=True)
        policy.write({"indemnity_basis": "clause", "indemnity_percent": 15, "indemnity_minimum": 40})

    # --- FRANCE ---

    def test_fr_consumer(self):
        policy = self.policies["fr_consumer"]
        procedures = "L111-8 of the French code of civil enforcement procedures"
        notice = "1231-6 and 1344-1 of the French Civil Code"
        self._assert_refused(procedures, self._level("fr_consumer", "formal_notice"), charge_fixed=True)
        self._assert_refused(procedures, self._level("fr_consumer", "second_reminder"), cost_amount=5)
        self._assert_refused(procedures, policy, charge_indemnity=True)
        for kind in ("reminder", "second_reminder", "formal_notice"):
            self._assert_refused(f"only after a formal notice.*{notice}", self._level("fr_consumer", kind),
                                 charge_interest=True)  # fmt: skip
        self._assert_refused(f"only after a formal notice.*{notice}", self._level("fr_consumer", "formal_notice"),
                             active=False)  # fmt: skip
        self._assert_refused(notice, policy, charge_interest=True, interest_basis="clause", interest_percent=1)
        policy.charge_interest = True

    def test_fr_business(self):
        policy = self.policies["fr_business"]
        penalties = "L441-10 of the French Commercial Code"
        clause = {"interest_basis": "clause"}
        legal = policy._get_latest_rate("fr_legal_rate")
        self._assert_refused(f"3 times the legal rate.*{penalties}", policy, **clause, interest_percent=legal * 3 - 0.1)
        policy.write({**clause, "interest_percent": legal * 3})
        self._assert_refused(penalties, policy.rule_ids, customer_kind="public")
        self._assert_refused("D441-5 of the French Commercial Code", policy, fixed_per_instalment=True)
        self._assert_refused("D441-5", self._level("fr_business", "reminder"), cost_amount=5)
        self._assert_refused("D441-5", policy, charge_indemnity=True)
        self._assert_refused(penalties, policy, cap_payment_term=True)
        self._assert_refused(penalties, self._level("fr_business", "courtesy"), active=True, charge_fixed=True)

    # --- LUXEMBOURG ---

    def test_lu_consumer(self):
        policy, law = self.policies["lu_consumer"], "law of 18 April 2004"
        self._assert_refused(f"states it.*{law}", policy, charge_interest=True)
        policy.write({"charge_interest": True, "invoices_state_interest": True})
        self._assert_refused(f"states it.*{law}", policy, invoices_state_interest=False)
        self._assert_refused(law, self._level("lu_consumer", "formal_notice"), charge_fixed=True)
        self._assert_refused(law, self._level("lu_consumer", "reminder"), cost_amount=5)
        self._assert_refused(law, policy, charge_indemnity=True)
        rate = self.env["commercial.legal.parameter"].search([("code", "=", "lu_consumer_rate")])
        rate.write({"source": "Test", "state": "confirmed"})
        self._assert_refused(law, policy, interest_basis="clause", interest_percent=20)
        self._assert_refused(law, self._level("lu_consumer", "courtesy"), active=True, charge_interest=True)
        self._assert_refused(law, policy, cap_payment_term=True)

    def test_lu_business(self):
        policy, law = self.policies["lu_business"], "law of 18 April 2004"
        self._assert_refused(law, policy.rule_ids[0], customer_kind="consumer")
        self._assert_refused(law, self._level("lu_business", "reminder"), cost_amount=5)
        self._assert_refused(law, policy, charge_indemnity=True)
        self._assert_refused(law, policy, cap_payment_term=True)
        self._assert_refused(law, self._level("lu_business", "courtesy"), active=True, charge_fixed=True)
        policy.fixed_per_instalment = True

    # --- FORM AND RIGHTS ---

    def test_form_explains_the_law(self):
        with Form(self.policies["be_business"]) as form:
            self.assertIn("without notice", form.law_explanation)
            form.regime = "fr_consumer"
            self.assertIn("formal notice", form.law_explanation)
            form.regime = "be_business"

    def test_rights(self):
        """Collectors read levels and rules with all their fields; only a team lead changes them."""
        team = self.env["crm.team"].create({"name": "Export"})
        journal = self.env["account.journal"].search([("type", "=", "bank")], limit=1)
        policy = self.policies["be_business"]
        policy.rule_ids[0].write(
            {
                "team_ids": [Command.set(team.ids)],
                "payment_method_line_ids": [Command.set(journal.inbound_payment_method_line_ids.ids[:1])],
                "country_group_ids": [Command.set(self.env.ref("base.europe").ids)],
            }
        )
        for group in ("group_assistant", "group_collector"):
            user = new_test_user(
                self.env, f"law_{group}", f"commercial_assistant.{group}", company_id=self.company.id,
                company_ids=[Command.set(self.company.ids)],
            )  # fmt: skip
            seen = policy.with_user(user)
            self.assertIn("Export", seen.rule_ids[0].display_name)
            self.assertTrue(self.env["commercial.dunning.policy"].with_user(user)._load(self.company))
            with self.assertRaises(UserError):
                seen.rule_ids[0].trust = "bad"
        stranger = new_test_user(
            self.env, "law_stranger", "commercial_assistant.group_team_lead",
            company_id=self.env["res.company"].create({"name": "Other"}).id,
        )  # fmt: skip
        self.assertFalse(
            self.env["commercial.dunning.policy.rule"].with_user(stranger).search([("policy_id", "=", policy.id)])
        )


@tagged("post_install", "-at_install")
class TestDunningPolicyRules(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Rules BV", "country_id": cls.env.ref("base.be").id})
        cls.Policy = cls.env["commercial.dunning.policy"]
        cls.Policy.search([("company_id", "=", cls.company.id)]).unlink()
        cls.user = new_test_user(cls.env, "rules_seller", "sales_team.group_sale_salesman")
        cls.team = cls.env["crm.team"].create({"name": "North", "member_ids": [Command.set(cls.user.ids)]})
        cls.partner = cls.env["res.partner"].create(
            {"name": "Klant", "is_company": True, "country_id": cls.env.ref("base.de").id, "user_id": cls.user.id}
        )

    def _policy(self, name, sequence=10, **rule):
        return self.Policy.create(
            {
                "name": name,
                "company_id": self.company.id,
                "regime": "be_consumer",
                "sequence": sequence,
                "rule_ids": [Command.create(rule)],
            }
        )

    def _find(self, partner=None):
        partner = partner or self.partner
        loaded = self.Policy._load(self.company)
        row = {
            "partner_id": partner.id,
            "customer_kind": partner.customer_kind,
            "country_id": partner.country_id.id,
            "trust": partner.with_company(self.company).trust,
        }
        self.env.flush_all()
        rules = [rule for _policy, _core, criteria in loaded for rule in criteria]
        segments = self.env["commercial.dunning.policy.rule"]._fetch_segments(self.company, [row], rules)
        found = self.Policy._find_policy(loaded, segments[partner.id])
        return self.Policy.browse(found.id if found else ())

    def test_first_match_wins(self):
        last = self._policy("Rest", 30)
        self.assertEqual(self._find(), last)
        second = self._policy("Second", 20, customer_kind="business")
        self.assertEqual(self._find(), second)
        first = self._policy("First", 10, customer_kind="business")
        self.assertEqual(self._find(), first)
        first.sequence = 40
        self.assertEqual(self._find(), second)

    def test_country_group(self):
        europe = self.env.ref("base.europe")
        policy = self._policy("Europe", country_group_ids=[Command.set(europe.ids)])
        self.assertEqual(self._find(), policy)
        self.partner.country_id = self.env.ref("base.us")
        self.assertFalse(self._find())
        policy.rule_ids.country_ids = self.env.ref("base.us")
        self.assertEqual(self._find(), policy, "a country beside a group widens")
        nobody = self.env["res.country.group"].create({"name": "Empty"})
        policy.rule_ids.write({"country_ids": [Command.clear()], "country_group_ids": [Command.set(nobody.ids)]})
        self.assertFalse(self._find(), "an empty group fits nobody")

    def test_team_of_the_salesperson(self):
        policy = self._policy("North", team_ids=[Command.set(self.team.ids)])
        self.assertEqual(self._find(), policy)
        self.partner.user_id = False
        self.assertFalse(self._find())
        self.partner.user_id = self.user
        self.team.crm_team_member_ids.action_archive()
        self.assertFalse(self._find())

    def test_payment_method(self):
        method = self.env["account.payment.method"].search([("payment_type", "=", "inbound")], limit=1)
        journal = self.env["account.journal"].create(
            {"name": "Bank of rules", "type": "bank", "code": "BRUL", "company_id": self.company.id}
        )
        line = journal.inbound_payment_method_line_ids[:1] or self.env["account.payment.method.line"].create(
            {"payment_method_id": method.id, "journal_id": journal.id}
        )
        policy = self._policy("Debit", payment_method="with")
        without = self._policy("No debit", 20, payment_method="without")
        exact = self._policy("This one", 5, payment_method_line_ids=[Command.set(line.ids)])
        self.assertEqual(self._find(), without)
        self.partner.with_company(self.company).property_inbound_payment_method_line_id = line
        self.assertEqual(self._find(), exact)
        exact.active = False
        self.assertEqual(self._find(), policy)

    def test_impossible_range(self):
        for values in ({"exposure_from": 100, "exposure_to": 100}, {"exposure_from": -1}):
            with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation), self.env.cr.savepoint():
                self._policy("Never", **values)

    def test_name_of_a_rule(self):
        policy = self._policy(
            "Named", customer_kind="business", exposure_from=100, exposure_to=500, payment_method="without",
            team_ids=[Command.set(self.team.ids)],
        )  # fmt: skip
        name = policy.rule_ids.display_name
        for part in ("Business", "100.00", "500.00", "North", "Has none"):
            self.assertIn(part, name)
