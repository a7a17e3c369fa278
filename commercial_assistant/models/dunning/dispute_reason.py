from odoo import api, fields, models
from odoo.exceptions import ValidationError

# who looks into a dispute when nobody was named
OWNER_RULES = [
    ("registrar", "Whoever registers it"),
    ("responsible", "Responsible for the customer"),
    ("salesperson", "Salesperson of the invoice"),
    ("user", "One person"),
]


class DisputeReason(models.Model):
    """Why a customer does not agree with an invoice, who finds out, and within how many days."""

    _name = "commercial.dispute.reason"
    _description = "Reason of a Dispute"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True, copy=False, help="Fixed name of the reason for the portal, for imports and for other programs."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    owner_rule = fields.Selection(
        selection=OWNER_RULES,
        string="Looked into by",
        required=True,
        default="responsible",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Person",
        domain=[("share", "=", False)],
    )
    sla_days = fields.Integer(
        string="Answer within",
        default=10,
        required=True,
        aggregator=None,
        help="Working days in which the customer gets an answer.",
    )
    hint = fields.Text(translate=True, help="What to look at; shown to whoever looks into the dispute.")
    is_portal = fields.Boolean(
        string="Offered to customers", default=True, help="Customers can choose this reason in the portal."
    )

    _unique_code = models.UniqueIndex("(code)", "This code is used by another reason.")
    _sla_positive = models.Constraint("CHECK (sla_days > 0)", "An answer takes at least one working day.")

    @api.constrains("owner_rule", "user_id")
    def _check_user(self):
        for reason in self:
            if reason.owner_rule == "user" and not reason.user_id:
                raise ValidationError(
                    self.env._("Name the person who looks into disputes of the kind “%(reason)s”.", reason=reason.name)
                )

    def _find_owner(self, receivable, moves):
        """Return who looks into a dispute of this kind; the registrar when the rule finds nobody at work.

        :param receivable: the customer account
        :param moves: the disputed invoices
        """
        self.ensure_one()
        candidates = {
            "responsible": receivable.user_id,
            "salesperson": moves.invoice_user_id[:1],
            "user": self.user_id,
        }.get(self.owner_rule, self.env["res.users"])
        registrar = self.env.user if not self.env.user.share else self.env["res.users"]
        for user in (candidates, registrar, receivable.user_id):
            if user.active and not user.share and receivable.company_id in user.company_ids:
                return user
        return self.env["res.users"]
