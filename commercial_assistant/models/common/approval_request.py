from odoo import api, fields, models
from odoo.exceptions import AccessError, LockError, UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL, plaintext2html

from . import stored_value


class CommercialApprovalRequest(models.Model):
    _name = "commercial.approval.request"
    _description = "Approval Request"
    _inherit = ["commercial.record.link", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True
    _mail_post_access = "read"
    _record_mixin = "commercial.approval.mixin"

    # without a rule: the team lead decides within two working days
    _default_deadline_hours = 16

    name = fields.Char(
        string="Number",
        required=True,
        readonly=True,
        copy=False,
        index="trigram",
        default="/",
    )
    purpose = fields.Selection(
        selection="_selection_purpose",
        required=True,
        readonly=True,
    )
    rule_id = fields.Many2one(
        comodel_name="commercial.approval.rule",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="Empty: no rule applied, so a team lead decides.",
    )
    round = fields.Integer(
        readonly=True,
        default=1,
        help="How often this was asked for the same record.",
        aggregator=None,
    )
    requester_id = fields.Many2one(
        comodel_name="res.users",
        string="Requested By",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.user,
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        readonly=True,
        index="btree_not_null",
    )
    record_label = fields.Char(
        string="About",
        readonly=True,
        help="The name of the record when the approval was asked for.",
    )
    currency_id = fields.Many2one(
        comodel_name="res.currency",
        readonly=True,
    )
    amount = fields.Monetary(
        readonly=True,
        aggregator=None,
        help="Never added up: requests can be in different currencies.",
    )
    reason = fields.Text(
        required=True,
        readonly=True,
    )
    snapshot = fields.Json(
        readonly=True,
        copy=False,
    )
    snapshot_html = fields.Html(
        string="What Is Approved",
        compute="_compute_snapshot_html",
        sanitize=False,
    )
    state = fields.Selection(
        selection=[
            ("pending", "To decide"),
            ("approved", "Approved"),
            ("refused", "Refused"),
            ("voided", "No longer valid"),
            ("cancelled", "Withdrawn"),
        ],
        required=True,
        readonly=True,
        copy=False,
        default="pending",
        tracking=True,
        index=True,
    )
    cause = fields.Selection(
        selection=[
            ("withdrawn", "It was withdrawn."),
            ("changed", "What was asked for has changed since."),
            ("deleted", "The record was deleted."),
            ("merged", "The record was merged with another one."),
            ("other", "It is no longer needed."),
        ],
        readonly=True,
        copy=False,
        help="Why the request was withdrawn or lost its force.",
    )
    state_reason = fields.Text(
        string="Explanation",
        readonly=True,
        copy=False,
        help="What the person who decided last said about it.",
    )
    closed_on = fields.Datetime(
        readonly=True,
        copy=False,
    )
    step_ids = fields.One2many(
        comodel_name="commercial.approval.step",
        inverse_name="request_id",
        string="Steps",
        copy=False,
    )
    decision_ids = fields.One2many(
        comodel_name="commercial.approval.decision",
        inverse_name="request_id",
        string="Decisions",
        copy=False,
    )
    current_step_id = fields.Many2one(
        comodel_name="commercial.approval.step",
        compute="_compute_current_step_id",
        store=True,
    )
    deadline = fields.Datetime(
        related="current_step_id.deadline",
        store=True,
    )
    is_late = fields.Boolean(
        compute="_compute_is_late",
        search="_search_is_late",
    )
    can_decide = fields.Boolean(
        string="For Me to Decide",
        compute="_compute_can_decide",
        search="_search_can_decide",
    )
    can_cancel = fields.Boolean(compute="_compute_can_cancel")

    _one_pending = models.UniqueIndex(
        "(res_model, res_id, purpose) WHERE state = 'pending'",
        "This approval has been asked for already.",
    )

    # --- COMPUTE ---

    @api.model
    def _selection_purpose(self):
        return self.env["commercial.approval.rule"]._selection_purpose()

    @api.depends("step_ids.state")
    def _compute_current_step_id(self):
        for request in self:
            request.current_step_id = request.step_ids.filtered(lambda step: step.state == "pending")[:1]

    @api.depends("deadline", "state")
    def _compute_is_late(self):
        now = fields.Datetime.now()
        for request in self:
            request.is_late = bool(request.state == "pending" and request.deadline and request.deadline < now)

    def _search_is_late(self, operator, value):
        if operator != "in" or True not in value:
            return NotImplemented
        return Domain("state", "=", "pending") & Domain("deadline", "<", fields.Datetime.now())

    @api.depends_context("uid")
    @api.depends("state", "current_step_id", "decision_ids.user_id")
    def _compute_can_decide(self):
        for request in self:
            step_sudo = request.sudo().current_step_id
            request.can_decide = bool(
                request.state == "pending"
                and step_sudo
                and self.env.user in step_sudo._get_deciders()
                and self.env.user not in step_sudo.decision_ids.user_id
            )

    def _search_can_decide(self, operator, value):
        if operator != "in" or True not in value:
            return NotImplemented
        pending = self.search([("state", "=", "pending")])
        return Domain("id", "in", pending.filtered("can_decide").ids)

    @api.depends_context("uid")
    @api.depends("state", "requester_id")
    def _compute_can_cancel(self):
        is_lead = self.env.user.has_group("commercial_assistant.group_team_lead")
        for request in self:
            request.can_cancel = request.state == "pending" and (is_lead or request.requester_id == self.env.user)

    @api.depends_context("lang")
    @api.depends("snapshot", "state")
    def _compute_snapshot_html(self):
        for request in self:
            request.snapshot_html = self.env["ir.qweb"]._render(
                "commercial_assistant.approval_snapshot", {"lines": request._get_snapshot_lines()}
            )

    @api.depends_context("lang")
    @api.depends("name", "record_label")
    def _compute_display_name(self):
        for request in self:
            request.display_name = f"{request.name} {request.record_label or ''}".strip()

    # --- CRUD ---

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                sequence = self.env["ir.sequence"].with_company(vals.get("company_id"))
                vals["name"] = sequence.next_by_code("commercial.approval.request") or "/"
        return super().create(vals_list)

    # --- ACCESS ---

    @api.model
    def _get_own_domain(self):
        """Requesters and approvers read the request also when the record itself is out of their reach."""
        user = self.env.user
        principals = user | self.env["res.users"].sudo().search([("substitute_id", "=", user.id)])
        groups = principals.sudo().all_group_ids
        steps = (
            Domain("user_ids", "in", principals.ids)
            | Domain("group_id", "in", groups.ids)
            | Domain("substitute_id", "=", user.id)
            | Domain("decision_ids.user_id", "=", user.id)
        )
        # sudo: the rules of the steps would ask for the request again
        query = self.env["commercial.approval.step"].sudo()._search(steps)
        return Domain("requester_id", "=", user.id) | Domain(
            "id", "in", query.subselect(SQL.identifier(query.table, "request_id"))
        )

    # --- ACTIONS ---

    def action_approve(self):
        """Approve these requests; what could not be decided because it changed is told."""
        results = [request._decide("approved") for request in self]
        return next((result for result in results if isinstance(result, dict)), True)

    def action_approve_with_comment(self):
        return self._get_decide_action("approved")

    def action_refuse(self):
        return self._get_decide_action("refused")

    def action_cancel(self):
        for request in self:
            request.check_access("read")
            if request.state == "cancelled":
                continue
            if request.state != "pending":
                raise UserError(
                    self.env._("%(request)s is decided already and cannot be withdrawn.", request=request.name)
                )
            if not request.can_cancel:
                raise AccessError(
                    self.env._("Only %(user)s or a team lead can withdraw this.", user=request.requester_id.name)
                )
            request.sudo()._close("cancelled", cause="withdrawn")
        return True

    def _get_decide_action(self, decision):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Approve") if decision == "approved" else self.env._("Refuse"),
            "res_model": "commercial.approval.decide",
            "view_mode": "form",
            "target": "new",
            "context": {"default_request_id": self.id, "default_decision": decision},
        }

    # --- OPENING ---

    @api.model
    def _open(self, record, purpose, reason, amount, currency):
        """A new request on `record`, with the steps of the rule that applies."""
        company = record._get_approval_company()
        partner = record._get_approval_partner()
        if amount is not None and not currency:
            currency = company.currency_id
        # sudo: whoever may read a record may ask; nobody may write a request
        record_sudo = record.sudo().with_company(company)
        rule_sudo = (
            self.env["commercial.approval.rule"]
            .sudo()
            ._find(record_sudo, purpose, company, partner.sudo(), amount, currency)
        )
        previous = self.sudo().search_count(
            [("res_model", "=", record._name), ("res_id", "=", record.id), ("purpose", "=", purpose)]
        )
        steps = [step._prepare_step_vals() for step in rule_sudo.step_ids] or [self._prepare_default_step_vals()]
        request_sudo = self.sudo().create(
            {
                "res_model": record._name,
                "res_id": record.id,
                "record_label": record_sudo.display_name,
                "company_id": company.id,
                "partner_id": partner.id,
                "purpose": purpose,
                "rule_id": rule_sudo.id,
                "round": previous + 1,
                "requester_id": self.env.uid,
                "amount": amount or 0.0,
                "currency_id": currency.id if currency else False,
                "reason": reason,
                "snapshot": record_sudo._normalise_snapshot(record_sudo._get_approval_snapshot(purpose)),
                "step_ids": [Command.create(vals) for vals in steps],
            }
        )
        for step_sudo in request_sudo.step_ids:
            request_sudo._check_deciders(step_sudo)
        request_sudo.step_ids[:1]._activate()
        return request_sudo

    @api.model
    def _prepare_default_step_vals(self):
        return {
            "name": self.env._("Team lead"),
            "group_id": self.env.ref("commercial_assistant.group_team_lead").id,
            "quorum": 1,
            "deadline_hours": self._default_deadline_hours,
        }

    def _check_deciders(self, step):
        missing = step.quorum - len(step._get_deciders())
        if missing > 0:
            raise UserError(
                self.env._(
                    "Nobody can decide the step “%(step)s” in %(company)s: %(user)s asks, and %(missing)s more "
                    "approver or team lead with access to this company is needed. Ask your administrator to name one.",
                    step=step.name,
                    company=self.company_id.name,
                    user=self.requester_id.name,
                    missing=missing,
                )
            )

    # --- DECIDING ---

    def _decide(self, decision, comment=None):
        """The decision of the user on the current step; the last approval carries out what was asked."""
        self.ensure_one()
        self.check_access("read")
        request_sudo = self.sudo()  # deciding is the only way to write on a request
        try:
            request_sudo.lock_for_update(allow_referencing=True)
        except LockError as error:
            raise UserError(
                self.env._("Somebody else is deciding on %(request)s right now. Look again.", request=self.name)
            ) from error
        if self.state != "pending":
            if self.state == decision:
                return True
            raise UserError(
                self.env._(
                    "%(request)s cannot be decided any more: %(state)s. %(cause)s",
                    request=self.name,
                    state=self._get_label("state"),
                    cause=self._get_label("cause") or self.state_reason or "",
                ).strip()
            )
        step_sudo = request_sudo.current_step_id
        substituted = self._get_principal(step_sudo)
        if decision == "refused" and not (comment or "").strip():
            raise UserError(self.env._("Say why you refuse: the person who asked needs to know."))
        if not request_sudo._is_snapshot_valid():
            request_sudo._void("changed")
            return self._get_voided_notification()
        if self.env.user in step_sudo.decision_ids.user_id:
            return True
        self.env["commercial.approval.decision"].sudo().create(
            {
                "step_id": step_sudo.id,
                "user_id": self.env.uid,
                "substituted_id": substituted.id,
                "decided_on": fields.Datetime.now(),
                "decision": decision,
                "comment": (comment or "").strip(),
            }
        )
        request_sudo.activity_unlink([self._activity_xmlid()], user_id=self.env.uid)
        request_sudo._post_decision(step_sudo, decision, comment, substituted)
        if decision == "refused":
            step_sudo.state = "refused"
            request_sudo._close("refused", comment)
        elif step_sudo._is_complete():
            step_sudo.state = "approved"
            request_sudo.activity_unlink([self._activity_xmlid()])
            following = request_sudo.step_ids.filtered(lambda step: step.state == "waiting")[:1]
            if following:
                following._activate()
            else:
                request_sudo._close("approved", comment)
        return True

    def _post_decision(self, step, decision, comment, substituted):
        values = {"step": step.name, "absent": substituted.sudo().name, "comment": (comment or "").strip()}
        if decision == "approved":
            body = self.env._("%(step)s: approved.", **values)
        else:
            body = self.env._("%(step)s: refused.", **values)
        if substituted:
            body += " " + self.env._("In place of %(absent)s, who is out of office.", **values)
        if values["comment"]:
            body += "\n" + values["comment"]
        self.message_post(body=body, subtype_xmlid="mail.mt_note")

    def _get_principal(self, step):
        """The absent approver in whose place the user decides, or an empty user; says why the user may not decide."""
        deciders = step._get_deciders()
        if self.env.user in deciders:
            return deciders[self.env.user]
        if self.env.user == self.requester_id:
            raise AccessError(
                self.env._("You asked for %(request)s yourself: somebody else decides.", request=self.name)
            )
        raise AccessError(
            self.env._(
                "You cannot decide on %(request)s. It waits for: %(names)s.",
                request=self.name,
                names=", ".join(user.sudo().name for user in deciders) or "-",
            )
        )

    def _get_voided_notification(self):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "message": self.env._(
                    "Nothing was decided: the values have changed since the approval was asked for. "
                    "It must be asked for again."
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    # --- CLOSING ---

    def _close(self, state, reason=None, cause=None):
        """End the pending request, tell the requester, and let the record act on it."""
        self.ensure_one()
        self.step_ids.filtered(lambda step: step.state in ("waiting", "pending")).write({"state": "skipped"})
        self.write(
            {"state": state, "state_reason": reason or False, "cause": cause, "closed_on": fields.Datetime.now()}
        )
        self.activity_unlink([self._activity_xmlid()])
        self._call_record(state)
        if state in ("approved", "refused", "voided"):
            self._notify_users((self.requester_id - self.env.user).filtered("active"), state)

    def _void(self, cause, reason=None):
        """What was asked or approved is no longer what it was.

        :param cause: a value of the field `cause`
        """
        for request in self.filtered(lambda request: request.state in ("pending", "approved")):
            request._close("voided", reason, cause)

    def _call_record(self, state):
        record = self._get_record()
        method = {
            "approved": "_approval_approved",
            "refused": "_approval_refused",
            "voided": "_approval_voided",
        }.get(state)
        if record and method:
            record = record.with_context(commercial_assistant_approval_running=self.id)
            getattr(record, method)(self.with_env(record.env))

    def _get_record(self):
        record = super()._get_record()
        return record and record.with_company(self.company_id)

    def _is_snapshot_valid(self):
        self.ensure_one()
        record = self._get_record()
        if not record:
            return False
        return record._is_approval_still_valid(
            self, record._normalise_snapshot(record._get_approval_snapshot(self.purpose))
        )

    def _get_snapshot_lines(self):
        """What was asked for and, while it is live, where the record differs by now."""
        self.ensure_one()
        request_sudo = self.sudo()
        record = request_sudo._get_record()
        current = {}
        if record and self.state in ("pending", "approved"):
            current = record._normalise_snapshot(record._get_approval_snapshot(self.purpose))
        lines = []
        for key, value in (self.snapshot or {}).items():
            is_changed = bool(current) and current.get(key) != value
            lines.append(
                {
                    "label": record._get_approval_snapshot_label(key) if record else key,
                    "value": stored_value.show(self.env, value),
                    "current": stored_value.show(self.env, current.get(key)) if is_changed else False,
                }
            )
        return lines

    # --- NOTIFYING ---

    @api.model
    def _activity_xmlid(self):
        return "commercial_assistant.mail_activity_type_approval"

    def _schedule_activities(self):
        """One activity for each person who may decide now and was not told yet; Odoo mails it to them."""
        self.ensure_one()
        step = self.current_step_id
        users = self._get_undecided(step) - step.notified_ids
        if not users:
            return
        today = fields.Date.context_today(self)
        for user in users:
            request = self.with_context(lang=user.sudo().lang)
            request.activity_schedule(
                self._activity_xmlid(),
                date_deadline=max(today, step.deadline.date()) if step.deadline else today,
                summary=request._get_label("purpose"),
                note=plaintext2html(request.reason),
                user_id=user.id,
            )
        step.notified_ids |= users.sudo(self.env.su)

    def _get_label(self, name):
        """The words of a selection field, in the language of the environment."""
        self.ensure_one()
        return dict(self._fields[name]._description_selection(self.env)).get(self[name], "")

    def _notify_users(self, users, event):
        """Tell users what happened or what waits, each in their own language."""
        self.ensure_one()
        for lang, group in users.sudo().grouped("lang").items():
            request = self.with_context(lang=lang or self.env.lang)
            body = request.env["ir.qweb"]._render(
                "commercial_assistant.approval_notification", request._prepare_notification_values(event)
            )
            request.message_notify(
                partner_ids=group.partner_id.ids,
                subject=request._get_notification_subject(event),
                body=body,
                email_layout_xmlid="mail.mail_notification_layout",
            )

    def _prepare_notification_values(self, event):
        return {
            "approval": self,
            "event": event,
            "purpose": self._get_label("purpose"),
            "cause": self._get_label("cause"),
            "deciders": ", ".join(self.decision_ids.mapped("display_name")),
        }

    def _get_notification_subject(self, event):
        values = {"number": self.name, "about": self.record_label or ""}
        if event == "approved":
            return self.env._("Approved: %(number)s %(about)s", **values)
        if event == "refused":
            return self.env._("Refused: %(number)s %(about)s", **values)
        if event == "voided":
            return self.env._("No longer valid: %(number)s %(about)s", **values)
        return self.env._("Waits for your decision: %(number)s %(about)s", **values)

    # --- CRON ---

    @api.model
    def _cron_remind(self):
        """Remind the approvers of a late step once; a second term later let the team leads decide too, once.

        Whoever may decide since the last time (the substitute of somebody who left today) is told, too.
        """
        now = fields.Datetime.now()
        pending = self.search([("state", "=", "pending")])
        self.env["ir.cron"]._commit_progress(remaining=len(pending))
        for request in pending:
            if request.try_lock_for_update(allow_referencing=True):
                request._remind(now)
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _remind(self, now):
        self.ensure_one()
        step = self.current_step_id
        if self.state != "pending" or not step:
            return
        if step.deadline and step.deadline < now:
            if not step.reminded_on:
                step.reminded_on = now
                self._notify_users(self._get_undecided(step), "remind")
            elif not step.escalated_on and step._get_deadline(step.deadline) < now:
                step.escalated_on = now
        self._schedule_activities()

    def _get_undecided(self, step):
        deciders = self.env["res.users"].union(*step._get_deciders())
        return deciders - step.decision_ids.user_id
