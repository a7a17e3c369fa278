from odoo import models
from odoo.tools import email_normalize, format_list, formataddr, formatLang

from .supplier_claim import WAITING_STATES

NOTICE_REPORT = "report.commercial_assistant.report_dunning_notice"


class SupplierClaim(models.Model):
    _inherit = "commercial.supplier.claim"

    # --- WHO WRITES TO WHOM ---

    def _get_letter_recipient(self):
        self.ensure_one()
        return self.contact_id or self.partner_id

    def _get_letter_sender(self):
        """Answers go to whoever follows the claim."""
        self.ensure_one()
        company_sudo = self.company_id.sudo()  # the address of the sender is meant to be told
        user_sudo = self.user_id.sudo()
        own = email_normalize(company_sudo.email) or email_normalize(user_sudo.email)
        if not own:
            return {}
        reply_to = email_normalize(user_sudo.email) or own
        return {
            "email_from": formataddr((company_sudo.name, own)),
            "reply_to": formataddr((user_sudo.name or company_sudo.name, reply_to)),
        }

    def _get_letter_signature(self):
        self.ensure_one()
        return list(dict.fromkeys(filter(None, (self.company_id.sudo().name, self.user_id.sudo().name))))

    def _get_letter_round(self):
        """Each version of the claim, and each reminder of it, is a letter of its own."""
        self.ensure_one()
        return f"{self.version}.{self.reminder_count}" if self.env.context.get("claim_reminder") else self.version

    def _send_customer_letter(self, kind):
        """Photos and papers go with the claim itself."""
        claim = self.with_context(claim_reminder=kind == "reminder")
        dispatch_sudo = super(SupplierClaim, claim)._send_customer_letter(kind)
        if kind == "claim" and self.attachment_ids and dispatch_sudo.state == "reserved":
            dispatch_sudo.attachment_ids = self.attachment_ids
        return dispatch_sudo

    # --- TEXTS ---

    def _get_letter_claim(self):
        """What the supplier reads first: the goods, what is wrong, what we ask and until when."""
        self.ensure_one()
        return {
            "subject": self._get_letter_subject(),
            "before": [self._get_letter_opening()],
            "head": self._get_letter_head(),
            "rows": [line._prepare_letter_row() for line in self.line_ids] + self._get_letter_total(),
            "quote": (self.explanation or "").splitlines(),
            "after": [self._get_letter_request(), self._get_letter_term(), *self._get_letter_reservation()],
        }

    def _get_letter_reminder(self):
        """What a supplier reads who did not answer."""
        self.ensure_one()
        day = self._format_letter_day(self.sent_on.date()) if self.sent_on else ""
        return {
            "subject": self.env._("Reminder of our claim"),
            "before": [
                self.env._("We wrote to you on %(day)s and have no answer yet. It is about these goods.", day=day)
            ],
            "head": self._get_letter_head(),
            "rows": [line._prepare_letter_row() for line in self.line_ids] + self._get_letter_total(),
            "after": [
                self._get_letter_request(),
                self.env._("Please answer within eight days, mentioning our reference."),
                *self._get_letter_reservation(),
            ],
        }

    def _get_letter_subject(self):
        if self.version > 1:
            return self.env._("Our claim, version %(number)s", number=self.version)
        return self.env._("Our claim")

    def _get_letter_opening(self):
        if self.party == "carrier":
            return self.env._("Goods that you carried for us did not arrive as they should.")
        return self.env._("A customer of ours complained about goods that we bought from you. We looked into it.")

    def _get_letter_head(self):
        return [
            self.env._("Article"),
            self.env._("What is wrong"),
            self.env._("Quantity"),
            self.env._("Claimed, without VAT"),
        ]

    def _get_letter_total(self):
        if len(self.line_ids) < 2 or self.currency_id.is_zero(self.amount_claimed):
            return []
        return [["", self.env._("Total"), "", self._format_letter_money(self.amount_claimed)]]

    def _get_letter_request(self):
        amount = self._format_letter_money(self.amount_claimed)
        return {
            "credit": self.env._("We ask you for a credit note of %(amount)s, without VAT.", amount=amount),
            "replacement": self.env._("We ask you to replace the goods at your expense."),
            "repair": self.env._("We ask you to repair the goods at your expense."),
            "compensation": self.env._("We ask you to pay our cost of %(amount)s, without VAT.", amount=amount),
            "information": self.env._("We ask you to explain how this could happen and what we tell our customer."),
        }[self.request]

    def _get_letter_term(self):
        return self.env._(
            "Please answer by %(day)s, mentioning our reference, and tell us whether you want the goods back.",
            day=self._format_letter_day(self.date_deadline),
        )

    def _get_letter_reservation(self):
        """The right of recourse stands in the letter, so that nobody can say he was not told."""
        return [
            self.env._(
                "We reserve all our rights, among them the recourse of the final seller against those from whom the "
                "goods came."
            )
        ]

    def _format_letter_day(self, day):
        return self.env[NOTICE_REPORT]._format_day(day)

    def _format_letter_money(self, amount):
        return formatLang(self.env, amount, currency_obj=self.currency_id)

    # --- FOLLOWING ---

    def _dispatch_before_send(self, dispatch):
        """A claim that changed or ended since the letter was written is not sent any more."""
        self.ensure_one()
        _model, _id, written, _kind = dispatch.key.split(",")
        if self.state not in WAITING_STATES or written.split(".")[0] != str(self.version):
            return self.env._("The claim changed since this letter was written.")
        return None


class SupplierClaimLine(models.Model):
    _inherit = "commercial.supplier.claim.line"

    def _prepare_letter_row(self):
        """Article as the supplier calls it, defect, quantity and amount."""
        self.ensure_one()
        claim = self.claim_id
        unit = self.product_uom_id.name or ""
        quantity = f"{self.quantity:g} {unit}".strip() if self.product_id else ""
        money = (
            "" if claim.currency_id.is_zero(self.amount_claimed) else claim._format_letter_money(self.amount_claimed)
        )
        return [self._get_letter_article(), self.name or "", quantity, money]

    def _get_letter_article(self):
        """Return name and number of the article at the supplier, else ours, with serial number and receipt."""
        self.ensure_one()
        # the purchase data of a product is told to the one it comes from
        product_sudo = self.product_id.sudo()
        if not product_sudo:
            return self.env._("Cost")
        seller_sudo = product_sudo.seller_ids.filtered(
            lambda seller: seller.partner_id.commercial_partner_id == self.partner_id.commercial_partner_id
        )[:1]
        code = seller_sudo.product_code or product_sudo.default_code
        parts = [f"[{code}] " if code else "", seller_sudo.product_name or product_sudo.name]
        details = []
        if lot := self.lot_id.sudo().name:
            details.append(self.env._("serial number %(lot)s", lot=lot))
        if receipt := self.receipt_move_id.sudo().picking_id:
            details.append(self.env._("delivered with %(receipt)s", receipt=receipt.origin or receipt.name))
        suffix = f" ({format_list(self.env, details)})" if details else ""
        return "".join(parts) + suffix
