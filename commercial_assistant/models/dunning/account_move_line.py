from odoo import models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _compute_no_followup(self):
        """What is booked for a charge is shown, but never reminded by itself: no interest on interest.

        The mark on the document is no dependency: it is set when the document is made and never changes. As a
        dependency it would take fields of bank statements, which inherit this one, along with it at an uninstall.
        """
        of_charges = self.filtered("move_id.is_dunning_charge")
        of_charges.no_followup = True
        return super(AccountMoveLine, self - of_charges)._compute_no_followup()
