from odoo import models


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "commercial.complaint.count.mixin"]
    _complaint_line_field = "sale_order_id"
