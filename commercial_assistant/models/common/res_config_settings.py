from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    commercial_is_sme = fields.Boolean(
        related="company_id.commercial_is_sme",
        readonly=False,
    )
    commercial_legal_mention = fields.Char(
        related="company_id.commercial_legal_mention",
        readonly=False,
    )
    commercial_legal_responsible_id = fields.Many2one(
        related="company_id.commercial_legal_responsible_id",
        readonly=False,
    )
    commercial_company_registry = fields.Char(
        related="company_id.company_registry",
        string="Enterprise Number",
        readonly=False,
    )
    commercial_email = fields.Char(
        related="company_id.email",
        string="Sender of Letters",
        readonly=False,
    )
    commercial_legal_to_confirm_count = fields.Integer(
        string="Figures to Confirm",
        compute="_compute_commercial_legal_to_confirm_count",
    )

    def _compute_commercial_legal_to_confirm_count(self):
        parameter = self.env["commercial.legal.parameter"]
        countries = parameter._get_task_countries()
        count = parameter.search_count([("state", "=", "to_confirm"), ("country_id", "in", [False, *countries.ids])])
        self.commercial_legal_to_confirm_count = count
