from odoo import api, models

from .dunning_notice_report import MAIL_CSS


class DunningChargeLetterReport(models.AbstractModel):
    """What a statement of charges says; formats, addresses and names of charges are those of the reminders."""

    _name = "report.commercial_assistant.report_charge_letter"
    _inherit = "report.commercial_assistant.report_dunning_notice"
    _description = "Statement of Charges"

    @api.model
    def _get_report_values(self, docids, data=None):
        letters = self.env["commercial.dunning.charge.letter"].browse(docids)
        return {
            "doc_ids": docids,
            "doc_model": letters._name,
            "docs": letters,
            "letters": {letter.id: self._prepare_letter(letter) for letter in letters},
        }

    @api.model
    def _prepare_letter(self, notice, mail=False, lang=None):
        """Return the values of one statement in its language."""
        notice.ensure_one()
        lang = notice._get_letter_lang()
        letter = notice.with_company(notice.company_id).with_context(lang=lang)
        self = self.with_context(lang=lang)
        charges = letter.charge_ids.sorted(
            lambda charge: (charge.item_id.date_due, charge.item_id.move_name or "", charge.kind, charge.id)
        )
        values = {
            "lang": lang,
            "css": MAIL_CSS if mail else {},
            "name": letter.name,
            "company": self._prepare_company(letter.company_id),
            "recipient": self._get_recipient_lines(letter),
            "references": self._get_references(letter, mail),
            "place_date": self._get_place_date(letter),
            "subject": self.env._("Statement of interest, indemnities and costs"),
            "salutation": self.env._("Dear Sir or Madam,"),
            "intro": self._get_intro(letter),
            "charges": [self._prepare_charge(letter, charge) for charge in charges],
            "total": self._format_money(letter.amount_total, letter.currency_id),
            "payment": self._get_payment(letter),
            "help": self._get_help(letter),
            "valediction": self.env._("Yours faithfully,"),
            "signature": self._get_signature(letter),
            "account": self._format_account(letter.partner_bank_id.sudo()) if letter.partner_bank_id else "",
        }
        values["foot"] = self._get_foot(letter, values["company"])
        return values

    @api.model
    def _get_references(self, notice, mail=False):
        references = [(self.env._("Our reference"), notice.name)]
        if mail:
            references.insert(0, (self.env._("Addressee"), ", ".join(self._get_recipient_lines(notice))))
        if notice.partner_id.ref:
            references.append((self.env._("Customer number"), notice.partner_id.ref))
        return references

    @api.model
    def _get_intro(self, letter):
        if all(charge.is_orphan for charge in letter.charge_ids):
            return self.env._(
                "We have received your payment of the invoices below, thank you. The following charges, which we "
                "claimed in earlier letters, are still open. Below you find how each of them was calculated."
            )
        return self.env._(
            "The following charges, which we claimed in earlier letters, are still open. Below you find how each of "
            "them was calculated."
        )

    @api.model
    def _prepare_charge(self, letter, charge):
        currency = letter.currency_id
        is_paid = not currency.is_zero(charge.amount_paid)
        return {
            "title": self.env._(
                "%(charge)s, invoice %(invoice)s due on %(due)s",
                charge=self._get_charge_names(letter).get(charge.kind, charge.kind),
                invoice=charge.item_id.move_name or "",
                due=self._format_short_day(charge.item_id.date_due),
            ),
            "ground": self._get_ground(charge),
            "rows": charge._get_calculation_rows(),
            "basis": charge.kind == "indemnity"
            and self.env._("Calculated on %(base)s.", base=self._format_money(charge.base_amount, currency)),
            "claimed": self.env._(
                "Claimed in our letter %(letter)s of %(day)s.",
                letter=charge.notice_id.name,
                day=self._format_short_day(charge.claimed_on or charge.notice_id.date),
            ),
            "amount": self._format_money(charge.amount, currency),
            "paid": is_paid and self._format_money(charge.amount_paid, currency),
            "residual": self._format_money(charge.amount_residual, currency),
        }

    @api.model
    def _get_ground(self, charge):
        """Return the legal ground in the language of the letter."""
        texts = self._call_regime("_get_legal_grounds", charge.notice_id, {})
        ground = texts.get(charge.kind) or charge.legal_ground
        return ground and self.env._("Ground: %(ground)s.", ground=ground)

    @api.model
    def _get_payment(self, notice):
        account = notice.partner_bank_id.sudo()  # the number is meant to be told
        rows = [
            (self.env._("Amount to pay"), self._format_money(notice.amount_total, notice.currency_id)),
            (self.env._("At the latest on"), self._format_day(notice.deadline)),
        ]
        if account:
            rows.append((self.env._("To bank account"), self._format_account(account)))
            rows.append((self.env._("In the name of"), account.acc_holder_name or account.partner_id.name))
        rows.append((self.env._("Communication"), notice.name))
        return rows

    @api.model
    def _get_help(self, notice):
        contact = notice._get_letter_contact()
        ways = (contact["name"], self._keep_together(contact["phone"]), contact["email"])
        return [
            self.env._(
                "Do you have a question about this calculation, or do you not agree with it? Tell us: %(reach)s.",
                reach=", ".join(filter(None, ways)),
            )
        ]
