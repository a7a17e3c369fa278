from odoo import api, fields, models
from odoo.exceptions import UserError


class CommercialChecklistStart(models.TransientModel):
    """Choose a template, who is responsible and until when, and start it on a record."""

    _name = "commercial.checklist.start"
    _description = "Start a Checklist"

    res_model = fields.Char(
        required=True,
        readonly=True,
    )
    res_id = fields.Many2oneReference(
        model_field="res_model",
        required=True,
        readonly=True,
    )
    purpose = fields.Selection(
        selection=lambda self: self.env["commercial.checklist.template"]._selection_purpose(),
        readonly=True,
    )
    template_id = fields.Many2one(
        comodel_name="commercial.checklist.template",
        required=True,
        domain="[('model', '=', res_model)] + ([('purpose', '=', purpose)] if purpose else [])",
    )
    template_purpose = fields.Selection(
        related="template_id.purpose",
        string="Purpose of the Template",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Responsible",
        required=True,
        domain=[("share", "=", False)],
        default=lambda self: self.env.user,
    )
    successor_id = fields.Many2one(
        comodel_name="res.users",
        string="Who Takes Over",
        domain=[("share", "=", False)],
    )
    date_deadline = fields.Date(
        string="Deadline",
        compute="_compute_date_deadline",
        store=True,
        readonly=False,
    )
    note = fields.Text()

    @api.depends("template_id")
    def _compute_date_deadline(self):
        today = fields.Date.context_today(self)
        for wizard in self:
            wizard.date_deadline = fields.Date.add(today, days=wizard.template_id.days)

    def action_start(self):
        self.ensure_one()
        if self.template_purpose == "customer_handover" and not self.successor_id:
            raise UserError(self.env._("Who takes over the file?"))
        record = self.env[self.res_model].browse(self.res_id)
        checklist = record._start_checklist(self.template_id, **self._prepare_checklist_vals())
        return {
            "type": "ir.actions.act_window",
            "res_model": "commercial.checklist",
            "res_id": checklist.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def _prepare_checklist_vals(self):
        return {
            "user_id": self.user_id.id,
            "successor_id": self.successor_id.id,
            "date_deadline": self.date_deadline,
            "note": self.note,
        }
