import re
from collections import defaultdict

from markupsafe import Markup
from reportlab.graphics.barcode.qr import QrCodeWidget

from odoo import api, models
from odoo.tools import format_date, format_list, formatLang, is_html_empty
from odoo.tools.image import image_data_uri

from ...tools.amount_words import amount_in_words
from ...tools.identifiers import IdentifierError, communication_digits, format_enterprise_number

DEFAULT_COLOR = "#1f4e79"
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
    "total": TOTAL,
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
    # templates only lay it out. A regime of another country adds _get_terms_<regime>() and, where the law asks for
    # them, _get_facts_<regime>(), _get_legal_grounds_<regime>().

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
    def _prepare_letter(self, notice, mail=False):
        """Return the values of one letter in its language.

        :param notice: the notice, a single record
        :param mail: styles stand on each node, for mail programs
        :rtype: dict
        """
        notice.ensure_one()
        lang = notice._get_letter_lang()
        notice = notice.with_company(notice.company_id).with_context(lang=lang)
        self = self.with_context(lang=lang)
        charges = notice._get_letter_charges()
        recipient = self._get_recipient_lines(notice)
        letter = {
            "lang": lang,
            "css": MAIL_CSS if mail else {},
            "name": notice.name,
            "by_email": notice.channel == "email",
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
            "grounds": self._get_grounds(notice, charges),
            "totals": self._get_totals(notice, charges),
            "in_words": self._get_total_in_words(notice),
            "demand": self._get_demand(notice) if notice.level_kind == "formal_notice" else "",
            "terms_title": self._get_terms_title(notice),
            "facts": self._get_facts(notice),
            "terms": self._get_terms(notice),
            "payment": self._get_payment(notice),
            "qr": self._get_qr_svg(notice._get_letter_qr_payload()),
            "help": self._get_help(notice),
            "closing": self._get_level_text(notice.level_id.closing),
            "valediction": self.env._("Yours faithfully,"),
            "signature": self._get_signature(notice),
        }
        letter["foot"] = self._get_foot(notice, letter["company"])
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
        number = self._format_enterprise_number(partner)
        legal_form = company.commercial_legal_mention or ""
        number_text = self.env._("Enterprise number %(number)s", number=number) if number else ""
        contact = " · ".join(filter(None, (company.phone, company.email)))
        place = ", ".join(filter(None, (*address, town, country)))
        website = (company.website or "").removeprefix("https://").removeprefix("http://").rstrip("/")
        return {
            "name": company.name,
            "logo": image_data_uri(company.logo) if company.logo and not company.uses_default_logo else "",
            "color": company.primary_color or DEFAULT_COLOR,
            "legal_form": legal_form,
            "number": number_text,
            "number_inside": self.env._("enterprise number %(number)s", number=number) if number else "",
            "place": place,
            "lines": [line for line in (*address, town, country, contact, website, number_text, legal_form) if line],
        }

    @api.model
    def _format_enterprise_number(self, partner):
        """Return the number as it is printed; one of another country as it was written."""
        for number in (partner.company_registry, partner.vat):
            if not number:
                continue
            try:
                return format_enterprise_number(number)
            except IdentifierError:
                return number
        return ""

    @api.model
    def _get_creditor(self, company):
        values = self._prepare_company(company)
        return ", ".join(filter(None, (values["name"], values["place"], values["number_inside"], values["legal_form"])))

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
        number = self._format_enterprise_number(notice.partner_id)
        if number and notice.regime != "be_consumer":
            references.append((self.env._("Your enterprise no."), number))
        return references

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
            "indemnity": self._format_number(line.announced_indemnity, currency),
        }

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
        return [
            self.env._("%(charge)s: %(ground)s.", charge=names.get(kind, kind), ground=grounds[kind])
            for kind in names
            if grounds.get(kind)
        ]

    @api.model
    def _get_charge_names(self, notice):
        return {
            "interest": self.env._("Late-payment interest"),
            "indemnity": self.env._("Indemnity"),
            "fixed": self.env._("Fixed recovery cost"),
            "cost": self.env._("Reminder cost"),
        }

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
            sums[charge.kind] += charge.amount_residual
        totals += [
            (name, self._format_money(sums[kind], currency))
            for kind, name in names.items()
            if not currency.is_zero(sums[kind])
        ]
        totals.append((self.env._("To pay now"), self._format_money(notice.amount_total, currency)))
        return totals

    @api.model
    def _get_total_in_words(self, notice):
        if notice.level_kind != "formal_notice":
            return ""
        words = amount_in_words(notice.amount_total, notice.currency_id.name, notice.env.lang)
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
            rows.append((self._get_communication_label(notice), notice.payment_reference))
        return rows

    @api.model
    def _get_communication_label(self, notice):
        try:
            communication_digits(notice.payment_reference)
        except IdentifierError:
            return self.env._("Communication")
        return self.env._("Structured communication")

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
        return [f"{crossed} {plan}", dispute]

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
        method = getattr(self, f"{prefix}_{notice.regime}", None)
        return method(notice) if method else default

    @api.model
    def _get_terms_title(self, notice):
        return {
            "courtesy": self.env._("Free of charge"),
            "reminder": self.env._("What this reminder means"),
            "second_reminder": self.env._("What this reminder means"),
            "formal_notice": self.env._("Formal notice"),
        }.get(notice.level_kind, "")

    @api.model
    def _get_facts(self, notice):
        return self._call_regime("_get_facts", notice, [])

    @api.model
    def _get_terms(self, notice):
        return self._call_regime("_get_terms", notice, [])

    @api.model
    def _announces_indemnity(self, notice):
        return (
            notice.regime == "be_consumer"
            and notice.level_kind == "reminder"
            and notice.currency_id.compare_amounts(notice.announced_indemnity, 0) > 0
        )

    # Belgium, consumer: book XIX of the Code of Economic Law

    @api.model
    def _get_legal_grounds_be_consumer(self, notice):
        accepted = self.env._("our general terms, which you accepted, within article XIX.4 of the Code of Economic Law")
        return {
            "interest": accepted,
            "indemnity": accepted,
            "cost": self.env._("article XIX.2 of the Code of Economic Law"),
        }

    @api.model
    def _get_facts_be_consumer(self, notice):
        """Return the items that article XIX.2 lists for the first reminder."""
        if notice.level_kind != "reminder":
            return []
        indemnity = self._format_money(notice.announced_indemnity, notice.currency_id)
        facts = [
            (self.env._("Creditor"), self._get_creditor(notice.company_id)),
            (
                self.env._("Outstanding balance"),
                self._format_money(notice.amount_total, notice.currency_id),
            ),
            (self.env._("To pay without extra cost until"), self._format_day(notice.deadline)),
            (self.env._("Indemnity if you pay later"), indemnity),
        ]
        if notice.policy_id.charge_interest and notice.announced_interest_rate:
            facts.append(
                (
                    self.env._("Interest if you pay later"),
                    self.env._("%(rate)s per year", rate=self._format_rate(notice.announced_interest_rate)),
                )
            )
        return facts

    @api.model
    def _get_terms_be_consumer(self, notice):
        proof = self.env._(
            "At your request we send you without delay and free of charge all proof of this debt and explain how you "
            "can dispute it (article XIX.3 of the Code of Economic Law)."
        )
        if notice.level_kind == "courtesy":
            return [
                self.env._(
                    "This message is free of charge: we add no costs, interest or indemnity. It is not yet the first "
                    "reminder in the sense of article XIX.2 of the Code of Economic Law and no period starts with it."
                )
            ]
        if notice.level_kind == "reminder":
            return [*self._get_first_reminder_be_consumer(notice), proof]
        terms = [self._get_earlier_reminder(notice), self._get_claimed_be_consumer(notice)]
        if notice.level_kind == "formal_notice":
            terms.append(
                self.env._(
                    "If we do not receive your payment in time, we may entrust the file to a lawyer or a bailiff and "
                    "ask the court to order payment. This letter is an amicable demand: it is neither a summons nor a "
                    "seizure."
                )
            )
        return [*terms, proof]

    @api.model
    def _get_first_reminder_be_consumer(self, notice):
        currency = notice.currency_id
        deadline = self._format_day(notice.deadline)
        terms = [
            self.env._(
                "This is the first reminder in the sense of article XIX.2 of the Code of Economic Law. It is free of "
                "charge and it is a formal notice."
            )
        ]
        if notice.channel == "email":
            start = self.env._(
                "This period starts on the calendar day after the day on which we sent you this reminder by e-mail."
            )
        else:
            start = self.env._(
                "This period starts on the third working day after the day on which we posted this reminder."
            )
        terms.append(
            self.env._(
                "You have a period of at least 14 calendar days to pay the outstanding balance before any cost, "
                "interest or indemnity can be claimed from you. %(start)s If your payment reaches us by %(deadline)s, "
                "you pay nothing more than the outstanding balance.",
                start=start,
                deadline=self._strong(deadline),
            )
        )
        if self._announces_indemnity(notice):
            terms.append(
                self.env._(
                    "If the outstanding balance is not fully paid by then, we will claim an indemnity of "
                    "%(indemnity)s. It rests on our general terms, which you accepted, and stays within the maximum "
                    "of article XIX.4 of the same code.",
                    indemnity=self._strong(self._format_money(notice.announced_indemnity, currency)),
                )
            )
        else:
            terms.append(
                self.env._(
                    "Our agreement with you provides no indemnity: if you pay later, we claim an indemnity of "
                    "%(indemnity)s.",
                    indemnity=self._format_money(0, currency),
                )
            )
        if notice.policy_id.charge_interest and notice.announced_interest_rate:
            rate = self._format_rate(notice.announced_interest_rate)
            if notice.company_id.commercial_is_sme:
                terms.append(
                    self.env._(
                        "We will then also claim late-payment interest of %(rate)s per year on the amount still due, "
                        "counted from the calendar day after the day on which this reminder was sent.",
                        rate=rate,
                    )
                )
            else:
                terms.append(
                    self.env._(
                        "We will then also claim late-payment interest of %(rate)s per year on the amount still due, "
                        "counted from %(start)s.",
                        rate=rate,
                        start=self._format_day(notice.earliest_charge_date),
                    )
                )
        return terms

    @api.model
    def _get_earlier_reminder(self, notice):
        days = [self._format_day(day) for day in notice._get_first_reminder_dates()]
        if days:
            return self.env._(
                "We sent you a first reminder, free of charge, on %(date)s. The period in which you could pay without "
                "extra cost is over and we have not received the full payment.",
                date=format_list(self.env, days, lang_code=self.env.lang),
            )
        return self.env._(
            "We sent you a first reminder free of charge. The period in which you could pay without extra cost is "
            "over and we have not received the full payment."
        )

    @api.model
    def _get_claimed_be_consumer(self, notice):
        if (
            notice.currency_id.compare_amounts(notice.amount_interest + notice.amount_indemnity + notice.amount_cost, 0)
            <= 0
        ):
            return self.env._("We still claim only the outstanding balance, without costs, interest or indemnity.")
        text = self.env._(
            "We therefore add the amounts stated above. They rest on our general terms, which you accepted, and stay "
            "within the maximum of article XIX.4 of the Code of Economic Law."
        )
        if notice.policy_id.charge_interest and notice.announced_interest_rate:
            text += " " + self._get_running_interest(notice)
        return text

    # Belgium, business and public authority: law of 2 August 2002

    @api.model
    def _get_legal_grounds_be_business(self, notice):
        return {
            "interest": self.env._("article 5 of the law of 2 August 2002"),
            "fixed": self.env._("article 6 of the law of 2 August 2002"),
            "indemnity": self.env._("indemnity clause of our general terms"),
        }

    @api.model
    def _get_facts_be_business(self, notice):
        if notice.level_kind != "formal_notice":
            return []
        return [
            (self.env._("Creditor"), self._get_creditor(notice.company_id)),
            (self.env._("Debtor"), ", ".join(self._get_debtor(notice))),
        ]

    @api.model
    def _get_debtor(self, notice):
        entity = notice.partner_id
        number = self._format_enterprise_number(entity)
        town = " ".join(filter(None, (entity.zip, entity.city)))
        lines = [entity.name, entity.street, town]
        if number:
            lines.append(self.env._("enterprise number %(number)s", number=number))
        return [line for line in lines if line]

    @api.model
    def _get_terms_be_business(self, notice):
        if notice.level_kind == "courtesy":
            return [self.env._("This message is free of charge: we add neither costs nor interest.")]
        terms = [self._get_law_be_business(notice)]
        claimed = notice.currency_id.compare_amounts(
            notice.amount_interest + notice.amount_indemnity + notice.amount_cost, 0
        )
        if claimed > 0:
            text = self.env._("What is due on these grounds until today is stated above.")
            if notice.announced_interest_rate:
                text += " " + self._get_running_interest(notice)
            terms.append(text)
        else:
            terms.append(
                self.env._(
                    "We do not claim these amounts if your full payment reaches us by %(deadline)s. After that day we "
                    "may claim them.",
                    deadline=self._strong(self._format_day(notice.deadline)),
                )
            )
        if notice.level_kind == "formal_notice":
            terms.append(
                self.env._(
                    "If we do not receive your payment in time, we will have the claim recovered by a lawyer or a "
                    "bailiff without further notice, and also claim a reasonable compensation for the other recovery "
                    "costs (article 6 of the law of 2 August 2002). We reserve all our rights."
                )
            )
        return terms

    @api.model
    def _get_law_be_business(self, notice):
        """Return the sentences on interest and recovery cost, with the figures that are known."""
        rate = self._format_rate(notice.announced_interest_rate) if notice.announced_interest_rate else ""
        if rate and notice.policy_id.interest_basis == "clause":
            interest = self.env._(
                "Under our general terms, interest of %(rate)s per year is due from the day after the due date.",
                rate=rate,
            )
        elif rate:
            interest = self.env._(
                "Under article 5 of the law of 2 August 2002 on combating late payment in commercial transactions, "
                "interest is due by operation of law and without notice from the day after the due date; the rate is "
                "now %(rate)s per year.",
                rate=rate,
            )
        else:
            interest = self.env._(
                "Under article 5 of the law of 2 August 2002 on combating late payment in commercial transactions, "
                "interest is due by operation of law and without notice from the day after the due date."
            )
        fixed = notice._get_letter_fixed_cost()
        if fixed:
            cost = self.env._(
                "Under article 6 of the law of 2 August 2002 a fixed recovery cost of %(amount)s is due as well for "
                "each invoice paid late.",
                amount=self._format_money(fixed, self.env.ref("base.EUR")),
            )
        else:
            cost = self.env._(
                "Under article 6 of the law of 2 August 2002 a fixed recovery cost is due as well for each invoice "
                "paid late."
            )
        return f"{interest} {cost}"

    # Both

    @api.model
    def _get_demand(self, notice):
        return self.env._(
            "We hereby give you formal notice to pay %(amount)s at the latest on %(deadline)s.",
            amount=self._strong(self._format_money(notice.amount_total, notice.currency_id)),
            deadline=self._strong(self._format_day(notice.deadline)),
        )

    @api.model
    def _get_running_interest(self, notice):
        return self.env._(
            "Interest of %(rate)s per year keeps running on the amount still due until full payment.",
            rate=self._format_rate(notice.announced_interest_rate),
        )

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
