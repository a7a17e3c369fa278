import uuid

from odoo import api, fields, models
from odoo.exceptions import AccessError, LockError, UserError, ValidationError
from odoo.tools import email_normalize

from ...tools.consumer_links import has_closed_platform
from .complaint import CHANNELS, VERDICTS

# what the customer can still have in his hands as our word
LIVE_STATES = ("draft", "sent", "expired")
ANSWER_CHANNELS = [*CHANNELS, ("silence", "By saying nothing")]
# texts a person may put in his own words; what the law asks for is written by the program
OWN_TEXTS = ("text_intro", "text_decision", "text_reasons", "text_term", "text_contact")
LAW_TEXTS = ("text_rights", "text_adr")


class ComplaintProposal(models.Model):
    """Our answer to a complaint as the customer gets it: the decision, its reasons, what we offer and until when.

    Each version leaves once. A new version takes the place of the one before.
    """

    _name = "commercial.complaint.proposal"
    _description = "Proposal to a Customer"
    _inherit = "commercial.dispatch.mixin"
    _order = "complaint_id desc, version desc"
    _check_company_auto = True
    _rec_names_search = ["name"]

    complaint_id = fields.Many2one(
        comodel_name="commercial.complaint",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="complaint_id.company_id", store=True, index=True)
    is_confidential = fields.Boolean(related="complaint_id.is_confidential", store=True)
    partner_id = fields.Many2one(related="complaint_id.commercial_partner_id", store=True, string="Customer")
    user_id = fields.Many2one(related="complaint_id.user_id", string="Responsible")
    subject = fields.Char(related="complaint_id.subject")
    name = fields.Char(string="Number", required=True, readonly=True)
    version = fields.Integer(required=True, readonly=True, aggregator=None)
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("sent", "Sent"),
            ("accepted", "Accepted"),
            ("refused", "Refused"),
            ("expired", "Expired"),
            ("superseded", "Replaced"),
        ],
        required=True,
        readonly=True,
        default="draft",
        index=True,
    )
    # to whom
    contact_id = fields.Many2one(
        comodel_name="res.partner",
        string="Recipient",
        compute="_compute_recipient",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    channel = fields.Selection(
        selection=[("email", "E-mail"), ("post", "Post"), ("registered", "Registered post")],
        compute="_compute_recipient",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    lang = fields.Selection(
        selection=lambda self: self.env["res.lang"].get_installed(),
        string="Language",
        compute="_compute_recipient",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="The texts follow when it changes.",
    )
    # what
    verdict = fields.Selection(selection=VERDICTS, readonly=True)
    is_explanation_only = fields.Boolean(string="Explanation only", readonly=True)
    is_divisible = fields.Boolean(
        string="Can be accepted in part",
        default=True,
        help="The customer can accept some of the solutions and refuse others.",
    )
    is_deemed_accepted = fields.Boolean(
        string="Silence accepts",
        readonly=True,
        help="The letter says that no answer counts as agreement.",
    )
    valid_until = fields.Date(
        required=True,
        help="The last day on which the customer can answer.",
    )
    line_ids = fields.One2many(
        comodel_name="commercial.complaint.proposal.line",
        inverse_name="proposal_id",
        string="Solutions",
    )
    text_intro = fields.Text(string="Opening", compute="_compute_text_intro", store=True, readonly=False)
    text_decision = fields.Text(string="Decision", compute="_compute_text_decision", store=True, readonly=False)
    text_reasons = fields.Text(
        string="Reasons",
        help="In the language of the customer. Empty: the letter has no part on it.",
    )
    text_term = fields.Text(string="Answer until", compute="_compute_text_term", store=True, readonly=False)
    text_contact = fields.Text(string="Not in agreement", compute="_compute_text_contact", store=True, readonly=False)
    text_rights = fields.Text(string="Legal guarantee", compute="_compute_text_rights", store=True)
    text_adr = fields.Text(string="Out-of-court settlement", compute="_compute_text_adr", store=True)
    preview = fields.Html(compute="_compute_preview", sanitize=False)
    warning = fields.Text(compute="_compute_warning")
    # how it went
    access_token = fields.Char(copy=False, groups=fields.NO_ACCESS)
    attachment_id = fields.Many2one(
        comodel_name="ir.attachment",
        string="Letter",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    sha256 = fields.Char(string="Fingerprint", readonly=True)
    sent_on = fields.Datetime(readonly=True)
    sent_uid = fields.Many2one(comodel_name="res.users", string="Sent by", readonly=True)
    answered_on = fields.Datetime(readonly=True)
    answered_how = fields.Selection(selection=ANSWER_CHANNELS, readonly=True)
    answered_uid = fields.Many2one(
        comodel_name="res.users",
        string="Noted by",
        readonly=True,
        help="Who noted the answer. Empty: the customer himself.",
    )
    signed_name = fields.Char(string="Answered by", readonly=True)
    answer_note = fields.Text(string="Note on the answer", readonly=True)
    refusal_reason = fields.Text(string="Why refused", readonly=True)

    _version_unique = models.UniqueIndex("(complaint_id, version)", "This version exists already.")
    _one_draft = models.UniqueIndex("(complaint_id) WHERE state = 'draft'", "There is a draft of a proposal already.")
    _one_sent = models.UniqueIndex(
        "(complaint_id) WHERE state = 'sent'", "One proposal at a time waits for the answer of the customer."
    )
    _waiting = models.Index("(valid_until) WHERE state = 'sent'")

    # --- COMPUTE ---

    @api.depends("complaint_id")
    def _compute_recipient(self):
        active = dict(self.env["res.lang"].get_installed())
        for proposal in self:
            complaint = proposal.complaint_id
            proposal.contact_id = complaint.partner_id
            proposal.channel = "email" if email_normalize(complaint.email_from or "") else "post"
            wanted = (complaint.lang, complaint.partner_id.lang, complaint.company_id.partner_id.lang, self.env.lang)
            proposal.lang = next((lang for lang in wanted if lang in active), "en_US")

    @api.depends("valid_until", "text_adr", "state", "contact_id", "company_id")
    def _compute_warning(self):
        for proposal in self:
            proposal.warning = "\n".join(proposal._get_warnings()) if proposal.state == "draft" else False

    # --- CONSTRAINTS ---

    @api.constrains(*OWN_TEXTS, *LAW_TEXTS)
    def _check_closed_platform(self):
        for proposal in self:
            if any(has_closed_platform(proposal[name]) for name in (*OWN_TEXTS, *LAW_TEXTS)):
                proposal._refuse_closed_platform()

    def _refuse_closed_platform(self):
        raise ValidationError(
            self.env._(
                "%(proposal)s: the European platform for online disputes was closed on 20 July 2025. "
                "Remove the link to it.",
                proposal=self.name,
            )
        )

    @api.constrains("contact_id", "complaint_id")
    def _check_contact(self):
        """A letter about a complaint never goes to somebody else's address."""
        for proposal in self:
            customer = proposal.complaint_id.commercial_partner_id
            if proposal.contact_id and customer and proposal.contact_id.commercial_partner_id != customer:
                raise ValidationError(
                    self.env._(
                        "%(contact)s does not belong to %(customer)s.",
                        contact=proposal.contact_id.display_name,
                        customer=customer.display_name,
                    )
                )

    # --- CRUD ---

    @api.model
    def _get_editable_fields(self):
        """What a person changes in a draft; all the rest follows the buttons."""
        return {*OWN_TEXTS, "channel", "contact_id", "is_divisible", "lang", "line_ids", "valid_until"}

    @api.model_create_multi
    def create(self, vals_list):
        allowed = self._get_editable_fields() | {
            "complaint_id",
            "name",
            "version",
            "verdict",
            "is_explanation_only",
            "is_deemed_accepted",
        }
        if not self.env.su and any(vals.keys() - allowed for vals in vals_list):
            raise AccessError(self.env._("The state of a proposal follows its buttons."))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            if vals.keys() - self._get_editable_fields():
                raise AccessError(self.env._("The state of a proposal follows its buttons."))
            self._check_draft()
        return super().write(vals)

    def copy_data(self, default=None):
        raise UserError(self.env._("A proposal is not duplicated: make a new one from its complaint."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        if any(proposal.state != "draft" for proposal in self):
            raise UserError(self.env._("What was sent to the customer is kept as it was sent."))

    # --- CHECKS ---

    def _check_draft(self):
        for proposal in self:
            if proposal.state != "draft":
                raise UserError(
                    self.env._("%(proposal)s was sent: it stays as the customer got it.", proposal=proposal.name)
                )

    def _lock(self):
        """Hold the proposal alone until the end of the transaction."""
        self.ensure_one()
        try:
            self.lock_for_update()
        except LockError as error:
            raise UserError(
                self.env._("Somebody else is working on %(proposal)s at this moment.", proposal=self.name)
            ) from error
        self.invalidate_recordset()

    def _check_can_send(self):
        self.ensure_one()
        self._check_draft()
        if self.valid_until < self._get_today():
            raise UserError(self.env._("The customer needs time to answer: “valid until” lies in the past."))
        if not self._matches_solutions():
            raise UserError(
                self.env._(
                    "The solutions or the verdict were changed since %(proposal)s was written. Write it anew.",
                    proposal=self.name,
                )
            )
        if not (self.text_decision or "").strip():
            raise UserError(self.env._("The letter does not say what was decided."))
        if self.verdict != "founded" and not (self.text_reasons or "").strip():
            raise UserError(self.env._("Say why: the customer is owed the reasons of the decision."))
        if self.channel == "email" and not email_normalize(self._get_email() or ""):
            raise UserError(self.env._("%(contact)s has no e-mail address.", contact=self.contact_id.display_name))
        if self.channel != "email" and not self.complaint_id._has_postal_address(self.contact_id):
            raise UserError(self.env._("%(contact)s has no postal address.", contact=self.contact_id.display_name))

    def _get_email(self):
        """Return the address the mail goes to: that of the complaint, unless another recipient was chosen."""
        self.ensure_one()
        complaint = self.complaint_id
        return (complaint.email_from if self.contact_id == complaint.partner_id else None) or self.contact_id.email

    def _get_today(self):
        """Return the day of today where the company is."""
        zone = self.company_id.partner_id.tz or "Europe/Brussels"
        return fields.Date.context_today(self.with_context(tz=zone))

    # --- DRAFT ---

    def _matches_solutions(self):
        """Whether the draft offers what the complaint holds now."""
        self.ensure_one()
        complaint = self.complaint_id
        if (self.verdict, self.is_explanation_only) != (complaint.verdict, complaint._is_explained_only()):
            return False
        offered = {
            line.solution_id.id: (
                line.kind,
                line.product_id.id,
                line.quantity,
                line.currency_id.round(line.amount),
                line.note or "",
            )
            for line in self.line_ids
        }
        wanted = {
            vals["solution_id"]: (
                vals["kind"],
                vals["product_id"],
                vals["quantity"],
                self.env["res.currency"].browse(vals["currency_id"]).round(vals["amount"]),
                vals["note"] or "",
            )
            for vals in complaint._prepare_proposal_lines()
        }
        return offered == wanted

    def _write_anew(self):
        """Throw the texts of a draft away and write them from the complaint as it is."""
        for proposal in self:
            proposal._check_draft()
            complaint = proposal.complaint_id
            proposal.line_ids.unlink()
            # the snapshot of a draft follows the complaint, whoever opens it
            proposal.sudo().write(complaint._prepare_proposal_snapshot())
            proposal.write(
                {
                    "text_reasons": complaint.verdict_reason,
                    "line_ids": [fields.Command.create(vals) for vals in complaint._prepare_proposal_lines()],
                }
            )
            for name in (*OWN_TEXTS, *LAW_TEXTS):
                if self._fields[name].compute:
                    self.env.add_to_compute(self._fields[name], proposal)

    # --- ACTIONS ---

    def action_write_anew(self):
        self.ensure_one()
        self.complaint_id._check_may_work()
        self.check_access("write")
        self._write_anew()
        return self._get_preview_action()

    def _get_preview_action(self):
        """Show the letter before it leaves."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Letter to the Customer"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [[self.env.ref("commercial_assistant.complaint_proposal_view_form_preview").id, "form"]],
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    def action_send(self):
        """Send the letter and wait for the customer. Twice sends it once."""
        self.ensure_one()
        complaint = self.complaint_id
        complaint._check_may_work()
        complaint.check_access("write")
        proposal_sudo = self.sudo()  # the stamps are written by the button, in the name of the person
        proposal_sudo._lock()
        if proposal_sudo.state == "sent":
            return {"type": "ir.actions.act_window_close"}
        complaint._check_can_offer()
        proposal_sudo._check_can_send()
        # the gate looks at the solutions while they are still ours
        complaint._move("await_customer")
        dispatch_sudo = proposal_sudo._offer()
        # the letter leaves when everything else is done
        dispatch_sudo._send()
        return {"type": "ir.actions.act_window_close"}

    def _offer(self):
        """Fix the draft, put its solutions before the customer, and reserve the letter; return the dispatch."""
        self.ensure_one()
        self.complaint_id.proposal_ids.filtered(
            lambda other: other != self and other.state in ("sent", "expired")
        )._supersede()
        # what the law asks for is written on the day of the letter, whatever was there before
        for name in LAW_TEXTS:
            self.env.add_to_compute(self._fields[name], self)
        self.flush_recordset()
        self.write({"access_token": str(uuid.uuid4()), "sent_uid": self.env.uid, "sent_on": fields.Datetime.now()})
        dispatch = self._reserve_letter()
        self.write({"state": "sent"})
        self.line_ids.solution_id._set_state("offered")
        return dispatch

    def _supersede(self):
        """Take our word back: a new version comes, or the complaint is none any more."""
        live = self.filtered(lambda proposal: proposal.state in LIVE_STATES)
        live._withdraw_letter()
        drafts = live.filtered(lambda proposal: proposal.state == "draft")
        live -= drafts
        drafts.unlink()
        live.write({"state": "superseded"})
        for proposal in live:
            offered = proposal.line_ids.solution_id.filtered(lambda solution: solution.state == "offered")
            offered._set_state("draft")

    def action_print(self):
        """Show the letter as it was sent, or as it would be sent."""
        return self.env.ref("commercial_assistant.action_report_complaint_proposal").report_action(self)

    def action_open_complaint(self):
        self.ensure_one()
        return self.complaint_id._get_records_action()

    def action_accept(self):
        return self.complaint_id.action_accept()

    def action_refuse(self):
        return self.complaint_id.action_refuse()
