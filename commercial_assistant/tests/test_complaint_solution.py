from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.commercial_assistant.models.complaint.complaint_solution_execute import ComplaintSolution

from .common_complaint import ComplaintCommon


@tagged("post_install", "-at_install")
class TestComplaintSolution(ComplaintCommon):
    """What a solution offers and asks for, before anything is carried out."""

    def test_amounts_come_from_the_invoice_after_discount(self):
        order = self._sell(quantity=4.0, invoice=False)
        order.order_line.discount = 25.0
        order._create_invoices().action_post()
        self.pump.list_price = 999.0
        complaint = self._complain_to_settle(order)
        credit = self._solve(complaint, "credit_partial", quantity=2.0)
        self.assertEqual((credit.amount, credit.document_amount), (150.0, 150.0))
        replacement = self._solve(complaint, "replacement", quantity=1.0)
        self.assertEqual(replacement.amount, 75.0)
        self.assertEqual(self._solve(complaint, "return").amount, 0.0)
        credit.quantity = 3.0
        self.assertEqual(credit.amount, 225.0)

    def test_an_order_that_is_not_charged_yet_gives_its_own_price(self):
        order = self._sell(quantity=4.0, invoice=False)
        order.order_line.discount = 10.0
        complaint = self._complain_to_settle(order)
        self.assertEqual(self._solve(complaint, "credit_full").amount, 360.0)

    def test_solutions_share_the_quantity_of_the_line(self):
        complaint = self._complain_to_settle(self._sell(quantity=4.0), quantity=3.0)
        self._solve(complaint, "replacement", quantity=2.0)
        with self.assertRaisesRegex(ValidationError, "4 planned"), self.env.cr.savepoint():
            self._solve(complaint, "credit_partial", quantity=2.0)
        self._solve(complaint, "credit_partial", quantity=1.0)
        # the pieces the customer keeps can become cheaper, those paid back cannot
        with self.assertRaisesRegex(ValidationError, "4 planned"), self.env.cr.savepoint():
            self._solve(complaint, "price_reduction", quantity=3.0, document_amount=30.0)
        self._solve(complaint, "price_reduction", quantity=2.0, document_amount=30.0)
        self._solve(complaint, "return", quantity=3.0)
        with self.assertRaisesRegex(ValidationError, "planned"), self.env.cr.savepoint():
            self._solve(complaint, "return", quantity=1.0)

    def test_a_price_is_not_lowered_below_nothing(self):
        complaint = self._complain_to_settle(self._sell(quantity=4.0))
        with self.assertRaisesRegex(ValidationError, "lowered by more than"), self.env.cr.savepoint():
            self._solve(complaint, "price_reduction", quantity=1.0, document_amount=100.01)
        self._solve(complaint, "price_reduction", quantity=1.0, document_amount=100.0)

    def test_what_is_needed_is_asked_for(self):
        complaint = self._complain_to_settle(self._sell())
        with self.assertRaisesRegex(ValidationError, "choose the line"), self.env.cr.savepoint():
            self._solve(complaint, "replacement", line_id=False)
        with self.assertRaisesRegex(ValidationError, "never changes the order"), self.env.cr.savepoint():
            self._solve(complaint, "replacement", touches_order=True)
        with self.assertRaisesRegex(ValidationError, "credit of a part"), self.env.cr.savepoint():
            self._solve(complaint, "credit_full", quantity=1.0)
        other = self._complain_to_settle(self._sell())
        with self.assertRaisesRegex(ValidationError, "another complaint"), self.env.cr.savepoint():
            self._solve(complaint, "return", line_id=other.line_ids.id)
        missing = complaint._get_missing_for_await_customer()
        self.assertIn("a solution, or the tick “explanation only”", missing)
        self._solve(complaint, "information")
        self.assertFalse(complaint._get_missing_for_await_customer())
        self._solve(complaint, "goodwill")
        self.assertRegex(complaint._get_missing_for_await_customer()[0], "the amount of")

    def test_each_solution_says_whether_it_changes_the_order(self):
        self.pump.invoice_policy = "delivery"
        complaint = self._complain_to_settle(self._sell())
        replacement = self._solve(complaint, "replacement", quantity=1.0)
        back = self._solve(complaint, "return", quantity=3.0)
        self.assertEqual((back.touches_order, replacement.touches_order), (False, False))
        self.assertEqual(replacement.return_need, "before")
        credit = self._solve(complaint, "credit_partial", quantity=2.0)
        self.assertEqual((back.touches_order, credit.touches_order), (True, True))
        # without the goods the credit must not touch the order, or it would be invoiced again
        back.unlink()
        self.assertEqual((credit.touches_order, credit.return_need), (False, "never"))

    def test_a_credit_of_what_is_charged_as_ordered_leaves_the_order_alone(self):
        self.pump.invoice_policy = "order"
        complaint = self._complain_to_settle(self._sell())
        self._solve(complaint, "return", quantity=2.0)
        credit = self._solve(complaint, "credit_partial", quantity=2.0)
        self.assertFalse(credit.touches_order)

    def test_states_are_written_by_the_buttons_only(self):
        complaint = self._complain_to_settle(self._sell())
        solution = self._solve(complaint, "replacement", quantity=1.0)
        for values in ({"state": "done"}, {"res_model": "res.users"}, {"res_id": 1}, {"quantity_done": 5.0}):
            with self.subTest(values=values), self.assertRaises(AccessError):
                solution.write(values)
        with self.assertRaises(AccessError):
            self._solve(complaint, "information", state="accepted")
        with self.assertRaisesRegex(UserError, "cannot become"), self.env.cr.savepoint():
            solution._set_state("done")
        with self.assertRaisesRegex(UserError, "only what the customer accepted"), self.env.cr.savepoint():
            solution.action_execute()
        self._accept(complaint)
        with self.assertRaisesRegex(UserError, "was offered to the customer already"), self.env.cr.savepoint():
            solution.quantity = 2.0
        with self.assertRaisesRegex(UserError, "Say why"), self.env.cr.savepoint():
            solution._cancel(" ")
        solution._cancel("Not needed any more")
        self.assertEqual((solution.state, solution.cancel_reason), ("cancelled", "Not needed any more"))

    def test_a_collector_and_a_stranger_settle_nothing(self):
        complaint = self._complain_to_settle(self._sell())
        solution = self._solve(complaint, "goodwill", document_amount=10.0)
        self._accept(complaint)
        collector = self._create_desk_user("complaint_collector", "commercial_assistant.group_collector")
        with self.assertRaises(AccessError):
            solution.with_user(collector).action_execute()
        company = self.env["res.company"].create({"name": "Other"})
        stranger = self._create_desk_user(
            "solution_stranger",
            "commercial_assistant.group_team_lead",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        with self.assertRaises(AccessError):
            solution.with_user(stranger).action_execute()
        self.assertEqual((solution.state, solution.document_names), ("accepted", ""))

    def test_a_confidential_case_hides_its_solutions_and_their_documents(self):
        complaint = self._complain_to_settle(self._sell())
        solution = self._solve(complaint, "goodwill", document_amount=10.0)
        self._accept(complaint)
        solution.action_execute()
        credit_note = solution.sudo().move_ids
        self.assertTrue(credit_note.with_user(self.lead).has_complaint)
        complaint.sudo().is_confidential = True
        self.assertFalse(
            self.env["commercial.complaint.solution"].with_user(self.lead).search([("id", "=", solution.id)])
        )
        credit_note.invalidate_recordset()
        self.assertFalse(credit_note.with_user(self.lead).has_complaint)
        self.assertTrue(credit_note.with_user(self.confidant).has_complaint)
        # the subject stands nowhere where others read
        self.assertNotIn(complaint.sudo().subject, credit_note.ref + (credit_note.invoice_origin or ""))
        self.assertEqual(complaint.with_user(self.lead).sudo().display_name, complaint.sudo().name)

    def test_without_an_accepted_end_the_complaint_stays_open(self):
        complaint = self._complain_to_settle(self._sell())
        solution = self._solve(complaint, "supplier", document_amount=50.0)
        self._accept(complaint)
        self.assertRegex(complaint._get_missing_for_closed()[0], "Settlement by the supplier")
        solution.action_execute()
        self.assertEqual(solution.state, "in_progress")
        self.assertTrue(complaint.activity_ids)
        self.assertTrue(complaint._get_missing_for_closed())
        solution.action_done_by_hand()
        self.assertEqual(solution.state, "done")
        self.assertFalse(complaint.activity_ids)
        self.assertFalse(complaint._get_missing_for_closed())
        solution.action_done_by_hand()

    def test_without_repair_orders_a_repair_is_a_task(self):
        complaint = self._complain_to_settle(self._sell())
        repair = self._solve(complaint, "repair", quantity=1.0)
        self._accept(complaint)
        # what this addon does by itself, whatever else is installed
        ComplaintSolution._execute_repair(repair)
        self.assertEqual((repair.state, repair.document_names), ("in_progress", ""))
        self.assertTrue(complaint.activity_ids)
        repair.action_done_by_hand()
        self.assertEqual(repair.state, "done")
        self.assertFalse(complaint.activity_ids)

    def test_many_solutions_cost_no_more_queries(self):
        complaint = self._complain_to_settle(self._sell(quantity=40.0), quantity=40.0)
        view = [
            "kind",
            "document_amount",
            "touches_order",
            "return_need",
            "document_names",
            "can_execute",
            "quantity_to_place",
            "display_name",
        ]

        def count(number):
            for _index in range(number):
                self._solve(complaint, "goodwill", document_amount=1.0)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            complaint.solution_ids.read(view)
            complaint.read(["authority_state", "execute_count", "transfer_count", "credit_note_count"])
            return self.env.cr.sql_log_count - before

        count(2)
        few = count(0)
        many = count(18)
        self.assertLessEqual(many, few + 1)
