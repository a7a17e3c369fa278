from datetime import timedelta

from odoo import api, fields, models


class CommercialApprovalStep(models.Model):
    _name = "commercial.approval.step"
    _description = "Step of an Approval Request"
    _inherit = ["commercial.record.link.line"]
    _order = "request_id, sequence, id"
    _link_field = "request_id"

    request_id = fields.Many2one(
        comodel_name="commercial.approval.request",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="request_id.company_id",
        store=True,
        index=True,
    )
    sequence = fields.Integer(readonly=True)
    name = fields.Char(
        required=True,
        readonly=True,
    )
    group_id = fields.Many2one(
        comodel_name="res.groups",
        string="Approver Group",
        readonly=True,
        ondelete="set null",
    )
    user_ids = fields.Many2many(
        comodel_name="res.users",
        relation="commercial_approval_step_user_rel",
        string="Approvers",
        readonly=True,
    )
    substitute_id = fields.Many2one(
        comodel_name="res.users",
        readonly=True,
    )
    quorum = fields.Integer(
        string="Needed",
        required=True,
        default=1,
        readonly=True,
    )
    deadline_hours = fields.Integer(readonly=True)
    deadline = fields.Datetime(readonly=True)
    notified_ids = fields.Many2many(
        comodel_name="res.users",
        relation="commercial_approval_step_notified_rel",
        string="Told",
        readonly=True,
    )
    reminded_on = fields.Datetime(readonly=True)
    escalated_on = fields.Datetime(readonly=True)
    state = fields.Selection(
        selection=[
            ("waiting", "Not yet"),
            ("pending", "To decide"),
            ("approved", "Approved"),
            ("refused", "Refused"),
            ("skipped", "Not needed"),
        ],
        default="waiting",
        required=True,
        readonly=True,
    )
    decision_ids = fields.One2many(
        comodel_name="commercial.approval.decision",
        inverse_name="step_id",
        string="Decisions",
    )
    decided_by = fields.Char(compute="_compute_decided_by")

    @api.depends_context("lang")
    @api.depends("decision_ids")
    def _compute_decided_by(self):
        for step in self:
            step.decided_by = ", ".join(step.decision_ids.mapped("display_name"))

    # --- WHO DECIDES ---

    def _get_team_leads(self):
        return self.env.ref("commercial_assistant.group_team_lead").sudo().all_user_ids

    def _get_deciders(self):
        """Who may decide now, as {user: the absent approver in whose place, or an empty user}.

        Never the requester. When that leaves nobody, or too few, the team leads take the place.
        """
        self.ensure_one()
        step_sudo = self.sudo()  # who is in a group, out of office or in a company is no secret here
        approvers = step_sudo._filter_deciders(step_sudo.user_ids | step_sudo.group_id.all_user_ids)
        if step_sudo.escalated_on or len(approvers) < step_sudo.quorum:
            approvers |= step_sudo._filter_deciders(step_sudo._get_team_leads())
        deciders = {user: self.env["res.users"] for user in approvers.sudo(False)}
        for user in approvers.filtered("is_out_of_office"):
            substitute = step_sudo._filter_deciders(user.substitute_id or step_sudo.substitute_id)
            for person in substitute.sudo(False):
                deciders.setdefault(person, user.sudo(False))
        if step_sudo.escalated_on:
            for person in step_sudo._filter_deciders(step_sudo.substitute_id).sudo(False):
                deciders.setdefault(person, self.env["res.users"])
        return deciders

    def _filter_deciders(self, users):
        company = self.request_id.company_id
        requester = self.request_id.requester_id
        return users.filtered(
            lambda user: user.active and not user.share and user != requester and company in user.company_ids
        )

    # --- COURSE ---

    def _get_deadline(self, start):
        """The end of the step's working hours, by the company's calendar where it has one."""
        self.ensure_one()
        if not self.deadline_hours:
            return False
        calendar = self.company_id.resource_calendar_id
        planned = calendar and calendar.plan_hours(self.deadline_hours, start, compute_leaves=True)
        return planned or start + timedelta(hours=self.deadline_hours)

    def _activate(self):
        self.ensure_one()
        deadline = self._get_deadline(fields.Datetime.now())
        self.write({"state": "pending", "deadline": deadline})
        self.request_id._schedule_activities()

    def _is_complete(self):
        """Enough different people approved."""
        self.ensure_one()
        approved = self.decision_ids.filtered(lambda decision: decision.decision == "approved")
        return len(approved.user_id) >= self.quorum


class CommercialApprovalDecision(models.Model):
    _name = "commercial.approval.decision"
    _description = "Decision on an Approval Request"
    _inherit = ["commercial.record.link.line"]
    _order = "decided_on, id"
    _link_field = "request_id"

    step_id = fields.Many2one(
        comodel_name="commercial.approval.step",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    request_id = fields.Many2one(
        related="step_id.request_id",
        store=True,
        index=True,
    )
    company_id = fields.Many2one(
        related="step_id.company_id",
        store=True,
        index=True,
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Decided By",
        required=True,
        readonly=True,
        index=True,
    )
    substituted_id = fields.Many2one(
        comodel_name="res.users",
        string="In Place Of",
        readonly=True,
    )
    decided_on = fields.Datetime(
        required=True,
        readonly=True,
    )
    decision = fields.Selection(
        selection=[
            ("approved", "Approved"),
            ("refused", "Refused"),
        ],
        required=True,
        readonly=True,
    )
    comment = fields.Text(readonly=True)

    _one_vote = models.UniqueIndex("(step_id, user_id)", "Everybody decides once on a step.")

    @api.depends_context("lang")
    @api.depends("user_id", "substituted_id")
    def _compute_display_name(self):
        for decision in self:
            if decision.substituted_id:
                decision.display_name = self.env._(
                    "%(user)s for %(absent)s",
                    user=decision.user_id.name,
                    absent=decision.substituted_id.name,
                )
            else:
                decision.display_name = decision.user_id.name
