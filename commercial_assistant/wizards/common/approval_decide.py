from odoo import fields, models


class CommercialApprovalDecide(models.TransientModel):
    """A decision with words: why refused, or under which remark approved."""

    _name = "commercial.approval.decide"
    _description = "Decide on an Approval Request"

    request_id = fields.Many2one(
        comodel_name="commercial.approval.request",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    decision = fields.Selection(
        selection=[
            ("approved", "Approve"),
            ("refused", "Refuse"),
        ],
        required=True,
        readonly=True,
    )
    reason = fields.Text(
        related="request_id.reason",
        string="Reason of the Request",
    )
    comment = fields.Text()

    def action_confirm(self):
        self.ensure_one()
        result = self.request_id._decide(self.decision, self.comment)
        return result if isinstance(result, dict) else {"type": "ir.actions.act_window_close"}
