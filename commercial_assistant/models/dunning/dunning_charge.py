from decimal import Decimal

from psycopg2.extras import Json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL, format_date, formatLang

from ...tools.late_payment import InterestSlice, round_half_up

BOOKING_MODES = [
    ("letter", "In the letter only"),
    ("entry", "Journal entry"),
    ("invoice", "Customer invoice"),
]


class DunningCharge(models.Model):
    """A claim besides the invoice: interest, indemnity, fixed sum or cost of a reminder."""

    _name = "commercial.dunning.charge"
    _description = "Reminder Charge"
    _inherit = ["commercial.approval.mixin"]
    _order = "id desc"
    _check_company_auto = True

    company_id = fields.Many2one(comodel_name="res.company", required=True, readonly=True, index=True)
    receivable_id = fields.Many2one(
        comodel_name="commercial.receivable",
        string="Customer account",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        related="receivable_id.partner_id",
        store=True,
        string="Customer",
        index=True,
    )
    notice_id = fields.Many2one(
        comodel_name="commercial.dunning.notice",
        string="First claimed by",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    item_id = fields.Many2one(
        comodel_name="commercial.receivable.item",
        string="Open item",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    move_id = fields.Many2one(
        comodel_name="account.move",
        related="item_id.move_id",
        store=True,
        string="Invoice",
        index="btree_not_null",
    )
    kind = fields.Selection(
        selection=[
            ("interest", "Interest"),
            ("indemnity", "Indemnity"),
            ("fixed", "Fixed sum"),
            ("cost", "Cost of the reminder"),
        ],
        required=True,
        readonly=True,
    )
    state = fields.Selection(
        selection=[
            ("planned", "Planned"),
            ("claimed", "Claimed"),
            ("waived", "Waived"),
            ("paid", "Paid"),
            ("cancelled", "Cancelled"),
            ("simulated", "Dry run"),
        ],
        required=True,
        readonly=True,
        copy=False,
        default="planned",
        index=True,
        compute="_compute_state",
        store=True,
        help="A planned charge is claimed as soon as its letter has arrived. It is paid when nothing of it is open.",
    )
    date_from = fields.Date(string="From", readonly=True)
    date_to = fields.Date(string="To", readonly=True)
    base_amount = fields.Monetary(string="Calculated on", readonly=True)
    rate_text = fields.Char(string="Rate", readonly=True)
    slices = fields.Json(
        readonly=True,
        help="The calculation of an interest: days at one principal and one rate.",
    )
    calculation_html = fields.Html(
        string="Calculation",
        compute="_compute_calculation_html",
        sanitize=False,
    )
    amount = fields.Monetary(required=True, readonly=True)
    currency_id = fields.Many2one(comodel_name="res.currency", required=True, readonly=True)
    legal_ground = fields.Char(readonly=True)
    claimed_on = fields.Date(readonly=True, copy=False, help="The day on which the letter that claims it arrived.")
    is_orphan = fields.Boolean(
        string="Invoice settled",
        compute="_compute_is_orphan",
        search="_search_is_orphan",
        help="The invoice is paid, but this charge is still open.",
    )
    amount_received = fields.Monetary(
        string="Recorded by hand",
        readonly=True,
        copy=False,
        help="Money for this charge that was recorded here, not matched in the accounting.",
    )
    received_on = fields.Date(readonly=True, copy=False)
    received_reference = fields.Char(string="Reference of the payment", readonly=True, copy=False)
    amount_paid = fields.Monetary(string="Paid", compute="_compute_payment", store=True, copy=False)
    amount_credited = fields.Monetary(
        string="Credited in the accounting",
        compute="_compute_payment",
        store=True,
        copy=False,
        help="What an accountant has credited on the document of this charge.",
    )
    paid_on = fields.Date(compute="_compute_payment", store=True, copy=False, help="Day of the last payment.")
    amount_waived = fields.Monetary(string="Waived", compute="_compute_residual", store=True, copy=False)
    amount_residual = fields.Monetary(string="Open", compute="_compute_residual", store=True, copy=False)
    booking_mode = fields.Selection(
        selection=BOOKING_MODES,
        string="Way of booking",
        readonly=True,
        copy=False,
        help="How the charge is booked. Decided by the policy when the letter arrives.",
    )
    booking_state = fields.Selection(
        selection=[
            ("not_booked", "Not booked"),
            ("to_book", "To book"),
            ("booked", "Booked"),
            ("reversed", "Taken back"),
            ("failed", "Not possible"),
        ],
        string="Booking",
        required=True,
        readonly=True,
        copy=False,
        default="not_booked",
    )
    booking_note = fields.Char(
        string="Remark on the booking",
        readonly=True,
        copy=False,
        help="Why it could not be booked, or what was different.",
    )
    booking_ids = fields.One2many(
        comodel_name="commercial.dunning.charge.booking",
        inverse_name="charge_id",
        string="Bookings",
        readonly=True,
    )
    waive_reason = fields.Char(readonly=True, copy=False)
    waived_on = fields.Date(readonly=True, copy=False)
    waived_by_id = fields.Many2one(comodel_name="res.users", string="Waiver approved by", readonly=True, copy=False)

    _amount_positive = models.Constraint("CHECK (amount > 0)", "A charge is a positive amount.")
    _claimed = models.Index("(receivable_id) WHERE state = 'claimed'")
    _to_book = models.Index("(company_id) WHERE booking_state IN ('to_book', 'failed')")
    _unique_once = models.UniqueIndex(
        "(item_id, kind) WHERE kind IN ('fixed', 'indemnity') AND state NOT IN ('cancelled', 'simulated')",
        "This sum was already claimed for this item.",
    )
    _unique_interest_start = models.UniqueIndex(
        "(item_id, date_from) WHERE kind = 'interest' AND state NOT IN ('cancelled', 'simulated')",
        "This sum was already claimed for this item.",
    )

    # --- COMPUTE ---

    @api.depends("kind", "item_id", "amount")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for charge in self:
            amount = formatLang(self.env, charge.amount, currency_obj=charge.currency_id)
            charge.display_name = f"{kinds.get(charge.kind)} {charge.item_id.move_name or ''}: {amount}"

    @api.depends(
        "amount",
        "amount_received",
        "received_on",
        "booking_ids.amount",
        "booking_ids.amount_reversed",
        "booking_ids.move_id.state",
        "booking_ids.move_id.line_ids.amount_residual_currency",
    )
    def _compute_payment(self):
        """What was paid, as the accounting says it; undoing a match opens the charge again."""
        # the accounting is read for what it says about charges, whoever looks at them
        settled = self.env["commercial.dunning.charge.booking"].sudo()._get_settlements(self)
        for charge in self:
            received, credited, day = settled.get(charge.id, (0.0, 0.0, None))
            charge.amount_paid = charge.amount_received + received
            charge.amount_credited = credited
            charge.paid_on = max(filter(None, (day, charge.amount_received and charge.received_on)), default=False)

    @api.depends("amount_paid", "amount_credited")
    def _compute_state(self):
        """A claimed charge is paid when nothing is open, and claimed again when its payment is undone."""
        for charge in self:
            state = charge.state or "planned"
            is_settled = charge.currency_id.compare_amounts(charge.amount_paid + charge.amount_credited, charge.amount)
            if state == "claimed" and is_settled >= 0:
                state = "paid" if charge.amount_paid else "waived"
            elif (state == "paid" or (state == "waived" and not charge.waived_on)) and is_settled < 0:
                state = "claimed"
            charge.state = state

    @api.depends("amount", "state", "amount_paid", "amount_credited")
    def _compute_residual(self):
        for charge in self:
            rest = charge.amount - charge.amount_paid
            charge.amount_waived = rest if charge.state == "waived" else charge.amount_credited
            is_open = charge.state in ("planned", "claimed")
            charge.amount_residual = max(rest - charge.amount_credited, 0) if is_open else 0

    @api.depends("state", "item_id.state")
    def _compute_is_orphan(self):
        for charge in self:
            charge.is_orphan = charge.state == "claimed" and charge.item_id.state != "open"

    def _search_is_orphan(self, operator, value):
        if operator != "in" or True not in value:
            return NotImplemented
        return [("state", "=", "claimed"), ("item_id.state", "!=", "open")]

    @api.depends_context("lang")
    @api.depends("slices", "kind", "base_amount", "amount")
    def _compute_calculation_html(self):
        for charge in self:
            rows = charge._get_calculation_rows()
            total = formatLang(self.env, charge.amount, currency_obj=charge.currency_id)
            charge.calculation_html = bool(rows) and self.env["ir.qweb"]._render(
                "commercial_assistant.dunning_charge_calculation", {"rows": rows, "total": total}
            )

    # --- CONSTRAINTS ---

    @api.constrains("item_id", "kind", "date_from", "date_to", "state")
    def _check_overlap(self):
        """No day bears interest twice."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT charge.id
                  FROM commercial_dunning_charge charge
                  JOIN commercial_dunning_charge other
                    ON other.item_id = charge.item_id
                   AND other.id <> charge.id
                   AND other.kind = 'interest'
                   AND other.state NOT IN ('cancelled', 'simulated')
                   AND other.date_from <= charge.date_to
                   AND other.date_to >= charge.date_from
                 WHERE charge.id = ANY(%s)
                   AND charge.kind = 'interest'
                   AND charge.state NOT IN ('cancelled', 'simulated')
                 LIMIT 1
                """,
                self.ids,
            )
        )
        if rows:
            charge = self.browse(rows[0][0])
            raise ValidationError(
                self.env._(
                    "Interest on %(invoice)s from %(start)s to %(end)s is claimed already for a part of these days.",
                    invoice=charge.item_id.move_name,
                    start=format_date(self.env, charge.date_from),
                    end=format_date(self.env, charge.date_to),
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_claimed(self):
        if any(charge.state not in ("planned", "simulated") for charge in self):
            raise UserError(self.env._("A claimed charge is waived, never deleted."))

    # --- ACTIONS ---

    def _check_collector(self):
        self.check_access("read")
        if not (self.env.su or self.env.user.has_group("commercial_assistant.group_collector")):
            raise AccessError(self.env._("Charges are the work of collectors."))

    def action_waive(self):
        """Ask for the reason; the charge is dropped when the waiver is approved."""
        self._check_collector()
        self._check_can_waive()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.dunning_charge_waive_action")
        action["context"] = {"default_charge_ids": self.ids}
        return action

    def action_mark_paid(self):
        """Ask for the day and the reference of a payment that is not matched in the accounting."""
        self._check_collector()
        self._check_can_mark_paid()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.dunning_charge_pay_action")
        action["context"] = {"default_charge_ids": self.filtered(lambda charge: charge.state == "claimed").ids}
        return action

    def action_open_notice(self):
        self.ensure_one()
        return self.notice_id._get_records_action()

    def action_open_moves(self):
        """Open the documents of the accounting that were made for these charges."""
        return self.booking_ids.move_id._get_records_action(name=self.env._("Documents"))

    def action_open_receivable(self):
        self.ensure_one()
        return self.receivable_id._get_records_action()

    def action_allocate_payment(self):
        self.ensure_one()
        return self.receivable_id.action_allocate_payment()

    def _check_can_mark_paid(self):
        for charge in self:
            if charge.state not in ("claimed", "paid"):
                raise UserError(self.env._("Only a claimed charge can be paid."))
            booked = charge.amount_residual - charge._get_unbooked_amount() if charge.state == "claimed" else 0
            if charge.currency_id.compare_amounts(booked, 0) > 0:
                raise UserError(
                    self.env._(
                        "%(charge)s is booked: match the payment with its document in the accounting, or allocate it "
                        "from the account of the customer.",
                        charge=charge.display_name,
                    )
                )

    def _check_can_waive(self):
        for charge in self:
            if charge.state not in ("planned", "claimed"):
                raise UserError(self.env._("%(charge)s is not open any more.", charge=charge.display_name))

    # --- WAIVER ---

    def _request_waiver(self, reason):
        """Ask for the approval to drop these charges; return the requests."""
        self._check_collector()
        self._check_can_waive()
        requests = self.env["commercial.approval.request"]
        for charge in self:
            requests |= charge._request_approval(
                "waive_charge", reason, amount=charge.amount_residual, currency=charge.currency_id
            )
        return requests

    def _claim(self, day):
        """The letter has arrived: these charges are claimed from this day on, and booked as the policy says.

        The booking itself is the work of a job, so that nothing in the accounting can keep a letter from counting.
        """
        charges = self.filtered(lambda charge: charge.state == "planned")
        for mode, same in charges._group_by_booking_mode().items():
            same.write({"state": "claimed", "claimed_on": day})
            same._set_booking("not_booked" if mode == "letter" else "to_book", mode=mode)
        charges._start_booking_job()

    def _unclaim(self):
        """The letter came back: its charges are only planned, and what was booked for them is taken back.

        Who has paid a part of a charge has received the letter all the same: that charge stays claimed.
        """
        charges = self.filtered(lambda charge: charge.state == "claimed" and not charge.amount_paid)
        charges.write({"state": "planned", "claimed_on": False})
        charges._reverse_bookings(self.env._("The letter came back."))

    def _record_payment(self, day, reference, amounts=None):
        """Note money that was received for these charges and is not matched in the accounting.

        :param amounts: ``{charge: amount}``; ``None``: each charge is paid as a whole
        """
        for charge in self:
            amount = charge.amount_residual if amounts is None else amounts.get(charge, 0.0)
            if charge.state != "claimed" or charge.currency_id.compare_amounts(amount, 0.0) <= 0:
                continue
            charge.write(
                {
                    "amount_received": charge.amount_received + min(amount, charge.amount_residual),
                    "received_on": day,
                    "received_reference": reference,
                }
            )

    def _get_approval_snapshot_fields(self, purpose):
        return ["kind", "item_id", "amount", "currency_id"]

    def _get_approval_watched_fields(self):
        return super()._get_approval_watched_fields() | {"amount", "state"}

    def _get_approval_partner(self):
        return self.receivable_id.partner_id

    def _approval_approved(self, request):
        super()._approval_approved(request)
        if request.purpose != "waive_charge" or self.state not in ("planned", "claimed"):
            return
        notice = self.notice_id
        self.write(
            {
                "state": "waived",
                "waive_reason": request.reason,
                "waived_on": fields.Date.context_today(self),
                "waived_by_id": self.env.uid,
            }
        )
        if notice.state in ("proposed", "approved"):
            notice._refresh()  # the letter no longer claims it
        self._reverse_bookings(request.reason)
        self.receivable_id._message_log(
            body=self.env._("Waived: %(charge)s (%(reason)s)", charge=self.display_name, reason=request.reason)
        )

    # --- BUSINESS ---

    def _find_letter_refusal(self):
        """Return why this charge may not be asked for in a letter of its own, or nothing."""
        self.ensure_one()
        if self.state != "claimed":
            return self.env._("it is not open.")
        if not self.is_orphan:
            return self.env._("its invoice is open, so the next reminder claims it.")
        notice, item = self.notice_id, self.item_id
        if not notice.policy_id.orphan_charge_letter:
            return self.env._("the policy %(policy)s sends no letter for charges alone.", policy=notice.policy_id.name)
        if notice.regime.endswith("_consumer") and not (
            item.earliest_charge_on and self.claimed_on and item.earliest_charge_on <= self.claimed_on
        ):
            return self.env._("it was claimed before the consumer owed it (article XIX.2 CEL).")
        # asked for once; the letter itself does not count
        earlier = self.env["commercial.dunning.charge.letter"].search_count(
            [("charge_ids", "in", self.ids), ("state", "in", ("sending", "delivered"))], limit=1
        )
        return self.env._("a letter for charges alone asked for it already.") if earlier else False

    @api.model
    def _get_legal_grounds(self):
        """Where each kind of claim stands in the law, by the code of the decision."""
        return {
            "be_xix4_interest": self.env._("Article XIX.4 of the Code of Economic Law and our terms"),
            "be_xix4_indemnity": self.env._("Article XIX.4 of the Code of Economic Law and our terms"),
            "be_xix2_cost": self.env._("Article XIX.2 of the Code of Economic Law"),
            "be_2002_5": self.env._("Article 5 of the law of 2 August 2002"),
            "be_2002_6": self.env._("Article 6 of the law of 2 August 2002"),
            "be_2002_clause": self.env._("Indemnity clause of our terms"),
            "be_2002_cost": self.env._("Our terms"),
        }

    @api.model
    def _prepare_charge_vals(self, notice, line, charge, grounds, rates=None):
        """Return all values of a new charge; the texts are in the language of the environment.

        :param notice: the letter that claims it
        :param line: the ``Line`` of the decision
        :param charge: the ``NewCharge`` of the decision
        :param grounds: what :meth:`_get_legal_grounds` returned
        :param rates: see :meth:`_format_rates`
        """
        return {
            "company_id": notice.company_id.id,
            "receivable_id": notice.receivable_id.id,
            "partner_id": notice.partner_id.id,
            "notice_id": notice.id,
            "item_id": charge.item_id,
            "move_id": line.item.move_id or False,
            "kind": charge.kind,
            "state": "simulated" if notice.is_dry else "planned",
            "date_from": charge.date_from,
            "date_to": charge.date_to,
            "base_amount": float(charge.base),
            "rate_text": self._format_rates(charge.slices, rates),
            "slices": self._prepare_slices(charge.slices),
            "amount": float(charge.amount),
            "amount_received": 0.0,
            "amount_paid": 0.0,
            "amount_credited": 0.0,
            "paid_on": False,
            "amount_waived": 0.0,
            "amount_residual": float(charge.amount),
            "booking_state": "not_booked",
            "currency_id": notice.currency_id.id,
            "legal_ground": grounds.get(charge.ground, False),
        }

    @api.model
    def _prepare_slices(self, slices):
        """Return the calculation as it is kept: exact numbers as text, so that it can be repeated to the cent."""
        return bool(slices) and Json(
            [
                [
                    piece.start.isoformat(),
                    piece.end.isoformat(),
                    piece.days,
                    str(piece.principal),
                    str(piece.percent),
                    piece.day_base,
                ]
                for piece in slices
            ]
        )

    def _get_slices(self):
        """Return the calculation of an interest as it was made."""
        self.ensure_one()
        return [
            InterestSlice(
                fields.Date.to_date(start), fields.Date.to_date(end), days, Decimal(principal), Decimal(percent), base
            )
            for start, end, days, principal, percent, base in self.slices or []
        ]

    def _get_calculation_rows(self):
        """Return the calculation for a reader, in the language of the environment: one row for each slice."""
        self.ensure_one()
        currency = self.currency_id
        return [
            {
                "start": format_date(self.env, piece.start),
                "end": format_date(self.env, piece.end),
                "days": piece.days,
                "principal": formatLang(self.env, float(piece.principal), currency_obj=currency),
                "percent": self.env._("%(percent)s %%", percent=formatLang(self.env, float(piece.percent), digits=2)),
                "base": piece.day_base,
                # four decimals: the sum is rounded once
                "interest": formatLang(self.env, float(round_half_up(piece.exact, "0.0001")), digits=4),
            }
            for piece in self._get_slices()
        ]

    @api.model
    def _format_rates(self, slices, known=None):
        """Return the rates of an interest, with their days when there is more than one.

        :param dict known: texts of single rates in this language, for a run with thousands of them
        """
        rates = []
        for piece in slices:
            if rates and rates[-1][0] == piece.percent:
                rates[-1][2] = piece.end
            else:
                rates.append([piece.percent, piece.start, piece.end])
        if not rates:
            return False
        if len(rates) > 1:
            return "; ".join(
                self.env._(
                    "%(percent)s %% from %(start)s to %(end)s",
                    percent=formatLang(self.env, float(percent), digits=2),
                    start=format_date(self.env, start),
                    end=format_date(self.env, end),
                )
                for percent, start, end in rates
            )
        known = {} if known is None else known
        [[percent, _start, _end]] = rates
        if percent not in known:
            known[percent] = self.env._("%(percent)s %%", percent=formatLang(self.env, float(percent), digits=2))
        return known[percent]
