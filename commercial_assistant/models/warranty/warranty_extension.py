from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError


class WarrantyExtension(models.Model):
    """Why a cover lasts longer than its term: days in which it did not run, or months that were added."""

    _name = "commercial.warranty.extension"
    _description = "Suspension or Extension of a Warranty"
    _order = "date_from, id"
    _check_company_auto = True

    warranty_id = fields.Many2one(
        comodel_name="commercial.warranty",
        required=True,
        readonly=True,
        index=True,
        check_company=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", related="warranty_id.company_id", store=True, precompute=True, index=True
    )
    kind = fields.Selection(
        selection=[
            ("suspension", "Suspension"),
            ("repair", "Extension by a repair"),
            ("goodwill", "Extension by decision"),
        ],
        required=True,
        readonly=True,
    )
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(
        string="Until",
        readonly=True,
        help="The day the goods came back; the term runs again from that day on. Empty: it still goes on.",
    )
    days = fields.Integer(compute="_compute_days", aggregator=None)
    months = fields.Integer(readonly=True, aggregator=None)
    reason = fields.Char(required=True, readonly=True)
    source = fields.Char(readonly=True, help="The document behind it, once for each cover.")

    _once_for_source = models.UniqueIndex(
        "(warranty_id, kind, source) WHERE source IS NOT NULL", "This was counted already."
    )
    _one_repair = models.UniqueIndex(
        "(warranty_id) WHERE kind = 'repair'", "A repair extends the cover once, whatever is repaired later."
    )
    _period_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)", "The last day lies before the first one."
    )
    _months_not_negative = models.Constraint("CHECK (COALESCE(months, 0) >= 0)", "Months are not negative.")
    _open = models.Index("(warranty_id) WHERE kind = 'suspension' AND date_to IS NULL")

    @api.depends("kind", "date_from", "date_to")
    def _compute_days(self):
        for extension in self:
            is_over = extension.kind == "suspension" and extension.date_to
            extension.days = (extension.date_to - extension.date_from).days if is_over else 0

    @api.constrains("kind", "months", "date_to")
    def _check_content(self):
        for extension in self:
            if extension.kind == "goodwill" and extension.months <= 0:
                raise ValidationError(self.env._("Enter how many months are added."))
            if extension.kind == "suspension" and extension.months:
                raise ValidationError(self.env._("A suspension counts days, not months."))

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("The cover of goods follows its buttons: a reason is needed for each change."))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            raise AccessError(self.env._("The cover of goods follows its buttons: a reason is needed for each change."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_never(self):
        raise UserError(self.env._("What was counted stays in the file."))

    def _is_open(self):
        self.ensure_one()
        return self.kind == "suspension" and not self.date_to
