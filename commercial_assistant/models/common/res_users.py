from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResUsers(models.Model):
    _inherit = "res.users"

    substitute_id = fields.Many2one(
        comodel_name="res.users",
        domain=[("share", "=", False)],
        help="Decides in this user's place while they are out of office.",
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return super().SELF_READABLE_FIELDS + ["substitute_id"]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return super().SELF_WRITEABLE_FIELDS + ["substitute_id"]

    @api.constrains("substitute_id")
    def _check_substitute(self):
        for user in self.filtered("substitute_id"):
            if user.substitute_id == user or user.substitute_id.share:
                raise ValidationError(
                    self.env._("The substitute of %(user)s must be another internal user.", user=user.name)
                )
