from odoo import fields, models
from odoo.exceptions import UserError


class ComplaintEscalate(models.TransientModel):
    """Ask the manager something, or tell him of a threat."""

    _name = "commercial.complaint.escalate"
    _description = "Ask the Manager"

    complaint_id = fields.Many2one(comodel_name="commercial.complaint", required=True, readonly=True)
    reason = fields.Selection(
        selection=[("manual", "Question"), ("threat", "Threat")],
        required=True,
        readonly=True,
        default="manual",
    )
    question = fields.Text(required=True)

    def action_confirm(self):
        self.ensure_one()
        if not self.question.strip():
            raise UserError(self.env._("Write what the manager has to know."))
        if self.reason == "threat":
            self._note_threat()
        else:
            self.complaint_id._ask_manager(self.question)
        return {"type": "ir.actions.act_window_close"}

    def _note_threat(self):
        """Keep the words as they were said, before the case goes to the manager."""
        self.env["commercial.contact.log"].create(
            {"complaint_id": self.complaint_id.id, "said": self.question, "mood": "1"}
        )
        self.complaint_id._threaten(self.question)
