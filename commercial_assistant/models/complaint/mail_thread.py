from odoo import api, models
from odoo.tools import email_normalize

from ...tools.incoming_mail import is_automatic, split_by_size

# what of one mail is kept; the rest is told, not stored
LARGEST_MAIL = 20 * 1024 * 1024
AUTOMATIC_KEY = "commercial_assistant_automatic_mail"
REFUSED_KEY = "commercial_assistant_refused_files"
LANGUAGES_KEY = "commercial_assistant_mail_languages"


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        """Tell complaints what stands in the headers only, and keep of large mails what fits."""
        if any(route[0] == "commercial.complaint" for route in routes or ()):
            sender = email_normalize(message_dict.get("email_from") or "") or ""
            headers = {name: str(value) for name, value in message.items()}
            self = self.with_context(
                **{
                    AUTOMATIC_KEY: is_automatic(headers, sender),
                    REFUSED_KEY: self._keep_attachments_that_fit(message_dict),
                    LANGUAGES_KEY: str(message.get("Content-Language") or message.get("Accept-Language") or ""),
                }
            )
        return super()._message_route_process(message, message_dict, routes)

    @api.model
    def _keep_attachments_that_fit(self, message_dict):
        """Take too large files out of a mail; return their names.

        :rtype: list of str
        """
        files = message_dict.get("attachments") or []
        kept = split_by_size((len(file[1] or "") for file in files), LARGEST_MAIL)
        message_dict["attachments"] = [file for file, fits in zip(files, kept, strict=True) if fits]
        return [str(file[0]) for file, fits in zip(files, kept, strict=True) if not fits]
