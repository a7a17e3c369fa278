from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize, format_date
from odoo.tools.image import image_data_uri

REPORT = "commercial_assistant.action_report_warranty_answer"
DEFAULT_COLOR = "#1f2933"


class WarrantyCheck(models.Model):
    """The answer to the customer: one letter for each verdict, in his language, by mail or on paper."""

    _inherit = "commercial.warranty.check"

    is_answered = fields.Boolean(string="Answer made", compute="_compute_is_answered")

    def _compute_is_answered(self):
        # whoever sees the verdict may know that it was answered
        letters_sudo = self.env["commercial.dispatch"].sudo()
        domain = [("res_model", "=", self._name), ("res_id", "in", self.ids), ("state", "!=", "cancelled")]
        answered = {res_id for [res_id] in letters_sudo._read_group(domain, ["res_id"])}
        for check in self:
            check.is_answered = check.id in answered

    # --- ACTIONS ---

    def action_send_answer(self):
        """Send the answer: by mail, or, to whoever has no address for mails, on paper. It is sent once."""
        self.ensure_one()
        letter_sudo = self._make_answer()
        if letter_sudo.channel == "post":
            return self._get_print_action(letter_sudo)
        self.env["commercial.dispatch"]._trigger_send()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("Answer"),
                "message": self.env._(
                    "%(letter)s to %(address)s leaves in a moment.",
                    letter=letter_sudo.name,
                    address=letter_sudo.recipient_email,
                ),
                "type": "success",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_print_answer(self):
        """Give the answer on paper; when it left by mail already, the very same letter."""
        self.ensure_one()
        return self._get_print_action(self._make_answer(channel="post"))

    def _get_print_action(self, letter):
        return {
            "type": "ir.actions.act_url",
            "url": f"/commercial_assistant/letters/{letter.id}",
            "target": "download",
        }

    # --- MAKING ---

    def _make_answer(self, channel=None):
        """Put the answer into the queue with its file; asking twice makes it once.

        :return: the letter, with the rights of the superuser
        """
        self.ensure_one()
        self.env["commercial.warranty"]._check_may_ask()
        self.check_access("read")
        if not self.partner_id:
            raise UserError(self.env._("%(check)s names no customer: there is nobody to answer to.", check=self.name))
        channel = channel or self._get_letter_channel()
        if not channel:
            raise UserError(
                self.env._(
                    "%(contact)s has no e-mail and no postal address: nothing can be sent.",
                    contact=self.partner_id.display_name,
                )
            )
        lang = self._get_letter_lang()
        letter = self._prepare_letter(mail=True)
        views = self.env["ir.qweb"].with_context(lang=lang)
        body = views._render("commercial_assistant.mail_warranty_answer", {"letter": letter})
        # whoever may give the verdict may send it
        letters_sudo = self.env["commercial.dispatch"].sudo()
        [letter_sudo] = letters_sudo._reserve(
            [
                {
                    "company_id": self.company_id.id,
                    "partner_id": self.partner_id.id,
                    "contact_id": self._get_letter_recipient().id,
                    "res_model": self._name,
                    "res_id": self.id,
                    "key": f"{self._name},{self.id},answer",
                    "lang": lang,
                    "channel": channel,
                    "subject": f"{letter['subject']} – {self.name}",
                    "body": body,
                }
            ]
        )
        if not letter_sudo.attachment_id:
            letter_sudo._attach_warranty_answer(REPORT)
        return letter_sudo

    def _get_letter_recipient(self):
        """Return the contact who ordered, else the customer."""
        self.ensure_one()
        return self.order_id.sudo().partner_id or self.partner_id

    def _get_letter_channel(self):
        self.ensure_one()
        recipient = self._get_letter_recipient()
        if email_normalize(recipient.email):
            return "email"
        return "post" if recipient.street and (recipient.zip or recipient.city) else None

    def _get_letter_lang(self):
        """Return an active language: that of the recipient, else of the customer, else of the company."""
        self.ensure_one()
        active = dict(self.env["res.lang"].get_installed())
        candidates = (self._get_letter_recipient().lang, self.partner_id.lang, self.company_id.partner_id.lang)
        return next((lang for lang in (*candidates, self.env.lang) if lang in active), "en_US")

    # --- WORDS ---

    def _prepare_letter(self, mail=False):
        """Return everything that stands in the letter, in the language of its recipient.

        :param mail: styles stand on each node, for mail programs
        """
        self.ensure_one()
        check = self.with_company(self.company_id).with_context(lang=self._get_letter_lang())
        city = check.company_id.sudo().city
        day = format_date(check.env, fields.Date.context_today(check))
        company = check._prepare_letter_company()
        return {
            "lang": check.env.lang,
            "css": check._get_letter_css() if mail else {},
            "name": check.name,
            "company": company,
            "recipient": check._get_letter_recipient()._get_letter_address().splitlines(),
            "reference": check.env._("Our reference"),
            "place_date": check.env._("%(city)s, %(date)s", city=city, date=day) if city else day,
            "subject": check.env._("Guarantee of %(product)s", product=check.product_id.display_name),
            "salutation": check.env._("Dear Sir or Madam,"),
            "intro": check._get_letter_intro(),
            "facts": check._get_letter_facts(),
            "decision": check._get_letter_decision(),
            "grounds": check._get_letter_grounds(),
            "next": check._get_letter_next(),
            "valediction": check.env._("Yours faithfully,"),
            "signature": [company["name"], "" if self.env.user._is_superuser() else self.env.user.name],
            "foot": [
                line
                for line in (" · ".join(filter(None, (company["name"], company["place"]))), company["number"])
                if line
            ],
        }

    def _prepare_letter_company(self):
        company_sudo = self.company_id.sudo().with_context(lang=self.env.lang)  # the head of a letter is no secret
        partner = company_sudo.partner_id
        town = " ".join(filter(None, (partner.zip, partner.city)))
        address = [line for line in (partner.street, partner.street2, town) if line]
        contact = " · ".join(filter(None, (company_sudo.phone, company_sudo.email)))
        number = company_sudo.vat or company_sudo.company_registry or ""
        return {
            "name": company_sudo.name,
            "logo": image_data_uri(company_sudo.logo)
            if company_sudo.logo and not company_sudo.uses_default_logo
            else "",
            "color": company_sudo.primary_color or DEFAULT_COLOR,
            "number": number,
            "place": ", ".join(address),
            "lines": [line for line in (*address, contact, number) if line],
        }

    def _get_letter_intro(self):
        return self.env._(
            "You told us on %(day)s about a defect of the goods below. We have looked up until when they are covered.",
            day=self._format_day(self.reported_on),
        )

    def _get_letter_facts(self):
        row_sudo = self.warranty_id.sudo()
        facts = [
            (self.env._("Goods"), self.product_id.display_name),
            (self.env._("Serial number"), self.serial_number),
            (self.env._("Order"), self.order_id.sudo().name),
            (self.env._("Delivery day"), self._format_day(row_sudo.delivered_on)),
            (self.env._("Reported on"), self._format_day(self.reported_on)),
            (self.env._("Covered until"), self._format_day(self.covered_until)),
        ]
        if self.warranty_id.side == "supplier":
            # what the supplier owes us is no matter of the customer
            facts = [fact for fact in facts if fact[0] != self.env._("Covered until")]
        return [(name, value) for name, value in facts if value]

    def _get_letter_decision(self):
        """Return the answer in one sentence."""
        return {
            "covered_legal": self.env._("Your goods are covered by the legal guarantee."),
            "covered_commercial": self.env._("Your goods are covered by a guarantee."),
            "supplier_only": self.env._("Our guarantee is over. We ask our supplier whether he can still help."),
            "expired": self.env._("Your goods are not covered any more."),
            "excluded": self.env._("This defect is not covered."),
            "unknown": self.env._("We cannot tell yet whether your goods are covered."),
        }[self.verdict]

    def _get_letter_grounds(self):
        """Return why, paragraph by paragraph: the register, the words of whoever looked, the law or the terms."""
        policy = self.warranty_id.sudo().policy_id if self.warranty_id.side == "customer" else None
        grounds = [
            self._get_letter_reason(),
            self.exclusion_reason,
            policy.terms if policy and self.verdict != "unknown" else "",
            self._get_letter_cover(),
            self._get_letter_law(),
        ]
        return [line for text in grounds if text for line in text.splitlines() if line.strip()]

    def _get_letter_reason(self):
        """The customer reads why, but nothing about other customers or our suppliers."""
        if self.reason_code == "other_customer":
            return self.env._("We do not find a delivery of these goods to you.")
        if self.reason_code == "supplier":
            return self.env._("The term of the guarantee was over on the day you told us about the defect.")
        return self._get_reason()

    def _get_letter_cover(self):
        line = self.line_ids.filtered(lambda line: line.warranty_id == self.warranty_id)[:1]
        if not self.verdict.startswith("covered") or not line.covers:
            return ""
        return self.env._("The guarantee covers: %(what)s.", what=line.covers)

    def _get_letter_law(self):
        if self.verdict == "covered_commercial" and self.partner_id._get_customer_kind() == "consumer":
            return self.env._(
                "This guarantee stands beside your rights by law, which you have free of charge and which it does not "
                "change."
            )
        return ""

    def _get_letter_next(self):
        """Return what the customer can do now."""
        after = []
        if self.proof_needed:
            proof = self._get_proof_needed()
            after.append(self.env._("Please send us: %(proof)s", proof=proof))
        if self.verdict in ("covered_legal", "covered_commercial"):
            after.append(self.env._("As soon as we have this we agree with you on repair or replacement."))
        elif self.verdict in ("expired", "excluded"):
            after.append(
                self.env._(
                    "We are glad to make you an offer for the repair. If you see it otherwise, answer this letter with "
                    "your reasons: we look at them again."
                )
            )
        return after

    def _get_letter_css(self):
        """Styles of the mail: mail programs know no style sheet."""
        cell = "padding: 4px 8px; text-align: left; vertical-align: top; border-bottom: 1px solid #cbd2d9;"
        return {
            "table": "width: 100%; border-collapse: collapse; font-size: 13px; margin: 12px 0;",
            "label": f"{cell} width: 160px; color: #5b6770;",
            "td": cell,
            "decision": "margin: 1em 0 0.5em 0; font-size: 15px; font-weight: bold;",
        }

    # --- FOLLOWING ---

    def _dispatch_after_failure(self, dispatch):
        """Tell in the chatter that the customer did not get the answer. May be called again."""
        self.ensure_one()
        if dispatch.state == "failed":
            self._message_log(
                body=self.env._(
                    "%(subject)s did not arrive: %(reason)s", subject=dispatch.subject, reason=dispatch.error
                )
            )
