from odoo import fields, models


class ComplaintLine(models.Model):
    _inherit = "commercial.complaint.line"

    # for the counter on a delivery
    picking_id = fields.Many2one(
        related="stock_move_id.picking_id",
        store=True,
        string="Delivery order",
        index="btree_not_null",
    )

    def _get_identity(self):
        """Return what two lines about the same goods have in common."""
        self.ensure_one()
        return (
            self.sale_line_id.id,
            self.stock_move_id.id,
            self.invoice_line_id.id,
            self.lot_id.id,
            self.product_id.id,
            self.sale_line_id.id or self.stock_move_id.id or self.invoice_line_id.id or self.name,
        )
