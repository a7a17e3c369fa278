from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_complaint import ComplaintCommon


@tagged("post_install", "-at_install")
class TestComplaintAuthority(ComplaintCommon):
    """Money and goods leave only within the authority of a person."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # the company of the tests counts in another currency than the rules that are shipped
        rules = cls.env["commercial.approval.rule"].search([("purpose", "=", "complaint_solution")])
        rules.currency_id = cls.company.currency_id
        cls.second_lead = cls._create_desk_user("complaint_lead_2", "commercial_assistant.group_team_lead")

    def _ask(self, complaint, reason="The fault was ours"):
        return complaint._ask_approval(reason)

    def test_below_the_limit_nobody_is_asked(self):
        complaint = self._complain_to_settle(self._sell())
        gesture = self._solve(complaint, "goodwill", document_amount=100.0)
        self.assertEqual(complaint.authority_state, "free")
        self.assertFalse(complaint._get_missing_for_await_customer())
        with self.assertRaisesRegex(UserError, "needs no approval"):
            complaint.action_ask_approval()
        self._accept(complaint)
        gesture.action_execute()
        self.assertEqual(gesture.state, "in_progress")

    def test_a_cent_above_the_limit_needs_a_second_person(self):
        complaint = self._complain_to_settle(self._sell())
        gesture = self._solve(complaint, "goodwill", document_amount=100.01)
        self.assertEqual((complaint.authority_state, complaint.authority_note), ("missing", "Gestures above 100 EUR"))
        self.assertRegex(complaint._get_missing_for_await_customer()[0], "the approval")
        request = self._ask(complaint)
        self.assertEqual((complaint.authority_state, request.state), ("pending", "pending"))
        with self.assertRaises(UserError), self.env.cr.savepoint():
            request.with_user(self.assistant).action_approve()
        request.with_user(self.lead).action_approve()
        self.assertEqual(complaint.authority_state, "approved")
        self.assertFalse(complaint._get_missing_for_await_customer())
        self._accept(complaint)
        gesture.action_execute()
        self.assertEqual(gesture.state, "in_progress")
        self.assertEqual(request.state, "approved")

    def test_nobody_passes_the_gate_by_executing(self):
        complaint = self._complain_to_settle(self._sell())
        gesture = self._solve(complaint, "goodwill", document_amount=500.0)
        self._accept(complaint)
        for user in (self.assistant, self.lead):
            with self.subTest(user=user.login), self.assertRaisesRegex(UserError, "is missing. Ask"):
                gesture.with_user(user).action_execute()
        with self.assertRaisesRegex(UserError, "is missing. Ask"):
            complaint.action_execute()
        self.assertFalse(gesture.sudo().move_ids)

    def test_whoever_asks_never_decides(self):
        complaint = self._complain_to_settle(self._sell())
        self._solve(complaint, "goodwill", document_amount=500.0)
        request = complaint.with_user(self.lead)._ask_approval("My customer")
        with self.assertRaises(UserError), self.env.cr.savepoint():
            request.with_user(self.lead).action_approve()
        request.with_user(self.second_lead).action_approve()
        self.assertEqual(request.state, "approved")

    def test_a_change_after_the_approval_voids_it(self):
        changes = (
            lambda solution: solution.write({"document_amount": 400.0}),
            lambda solution: solution.write({"kind": "price_reduction", "line_id": solution.complaint_id.line_ids.id}),
            lambda solution: self._solve(solution.complaint_id, "replacement", quantity=1.0),
            lambda solution: solution.unlink(),
        )
        for change in changes:
            complaint = self._complain_to_settle(self._sell())
            gesture = self._solve(complaint, "goodwill", document_amount=300.0)
            request = self._ask(complaint)
            request.with_user(self.lead).action_approve()
            change(gesture)
            self.assertEqual((request.state, request.cause), ("voided", "changed"))
        # an explanation beside it changes nothing
        complaint = self._complain_to_settle(self._sell())
        self._solve(complaint, "goodwill", document_amount=300.0)
        request = self._ask(complaint)
        request.with_user(self.lead).action_approve()
        self._solve(complaint, "information", description="How to clean it")
        self.assertEqual(request.state, "approved")

    def test_small_promises_add_up(self):
        complaint = self._complain_to_settle(self._sell())
        self._solve(complaint, "goodwill", document_amount=60.0)
        self.assertEqual(complaint.authority_state, "free")
        self._solve(complaint, "goodwill", document_amount=60.0)
        self.assertEqual(complaint.authority_state, "missing")

    def test_goods_count_with_their_price(self):
        complaint = self._complain_to_settle(self._sell(quantity=6.0))
        self._solve(complaint, "replacement", quantity=5.0)
        self.assertEqual(complaint.authority_state, "free")
        complaint = self._complain_to_settle(self._sell(quantity=6.0))
        self._solve(complaint, "replacement", quantity=6.0)
        self.assertEqual(complaint.authority_note, "Replacements above 500 EUR")
        complaint = self._complain_to_settle(self._sell(quantity=12.0))
        self._solve(complaint, "replacement", quantity=5.0)
        self._solve(complaint, "credit_partial", quantity=5.0)
        self.assertEqual(complaint.authority_state, "free")
        self._solve(complaint, "price_reduction", quantity=1.0, document_amount=1.0)
        self.assertRegex(complaint.authority_note, "together")

    def test_a_return_cannot_be_dropped_after_the_approval(self):
        complaint = self._complain_to_settle(self._sell(quantity=6.0))
        back = self._solve(complaint, "return")
        credit = self._solve(complaint, "credit_full", return_need="after")
        self._ask(complaint).with_user(self.lead).action_approve()
        self._accept(complaint)
        back._cancel("The customer keeps them")
        with self.assertRaisesRegex(UserError, "is missing. Ask"):
            credit.action_execute()

    def test_rules_are_data(self):
        self.env.ref("commercial_assistant.approval_rule_complaint_goodwill").amount_min = 20.0
        complaint = self._complain_to_settle(self._sell())
        self._solve(complaint, "goodwill", document_amount=25.0)
        self.assertEqual(complaint.authority_state, "missing")
        self.env.ref("commercial_assistant.approval_rule_complaint_goodwill").customer_kind = "consumer"
        complaint.invalidate_recordset()
        self.assertEqual(complaint.authority_state, "free")

    def test_rules_of_another_company_do_not_count(self):
        company = self.env["res.company"].create({"name": "Other"})
        self.env.ref("commercial_assistant.approval_rule_complaint_goodwill").company_id = company
        complaint = self._complain_to_settle(self._sell())
        self._solve(complaint, "goodwill", document_amount=250.0)
        self.assertEqual(complaint.authority_state, "free")

    def test_amounts_are_converted_before_they_are_compared(self):
        currency = self.env["res.currency"].create(
            {
                "name": "FLX",
                "symbol": "F",
                "rounding": 1.0,
                "rate_ids": [Command.create({"name": "2020-01-01", "rate": 160.0, "company_id": self.company.id})],
            }
        )
        order = self._sell(quantity=2.0, deliver=False, invoice=False).copy()
        order.currency_id = currency
        order.order_line.price_unit = 16000.0
        order.action_confirm()
        self._receive(order.picking_ids)
        order._create_invoices().action_post()
        complaint = self._complain_to_settle(order)
        cheaper = self._solve(complaint, "price_reduction", document_amount=16000.0)
        self.assertEqual((cheaper.amount, complaint.authority_state), (100.0, "free"))
        cheaper.document_amount = 16160.0
        self.assertEqual((cheaper.amount, complaint.authority_state), (101.0, "missing"))

    def test_the_approver_sees_what_he_approves(self):
        complaint = self._complain_to_settle(self._sell())
        self._solve(complaint, "goodwill", document_amount=300.0)
        self._solve(complaint, "replacement", quantity=2.0)
        request = self._ask(complaint)
        html = request.with_user(self.lead).snapshot_html
        for words in ("Gesture of goodwill", "300.00", "Replacement", "Pump"):
            self.assertIn(words, html)
