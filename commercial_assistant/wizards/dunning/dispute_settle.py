from odoo import Command, api, fields, models

from ...models.dunning.dispute import OUTCOMES


class DisputeSettle(models.TransientModel):
    """Say who is right, how much is accepted, and what the customer is told."""

    _name = "commercial.dispute.settle"
    _description = "Settle a Dispute"

    dispute_id = fields.Many2one(comodel_name="commercial.dispute", required=True, readonly=True, ondelete="cascade")
    partner_id = fields.Many2one(related="dispute_id.partner_id")
    reason_id = fields.Many2one(related="dispute_id.reason_id")
    currency_id = fields.Many2one(related="dispute_id.currency_id")
    outcome = fields.Selection(
        selection=[*OUTCOMES, ("withdrawn", "Taken back by the customer")], required=True, default="upheld"
    )
    line_ids = fields.One2many(
        comodel_name="commercial.dispute.settle.line",
        inverse_name="wizard_id",
        string="Invoices",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    accepted_amount = fields.Monetary(string="Accepted", compute="_compute_accepted_amount")
    answer = fields.Text(
        string="Answer to the customer", help="In the language of the customer: it stands in the letter."
    )
    notify = fields.Boolean(
        string="Send the answer",
        compute="_compute_notify",
        store=True,
        readonly=False,
        help="In the language of the customer, with the amounts.",
    )

    @api.depends("dispute_id")
    def _compute_line_ids(self):
        for wizard in self:
            wizard.line_ids = [
                Command.clear(),
                *(
                    Command.create({"dispute_line_id": line.id, "accepted_amount": line.amount})
                    for line in wizard.dispute_id.line_ids
                ),
            ]

    @api.depends("dispute_id")
    def _compute_notify(self):
        """Whoever can be reached gets the answer, unless it is told otherwise."""
        for wizard in self:
            wizard.notify = bool(wizard.dispute_id and wizard.dispute_id._get_letter_channel())

    @api.depends("outcome", "line_ids.accepted_amount")
    def _compute_accepted_amount(self):
        for wizard in self:
            wizard.accepted_amount = {
                "upheld": wizard.dispute_id.amount,
                "partly": sum(wizard.line_ids.mapped("accepted_amount")),
            }.get(wizard.outcome, 0.0)

    def action_settle(self):
        self.ensure_one()
        if self.outcome == "withdrawn":
            self.dispute_id._withdraw(self.answer, notify=self.notify)
        else:
            accepted = {line.dispute_line_id.id: line.accepted_amount for line in self.line_ids}
            self.dispute_id._settle(self.outcome, self.answer, accepted, notify=self.notify)
        return {"type": "ir.actions.act_window_close"}


class DisputeSettleLine(models.TransientModel):
    _name = "commercial.dispute.settle.line"
    _description = "Accepted Amount of a Dispute"

    wizard_id = fields.Many2one(comodel_name="commercial.dispute.settle", required=True, ondelete="cascade")
    dispute_line_id = fields.Many2one(
        comodel_name="commercial.dispute.line", string="Invoice", required=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="dispute_line_id.currency_id")
    move_name = fields.Char(related="dispute_line_id.move_name", string="Number")
    amount_residual = fields.Monetary(related="dispute_line_id.amount_residual")
    amount = fields.Monetary(related="dispute_line_id.amount")
    accepted_amount = fields.Monetary(string="Accepted")
