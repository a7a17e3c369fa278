from psycopg2 import Error as DatabaseError
from requests import exceptions as http_errors
from urllib3.exceptions import NewConnectionError

from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.tools import html2plaintext

from odoo.addons.iap.tools.iap_tools import InsufficientCreditError

from ...tools.phone_numbers import mobile_number

# the provider was not reached, or refused before it took the message
REFUSALS = (
    http_errors.ConnectTimeout,
    http_errors.MissingSchema,
    http_errors.InvalidURL,
    InsufficientCreditError,
)
# the provider answered that it cannot say
UNSURE_FAILURES = ("sms_server", "unknown")


class CommercialDispatch(models.Model):
    """Text messages: reserved, committed, sent and judged like mails."""

    _inherit = "commercial.dispatch"

    recipient_phone = fields.Char(
        string="Mobile Number",
        help="Number at the time of the message.",
    )
    sms_id = fields.Many2one(
        comodel_name="sms.sms",
        string="Text message",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )

    # --- RESERVE ---

    @api.model
    def _get_mobile(self, contact):
        """Return the mobile number of a contact in its international form, of its company when it has none."""
        for partner in (contact, contact.commercial_partner_id):
            country = partner.country_id.code or self.env.company.country_id.code
            if number := mobile_number(partner.phone, country):
                return number
        return False

    @api.model
    def _prepare_reserve_vals_list(self, vals_list):
        prepared = super()._prepare_reserve_vals_list(vals_list)
        for vals in prepared:
            if vals["channel"] == "sms" and not vals.get("recipient_phone"):
                contact = self.env["res.partner"].browse(vals["contact_id"])
                vals["recipient_phone"] = self._get_mobile(contact)
        return prepared

    def _prepare_retry_vals(self):
        return {
            **super()._prepare_retry_vals(),
            "recipient_phone": self._get_mobile(self._get_recipient()) if self.channel == "sms" else False,
            "sms_id": False,
        }

    # --- SEND ---

    @api.model
    def _get_automatic_channels(self):
        return super()._get_automatic_channels() | {"sms"}

    def _get_problem(self):
        problem = super()._get_problem()
        if problem or self.channel != "sms":
            return problem
        if not self.recipient_phone:
            return self.env._("%(contact)s has no mobile number.", contact=self._get_recipient().display_name)
        # everybody's list, read for one number
        if self.env["phone.blacklist"].sudo().search_count([("number", "=", self.recipient_phone)], limit=1):
            return self.env._("%(number)s is on the list of blocked numbers.", number=self.recipient_phone)
        return None

    def _prepare_sending_vals(self):
        if self.channel != "sms":
            return super()._prepare_sending_vals()
        # created as cancelled, so that Odoo's own queue never takes it; sending needs no right on messages as such
        sms_sudo = self.env["sms.sms"].sudo().with_company(self.company_id).create(self._prepare_sms_vals())
        return {
            "state": "sending",
            "sending_on": fields.Datetime.now(),
            "sms_id": sms_sudo.id,
            "message_id": sms_sudo.uuid,
            "error": False,
        }

    def _prepare_sms_vals(self):
        self.ensure_one()
        return {
            "state": "canceled",
            "number": self.recipient_phone,
            "body": html2plaintext(self.body or "").strip(),
            "partner_id": self._get_recipient().id,
        }

    def _hand_over(self):
        if self.channel != "sms":
            return super()._hand_over()
        self.ensure_one()
        sms_sudo = self.sms_id.sudo().with_company(self.company_id)  # see _prepare_sending_vals
        sms_sudo.write({"state": "outgoing"})  # never committed as such
        self.env["sms.tracker"].sudo().create({"sms_uuid": sms_sudo.uuid})  # lets a report about it find us
        try:
            sms_sudo._send(unlink_failed=False, unlink_sent=False, raise_exception=True)
        except DatabaseError as error:
            self._rollback()
            return "ambiguous", self._prepare_sms_doubt(error)
        except Exception as error:  # noqa: BLE001 - whatever it was, the message must get its state
            sms_sudo.write({"state": "error", "failure_type": "unknown"})
            if self._is_sms_refusal(error):
                return "failed", tools.exception_to_unicode(error)
            return "ambiguous", self._prepare_sms_doubt(error)
        if sms_sudo.state != "error":
            return "sent", False
        failures = dict(sms_sudo._fields["failure_type"]._description_selection(self.env))
        reason = failures.get(sms_sudo.failure_type, self.env._("The provider gave no reason."))
        if sms_sudo.failure_type in UNSURE_FAILURES:
            return "ambiguous", self._prepare_sms_doubt(reason)
        return "failed", reason

    @api.model
    def _is_sms_refusal(self, error):
        """Whether the message has certainly not left: the provider was not reached, or not even asked."""
        causes = [error]
        while causes[-1].__context__ is not None:
            causes.append(causes[-1].__context__)
        if len(causes) == 1 and isinstance(error, UserError):
            return True  # said by Odoo itself before anything was sent
        return any(
            isinstance(cause, REFUSALS)
            or any(isinstance(getattr(part, "reason", part), NewConnectionError) for part in (cause, *cause.args))
            for cause in causes
        )

    @api.model
    def _prepare_sms_doubt(self, error):
        return self.env._(
            "The connection broke while the provider took the message, so nobody knows whether it left: %(error)s. "
            "Look in the log of the provider, then decide.",
            error=error if isinstance(error, str) else tools.exception_to_unicode(error) or type(error).__name__,
        )

    def _get_bounce_reason(self, reason):
        if self.channel != "sms":
            return super()._get_bounce_reason(reason)
        return self.env._("The message did not arrive: %(reason)s", reason=reason or "")

    def _finish(self, state, reason=False):
        if state == "reserved" and self.sms_id:
            self.write({"sms_id": False})
        return super()._finish(state, reason)
