from collections import defaultdict
from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools import complaint_clock as core
from .complaint import ENDED_STATES

DEFAULT_TIMEZONE = "Europe/Brussels"
# clock -> the stamp that stops it
CLOCKS = {
    "acknowledge": "acknowledged_on",
    "answer": "answered_on",
    "committed": "answered_on",
    "resolution": "closed_on",
    "final": "closed_on",
}
# they rest while we wait for the customer; what was promised in calendar days never does
RESTING_CLOCKS = ("answer", "resolution")
CHUNK_SIZE = 500


class Complaint(models.Model):
    """The clocks of a complaint: terms, rests and breaches."""

    _inherit = "commercial.complaint"

    term_id = fields.Many2one(
        comodel_name="commercial.complaint.term",
        string="Deadlines",
        compute="_compute_term",
        store=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    acknowledge_deadline = fields.Datetime(string="Acknowledge by", compute="_compute_deadlines", store=True)
    answer_deadline = fields.Datetime(string="Answer by", compute="_compute_deadlines", store=True)
    committed_deadline = fields.Datetime(
        string="Answer promised by",
        compute="_compute_deadlines",
        store=True,
        help="End of the last calendar day. Never rests.",
    )
    resolution_deadline = fields.Datetime(string="Settle by", compute="_compute_deadlines", store=True)
    final_deadline = fields.Datetime(
        string="To the management on",
        compute="_compute_deadlines",
        store=True,
        help="End of the last calendar day. Never rests.",
    )
    acknowledge_breached_on = fields.Datetime(string="Acknowledged too late since", readonly=True, copy=False)
    answer_breached_on = fields.Datetime(string="Answered too late since", readonly=True, copy=False)
    committed_breached_on = fields.Datetime(string="Promised answer too late since", readonly=True, copy=False)
    resolution_breached_on = fields.Datetime(string="Settled too late since", readonly=True, copy=False)
    final_breached_on = fields.Datetime(string="With the management since", readonly=True, copy=False)
    answered_on = fields.Datetime(
        string="First answer",
        readonly=True,
        copy=False,
        help="When the customer had a first answer to what he complains about; an acknowledgment is none.",
    )
    waits_for_customer = fields.Boolean(
        string="The customer must answer",
        readonly=True,
        copy=False,
        help="A proposal or a question lies with the customer: the clocks of the answer and of the settlement rest.",
    )
    paused_since = fields.Datetime(string="Clocks rest since", readonly=True, copy=False)
    paused_hours = fields.Float(
        string="Rested",
        readonly=True,
        copy=False,
        help="Working hours during which the clocks rested up to now.",
    )
    reopened_on = fields.Datetime(readonly=True, copy=False)
    next_deadline = fields.Datetime(
        compute="_compute_next_deadline",
        store=True,
        index="btree_not_null",
        help="The first end of a clock that runs.",
    )
    clock_state = fields.Selection(
        selection=[
            ("late", "Late"),
            ("today", "Due today"),
            ("paused", "At rest"),
            ("running", "In time"),
        ],
        string="Clock",
        compute="_compute_clock_state",
        search="_search_clock_state",
    )
    is_breached = fields.Boolean(
        string="A term ran out",
        compute="_compute_is_breached",
        store=True,
        help="At least one term was not kept. Stays, also when the case is opened again.",
    )
    hours_to_acknowledge = fields.Float(
        string="Hours to acknowledge", readonly=True, copy=False, aggregator="avg", help="In working hours."
    )
    hours_to_answer = fields.Float(
        string="Hours to answer",
        readonly=True,
        copy=False,
        aggregator="avg",
        help="In working hours, without those in which we waited for the customer.",
    )
    hours_to_close = fields.Float(
        string="Hours to settle",
        readonly=True,
        copy=False,
        aggregator="avg",
        help="In working hours, without those in which we waited for the customer.",
    )

    # --- COMPUTE ---

    @api.depends("category_id", "severity", "customer_kind", "company_id")
    def _compute_term(self):
        terms = self.env["commercial.complaint.term"]._get_terms_of(self.company_id)
        for complaint in self:
            if complaint.state in ENDED_STATES:
                complaint.term_id = complaint.term_id
            else:
                complaint.term_id = terms.get(complaint.company_id, complaint.term_id.browse())._find(complaint)

    @api.depends("term_id", "team_id", "company_id", "received_on", "reopened_on", "paused_hours")
    def _compute_deadlines(self):
        working_hours = self._get_working_hours()
        for complaint in self:
            planned = (
                {clock: complaint[f"{clock}_deadline"] for clock in CLOCKS}
                if complaint.state in ENDED_STATES
                else complaint._plan_clocks(working_hours[complaint])
            )
            for clock, deadline in planned.items():
                complaint[f"{clock}_deadline"] = deadline

    def _plan_clocks(self, working):
        """Return the end of each clock. A case that was opened again is settled anew; it was answered before."""
        self.ensure_one()
        term, received_on = self.term_id, self.received_on
        if not term or not received_on:
            return dict.fromkeys(CLOCKS, False)
        started_on = self.reopened_on or received_on
        timezone = self._get_clock_timezone()
        rested = self.paused_hours
        first_rested = 0.0 if self.reopened_on else rested
        planned = {
            "acknowledge": core.working_deadline(received_on, term.acknowledge_hours, 0.0, working),
            "answer": core.working_deadline(received_on, term.answer_hours, first_rested, working),
            "committed": core.calendar_deadline(received_on, term.committed_days, timezone),
            "resolution": core.working_deadline(started_on, term.resolution_hours, rested, working),
            "final": core.calendar_deadline(started_on, term.final_days, timezone),
        }
        if self.reopened_on:  # the first round is over: its ends stay as they were
            planned |= {clock: self[f"{clock}_deadline"] for clock in ("acknowledge", "answer", "committed")}
        return planned

    @api.depends(
        "state",
        "paused_since",
        *(f"{clock}_deadline" for clock in CLOCKS),
        "acknowledged_on",
        "answered_on",
        "closed_on",
    )
    def _compute_next_deadline(self):
        for complaint in self:
            complaint.next_deadline = core.next_deadline(
                [complaint[f"{clock}_deadline"] for clock in complaint._get_running_clocks()]
            )

    def _get_running_clocks(self):
        """Return the clocks that are neither stopped nor at rest."""
        self.ensure_one()
        if self.state in ENDED_STATES:
            return []
        resting = RESTING_CLOCKS if self.paused_since else ()
        return [clock for clock, stop in CLOCKS.items() if clock not in resting and not self[stop]]

    @api.depends("state", "next_deadline", "paused_since")
    @api.depends_context("tz")
    def _compute_clock_state(self):
        now, tonight = self._get_now_and_tonight()
        for complaint in self:
            deadline = complaint.next_deadline
            if complaint.state in ENDED_STATES:
                complaint.clock_state = False
            elif deadline and deadline < now:
                complaint.clock_state = "late"
            elif deadline and deadline < tonight:
                complaint.clock_state = "today"
            elif complaint.paused_since:
                complaint.clock_state = "paused"
            else:
                complaint.clock_state = deadline and "running"

    def _search_clock_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        now, tonight = self._get_now_and_tonight()
        is_open = self._get_open_domain()
        later = Domain("next_deadline", ">=", tonight)
        domains = {
            "late": is_open & Domain("next_deadline", "<", now),
            "today": is_open & Domain("next_deadline", ">=", now) & Domain("next_deadline", "<", tonight),
            "paused": is_open & Domain("paused_since", "!=", False) & (later | Domain("next_deadline", "=", False)),
            "running": is_open & Domain("paused_since", "=", False) & later,
            False: ~is_open | (Domain("next_deadline", "=", False) & Domain("paused_since", "=", False)),
        }
        return Domain.OR(domains[state] for state in value if state in domains)

    @api.model
    def _get_now_and_tonight(self):
        """Return now and the end of the day where the user is, in UTC."""
        now = fields.Datetime.now()
        zone = pytz.timezone(self.env.context.get("tz") or self.env.user.tz or DEFAULT_TIMEZONE)
        tomorrow = core.local_day(now, zone.zone) + timedelta(days=1)
        tonight = zone.localize(datetime.combine(tomorrow, time())).astimezone(pytz.utc).replace(tzinfo=None)
        return now, tonight

    @api.depends(*(f"{clock}_breached_on" for clock in CLOCKS))
    def _compute_is_breached(self):
        for complaint in self:
            complaint.is_breached = any(complaint[f"{clock}_breached_on"] for clock in CLOCKS)

    # --- CRUD ---

    @api.model
    def _get_protected_fields(self):
        return super()._get_protected_fields() | {
            *(f"{clock}_breached_on" for clock in CLOCKS),
            "answered_on",
            "hours_to_acknowledge",
            "hours_to_answer",
            "hours_to_close",
            "paused_hours",
            "paused_since",
            "reopened_on",
            "waits_for_customer",
        }

    def write(self, vals):
        # what ran out before the terms change has run out
        if {
            "category_id",
            "company_id",
            "customer_kind",
            "partner_id",
            "received_on",
            "severity",
            "team_id",
        } & vals.keys():
            self.filtered(lambda complaint: complaint.state not in ENDED_STATES)._judge_clocks()
        return super().write(vals)

    # --- WORKING TIME ---

    @api.model
    def _get_open_domain(self):
        return Domain("state", "not in", ENDED_STATES)

    def _get_promised_answer_date(self):
        """Return the day by which the customer hears from us: what is promised, else the last day of our own term."""
        self.ensure_one()
        deadline = self.committed_deadline or self.answer_deadline
        return core.local_day(deadline, self._get_clock_timezone()) if deadline else False

    def _get_clock_timezone(self):
        """Return the time zone in which a calendar day counts: that of the company."""
        self.ensure_one()
        # whose day it is may be known to whoever sees the complaint
        return self.company_id.sudo().partner_id.tz or DEFAULT_TIMEZONE

    def _get_clock_calendar(self):
        """Return the working hours in which terms are counted: the first of terms, team and company that has any."""
        self.ensure_one()
        complaint_sudo = self.sudo()
        calendars = (
            complaint_sudo.term_id.calendar_id,
            complaint_sudo.team_id.calendar_id,
            complaint_sudo.company_id.resource_calendar_id,
        )
        return next((calendar for calendar in calendars if calendar.attendance_ids), calendars[0].browse())

    def _get_working_hours(self):
        """Return the working time of each complaint; those with the same calendar share it."""
        shared, result = {}, {}
        for complaint in self:
            calendar = complaint._get_clock_calendar()
            if calendar not in shared:
                shared[calendar] = core.WorkingHours(self._get_interval_fetcher(calendar))
            result[complaint] = shared[calendar]
        return result

    @api.model
    def _get_interval_fetcher(self, calendar):
        """Return a function that tells when somebody works by a calendar, holidays left out; None without calendar."""
        if not calendar:
            return None

        def to_naive(moment):
            return moment.astimezone(pytz.utc).replace(tzinfo=None)

        def fetch(start, end):
            intervals = calendar._work_intervals_batch(pytz.utc.localize(start), pytz.utc.localize(end))[False]
            return [(to_naive(begin), to_naive(stop)) for begin, stop, _meta in intervals]

        return fetch

    def _plan_clocks_anew(self):
        """Count the ends of the clocks again, after terms or calendars were changed."""
        for name in ("term_id", *(f"{clock}_deadline" for clock in CLOCKS)):
            self.env.add_to_compute(self._fields[name], self)
        self.flush_recordset()

    # --- RESTS ---

    def _set_waiting_for_customer(self, waits):
        """Something lies with the customer, or he has answered: the clocks follow."""
        self.filtered(lambda complaint: complaint.waits_for_customer != waits).sudo().write(
            {"waits_for_customer": waits}
        )
        self._follow_rests()

    def _is_at_rest(self):
        """Tell whether the clocks rest in the present state."""
        self.ensure_one()
        if self.state in ENDED_STATES:
            return False
        waits_for_supplier = self.state == "await_supplier" and self.sudo().term_id.rests_for_supplier
        return self.waits_for_customer or waits_for_supplier

    def _follow_rests(self):
        """Stop the clocks where they begin to rest, and add up what they rested where they go on."""
        now = fields.Datetime.now()
        working_hours = self._get_working_hours()
        for complaint_sudo in self.sudo():
            at_rest = complaint_sudo._is_at_rest()
            if at_rest and not complaint_sudo.paused_since:
                complaint_sudo._judge_clocks()
                complaint_sudo.paused_since = now
            elif not at_rest and complaint_sudo.paused_since:
                rested = working_hours[complaint_sudo].between(complaint_sudo.paused_since, now)
                complaint_sudo._judge_clocks()
                complaint_sudo.write({"paused_since": False, "paused_hours": complaint_sudo.paused_hours + rested})
        self.flush_recordset()  # an ended case keeps the ends it had

    def _moved(self, before, after):
        result = super()._moved(before, after)
        if after == "await_customer":
            self._stamp_answered()
        if "await_customer" in (before, after):
            self._set_waiting_for_customer(after == "await_customer")
        elif after in ENDED_STATES:
            self._set_waiting_for_customer(False)
        else:
            self._follow_rests()
        return result

    def action_question_asked(self):
        """The customer was asked something without which nothing can go on: the clocks rest until he answers."""
        self._check_may_work()
        self.check_access("write")
        self._check_open()
        self._set_waiting_for_customer(True)
        return True

    def action_question_answered(self):
        """The customer has answered by phone, or nothing is waited for any more."""
        self._check_may_work()
        self.check_access("write")
        self._set_waiting_for_customer(False)
        return True

    # --- STAMPS ---

    def _stamp_acknowledged(self, how):
        waiting = self.filtered(lambda complaint: not complaint.acknowledged_on)
        result = super()._stamp_acknowledged(how)
        waiting._judge_clocks()
        waiting._note_hours("hours_to_acknowledge", "acknowledged_on", rested=False)
        return result

    def _stamp_answered(self):
        """The customer had an answer to what he complains about; the first time counts."""
        waiting = self.filtered(lambda complaint: not complaint.answered_on)
        waiting.sudo().write({"answered_on": fields.Datetime.now()})
        waiting._judge_clocks()
        waiting._note_hours("hours_to_answer", "answered_on")

    def action_answered(self):
        """The customer was answered in person."""
        self._check_may_work()
        self.check_access("write")
        self._check_open()
        self._stamp_answered()
        return True

    def _note_hours(self, name, stamp, start="received_on", rested=True):
        """Keep how many working hours something took."""
        working_hours = self._get_working_hours()
        for complaint_sudo in self.sudo():
            working = working_hours[complaint_sudo]
            started_on, stopped_on = complaint_sudo[start], complaint_sudo[stamp]
            taken = working.between(started_on, stopped_on)
            if rested:
                taken -= complaint_sudo.paused_hours
                if complaint_sudo.paused_since:
                    taken -= working.between(complaint_sudo.paused_since, stopped_on)
            complaint_sudo[name] = max(taken, 0.0)

    # --- BREACHES ---

    def _judge_clocks(self):
        """Stamp the clocks that ran out, with the moment at which they did; a stamp stays.

        What still has to be done goes to the manager; what was done too late meanwhile needs nobody any more.
        """
        now = fields.Datetime.now()
        found = defaultdict(list)
        by_stamps = defaultdict(list)
        for complaint_sudo in self.sudo():
            stamps = {}
            for clock, stop in CLOCKS.items():
                deadline = complaint_sudo[f"{clock}_deadline"]
                paused_since = complaint_sudo.paused_since if clock in RESTING_CLOCKS else None
                if complaint_sudo[f"{clock}_breached_on"]:
                    continue
                if core.is_breached(deadline, now, complaint_sudo[stop], paused_since):
                    stamps[f"{clock}_breached_on"] = deadline
                    if complaint_sudo.state not in ENDED_STATES and not complaint_sudo[stop]:
                        found[complaint_sudo].append(clock)
            if stamps:
                by_stamps[tuple(stamps.items())].append(complaint_sudo.id)
        Complaint = self.sudo().with_context(tracking_disable=True)
        for stamps, ids in by_stamps.items():
            Complaint.browse(ids).write(dict(stamps))
        self._escalate_breaches(found)

    @api.model
    def _get_breach_domain(self, now):
        """Open complaints with a clock that ran out and has no stamp yet."""
        running = [
            Domain(f"{clock}_deadline", "<", now)
            & Domain(f"{clock}_breached_on", "=", False)
            & Domain(stop, "=", False)
            for clock, stop in CLOCKS.items()
        ]
        return self._get_open_domain() & Domain.OR(running)

    @api.model
    def _cron_judge_clocks(self):
        """Stamp what ran out and hand it to the manager, some complaints at a time; a missed night changes nothing."""
        progress = self.env["ir.cron"]._commit_progress
        now = fields.Datetime.now()
        waiting = self.search(self._get_breach_domain(now), order="id").ids
        progress(remaining=len(waiting))
        for start in range(0, len(waiting), CHUNK_SIZE):
            chunk = self.browse(waiting[start : start + CHUNK_SIZE]).exists().try_lock_for_update()
            chunk._judge_clocks()
            if not progress(min(CHUNK_SIZE, len(waiting) - start)):
                return
        to_tell = self.env["commercial.escalation"]._get_waiting()
        for start in range(0, len(to_tell), CHUNK_SIZE):
            to_tell[start : start + CHUNK_SIZE]._notify()
            if not progress():
                return

    def _get_clock_names(self):
        """What each clock is called."""
        return {
            "acknowledge": self.env._("The acknowledgment"),
            "answer": self.env._("The first answer"),
            "committed": self.env._("The promised answer"),
            "resolution": self.env._("The settlement"),
            "final": self.env._("The case as a whole"),
        }

    def _describe_breach(self, clock, due_on):
        """Say what ran out and when, and what the law asks of us then."""
        self.ensure_one()
        day = format_date(self.env, core.local_day(due_on, self._get_clock_timezone()))
        text = self.env._("%(clock)s was due on %(date)s.", clock=self._get_clock_names()[clock], date=day)
        if clock == "final" and self.customer_kind == "consumer":
            text = f"{text}\n{self._get_ombudsman_note()}"
        return text
