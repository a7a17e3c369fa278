from odoo import fields, models


class Receivable(models.Model):
    _inherit = "commercial.receivable"

    prescription_event_ids = fields.One2many(
        comodel_name="commercial.prescription.event",
        inverse_name="receivable_id",
        string="Interruptions of prescription",
    )

    def _get_responsible(self):
        """Return who acts for this customer, else a team lead."""
        self.ensure_one()
        return self.user_id or self.env["commercial.legal.parameter"].with_company(self.company_id)._get_responsible()
