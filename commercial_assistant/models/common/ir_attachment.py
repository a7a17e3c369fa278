from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def _check_letters(self):
        """The file of a letter that is on its way or has left stays as it is."""
        domain = Domain("state", "!=", "reserved") & (
            Domain("attachment_id", "in", self.ids) | Domain("attachment_ids", "in", self.ids)
        )
        # the letter may belong to a company the user does not see
        letter_sudo = self.env["commercial.dispatch"].sudo().search(domain, limit=1)
        if letter_sudo:
            raise UserError(self.env._("This file is kept as it was sent with letter %(name)s.", name=letter_sudo.name))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_letters(self):
        self._check_letters()

    def write(self, vals):
        if {"raw", "datas", "db_datas", "store_fname", "url", "mimetype"} & vals.keys():
            self._check_letters()
        return super().write(vals)
