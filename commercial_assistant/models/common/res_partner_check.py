import re

from odoo import models
from odoo.tools.mail import single_email_re

from ...tools.identifiers import IdentifierError, enterprise_number
from . import stored_value

# Belgian postcodes by language; Brussels (1000-1299) speaks two languages, so it proposes none
BELGIAN_LANGUAGES = (
    (1300, 1499, "fr"),
    (1500, 3999, "nl"),
    (4700, 4791, "de"),
    (4000, 7999, "fr"),
    (8000, 9999, "nl"),
)
COUNTRY_LANGUAGES = {"NL": "nl", "FR": "fr", "DE": "de", "AT": "de", "GB": "en", "IE": "en", "LU": "fr"}
ADDRESS_PARTS = ("street", "zip", "city", "country_id")
POSTCODE_IN_CITY = re.compile(r"^\s*(?:[A-Z]{1,2}-)?(\d{4,5})\s+(\D.*?)\s*$")


class ResPartner(models.Model):
    """Checks of customer data."""

    _name = "res.partner"
    _inherit = ["res.partner", "commercial.check.mixin"]

    # --- HOOKS ---

    def _get_approval_partner(self):
        self.ensure_one()
        return self.commercial_partner_id

    def action_check_data(self):
        """Check the data of the selected customers and show what was found."""
        return self.action_run_checks()

    # --- NUMBERS ---

    def _filter_belgian_entities(self):
        """Entities in Belgium by their address or, without one, by their VAT number."""
        return self.filtered(
            lambda partner: partner.commercial_partner_id == partner
            and (
                partner.country_id.code == "BE"
                or (not partner.country_id and (partner.vat or "").strip().upper().startswith("BE"))
            )
        )

    def _get_enterprise_number(self, name):
        """The ten digits in the field `name`, or False when they are missing or wrong."""
        self.ensure_one()
        try:
            return enterprise_number(self[name] or "")
        except IdentifierError:
            return False

    def _check_rule_customer_enterprise_missing(self, _rule):
        findings = {}
        for partner in self._filter_belgian_entities():
            if (partner.company_registry or "").strip(" /"):
                continue
            number = partner._get_enterprise_number("vat")
            findings[partner.id] = {"proposal": {"company_registry": number} if number else {}}
        return findings

    def _check_rule_customer_enterprise_invalid(self, _rule):
        findings = {}
        for partner in self._filter_belgian_entities():
            value = (partner.company_registry or "").strip(" /")
            if not value or partner._get_enterprise_number("company_registry"):
                continue
            number = partner._get_enterprise_number("vat")
            findings[partner.id] = {
                "value": value,
                "proposal": {"company_registry": number} if number else {},
            }
        return findings

    def _check_rule_customer_enterprise_differs(self, _rule):
        findings = {}
        for partner in self._filter_belgian_entities():
            own = partner._get_enterprise_number("company_registry")
            from_vat = partner._get_enterprise_number("vat")
            if own and from_vat and own != from_vat:
                findings[partner.id] = {"value": own, "limit": from_vat}
        return findings

    def _check_rule_customer_vat_invalid(self, _rule):
        findings = {}
        for partner in self:
            value = (partner.vat or "").strip()
            if partner.commercial_partner_id != partner or not value.strip("/") or partner._is_vat_valid(value):
                continue
            proposal = partner._propose_vat(value)
            findings[partner.id] = {"value": value, "proposal": {"vat": proposal} if proposal else {}}
        return findings

    def _is_vat_valid(self, value):
        """The form and the check digits of the number, by its own prefix or by the country of the address."""
        prefix, number = self._split_vat(value)
        code = {"EL": "GR", "XI": "GB"}.get(prefix, prefix) or self.country_id.code
        if not code or prefix == "EU":
            return True
        return bool(self._check_vat_number(code, number))

    def _propose_vat(self, value):
        self.ensure_one()
        compact = re.sub(r"[^0-9A-Za-z]", "", value).upper()
        candidates = [compact]
        try:
            candidates.append("BE" + enterprise_number(value))
        except IdentifierError:
            if self in self._filter_belgian_entities() and self._get_enterprise_number("company_registry"):
                candidates.append("BE" + self._get_enterprise_number("company_registry"))
        for candidate in candidates:
            if candidate != value and candidate[:2].isalpha() and self._is_vat_valid(candidate):
                return candidate
        return False

    # --- MAIL AND LANGUAGE ---

    def _check_rule_customer_email_invalid(self, _rule):
        findings = {}
        for partner in self:
            value = (partner.email or "").strip()
            if not value or all(map(self._is_email, re.split(r"[;,]\s*", value))):
                continue
            proposal = self._propose_email(value)
            findings[partner.id] = {"value": value, "proposal": {"email": proposal} if proposal else {}}
        return findings

    def _is_email(self, value):
        named = re.fullmatch(r".*<([^<>]+)>\s*", value)
        address = (named.group(1) if named else value).strip()
        return bool(single_email_re.match(address)) and ".." not in address and ".@" not in address

    def _propose_email(self, value):
        """The address without the usual slips of the pen, if that makes it a good one."""
        text = re.sub(r"^mailto:", "", value.strip(), flags=re.IGNORECASE)
        text = re.sub(r"\s*(?:\(at\)|\[at\]|@+)\s*", "@", text)
        text = re.sub(r"\s+", "", text).strip(".,;:<>\"'")
        local, at, host = text.partition("@")
        host = re.sub(r"[.,;:]+", ".", host)
        local = re.sub(r"\.{2,}", ".", local).strip(".")
        candidate = f"{local}{at}{host}"
        return candidate if candidate != value and self._is_email(candidate) else False

    def _check_rule_customer_language(self, _rule):
        installed = dict(self.env["res.lang"].get_installed())
        findings = {}
        for partner in self:
            if partner.lang and partner.lang in installed:
                continue
            proposal = partner._propose_language(installed)
            findings[partner.id] = {
                "value": partner.lang or False,
                "proposal": {"lang": proposal} if proposal else {},
            }
        return findings

    def _propose_language(self, installed):
        """An active language: that of the company, or the one spoken at the address."""
        self.ensure_one()
        entity = self.commercial_partner_id
        if entity != self and entity.lang in installed:
            return entity.lang
        country = self.country_id.code or entity.country_id.code
        if not country:
            return False
        spoken = COUNTRY_LANGUAGES.get(country)
        if country == "BE":
            digits = re.sub(r"\D", "", self.zip or entity.zip or "")
            number = int(digits) if len(digits) == 4 else 0
            spoken = next((lang for first, last, lang in BELGIAN_LANGUAGES if first <= number <= last), None)
        if not spoken:
            return False
        choices = [code for code in installed if code.split("_")[0] == spoken]
        return next((code for code in choices if code == f"{spoken}_{country}"), choices[0] if choices else False)

    # --- ADDRESS ---

    def _check_rule_customer_address(self, _rule):
        findings = {}
        partners = self.filtered(lambda partner: not partner.parent_id or partner.type != "contact")
        countries = partners.filtered(lambda partner: not partner.country_id)._get_vat_countries()
        for partner in partners:
            missing = [name for name in ADDRESS_PARTS if not partner[name]]
            if missing:
                findings[partner.id] = {
                    "values": {"parts": stored_value.FieldNames(partner, missing)},
                    "proposal": partner._propose_address(missing, countries),
                }
        return findings

    def _get_vat_countries(self):
        """The countries that the VAT numbers of these customers begin with, by their code."""
        codes = {(partner.commercial_partner_id.vat or "")[:2].upper() for partner in self}
        return self.env["res.country"].search([("code", "in", sorted(codes))]).grouped("code")

    def _propose_address(self, missing, countries):
        """What the other data of the customer already say."""
        self.ensure_one()
        proposal = {}
        in_city = POSTCODE_IN_CITY.match(self.city or "")
        if "zip" in missing and in_city:
            proposal.update(zip=in_city.group(1), city=in_city.group(2))
        if "country_id" in missing:
            number = self.commercial_partner_id.vat or ""
            country = self.parent_id.country_id
            if not country and number[:2].isalpha() and self._is_vat_valid(number):
                country = countries.get(number[:2].upper())
            if country:
                proposal["country_id"] = country.id
        return proposal
