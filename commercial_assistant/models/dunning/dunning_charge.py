from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL, format_date, formatLang


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
        help="A planned charge is claimed as soon as its letter has arrived.",
    )
    date_from = fields.Date(string="From", readonly=True)
    date_to = fields.Date(string="To", readonly=True)
    base_amount = fields.Monetary(string="Calculated on", readonly=True)
    rate_text = fields.Char(string="Rate", readonly=True)
    amount = fields.Monetary(required=True, readonly=True)
    currency_id = fields.Many2one(comodel_name="res.currency", required=True, readonly=True)
    legal_ground = fields.Char(readonly=True)
    waive_reason = fields.Char(readonly=True, copy=False)
    waived_on = fields.Date(readonly=True, copy=False)
    waived_by_id = fields.Many2one(comodel_name="res.users", string="Waiver approved by", readonly=True, copy=False)

    _amount_positive = models.Constraint("CHECK (amount > 0)", "A charge is a positive amount.")
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
        """Record that the customer paid these charges."""
        self._check_collector()
        if any(charge.state not in ("claimed", "paid") for charge in self):
            raise UserError(self.env._("Only a claimed charge can be paid."))
        self.sudo().filtered(lambda charge: charge.state == "claimed").state = "paid"
        return True

    def action_open_notice(self):
        self.ensure_one()
        return self.notice_id._get_records_action()

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
                "waive_charge", reason, amount=charge.amount, currency=charge.currency_id
            )
        return requests

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
        self.receivable_id._message_log(
            body=self.env._("Waived: %(charge)s (%(reason)s)", charge=self.display_name, reason=request.reason)
        )

    # --- BUSINESS ---

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
            "amount": float(charge.amount),
            "currency_id": notice.currency_id.id,
            "legal_ground": grounds.get(charge.ground, False),
        }

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
