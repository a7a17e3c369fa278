from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class CommercialCheckOverride(models.TransientModel):
    """Reasons for warnings, requests for blocking findings, all given before anything else is written."""

    _name = "commercial.check.override"
    _description = "Go On in Spite of Findings"

    res_model = fields.Char(readonly=True)
    res_ids = fields.Json(readonly=True)
    moment = fields.Char(readonly=True)
    line_ids = fields.One2many(
        comodel_name="commercial.check.override.line",
        inverse_name="wizard_id",
        string="Findings",
    )
    reason = fields.Char(
        string="Reason for All",
        help="Used for every finding without a reason of its own.",
    )
    has_blocking = fields.Boolean(compute="_compute_has_blocking")

    @api.depends("line_ids.severity")
    def _compute_has_blocking(self):
        for wizard in self:
            wizard.has_blocking = "blocking" in wizard.line_ids.mapped("severity")

    @api.model
    def _get_action(self, results, records=None, moment=None):
        """The action that opens the wizard on `results`; with records and moment it goes on with them afterwards."""
        if not results:
            raise UserError(self.env._("There is nothing open that needs a reason."))
        wizard = self.create(
            {
                "res_model": records._name if records is not None else False,
                "res_ids": records.ids if records is not None else [],
                "moment": moment,
                "line_ids": [Command.create({"result_id": result.id}) for result in results],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Before You Go On"),
            "res_model": self._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_confirm(self):
        self.ensure_one()
        self._check_reasons()
        requests = self.env["commercial.approval.request"]
        for reason, lines in self.line_ids.grouped(lambda line: line._get_reason()).items():
            results = lines.result_id
            results.filtered(lambda result: result.severity != "blocking")._override(reason)
            requests |= results.filtered(lambda result: result.severity == "blocking")._request_approval(reason)
        pending = requests.filtered(lambda request: request.state == "pending")
        if pending:
            return self._get_asked_notification(pending)
        return self._go_on()

    def _check_reasons(self):
        missing = self.line_ids.filtered(lambda line: not line._get_reason())
        if missing:
            raise UserError(
                self.env._("Give a reason for: %(findings)s", findings="\n".join(missing.mapped("message")))
            )

    def _go_on(self):
        """Continue with what was interrupted; what stands in the way by now is asked again."""
        if not self.moment or not self.res_ids or self.res_model not in self.env:
            return {"type": "ir.actions.client", "tag": "soft_reload"}
        records = self.env[self.res_model].browse(self.res_ids).exists()
        return records._gate_checks(self.moment) or records._check_gate_passed(self.moment)

    def _get_asked_notification(self, requests):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._(
                    "An approval is asked for: %(requests)s. You can go on when it is given.",
                    requests=requests.mapped("name"),
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }


class CommercialCheckOverrideLine(models.TransientModel):
    _name = "commercial.check.override.line"
    _description = "Reason for a Finding"
    _order = "id"

    wizard_id = fields.Many2one(
        comodel_name="commercial.check.override",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    result_id = fields.Many2one(
        comodel_name="commercial.check.result",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    record_name = fields.Char(related="result_id.record_name")
    message = fields.Char(related="result_id.message")
    suggestion = fields.Char(related="result_id.suggestion")
    severity = fields.Selection(related="result_id.severity")
    reason = fields.Char()

    def _get_reason(self):
        return (self.reason or self.wizard_id.reason or "").strip()
