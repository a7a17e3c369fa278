from odoo import fields, models


class ComplaintHandOver(models.TransientModel):
    """Give a complaint to a colleague, with what he has to know."""

    _name = "commercial.complaint.hand.over"
    _description = "Hand a Complaint Over"

    complaint_id = fields.Many2one(comodel_name="commercial.complaint", required=True, readonly=True)
    company_id = fields.Many2one(related="complaint_id.company_id")
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Colleague",
        required=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id), ('id', '!=', uid)]",
    )
    note = fields.Text(string="What he has to know", required=True)

    def action_confirm(self):
        self.ensure_one()
        self.complaint_id._hand_over(self.user_id, self.note)
        return {"type": "ir.actions.act_window_close"}
