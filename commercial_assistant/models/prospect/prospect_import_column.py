from odoo import api, fields, models

from ...tools.spreadsheet import column_letters


class CommercialProspectImportColumn(models.Model):
    _name = "commercial.prospect.import.column"
    _description = "Column of a prospect import"
    _order = "import_id, number, id"

    import_id = fields.Many2one(
        comodel_name="commercial.prospect.import",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="import_id.company_id",
        store=True,
        index=True,
    )
    number = fields.Integer(
        required=True,
        readonly=True,
        aggregator=None,
        help="Place of the column in the sheet, from 1.",
    )
    letter = fields.Char(
        string="Column",
        compute="_compute_letter",
    )
    header = fields.Char(
        readonly=True,
    )
    sample = fields.Char(
        string="First values",
        readonly=True,
    )
    value_count = fields.Integer(
        string="Filled cells",
        readonly=True,
        aggregator=None,
    )
    target = fields.Selection(
        selection="_selection_target",
        string="Goes to",
        required=True,
        default="ignore",
    )
    is_certain = fields.Boolean(
        string="Recognised",
        readonly=True,
        help="The header names this field. Else the proposal comes from the look of the values: please check it.",
    )

    _number_uniq = models.Constraint("UNIQUE (import_id, number)", "A column can be read only once.")

    @api.depends("number")
    def _compute_letter(self):
        for column in self:
            column.letter = column_letters(column.number)

    @api.depends("letter", "header")
    def _compute_display_name(self):
        for column in self:
            column.display_name = f"{column.letter} · {column.header}" if column.header else column.letter

    def write(self, vals):
        result = super().write(vals)
        if "target" in vals:
            self.import_id.filtered(lambda record: record.state == "matched").needs_check = True
        return result

    @api.model
    def _selection_target(self):
        """What a column can fill: the targets of `tools.prospect_headers`, in the order of a card."""
        return [
            ("company_name", self.env._("Company name")),
            ("contact_name", self.env._("Contact: full name")),
            ("first_name", self.env._("Contact: first name")),
            ("last_name", self.env._("Contact: surname")),
            ("function", self.env._("Job position")),
            ("street", self.env._("Street")),
            ("house_number", self.env._("House number")),
            ("street2", self.env._("Box, second address line")),
            ("zip", self.env._("Postcode")),
            ("city", self.env._("Town")),
            ("country", self.env._("Country")),
            ("email", self.env._("Email")),
            ("phone", self.env._("Telephone")),
            ("mobile", self.env._("Mobile telephone")),
            ("website", self.env._("Website")),
            ("enterprise_number", self.env._("Enterprise number")),
            ("vat", self.env._("VAT number")),
            ("language", self.env._("Language")),
            ("tags", self.env._("Tags")),
            ("consent", self.env._("Consent to marketing (yes/no)")),
            ("met_on", self.env._("Date met")),
            ("notes", self.env._("Notes")),
            ("ignore", self.env._("Do not read")),
        ]
