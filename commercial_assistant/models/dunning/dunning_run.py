import hashlib
import logging
import random
import time
from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from functools import partial

from psycopg2 import Error as DatabaseError
from psycopg2.errors import DeadlockDetected, LockNotAvailable, SerializationFailure, UniqueViolation

from odoo import api, fields, models, modules
from odoo.exceptions import ConcurrencyError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools import dunning as core
from ...tools.identifiers import (
    communication_digits,
    creditor_reference,
    is_creditor_reference,
    is_structured_communication,
    structured_communication,
)
from ...tools.phone_numbers import mobile_number
from .bulk import insert_rows
from .dunning_notice import PAPER_CHANNELS
from .dunning_skip import AHEAD, PRESUMED
from .law_book import LawBook

_logger = logging.getLogger(__name__)

DRY, REAL = "dry", "real"
# what can hold an open item or a part of it, the strongest reason first
HOLD_MODELS = (
    "commercial.collection.handover",
    "commercial.dispute",
    "commercial.payment.plan",
    "commercial.payment.promise",
)
LIVE_NOTICE_STATES = ("proposed", "approved", "sending", "delivered")
# two transactions wanted the same rows: the one that is told so begins again and sees what the other one did
CONFLICTS = (SerializationFailure, DeadlockDetected, LockNotAvailable, ConcurrencyError)
TRIES = 5
# letters in one file for the printer
PRINT_BATCH = 200


def to_decimal(value):
    """Read a stored amount by its shortest decimal form."""
    return Decimal(str(value or 0))


class DunningRun(models.Model):
    """One pass over the open items: propose letters, approve them, send them."""

    _name = "commercial.dunning.run"
    _description = "Reminder Run"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True, readonly=True, copy=False, default="/")
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    date = fields.Date(
        required=True,
        copy=False,
        default=fields.Date.context_today,
        help="The letters are decided and dated as of this day.",
    )
    mode = fields.Selection(
        selection=[(REAL, "Real"), (DRY, "Dry run")],
        required=True,
        default=REAL,
        help="A dry run decides exactly like a real one, but its letters can never be sent.",
    )
    partner_ids = fields.Many2many(
        comodel_name="res.partner",
        relation="commercial_dunning_run_partner_rel",
        column1="run_id",
        column2="partner_id",
        string="Only these customers",
    )
    policy_ids = fields.Many2many(
        comodel_name="commercial.dunning.policy",
        relation="commercial_dunning_run_policy_rel",
        column1="run_id",
        column2="policy_id",
        string="Only these policies",
        check_company=True,
    )
    scope_key = fields.Char(
        compute="_compute_scope_key",
        store=True,
        help="Stands for the customers and policies of this run.",
    )
    log_waiting = fields.Boolean(
        string="List waiting items",
        default=True,
        help="Also list the overdue items whose next letter is not allowed yet. The nightly job only counts them.",
    )
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("proposing", "Proposing"),
            ("proposed", "Proposed"),
            ("approved", "Approved"),
            ("sending", "Sending"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        copy=False,
        default="draft",
        tracking=True,
    )
    is_automatic = fields.Boolean(string="Made by the job", readonly=True, copy=False)
    cursor_partner_id = fields.Integer(
        readonly=True,
        copy=False,
        help="The last customer that was decided about; an interrupted run goes on after it.",
    )
    customers_total = fields.Integer(
        string="Customers to decide about",
        readonly=True,
        copy=False,
        help="Customers with an item that may get a letter, when the proposing began.",
    )
    customers_done = fields.Integer(string="Customers decided about", readonly=True, copy=False)
    progress = fields.Float(
        compute="_compute_progress",
        aggregator=None,
        help="While letters are proposed: the customers that were decided about. While they are sent: the letters that "
        "have left, failed or were withdrawn.",
    )
    waiting_count = fields.Integer(string="Waiting items", readonly=True, copy=False)
    notice_ids = fields.One2many(
        comodel_name="commercial.dunning.notice",
        inverse_name="run_id",
        string="Letters",
    )
    skip_ids = fields.One2many(
        comodel_name="commercial.dunning.skip",
        inverse_name="run_id",
        string="Without letter",
    )
    notice_count = fields.Integer(string="Letters to send", compute="_compute_counts")
    customer_count = fields.Integer(string="Customers", compute="_compute_counts")
    approval_count = fields.Integer(string="To approve", compute="_compute_counts")
    delivered_count = fields.Integer(string="Delivered", compute="_compute_counts")
    failed_count = fields.Integer(string="Failed", compute="_compute_counts")
    skip_count = fields.Integer(string="Items without letter", compute="_compute_skip_count")
    print_count = fields.Integer(string="To print", compute="_compute_paper_counts")
    post_count = fields.Integer(string="To post", compute="_compute_paper_counts")
    unfollowed_count = fields.Integer(
        string="Not followed up",
        compute="_compute_unfollowed_count",
        help="Open entries that Odoo leaves out of the follow-up and nobody has looked at.",
    )
    company_problem = fields.Char(
        string="Why nothing leaves",
        compute="_compute_company_problem",
        help="Why no letter of this company may leave at all.",
    )
    health = fields.Char(related="company_id.dunning_health")
    is_late = fields.Boolean(related="company_id.dunning_is_late")
    amount_summary = fields.Char(
        string="Claimed",
        compute="_compute_counts",
        help="Total of the letters, each currency by itself.",
    )
    skip_summary = fields.Text(string="Why without letter", compute="_compute_skip_count")

    _unique_real_run = models.UniqueIndex(
        "(company_id, date, scope_key) WHERE mode = 'real' AND state <> 'cancelled'",
        "There is already a run of this day for the same customers. Open it instead of making a second one.",
    )

    # --- COMPUTE ---

    @api.depends("partner_ids", "policy_ids")
    def _compute_scope_key(self):
        for run in self:
            scope = (sorted(run.partner_ids.commercial_partner_id.ids), sorted(run.policy_ids.ids))
            run.scope_key = hashlib.sha256(repr(scope).encode()).hexdigest()[:16] if any(scope) else "all"

    @api.depends("notice_ids.state", "notice_ids.amount_total")
    @api.depends_context("lang")
    def _compute_counts(self):
        groups = self.env["commercial.dunning.notice"]._read_group(
            [("run_id", "in", self.ids)],
            ["run_id", "state", "currency_id"],
            ["__count", "amount_total:sum", "partner_id:count_distinct"],
        )
        rows = defaultdict(list)
        for run, *row in groups:
            rows[run.id].append(row)
        customers = dict(
            self.env["commercial.dunning.notice"]._read_group(
                [("run_id", "in", self.ids), ("state", "!=", "cancelled")],
                ["run_id"],
                ["partner_id:count_distinct"],
            )
        )
        Receivable = self.env["commercial.receivable"]
        for run in self:
            mine = [row for row in rows[run.id] if row[0] != "cancelled"]
            run.notice_count = sum(row[2] for row in mine)
            run.customer_count = customers.get(run, 0)
            run.approval_count = sum(row[2] for row in mine if row[0] == "proposed")
            run.delivered_count = sum(row[2] for row in mine if row[0] == "delivered")
            run.failed_count = sum(row[2] for row in mine if row[0] == "failed")
            totals = defaultdict(float)
            for _state, currency, _count, amount, _customers in mine:
                totals[currency] += amount
            run.amount_summary = Receivable._format_amounts([(c, 0, amount) for c, amount in totals.items()])

    @api.depends("state", "customers_total", "customers_done", "notice_ids.state")
    def _compute_progress(self):
        open_letters, letters = defaultdict(int), defaultdict(int)
        for run, state, count in self.env["commercial.dunning.notice"]._read_group(
            [("run_id", "in", self.ids)], ["run_id", "state"], ["__count"]
        ):
            letters[run.id] += count
            if state in ("proposed", "approved", "sending"):
                open_letters[run.id] += count
        for run in self:
            if run.state == "proposing":
                done, total = run.customers_done, run.customers_total
            elif run.state in ("sending", "done"):
                done, total = letters[run.id] - open_letters[run.id], letters[run.id]
            else:
                done, total = 0, 0
            run.progress = min(100.0 * done / total, 100.0) if total else 0.0

    @api.depends("notice_ids.state")
    def _compute_paper_counts(self):
        """Letters of these runs that lie ready for the printer and for the post office."""
        self.env["commercial.dispatch"].flush_model()
        self.env["commercial.dunning.notice"].flush_model(["run_id"])
        counts = {
            run_id: (to_print, to_post)
            for run_id, to_print, to_post in self.env.execute_query(
                SQL(
                    """
                    SELECT notice.run_id, COUNT(*) FILTER (WHERE dispatch.printed_on IS NULL), COUNT(*)
                      FROM commercial_dispatch dispatch
                      JOIN commercial_dunning_notice notice ON notice.id = dispatch.res_id
                     WHERE dispatch.res_model = 'commercial.dunning.notice'
                       AND dispatch.state = 'reserved'
                       AND dispatch.channel = ANY(%s)
                       AND notice.run_id = ANY(%s)
                  GROUP BY notice.run_id
                    """,
                    list(PAPER_CHANNELS),
                    self.ids,
                )
            )
        }
        for run in self:
            run.print_count, run.post_count = counts.get(run.id, (0, 0))

    @api.depends("company_id")
    def _compute_unfollowed_count(self):
        counts = dict(
            self.env["commercial.receivable.check"]._read_group(
                [("company_id", "in", self.company_id.ids), ("state", "=", "new")], ["company_id"], ["__count"]
            )
        )
        for run in self:
            run.unfollowed_count = counts.get(run.company_id, 0)

    @api.depends("company_id.dunning_active", "company_id.dunning_beside_followup")
    @api.depends_context("lang")
    def _compute_company_problem(self):
        problems = {company: company._find_dunning_problem() for company in self.company_id}
        labels = dict(self.env["commercial.dunning.skip"]._fields["reason"]._description_selection(self.env))
        for run in self:
            run.company_problem = labels.get(problems.get(run.company_id), False)

    @api.depends("skip_ids.reason", "waiting_count")
    @api.depends_context("lang")
    def _compute_skip_count(self):
        labels = dict(self.env["commercial.dunning.skip"]._fields["reason"]._description_selection(self.env))
        rows = defaultdict(list)
        for run, reason, count in self.env["commercial.dunning.skip"]._read_group(
            [("run_id", "in", self.ids)], ["run_id", "reason"], ["__count"]
        ):
            rows[run.id].append((count, reason))
        for run in self:
            run.skip_count = sum(count for count, _reason in rows[run.id])
            run.skip_summary = "\n".join(
                f"{labels.get(reason, reason)}: {count}" for count, reason in sorted(rows[run.id], reverse=True)
            )

    # --- CONSTRAINTS ---

    @api.constrains("date", "mode")
    def _check_date(self):
        for run in self:
            if run.mode == REAL and run.date > fields.Date.context_today(run):
                raise ValidationError(self.env._("Letters cannot be dated in the future. Use a dry run to look ahead."))

    # --- CRUD ---

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                sequence = self.env["ir.sequence"].with_company(vals.get("company_id") or self.env.company.id)
                vals["name"] = sequence.next_by_code("commercial.dunning.run") or "/"
        return super().create(vals_list)

    @api.model
    def _get_writable_fields(self):
        """What a person may change in a draft; the rest follows the work."""
        return {"date", "mode", "partner_ids", "policy_ids", "log_waiting", "company_id", "message_follower_ids"}

    def write(self, vals):
        if not self.env.su:
            if not self._get_writable_fields().issuperset(vals):
                raise UserError(self.env._("The state of a run follows its buttons."))
            if any(run.state != "draft" for run in self) and vals.keys() - {"message_follower_ids"}:
                raise UserError(
                    self.env._("A run that has begun is not changed any more: cancel it and make a new one.")
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for run in self:
            if run.mode == REAL and run._search_notices(("state", "!=", "cancelled"), limit=1):
                raise UserError(self.env._("%(run)s has letters: cancel it instead.", run=run.name))
        self.sudo()._discard_dry_letters()

    # --- ACTIONS ---

    def _check_collector(self):
        """A run is the work of collectors; the view alone is no guard."""
        self.check_access("write")
        if not (self.env.su or self.env.user.has_group("commercial_assistant.group_collector")):
            raise UserError(self.env._("Reminders are the work of collectors."))

    def action_propose(self):
        """Decide about all open items and propose the letters. Doing it again adds only what is new."""
        self._check_collector()
        for run in self.sudo():  # a collector may not write letters and charges by hand, the run may
            if run.state in ("cancelled", "done"):
                raise UserError(self.env._("%(run)s is closed.", run=run.name))
            run._lock()
            if run.state != "proposing":
                run._start_proposing()
            if run.customers_total - run.customers_done > run._get_direct_limit():
                # too much for one click: the job goes on with it at once
                self.env.ref("commercial_assistant.ir_cron_dunning_propose")._trigger()
                continue
            toolbox = run._prepare_toolbox()
            while run._propose_chunk(toolbox):
                pass
            run._finish_proposing(toolbox)
        return True

    def action_approve(self):
        """Approve every proposed letter of the run."""
        self._check_collector()
        for run in self:
            if run.mode == DRY:
                raise UserError(self.env._("A dry run sends nothing, so there is nothing to approve."))
            if run.state == "proposing":
                raise UserError(self.env._("%(run)s is still proposing letters.", run=run.name))
            for notices in run._iterate_notices(("state", "=", "proposed")):
                notices.action_approve()
        return True

    def action_send(self):
        """Send every approved letter of the run; many letters are sent by the job."""
        self._check_collector()
        for run in self:
            if run.mode == DRY:
                raise UserError(self.env._("A dry run sends nothing."))
            if run.state == "proposing":
                raise UserError(self.env._("%(run)s is still proposing letters.", run=run.name))
            batch = run.company_id.dunning_send_batch
            notices = run._search_notices(("state", "=", "approved"), limit=batch + 1)
            if not notices:
                continue
            run.sudo().state = "sending"
            if len(notices) > batch:
                run._trigger_sending()
                continue
            notices._send()
            run.sudo()._update_state()
        return True

    def action_cancel(self):
        """Withdraw every letter that has not left. What was delivered stays."""
        self._check_collector()
        for run in self.sudo():
            run._lock()
            if run.mode == DRY:
                run._discard_dry_letters()
                run._discard_findings()
            else:
                for notices in run._iterate_notices(("state", "not in", ("delivered", "cancelled"))):
                    notices._cancel()
            run.state = "cancelled"
        self.env.flush_all()  # makes room for a new run of the day at once
        return True

    def action_make_real(self):
        """Open the real run with the same customers and policies as this dry run."""
        self.ensure_one()
        self._check_collector()
        run = self._get_or_create(self.company_id, partners=self.partner_ids, policies=self.policy_ids)
        return run._get_records_action(name=self.env._("Reminders"))

    def action_print_letters(self):
        """Return the next letters for the printer as one file; they are looked at once more before."""
        self.ensure_one()
        self._check_collector()
        waiting = self._search_paper(("printed_on", "=", False), limit=PRINT_BATCH)
        if not waiting:
            raise UserError(self.env._("No letter of this run waits to be printed."))
        return waiting.action_print()

    def action_post_letters(self):
        """Ask for the day on which the printed letters were taken to the post office."""
        self.ensure_one()
        self._check_collector()
        printed = self._search_paper(("printed_on", "!=", False), limit=PRINT_BATCH)
        if not printed:
            raise UserError(self.env._("No letter of this run is printed and waits for the post."))
        return printed.action_open_post_wizard()

    def action_open_paper(self):
        """Open the letters that lie ready for the printer and for the post office."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.dispatch_action")
        action["domain"] = [("id", "in", self._search_paper().ids)]
        action["context"] = {}
        return action

    def _search_paper(self, *conditions, limit=None):
        """Return the letters of these runs that wait for a person: on paper, written, and not posted yet."""
        letters = self._search_notices(("state", "=", "sending"), ("channel", "in", PAPER_CHANNELS))
        domain = [
            ("res_model", "=", letters._name),
            ("res_id", "in", letters.ids),
            ("state", "=", "reserved"),
            ("channel", "in", PAPER_CHANNELS),
            *conditions,
        ]
        return self.env["commercial.dispatch"].search(domain, order="id", limit=limit)

    def action_open_notices(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.dunning_notice_action")
        action["domain"] = [("run_id", "=", self.id)]
        action["context"] = {"search_default_group_level": 1} if self.env.context.get("by_level") else {}
        if self.env.context.get("notice_state"):
            action["domain"] = [("run_id", "=", self.id), ("state", "=", self.env.context["notice_state"])]
        return action

    def action_open_skips(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.dunning_skip_action")
        action["domain"] = [("run_id", "=", self.id)]
        return action

    def action_open_unfollowed(self):
        """Show the entries that are left out of the reminders without anybody having said so."""
        return self.env["commercial.receivable.check"].action_check()

    def action_open_waiting(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.receivable_item_action")
        action["domain"] = [
            ("company_id", "=", self.company_id.id),
            ("state", "=", "open"),
            ("date_due", "<", self.date),
            ("next_date", ">", self.date),
        ]
        action["context"] = {}
        return action

    def _trigger_sending(self):
        """Let the jobs that make and send letters begin at once."""
        for name in ("ir_cron_dunning_send", "ir_cron_dunning_print"):
            self.env.ref(f"commercial_assistant.{name}")._trigger()

    def _search_notices(self, *conditions, limit=None):
        """Return letters of these runs; a run can have more of them than anybody wants to load."""
        return self.env["commercial.dunning.notice"].search(
            [("run_id", "in", self.ids), *conditions], order="id", limit=limit
        )

    def _iterate_notices(self, *conditions, size=1000):
        """Yield letters of these runs in sets; memory holds one set at a time."""
        ids = self._search_notices(*conditions).ids
        for begin in range(0, len(ids), size):
            yield self.env["commercial.dunning.notice"].browse(ids[begin : begin + size])
            if len(ids) > size:
                self.env.flush_all()
                self.env.invalidate_all()

    # --- PROPOSING ---

    @api.model
    def _get_or_create(self, company, day=None, partners=None, policies=None):
        """Return the real run of that day and scope, a new one when there is none."""
        day = day or fields.Date.context_today(self)
        vals = {
            "company_id": company.id,
            "date": day,
            "mode": REAL,
            "partner_ids": [fields.Command.set(partners.commercial_partner_id.ids if partners else [])],
            "policy_ids": [fields.Command.set(policies.ids if policies else [])],
        }
        scope_key = self.new(vals).scope_key
        domain = [
            ("company_id", "=", company.id),
            ("date", "=", day),
            ("mode", "=", REAL),
            ("state", "!=", "cancelled"),
            ("scope_key", "=", scope_key),
        ]
        return self.search(domain, limit=1) or self._create_once(vals)

    @api.model
    def _create_once(self, vals):
        """Create a run; when somebody else has just created it, begin again and find that one."""
        try:
            with self.env.cr.savepoint():
                return self.create(vals)
        except UniqueViolation as error:
            raise ConcurrencyError(str(error)) from error  # noqa: TRY004 - the framework repeats the transaction

    def _lock(self):
        """Hold the run alone until the end of the transaction."""
        self.ensure_one()
        if not self.try_lock_for_update():
            raise UserError(self.env._("Somebody else is working on %(run)s at this moment.", run=self.name))
        self.invalidate_recordset()

    def _get_direct_limit(self):
        """Number of customers up to which a button proposes at once."""
        return 20 * self.company_id.dunning_chunk_size

    def _get_scope_partner_ids(self):
        """Commercial partners of this run, ``None`` for all."""
        return self.partner_ids.commercial_partner_id.ids if self.partner_ids else None

    def _start_proposing(self):
        """Follow the accounting and begin with the first customer."""
        self.ensure_one()
        if self.mode == DRY:
            self._discard_dry_letters()
        self._discard_findings()
        self.env["commercial.receivable"]._refresh_items(self.company_id, self._get_scope_partner_ids())
        if not self.partner_ids:
            self.env["commercial.receivable.check"]._refresh(self.company_id)
        self.write({"state": "proposing", "cursor_partner_id": 0, "waiting_count": 0, "customers_done": 0})
        self.customers_total = self._count_customers()

    def _discard_findings(self):
        """Forget what these runs found about items without a letter."""
        self.env.cr.execute("DELETE FROM commercial_dunning_skip WHERE run_id = ANY(%s)", (self.ids,))
        self.env["commercial.dunning.skip"].invalidate_model()
        self.invalidate_recordset(["skip_ids"])

    def _discard_dry_letters(self):
        """Delete the letters of dry runs with all their parts, in a few statements."""
        dry = self.filtered(lambda run: run.mode == DRY)
        if not dry:
            return
        self.env.flush_all()
        letters = SQL("SELECT id FROM commercial_dunning_notice WHERE run_id = ANY(%s) AND is_dry", dry.ids)
        for table in ("commercial_dunning_notice_charge_rel", "commercial_dunning_charge"):
            self.env.cr.execute(SQL("DELETE FROM %s WHERE notice_id IN (%s)", SQL.identifier(table), letters))
        self.env.cr.execute(SQL("DELETE FROM commercial_dunning_notice WHERE id IN (%s)", letters))
        self.env.invalidate_all()

    def _propose_chunk(self, toolbox=None):
        """Decide about the next customers; return how many there were.

        When something unexpected happens with one customer, the others are decided about all the same. A customer that
        somebody else works on at this moment is left for the end of the run.

        :param toolbox: what :meth:`_prepare_toolbox` returned in this transaction
        """
        self.ensure_one()
        toolbox = toolbox or self._prepare_toolbox()
        rows = self._fetch_customers(self.company_id.dunning_chunk_size)
        if not rows:
            return 0
        free = self._lock_customers(rows)
        self._decide_in_halves(free, toolbox)
        self._write_busy(rows, free)
        self.write({"cursor_partner_id": rows[-1]["partner_id"], "customers_done": self.customers_done + len(rows)})
        self.env.flush_all()
        return len(rows)

    def _lock_customers(self, rows):
        """Keep other runs off these customers until the end of the transaction; return those that were free.

        So two runs at once (the job and a button, or two buttons) never decide about one customer both.
        """
        if self.mode == DRY or not rows:
            return rows
        locked = {
            receivable_id
            for [receivable_id] in self.env.execute_query(
                SQL(
                    "SELECT id FROM commercial_receivable WHERE id = ANY(%s) FOR NO KEY UPDATE SKIP LOCKED",
                    [row["receivable_id"] for row in rows],
                )
            )
        }
        return [row for row in rows if row["receivable_id"] in locked]

    def _write_busy(self, rows, free):
        """Note the items of customers that were in use."""
        known = {row["receivable_id"] for row in free}
        busy = [row["receivable_id"] for row in rows if row["receivable_id"] not in known]
        if busy:
            self._write_skips([core.Skip(item["id"], "in_use") for item in self._fetch_items(busy)])

    def _propose_to_busy(self, toolbox):
        """Decide at the end about customers that were in use when it was their turn; who still is keeps that reason."""
        self.ensure_one()
        [[partner_ids]] = self.env.execute_query(
            SQL(
                "SELECT array_agg(DISTINCT partner_id) FROM commercial_dunning_skip WHERE run_id = %s AND reason = %s",
                self.id,
                "in_use",
            )
        )
        size = self.company_id.dunning_chunk_size
        for begin in range(0, len(partner_ids or ()), size):
            rows = self._fetch_customers(size, partner_ids[begin : begin + size])
            free = self._lock_customers(rows)
            still_busy = {row["partner_id"] for row in rows} - {row["partner_id"] for row in free}
            self.env.cr.execute(
                SQL(
                    """
                    DELETE FROM commercial_dunning_skip
                     WHERE run_id = %s
                       AND reason = 'in_use'
                       AND partner_id = ANY(%s)
                       AND partner_id <> ALL(%s)
                    """,
                    self.id,
                    partner_ids[begin : begin + size],
                    list(still_busy),
                )
            )
            self._decide_in_halves(free, toolbox)

    def _decide_in_halves(self, rows, toolbox):
        """Decide about these customers; after an error find the customer it comes from by halving."""
        if not rows:
            return
        try:
            with self.env.cr.savepoint():
                self._decide_and_write(rows, toolbox)
            return
        except (DatabaseError, ConcurrencyError):
            raise  # the framework repeats the transaction, or the next start goes on here
        except Exception as error:
            if len(rows) == 1:
                self._write_error(rows[0], toolbox, error)
                return
            _logger.warning("Reminder run %s: an error among %s customers", self.id, len(rows), exc_info=True)
        middle = len(rows) // 2
        self._decide_in_halves(rows[:middle], toolbox)
        self._decide_in_halves(rows[middle:], toolbox)

    def _write_error(self, row, toolbox, error):
        """Name the customer about whom nothing can be decided; many of them mean that something else is wrong."""
        toolbox["errors"] += 1
        if toolbox["errors"] > 10:
            raise error
        _logger.error("Reminder run %s: no decision about customer %s", self.id, row["partner_id"], exc_info=error)
        items = self._fetch_items([row["receivable_id"]])
        self._write_skips([core.Skip(item["id"], "error", detail=str(error)[:200]) for item in items])

    def _decide_and_write(self, rows, toolbox):
        customers = self._load_customers(rows, toolbox)
        policy_ids = set(self.policy_ids.ids)
        decided = [
            (row, customer, core.decide(customer, toolbox["context"]))
            for row, customer in zip(rows, customers, strict=True)
            if customer.items and (not policy_ids or (customer.policy and customer.policy.id in policy_ids))
        ]
        self._write_notices(
            [(row, customer, letter) for row, customer, result in decided for letter in result.letters], toolbox
        )
        self._write_skips(
            [self._name_problem(skip, toolbox) for _row, _customer, result in decided for skip in result.skips]
        )
        toolbox["law"].make_tasks()

    @api.model
    def _name_problem(self, skip, toolbox):
        """Say why the company may send nothing at all, and what a look ahead presumes: the decision knows neither."""
        if skip.reason == "company_off":
            return replace(skip, reason=toolbox["problem"])
        if toolbox["looks_ahead"] and skip.reason in PRESUMED:
            return replace(skip, detail=AHEAD)
        return skip

    def _finish_proposing(self, toolbox=None):
        """Decide about who was in use, count what waits, and tell the result."""
        self.ensure_one()
        self._propose_to_busy(toolbox or self._prepare_toolbox())
        self._write_waiting()
        self.write({"state": "proposed", "cursor_partner_id": 0})
        if self.mode == REAL:
            self._update_state()
        if (
            self.is_automatic
            and self.company_id.dunning_auto_send
            and self._search_notices(("state", "=", "approved"), limit=1)
        ):
            self.state = "sending"
            self._trigger_sending()
        self.invalidate_recordset()
        self._message_log(
            body=self.env._(
                "%(letters)s letters to %(customers)s customers (%(amounts)s); %(skips)s items without a letter.",
                letters=self.notice_count,
                customers=self.customer_count,
                amounts=self.amount_summary or "-",
                skips=self.skip_count,
            )
        )

    def _update_state(self):
        """Let the state of the runs follow their letters."""
        for run in self.filtered(lambda run: run.mode == REAL and run.state not in ("draft", "proposing", "cancelled")):
            states = {
                state
                for [state] in self.env["commercial.dunning.notice"]._read_group([("run_id", "=", run.id)], ["state"])
            }
            if "proposed" in states:
                state = "proposed"
            elif run.state == "sending" and states & {"approved", "sending"}:
                state = "sending"
            elif "approved" in states:
                state = "approved"
            elif "sending" in states:
                state = "sending"
            elif states & {"delivered", "failed"}:
                state = "done"
            else:
                state = "proposed"
            if run.state != state:
                run.state = state

    # --- READING ---

    def _prepare_toolbox(self):
        """Everything that is the same for all customers of the run; read once for each chunk."""
        self.ensure_one()
        company = self.company_id
        euro = self.env.ref("base.EUR")
        law = LawBook(self.env)
        currencies = self.env["res.currency"].with_context(active_test=False).search([])  # pylint: disable=no-search-all
        policies = self.env["commercial.dunning.policy"]._load(company)
        bank = company._get_dunning_bank()
        problem = company._find_dunning_problem()
        context = core.Context(
            day=self.date,
            law=law,
            convert=self._get_converter(company, self.date),
            company_currency_id=company.currency_id.id,
            law_currency_id=euro.id,
            units={currency.id: to_decimal(currency.rounding) for currency in currencies},
            is_active=not problem,
            is_sme=company.commercial_is_sme,
            has_bank_account=bool(bank),
        )
        return {
            "context": context,
            "law": law,
            "problem": problem,
            "policies": policies,
            "policy_by_id": {policy.id: core_policy for policy, core_policy, _rules in policies},
            "bank": bank,
            "approved_on": fields.Datetime.now() if self.mode == REAL else False,
            "errors": 0,
            "looks_ahead": self.date > fields.Date.context_today(self),
            "company_lang": company.partner_id.lang or "en_US",
        }

    @api.model
    def _get_converter(self, company, day):
        """Return ``convert(amount, from currency id, to currency id)`` for one day; it knows what has no rate."""
        self.env["res.currency.rate"].flush_model()
        rated = {
            currency_id
            for [currency_id] in self.env.execute_query(
                SQL(
                    """
                    SELECT DISTINCT currency_id
                      FROM res_currency_rate
                     WHERE name <= %s AND (company_id IS NULL OR company_id = %s)
                    """,
                    day,
                    company.root_id.id,
                )
            )
        }
        rated.add(company.currency_id.id)
        Currency = self.env["res.currency"]
        rates = {}

        def convert(amount, source_id, target_id):
            if source_id == target_id or not amount:
                return amount
            if (source_id, target_id) not in rates:
                for currency_id in (source_id, target_id):
                    if currency_id not in rated:
                        raise core.MissingExchangeRateError(currency_id)
                rate = Currency._get_conversion_rate(
                    Currency.browse(source_id), Currency.browse(target_id), company, day
                )
                rates[source_id, target_id] = to_decimal(rate)
            return amount * rates[source_id, target_id]

        return convert

    def _count_customers(self):
        """Customers that are still to be decided about."""
        return self.env.execute_query(
            SQL("SELECT count(*) FROM commercial_receivable receivable WHERE %s", self._get_customer_condition())
        )[0][0]

    def _get_customer_condition(self, partner_ids=None):
        """Condition of the customers with an item that may get a letter: those after the cursor, or exactly these."""
        self.ensure_one()
        self.env["commercial.receivable"].flush_model()
        self.env["commercial.receivable.item"].flush_model()
        cursor = self.cursor_partner_id if partner_ids is None else 0
        if partner_ids is None:
            partner_ids = self._get_scope_partner_ids()
        return SQL(
            """
            receivable.company_id = %s
            AND receivable.partner_id > %s
            %s
            AND EXISTS (
                SELECT
                  FROM commercial_receivable_item item
                 WHERE item.receivable_id = receivable.id
                   AND %s
            )
            """,
            self.company_id.id,
            cursor,
            SQL("AND receivable.partner_id = ANY(%s)", partner_ids) if partner_ids is not None else SQL(),
            self._get_item_condition(),
        )

    def _get_item_condition(self):
        """Condition of the items to decide about: open, without a letter under way, and not known to wait."""
        return SQL(
            "item.state = 'open' AND item.notice_id IS NULL AND (item.next_date IS NULL OR item.next_date <= %s)",
            self.date,
        )

    def _fetch_customers(self, limit, partner_ids=None):
        """Return the next customers, or these, as rows, with the contact that is written to."""
        self.env["res.partner"].flush_model()
        self.env["mail.blacklist"].flush_model()
        self.env["commercial.dispatch"].flush_model()
        Partner = self.env["res.partner"].with_company(self.company_id)
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT receivable.id AS receivable_id,
                       receivable.partner_id,
                       receivable.policy_id,
                       receivable.is_excluded,
                       receivable.excluded_until,
                       partner.customer_kind,
                       partner.country_id,
                       %(trust)s AS trust,
                       contact.id AS contact_id,
                       COALESCE(contact.lang, partner.lang) AS lang,
                       (contact.email_normalized IS NOT NULL
                        AND NOT EXISTS (SELECT FROM mail_blacklist blocked
                                         WHERE blocked.active AND blocked.email = contact.email_normalized)
                        AND NOT EXISTS (SELECT FROM commercial_dispatch bounced
                                         WHERE bounced.contact_id = contact.id
                                           AND bounced.bounced_on IS NOT NULL
                                           AND bounced.recipient_email = contact.email)
                       ) AS has_email,
                       (COALESCE(contact.street, '') <> ''
                        AND (COALESCE(contact.zip, '') <> '' OR COALESCE(contact.city, '') <> '')
                       ) AS has_address,
                       COALESCE(NULLIF(contact.phone, ''), partner.phone) AS phone,
                       country.code AS country_code
                  FROM commercial_receivable receivable
                  JOIN res_partner partner ON partner.id = receivable.partner_id
             LEFT JOIN res_partner chosen ON chosen.id = receivable.contact_id AND chosen.active
             LEFT JOIN LATERAL (
                       SELECT child.id
                         FROM res_partner child
                        WHERE child.commercial_partner_id = partner.id
                          AND child.id <> partner.id
                          AND child.type = 'invoice'
                          AND child.active
                     ORDER BY child.id
                        LIMIT 1
                       ) invoice ON TRUE
                  JOIN res_partner contact ON contact.id = COALESCE(chosen.id, invoice.id, partner.id)
             LEFT JOIN res_country country ON country.id = COALESCE(contact.country_id, partner.country_id)
                 WHERE %(condition)s
              ORDER BY receivable.partner_id
                 LIMIT %(limit)s
                """,
                trust=Partner._field_to_sql("partner", "trust"),
                condition=self._get_customer_condition(partner_ids),
                limit=limit,
            )
        )

    def _fetch_items(self, receivable_ids, item_ids=None):
        """Return the items to decide about as rows; ``item_ids`` takes exactly these instead."""
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT item.id, item.receivable_id, item.move_id, item.move_line_id, item.currency_id, item.date,
                       item.date_due, item.amount_original, item.amount_residual, item.level_id, item.last_delivered_on,
                       item.first_reminder_on, item.earliest_charge_on, item.interest_from, item.is_excluded,
                       item.excluded_until, level.kind AS level_kind, policy.regime AS level_regime
                  FROM commercial_receivable_item item
             LEFT JOIN commercial_dunning_policy_level level ON level.id = item.level_id
             LEFT JOIN commercial_dunning_policy policy ON policy.id = level.policy_id
                 WHERE item.receivable_id = ANY(%s)
                   AND %s
              ORDER BY item.date_due, item.id
                """,
                list(receivable_ids),
                self._get_item_condition()
                if item_ids is None
                else SQL("item.state = 'open' AND item.id = ANY(%s)", list(item_ids)),
            )
        )

    def _load_customers(self, rows, toolbox, item_ids=None, ignored_notice_ids=()):
        """Read everything the decision needs about these customers, with a fixed number of queries.

        :param item_ids: look at exactly these items
        :param ignored_notice_ids: letters that are being made again: what they plan does not count
        """
        by_receivable = {row["receivable_id"]: row for row in rows}
        item_rows = self._fetch_items(list(by_receivable), item_ids)
        partner_ids = [row["partner_id"] for row in rows]
        move_ids = list({row["move_id"] for row in item_rows if row["move_id"]})
        segments = self._fetch_segments(rows, toolbox)
        mobiles = self._find_mobiles(rows, toolbox)
        credits = self._fetch_credits(partner_ids, ignored_notice_ids)
        holds = self._fetch_holds(item_rows)
        steps = self._fetch_principal_steps(item_rows)
        claims = self._fetch_claims(move_ids, ignored_notice_ids)
        orphans = self._fetch_orphans(list(by_receivable), ignored_notice_ids)
        reminded = self._fetch_reminded_due_dates(list(by_receivable), toolbox)
        written = self._fetch_written(list(by_receivable), ignored_notice_ids)
        extras = self._fetch_law_facts(item_rows, toolbox, ignored_notice_ids)
        items = defaultdict(list)
        for row in item_rows:
            items[row["receivable_id"]].append(self._prepare_core_item(row, holds, steps, extras))
        customers = []
        for row in rows:
            receivable_id = row["receivable_id"]
            mine = items[receivable_id]
            customers.append(
                core.Customer(
                    id=row["partner_id"],
                    kind=row["customer_kind"] or "consumer",
                    policy=self._choose_policy(row, segments, toolbox),
                    items=mine,
                    contact_id=row["contact_id"],
                    lang=row["lang"] or toolbox["company_lang"],
                    has_email=row["has_email"],
                    has_address=row["has_address"],
                    has_phone=bool((row["phone"] or "").strip()),
                    has_mobile=row["partner_id"] in mobiles,
                    is_excluded=bool(row["is_excluded"]),
                    excluded_until=row["excluded_until"],
                    credits=credits.get(row["partner_id"], {}),
                    claims={item.move_id: claims[item.move_id] for item in mine if item.move_id in claims},
                    orphans=dict(orphans.get(receivable_id, {})),
                    reminded_due_dates=frozenset(reminded.get(receivable_id, ())),
                    written=frozenset(written.get(receivable_id, ())),
                    forced_channel=row.get("channel"),
                )
            )
        return customers

    def _choose_policy(self, row, segments, toolbox):
        """The customer's own policy, else the first one with a rule that fits."""
        if row["policy_id"] in toolbox["policy_by_id"]:
            return toolbox["policy_by_id"][row["policy_id"]]
        return self.env["commercial.dunning.policy"]._find_policy(toolbox["policies"], segments[row["partner_id"]])

    def _fetch_segments(self, rows, toolbox):
        """What the rules of the policies ask about these customers; nothing about those with a policy of their own."""
        choosing = [row for row in rows if row["policy_id"] not in toolbox["policy_by_id"]]
        if not choosing:
            return {}
        criteria = [rule for _policy, _core_policy, rules in toolbox["policies"] for rule in rules]
        return self.env["commercial.dunning.policy.rule"]._fetch_segments(self.company_id, choosing, criteria)

    @api.model
    def _find_mobiles(self, rows, toolbox):
        """Customers with a mobile number that may be written to; only looked at when a level sends text messages."""
        if not any(
            "sms" in level._get_channels() for policy, *_rest in toolbox["policies"] for level in policy.level_ids
        ):
            return set()
        company_country = self.company_id.country_id.code
        numbers = {
            row["partner_id"]: mobile_number(row["phone"], row["country_code"] or company_country) for row in rows
        }
        blocked_sudo = self.env["phone.blacklist"].sudo()  # everybody's list
        blocked = set(blocked_sudo.search([("number", "in", list(filter(None, numbers.values())))]).mapped("number"))
        return {partner_id for partner_id, number in numbers.items() if number and number not in blocked}

    @api.model
    def _prepare_core_item(self, row, holds, steps, extras):
        return core.Item(
            id=row["id"],
            move_id=row["move_id"] or 0,
            currency_id=row["currency_id"],
            date_due=row["date_due"],
            residual=to_decimal(row["amount_residual"]),
            invoice_date=row["date"],
            level_id=row["level_id"],
            level_kind=row["level_kind"],
            level_regime=row["level_regime"],
            last_delivered_on=row["last_delivered_on"],
            first_reminder_on=row["first_reminder_on"],
            earliest_charge_on=row["earliest_charge_on"],
            interest_from=row["interest_from"],
            is_excluded=bool(row["is_excluded"]),
            excluded_until=row["excluded_until"],
            holds=tuple(holds.get(row["id"], ())),
            steps=steps.get(row["id"], ()),
            **extras.get(row["id"], {}),
        )

    def _fetch_credits(self, partner_ids, ignored_notice_ids=()):
        """Money on account and open credit notes by customer and currency, less what letters under way deduct."""
        credits = defaultdict(dict)
        account_ids = self.env["commercial.receivable"]._get_receivable_accounts().ids
        for partner_id, currency_id, amount in self.env.execute_query(
            SQL(
                """
                SELECT partner.commercial_partner_id, line.currency_id, -SUM(line.amount_residual_currency)
                  FROM account_move_line line
                  JOIN res_partner partner ON partner.id = line.partner_id
                 WHERE line.partner_id IN (SELECT id FROM res_partner WHERE commercial_partner_id = ANY(%s))
                   AND line.account_id = ANY(%s)
                   AND line.reconciled IS NOT TRUE
                   AND line.parent_state = 'posted'
                   AND line.company_id = %s
                   AND line.amount_residual_currency < 0
              GROUP BY partner.commercial_partner_id, line.currency_id
                """,
                partner_ids,
                account_ids,
                self.company_id.id,
            )
        ):
            credits[partner_id][currency_id] = to_decimal(amount)
        if not credits:
            return credits
        for partner_id, currency_id, amount in self.env.execute_query(
            SQL(
                """
                SELECT partner_id, currency_id, SUM(amount_credit)
                  FROM commercial_dunning_notice
                 WHERE partner_id = ANY(%s)
                   AND company_id = %s
                   AND state IN ('proposed', 'approved', 'sending')
                   AND is_dry IS NOT TRUE
                   AND id <> ALL(%s)
              GROUP BY partner_id, currency_id
                """,
                list(credits),
                self.company_id.id,
                list(ignored_notice_ids),
            )
        ):
            if currency_id in credits[partner_id]:
                credits[partner_id][currency_id] -= to_decimal(amount)
        return credits

    @api.model
    def _fetch_holds(self, item_rows):
        """Amounts that are not reminded now, as ``{item id: [Hold]}``, in the order in which their reasons are told.

        Each model of ``HOLD_MODELS`` answers ``_fetch_dunning_holds(item_rows, holds)`` for all items at once; it sees
        what the models before it hold already.
        """
        holds = defaultdict(list)
        for model_name in HOLD_MODELS:
            if model_name in self.env:
                for item_id, found in self.env[model_name]._fetch_dunning_holds(item_rows, holds).items():
                    holds[item_id] += found
        for found in (self._fetch_payment_holds(item_rows), self._fetch_payment_blocks(item_rows)):
            for item_id, held in found.items():
                holds[item_id] += held
        return holds

    @api.model
    def _fetch_payment_blocks(self, item_rows):
        """Invoices whose payment somebody has blocked: nobody is reminded to pay what he shall not pay."""
        self.env["account.move"].flush_model(["payment_state"])
        blocked = {
            move_id
            for [move_id] in self.env.execute_query(
                SQL(
                    "SELECT id FROM account_move WHERE id = ANY(%s) AND payment_state = 'blocked'",
                    list({row["move_id"] for row in item_rows if row["move_id"]}),
                )
            )
        }
        return {row["id"]: [core.Hold("payment_blocked")] for row in item_rows if row["move_id"] in blocked}

    @api.model
    def _fetch_payment_holds(self, item_rows):
        """Payments that are under way and not booked yet; they settle the oldest instalments first."""
        self.env["account.payment"].flush_model(["state", "move_id", "amount", "currency_id"])
        move_ids = list({row["move_id"] for row in item_rows if row["move_id"]})
        payments = self.env.execute_query(
            SQL(
                """
                SELECT payment.id, payment.amount, payment.currency_id, array_agg(link.invoice_id)
                  FROM account_payment payment
                  JOIN account_move__account_payment link ON link.payment_id = payment.id
                 WHERE link.invoice_id = ANY(%s)
                   AND payment.state IN ('in_process', 'paid')
                   AND payment.move_id IS NULL
              GROUP BY payment.id, payment.amount, payment.currency_id
              ORDER BY payment.id
                """,
                move_ids,
            )
        )
        holds = defaultdict(list)
        left = {row["id"]: to_decimal(row["amount_residual"]) for row in item_rows}
        for _payment_id, amount, currency_id, invoice_ids in payments:
            money = to_decimal(amount)
            for row in item_rows:
                if row["move_id"] not in invoice_ids or left[row["id"]] <= 0:
                    continue
                # a payment in another currency is not converted: it holds what it was made for
                part = left[row["id"]] if row["currency_id"] != currency_id else min(money, left[row["id"]])
                if part <= 0:
                    continue
                holds[row["id"]].append(core.Hold("payment_in_process", part))
                left[row["id"]] -= part
                if row["currency_id"] == currency_id:
                    money -= part
        return holds

    @api.model
    def _fetch_principal_steps(self, item_rows):
        """What was open from which day on, for items paid in part; a credit note counts from the beginning."""
        partly_paid = {
            row["move_line_id"]: row
            for row in item_rows
            if row["move_line_id"] and row["amount_residual"] < row["amount_original"]
        }
        if not partly_paid:
            return {}
        paid = defaultdict(lambda: defaultdict(Decimal))
        for line_id, day, amount in self.env.execute_query(
            SQL(
                """
                SELECT partial.debit_move_id, partial.max_date, SUM(partial.debit_amount_currency)
                  FROM account_partial_reconcile partial
                  JOIN account_move_line counterpart ON counterpart.id = partial.credit_move_id
                  JOIN account_move move ON move.id = counterpart.move_id
                 WHERE partial.debit_move_id = ANY(%s)
                   AND move.move_type <> 'out_refund'
              GROUP BY partial.debit_move_id, partial.max_date
                """,
                list(partly_paid),
            )
        ):
            paid[line_id][day] += to_decimal(amount)
        steps = {}
        for line_id, row in partly_paid.items():
            principal = to_decimal(row["amount_residual"]) + sum(paid[line_id].values())
            path = [(fields.Date.to_date("1900-01-01"), principal)]
            for day in sorted(paid[line_id]):
                principal -= paid[line_id][day]
                path.append((fields.Date.add(day, days=1), principal))
            steps[row["id"]] = tuple(path)
        return steps

    @api.model
    def _fetch_claims(self, move_ids, ignored_notice_ids=()):
        """Charges that exist for these invoices, by invoice."""
        self.env["commercial.dunning.charge"].flush_model()
        claims = defaultdict(list)
        for row in self.env.execute_query_dict(
            SQL(
                """
                SELECT id, move_id, item_id, kind, state, amount, amount_residual, base_amount, date_to
                  FROM commercial_dunning_charge
                 WHERE move_id = ANY(%s)
                   AND state NOT IN ('cancelled', 'simulated')
                   AND NOT (state = 'planned' AND notice_id = ANY(%s))
              ORDER BY id
                """,
                move_ids,
                list(ignored_notice_ids),
            )
        ):
            claims[row["move_id"]].append(self._prepare_core_claim(row))
        return claims

    @api.model
    def _prepare_core_claim(self, row):
        is_open = row["state"] == "claimed"
        amount = to_decimal(row["amount"])
        return core.Claim(
            id=row["id"],
            kind=row["kind"],
            item_id=row["item_id"],
            amount=amount,
            base=to_decimal(row["base_amount"]),
            date_to=row["date_to"],
            is_open=is_open,
            settled=amount - to_decimal(row["amount_residual"]) if is_open else core.ZERO,
        )

    @api.model
    def _fetch_orphans(self, receivable_ids, ignored_notice_ids=()):
        """Open charges of invoices that are settled, by account and currency; not those in a letter under way.

        What a consumer did not owe yet when it was claimed is not asked for again.
        """
        orphans = defaultdict(lambda: defaultdict(list))
        for row in self.env.execute_query_dict(
            SQL(
                """
                SELECT charge.id, charge.receivable_id, charge.currency_id, charge.item_id, charge.kind, charge.state,
                       charge.amount, charge.amount_residual, charge.base_amount, charge.date_to
                  FROM commercial_dunning_charge charge
                  JOIN commercial_receivable_item item ON item.id = charge.item_id
                  JOIN commercial_dunning_notice notice ON notice.id = charge.notice_id
                 WHERE charge.receivable_id = ANY(%s)
                   AND charge.state = 'claimed'
                   AND charge.amount_residual > 0
                   AND item.state <> 'open'
                   AND (notice.regime NOT LIKE '%%consumer'
                        OR item.earliest_charge_on <= charge.claimed_on)
                   AND NOT EXISTS (
                       SELECT
                         FROM commercial_dunning_notice_charge_rel link
                         JOIN commercial_dunning_notice unsent ON unsent.id = link.notice_id
                        WHERE link.charge_id = charge.id
                          AND unsent.state IN ('proposed', 'approved', 'sending')
                          AND unsent.is_dry IS NOT TRUE
                          AND unsent.id <> ALL(%s)
                       )
              ORDER BY charge.id
                """,
                list(receivable_ids),
                list(ignored_notice_ids),
            )
        ):
            orphans[row["receivable_id"]][row["currency_id"]].append(self._prepare_core_claim(row))
        return orphans

    def _fetch_reminded_due_dates(self, receivable_ids, toolbox):
        """Due dates of the running year that needed a reminder; only contracts of regular supply ask for them."""
        if not any(policy.regular_supply for policy in toolbox["policy_by_id"].values()):
            return {}
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT receivable_id, array_agg(DISTINCT date_due)
                      FROM commercial_receivable_item
                     WHERE receivable_id = ANY(%s)
                       AND first_reminder_on IS NOT NULL
                       AND date_due >= %s
                  GROUP BY receivable_id
                    """,
                    list(receivable_ids),
                    self.date.replace(month=1, day=1, year=self.date.year - 1),
                )
            )
        )

    def _fetch_written(self, receivable_ids, ignored_notice_ids=()):
        """Letters of this run: one a customer, currency and kind of letter is enough."""
        written = defaultdict(set)
        self.env["commercial.dunning.notice"].flush_model()
        for receivable_id, currency_id, scope_key in self.env.execute_query(
            SQL(
                """
                SELECT receivable_id, currency_id, scope_key
                  FROM commercial_dunning_notice
                 WHERE run_id = %s
                   AND receivable_id = ANY(%s)
                   AND state NOT IN ('cancelled', 'failed')
                   AND id <> ALL(%s)
                """,
                self.id,
                list(receivable_ids),
                list(ignored_notice_ids),
            )
        ):
            written[receivable_id].add((currency_id, scope_key or ""))
        return written

    # --- WRITING ---

    def _write_notices(self, letters, toolbox):
        """Create the letters with their lines and charges, in batches.

        :param letters: ``[(customer row, core customer, core letter)]``
        """
        if not letters:
            return self.env["commercial.dunning.notice"]
        Notice = self.env["commercial.dunning.notice"]
        numbers = Notice._next_numbers(len(letters)) if self.mode == REAL else ["/"] * len(letters)
        references = self._fetch_payment_references(letters)
        common = self._prepare_common_vals()
        vals_list = [
            common | self._prepare_notice_vals(row, customer, letter, number, references, toolbox)
            for (row, customer, letter), number in zip(letters, numbers, strict=True)
        ]
        notices = insert_rows(Notice, vals_list)
        self.invalidate_recordset(["notice_ids"])
        self._write_lines(
            [(notice, letter) for notice, (_row, _customer, letter) in zip(notices, letters, strict=True)],
        )
        return notices

    def _write_lines(self, pairs):
        """Write lines and charges of new letters, and mark their items.

        :param pairs: ``[(notice, core letter)]``
        """
        is_real = self.mode == REAL
        values = [
            (
                notice.id,
                line.item.id,
                line.level.id,
                line.date_due,
                line.days_late,
                line.amount,
                line.announced_indemnity,
                line.total("interest"),
                line.total("fixed", "indemnity"),
                line.round or None,
                line.told + line.amount if line.level.kind == "reminder" else None,
                line.on_the_way,
            )
            for notice, letter in pairs
            for line in letter.lines
        ]
        columns = [list(column) for column in zip(*values, strict=True)]
        self.env.flush_all()
        if is_real:
            # first what another run would have changed too: the framework then repeats the transaction
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE commercial_receivable_item item
                       SET notice_id = given.notice_id
                      FROM unnest(%s::int[], %s::int[]) AS given (notice_id, item_id)
                     WHERE item.id = given.item_id
                    """,
                    columns[0],
                    columns[1],
                )
            )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO commercial_dunning_notice_line
                            (notice_id, item_id, level_id, invoice_name, invoice_date, date_maturity, days_late,
                             amount_original, amount_paid, amount_residual, announced_indemnity, amount_interest,
                             amount_fixed, round, amount_reminded, included, live)
                SELECT given.notice_id, item.id, given.level_id, item.move_name, item.date, given.date_due,
                       given.days_late, item.amount_original,
                       item.amount_original - item.amount_residual + given.on_the_way,
                       given.amount, given.announced, given.interest, given.fixed, given.round, given.reminded, TRUE, %s
                  FROM unnest(%s::int[], %s::int[], %s::int[], %s::date[], %s::int[], %s::numeric[], %s::numeric[],
                              %s::numeric[], %s::numeric[], %s::int[], %s::numeric[], %s::numeric[])
                       AS given (notice_id, item_id, level_id, date_due, days_late, amount, announced, interest, fixed,
                                 round, reminded, on_the_way)
                  JOIN commercial_receivable_item item ON item.id = given.item_id
                """,
                is_real,
                *columns,
            )
        )
        self.env["commercial.dunning.notice.line"].invalidate_model()
        self.env["commercial.receivable.item"].invalidate_model(["notice_id", "line_ids"])
        self.env["commercial.dunning.notice"].invalidate_model(["line_ids"])
        self._write_charges(pairs)

    def _write_charges(self, pairs):
        """Plan the new charges of the letters and note which earlier ones they claim again."""
        Charge = self.env["commercial.dunning.charge"]
        new, links, grounds, rates = [], [], {}, defaultdict(dict)
        for notice, letter in pairs:
            if not letter.orphans and not any(line.charges or line.claims for line in letter.lines):
                continue
            spoken = Charge.with_context(lang=notice.lang)
            if notice.lang not in grounds:
                grounds[notice.lang] = spoken._get_legal_grounds()
            links += [(notice.id, claim.id) for claim in letter.orphans]
            for line in letter.lines:
                links += [(notice.id, claim.id) for claim in line.claims]
                new += [
                    (
                        notice.id,
                        spoken._prepare_charge_vals(notice, line, charge, grounds[notice.lang], rates[notice.lang]),
                    )
                    for charge in line.charges
                ]
        charges = insert_rows(Charge, [vals for _notice_id, vals in new])
        links += [(notice_id, charge.id) for (notice_id, _vals), charge in zip(new, charges, strict=True)]
        if links:
            self.env.flush_all()
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO commercial_dunning_notice_charge_rel (notice_id, charge_id)
                    SELECT * FROM unnest(%s::int[], %s::int[])
                    ON CONFLICT DO NOTHING
                    """,
                    [notice_id for notice_id, _charge_id in links],
                    [charge_id for _notice_id, charge_id in links],
                )
            )
            self.env["commercial.dunning.notice"].invalidate_model(["charge_ids"])

    def _fetch_payment_references(self, letters):
        """Structured communications of the invoices that are alone in their letter."""
        move_ids = {
            letter.lines[0].item.move_id
            for _row, _customer, letter in letters
            if len({line.item.move_id for line in letter.lines}) == 1
        }
        if not move_ids:
            return {}
        self.env["account.move"].flush_model(["payment_reference"])
        return dict(
            self.env.execute_query(
                SQL("SELECT id, payment_reference FROM account_move WHERE id = ANY(%s)", list(move_ids - {0}))
            )
        )

    def _prepare_common_vals(self):
        """Return what all letters of this run have in common."""
        return {"company_id": self.company_id.id, "run_id": self.id, "is_dry": self.mode == DRY}

    def _prepare_notice_vals(self, row, customer, letter, number, references, toolbox):
        """Return the values of one letter besides the common ones."""
        moves = {line.item.move_id for line in letter.lines}
        reference = references.get(next(iter(moves))) if len(moves) == 1 else None
        return {
            "name": number,
            "receivable_id": row["receivable_id"],
            "partner_id": customer.id,
            "policy_id": customer.policy.id,
            "regime": customer.policy.regime,
            "currency_id": letter.currency_id,
            "scope_key": letter.scope_key,
            **self._prepare_approval_vals(letter, toolbox),
            "payment_reference": self._get_payment_reference(reference, number, row["country_id"]),
            **self._prepare_letter_vals(customer, letter, toolbox),
        }

    @api.model
    def _prepare_approval_vals(self, letter, toolbox):
        """Approve at once what needs no hand."""
        if letter.needs_approval or not toolbox["approved_on"]:
            return {"state": "proposed", "approved_on": False}
        return {"state": "approved", "approved_on": toolbox["approved_on"]}

    def _prepare_letter_vals(self, customer, letter, toolbox):
        """Return what is decided anew each time a letter is looked at."""
        return {
            "date": toolbox["context"].day,
            "contact_id": customer.contact_id,
            "lang": customer.lang,
            "channel": letter.channel,
            "level_id": letter.level.id,
            "level_kind": letter.level.kind,
            "needs_approval": letter.needs_approval,
            "partner_bank_id": toolbox["bank"].id,
            "amount_principal": float(letter.principal),
            "amount_credit": float(letter.credit),
            "amount_interest": float(letter.charged("interest")),
            "amount_indemnity": float(letter.charged("indemnity", "fixed")),
            "amount_cost": float(letter.charged("cost")),
            "amount_total": float(letter.total),
            "deadline": letter.deadline,
            "earliest_charge_date": letter.earliest_charge_date,
            "announced_indemnity": float(letter.announced_indemnity),
            "announced_interest_rate": float(letter.announced_interest_rate or 0),
        }

    def _get_payment_reference(self, invoice_reference, number, country_id):
        """Return the reference of the only invoice, else one made of the number of the letter, with check digits.

        Banks in Belgium check a structured communication, banks elsewhere only a creditor reference (ISO 11649).
        """
        if is_creditor_reference(invoice_reference):
            return invoice_reference
        digits = "".join(character for character in number if character.isdigit())[-10:]
        if not digits:
            return False
        is_structured = is_structured_communication(invoice_reference)
        country_id = country_id or self.company_id.country_id.id
        if country_id in (False, self.env["ir.model.data"]._xmlid_to_res_id("base.be")):
            return invoice_reference if is_structured else structured_communication(int(digits))
        return creditor_reference(communication_digits(invoice_reference) if is_structured else number)

    def _write_skips(self, skips):
        """List the items without a letter, and remember until when they wait."""
        if not skips:
            return
        columns = [
            [skip.item_id for skip in skips],
            [str(skip.reason) for skip in skips],
            [skip.until for skip in skips],
            [skip.detail or None for skip in skips],
        ]
        self.env.flush_all()
        # an item that is not due yet waits for nothing: it is no finding
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO commercial_dunning_skip (run_id, partner_id, item_id, reason, until, detail)
                SELECT %s, item.partner_id, item.id, given.reason, given.until, given.detail
                  FROM unnest(%s::int[], %s::varchar[], %s::date[], %s::varchar[])
                       AS given (item_id, reason, until, detail)
                  JOIN commercial_receivable_item item ON item.id = given.item_id
                 WHERE given.reason <> 'too_early'
                """,
                self.id,
                *columns,
            )
        )
        waiting = [(skip.item_id, skip.until) for skip in skips if skip.reason == "too_early" and skip.until]
        if waiting:
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE commercial_receivable_item item
                       SET next_date = given.until
                      FROM unnest(%s::int[], %s::date[]) AS given (item_id, until)
                     WHERE item.id = given.item_id
                    """,
                    [item_id for item_id, _until in waiting],
                    [until for _item_id, until in waiting],
                )
            )
            self.env["commercial.receivable.item"].invalidate_model(["next_date"])
        self.env["commercial.dunning.skip"].invalidate_model()
        self.invalidate_recordset(["skip_ids"])

    def _write_waiting(self):
        """Count, and when asked list, what was not looked at: items that wait, and items with a letter under way."""
        self.ensure_one()
        self.env.flush_all()
        partner_ids = self._get_scope_partner_ids()
        waiting = SQL(
            """
            FROM commercial_receivable_item item
           WHERE item.company_id = %s
             AND item.state = 'open'
             AND item.notice_id IS NULL
             AND item.date_due < %s
             AND item.next_date > %s
             %s
            """,
            self.company_id.id,
            self.date,
            self.date,
            SQL("AND item.partner_id = ANY(%s)", partner_ids) if partner_ids is not None else SQL(),
        )
        pending = SQL(
            """
            FROM commercial_receivable_item item
            JOIN commercial_dunning_notice notice ON notice.id = item.notice_id
           WHERE item.company_id = %s
             AND item.state = 'open'
             AND notice.run_id <> %s
             %s
            """,
            self.company_id.id,
            self.id,
            SQL("AND item.partner_id = ANY(%s)", partner_ids) if partner_ids is not None else SQL(),
        )
        parts = [(pending, "notice_pending", SQL("NULL::date"), SQL("notice.name"))]
        if self.log_waiting:
            parts.append((waiting, "too_early", SQL("item.next_date"), SQL("NULL::varchar")))
        for source, reason, until, detail in parts:
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO commercial_dunning_skip (run_id, partner_id, item_id, reason, until, detail)
                    SELECT %s, item.partner_id, item.id, %s, %s, %s
                    %s
                    """,
                    self.id,
                    reason,
                    until,
                    detail,
                    source,
                )
            )
        self.waiting_count = self.env.execute_query(SQL("SELECT count(*) %s", waiting))[0][0]
        self.env["commercial.dunning.skip"].invalidate_model()
        self.invalidate_recordset(["skip_ids"])

    # --- CRON ---

    @api.model
    def _cron_propose(self):
        """Make the runs of today where the company wants that, and go on with interrupted ones."""
        progress = self.env["ir.cron"]._commit_progress
        for company in self.env["res.company"].search(
            [("dunning_active", "=", True), ("dunning_auto_propose", "=", True)]
        ):
            self._repeat_on_conflict(partial(self._start_automatic_run, company))
            progress(remaining=1)
        runs = self.search([("state", "=", "proposing")], order="date, id")
        progress(remaining=sum(run._count_left() for run in runs))
        for run in runs:
            run = run.with_company(run.company_id)
            if not run._propose_in_chunks(progress):
                return

    @api.model
    def _start_automatic_run(self, company):
        """Begin the run of the day once; a later start of the job finds it."""
        today = fields.Date.context_today(self.with_context(tz=company.partner_id.tz or "Europe/Brussels"))
        run = self.with_company(company)._get_or_create(company, today)
        if run.state == "draft" and run.try_lock_for_update():
            run.write({"log_waiting": False, "is_automatic": True})
            company._get_job_tasks().unlink()  # the job is alive again
            run._start_proposing()

    def _count_left(self):
        """Number of steps the job still has with this run: its customers, and the end of it."""
        return max(self.customers_total - self.customers_done, 0) + 1

    def _propose_in_chunks(self, progress):
        """Propose with a commit after each chunk; return whether there is time left for another run."""
        self.ensure_one()
        while True:
            done = self._repeat_on_conflict(self._propose_next)
            if done is None:
                return True  # another worker is at it, or it is ready
            if self.state != "proposing":
                return bool(progress(1))
            if not progress(done):
                return False

    def _propose_next(self):
        """Decide about the next chunk, or finish; return the number of customers, ``None`` when nothing is to be done.

        What it wrote is committed by the caller, together with the cursor.
        """
        if not self.try_lock_for_update():
            return None
        self.invalidate_recordset()
        if self.state != "proposing":
            return None
        done = self._propose_chunk()
        if not done:
            self._finish_proposing()
        return done

    def _repeat_on_conflict(self, step):
        """Do one step of the job; begin it again when another transaction changed the same rows meanwhile.

        A click is repeated by the framework, a job is not.
        """
        for left in reversed(range(TRIES)):
            try:
                result = step()
                self.env.flush_all()
            except CONFLICTS as error:
                if not left or modules.module.current_test:
                    raise
                _logger.info("Reminder run %s: %s; the step is repeated", self.id, type(error).__name__)
                self.env.cr.rollback()
                self.env.transaction.reset()
                time.sleep(random.uniform(0.1, 1.0))  # noqa: S311 - no secret
            else:
                return result
        return None

    @api.model
    def _cron_send(self):
        """Send the approved letters that need no paper, of runs that are being sent, each one by itself."""
        self.env["res.company"]._watch_dunning_job()
        self._send_in_job(Domain("channel", "not in", PAPER_CHANNELS))
        if self._count_to_send(Domain("channel", "in", PAPER_CHANNELS)):
            self.env.ref("commercial_assistant.ir_cron_dunning_print")._trigger()

    @api.model
    def _cron_print(self):
        """Make the approved letters on paper ready for the printer; a slow mail server does not hold them up."""
        self._send_in_job(Domain("channel", "in", PAPER_CHANNELS))

    @api.model
    def _get_to_send_domain(self, channels):
        return Domain("state", "=", "approved") & Domain("run_id.state", "=", "sending") & channels

    @api.model
    def _count_to_send(self, channels):
        return self.env["commercial.dunning.notice"].search_count(self._get_to_send_domain(channels))

    @api.model
    def _send_in_job(self, channels):
        """Send letters one by one until the time is up; what fails is written on the letter, the others go on."""
        Notice = self.env["commercial.dunning.notice"]
        progress = self.env["ir.cron"]._commit_progress
        progress(remaining=self._count_to_send(channels))
        last_id, has_time = 0, True
        while has_time:
            domain = self._get_to_send_domain(channels) & Domain("id", ">", last_id)
            notice = Notice.search(domain, order="id", limit=1)
            if not notice:
                break
            last_id = notice.id
            self._repeat_on_conflict(partial(self._send_one, last_id))
            has_time = progress(1)
        # the other job may be at the same runs
        self.search([("state", "=", "sending")]).try_lock_for_update(allow_referencing=True)._update_state()

    @api.model
    def _send_one(self, notice_id):
        notice = self.env["commercial.dunning.notice"].browse(notice_id).exists()
        notice.with_company(notice.company_id)._send()

    @api.autovacuum
    def _gc_dry_runs(self, days=30):
        """Drop dry runs and the findings of old runs; the letters of real runs stay."""
        limit = fields.Date.subtract(fields.Date.today(), days=days)
        old = self.search([("mode", "=", DRY), ("date", "<", limit)], limit=100)
        old.unlink()
        self.env.cr.execute(
            """
            DELETE FROM commercial_dunning_skip
             WHERE id IN (SELECT skip.id
                            FROM commercial_dunning_skip skip
                            JOIN commercial_dunning_run run ON run.id = skip.run_id
                           WHERE run.date < %s
                           LIMIT 100000)
            """,
            (fields.Date.subtract(fields.Date.today(), days=365),),
        )
        removed = self.env.cr.rowcount
        return len(old) + removed, int(len(old) == 100 or removed == 100000)
