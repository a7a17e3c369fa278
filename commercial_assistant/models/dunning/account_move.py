from odoo import api, fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    receivable_item_ids = fields.One2many(
        comodel_name="commercial.receivable.item",
        inverse_name="move_id",
        string="Open items",
        groups="commercial_assistant.group_assistant,commercial_assistant.group_collector",
    )
    dunning_line_ids = fields.One2many(
        comodel_name="commercial.dunning.notice.line",
        inverse_name="move_id",
        string="Reminders",
        groups="commercial_assistant.group_assistant,commercial_assistant.group_collector",
    )
    dunning_notice_count = fields.Integer(
        string="Reminder count",
        compute="_compute_dunning",
        groups="commercial_assistant.group_assistant,commercial_assistant.group_collector",
    )
    dunning_level_id = fields.Many2one(
        comodel_name="commercial.dunning.policy.level",
        string="Reminder level",
        compute="_compute_dunning",
        search="_search_dunning_level_id",
        groups="commercial_assistant.group_assistant,commercial_assistant.group_collector",
        help="The highest level that was delivered for an instalment of this invoice.",
    )

    @api.depends("dunning_line_ids.live", "receivable_item_ids.level_id")
    def _compute_dunning(self):
        counts = dict(
            self.env["commercial.dunning.notice.line"]._read_group(
                [("move_id", "in", self.ids), ("live", "=", True)], ["move_id"], ["notice_id:count_distinct"]
            )
        )
        levels = {}
        for move, level in self.env["commercial.receivable.item"]._read_group(
            [("move_id", "in", self.ids), ("level_id", "!=", False)], ["move_id", "level_id"]
        ):
            levels[move] = max(levels.get(move, level), level, key=lambda reached: (reached.sequence, reached.id))
        for move in self:
            move.dunning_notice_count = counts.get(move, 0)
            move.dunning_level_id = levels.get(move, False)

    def _search_dunning_level_id(self, operator, value):
        if operator not in ("in", "any"):
            return NotImplemented
        if operator == "in" and False in value:
            reached = [("receivable_item_ids.level_id", "!=", False)]
            domain = ["!", *reached]
            levels = [level for level in value if level]
            return ["|", *domain, ("receivable_item_ids.level_id", "in", levels)] if levels else domain
        return [("receivable_item_ids.level_id", operator, value)]

    def action_open_dunning_notices(self):
        """Open the letters about this invoice."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.dunning_notice_action")
        action["domain"] = [("line_ids", "any", [("move_id", "=", self.id), ("live", "=", True)])]
        action["context"] = {}
        return action
