from odoo import api, fields, models

SKIP_REASONS = [
    ("company_off", "Reminders are switched off for the company"),
    ("followup_beside", "Odoo's own payment follow-up is installed beside: confirm in the settings that it is off"),
    ("customer_excluded", "Customer gets no reminders"),
    ("item_excluded", "Invoice gets no reminders"),
    ("handed_over", "Handed over for collection"),
    ("disputed", "Disputed"),
    ("plan", "Payment plan in good standing"),
    ("promise", "The customer promised to pay"),
    ("payment_in_process", "A payment is being processed"),
    ("payment_blocked", "Payment of the invoice is blocked"),
    ("notice_pending", "Previous letter not delivered yet"),
    ("already_written", "A letter to this customer left today"),
    ("in_use", "Somebody was working on this customer"),
    ("no_policy", "No policy fits the customer"),
    ("policy_unsuitable", "The law of the policy does not fit the customer kind"),
    ("levels_done", "All levels were sent"),
    ("too_early", "Too early"),
    ("below_minimum", "Below the minimum amount"),
    ("unallocated_money", "Covered by money on account"),
    ("missing_legal_value", "A legal figure is missing or not confirmed"),
    ("no_rate", "No exchange rate"),
    ("no_recipient", "No e-mail and no postal address"),
    ("no_text", "No text in the language of the customer"),
    ("no_bank_account", "The company has no bank account for payments"),
    ("error", "An unexpected error"),
]

# reasons that a run of a later day only presumes to hold until then, and how its list says so
PRESUMED = ("disputed", "plan", "promise")
AHEAD = "ahead"


class DunningSkip(models.Model):
    """Why a run made no letter for an open item."""

    _name = "commercial.dunning.skip"
    _description = "Item Without Letter"
    _order = "run_id, partner_id, id"
    _rec_name = "item_id"
    _log_access = False  # written in sets by the run

    run_id = fields.Many2one(
        comodel_name="commercial.dunning.run",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="run_id.company_id")
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        readonly=True,
        required=True,
        index=True,
        ondelete="cascade",
    )
    item_id = fields.Many2one(
        comodel_name="commercial.receivable.item",
        string="Open item",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    currency_id = fields.Many2one(related="item_id.currency_id")
    date_due = fields.Date(related="item_id.date_due")
    amount_residual = fields.Monetary(related="item_id.amount_residual")
    reason = fields.Selection(selection=SKIP_REASONS, required=True, readonly=True)
    until = fields.Date(readonly=True, help="The day from which a letter is possible, where that is known.")
    detail = fields.Char(readonly=True)
    explanation = fields.Char(
        string="More",
        compute="_compute_explanation",
        help="What exactly was missing, where that is known.",
    )

    @api.depends("reason", "detail")
    @api.depends_context("lang")
    def _compute_explanation(self):
        texts = {}
        for skip in self:
            key = (skip.reason, skip.detail)
            if key not in texts:
                texts[key] = self._explain(*key)
            skip.explanation = texts[key]

    @api.model
    def _explain(self, reason, detail):
        """Return the detail of a reason as people read it: a figure of law with its name and half-year."""
        if detail == AHEAD:
            return {
                "disputed": self.env._("Presumes that the dispute is still open on that day."),
                "plan": self.env._("Presumes that the payment plan is kept until that day."),
                "promise": self.env._("Presumes that the promise still stands on that day."),
            }.get(reason, detail)
        if reason != "missing_legal_value" or not detail:
            return detail
        code, _separator, day = detail.partition(" ")
        return self.env["commercial.legal.parameter"]._describe_missing(code, fields.Date.to_date(day))
