from odoo import api, fields, models
from odoo.exceptions import UserError


class CollectionDeliver(models.TransientModel):
    """How the files of checked hand-overs go to their collectors."""

    _name = "commercial.collection.deliver"
    _description = "Hand over Files"

    handover_ids = fields.Many2many(
        comodel_name="commercial.collection.handover",
        relation="commercial_collection_deliver_handover_rel",
        string="Hand-overs",
        required=True,
    )
    method = fields.Selection(
        selection=lambda self: self.env["commercial.collection.handover"]
        ._fields["delivery_method"]
        ._description_selection(self.env),
        string="Delivered by",
        required=True,
        default="email",
    )
    date = fields.Date(string="Delivered on", default=fields.Date.context_today)
    missing = fields.Text(string="Missing pieces", compute="_compute_missing")

    @api.depends("handover_ids")
    @api.depends_context("lang")
    def _compute_missing(self):
        for wizard in self:
            wizard.missing = "\n".join(
                f"{handover.name}: {handover.missing}" for handover in wizard.handover_ids if handover.missing
            )

    def action_confirm(self):
        """Hand over one after the other; what cannot go says why, and the others go on."""
        self.ensure_one()
        waiting = self.env["commercial.dispatch"]
        problems = []
        for handover in self.handover_ids:
            try:
                with self.env.cr.savepoint():
                    waiting |= handover._hand_over(self.method, self.date)
            except UserError as error:
                if len(self.handover_ids) == 1:
                    raise
                problems.append(f"{handover.name}: {error}")
        # the file of a person is sent in the name of that person; the rights were checked before
        waiting.sudo()._send()
        return self._get_outcome(waiting.sudo(), problems)

    def _get_outcome(self, dispatches, problems):
        problems = [
            *problems,
            *(
                f"{dispatch.document_name}: {dispatch.error}"
                for dispatch in dispatches
                if dispatch.state != "sent" and dispatch.error
            ),
        ]
        close = {"type": "ir.actions.act_window_close"}
        if not problems:
            return close
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("Not handed over"),
                "message": "\n".join(problems),
                "type": "warning",
                "sticky": True,
                "next": close,
            },
        }
