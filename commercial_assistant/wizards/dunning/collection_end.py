from odoo import api, fields, models


class CollectionEnd(models.TransientModel):
    """Recall, settle, close or drop hand-overs, with the reason."""

    _name = "commercial.collection.end"
    _description = "End a Hand-over"

    handover_ids = fields.Many2many(
        comodel_name="commercial.collection.handover",
        relation="commercial_collection_end_handover_rel",
        string="Hand-overs",
        required=True,
    )
    outcome = fields.Selection(
        selection=[
            ("recalled", "Recall: we go on ourselves"),
            ("settled", "Settled: everything is paid"),
            ("closed", "Close: nothing more can be collected"),
            ("cancelled", "Do not hand over"),
        ],
        required=True,
        readonly=True,
    )
    reason = fields.Char()
    open_text = fields.Text(string="Still open", compute="_compute_open_text")

    @api.depends("handover_ids")
    @api.depends_context("lang")
    def _compute_open_text(self):
        for wizard in self:
            wizard.open_text = "\n".join(
                f"{handover.name}: {handover.open_summary}" for handover in wizard.handover_ids if handover.open_summary
            )

    def action_confirm(self):
        self.ensure_one()
        self.handover_ids._end(self.outcome, self.reason)
        return {"type": "ir.actions.act_window_close"}
