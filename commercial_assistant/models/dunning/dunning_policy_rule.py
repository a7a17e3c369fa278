from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import SQL, formatLang

from ...tools.dunning_rules import Criteria, Segment
from ..common.legal_parameter import CUSTOMER_KINDS


class DunningPolicyRule(models.Model):
    """A group of customers; a policy is used for a customer that fits one of its rules."""

    _name = "commercial.dunning.policy.rule"
    _description = "Reminder Policy Rule"
    _order = "sequence, id"

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
    sequence = fields.Integer(default=10)
    customer_kind = fields.Selection(
        selection=CUSTOMER_KINDS,
        help="Empty: every kind.",
    )
    country_ids = fields.Many2many(
        comodel_name="res.country",
        string="Countries",
        help="Empty: every country.",
    )
    country_group_ids = fields.Many2many(
        comodel_name="res.country.group",
        string="Country groups",
        help="The customer lives in one of these countries, or in one of those named beside. Empty: no group asked.",
    )
    category_ids = fields.Many2many(
        comodel_name="res.partner.category",
        string="Tags",
        help="The customer has at least one of these tags. Empty: any customer.",
    )
    trust = fields.Selection(
        selection=[("good", "Good debtor"), ("normal", "Normal debtor"), ("bad", "Bad debtor")],
        string="Degree of trust",
    )
    company_currency_id = fields.Many2one(
        comodel_name="res.currency",
        related="company_id.currency_id",
    )
    exposure_from = fields.Monetary(
        string="Open amount from",
        currency_field="company_currency_id",
        help="What the customer has not paid yet, due or not, in the currency of the company.",
    )
    exposure_to = fields.Monetary(
        string="Open amount below",
        currency_field="company_currency_id",
        help="Empty: no upper limit.",
    )
    team_ids = fields.Many2many(
        comodel_name="crm.team",
        string="Sales teams",
        help="The salesperson of the customer belongs to one of these teams. Empty: any salesperson or none.",
    )
    payment_method = fields.Selection(
        selection=[("with", "Has a usual payment method"), ("without", "Has none")],
        string="Usual payment method",
        help="For example a mandate for direct debit. Empty: not asked.",
    )
    payment_method_line_ids = fields.Many2many(
        comodel_name="account.payment.method.line",
        relation="commercial_dunning_policy_rule_method_rel",
        column1="rule_id",
        column2="method_line_id",
        string="Payment methods",
        domain="[('payment_type', '=', 'inbound')]",
        help="The usual payment method of the customer is one of these. Empty: any.",
    )

    _exposure_range = models.Constraint(
        "CHECK (COALESCE(exposure_from, 0) >= 0 AND COALESCE(exposure_to, 0) >= 0 "
        "AND (COALESCE(exposure_to, 0) = 0 OR exposure_to > COALESCE(exposure_from, 0)))",
        "The upper limit of the open amount lies above the lower one, and neither is negative.",
    )

    @api.depends(
        "customer_kind",
        "country_ids",
        "country_group_ids",
        "category_ids",
        "trust",
        "exposure_from",
        "exposure_to",
        "team_ids",
        "payment_method",
        "payment_method_line_ids",
    )
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds, trusts, methods = (
            dict(self._fields[name]._description_selection(self.env))
            for name in ("customer_kind", "trust", "payment_method")
        )
        for rule in self:
            parts = [
                kinds.get(rule.customer_kind),
                ", ".join((*rule.country_ids.mapped("name"), *rule.country_group_ids.mapped("name"))),
                ", ".join(rule.category_ids.mapped("name")),
                trusts.get(rule.trust),
                rule._format_exposure(),
                ", ".join(rule.sudo().team_ids.mapped("name")),  # names are told to whoever sees the policy
                methods.get(rule.payment_method),
                ", ".join(rule.sudo().payment_method_line_ids.mapped("name")),
            ]
            rule.display_name = " · ".join(filter(None, parts)) or self.env._("Every customer")

    def _format_exposure(self):
        self.ensure_one()
        low, high = (
            formatLang(self.env, amount, currency_obj=self.company_currency_id)
            for amount in (self.exposure_from, self.exposure_to)
        )
        if self.exposure_from and self.exposure_to:
            return self.env._("open from %(low)s to below %(high)s", low=low, high=high)
        if self.exposure_from:
            return self.env._("open from %(low)s", low=low)
        return self.env._("open below %(high)s", high=high) if self.exposure_to else ""

    # --- CRUD ---

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules.policy_id._changed_in_part()
        return rules

    def write(self, vals):
        result = super().write(vals)
        self.policy_id._changed_in_part()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_forget_next_dates(self):
        self.policy_id._forget_next_dates()

    # --- BUSINESS ---

    def _is_plain(self, country):
        """Whether this rule asks nothing but the kind of customer and at most this country."""
        self.ensure_one()
        criteria = self._prepare_criteria()
        return criteria == Criteria(kind=criteria.kind) or criteria == Criteria(
            kind=criteria.kind, country_ids=frozenset(country.ids)
        )

    def _prepare_criteria(self):
        """Return what this rule asks."""
        self.ensure_one()
        rule_sudo = self.sudo()  # whoever makes reminders may know what the rules ask
        countries = rule_sudo.country_ids | rule_sudo.country_group_ids.country_ids
        asks_country = rule_sudo.country_ids or rule_sudo.country_group_ids
        return Criteria(
            kind=self.customer_kind or None,
            country_ids=frozenset(countries.ids) if asks_country else None,
            category_ids=frozenset(rule_sudo.category_ids.ids),
            trust=self.trust or None,
            team_ids=frozenset(rule_sudo.team_ids.ids),
            payment_method_ids=frozenset(rule_sudo.payment_method_line_ids.ids),
            has_payment_method={"with": True, "without": False}.get(self.payment_method),
            exposure_from=Decimal(str(self.exposure_from)),
            exposure_to=Decimal(str(self.exposure_to)),
        )

    @api.model
    def _fetch_segments(self, company, rows, criteria):
        """Return what is known of these customers, ``{partner id: Segment}``; only what a rule asks for is read.

        The number of queries does not depend on the number of customers.

        :param rows: customers as the run reads them
        :param criteria: all rules in question
        """
        partner_ids = [row["partner_id"] for row in rows]
        tags = self._fetch_tags(partner_ids) if any(rule.category_ids for rule in criteria) else {}
        teams = self._fetch_teams(partner_ids) if any(rule.team_ids for rule in criteria) else {}
        asks_method = any(rule.asks_payment_method for rule in criteria)
        methods = self._fetch_payment_methods(company, partner_ids) if asks_method else {}
        asks_exposure = any(rule.asks_exposure for rule in criteria)
        exposures = self._fetch_exposures(company, partner_ids) if asks_exposure else {}
        return {
            row["partner_id"]: Segment(
                kind=row["customer_kind"] or "consumer",
                country_id=row["country_id"],
                category_ids=frozenset(tags.get(row["partner_id"], ())),
                trust=row["trust"],
                team_ids=frozenset(teams.get(row["partner_id"], ())),
                payment_method_id=methods.get(row["partner_id"]),
                exposure=Decimal(str(exposures.get(row["partner_id"], 0))),
            )
            for row in rows
        }

    @api.model
    def _fetch_tags(self, partner_ids):
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT partner_id, array_agg(category_id)
                      FROM res_partner_res_partner_category_rel
                     WHERE partner_id = ANY(%s)
                  GROUP BY partner_id
                    """,
                    partner_ids,
                )
            )
        )

    @api.model
    def _fetch_teams(self, partner_ids):
        """Sales teams of the salesperson of each customer."""
        self.env["crm.team.member"].flush_model(["user_id", "crm_team_id", "active"])
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT partner.id, array_agg(member.crm_team_id)
                      FROM res_partner partner
                      JOIN crm_team_member member ON member.user_id = partner.user_id AND member.active
                     WHERE partner.id = ANY(%s)
                  GROUP BY partner.id
                    """,
                    partner_ids,
                )
            )
        )

    @api.model
    def _fetch_payment_methods(self, company, partner_ids):
        """The usual payment method of each customer with this company."""
        Partner = self.env["res.partner"].with_company(company)
        method = Partner._field_to_sql("partner", "property_inbound_payment_method_line_id")
        return dict(
            self.env.execute_query(
                SQL(
                    "SELECT partner.id, %s FROM res_partner partner WHERE partner.id = ANY(%s) AND %s IS NOT NULL",
                    method,
                    partner_ids,
                    method,
                )
            )
        )

    @api.model
    def _fetch_exposures(self, company, partner_ids):
        """What each customer has not paid yet, in the currency of the company."""
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT item.partner_id, SUM(line.amount_residual)
                      FROM commercial_receivable_item item
                      JOIN account_move_line line ON line.id = item.move_line_id
                     WHERE item.company_id = %s
                       AND item.partner_id = ANY(%s)
                       AND item.state = 'open'
                  GROUP BY item.partner_id
                    """,
                    company.id,
                    partner_ids,
                )
            )
        )
