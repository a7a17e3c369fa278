from odoo import fields, models


class Receivable(models.Model):
    """The account of one customer with one company, as the collector sees it."""

    _name = "commercial.receivable"
    _description = "Customer Account"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "company_id, partner_id"
    _rec_name = "partner_id"
    _check_company_auto = True

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company,
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    policy_id = fields.Many2one(
        comodel_name="commercial.dunning.policy",
        string="Own policy",
        index="btree_not_null",
        check_company=True,
        tracking=True,
        help="Overrides the rules of the policies for this customer.",
    )
    is_excluded = fields.Boolean(string="No reminders", tracking=True)
    excluded_until = fields.Date(string="No reminders until", tracking=True, help="Last day. Empty: until further notice.")
    exclusion_reason = fields.Char(tracking=True)
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Responsible",
        index="btree_not_null",
        tracking=True,
    )
    contact_id = fields.Many2one(
        comodel_name="res.partner",
        string="Reminder contact",
        index="btree_not_null",
        tracking=True,
        help="Reminders go to this contact. Empty: the invoice address, else the customer.",
    )
    last_level_id = fields.Many2one(
        comodel_name="commercial.dunning.policy.level",
        string="Last level",
        readonly=True,
        ondelete="set null",
    )
    last_notice_on = fields.Date(string="Last letter", readonly=True)
    item_ids = fields.One2many(
        comodel_name="commercial.receivable.item",
        inverse_name="receivable_id",
        string="Open items",
    )
    notice_ids = fields.One2many(
        comodel_name="commercial.dunning.notice",
        inverse_name="receivable_id",
        string="Notices",
    )

    _unique_account = models.UniqueIndex(
        "(company_id, partner_id)", "This customer already has an account with this company."
    )
