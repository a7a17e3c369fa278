from odoo import api, fields, models


class CommercialDispatch(models.Model):
    _inherit = "commercial.dispatch"

    is_confidential = fields.Boolean(
        string="Confidential",
        readonly=True,
        copy=False,
        help="About a confidential complaint: seen by the group of these only.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            model = vals.get("res_model")
            if model in self.env and "is_confidential" in self.env[model]._fields:
                # whether the letter is confidential may be known to whoever writes it
                document_sudo = self.env[model].sudo().browse(vals.get("res_id")).exists()
                vals["is_confidential"] = bool(document_sudo and document_sudo.is_confidential)
        return super().create(vals_list)
