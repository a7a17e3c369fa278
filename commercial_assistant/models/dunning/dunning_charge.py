from odoo import fields, models


class DunningCharge(models.Model):
    """A claim besides the invoice: interest, indemnity, fixed sum or cost of a reminder."""

    _name = "commercial.dunning.charge"
    _description = "Reminder Charge"
    _order = "id desc"
    _check_company_auto = True

    company_id = fields.Many2one(comodel_name="res.company", required=True, readonly=True, index=True)
    receivable_id = fields.Many2one(
        comodel_name="commercial.receivable",
        string="Customer account",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        related="receivable_id.partner_id",
        store=True,
        string="Customer",
        index=True,
    )
    notice_id = fields.Many2one(
        comodel_name="commercial.dunning.notice",
        string="First claimed by",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    item_id = fields.Many2one(
        comodel_name="commercial.receivable.item",
        string="Open item",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    move_id = fields.Many2one(
        comodel_name="account.move",
        related="item_id.move_id",
        store=True,
        string="Invoice",
        index="btree_not_null",
    )
    kind = fields.Selection(
        selection=[
            ("interest", "Interest"),
            ("indemnity", "Indemnity"),
            ("fixed", "Fixed sum"),
            ("cost", "Cost of the reminder"),
        ],
        required=True,
        readonly=True,
    )
    state = fields.Selection(
        selection=[
            ("planned", "Planned"),
            ("claimed", "Claimed"),
            ("waived", "Waived"),
            ("paid", "Paid"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        copy=False,
        default="planned",
    )
    date_from = fields.Date(string="From", readonly=True)
    date_to = fields.Date(string="To", readonly=True)
    base_amount = fields.Monetary(string="Calculated on", readonly=True)
    rate_text = fields.Char(string="Rate", readonly=True)
    amount = fields.Monetary(required=True, readonly=True)
    currency_id = fields.Many2one(comodel_name="res.currency", required=True, readonly=True)
    legal_ground = fields.Char(readonly=True)
    waive_reason = fields.Char(readonly=True, copy=False)

    _amount_positive = models.Constraint("CHECK (amount > 0)", "A charge is a positive amount.")
    _unique_once = models.UniqueIndex(
        "(item_id, kind) WHERE kind IN ('fixed', 'indemnity') AND state <> 'cancelled'",
        "This sum was already claimed for this item.",
    )
