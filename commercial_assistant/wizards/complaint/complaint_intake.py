import re

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import email_normalize, is_html_empty, plaintext2html

from ...models.complaint.complaint import CHANNELS, WISHES

FEWEST_CHARACTERS = 3
FEWEST_DIGITS = 6
MOST_CUSTOMERS = 10
MOST_LINES = 40
# the many forms of one number differ in their first digits: 0032, +32, 0
COMPARED_DIGITS = 8


class ComplaintIntake(models.TransientModel):
    """Take a complaint down while the customer is on the phone: who he is, what he bought, what is wrong."""

    _name = "commercial.complaint.intake"
    _description = "New Complaint"

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
    )
    # from which document it was opened
    res_model = fields.Char()
    res_id = fields.Many2oneReference(model_field="res_model")
    search_text = fields.Char(
        string="Find",
        help="Name, phone number, e-mail, order, invoice, delivery or serial number.",
    )
    search_result = fields.Char(string="Found", readonly=True)
    candidate_ids = fields.Many2many(comodel_name="res.partner", string="Found customers")
    partner_id = fields.Many2one(comodel_name="res.partner", string="Customer")
    contact_name = fields.Char(string="Name", compute="_compute_contact", store=True, readonly=False)
    email = fields.Char(string="E-mail", compute="_compute_contact", store=True, readonly=False)
    phone = fields.Char(compute="_compute_contact", store=True, readonly=False)
    lang = fields.Selection(
        selection=lambda self: self.env["res.lang"].get_installed(),
        string="Language",
        compute="_compute_contact",
        store=True,
        readonly=False,
    )
    line_ids = fields.One2many(
        comodel_name="commercial.complaint.intake.line",
        inverse_name="intake_id",
        string="What the customer bought",
    )
    channel = fields.Selection(
        selection=[(code, name) for code, name in CHANNELS if code not in ("email", "portal")],
        required=True,
        default="phone",
    )
    category_id = fields.Many2one(comodel_name="commercial.complaint.category")
    call_guide = fields.Html(compute="_compute_call_guide")
    danger = fields.Selection(selection=[("no", "No"), ("yes", "Yes")], string="Somebody can be hurt")
    subject = fields.Char()
    description = fields.Text(string="In the words of the customer")
    wish = fields.Selection(selection=WISHES, string="What the customer wants")
    wish_note = fields.Char(string="Wish in words")
    claimed_amount = fields.Monetary()
    currency_id = fields.Many2one(related="company_id.currency_id")
    acknowledgment = fields.Selection(
        selection=[
            ("person", "Told now, in person"),
            ("email", "By e-mail"),
            ("later", "Later"),
        ],
        compute="_compute_acknowledgment",
        store=True,
        readonly=False,
        required=True,
        help="How the customer learns that the complaint is registered. He is told once.",
    )
    similar_ids = fields.Many2many(
        comodel_name="commercial.complaint",
        string="Open complaints of this customer",
        compute="_compute_similar",
    )
    complaint_id = fields.Many2one(comodel_name="commercial.complaint", readonly=True)

    # --- DEFAULTS ---

    @api.model
    def default_get(self, fields):
        """Opened from an order, delivery, invoice or customer, that is what it is about."""
        values = super().default_get(fields)
        model, res_id = values.get("res_model"), values.get("res_id")
        if model in self._get_document_models() and res_id:
            document = self.env[model].browse(res_id).exists()
            document.check_access("read")
            values |= self._prepare_document_vals(document)
        return {name: value for name, value in values.items() if name in fields}

    @api.model
    def _get_document_models(self):
        return ("res.partner", "sale.order", "stock.picking", "account.move")

    @api.model
    def _prepare_document_vals(self, document):
        company = self.env.company
        if document._name != "res.partner" and document.company_id:
            company = document.company_id
        partner = document if document._name == "res.partner" else document.partner_id
        found = document.sudo() if document._name != "res.partner" else None
        return {
            "company_id": company.id,
            "partner_id": partner.id,
            "line_ids": self._prepare_lines(partner, company, found),
        }

    # --- COMPUTE ---

    @api.depends("partner_id")
    def _compute_contact(self):
        for intake in self:
            partner = intake.partner_id
            intake.contact_name = partner.name or intake.contact_name
            intake.email = partner.email or intake.email
            intake.phone = partner.phone or intake.phone
            intake.lang = partner.lang or intake.lang or intake.company_id.partner_id.lang

    @api.depends("email")
    def _compute_acknowledgment(self):
        for intake in self:
            chosen = intake.acknowledgment
            has_address = bool(email_normalize(intake.email or ""))
            intake.acknowledgment = chosen if chosen and (chosen != "email" or has_address) else "person"

    @api.depends("category_id")
    def _compute_call_guide(self):
        for intake in self:
            guide = intake.category_id and intake.category_id._get_inherited("call_guide")
            intake.call_guide = False if not guide or is_html_empty(guide) else guide

    @api.depends("partner_id", "company_id")
    def _compute_similar(self):
        Complaint = self.env["commercial.complaint"]
        for intake in self:
            customer = intake.partner_id.commercial_partner_id
            domain = Domain("commercial_partner_id", "=", customer.id) & Domain("company_id", "=", intake.company_id.id)
            intake.similar_ids = (
                Complaint.search(domain & Complaint._get_portal_open_domain(), limit=10) if customer else Complaint
            )

    # --- FINDING ---

    @api.onchange("search_text")
    def _onchange_search_text(self):
        """Show who is on the phone, and what he bought; several customers are offered to choose from."""
        text = (self.search_text or "").strip()
        if len(text) < FEWEST_CHARACTERS:
            self.candidate_ids = False
            self.search_result = self.env._("Enter at least three characters.") if text else False
            return
        document = self._find_document(text)
        customers = self._get_owner(document) if document else self._find_customers(text)
        self.candidate_ids = customers
        self.search_result = self._describe_result(document, customers)
        if len(customers) == 1:
            self.partner_id = customers
            self._fill_lines(document)

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        """Another customer bought other things."""
        shown = self.line_ids.sale_line_id.order_id.partner_id.commercial_partner_id
        if not self.partner_id or shown != self.partner_id.commercial_partner_id:
            self._fill_lines()

    def _fill_lines(self, document=None):
        lines = self._prepare_lines(self.partner_id, self.company_id, document) if self.partner_id else []
        self.line_ids = [Command.clear(), *lines]

    def _describe_result(self, document, customers):
        if document:
            return self.env._(
                "%(document)s of %(customer)s", document=document.display_name, customer=customers.display_name
            )
        if not customers:
            return self.env._(
                "Nobody found. Write down name and address below; the complaint is registered all the same."
            )
        if len(customers) == 1:
            return customers.display_name
        if len(customers) == MOST_CUSTOMERS:
            return self.env._("Many customers found. Enter more, or choose one of these.")
        return self.env._("%(count)s customers found. Choose one.", count=len(customers))

    def _find_document(self, text):
        """Return the order, invoice, delivery or piece with this number, as superuser: whoever takes a complaint down
        may find it, and sees of it only what the lines show."""
        company = Domain("company_id", "=", self.company_id.id)
        exact = self._escape(text)
        for model, fields_, more in (
            ("sale.order", ("name", "client_order_ref"), Domain("state", "=", "sale")),
            (
                "account.move",
                ("name", "payment_reference"),
                Domain("move_type", "=", "out_invoice") & Domain("state", "=", "posted"),
            ),
            ("stock.picking", ("name",), Domain("picking_type_code", "=", "outgoing") & Domain("state", "=", "done")),
        ):
            named = Domain.OR(Domain(name, "=ilike", exact) for name in fields_)
            found = self.env[model].sudo().search(company & more & named, limit=2)
            if len(found) == 1:
                return found
        lots = (
            self.env["stock.lot"]
            .sudo()
            .search(Domain("name", "=ilike", exact) & Domain("company_id", "in", [self.company_id.id, False]), limit=2)
        )
        return self._find_delivery_of(lots) if len(lots) == 1 else None

    @api.model
    def _escape(self, text):
        """A percent sign or an underscore that was typed means itself."""
        return re.sub(r"([\\%_])", r"\\\1", text)

    def _find_delivery_of(self, lot):
        """Return the moves with which a piece first went to a customer."""
        lines = (
            self.env["stock.move.line"]
            .sudo()
            .search(
                [
                    ("lot_id", "=", lot.id),
                    ("state", "=", "done"),
                    ("company_id", "=", self.company_id.id),
                    ("location_dest_id.usage", "=", "customer"),
                    ("picking_id.partner_id", "!=", False),
                ],
                order="date, id",
            )
        )
        first = lines.filtered(lambda line: not line.picking_id.return_id)[:1]
        return first or None

    def _get_owner(self, document):
        owner = document.picking_id.partner_id if document._name == "stock.move.line" else document.partner_id
        return owner.sudo(False)

    def _find_customers(self, text):
        """Return who is called so, has this number or address."""
        Partner = self.env["res.partner"]
        digits = re.sub(r"\D", "", text)
        is_number = not re.search(r"[^\d\s+/().-]", text)
        text = self._escape(text)
        domain = (
            Domain("name", "ilike", text)
            | Domain("complete_name", "ilike", text)
            | Domain("email", "ilike", text)
            | Domain("ref", "=ilike", text)
            | Domain("vat", "ilike", text)
        )
        if len(digits) >= FEWEST_DIGITS and is_number:
            domain |= Domain("phone_mobile_search", "ilike", digits[-COMPARED_DIGITS:])
        own = Domain("company_id", "in", [self.company_id.id, False])
        found = Partner.search(domain & own, limit=MOST_CUSTOMERS)
        # a company and its own contacts are one customer, unless one of them was meant
        companies = found.filtered(lambda partner: partner.is_company or not partner.parent_id)
        rest = found.filtered(lambda partner: partner.commercial_partner_id not in companies)
        return companies | rest

    # --- WHAT HE BOUGHT ---

    @api.model
    def _prepare_lines(self, partner, company, document=None):
        """Return the lines to tick: first those of the document that was named, then what was ordered last.

        Read as superuser for one customer: only names, dates and quantities are shown.
        """
        rows = []
        customer = partner.commercial_partner_id
        if document and self._get_owner(document).commercial_partner_id == customer:
            rows = getattr(self, f"_get_rows_of_{document._name.replace('.', '_')}")(document)
        chosen = len(rows) == 1
        seen = {row["sale_line_id"] for row in rows if row.get("sale_line_id")}
        rows = [row | {"is_chosen": chosen} for row in rows]
        rows += self._get_recent_rows(customer, company, seen, MOST_LINES - len(rows)) if customer else []
        return [Command.create(row) for row in rows[:MOST_LINES]]

    @api.model
    def _get_recent_rows(self, customer, company, seen, limit):
        lines_sudo = (
            self.env["sale.order.line"]
            .sudo()
            .search(
                [
                    ("order_partner_id", "child_of", customer.id),
                    ("company_id", "=", company.id),
                    ("state", "=", "sale"),
                    ("display_type", "=", False),
                    ("is_downpayment", "=", False),
                    ("product_uom_qty", ">", 0),
                    ("id", "not in", list(seen)),
                ],
                order="id desc",
                limit=max(limit, 0),
            )
        )
        return [self._prepare_order_row(line) for line in lines_sudo]

    @api.model
    def _prepare_order_row(self, line):
        sold = max(line.product_uom_qty, line.qty_delivered)
        return {
            "sale_line_id": line.id,
            "product_id": line.product_id.id,
            "document": line.order_id.name,
            "date": line.order_id.date_order,
            "quantity_sold": sold,
            "quantity": sold,
        }

    @api.model
    def _get_rows_of_sale_order(self, order):
        lines = order.order_line.filtered(
            lambda line: not line.display_type and not line.is_downpayment and line.product_uom_qty > 0
        )
        return [self._prepare_order_row(line) for line in lines]

    @api.model
    def _get_rows_of_account_move(self, invoice):
        lines = invoice.invoice_line_ids.filtered(
            lambda line: line.display_type == "product" and line.product_id and line.quantity > 0
        )
        return [
            {
                **line._prepare_complaint_line_vals(),
                "product_id": line.product_id.id,
                "document": invoice.name,
                "date": invoice.invoice_date,
                "quantity_sold": line.quantity,
                "quantity": line.quantity,
            }
            for line in lines
        ]

    @api.model
    def _get_rows_of_stock_picking(self, picking):
        return [
            row
            for move in picking.move_ids
            if move.state == "done" and move.location_dest_id.usage == "customer"
            for row in self._get_rows_of_move(move)
        ]

    @api.model
    def _get_rows_of_stock_move_line(self, move_line):
        """One piece: only this serial number is meant."""
        return [row for row in self._get_rows_of_move(move_line.move_id) if row["lot_id"] == move_line.lot_id.id]

    @api.model
    def _get_rows_of_move(self, move):
        """Return one row for each serial or lot number, one for all where there are none."""
        customer = move.picking_id.partner_id.commercial_partner_id
        order_line = move.sale_line_id
        if order_line.order_id.partner_id.commercial_partner_id != customer or order_line.product_id != move.product_id:
            order_line = order_line.browse()
        rows = []
        for lot, lines in move.move_line_ids.grouped("lot_id").items():
            sold = sum(line.quantity_product_uom for line in lines) if lot else move.quantity
            rows.append(
                {
                    "stock_move_id": move.id,
                    "sale_line_id": order_line.id,
                    "lot_id": lot.id,
                    "lot_name": lot.name,
                    "product_id": move.product_id.id,
                    "document": move.picking_id.name,
                    "date": fields.Date.context_today(self, move.picking_id.date_done or move.date),
                    "quantity_sold": sold,
                    "quantity": sold,
                }
            )
        return rows

    # --- ACTIONS ---

    def action_register(self):
        """Take the complaint down; a second click opens the same one."""
        self.ensure_one()
        if not self.complaint_id:
            self._check_complete()
            complaint = self.env["commercial.complaint"].with_company(self.company_id).create(self._prepare_vals())
            self.complaint_id = complaint
            if self.acknowledgment == "email":
                complaint.action_send_acknowledgment()
            elif self.acknowledgment == "person":
                complaint._stamp_acknowledged(self.channel)
        return self.complaint_id._get_records_action()

    def _check_complete(self):
        self.env["commercial.complaint"]._check_may_work()
        if not (self.subject or "").strip():
            raise UserError(self.env._("Write down in a few words what it is about."))
        if not (self.partner_id or self.contact_name or self.email or self.phone):
            raise UserError(self.env._("Choose the customer, or write down name, address or number of who calls."))
        for line in self.line_ids.filtered("is_chosen"):
            if line.quantity <= 0:
                raise UserError(
                    self.env._("%(product)s: enter a quantity above zero.", product=line.product_id.display_name)
                )

    def _prepare_vals(self):
        return {
            "company_id": self.company_id.id,
            "partner_id": self.partner_id.id,
            "contact_name": self.contact_name,
            "email_from": self.email,
            "phone": self.phone,
            "lang": self.lang,
            "channel": self.channel,
            "category_id": self.category_id.id,
            "danger": self.danger,
            "subject": self.subject,
            "description": self._get_description(),
            "wish": self.wish,
            "wish_note": self.wish_note,
            "claimed_amount": self.claimed_amount,
            "user_id": self.env.uid,
            "line_ids": [
                Command.create(line._prepare_complaint_line_vals()) for line in self.line_ids.filtered("is_chosen")
            ],
        }

    def _get_description(self):
        return plaintext2html(self.description) if (self.description or "").strip() else False

    def action_open_similar(self):
        """The complaint exists already: go there instead."""
        self.ensure_one()
        return self.similar_ids._get_records_action()
