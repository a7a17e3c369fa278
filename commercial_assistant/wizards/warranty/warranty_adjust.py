from odoo import fields, models
from odoo.exceptions import UserError


class WarrantyAdjust(models.TransientModel):
    """A team lead changes the cover of goods, with a reason."""

    _name = "commercial.warranty.adjust"
    _description = "Change the Cover of Goods"

    warranty_ids = fields.Many2many(comodel_name="commercial.warranty", string="Warranties", required=True)
    kind = fields.Selection(
        selection=[
            ("start", "Set the first day"),
            ("suspend", "Suspend: the term did not run"),
            ("extend", "Add months out of goodwill"),
            ("end", "End the cover"),
        ],
        required=True,
        default="suspend",
    )
    date_from = fields.Date(string="From", required=True, default=fields.Date.context_today)
    date_to = fields.Date(string="Until", help="The day the goods came back. Empty: it still goes on.")
    months = fields.Integer(default=3)
    reason = fields.Char(required=True)

    def action_adjust(self):
        self.ensure_one()
        warranties = self.warranty_ids
        warranties._check_may_decide()
        warranties.check_access("read")
        # the register is written by nobody directly; the right was checked, and the history names who did it
        getattr(self, f"_{self.kind}")(warranties.sudo())
        return {"type": "ir.actions.act_window_close"}

    def _start(self, warranties_sudo):
        for warranty in warranties_sudo:
            if warranty.contract_on and self.date_from < warranty.contract_on:
                raise UserError(
                    self.env._("%(goods)s cannot be covered before they were sold.", goods=warranty.display_name)
                )
        warranties_sudo._set_start(self.date_from, self.reason)

    def _suspend(self, warranties_sudo):
        done = warranties_sudo._suspend(self.date_from, self.date_to or None, self.reason, f"{self._name},{self.id}")
        if not done:
            raise UserError(
                self.env._(
                    "Nothing is suspended: the goods were not covered that day, or their policy knows no such effect."
                )
            )

    def _extend(self, warranties_sudo):
        warranties_sudo._extend_by_decision(self.months, self.date_from, self.reason, f"{self._name},{self.id}")

    def _end(self, warranties_sudo):
        warranties_sudo._end(self.date_from, self.reason)
