from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import consteq


class ComplaintProposal(models.Model):
    """The proposal as the customer sees it. The methods named ``_…portal…`` are called by the controller for one
    proposal that it has found open to whoever asks.
    """

    _inherit = "commercial.complaint.proposal"

    def _get_portal_path(self):
        self.ensure_one()
        return f"/my/complaints/proposal/{self.id}"

    def _get_portal_link(self):
        """Return the secret address of this proposal, for the mail to the customer. Each version has its own key."""
        self.ensure_one()
        return f"{self.get_base_url()}{self._get_portal_path()}?access_token={self.access_token}"

    def _is_open_to(self, user, token=None):
        """Whether this proposal may be shown to a user, or to whoever holds its own key."""
        self.ensure_one()
        proposal_sudo = self.sudo()
        if proposal_sudo.state == "draft":
            return False
        if proposal_sudo._belongs_to(user):
            return True
        known = proposal_sudo.access_token
        # only letters that a key can have are compared
        return bool(isinstance(token, str) and token.isascii() and token and known and consteq(known, token))

    def _belongs_to(self, user):
        """Colleagues of the customer see it too, unless the complaint is confidential."""
        if user._is_public():
            return False
        person, customer = user.partner_id, self.complaint_id.partner_id
        if self.is_confidential:
            return person == customer
        return person.commercial_partner_id == customer.commercial_partner_id

    def _get_portal_status(self):
        """Return what the customer can still do: ``open``, or why not."""
        self.ensure_one()
        if self.state != "sent":
            return self.state
        if self.complaint_id.state != "await_customer":
            return "superseded"
        return "expired" if self.valid_until < self._get_today() else "open"

    @api.model
    def _clean_portal_text(self, text, size):
        """Return what a customer typed without anything that is no text."""
        kept = "".join(char for char in (text or "") if char.isprintable() or char in "\n\t")
        return kept.strip()[:size]

    def _accept_from_portal(self, name, line_ids):
        """The customer agrees on his page.

        :param name: who agrees
        :param line_ids: ids of the lines he ticked; None where there was nothing to choose
        """
        name = self._clean_portal_text(name, 100).replace("\n", " ")
        if not name:
            raise UserError(self.env._("Please fill in your name."))
        proposal = self._as_customer()
        lines = None
        if proposal.is_divisible and line_ids is not None and len(proposal.line_ids) > 1:
            lines = proposal.line_ids.filtered(lambda line: line.id in line_ids)
            if len(lines) != len(set(line_ids)):
                raise UserError(self.env._("This is no part of the proposal. Look at the page again."))
        proposal._accept("portal", name=name, lines=lines)

    def _refuse_from_portal(self, name, reason):
        """The customer does not agree, and says why."""
        name = self._clean_portal_text(name, 100).replace("\n", " ")
        self._as_customer()._refuse("portal", self._clean_portal_text(reason, 5000), name=name)
