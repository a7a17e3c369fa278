from odoo import fields, models


class ComplaintLine(models.Model):
    _inherit = "commercial.complaint.line"

    inspection_photo_ids = fields.Many2many(
        comodel_name="ir.attachment",
        relation="commercial_complaint_line_photo_rel",
        column1="line_id",
        column2="attachment_id",
        string="Photos",
        help="What the goods looked like when they came back.",
    )
