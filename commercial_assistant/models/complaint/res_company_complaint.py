from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    complaint_manager_id = fields.Many2one(
        comodel_name="res.users",
        string="Manager of complaints",
        domain=[("share", "=", False)],
        help="Gets what goes past the team leader: danger, threats, cases that take too long. Empty: the team leader.",
    )
    complaint_escalation_amount = fields.Monetary(
        string="Escalate from",
        help="A complaint about as much as this, or with solutions worth as much, goes to the manager at once. "
        "Zero: never.",
    )
    complaint_reopen_days = fields.Integer(
        string="Open again within",
        default=30,
        help="Calendar days after the closing in which the same case goes on. Later a new one follows it.",
    )
    complaint_asks_rating = fields.Boolean(
        string="Ask what the customer thinks",
        default=True,
        help="The message at the end of a case asks how it was dealt with.",
    )

    _complaint_reopen_days_positive = models.Constraint(
        "CHECK (complaint_reopen_days >= 0 AND complaint_escalation_amount >= 0)",
        "Days and amounts of complaints are not negative.",
    )
