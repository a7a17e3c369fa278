import math
from collections import defaultdict
from datetime import timedelta

from markupsafe import Markup

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date, formatLang

from ...tools import dunning as core
from ...tools import holds as core_holds
from ...tools.working_days import COUNTRIES, add_working_days
from .dunning_run import HOLD_MODELS, to_decimal

SOURCES = [
    ("call", "Phone call"),
    ("mail", "E-mail or letter"),
    ("portal", "Customer portal"),
    ("visit", "Visit"),
]
JUDGED_STATES = ("kept", "partly", "broken")
ACTIVITY_BROKEN = "commercial_assistant.mail_activity_type_promise"
LONGEST_NOTE = 1000
# broken promises older than this say nothing about the next one, and nobody judges them again
MEMORY_DAYS = 365
# promises that ended so long before the oldest judged one cannot have taken money from it
OVERLAP_DAYS = 120
MONEY_JOURNALS = ("bank", "cash", "credit")
# what an entry of another journal brings in for the debt: money, a claim on money, or a debt of ours that is set off
VALUE_ACCOUNTS = ("asset_cash", "asset_current", "liability_credit_card", "liability_payable")


class PaymentPromise(models.Model):
    """A customer says how much will be paid by which day; that amount is not reminded until then."""

    _name = "commercial.payment.promise"
    _description = "Promise to Pay"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "commercial.customer.letter.mixin",
        "commercial.receivable.record.mixin",
    ]
    _order = "promised_on desc, id desc"
    _check_company_auto = True
    _mail_post_access = "read"
    _rec_names_search = ["name", "partner_id"]

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/")
    contact_id = fields.Many2one(
        comodel_name="res.partner",
        string="Promised by",
        index="btree_not_null",
        domain="[('id', 'child_of', partner_id)]",
        tracking=True,
        ondelete="restrict",
        help="Who made the promise, and gets the confirmation.",
    )
    item_ids = fields.Many2many(
        comodel_name="commercial.receivable.item",
        relation="commercial_payment_promise_item_rel",
        column1="promise_id",
        column2="item_id",
        string="Open items",
        readonly=True,
        check_company=True,
        copy=False,
        help="What will be paid. Empty: the oldest open items first.",
    )
    currency_id = fields.Many2one(comodel_name="res.currency", required=True, readonly=True)
    amount = fields.Monetary(string="Promised", required=True, readonly=True)
    promised_on = fields.Date(string="Promised day", required=True, readonly=True, tracking=True)
    made_on = fields.Date(required=True, readonly=True, copy=False, default=fields.Date.context_today)
    hold_until = fields.Date(
        string="Held until",
        compute="_compute_hold_until",
        store=True,
        precompute=True,
        help="The promised day and the working days of grace of the company: money that arrives by then is in time.",
    )
    source = fields.Selection(selection=SOURCES, required=True, readonly=True, default="call")
    note = fields.Text()
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Followed by",
        index="btree_not_null",
        tracking=True,
        domain=[("share", "=", False)],
        help="Hears about it when the promise is broken.",
    )
    state = fields.Selection(
        selection=[
            ("open", "Open"),
            ("kept", "Kept in full"),
            ("partly", "Kept in part"),
            ("broken", "Not kept"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        default="open",
    )
    holds_reminders = fields.Boolean(
        string="Holds reminders",
        readonly=True,
        default=True,
        help="Not for a customer who broke as many promises in the last year as the policy allows.",
    )
    kept_amount = fields.Monetary(
        string="Paid",
        readonly=True,
        copy=False,
        help="Really paid between the day of the promise and the end of its grace. Credit notes and write-offs are no "
        "payment.",
    )
    unallocated_amount = fields.Monetary(
        string="Not allocated yet",
        readonly=True,
        copy=False,
        help="The part of the paid amount that stands on account: it counts, but nobody has allocated it.",
    )
    judged_on = fields.Date(string="Judged on", readonly=True, copy=False)
    is_kept = fields.Boolean(
        string="In full and in time",
        compute="_compute_is_kept",
        store=True,
        help="For the rate of kept promises.",
    )
    checked_on = fields.Date(
        readonly=True, copy=False, help="The day on which the nightly job looked at it last, so that it can go on."
    )
    cancel_reason = fields.Char(readonly=True, copy=False)
    confirmed_on = fields.Date(string="Confirmation sent", readonly=True, copy=False)
    entry_mark = fields.Integer(
        readonly=True,
        copy=False,
        aggregator=None,
        help="The last journal item that existed when the promise was made: only later money counts for it.",
    )
    dispatch_ids = fields.One2many(string="Letters")

    _amount_positive = models.Constraint("CHECK (amount > 0)", "A promised amount is above zero.")
    _open_of_receivable = models.Index("(receivable_id) WHERE state = 'open'")
    _to_judge = models.Index("(company_id, hold_until) WHERE state <> 'cancelled'")

    # --- COMPUTE ---

    @api.depends("promised_on", "company_id")
    def _compute_hold_until(self):
        for promise in self:
            company_sudo = promise.company_id.sudo()
            code = company_sudo.country_id.code
            promise.hold_until = promise.promised_on and add_working_days(
                promise.promised_on, company_sudo.promise_grace_days, code if code in COUNTRIES else "BE"
            )

    @api.depends("state")
    def _compute_is_kept(self):
        for promise in self:
            promise.is_kept = promise.state == "kept"

    # --- CONSTRAINTS ---

    @api.constrains("contact_id", "receivable_id")
    def _check_contact(self):
        for promise in self.filtered("contact_id"):
            if promise.contact_id.commercial_partner_id != promise.partner_id.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is not a contact of %(customer)s.",
                        contact=promise.contact_id.display_name,
                        customer=promise.partner_id.display_name,
                    )
                )

    # --- CRUD ---

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("A promise is registered from the customer, the invoice or the open item."))
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                sequence = self.env["ir.sequence"].with_company(vals.get("company_id") or self.env.company.id)
                vals["name"] = sequence.next_by_code("commercial.payment.promise") or "/"
        return super().create(vals_list)

    @api.model
    def _get_writable_fields(self):
        """What a person may change; amount and day are what the customer said, and the outcome follows the money."""
        return {"contact_id", "note", "user_id"}

    def write(self, vals):
        if not self.env.su:
            free = {"activity_ids", "message_follower_ids", "message_ids", "message_main_attachment_id"}
            if not (self._get_writable_fields() | free).issuperset(vals):
                raise AccessError(
                    self.env._("A promise stays as it was made. Cancel it and register the new one instead.")
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_never(self):
        raise UserError(self.env._("A promise is cancelled, never deleted."))

    def copy_data(self, default=None):
        raise UserError(self.env._("A promise is not duplicated: register a new one."))

    # --- REGISTERING ---

    @api.model
    def _check_may_register(self):
        """The desk and collectors take promises down; the view alone is no guard."""
        user = self.env.user
        if not (
            self.env.su
            or user.has_group("commercial_assistant.group_assistant")
            or user.has_group("commercial_assistant.group_collector")
        ):
            raise AccessError(self.env._("Promises are registered by the commercial desk and by collectors."))

    @api.model
    def _take_down(self, receivable, amount, currency, promised_on, items=None, confirm=False, **values):
        """Register a promise of one customer.

        :param receivable: the customer account
        :param float amount: what will be paid, in ``currency``
        :param date promised_on: by which day
        :param items: the open items it is for; none: the oldest first
        :param bool confirm: whether the customer gets a confirmation
        :param values: ``source``, ``note``, ``contact_id``, ``user_id``
        :raise UserError: when the amount is not open or the day lies behind
        """
        self._check_may_register()
        receivable.ensure_one()
        receivable.check_access("read")
        items = items or self.env["commercial.receivable.item"]
        items.check_access("read")
        # a promise is written by its own rules; the right to read the account was checked
        receivable_sudo, items_sudo = receivable.sudo(), items.sudo()
        self._check_items(receivable_sudo, items_sudo, currency)
        # the account as a whole is locked: promises without named invoices draw on all of it
        receivable_sudo.lock_for_update(allow_referencing=True)
        self.env["commercial.receivable"].sudo()._refresh_items(
            receivable_sudo.company_id, receivable_sudo.partner_id.ids
        )
        self._check_day(promised_on)
        self._check_amount(receivable_sudo, items_sudo, amount, currency)
        company = receivable_sudo.company_id
        promise_sudo = (
            self.sudo()
            .with_company(company)
            .create(
                {
                    "company_id": company.id,
                    "receivable_id": receivable.id,
                    "currency_id": currency.id,
                    "amount": currency.round(amount),
                    "made_on": fields.Date.context_today(self),
                    "promised_on": promised_on,
                    "item_ids": [Command.set(items.ids)],
                    "holds_reminders": receivable_sudo._may_promise_hold(),
                    "entry_mark": self.env["commercial.dispute"]._get_entry_mark(),
                    "user_id": self._find_follower(receivable_sudo).id,
                    **values,
                }
            )
        )
        receivable_sudo._message_log(
            body=self.env._(
                "%(promise)s: the customer promised %(amount)s by %(day)s.",
                promise=promise_sudo._get_html_link(),
                amount=promise_sudo._format_money(promise_sudo.amount),
                day=format_date(self.env, promise_sudo.promised_on),
            )
        )
        self.env["commercial.dunning.notice"]._reconsider(receivable_sudo)
        if confirm:
            promise_sudo._send_customer_letter("confirmation")
        return promise_sudo.sudo(self.env.su)

    @api.model
    def _find_follower(self, receivable):
        """Return who hears about a broken promise: the responsible, else whoever registers it."""
        for user in (receivable.user_id, self.env.user):
            if user.active and not user.share:
                return user
        return self.env["res.users"]

    @api.model
    def _check_items(self, receivable, items, currency):
        if items.receivable_id - receivable:
            raise UserError(
                self.env._(
                    "These invoices are not of %(customer)s: %(invoices)s.",
                    customer=receivable.partner_id.display_name,
                    invoices=items.filtered(lambda item: item.receivable_id != receivable).mapped("move_name"),
                )
            )
        if items.currency_id - currency:
            raise UserError(
                self.env._(
                    "A promise is about one currency: %(invoices)s is not in %(currency)s.",
                    invoices=items.filtered(lambda item: item.currency_id != currency).mapped("move_name"),
                    currency=currency.name,
                )
            )

    @api.model
    def _check_day(self, promised_on):
        if not promised_on or promised_on < fields.Date.context_today(self):
            raise UserError(self.env._("The promised day is today or later."))

    @api.model
    def _check_amount(self, receivable, items, amount, currency):
        """Nobody can promise more than what is open and neither disputed nor promised yet."""
        if not math.isfinite(amount) or currency.compare_amounts(amount, 0) <= 0:
            raise UserError(self.env._("The promised amount has to be above zero."))
        left = self._get_unpromised(receivable, currency, items)
        if currency.compare_amounts(amount, left) > 0:
            raise UserError(
                self.env._(
                    "%(amount)s cannot be promised: only %(open)s is open and neither disputed nor promised yet.",
                    amount=formatLang(self.env, amount, currency_obj=currency),
                    open=formatLang(self.env, max(left, 0.0), currency_obj=currency),
                )
            )

    @api.model
    def _get_unpromised(self, receivable, currency, items=None):
        """Return what a customer can still promise in one currency, for all open items or for some of them."""
        open_items = (
            self.env["commercial.receivable.item"]
            .sudo()
            .search([("receivable_id", "=", receivable.id), ("state", "=", "open"), ("currency_id", "=", currency.id)])
        )
        rows = self.env["commercial.dunning.run"]._fetch_items(receivable.ids, open_items.ids)
        holds = defaultdict(list)
        for model_name in (*self._get_earlier_hold_models(), self._name):
            for item_id, found in self.env[model_name]._fetch_dunning_holds(rows, holds).items():
                holds[item_id] += found
        wanted = set(items.ids) if items else None
        return float(
            sum(
                core_holds.unheld(to_decimal(row["amount_residual"]), holds.get(row["id"], ()))
                for row in rows
                if wanted is None or row["id"] in wanted
            )
        )

    @api.model
    def _register_from_portal(self, partner, values):
        """Register a promise that a customer enters in the portal; call it with the rights of the superuser.

        The values come from outside and are checked one by one.

        :param partner: the contact who is logged in
        :param dict values: ``receivable_id``, ``amount``, ``promised_on`` (ISO day), and optionally ``item_ids``,
            ``currency`` (code, default that of the company) and ``note``
        :return: the promise
        :raise UserError: with a text for the customer
        """
        unknown = values.keys() - {"receivable_id", "amount", "promised_on", "item_ids", "currency", "note"}
        if unknown:
            raise UserError(self.env._("Unknown entries: %(names)s", names=sorted(map(str, unknown))))
        receivable = self._check_portal_receivable(partner, values.get("receivable_id"))
        items = self._check_portal_items(receivable, values.get("item_ids") or [])
        amount = values.get("amount")
        if isinstance(amount, bool) or not isinstance(amount, (int, float)):
            raise UserError(self.env._("Enter the amount as a number."))
        note = values.get("note") or ""
        if not isinstance(note, str) or len(note) > LONGEST_NOTE:
            raise UserError(self.env._("The text is too long: at most %(count)s characters.", count=LONGEST_NOTE))
        return self._take_down(
            receivable,
            amount,
            self._check_portal_currency(receivable, items, values.get("currency")),
            self._check_portal_day(receivable.company_id, values.get("promised_on")),
            items=items,
            confirm=True,
            source="portal",
            note=note.strip(),
            contact_id=partner.id,
        )

    @api.model
    def _check_portal_receivable(self, partner, receivable_id):
        receivable = self.env["commercial.receivable"]
        if isinstance(receivable_id, int) and not isinstance(receivable_id, bool):
            receivable = receivable.browse(receivable_id).exists()
        if not receivable or receivable.partner_id != partner.commercial_partner_id:
            raise UserError(self.env._("This account is not yours."))
        return receivable

    @api.model
    def _check_portal_items(self, receivable, item_ids):
        Item = self.env["commercial.receivable.item"]
        if not item_ids:
            return Item
        numbers = isinstance(item_ids, list) and all(
            isinstance(item_id, int) and not isinstance(item_id, bool) for item_id in item_ids
        )
        items = Item.browse(set(item_ids)).exists() if numbers and len(item_ids) <= 200 else Item
        if len(items) != len(item_ids) or items.receivable_id != receivable:
            # the same words whether the invoice is another customer's or does not exist
            raise UserError(self.env._("This invoice is not one of yours."))
        return items

    @api.model
    def _check_portal_currency(self, receivable, items, code):
        if code is None:
            return items.currency_id[:1] or receivable.company_id.currency_id
        currency = self.env["res.currency"].search([("name", "=", str(code))], limit=1)
        if not currency:
            raise UserError(self.env._("Unknown currency: %(code)s", code=str(code)[:10]))
        return currency

    @api.model
    def _check_portal_day(self, company, day):
        """A customer may choose a day within the time the company allows; later ones need a payment plan."""
        try:
            promised_on = fields.Date.to_date(day) if isinstance(day, str) else None
        except ValueError:
            promised_on = None
        today = fields.Date.context_today(self)
        latest = today + timedelta(days=company.promise_portal_days)
        if not promised_on or not today <= promised_on <= latest:
            raise UserError(
                self.env._(
                    "Choose a day between %(first)s and %(last)s. Do you need more time? Ask for a payment plan.",
                    first=format_date(self.env, today),
                    last=format_date(self.env, latest),
                )
            )
        return promised_on

    # --- ACTIONS ---

    def _check_collector(self):
        """Promises are judged by the money and closed by collectors; the view alone is no guard."""
        self.check_access("read")
        if not (self.env.su or self.env.user.has_group("commercial_assistant.group_collector")):
            raise AccessError(self.env._("Promises are cancelled by collectors."))

    def action_cancel(self):
        """Ask why; the reminders of the amount go on at once."""
        self._check_collector()
        if any(promise.state == "cancelled" for promise in self):
            raise UserError(self.env._("This promise is cancelled already."))
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.payment_promise_cancel_action")
        action["context"] = {"default_promise_ids": self.ids}
        return action

    def action_judge(self):
        """Look at the payments now instead of tonight."""
        self._check_collector()
        for company, promises in self.grouped("company_id").items():
            self.env["commercial.receivable"].sudo()._refresh_items(company, promises.partner_id.ids)
        return True

    @api.model
    def action_new(self):
        """Register a promise without having an invoice at hand."""
        self._check_may_register()
        return self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.payment_promise_register_action")

    def _cancel(self, reason):
        """The promise does not count any more, with a reason."""
        self._check_collector()
        open_sudo = self.sudo().filtered(lambda promise: promise.state != "cancelled")
        open_sudo.write({"state": "cancelled", "cancel_reason": reason})
        open_sudo.activity_unlink([ACTIVITY_BROKEN])
        self.env["commercial.dunning.notice"]._reconsider(open_sudo.receivable_id)

    # --- JUDGING ---

    @api.model
    def _follow_accounting(self, company, partner_ids=None):
        """Judge the promises of a company by its payments; called whenever the open items are read again.

        Every promise of the last year is counted anew: a payment that came later for a day in time, or one that was
        cancelled, changes the outcome of an old promise as well.

        :param partner_ids: commercial partners to look at; ``None`` for all
        """
        today = fields.Date.context_today(self.with_context(tz=company.partner_id.tz or "Europe/Brussels"))
        oldest = today - timedelta(days=MEMORY_DAYS)
        self.flush_model()
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT promise.id, promise.receivable_id, promise.partner_id, promise.currency_id, promise.amount,
                       promise.made_on, promise.hold_until, promise.entry_mark, promise.state, promise.kept_amount,
                       promise.unallocated_amount, link.item_ids
                  FROM commercial_payment_promise promise
             LEFT JOIN LATERAL (
                       SELECT array_agg(item_id) AS item_ids
                         FROM commercial_payment_promise_item_rel
                        WHERE promise_id = promise.id
                       ) link ON TRUE
                 WHERE promise.company_id = %s
                   AND promise.state <> 'cancelled'
                   AND (promise.state = 'open' OR promise.hold_until >= %s)
                   %s
              ORDER BY promise.id
                """,
                company.id,
                oldest - timedelta(days=OVERLAP_DAYS),
                SQL("AND promise.partner_id = ANY(%s)", list(partner_ids)) if partner_ids is not None else SQL(),
            )
        )
        if not rows:
            return
        by_partner = defaultdict(list)
        for row in rows:
            by_partner[row["partner_id"]].append(row)
        money = self._fetch_money(company, list(by_partner), min(row["made_on"] for row in rows))
        still_open = self._fetch_still_open(list({row["receivable_id"] for row in rows}))
        changes = []
        for partner_id, mine in by_partner.items():
            paid = core_holds.count_payments([self._prepare_core_promise(row) for row in mine], money[partner_id])
            judged = (row for row in mine if row["state"] == "open" or row["hold_until"] >= oldest)
            changes += filter(None, (self._find_change(row, paid[row["id"]], still_open, today) for row in judged))
        self._write_changes(changes, today)

    @api.model
    def _prepare_core_promise(self, row):
        return core_holds.Promise(
            id=row["id"],
            currency_id=row["currency_id"],
            amount=to_decimal(row["amount"]),
            first_day=row["made_on"],
            last_day=row["hold_until"],
            mark=row["entry_mark"] or 0,
            item_ids=frozenset(row["item_ids"] or ()),
        )

    @api.model
    def _find_change(self, row, paid, still_open, today):
        """Return ``(row, paid, state)`` when anything about this promise is different from what is stored."""
        is_same = paid.kept == to_decimal(row["kept_amount"])
        if row["state"] in JUDGED_STATES and is_same:
            # a credit note that comes later does not rewrite what the customer did
            state = row["state"]
        else:
            mine = still_open[row["receivable_id"], row["currency_id"]]
            item_ids = row["item_ids"] or mine
            state = core_holds.find_outcome(
                to_decimal(row["amount"]),
                paid.kept,
                sum((mine.get(item_id, core_holds.ZERO) for item_id in item_ids), core_holds.ZERO),
                row["hold_until"],
                today,
            )
        if state == row["state"] and is_same and paid.unallocated == to_decimal(row["unallocated_amount"]):
            return None
        return row, paid, state

    @api.model
    def _fetch_still_open(self, receivable_ids):
        """Return ``{(account, currency): {item id: open amount}}``."""
        still_open = defaultdict(dict)
        self.env["commercial.receivable.item"].flush_model()
        for receivable_id, currency_id, item_id, amount in self.env.execute_query(
            SQL(
                """
                SELECT receivable_id, currency_id, id, amount_residual
                  FROM commercial_receivable_item
                 WHERE receivable_id = ANY(%s) AND state = 'open'
                """,
                receivable_ids,
            )
        ):
            still_open[receivable_id, currency_id][item_id] = to_decimal(amount)
        return still_open

    @api.model
    def _fetch_money(self, company, partner_ids, since):
        """Return what these customers paid since a day as ``{partner id: [Money]}``, each part once.

        Money is what a journal of the bank or the cash received, and what an entry of another journal (a point of
        sale, a set-off) gives for the debt. Credit notes, write-offs, exchange differences and debts that only move to
        another account of the same customer are none. A payment given back is allocated to no debt and does not count.
        """
        for model in (
            "account.move",
            "account.move.line",
            "account.partial.reconcile",
            "account.payment",
            "res.partner",
        ):
            self.env[model].flush_model()
        account_ids = self.env["commercial.receivable"]._get_receivable_accounts().ids
        money = defaultdict(list)
        for partner_id, currency_id, amount, day, item_id, number in self.env.execute_query(
            SQL(
                """
                WITH payment AS (
                    SELECT line.id, line.date, line.currency_id, line.amount_residual_currency,
                           partner.commercial_partner_id AS partner_id, given.share
                      FROM account_move_line line
                      JOIN account_move move ON move.id = line.move_id
                      JOIN account_journal journal ON journal.id = line.journal_id
                      JOIN res_partner partner ON partner.id = line.partner_id
                      JOIN LATERAL (%(share)s) given ON given.share > 0
                     WHERE line.partner_id IN (
                               SELECT id FROM res_partner WHERE commercial_partner_id = ANY(%(partners)s)
                           )
                       AND line.account_id = ANY(%(accounts)s)
                       AND line.company_id = %(company)s
                       AND line.parent_state = 'posted'
                       AND line.date >= %(since)s
                       AND line.balance < 0
                )
                SELECT payment.partner_id, debit.currency_id,
                       ROUND(partial.debit_amount_currency * payment.share, currency.decimal_places), payment.date,
                       COALESCE(item.id, 0), payment.id
                  FROM payment
                  JOIN account_partial_reconcile partial ON partial.credit_move_id = payment.id
                  JOIN account_move_line debit ON debit.id = partial.debit_move_id
                  JOIN res_currency currency ON currency.id = debit.currency_id
                  JOIN account_journal journal ON journal.id = debit.journal_id
             LEFT JOIN commercial_receivable_item item ON item.move_line_id = debit.id
                 WHERE journal.type <> ALL(%(journals)s)
                 UNION ALL
                SELECT payment.partner_id, payment.currency_id,
                       ROUND(-payment.amount_residual_currency * payment.share, currency.decimal_places),
                       payment.date, NULL, payment.id
                  FROM payment
                  JOIN res_currency currency ON currency.id = payment.currency_id
                 WHERE payment.amount_residual_currency < 0
                 UNION ALL
                SELECT partner.commercial_partner_id, payment.currency_id, payment.amount, payment.date, NULL, NULL
                  FROM account_payment payment
                  JOIN res_partner partner ON partner.id = payment.partner_id
                 WHERE partner.commercial_partner_id = ANY(%(partners)s)
                   AND payment.company_id = %(company)s
                   AND payment.state = 'in_process'
                   AND payment.move_id IS NULL
                   AND payment.payment_type = 'inbound'
                   AND payment.date >= %(since)s
              ORDER BY 4, 6, 5
                """,
                partners=partner_ids,
                accounts=account_ids,
                company=company.id,
                since=since,
                journals=list(MONEY_JOURNALS),
                share=self._get_money_share(company),
            )
        ):
            money[partner_id].append(core_holds.Money(currency_id, to_decimal(amount), day, item_id, number))
        return money

    @api.model
    def _get_money_share(self, company):
        """Return the query of which share of a credit is money; it reads ``line``, ``move``, ``journal``, ``partner``.

        What the bank or the cash received is money as a whole. An entry of another journal is money as far as it takes
        in something of value for the debts it settles: a write-off puts them on an expense, and its tax is no money.
        """
        return SQL(
            """
            SELECT CASE
                       WHEN journal.type = ANY(%(journals)s) THEN 1
                       WHEN move.move_type <> 'entry' THEN 0
                       ELSE (
                           SELECT LEAST(
                                      COALESCE(SUM(other.balance) FILTER (
                                          WHERE other.balance > 0
                                            AND other.tax_line_id IS NULL
                                            AND NOT EXISTS (
                                                SELECT
                                                  FROM account_account_tag_account_move_line_rel tagged
                                                 WHERE tagged.account_move_line_id = other.id
                                            )
                                            AND (account.account_type = ANY(%(values)s)
                                                 OR (account.account_type = 'asset_receivable'
                                                     AND (account.non_trade
                                                          OR account.id = %(till)s
                                                          OR payer.commercial_partner_id
                                                             IS DISTINCT FROM partner.commercial_partner_id)))
                                      ), 0) / NULLIF(
                                          SUM(-other.balance) FILTER (
                                              WHERE other.balance < 0 AND account.account_type = 'asset_receivable'
                                          ), 0
                                      ), 1)
                             FROM account_move_line other
                             JOIN account_account account ON account.id = other.account_id
                        LEFT JOIN res_partner payer ON payer.id = other.partner_id
                            WHERE other.move_id = move.id
                       )
                   END AS share
            """,
            journals=list(MONEY_JOURNALS),
            values=list(VALUE_ACCOUNTS),
            till=company.sudo().account_default_pos_receivable_account_id.id or 0,  # where a till counts its money
        )

    @api.model
    def _write_changes(self, changes, today):
        """Write the outcomes in one statement, tell them in the chatter and make a task for what was broken."""
        if not changes:
            return
        self.env.cr.execute(
            SQL(
                """
                UPDATE commercial_payment_promise promise
                   SET state = CASE WHEN given.state = 'void' THEN 'cancelled' ELSE given.state END,
                       is_kept = given.state = 'kept',
                       kept_amount = given.kept,
                       unallocated_amount = given.unallocated,
                       judged_on = CASE
                           WHEN given.state = 'open' THEN NULL
                           WHEN promise.state = given.state THEN promise.judged_on
                           ELSE %s
                       END,
                       write_uid = %s,
                       write_date = now() AT TIME ZONE 'UTC'
                  FROM unnest(%s::int[], %s::varchar[], %s::numeric[], %s::numeric[])
                       AS given (id, state, kept, unallocated)
                 WHERE promise.id = given.id
                """,
                today,
                self.env.uid,
                [row["id"] for row, _paid, _state in changes],
                [state for _row, _paid, state in changes],
                [paid.kept for _row, paid, _state in changes],
                [paid.unallocated for _row, paid, _state in changes],
            )
        )
        self.invalidate_model()
        self._tell_changes(changes)

    @api.model
    def _tell_changes(self, changes):
        labels = dict(self._fields["state"]._description_selection(self.env))
        promises_sudo = self.sudo()  # whoever makes the items be read again sets this off
        moved = {row["id"]: state for row, _paid, state in changes if state != row["state"]}
        promises = promises_sudo.browse(moved)
        void = promises.filtered(lambda promise: moved[promise.id] == core_holds.VOID)
        if void:
            void.write({"cancel_reason": self.env._("Nothing is left to pay: the invoices were credited.")})
        if promises:
            promises._message_log_batch(
                bodies={
                    promise.id: Markup("%s: %s") % (labels[promise.state], promise._format_money(promise.kept_amount))
                    for promise in promises
                }
            )
        broken = promises.filtered(lambda promise: moved[promise.id] in (core_holds.BROKEN, core_holds.PARTLY))
        (promises - broken).activity_unlink([ACTIVITY_BROKEN])
        broken._schedule_broken()

    def _schedule_broken(self):
        """Let whoever follows these promises hear about it, once for each."""
        known = set(
            self.env["mail.activity"]
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", self.ids),
                    ("activity_type_id", "=", self.env.ref(ACTIVITY_BROKEN).id),
                ]
            )
            .mapped("res_id")
        )
        fresh = self.filtered(lambda promise: promise.id not in known and promise.user_id.active)
        # no mail for each of them: the list of tasks is where they are looked at
        for user, promises in fresh.with_context(mail_activity_quick_update=True).grouped("user_id").items():
            promises.activity_schedule(ACTIVITY_BROKEN, user_id=user.id)

    # --- HOLDS ---

    @api.model
    def _get_earlier_hold_models(self):
        """Models whose holds come before those of promises."""
        models_before = HOLD_MODELS[: HOLD_MODELS.index(self._name)]
        return [model_name for model_name in models_before if model_name in self.env]

    @api.model
    def _fetch_dunning_holds(self, item_rows, holds):
        """Return what open promises hold of these items: the promised amount less what was paid on it already.

        Without named items the oldest open items of the customer are held first, also those that are not asked about.
        """
        promises = self._fetch_open_promises({row["receivable_id"] for row in item_rows})
        if not promises:
            return {}
        asked = {row["id"] for row in item_rows}
        rows, other_holds = self._fetch_other_items({promise["receivable_id"] for promise in promises}, asked)
        rows = sorted([*item_rows, *rows], key=lambda row: (row["date_due"], row["id"]))
        left, by_account = {}, defaultdict(list)
        for row in rows:
            earlier = holds.get(row["id"], ()) if row["id"] in asked else other_holds.get(row["id"], ())
            left[row["id"]] = core_holds.unheld(to_decimal(row["amount_residual"]), earlier)
            by_account[row["receivable_id"], row["currency_id"]].append(row["id"])
        found = defaultdict(list)
        for promise in promises:
            item_ids = by_account[promise["receivable_id"], promise["currency_id"]]
            if promise["item_ids"]:
                item_ids = [item_id for item_id in item_ids if item_id in promise["item_ids"]]
            amount = to_decimal(promise["amount"]) - to_decimal(promise["kept_amount"])
            for item_id, part in core_holds.spread(amount, item_ids, left).items():
                if item_id in asked:
                    found[item_id].append(core.Hold("promise", part, promise["hold_until"]))
        return found

    @api.model
    def _fetch_open_promises(self, receivable_ids):
        """Return the promises that hold something, those with named items first."""
        if not receivable_ids:
            return []
        self.flush_model()
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT promise.id, promise.receivable_id, promise.currency_id, promise.amount, promise.kept_amount,
                       promise.hold_until, link.item_ids
                  FROM commercial_payment_promise promise
             LEFT JOIN LATERAL (
                       SELECT array_agg(item_id) AS item_ids
                         FROM commercial_payment_promise_item_rel
                        WHERE promise_id = promise.id
                       ) link ON TRUE
                 WHERE promise.receivable_id = ANY(%s)
                   AND promise.state = 'open'
                   AND promise.holds_reminders
              ORDER BY (link.item_ids IS NULL), promise.hold_until, promise.id
                """,
                list(receivable_ids),
            )
        )

    @api.model
    def _fetch_other_items(self, receivable_ids, asked):
        """Return the open items that were not asked about, with what stronger reasons hold of them."""
        other_ids = [
            item_id
            for [item_id] in self.env.execute_query(
                SQL(
                    """
                    SELECT id
                      FROM commercial_receivable_item
                     WHERE receivable_id = ANY(%s) AND state = 'open' AND id <> ALL(%s)
                    """,
                    list(receivable_ids),
                    list(asked),
                )
            )
        ]
        if not other_ids:
            return [], {}
        rows = self.env["commercial.dunning.run"]._fetch_items(receivable_ids, other_ids)
        holds = defaultdict(list)
        for model_name in self._get_earlier_hold_models():
            for item_id, found in self.env[model_name]._fetch_dunning_holds(rows, holds).items():
                holds[item_id] += found
        return rows, holds

    # --- LETTERS ---

    def _get_letter_confirmation(self):
        """What the customer reads when a promise was taken down."""
        pieces = [
            self.env._(
                "Thank you for your message of %(day)s. We noted that you pay %(amount)s by %(promised)s.",
                day=format_date(self.env, self.made_on),
                amount=self._format_money(self.amount),
                promised=format_date(self.env, self.promised_on),
            )
        ]
        after = []
        account = self.company_id._get_dunning_bank()
        if account:
            after.append(
                self.env._(
                    "Please pay to account %(account)s in the name of %(holder)s and mention %(reference)s.",
                    account=account.acc_number,
                    holder=account.acc_holder_name or account.partner_id.name,
                    reference=self._get_payment_reference(),
                )
            )
        if self.holds_reminders:
            after.append(self.env._("Until then you get no reminder for this amount."))
        after.append(
            self.env._("Can you not keep this day after all? Tell us before it has passed, so that we find a solution.")
        )
        items = self.item_ids.sorted(lambda item: (item.date_due, item.id))
        return {
            "subject": self.env._("Confirmation of your promise to pay"),
            "before": pieces,
            "head": [self.env._("Invoice"), self.env._("Due date"), self.env._("Open")] if items else [],
            "rows": [
                [item.move_name, format_date(self.env, item.date_due), self._format_money(item.amount_residual)]
                for item in items
            ],
            "after": after,
        }

    def _get_payment_reference(self):
        """The communication of the only invoice, else the numbers of the invoices or of the promise."""
        if len(self.item_ids.move_id) == 1:
            return self.item_ids.move_id.payment_reference or self.item_ids.move_id.name
        names = self.item_ids.mapped("move_name")
        return ", ".join(filter(None, names)) if 0 < len(names) <= 4 else self.name

    def _format_money(self, amount):
        return formatLang(self.env, amount, currency_obj=self.currency_id)

    def _dispatch_before_send(self, dispatch):
        """Return why the confirmation does not leave any more."""
        self.ensure_one()
        return None if self.state == "open" else self.env._("The promise is closed already.")

    def _dispatch_after_send(self, dispatch):
        """Note the day on which the customer was told. May be called again."""
        self.sudo().write({"confirmed_on": dispatch._get_sent_date()})

    # --- CRON ---

    @api.model
    def _cron_judge(self):
        """Judge the promises of every company, some customers at a time; an interrupted job goes on where it was."""
        today = fields.Date.context_today(self)
        waiting = Domain("state", "!=", "cancelled") & (
            Domain("checked_on", "=", False) | Domain("checked_on", "<", today)
        )
        progress = self.env["ir.cron"]._commit_progress
        groups = self.sudo()._read_group(waiting, ["company_id"], ["partner_id:array_agg_distinct"])
        chunks = []
        for company, partner_ids in groups:
            size = company.dunning_chunk_size
            chunks += [(company, partner_ids[start : start + size]) for start in range(0, len(partner_ids), size)]
        progress(remaining=len(chunks))
        for company, partner_ids in chunks:
            self.env["commercial.receivable"].sudo()._refresh_items(company, partner_ids)
            self._mark_checked(company, partner_ids, today)
            if not progress(1):
                break

    @api.model
    def _mark_checked(self, company, partner_ids, today):
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE commercial_payment_promise
                   SET checked_on = %s
                 WHERE company_id = %s AND partner_id = ANY(%s) AND state <> 'cancelled'
                """,
                today,
                company.id,
                list(partner_ids),
            )
        )
        self.invalidate_model(["checked_on"])
