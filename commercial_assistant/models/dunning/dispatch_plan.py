from odoo import models


class CommercialDispatch(models.Model):
    _inherit = "commercial.dispatch"

    def _prepare_mail_vals(self):
        """Answers to a letter of a payment plan go to the desk that handles it."""
        vals = super()._prepare_mail_vals()
        if self.res_model == "commercial.payment.plan":
            vals.update(self.env["commercial.payment.plan"].browse(self.res_id)._get_letter_sender())
        return vals
