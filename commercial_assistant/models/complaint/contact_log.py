from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from .complaint import CHANNELS

MOODS = [
    ("1", "Furious"),
    ("2", "Angry"),
    ("3", "Calm"),
    ("4", "Friendly"),
    ("5", "Satisfied"),
]
ACTIVITY = "commercial_assistant.mail_activity_type_complaint_promise"


class ContactLog(models.Model):
    """One conversation with a customer who complains: what was said, what was promised and by when."""

    _name = "commercial.contact.log"
    _description = "Conversation About a Complaint"
    _order = "date desc, id desc"
    _check_company_auto = True

    complaint_id = fields.Many2one(
        comodel_name="commercial.complaint",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="complaint_id.company_id", store=True, index=True)
    is_confidential = fields.Boolean(related="complaint_id.is_confidential", store=True)
    partner_id = fields.Many2one(related="complaint_id.partner_id")
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Who of us",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    channel = fields.Selection(selection=CHANNELS, required=True, default="phone")
    contact_name = fields.Char(string="With whom", help="Empty: the contact of the complaint.")
    mood = fields.Selection(selection=MOODS, help="How the customer was: from furious to satisfied.")
    said = fields.Text(string="What was said", required=True)
    is_answer = fields.Boolean(
        string="A first answer",
        help="The customer heard what we find about his complaint: the clock of the answer stops.",
    )
    promised = fields.Text(string="What we promised")
    promised_by = fields.Date(string="By when")
    promise_state = fields.Selection(
        selection=[("open", "Still to do"), ("kept", "Honoured"), ("broken", "Not honoured")],
        string="Promise",
        readonly=True,
        copy=False,
        index=True,
    )
    promise_closed_on = fields.Date(string="Settled on", readonly=True, copy=False)
    activity_id = fields.Many2one(
        comodel_name="mail.activity",
        string="Task",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    is_promise_late = fields.Boolean(
        string="Promise is late", compute="_compute_is_promise_late", search="_search_is_promise_late"
    )

    # --- COMPUTE ---

    @api.depends("promise_state", "promised_by")
    def _compute_is_promise_late(self):
        today = fields.Date.context_today(self)
        for log in self:
            log.is_promise_late = log.promise_state == "open" and bool(log.promised_by) and log.promised_by < today

    def _search_is_promise_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("promise_state", "=", "open") & Domain("promised_by", "<", fields.Date.context_today(self))

    @api.depends("complaint_id.name", "date")
    def _compute_display_name(self):
        for log in self:
            day = fields.Datetime.context_timestamp(log, log.date).date() if log.date else ""
            log.display_name = f"{log.complaint_id.name} {day}".strip()

    # --- CONSTRAINTS ---

    @api.constrains("promised", "promised_by")
    def _check_promise(self):
        for log in self:
            if bool((log.promised or "").strip()) != bool(log.promised_by):
                raise ValidationError(self.env._("A promise needs both: what was promised, and by when."))

    @api.constrains("date")
    def _check_date(self):
        for log in self:
            if log.date > fields.Datetime.add(fields.Datetime.now(), minutes=5):
                raise ValidationError(
                    self.env._("A conversation that lies ahead is an appointment, not a conversation.")
                )

    # --- CRUD ---

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if not self.env.su and {"promise_state", "promise_closed_on", "activity_id"} & vals.keys():
                raise AccessError(self.env._("What became of a promise follows the buttons."))
        logs = super().create(vals_list)
        logs.complaint_id._check_may_work()
        logs.filtered("promised")._plan_promise()
        logs.filtered("is_answer").complaint_id._stamp_answered()
        return logs

    def write(self, vals):
        if not self.env.su and {"promise_state", "promise_closed_on", "activity_id", "complaint_id"} & vals.keys():
            raise AccessError(self.env._("What became of a promise follows the buttons."))
        if {"promised", "promised_by"} & vals.keys() and any(log.promise_state in ("kept", "broken") for log in self):
            raise UserError(self.env._("A promise that was settled does not change any more."))
        result = super().write(vals)
        if {"promised", "promised_by"} & vals.keys():
            self._plan_promise()
        if vals.get("is_answer"):
            self.complaint_id._stamp_answered()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_never(self):
        raise UserError(self.env._("A conversation stays on file."))

    # --- PROMISES ---

    def _plan_promise(self):
        """Make a task of each promise for whoever answers for the complaint, and keep it up to date."""
        # the task belongs to the complaint, whoever noted the promise
        for log_sudo in self.sudo():
            if not log_sudo.promised:
                log_sudo.activity_id.unlink()
                log_sudo.promise_state = False
                continue
            if log_sudo.activity_id:
                log_sudo.activity_id.write({"date_deadline": log_sudo.promised_by, "summary": log_sudo.promised[:100]})
                continue
            owner = log_sudo.complaint_id.user_id or log_sudo.user_id
            activity = log_sudo.complaint_id.activity_schedule(
                ACTIVITY,
                date_deadline=log_sudo.promised_by,
                summary=log_sudo.promised[:100],
                note=log_sudo.promised,
                user_id=owner.id,
            )
            log_sudo.write({"activity_id": activity.id, "promise_state": "open"})

    def action_kept(self):
        self._settle_promise("kept")
        return True

    def action_broken(self):
        self._settle_promise("broken")
        return True

    def _settle_promise(self, state):
        """Say what became of promises; settled ones stay as they are."""
        self.complaint_id._check_may_work()
        self.check_access("write")
        # the state of a promise and its task follow the buttons
        for log_sudo in self.sudo().filtered(lambda log: log.promise_state == "open"):
            activity = log_sudo.activity_id
            log_sudo.write({"promise_state": state, "promise_closed_on": fields.Date.context_today(self)})
            if activity and state == "kept":
                activity.action_feedback()
            elif activity:
                activity.unlink()
