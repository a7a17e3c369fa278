from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .checklist_template import ASSIGN_TO, REQUIRES


class CommercialChecklistPoint(models.Model):
    _name = "commercial.checklist.point"
    _description = "Point of a Checklist"
    _inherit = ["commercial.record.link.line"]
    _order = "checklist_id, sequence, id"
    _link_field = "checklist_id"

    checklist_id = fields.Many2one(
        comodel_name="commercial.checklist",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="checklist_id.company_id",
        store=True,
        index=True,
    )
    sequence = fields.Integer(readonly=True)
    name = fields.Char(
        string="Point",
        required=True,
        readonly=True,
        translate=True,
    )
    help = fields.Text(
        string="Explanation",
        readonly=True,
        translate=True,
    )
    critical = fields.Boolean(readonly=True)
    requires = fields.Selection(
        selection=REQUIRES,
        required=True,
        readonly=True,
        default="nothing",
    )
    assign_to = fields.Selection(
        selection=ASSIGN_TO,
        required=True,
        readonly=True,
        default="responsible",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Who",
        compute="_compute_user_id",
        store=True,
        readonly=False,
        index="btree_not_null",
    )
    group_id = fields.Many2one(
        comodel_name="res.groups",
        readonly=True,
        ondelete="set null",
    )
    date_deadline = fields.Date(
        string="Due",
        readonly=True,
    )
    state = fields.Selection(
        selection=[
            ("open", "Open"),
            ("done", "Done"),
            ("not_applicable", "Not applicable"),
            ("overridden", "Passed over"),
        ],
        required=True,
        readonly=True,
        default="open",
        index=True,
    )
    reason = fields.Char(
        readonly=True,
        help="Why the point does not apply or was passed over.",
    )
    note = fields.Text(readonly=True)
    method_code = fields.Selection(
        selection=lambda self: self.env["commercial.checklist.template.point"]._selection_method_code(),
        string="Judged by the Program",
        readonly=True,
    )
    verdict = fields.Selection(
        selection=[
            ("fulfilled", "Fulfilled"),
            ("not_fulfilled", "Not fulfilled"),
            ("unknown", "A person must look"),
        ],
        readonly=True,
        help="What the program found. A critical point that is not fulfilled stays open until its cause is mended.",
    )
    evidence = fields.Text(
        string="Found",
        readonly=True,
        help="What the program looked at, and when.",
    )
    attachment_ids = fields.Many2many(
        comodel_name="ir.attachment",
        relation="commercial_checklist_point_attachment_rel",
        string="Documents",
        readonly=True,
        bypass_search_access=True,
    )
    closed_uid = fields.Many2one(
        comodel_name="res.users",
        string="By",
        readonly=True,
    )
    closed_on = fields.Datetime(
        string="On",
        readonly=True,
    )

    # --- COMPUTE ---

    @api.depends("assign_to", "checklist_id.user_id", "checklist_id.successor_id")
    def _compute_user_id(self):
        for point in self:
            if point.assign_to == "responsible":
                point.user_id = point.checklist_id.user_id
            elif point.assign_to == "successor":
                point.user_id = point.checklist_id.successor_id
            elif point.assign_to == "group":
                point.user_id = False
            else:
                point.user_id = point.user_id

    # --- ACTIONS ---

    def action_done(self):
        """Close the points; one that needs a note or a document asks for it first."""
        asking = self.filtered(lambda point: point.state == "open" and point._get_missing())
        (self - asking)._close("done")
        if asking:
            return self.env["commercial.checklist.decide"]._get_action(asking[:1], "done")
        return True

    def action_decide(self):
        """Close a point in another way, with a reason, a note or documents."""
        self.ensure_one()
        return self.env["commercial.checklist.decide"]._get_action(self, "done")

    def action_reset(self):
        """Open the points again; what stood there is kept in the messages."""
        for point in self.filtered(lambda point: point.state != "open"):
            point._check_may_close()
            point._post(self.env._("%(point)s: opened again.", point=point.name))
            point.sudo().write(
                {
                    "state": "open",
                    "reason": False,
                    "note": False,
                    "verdict": False,
                    "evidence": False,
                    "closed_uid": False,
                    "closed_on": False,
                }
            )
        return True

    # --- JUDGING ---

    def _judge(self, record):
        """Let the program look at these points of one record: what is fulfilled closes, what is not any more opens.

        A point that a person closed with a reason stays closed.
        """
        for point in self.filtered("method_code"):
            judge = getattr(record, f"_checklist_point_{point.method_code}", None)
            fulfilled, evidence = judge() if judge else (None, False)
            point.sudo().write(point._prepare_verdict_vals(fulfilled, evidence))

    def _prepare_verdict_vals(self, fulfilled, evidence):
        """Return the values of a verdict: ``True``, ``False``, or ``None`` where the program cannot know."""
        self.ensure_one()
        vals = {
            "verdict": {True: "fulfilled", False: "not_fulfilled", None: "unknown"}[fulfilled],
            "evidence": evidence,
        }
        closed_by_program = self.state == "done" and self.verdict == "fulfilled"
        if fulfilled and self.state == "open":
            vals |= {"state": "done", "closed_uid": self.env.uid, "closed_on": fields.Datetime.now()}
        elif fulfilled is False and self.state == "done" or fulfilled is None and closed_by_program:
            vals |= {"state": "open", "closed_uid": False, "closed_on": False}
        return vals

    # --- BUSINESS ---

    def _get_missing(self, note=None, attachments=None):
        """What the point still needs before it is done, in words."""
        self.ensure_one()
        if self.requires == "note" and not (note or self.note or "").strip():
            return self.env._("“%(point)s” needs a note.", point=self.name)
        if self.requires == "attachment" and not (attachments or self.attachment_ids):
            return self.env._("“%(point)s” needs a document.", point=self.name)
        return ""

    def _check_may_close(self):
        self.ensure_one()
        checklist = self.checklist_id
        checklist._check_open()
        is_lead = self.env.user.has_group("commercial_assistant.group_team_lead")
        if self.assign_to == "responsible":
            checklist._check_may_change()
        elif self.assign_to == "group":
            if not is_lead and self.group_id not in self.env.user.all_group_ids:
                raise AccessError(
                    self.env._("“%(point)s” is for %(group)s.", point=self.name, group=self.group_id.sudo().full_name)
                )
        elif not is_lead and self.user_id != self.env.user:
            raise AccessError(
                self.env._("“%(point)s” is for %(user)s.", point=self.name, user=self.user_id.sudo().name or "-")
            )

    def _close(self, state, reason=None, note=None, attachments=None):
        """Close points in one of the three ways; repeating it changes nothing."""
        reason = (reason or "").strip()
        note = (note or "").strip()
        for point in self.filtered(lambda point: point.state != state):
            point._check_may_close()
            point._check_way(state, reason, note, attachments)
            vals = {
                "state": state,
                "reason": reason if state != "done" else False,
                "closed_uid": self.env.uid,
                "closed_on": fields.Datetime.now(),
            }
            if note:
                vals["note"] = note
            if attachments:
                vals["attachment_ids"] = [fields.Command.link(attachment.id) for attachment in attachments]
                point._adopt_attachments(attachments)
            point.sudo().write(vals)
            if state == "not_applicable":
                point._post(self.env._("%(point)s: not applicable. %(reason)s", point=point.name, reason=reason))
            elif state == "overridden":
                point._post(self.env._("%(point)s: passed over. %(reason)s", point=point.name, reason=reason))

    def _adopt_attachments(self, attachments):
        """What the user uploaded just now belongs to the checklist from here on; other documents are only named."""
        self.ensure_one()
        attachments.check_access("read")
        uploaded = attachments.filtered(lambda document: not document.res_id and document.create_uid == self.env.user)
        # sudo: whoever may close the point may leave the proof with it
        uploaded.sudo().write({"res_model": "commercial.checklist", "res_id": self.checklist_id.id})

    def _check_way(self, state, reason, note, attachments):
        self.ensure_one()
        if self.verdict == "not_fulfilled" and (state == "done" or self.critical):
            raise UserError(
                self.env._(
                    "“%(point)s” is not fulfilled: %(evidence)s Mend the cause, then let the program look again.",
                    point=self.name,
                    evidence=self.evidence or "",
                )
            )
        if state == "done":
            missing = self._get_missing(note, attachments)
            if missing:
                raise UserError(missing)
            return
        if state == "overridden" and self.critical:
            raise UserError(
                self.env._("“%(point)s” is critical: it must be done, a reason is not enough.", point=self.name)
            )
        if (
            state == "not_applicable"
            and self.critical
            and not self.env.user.has_group("commercial_assistant.group_team_lead")
        ):
            raise AccessError(
                self.env._("“%(point)s” is critical: only a team lead can say that it does not apply.", point=self.name)
            )
        if not reason:
            raise UserError(self.env._("Give a reason for “%(point)s”.", point=self.name))

    def _post(self, text):
        self.checklist_id.sudo().message_post(body=text, subtype_xmlid="mail.mt_note")
