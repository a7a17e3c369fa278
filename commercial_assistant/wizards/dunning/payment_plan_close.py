from odoo import api, fields, models


class PaymentPlanClose(models.TransientModel):
    """Cancel, refuse or reinstate payment plans, with the reason."""

    _name = "commercial.payment.plan.close"
    _description = "End or Reinstate a Payment Plan"

    plan_ids = fields.Many2many(
        comodel_name="commercial.payment.plan",
        relation="commercial_payment_plan_close_rel",
        string="Payment plans",
        required=True,
    )
    decision = fields.Selection(
        selection=[
            ("cancel", "Cancel the plan"),
            ("refuse", "Refuse the request"),
            ("reinstate", "Let the plan stand again"),
        ],
        required=True,
        readonly=True,
        default="cancel",
    )
    reason = fields.Char(required=True)
    is_told = fields.Boolean(string="Tell the customer", default=True)
    explanation = fields.Text(compute="_compute_explanation")

    @api.depends("decision")
    @api.depends_context("lang")
    def _compute_explanation(self):
        texts = {
            "cancel": self.env._("What the plan covers is due again and is reminded at its level."),
            "refuse": self.env._("The invoices are due again. The customer reads the reason in the letter."),
            "reinstate": self.env._("Instalments that were missed until today no longer break the plan."),
        }
        for close in self:
            close.explanation = texts.get(close.decision, "")

    def action_confirm(self):
        self.ensure_one()
        plans = self.plan_ids
        plans._check_collector()
        reason = self.reason.strip()
        plans_sudo = plans.sudo()
        if self.decision == "cancel":
            plans_sudo._cancel(reason)
        elif self.decision == "refuse":
            plans_sudo._refuse(reason, self.is_told)._send()
        else:
            plans_sudo._reinstate(reason)
        return {"type": "ir.actions.act_window_close"}
