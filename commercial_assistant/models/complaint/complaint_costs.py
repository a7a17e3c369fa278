from odoo import api, fields, models

GOODS_KINDS = ("repair", "replacement", "return")
CREDIT_KINDS = ("credit_full", "credit_partial", "price_reduction", "goodwill")
# solutions that cost something, or are going to
COSTING_STATES = ("accepted", "in_progress", "done")
# after a complaint has ended, credit notes are still posted and goods still valued
FOLLOWED_DAYS = 90
BATCH = 500


class Complaint(models.Model):
    _inherit = "commercial.complaint"

    # What a complaint costs us: everything in the currency of the company, without VAT.

    hour_ids = fields.One2many(comodel_name="commercial.complaint.hour", inverse_name="complaint_id", string="Time")
    cost_ids = fields.One2many(
        comodel_name="commercial.complaint.cost", inverse_name="complaint_id", string="Other cost"
    )
    hours = fields.Float(string="Hours spent", compute="_compute_costs", store=True)
    cost_goods = fields.Monetary(
        string="Goods", compute="_compute_costs", store=True, help="Goods replaced, repaired or lost, at cost."
    )
    cost_credits = fields.Monetary(
        string="Credits", compute="_compute_costs", store=True, help="Credit notes and lower prices, without VAT."
    )
    cost_hours = fields.Monetary(string="Time at cost", compute="_compute_costs", store=True)
    cost_other = fields.Monetary(string="Other cost, total", compute="_compute_costs", store=True)
    cost_gross = fields.Monetary(
        string="Gross cost", compute="_compute_costs", store=True, help="Goods, credits, time and other cost."
    )
    cost_recovered = fields.Monetary(
        string="Recovery", compute="_compute_costs", store=True, help="From suppliers and carriers."
    )
    cost_net = fields.Monetary(
        string="Net cost", compute="_compute_costs", store=True, help="Gross cost less what was recovered."
    )

    @api.depends(
        "company_id",
        "solution_ids.state",
        "solution_ids.kind",
        "solution_ids.amount",
        "solution_ids.quantity",
        "hour_ids.hours",
        "hour_ids.amount",
        "cost_ids.amount",
        "claim_line_ids.amount_recovered",
    )
    def _compute_costs(self):
        for complaint in self:
            solutions = complaint._get_costing_solutions()
            goods = complaint._sum_solutions(solutions.filtered(lambda solution: solution.kind in GOODS_KINDS))
            credit = complaint._sum_solutions(solutions.filtered(lambda solution: solution.kind in CREDIT_KINDS))
            complaint.hours = sum(complaint.hour_ids.mapped("hours"))
            complaint.cost_goods = goods
            complaint.cost_credits = credit
            complaint.cost_hours = sum(complaint.hour_ids.mapped("amount"))
            complaint.cost_other = sum(complaint.cost_ids.mapped("amount"))
            complaint.cost_gross = goods + credit + complaint.cost_hours + complaint.cost_other
            complaint.cost_recovered = sum(complaint.claim_line_ids.mapped("amount_recovered"))
            complaint.cost_net = complaint.cost_gross - complaint.cost_recovered

    def _get_costing_solutions(self):
        self.ensure_one()
        return self.solution_ids.filtered(lambda solution: solution.state in COSTING_STATES)

    @api.model
    def _sum_solutions(self, solutions):
        """Return what solutions cost. Each knows its documents best; one without documents costs what it gives."""
        ask = getattr(solutions, "_get_cost", None)
        if ask is None:
            return sum(solutions.mapped("amount"))
        return sum(solution._get_cost() for solution in solutions)

    def _recompute_costs(self):
        """Look again at documents that changed without telling the complaint."""
        for name in ("cost_goods", "cost_credits", "cost_gross", "cost_net"):
            self.env.add_to_compute(self._fields[name], self)
        self.env.flush_all()

    @api.model
    def _get_followed_domain(self, day):
        """Complaints whose cost may still change."""
        return [
            ("state", "!=", "cancelled"),
            "|",
            ("closed_on", "=", False),
            ("closed_on", ">=", fields.Date.subtract(day, days=FOLLOWED_DAYS)),
            ("solution_ids.state", "in", COSTING_STATES),
        ]

    @api.model
    def _cron_recompute_costs(self):
        """Recompute the cost of complaints with solutions, batch by batch."""
        today = fields.Date.context_today(self)
        ids = self.search(self._get_followed_domain(today), order="id").ids
        self.env["ir.cron"]._commit_progress(remaining=len(ids))
        for begin in range(0, len(ids), BATCH):
            batch = self.browse(ids[begin : begin + BATCH])
            batch._recompute_costs()
            if not self.env["ir.cron"]._commit_progress(len(batch)):
                break
            self.env.invalidate_all()
