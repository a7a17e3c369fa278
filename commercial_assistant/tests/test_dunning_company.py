from odoo import Command
from odoo.tests import TransactionCase, tagged

from odoo.addons.commercial_assistant.tools.dunning_rules import Segment


@tagged("post_install", "-at_install")
class TestDunningCompany(TransactionCase):
    """A company begins with the policies of the law of its country, and with no others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.belgium = cls.env.ref("base.be")
        cls.elsewhere = cls.env.ref("base.us")
        cls.standards = cls.env["commercial.dunning.policy"]._get_standard_policies()

    def _policies(self, company):
        return self.env["commercial.dunning.policy"].search([("company_id", "=", company.id)])

    def _company(self, name, country=None):
        return self.env["res.company"].create({"name": name, "country_id": country and country.id})

    def test_belgian_company(self):
        company = self._company("At Home", self.belgium)
        self.assertCountEqual(self._policies(company).mapped("regime"), self.standards.mapped("regime"))
        self.assertEqual(len(self.standards), 9)

    def test_neighbours_keep_their_law(self):
        """The home law serves every country, after the laws of the neighbours, which serve their own customers."""
        laws = {"BE": "be", "NL": "nl", "FR": "fr", "LU": "lu"}
        for code, prefix in laws.items():
            with self.subTest(home=code):
                policies = self._policies(self._company(f"In {code}", self.env.ref(f"base.{code.lower()}")))
                self.assertEqual(len(policies), 9)
                home = policies.filtered(lambda policy, prefix=prefix: policy.regime.startswith(prefix))
                self.assertFalse(home.rule_ids.country_ids)
                self.assertLess(max((policies - home).mapped("sequence")), min(home.mapped("sequence")))
                for policy in policies - home:
                    self.assertEqual(
                        policy.rule_ids.country_ids.mapped("code"), [policy.regime[:2].upper()], policy.name
                    )

    def test_customers_of_a_belgian_company(self):
        """Who lives abroad is reminded under the law of the own country; other countries by the law of the seller."""
        company = self._company("At Home", self.belgium)
        Policy = self.env["commercial.dunning.policy"]
        loaded = Policy._load(company)
        cases = {
            ("BE", "consumer"): "be_consumer", ("BE", "business"): "be_business", ("BE", "public"): "be_public",
            ("NL", "consumer"): "nl_consumer", ("NL", "business"): "nl_business", ("NL", "public"): "nl_business",
            ("FR", "consumer"): "fr_consumer", ("FR", "business"): "fr_business", ("FR", "public"): "fr_consumer",
            ("LU", "consumer"): "lu_consumer", ("LU", "business"): "lu_business", ("LU", "public"): "lu_business",
            ("DE", "consumer"): "be_consumer", ("DE", "business"): "be_business", ("DE", "public"): "be_public",
            (None, "consumer"): "be_consumer", (None, "business"): "be_business",
        }  # fmt: skip
        for (code, kind), expected in cases.items():
            country = self.env.ref(f"base.{code.lower()}") if code else self.env["res.country"]
            found = Policy._find_policy(loaded, Segment(kind, country.id or None))
            self.assertEqual(found.regime, expected, (code, kind))

    def test_a_company_moves(self):
        company = self._company("Moves", self.belgium)
        policies = self._policies(company)
        own = policies.filtered(lambda policy: policy.regime == "be_business").rule_ids
        own.write({"country_ids": [Command.set([self.env.ref("base.de").id])]})
        company.country_id = self.env.ref("base.nl")
        self.assertEqual(self._policies(company), policies)
        by_law = {policy.regime: policy for policy in policies}
        self.assertFalse(by_law["nl_consumer"].rule_ids.country_ids)
        self.assertEqual(by_law["be_consumer"].rule_ids.country_ids, self.belgium)
        self.assertEqual(own.country_ids.code, "DE", "a rule of one's own stays")
        self.assertLess(by_law["be_consumer"].sequence, by_law["nl_consumer"].sequence)
        self.assertEqual(by_law["fr_consumer"].rule_ids.country_ids.code, "FR")

    def test_foreign_company(self):
        self.assertFalse(self._policies(self._company("Abroad", self.elsewhere)))

    def test_country_comes_later(self):
        company = self._company("Nowhere Yet")
        self.assertFalse(self._policies(company))
        company.country_id = self.belgium
        self.assertEqual(len(self._policies(company)), len(self.standards))
        own = self._policies(company)[0]
        own.active = False
        company.country_id = self.belgium
        self.assertFalse(own.active, "saving the same country changes nothing")

    def test_by_hand_for_any_company(self):
        company = self._company("Sells To Belgium", self.elsewhere)
        company.action_load_dunning_policies()
        self.assertEqual(len(self._policies(company)), len(self.standards))

    def test_home_of_the_standards(self):
        company = self.standards.company_id
        company.country_id = self.elsewhere
        self.assertFalse(any(self.standards.mapped("active")))
        copies = self._policies(self._company("Still At Home", self.belgium))
        self.assertEqual(len(copies), len(self.standards))
        company.country_id = self.belgium
        self.assertTrue(all(self.standards.mapped("active")))
