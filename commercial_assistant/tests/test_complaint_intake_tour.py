from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .common_complaint import ComplaintCommon


@tagged("post_install", "-at_install")
class TestComplaintIntakeTour(ComplaintCommon, HttpCase):
    """Taking a complaint down in the browser: at the desk and in the portal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._sell(quantity=2.0)
        cls.order.client_order_ref = "TOUR-4711"
        cls.env.ref("commercial_assistant.complaint_category_goods_defect").with_context(lang="nl_BE").name = "Gebrek"

    def _get_complaint(self):
        return self.env["commercial.complaint"].search([("commercial_partner_id", "=", self.customer.id)])

    def test_by_phone(self):
        self.assistant.lang = "nl_BE"
        self.start_tour("/odoo/complaints", "commercial_assistant_complaint_intake", login="complaint_assistant")
        complaint = self._get_complaint()
        self.assertRecordValues(
            complaint,
            [
                {
                    "subject": "Pomp lekt",
                    "channel": "phone",
                    "acknowledged_how": "phone",
                    "user_id": self.assistant.id,
                    "sale_order_ids": self.order.ids,
                }
            ],
        )
        self.assertEqual(complaint.line_ids.quantity, 1.0)

    def _complain_in_portal(self, lang):
        contact = self.env["res.partner"].create(
            {"name": "An Boekhoudster", "parent_id": self.customer.id, "email": "an@x.example", "lang": lang}
        )
        user = new_test_user(
            self.env,
            login="complaint_portal",
            groups="base.group_portal",
            partner_id=contact.id,
            lang=lang,
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.start_tour(
            f"/my/orders/{self.order.id}", "commercial_assistant_complaint_portal", login="complaint_portal"
        )
        complaint = self._get_complaint()
        self.assertRecordValues(
            complaint, [{"subject": "Pomp lekt", "channel": "portal", "partner_id": user.partner_id.id, "lang": lang}]
        )
        self.assertEqual(complaint.line_ids.quantity, 1.0)
        self.assertIn("langs de kant", "".join(complaint.message_ids.mapped("body")))
        self.assertEqual(complaint.sudo().acknowledgment_id.lang, lang)

    def test_in_the_portal_in_dutch(self):
        self._complain_in_portal("nl_BE")

    def test_in_the_portal_in_french(self):
        self._complain_in_portal("fr_BE")
