from odoo import models
from odoo.tools import email_normalize, formataddr


class CommercialDispatch(models.Model):
    _inherit = "commercial.dispatch"

    def _prepare_mail_vals(self):
        """Answers to a statement go to the desk that handles reminders."""
        vals = super()._prepare_mail_vals()
        if self.res_model == "commercial.statement":
            company_sudo = self.company_id.sudo()  # the address of the sender is meant to be told
            desk_sudo = company_sudo.dunning_contact_id
            email = email_normalize(desk_sudo.email) or email_normalize(company_sudo.email)
            if email:
                vals["email_from"] = formataddr((company_sudo.name, email))
                vals["reply_to"] = formataddr((desk_sudo.name or company_sudo.name, email))
        return vals
