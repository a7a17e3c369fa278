from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, formatLang

from ...tools.dunning import REGIMES
from .bulk import analyze


class Receivable(models.Model):
    """The account of one customer with one company, as the collector sees it."""

    _name = "commercial.receivable"
    _description = "Customer Account"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "company_id, partner_id"
    _rec_name = "partner_id"
    _check_company_auto = True

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company,
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    customer_kind = fields.Selection(related="partner_id.customer_kind")
    policy_id = fields.Many2one(
        comodel_name="commercial.dunning.policy",
        string="Own policy",
        index="btree_not_null",
        check_company=True,
        tracking=True,
        help="Overrides the rules of the policies for this customer.",
    )
    is_excluded = fields.Boolean(string="No reminders", tracking=True)
    excluded_until = fields.Date(
        string="No reminders until", tracking=True, help="Last day. Empty: until further notice."
    )
    exclusion_reason = fields.Char(tracking=True)
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Responsible",
        index="btree_not_null",
        tracking=True,
        domain=[("share", "=", False)],
    )
    contact_id = fields.Many2one(
        comodel_name="res.partner",
        string="Reminder contact",
        index="btree_not_null",
        tracking=True,
        help="Reminders go to this contact. Empty: the invoice address, else the customer.",
    )
    last_level_id = fields.Many2one(
        comodel_name="commercial.dunning.policy.level",
        string="Last level",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    last_notice_on = fields.Date(string="Last letter", readonly=True)
    item_ids = fields.One2many(
        comodel_name="commercial.receivable.item",
        inverse_name="receivable_id",
        string="Open items",
        domain=[("state", "=", "open")],
    )
    notice_ids = fields.One2many(
        comodel_name="commercial.dunning.notice",
        inverse_name="receivable_id",
        string="Notices",
        domain=[("is_dry", "=", False)],
    )
    charge_ids = fields.One2many(
        comodel_name="commercial.dunning.charge",
        inverse_name="receivable_id",
        string="Charges",
        domain=[("state", "!=", "cancelled")],
    )
    open_summary = fields.Char(
        string="Open",
        compute="_compute_summary",
        help="Open amounts, each currency by itself.",
    )
    overdue_summary = fields.Char(string="Overdue", compute="_compute_summary")
    item_count = fields.Integer(string="Open items count", compute="_compute_summary")
    overdue_count = fields.Integer(string="Overdue items", compute="_compute_summary", search="_search_overdue_count")
    oldest_due = fields.Date(string="Oldest due date", compute="_compute_summary")
    notice_count = fields.Integer(string="Letters", compute="_compute_notice_count")

    _unique_account = models.UniqueIndex(
        "(company_id, partner_id)", "This customer already has an account with this company."
    )

    # --- COMPUTE ---

    @api.depends("item_ids.amount_residual", "item_ids.state", "item_ids.date_due")
    @api.depends_context("tz", "lang")
    def _compute_summary(self):
        today = fields.Date.context_today(self)
        groups = self.env["commercial.receivable.item"]._read_group(
            [("receivable_id", "in", self.ids), ("state", "=", "open")],
            ["receivable_id", "currency_id"],
            ["__count", "amount_residual:sum", "date_due:min"],
        )
        late = self.env["commercial.receivable.item"]._read_group(
            [("receivable_id", "in", self.ids), ("state", "=", "open"), ("date_due", "<", today)],
            ["receivable_id", "currency_id"],
            ["__count", "amount_residual:sum"],
        )
        rows, late_rows = defaultdict(list), defaultdict(list)
        for receivable, *row in groups:
            rows[receivable.id].append(row)
        for receivable, *row in late:
            late_rows[receivable.id].append(row)
        for receivable in self:
            mine, overdue = rows[receivable.id], late_rows[receivable.id]
            receivable.item_count = sum(row[1] for row in mine)
            receivable.overdue_count = sum(row[1] for row in overdue)
            receivable.oldest_due = min((row[3] for row in mine), default=False)
            receivable.open_summary = self._format_amounts(mine)
            receivable.overdue_summary = self._format_amounts(overdue)

    @api.model
    def _format_amounts(self, rows):
        """Join the amounts of several currencies; they are never added together."""
        return " + ".join(formatLang(self.env, row[2], currency_obj=row[0]) for row in rows)

    def _search_overdue_count(self, operator, value):
        if operator not in (">", "<", ">=", "<=", "in"):
            return NotImplemented
        if operator != ">" or value != 0:
            return NotImplemented
        today = fields.Date.context_today(self)
        return [("item_ids", "any", [("state", "=", "open"), ("date_due", "<", today)])]

    @api.depends("notice_ids")
    def _compute_notice_count(self):
        counts = dict(
            self.env["commercial.dunning.notice"]._read_group(
                [("receivable_id", "in", self.ids), ("is_dry", "=", False), ("state", "!=", "cancelled")],
                ["receivable_id"],
                ["__count"],
            )
        )
        for receivable in self:
            receivable.notice_count = counts.get(receivable, 0)

    # --- CONSTRAINTS ---

    @api.constrains("policy_id", "partner_id")
    def _check_policy(self):
        for receivable in self.filtered("policy_id"):
            kind = receivable.partner_id._get_customer_kind()
            if not REGIMES[receivable.policy_id.regime].fits(kind):
                kinds = dict(receivable._fields["customer_kind"]._description_selection(self.env))
                raise ValidationError(
                    self.env._(
                        "%(policy)s follows a law that does not apply to %(customer)s (%(kind)s).",
                        policy=receivable.policy_id.name,
                        customer=receivable.partner_id.display_name,
                        kind=kinds[kind],
                    )
                )

    @api.constrains("is_excluded", "exclusion_reason")
    def _check_exclusion(self):
        for receivable in self:
            if receivable.is_excluded and not (receivable.exclusion_reason or "").strip():
                raise ValidationError(
                    self.env._("Say why %(customer)s gets no reminders.", customer=receivable.partner_id.display_name)
                )

    @api.constrains("contact_id", "partner_id")
    def _check_contact(self):
        for receivable in self.filtered("contact_id"):
            if receivable.contact_id.commercial_partner_id != receivable.partner_id.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is not a contact of %(customer)s: reminders may only go to the customer itself.",
                        contact=receivable.contact_id.display_name,
                        customer=receivable.partner_id.display_name,
                    )
                )

    # --- CRUD ---

    def write(self, vals):
        result = super().write(vals)
        if "policy_id" in vals:
            self._forget_next_dates()
        return result

    # --- ACTIONS ---

    def action_refresh(self):
        """Bring the open items of these customers up to date with the accounting."""
        for company, receivables in self.grouped("company_id").items():
            self._refresh_items(company, receivables.partner_id.ids)
        return True

    def action_open_items(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.receivable_item_action")
        action["domain"] = [("receivable_id", "=", self.id)]
        action["context"] = {"search_default_open": 1}
        return action

    def action_open_notices(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.dunning_notice_action")
        action["domain"] = [("receivable_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_propose(self):
        """Propose letters for these customers only, in a run of its own."""
        self.company_id.ensure_one()
        self.check_access("write")
        run = self.env["commercial.dunning.run"]._get_or_create(self.company_id, partners=self.partner_id)
        run.action_propose()
        return run._get_records_action(name=self.env._("Reminders"))

    # --- BUSINESS ---

    def _forget_next_dates(self):
        """Let the next run decide again about the items of these customers."""
        self.env["commercial.receivable.item"].sudo()._forget_next_dates([("receivable_id", "in", self.ids)])

    @api.model
    def _get_receivable_accounts(self):
        """Accounts whose open journal items are reminded."""
        return (
            self.env["account.account"]
            .sudo()
            .with_context(active_test=False)
            .search([("account_type", "=", "asset_receivable"), ("non_trade", "=", False)])
        )

    @api.model
    def _refresh_items(self, company, partner_ids=None):
        """Follow the accounting: open, refresh, reopen and close the items of a company in a few statements.

        Only what is new or different is written, so that following a million unchanged items writes nothing.

        :param company: the company whose journal items count
        :param partner_ids: commercial partners to look at; ``None`` for all
        """
        Item = self.env["commercial.receivable.item"]
        self.env["account.move.line"].flush_model()
        self.env["account.move"].flush_model(["name", "invoice_date"])
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        self.flush_model()
        Item.flush_model()
        account_ids = self._get_receivable_accounts().ids
        partners = list(partner_ids) if partner_ids is not None else None
        owner = SQL("AND item.partner_id = ANY(%s)", partners) if partners is not None else SQL()
        self._relink_items(company, account_ids, owner)
        source = self._get_open_lines(company, account_ids, partners)
        self._open_accounts(company, source)
        self._refresh_known_items(company, source)
        self._open_items(company, source)
        self._close_items(company, account_ids, owner)
        self.invalidate_model()
        Item.invalidate_model()

    @api.model
    def _get_open_lines(self, company, account_ids, partner_ids):
        """Return the query of what is open in the accounting, as an item shows it."""
        # `reconciled IS NOT TRUE` is what lets the partial index of the accounting serve; to name the partners lets
        # its second column serve too, for the one customer of a letter
        return SQL(
            """
            SELECT line.id AS move_line_id, partner.commercial_partner_id AS partner_id, line.move_id, line.move_name,
                   line.currency_id, COALESCE(line.invoice_date, line.date) AS date,
                   COALESCE(line.date_maturity, line.date) AS date_due,
                   line.amount_currency AS amount_original, line.amount_residual_currency AS amount_residual
              FROM account_move_line line
              JOIN res_partner partner ON partner.id = line.partner_id
             WHERE line.account_id = ANY(%s)
               AND line.reconciled IS NOT TRUE
               AND line.parent_state = 'posted'
               AND line.no_followup IS NOT TRUE
               AND line.company_id = %s
               AND line.amount_residual_currency > 0
               AND partner.commercial_partner_id IS NOT NULL
               %s
            """,
            account_ids,
            company.id,
            SQL(
                "AND line.partner_id IN (SELECT id FROM res_partner WHERE commercial_partner_id = ANY(%s))", partner_ids
            )
            if partner_ids is not None
            else SQL(),
        )

    @api.model
    def _open_accounts(self, company, source):
        """Give every customer with something open an account."""
        # asked before it is tried: a conflict that does nothing uses up a number all the same
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO commercial_receivable
                            (company_id, partner_id, create_uid, create_date, write_uid, write_date)
                SELECT DISTINCT %(company)s::int, line.partner_id, %(uid)s::int, now() AT TIME ZONE 'UTC',
                       %(uid)s::int, now() AT TIME ZONE 'UTC'
                  FROM (%(source)s) line
                 WHERE NOT EXISTS (
                           SELECT
                             FROM commercial_receivable known
                            WHERE known.company_id = %(company)s
                              AND known.partner_id = line.partner_id
                       )
                ON CONFLICT (company_id, partner_id) DO NOTHING
                """,
                source=source,
                company=company.id,
                uid=self.env.uid,
            )
        )
        analyze(self.env.cr, self._table, self.env.cr.rowcount)

    @api.model
    def _refresh_known_items(self, company, source):
        """Write what has changed in the accounting on the items, and reopen those that are open again."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE commercial_receivable_item item
                   SET receivable_id = receivable.id,
                       partner_id = line.partner_id,
                       move_name = line.move_name,
                       currency_id = line.currency_id,
                       date = line.date,
                       date_due = line.date_due,
                       amount_original = line.amount_original,
                       amount_residual = line.amount_residual,
                       state = 'open',
                       next_date = CASE
                           WHEN item.state = 'open' AND item.date_due = line.date_due THEN item.next_date
                       END
                  FROM (%(source)s) line
                  JOIN commercial_receivable receivable
                    ON receivable.company_id = %(company)s
                   AND receivable.partner_id = line.partner_id
                 WHERE item.move_line_id = line.move_line_id
                   AND (item.state, item.receivable_id, item.move_name, item.currency_id, item.date, item.date_due,
                        item.amount_original, item.amount_residual)
                       IS DISTINCT FROM
                       ('open', receivable.id, line.move_name, line.currency_id, line.date, line.date_due,
                        line.amount_original, line.amount_residual)
                """,
                source=source,
                company=company.id,
            )
        )

    @api.model
    def _open_items(self, company, source):
        """Follow the journal items that are not followed yet."""
        first_days = self.env["commercial.dunning.policy"]._get_first_days(company)
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO commercial_receivable_item
                            (receivable_id, company_id, partner_id, move_line_id, move_id, move_name, currency_id, date,
                             date_due, amount_original, amount_residual, state, next_date)
                SELECT receivable.id, receivable.company_id, receivable.partner_id, line.move_line_id, line.move_id,
                       line.move_name, line.currency_id, line.date, line.date_due, line.amount_original,
                       line.amount_residual, 'open', %(next_date)s
                  FROM (%(source)s) line
                  JOIN commercial_receivable receivable
                    ON receivable.company_id = %(company)s
                   AND receivable.partner_id = line.partner_id
                 WHERE NOT EXISTS (
                           SELECT FROM commercial_receivable_item known WHERE known.move_line_id = line.move_line_id
                       )
              ORDER BY line.move_line_id -- a million of them are checked against the accounting in its own order
                ON CONFLICT (move_line_id) DO NOTHING
                """,
                source=source,
                company=company.id,
                next_date=SQL("line.date_due + %s", first_days) if first_days is not None else SQL("NULL::date"),
            )
        )
        analyze(self.env.cr, "commercial_receivable_item", self.env.cr.rowcount)

    @api.model
    def _close_items(self, company, account_ids, owner):
        """Close the items whose journal item is settled, cancelled, gone or not to be followed any more."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE commercial_receivable_item item
                   SET state = 'closed',
                       next_date = NULL,
                       amount_residual = gone.amount_residual
                  FROM (SELECT item.id, COALESCE(line.amount_residual_currency, 0) AS amount_residual
                          FROM commercial_receivable_item item
                     LEFT JOIN account_move_line line ON line.id = item.move_line_id
                         WHERE item.state = 'open'
                           AND item.company_id = %s
                           %s
                           AND (line.id IS NULL
                                OR line.reconciled
                                OR line.parent_state <> 'posted'
                                OR line.no_followup
                                OR line.amount_residual_currency <= 0
                                OR line.account_id <> ALL(%s))) gone
                 WHERE item.id = gone.id
                """,
                company.id,
                owner,
                account_ids,
            )
        )

    @api.model
    def _relink_items(self, company, account_ids, owner):
        """Give an item its journal item back when the accounting recreated the line, so that its history stays."""
        self.env.cr.execute(
            SQL(
                """
                WITH orphan AS (
                    SELECT item.id, item.move_id, item.date_due, item.currency_id,
                           row_number() OVER (
                               PARTITION BY item.move_id, item.date_due, item.currency_id ORDER BY item.id
                           ) AS nth
                      FROM commercial_receivable_item item
                     WHERE item.move_line_id IS NULL
                       AND item.move_id IS NOT NULL
                       AND item.company_id = %s
                       %s
                ), line AS (
                    SELECT line.id, line.move_id, COALESCE(line.date_maturity, line.date) AS date_due, line.currency_id,
                           row_number() OVER (
                               PARTITION BY line.move_id, COALESCE(line.date_maturity, line.date), line.currency_id
                                   ORDER BY line.id
                           ) AS nth
                      FROM account_move_line line
                     WHERE line.move_id IN (SELECT orphan.move_id FROM orphan)
                       AND line.account_id = ANY(%s)
                       AND line.parent_state = 'posted'
                       AND NOT EXISTS (SELECT FROM commercial_receivable_item item WHERE item.move_line_id = line.id)
                )
                UPDATE commercial_receivable_item item
                   SET move_line_id = line.id
                  FROM orphan
                  JOIN line USING (move_id, date_due, currency_id, nth)
                 WHERE item.id = orphan.id
                """,
                company.id,
                owner,
                account_ids,
            )
        )

    @api.model
    def _merge_partners(self, src_partners, dst_partner):
        """Bring everything of the merged customers under one account for each company."""
        receivables = self.search([("partner_id", "in", (src_partners | dst_partner).ids)])
        for same in receivables.grouped("company_id").values():
            survivor = same.filtered(lambda receivable: receivable.partner_id == dst_partner) or same[:1]
            for other in same - survivor:
                other._move_to(survivor)

    def _move_to(self, survivor):
        """Hand over items, letters and charges to another account and delete this one."""
        self.ensure_one()
        self.env.flush_all()
        # two letters of one run stay two letters
        self.env.cr.execute(
            SQL(
                """
                UPDATE commercial_dunning_notice
                   SET scope_key = scope_key || '/merged:' || id
                 WHERE receivable_id = %s
                """,
                self.id,
            )
        )
        for table in (
            "commercial_receivable_item",
            "commercial_dunning_notice",
            "commercial_dunning_charge",
            "commercial_dunning_charge_letter",
        ):
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET receivable_id = %s WHERE receivable_id = %s",
                    SQL.identifier(table),
                    survivor.id,
                    self.id,
                )
            )
        self.env.invalidate_all()
        self.message_change_thread(survivor)
        self.unlink()
