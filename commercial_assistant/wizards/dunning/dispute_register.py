from odoo import Command, api, fields, models

from ...models.dunning.dispute import SOURCES


class DisputeRegister(models.TransientModel):
    """Take down what a customer does not agree with."""

    _name = "commercial.dispute.register"
    _description = "Register a Dispute"
    _check_company_auto = True

    company_id = fields.Many2one(comodel_name="res.company", compute="_compute_company_id")
    receivable_id = fields.Many2one(
        comodel_name="commercial.receivable",
        string="Customer account",
        required=True,
        compute="_compute_receivable_id",
        store=True,
        readonly=False,
        ondelete="cascade",
    )
    partner_id = fields.Many2one(related="receivable_id.partner_id")
    item_ids = fields.Many2many(
        comodel_name="commercial.receivable.item",
        relation="commercial_dispute_register_item_rel",
        string="Chosen items",
    )
    line_ids = fields.One2many(
        comodel_name="commercial.dispute.register.line",
        inverse_name="wizard_id",
        string="Invoices",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    reason_id = fields.Many2one(comodel_name="commercial.dispute.reason", required=True, ondelete="cascade")
    reason_hint = fields.Text(related="reason_id.hint")
    description = fields.Text(string="What the customer says", required=True)
    source = fields.Selection(
        selection=[source for source in SOURCES if source[0] not in ("portal", "complaint")],
        string="Came by",
        required=True,
        default="assistant",
    )
    contact_id = fields.Many2one(
        comodel_name="res.partner", domain="[('id', 'child_of', partner_id)]", ondelete="cascade"
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Owner",
        domain=[("share", "=", False)],
        ondelete="cascade",
        help="Empty: chosen by the reason.",
    )
    acknowledge = fields.Boolean(
        string="Send an acknowledgment", help="In the language of the customer, with the day by which we answer."
    )

    @api.depends("item_ids")
    def _compute_receivable_id(self):
        for wizard in self:
            wizard.receivable_id = wizard.item_ids.receivable_id[:1] or wizard.receivable_id

    @api.depends("receivable_id")
    def _compute_company_id(self):
        for wizard in self:
            wizard.company_id = wizard.receivable_id.company_id or self.env.company

    @api.depends("receivable_id", "item_ids")
    def _compute_line_ids(self):
        """List the chosen items, else everything that is open of the customer."""
        for wizard in self:
            items = wizard.item_ids or wizard.receivable_id.item_ids
            left = self.env["commercial.dispute"]._get_undisputed(items) if items else {}
            wizard.line_ids = [
                Command.clear(),
                *(
                    Command.create(
                        {
                            "item_id": item._origin.id or item.id,
                            "is_chosen": bool(wizard.item_ids),
                            "amount": left[item._origin.id or item.id],
                        }
                    )
                    for item in items
                ),
            ]

    def action_register(self):
        """Register the dispute and show it."""
        self.ensure_one()
        lines = self.line_ids.filtered("is_chosen")
        dispute = self.env["commercial.dispute"]._take_down(
            lines.item_id,
            self.reason_id,
            amounts={line.item_id.id: line.amount for line in lines},
            acknowledge=self.acknowledge,
            description=self.description,
            source=self.source,
            contact_id=self.contact_id.id,
            user_id=self.user_id.id,
        )
        return dispute._get_records_action(name=self.env._("Dispute"))


class DisputeRegisterLine(models.TransientModel):
    _name = "commercial.dispute.register.line"
    _description = "Item of a New Dispute"

    wizard_id = fields.Many2one(comodel_name="commercial.dispute.register", required=True, ondelete="cascade")
    item_id = fields.Many2one(
        comodel_name="commercial.receivable.item", string="Invoice", required=True, ondelete="cascade"
    )
    is_chosen = fields.Boolean(string="Disputed?")
    date_due = fields.Date(related="item_id.date_due")
    currency_id = fields.Many2one(related="item_id.currency_id")
    amount_residual = fields.Monetary(related="item_id.amount_residual")
    amount = fields.Monetary(string="Disputed")
