from odoo import api, fields, models


class ReceivableRelease(models.TransientModel):
    """Let the reminders of customers go on, with a reason that stays in the file."""

    _name = "commercial.receivable.release"
    _description = "Release Reminders"

    receivable_ids = fields.Many2many(
        comodel_name="commercial.receivable",
        relation="commercial_receivable_release_rel",
        string="Customers",
        required=True,
    )
    stop_reasons = fields.Text(string="Stopped because", compute="_compute_stop_reasons")
    reason = fields.Char(required=True)

    @api.depends("receivable_ids")
    def _compute_stop_reasons(self):
        for wizard in self:
            wizard.stop_reasons = "\n".join(
                f"{receivable.partner_id.display_name}: {receivable.exclusion_reason or '-'}"
                for receivable in wizard.receivable_ids
            )

    def action_release(self):
        self.ensure_one()
        self.receivable_ids._release(self.reason)
        return {"type": "ir.actions.act_window_close"}
