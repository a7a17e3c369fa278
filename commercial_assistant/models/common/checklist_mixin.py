from odoo import api, fields, models
from odoo.exceptions import UserError


class CommercialChecklistMixin(models.AbstractModel):
    """A record that is worked through by checklists.

    A model that inherits this calls `_start_checklist(template)`, holds a step back by
    `_check_checklist_complete(purpose)`, and reacts in `_checklist_completed(checklist)`.
    """

    _name = "commercial.checklist.mixin"
    _description = "Record with Checklists"

    checklist_ids = fields.One2many(
        comodel_name="commercial.checklist",
        inverse_name="res_id",
        domain=lambda self: [("res_model", "=", self._name)],
        groups="base.group_user",
    )
    checklist_count = fields.Integer(
        compute="_compute_checklist_count",
        groups="base.group_user",
    )
    checklist_progress = fields.Integer(
        compute="_compute_checklist_count",
        groups="base.group_user",
        help="Progress of the open checklists, in percent.",
    )

    @api.depends_context("allowed_company_ids")
    def _compute_checklist_count(self):
        groups = self.env["commercial.checklist"]._read_group(
            [("res_model", "=", self._name), ("res_id", "in", self.ids), ("state", "!=", "cancelled")],
            ["res_id", "state"],
            ["__count", "progress:avg"],
        )
        counts, progress = {}, {}
        for res_id, state, count, average in groups:
            counts[res_id] = counts.get(res_id, 0) + count
            if state == "open":
                progress[res_id] = int(average)
        for record in self:
            record.checklist_count = counts.get(record.id, 0)
            record.checklist_progress = progress.get(record.id, 100 if counts.get(record.id) else 0)

    # --- CRUD ---

    def unlink(self):
        # sudo: the checklists go with the record, whoever may delete it
        checklists_sudo = self.env["commercial.checklist"].sudo()
        checklists_sudo.search([("res_model", "=", self._name), ("res_id", "in", self.ids)]).unlink()
        return super().unlink()

    # --- ACTIONS ---

    def action_view_checklists(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.checklist_action")
        action["domain"] = [("res_model", "=", self._name), ("res_id", "=", self.id)]
        action["context"] = {}
        if len(self.checklist_ids) == 1:
            action["views"] = [(False, "form")]
            action["res_id"] = self.checklist_ids.id
        return action

    def action_start_checklist(self):
        """Choose a template and start it on this record."""
        self.ensure_one()
        return self._get_start_checklist_action()

    def _get_start_checklist_action(self, purpose=None):
        templates = self._get_checklist_templates(purpose)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Start a Checklist"),
            "res_model": "commercial.checklist.start",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_res_model": self._name,
                "default_res_id": self.id,
                "default_purpose": purpose,
                "default_template_id": templates[:1].id,
            },
        }

    # --- HOOKS ---

    def _get_checklist_company(self):
        self.ensure_one()
        company = self["company_id"] if "company_id" in self._fields else self.env["res.company"]
        return company or self.env.company

    def _get_checklist_partner(self):
        """The customer concerned."""
        self.ensure_one()
        names = self._mail_get_partner_fields()
        return self[names[0]][:1] if names else self.env["res.partner"]

    def _checklist_started(self, checklist):
        """Called when a checklist was started on this record."""

    def _checklist_completed(self, checklist):
        """Called, in the name of the person who completed it, when all points of `checklist` are closed."""

    # --- BUSINESS ---

    def _get_checklist_templates(self, purpose=None):
        """The templates for this kind of record, those of the company first."""
        company = self._get_checklist_company()
        domain = [("model", "=", self._name), ("company_id", "in", [company.id, False])]
        if purpose:
            domain.append(("purpose", "=", purpose))
        templates = self.env["commercial.checklist.template"].search(domain)
        return templates.sorted(lambda template: not template.company_id)

    def _start_checklist(self, template, **values):
        """Copy the points of `template` onto this record; the open one when it was started already.

        :param values: fields of the checklist: `user_id`, `successor_id`, `date_deadline`, `date_start`, `note`
        """
        self.ensure_one()
        self.check_access("write")
        if template.model != self._name:
            raise UserError(
                self.env._("The checklist %(name)s is meant for %(model)s.", name=template.name, model=template.model)
            )
        before = self._get_live_checklists(template.purpose)
        checklist_sudo = self.env["commercial.checklist"]._start(self, template, values)
        if checklist_sudo not in before:
            self._checklist_started(checklist_sudo.sudo(self.env.su))
        return checklist_sudo.sudo(self.env.su)

    def _get_live_checklists(self, purpose):
        # sudo: a gate does not depend on who may read the checklists
        return (
            self.env["commercial.checklist"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", self.ids),
                    ("purpose", "=", purpose),
                    ("state", "!=", "cancelled"),
                ]
            )
        )

    def _check_checklist_complete(self, purpose, required=False):
        """Raise when critical points of the checklists for `purpose` are open, or with `required` none was started."""
        checklists_sudo = self._get_live_checklists(purpose)
        missing = checklists_sudo.point_ids.filtered(lambda point: point.critical and point.state == "open")
        if missing:
            raise UserError(
                self.env._(
                    "These points must be done first:\n%(points)s",
                    points="\n".join(f"- {point.checklist_id.display_name}: {point.name}" for point in missing),
                )
            )
        without = self.filtered(lambda record: record.id not in checklists_sudo.mapped("res_id"))
        if required and without:
            raise UserError(
                self.env._("Start the checklist first on: %(records)s.", records=without.mapped("display_name"))
            )
