from odoo import api, fields, models
from odoo.tools import SQL

GROUPS = "commercial_assistant.group_assistant,commercial_assistant.group_collector"


class ResPartner(models.Model):
    _inherit = "res.partner"

    open_dispute_count = fields.Integer(string="Open disputes", compute="_compute_open_claims", groups=GROUPS)
    open_promise_count = fields.Integer(string="Open promises", compute="_compute_open_claims", groups=GROUPS)

    @api.depends_context("company", "allowed_company_ids")
    def _compute_open_claims(self):
        """Count open disputes and promises of the whole customer in one query, in the companies of the user."""
        entities = self.commercial_partner_id
        self.env["commercial.dispute"].flush_model()
        self.env["commercial.payment.promise"].flush_model()
        counts = {
            partner_id: (disputes, promises)
            for partner_id, disputes, promises in self.env.execute_query(
                SQL(
                    """
                    SELECT claim.partner_id, SUM(claim.dispute), SUM(claim.promise)
                      FROM (
                            SELECT partner_id, 1 AS dispute, 0 AS promise
                              FROM commercial_dispute
                             WHERE partner_id = ANY(%(partners)s)
                               AND company_id = ANY(%(companies)s)
                               AND state IN ('new', 'investigation')
                             UNION ALL
                            SELECT partner_id, 0, 1
                              FROM commercial_payment_promise
                             WHERE partner_id = ANY(%(partners)s)
                               AND company_id = ANY(%(companies)s)
                               AND state = 'open'
                           ) claim
                  GROUP BY claim.partner_id
                    """,
                    partners=entities.ids,
                    companies=self.env.companies.ids,
                )
            )
        }
        for partner in self:
            disputes, promises = counts.get(partner.commercial_partner_id.id, (0, 0))
            partner.open_dispute_count, partner.open_promise_count = disputes, promises

    def action_open_disputes(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.dispute_action")
        action["domain"] = [("partner_id", "=", self.commercial_partner_id.id)]
        action["context"] = {"search_default_active": 1}
        return action

    def action_open_promises(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.payment_promise_action")
        action["domain"] = [("partner_id", "=", self.commercial_partner_id.id)]
        action["context"] = {"search_default_open": 1}
        return action
