from odoo.tests import new_test_user

from odoo.addons.base.tests.common import BaseCommon


class DeskCommon(BaseCommon):
    """A company with an assistant, two team leads and a customer; a second company with its own team lead."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.other_company = cls.env["res.company"].create({"name": "Other Company"})
        # whoever else may be a team lead in this database stays out of the way
        lead_group = cls.env.ref("commercial_assistant.group_team_lead")
        lead_group.all_user_ids.filtered(lambda user: not user._is_superuser()).group_ids -= (
            lead_group | lead_group.all_implied_by_ids
        )
        cls.assistant = cls._create_user("desk_assistant", "commercial_assistant.group_assistant")
        cls.colleague = cls._create_user("desk_colleague", "commercial_assistant.group_assistant")
        cls.lead = cls._create_user("desk_lead", "commercial_assistant.group_team_lead")
        cls.second_lead = cls._create_user("desk_second_lead", "commercial_assistant.group_team_lead")
        cls.other_lead = cls._create_user(
            "desk_other_lead",
            "commercial_assistant.group_team_lead",
            company_id=cls.other_company.id,
            company_ids=[(6, 0, cls.other_company.ids)],
        )
        cls.customer = cls._create_customer()

    @classmethod
    def _create_user(cls, login, groups, **values):
        values = {"lang": "en_US", "company_id": cls.company.id, "tz": "Europe/Brussels", **values}
        return new_test_user(cls.env, login=login, name=login.replace("_", " "), groups=groups, **values)

    @classmethod
    def _create_customer(cls, **values):
        return cls.env["res.partner"].create(
            {
                "name": "Bakkerij De Smet",
                "is_company": True,
                "street": "Kerkstraat 1",
                "zip": "9000",
                "city": "Gent",
                "country_id": cls.env.ref("base.be").id,
                "email": "info@bakkerij.example",
                "lang": "en_US",
                **values,
            }
        )
