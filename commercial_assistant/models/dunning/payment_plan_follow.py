import re
from collections import defaultdict
from decimal import Decimal

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ...tools import dunning as dunning_core
from ...tools import payment_plan as core
from ...tools.identifiers import communication_digits
from .dunning_run import to_decimal

FOLLOWED_STATES = ("proposed", "active", "kept", "broken")
# after so many days nobody expects that the payments of an ended plan change
ENDED_DAYS = 400
CHUNK = 200
# twelve digits as a structured communication is written, whatever stands around
COMMUNICATION = re.compile(r"(?<![0-9])([0-9]{3})[/ ]?([0-9]{4})[/ ]?([0-9]{5})(?![0-9])")


def find_communications(*texts):
    """Return the twelve digits of everything in these texts that is written like a structured communication."""
    return {"".join(match.groups()) for text in texts if text for match in COMMUNICATION.finditer(text)}


class PaymentPlan(models.Model):
    _inherit = "commercial.payment.plan"

    # --- HOLDING ---

    @api.model
    def _fetch_dunning_holds(self, item_rows, holds):  # pylint: disable=unused-argument
        """Return what plans in good standing, and requests and proposals in their time, keep from being reminded.

        :param item_rows: items as the run reads them
        :param holds: what other models hold already
        :return: ``{item id: [Hold]}``; ``until`` is the last day held if nothing is paid
        """
        item_ids = [row["id"] for row in item_rows]
        found = defaultdict(list)
        if not item_ids:
            return found
        self.flush_model()
        self.env["commercial.payment.plan.item"].flush_model()
        for item_id, amount, until in self.env.execute_query(
            SQL(
                """
                SELECT covered.item_id,
                       covered.amount_open,
                       CASE WHEN plan.state = 'active' THEN plan.next_date + plan.break_days
                            ELSE plan.hold_until
                       END
                  FROM commercial_payment_plan_item covered
                  JOIN commercial_payment_plan plan ON plan.id = covered.plan_id
                 WHERE covered.item_id = ANY(%s)
                   AND covered.is_live
                   AND covered.amount_open > 0
                   AND (plan.state = 'active' OR plan.hold_until >= %s)
              ORDER BY covered.id
                """,
                item_ids,
                fields.Date.context_today(self),
            )
        ):
            found[item_id].append(dunning_core.Hold("plan", to_decimal(amount), until))
        return found

    # --- FOLLOWING ---

    @api.model
    def _get_followed_domain(self):
        """Plans that a payment, or a payment undone, can still change."""
        limit = fields.Date.subtract(fields.Date.context_today(self), days=ENDED_DAYS)
        return Domain("state", "in", ("proposed", "active")) | (
            Domain("state", "in", ("kept", "broken"))
            & (Domain("last_date", ">=", limit) | Domain("item_ids.item_id.state", "=", "open"))
        )

    @api.model
    def _follow_company(self, company, partner_ids=None):
        """Bring the plans of a company up to date, as a run needs them.

        :param partner_ids: commercial partners to look at; ``None`` for all
        """
        domain = self._get_followed_domain() & Domain("company_id", "=", company.id)
        if partner_ids is not None:
            domain &= Domain("partner_id", "in", list(partner_ids))
        ids = self.search(domain, order="id").ids
        for start in range(0, len(ids), CHUNK):
            self.browse(ids[start : start + CHUNK])._follow()

    def _remember_start(self):
        """Note how the covered items stand now: what changes from here on counts for the plan."""
        covered = self.item_ids
        covered.item_id.receivable_id.action_refresh()
        facts = self._fetch_facts(covered)
        for line in covered:
            fact = facts["items"][line.id]
            line.write(
                {
                    "amount_start": float(fact["residual"]),
                    "marked_before": float(fact["marked"]),
                    "paid_before": float(fact["unmarked"]),
                    "credited_before": float(fact["credited"]),
                }
            )

    def _follow(self, day=None):
        """Follow what was paid, and judge each plan anew; done again with the same facts it changes nothing."""
        plans = self.filtered(lambda plan: plan.state in FOLLOWED_STATES)
        if not plans:
            return
        facts = plans._fetch_facts(plans.item_ids)
        now = fields.Datetime.now()
        for plan in plans:
            plan._apply(facts, day or plan._get_today())
        plans.write({"followed_on": now})

    def _apply(self, facts, day):
        """Write what the payments say about this plan, and nothing that stands there already."""
        self.ensure_one()
        currency = self.currency_id
        payments = defaultdict(Decimal)
        credited = Decimal()
        for covered in self.item_ids:
            fact = facts["items"][covered.id]
            item = core.Covered(
                amount=to_decimal(covered.amount),
                rest=to_decimal(currency.round(covered.amount_start - covered.amount)),
                marked=fact["marked"] - to_decimal(covered.marked_before),
                unmarked=fact["unmarked"] - to_decimal(covered.paid_before),
                credited=fact["credited"] - to_decimal(covered.credited_before),
                is_gone=fact["is_gone"],
            )
            settled = core.settle(item)
            self._update(covered, {"amount_paid": settled.paid, "amount_credited": settled.credited})
            credited += settled.credited
            # what names the plan is its own; of other money the last is, the rest was due before
            left = settled.paid
            for _is_marked, on, amount in sorted(fact["payments"], reverse=True):
                part = min(amount, left)
                payments[on] += part
                left -= part
            if left > 0:
                payments[self.date or day] += left
        unallocated = facts["unallocated"].get(self.id, [])
        for on, amount, _is_booked in unallocated:
            payments[on] += amount
        lines = self.line_ids.sorted("sequence")
        standing = core.judge(
            self._get_instalments(),
            [core.Payment(on, amount) for on, amount in payments.items() if amount > 0],
            day,
            self.break_days,
            credited,
            was_broken=self.state == "broken",
            forgiven_until=self.forgiven_until or None,
        )
        for line, share, state in zip(lines, standing.shares, standing.states, strict=True):
            self._update(
                line,
                {
                    "amount_paid": share.paid,
                    "amount_credited": share.credited,
                    "interest_amount": self._get_late_interest(line, share, day),
                    "paid_on": share.paid_on if state == core.PAID and share.payments else False,
                    "state": state,
                },
            )
        self._update(
            self,
            {
                "amount_overpaid": standing.overpaid,
                "amount_unallocated": sum((amount for _on, amount, _is_booked in unallocated), Decimal()),
                "amount_on_account": sum((amount for _on, amount, is_booked in unallocated if is_booked), Decimal()),
            },
        )
        self._follow_state(standing, day)

    def _update(self, record, vals):
        """Write only what differs: a plan nobody paid for costs nothing."""
        changed = {}
        for name, value in vals.items():
            if isinstance(value, Decimal):
                if self.currency_id.compare_amounts(float(value), record[name]):
                    changed[name] = float(value)
            elif (value or False) != (record[name] or False):
                changed[name] = value
        if changed:
            record.write(changed)

    def _get_late_interest(self, line, share, day):
        if not self.has_late_interest or line.date >= day or self.state in ("kept", "cancelled", "proposed"):
            return to_decimal(line.interest_amount) if self.state == "kept" else Decimal()
        rates = [(line.date, to_decimal(self.interest_rate))]
        # what the agreement says about interest ends with it
        until = min(day, self.broken_on) if self.broken_on else day
        return core.overdue_interest(
            core.Instalment(line.date, share.amount), share, rates, until, unit=to_decimal(self.currency_id.rounding)
        )

    def _follow_state(self, standing, day):
        """Let the state follow the judgement: kept, broken, or standing again when a payment was undone or found."""
        self.ensure_one()
        if self.state == "proposed":
            return
        if standing.state == core.BROKEN:
            if self.state != "broken":
                self._break(standing.broken_on)
            elif self.broken_on != standing.broken_on:
                self.broken_on = standing.broken_on
        elif standing.state == core.KEPT:
            if self.state != "kept":
                self._keep(standing, day)
        elif self.state in ("kept", "broken"):
            self._stand_again()
        if self.state == "active":
            self._warn(day)

    def _break(self, broken_on):
        """The whole debt is due again at once: the next run decides about its items at the level they had."""
        was_kept = self.state == "kept"
        self.write({"state": "broken", "broken_on": broken_on, "kept_on": False})
        if was_kept:
            self._free_charges()
        self._release()
        self._in_language_of_responsible()._tell_broken()
        self._trigger_letters()

    def _tell_broken(self):
        line = self.line_ids.sorted("sequence").filtered(lambda line: line.state != "paid")[:1]
        self._tell_responsible(
            self.env._("Payment plan broken"),
            note=self.env._(
                "Instalment %(number)s of %(day)s was not paid. Everything is due again and is reminded at its level.",
                number=line.sequence,
                day=format_date(self.env, line.date) if line else "",
            ),
        )

    def _keep(self, standing, day):
        """Everything was paid: the charges that the plan included are paid as well."""
        paid_on = [share.payments[-1].date for share in standing.shares if share.payments]
        self.write({"state": "kept", "kept_on": max(paid_on, default=day), "broken_on": False})
        self.charge_ids.filtered(lambda charge: charge.state == "claimed").write({"state": "paid"})
        self.activity_unlink(["mail.mail_activity_data_todo"])
        self._release()

    def _stand_again(self):
        """The books were corrected: a payment was undone, or turned out to have come in time."""
        if any(covered._get_rival() for covered in self.item_ids):
            return  # another plan has taken its place
        if self.state == "kept":
            self._free_charges()
        self.write({"state": "active", "kept_on": False, "broken_on": False})
        self._withdraw_letters(("broken",))
        self._message_log(body=self.env._("The payments have changed: the plan stands again."))

    def _free_charges(self):
        self.charge_ids.filtered(lambda charge: charge.state == "paid").write({"state": "claimed"})

    def _warn(self, day):
        """Tell the responsible once about each instalment that is late."""
        late = self.line_ids.filtered(
            lambda line: line.state == "late"
            and not line.is_warned
            and fields.Date.add(line.date, days=self.warn_days) < day
        )
        if not late:
            return
        late.write({"is_warned": True})
        plan = self._in_language_of_responsible()
        first = late.sorted("sequence")[0]
        plan._tell_responsible(
            plan.env._("Instalment late"),
            note=plan.env._(
                "Instalment %(number)s of %(day)s is not paid; the plan breaks after %(last)s.",
                number=first.sequence,
                day=format_date(plan.env, first.date),
                last=format_date(plan.env, fields.Date.add(first.date, days=self.break_days)),
            ),
        )
        self._trigger_letters()

    def _in_language_of_responsible(self):
        return self.with_context(lang=self._get_responsible().lang or self.env.lang)

    @api.model
    def _trigger_letters(self):
        self.env.ref("commercial_assistant.ir_cron_payment_plan")._trigger()

    # --- READING ---

    def _fetch_facts(self, covered):
        """Read what happened to the covered items and what was received for these plans, with a few queries for all.

        :return: ``{"items": {plan item id: facts}, "unallocated": {plan id: [(day, amount, is on account)]}}``
        """
        plans = covered.plan_id | self
        by_digits = {communication_digits(plan.payment_reference): plan for plan in plans}
        items = self._fetch_item_facts(covered)
        by_line = defaultdict(list)
        for covered_id, fact in items.items():
            by_line[fact["move_line_id"]].append(covered_id)
        digits_of = {line.id: communication_digits(line.plan_id.payment_reference) for line in covered}
        plan_of_counterpart = {}
        for row in self._fetch_partials([line_id for line_id in by_line if line_id]):
            found = find_communications(*row["texts"])
            amount = to_decimal(row["amount"])
            for covered_id in by_line[row["move_line_id"]]:
                fact = items[covered_id]
                if row["is_credit_note"]:
                    fact["credited"] += amount
                    continue
                is_marked = digits_of[covered_id] in found
                fact["marked" if is_marked else "unmarked"] += amount
                fact["payments"].append((is_marked, row["date"], amount))
                plan_of_counterpart.setdefault(row["counterpart_id"], covered.browse(covered_id).plan_id.id)
        unallocated = self._fetch_unallocated(plans, by_digits, plan_of_counterpart)
        return {"items": items, "unallocated": unallocated}

    @api.model
    def _fetch_item_facts(self, covered):
        """Return how the journal items of covered items stand, before any payment."""
        self.env["commercial.payment.plan.item"].flush_model()
        self.env["commercial.receivable.item"].flush_model()
        self.env["account.move.line"].flush_model(
            ["amount_residual_currency", "parent_state", "reconciled", "account_id", "partner_id", "name"]
        )
        self.env["account.move"].flush_model(["ref", "state", "origin_payment_id", "statement_line_id", "move_type"])
        self.env["account.partial.reconcile"].flush_model()
        self.env["account.payment"].flush_model(["memo", "state", "move_id", "amount", "currency_id", "date"])
        self.env["account.bank.statement.line"].flush_model()
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT covered.id, item.move_line_id, COALESCE(line.amount_residual_currency, 0) AS residual,
                       line.id IS NULL OR line.parent_state <> 'posted' AS is_gone
                  FROM commercial_payment_plan_item covered
                  JOIN commercial_receivable_item item ON item.id = covered.item_id
             LEFT JOIN account_move_line line ON line.id = item.move_line_id
                 WHERE covered.id = ANY(%s)
                """,
                list(covered._ids),
            )
        )
        return {
            row["id"]: {
                "move_line_id": row["move_line_id"],
                "residual": to_decimal(row["residual"]),
                "is_gone": row["is_gone"],
                "marked": Decimal(),
                "unmarked": Decimal(),
                "credited": Decimal(),
                "payments": [],
            }
            for row in rows
        }

    @api.model
    def _fetch_partials(self, line_ids):
        """Return what was set against these journal items, with every text in which a communication may stand."""
        if not line_ids:
            return []
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT partial.debit_move_id AS move_line_id,
                       partial.credit_move_id AS counterpart_id,
                       partial.max_date AS date,
                       partial.debit_amount_currency AS amount,
                       move.move_type = 'out_refund' AS is_credit_note,
                       ARRAY[counterpart.name, move.ref, payment.memo, statement.payment_ref] AS texts
                  FROM account_partial_reconcile partial
                  JOIN account_move_line counterpart ON counterpart.id = partial.credit_move_id
                  JOIN account_move move ON move.id = counterpart.move_id
             LEFT JOIN account_payment payment ON payment.id = move.origin_payment_id
             LEFT JOIN account_bank_statement_line statement ON statement.id = move.statement_line_id
                 WHERE partial.debit_move_id = ANY(%s)
              ORDER BY partial.id
                """,
                line_ids,
            )
        )

    @api.model
    def _fetch_unallocated(self, plans, by_digits, plan_of_counterpart):
        """Return money for these plans that is not matched with an invoice yet, by plan.

        It carries the communication of the plan, or is what is left of a payment that was matched with its invoices:
        credits on the account of the customer, lines of bank statements, and payments without a journal entry.
        """
        account_ids = self.env["commercial.receivable"]._get_receivable_accounts().ids
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT line.id AS counterpart_id, line.company_id, line.currency_id, line.date,
                       -line.amount_residual_currency AS amount,
                       ARRAY[line.name, move.ref, payment.memo, statement.payment_ref] AS texts,
                       partner.commercial_partner_id AS partner_id
                  FROM account_move_line line
                  JOIN res_partner partner ON partner.id = line.partner_id
                  JOIN account_move move ON move.id = line.move_id
             LEFT JOIN account_payment payment ON payment.id = move.origin_payment_id
             LEFT JOIN account_bank_statement_line statement ON statement.id = move.statement_line_id
                 WHERE line.partner_id IN (SELECT id FROM res_partner WHERE commercial_partner_id = ANY(%(partners)s))
                   AND line.account_id = ANY(%(accounts)s)
                   AND line.reconciled IS NOT TRUE
                   AND line.parent_state = 'posted'
                   AND line.company_id = ANY(%(companies)s)
                   AND line.amount_residual_currency < 0
                   AND move.move_type <> 'out_refund'
                UNION ALL
                SELECT NULL, statement.company_id, COALESCE(statement.foreign_currency_id, statement.currency_id),
                       move.date,
                       CASE WHEN statement.foreign_currency_id IS NULL THEN statement.amount
                            ELSE statement.amount_currency
                       END,
                       ARRAY[statement.payment_ref], NULL
                  FROM account_bank_statement_line statement
                  JOIN account_move move ON move.id = statement.move_id
                 WHERE statement.is_reconciled IS NOT TRUE
                   AND statement.company_id = ANY(%(companies)s)
                   AND statement.amount > 0
                   AND move.state = 'posted'
                   AND regexp_replace(statement.payment_ref, '[^0-9]', '', 'g') LIKE ANY(%(digits)s)
                UNION ALL
                SELECT NULL, payment.company_id, payment.currency_id, payment.date, payment.amount,
                       ARRAY[payment.memo, payment.payment_reference], NULL
                  FROM account_payment payment
                 WHERE payment.move_id IS NULL
                   AND payment.state IN ('in_process', 'paid')
                   AND payment.payment_type = 'inbound'
                   AND payment.company_id = ANY(%(companies)s)
                   AND regexp_replace(COALESCE(payment.memo, '') || ' ' || COALESCE(payment.payment_reference, ''),
                                      '[^0-9]', '', 'g') LIKE ANY(%(digits)s)
                """,
                partners=plans.partner_id.ids,
                accounts=account_ids,
                companies=plans.company_id.ids,
                digits=[f"%{digits}%" for digits in by_digits],
            )
        )
        found = defaultdict(list)
        by_id = {plan.id: plan for plan in plans}
        for row in rows:
            named = [by_digits[digits] for digits in find_communications(*row["texts"]) if digits in by_digits]
            plan = named[0] if named else by_id.get(plan_of_counterpart.get(row["counterpart_id"]))
            if not plan or (row["company_id"], row["currency_id"]) != (plan.company_id.id, plan.currency_id.id):
                continue
            if row["partner_id"] and row["partner_id"] != plan.partner_id.id:
                continue
            found[plan.id].append((row["date"], to_decimal(row["amount"]), bool(row["counterpart_id"])))
        return found

    # --- CRON ---

    @api.model
    def _cron_follow(self):
        """Follow all plans, then send what is to be told about them; a start that was stopped goes on where it was."""
        progress = self.env["ir.cron"]._commit_progress
        ids = self.search(self._get_followed_domain(), order="id").ids
        progress(remaining=len(ids))
        for start in range(0, len(ids), CHUNK):
            plans = self.browse(ids[start : start + CHUNK]).exists().try_lock_for_update()
            plans.invalidate_recordset()
            plans._follow()
            if not progress(min(CHUNK, len(ids) - start)):
                return
        self._send_due_letters(progress)
