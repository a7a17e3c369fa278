from odoo import api, fields, models

REGIMES = [
    ("be_consumer", "Belgium: consumer (Book XIX CEL)"),
    ("be_business", "Belgium: business (law of 2 August 2002)"),
]


class DunningPolicy(models.Model):
    """How one group of customers is reminded: which law, which levels, what may be charged."""

    _name = "commercial.dunning.policy"
    _description = "Reminder Policy"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(
        default=10,
        help="The first policy of the list with a rule that fits the customer is used.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    company_currency_id = fields.Many2one(
        comodel_name="res.currency",
        related="company_id.currency_id",
    )
    regime = fields.Selection(
        selection=REGIMES,
        string="Law",
        required=True,
        default="be_business",
        help="The law that governs the letters, the waiting periods and the charges of this policy.",
    )
    rule_ids = fields.One2many(
        comodel_name="commercial.dunning.policy.rule",
        inverse_name="policy_id",
        string="Rules",
        copy=True,
    )
    level_ids = fields.One2many(
        comodel_name="commercial.dunning.policy.level",
        inverse_name="policy_id",
        string="Levels",
        copy=True,
        context={"active_test": False},
    )
    letter_scope = fields.Selection(
        selection=[
            ("currency", "One letter per customer and currency"),
            ("invoice", "One letter per invoice"),
        ],
        required=True,
        default="currency",
    )
    netting = fields.Selection(
        selection=[
            ("none", "Leave it aside"),
            ("net", "Deduct it from the claim"),
            ("block", "Send no letter until it is allocated"),
            ("warn", "Send only after approval by hand"),
        ],
        string="Unallocated money",
        required=True,
        default="net",
        help="What happens when the customer has payments on account or credit notes that are not matched with an "
        "invoice yet. Only money in the currency of the letter counts.",
    )
    min_line_amount = fields.Monetary(
        string="Minimum per line",
        currency_field="company_currency_id",
        help="Smaller open amounts are not reminded. Other currencies are converted.",
    )
    min_letter_amount = fields.Monetary(
        string="Minimum per letter",
        currency_field="company_currency_id",
        help="No letter leaves for a smaller total. Other currencies are converted.",
    )
    grace_days = fields.Integer(
        string="Days of grace",
        help="Added to the due date before the days of a level are counted.",
    )
    grace_in_working_days = fields.Boolean(string="Count grace in working days")
    working_days_only = fields.Boolean(
        string="Only on working days",
        help="No letter is dated on a weekend or a public holiday.",
    )
    posting_days = fields.Integer(
        string="Working days until posting",
        default=1,
        help="How many working days may pass between the date printed on a letter and its handing over to the post. "
        "The last day to pay is printed accordingly.",
    )
    charge_interest = fields.Boolean(
        string="Claim interest",
        help="Consumers owe interest only when the accepted terms say so. Businesses owe it by law.",
    )
    interest_basis = fields.Selection(
        selection=[("statutory", "Statutory rate"), ("clause", "Rate of our terms")],
        required=True,
        default="statutory",
    )
    interest_percent = fields.Float(
        string="Interest of our terms (% a year)",
        digits=(5, 2),
        aggregator=None,
    )
    charge_indemnity = fields.Boolean(
        string="Claim indemnity",
        help="Only when the accepted terms contain an indemnity clause.",
    )
    indemnity_basis = fields.Selection(
        selection=[("statutory", "Statutory maximum"), ("clause", "Clause of our terms")],
        required=True,
        default="statutory",
    )
    indemnity_percent = fields.Float(string="Indemnity (%)", digits=(5, 2), aggregator=None)
    indemnity_minimum = fields.Monetary(currency_field="company_currency_id")
    indemnity_maximum = fields.Monetary(currency_field="company_currency_id")
    fixed_per_instalment = fields.Boolean(
        string="Fixed sum per late instalment",
        help="Claim the fixed sum for recovery costs once for each late instalment instead of once for each invoice.",
    )
    is_regular_supply = fields.Boolean(
        string="Contracts of regular supply",
        help="Subscriptions and other regular deliveries: the reminders of the first unpaid due dates of a calendar "
        "year are free, later ones may cost something.",
    )
    cap_payment_term = fields.Boolean(
        string="Shorten excessive payment terms",
        help="A payment term above the lawful maximum is void between businesses; the statutory term counts instead.",
    )
    note = fields.Text(string="Internal note")
    level_count = fields.Integer(compute="_compute_level_count")

    @api.depends("level_ids.active")
    def _compute_level_count(self):
        for policy in self:
            policy.level_count = len(policy.level_ids.filtered("active"))
