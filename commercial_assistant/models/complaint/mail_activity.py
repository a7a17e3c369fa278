from odoo import models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    def _action_done(self, feedback=False, attachment_ids=None):
        """A promise whose task is done was kept."""
        logs_sudo = (
            self.env["commercial.contact.log"]
            .sudo()
            .search([("activity_id", "in", self.ids), ("promise_state", "=", "open")])
        )
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        for log_sudo in logs_sudo:
            log_sudo.write({"promise_state": "kept", "promise_closed_on": log_sudo.env.cr.now().date()})
        return result
