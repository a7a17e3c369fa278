from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize, format_date, format_list

from ...tools import complaint_clock as core

UNDONE_STATES = ("accepted", "in_progress")
# draft documents of these models have not happened
DRAFT_STATES = {"account.move": ("draft",)}
ENDED_DOCUMENT_STATES = ("done", "cancel", "posted")
RATES = (5, 3, 1)


class Complaint(models.Model):
    """Closing a complaint, telling the customer, asking what he thinks of it, and opening it again."""

    _inherit = "commercial.complaint"

    closing_ids = fields.One2many(
        comodel_name="commercial.complaint.closing",
        inverse_name="complaint_id",
        string="Closings",
        readonly=True,
        copy=False,
    )
    can_reopen_until = fields.Date(compute="_compute_can_reopen_until")
    closing_dispatch_ids = fields.One2many(
        comodel_name="commercial.dispatch",
        inverse_name="res_id",
        string="Letters",
        domain=lambda self: [("res_model", "=", self._name)],
        readonly=True,
    )

    def _compute_can_reopen_until(self):
        for complaint in self:
            closed_on = complaint.closed_on
            days = complaint.company_id.sudo().complaint_reopen_days
            day = closed_on and core.local_day(closed_on, complaint._get_clock_timezone())
            complaint.can_reopen_until = day and day + timedelta(days=days)

    # --- GATE ---

    def _get_missing_for_closed(self):
        missing = super()._get_missing_for_closed()
        # whether all is done decides, not what this person may see of it
        solutions_sudo = self.sudo().solution_ids
        kinds = dict(solutions_sudo._fields["kind"]._description_selection(self.env))
        for solution in solutions_sudo.filtered(lambda solution: solution.state in UNDONE_STATES):
            name, documents = kinds[solution.kind], solution.document_names
            missing.append(
                self.env._("“%(solution)s” done or cancelled (%(documents)s)", solution=name, documents=documents)
                if documents
                else self.env._("“%(solution)s” done or cancelled", solution=name)
            )
        for solution in solutions_sudo.filtered(lambda solution: solution.state == "cancelled"):
            if not (solution.cancel_reason or "").strip():
                missing.append(self.env._("why “%(solution)s” was cancelled", solution=kinds[solution.kind]))
        return missing

    def _get_closing_warnings(self):
        """Return what a person should confirm before the case is closed: phrases."""
        self.ensure_one()
        warnings = []
        for document_sudo in self._get_unfinished_documents():
            warnings.append(
                self.env._("%(document)s is not finished: it is still a draft.", document=document_sudo.display_name)
            )
        if not self._get_closing_recipient():
            warnings.append(self.env._("The customer has no e-mail address: nobody tells him that the case is closed."))
        if self.open_promise_count:
            warnings.append(self.env._("A promise to the customer is still open."))
        if self.is_escalated:
            warnings.append(self.env._("A question to the manager waits for an answer."))
        return warnings

    def _get_unfinished_documents(self):
        """Return the documents of the solutions that have not happened yet."""
        self.ensure_one()
        documents = []
        # that a document is a draft may be known to whoever closes the case
        for solution_sudo in self.sudo().solution_ids.filtered("res_id"):
            if solution_sudo.state not in ("done", "in_progress") or solution_sudo.res_model not in self.env:
                continue
            document_sudo = solution_sudo.env[solution_sudo.res_model].browse(solution_sudo.res_id).exists()
            if document_sudo and "state" in document_sudo._fields:
                draft_states = DRAFT_STATES.get(document_sudo._name, ("draft", "waiting", "confirmed", "assigned"))
                if document_sudo.state in draft_states:
                    documents.append(document_sudo)
        return documents

    # --- CLOSING ---

    def action_close(self):
        """Close; what is not quite finished is shown first."""
        self._check_gate("closed")
        doubtful = self.filtered(lambda complaint: complaint._get_closing_warnings())
        if not doubtful:
            self._close()
            return True
        if len(self) > 1:
            raise UserError(
                self.env._(
                    "Close these one by one, something is not finished: %(complaints)s.",
                    complaints=format_list(self.env, doubtful.mapped("display_name")),
                )
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Close the Complaint"),
            "res_model": "commercial.complaint.close",
            "view_mode": "form",
            "target": "new",
            "context": {"default_complaint_id": self.id},
        }

    def _close(self):
        """Close complaints with their stamps, whatever is not quite finished."""
        self._move("closed", closed_on=fields.Datetime.now(), closed_uid=self.env.uid)

    def _move(self, state, **values):
        if state in ("closed", "cancelled"):
            self._check_may_work()
            self.check_access("write")
            self._check_gate(state)
            # the clocks go on before they stop, else a rest would count as late
            self._set_waiting_for_customer(False)
        return super()._move(state, **values)

    def _moved(self, before, after):
        result = super()._moved(before, after)
        if after == "closed":
            self._judge_clocks()
            self._note_hours("hours_to_close", "closed_on", start="reopened_on" if self.reopened_on else "received_on")
            self._keep_closing()
            self._tell_closed()
        return result

    def _keep_closing(self):
        """Write down how the case was closed."""
        # the row follows the button
        self.env["commercial.complaint.closing"].sudo().create(
            {
                "complaint_id": self.id,
                "closing_round": self.reopen_count + 1,
                "closed_on": self.closed_on,
                "closed_uid": self.closed_uid.id,
                "verdict": self.verdict,
                "verdict_reason": self.verdict_reason,
                "verdict_uid": self.verdict_uid.id,
                "verdict_on": self.verdict_on,
                "resolution_deadline": self.resolution_deadline,
                "is_in_time": not self.resolution_deadline or self.closed_on <= self.resolution_deadline,
                "hours_to_close": self.hours_to_close,
                "paused_hours": self.paused_hours,
            }
        )

    # --- TELLING THE CUSTOMER ---

    def _get_closing_recipient(self):
        """Return the contact that is told; nobody without an address of mail."""
        self.ensure_one()
        return (
            self.partner_id if email_normalize(self.email_from or self.partner_id.email) else self.partner_id.browse()
        )

    def _get_closing_lang(self):
        self.ensure_one()
        installed = dict(self.env["res.lang"].get_installed())
        candidates = (self.lang, self.partner_id.lang, self.company_id.partner_id.lang, self.env.lang)
        return next((lang for lang in candidates if lang in installed), "en_US")

    def _tell_closed(self):
        """Tell the customer once that the case is closed, and ask what he thinks of it."""
        self.ensure_one()
        recipient = self._get_closing_recipient()
        if not recipient:
            self._message_log(body=self.env._("The customer was not told of the end: no e-mail address is known."))
            return
        lang = self._get_closing_lang()
        letter = self.with_context(lang=lang)._prepare_closing_letter()
        body = (
            self.env["ir.qweb"]
            .with_context(lang=lang)
            ._render("commercial_assistant.mail_complaint_closed", {"letter": letter})
        )
        # whoever may close the case may tell its customer
        dispatches_sudo = self.env["commercial.dispatch"].sudo()
        dispatches_sudo._reserve(
            [
                {
                    "company_id": self.company_id.id,
                    "partner_id": self.commercial_partner_id.id,
                    "contact_id": recipient.id,
                    "recipient_email": self.email_from or recipient.email,
                    "res_model": self._name,
                    "res_id": self.id,
                    "key": f"{self._name},{self.id},{self.reopen_count},closed",
                    "lang": lang,
                    "channel": "email",
                    "subject": letter["subject"],
                    "body": body,
                }
            ]
        )
        dispatches_sudo._trigger_send()

    def _asks_rating(self):
        """Tell whether the customer is asked what he thinks; never in a confidential case, where people are judged."""
        self.ensure_one()
        return self.company_id.sudo().complaint_asks_rating and not self.is_confidential

    def _prepare_closing_letter(self):
        """Return everything that stands in the message, in the language of the environment."""
        self.ensure_one()
        company_sudo = self.company_id.sudo()  # the letter head is meant to be told
        subject = self.env._("Your complaint %(number)s is closed", number=self.name)
        after = []
        if company_sudo.complaint_reopen_days:
            after.append(
                self.env._(
                    "If something is still not in order, answer this message by %(date)s: we then go on with the case.",
                    date=format_date(self.env, self.can_reopen_until),
                )
            )
        return {
            "subject": subject,
            "salutation": self.env._("Dear Sir or Madam,"),
            "before": [
                self.env._(
                    "We have closed your complaint “%(subject)s” of %(date)s.",
                    subject=self.subject,
                    date=format_date(self.env, core.local_day(self.received_on, self._get_clock_timezone())),
                )
            ],
            "done_title": self.env._("What was done:"),
            "done": self._get_done_texts(),
            "after": after,
            "rating_title": self.env._("How did we deal with your complaint?") if self._asks_rating() else False,
            "rates": self._prepare_rates() if self._asks_rating() else [],
            "valediction": self.env._("Yours faithfully,"),
            "signature": [line for line in (company_sudo.name, self.user_id.sudo().name) if line],
        }

    def _get_done_texts(self):
        """Return what was done, in words for the customer."""
        solutions_sudo = self.sudo().solution_ids.filtered(lambda solution: solution.state == "done")
        kinds = dict(solutions_sudo._fields["kind"]._description_selection(self.env))
        return [
            f"{kinds[solution.kind]}: {solution.description}" if solution.description else kinds[solution.kind]
            for solution in solutions_sudo
        ]

    def _prepare_rates(self):
        """Return the faces with their links and words."""
        token = self._rating_get_access_token(self._rating_get_partner())
        words = {5: self.env._("Well"), 3: self.env._("Fairly well"), 1: self.env._("Not well")}
        base_url = self.get_base_url()
        return [
            {
                "url": f"{base_url}/rate/{token}/{rate}",
                "image": f"{base_url}/rating/static/src/img/rating_{rate}.png",
                "word": words[rate],
            }
            for rate in RATES
        ]

    # --- RATING ---

    def _rating_get_parent_field_name(self):
        return "team_id"

    def _rating_get_partner(self):
        return self.partner_id

    def _rating_get_operator(self):
        # who worked on the case may be known to whoever closes it
        return self.user_id.sudo().partner_id or self.team_id.sudo().user_id.partner_id

    def action_view_ratings(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "rating.rating",
            "view_mode": "kanban,list,form",
            "domain": [("res_model", "=", self._name), ("res_id", "=", self.id), ("consumed", "=", True)],
            "name": self.env._("What the customer thinks"),
        }

    # --- OPENING AGAIN ---

    def _may_be_reopened(self):
        """Tell whether the closed case itself goes on, or a new one follows."""
        self.ensure_one()
        today = core.local_day(fields.Datetime.now(), self._get_clock_timezone())
        return self.state == "closed" and bool(self.can_reopen_until) and today <= self.can_reopen_until

    def action_ask_reopen(self):
        """Ask why."""
        self.ensure_one()
        self._check_may_work()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Open Again"),
            "res_model": "commercial.complaint.reopen",
            "view_mode": "form",
            "target": "new",
            "context": {"default_complaint_id": self.id},
        }

    def action_reopen(self, reason=None):
        """Go on with closed cases: the same one within the time of the settings, a new one that follows it later.

        :param str reason: why
        :return: an action that shows the cases that go on
        """
        self._check_may_work()
        self.check_access("write")
        going_on = self.browse()
        for complaint in self:
            if complaint.state != "closed":
                raise UserError(self.env._("%(complaint)s is not closed.", complaint=complaint.display_name))
            going_on |= complaint._reopen(reason) if complaint._may_be_reopened() else complaint._follow_up(reason)
        return going_on._get_records_action()

    def _reopen(self, reason=None):
        """Bring a closed case back to the investigation; what was measured stays in its closing."""
        self.ensure_one()
        now = fields.Datetime.now()
        # the last closing follows the button
        self.sudo().closing_ids.sorted("closing_round")[-1:].write(
            {"reopened_on": now, "reopened_uid": self.env.uid, "reopen_reason": reason or False}
        )
        self._move(
            "investigate",
            closed_on=False,
            closed_uid=False,
            reopened_on=now,
            reopen_count=self.reopen_count + 1,
            paused_hours=0.0,
        )
        self._message_log(
            body=self.env._("Opened again: %(reason)s", reason=reason or self.env._("the customer came back"))
        )
        self._plan_answer()
        return self

    def _follow_up(self, reason=None):
        """Return the new case that follows a closed one; while it is open it stays the same one."""
        self.ensure_one()
        # the case that goes on decides, not what this person may see
        known = self.sudo().child_ids.filtered(lambda child: child.state not in ("closed", "cancelled"))[:1]
        if known:
            return known.sudo(self.env.su)
        follow_up_sudo = self.sudo().create(self._prepare_follow_up_vals(reason))
        self._message_log(body=self.env._("Goes on as %(complaint)s.", complaint=follow_up_sudo._get_html_link()))
        follow_up_sudo._message_log(body=self.env._("Follows on %(complaint)s.", complaint=self._get_html_link()))
        follow_up_sudo._plan_answer()
        return follow_up_sudo.sudo(self.env.su)

    def _prepare_follow_up_vals(self, reason=None):
        self.ensure_one()
        line_fields = (
            "product_id",
            "lot_id",
            "quantity",
            "product_uom_id",
            "sale_line_id",
            "stock_move_id",
            "invoice_line_id",
            "name",
        )
        copied = ("company_id", "partner_id", "category_id", "team_id", "user_id")
        return {
            **{name: self[name].id for name in copied},
            "subject": self.env._("Follow-up of %(number)s: %(subject)s", number=self.name, subject=self.subject),
            "description": reason or False,
            "contact_name": self.contact_name,
            "email_from": self.email_from,
            "phone": self.phone,
            "lang": self.lang,
            "customer_kind": self.customer_kind,
            "severity": self.severity,
            "is_confidential": self.is_confidential,
            "parent_id": self.id,
            "line_ids": [
                fields.Command.create(line._convert_to_write({name: line[name] for name in line_fields}))
                for line in self.sudo().line_ids
            ],
        }

    def _plan_answer(self):
        """Whoever answers for the case sees that the customer is back."""
        self.ensure_one()
        user = self.user_id or self.team_id.user_id
        if self._may_be_seen_by(user):
            # the task may be for somebody else
            self.sudo().activity_schedule(
                "commercial_assistant.mail_activity_type_complaint_hand_over",
                summary=self.env._("The customer came back"),
                user_id=user.id,
            )

    def _customer_replied(self, reason=None):
        """The customer wrote or called about these cases: clocks that waited for him go on, closed cases too.

        Called by the mail gateway and the portal when a message of the customer arrives. A case that waits for him
        stops resting. A closed one is opened again within the time of the settings; later a new one follows it, and a
        second message finds that same new case. A cancelled one stays as it is.

        :param str reason: stands in the history of a case that is opened again
        :return: the cases that go on, where the message belongs
        """
        super()._customer_replied(reason)
        going_on = self.browse()
        # the customer moves the case, whoever delivers his message
        for complaint_sudo in self.sudo():
            if complaint_sudo.state == "closed":
                words = reason or complaint_sudo.env._("answer of the customer")
                case = (
                    complaint_sudo._reopen(words)
                    if complaint_sudo._may_be_reopened()
                    else complaint_sudo._follow_up(words)
                )
            else:
                case = complaint_sudo
                complaint_sudo._set_waiting_for_customer(False)
            going_on |= case.sudo(self.env.su)
        return going_on
