from odoo import api, models
from odoo.fields import Domain

from ...tools.warranty_rules import Sale


class Warranty(models.Model):
    """Sales from before the installation, of which Odoo knows no transfer."""

    _inherit = "commercial.warranty"

    @api.model
    def _take_over(self, company, lines):
        """Make rows of sales that Odoo knows no transfer of. Call it with the rights of the superuser."""
        policies = self.env["commercial.warranty.policy"]
        lots = self._find_lots(company, lines)
        vals_by_key = {}
        for line in lines:
            product, partner = line.product_id.sudo(), line.partner_id.sudo()
            if product.categ_id._is_for_live_animals():
                continue
            sale = Sale(
                side="customer",
                company_id=company.id,
                product_tmpl_id=product.product_tmpl_id.id,
                categ_ids=product.categ_id._get_category_path_ids(),
                supplier_id=0,
                customer_kind=partner._get_customer_kind(),
                is_second_hand=product.is_second_hand,
                country_id=partner.country_id.id or 0,
                home_country_id=company.country_id.id or 0,
                day=line.delivered_on,
            )
            for policy in policies._choose(sale):
                terms = self._find_terms(
                    policy, company, line.delivered_on, product.is_second_hand, product.second_hand_months
                )
                if terms and terms["months"]:
                    vals = self._prepare_take_over_vals(company, policy, line, lots)
                    vals_by_key[vals["key"]] = {**vals, **terms}
        known = self._find_keys(company, list(vals_by_key)) | self._find_covered_numbers(company, vals_by_key)
        quiet = self.with_context(tracking_disable=True, mail_create_nosubscribe=True, mail_create_nolog=True)
        return quiet.create([vals for key, vals in vals_by_key.items() if key not in known])

    @api.model
    def _find_covered_numbers(self, company, vals_by_key):
        """Return the keys of serial numbers that a transfer has covered already, for the same customer and policy."""
        numbers = {vals["serial_number"] for vals in vals_by_key.values() if vals["serial_number"]}
        domain = Domain("company_id", "=", company.id) & Domain("serial_number", "in", list(numbers))
        names = ("policy_id", "partner_id", "product_id")
        known = {
            (*(row[name].id for name in names), row.serial_number) for row in self.search(domain & self._is_serial())
        }
        return {
            key
            for key, vals in vals_by_key.items()
            if (*(vals[name] for name in names), vals["serial_number"]) in known
        }

    @api.model
    def _is_serial(self):
        return Domain("product_id.tracking", "=", "serial")

    @api.model
    def _find_lots(self, company, lines):
        """Return ``{(product id, number): lot}`` of numbers that Odoo knows."""
        numbers = list(set(lines.mapped("serial_number")) - {False})
        domain = Domain("name", "in", numbers) & Domain("product_id", "in", lines.product_id.ids)
        domain &= Domain("company_id", "in", [False, company.id])
        return {(lot.product_id.id, lot.name): lot for lot in self.env["stock.lot"].search(domain)}

    @api.model
    def _prepare_take_over_vals(self, company, policy, line, lots):
        number = line.serial_number or ""
        goods = number or f"{line.delivered_on}:{line.source or ''}:{line.quantity}"
        return {
            "company_id": company.id,
            "side": policy.side,
            "kind": policy.kind,
            "policy_id": policy.id,
            "partner_id": line.partner_id.id,
            "product_id": line.product_id.id,
            "lot_id": lots[line.product_id.id, number].id if (line.product_id.id, number) in lots else False,
            "serial_number": line.serial_number,
            "quantity": line.quantity,
            "delivered_on": line.delivered_on,
            "contract_on": line.delivered_on,
            "source": line.source,
            "basis": policy.basis,
            "start": line.delivered_on,
            "is_fallback": policy.basis != "delivery",
            "is_second_hand": line.product_id.is_second_hand,
            "key": f"list:{policy.id}:{line.partner_id.id}:{line.product_id.id}:{goods}",
        }
