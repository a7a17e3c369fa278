from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.complaint_figures import month_bounds, previous_month


class ComplaintTeam(models.Model):
    _inherit = "commercial.complaint.team"

    # The cards of the dashboard: this month beside the last one, with the rights of the reader.

    mails_monthly_report = fields.Boolean(
        string="Monthly report",
        help="The leader of the team gets the report of the last month by mail, once, in the first days of the month.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    open_count = fields.Integer(string="Open complaints", compute="_compute_dashboard")
    unassigned_count = fields.Integer(string="Nobody's", compute="_compute_dashboard")
    waiting_supplier_count = fields.Integer(string="Wait for a supplier", compute="_compute_dashboard")
    received_month = fields.Integer(string="Received this month", compute="_compute_dashboard")
    received_last_month = fields.Integer(string="Received last month", compute="_compute_dashboard")
    closed_month = fields.Integer(string="Closed this month", compute="_compute_dashboard")
    closed_last_month = fields.Integer(string="Closed last month", compute="_compute_dashboard")
    founded_month = fields.Float(string="Founded this month (%)", compute="_compute_dashboard", digits=(5, 1))
    founded_last_month = fields.Float(string="Founded last month (%)", compute="_compute_dashboard", digits=(5, 1))
    cost_month = fields.Monetary(string="Net cost this month", compute="_compute_dashboard")
    cost_last_month = fields.Monetary(string="Net cost last month", compute="_compute_dashboard")
    rating_month = fields.Float(string="Satisfaction this month", compute="_compute_dashboard", digits=(3, 1))
    rating_last_month = fields.Float(string="Satisfaction last month", compute="_compute_dashboard", digits=(3, 1))
    overdue_action_count = fields.Integer(string="Overdue actions", compute="_compute_dashboard_company")
    open_issue_count = fields.Integer(string="Recurring issues", compute="_compute_dashboard_company")

    @api.depends_context("uid", "company", "allowed_company_ids")
    def _compute_dashboard(self):
        """A fixed number of grouped queries for all cards; confidential complaints count for those who see them."""
        today = fields.Date.context_today(self)
        states = self._count_open()
        months = {"month": month_bounds(today), "last_month": month_bounds(previous_month(today))}
        figures = {name: self._count_period(*bounds) for name, bounds in months.items()}
        for team in self:
            own = states.get(team, {})
            team.open_count = own.get("open", 0)
            team.unassigned_count = own.get("unassigned", 0)
            team.waiting_supplier_count = own.get("await_supplier", 0)
            for name, rows in figures.items():
                row = rows.get(team, {})
                for measure in ("received", "closed", "founded", "cost", "rating"):
                    team[f"{measure}_{name}"] = row.get(measure) or 0

    def _count_open(self):
        rows = self.env["commercial.complaint"]._read_group(
            [("team_id", "in", self.ids), ("state", "not in", ("closed", "cancelled"))],
            ["team_id", "state", "user_id"],
            ["__count"],
        )
        counts = {}
        for team, state, user, count in rows:
            own = counts.setdefault(team, {})
            own["open"] = own.get("open", 0) + count
            own[state] = own.get(state, 0) + count
            if not user:
                own["unassigned"] = own.get("unassigned", 0) + count
        return counts

    def _count_period(self, start, end):
        """Return the measures of each team in a period of days."""
        Complaint = self.env["commercial.complaint"]
        Statistics = self.env["commercial.complaint.statistics"]
        rows = {}
        for company in self.company_id or self.env.company:
            teams = self.filtered(lambda team, company=company: team.company_id == company)
            own = Domain("team_id", "in", teams.ids)
            received = own & Statistics._get_domain(company, start, end)
            aggregates = ["__count", "founded_share:avg", "cost_net:sum", "rating_last_value:avg"]
            for team, count, founded, cost, rating in Complaint._read_group(received, ["team_id"], aggregates):
                rows[team] = {"received": count, "founded": founded, "cost": cost, "rating": rating}
            closed = own & Statistics._get_domain(company, start, end, stamp="closed_on")
            for team, count in Complaint._read_group(closed, ["team_id"], ["__count"]):
                rows.setdefault(team, {})["closed"] = count
        return rows

    @api.depends_context("uid", "company", "allowed_company_ids")
    def _compute_dashboard_company(self):
        """Actions and issues belong to the company, not to one team."""
        Action = self.env["commercial.corrective.action"]
        own = Domain("company_id", "in", self.company_id.ids)
        overdue = own & Action._get_overdue_domain(fields.Date.context_today(self))
        late = dict(Action._read_group(overdue, ["company_id"], ["__count"]))
        issues = dict(
            self.env["commercial.recurring.issue"]._read_group(
                own & Domain("state", "=", "open"), ["company_id"], ["__count"]
            )
        )
        for team in self:
            team.overdue_action_count = late.get(team.company_id, 0)
            team.open_issue_count = issues.get(team.company_id, 0)

    # --- ACTIONS ---

    def _open_complaints(self, **filters):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.complaint_action")
        context = {"search_default_team_id": self.id, **{f"search_default_{name}": 1 for name in filters}}
        return action | {"context": context, "domain": [("team_id", "=", self.id)]}

    def action_open_complaints(self):
        return self._open_complaints(open=True)

    def action_open_unassigned(self):
        return self._open_complaints(open=True, unassigned=True)

    def action_open_month(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.complaint_analysis_action")
        return action | {"domain": [("team_id", "=", self.id)]}

    def action_month_report(self):
        """Ask for the month, then print."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.complaint_month_action")
        return action | {"context": {"default_team_id": self.id, "default_company_id": self.company_id.id}}
