from odoo import api, fields, models
from odoo.tools import SQL

GROUPS = "commercial_assistant.group_assistant,commercial_assistant.group_collector"


class ResPartner(models.Model):
    _inherit = "res.partner"

    is_on_credit_hold = fields.Boolean(
        string="Credit hold",
        compute="_compute_credit_holds",
        search="_search_is_on_credit_hold",
        groups=f"{GROUPS},sales_team.group_sale_salesman",
    )
    credit_hold_count = fields.Integer(
        string="Credit holds",
        compute="_compute_credit_holds",
        groups=GROUPS,
    )

    @api.depends_context("company", "allowed_company_ids")
    @api.depends("commercial_partner_id")
    def _compute_credit_holds(self):
        """Read both figures in one query; that no order is accepted now may be known to whoever makes one."""
        self.env["commercial.credit.hold"].flush_model()
        company_sudo = self.env.company.sudo()
        found = {
            partner_id: (count, is_held)
            for partner_id, count, is_held in self.env.execute_query(
                SQL(
                    """
                    SELECT partner_id,
                           COUNT(*) FILTER (WHERE company_id = ANY(%s)),
                           BOOL_OR(state = 'live' AND company_id = ANY(%s))
                      FROM commercial_credit_hold
                     WHERE partner_id = ANY(%s)
                  GROUP BY partner_id
                    """,
                    self.env.companies.ids,
                    company_sudo.parent_ids.ids,
                    self.commercial_partner_id.ids,
                )
            )
        }
        for partner in self:
            count, is_held = found.get(partner.commercial_partner_id.id, (0, False))
            partner.credit_hold_count, partner.is_on_credit_hold = count, is_held

    def _search_is_on_credit_hold(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        holds_sudo = (
            self.env["commercial.credit.hold"]
            .sudo()
            .search([("company_id", "in", self.env.company.sudo().parent_ids.ids), ("state", "=", "live")])
        )
        return [("commercial_partner_id", "in", holds_sudo.partner_id.ids)]

    def action_open_credit_holds(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.credit_hold_action")
        action["domain"] = [("partner_id", "=", self.commercial_partner_id.id)]
        action["context"] = {"default_partner_id": self.commercial_partner_id.id}
        return action
