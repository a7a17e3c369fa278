from odoo import api, fields, models
from odoo.exceptions import UserError


class CollectionResult(models.Model):
    """What a collector reported: recovered, costs, commission; one row for each report and currency."""

    _name = "commercial.collection.result"
    _description = "Result of a Collection"
    _order = "date desc, id desc"
    _check_company_auto = True

    handover_id = fields.Many2one(
        comodel_name="commercial.collection.handover",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(comodel_name="res.company", related="handover_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(comodel_name="res.partner", related="handover_id.partner_id", store=True, index=True)
    collector_id = fields.Many2one(
        comodel_name="res.partner",
        related="handover_id.collector_id",
        string="Collected by",
        store=True,
        index="btree_not_null",
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    currency_id = fields.Many2one(
        comodel_name="res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
    )
    amount_recovered = fields.Monetary(string="Recovered")
    amount_cost = fields.Monetary(string="Costs", help="What the collector charges us besides the commission.")
    amount_commission = fields.Monetary(string="Commission")
    note = fields.Char()

    _amounts_positive = models.Constraint(
        "CHECK (COALESCE(amount_recovered, 0) >= 0 AND COALESCE(amount_cost, 0) >= 0 "
        "AND COALESCE(amount_commission, 0) >= 0)",
        "Recovered amounts, costs and commission are not negative.",
    )

    @api.constrains("handover_id", "date")
    def _check_handover(self):
        for result in self:
            handover = result.handover_id
            if not handover.date_handed_over or result.date < handover.date_handed_over:
                raise UserError(self.env._("%(number)s was not handed over yet on that day.", number=handover.name))
