from odoo import Command
from odoo.tests import HttpCase, tagged

from .common_dunning import DunningCommon


@tagged("post_install", "-at_install")
class TestDunningTour(DunningCommon, HttpCase):
    """Reminders in the browser, in Dutch and in French."""

    def setUp(self):
        super().setUp()
        self._fake_letters()
        self.business.name = "Bakkerij Tour"
        self.consumer.name = "Jan Tour"
        # whatever else this database knows stays out of the way
        self.env["commercial.dunning.policy"].search([]).level_ids.approval = "manual"

    def _tour(self, lang):
        invoices = self._invoice(due="2026-03-01") + self._invoice(self.consumer, 250, due="2026-03-01")
        self.env["commercial.receivable"].sudo()._refresh_items(self.company)
        self.collector.lang = lang
        self.start_tour("/odoo/receivables", "commercial_assistant_dunning_run", login="dunning_collector")
        run = self.env["commercial.dunning.run"].search([("partner_ids", "=", self.business.id)])
        self.assertEqual(run.state, "done")
        self.assertEqual(run.notice_ids.partner_id, self.business + self.consumer)
        self.assertRecordValues(run.notice_ids, [{"state": "delivered", "approved_by_id": self.collector.id}] * 2)
        self.assertEqual([self._item(invoice).level_id.kind for invoice in invoices], ["reminder"] * 2)
        self.assertEqual(len(self.sent), 2)

    def test_run_in_dutch(self):
        self._tour("nl_BE")

    def test_run_in_french(self):
        self._tour("fr_BE")

    def test_opening_balances(self):
        moves = self.env["account.move"]
        for partner, name in ((self.business, "OPENING 1"), (self.consumer, "OPENING 2")):
            moves += self.env["account.move"].create(
                {
                    "move_type": "entry",
                    "date": "2026-01-01",
                    "line_ids": [
                        Command.create(
                            {
                                "account_id": self.company_data["default_account_receivable"].id,
                                "partner_id": partner.id,
                                "debit": 70,
                                "name": name,
                            }
                        ),
                        Command.create({"account_id": self.company_data["default_account_revenue"].id, "credit": 70}),
                    ],
                }
            )
        moves.action_post()
        self.collector.lang = "nl_BE"
        self.start_tour("/odoo/receivables", "commercial_assistant_opening_balances", login="dunning_collector")
        checks = self.env["commercial.receivable.check"].search([("company_id", "=", self.company.id)], order="label")
        self.assertRecordValues(
            checks,
            [
                {"label": "OPENING 1", "state": "followed", "decided_by_id": self.collector.id},
                {"label": "OPENING 2", "state": "left_out", "decided_by_id": self.collector.id},
            ],
        )
        self.assertEqual([self._item(move).move_line_id.name for move in moves], ["OPENING 1", False])
