from odoo import api, fields, models
from odoo.tools import SQL


class Receivable(models.Model):
    _inherit = "commercial.receivable"

    handover_ids = fields.One2many(
        comodel_name="commercial.collection.handover",
        inverse_name="receivable_id",
        string="Hand-overs",
    )
    handover_count = fields.Integer(string="Hand-over count", compute="_compute_handover_count")
    has_live_handover = fields.Boolean(string="With a collector", compute="_compute_handover_count")
    is_on_credit_hold = fields.Boolean(related="partner_id.is_on_credit_hold")

    @api.depends("handover_ids.state")
    def _compute_handover_count(self):
        counts = {}
        for receivable, state, count in self.env["commercial.collection.handover"]._read_group(
            [("receivable_id", "in", self.ids), ("state", "!=", "cancelled")], ["receivable_id", "state"], ["__count"]
        ):
            counts.setdefault(receivable.id, {})[state] = count
        for receivable in self:
            mine = counts.get(receivable.id, {})
            receivable.handover_count = sum(mine.values())
            receivable.has_live_handover = "handed_over" in mine

    # --- ACTIONS ---

    def action_hand_over(self):
        """Ask what is handed over, and to whom."""
        return self._get_prepare_action(self.ids)

    @api.model
    def _get_prepare_action(self, receivable_ids, item_ids=None):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Prepare a hand-over"),
            "res_model": "commercial.collection.prepare",
            "view_mode": "form",
            "target": "new",
            "context": {"default_receivable_ids": receivable_ids, "default_item_ids": item_ids or []},
        }

    def action_open_handovers(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.collection_handover_action")
        action["domain"] = [("receivable_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_hold_credit(self):
        """Hold back new orders of this customer."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Credit hold"),
            "res_model": "commercial.credit.hold",
            "view_mode": "form",
            "target": "new",
            "context": {"default_partner_id": self.partner_id.id, "default_company_id": self.company_id.id},
        }

    # --- BUSINESS ---

    @api.model
    def _refresh_items(self, company, partner_ids=None):
        """What was paid ends a credit hold, and is told to whoever collects."""
        result = super()._refresh_items(company, partner_ids)
        # amounts were written past the cache
        self.env["commercial.collection.handover.line"].invalidate_model(["amount_open", "amount_paid_since"])
        self.env["commercial.collection.handover"].invalidate_model(
            ["claimed_summary", "paid_summary", "open_summary", "has_unreported_payment"]
        )
        self.env["commercial.credit.hold"]._release_ended(company, partner_ids)
        self.env["commercial.collection.handover"]._follow_payments(company, partner_ids)
        return result

    def _move_to(self, survivor):
        """Hand-overs and interruptions of prescription follow; of two that are being prepared one goes on."""
        handovers = self.env["commercial.collection.handover"]
        if survivor.handover_ids.filtered(lambda handover: handover.state == "draft"):
            handovers = self.handover_ids.filtered(lambda handover: handover.state == "draft")
        for handover in handovers:
            handover._write_end(
                "cancelled",
                self.env._("The customer was merged with %(customer)s.", customer=survivor.partner_id.display_name),
            )
        self.env.flush_all()
        for table in ("commercial_collection_handover", "commercial_prescription_event"):
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET receivable_id = %s WHERE receivable_id = %s",
                    SQL.identifier(table),
                    survivor.id,
                    self.id,
                )
            )
        return super()._move_to(survivor)
