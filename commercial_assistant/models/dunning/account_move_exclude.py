from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class AccountMove(models.Model):
    """Take an invoice out of the reminders where it is looked at."""

    _inherit = "account.move"

    dunning_exclusion = fields.Char(
        string="No reminders",
        compute="_compute_dunning_exclusion",
        groups="commercial_assistant.group_assistant,commercial_assistant.group_collector",
        help="Why this invoice gets no reminders, and until when.",
    )

    @api.depends("receivable_item_ids.is_excluded", "receivable_item_ids.excluded_until")
    @api.depends_context("lang", "tz")
    def _compute_dunning_exclusion(self):
        today = fields.Date.context_today(self)
        excluded = self.env["commercial.receivable.item"].search_fetch(
            [
                ("move_id", "in", self.ids),
                ("state", "=", "open"),
                ("is_excluded", "=", True),
                "|",
                ("excluded_until", "=", False),
                ("excluded_until", ">=", today),
            ],
            ["move_id", "exclusion_reason", "excluded_until"],
        )
        items = {item.move_id.id: item for item in excluded}
        for move in self:
            item = items.get(move.id)
            if item and item.excluded_until:
                move.dunning_exclusion = self.env._(
                    "%(reason)s (until %(day)s)",
                    reason=item.exclusion_reason,
                    day=format_date(self.env, item.excluded_until),
                )
            else:
                move.dunning_exclusion = item.exclusion_reason if item else False

    def _get_open_items(self):
        """Return the open instalments of these invoices, brought up to date with the accounting."""
        for company, moves in self.grouped("company_id").items():
            self.env["commercial.receivable"].sudo()._refresh_items(
                company, moves.partner_id.commercial_partner_id.ids
            )  # the items follow the accounting, whoever asks
        return self.env["commercial.receivable.item"].search([("move_id", "in", self.ids), ("state", "=", "open")])

    def action_exclude_from_dunning(self):
        """Ask for the reason and the last day."""
        self.check_access("read")
        items = self._get_open_items()
        if not items:
            raise UserError(self.env._("Nothing of this invoice is open, so there is nothing to remind."))
        items.check_access("write")
        return items.action_exclude()

    def action_include_in_dunning(self):
        """Let these invoices be reminded again."""
        self.check_access("read")
        self._get_open_items().filtered("is_excluded").action_include()
        return True
