from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    commercial_is_sme = fields.Boolean(
        string="Small Company",
        default=True,
        help="Small company in the sense of the companies code (at most one of the three limits on staff, turnover "
        "and balance total is exceeded). For a small company the interest owed by a consumer runs from the day after "
        "the first reminder was sent, for others only from the end of the free period.",
    )
    commercial_legal_mention = fields.Char(
        string="Legal Form and Register",
        translate=True,
        help="Printed in letters beside the enterprise number: legal form and register of legal persons with the "
        "court, for example: BV, RPR Antwerpen, afdeling Turnhout.",
    )
    commercial_legal_responsible_id = fields.Many2one(
        comodel_name="res.users",
        string="Keeper of Legal Parameters",
        domain=lambda self: self._get_legal_responsible_domain(),
        help="Gets the task to confirm figures of law that are needed, for example the interest rate of a new "
        "half-year. Empty: a team lead of the company.",
    )

    def _get_legal_responsible_domain(self):
        team_lead = self.env.ref("commercial_assistant.group_team_lead", raise_if_not_found=False)
        return [("share", "=", False), ("all_group_ids", "in", team_lead.ids if team_lead else [])]
