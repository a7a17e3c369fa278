import logging

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

_logger = logging.getLogger(__name__)


class ComplaintProposal(models.Model):
    """What the customer says to a proposal, whatever the way he says it; each proposal is answered once."""

    _inherit = "commercial.complaint.proposal"

    # --- ANSWER ---

    def _check_open_answer(self, late_too):
        """Raise unless this version can be answered.

        :param late_too: a person may still note what the customer said after the last day
        """
        self.ensure_one()
        if self.state == "superseded":
            raise UserError(self.env._("This proposal was replaced by a newer one."))
        if self.state in ("accepted", "refused"):
            raise UserError(self.env._("This proposal was answered already."))
        if self.state == "draft" or self.complaint_id.state != "await_customer":
            raise UserError(self.env._("This proposal does not wait for an answer."))
        if not late_too and (self.state == "expired" or self.valid_until < self._get_today()):
            raise UserError(self.env._("The last day to answer this proposal has passed."))

    def _prepare_answer(self, how, name=None, note=None, answered_on=None):
        by_hand = how not in ("portal", "silence")
        return {
            "answered_on": answered_on or fields.Datetime.now(),
            "answered_how": how,
            "answered_uid": self.env.uid if by_hand else False,
            "signed_name": (name or "").strip()[:100] or False,
            "answer_note": (note or "").strip() or False,
        }

    def _accept(self, how, name=None, lines=None, note=None, answered_on=None):
        """The customer agrees, with all or with some of the lines; called with the rights of the superuser.

        :param lines: the lines he accepts; None means all
        """
        self.ensure_one()
        self._lock()
        self._check_open_answer(late_too=how != "portal")
        lines = self.line_ids if lines is None else lines
        if lines - self.line_ids:
            raise UserError(self.env._("This is no part of the proposal. Look at the page again."))
        refused = self.line_ids - lines
        if self.line_ids and not lines:
            raise UserError(self.env._("Choose at least one solution, or refuse the proposal."))
        if refused and not self.is_divisible:
            raise UserError(self.env._("This proposal is accepted or refused as a whole."))
        self._withdraw_letter()
        lines.write({"state": "accepted"})
        refused.write({"state": "refused"})
        self.write({"state": "accepted", **self._prepare_answer(how, name, note, answered_on)})
        complaint = self.complaint_id
        lines.solution_id._set_state("accepted")
        refused.solution_id._set_state("refused")
        complaint._move("execute")
        self._log_answer()
        if how in ("portal", "silence"):
            spoken = complaint._in_language_of_proposal_responsible()
            spoken._tell_about_proposal(
                spoken.env._("The customer agrees: carry the proposal out"), self.answer_note or None
            )

    def _refuse(self, how, reason, name=None, note=None, answered_on=None):
        """The customer does not agree: we look for something else. Called with the rights of the superuser."""
        self.ensure_one()
        reason = (reason or "").strip()[:5000]
        if not reason:
            raise UserError(self.env._("Say why the proposal is refused."))
        self._lock()
        self._check_open_answer(late_too=how != "portal")
        self._withdraw_letter()
        self.line_ids.write({"state": "refused"})
        self.write({"state": "refused", "refusal_reason": reason, **self._prepare_answer(how, name, note, answered_on)})
        complaint = self.complaint_id
        self.line_ids.solution_id._set_state("refused")
        complaint._move("propose")
        self._log_answer()
        spoken = complaint._in_language_of_proposal_responsible()
        if how == "portal":
            spoken._tell_about_proposal(spoken.env._("The customer refused the proposal"), reason)
        refusals = complaint.proposal_ids.filtered(lambda proposal: proposal.state == "refused")
        if len(refusals) == 2:
            spoken._refused_twice()

    def _log_answer(self):
        """Tell in the complaint who said what."""
        self.ensure_one()
        who = self.signed_name or self.contact_id.name
        hows = dict(self._fields["answered_how"]._description_selection(self.env))
        values = {"proposal": self.name, "who": who, "how": hows[self.answered_how]}
        if self.state == "accepted":
            text = self.env._("%(who)s accepted proposal %(proposal)s (%(how)s).", **values)
        else:
            text = self.env._(
                "%(who)s refused proposal %(proposal)s (%(how)s): %(reason)s", reason=self.refusal_reason, **values
            )
        self.complaint_id._message_log(body=text)

    # --- CRON ---

    @api.model
    def _cron_expire(self):
        """End the proposals that nobody answered: with a task for the responsible, or with the agreed silence."""
        self.sudo()._expire(fields.Date.context_today(self.with_context(tz="Europe/Brussels")))

    @api.model
    def _expire(self, today):
        """End what could be answered until before ``today``; the queries do not grow with the proposals."""
        late = self.search(Domain("state", "=", "sent") & Domain("valid_until", "<", today), order="id")
        silent = late.filtered("is_deemed_accepted")
        for proposal in silent:
            proposal._accept_silence()
        late -= silent
        late.write({"state": "expired"})
        late._tell_expired()

    def _accept_silence(self):
        """What the letter announced happens; what goes wrong with one does not stop the others."""
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                self._accept("silence")
        except UserError as error:
            _logger.info("Proposal %s cannot be taken as accepted: %s", self.name, error)
            self.write({"state": "expired"})
            self._tell_expired()

    def _tell_expired(self):
        """Ask the responsible of each complaint what to do now, in his language."""
        by_user = {}
        for complaint in self.complaint_id:
            user = complaint.user_id or complaint.team_id.user_id
            by_user.setdefault(user, self.env["commercial.complaint"])
            by_user[user] |= complaint
        for user, complaints in by_user.items():
            complaints = complaints._filter_seen_by(user)
            if not complaints:
                continue
            # many tasks of one night come without a mail for each
            spoken = complaints.with_context(lang=user.lang, mail_activity_quick_update=True)
            spoken.activity_schedule(
                "commercial_assistant.mail_activity_type_complaint_answer",
                summary=spoken.env._("The customer did not answer the proposal: call, or propose something else"),
                user_id=user.id,
            )

    # --- PORTAL ---

    def _as_customer(self):
        """Return the proposal as the program sees it, for a customer who was let in before."""
        return self.with_user(SUPERUSER_ID)
