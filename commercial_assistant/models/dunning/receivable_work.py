import json
from collections import defaultdict
from datetime import date, datetime, time
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL, format_date, formatLang

from ...tools import collection_work as core
from ...tools import payment_behaviour
from .open_at import flush_open_at

# Who knows what comes next with a customer. Each of these models may answer three questions, for many accounts at once:
#
# ``_fetch_receivable_actions(receivable_ids)`` → ``{account: [collection_work.Action]}``: what is to be done and from
#     which day on; the facts of an action are plain values, because they are kept
# ``_fetch_receivable_events(receivable_ids)`` → ``{account: [event]}``: what happened, see ``_prepare_event``
# ``_fetch_receivable_behaviour(company, receivable_ids, day)`` → ``{account: {"promises_due", "promises_kept",
#     "disputed": {currency id: amount}}}``: what tells how the customer keeps his word; each key is optional
ACTION_MODELS = (
    "commercial.collection.handover",
    "commercial.payment.promise",
    "commercial.payment.plan",
    "commercial.dispute",
    "commercial.dunning.notice",
    "commercial.receivable.call",
    "commercial.statement",
    "commercial.receivable",
)
ACTION_CODES = [
    ("promise_broken", "Promise broken"),
    ("plan_broken", "Payment plan in danger"),
    ("dispute_waiting", "Answer a dispute"),
    ("call_due", "Call"),
    ("letter_failed", "Letter did not arrive"),
    ("letter_to_approve", "Approve a letter"),
    ("handover_proposed", "Decide about a hand-over"),
    ("letter_to_post", "Post a letter"),
    ("activity_due", "Activity"),
    ("deadline_passed", "Deadline passed"),
    ("promise_due", "Promise awaited"),
    ("reminder_due", "Remind"),
    ("wait", "Wait"),
]
# the behaviour of a year tells how a customer pays now
BEHAVIOUR_DAYS = 365
CHUNK = 5000
EVENT_LIMIT = 60


class Receivable(models.Model):
    _inherit = "commercial.receivable"

    next_action = fields.Selection(selection=ACTION_CODES, readonly=True, copy=False)
    next_action_on = fields.Date(string="Next step from", readonly=True, copy=False)
    next_action_text = fields.Char(
        string="Next step",
        compute="_compute_next_action_text",
        help="What is to be done next with this customer, from which day on and why, as it is at this moment.",
    )
    action_codes = fields.Char(
        string="Everything that is due", readonly=True, copy=False, help="Technical names, for the filters."
    )
    score = fields.Integer(
        readonly=True,
        copy=False,
        aggregator="avg",
        help="How the customer pays, from 0 to 100: days late weighted by amount, with what is still open; kept and "
        "broken promises; share of disputed claims. Of the last twelve months.",
    )
    score_grade = fields.Selection(
        selection=[("a", "Prompt"), ("b", "Usually in time"), ("c", "Slow"), ("d", "Very slow")],
        string="Payment behaviour",
        readonly=True,
        copy=False,
    )
    score_data = fields.Json(readonly=True, copy=False)
    score_text = fields.Char(string="Why this score", compute="_compute_score_text")
    mean_delay = fields.Integer(
        string="Days late",
        readonly=True,
        copy=False,
        aggregator="avg",
        help="Mean days after the due date, weighted by amount; open invoices count with their days until now.",
    )
    priority = fields.Float(
        readonly=True,
        copy=False,
        aggregator=None,
        index=True,
        help="Order of the worklist: overdue amount, age of the oldest invoice and broken promises multiplied.",
    )
    priority_data = fields.Json(readonly=True, copy=False)
    priority_text = fields.Char(string="Why this place", compute="_compute_priority_text")
    phone = fields.Char(compute="_compute_phone")
    call_ids = fields.One2many(
        comodel_name="commercial.receivable.call",
        inverse_name="receivable_id",
        string="Calls",
    )
    timeline = fields.Html(compute="_compute_timeline", sanitize=False)

    # --- COMPUTE ---

    @api.depends_context("lang", "tz")
    def _compute_next_action_text(self):
        today = fields.Date.context_today(self)
        actions = self._get_next_actions()
        for receivable in self:
            chosen = core.choose(actions.get(receivable.id, ()), today)
            receivable.next_action_text = receivable._get_action_text(chosen, today) if chosen else False

    @api.depends("score_data")
    @api.depends_context("lang")
    def _compute_score_text(self):
        for receivable in self:
            receivable.score_text = receivable._get_score_text()

    @api.depends("priority_data")
    @api.depends_context("lang")
    def _compute_priority_text(self):
        for receivable in self:
            receivable.priority_text = receivable._get_priority_text()

    def _compute_phone(self):
        for receivable in self:
            receivable.phone = receivable.contact_id.phone or receivable.partner_id.phone

    @api.depends_context("lang", "tz")
    def _compute_timeline(self):
        events = self._get_events()
        for receivable in self:
            rows = sorted(events.get(receivable.id, ()), key=lambda event: event["at"], reverse=True)[:EVENT_LIMIT]
            receivable.timeline = self.env["ir.qweb"]._render(
                "commercial_assistant.receivable_timeline", {"events": rows}
            )

    # --- ACTIONS ---

    def _check_collector(self):
        """The worklist is the work of collectors; the view alone is no guard."""
        self.check_access("write")
        if not (self.env.su or self.env.user.has_group("commercial_assistant.group_collector")):
            raise AccessError(self.env._("Following up customers is the work of collectors."))

    def action_call(self):
        """Note a phone call with this customer."""
        self.ensure_one()
        self._check_collector()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.receivable_call_new_action")
        action["context"] = {"default_receivable_id": self.id}
        return action

    def action_mail(self):
        """Write a mail to the customer; it is kept in the history of the account."""
        self.ensure_one()
        self._check_collector()
        contact = self._get_statement_contact()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Write to %(contact)s", contact=contact.display_name),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_partner_ids": contact.ids,
                "default_composition_mode": "comment",
            },
        }

    def action_preview(self):
        """Show the letter that waits for this customer, or what was open today."""
        self.ensure_one()
        self.check_access("read")
        notice = self.notice_ids.filtered(lambda letter: letter.state in ("proposed", "approved", "sending"))[:1]
        if notice:
            return notice.action_print()
        return self._get_statement_report_action(self, self._read_statement_options())

    def action_assign(self):
        """Choose who answers for these customers."""
        self._check_collector()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.receivable_assign_action")
        action["context"] = {"default_receivable_ids": self.ids}
        return action

    def action_refresh(self):
        """Also look again at what comes next."""
        result = super().action_refresh()
        for company, receivables in self.grouped("company_id").items():
            receivables._refresh_work(company, receivables.ids)
        return result

    def action_refresh_worklist(self):
        """Look again at all customers of the current company; many of them are looked at by the job."""
        self._check_collector()
        company = self.env.company
        if self.search_count([("company_id", "=", company.id), ("item_ids", "!=", False)]) > CHUNK:
            self.env.ref("commercial_assistant.ir_cron_receivable_work")._trigger()
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {"type": "info", "message": self.env._("The worklist is brought up to date in a minute.")},
            }
        self._refresh_items(company)
        self._refresh_work(company)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    # --- NEXT ACTIONS ---

    def _ask_models(self, method_name, *arguments):
        """Collect what the models of ``ACTION_MODELS`` answer to a question, by account."""
        answers = defaultdict(list)
        for model_name in ACTION_MODELS:
            method = getattr(self.env[model_name], method_name, None) if model_name in self.env else None
            for receivable_id, found in (method(*arguments) if method else {}).items():
                answers[receivable_id].append(found)
        return answers

    def _get_next_actions(self):
        """Return everything that is to be done with these customers, read with a fixed number of queries.

        :return: ``{account: [collection_work.Action]}``
        """
        answers = self._ask_models("_fetch_receivable_actions", self.ids) if self.ids else {}
        return {
            receivable_id: [action for part in parts for action in part] for receivable_id, parts in answers.items()
        }

    @api.model
    def _fetch_receivable_actions(self, receivable_ids):
        """What the open items and the activities of the accounts ask for."""
        self.env["commercial.receivable.item"].flush_model()
        self.env["mail.activity"].flush_model()
        self.flush_model()
        today = fields.Date.context_today(self)
        actions = defaultdict(list)
        for receivable_id, excluded, until, overdue, due, next_due, pending in self.env.execute_query(
            SQL(
                """
                SELECT receivable.id, receivable.is_excluded, receivable.excluded_until,
                       count(*) FILTER (WHERE free.is_late),
                       MIN(COALESCE(item.next_date, item.date_due + 1)) FILTER (WHERE free.is_late),
                       MIN(item.date_due + 1) FILTER (WHERE item.date_due >= %(today)s),
                       count(item.notice_id)
                  FROM commercial_receivable receivable
                  JOIN commercial_receivable_item item ON item.receivable_id = receivable.id AND item.state = 'open'
            CROSS JOIN LATERAL (
                       SELECT item.date_due < %(today)s
                          AND item.notice_id IS NULL
                          AND NOT (item.is_excluded IS TRUE
                                   AND (item.excluded_until IS NULL OR item.excluded_until >= %(today)s)) AS is_late
                       ) free
                 WHERE receivable.id = ANY(%(ids)s)
              GROUP BY receivable.id
                """,
                today=today,
                ids=list(receivable_ids),
            )
        ):
            if excluded and (not until or until >= today):
                if until:
                    actions[receivable_id].append(
                        core.Action("wait", fields.Date.add(until, days=1), {"why": "excluded"})
                    )
            elif overdue:
                actions[receivable_id].append(core.Action("reminder_due", due, {"count": overdue}))
            if next_due and not pending:
                actions[receivable_id].append(core.Action("wait", next_due, {"why": "not_due"}))
        for receivable_id, day, summary, kind in self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (activity.res_id)
                       activity.res_id, activity.date_deadline, activity.summary, %s
                  FROM mail_activity activity
             LEFT JOIN mail_activity_type kind ON kind.id = activity.activity_type_id
                 WHERE activity.res_model = %s
                   AND activity.res_id = ANY(%s)
                   AND activity.active
              ORDER BY activity.res_id, activity.date_deadline, activity.id
                """,
                self.env["mail.activity.type"]._field_to_sql("kind", "name"),
                self._name,
                list(receivable_ids),
            )
        ):
            actions[receivable_id].append(core.Action("activity_due", day, {"summary": summary or kind or ""}))
        return actions

    def _get_action_text(self, action, today):
        """Return a sentence that says what is to be done, from which day on and why."""
        self.ensure_one()
        facts = action.facts
        day = format_date(self.env, action.on)
        if action.code == "promise_broken":
            return self.env._(
                "Promise of %(amount)s for %(day)s not kept: call",
                amount=self._format_fact(facts),
                day=self._format_fact_day(facts.get("promised_on"), action.on),
            )
        if action.code == "plan_broken":
            return self.env._("Payment plan %(plan)s: an instalment is late since %(day)s", plan=facts["name"], day=day)
        if action.code == "dispute_waiting":
            if action.on > today:
                return self.env._("Dispute %(dispute)s: answer until %(day)s", dispute=facts["name"], day=day)
            return self.env._("Dispute %(dispute)s waits for an answer since %(day)s", dispute=facts["name"], day=day)
        if action.code == "call_due":
            return self.env._("Call on %(day)s, as agreed", day=day)
        if action.code == "letter_failed":
            return self.env._("%(letter)s did not arrive: correct the address", letter=facts["name"])
        if action.code == "letter_to_approve":
            return self.env._("%(letter)s waits for approval since %(day)s", letter=facts["name"], day=day)
        if action.code == "letter_to_post":
            return self.env._("%(letter)s waits to be posted since %(day)s", letter=facts["name"], day=day)
        if action.code == "handover_proposed":
            return self.env._("Hand-over %(name)s waits for a decision since %(day)s", name=facts["name"], day=day)
        if action.code == "activity_due":
            return self.env._("%(summary)s (%(day)s)", summary=facts["summary"], day=day)
        if action.code == "deadline_passed":
            return self.env._("Deadline of %(letter)s passed on %(day)s", letter=facts["name"], day=day)
        if action.code == "promise_due":
            return self.env._("%(amount)s promised for %(day)s", amount=self._format_fact(facts), day=day)
        if action.code == "reminder_due":
            if action.on > today:
                return self.env._("Next reminder possible from %(day)s", day=day)
            return self.env._("Overdue invoices that can be reminded: %(count)s", count=facts["count"])
        if facts.get("why") == "excluded":
            return self.env._("No reminders before %(day)s", day=day)
        return self.env._("Nothing falls due before %(day)s", day=day)

    def _format_fact(self, facts):
        currency = self.env["res.currency"].browse(facts.get("currency_id") or self.company_id.currency_id.id)
        return formatLang(self.env, facts.get("amount") or 0, currency_obj=currency)

    def _format_fact_day(self, value, default):
        return format_date(self.env, fields.Date.to_date(value) or default)

    # --- SCORE AND PRIORITY ---

    def _get_score_text(self):
        """Return in words where the points of the score were lost."""
        self.ensure_one()
        data = self.score_data or {}
        if not data:
            return False
        parts = [self.env._("%(days)s days late on average: −%(points)s", days=data["delay"], points=data["by_delay"])]
        if data["promises_due"]:
            parts.append(
                self.env._(
                    "%(kept)s of %(due)s promises kept: −%(points)s",
                    kept=data["promises_kept"],
                    due=data["promises_due"],
                    points=data["by_promises"],
                )
            )
        if data["by_disputes"]:
            parts.append(self.env._("disputes: −%(points)s", points=data["by_disputes"]))
        return "; ".join(parts)

    def _get_priority_text(self):
        """Return in words what gives the customer its place in the worklist."""
        self.ensure_one()
        data = self.priority_data or {}
        if not data.get("overdue"):
            return False
        amounts = " + ".join(
            formatLang(self.env, amount, currency_obj=self.env["res.currency"].browse(currency_id))
            for currency_id, amount in data["overdue"]
        )
        parts = [
            self.env._("%(amounts)s overdue", amounts=amounts),
            self.env._("oldest %(days)s days late", days=data["days_late"]),
        ]
        if data["broken"]:
            parts.append(self.env._("%(count)s promises broken", count=data["broken"]))
        return ", ".join(parts)

    @api.model
    def _refresh_work(self, company, receivable_ids=None):
        """Look again at what comes next, the score and the place in the worklist; write only what changed.

        :param receivable_ids: accounts to look at, ``None`` for all of the company that have or had open items
        """
        self.flush_model()
        self.env["commercial.receivable.item"].flush_model()
        if receivable_ids is None:
            receivable_ids = [
                receivable_id
                for [receivable_id] in self.env.execute_query(
                    SQL(
                        """
                        SELECT receivable.id
                          FROM commercial_receivable receivable
                         WHERE receivable.company_id = %s
                           AND (receivable.next_action IS NOT NULL
                                OR receivable.priority IS NULL
                                OR receivable.priority > 0
                                OR EXISTS (SELECT
                                             FROM commercial_receivable_item item
                                            WHERE item.receivable_id = receivable.id AND item.state = 'open'))
                      ORDER BY receivable.id
                        """,
                        company.id,
                    )
                )
            ]
        flush_open_at(self.env)
        for start in range(0, len(receivable_ids), CHUNK):
            self._refresh_work_chunk(company, receivable_ids[start : start + CHUNK])
        self.invalidate_model()

    @api.model
    def _refresh_work_chunk(self, company, receivable_ids):
        today = fields.Date.context_today(self)
        receivables = self.browse(receivable_ids)
        actions = receivables._get_next_actions()
        overdue = self._fetch_overdue(receivable_ids, today)
        behaviours = receivables._fetch_behaviours(company, today)
        rows = []
        for receivable_id in receivable_ids:
            mine = actions.get(receivable_id, [])
            chosen = core.choose(mine, today)
            due = sorted({action.code for action in mine if action.on <= today}, key=core.RANK.__getitem__)
            amounts, weight, days_late = overdue.get(receivable_id, ([], Decimal(), 0))
            behaviour = behaviours[receivable_id]
            broken = behaviour.promises_due - behaviour.promises_kept
            score = payment_behaviour.score(behaviour)
            rows.append(
                (
                    receivable_id,
                    chosen.code if chosen else None,
                    chosen.on if chosen else None,
                    f" {' '.join(due)} " if due else None,
                    score.points if score else None,
                    score.grade if score else None,
                    round(score.delay) if score else None,
                    json.dumps(self._prepare_score_data(score, behaviour)) if score else None,
                    core.priority(weight, days_late, broken),
                    json.dumps({"overdue": amounts, "days_late": days_late, "broken": broken}) if amounts else None,
                )
            )
        self._write_work(rows)

    @api.model
    def _prepare_score_data(self, score, behaviour):
        return {
            "delay": round(score.delay),
            "by_delay": score.lost_by_delay,
            "by_promises": score.lost_by_promises,
            "by_disputes": score.lost_by_disputes,
            "promises_due": behaviour.promises_due,
            "promises_kept": behaviour.promises_kept,
        }

    @api.model
    def _write_work(self, rows):
        """Write the results in one statement; a row that stays the same is not touched."""
        columns = (
            ("next_action", "varchar"),
            ("next_action_on", "date"),
            ("action_codes", "varchar"),
            ("score", "int4"),
            ("score_grade", "varchar"),
            ("mean_delay", "int4"),
            ("score_data", "jsonb"),
            ("priority", "float8"),
            ("priority_data", "jsonb"),
        )
        names = [SQL.identifier(name) for name, _kind in columns]
        given = [list(column) for column in zip(*rows, strict=True)]
        if not given:
            return
        casts = SQL(", ").join(
            SQL("%s::%s", values, SQL(f"{kind}[]"))
            for values, kind in zip(given, ("int4", *(kind for _name, kind in columns)), strict=True)
        )
        self.env.cr.execute(
            SQL(
                """
                UPDATE commercial_receivable receivable
                   SET %(changes)s
                  FROM unnest(%(casts)s) AS given (id, %(names)s)
                 WHERE receivable.id = given.id
                   AND (%(old)s) IS DISTINCT FROM (%(new)s)
                """,
                changes=SQL(", ").join(SQL("%s = given.%s", name, name) for name in names),
                casts=casts,
                names=SQL(", ").join(names),
                old=SQL(", ").join(SQL("receivable.%s", name) for name in names),
                new=SQL(", ").join(SQL("given.%s", name) for name in names),
            )
        )

    @api.model
    def _fetch_overdue(self, receivable_ids, today):
        """Return overdue amounts by currency, their weight in the currency of the company and the days of the oldest.

        :return: ``{account: ([[currency id, amount]], weight, days late)}``
        """
        result = {}
        for receivable_id, currency_id, amount, weight, oldest in self.env.execute_query(
            SQL(
                """
                SELECT item.receivable_id, item.currency_id, SUM(item.amount_residual),
                       SUM(COALESCE(line.amount_residual, item.amount_residual)), MIN(item.date_due)
                  FROM commercial_receivable_item item
             LEFT JOIN account_move_line line ON line.id = item.move_line_id
                 WHERE item.receivable_id = ANY(%s)
                   AND item.state = 'open'
                   AND item.date_due < %s
              GROUP BY item.receivable_id, item.currency_id
              ORDER BY item.receivable_id, item.currency_id
                """,
                list(receivable_ids),
                today,
            )
        ):
            amounts, total, days = result.get(receivable_id, ([], Decimal(), 0))
            amounts.append([currency_id, float(amount)])
            result[receivable_id] = (amounts, total + Decimal(str(weight)), max(days, (today - oldest).days))
        return result

    def _fetch_behaviours(self, company, today):
        """Return how each of these customers of one company paid in the last year, as ``{account: Behaviour}``."""
        account_ids = self._get_receivable_accounts().ids
        since = fields.Date.subtract(today, days=BEHAVIOUR_DAYS)
        values = {"ids": self.ids, "accounts": account_ids, "company": company.id, "today": today, "since": since}
        figures = {receivable_id: {} for receivable_id in self.ids}
        queries = (
            # a credit note is no payment; what accounting calls an exchange difference is none either
            (
                ("settled", "settled_days"),
                """
                SELECT receivable.id, SUM(partial.amount),
                       SUM(partial.amount * GREATEST(partial.max_date - COALESCE(line.date_maturity, line.date), 0))
                  FROM commercial_receivable receivable
                  JOIN res_partner partner ON partner.commercial_partner_id = receivable.partner_id
                  JOIN account_move_line line ON line.partner_id = partner.id
                  JOIN account_partial_reconcile partial ON partial.debit_move_id = line.id
                  JOIN account_move_line counterpart ON counterpart.id = partial.credit_move_id
                  JOIN account_move move ON move.id = counterpart.move_id
                 WHERE receivable.id = ANY(%(ids)s)
                   AND line.account_id = ANY(%(accounts)s)
                   AND line.company_id = %(company)s
                   AND partial.max_date BETWEEN %(since)s AND %(today)s
                   AND partial.debit_amount_currency > 0
                   AND move.move_type <> 'out_refund'
              GROUP BY receivable.id
                """,
            ),
            (
                ("open_late", "open_late_days"),
                """
                SELECT item.receivable_id, SUM(line.amount_residual),
                       SUM(line.amount_residual * (%(today)s - item.date_due))
                  FROM commercial_receivable_item item
                  JOIN account_move_line line ON line.id = item.move_line_id
                 WHERE item.receivable_id = ANY(%(ids)s)
                   AND item.state = 'open'
                   AND item.date_due < %(today)s
                   AND line.amount_residual > 0
              GROUP BY item.receivable_id
                """,
            ),
            (
                ("claimed",),
                """
                SELECT receivable.id, SUM(line.balance)
                  FROM commercial_receivable receivable
                  JOIN res_partner partner ON partner.commercial_partner_id = receivable.partner_id
                  JOIN account_move_line line ON line.partner_id = partner.id
                 WHERE receivable.id = ANY(%(ids)s)
                   AND line.account_id = ANY(%(accounts)s)
                   AND line.company_id = %(company)s
                   AND line.parent_state = 'posted'
                   AND line.balance > 0
                   AND line.date BETWEEN %(since)s AND %(today)s
              GROUP BY receivable.id
                """,
            ),
        )
        for names, query in queries:
            for receivable_id, *amounts in self.env.execute_query(SQL(query, **values)):
                figures[receivable_id] |= {
                    name: Decimal(str(amount or 0)) for name, amount in zip(names, amounts, strict=True)
                }
        for receivable_id, answers in self._ask_models("_fetch_receivable_behaviour", company, self.ids, today).items():
            for answer in answers:
                known = {name: value for name, value in answer.items() if name != "disputed"}
                figures[receivable_id] |= known
                if "disputed" in answer:
                    figures[receivable_id]["disputed"] = self._sum_in_company_currency(
                        company, answer["disputed"], today
                    )
        return {receivable_id: payment_behaviour.Behaviour(**known) for receivable_id, known in figures.items()}

    @api.model
    def _sum_in_company_currency(self, company, amounts, day):
        """Return the weight of amounts in several currencies, for comparisons only; it is never shown."""
        currencies = self.env["res.currency"]
        return sum(
            (
                Decimal(str(currencies.browse(currency_id)._convert(amount, company.currency_id, company, day)))
                for currency_id, amount in amounts.items()
            ),
            Decimal(),
        )

    # --- TIMELINE ---

    def _get_events(self):
        """Return what happened with these customers, as ``{account: [event]}``; see :meth:`_prepare_event`."""
        answers = self._ask_models("_fetch_receivable_events", self.ids) if self.ids else {}
        return {receivable_id: [event for part in parts for event in part] for receivable_id, parts in answers.items()}

    @api.model
    def _prepare_event(self, record, on, icon, title, text=""):
        """Return one line of the timeline.

        :param record: the document, a single record
        :param on: day or moment
        :param icon: name of a Font Awesome icon
        :param title: what happened, in the language of the user
        """
        at = on if isinstance(on, datetime) else datetime.combine(on or date.min, time())
        return {
            "at": at,
            "day": format_date(self.env, fields.Datetime.context_timestamp(self, at).date())
            if isinstance(on, datetime)
            else format_date(self.env, on),
            "icon": icon,
            "title": title,
            "text": text or "",
            "url": f"/odoo/{record._name}/{record.id}",
        }

    # --- MERGING ---

    def _move_to(self, survivor):
        """Calls and statements follow the customer to the account that stays."""
        self.ensure_one()
        self.env.flush_all()
        # a statement both accounts have stays as it left; the one of the account that goes no longer counts
        self.env.cr.execute(
            SQL(
                """
                UPDATE commercial_statement mine
                   SET state = 'cancelled'
                  FROM commercial_statement theirs
                 WHERE mine.receivable_id = %s
                   AND theirs.receivable_id = %s
                   AND theirs.state <> 'cancelled'
                   AND (mine.kind, mine.date, COALESCE(mine.date_from, mine.date), mine.with_charges)
                       = (theirs.kind, theirs.date, COALESCE(theirs.date_from, theirs.date), theirs.with_charges)
                """,
                self.id,
                survivor.id,
            )
        )
        for table in ("commercial_receivable_call", "commercial_statement"):
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET receivable_id = %s, partner_id = %s WHERE receivable_id = %s",
                    SQL.identifier(table),
                    survivor.id,
                    survivor.partner_id.id,
                    self.id,
                )
            )
        self.env.invalidate_all()
        return super()._move_to(survivor)

    # --- CRON ---

    @api.model
    def _cron_refresh_work(self):
        """Look again at all customers of every company."""
        companies = self.env["res.company"].search(
            Domain("id", "in", [company.id for [company] in self._read_group([], ["company_id"])])
        )
        self.env["ir.cron"]._commit_progress(remaining=len(companies))
        for company in companies:
            self.with_company(company)._refresh_work(company)
            if not self.env["ir.cron"]._commit_progress(1):
                break
