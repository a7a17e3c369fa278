import re

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang, html2plaintext, plaintext2html

from ...tools.dunning_law import REGIMES

SHORT_CHANNELS = ("sms", "phone")


class DunningNotice(models.Model):
    """Reminders that are no letters: text messages, and calls by the person responsible for the customer."""

    _inherit = "commercial.dunning.notice"

    call_activity_ids = fields.One2many(
        comodel_name="mail.activity",
        inverse_name="dunning_notice_id",
        string="Calls to make",
    )
    call_count = fields.Integer(string="Calls without answer", readonly=True, copy=False)

    # --- CHANNELS ---

    def _get_channel_order(self):
        """Return the channels of the level in their order."""
        self.ensure_one()
        return self.level_id._get_channels()

    def _check_editable(self, vals):
        result = super()._check_editable(vals)
        for notice in self:
            channel = vals.get("channel", notice.channel)
            kinds = notice.line_ids.filtered("live").level_id.mapped("kind")
            if not all(REGIMES[notice.regime].allows_channel(kind, channel) for kind in kinds):
                raise UserError(
                    self.env._(
                        "%(letter)s must reach the customer as a letter or a mail: the law wants something that can be "
                        "kept.",
                        letter=notice.display_name,
                    )
                )
        return result

    # --- SENDING ---

    def _reserve_dispatch(self):
        if self.channel not in SHORT_CHANNELS:
            return super()._reserve_dispatch()
        self.ensure_one()
        dispatch = self.env["commercial.dispatch"]._reserve([self._prepare_short_vals()])
        self.write({"state": "sending", "skip_reason": False, "attachment_id": False, "sha256": False})
        if self.channel == "phone":
            self._schedule_call()
        return dispatch

    def _prepare_short_vals(self):
        """Return the dispatch of a text message or a call: no file, the words themselves are kept."""
        self.ensure_one()
        lang = self._get_letter_lang()
        return {
            "company_id": self.company_id.id,
            "partner_id": self.partner_id.id,
            "contact_id": self.contact_id.id,
            "res_model": self._name,
            "res_id": self.id,
            "key": f"{self._name},{self.id}",
            "lang": lang,
            "channel": self.channel,
            "subject": f"{self.level_id.with_context(lang=lang).subject} – {self.name}",
            "body": self._get_short_body(),
        }

    def _get_short_body(self):
        return self._get_sms_body() if self.channel == "sms" else self._get_call_body()

    def _get_sms_body(self):
        return plaintext2html(self._get_sms_text())

    def _get_sms_text(self):
        """Return the text message in the language of the customer."""
        self.ensure_one()
        lang = self._get_letter_lang()
        notice = self.with_company(self.company_id).with_context(lang=lang)
        text = notice.level_id.sms_text or notice._get_standard_sms_text()
        values = notice._get_sms_values()
        return re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], found[0]), text).strip()

    def _get_sms_values(self):
        """Return what may stand between braces in a text message, in the language of the environment."""
        self.ensure_one()
        account_sudo = self.partner_bank_id.sudo()  # the account customers pay to is meant to be told
        contact = self._get_letter_contact()
        return {
            "company": self.company_id.name,
            "customer": self.contact_id.name or self.partner_id.name or "",
            "number": self.name,
            "amount": formatLang(self.env, self.amount_total, currency_obj=self.currency_id),
            "deadline": format_date(self.env, self.deadline, lang_code=self.env.lang),
            "account": account_sudo.acc_number or "",
            "reference": self.payment_reference or self.name,
            "phone": contact["phone"],
        }

    @api.model
    def _get_standard_sms_text(self):
        """Return the text message where a level has none of its own."""
        if self.level_kind == "courtesy":
            return self.env._(
                "{company}: {amount} falls due soon. Please pay to {account}, reference {reference}. Already paid? "
                "Then ignore this message."
            )
        return self.env._(
            "{company}: {amount} is still open. Please pay by {deadline} to {account}, reference {reference}. "
            "Questions? {phone}"
        )

    def _dispatch_before_send(self, dispatch):
        reason = super()._dispatch_before_send(dispatch)
        notice = self.sudo()
        if reason or dispatch.channel != "sms" or notice.state != "sending":
            return reason
        if html2plaintext(notice._get_sms_body()) == html2plaintext(dispatch.body or ""):
            return None
        # the amounts have changed: a new message is made and sent by the next pass of the job
        notice.state = "approved"
        notice.run_id.state = "sending"
        self.env.ref("commercial_assistant.ir_cron_dunning_send")._trigger()
        return self.env._("The letter is out of date and is made anew.")

    def _dispatch_after_failure(self, dispatch):
        """What was to go by a channel that was given up does not fail the reminder that goes another way."""
        if dispatch.channel in SHORT_CHANNELS and self.channel != dispatch.channel:
            return None
        return super()._dispatch_after_failure(dispatch)

    # --- CALLS ---

    def _get_call_body(self):
        """Return what the caller says, in the language of the customer, below the facts."""
        self.ensure_one()
        lang = self._get_letter_lang()
        notice = self.with_context(lang=lang)
        rows = Markup().join(
            Markup("<li>%s, %s: %s</li>")
            % (
                line.invoice_name or "",
                format_date(notice.env, line.date_maturity, lang_code=lang),
                formatLang(notice.env, line.amount_residual, currency_obj=line.currency_id),
            )
            for line in self._get_letter_lines()
        )
        return Markup("%s<ul>%s</ul>") % (notice.level_id.intro or "", rows)

    def _get_call_responsible(self):
        """Return who calls: the person responsible for the customer, else who approved, else a collector."""
        self.ensure_one()
        company = self.company_id
        collectors = self.env.ref("commercial_assistant.group_collector").sudo().all_user_ids
        collectors = collectors.filtered(lambda user: user.active and company in user.company_ids).sorted("id")
        candidates = self.receivable_id.user_id | self.approved_by_id | collectors
        able = candidates.filtered(lambda user: user in collectors)
        return able[:1] or self.env.ref("base.user_admin")

    def _schedule_call(self, day=None):
        """Give the person responsible the task to call."""
        self.ensure_one()
        if self.call_activity_ids:
            return
        activity_type = self.level_id.phone_activity_type_id or self.env.ref("mail.mail_activity_data_call")
        user = self._get_call_responsible()
        phone = self.contact_id.phone or self.partner_id.phone or ""
        spoken = self.with_context(lang=user.lang or self.env.lang)
        amount = formatLang(spoken.env, self.amount_total, currency_obj=self.currency_id)
        self.receivable_id.with_context(mail_activity_quick_update=True).activity_schedule(
            activity_type_id=activity_type.id,
            user_id=user.id,
            date_deadline=day or fields.Date.context_today(self),
            summary=spoken.env._(
                "Call %(customer)s about %(amount)s", customer=self.partner_id.display_name, amount=amount
            ),
            note=Markup("<p>%s %s</p>%s") % (phone, self._get_html_link(), self._get_call_body()),
            dunning_notice_id=self.id,
        )

    def _drop_calls(self):
        # the calls of others go as well: there is nothing left to call about
        self.sudo().call_activity_ids.unlink()

    def _release(self):
        self._drop_calls()
        return super()._release()

    def action_open_call(self):
        """Say how the call went; what was paid meanwhile is taken into account first."""
        self.ensure_one()
        self._check_collector()
        if self.channel != "phone" or self.state != "sending":
            raise UserError(self.env._("%(letter)s waits for no call.", letter=self.display_name))
        notice_sudo = self.sudo()
        notice_sudo._refresh(day=notice_sudo._get_day_to_send())
        if notice_sudo.state != "sending":
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {
                    "type": "info",
                    "message": self.env._("No call is needed any more: %(reason)s", reason=self.skip_reason or ""),
                    "next": {"type": "ir.actions.client", "tag": "soft_reload"},
                },
            }
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("How did the call go?"),
            "res_model": "commercial.dunning.call",
            "view_mode": "form",
            "target": "new",
            "context": {"default_notice_id": self.id},
        }

    def _get_call_dispatch(self):
        self.ensure_one()
        return self.dispatch_ids.filtered(lambda dispatch: dispatch.channel == "phone" and dispatch.state == "reserved")

    def _record_reached(self, result, note):
        """The customer was spoken to: the reminder is delivered and the task done."""
        self.ensure_one()
        activities = self.call_activity_ids
        self.sudo()._get_call_dispatch()._mark_called(note)
        for activity in activities:
            activity.with_user(self.env.user).action_feedback(feedback=f"{result} {note}".strip())

    def _record_no_answer(self, note, call_again_on):
        """Nobody answered: the task moves to another day and the reminder keeps waiting."""
        self.ensure_one()
        notice_sudo = self.sudo()
        notice_sudo.call_count += 1
        notice_sudo.receivable_id._message_log(
            body=self.env._(
                "%(letter)s: no answer to call %(number)s. %(note)s",
                letter=self._get_html_link(),
                number=self.call_count,
                note=note,
            ),
        )
        if notice_sudo.call_activity_ids:
            notice_sudo.call_activity_ids.date_deadline = call_again_on
        else:
            notice_sudo._schedule_call(call_again_on)

    def _get_next_channel(self):
        """Return the channel that follows the call by which the customer can be reached, or nothing."""
        self.ensure_one()
        row = self._prepare_customer_row()
        channels = self._get_channel_order()
        after = channels[channels.index("phone") + 1 :] if "phone" in channels else channels
        reachable = {
            "email": row["has_email"],
            "post": row["has_address"],
            "registered": row["has_address"],
            "sms": bool(self.env["commercial.dispatch"]._get_mobile(self.contact_id)),
        }
        return next((channel for channel in after if reachable.get(channel)), False)

    def _write_instead(self):
        """Give the call up and let the reminder go the next way."""
        self.ensure_one()
        channel = self._get_next_channel()
        if not channel:
            raise UserError(self.env._("The level has no other channel by which the customer can be reached."))
        dispatch = self._get_call_dispatch()
        self.write({"channel": channel, "state": "approved"})
        self._drop_calls()
        dispatch.action_cancel()
        self._refresh()
        self.run_id.state = "sending"
        self.env.ref("commercial_assistant.ir_cron_dunning_send")._trigger()
