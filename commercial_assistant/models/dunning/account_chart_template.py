from odoo import models


class AccountChartTemplate(models.AbstractModel):
    _inherit = "account.chart.template"

    def _post_load_data(self, template_code, company, template_data):
        """A new chart of accounts: choose where charges of reminders are booked."""
        result = super()._post_load_data(template_code, company, template_data)
        (company or self.env.company)._set_charge_defaults()
        return result
