from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, TransactionCase, new_test_user, tagged

from odoo.addons.commercial_assistant.tools.dunning import KIND_ORDER


@tagged("post_install", "-at_install")
class TestDunningPolicy(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Policies BV", "country_id": cls.env.ref("base.be").id})
        Policy = cls.env["commercial.dunning.policy"]
        cls.consumer = Policy.search([("company_id", "=", cls.company.id), ("regime", "=", "be_consumer")])
        cls.business = Policy.search([("company_id", "=", cls.company.id), ("regime", "=", "be_business")])

    def _level(self, policy, kind):
        return policy.level_ids.filtered(lambda level: level.kind == kind)

    def _assert_refused(self, article, record, **vals):
        with self.assertRaisesRegex(ValidationError, article), self.env.cr.savepoint():
            record.write(vals)
            self.env.flush_all()
        self.env.invalidate_all()

    # --- STANDARD POLICIES ---

    def test_standard_policies_of_a_new_company(self):
        for policy, days in ((self.consumer, [-3, 5, 25, 45, 65]), (self.business, [-3, 3, 15, 30, 45])):
            levels = policy.with_context(active_test=False).level_ids.sorted("sequence")
            self.assertEqual(levels.mapped("days_after_due"), days)
            self.assertEqual(tuple(levels.mapped("kind")), KIND_ORDER)
            self.assertEqual(levels.filtered("active"), levels[1:])
            self.assertFalse(policy._find_problems())
        self.assertFalse(
            self.consumer.charge_interest or self.consumer.charge_indemnity, "only with a clause in the terms"
        )
        self.assertTrue(self.business.charge_interest, "by operation of law")

    def test_load_standard_policies(self):
        self.assertIn("there already", self.company.action_load_dunning_policies()["params"]["message"])
        self.business.unlink()
        self.assertIn("Businesses", self.company.action_load_dunning_policies()["params"]["message"])
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        Policy = self.env["commercial.dunning.policy"]
        self.assertFalse(Policy.search([("company_id", "=", branch.id)]))
        self.assertEqual(len(Policy.search(Policy._get_company_domain(branch))), 9, "a branch uses those of its parent")

    def test_texts_follow_a_new_language(self):
        self.env["res.lang"]._activate_lang("es_ES")
        standard = self.env.ref("commercial_assistant.dunning_policy_be_business")
        origin = self._level(standard, "reminder")
        copy = self._level(self.business, "reminder")
        self.assertEqual(origin.intro, copy.intro)
        origin.with_context(lang="es_ES").subject = "Primer aviso"
        terms = origin._fields["intro"].get_trans_terms(origin.intro)
        origin.update_field_translations("intro", {"es_ES": {term: f"ES {term}" for term in terms}})
        self.assertNotIn("es_ES", copy._get_languages()[copy.id])
        self.company.action_load_dunning_policies()
        self.assertIn("es_ES", copy._get_languages()[copy.id])
        self.assertEqual(copy.with_context(lang="es_ES").subject, "Primer aviso")
        self.assertIn("ES ", copy.with_context(lang="es_ES").intro)
        self.assertNotIn("ES ", copy.intro)

    # --- CONSUMERS ---

    def test_first_reminder_is_free(self):
        first = self._level(self.consumer, "reminder")
        self._assert_refused("XIX.2 CEL", first, cost_amount=5)
        self._assert_refused("XIX.2 CEL", first, charge_interest=True)
        self._assert_refused("XIX.2 CEL", first, charge_indemnity=True)
        self.consumer.is_regular_supply = True
        first.cost_amount = 5

    def test_free_term_before_the_next_level(self):
        second = self._level(self.consumer, "second_reminder")
        self._assert_refused("14 full calendar days.*XIX.2 CEL", second, min_days_after_previous=14)
        second.min_days_after_previous = 15

    def test_ladder_begins_with_a_first_reminder(self):
        self._assert_refused(
            "must be a first reminder.*XIX.2 CEL", self._level(self.consumer, "reminder"), active=False
        )

    def test_indemnity_within_the_tiers(self):
        clause = {"charge_indemnity": True, "indemnity_basis": "clause"}
        self._assert_refused("XIX.4 CEL", self.consumer, **clause, indemnity_percent=10)
        self._assert_refused("XIX.4 CEL", self.consumer, **clause, indemnity_minimum=25)
        self._assert_refused("XIX.4 CEL", self.consumer, **clause, indemnity_percent=6)
        # 5 % of 39.200 euros reach the maximum of 2.000
        self._assert_refused("XIX.4 CEL", self.consumer, **clause, indemnity_percent=5.2, indemnity_maximum=2000)
        self.consumer.write({**clause, "indemnity_percent": 5, "indemnity_minimum": 20, "indemnity_maximum": 2000})

    def test_interest_within_the_cap(self):
        clause = {"charge_interest": True, "interest_basis": "clause"}
        self._assert_refused("XIX.4 CEL", self.consumer, **clause, interest_percent=12)
        self._assert_refused("interest rate of your terms", self.consumer, **clause, interest_percent=0)
        self.consumer.write({**clause, "interest_percent": 10})

    def test_cost_of_a_reminder(self):
        second = self._level(self.consumer, "second_reminder")
        self._assert_refused("at most 7.5.*XIX.2 CEL", second, cost_amount=7.51)
        second.cost_amount = 7.50
        self._assert_refused("does not go together with an indemnity", self.consumer, charge_indemnity=True)

    def test_no_fixed_sum_from_a_consumer(self):
        self._assert_refused("between businesses only", self._level(self.consumer, "formal_notice"), charge_fixed=True)

    # --- BUSINESSES ---

    def test_business_law_does_not_reach_consumers(self):
        rule = self.business.rule_ids[0]
        self._assert_refused("XIX.1", rule, customer_kind=False)
        self._assert_refused("XIX.1", rule, customer_kind="consumer")
        self._assert_refused(
            "XIX.1", self.consumer, rule_ids=[Command.clear(), Command.create({})], regime="be_business"
        )

    def test_public_authority_owes_the_statutory_rate(self):
        clause = {"interest_basis": "clause", "interest_percent": 12}
        self.business.rule_ids = [Command.create({"customer_kind": "public"})]
        self._assert_refused("public authority.*article 5", self.business, **clause)
        self.business.write({**clause, "rule_ids": [Command.clear(), Command.create({"customer_kind": "business"})]})

    def test_nothing_before_the_due_date(self):
        courtesy = self._level(self.business.with_context(active_test=False), "courtesy")
        self._assert_refused("article 5", courtesy, active=True, charge_interest=True)

    def test_costs_once(self):
        self._assert_refused("article 6", self._level(self.business, "reminder"), cost_amount=10)
        self._assert_refused("article 6", self.business, charge_indemnity=True)
        self.business.write({"charge_indemnity": True, "indemnity_basis": "clause", "indemnity_percent": 10})

    # --- IMPOSSIBLE LEVELS ---

    def test_impossible_levels(self):
        second = self._level(self.business, "second_reminder")
        self._assert_refused("needs more days after the due date", second, days_after_due=3)
        self._assert_refused("at least one day after the previous", second, min_days_after_previous=0)
        self._assert_refused("milder than", self._level(self.business, "reminder"), kind="formal_notice")
        self._assert_refused("late from the day after", self._level(self.business, "reminder"), days_after_due=0)
        self._assert_refused("no opening paragraphs", second, intro="<p><br></p>")
        self._assert_refused("must differ", second, fallback_channel="email")
        courtesy = self._level(self.business.with_context(active_test=False), "courtesy")
        self._assert_refused("on the due date or before", courtesy, active=True, days_after_due=1)
        self._assert_refused("cannot be negative", self.business, grace_days=-1)

    def test_several_levels_at_once(self):
        """Only the end of a change has to be possible, not each step of it."""
        first, second = self._level(self.business, "reminder"), self._level(self.business, "second_reminder")
        self._assert_refused("needs more days", first, days_after_due=20)
        self.business.write(
            {
                "level_ids": [
                    Command.update(first.id, {"days_after_due": 20}),
                    Command.update(second.id, {"days_after_due": 25}),
                ]
            }
        )
        self.assertEqual((first.days_after_due, second.days_after_due), (20, 25))
        with self.assertRaisesRegex(ValidationError, "needs more days"), self.env.cr.savepoint():
            self.business.write({"level_ids": [Command.update(second.id, {"days_after_due": 20})]})

    def test_form(self):
        form = Form(self.env["commercial.dunning.policy"].with_company(self.company))
        form.name = "Partners"
        form.regime = "be_business"
        with form.rule_ids.new() as rule:
            rule.customer_kind = "business"
        with form.level_ids.new() as level:
            level.name = "First reminder"
            level.kind = "reminder"
            level.days_after_due = 10
            level.subject = "First reminder"
            level.intro = "<p>Please pay.</p>"
        policy = form.save()
        self.assertEqual(policy.level_count, 1)
        self.assertEqual(policy.rule_ids.display_name, "Business")
        copy = policy.copy()
        self.assertEqual(copy.name, "Partners (copy)")
        self.assertEqual(copy.level_ids.subject, "First reminder")

    def test_archived_policy_may_be_anything(self):
        self.consumer.active = False
        self._level(self.consumer, "reminder").active = False
        with self.assertRaisesRegex(ValidationError, "must be a first reminder"):
            self.consumer.active = True

    def test_law_note(self):
        """The policy tells when a figure it needs is not confirmed."""
        parameters = self.env["commercial.legal.parameter"].search([("code", "=", "be_b2b_fixed_cost")])
        self.assertNotIn("be_b2b_fixed_cost", self.business.law_note or "")
        parameters.sudo().state = "to_confirm"
        self.env.invalidate_all()
        self.assertIn("be_b2b_fixed_cost", self.business.law_note)

    def test_policy_is_kept_by_team_leads(self):
        collector = new_test_user(
            self.env, "policy_collector", "commercial_assistant.group_collector", company_id=self.company.id
        )
        with self.assertRaises(UserError):
            self.business.with_user(collector).write({"grace_days": 3})
        self.assertTrue(self.business.with_user(collector).read(["name"]))
