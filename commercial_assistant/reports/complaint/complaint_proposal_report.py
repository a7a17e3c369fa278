from odoo import api, fields, models

from ...models.complaint.complaint_proposal_line import GOODS_KINDS
from ..dunning.dunning_notice_report import LETTERS_PER_LINE, LINES_IN_WINDOW, MAIL_CSS

PROPOSAL_MAIL_CSS = {
    **MAIL_CSS,
    "button": "display: inline-block; padding: 10px 18px; background-color: #1f4e79; color: #ffffff; "
    "text-decoration: none; border-radius: 4px; font-weight: bold;",
}


class ComplaintProposalReport(models.AbstractModel):
    _name = "report.commercial_assistant.report_complaint_proposal"
    _inherit = "report.commercial_assistant.report_dunning_notice"
    _description = "Proposal to a Customer"

    # The words of the letter stand in the proposal, where a person can change them; here they get the frame that all
    # our letters have.

    @api.model
    def _get_report_values(self, docids, data=None):
        proposals = self.env["commercial.complaint.proposal"].browse(docids)
        return {
            "doc_ids": docids,
            "doc_model": proposals._name,
            "docs": proposals,
            "letters": {proposal.id: self._prepare_proposal_letter(proposal) for proposal in proposals},
        }

    @api.model
    def _prepare_proposal_letter(self, proposal, mail=False):
        """Return the values of the letter in its language.

        :param mail: styles stand on each node, for mail programs
        :rtype: dict
        """
        proposal.ensure_one()
        lang = proposal.lang or "en_US"
        proposal = proposal.with_company(proposal.company_id).with_context(lang=lang)
        self = self.with_context(lang=lang)
        recipient = self._get_recipient_lines(proposal)
        lines = [self._prepare_offer(line) for line in proposal.line_ids.sorted("sequence")]
        letter = {
            "lang": lang,
            "css": PROPOSAL_MAIL_CSS if mail else {},
            "name": proposal.name,
            "company": self._prepare_company(proposal.company_id),
            "recipient": recipient,
            "is_long_address": sum(-(-len(line) // LETTERS_PER_LINE) for line in recipient) > LINES_IN_WINDOW,
            "sending": self._get_sending(proposal),
            "references": self._get_proposal_references(proposal),
            "place_date": self._get_proposal_place_date(proposal),
            "subject": self._get_proposal_subject(),
            "salutation": self.env._("Dear Sir or Madam,"),
            "intro": self._split(proposal.text_intro),
            "parts": self._prepare_parts(proposal, lines),
            "button": self._get_button(proposal),
            "enclosed": self.env._("You find this letter enclosed as a PDF file."),
            "valediction": self.env._("Yours faithfully,"),
            "signature": self._get_proposal_signature(proposal),
            "page": self.env._("Page"),
            "of": self.env._("of"),
        }
        letter["foot"] = self._get_proposal_foot(letter["company"])
        return letter

    @api.model
    def _get_button(self, proposal):
        if proposal.is_explanation_only:
            return self.env._("Read our answer and reply")
        return self.env._("Read the proposal and answer")

    @api.model
    def _get_proposal_subject(self):
        return self.env._("Our answer to your complaint")

    @api.model
    def _get_proposal_references(self, proposal):
        complaint = proposal.complaint_id
        references = [(self.env._("Our reference"), proposal.name), (self.env._("Concerns"), complaint.subject)]
        if proposal.partner_id.ref:
            references.append((self.env._("Customer number"), proposal.partner_id.ref))
        return references

    @api.model
    def _get_proposal_place_date(self, proposal):
        city = proposal.company_id.sudo().city
        day = proposal._get_today()
        if proposal.sent_on:
            zone = proposal.company_id.partner_id.tz or "Europe/Brussels"
            day = fields.Datetime.context_timestamp(proposal.with_context(tz=zone), proposal.sent_on).date()
        text = self._format_day(day)
        return self.env._("%(city)s, %(date)s", city=city, date=text) if city else text

    @api.model
    def _split(self, text):
        """Return the paragraphs of a text as a person typed it."""
        return [line.strip() for line in (text or "").splitlines() if line.strip()]

    @api.model
    def _prepare_offer(self, line):
        return {
            "id": line.id,
            "text": self._split(line.text),
            "quantity": line._describe_quantity() if line.kind in GOODS_KINDS else "",
            "amount": line._describe_amount(),
            "state": line.state,
        }

    @api.model
    def _prepare_parts(self, proposal, lines):
        """Return the parts of the letter in their order: title, paragraphs, and the offers where they belong."""
        offers = [line for line in lines if line["text"]]
        note = ""
        if proposal._has_money():
            note = self.env._("The amounts are without VAT; the VAT that belongs to a credit is credited with it.")
        parts = [
            {"name": "decision", "title": self.env._("Our decision"), "text": self._split(proposal.text_decision)},
            {"name": "reasons", "title": self.env._("Our reasons"), "text": self._split(proposal.text_reasons)},
            {
                "name": "offer",
                "title": self.env._("Our explanation")
                if proposal.is_explanation_only
                else self.env._("What we propose"),
                "text": [],
                "offers": offers,
                "show_quantity": any(line["quantity"] for line in offers),
                "show_amount": any(line["amount"] for line in offers),
                "head": (self.env._("Solution"), self.env._("Quantity"), self.env._("Amount without VAT")),
                "note": note,
            },
            {"name": "term", "title": self.env._("Your answer"), "text": self._split(proposal.text_term)},
            {
                "name": "rights",
                "title": self.env._("Your rights"),
                "text": self._split(proposal.text_rights),
            },
            {
                "name": "contact",
                "title": self.env._("If you do not agree"),
                "text": [*self._split(proposal.text_contact), *self._split(proposal.text_adr)],
            },
        ]
        return [part for part in parts if part["text"] or part.get("offers")]

    @api.model
    def _get_proposal_signature(self, proposal):
        user_sudo = proposal.complaint_id.sudo().user_id  # who signs is meant to be told
        return list(dict.fromkeys(filter(None, (proposal.company_id.name, user_sudo.name))))

    @api.model
    def _get_proposal_foot(self, company):
        first = " · ".join(filter(None, (company["name"], company["place"])))
        second = " · ".join(filter(None, (company["number"], company["legal_form"])))
        return [line for line in (first, second) if line]
