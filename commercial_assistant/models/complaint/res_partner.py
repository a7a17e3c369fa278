from odoo import models


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "commercial.complaint.count.mixin"]

    def _fetch_complaint_counts(self):
        """A contact shows the complaints of its company."""
        counts = dict(
            self.env["commercial.complaint"]._read_group(
                [("commercial_partner_id", "in", self.commercial_partner_id.ids)],
                ["commercial_partner_id"],
                ["__count"],
            )
        )
        return {partner._origin: counts.get(partner.commercial_partner_id._origin, 0) for partner in self}

    def _get_complaint_domain(self):
        return [("commercial_partner_id", "in", self.commercial_partner_id.ids)]
