from odoo import fields, models


class WarrantyCheck(models.Model):
    _inherit = "commercial.warranty.check"

    complaint_line_id = fields.Many2one(
        comodel_name="commercial.complaint.line",
        string="Line of a complaint",
        readonly=True,
        index="btree_not_null",
        check_company=True,
        ondelete="set null",
        groups="commercial_assistant.group_assistant",
    )
