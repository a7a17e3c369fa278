from odoo import Command
from odoo.tests import Form, tagged

from odoo.addons.base.tests.common import BaseCommon
from odoo.addons.commercial_assistant.hooks import _create_customer_kind


@tagged("post_install", "-at_install")
class TestCustomerKind(BaseCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Partner = cls.env["res.partner"].with_context(no_vat_validation=True)

    def test_default(self):
        for values, kind in (
            ({}, "consumer"),
            ({"is_company": True}, "business"),
            ({"vat": "BE0477472701"}, "business"),
            ({"company_registry": "0477472701"}, "business"),
            ({"vat": "/"}, "consumer"),
            ({"is_company": True, "customer_kind": "public"}, "public"),
            ({"customer_kind": "business"}, "business"),
        ):
            with self.subTest(values=values):
                partner = self.Partner.create({"name": "X", **values})
                self.assertEqual(partner.customer_kind, kind)
                self.assertEqual(partner._get_customer_kind(), kind)

    def test_follows_the_data(self):
        person = self.Partner.create({"name": "Jan"})
        person.vat = "BE0477472701"
        self.assertEqual(person.customer_kind, "business")
        person.vat = False
        person.company_registry = False
        self.assertEqual(person.customer_kind, "consumer")

    def test_chosen_kind_stays(self):
        person = self.Partner.create({"name": "Jan"})
        person.customer_kind = "business"
        person.is_company = True
        person.is_company = False
        self.assertEqual(person.customer_kind, "business")
        owners = self.Partner.create({"name": "Owners", "is_company": True})
        owners.customer_kind = "consumer"
        owners.vat = "BE0477472701"
        self.assertEqual(owners.customer_kind, "consumer", "a corrected number makes no business of a consumer")
        town = self.Partner.create({"name": "Town", "customer_kind": "public"})
        town.is_company = True
        town.vat = "BE0477472701"
        self.assertEqual(town.customer_kind, "public")

    def test_contacts_follow_their_company(self):
        company = self.Partner.create({"name": "Town", "is_company": True})
        contact = self.Partner.create({"name": "Els", "parent_id": company.id})
        grandchild = self.Partner.create({"name": "Desk", "parent_id": contact.id})
        self.assertEqual((contact + grandchild).mapped("customer_kind"), ["business", "business"])
        company.customer_kind = "public"
        self.assertEqual((contact + grandchild).mapped("customer_kind"), ["public", "public"])
        self.assertEqual(grandchild._get_customer_kind(), "public")
        person = self.Partner.create({"name": "Jan", "child_ids": [Command.create({"name": "Home"})]})
        self.assertEqual(person.child_ids.customer_kind, "consumer")
        person.vat = "BE0477472701"
        self.assertEqual(person.child_ids.customer_kind, "business")
        contact.parent_id = person
        self.assertEqual(contact.customer_kind, "business")
        contact.parent_id = False
        self.assertEqual(contact.customer_kind, contact._get_default_customer_kind())

    def test_subsidiary_is_its_own(self):
        group = self.Partner.create({"name": "Group", "is_company": True, "customer_kind": "public"})
        subsidiary = self.Partner.create({"name": "Sub", "is_company": True, "parent_id": group.id})
        self.assertEqual(subsidiary.customer_kind, "business")

    def test_form(self):
        form = Form(self.Partner)
        form.name = "Jan"
        self.assertEqual(form.customer_kind, "consumer")
        form.company_type = "company"
        self.assertEqual(form.customer_kind, "business")
        form.customer_kind = "public"
        partner = form.save()
        self.assertEqual(partner.customer_kind, "public")

    def test_search_and_group(self):
        partner = self.Partner.create({"name": "Group me", "customer_kind": "public"})
        groups = self.Partner._read_group([("name", "=", "Group me")], ["customer_kind"], ["id:recordset"])
        self.assertEqual(groups, [("public", partner)])

    def test_filling_at_installation_equals_the_compute(self):
        company = self.Partner.create({"name": "Company", "is_company": True})
        partners = company + self.Partner.create(
            [
                {"name": "Person"},
                {"name": "Freelance", "vat": "BE0477472701"},
                {"name": "Registered", "company_registry": "0477472701"},
                {"name": "None", "vat": "/"},
                {"name": "Contact", "parent_id": company.id},
                {"name": "Old", "active": False},
            ]
        )
        computed = partners.mapped("customer_kind")
        self.env.flush_all()
        self.env.cr.execute("ALTER TABLE res_partner DROP COLUMN customer_kind, DROP COLUMN has_own_customer_kind")
        before = self.env.cr.sql_log_count
        _create_customer_kind(self.env)
        self.assertLessEqual(self.env.cr.sql_log_count - before, 3, "not one statement for each partner")
        self.env.invalidate_all()
        self.assertEqual(partners.mapped("customer_kind"), computed)
        self.assertFalse(any(partners.mapped("has_own_customer_kind")))
        self.env.cr.execute("SELECT COUNT(*) FROM res_partner WHERE customer_kind IS NULL")
        self.assertEqual(self.env.cr.fetchone()[0], 0)

    def test_installing_again_keeps_what_was_chosen(self):
        partner = self.Partner.create({"name": "Town", "customer_kind": "public"})
        self.env.flush_all()
        _create_customer_kind(self.env)
        self.env.invalidate_all()
        self.assertEqual(partner.customer_kind, "public")
