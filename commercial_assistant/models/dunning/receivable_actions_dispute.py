from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL, formatLang

from ...tools import collection_work as core
from .receivable_work import BEHAVIOUR_DAYS

# Answers of the disputes to the questions of ``receivable_work.ACTION_MODELS``.


class Dispute(models.Model):
    _inherit = "commercial.dispute"

    @api.model
    def _fetch_receivable_actions(self, receivable_ids):
        """A new dispute wants to be looked at, one under investigation to be answered in time."""
        self.flush_model()
        actions = defaultdict(list)
        for receivable_id, state, opened_on, deadline, name in self.env.execute_query(
            SQL(
                """
                SELECT receivable_id, state, opened_on, deadline, name
                  FROM commercial_dispute
                 WHERE receivable_id = ANY(%s)
                   AND state IN ('new', 'investigation')
              ORDER BY receivable_id, id
                """,
                list(receivable_ids),
            )
        ):
            day = opened_on if state == "new" else deadline or opened_on
            actions[receivable_id].append(core.Action("dispute_waiting", day, {"name": name}))
        return actions

    @api.model
    def _fetch_receivable_events(self, receivable_ids):
        Receivable = self.env["commercial.receivable"]
        states = dict(self._fields["state"]._description_selection(self.env))
        events = defaultdict(list)
        for dispute in self.search([("receivable_id", "in", list(receivable_ids))]):
            mine = events[dispute.receivable_id.id]
            amount = formatLang(self.env, dispute.amount, currency_obj=dispute.currency_id)
            title = self.env._("Dispute %(name)s opened: %(amount)s", name=dispute.name, amount=amount)
            mine.append(Receivable._prepare_event(dispute, dispute.opened_on, "fa-gavel", title, dispute.description))
            if dispute.closed_on:
                title = self.env._("Dispute %(name)s: %(state)s", name=dispute.name, state=states[dispute.state])
                mine.append(Receivable._prepare_event(dispute, dispute.closed_on, "fa-gavel", title, dispute.answer))
        return events

    @api.model
    def _fetch_receivable_behaviour(self, company, receivable_ids, day):
        """What was disputed without being right: a dispute that was accepted says nothing against the customer."""
        self.flush_model()
        disputed = defaultdict(dict)
        for receivable_id, currency_id, amount in self.env.execute_query(
            SQL(
                """
                SELECT receivable_id, currency_id, SUM(amount - COALESCE(accepted_amount, 0))
                  FROM commercial_dispute
                 WHERE receivable_id = ANY(%s)
                   AND opened_on BETWEEN %s AND %s
              GROUP BY receivable_id, currency_id
                """,
                list(receivable_ids),
                fields.Date.subtract(day, days=BEHAVIOUR_DAYS),
                day,
            )
        ):
            disputed[receivable_id][currency_id] = float(amount)
        return {receivable_id: {"disputed": amounts} for receivable_id, amounts in disputed.items()}

    @api.model
    def _fetch_receivable_kpi(self, company, day):
        """What was disputed on that day."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT dispute.currency_id, COALESCE(partner.customer_kind, 'business'), SUM(dispute.amount)
                  FROM commercial_dispute dispute
                  JOIN res_partner partner ON partner.id = dispute.partner_id
                 WHERE dispute.company_id = %(company)s
                   AND dispute.opened_on <= %(day)s
                   AND (dispute.closed_on IS NULL OR dispute.closed_on > %(day)s)
              GROUP BY 1, 2
                """,
                company=company.id,
                day=day,
            )
        )
        return {(currency_id, kind): {"amount_disputed": amount} for currency_id, kind, amount in rows}
