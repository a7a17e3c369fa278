from odoo import api, fields, models


class ComplaintWhy(models.Model):
    """One of the questions that lead from a defect to its root: why did that happen, why did nobody notice?"""

    _name = "commercial.complaint.why"
    _description = "Question After the Root Cause"
    # why it happened comes before why nobody noticed
    _order = "branch desc, level, id"
    _rec_name = "question"
    _check_company_auto = True

    complaint_id = fields.Many2one(
        comodel_name="commercial.complaint", index="btree_not_null", check_company=True, ondelete="cascade"
    )
    action_id = fields.Many2one(
        comodel_name="commercial.corrective.action",
        index="btree_not_null",
        check_company=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", compute="_compute_owner", store=True, index=True, precompute=True
    )
    is_confidential = fields.Boolean(compute="_compute_owner", store=True, precompute=True)
    branch = fields.Selection(
        selection=[
            ("occurrence", "Why it happened"),
            ("detection", "Why it was not noticed"),
        ],
        required=True,
        default="occurrence",
    )
    level = fields.Integer(
        required=True,
        default=1,
        aggregator=None,
        help="1 asks about the defect itself, each next one about the answer before.",
    )
    question = fields.Char(required=True)
    answer = fields.Char()

    _one_owner = models.Constraint(
        "CHECK (num_nonnulls(complaint_id, action_id) = 1)",
        "A question belongs to either a complaint or an action.",
    )
    _level_in_bounds = models.Constraint("CHECK (level BETWEEN 1 AND 9)", "The level lies between 1 and 9.")
    _level_once = models.UniqueIndex(
        "(COALESCE(complaint_id, 0), COALESCE(action_id, 0), branch, level)",
        "There is one question for each level: choose the next level.",
    )

    @api.depends(
        "complaint_id.company_id",
        "complaint_id.is_confidential",
        "action_id.company_id",
        "action_id.is_confidential",
    )
    def _compute_owner(self):
        for why in self:
            owner = why.complaint_id or why.action_id
            why.company_id = owner.company_id
            why.is_confidential = owner.is_confidential
