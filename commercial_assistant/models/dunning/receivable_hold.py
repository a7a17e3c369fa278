from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, format_date

from .payment_promise import MEMORY_DAYS

# what stops all reminders of a customer until a person releases it
HOLD_KINDS = [
    ("agreed", "Agreed with the customer"),
    ("instalments", "Asks to pay in instalments"),
    ("mediation", "Amicable debt mediation"),
    ("collective", "Collective debt settlement"),
    ("insolvency", "Insolvency"),
    ("death", "Death"),
    ("other", "Other reason"),
]
RELEASED_BY_HAND = ("instalments", "mediation", "collective", "insolvency", "death")


class Receivable(models.Model):
    _inherit = "commercial.receivable"

    hold_kind = fields.Selection(
        selection=HOLD_KINDS,
        string="Kind of stop",
        copy=False,
        tracking=True,
        help="Reminders stop without a last day while a customer is in debt mediation, a collective debt settlement or "
        "insolvency, has died, or waits for an answer about instalments. A person releases them, with a reason.",
    )
    is_hold_manual = fields.Boolean(compute="_compute_is_hold_manual")
    hold_release_reason = fields.Char(string="Why released", readonly=True, copy=False)
    hold_released_on = fields.Date(string="Released on", readonly=True, copy=False)
    hold_released_by_id = fields.Many2one(
        comodel_name="res.users", string="Released by", readonly=True, copy=False, ondelete="set null"
    )
    dispute_ids = fields.One2many(
        comodel_name="commercial.dispute", inverse_name="receivable_id", string="Disputes", readonly=True
    )
    promise_ids = fields.One2many(
        comodel_name="commercial.payment.promise", inverse_name="receivable_id", string="Promises", readonly=True
    )
    dispute_count = fields.Integer(string="Open disputes", compute="_compute_dispute_count")
    promise_count = fields.Integer(string="Open promises", compute="_compute_promise_count")

    # --- COMPUTE ---

    @api.depends("hold_kind", "is_excluded")
    def _compute_is_hold_manual(self):
        for receivable in self:
            receivable.is_hold_manual = receivable.is_excluded and receivable.hold_kind in RELEASED_BY_HAND

    @api.depends("dispute_ids.state")
    def _compute_dispute_count(self):
        counts = dict(
            self.env["commercial.dispute"]._read_group(
                [("receivable_id", "in", self.ids), ("state", "in", ("new", "investigation"))],
                ["receivable_id"],
                ["__count"],
            )
        )
        for receivable in self:
            receivable.dispute_count = counts.get(receivable, 0)

    @api.depends("promise_ids.state")
    def _compute_promise_count(self):
        counts = dict(
            self.env["commercial.payment.promise"]._read_group(
                [("receivable_id", "in", self.ids), ("state", "=", "open")], ["receivable_id"], ["__count"]
            )
        )
        for receivable in self:
            receivable.promise_count = counts.get(receivable, 0)

    # --- CONSTRAINTS ---

    @api.constrains("is_excluded", "hold_kind", "excluded_until")
    def _check_hold_kind(self):
        for receivable in self:
            if receivable.is_hold_manual and receivable.excluded_until:
                kinds = dict(self._fields["hold_kind"]._description_selection(self.env))
                raise ValidationError(
                    self.env._(
                        "%(kind)s stops the reminders of %(customer)s until a person releases them: leave the last day "
                        "empty.",
                        kind=kinds[receivable.hold_kind],
                        customer=receivable.partner_id.display_name,
                    )
                )

    # --- CRUD ---

    def write(self, vals):
        if self._loosens_stop(vals):
            self._check_release(vals)
        if "is_excluded" in vals and not vals["is_excluded"]:
            vals = {**vals, "hold_kind": False}
        stopped = self.filtered(lambda receivable: not receivable.is_excluded) if vals.get("is_excluded") else self[:0]
        result = super().write(vals)
        if stopped:
            self.env["commercial.dunning.notice"]._reconsider(stopped)
        return result

    @api.model
    def _loosens_stop(self, vals):
        """Whether these values let reminders go on, or turn the stop into one that ends by itself."""
        return ("is_excluded" in vals and not vals["is_excluded"]) or (
            "hold_kind" in vals and vals["hold_kind"] not in RELEASED_BY_HAND
        )

    def _check_release(self, vals):
        """What a person has to release needs a reason, whoever writes it."""
        for receivable in self:
            if receivable.is_hold_manual and not (vals.get("hold_release_reason") or "").strip():
                raise UserError(
                    self.env._(
                        "The reminders of %(customer)s are stopped: release them with a reason.",
                        customer=receivable.partner_id.display_name,
                    )
                )

    # --- ACTIONS ---

    def action_hold(self):
        """Ask why all reminders of these customers stop."""
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.receivable_exclude_action")
        action["context"] = {"active_model": self._name, "active_ids": self.ids}
        return action

    def action_release(self):
        """Ask why reminders go on."""
        if not any(receivable.is_excluded for receivable in self):
            raise UserError(self.env._("The reminders of these customers are not stopped."))
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.receivable_release_action")
        action["context"] = {"default_receivable_ids": self.filtered("is_excluded").ids}
        return action

    def _release(self, reason):
        """Let the reminders go on, with a reason that stays in the file."""
        self.check_access("write")
        kinds = dict(self._fields["hold_kind"]._description_selection(self.env))
        for receivable in self.filtered("is_excluded"):
            kind, why = receivable.hold_kind, receivable.exclusion_reason
            receivable.write(
                {
                    "is_excluded": False,
                    "excluded_until": False,
                    "exclusion_reason": False,
                    "hold_release_reason": reason,
                    "hold_released_on": fields.Date.context_today(self),
                    "hold_released_by_id": self.env.uid,
                }
            )
            receivable._message_log(
                body=self.env._(
                    "Reminders released on %(day)s: %(reason)s. They were stopped: %(kind)s (%(why)s).",
                    day=format_date(self.env, receivable.hold_released_on),
                    reason=reason,
                    kind=kinds.get(kind) or self.env._("No reminders"),
                    why=why or "-",
                )
            )

    def action_register_dispute(self):
        """Register a dispute about open items of this customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.dispute_register_action")
        action["context"] = {"default_receivable_id": self.id}
        return action

    def action_register_promise(self):
        """Register a promise of this customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.payment_promise_register_action")
        action["context"] = {"default_receivable_id": self.id}
        return action

    def action_open_disputes(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.dispute_action")
        action["domain"] = [("receivable_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_open_promises(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.payment_promise_action")
        action["domain"] = [("receivable_id", "=", self.id)]
        action["context"] = {}
        return action

    # --- BUSINESS ---

    @api.model
    def _refresh_items(self, company, partner_ids=None):
        """Promises and credit notes of disputes follow the same payments."""
        result = super()._refresh_items(company, partner_ids)
        self.env["commercial.dispute"]._follow_accounting(company, partner_ids)
        self.env["commercial.payment.promise"]._follow_accounting(company, partner_ids)
        return result

    def _find_policy(self):
        """Return the policy a run of today would choose for this customer, empty when none fits."""
        self.ensure_one()
        company = self.company_id
        Run = self.env["commercial.dunning.run"].sudo().with_company(company)
        run = Run.new({"company_id": company.id, "date": fields.Date.context_today(self)})
        letter = self.env["commercial.dunning.notice"].sudo().with_company(company)
        letter = letter.new(
            {
                "company_id": company.id,
                "receivable_id": self.id,
                "partner_id": self.partner_id.id,
                "contact_id": self.partner_id.id,
                "policy_id": self.policy_id.id,
            }
        )
        [customer] = run._load_customers([letter._prepare_customer_row()], run._prepare_toolbox(), item_ids=[])
        return self.env["commercial.dunning.policy"].sudo().browse(customer.policy.id if customer.policy else None)

    def _may_promise_hold(self):
        """Whether a new promise of this customer still stops reminders, after those that were broken."""
        self.ensure_one()
        limit = self._find_policy().promise_limit
        return not limit or self._count_broken_promises() < limit

    def _count_broken_promises(self):
        """Return how many promises were broken in the last year."""
        self.ensure_one()
        since = fields.Date.subtract(fields.Date.context_today(self), days=MEMORY_DAYS)
        return (
            self.env["commercial.payment.promise"]
            .sudo()
            .search_count([("receivable_id", "=", self.id), ("state", "=", "broken"), ("hold_until", ">=", since)])
        )

    def _move_to(self, survivor):
        """Disputes and promises go along with the account."""
        self.env.flush_all()
        for table in ("commercial_dispute", "commercial_payment_promise"):
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET receivable_id = %s, partner_id = %s WHERE receivable_id = %s",
                    SQL.identifier(table),
                    survivor.id,
                    survivor.partner_id.id,
                    self.id,
                )
            )
        return super()._move_to(survivor)
