from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date, formatLang

from ...models.dunning.dunning_run import to_decimal
from ...models.dunning.payment_plan import RHYTHMS
from ...tools import payment_plan as core


class PaymentPlanMake(models.TransientModel):
    """Put a payment plan together: choose what it covers, and see its instalments while choosing."""

    _name = "commercial.payment.plan.make"
    _description = "Make a Payment Plan"

    plan_id = fields.Many2one(comodel_name="commercial.payment.plan", readonly=True)
    receivable_id = fields.Many2one(
        comodel_name="commercial.receivable", string="Customer account", required=True, readonly=True
    )
    company_id = fields.Many2one(related="receivable_id.company_id")
    partner_id = fields.Many2one(related="receivable_id.partner_id", string="Customer")
    request_note = fields.Text(related="plan_id.request_note")
    currency_id = fields.Many2one(
        comodel_name="res.currency", required=True, domain="[('id', 'in', possible_currency_ids)]"
    )
    possible_currency_ids = fields.Many2many(comodel_name="res.currency", compute="_compute_possible_currency_ids")
    item_ids = fields.One2many(
        comodel_name="commercial.payment.plan.make.item",
        inverse_name="make_id",
        string="Invoices",
        compute="_compute_item_ids",
        store=True,
        readonly=False,
    )
    charge_ids = fields.Many2many(
        comodel_name="commercial.dunning.charge",
        relation="commercial_payment_plan_make_charge_rel",
        string="Charges included",
        domain="[('receivable_id', '=', receivable_id), ('currency_id', '=', currency_id), ('state', '=', 'claimed')]",
    )
    amount_total = fields.Monetary(string="To be paid", compute="_compute_amount_total", store=True)
    method = fields.Selection(
        selection=[("number", "Number of instalments"), ("amount", "Amount of each instalment")],
        string="Split by",
        required=True,
        default="number",
    )
    number = fields.Integer(string="Instalments", default=3)
    amount_each = fields.Monetary(string="Each")
    minimum = fields.Monetary(string="Smallest instalment")
    first_date = fields.Date(string="First instalment", required=True, default=lambda self: self._default_first_date())
    rhythm = fields.Selection(selection=RHYTHMS, required=True, default=core.MONTHLY)
    every_days = fields.Integer(string="Days between instalments", default=14)
    working_days_only = fields.Boolean(string="On working days")
    has_late_interest = fields.Boolean(string="Interest on late instalments")
    interest_rate = fields.Float(string="Interest (% a year)", digits=(5, 2))
    warn_days = fields.Integer(string="Warn after days")
    break_days = fields.Integer(string="Broken after days")
    is_signature_required = fields.Boolean(string="Signature needed")
    reason = fields.Text(string="Why")
    line_ids = fields.One2many(
        comodel_name="commercial.payment.plan.make.line",
        inverse_name="make_id",
        string="Schedule",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    amount_planned = fields.Monetary(string="Instalments in all", compute="_compute_check")
    amount_difference = fields.Monetary(string="Missing", compute="_compute_check")
    problem = fields.Text(compute="_compute_check")
    notice = fields.Text(string="Approval", compute="_compute_check")

    # --- DEFAULTS ---

    @api.model
    def _default_first_date(self):
        return fields.Date.add(fields.Date.context_today(self), days=14)

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if "receivable_id" not in fields:
            return values  # the missing ones of a wizard that is filled in already
        plan = self.env["commercial.payment.plan"].browse(self.env.context.get("default_plan_id"))
        if plan:
            values |= self._prepare_values_of_plan(plan)
        receivable = self.env["commercial.receivable"].browse(values.get("receivable_id"))
        if not receivable:
            raise UserError(self.env._("Open the account of a customer to make a payment plan."))
        if not plan:
            company = receivable.company_id
            values |= {
                "warn_days": company.payment_plan_warn_days,
                "break_days": company.payment_plan_break_days,
                "is_signature_required": company.payment_plan_signature_required,
            }
        # what was paid a minute ago is not planned; the account follows the accounting, whoever looks
        self.env["commercial.receivable"].sudo()._refresh_items(receivable.company_id, receivable.partner_id.ids)
        currencies = receivable.item_ids.currency_id
        if not values.get("currency_id"):
            values["currency_id"] = (receivable.company_id.currency_id & currencies or currencies[:1]).id
        if not values["currency_id"]:
            raise UserError(
                self.env._("%(customer)s has no open invoice.", customer=receivable.partner_id.display_name)
            )
        if "minimum" not in values:
            values["minimum"] = plan._get_smallest_instalment(
                receivable.company_id, self.env["res.currency"].browse(values["currency_id"])
            )
        return {name: value for name, value in values.items() if name in fields}

    @api.model
    def _prepare_values_of_plan(self, plan):
        plan.check_access("write")
        return {
            "receivable_id": plan.receivable_id.id,
            "currency_id": plan.currency_id.id,
            "charge_ids": [Command.set(plan.charge_ids.ids)],
            "method": "number",
            "number": plan.instalment_count or 3,
            "first_date": plan.first_date or self._default_first_date(),
            "rhythm": plan.rhythm,
            "every_days": plan.every_days,
            "working_days_only": plan.working_days_only,
            "has_late_interest": plan.has_late_interest,
            "interest_rate": plan.interest_rate,
            "warn_days": plan.warn_days,
            "break_days": plan.break_days,
            "is_signature_required": plan.is_signature_required,
            "reason": plan.reason,
        }

    # --- COMPUTE ---

    @api.depends("receivable_id")
    def _compute_possible_currency_ids(self):
        for make in self:
            make.possible_currency_ids = make.receivable_id.item_ids.currency_id | make.plan_id.currency_id

    @api.depends("receivable_id", "currency_id", "plan_id")
    def _compute_item_ids(self):
        """Offer every open item of the currency; chosen is what the user came from, else what is overdue."""
        for make in self:
            items = make.receivable_id.item_ids.filtered(lambda item, make=make: item.currency_id == make.currency_id)
            available = items._get_plannable_amounts()
            covered = {line.item_id: line.amount for line in make.plan_id.item_ids}
            asked = self.env.context.get("commercial_assistant_item_ids")
            commands = [Command.clear()]
            for item in items.sorted("date_due"):
                rest = available.get(item.id, 0.0)
                other = item.payment_plan_id - make.plan_id._origin
                can_cover = rest > 0 and not other
                if make.plan_id:
                    is_chosen = item in covered
                elif asked is not None:
                    is_chosen = item.id in asked
                else:
                    is_chosen = item.days_late > 0
                commands.append(
                    Command.create(
                        {
                            "item_id": item.id,
                            "other_plan_id": other.id,
                            "amount_available": rest,
                            "is_chosen": is_chosen and can_cover,
                            "amount": min(covered.get(item, rest), rest),
                        }
                    )
                )
            make.item_ids = commands

    @api.depends("item_ids.is_chosen", "item_ids.amount", "charge_ids")
    def _compute_amount_total(self):
        for make in self:
            items = make.item_ids.filtered("is_chosen")
            make.amount_total = sum(items.mapped("amount")) + sum(make.charge_ids.mapped("amount"))

    @api.depends(
        "amount_total",
        "method",
        "number",
        "amount_each",
        "minimum",
        "first_date",
        "rhythm",
        "every_days",
        "working_days_only",
        "plan_id",
    )
    def _compute_line_ids(self):
        for make in self:
            make.line_ids = [
                Command.clear(),
                *(
                    Command.create({"sequence": position, "date": day, "amount": float(amount)})
                    for position, (day, amount) in enumerate(make._get_proposed_instalments(), start=1)
                ),
            ]

    def _get_proposed_instalments(self):
        """Return the instalments as asked; none while something is missing or wrong, see ``problem``."""
        self.ensure_one()
        if self._is_as_in_plan():
            return self.plan_id._get_instalments()
        if not self.first_date or self.currency_id.compare_amounts(self.amount_total, 0) <= 0:
            return []
        try:
            return self._make_instalments()
        except ValidationError:
            return []

    def _is_as_in_plan(self):
        """Whether nothing was changed that makes other instalments than those the plan has."""
        plan = self.plan_id
        return (
            bool(plan.line_ids)
            and self.method == "number"
            and not self.currency_id.compare_amounts(self.amount_total, sum(plan.line_ids.mapped("amount")))
            and (self.number, self.first_date, self.rhythm, self.every_days, self.working_days_only)
            == (plan.instalment_count, plan.first_date, plan.rhythm, plan.every_days, plan.working_days_only)
        )

    def _make_instalments(self):
        self.ensure_one()
        by_amount = self.method == "amount"
        options = {"minimum": self.minimum}
        if self.working_days_only:
            options["working_days_in"] = self.plan_id._get_working_days_country(self.company_id)
        return self.env["commercial.payment.plan"]._make_instalments(
            self.company_id,
            self.currency_id,
            self.amount_total,
            self.first_date,
            None if by_amount else self.number,
            to_decimal(self.amount_each) if by_amount else None,
            rhythm=self.rhythm,
            every_days=self.every_days,
            **options,
        )

    @api.depends(
        "line_ids.amount",
        "line_ids.date",
        "amount_total",
        "is_signature_required",
        "item_ids.is_chosen",
        "item_ids.amount",
        "method",
        "number",
        "amount_each",
        "minimum",
        "first_date",
        "rhythm",
        "every_days",
    )
    def _compute_check(self):
        for make in self:
            make.amount_planned = sum(make.line_ids.mapped("amount"))
            make.amount_difference = make.amount_total - make.amount_planned
            make.problem = make._find_problem()
            make.notice = make._find_limits()

    def _find_problem(self):
        """Return what keeps the plan from being made, or nothing."""
        self.ensure_one()
        for line in self.item_ids.filtered("is_chosen"):
            name = line.item_id.move_name
            if line.other_plan_id:
                return self.env._(
                    "%(invoice)s is part of %(plan)s already.", invoice=name, plan=line.other_plan_id.name
                )
            if self.currency_id.compare_amounts(line.amount, line.amount_available) > 0 or line.amount <= 0:
                return self.env._(
                    "Of %(invoice)s up to %(open)s can be planned.",
                    invoice=name,
                    open=formatLang(self.env, line.amount_available, currency_obj=self.currency_id),
                )
        if not self.item_ids.filtered("is_chosen"):
            return self.env._("Choose the invoices that the plan covers.")
        Plan = self.env["commercial.payment.plan"]
        today = Plan.with_company(self.company_id)._get_today()
        limit = None
        if not self.is_signature_required:
            items = self.item_ids.filtered("is_chosen").item_id
            limit = Plan._find_prescription_alert(self.company_id, self.partner_id, items)
        try:
            if not self.line_ids and self.first_date:
                self._make_instalments()
            core.check_plan(
                self._get_lines_in_order(), to_decimal(self.currency_id.round(self.amount_total)), today, limit
            )
        except ValidationError as error:
            return str(error)
        except core.PlanError as error:
            return Plan._explain(error, self.currency_id)
        return False

    def _get_lines_in_order(self):
        return [
            core.Instalment(line.date, to_decimal(self.currency_id.round(line.amount)))
            for line in self.line_ids.sorted(lambda line: (line.sequence, line._origin.id or 0))
            if line.date
        ]

    def _find_limits(self):
        """Return why the plan will need an approval, or nothing."""
        self.ensure_one()
        plan = self.env["commercial.payment.plan"].new(
            {
                "company_id": self.company_id.id,
                "receivable_id": self.receivable_id.id,
                "currency_id": self.currency_id.id,
                "item_ids": [
                    Command.create({"item_id": line.item_id.id, "amount": line.amount})
                    for line in self.item_ids.filtered("is_chosen")
                ],
                "charge_ids": [Command.set(self.charge_ids.ids)],
                "line_ids": [
                    Command.create({"date": line.date, "amount": line.amount}) for line in self.line_ids if line.date
                ],
            }
        )
        reasons = plan._get_limits_passed()
        return "\n".join([*reasons, self.env._("A team lead decides before it is proposed.")]) if reasons else False

    # --- ACTIONS ---

    def action_make(self):
        """Write the plan and open it."""
        return self._make_plan()._get_records_action(name=self.env._("Payment plan"))

    def action_make_and_propose(self):
        """Write the plan and send the agreement at once."""
        plan = self._make_plan()
        plan.action_propose()
        return plan._get_records_action(name=self.env._("Payment plan"))

    def _make_plan(self):
        self.ensure_one()
        problem = self._find_problem()
        if problem:
            raise ValidationError(problem)
        vals = self._prepare_plan_vals()
        plan = self.plan_id
        if plan:
            plan.write(vals)
            return plan
        return plan.create(
            {
                **vals,
                "company_id": self.company_id.id,
                "receivable_id": self.receivable_id.id,
                "currency_id": self.currency_id.id,
            }
        )

    def _prepare_plan_vals(self):
        self.ensure_one()
        instalments = self._get_lines_in_order()
        return {
            "charge_ids": [Command.set(self.charge_ids.ids)],
            "item_ids": [
                Command.clear(),
                *(
                    Command.create({"item_id": line.item_id.id, "amount": self.currency_id.round(line.amount)})
                    for line in self.item_ids.filtered("is_chosen")
                ),
            ],
            "line_ids": [
                Command.clear(),
                *(
                    Command.create({"sequence": position, "date": day, "amount": float(amount)})
                    for position, (day, amount) in enumerate(instalments, start=1)
                ),
            ],
            "first_date": instalments[0].date,
            "rhythm": self.rhythm,
            "every_days": self.every_days,
            "working_days_only": self.working_days_only,
            "has_late_interest": self.has_late_interest,
            "interest_rate": self.interest_rate if self.has_late_interest else 0.0,
            "warn_days": self.warn_days,
            "break_days": self.break_days,
            "is_signature_required": self.is_signature_required,
            "reason": self.reason,
        }


class PaymentPlanMakeItem(models.TransientModel):
    _name = "commercial.payment.plan.make.item"
    _description = "Invoice for a Payment Plan"
    _order = "id"

    make_id = fields.Many2one(comodel_name="commercial.payment.plan.make", ondelete="cascade", index=True)
    item_id = fields.Many2one(comodel_name="commercial.receivable.item", string="Invoice", required=True)
    currency_id = fields.Many2one(related="item_id.currency_id")
    date_due = fields.Date(related="item_id.date_due")
    days_late = fields.Integer(related="item_id.days_late")
    amount_residual = fields.Monetary(related="item_id.amount_residual", string="Open amount")
    amount_available = fields.Monetary(
        string="Can be planned", help="What is open, without what is disputed, handed over or on its way."
    )
    other_plan_id = fields.Many2one(comodel_name="commercial.payment.plan", string="Other plan")
    is_chosen = fields.Boolean(string="In the plan")
    amount = fields.Monetary(string="Covered")


class PaymentPlanMakeLine(models.TransientModel):
    _name = "commercial.payment.plan.make.line"
    _description = "Instalment of a Payment Plan in the Making"
    _order = "sequence, id"

    make_id = fields.Many2one(comodel_name="commercial.payment.plan.make", ondelete="cascade", index=True)
    currency_id = fields.Many2one(related="make_id.currency_id")
    sequence = fields.Integer(string="No.", default=1000)
    date = fields.Date(string="Pay by", required=True)
    amount = fields.Monetary(required=True)
    weekday = fields.Char(compute="_compute_weekday")

    @api.depends("date")
    @api.depends_context("lang")
    def _compute_weekday(self):
        for line in self:
            line.weekday = format_date(self.env, line.date, date_format="EEEE") if line.date else ""
