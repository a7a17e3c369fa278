from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import formatLang

from ...tools.consumer_links import has_closed_platform
from .complaint_solution import KINDS

# what is a sum of money for the customer
MONEY_KINDS = ("credit_full", "credit_partial", "price_reduction", "goodwill")

# what is about a number of goods
GOODS_KINDS = ("repair", "replacement", "return", "credit_full", "credit_partial", "price_reduction", "supplier")


class ComplaintProposalLine(models.Model):
    """One solution as it was offered: what is written here stays, whatever becomes of the solution."""

    _name = "commercial.complaint.proposal.line"
    _description = "Line of a Proposal to a Customer"
    _order = "proposal_id, sequence, id"
    _check_company_auto = True

    proposal_id = fields.Many2one(
        comodel_name="commercial.complaint.proposal",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="proposal_id.company_id", store=True, index=True)
    is_confidential = fields.Boolean(related="proposal_id.is_confidential", store=True)
    sequence = fields.Integer(default=10)
    solution_id = fields.Many2one(
        comodel_name="commercial.complaint.solution",
        index="btree_not_null",
        ondelete="set null",
    )
    kind = fields.Selection(selection=KINDS, required=True)
    product_id = fields.Many2one(comodel_name="product.product", index="btree_not_null", ondelete="restrict")
    product_name = fields.Char(compute="_compute_names", store=True)
    uom_id = fields.Many2one(comodel_name="uom.uom", string="Unit", ondelete="restrict")
    quantity = fields.Float(digits="Product Unit")
    currency_id = fields.Many2one(comodel_name="res.currency", required=True)
    amount = fields.Monetary(help="Without VAT.")
    note = fields.Text(string="Added by us")
    text = fields.Text(
        compute="_compute_text",
        store=True,
        readonly=False,
        string="As offered",
        help="In the language of the customer.",
    )
    state = fields.Selection(
        selection=[
            ("offered", "Offered"),
            ("accepted", "Accepted"),
            ("refused", "Refused"),
        ],
        required=True,
        readonly=True,
        default="offered",
    )

    # --- COMPUTE ---

    @api.depends("product_id", "proposal_id.lang")
    def _compute_names(self):
        for line in self:
            if line.proposal_id.state == "draft":
                # the name of what the customer bought is no secret for whoever writes to him
                product_sudo = line.product_id.sudo().with_context(lang=line.proposal_id.lang)
                line.product_name = product_sudo.display_name and product_sudo.name
            else:
                line.product_name = line.product_name

    @api.depends("kind", "quantity", "amount", "product_name", "note", "proposal_id.lang")
    def _compute_text(self):
        for line in self:
            if line.proposal_id.state == "draft":
                line.text = line.with_context(lang=line.proposal_id.lang)._write_text()
            else:
                line.text = line.text

    # --- CONSTRAINTS ---

    @api.constrains("solution_id", "proposal_id")
    def _check_solution(self):
        for line in self:
            if line.solution_id and line.solution_id.complaint_id != line.proposal_id.complaint_id:
                raise ValidationError(self.env._("A proposal offers the solutions of its own complaint only."))

    @api.constrains("text")
    def _check_closed_platform(self):
        for line in self:
            if has_closed_platform(line.text):
                line.proposal_id._refuse_closed_platform()

    # --- CRUD ---

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(vals.get("state", "offered") != "offered" for vals in vals_list):
            raise AccessError(self.env._("What the customer answered is noted by the buttons."))
        lines = super().create(vals_list)
        lines.proposal_id._check_draft()
        return lines

    def write(self, vals):
        if not self.env.su:
            if vals.keys() - {"text", "sequence"}:
                raise AccessError(self.env._("Change the solution itself; the letter is written anew from it."))
            self.proposal_id._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        if any(line.proposal_id.state != "draft" for line in self):
            raise UserError(self.env._("What was offered to the customer is kept as it was offered."))

    # --- TEXT ---

    def _write_text(self):
        """Return the sentence about this solution in the language of the context, and what was added by hand."""
        self.ensure_one()
        parts = [getattr(self, f"_get_text_{self.kind}")(), (self.note or "").strip()]
        return "\n".join(filter(None, parts))

    def _describe_goods(self):
        """Return the goods with their number, as they stand inside a sentence."""
        self.ensure_one()
        if not self.product_name:
            return self.env._("the goods concerned")
        if not self.quantity or self.quantity == 1.0:
            return self.env._("“%(product)s”", product=self.product_name)
        return self.env._(
            "%(quantity)s of “%(product)s”", quantity=self._describe_quantity(), product=self.product_name
        )

    def _describe_quantity(self):
        """Return the quantity as it is written in the language of the context; units that are counted have no name."""
        self.ensure_one()
        if not self.quantity:
            return ""
        uom_sudo = self.uom_id.sudo().with_context(lang=self.env.lang)
        digits = 0 if self.quantity == int(self.quantity) else 2
        number = formatLang(self.env, self.quantity, digits=digits)
        unit_id = self.env["ir.model.data"]._xmlid_to_res_id("uom.product_uom_unit", raise_if_not_found=False)
        if not uom_sudo or uom_sudo.id == unit_id:
            return self.env._("1 piece") if self.quantity == 1.0 else self.env._("%(number)s pieces", number=number)
        return f"{number}\N{NO-BREAK SPACE}{uom_sudo.name}"

    def _describe_amount(self):
        self.ensure_one()
        return formatLang(self.env, self.amount, currency_obj=self.currency_id) if self.amount else ""

    def _get_text_information(self):
        if self.note:
            return ""
        return self.env._("You find our explanation above.")

    def _get_text_repair(self):
        return self.env._("We repair %(goods)s free of charge.", goods=self._describe_goods())

    def _get_text_replacement(self):
        return self.env._("We replace %(goods)s free of charge.", goods=self._describe_goods())

    def _get_text_return(self):
        return self.env._("You send %(goods)s back to us at our expense.", goods=self._describe_goods())

    def _get_text_credit_full(self):
        if not self.amount:
            return self.env._("We credit %(goods)s in full.", goods=self._describe_goods())
        return self.env._(
            "We credit %(goods)s in full: %(amount)s excluding VAT.",
            goods=self._describe_goods(),
            amount=self._describe_amount(),
        )

    def _get_text_credit_partial(self):
        if not self.amount:
            return self.env._("We credit %(goods)s in part.", goods=self._describe_goods())
        return self.env._(
            "We credit a part for %(goods)s: %(amount)s excluding VAT.",
            goods=self._describe_goods(),
            amount=self._describe_amount(),
        )

    def _get_text_price_reduction(self):
        if not self.amount:
            return self.env._("We lower the price of %(goods)s.", goods=self._describe_goods())
        return self.env._(
            "We lower the price of %(goods)s by %(amount)s excluding VAT.",
            goods=self._describe_goods(),
            amount=self._describe_amount(),
        )

    def _get_text_goodwill(self):
        if not self.amount:
            return self.env._("We make you a gesture of goodwill, without acknowledging any liability.")
        return self.env._(
            "As a gesture of goodwill and without acknowledging any liability, we grant you %(amount)s excluding VAT.",
            amount=self._describe_amount(),
        )

    def _get_text_supplier(self):
        return self.env._(
            "Our supplier settles the matter for %(goods)s; we see to it and remain at your disposal.",
            goods=self._describe_goods(),
        )
