from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Of two customers that become one, one hold in each company goes on."""
        # sudo: merging is allowed to people who may not release holds
        holds_sudo = (
            self.env["commercial.credit.hold"]
            .sudo()
            .search([("partner_id", "in", (src_partners | dst_partner).ids), ("state", "=", "live")], order="since, id")
        )
        for same in holds_sudo.grouped("company_id").values():
            kept = same.filtered(lambda hold: hold.partner_id == dst_partner)[:1] or same[:1]
            (same - kept)._release(
                self.env._("The customer was merged with %(customer)s.", customer=dst_partner.display_name)
            )
        self.env.flush_all()
        return super()._update_foreign_keys(src_partners, dst_partner)
