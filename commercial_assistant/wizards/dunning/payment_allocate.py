from collections import defaultdict
from decimal import Decimal

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ...models.dunning.dunning_run import to_decimal
from ...tools.allocation import COSTS_FIRST, PRINCIPAL_FIRST, Debt, allocate_over_debts

PART_OF_KIND = {"interest": "interest"}  # everything else besides the principal is costs


class PaymentAllocate(models.TransientModel):
    """Propose how a payment settles invoices and charges, and match it that way.

    A charge that is booked is matched with the payment. For a charge claimed in the letter only, the income is booked
    now, for the part that is paid, and matched with the payment.
    """

    _name = "commercial.payment.allocate"
    _description = "Allocate Payment"
    _check_company_auto = True

    receivable_id = fields.Many2one(comodel_name="commercial.receivable", string="Customer account", required=True)
    company_id = fields.Many2one(related="receivable_id.company_id")
    partner_id = fields.Many2one(related="receivable_id.partner_id")
    credit_line_ids = fields.Many2many(
        comodel_name="account.move.line",
        compute="_compute_credit_line_ids",
    )
    credit_line_id = fields.Many2one(
        comodel_name="account.move.line",
        string="Payment or credit",
        required=True,
        domain="[('id', 'in', credit_line_ids)]",
    )
    currency_id = fields.Many2one(related="credit_line_id.currency_id")
    date = fields.Date(related="credit_line_id.date")
    communication = fields.Char(compute="_compute_communication")
    named_text = fields.Char(string="The customer pays", compute="_compute_named_text")
    order = fields.Selection(
        selection=[
            ("costs_first", "Costs, interest, principal"),
            ("principal_first", "Principal, interest, costs"),
        ],
        string="Order within a debt",
        required=True,
        default="costs_first",
        help="In which order the money settles the parts of one debt. Proposed by the legal parameters of the country "
        "and the kind of customer.",
    )
    amount_available = fields.Monetary(string="To allocate", compute="_compute_amounts")
    line_ids = fields.One2many(
        comodel_name="commercial.payment.allocate.line",
        inverse_name="allocate_id",
        string="Proposal",
    )
    amount_costs = fields.Monetary(string="To costs", compute="_compute_amounts")
    amount_interest = fields.Monetary(string="To interest", compute="_compute_amounts")
    amount_principal = fields.Monetary(string="To invoices", compute="_compute_amounts")
    amount_rest = fields.Monetary(string="Left on account", compute="_compute_amounts")

    # --- COMPUTE ---

    @api.depends("receivable_id")
    def _compute_credit_line_ids(self):
        for wizard in self:
            wizard.credit_line_ids = wizard.receivable_id._get_unallocated_lines()

    @api.depends("credit_line_id")
    def _compute_communication(self):
        for wizard in self:
            wizard.communication = wizard._get_communication()

    @api.depends("line_ids.is_named")
    def _compute_named_text(self):
        for wizard in self:
            names = wizard.line_ids.filtered("is_named").mapped("document")
            wizard.named_text = ", ".join(dict.fromkeys(names))

    @api.depends("credit_line_id", "line_ids.amount", "line_ids.part")
    def _compute_amounts(self):
        for wizard in self:
            sums = {"costs": 0.0, "interest": 0.0, "principal": 0.0}
            for line in wizard.line_ids:
                sums[line.part or "principal"] += line.amount
            wizard.amount_available = -wizard.credit_line_id.amount_residual_currency
            wizard.amount_costs = sums["costs"]
            wizard.amount_interest = sums["interest"]
            wizard.amount_principal = sums["principal"]
            wizard.amount_rest = wizard.amount_available - sum(sums.values())

    # --- ACTIONS ---

    @api.model
    def _check_collector(self):
        if not (self.env.su or self.env.user.has_group("commercial_assistant.group_collector")):
            raise AccessError(self.env._("Payments are allocated by collectors."))

    @api.model
    def _open(self, receivable, credit_line):
        """Return a new wizard with its proposal."""
        self._check_collector()
        receivable.check_access("read")
        # the accounting is brought up to date as a run does it
        receivable.sudo()._refresh_items(receivable.company_id, receivable.partner_id.ids)
        wizard = self.create({"receivable_id": receivable.id, "credit_line_id": credit_line.id})
        wizard.order = wizard._get_default_order()
        wizard._propose()
        return wizard

    def action_propose(self):
        """Propose again, after another payment or order was chosen."""
        self.ensure_one()
        self._check_collector()
        self._propose()
        return self._get_records_action(name=self.env._("Allocate payment"), target="new")

    def action_allocate(self):
        """Match the payment as proposed, all of it or nothing."""
        self.ensure_one()
        self._check_collector()
        self._check_proposal()
        credit = self.credit_line_id
        amounts = defaultdict(float)
        for line in self.line_ids.filtered("amount"):
            for journal_item, amount in line._get_matches():
                amounts[journal_item] += amount  # charges of one letter share the line of their invoice
        self._match(credit, list(amounts.items()))
        self.receivable_id.sudo()._refresh_items(self.company_id, self.partner_id.ids)
        self.receivable_id._message_log(
            body=self.env._(
                "%(payment)s allocated: costs %(costs)s, interest %(interest)s, invoices %(principal)s.",
                payment=credit.move_id.name,
                costs=self._format(self.amount_costs),
                interest=self._format(self.amount_interest),
                principal=self._format(self.amount_principal),
            )
        )
        return {"type": "ir.actions.act_window_close"}

    def _format(self, amount):
        return self.receivable_id._format_amounts([(self.currency_id, 0, amount)])

    # --- PROPOSAL ---

    def _get_communication(self):
        """What the customer wrote when paying."""
        self.ensure_one()
        line = self.credit_line_id
        payment = line.move_id.origin_payment_id
        if payment:  # its journal item bears a label of Odoo
            texts = (payment.memo, payment.payment_reference)
        else:
            texts = (line.move_id.ref, line.move_id.payment_reference, line.name)
        return " ".join(dict.fromkeys(text for text in texts if text))

    def _get_default_order(self):
        """The order of the law that governs the reminders; where it says nothing, consumers pay their invoice first."""
        self.ensure_one()
        receivable, kind = self.receivable_id, self.partner_id._get_customer_kind()
        policy = receivable.last_level_id.policy_id or receivable.policy_id
        country = self.env.ref(f"base.{policy.regime[:2]}") if policy else self.company_id.country_id
        code = f"{(country.code or '').lower()}_payment_principal_first"
        Parameter = self.env["commercial.legal.parameter"]
        if Parameter._get_periods(code):
            principal_first = bool(Parameter._value(code, self.date, country, kind))
        else:
            principal_first = kind == "consumer"
        return "principal_first" if principal_first else "costs_first"

    def _propose(self):
        """Write the proposal for the chosen payment and order."""
        self.ensure_one()
        rows = self._prepare_rows()
        named = self._find_named(rows)
        debts = {}
        for row in rows:
            debts.setdefault(row["item"], []).append(row)
        claims = [
            Debt(
                key=item,
                date_due=item.date_due,
                claim={
                    part: sum((row["open"] for row in same if row["part"] == part), Decimal())
                    for part in ("costs", "interest", "principal")
                },
                is_named=item in named,
                bears_interest=item.date_due < self.date and item.state == "open",
            )
            for item, same in debts.items()
        ]
        order = PRINCIPAL_FIRST if self.order == "principal_first" else COSTS_FIRST
        available = to_decimal(-self.credit_line_id.amount_residual_currency)
        shares, _rest = allocate_over_debts(claims, available, order, self.date)
        lines = []
        for item, same in sorted(debts.items(), key=lambda debt: (debt[0] not in named, debt[0].date_due, debt[0].id)):
            for row in sorted(same, key=lambda row: COSTS_FIRST.index(row["part"])):
                share = min(shares[item][row["part"]], row["open"])
                shares[item][row["part"]] -= share
                lines.append(
                    Command.create(
                        {
                            "item_id": item.id,
                            "charge_id": row["charge"].id,
                            "part": row["part"],
                            "is_named": item in named,
                            "amount_open": float(row["open"]),
                            "amount": float(share),
                        }
                    )
                )
        self.line_ids = [Command.clear(), *lines]

    def _prepare_rows(self):
        """Return everything this payment could settle: same customer, currency and account."""
        self.ensure_one()
        credit = self.credit_line_id
        rows = [
            {
                "item": item,
                "charge": self.env["commercial.dunning.charge"],
                "part": "principal",
                "open": to_decimal(item.move_line_id.amount_residual_currency),
            }
            for item in self.receivable_id.item_ids
            if item.currency_id == credit.currency_id and item.move_line_id.account_id == credit.account_id
        ]
        charges = self.receivable_id.charge_ids.filtered(
            lambda charge: charge.state == "claimed" and charge.currency_id == credit.currency_id
        )
        rows += [
            {
                "item": charge.item_id,
                "charge": charge,
                "part": PART_OF_KIND.get(charge.kind, "costs"),
                "open": to_decimal(charge._get_amount_to_pay()),
            }
            for charge in charges.sorted("id")
        ]
        return rows

    def _find_named(self, rows):
        """Return the items the customer named: by the structured communication or number of an invoice or a letter."""
        written = self._normalise(self.communication)
        named = self.env["commercial.receivable.item"]
        if not written:
            return named
        items = self.env["commercial.receivable.item"].union(*(row["item"] for row in rows))
        for item in items:
            references = (item.move_id.payment_reference, item.move_name)
            if any(self._normalise(reference) in written for reference in references if self._normalise(reference)):
                named |= item
        if named:
            return named
        for letter in self.receivable_id.charge_letter_ids.filtered(lambda letter: letter.state == "delivered"):
            if self._normalise(letter.name) in written:
                named |= letter.charge_ids.item_id & items
        for notice in self.receivable_id.notice_ids.filtered(lambda notice: notice.state == "delivered"):
            references = (notice.payment_reference, notice.name)
            if any(self._normalise(reference) in written for reference in references if self._normalise(reference)):
                named |= (notice.line_ids.filtered("included").item_id | notice.charge_ids.item_id) & items
        return named

    @api.model
    def _normalise(self, text):
        """Letters and digits only: banks change the signs between them. Too short a text names nothing."""
        kept = "".join(character for character in (text or "").upper() if character.isalnum())
        return kept if len(kept) >= 6 else ""

    # --- MATCHING ---

    def _check_proposal(self):
        """What was typed in has to fit what is open now."""
        credit = self.credit_line_id
        if credit not in self.credit_line_ids:
            raise UserError(self.env._("This payment was allocated meanwhile."))
        lines = self.line_ids.filtered("amount")
        if lines and lines.item_id.currency_id != self.currency_id:
            raise UserError(self.env._("Another payment was chosen: propose again first."))
        if self.currency_id.compare_amounts(self.amount_rest, 0.0) < 0:
            raise ValidationError(
                self.env._("%(amount)s more than the payment is allocated.", amount=self._format(abs(self.amount_rest)))
            )
        for line in self.line_ids:
            open_now = line._get_open_amount()
            if self.currency_id.compare_amounts(line.amount, 0.0) < 0:
                raise ValidationError(self.env._("%(line)s: an amount cannot be negative.", line=line.document))
            if self.currency_id.compare_amounts(line.amount, open_now) > 0:
                raise ValidationError(
                    self.env._(
                        "%(line)s: only %(open)s is open.", line=line.document, open=self._format(max(open_now, 0.0))
                    )
                )
        if not self.line_ids.filtered("amount"):
            raise UserError(self.env._("Nothing is allocated."))

    def _match(self, credit, matches):
        """Match the credit with each of these lines for exactly its amount.

        :param matches: ``[(journal item, amount)]``
        """
        currency = self.currency_id
        whole, parts = [], []
        for line, amount in matches:
            is_whole = currency.compare_amounts(amount, line.amount_residual_currency) == 0
            (whole if is_whole else parts).append((line, amount))
        # Odoo's own matching takes what both sides have: right for whole lines, and for the one that takes the rest
        if whole:
            credit._reconcile_plan([credit | line for line, _amount in whole])
        for line, amount in parts:
            if currency.compare_amounts(amount, -credit.amount_residual_currency) == 0:
                (credit | line).reconcile()
            else:
                self._match_part(line, credit, amount)

    def _match_part(self, debit, credit, amount):
        """Match a part of two lines, with the exchange difference that Odoo finds for it."""
        values = []
        for line in (debit, credit):
            share = amount / abs(line.amount_residual_currency)
            sign = 1 if line == debit else -1
            values.append(
                {
                    "aml": line,
                    "amount_residual": line.company_currency_id.round(line.amount_residual * share),
                    "amount_residual_currency": sign * amount,
                    "parent_state": line.parent_state,
                }
            )
        result = debit._prepare_reconciliation_single_partial(*values)
        partial = self.env["account.partial.reconcile"].create(result["partial_values"])
        exchange = result.get("exchange_values")
        if exchange and exchange["move_values"]["line_ids"]:
            partial.exchange_move_id = debit._create_exchange_difference_moves([exchange])
