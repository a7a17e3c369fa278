from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import formatLang

from .payment_plan import LIVE_STATES, OPEN_STATES


class PaymentPlanItem(models.Model):
    """An open item, or a part of it, that a payment plan covers."""

    _name = "commercial.payment.plan.item"
    _description = "Item of a Payment Plan"
    _order = "plan_id, date_due, id"
    _rec_name = "item_id"
    _check_company_auto = True

    plan_id = fields.Many2one(
        comodel_name="commercial.payment.plan",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(comodel_name="res.company", related="plan_id.company_id", store=True)
    currency_id = fields.Many2one(comodel_name="res.currency", related="plan_id.currency_id", store=True)
    plan_state = fields.Selection(related="plan_id.state", string="State of the plan")
    is_live = fields.Boolean(compute="_compute_is_live", store=True)
    item_id = fields.Many2one(
        comodel_name="commercial.receivable.item",
        string="Open item",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    move_id = fields.Many2one(related="item_id.move_id", string="Invoice", store=True, index="btree_not_null")
    date = fields.Date(related="item_id.date", string="Invoice date")
    date_due = fields.Date(related="item_id.date_due", string="Due date", store=True)
    amount_residual = fields.Monetary(related="item_id.amount_residual", string="Open amount")
    amount = fields.Monetary(string="Covered", required=True)
    amount_paid = fields.Monetary(string="Paid", readonly=True, copy=False)
    amount_credited = fields.Monetary(string="Credited", readonly=True, copy=False)
    amount_open = fields.Monetary(string="Still open", compute="_compute_amount_open", store=True)

    # how the item stood when the plan was made: what changed since is the plan's
    amount_start = fields.Monetary(string="Open at the start", readonly=True, copy=False)
    marked_before = fields.Monetary(readonly=True, copy=False)
    paid_before = fields.Monetary(readonly=True, copy=False)
    credited_before = fields.Monetary(readonly=True, copy=False)

    _amount_positive = models.Constraint("CHECK (amount > 0)", "A plan covers an amount above zero.")
    _unique_item = models.UniqueIndex("(plan_id, item_id)", "The plan covers this invoice already.")
    _unique_live = models.UniqueIndex("(item_id) WHERE is_live", "This invoice is part of another payment plan.")

    # --- COMPUTE ---

    @api.depends("plan_id.state")
    def _compute_is_live(self):
        for covered in self:
            covered.is_live = covered.plan_id.state in LIVE_STATES

    @api.depends("amount", "amount_paid", "amount_credited")
    def _compute_amount_open(self):
        for covered in self:
            covered.amount_open = max(covered.amount - covered.amount_paid - covered.amount_credited, 0.0)

    # --- CONSTRAINTS ---

    @api.constrains("item_id", "plan_id")
    def _check_item(self):
        for covered in self:
            plan, item = covered.plan_id, covered.item_id
            if item.receivable_id != plan.receivable_id:
                raise ValidationError(
                    self.env._(
                        "%(invoice)s is not an invoice of %(customer)s.",
                        invoice=item.move_name,
                        customer=plan.partner_id.display_name,
                    )
                )
            if item.currency_id != plan.currency_id:
                raise ValidationError(
                    self.env._("%(invoice)s is in another currency than the plan.", invoice=item.move_name)
                )

    @api.constrains("item_id", "amount")
    def _check_amount(self):
        for covered in self:
            if covered.plan_id.state not in OPEN_STATES or covered.item_id.state != "open":
                continue
            if covered.currency_id.compare_amounts(covered.amount, covered.amount_residual) > 0:
                raise ValidationError(
                    self.env._(
                        "Of %(invoice)s only %(open)s is open.",
                        invoice=covered.item_id.move_name,
                        open=formatLang(self.env, covered.amount_residual, currency_obj=covered.currency_id),
                    )
                )

    def _get_rival(self):
        """Return another living plan's hold on the same item."""
        self.ensure_one()
        # also one that the user may not see stands in the way
        return self.sudo().search(
            [("item_id", "=", self.item_id.id), ("is_live", "=", True), ("plan_id", "!=", self.plan_id.id)], limit=1
        )

    def _check_rivals(self):
        for covered in self:
            other = covered._get_rival()
            if other:
                raise ValidationError(
                    self.env._(
                        "%(invoice)s is part of %(plan)s already.",
                        invoice=covered.item_id.move_name,
                        plan=other.plan_id.name,
                    )
                )

    # --- CRUD ---

    @api.model_create_multi
    def create(self, vals_list):
        covered = super().create(vals_list)
        covered._check_writable()
        covered.plan_id._check_snapshot("payment_plan")
        return covered

    def write(self, vals):
        self._check_writable(vals)
        result = super().write(vals)
        if {"item_id", "amount"} & vals.keys():
            self.plan_id._check_snapshot("payment_plan")
        return result

    def unlink(self):
        self._check_writable()
        plans = self.plan_id
        result = super().unlink()
        plans.exists()._check_snapshot("payment_plan")
        return result

    def _check_writable(self, vals=None):
        """What a plan covers is changed only while a person puts it together."""
        if self.env.su:
            return
        if vals is not None and not {"item_id", "amount"}.issuperset(vals):
            raise ValidationError(self.env._("What was paid follows the accounting."))
        self.plan_id._check_writable({"item_ids": True})

    # --- ACTIONS ---

    def action_open_invoice(self):
        self.ensure_one()
        return self.move_id._get_records_action()
