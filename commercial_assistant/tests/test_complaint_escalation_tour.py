from odoo.tests import HttpCase, tagged

from .test_complaint_clock import ClockCommon


@tagged("post_install", "-at_install")
class TestComplaintEscalationTour(ClockCommon, HttpCase):
    def test_a_manager_answers(self):
        for lang in ("fr_BE", "nl_BE"):
            with self.subTest(lang=lang):
                self.lead.lang = lang
                complaint = self._complain(subject="Tour", user_id=self.assistant.id)
                escalation = complaint._ask_manager("May we take the whole batch back?")
                self.start_tour(
                    "/odoo/complaint-escalations", "commercial_assistant_escalation", login="complaint_lead"
                )
                self.assertRecordValues(
                    escalation,
                    [
                        {
                            "state": "answered",
                            "answer": "Yes, and call the supplier today",
                            "answered_uid": self.lead.id,
                        }
                    ],
                )
                self.assertEqual(complaint.contact_log_ids.said, "He accepts a new batch")
                self.assertFalse(complaint.is_escalated)
