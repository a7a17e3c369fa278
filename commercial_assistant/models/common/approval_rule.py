from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from .legal_parameter import CUSTOMER_KINDS


class CommercialApprovalRule(models.Model):
    _name = "commercial.approval.rule"
    _description = "Approval Rule"
    _inherit = ["commercial.record.domain"]
    _order = "sequence, id"
    _check_company_auto = True

    # more tiers than this make nobody responsible
    _max_steps = 3

    name = fields.Char(
        required=True,
        translate=True,
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        index=True,
        help="Empty: for every company.",
    )
    purpose = fields.Selection(
        selection="_selection_purpose",
        required=True,
        index=True,
    )
    model_id = fields.Many2one(
        comodel_name="ir.model",
        string="Records",
        ondelete="cascade",
        domain=lambda self: self._get_model_domain(),
        help="Empty: for every kind of record with this purpose.",
    )
    model = fields.Char(
        related="model_id.model",
        string="Model Name",
    )
    domain = fields.Char(
        string="Only Records That",
        help="Only records that match these conditions.",
    )
    customer_kind = fields.Selection(
        selection=CUSTOMER_KINDS,
        help="Empty: for every kind of customer.",
    )
    currency_id = fields.Many2one(
        comodel_name="res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
    )
    amount_min = fields.Monetary(
        string="From Amount",
        help="Inclusive. Amounts in another currency are converted at the rate of the day.",
    )
    amount_max = fields.Monetary(
        string="To Amount",
        help="Inclusive. Zero: without upper limit.",
    )
    step_ids = fields.One2many(
        comodel_name="commercial.approval.rule.step",
        inverse_name="rule_id",
        string="Steps",
        copy=True,
    )
    request_count = fields.Integer(compute="_compute_request_count")

    _amounts_in_order = models.Constraint(
        "CHECK (amount_min >= 0 AND (amount_max = 0 OR amount_max >= amount_min))",
        "The amount to which a rule applies lies below the amount from which it applies.",
    )

    def _compute_request_count(self):
        counts = dict(
            self.env["commercial.approval.request"]._read_group([("rule_id", "in", self.ids)], ["rule_id"], ["__count"])
        )
        for rule in self:
            rule.request_count = counts.get(rule, 0)

    # --- SELECTIONS ---

    @api.model
    def _selection_purpose(self):
        """What can be approved. A room adds its own purposes here."""
        return [
            ("check_override", self.env._("Go on in spite of a blocking finding")),
            ("other", self.env._("Something else")),
        ]

    @api.model
    def _get_model_domain(self):
        return [("model", "in", list(self.env.registry.descendants(["commercial.approval.mixin"], "_inherit")))]

    # --- CONSTRAINTS ---

    @api.constrains("domain", "model_id")
    def _check_domain(self):
        for rule in self.filtered("domain"):
            rule._parse_domain(rule.domain, rule.model)

    @api.constrains("step_ids", "purpose")
    def _check_steps(self):
        for rule in self:
            if not rule.step_ids:
                raise ValidationError(
                    self.env._("The rule %(rule)s needs at least one step: who decides?", rule=rule.name)
                )
            if len(rule.step_ids) > self._max_steps:
                raise ValidationError(
                    self.env._(
                        "The rule %(rule)s has more than %(count)s steps.", rule=rule.name, count=self._max_steps
                    )
                )

    # --- ACTIONS ---

    def action_view_requests(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.approval_request_action")
        action["domain"] = [("rule_id", "=", self.id)]
        action["context"] = {}
        return action

    # --- MATCHING ---

    @api.model
    def _find(self, record, purpose, company, partner, amount, currency):
        """The first rule, by sequence, under which `record` falls; empty when none does."""
        rules = self.search(self._get_candidate_domain(record, purpose, company, partner))
        return next((rule for rule in rules if rule._matches(record, company, amount, currency)), self.browse())

    @api.model
    def _get_candidate_domain(self, record, purpose, company, partner):
        kind = partner._get_customer_kind() if partner else False
        return (
            Domain("purpose", "=", purpose)
            & Domain("company_id", "in", [company.id, False])
            & Domain("model_id", "in", [self.env["ir.model"]._get_id(record._name), False])
            & Domain("customer_kind", "in", [kind, False])
        )

    def _matches(self, record, company, amount, currency):
        self.ensure_one()
        if not self._covers_amount(company, amount, currency):
            return False
        if not self.domain:
            return True
        return bool(record.filtered_domain(self._parse_domain(self.domain, record._name)))

    def _covers_amount(self, company, amount, currency):
        if not self.amount_min and not self.amount_max:
            return True
        if currency and currency != self.currency_id:
            amount = currency._convert(amount or 0.0, self.currency_id, company, fields.Date.context_today(self))
        amount = abs(amount or 0.0)
        if self.currency_id.compare_amounts(amount, self.amount_min) < 0:
            return False
        return not self.amount_max or self.currency_id.compare_amounts(amount, self.amount_max) <= 0


class CommercialApprovalRuleStep(models.Model):
    _name = "commercial.approval.rule.step"
    _description = "Step of an Approval Rule"
    _order = "rule_id, sequence, id"

    rule_id = fields.Many2one(
        comodel_name="commercial.approval.rule",
        required=True,
        index=True,
        ondelete="cascade",
    )
    sequence = fields.Integer(default=10)
    name = fields.Char(
        required=True,
        translate=True,
        default=lambda self: self.env._("Decision"),
    )
    group_id = fields.Many2one(
        comodel_name="res.groups",
        string="Approver Group",
        ondelete="set null",
    )
    user_ids = fields.Many2many(
        comodel_name="res.users",
        relation="commercial_approval_rule_step_user_rel",
        string="Approvers",
        domain=[("share", "=", False)],
    )
    quorum = fields.Integer(
        string="Needed",
        default=1,
        required=True,
        help="How many different people must approve.",
    )
    deadline_hours = fields.Integer(
        string="Hours",
        default=16,
        help="Working hours until the reminder; after as many again the team leads may decide too. Zero: no reminder.",
    )
    substitute_id = fields.Many2one(
        comodel_name="res.users",
        domain=[("share", "=", False)],
        help="May decide while an approver without an own substitute is out of office.",
    )

    _quorum_positive = models.Constraint("CHECK (quorum >= 1)", "At least one person must approve.")
    _hours_not_negative = models.Constraint("CHECK (deadline_hours >= 0)", "The hours cannot be negative.")

    @api.constrains("rule_id", "group_id", "user_ids")
    def _check_approvers(self):
        for step in self:
            if not step.group_id and not step.user_ids:
                raise ValidationError(
                    self.env._("The step %(step)s needs a group or users who decide.", step=step.name)
                )

    def _prepare_step_vals(self):
        """Values of the step of a request: a copy, so that a later change of the rule leaves running requests alone."""
        self.ensure_one()
        return {
            "sequence": self.sequence,
            "name": self.name,
            "group_id": self.group_id.id,
            "user_ids": [fields.Command.set(self.user_ids.ids)],
            "quorum": self.quorum,
            "deadline_hours": self.deadline_hours,
            "substitute_id": self.substitute_id.id,
        }
