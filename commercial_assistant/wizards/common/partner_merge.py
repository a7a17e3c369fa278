from odoo import api, models


class MergePartnerAutomatic(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_reference_fields(self, src_partners, dst_partner):
        result = super()._update_reference_fields(src_partners, dst_partner)
        self._merge_desk_records(src_partners, dst_partner)
        return result

    def _merge_desk_records(self, src_partners, dst_partner):
        """Findings are looked for again, approvals and checklists move to the customer that stays."""
        domain = [("res_model", "=", "res.partner"), ("res_id", "in", src_partners.ids)]
        self.env["commercial.check.result"].sudo().search(domain).unlink()
        requests_sudo = self.env["commercial.approval.request"].sudo().search(domain)
        requests_sudo._void("merged")
        requests_sudo.write({"res_id": dst_partner.id})
        checklists_sudo = self.env["commercial.checklist"].sudo().search(domain)
        kept = (
            self.env["commercial.checklist"]
            .sudo()
            .search([("res_model", "=", "res.partner"), ("res_id", "=", dst_partner.id), ("state", "=", "open")])
        )
        for checklist_sudo in checklists_sudo:
            if checklist_sudo.state == "open" and checklist_sudo.template_id in kept.template_id:
                checklist_sudo.action_cancel()
            checklist_sudo.write({"res_id": dst_partner.id})
            kept |= checklist_sudo.filtered(lambda checklist: checklist.state == "open")
