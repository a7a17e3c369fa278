from odoo import api, fields, models
from odoo.exceptions import AccessError, LockError, UserError, ValidationError
from odoo.tools import format_date, formatLang

from ...tools import payment_plan as core
from ...tools.identifiers import structured_communication
from ...tools.working_days import COUNTRIES
from .dunning_policy_level import LETTER_CHANNELS
from .dunning_run import to_decimal

# what a person still puts together
OPEN_STATES = ("draft", "requested", "to_approve")
# what keeps another plan from covering the same items
LIVE_STATES = ("requested", "to_approve", "proposed", "active")
RHYTHMS = [
    (core.MONTHLY, "Each month on the same day"),
    (core.WEEKLY, "Each week"),
    (core.DAYS, "Every so many days"),
]
# the communications of plans begin with a 9, which numbers of invoices and letters never reach
FIRST_COMMUNICATION = 9_000_000_000


class PaymentPlan(models.Model):
    """What a customer cannot pay at once, in instalments; while it is kept, what it covers is not reminded."""

    _name = "commercial.payment.plan"
    _description = "Payment Plan"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "commercial.approval.mixin",
        "commercial.dispatch.mixin",
        "commercial.receivable.record.mixin",
    ]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/")
    # chosen while the plan is put together
    company_id = fields.Many2one(readonly=False)
    receivable_id = fields.Many2one(readonly=False)
    contact_id = fields.Many2one(
        comodel_name="res.partner",
        string="Recipient",
        compute="_compute_contact_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        index=True,
        ondelete="restrict",
        help="Who gets the agreement and the letters of the plan.",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Responsible",
        compute="_compute_user_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        domain=[("share", "=", False)],
        tracking=True,
        help="Is told when an instalment stays unpaid.",
    )
    currency_id = fields.Many2one(comodel_name="res.currency", required=True)
    channel = fields.Selection(
        selection=LETTER_CHANNELS,
        compute="_compute_channel",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="How the agreement and the letters of the plan leave.",
    )
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("requested", "Requested by the customer"),
            ("to_approve", "To approve"),
            ("proposed", "Proposed to the customer"),
            ("active", "Active"),
            ("kept", "Paid off"),
            ("broken", "Broken"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        copy=False,
        default="draft",
        tracking=True,
        index=True,
    )

    # what it covers
    item_ids = fields.One2many(
        comodel_name="commercial.payment.plan.item",
        inverse_name="plan_id",
        string="Covered invoices",
        copy=False,
    )
    charge_ids = fields.Many2many(
        comodel_name="commercial.dunning.charge",
        relation="commercial_payment_plan_charge_rel",
        column1="plan_id",
        column2="charge_id",
        string="Charges included",
        copy=False,
        domain="[('receivable_id', '=', receivable_id), ('currency_id', '=', currency_id), ('state', '=', 'claimed')]",
        help="Interest and costs that the plan pays as well.",
    )
    amount_principal = fields.Monetary(string="Invoices", compute="_compute_amounts", store=True)
    amount_charges = fields.Monetary(string="Charges", compute="_compute_amounts", store=True)
    amount_total = fields.Monetary(string="Total", compute="_compute_amounts", store=True, tracking=True)

    # how it is paid
    first_date = fields.Date(string="First instalment")
    rhythm = fields.Selection(selection=RHYTHMS, required=True, default=core.MONTHLY)
    every_days = fields.Integer(string="Days between instalments", default=14, aggregator=None)
    working_days_only = fields.Boolean(
        string="On working days",
        help="A day that is no working day moves to the next one.",
    )
    line_ids = fields.One2many(
        comodel_name="commercial.payment.plan.line",
        inverse_name="plan_id",
        string="Instalments",
        copy=False,
    )
    instalment_count = fields.Integer(string="Number of instalments", compute="_compute_schedule", store=True)
    last_date = fields.Date(string="Last instalment", compute="_compute_schedule", store=True)
    warn_days = fields.Integer(
        string="Warn after days",
        default=lambda self: self.env.company.payment_plan_warn_days,
        aggregator=None,
        help="Days after the day of an instalment until the customer is reminded of it and the responsible is told.",
    )
    break_days = fields.Integer(
        string="Broken after days",
        default=lambda self: self.env.company.payment_plan_break_days,
        aggregator=None,
        help="When an instalment is not fully paid so many days after its day, the whole debt is due again at once.",
    )
    has_late_interest = fields.Boolean(
        string="Interest on late instalments",
        help="An instalment paid in time bears no interest (Belgium: law of 2 August 2002, article 4 par. 3).",
    )
    interest_rate = fields.Float(string="Interest (% a year)", digits=(5, 2), aggregator=None)
    is_signature_required = fields.Boolean(
        string="Signature needed",
        default=lambda self: self.env.company.payment_plan_signature_required,
        help="The plan starts only with the agreement signed by the customer: his written acknowledgement of the debt.",
    )
    payment_reference = fields.Char(
        string="Structured communication", compute="_compute_payment_reference", compute_sudo=True
    )
    partner_bank_id = fields.Many2one(
        comodel_name="res.partner.bank",
        string="Bank account",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )

    # how it came about
    is_requested = fields.Boolean(string="Asked by the customer", readonly=True, copy=False)
    requested_on = fields.Date(readonly=True, copy=False)
    request_note = fields.Text(string="Words of the customer", copy=False)
    hold_until = fields.Date(
        string="No reminders until",
        readonly=True,
        copy=False,
        help="Last day on which a request or a proposal keeps its invoices from being reminded.",
    )
    reason = fields.Text(
        string="Why",
        copy=False,
        help="What makes the plan sensible; whoever has to approve it reads this.",
    )
    needs_approval = fields.Boolean(compute="_compute_needs_approval")
    approval_state = fields.Selection(
        selection=[("approved", "Approved"), ("refused", "Refused")],
        string="Approval",
        readonly=True,
        copy=False,
    )
    approval_note = fields.Char(string="Answer to the request for approval", readonly=True, copy=False)
    date = fields.Date(string="Date of the agreement", readonly=True, copy=False)
    proposed_on = fields.Date(string="Sent to the customer", readonly=True, copy=False)
    agreement_on = fields.Date(copy=False, tracking=True, help="Day on which the customer agreed.")
    started_on = fields.Date(readonly=True, copy=False)
    signed_document = fields.Binary(attachment=True, copy=False)
    signed_document_name = fields.Char(copy=False)

    # how it goes
    amount_paid = fields.Monetary(string="Paid", compute="_compute_progress", store=True)
    amount_credited = fields.Monetary(string="Credited", compute="_compute_progress", store=True)
    amount_open = fields.Monetary(string="Still open", compute="_compute_progress", store=True)
    amount_late = fields.Monetary(string="Late", compute="_compute_progress", store=True)
    amount_interest = fields.Monetary(
        string="Late interest",
        compute="_compute_progress",
        store=True,
        help="Interest on instalments that were not paid on their day, until the last look at the payments.",
    )
    amount_overpaid = fields.Monetary(string="Paid too much", readonly=True, copy=False)
    amount_unallocated = fields.Monetary(
        string="Not yet matched",
        readonly=True,
        copy=False,
        help="Money received for this plan that the accounting has not yet matched with its invoices.",
    )
    amount_on_account = fields.Monetary(
        readonly=True,
        copy=False,
        help="The part of it that is booked on the account of the customer: no other invoice is set off against it.",
    )
    next_date = fields.Date(string="Next instalment", compute="_compute_progress", store=True)
    next_amount = fields.Monetary(compute="_compute_progress", store=True)
    progress = fields.Float(string="Paid (%)", compute="_compute_part", aggregator=None)
    broken_on = fields.Date(readonly=True, copy=False, tracking=True)
    kept_on = fields.Date(readonly=True, copy=False)
    forgiven_until = fields.Date(
        readonly=True,
        copy=False,
        help="Instalments that were missed before this day no longer break the plan.",
    )
    followed_on = fields.Datetime(string="Payments looked at", readonly=True, copy=False)
    end_reason = fields.Char(string="Reason", readonly=True, copy=False)

    # the agreement as it was sent
    revision = fields.Integer(readonly=True, copy=False, aggregator=None)
    attachment_id = fields.Many2one(
        comodel_name="ir.attachment",
        string="Agreement",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    sha256 = fields.Char(string="SHA-256", readonly=True, copy=False)
    break_dispatch_id = fields.Many2one(
        comodel_name="commercial.dispatch",
        string="Notice of the break",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    dispatch_count = fields.Integer(string="Letters", compute="_compute_dispatch_count")

    _days_in_order = models.Constraint(
        "CHECK (warn_days >= 0 AND break_days >= warn_days)",
        "A plan breaks at the earliest when the customer has been warned.",
    )
    _rate_sensible = models.Constraint(
        "CHECK (interest_rate >= 0 AND interest_rate <= 100)", "The interest lies between 0 and 100 % a year."
    )
    _live_of_company = models.Index("(company_id, partner_id) WHERE state IN ('proposed', 'active', 'kept', 'broken')")

    # --- COMPUTE ---

    @api.depends("receivable_id")
    def _compute_contact_id(self):
        for plan in self:
            receivable = plan.receivable_id
            partner = receivable.partner_id
            chosen = receivable.contact_id.filtered("active")
            plan.contact_id = chosen or partner.browse(partner.address_get(["invoice"])["invoice"]) or partner

    @api.depends("receivable_id")
    def _compute_user_id(self):
        for plan in self:
            own = self.env.user.filtered(lambda user: not user.share and not user._is_superuser())
            plan.user_id = plan.receivable_id.user_id or own

    @api.depends("contact_id")
    def _compute_channel(self):
        for plan in self:
            plan.channel = "email" if plan.contact_id.email_normalized or not plan.contact_id.street else "post"

    @api.depends("item_ids.amount", "charge_ids.amount", "currency_id")
    def _compute_amounts(self):
        for plan in self:
            plan.amount_principal = sum(plan.item_ids.mapped("amount"))
            plan.amount_charges = sum(plan.charge_ids.sudo().mapped("amount"))
            plan.amount_total = plan.amount_principal + plan.amount_charges

    @api.depends("line_ids.date")
    def _compute_schedule(self):
        for plan in self:
            days = [day for day in plan.line_ids.mapped("date") if day]
            plan.instalment_count = len(days)
            plan.last_date = max(days, default=False)

    @api.depends(
        "line_ids.amount",
        "line_ids.amount_paid",
        "line_ids.amount_credited",
        "line_ids.interest_amount",
        "line_ids.state",
        "line_ids.date",
    )
    def _compute_progress(self):
        for plan in self:
            lines = plan.line_ids.sorted("sequence")
            plan.amount_paid = sum(lines.mapped("amount_paid"))
            plan.amount_credited = sum(lines.mapped("amount_credited"))
            plan.amount_open = sum(lines.mapped("amount_open"))
            plan.amount_interest = sum(lines.mapped("interest_amount"))
            plan.amount_late = sum(lines.filtered(lambda line: line.state == "late").mapped("amount_open"))
            following = lines.filtered(lambda line: line.state != "paid")[:1]
            plan.next_date = following.date
            plan.next_amount = following.amount_open

    @api.depends("amount_total", "amount_paid", "amount_credited")
    def _compute_part(self):
        for plan in self:
            settled = plan.amount_paid + plan.amount_credited
            plan.progress = 100 * settled / plan.amount_total if plan.amount_total else 0

    @api.depends("name")
    def _compute_payment_reference(self):
        for plan in self:
            plan.payment_reference = (
                structured_communication(FIRST_COMMUNICATION + plan._origin.id) if plan._origin.id else False
            )

    @api.depends("amount_total", "currency_id", "line_ids.date", "company_id")
    @api.depends_context("tz")
    def _compute_needs_approval(self):
        for plan in self:
            plan.needs_approval = bool(plan._get_limits_passed())

    def _compute_dispatch_count(self):
        counts = dict(
            self.env["commercial.dispatch"]._read_group(
                [("res_model", "=", self._name), ("res_id", "in", self.ids)], ["res_id"], ["__count"]
            )
        )
        for plan in self:
            plan.dispatch_count = counts.get(plan.id, 0)

    @api.depends("name", "partner_id")
    def _compute_display_name(self):
        for plan in self:
            plan.display_name = f"{plan.name} {plan.partner_id.name or ''}".strip()

    # --- CONSTRAINTS ---

    @api.constrains("contact_id", "receivable_id")
    def _check_contact(self):
        for plan in self:
            if plan.contact_id.commercial_partner_id != plan.partner_id.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is not a contact of %(customer)s.",
                        contact=plan.contact_id.display_name,
                        customer=plan.partner_id.display_name,
                    )
                )

    @api.constrains("charge_ids", "receivable_id", "currency_id")
    def _check_charges(self):
        for plan in self:
            for charge_sudo in plan.charge_ids.sudo():
                if charge_sudo.receivable_id != plan.receivable_id or charge_sudo.currency_id != plan.currency_id:
                    raise ValidationError(
                        self.env._("%(charge)s does not belong to this plan.", charge=charge_sudo.display_name)
                    )

    @api.constrains("rhythm", "every_days")
    def _check_rhythm(self):
        for plan in self:
            if plan.rhythm == core.DAYS and plan.every_days < 1:
                raise ValidationError(self.env._("At least one day lies between two instalments."))

    # --- CRUD ---

    @api.model
    def _get_writable_fields(self):
        """What a person may change, by the states in which that is possible; the rest follows buttons and payments."""
        composing = {
            "break_days",
            "channel",
            "charge_ids",
            "contact_id",
            "every_days",
            "first_date",
            "has_late_interest",
            "interest_rate",
            "is_signature_required",
            "item_ids",
            "line_ids",
            "reason",
            "rhythm",
            "warn_days",
            "working_days_only",
        }
        agreed = {"agreement_on", "signed_document", "signed_document_name"}
        return {
            **dict.fromkeys(composing, OPEN_STATES),
            **dict.fromkeys(agreed, (*OPEN_STATES, "proposed", "active")),
            "user_id": None,
        }

    @api.model_create_multi
    def create(self, vals_list):
        allowed = self._get_writable_fields().keys() | {"company_id", "receivable_id", "currency_id", "name"}
        for vals in vals_list:
            if not self.env.su and not allowed.issuperset(vals):
                raise UserError(self.env._("The state of a plan follows its buttons."))
            if vals.get("name", "/") == "/":
                sequence = self.env["ir.sequence"].with_company(vals.get("company_id") or self.env.company.id)
                vals["name"] = sequence.next_by_code(self._name) or "/"
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self._check_writable(vals)
        return super().write(vals)

    def _check_writable(self, vals):
        writable = self._get_writable_fields()
        for name in vals:
            if name not in writable:
                raise UserError(self.env._("The state of a plan follows its buttons."))
            states = writable[name]
            for plan in self:
                if states and plan.state not in states:
                    raise UserError(
                        self.env._("%(plan)s is not changed any more: withdraw it and make a new one.", plan=plan.name)
                    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for plan in self:
            if plan.state not in ("draft", "cancelled") or plan.is_requested or plan.dispatch_ids:
                raise UserError(self.env._("%(plan)s was used: cancel it instead of deleting it.", plan=plan.name))

    # --- RIGHTS ---

    def _check_collector(self):
        """Plans are agreed by collectors; the view alone is no guard."""
        self.check_access("write")
        if not (self.env.su or self.env.user.has_group("commercial_assistant.group_collector")):
            raise AccessError(self.env._("Payment plans are agreed by collectors."))

    def _lock(self):
        """Hold the plan alone until the end of the transaction."""
        self.ensure_one()
        try:
            self.lock_for_update()
        except LockError as error:
            raise UserError(
                self.env._("Somebody else is working on %(plan)s at this moment.", plan=self.name)
            ) from error
        self.invalidate_recordset()

    def _get_today(self):
        """Return the day of today where the company is."""
        company = self.company_id[:1] or self.env.company
        return fields.Date.context_today(self.with_context(tz=company.partner_id.tz or "Europe/Brussels"))

    # --- LIMITS ---

    def _get_limits_passed(self):
        """Return why this plan needs an approval, as sentences; empty when it needs none."""
        self.ensure_one()
        company = self.company_id
        limit, months = company.payment_plan_approval_amount, company.payment_plan_approval_months
        reasons = []
        today = self._get_today()
        if limit:
            amount = self.amount_total
            if self.currency_id and self.currency_id != company.currency_id:
                amount = self.currency_id._convert(amount, company.currency_id, company, today)
            if company.currency_id.compare_amounts(amount, limit) > 0:
                reasons.append(
                    self.env._(
                        "The amount is above the limit of %(limit)s.",
                        limit=formatLang(self.env, limit, currency_obj=company.currency_id),
                    )
                )
        days = [day for day in self.line_ids.mapped("date") if day]
        if months and days and max(days) > core.month_later(today, months):
            reasons.append(self.env._("The plan lasts longer than %(months)s months.", months=months))
        return reasons

    def _get_prescription_alert(self):
        """Return the first day on which a covered claim comes near to its prescription; nothing when no law says so.

        Goods sold to a consumer: old Civil Code, art. 2272 (one year); other claims from a contract: art. 2262bis.
        """
        self.ensure_one()
        return self._find_prescription_alert(self.company_id, self.partner_id, self.item_ids.item_id)

    @api.model
    def _find_prescription_alert(self, company, partner, items):
        country = company.country_id
        due_dates = [day for day in items.mapped("date_due") if day]
        if country.code != "BE" or not due_dates:
            return None
        is_consumer = partner._get_customer_kind() == "consumer"
        kind = "consumer_goods" if is_consumer else "contract"
        try:
            months = self.env["commercial.legal.parameter"]._value(
                f"be_prescription_{kind}_alert_months", self._get_today(), country=country
            )
        except UserError:
            return None  # an alert that is not confirmed alerts nobody
        return core.month_later(min(due_dates), int(months))

    def _check_interest(self):
        """A consumer pays no more interest than article XIX.4 of the Code of Economic Law allows."""
        self.ensure_one()
        if not self.has_late_interest:
            return
        if self.interest_rate <= 0:
            raise ValidationError(self.env._("Enter the interest on late instalments, or take it off."))
        if self.company_id.country_id.code != "BE" or self.partner_id._get_customer_kind() != "consumer":
            return
        highest = self.env["commercial.legal.parameter"]._value(
            "be_late_rate", self._get_today(), country=self.company_id.country_id
        )
        if self.interest_rate > highest:
            raise ValidationError(
                self.env._(
                    "A consumer cannot be asked more than %(highest)s %% a year "
                    "(article XIX.4 of the Code of Economic Law).",
                    highest=formatLang(self.env, highest, digits=2),
                )
            )

    # --- PUTTING TOGETHER ---

    @api.model
    def _get_working_days_country(self, company):
        code = company.country_id.code
        return code if code in COUNTRIES else "BE"

    def _get_instalments(self):
        """Return the instalments as the calculation knows them, in their order."""
        self.ensure_one()
        return [
            core.Instalment(line.date, to_decimal(line.amount))
            for line in self.line_ids.sorted("sequence")
            if line.date
        ]

    @api.model
    def _explain(self, error, currency):
        """Return what is wrong with instalments, in the language of the user."""
        values = error.values

        def money(name):
            return formatLang(self.env, float(values[name]), currency_obj=currency)

        def day(name):
            return format_date(self.env, values[name])

        if error.code == "sum":
            return self.env._(
                "The instalments come to %(planned)s, but %(total)s is to be paid: %(difference)s is missing.",
                planned=money("planned"),
                total=money("total"),
                difference=money("difference"),
            )
        if error.code == "order":
            return self.env._(
                "Instalment %(number)s (%(day)s) must lie after the one before.",
                number=values["number"],
                day=day("day"),
            )
        if error.code == "past":
            return self.env._("The first instalment (%(day)s) lies in the past.", day=day("day"))
        if error.code == "too_late":
            return self.env._(
                "The last instalment (%(day)s) lies after %(limit)s, when the claim comes near to its prescription. "
                "Shorten the plan, or tick that it starts only with the signature of the customer.",
                day=day("day"),
                limit=day("limit"),
            )
        if error.code == "minimum":
            return self.env._(
                "An instalment of %(amount)s is below the smallest one of %(minimum)s.",
                amount=money("amount"),
                minimum=money("minimum"),
            )
        if error.code == "too_many":
            return self.env._(
                "%(count)s instalments are too many; %(maximum)s is the most.",
                count=values["count"],
                maximum=values["maximum"],
            )
        if error.code == "amount" and "number" in values:
            return self.env._("Instalment %(number)s needs an amount above zero.", number=values["number"])
        return {
            "empty": self.env._("A plan needs at least one instalment."),
            "amount": self.env._("There is no amount to spread."),
            "number": self.env._("Enter the number of instalments, or the amount of each."),
            "rhythm": self.env._("At least one day lies between two instalments."),
        }[error.code]

    def _check_schedule(self):
        """Refuse instalments that do not pay exactly the debt, one after the other, in time."""
        self.ensure_one()
        limit = None if self.is_signature_required else self._get_prescription_alert()
        try:
            core.check_plan(self._get_instalments(), to_decimal(self.amount_total), self._get_today(), limit)
        except core.PlanError as error:
            raise ValidationError(self._explain(error, self.currency_id)) from error

    def _check_items(self):
        """Refuse a plan about money that nobody owes any more, or that another plan covers."""
        self.ensure_one()
        if not self.item_ids:
            raise UserError(self.env._("Choose the invoices that the plan covers."))
        available = self.item_ids.item_id._get_plannable_amounts()
        for covered in self.item_ids:
            item = covered.item_id
            other = covered._get_rival()
            if other:
                raise UserError(
                    self.env._(
                        "%(invoice)s is part of %(plan)s already.", invoice=item.move_name, plan=other.plan_id.name
                    )
                )
            open_amount = available.get(item.id, 0.0)
            if self.currency_id.compare_amounts(covered.amount, open_amount) > 0:
                raise UserError(
                    self.env._(
                        "Of %(invoice)s %(open)s can be planned, the plan covers %(covered)s. Adapt it.",
                        invoice=item.move_name,
                        open=formatLang(self.env, open_amount, currency_obj=self.currency_id),
                        covered=formatLang(self.env, covered.amount, currency_obj=self.currency_id),
                    )
                )
        gone = self.charge_ids.sudo().filtered(lambda charge: charge.state != "claimed")
        if gone:
            raise UserError(self.env._("%(charge)s is not open any more.", charge=gone[0].display_name))

    def _check_reachable(self):
        self.ensure_one()
        if not self.company_id._get_dunning_bank():
            raise UserError(self.env._("The company has no bank account for payments."))
        contact = self.contact_id
        if self.channel == "email" and not contact.email_normalized:
            raise UserError(self.env._("%(contact)s has no e-mail address.", contact=contact.display_name))
        if self.channel != "email" and not (contact.street and (contact.zip or contact.city)):
            raise UserError(self.env._("%(contact)s has no postal address.", contact=contact.display_name))

    def _check_can_propose(self):
        for plan in self:
            if plan.state not in ("draft", "requested"):
                raise UserError(self.env._("%(plan)s is not a draft any more.", plan=plan.name))
            plan._check_items()
            plan._check_schedule()
            plan._check_interest()
            plan._check_reachable()

    # --- ACTIONS ---

    def action_change(self):
        """Put the plan together anew in the wizard."""
        self.ensure_one()
        self.check_access("write")
        if self.state not in OPEN_STATES:
            raise UserError(
                self.env._("%(plan)s is not changed any more: withdraw it and make a new one.", plan=self.name)
            )
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.payment_plan_make_action")
        action["context"] = {"default_plan_id": self.id}
        return action

    def action_propose(self):
        """Send the agreement to the customer; above the limits a team lead decides first. Twice changes nothing."""
        self._check_collector()
        plans = self.filtered(lambda plan: plan.state not in ("to_approve", "proposed"))
        plans._check_can_propose()
        reserved = self.env["commercial.dispatch"]
        for plan in plans:
            if plan.needs_approval and not plan._get_approved_request("payment_plan"):
                plan._ask_approval()
                continue
            plan_sudo = plan.sudo()
            plan_sudo._lock()
            if plan_sudo.state in ("draft", "requested"):
                reserved |= plan_sudo._propose()
        # the letter of a person is sent in the name of that person; the rights were checked before
        reserved.sudo()._send()
        return True

    def action_reset(self):
        """Take a proposal, or the wish for an approval, back."""
        self._check_collector()
        for plan in self.sudo():
            if plan.state in ("draft", "requested"):
                continue
            if plan.state not in ("to_approve", "proposed"):
                raise UserError(self.env._("%(plan)s has started already.", plan=plan.name))
            plan._lock()
            plan._withdraw_letters()
            plan._drop_approvals("withdrawn")
            plan._reopen()
        return True

    def action_activate(self):
        """The customer agreed: from now on the plan is followed. Twice changes nothing."""
        self._check_collector()
        for plan in self.sudo():
            if plan.state == "active":
                continue
            if plan.state != "proposed":
                raise UserError(self.env._("Send %(plan)s to the customer before it starts.", plan=plan.name))
            plan._lock()
            plan._activate()
        return True

    def action_cancel(self):
        return self._open_close_wizard("cancel")

    def action_refuse(self):
        return self._open_close_wizard("refuse")

    def action_reinstate(self):
        return self._open_close_wizard("reinstate")

    def _open_close_wizard(self, decision):
        self._check_collector()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.payment_plan_close_action")
        action["context"] = {"default_plan_ids": self.ids, "default_decision": decision}
        return action

    def action_follow(self):
        """Look at the payments now."""
        self.check_access("read")
        self.sudo()._follow()
        return True

    # --- APPROVAL ---

    def _ask_approval(self):
        self.ensure_one()
        reasons = self._get_limits_passed()
        text = "\n".join(filter(None, (self.reason, *reasons)))
        self._request_approval("payment_plan", text, amount=self.amount_total, currency=self.currency_id)
        self.sudo().write({"state": "to_approve", "approval_state": False, "approval_note": False})

    def _drop_approvals(self, cause):
        """What is withdrawn needs no decision, and an approval of it serves nothing else."""
        for request_sudo in self._get_live_approval_requests("payment_plan"):
            request_sudo._close("cancelled", cause=cause)

    def _get_approval_snapshot(self, purpose):
        if purpose != "payment_plan":
            return super()._get_approval_snapshot(purpose)
        instalments = [
            f"{fields.Date.to_string(line.date)}: {self.currency_id.round(line.amount):.2f}"
            for line in self.line_ids.sorted("sequence")
        ]
        covered = [
            f"{covered.item_id.move_name}: {self.currency_id.round(covered.amount):.2f}"
            for covered in self.item_ids.sorted("id")
        ]
        snapshot = super()._get_approval_snapshot(purpose)
        return {**snapshot, "item_ids": ", ".join(covered), "line_ids": ", ".join(instalments)}

    def _get_approval_snapshot_fields(self, purpose):
        if purpose != "payment_plan":
            return super()._get_approval_snapshot_fields(purpose)
        return ["partner_id", "currency_id", "amount_total", "charge_ids", "interest_rate", "break_days"]

    def _get_approval_watched_fields(self):
        names = {"item_ids", "line_ids", "charge_ids", "has_late_interest", "interest_rate", "break_days"}
        return super()._get_approval_watched_fields() | names

    def _get_approval_partner(self):
        return self.partner_id

    def _approval_approved(self, request):
        super()._approval_approved(request)
        if request.purpose != "payment_plan" or self.state != "to_approve":
            return
        self._reopen(approval_state="approved", approval_note=request.state_reason)

    def _approval_refused(self, request):
        super()._approval_refused(request)
        if request.purpose != "payment_plan" or self.state != "to_approve":
            return
        self._reopen(approval_state="refused", approval_note=request.state_reason)

    def _approval_voided(self, request):
        super()._approval_voided(request)
        if request.purpose != "payment_plan":
            return
        if self.state == "to_approve":
            self._reopen()
        elif self.state in ("draft", "requested"):
            self.write({"approval_state": False, "approval_note": False})

    # --- TRANSITIONS ---

    def _reopen(self, **vals):
        """Back to where a person puts the plan together."""
        for plan in self:
            plan.write(
                {
                    "state": "requested" if plan.is_requested else "draft",
                    "approval_state": False,
                    "approval_note": False,
                    "proposed_on": False,
                    "attachment_id": False,
                    "sha256": False,
                    **vals,
                }
            )

    def _propose(self):
        """Fix what the plan is about, hold its invoices and write the agreement; return the letter to send."""
        self.ensure_one()
        today = self._get_today()
        self.write(
            {
                "date": today,
                "revision": self.revision + 1,
                "partner_bank_id": self.company_id._get_dunning_bank().id,
                "attachment_id": False,
                "sha256": False,
                "hold_until": fields.Date.add(today, days=self.company_id.payment_plan_reply_days),
                "approval_state": False,
                "approval_note": False,
            }
        )
        self._remember_start()
        self.write({"state": "proposed"})
        dispatch = self._reserve_letter("agreement")
        self._stop_letters()
        self.activity_unlink(["mail.mail_activity_data_todo"])
        plan = self._in_language_of_responsible()
        plan._tell_responsible(plan.env._("Did the customer agree to the payment plan?"), self.hold_until)
        return dispatch

    def _activate(self):
        self.ensure_one()
        today = self._get_today()
        agreed_on = self.agreement_on or today
        if agreed_on > today:
            raise UserError(self.env._("The customer cannot have agreed on a day that is still to come."))
        if self.is_signature_required and not self.signed_document:
            raise UserError(
                self.env._(
                    "Add the agreement signed by the customer: without it %(plan)s does not start.", plan=self.name
                )
            )
        self.item_ids._check_rivals()
        self.write({"state": "active", "agreement_on": agreed_on, "started_on": today, "hold_until": False})
        self.activity_unlink(["mail.mail_activity_data_todo"])
        self._stop_letters()
        self._follow()

    def _cancel(self, reason):
        """End a plan by hand: whatever it held is due again."""
        for plan in self:
            if plan.state == "cancelled":
                continue
            if plan.state == "kept":
                raise UserError(self.env._("%(plan)s is paid already.", plan=plan.name))
            plan._lock()
            plan._withdraw_letters()
            plan._drop_approvals("other")
            plan.write({"state": "cancelled", "end_reason": reason, "hold_until": False})
            plan.activity_unlink(["mail.mail_activity_data_todo"])
            plan._release()

    def _reinstate(self, reason):
        """Forgive the instalments that were missed until now: the plan stands again."""
        for plan in self:
            if plan.state == "active":
                continue
            if plan.state != "broken":
                raise UserError(self.env._("%(plan)s is not broken.", plan=plan.name))
            plan._lock()
            plan.item_ids._check_rivals()
            plan.write(
                {
                    "state": "active",
                    "forgiven_until": plan._get_today(),
                    "broken_on": False,
                    "end_reason": reason,
                    "break_dispatch_id": False,
                }
            )
            plan._withdraw_letters()
            plan._stop_letters()
            plan._follow()

    def _release(self):
        """Let the next run decide about the items again."""
        items = self.item_ids.item_id
        self.env["commercial.receivable.item"].sudo()._forget_next_dates([("id", "in", items.ids)])

    def _stop_letters(self):
        """Decide again about reminders that are under way: what the plan covers is no longer asked."""
        notices = self.item_ids.item_id.notice_id
        if not notices:
            return
        self.env.flush_all()
        notices.filtered(lambda notice: notice.state in ("proposed", "approved"))._refresh()
        for notice in notices.filtered(lambda notice: notice.state == "sending"):
            if set(notice.dispatch_ids.mapped("state")) <= {"reserved", "failed", "cancelled"}:
                notice._cancel(self.env._("Payment plan %(plan)s", plan=self[:1].name))
            else:
                self._message_log(
                    body=self.env._("%(letter)s may have left already: look at it.", letter=notice._get_html_link())
                )
        notices.run_id._update_state()

    # --- INSTALMENTS AND TASKS ---

    @api.model
    def _make_instalments(self, company, currency, total, first_date, number=None, each=None, **options):
        """Return the instalments of an amount by the rules of the company; what is wrong is told as a message.

        :param options: see :func:`tools.payment_plan.make_plan`
        """
        minimum = options.pop("minimum", None)
        if minimum is None:
            minimum = self._get_smallest_instalment(company, currency)
        try:
            return core.make_plan(
                to_decimal(currency.round(total)),
                first_date,
                number,
                each,
                minimum=to_decimal(minimum),
                unit=to_decimal(currency.rounding),
                **options,
            )
        except core.PlanError as error:
            raise ValidationError(self._explain(error, currency)) from error

    @api.model
    def _get_smallest_instalment(self, company, currency):
        """Return the smallest instalment the company accepts, in a currency."""
        minimum = company.payment_plan_minimum
        if not minimum or currency == company.currency_id:
            return minimum
        return company.currency_id._convert(minimum, currency, company, fields.Date.context_today(self))

    def _get_responsible(self):
        """Return who looks after this plan: its responsible, that of the customer, else a collector of the company."""
        self.ensure_one()
        chosen = self.user_id or self.receivable_id.user_id
        if chosen:
            return chosen
        # whoever has nobody of his own must not be forgotten
        group_sudo = self.env.ref("commercial_assistant.group_collector").sudo()
        collectors_sudo = group_sudo.all_user_ids.filtered(
            lambda user: user.active and self.company_id in user.company_ids and not user._is_superuser()
        )
        return collectors_sudo.sorted("id")[:1].sudo(self.env.su)

    def _tell_responsible(self, summary, deadline=None, note=None):
        """Give the responsible something to do, in his language."""
        self.ensure_one()
        user = self._get_responsible()
        if not user:
            self._message_log(body=summary)
            return
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=deadline or self._get_today(),
            summary=summary,
            note=note,
            user_id=user.id,
        )

    def _tell_responsible_once(self, summary, note):
        """Give the responsible something to do, unless he has it on his list already."""
        self.ensure_one()
        if not self.activity_ids.filtered(lambda activity: activity.summary == summary):
            self._tell_responsible(summary, note=note)
