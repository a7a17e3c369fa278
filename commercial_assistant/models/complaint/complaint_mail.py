from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import email_normalize, html2plaintext, html_sanitize
from odoo.tools.mail import email_split_tuples, is_html_empty

from ...tools.incoming_mail import drop_pictures, guess_language
from .mail_thread import AUTOMATIC_KEY, LANGUAGES_KEY, LARGEST_MAIL, REFUSED_KEY

# an older date in a mail is the fault of a clock, not the day of the complaint
OLDEST_MAIL_DAYS = 14


class Complaint(models.Model):
    """Complaints that come by mail, and the answers of the customer."""

    _inherit = "commercial.complaint"

    # --- A NEW COMPLAINT ---

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """Take a mail down as a complaint. Who it comes from is written down even when we do not know him."""
        values = dict(custom_values or {})
        team = self.env["commercial.complaint.team"].browse(values.get("team_id"))
        company = self.env["res.company"].browse(values.get("company_id")) or team.company_id or self.env.company
        self = self.with_company(company).with_context(lang=company.partner_id.lang)
        values |= self._prepare_mail_complaint_vals(msg_dict, company)
        address = values.pop("email_from")
        # the name of a complaint is its number, the address is kept bare
        complaint = super().message_new({**msg_dict, "email_from": address}, {**values, "name": "/"})
        complaint._note_refused_files()
        if complaint._is_from_blocked_sender():
            complaint._cancel("spam", self.env._("The address stands on the list of blocked senders."))
        else:
            complaint._acknowledge()
        return complaint

    @api.model
    def _prepare_mail_complaint_vals(self, msg_dict, company):
        author = self.env["res.partner"].browse(msg_dict.get("author_id") or [])
        partner = author if self._is_customer_of(author, company) else author.browse()
        name, address = self._split_sender(msg_dict.get("email_from"))
        body = drop_pictures(msg_dict.get("body") or "")
        body = html_sanitize(body, sanitize_form=True, strip_style=True, strip_classes=True)
        values = {
            "company_id": company.id,
            "partner_id": partner.id,
            "contact_name": partner.name or name or address,
            "email_from": address,
            "subject": (msg_dict.get("subject") or "").strip()[:250] or self.env._("Mail without subject"),
            "description": False if is_html_empty(body) else body,
            "channel": "email",
            "received_on": self._read_mail_date(msg_dict.get("date")),
        }
        lang = partner.lang or self._guess_mail_language(msg_dict)
        if lang:
            values["lang"] = lang
        return values

    @api.model
    def _is_customer_of(self, partner, company):
        """Whether somebody who writes is a customer here: no colleague, and not kept for another company."""
        if not partner or partner == company.partner_id:
            return False
        # who is a colleague may be known
        if any(not user.share for user in partner.sudo().with_context(active_test=False).user_ids):
            return False
        return not partner.company_id or partner.company_id == company

    @api.model
    def _split_sender(self, email_from):
        """Return name and bare address; either can be empty."""
        name, address = next(iter(email_split_tuples(email_from or "")), ("", ""))
        return name.strip()[:100], email_normalize(address) or address or False

    @api.model
    def _read_mail_date(self, date):
        """Terms count from the mail, not from the night in which we fetched it; a senseless date is left out."""
        now = fields.Datetime.now()
        try:
            sent_on = fields.Datetime.to_datetime(date) if date else now
        except ValueError:
            return now
        return sent_on if now - timedelta(days=OLDEST_MAIL_DAYS) <= sent_on <= now else now

    @api.model
    def _guess_mail_language(self, msg_dict):
        """Return an installed language: the one the text is written in, else the one the mail program names."""
        installed = {}
        for code, _name in self.env["res.lang"].get_installed():
            installed.setdefault(code.partition("_")[0], code)
        own = self.env.company.partner_id.lang
        if own:
            installed[own.partition("_")[0]] = own
        text = f"{msg_dict.get('subject') or ''}\n{html2plaintext(msg_dict.get('body') or '')}"
        guessed = guess_language(text, installed)
        if not guessed:
            named = (self.env.context.get(LANGUAGES_KEY) or "").split(",")[0].partition(";")[0].strip()
            guessed = named.replace("-", "_").partition("_")[0].lower()
        return installed.get(guessed, False)

    def _is_from_blocked_sender(self):
        """Whether nobody wants to hear from this sender: he stands on the team's list, or on the general list and is
        no customer. A customer who wants no mailings may still complain."""
        self.ensure_one()
        if not self.email_from:
            return False
        if self.team_id._blocks(self.email_from):
            return True
        return not self.partner_id and self._is_on_blocked_list()

    def _is_on_blocked_list(self):
        """Whether the address stands on Odoo's list of addresses that get no mail."""
        self.ensure_one()
        normalized = email_normalize(self.email_from or "")
        # everybody's list, read for one address
        return bool(
            normalized and self.env["mail.blacklist"].sudo().search_count([("email", "=", normalized)], limit=1)
        )

    def _note_refused_files(self):
        """Tell whoever opens the complaint which files of a mail were too large."""
        self.ensure_one()
        refused = self.env.context.get(REFUSED_KEY)
        if refused:
            self._message_log(
                body=self.env._(
                    "Not kept, because all files of one mail together may have %(limit)s MB: %(files)s. "
                    "Ask the customer to send them in parts or in the portal.",
                    limit=LARGEST_MAIL // 1024 // 1024,
                    files=", ".join(refused),
                )
            )

    # --- AN ANSWER ---

    def message_update(self, msg_dict, update_vals=None):
        """Somebody answered by mail; when it was the customer himself, something happens."""
        result = super().message_update(msg_dict, update_vals)
        automatic = self.env.context.get(AUTOMATIC_KEY)
        for complaint in self:
            company = complaint.company_id
            complaint = complaint.with_company(company).with_context(lang=company.partner_id.lang)
            complaint._note_refused_files()
            if not automatic and complaint._is_word_of_customer(msg_dict):
                complaint._customer_replied()
        return result

    def _is_word_of_customer(self, msg_dict):
        """Whether a mail comes from the side of the customer: not from a colleague, not from a blocked address."""
        self.ensure_one()
        author = self.env["res.partner"].browse(msg_dict.get("author_id") or [])
        if author and not self._is_customer_of(author, self.company_id):
            return False
        _name, address = self._split_sender(msg_dict.get("email_from"))
        return bool(author or address) and not (address and self.team_id._blocks(address))

    def _customer_replied(self, reason=None):  # pylint: disable=unused-argument
        """The customer wrote again, by mail or in the portal, whatever the state. A room adds what happens then.

        Runs with the rights of the superuser, before the message itself is stored.

        :param str reason: stands in the history of a case that is opened again
        :return: the cases that go on, where the message belongs
        """
        for complaint in self.filtered("duplicate_of_id"):
            complaint.duplicate_of_id._message_log(
                body=complaint.env._(
                    "The customer wrote on %(duplicate)s, which was registered twice.",
                    duplicate=complaint._get_html_link(title=complaint.name),
                )
            )
        return self

    # --- ADDRESSES ---

    def _notify_get_reply_to(self, default=None, author_id=False):
        """Answers go to the mailbox of the team."""
        addresses = self.team_id.sudo()._notify_get_reply_to(default=default, author_id=author_id)
        result = {complaint.id: addresses.get(complaint.team_id.id) for complaint in self}
        rest = self.filtered(lambda complaint: not result[complaint.id])
        if rest:
            result.update(super(Complaint, rest)._notify_get_reply_to(default=default, author_id=author_id))
        return result
