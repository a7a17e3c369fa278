from odoo import api, models
from odoo.tools import html2plaintext


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def _routing_handle_bounce(self, email_message, message_dict):
        result = super()._routing_handle_bounce(email_message, message_dict)
        if message_ids := message_dict["bounced_msg_ids"]:
            reason = html2plaintext(message_dict.get("body") or "")[:500]
            self.env["commercial.dispatch"]._receive_bounce(message_ids, reason)
        return result
