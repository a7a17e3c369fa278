import re
from collections import defaultdict

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL


class CommercialProspectMatcher(models.AbstractModel):
    _name = "commercial.prospect.matcher"
    _description = "Who is this? Contacts and leads with the same numbers or addresses"

    @api.model
    def _get_number_key(self, text):
        """One notation for enterprise and VAT numbers: ten digits for Belgian ones, else country code and number."""
        compact = re.sub(r"[^0-9A-Z]", "", (text or "").upper())
        digits = compact.removeprefix("BE")
        if digits.isdigit() and len(digits) in (9, 10) and (compact != digits or digits[0] in "01" or len(digits) == 9):
            return digits.zfill(10)
        return compact

    @api.model
    def _get_number_notations(self, numbers):
        """The keys as they may stand in the database, once signs and blanks are taken out."""
        notations = set(numbers)
        for number in numbers:
            if number.isdigit():
                notations.add("BE" + number)
                if number.startswith("0"):
                    notations |= {number[1:], "BE" + number[1:]}
        return list(notations)

    @api.model
    def _find_partners(self, company, numbers, emails):
        """{(kind, key): [ids]} of the contacts the user may see, companies before their contacts, in one query."""
        if not numbers and not emails:
            return {}
        model = self.env["res.partner"]
        query = model._search(Domain("company_id", "in", [False, company.id]))
        alias = model._table
        vat, registry, email = (
            model._field_to_sql(alias, name, query) for name in ("vat", "company_registry", "email_normalized")
        )
        notations = self._get_number_notations(numbers)
        query.add_where(
            SQL(
                "(%(email)s = ANY(%(emails)s) OR %(vat)s = ANY(%(numbers)s) OR %(registry)s = ANY(%(numbers)s))",
                email=email,
                emails=list(emails),
                vat=self._get_compact_sql(vat),
                registry=self._get_compact_sql(registry),
                numbers=notations,
            )
        )
        query.order = SQL(
            "%s, %s",
            SQL("%s DESC NULLS LAST", model._field_to_sql(alias, "is_company", query)),
            SQL.identifier(alias, "id"),
        )
        found = defaultdict(list)
        identifier = SQL.identifier(alias, "id")
        for partner_id, *numbers_found, address in self.env.execute_query(
            query.select(identifier, vat, registry, email)
        ):
            for key in {self._get_number_key(number) for number in numbers_found if number} & numbers:
                found["number", key].append(partner_id)
            if address in emails:
                found["email", address].append(partner_id)
        return found

    @api.model
    def _get_compact_sql(self, field_sql):
        return SQL("regexp_replace(upper(%s), '[^0-9A-Z]', '', 'g')", field_sql)

    @api.model
    def _find_leads(self, company, numbers, emails):
        """{(kind, key): [ids]} of the leads the user may see, lost ones included: those people are known as well."""
        if not numbers and not emails:
            return {}
        notations = self._get_number_notations(numbers)
        leads = (
            self.env["crm.lead"]
            .with_context(active_test=False)
            .search_fetch(
                Domain("company_id", "in", [False, company.id])
                & (
                    Domain("enterprise_number", "in", notations)
                    | Domain("vat_number", "in", notations)
                    | Domain("email_normalized", "in", list(emails))
                ),
                ["enterprise_number", "vat_number", "email_normalized"],
                order="active desc, id",
            )
        )
        found = defaultdict(list)
        for lead in leads:
            for key in {self._get_number_key(number) for number in (lead.enterprise_number, lead.vat_number) if number}:
                found["number", key].append(lead.id)
            if lead.email_normalized:
                found["email", lead.email_normalized].append(lead.id)
        return found
