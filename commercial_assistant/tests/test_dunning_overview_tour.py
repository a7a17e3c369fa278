from unittest.mock import patch

from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.commercial_assistant.models.common.dispatch import CommercialDispatch

from .test_dunning_statement import StatementCommon


@tagged("post_install", "-at_install")
class TestOverviewTour(StatementCommon, HttpCase):
    """Worklist, statements and figures in the browser, by a Dutch and a French speaking collector."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.business.write({"name": "Bakkerij Tour", "phone": "+32 9 123 45 67"})
        today = fields.Date.today()
        cls._invoice(
            amount=1000,
            invoice_date=fields.Date.subtract(today, days=60),
            due=fields.Date.subtract(today, days=30),
        )
        Receivable = cls.env["commercial.receivable"]
        Receivable._refresh_items(cls.company)
        Receivable._refresh_work(cls.company)
        cls.env["commercial.receivable.kpi"]._write_day(cls.company, today)
        cls.account = Receivable._ensure_accounts(cls.company, cls.business)

    def _tour(self, path, name, lang):
        self.collector.lang = lang
        self.start_tour(path, name, login="dunning_collector")

    def _check_worklist(self, lang):
        self._tour("/odoo/collection-worklist", "commercial_assistant_worklist", lang)
        call = self.account.call_ids
        self.assertRecordValues(
            call, [{"result": "no_answer", "note": "Voice mail is full", "user_id": self.collector.id}]
        )
        self.assertGreater(call.call_again_on, fields.Date.today())

    def _check_statement(self, lang):
        # no mail server stands behind the test
        with patch.object(CommercialDispatch, "_hand_over", lambda dispatch: ("sent", False)):
            self._tour("/odoo/receivables", "commercial_assistant_statement", lang)
        self.assertRecordValues(self.account.statement_ids, [{"kind": "activity", "state": "sent", "lang": "nl_BE"}])

    def _check_aged(self, lang):
        self._tour("/odoo/receivables", "commercial_assistant_aged", lang)
        lines = self.env["commercial.aged.receivable.line"].sudo().search([("create_uid", "=", self.collector.id)])
        self.assertEqual(lines.filtered(lambda line: line.partner_id == self.business).amount_total, 1000)

    def test_worklist_nl(self):
        self._check_worklist("nl_BE")

    def test_worklist_fr(self):
        self._check_worklist("fr_BE")

    def test_statement_nl(self):
        self._check_statement("nl_BE")

    def test_statement_fr(self):
        self._check_statement("fr_BE")

    def test_aged_nl(self):
        self._check_aged("nl_BE")

    def test_aged_fr(self):
        self._check_aged("fr_BE")
