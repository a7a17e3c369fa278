import ast

from odoo import api, fields, models


class ComplaintTeam(models.Model):
    """People who deal with complaints, and the mailbox in which these arrive."""

    _name = "commercial.complaint.team"
    _description = "Complaint Team"
    _inherit = ["rating.parent.mixin", "mail.alias.mixin", "mail.thread"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Leader",
        index="btree_not_null",
        check_company=True,
        domain=[("share", "=", False)],
        help="Gets what is escalated, and what nobody else is responsible for.",
    )
    member_ids = fields.Many2many(
        comodel_name="res.users",
        relation="commercial_complaint_team_member_rel",
        column1="team_id",
        column2="user_id",
        string="Members",
        check_company=True,
        domain=[("share", "=", False)],
    )
    calendar_id = fields.Many2one(
        comodel_name="resource.calendar",
        string="Working hours",
        check_company=True,
        index="btree_not_null",
        help="In which terms are counted. Empty: the working hours of the company.",
    )
    color = fields.Integer()
    complaint_ids = fields.One2many(
        comodel_name="commercial.complaint",
        inverse_name="team_id",
        string="Complaints",
    )

    # --- ALIAS ---

    def _alias_get_creation_values(self):
        values = super()._alias_get_creation_values()
        values["alias_model_id"] = self.env["ir.model"]._get_id("commercial.complaint")
        # anybody may complain, known to us or not
        values.setdefault("alias_contact", "everyone")
        if self.id:
            defaults = ast.literal_eval(self.alias_defaults or "{}")
            values["alias_defaults"] = defaults | {"team_id": self.id, "company_id": self.company_id.id}
        return values

    # --- BUSINESS ---

    @api.model
    def _get_default_team(self, company):
        """The first team of exactly this company; nobody works in the team of another."""
        return self.search([("company_id", "=", company.id)], limit=1)

    def _translate_default_name(self):
        """A team the program made is called in each installed language as that language calls it."""
        for code, _name in self.env["res.lang"].get_installed():
            translated = self.with_context(lang=code)
            for team in translated:
                team.name = translated.env._("Complaints")

    # --- ACTIONS ---

    def action_view_ratings(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "rating.rating",
            "view_mode": "kanban,list,pivot,graph,form",
            "domain": [
                ("parent_res_model", "=", self._name),
                ("parent_res_id", "=", self.id),
                ("consumed", "=", True),
            ],
            "name": self.env._("What the customers think"),
        }
