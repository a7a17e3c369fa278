from odoo import Command, api, fields, models


class Complaint(models.Model):
    _inherit = "commercial.complaint"

    # What we learn from a complaint: root cause, actions, what repeats itself.

    corrective_ids = fields.Many2many(
        comodel_name="commercial.corrective.action",
        relation="commercial_corrective_action_complaint_rel",
        column1="complaint_id",
        column2="action_id",
        string="Actions",
        copy=False,
    )
    corrective_count = fields.Integer(compute="_compute_corrective_count", string="Number of actions")
    why_ids = fields.One2many(
        comodel_name="commercial.complaint.why", inverse_name="complaint_id", string="Five times why"
    )
    issue_ids = fields.Many2many(
        comodel_name="commercial.recurring.issue",
        relation="commercial_recurring_issue_complaint_rel",
        column1="complaint_id",
        column2="issue_id",
        string="Recurring issues",
        readonly=True,
        copy=False,
    )
    issue_count = fields.Integer(compute="_compute_issue_count", string="Number of recurring issues")

    @api.depends("corrective_ids")
    def _compute_corrective_count(self):
        for complaint in self:
            complaint.corrective_count = len(complaint.corrective_ids)

    @api.depends("issue_ids")
    def _compute_issue_count(self):
        for complaint in self:
            complaint.issue_count = len(complaint.issue_ids)

    @api.model_create_multi
    def create(self, vals_list):
        complaints = super().create(vals_list)
        complaints._contain_danger()
        return complaints

    def write(self, vals):
        result = super().write(vals)
        if vals.get("danger") == "yes":
            self._contain_danger()
        return result

    def _contain_danger(self):
        """Danger asks for an action today; the second time that it is said changes nothing."""
        dangerous = self.filtered(lambda complaint: complaint.danger == "yes")
        if not dangerous:
            return
        # whoever says that there is danger need not deal with actions
        actions_sudo = self.env["commercial.corrective.action"].sudo()
        known = actions_sudo.search(
            [("complaint_ids", "in", dangerous.ids), ("type", "=", "containment"), ("state", "!=", "cancelled")]
        ).complaint_ids
        actions_sudo.create(
            [complaint._prepare_containment_vals() for complaint in dangerous if complaint not in known.sudo(False)]
        )

    def _prepare_containment_vals(self):
        self.ensure_one()
        owner = self.user_id or self._get_team_lead()
        owned = self.with_context(lang=owner.sudo().lang or self.env.lang)
        today = fields.Date.context_today(self)
        return {
            "title": owned.env._("Danger: %(subject)s", subject=self.subject),
            "description": owned.env._(
                "Keep people and goods safe at once: warn who uses the product, block the stock, ask the supplier."
            ),
            "type": "containment",
            "company_id": self.company_id.id,
            "complaint_ids": [Command.link(self.id)],
            "user_id": owner.id,
            "date_due": today,
            "is_automatic": True,
        }

    def _get_team_lead(self):
        """Return who leads the team of the complaint, else a team lead of the company."""
        self.ensure_one()
        lead = self.team_id.user_id
        return lead or self.env["commercial.legal.parameter"].with_company(self.company_id)._get_responsible()

    def action_view_correctives(self):
        self.ensure_one()
        return self.corrective_ids._get_records_action(name=self.env._("Actions"))

    def action_view_issues(self):
        self.ensure_one()
        return self.issue_ids._get_records_action(name=self.env._("Recurring issues"))

    def action_new_corrective(self):
        """Write down what is to be done so that it does not come back."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New action"),
            "res_model": "commercial.corrective.action",
            "view_mode": "form",
            "views": [(False, "form")],
            "context": {
                "default_complaint_ids": self.ids,
                "default_company_id": self.company_id.id,
                "default_title": self.subject,
                "default_cause_id": self.cause_ids[:1].id,
            },
        }
