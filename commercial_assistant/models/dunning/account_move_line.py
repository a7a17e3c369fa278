from odoo import api, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    @api.depends("move_id.is_dunning_charge")
    def _compute_no_followup(self):
        """What is booked for a charge is shown, but never reminded by itself: no interest on interest."""
        of_charges = self.filtered("move_id.is_dunning_charge")
        of_charges.no_followup = True
        return super(AccountMoveLine, self - of_charges)._compute_no_followup()
