from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL, formatLang

from ...tools import collection_work as core

# Answers of the payment plans to the questions of ``receivable_work.ACTION_MODELS``.

# a plan that was broken long ago is no news any more
BROKEN_DAYS = 60


class PaymentPlan(models.Model):
    _inherit = "commercial.payment.plan"

    @api.model
    def _fetch_receivable_actions(self, receivable_ids):
        """An instalment is late, or the plan is broken and nobody has called since."""
        self.flush_model()
        self.env["commercial.payment.plan.line"].flush_model()
        self.env["commercial.receivable.call"].flush_model()
        today = fields.Date.context_today(self)
        actions = defaultdict(list)
        for receivable_id, name, day in self.env.execute_query(
            SQL(
                """
                SELECT plan.receivable_id, plan.name, COALESCE(plan.broken_on, late.day)
                  FROM commercial_payment_plan plan
             LEFT JOIN LATERAL (
                       SELECT MIN(line.date) AS day
                         FROM commercial_payment_plan_line line
                        WHERE line.plan_id = plan.id
                          AND line.date < %(today)s
                          AND line.amount > COALESCE(line.amount_paid, 0) + COALESCE(line.amount_credited, 0)
                       ) late ON TRUE
                 WHERE plan.receivable_id = ANY(%(ids)s)
                   AND (plan.state = 'active' AND late.day IS NOT NULL
                        OR plan.state = 'broken'
                           AND plan.broken_on >= %(since)s
                           AND NOT EXISTS (SELECT
                                             FROM commercial_receivable_call call
                                            WHERE call.receivable_id = plan.receivable_id
                                              AND call.called_on::date >= plan.broken_on))
              ORDER BY plan.receivable_id, plan.id
                """,
                ids=list(receivable_ids),
                today=today,
                since=fields.Date.subtract(today, days=BROKEN_DAYS),
            )
        ):
            actions[receivable_id].append(core.Action("plan_broken", day, {"name": name}))
        return actions

    @api.model
    def _fetch_receivable_events(self, receivable_ids):
        Receivable = self.env["commercial.receivable"]
        states = dict(self._fields["state"]._description_selection(self.env))
        events = defaultdict(list)
        for plan in self.search([("receivable_id", "in", list(receivable_ids)), ("state", "!=", "draft")]):
            day = plan.broken_on or plan.kept_on or plan.started_on or plan.proposed_on or plan.requested_on
            title = self.env._("Payment plan %(name)s: %(state)s", name=plan.name, state=states[plan.state])
            amount = formatLang(self.env, plan.amount_total, currency_obj=plan.currency_id)
            events[plan.receivable_id.id].append(
                Receivable._prepare_event(plan, day or plan.create_date.date(), "fa-calendar", title, amount)
            )
        return events
