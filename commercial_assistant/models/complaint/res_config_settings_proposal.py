from odoo import api, fields, models
from odoo.tools import format_list


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    complaint_proposal_days = fields.Integer(related="company_id.complaint_proposal_days", readonly=False)
    complaint_deemed_accepted = fields.Boolean(related="company_id.complaint_deemed_accepted", readonly=False)
    complaint_adr_days = fields.Integer(related="company_id.complaint_adr_days", readonly=False)
    complaint_phone = fields.Char(related="company_id.complaint_phone", readonly=False)
    complaint_email = fields.Char(related="company_id.complaint_email", readonly=False)
    complaint_closed_platform = fields.Char(
        string="Terms with a link to the closed platform",
        compute="_compute_complaint_closed_platform",
    )

    @api.depends("company_id")
    def _compute_complaint_closed_platform(self):
        for settings in self:
            terms = settings.company_id._find_terms_with_closed_platform()
            settings.complaint_closed_platform = format_list(settings.env, terms) if terms else False
