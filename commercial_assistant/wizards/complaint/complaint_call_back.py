from datetime import timedelta

from odoo import fields, models


class ComplaintCallBack(models.TransientModel):
    """Agree to call the customer again, when everybody has cooled down."""

    _name = "commercial.complaint.call.back"
    _description = "Call Back Later"

    complaint_id = fields.Many2one(comodel_name="commercial.complaint", required=True, readonly=True)
    company_id = fields.Many2one(related="complaint_id.company_id")
    moment = fields.Datetime(
        string="When", required=True, default=lambda self: fields.Datetime.now() + timedelta(hours=2)
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Who calls",
        required=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    note = fields.Text(string="About what")

    def action_confirm(self):
        self.ensure_one()
        self.complaint_id._call_back(self.moment, self.user_id, self.note)
        return {"type": "ir.actions.act_window_close"}
