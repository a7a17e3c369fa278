import json

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common_desk import DeskCommon


@tagged("post_install", "-at_install")
class TestDeskTour(DeskCommon, HttpCase):
    """The desk in the browser, and what can be called from outside."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.write({"name": "Bakkerij Tour", "company_registry": "0477472701", "vat": "BE0477472701"})
        cls.request = cls.customer.with_user(cls.assistant)._request_approval("other", "They pay on Monday", 25.0)

    def test_approve(self):
        self.start_tour("/odoo/commercial-approvals", "commercial_assistant_approval", login="desk_lead")
        self.assertRecordValues(self.request, [{"state": "approved"}])
        self.assertEqual(self.request.decision_ids.user_id, self.lead)

    def test_refuse_on_the_card(self):
        self.start_tour("/odoo/commercial-approvals", "commercial_assistant_approval_kanban", login="desk_lead")
        self.assertRecordValues(self.request, [{"state": "refused", "state_reason": "They never paid on a Monday"}])

    def test_hand_over(self):
        self.start_tour(f"/odoo/contacts/{self.customer.id}", "commercial_assistant_checklist", login="desk_assistant")
        checklist = self.customer.checklist_ids
        self.assertEqual(checklist.successor_id, self.colleague)
        self.assertEqual(
            checklist.point_ids.mapped("state")[:4], ["done", "done", "open", "done"], "as clicked in the browser"
        )
        self.assertEqual(checklist.point_ids[3].note, "Free delivery on Fridays")

    def test_findings(self):
        self.customer.write({"email": "jan@tour,example", "zip": False})
        self.start_tour(f"/odoo/contacts/{self.customer.id}", "commercial_assistant_findings", login="desk_assistant")
        self.assertEqual(self.customer.email, "jan@tour.example")
        results = self.customer.check_result_ids
        self.assertEqual(set(results.mapped("state")), {"solved", "overridden"})
        accepted = results.filtered(lambda result: result.state == "overridden")
        self.assertEqual(accepted.override_reason, "They collect everything themselves")
        self.assertEqual(accepted.override_uid, self.assistant)

    # --- FROM OUTSIDE ---

    def _call(self, model, method, *args, **kwargs):
        response = self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            data=json.dumps(
                {
                    "jsonrpc": "2.0",
                    "method": "call",
                    "params": {"model": model, "method": method, "args": list(args), "kwargs": kwargs},
                }
            ),
            headers={"Content-Type": "application/json"},
        )
        return response.json()

    @mute_logger("odoo.http")
    def test_private_methods_are_not_called_from_outside(self):
        self.authenticate("desk_assistant", "desk_assistant")
        for model, method, args in (
            ("commercial.approval.request", "_decide", [self.request.ids, "approved"]),
            ("commercial.approval.request", "_close", [self.request.ids, "approved", "x"]),
            ("res.partner", "_request_approval", [self.customer.ids, "other", "x"]),
            ("res.partner", "_approval_approved", [self.customer.ids, self.request.ids]),
            ("commercial.check.result", "_mark_overridden", [[1], 1, "x"]),
            ("commercial.checklist", "_complete", [[1]]),
            ("commercial.checklist.point", "_close", [[1], "done"]),
        ):
            answer = self._call(model, method, *args)
            self.assertIn("error", answer, method)
            self.assertIn("private", json.dumps(answer["error"]).lower(), method)

    @mute_logger("odoo.http")
    def test_an_assistant_does_not_decide_from_outside(self):
        self.authenticate("desk_assistant", "desk_assistant")
        answer = self._call("commercial.approval.request", "action_approve", self.request.ids)
        self.assertIn("AccessError", answer["error"]["data"]["name"])
        wizard = self._call(
            "commercial.approval.decide", "create", [{"request_id": self.request.id, "decision": "approved"}]
        )
        answer = self._call("commercial.approval.decide", "action_confirm", wizard["result"])
        self.assertIn("AccessError", answer["error"]["data"]["name"])
        answer = self._call("commercial.approval.request", "write", self.request.ids, {"state": "approved"})
        self.assertIn("AccessError", answer["error"]["data"]["name"])
        self.request.invalidate_recordset()
        self.assertEqual(self.request.state, "pending")
