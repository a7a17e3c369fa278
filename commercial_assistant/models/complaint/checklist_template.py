from odoo import api, models


class CommercialChecklistTemplate(models.Model):
    _inherit = "commercial.checklist.template"

    @api.model
    def _selection_purpose(self):
        # a dict: the strings of a list of pairs would be taken for terms to translate
        purposes = {"complaint": self.env._("Control procedure of a complaint")}
        return [*super()._selection_purpose(), *purposes.items()]
