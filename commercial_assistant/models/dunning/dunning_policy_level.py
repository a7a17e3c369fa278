from odoo import fields, models

LEVEL_KINDS = [
    ("courtesy", "Courtesy reminder"),
    ("reminder", "First reminder"),
    ("second_reminder", "Second reminder"),
    ("formal_notice", "Formal notice"),
]
LETTER_CHANNELS = [
    ("email", "E-mail"),
    ("post", "Letter"),
    ("registered", "Registered letter"),
]


class DunningPolicyLevel(models.Model):
    """One step of a policy: when it is allowed, how it is sent, what it says and claims."""

    _name = "commercial.dunning.policy.level"
    _description = "Reminder Level"
    _order = "policy_id, sequence, id"

    policy_id = fields.Many2one(
        comodel_name="commercial.dunning.policy",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        related="policy_id.company_id",
        store=True,
        index=True,
    )
    company_currency_id = fields.Many2one(
        comodel_name="res.currency",
        related="company_id.currency_id",
    )
    regime = fields.Selection(related="policy_id.regime")
    active = fields.Boolean(default=True)
    sequence = fields.Integer(required=True, default=10)
    name = fields.Char(required=True, translate=True)
    kind = fields.Selection(
        selection=LEVEL_KINDS,
        required=True,
        default="reminder",
    )
    days_after_due = fields.Integer(
        required=True,
        help="Earliest day of this letter, counted from the due date. A courtesy reminder has a negative number: it "
        "leaves before the due date.",
    )
    min_days_after_previous = fields.Integer(
        string="Days after the previous letter",
        help="Least number of days since the previous letter was really delivered.",
    )
    payment_deadline_days = fields.Integer(
        string="Days to pay",
        required=True,
        default=8,
        help="The last day to pay named in the letter. The law may give the customer more days; those then count.",
    )
    channel = fields.Selection(
        selection=LETTER_CHANNELS,
        required=True,
        default="email",
    )
    fallback_channel = fields.Selection(
        selection=LETTER_CHANNELS,
        default="post",
        help="Used when the customer cannot be reached by the first channel, for example without an e-mail address.",
    )
    approval = fields.Selection(
        selection=[("automatic", "Automatic"), ("manual", "By hand")],
        required=True,
        default="automatic",
    )
    charge_interest = fields.Boolean(string="Interest")
    charge_indemnity = fields.Boolean(string="Indemnity")
    charge_fixed = fields.Boolean(string="Fixed sum")
    cost_amount = fields.Monetary(
        string="Cost of the reminder",
        currency_field="company_currency_id",
    )
    subject = fields.Char(required=True, translate=True)
    intro = fields.Html(
        string="Opening paragraphs",
        required=True,
        translate=True,
        help="Stands above the table of invoices. What the law asks for is printed by the letter itself.",
    )
    closing = fields.Html(string="Closing paragraphs", translate=True)
