from odoo import api, fields, models

GROUPS = "commercial_assistant.group_assistant,commercial_assistant.group_collector"


class ResPartner(models.Model):
    _inherit = "res.partner"

    is_on_credit_hold = fields.Boolean(
        string="Credit hold",
        compute="_compute_is_on_credit_hold",
        search="_search_is_on_credit_hold",
        groups=f"{GROUPS},sales_team.group_sale_salesman",
    )
    credit_hold_count = fields.Integer(
        string="Credit holds",
        compute="_compute_credit_hold_count",
        groups=GROUPS,
    )

    @api.depends_context("company")
    @api.depends("commercial_partner_id")
    def _compute_is_on_credit_hold(self):
        # sudo: that no order is accepted now must be known to whoever makes one, and only that
        holds_sudo = self.env["commercial.credit.hold"].sudo()._find_live(self.env.company, self)
        held = holds_sudo.partner_id
        for partner in self:
            partner.is_on_credit_hold = partner.commercial_partner_id in held

    def _search_is_on_credit_hold(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        holds_sudo = (
            self.env["commercial.credit.hold"]
            .sudo()
            .search([("company_id", "in", self.env.company.sudo().parent_ids.ids), ("state", "=", "live")])
        )
        return [("commercial_partner_id", "in", holds_sudo.partner_id.ids)]

    @api.depends_context("company", "allowed_company_ids")
    def _compute_credit_hold_count(self):
        counts = dict(
            self.env["commercial.credit.hold"]._read_group(
                [("partner_id", "in", self.commercial_partner_id.ids)], ["partner_id"], ["__count"]
            )
        )
        for partner in self:
            partner.credit_hold_count = counts.get(partner.commercial_partner_id, 0)

    def action_open_credit_holds(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.credit_hold_action")
        action["domain"] = [("partner_id", "=", self.commercial_partner_id.id)]
        action["context"] = {"default_partner_id": self.commercial_partner_id.id}
        return action
