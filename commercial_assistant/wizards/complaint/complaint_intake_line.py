from odoo import fields, models


class ComplaintIntakeLine(models.TransientModel):
    """Something the customer bought, to be ticked while he is on the phone."""

    _name = "commercial.complaint.intake.line"
    _description = "Goods in a New Complaint"
    _order = "id"

    intake_id = fields.Many2one(comodel_name="commercial.complaint.intake", required=True, ondelete="cascade")
    is_chosen = fields.Boolean(string="Concerned")
    sale_line_id = fields.Many2one(comodel_name="sale.order.line")
    stock_move_id = fields.Many2one(comodel_name="stock.move")
    invoice_line_id = fields.Many2one(comodel_name="account.move.line")
    lot_id = fields.Many2one(comodel_name="stock.lot")
    product_id = fields.Many2one(comodel_name="product.product")
    document = fields.Char()
    date = fields.Date()
    lot_name = fields.Char(string="Serial number")
    quantity_sold = fields.Float(string="Sold", digits="Product Unit")
    quantity = fields.Float(digits="Product Unit", default=1.0)
    name = fields.Char(string="What is wrong")

    def _prepare_complaint_line_vals(self):
        self.ensure_one()
        return {
            "sale_line_id": self.sale_line_id.id,
            "stock_move_id": self.stock_move_id.id,
            "invoice_line_id": self.invoice_line_id.id,
            "lot_id": self.lot_id.id,
            "quantity": self.quantity,
            "name": self.name,
            **({} if self._has_document() else {"product_id": self.product_id.id}),
        }

    def _has_document(self):
        return bool(self.sale_line_id or self.stock_move_id or self.invoice_line_id)
