from odoo import api, fields, models

from .legal_parameter import CUSTOMER_KINDS


class ResPartner(models.Model):
    _inherit = "res.partner"

    customer_kind = fields.Selection(
        selection=CUSTOMER_KINDS,
        compute="_compute_customer_kind",
        store=True,
        readonly=False,
        recursive=True,
        help="Decides which law holds for reminders, warranty and withdrawal. A company, or whoever has a VAT or company "
        "number, is a business; a person without one is a consumer. Contacts follow their company.",
    )
    has_own_customer_kind = fields.Boolean(
        compute="_compute_has_own_customer_kind",
        store=True,
        help="The kind was chosen by a person and stays when the company data change.",
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

    @api.depends("customer_kind")
    def _compute_has_own_customer_kind(self):
        for partner in self:
            partner.has_own_customer_kind = (
                partner.commercial_partner_id in (partner, partner._origin)
                and partner.customer_kind != partner._get_default_customer_kind()
            )

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
