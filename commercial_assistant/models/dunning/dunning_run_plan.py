from odoo import models
from odoo.tools import SQL

from .dunning_run import to_decimal


class DunningRun(models.Model):
    _inherit = "commercial.dunning.run"

    def _fetch_credits(self, partner_ids, ignored_notice_ids=()):
        """Money that came in for a payment plan is not set off against other invoices."""
        credits = super()._fetch_credits(partner_ids, ignored_notice_ids)
        if not credits:
            return credits
        self.env["commercial.payment.plan"].flush_model()
        for partner_id, currency_id, amount in self.env.execute_query(
            SQL(
                """
                SELECT partner_id, currency_id, SUM(amount_on_account)
                  FROM commercial_payment_plan
                 WHERE company_id = %s
                   AND partner_id = ANY(%s)
                   AND state IN ('proposed', 'active')
                   AND amount_on_account > 0
              GROUP BY partner_id, currency_id
                """,
                self.company_id.id,
                list(credits),
            )
        ):
            if currency_id in credits.get(partner_id, {}):
                credits[partner_id][currency_id] -= to_decimal(amount)
        return credits
