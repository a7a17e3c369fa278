import logging
from collections import defaultdict
from datetime import date, timedelta
from functools import partial
from typing import NamedTuple

from dateutil.relativedelta import relativedelta
from psycopg2 import Error as DatabaseError

from odoo import SUPERUSER_ID, api, fields, models, modules, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

_logger = logging.getLogger(__name__)

CUSTOMER_KINDS = [
    ("consumer", "Consumer"),
    ("business", "Business"),
    ("public", "Public authority"),
]


class LegalParameterError(UserError):
    """A figure of law is missing or not confirmed for the day asked: nothing is computed with it."""

    # the web client shows the error as what it is, a message for the user
    context = {"exception_class": "odoo.exceptions.UserError"}  # noqa: RUF012

    def __init__(self, message, code=None, on=None, country=None):
        super().__init__(message)
        self.code = code
        self.on = on
        self.country = country


class Period(NamedTuple):
    """What a look-up needs of a record, cached per code."""

    id: int
    country_id: int
    customer_kind: str
    date_from: date
    date_to: date | None
    confirmed: bool
    value: float
    tiers: tuple

    def covers(self, day):
        return self.date_from <= day and (self.date_to is None or day <= self.date_to)


class CommercialLegalParameter(models.Model):
    _name = "commercial.legal.parameter"
    _description = "Legal Parameter"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "code, country_id, customer_kind, date_from desc, id desc"
    _rec_names_search = ["name", "code"]

    name = fields.Char(
        required=True,
        translate=True,
    )
    code = fields.Char(
        required=True,
        help="Technical name by which the app asks for this figure.",
    )
    country_id = fields.Many2one(
        comodel_name="res.country",
        index=True,
        help="Empty: holds in every country.",
    )
    customer_kind = fields.Selection(
        selection=CUSTOMER_KINDS,
        help="Empty: holds for every kind of customer.",
    )
    date_from = fields.Date(
        string="Valid From",
        required=True,
        tracking=True,
    )
    date_to = fields.Date(
        string="Valid To",
        tracking=True,
        help="Last day. Empty: valid until changed. A rate that is fixed for half a year always has a last day.",
    )
    value_type = fields.Selection(
        selection=[
            ("percent", "Percentage"),
            ("amount", "Amount"),
            ("days", "Days"),
            ("number", "Number"),
            ("boolean", "Yes or no"),
            ("tiers", "Tiers"),
        ],
        required=True,
        default="number",
    )
    currency_id = fields.Many2one(
        comodel_name="res.currency",
        default=lambda self: self._default_currency_id(),
        help="Currency of an amount, and of the limits of tiers.",
    )
    value = fields.Float(
        digits=(16, 4),
        aggregator=None,
        tracking=True,
        copy=True,
    )
    value_boolean = fields.Boolean(
        string="Yes",
        compute="_compute_value_boolean",
        inverse="_inverse_value_boolean",
    )
    value_text = fields.Char(
        string="Shown Value",
        compute="_compute_value_text",
        help="The value with its unit.",
    )
    tier_ids = fields.One2many(
        comodel_name="commercial.legal.parameter.tier",
        inverse_name="parameter_id",
        string="Tiers",
        copy=True,
    )
    source = fields.Char(
        tracking=True,
        help="Where the figure stands: law and article, gazette, official page.",
    )
    note = fields.Text(translate=True)
    derivation = fields.Text(
        help="How a proposed value was found, for whoever has to confirm it.",
    )
    state = fields.Selection(
        selection=[
            ("to_confirm", "To confirm"),
            ("confirmed", "Confirmed"),
        ],
        required=True,
        default="to_confirm",
        tracking=True,
        copy=False,
        help="Only confirmed values are used to compute.",
    )
    confirmed_by_id = fields.Many2one(
        comodel_name="res.users",
        readonly=True,
        copy=False,
    )
    confirmed_on = fields.Datetime(
        readonly=True,
        copy=False,
    )
    is_valid_today = fields.Boolean(
        compute="_compute_is_valid_today",
        search="_search_is_valid_today",
    )
    history_count = fields.Integer(
        compute="_compute_history_count",
    )

    _one_start = models.UniqueIndex(
        "(code, COALESCE(country_id, 0), COALESCE(customer_kind, ''), date_from)",
        "There is already a value of this parameter that starts on the same day.",
    )
    _period_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "The last day lies before the first one.",
    )

    @api.model
    def _default_currency_id(self):
        return self.env.ref("base.EUR", raise_if_not_found=False) or self.env.company.currency_id

    # --- COMPUTE ---

    @api.depends("value")
    def _compute_value_boolean(self):
        for parameter in self:
            parameter.value_boolean = bool(parameter.value)

    def _inverse_value_boolean(self):
        for parameter in self.filtered(lambda p: p.value_type == "boolean"):
            parameter.value = float(parameter.value_boolean)

    @api.depends("value", "value_type", "currency_id", "tier_ids.above", "tier_ids.base", "tier_ids.percent")
    @api.depends_context("lang")
    def _compute_value_text(self):
        for parameter in self:
            parameter.value_text = parameter._format_value()

    def _format_value(self):
        """Return the value with its unit, in the language of the user."""
        self.ensure_one()
        if self.value_type == "percent":
            return self.env._("%(value)s %%", value=self._format_number(self.value))
        if self.value_type == "amount":
            return self._format_money(self.value)
        if self.value_type == "days":
            return self.env._("%(count)s days", count=self._format_number(self.value))
        if self.value_type == "boolean":
            return self.env._("Yes") if self.value else self.env._("No")
        if self.value_type == "tiers":
            return "; ".join(tier._format_tier() for tier in self.tier_ids.sorted("above")) or False
        return self._format_number(self.value)

    def _format_number(self, value):
        text = tools.formatLang(self.env, value, digits=4)
        point = self.env["res.lang"]._get_data(code=self.env.lang or "en_US").decimal_point or "."
        return text.rstrip("0").removesuffix(point) if point in text else text

    def _format_money(self, value):
        if not self.currency_id:
            return self._format_number(value)
        return tools.formatLang(self.env, value, currency_obj=self.currency_id)

    @api.depends("date_from", "date_to")
    @api.depends_context("tz")
    def _compute_is_valid_today(self):
        today = fields.Date.context_today(self)
        for parameter in self:
            starts = parameter.date_from and parameter.date_from <= today
            parameter.is_valid_today = bool(starts and (not parameter.date_to or parameter.date_to >= today))

    def _search_is_valid_today(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return self._get_valid_domain(fields.Date.context_today(self))

    @api.model
    def _get_valid_domain(self, day):
        return Domain("date_from", "<=", day) & (Domain("date_to", "=", False) | Domain("date_to", ">=", day))

    @api.depends("code")
    def _compute_history_count(self):
        counts = dict(self._read_group([("code", "in", self.mapped("code"))], ["code"], ["__count"]))
        for parameter in self:
            parameter.history_count = counts.get(parameter.code, 0)

    @api.depends("name", "date_from", "date_to")
    def _compute_display_name(self):
        for parameter in self:
            if not parameter.date_from:
                parameter.display_name = parameter.name or ""
                continue
            parameter.display_name = self.env._(
                "%(name)s (%(period)s)",
                name=parameter.name or "",
                period=self._format_period(parameter.date_from, parameter.date_to),
            )

    @api.model
    def _format_period(self, date_from, date_to):
        """Return a half-year as 2026-H2, a year as 2026, anything else by its days."""
        if not date_to:
            return self.env._("from %(day)s", day=tools.format_date(self.env, date_from))
        if date_from == date(date_from.year, 1, 1) and date_to == date(date_from.year, 12, 31):
            return str(date_from.year)
        if (date_from, date_to) == self._get_half_year(date_from):
            return self.env._("%(year)s-H%(half)s", year=str(date_from.year), half=1 if date_from.month < 7 else 2)
        return self.env._(
            "%(start)s to %(end)s",
            start=tools.format_date(self.env, date_from),
            end=tools.format_date(self.env, date_to),
        )

    @api.model
    def _get_half_year(self, day):
        """Return the first and the last day of the half-year around ``day``."""
        if day.month < 7:
            return date(day.year, 1, 1), date(day.year, 6, 30)
        return date(day.year, 7, 1), date(day.year, 12, 31)

    # --- CONSTRAINTS ---

    @api.constrains("code", "country_id", "customer_kind", "date_from", "date_to")
    def _check_overlap(self):
        siblings_by_code = self.search([("code", "in", self.mapped("code"))]).grouped("code")
        for parameter in self:
            for other in siblings_by_code.get(parameter.code, self.browse()) - parameter:
                if (
                    other.country_id == parameter.country_id
                    and other.customer_kind == parameter.customer_kind
                    and (not other.date_to or other.date_to >= parameter.date_from)
                    and (not parameter.date_to or parameter.date_to >= other.date_from)
                ):
                    raise ValidationError(
                        self.env._(
                            "%(name)s overlaps with %(other)s: end one period before the next one starts.",
                            name=parameter.display_name,
                            other=other.display_name,
                        )
                    )

    @api.constrains("state", "source", "value_type", "tier_ids")
    def _check_confirmed(self):
        for parameter in self.filtered(lambda p: p.state == "confirmed"):
            if not (parameter.source or "").strip():
                raise ValidationError(
                    self.env._("Name the source of %(name)s before it is confirmed.", name=parameter.display_name)
                )
            if parameter.value_type == "tiers" and not parameter.tier_ids:
                raise ValidationError(self.env._("%(name)s has no tiers to confirm.", name=parameter.display_name))

    @api.model
    def _get_locked_fields(self):
        """Fields that decide what a confirmed parameter means."""
        return {"code", "country_id", "customer_kind", "date_from", "value_type", "currency_id", "value", "tier_ids"}

    def _check_unlocked(self, field_names):
        """A confirmed value is not changed on the quiet: it is taken back first, which everybody can see."""
        if self.env.su:  # data files and demo data
            return
        confirmed = self.filtered(lambda p: p.state == "confirmed")
        if confirmed and self._get_locked_fields() & set(field_names):
            raise UserError(
                self.env._(
                    "%(name)s is confirmed and may have been used in letters. "
                    "Take the confirmation back before you change it, or end its period and add a new one.",
                    name=confirmed[0].display_name,
                )
            )

    # --- CRUD ---

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("state") == "confirmed":
                vals.setdefault("confirmed_by_id", self.env.uid)
                vals.setdefault("confirmed_on", fields.Datetime.now())
        parameters = super().create(vals_list)
        self.env.registry.clear_cache()
        return parameters

    def write(self, vals):
        self._check_unlocked(vals)
        if vals.get("state") == "confirmed":
            vals = {"confirmed_by_id": self.env.uid, "confirmed_on": fields.Datetime.now()} | vals
        elif vals.get("state") == "to_confirm":
            vals = {"confirmed_by_id": False, "confirmed_on": False} | vals
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    def copy_data(self, default=None):
        """A copy is the next period: two records may not start on the same day."""
        default = dict(default or {})
        vals_list = super().copy_data(default)
        for parameter, vals in zip(self, vals_list, strict=True):
            if "date_from" not in default:
                vals.update(parameter._prepare_next_period_vals())
        return vals_list

    # --- ACTIONS ---

    def action_confirm(self):
        """Confirm the values: from now on they are used to compute. A source is needed."""
        open_ones = self.filtered(lambda p: p.state == "to_confirm")
        for parameter in open_ones:
            if not (parameter.source or "").strip():
                raise UserError(
                    self.env._(
                        "Name the source of %(name)s (law and article, gazette or official page), then confirm it.",
                        name=parameter.display_name,
                    )
                )
        open_ones.write({"state": "confirmed"})
        open_ones.activity_feedback(
            ["commercial_assistant.mail_activity_type_legal_parameter"],
            feedback=self.env._("Confirmed with its source."),
        )
        return True

    def action_reopen(self):
        """Take the confirmation back: nothing is computed with these values until they are confirmed again."""
        self.filtered(lambda p: p.state == "confirmed").write({"state": "to_confirm"})
        return True

    def action_propose_next(self):
        """Create the next period of this parameter, to be confirmed."""
        proposed = self._propose_next()
        return proposed._get_records_action(name=self.env._("Next period"))

    def action_open_history(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.legal_parameter_action")
        action.update(
            name=self.env._("History of %(code)s", code=self.code),
            domain=[("code", "=", self.code)],
            context={},
        )
        return action

    # --- PERIODS ---

    def _get_latest(self):
        """Return the last period of the same figure for each record."""
        latest = self.browse()
        for parameter in self:
            latest |= self.search(
                [
                    ("code", "=", parameter.code),
                    ("country_id", "=", parameter.country_id.id),
                    ("customer_kind", "=", parameter.customer_kind),
                ],
                order="date_from desc",
                limit=1,
            )
        return latest

    def _get_period_months(self):
        """Return 6 or 12 for a figure that is fixed by the half-year or year, else 0."""
        self.ensure_one()
        if not self.date_to:
            return 0
        if (self.date_to + timedelta(days=1)).day != 1:
            return 0
        months = (self.date_to.year - self.date_from.year) * 12 + self.date_to.month - self.date_from.month + 1
        # a first period can be shorter (9.0 % from 16 March 2013)
        return 6 if months <= 6 else 12 if months <= 12 else 0

    def _prepare_next_period_vals(self):
        """Return first and last day of the period after this one."""
        self.ensure_one()
        if not self.date_to:
            raise UserError(
                self.env._("%(name)s has no last day. Set it before the next period is added.", name=self.display_name)
            )
        date_from = self.date_to + timedelta(days=1)
        months = self._get_period_months()
        return {
            "date_from": date_from,
            "date_to": date_from + relativedelta(months=months, days=-1) if months else False,
        }

    def _propose_next(self):
        """Create the period after the latest one of each figure with its value as a proposal."""
        proposed = self.browse()
        for latest in self._get_latest():
            vals = latest._prepare_next_period_vals()
            vals.update(
                source=False,
                derivation=self.env._(
                    "Taken over from %(period)s (%(value)s) as a starting point only. Look up the figure published for "
                    "this period, correct it if needed, and name the source.",
                    period=self._format_period(latest.date_from, latest.date_to),
                    value=latest.value_text or "",
                ),
            )
            proposed |= latest.copy(vals)
        return proposed

    # --- LOOK-UP ---

    @api.model
    @tools.ormcache("code")
    def _get_periods(self, code):
        """Return the periods of a code; one query for the code, however often it is asked."""
        parameters_sudo = self.sudo().search([("code", "=", code)])  # figures of law are no secret
        return tuple(
            Period(
                id=parameter.id,
                country_id=parameter.country_id.id or 0,
                customer_kind=parameter.customer_kind or "",
                date_from=parameter.date_from,
                date_to=parameter.date_to or None,
                confirmed=parameter.state == "confirmed",
                value=parameter.value,
                tiers=tuple((tier.above, tier.base, tier.percent) for tier in parameter.tier_ids.sorted("above")),
            )
            for parameter in parameters_sudo
        )

    @api.model
    def _get_candidates(self, code, country=None, customer_kind=None):
        """Return the periods of a code that may apply, most specific first, as a list of groups."""
        groups = defaultdict(list)
        for period in self._get_periods(code):
            if country and period.country_id not in (0, country.id):
                continue
            if customer_kind and period.customer_kind not in ("", customer_kind):
                continue
            # without a country or kind in the question the general record is the specific answer
            country_rank = bool(period.country_id) if country else not period.country_id
            kind_rank = bool(period.customer_kind) if customer_kind else not period.customer_kind
            groups[country_rank, kind_rank].append(period)
        return [groups[rank] for rank in sorted(groups, reverse=True)]

    @api.model
    def _find_period(self, code, on, country=None, customer_kind=None):
        """Return the confirmed period of ``code`` that is valid ``on`` that day, or raise what is wrong."""
        for group in self._get_candidates(code, country, customer_kind):
            found = [period for period in group if period.confirmed and period.covers(on)]
            if len(found) > 1:
                raise LegalParameterError(
                    self.env._(
                        "The legal parameter %(name)s has several values on %(day)s: say for which country and kind of "
                        "customer it is needed.",
                        name=self._get_code_name(code, country),
                        day=tools.format_date(self.env, on),
                    ),
                    code=code,
                    on=on,
                    country=country,
                )
            if found:
                return found[0]
        self._ensure_task_afterwards(code, on, country, customer_kind)
        raise self._prepare_error(code, on, country, customer_kind)

    @api.model
    def _get(self, code, on, country=None, customer_kind=None):
        """Return the confirmed parameter valid on that day, most specific first.

        :param str code: for example ``be_late_rate``
        :param date on: the day asked
        :param country: ``res.country`` record, or None for the figure that needs no country
        :param str customer_kind: consumer, business, public, or None
        :raise LegalParameterError: nothing confirmed is valid on that day
        """
        return self.browse(self._find_period(code, on, country, customer_kind).id)

    @api.model
    def _value(self, code, on, country=None, customer_kind=None):
        """Return the confirmed number valid on that day."""
        return self._find_period(code, on, country, customer_kind).value

    @api.model
    def _tiers(self, code, on, country=None, customer_kind=None):
        """Return the confirmed tiers valid on that day as ``[(above, base, percent)]``."""
        return list(self._find_period(code, on, country, customer_kind).tiers)

    @api.model
    def _rates(self, code, start, end, country=None, customer_kind=None):
        """Return ``[(valid_from, percent)]`` that covers every day from ``start`` to ``end``."""
        rates, day = [], start
        while day <= end:
            period = self._find_period(code, day, country, customer_kind)
            rates.append((period.date_from, period.value))
            if period.date_to is None:
                break
            day = period.date_to + timedelta(days=1)
        return rates

    # --- MISSING VALUES ---

    @api.model
    def _get_code_name(self, code, country=None):
        """Return name, code and country of a parameter for a message."""
        known = self.sudo().search([("code", "=", code)], order="date_from desc", limit=1)
        parts = [known.name or "", code, country.name if country else ""]
        return " · ".join(part for part in parts if part)

    @api.model
    def _describe_missing(self, code, on):
        """Return name, code and period of a figure that was asked for in vain, in the language of the reader."""
        prefix, _separator, _rest = code.partition("_")
        country = self.env.ref(f"base.{prefix}", raise_if_not_found=False) if len(prefix) == 2 else None
        waiting = self._find_unconfirmed(code, on, country)
        period = (waiting.date_from, waiting.date_to) if waiting else self._get_half_year(on)
        return self.env._("%(name)s, %(period)s", name=self._get_code_name(code), period=self._format_period(*period))

    @api.model
    def _find_unconfirmed(self, code, on, country=None, customer_kind=None):
        """Return the record that waits for its confirmation, as a superuser record."""
        for group in self._get_candidates(code, country, customer_kind):
            for period in group:
                if not period.confirmed and period.covers(on):
                    return self.sudo().browse(period.id)
        return self.sudo().browse()

    @api.model
    def _prepare_error(self, code, on, country=None, customer_kind=None):
        """Return the error that names parameter, period, state and remedy."""
        waiting = self._find_unconfirmed(code, on, country, customer_kind)
        name = self._get_code_name(code, country)
        if waiting:
            message = self.env._(
                "The legal parameter %(name)s is not confirmed for %(period)s, so nothing is computed with it. "
                "A team lead has the task to check the proposed value and confirm it with its source "
                "(Configuration > Legal parameters).",
                name=name,
                period=self._format_period(waiting.date_from, waiting.date_to),
            )
        else:
            half_year = self._format_period(*self._get_half_year(on))
            message = self.env._(
                "The legal parameter %(name)s has no value for %(day)s (%(period)s), so nothing is computed "
                "with it. A team lead has the task to enter it with its source (Configuration > Legal parameters).",
                name=name,
                day=tools.format_date(self.env, on),
                period=half_year,
            )
        return LegalParameterError(message, code=code, on=on, country=country)

    @api.model
    def _ensure_task_afterwards(self, code, on, country=None, customer_kind=None):
        """Make the task also when the error undoes the transaction, in a transaction of its own."""
        cr = self.env.cr
        if modules.module.current_test or not self.env.registry.ready:
            return  # a test has one transaction; an installation makes its tasks by the daily job
        key = (code, on, country.id if country else False, customer_kind, self.env.company.id)
        if pending := cr.postrollback.data.get("commercial_assistant.legal_parameter_tasks"):
            pending.add(key)
            return
        pending = cr.postrollback.data["commercial_assistant.legal_parameter_tasks"] = {key}
        create_tasks = partial(self._ensure_tasks_in_own_transaction, self.env.registry, pending)
        cr.postrollback.add(create_tasks)
        cr.postcommit.add(create_tasks)

    @staticmethod
    def _ensure_tasks_in_own_transaction(registry, pending):
        for code, on, country_id, customer_kind, company_id in pending:
            try:
                with registry.cursor() as cr:
                    env = api.Environment(cr, SUPERUSER_ID, {"allowed_company_ids": [company_id]})
                    country = env["res.country"].browse(country_id or ())
                    env["commercial.legal.parameter"]._ensure_task(code, on, country, customer_kind)
            except (DatabaseError, UserError):
                # somebody else is making the same task, or the data moved on: the daily job looks again
                _logger.info("No task made for the legal parameter %s on %s", code, on, exc_info=True)

    @api.model
    def _ensure_task(self, code, on, country=None, customer_kind=None):
        """Make, once, the task of a team lead to supply or confirm the value; for callers that go on without it.

        :return: the parameter that waits (a new one to be confirmed when there is none), empty when all is well
        """
        for group in self._get_candidates(code, country, customer_kind):
            if any(period.confirmed and period.covers(on) for period in group):
                return self.browse()
        waiting_sudo = self._find_unconfirmed(code, on, country, customer_kind)
        if not waiting_sudo:
            vals = self._prepare_missing_vals(code, on, country, customer_kind)
            # whoever needed the value may not keep the figures; the record computes nothing until a team lead confirms
            waiting_sudo = self.sudo().with_context(lang=None).create(vals)
        waiting_sudo._schedule_task()
        return self.browse(waiting_sudo.id)

    @api.model
    def _prepare_missing_vals(self, code, on, country=None, customer_kind=None):
        """Return the values of the record that stands for a missing one."""
        groups = self._get_candidates(code, country, customer_kind)
        siblings = self.sudo().browse(period.id for period in groups[0]) if groups else self.sudo().browse()
        before = siblings.filtered(lambda p: p.date_from < on).sorted("date_from")[-1:]
        after = siblings.filtered(lambda p: p.date_from > on).sorted("date_from")[:1]
        like = before or after
        months = like._get_period_months() if like else 6 if code.endswith("_rate") else 0
        if months == 6:
            date_from, date_to = self._get_half_year(on)
        else:
            date_from, date_to = date(on.year, 1, 1), date(on.year, 12, 31) if months else False
        if before.date_to:
            date_from = max(date_from, before.date_to + timedelta(days=1))
        if after:
            date_to = min(date_to or after.date_from, after.date_from - timedelta(days=1))
        rate = code.endswith("_rate")
        return {
            "code": code,
            "name": like.name or code,
            "country_id": (like.country_id or country or self.env["res.country"]).id,
            "customer_kind": like.customer_kind or False,
            "value_type": like.value_type or ("percent" if rate else "number"),
            "currency_id": like.currency_id.id or self._default_currency_id().id,
            "date_from": date_from,
            "date_to": date_to,
            "derivation": self.env._("Asked for, but not known. Look up the figure and its source, then confirm it."),
        }

    def _schedule_task(self):
        """Give each record that waits one open task for the person who keeps the figures."""
        activity_type = self.env.ref(
            "commercial_assistant.mail_activity_type_legal_parameter", raise_if_not_found=False
        )
        if not activity_type:
            return
        waiting_sudo = self.sudo().filtered(lambda p: p.state == "to_confirm")
        user = self._get_responsible()
        for parameter in waiting_sudo:
            if parameter.activity_ids.filtered(lambda a: a.activity_type_id == activity_type):
                continue
            translated = parameter.with_context(lang=user.lang or None)
            parameter.with_context(mail_activity_quick_update=True).activity_schedule(
                activity_type_id=activity_type.id,
                user_id=user.id,
                summary=translated.env._("Confirm %(name)s", name=translated.display_name),
                note=tools.plaintext2html(translated.derivation or translated.note or ""),
            )

    @api.model
    def _get_responsible(self):
        """Return who keeps the figures in this company: the one of the settings, else a team lead."""
        company = self.env.company
        keeper = company.sudo().commercial_legal_responsible_id
        if keeper.active and company in keeper.company_ids:
            return keeper
        team_leads = self.env.ref("commercial_assistant.group_team_lead").sudo().all_user_ids
        team_leads = team_leads.filtered(lambda u: u.active and company in u.company_ids and u.id != SUPERUSER_ID)
        administrator = self.env.ref("commercial_assistant.group_administrator")
        plain = team_leads.filtered(lambda u: administrator not in u.all_group_ids)
        return (plain or team_leads).sorted("id")[:1] or self.env.ref("base.user_admin")

    # --- CRON ---

    @api.model
    def _get_task_countries(self):
        """Countries of which the figures are watched: those of our companies."""
        companies = self.env["res.company"].sudo().search([("active", "=", True)])
        return companies.country_id | companies.account_fiscal_country_id

    @api.model
    def _cron_keep_tasks(self, days_ahead=14):
        """Open the periods that start soon and keep one task for every value that waits and is needed by then."""
        horizon = fields.Date.context_today(self) + timedelta(days=days_ahead)
        countries = Domain("country_id", "in", [False, *self._get_task_countries().ids])
        known = self.search(countries, order="date_from")
        latest = {(p.code, p.country_id, p.customer_kind): p for p in known}
        for parameter in latest.values():
            current = parameter
            while current.date_to and current.date_to < horizon and current._get_period_months():
                current = current._propose_next()
        self.search(
            countries & Domain("state", "=", "to_confirm") & Domain("date_from", "<=", horizon)
        )._schedule_task()


class CommercialLegalParameterTier(models.Model):
    _name = "commercial.legal.parameter.tier"
    _description = "Tier of a Legal Parameter"
    _order = "parameter_id, above, id"

    parameter_id = fields.Many2one(
        comodel_name="commercial.legal.parameter",
        required=True,
        index=True,
        ondelete="cascade",
    )
    currency_id = fields.Many2one(
        related="parameter_id.currency_id",
    )
    above = fields.Monetary(
        help="The tier holds for a balance above this amount.",
        aggregator=None,
    )
    base = fields.Monetary(
        help="Fixed part.",
        aggregator=None,
    )
    percent = fields.Float(
        digits=(16, 4),
        help="Percentage of the part of the balance above the limit.",
        aggregator=None,
    )

    _one_limit = models.UniqueIndex("(parameter_id, above)", "Two tiers start at the same amount.")

    def _format_tier(self):
        self.ensure_one()
        parameter = self.parameter_id
        return self.env._(
            "above %(above)s: %(base)s + %(percent)s %%",
            above=parameter._format_money(self.above),
            base=parameter._format_money(self.base),
            percent=parameter._format_number(self.percent),
        )

    def _log_change(self):
        """Tell the parameter's history about changed tiers: its own tracking does not see them."""
        for parameter in self.parameter_id:
            parameter._message_log(body=self.env._("Tiers: %(tiers)s", tiers=parameter.value_text or "-"))

    @api.model_create_multi
    def create(self, vals_list):
        parameters = self.env["commercial.legal.parameter"].browse(
            {vals["parameter_id"] for vals in vals_list if vals.get("parameter_id")}
        )
        parameters._check_unlocked(["tier_ids"])
        tiers = super().create(vals_list)
        self.env.registry.clear_cache()
        return tiers

    def write(self, vals):
        self.parameter_id._check_unlocked(["tier_ids"])
        result = super().write(vals)
        self.env.registry.clear_cache()
        self._log_change()
        return result

    def unlink(self):
        parameters = self.parameter_id
        parameters._check_unlocked(["tier_ids"])
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
