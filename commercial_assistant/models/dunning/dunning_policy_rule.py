from odoo import fields, models


class DunningPolicyRule(models.Model):
    """A group of customers; a policy is used for a customer that fits one of its rules."""

    _name = "commercial.dunning.policy.rule"
    _description = "Reminder Policy Rule"
    _order = "sequence, id"

    policy_id = fields.Many2one(
        comodel_name="commercial.dunning.policy",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        related="policy_id.company_id",
        store=True,
        index=True,
    )
    sequence = fields.Integer(default=10)
    customer_kind = fields.Selection(
        selection=[("consumer", "Consumer"), ("business", "Business"), ("public", "Public authority")],
    )
    country_ids = fields.Many2many(
        comodel_name="res.country",
        string="Countries",
        help="Empty: every country.",
    )
    category_ids = fields.Many2many(
        comodel_name="res.partner.category",
        string="Tags",
        help="The customer has at least one of these tags. Empty: any customer.",
    )
    trust = fields.Selection(
        selection=[("good", "Good debtor"), ("normal", "Normal debtor"), ("bad", "Bad debtor")],
        string="Degree of trust",
    )
