from odoo import api, models


class IrModuleModule(models.Model):
    _inherit = "ir.module.module"

    @api.model
    def _load_module_terms(self, modules, langs, overwrite=False):
        """Levels of companies get the texts of the standard ones, also in a language whose terms come later."""
        result = super()._load_module_terms(modules, langs, overwrite=overwrite)
        if "commercial_assistant" in modules:
            policies_sudo = self.env["commercial.dunning.policy"].sudo().with_context(active_test=False)
            policies_sudo.search([("company_id", "!=", False)])._copy_texts_of_standard()
        return result
