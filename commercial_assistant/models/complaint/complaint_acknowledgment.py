from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import email_normalize, format_date, formataddr

from .mail_thread import AUTOMATIC_KEY, REFUSED_KEY

LETTER_REPORT = "report.commercial_assistant.report_dunning_notice"
# whoever is acknowledged more often in an hour is likely to be a program that answers ours
MOST_IN_AN_HOUR = 5
OBSTACLES = [
    ("automatic", "the mail was sent by a program"),
    ("loop", "many mails come from this address"),
    ("colleague", "the mail came from a colleague"),
    ("blocked", "the address gets no mail from us"),
    ("no_address", "there is no e-mail address"),
    ("failed", "the mail did not arrive"),
]
ON_ITS_WAY = ("reserved", "sending", "sent", "ambiguous")


class Complaint(models.Model):
    """The customer is told once that we have his complaint, whatever way it came."""

    _inherit = "commercial.complaint"

    acknowledgment_id = fields.Many2one(
        comodel_name="commercial.dispatch",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    acknowledgment_state = fields.Selection(related="acknowledgment_id.state", string="Acknowledgment by mail")
    acknowledgment_obstacle = fields.Selection(
        selection=OBSTACLES,
        string="Not acknowledged because",
        readonly=True,
        copy=False,
        help="Why no acknowledgment leaves by itself.",
    )

    @api.model
    def _get_protected_fields(self):
        return super()._get_protected_fields() | {"acknowledgment_id", "acknowledgment_obstacle"}

    # --- WHETHER ---

    def _is_acknowledged(self):
        # the mail to the customer is on its way: nobody needs to wait for the mail server
        return super()._is_acknowledged() or self.sudo().acknowledgment_id.state in ON_ITS_WAY

    def _get_acknowledgment_obstacle(self):
        """Return why no acknowledgment may leave by itself, or nothing."""
        self.ensure_one()
        if not email_normalize(self.email_from or ""):
            return "no_address"
        if self.env.context.get(AUTOMATIC_KEY):
            return "automatic"
        if self._is_on_blocked_list():
            return "blocked"
        if self._is_from_colleague():
            return "colleague"
        return "loop" if self._is_in_loop() else None

    def _is_from_colleague(self):
        """Whether the address belongs to somebody who works here: he passed the complaint on, he has none."""
        self.ensure_one()
        if self.partner_id:
            return False
        # who is a colleague may be known
        return bool(
            self.env["res.users"]
            .sudo()
            .search_count(
                [("share", "=", False), ("partner_id.email_normalized", "=", email_normalize(self.email_from))], limit=1
            )
        )

    def _is_in_loop(self):
        """Whether this address was acknowledged so often of late that a program must be answering our mails."""
        self.ensure_one()
        # counted whatever the person may see
        letters_sudo = self.env["commercial.dispatch"].sudo()
        recent = Domain("create_date", ">=", fields.Datetime.subtract(fields.Datetime.now(), hours=1))
        domain = Domain("res_model", "=", self._name) & Domain("recipient_email", "=", email_normalize(self.email_from))
        return letters_sudo.search_count(domain & recent, limit=MOST_IN_AN_HOUR) >= MOST_IN_AN_HOUR

    # --- SENDING ---

    def _acknowledge(self):
        """Put the acknowledgment in the queue, or note why none leaves; doing it again changes nothing."""
        for complaint in self.filtered(lambda complaint: not complaint._is_acknowledged()):
            obstacle = complaint._get_acknowledgment_obstacle()
            if obstacle:
                complaint.sudo().acknowledgment_obstacle = obstacle
            else:
                complaint._send_acknowledgment()

    def _send_acknowledgment(self):
        """Reserve the mail; its key makes sure that it leaves once."""
        self.ensure_one()
        lang = self._get_customer_lang()
        letter = self._prepare_acknowledgment()
        body = (
            self.env["ir.qweb"]
            .with_context(lang=lang)
            ._render("commercial_assistant.mail_customer_letter", {"letter": letter})
        )
        # whoever may deal with the complaint may write to the customer
        Dispatch = self.env["commercial.dispatch"].sudo()
        [letter_sudo] = Dispatch._reserve(
            [
                {
                    "company_id": self.company_id.id,
                    "partner_id": self.partner_id.id,
                    "contact_id": self.partner_id.id,
                    "res_model": self._name,
                    "res_id": self.id,
                    "key": f"{self._name},{self.id},acknowledgment",
                    "lang": lang,
                    "channel": "email",
                    "recipient_email": email_normalize(self.email_from),
                    "subject": f"{letter['subject']} – {self.name}",
                    "body": body,
                }
            ]
        )
        self.sudo().write({"acknowledgment_id": letter_sudo.id, "acknowledgment_obstacle": False})
        Dispatch._trigger_send()
        return letter_sudo

    def action_send_acknowledgment(self):
        """A person sends the acknowledgment, also where none leaves by itself."""
        self.ensure_one()
        self._check_may_work()
        self.check_access("write")
        if self._is_acknowledged():
            raise UserError(self.env._("The customer was told already that we have the complaint."))
        if not email_normalize(self.email_from or ""):
            raise UserError(self.env._("Enter the e-mail address of the customer first, or tell him in person."))
        if self._is_on_blocked_list():
            raise UserError(
                self.env._(
                    "%(email)s is on the list of addresses that get no mail. Tell the customer in person.",
                    email=self.email_from,
                )
            )
        self._send_acknowledgment()
        return True

    # --- WHAT STANDS IN IT ---

    def _get_customer_lang(self):
        """Return an installed language: that of the complaint, else of the company."""
        self.ensure_one()
        installed = dict(self.env["res.lang"].get_installed())
        candidates = (self.lang, self.partner_id.lang, self.company_id.sudo().partner_id.lang, self.env.lang)
        return next((lang for lang in candidates if lang in installed), "en_US")

    def _get_promised_answer_date(self):
        """Return the day by which the customer hears from us, or nothing. A room that keeps clocks says it."""
        self.ensure_one()
        return False

    def _get_contact_lines(self):
        """Return where the customer reaches us about the complaint: ``[(label, value)]`` (art. XVI.2 CEL)."""
        self.ensure_one()
        email, phone = self.team_id._get_contact_data(self.company_id)
        lines = [(self.env._("E-mail"), email), (self.env._("Phone"), phone)]
        return [(label, value) for label, value in lines if value]

    def _get_acknowledgment_sender(self):
        """Return sender and author of the mail: the company, and never the customer who clicked in the portal."""
        self.ensure_one()
        company_sudo = self.company_id.sudo()  # the address of the sender is meant to be told
        email = email_normalize(company_sudo.email or "") or self.team_id._get_contact_data(company_sudo)[0]
        values = {"author_id": company_sudo.partner_id.id}
        if email:
            values["email_from"] = formataddr((company_sudo.name, email))
        # a mailbox of the team takes the answers, see _notify_get_reply_to
        return values | {"reply_to": self._notify_get_reply_to(default=values.get("email_from"))[self.id]}

    def _prepare_acknowledgment(self):
        """Return the letter as the layout of short letters wants it, in the language of the customer."""
        self.ensure_one()
        lang = self._get_customer_lang()
        zone = self.company_id.sudo().partner_id.tz or "Europe/Brussels"
        complaint = self.with_company(self.company_id).with_context(lang=lang, tz=zone)
        notices = complaint.env[LETTER_REPORT]
        company = notices._prepare_company(complaint.company_id)
        day = notices._format_day(fields.Date.context_today(complaint))
        city = complaint.company_id.sudo().city
        foot = ((company["name"], company["place"]), (company["number"], company["legal_form"]))
        return {
            "lang": lang,
            "css": complaint.env["commercial.customer.letter.mixin"]._get_letter_css(),
            "name": self.name,
            "company": company,
            "recipient": [],
            "reference": complaint.env._("Our reference"),
            "place_date": complaint.env._("%(city)s, %(date)s", city=city, date=day) if city else day,
            "salutation": complaint.env._("Dear Sir or Madam,"),
            "valediction": complaint.env._("Yours faithfully,"),
            "signature": [company["name"]],
            "foot": [line for line in (" · ".join(filter(None, parts)) for parts in foot) if line],
            "subject": complaint.env._("We have received your complaint"),
            "before": complaint._get_acknowledgment_opening(),
            "head": [complaint.env._("Your complaint"), ""],
            "rows": complaint._get_acknowledgment_rows(),
            "quote": [],
            "after": complaint._get_acknowledgment_steps(),
        }

    def _get_acknowledgment_opening(self):
        return [
            self.env._(
                "Thank you for telling us what is not right. We have registered your complaint under number "
                "%(number)s.",
                number=self.name,
            )
        ]

    def _get_acknowledgment_rows(self):
        # the customer may read the names of what he bought
        lines_sudo = self.sudo().line_ids
        goods = ", ".join(dict.fromkeys(line.product_id.display_name or line.name or "" for line in lines_sudo))
        documents = dict.fromkeys([*lines_sudo.sale_order_id.mapped("name"), *lines_sudo.invoice_id.mapped("name")])
        rows = [
            (self.env._("Number"), self.name),
            (self.env._("Received on"), format_date(self.env, fields.Date.context_today(self, self.received_on))),
            # words of somebody we do not know are not sent to the address he claims to have
            (self.env._("Subject"), self.subject if self.partner_id else ""),
            (self.env._("Goods"), goods.strip(", ")),
            (self.env._("Documents"), ", ".join(documents)),
        ]
        return [row for row in rows if row[1]]

    def _get_acknowledgment_steps(self):
        """What happens now, by when, and where the customer reaches us."""
        promised = self._get_promised_answer_date()
        when = (
            self.env._("You hear from us by %(date)s at the latest.", date=format_date(self.env, promised))
            if promised
            else self.env._("We answer you as soon as possible.")
        )
        steps = [
            f"{self._get_next_step_text()} {when}",
            self.env._(
                "Please keep the goods and the packaging until you have our answer; do not send anything back yet."
            ),
        ]
        if not self.sudo().line_ids:
            steps.pop()
        if refused := self.env.context.get(REFUSED_KEY):
            steps.append(
                self.env._(
                    "These files were too large and did not reach us: %(files)s. Please send them in parts, or on the "
                    "page of your complaint.",
                    files=", ".join(refused),
                )
            )
        link = Markup('<a href="%s">%s</a>') % (self._get_portal_link(), self.env._("the page of your complaint"))
        steps.append(
            self.env._(
                "To add something, e.g. a photo, answer this mail or open %(page)s. You also see there how far we are.",
                page=link,
            )
        )
        contact = " · ".join(f"{label} {value}" for label, value in self._get_contact_lines())
        if contact:
            steps.append(
                self.env._("Questions about your complaint? %(contact)s. Please mention the number.", contact=contact)
            )
        steps += [line for line in (self.team_id.sudo().acknowledgment_note or "").splitlines() if line.strip()]
        return steps

    def _get_next_step_text(self):
        return self.env._(
            "What happens now: we look into your complaint, ask you where something is missing, and then tell you what "
            "we have decided, and why."
        )

    # --- FOLLOWING ---

    def _is_acknowledgment(self, dispatch):
        return dispatch.key == f"{self._name},{self.id},acknowledgment"

    def _dispatch_before_send(self, dispatch):
        """Nothing leaves any more when the customer was told in person meanwhile, or when it is no complaint."""
        self.ensure_one()
        if not self._is_acknowledgment(dispatch):
            return self._call_lower("_dispatch_before_send", dispatch)
        if self.acknowledged_on:
            return self.env._("The customer was told already.")
        if self.state == "cancelled" and self.cancel_reason == "spam":
            return self.env._("It is no complaint.")
        return None

    def _dispatch_after_send(self, dispatch):
        """The customer knows now. May be called again."""
        self.ensure_one()
        if not self._is_acknowledgment(dispatch):
            return self._call_lower("_dispatch_after_send", dispatch)
        self._stamp_acknowledged("email")
        self.sudo().acknowledgment_obstacle = False
        return None

    def _dispatch_after_failure(self, dispatch):
        """Tell that the customer was not reached. May be called again."""
        self.ensure_one()
        if not self._is_acknowledgment(dispatch):
            return self._call_lower("_dispatch_after_failure", dispatch)
        if dispatch.state == "failed" and self.acknowledgment_obstacle != "failed":
            self.sudo().acknowledgment_obstacle = "failed"
            self._message_log(
                body=self.env._(
                    "The acknowledgment did not arrive: %(reason)s Tell the customer in another way.",
                    reason=dispatch.error or "",
                )
            )
        return None

    def _call_lower(self, name, dispatch):
        """Let another letter of the complaint be followed by whoever writes it."""
        method = getattr(super(), name, None)
        return method(dispatch) if method else None
