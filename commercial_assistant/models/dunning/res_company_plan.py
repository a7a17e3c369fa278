from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    payment_plan_request_days = fields.Integer(
        string="Days to answer a request",
        default=14,
        help="So long a customer's request for a payment plan keeps its invoices from being reminded.",
    )
    payment_plan_reply_days = fields.Integer(
        string="Days for the customer to agree",
        default=14,
        help="So long a proposed plan keeps its invoices from being reminded.",
    )
    payment_plan_warn_days = fields.Integer(
        string="Days until a late instalment is reminded",
        default=3,
    )
    payment_plan_break_days = fields.Integer(
        string="Days until a late instalment breaks the plan",
        default=14,
    )
    payment_plan_courtesy_days = fields.Integer(
        string="Days before an instalment to announce it",
        default=0,
        help="0: instalments are not announced.",
    )
    payment_plan_late_letter = fields.Boolean(string="Remind the customer of late instalments", default=True)
    payment_plan_break_letter = fields.Boolean(string="Tell the customer that a plan is broken", default=True)
    payment_plan_signature_required = fields.Boolean(string="Plans start with a signature only")
    payment_plan_minimum = fields.Monetary(
        string="Smallest instalment",
        default=25.0,
        help="In the currency of the company. Smaller instalments are refused.",
    )
    payment_plan_approval_amount = fields.Monetary(
        string="Approval above the amount",
        default=5000.0,
        help="In the currency of the company. 0: no limit.",
    )
    payment_plan_approval_months = fields.Integer(
        string="Approval above the months",
        default=12,
        help="A plan that lasts longer needs an approval. 0: no limit.",
    )
    payment_plan_request_maximum = fields.Integer(
        string="Instalments a customer can ask for",
        default=12,
    )
    payment_plan_first_days = fields.Integer(
        string="Days until the first instalment of a request",
        default=45,
    )

    _payment_plan_days_sensible = models.Constraint(
        "CHECK (payment_plan_request_days >= 0 AND payment_plan_reply_days >= 0 AND payment_plan_courtesy_days >= 0"
        " AND payment_plan_warn_days >= 0 AND payment_plan_break_days >= payment_plan_warn_days"
        " AND payment_plan_approval_months >= 0 AND payment_plan_first_days > 0)",
        "The days of payment plans are not negative, and a plan breaks at the earliest when the customer was warned.",
    )
    _payment_plan_amounts_sensible = models.Constraint(
        "CHECK (payment_plan_minimum >= 0 AND payment_plan_approval_amount >= 0"
        " AND payment_plan_request_maximum BETWEEN 2 AND 120)",
        "The amounts of payment plans are not negative; a customer can ask for 2 to 120 instalments.",
    )
