from freezegun import freeze_time
from lxml import etree

from odoo import Command
from odoo.tests import tagged

from .common_dunning import DunningCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-20 09:00:00")
class TestDunningQueries(DunningCommon):
    """The number of queries does not grow with the number of customers and items."""

    OF_THE_DESK = {
        "approval_request_count",
        "check_open_count",
        "checklist_count",
        "checklist_progress",
        "complaint_count",
        "customer_kind",
        "dispatch_count",
        "has_own_customer_kind",
    }

    def _measure(self, method):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        method()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def _fill(self, count, name):
        customers = []
        for number in range(count):
            kind = {"is_company": True} if number % 2 else {}
            customers.append(self._create_customer(f"{name}{number} Customer", **kind))
            for amount in (100, 200):
                self._invoice(customers[-1], amount)
        return customers

    def test_propose(self):
        costs = []
        for count, name in ((2, "Few"), (20, "Many")):
            customers = self._fill(count, name)
            run = self._run(propose=False, partner_ids=[Command.set([customer.id for customer in customers])])
            # tracking as in daily work
            run = run.with_context(tracking_disable=False, mail_create_nolog=False)
            costs.append(self._measure(run.action_propose))
            self.assertEqual(len(run.notice_ids), count)
            self.assertEqual(len(run.notice_ids.line_ids), 2 * count)
            costs.append(self._measure(run.action_propose))
            costs.append(self._measure(run.action_approve))
        few, many = costs[:3], costs[3:]
        for name, low, high in zip(("propose", "repeat", "approve"), few, many, strict=True):
            self.assertLessEqual(high, low + 2, f"{name}: {low} queries for 2 customers, {high} for 20")

    def test_propose_formal_notices(self):
        """Also with charges, partial payments and money on account."""
        customers = self._fill(20, "Late")
        for invoice in self.env["account.move"].search([("partner_id", "in", [c.id for c in customers])], limit=10):
            self._pay(invoice, 10)
        self._pay_on_account(customers[3], 20)
        self.env["commercial.receivable"]._refresh_items(self.company)
        level = self.business_policy.level_ids.filtered(lambda level: level.kind == "second_reminder")
        self.env["commercial.receivable.item"].sudo().search([("partner_id.is_company", "=", True)]).write(
            {"level_id": level.id, "last_delivered_on": "2026-03-10"}
        )
        costs = []
        with freeze_time("2026-04-30 09:00:00"):
            for few in (customers[:2], customers[2:]):
                run = self._run(propose=False, partner_ids=[Command.set([customer.id for customer in few])])
                costs.append(self._measure(run.action_propose))
                self.assertTrue(run.notice_ids.charge_ids)
        self.assertLessEqual(costs[1], costs[0] + 6)

    def _get_form_fields(self, record):
        """Return the fields of the form as this user sees it: those of others, and those of receivables."""
        arch = etree.fromstring(record.get_view(view_type="form")["arch"])
        names = {
            node.get("name")
            for node in arch.iter("field")
            if not any(parent.tag == "field" for parent in node.iterancestors())
        }
        app = {name for name in names if record._fields[name]._module == "commercial_assistant"}
        ours = app - self.OF_THE_DESK
        return sorted(names - ours), sorted(ours)

    def test_forms_of_customer_and_invoice(self):
        """Opening a customer or an invoice costs at most three queries more, for everybody who may see the app."""
        customer = self._fill(1, "Form")[0]
        self._run()
        invoice = self.env["account.move"].search([("partner_id", "=", customer.id)], limit=1)
        accountant = "account.group_account_invoice"
        for group in ("group_collector", "group_assistant"):
            user = self._create_desk_user(f"dunning_{group}", f"commercial_assistant.{group},{accountant}")
            for record in (customer.with_user(user), invoice.with_user(user)):
                others, ours = self._get_form_fields(record)
                self.assertTrue(ours, f"{record} {group}")
                record.read(others + ours)  # rights and rules are read once for a user
                without = self._measure(lambda record=record, names=others: record.read(names))
                with_ours = self._measure(lambda record=record, names=others + ours: record.read(names))
                self.assertLessEqual(with_ours, without + 3, f"{record._name} {group} {ours}")

    def test_lists(self):
        self._fill(12, "List")
        self._run()
        receivables = self.env["commercial.receivable"].search([("company_id", "=", self.company.id)])
        names = ["open_summary", "overdue_summary", "overdue_count", "oldest_due", "notice_count"]
        few = self._measure(lambda: receivables[:2].read(names))
        many = self._measure(lambda: receivables.read(names))
        self.assertLessEqual(many, few)
