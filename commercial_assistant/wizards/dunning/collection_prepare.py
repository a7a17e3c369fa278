from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...models.dunning.collection_handover import COLLECTOR_TYPES, PROCEDURES


class CollectionPrepare(models.TransientModel):
    """Prepare the hand-over of one or many customers at once."""

    _name = "commercial.collection.prepare"
    _description = "Prepare a Hand-over"

    receivable_ids = fields.Many2many(
        comodel_name="commercial.receivable",
        relation="commercial_collection_prepare_receivable_rel",
        string="Customers",
        required=True,
    )
    item_ids = fields.Many2many(
        comodel_name="commercial.receivable.item",
        relation="commercial_collection_prepare_item_rel",
        string="Only these items",
    )
    only_last_level = fields.Boolean(
        string="Only after a formal notice",
        help="Leave out invoices for which no formal notice was delivered.",
    )
    collector_type = fields.Selection(
        selection=COLLECTOR_TYPES,
        string="Kind of collector",
        required=True,
        compute="_compute_collector_type",
        store=True,
        readonly=False,
        precompute=True,
    )
    collector_id = fields.Many2one(
        comodel_name="res.partner",
        string="Collected by",
        default=lambda self: self.env.company.handover_collector_id,
    )
    procedure = fields.Selection(selection=PROCEDURES, required=True, default="amicable")
    instructions = fields.Text(help="Printed in the cover letter.")
    found_count = fields.Integer(string="Invoices found", compute="_compute_found")
    left_out = fields.Text(string="Left out", compute="_compute_found")

    @api.depends("collector_id")
    def _compute_collector_type(self):
        for wizard in self:
            wizard.collector_type = wizard.collector_id.collector_type or wizard.collector_type or "lawyer"

    @api.depends("receivable_ids", "item_ids", "only_last_level")
    @api.depends_context("lang")
    def _compute_found(self):
        for wizard in self:
            items = wizard._get_items()
            wizard.found_count = len(items)
            without = wizard.receivable_ids._origin - items.receivable_id
            wizard.left_out = (
                self.env._(
                    "Nothing overdue and free to hand over: %(customers)s",
                    customers=without.mapped("partner_id.display_name"),
                )
                if without
                else False
            )

    def _get_items(self):
        self.ensure_one()
        handovers = self.env["commercial.collection.handover"]
        items = handovers._get_items_to_hand_over(
            self.receivable_ids._origin, self.item_ids._origin if self.item_ids else None
        )
        if self.only_last_level:
            items = items.filtered(lambda item: item.level_kind in ("formal_notice", "last_notice"))
        return items

    def action_prepare(self):
        self.ensure_one()
        self.receivable_ids.check_access("write")
        if not self.env.user.has_group("commercial_assistant.group_collector"):
            raise AccessError(self.env._("Handing over claims is the work of collectors."))
        for company, receivables in self.receivable_ids.grouped("company_id").items():
            self.env["commercial.receivable"]._refresh_items(company, receivables.partner_id.ids)
        items = self._get_items()
        if not items:
            known = self._get_known()
            if known:
                return known._get_records_action(name=self.env._("Hand-overs"))
            raise UserError(self.left_out or self.env._("Nothing is overdue and free to hand over."))
        # sudo: the rights were checked; hand-overs are written by the program only
        handovers_sudo = self.env["commercial.collection.handover"].sudo()._prepare(items, self._prepare_vals())
        handovers = handovers_sudo.sudo(self.env.su)
        return handovers._get_records_action(name=self.env._("Hand-overs"))

    def _get_known(self):
        """Return the hand-overs in which the chosen items are already."""
        lines = self.env["commercial.collection.handover.line"].search(
            [("live", "=", True), ("handover_id.receivable_id", "in", self.receivable_ids.ids)]
        )
        return lines.filtered(lambda line: not self.item_ids or line.item_id in self.item_ids).handover_id

    def _prepare_vals(self):
        return {
            "collector_type": self.collector_type,
            "collector_id": self.collector_id.id,
            "procedure": self.procedure,
            "instructions": self.instructions,
        }
