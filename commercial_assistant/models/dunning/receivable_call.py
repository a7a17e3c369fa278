from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, format_date

from ...tools import collection_work as core
from ...tools.working_days import add_working_days

RESULTS = [
    ("reached", "Reached"),
    ("promise", "Promises to pay"),
    ("plan", "Asks for a payment plan"),
    ("dispute", "Disputes the claim"),
    ("message", "Left a message"),
    ("no_answer", "No answer"),
    ("wrong_number", "Wrong number"),
]
# nobody was spoken to: one tries again on the next working day
UNREACHED = ("message", "no_answer")
# what is opened after the call; each room offers its own action on the account
FOLLOW_UPS = {
    "promise": "action_register_promise",
    "plan": "action_make_payment_plan",
    "dispute": "action_register_dispute",
}


class ReceivableCall(models.Model):
    """A phone call about what a customer owes."""

    _name = "commercial.receivable.call"
    _description = "Collection Call"
    _order = "called_on desc, id desc"
    _check_company_auto = True

    receivable_id = fields.Many2one(
        comodel_name="commercial.receivable",
        string="Customer account",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="receivable_id.company_id", store=True, precompute=True, index=True)
    partner_id = fields.Many2one(related="receivable_id.partner_id", string="Customer", store=True, precompute=True)
    contact_id = fields.Many2one(
        comodel_name="res.partner",
        string="Spoken to",
        compute="_compute_contact_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('id', 'child_of', partner_id)]",
    )
    phone = fields.Char(compute="_compute_phone", store=True, readonly=False, precompute=True)
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Called by",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
    )
    called_on = fields.Datetime(required=True, default=fields.Datetime.now)
    # chosen by hand: nobody notes a call by closing a window
    result = fields.Selection(selection=RESULTS, required=True)
    note = fields.Text(string="What was said")
    call_again_on = fields.Date(
        compute="_compute_call_again_on",
        store=True,
        readonly=False,
        precompute=True,
        help="The customer comes back into the worklist on this day.",
    )
    priority_text = fields.Char(related="receivable_id.priority_text")
    next_action_text = fields.Char(related="receivable_id.next_action_text")

    # --- COMPUTE ---

    @api.depends("receivable_id")
    def _compute_contact_id(self):
        for call in self:
            call.contact_id = call.receivable_id.contact_id or call.receivable_id.partner_id

    @api.depends("contact_id", "receivable_id")
    def _compute_phone(self):
        for call in self:
            call.phone = call.contact_id.phone or call.receivable_id.partner_id.phone

    @api.depends("result")
    def _compute_call_again_on(self):
        today = fields.Date.context_today(self)
        for call in self:
            if call.result in UNREACHED:
                call.call_again_on = call.call_again_on or add_working_days(today, 1)
            else:
                call.call_again_on = call.call_again_on if call.result == "reached" else False

    @api.depends("partner_id", "called_on")
    def _compute_display_name(self):
        labels = dict(self._fields["result"]._description_selection(self.env))
        for call in self:
            call.display_name = f"{call.partner_id.display_name or ''}: {labels.get(call.result, '')}"

    # --- CONSTRAINTS ---

    @api.constrains("contact_id", "receivable_id")
    def _check_contact(self):
        for call in self.filtered("contact_id"):
            if call.contact_id.commercial_partner_id != call.receivable_id.partner_id:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is not a contact of %(customer)s.",
                        contact=call.contact_id.display_name,
                        customer=call.receivable_id.partner_id.display_name,
                    )
                )

    @api.constrains("called_on")
    def _check_called_on(self):
        for call in self:
            if call.called_on > fields.Datetime.add(fields.Datetime.now(), minutes=5):
                raise ValidationError(self.env._("A call that is still to come is an activity, not a call."))

    # --- ACTIONS ---

    def action_done(self):
        """Note the call and go on with what the customer said."""
        self.ensure_one()
        receivable = self.receivable_id
        receivable._check_collector()
        receivable._message_log(body=self._get_log_text())
        receivable.sudo()._refresh_work(receivable.company_id, receivable.ids)  # figures that nobody writes by hand
        follow_up = getattr(receivable, FOLLOW_UPS.get(self.result, ""), None)
        return follow_up() if follow_up else {"type": "ir.actions.act_window_close"}

    def _get_log_text(self):
        labels = dict(self._fields["result"]._description_selection(self.env))
        name = self.contact_id.display_name or self.partner_id.display_name
        text = self.env._("Called %(contact)s: %(result)s", contact=name, result=labels[self.result])
        return f"{text}\n{self.note}" if self.note else text

    # --- WORKLIST ---

    @api.model
    def _fetch_receivable_actions(self, receivable_ids):
        """The last call may have agreed on another one."""
        self.flush_model()
        actions = defaultdict(list)
        for receivable_id, again in self.env.execute_query(
            SQL(
                """
                SELECT last.receivable_id, last.call_again_on
                  FROM (SELECT DISTINCT ON (receivable_id) receivable_id, call_again_on
                          FROM commercial_receivable_call
                         WHERE receivable_id = ANY(%s)
                      ORDER BY receivable_id, called_on DESC, id DESC) last
                 WHERE last.call_again_on IS NOT NULL
                """,
                list(receivable_ids),
            )
        ):
            actions[receivable_id].append(core.Action("call_due", again))
        return actions

    @api.model
    def _fetch_receivable_events(self, receivable_ids):
        Receivable = self.env["commercial.receivable"]
        labels = dict(self._fields["result"]._description_selection(self.env))
        events = defaultdict(list)
        for call in self.search([("receivable_id", "in", list(receivable_ids))]):
            title = self.env._("Call: %(result)s", result=labels[call.result])
            if call.call_again_on:
                title = self.env._(
                    "%(call)s, again on %(day)s", call=title, day=format_date(self.env, call.call_again_on)
                )
            events[call.receivable_id.id].append(
                Receivable._prepare_event(call, call.called_on, "fa-phone", title, call.note)
            )
        return events
