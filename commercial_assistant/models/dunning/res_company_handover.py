from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    handover_collector_id = fields.Many2one(
        comodel_name="res.partner",
        string="Usual collector",
        ondelete="set null",
        help="Proposed when a claim is handed over for collection.",
    )
    handover_mail_limit = fields.Integer(
        string="Largest file by mail (MB)",
        default=10,
        help="A larger file is downloaded and delivered by hand or on the portal of the collector.",
    )

    _handover_mail_limit_positive = models.Constraint(
        "CHECK (handover_mail_limit > 0)", "A file by mail may have at least 1 MB."
    )
