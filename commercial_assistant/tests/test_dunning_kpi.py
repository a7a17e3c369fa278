from datetime import date, datetime
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.commercial_assistant.models.dunning.dunning_charge_kpi import DunningCharge

from .test_dunning_statement import StatementCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-30 09:00:00")
class TestReceivableKpi(StatementCommon):
    def _figures(self, day="2026-06-30", kind="business", currency=None):
        self.env["commercial.receivable.kpi"]._write_day(self.company, date.fromisoformat(day))
        return self.env["commercial.receivable.kpi"].search(
            [
                ("company_id", "=", self.company.id),
                ("date", "=", day),
                ("customer_kind", "=", kind),
                ("currency_id", "=", (currency or self.company.currency_id).id),
            ]
        )

    def test_ageing(self):
        self._invoice(amount=100, due="2026-07-15", invoice_date="2026-06-15")
        self._invoice(amount=200, due="2026-06-10", invoice_date="2026-05-10")
        self._invoice(amount=400, due="2026-04-01", invoice_date="2026-03-01")  # 90 days
        self._invoice(amount=800, due="2026-03-31", invoice_date="2026-03-01")  # 91 days
        self._pay_on_account(self.business, 50, day="2026-05-05")
        self._credit_note(self._invoice(amount=60, due="2026-07-15"), 20, "2026-05-01", matched=False)
        row = self._figures()
        self.assertRecordValues(
            row,
            [
                {
                    "amount_open": 1560,
                    "amount_overdue": 1400,
                    "amount_0": 160,
                    "amount_1": 200,
                    "amount_3": 400,
                    "amount_4": 800,
                    "amount_at_risk": 800,
                    "amount_unallocated": 50,
                    "amount_credit": 20,
                }
            ],
        )
        self.assertAlmostEqual(row.at_risk_share, 100 * 800 / 1560, 1)
        self.assertAlmostEqual(row.overdue_share, 100 * 1400 / 1560, 1)

    def test_days(self):
        """900 invoiced in each of two periods; 450 of it not due, 900 more late."""
        self._pay(self._invoice(amount=450, invoice_date="2026-06-20", due="2026-06-20"), day="2026-06-30")
        self._invoice(amount=450, invoice_date="2026-06-20", due="2026-07-20")
        self._invoice(amount=900, invoice_date="2026-05-20", due="2026-05-30")
        row = self._figures()
        self.assertEqual(row.amount_sales, 1800)
        self.assertAlmostEqual(row.dso, 30 + 30 * 450 / 900)
        self.assertAlmostEqual(row.dso_best, 15)
        self.assertAlmostEqual(row.days_delinquent, 30)
        # 450 paid after 10 days, 450 open for 10, 900 open for 41
        self.assertAlmostEqual(row.collection_days, (450 * 10 + 450 * 10 + 900 * 41) / 1800, 1)

    def test_without_sales(self):
        """Old debts and nothing invoiced: there is no number of days, not nought."""
        self._invoice(amount=100, invoice_date="2025-01-10", due="2025-02-10")
        row = self._figures()
        [(dso, risk)] = row._read_group([("id", "=", row.id)], [], ["dso:avg", "at_risk_share:avg"])
        self.assertFalse(dso)
        self.assertEqual(float(risk), 100)
        self.env.cr.execute("SELECT dso FROM commercial_receivable_kpi WHERE id = %s", [row.id])
        self.assertIsNone(self.env.cr.fetchone()[0])

    def test_past_day_as_it_was(self):
        invoice = self._invoice(amount=1000)
        self._pay(invoice, day="2026-05-05")
        self.assertRecordValues(
            self._figures("2026-04-30"), [{"amount_open": 1000, "amount_overdue": 1000, "amount_at_risk": 0}]
        )
        self.assertRecordValues(self._figures("2026-05-31"), [{"amount_open": 0, "dso": 0}])
        self.assertFalse(self._figures("2025-12-31"))

    def test_segments(self):
        dollar = self._in_dollar()
        self._invoice(amount=1000)
        self._invoice(self.consumer, amount=70)
        self._invoice(amount=500, currency_id=dollar.id)
        self.assertEqual(self._figures().amount_open, 1000)
        self.assertEqual(self._figures(kind="consumer").amount_open, 70)
        self.assertEqual(self._figures(currency=dollar).amount_open, 500)

    def test_again_replaces(self):
        invoice = self._invoice(amount=1000)
        self._figures()
        self._pay(invoice, 400, day="2026-06-30")
        self.assertEqual(len(self._figures()), 1)
        self.assertEqual(self._figures().amount_open, 600)

    def test_group_by(self):
        """Shares of several rows are shares of the sums, days are weighted."""
        self._invoice(amount=900, due="2026-07-15", invoice_date="2026-06-15")
        self._invoice(self.consumer, amount=100, due="2026-01-15", invoice_date="2026-06-15")
        consumer = self._figures(kind="consumer")
        business = self.env["commercial.receivable.kpi"].search([("date", "=", consumer.date)]) - consumer
        self.assertEqual((business.at_risk_share, consumer.at_risk_share), (0, 100))
        [(risk, dso, kept)] = self.env["commercial.receivable.kpi"]._read_group(
            [("id", "in", (business + consumer).ids)], [], ["at_risk_share:avg", "dso:avg", "promise_kept_rate:avg"]
        )
        self.assertAlmostEqual(float(risk), 10)
        self.assertAlmostEqual(dso, (900 * business.dso + 100 * consumer.dso) / 1000, 1)
        self.assertFalse(kept, "no promise, no rate")

    def test_group_by_days(self):
        """What is open on two days is not owed twice; currencies are not added."""
        self._invoice(amount=900)
        self._figures("2026-06-29")
        self._invoice(amount=300, currency_id=self._in_dollar().id)
        self._figures()
        Kpi = self.env["commercial.receivable.kpi"]
        domain = [("company_id", "=", self.company.id)]
        [(mean, mixed)] = Kpi._read_group(
            [*domain, ("currency_id", "=", self.company.currency_id.id)],
            [],
            ["amount_open:sum", "amount_open:sum_currency"],
        )
        self.assertEqual((mean, mixed), (900, 900))
        [(mixed, dso, risk)] = Kpi._read_group(domain, [], ["amount_open:sum_currency", "dso:avg", "at_risk_share:avg"])
        self.assertEqual((mixed, dso, risk), (False, False, False), "amounts of two currencies are no weights")

    def test_currencies_are_not_added(self):
        dollar = self._in_dollar()
        self._invoice(amount=1000)
        self._invoice(amount=500, currency_id=dollar.id)
        self.env["commercial.receivable"]._refresh_items(self.company)
        self._run("2026-06-30")
        domain = [("company_id", "=", self.company.id)]
        for model, field in (
            ("commercial.receivable.item", "amount_residual"),
            ("commercial.receivable.item.report", "amount_residual"),
            ("commercial.dunning.notice", "amount_principal"),
        ):
            with self.subTest(model=model):
                [(total,)] = self.env[model]._read_group(domain, [], [f"{field}:sum_currency"])
                self.assertFalse(total)
                groups = dict(self.env[model]._read_group(domain, ["currency_id"], [f"{field}:sum_currency"]))
                self.assertEqual(groups, {self.company.currency_id: 1000, dollar: 500})

    def test_rooms_contribute(self):
        self._invoice(amount=1000)
        segment = (self.company.currency_id.id, "business")

        def answer(model, company, day):
            return {segment: {"promise_due_count": 4, "promise_kept_count": 3, "amount_disputed": 250}}

        with patch.object(DunningCharge, "_fetch_receivable_kpi", answer):
            row = self._figures()
        self.assertRecordValues(row, [{"promise_kept_rate": 75, "dispute_share": 25, "promise_due_count": 4}])

    def test_names_of_buckets(self):
        self.company.ageing_limit_1 = 10
        model = self.env["commercial.receivable.kpi"]
        self.assertEqual(model.fields_get(["amount_1"])["amount_1"]["string"], "1–10 days")
        self.assertIn("1–10 days", model.get_view(view_type="list")["arch"])

    def test_job_makes_up_for_days(self):
        self._invoice(amount=1000)
        self.env["commercial.receivable"]._refresh_items(self.company)
        Kpi = self.env["commercial.receivable.kpi"]
        self.assertEqual(Kpi._get_missing_days(self.company, date(2026, 6, 26)), [date(2026, 6, 26)])
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 60):
            with freeze_time("2026-06-26 03:00:00"):
                Kpi.sudo()._cron_write()
            with freeze_time("2026-06-30 03:00:00"):
                Kpi.sudo()._cron_write()
                Kpi.sudo()._cron_write()
        days = Kpi.search([("company_id", "=", self.company.id)], order="date").mapped("date")
        self.assertEqual(days, [date(2026, 6, day) for day in (26, 27, 28, 29, 30)])
        self.assertEqual(len(Kpi._get_missing_days(self.company, date(2026, 12, 31))), 31)

    def test_queries_do_not_grow(self):
        costs = []
        for count in (2, 20):
            for number in range(count):
                self._invoice(self._create_customer(f"Kpi{count}x{number} Customer"), amount=10 + number)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["commercial.receivable.kpi"]._write_day(self.company, date(2026, 6, 30))
            self.env.flush_all()
            costs.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(costs[1], costs[0])

    # --- LETTERS ---

    def _letters(self, day):
        self._fake_letters()
        with freeze_time(datetime.fromisoformat(f"{day} 09:00:00")):
            run = self._run(day)
            self._deliver(run)
        return run.notice_ids

    def _success(self, today="2026-06-30"):
        self.env["commercial.dunning.kpi"]._write_letters(self.company, date.fromisoformat(today))
        return self.env["commercial.dunning.kpi"].search([("company_id", "=", self.company.id)])

    def test_recovered_after_a_letter(self):
        first, second, third = self._invoice(amount=1000), self._invoice(amount=500), self._invoice(amount=50)
        self._letters("2026-03-20")
        self._pay(first, 300, day="2026-03-20")  # crossed the letter
        self._pay(first, 200, day="2026-03-21")
        self._pay(second, day="2026-04-03")  # 14 days
        self._pay(first, 100, day="2026-04-04")  # too late
        self.assertRecordValues(
            self._success(),
            [
                {
                    "date": date(2026, 3, 20),
                    "level_kind": "reminder",
                    "channel": "email",
                    "letter_count": 1,
                    "delivered_count": 1,
                    "failed_count": 0,
                    "amount_claimed": 1550,
                    "amount_recovered": 700,
                    "recovered_count": 0,
                    "is_final": True,
                }
            ],
        )
        self.assertAlmostEqual(self._success().recovered_share, 100 * 700 / 1550, 1)
        self.assertEqual(third.amount_residual, 50, "not paid at all")

    def test_not_final_yet(self):
        self._invoice(amount=1000)
        self._letters("2026-06-20")
        self.assertFalse(self._success().is_final)
        self.assertFalse(self._success("2026-07-04").is_final)
        self.assertTrue(self._success("2026-07-05").is_final)

    def test_credit_notes_recover_nothing(self):
        invoice = self._invoice(amount=1000)
        self._letters("2026-03-20")
        self._credit_note(invoice, 400, "2026-03-25")
        self._pay(invoice, day="2026-03-28")
        row = self._success()
        self.assertRecordValues(row, [{"amount_recovered": 600, "recovered_count": 0}])

    def test_failures(self):
        self._invoice(amount=1000)
        self._invoice(self.consumer, amount=100)
        notices = self._letters("2026-03-20")
        failed = notices.filtered(lambda notice: notice.partner_id == self.business)
        failed.sudo()._dispatch_after_failure(failed.dispatch_ids[:1])
        rows = self._success()
        self.assertEqual(sum(rows.mapped("failed_count")), 1)
        row = rows.filtered("failed_count")
        self.assertRecordValues(row, [{"failure_rate": 100, "amount_claimed": 0, "delivered_count": 0}])
        [(rate,)] = self.env["commercial.dunning.kpi"]._read_group([("id", "in", rows.ids)], [], ["failure_rate:avg"])
        self.assertAlmostEqual(float(rate), 50)

    def test_old_figures_stay(self):
        """Only the last weeks are counted anew."""
        self._invoice(amount=1000)
        self._letters("2026-03-20")
        rows = self._success()
        self._success("2026-06-30")
        self.assertTrue(rows.exists())

    def test_charges(self):
        self._invoice(amount=1000)
        self.env["commercial.receivable"]._refresh_items(self.company)
        level = self.business_policy.level_ids.filtered(lambda level: level.kind == "second_reminder")
        self._account().item_ids.sudo().write({"level_id": level.id, "last_delivered_on": "2026-05-10"})
        charges = self._letters("2026-06-20").charge_ids
        self.assertTrue(charges)
        total = sum(charges.mapped("amount"))
        charges[0].sudo().write({"amount_received": charges[0].amount, "received_on": "2026-06-25"})
        self.env.flush_all()
        row = self._figures()
        self.assertAlmostEqual(row.charge_claimed, total)
        self.assertAlmostEqual(row.charge_paid, charges[0].amount)
        self.assertEqual(row.charge_waived, 0)
        self.assertEqual(self._figures("2026-06-19").charge_claimed, 0)

    # --- ANALYSIS ---

    def test_open_items_analysis(self):
        dollar = self._in_dollar()
        self._invoice(amount=1000, due="2026-06-30")
        self._invoice(self.consumer, amount=100, due="2026-06-29")
        self._invoice(amount=500, currency_id=dollar.id, due="2026-01-01")
        self.env["commercial.receivable"]._refresh_items(self.company)
        Report = self.env["commercial.receivable.item.report"].with_user(self.assistant)
        domain = [("company_id", "=", self.company.id)]
        groups = Report._read_group(domain, ["currency_id", "bucket"], ["amount_residual:sum", "days_late:avg"])
        self.assertEqual(
            {(currency, bucket): (amount, days) for currency, bucket, amount, days in groups},
            {
                (self.company.currency_id, "0"): (1000, 0),
                (self.company.currency_id, "1"): (100, 1),
                (dollar, "4"): (500, 180),
            },
        )
        labels = dict(Report.fields_get(["bucket"])["bucket"]["selection"])
        self.assertEqual(labels["4"], "91–180 days")

    def test_digest(self):
        dollar = self._in_dollar()
        self._invoice(amount=1000)
        self._invoice(amount=500, currency_id=dollar.id)
        self._figures()
        digest = self.env["digest.digest"].create(
            {"name": "Week", "kpi_commercial_overdue": True, "company_id": self.company.id}
        )
        digest = digest.with_context(start_datetime=datetime(2026, 6, 24), end_datetime=datetime(2026, 6, 30, 9))
        self.assertEqual(digest.kpi_commercial_overdue_value, 1000)
        self.assertEqual(digest.kpi_commercial_promises_value, 0)
        employee = new_test_user(self.env, "digest_employee", "base.group_user", company_id=self.company.id)
        with self.assertRaises(AccessError):
            digest.with_user(employee).sudo(False)._compute_kpi_commercial_overdue_value()

    # --- RIGHTS ---

    def test_rights(self):
        self._invoice(amount=1000)
        row = self._figures()
        models = ("commercial.receivable.kpi", "commercial.dunning.kpi", "commercial.receivable.item.report")
        employee = new_test_user(self.env, "kpi_employee", "base.group_user", company_id=self.company.id)
        other = self.setup_other_company(name="Other BV")["company"]
        stranger = new_test_user(
            self.env,
            "kpi_stranger",
            "commercial_assistant.group_collector",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        for model in models:
            with self.subTest(model=model):
                self.env[model].with_user(self.assistant).search([])
                with self.assertRaises(AccessError):
                    self.env[model].with_user(employee).search([])
                self.assertFalse(self.env[model].with_user(stranger).search([("company_id", "=", self.company.id)]))
        with self.assertRaises(AccessError):
            row.with_user(self.lead).write({"dso": 1})
        with self.assertRaises(AccessError):
            row.with_user(self.lead).unlink()
