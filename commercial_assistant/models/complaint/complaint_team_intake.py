from odoo import fields, models
from odoo.tools import email_normalize

from ...tools.incoming_mail import is_listed


class ComplaintTeam(models.Model):
    """How customers reach a team, and whom it does not want to hear from."""

    _inherit = "commercial.complaint.team"

    contact_email = fields.Char(
        string="E-mail for customers",
        help="Stands in every acknowledgment. Empty: the mailbox of the team, else the address of the company.",
    )
    contact_phone = fields.Char(
        string="Phone for customers",
        help="Stands in every acknowledgment; no number at a higher rate. Empty: the number of the company.",
    )
    acknowledgment_note = fields.Text(
        translate=True,
        help="Stands at the end of every acknowledgment, e.g. opening hours or where goods can be brought.",
    )
    blocked_senders = fields.Text(
        help="One a line: an address, or a domain after an at sign (@example.com). What they send is filed as no "
        "complaint; it can be restored.",
    )

    def _blocks(self, address):
        """Whether this team does not want to hear from an address."""
        return any(is_listed(address, team.blocked_senders or "") for team in self.sudo())

    def _get_contact_data(self, company):
        """Return e-mail and phone for complaints (art. XVI.2 CEL), each empty when there is none."""
        team_sudo = self.sudo()[:1]  # contact data are meant to be told
        company_sudo = company.sudo()
        email = team_sudo.contact_email or team_sudo.alias_full_name or company_sudo.email
        return email_normalize(email or "") or "", team_sudo.contact_phone or company_sudo.phone or ""
