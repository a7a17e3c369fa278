import json

from odoo import api, fields, models
from odoo.exceptions import UserError

from . import stored_value


class CommercialApprovalMixin(models.AbstractModel):
    """A record on which something can need an approval.

    A model that inherits this offers:

    - `_get_approval_snapshot_fields(purpose)` or `_get_approval_snapshot(purpose)`: what exactly is approved;
    - `_get_approval_watched_fields()`: fields whose change makes the snapshots be compared at once;
    - `_approval_approved`, `_approval_refused`, `_approval_voided`: what happens then. They run with the rights of the
      superuser on this one record, in the name of the person who decided, and leave the approved values alone.

    A new purpose is added to `commercial.approval.rule._selection_purpose`.
    """

    _name = "commercial.approval.mixin"
    _description = "Record with Approvals"

    approval_request_ids = fields.One2many(
        comodel_name="commercial.approval.request",
        inverse_name="res_id",
        string="Approval Requests",
        domain=lambda self: [("res_model", "=", self._name)],
        groups="base.group_user",
    )
    approval_request_count = fields.Integer(
        string="Approvals",
        compute="_compute_approval_request_count",
        groups="base.group_user",
    )
    approval_pending_count = fields.Integer(
        string="Open Approvals",
        compute="_compute_approval_request_count",
        groups="base.group_user",
    )

    def _compute_approval_request_count(self):
        counts = self.env["commercial.approval.request"]._read_group(
            [("res_model", "=", self._name), ("res_id", "in", self.ids)], ["res_id", "state"], ["__count"]
        )
        totals, pending = {}, {}
        for res_id, state, count in counts:
            totals[res_id] = totals.get(res_id, 0) + count
            if state == "pending":
                pending[res_id] = count
        for record in self:
            record.approval_request_count = totals.get(record.id, 0)
            record.approval_pending_count = pending.get(record.id, 0)

    # --- CRUD ---

    def write(self, vals):
        result = super().write(vals)
        if not self._get_approval_watched_fields().isdisjoint(vals):
            self._check_snapshot()
        return result

    def unlink(self):
        requests_sudo = self._get_live_approval_requests()
        result = super().unlink()
        requests_sudo._void("deleted")
        return result

    # --- ACTIONS ---

    def action_view_approvals(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.approval_request_action")
        action["domain"] = [("res_model", "=", self._name), ("res_id", "=", self.id)]
        action["context"] = {}
        if len(self.approval_request_ids) == 1:
            action["views"] = [(False, "form")]
            action["res_id"] = self.approval_request_ids.id
        return action

    # --- HOOKS ---

    def _get_approval_watched_fields(self):
        """Names of the fields whose change can void an approval."""
        return set()

    def _get_approval_snapshot_fields(self, purpose):  # pylint: disable=unused-argument
        """Names of the fields that make up what is approved for `purpose`."""
        return []

    def _get_approval_snapshot(self, purpose):
        """What is approved: {field name or own key: value}. Values may be dates, records, `Amount`s and so on."""
        self.ensure_one()
        return {name: stored_value.store_field(self, name) for name in self._get_approval_snapshot_fields(purpose)}

    def _get_approval_snapshot_label(self, key):
        """How a key of the snapshot is called, in the language of the reader."""
        if key not in self._fields:
            return key.replace("_", " ").capitalize()
        return self.env[self._name].fields_get([key], ["string"])[key]["string"]

    def _is_approval_still_valid(self, request, snapshot):
        """Whether what was approved covers the values of now. A room may let harmless or better changes pass."""
        return request.snapshot == snapshot

    def _get_approval_company(self):
        self.ensure_one()
        company = self["company_id"] if "company_id" in self._fields else self.env["res.company"]
        return company or self.env.company

    def _get_approval_partner(self):
        """The customer concerned: decides by customer kind which rule applies."""
        self.ensure_one()
        names = self._mail_get_partner_fields()
        return self[names[0]][:1].commercial_partner_id if names else self.env["res.partner"]

    def _approval_approved(self, request):
        """Called when the last step of `request` is approved."""

    def _approval_refused(self, request):
        """Called when `request` is refused."""

    def _approval_voided(self, request):
        """Called when `request` lost its force: what was asked or approved has changed."""

    # --- BUSINESS ---

    def _request_approval(self, purpose, reason, amount=None, currency=None):
        """Ask for the approval of `purpose` on this record.

        Asking again for the same gives the request that is pending or approved already; when the values have changed
        since, that one is voided and a new round begins.

        :return: the `commercial.approval.request`
        """
        self.ensure_one()
        self.check_access("read")
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why: without a reason nobody can decide."))
        self._check_snapshot(purpose)
        request_sudo = self._get_live_approval_requests(purpose)[:1]
        if not request_sudo:
            request_sudo = self.env["commercial.approval.request"]._open(self, purpose, reason, amount, currency)
        return request_sudo.sudo(self.env.su)

    def _get_approved_request(self, purpose):
        """The request under which `purpose` is approved, with the values of now; empty when there is none."""
        self.ensure_one()
        self._check_snapshot(purpose)
        request_sudo = self._get_live_approval_requests(purpose).filtered(lambda request: request.state == "approved")
        return request_sudo[:1].sudo(self.env.su)

    def _check_snapshot(self, purpose=None):
        """Void the requests on these records whose values have changed since."""
        requests_sudo = self._get_live_approval_requests(purpose)
        running = self.env.context.get("commercial_assistant_approval_running")
        changed = requests_sudo.filtered(lambda request: request.id != running and not request._is_snapshot_valid())
        changed._void("changed")

    def _get_live_approval_requests(self, purpose=None):
        # sudo: who changes a record voids its approvals, whether or not they may read these
        requests_sudo = self.env["commercial.approval.request"].sudo()
        if not any(self._ids):
            return requests_sudo
        domain = [("res_model", "=", self._name), ("res_id", "in", self.ids), ("state", "in", ("pending", "approved"))]
        if purpose:
            domain.append(("purpose", "=", purpose))
        return requests_sudo.search(domain)

    @api.model
    def _normalise_snapshot(self, snapshot):
        """The snapshot as it comes back from the database."""
        return json.loads(
            json.dumps(
                {
                    key: value if isinstance(value, dict) else stored_value.store(value)
                    for key, value in snapshot.items()
                },
                sort_keys=True,
            )
        )
