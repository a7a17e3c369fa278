from odoo import models
from odoo.exceptions import UserError


class MailMail(models.Model):
    _inherit = "mail.mail"

    def mark_outgoing(self):
        """Our letters are sent again from their own list only, where a person decides."""
        letters = self.env["commercial.dispatch"].sudo().search([("mail_id", "in", self.ids)])
        if letters:
            raise UserError(
                self.env._(
                    "Letters are sent again from the list of outgoing letters only: %(names)s.",
                    names=letters.mapped("name"),
                )
            )
        return super().mark_outgoing()
