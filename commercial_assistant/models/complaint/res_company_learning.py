from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    complaint_recurring_count = fields.Integer(
        string="Complaints that make an issue",
        default=3,
        help="So many complaints about the same product and cause open a recurring issue.",
    )
    complaint_recurring_days = fields.Integer(
        string="Days of a recurring issue", default=90, help="Complaints of so many days are counted together."
    )
    complaint_hour_rate = fields.Monetary(
        string="Cost of an hour", default=45.0, help="At which the time spent on complaints is counted as cost."
    )

    _complaint_recurring_sensible = models.Constraint(
        "CHECK (complaint_recurring_count >= 2 AND complaint_recurring_days >= 1)",
        "An issue needs at least two complaints within at least one day.",
    )
    _complaint_rate_positive = models.Constraint(
        "CHECK (complaint_hour_rate >= 0)", "The cost of an hour is not negative."
    )
