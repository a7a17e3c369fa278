import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools import warranty as core
from .warranty_policy import BASES, KINDS, SIDES

STATES = [
    ("not_started", "Not started"),
    ("covered", "Under warranty"),
    ("suspended", "Suspended"),
    ("expired", "Expired"),
    ("returned", "Returned"),
    ("replaced", "Replaced"),
    ("ended", "Ended"),
]


class Warranty(models.Model):
    """The cover of delivered goods under one policy: one row for each serial number, lot, or delivered quantity."""

    _name = "commercial.warranty"
    _description = "Warranty"
    _inherit = ["mail.thread"]
    _order = "start desc, id desc"
    _check_company_auto = True
    _mail_post_access = "read"
    _rec_names_search = ["serial_number", "product_id", "partner_id"]

    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True, default=lambda self: self.env.company
    )
    side = fields.Selection(selection=SIDES, required=True, readonly=True, default="customer")
    kind = fields.Selection(selection=KINDS, required=True, readonly=True)
    policy_id = fields.Many2one(
        comodel_name="commercial.warranty.policy",
        string="Warranty policy",
        required=True,
        readonly=True,
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer or supplier",
        required=True,
        readonly=True,
        check_company=True,
        ondelete="restrict",
    )
    product_id = fields.Many2one(
        comodel_name="product.product",
        required=True,
        readonly=True,
        check_company=True,
        ondelete="restrict",
    )
    lot_id = fields.Many2one(
        comodel_name="stock.lot",
        string="Lot or serial",
        readonly=True,
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    serial_number = fields.Char(
        readonly=True,
        index="trigram",
        help="Also of goods sold before their numbers were kept in Odoo.",
    )
    quantity = fields.Float(digits="Product Unit", readonly=True, required=True, default=1.0)
    quantity_returned = fields.Float(string="Returned quantity", digits="Product Unit", readonly=True, copy=False)
    quantity_replaced = fields.Float(string="Replaced quantity", digits="Product Unit", readonly=True, copy=False)
    uom_id = fields.Many2one(comodel_name="uom.uom", related="product_id.uom_id", string="Unit")

    # --- where it comes from ---
    order_line_id = fields.Many2one(
        comodel_name="sale.order.line", readonly=True, index="btree_not_null", check_company=True, ondelete="set null"
    )
    order_id = fields.Many2one(
        comodel_name="sale.order", readonly=True, index="btree_not_null", check_company=True, ondelete="set null"
    )
    move_id = fields.Many2one(
        comodel_name="stock.move", readonly=True, index="btree_not_null", check_company=True, ondelete="set null"
    )
    picking_id = fields.Many2one(
        comodel_name="stock.picking",
        string="Transfer",
        readonly=True,
        index="btree_not_null",
        check_company=True,
        ondelete="set null",
    )
    delivered_on = fields.Date(string="Delivery day", readonly=True)
    contract_on = fields.Date(string="Contract of", readonly=True, help="Decides which law and policy hold.")
    source = fields.Char(readonly=True, help="Where the row comes from, when not from a transfer.")
    key = fields.Char(
        required=True,
        readonly=True,
        copy=False,
        help="Natural key: the same goods are covered once under each policy.",
    )

    # --- how long ---
    basis = fields.Selection(selection=BASES, required=True, readonly=True, default="delivery")
    is_fallback = fields.Boolean(
        string="Provisional start",
        readonly=True,
        help="The invoice or commissioning with which it starts is not known yet: meanwhile the delivery counts.",
    )
    start = fields.Date(string="First day", required=True, readonly=True, tracking=True)
    months = fields.Integer(required=True, readonly=True, aggregator=None)
    agreed_end = fields.Date(
        string="Last day taken over",
        readonly=True,
        help="Of goods that replace others: the last day that follows from the old cover.",
    )
    end = fields.Date(
        string="Last day",
        compute="_compute_end",
        store=True,
        precompute=True,
        tracking=True,
        help="The last day that is covered, with what suspensions and repairs have added.",
    )
    presumption_months = fields.Integer(readonly=True, aggregator=None)
    is_second_hand = fields.Boolean(string="Second-hand", readonly=True)
    extension_ids = fields.One2many(
        comodel_name="commercial.warranty.extension",
        inverse_name="warranty_id",
        string="Suspensions and extensions",
        readonly=True,
    )

    # --- how it stands ---
    status = fields.Selection(
        selection=[
            ("running", "Running"),
            ("returned", "Returned"),
            ("replaced", "Replaced"),
            ("ended", "Ended"),
        ],
        required=True,
        readonly=True,
        default="running",
        copy=False,
        tracking=True,
    )
    ended_on = fields.Date(readonly=True, copy=False)
    origin_id = fields.Many2one(
        comodel_name="commercial.warranty",
        string="Replaces",
        readonly=True,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        copy=False,
    )
    successor_ids = fields.One2many(
        comodel_name="commercial.warranty", inverse_name="origin_id", string="Replaced by", readonly=True
    )
    state = fields.Selection(selection=STATES, compute="_compute_state", search="_search_state")
    remaining_days = fields.Integer(string="Days left", compute="_compute_state", aggregator=None)
    note = fields.Text()

    _once = models.UniqueIndex("(company_id, key)", "These goods are covered under this policy already.")
    _by_customer = models.Index("(partner_id, product_id, side)")
    _by_product = models.Index("(product_id, side, start)")
    _by_end = models.Index("(company_id, \"end\") WHERE status = 'running'")

    # --- COMPUTE ---

    @api.depends(
        "start",
        "months",
        "agreed_end",
        "extension_ids.kind",
        "extension_ids.date_from",
        "extension_ids.date_to",
        "extension_ids.months",
    )
    def _compute_end(self):
        for warranty in self:
            warranty.end = warranty._get_end() if warranty.start else False

    def _get_suspensions(self):
        self.ensure_one()
        return [
            (extension.date_from, extension.date_to or None)
            for extension in self.extension_ids
            if extension.kind == "suspension"
        ]

    def _get_end(self, until=None):
        """Return the last day of cover.

        :param until: the day looked at; a suspension that still goes on counts up to that day
        """
        self.ensure_one()
        extra = sum(self.extension_ids.mapped("months"))
        if self.agreed_end:
            end = core.add_months(self.agreed_end, extra)
            return core.extend_for_suspensions(end, self._get_suspensions(), until)
        return core.end_of_cover(self.start, self.months, self._get_suspensions(), extra, until)

    def _get_presumption_end(self, until=None):
        """Return the last day on which a defect is presumed; it runs on for goods that inherit an older cover."""
        self.ensure_one()
        first = self
        while first.origin_id and first.policy_id.on_replacement != "restart":
            first = first.origin_id
        return core.presumption_end(first.start, self.presumption_months, self._get_suspensions(), until)

    @api.depends("start", "end", "status", "extension_ids.date_from", "extension_ids.date_to", "extension_ids.kind")
    @api.depends_context("tz")
    def _compute_state(self):
        today = fields.Date.context_today(self)
        for warranty in self:
            warranty.state = warranty._get_state(today)
            is_live = warranty.state in ("not_started", "covered", "suspended")
            warranty.remaining_days = core.remaining_days(warranty.end, today) if is_live else 0

    def _get_state(self, day):
        self.ensure_one()
        if self.status != "running":
            return self.status
        if not self.start or day < self.start:
            return "not_started"
        if any(extension._is_open() for extension in self.extension_ids):
            return "suspended"
        return "covered" if day <= self.end else "expired"

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        running = Domain("status", "=", "running")
        started = running & Domain("start", "<=", today)
        is_open = Domain("extension_ids", "any", [("kind", "=", "suspension"), ("date_to", "=", False)])
        domains = {
            "not_started": running & Domain("start", ">", today),
            "suspended": started & is_open,
            "covered": started & ~is_open & Domain("end", ">=", today),
            "expired": started & ~is_open & Domain("end", "<", today),
            "returned": Domain("status", "=", "returned"),
            "replaced": Domain("status", "=", "replaced"),
            "ended": Domain("status", "=", "ended"),
        }
        return Domain.OR([domains[state] for state in value if state in domains])

    @api.depends("product_id", "serial_number", "policy_id")
    def _compute_display_name(self):
        for warranty in self:
            parts = (warranty.product_id.display_name, warranty.serial_number, warranty.policy_id.name)
            warranty.display_name = " · ".join(part for part in parts if part)

    # --- CRUD ---

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(
                self.env._("The register follows deliveries; goods sold earlier are taken over by the history import.")
            )
        return super().create(vals_list)

    def write(self, vals):
        free = {"note", "message_follower_ids", "message_ids", "message_main_attachment_id"}
        if not self.env.su and vals.keys() - free:
            raise AccessError(self.env._("The cover of goods follows its buttons: a reason is needed for each change."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_never(self):
        raise UserError(self.env._("The register is kept: end a cover that is wrong."))

    def copy_data(self, default=None):
        raise UserError(self.env._("The cover of goods is not duplicated."))

    # --- RIGHTS ---

    @api.model
    def _check_may_ask(self):
        """Whoever works at the desk may ask for a verdict; the view alone is no guard."""
        if not (self.env.su or self.env.user.has_group("commercial_assistant.group_assistant")):
            raise AccessError(self.env._("The warranty is looked up by the commercial desk."))

    @api.model
    def _check_may_decide(self):
        """Changes of the cover are decided by team leads; the view alone is no guard."""
        if not (self.env.su or self.env.user.has_group("commercial_assistant.group_team_lead")):
            raise AccessError(self.env._("The cover of goods is changed by team leads."))

    # --- DAYS ---

    @api.model
    def _get_local_date(self, moment, company, warehouse=None):
        """Return the day of a moment where the warehouse, else the company, is."""
        name = (warehouse and warehouse.sudo().partner_id.tz) or company.sudo().partner_id.tz
        name = name or self.env.user.tz or "Europe/Brussels"
        return pytz.utc.localize(moment).astimezone(pytz.timezone(name)).date()

    def _get_left(self):
        """Return the quantity that is still covered."""
        self.ensure_one()
        left = self.quantity - self.quantity_returned - self.quantity_replaced
        return 0.0 if self.product_id.uom_id.compare(left, 0) <= 0 else left

    # --- ACTIONS ---

    def action_check(self):
        """Record whether these goods are covered today, and open the answer."""
        self.ensure_one()
        check = self._check(
            self.product_id,
            self.lot_id,
            self.order_line_id if self.side == "customer" else self.env["sale.order.line"],
            self.partner_id if self.side == "customer" else self.env["res.partner"],
            fields.Date.context_today(self),
        )
        return check._get_records_action()

    def action_adjust(self):
        """Ask for a start, a suspension or an extension, with its reason."""
        self._check_may_decide()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.warranty_adjust_action")
        action["context"] = {"default_warranty_ids": self.ids}
        return action

    def action_open_order(self):
        self.ensure_one()
        return self.order_id._get_records_action()

    def action_open_picking(self):
        self.ensure_one()
        return self.picking_id._get_records_action()

    def action_open_lot(self):
        self.ensure_one()
        return self.lot_id._get_records_action()

    def action_open_related(self):
        """Open every cover of the same goods: other policies, the supplier's, what replaced them."""
        self.ensure_one()
        domain = Domain("id", "in", (self | self.origin_id | self.successor_ids).ids)
        if self.lot_id:
            domain |= Domain("lot_id", "=", self.lot_id.id)
        elif self.serial_number:
            domain |= Domain("serial_number", "=", self.serial_number) & Domain("product_id", "=", self.product_id.id)
        elif self.move_id:
            domain |= Domain("move_id", "=", self.move_id.id)
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.warranty_action")
        action["domain"] = list(domain)
        action["context"] = {}
        return action

    def _describe_end(self):
        """Return until when it is covered, for messages."""
        self.ensure_one()
        return format_date(self.env, self.end)
