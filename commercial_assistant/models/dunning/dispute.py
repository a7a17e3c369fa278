import math
from collections import defaultdict
from decimal import Decimal

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date, formatLang

from ...tools import dunning as core
from ...tools.holds import ZERO, pending_credit, unheld
from ...tools.working_days import COUNTRIES, add_working_days
from .dunning_run import to_decimal

ACTIVE_STATES = ("new", "investigation")
SOURCES = [
    ("assistant", "Phone or visit"),
    ("mail", "E-mail or letter"),
    ("portal", "Customer portal"),
    ("complaint", "Complaint"),
]
OUTCOMES = [
    ("upheld", "The customer is right"),
    ("partly", "Right in part"),
    ("rejected", "Not accepted"),
]
ACTIVITY_ANSWER = "commercial_assistant.mail_activity_type_dispute"
ACTIVITY_CREDIT = "commercial_assistant.mail_activity_type_dispute_credit"
LONGEST_TEXT = 4000


class Dispute(models.Model):
    """A customer does not agree with (a part of) one or several invoices: that part is not reminded meanwhile."""

    _name = "commercial.dispute"
    _description = "Dispute"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "commercial.customer.letter.mixin",
        "commercial.receivable.record.mixin",
    ]
    _order = "opened_on desc, id desc"
    _check_company_auto = True
    _mail_post_access = "read"
    _rec_names_search = ["name", "partner_id"]

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/")
    contact_id = fields.Many2one(
        comodel_name="res.partner",
        index="btree_not_null",
        domain="[('id', 'child_of', partner_id)]",
        tracking=True,
        ondelete="restrict",
        help="Who disputes, and gets the answer. Empty: the contact reminders go to.",
    )
    reason_id = fields.Many2one(
        comodel_name="commercial.dispute.reason",
        required=True,
        index=True,
        tracking=True,
        ondelete="restrict",
    )
    reason_hint = fields.Text(related="reason_id.hint")
    description = fields.Text(
        string="What the customer says",
        help="In the words of the customer; it stands in the acknowledgment. A stated and reasoned dispute suspends "
        "the reminders of its amount.",
    )
    findings = fields.Text(string="What we found", help="For the file; the customer does not see it.")
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Owner",
        index="btree_not_null",
        tracking=True,
        domain=[("share", "=", False)],
        help="Finds out who is right.",
    )
    source = fields.Selection(selection=SOURCES, required=True, readonly=True, default="assistant")
    opened_on = fields.Date(required=True, readonly=True, copy=False, default=fields.Date.context_today)
    deadline = fields.Date(
        compute="_compute_deadline",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        tracking=True,
        help="Last day of the answer, counted in working days from the reason.",
    )
    state = fields.Selection(
        selection=[
            ("new", "New"),
            ("investigation", "Under investigation"),
            ("settled", "Settled"),
            ("withdrawn", "Withdrawn"),
        ],
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        default="new",
    )
    outcome = fields.Selection(selection=OUTCOMES, readonly=True, copy=False, tracking=True)
    currency_id = fields.Many2one(comodel_name="res.currency", required=True, readonly=True)
    line_ids = fields.One2many(
        comodel_name="commercial.dispute.line",
        inverse_name="dispute_id",
        string="Disputed items",
        readonly=True,
        copy=False,
    )
    amount = fields.Monetary(string="Disputed", compute="_compute_amounts", store=True)
    accepted_amount = fields.Monetary(
        string="Accepted",
        compute="_compute_amounts",
        store=True,
        help="What the customer does not have to pay.",
    )
    credit_pending = fields.Monetary(
        string="Still to credit",
        compute="_compute_credit_pending",
        help="Accepted, but not covered by a credit note yet. It stays out of the reminders until it is.",
    )
    is_credit_done = fields.Boolean(
        string="Nothing more to credit",
        readonly=True,
        copy=False,
        help="Credit notes cover what was accepted, or a collector has closed the matter.",
    )
    credit_move_ids = fields.One2many(
        comodel_name="account.move",
        inverse_name="dispute_id",
        string="Credit notes",
        readonly=True,
    )
    credit_count = fields.Integer(string="Credit note count", compute="_compute_credit_count")
    answer = fields.Text(readonly=True, copy=False, help="What the customer was told.")
    acknowledged_on = fields.Date(readonly=True, copy=False)
    answered_on = fields.Date(readonly=True, copy=False)
    closed_on = fields.Date(readonly=True, copy=False)
    settled_by_id = fields.Many2one(comodel_name="res.users", string="Settled by", readonly=True, copy=False)
    cycle_days = fields.Integer(
        string="Days to settle",
        compute="_compute_cycle_days",
        store=True,
        aggregator="avg",
    )
    round = fields.Integer(
        readonly=True, copy=False, default=1, aggregator=None, help="Grows when the dispute is opened again."
    )
    entry_mark = fields.Integer(
        readonly=True,
        copy=False,
        aggregator=None,
        help="The last journal item that existed when the dispute was opened: only later credit notes count for it.",
    )
    is_late = fields.Boolean(string="Late", compute="_compute_is_late", search="_search_is_late")
    dispatch_ids = fields.One2many(string="Letters")

    _active = models.Index("(receivable_id) WHERE state IN ('new', 'investigation')")
    _credit_to_do = models.Index("(receivable_id) WHERE state = 'settled' AND is_credit_done IS NOT TRUE")

    # --- COMPUTE ---

    @api.depends("reason_id", "opened_on", "company_id")
    def _compute_deadline(self):
        for dispute in self:
            code = dispute.company_id.sudo().country_id.code
            country = code if code in COUNTRIES else "BE"
            days = dispute.reason_id.sla_days
            dispute.deadline = dispute.opened_on and add_working_days(dispute.opened_on, days, country)

    @api.depends("line_ids.amount", "line_ids.accepted_amount")
    def _compute_amounts(self):
        for dispute in self:
            dispute.amount = sum(dispute.line_ids.mapped("amount"))
            dispute.accepted_amount = sum(dispute.line_ids.mapped("accepted_amount"))

    @api.depends("state", "line_ids.accepted_amount", "is_credit_done", "credit_move_ids.state")
    def _compute_credit_pending(self):
        waiting = self.filtered(lambda dispute: dispute.state == "settled" and not dispute.is_credit_done)
        pending = self._fetch_pending_credits(waiting.line_ids.filtered("accepted_amount").ids)
        for dispute in self:
            dispute.credit_pending = float(sum((pending.get(line_id, ZERO) for line_id in dispute.line_ids.ids), ZERO))

    @api.depends("credit_move_ids")
    def _compute_credit_count(self):
        # that there is a credit note may be known to whoever sees the dispute
        moves_sudo = self.env["account.move"].sudo()
        counts = dict(moves_sudo._read_group([("dispute_id", "in", self.ids)], ["dispute_id"], ["__count"]))
        for dispute in self:
            dispute.credit_count = counts.get(dispute, 0)

    @api.depends("opened_on", "closed_on")
    def _compute_cycle_days(self):
        for dispute in self:
            dispute.cycle_days = (dispute.closed_on - dispute.opened_on).days if dispute.closed_on else False

    @api.depends("state", "deadline")
    @api.depends_context("tz")
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for dispute in self:
            dispute.is_late = dispute.state in ACTIVE_STATES and bool(dispute.deadline) and dispute.deadline < today

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("state", "in", ACTIVE_STATES) & Domain("deadline", "<", fields.Date.context_today(self))

    # --- CONSTRAINTS ---

    @api.constrains("contact_id", "receivable_id")
    def _check_contact(self):
        for dispute in self.filtered("contact_id"):
            if dispute.contact_id.commercial_partner_id != dispute.partner_id.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is not a contact of %(customer)s.",
                        contact=dispute.contact_id.display_name,
                        customer=dispute.partner_id.display_name,
                    )
                )

    # --- CRUD ---

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("A dispute is registered from the customer, the invoice or the open item."))
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                sequence = self.env["ir.sequence"].with_company(vals.get("company_id") or self.env.company.id)
                vals["name"] = sequence.next_by_code("commercial.dispute") or "/"
        return super().create(vals_list)

    @api.model
    def _get_writable_fields(self):
        """What a person may change while a dispute is looked into; the rest follows the buttons."""
        return {"contact_id", "deadline", "description", "findings", "reason_id", "user_id"}

    def write(self, vals):
        if not self.env.su:
            free = {"activity_ids", "message_follower_ids", "message_ids", "message_main_attachment_id"}
            if not (self._get_writable_fields() | free).issuperset(vals):
                raise AccessError(self.env._("The state of a dispute follows its buttons."))
            if vals.keys() - free - {"findings"} and any(dispute.state not in ACTIVE_STATES for dispute in self):
                raise UserError(self.env._("A closed dispute is not changed any more. Open it again first."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_never(self):
        raise UserError(self.env._("A dispute is withdrawn, never deleted."))

    def copy_data(self, default=None):
        raise UserError(self.env._("A dispute is not duplicated: register a new one."))

    # --- REGISTERING ---

    @api.model
    def _check_may_register(self):
        """The desk and collectors take disputes down; the view alone is no guard."""
        user = self.env.user
        if not (
            self.env.su
            or user.has_group("commercial_assistant.group_assistant")
            or user.has_group("commercial_assistant.group_collector")
        ):
            raise AccessError(self.env._("Disputes are registered by the commercial desk and by collectors."))

    @api.model
    def _take_down(self, items, reason, amounts=None, acknowledge=False, **values):
        """Register a dispute about open items of one customer.

        :param items: the disputed open items
        :param reason: the reason, a record
        :param dict amounts: disputed amount by item id, in the currency of the item; default what is open of it
        :param bool acknowledge: whether the customer gets an acknowledgment
        :param values: ``description``, ``source``, ``contact_id``, ``user_id``, ``opened_on``
        :raise UserError: when an item cannot be disputed (any more), with its name
        """
        self._check_may_register()
        items.check_access("read")
        # a dispute is written by its own rules; the right to read the items was checked
        items_sudo = items.sudo()
        receivable_sudo = self._check_items(items_sudo)
        self.env["commercial.receivable"].sudo()._refresh_items(
            receivable_sudo.company_id, receivable_sudo.partner_id.ids
        )
        items_sudo.lock_for_update(allow_referencing=True)
        vals = self._prepare_register_vals(receivable_sudo, items_sudo, reason, amounts or {}, values)
        dispute_sudo = self.sudo().with_company(receivable_sudo.company_id).create(vals)
        dispute_sudo._schedule_answer()
        receivable_sudo._message_log(
            body=self.env._(
                "%(dispute)s: %(amount)s disputed (%(reason)s).",
                dispute=dispute_sudo._get_html_link(),
                amount=formatLang(self.env, dispute_sudo.amount, currency_obj=dispute_sudo.currency_id),
                reason=reason.name,
            )
        )
        self.env["commercial.dunning.notice"]._reconsider(receivable_sudo)
        if acknowledge:
            dispute_sudo._send_customer_letter("acknowledgment")
        return dispute_sudo.sudo(self.env.su)

    @api.model
    def _check_items(self, items):
        """Return the customer account of items that can stand in one dispute."""
        if not items:
            raise UserError(self.env._("Choose at least one invoice."))
        if len(items.company_id) > 1:
            raise UserError(self.env._("The invoices belong to several companies: register one dispute for each."))
        if len(items.receivable_id) > 1:
            raise UserError(
                self.env._(
                    "The invoices belong to several customers (%(customers)s): register one dispute for each.",
                    customers=items.partner_id.mapped("display_name"),
                )
            )
        if len(items.currency_id) > 1:
            raise UserError(
                self.env._(
                    "The invoices are in several currencies (%(currencies)s): register one dispute for each.",
                    currencies=items.currency_id.mapped("name"),
                )
            )
        return items.receivable_id

    @api.model
    def _prepare_register_vals(self, receivable, items, reason, amounts, values):
        user = values.pop("user_id", False) or reason.sudo()._find_owner(receivable, items.move_id)
        return {
            "company_id": receivable.company_id.id,
            "receivable_id": receivable.id,
            "reason_id": reason.id,
            "user_id": user.id,
            "currency_id": items.currency_id.id,
            "opened_on": fields.Date.context_today(self),
            "entry_mark": self._get_entry_mark(),
            "line_ids": [
                Command.create({"item_id": item.id, "amount": amount})
                for item, amount in self._check_amounts(items, amounts).items()
            ],
            **values,
        }

    @api.model
    def _get_entry_mark(self):
        return self.env.execute_query(SQL("SELECT COALESCE(MAX(id), 0) FROM account_move_line"))[0][0]

    @api.model
    def _check_amounts(self, items, amounts):
        """Return the disputed amount of each item, after comparing it with what is open and not disputed yet."""
        left = self._get_undisputed(items)
        checked = {}
        for item in items:
            currency = item.currency_id
            amount = amounts.get(item.id)
            amount = left[item.id] if amount is None else amount
            if item.state != "open":
                raise UserError(
                    self.env._(
                        "%(invoice)s is not open any more: it was paid, credited or taken out of the accounts.",
                        invoice=item.move_name,
                    )
                )
            if currency.compare_amounts(left[item.id], 0) <= 0:
                raise UserError(
                    self.env._("All that is open of %(invoice)s is disputed already.", invoice=item.move_name)
                )
            if not math.isfinite(amount) or currency.compare_amounts(amount, 0) <= 0:
                raise UserError(
                    self.env._("The disputed amount of %(invoice)s has to be above zero.", invoice=item.move_name)
                )
            if currency.compare_amounts(amount, left[item.id]) > 0:
                raise UserError(
                    self.env._(
                        "%(amount)s of %(invoice)s cannot be disputed: only %(open)s is open and not disputed yet.",
                        amount=formatLang(self.env, amount, currency_obj=currency),
                        invoice=item.move_name,
                        open=formatLang(self.env, left[item.id], currency_obj=currency),
                    )
                )
            checked[item] = currency.round(amount)
        return checked

    @api.model
    def _get_undisputed(self, items):
        """Return ``{item id: amount}``: what is open of each item and not disputed."""
        rows = self.env["commercial.dunning.run"]._fetch_items(items.receivable_id.ids, items.ids)
        holds = self._fetch_dunning_holds(rows, {})
        left = dict.fromkeys(items.ids, 0.0)
        for row in rows:
            left[row["id"]] = float(unheld(to_decimal(row["amount_residual"]), holds.get(row["id"], ())))
        return left

    @api.model
    def _open_from_portal(self, partner, values):
        """Register a dispute that a customer enters in the portal; call it with the rights of the superuser.

        The values come from outside and are checked one by one.

        :param partner: the contact who is logged in
        :param dict values: ``reason`` (code), ``description``, and ``lines``: a list of dicts with ``item_id`` and,
            when not the whole open amount is disputed, ``amount``
        :return: the dispute
        :raise UserError: with a text for the customer
        """
        unknown = values.keys() - {"reason", "description", "lines"}
        if unknown:
            raise UserError(self.env._("Unknown entries: %(names)s", names=sorted(map(str, unknown))))
        reason = self.env["commercial.dispute.reason"].search(
            [("code", "=", str(values.get("reason") or "")), ("is_portal", "=", True)], limit=1
        )
        if not reason:
            raise UserError(self.env._("Choose a reason."))
        description = self._check_portal_text(values.get("description"))
        amounts = self._check_portal_lines(values.get("lines"))
        items = self.env["commercial.receivable.item"].browse(amounts).exists()
        if len(items) != len(amounts) or items.partner_id != partner.commercial_partner_id:
            # the same words whether the invoice is another customer's or does not exist
            raise UserError(self.env._("This invoice is not one of yours."))
        return self._take_down(
            items,
            reason,
            amounts={item_id: amount for item_id, amount in amounts.items() if amount is not None},
            acknowledge=True,
            description=description,
            source="portal",
            contact_id=partner.id,
        )

    @api.model
    def _check_portal_text(self, text):
        text = text.strip() if isinstance(text, str) else ""
        if not text:
            raise UserError(self.env._("Tell us why you do not agree, so that we can look into it."))
        if len(text) > LONGEST_TEXT:
            raise UserError(self.env._("The text is too long: at most %(count)s characters.", count=LONGEST_TEXT))
        return text

    @api.model
    def _check_portal_lines(self, lines):
        """Return ``{item id: amount or None}`` of what the portal has sent."""
        if not isinstance(lines, list) or not lines or len(lines) > 200:
            raise UserError(self.env._("Choose at least one invoice."))
        amounts = {}
        for line in lines:
            if not isinstance(line, dict) or line.keys() - {"item_id", "amount"}:
                raise UserError(self.env._("This invoice is not one of yours."))
            item_id, amount = line.get("item_id"), line.get("amount")
            if not isinstance(item_id, int) or isinstance(item_id, bool) or item_id <= 0 or item_id in amounts:
                raise UserError(self.env._("This invoice is not one of yours."))
            if amount is not None and (isinstance(amount, bool) or not isinstance(amount, (int, float))):
                raise UserError(self.env._("Enter the amount as a number."))
            amounts[item_id] = amount
        return amounts

    # --- ACTIONS ---

    def _check_collector(self):
        """Who is right is decided by collectors; the view alone is no guard."""
        self.check_access("read")
        if not (self.env.su or self.env.user.has_group("commercial_assistant.group_collector")):
            raise AccessError(self.env._("Disputes are settled by collectors."))

    def action_investigate(self):
        """Begin to look into it. Beginning twice changes nothing."""
        self._check_may_register()
        self.check_access("write")
        self.filtered(lambda dispute: dispute.state == "new").sudo().write({"state": "investigation"})
        return True

    def action_settle(self):
        """Ask for the outcome, the accepted amount and the answer."""
        self.ensure_one()
        self._check_collector()
        self._check_active()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.dispute_settle_action")
        action["context"] = {
            "default_dispute_id": self.id,
            "default_outcome": self.env.context.get("dispute_outcome", "upheld"),
        }
        return action

    def action_reopen(self):
        """Look into a closed dispute again; what is still open of its items is held again."""
        self._check_collector()
        for dispute in self.sudo():
            if dispute.state in ACTIVE_STATES:
                continue
            if dispute.credit_move_ids.filtered(lambda move: move.state == "posted"):
                raise UserError(
                    self.env._("%(dispute)s has credit notes: register a new dispute.", dispute=dispute.name)
                )
            dispute._reopen()
        return True

    def action_credit(self):
        """Open Odoo's credit note wizard for the next invoice with an accepted amount, with that amount filled in."""
        self.ensure_one()
        self._check_collector()
        pending = self._fetch_pending_credits(self.line_ids.filtered("accepted_amount").ids)
        lines = self.line_ids.filtered(lambda line: line.id in pending and line.move_id.state == "posted")
        if self.state != "settled" or self.is_credit_done or not lines:
            raise UserError(self.env._("Nothing is left to credit for %(dispute)s.", dispute=self.name))
        move = lines[:1].move_id
        draft = self.credit_move_ids.filtered(
            lambda credit: credit.state == "draft" and credit.reversed_entry_id == move
        )
        if draft:
            return draft[:1]._get_records_action(name=self.env._("Credit note"))
        amount = sum((pending[line.id] for line in lines if line.move_id == move), ZERO)
        lang = self._get_letter_lang()
        action = self.env["ir.actions.act_window"]._for_xml_id("account.action_view_account_move_reversal")
        action["context"] = {
            "active_model": "account.move",
            "active_ids": move.ids,
            "active_id": move.id,
            "default_dispute_id": self.id,
            "default_dispute_amount": float(amount),
            "default_reason": f"{self.name}: {self.reason_id.with_context(lang=lang).name}",
        }
        return action

    def action_close_credit(self):
        """Nothing more will be credited: the rest of the accepted amount was settled in another way."""
        self._check_collector()
        for dispute in self.sudo().filtered(lambda dispute: dispute.state == "settled" and not dispute.is_credit_done):
            dispute._message_log(
                body=self.env._(
                    "Closed by hand: %(amount)s is not credited any more.",
                    amount=formatLang(self.env, dispute.credit_pending, currency_obj=dispute.currency_id),
                )
            )
            dispute._close_credit()
        self.env["commercial.dunning.notice"]._reconsider(self.receivable_id.sudo())
        return True

    def action_open_credits(self):
        self.ensure_one()
        return self.credit_move_ids._get_records_action(name=self.env._("Credit notes"))

    @api.model
    def action_new(self):
        """Register a dispute without having an invoice at hand."""
        self._check_may_register()
        return self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.dispute_register_action")

    # --- SETTLING ---

    def _check_active(self):
        for dispute in self:
            if dispute.state not in ACTIVE_STATES:
                raise UserError(self.env._("%(dispute)s is closed already.", dispute=dispute.name))

    def _settle(self, outcome, answer=False, accepted=None, notify=False):
        """Record who is right. The accepted part stays held until it is credited, the rest is reminded again.

        :param str outcome: a key of ``OUTCOMES``
        :param dict accepted: accepted amount by line, for ``partly``
        :param bool notify: whether the answer is sent to the customer
        """
        self.ensure_one()
        self._check_collector()
        dispute_sudo = self.sudo()  # what is settled, no one writes by hand
        dispute_sudo.lock_for_update(allow_referencing=True)
        dispute_sudo.invalidate_recordset()
        dispute_sudo._check_active()
        amounts = dispute_sudo._prepare_accepted(outcome, accepted or {})
        for line, amount in amounts.items():
            line.accepted_amount = amount
        dispute_sudo.write(
            {
                "state": "settled",
                "outcome": outcome,
                "answer": answer,
                "closed_on": fields.Date.context_today(self),
                "settled_by_id": self.env.uid,
                "is_credit_done": outcome == "rejected",
            }
        )
        dispute_sudo.activity_unlink([ACTIVITY_ANSWER])
        if outcome != "rejected":
            dispute_sudo._schedule_credit()
        self.env["commercial.dunning.notice"]._reconsider(dispute_sudo.receivable_id)
        if notify:
            dispute_sudo._send_customer_letter("answer")

    def _prepare_accepted(self, outcome, accepted):
        """Return the accepted amount of each line; it has to fit the outcome."""
        if outcome not in dict(OUTCOMES):
            raise UserError(self.env._("Choose an outcome."))
        if outcome != "partly":
            return {line: line.amount if outcome == "upheld" else 0.0 for line in self.line_ids}
        amounts = {}
        for line in self.line_ids:
            amount = accepted.get(line.id, 0.0)
            if (
                not math.isfinite(amount)
                or self.currency_id.compare_amounts(amount, line.amount) > 0
                or self.currency_id.compare_amounts(amount, 0) < 0
            ):
                raise UserError(
                    self.env._(
                        "The accepted amount of %(invoice)s lies between zero and %(amount)s.",
                        invoice=line.move_name,
                        amount=formatLang(self.env, line.amount, currency_obj=self.currency_id),
                    )
                )
            amounts[line] = self.currency_id.round(amount)
        total = sum(amounts.values())
        if self.currency_id.is_zero(total) or self.currency_id.compare_amounts(total, self.amount) >= 0:
            raise UserError(
                self.env._(
                    "Right in part means: more than nothing and less than %(amount)s is accepted.",
                    amount=formatLang(self.env, self.amount, currency_obj=self.currency_id),
                )
            )
        return amounts

    def _withdraw(self, note=False, notify=False):
        """The customer takes the dispute back: everything is reminded again."""
        self._check_collector()
        for dispute_sudo in self.sudo():  # see _settle
            dispute_sudo._check_active()
            dispute_sudo.write(
                {
                    "state": "withdrawn",
                    "answer": note,
                    "closed_on": fields.Date.context_today(self),
                    "settled_by_id": self.env.uid,
                    "is_credit_done": True,
                }
            )
            dispute_sudo.activity_unlink([ACTIVITY_ANSWER])
            if notify:
                dispute_sudo._send_customer_letter("withdrawal")
        self.env["commercial.dunning.notice"]._reconsider(self.receivable_id.sudo())

    def _reopen(self):
        """Hold what is still open of the items again, as far as no other dispute holds it."""
        self.ensure_one()
        self.env["commercial.receivable"]._refresh_items(self.company_id, self.partner_id.ids)
        self.is_credit_done = True  # what this dispute held itself does not stand in its own way
        left = self._get_undisputed(self.line_ids.item_id)
        for line in self.line_ids:
            if self.currency_id.compare_amounts(left[line.item_id.id], line.amount) < 0:
                raise UserError(
                    self.env._(
                        "%(amount)s of %(invoice)s cannot be disputed again: only %(open)s is open and not disputed.",
                        amount=formatLang(self.env, line.amount, currency_obj=self.currency_id),
                        invoice=line.move_name,
                        open=formatLang(self.env, left[line.item_id.id], currency_obj=self.currency_id),
                    )
                )
        self.line_ids.accepted_amount = 0.0
        self.activity_unlink([ACTIVITY_CREDIT])
        self.write(
            {
                "state": "investigation",
                "outcome": False,
                "answer": False,
                "answered_on": False,
                "closed_on": False,
                "settled_by_id": False,
                "is_credit_done": False,
                "round": self.round + 1,
            }
        )
        self._schedule_answer()
        self.env["commercial.dunning.notice"]._reconsider(self.receivable_id)

    def _schedule_answer(self):
        """Remind the owner of the deadline."""
        for dispute in self.filtered("user_id"):
            dispute.activity_schedule(
                ACTIVITY_ANSWER,
                date_deadline=max(dispute.deadline, fields.Date.context_today(dispute)),
                summary=dispute.reason_id.name,
                user_id=dispute.user_id.id,
            )

    def _schedule_credit(self):
        """Remind whoever settled the dispute of the credit note."""
        for dispute in self:
            dispute.activity_schedule(
                ACTIVITY_CREDIT,
                summary=self.env._(
                    "Credit %(amount)s",
                    amount=formatLang(self.env, dispute.accepted_amount, currency_obj=dispute.currency_id),
                ),
                user_id=self.env.uid,
            )

    # --- CREDIT NOTES ---

    @api.model
    def _fetch_pending_credits(self, line_ids):
        """Return ``{line id: amount}``: what was accepted and is not covered by credit notes yet.

        A credit note made from the dispute counts with its whole amount, allocated or not. Of other credit notes that
        were booked after the dispute was opened, what is allocated to the disputed item counts.
        """
        if not line_ids:
            return {}
        self.env["account.move"].flush_model(["dispute_id", "state", "amount_total", "reversed_entry_id", "move_type"])
        self.env["account.partial.reconcile"].flush_model()
        self.env["commercial.dispute.line"].flush_model()
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.id, line.dispute_id, line.move_id, line.accepted_amount, COALESCE(other.amount, 0)
                  FROM commercial_dispute_line line
                  JOIN commercial_dispute dispute ON dispute.id = line.dispute_id
                  JOIN commercial_receivable_item item ON item.id = line.item_id
             LEFT JOIN LATERAL (
                       SELECT SUM(partial.debit_amount_currency) AS amount
                         FROM account_partial_reconcile partial
                         JOIN account_move_line counterpart ON counterpart.id = partial.credit_move_id
                         JOIN account_move credit ON credit.id = counterpart.move_id
                        WHERE partial.debit_move_id = item.move_line_id
                          AND counterpart.id > dispute.entry_mark
                          AND credit.move_type = 'out_refund'
                          AND credit.dispute_id IS NULL
                       ) other ON TRUE
                 WHERE line.id = ANY(%s)
              ORDER BY line.id
                """,
                list(line_ids),
            )
        )
        own = defaultdict(Decimal)
        for dispute_id, move_id, amount in self.env.execute_query(
            SQL(
                """
                SELECT dispute_id, reversed_entry_id, SUM(amount_total)
                  FROM account_move
                 WHERE dispute_id = ANY(%s)
                   AND state = 'posted'
                   AND move_type = 'out_refund'
              GROUP BY dispute_id, reversed_entry_id
                """,
                list({row[1] for row in rows}),
            )
        ):
            own[dispute_id, move_id] += to_decimal(amount)
        groups = defaultdict(list)
        for row in rows:
            groups[row[1], row[2]].append(row)
        pending = {}
        for key, group in groups.items():
            pending |= pending_credit(
                {line_id: to_decimal(accepted) for line_id, _dispute, _move, accepted, _other in group},
                {line_id: to_decimal(other) for line_id, _dispute, _move, _accepted, other in group},
                own[key],
            )
        return pending

    def _follow_credits(self):
        """Close the matter of the disputes whose accepted amount is credited."""
        waiting = self.filtered(lambda dispute: dispute.state == "settled" and not dispute.is_credit_done)
        pending = self._fetch_pending_credits(waiting.line_ids.filtered("accepted_amount").ids)
        waiting.filtered(
            lambda dispute: not any(line_id in pending for line_id in dispute.line_ids.ids)
        )._close_credit()

    def _close_credit(self):
        self.write({"is_credit_done": True})
        if self:
            self.activity_unlink([ACTIVITY_CREDIT])

    @api.model
    def _follow_accounting(self, company, partner_ids=None):
        """Look at the disputes that wait for a credit note; called whenever the open items are read again.

        :param partner_ids: commercial partners to look at; ``None`` for all
        """
        domain = [("company_id", "=", company.id), ("state", "=", "settled"), ("is_credit_done", "=", False)]
        if partner_ids is not None:
            domain.append(("partner_id", "in", list(partner_ids)))
        self.sudo().search(domain)._follow_credits()

    # --- HOLDS ---

    @api.model
    def _fetch_dunning_holds(self, item_rows, holds):
        """Return what disputes hold of these items: the disputed amount, then what was accepted and is not credited.

        When the item is paid or credited below the disputed amount, the hold follows what is open.
        """
        if not item_rows:
            return {}
        self.flush_model()
        self.env["commercial.dispute.line"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.id, line.item_id, line.amount, dispute.state
                  FROM commercial_dispute_line line
                  JOIN commercial_dispute dispute ON dispute.id = line.dispute_id
                 WHERE line.item_id = ANY(%s)
                   AND (dispute.state IN ('new', 'investigation')
                        OR (dispute.state = 'settled'
                            AND dispute.is_credit_done IS NOT TRUE
                            AND line.accepted_amount > 0))
              ORDER BY line.id
                """,
                [row["id"] for row in item_rows],
            )
        )
        if not rows:
            return {}
        pending = self._fetch_pending_credits([row[0] for row in rows if row[3] == "settled"])
        left = {row["id"]: unheld(to_decimal(row["amount_residual"]), holds.get(row["id"], ())) for row in item_rows}
        found = defaultdict(list)
        for line_id, item_id, amount, state in rows:
            wanted = to_decimal(amount) if state in ACTIVE_STATES else pending.get(line_id, ZERO)
            part = min(wanted, left[item_id])
            if part > 0:
                found[item_id].append(core.Hold("disputed", part))
                left[item_id] -= part
        return found

    # --- LETTERS ---

    def _get_letter_round(self):
        return self.round

    def _get_letter_acknowledgment(self):
        """What the customer reads when a dispute was received."""
        return {
            "subject": self.env._("We received your dispute"),
            "before": [
                self.env._(
                    "On %(day)s we took down that you do not agree with the following. Reason: %(reason)s.",
                    day=self._format_day(self.opened_on),
                    reason=self.reason_id.name,
                )
            ],
            "head": [
                self.env._("Invoice"),
                self.env._("Due date"),
                self.env._("Open"),
                self.env._("Disputed"),
                self.env._("Not disputed"),
            ],
            "rows": [line._prepare_acknowledgment_row() for line in self.line_ids],
            "quote": (self.description or "").splitlines(),
            "after": [
                self.env._(
                    "We are looking into it and answer you by %(day)s at the latest.",
                    day=self._format_day(self.deadline),
                ),
                self.env._(
                    "Until then you get no reminder for the disputed amount, and no costs are added to it. What is not "
                    "disputed stays payable on its due date."
                ),
                self.env._("Do you have documents that can help? Please mention our reference when you send them."),
            ],
        }

    def _get_letter_answer(self):
        """What the customer reads when it is clear who is right."""
        money = self._format_money
        day = self._format_day(self.opened_on)
        rest = self.currency_id.round(self.amount - self.accepted_amount)
        first = {
            "upheld": self.env._("We looked into your dispute of %(day)s: you are right.", day=day),
            "partly": self.env._("We looked into your dispute of %(day)s: you are right in part.", day=day),
            "rejected": self.env._("We looked into your dispute of %(day)s and cannot agree with it.", day=day),
        }[self.outcome]
        after = []
        if self.accepted_amount:
            after.append(
                self.env._(
                    "You do not have to pay %(amount)s; you receive a credit note for it.",
                    amount=money(self.accepted_amount),
                )
            )
        if not self.currency_id.is_zero(rest):
            after.append(self.env._("Please pay %(amount)s.", amount=money(rest)))
        after.append(self.env._("Do you have a question about this answer? Reply to it, mentioning our reference."))
        return {
            "subject": self.env._("Our answer to your dispute"),
            "before": [first],
            "head": [
                self.env._("Invoice"),
                self.env._("Due date"),
                self.env._("Disputed"),
                self.env._("Accepted"),
                self.env._("To pay"),
            ],
            "rows": [line._prepare_answer_row() for line in self.line_ids],
            "quote": (self.answer or "").splitlines(),
            "after": after,
        }

    def _get_letter_withdrawal(self):
        """What the customer reads after taking a dispute back."""
        return {
            "subject": self.env._("You took your dispute back"),
            "before": [
                self.env._(
                    "You took back your dispute of %(day)s. Please pay what is open of these invoices.",
                    day=self._format_day(self.opened_on),
                )
            ],
            "head": [self.env._("Invoice"), self.env._("Due date"), self.env._("Open")],
            "rows": [line._prepare_acknowledgment_row()[:3] for line in self.line_ids],
            "quote": (self.answer or "").splitlines(),
        }

    def _format_money(self, amount):
        return formatLang(self.env, amount, currency_obj=self.currency_id)

    def _format_day(self, day):
        return format_date(self.env, day)

    def _dispatch_before_send(self, dispatch):
        """Return why a letter does not leave any more: what it says is not true now."""
        self.ensure_one()
        expected = {
            "acknowledgment": self.state in ACTIVE_STATES,
            "answer": self.state == "settled",
            "withdrawal": self.state == "withdrawn",
        }
        number, kind = dispatch.key.split(",")[-2:]
        if not expected.get(kind) or (kind != "acknowledgment" and int(number) != self.round):
            return self.env._("The dispute has gone on meanwhile.")
        return None

    def _dispatch_after_send(self, dispatch):
        """Note the day on which the customer was told. May be called again."""
        name = "acknowledged_on" if self._get_letter_kind(dispatch) == "acknowledgment" else "answered_on"
        self.sudo().write({name: dispatch._get_sent_date()})


class DisputeLine(models.Model):
    """The disputed part of one open item."""

    _name = "commercial.dispute.line"
    _description = "Disputed Item"
    _order = "dispute_id, id"
    _rec_name = "item_id"
    _check_company_auto = True

    dispute_id = fields.Many2one(
        comodel_name="commercial.dispute",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="dispute_id.company_id", store=True, precompute=True)
    partner_id = fields.Many2one(related="dispute_id.partner_id")
    item_id = fields.Many2one(
        comodel_name="commercial.receivable.item",
        string="Open item",
        required=True,
        readonly=True,
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    move_id = fields.Many2one(
        related="item_id.move_id",
        store=True,
        precompute=True,
        string="Invoice",
        index="btree_not_null",
    )
    move_name = fields.Char(related="item_id.move_name", string="Number")
    date_due = fields.Date(related="item_id.date_due")
    currency_id = fields.Many2one(related="dispute_id.currency_id", store=True, precompute=True)
    amount_residual = fields.Monetary(related="item_id.amount_residual")
    amount = fields.Monetary(string="Disputed", required=True, readonly=True)
    accepted_amount = fields.Monetary(string="Accepted", readonly=True)

    _unique_item = models.UniqueIndex("(dispute_id, item_id)", "This invoice stands in the dispute already.")
    _amount_positive = models.Constraint("CHECK (amount > 0)", "A disputed amount is above zero.")
    _accepted_within = models.Constraint(
        "CHECK (accepted_amount IS NULL OR (accepted_amount >= 0 AND accepted_amount <= amount))",
        "The accepted amount lies between zero and the disputed one.",
    )

    def action_open_invoice(self):
        self.ensure_one()
        return self.move_id._get_records_action()

    def _prepare_acknowledgment_row(self):
        money = self.dispute_id._format_money
        residual = max(self.amount_residual, self.amount)
        return [
            self.move_name,
            self.dispute_id._format_day(self.date_due),
            money(residual),
            money(self.amount),
            money(self.currency_id.round(residual - self.amount)),
        ]

    def _prepare_answer_row(self):
        money = self.dispute_id._format_money
        return [
            self.move_name,
            self.dispute_id._format_day(self.date_due),
            money(self.amount),
            money(self.accepted_amount),
            money(self.currency_id.round(self.amount - self.accepted_amount)),
        ]
