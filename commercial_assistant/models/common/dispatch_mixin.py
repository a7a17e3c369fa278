from odoo import fields, models


class CommercialDispatchMixin(models.AbstractModel):
    """A record about which letters are sent: it knows them and opens them."""

    _name = "commercial.dispatch.mixin"
    _description = "Record with Outgoing Letters"

    dispatch_ids = fields.One2many(
        comodel_name="commercial.dispatch",
        inverse_name="res_id",
        string="Sendings",
        domain=lambda self: [("res_model", "=", self._name)],
        readonly=True,
    )

    def action_open_dispatches(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.dispatch_action")
        action["domain"] = [("res_model", "=", self._name), ("res_id", "=", self.id)]
        action["context"] = {}
        return action
