from odoo import api, fields, models


class CommercialProspectImportCandidate(models.Model):
    _name = "commercial.prospect.import.candidate"
    _description = "Possible duplicate of an imported prospect"
    _order = "row_id, score desc, id"
    _check_company_auto = True

    row_id = fields.Many2one(
        comodel_name="commercial.prospect.import.row",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="row_id.company_id",
        store=True,
        index=True,
    )
    kind = fields.Selection(
        selection=[
            ("partner", "Customer or contact"),
            ("lead", "Lead"),
            ("row", "Other row of the file"),
        ],
        required=True,
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Contact",
        check_company=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    lead_id = fields.Many2one(
        comodel_name="crm.lead",
        check_company=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    other_row_id = fields.Many2one(
        comodel_name="commercial.prospect.import.row",
        index="btree_not_null",
        ondelete="cascade",
    )
    reason = fields.Selection(
        selection=[
            ("imported", "This row was imported before"),
            ("number", "Same enterprise or VAT number"),
            ("email", "Same email address"),
            ("content", "Same content"),
        ],
        required=True,
    )
    score = fields.Integer(
        aggregator=None,
        help="100 = certainly the same.",
    )
    record_name = fields.Char(
        string="Record",
        compute="_compute_record_name",
    )

    @api.depends("partner_id", "lead_id", "other_row_id")
    def _compute_record_name(self):
        for candidate in self:
            record = candidate.partner_id or candidate.lead_id or candidate.other_row_id
            candidate.record_name = record.display_name

    @api.depends("record_name", "reason")
    @api.depends_context("lang")
    def _compute_display_name(self):
        reasons = dict(self._fields["reason"]._description_selection(self.env))
        for candidate in self:
            candidate.display_name = f"{candidate.record_name} ({reasons[candidate.reason]})"

    def action_open_record(self):
        """Show the card this row may be a duplicate of."""
        self.ensure_one()
        return (self.partner_id or self.lead_id or self.other_row_id).get_formview_action()
