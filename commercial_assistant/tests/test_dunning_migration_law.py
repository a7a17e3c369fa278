import importlib.util
from pathlib import Path

from odoo import Command
from odoo.tests import TransactionCase, tagged

SCRIPT = Path(__file__).parents[1] / "migrations" / "19.0.1.1.0" / "law.py"


@tagged("post_install", "-at_install")
class TestDunningMigrationLaw(TransactionCase):
    """A database of the version before knows two laws only; its people have made choices of their own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        specification = importlib.util.spec_from_file_location("migration_law", SCRIPT)
        cls.script = importlib.util.module_from_spec(specification)
        specification.loader.exec_module(cls.script)
        cls.Policy = cls.env["commercial.dunning.policy"].with_context(active_test=False)
        cls.standards = cls.Policy._get_standard_policies()
        cls.belgium = cls.env.ref("base.be")

    def _old_company(self, name="Old", country="base.be"):
        """A company as version 19.0.1.0.0 leaves it: two policies, the one of businesses also for authorities."""
        company = self.env["res.company"].create({"name": name})
        company.country_id = self.env.ref(country)
        policies = self._policies(company)
        held = policies.filtered(lambda policy: policy.regime in self.script.HELD_LAWS)
        (policies - held).unlink()
        for policy in held:
            policy.level_ids.filtered(lambda level: level.kind == "last_notice").unlink()
        businesses = held.filtered(lambda policy: policy.regime == "be_business")
        businesses.rule_ids = [Command.create({"customer_kind": "public", "sequence": 20})]
        held.filtered(lambda policy: policy.regime == "be_consumer").sequence = 20
        businesses.sequence = 30
        return company

    def _policies(self, company):
        return self.Policy.search([("company_id", "=", company.id)], order="sequence, id")

    def _migrate(self):
        self.script.migrate_law(self.env)
        self.env.flush_all()
        self.env.invalidate_all()

    def _laws(self, company, active=True):
        return self._policies(company).filtered(lambda policy: policy.active == active).mapped("regime")

    def test_untouched_company(self):
        company = self._old_company()
        kept = self._policies(company)
        before = kept.read(["name", "charge_interest", "write_date", "level_ids", "rule_ids"])
        self._migrate()
        self.assertEqual(
            self._laws(company),
            [
                "nl_consumer", "nl_business", "fr_consumer", "fr_business", "lu_consumer", "lu_business",
                "be_consumer", "be_public", "be_business",
            ],
        )  # fmt: skip
        self.assertEqual(kept.read(list(before[0].keys() - {"id"})), before, "nothing of the old ones has changed")
        self.assertFalse(any(policy._find_problems() for policy in self._policies(company)))

    def test_twice(self):
        company = self._old_company()
        self._migrate()
        first = self._policies(company)
        self._migrate()
        self.assertEqual(self._policies(company), first)
        self.assertEqual(len(first), 9)

    def test_own_policies_come_first(self):
        company = self._old_company()
        own = self.Policy.create(
            {
                "name": "Best friends",
                "company_id": company.id,
                "regime": "be_consumer",
                "sequence": 1,
                "rule_ids": [Command.create({"category_ids": [Command.create({"name": "Friend"})]})],
            }
        )
        late = own.copy({"sequence": 25})
        order = (own | self._policies(company)).sorted(lambda policy: (policy.sequence, policy.id)).ids
        self._migrate()
        after = self._policies(company)
        self.assertEqual([policy_id for policy_id in after.ids if policy_id in order], order)
        self.assertEqual(after[0], own)
        self.assertIn(late, after)

    def test_changed_policy_keeps_its_authorities(self):
        company = self._old_company()
        businesses = self._policies(company).filtered(lambda policy: policy.regime == "be_business")
        businesses.level_ids.filtered(lambda level: level.kind == "formal_notice").days_after_due = 60
        self._migrate()
        laws = self._laws(company)
        self.assertLess(laws.index("be_business"), laws.index("be_public"))

    def test_who_was_left_out_stays_so(self):
        company = self._old_company()
        consumers, businesses = self._policies(company)
        consumers.active = False
        businesses.rule_ids.filtered(lambda rule: rule.customer_kind == "public").unlink()
        businesses.rule_ids.country_ids = self.belgium
        self._migrate()
        self.assertEqual(self._laws(company), ["be_business"])
        self.assertEqual(len(self._laws(company, active=False)), 8)

    def test_company_elsewhere(self):
        company = self.env["res.company"].create({"name": "Abroad", "country_id": self.env.ref("base.us").id})
        self._migrate()
        self.assertFalse(self._policies(company))

    def test_company_in_a_neighbour_country(self):
        company = self.env["res.company"].create({"name": "Buren", "country_id": self.env.ref("base.nl").id})
        self._policies(company).unlink()
        self._migrate()
        laws = self._laws(company)
        self.assertEqual(laws[-2:], ["nl_consumer", "nl_business"])
        self.assertNotIn("be_consumer", laws, "only the new laws are added")

    def test_first_company_elsewhere(self):
        """The data files make the new standards; where their law does not serve they rest."""
        company = self.standards.company_id
        company.country_id = self.env.ref("base.us")
        self.standards.active = True
        self._migrate()
        fresh = self.standards.filtered(lambda policy: policy.regime not in self.script.HELD_LAWS)
        self.assertFalse(any(fresh.mapped("active")))
        held = self.standards - fresh
        self.assertTrue(all(held.mapped("active")), "the old ones stay as they are")
