from odoo import api, fields, models
from odoo.exceptions import UserError

from ...models.dunning.payment_promise import SOURCES


class PaymentPromiseRegister(models.TransientModel):
    """Take down how much a customer pays by which day."""

    _name = "commercial.payment.promise.register"
    _description = "Register a Promise to Pay"

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
        relation="commercial_payment_promise_register_item_rel",
        string="Invoices",
        domain="[('receivable_id', '=', receivable_id), ('state', '=', 'open'), ('currency_id', '=', currency_id)]",
        help="What will be paid. Empty: the oldest open items first.",
    )
    available_currency_ids = fields.Many2many(
        comodel_name="res.currency",
        compute="_compute_available_currency_ids",
    )
    currency_id = fields.Many2one(
        comodel_name="res.currency",
        required=True,
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        domain="[('id', 'in', available_currency_ids)]",
        ondelete="cascade",
    )
    open_amount = fields.Monetary(
        string="Can be promised",
        compute="_compute_open_amount",
        help="Open and neither disputed nor promised yet.",
    )
    amount = fields.Monetary(string="Promised", compute="_compute_amount", store=True, readonly=False, required=True)
    promised_on = fields.Date(string="Pays by", required=True)
    source = fields.Selection(
        selection=[source for source in SOURCES if source[0] != "portal"],
        string="Came by",
        required=True,
        default="call",
    )
    contact_id = fields.Many2one(
        comodel_name="res.partner",
        string="Promised by",
        domain="[('id', 'child_of', partner_id)]",
        ondelete="cascade",
    )
    note = fields.Text()
    confirm = fields.Boolean(string="Send a confirmation", help="In the language of the customer.")
    is_reminded_anyway = fields.Boolean(compute="_compute_is_reminded_anyway")

    @api.depends("item_ids")
    def _compute_receivable_id(self):
        for wizard in self:
            wizard.receivable_id = wizard.item_ids.receivable_id[:1] or wizard.receivable_id

    @api.depends("receivable_id")
    def _compute_available_currency_ids(self):
        for wizard in self:
            wizard.available_currency_ids = (
                wizard.receivable_id.item_ids.currency_id or wizard.receivable_id.company_id.currency_id
            )

    @api.depends("receivable_id", "item_ids")
    def _compute_currency_id(self):
        for wizard in self:
            available = wizard.available_currency_ids
            wizard.currency_id = (
                wizard.item_ids.currency_id[:1]
                or (wizard.receivable_id.company_id.currency_id & available)
                or available[:1]
            )

    @api.depends("receivable_id", "item_ids", "currency_id")
    def _compute_open_amount(self):
        Promise = self.env["commercial.payment.promise"]
        for wizard in self:
            receivable, currency = wizard.receivable_id._origin, wizard.currency_id._origin
            wizard.open_amount = (
                Promise._get_unpromised(receivable, currency, wizard.item_ids._origin)
                if receivable and currency
                else 0.0
            )

    @api.depends("open_amount")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = wizard.open_amount

    @api.depends("receivable_id")
    def _compute_is_reminded_anyway(self):
        for wizard in self:
            receivable = wizard.receivable_id._origin
            wizard.is_reminded_anyway = bool(receivable) and not receivable._may_promise_hold()

    def action_register(self):
        """Register the promise and show it."""
        self.ensure_one()
        if len(self.item_ids.receivable_id) > 1:
            raise UserError(
                self.env._(
                    "The invoices belong to several customers (%(customers)s): register one promise for each.",
                    customers=self.item_ids.partner_id.mapped("display_name"),
                )
            )
        promise = self.env["commercial.payment.promise"]._take_down(
            self.receivable_id,
            self.amount,
            self.currency_id,
            self.promised_on,
            items=self.item_ids,
            confirm=self.confirm,
            source=self.source,
            note=self.note,
            contact_id=self.contact_id.id,
        )
        return promise._get_records_action(name=self.env._("Promise to pay"))
