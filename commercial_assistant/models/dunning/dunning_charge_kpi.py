from odoo import api, models
from odoo.tools import SQL

from .receivable_kpi import WINDOW_DAYS


class DunningCharge(models.Model):
    _inherit = "commercial.dunning.charge"

    @api.model
    def _fetch_receivable_kpi(self, company, day):
        """Charges whose letter arrived in the last quarter, and what became of them so far."""
        self.flush_model()
        self.env["commercial.dunning.notice"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT charge.currency_id, COALESCE(partner.customer_kind, 'business'),
                       SUM(charge.amount),
                       COALESCE(SUM(charge.amount_paid) FILTER (WHERE charge.paid_on <= %(day)s), 0),
                       COALESCE(SUM(charge.amount_waived) FILTER (
                           WHERE COALESCE(charge.waived_on, %(day)s) <= %(day)s), 0)
                  FROM commercial_dunning_charge charge
                  JOIN commercial_dunning_notice notice ON notice.id = charge.notice_id
                  JOIN res_partner partner ON partner.id = charge.partner_id
                 WHERE charge.company_id = %(company)s
                   AND charge.state IN ('claimed', 'paid', 'waived')
                   AND COALESCE(charge.claimed_on, notice.delivered_on) > %(day)s - %(window)s
                   AND COALESCE(charge.claimed_on, notice.delivered_on) <= %(day)s
              GROUP BY 1, 2
                """,
                day=day,
                company=company.id,
                window=WINDOW_DAYS,
            )
        )
        return {
            (currency_id, kind): {"charge_claimed": claimed, "charge_paid": paid, "charge_waived": waived}
            for currency_id, kind, claimed, paid, waived in rows
        }
