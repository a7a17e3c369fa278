import re
from collections import defaultdict

from markupsafe import Markup
from reportlab.graphics.barcode.qr import QrCodeWidget

from odoo import api, models
from odoo.tools import format_date, format_list, formatLang, is_html_empty
from odoo.tools.image import image_data_uri

from ...tools.amount_words import amount_in_words
from ...tools.identifiers import (
    IdentifierError,
    format_creditor_reference,
    format_enterprise_number,
    is_creditor_reference,
    is_structured_communication,
)

DEFAULT_COLOR = "#1f4e79"
# letters that demand payment for the last time before somebody else takes over
FINAL_KINDS = ("formal_notice", "last_notice")
# the code before the name of a product says nothing to the customer
PRODUCT_CODE = re.compile(r"\[[^\[\]]*\]\s*")
# what the window of an envelope shows of the address in the usual size of type
LETTERS_PER_LINE = 34
LINES_IN_WINDOW = 6
# styles of the mail: mail programs know no style sheet
BORDER = "border-bottom: 1px solid #cbd2d9;"
CELL = f"padding: 5px 8px; text-align: left; vertical-align: top; {BORDER}"
HEAD = (
    "padding: 5px 8px; text-align: left; vertical-align: bottom; border-bottom: 2px solid #1f2933; "
    "font-size: 12px; color: #3e4c59;"
)
NUMBER = "text-align: right; white-space: nowrap;"
TOTAL = (
    "padding: 6px 8px; border-top: 2px solid #1f2933; border-bottom: 2px solid #1f2933; "
    "font-size: 16px; font-weight: bold;"
)
MAIL_CSS = {
    "table": "width: 100%; border-collapse: collapse; font-size: 13px; margin: 12px 0;",
    "references": "border-collapse: collapse; font-size: 13px; margin: 0 0 16px 0;",
    "totals": "border-collapse: collapse; font-size: 14px; margin: 12px 0 12px auto;",
    "th": HEAD,
    "th_number": f"{HEAD} text-align: right;",
    "td": CELL,
    "td_number": f"{CELL} {NUMBER}",
    "description": "color: #5b6770; font-size: 12px;",
    "subtotal": "padding: 3px 8px;",
    "subtotal_number": f"padding: 3px 8px; {NUMBER}",
    "total": f"{TOTAL} white-space: nowrap;",
    "total_number": f"{TOTAL} {NUMBER}",
    "words": "text-align: right; font-size: 13px; color: #3e4c59;",
    "heading": "font-weight: bold; margin: 20px 0 6px 0;",
    "label": f"{CELL} width: 220px; color: #5b6770;",
    "value": CELL,
    "muted": "color: #5b6770;",
    "payment": "background-color: #f3f5f7; border-left-width: 4px; border-left-style: solid; "
    "padding: 8px 14px; margin: 16px 0;",
    "payment_table": "border-collapse: collapse; font-size: 14px;",
    "payment_label": "padding: 2px 16px 2px 0; color: #5b6770; vertical-align: top; white-space: nowrap;",
    "payment_value": "padding: 2px 0; vertical-align: top;",
}


class DunningNoticeReport(models.AbstractModel):
    _name = "report.commercial_assistant.report_dunning_notice"
    _description = "Dunning Letter"

    # Everything a letter says is prepared here, in the language of the letter, as finished sentences and amounts; the
    # templates only lay it out. The laws of each country have a file of their own (dunning_notice_report_be.py ...): a
    # regime adds _get_terms_<regime>() and, where its law asks for them, _get_facts_<regime>(),
    # _get_legal_grounds_<regime>() and _get_charge_names_<regime>().

    @api.model
    def _get_report_values(self, docids, data=None):
        notices = self.env["commercial.dunning.notice"].browse(docids)
        return {
            "doc_ids": docids,
            "doc_model": notices._name,
            "docs": notices,
            "letters": {notice.id: self._prepare_letter(notice) for notice in notices},
        }

    # --- PREPARING ---

    @api.model
    def _prepare_letter(self, notice, mail=False, lang=None):
        """Return the values of one letter in its language.

        :param notice: the notice, a single record
        :param mail: styles stand on each node, for mail programs
        :param lang: another language than that of the letter, for the part in the language of the seat
        :rtype: dict
        """
        notice.ensure_one()
        is_seat_part = bool(lang)
        lang = lang or notice._get_letter_lang()
        notice = notice.with_company(notice.company_id).with_context(lang=lang)
        self = self.with_context(lang=lang)
        charges = notice._get_letter_charges()
        recipient = self._get_recipient_lines(notice)
        letter = {
            "lang": lang,
            "css": MAIL_CSS if mail else {},
            "name": notice.name,
            # formal notices are signed by hand, reminders leave by the hundred
            "is_signed_by_hand": notice.channel != "email" and notice.level_kind in FINAL_KINDS,
            "is_proposal": notice.state == "proposed",
            "company": self._prepare_company(notice.company_id),
            "recipient": recipient,
            "is_long_address": sum(-(-len(line) // LETTERS_PER_LINE) for line in recipient) > LINES_IN_WINDOW,
            "sending": self._get_sending(notice),
            "references": self._get_references(notice, mail),
            "place_date": self._get_place_date(notice),
            "subject": self._get_subject(notice),
            "salutation": self.env._("Dear Sir or Madam,"),
            "intro": self._get_level_text(notice.level_id.intro),
            "lines": [self._prepare_line(notice, line) for line in notice._get_letter_lines()],
            "show_line_indemnity": self._announces_indemnity(notice) and len(notice._get_letter_lines()) > 1,
            "charges": self._prepare_charges(notice, charges),
            "charges_title": self._get_charges_title(notice, charges),
            "grounds": self._get_grounds(notice, charges),
            "totals": self._get_totals(notice, charges),
            "in_words": self._get_total_in_words(notice),
            "demand": self._get_demand(notice),
            "terms_title": self._get_terms_title(notice),
            "facts": self._get_facts(notice),
            "facts_first": notice.level_kind in FINAL_KINDS,  # who owes whom, before why
            "terms": self._get_terms(notice),
            "payment": self._get_payment(notice),
            "qr": self._get_qr_svg(notice._get_letter_qr_payload()),
            "help": self._get_help(notice),
            "closing": self._get_level_text(notice.level_id.closing),
            "valediction": self.env._("Yours faithfully,"),
            "signature": self._get_signature(notice),
        }
        letter["foot"] = self._get_foot(notice, letter["company"])
        # the secret link opens the account without a login, so it stands only in the mail to the customer
        has_link = mail and not (notice.is_dry or is_seat_part)
        letter["account_link"] = notice.receivable_id._get_portal_link() if has_link else ""
        letter["part_title"] = self.env._("The same letter in the language of our seat") if is_seat_part else ""
        # what the law asks for stands in the mail itself, so the mail has both parts like the letter
        seat_lang = "" if is_seat_part else notice._get_letter_seat_lang()
        letter["seat_letter"] = self._prepare_letter(notice, mail=mail, lang=seat_lang) if seat_lang else None
        return letter

    @api.model
    def _get_level_text(self, text):
        return "" if is_html_empty(text) else text

    @api.model
    def _prepare_company(self, company):
        company = company.sudo().with_context(lang=self.env.lang)  # whoever may print the letter may print its head
        partner = company.partner_id
        address = [line for line in (partner.street, partner.street2) if line]
        town = " ".join(filter(None, (partner.zip, partner.city)))
        country = partner.country_id.name if partner.country_id.code != "BE" else ""
        number_inside = self._describe_number(partner)
        number_text = number_inside[:1].upper() + number_inside[1:]
        legal_form = company.commercial_legal_mention or ""
        contact = " · ".join(filter(None, (company.phone, company.email)))
        place = ", ".join(filter(None, (*address, town, country)))
        website = (company.website or "").removeprefix("https://").removeprefix("http://").rstrip("/")
        return {
            "name": company.name,
            "logo": image_data_uri(company.logo) if company.logo and not company.uses_default_logo else "",
            "color": company.primary_color or DEFAULT_COLOR,
            "legal_form": legal_form,
            "number": number_text,
            "number_inside": number_inside,
            "place": place,
            "lines": [line for line in (*address, town, country, contact, website, number_text, legal_form) if line],
        }

    @api.model
    def _get_number(self, partner):
        """Return the registration number as it is printed, and whether it is a VAT number.

        A Belgian number gets its dots; one of another country stands as it was written.
        """
        number = (partner.company_registry or partner.vat or "").strip()
        if partner.country_id.code in ("BE", False):
            for written in (partner.company_registry, partner.vat):
                try:
                    return format_enterprise_number(written or ""), False
                except IdentifierError:
                    continue
        return number, not partner.company_registry

    @api.model
    def _describe_number(self, partner):
        """Return the registration number with its name, the way it stands inside a sentence."""
        number, is_vat = self._get_number(partner)
        country = partner.country_id.code
        if not number:
            return ""
        if country in ("BE", False):
            return self.env._("enterprise number %(number)s", number=number)
        if is_vat:
            return self.env._("VAT number %(number)s", number=number)
        if country == "NL":
            return self.env._("Chamber of Commerce number %(number)s", number=number)
        if country == "FR":
            digits = sum(character.isdigit() for character in number)
            return f"{'SIRET' if digits == 14 else 'SIREN'} {number}"
        if country == "LU":
            return f"RCS {number}"
        return self.env._("registration number %(number)s", number=number)

    @api.model
    def _get_creditor(self, company):
        values = self._prepare_company(company)
        number = self._keep_together(values["number_inside"])
        return ", ".join(filter(None, (values["name"], values["place"], number, values["legal_form"])))

    @api.model
    def _get_recipient_lines(self, notice):
        """Return the lines of the address as the post wants them: name, attention, street, town, country abroad."""
        entity, contact = notice.partner_id, notice.contact_id or notice.partner_id
        lines = [entity.name or contact.name]
        if contact != entity and contact.name and contact.name != entity.name:
            lines.append(self.env._("Attn. %(name)s", name=contact.name))
        # a contact without a street of its own lives at the address of its company
        address = contact if contact.street or contact.zip or contact.city else entity
        lines += [address.street, address.street2, " ".join(filter(None, (address.zip, address.city)))]
        if address.country_id and address.country_id != notice.company_id.country_id:
            lines.append((address.country_id.name or "").upper())
        return [line for line in lines if line]

    @api.model
    def _get_sending(self, notice):
        return {
            "registered": self.env._("Registered letter"),
            "email": self.env._("By e-mail"),
        }.get(notice.channel, "")

    @api.model
    def _get_references(self, notice, mail=False):
        references = [(self.env._("Our reference"), notice.name)]
        if mail:
            references.insert(0, (self.env._("Addressee"), ", ".join(self._get_recipient_lines(notice))))
        if notice.partner_id.ref:
            references.append((self.env._("Customer number"), notice.partner_id.ref))
        if notice.regime.endswith("_consumer"):
            return references
        if notice.partner_id.country_id.code in ("BE", False):
            number, _is_vat = self._get_number(notice.partner_id)
            references.append((self.env._("Your enterprise no."), number))
        else:
            references.append((self.env._("Your registration"), self._describe_number(notice.partner_id)))
        return [(label, value) for label, value in references if value]

    @api.model
    def _get_place_date(self, notice):
        city = notice.company_id.city
        day = self._format_day(notice.date)
        return self.env._("%(city)s, %(date)s", city=city, date=day) if city else day

    @api.model
    def _get_subject(self, notice):
        return notice.level_id.subject or {
            "courtesy": self.env._("Friendly reminder: unpaid invoices"),
            "reminder": self.env._("First reminder: unpaid invoices"),
            "second_reminder": self.env._("Second reminder: unpaid invoices"),
            "formal_notice": self.env._("Formal notice: unpaid invoices"),
            "last_notice": self.env._("Last notice before we hand the file over"),
        }.get(notice.level_kind, self.env._("Unpaid invoices"))

    @api.model
    def _prepare_line(self, notice, line):
        currency = notice.currency_id
        return {
            "name": line.invoice_name,
            "description": PRODUCT_CODE.sub("", line.description or "") or line.description or "",
            "date": self._format_short_day(line.invoice_date),
            "date_due": self._format_short_day(line.date_maturity),
            "days_late": line.days_late if line.days_late > 0 else "–",
            "original": self._format_number(line.amount_original, currency),
            "paid": "–" if currency.is_zero(line.amount_paid) else self._format_number(line.amount_paid, currency),
            "residual": self._format_number(line.amount_residual, currency),
            "note": self._get_line_note(notice, line),
            "indemnity": self._format_number(line.announced_indemnity, currency),
        }

    @api.model
    def _get_line_note(self, notice, line):
        """Return why less is asked than what is open of an invoice, empty when all of it is asked."""
        currency = notice.currency_id
        rest = currency.round(line.amount_original - line.amount_paid - line.amount_residual)
        if currency.compare_amounts(rest, 0) <= 0:
            return ""
        return self.env._(
            "This letter does not ask for %(amount)s of this invoice, which is disputed, agreed or reminded apart.",
            amount=self._format_money(rest, currency),
        )

    @api.model
    def _get_charges_title(self, notice, charges):
        kinds = set(charges.mapped("kind"))
        if kinds == {"interest"}:
            return self._get_charge_names(notice)["interest"]
        if notice.regime.startswith("nl_"):
            return self.env._("Interest and collection costs")
        if "indemnity" in kinds and notice.regime.startswith("be_"):
            return self.env._("Interest, indemnity and costs")
        return self.env._("Interest and costs")

    @api.model
    def _prepare_charges(self, notice, charges):
        names = self._get_charge_names(notice)
        return [
            {
                "invoice": charge.item_id.move_name or "",
                "name": names.get(charge.kind, charge.kind),
                "calculation": self._get_calculation(charge),
                "amount": self._format_number(charge.amount_residual, notice.currency_id),
            }
            for charge in charges
        ]

    @api.model
    def _get_calculation(self, charge):
        """Return on what a charge was calculated, so that the customer can check it; a fixed sum needs nothing."""
        base = self._format_money(charge.base_amount, charge.currency_id)
        if charge.kind == "interest":
            return self.env._(
                "%(rate)s on %(base)s, %(start)s – %(end)s",
                base=base,
                start=self._format_short_day(charge.date_from),
                end=self._format_short_day(charge.date_to),
                rate=charge.rate_text,
            )
        if charge.kind == "indemnity":
            return self.env._("on %(base)s", base=base)
        return ""

    @api.model
    def _get_grounds(self, notice, charges):
        """Return the legal ground of each kind of charge in the letter."""
        names = self._get_charge_names(notice)
        texts = self._call_regime("_get_legal_grounds", notice, {})
        grounds = {charge.kind: texts.get(charge.kind) or charge.legal_ground for charge in charges}
        sentences = [
            self.env._("%(charge)s: %(ground)s.", charge=names.get(kind, kind), ground=grounds[kind])
            for kind in names
            if grounds.get(kind)
        ]
        return list(dict.fromkeys(sentences))

    @api.model
    def _get_charge_names(self, notice):
        """Return how the law of this letter calls each kind of charge."""
        names = {
            "interest": self.env._("Late-payment interest"),
            "indemnity": self.env._("Indemnity"),
            "fixed": self.env._("Fixed recovery cost"),
            "cost": self.env._("Reminder cost"),
        }
        return names | self._call_regime("_get_charge_names", notice, {})

    @api.model
    def _get_totals(self, notice, charges):
        currency = notice.currency_id
        totals = []
        if currency.compare_amounts(notice.amount_principal, notice.amount_total):
            totals.append((self.env._("Outstanding balance"), self._format_money(notice.amount_principal, currency)))
        if not currency.is_zero(notice.amount_credit):
            totals.append(
                (
                    self.env._("Less your payments on account and credit notes"),
                    self._format_money(-notice.amount_credit, currency),
                )
            )
        names = self._get_charge_names(notice)
        sums = defaultdict(float)
        for charge in charges:
            sums[names.get(charge.kind, charge.kind)] += charge.amount_residual
        totals += [
            (name, self._format_money(sums[name], currency))
            for name in dict.fromkeys((*names.values(), *sums))  # two kinds can have one name
            if not currency.is_zero(sums[name])
        ]
        totals.append((self.env._("To pay now"), self._format_money(notice.amount_total, currency)))
        return totals

    @api.model
    def _get_total_in_words(self, notice):
        if notice.level_kind not in FINAL_KINDS:
            return ""
        words = amount_in_words(notice.amount_total, notice.currency_id.name, notice._get_letter_words_lang())
        return self.env._("In words: %(words)s", words=words)

    @api.model
    def _get_payment(self, notice):
        account = notice.partner_bank_id.sudo()  # the number is meant to be told
        rows = [(self.env._("Amount to pay"), self._format_money(notice.amount_total, notice.currency_id))]
        if notice.deadline:
            rows.append((self.env._("At the latest on"), self._format_day(notice.deadline)))
        if account:
            number, bic = self._format_account(account), account.bank_bic
            text = self.env._("%(account)s (BIC %(bic)s)", account=number, bic=bic) if bic else number
            rows.append((self.env._("To bank account"), text))
            rows.append((self.env._("In the name of"), account.acc_holder_name or account.partner_id.name))
        if notice.payment_reference:
            rows.append(self._get_communication(notice.payment_reference))
        return rows

    @api.model
    def _get_communication(self, reference):
        """Return what to write with the payment, with its name."""
        if is_structured_communication(reference):
            return self.env._("Structured communication"), reference
        if is_creditor_reference(reference):
            return self.env._("Payment reference"), self._keep_together(format_creditor_reference(reference))
        return self.env._("Communication"), reference

    @api.model
    def _format_account(self, account):
        number = account.sanitized_acc_number or account.acc_number
        return " ".join(number[start : start + 4] for start in range(0, len(number), 4))

    @api.model
    def _get_help(self, notice):
        """Return what a customer can do who paid, cannot pay or does not agree."""
        contact = notice._get_letter_contact()
        ways = (contact["name"], self._keep_together(contact["phone"]), contact["email"])
        reach = ", ".join(filter(None, ways))
        crossed = self.env._(
            "Did you pay in the last few days? Then our messages have crossed and you need do nothing more."
        )
        if notice.level_kind == "courtesy":
            return [
                crossed,
                self.env._("Do you have a question about these invoices? Contact us: %(reach)s.", reach=reach),
            ]
        plan = self.env._(
            "Can you not pay everything at once? Contact us before %(deadline)s and propose a payment plan.",
            deadline=self._format_day(notice.deadline),
        )
        dispute = self.env._(
            "Do you not agree with this claim or with a part of it? Tell us in writing, with your reasons: %(reach)s. "
            "We do not pursue what you dispute until we have answered you.",
            reach=reach,
        )
        if not self._tells_proof(notice):
            proof = self.env._("At your request we send you copies of the invoices and all other proof of this claim.")
            dispute = f"{dispute} {proof}"
        return [part for part in (f"{crossed} {plan}", self._get_portal(notice), dispute) if part]

    @api.model
    def _get_portal(self, notice):
        """Return the sentence on the customer's own page, for those who have one."""
        url = notice._get_letter_portal_url()
        if not url:
            return ""
        return self.env._(
            "In your customer portal you see your open invoices, pay online, report what you dispute and propose a "
            "payment plan: %(link)s",
            link=Markup('<a href="%s">%s</a>') % (url, url),
        )

    @api.model
    def _tells_proof(self, notice):
        """Whether the law of this letter has the right to proof stated elsewhere in it."""
        return False

    @api.model
    def _get_signature(self, notice):
        contact = notice._get_letter_contact()
        return list(dict.fromkeys(filter(None, (notice.company_id.name, contact["name"]))))

    @api.model
    def _get_foot(self, notice, company):
        first = " · ".join(filter(None, (company["name"], company["place"])))
        account = notice.partner_bank_id.sudo()
        second = " · ".join(
            filter(None, (company["number"], company["legal_form"], account and self._format_account(account)))
        )
        return [line for line in (first, second) if line]

    # --- WHAT THE LAW ASKS TO BE SAID ---

    @api.model
    def _call_regime(self, prefix, notice, default):
        method = getattr(self, f"{prefix}_{self._get_regime(notice)}", None)
        return method(notice) if method else default

    @api.model
    def _get_regime(self, document):
        """Return the law of a document: its own, else that of the letter which claimed the first of its charges."""
        if "regime" in document._fields:
            return document.regime
        return document.charge_ids.notice_id[:1].regime or ""

    @api.model
    def _get_terms_title(self, notice):
        return {
            "courtesy": self.env._("Free of charge"),
            "reminder": self.env._("What this reminder means"),
            "second_reminder": self.env._("What this reminder means"),
            "formal_notice": self.env._("Formal notice"),
            "last_notice": self.env._("Last notice before hand-over"),
        }.get(notice.level_kind, "")

    @api.model
    def _get_facts(self, notice):
        return self._call_regime("_get_facts", notice, [])

    @api.model
    def _get_terms(self, notice):
        return self._call_regime("_get_terms", notice, [])

    @api.model
    def _announces_indemnity(self, notice):
        """Whether each invoice shows the indemnity that follows if it is paid late."""
        return False

    # Sentences that several laws share

    @api.model
    def _get_demand(self, notice):
        values = {
            "amount": self._strong(self._format_money(notice.amount_total, notice.currency_id)),
            "deadline": self._strong(self._format_day(notice.deadline)),
        }
        if notice.level_kind == "formal_notice":
            return self.env._(
                "We hereby give you formal notice to pay %(amount)s at the latest on %(deadline)s.", **values
            )
        if notice.level_kind == "last_notice":
            return self.env._(
                "For the last time we call on you to pay %(amount)s at the latest on %(deadline)s.", **values
            )
        return ""

    @api.model
    def _get_parties(self, notice):
        """Return creditor and debtor in full, for letters that may be shown to a court."""
        if notice.level_kind not in FINAL_KINDS:
            return []
        return [
            (self.env._("Creditor"), self._get_creditor(notice.company_id)),
            (self.env._("Debtor"), self._get_debtor(notice)),
        ]

    @api.model
    def _get_debtor(self, notice):
        entity = notice.partner_id
        town = " ".join(filter(None, (entity.zip, entity.city)))
        country = entity.country_id.name if entity.country_id != notice.company_id.country_id else ""
        number = self._keep_together(self._describe_number(entity))
        return ", ".join(filter(None, (entity.name, entity.street, town, country, number)))

    @api.model
    def _is_claimed(self, notice):
        """Whether the letter claims anything besides the invoices."""
        claimed = notice.amount_interest + notice.amount_indemnity + notice.amount_cost
        return notice.currency_id.compare_amounts(claimed, 0) > 0

    @api.model
    def _get_claimed_or_waived(self, notice):
        """Return what is done with the amounts that a business owes by law."""
        if not self._is_claimed(notice):
            return self.env._(
                "We do not claim these amounts if your full payment reaches us by %(deadline)s. After that day we may "
                "claim them.",
                deadline=self._strong(self._format_day(notice.deadline)),
            )
        text = self.env._("What is due on these grounds until today is stated above.")
        if notice.announced_interest_rate:
            text += " " + self._get_running_interest(notice)
        return text

    @api.model
    def _get_running_interest(self, notice):
        """Return that interest goes on; laws with a name of their own for it say it in their own words."""
        own = self._call_regime("_get_running_interest", notice, "")
        return own or self.env._(
            "Interest of %(rate)s per year keeps running on the amount still due until full payment.",
            rate=self._format_rate(notice.announced_interest_rate),
        )

    @api.model
    def _get_interest_of_terms(self, notice):
        return self.env._(
            "Under our general terms, interest of %(rate)s per year is due from the day after the due date.",
            rate=self._format_rate(notice.announced_interest_rate),
        )

    @api.model
    def _get_earlier_formal_notice(self, notice):
        """Return when the formal notice before this letter left, as the first sentence of a last notice."""
        days = [self._format_day(day) for day in notice._get_formal_notice_dates()]
        if not days:
            return []
        return [
            self.env._(
                "We gave you formal notice on %(date)s. The time it left you is over and we have not received the full "
                "payment.",
                date=format_list(self.env, days, lang_code=self.env.lang),
            )
        ]

    @api.model
    def _get_amicable(self):
        return self.env._("This letter is an amicable demand: it is neither a summons nor a seizure.")

    # --- FORMATS ---

    @api.model
    def _strong(self, text):
        return Markup("<strong>%s</strong>") % text

    @api.model
    def _format_money(self, amount, currency):
        return formatLang(self.env, amount, currency_obj=currency)

    @api.model
    def _format_number(self, amount, currency):
        return formatLang(self.env, amount, digits=currency.decimal_places)

    @api.model
    def _format_rate(self, rate):
        return f"{formatLang(self.env, rate, digits=2)}\N{NO-BREAK SPACE}%"

    @api.model
    def _keep_together(self, text):
        return (text or "").replace(" ", "\N{NO-BREAK SPACE}")

    @api.model
    def _format_day(self, day):
        """Return a day with the month in words, the way the language writes it, on one line."""
        language = self.env.lang[:2]
        pattern = "d. MMMM y" if language == "de" else "d MMMM y"
        text = format_date(self.env, day, lang_code=self.env.lang, date_format=pattern)
        if language == "fr" and text.startswith("1 "):
            text = f"1er{text[1:]}"
        return self._keep_together(text)

    @api.model
    def _format_short_day(self, day):
        if self.env.lang.startswith("en"):
            return format_date(self.env, day, lang_code=self.env.lang, date_format="d MMM y")
        return format_date(self.env, day, lang_code=self.env.lang)

    @api.model
    def _get_qr_svg(self, payload):
        """Return the code as a drawing: sharp at any size, and no program for pictures is needed."""
        if not payload:
            return ""
        widget = QrCodeWidget(payload, barLevel="M")
        widget.draw()
        matrix = widget.qr
        size = matrix.getModuleCount()
        path = "".join(
            f"M{column} {row}h1v1h-1z" for row in range(size) for column in range(size) if matrix.isDark(row, column)
        )
        return Markup(
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s"><path fill="#000" d="%s"/></svg>'
        ) % (
            size,
            size,
            path,
        )
