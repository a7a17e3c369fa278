from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain


class CommercialChecklist(models.Model):
    """The points of a template, copied onto one record."""

    _name = "commercial.checklist"
    _description = "Checklist"
    _inherit = ["commercial.record.link", "mail.thread", "mail.activity.mixin"]
    _order = "date_deadline, id"
    _mail_post_access = "read"
    _record_mixin = "commercial.checklist.mixin"

    name = fields.Char(
        required=True,
        readonly=True,
        translate=True,
    )
    template_id = fields.Many2one(
        comodel_name="commercial.checklist.template",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    purpose = fields.Selection(
        selection="_selection_purpose",
        required=True,
        readonly=True,
        index=True,
    )
    description = fields.Text(
        readonly=True,
        translate=True,
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Responsible",
        index=True,
        tracking=True,
        domain=[("share", "=", False)],
        default=lambda self: self.env.user,
    )
    successor_id = fields.Many2one(
        comodel_name="res.users",
        string="Who Takes Over",
        index="btree_not_null",
        tracking=True,
        domain=[("share", "=", False)],
    )
    date_start = fields.Date(
        string="Started On",
        required=True,
        readonly=True,
        default=fields.Date.context_today,
    )
    date_deadline = fields.Date(
        string="Deadline",
        tracking=True,
    )
    note = fields.Text()
    state = fields.Selection(
        selection=[
            ("open", "In progress"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="open",
        tracking=True,
        index=True,
    )
    done_uid = fields.Many2one(
        comodel_name="res.users",
        string="Completed By",
        readonly=True,
    )
    done_on = fields.Datetime(
        string="Completed On",
        readonly=True,
    )
    point_ids = fields.One2many(
        comodel_name="commercial.checklist.point",
        inverse_name="checklist_id",
        string="Points",
    )
    progress = fields.Float(
        compute="_compute_progress",
        store=True,
        aggregator="avg",
        help="Share of the points that are closed, in percent.",
    )
    open_count = fields.Integer(
        string="Open Points",
        compute="_compute_progress",
        store=True,
    )
    critical_open_count = fields.Integer(
        string="Open Critical Points",
        compute="_compute_progress",
        store=True,
    )
    is_late = fields.Boolean(
        compute="_compute_is_late",
        search="_search_is_late",
    )
    has_judged_points = fields.Boolean(compute="_compute_has_judged_points")

    _one_open = models.UniqueIndex(
        "(template_id, res_model, res_id) WHERE state = 'open' AND template_id IS NOT NULL",
        "This checklist was started already.",
    )

    # --- COMPUTE ---

    @api.model
    def _selection_purpose(self):
        return self.env["commercial.checklist.template"]._selection_purpose()

    @api.depends("point_ids.state", "point_ids.critical")
    def _compute_progress(self):
        for checklist in self:
            points = checklist.point_ids
            still_open = points.filtered(lambda point: point.state == "open")
            checklist.open_count = len(still_open)
            checklist.critical_open_count = len(still_open.filtered("critical"))
            checklist.progress = 100.0 * (len(points) - len(still_open)) / len(points) if points else 100.0

    @api.depends("point_ids.method_code")
    def _compute_has_judged_points(self):
        for checklist in self:
            checklist.has_judged_points = any(checklist.point_ids.mapped("method_code"))

    @api.depends("date_deadline", "state")
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for checklist in self:
            checklist.is_late = bool(
                checklist.state == "open" and checklist.date_deadline and checklist.date_deadline < today
            )

    def _search_is_late(self, operator, value):
        if operator != "in" or True not in value:
            return NotImplemented
        return Domain("state", "=", "open") & Domain("date_deadline", "<", fields.Date.context_today(self))

    @api.depends_context("lang", "uid")
    @api.depends("name", "res_model", "res_id")
    def _compute_display_name(self):
        for checklist in self:
            checklist.display_name = " - ".join(filter(None, [checklist.name, checklist.record_name]))

    # --- CRUD ---

    @api.model
    def _get_own_domain(self):
        user = self.env.user
        return Domain("user_id", "=", user.id) | Domain("successor_id", "=", user.id)

    @api.model
    def _get_writable_fields(self):
        """What people may change by hand; everything else goes through the buttons."""
        return {"user_id", "successor_id", "date_deadline", "note"}

    def write(self, vals):
        if not self.env.su:
            forbidden = {
                name
                for name in set(vals) - self._get_writable_fields()
                if not name.startswith(("message_", "activity_"))
            }
            if forbidden:
                raise AccessError(self.env._("A checklist is changed by its buttons only."))
        result = super().write(vals)
        if "user_id" in vals or "date_deadline" in vals:
            self._schedule_activity()
        return result

    # --- ACTIONS ---

    def action_complete(self):
        """Close the list; open points that are not critical are passed over with a reason."""
        self.ensure_one()
        self._check_may_change()
        if self.state == "done":
            return True
        self._check_open()
        self._check_critical_done()
        if self.open_count:
            return self.env["commercial.checklist.decide"]._get_action(
                self.point_ids.filtered(lambda point: point.state == "open"), "overridden", complete=True
            )
        self._complete()
        return True

    def action_cancel(self):
        for checklist in self.filtered(lambda checklist: checklist.state == "open"):
            checklist._check_may_change()
            checklist.sudo().write({"state": "cancelled"})
            checklist._unlink_activity()
        return True

    def action_reopen(self):
        """Work on a closed list again; what its completion did stays done."""
        for checklist in self.filtered(lambda checklist: checklist.state != "open"):
            checklist._check_may_change()
            if checklist.user_id != self.env.user and not self.env.user.has_group(
                "commercial_assistant.group_team_lead"
            ):
                raise AccessError(
                    self.env._("Only %(user)s or a team lead can reopen this.", user=checklist.user_id.sudo().name)
                )
            checklist.sudo().write({"state": "open", "done_uid": False, "done_on": False})
            checklist._schedule_activity()
        return True

    def action_reset(self):
        """Begin again with all points open."""
        for checklist in self:
            checklist._check_open()
            checklist.point_ids.action_reset()
        return True

    def action_judge(self):
        """Let the program look at the points that it can judge."""
        for checklist in self:
            checklist._check_may_change()
            checklist._check_open()
            checklist._judge()
        return True

    # --- STARTING ---

    @api.model
    def _start(self, record, template, values):
        """A copy of the points of `template` on `record`; the open one when it was started already."""
        # sudo: whoever may change the record may start a checklist on it, and nobody writes one by hand
        checklist_sudo = self.sudo().search(
            [
                ("res_model", "=", record._name),
                ("res_id", "=", record.id),
                ("template_id", "=", template.id),
                ("state", "=", "open"),
            ],
            limit=1,
        )
        if checklist_sudo:
            return checklist_sudo
        source = template.sudo().with_context(lang="en_US")
        date_start = values.get("date_start") or fields.Date.context_today(self)
        checklist_sudo = (
            self.sudo()
            .with_context(lang="en_US")
            .create(
                {
                    "name": source.name,
                    "description": source.description,
                    "template_id": template.id,
                    "purpose": source.purpose,
                    "res_model": record._name,
                    "res_id": record.id,
                    "company_id": record._get_checklist_company().id,
                    "partner_id": record._get_checklist_partner().id,
                    "user_id": self.env.uid,
                    "date_start": date_start,
                    "date_deadline": fields.Date.add(date_start, days=source.days),
                    "point_ids": [Command.create(point._prepare_point_vals(date_start)) for point in source.point_ids],
                    **values,
                }
            )
        )
        checklist_sudo._copy_translations(source)
        checklist_sudo = checklist_sudo.with_context(lang=self.env.lang)
        checklist_sudo._schedule_activity()
        checklist_sudo.sudo(self.env.su)._judge()
        return checklist_sudo

    def _copy_translations(self, template):
        """The texts in every language, as the template has them today."""
        pairs = [(self, template, ("name", "description"))]
        pairs += [
            (copy, point, ("name", "help")) for copy, point in zip(self.point_ids, template.point_ids, strict=True)
        ]
        languages = dict(self.env["res.lang"].get_installed())
        for copy, original, names in pairs:
            for name in names:
                texts = original._fields[name]._get_stored_translations(original) or {}
                texts = {lang: text for lang, text in texts.items() if lang in languages and lang != "en_US"}
                if texts:
                    copy.update_field_translations(name, texts)

    # --- CHECKING ---

    def _check_may_change(self):
        """Whoever may change the record, or is responsible for the list, may work on it."""
        self.ensure_one()
        self.check_access("read")
        if self.env.user in self.user_id | self.successor_id:
            return
        record = self._get_record()
        if not record:
            raise UserError(self.env._("The record does not exist any more."))
        record.check_access("write")

    def _check_open(self):
        self.ensure_one()
        if self.state != "open":
            raise UserError(
                self.env._(
                    "The checklist %(name)s is closed: %(state)s.",
                    name=self.name,
                    state=dict(self._fields["state"]._description_selection(self.env))[self.state],
                )
            )

    def _check_critical_done(self):
        missing = self.point_ids.filtered(lambda point: point.critical and point.state == "open")
        if missing:
            raise UserError(
                self.env._(
                    "These points must be done first:\n%(points)s",
                    points="\n".join(f"- {point.name}" for point in missing),
                )
            )

    # --- JUDGING ---

    def _judge(self):
        """Judge the points of open lists; in the name of the user, who may see what is told as evidence."""
        for checklist in self.filtered(lambda checklist: checklist.state == "open" and checklist.has_judged_points):
            record = checklist._get_record()
            if record:
                checklist.point_ids._judge(record)

    # --- COMPLETING ---

    def _complete(self):
        self.ensure_one()
        self._check_critical_done()
        if self.open_count:
            raise UserError(self.env._("Some points of %(name)s are still open.", name=self.name))
        self.sudo().write({"state": "done", "done_uid": self.env.uid, "done_on": fields.Datetime.now()})
        self._unlink_activity()
        record = self._get_record()
        if record:
            record._checklist_completed(self)

    # --- ACTIVITY ---

    @api.model
    def _activity_xmlid(self):
        return "commercial_assistant.mail_activity_type_checklist"

    def _schedule_activity(self):
        """One activity for the responsible, on the deadline."""
        for checklist_sudo in self.sudo().filtered(lambda checklist: checklist.state == "open" and checklist.user_id):
            activity = checklist_sudo.activity_search([self._activity_xmlid()])[:1]
            deadline = checklist_sudo.date_deadline or fields.Date.context_today(self)
            if not activity:
                checklist_sudo.activity_schedule(
                    self._activity_xmlid(), date_deadline=deadline, user_id=checklist_sudo.user_id.id
                )
            elif activity.user_id != checklist_sudo.user_id or activity.date_deadline != deadline:
                activity.write({"user_id": checklist_sudo.user_id.id, "date_deadline": deadline})

    def _unlink_activity(self):
        self.sudo().activity_unlink([self._activity_xmlid()])
