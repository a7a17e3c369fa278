from odoo import api, fields, models

from ...tools.holds import ZERO, unheld
from .dunning_run import to_decimal


class ReceivableItem(models.Model):
    _inherit = "commercial.receivable.item"

    dispute_line_ids = fields.One2many(
        comodel_name="commercial.dispute.line", inverse_name="item_id", string="Disputes", readonly=True
    )
    promise_ids = fields.Many2many(
        comodel_name="commercial.payment.promise",
        relation="commercial_payment_promise_item_rel",
        column1="item_id",
        column2="promise_id",
        string="Promises",
        readonly=True,
    )
    disputed_amount = fields.Monetary(
        string="Disputed",
        compute="_compute_held_amounts",
        help="Not reminded: disputed, or accepted and not credited yet.",
    )
    promised_amount = fields.Monetary(
        string="Promised", compute="_compute_held_amounts", help="Not reminded: the customer promised to pay it."
    )

    @api.depends("amount_residual", "state", "dispute_line_ids.dispute_id.state", "promise_ids.state")
    @api.depends_context("tz")
    def _compute_held_amounts(self):
        """Tell what is held like a run would, for all items at once."""
        today = fields.Date.context_today(self)
        open_items = self.filtered(lambda item: item.state == "open")
        rows = []
        if open_items.ids:
            rows = self.env["commercial.dunning.run"]._fetch_items(open_items.receivable_id.ids, open_items.ids)
        disputes = self.env["commercial.dispute"]._fetch_dunning_holds(rows, {})
        promises = self.env["commercial.payment.promise"]._fetch_dunning_holds(rows, disputes) if rows else {}
        for item in self:
            item.disputed_amount = float(sum((hold.amount for hold in disputes.get(item.id, ())), ZERO))
            item.promised_amount = float(
                sum((hold.amount for hold in promises.get(item.id, ()) if hold.until >= today), ZERO)
            )

    def _get_unheld_amounts(self):
        """Return ``{item id: amount}``: what of these items is neither disputed nor promised."""
        return {
            item.id: float(
                unheld(to_decimal(item.amount_residual) - to_decimal(item.disputed_amount), ())
                - min(to_decimal(item.promised_amount), to_decimal(item.amount_residual))
            )
            for item in self
        }

    # --- ACTIONS ---

    def action_register_dispute(self):
        """Register a dispute about these items."""
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.dispute_register_action")
        action["context"] = {"default_item_ids": self.ids}
        return action

    def action_register_promise(self):
        """Register a promise about these items."""
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.payment_promise_register_action")
        action["context"] = {"default_item_ids": self.ids}
        return action
