from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_list

from .complaint_category import SEVERITIES

STATES = [
    ("new", "New"),
    ("assess", "Assessment"),
    ("investigate", "Investigation"),
    ("propose", "Proposal"),
    ("await_customer", "Waiting for the customer"),
    ("await_supplier", "Waiting for the supplier"),
    ("execute", "Settlement"),
    ("closed", "Closed"),
    ("cancelled", "Cancelled"),
]
TRANSITIONS = {
    "new": {"assess", "cancelled"},
    "assess": {"investigate", "cancelled"},
    "investigate": {"propose", "await_supplier", "cancelled"},
    "propose": {"investigate", "await_customer", "cancelled"},
    "await_customer": {"propose", "execute", "cancelled"},
    "await_supplier": {"investigate", "cancelled"},
    "execute": {"closed", "propose"},
    "closed": {"investigate"},
    "cancelled": {"new"},
}
ENDED_STATES = ("closed", "cancelled")
CHANNELS = [
    ("phone", "Phone"),
    ("email", "E-mail"),
    ("portal", "Customer portal"),
    ("letter", "Letter"),
    ("visit", "Visit"),
    ("other", "Another way"),
]
VERDICTS = [
    ("founded", "Founded"),
    ("partly", "Founded in part"),
    ("unfounded", "Unfounded"),
    ("unknown", "Cannot be established"),
]
WISHES = [
    ("information", "An explanation"),
    ("repair", "Repair"),
    ("replacement", "Replacement"),
    ("refund", "Money back"),
    ("price_reduction", "A lower price"),
    ("apology", "An apology"),
    ("other", "Something else"),
]
CANCEL_REASONS = [
    ("duplicate", "Registered twice"),
    ("withdrawn", "Taken back by the customer"),
    ("spam", "No complaint"),
    ("other", "Another reason"),
]


class Complaint(models.Model):
    """One case: what a customer is not content with, what was found, decided and done about it."""

    _name = "commercial.complaint"
    _description = "Complaint"
    _inherit = [
        "portal.mixin",
        "mail.thread.cc",
        "mail.activity.mixin",
        "rating.mixin",
        "commercial.checklist.mixin",
        "commercial.approval.mixin",
    ]
    _order = "priority desc, received_on desc, id desc"
    _check_company_auto = True
    _mail_thread_customer = True
    _primary_email = "email_from"
    _mail_post_access = "read"
    _rec_names_search = ["name", "subject"]

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/")
    subject = fields.Char(required=True, tracking=True)
    description = fields.Html(
        string="What the customer says",
        sanitize="email_outgoing",
        help="In the words of the customer.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    active = fields.Boolean(default=True)
    # who
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        index=True,
        check_company=True,
        ondelete="restrict",
        tracking=True,
        help="Who complains. Empty: somebody we do not know yet, reached under the name and address below.",
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id",
        store=True,
        string="Company of the customer",
        index="btree_not_null",
    )
    contact_name = fields.Char(string="Name", compute="_compute_contact", store=True, readonly=False, precompute=True)
    email_from = fields.Char(string="E-mail", compute="_compute_contact", store=True, readonly=False, precompute=True)
    phone = fields.Char(compute="_compute_contact", store=True, readonly=False, precompute=True)
    lang = fields.Selection(
        selection=lambda self: self.env["res.lang"].get_installed(),
        string="Language",
        compute="_compute_contact",
        store=True,
        readonly=False,
        precompute=True,
        help="In which the customer is written to.",
    )
    customer_kind = fields.Selection(
        selection=lambda self: self.env["res.partner"]._fields["customer_kind"]._description_selection(self.env),
        compute="_compute_customer_kind",
        store=True,
        readonly=False,
        precompute=True,
        help="Decides which rules of law apply.",
    )
    # what
    category_id = fields.Many2one(
        comodel_name="commercial.complaint.category",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        tracking=True,
    )
    properties = fields.Properties(
        definition="category_id.complaint_properties",
        string="Extra questions",
    )
    channel = fields.Selection(selection=CHANNELS, required=True, default="phone")
    received_on = fields.Datetime(
        required=True,
        default=fields.Datetime.now,
        tracking=True,
        help="When the customer said it; may lie before the registration. All terms count from here.",
    )
    discovered_on = fields.Date(
        string="Defect seen on",
        help="The day the customer saw the defect, where he can show it. Empty: the day of the complaint.",
    )
    severity = fields.Selection(
        selection=SEVERITIES,
        compute="_compute_category_defaults",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
    )
    priority = fields.Selection(selection=[("0", "Normal"), ("1", "Urgent")], default="0", index=True)
    danger = fields.Selection(
        selection=[
            ("no", "No"),
            ("yes", "Yes"),
        ],
        string="Somebody can be hurt",
        tracking=True,
        help="Immediate danger for people or goods. “Yes” escalates the complaint at once.",
    )
    wish = fields.Selection(selection=WISHES, string="What the customer wants")
    wish_note = fields.Char(string="Wish in words")
    claimed_amount = fields.Monetary(help="What the customer asks in money, in the currency of the company.")
    line_ids = fields.One2many(
        comodel_name="commercial.complaint.line",
        inverse_name="complaint_id",
        string="Goods and documents",
    )
    solution_ids = fields.One2many(
        comodel_name="commercial.complaint.solution",
        inverse_name="complaint_id",
        string="Solutions",
    )
    product_ids = fields.Many2many(comodel_name="product.product", compute="_compute_documents")
    sale_order_ids = fields.Many2many(comodel_name="sale.order", string="Orders", compute="_compute_documents")
    invoice_ids = fields.Many2many(comodel_name="account.move", string="Invoices", compute="_compute_documents")
    # who works on it
    team_id = fields.Many2one(
        comodel_name="commercial.complaint.team",
        compute="_compute_category_defaults",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        tracking=True,
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Responsible",
        index="btree_not_null",
        check_company=True,
        domain=[("share", "=", False)],
        tracking=True,
    )
    is_confidential = fields.Boolean(
        string="Confidential",
        compute="_compute_category_defaults",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="Seen by the group “Confidential complaints” only.",
    )
    state = fields.Selection(
        selection=STATES,
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        default="new",
    )
    # the decision
    acknowledged_on = fields.Datetime(readonly=True, copy=False, help="When the customer was told that we have it.")
    acknowledged_how = fields.Selection(selection=CHANNELS, readonly=True, copy=False)
    verdict = fields.Selection(
        selection=VERDICTS,
        copy=False,
        tracking=True,
        help="Whether the customer is right.",
    )
    verdict_reason = fields.Text(
        string="Reasons of the verdict",
        copy=False,
        help="Stands in the letter to the customer.",
    )
    verdict_uid = fields.Many2one(comodel_name="res.users", string="Judged by", readonly=True, copy=False)
    verdict_on = fields.Datetime(string="Judged on", readonly=True, copy=False)
    cause_ids = fields.Many2many(
        comodel_name="commercial.complaint.cause",
        relation="commercial_complaint_cause_rel",
        column1="complaint_id",
        column2="cause_id",
        string="Causes",
        copy=False,
    )
    cause_note = fields.Text(string="How it came about", copy=False, help="For the file; the customer does not see it.")
    # the end
    closed_on = fields.Datetime(readonly=True, copy=False)
    closed_uid = fields.Many2one(comodel_name="res.users", string="Closed by", readonly=True, copy=False)
    cancel_reason = fields.Selection(selection=CANCEL_REASONS, readonly=True, copy=False)
    cancel_note = fields.Char(string="Why", readonly=True, copy=False)
    duplicate_of_id = fields.Many2one(
        comodel_name="commercial.complaint",
        string="Registered as",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    parent_id = fields.Many2one(
        comodel_name="commercial.complaint",
        string="Follows on",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        help="The closed complaint after which this one came.",
    )
    child_ids = fields.One2many(comodel_name="commercial.complaint", inverse_name="parent_id", string="Followed by")
    reopen_count = fields.Integer(string="Times reopened", readonly=True, copy=False, aggregator=None)

    _number_unique = models.UniqueIndex("(company_id, name) WHERE name <> '/'", "This number is in use already.")
    _open = models.Index("(company_id, state) WHERE state NOT IN ('closed', 'cancelled')")

    # --- COMPUTE ---

    @api.depends("partner_id")
    def _compute_contact(self):
        for complaint in self:
            partner = complaint.partner_id
            complaint.contact_name = partner.name or complaint.contact_name
            complaint.email_from = partner.email or complaint.email_from
            complaint.phone = partner.phone or complaint.phone
            complaint.lang = partner.lang or complaint.lang or complaint.company_id.partner_id.lang

    @api.depends("partner_id.commercial_partner_id.customer_kind")
    def _compute_customer_kind(self):
        for complaint in self:
            kind = complaint.commercial_partner_id.customer_kind
            complaint.customer_kind = kind or complaint.customer_kind or "consumer"

    @api.depends("category_id", "company_id")
    def _compute_category_defaults(self):
        """What the category proposes; what a person chose before stays where the category is silent."""
        teams = {
            company: self.env["commercial.complaint.team"]._get_default_team(company) for company in self.company_id
        }
        for complaint in self:
            category = complaint.category_id
            severity = category and category._get_inherited("severity")
            complaint.severity = severity or complaint.severity or "normal"
            team = category and category._get_inherited("team_id")
            if not team or team.company_id != complaint.company_id:
                kept = complaint.team_id if complaint.team_id.company_id == complaint.company_id else False
                team = kept or teams.get(complaint.company_id, False)
            complaint.team_id = team
            complaint.is_confidential = complaint.is_confidential or bool(
                category and category._get_inherited("is_confidential")
            )

    @api.depends("line_ids.product_id", "line_ids.sale_order_id", "line_ids.invoice_id")
    def _compute_documents(self):
        for complaint in self:
            complaint.product_ids = complaint.line_ids.product_id
            complaint.sale_order_ids = complaint.line_ids.sale_order_id
            complaint.invoice_ids = complaint.line_ids.invoice_id

    @api.depends("name", "subject")
    def _compute_display_name(self):
        for complaint in self:
            complaint.display_name = f"{complaint.name} {complaint.subject or ''}".strip()

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for complaint in self:
            complaint.access_url = f"/my/complaints/{complaint.id}"
        return result

    # --- CONSTRAINTS ---

    @api.constrains("partner_id")
    def _check_lines_of_customer(self):
        self.line_ids._check_belongs_to_customer()

    # --- CRUD ---

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if not self.env.su and self._get_protected_fields() & vals.keys() - {"state"}:
                raise AccessError(self.env._("The stamps of a complaint follow its buttons."))
            if not self.env.su and vals.get("state", "new") != "new":
                raise AccessError(self.env._("The state of a complaint follows its buttons."))
            if vals.get("name", "/") == "/":
                company_id = vals.get("company_id") or self.env.company.id
                sequence = self.env["ir.sequence"].with_company(company_id)
                vals["name"] = sequence.next_by_code("commercial.complaint") or "/"
        return super().create(vals_list)

    @api.model
    def _get_protected_fields(self):
        """What only the buttons write."""
        return {
            "acknowledged_how",
            "acknowledged_on",
            "cancel_note",
            "cancel_reason",
            "closed_on",
            "closed_uid",
            "duplicate_of_id",
            "name",
            "parent_id",
            "reopen_count",
            "state",
            "verdict_on",
            "verdict_uid",
        }

    @api.model
    def _get_frozen_fields(self):
        """What no longer changes in a complaint that has ended."""
        return {
            "category_id",
            "cause_ids",
            "cause_note",
            "claimed_amount",
            "company_id",
            "danger",
            "description",
            "discovered_on",
            "line_ids",
            "partner_id",
            "received_on",
            "severity",
            "subject",
            "verdict",
            "verdict_reason",
            "wish",
            "wish_note",
        }

    def write(self, vals):
        if not self.env.su and self._get_protected_fields() & vals.keys():
            raise AccessError(self.env._("The state of a complaint follows its buttons."))
        if self._get_frozen_fields() & vals.keys():
            self._check_open()
        if state := vals.get("state"):
            self._check_transition(state)
        if "verdict" in vals and "verdict_on" not in vals:
            self.check_access("write")
            judged = bool(vals["verdict"])
            # the stamp goes with the verdict, in the name of the person
            stamp = {"verdict_uid": self.env.uid, "verdict_on": fields.Datetime.now()}
            super(Complaint, self.sudo()).write(stamp if judged else dict.fromkeys(stamp, False))
        return super().write(vals)

    def copy_data(self, default=None):
        raise UserError(self.env._("A complaint is not duplicated: register a new one."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_never(self):
        raise UserError(self.env._("A complaint is cancelled, never deleted."))

    # --- GATES ---

    def _check_open(self):
        for complaint in self:
            if complaint.state in ENDED_STATES:
                raise UserError(
                    self.env._("%(complaint)s has ended. Open it again first.", complaint=complaint.display_name)
                )

    def _check_transition(self, state):
        states = dict(self._fields["state"]._description_selection(self.env))
        for complaint in self.filtered(lambda complaint: complaint.state != state):
            if state not in TRANSITIONS[complaint.state]:
                raise UserError(
                    self.env._(
                        "%(complaint)s is in “%(state)s” and cannot go to “%(new_state)s”.",
                        complaint=complaint.display_name,
                        state=states[complaint.state],
                        new_state=states[state],
                    )
                )

    @api.model
    def _check_may_work(self):
        """The desk deals with complaints; the view alone is no guard."""
        if not (self.env.su or self.env.user.has_group("commercial_assistant.group_assistant")):
            raise AccessError(self.env._("Complaints are dealt with by the commercial desk."))

    def _get_missing(self, state):
        """What is missing before the complaint may go to ``state``: a list of phrases. A room adds its own.

        :param str state: the state to go to
        """
        self.ensure_one()
        gate = getattr(self, f"_get_missing_for_{state}", None)
        return gate() if gate else []

    def _get_missing_for_assess(self):
        missing = []
        if not (self.partner_id or self.contact_name or self.email_from or self.phone):
            missing.append(self.env._("the customer, or a name, address or number to reach somebody"))
        if not self._is_acknowledged():
            missing.append(self.env._("the acknowledgment to the customer"))
        return missing

    def _is_acknowledged(self):
        """Whether the customer knows that we have the complaint, or is just being told."""
        self.ensure_one()
        return bool(self.acknowledged_on)

    def _get_missing_for_investigate(self):
        missing = []
        if not self.partner_id:
            missing.append(self.env._("the customer"))
        if not self.category_id:
            missing.append(self.env._("the category"))
        if not self.severity:
            missing.append(self.env._("the severity"))
        if not self.danger and (self.category_id and self.category_id._get_inherited("asks_danger")):
            missing.append(self.env._("the answer whether somebody can be hurt"))
        if self.category_id and self.category_id._get_inherited("needs_product") and not self.line_ids.product_id:
            missing.append(self.env._("a line with the product concerned"))
        return missing

    def _get_missing_for_propose(self):
        missing = []
        if not self.verdict:
            missing.append(self.env._("the verdict: founded, in part, unfounded or not to be established"))
        elif self.verdict != "founded" and not (self.verdict_reason or "").strip():
            missing.append(self.env._("the reasons of the verdict"))
        if self.verdict in ("founded", "partly") and not self.cause_ids:
            missing.append(self.env._("the cause"))
        return missing

    def _get_missing_for_await_customer(self):
        return []

    def _get_missing_for_execute(self):
        return []

    def _get_missing_for_closed(self):
        return []

    def _check_gate(self, state):
        """Raise with the list of what is missing before ``state``."""
        self._check_transition(state)
        for complaint in self:
            if missing := complaint._get_missing(state):
                states = dict(self._fields["state"]._description_selection(self.env))
                raise UserError(
                    self.env._(
                        "%(complaint)s cannot go to “%(state)s” yet. Missing: %(missing)s.",
                        complaint=complaint.display_name,
                        state=states[state],
                        missing=format_list(self.env, missing),
                    )
                )

    def _move(self, state, **values):
        """Bring complaints into ``state`` with the stamps of it; rights and gate are checked here."""
        self._check_may_work()
        self.check_access("write")
        self._check_gate(state)
        before = {complaint: complaint.state for complaint in self}
        # the state is written by the buttons, in the name of the person
        self.sudo().write({"state": state, **values})
        for complaint in self:
            complaint._moved(before[complaint], state)

    def _moved(self, before, after):
        """Called on one complaint after each change of state. A room adds what happens then."""
        self.ensure_one()
        if after == "investigate" and before == "assess":
            self._start_control_procedure()

    def _start_control_procedure(self):
        """Copy the checklist of the category onto the complaint."""
        self.ensure_one()
        template = self.category_id and self.category_id._get_inherited("checklist_template_id")
        if template:
            self._start_checklist(template, user_id=(self.user_id or self.env.user).id)

    def _stamp_acknowledged(self, how):
        """The customer knows that we have the complaint; the first time counts.

        :param str how: the channel on which he was told
        """
        waiting = self.filtered(lambda complaint: not complaint.acknowledged_on)
        waiting.sudo().write({"acknowledged_on": fields.Datetime.now(), "acknowledged_how": how})

    # --- ACTIONS ---

    def action_acknowledged_by_phone(self):
        """The customer was told in person that the complaint is taken down."""
        self._check_may_work()
        self.check_access("write")
        self._stamp_acknowledged("phone")
        return True

    def action_assess(self):
        """Begin: whoever begins is responsible where nobody is yet."""
        for complaint in self:
            complaint._move("assess", user_id=(complaint.user_id or self.env.user).id)
        return True

    def action_investigate(self):
        self._move("investigate")
        return True

    def action_propose(self):
        """The investigation is done: what do we propose?"""
        for complaint in self:
            if complaint.state == "investigate":
                complaint._check_control_procedure()
        self._move("propose")
        return True

    def _check_control_procedure(self):
        """The points of the control procedure hold the verdict back; critical ones cannot be passed over."""
        self.ensure_one()
        template = self.category_id and self.category_id._get_inherited("checklist_template_id")
        if template:
            self._check_checklist_complete(template.purpose)

    def action_await_supplier(self):
        self._move("await_supplier")
        return True

    def action_close(self):
        self._move("closed", closed_on=fields.Datetime.now(), closed_uid=self.env.uid)
        return True

    def action_assign_to_me(self):
        self._check_may_work()
        self.check_access("write")
        self.write({"user_id": self.env.uid})
        return True

    def action_cancel(self):
        """Ask why, then cancel."""
        self.ensure_one()
        self._check_transition("cancelled")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Cancel the Complaint"),
            "res_model": "commercial.complaint.cancel",
            "view_mode": "form",
            "target": "new",
            "context": {"default_complaint_id": self.id},
        }

    def _cancel(self, reason, note=None, duplicate_of=None):
        """End complaints that are none.

        :param str reason: one of ``CANCEL_REASONS``
        :param str note: why, needed for another reason
        :param duplicate_of: the complaint under which the same is dealt with, needed for a duplicate
        """
        if reason == "duplicate" and not duplicate_of:
            raise UserError(self.env._("Which complaint is the same one?"))
        if reason == "other" and not (note or "").strip():
            raise UserError(self.env._("Say why the complaint is cancelled."))
        if duplicate_of and (duplicate_of in self or duplicate_of.duplicate_of_id in self):
            raise ValidationError(self.env._("A complaint is not its own duplicate."))
        self._move(
            "cancelled",
            cancel_reason=reason,
            cancel_note=(note or "").strip() or False,
            duplicate_of_id=duplicate_of.id if duplicate_of else False,
        )

    def action_restore(self):
        """Take a cancellation back."""
        self._move("new", cancel_reason=False, cancel_note=False, duplicate_of_id=False)
        return True

    # --- HOOKS ---

    def _mail_get_partner_fields(self, introspect_fields=False):
        return ["partner_id"]

    def _get_confidential_domain(self):
        """For counters on records of other people: nobody learns from a number that there is a confidential case."""
        if self.env.user.has_group("commercial_assistant.group_complaint_confidential"):
            return []
        return [("is_confidential", "=", False)]
