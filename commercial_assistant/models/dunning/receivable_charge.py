from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError


class Receivable(models.Model):
    """What a customer owes besides the invoices."""

    _inherit = "commercial.receivable"

    charge_ids = fields.One2many(domain=[("state", "not in", ("cancelled", "simulated"))])
    charge_letter_ids = fields.One2many(
        comodel_name="commercial.dunning.charge.letter",
        inverse_name="receivable_id",
        string="Statements of charges",
    )
    open_charge_summary = fields.Char(
        string="Open charges",
        compute="_compute_open_charges",
        help="Claimed interest, indemnities and costs that are not paid, each currency by itself.",
    )
    open_charge_count = fields.Integer(
        string="Open charges count",
        compute="_compute_open_charges",
        search="_search_open_charge_count",
    )
    charge_count = fields.Integer(string="Number of charges", compute="_compute_open_charges")

    # --- COMPUTE ---

    @api.depends("charge_ids.state", "charge_ids.amount_residual")
    @api.depends_context("lang")
    def _compute_open_charges(self):
        rows, counts = defaultdict(list), defaultdict(int)
        for receivable, currency, state, count, amount in self.env["commercial.dunning.charge"]._read_group(
            [("receivable_id", "in", self.ids), ("state", "not in", ("cancelled", "simulated"))],
            ["receivable_id", "currency_id", "state"],
            ["__count", "amount_residual:sum"],
        ):
            counts[receivable.id] += count
            if state == "claimed":
                rows[receivable.id].append((currency, count, amount))
        for receivable in self:
            mine = rows[receivable.id]
            receivable.charge_count = counts[receivable.id]
            receivable.open_charge_count = sum(row[1] for row in mine)
            receivable.open_charge_summary = self._format_amounts(mine)

    def _search_open_charge_count(self, operator, value):
        if operator != ">" or value != 0:
            return NotImplemented
        return [("charge_ids", "any", [("state", "=", "claimed")])]

    # --- ACTIONS ---

    def action_open_charges(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.dunning_charge_action")
        action["domain"] = [("receivable_id", "=", self.id)]
        action["context"] = {"search_default_real": 1}
        return action

    def action_allocate_payment(self):
        """Propose how money of this customer that is not matched settles invoices and charges."""
        self.ensure_one()
        self.env["commercial.payment.allocate"].check_access("create")
        lines = self._get_unallocated_lines()
        if not lines:
            raise UserError(
                self.env._("%(customer)s has no payment or credit note to allocate.", customer=self.display_name)
            )
        wizard = self.env["commercial.payment.allocate"]._open(self, lines[:1])
        return wizard._get_records_action(name=self.env._("Allocate payment"), target="new")

    def action_charge_letter(self):
        """Show how the open charges of this customer were calculated, ready to print or, where allowed, to send."""
        self.ensure_one()
        self.env["commercial.dunning.charge"].browse()._check_collector()
        letters = self.env["commercial.dunning.charge.letter"]._open(self)
        return letters._get_records_action(name=self.env._("Statement of charges"))

    # --- BUSINESS ---

    def _get_unallocated_lines(self):
        """Return the payments and credits of this customer that are not matched, the oldest first."""
        self.ensure_one()
        return self.env["account.move.line"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("partner_id.commercial_partner_id", "=", self.partner_id.id),
                ("account_id", "in", self._get_receivable_accounts().ids),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                ("amount_residual_currency", "<", 0),
            ],
            order="date, id",
        )
