from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class SupplierClaimLine(models.Model):
    """What one complaint adds to a claim: goods, or a cost without goods."""

    _name = "commercial.supplier.claim.line"
    _description = "Line of a Claim on a Supplier"
    _order = "claim_id, sequence, id"
    _check_company_auto = True

    claim_id = fields.Many2one(comodel_name="commercial.supplier.claim", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="claim_id.company_id", store=True, index=True)
    is_confidential = fields.Boolean(related="claim_id.is_confidential", store=True)
    state = fields.Selection(related="claim_id.state", string="State of the claim", store=True)
    partner_id = fields.Many2one(related="claim_id.partner_id", string="Supplier or carrier", store=True, index=True)
    currency_id = fields.Many2one(related="claim_id.currency_id")
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Currency of the company")
    sequence = fields.Integer(default=10)
    complaint_id = fields.Many2one(
        comodel_name="commercial.complaint",
        compute="_compute_from_complaint_line",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    complaint_line_id = fields.Many2one(
        comodel_name="commercial.complaint.line",
        string="Line of the complaint",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        domain="[('complaint_id', '=?', complaint_id), ('product_id', '!=', False)]",
    )
    product_id = fields.Many2one(related="complaint_line_id.product_id", store=True)
    lot_id = fields.Many2one(related="complaint_line_id.lot_id")
    product_uom_id = fields.Many2one(related="complaint_line_id.product_uom_id")
    name = fields.Char(
        string="What is wrong",
        compute="_compute_from_complaint_line",
        store=True,
        readonly=False,
        precompute=True,
        help="Stands in the letter. Never name the customer.",
    )
    quantity = fields.Float(
        digits="Product Unit", compute="_compute_from_complaint_line", store=True, readonly=False, precompute=True
    )
    amount_claimed = fields.Monetary(
        string="Claimed", help="In the currency of the supplier, without VAT. Proposed: the goods at cost."
    )
    amount_recovered = fields.Monetary(
        string="Recovery",
        currency_field="company_currency_id",
        compute="_compute_amount_recovered",
        store=True,
        help="Share of this line in what the supplier granted, in proportion to the claimed amounts.",
    )
    receipt_move_id = fields.Many2one(
        comodel_name="stock.move",
        string="Receipt",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        domain="[('product_id', '=', product_id), ('state', '=', 'done'), ('location_id.usage', '=', 'supplier'), "
        "('company_id', '=', company_id)]",
        help="With which the goods came from the supplier; they go back on it.",
    )
    return_move_id = fields.Many2one(
        comodel_name="stock.move",
        string="Return to the supplier",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
        ondelete="set null",
    )

    _amount_positive = models.Constraint("CHECK (amount_claimed >= 0)", "The claimed amount is not negative.")
    _quantity_positive = models.Constraint("CHECK (quantity >= 0)", "The claimed quantity is not negative.")
    # the same goods are claimed once from the same supplier, whatever the number of claims
    _claimed_once = models.UniqueIndex(
        "(complaint_line_id, partner_id) WHERE complaint_line_id IS NOT NULL AND state <> 'cancelled'",
        "These goods stand in a claim on this supplier already.",
    )

    # --- COMPUTE ---

    @api.depends("complaint_line_id")
    def _compute_from_complaint_line(self):
        for line in self:
            source = line.complaint_line_id
            line.complaint_id = source.complaint_id or line.complaint_id
            line.name = line.name or source.name
            line.quantity = line.quantity or source.quantity_accepted or source.quantity

    @api.depends("product_id", "name", "claim_id.name")
    def _compute_display_name(self):
        for line in self:
            label = line.product_id.display_name or line.name or ""
            line.display_name = f"{line.claim_id.name} {label}".strip()

    @api.depends("claim_id.amount_recovered", "claim_id.line_ids.amount_claimed")
    def _compute_amount_recovered(self):
        for claim, lines in self.grouped("claim_id").items():
            shares = claim._share_recovered() if claim else {}
            for line in lines:
                line.amount_recovered = shares.get(line, 0.0)

    # --- CONSTRAINTS ---

    @api.constrains("quantity", "complaint_line_id")
    def _check_quantity(self):
        for line in self.filtered("complaint_line_id"):
            source = line.complaint_line_id
            if source.product_uom_id and source.product_uom_id.compare(line.quantity, source.quantity) > 0:
                raise ValidationError(
                    self.env._(
                        "%(quantity)g claimed, but the complaint is about %(complained)g %(unit)s of %(product)s.",
                        quantity=line.quantity,
                        complained=source.quantity,
                        unit=source.product_uom_id.name,
                        product=source.product_id.display_name,
                    )
                )

    @api.constrains("complaint_id", "complaint_line_id")
    def _check_complaint(self):
        for line in self.filtered("complaint_line_id"):
            if line.complaint_line_id.complaint_id != line.complaint_id:
                raise ValidationError(self.env._("The line does not belong to the complaint."))

    @api.constrains("receipt_move_id", "product_id")
    def _check_receipt(self):
        """Goods go back with the receipt with which they came, to whom they came from."""
        for line_sudo in self.sudo().filtered("receipt_move_id"):
            move_sudo = line_sudo.receipt_move_id
            owner = move_sudo.picking_id.partner_id.commercial_partner_id
            fits = move_sudo.product_id == line_sudo.product_id and move_sudo.location_id.usage == "supplier"
            if not fits or (owner and owner != line_sudo.partner_id.commercial_partner_id):
                raise ValidationError(
                    self.env._(
                        "%(document)s is no receipt of %(product)s from %(supplier)s.",
                        document=move_sudo.picking_id.name or move_sudo.display_name,
                        product=line_sudo.product_id.display_name or "-",
                        supplier=line_sudo.partner_id.display_name,
                    )
                )

    # --- CRUD ---

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.claim_id._check_draft()
        return lines

    @api.model
    def _get_frozen_fields(self):
        return {"amount_claimed", "claim_id", "complaint_id", "complaint_line_id", "name", "quantity"}

    def write(self, vals):
        if self._get_frozen_fields() & vals.keys():
            self.claim_id._check_draft()
        if not self.env.su and "return_move_id" in vals:
            raise UserError(self.env._("The return follows its button."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        self.claim_id._check_draft()
