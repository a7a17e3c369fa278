from odoo import api, fields, models
from odoo.exceptions import UserError

from ..common.stored_value import Amount, Choice

PURPOSE = "complaint_solution"


class Complaint(models.Model):
    """Authority: how much of which solution a person may promise alone, and who decides above."""

    _inherit = "commercial.complaint"

    authority_note = fields.Char(
        string="Approval needed",
        compute="_compute_authority",
        help="The rules above whose amount the solutions lie, and whether they were approved.",
    )
    authority_state = fields.Selection(
        selection=[
            ("free", "No approval needed"),
            ("missing", "To be asked for"),
            ("pending", "Waits for a decision"),
            ("approved", "Approved"),
        ],
        string="Authority",
        compute="_compute_authority",
    )

    # --- COMPUTE ---

    @api.depends("solution_ids.kind", "solution_ids.amount", "solution_ids.state", "approval_request_ids.state")
    def _compute_authority(self):
        rules = self._get_authority_rules()
        live = self._get_live_approval_requests(PURPOSE).grouped("res_id")
        for complaint in self:
            passed = complaint._get_passed_rules(rules)
            # sudo: an approval may be known to whoever sees the complaint
            states = set(live[complaint.id].mapped("state")) if complaint.id in live else set()
            complaint.authority_note = ", ".join(passed.mapped("name")) if passed else False
            if not passed:
                complaint.authority_state = "free"
            elif "approved" in states:
                complaint.authority_state = "approved"
            elif "pending" in states:
                complaint.authority_state = "pending"
            else:
                complaint.authority_state = "missing"

    # --- RULES ---

    @api.model
    def _get_authority_rules(self):
        # sudo: the rules bind whoever may not read them
        return self.env["commercial.approval.rule"].sudo().search([("purpose", "=", PURPOSE)])

    def _get_passed_rules(self, rules=None):
        """The rules under which the solutions need an approval; none means that the person may promise them alone."""
        self.ensure_one()
        rules = self._get_authority_rules() if rules is None else rules
        complaint_sudo = self.sudo()
        kind = complaint_sudo.partner_id._get_customer_kind() if complaint_sudo.partner_id else False
        model_id = self.env["ir.model"]._get_id(self._name)
        return rules.filtered(
            lambda rule: rule.company_id in (self.company_id, self.env["res.company"])
            and rule.model_id.id in (model_id, False)
            and rule.customer_kind in (kind, False)
            and rule._matches(complaint_sudo, self.company_id, None, None)
        )

    def _get_counted_solutions(self):
        """What counts for authority: all that is promised or done, whatever the round it was promised in."""
        self.ensure_one()
        return self.solution_ids.filtered(
            lambda solution: solution.kind != "information" and solution.state not in ("refused", "cancelled")
        )

    def _get_solution_amount(self, kind=None):
        """What the customer gets by solutions of one kind, or of all, in the currency of the company.

        Small promises add up: two gestures of 60 are one of 120.
        """
        self.ensure_one()
        solutions = self._get_counted_solutions()
        return sum(solutions.filtered(lambda solution: not kind or solution.kind == kind).mapped("amount"))

    # --- APPROVAL ---

    def _get_missing_authority(self):
        """What is missing before the solutions may be promised: a list of phrases."""
        self.ensure_one()
        passed = self._get_passed_rules()
        if not passed or self._get_approved_request(PURPOSE):
            return []
        return [self.env._("the approval (%(rules)s)", rules=", ".join(passed.mapped("name")))]

    def _check_authority(self):
        """Money and goods leave only within the authority of the person, or with an approval of just this."""
        for complaint in self:
            if missing := complaint._get_missing_authority():
                raise UserError(
                    self.env._(
                        "%(complaint)s: %(missing)s is missing. Ask for it first.",
                        complaint=complaint.display_name,
                        missing=missing[0],
                    )
                )

    def action_ask_approval(self):
        """Ask for the reason, then for the approval."""
        self.ensure_one()
        self._check_may_work()
        self.check_access("write")
        if not self._get_passed_rules():
            raise UserError(self.env._("%(complaint)s needs no approval.", complaint=self.display_name))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Ask for Approval"),
            "res_model": "commercial.complaint.approval",
            "view_mode": "form",
            "target": "new",
            "context": {"default_complaint_id": self.id},
        }

    def _ask_approval(self, reason):
        """Ask for the approval of all solutions as they are now."""
        self.ensure_one()
        self._check_may_work()
        self.check_access("write")
        return self._request_approval(
            PURPOSE, reason, amount=self._get_solution_amount(), currency=self.company_id.currency_id
        )

    def _get_approval_snapshot(self, purpose):
        """Kind, goods, quantity and amount of each solution, in the currency of its document."""
        if purpose != PURPOSE:
            return super()._get_approval_snapshot(purpose)
        snapshot = super()._get_approval_snapshot(purpose)
        for solution in self._get_counted_solutions().sorted("id"):
            parts = [Choice(solution, "kind", solution.kind)]
            if solution.quantity:
                parts.append(solution.quantity)
            if solution.document_amount:
                parts.append(Amount(solution.document_amount, solution.document_currency_id))
            if solution.return_need:
                parts.append(Choice(solution, "return_need", solution.return_need))
            snapshot[f"solution_{solution.id}_{solution.line_id.id or 0}"] = parts
        return snapshot

    def _get_approval_snapshot_label(self, key):
        if not key.startswith("solution_"):
            return super()._get_approval_snapshot_label(key)
        line = self.env["commercial.complaint.line"].browse(int(key.split("_")[2])).exists()
        return line.display_name if line else self.env._("The complaint as a whole")

    def _get_approval_partner(self):
        return self.partner_id.commercial_partner_id

    def _approval_approved(self, request):
        result = super()._approval_approved(request)
        if request.purpose == PURPOSE:
            self._message_log(body=self.env._("The solutions are approved (%(request)s).", request=request.name))
        return result

    def _approval_refused(self, request):
        result = super()._approval_refused(request)
        if request.purpose == PURPOSE:
            self._message_log(
                body=self.env._(
                    "The solutions are not approved (%(request)s): %(reason)s",
                    request=request.name,
                    reason=request.state_reason or "-",
                )
            )
        return result
