from odoo import fields, models
from odoo.exceptions import RedirectWarning


class MailActivity(models.Model):
    _inherit = "mail.activity"

    dunning_notice_id = fields.Many2one(
        comodel_name="commercial.dunning.notice",
        string="Reminder",
        index="btree_not_null",
        ondelete="cascade",
        groups="commercial_assistant.group_assistant,commercial_assistant.group_collector",
        help="The reminder that this call delivers.",
    )

    def _action_done(self, feedback=False, attachment_ids=None):
        """A call that delivers a reminder is not done before somebody says how it went."""
        for activity_sudo in self.sudo().filtered("dunning_notice_id"):
            notice_sudo = activity_sudo.dunning_notice_id
            if notice_sudo.state == "sending" and notice_sudo.channel == "phone":
                raise RedirectWarning(
                    self.env._("Say how the call went: the reminder counts as delivered only when somebody answered."),
                    self.env.ref("commercial_assistant.dunning_call_action").id,
                    self.env._("Result of the call"),
                    {"default_notice_id": notice_sudo.id},
                )
        return super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
