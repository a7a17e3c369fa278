import hashlib

from odoo import api, fields, models

REPORT = "commercial_assistant.action_report_complaint_proposal"
REPORT_MODEL = "report.commercial_assistant.report_complaint_proposal"


class ComplaintProposal(models.Model):
    """The letter on paper and by mail, and how it leaves."""

    _inherit = "commercial.complaint.proposal"

    is_to_post = fields.Boolean(string="To post", compute="_compute_is_to_post")

    # --- COMPUTE ---

    def _compute_is_to_post(self):
        # whoever writes the letter may know whether it still lies on his desk
        waiting_sudo = self.sudo()._find_dispatches()._filter_to_post()
        ids = set(waiting_sudo.mapped("res_id"))
        for proposal in self:
            proposal.is_to_post = proposal.id in ids

    @api.depends(
        "channel",
        "contact_id",
        "is_divisible",
        "lang",
        "line_ids.text",
        "line_ids.quantity",
        "line_ids.amount",
        "text_adr",
        "text_contact",
        "text_decision",
        "text_intro",
        "text_reasons",
        "text_rights",
        "text_term",
    )
    def _compute_preview(self):
        for proposal in self:
            proposal.preview = proposal._render_mail_body()

    # --- RENDERING ---

    def _render_mail_body(self, link=None):
        """Return the letter as a mail shows it.

        :param link: where the customer answers; nothing in a preview: only the customer holds the key
        """
        self.ensure_one()
        letter = self.env[REPORT_MODEL]._prepare_proposal_letter(self, mail=True)
        return (
            self.env["ir.qweb"]
            .with_context(lang=letter["lang"])
            ._render("commercial_assistant.mail_complaint_proposal", {"letter": letter, "link": link})
        )

    def _render_pdf(self):
        self.ensure_one()
        proposal = self.with_company(self.company_id).with_context(lang=self.lang)
        content, _kind = proposal.env["ir.actions.report"]._render_qweb_pdf(REPORT, proposal.ids)
        return content

    # --- RESERVING ---

    def _get_letter_key(self):
        """Each version leaves once."""
        self.ensure_one()
        return f"{self._name},{self.id}"

    def _reserve_letter(self):
        """Make the letter, keep it, and put it into the queue; return the dispatch."""
        self.ensure_one()
        pdf = self._render_pdf()
        attachment = self.env["ir.attachment"].create(
            {
                "name": f"{self.name.replace('/', '-')}.pdf",
                "raw": pdf,
                "mimetype": "application/pdf",
                "res_model": self._name,
                "res_id": self.id,
            }
        )
        self.write({"attachment_id": attachment.id, "sha256": hashlib.sha256(pdf).hexdigest()})
        subject = self._in_letter_language().env[REPORT_MODEL]._get_proposal_subject()
        return self.env["commercial.dispatch"]._reserve(
            [
                {
                    "company_id": self.company_id.id,
                    "partner_id": self.partner_id.id,
                    "contact_id": self.contact_id.id,
                    "res_model": self._name,
                    "res_id": self.id,
                    "key": self._get_letter_key(),
                    "lang": self.lang,
                    "channel": self.channel,
                    "recipient_email": self._get_email(),
                    "subject": f"{subject} – {self.complaint_id.name}",
                    "body": self._render_mail_body(self._get_portal_link()),
                    "attachment_id": attachment.id,
                    "is_confidential": self.is_confidential,
                }
            ]
        )

    def _find_dispatches(self):
        """Return the sendings of these letters."""
        return self.env["commercial.dispatch"].search([("res_model", "=", self._name), ("res_id", "in", self.ids)])

    def _withdraw_letter(self):
        """Cancel letters that wait to leave: what they offer is answered or no longer our word."""
        waiting = (
            self.sudo()
            ._find_dispatches()
            .filtered(lambda dispatch: dispatch.state in ("reserved", "failed") and not dispatch.sent_on)
        )
        if waiting:
            waiting.action_cancel()

    # --- SENDING ---

    def _dispatch_before_send(self, _dispatch):
        """Look once more; return a reason when the letter must not leave any more."""
        self.ensure_one()
        if self.sudo().state != "sent":
            return self.env._("The proposal was answered or withdrawn meanwhile.")
        return None

    def _dispatch_after_send(self, dispatch):
        """Note when the letter left. May be called again."""
        proposal_sudo = self.sudo()
        if proposal_sudo.state == "sent" and dispatch.sent_on:
            proposal_sudo.sent_on = dispatch.sent_on

    def _dispatch_after_failure(self, dispatch):
        """Tell the responsible that the customer did not get the letter. May be called again."""
        proposal_sudo = self.sudo()
        if dispatch.state == "cancelled" or proposal_sudo.state != "sent":
            return
        spoken = proposal_sudo.complaint_id._in_language_of_proposal_responsible()
        summary = spoken.env._("The proposal did not reach the customer")
        if summary not in spoken.activity_ids.mapped("summary"):
            spoken._tell_about_proposal(summary, dispatch.error or None)

    def action_mark_posted(self):
        """The printed letter was posted today."""
        self.ensure_one()
        self.complaint_id._check_may_work()
        self.complaint_id.check_access("write")
        # whoever writes to the customer may post the letter
        self.sudo()._find_dispatches()._filter_to_post().action_mark_posted()
        return True
