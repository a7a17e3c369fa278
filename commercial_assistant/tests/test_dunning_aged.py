import io
from datetime import date
from decimal import Decimal
from urllib.parse import quote

from freezegun import freeze_time
from openpyxl import load_workbook

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, new_test_user, tagged

from .test_dunning_statement import StatementCommon

AMOUNTS = ("amount_0", "amount_1", "amount_2", "amount_3", "amount_4", "amount_5")


class AgedCommon(StatementCommon):
    def _aged(self, day="2026-06-30", user=None, **values):
        report = (
            self.env["commercial.aged.receivable"]
            .with_user(user or self.collector)
            .create({"date": day, "company_id": self.company.id, **values})
        )
        action = report.action_show()
        return self.env["commercial.aged.receivable.line"].with_user(user or self.collector).search(action["domain"])

    def _row(self, day="2026-06-30", partner=None, currency=None, **values):
        lines = self._aged(day, **values).filtered(
            lambda line: line.partner_id == (partner or self.business)
            and line.currency_id == (currency or self.company.currency_id)
        )
        return [lines[name] for name in AMOUNTS] if lines else None


@tagged("post_install", "-at_install")
@freeze_time("2026-06-30 09:00:00")
class TestAgedReceivables(AgedCommon):
    def test_buckets(self):
        for amount, due in (
            (1, "2026-07-15"),
            (2, "2026-06-30"),
            (4, "2026-06-29"),
            (8, "2026-05-31"),
            (16, "2026-05-30"),
            (32, "2026-04-30"),
            (64, "2026-04-01"),
            (128, "2026-01-01"),
            (256, "2025-12-31"),
        ):
            self._invoice(amount=amount, due=due, invoice_date="2025-12-01")
        self.assertEqual(self._row(), [3, 12, 16, 32 + 64, 128, 256])
        line = self._aged()
        self.assertRecordValues(
            line,
            [{"amount_total": 511, "amount_overdue": 508, "item_count": 9, "oldest_due": date(2025, 12, 31)}],
        )

    def test_limits_of_the_company(self):
        self._invoice(amount=100, due="2026-06-10")
        self.company.write({"ageing_limit_1": 7, "ageing_limit_2": 14, "ageing_limit_3": 21, "ageing_limit_4": 28})
        self.assertEqual(self._row(), [0, 0, 0, 100, 0, 0])
        self.assertEqual(
            self.company._get_bucket_labels(),
            ["Not due", "1–7 days", "8–14 days", "15–21 days", "22–28 days", "> 28 days"],
        )
        arch = self.env["commercial.aged.receivable.line"].get_view(view_type="list")["arch"]
        self.assertIn("15–21 days", arch)
        with self.assertRaisesRegex(ValidationError, "days that grow"):
            self.company.ageing_limit_2 = 7

    def test_history(self):
        """Paid in part, credited, undone: each day as it was."""
        invoice = self._invoice(amount=1000)
        self._pay(invoice, 400, day="2026-03-10")
        self._credit_note(invoice, 100, "2026-04-15")
        self.assertIsNone(self._row("2026-01-31"))
        self.assertEqual(self._row("2026-02-28"), [1000, 0, 0, 0, 0, 0])
        self.assertEqual(self._row("2026-03-09"), [0, 1000, 0, 0, 0, 0])
        self.assertEqual(self._row("2026-03-31"), [0, 600, 0, 0, 0, 0])
        self.assertEqual(self._row("2026-04-15"), [0, 0, 500, 0, 0, 0])
        payment = self._pay(invoice, 500, day="2026-05-05")
        self.assertIsNone(self._row("2026-05-05"))
        invoice.line_ids.remove_move_reconcile()
        line = self._aged("2026-05-05")
        self.assertEqual(line.amount_credit, -1000)
        self.assertEqual(line.amount_total, 0, "the accounting says the same")
        self.assertTrue(payment)

    def test_credits_have_their_own_column(self):
        """A credit note without due date must not make other invoices look younger."""
        self._invoice(amount=1000)
        self._pay_on_account(self.business, 300, day="2026-05-01")
        line = self._aged()
        self.assertRecordValues(line, [{"amount_4": 1000, "amount_credit": -300, "amount_total": 700}])

    def test_currencies_are_never_added(self):
        dollar = self._in_dollar()
        self._invoice(amount=1000)
        self._invoice(amount=500, currency_id=dollar.id)
        self.assertEqual(len(self._aged()), 2)
        self.assertEqual(self._row(currency=dollar)[4], 500)
        self.assertEqual(self._row()[4], 1000)

    def test_same_as_the_balance_of_the_account(self):
        for amount, due in ((1000, "2026-03-01"), (700, "2026-04-15"), (50, "2026-07-15")):
            self._invoice(amount=amount, due=due)
        self._invoice(self.consumer, amount=90)
        self._pay_on_account(self.consumer, 120, day="2026-04-02")
        # an entry without customer
        accounts = self.company_data["default_account_receivable"] | self.company_data["default_account_revenue"]
        entry = self.env["account.move"].create(
            {
                "date": "2026-05-01",
                "line_ids": [
                    Command.create({"account_id": accounts[0].id, "debit": 33}),
                    Command.create({"account_id": accounts[1].id, "credit": 33}),
                ],
            }
        )
        entry.action_post()
        for day in ("2026-02-28", "2026-04-30", "2026-06-30"):
            lines = self.env["account.move.line"].search(
                [
                    ("account_id.account_type", "=", "asset_receivable"),
                    ("company_id", "=", self.company.id),
                    ("parent_state", "=", "posted"),
                    ("date", "<=", day),
                ]
            )
            self.assertAlmostEqual(sum(self._aged(day).mapped("amount_total")), sum(lines.mapped("balance")))
        nobody = self._aged().filtered(lambda line: not line.partner_id)
        self.assertEqual(nobody.amount_total, 33)
        with self.assertRaisesRegex(UserError, "no customer"):
            nobody.action_open_receivable()
        items = self.env["commercial.aged.receivable.item"].with_user(self.collector)
        items = items.search(nobody.action_open_items()["domain"])
        self.assertEqual(items.mapped("amount_residual"), [33])

    def test_items(self):
        first = self._invoice(amount=1000)
        self._pay(first, 400, day="2026-03-10")
        self._pay(first, 600, day="2026-06-01")
        payment = self._pay_on_account(self.business, 20, day="2026-04-01")
        line = self._aged("2026-05-31")
        items = self.env["commercial.aged.receivable.item"].with_user(self.collector)
        found = items.search(line.action_open_items()["domain"])
        self.assertRecordValues(
            found,
            [
                {
                    "name": first.name,
                    "days_late": 91,
                    "bucket": "4",
                    "amount_original": 1000,
                    "amount_residual": 600,
                    "move_id": first.id,
                },
                {
                    "name": payment.move_id.name,
                    "days_late": 60,
                    "bucket": "credit",
                    "amount_original": -20,
                    "amount_residual": -20,
                    "move_id": payment.move_id.id,
                },
            ],
        )
        self.assertEqual(found[0].with_user(self.collector).action_open_document()["res_id"], first.id)

    def test_filters(self):
        self._invoice(amount=1000, due="2026-07-15")
        self._invoice(self.consumer, amount=90)
        self.assertEqual(self._aged().partner_id, self.business + self.consumer)
        self.assertEqual(self._aged(only_overdue=True).partner_id, self.consumer)
        contact = self._create_customer("Els", parent_id=self.business.id)
        self.assertEqual(self._aged(partner_ids=[Command.set(contact.ids)]).partner_id, self.business)

    def test_a_new_question_replaces_the_old_answer(self):
        self._invoice(amount=1000)
        first = self._aged()
        self._aged("2026-05-31")
        self.assertFalse(first.exists())
        Line = self.env["commercial.aged.receivable.line"].with_user(self.collector)
        self.assertEqual(len(Line.search([])), 1)

    def test_future_day(self):
        with self.assertRaisesRegex(ValidationError, "still to come"):
            self._aged("2026-07-01")

    def test_workbook(self):
        self.business.name = "=1+1"
        self._invoice(amount=1234.5)
        lines = self._aged()
        content = lines._write_workbook("Aged")
        sheet = load_workbook(io.BytesIO(content)).active
        rows = list(sheet.values)
        self.assertEqual(rows[0][4:10], tuple(self.company._get_bucket_labels()))
        self.assertEqual(rows[1][0], "=1+1")
        self.assertEqual(sheet["A2"].data_type, "s", "never a formula")
        self.assertEqual(Decimal(str(rows[1][8])), Decimal("1234.5"))
        self.assertEqual(sheet["I2"].number_format, "#,##0.00")

    def test_statement_of_the_same_day(self):
        self._invoice(amount=1000)
        action = self._aged("2026-05-31").action_statement()
        self.assertEqual(action["context"]["default_date"], "2026-05-31")
        self.assertEqual(action["context"]["default_receivable_ids"], self._account().ids)

    def test_print(self):
        self._invoice(amount=1000)
        self._invoice(amount=500, currency_id=self._in_dollar().id)
        report = self._aged().report_id
        html, _kind = (
            self.env["ir.actions.report"]
            .with_user(self.collector)
            ._render_qweb_html("commercial_assistant.report_aged_receivable", report.ids)
        )
        for text in (b"Bakkerij De Smet", b"1.000,00", b"500,00", b"91\xe2\x80\x93180 days", b"30/06/2026"):
            self.assertIn(text, html)

    def test_queries_do_not_grow(self):
        costs = []
        for count in (2, 20):
            for number in range(count):
                self._invoice(self._create_customer(f"Aged{count}x{number} Customer"), amount=10 + number)
            report = self.env["commercial.aged.receivable"].create({"date": "2026-06-30"})
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            report._read_lines()
            costs.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(costs[1], costs[0])

    # --- RIGHTS ---

    def test_rights(self):
        self._invoice(amount=1000)
        lines = self._aged(user=self.assistant)
        self.assertEqual(lines.amount_total, 1000)
        items = self.env["commercial.aged.receivable.item"].with_user(self.assistant)
        self.assertEqual(items.search(lines.action_open_items()["domain"]).amount_residual, 1000)
        with self.assertRaises(AccessError):
            lines.with_user(self.collector).read(["amount_total"])
        employee = new_test_user(self.env, "aged_employee", "base.group_user", company_id=self.company.id)
        for model in (
            "commercial.aged.receivable",
            "commercial.aged.receivable.line",
            "commercial.aged.receivable.item",
        ):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(employee).search([])
        with self.assertRaises(AccessError):
            lines.with_user(employee).action_open_items()

    def test_other_company(self):
        self._invoice(amount=1000)
        other = self.setup_other_company(name="Other BV")["company"]
        stranger = new_test_user(
            self.env,
            "aged_stranger",
            "commercial_assistant.group_collector",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.assertFalse(self._aged(user=stranger, company_id=other.id))
        with self.assertRaises(AccessError):
            self._aged(user=stranger, company_id=self.company.id)


@tagged("post_install", "-at_install")
class TestAgedDownload(AgedCommon, HttpCase):
    def test_download(self):
        with freeze_time("2026-06-30 09:00:00"):
            self._invoice(amount=1000)
            report = self._aged().report_id
            action = report.action_export()
        self.collector.password = "dunning_collector"
        self.authenticate("dunning_collector", "dunning_collector")
        response = self.url_open(quote(action["url"], safe="/?="))
        self.assertEqual(response.status_code, 200)
        self.assertTrue(response.content.startswith(b"PK"))
        self.assertEqual(len(list(load_workbook(io.BytesIO(response.content)).active.values)), 2)
