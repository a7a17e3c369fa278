from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import date_utils

from ...models.dunning.dunning_policy_level import LETTER_CHANNELS
from ...models.dunning.receivable_statement import STATEMENT_KINDS

PRINT_LIMIT = 100


class StatementMake(models.TransientModel):
    """Print or send statements of account of one or many customers."""

    _name = "commercial.statement.make"
    _description = "Make Statements of Account"

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
    )
    kind = fields.Selection(selection=STATEMENT_KINDS, required=True, default="open")
    date = fields.Date(string="On", required=True, default=fields.Date.context_today)
    date_from = fields.Date(string="From", default=lambda self: self._default_date_from())
    with_charges = fields.Boolean(
        string="With interest and costs",
        default=True,
        help="List the interest, indemnities and costs that letters claimed.",
    )
    scope = fields.Selection(
        selection=[("chosen", "These customers"), ("open", "Everybody with an open invoice on that day")],
        required=True,
        compute="_compute_scope",
        store=True,
        readonly=False,
        precompute=True,
    )
    receivable_ids = fields.Many2many(
        comodel_name="commercial.receivable",
        relation="commercial_statement_make_receivable_rel",
        column1="wizard_id",
        column2="receivable_id",
        string="Selected accounts",
    )
    partner_ids = fields.Many2many(
        comodel_name="res.partner",
        relation="commercial_statement_make_partner_rel",
        column1="wizard_id",
        column2="partner_id",
        string="Customers",
        compute="_compute_partner_ids",
        store=True,
        readonly=False,
        precompute=True,
        domain=[("parent_id", "=", False)],
    )
    lang = fields.Selection(
        selection=lambda self: self.env["res.lang"].get_installed(),
        string="Language",
        help="Empty: the language of each customer.",
    )
    channel = fields.Selection(
        selection=LETTER_CHANNELS[:2],
        help="Empty: by e-mail where there is an address, else as a letter.",
    )

    # --- DEFAULTS ---

    @api.model
    def _default_date_from(self):
        today = fields.Date.context_today(self)
        return date_utils.start_of(date_utils.subtract(today, months=3), "month")

    @api.depends("receivable_ids")
    def _compute_scope(self):
        for wizard in self:
            wizard.scope = "chosen" if wizard.receivable_ids or wizard.partner_ids else wizard.scope or "open"

    @api.depends("receivable_ids")
    def _compute_partner_ids(self):
        for wizard in self:
            wizard.partner_ids = wizard.receivable_ids.partner_id | wizard.partner_ids

    @api.constrains("date", "date_from", "kind")
    def _check_days(self):
        for wizard in self:
            if wizard.kind == "activity" and (not wizard.date_from or wizard.date_from > wizard.date):
                raise ValidationError(self.env._("The period begins on or before the day of the statement."))
            if wizard.date > fields.Date.context_today(wizard):
                raise ValidationError(self.env._("Nobody knows yet what will be open on a day that is still to come."))

    # --- ACTIONS ---

    def action_print(self):
        """Show the statements as one PDF file."""
        self.ensure_one()
        receivables = self._get_receivables()
        if len(receivables) > PRINT_LIMIT:
            raise UserError(
                self.env._(
                    "%(count)s statements are too many for one file. Send them: those without e-mail address come into "
                    "the outgoing letters and are printed there.",
                    count=len(receivables),
                )
            )
        return receivables._get_statement_report_action(receivables, self._get_options())

    def action_send(self):
        """Send the statements; whoever has this statement already gets no second one."""
        self.ensure_one()
        Statement = self.env["commercial.statement"]
        Statement._check_collector()
        statements, created = Statement._plan(self._get_receivables(), self._get_options(), channel=self.channel)
        if created:
            created._start_sending()
        if not created and len(statements) == 1:
            raise UserError(
                self.env._(
                    "%(customer)s already has this statement. Open it in the list of statements to print it again.",
                    customer=statements.partner_id.display_name,
                )
            )
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.statement_action")
        action["domain"] = [("id", "in", statements.ids)]
        action["context"] = {}
        return action

    # --- BUSINESS ---

    def _get_options(self):
        self.ensure_one()
        return {
            "date": self.date,
            "kind": self.kind,
            "date_from": self.date_from if self.kind == "activity" else False,
            "with_charges": self.with_charges,
            "lang": self.lang,
        }

    def _get_receivables(self):
        """Return the accounts of the chosen customers, or of everybody with an open invoice on that day."""
        self.ensure_one()
        Receivable = self.env["commercial.receivable"]
        if self.scope == "chosen":
            if not self.partner_ids:
                raise UserError(self.env._("Choose the customers."))
            return Receivable._ensure_accounts(self.company_id, self.partner_ids)
        # the journal items of the company are read for the user, its accounts only as far as the user may
        receivables = Receivable.search([("id", "in", Receivable._find_open_at(self.company_id, self.date))])
        if not receivables:
            raise UserError(self.env._("No customer had an open invoice on that day."))
        return receivables
