from freezegun import freeze_time

from odoo.tests import HttpCase, tagged

from .test_dunning_charge import ChargeCommon


@tagged("post_install", "-at_install")
class TestDunningChargeTour(ChargeCommon, HttpCase):
    """The ledger of charges in the browser, in Dutch and in French."""

    def _claim_for_tour(self, mode):
        self._book_in(mode)
        self.business.name = "Bakkerij Tour"
        with freeze_time("2026-04-20 09:00:00"):
            charges = self._claim()
            self._job()
        return charges

    def test_allocate(self):
        interest, fixed = self._claim_for_tour("entry")
        payment = self._pay_on_account(self.business, 500, "2026-04-25")
        self.collector.lang = "nl_BE"
        self.start_tour("/odoo/reminder-charges", "commercial_assistant_charges", login=self.collector.login)
        self.env.invalidate_all()
        self.assertEqual((interest.state, fixed.state), ("paid", "paid"))
        self.assertEqual(interest.move_id.amount_residual, 600)
        self.assertAlmostEqual(self._receivable_line(payment.move_id).amount_residual, -45.62, 2)

    def test_mark_paid(self):
        _interest, fixed = self._claim_for_tour("letter")
        self.collector.lang = "fr_BE"
        self.start_tour("/odoo/reminder-charges", "commercial_assistant_charge_paid", login=self.collector.login)
        self.env.invalidate_all()
        self.assertRecordValues(fixed, [{"state": "paid", "received_reference": "Cash receipt 7", "amount_paid": 40}])
