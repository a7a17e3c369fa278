from odoo import api, models
from odoo.exceptions import UserError


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def _check_dossiers(self):
        """The file of a hand-over stays as it was made."""
        # the hand-over may belong to a company the user does not see
        dossier_sudo = (
            self.env["commercial.collection.dossier"].sudo().search([("attachment_id", "in", self.ids)], limit=1)
        )
        if dossier_sudo:
            raise UserError(self.env._("This file is kept as version %(name)s of a hand-over.", name=dossier_sudo.name))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_dossiers(self):
        self._check_dossiers()

    def write(self, vals):
        if {"raw", "datas", "db_datas", "store_fname", "url", "mimetype", "res_model", "res_id"} & vals.keys():
            self._check_dossiers()
        return super().write(vals)
