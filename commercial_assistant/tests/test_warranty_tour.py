from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common_warranty import WarrantyCommon


@tagged("post_install", "-at_install")
class TestWarrantyTour(WarrantyCommon, HttpCase):
    """The screens of the warranty, by an assistant who reads Dutch and a team lead who reads French."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for code in ("nl_BE", "fr_BE"):
            cls.env["res.lang"]._activate_lang(code)
        cls.assistant.lang = "nl_BE"
        cls.lead.lang = "fr_BE"
        cls.consumer.lang = "fr_BE"
        cls.lot = cls._create_lot("TOUR-4711")
        cls.day = fields.Date.today() - timedelta(days=100)
        cls._sell(cls.consumer, [(cls.pump, 1, [cls.lot])], cls.day)

    def test_search(self):
        self.start_tour("/odoo/warranty-search", "commercial_assistant_warranty_search", login="desk_assistant")
        check = self.env["commercial.warranty.check"].search([("serial_number", "=", "TOUR-4711")])
        self.assertRecordValues(
            check,
            [{"verdict": "covered_legal", "create_uid": self.assistant.id, "reported_on": fields.Date.today()}],
        )
        self.assertIn("wettelijke garantie", check.reason, "the assistant reads Dutch")
        self.assertRecordValues(check.dispatch_ids, [{"lang": "fr_BE", "channel": "email", "state": "reserved"}])
        self.assertIn("garantie légale", check.dispatch_ids.body, "the customer reads French")

    def test_adjust(self):
        self.start_tour("/odoo/warranties", "commercial_assistant_warranty_adjust", login="desk_lead")
        row = self._rows(lot_id=self.lot)
        self.assertRecordValues(row.extension_ids, [{"kind": "suspension", "reason": "In the workshop"}])
        self.assertEqual(row.state, "suspended")

    def test_cards(self):
        self._ask(lot=self.lot, reported_on=self.day)
        for path in ("warranties", "warranty-verdicts"):
            self.start_tour(f"/odoo/{path}", "commercial_assistant_warranty_cards", login="desk_assistant")
