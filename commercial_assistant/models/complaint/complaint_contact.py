from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

CALL_BACK = "commercial_assistant.mail_activity_type_complaint_call_back"
HAND_OVER = "commercial_assistant.mail_activity_type_complaint_hand_over"


class Complaint(models.Model):
    """Difficult conversations: what was said and promised, who goes on with them."""

    _inherit = "commercial.complaint"

    contact_log_ids = fields.One2many(
        comodel_name="commercial.contact.log",
        inverse_name="complaint_id",
        string="Conversations",
        copy=False,
    )
    open_promise_count = fields.Integer(string="Open promises", compute="_compute_open_promise_count")
    call_guide = fields.Html(string="How to lead the conversation", compute="_compute_guides")
    procedure_text = fields.Html(string="What we do", compute="_compute_guides")

    @api.depends("contact_log_ids.promise_state")
    def _compute_open_promise_count(self):
        counts = dict(
            self.env["commercial.contact.log"]._read_group(
                [("complaint_id", "in", self.ids), ("promise_state", "=", "open")], ["complaint_id"], ["__count"]
            )
        )
        for complaint in self:
            complaint.open_promise_count = counts.get(complaint, 0)

    @api.depends("category_id")
    @api.depends_context("lang")
    def _compute_guides(self):
        for complaint in self:
            category = complaint.category_id
            complaint.call_guide = category and category._get_inherited("call_guide")
            complaint.procedure_text = category and category._get_inherited("procedure")

    # --- CONSTRAINTS ---

    @api.constrains("user_id", "company_id")
    def _check_responsible_may_see(self):
        for complaint in self.filtered("user_id"):
            if complaint.is_confidential and not complaint._may_be_seen_by(complaint.user_id):
                raise ValidationError(
                    self.env._(
                        "%(user)s may not see confidential complaints and cannot be responsible for this one.",
                        user=complaint.user_id.name,
                    )
                )

    # --- GOING ON ---

    def _hand_over(self, user, note):
        """Give the complaint to a colleague, who finds a task with the note.

        :param user: the colleague
        :param str note: what he has to know
        """
        self._check_may_work()
        self._check_may_lead_on()
        self._check_open()
        self.check_access("write")
        if not (note or "").strip():
            raise UserError(self.env._("Tell the colleague what he has to know."))
        for complaint in self:
            if not complaint._may_be_seen_by(user):
                raise UserError(
                    self.env._(
                        "%(user)s cannot work on %(complaint)s.", user=user.name, complaint=complaint.display_name
                    )
                )
            complaint.user_id = user
            # the task is for somebody else
            complaint.sudo().activity_schedule(HAND_OVER, summary=False, note=note.strip(), user_id=user.id)
            # what was promised goes along
            complaint.sudo().contact_log_ids.activity_id.write({"user_id": user.id})

    def _call_back(self, moment, user, note=None):
        """Agree to call the customer again later, when everybody has cooled down.

        :param moment: when, in UTC
        :param user: who calls
        :param str note: what it will be about
        """
        self.ensure_one()
        self._check_may_work()
        self.check_access("write")
        if moment <= fields.Datetime.now():
            raise UserError(self.env._("A call-back lies ahead."))
        if not self._may_be_seen_by(user):
            raise UserError(
                self.env._("%(user)s cannot work on %(complaint)s.", user=user.name, complaint=self.display_name)
            )
        local = fields.Datetime.context_timestamp(self.with_context(tz=user.sudo().tz or self.env.user.tz), moment)
        # the task may be for somebody else
        return self.sudo().activity_schedule(
            CALL_BACK,
            date_deadline=local.date(),
            summary=self.env._("Call back at %(time)s", time=local.strftime("%H:%M")),
            note=(note or "").strip() or False,
            user_id=user.id,
        )

    # --- ACTIONS ---

    def _get_contact_wizard(self, kind, title):
        self.ensure_one()
        self._check_may_work()
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": f"commercial.complaint.{kind}",
            "view_mode": "form",
            "target": "new",
            "context": {"default_complaint_id": self.id},
        }

    def action_hand_over(self):
        self._check_open()
        return self._get_contact_wizard("hand.over", self.env._("Hand Over"))

    def action_call_back(self):
        return self._get_contact_wizard("call.back", self.env._("Call Back Later"))
