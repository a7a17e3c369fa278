from odoo import models


class DunningNotice(models.Model):
    _inherit = "commercial.dunning.notice"

    def action_make_payment_plan(self):
        """Spread what this letter asks for over instalments."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.payment_plan_make_action")
        action["context"] = {
            "default_receivable_id": self.receivable_id.id,
            "default_currency_id": self.currency_id.id,
            "commercial_assistant_item_ids": self.line_ids.filtered("included").item_id.ids,
        }
        return action
