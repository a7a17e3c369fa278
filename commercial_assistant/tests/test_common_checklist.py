import base64

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged, users
from odoo.tools import mute_logger

from .common_desk import DeskCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 09:00:00")
class TestChecklist(DeskCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.env["commercial.checklist.template"].create(
            {
                "name": "New customer",
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                "description": "Before the first order",
                "days": 10,
                "point_ids": [
                    Command.create({"name": "Address", "critical": True, "sequence": 1, "days_offset": 2}),
                    Command.create({"name": "Call", "requires": "note", "sequence": 2}),
                    Command.create({"name": "Form", "requires": "attachment", "sequence": 3}),
                    Command.create({"name": "Gift", "sequence": 4}),
                ],
            }
        )
        cls.template.with_context(lang="fr_BE").name = "Nouveau client"
        cls.template.point_ids[0].with_context(lang="fr_BE").name = "Adresse"

    def _start(self, user=None, partner=None, **values):
        return (partner or self.customer).with_user(user or self.assistant)._start_checklist(self.template, **values)

    def _decide(self, points, decision, user=None, **values):
        wizard = (
            self.env["commercial.checklist.decide"]
            .with_user(user or self.assistant)
            .create({"point_ids": [Command.set(points.ids)], "decision": decision, **values})
        )
        return wizard.action_confirm()

    # --- STARTING ---

    def test_points_are_copied(self):
        checklist = self._start()
        self.assertRecordValues(
            checklist,
            [
                {
                    "name": "New customer",
                    "res_model": "res.partner",
                    "res_id": self.customer.id,
                    "partner_id": self.customer.id,
                    "user_id": self.assistant.id,
                    "company_id": self.company.id,
                    "date_deadline": fields.Date.to_date("2026-03-12"),
                    "progress": 0.0,
                    "open_count": 4,
                    "critical_open_count": 1,
                    "state": "open",
                }
            ],
        )
        self.assertEqual(checklist.point_ids.mapped("name"), ["Address", "Call", "Form", "Gift"])
        self.assertEqual(checklist.point_ids[0].date_deadline, fields.Date.to_date("2026-03-04"))
        self.assertEqual(checklist.point_ids.user_id, self.assistant)
        activity = checklist.sudo().activity_ids
        self.assertEqual(activity.user_id, self.assistant)
        self.assertEqual(activity.date_deadline, fields.Date.to_date("2026-03-12"))

    def test_copy_is_read_in_every_language(self):
        checklist = self._start()
        french = checklist.with_context(lang="fr_BE")
        self.assertEqual(french.name, "Nouveau client")
        self.assertEqual(french.point_ids.mapped("name"), ["Adresse", "Call", "Form", "Gift"])
        other = self._create_customer()
        begun = other.with_user(self.assistant).with_context(lang="fr_BE")._start_checklist(self.template)
        self.assertEqual(begun.name, "Nouveau client")
        self.assertEqual(begun.with_context(lang="en_US").name, "New customer")

    def test_later_change_of_the_template_does_not_change_the_copy(self):
        checklist = self._start()
        self.template.point_ids[0].write({"name": "Other", "critical": False})
        self.template.point_ids[1:].unlink()
        self.assertEqual(checklist.point_ids.mapped("name"), ["Address", "Call", "Form", "Gift"])
        self.template.unlink()
        self.assertTrue(checklist.exists())
        self.assertEqual(checklist.point_ids[0].critical, True)

    def test_starting_twice_gives_the_same(self):
        checklist = self._start()
        self.assertEqual(self._start(self.colleague), checklist)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            checklist.sudo().copy({"res_model": "res.partner", "res_id": self.customer.id})
        checklist.with_user(self.assistant).action_cancel()
        self.assertNotEqual(self._start(), checklist)

    def test_template_of_another_model(self):
        self.assertNotIn("commercial.checklist.mixin", self.env["res.country"]._inherit or [])
        with self.assertRaisesRegex(ValidationError, "cannot be started"):
            self.template.model_id = self.env["ir.model"]._get("res.country")
        with self.assertRaisesRegex(ValidationError, "Who does the point"):
            self.template.point_ids[0].assign_to = "user"

    # --- CLOSING POINTS ---

    def test_done_and_progress(self):
        checklist = self._start()
        points = checklist.with_user(self.assistant).point_ids
        self.assertTrue(points[0].action_done())
        self.assertRecordValues(points[0], [{"state": "done", "closed_uid": self.assistant.id}])
        self.assertEqual(checklist.progress, 25.0)
        closed_on = points[0].closed_on
        points[0].with_user(self.colleague).action_done()
        self.assertEqual((points[0].closed_uid, points[0].closed_on), (self.assistant, closed_on))

    def test_point_that_needs_a_note(self):
        point = self._start().with_user(self.assistant).point_ids[1]
        action = point.action_done()
        wizard = self.env[action["res_model"]].with_user(self.assistant).browse(action["res_id"])
        with self.assertRaisesRegex(UserError, "needs a note"):
            wizard.action_confirm()
        with Form(wizard) as form:
            form.note = "Called on Monday"
        wizard.action_confirm()
        self.assertRecordValues(point, [{"state": "done", "note": "Called on Monday"}])

    def test_point_that_needs_a_document(self):
        point = self._start().with_user(self.assistant).point_ids[2]
        with self.assertRaisesRegex(UserError, "needs a document"):
            self._decide(point, "done")
        document = (
            self.env["ir.attachment"]
            .with_user(self.assistant)
            .create({"name": "form.pdf", "datas": base64.b64encode(b"x"), "res_model": "commercial.checklist.decide"})
        )
        self._decide(point, "done", attachment_ids=[Command.set(document.ids)])
        self.assertEqual(point.state, "done")
        self.assertEqual(point.with_user(self.colleague).attachment_ids.name, "form.pdf")
        self.assertEqual(document.res_model, "commercial.checklist")

    def test_document_of_somebody_else_is_not_taken(self):
        point = self._start().with_user(self.assistant).point_ids[2]
        secret = self.env["ir.attachment"].create({"name": "secret", "datas": base64.b64encode(b"x")})
        with self.assertRaises(AccessError):
            self._decide(point, "done", attachment_ids=[Command.set(secret.ids)])
        self.assertFalse(secret.res_model)

    def test_passing_over_needs_a_reason_and_never_a_critical_point(self):
        points = self._start().with_user(self.assistant).point_ids
        with self.assertRaisesRegex(UserError, "Give a reason"):
            self._decide(points[3], "overridden")
        self._decide(points[3], "overridden", reason="They do not want one")
        self.assertRecordValues(points[3], [{"state": "overridden", "reason": "They do not want one"}])
        with self.assertRaisesRegex(UserError, "critical"):
            self._decide(points[0], "overridden", reason="No time")
        with self.assertRaisesRegex(UserError, "critical"):
            self._decide(points[0], "overridden", user=self.lead, reason="No time")

    def test_not_applicable(self):
        points = self._start().with_user(self.assistant).point_ids
        self._decide(points[1], "not_applicable", reason="They have no telephone")
        self.assertEqual(points[1].state, "not_applicable")
        with self.assertRaisesRegex(AccessError, "only a team lead"):
            self._decide(points[0], "not_applicable", reason="None")
        self._decide(points[0], "not_applicable", user=self.lead, reason="They collect the goods")
        self.assertEqual(points[0].state, "not_applicable")
        bodies = "".join(self.customer.sudo().checklist_ids.message_ids.mapped("body"))
        self.assertIn("They collect the goods", bodies)

    def test_point_of_somebody_else(self):
        self.template.point_ids[0].write({"assign_to": "user", "user_id": self.colleague.id})
        self.template.point_ids[3].write(
            {"assign_to": "group", "group_id": self.env.ref("commercial_assistant.group_team_lead").id}
        )
        points = self._start().with_user(self.assistant).point_ids
        with self.assertRaisesRegex(AccessError, "is for desk colleague"):
            points[0].action_done()
        with self.assertRaisesRegex(AccessError, "Team lead"):
            points[3].action_done()
        points[0].with_user(self.colleague).action_done()
        points[3].with_user(self.lead).action_done()
        self.assertEqual(points[0].state, "done")

    def test_reset(self):
        checklist = self._start()
        points = checklist.with_user(self.assistant).point_ids
        points[0].action_done()
        self._decide(points[3], "overridden", reason="They do not want one")
        points[0].action_reset()
        self.assertRecordValues(points[0], [{"state": "open", "closed_uid": False}])
        checklist.with_user(self.assistant).action_reset()
        self.assertEqual(set(points.mapped("state")), {"open"})
        self.assertFalse(points[3].reason)

    # --- COMPLETING ---

    def test_critical_points_block(self):
        checklist = self._start().with_user(self.assistant)
        with self.assertRaisesRegex(UserError, "- Address"):
            checklist.action_complete()
        with self.assertRaisesRegex(UserError, "New customer.*Address"):
            self.customer.with_user(self.assistant)._check_checklist_complete("other")
        checklist.point_ids[0].action_done()
        self.customer._check_checklist_complete("other")
        self.customer._check_checklist_complete("customer_handover")
        with self.assertRaisesRegex(UserError, "Start the checklist first"):
            self.customer._check_checklist_complete("customer_handover", required=True)

    def test_open_points_are_passed_over_with_one_reason(self):
        checklist = self._start().with_user(self.assistant)
        checklist.point_ids[0].action_done()
        action = checklist.action_complete()
        wizard = self.env[action["res_model"]].with_user(self.assistant).browse(action["res_id"])
        with self.assertRaisesRegex(UserError, "Give a reason"):
            wizard.action_confirm()
        wizard.reason = "Small customer"
        wizard.action_confirm()
        self.assertRecordValues(checklist, [{"state": "done", "done_uid": self.assistant.id, "progress": 100.0}])
        self.assertFalse(checklist.sudo().activity_ids)
        self.assertTrue(checklist.action_complete(), "repeating is no error")
        with self.assertRaisesRegex(UserError, "is closed"):
            checklist.point_ids[0].action_reset()

    def test_reopen(self):
        checklist = self._start()
        checklist.with_user(self.assistant).action_cancel()
        with self.assertRaisesRegex(AccessError, "reopen"):
            checklist.with_user(self.colleague).action_reopen()
        checklist.with_user(self.lead).action_reopen()
        self.assertEqual(checklist.state, "open")
        self.assertEqual(checklist.sudo().activity_ids.user_id, self.assistant)

    def test_new_responsible_gets_the_activity_and_the_points(self):
        checklist = self._start().with_user(self.assistant)
        checklist.write({"user_id": self.colleague.id, "date_deadline": "2026-03-20"})
        self.assertRecordValues(
            checklist.sudo().activity_ids,
            [{"user_id": self.colleague.id, "date_deadline": fields.Date.to_date("2026-03-20")}],
        )
        self.assertEqual(checklist.point_ids.user_id, self.colleague)

    def test_late(self):
        checklist = self._start()
        model = self.env["commercial.checklist"]
        self.assertFalse(checklist.is_late)
        self.assertNotIn(checklist, model.search([("is_late", "=", True)]))
        with freeze_time("2026-03-13 09:00:00"):
            checklist.invalidate_recordset()
            self.assertTrue(checklist.is_late)
            self.assertIn(checklist, model.search([("is_late", "=", True)]))

    # --- HAND-OVER ---

    def test_handover_of_a_customer(self):
        self.customer.user_id = self.assistant
        contact = self._create_customer(parent_id=self.customer.id, is_company=False, name="Jan")
        contact.user_id = self.assistant
        activity = self.customer.activity_schedule("mail.mail_activity_data_todo", user_id=self.assistant.id)
        action = self.customer.with_user(self.assistant).action_handover()
        wizard = Form(self.env[action["res_model"]].with_user(self.assistant).with_context(**action["context"]))
        self.assertEqual(wizard.template_id, self.env.ref("commercial_assistant.checklist_template_customer_handover"))
        self.assertEqual(wizard.date_deadline, fields.Date.to_date("2026-03-16"))
        wizard.successor_id = self.colleague
        opened = wizard.save().action_start()
        checklist = self.env["commercial.checklist"].with_user(self.assistant).browse(opened["res_id"])
        self.assertEqual(checklist.successor_id, self.colleague)
        self.assertEqual(self.customer.checklist_count, 1)
        self.assertEqual(self.customer.user_id, self.assistant, "nothing changes before the end")
        last = checklist.point_ids[-1]
        self.assertEqual(last.user_id, self.colleague)
        for point in checklist.point_ids - last:
            point._close("done", note="Done")
        with self.assertRaisesRegex(AccessError, "is for desk colleague"):
            last.action_done()
        with self.assertRaisesRegex(UserError, "Read the file"):
            checklist.action_complete()
        last.with_user(self.colleague).action_done()
        checklist.with_user(self.colleague).action_complete()
        self.assertEqual((self.customer | contact).user_id, self.colleague)
        self.assertEqual(activity.user_id, self.colleague)
        self.assertIn("handed over from desk assistant to desk colleague", self.customer.message_ids[0].body)
        self.assertEqual(self.customer.checklist_progress, 100.0)

    def test_handover_needs_somebody_who_takes_over(self):
        wizard = (
            self.env["commercial.checklist.start"]
            .with_user(self.assistant)
            .create(
                {
                    "res_model": "res.partner",
                    "res_id": self.customer.id,
                    "template_id": self.env.ref("commercial_assistant.checklist_template_customer_handover").id,
                }
            )
        )
        with self.assertRaisesRegex(UserError, "Who takes over"):
            wizard.action_start()
        self.assertFalse(self.customer.checklist_ids)

    def test_failing_consequence_keeps_the_list_open(self):
        def completed(_partner, _checklist):
            raise UserError("no")  # pylint: disable=translation-required

        self.patch(self.registry["res.partner"], "_checklist_completed", completed)
        checklist = self._start()
        checklist.sudo().point_ids.write({"state": "done"})
        with self.assertRaises(UserError), self.cr.savepoint():
            checklist.action_complete()
        checklist.invalidate_recordset()
        self.assertEqual(checklist.state, "open")

    # --- ACCESS ---

    @users("desk_assistant")
    def test_checklists_are_not_written_by_hand(self):
        checklist = self._start(self.env.user)
        with self.assertRaisesRegex(AccessError, "buttons"):
            checklist.write({"state": "done"})
        with self.assertRaisesRegex(AccessError, "buttons"):
            checklist.write({"point_ids": [Command.clear()]})
        with self.assertRaises(AccessError):
            checklist.point_ids.write({"state": "done"})
        with self.assertRaises(AccessError):
            checklist.point_ids[0].unlink()
        with self.assertRaises(AccessError):
            checklist.unlink()
        with self.assertRaises(AccessError):
            self.env["commercial.checklist.template"].create({"name": "Mine"})
        checklist.write({"note": "Call first"})
        self.assertEqual(checklist.note, "Call first")

    def test_who_cannot_write_the_record_cannot_work_on_its_list(self):
        plain = self._create_user("desk_plain", "base.group_user")
        checklist = self._start().with_user(plain)
        self.assertEqual(checklist.name, "New customer")
        with self.assertRaises(AccessError):
            checklist.point_ids[0].action_done()
        with self.assertRaises(AccessError):
            checklist.write({"note": "x"})
        with self.assertRaises(AccessError):
            self.customer.with_user(plain)._start_checklist(self.template)
        with self.assertRaises(AccessError):
            checklist.action_cancel()

    def test_other_company_and_portal(self):
        checklist = self._start()
        found = self.env["commercial.checklist"].with_user(self.other_lead).search([("id", "=", checklist.id)])
        self.assertFalse(found)
        points = self.env["commercial.checklist.point"].with_user(self.other_lead)
        self.assertFalse(points.search([("checklist_id", "=", checklist.id)]))
        self.assertEqual(self.customer.with_user(self.other_lead).checklist_count, 0)
        portal = self._create_user("desk_portal", "base.group_portal")
        for model in ("commercial.checklist", "commercial.checklist.point", "commercial.checklist.template"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(portal).search([])

    def test_hidden_record_hides_its_list_and_points(self):
        checklist = self._start()
        self.env["ir.rule"].create(
            {
                "name": "confidential",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', {self.customer.id})]",
            }
        )
        colleague = self.env["commercial.checklist"].with_user(self.colleague)
        self.assertFalse(colleague.search([("id", "=", checklist.id)]))
        points = self.env["commercial.checklist.point"].with_user(self.colleague)
        self.assertFalse(points.search_count([("checklist_id", "=", checklist.id)]))
        with self.assertRaises(AccessError):
            checklist.point_ids[0].with_user(self.colleague).read(["name"])

    # --- AROUND ---

    def test_deleting_the_record_takes_its_lists_along(self):
        partner = self._create_customer()
        checklist = self._start(partner=partner)
        partner.unlink()
        self.assertFalse(checklist.exists())

    def test_merging_customers(self):
        other = self._create_customer(email="info@bakkerij.example")
        kept = self._start()
        doubled = self._start(partner=other)
        request = other.with_user(self.assistant)._request_approval("other", "They pay on Monday")
        other._run_checks("data")
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.customer + other).ids, self.customer)
        self.assertFalse(other.exists())
        self.assertEqual(kept.state, "open")
        self.assertRecordValues(doubled, [{"state": "cancelled", "res_id": self.customer.id}])
        self.assertRecordValues(request, [{"state": "voided", "res_id": self.customer.id}])
        found = self.env["commercial.check.result"].search(
            [("res_model", "=", "res.partner"), ("res_id", "=", other.id)]
        )
        self.assertFalse(found)

    def test_queries_of_the_list_do_not_grow(self):
        partners = self.env["res.partner"].create([{"name": f"Customer {n}"} for n in range(22)])
        checklists = self.env["commercial.checklist"].union(*(self._start(partner=partner) for partner in partners))
        self.env.flush_all()

        def cost(some):
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            some.with_user(self.assistant).read(["name", "record_name", "progress", "is_late", "state"])
            return self.cr.sql_log_count - start

        cost(checklists)
        self.assertEqual(cost(checklists[:2]), cost(checklists[2:]))
        self.env.invalidate_all()
        start = self.cr.sql_log_count
        self.assertEqual(partners.mapped("checklist_count"), [1] * 22)
        self.assertLessEqual(self.cr.sql_log_count - start, 3)
