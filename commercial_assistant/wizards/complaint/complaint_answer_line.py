from odoo import fields, models


class ComplaintAnswerLine(models.TransientModel):
    """A solution, and whether the customer agrees with it."""

    _name = "commercial.complaint.answer.line"
    _description = "Solution in the Answer of a Customer"

    answer_id = fields.Many2one(comodel_name="commercial.complaint.answer", required=True, ondelete="cascade")
    line_id = fields.Many2one(comodel_name="commercial.complaint.proposal.line", required=True, ondelete="cascade")
    text = fields.Text(related="line_id.text")
    is_accepted = fields.Boolean(string="Agrees", default=True)
