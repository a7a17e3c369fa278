from odoo import api, fields, models


class Dispute(models.Model):
    _inherit = "commercial.dispute"

    complaint_id = fields.Many2one(
        comodel_name="commercial.complaint",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    has_complaint = fields.Boolean(
        compute="_compute_has_complaint", help="Whether the user may see the complaint behind this dispute."
    )

    @api.depends_context("uid")
    @api.depends("complaint_id.is_confidential")
    def _compute_has_complaint(self):
        # the record rules decide: a confidential complaint shows no button
        complaints = self.sudo().complaint_id.sudo(False)._filtered_access("read")
        for dispute in self:
            dispute.has_complaint = dispute.sudo().complaint_id.id in complaints._ids

    def action_open_complaint(self):
        self.ensure_one()
        return self.complaint_id._get_records_action()
