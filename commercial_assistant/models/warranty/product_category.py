from odoo import api, fields, models


class ProductCategory(models.Model):
    _inherit = "product.category"

    is_live_animal = fields.Boolean(
        string="Live animals",
        help="Live animals follow a law of their own: no guarantee is computed for this category and those below it.",
    )

    warranty_policy_ids = fields.Many2many(
        comodel_name="commercial.warranty.policy",
        string="Warranty policies",
        compute="_compute_warranty_policy_ids",
        groups="commercial_assistant.group_assistant",
        help="The policies made for this category or one above it.",
    )

    @api.depends("parent_path")
    @api.depends_context("company")
    def _compute_warranty_policy_ids(self):
        policies = self.env["commercial.warranty.policy"].search(
            [("company_id", "in", [False, self.env.company.id]), ("categ_ids", "!=", False)]
        )
        for category in self:
            path = set(category._get_category_path_ids())
            category.warranty_policy_ids = policies.filtered(lambda policy, path=path: path & set(policy.categ_ids.ids))

    def _get_category_path_ids(self):
        """Return the category and those above it, the nearest first."""
        return tuple(int(part) for part in reversed((self.parent_path or "").split("/")) if part)

    def _is_for_live_animals(self):
        """Tell whether this category, or one above it, is about live animals."""
        return any(self.browse(self._get_category_path_ids()).mapped("is_live_animal"))
