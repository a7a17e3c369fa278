import base64

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common_prospect import ProspectCommon


@tagged("post_install", "-at_install")
class TestProspectAccess(ProspectCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.record = cls._match(rows=[cls._make_row(1), cls._make_row(2, **{"E-mail": "info1@firma1.example"})])
        cls.models = [
            "commercial.prospect.import",
            "commercial.prospect.import.sheet",
            "commercial.prospect.import.column",
            "commercial.prospect.import.row",
            "commercial.prospect.import.candidate",
        ]

    def _count(self, user):
        return [self.env[model].with_user(user).search_count([]) for model in self.models]

    def test_assistant_sees_own_imports_only(self):
        self.assertEqual(self._count(self.assistant), [1, 1, 8, 2, 1])
        self.assertEqual(self._count(self.colleague), [0, 0, 0, 0, 0])
        with self.assertRaises(AccessError):
            self.record.with_user(self.colleague).read(["name"])
        with self.assertRaises(AccessError):
            self.record.row_ids.with_user(self.colleague).read(["company_name"])

    def test_team_lead_sees_and_continues_all_of_the_company(self):
        self.assertEqual(self._count(self.lead)[0], self.env["commercial.prospect.import"].search_count([]))
        self.record.with_user(self.lead).action_apply()
        self.assertEqual(self.record.state, "done")

    def test_other_company_is_invisible(self):
        self.assertEqual(self._count(self.other_lead), [0, 0, 0, 0, 0])
        with self.assertRaises(AccessError):
            self.record.with_user(self.other_lead).action_apply()

    def test_everybody_else_sees_nothing(self):
        people = {
            "employee": "base.group_user",
            "salesman": "sales_team.group_sale_manager",
            "collector": "commercial_assistant.group_collector",
            "portal": "base.group_portal",
        }
        for name, group in people.items():
            user = new_test_user(self.env, login=f"prospect_{name}", groups=group)
            for model in self.models:
                with self.subTest(user=name, model=model), self.assertRaises(AccessError):
                    self.env[model].with_user(user).search_count([])

    def test_assistant_may_not_import_in_another_name_or_company(self):
        with self.assertRaises(AccessError):
            self._create_import(user_id=self.colleague.id)
        with self.assertRaises(AccessError):
            self._create_import(company_id=self.other_company.id)

    def test_links_to_another_company_are_refused(self):
        partner = self.env["res.partner"].create({"name": "Elsewhere", "company_id": self.other_company.id})
        with self.assertRaises(UserError):
            self.record.row_ids[0].with_user(self.lead).match_partner_id = partner.id
        team = self.env["crm.team"].create({"name": "Elsewhere", "company_id": self.other_company.id})
        with self.assertRaises(UserError):
            self.record.sudo().team_id = team

    def test_results_are_written_by_the_import_only(self):
        row = self.record.row_ids[0]
        lead = self.env["crm.lead"].create({"name": "Of a colleague", "user_id": self.colleague.id})
        for values in (
            {"lead_id": lead.id},
            {"state": "created"},
            {"findings": []},
            {"row_key": "x"},
            {"result_code": "x"},
        ):
            with self.subTest(values=values), self.assertRaises(AccessError):
                row.with_user(self.assistant).write(values)
        for model in self.models[1:]:
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(self.assistant).create({"import_id": self.record.id})
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(self.assistant).search([], limit=1).unlink()

    def test_undo_lends_the_right_for_own_leads_only(self):
        record = self.record
        record.action_apply()
        lead = record.row_ids[0].lead_id
        with self.assertRaises(AccessError):
            lead.with_user(self.assistant).unlink()
        record.action_undo()
        self.assertFalse(lead.exists())

    def test_snapshot_is_not_readable(self):
        with self.assertRaises(AccessError):
            self.record.row_ids.with_user(self.assistant).read(["lead_snapshot"])

    def test_colleague_may_merge_and_read_imported_leads(self):
        self.record.row_ids[1].action_decide_create()
        self.record.action_apply()
        leads = self.record.row_ids.lead_id.with_user(self.colleague)
        self.assertEqual(len(leads), 2)
        self.assertEqual(leads.merge_opportunity().prospect_origin[:4], "fair")

    def test_salesman_without_the_app_may_merge(self):
        self.record.row_ids[1].action_decide_create()
        self.record.action_apply()
        user = new_test_user(self.env, login="prospect_seller", groups="sales_team.group_sale_manager")
        merged = self.record.row_ids.lead_id.with_user(user).merge_opportunity()
        self.assertTrue(merged.exists())
        self.assertEqual(self.record.row_ids.lead_id.ids, merged.ids)

    def test_duplicate_of_a_colleagues_import_is_told_without_opening_it(self):
        self.record.action_apply()
        twin = self._create_import(
            base64.b64decode(self.record.with_context(bin_size=False).file), "again.xlsx", user=self.colleague
        )
        twin.action_read()
        twin.action_match()
        self.assertEqual(twin.row_ids[0].candidate_ids.reason, "imported")
        self.assertEqual(twin.row_ids[0].match_lead_id, self.record.row_ids[0].lead_id)


@tagged("post_install", "-at_install")
class TestProspectFileAccess(HttpCase, ProspectCommon):
    @mute_logger("odoo.http")
    def test_file_and_result_over_http(self):
        record = self._match()
        record.action_apply()
        url = record.action_download_report()["url"]
        file_url = f"/web/content/commercial.prospect.import/{record.id}/file"
        for user, status in ((self.assistant, 200), (self.lead, 200), (self.colleague, 404), (self.other_lead, 404)):
            self.authenticate(user.login, user.login)
            with self.subTest(user=user.login):
                self.assertEqual(self.url_open(url).status_code, status)
                self.assertEqual(self.url_open(file_url).status_code, status)
