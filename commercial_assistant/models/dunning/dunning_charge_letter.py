import hashlib

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import email_normalize, formataddr

REPORT = "commercial_assistant.action_report_charge_letter"
REPORT_MODEL = "report.commercial_assistant.report_charge_letter"
LIVING = ("sending", "delivered")


class DunningChargeLetter(models.Model):
    """A statement of what is open besides the invoices: each charge, how it was calculated, and the sum.

    Printed it answers a question of the customer. Sent it asks for the open charges of paid invoices, once for each
    charge, where the policy allows a letter for charges alone.
    """

    _name = "commercial.dunning.charge.letter"
    _description = "Statement of Charges"
    _inherit = "commercial.dispatch.mixin"
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/")
    company_id = fields.Many2one(comodel_name="res.company", required=True, readonly=True, index=True)
    receivable_id = fields.Many2one(
        comodel_name="commercial.receivable",
        string="Customer account",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    partner_id = fields.Many2one(related="receivable_id.partner_id", store=True, string="Customer", index=True)
    contact_id = fields.Many2one(comodel_name="res.partner", string="Recipient", required=True, ondelete="restrict")
    channel = fields.Selection(
        selection=[("email", "E-mail"), ("post", "Post")],
        required=True,
        default="email",
    )
    currency_id = fields.Many2one(comodel_name="res.currency", required=True, readonly=True)
    date = fields.Date(required=True, readonly=True, default=fields.Date.context_today)
    deadline = fields.Date(string="Last day to pay", required=True)
    charge_ids = fields.Many2many(
        comodel_name="commercial.dunning.charge",
        relation="commercial_dunning_charge_letter_rel",
        column1="letter_id",
        column2="charge_id",
        string="Charges",
        readonly=True,
        copy=False,
        check_company=True,
    )
    amount_total = fields.Monetary(string="To pay", readonly=True, help="What was open when the letter was made.")
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("sending", "Sending"),
            ("delivered", "Delivered"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        copy=False,
        index=True,
        default="draft",
    )
    delivered_on = fields.Date(readonly=True, copy=False)
    reason = fields.Char(readonly=True, copy=False, help="Why the letter did not leave.")
    partner_bank_id = fields.Many2one(comodel_name="res.partner.bank", compute="_compute_partner_bank_id")
    attachment_id = fields.Many2one(
        comodel_name="ir.attachment",
        string="Letter",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    sha256 = fields.Char(string="SHA-256", readonly=True, copy=False)
    refusal = fields.Char(compute="_compute_refusal", help="Why this letter may be printed but not sent.")

    # --- COMPUTE ---

    @api.depends("company_id")
    def _compute_partner_bank_id(self):
        for letter in self:
            letter.partner_bank_id = letter.company_id._get_dunning_bank()

    @api.depends("charge_ids.state", "charge_ids.is_orphan", "state")
    @api.depends_context("lang")
    def _compute_refusal(self):
        for letter in self:
            letter.refusal = letter._find_refusal() if letter.state == "draft" else False

    # --- CRUD ---

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                sequence = self.env["ir.sequence"].with_company(vals["company_id"])
                vals["name"] = sequence.next_by_code(self._name) or "/"
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            if not vals.keys() <= {"contact_id", "channel", "deadline"}:
                raise UserError(self.env._("A statement follows its charges; only recipient and day are chosen."))
            self._check_draft()
        return super().write(vals)

    @api.constrains("contact_id", "receivable_id")
    def _check_contact(self):
        for letter in self:
            if letter.contact_id.commercial_partner_id != letter.partner_id.commercial_partner_id:
                raise UserError(
                    self.env._(
                        "%(contact)s is not a contact of %(customer)s.",
                        contact=letter.contact_id.display_name,
                        customer=letter.partner_id.display_name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        if any(letter.state in LIVING for letter in self):
            raise UserError(self.env._("A statement that was sent is not deleted."))

    def _check_draft(self):
        for letter in self:
            if letter.state != "draft":
                raise UserError(self.env._("%(letter)s is not changed any more.", letter=letter.name))

    # --- MAKING ---

    @api.model
    def _open(self, receivable):
        """Return the drafts with the open charges of this customer, one for each currency."""
        charges = receivable.charge_ids.filtered(lambda charge: charge.state == "claimed")
        if not charges:
            raise UserError(self.env._("%(customer)s has no open charge.", customer=receivable.display_name))
        letters = self.browse()
        drafts = self.search([("receivable_id", "=", receivable.id), ("state", "=", "draft")])
        for currency, same in charges.grouped("currency_id").items():
            draft = drafts.filtered(lambda letter, currency=currency: letter.currency_id == currency)[:1]
            if draft:
                draft.sudo()._take(same)
            else:
                draft = self.sudo().create(self._prepare_letter_vals(receivable, same)).sudo(self.env.su)
            letters |= draft
        return letters

    @api.model
    def _prepare_letter_vals(self, receivable, charges):
        notice = charges.notice_id.sorted("id")[-1:]
        days = notice.level_id.payment_deadline_days or 8
        return {
            "company_id": receivable.company_id.id,
            "receivable_id": receivable.id,
            "contact_id": notice.contact_id.id,
            "channel": "email" if notice.contact_id.email_normalized else "post",
            "currency_id": charges.currency_id.id,
            "deadline": fields.Date.add(fields.Date.context_today(self), days=days),
            "charge_ids": [Command.set(charges.ids)],
            "amount_total": sum(charges.mapped("amount_residual")),
        }

    def _take(self, charges):
        """Let a draft say what is open of these charges today."""
        self.ensure_one()
        self.write(
            {
                "charge_ids": [Command.set(charges.ids)],
                "amount_total": sum(charges.mapped("amount_residual")),
                "date": fields.Date.context_today(self),
            }
        )

    # --- SENDING ---

    def _check_collector(self):
        self.check_access("read")
        if not (self.env.su or self.env.user.has_group("commercial_assistant.group_collector")):
            raise AccessError(self.env._("Charges are the work of collectors."))

    def _find_refusal(self):
        """Return why this letter may not be sent, or nothing. Printing it is always allowed."""
        self.ensure_one()
        for charge in self.charge_ids:
            if refusal := charge._find_letter_refusal():
                return f"{charge.display_name}: {refusal}"
        if not self.partner_bank_id:
            return self.env._("The company has no bank account to pay to.")
        return False

    def action_print(self):
        """Print the statement; a draft says what is open now."""
        for letter_sudo in self.sudo().filtered(lambda letter: letter.state == "draft"):
            letter_sudo._take(letter_sudo.charge_ids.filtered(lambda charge: charge.state == "claimed"))
        return self.env.ref(REPORT).report_action(self)

    def action_send(self):
        """Ask the customer for these charges."""
        self._check_collector()
        letters_sudo = self.sudo()  # the rights were checked
        for letter in letters_sudo:
            letter._check_draft()
            charges = letter.charge_ids
            if len(charges.try_lock_for_update()) < len(charges):
                raise UserError(self.env._("Somebody else is working on these charges at this moment."))
            self.env.invalidate_all()
            letter._take(charges.filtered(lambda charge: charge.state == "claimed"))
            if not letter.charge_ids:
                raise UserError(self.env._("No charge is open."))
            if refusal := letter._find_refusal():
                raise UserError(refusal)
        dispatches = self.env["commercial.dispatch"]
        for letter in letters_sudo:
            dispatches |= letter._reserve_dispatch()
        dispatches.sudo()._send()
        return True

    def action_cancel(self):
        self._check_collector()
        if any(letter.state == "delivered" for letter in self):
            raise UserError(self.env._("A delivered letter cannot be withdrawn."))
        letters_sudo = self.sudo()
        waiting = letters_sudo.dispatch_ids.filtered(lambda dispatch: dispatch.state == "reserved")
        if letters_sudo.dispatch_ids.filtered(lambda dispatch: dispatch.state in ("sending", "ambiguous")):
            raise UserError(self.env._("The letter may have left already: decide about that first."))
        letters_sudo.write({"state": "cancelled", "reason": self.env._("Withdrawn by hand")})
        if waiting:
            waiting.action_cancel()
        return True

    def _reserve_dispatch(self):
        """Make the letter, keep it, and put it into the queue."""
        self.ensure_one()
        letter = self.with_company(self.company_id).with_context(lang=self._get_letter_lang())
        values = letter.env[REPORT_MODEL]._prepare_letter(letter, mail=True)
        pdf, _kind = letter.env["ir.actions.report"]._render_qweb_pdf(REPORT, letter.ids)
        attachment = self.env["ir.attachment"].create(
            {
                "name": f"{self.name.replace('/', '-')}.pdf",
                "raw": pdf,
                "mimetype": "application/pdf",
                "res_model": self._name,
                "res_id": self.id,
            }
        )
        self.write(
            {
                "state": "sending",
                "reason": False,
                "attachment_id": attachment.id,
                "sha256": hashlib.sha256(pdf).hexdigest(),
            }
        )
        body = letter.env["ir.qweb"]._render(
            "commercial_assistant.mail_charge_letter", {"letter": values, "doc": letter, "report_type": "mail"}
        )
        return self.env["commercial.dispatch"]._reserve(
            [
                {
                    "company_id": self.company_id.id,
                    "partner_id": self.partner_id.id,
                    "contact_id": self.contact_id.id,
                    "res_model": self._name,
                    "res_id": self.id,
                    "key": f"{self._name},{self.id}",
                    "lang": values["lang"],
                    "channel": self.channel,
                    "subject": f"{values['subject']} – {self.name}",
                    "body": body,
                    "attachment_id": attachment.id,
                }
            ]
        )

    def _dispatch_before_send(self, dispatch):
        """What was paid or waived meanwhile is not asked for."""
        self.ensure_one()
        letter = self.sudo()
        if letter.state != "sending":
            return self.env._("The letter was withdrawn.")
        open_now = sum(letter.charge_ids.mapped("amount_residual"))
        if letter.currency_id.compare_amounts(open_now, letter.amount_total):
            reason = self.env._("The charges were paid or changed meanwhile.")
            letter.write({"state": "cancelled", "reason": reason})
            return reason
        return None

    def _dispatch_after_send(self, dispatch):
        letter = self.sudo()
        if letter.state == "delivered":
            return
        letter.write({"state": "delivered", "delivered_on": dispatch._get_sent_date(), "reason": False})
        letter.receivable_id._message_log(
            body=self.env._("Statement of charges: %(letter)s", letter=letter._get_html_link())
        )

    def _dispatch_after_failure(self, dispatch):
        letter = self.sudo()
        if letter.state in LIVING:
            letter.write(
                {
                    "state": "failed",
                    "reason": dispatch.error or self.env._("The letter was not sent."),
                    "delivered_on": False,
                }
            )

    # --- WHAT A LETTER NEEDS TO KNOW ---

    def _get_letter_lang(self):
        self.ensure_one()
        active = dict(self.env["res.lang"].get_installed())
        candidates = (self.contact_id.lang, self.partner_id.lang, self.company_id.partner_id.lang, self.env.lang)
        return next((lang for lang in candidates if lang in active), "en_US")

    def _get_letter_contact(self):
        """Return who answers the customer, as in the reminders."""
        return self.charge_ids.notice_id[:1]._get_letter_contact()

    def _get_letter_sender(self):
        self.ensure_one()
        company_sudo = self.company_id.sudo()  # the address of the sender is meant to be told
        desk = company_sudo.dunning_contact_id
        email = email_normalize(desk.email) or email_normalize(company_sudo.email)
        if not email:
            return {}
        return {
            "email_from": formataddr((company_sudo.name, email)),
            "reply_to": formataddr((desk.name or company_sudo.name, email)),
        }
