from odoo import models


class SmsTracker(models.Model):
    _inherit = "sms.tracker"

    def _action_update_from_provider_error(self, provider_error):
        """A message of ours that did not arrive fails like a mail that came back."""
        result = super()._action_update_from_provider_error(provider_error)
        self.env["commercial.dispatch"]._receive_bounce(self.mapped("sms_uuid"), provider_error)
        return result
