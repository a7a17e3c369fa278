from odoo import api, fields, models


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
        entities = self.commercial_partner_id
        notices = dict(
            self.env["commercial.dunning.notice"]._read_group(
                [("partner_id", "in", entities.ids), ("is_dry", "=", False), ("state", "!=", "cancelled")],
                ["partner_id"],
                ["__count"],
            )
        )
        overdue = dict(
            self.env["commercial.receivable.item"]._read_group(
                [
                    ("partner_id", "in", entities.ids),
                    ("state", "=", "open"),
                    ("date_due", "<", fields.Date.context_today(self)),
                ],
                ["partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            entity = partner.commercial_partner_id
            partner.dunning_notice_count = notices.get(entity, 0)
            partner.overdue_item_count = overdue.get(entity, 0)

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
