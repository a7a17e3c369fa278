from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools import dunning as core
from ...tools.dunning_law import REGIMES
from .dunning_run import to_decimal


class DunningRun(models.Model):
    """What only some laws ask about an item."""

    _inherit = "commercial.dunning.run"

    def _fetch_law_facts(self, item_rows, toolbox, ignored_notice_ids=()):
        """Return ``{item id: values of the core item}``; one or two queries, and none where no law asks."""
        facts = defaultdict(dict)
        policies = toolbox["policy_by_id"].values()
        if any(REGIMES[policy.regime].needs_deliveries and policy.invoices_state_interest for policy in policies):
            for item_id, day in self._fetch_deliveries(item_rows).items():
                facts[item_id]["delivered_on"] = day
        announced = [
            row["id"]
            for row in item_rows
            if row["first_reminder_on"] and row["level_regime"] and REGIMES[row["level_regime"]].limits_to_announced
        ]
        if announced:
            for item_id, announcement in self._fetch_announcements(announced, ignored_notice_ids).items():
                facts[item_id]["announcement"] = announcement
        parted = [
            row["id"]
            for row in item_rows
            if row["first_reminder_on"] and row["level_regime"] and REGIMES[row["level_regime"]].reminds_each_part
        ]
        if parted:
            for item_id, reminded in self._fetch_reminded(parted).items():
                facts[item_id]["reminded"] = reminded
        return facts

    @api.model
    def _fetch_reminded(self, item_ids):
        """What the delivered first reminders of these items asked for, and what they announced for the invoice.

        One query, however many items there are. Credit notes of the day of the letter were in it already.
        """
        self.env["commercial.dunning.notice"].flush_model()
        self.env["commercial.dunning.notice.line"].flush_model()
        self.env["account.partial.reconcile"].flush_model()
        rows = self.env.execute_query_dict(
            SQL(
                """
                WITH told AS (
                    SELECT line.id, line.item_id, item.move_id, item.move_line_id, line.round, line.amount_residual,
                           COALESCE(line.amount_reminded, line.amount_residual) AS reminded,
                           line.amount_original - line.amount_paid AS residual, line.announced_indemnity,
                           notice.date, notice.earliest_charge_date
                      FROM commercial_dunning_notice_line line
                      JOIN commercial_dunning_notice notice ON notice.id = line.notice_id
                      JOIN commercial_dunning_policy_level level ON level.id = line.level_id
                      JOIN commercial_receivable_item item ON item.id = line.item_id
                     WHERE line.live
                       AND level.kind = 'reminder'
                       AND notice.state = 'delivered'
                       AND line.item_id IN (
                               SELECT unnest(%(items)s)
                                UNION
                               SELECT same.id
                                 FROM commercial_receivable_item asked
                                 JOIN commercial_receivable_item same ON same.move_id = asked.move_id
                                WHERE asked.id = ANY(%(items)s)
                           )
                ), last AS (
                    SELECT DISTINCT ON (item_id) *
                      FROM told
                     WHERE item_id = ANY(%(items)s)
                  ORDER BY item_id, id DESC
                ), debt AS (
                    SELECT COALESCE(move_id, -item_id) AS id, SUM(announced_indemnity) AS announced
                      FROM told
                  GROUP BY COALESCE(move_id, -item_id)
                ), rounds AS (
                    SELECT item_id, COUNT(*) AS number,
                           json_agg(json_build_array(earliest_charge_date, amount_residual::text))
                               FILTER (WHERE round > 0) AS later
                      FROM told
                  GROUP BY item_id
                )
                SELECT last.item_id, last.reminded, last.residual,
                       (SELECT SUM(partial.debit_amount_currency)
                          FROM account_partial_reconcile partial
                          JOIN account_move_line credit ON credit.id = partial.credit_move_id
                          JOIN account_move move ON move.id = credit.move_id
                         WHERE partial.debit_move_id = last.move_line_id
                           AND move.move_type = 'out_refund'
                           AND partial.max_date > last.date) AS credited,
                       debt.announced, rounds.number, rounds.later
                  FROM last
                  JOIN debt ON debt.id = COALESCE(last.move_id, -last.item_id)
                  JOIN rounds ON rounds.item_id = last.item_id
                """,
                items=item_ids,
            )
        )
        return {
            row["item_id"]: core.Reminded(
                amount=to_decimal(row["reminded"]),
                residual=to_decimal(row["residual"]),
                credited=to_decimal(row["credited"]),
                announced=to_decimal(row["announced"]),
                rounds=row["number"],
                later=tuple((fields.Date.to_date(day), to_decimal(part)) for day, part in row["later"] or ()),
            )
            for row in rows
        }

    @api.model
    def _fetch_deliveries(self, item_rows):
        """Days on which the goods of the invoices were delivered, where they are known."""
        self.env["account.move"].flush_model(["delivery_date"])
        days = dict(
            self.env.execute_query(
                SQL(
                    "SELECT id, delivery_date FROM account_move WHERE id = ANY(%s) AND delivery_date IS NOT NULL",
                    list({row["move_id"] for row in item_rows if row["move_id"]}),
                )
            )
        )
        return {row["id"]: days[row["move_id"]] for row in item_rows if row["move_id"] in days}

    @api.model
    def _fetch_announcements(self, item_ids, ignored_notice_ids=()):
        """What the first reminders of these items announced for all their invoices, and what of it is claimed already.

        Paid and waived sums count as claimed: what was announced is claimed once.
        """
        self.env["commercial.dunning.notice"].flush_model()
        self.env["commercial.dunning.notice.line"].flush_model()
        self.env["commercial.dunning.charge"].flush_model()
        rows = self.env.execute_query_dict(
            SQL(
                """
                WITH first AS (
                    SELECT DISTINCT ON (line.item_id) line.item_id, line.notice_id
                      FROM commercial_dunning_notice_line line
                      JOIN commercial_dunning_policy_level level ON level.id = line.level_id
                     WHERE line.item_id = ANY(%(items)s)
                       AND line.live
                       AND level.kind = 'reminder'
                  ORDER BY line.item_id, line.id DESC
                ), claimed AS (
                    SELECT line.notice_id, SUM(charge.amount) AS amount, SUM(charge.base_amount) AS base
                      FROM commercial_dunning_notice_line line
                      JOIN commercial_dunning_charge charge ON charge.item_id = line.item_id
                     WHERE line.notice_id IN (SELECT notice_id FROM first)
                       AND line.live
                       AND charge.kind = 'indemnity'
                       AND charge.state NOT IN ('cancelled', 'simulated')
                       AND NOT (charge.state = 'planned' AND charge.notice_id = ANY(%(ignored)s))
                  GROUP BY line.notice_id
                )
                SELECT first.item_id, notice.id, notice.announced_indemnity, claimed.amount, claimed.base
                  FROM first
                  JOIN commercial_dunning_notice notice ON notice.id = first.notice_id
             LEFT JOIN claimed ON claimed.notice_id = notice.id
                """,
                items=item_ids,
                ignored=list(ignored_notice_ids),
            )
        )
        return {
            row["item_id"]: core.Announcement(
                letter_id=row["id"],
                amount=to_decimal(row["announced_indemnity"]),
                claimed=to_decimal(row["amount"]),
                claimed_base=to_decimal(row["base"]),
            )
            for row in rows
        }
