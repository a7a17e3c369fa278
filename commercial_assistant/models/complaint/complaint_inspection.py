from odoo import fields, models


class Complaint(models.Model):
    _inherit = "commercial.complaint"

    placement_ids = fields.One2many(
        comodel_name="commercial.complaint.placement",
        inverse_name="complaint_id",
        string="Ways of the goods",
        readonly=True,
    )
