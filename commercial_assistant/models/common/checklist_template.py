from odoo import api, fields, models
from odoo.exceptions import ValidationError

ASSIGN_TO = [
    ("responsible", "Responsible"),
    ("successor", "Who takes over"),
    ("user", "A user"),
    ("group", "A group"),
]
REQUIRES = [
    ("nothing", "Nothing"),
    ("note", "A note"),
    ("attachment", "A document"),
]


class CommercialChecklistTemplate(models.Model):
    """Points that are copied onto a record when its checklist is started."""

    _name = "commercial.checklist.template"
    _description = "Checklist Template"
    _order = "sequence, id"

    name = fields.Char(
        required=True,
        translate=True,
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        index=True,
        help="Empty: for every company.",
    )
    model_id = fields.Many2one(
        comodel_name="ir.model",
        string="Records",
        required=True,
        index=True,
        ondelete="cascade",
        domain=lambda self: self._get_model_domain(),
    )
    model = fields.Char(
        related="model_id.model",
        string="Model Name",
        store=True,
        index=True,
    )
    purpose = fields.Selection(
        selection="_selection_purpose",
        required=True,
        default="other",
        index=True,
        help="What happens with the checklist: some purposes hold a step back until the critical points are done.",
    )
    description = fields.Text(
        translate=True,
        help="Shown above the points.",
    )
    days = fields.Integer(
        string="Term in Days",
        default=14,
    )
    point_ids = fields.One2many(
        comodel_name="commercial.checklist.template.point",
        inverse_name="template_id",
        string="Points",
        copy=True,
    )
    point_count = fields.Integer(compute="_compute_point_count")
    checklist_count = fields.Integer(compute="_compute_checklist_count")

    _days_not_negative = models.Constraint("CHECK (days >= 0)", "The term cannot be negative.")

    @api.depends("point_ids")
    def _compute_point_count(self):
        for template in self:
            template.point_count = len(template.point_ids)

    def _compute_checklist_count(self):
        counts = dict(
            self.env["commercial.checklist"]._read_group(
                [("template_id", "in", self.ids)], ["template_id"], ["__count"]
            )
        )
        for template in self:
            template.checklist_count = counts.get(template, 0)

    @api.model
    def _selection_purpose(self):
        """What a checklist is for. A room adds its own purposes here."""
        return [
            ("customer_handover", self.env._("Hand-over of a customer's file")),
            ("other", self.env._("Something else")),
        ]

    @api.model
    def _get_model_domain(self):
        return [("model", "in", list(self.env.registry.descendants(["commercial.checklist.mixin"], "_inherit")))]

    @api.constrains("model_id")
    def _check_model(self):
        for template in self:
            model = self.env.get(template.model)
            if model is None or not hasattr(model, "_start_checklist"):
                raise ValidationError(
                    self.env._("A checklist cannot be started on %(model)s.", model=template.model_id.name)
                )

    def action_view_checklists(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.checklist_action")
        action["domain"] = [("template_id", "=", self.id)]
        action["context"] = {}
        return action


class CommercialChecklistTemplatePoint(models.Model):
    _name = "commercial.checklist.template.point"
    _description = "Point of a Checklist Template"
    _order = "template_id, sequence, id"

    template_id = fields.Many2one(
        comodel_name="commercial.checklist.template",
        required=True,
        index=True,
        ondelete="cascade",
    )
    sequence = fields.Integer(default=10)
    name = fields.Char(
        string="Point",
        required=True,
        translate=True,
    )
    help = fields.Text(
        string="Explanation",
        translate=True,
    )
    critical = fields.Boolean(help="Must be done: it cannot be passed over with a reason.")
    requires = fields.Selection(
        selection=REQUIRES,
        required=True,
        default="nothing",
        help="What must be kept with the point when it is done.",
    )
    assign_to = fields.Selection(
        selection=ASSIGN_TO,
        required=True,
        default="responsible",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        domain=[("share", "=", False)],
    )
    group_id = fields.Many2one(
        comodel_name="res.groups",
        ondelete="set null",
    )
    days_offset = fields.Integer(
        string="Due After Days",
        help="Days after the start.",
    )
    method_code = fields.Selection(
        selection="_selection_method_code",
        string="Judged by the Program",
        help="The program looks for itself whether this point is fulfilled, and says what it found. Empty: a person "
        "judges.",
    )

    @api.model
    def _selection_method_code(self):
        """Points that a program can judge. A room adds its codes; its records answer `_checklist_point_<code>()`."""
        return []

    @api.constrains("assign_to", "user_id", "group_id")
    def _check_assigned(self):
        for point in self:
            if (point.assign_to == "user" and not point.user_id) or (point.assign_to == "group" and not point.group_id):
                raise ValidationError(self.env._("Who does the point “%(point)s”?", point=point.name))

    @api.constrains("method_code", "template_id")
    def _check_method_code(self):
        for point in self.filtered("method_code"):
            if not hasattr(self.env[point.template_id.model], f"_checklist_point_{point.method_code}"):
                raise ValidationError(
                    self.env._(
                        "The program cannot judge “%(point)s” on %(model)s.",
                        point=point.name,
                        model=point.template_id.model_id.name,
                    )
                )

    def _prepare_point_vals(self, date_start):
        """Values of the copy: a later change of the template leaves running checklists alone."""
        self.ensure_one()
        vals = {
            "sequence": self.sequence,
            "name": self.name,
            "help": self.help,
            "critical": self.critical,
            "requires": self.requires,
            "method_code": self.method_code,
            "assign_to": self.assign_to,
            "group_id": self.group_id.id if self.assign_to == "group" else False,
            "date_deadline": fields.Date.add(date_start, days=self.days_offset),
        }
        if self.assign_to == "user":
            vals["user_id"] = self.user_id.id
        return vals
