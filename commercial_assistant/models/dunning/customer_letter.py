from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize, formataddr

NOTICE_REPORT = "report.commercial_assistant.report_dunning_notice"
REPORT = "commercial_assistant.action_report_customer_letter"


class CustomerLetterMixin(models.AbstractModel):
    """A record that writes short letters to its customer: an acknowledgment, an answer, a confirmation.

    A model that inherits this has ``name``, ``company_id``, ``partner_id``, ``contact_id`` and ``receivable_id`` and
    offers for each kind of letter a method ``_get_letter_<kind>()`` that returns its texts (see
    :meth:`_prepare_customer_letter`). Each kind leaves once for each record.
    """

    _name = "commercial.customer.letter.mixin"
    _inherit = "commercial.dispatch.mixin"
    _description = "Record With Letters to the Customer"

    # --- WHO WRITES TO WHOM ---

    def _get_letter_recipient(self):
        """Return the contact that is written to: the one of the record, else the one reminders go to."""
        self.ensure_one()
        partner = self.partner_id
        address = partner.address_get(["invoice"])["invoice"]
        return self.contact_id or self.receivable_id.contact_id or self.env["res.partner"].browse(address) or partner

    def _get_letter_channel(self):
        """Return how the recipient can be reached; nothing when neither mail nor post is possible."""
        self.ensure_one()
        recipient = self._get_letter_recipient()
        if email_normalize(recipient.email):
            return "email"
        return "post" if recipient.street and (recipient.zip or recipient.city) else None

    def _get_letter_lang(self):
        """Return an active language: that of the recipient, else of the customer, else of the company."""
        self.ensure_one()
        active = dict(self.env["res.lang"].get_installed())
        candidates = (self._get_letter_recipient().lang, self.partner_id.lang, self.company_id.partner_id.lang)
        return next((lang for lang in (*candidates, self.env.lang) if lang in active), "en_US")

    def _get_letter_sender(self):
        """Return sender and reply address of the mail: the desk for reminders, else the company."""
        self.ensure_one()
        company_sudo = self.company_id.sudo()  # the address of the sender is meant to be told
        desk = company_sudo.dunning_contact_id
        email = email_normalize(desk.email) or email_normalize(company_sudo.email)
        if not email:
            return {}
        return {
            "email_from": formataddr((company_sudo.name, email)),
            "reply_to": formataddr((desk.name or company_sudo.name, email)),
        }

    def _get_letter_signature(self):
        """Return the lines under the letter: the company, and who answers for the customer."""
        self.ensure_one()
        company_sudo = self.company_id.sudo()
        user_sudo = self.receivable_id.sudo().user_id
        return list(
            dict.fromkeys(filter(None, (company_sudo.name, user_sudo.name or company_sudo.dunning_contact_id.name)))
        )

    # --- WRITING ---

    def _check_can_write_to_customer(self):
        """Say now what would keep the letter from leaving."""
        for record in self:
            if not record._get_letter_channel():
                raise UserError(
                    self.env._(
                        "%(contact)s has no e-mail and no postal address: nothing can be sent.",
                        contact=record._get_letter_recipient().display_name,
                    )
                )

    def _get_letter_round(self):
        """A record that begins anew may write each kind of letter once more."""
        return 1

    def _send_customer_letter(self, kind):
        """Put a letter of this kind into the queue; asking twice sends it once.

        :return: the dispatch, with the rights of the superuser
        """
        self.ensure_one()
        self._check_can_write_to_customer()
        lang = self._get_letter_lang()
        letter = self._prepare_customer_letter(kind, mail=True)
        body = (
            self.env["ir.qweb"]
            .with_context(lang=lang)
            ._render("commercial_assistant.mail_customer_letter", {"letter": letter})
        )
        # whoever may write this record may write to its customer
        dispatch_sudo = self.env["commercial.dispatch"].sudo()
        [dispatch_sudo] = dispatch_sudo._reserve(
            [
                {
                    "company_id": self.company_id.id,
                    "partner_id": self.partner_id.id,
                    "contact_id": self._get_letter_recipient().id,
                    "res_model": self._name,
                    "res_id": self.id,
                    "key": f"{self._name},{self.id},{self._get_letter_round()},{kind}",
                    "lang": lang,
                    "channel": self._get_letter_channel(),
                    "subject": f"{letter['subject']} – {self.name}",
                    "body": body,
                }
            ]
        )
        if dispatch_sudo.channel == "post" and not dispatch_sudo.attachment_id:
            dispatch_sudo._attach_customer_letter()
        self.env["commercial.dispatch"]._trigger_send()
        return dispatch_sudo

    def _prepare_customer_letter(self, kind, mail=False):
        """Return everything that stands in the letter, in the language of its recipient.

        The texts come from ``_get_letter_<kind>()``: a dict with ``subject``, ``before`` (paragraphs), ``head`` and
        ``rows`` (a table; the last cells are amounts), ``quote`` (a text written by a person) and ``after``.

        :param mail: styles stand on each node, for mail programs
        """
        self.ensure_one()
        lang = self._get_letter_lang()
        record = self.with_company(self.company_id).with_context(lang=lang)
        texts = getattr(record, f"_get_letter_{kind}")()
        notices = record.env[NOTICE_REPORT]
        company = notices._prepare_company(record.company_id)
        day = notices._format_day(fields.Date.context_today(record))
        city = record.company_id.sudo().city
        foot = (
            (company["name"], company["place"]),
            (company["number"], company["legal_form"]),
        )
        return {
            "lang": lang,
            "css": record._get_letter_css() if mail else {"quote": record._get_quote_style()},
            "name": self.name,
            "company": company,
            "recipient": record._get_letter_recipient()._get_letter_address().splitlines(),
            "reference": record.env._("Our reference"),
            "place_date": record.env._("%(city)s, %(date)s", city=city, date=day) if city else day,
            "salutation": record.env._("Dear Sir or Madam,"),
            "valediction": record.env._("Yours faithfully,"),
            "signature": record._get_letter_signature(),
            "foot": [line for line in (" · ".join(filter(None, parts)) for parts in foot) if line],
            "before": [],
            "head": [],
            "rows": [],
            "quote": [],
            "after": [],
            **texts,
        }

    @api.model
    def _get_letter_css(self):
        """Styles of the mail: mail programs know no style sheet."""
        cell = "padding: 5px 8px; text-align: left; vertical-align: top; border-bottom: 1px solid #cbd2d9;"
        head = (
            "padding: 5px 8px; text-align: left; vertical-align: bottom; border-bottom: 2px solid #1f2933; "
            "font-size: 12px; color: #3e4c59;"
        )
        return {
            "table": "width: 100%; border-collapse: collapse; font-size: 13px; margin: 12px 0;",
            "th": head,
            "th_number": f"{head} text-align: right;",
            "td": cell,
            "td_number": f"{cell} text-align: right; white-space: nowrap;",
            "quote": self._get_quote_style(),
        }

    @api.model
    def _get_quote_style(self):
        return "margin: 1em 0; padding: 0.6em 1em; background-color: #f3f5f7; border-left: 0.25em solid #9aa5b1;"

    # --- FOLLOWING ---

    def _get_letter_kind(self, dispatch):
        return dispatch.key.rsplit(",", 1)[-1]

    def _dispatch_after_failure(self, dispatch):
        """Tell in the chatter that the customer did not get the letter. May be called again."""
        self.ensure_one()
        if dispatch.state == "failed":
            self._message_log(
                body=self.env._(
                    "%(subject)s did not arrive: %(reason)s", subject=dispatch.subject, reason=dispatch.error
                )
            )
