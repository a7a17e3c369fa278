from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...models.warranty.warranty import STATES

MOST_UNITS = 40
SHORTEST_TEXT = 2


class WarrantySearch(models.TransientModel):
    """Somebody on the phone asks "is this still under guarantee?": one text, and what fits it."""

    _name = "commercial.warranty.search"
    _description = "Is This Under Warranty?"

    text = fields.Char(
        string="Search",
        help="Serial number, number of an order, delivery or invoice, or the name of the customer.",
    )
    reported_on = fields.Date(
        string="Reported on",
        required=True,
        default=fields.Date.context_today,
        help="The day the defect was reported: it counts, not the day of the answer.",
    )
    company_id = fields.Many2one(comodel_name="res.company", required=True, default=lambda self: self.env.company)
    line_ids = fields.One2many(
        comodel_name="commercial.warranty.search.line", inverse_name="search_id", string="Goods", readonly=True
    )
    message = fields.Char(readonly=True)

    @api.depends("text")
    def _compute_display_name(self):
        for search in self:
            search.display_name = search.text or self.env._("Under warranty?")

    def action_search(self):
        """Find the goods that fit, and show them in the same window."""
        self.ensure_one()
        self.env["commercial.warranty"]._check_may_ask()
        text = (self.text or "").strip()
        if len(text) < SHORTEST_TEXT:
            raise UserError(self.env._("Enter a serial number, the number of a document, or the name of a customer."))
        units = self._find_units(text)
        lines = self._prepare_lines(units)
        # lines are results, written by nobody
        self.sudo().write(
            {
                "line_ids": [Command.clear(), *(Command.create(vals) for vals in lines[:MOST_UNITS])],
                "message": self._get_message(text, lines),
            }
        )
        return True  # the form reads itself again

    def _get_message(self, text, lines):
        if not lines:
            return self.env._(
                "Nothing fits “%(text)s”. Ask for the invoice or receipt, and a picture of the serial number.",
                text=text,
            )
        if len(lines) > MOST_UNITS:
            return self.env._("The first %(count)s are shown: enter more of the number or name.", count=MOST_UNITS)
        return False

    # --- FINDING ---

    def _find_units(self, text):
        """Return the rows of the register that fit, the closest first: number, document, then customer."""
        # a sales user may not read transfers and invoices; only goods of his companies are shown
        register_sudo = self.env["commercial.warranty"].sudo()
        base = Domain("company_id", "=", self.company_id.id) & Domain("side", "=", "customer")
        for domain in (
            Domain("serial_number", "=ilike", self._escape(text)),
            Domain("order_line_id", "in", self._find_order_lines(text).ids),
            Domain("picking_id", "in", self._find_pickings(text).ids),
            Domain("partner_id", "in", self._find_customers(text).ids),
            Domain("serial_number", "ilike", self._escape(text)),
            Domain("product_id", "in", self._find_products(text).ids),
        ):
            rows = register_sudo.search(base & domain, limit=MOST_UNITS * 4)
            if rows:
                return rows
        return register_sudo.browse()

    @api.model
    def _escape(self, text):
        return text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")

    def _find_order_lines(self, text):
        """Return order lines by the number of the order, of the customer's own order, or of the invoice."""
        company = Domain("company_id", "=", self.company_id.id)
        exact = self._escape(text)
        orders_sudo = (
            self.env["sale.order"]
            .sudo()
            .search(
                company & (Domain("name", "=ilike", exact) | Domain("client_order_ref", "=ilike", exact)),
                limit=MOST_UNITS,
            )
        )
        invoices_sudo = (
            self.env["account.move"]
            .sudo()
            .search(
                company
                & Domain("move_type", "=", "out_invoice")
                & (Domain("name", "=ilike", exact) | Domain("payment_reference", "=ilike", exact)),
                limit=MOST_UNITS,
            )
        )
        return orders_sudo.order_line | invoices_sudo.invoice_line_ids.sale_line_ids

    def _find_pickings(self, text):
        return (
            self.env["stock.picking"]
            .sudo()
            .search([("company_id", "=", self.company_id.id), ("name", "=ilike", self._escape(text))], limit=MOST_UNITS)
        )

    def _find_customers(self, text):
        """Customers by name, e-mail, phone or number."""
        domain = Domain.OR(
            [
                Domain("complete_name", "ilike", self._escape(text)),
                Domain("email", "=ilike", self._escape(text)),
                Domain("ref", "=ilike", self._escape(text)),
                Domain("vat", "=ilike", self._escape(text.replace(" ", ""))),
                Domain("phone", "ilike", self._escape(text)),
            ]
        )
        return self.env["res.partner"].search(domain, limit=MOST_UNITS).commercial_partner_id

    def _find_products(self, text):
        return self.env["product.product"].search(
            Domain("default_code", "=ilike", self._escape(text)) | Domain("name", "ilike", self._escape(text)),
            limit=MOST_UNITS,
        )

    # --- SHOWING ---

    def _prepare_lines(self, rows):
        """Return one line for each unit, with the cover that lasts longest on the day of the report."""
        units = {}
        for row in rows:
            key = (row.partner_id.id, row.product_id.id, row.serial_number, row.move_id.id, row.delivered_on)
            units.setdefault(key, []).append(row)
        return [
            self._prepare_line_vals(
                max(unit_rows, key=lambda row: (row.status == "running", row._get_end(until=self.reported_on)))
            )
            for unit_rows in units.values()
        ]

    def _prepare_line_vals(self, row):
        end = row._get_end(until=self.reported_on)
        state = row._get_state(self.reported_on)
        if state == "suspended" and self.reported_on > end:
            state = "expired"
        return {
            "warranty_id": row.id,
            "partner_id": row.partner_id.id,
            "product_id": row.product_id.id,
            "serial_number": row.serial_number,
            "quantity": row.quantity,
            "order_name": row.order_id.name,
            "delivered_on": row.delivered_on,
            "covered_until": end,
            "policy_name": row.policy_id.with_context(lang=self.env.lang).name,
            "state": state,
        }


class WarrantySearchLine(models.TransientModel):
    _name = "commercial.warranty.search.line"
    _description = "Goods That Fit a Search"
    _order = "id"

    search_id = fields.Many2one(
        comodel_name="commercial.warranty.search", required=True, index=True, ondelete="cascade"
    )
    warranty_id = fields.Many2one(comodel_name="commercial.warranty", required=True, ondelete="cascade")
    partner_id = fields.Many2one(comodel_name="res.partner", string="Customer")
    product_id = fields.Many2one(comodel_name="product.product")
    serial_number = fields.Char()
    quantity = fields.Float(digits="Product Unit")
    order_name = fields.Char(string="Order")
    delivered_on = fields.Date(string="Delivery day")
    covered_until = fields.Date()
    policy_name = fields.Char(string="Warranty policy")
    state = fields.Selection(selection=STATES)

    def action_check(self):
        """Record the verdict on these goods and open it, with the answer to print or mail."""
        self.ensure_one()
        warranty = self.warranty_id
        warranty.check_access("read")
        check = warranty._check(
            warranty.product_id,
            warranty.lot_id,
            warranty.order_line_id,
            warranty.partner_id,
            self.search_id.reported_on,
        )
        return check._get_records_action()
