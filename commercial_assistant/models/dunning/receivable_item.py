from odoo import fields, models


class ReceivableItem(models.Model):
    """One open receivable journal item: an invoice or one of its instalments.

    The rows are written in sets by :meth:`commercial.receivable._refresh_items`; nothing here recomputes by itself, so
    that posting a payment stays as fast as before.
    """

    _name = "commercial.receivable.item"
    _description = "Open Item"
    _order = "date_due, id"
    _rec_name = "move_name"
    _check_company_auto = True

    receivable_id = fields.Many2one(
        comodel_name="commercial.receivable",
        string="Customer account",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(comodel_name="res.company", required=True, readonly=True)
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    move_line_id = fields.Many2one(
        comodel_name="account.move.line",
        string="Journal item",
        readonly=True,
        ondelete="set null",
    )
    move_id = fields.Many2one(
        comodel_name="account.move",
        string="Invoice",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    move_name = fields.Char(string="Number", readonly=True)
    currency_id = fields.Many2one(comodel_name="res.currency", required=True, readonly=True)
    date = fields.Date(string="Invoice date", readonly=True)
    date_due = fields.Date(string="Due date", required=True, readonly=True)
    amount_original = fields.Monetary(string="Original amount", readonly=True)
    amount_residual = fields.Monetary(string="Open amount", readonly=True)
    state = fields.Selection(
        selection=[("open", "Open"), ("closed", "Closed")],
        required=True,
        readonly=True,
        default="open",
    )
    level_id = fields.Many2one(
        comodel_name="commercial.dunning.policy.level",
        string="Level reached",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The last level of which a letter was really delivered.",
    )
    last_delivered_on = fields.Date(string="Last letter", readonly=True)
    notice_id = fields.Many2one(
        comodel_name="commercial.dunning.notice",
        string="Letter under way",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The letter that was proposed for this item and is not delivered yet.",
    )
    next_date = fields.Date(
        string="Next letter from",
        readonly=True,
        help="No letter is possible before this day. Empty: the next run decides.",
    )
    first_reminder_on = fields.Date(string="First reminder", readonly=True)
    earliest_charge_on = fields.Date(
        string="Charges from",
        readonly=True,
        help="First day on which charges may be claimed after the first reminder.",
    )
    interest_from = fields.Date(readonly=True, help="First day that bears interest after the first reminder.")
    is_excluded = fields.Boolean(string="No reminders")
    excluded_until = fields.Date(string="No reminders until", help="Last day. Empty: until further notice.")
    exclusion_reason = fields.Char()
    line_ids = fields.One2many(
        comodel_name="commercial.dunning.notice.line",
        inverse_name="item_id",
        string="Letters",
    )
    charge_ids = fields.One2many(
        comodel_name="commercial.dunning.charge",
        inverse_name="item_id",
        string="Charges",
    )

    _unique_move_line = models.UniqueIndex("(move_line_id)", "This journal item is already followed.")
    _next = models.Index("(company_id, next_date, receivable_id) WHERE state = 'open' AND notice_id IS NULL")
    _open_of_receivable = models.Index("(receivable_id, date_due) WHERE state = 'open'")
