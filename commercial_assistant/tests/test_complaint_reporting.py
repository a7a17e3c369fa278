from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_complaint_learning import LearningCommon

REPORT = "report.commercial_assistant.report_complaint_month"
MARCH = (date(2026, 3, 1), date(2026, 3, 31))


@tagged("post_install", "-at_install")
class TestComplaintReporting(LearningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.statistics = cls.env["commercial.complaint.statistics"]

    @classmethod
    def _received(cls, day, hours=12, **values):
        return (
            cls.env["commercial.complaint"]
            .sudo()
            .create(
                {
                    "subject": "Leaks",
                    "partner_id": cls.customer.id,
                    "category_id": cls.category.id,
                    "received_on": f"{day} {hours:02d}:00:00",
                    "line_ids": [Command.create({"product_id": cls.pump.id})],
                    **values,
                }
            )
        )

    def _figures(self, user=None, bounds=MARCH, team=None):
        return self.statistics.with_user(user or self.lead)._get_figures(self.company, *bounds, team)

    def _report(self, user=None, month="2026-03-15", **values):
        user = user or self.lead
        wizard = self.env["commercial.complaint.month"].with_user(user).create({"month": month, **values})
        return self.env[REPORT].with_user(user)._prepare_report(wizard)

    # --- MEASURES ---

    def test_days_are_counted_from_what_the_customer_said(self):
        complaint = self._received("2026-03-01")
        complaint.write({"acknowledged_on": "2026-03-01 18:00:00", "first_offer_on": "2026-03-03 12:00:00"})
        self.assertEqual((complaint.days_to_acknowledge, complaint.days_to_answer), (0.25, 2.0))

    def test_means_leave_out_what_has_not_come(self):
        first, second = self._received("2026-03-01"), self._received("2026-03-02")
        first.acknowledged_on = "2026-03-03 12:00:00"
        first.write({"verdict": "founded"})
        [(acknowledge, founded)] = self.env["commercial.complaint"]._read_group(
            [("id", "in", (first | second).ids)], [], ["days_to_acknowledge:avg", "founded_share:avg"]
        )
        self.assertEqual((acknowledge, founded), (2.0, 100.0))

    def test_the_first_offer_is_stamped_once(self):
        complaint = self._complain()
        with freeze_time("2026-03-05 10:00:00"):
            complaint._moved("propose", "await_customer")
        with freeze_time("2026-03-09 10:00:00"):
            complaint._moved("propose", "await_customer")
        self.assertEqual(complaint.first_offer_on.date(), date(2026, 3, 5))
        with self.assertRaises(AccessError):
            complaint.first_offer_on = "2026-03-01 10:00:00"

    # --- FIGURES ---

    def test_figures_of_a_month(self):
        first = self._received("2026-03-01", verdict="founded", cost_ids=[Command.create({"amount": 40.0})])
        self._received("2026-03-15", verdict="partly", cost_ids=[Command.create({"amount": 10.0})])
        self._received("2026-03-20", verdict="unfounded", verdict_reason="Used wrongly")
        self._received("2026-03-21")._cancel("withdrawn")
        self._received("2026-04-02")
        first.write({"state": "assess"})
        figures = self._figures()
        self.assertEqual((figures.received, figures.judged, figures.founded), (3, 3, 2))
        self.assertEqual(figures.founded_share, 66.7)
        self.assertEqual((figures.cost_gross, figures.cost_net), (50.0, 50.0))
        self.assertEqual(self._figures(bounds=(date(2026, 2, 1), date(2026, 2, 28))).received, 0)

    def test_a_month_ends_at_midnight_of_the_company(self):
        self.company.partner_id.tz = "Europe/Brussels"
        # 23 hours UTC on 31 March is the first of April in Brussels
        self._received("2026-03-31", hours=23)
        self._received("2026-02-28", hours=23)
        self.assertEqual(self._figures().received, 1)

    def test_complaints_for_each_hundred_delivered_lines(self):
        with freeze_time("2026-03-10 10:00:00"):
            self._sell(invoice=False)
            self._sell(invoice=False)
        before = self.statistics._count_delivered_lines(self.company, *MARCH)
        self.assertEqual(before, 2)
        self._received("2026-03-20")
        self.assertEqual(self._figures().rate, 50.0)

    def test_nothing_is_shared_by_nothing(self):
        figures = self._figures(bounds=(date(2001, 1, 1), date(2001, 1, 31)))
        self.assertEqual(
            (figures.received, figures.rate, figures.founded_share, figures.satisfaction), (0, None, None, None)
        )

    def test_terms_that_were_kept(self):
        kept, late = self._received("2026-03-02"), self._received("2026-03-03")
        late.answer_breached_on = "2026-03-20 12:00:00"
        clocks = self._figures().clocks
        self.assertEqual(clocks["Answer by"], (1, 2))
        self.assertEqual(clocks["Settle by"], (2, 2))
        kept.answer_breached_on = "2026-03-20 12:00:00"
        self.assertEqual(self._figures().clocks["Answer by"], (0, 2))
        self.assertFalse(self._figures(bounds=(date(2025, 3, 1), date(2025, 3, 31))).clocks)

    def test_teams_are_told_apart(self):
        other = self.env["commercial.complaint.team"].create({"name": "Other", "company_id": self.company.id})
        self._received("2026-03-05", team_id=other.id)
        self._received("2026-03-06")
        self.assertEqual(self._figures().received, 2)
        self.assertEqual(self._figures(team=other).received, 1)

    def test_confidential_complaints_count_for_their_group_only(self):
        self._received("2026-03-05")
        self._received(
            "2026-03-06", is_confidential=True, verdict="founded", cost_ids=[Command.create({"amount": 9.0})]
        )
        self.env.flush_all()
        self.assertEqual((self._figures().received, self._figures().cost_gross), (1, 0.0))
        figures = self._figures(self.confidant)
        self.assertEqual((figures.received, figures.cost_gross), (2, 9.0))
        self.assertIn("not counted", self._report()["remarks"][-1])
        self.assertIn("for you alone", self._report(self.confidant)["remarks"][-1])

    def test_figures_cost_the_same_for_two_and_twenty(self):
        def count(number):
            for _number in range(number):
                self._received("2026-03-05", verdict="founded", cause_ids=[Command.set(self.material.ids)])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._report()
            return self.env.cr.sql_log_count - before

        count(1)
        self.assertEqual(count(2), count(20))

    # --- REPORT ---

    def test_the_report_ranks_and_compares(self):
        self._received("2026-02-05")
        for _number in range(2):
            self._received("2026-03-05", cause_ids=[Command.set(self.material.ids)])
        self._received("2025-03-05")
        self._received("2025-04-05")
        report = self._report()
        rows = dict(report["rows"])
        self.assertEqual(rows["Complaints received"], ["2", "1", "3", "1"])
        self.assertIn("1 more than", report["summary"][0])
        rankings = {ranking["title"]: ranking["rows"] for ranking in report["rankings"]}
        self.assertEqual(rankings["Products"][0]["name"], "Pump")
        self.assertEqual(rankings["Products"][0]["count"], "2")
        self.assertEqual(rankings["Causes"][0]["width"], 100.0)
        # twelve months, April of last year to March
        self.assertEqual([column["count"] for column in report["chart"]["columns"]], ["1"] + ["0"] * 9 + ["1", "2"])

    def test_customers_stand_there_by_name_for_leads_only(self):
        self._received("2026-03-05")

        def customers(user):
            return next(
                ranking["rows"] for ranking in self._report(user)["rankings"] if ranking["title"] == "Customers"
            )

        self.assertEqual(customers(self.lead)[0]["name"], "Bakkerij De Smet")
        self.assertEqual(customers(self.assistant)[0]["name"], "Customer 1")

    def test_an_empty_month_makes_a_report_too(self):
        report = self._report(month="2001-01-15")
        self.assertFalse(report["rankings"])
        self.assertIn("No complaint", report["summary"][0])

    def test_the_report_is_rendered_in_the_language_of_the_reader(self):
        self._received("2026-03-05")
        for lang, title in (("nl_BE", "Klachten: maandverslag"), ("fr_BE", "Plaintes : rapport du mois")):
            with self.subTest(lang=lang):
                self.lead.lang = lang
                wizard = self.env["commercial.complaint.month"].with_user(self.lead).create({"month": "2026-03-01"})
                html, kind = (
                    self.env["ir.actions.report"]
                    .with_user(self.lead)
                    .with_context(lang=lang)
                    ._render_qweb_html("commercial_assistant.report_complaint_month", wizard.ids)
                )
                self.assertEqual(kind, "html")
                self.assertTrue(title in html.decode(), title)

    def test_the_pdf_is_made(self):
        self._received("2026-03-05")
        wizard = self.env["commercial.complaint.month"].create({"month": "2026-03-01"})
        with self.allow_pdf_render():
            content, kind = (
                self.env["ir.actions.report"]
                .with_context(force_report_rendering=True)
                ._render_qweb_pdf("commercial_assistant.report_complaint_month", wizard.ids)
            )
        self.assertEqual(kind, "pdf")
        self.assertTrue(content.startswith(b"%PDF"))

    # --- MAIL ---

    def test_the_leader_gets_the_report_once(self):
        self.team.mails_monthly_report = True
        self.lead.email = "lead@company.example"
        self._received("2026-03-05")
        dispatches = self.env["commercial.dispatch"]
        domain = [("key", "=", self.team._get_month_key(date(2026, 3, 1)))]
        with self.enter_registry_test_mode():
            for day in ("2026-04-03 05:00:00", "2026-04-04 05:00:00", "2026-04-28 05:00:00"):
                with freeze_time(day):
                    self.env.ref("commercial_assistant.ir_cron_complaint_month").method_direct_trigger()
        letter = dispatches.search(domain)
        self.assertRecordValues(letter, [{"partner_id": self.lead.partner_id.id, "channel": "email"}])
        self.assertTrue(letter.attachment_id)

    def test_no_report_without_a_leader_who_may_read_it(self):
        self.team.mails_monthly_report = True
        self.team.user_id = self._create_desk_user("complaint_clerk", "base.group_user")
        self.assertFalse(self.team._mail_month(date(2026, 3, 1)))

    # --- DASHBOARD ---

    def test_the_cards_compare_two_months(self):
        self._received("2026-02-05", verdict="unfounded", verdict_reason="No")
        self._received("2026-03-05", verdict="founded", cost_ids=[Command.create({"amount": 12.0})])
        self._received("2026-03-06", is_confidential=True)
        with freeze_time("2026-03-20 10:00:00"):
            self.env.flush_all()
            self.env.invalidate_all()
            team = self.team.with_user(self.lead)
            self.assertRecordValues(
                team,
                [
                    {
                        "open_count": 2,
                        "unassigned_count": 2,
                        "received_month": 1,
                        "received_last_month": 1,
                        "founded_month": 100.0,
                        "founded_last_month": 0.0,
                        "cost_month": 12.0,
                    }
                ],
            )
            self.env.invalidate_all()
            self.assertEqual(self.team.with_user(self.confidant).received_month, 2)

    def test_cards_cost_the_same_for_two_and_twenty(self):
        teams = self.env["commercial.complaint.team"].create(
            [{"name": f"Team {number}", "company_id": self.company.id} for number in range(20)]
        )
        for team in teams:
            self._received("2026-03-05", team_id=team.id)
        names = ["open_count", "received_month", "closed_last_month", "overdue_action_count", "open_issue_count"]

        def count(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records.with_user(self.lead).read(names)
            return self.env.cr.sql_log_count - before

        with freeze_time("2026-03-20 10:00:00"):
            count(teams)
            self.assertEqual(count(teams[:2]), count(teams))

    def test_cards_open_lists_of_their_team(self):
        for name in ("action_open_complaints", "action_open_unassigned", "action_open_month", "action_month_report"):
            with self.subTest(name=name):
                action = getattr(self.team.with_user(self.lead), name)()
                self.assertEqual(action["type"], "ir.actions.act_window")

    def test_satisfaction_counts_who_answered(self):
        complaint = self._received("2026-03-05")
        self._received("2026-03-06")
        token = complaint._rating_get_access_token(self.customer)
        complaint.rating_apply(4, token=token)
        self.env.flush_all()
        figures = self._figures()
        self.assertEqual((figures.rated, figures.satisfaction), (1, 4.0))
