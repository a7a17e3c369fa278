from odoo import api, fields, models
from odoo.tools import format_list

from .complaint_proposal_line import MONEY_KINDS

REPORT_MODEL = "report.commercial_assistant.report_complaint_proposal"
# where the guarantee of a consumer is written; elsewhere the sentence names no article
GUARANTEE_COUNTRIES = ("BE", "NL", "FR", "LU")


class ComplaintProposal(models.Model):
    """What the letter says. Each part is written in the language of the customer, for a person to look at."""

    _inherit = "commercial.complaint.proposal"

    # --- COMPUTE ---

    def _write_parts(self, name):
        """Fill one text of the drafts; what has left stays."""
        for proposal in self:
            if proposal.state == "draft":
                proposal[name] = getattr(proposal._in_letter_language(), f"_get_{name}")()
            else:
                proposal[name] = proposal[name]

    @api.depends("complaint_id", "lang")
    def _compute_text_intro(self):
        self._write_parts("text_intro")

    @api.depends("verdict", "lang")
    def _compute_text_decision(self):
        self._write_parts("text_decision")

    @api.depends("valid_until", "is_explanation_only", "is_deemed_accepted", "lang")
    def _compute_text_term(self):
        self._write_parts("text_term")

    @api.depends("company_id", "lang")
    def _compute_text_contact(self):
        self._write_parts("text_contact")

    @api.depends("lang", "line_ids.product_id", "complaint_id", "contact_id")
    def _compute_text_rights(self):
        self._write_parts("text_rights")

    @api.depends("lang", "verdict", "is_explanation_only", "complaint_id", "contact_id")
    def _compute_text_adr(self):
        self._write_parts("text_adr")

    def _in_letter_language(self):
        self.ensure_one()
        zone = self.company_id.partner_id.tz or "Europe/Brussels"
        return self.with_company(self.company_id).with_context(lang=self.lang or "en_US", tz=zone)

    # --- FACTS ---

    def _is_for_consumer(self):
        self.ensure_one()
        return self.complaint_id.customer_kind == "consumer"

    def _get_country(self):
        """Return where the customer lives: its law and its bodies protect him."""
        self.ensure_one()
        return self.contact_id.country_id or self.partner_id.country_id or self.company_id.country_id

    def _is_about_goods(self):
        self.ensure_one()
        # what was sold is no secret for whoever writes to the customer
        products_sudo = (self.line_ids.product_id | self.complaint_id.line_ids.product_id).sudo()
        return any(product.type == "consu" for product in products_sudo)

    def _names_adr(self):
        """Whether a consumer is told now where he can go: when he does not get all he asked, or has waited long."""
        self.ensure_one()
        complaint = self.complaint_id
        if not self._is_for_consumer():
            return False
        if self.verdict != "founded" or self.is_explanation_only:
            return True
        if any(other.state == "refused" for other in complaint.proposal_ids):
            return True
        patience = self.company_id.complaint_adr_days
        received = fields.Datetime.context_timestamp(self, complaint.received_on).date()
        return fields.Date.add(received, days=patience) <= self._get_today()

    def _find_adr_body(self):
        self.ensure_one()
        return self.env["commercial.adr.body"]._find(self.company_id, self._get_country(), self._get_today())

    # --- TEXTS ---

    def _get_text_intro(self):
        complaint = self.complaint_id
        received = fields.Datetime.context_timestamp(self, complaint.received_on).date()
        return self.env._(
            "Thank you for your complaint of %(day)s about “%(subject)s”. We have examined it. Below you read what we "
            "decided and why.",
            day=self.env[REPORT_MODEL]._format_day(received),
            subject=complaint.subject,
        )

    def _get_text_decision(self):
        return {
            "founded": self.env._("Your complaint is founded. We are sorry for the inconvenience."),
            "partly": self.env._("Your complaint is founded in part. We are sorry for the inconvenience."),
            "unfounded": self.env._("After our examination we have to tell you that your complaint is not founded."),
            "unknown": self.env._(
                "We have examined your complaint carefully, but it could not be established whether it is founded."
            ),
        }.get(self.verdict, "")

    def _get_text_term(self):
        if not self.valid_until:
            return ""
        day = self.env[REPORT_MODEL]._format_day(self.valid_until)
        if self.is_explanation_only:
            return self.env._(
                "Do you see this differently, or can you add something? Please let us know by %(day)s, with your "
                "reasons: we then look at your complaint again.",
                day=day,
            )
        asked = self.env._(
            "Please let us know by %(day)s whether you agree with our proposal. An e-mail, a telephone call or a "
            "letter is enough.",
            day=day,
        )
        if self.is_deemed_accepted:
            silence = self.env._(
                "If we have not heard from you by that day, we take it that you accept our proposal, and carry it out."
            )
        else:
            silence = self.env._("After that day our proposal lapses.")
        return f"{asked} {silence}"

    def _get_text_contact(self):
        """Whom to turn to with a complaint (Code of Economic Law, article XVI.2)."""
        reach = self.company_id._describe_complaint_contact()
        if not reach:
            return self.env._("Do you not agree, or do you have a question? Tell us, with your reasons: we answer you.")
        return self.env._(
            "Do you not agree, or do you have a question? Our complaints service is there for you: %(reach)s. Tell us "
            "your reasons: we answer you.",
            reach=reach,
        )

    def _get_text_rights(self):
        """The legal guarantee of a consumer stays, whatever we agree on."""
        if not self._is_for_consumer() or not self._is_about_goods():
            return False
        country = self._get_country().code
        method = f"_get_text_rights_{country.lower()}" if country in GUARANTEE_COUNTRIES else "_get_text_rights_other"
        return getattr(self, method)()

    def _get_text_rights_be(self):
        return self.env._(
            "Your rights under the legal guarantee for consumer goods (articles 1649quater and 1649quinquies of the "
            "former Civil Code) remain in full. The term of the guarantee does not run during the time needed for a "
            "repair, a replacement or negotiations on an amicable settlement."
        )

    def _get_text_rights_nl(self):
        return self.env._(
            "Your statutory rights as a consumer when goods are not in conformity (articles 7:17, 7:21 and 7:22 of the "
            "Dutch Civil Code) remain in full."
        )

    def _get_text_rights_fr(self):
        return self.env._(
            "Your rights under the legal guarantee of conformity (articles L. 217-3 and following of the French "
            "Consumer Code) and under the guarantee against hidden defects (articles 1641 and following of the French "
            "Civil Code) remain in full."
        )

    def _get_text_rights_lu(self):
        return self.env._(
            "Your rights under the legal guarantee of conformity (articles L. 212-1 and following of the Luxembourg "
            "Consumer Code) remain in full."
        )

    def _get_text_rights_other(self):
        return self.env._("The rights that the law gives you as a consumer remain in full.")

    def _get_text_adr(self):
        """Where a consumer can go with a complaint we do not solve (Code of Economic Law, article XVI.4)."""
        if not self._names_adr():
            return False
        body = self._find_adr_body().with_context(lang=self.env.lang)
        if not body:
            return self.env._(
                "If we do not find a solution together, you can turn to the body for the out-of-court settlement of "
                "consumer disputes in your country. The European Consumer Centre of your country tells you which body "
                "that is."
            )
        if body.is_free:
            named = self.env._(
                "If we do not find a solution together, you can submit the dispute free of charge to the following "
                "body for the out-of-court settlement of consumer disputes: %(body)s.",
                body=f"{body.name}, {body._describe_reach()}".rstrip(", "),
            )
        else:
            named = self.env._(
                "If we do not find a solution together, you can submit the dispute to the following body for the "
                "out-of-court settlement of consumer disputes: %(body)s.",
                body=f"{body.name}, {body._describe_reach()}".rstrip(", "),
            )
        return f"{named} {self._get_participation(body)}"

    def _get_participation(self, body):
        return {
            "undecided": self.env._(
                "We are not obliged to take part in its procedure; we decide on it for each dispute that is submitted."
            ),
            "declined": self.env._("We are not obliged to take part in its procedure, and we do not take part."),
            "committed": self.env._("We are not obliged to take part in its procedure, but we do take part."),
            "obliged": self.env._("We are obliged to take part in its procedure."),
        }[body.participation]

    def _has_money(self):
        self.ensure_one()
        return any(line.kind in MONEY_KINDS and line.amount for line in self.line_ids)

    # --- WHAT A PERSON SHOULD KNOW BEFORE SENDING ---

    def _get_warnings(self):
        """Return what the law asks of this letter and the settings do not give, in the language of the user."""
        self.ensure_one()
        warnings = []
        if self._is_for_consumer() and self._names_adr():
            body = self._find_adr_body()
            if not body:
                warnings.append(
                    self.env._(
                        "No body for consumer disputes is known for %(country)s: the letter names none. Add yours "
                        "under Configuration, Complaints.",
                        country=self._get_country().name or "-",
                    )
                )
            elif body.participation == "undecided":
                warnings.append(
                    self.env._(
                        "Say under Configuration, Complaints whether the company takes part in the procedure of "
                        "%(body)s: the letter has to tell it (article XVI.4 of the Code of Economic Law).",
                        body=body.name,
                    )
                )
        if not self.company_id._describe_complaint_contact():
            warnings.append(
                self.env._(
                    "The company has no telephone number and no e-mail address for complaints (article XVI.2 of the "
                    "Code of Economic Law)."
                )
            )
        if terms := self.company_id._find_terms_with_closed_platform():
            warnings.append(
                self.env._(
                    "The European platform for online disputes was closed on 20 July 2025, but the link to it still "
                    "stands in: %(places)s.",
                    places=format_list(self.env, terms),
                )
            )
        return warnings
