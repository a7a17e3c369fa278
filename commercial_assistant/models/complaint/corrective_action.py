from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date, format_list

from ..dunning.activities import plan_activities

STATES = [
    ("open", "To do"),
    ("done", "Done, effect to be checked"),
    ("closed", "Closed"),
    ("cancelled", "Cancelled"),
]
TRANSITIONS = {
    "open": {"done", "cancelled"},
    "done": {"open", "closed", "cancelled"},
    "closed": set(),
    "cancelled": {"open"},
}
TYPES = [
    ("containment", "Containment: stop the damage now"),
    ("correction", "Correction: mend this case"),
    ("corrective", "Corrective: take the cause away"),
    ("preventive", "Preventive: keep it from happening elsewhere"),
]
RESULTS = [
    ("effective", "Effective"),
    ("partly", "Effective in part"),
    ("ineffective", "Not effective"),
]
CHECK_DAYS = 30
ACTIVITY_DUE = "commercial_assistant.mail_activity_type_corrective_due"
ACTIVITY_CHECK = "commercial_assistant.mail_activity_type_corrective_check"


class CorrectiveAction(models.Model):
    """What is done so that a complaint does not come back, and the proof that it helped."""

    _name = "commercial.corrective.action"
    _description = "Corrective Action"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date_due, id"
    _check_company_auto = True
    _rec_names_search = ["name", "title"]

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/")
    title = fields.Char(string="Action", required=True, tracking=True)
    description = fields.Text(string="What is to be done")
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, index=True, default=lambda self: self.env.company
    )
    type = fields.Selection(selection=TYPES, required=True, default="corrective", tracking=True)
    complaint_ids = fields.Many2many(
        comodel_name="commercial.complaint",
        relation="commercial_corrective_action_complaint_rel",
        column1="action_id",
        column2="complaint_id",
        string="Complaints",
        check_company=True,
    )
    issue_id = fields.Many2one(
        comodel_name="commercial.recurring.issue",
        string="Recurring issue",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    cause_id = fields.Many2one(
        comodel_name="commercial.complaint.cause", index="btree_not_null", ondelete="restrict", string="Root cause"
    )
    why_ids = fields.One2many(
        comodel_name="commercial.complaint.why", inverse_name="action_id", string="Five times why", copy=True
    )
    is_confidential = fields.Boolean(compute="_compute_is_confidential", store=True, string="Confidential")
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Owner",
        required=True,
        index=True,
        check_company=True,
        domain=[("share", "=", False)],
        default=lambda self: self.env.user,
        tracking=True,
    )
    date_due = fields.Date(required=True, default=lambda self: fields.Date.context_today(self), tracking=True)
    done_on = fields.Date(readonly=True, copy=False)
    done_uid = fields.Many2one(comodel_name="res.users", string="Done by", readonly=True, copy=False)
    done_note = fields.Text(string="What was done", copy=False)
    # the effect
    date_check = fields.Date(
        string="Check the effect on",
        compute="_compute_date_check",
        store=True,
        readonly=False,
        help="A month after the action is due unless another day is chosen.",
    )
    checker_id = fields.Many2one(
        comodel_name="res.users",
        string="Effect checked by",
        index="btree_not_null",
        check_company=True,
        domain=[("share", "=", False)],
        help="Not the owner of the action. Empty: the team lead.",
    )
    check_result = fields.Selection(selection=RESULTS, copy=False, tracking=True, string="Effect")
    check_note = fields.Text(string="How that was seen", copy=False)
    checked_on = fields.Date(readonly=True, copy=False)
    checked_uid = fields.Many2one(comodel_name="res.users", string="Checked by", readonly=True, copy=False)
    parent_id = fields.Many2one(
        comodel_name="commercial.corrective.action",
        string="Follows on",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    child_ids = fields.One2many(
        comodel_name="commercial.corrective.action", inverse_name="parent_id", string="Followed by"
    )
    state = fields.Selection(
        selection=STATES, required=True, readonly=True, copy=False, index=True, tracking=True, default="open"
    )
    is_overdue = fields.Boolean(string="Overdue", compute="_compute_is_overdue", search="_search_is_overdue")
    is_automatic = fields.Boolean(readonly=True, copy=False, help="Made by the program, because of danger.")
    due_task_on = fields.Date(readonly=True, copy=False, help="When the owner was reminded.")
    check_task_on = fields.Date(readonly=True, copy=False, help="When the check of the effect was asked for.")

    _number_unique = models.UniqueIndex("(company_id, name) WHERE name <> '/'", "This number is in use already.")
    _open = models.Index("(date_due) WHERE state IN ('open', 'done')")

    # --- COMPUTE ---

    @api.depends("complaint_ids.is_confidential")
    def _compute_is_confidential(self):
        for action in self:
            action.is_confidential = any(action.sudo().complaint_ids.mapped("is_confidential"))

    @api.depends("date_due")
    def _compute_date_check(self):
        for action in self:
            if not action.date_check and action.date_due:
                action.date_check = fields.Date.add(action.date_due, days=CHECK_DAYS)

    @api.depends("state", "date_due", "date_check")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for action in self:
            due = {"open": action.date_due, "done": action.date_check}.get(action.state)
            action.is_overdue = bool(due and due < today)

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._get_overdue_domain(fields.Date.context_today(self))

    @api.model
    def _get_overdue_domain(self, day):
        return (Domain("state", "=", "open") & Domain("date_due", "<", day)) | (
            Domain("state", "=", "done") & Domain("date_check", "<", day)
        )

    @api.depends("name", "title")
    def _compute_display_name(self):
        for action in self:
            action.display_name = f"{action.name} {action.title or ''}".strip()

    # --- CONSTRAINTS ---

    @api.constrains("user_id", "checker_id")
    def _check_checker(self):
        for action in self:
            if action.checker_id and action.checker_id == action.user_id:
                raise ValidationError(self.env._("The effect is checked by somebody else than the owner."))

    @api.constrains("date_due", "date_check")
    def _check_days(self):
        for action in self:
            if action.date_check and action.date_check < action.date_due:
                raise ValidationError(self.env._("The effect cannot be checked before the action is due."))

    # --- CRUD ---

    @api.model
    def _get_protected_fields(self):
        """What only the buttons write."""
        return {
            "check_task_on",
            "checked_on",
            "checked_uid",
            "done_on",
            "done_uid",
            "due_task_on",
            "is_automatic",
            "name",
            "parent_id",
            "state",
        }

    @api.model_create_multi
    def create(self, vals_list):
        stamps = self._get_protected_fields() - {"name", "state"}
        for vals in vals_list:
            if not self.env.su and (stamps & vals.keys() or vals.get("state", "open") != "open"):
                raise AccessError(self.env._("The state of an action follows its buttons."))
            if vals.get("name", "/") == "/":
                sequence = self.env["ir.sequence"].with_company(vals.get("company_id") or self.env.company.id)
                vals["name"] = sequence.next_by_code("commercial.corrective.action") or "/"
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and self._get_protected_fields() & vals.keys():
            raise AccessError(self.env._("The state of an action follows its buttons."))
        if state := vals.get("state"):
            self._check_transition(state)
        elif not vals.keys().isdisjoint({"title", "type", "user_id", "date_due", "check_result", "check_note"}):
            self._check_not_closed()
        if vals.get("date_due"):
            vals = vals | {"due_task_on": False}
        if vals.get("date_check"):
            vals = vals | {"check_task_on": False}
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_never(self):
        raise UserError(self.env._("An action is cancelled, never deleted."))

    # --- GATES ---

    def _check_not_closed(self):
        for action in self:
            if action.state == "closed":
                raise UserError(self.env._("%(action)s is closed.", action=action.display_name))

    def _check_transition(self, state):
        states = dict(self._fields["state"]._description_selection(self.env))
        for action in self.filtered(lambda action: action.state != state):
            if state not in TRANSITIONS[action.state]:
                raise UserError(
                    self.env._(
                        "%(action)s is in “%(state)s” and cannot go to “%(new_state)s”.",
                        action=action.display_name,
                        state=states[action.state],
                        new_state=states[state],
                    )
                )

    def _get_missing(self, state):
        """What is missing before the action may go to ``state``: a list of phrases."""
        self.ensure_one()
        gate = getattr(self, f"_get_missing_for_{state}", None)
        return gate() if gate else []

    def _get_missing_for_done(self):
        return [] if (self.done_note or "").strip() else [self.env._("what was done")]

    def _get_missing_for_closed(self):
        """Nothing is closed on the word of whoever did it."""
        missing = []
        if not self.check_result:
            missing.append(self.env._("whether it had an effect"))
        if not (self.check_note or "").strip():
            missing.append(self.env._("how that was seen"))
        if self.check_result == "ineffective" and not self.child_ids.filtered(lambda child: child.state != "cancelled"):
            missing.append(self.env._("a next action, for this one did not help"))
        return missing

    def _check_gate(self, state):
        self._check_transition(state)
        states = dict(self._fields["state"]._description_selection(self.env))
        for action in self:
            if missing := action._get_missing(state):
                raise UserError(
                    self.env._(
                        "%(action)s cannot go to “%(state)s” yet. Missing: %(missing)s.",
                        action=action.display_name,
                        state=states[state],
                        missing=format_list(self.env, missing),
                    )
                )

    def _check_may_judge(self):
        for action in self:
            if self.env.user in (action.user_id, action.done_uid):
                raise UserError(
                    self.env._(
                        "The effect of %(action)s is judged by somebody else than who did it.",
                        action=action.display_name,
                    )
                )

    def _move(self, state, **values):
        """Bring actions into ``state`` with its stamps; rights and gate are checked here."""
        self.env["commercial.complaint"]._check_may_work()
        self.check_access("write")
        self._check_gate(state)
        # the state is written by the buttons, in the name of the person
        self.sudo().write({"state": state, **values})

    # --- ACTIONS ---

    def action_done(self):
        self._move("done", done_on=fields.Date.context_today(self), done_uid=self.env.uid)
        # the reminder of the owner has done its work
        self.sudo().activity_unlink([ACTIVITY_DUE])
        return True

    def action_close(self):
        """The effect was looked at, by somebody else than the owner."""
        self._check_may_judge()
        self._move("closed", checked_on=fields.Date.context_today(self), checked_uid=self.env.uid)
        self.sudo().activity_unlink([ACTIVITY_CHECK])
        return True

    def action_reopen(self):
        self._move("open", done_on=False, done_uid=False)
        return True

    def action_cancel(self):
        self._move("cancelled")
        self.sudo().activity_unlink([ACTIVITY_DUE, ACTIVITY_CHECK])
        return True

    def action_follow_up(self):
        """What was tried did not help enough: the next action takes over complaints, issue and root cause."""
        self.ensure_one()
        self.env["commercial.complaint"]._check_may_work()
        self.check_access("write")
        if self.state != "done":
            raise UserError(self.env._("%(action)s is not done yet.", action=self.display_name))
        values = {
            "title": self.title,
            "type": self.type,
            "company_id": self.company_id.id,
            "complaint_ids": [fields.Command.set(self.complaint_ids.ids)],
            "issue_id": self.issue_id.id,
            "cause_id": self.cause_id.id,
            "user_id": self.user_id.id,
            "date_due": fields.Date.add(fields.Date.context_today(self), days=CHECK_DAYS),
        }
        child = self.create(values)
        # where it came from is no choice of a person
        child.sudo().parent_id = self
        return child._get_records_action(name=self.env._("Next action"))

    # --- JOB ---

    def _get_own_user(self):
        """Return who gets the task: the owner, then whoever checks the effect."""
        self.ensure_one()
        return self.checker_id if self.state == "done" else self.user_id

    @api.model
    def _cron_remind(self):
        """Remind once of each action that is due and of each effect that is to be checked."""
        for company in self.env["res.company"].search([("active", "=", True)]):
            self.with_company(company)._remind(company)

    @api.model
    def _remind(self, company, day=None):
        day = day or fields.Date.context_today(self.with_context(tz=company.partner_id.tz or "Europe/Brussels"))
        own = Domain("company_id", "=", company.id)
        due = self.search(
            own & Domain("state", "=", "open") & Domain("date_due", "<", day) & Domain("due_task_on", "=", False)
        )
        plan_activities(
            due,
            ACTIVITY_DUE,
            lambda action: action.env._(
                "This action was due on %(day)s.", day=format_date(action.env, action.date_due)
            ),
            day,
        )
        # stamps are written by the job, whoever runs it
        due.sudo().due_task_on = day
        to_check = self.search(
            own & Domain("state", "=", "done") & Domain("date_check", "<=", day) & Domain("check_task_on", "=", False)
        )
        plan_activities(
            to_check,
            ACTIVITY_CHECK,
            lambda action: action.env._(
                "Done on %(day)s by %(user)s: look whether it helped.",
                day=format_date(action.env, action.done_on),
                user=action.done_uid.name,
            ),
            day,
        )
        to_check.sudo().check_task_on = day
        return due | to_check
