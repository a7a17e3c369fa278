from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    dunning_active = fields.Boolean(related="company_id.dunning_active", readonly=False)
    dunning_auto_propose = fields.Boolean(related="company_id.dunning_auto_propose", readonly=False)
    dunning_auto_send = fields.Boolean(related="company_id.dunning_auto_send", readonly=False)
    dunning_bank_id = fields.Many2one(
        related="company_id.dunning_bank_id",
        readonly=False,
        domain="[('partner_id', '=', dunning_company_partner_id)]",
    )
    dunning_company_partner_id = fields.Many2one(related="company_id.partner_id")
    dunning_contact_id = fields.Many2one(related="company_id.dunning_contact_id", readonly=False)
    dunning_seat_language = fields.Selection(related="company_id.dunning_seat_language", readonly=False)
    dunning_chunk_size = fields.Integer(related="company_id.dunning_chunk_size", readonly=False)
    dunning_send_batch = fields.Integer(related="company_id.dunning_send_batch", readonly=False)

    dunning_has_followup = fields.Boolean(related="company_id.dunning_has_followup")
    dunning_beside_followup = fields.Boolean(related="company_id.dunning_beside_followup", readonly=False)
    dunning_health = fields.Char(related="company_id.dunning_health")
    dunning_is_late = fields.Boolean(related="company_id.dunning_is_late")

    def action_repair_dunning_jobs(self):
        return self.company_id.action_repair_dunning_jobs()

    def action_load_dunning_policies(self):
        return self.company_id.action_load_dunning_policies()
