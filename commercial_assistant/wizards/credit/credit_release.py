from odoo import fields, models


class CreditRelease(models.TransientModel):
    """Release credit holds with a reason; whoever may not asks the team lead."""

    _name = "commercial.credit.release"
    _description = "Release Credit Holds"

    hold_ids = fields.Many2many(
        comodel_name="commercial.credit.hold",
        relation="commercial_credit_release_hold_rel",
        string="Credit holds",
        required=True,
    )
    reason = fields.Text(required=True)
    may_release = fields.Boolean(compute="_compute_may_release")

    def _compute_may_release(self):
        for wizard in self:
            wizard.may_release = self.env["commercial.credit.hold"]._may_release()

    def action_release(self):
        self.ensure_one()
        self.hold_ids._release_by_hand(self.reason)
        return {"type": "ir.actions.act_window_close"}

    def action_request(self):
        self.ensure_one()
        requests = self.hold_ids._request_release(self.reason)
        return requests._get_records_action(name=self.env._("Approval of the release"))
