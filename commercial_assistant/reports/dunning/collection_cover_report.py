from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import babel_locale_parse, format_list

from ...tools.amount_words import amount_in_words
from ...tools.dossier import name_pieces

LETTER = "report.commercial_assistant.report_dunning_notice"
EXTRAS = ("interest", "fixed", "indemnity", "cost")


class CollectionCoverReport(models.AbstractModel):
    _name = "report.commercial_assistant.report_collection_cover"
    _description = "Cover Letter of a Hand-over"

    # Everything the letter says is prepared here, in the language of the collector, as finished sentences and amounts.

    @api.model
    def _get_report_values(self, docids, data=None):
        handovers = self.env["commercial.collection.handover"].browse(docids)
        return {
            "doc_ids": docids,
            "doc_model": handovers._name,
            "docs": handovers,
            "letters": {handover.id: self._prepare_letter(handover) for handover in handovers},
        }

    @api.model
    def _prepare_letter(self, handover):
        """Return the values of the cover letter."""
        handover = handover._in_letter_language()
        self = self.with_env(handover.env)
        head = self.env[LETTER]._prepare_company(handover.company_id)
        return {
            "lang": self.env.lang,
            "name": handover.name,
            "company": head,
            "recipient": self._get_recipient_lines(handover),
            "references": self._get_references(handover),
            "place_date": self._get_place_date(handover),
            "subject": self._get_subject(handover),
            "salutation": self.env._("Dear Sir or Madam,"),
            "intro": self._get_intro(handover),
            "instructions": handover.instructions or "",
            "parties": self._get_parties(handover),
            "lines": [self._prepare_line(line) for line in handover.line_ids],
            "has_extras": any(line.amount_claimed != line.amount_principal for line in handover.line_ids),
            "totals": self._get_totals(handover),
            "remarks": self._get_remarks(handover),
            "sent_letters": [self._prepare_sent(handover, notice) for notice in handover._get_letters()],
            "enclosures": self._get_enclosures(handover),
            "missing": handover._find_missing(),
            "closing": self._get_closing(handover),
            "valediction": self.env._("Yours faithfully,"),
            "signature": self._get_signature(handover),
            "foot": [
                line for line in (" · ".join(filter(None, (head["name"], head["place"]))), head["number"]) if line
            ],
        }

    @api.model
    def _prepare_mail(self, handover):
        """Return the short text of the mail that carries letter and file."""
        handover = handover._in_letter_language()
        self = self.with_env(handover.env)
        return {
            "salutation": self.env._("Dear Sir or Madam,"),
            "paragraphs": [
                *self._get_intro(handover)[:1],
                self.env._(
                    "You find our cover letter and the complete file (%(name)s) enclosed.",
                    name=handover.dossier_id.name or handover.name,
                ),
                *self._get_closing(handover),
            ],
            "valediction": self.env._("Yours faithfully,"),
            "signature": self._get_signature(handover),
        }

    # --- HEAD ---

    @api.model
    def _get_recipient_lines(self, handover):
        entity, contact = handover.collector_id, handover.contact_id or handover.collector_id
        if not entity:
            return [handover._get_label("collector_type")]
        lines = [entity.name]
        if contact != entity and contact.name and contact.name != entity.name:
            lines.append(self.env._("Attn. %(name)s", name=contact.name))
        address = contact if contact.street or contact.zip or contact.city else entity
        lines += [address.street, address.street2, " ".join(filter(None, (address.zip, address.city)))]
        if address.country_id and address.country_id != handover.company_id.country_id:
            lines.append((address.country_id.name or "").upper())
        return [line for line in lines if line]

    @api.model
    def _get_references(self, handover):
        references = [(self.env._("Our reference"), handover.name)]
        if handover.collector_reference:
            references.append((self.env._("Your reference"), handover.collector_reference))
        if handover.collector_type == "agency" and handover.registration_number:
            references.append((self.env._("Your registration"), handover.registration_number))
        return references

    @api.model
    def _get_place_date(self, handover):
        day = self._format_day(handover.date_handed_over or fields.Date.context_today(handover))
        city = handover.company_id.city
        return self.env._("%(city)s, %(date)s", city=city, date=day) if city else day

    @api.model
    def _get_subject(self, handover):
        debtor = handover.partner_id.name
        return {
            "amicable": self.env._("Amicable collection of our claim on %(debtor)s", debtor=debtor),
            "ios": self.env._("Recovery of an undisputed money debt of %(debtor)s", debtor=debtor),
            "court": self.env._("Recovery through the court of our claim on %(debtor)s", debtor=debtor),
        }[handover.procedure]

    @api.model
    def _get_intro(self, handover):
        claim = self._get_claim_text(handover)
        first = {
            "amicable": self.env._(
                "We entrust to you the amicable collection of our claim of %(claim)s. Please demand payment from our "
                "customer and let us know what you suggest if the demand stays without result.",
                claim=claim,
            ),
            "ios": self.env._(
                "We ask you to recover our claim of %(claim)s by the procedure for undisputed money debts (articles "
                "1394/20 and following of the Judicial Code). Interest, indemnity and increases stay within ten "
                "percent of the principal.",
                claim=claim,
            ),
            "court": self.env._(
                "We entrust to you the recovery of our claim of %(claim)s. Please examine the file and, if you agree, "
                "bring the claim before the competent court.",
                claim=claim,
            ),
        }[handover.procedure]
        return [first, self._get_history(handover)]

    @api.model
    def _get_history(self, handover):
        delivered = handover._get_letters().filtered(lambda notice: notice.state == "delivered")
        if not delivered:
            return self.env._("The claim is due and was not paid.")
        day = self._format_day(delivered[-1:].delivered_on)
        if len(delivered) == 1:
            return self.env._(
                "The claim is due and was not paid, although we wrote to our customer on %(day)s.", day=day
            )
        return self.env._(
            "The claim is due and was not paid, although we sent our customer %(count)s letters, the last one on "
            "%(day)s.",
            count=len(delivered),
            day=day,
        )

    @api.model
    def _get_claim_text(self, handover):
        sums = self._sum_lines(handover)
        return format_list(
            self.env, [self._format_money(amounts["claimed"], currency) for currency, amounts in sums.items()]
        )

    # --- BODY ---

    @api.model
    def _get_parties(self, handover):
        letters = self.env[LETTER]
        partner = handover.partner_id
        number, _is_vat = letters._get_number(partner)
        town = " ".join(filter(None, (partner.zip, partner.city)))
        country = partner.country_id.name if partner.country_id != handover.company_id.country_id else ""
        debtor = (partner.name, partner.street, partner.street2, town, country)
        kinds = dict(partner._fields["customer_kind"]._description_selection(self.env))
        rows = [
            (self.env._("Creditor"), letters._get_creditor(handover.company_id)),
            (self.env._("Debtor"), ", ".join(filter(None, debtor))),
            (self.env._("Enterprise no. of the debtor"), number),
            (self.env._("The debtor is a"), kinds.get(partner._get_customer_kind(), "")),
            (self.env._("To be reached at"), ", ".join(filter(None, (partner.phone, partner.email)))),
            (self.env._("Language of the debtor"), self._get_language_name(partner.lang)),
        ]
        return [(label, value) for label, value in rows if value]

    @api.model
    def _get_language_name(self, code):
        """Return the name of a language in that of the letter."""
        return babel_locale_parse(self.env.lang).languages.get((code or "")[:2], "")

    @api.model
    def _prepare_line(self, line):
        return {
            "name": line.item_id.move_name or "–",
            "date": self._format_short_day(line.date),
            "date_due": self._format_short_day(line.date_due),
            "original": self._format_number(line.item_id.amount_original, line.currency_id),
            "principal": self._format_number(line.amount_principal, line.currency_id),
            "extras": self._format_number(line.amount_claimed - line.amount_principal, line.currency_id),
            "claimed": self._format_number(line.amount_claimed, line.currency_id),
            "currency": line.currency_id.name,
        }

    @api.model
    def _sum_lines(self, handover):
        """Return the sums of each currency by itself."""
        sums = defaultdict(lambda: defaultdict(float))
        for line in handover.line_ids:
            for name in ("principal", *EXTRAS, "reduction", "claimed"):
                sums[line.currency_id][name] += line[f"amount_{name}"]
        return sums

    @api.model
    def _get_totals(self, handover):
        labels = {
            "principal": self.env._("Principal"),
            "interest": self.env._("Late-payment interest"),
            "fixed": self.env._("Fixed recovery cost"),
            "indemnity": self.env._("Indemnity"),
            "cost": self.env._("Reminder cost"),
        }
        totals = []
        for currency, amounts in self._sum_lines(handover).items():
            rows = [
                (label, self._format_money(amounts[name], currency))
                for name, label in labels.items()
                if not currency.is_zero(amounts[name])
            ]
            if not currency.is_zero(amounts["reduction"]):
                rows.append(
                    (
                        self.env._("Not claimed: above the share that the law allows"),
                        self._format_money(-amounts["reduction"], currency),
                    )
                )
            rows.append((self.env._("Claim"), self._format_money(amounts["claimed"], currency)))
            words = amount_in_words(round(amounts["claimed"], 6), currency.name, self.env.lang)
            totals.append({"rows": rows, "words": self.env._("In words: %(words)s", words=words)})
        return totals

    @api.model
    def _get_remarks(self, handover):
        """Return what the collector must mind: interest that runs on, the limits of consumer law, prescription."""
        remarks = []
        ends = [
            charge.date_to
            for charge in handover.line_ids.item_id.charge_ids
            if charge.kind == "interest" and charge.state in ("claimed", "posted") and charge.date_to
        ]
        if ends:
            remarks.append(
                self.env._(
                    "Interest is computed until %(day)s and runs on until full payment.",
                    day=self._format_day(max(ends)),
                )
            )
        if handover._is_consumer() and handover._get_law_country() == "BE":
            remarks.append(
                self.env._(
                    "The debtor is a consumer: nothing else may be asked from him than the amounts above, within the "
                    "limits of article XIX.4 of the Code of Economic Law. Your own costs are for our account."
                )
            )
        days = [day for day in handover.line_ids.item_id.mapped("prescription_date") if day]
        if days:
            remarks.append(
                self.env._(
                    "By our reckoning the first claim lapses by prescription on %(day)s: please mind the term.",
                    day=self._format_day(min(days)),
                )
            )
        return remarks

    @api.model
    def _prepare_sent(self, handover, notice):
        channels = dict(notice._fields["channel"]._description_selection(self.env))
        states = dict(notice._fields["state"]._description_selection(self.env))
        numbers = ", ".join(filter(None, notice.dispatch_ids.mapped("tracking_number")))
        return {
            "name": notice.name,
            "level": notice.level_id.name,
            "date": self._format_short_day(notice.delivered_on or notice.date),
            "channel": ", ".join(filter(None, (channels.get(notice.channel), numbers))),
            "deadline": self._format_short_day(notice.deadline),
            "total": self._format_money(notice.amount_total, notice.currency_id),
            "remark": self.env._("came back") if notice.state == "failed" else states.get(notice.state, ""),
        }

    @api.model
    def _get_enclosures(self, handover):
        """Return the documents of the file by folder."""
        folders = defaultdict(list)
        for path, piece in name_pieces(handover.name, handover._get_pieces()):
            _root, *rest = path.split("/")
            if len(rest) > 1:
                folders[piece.folder].append(piece.description or rest[-1])
        return [(folder, format_list(self.env, names)) for folder, names in folders.items()]

    @api.model
    def _get_closing(self, handover):
        contact = self._get_contact(handover)
        reach = ", ".join(filter(None, (contact["name"], contact["phone"], contact["email"])))
        return [
            self.env._(
                "Please confirm that you received the file, give us your reference and tell us each payment that you "
                "receive. We tell you at once what our customer pays to us."
            ),
            self.env._("Your contact with us: %(reach)s.", reach=reach),
        ]

    @api.model
    def _get_contact(self, handover):
        company_sudo = handover.company_id.sudo()  # how to reach the sender is meant to be told
        user_sudo = (handover.user_id or handover.receivable_id.user_id).sudo()
        desk_sudo = company_sudo.dunning_contact_id
        sources = (user_sudo.partner_id, desk_sudo, company_sudo.partner_id)
        return {
            "name": user_sudo.name or desk_sudo.name or company_sudo.name,
            "phone": next((source.phone for source in sources if source.phone), ""),
            "email": next((source.email for source in sources if source.email), ""),
        }

    @api.model
    def _get_signature(self, handover):
        names = (handover.company_id.name, self._get_contact(handover)["name"])
        return list(dict.fromkeys(filter(None, names)))

    # --- FORMATS ---

    @api.model
    def _format_money(self, amount, currency):
        return self.env[LETTER]._format_money(amount, currency)

    @api.model
    def _format_number(self, amount, currency):
        return self.env[LETTER]._format_number(amount, currency)

    @api.model
    def _format_day(self, day):
        return self.env[LETTER]._format_day(day)

    @api.model
    def _format_short_day(self, day):
        return self.env[LETTER]._format_short_day(day) if day else "–"
