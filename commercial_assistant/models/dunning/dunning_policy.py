from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools import dunning as core
from ...tools.late_payment import round_half_up, tiered_amount
from .law_book import LawBook

REGIMES = [
    ("be_consumer", "Belgium: consumer (Book XIX CEL)"),
    ("be_business", "Belgium: business (law of 2 August 2002)"),
    ("be_public", "Belgium: public authority (law of 2 August 2002)"),
    ("nl_consumer", "Netherlands: consumer (fourteen-day letter)"),
    ("nl_business", "Netherlands: business (article 6:119a Civil Code)"),
    ("fr_consumer", "France: consumer (Civil Code)"),
    ("fr_business", "France: business (article L441-10 Commercial Code)"),
    ("lu_consumer", "Luxembourg: consumer (law of 18 April 2004)"),
    ("lu_business", "Luxembourg: business (law of 18 April 2004)"),
]


class DunningPolicy(models.Model):
    """How one group of customers is reminded: which law, which levels, what may be charged."""

    _name = "commercial.dunning.policy"
    _description = "Reminder Policy"
    _order = "sequence, id"
    _check_company_auto = True
    _check_company_domain = models.check_company_domain_parent_of

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
    longer_term_is_justified = fields.Boolean(
        string="Longer term is justified",
        default=True,
        help="A public authority may agree on more than 30 and at most 60 days only where the nature of the contract "
        "justifies it (article 4 par. 2 of the law of 2 August 2002). Without a justification 30 days count.",
    )
    due_date_is_agreed = fields.Boolean(
        string="Due date agreed in the contract",
        help="The customer is in default from the day after an agreed due date (article 6:83 of the Dutch Civil Code), "
        "so interest runs from then. Otherwise it runs when the time given in the fourteen-day letter is over.",
    )
    compound_interest = fields.Boolean(
        string="Interest on the interest of full years",
        help="Dutch law adds the interest of each full year to the principal (article 6:119 par. 2 of the Civil Code). "
        "Without it we claim simple interest, which is less.",
    )
    vat_on_costs = fields.Boolean(
        string="VAT on collection costs",
        help="Only a creditor who cannot deduct VAT may add it, and only when the letter announced the sum with VAT.",
    )
    invoices_state_interest = fields.Boolean(
        string="Our invoices state the interest",
        help="A consumer in Luxembourg owes interest only on an invoice that states it and that was issued within a "
        "month of the delivery. An invoice without a delivery date claims none.",
    )
    note = fields.Text(string="Internal note")
    level_count = fields.Integer(compute="_compute_level_count")
    law_note = fields.Char(compute="_compute_law_note")

    @api.depends("level_ids.active")
    def _compute_level_count(self):
        for policy in self:
            policy.level_count = len(policy.level_ids.filtered("active"))

    @api.depends("company_id", "regime", "charge_indemnity", "charge_interest")
    def _compute_law_note(self):
        """What is still needed before this policy can claim anything."""
        for policy in self:
            missing = policy._find_missing_figures() if policy.company_id else []
            policy.law_note = (
                self.env._("Not confirmed for today, so letters that need it wait: %(figures)s", figures=missing)
                if missing
                else False
            )

    def _find_missing_figures(self):
        """Codes of the figures of law that a level of this policy needs and that are not confirmed today."""
        self.ensure_one()
        book, today = self._get_law_book(), fields.Date.context_today(self)
        missing = []
        for code in self._get_needed_figures():
            try:
                book.value(code, today)
            except core.MissingFigureError:
                missing.append(self.env["commercial.legal.parameter"]._describe_missing(code, today))
        return missing

    # --- CONSTRAINTS ---

    @api.constrains(
        "regime",
        "letter_scope",
        "fixed_per_instalment",
        "cap_payment_term",
        "invoices_state_interest",
        "charge_interest",
        "interest_basis",
        "interest_percent",
        "charge_indemnity",
        "indemnity_basis",
        "indemnity_percent",
        "indemnity_minimum",
        "indemnity_maximum",
        "is_regular_supply",
        "grace_days",
        "posting_days",
        "min_line_amount",
        "min_letter_amount",
        "active",
        "level_ids",
        "rule_ids",
    )
    def _check_lawful(self):
        for policy in self.filtered("active"):
            problems = policy._find_problems()
            if problems:
                raise ValidationError(
                    self.env._(
                        "The policy %(policy)s cannot be saved:\n%(problems)s",
                        policy=policy.name,
                        problems="\n".join(f"- {problem}" for problem in problems),
                    )
                )

    def _find_problems(self):
        """Texts of everything that is impossible or unlawful in this policy; empty when it may be used."""
        self.ensure_one()
        return [
            *self._find_impossible_settings(),
            *getattr(self, f"_find_unlawful_{self.regime}")(),
        ]

    def _find_impossible_settings(self):
        problems = []
        if min(self.grace_days, self.posting_days) < 0 or min(self.min_line_amount, self.min_letter_amount) < 0:
            problems.append(self.env._("Days of grace, days until posting and minimum amounts cannot be negative."))
        if self.charge_interest and self.interest_basis == "clause" and self.interest_percent <= 0:
            problems.append(self.env._("Fill in the interest rate of your terms."))
        if (
            self.charge_indemnity
            and self.indemnity_basis == "clause"
            and not (self.indemnity_percent > 0 or self.indemnity_minimum > 0)
        ):
            problems.append(self.env._("Fill in the indemnity of your terms."))
        if self.indemnity_maximum and self.indemnity_maximum < self.indemnity_minimum:
            problems.append(self.env._("The highest indemnity is below the lowest one."))
        levels = self.level_ids.filtered("active").sorted(lambda level: (level.sequence, level.id))
        previous = levels.browse()
        for level in levels:
            problems += level._find_impossible_settings(previous)
            previous = level
        return problems

    def _find_unlawful_be_consumer(self):
        """What Book XIX of the Code of Economic Law forbids."""
        problems = []
        levels = self.level_ids.filtered("active").sorted(lambda level: (level.sequence, level.id))
        ladder = levels.filtered(lambda level: level.kind != "courtesy")
        first = ladder[:1]
        if first and first.kind != "reminder":
            problems.append(
                self.env._(
                    "%(level)s: the first letter after the due date must be a first reminder (article XIX.2 CEL).",
                    level=first.name,
                )
            )
        for level in levels.filtered(lambda level: level.kind in ("courtesy", "reminder")):
            if level.charge_interest or level.charge_indemnity or level.charge_fixed:
                problems.append(
                    self.env._(
                        "%(level)s: neither interest nor an indemnity may be claimed before the first reminder has run "
                        "its term (article XIX.2 CEL).",
                        level=level.name,
                    )
                )
            if level.cost_amount > 0 and (level.kind == "courtesy" or not self.is_regular_supply):
                problems.append(
                    self.env._("%(level)s: the first reminder is free of charge (article XIX.2 CEL).", level=level.name)
                )
        wait_days = int(self._get_figure("be_b2c_wait_days", 14))
        for level in ladder[1:]:
            if level.min_days_after_previous <= wait_days:
                problems.append(
                    self.env._(
                        "%(level)s: the consumer has %(days)s full calendar days after the first reminder, so the next "
                        "letter leaves at least %(least)s days after it (article XIX.2 CEL).",
                        level=level.name,
                        days=wait_days,
                        least=wait_days + 1,
                    )
                )
        problems += self._find_undurable(self.env._("article XIX.2 CEL"))
        problems += self._find_unlawful_costs(ladder)
        if any(level.charge_fixed for level in ladder[1:]):
            problems.append(
                self.env._(
                    "The fixed sum for recovery costs exists between businesses only; a consumer owes nothing but the "
                    "interest and the indemnity of the terms (article XIX.4 CEL)."
                )
            )
        if self.charge_indemnity and self.indemnity_basis == "clause":
            problems += self._find_unlawful_indemnity()
        if self.charge_interest and self.interest_basis == "clause":
            cap = self._get_latest_rate("be_late_rate")
            if cap is not None and self.interest_percent > cap:
                problems.append(
                    self.env._(
                        "An interest of %(percent)s %% is above the highest lawful rate of %(cap)s %% (article XIX.4 "
                        "CEL); the whole clause would be void.",
                        percent=self.interest_percent,
                        cap=cap,
                    )
                )
        return problems

    def _find_unlawful_costs(self, ladder):
        problems = []
        fee = self._get_figure("be_b2c_extra_fee", None)
        for level in ladder.filtered(lambda level: level.cost_amount > 0):
            if fee is not None and level.cost_amount > fee:
                problems.append(
                    self.env._(
                        "%(level)s: a reminder may cost a consumer at most %(fee)s and the postage (article XIX.2 "
                        "CEL).",
                        level=level.name,
                        fee=fee,
                    )
                )
            if self.charge_indemnity:
                problems.append(
                    self.env._(
                        "%(level)s: the cost of a reminder does not go together with an indemnity, which covers all "
                        "costs (articles XIX.2 and XIX.4 CEL).",
                        level=level.name,
                    )
                )
        return problems

    def _find_unlawful_indemnity(self):
        """Compare the clause with the highest lawful indemnity wherever the two could cross."""
        book, today = self._get_law_book(), fields.Date.context_today(self)
        try:
            tiers = book.tiers("be_b2c_indemnity_tiers", today)
            highest = book.value("be_b2c_indemnity_max", today)
        except core.MissingFigureError:
            return []
        clause = self._get_clause()
        balances = {Decimal("0.01"), Decimal(10) ** 9}
        for above, _base, _percent in tiers:
            balances |= {above, above + Decimal("0.01")}
        if clause.percent:
            balances |= {limit * 100 / clause.percent for limit in (clause.minimum, clause.maximum) if limit}
        for above, base, percent in tiers:
            if percent:  # where the tier reaches the maximum
                balances.add(above + (highest - base) * 100 / percent)
        for balance in sorted(balance for balance in balances if balance > 0):
            lawful = tiered_amount(balance, tiers, maximum=highest)
            if round_half_up(clause.amount(balance)) > lawful:
                return [
                    self.env._(
                        "The indemnity of your terms is above the lawful one: %(amount)s instead of at most %(lawful)s "
                        "for a balance of %(balance)s (article XIX.4 CEL); the whole clause would be void.",
                        amount=round_half_up(clause.amount(balance)),
                        lawful=lawful,
                        balance=round_half_up(balance),
                    )
                ]
        return []

    def _find_unlawful_be_business(self):
        """What the law of 2 August 2002 does not allow between businesses."""
        problems = []
        for rule in self.rule_ids.filtered(lambda rule: rule.customer_kind not in ("business", "public")):
            problems.append(
                self.env._(
                    "The rule %(rule)s lets this policy reach consumers, who are protected by Book XIX CEL (article "
                    "XIX.1): limit it to businesses or public authorities.",
                    rule=rule.display_name,
                )
            )
        levels = self.level_ids.filtered("active")
        for level in levels.filtered(lambda level: level.kind == "courtesy"):
            if level.charge_interest or level.charge_indemnity or level.charge_fixed or level.cost_amount > 0:
                problems.append(
                    self.env._(
                        "%(level)s: nothing is owed before the due date has passed (article 5 of the law of 2 August "
                        "2002).",
                        level=level.name,
                    )
                )
        if any(levels.mapped("charge_fixed")) and any(level.cost_amount > 0 for level in levels):
            problems.append(
                self.env._(
                    "The cost of a reminder is covered by the fixed sum for recovery costs and is not claimed beside "
                    "it (article 6 of the law of 2 August 2002)."
                )
            )
        if self.interest_basis == "clause" and any(rule.customer_kind == "public" for rule in self.rule_ids):
            problems.append(
                self.env._(
                    "A public authority owes the statutory rate whatever the contract says "
                    "(article 5 of the law of 2 August 2002)."
                )
            )
        if self.charge_indemnity and self.indemnity_basis != "clause":
            problems.append(
                self.env._(
                    "Between businesses the law knows no indemnity besides the fixed sum (article 6 of the law of "
                    "2 August 2002): fill in the clause of your terms."
                )
            )
        return problems

    def _get_figure(self, code, default):
        """The confirmed figure of today, or ``default``: a missing figure must not keep a policy from being saved."""
        try:
            return float(self._get_law_book().value(code, fields.Date.context_today(self)))
        except core.MissingFigureError:
            return default

    def _get_latest_rate(self, code):
        """The rate of today, else the one of the last half-year that is confirmed."""
        book, day = self._get_law_book(), fields.Date.context_today(self)
        for _half_year in range(3):
            try:
                return float(book.value(code, day))
            except core.MissingFigureError:
                day -= timedelta(days=183)
        return None

    # --- CRUD ---

    @api.model_create_multi
    def create(self, vals_list):
        policies = super().create(vals_list)
        policies._forget_next_dates()
        return policies

    def write(self, vals):
        companies = self.company_id
        saving = self.env.cr.cache.setdefault("commercial_dunning_policies_saved", set())
        saving.update(self.ids)
        try:
            result = super().write(vals)
        finally:
            saving.difference_update(self.ids)
        if not vals.keys() <= {"note", "name"}:
            self._check_lawful()
            self._forget_next_dates(companies)
        return result

    def _changed_in_part(self):
        """Check these policies after a change of one level or rule, unless the policy is being saved as a whole.

        Several levels changed in one form are written one after the other; only the end of it has to be lawful.
        """
        saving = self.env.cr.cache.get("commercial_dunning_policies_saved", ())
        policies = self.filtered(lambda policy: policy.id not in saving)
        policies._check_lawful()
        policies._forget_next_dates()

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        if "name" not in (default or {}):
            for policy, vals in zip(self, vals_list, strict=True):
                vals["name"] = self.env._("%(policy)s (copy)", policy=policy.name)
        return vals_list

    # --- ACTIONS ---

    def action_open_receivables(self):
        """Customers that use this policy by choice."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.receivable_action")
        action["domain"] = [("policy_id", "=", self.id)]
        action["context"] = {}
        return action

    # --- STANDARD POLICIES ---

    @api.model
    def _get_standard_policies(self):
        """The policies this app brings along."""
        policies = self.browse()
        for code, _name in REGIMES:
            standard = self.env.ref(f"commercial_assistant.dunning_policy_{code}", raise_if_not_found=False)
            policies |= standard or policies
        return policies

    @api.model
    def _get_law_countries(self):
        """Return the codes of the countries whose laws this app knows."""
        return {regime.country for regime in core.REGIMES.values()}

    def _fit_to_country(self, home):
        """Let the policies of the home country serve every other country too, after those of the neighbours.

        Only rules that ask nothing but the kind of customer, and the country of the law, are fitted.

        :param home: country of the company
        """
        order = [code for code, _name in REGIMES]
        for policy in self:
            country = self.env["res.country"].search([("code", "=", core.REGIMES[policy.regime].country)])
            is_home = country == home
            # between undertakings the law of 2 August 2002 comes after its stricter form for public authorities
            place = {"consumer": 0, "public": 5, "business": 10}[policy.regime.split("_")[1]]
            policy.sequence = 20 + place if is_home else 10 + order.index(policy.regime)
            for rule in policy.rule_ids.filtered(lambda rule, country=country: rule._is_plain(country)):
                rule.country_ids = self.env["res.country"] if is_home else country

    def _copy_texts_of_standard(self):
        """Take over the translations of the standard policies and levels where the texts are still theirs."""
        standards = {policy.regime: policy for policy in self._get_standard_policies()}
        languages = [code for code, _name in self.env["res.lang"].get_installed() if code != "en_US"]
        for policy in self:
            source = standards.get(policy.regime)
            if not source or source == policy:
                continue
            policy._copy_name_from(source, languages)
            origins = {(level.kind, level.sequence): level for level in source.level_ids}
            for level in policy.level_ids:
                origin = origins.get((level.kind, level.sequence))
                if origin:
                    level._copy_translations_from(origin, languages)

    def _copy_name_from(self, source, languages):
        """Take over the translated name where this policy shows the English one."""
        self.ensure_one()
        english = self.with_context(lang="en_US").name
        if english == source.with_context(lang="en_US").name:
            untranslated = [code for code in languages if self.with_context(lang=code).name == english]
            names = {code: source.with_context(lang=code).name for code in untranslated}
            self.update_field_translations("name", {code: name for code, name in names.items() if name != english})

    # --- BUSINESS ---

    def _get_law_book(self):
        return LawBook(self.env)

    def _get_clause(self):
        self.ensure_one()
        return core.Clause(
            percent=Decimal(str(self.indemnity_percent)),
            minimum=Decimal(str(self.indemnity_minimum)),
            maximum=Decimal(str(self.indemnity_maximum)),
        )

    def _forget_next_dates(self, companies=None):
        """The waiting days of open items rest on the policies: let the next run decide again."""
        companies = (companies or self.company_id) | self.company_id
        self.env["commercial.receivable.item"]._forget_next_dates([("company_id", "child_of", companies.ids)])

    @api.model
    def _get_company_domain(self, company):
        """Policies of a company; a branch also uses those of its parents."""
        return [("company_id", "parent_of", company.ids)]

    @api.model
    def _get_first_days(self, company):
        """Least number of days after the due date on which any level can leave; ``None`` when it cannot be told."""
        policies_sudo = self.sudo().search(self._get_company_domain(company))
        if any(policies_sudo.mapped("cap_payment_term")):
            return None
        days = policies_sudo.level_ids.filtered("active").mapped("days_after_due")
        return min(days, default=None)

    @api.model
    def _load(self, company):
        """Return ``[(policy record, core policy, rules)]`` of a company in order, read with a handful of queries."""
        policies = self.search(self._get_company_domain(company))
        languages = policies.level_ids._get_languages()
        return [(policy, policy._prepare_core_policy(languages), policy._prepare_rules()) for policy in policies]

    def _prepare_core_policy(self, languages):
        """Return this policy as the decision needs it."""
        self.ensure_one()
        return core.Policy(
            id=self.id,
            regime=self.regime,
            levels=tuple(
                level._prepare_core_level(languages)
                for level in self.level_ids.filtered("active").sorted(lambda level: (level.sequence, level.id))
            ),
            letter_scope=self.letter_scope,
            netting=self.netting,
            min_line=Decimal(str(self.min_line_amount)),
            min_letter=Decimal(str(self.min_letter_amount)),
            grace_days=self.grace_days,
            grace_in_working_days=self.grace_in_working_days,
            working_days_only=self.working_days_only,
            posting_days=self.posting_days,
            charge_interest=self.charge_interest,
            interest_percent=Decimal(str(self.interest_percent)) if self.interest_basis == "clause" else None,
            charge_indemnity=self.charge_indemnity,
            clause=self._get_clause() if self.indemnity_basis == "clause" else None,
            fixed_per_instalment=self.fixed_per_instalment,
            regular_supply=self.is_regular_supply,
            cap_payment_term=self.cap_payment_term,
            longer_term_is_justified=self.longer_term_is_justified,
            due_date_is_agreed=self.due_date_is_agreed,
            compound_interest=self.compound_interest,
            vat_on_costs=self.vat_on_costs,
            invoices_state_interest=self.invoices_state_interest,
            country=core.REGIMES[self.regime].country,
        )

    def _prepare_rules(self):
        """Return what the rules ask, in their order."""
        self.ensure_one()
        return [rule._prepare_criteria() for rule in self.rule_ids]

    @api.model
    def _find_policy(self, loaded, customer):
        """Return the first policy with a rule that fits the customer.

        :param loaded: what :meth:`_load` returned
        :param Segment customer: what is known of the customer
        """
        return next(
            (core_policy for _policy, core_policy, rules in loaded if any(rule.fits(customer) for rule in rules)), None
        )
