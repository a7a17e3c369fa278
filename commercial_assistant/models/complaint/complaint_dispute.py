from odoo import api, fields, models

from ..dunning.dispute import ACTIVE_STATES


class Complaint(models.Model):
    """What a customer complains about on an invoice is not reminded until the complaint is settled."""

    _inherit = "commercial.complaint"

    dispute_ids = fields.One2many(
        comodel_name="commercial.dispute",
        inverse_name="complaint_id",
        string="Disputes",
        readonly=True,
    )
    dispute_count = fields.Integer(compute="_compute_dispute_count", string="Dispute count")

    @api.depends("dispute_ids")
    def _compute_dispute_count(self):
        # sudo: that an amount is held may be known to whoever sees the complaint
        counts = dict(
            self.env["commercial.dispute"]
            .sudo()
            ._read_group([("complaint_id", "in", self.ids)], ["complaint_id"], ["__count"])
        )
        for complaint in self:
            complaint.dispute_count = counts.get(complaint, 0)

    # --- CRUD ---

    def write(self, vals):
        result = super().write(vals)
        if {"partner_id", "claimed_amount"} & vals.keys():
            self._open_disputes()
        return result

    # --- ACTIONS ---

    def action_view_disputes(self):
        self.ensure_one()
        return self.dispute_ids._get_records_action(name=self.env._("Disputes"))

    # --- OPENING ---

    def _open_disputes(self):
        """Hold what is complained about on invoices; what this complaint holds already stays as it is.

        Nothing is held of what is paid, disputed otherwise, or not followed up: that is no error.
        """
        for complaint in self:
            if complaint.state in ("closed", "cancelled"):
                continue
            claims = complaint._get_invoice_claims()
            for currency in self.env["res.currency"].union(*(invoice.currency_id for invoice in claims)):
                complaint._open_dispute(
                    {invoice: amount for invoice, amount in claims.items() if invoice.currency_id == currency}
                )

    def _get_invoice_claims(self):
        """``{invoice: amount}``, with VAT, in the currency of the invoice: the share of the goods complained about.

        Where the customer asks for less in money, only that is held.
        """
        self.ensure_one()
        # sudo: the invoice of the customer may be known to whoever deals with his complaint
        claims = {}
        for line_sudo in self.sudo().line_ids.filtered("invoice_line_id"):
            invoice_line = line_sudo.invoice_line_id
            if invoice_line.parent_state != "posted" or not invoice_line.quantity:
                continue
            quantity = line_sudo.product_uom_id._compute_quantity(
                line_sudo.quantity, invoice_line.product_uom_id or line_sudo.product_uom_id, round=False
            )
            share = invoice_line.price_total * min(1.0, quantity / invoice_line.quantity)
            claims[invoice_line.move_id] = claims.get(invoice_line.move_id, 0.0) + share
        return self._limit_claims(claims)

    def _limit_claims(self, claims):
        self.ensure_one()
        left = self.claimed_amount
        if not left:
            return claims
        limited = {}
        company_currency = self.company_id.currency_id
        for invoice, amount in claims.items():
            day = invoice.invoice_date or self.received_on.date()
            limit = company_currency._convert(left, invoice.currency_id, self.company_id, day)
            limited[invoice] = min(amount, limit)
            used = invoice.currency_id._convert(limited[invoice], company_currency, self.company_id, day)
            left = max(0.0, company_currency.round(left - used))
        return limited

    def _open_dispute(self, claims):
        """Hold these amounts of invoices in one currency, as far as they are open and not disputed."""
        self.ensure_one()
        # sudo: whoever takes a complaint down may not be a collector; the dispute follows the complaint
        Dispute = self.env["commercial.dispute"].sudo()
        held = self.sudo().dispute_ids.filtered(lambda dispute: dispute.state in ACTIVE_STATES).line_ids.move_id
        claims = {invoice: amount for invoice, amount in claims.items() if invoice not in held}
        if not claims:
            return
        partners = self.env["res.partner"].union(*(invoice.commercial_partner_id for invoice in claims)).sudo()
        self.env["commercial.receivable"].sudo()._refresh_items(self.company_id, partners.ids)
        items = (
            self.env["commercial.receivable.item"]
            .sudo()
            .search(
                [("move_id", "in", [invoice.id for invoice in claims]), ("state", "=", "open")], order="date_due, id"
            )
        )
        items = items.filtered(lambda item: item.receivable_id == items[:1].receivable_id)
        if not items:
            return
        amounts = self._share_claims(claims, items, Dispute._get_undisputed(items))
        if not amounts:
            return
        dispute = Dispute._take_down(
            items.browse(amounts),
            self.env.ref("commercial_assistant.dispute_reason_complaint").sudo(),
            amounts=amounts,
            source="complaint",
            complaint_id=self.id,
            description=self._get_dispute_description(),
            **({"user_id": self.user_id} if self.user_id else {}),
        )
        self._message_log(
            body=self.env._("%(dispute)s: this part of the invoice is not reminded.", dispute=dispute._get_html_link())
        )

    def _share_claims(self, claims, items, left):
        """``{item id: amount}``: the claim on an invoice goes to its instalments, the earliest first."""
        amounts = {}
        for invoice, claim in claims.items():
            for item in items.filtered(lambda item, invoice=invoice: item.move_id == invoice):
                amount = item.currency_id.round(min(claim, left[item.id]))
                if item.currency_id.compare_amounts(amount, 0.0) > 0:
                    amounts[item.id] = amount
                    claim -= amount
        return amounts

    def _get_dispute_description(self):
        """What a confidential complaint is about is not repeated where others read."""
        self.ensure_one()
        return self.name if self.is_confidential else f"{self.name}: {self.subject}"

    def _get_dispute_of(self, invoice):
        """The dispute of this complaint about an invoice, to which a credit note belongs."""
        self.ensure_one()
        disputes = self.sudo().dispute_ids.filtered(lambda dispute: invoice and invoice in dispute.line_ids.move_id)
        return disputes.sorted("id", reverse=True)[:1]

    # --- SETTLING ---

    def _moved(self, before, after):
        result = super()._moved(before, after)
        if after == "closed":
            self._settle_disputes()
        elif after == "cancelled":
            self._withdraw_disputes(self.env._("%(complaint)s was cancelled.", complaint=self.name))
        elif before in ("closed", "cancelled"):
            self._open_disputes()
        return result

    def _settle_disputes(self):
        """Tell the dispute how the complaint ended: what was credited is accepted, the rest is reminded again."""
        self.ensure_one()
        # sudo: whoever closes the complaint decides about its dispute along
        for dispute in self.sudo().dispute_ids.filtered(lambda dispute: dispute.state in ACTIVE_STATES):
            accepted = self._get_accepted_of(dispute)
            total = sum(accepted.values())
            if dispute.currency_id.compare_amounts(total, dispute.amount) >= 0:
                dispute._settle("upheld", answer=self._get_dispute_answer())
            elif not dispute.currency_id.is_zero(total):
                dispute._settle("partly", answer=self._get_dispute_answer(), accepted=accepted)
            elif self.verdict in ("founded", "partly"):
                # he was right, and was helped in another way than by money: the invoice is due
                dispute._withdraw(note=self._get_dispute_answer())
            else:
                dispute._settle("rejected", answer=self._get_dispute_answer())
            # credit notes that were posted before
            dispute._follow_credits()

    def _get_accepted_of(self, dispute):
        """``{dispute line id: amount}``: what the credit notes of the complaint give back of each invoice, with VAT."""
        accepted = {}
        credited = {}
        for move in self.sudo().solution_ids.move_ids.filtered(lambda move: move.state != "cancel"):
            if move.currency_id == dispute.currency_id:
                invoice = move.reversed_entry_id
                credited[invoice] = credited.get(invoice, 0.0) + move.amount_total
        for line in dispute.line_ids.sorted("id"):
            part = min(line.amount, credited.get(line.move_id, 0.0))
            if dispute.currency_id.compare_amounts(part, 0.0) > 0:
                accepted[line.id] = part
                credited[line.move_id] -= part
        return accepted

    def _get_dispute_answer(self):
        self.ensure_one()
        done = self.solution_ids.filtered(lambda solution: solution.state == "done")
        kinds = ", ".join(dict.fromkeys(solution._get_kind_label() for solution in done))
        if kinds:
            return self.env._("%(complaint)s was settled: %(solutions)s.", complaint=self.name, solutions=kinds)
        return self.env._("%(complaint)s was closed.", complaint=self.name)

    def _withdraw_disputes(self, note):
        self.ensure_one()
        # sudo: see _settle_disputes
        self.sudo().dispute_ids.filtered(lambda dispute: dispute.state in ACTIVE_STATES)._withdraw(note=note)
