from odoo import models
from odoo.tools import SQL


class DunningRun(models.Model):
    _inherit = "commercial.dunning.run"

    def _fetch_written(self, receivable_ids, ignored_notice_ids=()):
        """A run that only asks which policy holds for a customer has written nothing."""
        if not self._origin:
            return {}
        return super()._fetch_written(receivable_ids, ignored_notice_ids)

    def _write_skips(self, skips):
        """Name the kind of stop of customers without reminders, as it was on the day of the run."""
        result = super()._write_skips(skips)
        item_ids = [skip.item_id for skip in skips if skip.reason == "customer_excluded"]
        if item_ids:
            self.env["commercial.receivable"].flush_model(["hold_kind"])
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE commercial_dunning_skip skip
                       SET hold_kind = receivable.hold_kind
                      FROM commercial_receivable_item item
                      JOIN commercial_receivable receivable ON receivable.id = item.receivable_id
                     WHERE skip.run_id = %s
                       AND skip.item_id = item.id
                       AND item.id = ANY(%s)
                       AND receivable.hold_kind IS NOT NULL
                    """,
                    self.id,
                    item_ids,
                )
            )
            self.env["commercial.dunning.skip"].invalidate_model(["hold_kind"])
        return result
