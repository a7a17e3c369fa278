from odoo import api, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    @api.depends("move_id.is_dunning_charge")
    def _compute_no_followup(self):
        """What is booked for a charge is shown, but never reminded by itself: no interest on interest."""
        super()._compute_no_followup()
        for line in self:
            if line.move_id.is_dunning_charge:
                line.no_followup = True
