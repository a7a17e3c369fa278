from odoo import fields
from odoo.tests import HttpCase, tagged

from .common_complaint_learning import LearningCommon


@tagged("post_install", "-at_install")
class TestComplaintLearningTour(LearningCommon, HttpCase):
    """The month of the team lead in French, and a claim on a supplier by a Dutch speaking assistant."""

    def test_month_fr(self):
        self.team.with_context(lang="fr_BE").name = "Ploeg Tour"
        self.lead.lang = "fr_BE"
        today = fields.Date.today()
        for _number in range(3):
            self._complain(
                subject="Klacht Tour",
                received_on=f"{today} 08:00:00",
                cause_ids=[fields.Command.set(self.material.ids)],
                line_ids=[fields.Command.create({"product_id": self.pump.id})],
            )
        issue = self.env["commercial.recurring.issue"]._detect(self.company)
        self.start_tour("/odoo/complaint-dashboard", "commercial_assistant_complaint_month", login="complaint_lead")
        self.assertRecordValues(
            issue,
            [{"state": "closed", "conclusion": "The supplier changed the seal", "closed_uid": self.lead.id}],
        )
        self.assertFalse(issue.sudo().activity_ids)

    def test_claim_nl(self):
        self.assistant.lang = "nl_BE"
        self.company.complaint_hour_rate = 45.0
        complaint = self._investigated()
        self.start_tour(
            f"/odoo/complaints/{complaint.id}",
            "commercial_assistant_supplier_claim",
            login="complaint_assistant",
        )
        claim = complaint.claim_ids
        self.assertRecordValues(
            claim, [{"state": "sent", "partner_id": self.supplier.id, "explanation": "The seal of each pump leaks"}]
        )
        self.assertEqual(len(self._letters(claim)), 1)
        self.assertRecordValues(complaint, [{"state": "await_supplier", "hours": 1.5, "cost_hours": 67.5}])
