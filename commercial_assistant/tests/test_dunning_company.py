from odoo.tests import TransactionCase, tagged


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
        self.assertEqual(self._policies(company).mapped("regime"), self.standards.mapped("regime"))

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
