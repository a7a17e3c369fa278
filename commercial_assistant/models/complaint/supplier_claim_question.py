from odoo import fields, models


class SupplierClaimQuestion(models.Model):
    """What was asked and answered outside of the letters: on the phone, during a visit."""

    _name = "commercial.supplier.claim.question"
    _description = "Question to a Supplier"
    _order = "date desc, id desc"
    _rec_name = "question"
    _check_company_auto = True

    claim_id = fields.Many2one(comodel_name="commercial.supplier.claim", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="claim_id.company_id", store=True, index=True)
    is_confidential = fields.Boolean(related="claim_id.is_confidential", store=True)
    date = fields.Date(required=True, default=fields.Date.context_today)
    channel = fields.Selection(
        selection=[
            ("phone", "Phone"),
            ("email", "E-mail"),
            ("letter", "Letter"),
            ("portal", "Portal of the supplier"),
            ("visit", "Visit"),
            ("other", "Another way"),
        ],
        required=True,
        default="phone",
    )
    question = fields.Text(required=True)
    answer = fields.Text()
    answered_by = fields.Char(help="Name of the person at the supplier.")
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Asked by",
        index="btree_not_null",
        check_company=True,
        default=lambda self: self.env.user,
    )
