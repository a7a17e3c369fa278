from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.collection import cap_extras
from .collection_handover import CHARGE_COLUMNS
from .dunning_run import to_decimal


class CollectionHandoverLine(models.Model):
    """One open item in a hand-over, with the amounts as they were handed over."""

    _name = "commercial.collection.handover.line"
    _description = "Handed-over Item"
    _order = "handover_id, id"
    _rec_name = "item_id"
    _check_company_auto = True

    handover_id = fields.Many2one(
        comodel_name="commercial.collection.handover",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(comodel_name="res.company", related="handover_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(comodel_name="res.partner", related="handover_id.partner_id", store=True, index=True)
    collector_id = fields.Many2one(
        comodel_name="res.partner",
        related="handover_id.collector_id",
        string="Collected by",
        store=True,
        index="btree_not_null",
    )
    handover_state = fields.Selection(related="handover_id.state", store=True, string="State")
    date_handed_over = fields.Date(related="handover_id.date_handed_over", store=True)
    item_id = fields.Many2one(
        comodel_name="commercial.receivable.item",
        string="Open item",
        required=True,
        readonly=True,
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    move_id = fields.Many2one(comodel_name="account.move", related="item_id.move_id", string="Invoice")
    date = fields.Date(related="item_id.date", string="Invoice date")
    date_due = fields.Date(related="item_id.date_due")
    level_id = fields.Many2one(
        comodel_name="commercial.dunning.policy.level", related="item_id.level_id", string="Level reached"
    )
    prescription_date = fields.Date(related="item_id.prescription_date")
    currency_id = fields.Many2one(comodel_name="res.currency", related="item_id.currency_id", store=True)
    live = fields.Boolean(
        default=True,
        readonly=True,
        copy=False,
        help="The item is being prepared or is in the hands of the collector.",
    )
    amount_principal = fields.Monetary(string="Principal", readonly=True)
    amount_interest = fields.Monetary(string="Interest", readonly=True)
    amount_fixed = fields.Monetary(string="Fixed sum", readonly=True)
    amount_indemnity = fields.Monetary(string="Indemnity", readonly=True)
    amount_cost = fields.Monetary(string="Cost", readonly=True)
    amount_reduction = fields.Monetary(
        string="Reduction",
        readonly=True,
        help="What is not claimed, because the law caps interest, indemnities and increases in this procedure.",
    )
    amount_claimed = fields.Monetary(string="Claimed", readonly=True)
    amount_reported = fields.Monetary(
        string="Reported to the collector",
        readonly=True,
        help="The part paid since the hand-over of which the collector knows.",
    )
    amount_paid_since = fields.Monetary(
        string="Paid since hand-over",
        compute="_compute_amount_open",
        help="Also credit notes and write-offs since.",
    )
    amount_open = fields.Monetary(string="Still open", compute="_compute_amount_open")

    _one_live = models.UniqueIndex("(item_id) WHERE live", "This invoice is in another hand-over already.")

    # --- COMPUTE ---

    @api.depends("item_id.amount_residual", "item_id.state", "amount_principal")
    def _compute_amount_open(self):
        for line in self:
            line.amount_open = line.item_id.amount_residual if line.item_id.state == "open" else 0
            line.amount_paid_since = line.amount_principal - line.amount_open

    def _get_unreported(self):
        """Return what was paid since the hand-over and is not known to the collector, 0 for nothing."""
        self.ensure_one()
        amount = self.amount_paid_since - self.amount_reported
        return 0 if self.currency_id.is_zero(amount) else amount

    def _is_out_of_date(self):
        """Whether the accounting says something else than the line."""
        self.ensure_one()
        return self.item_id.state != "open" or bool(
            self.currency_id.compare_amounts(self.item_id.amount_residual, self.amount_principal)
        )

    # --- ACTIONS ---

    def action_leave_out(self):
        """Take an invoice out of a hand-over that is being prepared."""
        handovers = self.handover_id
        handovers._check_collector()
        handovers._check_state("draft")
        if any(not handover.line_ids - self for handover in handovers):
            raise UserError(self.env._("A hand-over needs at least one invoice: choose not to hand over instead."))
        self.sudo().unlink()
        return True

    def action_open_invoice(self):
        self.ensure_one()
        return self.move_id._get_records_action()

    # --- BUSINESS ---

    def _write_amounts(self, charges):
        """Write what is claimed for this item.

        :param charges: ``{kind: amount}`` of the charges that the customer owes
        """
        self.ensure_one()
        principal = self.item_id.amount_residual
        extras = {kind: to_decimal(charges.get(kind)) for kind in CHARGE_COLUMNS}
        kept = self._cap(to_decimal(principal), extras)
        claimed = to_decimal(principal) + sum(kept.values())
        vals = {
            "amount_principal": principal,
            "amount_reduction": float(sum(extras.values()) - sum(kept.values())),
            "amount_claimed": float(claimed),
            **{CHARGE_COLUMNS[kind]: float(amount) for kind, amount in extras.items()},
        }
        if any(self.currency_id.compare_amounts(self[name], value) for name, value in vals.items()):
            self.write(vals)

    def _cap(self, principal, extras):
        """Return the extras that the law lets claim in the procedure (Judicial Code, art. 1394/20)."""
        self.ensure_one()
        handover = self.handover_id
        if handover.procedure != "ios":
            return extras
        percent = self.env["commercial.legal.parameter"]._value(
            "be_ios_cap_percent", fields.Date.context_today(self), country=self.env.ref("base.be")
        )
        return cap_extras(principal, extras, to_decimal(percent), handover._get_unit(self.currency_id))
