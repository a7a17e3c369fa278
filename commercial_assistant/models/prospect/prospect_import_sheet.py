from odoo import fields, models


class CommercialProspectImportSheet(models.Model):
    _name = "commercial.prospect.import.sheet"
    _description = "Sheet of a prospect import"
    _order = "import_id, sequence, id"

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
    name = fields.Char(required=True)
    sequence = fields.Integer()
