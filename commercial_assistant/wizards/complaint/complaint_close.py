from odoo import api, fields, models


class ComplaintClose(models.TransientModel):
    """Show what is not quite finished before a complaint is closed."""

    _name = "commercial.complaint.close"
    _description = "Close a Complaint"

    complaint_id = fields.Many2one(comodel_name="commercial.complaint", required=True, readonly=True)
    warnings = fields.Text(string="Not finished", compute="_compute_warnings")

    @api.depends("complaint_id")
    def _compute_warnings(self):
        for wizard in self:
            wizard.warnings = "\n".join(wizard.complaint_id._get_closing_warnings())

    def action_confirm(self):
        self.ensure_one()
        self.complaint_id._close()
        return {"type": "ir.actions.act_window_close"}
