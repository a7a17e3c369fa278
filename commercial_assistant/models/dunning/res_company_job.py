from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import format_date

FOLLOWUP_MODULE = "account_followup"
FOLLOWUP_MODEL = "account_followup.followup.line"
JOBS = (
    "ir_cron_dunning_propose",
    "ir_cron_dunning_send",
    "ir_cron_dunning_print",
    "ir_cron_dispatch_send",
    "ir_cron_dispatch_sweep",
)
DAYS_UNTIL_LATE = 2


class ResCompany(models.Model):
    _inherit = "res.company"

    # Whether reminders of a company may leave, and whether the nightly job is alive.

    dunning_beside_followup = fields.Boolean(
        string="Odoo's own follow-up is off",
        help="The follow-up of Odoo Enterprise is installed beside this app. Tick when it sends nothing for this "
        "company; until then this app proposes no letter, so that nobody is reminded twice.",
    )
    dunning_has_followup = fields.Boolean(
        string="Odoo's own follow-up is installed",
        compute="_compute_dunning_has_followup",
    )
    dunning_auto_since = fields.Date(
        string="Daily run since",
        readonly=True,
        help="The day on which the daily run was switched on.",
    )
    dunning_health = fields.Char(string="Nightly run", compute="_compute_dunning_health")
    dunning_is_late = fields.Boolean(string="Nightly run is late", compute="_compute_dunning_health")

    # --- COMPUTE ---

    def _compute_dunning_has_followup(self):
        self.dunning_has_followup = self._is_followup_installed()

    @api.depends("dunning_auto_propose", "dunning_auto_since")
    @api.depends_context("lang", "tz")
    def _compute_dunning_health(self):
        problem = self._find_job_problem()
        last_runs = self._fetch_last_automatic_runs()
        for company in self:
            last = last_runs.get(company)
            company.dunning_is_late = company.dunning_auto_propose and company._is_dunning_late(last)
            if not company.dunning_auto_propose:
                company.dunning_health = self.env._("Off: a collector proposes the letters.")
                continue
            text = (
                self.env._("Last nightly run: %(day)s.", day=format_date(self.env, last))
                if last
                else self.env._("There was no nightly run yet.")
            )
            company.dunning_health = f"{text} {problem}".strip()

    @api.model
    def _is_followup_installed(self):
        """Whether the follow-up of Odoo Enterprise could send reminders of its own."""
        if FOLLOWUP_MODEL in self.env:
            return True
        # everybody may know which apps there are
        modules_sudo = self.env["ir.module.module"].sudo()
        return bool(modules_sudo.search_count([("name", "=", FOLLOWUP_MODULE), ("state", "=", "installed")], limit=1))

    def _find_dunning_problem(self):
        """Return the skip reason that holds back every letter of this company, or nothing."""
        self.ensure_one()
        if not self.dunning_active:
            return "company_off"
        if self._is_followup_installed() and not self.dunning_beside_followup:
            return "followup_beside"
        return None

    # --- CRUD ---

    @api.model_create_multi
    def create(self, vals_list):
        today = fields.Date.context_today(self)
        for vals in vals_list:
            if vals.get("dunning_auto_propose"):
                vals["dunning_auto_since"] = today
        return super().create(vals_list)

    def write(self, vals):
        if "dunning_auto_propose" not in vals:
            return super().write(vals)
        changed = self.filtered(lambda company: company.dunning_auto_propose != vals["dunning_auto_propose"])
        result = super().write(vals)
        changed.dunning_auto_since = fields.Date.context_today(self) if vals["dunning_auto_propose"] else False
        return result

    # --- JOB ---

    def _fetch_last_automatic_runs(self):
        """Return the day of the last run that the job made, by company."""
        # the day is no secret of the collectors
        runs_sudo = self.env["commercial.dunning.run"].sudo()
        return dict(
            runs_sudo._read_group(
                [("company_id", "in", self.ids), ("is_automatic", "=", True)], ["company_id"], ["date:max"]
            )
        )

    def _is_dunning_late(self, last):
        """Whether the job should have made a run in the last days, and did not."""
        self.ensure_one()
        since = max(filter(None, (last, self.dunning_auto_since)), default=None)
        today = fields.Date.context_today(self)
        return bool(since) and since <= fields.Date.subtract(today, days=DAYS_UNTIL_LATE)

    @api.model
    def _get_dunning_jobs(self):
        # jobs are the administrator's; their state is told to whoever depends on them
        Job = self.env["ir.cron"].sudo().with_context(active_test=False)
        refs = [self.env.ref(f"commercial_assistant.{name}", raise_if_not_found=False) for name in JOBS]
        return Job.browse(job.id for job in refs if job)

    @api.model
    def _find_job_problem(self):
        """Return what keeps the jobs from working, as a sentence for the reader; empty when all is well."""
        jobs_sudo = self._get_dunning_jobs()
        orphans = jobs_sudo.filtered(lambda job: not self._has_working_owner(job))
        if orphans:
            return self.env._(
                "The jobs run in the name of %(users)s, who is archived: nothing happens until they are repaired.",
                users=orphans.user_id.mapped("name"),
            )
        stopped = jobs_sudo.filtered(lambda job: not job.active)
        if stopped:
            return self.env._("Switched off: %(jobs)s.", jobs=stopped.mapped("cron_name"))
        return ""

    @api.model
    def _has_working_owner(self, job):
        # the technical user is always archived and may always work
        return job.user_id.active or job.user_id == self.env.ref("base.user_root")

    def action_repair_dunning_jobs(self):
        """Let the jobs of reminders and letters work again, in the name of the technical user."""
        if not (self.env.su or self.env.user.has_group("commercial_assistant.group_administrator")):
            raise AccessError(self.env._("The jobs are the work of administrators."))
        self._repair_dunning_jobs()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The jobs of reminders work again."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.model
    def _repair_dunning_jobs(self):
        jobs_sudo = self._get_dunning_jobs()
        jobs_sudo.filtered(lambda job: not self._has_working_owner(job)).user_id = self.env.ref("base.user_root")
        jobs_sudo.filtered(lambda job: not job.active).active = True

    @api.model
    def _watch_dunning_job(self):
        """Give one task to who looks after the jobs when the nightly run of a company has not come for days."""
        companies = self.search([("dunning_auto_propose", "=", True), ("dunning_active", "=", True)])
        for company in companies.filtered("dunning_is_late"):
            company._schedule_job_task()

    def _schedule_job_task(self):
        self.ensure_one()
        Run = self.env["commercial.dunning.run"].sudo().with_company(self)
        activity_type = self.env.ref("commercial_assistant.mail_activity_type_dunning_job", raise_if_not_found=False)
        if not activity_type:
            return
        if self._get_job_tasks():
            return
        # the run of today, which a person can propose with one click
        run = Run._get_or_create(self)
        user = self._get_job_responsible()
        translated = run.with_context(lang=user.lang or None)
        run.with_context(mail_activity_quick_update=True).activity_schedule(
            activity_type_id=activity_type.id,
            user_id=user.id,
            summary=translated.env._("The nightly run of reminders does not come"),
            note=self.with_context(lang=user.lang or None).dunning_health,
        )

    def _get_job_tasks(self):
        """Return the open tasks about a nightly run of this company that did not come."""
        activity_type = self.env.ref("commercial_assistant.mail_activity_type_dunning_job", raise_if_not_found=False)
        if not activity_type:
            return self.env["mail.activity"]
        runs = self.env["commercial.dunning.run"].sudo()._search([("company_id", "=", self.id)])
        # the task of somebody else, about the company
        return (
            self.env["mail.activity"]
            .sudo()
            .search(
                [
                    ("res_model", "=", "commercial.dunning.run"),
                    ("res_id", "in", runs),
                    ("activity_type_id", "=", activity_type.id),
                ]
            )
        )

    def _get_job_responsible(self):
        """Return an administrator of the app who works for this company, else a team lead, else the administrator."""
        self.ensure_one()
        for group in ("group_administrator", "group_team_lead"):
            users = (
                self.env.ref(f"commercial_assistant.{group}")
                .sudo()
                .all_user_ids.filtered(
                    lambda user: user.active and user.id != SUPERUSER_ID and self in user.company_ids
                )
            )
            if users:
                return users.sorted("id")[:1]
        return self.env.ref("base.user_admin")
