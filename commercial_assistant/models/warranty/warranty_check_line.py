from odoo import api, fields, models
from odoo.exceptions import AccessError

from .warranty_check import BURDENS
from .warranty_policy import BASES, KINDS, SIDES

RESULTS = [
    ("covered", "Covers"),
    ("expired", "Over"),
    ("not_started", "Not started"),
    ("returned", "Returned"),
    ("replaced", "Replaced"),
    ("ended", "Ended"),
    ("excluded", "Excluded"),
]


class WarrantyCheckLine(models.Model):
    """One cover that a verdict looked at, as it stood then."""

    _name = "commercial.warranty.check.line"
    _description = "Cover Looked At"
    _order = "side, kind, id"

    check_id = fields.Many2one(
        comodel_name="commercial.warranty.check", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        comodel_name="res.company", related="check_id.company_id", store=True, precompute=True, index=True
    )
    warranty_id = fields.Many2one(
        comodel_name="commercial.warranty", readonly=True, index="btree_not_null", ondelete="set null"
    )
    policy_id = fields.Many2one(
        comodel_name="commercial.warranty.policy",
        string="Policy today",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    policy_name = fields.Char(string="Policy", readonly=True, help="As it was called then.")
    partner_id = fields.Many2one(comodel_name="res.partner", string="Customer or supplier", readonly=True)
    side = fields.Selection(selection=SIDES, readonly=True)
    kind = fields.Selection(selection=KINDS, readonly=True)
    serial_number = fields.Char(readonly=True)
    quantity = fields.Float(digits="Product Unit", readonly=True)
    basis = fields.Selection(selection=BASES, string="Starts with", readonly=True)
    is_fallback = fields.Boolean(string="Provisional start", readonly=True)
    start = fields.Date(readonly=True)
    end = fields.Date(string="Last day", readonly=True)
    presumption_until = fields.Date(string="Defect presumed until", readonly=True)
    burden_of_proof = fields.Selection(selection=BURDENS, string="Has to prove", readonly=True)
    result = fields.Selection(selection=RESULTS, readonly=True)
    covers_parts = fields.Boolean(string="Parts", readonly=True)
    covers_labour = fields.Boolean(string="Labour", readonly=True)
    covers_transport = fields.Boolean(string="Transport", readonly=True)
    covers = fields.Char(compute="_compute_covers", string="What it covers")

    @api.depends("covers_parts", "covers_labour", "covers_transport")
    @api.depends_context("lang")
    def _compute_covers(self):
        names = {
            "covers_parts": self.env._("parts"),
            "covers_labour": self.env._("labour"),
            "covers_transport": self.env._("transport"),
        }
        for line in self:
            line.covers = ", ".join(name for field, name in names.items() if line[field])

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("A verdict is made from the register, not entered by hand."))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            raise AccessError(self.env._("A verdict is kept as it was given. Check again when something has changed."))
        return super().write(vals)
