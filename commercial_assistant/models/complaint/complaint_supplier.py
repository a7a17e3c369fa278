from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class Complaint(models.Model):
    _inherit = "commercial.complaint"

    # What suppliers and carriers have to answer for.

    claim_line_ids = fields.One2many(
        comodel_name="commercial.supplier.claim.line", inverse_name="complaint_id", string="Lines of claims"
    )
    claim_ids = fields.Many2many(
        comodel_name="commercial.supplier.claim",
        string="Claims on suppliers",
        compute="_compute_claims",
    )
    claim_count = fields.Integer(string="Number of claims", compute="_compute_claims")

    @api.depends("claim_line_ids.claim_id", "claim_line_ids.state")
    def _compute_claims(self):
        for complaint in self:
            lines = complaint.claim_line_ids.filtered(lambda line: line.state != "cancelled")
            complaint.claim_ids = lines.claim_id
            complaint.claim_count = len(lines.claim_id)

    def action_view_claims(self):
        self.ensure_one()
        return self.claim_ids._get_records_action(name=self.env._("Claims on suppliers"))

    def action_ask_supplier(self):
        """Draft a claim for each supplier of the goods; lines that stand in a claim already are left alone."""
        self.ensure_one()
        self._check_may_work()
        self.check_access("write")
        self._check_open()
        party = self._get_claimed_party()
        lines = (
            self.line_ids.filtered("product_id")
            - self.claim_line_ids.filtered(
                lambda line: line.state != "cancelled" and line.claim_id.party == party
            ).complaint_line_id
        )
        if not lines:
            if self.claim_ids:
                return self.action_view_claims()
            raise UserError(self.env._("There is no line with a product to claim from a supplier."))
        suppliers = lines._find_suppliers() if party == "supplier" else {}
        if not suppliers:
            # nobody knows whom to ask: a person chooses
            return self._open_new_claim(party, lines)
        claims = self.env["commercial.supplier.claim"]
        for supplier in dict.fromkeys(suppliers.values()):
            own = lines.filtered(lambda line, supplier=supplier: suppliers.get(line) == supplier)
            claims |= claims.create(self._prepare_claim_vals(party, supplier, own))
        if unknown := lines.filtered(lambda line: line not in suppliers):
            self._message_log(
                body=self.env._(
                    "No supplier is known for %(products)s: make that claim by hand.",
                    products=unknown.product_id.mapped("display_name"),
                )
            )
        return claims._get_records_action(name=self.env._("Claims on suppliers"))

    def _get_claimed_party(self):
        """Return whom the causes point to; as long as no cause is known it is the supplier."""
        self.ensure_one()
        responsible = set(self.cause_ids.mapped("responsibility"))
        if responsible and not responsible & {"supplier", "carrier"}:
            raise UserError(
                self.env._(
                    "The cause lies with neither supplier nor carrier, so there is nobody to claim from. "
                    "Change the cause first."
                )
            )
        return "carrier" if "carrier" in responsible and "supplier" not in responsible else "supplier"

    def _prepare_claim_vals(self, party, supplier, lines):
        self.ensure_one()
        currency = lines._get_claim_currency(supplier)
        return {
            "company_id": self.company_id.id,
            "party": party,
            "partner_id": supplier.id,
            "currency_id": currency.id,
            "user_id": (self.user_id or self.env.user).id,
            "line_ids": [Command.create(line._prepare_claim_line_vals(currency)) for line in lines],
        }

    def _open_new_claim(self, party, lines):
        self.ensure_one()
        currency = self.company_id.currency_id
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New claim"),
            "res_model": "commercial.supplier.claim",
            "view_mode": "form",
            "views": [(False, "form")],
            "context": {
                "default_party": party,
                "default_company_id": self.company_id.id,
                "default_currency_id": currency.id,
                "default_line_ids": [Command.create(line._prepare_claim_line_vals(currency)) for line in lines],
            },
        }
