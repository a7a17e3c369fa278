from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class CommercialCheckMixin(models.AbstractModel):
    """A record that is checked by rules.

    A model that inherits this calls, at its own moments,

    - `_gate_checks(moment)`: None when nothing stands in the way, else the action of the wizard that asks for reasons
      and approvals; when these are given, the wizard calls `_check_gate_passed(moment)`;
    - `_get_check_error(moment)`: the same as a text, for chains that cannot open a wizard.
    """

    _name = "commercial.check.mixin"
    _description = "Record with Checks"
    _inherit = ["commercial.approval.mixin"]

    check_result_ids = fields.One2many(
        comodel_name="commercial.check.result",
        inverse_name="res_id",
        string="Findings",
        domain=lambda self: [("res_model", "=", self._name)],
        groups="base.group_user",
    )
    check_open_count = fields.Integer(
        string="Open Findings",
        compute="_compute_check_open_count",
        groups="base.group_user",
    )
    check_blocking_count = fields.Integer(
        string="Blocking Findings",
        compute="_compute_check_open_count",
        groups="base.group_user",
    )

    @api.depends_context("allowed_company_ids")
    def _compute_check_open_count(self):
        counts = self.env["commercial.check.result"]._read_group(
            [("res_model", "=", self._name), ("res_id", "in", self.ids), ("state", "=", "open")],
            ["res_id", "severity"],
            ["__count"],
        )
        totals, blocking = {}, {}
        for res_id, severity, count in counts:
            totals[res_id] = totals.get(res_id, 0) + count
            if severity == "blocking":
                blocking[res_id] = count
        for record in self:
            record.check_open_count = totals.get(record.id, 0)
            record.check_blocking_count = blocking.get(record.id, 0)

    # --- CRUD ---

    def unlink(self):
        # sudo: the findings go with the record, whoever may delete it
        results_sudo = self.env["commercial.check.result"].sudo()
        results_sudo.search([("res_model", "=", self._name), ("res_id", "in", self.ids)]).unlink()
        return super().unlink()

    # --- ACTIONS ---

    def action_run_checks(self):
        """Check the selected records now and show what was found."""
        self.check_access("read")
        moment = self._get_default_check_moment()
        self._run_checks(moment)
        return self.action_view_checks()

    def action_view_checks(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.check_result_action")
        action["domain"] = [("res_model", "=", self._name), ("res_id", "in", self.ids)]
        return action

    # --- HOOKS ---

    def _get_default_check_moment(self):
        """The moment that the button “Check” stands for."""
        return "data"

    def _get_check_partner(self):
        """The customer concerned: rules can be meant for some kinds of customers or countries."""
        return self._get_approval_partner()

    def _get_check_approval_amount(self, results):  # pylint: disable=unused-argument
        """The amount and the currency that decide who approves these blocking findings."""
        return None, None

    def _check_gate_passed(self, moment):  # pylint: disable=unused-argument
        """Called when reasons are given for all that stood in the way at `moment`: go on, and return an action."""
        return {"type": "ir.actions.act_window_close"}

    # --- CHECKING ---

    def _run_checks(self, moment):
        """Run the rules of `moment` on these records.

        :return: the live `commercial.check.result` of these records: open, or accepted with a reason
        """
        # sudo: what is found does not depend on who looks; findings are written here only
        results_sudo = self.env["commercial.check.result"].sudo()
        for company, records in self.grouped(lambda record: record._get_approval_company()).items():
            records_sudo = records.sudo().with_company(company)
            results_sudo |= results_sudo.browse()._synchronise(records_sudo, moment, company)
        return results_sudo.sudo(self.env.su)

    def _get_open_checks(self, moment):
        """The open findings of the rules of `moment` on these records, the serious ones first; nothing is run."""
        domain = (
            Domain("res_model", "=", self._name)
            & Domain("res_id", "in", self.ids)
            & Domain("state", "=", "open")
            & Domain("rule_id.moment_ids.code", "=", moment)
        )
        # sudo: a gate does not depend on who may read the findings
        return self.env["commercial.check.result"].sudo().search(domain).sudo(self.env.su)

    def _get_check_obstacles(self, moment):
        """The findings that need a reason or an approval before the records go on."""
        results_sudo = self._get_open_checks(moment).sudo()
        obstacles = results_sudo.filtered(lambda result: result.severity in ("warning", "blocking"))
        return obstacles.sudo(self.env.su)

    def _gate_checks(self, moment):
        """Run the checks; None when nothing stands in the way, else the wizard that asks for reasons and approvals."""
        self._run_checks(moment)
        obstacles = self._get_check_obstacles(moment)
        if not obstacles:
            return None
        return self.env["commercial.check.override"]._get_action(obstacles, records=self, moment=moment)

    def _get_check_error(self, moment):
        """Run the checks; what stands in the way in words, or an empty text."""
        self._run_checks(moment)
        return "\n".join(
            f"- {result.record_name or ''}: {result.message} {result.suggestion or ''}".strip()
            for result in self._get_check_obstacles(moment)
        )

    def _assert_checks(self, moment):
        error = self._get_check_error(moment)
        if error:
            raise UserError(self.env._("This cannot go on yet:\n%(findings)s", findings=error))

    # --- APPROVING BLOCKING FINDINGS ---

    def _request_check_approval(self, results, reason):
        """Ask for the approval of open blocking findings: one request for each record and purpose."""
        requests = self.env["commercial.approval.request"]
        blocking = results.sudo().filtered(lambda result: result.severity == "blocking" and result.state == "open")
        for (res_id, purpose), group_sudo in blocking.grouped(
            lambda result: (result.res_id, result.rule_id.approval_purpose)
        ).items():
            record = self.browse(res_id)
            amount, currency = record._get_check_approval_amount(group_sudo)
            request = record._request_approval(purpose, reason, amount, currency)
            group_sudo.write({"approval_request_id": request.id})
            if request.sudo().state == "approved":
                record._approval_approved(request.sudo())
            requests |= request
        return requests

    def _get_blocking_checks(self, purpose):
        self.ensure_one()
        return (
            self.env["commercial.check.result"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "=", self.id),
                    ("company_id", "=", self._get_approval_company().id),
                    ("state", "in", ("open", "overridden")),
                    ("severity", "=", "blocking"),
                    ("rule_id.approval_purpose", "=", purpose),
                ],
                order="id",
            )
        )

    def _get_approval_snapshot(self, purpose):
        snapshot = super()._get_approval_snapshot(purpose)
        for result in self._get_blocking_checks(purpose):
            snapshot[f"check:{result.rule_id.id}:{result.key}"] = {
                "type": "finding",
                "rule": result.rule_id.id,
                "fingerprint": result.fingerprint,
                "data": result.data,
            }
        return snapshot

    def _get_approval_snapshot_label(self, key):
        if key.startswith("check:"):
            rule_sudo = self.env["commercial.check.rule"].sudo().browse(int(key.split(":")[1])).exists()
            return rule_sudo.name or self.env._("Finding")
        return super()._get_approval_snapshot_label(key)

    def _is_approval_still_valid(self, request, snapshot):
        """Fewer findings than were approved do no harm; a new or a changed one does."""
        approved = request.snapshot or {}
        for key, value in snapshot.items():
            if key.startswith("check:") and approved.get(key, {}).get("fingerprint") != value["fingerprint"]:
                return False
        return self._get_other_approved(approved) == self._get_other_approved(snapshot)

    @api.model
    def _get_other_approved(self, snapshot):
        return {key: value for key, value in snapshot.items() if not key.startswith("check:")}

    def _approval_approved(self, request):
        results = request.env["commercial.check.result"].search([("approval_request_id", "=", request.id)])
        results.filtered(lambda result: result.state == "open")._mark_overridden(
            request.decision_ids[-1:].user_id or self.env.user, request.reason, request
        )
        return super()._approval_approved(request)

    def _approval_refused(self, request):
        self._release_checks(request)
        return super()._approval_refused(request)

    def _approval_voided(self, request):
        self._release_checks(request)
        return super()._approval_voided(request)

    def _release_checks(self, request):
        # what was accepted stays accepted as long as the finding itself does not change
        results = request.env["commercial.check.result"].search(
            [("approval_request_id", "=", request.id), ("state", "=", "open")]
        )
        results.write({"approval_request_id": False})
