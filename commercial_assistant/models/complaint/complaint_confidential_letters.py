from odoo import models


class Complaint(models.Model):
    _inherit = "commercial.complaint"

    def write(self, vals):
        result = super().write(vals)
        # a category can make a complaint confidential
        if {"is_confidential", "category_id"} & vals.keys():
            self._mark_confidential_letters()
        return result

    def _mark_confidential_letters(self):
        """What was written about a complaint is as secret as the complaint."""
        for is_confidential, complaints in self.grouped("is_confidential").items():
            # letters are marked whoever may see them
            letters_sudo = complaints.sudo().proposal_ids._find_dispatches()
            letters_sudo.write({"is_confidential": is_confidential})
