from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    dunning_charge_booking = fields.Selection(
        related="company_id.dunning_charge_booking", readonly=False, required=True
    )
    dunning_charge_journal_id = fields.Many2one(related="company_id.dunning_charge_journal_id", readonly=False)
    dunning_charge_sale_journal_id = fields.Many2one(
        related="company_id.dunning_charge_sale_journal_id", readonly=False
    )
    dunning_charge_post_invoices = fields.Boolean(related="company_id.dunning_charge_post_invoices", readonly=False)
    dunning_interest_account_id = fields.Many2one(related="company_id.dunning_interest_account_id", readonly=False)
    dunning_indemnity_account_id = fields.Many2one(related="company_id.dunning_indemnity_account_id", readonly=False)
    dunning_fixed_account_id = fields.Many2one(related="company_id.dunning_fixed_account_id", readonly=False)
    dunning_cost_account_id = fields.Many2one(related="company_id.dunning_cost_account_id", readonly=False)
    dunning_interest_product_id = fields.Many2one(related="company_id.dunning_interest_product_id", readonly=False)
    dunning_indemnity_product_id = fields.Many2one(related="company_id.dunning_indemnity_product_id", readonly=False)
    dunning_fixed_product_id = fields.Many2one(related="company_id.dunning_fixed_product_id", readonly=False)
    dunning_cost_product_id = fields.Many2one(related="company_id.dunning_cost_product_id", readonly=False)
    dunning_charge_warning = fields.Char(compute="_compute_dunning_charge_warning")

    @api.depends("company_id", "dunning_charge_booking")
    def _compute_dunning_charge_warning(self):
        for settings in self:
            settings.dunning_charge_warning = settings.company_id._get_charge_warning(settings.dunning_charge_booking)

    def action_prepare_charge_booking(self):
        return self.company_id.action_prepare_charge_booking()
