from odoo import api, models


class ResCompany(models.Model):
    _inherit = "res.company"

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._start_complaint_teams()
        return companies

    def _start_complaint_teams(self):
        """Give each company a team, so that the first complaint has somewhere to go; repeating it changes nothing."""
        Team = self.env["commercial.complaint.team"].sudo()
        served = Team.with_context(active_test=False).search([("company_id", "in", self.ids)]).company_id
        for company in self - served:
            team = Team.with_company(company).create(
                {"name": self.env._("Complaints"), "company_id": company.id, "alias_name": False}
            )
            team._translate_default_name()
