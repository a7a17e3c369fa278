from odoo import models


class StockPicking(models.Model):
    _name = "stock.picking"
    _inherit = ["stock.picking", "commercial.complaint.count.mixin"]
    _complaint_line_field = "picking_id"
