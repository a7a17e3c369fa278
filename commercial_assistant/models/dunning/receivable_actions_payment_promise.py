from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL, format_date, formatLang

from ...tools import collection_work as core
from .receivable_kpi import WINDOW_DAYS
from .receivable_work import BEHAVIOUR_DAYS

# Answers of the promises to the questions of ``receivable_work.ACTION_MODELS``.

JUDGED_STATES = ("kept", "partly", "broken")


class PaymentPromise(models.Model):
    _inherit = "commercial.payment.promise"

    @api.model
    def _fetch_receivable_actions(self, receivable_ids):
        """A promise is awaited, or it was broken and nobody has called since."""
        self.flush_model()
        self.env["commercial.receivable.call"].flush_model()
        self.env["commercial.receivable.item"].flush_model()
        actions = defaultdict(list)
        for row in self.env.execute_query_dict(
            SQL(
                """
                SELECT last.*
                  FROM (SELECT DISTINCT ON (receivable_id)
                               receivable_id, state, promised_on, judged_on, amount, currency_id
                          FROM commercial_payment_promise
                         WHERE receivable_id = ANY(%s)
                           AND state <> 'cancelled'
                      ORDER BY receivable_id, made_on DESC, id DESC) last
                 WHERE last.state = 'open'
                    OR last.state IN ('partly', 'broken')
                       AND EXISTS (SELECT
                                     FROM commercial_receivable_item item
                                    WHERE item.receivable_id = last.receivable_id
                                      AND item.state = 'open'
                                      AND item.date_due <= last.promised_on)
                       AND NOT EXISTS (SELECT
                                         FROM commercial_receivable_call call
                                        WHERE call.receivable_id = last.receivable_id
                                          AND call.called_on::date >= COALESCE(last.judged_on, last.promised_on))
                """,
                list(receivable_ids),
            )
        ):
            facts = {
                "amount": float(row["amount"]),
                "currency_id": row["currency_id"],
                "promised_on": fields.Date.to_string(row["promised_on"]),
            }
            if row["state"] == "open":
                action = core.Action("promise_due", row["promised_on"], facts)
            else:
                action = core.Action("promise_broken", row["judged_on"] or row["promised_on"], facts)
            actions[row["receivable_id"]].append(action)
        return actions

    @api.model
    def _fetch_receivable_events(self, receivable_ids):
        Receivable = self.env["commercial.receivable"]
        states = dict(self._fields["state"]._description_selection(self.env))
        events = defaultdict(list)
        for promise in self.search([("receivable_id", "in", list(receivable_ids))]):
            mine = events[promise.receivable_id.id]
            title = self.env._(
                "%(amount)s promised for %(day)s",
                amount=formatLang(self.env, promise.amount, currency_obj=promise.currency_id),
                day=format_date(self.env, promise.promised_on),
            )
            mine.append(Receivable._prepare_event(promise, promise.made_on, "fa-handshake-o", title, promise.note))
            if promise.judged_on:
                title = self.env._("Promise %(name)s: %(state)s", name=promise.name, state=states[promise.state])
                mine.append(Receivable._prepare_event(promise, promise.judged_on, "fa-handshake-o", title))
        return events

    @api.model
    def _fetch_receivable_behaviour(self, company, receivable_ids, day):
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT receivable_id, count(*), count(*) FILTER (WHERE state = 'kept')
                  FROM commercial_payment_promise
                 WHERE receivable_id = ANY(%s)
                   AND state = ANY(%s)
                   AND promised_on BETWEEN %s AND %s
              GROUP BY receivable_id
                """,
                list(receivable_ids),
                list(JUDGED_STATES),
                fields.Date.subtract(day, days=BEHAVIOUR_DAYS),
                day,
            )
        )
        return {receivable_id: {"promises_due": due, "promises_kept": kept} for receivable_id, due, kept in rows}

    @api.model
    def _fetch_receivable_kpi(self, company, day):
        """Promises whose day passed in the last quarter, and those of them that were kept in full."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT promise.currency_id, COALESCE(partner.customer_kind, 'business'), count(*),
                       count(*) FILTER (WHERE promise.state = 'kept')
                  FROM commercial_payment_promise promise
                  JOIN res_partner partner ON partner.id = promise.partner_id
                 WHERE promise.company_id = %(company)s
                   AND promise.state = ANY(%(states)s)
                   AND promise.promised_on > %(day)s - %(window)s
                   AND promise.promised_on <= %(day)s
              GROUP BY 1, 2
                """,
                company=company.id,
                states=list(JUDGED_STATES),
                day=day,
                window=WINDOW_DAYS,
            )
        )
        return {
            (currency_id, kind): {"promise_due_count": due, "promise_kept_count": kept}
            for currency_id, kind, due, kept in rows
        }
