from odoo import api, fields, models
from odoo.exceptions import UserError


class PaymentAllocateLine(models.TransientModel):
    """What one invoice or one charge receives of a payment."""

    _name = "commercial.payment.allocate.line"
    _description = "Allocate Payment: Line"

    allocate_id = fields.Many2one(
        comodel_name="commercial.payment.allocate",
        required=True,
        index=True,
        ondelete="cascade",
    )
    item_id = fields.Many2one(comodel_name="commercial.receivable.item", string="Invoice", required=True, readonly=True)
    charge_id = fields.Many2one(comodel_name="commercial.dunning.charge", readonly=True)
    document = fields.Char(string="For", compute="_compute_document")
    date_due = fields.Date(related="item_id.date_due")
    part = fields.Selection(
        selection=[("costs", "Costs"), ("interest", "Interest"), ("principal", "Principal")],
        required=True,
        readonly=True,
    )
    is_named = fields.Boolean(string="Named by the customer", readonly=True)
    currency_id = fields.Many2one(related="allocate_id.currency_id")
    amount_open = fields.Monetary(string="Open", readonly=True)
    amount = fields.Monetary(string="Receives")

    # --- COMPUTE ---

    @api.depends("item_id", "charge_id")
    @api.depends_context("lang")
    def _compute_document(self):
        for line in self:
            line.document = line.item_id.move_name or line.item_id.display_name

    # --- BUSINESS ---

    def _get_open_amount(self):
        """What is open at this moment."""
        self.ensure_one()
        if self.charge_id:
            return self.charge_id._get_amount_to_pay()
        line = self.item_id.move_line_id
        return line.amount_residual_currency if line.parent_state == "posted" else 0.0

    def _get_matches(self):
        """Return ``[(journal item, amount)]`` to match with the payment; income that arises now is booked first."""
        self.ensure_one()
        if not self.charge_id:
            return [(self.item_id.move_line_id, self.amount)]
        charge_sudo = self.charge_id.sudo()  # the rights were checked; entries are made for one charge
        if charge_sudo.booking_state in ("to_book", "failed"):
            charge_sudo._book()
        currency, rest, matches = self.currency_id, self.amount, []
        for line in charge_sudo._get_open_lines():
            if line.account_id != self.allocate_id.credit_line_id.account_id:
                raise UserError(
                    self.env._(
                        "%(charge)s is booked on another account than the payment: match it in the accounting.",
                        charge=charge_sudo.display_name,
                    )
                )
            part = min(rest, line.amount_residual_currency)
            if currency.compare_amounts(part, 0.0) > 0:
                matches.append((line.with_env(self.env), part))
                rest = currency.round(rest - part)
        rest = min(rest, charge_sudo._get_unbooked_amount())
        if currency.compare_amounts(rest, 0.0) > 0:
            charge_sudo._check_can_receive()
            line = charge_sudo._book_receipt(rest, self.allocate_id.date)
            matches.append((line.with_env(self.env), rest))
        return matches
