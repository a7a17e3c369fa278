from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

KINDS = [
    ("information", "Explanation"),
    ("repair", "Repair"),
    ("replacement", "Replacement"),
    ("return", "Return of the goods"),
    ("credit_full", "Credit of the whole line"),
    ("credit_partial", "Credit of a part"),
    ("price_reduction", "Lower price"),
    ("goodwill", "Gesture of goodwill"),
    ("supplier", "Settlement by the supplier"),
]
STATES = [
    ("draft", "Draft"),
    ("offered", "Offered"),
    ("accepted", "Accepted"),
    ("refused", "Refused"),
    ("in_progress", "Being done"),
    ("done", "Done"),
    ("cancelled", "Cancelled"),
]


class ComplaintSolution(models.Model):
    """One thing we do about one line of a complaint, with the document of Odoo in which it is done."""

    _name = "commercial.complaint.solution"
    _description = "Solution of a Complaint"
    _order = "complaint_id, sequence, id"
    _check_company_auto = True

    complaint_id = fields.Many2one(
        comodel_name="commercial.complaint",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="complaint_id.company_id", store=True, index=True)
    is_confidential = fields.Boolean(related="complaint_id.is_confidential", store=True)
    complaint_state = fields.Selection(related="complaint_id.state", string="State of the complaint")
    sequence = fields.Integer(default=10)
    line_id = fields.Many2one(
        comodel_name="commercial.complaint.line",
        string="Line",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('complaint_id', '=', complaint_id)]",
        help="Empty: the complaint as a whole.",
    )
    product_id = fields.Many2one(related="line_id.product_id")
    kind = fields.Selection(selection=KINDS, required=True, default="information")
    quantity = fields.Float(digits="Product Unit")
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(help="What it gives the customer, without VAT, in the currency of the company.")
    description = fields.Text(
        string="For the customer",
        help="Stands in the proposal, in the language of the customer.",
    )
    state = fields.Selection(selection=STATES, required=True, readonly=True, copy=False, default="draft", index=True)
    cancel_reason = fields.Char(readonly=True, copy=False)
    res_model = fields.Char(string="Kind of document", readonly=True, copy=False)
    res_id = fields.Many2oneReference(string="Document", model_field="res_model", readonly=True, copy=False, index=True)
    done_on = fields.Datetime(readonly=True, copy=False)

    # --- CRUD ---

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(vals.get("state", "draft") != "draft" for vals in vals_list):
            raise AccessError(self.env._("The state of a solution follows the buttons."))
        solutions = super().create(vals_list)
        solutions.complaint_id._check_open()
        return solutions

    def write(self, vals):
        if not self.env.su and not {"state", "cancel_reason", "res_model", "res_id", "done_on"}.isdisjoint(vals):
            raise AccessError(self.env._("The state of a solution follows the buttons."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_offered(self):
        if any(solution.state != "draft" for solution in self):
            raise UserError(self.env._("What was offered to the customer is cancelled, not deleted."))
