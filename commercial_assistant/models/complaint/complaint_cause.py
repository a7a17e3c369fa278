from odoo import api, fields, models
from odoo.exceptions import ValidationError

RESPONSIBILITIES = [
    ("us", "We"),
    ("supplier", "Supplier"),
    ("carrier", "Carrier"),
    ("customer", "Customer"),
    ("nobody", "Nobody"),
]


class ComplaintCause(models.Model):
    """Why things go wrong, and who answers for it."""

    _name = "commercial.complaint.cause"
    _description = "Cause of Complaints"
    _parent_store = True
    _order = "parent_path, sequence, id"
    _rec_name = "complete_name"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    complete_name = fields.Char(
        string="Cause",
        compute="_compute_complete_name",
        recursive=True,
        search="_search_complete_name",
    )
    code = fields.Char(help="Short name for lists and imports.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    parent_id = fields.Many2one(
        comodel_name="commercial.complaint.cause",
        index="btree_not_null",
        ondelete="restrict",
    )
    parent_path = fields.Char(index=True)
    responsibility = fields.Selection(
        selection=RESPONSIBILITIES,
        required=True,
        default="us",
        help="Who answers for it: decides whether the cost is recovered from a supplier or carrier, and whether the "
        "warranty can refuse.",
    )
    kind = fields.Selection(
        selection=[
            ("occurrence", "Why it happened"),
            ("detection", "Why it was not noticed"),
        ],
        required=True,
        default="occurrence",
    )
    description = fields.Text(translate=True)

    _code_unique = models.UniqueIndex("(code) WHERE code IS NOT NULL", "This code is in use already.")

    @api.depends_context("lang")
    @api.depends("name", "parent_id.complete_name")
    def _compute_complete_name(self):
        for cause in self:
            parent = cause.parent_id.complete_name
            cause.complete_name = f"{parent} / {cause.name}" if parent else cause.name

    @api.model
    def _search_complete_name(self, operator, value):
        return ["|", ("name", operator, value), ("parent_id.name", operator, value)]

    @api.constrains("parent_id")
    def _check_parent(self):
        if self._has_cycle():
            raise ValidationError(self.env._("A cause cannot lie below itself."))
