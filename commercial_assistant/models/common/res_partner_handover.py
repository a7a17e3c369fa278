from odoo import models


class ResPartner(models.Model):
    """The hand-over of a customer's file to another salesperson."""

    _name = "res.partner"
    _inherit = ["res.partner", "commercial.checklist.mixin"]

    def action_handover(self):
        """Begin the hand-over of this customer's file."""
        self.ensure_one()
        action = self._get_start_checklist_action("customer_handover")
        action["name"] = self.env._("Hand Over File")
        return action

    def _get_checklist_partner(self):
        self.ensure_one()
        return self.commercial_partner_id

    def _checklist_completed(self, checklist):
        if checklist.purpose == "customer_handover" and checklist.successor_id:
            self._hand_over(checklist.successor_id, checklist)
        return super()._checklist_completed(checklist)

    def _hand_over(self, user, checklist):
        """Give the customer, its contacts and what is planned there to `user`."""
        self.ensure_one()
        previous = self.user_id
        contacts = self.child_ids.filtered(lambda child: child.user_id == previous)
        (self | contacts).write({"user_id": user.id})
        activities = (self | contacts).activity_ids.filtered(lambda activity: previous and activity.user_id == previous)
        if activities:
            activities.write({"user_id": user.id})
        self.message_post(
            body=self.env._(
                "The file was handed over from %(previous)s to %(user)s (%(checklist)s).",
                previous=previous.name or "-",
                user=user.name,
                checklist=checklist.name,
            ),
            subtype_xmlid="mail.mt_note",
        )
