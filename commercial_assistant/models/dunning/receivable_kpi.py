from collections import defaultdict
from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import SQL, date_utils, format_date

from ...tools import receivable_kpi as core
from ..common.legal_parameter import CUSTOMER_KINDS
from .bulk import insert_rows
from .open_at import flush_open_at, lines_open_at

# Rooms that add figures answer ``_fetch_receivable_kpi(company, day)`` → ``{(currency id, customer kind): {column:
# value}}`` with columns of this table, for example ``promise_due_count``, ``promise_kept_count``, ``amount_disputed``.
KPI_MODELS = (
    "commercial.payment.promise",
    "commercial.payment.plan",
    "commercial.dispute",
    "commercial.dunning.charge",
)
PERIOD_DAYS = 30
PERIODS = 12
AT_RISK_DAYS = 90
# kept promises and claimed charges are those of the last quarter
WINDOW_DAYS = 90
# days that are made up for when the job did not run
CATCH_UP_DAYS = 31
BUCKET_COLUMNS = ("amount_0", "amount_1", "amount_2", "amount_3", "amount_4", "amount_5")
# what a ratio is made of: over several rows the sums are divided, not the ratios averaged
RATIOS = {
    "overdue_share": ("amount_overdue", "amount_open"),
    "at_risk_share": ("amount_at_risk", "amount_open"),
    "dispute_share": ("amount_disputed", "amount_open"),
    "promise_kept_rate": ("promise_kept_count", "promise_due_count"),
}
AMOUNTS = (
    "amount_open",
    "amount_overdue",
    *BUCKET_COLUMNS,
    "amount_at_risk",
    "amount_unallocated",
    "amount_credit",
    "amount_disputed",
    "charge_claimed",
    "charge_paid",
    "charge_waived",
    "promise_due_count",
    "promise_kept_count",
)
DAYS = ("dso", "dso_best", "days_delinquent", "collection_days")


class ReceivableKpi(models.Model):
    """Key figures of the receivables of a company on a day, by currency and kind of customer.

    Written by a job each night and never when a screen is opened; a past day can be computed as it was.

    * ``dso``: days sales outstanding by count-back: the open invoices are compared with the invoices (less credit
      notes, VAT included) of the last 30 days, then of the 30 days before, until they are used up, at most 360 days.
    * ``dso_best``: the same count-back of the invoices that are not due yet: what would remain if everybody paid on
      time.
    * ``days_delinquent``: the difference of both.
    * ``collection_days``: mean days from invoice to payment, weighted by amount, of what was paid in the last 365
      days; what is open counts with its days until the day. It rises when bad payers do not pay at all.
    * ``at_risk_share``: part of the open invoices that is more than 90 days late.
    * ``promise_kept_rate``: of the promises to pay whose day passed in the last 90 days.
    * ``charge_claimed``, ``charge_paid``, ``charge_waived``: charges whose letter arrived in the last 90 days, and what
      became of them so far.
    * ``amount_unallocated``: money of customers that no invoice was matched with.
    """

    _name = "commercial.receivable.kpi"
    _inherit = ["commercial.currency.apart"]
    _description = "Key Figures of Receivables"
    _order = "date desc, company_id, currency_id, customer_kind"
    _rec_name = "date"
    _check_company_auto = True

    company_id = fields.Many2one(comodel_name="res.company", required=True, readonly=True, index=True)
    date = fields.Date(required=True, readonly=True)
    currency_id = fields.Many2one(comodel_name="res.currency", required=True, readonly=True)
    customer_kind = fields.Selection(selection=CUSTOMER_KINDS, required=True, readonly=True)
    amount_open = fields.Monetary(string="Open invoices", readonly=True)
    amount_overdue = fields.Monetary(string="Overdue", readonly=True)
    overdue_share = fields.Float(string="Overdue (%)", digits=(5, 1), readonly=True, aggregator="avg")
    amount_0 = fields.Monetary(string="Not due", readonly=True)
    amount_1 = fields.Monetary(string="First bucket", readonly=True)
    amount_2 = fields.Monetary(string="Second bucket", readonly=True)
    amount_3 = fields.Monetary(string="Third bucket", readonly=True)
    amount_4 = fields.Monetary(string="Fourth bucket", readonly=True)
    amount_5 = fields.Monetary(string="Older", readonly=True)
    amount_at_risk = fields.Monetary(string="More than 90 days late", readonly=True)
    at_risk_share = fields.Float(string="At risk (%)", digits=(5, 1), readonly=True, aggregator="avg")
    amount_unallocated = fields.Monetary(
        string="Money on account", readonly=True, help="Payments that no invoice was matched with yet."
    )
    amount_credit = fields.Monetary(string="Open credit notes", readonly=True)
    amount_sales = fields.Monetary(
        string="Invoiced in 360 days", readonly=True, help="Invoices less credit notes, VAT included."
    )
    dso = fields.Float(
        string="DSO",
        digits=(6, 1),
        readonly=True,
        aggregator="avg",
        help="Days sales outstanding by count-back: how many days of invoices the open invoices stand for.",
    )
    dso_best = fields.Float(
        string="Best possible DSO",
        digits=(6, 1),
        readonly=True,
        aggregator="avg",
        help="What the DSO would be if every customer paid on the due date.",
    )
    days_delinquent = fields.Float(
        string="Days delinquent",
        digits=(6, 1),
        readonly=True,
        aggregator="avg",
        help="DSO less the best possible DSO: the days that are lost because customers pay late.",
    )
    collection_days = fields.Float(
        string="Days to collect",
        digits=(6, 1),
        readonly=True,
        aggregator="avg",
        help="Mean days from invoice to payment, weighted by amount; open invoices count with their days until now.",
    )
    promise_due_count = fields.Integer(string="Promises due", readonly=True)
    promise_kept_count = fields.Integer(string="Promises kept", readonly=True)
    promise_kept_rate = fields.Float(string="Promises kept (%)", digits=(5, 1), readonly=True, aggregator="avg")
    amount_disputed = fields.Monetary(string="Disputed", readonly=True)
    dispute_share = fields.Float(string="Disputed (%)", digits=(5, 1), readonly=True, aggregator="avg")
    charge_claimed = fields.Monetary(string="Charges claimed", readonly=True)
    charge_paid = fields.Monetary(string="Charges paid", readonly=True)
    charge_waived = fields.Monetary(string="Charges waived", readonly=True)

    _unique_segment = models.UniqueIndex(
        "(company_id, date, currency_id, customer_kind)", "These figures of the day exist already."
    )

    # --- COMPUTE ---

    @api.depends("date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for row in self:
            row.display_name = format_date(self.env, row.date)

    # --- GROUPING ---

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """A share of several rows is the share of their sums, days are weighted by what is open, and an amount of
        several days is their mean: what was open yesterday and today is not owed twice.
        """
        name, _dot, function = aggregate_spec.partition(":")
        if function == "sum" and name in (*AMOUNTS, "amount_sales"):
            amount, day = (self._field_to_sql(self._table, column, query) for column in (name, "date"))
            return SQL("SUM(%s) / NULLIF(COUNT(DISTINCT %s), 0)", amount, day)
        if function == "avg" and name in RATIOS:
            part, whole = (self._field_to_sql(self._table, column, query) for column in RATIOS[name])
            share = SQL("100.0 * SUM(%s) / NULLIF(SUM(%s), 0)", part, whole)
            return share if name == "promise_kept_rate" else self._within_one_currency(share, "currency_id", query)
        if function == "avg" and name in DAYS:
            days = self._field_to_sql(self._table, name, query)
            weight = self._field_to_sql(self._table, "amount_open", query)
            mean = SQL("SUM(%s * %s) / NULLIF(SUM(%s) FILTER (WHERE %s IS NOT NULL), 0)", days, weight, weight, days)
            return self._within_one_currency(mean, "currency_id", query)
        return super()._read_group_select(aggregate_spec, query)

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        """The names of the buckets follow the company."""
        key = super()._get_view_cache_key(view_id, view_type, **options)
        return (*key, self.env.company._get_ageing_limits())

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        arch, view = super()._get_view(view_id, view_type, **options)
        for name, label in zip(BUCKET_COLUMNS, self.env.company._get_bucket_labels(), strict=True):
            for node in arch.xpath(f"//field[@name='{name}']"):
                node.set("string", label)
        return arch, view

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        """Measures of pivot and graph take their names from here."""
        result = super().fields_get(allfields, attributes)
        for name, label in zip(BUCKET_COLUMNS, self.env.company._get_bucket_labels(), strict=True):
            if "string" in result.get(name, {}):
                result[name]["string"] = label
        return result

    # --- COMPUTING ---

    @api.model
    def _write_day(self, company, day):
        """Compute and keep the figures of a company on a day; doing it again replaces them."""
        flush_open_at(self.env)
        self.flush_model()
        segments = defaultdict(dict)
        self._add_open(segments, company, day)
        self._add_sales(segments, company, day)
        self._add_collection(segments, company, day)
        for model_name in KPI_MODELS:
            method = getattr(self.env[model_name], "_fetch_receivable_kpi", None) if model_name in self.env else None
            for segment, found in (method(company, day) if method else {}).items():
                segments[segment] |= found
        rows = [self._prepare_row(company, day, segment, figures) for segment, figures in segments.items()]
        self.env.cr.execute(
            SQL("DELETE FROM commercial_receivable_kpi WHERE company_id = %s AND date = %s", company.id, day)
        )
        # what is not known stays empty: a field of a form would turn it into nought
        names = dict.fromkeys(name for row in rows if row for name in row)
        insert_rows(self, [{name: row.get(name, False) for name in names} for row in rows if row])
        self.invalidate_model()

    @api.model
    def _add_open(self, segments, company, day):
        """Open invoices by bucket, money on account and credit notes."""
        starts = list(self._get_bucket_starts(company))
        for row in self.env.execute_query_dict(
            SQL(
                """
                SELECT open.currency_id, COALESCE(partner.customer_kind, 'business') AS customer_kind,
                       %(buckets)s,
                       COALESCE(SUM(open.amount_residual) FILTER (WHERE open.amount_residual > 0), 0) AS amount_open,
                       COALESCE(SUM(open.amount_residual) FILTER (
                           WHERE open.amount_residual > 0 AND open.date_due < %(day)s), 0) AS amount_overdue,
                       COALESCE(SUM(open.amount_residual) FILTER (
                           WHERE open.amount_residual > 0 AND open.date_due < %(day)s - %(risk)s), 0) AS amount_at_risk,
                       COALESCE(-SUM(open.amount_residual) FILTER (
                           WHERE open.amount_residual < 0 AND move.move_type <> 'out_refund'), 0) AS amount_unallocated,
                       COALESCE(-SUM(open.amount_residual) FILTER (
                           WHERE open.amount_residual < 0 AND move.move_type = 'out_refund'), 0) AS amount_credit,
                       COALESCE(SUM(open.amount_residual) FILTER (WHERE open.amount_residual > 0), 0) AS open_weight,
                       COALESCE(SUM(open.amount_residual * (%(day)s - COALESCE(move.invoice_date, open.date)))
                           FILTER (WHERE open.amount_residual > 0), 0) AS open_days
                  FROM (%(open)s) open
                  JOIN account_move move ON move.id = open.move_id
             LEFT JOIN res_partner partner ON partner.id = open.entity_id
              GROUP BY open.currency_id, COALESCE(partner.customer_kind, 'business')
                """,
                buckets=SQL(", ").join(
                    SQL(
                        """
                        COALESCE(SUM(open.amount_residual) FILTER (
                            WHERE open.amount_residual > 0
                              AND width_bucket((%s - open.date_due)::int, %s::int[]) = %s), 0) AS %s
                        """,
                        day,
                        starts,
                        index,
                        SQL.identifier(name),
                    )
                    for index, name in enumerate(BUCKET_COLUMNS)
                ),
                day=day,
                risk=AT_RISK_DAYS,
                open=lines_open_at(company, self._get_accounts(), day),
            )
        ):
            segments[row.pop("currency_id"), row.pop("customer_kind")] |= row

    @api.model
    def _get_accounts(self):
        return self.env["commercial.receivable"]._get_receivable_accounts().ids

    @api.model
    def _get_bucket_starts(self, company):
        return (1, *(limit + 1 for limit in company._get_ageing_limits()))

    @api.model
    def _add_sales(self, segments, company, day):
        """What was invoiced in each period of 30 days, the latest first."""
        for currency_id, kind, period, amount in self.env.execute_query(
            SQL(
                """
                SELECT line.currency_id, COALESCE(entity.customer_kind, 'business'), (%(day)s - line.date) / %(length)s,
                       SUM(line.amount_currency)
                  FROM account_move_line line
                  JOIN account_move move ON move.id = line.move_id
             LEFT JOIN res_partner partner ON partner.id = line.partner_id
             LEFT JOIN res_partner entity ON entity.id = partner.commercial_partner_id
                 WHERE line.account_id = ANY(%(accounts)s)
                   AND line.company_id = %(company)s
                   AND line.parent_state = 'posted'
                   AND line.date > %(day)s - %(days)s
                   AND line.date <= %(day)s
                   AND move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
              GROUP BY 1, 2, 3
                """,
                day=day,
                length=PERIOD_DAYS,
                days=PERIOD_DAYS * PERIODS,
                accounts=self._get_accounts(),
                company=company.id,
            )
        ):
            segments[currency_id, kind].setdefault("sales", {})[period] = Decimal(str(amount))

    @api.model
    def _add_collection(self, segments, company, day):
        """Days from invoice to payment of what was paid within a year."""
        for currency_id, kind, amount, weighted in self.env.execute_query(
            SQL(
                """
                SELECT line.currency_id, COALESCE(entity.customer_kind, 'business'), SUM(partial.debit_amount_currency),
                       SUM(partial.debit_amount_currency
                           * GREATEST(partial.max_date - COALESCE(move.invoice_date, line.date), 0))
                  FROM account_partial_reconcile partial
                  JOIN account_move_line line ON line.id = partial.debit_move_id
                  JOIN account_move move ON move.id = line.move_id
                  JOIN account_move_line counterpart ON counterpart.id = partial.credit_move_id
                  JOIN account_move paid_by ON paid_by.id = counterpart.move_id
             LEFT JOIN res_partner partner ON partner.id = line.partner_id
             LEFT JOIN res_partner entity ON entity.id = partner.commercial_partner_id
                 WHERE line.account_id = ANY(%(accounts)s)
                   AND line.company_id = %(company)s
                   AND partial.max_date > %(day)s - 365
                   AND partial.max_date <= %(day)s
                   AND partial.debit_amount_currency > 0
                   AND paid_by.move_type <> 'out_refund'
              GROUP BY 1, 2
                """,
                day=day,
                accounts=self._get_accounts(),
                company=company.id,
            )
        ):
            segments[currency_id, kind] |= {"paid_weight": Decimal(str(amount)), "paid_days": Decimal(str(weighted))}

    @api.model
    def _prepare_row(self, company, day, segment, figures):
        """Return the values of one row, nothing when there is nothing to tell."""
        currency_id, kind = segment
        known = {name: Decimal(str(value)) for name, value in figures.items() if name != "sales" and value is not None}
        zero = Decimal()
        sales = figures.get("sales", {})
        periods = [(PERIOD_DAYS, sales.get(period, zero)) for period in range(PERIODS)]
        amount_open = known.get("amount_open", zero)
        dso = core.countback_days(amount_open, periods)
        best = core.countback_days(known.get("amount_0", zero), periods)
        weight = known.pop("open_weight", zero) + known.pop("paid_weight", zero)
        weighted = known.pop("open_days", zero) + known.pop("paid_days", zero)
        if not (any(known.values()) or any(sales.values())):
            return None
        values = {
            **dict.fromkeys(AMOUNTS, zero),
            **known,
            "amount_sales": sum(sales.values(), zero),
            "dso": dso,
            "dso_best": best,
            "days_delinquent": core.days_delinquent(dso, best),
            "collection_days": weighted / weight if weight else None,
        }
        for name, (part, whole) in RATIOS.items():
            values[name] = core.rate(known.get(part, zero), known.get(whole, zero))
        return {
            "company_id": company.id,
            "date": day,
            "currency_id": currency_id,
            "customer_kind": kind,
            **{name: value if value is not None else False for name, value in values.items()},
        }

    # --- CRON ---

    @api.model
    def _cron_write(self):
        """Keep the figures of today, and of days on which the job did not run."""
        today = fields.Date.context_today(self)
        companies = self.env["commercial.receivable"]._read_group([], ["company_id"])
        days = [(company, day) for [company] in companies for day in self._get_missing_days(company, today)]
        self.env["ir.cron"]._commit_progress(remaining=len(days) + len(companies))
        for company, day in days:
            self.with_company(company)._write_day(company, day)
            if not self.env["ir.cron"]._commit_progress(1):
                return
        for [company] in companies:
            self.env["commercial.dunning.kpi"].with_company(company)._write_letters(company, today)
            if not self.env["ir.cron"]._commit_progress(1):
                return

    @api.model
    def _get_missing_days(self, company, today):
        """Return the days to compute: today again, and the days since the last row, at most a month."""
        last = self.search([("company_id", "=", company.id)], order="date desc", limit=1).date
        if not last or last >= today:
            return [today]
        missed = min((today - last).days, CATCH_UP_DAYS)
        return [date_utils.subtract(today, days=days) for days in reversed(range(missed))]
