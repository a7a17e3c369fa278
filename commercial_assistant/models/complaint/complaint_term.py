from odoo import api, fields, models

from .complaint_category import SEVERITIES

# terms in working hours, and in calendar days
HOUR_FIELDS = ("acknowledge_hours", "answer_hours", "resolution_hours")
DAY_FIELDS = ("committed_days", "final_days")


class ComplaintTerm(models.Model):
    """How soon a complaint of some kind is acknowledged, answered and settled: what the company asks of itself."""

    _name = "commercial.complaint.term"
    _description = "Deadlines of Complaints"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        index=True,
        help="Empty: for every company.",
    )
    category_id = fields.Many2one(
        comodel_name="commercial.complaint.category",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        help="Also for the categories below it. Empty: for all.",
    )
    severity = fields.Selection(selection=SEVERITIES, help="Empty: for all.")
    customer_kind = fields.Selection(
        selection=lambda self: self.env["res.partner"]._fields["customer_kind"].selection,
        help="Empty: for all.",
    )
    calendar_id = fields.Many2one(
        comodel_name="resource.calendar",
        string="Working hours",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        help="In which the hours are counted. Empty: those of the team, else of the company; without any, hours of the "
        "clock.",
    )
    acknowledge_hours = fields.Float(
        string="Acknowledge within",
        help="Working hours in which the customer is told that we have his complaint. Zero: no term.",
    )
    answer_hours = fields.Float(
        string="Answer within",
        help="Working hours in which the customer has a first answer. Rests while we wait for him. Zero: no term.",
    )
    resolution_hours = fields.Float(
        string="Settle within",
        help="Working hours in which the case is closed. Rests while we wait for the customer. Zero: no term.",
    )
    committed_days = fields.Integer(
        string="Answer promised within",
        help="Calendar days in which the customer has an answer whatever happens: as promised in our terms, or asked "
        "by rules of the sector. Never rests. Zero: no term.",
    )
    final_days = fields.Integer(
        string="Escalate after",
        help="Calendar days after which a case that is not closed goes to the management, and the customer is told to "
        "which body for out-of-court settlement he can go. Never rests. Zero: no term.",
    )
    rests_for_supplier = fields.Boolean(
        string="Rest while waiting for the supplier",
        help="Off by default: the customer should not wait longer because our supplier does.",
    )
    note = fields.Text(
        string="Where the terms come from",
        translate=True,
        help="The law asks for an answer as soon as possible and names no number of days: these terms are the policy "
        "of the company, unless this note names a rule.",
    )

    _terms_positive = models.Constraint(
        "CHECK (acknowledge_hours >= 0 AND answer_hours >= 0 AND resolution_hours >= 0"
        " AND committed_days >= 0 AND final_days >= 0)",
        "A term is not negative.",
    )

    @api.model
    def _get_terms_of(self, companies):
        """Return the terms that exist for each of the companies, in the order in which they are tried."""
        # sudo: whose complaint it is decides, not who looks at it
        terms_sudo = self.sudo().search([("company_id", "in", [False, *companies.ids])])
        return {
            company: terms_sudo.filtered(
                lambda term, company=company: term.company_id in (company, term.company_id.browse())
            )
            for company in companies
        }

    def _fits(self, complaint):
        """Tell whether these terms are meant for the complaint."""
        self.ensure_one()
        path = complaint.category_id.parent_path or ""
        return (
            (not self.category_id or f"/{self.category_id.id}/" in f"/{path}")
            and self.severity in (False, complaint.severity)
            and self.customer_kind in (False, complaint.customer_kind)
        )

    def _find(self, complaint):
        """Return the first of these terms that is meant for the complaint."""
        return next((term for term in self if term._fits(complaint)), self.browse())

    def action_apply(self):
        """Count the open complaints anew, after the terms were changed."""
        self.check_access("write")
        Complaint = self.env["commercial.complaint"].sudo()  # a term knows nothing of who may see which complaint
        companies = self.company_id or self.env.companies
        complaints_sudo = Complaint.search([*Complaint._get_open_domain(), ("company_id", "in", companies.ids)])
        complaints_sudo._plan_clocks_anew()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The terms of the open complaints were counted anew."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
