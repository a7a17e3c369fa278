from odoo import api, fields, models
from odoo.exceptions import ValidationError

SEVERITIES = [
    ("low", "Low"),
    ("normal", "Normal"),
    ("high", "High"),
    ("critical", "Critical"),
]


class ComplaintCategory(models.Model):
    """What complaints are about, with everything that follows from it by itself."""

    _name = "commercial.complaint.category"
    _description = "Category of Complaints"
    _parent_store = True
    _parent_name = "parent_id"
    _order = "parent_path, sequence, id"
    _rec_name = "complete_name"
    _rec_names_search = ["name", "code"]
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    complete_name = fields.Char(
        string="Category",
        compute="_compute_complete_name",
        recursive=True,
        search="_search_complete_name",
    )
    code = fields.Char(help="Short name for lists and imports.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        index=True,
        help="Empty: for every company.",
    )
    parent_id = fields.Many2one(
        comodel_name="commercial.complaint.category",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many(comodel_name="commercial.complaint.category", inverse_name="parent_id")
    team_id = fields.Many2one(
        comodel_name="commercial.complaint.team",
        index="btree_not_null",
        check_company=True,
        help="Deals with complaints of this category. Empty: the team of the parent category.",
    )
    severity = fields.Selection(
        selection=SEVERITIES,
        help="Proposed for new complaints. Empty: that of the parent category.",
    )
    asks_danger = fields.Boolean(
        string="Ask for danger",
        help="Whether somebody can be hurt must be answered before the investigation.",
    )
    needs_product = fields.Boolean(
        string="Concerns goods",
        help="At least one line with a product is needed before the investigation.",
    )
    is_confidential = fields.Boolean(
        string="Confidential",
        help="New complaints of this category are seen by the confidential group only, e.g. those about a colleague.",
    )
    is_customer_responsible = fields.Boolean(
        string="Not covered by warranty",
        help="What the customer caused himself: the warranty is judged as excluded until a person decides otherwise.",
    )
    checklist_template_id = fields.Many2one(
        comodel_name="commercial.checklist.template",
        string="Control procedure",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('model', '=', 'commercial.complaint')]",
        help="Checklist that starts with the investigation. Empty: that of the parent category.",
    )
    call_guide = fields.Html(
        translate=True,
        sanitize_attributes=False,
        help="How to lead the conversation: listen, repeat, acknowledge, apologise, act.",
    )
    procedure = fields.Html(
        translate=True,
        sanitize_attributes=False,
        help="What the company does with such a complaint, for the person who deals with it.",
    )
    complaint_properties = fields.PropertiesDefinition(string="Extra questions")

    _code_unique = models.UniqueIndex(
        "(code, COALESCE(company_id, 0)) WHERE code IS NOT NULL", "This code is in use already."
    )

    # --- COMPUTE ---

    @api.depends_context("lang")
    @api.depends("name", "parent_id.complete_name")
    def _compute_complete_name(self):
        for category in self:
            parent = category.parent_id.complete_name
            category.complete_name = f"{parent} / {category.name}" if parent else category.name

    @api.model
    def _search_complete_name(self, operator, value):
        return ["|", ("name", operator, value), ("parent_id.name", operator, value)]

    # --- CONSTRAINTS ---

    @api.constrains("parent_id")
    def _check_parent(self):
        if self._has_cycle():
            raise ValidationError(self.env._("A category cannot lie below itself."))

    # --- BUSINESS ---

    def _get_inherited(self, name):
        """The value of a field, from this category or from the nearest parent that has one."""
        self.ensure_one()
        category = self
        while category and not category[name]:
            category = category.parent_id
        return category[name]
