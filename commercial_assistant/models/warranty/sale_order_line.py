from odoo import fields, models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    warranty_condition = fields.Selection(
        selection=[("new", "New"), ("used", "Second-hand")],
        string="Condition",
        help="Empty: as the product says.",
    )
    warranty_agreed_months = fields.Integer(
        string="Agreed guarantee",
        aggregator=None,
        help="Months of guarantee agreed with the buyer of second-hand goods. 0: as the product says.",
    )

    _warranty_agreed_months_not_negative = models.Constraint(
        "CHECK (COALESCE(warranty_agreed_months, 0) >= 0)", "The agreed months are not negative."
    )

    def _is_second_hand(self, product):
        """Tell whether used goods were sold; without an order line what the product says."""
        if self.warranty_condition:
            return self.warranty_condition == "used"
        return product.is_second_hand

    def _get_agreed_months(self, product):
        return self.warranty_agreed_months or product.second_hand_months

    def action_check_warranty(self):
        """Record whether what this line delivered is covered today, and open the answer."""
        self.ensure_one()
        check = self.env["commercial.warranty"]._check(
            self.product_id,
            self.env["stock.lot"],
            self,
            self.order_id.partner_id,
            fields.Date.context_today(self),
        )
        return check._get_records_action()
