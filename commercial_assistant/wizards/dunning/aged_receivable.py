import base64

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, format_date

from ...models.common.legal_parameter import CUSTOMER_KINDS
from ...models.dunning.open_at import flush_open_at, lines_open_at
from ...tools.ageing import bucket_starts
from ...tools.spreadsheet_writer import write_table

BUCKET_FIELDS = ("amount_0", "amount_1", "amount_2", "amount_3", "amount_4", "amount_5")
PRINT_LIMIT = 2000


class AgedReceivable(models.TransientModel):
    """What every customer owed on a day, by days after the due date.

    The figures are read from the accounting in one statement and kept for the user who asked; a new question replaces
    them.
    """

    _name = "commercial.aged.receivable"
    _description = "Aged Receivables"

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
    )
    date = fields.Date(string="On", required=True, default=fields.Date.context_today)
    only_overdue = fields.Boolean(string="Only customers with overdue invoices")
    partner_ids = fields.Many2many(
        comodel_name="res.partner",
        relation="commercial_aged_receivable_partner_rel",
        column1="report_id",
        column2="partner_id",
        string="Only these customers",
        domain=[("parent_id", "=", False)],
    )
    line_ids = fields.One2many(
        comodel_name="commercial.aged.receivable.line",
        inverse_name="report_id",
        readonly=True,
    )
    workbook = fields.Binary(string="Excel file", readonly=True, attachment=False)

    # --- CONSTRAINTS ---

    @api.constrains("date")
    def _check_date(self):
        for report in self:
            if report.date > fields.Date.context_today(report):
                raise ValidationError(self.env._("Nobody knows yet what will be open on a day that is still to come."))

    @api.constrains("company_id")
    def _check_own_company(self):
        for report in self:
            if not self.env.su and report.company_id not in self.env.user.company_ids:
                raise ValidationError(self.env._("You do not work for %(company)s.", company=report.company_id.name))

    # --- COMPUTE ---

    @api.depends("date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for report in self:
            report.display_name = self.env._("Aged receivables on %(day)s", day=format_date(self.env, report.date))

    # --- ACTIONS ---

    def action_show(self):
        """Read the figures and show them."""
        self.ensure_one()
        self._read_lines()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.aged_receivable_line_action")
        action["name"] = self.display_name
        action["domain"] = [("report_id", "=", self.id)]
        return action

    def action_print(self):
        """Show the figures as a PDF file."""
        self.ensure_one()
        self._read_lines()
        count = len(self.line_ids)
        if count > PRINT_LIMIT:
            raise UserError(
                self.env._("%(count)s customers are too many for a printed list: use the Excel file.", count=count)
            )
        return self.env.ref("commercial_assistant.action_report_aged_receivable").report_action(self, config=False)

    def action_export(self):
        """Download the figures as an Excel file."""
        self.ensure_one()
        self._read_lines()
        content = self.line_ids._write_workbook(self.display_name)
        self.workbook = base64.b64encode(content)
        name = self.env._("Aged receivables %(day)s.xlsx", day=fields.Date.to_string(self.date))
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/workbook/{name}?download=true",
            "target": "self",
        }

    # --- FIGURES ---

    def _read_lines(self):
        """Read the figures of the day from the accounting, in one statement."""
        self.ensure_one()
        self.check_access("write")
        Line = self.env["commercial.aged.receivable.line"]
        # what this user asked before makes room, also in other windows
        self.env.cr.execute("DELETE FROM commercial_aged_receivable_line WHERE create_uid = %s", (self.env.uid,))
        flush_open_at(self.env)
        self.env["commercial.receivable"].flush_model()
        self.flush_recordset()
        company = self.company_id
        accounts = self.env["commercial.receivable"]._get_receivable_accounts()
        entities = self.partner_ids.commercial_partner_id.ids if self.partner_ids else None
        bucket = SQL(
            "width_bucket((%s - open.date_due)::int, %s::int[])",
            self.date,
            list(bucket_starts(company._get_ageing_limits())),
        )
        sums = SQL(", ").join(
            SQL(
                "COALESCE(SUM(open.amount_residual) FILTER (WHERE open.amount_residual > 0 AND %s = %s), 0)",
                bucket,
                index,
            )
            for index in range(len(BUCKET_FIELDS))
        )
        late = SQL("open.amount_residual > 0 AND open.date_due < %s", self.date)
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO commercial_aged_receivable_line
                            (report_id, company_id, partner_id, receivable_id, user_id, customer_kind, currency_id,
                             %(columns)s, amount_credit, amount_overdue, amount_total, item_count, oldest_due,
                             create_uid, create_date, write_uid, write_date)
                SELECT %(report)s, %(company)s, aged.entity_id, receivable.id, receivable.user_id,
                       partner.customer_kind, aged.currency_id, %(columns)s, aged.amount_credit, aged.amount_overdue,
                       aged.amount_total, aged.item_count, aged.oldest_due,
                       %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
                  FROM (SELECT open.entity_id, open.currency_id,
                               %(sums)s,
                               COALESCE(SUM(open.amount_residual) FILTER (WHERE open.amount_residual < 0), 0),
                               COALESCE(SUM(open.amount_residual) FILTER (WHERE %(late)s), 0),
                               SUM(open.amount_residual),
                               count(*),
                               MIN(open.date_due) FILTER (WHERE %(late)s)
                          FROM (%(open)s) open
                      GROUP BY open.entity_id, open.currency_id
                       ) AS aged (entity_id, currency_id, %(columns)s, amount_credit, amount_overdue, amount_total,
                                  item_count, oldest_due)
             LEFT JOIN res_partner partner ON partner.id = aged.entity_id
             LEFT JOIN commercial_receivable receivable
                    ON receivable.company_id = %(company)s AND receivable.partner_id = aged.entity_id
                 WHERE %(condition)s
                """,
                columns=SQL(", ").join(SQL.identifier(name) for name in BUCKET_FIELDS),
                report=self.id,
                company=company.id,
                uid=self.env.uid,
                sums=sums,
                late=late,
                open=lines_open_at(company, accounts.ids, self.date, entities),
                condition=SQL("aged.amount_overdue > 0") if self.only_overdue else SQL("TRUE"),
            )
        )
        Line.invalidate_model()
        self.invalidate_recordset(["line_ids"])


class AgedReceivableLine(models.TransientModel):
    """What one customer owed in one currency."""

    _name = "commercial.aged.receivable.line"
    _inherit = ["commercial.currency.apart"]
    _description = "Aged Receivables of a Customer"
    _order = "amount_overdue desc, amount_total desc, id"
    _rec_name = "partner_id"

    report_id = fields.Many2one(
        comodel_name="commercial.aged.receivable",
        required=True,
        index=True,
        ondelete="cascade",
    )
    date = fields.Date(related="report_id.date")
    company_id = fields.Many2one(comodel_name="res.company", required=True)
    partner_id = fields.Many2one(comodel_name="res.partner", string="Customer")
    receivable_id = fields.Many2one(comodel_name="commercial.receivable", string="Customer account")
    user_id = fields.Many2one(comodel_name="res.users", string="Responsible")
    customer_kind = fields.Selection(selection=CUSTOMER_KINDS)
    currency_id = fields.Many2one(comodel_name="res.currency", required=True)
    amount_0 = fields.Monetary(string="Not due")
    amount_1 = fields.Monetary(string="First bucket")
    amount_2 = fields.Monetary(string="Second bucket")
    amount_3 = fields.Monetary(string="Third bucket")
    amount_4 = fields.Monetary(string="Fourth bucket")
    amount_5 = fields.Monetary(string="Older")
    amount_credit = fields.Monetary(
        string="Credit",
        help="Money on account and open credit notes, below zero. They are not set off against single invoices here.",
    )
    amount_overdue = fields.Monetary(string="Overdue")
    amount_total = fields.Monetary(
        string="Balance", help="The balance of the customer in the accounting on that day, in this currency."
    )
    item_count = fields.Integer(string="Items")
    oldest_due = fields.Date(string="Oldest due date")

    # --- VIEWS ---

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        """The names of the buckets follow the company."""
        key = super()._get_view_cache_key(view_id, view_type, **options)
        return (*key, self.env.company._get_ageing_limits())

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        arch, view = super()._get_view(view_id, view_type, **options)
        for name, label in zip(BUCKET_FIELDS, self.env.company._get_bucket_labels(), strict=True):
            for node in arch.xpath(f"//field[@name='{name}']"):
                node.set("string", label)
        return arch, view

    # --- ACTIONS ---

    def action_open_items(self):
        """Show which invoices, credit notes and payments were open."""
        self._read_items()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.aged_receivable_item_action")
        action["domain"] = [("line_id", "in", self.ids)]
        if len(self) == 1:
            action["name"] = self.env._(
                "%(customer)s on %(day)s",
                customer=self.partner_id.display_name or self.env._("Without customer"),
                day=format_date(self.env, self.date),
            )
        return action

    def action_open_receivable(self):
        self.ensure_one()
        return self._get_receivables()._get_records_action()

    def action_statement(self):
        """Make statements of these customers as of the same day."""
        action = self._get_receivables().action_statement()
        action["context"]["default_date"] = fields.Date.to_string(self.date if len(self) == 1 else self[:1].date)
        return action

    def action_change(self):
        """Ask for another day."""
        return self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.aged_receivable_action")

    def action_export(self):
        """Download the whole list these lines belong to as an Excel file."""
        return self._get_report().action_export()

    def action_print(self):
        """Print the whole list these lines belong to."""
        return self._get_report().action_print()

    def _get_report(self):
        """Return the list of the lines, or the last one of the user."""
        report = self.report_id[:1] or self.env["commercial.aged.receivable"].search(
            [("create_uid", "=", self.env.uid)], order="id desc", limit=1
        )
        if not report:
            raise UserError(self.env._("Choose a day first."))
        return report

    def _get_receivables(self):
        if not self.partner_id:
            raise UserError(self.env._("These entries name no customer."))
        return self.env["commercial.receivable"]._ensure_accounts(self.company_id[:1], self.partner_id)

    # --- DETAILS ---

    def _read_items(self):
        """Read the journal items behind these lines."""
        self.check_access("read")
        Item = self.env["commercial.aged.receivable.item"]
        self.env.cr.execute("DELETE FROM commercial_aged_receivable_item WHERE create_uid = %s", (self.env.uid,))
        flush_open_at(self.env)
        self.flush_model()
        accounts = self.env["commercial.receivable"]._get_receivable_accounts()
        for report, lines in self.grouped("report_id").items():
            partners = lines.partner_id
            # lines without customer are few: they are found among all
            entities = partners.ids if all(line.partner_id for line in lines) else None
            starts = list(bucket_starts(report.company_id._get_ageing_limits()))
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO commercial_aged_receivable_item
                                (line_id, company_id, partner_id, currency_id, move_id, name, date, date_due, days_late,
                                 bucket, amount_original, amount_residual,
                                 create_uid, create_date, write_uid, write_date)
                    SELECT line.id, line.company_id, line.partner_id, line.currency_id, open.move_id, move.name,
                           COALESCE(move.invoice_date, open.date), open.date_due,
                           GREATEST(%(day)s - open.date_due, 0),
                           CASE WHEN open.amount_residual < 0 THEN 'credit'
                                ELSE width_bucket((%(day)s - open.date_due)::int, %(starts)s::int[])::text
                           END,
                           open.amount_original, open.amount_residual,
                           %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
                      FROM (%(open)s) open
                      JOIN account_move move ON move.id = open.move_id
                      JOIN commercial_aged_receivable_line line
                        ON line.id = ANY(%(lines)s)
                       AND line.currency_id = open.currency_id
                       AND line.partner_id IS NOT DISTINCT FROM open.entity_id
                    """,
                    day=report.date,
                    starts=starts,
                    uid=self.env.uid,
                    open=lines_open_at(report.company_id, accounts.ids, report.date, entities),
                    lines=lines.ids,
                )
            )
        Item.invalidate_model()

    # --- FILE ---

    def _write_workbook(self, title):
        """Return the bytes of an Excel file with these lines; each currency has its own rows."""
        names = (
            "partner_id",
            "customer_kind",
            "user_id",
            "currency_id",
            *BUCKET_FIELDS,
            "amount_credit",
            "amount_total",
            "amount_overdue",
            "oldest_due",
        )
        labels = {name: field._description_string(self.env) for name, field in self._fields.items()}
        labels |= dict(zip(BUCKET_FIELDS, self.env.company._get_bucket_labels(), strict=True))
        kinds = dict(self._fields["customer_kind"]._description_selection(self.env))
        rows = []
        for line in self:
            values = [
                line.partner_id.display_name or "",
                kinds.get(line.customer_kind, ""),
                line.user_id.name or "",
                line.currency_id.name,
            ]
            values += [line[name] for name in names[4:-1]]
            rows.append([*values, line.oldest_due or None])
        formats = [None] * 4 + ["#,##0.00"] * (len(names) - 5) + ["yyyy-mm-dd"]
        return write_table(title, [labels[name] for name in names], rows, formats)


class AgedReceivableItem(models.TransientModel):
    """One journal item that was open on the day of the list."""

    _name = "commercial.aged.receivable.item"
    _inherit = ["commercial.currency.apart"]
    _description = "Aged Receivables Item"
    _order = "date_due, id"

    line_id = fields.Many2one(
        comodel_name="commercial.aged.receivable.line",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(comodel_name="res.company", required=True)
    partner_id = fields.Many2one(comodel_name="res.partner", string="Customer")
    currency_id = fields.Many2one(comodel_name="res.currency", required=True)
    move_id = fields.Many2one(comodel_name="account.move", string="Document")
    name = fields.Char(string="Number")
    date = fields.Date()
    date_due = fields.Date(string="Due date")
    days_late = fields.Integer(aggregator=None)
    bucket = fields.Selection(selection="_selection_bucket", string="Days after the due date")
    amount_original = fields.Monetary(string="Original amount")
    amount_residual = fields.Monetary(string="Open on that day")

    @api.model
    def _selection_bucket(self):
        labels = self.env.company._get_bucket_labels()
        return [*((str(index), label) for index, label in enumerate(labels)), ("credit", self.env._("Credit"))]

    def action_open_document(self):
        self.ensure_one()
        return self.move_id._get_records_action()
