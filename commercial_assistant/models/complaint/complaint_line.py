from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

CONDITIONS = [
    ("unknown", "Not looked at yet"),
    ("good", "In good order"),
    ("damaged", "Damaged"),
    ("defective", "Does not work"),
    ("wrong", "Not what was ordered"),
    ("incomplete", "Incomplete"),
    ("missing", "Not there"),
]


class ComplaintLine(models.Model):
    """What a complaint is about: one product, order line, delivery or invoice line, each of them optional."""

    _name = "commercial.complaint.line"
    _description = "Line of a Complaint"
    _order = "complaint_id, sequence, id"
    _check_company_auto = True
    _rec_names_search = ["product_id", "name"]

    complaint_id = fields.Many2one(
        comodel_name="commercial.complaint",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="complaint_id.company_id", store=True, index=True)
    is_confidential = fields.Boolean(related="complaint_id.is_confidential", store=True)
    partner_id = fields.Many2one(related="complaint_id.partner_id")
    commercial_partner_id = fields.Many2one(related="complaint_id.commercial_partner_id")
    complaint_state = fields.Selection(related="complaint_id.state", string="State of the complaint")
    sequence = fields.Integer(default=10)
    name = fields.Char(
        string="What is wrong",
        help="In the words of the customer.",
    )
    product_id = fields.Many2one(
        comodel_name="product.product",
        compute="_compute_product",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    lot_id = fields.Many2one(
        comodel_name="stock.lot",
        string="Serial number",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        domain="[('product_id', '=', product_id)]",
    )
    quantity = fields.Float(digits="Product Unit", default=1.0, required=True)
    product_uom_id = fields.Many2one(
        comodel_name="uom.uom",
        string="Unit",
        compute="_compute_product",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="restrict",
    )
    sale_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Order line",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        domain="[('order_partner_id', 'child_of', commercial_partner_id), ('display_type', '=', False)]",
    )
    sale_order_id = fields.Many2one(related="sale_line_id.order_id", store=True, string="Order", index="btree_not_null")
    stock_move_id = fields.Many2one(
        comodel_name="stock.move",
        string="Delivery",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        domain="[('partner_id', 'child_of', commercial_partner_id), ('state', '=', 'done'), "
        "('location_dest_id.usage', '=', 'customer')]",
    )
    invoice_line_id = fields.Many2one(
        comodel_name="account.move.line",
        string="Invoice line",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        domain="[('partner_id', 'child_of', commercial_partner_id), ('move_id.move_type', '=', 'out_invoice'), "
        "('parent_state', '=', 'posted'), ('display_type', '=', 'product')]",
    )
    invoice_id = fields.Many2one(
        related="invoice_line_id.move_id", store=True, string="Invoice", index="btree_not_null"
    )
    condition = fields.Selection(selection=CONDITIONS, required=True, default="unknown")
    inspection_note = fields.Text(string="What we found")
    quantity_accepted = fields.Float(
        string="Founded quantity",
        digits="Product Unit",
        help="For how many the customer is right, after the inspection.",
    )
    inspected_by_id = fields.Many2one(comodel_name="res.users", string="Looked at by", readonly=True)
    inspected_on = fields.Datetime(string="Looked at on", readonly=True)

    _quantity_positive = models.Constraint("CHECK (quantity > 0)", "The quantity of a line is above zero.")
    _accepted_in_bounds = models.Constraint(
        "CHECK (quantity_accepted >= 0 AND quantity_accepted <= quantity)",
        "The founded quantity lies between zero and the quantity complained about.",
    )

    # --- COMPUTE ---

    @api.depends("sale_line_id", "stock_move_id", "invoice_line_id", "lot_id")
    def _compute_product(self):
        for line in self:
            # sudo: what the customer bought may be known to whoever sees his complaint
            line_sudo = line.sudo()
            source_sudo = line_sudo.sale_line_id or line_sudo.stock_move_id or line_sudo.invoice_line_id
            line.product_id = source_sudo.product_id or line_sudo.lot_id.product_id or line_sudo.product_id
            line.product_uom_id = (
                line_sudo.sale_line_id.product_uom_id
                or line_sudo.stock_move_id.product_uom
                or line_sudo.invoice_line_id.product_uom_id
                or line_sudo.product_id.uom_id
            )

    @api.depends("product_id", "name", "lot_id")
    def _compute_display_name(self):
        for line in self:
            parts = [line.product_id.display_name or line.name or self.env._("Line"), line.lot_id.sudo().name]
            line.display_name = " ".join(part for part in parts if part)

    # --- CONSTRAINTS ---

    @api.constrains("sale_line_id", "stock_move_id", "invoice_line_id", "lot_id", "product_id", "complaint_id")
    def _check_belongs_to_customer(self):
        """Documents of another customer never stand in a complaint, whatever door they came through."""
        for line_sudo in self.sudo():
            customer = line_sudo.complaint_id.commercial_partner_id
            linked = [
                (line_sudo.sale_line_id, line_sudo.sale_line_id.order_id.partner_id),
                (line_sudo.stock_move_id, line_sudo.stock_move_id.picking_id.partner_id),
                (line_sudo.invoice_line_id, line_sudo.invoice_line_id.move_id.partner_id),
            ]
            for record, owner in linked:
                if record and customer and owner and owner.commercial_partner_id != customer:
                    raise ValidationError(
                        self.env._(
                            "%(document)s does not belong to %(customer)s.",
                            document=record.display_name,
                            customer=customer.display_name,
                        )
                    )
                if record and record.product_id and line_sudo.product_id != record.product_id:
                    raise ValidationError(
                        self.env._(
                            "%(document)s is not about %(product)s.",
                            document=record.display_name,
                            product=line_sudo.product_id.display_name or "-",
                        )
                    )
            if line_sudo.lot_id and line_sudo.lot_id.product_id != line_sudo.product_id:
                raise ValidationError(
                    self.env._(
                        "Serial number %(lot)s does not belong to %(product)s.",
                        lot=line_sudo.lot_id.name,
                        product=line_sudo.product_id.display_name or "-",
                    )
                )

    @api.constrains("quantity", "product_uom_id", "sale_line_id", "stock_move_id", "lot_id", "complaint_id")
    def _check_quantity(self):
        """Nobody complains about more than was delivered; what is complained about twice counts once each time.

        Quantities are compared in the unit of the document.
        """
        for line_sudo in self.sudo():
            document, delivered, unit = line_sudo._get_delivered()
            if document is None:
                continue
            quantity = line_sudo.product_uom_id._compute_quantity(line_sudo.quantity, unit, round=False)
            if unit.compare(quantity, delivered) > 0:
                raise ValidationError(
                    self.env._(
                        "%(quantity)g %(unit)s complained about, but %(document)s has %(delivered)g %(unit)s.",
                        quantity=quantity,
                        unit=unit.name,
                        document=document.display_name,
                        delivered=delivered,
                    )
                )

    def _get_delivered(self):
        """What the linked document says was handed over: (document, quantity, its unit); no document: all None.

        A line of an order that was never delivered counts with what was ordered: the complaint may be just that.
        """
        self.ensure_one()
        if self.stock_move_id:
            return self.stock_move_id, self.stock_move_id.quantity, self.stock_move_id.product_uom
        if self.sale_line_id:
            line = self.sale_line_id
            return line, max(line.product_uom_qty, line.qty_delivered), line.product_uom_id
        if self.invoice_line_id:
            return self.invoice_line_id, self.invoice_line_id.quantity, self.invoice_line_id.product_uom_id
        return None, None, None

    # --- CRUD ---

    @api.model
    def _get_inspection_fields(self):
        return {"condition", "inspection_note", "quantity_accepted"}

    def write(self, vals):
        if self._get_inspection_fields() & vals.keys() and "inspected_on" not in vals:
            vals = vals | {"inspected_by_id": self.env.uid, "inspected_on": fields.Datetime.now()}
        self.complaint_id._check_open()
        return super().write(vals)

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.complaint_id._check_open()
        return lines

    @api.ondelete(at_uninstall=False)
    def _unlink_except_closed(self):
        self.complaint_id._check_open()

    # --- BUSINESS ---

    @api.model
    def _get_active_domain(self):
        """Lines of complaints that are still dealt with."""
        return Domain("complaint_id.state", "not in", ("closed", "cancelled"))
