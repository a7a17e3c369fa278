from collections import defaultdict

from odoo import Command, fields, models


class AccountMoveReversal(models.TransientModel):
    _inherit = "account.move.reversal"

    dispute_id = fields.Many2one(
        comodel_name="commercial.dispute", string="Credit for dispute", readonly=True, ondelete="cascade"
    )
    dispute_amount = fields.Monetary(
        string="Amount to credit",
        help="Accepted in the dispute, taxes included. The credit note is a draft: check its lines before you post it.",
    )

    def _prepare_default_reversal(self, move):
        vals = super()._prepare_default_reversal(move)
        if self.dispute_id:
            vals["dispute_id"] = self.dispute_id.id
        return vals

    def refund_moves(self):
        action = super().refund_moves()
        if self.dispute_id and self.dispute_amount > 0:
            for credit_note in self.new_move_ids.filtered(lambda move: move.state == "draft"):
                self._reduce_credit_note(credit_note)
        return action

    def _reduce_credit_note(self, credit_note):
        """Let a draft credit only what was accepted: a line for each tax and account, in proportion to the invoice."""
        currency, total = credit_note.currency_id, credit_note.amount_total
        if currency.compare_amounts(self.dispute_amount, total) >= 0:
            return
        share = self.dispute_amount / total
        groups = defaultdict(lambda: self.env["account.move.line"])
        for line in credit_note.invoice_line_ids.filtered(lambda line: line.display_type == "product"):
            groups[line.tax_ids, line.account_id, str(line.analytic_distribution or "")] += line
        commands = [Command.delete(line.id) for line in credit_note.invoice_line_ids]
        for (taxes, account, _analytic), lines in groups.items():
            is_included = any(tax.price_include for tax in taxes)
            amount = sum(lines.mapped("price_total" if is_included else "price_subtotal"))
            commands.append(
                Command.create(
                    {
                        "name": credit_note.ref or self.dispute_id.name,
                        "account_id": account.id,
                        "tax_ids": [Command.set(taxes.ids)],
                        "analytic_distribution": lines[:1].analytic_distribution,
                        "quantity": 1.0,
                        "price_unit": currency.round(amount * share),
                    }
                )
            )
        credit_note.write({"invoice_line_ids": commands})
        self._absorb_rounding(credit_note)

    def _absorb_rounding(self, credit_note):
        """Rounding of several taxes can leave a cent: the largest line takes it, where that is possible."""
        currency = credit_note.currency_id
        missing = currency.round(self.dispute_amount - credit_note.amount_total)
        line = max(credit_note.invoice_line_ids, key=lambda line: line.price_total)
        if currency.is_zero(missing) or currency.is_zero(line.price_subtotal):
            return
        before = line.price_unit
        line.price_unit = before + missing * line.price_subtotal / line.price_total
        if abs(self.dispute_amount - credit_note.amount_total) > abs(missing):
            line.price_unit = before
