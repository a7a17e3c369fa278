from odoo import api, fields, models
from odoo.tools import SQL, date_utils

from ..common.legal_parameter import CUSTOMER_KINDS
from .dunning_policy_level import LETTER_CHANNELS, LEVEL_KINDS

RECOVERY_DAYS = 14
# letters come back and payments are booked some days later; older figures stay
RECOUNT_DAYS = 45


class DunningKpi(models.Model):
    """What the letters of a day brought: how many arrived, and what was paid within 14 days.

    A row counts the letters that arrived (or failed) on its day, so that rows of any time can be added up. Only
    payments on the invoices of the letter count, at most what the letter claimed of each; credit notes do not. A row
    is final when its 14 days have passed.
    """

    _name = "commercial.dunning.kpi"
    _inherit = ["commercial.currency.apart"]
    _description = "Success of Reminder Letters"
    _order = "date desc, level_kind, channel"
    _rec_name = "date"
    _check_company_auto = True

    company_id = fields.Many2one(comodel_name="res.company", required=True, readonly=True, index=True)
    date = fields.Date(required=True, readonly=True, index=True)
    currency_id = fields.Many2one(comodel_name="res.currency", required=True, readonly=True)
    customer_kind = fields.Selection(selection=CUSTOMER_KINDS, readonly=True)
    level_kind = fields.Selection(selection=LEVEL_KINDS, string="Level", readonly=True)
    channel = fields.Selection(selection=LETTER_CHANNELS, readonly=True)
    letter_count = fields.Integer(string="Letters", readonly=True)
    delivered_count = fields.Integer(string="Arrived", readonly=True)
    failed_count = fields.Integer(string="Failed", readonly=True)
    failure_rate = fields.Float(string="Failed (%)", digits=(5, 1), readonly=True, aggregator="avg")
    amount_claimed = fields.Monetary(string="Invoices claimed", readonly=True)
    amount_recovered = fields.Monetary(string="Paid within 14 days", readonly=True)
    recovered_share = fields.Float(string="Paid within 14 days (%)", digits=(5, 1), readonly=True, aggregator="avg")
    recovered_count = fields.Integer(string="Letters paid in full within 14 days", readonly=True)
    is_final = fields.Boolean(string="14 days over", readonly=True)

    # --- GROUPING ---

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """A share of several rows is the share of their sums."""
        ratios = {
            "failure_rate:avg": ("failed_count", "letter_count"),
            "recovered_share:avg": ("amount_recovered", "amount_claimed"),
        }
        if aggregate_spec in ratios:
            part, whole = (self._field_to_sql(self._table, name, query) for name in ratios[aggregate_spec])
            share = SQL("100.0 * SUM(%s) / NULLIF(SUM(%s), 0)", part, whole)
            is_count = aggregate_spec == "failure_rate:avg"
            return share if is_count else self._within_one_currency(share, "currency_id", query)
        return super()._read_group_select(aggregate_spec, query)

    # --- COMPUTING ---

    @api.model
    def _write_letters(self, company, today):
        """Count the letters of the last weeks anew; the first time those of all days."""
        for name in (
            "commercial.dunning.notice",
            "commercial.dunning.notice.line",
            "commercial.receivable.item",
            "account.partial.reconcile",
            "account.move.line",
            "account.move",
        ):
            self.env[name].flush_model()
        since = None
        if self.search_count([("company_id", "=", company.id)], limit=1):
            since = date_utils.subtract(today, days=RECOUNT_DAYS)
        scope = SQL("AND date >= %s", since) if since else SQL()
        self.env.cr.execute(SQL("DELETE FROM commercial_dunning_kpi WHERE company_id = %s %s", company.id, scope))
        self.env.cr.execute(
            SQL(
                """
                WITH letter AS (
                    SELECT notice.id, notice.currency_id, partner.customer_kind, notice.level_kind, notice.channel,
                           notice.state = 'delivered' AS arrived,
                           COALESCE(notice.delivered_on, notice.date) AS date,
                           notice.amount_principal
                      FROM commercial_dunning_notice notice
                      JOIN res_partner partner ON partner.id = notice.partner_id
                     WHERE notice.company_id = %(company)s
                       AND notice.is_dry IS NOT TRUE
                       AND (notice.state = 'delivered' OR notice.state = 'failed' AND notice.attachment_id IS NOT NULL)
                ), paid AS (
                    SELECT letter.id, SUM(LEAST(line.amount_residual, COALESCE(money.amount, 0))) AS amount
                      FROM letter
                      JOIN commercial_dunning_notice_line line ON line.notice_id = letter.id AND line.included
                      JOIN commercial_receivable_item item ON item.id = line.item_id
                CROSS JOIN LATERAL (
                           SELECT SUM(partial.debit_amount_currency) AS amount
                             FROM account_partial_reconcile partial
                             JOIN account_move_line counterpart ON counterpart.id = partial.credit_move_id
                             JOIN account_move move ON move.id = counterpart.move_id
                            WHERE partial.debit_move_id = item.move_line_id
                              AND partial.max_date > letter.date
                              AND partial.max_date <= letter.date + %(days)s
                              AND partial.max_date <= %(today)s
                              AND move.move_type <> 'out_refund'
                           ) money
                     WHERE letter.arrived
                  GROUP BY letter.id
                )
                INSERT INTO commercial_dunning_kpi
                            (company_id, date, currency_id, customer_kind, level_kind, channel, letter_count,
                             delivered_count, failed_count, failure_rate, amount_claimed, amount_recovered,
                             recovered_share, recovered_count, is_final,
                             create_uid, create_date, write_uid, write_date)
                SELECT %(company)s, letter.date, letter.currency_id, letter.customer_kind, letter.level_kind,
                       letter.channel, count(*), count(*) FILTER (WHERE letter.arrived),
                       count(*) FILTER (WHERE NOT letter.arrived),
                       100.0 * count(*) FILTER (WHERE NOT letter.arrived) / count(*),
                       COALESCE(SUM(letter.amount_principal) FILTER (WHERE letter.arrived), 0),
                       COALESCE(SUM(paid.amount), 0),
                       100.0 * COALESCE(SUM(paid.amount), 0)
                           / NULLIF(SUM(letter.amount_principal) FILTER (WHERE letter.arrived), 0),
                       count(*) FILTER (WHERE letter.arrived AND paid.amount >= letter.amount_principal),
                       letter.date + %(days)s < %(today)s,
                       %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
                  FROM letter
             LEFT JOIN paid ON paid.id = letter.id
                 WHERE letter.date <= %(today)s %(scope)s
              GROUP BY letter.date, letter.currency_id, letter.customer_kind, letter.level_kind, letter.channel
                """,
                company=company.id,
                days=RECOVERY_DAYS,
                today=today,
                scope=SQL("AND letter.date >= %s", since) if since else SQL(),
                uid=self.env.uid,
            )
        )
        self.invalidate_model()
