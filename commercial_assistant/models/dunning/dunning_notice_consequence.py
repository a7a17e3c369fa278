from odoo import models
from odoo.tools import SQL


class DunningNotice(models.Model):
    _inherit = "commercial.dunning.notice"

    # What follows when a letter has arrived: some levels hold back new orders of the customer.

    def _deliver(self, sent_on):
        result = super()._deliver(sent_on)
        self._set_credit_hold()
        if self.policy_id.claim_kind or self.policy_id.is_regular_supply:
            # the policy says how long such claims live
            self.line_ids.filtered("live").item_id.write({"claim_kind": False})
        return result

    def _undo_delivery(self):
        result = super()._undo_delivery()
        self.env["commercial.credit.hold"]._release_ended(self.company_id, self.partner_id.ids)
        return result

    def _set_credit_hold(self):
        """Hold the customer when a line of this letter reached a level that asks for it."""
        self.ensure_one()
        if self.line_ids.filtered("live").level_id.filtered("sets_credit_hold"):
            self.env["commercial.credit.hold"]._set(self.company_id, self.partner_id, "dunning", source=self)

    def _find_ended_credit_holds(self, holds):
        """Return the holds of customers of whom nothing overdue has reached such a level any more; one query."""
        self.env["commercial.receivable.item"].flush_model()
        self.env["commercial.dunning.policy.level"].flush_model(["sets_credit_hold"])
        self.env["commercial.credit.hold"].flush_model(["company_id", "partner_id"])
        needed = {
            hold_id
            for [hold_id] in self.env.execute_query(
                SQL(
                    """
                    SELECT hold.id
                      FROM commercial_credit_hold hold
                     WHERE hold.id = ANY(%s)
                       AND EXISTS (
                           SELECT
                             FROM commercial_receivable_item item
                             JOIN commercial_dunning_policy_level level ON level.id = item.level_id
                            WHERE item.company_id = hold.company_id
                              AND item.partner_id = hold.partner_id
                              AND item.state = 'open'
                              AND level.sets_credit_hold
                       )
                    """,
                    holds.ids,
                )
            )
        }
        return holds.filtered(lambda hold: hold.id not in needed)

    def _get_proofs(self):
        """Return the sendings that prove that this letter left; a registered letter needs its tracking number."""
        self.ensure_one()
        return self.dispatch_ids.filtered(
            lambda dispatch: dispatch.state == "sent"
            and dispatch.sent_on
            and (dispatch.channel != "registered" or dispatch.tracking_number)
        )

    def _get_returned(self):
        """Return the sendings of this letter that left and came back."""
        self.ensure_one()
        return self.dispatch_ids.filtered("bounced_on")
