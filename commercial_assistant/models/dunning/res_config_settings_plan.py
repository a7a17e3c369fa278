from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    payment_plan_currency_id = fields.Many2one(related="company_id.currency_id", string="Currency of payment plans")
    payment_plan_request_days = fields.Integer(related="company_id.payment_plan_request_days", readonly=False)
    payment_plan_reply_days = fields.Integer(related="company_id.payment_plan_reply_days", readonly=False)
    payment_plan_warn_days = fields.Integer(related="company_id.payment_plan_warn_days", readonly=False)
    payment_plan_break_days = fields.Integer(related="company_id.payment_plan_break_days", readonly=False)
    payment_plan_courtesy_days = fields.Integer(related="company_id.payment_plan_courtesy_days", readonly=False)
    payment_plan_late_letter = fields.Boolean(related="company_id.payment_plan_late_letter", readonly=False)
    payment_plan_break_letter = fields.Boolean(related="company_id.payment_plan_break_letter", readonly=False)
    payment_plan_signature_required = fields.Boolean(
        related="company_id.payment_plan_signature_required", readonly=False
    )
    payment_plan_minimum = fields.Monetary(
        related="company_id.payment_plan_minimum", readonly=False, currency_field="payment_plan_currency_id"
    )
    payment_plan_approval_amount = fields.Monetary(
        related="company_id.payment_plan_approval_amount", readonly=False, currency_field="payment_plan_currency_id"
    )
    payment_plan_approval_months = fields.Integer(related="company_id.payment_plan_approval_months", readonly=False)
    payment_plan_request_maximum = fields.Integer(related="company_id.payment_plan_request_maximum", readonly=False)
    payment_plan_first_days = fields.Integer(related="company_id.payment_plan_first_days", readonly=False)
