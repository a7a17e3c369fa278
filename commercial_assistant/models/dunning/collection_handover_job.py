from odoo import api, fields, models
from odoo.tools import SQL

from .activities import plan_activities

PROPOSAL = "commercial_assistant.mail_activity_type_handover_proposal"
PAYMENT = "commercial_assistant.mail_activity_type_handover_payment"


class CollectionHandover(models.Model):
    _inherit = "commercial.collection.handover"

    # --- PROPOSALS ---

    @api.model
    def _fetch_items_to_propose(self, company, day):
        """Return the rows of the items whose last letter announced the hand-over and whose last day to pay is over.

        What waits for another letter, is being handed over already, or was decided against since that letter stays out.
        """
        self.env.flush_all()
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT item.id, item.receivable_id, item.move_id, item.move_line_id, item.currency_id, item.date,
                       item.date_due, item.amount_original, item.amount_residual, item.level_id
                  FROM commercial_receivable_item item
                  JOIN commercial_receivable receivable ON receivable.id = item.receivable_id
                  JOIN commercial_dunning_policy_level level ON level.id = item.level_id
                  JOIN LATERAL (
                       SELECT max(notice.deadline) AS deadline
                         FROM commercial_dunning_notice_line line
                         JOIN commercial_dunning_notice notice ON notice.id = line.notice_id
                        WHERE line.item_id = item.id
                          AND line.level_id = item.level_id
                          AND line.live
                          AND notice.state = 'delivered'
                       ) letter ON letter.deadline < %(day)s
                 WHERE item.company_id = %(company)s
                   AND item.state = 'open'
                   AND item.notice_id IS NULL
                   AND level.proposes_handover
                   AND NOT (COALESCE(item.is_excluded, FALSE)
                            AND (item.excluded_until IS NULL OR item.excluded_until >= %(day)s))
                   AND NOT (COALESCE(receivable.is_excluded, FALSE)
                            AND (receivable.excluded_until IS NULL OR receivable.excluded_until >= %(day)s))
                   AND NOT EXISTS (
                       SELECT
                         FROM commercial_collection_handover_line line
                         JOIN commercial_collection_handover handover ON handover.id = line.handover_id
                        WHERE line.item_id = item.id
                          AND (line.live OR handover.date_ended >= item.last_delivered_on)
                       )
              ORDER BY item.id
                """,
                company=company.id,
                day=day,
            )
        )

    @api.model
    def _propose(self, company, day=None):
        """Prepare one hand-over for each customer whose last letter stayed without payment; return them.

        What is disputed, promised or in a payment plan waits until that has ended.
        """
        day = day or fields.Date.context_today(self.with_context(tz=company.partner_id.tz or "Europe/Brussels"))
        rows = self._fetch_items_to_propose(company, day)
        if not rows:
            return self.browse()
        holds = self.env["commercial.dunning.run"]._fetch_holds(rows)
        items = self.env["commercial.receivable.item"].browse(row["id"] for row in rows if not holds.get(row["id"]))
        if not items:
            return self.browse()
        handovers = self.with_context(tracking_disable=True, mail_create_nolog=True)._prepare(items, is_proposal=True)
        plan_activities(
            handovers,
            PROPOSAL,
            lambda handover: handover.env._(
                "The last letter to %(customer)s stayed without payment (%(amounts)s): hand over, or decide otherwise.",
                customer=handover.partner_id.display_name,
                amounts=handover.claimed_summary,
            ),
            day,
        )
        return handovers

    def _get_own_user(self):
        """Return who answers for the hand-over, else for the customer account, else nobody."""
        self.ensure_one()
        return self.user_id or self.receivable_id.user_id

    # --- PAYMENTS ---

    @api.model
    def _fetch_unreported_payments(self, company=None, partner_ids=None):
        """Return the numbers of hand-overs with a payment of which the collector does not know; one query."""
        for model in ("commercial.collection.handover", "commercial.collection.handover.line"):
            self.env[model].flush_model()
        self.env["commercial.receivable.item"].flush_model(["state", "amount_residual"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT handover.id
                  FROM commercial_collection_handover handover
                  JOIN commercial_collection_handover_line line ON line.handover_id = handover.id
                  JOIN commercial_receivable_item item ON item.id = line.item_id
                 WHERE handover.state = 'handed_over'
                   AND round(line.amount_principal
                             - CASE WHEN item.state = 'open' THEN item.amount_residual ELSE 0 END
                             - COALESCE(line.amount_reported, 0), 6) <> 0
                   %s
                   %s
              ORDER BY handover.id
                """,
                SQL("AND handover.company_id = %s", company.id) if company else SQL(),
                SQL("AND handover.partner_id = ANY(%s)", list(partner_ids)) if partner_ids is not None else SQL(),
            )
        )
        return [handover_id for [handover_id] in rows]

    def _find_unreported_payments(self):
        """Return the numbers of these hand-overs, or all that the user may see, with such a payment."""
        return self._search([("id", "in", self._fetch_unreported_payments())])

    @api.model
    def _follow_payments(self, company, partner_ids=None):
        """Give whoever answers for a hand-over the task to tell the collector what the customer paid us."""
        handover_ids = self._fetch_unreported_payments(company, partner_ids)
        if not handover_ids:
            return
        plan_activities(
            self.sudo().browse(handover_ids),  # whoever books a payment may not see hand-overs
            PAYMENT,
            lambda handover: handover.env._(
                "%(customer)s paid us since the hand-over (%(amounts)s): tell %(collector)s.",
                customer=handover.partner_id.display_name,
                amounts=handover.paid_summary,
                collector=handover.collector_id.display_name or handover._get_label("collector_type"),
            ),
            fields.Date.context_today(self),
        )

    # --- CRON ---

    @api.model
    def _cron_follow(self):
        """Read what was paid of handed-over items, then propose what is to be handed over, company by company."""
        companies = self.env["res.company"].search([("active", "=", True)])
        progress = self.env["ir.cron"]._commit_progress
        progress(remaining=len(companies))
        for company in companies:
            self.with_company(company)._follow(company)
            if not progress(1):
                break

    @api.model
    def _follow(self, company):
        holds = self.env["commercial.credit.hold"].search([("company_id", "=", company.id), ("state", "=", "live")])
        lines = self.env["commercial.collection.handover.line"]._read_group(
            [("company_id", "=", company.id), ("live", "=", True)], ["partner_id"]
        )
        partner_ids = {partner.id for [partner] in lines} | set(holds.partner_id.ids)
        if partner_ids:
            self.env["commercial.receivable"]._refresh_items(company, sorted(partner_ids))
        if company.dunning_active:
            self._propose(company)
