from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

KINDS = [
    ("information", "Explanation"),
    ("repair", "Repair"),
    ("replacement", "Replacement"),
    ("return", "Return of the goods"),
    ("credit_full", "Credit of the whole line"),
    ("credit_partial", "Credit of a part"),
    ("price_reduction", "Lower price"),
    ("goodwill", "Gesture of goodwill"),
    ("supplier", "Settlement by the supplier"),
]
STATES = [
    ("draft", "Draft"),
    ("offered", "Offered"),
    ("accepted", "Accepted"),
    ("refused", "Refused"),
    ("in_progress", "Being done"),
    ("done", "Done"),
    ("cancelled", "Cancelled"),
]
TRANSITIONS = {
    "draft": {"offered", "accepted", "cancelled"},
    "offered": {"draft", "accepted", "refused", "cancelled"},
    "accepted": {"draft", "in_progress", "done", "cancelled"},
    "refused": {"draft", "cancelled"},
    "in_progress": {"accepted", "done", "cancelled"},
    # a posted credit note set back to draft, or deleted, is not done any more
    "done": {"in_progress", "accepted"},
    "cancelled": {"draft"},
}
ENDED_STATES = ("refused", "cancelled")
CREDITS = ("credit_full", "credit_partial")
MONEY = ("price_reduction", "goodwill")
# a piece is repaired, replaced or paid back, not several of these
OUTCOMES = ("repair", "replacement", *CREDITS)
# what lowers the price of a piece: paid back pieces cannot become cheaper
PRICES = ("price_reduction", *CREDITS)
WITH_GOODS = ("repair", "replacement", "return", *CREDITS)


class ComplaintSolution(models.Model):
    """One thing we do about one line of a complaint, with the document of Odoo in which it is done."""

    _name = "commercial.complaint.solution"
    _description = "Solution of a Complaint"
    _order = "complaint_id, sequence, id"
    _check_company_auto = True

    complaint_id = fields.Many2one(
        comodel_name="commercial.complaint",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="complaint_id.company_id", store=True, index=True)
    is_confidential = fields.Boolean(related="complaint_id.is_confidential", store=True)
    complaint_state = fields.Selection(related="complaint_id.state", string="State of the complaint")
    sequence = fields.Integer(default=10)
    line_id = fields.Many2one(
        comodel_name="commercial.complaint.line",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('complaint_id', '=', complaint_id)]",
        help="Empty: the complaint as a whole.",
    )
    product_id = fields.Many2one(related="line_id.product_id")
    product_uom_id = fields.Many2one(related="line_id.product_uom_id", string="Unit")
    kind = fields.Selection(selection=KINDS, required=True, default="information")
    quantity = fields.Float(
        digits="Product Unit",
        compute="_compute_quantity",
        store=True,
        readonly=False,
        help="In the unit of the line. For a lower price: the pieces the customer keeps.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    document_currency_id = fields.Many2one(
        comodel_name="res.currency",
        string="Currency of the document",
        compute="_compute_document_currency",
        store=True,
        help="That of the invoice, else of the order, else of the company.",
    )
    document_amount = fields.Monetary(
        string="Amount",
        currency_field="document_currency_id",
        compute="_compute_document_amount",
        store=True,
        readonly=False,
        aggregator=None,
        help="What it gives the customer, without VAT, in the currency of the invoice. Goods count with the price that "
        "was invoiced, after discount.",
    )
    amount = fields.Monetary(
        string="Amount for the company",
        compute="_compute_amount",
        inverse="_inverse_amount",
        store=True,
        help="What it gives the customer, without VAT, in the currency of the company.",
    )
    touches_order = fields.Boolean(
        string="Changes the order",
        compute="_compute_touches_order",
        store=True,
        readonly=False,
        help="Whether the delivered or invoiced quantity of the order changes. A lower price, a gesture and a "
        "replacement never change it.",
    )
    return_need = fields.Selection(
        selection=[
            ("before", "First the goods come back"),
            ("after", "At once; the goods come back later"),
            ("never", "The customer keeps the goods"),
        ],
        string="Goods back",
        compute="_compute_return_need",
        store=True,
        readonly=False,
        help="Whether the goods complained about are wanted back, and whether we wait for them.",
    )
    description = fields.Text(
        string="For the customer",
        help="Stands in the proposal, in the language of the customer.",
    )
    state = fields.Selection(selection=STATES, required=True, readonly=True, copy=False, default="draft", index=True)
    cancel_reason = fields.Char(readonly=True, copy=False)
    res_model = fields.Char(string="Kind of document", readonly=True, copy=False)
    res_id = fields.Many2oneReference(string="Document", model_field="res_model", readonly=True, copy=False, index=True)
    done_on = fields.Datetime(readonly=True, copy=False)
    quantity_done = fields.Float(
        string="Quantity done",
        digits="Product Unit",
        readonly=True,
        copy=False,
        help="What really came back, left or was credited; a smaller quantity than agreed is accepted.",
    )

    _quantity_not_negative = models.Constraint("CHECK (quantity >= 0)", "The quantity of a solution is not negative.")
    _amount_not_negative = models.Constraint(
        "CHECK (document_amount >= 0)", "The amount of a solution is not negative."
    )
    _in_progress = models.Index("(complaint_id) WHERE state = 'in_progress'")

    # --- COMPUTE ---

    @api.depends("line_id", "kind")
    def _compute_quantity(self):
        """What is left of the line for this kind; what was entered stays."""
        for solution in self:
            if not solution.line_id or solution.kind in ("information", "goodwill", "supplier"):
                solution.quantity = 0.0
            elif not solution.quantity:
                line = solution.line_id
                solution.quantity = line.quantity_accepted or line.quantity

    @api.depends("line_id.invoice_line_id", "line_id.sale_line_id", "complaint_id.line_ids", "company_id")
    def _compute_document_currency(self):
        for solution in self:
            # sudo: the currency of what the customer bought is no secret to whoever deals with the complaint
            solution_sudo = solution.sudo()
            invoice = solution_sudo._get_invoice()
            solution.document_currency_id = (
                invoice.currency_id
                or solution_sudo.line_id.sale_line_id.currency_id
                or solution_sudo.complaint_id.company_id.currency_id
            )

    @api.depends("line_id", "kind", "quantity")
    def _compute_document_amount(self):
        """Goods have the price of the invoice, after discount; what a gesture is worth, a person decides."""
        for solution in self:
            if solution.kind in MONEY or solution.kind == "supplier":
                solution.document_amount = solution.document_amount
            elif solution.kind in ("replacement", *CREDITS):
                solution.document_amount = solution.sudo()._get_goods_value(solution.quantity)
            else:
                solution.document_amount = 0.0

    @api.depends("document_amount", "document_currency_id", "company_id")
    def _compute_amount(self):
        for solution in self:
            solution.amount = solution._convert(
                solution.document_amount, solution.document_currency_id, solution.company_id.currency_id
            )

    def _inverse_amount(self):
        for solution in self:
            solution.document_amount = solution._convert(
                solution.amount, solution.company_id.currency_id, solution.document_currency_id
            )

    @api.depends(
        "kind",
        "line_id",
        "complaint_id.solution_ids.kind",
        "complaint_id.solution_ids.line_id",
        "complaint_id.solution_ids.state",
    )
    def _compute_touches_order(self):
        for solution in self:
            touches = solution.touches_order
            if solution.state == "draft":
                touches = solution.sudo()._propose_touches_order()
            elif solution.state in ("offered", "accepted") and solution.kind in CREDITS and not solution._get_returns():
                touches = False  # the goods do not come back any more
            solution.touches_order = touches

    @api.depends(
        "kind",
        "line_id",
        "complaint_id.solution_ids.kind",
        "complaint_id.solution_ids.line_id",
        "complaint_id.solution_ids.state",
    )
    def _compute_return_need(self):
        """Where the goods are called back, we wait for them; what a person chose stays as long as it is possible."""
        for solution in self:
            if solution.kind not in ("repair", "replacement", *CREDITS):
                solution.return_need = False
            elif not solution._get_returns():
                solution.return_need = "never"
            elif solution.return_need not in ("before", "after"):
                solution.return_need = "before"

    @api.depends("kind", "line_id", "quantity")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for solution in self:
            parts = [kinds.get(solution.kind), solution.line_id.display_name]
            solution.display_name = ": ".join(part for part in parts if part)

    # --- CONSTRAINTS ---

    @api.constrains("line_id", "complaint_id")
    def _check_line(self):
        for solution in self.filtered("line_id"):
            if solution.line_id.complaint_id != solution.complaint_id:
                raise ValidationError(self.env._("The line belongs to another complaint."))

    @api.constrains("kind", "line_id", "quantity", "document_amount", "touches_order", "state")
    def _check_fits(self):
        """Several solutions of one line share its quantity, and nobody gets more back than was paid."""
        living = self.filtered(lambda solution: solution.state not in ENDED_STATES)
        for solution in living:
            solution._check_kind()
        for line in living.line_id:
            solutions = line.solution_ids.filtered(lambda solution: solution.state not in ENDED_STATES)
            solutions._check_line_quantities(line)
            solutions.sudo()._check_line_amount(line.sudo())

    def _check_kind(self):
        self.ensure_one()
        if self.kind in WITH_GOODS and not self.line_id:
            raise ValidationError(
                self.env._("%(kind)s: choose the line of the complaint it is about.", kind=self._get_kind_label())
            )
        if self.kind in (*WITH_GOODS, "price_reduction") and self.line_id and self.quantity <= 0:
            raise ValidationError(self.env._("%(kind)s: enter a quantity.", kind=self._get_kind_label()))
        if self.touches_order and self.kind not in ("return", *CREDITS):
            raise ValidationError(self.env._("%(kind)s never changes the order.", kind=self._get_kind_label()))
        if self.kind == "credit_full" and self.line_id:
            line = self.line_id
            if line.product_uom_id and line.product_uom_id.compare(self.quantity, line.quantity) < 0:
                raise ValidationError(
                    self.env._("The whole line is %(quantity)g: choose a credit of a part.", quantity=line.quantity)
                )

    def _check_line_quantities(self, line):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for group in (("return",), OUTCOMES, PRICES):
            solutions = self.filtered(lambda solution, group=group: solution.kind in group)
            total = sum(solutions.mapped("quantity"))
            unit = line.product_uom_id
            is_above = unit.compare(total, line.quantity) > 0 if unit else total > line.quantity
            if is_above:
                raise ValidationError(
                    self.env._(
                        "%(line)s: %(quantity)g planned (%(kinds)s), but the line has only %(available)g.",
                        line=line.display_name,
                        quantity=total,
                        kinds=sorted({kinds[kind] for kind in solutions.mapped("kind")}),
                        available=line.quantity,
                    )
                )

    def _check_line_amount(self, line):
        """The reductions of a line stay below the value of what the customer keeps."""
        reductions = self.filtered(lambda solution: solution.kind == "price_reduction")
        value = line._get_unit_value()
        if not reductions or value is None:
            return
        for solution in reductions:
            currency = solution.document_currency_id
            if currency.compare_amounts(solution.document_amount, value * solution.quantity) > 0:
                raise ValidationError(
                    self.env._(
                        "The price of %(line)s is lowered by more than %(amount)s, the price of these %(quantity)g.",
                        line=line.display_name,
                        amount=currency.format(value * solution.quantity),
                        quantity=solution.quantity,
                    )
                )

    # --- CRUD ---

    @api.model
    def _get_protected_fields(self):
        """What only the buttons write."""
        return {"state", "cancel_reason", "res_model", "res_id", "done_on", "quantity_done"}

    @api.model
    def _get_agreed_fields(self):
        """What the customer was offered and a team lead approved."""
        return {
            "amount",
            "complaint_id",
            "document_amount",
            "kind",
            "line_id",
            "quantity",
            "return_need",
            "touches_order",
        }

    @api.model_create_multi
    def create(self, vals_list):
        protected = self._get_protected_fields()
        for vals in vals_list:
            written = {name for name in protected & vals.keys() if vals[name] != (name == "state" and "draft")}
            if not self.env.su and written:
                raise AccessError(self.env._("The state of a solution follows the buttons."))
        solutions = super().create(vals_list)
        solutions.complaint_id._check_open()
        solutions.complaint_id._check_snapshot("complaint_solution")
        return solutions

    def write(self, vals):
        if not self.env.su and self._get_protected_fields() & vals.keys():
            raise AccessError(self.env._("The state of a solution follows the buttons."))
        agreed = self._get_agreed_fields() & vals.keys()
        if agreed and not self.env.su:
            self.complaint_id._check_open()
            self._check_not_offered()
        result = super().write(vals)
        if agreed or "state" in vals:
            self.complaint_id._check_snapshot("complaint_solution")
        return result

    def _check_not_offered(self):
        for solution in self:
            if solution.state != "draft":
                raise UserError(
                    self.env._(
                        "%(solution)s was offered to the customer already: cancel it, and offer something else.",
                        solution=solution.display_name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_offered(self):
        if any(solution.state != "draft" for solution in self):
            raise UserError(self.env._("What was offered to the customer is cancelled, not deleted."))

    def unlink(self):
        complaints = self.complaint_id
        result = super().unlink()
        complaints._check_snapshot("complaint_solution")
        return result

    # --- STATES ---

    def _set_state(self, state, **values):
        """Bring solutions into ``state``; those that are there already only get the values.

        :param str state: one of ``STATES``
        :raise UserError: when that is no step from where a solution is
        """
        states = dict(self._fields["state"]._description_selection(self.env))
        for solution in self:
            if solution.state != state and state not in TRANSITIONS[solution.state]:
                raise UserError(
                    self.env._(
                        "%(solution)s is “%(state)s” and cannot become “%(new_state)s”.",
                        solution=solution.display_name,
                        state=states[solution.state],
                        new_state=states[state],
                    )
                )
        if state == "cancelled" and not (values.get("cancel_reason") or "").strip():
            raise UserError(self.env._("Say why the solution is cancelled."))
        if state == "done":
            values.setdefault("done_on", fields.Datetime.now())
        elif state not in ("cancelled", "refused"):
            values.setdefault("done_on", False)
        # the state is written by the buttons and the documents, in the name of the person
        self.sudo().write({"state": state, **values})

    def _cancel(self, reason):
        """Cancel what is not done; documents that are still open are cancelled along.

        :param str reason: why, for the file
        """
        self._check_may_settle()
        for solution in self:
            if solution.state == "cancelled":
                continue
            solution._check_can_cancel()
            solution._set_state("cancelled", cancel_reason=reason)
            # sudo: whoever deals with the complaint need not be allowed to change documents of the warehouse
            solution.sudo()._cancel_documents()
            solution.complaint_id._message_log(
                body=self.env._(
                    "%(solution)s cancelled: %(reason)s", solution=solution.display_name, reason=reason.strip()
                )
            )

    def _check_can_cancel(self):
        self.ensure_one()
        if self.state == "done" or self.quantity_done:
            raise UserError(
                self.env._("%(solution)s is carried out and cannot be cancelled.", solution=self.display_name)
            )

    # --- VALUES ---

    def _get_kind_label(self):
        self.ensure_one()
        return dict(self._fields["kind"]._description_selection(self.env))[self.kind]

    def _get_invoice_line(self):
        """The line of the invoice with which the goods were charged; empty when they were not."""
        self.ensure_one()
        return self.line_id._get_invoice_line() if self.line_id else self.env["account.move.line"]

    def _get_invoice(self):
        """The invoice on which an amount is given back: that of the line, or the only one of the complaint."""
        self.ensure_one()
        if self.line_id:
            return self._get_invoice_line().move_id
        invoices = self.complaint_id.line_ids._get_invoice_lines().move_id
        return invoices if len(invoices) == 1 else invoices.browse()

    def _get_goods_value(self, quantity):
        """What so much of the line cost the customer, without VAT, after discount, in the currency of the document."""
        self.ensure_one()
        value = self.line_id._get_unit_value() if self.line_id else None
        return self.document_currency_id.round((value or 0.0) * quantity)

    def _get_rate_date(self):
        """The day whose rate counts: that of the invoice, for what is given back is given back at the same rate."""
        self.ensure_one()
        invoice = self.sudo()._get_invoice()
        return invoice.invoice_date or self.complaint_id.received_on.date()

    def _convert(self, amount, source, target):
        self.ensure_one()
        if not amount or not source or not target or source == target:
            return amount
        return source._convert(amount, target, self.company_id, self._get_rate_date())

    def _get_siblings(self, *kinds):
        """The living solutions of these kinds for the same line."""
        self.ensure_one()
        solutions = self.complaint_id.solution_ids - self
        return solutions.filtered(
            lambda other: other.line_id == self.line_id and other.kind in kinds and other.state not in ENDED_STATES
        )

    def _get_returns(self):
        return self._get_siblings("return") if self.line_id else self.browse()

    def _propose_touches_order(self):
        """A return changes the order when its goods are paid back; a credit, when the goods of it come back.

        The credit keeps its link with the order only where the order counts what was delivered: where it counts what
        was ordered, a linked credit would make the order ask for a new invoice.
        """
        self.ensure_one()
        if self.kind == "return":
            return bool(self._get_siblings(*CREDITS))
        if self.kind in CREDITS:
            return bool(self._get_returns()) and self.line_id.product_id.invoice_policy == "delivery"
        return False

    @api.model
    def _sum_by_kind(self, solutions):
        """``{kind: amount}`` in the currency of the company, to which every amount was converted at its own rate."""
        totals = defaultdict(float)
        for solution in solutions:
            totals[solution.kind] += solution.amount
        return totals

    @api.model
    def _get_open_domain(self):
        return Domain("state", "in", ("accepted", "in_progress"))
