from odoo import api, fields, models
from odoo.fields import Command


class CommercialChecklistDecide(models.TransientModel):
    """Close points with a note, a document or a reason."""

    _name = "commercial.checklist.decide"
    _description = "Close Points of a Checklist"

    point_ids = fields.Many2many(
        comodel_name="commercial.checklist.point",
        relation="commercial_checklist_decide_point_rel",
        string="Points",
        readonly=True,
    )
    decision = fields.Selection(
        selection=[
            ("done", "Done"),
            ("not_applicable", "Not applicable"),
            ("overridden", "Pass over"),
        ],
        required=True,
        default="done",
    )
    complete = fields.Boolean(
        readonly=True,
        help="Complete the checklist afterwards.",
    )
    reason = fields.Char()
    note = fields.Text()
    attachment_ids = fields.Many2many(
        comodel_name="ir.attachment",
        relation="commercial_checklist_decide_attachment_rel",
        string="Documents",
    )

    @api.model
    def _get_action(self, points, decision, complete=False):
        wizard = self.create(
            {
                "point_ids": [Command.set(points.ids)],
                "decision": decision,
                "complete": complete,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Pass Over Open Points") if complete else self.env._("Close the Point"),
            "res_model": self._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_confirm(self):
        self.ensure_one()
        self.point_ids._close(self.decision, self.reason, self.note, self.attachment_ids)
        if self.complete:
            checklist = self.point_ids.checklist_id
            checklist._check_may_change()
            checklist._check_open()
            checklist._complete()
        return {"type": "ir.actions.act_window_close"}
