from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .test_dunning_dispute import ClaimCommon


@tagged("post_install", "-at_install")
class TestClaimsTour(ClaimCommon, HttpCase):
    """Disputes and promises in the browser, by a collector who reads French."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.collector.lang = "fr_BE"
        cls.business.write({"name": "Bakkerij Tour", "lang": "nl_BE"})
        today = fields.Date.today()
        cls.invoice = cls._invoice(amount=1000, due=today - timedelta(days=40), invoice_date=today - timedelta(days=70))
        cls.env["commercial.receivable"]._refresh_items(cls.company)
        cls.item = cls.env["commercial.receivable.item"].search([("move_id", "=", cls.invoice.id)])
        cls.reason.with_context(lang="fr_BE").name = "Tour reason"

    def test_dispute(self):
        self.start_tour("/odoo/open-items", "commercial_assistant_dispute", login="dunning_collector")
        dispute = self.Dispute.search([("company_id", "=", self.company.id)])
        self.assertRecordValues(
            dispute,
            [
                {
                    "amount": 400,
                    "accepted_amount": 250,
                    "state": "settled",
                    "outcome": "partly",
                    "answer": "One motor was missing indeed",
                    "description": "Two of four motors are missing",
                    "settled_by_id": self.collector.id,
                }
            ],
        )
        self.assertRecordValues(dispute.credit_move_ids, [{"amount_total": 250, "state": "draft"}])
        self.assertRecordValues(dispute.dispatch_ids, [{"lang": "nl_BE", "channel": "email"}])
        self.item.invalidate_recordset()
        self.assertEqual(self.item.disputed_amount, 250, "what is accepted stays out of the reminders")

    def test_promise(self):
        self.start_tour(
            f"/odoo/receivables/{self.item.receivable_id.id}", "commercial_assistant_promise", login="dunning_collector"
        )
        promise = self.Promise.search([("company_id", "=", self.company.id)])
        self.assertRecordValues(promise, [{"amount": 600, "state": "open", "create_uid": self.collector.id}])
        self.assertEqual(promise.promised_on - promise.made_on, timedelta(days=5))
        self.assertEqual(promise.dispatch_ids.lang, "nl_BE")
        self.item.invalidate_recordset()
        self.assertEqual(self.item.promised_amount, 600)

    def test_cards(self):
        self._dispute(self.invoice, amounts=[100])
        self.Promise._take_down(
            self.item.receivable_id, 100, self.company.currency_id, fields.Date.today() + timedelta(days=3)
        )
        for path in ("disputes", "promises"):
            self.start_tour(f"/odoo/{path}", "commercial_assistant_claim_cards", login="dunning_assistant")
