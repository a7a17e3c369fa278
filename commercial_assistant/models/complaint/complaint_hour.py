from odoo import api, fields, models


class ComplaintHour(models.Model):
    """Time that a complaint took."""

    _name = "commercial.complaint.hour"
    _description = "Time Spent on a Complaint"
    _order = "date desc, id desc"
    _check_company_auto = True

    complaint_id = fields.Many2one(comodel_name="commercial.complaint", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="complaint_id.company_id", store=True, index=True)
    is_confidential = fields.Boolean(related="complaint_id.is_confidential", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, default=fields.Date.context_today)
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Who",
        required=True,
        index=True,
        check_company=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    name = fields.Char(string="What was done")
    hours = fields.Float(required=True)
    rate = fields.Monetary(
        string="Per hour",
        compute="_compute_rate",
        store=True,
        readonly=False,
        precompute=True,
        help="Cost of an hour when it was written down; later changes of the setting leave it as it is.",
    )
    amount = fields.Monetary(compute="_compute_amount", store=True, string="Cost")

    _hours_positive = models.Constraint(
        "CHECK (hours > 0 AND hours <= 24)", "The hours of a day lie between zero and 24."
    )

    @api.depends("complaint_id")
    def _compute_rate(self):
        for hour in self:
            # what an hour costs is a setting of the company
            hour.rate = hour.rate or hour.complaint_id.company_id.sudo().complaint_hour_rate

    @api.depends("hours", "rate")
    def _compute_amount(self):
        for hour in self:
            hour.amount = hour.hours * hour.rate
