from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang

from ...tools import payment_plan as core


class PaymentPlanLine(models.Model):
    """One instalment of a payment plan."""

    _name = "commercial.payment.plan.line"
    _description = "Instalment"
    _order = "date, plan_id, sequence"
    _check_company_auto = True

    plan_id = fields.Many2one(
        comodel_name="commercial.payment.plan",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(comodel_name="res.company", related="plan_id.company_id", store=True)
    partner_id = fields.Many2one(
        comodel_name="res.partner", related="plan_id.partner_id", store=True, string="Customer", index=True
    )
    user_id = fields.Many2one(comodel_name="res.users", related="plan_id.user_id", store=True, string="Responsible")
    plan_state = fields.Selection(related="plan_id.state", store=True, string="State of the plan")
    currency_id = fields.Many2one(comodel_name="res.currency", related="plan_id.currency_id", store=True)
    sequence = fields.Integer(string="No.", required=True, default=1, aggregator=None)
    date = fields.Date(string="Pay by", required=True, index=True)
    amount = fields.Monetary(required=True)
    amount_paid = fields.Monetary(string="Paid", readonly=True, copy=False)
    amount_credited = fields.Monetary(
        string="Credited",
        readonly=True,
        copy=False,
        help="No longer to be paid: a credit note made the debt smaller.",
    )
    amount_open = fields.Monetary(string="Still open", compute="_compute_amount_open", store=True)
    interest_amount = fields.Monetary(string="Late interest", readonly=True, copy=False)
    paid_on = fields.Date(readonly=True, copy=False)
    state = fields.Selection(
        selection=[
            (core.OPEN, "To pay"),
            (core.PARTLY, "Partly paid"),
            (core.PAID, "Paid"),
            (core.LATE, "Late"),
        ],
        required=True,
        readonly=True,
        copy=False,
        default=core.OPEN,
        index=True,
    )
    courtesy_dispatch_id = fields.Many2one(
        comodel_name="commercial.dispatch",
        string="Announcement",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    late_dispatch_id = fields.Many2one(
        comodel_name="commercial.dispatch",
        string="Reminder",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    is_warned = fields.Boolean(readonly=True, copy=False, help="The responsible was told that it is late.")

    _amount_positive = models.Constraint("CHECK (amount > 0)", "An instalment needs an amount above zero.")
    _unique_sequence = models.UniqueIndex("(plan_id, sequence)", "Each instalment of a plan has its own number.")
    _open_of_active = models.Index("(date) WHERE plan_state = 'active' AND state <> 'paid'")

    # --- COMPUTE ---

    @api.depends("amount", "amount_paid", "amount_credited")
    def _compute_amount_open(self):
        for line in self:
            line.amount_open = max(line.amount - line.amount_paid - line.amount_credited, 0.0)

    @api.depends("plan_id.name", "sequence", "amount", "partner_id")
    def _compute_display_name(self):
        for line in self:
            amount = formatLang(self.env, line.amount or 0.0, currency_obj=line.currency_id)
            line.display_name = f"{line.partner_id.name or ''} {line.sequence}: {amount}".strip()

    # --- CRUD ---

    @api.model
    def _get_writable_fields(self):
        return {"sequence", "date", "amount"}

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_writable()
        lines.plan_id._check_snapshot("payment_plan")
        return lines

    def write(self, vals):
        self._check_writable(vals)
        result = super().write(vals)
        if self._get_writable_fields() & vals.keys():
            self.plan_id._check_snapshot("payment_plan")
        return result

    def unlink(self):
        self._check_writable()
        plans = self.plan_id
        result = super().unlink()
        plans.exists()._check_snapshot("payment_plan")
        return result

    def _check_writable(self, vals=None):
        """Instalments are changed only while a person puts the plan together."""
        if self.env.su:
            return
        if vals is not None and not self._get_writable_fields().issuperset(vals):
            raise UserError(self.env._("What was paid follows the accounting."))
        self.plan_id._check_writable({"line_ids": True})

    # --- ACTIONS ---

    def action_open_plan(self):
        self.ensure_one()
        return self.plan_id._get_records_action()
