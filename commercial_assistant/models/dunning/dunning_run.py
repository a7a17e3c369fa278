from odoo import fields, models


class DunningRun(models.Model):
    """One pass over the open items: propose letters, approve them, send them."""

    _name = "commercial.dunning.run"
    _description = "Reminder Run"
    _inherit = ["mail.thread"]
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True, readonly=True, copy=False, default="/")
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    date = fields.Date(
        required=True,
        copy=False,
        default=fields.Date.context_today,
        help="The letters are decided and dated as of this day.",
    )
    mode = fields.Selection(
        selection=[("real", "Real"), ("dry", "Dry run")],
        required=True,
        default="real",
        help="A dry run decides exactly like a real one, but its letters can never be sent.",
    )
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("proposing", "Proposing"),
            ("proposed", "Proposed"),
            ("approved", "Approved"),
            ("sending", "Sending"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        copy=False,
        default="draft",
        tracking=True,
    )
    notice_ids = fields.One2many(
        comodel_name="commercial.dunning.notice",
        inverse_name="run_id",
        string="Notices",
    )
