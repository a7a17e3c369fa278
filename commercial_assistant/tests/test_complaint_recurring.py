from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_complaint_learning import LearningCommon

TODAY = date(2026, 3, 31)


@tagged("post_install", "-at_install")
class TestRecurringIssue(LearningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Issue = cls.env["commercial.recurring.issue"]
        cls.company.write({"complaint_recurring_count": 3, "complaint_recurring_days": 90})

    @classmethod
    def _complaints(cls, count=1, day="2026-03-20 10:00:00", cause=None, product=None, **values):
        # also those of another company
        return (
            cls.env["commercial.complaint"]
            .sudo()
            .create(
                [
                    {
                        "subject": "Leaks",
                        "partner_id": cls.customer.id,
                        "category_id": cls.category.id,
                        "received_on": day,
                        "cause_ids": [Command.set((cause or cls.material).ids)],
                        "line_ids": [Command.create({"product_id": (product or cls.pump).id})],
                        **values,
                    }
                    for _number in range(count)
                ]
            )
        )

    def _detect(self, day=TODAY):
        return self.Issue._detect(self.company, day)

    def test_the_third_complaint_opens_one_issue_with_one_task(self):
        complaints = self._complaints(2)
        self.assertFalse(self._detect())
        # another cause below the same root counts together
        complaints |= self._complaints(cause=self.env.ref("commercial_assistant.complaint_cause_supplier_design"))
        issue = self._detect()
        self.assertRecordValues(
            issue,
            [
                {
                    "product_tmpl_id": self.pump.product_tmpl_id.id,
                    "cause_id": self.env.ref("commercial_assistant.complaint_cause_supplier").id,
                    "category_id": False,
                    "user_id": self.lead.id,
                    "state": "open",
                    "complaint_count": 3,
                }
            ],
        )
        self.assertEqual(issue.complaint_ids, complaints)
        self.assertEqual(issue.activity_ids.user_id, self.lead)
        self.assertIn("3", issue.activity_ids.note)
        # the next nights change nothing
        self.assertFalse(self._detect())
        self.assertEqual(len(self.Issue.search([("company_id", "=", self.company.id)])), 1)
        self.assertEqual(len(issue.activity_ids), 1)

    def test_an_open_issue_grows(self):
        self._complaints(3)
        issue = self._detect()
        issue.activity_ids.action_done()
        self._complaints(1, day="2026-04-10 10:00:00")
        self.assertFalse(self._detect(date(2026, 4, 11)))
        self.assertRecordValues(issue, [{"complaint_count": 4, "date_last": date(2026, 4, 10)}])
        self.assertFalse(issue.activity_ids)

    def test_a_closed_issue_is_followed_by_another_one_for_new_complaints_only(self):
        self._complaints(3)
        issue = self._detect()
        with self.assertRaisesRegex(UserError, "conclusion"):
            issue.action_close()
        issue.conclusion = "Supplier changed the seal"
        issue.action_close()
        self._complaints(2)
        self.assertFalse(self._detect())
        self._complaints(1)
        self.assertEqual(self._detect().complaint_count, 3)

    def test_the_window_ends_on_its_day(self):
        # 90 days up to and including 31 March 2026 begin on 1 January
        self._complaints(2)
        self._complaints(1, day="2025-12-31 12:00:00")
        self.assertFalse(self._detect())
        self._complaints(1, day="2026-01-01 12:00:00")
        self.assertEqual(self._detect().complaint_count, 3)

    def test_without_a_cause_the_category_counts(self):
        self._complaints(3, cause_ids=False)
        self.assertRecordValues(self._detect(), [{"cause_id": False, "category_id": self.category.id}])

    def test_what_does_not_count(self):
        motor = self.env["product.product"].create({"name": "Motor"})
        self._complaints(2)
        self._complaints(1, product=motor)
        self._complaints(1, cause=self.cause)
        self._complaints(1, is_confidential=True)
        self._complaints(1)._cancel("withdrawn")
        self._complaints(1, verdict="unfounded", verdict_reason="Used wrongly")
        self.assertFalse(self._detect())

    def test_two_lines_of_the_same_product_are_one_complaint(self):
        self._complaints(1)
        self._complaints(1, line_ids=[Command.create({"product_id": self.pump.id}) for _number in range(3)])
        self.assertFalse(self._detect())

    def test_another_company_counts_for_itself(self):
        company = self.env["res.company"].create({"name": "Other"})
        self._complaints(2)
        self._complaints(1, company_id=company.id, partner_id=False, contact_name="X", category_id=False)
        self.assertFalse(self._detect())
        self.assertFalse(self.Issue.with_company(company)._detect(company, TODAY))

    def test_a_complaint_that_becomes_confidential_is_no_longer_shown(self):
        complaints = self._complaints(3)
        issue = self._detect()
        complaints[0].is_confidential = True
        self.env.invalidate_all()
        self.assertEqual(issue.with_user(self.lead).complaint_count, 2)
        self.env.invalidate_all()
        self.assertEqual(issue.with_user(self.confidant).complaint_count, 3)

    def test_only_the_lead_decides(self):
        self._complaints(3)
        issue = self._detect()
        with self.assertRaises(AccessError):
            issue.with_user(self.assistant).conclusion = "Nothing"
        with self.assertRaises(AccessError):
            issue.with_user(self.assistant).action_close()
        issue.with_user(self.lead).conclusion = "Seal"
        with self.assertRaises(AccessError):
            issue.with_user(self.lead).state = "closed"
        issue.with_user(self.lead).action_close()
        self.assertEqual(issue.state, "closed")

    def test_actions_come_from_the_issue(self):
        self._complaints(3)
        issue = self._detect()
        context = issue.action_new_action()["context"]
        action = self.env["commercial.corrective.action"].with_context(**context).create({"title": "Change the seal"})
        self.assertEqual(action.issue_id, issue)
        self.assertEqual(action.complaint_ids, issue.complaint_ids)

    def test_queries_do_not_grow(self):
        products = self.env["product.product"].create([{"name": f"P{number}"} for number in range(30)])

        def count(some):
            for product in some:
                self._complaints(3, product=product)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(len(self._detect()), len(some))
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count(products[:1])
        few, many = count(products[1:3]), count(products[3:23])
        self.assertLessEqual(many, few + 2)
