from odoo import fields, models


class ReceivableRecord(models.AbstractModel):
    """Something that belongs to the account of one customer."""

    _name = "commercial.receivable.record.mixin"
    _description = "Record of a Customer Account"

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company,
    )
    receivable_id = fields.Many2one(
        comodel_name="commercial.receivable",
        string="Customer account",
        required=True,
        readonly=True,
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        related="receivable_id.partner_id",
        store=True,
        string="Customer",
        index=True,
    )

    def action_open_receivable(self):
        self.ensure_one()
        return self.receivable_id._get_records_action()
