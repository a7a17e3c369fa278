from odoo import api, fields, models
from odoo.tools import SQL


class ResPartner(models.Model):
    _inherit = "res.partner"

    receivable_ids = fields.One2many(
        comodel_name="commercial.receivable",
        inverse_name="partner_id",
        string="Customer accounts",
        groups="commercial_assistant.group_assistant,commercial_assistant.group_collector",
    )
    dunning_notice_count = fields.Integer(
        string="Reminders",
        compute="_compute_dunning_counts",
        groups="commercial_assistant.group_assistant,commercial_assistant.group_collector",
    )
    overdue_item_count = fields.Integer(
        string="Overdue invoices",
        compute="_compute_dunning_counts",
        groups="commercial_assistant.group_assistant,commercial_assistant.group_collector",
    )

    @api.depends_context("company", "allowed_company_ids", "tz")
    def _compute_dunning_counts(self):
        self.env["commercial.dunning.notice"].flush_model()
        self.env["commercial.receivable.item"].flush_model()
        counts = {
            partner_id: (notices, overdue)
            for partner_id, notices, overdue in self.env.execute_query(
                SQL(
                    """
                    SELECT entry.partner_id, SUM(entry.notice), SUM(entry.overdue)
                      FROM (
                            SELECT partner_id, 1 AS notice, 0 AS overdue
                              FROM commercial_dunning_notice
                             WHERE partner_id = ANY(%(partners)s)
                               AND company_id = ANY(%(companies)s)
                               AND is_dry IS NOT TRUE
                               AND state <> 'cancelled'
                             UNION ALL
                            SELECT partner_id, 0, 1
                              FROM commercial_receivable_item
                             WHERE partner_id = ANY(%(partners)s)
                               AND company_id = ANY(%(companies)s)
                               AND state = 'open'
                               AND date_due < %(today)s
                           ) entry
                  GROUP BY entry.partner_id
                    """,
                    partners=self.commercial_partner_id.ids,
                    companies=self.env.companies.ids,
                    today=fields.Date.context_today(self),
                )
            )
        }
        for partner in self:
            notices, overdue = counts.get(partner.commercial_partner_id.id, (0, 0))
            partner.dunning_notice_count, partner.overdue_item_count = notices, overdue

    def write(self, vals):
        result = super().write(vals)
        if not self._get_dunning_fields().isdisjoint(vals):
            self.env["commercial.receivable.item"]._forget_next_dates(
                [("partner_id", "in", self.commercial_partner_id.ids)]
            )
        return result

    @api.model
    def _get_dunning_fields(self):
        """Fields that decide which policy holds for a customer."""
        return {
            "customer_kind",
            "country_id",
            "category_id",
            "trust",
            "is_company",
            "vat",
            "company_registry",
            "parent_id",
            "user_id",
            "property_inbound_payment_method_line_id",
        }

    def action_open_receivable(self):
        """Open the account of this customer with the current company."""
        self.ensure_one()
        entity = self.commercial_partner_id
        Receivable = self.env["commercial.receivable"]
        domain = [("partner_id", "=", entity.id), ("company_id", "=", self.env.company.id)]
        receivable = Receivable.search(domain, limit=1)
        if not receivable:
            Receivable._refresh_items(self.env.company, entity.ids)
            receivable = Receivable.search(domain, limit=1)
        if not receivable:
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {
                    "type": "info",
                    "message": self.env._("%(customer)s has no open invoice.", customer=entity.display_name),
                },
            }
        return receivable._get_records_action()

    def action_open_dunning_notices(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.dunning_notice_action")
        action["domain"] = [("partner_id", "=", self.commercial_partner_id.id)]
        action["context"] = {}
        return action
