from odoo import models


class CommercialDispatch(models.Model):
    _inherit = "commercial.dispatch"

    def _prepare_mail_vals(self):
        """Answers to a reminder go to the desk that handles them."""
        vals = super()._prepare_mail_vals()
        if self.res_model in ("commercial.dunning.notice", "commercial.dunning.charge.letter"):
            vals.update(self.env[self.res_model].browse(self.res_id)._get_letter_sender())
        return vals
