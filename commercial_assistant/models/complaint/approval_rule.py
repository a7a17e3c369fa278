from odoo import api, fields, models

from .complaint_solution import KINDS


class CommercialApprovalRule(models.Model):
    _inherit = "commercial.approval.rule"

    solution_kind = fields.Selection(
        selection=KINDS,
        string="Kind of solution",
        help="Only the amounts of this kind count, all of one complaint together. Empty: those of every kind.",
    )

    @api.model
    def _selection_purpose(self):
        # a dict: the strings of a list of pairs would be taken for terms to translate
        purposes = {"complaint_solution": self.env._("Promise a solution of a complaint")}
        return [*super()._selection_purpose(), *purposes.items()]

    def _matches(self, record, company, amount, currency):
        """Rules about solutions look at the amount of their kind, not at the total that was asked for."""
        if self.purpose != "complaint_solution":
            return super()._matches(record, company, amount, currency)
        kinds = record._get_counted_solutions().mapped("kind")
        if not kinds or (self.solution_kind and self.solution_kind not in kinds):
            return False
        return super()._matches(record, company, record._get_solution_amount(self.solution_kind), company.currency_id)
