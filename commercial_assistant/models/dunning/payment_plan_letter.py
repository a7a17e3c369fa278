import hashlib
import logging

from psycopg2 import Error as DatabaseError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import email_normalize, formataddr

_logger = logging.getLogger(__name__)

REPORT = "commercial_assistant.action_report_payment_plan"
LETTER_REPORT = "commercial_assistant.action_report_payment_plan_letter"
REPORT_MODEL = "report.commercial_assistant.report_payment_plan"
LETTER_KINDS = ("agreement", "courtesy", "late", "broken", "refusal")
# a break that is longer ago was told by other means
BREAK_NOTICE_DAYS = 30


class PaymentPlan(models.Model):
    _inherit = "commercial.payment.plan"

    # --- WHAT A LETTER NEEDS TO KNOW ---

    def _get_letter_lang(self):
        """Return an active language: that of the recipient, else of the customer, else of the company."""
        self.ensure_one()
        active = dict(self.env["res.lang"].get_installed())
        candidates = (self.contact_id.lang, self.partner_id.lang, self.company_id.partner_id.lang, self.env.lang)
        return next((lang for lang in candidates if lang in active), "en_US")

    def _get_letter_contact(self):
        """Return who answers the customer: the responsible, else the desk for reminders, else the company.

        :return: dict with ``name``, ``phone`` and ``email``
        """
        self.ensure_one()
        company_sudo = self.company_id.sudo()  # how to reach the sender is meant to be told
        user_sudo = (self.user_id or self.receivable_id.user_id).sudo()
        desk_sudo = company_sudo.dunning_contact_id
        sources = (user_sudo.partner_id, desk_sudo, company_sudo.partner_id)
        return {
            "name": user_sudo.name or desk_sudo.name or company_sudo.name,
            "phone": next((source.phone for source in sources if source.phone), ""),
            "email": next((source.email for source in sources if source.email), ""),
        }

    def _get_letter_sender(self):
        """Return who sends the mail and who gets the answer: the desk for reminders, else the company."""
        self.ensure_one()
        company_sudo = self.company_id.sudo()  # the address of the sender is meant to be told
        email = email_normalize(company_sudo.dunning_contact_id.email) or email_normalize(company_sudo.email)
        if not email:
            return {}
        return {
            "email_from": formataddr((company_sudo.name, email)),
            "reply_to": formataddr((company_sudo.dunning_contact_id.name or company_sudo.name, email)),
        }

    def _get_letter_qr_payload(self, amount):
        """Return the text of the payment code for an amount of this plan; empty when it cannot be paid that way."""
        self.ensure_one()
        # the code of a payment is the same for every letter: the reminder knows how it is written
        payment = self.env["commercial.dunning.notice"].new(
            {
                "name": self.name,
                "company_id": self.company_id.id,
                "partner_bank_id": self._get_letter_bank().id,
                "currency_id": self.currency_id.id,
                "amount_total": amount,
                "payment_reference": self.payment_reference,
            }
        )
        return payment._get_letter_qr_payload()

    def _get_letter_bank(self):
        self.ensure_one()
        return self.partner_bank_id or self.company_id._get_dunning_bank()

    # --- RENDERING ---

    def _render_letter(self, kind, lines=None):
        """Return the PDF of a letter and its text as HTML for a mail.

        :param kind: one of ``LETTER_KINDS``
        :param lines: the instalments it is about
        :return: tuple of bytes and Markup
        """
        self.ensure_one()
        plan = self.with_company(self.company_id).with_context(lang=self._get_letter_lang())
        body = plan._render_mail_body(kind, lines)
        report = REPORT if kind == "agreement" else LETTER_REPORT
        data = {"kind": kind, "line_ids": lines.ids if lines else []}
        content, _kind = plan.env["ir.actions.report"]._render_qweb_pdf(report, plan.ids, data=data)
        return content, body

    def _render_mail_body(self, kind, lines=None):
        self.ensure_one()
        letter = self.env[REPORT_MODEL]._prepare_plan_letter(self, kind, lines, mail=True)
        return (
            self.env["ir.qweb"]
            .with_context(lang=letter["lang"])
            ._render("commercial_assistant.mail_payment_plan", {"letter": letter, "doc": self, "report_type": "mail"})
        )

    def _get_letter_subject(self, kind):
        self.ensure_one()
        plan = self.with_context(lang=self._get_letter_lang())
        return f"{plan.env[REPORT_MODEL]._get_plan_subject(plan, kind)} – {plan.name}"

    # --- RESERVING ---

    def _reserve_letter(self, kind, lines=None):
        """Make a letter of the plan, keep it, and put it into the queue once; return the dispatch.

        :param lines: the instalments it is about; the first one tells it apart from other letters of its kind
        """
        self.ensure_one()
        Dispatch = self.env["commercial.dispatch"]
        key = self._get_letter_key(kind, lines)
        known = Dispatch.search([("key", "=", key), ("state", "in", ("reserved", "sending", "sent", "ambiguous"))])
        if known:
            return known
        pdf, body = self._render_letter(kind, lines)
        attachment = self.env["ir.attachment"].create(self._prepare_letter_attachment_vals(kind, pdf))
        if kind == "agreement":
            self.write({"attachment_id": attachment.id, "sha256": hashlib.sha256(pdf).hexdigest()})
        return Dispatch._reserve([self._prepare_dispatch_vals(kind, key, attachment, body)])

    def _get_letter_key(self, kind, lines=None):
        self.ensure_one()
        number = {"agreement": self.revision, "broken": self.broken_on or "", "refusal": self.revision}.get(kind)
        if number is None:
            number = lines.sorted("sequence")[0].id
        return f"{self._name},{self.id},{kind},{number}"

    @api.model
    def _read_letter_key(self, dispatch):
        """Return kind and number of the letter that a dispatch carries."""
        _model, _res_id, kind, number = dispatch.key.split(",")
        return kind, number

    def _prepare_letter_attachment_vals(self, kind, pdf):
        suffix = "" if kind == "agreement" else f"-{kind}"
        return {
            "name": f"{self.name.replace('/', '-')}{suffix}.pdf",
            "raw": pdf,
            "mimetype": "application/pdf",
            "res_model": self._name,
            "res_id": self.id,
        }

    def _prepare_dispatch_vals(self, kind, key, attachment, body):
        self.ensure_one()
        return {
            "company_id": self.company_id.id,
            "partner_id": self.partner_id.id,
            "contact_id": self.contact_id.id,
            "res_model": self._name,
            "res_id": self.id,
            "key": key,
            "lang": self._get_letter_lang(),
            # what is only told needs no registered post
            "channel": self.channel if kind in ("agreement", "broken") or self.channel == "email" else "post",
            "subject": self._get_letter_subject(kind),
            "body": body,
            "attachment_id": attachment.id,
        }

    def _refuse(self, reason, is_told=True):
        """Answer a request with no; return the letters that tell so."""
        letters = self.env["commercial.dispatch"]
        for plan in self:
            if plan.state == "cancelled":
                continue
            if not plan.is_requested or plan.state not in ("requested", "to_approve"):
                raise UserError(self.env._("%(plan)s is not a request.", plan=plan.name))
            plan._cancel(reason)
            if is_told:
                letters |= plan.with_company(plan.company_id)._reserve_letter("refusal")
        return letters

    def _withdraw_letters(self, kinds=LETTER_KINDS):
        """Cancel letters of these kinds that wait to be sent."""
        waiting = self.dispatch_ids.filtered(
            lambda dispatch: dispatch.state in ("reserved", "failed")
            and not dispatch.sent_on
            and self._read_letter_key(dispatch)[0] in kinds
        )
        if waiting:
            waiting.action_cancel()

    # --- SENDING ---

    def _dispatch_before_send(self, dispatch):
        """Look once more at the payments; return a reason when the letter must not leave any more."""
        self.ensure_one()
        plan = self.sudo()
        if not plan.try_lock_for_update():
            return self.env._("The plan is being changed.")
        kind, number = self._read_letter_key(dispatch)
        plan._follow()
        return getattr(plan, f"_check_letter_{kind}")(number)

    def _check_letter_agreement(self, number):
        if self.state != "proposed" or str(self.revision) != number:
            return self.env._("The proposal was withdrawn.")
        if self.amount_credited or self.amount_paid:
            self._reopen()
            plan = self._in_language_of_responsible()
            plan._tell_responsible(
                plan.env._("Something was paid before the agreement left: put the plan together anew")
            )
            return self.env._("Something was paid meanwhile: the plan must be put together anew.")
        return None

    def _check_letter_courtesy(self, number):
        line = self.line_ids.filtered(lambda line: str(line.id) == number)
        if self.state == "active" and line.state in ("due", "partly"):
            return None
        line.courtesy_dispatch_id = False
        return self.env._("The instalment was paid meanwhile.")

    def _check_letter_late(self, number):
        line = self.line_ids.filtered(lambda line: str(line.id) == number)
        if self.state == "active" and line.state == "late":
            return None
        self.line_ids.filtered(lambda other: other.late_dispatch_id == line.late_dispatch_id).late_dispatch_id = False
        return self.env._("The instalment was paid meanwhile.")

    def _check_letter_broken(self, number):
        if self.state == "broken" and str(self.broken_on) == number and self.amount_open > 0:
            return None
        self.break_dispatch_id = False
        return self.env._("The plan is not broken any more.")

    def _check_letter_refusal(self, _number):
        return None if self.state == "cancelled" else self.env._("The request was taken up again.")

    def _dispatch_after_send(self, dispatch):
        """Note that the letter has left. May be called again."""
        plan = self.sudo()
        if self._read_letter_key(dispatch)[0] == "agreement" and plan.state == "proposed" and not plan.proposed_on:
            plan.proposed_on = dispatch._get_sent_date()

    def _dispatch_after_failure(self, dispatch):
        """Tell the responsible that a letter did not arrive. May be called again."""
        plan = self.sudo()
        kind = self._read_letter_key(dispatch)[0]
        if dispatch.state == "cancelled" or (kind == "agreement" and plan.state != "proposed"):
            return
        plan = plan._in_language_of_responsible()
        plan._tell_responsible_once(
            plan.env._("A letter of the payment plan did not arrive"), f"{dispatch.subject}: {dispatch.error or ''}"
        )

    # --- WHAT IS TO BE TOLD ---

    @api.model
    def _send_due_letters(self, progress=None):
        """Write to customers about instalments that come, that are late, and about broken plans; each one once."""
        for kind in ("courtesy", "late", "broken"):
            for plan_id in getattr(self, f"_find_due_{kind}")():
                plan = self.browse(plan_id).exists()
                if plan:
                    plan._send_letter(kind)
                if progress and not progress(1):
                    return

    def _send_letter(self, kind):
        """Make and send one letter; what goes wrong is told to the responsible and does not stop the others."""
        self.ensure_one()
        if not self.try_lock_for_update():
            return
        self.invalidate_recordset()
        lines = self._get_due_lines(kind)
        if not lines and kind != "broken":
            return
        plan = self.with_company(self.company_id)
        try:
            with self.env.cr.savepoint():
                dispatch = plan._reserve_letter(kind, lines)
        except UserError as error:
            spoken = plan._in_language_of_responsible()
            spoken._tell_responsible_once(spoken.env._("A letter of the payment plan cannot be made"), str(error))
            return
        except DatabaseError:
            raise  # the framework repeats the transaction, or the next start goes on here
        except Exception:
            _logger.exception("Payment plan %s: the letter %s cannot be made", self.id, kind)
            return
        if kind == "broken":
            self.break_dispatch_id = dispatch
        else:
            lines.write({f"{kind}_dispatch_id": dispatch.id})
        dispatch._send()

    def _get_due_lines(self, kind):
        self.ensure_one()
        today = self._get_today()
        if kind == "courtesy":
            horizon = fields.Date.add(today, days=self.company_id.payment_plan_courtesy_days)
            return self.line_ids.filtered(
                lambda line: line.state in ("due", "partly")
                and today <= line.date <= horizon
                and not line.courtesy_dispatch_id
            ).sorted("sequence")[:1]
        if kind == "late":
            return self.line_ids.filtered(
                lambda line: line.state == "late"
                and fields.Date.add(line.date, days=self.warn_days) < today
                and not line.late_dispatch_id
            )
        return self.line_ids.filtered(lambda line: line.state != "paid")

    @api.model
    def _find_due_courtesy(self):
        """Return the plans with an instalment that is to be announced, by company: each has its own days."""
        plans = self.browse()
        for company in self.env["res.company"].search([("payment_plan_courtesy_days", ">", 0)]):
            today = self.with_company(company)._get_today()
            horizon = fields.Date.add(today, days=company.payment_plan_courtesy_days)
            plans |= (
                self.env["commercial.payment.plan.line"]
                .search(
                    Domain("company_id", "=", company.id)
                    & Domain("plan_state", "=", "active")
                    & Domain("state", "in", ("due", "partly"))
                    & Domain("date", ">=", today)
                    & Domain("date", "<=", horizon)
                    & Domain("courtesy_dispatch_id", "=", False)
                )
                .plan_id
            )
        return plans.sorted("id").ids

    @api.model
    def _find_due_late(self):
        lines = self.env["commercial.payment.plan.line"].search(
            Domain("company_id.payment_plan_late_letter", "=", True)
            & Domain("plan_state", "=", "active")
            & Domain("state", "=", "late")
            & Domain("is_warned", "=", True)
            & Domain("late_dispatch_id", "=", False)
        )
        return lines.plan_id.sorted("id").ids

    @api.model
    def _find_due_broken(self):
        limit = fields.Date.subtract(fields.Date.context_today(self), days=BREAK_NOTICE_DAYS)
        plans = self.search(
            Domain("company_id.payment_plan_break_letter", "=", True)
            & Domain("state", "=", "broken")
            & Domain("broken_on", ">=", limit)
            & Domain("break_dispatch_id", "=", False)
            & Domain("amount_open", ">", 0)
        )
        return plans.sorted("id").ids

    def action_send_break_notice(self):
        """Tell the customer by hand that the plan is broken; a notice that left is not sent twice."""
        self._check_collector()
        for plan in self.sudo().filtered(lambda plan: plan.state == "broken" and not plan.break_dispatch_id):
            plan._send_letter("broken")
        return True

    def action_print(self):
        """Show the agreement as it was sent, or as it would be sent."""
        return self.env.ref(REPORT).report_action(self)
