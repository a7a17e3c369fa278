from odoo import fields, models

from .dunning_policy_level import LETTER_CHANNELS


class DunningNotice(models.Model):
    """One letter to one customer in one currency."""

    _name = "commercial.dunning.notice"
    _description = "Reminder Letter"
    _inherit = ["mail.thread"]
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/")
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company,
    )
    run_id = fields.Many2one(
        comodel_name="commercial.dunning.run",
        string="Run",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    receivable_id = fields.Many2one(
        comodel_name="commercial.receivable",
        string="Customer account",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    contact_id = fields.Many2one(
        comodel_name="res.partner",
        string="Recipient",
        required=True,
        index=True,
        ondelete="restrict",
    )
    lang = fields.Selection(
        selection=lambda self: self.env["res.lang"].get_installed(),
        string="Language",
        readonly=True,
    )
    currency_id = fields.Many2one(
        comodel_name="res.currency",
        required=True,
        readonly=True,
    )
    policy_id = fields.Many2one(
        comodel_name="commercial.dunning.policy",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    regime = fields.Selection(related="policy_id.regime", store=True, string="Law")
    level_id = fields.Many2one(
        comodel_name="commercial.dunning.policy.level",
        string="Level",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    level_kind = fields.Selection(related="level_id.kind", store=True, string="Kind")
    scope_key = fields.Char(
        readonly=True,
        required=True,
        default="",
        help="What sets this letter apart from other letters of the same run to the same customer.",
    )
    is_dry = fields.Boolean(string="Dry run", readonly=True)
    date = fields.Date(
        string="Letter date",
        required=True,
        readonly=True,
        default=fields.Date.context_today,
    )
    channel = fields.Selection(
        selection=LETTER_CHANNELS,
        required=True,
        default="email",
    )
    state = fields.Selection(
        selection=[
            ("proposed", "Proposed"),
            ("approved", "Approved"),
            ("sending", "Sending"),
            ("delivered", "Delivered"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        copy=False,
        index=True,
        default="proposed",
        tracking=True,
    )
    line_ids = fields.One2many(
        comodel_name="commercial.dunning.notice.line",
        inverse_name="notice_id",
        string="Lines",
        readonly=True,
    )
    charge_ids = fields.Many2many(
        comodel_name="commercial.dunning.charge",
        relation="commercial_dunning_notice_charge_rel",
        column1="notice_id",
        column2="charge_id",
        string="Charges",
        readonly=True,
        copy=False,
        help="Every charge this letter claims, also those of earlier letters that are still open.",
    )
    amount_principal = fields.Monetary(string="Open amount", readonly=True)
    amount_credit = fields.Monetary(string="Money on account", readonly=True)
    amount_interest = fields.Monetary(string="Interest", readonly=True)
    amount_indemnity = fields.Monetary(
        string="Indemnity",
        readonly=True,
        help="Indemnities and fixed sums for recovery costs.",
    )
    amount_cost = fields.Monetary(string="Cost", readonly=True)
    amount_total = fields.Monetary(string="To pay", readonly=True)
    deadline = fields.Date(string="Last day to pay", readonly=True)
    earliest_charge_date = fields.Date(
        string="Charges from",
        readonly=True,
        help="First day on which charges may be claimed when this letter stays without payment.",
    )
    announced_indemnity = fields.Monetary(
        readonly=True,
        help="The indemnity that will be claimed when the customer does not pay in time.",
    )
    announced_interest_rate = fields.Float(
        string="Announced interest (% a year)",
        digits=(5, 2),
        readonly=True,
        aggregator=None,
    )
    payment_reference = fields.Char(readonly=True)
    partner_bank_id = fields.Many2one(
        comodel_name="res.partner.bank",
        string="Bank account",
        readonly=True,
        ondelete="restrict",
    )
    approved_by_id = fields.Many2one(comodel_name="res.users", readonly=True, copy=False)
    approved_on = fields.Datetime(readonly=True, copy=False)
    delivered_on = fields.Date(readonly=True, copy=False)
    attachment_id = fields.Many2one(
        comodel_name="ir.attachment",
        string="Letter",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    sha256 = fields.Char(string="SHA-256", readonly=True, copy=False)
    skip_reason = fields.Char(string="Reason", readonly=True, copy=False)


class DunningNoticeLine(models.Model):
    """One instalment in a letter, with the figures that were true when the letter was made."""

    _name = "commercial.dunning.notice.line"
    _description = "Reminder Letter Line"
    _order = "notice_id, date_maturity, id"

    notice_id = fields.Many2one(
        comodel_name="commercial.dunning.notice",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        related="notice_id.company_id",
        store=True,
    )
    item_id = fields.Many2one(
        comodel_name="commercial.receivable.item",
        string="Open item",
        required=True,
        index=True,
        ondelete="restrict",
    )
    move_line_id = fields.Many2one(
        comodel_name="account.move.line",
        string="Journal item",
        index="btree_not_null",
        ondelete="set null",
    )
    move_id = fields.Many2one(
        comodel_name="account.move",
        string="Invoice",
        index="btree_not_null",
        ondelete="set null",
    )
    currency_id = fields.Many2one(
        comodel_name="res.currency",
        related="notice_id.currency_id",
        store=True,
    )
    level_id = fields.Many2one(
        comodel_name="commercial.dunning.policy.level",
        string="Level",
        required=True,
        ondelete="restrict",
    )
    invoice_name = fields.Char(string="Invoice number")
    invoice_date = fields.Date()
    date_maturity = fields.Date(string="Due date")
    days_late = fields.Integer()
    description = fields.Char(compute="_compute_description", help="What was sold.")
    amount_original = fields.Monetary(string="Original amount")
    amount_paid = fields.Monetary(string="Paid")
    amount_residual = fields.Monetary(string="Open amount")
    announced_indemnity = fields.Monetary()
    amount_interest = fields.Monetary(string="Interest")
    amount_fixed = fields.Monetary(string="Lump sum")
    included = fields.Boolean(default=True)
    live = fields.Boolean(help="Part of a letter that is under way or delivered.")
    skip_reason = fields.Char(string="Reason")

    _unique_live_level = models.UniqueIndex(
        "(item_id, level_id) WHERE live", "This item already has a letter of this level."
    )

    def _compute_description(self):
        """What the invoice was for, from its product lines; shortened to what fits on a letter."""
        lines = self.move_id.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        names_by_move = {}
        for line in lines:
            name = (line.name or line.product_id.display_name or "").split("\n")[0].strip()
            names = names_by_move.setdefault(line.move_id.id, [])
            if name and name not in names:
                names.append(name)
        for line in self:
            names = names_by_move.get(line.move_id.id, [])
            line.description = ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
