from odoo import api, models

from .dunning_notice import UNSENT_STATES


class DunningNotice(models.Model):
    _inherit = "commercial.dunning.notice"

    @api.model
    def _reconsider(self, receivables):
        """Decide again about the letters to these customers that have not left: what is held has changed.

        A letter that waits to be sent or posted is made anew, or withdrawn when nothing of it is left.
        """
        # whoever takes a dispute down changes the letters it is about
        notices_sudo = self.sudo().search(
            [("receivable_id", "in", receivables.ids), ("state", "in", UNSENT_STATES), ("is_dry", "=", False)]
        )
        notices_sudo.filtered(lambda notice: notice.state != "sending")._refresh()
        for notice_sudo in notices_sudo.filtered(lambda notice: notice.state == "sending"):
            notice_sudo._reconsider_waiting()
        notices_sudo.run_id._update_state()

    def _reconsider_waiting(self):
        """Stop a letter in the queue when it would say something that is not true any more."""
        self.ensure_one()
        if any(dispatch.state in ("sending", "ambiguous") for dispatch in self.dispatch_ids):
            return  # it may have left already
        for dispatch in self.dispatch_ids.filtered(lambda dispatch: dispatch.state == "reserved"):
            refusal = self._dispatch_before_send(dispatch)
            if refusal and dispatch.state == "reserved":
                dispatch.write({"state": "cancelled", "error": refusal})

    # --- ACTIONS ---

    def action_register_dispute(self):
        """Register a dispute about invoices of this letter."""
        self.ensure_one()
        return self._get_reminded_items().action_register_dispute()

    def action_register_promise(self):
        """Register a promise about invoices of this letter."""
        self.ensure_one()
        return self._get_reminded_items().action_register_promise()

    def _get_reminded_items(self):
        return self.line_ids.filtered("included").item_id.filtered(lambda item: item.state == "open")
