import base64
import io
from unittest.mock import patch

import openpyxl
from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import LockError, UserError, ValidationError
from odoo.tests import Form, tagged

from ..tools import spreadsheet
from ..tools.prospect_values import SEVERITIES
from ..tools.spreadsheet_writer import write_table
from .common_prospect import HEADERS, ProspectCommon, make_number


@tagged("post_install", "-at_install")
class TestProspectImport(ProspectCommon):
    # --- READING ---

    def test_form_proposes_name_and_team(self):
        team = self.env["crm.team"].create({"name": "Team of the tests", "member_ids": self.colleague.ids})
        form = Form(self.env["commercial.prospect.import"].with_user(self.assistant))
        form.file = base64.b64encode(write_table("A", HEADERS, [self._make_row(1)]))
        form.event_name = "Fair Kortrijk"
        self.assertEqual(form.name, "Fair Kortrijk")
        form.salesperson_id = self.colleague
        record = form.save()
        self.assertEqual((record.user_id, record.team_id), (self.assistant, team))
        self.assertEqual(self._create_import(file_name="Beurs 2026.xlsx").name, "Beurs 2026")
        self.assertEqual(record.state, "draft")

    def test_read_proposes_the_columns(self):
        record = self._create_import(rows=[self._make_row(1), self._make_row(2)])
        record.action_read()
        self.assertEqual(record.state, "read")
        self.assertEqual((record.header_row, record.row_count), (1, 2))
        self.assertEqual(
            record.column_ids.mapped("target"),
            ["company_name", "contact_name", "email", "phone", "enterprise_number", "language", "zip", "city"],
        )
        self.assertTrue(all(record.column_ids.mapped("is_certain")))
        self.assertEqual(record.column_ids[0].sample, "Firma 1 bv · Firma 2 bv")
        self.assertEqual(record.column_ids[0].letter, "A")
        self.assertEqual(set(record.row_ids.mapped("state")), {"read"})

    def test_read_without_file(self):
        record = self._create_import()
        record.file = False
        with self.assertRaisesRegex(UserError, "Choose a file first"):
            record.action_read()

    def test_other_sheet_and_other_header_row(self):
        record = self._create_import(self._read_data("visitors_xlsxwriter.xlsx"))
        record.action_read()
        self.assertEqual(record.sheet_id.name, "Visitors", "the hidden sheet is not proposed")
        self.assertEqual(record.sheet_ids.mapped("name"), ["Notes", "Visitors", "Suppliers"])
        self.assertEqual((record.header_row, record.row_count), (3, 5))
        with Form(record) as form:
            form.sheet_id = record.sheet_ids[2]
        record.action_read()
        self.assertEqual((record.header_row, record.row_count), (1, 1))
        self.assertEqual(record.column_ids.mapped("header"), ["Company name", "E-mail"])
        record.has_header = False
        record.action_read()
        self.assertEqual(record.row_count, 2, "every row is a company when the columns have no names")

    def test_header_row_that_is_empty(self):
        record = self._create_import(self._read_data("visitors_xlsxwriter.xlsx"))
        record.action_read()
        record.header_row = 2
        with self.assertRaisesRegex(UserError, "Row 2 of sheet “Visitors” is empty"):
            record.action_read()

    def test_mapping_chosen_by_a_person_survives_reading_again(self):
        record = self._create_import()
        record.action_read()
        record.column_ids[1].target = "notes"
        record.action_read()
        self.assertEqual(record.column_ids[1].target, "notes")

    def test_two_columns_for_one_field(self):
        record = self._create_import()
        record.action_read()
        record.column_ids[1].target = "company_name"
        with self.assertRaisesRegex(UserError, "A · Firma and B · Contactpersoon both go to “Company name”"):
            record.action_match()
        self.assertEqual(record.state, "read")

    def test_no_column_with_a_name(self):
        record = self._create_import()
        record.action_read()
        record.column_ids[:2].target = "ignore"
        with self.assertRaisesRegex(UserError, "No column holds the name"):
            record.action_match()

    def test_file_cannot_be_exchanged_once_read(self):
        record = self._create_import()
        record.action_read()
        with self.assertRaisesRegex(UserError, "read already"):
            record.file = base64.b64encode(b"Firma;Mail\nA;a@b.be")
        record.action_back()
        self.assertEqual(record.state, "draft")
        self.assertFalse(record.row_ids | record.column_ids.mapped("import_id").row_ids)
        record.file = base64.b64encode(b"Firma;Mail\nA;a@b.be\nB;b@b.be")
        record.action_read()
        self.assertEqual(record.row_count, 2)

    def test_another_sheet_is_read_before_it_is_checked(self):
        record = self._create_import(self._read_data("visitors_xlsxwriter.xlsx"))
        record.action_read()
        self.assertFalse(record.needs_read)
        record.sheet_id = record.sheet_ids[2]
        record.header_row = 0
        self.assertTrue(record.needs_read)
        with self.assertRaisesRegex(UserError, "read the file again first"):
            record.action_match()
        record.action_read()
        self.assertFalse(record.needs_read)
        record.action_match()
        self.assertEqual(record.row_ids.company_name, "Leverancier Verweg bv")

    def test_changed_columns_are_checked_before_leads_are_created(self):
        record = self._match()
        self.assertFalse(record.needs_check)
        record.column_ids[1].target = "notes"
        with self.assertRaisesRegex(UserError, "check the rows again first"):
            record.action_apply()
        record.action_match()
        self.assertFalse(record.needs_check or record.row_ids.contact_name)
        record.country_id = self.env.ref("base.nl")
        self.assertTrue(record.needs_check)
        record.action_match()
        record.action_apply()
        self.assertEqual(record.state, "done")

    # --- CHECKING ---

    def test_values_are_normalised(self):
        row = self._make_row(
            1,
            **{
                "E-mail": "INFO@Firma.example",
                "Ondernemingsnummer": int(make_number(1)),
                "Taal": "français",
                "Postcode": 8500,
            },
        )
        record = self._match(rows=[row])
        self.assertRecordValues(
            record.row_ids,
            [
                {
                    "company_name": "Firma 1 bv",
                    "email": "info@firma.example",
                    "phone": "+3256010203",
                    "enterprise_number": make_number(1),
                    "zip": "8500",
                    "country_id": self.env.ref("base.be").id,
                    "lang_id": self.env["res.lang"]._get_data(code="fr_BE").id,
                    "severity": "info",
                    "decision": "create",
                    "state": "checked",
                }
            ],
        )
        self.assertIn("leading zero", record.row_ids.finding_text)

    def test_findings_and_proposed_decision(self):
        rows = [
            self._make_row(1, **{"E-mail": "info(at)firma.example"}),
            self._make_row(2, Ondernemingsnummer="0999.000.000"),
            self._make_row(3, Firma=None, Contactpersoon=None),
            self._make_row(4, Taal="Deutsch"),
            self._make_row(5),
        ]
        self.env["res.lang"].search([("code", "=like", "de%")]).active = False
        record = self._match(rows=rows)
        self.assertEqual(record.row_ids.mapped("severity"), ["warning", "warning", "error", "warning", "ok"])
        self.assertEqual(record.row_ids.mapped("decision"), ["create", "create", "skip", "create", "create"])
        self.assertIn("info(at)firma.example is not an email address", record.row_ids[0].finding_text)
        self.assertIn("0999.000.000 is not valid", record.row_ids[1].finding_text)
        self.assertIn("Neither a company nor a person", record.row_ids[2].finding_text)
        self.assertIn("“de” is not installed", record.row_ids[3].finding_text)
        self.assertFalse(record.row_ids[4].finding_text)
        self.assertEqual(
            (record.finding_count, record.error_count, record.to_create_count, record.to_skip_count), (4, 1, 4, 1)
        )

    def test_every_finding_has_a_text(self):
        row = self.env["commercial.prospect.import.row"]
        texts = row._get_finding_texts()
        self.assertEqual(set(texts), set(SEVERITIES))
        for text in texts.values():
            self.assertTrue(text({"code": "x", "field": "email", "value": "v"}))

    def test_every_file_error_has_a_text(self):
        record = self._create_import()
        texts = {
            record._get_file_error_text(spreadsheet.SpreadsheetError(reason, "Sheet", 3, 2))
            for reason in spreadsheet.REASONS
        }
        self.assertEqual(len(texts), len(spreadsheet.REASONS))
        self.assertTrue(all("sheet “Sheet”, row 3, column B" in text for text in texts))
        self.assertFalse(any("cannot be read. (" in text and "The file cannot be read" in text for text in texts))

    def test_duplicates_inside_the_file(self):
        rows = [
            self._make_row(1),
            self._make_row(2, Ondernemingsnummer=f"BE {make_number(1)}", **{"E-mail": None}),
            self._make_row(3, **{"E-mail": "INFO1@firma1.EXAMPLE", "Ondernemingsnummer": None}),
            self._make_row(4),
        ]
        record = self._match(rows=rows)
        first, second, third, fourth = record.row_ids
        self.assertFalse(first.is_duplicate)
        self.assertEqual((second.match_row_id, third.match_row_id), (first, first))
        self.assertEqual((second.candidate_ids.reason, third.candidate_ids.reason), ("number", "email"))
        self.assertEqual(record.row_ids.mapped("decision"), ["create", "skip", "skip", "create"])
        self.assertFalse(fourth.is_duplicate)
        self.assertIn("Same number: Firma 1 bv (row 2)", second.finding_text)

    def test_duplicates_against_contacts(self):
        partners = self.env["res.partner"].create(
            [
                {
                    "name": "By number",
                    "is_company": True,
                    "company_registry": f"{make_number(1)[:4]}.{make_number(1)[4:7]}.{make_number(1)[7:]}",
                },
                {
                    "name": "By VAT",
                    "is_company": True,
                    "vat": f"BE{make_number(2)}",
                    "country_id": self.env.ref("base.be").id,
                },
                {"name": "By mail", "email": "Info3@Firma3.example"},
                {"name": "Elsewhere", "email": "info4@firma4.example", "company_id": self.other_company.id},
            ]
        )
        record = self._match(rows=[self._make_row(number) for number in range(1, 6)])
        self.assertEqual(record.row_ids.mapped("match_partner_id"), partners[:3])
        self.assertEqual(record.row_ids.mapped("is_duplicate"), [True, True, True, False, False])
        self.assertEqual(record.row_ids.candidate_ids.mapped("reason"), ["number", "number", "email"])
        self.assertEqual(record.row_ids[0].candidate_ids.action_open_record()["res_id"], partners[0].id)

    def test_duplicates_against_leads_lost_ones_too(self):
        leads = self.env["crm.lead"].create(
            [
                {"name": "By mail", "email_from": "INFO1@firma1.example", "company_id": self.company.id},
                {"name": "By number", "enterprise_number": f"BE {make_number(2)}", "company_id": False},
                {"name": "Lost", "email_from": "info3@firma3.example", "active": False, "probability": 0},
                {
                    "name": "Elsewhere",
                    "email_from": "info4@firma4.example",
                    "company_id": self.other_company.id,
                    "user_id": False,
                },
            ]
        )
        self.assertEqual(leads[1].enterprise_number, make_number(2), "stored in one notation")
        record = self._match(rows=[self._make_row(number) for number in range(1, 5)])
        self.assertEqual([row.match_lead_id for row in record.row_ids], [*leads[:3], self.env["crm.lead"]])

    def test_wrong_values_match_nothing(self):
        self.env["res.partner"].create({"name": "X", "company_registry": "0999000000"})
        record = self._match(rows=[self._make_row(1, Ondernemingsnummer="0999.000.000")])
        self.assertFalse(record.row_ids.is_duplicate)

    def test_correction_is_checked_at_once_and_survives(self):
        rows = [self._make_row(1), self._make_row(2, **{"E-mail": "info(at)firma2.example"})]
        record = self._match(rows=rows)
        row = record.row_ids[1]
        row.email = "Info@Firma2.example"
        self.assertEqual((row.email, row.severity, row.edited_fields), ("info@firma2.example", "ok", ["email"]))
        row.write({"phone": "051 99 88 77", "country_id": self.env.ref("base.nl").id, "enterprise_number": False})
        self.assertEqual(row.severity, "warning", "051 99 88 77 is no number of the Netherlands")
        row.phone = "06 12345678"
        self.assertEqual(row.phone, "+31612345678")
        record.action_match()
        self.assertEqual((row.email, row.phone, row.enterprise_number), ("info@firma2.example", "+31612345678", False))
        self.assertEqual(row.country_id.code, "NL")

    def test_corrected_notes_do_not_grow_with_every_check(self):
        record = self._match(rows=[self._make_row(1, **{"E-mail": "a@b.example; c@d.example"})])
        self.assertEqual(record.row_ids.notes, "c@d.example")
        record.row_ids.notes = "Call back\nc@d.example"
        record.action_match()
        record.action_match()
        self.assertEqual(record.row_ids.notes, "Call back\nc@d.example")

    def test_row_is_corrected_on_the_form_of_the_import(self):
        record = self._match(rows=[self._make_row(1), self._make_row(2, **{"E-mail": "info(at)firma2.example"})])
        with Form(record) as form, form.row_ids.edit(1) as row:
            row.email = "INFO@firma2.example"
            row.decision = "skip"
        self.assertEqual(record.row_ids[1].email, "info@firma2.example")
        self.assertEqual(record.row_ids[1].decision, "skip")
        self.assertEqual((record.to_create_count, record.to_skip_count), (1, 1))

    def test_correction_finds_and_frees_duplicates(self):
        record = self._match(rows=[self._make_row(1), self._make_row(2), self._make_row(3)])
        first, second, _third = record.row_ids
        second.email = first.email
        self.assertEqual((second.match_row_id, second.decision), (first, "skip"))
        first.email = "other@firma.example"
        self.assertFalse(second.is_duplicate)
        self.assertEqual(second.decision, "create")
        first.email = second.email
        self.assertTrue(second.is_duplicate, "the later row is the duplicate, whichever was corrected")
        self.assertFalse(first.is_duplicate)

    def test_decision_of_a_person_survives_a_new_check(self):
        record = self._match(rows=[self._make_row(1), self._make_row(2)])
        record.row_ids[0].action_decide_skip()
        record.action_match()
        self.assertEqual(record.row_ids.mapped("decision"), ["skip", "create"])

    def test_opted_out_address(self):
        self.env["mail.blacklist"].create({"email": "info1@firma1.example"})
        record = self._match()
        self.assertIn("objected to mailings", record.row_ids.finding_text)
        self.assertEqual(record.row_ids.decision, "create")

    def test_tags_of_the_file(self):
        tag = self.env["crm.tag"].create({"name": "Pumps"})
        record = self._create_import(
            headers=["Firma", "E-mail", "Interesse"], rows=[["A", "a@b.example", "pumps; Cooling"]]
        )
        record.action_read()
        record.action_match()
        self.assertEqual(record.row_ids.tag_ids, tag)
        self.assertEqual(record.row_ids.notes, "Cooling")
        record.action_apply()
        self.assertEqual(record.row_ids.lead_id.tag_ids, tag | self.tag)

    # --- APPLYING ---

    def test_lead_gets_everything(self):
        record = self._create_import(
            self._read_data("visitors_xlwt.xls"),
            "visitors.xls",
            event_name="Fair",
            salesperson_id=self.colleague.id,
            consent_basis="legitimate_interest",
        )
        record.action_read()
        record.action_match()
        record.action_apply()
        self.assertEqual(record.state, "done")
        self.assertEqual((record.created_count, record.progress, record.lead_count), (5, 100, 5))
        lead = record.row_ids[0].lead_id
        self.assertRecordValues(
            lead,
            [
                {
                    "name": "Houtbouw Terleiede bv",
                    "partner_name": "Houtbouw Terleiede bv",
                    "contact_name": "Els Vlasschaert",
                    "function": "Zaakvoerder",
                    "street": "Leiestraat 12",
                    "zip": "8500",
                    "city": "Kortrijk",
                    "country_id": self.env.ref("base.be").id,
                    "phone": "+3256010203",
                    "email_from": "info@terleiede.example",
                    "enterprise_number": "0999010027",
                    "lang_id": self.env["res.lang"]._get_data(code="nl_BE").id,
                    "source_id": self.source.id,
                    "tag_ids": self.tag.ids,
                    "user_id": self.colleague.id,
                    "company_id": self.company.id,
                    "prospect_import_row_id": record.row_ids[0].id,
                    "prospect_consent_basis": "legitimate_interest",
                    "prospect_origin": "Fair, row 4, 2026-05-07",
                }
            ],
        )
        self.assertIn("wil een offerte voor 3 pompen", lead.description)
        self.assertIn(self.colleague.partner_id, lead.message_partner_ids)
        self.assertFalse(
            self.env["mail.mail"].search([("model", "=", "crm.lead"), ("res_id", "in", record.row_ids.lead_id.ids)]),
            "nobody gets a mail for every lead of a list",
        )
        french = record.row_ids[1].lead_id
        self.assertEqual(french.lang_id.code, "fr_BE")
        self.assertIn("=1+1", french.description, "a formula of the list stays a text")

    def test_wrong_values_are_not_taken_over_but_told(self):
        record = self._match(
            rows=[self._make_row(1, **{"E-mail": "info(at)firma.example", "Ondernemingsnummer": "0999.000.000"})]
        )
        record.action_apply()
        lead = record.row_ids.lead_id
        self.assertFalse(lead.email_from or lead.enterprise_number)
        self.assertIn("info(at)firma.example is not an email address", lead.description)
        self.assertIn("0999.000.000 is not valid", lead.description)

    def test_html_of_the_file_stays_text(self):
        record = self._create_import(headers=["Firma", "Opmerking"], rows=[["<b>A</b>", "<script>alert(1)</script>"]])
        record.action_read()
        record.action_match()
        record.action_apply()
        self.assertIn("&lt;script&gt;", record.row_ids.lead_id.description)

    def test_same_file_twice_creates_nothing(self):
        content = write_table("List", HEADERS, [self._make_row(1), self._make_row(2)])
        first = self._create_import(content)
        second = self._create_import(content, user=self.colleague)
        for record in (first, second):
            record.action_read()
            record.action_match()
            record.action_apply()
        self.assertEqual((first.created_count, second.created_count), (2, 0))
        self.assertEqual(second.skipped_count, 2)
        self.assertIn("The same file was imported before", second.repeat_notice)
        self.assertIn("desk assistant", second.repeat_notice)
        self.assertFalse(first.repeat_notice)
        self.assertIn("This row was imported before: Firma 1 bv", second.row_ids[0].finding_text)
        # not even when a person insists
        second.row_ids.action_decide_create()
        second.action_apply()
        self.assertEqual((second.created_count, second.skipped_count), (0, 2))
        self.assertIn("became a lead before", second.row_ids[0].result_text)

    def test_apply_twice_changes_nothing(self):
        record = self._match(rows=[self._make_row(1)])
        record.action_apply()
        lead = record.row_ids.lead_id
        record.action_apply()
        record.action_match()
        record.action_apply()
        self.assertEqual(record.row_ids.lead_id, lead)
        self.assertEqual(self.env["crm.lead"].search_count([("prospect_import_row_id.import_id", "=", record.id)]), 1)

    def test_saved_anew_the_content_tells(self):
        rows = [["Alleen Naam bv", None, None, None, None, None, None, None]]
        first = self._match(rows=rows)
        first.action_apply()
        second = self._match(content=write_table("Other", HEADERS, [*rows, self._make_row(2)]))
        self.assertEqual(second.row_ids[0].match_lead_id, first.row_ids.lead_id)
        self.assertEqual(second.row_ids.mapped("decision"), ["skip", "create"])

    def test_one_failing_row_does_not_stop_the_others(self):
        record = self._match(rows=[self._make_row(number) for number in range(1, 5)])
        original = type(self.env["crm.lead"]).create

        def create(self, vals_list):
            if any(vals.get("partner_name") == "Firma 2 bv" for vals in vals_list):
                raise ValidationError(self.env._("This one cannot be."))
            return original(self, vals_list)

        with patch.object(type(self.env["crm.lead"]), "create", create):
            record.action_apply()
        self.assertEqual(record.row_ids.mapped("state"), ["created", "failed", "created", "created"])
        self.assertIn("This one cannot be.", record.row_ids[1].result_text)
        self.assertFalse(self.env["crm.lead"].search([("partner_name", "=", "Firma 2 bv")]))
        self.assertEqual((record.state, record.failed_count, record.pending_count), ("done", 1, 1))
        record.action_apply()
        self.assertEqual(record.row_ids[1].state, "created")

    def test_failure_of_the_database_is_told_without_its_words(self):
        record = self._match(rows=[self._make_row(1), self._make_row(2)])
        original = type(self.env["crm.lead"]).create

        def create(self, vals_list):
            leads = original(self, vals_list)
            if any(lead.partner_name == "Firma 2 bv" for lead in leads):
                self.env.cr.execute("SELECT 1 FROM res_partner WHERE id = 'x'")
            return leads

        with patch.object(type(self.env["crm.lead"]), "create", create), self.assertLogs("odoo.sql_db", "ERROR"):
            record.action_apply()
        self.assertEqual(record.row_ids.mapped("state"), ["created", "failed"])
        self.assertEqual(record.row_ids[1].result_text, "Failed: the values cannot be stored.")

    def test_rows_with_errors_are_never_created(self):
        record = self._match(rows=[self._make_row(1, Firma=None, Contactpersoon=None)])
        record.row_ids.action_decide_create()
        record.action_apply()
        self.assertEqual(record.row_ids.state, "skipped")
        self.assertIn("correct the errors first", record.row_ids.result_text)
        record.row_ids.company_name = "Now it has a name"
        record.action_apply()
        self.assertEqual(record.row_ids.state, "created")

    def test_link_to_existing_lead_leaves_a_note(self):
        lead = self.env["crm.lead"].create({"name": "Known", "email_from": "info1@firma1.example", "phone": "+32 1"})
        record = self._match()
        record.row_ids.action_decide_link()
        self.assertEqual(record.to_link_count, 1)
        record.action_apply()
        self.assertEqual((record.row_ids.state, record.row_ids.lead_id), ("linked", lead))
        self.assertEqual(lead.phone, "+32 1", "its values stay as they are")
        self.assertIn("+3256010203", lead.message_ids[0].body)
        record.action_undo()
        self.assertTrue(lead.exists())
        self.assertNotIn("+3256010203", "".join(lead.message_ids.mapped("body")))
        self.assertEqual(record.row_ids.state, "undone")

    def test_link_to_existing_contact_never_changes_its_card(self):
        partner = self.env["res.partner"].create(
            {"name": "Known", "company_registry": make_number(1), "email": "old@known.example"}
        )
        record = self._match()
        record.row_ids.action_decide_link()
        record.action_apply()
        lead = record.row_ids.lead_id
        self.assertEqual((lead.partner_id, lead.email_from), (partner, "old@known.example"))
        self.assertEqual((partner.email, partner.phone), ("old@known.example", False))
        self.assertIn("info1@firma1.example", lead.description)
        self.assertIn("existing contact Known", record.row_ids.result_text)

    def test_link_without_target(self):
        record = self._match()
        record.row_ids.decision = "link"
        record.action_apply()
        self.assertEqual(record.row_ids.state, "failed")
        self.assertIn("Choose the lead or contact", record.row_ids.result_text)

    def test_applied_row_cannot_be_changed(self):
        record = self._match()
        record.action_apply()
        with self.assertRaisesRegex(UserError, "leads already"):
            record.row_ids.company_name = "Other"
        with self.assertRaisesRegex(UserError, "leads already"):
            record.row_ids.action_decide_skip()

    def test_steps_in_the_wrong_state(self):
        record = self._create_import()
        for method in ("action_match", "action_apply", "action_undo", "action_back"):
            with self.subTest(method=method), self.assertRaisesRegex(UserError, "this step is not possible now"):
                getattr(record, method)()
        record.action_read()
        record.action_match()
        record.action_apply()
        for method in ("action_read", "action_back"):
            with self.subTest(method=method), self.assertRaisesRegex(UserError, "this step is not possible now"):
                getattr(record, method)()

    def test_the_reader_gets_texts_in_his_language(self):
        record = self._match(rows=[self._make_row(1, **{"E-mail": "info(at)firma.example"})])
        record.action_apply()
        row = record.row_ids
        self.assertIn("is geen e-mailadres", row.with_context(lang="nl_BE").finding_text)
        self.assertIn("n'est pas une adresse e-mail", row.with_context(lang="fr_BE").finding_text)
        texts = {row.with_context(lang=lang).result_text for lang in ("en_US", "nl_BE", "fr_BE")}
        self.assertEqual(len(texts), 3)
        broken = self._create_import(self._read_data("broken_password.xls"), "broken_password.xls")
        for lang, word in (("nl_BE", "wachtwoord"), ("fr_BE", "mot de passe")):
            with self.subTest(lang=lang), self.assertRaisesRegex(UserError, word):
                broken.with_context(lang=lang).action_read()

    def test_long_list_continues_in_the_background(self):
        record = self._match(rows=[self._make_row(number) for number in range(1, 8)])
        model = type(self.env["commercial.prospect.import"])
        with patch.object(model, "_apply_direct_limit", 2), patch.object(model, "_apply_batch_size", 2):
            record.action_apply()
            self.assertEqual((record.state, record.created_count, record.progress), ("applying", 2, 29))
            with self.enter_registry_test_mode():
                self.env.ref("commercial_assistant.cron_prospect_import_apply").method_direct_trigger()
        record.invalidate_recordset()
        self.assertEqual((record.state, record.created_count, record.progress), ("done", 7, 100))
        self.assertEqual(record.row_ids.lead_id.mapped("create_uid"), self.assistant, "in the name of who asked")

    def test_interrupted_list_is_continued_by_hand(self):
        record = self._match(rows=[self._make_row(number) for number in range(1, 6)])
        model = type(self.env["commercial.prospect.import"])
        with patch.object(model, "_apply_direct_limit", 2):
            record.action_apply()
            record.action_apply()
            self.assertEqual((record.state, record.created_count), ("applying", 4))
            record.action_apply()
        self.assertEqual((record.state, record.created_count), ("done", 5))

    def test_background_without_rights_is_told(self):
        record = self._match(rows=[self._make_row(number) for number in range(1, 4)])
        model = type(self.env["commercial.prospect.import"])
        with patch.object(model, "_apply_direct_limit", 1):
            record.action_apply()
        self.assistant.group_ids = self.env.ref("base.group_user")
        with self.enter_registry_test_mode():
            self.env.ref("commercial_assistant.cron_prospect_import_apply").method_direct_trigger()
        record = record.sudo()
        record.invalidate_recordset()
        self.assertEqual((record.state, record.created_count), ("matched", 1))

    # --- UNDOING ---

    def test_undo_deletes_untouched_leads_and_keeps_the_others(self):
        record = self._match(rows=[self._make_row(number) for number in range(1, 9)])
        record.action_apply()
        leads = record.row_ids.lead_id.sorted("id")
        leads[1].phone = "+32 56 99 99 99"
        leads[2].message_post(body="They called", message_type="comment")
        leads[3].activity_schedule("mail.mail_activity_data_todo", user_id=self.assistant.id)
        leads[4].convert_opportunity(self.env["res.partner"].create({"name": "New customer"}))
        leads[5].sudo().unlink()
        self.env["calendar.event"].create(
            {
                "name": "Visit",
                "opportunity_id": leads[6].id,
                "start": "2026-05-20 10:00:00",
                "stop": "2026-05-20 11:00:00",
            }
        )
        record.action_undo()
        self.assertEqual(record.state, "undone")
        states = dict(zip(range(1, 9), record.row_ids.mapped("state"), strict=True))
        self.assertEqual(
            states,
            {1: "undone", 2: "kept", 3: "kept", 4: "kept", 5: "kept", 6: "undone", 7: "kept", 8: "undone"},
        )
        self.assertFalse((leads[0] | leads[7]).exists())
        self.assertEqual(len((leads[1:5] | leads[6]).exists()), 5)
        self.assertIn("Phone", record.row_ids[1].result_text)
        self.assertIn("messages", record.row_ids[2].result_text)
        self.assertIn("activities", record.row_ids[3].result_text)
        self.assertIn("Contact", record.row_ids[4].result_text)
        self.assertIn("deleted by somebody", record.row_ids[5].result_text)
        self.assertIn("meetings", record.row_ids[6].result_text)
        body = record.message_ids[0].body
        self.assertIn("Leads kept: 5", body)
        self.assertIn("Firma 2 bv", body)

    def test_nightly_computations_do_not_count_as_work(self):
        record = self._match()
        record.action_apply()
        lead = record.row_ids.lead_id
        lead.sudo().write({"automated_probability": 12.5, "probability": 12.5})
        record.action_undo()
        self.assertFalse(lead.exists())

    def test_done_again_after_undo(self):
        record = self._match(rows=[self._make_row(1), self._make_row(2)])
        record.action_apply()
        record.row_ids[1].lead_id.priority = "2"
        kept = record.row_ids[1].lead_id
        record.action_undo()
        record.action_match()
        record.action_apply()
        self.assertEqual(record.row_ids.mapped("state"), ["created", "kept"])
        self.assertEqual(record.row_ids[1].lead_id, kept)
        self.assertEqual(record.state, "done")

    def test_kept_leads_keep_their_rows(self):
        record = self._match()
        record.action_apply()
        record.row_ids.lead_id.priority = "2"
        record.action_undo()
        record.action_match()
        for method in ("action_read", "action_back"):
            with self.subTest(method=method), self.assertRaisesRegex(UserError, "are leads: start a new import"):
                getattr(record, method)()

    def test_two_people_at_the_same_time(self):
        record = self._match()
        with (
            patch.object(type(record), "lock_for_update", side_effect=LockError("locked")),
            self.assertRaisesRegex(UserError, "is being worked on at this moment"),
        ):
            record.action_apply()

    def test_merged_lead_is_kept(self):
        record = self._match(rows=[self._make_row(1), self._make_row(2)])
        record.action_apply()
        leads = record.row_ids.lead_id
        merged = leads.merge_opportunity()
        self.assertEqual(record.row_ids.lead_id, merged)
        record.action_undo()
        self.assertTrue(merged.exists())
        self.assertEqual(set(record.row_ids.mapped("state")), {"kept"})

    def test_import_with_leads_is_not_deleted(self):
        record = self._match()
        record.action_apply()
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            record.unlink()
        record.action_undo()
        record.unlink()
        self.assertFalse(record.exists())

    # --- REPORT, TEXTS, LAW ---

    def test_report_tells_the_result_of_every_row(self):
        rows = [self._make_row(1, Firma="=HYPERLINK(1)"), self._make_row(2, Firma=None, Contactpersoon=None)]
        record = self._match(rows=rows)
        record.action_apply()
        action = record.action_download_report()
        self.assertEqual(action["type"], "ir.actions.act_url")
        self.assertIn("download=true", action["url"])
        sheet = openpyxl.load_workbook(io.BytesIO(base64.b64decode(record.report_file))).active
        table = [[cell.value for cell in row] for row in sheet.iter_rows()]
        self.assertEqual(table[1][:2], [2, "=HYPERLINK(1)"])
        self.assertEqual(sheet["B2"].data_type, "s")
        self.assertIn("Lead created.", table[1])
        self.assertIn("Skipped: correct the errors first.", table[2])

    def test_consent_is_kept_per_row(self):
        record = self._create_import(
            headers=["Firma", "E-mail", "Nieuwsbrief"],
            rows=[["A", "a@b.example", "ja"], ["B", "b@b.example", "nee"], ["C", "c@b.example", None]],
            consent_basis="impersonal",
        )
        record.action_read()
        record.action_match()
        self.assertEqual(record.row_ids.mapped("consent_basis"), ["consent", "none", "impersonal"])

    def test_information_due_within_a_month(self):
        record = self._create_import(met_on="2026-01-31")
        self.assertEqual(record.information_due_date, fields.Date.to_date("2026-02-28"))
        record.data_origin = "person"
        self.assertFalse(record.information_due_date)

    @freeze_time("2026-05-10")
    def test_information_due_filter(self):
        record = self._match(met_on="2026-04-12")
        record.action_apply()
        later = self._match(rows=[self._make_row(2)], met_on="2026-05-01")
        later.action_apply()
        domain = [("state", "=", "done"), ("information_due_date", "<=", "+7d")]
        found = self.env["commercial.prospect.import"].search(domain)
        self.assertIn(record, found)
        self.assertNotIn(later, found)

    def test_buttons_open_what_they_say(self):
        record = self._match(rows=[self._make_row(1), self._make_row(2)])
        record.action_apply()
        self.assertEqual(record.action_view_leads()["domain"], [("id", "in", record.row_ids.lead_id.ids)])
        action = record.with_context(search_default_filter_findings=1).action_view_rows()
        self.assertEqual(action["domain"], [("import_id", "=", record.id)])
        self.assertEqual(
            action["context"], {"search_default_filter_findings": 1, "commercial_assistant_one_import": True}
        )
        row = record.row_ids[0]
        self.assertEqual(row.action_open_lead()["res_id"], row.lead_id.id)
        lead = row.lead_id.with_user(self.assistant)
        self.assertTrue(lead.can_open_prospect_row)
        self.assertEqual(lead.action_open_prospect_row()["res_id"], row.id)
        self.assertFalse(lead.with_user(self.colleague).can_open_prospect_row)
        self.assertTrue(lead.with_user(self.colleague).prospect_origin, "everybody sees where a lead comes from")

    def test_row_shows_what_the_file_said(self):
        record = self._match(rows=[self._make_row(1)])
        self.assertIn("E · Ondernemingsnummer: " + make_number(1), record.row_ids.raw_text)

    # --- LEADS ---

    def test_numbers_reach_the_customer(self):
        lead = self.env["crm.lead"].create(
            {
                "name": "A",
                "partner_name": "A bv",
                "enterprise_number": make_number(1),
                "vat_number": f"be {make_number(1)}",
                "country_id": self.env.ref("base.be").id,
            }
        )
        self.assertEqual(lead.vat_number, f"BE{make_number(1)}")
        partner = lead._create_customer()
        self.assertEqual((partner.company_registry, partner.vat), (make_number(1), f"BE{make_number(1)}"))

    def test_wrong_vat_number_does_not_refuse_the_conversion(self):
        lead = self.env["crm.lead"].create(
            {"name": "A", "partner_name": "A bv", "vat_number": "BE123", "country_id": self.env.ref("base.be").id}
        )
        partner = lead._create_customer()
        self.assertFalse(partner.vat)


@tagged("post_install", "-at_install")
class TestProspectImportFiles(ProspectCommon):
    def test_the_same_list_from_every_program(self):
        names = [
            "visitors_xlwt.xls",
            "visitors_openpyxl.xlsx",
            "visitors_xlsxwriter.xlsx",
            "visitors_libreoffice.xls",
            "visitors_libreoffice.xlsx",
            "visitors_libreoffice.csv",
            "visitors_gnumeric.xls",
            "visitors_gnumeric.xlsx",
            "visitors_semicolon_cp1252.csv",
            "visitors_tab_utf16.csv",
        ]
        fields_read = [
            "company_name", "contact_name", "function", "street", "zip", "city", "country_id", "email", "phone",
            "enterprise_number", "vat", "lang_id", "notes", "met_on",
        ]  # fmt: skip
        expected = None
        for name in names:
            with self.subTest(name=name):
                record = self._create_import(self._read_data(name), name)
                record.action_read()
                record.action_match()
                rows = record.row_ids.read(fields_read, load=False)
                for row in rows:
                    row.pop("id")
                expected = expected or rows
                self.assertEqual(rows, expected)
                self.assertEqual(
                    record.row_ids.mapped("enterprise_number")[:3], ["0999010027", "0999013787", "0999017450"]
                )
                self.assertEqual(record.row_ids.mapped("phone")[1:3], ["+3269010203", "+32475010203"])
                self.assertEqual(record.row_ids.country_id.mapped("code"), ["BE", "NL", "DE"])

    def test_broken_files_are_named_precisely(self):
        cases = {
            "broken_truncated.xls": "damaged",
            "broken_truncated.xlsx": "damaged",
            "broken_password.xls": "protected by a password",
            "broken_password.xlsx": "protected by a password",
            "broken_picture.xls": "not a spreadsheet",
            "broken_web_page.xls": "web page under the name of a spreadsheet",
            "broken_opendocument.ods": "This kind of spreadsheet cannot be read",
            "broken_empty.csv": "The file is empty",
            "broken_only_names.xlsx": "holds the names of the columns but no company",
            "broken_no_cells.xlsx": "no filled cell",
            "broken_quotes.csv": r"quotation mark.*\(sheet “broken_quotes”, row 2\)",
        }
        for name, message in cases.items():
            content = self._read_data(name)
            if not content:
                content = b" "  # Odoo keeps no empty binary
            with self.subTest(name=name):
                record = self._create_import(content, name)
                with self.assertRaisesRegex(UserError, message):
                    record.action_read()
                self.assertEqual(record.state, "draft")
                self.assertFalse(record.row_ids or record.column_ids or record.sheet_ids)

    def test_broken_file_leaves_what_was_read_before(self):
        record = self._create_import()
        record.action_read()
        record.header_row = 9
        with self.assertRaises(UserError):
            record.action_read()
        self.assertEqual((record.state, len(record.row_ids), len(record.column_ids)), ("read", 1, 8))

    def test_cell_errors_are_findings_of_their_row(self):
        record = self._create_import(self._read_data("visitors_error_cells.xlsx"))
        record.action_read()
        record.action_match()
        self.assertIn("E-mail: #N/A", record.row_ids[0].finding_text)
        self.assertIn("Telefoon: #REF!", record.row_ids[1].finding_text)
        self.assertEqual(record.row_ids.mapped("decision"), ["create", "create"])

    def test_too_many_rows(self):
        lines = "\n".join(f"Firma {number};a{number}@b.example" for number in range(5001))
        record = self._create_import(f"Firma;E-mail\n{lines}".encode(), "long.csv")
        with self.assertRaisesRegex(UserError, "5001 rows; at most 5000"):
            record.action_read()

    def test_names_repeated_on_every_page(self):
        content = b"Firma;E-mail\nA;a@b.example\nFirma;E-mail\nB;b@b.example\n"
        record = self._create_import(content, "pages.csv")
        record.action_read()
        self.assertEqual(record.row_ids.mapped("row_number"), [2, 4])

    def test_signs_a_database_cannot_keep(self):
        content = "Firma;E-mail\n\u200bA\u00a0bv;a@b.example\n".encode()
        record = self._create_import(content, "signs.csv")
        record.action_read()
        record.action_match()
        self.assertEqual(record.row_ids.company_name, "A bv")

    def test_fair_list_of_the_demo(self):
        record = self._create_import(
            self._read_data("beurslijst_kortrijk.xls", "demo/files"), "beurslijst_kortrijk.xls"
        )
        record.action_read()
        self.assertEqual(record.column_ids.filtered(lambda column: not column.is_certain).ids, [])
        record.action_match()
        self.assertEqual(record.row_count, 40)
        self.assertEqual(record.error_count, 1)
        self.assertGreaterEqual(record.duplicate_count, 2)
        codes = " ".join(filter(None, record.row_ids.mapped("finding_codes"))).split()
        for code in (
            "enterprise_number_invalid",
            "email_invalid",
            "phone_invalid",
            "leading_zero",
            "email_more",
            "name_missing",
        ):
            self.assertIn(code, codes)
        record.action_apply()
        self.assertEqual(record.created_count + record.skipped_count, 40)
        self.assertFalse(record.failed_count)


@tagged("post_install", "-at_install")
class TestProspectImportCost(ProspectCommon):
    def _measure(self, count):
        """Queries of reading, matching, applying and undoing a list of so many rows."""
        record = self._create_import(
            rows=[self._make_row(1000 * count + number) for number in range(count)], salesperson_id=self.colleague.id
        )
        costs = []
        for method in ("action_read", "action_match", "action_apply", "action_undo"):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            getattr(record, method)()
            self.env.flush_all()
            costs.append(self.env.cr.sql_log_count - before)
        self.assertEqual(record.undone_count, count)
        return costs

    def test_queries_do_not_grow_with_the_rows(self):
        self._measure(1)  # caches
        few, many = self._measure(2), self._measure(20)
        for step, cost_of_few, cost_of_many in zip(("read", "match", "apply", "undo"), few, many, strict=True):
            with self.subTest(step=step):
                self.assertLessEqual(cost_of_many, cost_of_few + 2)

    def test_two_thousand_rows(self):
        record = self._create_import(rows=[self._make_row(number) for number in range(2000)])
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        record.action_read()
        record.action_match()
        self.env.flush_all()
        self.assertLess(self.env.cr.sql_log_count - before, 150)
        self.assertEqual((record.row_count, record.to_create_count), (2000, 2000))
        record.action_apply()
        self.assertEqual((record.state, record.created_count), ("applying", 500))
