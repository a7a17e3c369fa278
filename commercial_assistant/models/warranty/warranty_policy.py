from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from ...tools.warranty import second_hand_months
from ...tools.warranty_rules import Rule, choose

SIDES = [
    ("customer", "Customer"),
    ("supplier", "Supplier"),
]
KINDS = [
    ("legal", "Legal guarantee"),
    ("commercial", "Commercial guarantee"),
    ("manufacturer", "Manufacturer's guarantee"),
]
CUSTOMER_SCOPES = [
    ("consumer", "Consumers"),
    ("professional", "Businesses and public authorities"),
    ("business", "Businesses"),
    ("public", "Public authorities"),
]
BASES = [
    ("delivery", "Delivery"),
    ("invoice", "Invoice"),
    ("commissioning", "Commissioning"),
    ("manual", "By hand"),
]
TERM_SOURCES = [
    ("law", "Legal parameter"),
    ("company", "Settings of the company"),
    ("fixed", "This policy"),
]
REPAIR_EFFECTS = [
    ("none", "No effect"),
    ("suspend", "Suspends the term"),
    ("add_once", "Adds months, once"),
    ("suspend_add", "Suspends the term and adds months, once"),
]
REPLACEMENT_EFFECTS = [
    ("inherit", "The rest of the old cover"),
    ("restart", "A new full term"),
    ("minimum", "The rest, with a minimum"),
]


class WarrantyPolicy(models.Model):
    """For whom, for what and how long goods are covered. Terms of law are legal parameters."""

    _name = "commercial.warranty.policy"
    _description = "Warranty Policy"
    _inherit = ["mail.thread"]
    _order = "side, sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True, tracking=True)
    sequence = fields.Integer(default=100)
    company_id = fields.Many2one(
        comodel_name="res.company",
        index="btree_not_null",
        help="Empty: holds in every company.",
    )
    side = fields.Selection(
        selection=SIDES,
        required=True,
        default="customer",
        help="Customer: what we owe, or the manufacturer owes, our customer. Supplier: what our supplier owes us.",
    )
    kind = fields.Selection(selection=KINDS, required=True, default="commercial")

    # --- for what and for whom ---
    product_tmpl_ids = fields.Many2many(
        comodel_name="product.template",
        relation="commercial_warranty_policy_product_rel",
        column1="policy_id",
        column2="product_tmpl_id",
        string="Products",
        check_company=True,
        help="Neither products nor categories: every product.",
    )
    categ_ids = fields.Many2many(
        comodel_name="product.category",
        relation="commercial_warranty_policy_category_rel",
        column1="policy_id",
        column2="categ_id",
        string="Categories",
        help="With their subcategories.",
    )
    customer_kind = fields.Selection(selection=CUSTOMER_SCOPES, help="Empty: every customer.")
    condition = fields.Selection(
        selection=[("new", "New"), ("used", "Second-hand")],
        help="Empty: new and second-hand goods.",
    )
    country_ids = fields.Many2many(
        comodel_name="res.country",
        relation="commercial_warranty_policy_country_rel",
        column1="policy_id",
        column2="country_id",
        string="Countries",
        help="Country of the customer. Empty: every country.",
    )
    supplier_id = fields.Many2one(
        comodel_name="res.partner",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        help="Empty: every supplier.",
    )
    date_from = fields.Date(string="Valid from", help="First day of the contracts it holds for.")
    date_to = fields.Date(string="Valid to", help="Last day of the contracts it holds for. Empty: until changed.")

    # --- how long ---
    term_source = fields.Selection(selection=TERM_SOURCES, string="Term from", required=True, default="fixed")
    duration_code = fields.Char(string="Legal parameter", help="Code of the legal parameter with the months.")
    duration_months = fields.Integer(string="Months", aggregator=None)
    basis = fields.Selection(
        selection=BASES,
        string="Starts with",
        required=True,
        default="delivery",
        help="As long as the invoice or the commissioning is not known, the delivery counts.",
    )
    second_hand_code = fields.Char(
        string="Legal parameter of second-hand goods",
        help="Code of the legal parameter with the shortest term that can be agreed. Empty: no shorter term.",
    )
    presumption_code = fields.Char(string="Legal parameter of the presumption")
    presumption_months = fields.Integer(
        aggregator=None,
        help="How long a defect is presumed to have existed at delivery: the seller has to prove that it did not.",
    )

    # --- what happens on the way ---
    on_repair = fields.Selection(selection=REPAIR_EFFECTS, string="A repair", required=True, default="none")
    repair_code = fields.Char(string="Legal parameter of repairs")
    repair_months = fields.Integer(string="Months added by a repair", aggregator=None)
    on_replacement = fields.Selection(
        selection=REPLACEMENT_EFFECTS, string="A replacement gets", required=True, default="inherit"
    )
    replacement_months = fields.Integer(string="Minimum after a replacement", aggregator=None)
    notice_days = fields.Integer(
        string="Days to claim",
        aggregator=None,
        help="Within how many days a defect has to be passed on to the supplier. 0: until the end of the cover.",
    )

    # --- what it covers ---
    covers_parts = fields.Boolean(string="Parts", default=True)
    covers_labour = fields.Boolean(string="Labour", default=True)
    covers_transport = fields.Boolean(string="Transport")
    terms = fields.Text(translate=True, help="In plain words, for the customer. Stands in the answer letter.")
    proof = fields.Text(translate=True, string="Proof to ask for", help="Empty: the usual proof.")
    source = fields.Char(help="Law and article, or the contract.")
    warranty_count = fields.Integer(string="Goods covered", compute="_compute_warranty_count")

    _months_not_negative = models.Constraint(
        "CHECK (COALESCE(duration_months, 0) >= 0 AND COALESCE(presumption_months, 0) >= 0 "
        "AND COALESCE(repair_months, 0) >= 0 AND COALESCE(replacement_months, 0) >= 0 "
        "AND COALESCE(notice_days, 0) >= 0)",
        "Months and days are not negative.",
    )
    _period_order = models.Constraint(
        "CHECK (date_from IS NULL OR date_to IS NULL OR date_to >= date_from)",
        "The last day lies before the first one.",
    )

    # --- COMPUTE ---

    def _compute_warranty_count(self):
        counts = dict(
            self.env["commercial.warranty"]._read_group([("policy_id", "in", self.ids)], ["policy_id"], ["__count"])
        )
        for policy in self:
            policy.warranty_count = counts.get(policy, 0)

    # --- CONSTRAINTS ---

    @api.constrains("term_source", "duration_code", "duration_months", "kind", "side")
    def _check_term(self):
        for policy in self:
            if policy.term_source == "law" and not (policy.duration_code or "").strip():
                raise ValidationError(
                    self.env._("%(name)s: name the legal parameter that holds the months.", name=policy.name)
                )
            if policy.term_source == "fixed" and policy.duration_months <= 0:
                raise ValidationError(self.env._("%(name)s: enter how many months it lasts.", name=policy.name))
            if policy.side == "supplier" and policy.kind == "legal":
                raise ValidationError(
                    self.env._(
                        "%(name)s: what a supplier owes us stands in a contract or a guarantee of the manufacturer.",
                        name=policy.name,
                    )
                )

    @api.constrains("duration_code", "second_hand_code", "presumption_code", "repair_code")
    def _check_codes(self):
        names = ("duration_code", "second_hand_code", "presumption_code", "repair_code")
        codes = {policy[name] for policy in self for name in names if policy[name]}
        # that a figure of law exists is no secret
        known = self.env["commercial.legal.parameter"].sudo().search([("code", "in", list(codes))]).mapped("code")
        if unknown := codes - set(known):
            raise ValidationError(
                self.env._("There is no legal parameter with this code: %(codes)s", codes=sorted(unknown))
            )

    @api.constrains("on_replacement", "replacement_months")
    def _check_replacement(self):
        for policy in self:
            if policy.on_replacement == "minimum" and policy.replacement_months <= 0:
                raise ValidationError(
                    self.env._("%(name)s: enter how many months a replacement gets at least.", name=policy.name)
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        # goods of companies the user does not see count too
        used_sudo = self.env["commercial.warranty"].sudo().search([("policy_id", "in", self.ids)], limit=1).policy_id
        if used_sudo:
            raise ValidationError(
                self.env._("Goods are covered under %(name)s: archive it instead.", name=used_sudo.name)
            )

    # --- WHICH POLICY ---

    @api.model_create_multi
    def create(self, vals_list):
        policies = super().create(vals_list)
        self.env.registry.clear_cache()
        return policies

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    @api.model
    @tools.ormcache("side", "company_id")
    def _get_rules(self, side, company_id):
        """Return the rules of a side that can apply in a company; deliveries ask for them all day."""
        # how long goods are covered is no secret; whoever delivers need not be able to keep policies
        policies_sudo = self.sudo().search([("side", "=", side), ("company_id", "in", [False, company_id])])
        return tuple(
            Rule(
                id=policy.id,
                kind=policy.kind,
                side=policy.side,
                company_id=policy.company_id.id or 0,
                product_tmpl_ids=frozenset(policy.product_tmpl_ids.ids),
                categ_ids=frozenset(policy.categ_ids.ids),
                supplier_id=policy.supplier_id.id or 0,
                customer_kind=policy.customer_kind or "",
                condition=policy.condition or "",
                country_ids=frozenset(policy.country_ids.ids),
                date_from=policy.date_from or None,
                date_to=policy.date_to or None,
                sequence=policy.sequence,
            )
            for policy in policies_sudo
        )

    @api.model
    def _choose(self, sale):
        """Return the most specific policy of each kind that applies to a sale."""
        return self.browse(choose(self._get_rules(sale.side, sale.company_id), sale))

    # --- HOW LONG ---

    def _get_terms(self, company, day, is_second_hand=False, agreed_months=0):
        """Return months of cover and of presumption for a contract of that day.

        :raise LegalParameterError: a figure of law is missing or not confirmed
        """
        self.ensure_one()
        months = self._get_duration(company, day)
        if is_second_hand and self.second_hand_code:
            months = second_hand_months(months, self._get_figure(self.second_hand_code, day), agreed_months)
        return {"months": months, "presumption_months": self._get_presumption(day)}

    def _get_duration(self, company, day):
        if self.term_source == "law":
            return self._get_figure(self.duration_code, day)
        if self.term_source == "company":
            return company.sudo()[f"warranty_{self.side}_months"]
        return self.duration_months

    def _get_presumption(self, day):
        return self._get_figure(self.presumption_code, day) if self.presumption_code else self.presumption_months

    def _get_repair_extension(self, day):
        """Return the months that a repair adds.

        :raise LegalParameterError: the figure of law is missing or not confirmed
        """
        self.ensure_one()
        return self._get_figure(self.repair_code, day) if self.repair_code else self.repair_months

    @api.model
    def _get_figure(self, code, day):
        return int(self.env["commercial.legal.parameter"]._value(code, day))

    # --- ACTIONS ---

    def action_open_warranties(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.warranty_action")
        action["domain"] = [("policy_id", "=", self.id)]
        action["context"] = {}
        return action
