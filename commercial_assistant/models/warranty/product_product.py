from odoo import models


class ProductProduct(models.Model):
    _inherit = "product.product"

    def action_open_warranties(self):
        """Open the cover of everything that was delivered of these products."""
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.warranty_action")
        action["domain"] = [("product_id", "in", self.ids)]
        action["context"] = {}
        return action
