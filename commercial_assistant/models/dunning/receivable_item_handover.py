from odoo import api, fields, models


class ReceivableItem(models.Model):
    _inherit = "commercial.receivable.item"

    handover_line_ids = fields.One2many(
        comodel_name="commercial.collection.handover.line",
        inverse_name="item_id",
        string="Hand-overs",
    )
    handover_id = fields.Many2one(
        comodel_name="commercial.collection.handover",
        string="Hand-over",
        compute="_compute_handover_id",
        help="The hand-over that is being prepared, or with which the item is in the hands of a collector.",
    )
    is_handed_over = fields.Boolean(compute="_compute_handover_id")

    @api.depends("handover_line_ids.live", "handover_line_ids.handover_state")
    def _compute_handover_id(self):
        lines = self.env["commercial.collection.handover.line"].search_fetch(
            [("item_id", "in", self.ids), ("live", "=", True)], ["item_id", "handover_id", "handover_state"]
        )
        by_item = {line.item_id.id: line for line in lines}
        for item in self:
            line = by_item.get(item.id)
            item.handover_id = line and line.handover_id
            item.is_handed_over = bool(line) and line.handover_state == "handed_over"

    def action_hand_over(self):
        """Ask to whom these items are handed over."""
        return self.env["commercial.receivable"]._get_prepare_action(self.receivable_id.ids, self.ids)

    def action_open_handover(self):
        self.ensure_one()
        return self.handover_id._get_records_action()
