from odoo import fields, models


class ReceivableExclude(models.TransientModel):
    """Take customers or invoices out of the reminders, with a reason and a last day."""

    _name = "commercial.receivable.exclude"
    _description = "No Reminders"

    res_model = fields.Char(default=lambda self: self.env.context.get("active_model"), readonly=True)
    res_ids = fields.Json(default=lambda self: self.env.context.get("active_ids"), readonly=True)
    record_count = fields.Integer(string="Selected", compute="_compute_record_count")
    reason = fields.Char(required=True)
    until = fields.Date(help="Last day. Empty: until further notice.")

    def _compute_record_count(self):
        for wizard in self:
            wizard.record_count = len(wizard.res_ids or [])

    def _get_records(self):
        """The customers or invoices, only of the models that can be taken out."""
        self.ensure_one()
        if self.res_model not in ("commercial.receivable", "commercial.receivable.item"):
            return self.env["commercial.receivable"]
        return self.env[self.res_model].browse(self.res_ids or []).exists()

    def action_exclude(self):
        self._get_records().write({"is_excluded": True, "exclusion_reason": self.reason, "excluded_until": self.until})
        return {"type": "ir.actions.act_window_close"}
