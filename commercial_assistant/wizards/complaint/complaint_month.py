from odoo import api, fields, models

from ...tools.complaint_figures import month_bounds, previous_month

REPORT = "commercial_assistant.action_report_complaint_month"


class ComplaintMonth(models.TransientModel):
    """Choose month and team of the management report."""

    _name = "commercial.complaint.month"
    _description = "Monthly Report of Complaints"

    company_id = fields.Many2one(
        comodel_name="res.company", required=True, default=lambda self: self.env.company, readonly=True
    )
    month = fields.Date(
        required=True,
        default=lambda self: previous_month(fields.Date.context_today(self)),
        help="Any day of the month.",
    )
    team_id = fields.Many2one(
        comodel_name="commercial.complaint.team",
        domain="[('company_id', '=', company_id)]",
        help="Empty: all teams of the company.",
    )

    @api.depends("month")
    def _compute_display_name(self):
        for wizard in self:
            wizard.display_name = self.env._("Complaints %(month)s", month=fields.Date.to_string(wizard.month)[:7])

    def action_print(self):
        self.ensure_one()
        return self.env.ref(REPORT).report_action(self)

    def _get_bounds(self):
        """First and last day of the month."""
        self.ensure_one()
        return month_bounds(self.month)
