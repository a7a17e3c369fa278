from datetime import datetime, time

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...models.complaint.complaint import CHANNELS


class ComplaintAnswer(models.TransientModel):
    """Note what a customer said to a proposal on the telephone, by mail or in person."""

    _name = "commercial.complaint.answer"
    _description = "Answer of a Customer to a Proposal"

    complaint_id = fields.Many2one(comodel_name="commercial.complaint", required=True, readonly=True)
    proposal_id = fields.Many2one(
        comodel_name="commercial.complaint.proposal",
        compute="_compute_proposal_id",
        store=True,
    )
    decision = fields.Selection(
        selection=[("accept", "Agrees"), ("refuse", "Does not agree")],
        required=True,
        default="accept",
    )
    how = fields.Selection(selection=[pair for pair in CHANNELS if pair[0] != "portal"], required=True, default="phone")
    answered_on = fields.Date(string="Answered on", required=True, default=fields.Date.context_today)
    signed_name = fields.Char(
        string="Who answered",
        compute="_compute_signed_name",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    note = fields.Text(help="For the file, for example how the customer put it.")
    reason = fields.Text(string="Why not", help="In the words of the customer.")
    is_divisible = fields.Boolean(related="proposal_id.is_divisible")
    is_late = fields.Boolean(compute="_compute_is_late")
    valid_until = fields.Date(related="proposal_id.valid_until")
    line_ids = fields.One2many(
        comodel_name="commercial.complaint.answer.line",
        inverse_name="answer_id",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
        string="Solutions",
    )

    @api.depends("complaint_id")
    def _compute_proposal_id(self):
        for answer in self:
            answer.proposal_id = answer.complaint_id.proposal_id

    @api.depends("complaint_id")
    def _compute_signed_name(self):
        for answer in self:
            answer.signed_name = answer.complaint_id.partner_id.name or answer.complaint_id.contact_name

    @api.depends("proposal_id")
    def _compute_line_ids(self):
        for answer in self:
            answer.line_ids = [Command.clear()] + [
                Command.create({"line_id": line.id, "is_accepted": True}) for line in answer.proposal_id.line_ids
            ]

    @api.depends("answered_on", "valid_until")
    def _compute_is_late(self):
        for answer in self:
            answer.is_late = bool(answer.valid_until and answer.answered_on and answer.answered_on > answer.valid_until)

    def action_note_answer(self):
        """Note the answer, once."""
        self.ensure_one()
        complaint = self.complaint_id
        complaint._check_may_work()
        complaint.check_access("write")
        proposal = complaint._get_answerable_proposal()
        if self.proposal_id != proposal:
            raise UserError(self.env._("Another proposal was sent meanwhile. Look at the complaint again."))
        if not (self.signed_name or "").strip():
            raise UserError(self.env._("Who answered?"))
        values = {"name": self.signed_name, "note": self.note, "answered_on": self._get_moment()}
        # the answer is written by the button, in the name of the person
        proposal_sudo = proposal.sudo()
        if self.decision == "accept":
            proposal_sudo._accept(self.how, lines=self._get_accepted_lines().sudo(), **values)
        else:
            proposal_sudo._refuse(self.how, self.reason, **values)
        return {"type": "ir.actions.act_window_close"}

    def _get_accepted_lines(self):
        if not self.is_divisible:
            return self.proposal_id.line_ids
        return self.line_ids.filtered("is_accepted").line_id

    def _get_moment(self):
        """Return a moment on the day of the answer, which cannot lie before the letter or after today."""
        zone = pytz.timezone(self.complaint_id.company_id.partner_id.tz or "Europe/Brussels")
        sent_sudo = self.proposal_id.sudo().sent_on
        sent = pytz.utc.localize(sent_sudo).astimezone(zone).date()
        today = self.proposal_id._get_today()
        if self.answered_on > today:
            raise UserError(self.env._("The customer cannot have answered on a day that is still to come."))
        if self.answered_on < sent:
            raise UserError(self.env._("The customer cannot have answered before the letter was sent."))
        if self.answered_on == today:
            return fields.Datetime.now()
        noon = zone.localize(datetime.combine(self.answered_on, time(12)))
        return noon.astimezone(pytz.utc).replace(tzinfo=None)
