import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from . import stored_value

PLACEHOLDER = re.compile(r"%\((\w+)\)s")


class _Values(dict):
    """Values of a message; what is not known stays visible as its name."""

    def __missing__(self, key):
        return f"[{key}]"


class CommercialCheckRule(models.Model):
    """What is checked on a kind of record, at which moments, and how serious a finding is.

    A rule is a domain over the records, or a method of their model: `_check_rule_<code>(rule)` is called on a set of
    records and returns `{record id: finding}` (or a list of findings) for those that fail. A finding is a dict with

    - `values`: placeholders of the message and the suggestion; dates, records, amounts keep their type;
    - `value`, `limit`: what was found and what is allowed;
    - `proposal`: `{field: value}` that would correct the record with one click;
    - `key`: tells several findings of one rule on one record apart (a line, a field);
    - `message`, `suggestion`: fixed texts in place of those of the rule.
    """

    _name = "commercial.check.rule"
    _description = "Check Rule"
    _inherit = ["commercial.record.domain"]
    _order = "sequence, id"

    name = fields.Char(
        required=True,
        translate=True,
    )
    code = fields.Char(
        copy=False,
        index=True,
        help="Lower-case letters, digits and underscores. A rule of one company takes the place of the general rule "
        "with the same code.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        index=True,
        help="Empty: for every company.",
    )
    model_id = fields.Many2one(
        comodel_name="ir.model",
        string="Records",
        required=True,
        index=True,
        ondelete="cascade",
        domain=lambda self: self._get_model_domain(),
    )
    model = fields.Char(
        related="model_id.model",
        string="Model Name",
        store=True,
        index=True,
    )
    kind = fields.Selection(
        selection=[
            ("domain", "Conditions"),
            ("method", "Built-in check"),
        ],
        required=True,
        default="domain",
    )
    domain = fields.Char(
        string="Finds Records That",
        help="A record that matches these conditions is a finding.",
    )
    moment_ids = fields.Many2many(
        comodel_name="commercial.check.moment",
        relation="commercial_check_rule_moment_rel",
        string="Moments",
        required=True,
    )
    severity = fields.Selection(
        selection=[
            ("off", "Off"),
            ("info", "Information"),
            ("warning", "Warning"),
            ("blocking", "Blocking"),
        ],
        required=True,
        default="warning",
        help="Information is only shown, a warning needs a reason, a blocking finding needs an approval.",
    )
    approval_purpose = fields.Selection(
        selection="_selection_approval_purpose",
        required=True,
        default="check_override",
        help="Under which purpose the approval of a blocking finding is asked for.",
    )
    for_consumer = fields.Boolean(
        string="Consumers",
        default=True,
    )
    for_business = fields.Boolean(
        string="Businesses",
        default=True,
    )
    for_public = fields.Boolean(
        string="Public Authorities",
        default=True,
    )
    country_ids = fields.Many2many(
        comodel_name="res.country",
        relation="commercial_check_rule_country_rel",
        string="Countries",
        help="Only customers in these countries. Empty: everywhere.",
    )
    message = fields.Char(
        required=True,
        translate=True,
        help="What the finding says. %(record)s is the name of the record; with conditions, %(name)s and the other "
        "fields of the record can be named too.",
    )
    suggestion = fields.Char(
        translate=True,
        help="What to do about it. The same placeholders as in the message.",
    )
    limit_value = fields.Float(
        string="Limit",
        help="A number that the built-in check compares with: days, percent, pieces.",
    )
    currency_id = fields.Many2one(
        comodel_name="res.currency",
        default=lambda self: self.env.company.currency_id,
    )
    limit_amount = fields.Monetary(
        help="An amount that the built-in check compares with.",
    )
    open_count = fields.Integer(
        string="Open Findings",
        compute="_compute_open_count",
    )

    _code_unique = models.UniqueIndex(
        "(model_id, code, COALESCE(company_id, 0)) WHERE code IS NOT NULL",
        "There is a rule with this code for this kind of record already.",
    )

    def _compute_open_count(self):
        counts = dict(
            self.env["commercial.check.result"]._read_group(
                [("rule_id", "in", self.ids), ("state", "=", "open")], ["rule_id"], ["__count"]
            )
        )
        for rule in self:
            rule.open_count = counts.get(rule, 0)

    @api.model
    def _selection_approval_purpose(self):
        return self.env["commercial.approval.rule"]._selection_purpose()

    @api.model
    def _get_model_domain(self):
        return [("model", "in", list(self.env.registry.descendants(["commercial.check.mixin"], "_inherit")))]

    # --- CONSTRAINTS ---

    @api.constrains("kind", "domain", "code", "model_id")
    def _check_kind(self):
        for rule in self:
            model = self.env.get(rule.model)
            if model is None or not hasattr(model, "_run_checks"):
                raise ValidationError(self.env._("Nothing can be checked on %(model)s.", model=rule.model_id.name))
            if rule.code and not re.fullmatch(r"[a-z][a-z0-9_]*", rule.code):
                raise ValidationError(
                    self.env._("The code %(code)s may hold lower-case letters, digits and underscores.", code=rule.code)
                )
            if rule.kind == "domain":
                if not rule.domain:
                    raise ValidationError(self.env._("The rule %(rule)s needs conditions.", rule=rule.name))
                rule._parse_domain(rule.domain, rule.model)
            elif not callable(getattr(model, f"_check_rule_{rule.code}", None)):
                raise ValidationError(
                    self.env._(
                        "There is no built-in check “%(code)s” for %(model)s.",
                        code=rule.code or "",
                        model=rule.model_id.name,
                    )
                )

    @api.constrains("message", "suggestion", "kind", "model_id")
    def _check_texts(self):
        for rule in self:
            for text in (rule.message, rule.suggestion):
                names = set(PLACEHOLDER.findall(text or ""))
                if rule.kind == "domain":
                    unknown = names - {"record"} - set(self.env[rule.model]._fields)
                    if unknown:
                        raise ValidationError(
                            self.env._(
                                "The text “%(text)s” names %(names)s, which %(model)s does not have.",
                                text=text,
                                names=sorted(unknown),
                                model=rule.model_id.name,
                            )
                        )
                if "%" in PLACEHOLDER.sub("", text or "").replace("%%", ""):
                    raise ValidationError(
                        self.env._(
                            "In the text “%(text)s” a percent sign is written twice, a placeholder like %%(name)s.",
                            text=text,
                        )
                    )

    @api.constrains("moment_ids")
    def _check_moments(self):
        for rule in self:
            if not rule.moment_ids:
                raise ValidationError(self.env._("When is the rule %(rule)s checked?", rule=rule.name))

    # --- CRUD ---

    def write(self, vals):
        result = super().write(vals)
        if vals.get("severity") == "off" or vals.get("active") is False:
            # sudo: findings are written by the checks alone
            self.env["commercial.check.result"].sudo().search(
                [("rule_id", "in", self.ids), ("state", "=", "open")]
            )._solve()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_findings(self):
        results_sudo = self.env["commercial.check.result"].sudo()
        for rule in results_sudo.search([("rule_id", "in", self.ids), ("override_uid", "!=", False)]).rule_id:
            raise ValidationError(
                self.env._(
                    "People gave reasons to go on in spite of the rule %(rule)s: archive it, the history stays.",
                    rule=rule.name,
                )
            )

    # --- ACTIONS ---

    def action_view_results(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.check_result_action")
        action["domain"] = [("rule_id", "=", self.id)]
        return action

    # --- WHICH RULES ---

    @api.model
    def _get_rules(self, model, moment, company):
        """The rules for records of `model` at `moment`; the rule of a company replaces the general one."""
        rules = self.search(
            Domain("model", "=", model)
            & Domain("moment_ids.code", "=", moment)
            & Domain("company_id", "in", [company.id, False])
        )
        replaced = {rule.code for rule in rules if rule.code and rule.company_id}
        return rules.filtered(
            lambda rule: rule.severity != "off" and (rule.company_id or not rule.code or rule.code not in replaced)
        )

    def _filter_records(self, records):
        """The records to which the rule applies, by the kind and the country of their customer."""
        self.ensure_one()
        kinds = {
            kind
            for kind, applies in (
                ("consumer", self.for_consumer),
                ("business", self.for_business),
                ("public", self.for_public),
            )
            if applies
        }
        if len(kinds) == 3 and not self.country_ids:
            return records
        return records.filtered(lambda record: self._applies_to(record._get_check_partner(), kinds))

    def _applies_to(self, partner, kinds):
        if self.country_ids and partner.commercial_partner_id.country_id not in self.country_ids:
            return False
        return not partner or partner._get_customer_kind() in kinds

    # --- FINDINGS ---

    def _find(self, records):
        """Findings of this rule on `records`: {(record id, key): data}."""
        self.ensure_one()
        records = self._filter_records(records)
        if not records:
            return {}
        if self.kind == "method":
            found = getattr(records, f"_check_rule_{self.code}")(self)
        else:
            found = self._find_by_domain(records)
        result = {}
        for res_id, findings in found.items():
            for finding in [findings] if isinstance(findings, dict) else findings:
                result[res_id, finding.get("key", "")] = self._prepare_data(finding)
        return result

    def _find_by_domain(self, records):
        domain = self._parse_domain(self.domain, self.model)
        names = self._get_domain_fields(domain)
        return {
            record.id: {"values": {name: stored_value.store_field(record, name) for name in names}}
            for record in records.filtered_domain(domain)
        }

    def _get_domain_fields(self, domain):
        """The fields that the conditions and the texts name: when one changes, so does the finding."""
        names = {condition.field_expr.split(".")[0] for condition in domain.iter_conditions()}
        for text in (self.message, self.suggestion):
            names.update(PLACEHOLDER.findall(text or ""))
        fields_by_name = self.env[self.model]._fields
        return sorted(name for name in names if name in fields_by_name and fields_by_name[name].type != "binary")

    @api.model
    def _prepare_data(self, finding):
        data = {
            "values": {name: self._store(value) for name, value in finding.get("values", {}).items()},
            "value": self._store(finding.get("value")),
            "limit": self._store(finding.get("limit")),
            "proposal": finding.get("proposal") or {},
        }
        for name in ("message", "suggestion", "fingerprint"):
            if finding.get(name):
                data[name] = str(finding[name])
        return data

    @api.model
    def _store(self, value):
        return value if isinstance(value, dict) else stored_value.store(value)

    def _format(self, name, data, record_name=""):
        """The message or the suggestion of a finding, in the language of the environment."""
        self.ensure_one()
        text = data.get(name)
        if text:
            return text
        text = self[name] or ""
        values = {key: stored_value.show(self.env, value) for key, value in (data.get("values") or {}).items()}
        values.setdefault("value", stored_value.show(self.env, data.get("value")))
        values.setdefault("limit", stored_value.show(self.env, data.get("limit")))
        values.setdefault("record", record_name)
        try:
            return text % _Values(values)
        except (TypeError, ValueError):
            return text
