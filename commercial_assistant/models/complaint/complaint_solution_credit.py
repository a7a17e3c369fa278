from odoo import Command, fields, models
from odoo.exceptions import UserError

from ...tools.complaint_amounts import share_out


class ComplaintSolution(models.Model):
    """Money back, by credit notes of Odoo; each kind leaves the order as right as it was."""

    _inherit = "commercial.complaint.solution"

    # --- CREDITS OF QUANTITIES ---

    def _execute_credit_full(self):
        return self._execute_reversal()

    def _execute_credit_partial(self):
        return self._execute_reversal()

    def _execute_reversal(self):
        """Reverse the invoice by Odoo's own wizard, then keep only the line and the quantity that are paid back."""
        self.ensure_one()
        invoice_line = self._get_creditable_line()
        invoice = invoice_line.move_id
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create(
                {
                    "reason": self._get_credit_reference(),
                    "date": fields.Date.context_today(self),
                    "journal_id": invoice.journal_id.id,
                }
            )
        )
        wizard.refund_moves()
        credit_note = wizard.new_move_ids
        self._reduce_reversal(credit_note, invoice_line)
        return self._finish_credit_note(credit_note, invoice)

    def _get_creditable_line(self):
        """The invoice line of which this quantity is paid back.

        :raise UserError: when nothing was charged, or less is left
        """
        self.ensure_one()
        invoice_line = self._get_invoice_line()
        if not invoice_line:
            raise UserError(
                self.env._(
                    "%(line)s was not charged yet: there is no posted invoice to credit. Enter the invoice line, or "
                    "wait for the invoice.",
                    line=self.line_id.display_name,
                )
            )
        if invoice_line.move_id.state != "posted":
            raise UserError(self.env._("%(invoice)s is not posted.", invoice=invoice_line.move_id.display_name))
        left = invoice_line._get_complaint_creditable()
        wanted = self._get_invoice_quantity(invoice_line)
        if self._compare(invoice_line, wanted, left) > 0:
            raise UserError(
                self.env._(
                    "%(quantity)g of %(invoice)s cannot be credited: only %(left)g is not credited yet.",
                    quantity=wanted,
                    invoice=invoice_line.move_id.display_name,
                    left=left,
                )
            )
        return invoice_line

    def _get_invoice_quantity(self, invoice_line):
        """The quantity of this solution in the unit of the invoice line."""
        unit = self.line_id.product_uom_id
        if not unit or not invoice_line.product_uom_id:
            return self.quantity
        return unit._compute_quantity(self.quantity, invoice_line.product_uom_id, round=False)

    def _compare(self, invoice_line, quantity, other):
        if invoice_line.product_uom_id:
            return invoice_line.product_uom_id.compare(quantity, other)
        return fields.Float.compare(quantity, other, precision_digits=6)

    def _reduce_reversal(self, credit_note, invoice_line):
        """Keep one line with the right quantity; it keeps its order line only when the order shall change."""
        source_lines = invoice_line.move_id.invoice_line_ids.sorted(lambda line: (line.sequence, line.id))
        copies = credit_note.invoice_line_ids.sorted(lambda line: (line.sequence, line.id))
        kept = copies[source_lines.ids.index(invoice_line.id)]
        quantity = self._get_invoice_quantity(invoice_line)
        values = {"quantity": quantity}
        if not self.touches_order:
            values["sale_line_ids"] = [Command.clear()]
        credit_note.write(
            {
                "invoice_line_ids": [
                    *(Command.delete(line.id) for line in copies - kept),
                    Command.update(kept.id, values),
                ]
            }
        )

    # --- AMOUNTS ---

    def _execute_price_reduction(self):
        return self._execute_amount()

    def _execute_goodwill(self):
        return self._execute_amount()

    def _execute_amount(self):
        """Give an amount back.

        The credit note names the invoice, so that it is allocated to it, but no order line: a linked one would make
        the order believe that nothing was charged.
        """
        self.ensure_one()
        if self.document_currency_id.compare_amounts(self.document_amount, 0.0) <= 0:
            raise UserError(self.env._("%(solution)s: enter the amount.", solution=self.display_name))
        invoice = self._get_invoice()
        if self.kind == "price_reduction":
            self._check_reducible(invoice)
        credit_note = self.env["account.move"].create(self._prepare_credit_note_vals(invoice))
        return self._finish_credit_note(credit_note, invoice)

    def _check_reducible(self, invoice):
        if not invoice:
            raise UserError(
                self.env._(
                    "%(solution)s: no posted invoice says whose price is lowered. Choose a line that was charged.",
                    solution=self.display_name,
                )
            )
        lines = self._get_invoice_line() or invoice.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
        )
        left = sum(line._get_complaint_creditable_amount() for line in lines)
        currency = self.document_currency_id
        if currency.compare_amounts(self.document_amount, left) > 0:
            raise UserError(
                self.env._(
                    "%(amount)s of %(invoice)s cannot be credited: only %(left)s is not credited yet.",
                    amount=currency.format(self.document_amount),
                    invoice=invoice.display_name,
                    left=currency.format(left),
                )
            )

    def _prepare_credit_note_vals(self, invoice):
        partner = invoice.partner_id or self.complaint_id.partner_id
        if not partner:
            raise UserError(
                self.env._(
                    "Who gets the money? %(complaint)s has no customer.", complaint=self.complaint_id.display_name
                )
            )
        values = {
            "move_type": "out_refund",
            "partner_id": partner.id,
            "company_id": self.company_id.id,
            "currency_id": self.document_currency_id.id,
            "invoice_date": fields.Date.context_today(self),
            "ref": self._get_credit_reference(),
            "invoice_origin": self.complaint_id.name,
            "invoice_user_id": invoice.invoice_user_id.id or self.env.uid,
            "invoice_line_ids": [Command.create(vals) for vals in self._prepare_credit_line_vals(invoice)],
        }
        if invoice:
            values |= {
                "reversed_entry_id": invoice.id,
                "journal_id": invoice.journal_id.id,
                "fiscal_position_id": invoice.fiscal_position_id.id,
                "partner_shipping_id": invoice.partner_shipping_id.id,
            }
        return values

    def _prepare_credit_line_vals(self, invoice):
        """A line for each account and tax, in proportion to what was charged: the VAT goes back as it was charged."""
        invoice_line = self._get_invoice_line()
        lines = invoice_line or invoice.invoice_line_ids.filtered(
            lambda line: line.display_type == "product" and line.price_subtotal > 0
        )
        name = self._get_credit_line_name()
        if not lines:
            return [{"name": name, "quantity": 1.0, "price_unit": self.document_amount}]
        groups = lines.grouped(lambda line: (line.tax_ids, line.account_id, str(line.analytic_distribution or "")))
        weights = [sum(group.mapped("price_subtotal")) for group in groups.values()]
        amounts = share_out(self.document_amount, weights, self.document_currency_id.decimal_places)
        return [
            {
                "name": name,
                "product_id": invoice_line.product_id.id,
                "account_id": group[:1].account_id.id,
                "tax_ids": [Command.set(group[:1].tax_ids.ids)],
                "analytic_distribution": group[:1].analytic_distribution,
                "quantity": 1.0,
                "price_unit": self._get_price_unit(group, amount),
            }
            for group, amount in zip(groups.values(), amounts, strict=True)
            if amount
        ]

    def _get_price_unit(self, lines, amount):
        """The price that gives ``amount`` without VAT: where prices include VAT, so does this one."""
        if not any(tax.price_include for tax in lines.tax_ids):
            return amount
        untaxed = sum(lines.mapped("price_subtotal"))
        return self.document_currency_id.round(amount * sum(lines.mapped("price_total")) / untaxed)

    # --- BOTH ---

    def _get_credit_reference(self):
        """Stands on the credit note, in the language of the customer; the number says nothing to others."""
        self.ensure_one()
        solution = self.with_context(lang=self.complaint_id.lang or self.env.lang)
        return f"{solution.complaint_id.name}: {solution._get_kind_label()}"

    def _get_credit_line_name(self):
        self.ensure_one()
        solution = self.with_context(lang=self.complaint_id.lang or self.env.lang)
        kind, product = solution._get_kind_label(), solution.line_id.product_id
        return f"{kind}: {product.display_name}" if product else kind

    def _finish_credit_note(self, credit_note, invoice):
        """Link the credit note, and post it where the company wants that; else the accountant does."""
        self.ensure_one()
        credit_note.write(
            {
                "complaint_solution_id": self.id,
                "dispute_id": self.complaint_id._get_dispute_of(invoice).id,
            }
        )
        # the amount of the document is the one that was agreed
        difference = abs(credit_note.amount_untaxed - self.document_amount)
        if self.document_currency_id.compare_amounts(difference, 0.01 * max(1, len(credit_note.invoice_line_ids))) > 0:
            raise UserError(
                self.env._(
                    "The credit note would be %(amount)s, but %(agreed)s was agreed: the invoice has changed since.",
                    amount=self.document_currency_id.format(credit_note.amount_untaxed),
                    agreed=self.document_currency_id.format(self.document_amount),
                )
            )
        if self.company_id.complaint_credit_posting == "post":
            credit_note.action_post()
        return credit_note
