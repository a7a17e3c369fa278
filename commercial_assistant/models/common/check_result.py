import hashlib
import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from . import stored_value


class CommercialCheckResult(models.Model):
    """A finding of a rule on a record. Its words are computed for the reader; what happened to it is kept."""

    _name = "commercial.check.result"
    _description = "Finding"
    _inherit = ["commercial.record.link"]
    _order = "severity_rank desc, id desc"
    _record_mixin = "commercial.check.mixin"
    _rec_name = "rule_id"

    rule_id = fields.Many2one(
        comodel_name="commercial.check.rule",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    moment_id = fields.Many2one(
        comodel_name="commercial.check.moment",
        string="Found At",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    severity = fields.Selection(
        related="rule_id.severity",
        store=True,
    )
    severity_rank = fields.Integer(
        compute="_compute_severity_rank",
        store=True,
        aggregator=None,
    )
    key = fields.Char(
        required=True,
        readonly=True,
        default="",
        help="Tells several findings of one rule on one record apart.",
    )
    data = fields.Json(readonly=True)
    fingerprint = fields.Char(
        required=True,
        readonly=True,
    )
    message = fields.Char(compute="_compute_texts")
    suggestion = fields.Char(compute="_compute_texts")
    value = fields.Char(compute="_compute_texts")
    limit = fields.Char(compute="_compute_texts")
    proposal = fields.Char(
        string="Proposed Correction",
        compute="_compute_texts",
    )
    state = fields.Selection(
        selection=[
            ("open", "Open"),
            ("overridden", "Accepted"),
            ("solved", "Solved"),
        ],
        required=True,
        readonly=True,
        default="open",
        index=True,
    )
    override_uid = fields.Many2one(
        comodel_name="res.users",
        string="Accepted By",
        readonly=True,
        index="btree_not_null",
    )
    override_reason = fields.Text(
        string="Reason",
        readonly=True,
    )
    override_on = fields.Datetime(
        string="Accepted On",
        readonly=True,
    )
    approval_request_id = fields.Many2one(
        comodel_name="commercial.approval.request",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    solved_on = fields.Datetime(readonly=True)
    superseded = fields.Boolean(
        string="Changed Since",
        readonly=True,
        help="The finding is there in another form: what was accepted no longer holds.",
    )
    previous = fields.Json(
        readonly=True,
        help="The values before the proposed correction was applied.",
    )
    applied_uid = fields.Many2one(
        comodel_name="res.users",
        string="Corrected By",
        readonly=True,
        index="btree_not_null",
    )
    applied_on = fields.Datetime(
        string="Corrected On",
        readonly=True,
    )
    can_apply = fields.Boolean(compute="_compute_can")
    can_undo = fields.Boolean(compute="_compute_can")
    can_override = fields.Boolean(compute="_compute_can")

    _one_live = models.UniqueIndex(
        "(rule_id, res_model, res_id, company_id, key) WHERE state IN ('open', 'overridden')",
        "The same check was run by somebody else just now. Try again.",
    )

    # --- COMPUTE ---

    @api.depends("severity")
    def _compute_severity_rank(self):
        ranks = {"info": 1, "warning": 2, "blocking": 3}
        for result in self:
            result.severity_rank = ranks.get(result.severity, 0)

    @api.depends_context("lang", "uid")
    @api.depends("rule_id", "data", "res_model", "res_id")
    def _compute_texts(self):
        for result in self:
            data = result.data or {}
            rule_sudo = result.rule_id.sudo()  # who sees a finding may know what it says
            name = result.record_name or ""
            result.message = rule_sudo._format("message", data, name)
            result.suggestion = rule_sudo._format("suggestion", data, name)
            result.value = stored_value.show(self.env, data["value"]) if data.get("value") else False
            result.limit = stored_value.show(self.env, data["limit"]) if data.get("limit") else False
            result.proposal = result._describe_proposal(data.get("proposal") or {})

    @api.depends("state", "data", "previous", "severity", "approval_request_id")
    def _compute_can(self):
        for result in self:
            result.can_apply = result.state == "open" and bool((result.data or {}).get("proposal"))
            result.can_undo = bool(result.previous)
            result.can_override = (
                result.state == "open"
                and result.severity in ("warning", "blocking")
                and result.sudo().approval_request_id.state != "pending"
            )

    def _describe_proposal(self, proposal):
        if self.res_model not in self.env:
            return False
        model = self.env[self.res_model]
        words = []
        for name, value in proposal.items():
            field = model._fields.get(name)
            if field is None:
                continue
            if field.type == "many2one":
                value = {"type": "records", "model": field.comodel_name, "ids": [value] if value else []}
            elif field.type == "selection":
                value = {"type": "choice", "model": self.res_model, "name": name, "value": value}
            label = model.sudo().fields_get([name], ["string"])[name]["string"]
            words.append(f"{label}: {stored_value.show(self.env, value)}")
        return ", ".join(words) or False

    # --- ACTIONS ---

    def action_override(self):
        """Ask for the reason to go on in spite of these findings."""
        return self.env["commercial.check.override"]._get_action(self.filtered("can_override"))

    def action_reopen(self):
        """Take back a reason that was given."""
        for result in self.filtered(lambda result: result.state == "overridden"):
            result._check_write_record()
            is_own = result.override_uid == self.env.user and not result.approval_request_id
            if not is_own and not self.env.user.has_group("commercial_assistant.group_team_lead"):
                raise AccessError(
                    self.env._("Only %(user)s or a team lead can take this back.", user=result.override_uid.sudo().name)
                )
            result.sudo().write({"state": "open", **self._prepare_no_override_vals()})
        return True

    def action_apply(self):
        """Write the proposed correction on the record, with the user's own rights."""
        failed = self.browse()
        for result in self:
            if not result._apply():
                failed |= result
        if failed:
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {
                    "type": "warning",
                    "message": self.env._(
                        "There was nothing to correct any more on: %(records)s.",
                        records=failed.mapped(lambda result: result.record_name or "-"),
                    ),
                    "next": {"type": "ir.actions.client", "tag": "soft_reload"},
                },
            }
        return True

    def action_undo(self):
        """Write back what stood there before the correction, unless somebody changed it since."""
        for result in self.filtered("previous"):
            result._undo()
        return True

    # --- OVERRIDING ---

    def _check_write_record(self):
        self.ensure_one()
        record = self._get_record()
        if not record:
            raise UserError(self.env._("The record does not exist any more."))
        record.check_access("write")

    def _override(self, reason):
        """Go on in spite of these warnings, for a reason."""
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Give a reason: it is kept with the finding."))
        for result in self:
            result._check_write_record()
            if result.severity == "blocking":
                raise UserError(
                    self.env._("“%(message)s” needs an approval, a reason is not enough.", message=result.message)
                )
        self.filtered(lambda result: result.state == "open")._mark_overridden(self.env.user, reason)

    def _request_approval(self, reason):
        """Ask for the approval of these blocking findings."""
        for result in self:
            result._check_write_record()
        requests = self.env["commercial.approval.request"]
        for model, results in self.grouped("res_model").items():
            requests |= self.env[model]._request_check_approval(results, reason)
        return requests

    def _mark_overridden(self, user, reason, request=None):
        # sudo: findings are not written by hand
        self.sudo().write(
            {
                "state": "overridden",
                "override_uid": user.id,
                "override_reason": reason,
                "override_on": fields.Datetime.now(),
                "approval_request_id": request.id if request else False,
            }
        )

    @api.model
    def _prepare_no_override_vals(self):
        return {"override_uid": False, "override_reason": False, "override_on": False, "approval_request_id": False}

    # --- CORRECTING ---

    def _apply(self):
        """Apply the proposal of one finding, if it still holds."""
        self.ensure_one()
        self._check_write_record()
        record = self._get_record()
        if self.state != "open":
            return False
        record._run_checks(self.moment_id.code)
        proposal = (self.data or {}).get("proposal") or {}
        if self.state != "open" or not proposal:
            return False
        previous = {name: self._get_raw(record, name) for name in proposal}
        record.write(proposal)
        self.sudo().write(
            {
                "previous": {"before": previous, "after": {name: self._get_raw(record, name) for name in proposal}},
                "applied_uid": self.env.uid,
                "applied_on": fields.Datetime.now(),
            }
        )
        record._run_checks(self.moment_id.code)
        return True

    def _undo(self):
        self.ensure_one()
        self._check_write_record()
        record = self._get_record()
        for name, value in self.previous["after"].items():
            if self._get_raw(record, name) != value:
                raise UserError(
                    self.env._(
                        "%(field)s of %(record)s was changed since: put it right by hand.",
                        field=record.fields_get([name], ["string"])[name]["string"],
                        record=record.display_name,
                    )
                )
        record.write(self.previous["before"])
        self.sudo().write({"previous": False, "applied_uid": False, "applied_on": False})
        record._run_checks(self.moment_id.code)

    @api.model
    def _get_raw(self, record, name):
        value = record[name]
        return value.id if isinstance(value, models.BaseModel) else value

    # --- KEEPING UP WITH THE RECORDS ---

    @api.model
    def _get_fingerprint(self, data):
        relevant = data.get("fingerprint") or [data["values"], data["value"], data["limit"]]
        return hashlib.sha256(json.dumps(relevant, sort_keys=True).encode()).hexdigest()[:20]

    def _synchronise(self, records, moment, company):
        """Bring the live findings of `records` at `moment` in line with what the rules find now.

        What is found as before stays as it is, with its reason; what changed loses the reason; what is gone is solved.
        """
        found = {}
        for rule in self.env["commercial.check.rule"]._get_rules(records._name, moment, company):
            for (res_id, key), data in rule._find(records).items():
                found[rule.id, res_id, key] = data
        live = self.search(
            [
                ("res_model", "=", records._name),
                ("res_id", "in", records.ids),
                ("company_id", "=", company.id),
                ("state", "in", ("open", "overridden")),
                ("rule_id.moment_ids.code", "=", moment),
            ]
        )
        gone = live.filtered(lambda result: (result.rule_id.id, result.res_id, result.key) not in found)
        kept = self.browse()
        altered = self.browse()
        superseded = self.browse()
        for result in live - gone:
            identity = (result.rule_id.id, result.res_id, result.key)
            data = found[identity]
            fingerprint = self._get_fingerprint(data)
            if result.state == "overridden" and result.fingerprint != fingerprint:
                superseded |= result
                continue
            if result.fingerprint != fingerprint:
                altered |= result
            if result.data != self._normalise(data):
                result.write({"data": data, "fingerprint": fingerprint})
            kept |= result
            del found[identity]
        gone._solve()
        superseded._solve(superseded=True)
        # the index allows one live finding of a kind: write the old ones before the new
        self.flush_model()
        moment_id = self.env["commercial.check.moment"].search([("code", "=", moment)], limit=1).id
        partners = {record.id: record._get_check_partner().id for record in records}
        created = self.create(
            [
                {
                    "rule_id": rule_id,
                    "res_model": records._name,
                    "res_id": res_id,
                    "company_id": company.id,
                    "partner_id": partners[res_id],
                    "moment_id": moment_id,
                    "key": key,
                    "data": data,
                    "fingerprint": self._get_fingerprint(data),
                }
                for (rule_id, res_id, key), data in found.items()
            ]
        )
        changed = gone | altered | superseded | created
        blocking = changed.filtered(lambda result: result.severity == "blocking")
        if blocking:
            records.browse(set(blocking.mapped("res_id")))._check_snapshot()
        return kept | created

    def _solve(self, superseded=False):
        if self:
            self.write({"state": "solved", "solved_on": fields.Datetime.now(), "superseded": superseded})

    @api.model
    def _normalise(self, data):
        return json.loads(json.dumps(data))
