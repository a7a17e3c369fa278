from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import formatLang

REASONS = [
    ("clock", "A term ran out"),
    ("amount", "High amount"),
    ("danger", "Danger"),
    ("threat", "Threat"),
    ("manual", "Question"),
    ("refused_twice", "Proposal refused twice"),
]
LEVELS = [
    ("1", "Team leader"),
    ("2", "Management"),
]
ACTIVITY = "commercial_assistant.mail_activity_type_escalation"


class Escalation(models.Model):
    """A complaint that needs a word of the manager: why, what is asked, what he said. Never a state of it."""

    _name = "commercial.escalation"
    _description = "Escalation of a Complaint"
    _order = "answered_on desc, level desc, opened_on, id"
    _rec_name = "complaint_id"
    _check_company_auto = True

    complaint_id = fields.Many2one(
        comodel_name="commercial.complaint",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="complaint_id.company_id", store=True, index=True)
    is_confidential = fields.Boolean(related="complaint_id.is_confidential", store=True)
    partner_id = fields.Many2one(related="complaint_id.partner_id")
    team_id = fields.Many2one(related="complaint_id.team_id", store=True, index="btree_not_null")
    responsible_id = fields.Many2one(related="complaint_id.user_id", string="Responsible")
    severity = fields.Selection(related="complaint_id.severity")
    complaint_state = fields.Selection(related="complaint_id.state", string="State of the complaint")
    reason = fields.Selection(selection=REASONS, required=True, readonly=True)
    level = fields.Selection(selection=LEVELS, required=True, readonly=True, default="1")
    key = fields.Char(readonly=True, help="Tells several escalations for the same reason apart.")
    question = fields.Text(readonly=True, help="What a person asks, or what happened, in his words.")
    text = fields.Text(
        string="What it is about",
        compute="_compute_text",
        help="What a person asks; where the program asks, in the language of whoever reads it.",
    )
    due_on = fields.Datetime(string="Due", readonly=True, help="The end of the term that ran out.")
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(readonly=True, help="What was at stake.")
    answer = fields.Text(help="Goes to whoever asked.")
    from_user_id = fields.Many2one(
        comodel_name="res.users",
        string="Asked by",
        readonly=True,
        index="btree_not_null",
        help="Empty: the program, because of a term or an amount.",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Manager",
        readonly=True,
        index="btree_not_null",
    )
    state = fields.Selection(
        selection=[("open", "Waits for an answer"), ("answered", "Answered")],
        compute="_compute_state",
        store=True,
    )
    opened_on = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    notified_on = fields.Datetime(readonly=True, help="When the manager got his task.")
    answered_on = fields.Datetime(readonly=True)
    answered_uid = fields.Many2one(comodel_name="res.users", string="Answered by", readonly=True)

    _once = models.UniqueIndex(
        "(complaint_id, reason, COALESCE(key, ''))", "The complaint was escalated for this reason already."
    )
    _waiting = models.Index("(id) WHERE notified_on IS NULL AND answered_on IS NULL")

    # --- COMPUTE ---

    @api.depends("answered_on")
    def _compute_state(self):
        for escalation in self:
            escalation.state = "answered" if escalation.answered_on else "open"

    @api.depends("complaint_id.display_name", "reason")
    def _compute_display_name(self):
        reasons = dict(self._fields["reason"]._description_selection(self.env))
        for escalation in self:
            escalation.display_name = f"{escalation.complaint_id.name}: {reasons.get(escalation.reason, '')}"

    @api.depends("question", "reason", "key", "due_on", "amount")
    @api.depends_context("lang")
    def _compute_text(self):
        for escalation in self:
            escalation.text = escalation.question or escalation._describe()

    def _describe(self):
        """Say why the program hands the complaint over."""
        self.ensure_one()
        if self.reason == "danger":
            return self.env._("Somebody can be hurt. What do we stop, call back or warn about?")
        if self.reason == "amount":
            amount = formatLang(self.env, self.amount, currency_obj=self.currency_id)
            return self.env._("%(amount)s is at stake.", amount=amount)
        if self.reason == "threat":
            return self.env._("The customer threatens.")
        if self.reason == "refused_twice":
            return self.env._("The customer refused our proposal for the second time.")
        if self.reason == "clock" and self.due_on:
            return self.complaint_id._describe_breach(self.key, self.due_on)
        return False

    # --- CRUD ---

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("A complaint is escalated from the complaint."))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            if vals.keys() - {"answer"}:
                raise AccessError(self.env._("An escalation follows its buttons."))
            self._check_may_answer()
            if any(escalation.state == "answered" for escalation in self):
                raise UserError(self.env._("This escalation is answered already."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_never(self):
        raise UserError(self.env._("An escalation is answered, never deleted."))

    # --- ANSWERING ---

    def _check_may_answer(self):
        """Managers answer: the one who is asked, and team leads."""
        if self.env.su or self.env.user.has_group("commercial_assistant.group_team_lead"):
            return
        if any(escalation.user_id != self.env.user for escalation in self):
            raise AccessError(self.env._("An escalation is answered by a manager."))

    def action_answer(self):
        """Send the answer to whoever asked; the task of the manager is done."""
        self.check_access("read")
        self._check_may_answer()
        for escalation in self:
            if escalation.state == "answered":
                continue  # twice clicked
            if not (escalation.answer or "").strip():
                raise UserError(self.env._("Write the answer first."))
            escalation._close()
        return True

    def action_agree(self):
        """Answer with one click: go on as you propose."""
        self.check_access("read")
        self._check_may_answer()
        for escalation in self.filtered(lambda escalation: escalation.state == "open"):
            asker = escalation._get_asker()
            spoken = self.with_context(lang=asker.sudo().lang or self.env.lang)
            # the answer is written by the button, in the name of the manager
            escalation.sudo().answer = escalation.answer or spoken.env._("Agreed, go on like this.")
            escalation._close()
        return True

    def _get_asker(self):
        """Return who gets the answer: the one who asked, else the one who answers for the complaint."""
        self.ensure_one()
        return self.from_user_id or self.complaint_id.user_id

    def _close(self):
        self.ensure_one()
        # the stamps are written by the button, in the name of the manager
        self.sudo().write({"answered_on": fields.Datetime.now(), "answered_uid": self.env.uid})
        complaint = self.complaint_id
        complaint_sudo = complaint.sudo()
        asker = self._get_asker()
        if not complaint._may_be_seen_by(asker):
            asker = asker.browse()
        body = self.env._(
            "Answer to “%(question)s”: %(answer)s", question=self.text or self.display_name, answer=self.answer
        )
        complaint_sudo.message_post(
            body=body,
            author_id=self.env.user.partner_id.id,
            partner_ids=(asker - self.env.user).sudo().partner_id.ids,
            subtype_xmlid="mail.mt_note",
        )
        if not complaint_sudo.escalation_ids.filtered(lambda other: other.state == "open"):
            complaint_sudo.activity_unlink([ACTIVITY])

    def action_open_complaint(self):
        self.ensure_one()
        return self.complaint_id._get_records_action()

    # --- TELLING THE MANAGER ---

    def _notify(self):
        """Give the managers their task, once for each complaint; the next question of the same one joins it."""
        kind = self.env.ref(ACTIVITY, raise_if_not_found=False)
        now = fields.Datetime.now()
        escalations_sudo = self.sudo().filtered(lambda escalation: not escalation.notified_on)
        if not escalations_sudo:
            return
        activities_sudo = self.env["mail.activity"].sudo()
        reasons = defaultdict(dict)
        busy = set()
        if kind:
            domain = [
                ("res_model", "=", "commercial.complaint"),
                ("res_id", "in", escalations_sudo.complaint_id.ids),
                ("activity_type_id", "=", kind.id),
            ]
            busy = {
                (activity.res_id, activity.user_id)
                for activity in activities_sudo.search_fetch(domain, ["res_id", "user_id"])
            }
        model_id = self.env["ir.model"]._get_id("commercial.complaint")
        vals_list = []
        for escalation in escalations_sudo:
            user = escalation.user_id
            if not kind or not user or (escalation.complaint_id.id, user) in busy:
                continue
            busy.add((escalation.complaint_id.id, user))
            spoken = escalation.with_context(lang=user.lang or self.env.lang)
            if spoken.env.lang not in reasons:
                reasons[spoken.env.lang] = dict(self._fields["reason"]._description_selection(spoken.env))
            vals_list.append(
                {
                    "activity_type_id": kind.id,
                    "automated": True,
                    "res_model_id": model_id,
                    "res_id": escalation.complaint_id.id,
                    "user_id": user.id,
                    "date_deadline": fields.Date.context_today(spoken.with_context(tz=user.tz)),
                    "summary": reasons[spoken.env.lang][escalation.reason],
                    "note": spoken.text,
                }
            )
        activities_sudo.with_context(mail_activity_quick_update=True).create(vals_list)
        escalations_sudo.write({"notified_on": now})

    @api.model
    def _get_waiting(self):
        """Return what managers have not heard of, in working time only: nobody is called at night by a clock."""
        now = fields.Datetime.now()
        waiting = self.search(Domain("notified_on", "=", False) & Domain("answered_on", "=", False))
        working_hours = waiting.complaint_id._get_working_hours()
        return waiting.filtered(lambda escalation: working_hours[escalation.complaint_id].is_working(now))
