from odoo import api, fields, models

from ...tools.identifiers import IdentifierError, format_enterprise_number, is_structured_communication
from .dunning_notice_report import LETTERS_PER_LINE, LINES_IN_WINDOW, MAIL_CSS

LETTER_MODEL = "report.commercial_assistant.report_dunning_notice"


class ReceivableStatementReport(models.AbstractModel):
    _name = "report.commercial_assistant.report_receivable_statement"
    _description = "Statement of Account"

    # As with the reminders: everything is prepared here, in the language of the customer, as finished sentences and
    # amounts; the templates only lay it out.

    @api.model
    def _get_report_values(self, docids, data=None):
        """The options come as ``data`` or, from another addon, in the context; see ``_read_statement_options``."""
        options = {**(self.env.context.get("statement_options") or {}), **(data or {})}
        receivables = self.env["commercial.receivable"].browse(docids or options.get("receivable_ids") or [])
        receivables.check_access("read")
        options = receivables._read_statement_options(options)
        sections = receivables._load_statements(options)
        return {
            "doc_ids": receivables.ids,
            "doc_model": receivables._name,
            "docs": receivables,
            "statements": {
                receivable.id: self._prepare_statement(receivable, options, sections[receivable.id])
                for receivable in receivables
            },
        }

    # --- PREPARING ---

    @api.model
    def _prepare_statement(self, receivable, options, sections, mail=False):
        """Return the values of one statement in its language.

        :param receivable: the account, a single record
        :param options: complete options, see ``commercial.receivable._read_statement_options``
        :param sections: sections of this account, see ``commercial.receivable._load_statements``
        :param mail: styles stand on each node, for mail programs
        :rtype: dict
        """
        receivable.ensure_one()
        lang = receivable._get_statement_lang(options["lang"])
        self = self.with_context(lang=lang)
        receivable = receivable.with_company(receivable.company_id).with_context(lang=lang)
        letters = self.env[LETTER_MODEL]
        company = letters._prepare_company(receivable.company_id)
        account = receivable.company_id._get_dunning_bank()
        shell = self._prepare_shell(receivable, account)
        recipient = letters._get_recipient_lines(shell)
        labels = receivable.company_id._get_bucket_labels()
        return {
            "lang": lang,
            "css": MAIL_CSS if mail else {},
            "kind": options["kind"],
            "company": company,
            "recipient": recipient,
            "is_long_address": sum(-(-len(line) // LETTERS_PER_LINE) for line in recipient) > LINES_IN_WINDOW,
            "references": self._get_references(receivable, options, recipient if mail else None),
            "place_date": self._get_place_date(receivable, options),
            "subject": self._get_subject(options),
            "salutation": self.env._("Dear Sir or Madam,"),
            "intro": self._get_intro(options, sections),
            "sections": [
                self._prepare_section(receivable, options, section, account, labels, len(sections) > 1, shell)
                for section in sections
            ],
            "help": self._get_help(receivable),
            "valediction": self.env._("Yours faithfully,"),
            "signature": self._get_signature(receivable),
            "foot": letters._get_foot(shell, company),
        }

    @api.model
    def _prepare_shell(self, receivable, account):
        """Return a letter that is never stored: what it says about the recipient serves here as well."""
        return self.env["commercial.dunning.notice"].new(
            {
                "company_id": receivable.company_id.id,
                "partner_id": receivable.partner_id.id,
                "contact_id": receivable._get_statement_contact().id,
                "partner_bank_id": account.id,
            }
        )

    @api.model
    def _get_references(self, receivable, options, recipient=None):
        letters = self.env[LETTER_MODEL]
        references = [(self.env._("Situation on"), letters._format_day(options["date"]))]
        if recipient:
            references.insert(0, (self.env._("Addressee"), ", ".join(recipient)))
        if options["date_from"]:
            start = letters._format_short_day(options["date_from"])
            references = [
                *references[:-1],
                (
                    self.env._("Period"),
                    letters._keep_together(f"{start} – {letters._format_short_day(options['date'])}"),
                ),
            ]
        if receivable.partner_id.ref:
            references.append((self.env._("Customer number"), receivable.partner_id.ref))
        number = self._get_enterprise_number(receivable.partner_id)
        if number and receivable.partner_id._get_customer_kind() != "consumer":
            references.append((self.env._("Your enterprise no."), number))
        return references

    @api.model
    def _get_enterprise_number(self, partner):
        """Return the Belgian enterprise number as it is printed; nothing for a customer from elsewhere."""
        for number in (partner.company_registry, partner.vat):
            try:
                return format_enterprise_number(number or "")
            except IdentifierError:
                continue
        return ""

    @api.model
    def _get_place_date(self, receivable, options):
        city = receivable.company_id.city
        day = self.env[LETTER_MODEL]._format_day(fields.Date.context_today(receivable))
        return self.env._("%(city)s, %(date)s", city=city, date=day) if city else day

    @api.model
    def _get_subject(self, options):
        letters = self.env[LETTER_MODEL]
        if options["kind"] == "activity":
            return self.env._(
                "Statement of account from %(start)s to %(end)s",
                start=letters._format_day(options["date_from"]),
                end=letters._format_day(options["date"]),
            )
        return self.env._("Statement of account on %(day)s", day=letters._format_day(options["date"]))

    @api.model
    def _get_intro(self, options, sections):
        day = self.env[LETTER_MODEL]._format_day(options["date"])
        if not sections:
            return self.env._("Nothing was open on your account on %(day)s.", day=day)
        if options["kind"] == "activity":
            return self.env._("Here is what happened on your account and what was open on %(day)s.", day=day)
        return self.env._(
            "Here is what was open on your account on %(day)s. Payments booked after that day are not included.",
            day=day,
        )

    @api.model
    def _prepare_section(self, receivable, options, section, account, labels, is_one_of_many, shell):
        letters = self.env[LETTER_MODEL]
        currency = self.env["res.currency"].browse(section.currency_id)
        is_activity = options["kind"] == "activity"
        payment = self._get_payment(receivable, section, currency, account) if section.total > 0 else []
        return {
            "title": self._get_currency_title(currency) if is_one_of_many else "",
            "opening": letters._format_number(float(section.opening), currency) if is_activity else "",
            "opening_day": letters._format_short_day(options["date_from"]) if is_activity else "",
            "closing": letters._format_number(float(section.balance), currency) if is_activity else "",
            "closing_day": letters._format_short_day(options["date"]) if is_activity else "",
            "entries": [
                self._prepare_entry(entry, currency, options["date"], is_activity) for entry in section.entries
            ],
            "charges": self._prepare_charges(section, currency),
            "totals": self._get_totals(section, currency),
            "ageing": self._get_ageing(section, currency, labels),
            "payment": payment,
            "qr": self._get_qr(receivable, section, currency, account, shell) if payment else "",
        }

    @api.model
    def _get_currency_title(self, currency):
        label = currency.currency_unit_label
        return self.env._("In %(code)s (%(name)s)", code=currency.name, name=label) if label else currency.name

    @api.model
    def _prepare_entry(self, entry, currency, day, is_activity):
        letters = self.env[LETTER_MODEL]
        values = {
            "name": entry.key["move_name"] if entry.key["move_name"] not in (False, None, "/") else "",
            "description": self._get_description(entry),
            "date": letters._format_short_day(entry.date),
            "date_due": letters._format_short_day(entry.due) if entry.amount > 0 else "–",
        }
        if is_activity:
            amount = letters._format_number(float(abs(entry.amount)), currency)
            values |= {
                "debit": amount if entry.amount > 0 else "",
                "credit": amount if entry.amount < 0 else "",
                "balance": letters._format_number(float(entry.balance), currency),
            }
        else:
            paid = entry.amount - entry.residual
            late = (day - entry.due).days
            values |= {
                "days_late": late if late > 0 and entry.residual > 0 else "–",
                "original": letters._format_number(float(entry.amount), currency),
                "paid": letters._format_number(float(paid), currency) if paid else "–",
                "residual": letters._format_number(float(entry.residual), currency),
            }
        return values

    @api.model
    def _get_description(self, entry):
        """Return what the entry is: its kind, which instalment, the customer's own reference."""
        row = entry.key
        if row.get("is_matching"):
            return self.env._("Settlement in another currency or for another account")
        parts = [self._get_entry_kind(row, entry.amount)]
        if row["instalments"] > 1 and row["move_type"] != "entry":
            parts.append(
                self.env._("instalment %(number)s of %(count)s", number=row["instalment"], count=row["instalments"])
            )
        if row["ref"] and row["move_type"] == "out_invoice":
            parts.append(self.env._("your reference %(reference)s", reference=row["ref"]))
        return ", ".join(parts)

    @api.model
    def _get_entry_kind(self, row, amount):
        if row["move_type"] == "out_refund" and row["credited_name"]:
            return self.env._("Credit note for %(invoice)s", invoice=row["credited_name"])
        if row["move_type"] == "out_refund":
            return self.env._("Credit note")
        if row["move_type"] in ("out_invoice", "out_receipt"):
            return self.env._("Invoice")
        if row["journal_type"] in ("bank", "cash", "credit"):
            return self.env._("Payment") if amount < 0 else self.env._("Payment to you")
        return self.env._("Entry")

    @api.model
    def _prepare_charges(self, section, currency):
        letters = self.env[LETTER_MODEL]
        kinds = dict(self.env["commercial.dunning.charge"]._fields["kind"]._description_selection(self.env))
        return [
            {
                "invoice": charge.key["move_name"] or "",
                "name": kinds.get(charge.key["kind"], charge.key["kind"]),
                "amount": letters._format_number(float(charge.amount), currency),
            }
            for charge in section.charges
        ]

    @api.model
    def _get_totals(self, section, currency):
        letters = self.env[LETTER_MODEL]

        def money(amount):
            return letters._format_money(float(amount), currency)

        totals = []
        if section.credits or section.charged:
            totals.append((self.env._("Open invoices"), money(section.debts)))
        if section.overdue:
            totals.append((self.env._("Overdue invoices included"), money(section.overdue)))
        if section.credits:
            totals.append((self.env._("Less your payments on account and credit notes"), money(section.credits)))
        if section.charged:
            totals.append((self.env._("Interest, indemnity and costs"), money(section.charged)))
        if section.total < 0:
            totals.append((self.env._("Balance in your favour"), money(-section.total)))
        else:
            totals.append((self.env._("Balance to pay"), money(section.total)))
        return totals

    @api.model
    def _get_ageing(self, section, currency, labels):
        """Return the open invoices by their days late; empty when nothing is late."""
        letters = self.env[LETTER_MODEL]
        if not any(section.buckets[1:]):
            return []
        return [
            (label, letters._format_number(float(amount), currency) if amount else "–")
            for label, amount in zip(labels, section.buckets, strict=True)
        ]

    @api.model
    def _get_payment(self, receivable, section, currency, account):
        letters = self.env[LETTER_MODEL]
        account_sudo = account.sudo()  # the number is meant to be told
        reference = receivable._get_statement_payment_reference(section)
        rows = [(self.env._("Amount to pay"), letters._format_money(float(section.total), currency))]
        if account_sudo:
            number, bic = letters._format_account(account_sudo), account_sudo.bank_bic
            text = self.env._("%(account)s (BIC %(bic)s)", account=number, bic=bic) if bic else number
            rows.append((self.env._("To bank account"), text))
            rows.append((self.env._("In the name of"), account_sudo.acc_holder_name or account_sudo.partner_id.name))
        label = (
            self.env._("Structured communication")
            if is_structured_communication(reference)
            else self.env._("Communication")
        )
        rows.append((label, reference))
        return rows

    @api.model
    def _get_qr(self, receivable, section, currency, account, shell):
        shell.update(
            {
                "currency_id": currency.id,
                "amount_total": float(section.total),
                "payment_reference": receivable._get_statement_payment_reference(section),
                "partner_bank_id": account.id,
            }
        )
        return self.env[LETTER_MODEL]._get_qr_svg(shell._get_letter_qr_payload())

    @api.model
    def _get_help(self, receivable):
        responsible = receivable._get_statement_responsible()
        phone = self.env[LETTER_MODEL]._keep_together(responsible["phone"])
        reach = ", ".join(filter(None, (responsible["name"], phone, responsible["email"])))
        return [
            self.env._(
                "This statement is no reminder and no formal notice: it lets you compare your books with ours. Did you "
                "pay in the meantime? Then you need do nothing more."
            ),
            self.env._(
                "Does an entry differ from your books, or do you have a question? Contact us: %(reach)s.", reach=reach
            ),
        ]

    @api.model
    def _get_signature(self, receivable):
        responsible = receivable._get_statement_responsible()
        return list(dict.fromkeys(filter(None, (receivable.company_id.name, responsible["name"]))))

    # --- MAIL ---

    @api.model
    def _prepare_mail(self, receivable, options):
        """Return subject and text of the mail that carries the statement; the figures stand in the text, too."""
        options = receivable._read_statement_options(options)
        [sections] = receivable._load_statements(options).values()
        statement = self._prepare_statement(receivable, options, sections, mail=True)
        spoken = self.with_context(lang=statement["lang"])
        body = spoken.env["ir.qweb"]._render("commercial_assistant.mail_receivable_statement", {"statement": statement})
        return {"subject": f"{statement['subject']} – {receivable.company_id.name}", "body": body}
