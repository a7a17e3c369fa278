from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL


class ReceivableItem(models.Model):
    """One open receivable journal item: an invoice or one of its instalments.

    The rows are written in sets by :meth:`commercial.receivable._refresh_items`; nothing here recomputes by itself, so
    that posting a payment stays as fast as before.
    """

    _name = "commercial.receivable.item"
    _description = "Open Item"
    _order = "date_due, id"
    _rec_name = "move_name"
    _check_company_auto = True
    _log_access = False  # the accounting knows who wrote it; two checked columns less for each of a million rows

    receivable_id = fields.Many2one(
        comodel_name="commercial.receivable",
        string="Customer account",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(comodel_name="res.company", required=True, readonly=True)
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    user_id = fields.Many2one(related="receivable_id.user_id", string="Responsible")
    move_line_id = fields.Many2one(
        comodel_name="account.move.line",
        string="Journal item",
        readonly=True,
        ondelete="set null",
    )
    move_id = fields.Many2one(
        comodel_name="account.move",
        string="Invoice",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    move_name = fields.Char(string="Number", readonly=True)
    currency_id = fields.Many2one(comodel_name="res.currency", required=True, readonly=True)
    date = fields.Date(string="Invoice date", readonly=True)
    date_due = fields.Date(string="Due date", required=True, readonly=True)
    amount_original = fields.Monetary(string="Original amount", readonly=True)
    amount_residual = fields.Monetary(string="Open amount", readonly=True)
    state = fields.Selection(
        selection=[("open", "Open"), ("closed", "Closed")],
        required=True,
        readonly=True,
        default="open",
    )
    days_late = fields.Integer(compute="_compute_days_late", search="_search_days_late")
    level_id = fields.Many2one(
        comodel_name="commercial.dunning.policy.level",
        string="Level reached",
        readonly=True,
        ondelete="restrict",
        help="The last level of which a letter was really delivered.",
    )
    level_kind = fields.Selection(related="level_id.kind")
    last_delivered_on = fields.Date(string="Last letter", readonly=True)
    notice_id = fields.Many2one(
        comodel_name="commercial.dunning.notice",
        string="Letter under way",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The letter that was proposed for this item and is not delivered yet.",
    )
    next_date = fields.Date(
        string="Next letter from",
        readonly=True,
        help="No letter is possible before this day. Empty: the next run decides.",
    )
    first_reminder_on = fields.Date(string="First reminder", readonly=True)
    earliest_charge_on = fields.Date(
        string="Charges from",
        readonly=True,
        help="First day on which charges may be claimed after the first reminder.",
    )
    interest_from = fields.Date(readonly=True, help="First day that bears interest after the first reminder.")
    is_excluded = fields.Boolean(string="No reminders")
    excluded_until = fields.Date(string="No reminders until", help="Last day. Empty: until further notice.")
    exclusion_reason = fields.Char()
    line_ids = fields.One2many(
        comodel_name="commercial.dunning.notice.line",
        inverse_name="item_id",
        string="Letters",
    )
    charge_ids = fields.One2many(
        comodel_name="commercial.dunning.charge",
        inverse_name="item_id",
        string="Charges",
    )

    _unique_move_line = models.UniqueIndex("(move_line_id)", "This journal item is already followed.")
    # every index is written again with each letter: this one finds the items of a run, the others serve the screens
    _next = models.Index("(receivable_id, next_date) WHERE state = 'open' AND notice_id IS NULL")

    # --- COMPUTE ---

    @api.depends("date_due", "state")
    @api.depends_context("tz")
    def _compute_days_late(self):
        today = fields.Date.context_today(self)
        for item in self:
            item.days_late = max((today - item.date_due).days, 0) if item.state == "open" and item.date_due else 0

    def _search_days_late(self, operator, value):
        if operator not in (">", ">=") or not isinstance(value, int) or value < 0:
            return NotImplemented
        days = value if operator == ">" else value - 1
        limit = fields.Date.subtract(fields.Date.context_today(self), days=days)
        if days < 0:
            return Domain.TRUE
        return Domain("state", "=", "open") & Domain("date_due", "<", limit)

    # --- CONSTRAINTS ---

    @api.constrains("is_excluded", "exclusion_reason")
    def _check_exclusion(self):
        for item in self:
            if item.is_excluded and not (item.exclusion_reason or "").strip():
                raise ValidationError(self.env._("Say why %(invoice)s gets no reminders.", invoice=item.move_name))

    # --- CRUD ---

    @api.model
    def _get_writable_fields(self):
        """What a collector may change; the rest follows the accounting and the letters."""
        return {"is_excluded", "excluded_until", "exclusion_reason"}

    def write(self, vals):
        if not self.env.su and not self._get_writable_fields().issuperset(vals):
            raise ValidationError(
                self.env._("Open items follow the accounting and the letters; they are not changed by hand.")
            )
        return super().write(vals)

    # --- ACTIONS ---

    def action_open_invoice(self):
        self.ensure_one()
        return self.move_id._get_records_action()

    def action_open_receivable(self):
        self.ensure_one()
        return self.receivable_id._get_records_action()

    def action_propose(self):
        """Propose letters for the customers of these items."""
        return self.receivable_id.action_propose()

    def action_exclude(self):
        """Ask for the reason and the last day."""
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.receivable_exclude_action")
        action["context"] = {"active_model": self._name, "active_ids": self.ids}
        return action

    def action_include(self):
        """Let these items be reminded again."""
        self.write({"is_excluded": False, "excluded_until": False, "exclusion_reason": False})
        return True

    # --- BUSINESS ---

    @api.model
    def _forget_next_dates(self, domain):
        """Let the next run decide again about open items: what their waiting day rested on has changed."""
        self.flush_model()
        waiting = self.sudo()._search(
            Domain(domain) & Domain("state", "=", "open") & Domain("next_date", "!=", False), active_test=False
        )
        self.env.cr.execute(
            SQL("UPDATE commercial_receivable_item SET next_date = NULL WHERE id IN (%s)", waiting.select())
        )
        self.invalidate_model(["next_date"])
