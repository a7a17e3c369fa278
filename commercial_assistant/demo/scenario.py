"""The main job on real input: `run()` fills the demo company with half a year of sales through Odoo's own methods,
imports a list of visitors of a fair, reminds whoever is late and writes the letters. It can be repeated: what exists
already is left alone."""

import re
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from pathlib import Path
from unittest.mock import patch

from odoo import Command, fields

from ..tools.working_days import is_working_day
from . import transactions
from .mail_sink import mail_sink
from .summary import format_summary, read_summary

__all__ = ["format_summary", "run"]

ADDON = "commercial_assistant"
# what the job makes gets external ids apart from the addon's own: uninstalling leaves posted invoices alone
NAMESPACE = "__commercial_assistant_demo__"


@contextmanager
def clock_at(env, day):
    """What happened in the past has to carry the dates of the past: let Odoo believe that it is that day."""
    moment = datetime.combine(day, time(8, 30))
    with (
        patch.object(fields.Datetime, "now", lambda *_args: moment),
        patch.object(fields.Date, "today", lambda *_args: day),
        patch.object(fields.Date, "context_today", lambda _record, timestamp=None: (timestamp or moment).date()),
        patch.object(type(env.cr), "now", lambda _cursor: moment),
    ):
        yield


class Scenario:
    def __init__(self, env, letters_dir):
        self.company = env.ref(f"{ADDON}.company_demo")
        self.env = env(
            user=env.ref("base.user_root"),
            context={"lang": "nl_BE", "tz": "Europe/Brussels", "allowed_company_ids": self.company.ids},
        )
        self.company = self.company.with_env(self.env)
        self.today = fields.Date.context_today(self.env["res.users"])
        self.letters_dir = letters_dir

    # --- WHAT EXISTS ALREADY ---

    def demo(self, kind, key):
        """Return a record of the demo data files."""
        return self.env.ref(f"{ADDON}.{kind}_{key}_demo")

    def made(self, kind, key):
        """Return what an earlier step, maybe of an earlier start, has made; None if nothing."""
        return self.env.ref(f"{NAMESPACE}.{kind}_{key}", raise_if_not_found=False)

    def remember(self, kind, key, record):
        self.env["ir.model.data"]._update_xmlids(
            [{"xml_id": f"{NAMESPACE}.{kind}_{key}", "record": record, "noupdate": True}]
        )

    def day(self, days):
        """Return the working day so many days ago (today counts as one)."""
        day = self.today - timedelta(days=days)
        while days and not is_working_day(day):
            day -= timedelta(days=1)
        return day

    # --- ACCOUNTING ---

    def prepare_accounting(self):
        """Give the company what an accountant sets up first: accounts, bank, currencies, terms."""
        if not self.company.chart_template:
            template = self.env["account.chart.template"]
            code = "be_comp" if "be_comp" in template._get_chart_template_mapping() else "generic_coa"
            template.try_loading(code, self.company, install_demo=False)
        self.sale_journal = self.find_journal("sale")
        self.bank_journal = self.find_journal("bank")
        bank_account = self.env.ref(f"{ADDON}.bank_account_company_demo")
        if self.bank_journal.bank_account_id != bank_account:
            self.bank_journal.bank_account_id = bank_account
        references = dict(self.sale_journal._fields["invoice_reference_model"]._description_selection(self.env))
        if "be" in references and self.sale_journal.invoice_reference_model != "be":
            self.sale_journal.invoice_reference_model = "be"
        self.prepare_currencies()
        self.prepare_products()
        self.prepare_terms()

    def find_journal(self, journal_type):
        journals = self.env["account.journal"]
        domain = [*journals._check_company_domain(self.company), ("type", "=", journal_type)]
        return journals.search(domain, limit=1)

    def prepare_currencies(self):
        codes = set(transactions.CURRENCIES.values())
        currencies = self.env["res.currency"].with_context(active_test=False).search([("name", "in", list(codes))])
        currencies.filtered(lambda currency: not currency.active).active = True
        self.currencies = {currency.name: currency for currency in currencies}
        for code, rate in transactions.RATES.items():
            if not self.made("rate", code):
                values = {"name": self.today - timedelta(days=365), "rate": rate, "company_id": self.company.id}
                currency = self.currencies[code]
                self.remember(
                    "rate", code, self.env["res.currency.rate"].create({**values, "currency_id": currency.id})
                )

    def prepare_products(self):
        """The products were made before the company had taxes."""
        tax = self.company.account_sale_tax_id
        products = self.env.ref(f"{ADDON}.product_category_demo")
        products = self.env["product.template"].search([("categ_id", "=", products.id)])
        products.filtered(lambda product: tax not in product.taxes_id).taxes_id = [Command.link(tax.id)]

    def prepare_terms(self):
        terms = {
            "30": self.env.ref("account.account_payment_term_30days"),
            "60": self.demo("payment_term", "60"),
            "instalments": self.demo("payment_term", "instalments"),
        }
        chosen = {customer: terms[term] for term, customers in transactions.TERMS.items() for customer in customers}
        for customer in {invoice[1] for invoice in transactions.INVOICES}:
            partner = self.demo("partner", customer)
            if not partner.property_payment_term_id:
                partner.property_payment_term_id = chosen.get(customer, terms["30"])

    # --- WHAT HAPPENED, DAY BY DAY ---

    def play(self):
        """Let everything happen in the order of its days, so that each reminder sees what was open then."""
        # these files use the clock of this one
        from .scenario_disputes import disputes_happenings  # noqa: PLC0415
        from .scenario_plans import plan_happenings  # noqa: PLC0415

        happenings = [
            *((days, 1, self.invoice, (key, customer, lines)) for key, customer, days, lines in transactions.INVOICES),
            *((days, 2, self.credit, (key, *rest)) for key, rest, days in self.credit_notes()),
            *((days, 3, self.pay, (key, invoice, part)) for key, invoice, days, part in transactions.PAYMENTS),
            *((days, 3, self.pay_on_account, (key, who, amount)) for key, who, days, amount in transactions.ON_ACCOUNT),
            *((days, 4, self.remind, (f"day{days}",)) for days in transactions.DUNNING_DAYS),
            *disputes_happenings(self),
            *plan_happenings(self),
        ]
        for days, _order, happening, arguments in sorted(happenings, key=lambda entry: (-entry[0], entry[1])):
            happening(self.day(days), *arguments)

    def credit_notes(self):
        for key, invoice, days, returned, allocated in transactions.CREDIT_NOTES:
            yield key, (invoice, returned, allocated), days

    def invoice(self, day, key, customer, lines):
        if self.made("invoice", key):
            return
        currency = self.currencies.get(transactions.CURRENCIES.get(customer), self.company.currency_id)
        partner_id = self.demo("partner", customer).address_get(["invoice"])["invoice"]
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "journal_id": self.sale_journal.id,
                "partner_id": partner_id,
                "invoice_date": day,
                "delivery_date": day,
                "currency_id": currency.id,
                "invoice_user_id": self.env.ref(f"{ADDON}.user_assistant_nl_demo").id,
                "invoice_line_ids": [
                    Command.create({"product_id": self.demo("product", product).id, "quantity": quantity})
                    for product, quantity in lines
                ],
            }
        )
        if customer in transactions.NARRATIONS:
            move.narration = transactions.NARRATIONS[customer]
        move.action_post()
        self.remember("invoice", key, move)

    def credit(self, day, key, invoice_key, returned, allocated):
        if self.made("credit_note", key):
            return
        invoice = self.made("invoice", invoice_key)
        wizard = self.env["account.move.reversal"].with_context(active_model="account.move", active_ids=invoice.ids)
        wizard = wizard.create({"date": day, "journal_id": invoice.journal_id.id})
        wizard.refund_moves()
        refund = wizard.new_move_ids
        quantities = {self.demo("product", product): quantity for product, quantity in returned.items()}
        refund.invoice_line_ids = [
            Command.update(line.id, {"quantity": quantities[line.product_id]})
            if line.product_id in quantities
            else Command.delete(line.id)
            for line in refund.invoice_line_ids
        ]
        refund.action_post()
        if not allocated:  # as after a correction by the accountant: the credit waits for the customer's word
            refund.line_ids.remove_move_reconcile()
        self.remember("credit_note", key, refund)

    def pay(self, day, key, invoice_key, part):
        if self.made("payment", key):
            return
        invoice = self.made("invoice", invoice_key)
        wizard = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids)
        wizard = wizard.create({"payment_date": day, "journal_id": self.bank_journal.id})
        wizard.amount = invoice.currency_id.round(invoice.amount_residual * part)
        self.remember("payment", key, wizard._create_payments())

    def pay_on_account(self, day, key, customer, amount):
        if self.made("on_account", key):
            return
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.demo("partner", customer).id,
                "journal_id": self.bank_journal.id,
                "date": day,
                "amount": amount,
            }
        )
        payment.action_post()
        self.remember("on_account", key, payment)

    def play_more(self):
        """What happens to single customers beside the daily work: charges in the books, a file at the bailiff's."""
        from .scenario_charges import play_charges  # noqa: PLC0415
        from .scenario_complaints import play_complaints  # noqa: PLC0415
        from .scenario_handover import play_handover  # noqa: PLC0415
        from .scenario_warranty import play_warranty  # noqa: PLC0415

        play_charges(self)
        play_handover(self)
        play_warranty(self)
        play_complaints(self)

    def look_back(self):
        """Key figures of the past half year, and the list of today's work."""
        from .scenario_overview import play_overview  # noqa: PLC0415

        with self.mail_kept():
            play_overview(self)

    # --- PROSPECTS ---

    def import_prospects(self):
        """Do with the fair's list what the assistant does: read, check, make leads."""
        assistant = self.env.ref(f"{ADDON}.user_assistant_nl_demo")
        prospects = self.env.ref(f"{ADDON}.prospect_import_demo").with_user(assistant)
        if prospects.state == "draft":
            prospects.action_read()
        if prospects.state == "read":
            prospects.action_match()
        if prospects.state in ("matched", "applying"):
            prospects.action_apply()

    # --- REMINDERS ---

    def confirm_rates(self):
        """Go on with the demo's rates when the figures of law that come with the addon end before today."""
        rates = self.env["commercial.legal.parameter"]
        for code in transactions.RATES_OF_LAW:
            while (latest := rates.search([("code", "=", code)], order="date_from desc", limit=1)) and (
                latest.date_to < self.today
            ):
                proposed = latest._propose_next()
                proposed.source = latest.source
                proposed.action_confirm()

    def accept_terms(self):
        """The demo company's terms, which its consumers accepted, contain the clauses on interest and indemnity."""
        for regime, claims in transactions.CLAIMS.items():
            domain = [("company_id", "=", self.company.id), ("regime", "=", regime)]
            policy = self.env["commercial.dunning.policy"].search(domain, limit=1)
            if any(policy[name] != value for name, value in claims.items()):
                policy.write(claims)

    def share_customers(self):
        """Give each customer with an account somebody who answers for it."""
        collector, team_lead = (self.env.ref(f"{ADDON}.user_{who}_demo") for who in ("collector", "team_lead"))
        accounts = self.env["commercial.receivable"].search([("company_id", "=", self.company.id)])
        for account in accounts.filtered(lambda account: not account.user_id):
            is_public = account.partner_id.customer_kind == "public"
            account.user_id = team_lead if is_public else collector

    def remind(self, day, key):
        """Make a run as the collector does: propose, approve, send, take the letters to the post."""
        if self.made("run", key):
            return
        collector = self.env.ref(f"{ADDON}.user_collector_demo")
        runs = self.env(user=collector)["commercial.dunning.run"]
        with clock_at(self.env, day):
            run = runs.create({"company_id": self.company.id, "date": day})
            run.action_propose()
            run.action_approve()
            run.action_send()
            if day < self.today:
                self.post_letters(run.notice_ids.dispatch_ids, day)
        self.remember("run", key, run)

    def post_letters(self, letters, day):
        """Letters of today stay on the desk; those of earlier days have been taken to the post office."""
        on_paper = letters.filtered(
            lambda letter: letter.state == "reserved" and letter.channel in ("post", "registered")
        )
        for letter in on_paper:
            number = f"DEMO{letter.id:010d}BE" if letter.channel == "registered" else None
            letter.action_mark_posted(day, number)

    def remind_for_other_companies(self):
        """Look at Odoo's own demo companies too: whoever gets no letter there has a reason as well."""
        for company in self.env["res.company"].search([("id", "!=", self.company.id)]):
            if self.made("run", f"company{company.id}"):
                continue
            runs = self.env["commercial.dunning.run"].with_context(allowed_company_ids=company.ids)
            run = runs.create({"company_id": company.id, "date": self.today})
            run.action_propose()
            self.remember("run", f"company{company.id}", run)

    def write_letters(self):
        """Write the letters as they were sent, named so that one finds them."""
        self.letters_dir.mkdir(parents=True, exist_ok=True)
        notices = self.env["commercial.dunning.notice"].search([("company_id", "=", self.company.id)])
        for notice in notices.filtered("attachment_id"):
            kind = notice.level_kind.replace("_", "-")
            parts = (notice.name, notice.partner_id.name, notice.lang[:2], notice.regime, kind)
            path = self.letters_dir / ("_".join(re.sub(r"\W+", "-", part).strip("-") for part in parts) + ".pdf")
            if not path.exists():
                path.write_bytes(notice.attachment_id.raw)

    @contextmanager
    def mail_kept(self):
        """Have every mail written to a file; nothing leaves the machine, now or later."""
        servers = self.env["ir.mail_server"]
        server = self.made("mail_server", "files")
        if not server:
            server = servers.create({"name": "Demo: mails become files", "smtp_host": "127.0.0.1", "sequence": 1})
            self.remember("mail_server", "files", server)
        (servers.search([]) - server).active = False
        with mail_sink(self.letters_dir / "mail") as port:
            server.write({"smtp_port": port, "active": True})
            yield


def run(env, letters_dir):
    """Do the main job and return what it brought about; a second time nothing is added."""
    scenario = Scenario(env, Path(letters_dir))
    scenario.prepare_accounting()
    scenario.confirm_rates()
    scenario.import_prospects()
    scenario.accept_terms()
    with scenario.mail_kept():
        scenario.play()
        scenario.play_more()
    scenario.share_customers()
    scenario.remind_for_other_companies()
    scenario.look_back()
    scenario.write_letters()
    return read_summary(scenario.env, scenario.company, scenario.letters_dir)
