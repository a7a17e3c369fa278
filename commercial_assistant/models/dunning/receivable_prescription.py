from odoo import fields, models


class Receivable(models.Model):
    _inherit = "commercial.receivable"

    prescription_event_ids = fields.One2many(
        comodel_name="commercial.prescription.event",
        inverse_name="receivable_id",
        string="Interruptions of prescription",
    )

    def _get_own_user(self):
        """Return who answers for this customer, nobody when that is open."""
        self.ensure_one()
        return self.user_id
