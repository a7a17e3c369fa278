from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_list

from ...tools.amount_words import amount_in_words

# the report that makes the head, the address and the formats of all letters
from .dunning_notice_report import LETTERS_PER_LINE, LINES_IN_WINDOW, MAIL_CSS

PLAN_MAIL_CSS = {
    **MAIL_CSS,
    "td_words": f"{MAIL_CSS['td']} {MAIL_CSS['description']}",
    "sign": "width: 50%; padding: 8px 24px 48px 0; vertical-align: top; font-size: 13px;",
}


class PaymentPlanReport(models.AbstractModel):
    _name = "report.commercial_assistant.report_payment_plan"
    _inherit = "report.commercial_assistant.report_dunning_notice"
    _description = "Payment Plan Agreement"

    # As in the reminder, everything is prepared here as finished sentences in the language of the letter; the
    # templates only lay it out.

    @api.model
    def _get_report_values(self, docids, data=None):
        plans = self.env["commercial.payment.plan"].browse(docids)
        return {
            "doc_ids": docids,
            "doc_model": plans._name,
            "docs": plans,
            "letters": {plan.id: self._prepare_plan_letter(plan, "agreement") for plan in plans},
        }

    # --- PREPARING ---

    @api.model
    def _prepare_plan_letter(self, plan, kind, lines=None, mail=False):
        """Return the values of one letter of a plan in its language.

        :param kind: ``agreement``, ``courtesy``, ``late``, ``broken`` or ``refusal``
        :param lines: the instalments it is about
        :param mail: styles stand on each node, for mail programs
        :rtype: dict
        """
        plan.ensure_one()
        lang = plan._get_letter_lang()
        plan = plan.with_company(plan.company_id).with_context(lang=lang)
        lines = lines.with_env(plan.env) if lines else plan.line_ids.browse()
        self = self.with_context(lang=lang)
        recipient = self._get_recipient_lines(plan)
        amount = self._get_amount_to_pay(plan, kind, lines)
        letter = {
            "lang": lang,
            "kind": kind,
            "css": PLAN_MAIL_CSS if mail else {},
            "name": plan.name,
            "by_email": plan.channel == "email",
            "is_proposal": kind == "agreement" and plan.state in ("draft", "requested", "to_approve"),
            "company": self._prepare_company(plan.company_id),
            "recipient": recipient,
            "is_long_address": sum(-(-len(line) // LETTERS_PER_LINE) for line in recipient) > LINES_IN_WINDOW,
            "sending": self._get_sending(plan),
            "references": self._get_plan_references(plan, mail),
            "place_date": self._get_plan_place_date(plan, kind),
            "subject": self._get_plan_subject(plan, kind),
            "salutation": self.env._("Dear Sir or Madam,"),
            "intro": getattr(self, f"_get_intro_{kind}")(plan, lines),
            "parties": self._get_parties(plan) if kind == "agreement" else [],
            "debts": self._prepare_debts(plan) if kind == "agreement" else [],
            "charges": self._prepare_plan_charges(plan) if kind == "agreement" else [],
            "debt_total": self._format_money(plan.amount_total, plan.currency_id),
            "acknowledgment": self._get_acknowledgment(plan) if kind == "agreement" else "",
            "schedule": self._prepare_schedule(plan, kind, lines),
            "schedule_total": self._get_schedule_total(plan, kind),
            "show_words": kind == "agreement",
            "payment": self._get_plan_payment(plan, kind, amount) if amount else [],
            "qr": self._get_qr_svg(plan._get_letter_qr_payload(amount)) if amount else "",
            "terms": getattr(self, f"_get_terms_{kind}")(plan, lines),
            "help": self._get_plan_help(plan, kind),
            "valediction": self.env._("Yours faithfully,"),
            "signature": self._get_signature(plan),
            "signatures": self._get_signatures(plan) if kind == "agreement" else [],
        }
        letter["foot"] = self._get_plan_foot(plan, letter["company"])
        return letter

    @api.model
    def _get_plan_references(self, plan, mail=False):
        references = [(self.env._("Our reference"), plan.name)]
        if mail:
            references.insert(0, (self.env._("Addressee"), ", ".join(self._get_recipient_lines(plan))))
        if plan.partner_id.ref:
            references.append((self.env._("Customer number"), plan.partner_id.ref))
        number, _is_vat = self._get_number(plan.partner_id)
        if number and plan.partner_id._get_customer_kind() != "consumer":
            references.append((self.env._("Your enterprise no."), number))
        return references

    @api.model
    def _get_plan_place_date(self, plan, kind):
        city = plan.company_id.city
        day = self._format_day((kind == "agreement" and plan.date) or plan._get_today())
        return self.env._("%(city)s, %(date)s", city=city, date=day) if city else day

    @api.model
    def _get_plan_subject(self, plan, kind):
        return {
            "agreement": self.env._("Payment plan: agreement"),
            "courtesy": self.env._("Your next instalment"),
            "late": self.env._("Instalment not received"),
            "broken": self.env._("Your payment plan has ended"),
            "refusal": self.env._("Your request for a payment plan"),
        }[kind]

    @api.model
    def _get_plan_foot(self, plan, company):
        account = plan._get_letter_bank().sudo()  # the number is meant to be told
        first = " · ".join(filter(None, (company["name"], company["place"])))
        second = " · ".join(
            filter(None, (company["number"], company["legal_form"], account and self._format_account(account)))
        )
        return [line for line in (first, second) if line]

    @api.model
    def _words(self, plan, amount):
        return amount_in_words(amount, plan.currency_id.name, self.env.lang)

    # --- AMOUNTS ---

    @api.model
    def _get_amount_to_pay(self, plan, kind, lines):
        if kind == "agreement":
            return plan.line_ids.sorted("sequence")[:1].amount
        if kind == "refusal":
            return 0.0
        if kind == "broken":
            return plan.amount_open
        return sum(lines.mapped("amount_open"))

    @api.model
    def _prepare_debts(self, plan):
        currency = plan.currency_id
        return [
            {
                "name": covered.item_id.move_name or "",
                "date": self._format_short_day(covered.item_id.date) if covered.item_id.date else "",
                "date_due": self._format_short_day(covered.item_id.date_due),
                "residual": self._format_number(
                    covered.amount_start or covered.item_id.amount_residual or covered.amount, currency
                ),
                "amount": self._format_number(covered.amount, currency),
            }
            for covered in plan.item_ids.sorted(lambda covered: (covered.item_id.date_due, covered.id))
        ]

    @api.model
    def _prepare_plan_charges(self, plan):
        names = self._get_charge_names(plan)
        charges_sudo = plan.charge_ids.sudo()  # whoever may print the plan may print what it includes
        return [
            {
                "name": names.get(charge.kind, charge.kind),
                "invoice": charge.item_id.move_name or "",
                "amount": self._format_number(charge.amount, plan.currency_id),
            }
            for charge in charges_sudo.sorted(lambda charge: (charge.item_id.move_name or "", charge.kind, charge.id))
        ]

    @api.model
    def _prepare_schedule(self, plan, kind, lines):
        """Return the rows of instalments: all of them, or those the letter is about."""
        if kind == "refusal":
            return []
        chosen = lines if kind in ("courtesy", "late") else plan.line_ids
        return [
            {
                "number": line.sequence,
                "date": self._format_short_day(line.date),
                "amount": self._format_number(line.amount, plan.currency_id),
                "words": self._words(plan, line.amount),
                "paid": self._format_number(line.amount_paid + line.amount_credited, plan.currency_id),
                "open": self._format_number(line.amount_open, plan.currency_id),
            }
            for line in chosen.sorted("sequence")
        ]

    @api.model
    def _get_schedule_total(self, plan, kind):
        if kind != "agreement":
            return {}
        return {
            "amount": self._format_money(plan.amount_total, plan.currency_id),
            "words": self._words(plan, plan.amount_total),
        }

    @api.model
    def _get_plan_payment(self, plan, kind, amount):
        account = plan._get_letter_bank().sudo()  # the number is meant to be told
        rows = []
        if kind == "agreement":
            rows.append((self.env._("First instalment"), self._format_money(amount, plan.currency_id)))
            rows.append((self.env._("At the latest on"), self._format_day(plan.line_ids.sorted("sequence")[:1].date)))
        else:
            rows.append((self.env._("Amount to pay"), self._format_money(amount, plan.currency_id)))
        if kind == "courtesy":
            rows.append((self.env._("At the latest on"), self._format_day(plan.next_date)))
        if account:
            number, bic = self._format_account(account), account.bank_bic
            text = self.env._("%(account)s (BIC %(bic)s)", account=number, bic=bic) if bic else number
            rows.append((self.env._("To bank account"), text))
            rows.append((self.env._("In the name of"), account.acc_holder_name or account.partner_id.name))
        rows.append(self._get_communication(plan.payment_reference))
        return rows

    # --- AGREEMENT ---

    @api.model
    def _get_parties(self, plan):
        return [
            (self.env._("Creditor"), self._get_creditor(plan.company_id)),
            (self.env._("Debtor"), self._get_debtor(plan)),
        ]

    @api.model
    def _get_intro_agreement(self, plan, _lines):
        if plan.is_requested:
            asked = self.env._("You asked us to pay your outstanding debt in instalments.")
        else:
            asked = self.env._("You cannot pay your outstanding debt at once.")
        agreed = self.env._("We agree to the payment plan below, as soon as you have accepted it.")
        if not plan.hold_until:
            return f"{asked} {agreed}"
        answer = self.env._(
            "Please return one signed copy to us by %(day)s; until then we do not remind you of these invoices.",
            day=self._strong(self._format_day(plan.hold_until)),
        )
        return Markup("%s %s %s") % (asked, agreed, answer)

    @api.model
    def _get_acknowledgment(self, plan):
        return self.env._(
            "The debtor acknowledges owing the creditor the sum of %(amount)s (%(words)s), without any reservation.",
            amount=self._strong(self._format_money(plan.amount_total, plan.currency_id)),
            words=self._words(plan, plan.amount_total),
        )

    @api.model
    def _get_terms_agreement(self, plan, _lines):
        terms = [
            self.env._(
                "Instalments. The debtor pays the instalments above, each at the latest on its day. The communication "
                "is the same for every instalment. A payment settles the oldest instalment first. The debtor can pay "
                "sooner at any time, without costs."
            ),
            self._get_interest_term(plan),
            self.env._(
                "Good standing. As long as the debtor keeps to this plan, the creditor sends no reminders and takes no "
                "steps for what it covers."
            ),
            self.env._(
                "Break. If an instalment is not fully paid %(days)s days after its day, the plan ends by operation of "
                "law and without further notice. The whole balance is then due at once, and the creditor can claim it "
                "with the interest and indemnities that the law and the agreement between the parties allow.",
                days=plan.break_days,
            ),
            self.env._(
                "No novation. This plan only grants time to pay: it replaces neither the invoices nor the contract, "
                "and the creditor keeps all rights and securities that belong to them."
            ),
        ]
        return [self._emphasize(term) for term in terms]

    @api.model
    def _emphasize(self, term):
        """Print the first words of a term, which say what it is about, in bold."""
        title, _dot, text = term.partition(". ")
        return Markup("%s %s") % (self._strong(f"{title}."), text)

    @api.model
    def _get_interest_term(self, plan):
        if not plan.has_late_interest:
            return self.env._("Interest. The creditor asks no interest on this plan as long as it is kept.")
        rate = self._format_rate(plan.interest_rate)
        if plan.partner_id._get_customer_kind() == "consumer":
            return self.env._(
                "Interest. Instalments paid in time bear no interest. A late instalment bears interest of %(rate)s per "
                "year from the day after its day until it is paid, within the maximum of article XIX.4 of the Code of "
                "Economic Law.",
                rate=rate,
            )
        return self.env._(
            "Interest. Instalments paid in time bear no interest. A late instalment bears interest of %(rate)s per "
            "year from the day after its day until it is paid (law of 2 August 2002, article 4 par. 3).",
            rate=rate,
        )

    @api.model
    def _get_signatures(self, plan):
        """Return the two blocks to sign in: who, and what is written by hand before the signature."""
        mention = self.env._("Read and approved")
        if plan.partner_id._get_customer_kind() == "consumer":
            # a private person writes the sum in words by hand
            mention = self.env._(
                "Write by hand: “Read and approved, good for %(words)s”", words=self._words(plan, plan.amount_total)
            )
        return [
            {
                "title": self.env._("The creditor"),
                "name": plan.company_id.name,
                "person": plan._get_letter_contact()["name"],
                "mention": "",
            },
            {
                "title": self.env._("The debtor"),
                "name": plan.partner_id.name,
                "person": plan.contact_id.name if plan.contact_id != plan.partner_id else "",
                "mention": mention,
            },
        ]

    # --- OTHER LETTERS ---

    @api.model
    def _get_intro_courtesy(self, plan, lines):
        line = lines[:1]
        return self.env._(
            "Instalment %(number)s of your payment plan %(plan)s, %(amount)s, is to be paid by %(day)s. This message "
            "is a service: it costs you nothing.",
            number=line.sequence,
            plan=plan.name,
            amount=self._strong(self._format_money(line.amount_open, plan.currency_id)),
            day=self._strong(self._format_day(line.date)),
        )

    @api.model
    def _get_terms_courtesy(self, _plan, _lines):
        return []

    @api.model
    def _get_intro_late(self, plan, lines):
        days = format_list(self.env, [self._format_day(line.date) for line in lines], lang_code=self.env.lang)
        return self.env._(
            "We have not received what your payment plan %(plan)s provides for %(days)s: %(amount)s is missing. We add "
            "no costs for this letter.",
            plan=plan.name,
            days=days,
            amount=self._strong(self._format_money(sum(lines.mapped("amount_open")), plan.currency_id)),
        )

    @api.model
    def _get_terms_late(self, plan, lines):
        today = plan._get_today()
        last_days = [fields.Date.add(line.date, days=plan.break_days) for line in lines]
        last_day = max(min(last_days), today)
        terms = [
            self.env._(
                "Please pay at once. If the instalment is not fully paid on %(day)s, the plan ends and the whole "
                "balance of %(amount)s is due at once.",
                day=self._strong(self._format_day(last_day)),
                amount=self._format_money(plan.amount_open, plan.currency_id),
            )
        ]
        interest = sum(lines.mapped("interest_amount"))
        if plan.has_late_interest and not plan.currency_id.is_zero(interest):
            terms.append(
                self.env._(
                    "As agreed, a late instalment bears interest of %(rate)s per year; until today that is %(amount)s.",
                    rate=self._format_rate(plan.interest_rate),
                    amount=self._format_money(interest, plan.currency_id),
                )
            )
        return terms

    @api.model
    def _get_intro_broken(self, plan, _lines):
        line = plan.line_ids.sorted("sequence").filtered(lambda line: line.state != "paid")[:1]
        return self.env._(
            "Instalment %(number)s of your payment plan %(plan)s was to be paid by %(day)s and was still not fully "
            "paid %(days)s days later. As agreed, the plan has ended.",
            number=line.sequence,
            plan=plan.name,
            day=self._format_day(line.date),
            days=plan.break_days,
        )

    @api.model
    def _get_terms_broken(self, plan, _lines):
        terms = [
            self.env._(
                "The whole balance of %(amount)s is due at once. Our reminders go on where they stood before the plan; "
                "what you have paid is deducted.",
                amount=self._strong(self._format_money(plan.amount_open, plan.currency_id)),
            )
        ]
        if plan.has_late_interest and not plan.currency_id.is_zero(plan.amount_interest):
            terms.append(
                self.env._(
                    "As agreed, late instalments bear interest of %(rate)s per year; until the end of the plan that is "
                    "%(amount)s.",
                    rate=self._format_rate(plan.interest_rate),
                    amount=self._format_money(plan.amount_interest, plan.currency_id),
                )
            )
        return terms

    @api.model
    def _get_intro_refusal(self, plan, _lines):
        asked_on = self._format_day(plan.requested_on or plan._get_today())
        return self.env._("You asked us on %(day)s for a payment plan. We cannot agree to it.", day=asked_on)

    @api.model
    def _get_terms_refusal(self, plan, _lines):
        return [
            self.env._("Our reason: %(reason)s", reason=plan.end_reason or ""),
            self.env._(
                "The invoices concerned remain due; reminders of them are possible again. If you can make another "
                "proposal, let us know."
            ),
        ]

    @api.model
    def _get_plan_help(self, plan, kind):
        contact = plan._get_letter_contact()
        ways = (contact["name"], self._keep_together(contact["phone"]), contact["email"])
        reach = ", ".join(filter(None, ways))
        question = self.env._("Do you have a question about this plan? Contact us: %(reach)s.", reach=reach)
        if kind in ("late", "broken"):
            crossed = self.env._(
                "Did you pay in the last few days? Then our messages have crossed and you need do nothing more."
            )
            return [f"{crossed} {question}"]
        return [question]


class PaymentPlanLetterReport(models.AbstractModel):
    _name = "report.commercial_assistant.report_payment_plan_letter"
    _inherit = "report.commercial_assistant.report_payment_plan"
    _description = "Letter of a Payment Plan"

    @api.model
    def _get_report_values(self, docids, data=None):
        plans = self.env["commercial.payment.plan"].browse(docids)
        kind = (data or {}).get("kind") or "courtesy"
        lines = self.env["commercial.payment.plan.line"].browse((data or {}).get("line_ids") or [])
        return {
            "doc_ids": docids,
            "doc_model": plans._name,
            "docs": plans,
            "letters": {
                plan.id: self._prepare_plan_letter(
                    plan, kind, lines.filtered(lambda line, plan=plan: line.plan_id == plan)
                )
                for plan in plans
            },
        }
