from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.commercial_assistant.models.common.dispatch import CommercialDispatch
from odoo.addons.commercial_assistant.models.dunning.receivable_statement import Receivable as StatementReceivable

from .common_dunning import DunningCommon

REPORT = "commercial_assistant.report_receivable_statement"


class StatementCommon(DunningCommon):
    """Helpers to read statements as figures."""

    def _account(self, partner=None):
        return self.env["commercial.receivable"]._ensure_accounts(self.company, partner or self.business)

    def _sections(self, day, partner=None, **options):
        account = self._account(partner)
        sections = account._load_statements({"date": day, "with_charges": False, **options})[account.id]
        return {section.currency_id: section for section in sections}

    def _section(self, day, partner=None, **options):
        return self._sections(day, partner, **options).get(self.company.currency_id.id)

    def _open(self, day, partner=None):
        """Return what was open on a day as ``{number: amount}``."""
        section = self._section(day, partner)
        return {entry.key["move_name"]: float(entry.residual) for entry in section.entries} if section else {}

    def _credit_note(self, invoice, amount, day, matched=True):
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"date": day, "journal_id": invoice.journal_id.id})
        )
        wizard.refund_moves()
        refund = wizard.new_move_ids
        refund.invoice_line_ids.price_unit = amount
        refund.action_post()
        if not matched:
            refund.line_ids.remove_move_reconcile()
        return refund

    @classmethod
    def _in_dollar(cls, rate=2.0):
        """A currency of which one euro buys two."""
        return cls.setup_other_currency("CAD", rates=[("2026-01-01", rate)])


@tagged("post_install", "-at_install")
@freeze_time("2026-06-30 09:00:00")
class TestStatementFigures(StatementCommon):
    """What was open then, whatever happened since."""

    def test_payment_after_the_day(self):
        invoice = self._invoice(amount=1000)
        self._pay(invoice, 400, day="2026-03-10")
        self._pay(invoice, 600, day="2026-04-10")
        self.assertEqual(self._open("2026-01-31"), {})
        self.assertEqual(self._open("2026-02-01"), {invoice.name: 1000})
        self.assertEqual(self._open("2026-03-09"), {invoice.name: 1000})
        self.assertEqual(self._open("2026-03-10"), {invoice.name: 600})
        self.assertEqual(self._open("2026-04-09"), {invoice.name: 600})
        self.assertEqual(self._open("2026-04-10"), {})

    def test_payment_before_the_invoice(self):
        """Money on account stands there until the invoice it is matched with exists."""
        payment = self._pay_on_account(self.business, 1000, day="2026-02-10")
        invoice = self._invoice(amount=1000, invoice_date="2026-03-01", due="2026-03-31")
        (invoice.line_ids + payment.move_id.line_ids).filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        ).reconcile()
        self.assertEqual(self._open("2026-02-10"), {payment.move_id.name: -1000})
        self.assertEqual(self._open("2026-03-01"), {})
        self.assertEqual(self._open("2026-06-30"), {})

    def test_matching_undone(self):
        """An undone matching never was: invoice and payment are both open on all days since."""
        invoice = self._invoice(amount=1000)
        payment = self._pay(invoice, day="2026-03-10")
        self.assertEqual(self._open("2026-03-10"), {})
        invoice.line_ids.remove_move_reconcile()
        self.assertEqual(self._open("2026-03-09"), {invoice.name: 1000})
        self.assertEqual(self._open("2026-03-10"), {invoice.name: 1000, payment.move_id.name: -1000})

    def test_credit_note(self):
        invoice = self._invoice(amount=1000)
        refund = self._credit_note(invoice, 300, "2026-03-20")
        self.assertEqual(self._open("2026-03-19"), {invoice.name: 1000})
        self.assertEqual(self._open("2026-03-20"), {invoice.name: 700})
        refund.line_ids.remove_move_reconcile()
        self.assertEqual(self._open("2026-03-20"), {invoice.name: 1000, refund.name: -300})
        section = self._section("2026-03-20")
        self.assertEqual((section.debts, section.credits, section.balance), (1000, -300, 700))

    def test_draft_and_cancelled_entries_do_not_count(self):
        invoice = self._invoice(amount=1000)
        self._invoice(amount=50).button_draft()
        self.assertEqual(self._open("2026-06-30"), {invoice.name: 1000})

    def test_currencies_stay_apart(self):
        dollar = self._in_dollar()
        self._invoice(amount=1000)
        foreign = self._invoice(amount=500, currency_id=dollar.id)
        sections = self._sections("2026-06-30")
        self.assertEqual(list(sections), [self.company.currency_id.id, dollar.id])
        self.assertEqual([float(section.total) for section in sections.values()], [1000, 500])
        # paid in euro: the dollars are settled, no euro is left over
        self._pay(foreign, amount=250, day="2026-04-10", currency_id=self.company.currency_id.id)
        self.assertEqual(foreign.amount_residual, 0)
        self.assertEqual([float(section.total) for section in self._sections("2026-04-09").values()], [1000, 500])
        self.assertEqual([float(section.total) for section in self._sections("2026-04-10").values()], [1000])

    def test_instalments_are_lines(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Half and half",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 30}),
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 60}),
                ],
            }
        )
        self._invoice(amount=1000, invoice_payment_term_id=term.id, due=False)
        section = self._section("2026-03-20")
        self.assertEqual([entry.due for entry in section.entries], [date(2026, 3, 3), date(2026, 4, 2)])
        self.assertEqual([entry.key["instalment"] for entry in section.entries], [1, 2])
        self.assertEqual((section.overdue, section.buckets[:2]), (500, [500, 500]))

    def test_items_that_are_not_reminded_are_listed(self):
        """A statement shows the books, also what never gets a reminder."""
        invoice = self._invoice(amount=1000)
        invoice.line_ids.filtered("date_maturity").no_followup = True
        self.assertEqual(self._open("2026-06-30"), {invoice.name: 1000})

    def test_contacts_belong_to_their_company(self):
        contact = self._create_customer("Els", parent_id=self.business.id, type="invoice")
        invoice = self._invoice(contact, amount=1000)
        self.assertEqual(self._open("2026-06-30"), {invoice.name: 1000})

    def test_same_as_the_accounting(self):
        """The total of every day is the balance of the account on that day, with all that can happen."""
        dollar = self._in_dollar()
        first = self._invoice(amount=1000)
        second = self._invoice(amount=700, invoice_date="2026-03-05", due="2026-04-04")
        third = self._invoice(amount=90, currency_id=dollar.id)
        self._pay(first, 300, day="2026-03-10")
        self._credit_note(second, 200, "2026-03-25")
        self._pay_on_account(self.business, 120, day="2026-04-02")
        self._pay(third, day="2026-05-05", currency_id=self.company.currency_id.id)
        self._pay(second, 100, day="2026-05-20").move_id.line_ids.remove_move_reconcile()
        accounts = self.env["commercial.receivable"]._get_receivable_accounts()
        for day in ("2026-02-28", "2026-03-10", "2026-03-31", "2026-04-30", "2026-05-10", "2026-05-31", "2026-06-30"):
            lines = self.env["account.move.line"].search(
                [("account_id", "in", accounts.ids), ("partner_id", "=", self.business.id), ("date", "<=", day)]
            )
            euro = lines.filtered(lambda line: line.currency_id == self.company.currency_id)
            sections = self._sections(day)
            # the payment in euro for the dollars left the euros again
            settled = 45 if day > "2026-05-05" else 0
            self.assertAlmostEqual(
                float(sections[self.company.currency_id.id].balance), sum(euro.mapped("amount_currency")) + settled
            )
            activity = self._sections(day, kind="activity", date_from="2026-02-01")
            for currency_id, section in sections.items():
                self.assertEqual(activity[currency_id].balance, section.balance)
                self.assertEqual(activity[currency_id].entries[-1].balance, section.balance, "it runs to the balance")

    def test_activity(self):
        invoice = self._invoice(amount=1000)
        payment = self._pay(invoice, 400, day="2026-03-10")
        section = self._section("2026-03-31", kind="activity", date_from="2026-03-01")
        self.assertEqual(section.opening, 1000)
        self.assertEqual(
            [(entry.key["move_name"], entry.amount, entry.balance) for entry in section.entries],
            [(payment.move_id.name, -400, 600)],
        )
        self.assertEqual(section.total, 600)
        self.assertFalse(self._sections("2026-01-31", kind="activity", date_from="2026-01-01"))

    def test_activity_shows_the_settlement_in_another_currency(self):
        dollar = self._in_dollar()
        foreign = self._invoice(amount=500, currency_id=dollar.id)
        self._pay(foreign, amount=250, day="2026-04-10", currency_id=self.company.currency_id.id)
        sections = self._sections("2026-04-30", kind="activity", date_from="2026-02-01")
        self.assertEqual(
            [entry.balance for entry in sections[dollar.id].entries], [500, 0], "settled on the day of the payment"
        )
        self.assertEqual([entry.amount for entry in sections[self.company.currency_id.id].entries], [-250, 250])

    def test_charges(self):
        """Claimed charges are listed from the day on which their letter arrived."""
        self._invoice(amount=1000)
        account = self._account()
        self.env["commercial.receivable"]._refresh_items(self.company)
        self._fake_letters()
        level = self.business_policy.level_ids.filtered(lambda level: level.kind == "second_reminder")
        account.item_ids.sudo().write({"level_id": level.id, "last_delivered_on": "2026-03-10"})
        run = self._run("2026-06-30")
        self._deliver(run)
        charged = float(sum(run.notice_ids.charge_ids.mapped("amount")))
        self.assertTrue(charged)
        self.assertAlmostEqual(float(self._section("2026-06-30", with_charges=True).charged), charged)
        self.assertEqual(self._section("2026-06-29", with_charges=True).charged, 0)
        self.assertEqual(self._section("2026-06-30", with_charges=False).charged, 0)
        self.assertAlmostEqual(float(self._section("2026-06-30", with_charges=True).total), 1000 + charged)

    def test_queries_do_not_grow(self):
        costs = []
        for count, name in ((2, "Few"), (20, "Many")):
            customers = self.env["res.partner"]
            for number in range(count):
                customers |= self._create_customer(f"{name}{number} Customer")
                self._pay(self._invoice(customers[-1], 100 + number), 10)
            accounts = self._account(customers)
            for kind in ("open", "activity"):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                accounts._load_statements({"date": "2026-06-30", "kind": kind})
                costs.append(self.env.cr.sql_log_count - before)
        for few, many in zip(costs[:2], costs[2:], strict=True):
            self.assertLessEqual(many, few)


@tagged("post_install", "-at_install")
@freeze_time("2026-06-30 09:00:00")
class TestStatementLetter(StatementCommon):
    """What the customer reads."""

    def _html(self, account, lang=None, **options):
        options = {"date": "2026-06-30", "lang": lang, **options}
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(REPORT, account.ids, data=options)
        return html.decode()

    def test_letter(self):
        self.business.ref = "K-100"
        first = self._invoice(amount=1000, ref="PO 77 <b>")
        self._invoice(amount=500, due="2026-07-15", invoice_date="2026-06-15")
        payment = self._pay_on_account(self.business, 120, day="2026-04-02")
        html = self._html(self._account(), "en_US")
        for text in (
            first.name,
            payment.move_id.name,
            "PO 77 &lt;b&gt;",
            "K-100",
            "Situation on",
            "30\N{NO-BREAK SPACE}June\N{NO-BREAK SPACE}2026",
            "Less your payments on account and credit notes",
            "Overdue invoices included",
            "BE71 0961 2345 6769",
            "<svg",
            "91–180 days",
            "Structured communication",
            self._account().statement_reference,
        ):
            self.assertIn(text, html)
        self.assertIn("1,380.00", html)

    def test_single_invoice_keeps_its_communication(self):
        self._invoice(amount=1000, payment_reference="+++090/9337/55493+++")
        html = self._html(self._account())
        self.assertIn("+++090/9337/55493+++", html)
        self.assertNotIn(self._account().statement_reference, html)

    def test_account_is_found_by_its_communication(self):
        account = self._account()
        Receivable = self.env["commercial.receivable"]
        for text in (account.statement_reference, account.statement_reference.replace("+", "").replace("/", "")):
            self.assertEqual(Receivable.search([("statement_reference", "ilike", text)]), account)
        self.assertFalse(Receivable.search([("statement_reference", "=", "+++090/9337/55493+++")]))

    def test_no_payment_asked_when_the_balance_is_in_favour(self):
        self._pay_on_account(self.business, 120, day="2026-04-02")
        html = self._html(self._account(), "en_US")
        self.assertIn("Balance in your favour", html)
        self.assertNotIn("ca_payment", html.split("</style>")[-1])
        self.assertNotIn("<svg", html)

    def test_dollars_have_no_code(self):
        self._invoice(amount=500, currency_id=self._in_dollar().id)
        html = self._html(self._account(), "en_US")
        self.assertIn("500.00", html)
        self.assertNotIn("<svg", html)

    def test_languages(self):
        self._invoice(amount=1000)
        account = self._account()
        self.assertEqual(account._get_statement_lang(), "nl_BE")
        contact = self._create_customer("Els Boekhouding", parent_id=self.business.id, type="invoice", lang="fr_BE")
        self.assertEqual(account._get_statement_contact(), contact)
        self.assertEqual(account._get_statement_lang(), "fr_BE")
        account.contact_id = self._create_customer("Jan Chef", parent_id=self.business.id, lang="en_US")
        self.assertEqual(account._get_statement_lang(), "en_US")
        self.assertEqual(account._get_statement_lang("nl_BE"), "nl_BE")
        self.assertIn('data-oe-lang="nl_BE"', self._html(account, "nl_BE"))

    def test_credit_note_names_its_invoice(self):
        invoice = self._invoice(amount=1000)
        self._credit_note(invoice, 300, "2026-03-20", matched=False)
        self.assertIn(f"Credit note for {invoice.name}", self._html(self._account(), "en_US"))

    def test_activity_letter(self):
        invoice = self._invoice(amount=1000)
        self._pay(invoice, 400, day="2026-03-10")
        html = self._html(self._account(), "en_US", kind="activity", date_from="2026-03-01", date="2026-03-31")
        for text in ("Opening balance", "Closing balance", "1,000.00", "400.00", "600.00", "Payment"):
            self.assertIn(text, html)

    def test_empty_statement(self):
        html = self._html(self._account(), "en_US")
        self.assertIn("Nothing was open on your account", html)

    def test_options_are_checked(self):
        account = self._account()
        with self.assertRaisesRegex(UserError, "no statement of the kind"):
            account._load_statements({"kind": "closed"})
        with self.assertRaisesRegex(UserError, "after its end"):
            account._load_statements({"kind": "activity", "date": "2026-01-01", "date_from": "2026-02-01"})

    def test_pdf(self):
        self._invoice(amount=1000)
        account = self._account()
        with self.allow_pdf_render():
            pdf = account.with_context(force_report_rendering=True)._render_statement(date(2026, 6, 30), lang="nl_BE")
        self.assertTrue(pdf.startswith(b"%PDF"))


@tagged("post_install", "-at_install")
@freeze_time("2026-06-30 09:00:00")
class TestStatementSending(StatementCommon):
    """Each customer gets each statement once."""

    def setUp(self):
        super().setUp()
        self.sent = []

        def hand_over(dispatch):
            self.sent.append(dispatch)
            return "sent", False

        for target, name, fake in (
            (StatementReceivable, "_render_statement", lambda account, day, **options: b"%PDF-1.4 statement"),
            (CommercialDispatch, "_hand_over", hand_over),
        ):
            patcher = patch.object(target, name, autospec=True, side_effect=fake)
            patcher.start()
            self.addCleanup(patcher.stop)

    def _run_job(self):
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 60):
            self.env["commercial.statement"].sudo()._cron_send()

    def _wizard(self, partners=None, user=None, **values):
        if partners:
            values |= {"scope": "chosen", "partner_ids": [Command.set(partners.ids)]}
        return self.env["commercial.statement.make"].with_user(user or self.collector).create(values)

    def _statements(self):
        return self.env["commercial.statement"].search([("company_id", "=", self.company.id)])

    def test_send(self):
        self.company.dunning_contact_id = self._create_customer("Desk Debiteuren")
        invoice = self._invoice(amount=1000)
        self._wizard(self.business).action_send()
        statement = self._statements()
        self.assertRecordValues(
            statement, [{"state": "sent", "channel": "email", "lang": "nl_BE", "sent_on": date(2026, 6, 30)}]
        )
        dispatch = self.sent[0]
        self.assertEqual(dispatch.recipient_email, self.business.email)
        self.assertEqual(dispatch.attachment_id, statement.attachment_id)
        self.assertEqual(dispatch.sha256, statement.sha256)
        self.assertIn(invoice.name, dispatch.body)
        self.assertIn("desk@customer.example", dispatch._prepare_mail_vals()["reply_to"])

    def test_never_twice(self):
        self._invoice(amount=1000)
        self._wizard(self.business).action_send()
        with self.assertRaisesRegex(UserError, "already has this statement"):
            self._wizard(self.business).action_send()
        self._invoice(self.consumer, amount=50)
        self._wizard(self.business + self.consumer).action_send()
        self.assertEqual(self._statements().partner_id, self.business + self.consumer)
        self.assertEqual(len(self.sent), 2)
        # another day or kind is another statement
        self._wizard(self.business, date="2026-06-29").action_send()
        self._wizard(self.business, kind="activity", date_from="2026-06-01").action_send()
        self.assertEqual(len(self.sent), 4)

    def test_everybody_with_something_open(self):
        self._invoice(amount=1000)
        self._pay(self._invoice(self.consumer, amount=50), day="2026-04-01")
        self.env["commercial.receivable"]._refresh_items(self.company)
        self._account(self.consumer)
        self._wizard(scope="open").action_send()
        self.assertEqual(self._statements().partner_id, self.business)
        self._wizard(scope="open", date="2026-03-31").action_send()
        self.assertEqual(self._statements().partner_id, self.business + self.consumer)
        with self.assertRaisesRegex(UserError, "No customer had an open invoice"):
            self._wizard(scope="open", date="2020-01-01").action_send()

    def test_without_mail_address(self):
        self.business.email = False
        self._invoice(amount=1000)
        self._wizard(self.business).action_send()
        statement = self._statements()
        self.assertRecordValues(statement, [{"state": "sending", "channel": "post"}])
        self.assertEqual(statement.dispatch_ids.state, "reserved")
        self._post(statement.dispatch_ids, date(2026, 6, 30))
        self.assertEqual(statement.state, "sent")

    def test_nowhere_to_send(self):
        self.business.write({"email": False, "street": False, "zip": False, "city": False})
        self._invoice(amount=1000)
        self._wizard(self.business).action_send()
        self.assertRecordValues(self._statements(), [{"state": "failed"}])
        self.assertIn("neither", self._statements().reason)
        self.business.email = "now@customer.example"
        self._statements().with_user(self.collector).action_retry()
        self.assertEqual(self._statements().state, "sent")
        self.assertEqual(self.sent[0].recipient_email, "now@customer.example")

    def test_nothing_to_state(self):
        self._account()
        self._wizard(self.business).action_send()
        self.assertRecordValues(self._statements(), [{"state": "skipped"}])
        self.assertFalse(self.sent)

    def test_figures_that_changed_are_made_anew(self):
        self._invoice(amount=1000)
        self.business.email = False
        self._wizard(self.business).action_send()
        statement = self._statements()
        first = statement.dispatch_ids
        # a payment of that day is booked before the letter is printed
        self._pay_on_account(self.business, 100, day="2026-06-29")
        self.assertIn("out of date", statement._dispatch_before_send(first))
        self.assertEqual(statement.state, "waiting")
        first.action_cancel()
        self._run_job()
        self.assertEqual(statement.state, "sending")
        self.assertEqual(len(statement.dispatch_ids), 2)
        self.assertFalse(statement._dispatch_before_send(statement.dispatch_ids - first))

    def test_many_go_to_the_job(self):
        self.company.dunning_send_batch = 1
        self._invoice(amount=1000)
        self._invoice(self.consumer, amount=50)
        self._wizard(scope="open").action_send()
        self.assertEqual(set(self._statements().mapped("state")), {"waiting"})
        self._run_job()
        self.assertEqual(set(self._statements().mapped("state")), {"sent"})
        self._run_job()
        self.assertEqual(len(self.sent), 2)

    @mute_logger("odoo.addons.commercial_assistant.models.dunning.statement")
    def test_an_error_with_one_does_not_stop_the_others(self):
        self._invoice(amount=1000)
        self._invoice(self.consumer, amount=50)

        def render(account, day, **options):
            if account.partner_id == self.business:
                raise ValueError("broken font")
            return b"%PDF-1.4"

        with patch.object(StatementReceivable, "_render_statement", render):
            self._wizard(scope="open").action_send()
        states = {statement.partner_id: statement.state for statement in self._statements()}
        self.assertEqual(states, {self.business: "failed", self.consumer: "sent"})
        self.assertIn("broken font", self._statements().filtered(lambda s: s.state == "failed").reason)

    def test_withdrawn(self):
        self.business.email = False
        self._invoice(amount=1000)
        self._wizard(self.business).action_send()
        statement = self._statements().with_user(self.collector)
        statement.action_cancel()
        self.assertEqual(statement.dispatch_ids.state, "cancelled")
        # room for a new one
        self._wizard(self.business).action_send()
        self.assertEqual(set(self._statements().mapped("state")), {"cancelled", "sending"})

    def test_mail_that_came_back(self):
        self._invoice(amount=1000)
        self._wizard(self.business).action_send()
        dispatch = self.sent[0]
        dispatch.message_id = "<statement@test>"
        self.env["commercial.dispatch"]._receive_bounce(["<statement@test>"], "unknown user")
        self.assertRecordValues(self._statements(), [{"state": "failed", "sent_on": False}])

    def test_reprint_gives_what_left(self):
        self._invoice(amount=1000)
        self._wizard(self.business).action_send()
        statement = self._statements()
        action = statement.with_user(self.assistant).action_print()
        self.assertIn(str(statement.attachment_id.id), action["url"])
        with self.assertRaises(UserError):
            statement.unlink()

    # --- MONTHLY ---

    def test_monthly(self):
        self.company.write({"statement_auto": True, "statement_day": 3})
        self._invoice(amount=1000)
        self._invoice(self.consumer, amount=50)
        account = self._account()
        Statement = self.env["commercial.statement"]
        with freeze_time("2026-05-02"):
            self.assertFalse(Statement._plan_monthly(self.company, date(2026, 5, 2)))
        with freeze_time("2026-05-03 09:00:00"):
            self.assertFalse(Statement._plan_monthly(self.company, date(2026, 5, 3)), "nobody asked for it")
            account.statement_mode = "always"
            self._run_job()
            self._run_job()
        self.assertRecordValues(
            self._statements(),
            [{"receivable_id": account.id, "date": date(2026, 4, 30), "is_automatic": True, "state": "sent"}],
        )
        self.consumer_policy.send_statement = True
        account.statement_mode = "never"
        with freeze_time("2026-06-05 09:00:00"):
            self._account(self.consumer)
            self._run_job()
        self.assertEqual(self._statements()[0].partner_id, self.consumer)
        self.assertEqual(len(self._statements()), 2)

    def test_off_by_default(self):
        self._invoice(amount=1000)
        self._account().statement_mode = "always"
        self._run_job()
        self.assertFalse(self._statements())

    # --- WIZARD AND RIGHTS ---

    def test_wizard(self):
        self._invoice(amount=1000)
        account = self._account().with_user(self.collector)
        action = account.action_statement()
        form = Form(self.env["commercial.statement.make"].with_user(self.collector).with_context(**action["context"]))
        self.assertEqual((form.scope, form.kind, form.date), ("chosen", "open", date(2026, 6, 30)))
        self.assertEqual(form.partner_ids[:], self.business)
        wizard = form.save()
        report = wizard.action_print()
        self.assertEqual(report["data"]["receivable_ids"], account.ids)
        self.assertEqual(report["data"]["date"], "2026-06-30")
        with self.assertRaisesRegex(ValidationError, "still to come"):
            wizard.date = "2026-07-01"
        wizard.date = "2026-06-30"
        with self.assertRaisesRegex(ValidationError, "period"):
            wizard.write({"kind": "activity", "date_from": "2026-07-01"})
        wizard = self._wizard(scope="chosen")
        with self.assertRaisesRegex(UserError, "Choose the customers"):
            wizard.action_print()

    def test_assistant_prints_but_does_not_send(self):
        self._invoice(amount=1000)
        wizard = self._wizard(self.business, user=self.assistant)
        self.assertTrue(wizard.action_print())
        account = self._account().with_user(self.assistant)
        html, _kind = (
            self.env["ir.actions.report"]
            .with_user(self.assistant)
            ._render_qweb_html(REPORT, account.ids, data={"date": "2026-06-30", "lang": "en_US"})
        )
        self.assertIn(b"1,000.00", html)
        with self.assertRaises(AccessError):
            wizard.action_send()
        self.assertFalse(self._statements())

    def test_employee_gets_nothing(self):
        self._invoice(amount=1000)
        account = self._account()
        employee = new_test_user(self.env, "statement_employee", "base.group_user", company_id=self.company.id)
        with self.assertRaises(AccessError):
            self.env["commercial.statement"].with_user(employee).search([])
        with self.assertRaises(AccessError):
            self.env["commercial.statement.make"].with_user(employee).create({})
        with self.assertRaises(AccessError):
            self.env["ir.actions.report"].with_user(employee)._render_qweb_html(
                REPORT, account.ids, data={"date": "2026-06-30"}
            )

    def test_other_company(self):
        self._invoice(amount=1000)
        self._wizard(self.business).action_send()
        other = self.setup_other_company(name="Other BV")["company"]
        stranger = new_test_user(
            self.env,
            "statement_stranger",
            "commercial_assistant.group_collector",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.assertFalse(self.env["commercial.statement"].with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            self.env["ir.actions.report"].with_user(stranger)._render_qweb_html(
                REPORT, self._account().ids, data={"date": "2026-06-30"}
            )
        account = self.env["commercial.receivable"]._ensure_accounts(other, self.business)
        self.assertFalse(account._load_statements({"date": "2026-06-30"})[account.id])
        wizard = self._wizard(self.business, user=stranger, company_id=other.id)
        self.assertTrue(wizard.action_print())
        with self.assertRaises(AccessError):
            self._wizard(self.business, user=stranger, company_id=self.company.id).action_print()
