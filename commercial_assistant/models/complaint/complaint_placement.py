from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

DESTINATIONS = [
    ("stock", "Back to stock"),
    ("scrap", "Scrap"),
    ("supplier", "To the supplier"),
    ("customer", "Back to the customer"),
]


class ComplaintPlacement(models.Model):
    """Where goods that came back went after their inspection, with the document of Odoo that moved them."""

    _name = "commercial.complaint.placement"
    _description = "Way of Returned Goods"
    _order = "id desc"
    _rec_name = "destination"
    _check_company_auto = True

    solution_id = fields.Many2one(
        comodel_name="commercial.complaint.solution",
        string="Return",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    complaint_id = fields.Many2one(related="solution_id.complaint_id", store=True, index=True)
    company_id = fields.Many2one(related="solution_id.company_id", store=True, index=True)
    is_confidential = fields.Boolean(related="solution_id.is_confidential", store=True)
    line_id = fields.Many2one(related="solution_id.line_id")
    destination = fields.Selection(selection=DESTINATIONS, required=True, readonly=True)
    lot_id = fields.Many2one(
        comodel_name="stock.lot", string="Serial number", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    quantity = fields.Float(digits="Product Unit", required=True, readonly=True, help="In the unit of the line.")
    picking_id = fields.Many2one(
        comodel_name="stock.picking",
        string="Transfer",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        groups="stock.group_stock_user",
    )
    scrap_id = fields.Many2one(
        comodel_name="stock.scrap",
        string="Scrap order",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        groups="stock.group_stock_user",
    )
    document_name = fields.Char(string="Document", compute="_compute_document_name")
    is_void = fields.Boolean(
        string="Cancelled", compute="_compute_document_name", help="The transfer was cancelled or deleted."
    )

    _quantity_positive = models.Constraint("CHECK (quantity > 0)", "The quantity lies above zero.")

    @api.depends("destination")
    def _compute_document_name(self):
        for placement in self:
            # sudo: the number of the document may be known to whoever deals with the complaint
            placement_sudo = placement.sudo()
            document = placement_sudo.picking_id or placement_sudo.scrap_id
            placement.document_name = document.display_name
            placement.is_void = not document or placement_sudo.picking_id.state == "cancel"

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("Where goods go is said in the inspection."))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            raise AccessError(self.env._("Where goods go is said in the inspection."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_never(self):
        raise UserError(self.env._("Where goods went stays on file."))

    @api.constrains("quantity", "solution_id", "lot_id")
    def _check_quantity(self):
        for solution in self.solution_id:
            if solution._compare_quantity(solution._get_quantity_to_place(), 0.0) < 0:
                raise ValidationError(
                    self.env._(
                        "%(solution)s: only %(quantity)g came back.",
                        solution=solution.display_name,
                        quantity=solution.quantity_done,
                    )
                )
