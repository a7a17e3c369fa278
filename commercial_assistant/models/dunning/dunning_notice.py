import logging

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...tools import dunning as core
from ...tools.dunning_law import FirstReminder
from .dunning_policy_level import LETTER_CHANNELS

_logger = logging.getLogger(__name__)

UNSENT_STATES = ("proposed", "approved", "sending")
PAPER_CHANNELS = ("post", "registered")
# the figures of law for many deliveries at once, in the context
LAW_KEY = "commercial_assistant_dunning_law"


class DunningNotice(models.Model):
    """One letter to one customer in one currency."""

    _name = "commercial.dunning.notice"
    _description = "Reminder Letter"
    _inherit = ["mail.thread", "commercial.dispatch.mixin"]
    _order = "date desc, id desc"
    # rows are written by the run, which reads one company only

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/")
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    run_id = fields.Many2one(
        comodel_name="commercial.dunning.run",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    receivable_id = fields.Many2one(
        comodel_name="commercial.receivable",
        string="Customer account",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    contact_id = fields.Many2one(
        comodel_name="res.partner",
        string="Recipient",
        required=True,
        index=True,
        ondelete="restrict",
    )
    lang = fields.Selection(
        selection=lambda self: self.env["res.lang"].get_installed(),
        string="Language",
        readonly=True,
    )
    currency_id = fields.Many2one(
        comodel_name="res.currency",
        required=True,
        readonly=True,
    )
    policy_id = fields.Many2one(
        comodel_name="commercial.dunning.policy",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    regime = fields.Selection(related="policy_id.regime", store=True, string="Law")
    level_id = fields.Many2one(
        comodel_name="commercial.dunning.policy.level",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    level_kind = fields.Selection(related="level_id.kind", store=True, string="Kind")
    scope_key = fields.Char(
        readonly=True,
        required=True,
        default="",
        help="What sets this letter apart from other letters of the same run to the same customer.",
    )
    is_dry = fields.Boolean(string="Dry run", readonly=True)
    needs_approval = fields.Boolean(string="Approval by hand", readonly=True)
    date = fields.Date(
        string="Letter date",
        required=True,
        readonly=True,
        default=fields.Date.context_today,
    )
    channel = fields.Selection(
        selection=LETTER_CHANNELS,
        required=True,
        default="email",
    )
    state = fields.Selection(
        selection=[
            ("proposed", "Proposed"),
            ("approved", "Approved"),
            ("sending", "Sending"),
            ("delivered", "Delivered"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        copy=False,
        default="proposed",
    )
    line_ids = fields.One2many(
        comodel_name="commercial.dunning.notice.line",
        inverse_name="notice_id",
        string="Lines",
        readonly=True,
    )
    charge_ids = fields.Many2many(
        comodel_name="commercial.dunning.charge",
        relation="commercial_dunning_notice_charge_rel",
        column1="notice_id",
        column2="charge_id",
        string="Charges",
        readonly=True,
        copy=False,
        help="Every charge this letter claims, also those of earlier letters that are still open.",
    )
    amount_principal = fields.Monetary(string="Open amount", readonly=True)
    amount_credit = fields.Monetary(string="Money on account", readonly=True)
    amount_interest = fields.Monetary(string="Interest", readonly=True)
    amount_indemnity = fields.Monetary(
        string="Indemnity",
        readonly=True,
        help="Indemnities and fixed sums for recovery costs.",
    )
    amount_cost = fields.Monetary(string="Cost", readonly=True)
    amount_total = fields.Monetary(string="To pay", readonly=True)
    deadline = fields.Date(string="Last day to pay", readonly=True)
    earliest_charge_date = fields.Date(
        string="Charges from",
        readonly=True,
        help="First day on which charges may be claimed when this letter stays without payment.",
    )
    announced_indemnity = fields.Monetary(
        readonly=True,
        help="The indemnity that will be claimed when the customer does not pay in time.",
    )
    announced_interest_rate = fields.Float(
        string="Announced interest (% a year)",
        digits=(5, 2),
        readonly=True,
        aggregator=None,
    )
    payment_reference = fields.Char(readonly=True)
    partner_bank_id = fields.Many2one(
        comodel_name="res.partner.bank",
        string="Bank account",
        readonly=True,
        ondelete="restrict",
    )
    approved_by_id = fields.Many2one(comodel_name="res.users", readonly=True, copy=False)
    approved_on = fields.Datetime(readonly=True, copy=False)
    delivered_on = fields.Date(readonly=True, copy=False)
    attachment_id = fields.Many2one(
        comodel_name="ir.attachment",
        string="Letter",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    sha256 = fields.Char(string="SHA-256", readonly=True, copy=False)
    skip_reason = fields.Char(string="Reason", readonly=True, copy=False)
    line_count = fields.Integer(string="Invoices", compute="_compute_line_count")
    is_late = fields.Boolean(string="Deadline passed", compute="_compute_is_late", search="_search_is_late")

    _unique_letter = models.UniqueIndex(
        "(run_id, receivable_id, currency_id, scope_key) WHERE state NOT IN ('cancelled', 'failed')",
        "This customer already has such a letter in this run.",
    )
    # the letters somebody still looks for; the many that were delivered are left out
    _under_way = models.Index("(state, run_id) WHERE state IN ('proposed', 'approved', 'sending', 'failed')")

    # --- COMPUTE ---

    @api.depends("line_ids.included")
    def _compute_line_count(self):
        counts = dict(
            self.env["commercial.dunning.notice.line"]._read_group(
                [("notice_id", "in", self.ids), ("included", "=", True)], ["notice_id"], ["__count"]
            )
        )
        for notice in self:
            notice.line_count = counts.get(notice, 0)

    @api.depends("deadline", "state")
    @api.depends_context("tz")
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for notice in self:
            notice.is_late = notice.state == "delivered" and bool(notice.deadline) and notice.deadline < today

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("state", "=", "delivered"), ("deadline", "<", fields.Date.context_today(self))]

    @api.depends("name", "is_dry", "partner_id")
    def _compute_display_name(self):
        for notice in self:
            if notice.is_dry:
                notice.display_name = self.env._("Dry run: %(customer)s", customer=notice.partner_id.display_name)
            else:
                notice.display_name = notice.name

    # --- CRUD ---

    @api.model
    def _get_writable_fields(self):
        """What a collector may change before a letter is sent; the rest is decided by the run."""
        return {"contact_id", "channel"}

    def write(self, vals):
        if not self.env.su:
            if not self._get_writable_fields().issuperset(vals.keys() - {"message_follower_ids"}):
                raise UserError(self.env._("Letters are made by a run; use their buttons."))
            self._check_editable(vals)
        result = super().write(vals)
        if not self.env.su and self._get_writable_fields() & vals.keys():
            self.sudo()._refresh()  # language, deadline and reachability follow the recipient
        return result

    def _check_editable(self, vals):
        for notice in self:
            if notice.state not in ("proposed", "approved"):
                raise UserError(self.env._("%(letter)s is not changed any more.", letter=notice.display_name))
            contact = self.env["res.partner"].browse(vals.get("contact_id", notice.contact_id.id))
            if contact.commercial_partner_id != notice.partner_id.commercial_partner_id:
                raise UserError(
                    self.env._(
                        "%(contact)s is not a contact of %(customer)s.",
                        contact=contact.display_name,
                        customer=notice.partner_id.display_name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_real(self):
        if any(not notice.is_dry for notice in self):
            raise UserError(self.env._("A letter is cancelled, never deleted."))

    @api.model
    def _next_numbers(self, count):
        """Return ``count`` numbers, drawn in one query."""
        # drawing a number needs no right on sequences
        sequence_sudo = (
            self.env["ir.sequence"]
            .sudo()
            .search(
                [("code", "=", self._name), ("company_id", "in", [self.env.company.id, False])],
                order="company_id",
                limit=1,
            )
        )
        if sequence_sudo.implementation != "standard" or sequence_sudo.use_date_range:
            return [sequence_sudo.next_by_id() for _number in range(count)]
        rows = self.env.execute_query(
            SQL("SELECT nextval(%s) FROM generate_series(1, %s)", f"ir_sequence_{sequence_sudo.id:03d}", count)
        )
        prefix, suffix = sequence_sudo._get_prefix_suffix()
        return [f"{prefix}{number:0{sequence_sudo.padding}d}{suffix}" for [number] in rows]

    # --- ACTIONS ---

    def _check_collector(self):
        """Letters are the work of collectors; the view alone is no guard."""
        self.check_access("write")
        if not (self.env.su or self.env.user.has_group("commercial_assistant.group_collector")):
            raise AccessError(self.env._("Reminders are the work of collectors."))
        if any(notice.is_dry for notice in self):
            raise UserError(self.env._("Letters of a dry run are only looked at."))

    def action_approve(self):
        """Let these letters leave. Approving twice changes nothing."""
        self._check_collector()
        proposed = self.filtered(lambda notice: notice.state == "proposed")
        proposed.sudo()._approve()
        proposed.run_id.sudo()._update_state()
        return True

    def action_reset(self):
        """Take the approval back."""
        self._check_collector()
        approved = self.filtered(lambda notice: notice.state == "approved").sudo()
        approved.write({"state": "proposed", "approved_by_id": False, "approved_on": False})
        approved.run_id._update_state()
        return True

    def action_refresh(self):
        """Read the open amounts again."""
        self._check_collector()
        self.filtered(lambda notice: notice.state in ("proposed", "approved")).sudo()._refresh()
        return True

    def action_send(self):
        """Send these approved letters now."""
        self._check_collector()
        if not self.filtered(lambda notice: notice.state == "approved"):
            raise UserError(self.env._("Approve the letters before you send them."))
        self._send()
        self.run_id.sudo()._update_state()
        return True

    def action_cancel(self):
        """Withdraw letters that have not left; their invoices can be reminded again."""
        self._check_collector()
        if any(notice.state == "delivered" for notice in self):
            raise UserError(self.env._("A delivered letter cannot be withdrawn."))
        self.filtered(lambda notice: notice.state != "cancelled").sudo()._cancel(self.env._("Withdrawn by hand"))
        self.run_id.sudo()._update_state()
        return True

    def action_open_dispatches(self):
        action = super().action_open_dispatches()
        if len(self.dispatch_ids) == 1:
            action["views"] = [(False, "form")]
            action["res_id"] = self.dispatch_ids.id
        return action

    def action_open_receivable(self):
        self.ensure_one()
        return self.receivable_id._get_records_action()

    def action_print(self):
        """Show the letter as it was sent, or as it would be sent."""
        return self.env.ref("commercial_assistant.action_report_dunning_notice").report_action(self)

    # --- APPROVAL ---

    def _approve(self):
        """Let letters leave in the name of the user; what needs no hand is approved when it is written."""
        self.write({"state": "approved", "approved_by_id": self.env.uid, "approved_on": fields.Datetime.now()})

    # --- REFRESH ---

    def _refresh(self, day=None):
        """Decide again about unsent letters with the amounts and rules of now.

        A letter for which nothing is left to claim is cancelled with its reason, and its items stay at their level.
        """
        for run, notices in self.filtered(lambda notice: notice.state in UNSENT_STATES).grouped("run_id").items():
            notices._refresh_of_run(run, day or max(run.date, fields.Date.context_today(run)))

    def _refresh_of_run(self, run, day):
        company = run.company_id
        self.env["commercial.receivable"]._refresh_items(company, self.partner_id.ids)
        run = run.with_company(company)
        toolbox = run._prepare_toolbox()
        toolbox["context"].day = day
        toolbox["context"].convert = run._get_converter(company, day)
        labels = dict(self.env["commercial.dunning.skip"]._fields["reason"]._description_selection(self.env))
        for notices in self._split_by_account():
            rows = [notice._prepare_customer_row() for notice in notices]
            lines = notices.line_ids.filtered(lambda line: line.included and line.live)
            customers = run._load_customers(rows, toolbox, item_ids=lines.item_id.ids, ignored_notice_ids=notices.ids)
            for notice, customer in zip(notices, customers, strict=True):
                notice._refresh_one(run, toolbox, labels, customer)
        toolbox["law"].make_tasks()

    def _split_by_account(self):
        """Split these letters into sets with one letter to a customer each: those are read with the same queries."""
        rounds = []
        for notices in self.grouped("receivable_id").values():
            for number, notice in enumerate(notices):
                if number == len(rounds):
                    rounds.append(self.browse())
                rounds[number] += notice
        return rounds

    def _refresh_one(self, run, toolbox, labels, customer):
        self.ensure_one()
        lines = self.line_ids.filtered(lambda line: line.included and line.live)
        customer.policy = toolbox["policy_by_id"].get(self.policy_id.id, customer.policy)
        decision = core.decide(customer, toolbox["context"])
        letters = {letter.scope_key: letter for letter in decision.letters if letter.currency_id == self.currency_id.id}
        letter = letters.get(self.scope_key)
        skips = [run._name_problem(skip, toolbox) for skip in decision.skips]
        reasons = {skip.item_id: self._describe_skip(skip, labels) for skip in skips}
        if not letter:
            level_changed = self.env._("Another kind of letter is due now") if decision.letters else None
            self._cancel(
                ", ".join(sorted(set(reasons.values()))) or level_changed or self.env._("Nothing is open any more")
            )
            return
        kept = {line.item.id for line in letter.lines}
        gone = lines.filtered(lambda line: line.item_id.id not in kept)
        if not self._is_changed(customer, letter, lines, toolbox):
            return
        for line in gone:
            reason = reasons.get(line.item_id.id) or self.env._("Nothing is open any more")
            line.write({"included": False, "live": False, "skip_reason": reason})
        gone.item_id.filtered(lambda item: item.notice_id == self).write({"notice_id": False})
        self._get_planned_charges().unlink()
        (lines - gone).unlink()
        self.write(
            {
                **run._prepare_letter_vals(customer, letter, toolbox),
                "charge_ids": [Command.clear()],
                "attachment_id": False,
                "sha256": False,
            }
        )
        if letter.needs_approval and self.state == "approved" and not self.approved_by_id:
            # it needed no hand as it was; as it is now somebody has to look at it
            self.write({"state": "proposed", "approved_on": False})
        run._write_lines([(self, letter)])
        self.invalidate_recordset()

    @api.model
    def _describe_skip(self, skip, labels):
        label = labels.get(skip.reason, skip.reason)
        if skip.reason != "missing_legal_value":
            return label
        figure = self.env["commercial.dunning.skip"]._explain(skip.reason, skip.detail)
        return self.env._("%(reason)s: %(figure)s", reason=label, figure=figure)

    def _prepare_customer_row(self):
        """Return this customer like a run reads it, with the recipient chosen for this letter."""
        self.ensure_one()
        contact, partner = self.contact_id, self.partner_id
        blocked = contact.email_normalized and self.env["mail.blacklist"].sudo().search_count(
            [("email", "=", contact.email_normalized)], limit=1
        )
        return {
            "receivable_id": self.receivable_id.id,
            "partner_id": partner.id,
            "policy_id": self.policy_id.id,
            "is_excluded": self.receivable_id.is_excluded,
            "excluded_until": self.receivable_id.excluded_until or None,
            "customer_kind": partner.customer_kind,
            "country_id": partner.country_id.id,
            "trust": partner.with_company(self.company_id).trust,
            "contact_id": contact.id,
            "lang": contact.lang or partner.lang,
            "has_email": bool(contact.email_normalized) and not blocked,
            "has_address": bool(contact.street and (contact.zip or contact.city)),
            "phone": contact.phone or partner.phone,
            "country_code": (contact.country_id or partner.country_id).code,
            "channel": self.channel,
        }

    def _is_changed(self, customer, letter, lines, toolbox):
        """Whether the letter would say anything else than it says now."""
        self.ensure_one()
        vals = self.run_id._prepare_letter_vals(customer, letter, toolbox)
        current = self.read(list(vals), load=None)[0]
        amounts = {name for name in vals if name.startswith(("amount_", "announced_indemnity"))}
        for name, value in vals.items():
            if name in amounts:
                if self.currency_id.compare_amounts(value, current[name]):
                    return True
            elif (value or False) != (current[name] or False):
                return True
        said = {(line.item_id.id, line.level_id.id): line.amount_residual for line in lines}
        decided = {(line.item.id, line.level.id): float(line.amount) for line in letter.lines}
        return said.keys() != decided.keys() or any(
            self.currency_id.compare_amounts(said[key], decided[key]) for key in said
        )

    def _get_planned_charges(self):
        """Charges that exist only if this letter arrives."""
        return self.env["commercial.dunning.charge"].search([("notice_id", "in", self.ids), ("state", "=", "planned")])

    # --- SENDING ---

    def _send(self):
        """Make the approved letters and give them to the dispatch, each one by itself.

        What goes wrong with one letter is written on it; the others go on.
        """
        self.sudo().filtered(lambda notice: notice.state == "approved")._refresh()
        reserved = self.env["commercial.dispatch"]
        for notice in self.sudo():
            if notice.state != "approved" or not notice.try_lock_for_update():
                continue
            try:
                with self.env.cr.savepoint():
                    reserved |= notice._reserve_dispatch()
            except UserError as error:
                notice.skip_reason = str(error)
        # the letter of a person is sent in the name of that person; the rights were checked before
        reserved.sudo()._send()

    def _reserve_dispatch(self):
        """Make PDF and text, keep them, and put the letter into the queue; return the dispatch."""
        self.ensure_one()
        self.attachment_id = False
        pdf, body = self._render_letter()
        self._store_letter(pdf)
        dispatch = self.env["commercial.dispatch"]._reserve([self._prepare_dispatch_vals(body)])
        self.write({"state": "sending", "skip_reason": False})
        return dispatch

    def _prepare_dispatch_vals(self, body):
        self.ensure_one()
        mail = self._get_mail_values()
        return {
            "company_id": self.company_id.id,
            "partner_id": self.partner_id.id,
            "contact_id": self.contact_id.id,
            "res_model": self._name,
            "res_id": self.id,
            "key": f"{self._name},{self.id}",
            "lang": self.lang,
            "channel": self.channel,
            "subject": mail.get("subject") or self.name,
            "body": body,
            "attachment_id": self.attachment_id.id,
        }

    def _dispatch_before_send(self, dispatch):
        """Look once more at the accounting; return a reason when the letter must not leave as it is."""
        self.ensure_one()
        notice = self.sudo()
        if not notice.try_lock_for_update():
            return self.env._("The letter is being changed.")
        notice.invalidate_recordset()
        if notice.state == "failed" and not notice._revive():
            return self.env._("The invoices of this letter were reminded again or settled meanwhile.")
        if notice.state != "sending":
            return self.env._("The letter was withdrawn.")
        attachment = notice.attachment_id
        notice._refresh(day=notice._get_day_to_send())
        notice.invalidate_recordset()
        if notice.state == "cancelled":
            return notice.skip_reason
        if notice.attachment_id != attachment:
            # made anew and sent by the next pass of the job
            notice.state = "approved"
            notice.run_id.state = "sending"
            notice.run_id._trigger_sending()
            return self.env._("The letter is out of date and is made anew.")
        return None

    def _get_day_to_send(self):
        """Return the date this letter must bear: a mail that of today; on paper some days may pass until posting."""
        self.ensure_one()
        today = max(self.date, fields.Date.context_today(self))
        policy = self.policy_id._prepare_core_policy(self.policy_id.level_ids._get_languages())
        return self.date if today <= core.posting_day(self.date, self.channel, policy) else today

    def _dispatch_after_send(self, dispatch):
        """The letter has left: its lines reach their level and its charges are claimed. May be called again."""
        notice = self.sudo()
        if notice.state == "delivered":
            return
        sent_on = dispatch._get_sent_date()
        if notice.state in ("failed", "cancelled") and not notice._revive():
            notice._message_log(
                body=self.env._("Letter sent on %(day)s, but its invoices were reminded again meanwhile.", day=sent_on)
            )
            return
        reason = notice._find_defect(sent_on)
        if reason:
            notice._fail(reason)
        else:
            notice._deliver(sent_on)
        notice.run_id._update_state()

    def _dispatch_after_failure(self, dispatch):
        """The letter did not arrive: its items stay at their level and can be reminded again. May be called again."""
        notice = self.sudo()
        if notice.state == "delivered":
            notice._undo_delivery()
        if notice.state in UNSENT_STATES or notice.state == "delivered":
            notice._fail(dispatch.error or self.env._("The letter was not sent."))
            notice.run_id._update_state()

    def _find_defect(self, sent_on):
        """Return why a letter that left on this day does not count, or nothing.

        A first reminder that was posted later than planned gives the customer less time than the law wants: what is
        printed on it is wrong, so it starts nothing.
        """
        self.ensure_one()
        if not self.line_ids.filtered(lambda line: line.live and line.level_id.kind == "reminder"):
            return None
        context = self._get_law_context()
        try:
            term = core.REGIMES[self.regime].free_term(sent_on, self.channel, context)
        except core.MissingFigureError:
            return None
        if not term or term.last_free_day <= self.deadline:
            return None
        return self.env._(
            "Sent on %(day)s, this letter should name %(needed)s as the last day to pay without charges, but it names "
            "%(printed)s. It does not count as a first reminder (%(article)s): send a new one.",
            day=sent_on,
            needed=term.last_free_day,
            printed=self.deadline,
            article=self._get_first_reminder_article(),
        )

    def _get_first_reminder_article(self):
        if self.regime == "nl_consumer":
            return self.env._("article 6:96 par. 6 of the Dutch Civil Code")
        return self.env._("article XIX.2 CEL")

    def _deliver(self, sent_on):
        """Record that the letter has arrived on this day."""
        self.ensure_one()
        context = self._get_law_context()
        lines = self.line_ids.filtered("live")
        for line in lines:
            item = line.item_id
            line.write({"previous_level_id": item.level_id.id, "previous_delivered_on": item.last_delivered_on})
            item.write(self._prepare_item_vals(line, sent_on, context))
        self._get_planned_charges()._claim(sent_on)
        self.receivable_id.with_context(tracking_disable=True).write(
            {"last_level_id": self.level_id.id, "last_notice_on": sent_on}
        )
        self.write({"state": "delivered", "delivered_on": sent_on, "skip_reason": False})
        self.receivable_id._message_log(
            body=self.env._("%(level)s: %(letter)s", level=self.level_id.name, letter=self._get_html_link())
        )

    def _get_law_context(self):
        """Return what the law says for the company of this letter; for many deliveries it is read once."""
        self.ensure_one()
        return self.env.context.get(LAW_KEY, {}).get(self.run_id.id) or self.run_id._prepare_toolbox()["context"]

    def _prepare_item_vals(self, line, sent_on, context):
        """Return what the delivery of a line changes on its item."""
        vals = {"level_id": line.level_id.id, "last_delivered_on": sent_on, "notice_id": False, "next_date": False}
        if line.level_id.kind == core.REGIMES[self.regime].interest_kind and not line.item_id.interest_from:
            vals["interest_from"] = self._get_interest_after(sent_on, context)
        if line.level_id.kind != "reminder":
            return vals
        is_known = line.item_id.first_reminder_on and line.item_id.earliest_charge_on
        if is_known and not line.round:
            return vals
        try:
            first = core.REGIMES[self.regime].first_reminder(sent_on, self.channel, context)
        except core.MissingFigureError:
            # the figure was confirmed when the letter was made; what it announced holds
            first = FirstReminder(self.deadline, self.earliest_charge_date, self.earliest_charge_date)
        if is_known:
            # a part that was held before: nothing is claimed for the invoice until its own time is over
            day = max(first.earliest_charge_on, fields.Date.add(self.deadline, days=1)) if first else sent_on
            return vals | {"earliest_charge_on": max(day, line.item_id.earliest_charge_on)}
        vals["first_reminder_on"] = sent_on
        if first:
            vals |= {
                # a longer time granted in the letter is kept
                "earliest_charge_on": max(first.earliest_charge_on, fields.Date.add(self.deadline, days=1)),
                "interest_from": first.interest_from,
            }
        return vals

    def _get_interest_after(self, sent_on, context):
        """Return from when interest runs after this letter; an unknown figure leaves it open."""
        try:
            return core.REGIMES[self.regime].interest_after(sent_on, self.channel, context)
        except core.MissingFigureError:
            return False

    def _undo_delivery(self):
        """The letter came back: whatever its delivery started ends, unless a later letter has gone further."""
        self.ensure_one()
        for line in self.line_ids.filtered("live"):
            item = line.item_id
            if item.level_id != line.level_id or item.last_delivered_on != self.delivered_on:
                continue
            vals = {
                "level_id": line.previous_level_id.id,
                "last_delivered_on": line.previous_delivered_on,
                "next_date": False,
            }
            if line.level_id.kind == core.REGIMES[self.regime].interest_kind:
                vals["interest_from"] = False
            if line.level_id.kind == "reminder" and item.first_reminder_on == self.delivered_on:
                vals |= {"first_reminder_on": False, "earliest_charge_on": False, "interest_from": False}
            item.write(vals)
        charges = self.env["commercial.dunning.charge"].search([("notice_id", "=", self.id), ("state", "=", "claimed")])
        charges._unclaim()

    def _fail(self, reason):
        self._release()
        self.write({"state": "failed", "skip_reason": reason, "delivered_on": False})

    def _cancel(self, reason=False):
        """Withdraw letters together with what waits to be sent."""
        waiting = self.dispatch_ids.filtered(lambda dispatch: dispatch.state == "reserved")
        on_the_way = self.dispatch_ids.filtered(lambda dispatch: dispatch.state in ("sending", "ambiguous"))
        if on_the_way:
            raise UserError(
                self.env._(
                    "%(letters)s may have left already: decide about that first.", letters=on_the_way.mapped("name")
                )
            )
        self._release()
        self.write({"state": "cancelled", "skip_reason": reason})
        if waiting:
            waiting.action_cancel()

    def _release(self):
        """Let the items go: they stay at their level and the next run decides about them."""
        self.env["commercial.receivable.item"].search([("notice_id", "in", self.ids)]).write(
            {"notice_id": False, "next_date": False}
        )
        self.line_ids.filtered("live").write({"live": False})
        self._get_planned_charges().write({"state": "cancelled"})

    def _revive(self):
        """Take a failed letter up again, if nothing has happened to its items since; return whether it is alive."""
        self.ensure_one()
        lines = self.line_ids.filtered("included")
        for line in lines:
            item = line.item_id
            later = line.search_count(
                [
                    ("item_id", "=", item.id),
                    ("live", "=", True),
                    ("level_id", "=", line.level_id.id),
                    ("round", "in", [line.round, False] if not line.round else [line.round]),
                ],
                limit=1,
            )
            if item.notice_id or item.state != "open" or later:
                return False
        lines.write({"live": True})
        lines.item_id.write({"notice_id": self.id})
        self.charge_ids.filtered(lambda charge: charge.notice_id == self and charge.state == "cancelled").write(
            {"state": "planned"}
        )
        self.write({"state": "sending", "skip_reason": False})
        return True


class DunningNoticeLine(models.Model):
    """One instalment in a letter, with the figures that were true when the letter was made."""

    _name = "commercial.dunning.notice.line"
    _description = "Reminder Letter Line"
    _order = "notice_id, date_maturity, id"
    # A million of them are written in a night: who and when stand on the letter, invoice and currency on the item.
    # Each column that points to another table costs a check for every row.
    _log_access = False

    notice_id = fields.Many2one(
        comodel_name="commercial.dunning.notice",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        related="notice_id.company_id",
    )
    item_id = fields.Many2one(
        comodel_name="commercial.receivable.item",
        string="Open item",
        required=True,
        index=True,
        ondelete="restrict",
    )
    move_line_id = fields.Many2one(related="item_id.move_line_id")
    move_id = fields.Many2one(related="item_id.move_id")
    currency_id = fields.Many2one(related="notice_id.currency_id")
    level_id = fields.Many2one(
        comodel_name="commercial.dunning.policy.level",
        required=True,
        ondelete="restrict",
    )
    invoice_name = fields.Char(string="Invoice number")
    invoice_date = fields.Date()
    date_maturity = fields.Date(string="Due date")
    days_late = fields.Integer()
    description = fields.Char(compute="_compute_description", help="What was sold.")
    amount_original = fields.Monetary(string="Original amount")
    amount_paid = fields.Monetary(string="Paid")
    amount_residual = fields.Monetary(string="Open amount")
    announced_indemnity = fields.Monetary()
    amount_reminded = fields.Monetary(
        string="Reminded so far",
        help="How much of what was open had its first reminder with this letter. A part that is held at that time gets "
        "a first reminder of its own when the hold ends, where the law wants that.",
    )
    round = fields.Integer(
        string="Further first reminder",
        help="Number of the further first reminder, for a part that was held before, with which the levels began anew.",
    )
    amount_interest = fields.Monetary(string="Interest")
    amount_fixed = fields.Monetary(string="Lump sum")
    included = fields.Boolean(default=True)
    live = fields.Boolean(help="Part of a letter that is under way or delivered.")
    skip_reason = fields.Char(string="Reason")
    previous_level_id = fields.Many2one(
        comodel_name="commercial.dunning.policy.level",
        ondelete="set null",
        help="The level before this letter arrived; valid again when the letter comes back.",
    )
    previous_delivered_on = fields.Date()

    _unique_live_level = models.UniqueIndex(
        "(item_id, level_id, COALESCE(round, 0)) WHERE live", "This item already has a letter of this level."
    )

    # --- COMPUTE ---

    @api.depends_context("lang")
    def _compute_description(self):
        """What the invoice was for, from its product lines; shortened to what fits on a letter."""
        lines = self.move_id.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        names_by_move = {}
        for line in lines:
            name = self._get_name_of_sold(line)
            names = names_by_move.setdefault(line.move_id.id, [])
            if name and name not in names:
                names.append(name)
        for line in self:
            names = names_by_move.get(line.move_id.id, [])
            line.description = ", ".join(names[:3]) + (" …" if len(names) > 3 else "")

    @api.model
    def _get_name_of_sold(self, invoice_line):
        """Return what stands on the invoice; the name of a product in the language of the letter."""
        product_sudo = invoice_line.product_id.sudo()  # whoever may read the letter may know what was sold
        text = (invoice_line.name or "").split("\n")[0].strip()
        lang = invoice_line.partner_id.lang
        if not text or (lang and text == product_sudo.with_context(lang=lang).display_name):
            return product_sudo.display_name or text
        return text

    # --- ACTIONS ---

    def action_leave_out(self):
        """Take this invoice out of an unsent letter; it stays at its level."""
        notices = self.notice_id
        notices._check_collector()
        if any(notice.state not in ("proposed", "approved") for notice in notices):
            raise UserError(self.env._("The letter is not changed any more."))
        lines_sudo = self.sudo().filtered("live")
        lines_sudo.item_id.write({"notice_id": False})
        lines_sudo.write({"included": False, "live": False, "skip_reason": self.env._("Left out by hand")})
        notices.sudo()._refresh()
        return True

    def action_open_invoice(self):
        self.ensure_one()
        return self.move_id._get_records_action()
