from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

GROUP = "commercial_assistant.group_complaint_confidential"


class Complaint(models.Model):
    """Confidential cases: whoever is not in their group hears nothing of them, on no way."""

    _inherit = "commercial.complaint"

    # --- CRUD ---

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_may_choose_category(vals)
        complaints = super().create(vals_list)
        complaints.sudo().filtered("is_confidential")._shut_out()
        return complaints

    def write(self, vals):
        self._check_may_choose_category(vals)
        open_before = self.sudo().filtered(lambda complaint: not complaint.is_confidential)
        secret_before = self.sudo() - open_before
        result = super().write(vals)
        if {"is_confidential", "category_id", "user_id"} & vals.keys():
            open_before.filtered("is_confidential")._shut_out()
            for complaint_sudo in secret_before.filtered(lambda complaint: not complaint.is_confidential):
                complaint_sudo._mark_letters(False)
        return result

    def _check_may_choose_category(self, vals):
        """Say what to do, before the person would lose sight of what he is writing."""
        if self.env.su or not vals.get("category_id") or self.env.user.has_group(GROUP):
            return
        category = self.env["commercial.complaint.category"].browse(vals["category_id"])
        if category._get_inherited("is_confidential"):
            raise AccessError(
                self.env._(
                    "Complaints about “%(category)s” are confidential. Leave the category empty and press "
                    "“Make confidential”: the people of that group go on with it.",
                    category=category.complete_name,
                )
            )

    def action_make_confidential(self):
        """Give the case to the confidential group, also when one does not belong to it."""
        self.ensure_one()
        self._check_may_work()
        self.check_access("write")
        self._check_open()
        self.sudo().is_confidential = True  # afterwards the person may not see it any more
        return {
            **self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.complaint_action"),
            "target": "main",
        }

    # --- WHO IS SHUT OUT ---

    def _get_outsiders(self, users):
        """Return those of some users who may not know of this case; customers see their own one."""
        self.ensure_one()
        return users.sudo().filtered(lambda user: user._is_internal() and not self._may_be_seen_by(user))

    def _get_outside_partners(self, partners):
        """Return the partners that belong to colleagues who may not know of this case."""
        self.ensure_one()
        return partners.sudo().filtered(lambda partner: partner.user_ids and self._get_outsiders(partner.user_ids))

    def _shut_out(self):
        """The case became confidential: nobody outside the group follows it, has tasks in it or is responsible."""
        # runs for the case, whoever made it confidential
        for complaint_sudo in self.sudo():
            outsiders = complaint_sudo._get_outside_partners(complaint_sudo.message_partner_ids)
            complaint_sudo.message_unsubscribe(outsiders.ids)
            complaint_sudo._withdraw_notifications()
            manager = complaint_sudo._get_managers()[complaint_sudo]["1"]
            if complaint_sudo._get_outsiders(complaint_sudo.user_id):
                complaint_sudo.user_id = manager
            for activity in complaint_sudo.activity_ids:
                if complaint_sudo._get_outsiders(activity.user_id):
                    if manager:
                        activity.user_id = manager
                    else:
                        activity.unlink()
            for escalation in complaint_sudo.escalation_ids:
                if complaint_sudo._get_outsiders(escalation.user_id):
                    escalation.user_id = manager
            complaint_sudo._mark_letters(True)

    def _withdraw_notifications(self):
        """Messages that lie in somebody's inbox are taken back."""
        self.ensure_one()
        notifications = self.env["mail.notification"].search([("mail_message_id", "in", self.message_ids.ids)])
        outsiders = self._get_outside_partners(notifications.res_partner_id | self.message_ids.partner_ids)
        notifications.filtered(lambda notification: notification.res_partner_id in outsiders).unlink()
        for message in self.message_ids.filtered(lambda message: message.partner_ids & outsiders):
            message.partner_ids -= outsiders

    def _mark_letters(self, is_confidential):
        """Letters and ratings follow the case and what belongs to it."""
        self.ensure_one()
        domain = Domain("res_model", "=", self._name) & Domain("res_id", "=", self.id)
        for model in self.env.registry.values():
            field = model._fields.get("complaint_id")
            if field and field.store and not model._transient and "is_confidential" in model._fields:
                parts = self.env[model._name].search([("complaint_id", "=", self.id)])
                domain |= Domain("res_model", "=", model._name) & Domain("res_id", "in", parts.ids)
        self.env["commercial.dispatch"].search(domain).write({"is_confidential": is_confidential})
        ratings = self.env["rating.rating"].search(domain)
        if is_confidential:
            ratings.write({"is_confidential": True, "parent_res_id": False})
        else:
            # the rating counts for the team from here on
            ratings.write({"is_confidential": False, "parent_res_id": self.team_id.id})

    # --- MESSAGES ---

    def _message_subscribe(self, partner_ids=None, subtype_ids=None, customer_ids=None):
        """Nobody outside the group follows a confidential case, however he was added."""
        secret = self.sudo().filtered("is_confidential")
        for complaint_sudo in secret:
            partners = self.env["res.partner"].browse(partner_ids or [])
            allowed = partners.sudo() - complaint_sudo._get_outside_partners(partners)
            if allowed:
                super(Complaint, complaint_sudo.sudo(self.env.su))._message_subscribe(
                    allowed.ids, subtype_ids, customer_ids
                )
        rest = self - secret.sudo(self.env.su)
        if rest:
            return super(Complaint, rest)._message_subscribe(partner_ids, subtype_ids, customer_ids)
        return True

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """A mention tells nobody outside the group about a confidential case."""
        recipients = super()._notify_get_recipients(message, msg_vals=msg_vals, **kwargs)
        if not self or not self.sudo().is_confidential:
            return recipients
        partners = self.env["res.partner"].browse([data["id"] for data in recipients if data["id"]])
        outside = set(self._get_outside_partners(partners).ids)
        return [data for data in recipients if data["id"] not in outside]
