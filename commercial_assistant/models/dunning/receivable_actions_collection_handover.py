from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL

from ...tools import collection_work as core

# Answers of the hand-overs to the questions of ``receivable_work.ACTION_MODELS``.


class CollectionHandover(models.Model):
    _inherit = "commercial.collection.handover"

    @api.model
    def _fetch_receivable_actions(self, receivable_ids):
        """A hand-over that was proposed or prepared waits for a decision."""
        self.flush_model()
        actions = defaultdict(list)
        for receivable_id, name, day in self.env.execute_query(
            SQL(
                """
                SELECT receivable_id, name, create_date::date
                  FROM commercial_collection_handover
                 WHERE receivable_id = ANY(%s)
                   AND state IN ('draft', 'checked')
              ORDER BY receivable_id, id
                """,
                list(receivable_ids),
            )
        ):
            actions[receivable_id].append(core.Action("handover_proposed", day, {"name": name}))
        return actions

    @api.model
    def _fetch_receivable_events(self, receivable_ids):
        Receivable = self.env["commercial.receivable"]
        states = dict(self._fields["state"]._description_selection(self.env))
        events = defaultdict(list)
        domain = [("receivable_id", "in", list(receivable_ids)), ("state", "!=", "cancelled")]
        for handover in self.search(domain):
            mine = events[handover.receivable_id.id]
            day = handover.date_handed_over or handover.create_date.date()
            title = self.env._(
                "Hand-over %(name)s to %(collector)s", name=handover.name, collector=handover.collector_id.name or "?"
            )
            mine.append(Receivable._prepare_event(handover, day, "fa-balance-scale", title))
            if handover.date_ended:
                title = self.env._("Hand-over %(name)s: %(state)s", name=handover.name, state=states[handover.state])
                mine.append(
                    Receivable._prepare_event(
                        handover, handover.date_ended, "fa-balance-scale", title, handover.end_reason
                    )
                )
        return events
