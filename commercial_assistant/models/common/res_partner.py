from odoo import api, fields, models

from .legal_parameter import CUSTOMER_KINDS


class ResPartner(models.Model):
    _inherit = "res.partner"

    customer_kind = fields.Selection(
        selection=CUSTOMER_KINDS,
        compute="_compute_customer_kind",
        inverse="_inverse_customer_kind",
        store=True,
        readonly=False,
        recursive=True,
        help="Decides which law holds for reminders, warranty and withdrawal. A company, or whoever has a VAT or "
        "company number, is a business; a person without one is a consumer. Contacts follow their company.",
    )
    has_own_customer_kind = fields.Boolean(
        readonly=True,
        copy=False,
        help="The kind was chosen by a person and stays when the company data change.",
    )
    dispatch_count = fields.Integer(
        compute="_compute_dispatch_count",
        groups="commercial_assistant.group_assistant,commercial_assistant.group_collector",
    )

    @api.depends(
        "is_company",
        "vat",
        "company_registry",
        "commercial_partner_id",
        "commercial_partner_id.customer_kind",
    )
    def _compute_customer_kind(self):
        for partner in self:
            entity = partner.commercial_partner_id
            if entity and entity != partner and entity != partner._origin:
                partner.customer_kind = entity.customer_kind or entity._get_default_customer_kind()
            elif partner.customer_kind and (partner.has_own_customer_kind or partner.customer_kind == "public"):
                # chosen by a person: a corrected VAT number is no reason to treat a consumer as a business
                partner.customer_kind = partner.customer_kind
            else:
                partner.customer_kind = partner._get_default_customer_kind()

    def _inverse_customer_kind(self):
        """Remember where a person chose another kind than the data suggest."""
        for partner in self:
            is_own = partner.commercial_partner_id in (partner, partner._origin)
            is_own = is_own and partner.customer_kind != partner._get_default_customer_kind()
            if partner.has_own_customer_kind != is_own:
                partner.has_own_customer_kind = is_own

    def _compute_dispatch_count(self):
        """Count the letters to the whole customer, whoever of his contacts received them."""
        entities = self.commercial_partner_id
        domain = [("partner_id.commercial_partner_id", "in", entities.ids)]
        counts = dict.fromkeys(entities.ids, 0)
        for partner, count in self.env["commercial.dispatch"]._read_group(domain, ["partner_id"], ["__count"]):
            counts[partner.commercial_partner_id.id] += count
        for partner in self:
            partner.dispatch_count = counts.get(partner.commercial_partner_id.id, 0)

    def action_open_dispatches(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.dispatch_action")
        action.update(
            domain=[("partner_id.commercial_partner_id", "=", self.commercial_partner_id.id)],
            context={"search_default_filter_to_do": 0},
        )
        return action

    def _get_default_customer_kind(self):
        """Return what the data say; in doubt the kind that the law protects."""
        self.ensure_one()
        numbers = (self.vat or "").strip(" /") or (self.company_registry or "").strip(" /")
        return "business" if self.is_company or numbers else "consumer"

    def _get_customer_kind(self):
        """Return the kind of the commercial entity behind this contact: consumer, business or public."""
        self.ensure_one()
        entity = self.commercial_partner_id or self
        return entity.customer_kind or entity._get_default_customer_kind()

    @api.model
    def _commercial_fields(self):
        return super()._commercial_fields() + ["customer_kind"]

    def _get_letter_address(self):
        """Return name and postal address as they stand on an envelope."""
        self.ensure_one()
        lines = [self.name or self.parent_id.name or "", *self._display_address().splitlines()]
        seen = dict.fromkeys(line.strip() for line in lines)
        return "\n".join(line for line in seen if line)
