from collections import defaultdict

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ...tools.dunning import Hold
from .dunning_run import to_decimal
from .numbers import next_numbers

COLLECTOR_TYPES = [
    ("accounting", "Accounting"),
    ("lawyer", "Lawyer"),
    ("bailiff", "Bailiff"),
    ("agency", "Collection agency"),
]
PROCEDURES = [
    ("amicable", "Amicable collection"),
    ("ios", "Undisputed money debts (IOS / RCI)"),
    ("court", "Court"),
]
# what only a lawyer or a bailiff may begin
JUDICIAL_PROCEDURES = ("ios", "court")
JUDICIAL_COLLECTORS = ("lawyer", "bailiff")
LIVE_STATES = ("draft", "checked", "handed_over")
# kinds of charges and the column of a line in which they stand
CHARGE_COLUMNS = {
    "interest": "amount_interest",
    "fixed": "amount_fixed",
    "indemnity": "amount_indemnity",
    "cost": "amount_cost",
}
OPEN_CHARGE_STATES = ("claimed", "posted")


class CollectionHandover(models.Model):
    """Open items of one customer in the hands of accounting, a lawyer, a bailiff or a collection agency."""

    _name = "commercial.collection.handover"
    _description = "Hand-over for Collection"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "commercial.checklist.mixin",
        "commercial.dispatch.mixin",
        "commercial.receivable.record.mixin",
    ]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/", index="trigram")
    customer_kind = fields.Selection(related="partner_id.customer_kind")
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Responsible",
        index="btree_not_null",
        tracking=True,
        domain=[("share", "=", False)],
    )
    is_proposal = fields.Boolean(string="Proposed by the program", readonly=True, copy=False)
    collector_type = fields.Selection(
        selection=COLLECTOR_TYPES,
        string="Kind of collector",
        required=True,
        default="lawyer",
        tracking=True,
    )
    collector_id = fields.Many2one(
        comodel_name="res.partner",
        string="Collected by",
        index="btree_not_null",
        check_company=True,
        tracking=True,
        ondelete="restrict",
    )
    contact_id = fields.Many2one(
        comodel_name="res.partner",
        string="Contact person",
        index="btree_not_null",
        compute="_compute_contact_id",
        store=True,
        readonly=False,
        check_company=True,
        ondelete="restrict",
        help="Who deals with the file at the collector; the file is mailed to this address.",
    )
    registration_number = fields.Char(
        string="Registration with FPS Economy",
        related="collector_id.collection_registration",
        help="Whoever collects debts of consumers for others must be registered with the Belgian FPS Economy; lawyers "
        "and bailiffs are exempt.",
    )
    procedure = fields.Selection(
        selection=PROCEDURES,
        required=True,
        default="amicable",
        tracking=True,
    )
    collector_reference = fields.Char(string="Their reference", tracking=True, copy=False)
    instructions = fields.Text(help="Printed in the cover letter.")
    state = fields.Selection(
        selection=[
            ("draft", "To prepare"),
            ("checked", "Checked"),
            ("handed_over", "Handed over"),
            ("recalled", "Recalled"),
            ("settled", "Settled"),
            ("closed", "Closed"),
            ("cancelled", "Not handed over"),
        ],
        required=True,
        readonly=True,
        copy=False,
        default="draft",
        index=True,
        tracking=True,
    )
    is_sending = fields.Boolean(readonly=True, copy=False, help="The mail with the file waits to leave.")
    delivery_method = fields.Selection(
        selection=[
            ("email", "E-mail"),
            ("portal", "Portal of the collector"),
            ("hand", "By hand or by post"),
        ],
        string="Delivered by",
        readonly=True,
        copy=False,
    )
    date_handed_over = fields.Date(string="Handed over on", readonly=True, copy=False, tracking=True)
    date_ended = fields.Date(string="Ended on", readonly=True, copy=False)
    end_reason = fields.Char(string="Reason of the end", readonly=True, copy=False, tracking=True)
    line_ids = fields.One2many(
        comodel_name="commercial.collection.handover.line",
        inverse_name="handover_id",
        string="Items",
        readonly=True,
        copy=False,
    )
    result_ids = fields.One2many(
        comodel_name="commercial.collection.result",
        inverse_name="handover_id",
        string="Results",
        copy=False,
    )
    dossier_ids = fields.One2many(
        comodel_name="commercial.collection.dossier",
        inverse_name="handover_id",
        string="File versions",
        readonly=True,
        copy=False,
    )
    dossier_id = fields.Many2one(
        comodel_name="commercial.collection.dossier",
        string="Current file",
        compute="_compute_dossier_id",
    )
    manifest_sha256 = fields.Char(
        string="Fingerprint of the list",
        readonly=True,
        copy=False,
        help="SHA-256 of the list of documents in the last version of the file.",
    )
    contract_attachment_ids = fields.Many2many(
        comodel_name="ir.attachment",
        relation="commercial_collection_handover_attachment_rel",
        column1="handover_id",
        column2="attachment_id",
        string="Contract and accepted terms",
        copy=False,
        help="Signed order, contract, accepted general terms, proof of delivery: whatever shows where the debt comes "
        "from. They are put into the file.",
    )
    item_count = fields.Integer(string="Number of items", compute="_compute_amounts")
    claimed_summary = fields.Char(
        string="Claimed",
        compute="_compute_amounts",
        help="Principal and charges, each currency by itself.",
    )
    paid_summary = fields.Char(string="Paid since hand-over", compute="_compute_amounts")
    open_summary = fields.Char(string="Still open", compute="_compute_amounts")
    has_unreported_payment = fields.Boolean(
        string="Payment to report",
        compute="_compute_amounts",
        search="_search_has_unreported_payment",
        help="The customer paid us since the hand-over, and the collector does not know yet.",
    )
    missing = fields.Text(
        string="Missing pieces",
        compute="_compute_missing",
        help="What the file will not contain; the cover letter tells it too.",
    )

    _one_draft = models.UniqueIndex(
        "(receivable_id) WHERE state = 'draft'",
        "A hand-over of this customer is being prepared already.",
    )

    # --- COMPUTE ---

    @api.depends("collector_id")
    def _compute_contact_id(self):
        for handover in self:
            collector = handover.collector_id
            if handover.contact_id.commercial_partner_id != collector.commercial_partner_id or not collector:
                handover.contact_id = collector and collector.address_get(["contact"])["contact"]

    @api.depends("dossier_ids")
    def _compute_dossier_id(self):
        for handover in self:
            handover.dossier_id = handover.dossier_ids[:1]

    @api.depends("line_ids.amount_claimed", "line_ids.amount_reported", "line_ids.item_id.amount_residual", "state")
    @api.depends_context("lang")
    def _compute_amounts(self):
        Receivable = self.env["commercial.receivable"]
        for handover in self:
            claimed, paid, left = defaultdict(float), defaultdict(float), defaultdict(float)
            lines = handover.line_ids
            for line in lines:
                claimed[line.currency_id] += line.amount_claimed
                if handover.state not in ("draft", "checked", "cancelled"):
                    paid[line.currency_id] += line.amount_paid_since
                left[line.currency_id] += line.amount_open
            handover.item_count = len(lines)
            for name, sums in (("claimed", claimed), ("paid", paid), ("open", left)):
                rows = [(currency, 0, amount) for currency, amount in sums.items() if not currency.is_zero(amount)]
                handover[f"{name}_summary"] = Receivable._format_amounts(rows)
            handover.has_unreported_payment = handover.state == "handed_over" and any(
                line._get_unreported() for line in lines
            )

    def _search_has_unreported_payment(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return Domain("id", "in", self._find_unreported_payments())

    @api.depends(
        "line_ids",
        "contract_attachment_ids",
        "state",
    )
    @api.depends_context("lang")
    def _compute_missing(self):
        for handover in self:
            handover.missing = "\n".join(handover._find_missing()) if handover._origin.id else False

    # --- CONSTRAINTS ---

    @api.constrains("procedure", "collector_type")
    def _check_procedure(self):
        for handover in self:
            if handover.procedure in JUDICIAL_PROCEDURES and handover.collector_type not in JUDICIAL_COLLECTORS:
                raise ValidationError(
                    self.env._(
                        "%(procedure)s is begun by a lawyer or a bailiff (articles 1394/20 and following of the "
                        "Judicial Code): choose one of them, or amicable collection.",
                        procedure=handover._get_label("procedure"),
                    )
                )

    @api.constrains("collector_id", "contact_id", "partner_id")
    def _check_collector_partner(self):
        for handover in self:
            entity = handover.collector_id.commercial_partner_id
            if entity and entity == handover.partner_id.commercial_partner_id:
                raise ValidationError(self.env._("A customer does not collect his own debt: choose another collector."))
            if handover.contact_id and handover.contact_id.commercial_partner_id != entity:
                raise ValidationError(
                    self.env._(
                        "%(contact)s does not work for %(collector)s.",
                        contact=handover.contact_id.display_name,
                        collector=handover.collector_id.display_name or "-",
                    )
                )

    # --- CRUD ---

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("A hand-over is prepared from the customer account or its open items."))
        by_company = defaultdict(list)
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                by_company[vals.get("company_id") or self.env.company.id].append(vals)
        for company_id, unnamed in by_company.items():
            company = self.env["res.company"].browse(company_id)
            for vals, number in zip(unnamed, next_numbers(self.env, self._name, company, len(unnamed)), strict=True):
                vals["name"] = number
        return super().create(vals_list)

    @api.model
    def _get_writable_fields(self):
        """What a collector may change at any time; the rest follows the buttons."""
        return {
            "user_id",
            "contact_id",
            "collector_reference",
            "contract_attachment_ids",
            "result_ids",
        } | self._get_draft_fields()

    @api.model
    def _get_draft_fields(self):
        """What may change only before the hand-over is checked."""
        return {"collector_type", "collector_id", "procedure", "instructions"}

    def write(self, vals):
        if not self.env.su:
            names = {name for name in vals if not name.startswith(("message_", "activity_"))}
            if not self._get_writable_fields().issuperset(names):
                raise UserError(self.env._("A hand-over follows its buttons."))
            if self._get_draft_fields() & names and any(handover.state != "draft" for handover in self):
                raise UserError(self.env._("Take the hand-over back to preparation before you change it."))
        result = super().write(vals)
        if "contract_attachment_ids" in vals:
            self._adopt_attachments()
        if "procedure" in vals:
            self.sudo().filtered(lambda handover: handover.state == "draft")._refresh_lines()
        return result

    def _adopt_attachments(self):
        """What was uploaded just now belongs to the hand-over from here on."""
        for handover in self:
            attachments = handover.contract_attachment_ids
            attachments.check_access("read")
            uploaded = attachments.filtered(lambda file: not file.res_id and file.create_uid == self.env.user)
            # sudo: whoever may write the hand-over may leave the document with it
            uploaded.sudo().write({"res_model": self._name, "res_id": handover.id})

    @api.ondelete(at_uninstall=False)
    def _unlink_except_unused(self):
        for handover in self:
            if handover.state not in ("draft", "cancelled") or handover.dossier_ids:
                raise UserError(self.env._("%(number)s was used: it stays in the records.", number=handover.name))

    # --- ACTIONS ---

    def _check_collector(self):
        """Handing over is the work of collectors; the view alone is no guard."""
        self.check_access("write")
        if not (self.env.su or self.env.user.has_group("commercial_assistant.group_collector")):
            raise AccessError(self.env._("Handing over claims is the work of collectors."))

    def action_refresh(self):
        """Read the open amounts and charges again."""
        self._check_collector()
        self.filtered(lambda handover: handover.state == "draft").sudo()._refresh_lines()
        return True

    def action_add_items(self):
        """Take in every other overdue invoice of the customer."""
        self.ensure_one()
        self._check_collector()
        self._check_state("draft")
        added = self.sudo()._add_items(self._find_items_to_add())
        if not added:
            raise UserError(self.env._("No other invoice of this customer is overdue and free."))
        return True

    def action_check(self):
        """Look whether everything is in order; what a person must judge is asked in a checklist."""
        self._check_collector()
        drafts = self.filtered(lambda handover: handover.state == "draft")
        for handover in drafts:
            handover._check_ready()
            handover._start_admission()
        waiting = drafts.filtered(lambda handover: handover.state == "draft")
        if not waiting:
            return True
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.checklist_action")
        checklists = waiting._get_admission_checklists()
        action["domain"] = [("id", "in", checklists.ids)]
        action["context"] = {}
        if len(checklists) == 1:
            action["views"] = [(False, "form")]
            action["res_id"] = checklists.id
        return action

    def action_draft(self):
        """Go back to preparation."""
        self._check_collector()
        for handover in self.filtered(lambda handover: handover.state == "checked"):
            handover._check_not_sending()
            handover.sudo().state = "draft"
            handover.sudo()._get_live_checklists(handover._get_admission_purpose()).filtered(
                lambda checklist: checklist.state == "done"
            ).write({"state": "open", "done_uid": False, "done_on": False})
        return True

    def action_build(self):
        """Put the file together, to look at it or to take it along."""
        self.ensure_one()
        self._check_collector()
        dossier = self._build_dossier()
        return dossier.action_download()

    def action_hand_over(self):
        """Ask how the file goes to the collector."""
        self._check_collector()
        checked = self.filtered(lambda handover: handover.state == "checked")
        if not checked:
            raise UserError(self.env._("Check the hand-over first."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Hand over"),
            "res_model": "commercial.collection.deliver",
            "view_mode": "form",
            "target": "new",
            "context": {"default_handover_ids": checked.ids},
        }

    def action_recall(self):
        return self._get_end_action("recalled", self.env._("Recall"))

    def action_settle(self):
        return self._get_end_action("settled", self.env._("Settled"))

    def action_close(self):
        return self._get_end_action("closed", self.env._("Close"))

    def action_cancel(self):
        return self._get_end_action("cancelled", self.env._("Do not hand over"))

    def _get_end_action(self, outcome, name):
        self._check_collector()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "commercial.collection.end",
            "view_mode": "form",
            "target": "new",
            "context": {"default_handover_ids": self.ids, "default_outcome": outcome},
        }

    def action_payments_reported(self):
        """Record that the collector was told what the customer paid meanwhile."""
        self._check_collector()
        for handover in self:
            told = handover.paid_summary
            for line_sudo in handover.sudo().line_ids:
                line_sudo.amount_reported = line_sudo.amount_paid_since
            handover.activity_feedback(
                ["commercial_assistant.mail_activity_type_handover_payment"],
                feedback=self.env._("The collector was told: %(amounts)s", amounts=told or "-"),
            )
        return True

    def action_open_items(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("commercial_assistant.receivable_item_action")
        action["domain"] = [("id", "in", self.line_ids.item_id.ids)]
        action["context"] = {}
        return action

    def action_open_invoices_left(self):
        """Show the invoices that nobody could collect, to write them off in the accounting."""
        self.ensure_one()
        lines = self.line_ids.filtered(lambda line: not line.currency_id.is_zero(line.amount_open))
        return lines.move_id._get_records_action(name=self.env._("To write off"))

    # --- PREPARING ---

    @api.model
    def _get_items_to_hand_over(self, receivables, items=None):
        """Return the items that can be handed over: open, overdue, in no other live hand-over.

        :param items: only these
        """
        domain = (
            Domain("receivable_id", "in", receivables.ids)
            & Domain("state", "=", "open")
            & Domain("date_due", "<", fields.Date.context_today(self))
            & Domain("handover_line_ids", "not any", [("live", "=", True)])
        )
        if items is not None:
            domain &= Domain("id", "in", items.ids)
        return self.env["commercial.receivable.item"].search(domain)

    def _find_items_to_add(self):
        self.ensure_one()
        return self._get_items_to_hand_over(self.receivable_id)

    @api.model
    def _prepare(self, items, values=None, is_proposal=False):
        """Put items into the hand-over that is being prepared for their customer; begin one where there is none.

        :param values: fields of new hand-overs
        :return: the hand-overs, one for each customer account
        """
        known = self.search([("receivable_id", "in", items.receivable_id.ids), ("state", "=", "draft")])
        by_receivable = {handover.receivable_id: handover for handover in known}
        by_items = items.grouped("receivable_id")
        missing = [receivable for receivable in by_items if receivable not in by_receivable]
        fresh = self.create(
            [
                {
                    **self._prepare_handover_vals(receivable),
                    **(values or {}),
                    "is_proposal": is_proposal,
                    "line_ids": [Command.create({"item_id": item.id}) for item in by_items[receivable]],
                }
                for receivable in missing
            ]
        )
        for receivable, handover in by_receivable.items():
            handover._write_lines(by_items[receivable])
        (fresh | known)._compute_line_amounts()
        return fresh | known

    @api.model
    def _prepare_handover_vals(self, receivable):
        """Return the values of a new hand-over, with the usual collector of the company."""
        company = receivable.company_id
        collector = company.handover_collector_id
        return {
            "company_id": company.id,
            "receivable_id": receivable.id,
            "user_id": receivable.user_id.id or (not self.env.user._is_superuser() and self.env.uid),
            "collector_id": collector.id,
            "collector_type": collector.collector_type or "lawyer",
        }

    def _write_lines(self, items):
        self.ensure_one()
        known = self.line_ids.item_id
        self.env["commercial.collection.handover.line"].create(
            [{"handover_id": self.id, "item_id": item.id} for item in items - known]
        )

    def _add_items(self, items):
        self._write_lines(items)
        self._compute_line_amounts()
        return items

    def _refresh_lines(self):
        """Follow the accounting: amounts of today; what is paid leaves the hand-over."""
        for company, handovers in self.grouped("company_id").items():
            self.env["commercial.receivable"]._refresh_items(company, handovers.partner_id.ids)
        gone = self.line_ids.filtered(lambda line: line.item_id.state != "open")
        for handover, lines in gone.grouped("handover_id").items():
            handover._message_log(
                body=self.env._(
                    "Paid meanwhile and taken out: %(invoices)s", invoices=lines.item_id.mapped("move_name")
                )
            )
        gone.unlink()
        self._compute_line_amounts()

    def _compute_line_amounts(self):
        """Write principal, charges and claim of the lines."""
        lines = self.line_ids
        charges = defaultdict(dict)
        for item, kind, amount in self.env["commercial.dunning.charge"]._read_group(
            self._get_charge_domain(lines.item_id), ["item_id", "kind"], ["amount_residual:sum"]
        ):
            charges[item][kind] = amount
        for line in lines:
            line._write_amounts(charges.get(line.item_id, {}))

    @api.model
    def _get_charge_domain(self, items):
        """Charges that the customer owes besides the invoices."""
        return Domain("item_id", "in", items.ids) & Domain("state", "in", OPEN_CHARGE_STATES)

    # --- CHECKING ---

    def _check_state(self, *states):
        for handover in self:
            if handover.state not in states:
                raise UserError(
                    self.env._("%(number)s is “%(state)s”.", number=handover.name, state=handover._get_label("state"))
                )

    def _check_not_sending(self):
        for handover in self:
            if handover.is_sending:
                raise UserError(
                    self.env._(
                        "The mail with the file of %(number)s waits to leave: decide about it first.",
                        number=handover.name,
                    )
                )

    def _check_ready(self):
        """Raise what is missing before anybody can judge."""
        self.ensure_one()
        self.sudo()._refresh_lines()
        if not self.line_ids:
            raise UserError(self.env._("%(number)s holds no open invoice.", number=self.name))
        if self.collector_type != "accounting" and not self.collector_id:
            raise UserError(self.env._("Who collects? Choose the collector of %(number)s.", number=self.name))

    def _set_checked(self):
        self.filtered(lambda handover: handover.state == "draft").sudo().state = "checked"

    # --- HANDING OVER ---

    def _hand_over(self, method, day=None):
        """Freeze the claim, keep the file as it goes out, and give it to the collector.

        :param method: a value of ``delivery_method``
        :param day: when it was delivered, unless it goes by mail
        :return: the reserved dispatch of a mail, else an empty one
        """
        self.ensure_one()
        self._check_collector()
        self_sudo = self.sudo()  # the rights were checked; lines and files are written by the program only
        if not self_sudo.try_lock_for_update():
            raise UserError(self.env._("Somebody else is working on %(number)s.", number=self.name))
        self.invalidate_recordset()
        if self.state == "handed_over":
            return self.env["commercial.dispatch"]  # done already
        self._check_state("checked")
        self._check_not_sending()
        self._check_ready()
        self._check_admissible()
        self_sudo._release_letters()
        if method == "email":
            return self_sudo._reserve_dispatch(self._build_dossier())
        day = fields.Date.to_date(day) or fields.Date.context_today(self)
        if day > fields.Date.context_today(self):
            raise UserError(self.env._("A file cannot be delivered on a day that is still to come."))
        self_sudo.date_handed_over = day  # the cover letter bears this date
        self._build_dossier()
        self_sudo._set_handed_over(day, method)
        return self.env["commercial.dispatch"]

    def _release_letters(self):
        """No reminder leaves any more for what another one collects."""
        notices = self.line_ids.item_id.notice_id
        on_the_way = notices.filtered(lambda notice: notice.state == "sending")
        if on_the_way:
            raise UserError(
                self.env._(
                    "A letter about these invoices is on its way: %(letters)s. Wait until it has left, or withdraw it.",
                    letters=on_the_way.mapped("name"),
                )
            )
        self.is_sending = True  # the items count as held from now on
        self.env.flush_all()
        notices._refresh()
        self.is_sending = False

    def _reserve_dispatch(self, dossier):
        """Put the mail with cover letter and file into the queue."""
        self.ensure_one()
        recipient = self.contact_id or self.collector_id
        if not recipient.email:
            raise UserError(
                self.env._(
                    "%(collector)s has no e-mail address. Enter it, or download the file and deliver it by hand or on "
                    "their portal.",
                    collector=recipient.display_name or "-",
                )
            )
        dossier._check_mail_size()
        dispatch = self.env["commercial.dispatch"]._reserve([self._prepare_dispatch_vals(dossier, recipient)])
        self.is_sending = True
        return dispatch

    def _prepare_dispatch_vals(self, dossier, recipient):
        self.ensure_one()
        handover = self._in_letter_language()
        cover = handover._render_cover()
        return {
            "company_id": self.company_id.id,
            "partner_id": self.collector_id.id,
            "contact_id": recipient.id,
            "res_model": self._name,
            "res_id": self.id,
            "key": f"{self._name},{self.id},{dossier.version}",
            "lang": handover.env.lang,
            "channel": "email",
            "subject": handover._get_cover_subject(),
            "body": handover._render_cover_mail(),
            "attachment_id": self.env["ir.attachment"]
            .create(
                {
                    "name": f"{self.name.replace('/', '-')}.pdf",
                    "raw": cover,
                    "mimetype": "application/pdf",
                    "res_model": self._name,
                    "res_id": self.id,
                }
            )
            .id,
            "attachment_ids": [Command.set(dossier.attachment_id.ids)],
        }

    def _set_handed_over(self, day, method):
        self.write(
            {
                "state": "handed_over",
                "is_sending": False,
                "delivery_method": method,
                "date_handed_over": day,
            }
        )
        self.activity_unlink(["commercial_assistant.mail_activity_type_handover_proposal"])
        self.line_ids.item_id._forget_next_dates([("id", "in", self.line_ids.item_id.ids)])
        self.receivable_id._message_log(
            body=self.env._(
                "Handed over to %(collector)s: %(handover)s (%(amounts)s)",
                collector=self.collector_id.display_name or self._get_label("collector_type"),
                handover=self._get_html_link(),
                amounts=self.claimed_summary,
            )
        )

    def _dispatch_before_send(self, dispatch):
        """Look once more just before the file leaves; return a reason when it must not."""
        self.ensure_one()
        handover = self.sudo()
        if not handover.try_lock_for_update():
            return self.env._("The hand-over is being changed.")
        handover.invalidate_recordset()
        reason = None
        if handover.state != "checked" or not handover.is_sending:
            reason = self.env._("The hand-over was taken back.")
        else:
            self.env["commercial.receivable"]._refresh_items(handover.company_id, handover.partner_id.ids)
            if any(line._is_out_of_date() for line in handover.line_ids):
                reason = self.env._("The customer paid meanwhile: check the hand-over again and send it anew.")
        if reason and handover.is_sending:
            handover.is_sending = False
        return reason

    def _dispatch_after_send(self, dispatch):
        """The file has left. May be called again."""
        handover = self.sudo()
        if handover.state == "checked":
            handover._set_handed_over(dispatch._get_sent_date(), "email")

    def _dispatch_after_failure(self, dispatch):
        """The file did not arrive: the items are in our hands again. May be called again."""
        handover = self.sudo()
        handover.is_sending = False
        if handover.state == "handed_over" and handover.delivery_method == "email":
            handover.write({"state": "checked", "date_handed_over": False, "delivery_method": False})
            handover._message_log(
                body=self.env._("The mail with the file came back: %(reason)s", reason=dispatch.error or "")
            )

    # --- ENDING ---

    def _end(self, outcome, reason):
        """Take the claim out of the hands of the collector, for one of four reasons."""
        self._check_collector()
        reason = (reason or "").strip()
        for handover in self:
            handover._check_can_end(outcome, reason)
            handover.sudo()._write_end(outcome, reason)

    def _check_can_end(self, outcome, reason):
        self.ensure_one()
        self._check_not_sending()
        self._check_state(*(("draft", "checked") if outcome == "cancelled" else ("handed_over",)))
        if outcome != "settled" and not reason:
            raise UserError(self.env._("Say why: colleagues need to know it later."))
        if outcome == "settled" and self._get_open_lines():
            raise UserError(
                self.env._(
                    "%(amounts)s of %(number)s is still open. Recall the file to go on yourself, or close it when "
                    "nothing more can be collected.",
                    amounts=self.open_summary,
                    number=self.name,
                )
            )

    def _get_open_lines(self):
        for company, handovers in self.grouped("company_id").items():
            self.env["commercial.receivable"]._refresh_items(company, handovers.partner_id.ids)
        return self.line_ids.filtered(lambda line: not line.currency_id.is_zero(line.amount_open))

    def _write_end(self, outcome, reason):
        self.ensure_one()
        left = self._get_open_lines()
        self.write({"state": outcome, "date_ended": fields.Date.context_today(self), "end_reason": reason})
        self.line_ids.write({"live": False})
        self.activity_unlink(
            [
                "commercial_assistant.mail_activity_type_handover_proposal",
                "commercial_assistant.mail_activity_type_handover_payment",
            ]
        )
        self._cancel_admission()
        if outcome == "closed":
            # nobody reminds what nobody could collect; the accountant writes it off
            left.item_id.write(
                {
                    "is_excluded": True,
                    "excluded_until": False,
                    "exclusion_reason": self.env._("Not recoverable (%(number)s): to write off", number=self.name),
                }
            )
        # the next run decides again: what was recalled goes on at its level
        self.line_ids.item_id._forget_next_dates([("id", "in", self.line_ids.item_id.ids)])
        self.receivable_id._message_log(
            body=self.env._(
                "%(handover)s: %(outcome)s. %(reason)s",
                handover=self._get_html_link(),
                outcome=self._get_label("state"),
                reason=reason,
            )
        )

    # --- REMINDERS ---

    @api.model
    def _fetch_dunning_holds(self, item_rows, holds):
        """Items in the hands of a collector are held entirely; one query for all."""
        item_ids = [row["id"] for row in item_rows]
        lines = self.env["commercial.collection.handover.line"].sudo()
        found = lines.search_fetch(
            Domain("item_id", "in", item_ids)
            & Domain("live", "=", True)
            & (Domain("handover_id.state", "=", "handed_over") | Domain("handover_id.is_sending", "=", True)),
            ["item_id"],
        )
        return {line.item_id.id: [Hold("handed_over")] for line in found}

    @api.model
    def _mail_get_partner_fields(self, introspect_fields=False):
        """Messages about the hand-over go to the collector, never to the customer."""
        return ["contact_id", "collector_id"]

    def _get_label(self, name):
        """Return the words of a selection field, in the language of the environment."""
        self.ensure_one()
        return dict(self._fields[name]._description_selection(self.env)).get(self[name], "")

    @api.model
    def _get_unit(self, currency):
        return to_decimal(currency.rounding)
