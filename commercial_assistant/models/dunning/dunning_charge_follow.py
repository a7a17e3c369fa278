from decimal import Decimal
from fractions import Fraction

from odoo import api, fields, models
from odoo.tools import SQL, format_date, formatLang

from ...tools import dunning as core
from ...tools.interest_follow import cap_path, correct_slices
from ...tools.late_payment import interest_slices, round_half_up
from .dunning_run import to_decimal
from .law_book import LawBook
from .payment_promise import MONEY_JOURNALS

# after a full year a law that compounds adds interest to the principal: such a calculation is not taken apart
DAYS_BEFORE_COMPOUNDING = 365


class DunningCharge(models.Model):
    """How claimed interest follows payments: those dated before it was claimed, and the one after the last letter."""

    _inherit = "commercial.dunning.charge"

    is_final_interest = fields.Boolean(
        string="After the last letter",
        readonly=True,
        copy=False,
        help="Interest from the day after the last letter until the payment of the invoice.",
    )
    correction_note = fields.Char(
        string="Correction",
        readonly=True,
        copy=False,
        help="Why less is claimed than the letter said: a payment or credit note that was booked later counts for "
        "earlier days.",
    )

    # --- JOB ---

    @api.model
    def _cron_book(self):
        """Let interest follow the payments first, so that what is booked is what is owed."""
        progress = self.env["ir.cron"]._commit_progress
        domain = [("kind", "=", "interest"), ("state", "in", ("claimed", "paid"))]
        for [company] in self._read_group(domain, ["company_id"]):
            self.with_company(company)._follow_payments(company)
            progress()
        return super()._cron_book()

    @api.model
    def _follow_payments(self, company):
        """Correct the claimed interest of a company, and claim what ran until late payments. Twice changes nothing."""
        for model in ("account.move", "account.move.line", "account.partial.reconcile", "commercial.receivable.item"):
            self.env[model].flush_model()
        self.env["commercial.dunning.notice"].flush_model()
        self.env["commercial.dunning.notice.line"].flush_model()
        self.flush_model()
        self._correct_interest(company)
        return self._claim_final_interest(company)

    # --- CORRECTIONS ---

    @api.model
    def _correct_interest(self, company):
        rows = self._fetch_correctable(company)
        paths = self.env["commercial.dunning.run"]._fetch_principal_steps(rows)
        charges = self.browse([row["charge_id"] for row in rows])
        for charge, row in zip(charges, rows, strict=True):
            path = paths.get(row["id"])
            if path is None:
                continue
            # credit notes take away first what was not asked for
            credited = to_decimal(row["amount_original"]) - path[0][1]
            held = max(to_decimal(row["held"]) - credited, Decimal())
            slices = correct_slices(charge._get_slices(), path, held)
            amount = charge._sum_slices(slices)
            if amount < to_decimal(charge.amount):
                charge._reduce(float(amount), slices)

    @api.model
    def _fetch_correctable(self, company):
        """Return open claimed interest on items for which something was paid or credited for one of its days."""
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT charge.id AS charge_id, item.id, item.move_line_id, line.amount_currency AS amount_original,
                       line.amount_residual_currency AS amount_residual,
                       COALESCE(told.amount_original - told.amount_paid - told.amount_residual, 0) AS held
                  FROM commercial_dunning_charge charge
                  JOIN commercial_receivable_item item ON item.id = charge.item_id
                  JOIN account_move_line line ON line.id = item.move_line_id
                  JOIN commercial_dunning_notice notice ON notice.id = charge.notice_id
                  JOIN commercial_dunning_policy policy ON policy.id = notice.policy_id
             LEFT JOIN LATERAL (
                       SELECT amount_original, amount_paid, amount_residual
                         FROM commercial_dunning_notice_line
                        WHERE notice_id = charge.notice_id AND item_id = charge.item_id AND included
                        LIMIT 1
                       ) told ON TRUE
                 WHERE charge.company_id = %(company)s
                   AND charge.kind = 'interest'
                   AND charge.state = 'claimed'
                   AND NOT (policy.regime LIKE 'nl%%' AND charge.date_to - item.date_due > %(days)s)
                   AND EXISTS (
                       SELECT
                         FROM account_partial_reconcile partial
                         JOIN account_move_line credit ON credit.id = partial.credit_move_id
                         JOIN account_move move ON move.id = credit.move_id
                        WHERE partial.debit_move_id = line.id
                          AND (partial.max_date < charge.date_to OR move.move_type = 'out_refund')
                       )
              ORDER BY charge.id
                """,
                company=company.id,
                days=DAYS_BEFORE_COMPOUNDING,
            )
        )

    def _sum_slices(self, slices):
        """Return the interest of a calculation, rounded once."""
        unit = to_decimal(self.currency_id.rounding)
        return round_half_up(sum((piece.exact for piece in slices), Fraction()), unit)

    def _reduce(self, amount, slices):
        """Claim less: what is booked is taken back and booked again, what stands in the letter only is lowered."""
        self.ensure_one()
        if not self.try_lock_for_update():
            return
        spoken = self.with_context(lang=self.company_id.partner_id.lang or self.env.lang)
        reason = spoken.env._("A payment or credit note that was booked later counts for days before this letter.")
        is_booked = any(booking.is_live and booking.kind == "claim" for booking in self.booking_ids)
        if is_booked:
            self._reverse_bookings(reason)
            if any(booking.is_live for booking in self.booking_ids):
                return  # not possible now; the note says why, and the next night tries again
        settled = self.amount_paid + self.amount_credited
        amount = max(amount, settled)
        note = spoken.env._(
            "%(before)s until %(day)s. %(reason)s",
            before=formatLang(spoken.env, self.amount, currency_obj=self.currency_id),
            day=format_date(spoken.env, fields.Date.context_today(self)),
            reason=reason,
        )
        if self.currency_id.compare_amounts(amount, 0.0) <= 0:
            self.write(
                {
                    "state": "waived",
                    "waive_reason": reason,
                    "waived_on": fields.Date.context_today(self),
                    "correction_note": note,
                }
            )
        else:
            self.write(
                {
                    "amount": amount,
                    "slices": self._prepare_slices(slices).adapted if slices else False,
                    "correction_note": note,
                }
            )
            if is_booked and self.state == "claimed":
                self._set_booking("to_book", mode=self.booking_mode)
        self.receivable_id._message_log(
            body=spoken.env._("Corrected: %(charge)s (%(note)s)", charge=self.display_name, note=note)
        )

    # --- AFTER THE LAST LETTER ---

    @api.model
    def _claim_final_interest(self, company):
        """Claim the interest that ran from the last letter until a late payment, where the policy wants that."""
        rows = self._fetch_paid_late(company)
        if not rows:
            return self.browse()
        paths = self.env["commercial.dunning.run"]._fetch_principal_steps(rows)
        today = fields.Date.context_today(self.with_context(tz=company.partner_id.tz or "Europe/Brussels"))
        law = LawBook(self.env)
        convert = self.env["commercial.dunning.run"].with_company(company)._get_converter(company, today)
        policies = self.env["commercial.dunning.policy"].browse({row["policy_id"] for row in rows})
        known = {policy.id: policy._prepare_core_policy(policy.level_ids._get_languages()) for policy in policies}
        vals_list = []
        for row in rows:
            charge = self.browse(row["charge_id"])
            try:
                slices = self._reckon_final(row, charge, paths.get(row["id"], ()), known[row["policy_id"]], law)
                amount = charge._sum_slices(slices)
                own = convert(amount, charge.currency_id.id, company.currency_id.id)
            except (core.MissingFigureError, core.MissingExchangeRateError):
                continue  # told elsewhere; when the figure is known the next night claims it
            if amount and own >= to_decimal(row["least"]):
                vals_list.append(charge._prepare_final_vals(slices, float(amount)))
        law.make_tasks()
        charges = self.create(vals_list)
        charges._claim(today)
        charges.receivable_id._message_log_batch(
            bodies={
                receivable.id: self.env._(
                    "Interest from the last letter until payment: %(charges)s", charges=same.mapped("display_name")
                )
                for receivable, same in charges.grouped("receivable_id").items()
            }
        )
        return charges

    @api.model
    def _fetch_paid_late(self, company):
        """Return the items that were paid in full after the last letter that claimed interest on them.

        Not those that a collector or a payment plan deals with, nor those that were written off: their interest is let
        go. What was waived once is not claimed for later days either.
        """
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT item.id, item.move_line_id, line.amount_currency AS amount_original, 0 AS amount_residual,
                       last.id AS charge_id, last.date_to, paid.day, notice.policy_id,
                       policy.final_interest_min AS least
                  FROM commercial_receivable_item item
                  JOIN account_move_line line ON line.id = item.move_line_id
                  JOIN LATERAL (
                       SELECT charge.id, charge.state, charge.date_to, charge.notice_id
                         FROM commercial_dunning_charge charge
                        WHERE charge.item_id = item.id
                          AND charge.kind = 'interest'
                          AND charge.state NOT IN ('cancelled', 'simulated')
                     ORDER BY charge.date_to DESC
                        LIMIT 1
                       ) last ON TRUE
                  JOIN commercial_dunning_notice notice ON notice.id = last.notice_id
                  JOIN commercial_dunning_policy policy ON policy.id = notice.policy_id
                  JOIN LATERAL (
                       SELECT partial.max_date AS day, journal.type
                         FROM account_partial_reconcile partial
                         JOIN account_move_line credit ON credit.id = partial.credit_move_id
                         JOIN account_move move ON move.id = credit.move_id
                         JOIN account_journal journal ON journal.id = credit.journal_id
                        WHERE partial.debit_move_id = line.id
                          AND move.move_type <> 'out_refund'
                     ORDER BY partial.max_date DESC, partial.id DESC
                        LIMIT 1
                       ) paid ON TRUE
                 WHERE item.company_id = %(company)s
                   AND policy.final_interest
                   AND policy.charge_interest
                   AND policy.final_interest_since <= paid.day
                   AND paid.day > last.date_to
                   AND paid.type = ANY(%(journals)s)
                   AND last.state IN ('claimed', 'paid')
                   AND notice.state = 'delivered'
                   AND line.reconciled
                   AND line.parent_state = 'posted'
                   AND NOT EXISTS (
                       SELECT
                         FROM commercial_collection_handover_line handed
                         JOIN commercial_collection_handover handover ON handover.id = handed.handover_id
                        WHERE handed.item_id = item.id
                          AND handover.state NOT IN ('draft', 'checked', 'cancelled')
                       )
                   AND NOT EXISTS (
                       SELECT
                         FROM commercial_payment_plan_item planned
                         JOIN commercial_payment_plan plan ON plan.id = planned.plan_id
                        WHERE planned.item_id = item.id
                          AND plan.state IN ('proposed', 'active', 'kept')
                       )
              ORDER BY item.id
                """,
                company=company.id,
                journals=list(MONEY_JOURNALS),
            )
        )

    @api.model
    def _reckon_final(self, row, charge, path, policy, law):
        """Return the calculation from the day after the last letter until the payment, on what the letter asked for."""
        start, end = fields.Date.add(row["date_to"], days=1), row["day"]
        last = charge._get_slices()
        cap = last[-1].principal if last else to_decimal(charge.base_amount)
        rates = core.REGIMES[policy.regime].interest_rates(policy, start, end, law)
        return interest_slices(cap_path(path, cap), rates, start, end, int(law.value("late_day_base", end)))

    def _prepare_final_vals(self, slices, amount):
        """Return the charge that continues this interest until the payment."""
        self.ensure_one()
        spoken = self.with_context(lang=self.notice_id.lang or self.env.lang)
        return {
            "company_id": self.company_id.id,
            "receivable_id": self.receivable_id.id,
            "notice_id": self.notice_id.id,
            "item_id": self.item_id.id,
            "kind": "interest",
            "state": "planned",
            "is_final_interest": True,
            "date_from": slices[0].start,
            "date_to": slices[-1].end,
            "base_amount": float(slices[0].principal),
            "rate_text": spoken._format_rates(slices),
            "slices": self._prepare_slices(slices).adapted,
            "amount": amount,
            "currency_id": self.currency_id.id,
            "legal_ground": self.legal_ground,
        }
