from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_complaint_learning import LearningCommon

MODELS = (
    "commercial.supplier.claim",
    "commercial.supplier.claim.line",
    "commercial.supplier.claim.question",
    "commercial.complaint.hour",
    "commercial.complaint.cost",
    "commercial.complaint.why",
    "commercial.corrective.action",
)


@tagged("post_install", "-at_install")
class TestComplaintLearningAccess(LearningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.outsider = cls._create_desk_user("complaint_employee", "base.group_user")
        cls.other_company = cls.env["res.company"].create({"name": "Other"})
        cls.stranger = cls._create_desk_user(
            "complaint_stranger",
            "commercial_assistant.group_team_lead",
            company_id=cls.other_company.id,
            company_ids=[Command.set(cls.other_company.ids)],
        )
        cls.complaint = cls._investigated()
        cls.claim = cls._claim(cls.complaint)
        cls.claim.question_ids = [Command.create({"question": "Known?"})]
        cls.complaint.write(
            {
                "hour_ids": [Command.create({"hours": 1.0})],
                "cost_ids": [Command.create({"amount": 5.0})],
                "why_ids": [Command.create({"question": "Why?"})],
            }
        )
        cls.action = (
            cls.env["commercial.corrective.action"]
            .with_user(cls.assistant)
            .create({"title": "Seal", "complaint_ids": [Command.link(cls.complaint.id)]})
        )
        cls.records = {
            "commercial.supplier.claim": cls.claim,
            "commercial.supplier.claim.line": cls.claim.line_ids,
            "commercial.supplier.claim.question": cls.claim.question_ids,
            "commercial.complaint.hour": cls.complaint.hour_ids,
            "commercial.complaint.cost": cls.complaint.cost_ids,
            "commercial.complaint.why": cls.complaint.why_ids,
            "commercial.corrective.action": cls.action,
        }

    def _count(self, name, user):
        return self.env[name].with_user(user).search_count([("id", "in", self.records[name].ids)])

    def test_the_desk_sees_them_and_another_company_does_not(self):
        for name in MODELS:
            with self.subTest(name=name):
                self.assertTrue(self.records[name])
                self.assertEqual(self._count(name, self.assistant), 1)
                self.assertEqual(self._count(name, self.stranger), 0)
                with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
                    self.records[name].with_user(self.stranger).read(["display_name"])

    def test_an_employee_sees_nothing(self):
        for name in (*MODELS, "commercial.recurring.issue", "commercial.complaint.month"):
            with self.subTest(name=name), self.assertRaises(AccessError):
                self.env[name].with_user(self.outsider).search_count([])

    def test_what_belongs_to_a_confidential_complaint_is_confidential(self):
        self.complaint.sudo().is_confidential = True
        self.env.flush_all()
        self.env.invalidate_all()
        for name in MODELS:
            for user, expected in ((self.assistant, 0), (self.lead, 0), (self.confidant, 1)):
                with self.subTest(name=name, user=user.login):
                    self.assertEqual(self._count(name, user), expected)

    def test_a_supplier_of_another_company_is_refused(self):
        partner = self.env["res.partner"].create({"name": "Elsewhere", "company_id": self.other_company.id})
        with self.assertRaisesRegex(Exception, "Elsewhere"):
            self.claim.partner_id = partner

    def test_a_complaint_of_another_company_is_refused(self):
        foreign = (
            self.env["commercial.complaint"]
            .sudo()
            .create({"subject": "X", "contact_name": "Y", "company_id": self.other_company.id})
        )
        with self.assertRaisesRegex(UserError, "company"):
            self.action.sudo().complaint_ids = [Command.link(foreign.id)]
            self.env.flush_all()

    def test_buttons_check_the_rights_of_the_person(self):
        for name in (
            "action_send",
            "action_answered",
            "action_accept",
            "action_refuse",
            "action_cancel",
            "action_remind",
        ):
            with self.subTest(name=name), self.assertRaises(AccessError):
                getattr(self.claim.with_user(self.outsider), name)()
        for name in ("action_return_goods", "action_make_credit"):
            with self.subTest(name=name), self.assertRaises(AccessError):
                getattr(self.claim.with_user(self.outsider), name)()
        with self.assertRaises(AccessError):
            self.complaint.with_user(self.outsider).action_ask_supplier()
        for name in ("action_done", "action_close", "action_follow_up"):
            with self.subTest(name=name), self.assertRaises(AccessError):
                getattr(self.action.with_user(self.outsider), name)()

    def test_the_report_counts_for_the_desk_only(self):
        with self.assertRaises(AccessError):
            self.env["commercial.complaint.month"].with_user(self.outsider).create({})

    def test_claims_that_left_are_not_deleted(self):
        draft = self._claim()
        draft.unlink()
        self.claim.action_send()
        with self.assertRaisesRegex(Exception, "cancelled, not deleted"):
            self.claim.unlink()
