from odoo import api, fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    is_second_hand = fields.Boolean(
        string="Second-hand",
        help="Sold as used goods. A shorter term of guarantee holds only when it was agreed.",
    )
    second_hand_months = fields.Integer(
        string="Agreed months",
        help="The term told to and agreed with the buyer of second-hand goods, at least what the law asks. "
        "0: nothing was agreed, so the full term holds.",
    )
    warranty_policy_ids = fields.Many2many(
        comodel_name="commercial.warranty.policy",
        string="Warranty policies",
        compute="_compute_warranty_policy_ids",
        groups="commercial_assistant.group_assistant",
        help="The policies that can apply to this product, depending on the customer and the supplier.",
    )

    _second_hand_months_not_negative = models.Constraint(
        "CHECK (COALESCE(second_hand_months, 0) >= 0)", "The agreed months are not negative."
    )

    @api.depends("categ_id", "company_id", "is_second_hand", "type")
    @api.depends_context("company")
    def _compute_warranty_policy_ids(self):
        policies = self.env["commercial.warranty.policy"].search([("company_id", "in", [False, self.env.company.id])])
        for template in self:
            template.warranty_policy_ids = policies.filtered(template._can_have_policy)

    def _can_have_policy(self, policy):
        """Tell whether a policy can apply to this product, for some customer or supplier."""
        self.ensure_one()
        if self.type != "consu" or self.categ_id._is_for_live_animals():
            return False
        if policy.condition and policy.condition != ("used" if self.is_second_hand else "new"):
            return False
        if not (policy.product_tmpl_ids or policy.categ_ids):
            return True
        is_own = self._origin in policy.product_tmpl_ids
        return is_own or bool(set(self.categ_id._get_category_path_ids()) & set(policy.categ_ids.ids))
