from odoo.tests import HttpCase, tagged

from .common_prospect import ProspectCommon


@tagged("post_install", "-at_install")
class TestProspectTour(HttpCase, ProspectCommon):
    def test_a_list_becomes_leads_and_is_undone(self):
        self.assistant.lang = "nl_BE"
        self.start_tour("/odoo/prospect-imports", "commercial_assistant_prospect_import", login=self.assistant.login)
        record = self.env["commercial.prospect.import"].search([("name", "=", "Fair of the tour")])
        self.assertRecordValues(
            record, [{"state": "done", "created_count": 2, "skipped_count": 1, "event_name": "Fair of the tour"}]
        )
        self.assertRecordValues(
            record.row_ids.lead_id.sorted("id"),
            [
                {"email_from": "info@tourveld.example", "enterprise_number": "0999010027", "phone": "+3256010203"},
                {"email_from": "luc@tourneval.example", "enterprise_number": "0999013787", "phone": "+3269010203"},
            ],
        )
        self.assistant.lang = "fr_BE"
        self.start_tour("/odoo/prospect-imports", "commercial_assistant_prospect_undo", login=self.assistant.login)
        record.invalidate_recordset()
        self.assertEqual(record.state, "matched")
        self.assertFalse(record.row_ids.lead_id)
