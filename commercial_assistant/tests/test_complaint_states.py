from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common_complaint import ComplaintCommon


@tagged("post_install", "-at_install")
class TestComplaintStates(ComplaintCommon):
    def test_each_step_says_what_is_missing(self):
        complaint = self._complain(order=self._sell(), category_id=False)
        with self.assertRaisesRegex(UserError, "acknowledgment"):
            complaint.action_assess()
        complaint.action_acknowledged_by_phone()
        complaint.action_assess()
        self.assertEqual(complaint.user_id, self.assistant)
        with self.assertRaisesRegex(UserError, "category"):
            complaint.action_investigate()
        complaint.category_id = self.env.ref("commercial_assistant.complaint_category_goods_defect")
        with self.assertRaisesRegex(UserError, "hurt"):
            complaint.action_investigate()
        complaint.danger = "no"
        complaint.action_investigate()
        self.assertEqual(complaint.state, "investigate")
        with self.assertRaisesRegex(UserError, "These points must be done first"):
            complaint.action_propose()

    def test_the_verdict_needs_reasons_and_a_cause(self):
        complaint = self._complain(category_id=self.env.ref("commercial_assistant.complaint_category_other").id)
        self._bring_to(complaint, "investigate")
        with self.assertRaisesRegex(UserError, "verdict"):
            complaint.action_propose()
        complaint.verdict = "unfounded"
        with self.assertRaisesRegex(UserError, "reasons"):
            complaint.action_propose()
        complaint.verdict = "founded"
        with self.assertRaisesRegex(UserError, "cause"):
            complaint.action_propose()
        complaint.cause_ids = self.cause
        complaint.action_propose()
        self.assertEqual(complaint.verdict_uid, self.assistant)
        self.assertTrue(complaint.verdict_on)

    def test_the_state_follows_the_buttons_only(self):
        complaint = self._complain()
        with self.assertRaises(AccessError):
            complaint.state = "closed"
        with self.assertRaises(AccessError):
            self._complain(state="closed")
        with self.assertRaises(AccessError):
            complaint.acknowledged_on = "2026-01-01 10:00:00"
        with self.assertRaisesRegex(UserError, "cannot go to"):
            complaint.action_close()

    def test_a_cancelled_complaint_can_be_restored(self):
        complaint, other = self._complain(), self._complain()
        with self.assertRaisesRegex(UserError, "same one"):
            complaint._cancel("duplicate")
        with self.assertRaises(ValidationError):
            complaint._cancel("duplicate", duplicate_of=complaint)
        complaint._cancel("duplicate", duplicate_of=other)
        self.assertEqual((complaint.state, complaint.duplicate_of_id), ("cancelled", other))
        with self.assertRaisesRegex(UserError, "has ended"):
            complaint.subject = "Something else"
        complaint.action_restore()
        self.assertEqual((complaint.state, complaint.duplicate_of_id), ("new", other.browse()))

    def test_documents_of_another_customer_are_refused(self):
        order = self._sell(partner=self.consumer)
        with self.assertRaisesRegex(ValidationError, "does not belong to"):
            self._complain(
                partner=self.customer,
                line_ids=[Command.create({"sale_line_id": order.order_line.id})],
            )

    def test_nobody_complains_about_more_than_was_delivered(self):
        order = self._sell(quantity=4.0)
        with self.assertRaisesRegex(ValidationError, "5 .* complained about"):
            self._complain(
                partner=self.customer,
                line_ids=[Command.create({"sale_line_id": order.order_line.id, "quantity": 5.0})],
            )

    def test_confidential_complaints_are_seen_by_their_group_only(self):
        conduct = self.env.ref("commercial_assistant.complaint_category_service_conduct")
        complaint = self._complain().sudo()
        complaint.category_id = conduct
        self.assertTrue(complaint.is_confidential)
        Complaint = self.env["commercial.complaint"]
        for user, expected in ((self.assistant, 0), (self.lead, 0), (self.confidant, 1)):
            with self.subTest(user=user.login):
                self.assertEqual(Complaint.with_user(user).search_count([("id", "=", complaint.id)]), expected)

    def test_another_company_sees_nothing(self):
        complaint = self._complain()
        company = self.env["res.company"].create({"name": "Other"})
        self.assertEqual(len(self.env["commercial.complaint.team"].search([("company_id", "=", company.id)])), 1)
        stranger = self._create_desk_user(
            "complaint_stranger",
            "commercial_assistant.group_team_lead",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        found = self.env["commercial.complaint"].with_user(stranger).search_count([("id", "=", complaint.id)])
        self.assertEqual(found, 0)
