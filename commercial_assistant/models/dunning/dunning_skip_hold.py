from odoo import fields, models

from .receivable_hold import HOLD_KINDS


class DunningSkip(models.Model):
    _inherit = "commercial.dunning.skip"

    hold_kind = fields.Selection(
        selection=HOLD_KINDS,
        string="Kind of stop",
        readonly=True,
        help="Why the customer got no reminders at all on the day of the run.",
    )
