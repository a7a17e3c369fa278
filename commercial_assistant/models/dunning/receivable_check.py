from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_date


class ReceivableCheck(models.Model):
    """An open journal item that Odoo left out of the follow-up without asking anybody.

    Odoo marks every receivable line of a miscellaneous entry as not to follow up. That is right for corrections and
    wrong for opening balances brought along from another program: those would never be reminded. Each one is shown
    until a person has decided.
    """

    _name = "commercial.receivable.check"
    _description = "Entry Not Followed Up"
    _order = "partner_id, date, id"
    _rec_name = "move_name"
    _check_company_auto = True

    company_id = fields.Many2one(comodel_name="res.company", required=True, readonly=True, index=True)
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    move_line_id = fields.Many2one(
        comodel_name="account.move.line",
        string="Journal item",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    move_id = fields.Many2one(
        comodel_name="account.move",
        string="Journal entry",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    move_name = fields.Char(string="Number", readonly=True)
    label = fields.Char(readonly=True)
    date = fields.Date(readonly=True)
    date_maturity = fields.Date(string="Due date", readonly=True, help="Empty: the date of the entry counts.")
    currency_id = fields.Many2one(comodel_name="res.currency", required=True, readonly=True)
    amount_residual = fields.Monetary(string="Open amount", readonly=True)
    state = fields.Selection(
        selection=[
            ("new", "To check"),
            ("followed", "Followed up"),
            ("left_out", "Left out on purpose"),
        ],
        required=True,
        readonly=True,
        default="new",
    )
    decided_by_id = fields.Many2one(comodel_name="res.users", string="Decided by", readonly=True, ondelete="set null")
    decided_on = fields.Datetime(readonly=True)

    _unique_move_line = models.UniqueIndex("(move_line_id)", "This journal item is already in the list.")

    # --- ACTIONS ---

    @api.model
    def action_check(self):
        """Look at the accounting and show what nobody has decided about."""
        self._check_collector()
        for company in self.env.companies:
            self.sudo()._refresh(company)  # collectors decide about the rows, they do not make them
        return self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.receivable_check_action")

    def action_follow(self):
        """Ask for the due date, then follow these items up like invoices."""
        self._check_collector()
        self._check_undecided(("new", "left_out"))
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.receivable_follow_action")
        action["context"] = {"default_check_ids": self.ids}
        return action

    def action_leave_out(self):
        """Remember that these items are left out on purpose: they are not shown again."""
        self._check_collector()
        self._check_undecided(("new", "left_out"))
        undecided = self.filtered(lambda check: check.state == "new")
        undecided._decide("left_out")
        undecided._log_decision(self.env._("Not followed up by reminders: checked and left out on purpose."))
        return True

    def action_open_entry(self):
        self.ensure_one()
        return self.move_id._get_records_action()

    def _check_collector(self):
        """What is reminded is the work of collectors; the view alone is no guard."""
        self.check_access("read")
        if not (self.env.su or self.env.user.has_group("commercial_assistant.group_collector")):
            raise AccessError(self.env._("What is followed up is decided by collectors."))

    def _check_undecided(self, states):
        for check in self:
            if check.state not in states:
                raise UserError(
                    self.env._("%(entry)s is followed up already: see the open items.", entry=check.move_name)
                )

    # --- BUSINESS ---

    def _follow(self, date_maturity=False):
        """Let these journal items be reminded like invoices, as of their own date or as of the given one."""
        self._check_collector()
        self._check_undecided(("new", "left_out"))
        # a collector keeps no books; the two fields decide about reminders only and no lock date covers them
        lines_sudo = self.sudo().move_line_id.filtered(lambda line: not line.reconciled)
        lines_sudo.write({"no_followup": False, **({"date_maturity": date_maturity} if date_maturity else {})})
        self._decide("followed", date_maturity)
        if date_maturity:
            body = self.env._(
                "Followed up by reminders from now on, due on %(day)s.", day=format_date(self.env, date_maturity)
            )
        else:
            body = self.env._("Followed up by reminders from now on.")
        self._log_decision(body)
        for company, checks in self.grouped("company_id").items():
            self.env["commercial.receivable"].sudo()._refresh_items(company, checks.partner_id.ids)

    def _decide(self, state, date_maturity=False):
        vals = {"state": state, "decided_by_id": self.env.uid, "decided_on": fields.Datetime.now()}
        self.sudo().write({**vals, **({"date_maturity": date_maturity} if date_maturity else {})})

    def _log_decision(self, body):
        """Keep who decided beside the entry itself."""
        moves_sudo = self.sudo().move_id
        moves_sudo._message_log_batch({move.id: body for move in moves_sudo}, author_id=self.env.user.partner_id.id)

    @api.model
    def _refresh(self, company):
        """Find the open items that nobody has decided about, and drop those that are settled or changed, in sets."""
        self.env["account.move.line"].flush_model()
        self.env["account.move"].flush_model(["move_type"])
        self.flush_model()
        account_ids = self.env["commercial.receivable"]._get_receivable_accounts().ids
        source = self._get_source(company, account_ids)
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM commercial_receivable_check known
                      WHERE known.company_id = %(company)s
                        AND known.state = 'new'
                        AND NOT EXISTS (SELECT FROM (%(source)s) line WHERE line.move_line_id = known.move_line_id)
                """,
                company=company.id,
                source=source,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO commercial_receivable_check AS known
                            (company_id, partner_id, move_line_id, move_id, move_name, label, date, date_maturity,
                             currency_id, amount_residual, state, create_uid, create_date, write_uid, write_date)
                SELECT %(company)s, line.partner_id, line.move_line_id, line.move_id, line.move_name, line.label,
                       line.date, line.date_maturity, line.currency_id, line.amount_residual, 'new',
                       %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
                  FROM (%(source)s) line
             LEFT JOIN commercial_receivable_check seen ON seen.move_line_id = line.move_line_id
                 WHERE seen.id IS NULL
                    OR (seen.state = 'new' AND seen.amount_residual <> line.amount_residual)
                ON CONFLICT (move_line_id) DO UPDATE SET amount_residual = excluded.amount_residual
                """,
                company=company.id,
                uid=self.env.uid,
                source=source,
            )
        )
        self.invalidate_model()

    @api.model
    def _get_source(self, company, account_ids):
        """Return the query of the open receivable lines of miscellaneous entries that Odoo does not follow up."""
        return SQL(
            """
            SELECT line.id AS move_line_id, partner.commercial_partner_id AS partner_id, line.move_id,
                   line.move_name, line.name AS label, line.date, line.date_maturity, line.currency_id,
                   line.amount_residual_currency AS amount_residual
              FROM account_move_line line
              JOIN account_move move ON move.id = line.move_id
              JOIN res_partner partner ON partner.id = line.partner_id
             WHERE line.account_id = ANY(%s)
               AND line.reconciled IS NOT TRUE
               AND line.parent_state = 'posted'
               AND line.no_followup
               AND line.company_id = %s
               AND line.amount_residual_currency > 0
               AND move.move_type = 'entry'
               AND partner.commercial_partner_id IS NOT NULL
               %s
            """,
            account_ids,
            company.id,
            self._get_own_entries(),
        )

    @api.model
    def _get_own_entries(self):
        """Return the condition that leaves out the entries this app makes for charges: they are never reminded."""
        charge = self.env["commercial.dunning.charge"]
        columns = [
            field
            for field in charge._fields.values()
            if field.store and field.type == "many2one" and field.name != "move_id"
        ]
        conditions = [
            SQL(
                "AND NOT EXISTS (SELECT FROM %s charge WHERE %s = %s)",
                SQL.identifier(charge._table),
                SQL.identifier("charge", field.name),
                SQL.identifier("line", "move_id" if field.comodel_name == "account.move" else "id"),
            )
            for field in columns
            if field.comodel_name in ("account.move", "account.move.line")
        ]
        return SQL(" ").join(conditions)
