from odoo import fields, models


class CommercialCheckMoment(models.Model):
    """When something is checked: before a quotation leaves, before an order is confirmed, and so on."""

    _name = "commercial.check.moment"
    _description = "Moment of a Check"
    _order = "sequence, id"

    code = fields.Char(
        required=True,
        readonly=True,
    )
    name = fields.Char(
        required=True,
        translate=True,
    )
    sequence = fields.Integer(default=10)

    _code_unique = models.UniqueIndex("(code)", "There is a moment with this code already.")
