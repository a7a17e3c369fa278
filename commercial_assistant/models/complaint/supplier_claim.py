from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_list

from ...tools.complaint_figures import share_amount

STATES = [
    ("draft", "Draft"),
    ("sent", "Sent"),
    ("answered", "Answered"),
    ("accepted", "Accepted"),
    ("partly", "Accepted in part"),
    ("refused", "Refused"),
    ("settled", "Settled"),
    ("cancelled", "Cancelled"),
]
TRANSITIONS = {
    "draft": {"sent", "cancelled"},
    "sent": {"draft", "answered", "accepted", "partly", "refused", "cancelled"},
    "answered": {"draft", "accepted", "partly", "refused", "cancelled"},
    "accepted": {"settled"},
    "partly": {"draft", "settled"},
    "refused": {"draft"},
    "settled": set(),
    "cancelled": {"draft"},
}
WAITING_STATES = ("sent", "answered")
OPEN_STATES = ("draft", *WAITING_STATES)
RECOVERED_STATES = ("accepted", "partly", "settled")
# states in which what the supplier was told no longer changes
FROZEN_STATES = tuple(state for state, _label in STATES if state != "draft")
PARTIES = [("supplier", "Supplier"), ("carrier", "Carrier")]
REQUESTS = [
    ("credit", "A credit note"),
    ("replacement", "New goods"),
    ("repair", "Repair"),
    ("compensation", "Payment of our cost"),
    ("information", "An explanation"),
]
ANSWER_DAYS = 14
# how long before the end of a right of recourse somebody is warned
RECOURSE_DAYS = 14


class SupplierClaim(models.Model):
    """What a supplier or carrier has to answer for: one claim, about goods of one or several complaints."""

    _name = "commercial.supplier.claim"
    _description = "Claim on a Supplier"
    _inherit = ["mail.thread", "mail.activity.mixin", "commercial.customer.letter.mixin"]
    _order = "id desc"
    _check_company_auto = True
    _mail_post_access = "read"
    _rec_names_search = ["name", "partner_id", "supplier_reference"]

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/")
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    party = fields.Selection(selection=PARTIES, string="Claim on", required=True, default="supplier")
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Supplier or carrier",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
        tracking=True,
    )
    contact_id = fields.Many2one(
        comodel_name="res.partner",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        domain="[('commercial_partner_id', '=', partner_id)]",
        help="Whom the letter goes to. Empty: the supplier itself.",
    )
    currency_id = fields.Many2one(
        comodel_name="res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        help="In which the supplier invoices and credits.",
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Currency of the company")
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Responsible",
        index="btree_not_null",
        check_company=True,
        domain=[("share", "=", False)],
        default=lambda self: self.env.user,
        tracking=True,
    )
    line_ids = fields.One2many(
        comodel_name="commercial.supplier.claim.line", inverse_name="claim_id", string="Goods and cost"
    )
    complaint_ids = fields.Many2many(
        comodel_name="commercial.complaint",
        string="Complaints",
        compute="_compute_complaints",
        search="_search_complaint_ids",
    )
    complaint_count = fields.Integer(compute="_compute_complaints", string="Number of complaints")
    is_confidential = fields.Boolean(compute="_compute_is_confidential", store=True, string="Confidential")
    request = fields.Selection(selection=REQUESTS, string="What we ask", required=True, default="credit")
    explanation = fields.Text(
        string="To the supplier",
        help="Stands in the letter, in the language of the supplier. Never name the customer.",
    )
    attachment_ids = fields.Many2many(
        comodel_name="ir.attachment",
        relation="commercial_supplier_claim_attachment_rel",
        column1="claim_id",
        column2="attachment_id",
        string="Enclosures",
        bypass_search_access=True,
        help="Photos and papers that go with the letter.",
    )
    question_ids = fields.One2many(
        comodel_name="commercial.supplier.claim.question", inverse_name="claim_id", string="Questions and answers"
    )
    date_deadline = fields.Date(
        string="Answer until",
        tracking=True,
        help="By when the supplier is to answer; after that day the responsible person gets a task once.",
    )
    recourse_until = fields.Date(
        string="Recourse until",
        compute="_compute_recourse_until",
        store=True,
        readonly=False,
        help="Last day of our own right against the supplier. The responsible person is warned once, two weeks before.",
    )
    is_late = fields.Boolean(string="Late", compute="_compute_is_late", search="_search_is_late")
    waits = fields.Boolean(
        string="The complaint waits for the answer",
        default=True,
        help="Complaints under investigation wait for the supplier from the letter until the answer.",
    )
    # amounts
    amount_claimed = fields.Monetary(
        string="Claimed", compute="_compute_amount_claimed", store=True, help="In the currency of the supplier."
    )
    amount_accepted = fields.Monetary(
        string="Accepted", copy=False, tracking=True, help="What the supplier grants, in his currency, without VAT."
    )
    amount_recovered = fields.Monetary(
        string="Recovery",
        currency_field="company_currency_id",
        compute="_compute_amount_recovered",
        store=True,
        help="In the currency of the company, without VAT: the posted credit note, until then what was accepted.",
    )
    answer_note = fields.Text(string="Answer of the supplier", copy=False, help="With his reasons where he refuses.")
    supplier_reference = fields.Char(string="Reference of the supplier", copy=False)
    # documents
    credit_id = fields.Many2one(
        comodel_name="account.move",
        string="Credit note",
        copy=False,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        domain="[('move_type', '=', 'in_refund'), ('partner_id', 'child_of', partner_id), "
        "('company_id', '=', company_id)]",
    )
    credit_state = fields.Selection(related="credit_id.state", string="State of the credit note")
    return_count = fields.Integer(compute="_compute_return_count", string="Returns")
    settle_note = fields.Char(
        string="Settled how", copy=False, help="Where there is no credit note, e.g. new goods came on a date."
    )
    # stamps
    state = fields.Selection(
        selection=STATES, required=True, readonly=True, copy=False, index=True, tracking=True, default="draft"
    )
    version = fields.Integer(readonly=True, copy=False, default=1, aggregator=None)
    reminder_count = fields.Integer(string="Reminders sent", readonly=True, copy=False, aggregator=None)
    sent_on = fields.Datetime(readonly=True, copy=False)
    answered_on = fields.Datetime(readonly=True, copy=False)
    accepted_on = fields.Date(readonly=True, copy=False, help="Day whose exchange rate counts.")
    settled_on = fields.Datetime(readonly=True, copy=False)
    late_task_on = fields.Date(readonly=True, copy=False, help="When the task about the missing answer was given.")
    recourse_task_on = fields.Date(readonly=True, copy=False, help="When the end of the recourse was warned of.")

    _number_unique = models.UniqueIndex("(company_id, name) WHERE name <> '/'", "This number is in use already.")
    _accepted_positive = models.Constraint("CHECK (amount_accepted >= 0)", "The accepted amount is not negative.")
    _open = models.Index("(date_deadline) WHERE state IN ('draft', 'sent', 'answered')")

    # --- COMPUTE ---

    @api.depends("line_ids.complaint_id")
    def _compute_complaints(self):
        for claim in self:
            claim.complaint_ids = claim.line_ids.complaint_id
            claim.complaint_count = len(claim.complaint_ids)

    @api.model
    def _search_complaint_ids(self, operator, value):
        return [("line_ids.complaint_id", operator, value)]

    @api.depends("line_ids.complaint_id.is_confidential")
    def _compute_is_confidential(self):
        for claim in self:
            claim.is_confidential = any(claim.line_ids.complaint_id.mapped("is_confidential"))

    @api.depends("line_ids.complaint_line_id")
    def _compute_recourse_until(self):
        for claim in self:
            days = [day for line in claim.line_ids.complaint_line_id if (day := line._get_recourse_until())]
            claim.recourse_until = min(days, default=claim.recourse_until)

    @api.depends("date_deadline", "state")
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for claim in self:
            claim.is_late = bool(claim.state == "sent" and claim.date_deadline and claim.date_deadline < today)

    @api.model
    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("state", "=", "sent") & Domain("date_deadline", "<", fields.Date.context_today(self))

    @api.depends("line_ids.amount_claimed")
    def _compute_amount_claimed(self):
        for claim in self:
            claim.amount_claimed = sum(claim.line_ids.mapped("amount_claimed"))

    @api.depends(
        "state",
        "amount_accepted",
        "currency_id",
        "accepted_on",
        "credit_id.state",
        "credit_id.amount_untaxed_signed",
    )
    def _compute_amount_recovered(self):
        for claim in self:
            if claim.state not in RECOVERED_STATES:
                claim.amount_recovered = 0.0
            elif claim.credit_id.state == "posted":
                claim.amount_recovered = abs(claim.credit_id.amount_untaxed_signed)
            else:
                claim.amount_recovered = claim.currency_id._convert(
                    claim.amount_accepted,
                    claim.company_id.currency_id,
                    claim.company_id,
                    claim.accepted_on or fields.Date.context_today(claim),
                )

    @api.depends("line_ids.return_move_id")
    def _compute_return_count(self):
        for claim in self:
            # whoever may see the claim may know that goods went back
            claim.return_count = len(claim.line_ids.sudo().return_move_id.picking_id)

    # --- CONSTRAINTS ---

    @api.constrains("amount_accepted", "state")
    def _check_amount_accepted(self):
        for claim in self:
            if claim.currency_id.compare_amounts(claim.amount_accepted, claim.amount_claimed) > 0:
                raise ValidationError(
                    self.env._("%(claim)s: the supplier cannot accept more than was claimed.", claim=claim.name)
                )

    @api.constrains("credit_id", "partner_id")
    def _check_credit(self):
        """A credit note of somebody else never settles a claim."""
        for claim_sudo in self.sudo().filtered("credit_id"):
            credit_sudo = claim_sudo.credit_id
            owner = credit_sudo.partner_id.commercial_partner_id
            if credit_sudo.move_type != "in_refund" or owner != claim_sudo.partner_id.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "%(document)s is no credit note of %(supplier)s.",
                        document=credit_sudo.display_name,
                        supplier=claim_sudo.partner_id.display_name,
                    )
                )

    # --- CRUD ---

    @api.model
    def _get_protected_fields(self):
        """What only the buttons write."""
        return {
            "accepted_on",
            "answered_on",
            "late_task_on",
            "name",
            "recourse_task_on",
            "reminder_count",
            "sent_on",
            "settled_on",
            "state",
            "version",
        }

    @api.model
    def _get_frozen_fields(self):
        """What the supplier was told: it changes in a new version only."""
        return {"company_id", "currency_id", "explanation", "line_ids", "partner_id", "party", "request"}

    @api.model_create_multi
    def create(self, vals_list):
        stamps = self._get_protected_fields() - {"name", "state"}
        for vals in vals_list:
            if not self.env.su and (stamps & vals.keys() or vals.get("state", "draft") != "draft"):
                raise AccessError(self.env._("The state of a claim follows its buttons."))
            if vals.get("name", "/") == "/":
                sequence = self.env["ir.sequence"].with_company(vals.get("company_id") or self.env.company.id)
                vals["name"] = sequence.next_by_code("commercial.supplier.claim") or "/"
        claims = super().create(vals_list)
        claims._adopt_attachments()
        return claims

    def write(self, vals):
        if not self.env.su and self._get_protected_fields() & vals.keys():
            raise AccessError(self.env._("The state of a claim follows its buttons."))
        if self._get_frozen_fields() & vals.keys():
            self._check_draft()
        if "amount_accepted" in vals:
            self._check_accepting()
        if state := vals.get("state"):
            self._check_transition(state)
        result = super().write(vals)
        if "attachment_ids" in vals:
            self._adopt_attachments()
        return result

    def _adopt_attachments(self):
        """A file put in before the claim was saved belongs to the claim: colleagues may read it."""
        for claim in self:
            # only files of this very person that belong to nothing
            loose_sudo = claim.attachment_ids.sudo().filtered(
                lambda file: not file.res_id and file.create_uid == self.env.user
            )
            loose_sudo.write({"res_model": self._name, "res_id": claim.id})

    def copy_data(self, default=None):
        raise UserError(self.env._("A claim is not duplicated: make it from the complaint."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        if any(claim.state != "draft" or claim.version > 1 for claim in self):
            raise UserError(self.env._("A claim that left is cancelled, not deleted."))

    # --- GATES ---

    def _check_may_work(self):
        self.env["commercial.complaint"]._check_may_work()
        self.check_access("write")

    def _check_draft(self):
        for claim in self:
            if claim.state != "draft":
                raise UserError(
                    self.env._("%(claim)s was sent as it is. Make a new version to change it.", claim=claim.name)
                )

    def _check_accepting(self):
        for claim in self:
            if claim.state not in (*OPEN_STATES, "partly"):
                raise UserError(self.env._("%(claim)s: the accepted amount is settled.", claim=claim.name))

    def _check_transition(self, state):
        states = dict(self._fields["state"]._description_selection(self.env))
        for claim in self.filtered(lambda claim: claim.state != state):
            if state not in TRANSITIONS[claim.state]:
                raise UserError(
                    self.env._(
                        "%(claim)s is in “%(state)s” and cannot go to “%(new_state)s”.",
                        claim=claim.name,
                        state=states[claim.state],
                        new_state=states[state],
                    )
                )

    def _get_missing(self, state):
        """What is missing before the claim may go to ``state``: a list of phrases."""
        self.ensure_one()
        gate = getattr(self, f"_get_missing_for_{state}", None)
        return gate() if gate else []

    def _get_missing_for_sent(self):
        missing = []
        if not self.line_ids:
            missing.append(self.env._("a line with the goods or the cost"))
        if not (self.explanation or "").strip():
            missing.append(self.env._("what we write to the supplier"))
        if self.request in ("credit", "compensation") and self.currency_id.is_zero(self.amount_claimed):
            missing.append(self.env._("the claimed amount"))
        if not self.date_deadline:
            missing.append(self.env._("the day until which we want an answer"))
        elif self.date_deadline < fields.Date.context_today(self):
            missing.append(self.env._("a day for the answer that is still to come"))
        return missing

    def _get_missing_for_answered(self):
        if (self.answer_note or "").strip() or any(question.answer for question in self.question_ids):
            return []
        return [self.env._("the answer of the supplier")]

    def _get_missing_for_accepted(self):
        if self.currency_id.is_zero(self.amount_accepted) and self.request in ("credit", "compensation"):
            return [self.env._("the accepted amount")]
        return []

    def _get_missing_for_partly(self):
        return self._get_missing_for_accepted()

    def _get_missing_for_refused(self):
        return [] if (self.answer_note or "").strip() else [self.env._("the reasons of the supplier")]

    def _get_missing_for_settled(self):
        if self.sudo().credit_id.state == "posted" or (self.settle_note or "").strip():
            return []
        return [self.env._("the posted credit note of the supplier, or how it was settled without one")]

    def _check_gate(self, state):
        self._check_transition(state)
        states = dict(self._fields["state"]._description_selection(self.env))
        for claim in self:
            if missing := claim._get_missing(state):
                raise UserError(
                    self.env._(
                        "%(claim)s cannot go to “%(state)s” yet. Missing: %(missing)s.",
                        claim=claim.name,
                        state=states[state],
                        missing=format_list(self.env, missing),
                    )
                )

    def _move(self, state, **values):
        """Bring claims into ``state`` with its stamps; rights and gate are checked here."""
        self._check_may_work()
        self._check_gate(state)
        # the state is written by the buttons, in the name of the person
        self.sudo().write({"state": state, **values})

    # --- ACTIONS ---

    def action_send(self):
        """Write to the supplier; each version leaves once."""
        for claim in self:
            claim._check_may_work()
            if not claim.date_deadline:
                claim.date_deadline = fields.Date.add(fields.Date.context_today(claim), days=ANSWER_DAYS)
            claim._check_gate("sent")
            claim._send_customer_letter("claim")
            claim._move("sent", sent_on=fields.Datetime.now())
            if claim.waits:
                claim._hold_complaints()
        return True

    def action_remind(self):
        """Write once more to a supplier who does not answer."""
        for claim in self:
            claim._check_may_work()
            if claim.state != "sent":
                raise UserError(self.env._("%(claim)s does not wait for an answer.", claim=claim.name))
            claim.sudo().reminder_count += 1
            claim._send_customer_letter("reminder")
        return True

    def action_revise(self):
        """Change what the supplier is told: the next version leaves as a letter of its own."""
        for claim in self:
            raised = claim.version if claim.state == "cancelled" and not claim.sent_on else claim.version + 1
            claim._move("draft", version=raised, late_task_on=False, answered_on=False, accepted_on=False)
        return True

    def action_answered(self):
        """The supplier answered; what he grants is decided later."""
        self._move("answered", answered_on=fields.Datetime.now())
        self._release_complaints()
        return True

    def action_accept(self):
        """The supplier grants all or a part of the claim."""
        today = fields.Date.context_today(self)
        for claim in self:
            claim._check_may_work()
            less = claim.currency_id.compare_amounts(claim.amount_accepted, claim.amount_claimed) < 0
            # without money there is nothing to compare
            partly = less and not claim.currency_id.is_zero(claim.amount_accepted)
            claim._move(
                "partly" if partly else "accepted",
                accepted_on=today,
                answered_on=claim.answered_on or fields.Datetime.now(),
            )
            claim._close_tasks()
        self._release_complaints()
        return True

    def action_refuse(self):
        """The supplier grants nothing."""
        for claim in self:
            claim._check_gate("refused")
            claim._move("refused", amount_accepted=0, answered_on=claim.answered_on or fields.Datetime.now())
            claim._close_tasks()
        self._release_complaints()
        return True

    def action_settle(self):
        """What the supplier granted has come."""
        self._move("settled", settled_on=fields.Datetime.now())
        self._close_tasks()
        return True

    def action_cancel(self):
        self._move("cancelled")
        self._close_tasks()
        self._release_complaints()
        return True

    def action_view_complaints(self):
        return self.complaint_ids._get_records_action(name=self.env._("Complaints"))

    # --- COMPLAINTS ---

    def _hold_complaints(self):
        """Complaints that are being investigated wait for the answer."""
        waiting = self.line_ids.complaint_id.filtered(lambda complaint: complaint.state == "investigate")
        waiting._move("await_supplier")

    def _release_complaints(self):
        """The investigation goes on when no supplier is waited for any more; whoever does it learns of the answer."""
        complaints = self.line_ids.complaint_id.filtered(lambda complaint: complaint.state == "await_supplier")
        if not complaints:
            return
        # the claims of a colleague hold a complaint too
        waiting_sudo = (
            self.env["commercial.supplier.claim.line"]
            .sudo()
            .search(
                [
                    ("complaint_id", "in", complaints.ids),
                    ("claim_id.state", "=", "sent"),
                    ("claim_id.waits", "=", True),
                    ("claim_id", "not in", self.ids),
                ]
            )
        )
        for complaint in complaints - waiting_sudo.complaint_id.sudo(False):
            complaint._move("investigate")
            complaint._message_log(body=self.env._("The supplier answered: the investigation goes on."))

    # --- RECOVERY ---

    def _share_recovered(self):
        """Return what each line recovers, in the currency of the company: in proportion to what was claimed.

        :rtype: dict of line and amount
        """
        return self._share(self.amount_recovered, self.company_id.currency_id)

    def _share_accepted(self):
        """Return what each line gets of the accepted amount, in the currency of the supplier."""
        return self._share(self.amount_accepted, self.currency_id)

    def _share(self, amount, currency):
        self.ensure_one()
        lines = self.line_ids
        weights = [Decimal(str(round(max(line.amount_claimed, 0.0), 6))) for line in lines]
        whole = Decimal(str(round(currency.round(amount), 6)))
        parts = share_amount(whole, weights, Decimal(str(round(currency.rounding, 6))))
        return dict(zip(lines, map(float, parts), strict=True))
