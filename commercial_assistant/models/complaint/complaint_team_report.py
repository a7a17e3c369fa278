from odoo import api, fields, models

from ...tools.complaint_figures import previous_month

REPORT = "commercial_assistant.action_report_complaint_month"


class ComplaintTeam(models.Model):
    _inherit = "commercial.complaint.team"

    @api.model
    def _cron_mail_month(self):
        """Mail the report of the last month to leaders who want it: once, also when the first day was missed."""
        teams = self.search([("mails_monthly_report", "=", True), ("user_id", "!=", False)])
        self.env["ir.cron"]._commit_progress(remaining=len(teams))
        for team in teams:
            team._mail_month(previous_month(fields.Date.context_today(team)))
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _get_month_key(self, month):
        return f"{self._name},{self.id},month,{month:%Y-%m}"

    def _mail_month(self, month):
        """Put the report of a month into the queue of outgoing letters; a report is made once.

        :param month: first day of the month
        :return: the dispatch, empty when there is nothing to do
        """
        self.ensure_one()
        dispatch_sudo = self.env["commercial.dispatch"].sudo()
        key = self._get_month_key(month)
        lead = self.user_id
        known = dispatch_sudo.search_count([("key", "=", key), ("state", "!=", "cancelled")], limit=1)
        if known or not (lead.active and lead.has_group("commercial_assistant.group_assistant")):
            return dispatch_sudo
        # as the leader would count it himself
        lang = lead.lang or self.env.lang
        own = self.with_user(lead).with_company(self.company_id).with_context(lang=lang)
        wizard = own.env["commercial.complaint.month"].create(
            {"company_id": self.company_id.id, "month": month, "team_id": self.id}
        )
        content, kind = own.env["ir.actions.report"]._render_qweb_pdf(REPORT, wizard.ids)
        attachment_sudo = (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": f"{wizard.display_name}.{kind}",
                    "raw": content,
                    "res_model": self._name,
                    "res_id": self.id,
                    "mimetype": "application/pdf" if kind == "pdf" else "text/html",
                }
            )
        )
        [dispatch_sudo] = dispatch_sudo._reserve([own._prepare_month_vals(key, month, attachment_sudo)])
        dispatch_sudo._trigger_send()
        return dispatch_sudo

    def _prepare_month_vals(self, key, month, attachment):
        """Return the mail, in the language of the leader."""
        self.ensure_one()
        lead = self.env.user
        label = self.env._("Complaints %(month)s", month=f"{month:%Y-%m}")
        body = self.env["ir.qweb"]._render(
            "commercial_assistant.mail_complaint_month",
            {
                "mail": {
                    "paragraphs": [
                        self.env._("Enclosed is the report of complaints of team “%(team)s”.", team=self.name),
                        self.env._("It was counted with what you may see; please do not pass it on unread."),
                    ]
                }
            },
        )
        return {
            "company_id": self.company_id.id,
            "partner_id": lead.partner_id.id,
            "res_model": self._name,
            "res_id": self.id,
            "key": key,
            "lang": self.env.lang,
            "channel": "email",
            "subject": f"{label} – {self.name}",
            "body": body,
            "attachment_id": attachment.id,
        }
