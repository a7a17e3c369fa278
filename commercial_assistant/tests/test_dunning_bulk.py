from datetime import date
from decimal import Decimal

from odoo import Command
from odoo.tests import tagged

from odoo.addons.commercial_assistant.models.dunning.bulk import insert_rows

from .common_dunning import DunningCommon


@tagged("post_install", "-at_install")
class TestDunningBulk(DunningCommon):
    """Rows written at once are the rows the ORM would have written."""

    def test_values_and_order(self):
        self._invoice()
        self.env["commercial.receivable"]._refresh_items(self.company)
        item = self.env["commercial.receivable.item"].search([("partner_id", "=", self.business.id)], limit=1)
        Notice = self.env["commercial.dunning.notice"].sudo()
        run = self._run(propose=False)
        common = {
            "company_id": self.company.id,
            "run_id": run.id,
            "receivable_id": item.receivable_id.id,
            "partner_id": self.business.id,
            "contact_id": self.business.id,
            "currency_id": item.currency_id.id,
            "policy_id": self.business_policy.id,
            "level_id": self.business_policy.level_ids[0].id,
            "lang": False,
            "is_dry": False,
            "needs_approval": True,
            "date": date(2026, 3, 20),
            "channel": "email",
            "state": "proposed",
            "approved_on": False,
        }
        vals_list = [
            {**common, "name": f"N{number}", "scope_key": str(number), "amount_total": Decimal("0.1") * number}
            for number in range(5)
        ]
        notices = insert_rows(Notice, vals_list)
        self.assertRecordValues(
            notices,
            [
                {
                    **{key: value for key, value in common.items() if key != "date"},
                    "name": f"N{number}",
                    "amount_total": round(0.1 * number, 2),
                    "regime": "be_business",
                    "create_uid": self.env.uid,
                }
                for number in range(5)
            ],
        )
        self.assertEqual(notices.ids, sorted(notices.ids))
        self.assertEqual(notices[0].create_date, self.env.cr.now())

    def test_no_links(self):
        with self.assertRaises(ValueError):
            insert_rows(self.env["commercial.dunning.notice"], [{"charge_ids": [Command.clear()]}])
        self.assertFalse(insert_rows(self.env["commercial.dunning.notice"], []))
