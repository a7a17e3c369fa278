from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    complaint_quarantine_id = fields.Many2one(
        comodel_name="stock.location",
        string="Place for returned goods",
        domain="[('usage', '=', 'internal'), ('company_id', '=', id), ('warehouse_id', '=', False)]",
        ondelete="restrict",
        help="Where goods that come back wait for their inspection. It lies outside every warehouse, so that nobody "
        "sells them meanwhile.",
    )
    complaint_credit_posting = fields.Selection(
        selection=[
            ("draft", "Draft: an accountant checks and posts them"),
            ("post", "Posted at once"),
        ],
        string="Credit notes of complaints",
        required=True,
        default="draft",
    )

    def _get_complaint_quarantine(self):
        """The place where returned goods of this company wait; made when it is needed first."""
        self.ensure_one()
        # sudo: whoever settles a complaint need not be allowed to set up the warehouse
        company_sudo = self.sudo()
        if not company_sudo.complaint_quarantine_id:
            company_sudo.complaint_quarantine_id = company_sudo._create_complaint_quarantine()
        return company_sudo.complaint_quarantine_id.sudo(self.env.su)

    def _create_complaint_quarantine(self):
        """A place below a parent of the company itself: below a warehouse, its goods would count as free."""
        self.ensure_one()
        company = self.with_context(lang=self.partner_id.lang or self.env.lang)
        Location = self.env["stock.location"]
        parent = Location.create(
            {"name": company.env._("Complaints"), "usage": "view", "company_id": self.id, "location_id": False}
        )
        return Location.create(
            {
                "name": company.env._("Returned goods to inspect"),
                "usage": "internal",
                "company_id": self.id,
                "location_id": parent.id,
            }
        )
