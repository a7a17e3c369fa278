from collections import defaultdict

from odoo import api, models
from odoo.tools import format_date


class Statement(models.Model):
    _inherit = "commercial.statement"

    @api.model
    def _fetch_receivable_events(self, receivable_ids):
        Receivable = self.env["commercial.receivable"]
        events = defaultdict(list)
        for statement in self.search([("receivable_id", "in", list(receivable_ids)), ("state", "=", "sent")]):
            events[statement.receivable_id.id].append(
                Receivable._prepare_event(
                    statement,
                    statement.sent_on,
                    "fa-list-alt",
                    self.env._("Statement of account of %(day)s", day=format_date(self.env, statement.date)),
                )
            )
        return events
