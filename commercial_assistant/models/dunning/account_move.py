from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    dunning_line_ids = fields.One2many(
        comodel_name="commercial.dunning.notice.line",
        inverse_name="move_id",
        string="Reminders",
        groups="commercial_assistant.group_assistant,commercial_assistant.group_collector",
    )
