from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ..dunning.activities import plan_activities
from .supplier_claim import OPEN_STATES, RECOURSE_DAYS

ACTIVITY_LATE = "commercial_assistant.mail_activity_type_claim_late"
ACTIVITY_RECOURSE = "commercial_assistant.mail_activity_type_claim_recourse"


class SupplierClaim(models.Model):
    _inherit = "commercial.supplier.claim"

    def _get_own_user(self):
        """Return who gets the tasks of the claim."""
        self.ensure_one()
        return self.user_id

    @api.model
    def _cron_remind(self):
        """Give each task about a claim once, whatever nights were missed; a new version starts anew."""
        for company in self.env["res.company"].search([("active", "=", True)]):
            self.with_company(company)._remind(company)

    @api.model
    def _remind(self, company, day=None):
        """Tell who is responsible that an answer is late, or that our own right against the supplier ends soon."""
        day = day or fields.Date.context_today(self.with_context(tz=company.partner_id.tz or "Europe/Brussels"))
        own = Domain("company_id", "=", company.id)
        late = self.search(
            own & Domain("state", "=", "sent") & Domain("date_deadline", "<", day) & Domain("late_task_on", "=", False)
        )
        plan_activities(
            late,
            ACTIVITY_LATE,
            lambda claim: claim.env._(
                "%(supplier)s should have answered by %(day)s: call, or send a reminder.",
                supplier=claim.partner_id.display_name,
                day=format_date(claim.env, claim.date_deadline),
            ),
            day,
        )
        # stamps are written by the job, whoever runs it
        late.sudo().late_task_on = day
        ending = self.search(
            own
            & Domain("state", "in", OPEN_STATES)
            & Domain("recourse_until", "<=", fields.Date.add(day, days=RECOURSE_DAYS))
            & Domain("recourse_task_on", "=", False)
        )
        plan_activities(
            ending,
            ACTIVITY_RECOURSE,
            lambda claim: claim.env._(
                "Our right against %(supplier)s ends on %(day)s: have it confirmed in writing before.",
                supplier=claim.partner_id.display_name,
                day=format_date(claim.env, claim.recourse_until),
            ),
            day,
        )
        ending.sudo().recourse_task_on = day
        return late | ending

    def _close_tasks(self):
        """What the tasks ask for has happened."""
        # the task may be somebody else's
        self.sudo().activity_unlink([ACTIVITY_LATE, ACTIVITY_RECOURSE])
