from odoo import api, fields, models

from ..common.legal_parameter import CUSTOMER_KINDS


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
        selection=CUSTOMER_KINDS,
        help="Empty: every kind.",
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

    @api.depends("customer_kind", "country_ids", "category_ids", "trust")
    def _compute_display_name(self):
        kinds = dict(self._fields["customer_kind"]._description_selection(self.env))
        trusts = dict(self._fields["trust"]._description_selection(self.env))
        for rule in self:
            parts = [
                kinds.get(rule.customer_kind),
                ", ".join(rule.country_ids.mapped("name")),
                ", ".join(rule.category_ids.mapped("name")),
                trusts.get(rule.trust),
            ]
            rule.display_name = " · ".join(filter(None, parts)) or self.env._("Every customer")

    # --- CRUD ---

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules.policy_id._changed_in_part()
        return rules

    def write(self, vals):
        result = super().write(vals)
        self.policy_id._changed_in_part()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_forget_next_dates(self):
        self.policy_id._forget_next_dates()
