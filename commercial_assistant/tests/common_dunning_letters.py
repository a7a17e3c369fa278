import re

from lxml import html

from odoo import Command

from .common_dunning import DunningCommon

REPORT = "commercial_assistant.action_report_dunning_notice"
KINDS = ("courtesy", "reminder", "second_reminder", "formal_notice", "last_notice")
FINAL_KINDS = KINDS[3:]
REGIMES = (
    "be_consumer",
    "be_business",
    "be_public",
    "nl_consumer",
    "nl_business",
    "fr_consumer",
    "fr_business",
    "lu_consumer",
    "lu_business",
)
LANGUAGES = ("en_US", "nl_BE", "fr_BE", "de_DE")
# rates, costs and customers that the tests take for true; the real figures are tested with the law
RATES = {"be": 10.5, "nl": 10.15, "fr": 12.15, "lu": 10.15, "nl_consumer": 4, "fr_consumer": 6.67, "lu_consumer": 4.5}
INDEMNITIES = {"be_consumer": 100.5, "nl_consumer": 181.5, "nl_business": 181.5}
CUSTOMERS = {
    "be_public": {
        "name": "Stad Brugge", "is_company": True, "customer_kind": "public", "vat": "BE0203201340",
        "street": "Burg 12", "zip": "8000", "city": "Brugge",
    },
    "nl_consumer": {"name": "Pieter Jansen", "street": "Oudegracht 210", "zip": "3511 NR", "city": "Utrecht"},
    "nl_business": {
        "name": "Jansen Metaal B.V.", "is_company": True, "company_registry": "30123456",
        "street": "Havenweg 8", "zip": "3542 AD", "city": "Utrecht",
    },
    "fr_consumer": {"name": "Claire Dubois", "street": "12 rue de Béthune", "zip": "59800", "city": "Lille"},
    "fr_business": {
        "name": "Ateliers Dubois SARL", "is_company": True, "company_registry": "732 829 320",
        "street": "4 avenue du Peuple Belge", "zip": "59000", "city": "Lille",
    },
    "lu_consumer": {"name": "Marc Weber", "street": "3, rue du Fossé", "zip": "L-1536", "city": "Luxembourg"},
    "lu_business": {
        "name": "Weber & Fils S.à r.l.", "is_company": True, "company_registry": "B123456",
        "street": "28, avenue de la Gare", "zip": "L-1610", "city": "Luxembourg",
    },
}  # fmt: skip


class DunningLetterCommon(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {
                "name": "Letterwerk Kortrijk BV",
                "street": "Stationsstraat 12",
                "zip": "8500",
                "city": "Kortrijk",
                "country_id": cls.env.ref("base.be").id,
                "company_registry": "0566988259",
                "phone": "+32 56 12 34 56",
                "commercial_legal_mention": "RPR Gent, afdeling Kortrijk",
                "dunning_contact_id": cls.env["res.partner"]
                .create({"name": "Debtors desk", "email": "desk@company.example", "phone": "+32 56 00 00 00"})
                .id,
            }
        )
        cls.bank.write(
            {
                "acc_number": "BE68 5390 0754 7034",
                "acc_holder_name": "Letterwerk Kortrijk BV",
                "bank_id": cls.env["res.bank"].create({"name": "Test bank", "bic": "KREDBEBB"}).id,
            }
        )
        cls.euro = cls.env.ref("base.EUR")
        cls.run_ = cls.env["commercial.dunning.run"].sudo().create({"company_id": cls.company.id, "date": "2026-11-23"})
        cls.product_a.name = "Office chair Ergo"
        cls.policies = cls._prepare_policies()
        cls.customers = cls._prepare_customers()

    @classmethod
    def _translate_levels(cls, policies):
        """Letters are looked at with the texts that the app brings along."""

    @classmethod
    def _prepare_policies(cls):
        """The standard policy of each law, with everything claimed that the law allows."""
        figures = cls.env["commercial.legal.parameter"].search([("code", "in", ("fr_fixed_cost", "lu_fixed_cost"))])
        figures.state = "confirmed"
        cls.env["res.lang"]._activate_lang("de_DE")
        cls.company._load_dunning_policies()
        policies = {
            policy.regime: policy
            for policy in cls.env["commercial.dunning.policy"].search([("company_id", "=", cls.company.id)])
        }
        policies["nl_consumer"].write({"charge_interest": True, "charge_indemnity": True, "due_date_is_agreed": True})
        policies["fr_consumer"].charge_interest = True
        policies["lu_consumer"].write({"charge_interest": True, "invoices_state_interest": True})
        return policies

    @classmethod
    def _prepare_customers(cls):
        customers = {"be_consumer": cls.consumer, "be_business": cls.business}
        for regime, values in CUSTOMERS.items():
            country = cls.env.ref(f"base.{regime[:2]}")
            customers[regime] = cls._create_customer(**{**values, "country_id": country.id})
        return customers

    def _notice(self, regime="be_consumer", kind="reminder", lang="en_US", lines=1, charges=(), **values):
        """A letter as the decision writes it, with figures that are easy to check; nobody may write one by hand."""
        env = self.env(su=True)
        policy = self.policies[regime]
        level = policy.with_context(active_test=False).level_ids.filtered(lambda level: level.kind == kind)
        partner = values.pop("partner", self.customers[regime])
        indemnity = INDEMNITIES.get(regime, 0) if kind == "reminder" else 0
        receivable = env["commercial.receivable"].search(
            [("company_id", "=", self.company.id), ("partner_id", "=", partner.id)]
        ) or env["commercial.receivable"].create({"company_id": self.company.id, "partner_id": partner.id})
        currency = values.pop("currency", self.euro)
        moves = [self._invoice(partner, 1210, due="2026-10-04", invoice_date="2026-09-04") for _line in range(lines)]
        commands = []
        items = env["commercial.receivable.item"]
        for move in moves:
            line = move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
            item = items.create(
                {
                    "receivable_id": receivable.id,
                    "company_id": self.company.id,
                    "partner_id": partner.id,
                    "move_line_id": line.id,
                    "move_id": move.id,
                    "move_name": move.name,
                    "currency_id": currency.id,
                    "date_due": "2026-10-04",
                    "first_reminder_on": "2026-11-05" if kind in KINDS[2:] else False,
                }
            )
            items |= item
            commands.append(
                Command.create(
                    {
                        "item_id": item.id,
                        "move_line_id": line.id,
                        "move_id": move.id,
                        "level_id": level.id,
                        "invoice_name": move.name,
                        "invoice_date": "2026-09-04",
                        "date_maturity": "2026-10-04",
                        "days_late": 50,
                        "amount_original": 1410,
                        "amount_paid": 200,
                        "amount_residual": 1210,
                        "announced_indemnity": indemnity,
                    }
                )
            )
        by_kind = dict.fromkeys(("interest", "indemnity", "fixed", "cost"), 0)
        for charge_kind, amount in charges:
            by_kind[charge_kind] += amount
        credit = values.get("amount_credit", 0)
        notice = env["commercial.dunning.notice"].create(
            {
                "name": "REM/2026/00007",
                "company_id": self.company.id,
                "run_id": self.run_.id,
                "receivable_id": receivable.id,
                "partner_id": partner.id,
                "contact_id": partner.id,
                "lang": lang,
                "currency_id": currency.id,
                "policy_id": policy.id,
                "level_id": level.id,
                "scope_key": f"{lang}/{len(self.run_.notice_ids)}",
                "date": "2026-11-23",
                "channel": "email",
                "state": "approved",
                "line_ids": commands,
                "amount_principal": 1210 * lines,
                "amount_interest": by_kind["interest"],
                "amount_indemnity": by_kind["indemnity"] + by_kind["fixed"],
                "amount_cost": by_kind["cost"],
                "amount_total": 1210 * lines - credit + sum(by_kind.values()),
                "deadline": "2026-12-08",
                "earliest_charge_date": "2026-12-09",
                "announced_indemnity": indemnity * lines,
                "announced_interest_rate": RATES.get(regime, RATES[regime[:2]]),
                "payment_reference": "+++010/8068/17183+++",
                "partner_bank_id": self.bank.id,
                **values,
            }
        )
        env["commercial.dunning.charge"].create(
            [
                {
                    "company_id": self.company.id,
                    "receivable_id": receivable.id,
                    "notice_id": notice.id,
                    # a further charge of the same kind belongs to the next invoice
                    "item_id": items[[kind for kind, _amount in charges[:number]].count(charge_kind)].id,
                    "kind": charge_kind,
                    "state": "planned",
                    "date_from": "2026-10-05" if charge_kind == "interest" else False,
                    "date_to": "2026-11-23" if charge_kind == "interest" else False,
                    "base_amount": 1210,
                    "rate_text": "10.50 %",
                    "amount": amount,
                    "currency_id": currency.id,
                }
                for number, (charge_kind, amount) in enumerate(charges)
            ]
        )
        notice.charge_ids = env["commercial.dunning.charge"].search([("notice_id", "=", notice.id)])
        return notice

    def _letter(self, notice):
        return self.env["report.commercial_assistant.report_dunning_notice"]._prepare_letter(notice)

    def _body(self, notice):
        """The text of the letter without header and footer, spaces made equal."""
        content, _kind = self.env["ir.actions.report"]._render_qweb_html(REPORT, notice.ids)
        page = html.fromstring(content)
        articles = page.xpath("//div[contains(concat(' ', @class, ' '), ' article ')]")
        self.assertEqual(len(articles), len(notice))
        self.assertFalse(articles[0].xpath(".//div[@class='footer' or @class='header']"))
        return self._text(articles[0])

    def _text(self, node):
        parts = [part for part in node.itertext() if part.strip()]
        return re.sub(r"\s+", " ", " ".join(parts)).strip()

    def assertStates(self, text, *expected):
        for part in expected:
            self.assertIn(re.sub(r"\s+", " ", part), text)
