import hashlib
import logging

from psycopg2 import Error as DatabaseError

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import date_utils, exception_to_unicode, format_date

from .dunning_policy_level import LETTER_CHANNELS
from .receivable_statement import STATEMENT_KINDS

_logger = logging.getLogger(__name__)

REPORT_MODEL = "report.commercial_assistant.report_receivable_statement"


class Statement(models.Model):
    """A statement of account that is sent to one customer: once for a day and kind, kept as it left."""

    _name = "commercial.statement"
    _description = "Statement of Account"
    _inherit = ["commercial.dispatch.mixin", "commercial.receivable.record.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    contact_id = fields.Many2one(
        comodel_name="res.partner",
        string="Recipient",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    kind = fields.Selection(
        selection=STATEMENT_KINDS,
        required=True,
        readonly=True,
        default="open",
    )
    date_from = fields.Date(string="From", readonly=True)
    date = fields.Date(required=True, readonly=True, string="Day of the statement")
    with_charges = fields.Boolean(
        string="With charges",
        readonly=True,
        default=True,
        help="Interest, indemnities and costs that were claimed are listed as well.",
    )
    lang = fields.Selection(
        selection=lambda self: self.env["res.lang"].get_installed(),
        string="Language",
        readonly=True,
    )
    channel = fields.Selection(
        selection=LETTER_CHANNELS,
        required=True,
        readonly=True,
        default="email",
    )
    is_automatic = fields.Boolean(string="Monthly", readonly=True)
    state = fields.Selection(
        selection=[
            ("waiting", "Waiting"),
            ("sending", "Sending"),
            ("sent", "Sent"),
            ("failed", "Failed"),
            ("skipped", "Not needed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        copy=False,
        index=True,
        default="waiting",
    )
    reason = fields.Char(readonly=True, copy=False)
    sent_on = fields.Date(readonly=True, copy=False)
    fingerprint = fields.Char(readonly=True, copy=False, help="Of the figures; tells whether they changed meanwhile.")
    attachment_id = fields.Many2one(
        comodel_name="ir.attachment",
        string="File",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    sha256 = fields.Char(string="SHA-256", readonly=True, copy=False)

    _unique_statement = models.UniqueIndex(
        "(receivable_id, kind, date, COALESCE(date_from, date), with_charges) WHERE state <> 'cancelled'",
        "This customer already has this statement of that day.",
    )
    _waiting = models.Index("(company_id, id) WHERE state = 'waiting'")

    # --- COMPUTE ---

    @api.depends("date", "date_from", "kind", "partner_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for statement in self:
            statement.display_name = self.env._(
                "Statement of %(day)s, %(customer)s",
                day=format_date(self.env, statement.date),
                customer=statement.partner_id.display_name,
            )

    # --- CRUD ---

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        if any(statement.state in ("sending", "sent") for statement in self):
            raise UserError(self.env._("A statement that left is kept."))

    # --- ACTIONS ---

    def _check_collector(self):
        """Statements leave in the name of the company; the view alone is no guard."""
        self.check_access("read")
        if not (self.env.su or self.env.user.has_group("commercial_assistant.group_collector")):
            raise AccessError(self.env._("Statements are sent by collectors."))

    def action_send(self):
        """Send what waits now; many statements are made by the job."""
        self._check_collector()
        waiting = self.filtered(lambda statement: statement.state == "waiting")
        if not waiting:
            raise UserError(self.env._("None of these statements waits to be sent."))
        waiting._start_sending()
        return True

    def action_retry(self):
        """Try failed statements again, to the address as it is today."""
        self._check_collector()
        failed = self.filtered(lambda statement: statement.state in ("failed", "skipped"))
        failed.sudo().write({"state": "waiting", "reason": False, "contact_id": False})
        failed._start_sending()
        return True

    def action_cancel(self):
        """Withdraw statements that have not left."""
        self._check_collector()
        if any(statement.state == "sent" for statement in self):
            raise UserError(self.env._("A statement that left cannot be withdrawn."))
        statements_sudo = self.sudo()  # nobody writes statements by hand
        on_the_way = statements_sudo.dispatch_ids.filtered(lambda dispatch: dispatch.state in ("sending", "ambiguous"))
        if on_the_way:
            raise UserError(
                self.env._(
                    "%(letters)s may have left already: decide about that first.", letters=on_the_way.mapped("name")
                )
            )
        waiting = statements_sudo.dispatch_ids.filtered(lambda dispatch: dispatch.state == "reserved")
        statements_sudo.write({"state": "cancelled"})
        if waiting:
            waiting.action_cancel()
        return True

    def action_print(self):
        """Show the statement as it left, or as it would leave."""
        self.check_access("read")
        self.ensure_one()
        if self.attachment_id:
            return {
                "type": "ir.actions.act_url",
                "url": f"/web/content/{self.attachment_id.id}?download=true",
                "target": "self",
            }
        return self.env["commercial.receivable"]._get_statement_report_action(
            self.receivable_id, self._get_statement_options()
        )

    # --- MAKING ---

    @api.model
    def _plan(self, receivables, options, channel=None, automatic=False):
        """Return a statement for each of these customers; one that exists already is returned, not doubled.

        :param options: see ``commercial.receivable._read_statement_options``
        :param channel: ``None`` for mail where there is an address, else a letter
        :return: ``(all statements, new ones)``
        """
        options = receivables._read_statement_options(options)
        domain = (
            Domain("receivable_id", "in", receivables.ids)
            & Domain("kind", "=", options["kind"])
            & Domain("date", "=", options["date"])
            & Domain("date_from", "=", options["date_from"])
            & Domain("with_charges", "=", options["with_charges"])
            & Domain("state", "!=", "cancelled")
        )
        known = self.search(domain)
        missing = receivables - known.receivable_id
        created_sudo = self.sudo().create(
            [
                {
                    "company_id": receivable.company_id.id,
                    "receivable_id": receivable.id,
                    "kind": options["kind"],
                    "date": options["date"],
                    "date_from": options["date_from"],
                    "with_charges": options["with_charges"],
                    "lang": options["lang"],
                    # without an address for mails it becomes a letter when it is made
                    "channel": channel or "email",
                    "is_automatic": automatic,
                }
                for receivable in missing
            ]
        )
        created = created_sudo.sudo(self.env.su)
        return known | created, created

    def _start_sending(self):
        """Send a few statements at once, leave many to the job."""
        limit = min(self.company_id.mapped("dunning_send_batch"), default=0)
        if len(self) > limit:
            self.env.ref("commercial_assistant.ir_cron_statement_send")._trigger()
            return
        self.sudo()._make()

    def _get_statement_options(self):
        self.ensure_one()
        return {
            "date": self.date,
            "kind": self.kind,
            "date_from": self.date_from,
            "with_charges": self.with_charges,
            "lang": self.lang,
        }

    def _make(self):
        """Make and send these statements; what goes wrong with one is written on it, the others go on."""
        reserved = self.env["commercial.dispatch"]
        for statement in self:
            if statement.state != "waiting" or not statement.try_lock_for_update():
                continue
            try:
                with self.env.cr.savepoint():
                    reserved |= statement._reserve_dispatch()
            except UserError as error:
                statement.write({"state": "failed", "reason": str(error)})
            except DatabaseError:
                raise  # the framework repeats the transaction, or the next start goes on here
            except Exception as error:
                _logger.exception("Statement %s could not be made", statement.id)
                statement.write({"state": "failed", "reason": exception_to_unicode(error) or type(error).__name__})
        reserved.sudo()._send()  # in the name of whoever asked for it; the right was checked before

    def _reserve_dispatch(self):
        """Make PDF and mail, keep them, and put them into the queue; return the dispatch."""
        self.ensure_one()
        receivable = self.receivable_id.with_company(self.company_id)
        options = self._get_statement_options()
        [sections] = receivable._load_statements(options).values()
        if not sections:
            self.write({"state": "skipped", "reason": self.env._("Nothing was open and nothing happened.")})
            return self.env["commercial.dispatch"]
        contact = receivable._get_statement_contact()
        channel = "post" if self.channel == "email" and not contact.email else self.channel
        if channel != "email" and not (contact.street and (contact.zip or contact.city)) and not contact.parent_id:
            raise UserError(
                self.env._("%(contact)s has neither an e-mail address nor a postal one.", contact=contact.display_name)
            )
        lang = receivable._get_statement_lang(self.lang)
        pdf = receivable._render_statement(
            self.date, lang=lang, kind=self.kind, date_from=self.date_from, with_charges=self.with_charges
        )
        self.write(
            {
                "contact_id": contact.id,
                "channel": channel,
                "lang": lang,
                "fingerprint": receivable._get_statement_fingerprints(options)[receivable.id],
                "sha256": hashlib.sha256(pdf).hexdigest(),
                "attachment_id": self.env["ir.attachment"].create(self._prepare_attachment_vals(pdf, lang)).id,
                "state": "sending",
                "reason": False,
            }
        )
        mail = self.env[REPORT_MODEL].with_context(lang=lang)._prepare_mail(receivable, options)
        return self.env["commercial.dispatch"]._reserve(
            [
                {
                    "company_id": self.company_id.id,
                    "partner_id": self.partner_id.id,
                    "contact_id": contact.id,
                    "res_model": self._name,
                    "res_id": self.id,
                    "key": f"{self._name},{self.id}",
                    "lang": lang,
                    "channel": channel,
                    "subject": mail["subject"],
                    "body": mail["body"],
                    "attachment_id": self.attachment_id.id,
                }
            ]
        )

    def _prepare_attachment_vals(self, pdf, lang):
        spoken = self.with_context(lang=lang)
        day = fields.Date.to_string(self.date)
        return {
            "name": spoken.env._("Statement of account %(day)s.pdf", day=day),
            "raw": pdf,
            "mimetype": "application/pdf",
            "res_model": self._name,
            "res_id": self.id,
        }

    # --- HOOKS OF THE DISPATCH ---

    def _dispatch_before_send(self, dispatch):
        """Look once more at the accounting; return a reason when the statement must not leave as it is."""
        self.ensure_one()
        statement = self.sudo()
        if not statement.try_lock_for_update():
            return self.env._("The statement is being changed.")
        statement.invalidate_recordset()
        if statement.state == "failed":
            statement.state = "sending"
        if statement.state != "sending":
            return self.env._("The statement was withdrawn.")
        receivable = statement.receivable_id.with_company(statement.company_id)
        figures = receivable._get_statement_fingerprints(statement._get_statement_options())[receivable.id]
        if figures == statement.fingerprint:
            return None
        # made anew by the next pass of the job
        statement.write({"state": "waiting", "reason": self.env._("The figures of that day changed.")})
        self.env.ref("commercial_assistant.ir_cron_statement_send")._trigger()
        return self.env._("The statement is out of date and is made anew.")

    def _dispatch_after_send(self, dispatch):
        """The statement has left. May be called again."""
        statement = self.sudo()
        if statement.state == "sent":
            return
        statement.write({"state": "sent", "sent_on": dispatch._get_sent_date(), "reason": False})
        statement.receivable_id._message_log(
            body=self.env._("Statement of account of %(day)s sent", day=format_date(self.env, statement.date))
        )

    def _dispatch_after_failure(self, dispatch):
        """The statement did not arrive. May be called again."""
        statement = self.sudo()
        if statement.state in ("sending", "sent"):
            statement.write(
                {
                    "state": "failed",
                    "sent_on": False,
                    "reason": dispatch.error or self.env._("The statement was not sent."),
                }
            )

    # --- CRON ---

    @api.model
    def _cron_send(self):
        """Plan the monthly statements, then make and send what waits until the time is up."""
        for company in self.env["res.company"].search([("statement_auto", "=", True)]):
            self.with_company(company)._plan_monthly(company, fields.Date.context_today(self))
        waiting_ids = self.search([("state", "=", "waiting")], order="id").ids
        self.env["ir.cron"]._commit_progress(remaining=len(waiting_ids))
        for statement_id in waiting_ids:
            statement = self.browse(statement_id).exists()
            statement._make()
            if not self.env["ir.cron"]._commit_progress(1):
                break

    @api.model
    def _plan_monthly(self, company, today):
        """Plan the statements of last month's end, from the chosen day of the month on; again changes nothing."""
        if today.day < company.statement_day:
            return self.browse()
        day = date_utils.subtract(today.replace(day=1), days=1)
        receivables = self._find_monthly_receivables(company, day)
        _statements, created = self._plan(receivables, {"date": day, "kind": "open"}, automatic=True)
        return created

    @api.model
    def _find_monthly_receivables(self, company, day):
        """Return the customers with an open invoice on that day who get a statement every month."""
        Receivable = self.env["commercial.receivable"]
        open_ids = Receivable._find_open_at(company, day)
        receivables = Receivable.browse(open_ids)
        always = receivables.filtered(lambda receivable: receivable.statement_mode == "always")
        undecided = receivables.filtered(lambda receivable: not receivable.statement_mode)
        policies = self.env["commercial.dunning.policy"].search([("send_statement", "=", True)])
        if policies:
            chosen = undecided._get_policy_ids()
            always |= undecided.filtered(lambda receivable: chosen.get(receivable.id) in policies.ids)
        return always
