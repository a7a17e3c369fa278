from odoo import models


class DunningNotice(models.Model):
    _inherit = "commercial.dunning.notice"

    def action_open_charges(self):
        """Open everything this letter claims besides the invoices."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.dunning_charge_action")
        action["domain"] = [("id", "in", self.charge_ids.ids)]
        action["context"] = {}
        return action
