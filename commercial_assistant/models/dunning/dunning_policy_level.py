import re
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, is_html_empty

from ...tools import dunning as core
from ...tools.dunning_law import DURABLE_CHANNELS

LEVEL_KINDS = [
    ("courtesy", "Courtesy reminder"),
    ("reminder", "First reminder"),
    ("second_reminder", "Second reminder"),
    ("formal_notice", "Formal notice"),
    ("last_notice", "Last notice before hand-over"),
]
LETTER_CHANNELS = [
    ("email", "E-mail"),
    ("post", "Letter"),
    ("registered", "Registered letter"),
    ("sms", "Text message"),
    ("phone", "Phone call"),
]
# what may stand between braces in a text message
SMS_PLACEHOLDERS = ("company", "customer", "number", "amount", "deadline", "account", "reference", "phone")


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
    second_fallback_channel = fields.Selection(
        selection=LETTER_CHANNELS,
        help="Used when the customer can be reached neither by the first nor by the second channel.",
    )
    phone_activity_type_id = fields.Many2one(
        comodel_name="mail.activity.type",
        string="Kind of task for a call",
        ondelete="set null",
        domain="[('res_model', 'in', (False, 'commercial.receivable'))]",
        help="The task that the person responsible for the customer gets. Empty: a phone call.",
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
    sets_credit_hold = fields.Boolean(
        string="Sets a credit hold",
        help="When this letter is delivered, new orders of the customer wait for a release.",
    )
    proposes_handover = fields.Boolean(
        string="Proposes hand-over",
        help="When the time given in this letter is over, the invoices are proposed for collection by others.",
    )
    subject = fields.Char(required=True, translate=True)
    intro = fields.Html(
        string="Opening paragraphs",
        translate=True,
        help="Stands above the table of invoices. What the law asks for is printed by the letter itself.",
    )
    closing = fields.Html(string="Closing paragraphs", translate=True)
    sms_text = fields.Text(
        string="Text message",
        translate=True,
        help="Between braces stand: {company}, {customer}, {number} of the reminder, {amount}, {deadline}, {account}, "
        "{reference} and {phone}. Empty: a short standard text.",
    )

    _positive_days = models.Constraint(
        "CHECK (min_days_after_previous >= 0 AND payment_deadline_days >= 1)",
        "The customer gets at least one day to pay, and a letter does not leave before the previous one.",
    )
    _positive_cost = models.Constraint(
        "CHECK (cost_amount IS NULL OR cost_amount >= 0)", "A reminder cannot cost less than nothing."
    )

    # --- CONSTRAINTS ---

    @api.constrains("sms_text")
    def _check_sms_text(self):
        for level in self.filtered("sms_text"):
            unknown = set(re.findall(r"\{(.*?)\}", level.sms_text)) - set(SMS_PLACEHOLDERS)
            if unknown:
                raise ValidationError(
                    self.env._(
                        "%(level)s: the text message names %(unknown)s, but between braces may stand only %(names)s.",
                        level=level.name,
                        unknown=sorted(unknown),
                        names=list(SMS_PLACEHOLDERS),
                    )
                )

    # --- CRUD ---

    @api.model_create_multi
    def create(self, vals_list):
        levels = super().create(vals_list)
        levels.policy_id._changed_in_part()
        return levels

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys() <= {"name", "subject", "closing", "sms_text", "phone_activity_type_id"}:
            self.policy_id._changed_in_part()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = self.env["commercial.dunning.notice.line"].sudo().search([("level_id", "in", self.ids)], limit=1)
        if used:
            raise UserError(
                self.env._("Letters of the level %(level)s exist: archive it instead.", level=used.level_id.name)
            )
        self.policy_id._forget_next_dates()

    # --- BUSINESS ---

    def _find_impossible_settings(self, previous):
        """Texts of what cannot work in this level, given the active level before it."""
        self.ensure_one()
        problems = []
        if self.kind == "courtesy" and self.days_after_due > 0:
            problems.append(
                self.env._("%(level)s: a courtesy reminder leaves on the due date or before it.", level=self.name)
            )
        if self.kind != "courtesy" and self.days_after_due < 1:
            problems.append(
                self.env._(
                    "%(level)s: a payment is late from the day after the due date, so a reminder needs at least one "
                    "day.",
                    level=self.name,
                )
            )
        if previous:
            if self.days_after_due <= previous.days_after_due:
                problems.append(
                    self.env._(
                        "%(level)s needs more days after the due date than %(previous)s before it.",
                        level=self.name,
                        previous=previous.name,
                    )
                )
            if core.KIND_ORDER.index(self.kind) < core.KIND_ORDER.index(previous.kind):
                problems.append(
                    self.env._(
                        "%(level)s is milder than %(previous)s before it.", level=self.name, previous=previous.name
                    )
                )
            if previous.kind != "courtesy" and self.min_days_after_previous < 1:
                problems.append(
                    self.env._(
                        "%(level)s: give the customer at least one day after the previous letter.", level=self.name
                    )
                )
        if is_html_empty(self.intro):
            problems.append(self.env._("%(level)s has no opening paragraphs.", level=self.name))
        return problems + self._find_impossible_channels()

    def _get_channels(self):
        """Return the channels of this level in their order."""
        self.ensure_one()
        return [channel for channel in (self.channel, self.fallback_channel, self.second_fallback_channel) if channel]

    def _find_impossible_channels(self):
        problems, channels = [], self._get_channels()
        if self.fallback_channel == self.channel:
            problems.append(
                self.env._("%(level)s: the second channel must differ from the first one.", level=self.name)
            )
        elif len(set(channels)) < len(channels) or (self.second_fallback_channel and not self.fallback_channel):
            problems.append(self.env._("%(level)s: the third channel comes after two other ones.", level=self.name))
        if self.kind in ("formal_notice", "last_notice") and not DURABLE_CHANNELS.issuperset(channels):
            problems.append(
                self.env._(
                    "%(level)s: a notice that shall count in court is a letter or a mail, no text message and no call.",
                    level=self.name,
                )
            )
        return problems

    def _copy_translations_from(self, origin, languages):
        """Take over the texts of another level in languages where this one has none of its own."""
        self.ensure_one()
        present = self._get_languages()[self.id]
        given = origin._get_languages()[origin.id]
        for lang in languages:
            if lang in present or lang not in given:
                continue
            if self.with_context(lang="en_US").intro != origin.with_context(lang="en_US").intro:
                continue
            translated = origin.with_context(lang=lang)
            for name in ("name", "subject"):
                self.update_field_translations(name, {lang: translated[name]})
            # term by term: written as a whole, such a text would replace the English one
            for name in ("intro", "closing"):
                terms, _context = origin.get_field_translations(name, [lang])
                self.update_field_translations(name, {lang: {term["source"]: term["value"] for term in terms}})

    def _get_languages(self):
        """Return ``{level id: languages in which subject and opening exist}``.

        A text without a translation would silently appear in English, so the stored translations themselves are read.
        """
        self.flush_model(["subject", "intro"])
        active = [code for code, _name in self.env["res.lang"].get_installed()]
        rows = self.env.execute_query_dict(
            SQL(
                "SELECT id, subject, intro FROM commercial_dunning_policy_level WHERE id = ANY(%s)",
                self.ids,
            )
        )
        languages = {}
        for row in rows:
            subject, intro = row["subject"] or {}, row["intro"] or {}
            languages[row["id"]] = frozenset(
                code
                for code in active
                if all(texts.get(code) or (code.startswith("en_") and texts.get("en_US")) for texts in (subject, intro))
            )
        return languages

    def _prepare_core_level(self, languages):
        """Return this level as the decision needs it."""
        self.ensure_one()
        return core.Level(
            id=self.id,
            sequence=self.sequence,
            kind=self.kind,
            days_after_due=self.days_after_due,
            min_days_after_previous=self.min_days_after_previous,
            payment_deadline_days=self.payment_deadline_days,
            channel=self.channel,
            fallback_channel=self.fallback_channel or None,
            second_fallback_channel=self.second_fallback_channel or None,
            automatic=self.approval == "automatic",
            charge_interest=self.charge_interest,
            charge_indemnity=self.charge_indemnity,
            charge_fixed=self.charge_fixed,
            cost=Decimal(str(self.cost_amount or 0)),
            languages=languages[self.id],
        )
