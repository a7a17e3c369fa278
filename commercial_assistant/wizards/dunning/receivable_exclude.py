from odoo import api, fields, models

from ...models.dunning.receivable_hold import HOLD_KINDS, RELEASED_BY_HAND


class ReceivableExclude(models.TransientModel):
    """Take customers or invoices out of the reminders, with a reason and a last day."""

    _name = "commercial.receivable.exclude"
    _description = "No Reminders"

    res_model = fields.Char(default=lambda self: self.env.context.get("active_model"), readonly=True)
    res_ids = fields.Json(default=lambda self: self.env.context.get("active_ids"), readonly=True)
    record_count = fields.Integer(string="Selected", compute="_compute_record_count")
    hold_kind = fields.Selection(
        selection=HOLD_KINDS,
        string="Kind of stop",
        help="Debt mediation, a collective debt settlement, insolvency, a death or a request for instalments stop all "
        "reminders of the customer until a person releases them.",
    )
    is_until_release = fields.Boolean(compute="_compute_is_until_release")
    reason = fields.Char(required=True)
    until = fields.Date(help="Last day. Empty: until further notice.")

    def _compute_record_count(self):
        for wizard in self:
            wizard.record_count = len(wizard.res_ids or [])

    @api.depends("hold_kind")
    def _compute_is_until_release(self):
        for wizard in self:
            wizard.is_until_release = wizard.hold_kind in RELEASED_BY_HAND

    def _get_records(self):
        """The customers or invoices, only of the models that can be taken out."""
        self.ensure_one()
        if self.res_model not in ("commercial.receivable", "commercial.receivable.item"):
            return self.env["commercial.receivable"]
        return self.env[self.res_model].browse(self.res_ids or []).exists()

    def action_exclude(self):
        records = self._get_records()
        vals = {"is_excluded": True, "exclusion_reason": self.reason, "excluded_until": self.until}
        if records._name == "commercial.receivable":
            vals["hold_kind"] = self.hold_kind
            vals["excluded_until"] = not self.is_until_release and self.until
        records.write(vals)
        return {"type": "ir.actions.act_window_close"}
