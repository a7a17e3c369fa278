import hashlib
import logging
import smtplib
from datetime import datetime, time, timedelta

import pytz
from psycopg2 import Error as DatabaseError

from odoo import api, fields, models, modules, tools
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools.mail import email_normalize_all, formataddr
from odoo.tools.pdf import merge_pdf

from .legal_parameter import LegalParameterError

_logger = logging.getLogger(__name__)

LIVE_STATES = ("reserved", "sending", "sent", "ambiguous")
ENDED_STATES = ("sent", "failed")
TRANSITIONS = {
    "reserved": {"sending", "sent", "failed", "cancelled"},
    "sending": {"reserved", "sent", "failed", "ambiguous"},
    "sent": {"failed"},
    "failed": {"reserved", "cancelled"},
    "ambiguous": {"sent", "failed"},
    "cancelled": set(),
}
SWEEP_MINUTES = 15

# what the customer sees; fixed as soon as the letter is on its way
RECIPIENT_FIELDS = {"contact_id", "recipient_email", "recipient_address", "recipient_phone"}
CONTENT_FIELDS = RECIPIENT_FIELDS | {
    "attachment_id",
    "attachment_ids",
    "body",
    "channel",
    "company_id",
    "key",
    "lang",
    "name",
    "partner_id",
    "res_id",
    "res_model",
    "sha256",
    "subject",
}

# answers of a mail server, or errors before it was asked: the letter has certainly not left
REFUSALS = (
    smtplib.SMTPResponseException,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPNotSupportedError,
    AssertionError,
    UnicodeError,
    ValueError,
)


class CommercialDispatch(models.Model):
    _name = "commercial.dispatch"
    _description = "Outgoing Letter"
    _inherit = ["mail.thread"]
    _order = "id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "subject", "tracking_number"]
    _mail_post_access = "read"

    name = fields.Char(
        string="Number",
        required=True,
        readonly=True,
        copy=False,
        default="/",
    )
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
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    contact_id = fields.Many2one(
        comodel_name="res.partner",
        string="Recipient",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        help="The person or address the letter goes to. Empty: the customer.",
    )
    res_model = fields.Char(
        string="Document Model",
        readonly=True,
    )
    res_id = fields.Many2oneReference(
        string="Document ID",
        model_field="res_model",
        index=True,
        readonly=True,
    )
    document_name = fields.Char(
        string="Document",
        compute="_compute_document_name",
    )
    lang = fields.Selection(
        selection=lambda self: self.env["res.lang"].get_installed(),
        string="Language",
    )
    channel = fields.Selection(
        selection=[
            ("email", "E-mail"),
            ("post", "Post"),
            ("registered", "Registered post"),
            ("sms", "SMS"),
            ("phone", "Phone call"),
        ],
        required=True,
        default="email",
    )
    subject = fields.Char()
    body = fields.Html(
        sanitize="email_outgoing",
    )
    attachment_id = fields.Many2one(
        comodel_name="ir.attachment",
        string="Letter",
        index="btree_not_null",
        copy=False,
        ondelete="restrict",
        help="The letter itself, kept as it was sent.",
    )
    attachment_ids = fields.Many2many(
        comodel_name="ir.attachment",
        relation="commercial_dispatch_attachment_rel",
        column1="dispatch_id",
        column2="attachment_id",
        string="Enclosures",
        copy=False,
        ondelete="restrict",
        bypass_search_access=True,
    )
    sha256 = fields.Char(
        string="Fingerprint",
        readonly=True,
        copy=False,
        help="SHA-256 of the letter (of subject and text when there is no file): proves that it was not changed since.",
    )
    state = fields.Selection(
        selection=[
            ("reserved", "Waiting"),
            ("sending", "Being sent"),
            ("sent", "Sent"),
            ("failed", "Failed"),
            ("ambiguous", "Uncertain"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        copy=False,
        default="reserved",
        index=True,
        help="Uncertain: the connection broke while the letter was handed over. It is never sent again by itself; "
        "a person looks and decides.",
    )
    attempt = fields.Integer(
        readonly=True,
        copy=False,
        default=1,
        aggregator=None,
    )
    recipient_email = fields.Char(
        string="E-mail Address",
        help="Address at the time of the letter.",
    )
    recipient_address = fields.Text(
        string="Postal Address",
        help="Address at the time of the letter.",
    )
    mail_id = fields.Many2one(
        comodel_name="mail.mail",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    message_id = fields.Char(
        string="Message-ID",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Identifies the mail in the logs of mail servers.",
    )
    tracking_number = fields.Char(
        readonly=True,
        copy=False,
    )
    printed_on = fields.Datetime(
        readonly=True,
        copy=False,
    )
    sending_on = fields.Datetime(
        string="Handed Over On",
        readonly=True,
        copy=False,
    )
    sent_on = fields.Datetime(
        readonly=True,
        copy=False,
    )
    bounced_on = fields.Datetime(
        string="Came Back On",
        readonly=True,
        copy=False,
    )
    error = fields.Text(
        string="Reason",
        readonly=True,
        copy=False,
    )
    resolved_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Decided By",
        readonly=True,
        copy=False,
    )
    resolved_on = fields.Datetime(
        string="Decided On",
        readonly=True,
        copy=False,
    )
    resolution_note = fields.Text(
        string="Why",
        copy=False,
        help="What showed that the letter has left, or has not.",
    )
    key = fields.Char(
        required=True,
        readonly=True,
        copy=False,
        help="Natural key: two letters with the same key never leave both.",
    )
    is_document_informed = fields.Boolean(
        readonly=True,
        copy=False,
        default=True,
        help="The document knows how the sending ended.",
    )

    _one_live_letter = models.UniqueIndex(
        "(key) WHERE state IN ('reserved', 'sending', 'sent', 'ambiguous')",
        "This letter exists already; it is not sent twice.",
    )
    _queue = models.Index("(id) WHERE state IN ('reserved', 'sending')")
    _uninformed = models.Index("(id) WHERE is_document_informed IS NOT TRUE")

    # --- COMPUTE ---

    @api.depends("res_model", "res_id")
    def _compute_document_name(self):
        for model_name, dispatches in self.grouped("res_model").items():
            names = {}
            if model_name in self.env:
                documents = self.env[model_name].browse(set(dispatches.mapped("res_id"))).exists()
                names = {document.id: document.display_name for document in documents._filtered_access("read")}
            for dispatch in dispatches:
                dispatch.document_name = names.get(dispatch.res_id, False)

    # --- CRUD ---

    @api.model_create_multi
    def create(self, vals_list):
        for company, company_vals in self._group_by_company(vals_list):
            unnamed = [vals for vals in company_vals if vals.get("name", "/") == "/"]
            for vals, number in zip(unnamed, self._next_numbers(company, len(unnamed)), strict=True):
                vals["name"] = number
        for vals in vals_list:
            vals.setdefault("key", f"{vals.get('res_model')},{vals.get('res_id')},{vals.get('channel')},{vals['name']}")
        dispatches = super().create(vals_list)
        dispatches._check_sources()
        for dispatch in dispatches:
            dispatch.sha256 = dispatch._get_fingerprint()
        return dispatches

    @api.model
    def _group_by_company(self, vals_list):
        groups = {}
        for vals in vals_list:
            groups.setdefault(vals.get("company_id") or self.env.company.id, []).append(vals)
        return [(self.env["res.company"].browse(company_id), vals) for company_id, vals in groups.items()]

    @api.model
    def _next_numbers(self, company, count):
        """Return ``count`` numbers of the company's sequence, drawn in one query."""
        if not count:
            return []
        # drawing a number needs no right on sequences
        sequence_sudo = (
            self.env["ir.sequence"]
            .sudo()
            .search(
                [("code", "=", self._name), ("company_id", "in", [company.id, False])],
                order="company_id",
                limit=1,
            )
        )
        if sequence_sudo.implementation != "standard" or sequence_sudo.use_date_range:
            return [sequence_sudo.with_company(company).next_by_id() for _number in range(count)]
        self.env.cr.execute(
            "SELECT nextval(%s) FROM generate_series(1, %s)", [f"ir_sequence_{sequence_sudo.id:03d}", count]
        )
        return [sequence_sudo.get_next_char(number) for [number] in self.env.cr.fetchall()]

    def write(self, vals):
        self._check_write(vals)
        result = super().write(vals)
        if {"res_model", "res_id", "attachment_id", "attachment_ids"} & vals.keys():
            self._check_sources()
        if {"subject", "body", "attachment_id"} & vals.keys():
            for dispatch in self:
                super(CommercialDispatch, dispatch).write({"sha256": dispatch._get_fingerprint()})
        return result

    def _check_sources(self):
        """Nobody sends out documents or files that he may not read himself."""
        if self.env.su:
            return
        (self.attachment_id | self.attachment_ids).check_access("read")
        for model_name, dispatches in self.grouped("res_model").items():
            if model_name in self.env:
                self.env[model_name].browse(set(dispatches.mapped("res_id"))).exists().check_access("read")

    def _check_write(self, vals):
        """A letter that is on its way or has left stays as it is."""
        if new_state := vals.get("state"):
            for dispatch in self.filtered(lambda d: d.state != new_state):
                if new_state not in TRANSITIONS[dispatch.state]:
                    states = dict(self._fields["state"]._description_selection(self.env))
                    raise UserError(
                        self.env._(
                            "Letter %(name)s is %(state)s and cannot become %(new_state)s.",
                            name=dispatch.name,
                            state=states[dispatch.state],
                            new_state=states[new_state],
                        )
                    )
        changed = CONTENT_FIELDS & vals.keys()
        retried = RECIPIENT_FIELDS if new_state == "reserved" else set()
        for dispatch in self.filtered(lambda d: d.state != "reserved"):
            if changed - (retried if dispatch.state == "failed" else set()):
                raise UserError(
                    self.env._("Letter %(name)s is kept as it was sent and cannot be changed.", name=dispatch.name)
                )

    def copy_data(self, default=None):
        raise UserError(self.env._("A letter is not duplicated: make a new one from its document."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_on_its_way(self):
        for dispatch in self:
            if dispatch.state not in ("reserved", "failed", "cancelled") or dispatch.sent_on:
                raise UserError(
                    self.env._("Letter %(name)s is proof of what was sent and cannot be deleted.", name=dispatch.name)
                )

    # --- RESERVE ---

    @api.model
    def _reserve(self, vals_list):
        """Reserve letters. A letter whose key is reserved, on its way, uncertain or sent is returned, not doubled.

        Needed: ``partner_id``, ``res_model``, ``res_id``, ``key``, ``channel`` and the content (``subject``, ``body``,
        ``attachment_id`` for the PDF, ``attachment_ids`` for enclosures). Company, language, recipient and addresses
        are taken from the customer when they are not given.

        :return: one record for each entry of ``vals_list``, in the same order
        """
        keys = [vals["key"] for vals in vals_list]
        if not all(keys):
            raise ValueError("A letter needs a key")  # noqa: TRY003 - a mistake of the caller, not of a person
        domain = Domain("key", "in", keys) & Domain("state", "in", LIVE_STATES)
        # the index knows every company, so does this look-up
        known = {dispatch.key: dispatch.id for dispatch in self.sudo().search(domain)}
        fresh = {}
        for vals in vals_list:
            if vals["key"] not in known:
                fresh.setdefault(vals["key"], vals)
        prepared = self._prepare_reserve_vals_list(list(fresh.values()))
        quiet = self.with_context(tracking_disable=True, mail_create_nosubscribe=True, mail_create_nolog=True)
        for dispatch in quiet.create(prepared):
            known[dispatch.key] = dispatch.id
        return self.browse(known[key] for key in keys)

    @api.model
    def _prepare_reserve_vals_list(self, vals_list):
        """Complete the values of new letters with the recipient as he is today."""
        partners = self.env["res.partner"].browse({vals.get("contact_id") or vals["partner_id"] for vals in vals_list})
        by_id = {partner.id: partner for partner in partners}
        languages = dict(self.env["res.lang"].get_installed())
        prepared = []
        for vals in vals_list:
            contact = by_id[vals.get("contact_id") or vals["partner_id"]]
            company = self.env["res.company"].browse(vals.get("company_id")) or self.env.company
            lang = vals.get("lang") or contact.lang or company.partner_id.lang
            prepared.append(
                {
                    "company_id": company.id,
                    "contact_id": contact.id,
                    "recipient_email": contact.email,
                    "recipient_address": contact._get_letter_address(),
                    **vals,
                    "lang": lang if lang in languages else False,
                    "state": "reserved",
                    "attempt": 1,
                }
            )
        return prepared

    def _get_fingerprint(self):
        """Return the SHA-256 of the letter: of its file, or of subject and text."""
        self.ensure_one()
        # whoever may see the letter may have its file checked
        content = self.attachment_id.sudo().raw
        if not content:
            content = f"{self.subject or ''}\n{self.body or ''}".encode()
        return hashlib.sha256(content).hexdigest()

    # --- SEND ---

    def _send(self):
        """Send the waiting mails among these letters, each one in a transaction of its own.

        Call it when everything that belongs to the reservation is done: what was done before is committed first.
        Letters by post wait for a person. Whatever goes wrong with one letter is written on that letter; the others
        go on.
        """
        self.check_access("write")
        waiting = self.filtered(lambda d: d.state == "reserved" and d.channel in self._get_automatic_channels())
        if not waiting:
            return
        if self._is_neutralized():
            waiting._write_reason(self.env._("Nothing is sent from this database: it is a copy (neutralized)."))
            return
        self._commit()
        for dispatch_id in waiting.ids:
            # one record at a time: each commit empties the cache
            self.browse(dispatch_id)._send_one()

    @api.model
    def _get_automatic_channels(self):
        """Channels on which a letter leaves without a hand."""
        return {"email"}

    @api.model
    def _is_neutralized(self):
        return bool(self.env["ir.config_parameter"].sudo().get_param("database.is_neutralized"))

    def _write_reason(self, reason):
        self.filtered(lambda d: d.error != reason).write({"error": reason})

    def _commit(self):
        """Make the step safe before the next one. A test has one transaction only."""
        if modules.module.current_test:
            self.env.flush_all()
            return
        # a letter that has left must stay recorded, whatever happens later
        self.env.cr.commit()  # pylint: disable=invalid-commit

    def _rollback(self):
        """Get a usable transaction back after a database error."""
        if not modules.module.current_test:
            self.env.cr.rollback()

    def _lock_waiting(self):
        """Return whether this worker alone holds the letter and it still waits."""
        self.ensure_one()
        try:
            locked = self.try_lock_for_update()
        except DatabaseError:
            # another worker finished it between our snapshot and our lock
            self._rollback()
            return False
        self.invalidate_recordset()
        return bool(locked) and self.state == "reserved"

    def _send_one(self):
        """Lock, ask the document, record the sending, hand over, record the outcome."""
        self.ensure_one()
        if not self._lock_waiting():
            self._commit()
            return
        state, reason = self._check_with_document(self._claim)
        if state == "sending":
            self._commit()
            state, reason = self._hand_over()
        self._finish(state, reason)

    def _claim(self):
        """Record that the letter is being sent, unless something speaks against it."""
        if problem := self._get_problem():
            return "failed", problem
        self.write(self._prepare_sending_vals())
        return "sending", False

    def _check_with_document(self, go_on):
        """Let the document look once more just before the letter leaves, then ``go_on``; return state and reason."""
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                if refusal := self._call_document("_dispatch_before_send"):
                    return "cancelled", refusal
                return go_on()
        except LegalParameterError as error:
            # leaves as soon as the figure is confirmed
            self.env["commercial.legal.parameter"]._ensure_task(error.code, error.on, error.country)
            return "reserved", str(error)
        except UserError as error:
            return "failed", str(error)
        except DatabaseError:
            _logger.info("Letter %s waits: its document is in use", self.id, exc_info=True)
            return "reserved", self.env._("The document is in use; the letter waits.")
        except Exception as error:
            _logger.exception("Letter %s could not be prepared", self.id)
            return "failed", tools.exception_to_unicode(error) or type(error).__name__

    def _get_problem(self):
        """Return why the letter cannot leave at all, or nothing."""
        self.ensure_one()
        if self.sha256 != self._get_fingerprint():
            return self.env._("The letter was changed or its file is gone since it was reserved. Make it anew.")
        if self.channel != "email":
            return None
        if not (self.recipient_email or "").strip():
            return self.env._("%(contact)s has no e-mail address.", contact=self._get_recipient().display_name)
        normalized = email_normalize_all(self.recipient_email)
        if not normalized:
            return self.env._("“%(email)s” is not a valid e-mail address.", email=self.recipient_email)
        # everybody's list, read for one address
        blocked_sudo = self.env["mail.blacklist"].sudo().search([("email", "in", normalized)], limit=1)
        if blocked_sudo:
            return self.env._(
                "The address %(email)s is on the list of blocked addresses. "
                "Send the letter by post, or take the address off the list.",
                email=blocked_sudo.email,
            )
        return None

    def _get_recipient(self):
        self.ensure_one()
        return self.contact_id or self.partner_id

    def _prepare_sending_vals(self):
        """Return the values that claim the letter, with the mail that nobody else may send."""
        self.ensure_one()
        # the user may send letters without any right on mails as such
        mail_sudo = self.env["mail.mail"].sudo().with_company(self.company_id).create(self._prepare_mail_vals())
        return {
            "state": "sending",
            "sending_on": fields.Datetime.now(),
            "mail_id": mail_sudo.id,
            "message_id": mail_sudo.message_id,
            "error": False,
        }

    def _prepare_mail_vals(self):
        """Return the mail. It is created as cancelled, so that Odoo's own queue never takes it."""
        self.ensure_one()
        document = self._get_document()
        is_thread = document is not None and isinstance(document, self.pool["mail.thread"])
        target = document if is_thread else self
        recipient = self._get_recipient()
        addresses = [formataddr((recipient.name or "", email)) for email in email_normalize_all(self.recipient_email)]
        return {
            "state": "cancel",
            "auto_delete": False,
            "message_type": "email_outgoing",
            "model": target._name,
            "res_id": target.id,
            "record_company_id": self.company_id.id,
            "author_id": self.create_uid.partner_id.id,
            "email_from": self.company_id.email_formatted or self.create_uid.email_formatted,
            "email_to": ", ".join(addresses),
            "subject": self.subject or self.name,
            "body_html": self.body or "",
            "body": self.body or "",
            "attachment_ids": [fields.Command.set((self.attachment_id | self.attachment_ids).ids)],
            "headers": repr(self._get_mail_headers()),
        }

    def _get_mail_headers(self):
        """Headers of the mail; its own number lets us find it in any log."""
        self.ensure_one()
        return {"X-Commercial-Dispatch": self.name, "X-Commercial-Attempt": str(self.attempt)}

    def _hand_over(self):
        """Give the mail to the mail server; return the state and the reason of anything but success."""
        self.ensure_one()
        mail_sudo = self.mail_id.sudo()  # see _prepare_sending_vals
        mail_sudo.write({"state": "outgoing"})  # never committed as such
        try:
            mail_sudo.send(raise_exception=True)
        except DatabaseError as error:
            self._rollback()
            return "ambiguous", self._prepare_ambiguous_reason(error)
        except Exception as error:  # noqa: BLE001 - whatever it was, the letter must get its state
            return self._judge_error(mail_sudo, error)
        if mail_sudo.state == "sent":
            return "sent", False
        if mail_sudo.state == "exception":
            return "failed", mail_sudo.failure_reason or self.env._("The mail server gave no reason.")
        # sending is switched off or throttled: nothing has left
        mail_sudo.unlink()
        return "reserved", self.env._("Mail is not sent from here at this moment; the letter waits.")

    @api.model
    def _judge_error(self, mail_sudo, error):
        """Tell a refusal (nothing has left) from a broken connection (nobody knows)."""
        handed_over = mail_sudo.state != "outgoing"
        cause = error
        while cause.__context__ is not None and not isinstance(cause, REFUSALS):
            cause = cause.__context__
        text = tools.exception_to_unicode(error)
        refused = not handed_over or (mail_sudo.state != "sent" and isinstance(cause, REFUSALS))
        mail_sudo.write({"state": "sent" if mail_sudo.state == "sent" else "exception", "failure_reason": text})
        if refused:
            return "failed", text
        return "ambiguous", self._prepare_ambiguous_reason(cause)

    @api.model
    def _prepare_ambiguous_reason(self, error):
        return self.env._(
            "The connection broke while the mail server took the letter, so nobody knows whether it left: %(error)s. "
            "Look in the log of the mail server for the Message-ID, then decide.",
            error=tools.exception_to_unicode(error) or type(error).__name__,
        )

    def _finish(self, state, reason=False):
        """Record the outcome, then tell the document."""
        vals = {"state": state, "error": reason}
        if state == "reserved":
            vals |= {"mail_id": False, "message_id": False, "sending_on": False}
        if state == "sent":
            vals["sent_on"] = fields.Datetime.now()
        if state in ENDED_STATES:
            vals["is_document_informed"] = False
        self.write(vals)
        self._commit()
        self._inform_documents()

    # --- DOCUMENT ---

    def _get_document(self):
        """Return the record the letter belongs to, empty when it is gone, None when its model is."""
        self.ensure_one()
        if not self.res_model or self.res_model not in self.env:
            return None
        return self.env[self.res_model].browse(self.res_id).exists()

    def _call_document(self, method_name):
        """Call a hook of the document's model, if it has one.

        ``_dispatch_before_send(dispatch)`` returns a reason when the letter may not leave any more (it is cancelled
        then); ``_dispatch_after_send(dispatch)`` and ``_dispatch_after_failure(dispatch)`` may be called again after
        a crash, so they must bear repetition.
        """
        document = self._get_document()
        method = getattr(document, method_name, None) if document else None
        return method(self) if method else None

    def _inform_documents(self):
        """Tell the documents how the sending ended; what fails here is repeated by the sweep."""
        for dispatch in self.filtered(lambda d: d.state in ENDED_STATES and not d.is_document_informed):
            method_name = "_dispatch_after_send" if dispatch.state == "sent" else "_dispatch_after_failure"
            try:
                with self.env.cr.savepoint():
                    dispatch._call_document(method_name)
                    dispatch.is_document_informed = True
            except DatabaseError:
                _logger.info("The document of letter %s is in use", dispatch.id, exc_info=True)
            except Exception:
                _logger.exception("The document of letter %s could not be informed", dispatch.id)
            self._commit()

    # --- ACTIONS ---

    def action_send(self):
        """Send the selected waiting mails now."""
        self.check_access("write")
        waiting = self.filtered(lambda d: d.state == "reserved" and d.channel in self._get_automatic_channels())
        if not waiting:
            raise UserError(self.env._("Choose letters that wait to be sent by e-mail."))
        waiting._send()
        return waiting._get_outcome_notification()

    def _get_outcome_notification(self):
        states = dict(self._fields["state"]._description_selection(self.env))
        groups = self.grouped("state")
        message = ", ".join(f"{states[state]}: {len(groups[state])}" for state in states if state in groups)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("Outgoing letters"),
                "message": message,
                "type": "success" if set(groups) == {"sent"} else "warning",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_print(self):
        """Return the letters as one PDF file; a first print looks at the documents once more."""
        self.check_access("read")
        fresh = self.filtered(lambda d: d.state == "reserved" and d.channel in ("post", "registered"))
        if fresh:
            self.check_access("write")
            if self._is_neutralized():
                raise UserError(self.env._("Nothing leaves from this database: it is a copy (neutralized)."))
            for dispatch in fresh:
                dispatch._prepare_print()
        printable = self - fresh.filtered(lambda d: d.state != "reserved" or d.error)
        if not printable:
            raise UserError(
                self.env._("None of these letters is to be printed: %(reasons)s", reasons=fresh.mapped("error"))
            )
        printable._get_print_file()  # whatever is wrong is said now, not in an empty browser tab
        (fresh & printable).write({"printed_on": fields.Datetime.now()})
        download = {
            "type": "ir.actions.act_url",
            "url": f"/commercial_assistant/letters/{','.join(map(str, printable.ids))}",
            "target": "download",
        }
        left_out = fresh - printable
        if not left_out:
            return download
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("Not printed"),
                "message": "\n".join(f"{dispatch.name}: {dispatch.error}" for dispatch in left_out),
                "type": "warning",
                "sticky": True,
                "next": download,
            },
        }

    def _prepare_print(self):
        """Check a letter for the post as a mail is checked before it is sent."""
        self.ensure_one()
        if not self._lock_waiting():
            raise UserError(self.env._("Letter %(name)s is in use by somebody else.", name=self.name))
        self._finish(*self._check_with_document(self._check_printable))

    def _check_printable(self):
        problem = self._get_problem()
        return ("failed", problem) if problem else ("reserved", False)

    def _get_print_file(self):
        """Return name and content of the letters as one PDF; a single letter exactly as it is kept."""
        parts = []
        for dispatch in self:
            # whoever may read the letter may print it
            files_sudo = (dispatch.attachment_id | dispatch.attachment_ids).sudo()
            pdfs = [file.raw for file in files_sudo if file.mimetype == "application/pdf" and file.raw]
            if not pdfs:
                raise UserError(self.env._("Letter %(name)s has no PDF file to print.", name=dispatch.name))
            parts.append((dispatch, pdfs))
        if len(parts) == 1 and len(parts[0][1]) == 1:
            return f"{self.name.replace('/', '-')}.pdf", parts[0][1][0]
        checked = []
        for dispatch, pdfs in parts:
            try:
                checked.append(merge_pdf(pdfs))
            except Exception as error:  # noqa: BLE001 - PDF libraries raise anything
                raise UserError(
                    self.env._("The file of letter %(name)s is damaged and cannot be printed.", name=dispatch.name)
                ) from error
        return self.env._("Letters.pdf"), merge_pdf(checked)

    def action_open_post_wizard(self):
        """Ask for day and tracking numbers of letters taken to the post office."""
        self.check_access("write")
        by_hand = self.filtered(lambda d: d.state == "reserved" and d.channel not in self._get_automatic_channels())
        if not by_hand:
            raise UserError(self.env._("Choose letters that wait to be posted."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Mark as Posted"),
            "res_model": "commercial.dispatch.post",
            "view_mode": "form",
            "target": "new",
            "context": {"default_dispatch_ids": by_hand.ids},
        }

    def action_mark_posted(self, posted_on=None, tracking_number=None):
        """Record that letters were posted (or calls were made) on that day."""
        self._check_can_post()
        posted_on = fields.Date.to_date(posted_on) or fields.Date.context_today(self)
        self._mark_bundle_posted(posted_on, dict.fromkeys(self, tracking_number))
        return True

    def _check_can_post(self):
        self.check_access("write")
        if self._is_neutralized():
            raise UserError(self.env._("Nothing leaves from this database: it is a copy (neutralized)."))

    def _mark_bundle_posted(self, posted_on, tracking_numbers):
        """Record that a bundle of letters was posted on that day, then tell their documents.

        :param dict tracking_numbers: the number of each letter, or nothing
        """
        if posted_on > fields.Date.context_today(self):
            raise UserError(self.env._("A letter cannot be marked as posted on a day that is still to come."))
        for dispatch in self:
            dispatch._mark_posted(posted_on, tracking_numbers.get(dispatch))
        self._inform_documents()

    def _mark_posted(self, posted_on, tracking_number=None):
        self.ensure_one()
        if self.state == "sent":
            return  # done already
        if self.state != "reserved" or self.channel in self._get_automatic_channels():
            raise UserError(self.env._("Letter %(name)s does not wait to be posted.", name=self.name))
        if posted_on < self._get_local_date(self.create_date):
            raise UserError(
                self.env._("Letter %(name)s was written later than the day it is said to be posted.", name=self.name)
            )
        if self.channel == "registered" and not (tracking_number or "").strip():
            raise UserError(self.env._("Letter %(name)s is registered: enter its tracking number.", name=self.name))
        if not self._lock_waiting():
            raise UserError(self.env._("Letter %(name)s is in use by somebody else.", name=self.name))
        self.write(
            {
                "state": "sent",
                "sent_on": self._get_posting_time(posted_on),
                "tracking_number": tracking_number,
                "error": False,
                "is_document_informed": False,
            }
        )

    def action_resolve_sent(self):
        """A person found that the uncertain letter has left."""
        return self._resolve("sent")

    def action_resolve_not_sent(self):
        """A person found that the uncertain letter has not left: it may be tried again."""
        return self._resolve("failed")

    def _resolve(self, state):
        self.check_access("write")
        for dispatch in self:
            if dispatch.state != "ambiguous":
                raise UserError(self.env._("Letter %(name)s is not uncertain.", name=dispatch.name))
            vals = {
                "state": state,
                "resolved_by_id": self.env.uid,
                "resolved_on": fields.Datetime.now(),
                "is_document_informed": False,
            }
            if state == "sent":
                vals["sent_on"] = dispatch.sending_on
            dispatch.write(vals)
            dispatch._inform_documents()
        return True

    def action_retry(self):
        """Put failed letters back into the queue, to the address as it is today."""
        self.check_access("write")
        for dispatch in self:
            if dispatch.state != "failed":
                raise UserError(
                    self.env._("Letter %(name)s did not fail, so it is not sent again.", name=dispatch.name)
                )
        # a sibling may have been reserved in any company
        siblings_sudo = self.sudo().search([("key", "in", self.mapped("key")), ("state", "in", LIVE_STATES)])
        if siblings_sudo:
            raise UserError(
                self.env._(
                    "This letter was made again meanwhile: %(names)s. It is not sent twice.",
                    names=siblings_sudo.mapped("name"),
                )
            )
        for dispatch in self:
            dispatch._message_log(
                body=self.env._(
                    "Attempt %(attempt)s failed: %(reason)s", attempt=dispatch.attempt, reason=dispatch.error or ""
                )
            )
            dispatch.write(dispatch._prepare_retry_vals())
        return True

    def _prepare_retry_vals(self):
        self.ensure_one()
        recipient = self._get_recipient()
        return {
            "state": "reserved",
            "attempt": self.attempt + 1,
            "error": False,
            "mail_id": False,
            "message_id": False,
            "printed_on": False,
            "sending_on": False,
            "sent_on": False,
            "bounced_on": False,
            # a letter to nobody we know keeps its address
            "recipient_email": recipient.email if recipient else self.recipient_email,
            "recipient_address": recipient._get_letter_address() if recipient else False,
            "is_document_informed": True,
        }

    def action_cancel(self):
        """Withdraw letters that have not left."""
        self.check_access("write")
        for dispatch in self:
            if dispatch.state not in ("reserved", "failed") or dispatch.sent_on:
                raise UserError(
                    self.env._("Letter %(name)s is on its way or has left: it cannot be withdrawn.", name=dispatch.name)
                )
            if dispatch.state == "reserved" and not dispatch._lock_waiting():
                raise UserError(self.env._("Letter %(name)s is in use by somebody else.", name=dispatch.name))
            dispatch.write(
                {"state": "cancelled", "error": self.env._("Withdrawn by %(user)s", user=self.env.user.name)}
            )
            dispatch._call_document("_dispatch_after_failure")
        return True

    def action_open_document(self):
        self.ensure_one()
        document = self._get_document()
        if not document:
            raise UserError(self.env._("The document of this letter does not exist any more."))
        return document._get_records_action()

    # --- DAYS ---

    def _get_timezone(self):
        """Return the time zone in which a day of posting counts: the one of the company."""
        self.ensure_one()
        return pytz.timezone(self.company_id.partner_id.tz or self.env.user.tz or "Europe/Brussels")

    def _get_local_date(self, moment):
        return pytz.utc.localize(moment).astimezone(self._get_timezone()).date()

    def _get_sent_date(self):
        """Return the day of sending where the company is; legal terms start from it."""
        self.ensure_one()
        return self._get_local_date(self.sent_on) if self.sent_on else None

    def _get_posting_time(self, day):
        """Return a moment within that day where the company is."""
        self.ensure_one()
        now = fields.Datetime.now()
        if day == self._get_local_date(now):
            return now
        noon = self._get_timezone().localize(datetime.combine(day, time(12)))
        return noon.astimezone(pytz.utc).replace(tzinfo=None)

    # --- BOUNCES ---

    @api.model
    def _receive_bounce(self, message_ids, reason):
        """Mark mails that came back: the customer did not get them."""
        came_back = self.sudo().search([("message_id", "in", message_ids), ("state", "in", ("sent", "ambiguous"))])
        for dispatch in came_back:
            dispatch.write(
                {
                    "state": "failed",
                    "bounced_on": fields.Datetime.now(),
                    "error": dispatch._get_bounce_reason(reason),
                    "is_document_informed": False,
                }
            )
        came_back._inform_documents()

    def _get_bounce_reason(self, reason):
        return self.env._("The mail came back: %(reason)s", reason=reason or "")

    # --- CRON ---

    @api.model
    def _trigger_send(self):
        """Let the queue run soon, after the current transaction."""
        self.env.ref("commercial_assistant.ir_cron_dispatch_send")._trigger()

    @api.model
    def _cron_send(self):
        """Send the waiting mails until the time is up."""
        if self._is_neutralized():
            return
        domain = Domain("state", "=", "reserved") & Domain("channel", "in", list(self._get_automatic_channels()))
        waiting_ids = self.search(domain, order="id").ids
        self.env["ir.cron"]._commit_progress(remaining=len(waiting_ids))
        for dispatch_id in waiting_ids:
            self.browse(dispatch_id).exists()._send()
            if not self.env["ir.cron"]._commit_progress(1):
                break

    @api.model
    def _cron_sweep(self):
        """Turn letters whose sending never ended into uncertain ones, and inform documents that missed the outcome."""
        limit = fields.Datetime.now() - timedelta(minutes=SWEEP_MINUTES)
        stale = self.search([("state", "=", "sending"), "|", ("sending_on", "=", False), ("sending_on", "<=", limit)])
        stale.try_lock_for_update().write(
            {
                "state": "ambiguous",
                "error": self.env._(
                    "The program stopped while the letter was handed to the mail server, so nobody knows whether it "
                    "left. Look in the log of the mail server for the Message-ID, then decide."
                ),
            }
        )
        self._commit()
        self.search([("is_document_informed", "=", False)])._inform_documents()
