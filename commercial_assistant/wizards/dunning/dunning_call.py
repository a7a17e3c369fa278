from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.working_days import add_working_days


class DunningCall(models.TransientModel):
    """Say how a call about a reminder went."""

    _name = "commercial.dunning.call"
    _description = "Result of a Call"

    notice_id = fields.Many2one(
        comodel_name="commercial.dunning.notice",
        string="Reminder",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    partner_id = fields.Many2one(related="notice_id.partner_id")
    contact_id = fields.Many2one(related="notice_id.contact_id")
    phone = fields.Char(compute="_compute_phone")
    currency_id = fields.Many2one(related="notice_id.currency_id")
    amount_total = fields.Monetary(related="notice_id.amount_total")
    call_count = fields.Integer(related="notice_id.call_count")
    has_next_channel = fields.Boolean(compute="_compute_has_next_channel")
    result = fields.Selection(
        selection=[
            ("reached", "Reached: the reminder was given"),
            ("promised", "Reached: the customer promises to pay"),
            ("disputes", "Reached: the customer disputes"),
            ("no_answer", "No answer"),
        ],
        required=True,
    )
    note = fields.Text(help="What was said; it stays with the customer.")
    call_again_on = fields.Date(default=lambda self: self._default_call_again_on())
    write_instead = fields.Boolean(help="Give the call up and send the reminder by the next channel of its level.")

    @api.model
    def _default_call_again_on(self):
        return add_working_days(fields.Date.context_today(self), 1)

    @api.depends("notice_id")
    def _compute_phone(self):
        for wizard in self:
            wizard.phone = wizard.notice_id.contact_id.phone or wizard.notice_id.partner_id.phone

    @api.depends("notice_id")
    def _compute_has_next_channel(self):
        for wizard in self:
            wizard.has_next_channel = bool(wizard.notice_id and wizard.notice_id._get_next_channel())

    def action_save(self):
        """Record the result; a promise or a dispute is entered next."""
        self.ensure_one()
        notice = self.notice_id
        notice._check_collector()
        if notice.channel != "phone" or notice.state != "sending":
            raise UserError(self.env._("%(letter)s waits for no call.", letter=notice.display_name))
        note = (self.note or "").strip()
        if self.result == "no_answer":
            return self._save_no_answer(note)
        results = dict(self._fields["result"]._description_selection(self.env))
        notice._record_reached(results[self.result], note)
        return self._get_next_action() or {"type": "ir.actions.act_window_close"}

    def _save_no_answer(self, note):
        today = fields.Date.context_today(self)
        if not self.write_instead and (not self.call_again_on or self.call_again_on < today):
            raise UserError(self.env._("Choose the day of the next call, today or later."))
        if self.call_again_on and self.call_again_on > today + timedelta(days=60):
            raise UserError(self.env._("Call again within two months."))
        self.notice_id._record_no_answer(note, self.call_again_on or today)
        if self.write_instead:
            self.notice_id.sudo()._write_instead()  # the rights were checked above
        return {"type": "ir.actions.act_window_close"}

    def _get_next_action(self):
        """Open the form of a promise or a dispute, where there is one."""
        model_name = {"promised": "commercial.payment.promise", "disputes": "commercial.dispute"}.get(self.result)
        if not model_name or model_name not in self.env:
            return None
        notice = self.notice_id
        return {
            "type": "ir.actions.act_window",
            "name": self.env[model_name]._description,
            "res_model": model_name,
            "view_mode": "form",
            "target": "current",
            "context": {
                "default_receivable_id": notice.receivable_id.id,
                "default_partner_id": notice.partner_id.id,
                "default_company_id": notice.company_id.id,
                "default_currency_id": notice.currency_id.id,
            },
        }
