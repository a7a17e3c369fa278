from odoo import fields, models
from odoo.exceptions import AccessError


class DigestDigest(models.Model):
    _inherit = "digest.digest"

    kpi_commercial_overdue = fields.Boolean(string="Overdue invoices")
    kpi_commercial_overdue_value = fields.Monetary(
        string="Overdue invoices amount", compute="_compute_kpi_commercial_overdue_value"
    )
    kpi_commercial_promises = fields.Boolean(string="Promises kept (%)")
    kpi_commercial_promises_value = fields.Float(
        string="Promises kept value", compute="_compute_kpi_commercial_promises_value"
    )

    def _check_commercial_reader(self):
        """A digest only tells what its reader may see."""
        user = self.env.user
        groups = ("commercial_assistant.group_collector", "commercial_assistant.group_assistant")
        if not any(user.has_group(group) for group in groups):
            raise AccessError(self.env._("These figures are for collectors."))

    def _get_last_commercial_kpis(self, company):
        """Return the rows of the last day in the time of the digest."""
        _start, end, _companies = self._get_kpi_compute_parameters()
        rows_sudo = self.env["commercial.receivable.kpi"].sudo()  # the right was checked before
        domain = [("company_id", "=", company.id), ("date", "<=", end)]
        last = rows_sudo.search(domain, order="date desc", limit=1)
        return rows_sudo.search([("company_id", "=", company.id), ("date", "=", last.date)])

    def _compute_kpi_commercial_overdue_value(self):
        """Overdue amounts in the currency of the company; others are not added to them."""
        self._check_commercial_reader()
        for digest in self:
            company = digest.company_id or self.env.company
            rows = digest._get_last_commercial_kpis(company)
            digest.kpi_commercial_overdue_value = sum(
                rows.filtered(lambda row, own=company.currency_id: row.currency_id == own).mapped("amount_overdue")
            )

    def _compute_kpi_commercial_promises_value(self):
        self._check_commercial_reader()
        for digest in self:
            rows = digest._get_last_commercial_kpis(digest.company_id or self.env.company)
            due = sum(rows.mapped("promise_due_count"))
            digest.kpi_commercial_promises_value = 100 * sum(rows.mapped("promise_kept_count")) / due if due else 0

    def _compute_kpis_actions(self, company, user):
        actions = super()._compute_kpis_actions(company, user)
        actions["kpi_commercial_overdue"] = "commercial_assistant.receivable_work_action"
        actions["kpi_commercial_promises"] = "commercial_assistant.receivable_kpi_action"
        return actions
