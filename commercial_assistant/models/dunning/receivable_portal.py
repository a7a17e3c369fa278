from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import consteq

# what a customer may enclose with a dispute
FILE_TYPES = {
    "application/pdf": (".pdf",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/webp": (".webp",),
}
LARGEST_FILE = 10 * 1024 * 1024
MOST_FILES = 5
# letters of these states have reached the customer
SHOWN_NOTICE_STATES = ("delivered",)
SHOWN_PLAN_STATES = ("requested", "to_approve", "proposed", "active", "broken", "kept")


class Receivable(models.Model):
    """The account of a customer as the customer sees it in the portal.

    The methods named ``_…portal…`` are called with the rights of the superuser for one account, after the controller
    has checked that it belongs to whoever asks.
    """

    _name = "commercial.receivable"
    _inherit = ["commercial.receivable", "portal.mixin"]

    # --- COMPUTE ---

    def _compute_access_url(self):
        for receivable in self:
            receivable.access_url = f"/my/receivables/{receivable.id}"

    # --- WHOSE ACCOUNT ---

    @api.model
    def _get_portal_domain(self, partner):
        """Accounts of the customer to whom this contact belongs."""
        return Domain("partner_id", "=", partner.commercial_partner_id.id)

    def _is_open_to(self, user, token=None):
        """Whether this account may be shown to a user, or to whoever holds its secret link."""
        self.ensure_one()
        receivable_sudo = self.sudo()
        if not user._is_public() and receivable_sudo.partner_id == user.partner_id.commercial_partner_id:
            return True
        known = receivable_sudo.access_token
        return bool(token and known and consteq(known, token))

    def _get_portal_contact(self, user):
        """Who speaks: the person who is logged in, else whoever the reminders go to."""
        self.ensure_one()
        if not user._is_public() and user.partner_id.commercial_partner_id == self.partner_id:
            return user.partner_id
        contact = self.contact_id or self.partner_id
        return contact if contact.commercial_partner_id == self.partner_id else self.partner_id

    # --- WHAT IS SHOWN ---

    def _prepare_portal_values(self, today):
        """Return what the page of this account shows, with a number of queries that does not grow with its items.

        :param today: the day of the reader
        """
        self.ensure_one()
        items = self.item_ids.sorted(lambda item: (item.currency_id.name, item.date_due, item.id))
        holds = self._fetch_portal_holds()
        marks = self._get_portal_marks(items, holds, today)
        sections = []
        for currency, mine in items.grouped("currency_id").items():
            late = mine.filtered(lambda item: item.date_due < today)
            sections.append(
                {
                    "currency": currency,
                    "rows": [
                        {
                            "item": item,
                            "days_late": max((today - item.date_due).days, 0),
                            "marks": marks[item.id],
                        }
                        for item in mine
                    ],
                    "open": sum(mine.mapped("amount_residual")),
                    "overdue": sum(late.mapped("amount_residual")),
                    "charges": sum(
                        self.charge_ids.filtered(
                            lambda charge, currency=currency: charge.state == "claimed"
                            and charge.currency_id == currency
                        ).mapped("amount_residual")
                    ),
                }
            )
        return {
            "sections": sections,
            "letters": self.notice_ids.filtered(lambda notice: notice.state in SHOWN_NOTICE_STATES)[:20],
            "disputes": self._get_portal_records("commercial.dispute")[:20],
            "promises": self._get_portal_records("commercial.payment.promise")[:20],
            "plans": self._get_portal_records("commercial.payment.plan").filtered(
                lambda plan: plan.state in SHOWN_PLAN_STATES
            ),
            "bank": self.company_id._get_dunning_bank(),
            "can_pay_online": self._can_pay_online(),
            "can_act": bool(self._get_portal_items(holds)),
        }

    def _get_portal_records(self, model_name):
        return self.env[model_name].search([("receivable_id", "=", self.id)], order="id desc")

    def _fetch_portal_holds(self):
        """Return ``{item id: [Hold]}`` of the open items: what is disputed, promised, planned or handed over."""
        self.ensure_one()
        if not self.item_ids:
            return {}
        Run = self.env["commercial.dunning.run"]
        return Run._fetch_holds(Run._fetch_items(self.ids, self.item_ids.ids))

    def _get_portal_items(self, holds=None):
        """Open items about which the customer can still speak with us: those handed over speak with the collector."""
        holds = self._fetch_portal_holds() if holds is None else holds
        return self.item_ids.filtered(
            lambda item: not any(hold.reason == "handed_over" for hold in holds.get(item.id, ()))
        ).sorted("date_due")

    def _get_portal_marks(self, items, holds, today):
        """Return ``{item id: [text]}``: what is agreed or waits about each item."""
        marks = defaultdict(list)
        labels = dict(self.env["commercial.dunning.skip"]._fields["reason"]._description_selection(self.env))
        for item in items:
            for hold in holds.get(item.id, ()):
                marks[item.id].append(
                    {
                        "reason": hold.reason,
                        "label": labels.get(hold.reason, hold.reason),
                        "amount": None if hold.amount is None else float(hold.amount),
                        "until": hold.until if hold.until and hold.until >= today else None,
                    }
                )
        return marks

    def _find_portal_plan(self, plan_id):
        """Return the plan of this account that the customer names, or nothing."""
        self.ensure_one()
        return self._get_portal_records("commercial.payment.plan").filtered(
            lambda plan: plan.id == plan_id and plan.state in SHOWN_PLAN_STATES
        )

    def _accept_portal_plan(self, plan_id, contact):
        """The customer agrees with the plan that was proposed: it starts. Agreeing twice changes nothing."""
        plan = self._find_portal_plan(plan_id)
        if plan.state == "active":
            return plan
        if plan.state != "proposed":
            raise UserError(self.env._("This payment plan cannot be accepted any more. Please contact us."))
        if plan.is_signature_required:
            raise UserError(self.env._("Please sign the agreement and send it back to us."))
        plan.action_activate()
        plan._message_log(body=self.env._("%(contact)s agreed in the portal.", contact=contact.name))
        return plan

    def _can_pay_online(self):
        """Whether Odoo's own payment page can take money for this company."""
        self.ensure_one()
        providers_sudo = self.env["payment.provider"].sudo()  # whether one exists may be known
        return bool(
            providers_sudo.search_count(
                [
                    *providers_sudo._check_company_domain(self.company_id),
                    ("state", "in", ("enabled", "test")),
                    ("is_published", "=", True),
                ],
                limit=1,
            )
        )

    # --- LINKS ---

    def _get_portal_link(self):
        """Return the secret address of this account, for a mail to the customer."""
        self.ensure_one()
        receivable_sudo = self.sudo()  # whoever sends a reminder hands out its link
        receivable_sudo._portal_ensure_token()
        return (
            f"{receivable_sudo.get_base_url()}{receivable_sudo.access_url}?access_token={receivable_sudo.access_token}"
        )

    # --- FILES OF A DISPUTE ---

    @api.model
    def _find_file_problem(self, files):
        """Return why these files cannot be taken, or nothing.

        :param files: ``[(name, content)]``
        """
        if len(files) > MOST_FILES:
            return self.env._("At most %(count)s files, please.", count=MOST_FILES)
        for name, content in files:
            if len(content) > LARGEST_FILE:
                return self.env._("%(file)s is larger than 10 MB.", file=name)
            if not self._guess_file_type(name, content):
                return self.env._("%(file)s: only PDF, JPG, PNG and WEBP files can be added.", file=name)
        return None

    @api.model
    def _guess_file_type(self, name, content):
        """Return the type of a file when its name and its first bytes agree on one that is allowed."""
        heads = {
            "application/pdf": content[:5] == b"%PDF-",
            "image/jpeg": content[:3] == b"\xff\xd8\xff",
            "image/png": content[:8] == b"\x89PNG\r\n\x1a\n",
            "image/webp": content[:4] == b"RIFF" and content[8:12] == b"WEBP",
        }
        for mimetype, endings in FILE_TYPES.items():
            if heads[mimetype] and name.lower().endswith(endings):
                return mimetype
        return None

    @api.model
    def _attach_portal_files(self, record, files):
        """Keep the files of the customer with the record they belong to."""
        attachments = self.env["ir.attachment"].create(
            [
                {
                    "name": name,
                    "raw": content,
                    "mimetype": self._guess_file_type(name, content),
                    "res_model": record._name,
                    "res_id": record.id,
                }
                for name, content in files
            ]
        )
        if attachments:
            record.message_post(body=self.env._("Files of the customer"), attachment_ids=attachments.ids)
        return attachments

    @api.model
    def _today_of(self, partner):
        return fields.Date.context_today(self.with_context(tz=partner.tz or "Europe/Brussels"))
