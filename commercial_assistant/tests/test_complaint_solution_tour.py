from odoo.tests import HttpCase, tagged

from .common_complaint import ComplaintCommon


@tagged("post_install", "-at_install")
class TestComplaintSolutionTour(ComplaintCommon, HttpCase):
    """From the verdict to the credit in the browser, by an assistant who reads Dutch and may touch no document."""

    def test_from_the_verdict_to_the_credit(self):
        self.assistant.lang = "nl_BE"
        self.pump.write({"name": "Tourpomp", "invoice_policy": "delivery"})
        order = self._sell(quantity=2.0)
        complaint = self._complain_to_investigate(order)
        url = f"/odoo/complaints/{complaint.id}"
        self.start_tour(url, "commercial_assistant_solution_plan", login="complaint_assistant")
        credit, back = complaint.solution_ids.sorted("kind")
        self.assertRecordValues(
            back | credit,
            [
                {"kind": "return", "quantity": 2.0, "document_amount": 0.0, "touches_order": True},
                {"kind": "credit_full", "quantity": 2.0, "document_amount": 200.0, "touches_order": True},
            ],
        )
        self.assertEqual((complaint.state, complaint.verdict_uid), ("propose", self.assistant))
        self._accept(complaint)
        self.start_tour(url, "commercial_assistant_solution_execute", login="complaint_assistant")
        self.assertEqual((back.state, credit.state), ("in_progress", "accepted"))
        self._receive(back.sudo().picking_ids)
        self.start_tour(url, "commercial_assistant_solution_settle", login="complaint_assistant")
        self.assertEqual((back.state, credit.state), ("done", "in_progress"))
        self.assertRecordValues(back.placement_ids, [{"destination": "stock", "quantity": 2.0}])
        self.assertRecordValues(credit.sudo().move_ids, [{"amount_untaxed": 200.0, "state": "draft"}])
        credit.sudo().move_ids.action_post()
        self.assertEqual(credit.state, "done")
        self.assertRecordValues(order.order_line, [{"qty_delivered": 0.0, "qty_invoiced": 0.0, "qty_to_invoice": 0.0}])

    def _complain_to_investigate(self, order):
        """A complaint whose procedure is done, so that only the verdict is open."""
        complaint = self._complain(order=order)
        complaint.line_ids.invoice_line_id = order.order_line.invoice_lines
        self._bring_to(complaint, "investigate")
        complaint.cause_ids = self.cause
        for point in complaint.checklist_ids.point_ids.filtered("critical"):
            point.sudo()._close("done", note="seen", attachments=self._photo())
        return complaint
