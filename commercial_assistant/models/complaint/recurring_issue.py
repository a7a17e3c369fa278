from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..dunning.activities import plan_activities

ACTIVITY = "commercial_assistant.mail_activity_type_recurring_issue"


class RecurringIssue(models.Model):
    """The same thing goes wrong with the same product again and again: one file, one task.

    Complaints of the last days of a company are grouped by product and by the first level of their cause; those
    without a cause by their category. Confidential complaints are never part of it.
    """

    _name = "commercial.recurring.issue"
    _description = "Recurring Issue"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "state desc, date_last desc, id desc"
    _check_company_auto = True

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/")
    company_id = fields.Many2one(comodel_name="res.company", required=True, readonly=True, index=True)
    product_tmpl_id = fields.Many2one(
        comodel_name="product.template", string="Product", required=True, readonly=True, index=True, ondelete="cascade"
    )
    cause_id = fields.Many2one(
        comodel_name="commercial.complaint.cause", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    category_id = fields.Many2one(
        comodel_name="commercial.complaint.category", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    reason = fields.Char(compute="_compute_reason", string="Cause or category")
    complaint_ids = fields.Many2many(
        comodel_name="commercial.complaint",
        relation="commercial_recurring_issue_complaint_rel",
        column1="issue_id",
        column2="complaint_id",
        string="Complaints",
        readonly=True,
        copy=False,
    )
    complaint_count = fields.Integer(compute="_compute_complaint_count", string="Number of complaints")
    date_first = fields.Date(string="First complaint", readonly=True, copy=False)
    date_last = fields.Date(string="Last complaint", readonly=True, copy=False)
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Responsible",
        index="btree_not_null",
        check_company=True,
        domain=[("share", "=", False)],
        tracking=True,
    )
    action_ids = fields.One2many(comodel_name="commercial.corrective.action", inverse_name="issue_id", string="Actions")
    conclusion = fields.Text(copy=False, help="What was found and decided; needed to close the issue.")
    state = fields.Selection(
        selection=[("open", "Open"), ("closed", "Closed")],
        required=True,
        readonly=True,
        copy=False,
        default="open",
        index=True,
        tracking=True,
    )
    closed_on = fields.Date(readonly=True, copy=False)
    closed_uid = fields.Many2one(comodel_name="res.users", string="Closed by", readonly=True, copy=False)

    # one open file for each group; what comes after it is closed opens the next one
    _one_open = models.UniqueIndex(
        "(company_id, product_tmpl_id, COALESCE(cause_id, 0), COALESCE(category_id, 0)) WHERE state = 'open'",
        "There is an open issue about this product and cause already.",
    )

    # --- COMPUTE ---

    @api.depends("cause_id", "category_id")
    @api.depends_context("lang")
    def _compute_reason(self):
        for issue in self:
            issue.reason = issue.cause_id.complete_name or issue.category_id.complete_name

    @api.depends("complaint_ids")
    @api.depends_context("uid")
    def _compute_complaint_count(self):
        for issue in self:
            # only those that the reader may see
            issue.complaint_count = len(issue.complaint_ids)

    @api.depends("name", "product_tmpl_id", "reason")
    def _compute_display_name(self):
        for issue in self:
            issue.display_name = f"{issue.name} {issue.product_tmpl_id.sudo().name}: {issue.reason or ''}"

    # --- CRUD ---

    @api.model_create_multi
    def create(self, vals_list):
        by_company = {}
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                by_company.setdefault(vals.get("company_id") or self.env.company.id, []).append(vals)
        for company_id, unnamed in by_company.items():
            numbers = self._next_numbers(company_id, len(unnamed))
            for vals, number in zip(unnamed, numbers, strict=True):
                vals["name"] = number
        return super().create(vals_list)

    @api.model
    def _next_numbers(self, company_id, count):
        """Return ``count`` numbers of the company's sequence; usually drawn in one query."""
        # drawing a number needs no right on sequences
        sequence_sudo = (
            self.env["ir.sequence"]
            .sudo()
            .search([("code", "=", self._name), ("company_id", "in", [company_id, False])], order="company_id", limit=1)
        )
        if sequence_sudo.implementation != "standard" or sequence_sudo.use_date_range:
            return [sequence_sudo.next_by_id() for _number in range(count)]
        self.env.cr.execute(
            "SELECT nextval(%s) FROM generate_series(1, %s)", [f"ir_sequence_{sequence_sudo.id:03d}", count]
        )
        return [sequence_sudo.get_next_char(number) for [number] in self.env.cr.fetchall()]

    def write(self, vals):
        if not self.env.su and not vals.keys().isdisjoint(
            {"state", "closed_on", "closed_uid", "complaint_ids", "name"}
        ):
            raise AccessError(self.env._("The state of an issue follows its buttons."))
        return super().write(vals)

    # --- ACTIONS ---

    def _check_may_decide(self):
        self.env["commercial.complaint"]._check_may_work()
        self.check_access("write")

    def action_close(self):
        """The issue is understood; what is to be done stands in actions."""
        self._check_may_decide()
        for issue in self:
            if not (issue.conclusion or "").strip():
                raise UserError(self.env._("%(issue)s: write down the conclusion first.", issue=issue.name))
        self.sudo().write({"state": "closed", "closed_on": fields.Date.context_today(self), "closed_uid": self.env.uid})
        # the task may be somebody else's
        self.sudo().activity_unlink([ACTIVITY])
        return True

    def action_reopen(self):
        self._check_may_decide()
        self.sudo().write({"state": "open", "closed_on": False, "closed_uid": False})
        return True

    def action_view_complaints(self):
        self.ensure_one()
        return self.complaint_ids._get_records_action(name=self.env._("Complaints"))

    def action_new_action(self):
        """Write down what is to be done about it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New action"),
            "res_model": "commercial.corrective.action",
            "view_mode": "form",
            "views": [(False, "form")],
            "context": {
                "default_issue_id": self.id,
                "default_company_id": self.company_id.id,
                "default_title": self.display_name,
                "default_cause_id": self.cause_id.id,
                "default_type": "corrective",
                "default_complaint_ids": self.complaint_ids.ids,
            },
        }

    # --- JOB ---

    def _get_own_user(self):
        """Return who gets the task: the team lead of the complaints."""
        self.ensure_one()
        return self.user_id

    @api.model
    def _cron_detect(self):
        """Look for what repeats itself, company by company."""
        for company in self.env["res.company"].search([("active", "=", True)]):
            self.with_company(company)._detect(company)

    @api.model
    def _detect(self, company, day=None):
        """Open one issue for each product and cause with enough complaints, and add new complaints to open ones.

        Queries do not depend on the number of complaints. Doing it again changes nothing.

        :return: the issues opened now
        """
        day = day or fields.Date.context_today(self.with_context(tz=company.partner_id.tz or "Europe/Brussels"))
        rows = self._fetch_groups(company, day)
        fresh = [row for row in rows if not row["issue_id"] and row["size"] >= company.complaint_recurring_count]
        # nobody makes issues by hand
        quiet = self.sudo().with_context(tracking_disable=True, mail_create_nolog=True, mail_create_nosubscribe=True)
        issues = quiet.create([self._prepare_issue_vals(company, row) for row in fresh]).with_env(self.env)
        for row, issue in zip(fresh, issues, strict=True):
            row["issue_id"] = issue.id
        self._add_complaints([row for row in rows if row["issue_id"]])
        sizes = {row["issue_id"]: row["size"] for row in fresh}
        plan_activities(
            issues,
            ACTIVITY,
            lambda issue: issue.env._(
                "%(count)s complaints about %(product)s: %(reason)s. Find the root and decide what is done.",
                count=sizes[issue.id],
                product=issue.product_tmpl_id.name,
                reason=issue.reason,
            ),
            day,
        )
        return issues

    @api.model
    def _prepare_issue_vals(self, company, row):
        return {
            "company_id": company.id,
            "product_tmpl_id": row["product_tmpl_id"],
            "cause_id": row["cause_id"],
            "category_id": row["category_id"],
            "date_first": row["date_first"],
            "date_last": row["date_last"],
            "user_id": row["user_id"],
        }

    @api.model
    def _fetch_groups(self, company, day):
        """Return products with what went wrong, their complaints within the window and the open issue about them.

        A complaint that a closed issue about the same holds is known: it does not open the next one.
        """
        self.env.flush_all()
        return self.env.execute_query_dict(
            SQL(
                """
                WITH recent AS (
                    SELECT complaint.id, complaint.category_id, complaint.received_on::date AS day,
                           team.user_id AS lead_id
                      FROM commercial_complaint complaint
                 LEFT JOIN commercial_complaint_team team ON team.id = complaint.team_id
                     WHERE complaint.company_id = %(company)s
                       AND complaint.state <> 'cancelled'
                       AND complaint.verdict IS DISTINCT FROM 'unfounded'
                       AND NOT COALESCE(complaint.is_confidential, FALSE)
                       AND complaint.received_on >= %(start)s
                       AND complaint.received_on < %(end)s
                ), caused AS (
                    SELECT DISTINCT rel.complaint_id, split_part(cause.parent_path, '/', 1)::int AS cause_id
                      FROM commercial_complaint_cause_rel rel
                      JOIN commercial_complaint_cause cause ON cause.id = rel.cause_id
                      JOIN recent ON recent.id = rel.complaint_id
                ), named AS (
                    SELECT DISTINCT recent.id, recent.day, recent.lead_id, product.product_tmpl_id, caused.cause_id,
                           CASE WHEN caused.cause_id IS NULL THEN recent.category_id END AS category_id
                      FROM recent
                      JOIN commercial_complaint_line line ON line.complaint_id = recent.id
                      JOIN product_product product ON product.id = line.product_id
                 LEFT JOIN caused ON caused.complaint_id = recent.id
                     WHERE caused.cause_id IS NOT NULL OR recent.category_id IS NOT NULL
                ), news AS (
                    SELECT named.*
                      FROM named
                     WHERE NOT EXISTS (
                           SELECT
                             FROM commercial_recurring_issue_complaint_rel rel
                             JOIN commercial_recurring_issue issue ON issue.id = rel.issue_id
                            WHERE rel.complaint_id = named.id
                              AND issue.state = 'closed'
                              AND issue.product_tmpl_id = named.product_tmpl_id
                              AND issue.cause_id IS NOT DISTINCT FROM named.cause_id
                              AND issue.category_id IS NOT DISTINCT FROM named.category_id
                           )
                )
                SELECT news.product_tmpl_id, news.cause_id, news.category_id, issue.id AS issue_id,
                       count(*) AS size, array_agg(news.id ORDER BY news.id) AS complaint_ids,
                       min(news.day) AS date_first, max(news.day) AS date_last,
                       mode() WITHIN GROUP (ORDER BY news.lead_id) AS user_id
                  FROM news
             LEFT JOIN commercial_recurring_issue issue
                    ON issue.state = 'open'
                   AND issue.company_id = %(company)s
                   AND issue.product_tmpl_id = news.product_tmpl_id
                   AND issue.cause_id IS NOT DISTINCT FROM news.cause_id
                   AND issue.category_id IS NOT DISTINCT FROM news.category_id
              GROUP BY news.product_tmpl_id, news.cause_id, news.category_id, issue.id
                HAVING issue.id IS NOT NULL OR count(*) >= %(least)s
              ORDER BY size DESC, news.product_tmpl_id, news.cause_id, news.category_id
                """,
                company=company.id,
                start=fields.Date.subtract(day, days=company.complaint_recurring_days - 1),
                end=fields.Date.add(day, days=1),
                least=company.complaint_recurring_count,
            )
        )

    @api.model
    def _add_complaints(self, rows):
        """Put complaints into their issues, in one statement each for rows and dates."""
        if not rows:
            return
        pairs = [(row["issue_id"], complaint_id) for row in rows for complaint_id in row["complaint_ids"]]
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO commercial_recurring_issue_complaint_rel (issue_id, complaint_id)
                SELECT * FROM unnest(%s::int[], %s::int[])
                    ON CONFLICT DO NOTHING
                """,
                [issue_id for issue_id, _complaint_id in pairs],
                [complaint_id for _issue_id, complaint_id in pairs],
            )
        )
        self.env.cr.execute(
            SQL(
                """
                UPDATE commercial_recurring_issue issue
                   SET date_last = GREATEST(issue.date_last, found.day)
                  FROM unnest(%s::int[], %s::date[]) AS found (issue_id, day)
                 WHERE issue.id = found.issue_id
                """,
                [row["issue_id"] for row in rows],
                [row["date_last"] for row in rows],
            )
        )
        self.env["commercial.complaint"].invalidate_model(["issue_ids"])
        self.invalidate_model(["complaint_ids", "complaint_count", "date_last"])
