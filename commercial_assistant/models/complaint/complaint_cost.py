from odoo import fields, models


class ComplaintCost(models.Model):
    """What a complaint costs besides goods, credits and time."""

    _name = "commercial.complaint.cost"
    _description = "Other Cost of a Complaint"
    _order = "date desc, id desc"
    _check_company_auto = True

    complaint_id = fields.Many2one(comodel_name="commercial.complaint", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="complaint_id.company_id", store=True, index=True)
    is_confidential = fields.Boolean(related="complaint_id.is_confidential", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, default=fields.Date.context_today)
    kind = fields.Selection(
        selection=[
            ("transport", "Transport"),
            ("inspection", "Inspection or expert"),
            ("disposal", "Disposal"),
            ("external", "Work of others"),
            ("other", "Something else"),
        ],
        required=True,
        default="transport",
    )
    name = fields.Char(string="What for")
    amount = fields.Monetary(required=True, string="Cost", help="Without VAT, in the currency of the company.")

    _amount_positive = models.Constraint("CHECK (amount > 0)", "A cost is above zero.")
