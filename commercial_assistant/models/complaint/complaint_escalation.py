import hashlib

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .complaint import ENDED_STATES

# these go past the team leader
MANAGEMENT_REASONS = ("danger", "threat")
MANAGEMENT_CLOCKS = ("final",)
# nobody asks these, the program does
PROGRAM_REASONS = ("amount", "clock")


class Complaint(models.Model):
    """Handing a complaint to the manager: a flag with a question and an answer, the work goes on meanwhile."""

    _inherit = "commercial.complaint"

    escalation_ids = fields.One2many(
        comodel_name="commercial.escalation",
        inverse_name="complaint_id",
        string="Escalations",
        readonly=True,
        copy=False,
    )
    escalation_count = fields.Integer(compute="_compute_escalation")
    is_escalated = fields.Boolean(
        string="With the manager", compute="_compute_escalation", search="_search_is_escalated"
    )
    escalation_text = fields.Text(string="Asked or answered last", compute="_compute_escalation_text")
    is_locked = fields.Boolean(
        string="Locked to the manager",
        readonly=True,
        copy=False,
        tracking=True,
        help="After a threat only a team lead leads the case on.",
    )

    # --- COMPUTE ---

    @api.depends("escalation_ids.state")
    def _compute_escalation(self):
        groups = self.env["commercial.escalation"]._read_group(
            [("complaint_id", "in", self.ids)], ["complaint_id", "state"], ["__count"]
        )
        counts = {(complaint, state): count for complaint, state, count in groups}
        for complaint in self:
            waiting = counts.get((complaint, "open"), 0)
            complaint.is_escalated = bool(waiting)
            complaint.escalation_count = waiting + counts.get((complaint, "answered"), 0)

    def _search_is_escalated(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("escalation_ids.state", "=", "open")]

    @api.depends("escalation_ids.question", "escalation_ids.answer", "escalation_ids.state")
    @api.depends_context("lang")
    def _compute_escalation_text(self):
        for complaint in self:
            waiting = complaint.escalation_ids.filtered(lambda escalation: escalation.state == "open")
            complaint.escalation_text = "\n".join(escalation.text or escalation.display_name for escalation in waiting)

    # --- CRUD ---

    @api.model
    def _get_protected_fields(self):
        return super()._get_protected_fields() | {"is_locked"}

    @api.model_create_multi
    def create(self, vals_list):
        complaints = super().create(vals_list)
        complaints._escalate_by_content()
        return complaints

    def write(self, vals):
        result = super().write(vals)
        if {"danger", "claimed_amount", "solution_ids"} & vals.keys():
            self._escalate_by_content()
        return result

    def _moved(self, before, after):
        result = super()._moved(before, after)
        if after == "propose":
            self._escalate_by_content()
        return result

    # --- ESCALATING ---

    def _get_escalation_amount(self):
        """Return what is at stake, in the currency of the company: what the customer asks, or what we offer."""
        self.ensure_one()
        # what is at stake decides, not what this person may see of it
        solutions_sudo = self.sudo().solution_ids.filtered(
            lambda solution: solution.state not in ("refused", "cancelled")
        )
        return max(self.claimed_amount, sum(solutions_sudo.mapped("amount")))

    def _escalate_by_content(self):
        """Hand over at once what is dangerous or dear."""
        self.filtered(lambda complaint: complaint.danger == "yes")._escalate("danger")
        for complaint in self:
            limit = complaint.company_id.sudo().complaint_escalation_amount
            amount = complaint._get_escalation_amount()
            if limit and complaint.currency_id.compare_amounts(amount, limit) >= 0:
                complaint._escalate("amount")

    def _escalate(self, reason, note=None, key=None):
        """Hand complaints to the manager; asking twice for the same reason and key changes nothing.

        :param str reason: one of ``REASONS`` of the escalation: ``clock``, ``amount``, ``danger``, ``threat``,
            ``manual``, ``refused_twice``
        :param str note: what a person asks or what happened; empty: the program says it
        :param str key: tells several escalations for one reason apart
        :return: the escalations, new or old, with the rights of the superuser
        """
        escalations_sudo = self._record_escalations([(complaint, reason, note, key) for complaint in self])
        escalations_sudo._notify()
        return escalations_sudo

    @api.model
    def _record_escalations(self, wanted):
        """Write down escalations that are not there yet; the number of queries does not grow with them.

        :param wanted: list of (complaint, reason, note, key)
        """
        # an escalation is written by its own rules, whoever caused it
        Escalation = self.env["commercial.escalation"].sudo()
        if not wanted:
            return Escalation
        ids = {complaint.id for complaint, *_rest in wanted}
        known = {
            (escalation.complaint_id.id, escalation.reason, escalation.key or ""): escalation
            for escalation in Escalation.search([("complaint_id", "in", list(ids))])
        }
        complaints_sudo = self.sudo().browse(ids)
        managers = complaints_sudo._get_managers()
        vals_list, result = [], Escalation
        for complaint, reason, note, key in wanted:
            natural = (complaint.id, reason, key or "")
            if natural in known:
                result += known[natural] or Escalation
                continue
            known[natural] = None
            level = "2" if reason in MANAGEMENT_REASONS or key in MANAGEMENT_CLOCKS else "1"
            complaint_sudo = complaint.sudo()
            vals_list.append(
                {
                    "complaint_id": complaint.id,
                    "reason": reason,
                    "key": key or False,
                    "level": level,
                    "question": note or False,
                    "due_on": complaint_sudo[f"{key}_deadline"] if reason == "clock" else False,
                    "amount": complaint_sudo._get_escalation_amount() if reason == "amount" else 0.0,
                    "from_user_id": False if self.env.su or reason in PROGRAM_REASONS else self.env.uid,
                    "user_id": managers[complaint_sudo][level].id,
                }
            )
        created = Escalation.create(vals_list)
        bodies = {}
        for escalation in created:
            text = self.env._(
                "Handed to the manager: %(question)s", question=escalation.text or escalation.display_name
            )
            bodies[escalation.complaint_id.id] = text
        if bodies:
            complaints_sudo.browse(bodies)._message_log_batch(bodies)
        return result | created

    def _escalate_breaches(self, found):
        """Hand over what ran out; the managers hear of it in working time.

        :param dict found: clocks by complaint
        """
        self._record_escalations(
            [(complaint, "clock", None, clock) for complaint, clocks in found.items() for clock in clocks]
        )

    def _get_ombudsman_note(self):
        """Remind of the duty to name the body for out-of-court settlement (BE: art. XVI.4 WER)."""
        return self.env._(
            "The customer must be told now, on paper or by mail, to which body for out-of-court settlement he can go "
            "and whether we take part. In Belgium for most sectors: Consumer Mediation Service, Boulevard du Roi "
            "Albert II 8 box 1, 1000 Brussels (02 702 52 00)."
        )

    # --- WHO IS THE MANAGER ---

    def _may_be_seen_by(self, user):
        """Tell whether a user may know of this complaint."""
        self.ensure_one()
        user_sudo = user.sudo()
        if not user_sudo or not user_sudo.active or self.sudo().company_id not in user_sudo.company_ids:
            return False
        group = "group_complaint_confidential" if self.sudo().is_confidential else "group_assistant"
        return user_sudo.has_group(f"commercial_assistant.{group}")

    def _get_managers(self):
        """Return who is asked at each level: ``{complaint: {level: user}}``; nobody where nobody may know of it."""
        # who belongs to the group may be known to whoever hands something over
        confidants_sudo = self.env.ref("commercial_assistant.group_complaint_confidential").sudo().all_user_ids
        leads, result = {}, {}
        for complaint_sudo in self.sudo():
            company = complaint_sudo.company_id
            if company not in leads:
                leads[company] = self._get_team_leads(company)
            confidants = confidants_sudo.sorted("id") if complaint_sudo.is_confidential else confidants_sudo.browse()
            management = company.complaint_manager_id
            leader = complaint_sudo.team_id.user_id
            orders = {
                "1": [*leader, *leads[company], *management, *confidants],
                "2": [*management, *leader, *leads[company], *confidants],
            }
            result[complaint_sudo] = {
                level: next(
                    (user for user in users if complaint_sudo._may_be_seen_by(user)), self.env["res.users"].browse()
                )
                for level, users in orders.items()
            }
        return result

    @api.model
    def _get_team_leads(self, company):
        """Return the team leads of a company, those who are no more than that first."""
        # who leads may be known to whoever hands something over
        group_sudo = self.env.ref("commercial_assistant.group_team_lead").sudo()
        administrator = self.env.ref("commercial_assistant.group_administrator")
        users_sudo = group_sudo.all_user_ids.filtered(
            lambda user: user.active and company in user.company_ids and not user._is_superuser()
        )
        return users_sudo.sorted(lambda user: (administrator in user.all_group_ids, user.id))

    # --- LOCK ---

    def _check_may_lead_on(self):
        """After a threat the manager leads the case."""
        if self.env.su or self.env.user.has_group("commercial_assistant.group_team_lead"):
            return
        if locked := self.filtered("is_locked"):
            raise AccessError(
                self.env._(
                    "%(complaint)s is locked after a threat: a team lead leads it on.",
                    complaint=locked[0].display_name,
                )
            )

    def _move(self, state, **values):
        self._check_may_lead_on()
        return super()._move(state, **values)

    def action_unlock(self):
        """The manager gives the case back."""
        if not (self.env.su or self.env.user.has_group("commercial_assistant.group_team_lead")):
            raise AccessError(self.env._("A team lead gives a locked complaint back."))
        self.check_access("write")
        self.sudo().write({"is_locked": False})  # a protected flag, see above
        return True

    def _threaten(self, words):
        """The customer threatens: the case goes to the manager, who alone leads it on.

        :param str words: what was said
        """
        self._check_may_work()
        self.check_access("write")
        for complaint_sudo in self.sudo():
            manager = complaint_sudo._get_managers()[complaint_sudo]["2"]
            complaint_sudo.write({"is_locked": True, "user_id": manager.id or complaint_sudo.user_id.id})
        return self._escalate("threat", note=words, key=self._get_question_key(words))

    # --- ACTIONS ---

    @api.model
    def _get_question_key(self, question):
        """The same question asked twice is one question."""
        return hashlib.sha256((question or "").strip().encode()).hexdigest()[:16]

    def _ask_manager(self, question):
        """Ask the manager something; the same question twice is one question."""
        self._check_may_work()
        self.check_access("read")
        if not (question or "").strip():
            raise UserError(self.env._("What do you ask the manager?"))
        if any(complaint.state in ENDED_STATES for complaint in self):
            self._check_open()
        return self._escalate("manual", note=question.strip(), key=self._get_question_key(question))

    def action_escalate(self):
        """Ask what the manager has to answer."""
        self.ensure_one()
        self._check_may_work()
        self._check_open()
        return self._get_escalation_wizard("manual", self.env._("Ask the Manager"))

    def action_threat(self):
        """Ask what was said."""
        self.ensure_one()
        self._check_may_work()
        return self._get_escalation_wizard("threat", self.env._("The Customer Threatens"))

    def _get_escalation_wizard(self, reason, title):
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "commercial.complaint.escalate",
            "view_mode": "form",
            "target": "new",
            "context": {"default_complaint_id": self.id, "default_reason": reason},
        }

    def action_view_escalations(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "commercial.escalation",
            "view_mode": "list,form",
            "domain": [("complaint_id", "=", self.id)],
            "name": self.env._("Escalations"),
        }
