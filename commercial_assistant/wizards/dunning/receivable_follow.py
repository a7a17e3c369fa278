from odoo import fields, models


class ReceivableFollow(models.TransientModel):
    """Let journal items that Odoo left out be reminded, as of a due date."""

    _name = "commercial.receivable.follow"
    _description = "Follow Up These Entries"

    check_ids = fields.Many2many(
        comodel_name="commercial.receivable.check",
        relation="commercial_receivable_follow_rel",
        column1="wizard_id",
        column2="check_id",
        string="Entries",
        required=True,
    )
    check_count = fields.Integer(string="Selected", compute="_compute_check_count")
    date_maturity = fields.Date(
        string="Due date",
        help="For all of them. Empty: each keeps its own due date, else the date of its entry.",
    )

    def _compute_check_count(self):
        for wizard in self:
            wizard.check_count = len(wizard.check_ids)

    def action_follow(self):
        self.check_ids._follow(self.date_maturity)
        return {"type": "ir.actions.act_window_close"}
