from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL, formatLang

from ...tools import collection_work as core

# a letter that failed long ago is no work of today
FAILED_DAYS = 60


class DunningNotice(models.Model):
    _inherit = "commercial.dunning.notice"

    @api.model
    def _fetch_receivable_actions(self, receivable_ids):
        """Letters to approve, to post, that failed, or whose deadline passed without payment."""
        self.flush_model()
        self.env["commercial.dunning.notice.line"].flush_model()
        self.env["commercial.receivable.item"].flush_model()
        today = fields.Date.context_today(self)
        actions = defaultdict(list)
        for receivable_id, code, day, name in self.env.execute_query(
            SQL(
                """
                SELECT found.receivable_id, found.code, found.day, found.name
                  FROM (SELECT notice.receivable_id, notice.name, notice.id,
                               CASE WHEN notice.state = 'proposed' THEN 'letter_to_approve'
                                    WHEN notice.state = 'sending' AND notice.channel <> 'email' THEN 'letter_to_post'
                                    WHEN notice.state = 'failed' THEN 'letter_failed'
                                    WHEN notice.state = 'delivered' THEN 'deadline_passed'
                               END AS code,
                               CASE WHEN notice.state = 'delivered' THEN notice.deadline + 1 ELSE notice.date END AS day
                          FROM commercial_dunning_notice notice
                         WHERE notice.receivable_id = ANY(%(ids)s)
                           AND notice.is_dry IS NOT TRUE
                           AND (notice.state IN ('proposed', 'sending')
                                OR notice.state IN ('failed', 'delivered')
                                   AND (notice.state = 'delivered' OR notice.date >= %(failed_since)s)
                                   AND EXISTS (
                                       SELECT
                                         FROM commercial_dunning_notice_line line
                                         JOIN commercial_receivable_item item ON item.id = line.item_id
                                        WHERE line.notice_id = notice.id
                                          AND line.included
                                          AND item.state = 'open'
                                          AND item.notice_id IS NULL
                                          AND CASE WHEN notice.state = 'failed'
                                                   THEN COALESCE(item.last_delivered_on < notice.date, TRUE)
                                                   ELSE item.level_id = line.level_id
                                                        AND item.last_delivered_on = notice.delivered_on
                                              END
                                   )
                               )
                       ) found
                 WHERE found.code IS NOT NULL AND found.day IS NOT NULL
              ORDER BY found.receivable_id, found.id
                """,
                ids=list(receivable_ids),
                failed_since=fields.Date.subtract(today, days=FAILED_DAYS),
            )
        ):
            actions[receivable_id].append(core.Action(code, day, {"name": name}))
        return actions

    @api.model
    def _fetch_receivable_events(self, receivable_ids):
        Receivable = self.env["commercial.receivable"]
        states = dict(self._fields["state"]._description_selection(self.env))
        channels = dict(self._fields["channel"]._description_selection(self.env))
        events = defaultdict(list)
        domain = [("receivable_id", "in", list(receivable_ids)), ("is_dry", "=", False), ("state", "!=", "cancelled")]
        for notice in self.search(domain):
            events[notice.receivable_id.id].append(
                Receivable._prepare_event(
                    notice,
                    notice.delivered_on or notice.date,
                    "fa-envelope-o",
                    f"{notice.level_id.name} {notice.name}: {states[notice.state]}",
                    f"{channels[notice.channel]}, "
                    + formatLang(self.env, notice.amount_total, currency_obj=notice.currency_id),
                )
            )
        return events
