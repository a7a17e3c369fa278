import hashlib

from odoo import models
from odoo.tools import email_normalize, formataddr

from ...tools import dunning as core
from ...tools.identifiers import IdentifierError, communication_digits, is_creditor_reference
from .law_book import LawBook

# first letters of the account numbers that a euro credit transfer reaches
SEPA_PREFIXES = frozenset(
    (
        "AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO PL PT RO "
        "RS SE SI SK SM VA"
    ).split()
)
LARGEST_TRANSFER = 999999999.99
REPORT = "commercial_assistant.action_report_dunning_notice"
REPORT_MODEL = "report.commercial_assistant.report_dunning_notice"


class DunningNotice(models.Model):
    _inherit = "commercial.dunning.notice"

    # --- WHAT A LETTER NEEDS TO KNOW ---

    def _get_letter_lang(self):
        """Return an active language: that of the notice, else of the recipient, else of the company."""
        self.ensure_one()
        active = dict(self.env["res.lang"].get_installed())
        candidates = (
            self.lang,
            self.contact_id.lang,
            self.partner_id.lang,
            self.company_id.partner_id.lang,
            self.env.lang,
        )
        return next((lang for lang in candidates if lang in active), "en_US")

    def _get_letter_seat_lang(self):
        """Return the language of the seat in which the letter is added, empty when it is not needed.

        A courtesy reminder is no document of the law; a text that is not translated is better left out.
        """
        self.ensure_one()
        lang = self.company_id.sudo().dunning_seat_language  # a setting of the company that signs
        if not lang or self.level_kind == "courtesy" or lang[:2] == self._get_letter_lang()[:2]:
            return ""
        return lang if lang in self.level_id._get_languages()[self.level_id.id] else ""

    def _get_letter_lines(self):
        self.ensure_one()
        return self.line_ids.filtered("included").sorted(
            lambda line: (line.date_maturity, line.invoice_name or "", line.id)
        )

    def _get_letter_charges(self):
        """Return what the letter claims besides the invoices; a waived or paid charge is no longer asked for."""
        self.ensure_one()
        charges = self.charge_ids.filtered(lambda charge: charge.state not in ("waived", "paid", "cancelled"))
        return charges.sorted(
            lambda charge: (charge.item_id.date_due, charge.item_id.move_name or "", charge.kind, charge.id)
        )

    def _get_letter_contact(self):
        """Return who answers the customer: the person responsible for the account, else the company.

        :return: dict with ``name``, ``phone`` and ``email``
        """
        self.ensure_one()
        company_sudo = self.company_id.sudo()  # how to reach the sender is meant to be told
        user_sudo = self.receivable_id.user_id.sudo()
        desk_sudo = company_sudo.dunning_contact_id
        sources = (user_sudo.partner_id, desk_sudo, company_sudo.partner_id)
        return {
            "name": user_sudo.name or desk_sudo.name or company_sudo.name,
            "phone": next((source.phone for source in sources if source.phone), ""),
            "email": next((source.email for source in sources if source.email), ""),
        }

    def _get_letter_sender(self):
        """Return who sends the mail and who gets the answer: the desk for reminders, else the company."""
        self.ensure_one()
        company_sudo = self.company_id.sudo()  # the address of the sender is meant to be told
        email = email_normalize(company_sudo.dunning_contact_id.email) or email_normalize(company_sudo.email)
        if not email:
            return {}
        return {
            "email_from": formataddr((company_sudo.name, email)),
            "reply_to": formataddr((company_sudo.dunning_contact_id.name or company_sudo.name, email)),
        }

    def _get_first_reminder_dates(self):
        """Return the days on which the first reminders of these invoices left, oldest first."""
        self.ensure_one()
        lines = self._get_letter_lines()
        days = set(lines.item_id.mapped("first_reminder_on"))
        parted = lines.filtered("round").item_id
        if parted:
            firsts = lines.search(
                [("item_id", "in", parted.ids), ("live", "=", True), ("level_id.kind", "=", "reminder")]
            )
            days |= set(firsts.notice_id.mapped("delivered_on"))
        return sorted(filter(None, days))

    def _get_formal_notice_dates(self):
        """Return the days on which earlier formal notices for these invoices left, oldest first.

        Only a last notice tells them.
        """
        self.ensure_one()
        if self.level_kind != "last_notice":
            return []
        lines = self.env["commercial.dunning.notice.line"].search(
            [
                ("item_id", "in", self._get_letter_lines().item_id.ids),
                ("included", "=", True),
                ("level_id.kind", "=", "formal_notice"),
                ("notice_id.state", "=", "delivered"),
                ("notice_id", "!=", self.id),
            ]
        )
        return sorted({day for day in lines.notice_id.mapped("delivered_on") if day})

    def _get_letter_fixed_cost(self):
        """Return the statutory fixed sum for recovery costs in euro, 0 when it is unknown or the law knows none."""
        self.ensure_one()
        euro = self.env.ref("base.EUR")
        context = core.Context(
            day=self.date,
            law=LawBook(self.env),
            convert=lambda amount, _source, _target: amount,
            company_currency_id=euro.id,
            law_currency_id=euro.id,
        )
        try:
            amount, _ground = core.REGIMES[self.regime].fixed_sum(context)
        except core.MissingFigureError:
            return 0.0
        return float(amount)

    def _get_letter_words_lang(self):
        """Return the language of amounts in words: French counts as in the country of the reader (nonante)."""
        self.ensure_one()
        lang = self.env.lang or self._get_letter_lang()
        country = self.contact_id.country_id or self.partner_id.country_id
        return f"fr_{country.code}" if lang.startswith("fr") and country else lang

    def _get_letter_portal_url(self):
        """Return where the customer finds the account on the portal, empty when nobody there can sign in."""
        self.ensure_one()
        # whether a customer has access is asked for the letter to that customer only
        users_sudo = self.env["res.users"].sudo()
        domain = [("share", "=", True), ("partner_id", "child_of", self.partner_id.commercial_partner_id.ids)]
        has_portal = any(user._is_portal() for user in users_sudo.search(domain))
        return f"{self.get_base_url()}/my/receivables" if has_portal else ""

    def _get_letter_qr_payload(self):
        """Return the text of the payment code that banking apps read (EPC069-12, version 2); empty when it cannot pay.

        Only a payment in euro to an account in the euro payments area can be coded.
        """
        self.ensure_one()
        account_sudo = self.partner_bank_id.sudo()  # the account is printed beside the code
        number = account_sudo.sanitized_acc_number or ""
        if (
            self.currency_id.name != "EUR"
            or account_sudo.acc_type != "iban"
            or number[:2] not in SEPA_PREFIXES
            or not 0 < self.amount_total <= LARGEST_TRANSFER
        ):
            return ""
        structured, free = self._split_payment_reference()
        holder = account_sudo.acc_holder_name or account_sudo.partner_id.name or self.company_id.name
        rows = ("BCD", "002", "1", "SCT", (account_sudo.bank_bic or "").replace(" ", ""), holder[:70], number)
        return "\n".join((*rows, f"EUR{self.amount_total:.2f}", "", structured, free[:140]))

    def _split_payment_reference(self):
        """Return what a bank checks of the reference and what it only passes on; one of them is empty."""
        self.ensure_one()
        reference = self.payment_reference or ""
        if is_creditor_reference(reference):
            return "".join(reference.split()).upper(), ""
        try:
            return communication_digits(reference), ""
        except IdentifierError:
            return "", reference or self.name

    # --- RENDERING ---

    def _render_letter(self):
        """Return the PDF of the letter and its text as HTML for a mail.

        Once a letter is stored it never changes: printing it again gives the stored bytes.

        :return: tuple of bytes and Markup
        """
        self.ensure_one()
        notice = self.with_company(self.company_id).with_context(lang=self._get_letter_lang())
        body = notice._render_mail_body()
        if notice.attachment_id:
            return notice.attachment_id.raw, body
        content, _kind = notice.env["ir.actions.report"]._render_qweb_pdf(REPORT, notice.ids)
        return content, body

    def _render_mail_body(self):
        self.ensure_one()
        letter = self.env[REPORT_MODEL]._prepare_letter(self, mail=True)
        return (
            self.env["ir.qweb"]
            .with_context(lang=letter["lang"])
            ._render(
                "commercial_assistant.mail_dunning_notice_document",
                {"letter": letter, "doc": self, "report_type": "mail"},
            )
        )

    def _store_letter(self, pdf):
        """Keep the letter as it leaves, with its fingerprint; a second call keeps the first letter."""
        self.ensure_one()
        if self.attachment_id:
            return self.attachment_id
        attachment = self.env["ir.attachment"].create(self._prepare_letter_attachment_vals(pdf))
        self.write({"attachment_id": attachment.id, "sha256": hashlib.sha256(pdf).hexdigest()})
        return attachment

    def _prepare_letter_attachment_vals(self, pdf):
        return {
            "name": self._get_letter_filename(),
            "raw": pdf,
            "mimetype": "application/pdf",
            "res_model": self._name,
            "res_id": self.id,
        }

    def _get_letter_filename(self):
        self.ensure_one()
        return f"{self.name.replace('/', '-')}.pdf"

    def _get_mail_values(self):
        """Return subject, sender, recipient and text of the mail that carries this letter."""
        self.ensure_one()
        notice = self.with_company(self.company_id).with_context(lang=self._get_letter_lang())
        letter = notice.env[REPORT_MODEL]._prepare_letter(notice, mail=True)
        contact = notice.contact_id if notice.contact_id.email else notice.partner_id
        return {
            "subject": f"{letter['subject']} – {notice.name}",
            "body_html": notice._render_mail_body(),
            **notice._get_letter_sender(),
            "email_to": contact.email_formatted,
            "recipient_address": "\n".join(letter["recipient"]),
            "lang": letter["lang"],
        }
