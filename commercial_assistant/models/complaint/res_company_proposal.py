from odoo import fields, models

from ...tools.consumer_links import has_closed_platform

TERMS_FIELDS = ("invoice_terms", "invoice_terms_html")


class ResCompany(models.Model):
    _inherit = "res.company"

    complaint_proposal_days = fields.Integer(
        string="Days to answer a proposal",
        default=14,
        help="Calendar days the customer has to answer a proposal about a complaint.",
    )
    complaint_deemed_accepted = fields.Boolean(
        string="Silence accepts a proposal",
        help="Letters then say so. Towards consumers silence is a weak agreement: ask your lawyer first.",
    )
    complaint_adr_days = fields.Integer(
        string="Days until the body for disputes is named",
        default=30,
        help="A consumer whose complaint is older is told which body settles disputes out of court. A consumer who "
        "does not get all he asked is told at once.",
    )
    complaint_phone = fields.Char(
        string="Telephone for complaints",
        help="Code of Economic Law, article XVI.2. Empty: that of the company.",
    )
    complaint_email = fields.Char(
        string="E-mail for complaints",
        help="Code of Economic Law, article XVI.2. Empty: that of the company.",
    )

    _complaint_proposal_days_sensible = models.Constraint(
        "CHECK (complaint_proposal_days > 0 AND complaint_adr_days >= 0)",
        "The customer has at least one day to answer, and no number of days is negative.",
    )

    def _describe_complaint_contact(self):
        """Return how the complaints service is reached, as it stands in a sentence."""
        self.ensure_one()
        company_sudo = self.sudo()  # how to reach the company is meant to be told
        phone = (company_sudo.complaint_phone or company_sudo.phone or "").replace(" ", "\N{NO-BREAK SPACE}")
        email = company_sudo.complaint_email or company_sudo.email
        return ", ".join(filter(None, (phone, email)))

    def _find_terms_with_closed_platform(self):
        """Return the names of the terms that still lead consumers to the closed European platform."""
        self.ensure_one()
        company_sudo = self.sudo()  # terms are printed on every invoice
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        return [
            self._fields[name]._description_string(self.env)
            for name in TERMS_FIELDS
            if any(has_closed_platform(company_sudo.with_context(lang=lang)[name]) for lang in languages)
        ]
