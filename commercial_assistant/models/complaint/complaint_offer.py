from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import plaintext2html

from .complaint_proposal_line import MONEY_KINDS

ANSWER_ACTIVITY = "commercial_assistant.mail_activity_type_complaint_answer"
# solutions that are ours to offer, or are before the customer
OPEN_SOLUTIONS = ("draft", "offered")


class Complaint(models.Model):
    """What we propose to the customer, and what he says to it."""

    _inherit = "commercial.complaint"

    proposal_ids = fields.One2many(
        comodel_name="commercial.complaint.proposal",
        inverse_name="complaint_id",
        string="Proposals",
    )
    proposal_count = fields.Integer(compute="_compute_proposal")
    proposal_id = fields.Many2one(
        comodel_name="commercial.complaint.proposal",
        string="Last proposal",
        compute="_compute_proposal",
        help="The last one that was sent.",
    )
    proposal_state = fields.Selection(
        selection=lambda self: self.env["commercial.complaint.proposal"]._fields["state"].selection,
        string="Answer of the customer",
        compute="_compute_proposal",
    )
    proposal_valid_until = fields.Date(string="Answer expected until", compute="_compute_proposal")
    proposal_is_explanation = fields.Boolean(string="Nothing was offered", compute="_compute_proposal")
    last_refusal = fields.Text(string="Why refused", compute="_compute_proposal")
    is_explanation_only = fields.Boolean(
        string="Explanation only",
        copy=False,
        help="Nothing is offered; the customer is told what was found and why.",
    )

    # --- COMPUTE ---

    @api.depends(
        "proposal_ids.state",
        "proposal_ids.version",
        "proposal_ids.valid_until",
        "proposal_ids.is_explanation_only",
        "proposal_ids.refusal_reason",
    )
    def _compute_proposal(self):
        for complaint in self:
            sent = complaint.proposal_ids.filtered(lambda proposal: proposal.state != "draft")
            complaint.proposal_count = len(complaint.proposal_ids)
            last = sent.sorted("version")[-1:]
            complaint.proposal_id = last
            complaint.proposal_state = last.state
            complaint.proposal_valid_until = last.valid_until
            complaint.proposal_is_explanation = last.is_explanation_only
            complaint.last_refusal = last.refusal_reason

    # --- GATES ---

    def _get_missing_for_await_customer(self):
        missing = super()._get_missing_for_await_customer()
        if not self.is_explanation_only and not self._get_open_solutions():
            missing.append(self.env._("a solution, or the tick “explanation only”"))
        if not self._is_reachable():
            missing.append(self.env._("an e-mail or postal address of the customer"))
        return missing

    def _get_missing_for_execute(self):
        missing = super()._get_missing_for_execute()
        proposal = self.proposal_id
        # where nothing is offered, there is nothing to accept
        answered = proposal.state == "accepted" or (
            proposal.is_explanation_only and proposal.state in ("sent", "expired")
        )
        if not answered:
            missing.append(self.env._("the agreement of the customer with a proposal"))
        return missing

    def _is_reachable(self):
        self.ensure_one()
        return bool(self.email_from or self.partner_id.email or self._has_postal_address(self.partner_id))

    @api.model
    def _has_postal_address(self, contact):
        return bool(contact.street and (contact.zip or contact.city))

    # --- WHAT IS OFFERED ---

    def _get_open_solutions(self):
        self.ensure_one()
        return self.solution_ids.filtered(lambda solution: solution.state in OPEN_SOLUTIONS)

    def _is_explained_only(self):
        """Whether the letter explains and offers nothing."""
        self.ensure_one()
        return not self._get_open_solutions().filtered(lambda solution: solution.kind != "information")

    def _prepare_proposal_lines(self):
        """Return the solutions as rows of a letter."""
        self.ensure_one()
        return [
            {
                "solution_id": solution.id,
                "sequence": number,
                "kind": solution.kind,
                "product_id": solution.product_id.id,
                "uom_id": solution.line_id.product_uom_id.id or solution.product_id.sudo().uom_id.id,
                "quantity": solution.quantity,
                "currency_id": solution.document_currency_id.id,
                # goods that are given free of charge have a value for us, not an amount for the customer
                "amount": solution.document_amount if solution.kind in MONEY_KINDS else 0.0,
                "note": solution.description,
            }
            for number, solution in enumerate(self._get_open_solutions(), start=1)
        ]

    def _prepare_proposal_snapshot(self):
        """Return what a letter takes from the complaint and the settings."""
        self.ensure_one()
        company_sudo = self.company_id.sudo()  # settings of letters are no secret
        return {
            "verdict": self.verdict,
            "is_explanation_only": self._is_explained_only(),
            "is_deemed_accepted": company_sudo.complaint_deemed_accepted and not self._is_explained_only(),
        }

    def _prepare_proposal(self):
        self.ensure_one()
        version = max(self.proposal_ids.mapped("version"), default=0) + 1
        proposals = self.proposal_ids.browse().with_company(self.company_id)
        zone = self.company_id.partner_id.tz or "Europe/Brussels"
        today = fields.Date.context_today(proposals.with_context(tz=zone))
        return {
            "complaint_id": self.id,
            "version": version,
            "name": f"{self.name}-{version}",
            "valid_until": fields.Date.add(today, days=self.company_id.sudo().complaint_proposal_days),
            "text_reasons": self.verdict_reason,
            "line_ids": [Command.create(vals) for vals in self._prepare_proposal_lines()],
            **self._prepare_proposal_snapshot(),
        }

    def _get_draft_proposal(self):
        """Return the letter that is being written, up to date with the solutions."""
        self.ensure_one()
        draft = self.proposal_ids.filtered(lambda proposal: proposal.state == "draft")
        if not draft:
            return self.env["commercial.complaint.proposal"].create(self._prepare_proposal())
        if not draft._matches_solutions() or draft.valid_until < draft._get_today():
            draft.unlink()
            self.invalidate_recordset(["proposal_ids"])
            return self.env["commercial.complaint.proposal"].create(self._prepare_proposal())
        return draft

    # --- ACTIONS ---

    def action_offer(self):
        """Write the letter and show it before it leaves."""
        self.ensure_one()
        self._check_may_work()
        self.check_access("write")
        self._check_can_offer()
        return self._get_draft_proposal()._get_preview_action()

    def _check_can_offer(self):
        """Raise with what is missing; a letter that left is not written again."""
        self.ensure_one()
        if self.state == "await_customer":
            raise UserError(
                self.env._("%(complaint)s waits for the answer of the customer.", complaint=self.display_name)
            )
        self._check_gate("await_customer")

    def _offer(self):
        """Write the letter and send it as the program wrote it; return the proposal."""
        self.ensure_one()
        self.action_offer()
        proposal = self._get_draft_proposal()
        proposal.action_send()
        return proposal

    def action_accept(self):
        """Ask who agreed, how and with what."""
        return self._open_answer("accept")

    def action_refuse(self):
        """Ask why the customer does not agree."""
        return self._open_answer("refuse")

    def _open_answer(self, decision):
        self.ensure_one()
        self._check_may_work()
        self.check_access("write")
        self._get_answerable_proposal()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.complaint_answer_action")
        action["context"] = {"default_complaint_id": self.id, "default_decision": decision}
        if decision == "refuse":
            action["name"] = self.env._("The Customer Does Not Agree")
        return action

    def _get_answerable_proposal(self):
        """Return the proposal the customer can answer; a person may still note an answer that came late."""
        self.ensure_one()
        proposal = self.proposal_id
        if self.state != "await_customer" or proposal.state not in ("sent", "expired"):
            raise UserError(
                self.env._("%(complaint)s does not wait for an answer of the customer.", complaint=self.display_name)
            )
        return proposal

    def action_propose_again(self):
        """Take our word back, to put another proposal before the customer."""
        for complaint in self:
            complaint._get_answerable_proposal()
            complaint._move("propose")
        return True

    def action_go_on(self):
        """Go on without an answer where nothing was offered."""
        self._move("execute")
        return True

    def action_view_proposals(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.complaint_proposal_action")
        action["domain"] = [("complaint_id", "=", self.id)]
        action["context"] = {}
        if len(self.proposal_ids) == 1:
            action |= {"view_mode": "form", "views": [(False, "form")], "res_id": self.proposal_ids.id}
        return action

    # --- TRANSITIONS ---

    def _moved(self, before, after):
        result = super()._moved(before, after)
        if after == "cancelled" or (before in ("await_customer", "execute") and after == "propose"):
            # what was put before the customer is no longer our word
            self.sudo().proposal_ids._supersede()
        if before == "await_customer":
            self.activity_unlink([ANSWER_ACTIVITY])
        return result

    def _refused_twice(self):
        """The customer refused a second proposal: it goes to the manager."""
        for complaint in self:
            refused = complaint.proposal_ids.filtered(lambda proposal: proposal.state == "refused")
            complaint._escalate("refused_twice", key=str(len(refused)))
        self._tell_about_proposal(
            self.env._("Two proposals were refused: escalate, and name the body for consumer disputes"),
        )

    # --- TASKS ---

    def _get_proposal_responsible(self):
        """Return who looks after the answer: the responsible, else the leader of the team; somebody who may see it."""
        self.ensure_one()
        for user in (self.user_id, self.team_id.sudo().user_id):
            if user and user.active and self.with_user(user).has_access("read"):
                return user
        return self.env["res.users"]

    def _tell_about_proposal(self, summary, note=None):
        """Give the responsible something to do; without one the complaint itself remembers it."""
        self.ensure_one()
        user = self._get_proposal_responsible()
        if not user:
            self._message_log(body=f"{summary}\n{note or ''}".strip())
            return
        # what a customer typed is text, never HTML
        note = plaintext2html(note) if note else None
        self.sudo().activity_schedule(ANSWER_ACTIVITY, summary=summary, note=note, user_id=user.id)

    def _in_language_of_proposal_responsible(self):
        self.ensure_one()
        return self.with_context(lang=self._get_proposal_responsible().lang or self.env.lang)

    # --- PORTAL ---

    def _get_portal_proposals(self):
        """Return the letters the customer got, the newest first."""
        self.ensure_one()
        return self.proposal_ids.filtered(lambda proposal: proposal.state != "draft").sorted("version", reverse=True)

    def _filter_seen_by(self, user):
        """Return the complaints a user may see; nobody gets a task about a secret."""
        if not user or not user.active:
            return self.browse()
        return self.with_user(user)._filtered_access("read").with_env(self.env)
