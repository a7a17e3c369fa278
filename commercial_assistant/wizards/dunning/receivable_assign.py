from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.collection_work import share_out


class ReceivableAssign(models.TransientModel):
    """Share customers out among the people who follow them up."""

    _name = "commercial.receivable.assign"
    _description = "Assign Customers"

    receivable_ids = fields.Many2many(
        comodel_name="commercial.receivable",
        relation="commercial_receivable_assign_rel",
        column1="wizard_id",
        column2="receivable_id",
        string="Customer accounts",
        required=True,
    )
    receivable_count = fields.Integer(string="Selected", compute="_compute_receivable_count")
    rule = fields.Selection(
        selection=[
            ("person", "One person"),
            ("share", "Shared out evenly among several"),
            ("salesperson", "The salesperson of the customer"),
            ("team", "The leader of the customer's sales team"),
            ("country", "By country"),
        ],
        required=True,
        default="person",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Person",
        domain=lambda self: self._domain_user(),
        help="Also takes the customers for whom the rule names nobody.",
    )
    user_ids = fields.Many2many(
        comodel_name="res.users",
        relation="commercial_receivable_assign_user_rel",
        column1="wizard_id",
        column2="user_id",
        string="People",
        domain=lambda self: self._domain_user(),
    )
    line_ids = fields.One2many(
        comodel_name="commercial.receivable.assign.line",
        inverse_name="wizard_id",
        string="Countries",
    )
    only_unassigned = fields.Boolean(string="Only customers without responsible", default=True)

    @api.model
    def _domain_user(self):
        return [("share", "=", False)]

    @api.depends("receivable_ids")
    def _compute_receivable_count(self):
        for wizard in self:
            wizard.receivable_count = len(wizard.receivable_ids)

    # --- ACTIONS ---

    def action_assign(self):
        """Write the new responsible; who got how many is told."""
        self.ensure_one()
        receivables = self.receivable_ids
        if self.only_unassigned:
            receivables = receivables.filtered(lambda receivable: not receivable.user_id)
        receivables._check_collector()
        if not receivables:
            raise UserError(self.env._("All these customers have a responsible already."))
        chosen = getattr(self, f"_choose_by_{self.rule}")(receivables)
        for user, mine in chosen.items():
            mine.write({"user_id": user.id})
        return self._get_result_notification(receivables, chosen)

    def _get_result_notification(self, receivables, chosen):
        assigned = sum(chosen.values(), self.env["commercial.receivable"])
        parts = [
            self.env._("%(user)s: %(count)s", user=user.name, count=len(mine)) for user, mine in chosen.items() if mine
        ]
        left = len(receivables - assigned)
        if left:
            parts.append(self.env._("nobody: %(count)s", count=left))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("Responsible"),
                "message": ", ".join(parts),
                "type": "warning" if left else "success",
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    # --- RULES ---

    def _choose_by_person(self, receivables):
        if not self.user_id:
            raise UserError(self.env._("Choose the person."))
        return {self.user_id: receivables}

    def _choose_by_share(self, receivables):
        """The heaviest customers first, each to whoever has least to do among these."""
        if not self.user_ids:
            raise UserError(self.env._("Choose the people."))
        weights = [(receivable.id, Decimal(str(receivable.priority or 0))) for receivable in receivables]
        shared = share_out(weights, self.user_ids.ids)
        return self._group_by_user(receivables, lambda receivable: self.user_ids.browse(shared[receivable.id]))

    def _choose_by_salesperson(self, receivables):
        return self._group_by_user(receivables, lambda receivable: receivable.partner_id.user_id)

    def _choose_by_team(self, receivables):
        # whoever follows up customers may know who leads which team
        return self._group_by_user(
            receivables, lambda receivable: receivable.partner_id.user_id.sudo().sale_team_id.user_id
        )

    def _choose_by_country(self, receivables):
        if not self.line_ids:
            raise UserError(self.env._("Say who takes which country."))
        users = {country: line.user_id for line in self.line_ids for country in line.country_ids}
        nobody = self.env["res.users"]
        return self._group_by_user(receivables, lambda receivable: users.get(receivable.partner_id.country_id, nobody))

    def _group_by_user(self, receivables, choose):
        """Group customers by whom the rule names; the others fall to the person of the wizard, if any."""
        groups = {}
        for receivable in receivables:
            user = choose(receivable).sudo(self.env.su)
            user = user.filtered(lambda candidate: candidate.active and not candidate.share) or self.user_id
            if user:
                groups[user] = groups.get(user, receivables.browse()) | receivable
        return groups


class ReceivableAssignLine(models.TransientModel):
    """Who takes the customers of some countries."""

    _name = "commercial.receivable.assign.line"
    _description = "Assign Customers of Countries"

    wizard_id = fields.Many2one(
        comodel_name="commercial.receivable.assign",
        required=True,
        index=True,
        ondelete="cascade",
    )
    country_ids = fields.Many2many(
        comodel_name="res.country",
        relation="commercial_receivable_assign_line_country_rel",
        column1="line_id",
        column2="country_id",
        string="Countries",
        required=True,
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Person",
        required=True,
        domain=[("share", "=", False)],
    )
