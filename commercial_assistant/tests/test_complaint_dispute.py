from odoo.tests import tagged

from .common_complaint import ComplaintCommon


@tagged("post_install", "-at_install")
class TestComplaintDispute(ComplaintCommon):
    """What is complained about on an invoice is not reminded meanwhile."""

    def _get_held(self, invoice):
        """What of an invoice is held as disputed."""
        self.env["commercial.receivable"].sudo()._refresh_items(self.company, invoice.commercial_partner_id.ids)
        items = self.env["commercial.receivable.item"].search([("move_id", "=", invoice.id)])
        left = self.env["commercial.dispute"]._get_undisputed(items)
        return invoice.amount_residual - sum(left.values())

    def test_the_part_complained_about_is_held(self):
        order = self._sell(quantity=4.0)
        complaint = self._complain_to_settle(order, quantity=1.0)
        dispute = complaint.sudo().dispute_ids
        self.assertRecordValues(
            dispute,
            [{"state": "new", "amount": 100.0, "source": "complaint", "partner_id": self.customer.id}],
        )
        self.assertEqual(dispute.line_ids.move_id, order.invoice_ids)
        self.assertEqual(self._get_held(order.invoice_ids), 100.0)
        # again and again: nothing more
        complaint._open_disputes()
        complaint.claimed_amount = 0.0
        self.assertEqual(len(complaint.sudo().dispute_ids), 1)
        self.assertEqual(dispute.action_open_complaint()["res_id"], complaint.id)

    def test_less_is_held_where_the_customer_asks_for_less(self):
        order = self._sell(quantity=4.0)
        complaint = self._complain_to_settle(order, claimed_amount=30.0)
        self.assertEqual(complaint.sudo().dispute_ids.amount, 30.0)

    def test_without_an_invoice_or_when_it_is_paid_nothing_is_held(self):
        self.assertFalse(self._complain(order=self._sell()).sudo().dispute_ids)
        order = self._sell()
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=order.invoice_ids.ids
        ).create({})._create_payments()
        self.assertFalse(self._complain_to_settle(order).sudo().dispute_ids)

    def test_a_line_that_comes_later_is_held_too(self):
        order = self._sell()
        complaint = self._complain(order=order)
        complaint.line_ids.invoice_line_id = order.order_line.invoice_lines
        self.assertEqual(complaint.sudo().dispute_ids.amount, 400.0)

    def test_a_cancelled_complaint_lets_go(self):
        order = self._sell()
        complaint = self._complain_to_settle(order)
        complaint._cancel("withdrawn")
        self.assertEqual(complaint.sudo().dispute_ids.state, "withdrawn")
        self.assertEqual(self._get_held(order.invoice_ids), 0.0)
        complaint.action_restore()
        self.assertEqual(self._get_held(order.invoice_ids), 400.0)

    def _close(self, complaint):
        """The end, with whatever warning."""
        complaint._close()

    def test_a_credit_is_what_was_accepted(self):
        order = self._sell()
        complaint = self._complain_to_settle(order)
        cheaper = self._solve(complaint, "price_reduction", document_amount=40.0)
        self._accept(complaint)
        cheaper.action_execute()
        dispute = complaint.sudo().dispute_ids
        self.assertEqual(cheaper.sudo().move_ids.dispute_id, dispute)
        cheaper.sudo().move_ids.action_post()
        self._close(complaint)
        self.assertRecordValues(
            dispute,
            [{"state": "settled", "outcome": "partly", "accepted_amount": 40.0, "is_credit_done": True}],
        )
        self.assertEqual(self._get_held(order.invoice_ids), 0.0)

    def test_a_full_credit_upholds_it(self):
        complaint = self._complain_to_settle(self._sell())
        credit = self._solve(complaint, "credit_full")
        self._accept(complaint)
        credit.action_execute()
        credit.sudo().move_ids.action_post()
        self._close(complaint)
        self.assertEqual(complaint.sudo().dispute_ids.outcome, "upheld")

    def test_a_replacement_leaves_the_invoice_due(self):
        complaint = self._complain_to_settle(self._sell())
        self._solve(complaint, "replacement", quantity=1.0)
        self._accept(complaint)
        complaint.action_execute()
        self._receive(complaint.sudo().solution_ids.picking_ids)
        self._close(complaint)
        dispute = complaint.sudo().dispute_ids
        self.assertEqual(dispute.state, "withdrawn")
        self.assertIn("Replacement", dispute.answer)

    def test_an_unfounded_complaint_rejects_it(self):
        order = self._sell()
        complaint = self._complain_to_settle(order)
        complaint.sudo().write({"verdict": "unfounded", "verdict_reason": "Normal wear"})
        self._accept(complaint)
        self._close(complaint)
        self.assertRecordValues(complaint.sudo().dispute_ids, [{"state": "settled", "outcome": "rejected"}])
        # opened again: held again
        complaint.sudo().write({"state": "investigate"})
        complaint._moved("closed", "investigate")
        self.assertEqual(self._get_held(order.invoice_ids), 400.0)
        self.assertEqual(len(complaint.sudo().dispute_ids), 2)

    def test_a_confidential_complaint_says_nothing_to_collectors(self):
        order = self._sell()
        complaint = self._complain(order=order, lines=False).sudo()
        complaint.is_confidential = True
        complaint.write({"line_ids": [(0, 0, {"invoice_line_id": order.order_line.invoice_lines.id, "quantity": 1.0})]})
        dispute = complaint.dispute_ids
        self.assertTrue(dispute)
        self.assertNotIn(complaint.subject, dispute.description)
        self.assertFalse(dispute.with_user(self.lead).has_complaint)
        self.assertTrue(dispute.with_user(self.confidant).has_complaint)
