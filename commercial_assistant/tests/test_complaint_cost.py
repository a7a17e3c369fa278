from psycopg2.errors import CheckViolation

from odoo import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_complaint_learning import LearningCommon


@tagged("post_install", "-at_install")
class TestComplaintCost(LearningCommon):
    def test_hours_and_other_cost_add_up(self):
        self.company.complaint_hour_rate = 50.0
        complaint = self._complain()
        complaint.write(
            {
                "hour_ids": [Command.create({"hours": 1.5, "name": "Inspection"})],
                "cost_ids": [Command.create({"kind": "transport", "amount": 30.0})],
            }
        )
        self.assertRecordValues(
            complaint,
            [{"hours": 1.5, "cost_hours": 75.0, "cost_other": 30.0, "cost_gross": 105.0, "cost_net": 105.0}],
        )
        # what was written down keeps its rate
        self.company.complaint_hour_rate = 80.0
        self.assertEqual(complaint.hour_ids.amount, 75.0)

    def test_what_a_supplier_gives_lowers_the_net_cost(self):
        complaint = self._investigated()
        complaint.cost_ids = [Command.create({"kind": "inspection", "amount": 300.0})]
        claim = self._claim(complaint)
        claim.action_send()
        claim.amount_accepted = 200.0
        claim.action_accept()
        self.assertRecordValues(complaint, [{"cost_gross": 300.0, "cost_recovered": 200.0, "cost_net": 100.0}])

    def test_a_carrier_pays_as_a_supplier_does(self):
        complaint = self._investigated(cause=self.carrier_cause)
        claim = self.env["commercial.supplier.claim"].create(
            {
                "party": "carrier",
                "partner_id": self._create_customer("Snelpost", is_company=True).id,
                "request": "compensation",
                "explanation": "Dropped.",
                "line_ids": [Command.create({"complaint_id": complaint.id, "name": "Damage", "amount_claimed": 90.0})],
            }
        )
        claim.action_send()
        claim.amount_accepted = 90.0
        claim.action_accept()
        self.assertRecordValues(complaint, [{"cost_recovered": 90.0, "cost_net": -90.0}])

    def test_solutions_cost_when_they_are_agreed(self):
        complaint = self._complain(order=self._sell(invoice=False))
        solution = self.env["commercial.complaint.solution"].create(
            {"complaint_id": complaint.id, "kind": "goodwill", "amount": 25.0}
        )
        complaint._recompute_costs()
        self.assertEqual(complaint.cost_credits, 0.0)
        solution.sudo().state = "accepted"
        self.assertEqual(complaint.cost_credits, complaint._sum_solutions(solution))
        solution.sudo().state = "cancelled"
        self.assertEqual(complaint.cost_gross, 0.0)

    def test_hours_are_between_zero_and_a_day(self):
        complaint = self._complain()
        for hours in (0.0, -1.0, 25.0):
            with self.subTest(hours=hours), mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
                with self.env.cr.savepoint():
                    complaint.hour_ids = [Command.create({"hours": hours})]

    def test_the_nightly_job_follows_documents(self):
        complaint = self._complain()
        solution = self.env["commercial.complaint.solution"].create(
            {"complaint_id": complaint.id, "kind": "goodwill", "amount": 25.0}
        )
        solution.sudo().state = "done"
        self.env.flush_all()
        self.env.cr.execute("UPDATE commercial_complaint SET cost_gross = 1 WHERE id = %s", [complaint.id])
        self.env.invalidate_all()
        found = complaint.sudo().search(complaint._get_followed_domain(complaint.received_on.date()))
        self.assertIn(complaint.sudo(), found)
        complaint._recompute_costs()
        self.assertEqual(complaint.cost_gross, complaint.cost_credits)

    def test_queries_do_not_grow_with_the_complaints(self):
        complaints = self.env["commercial.complaint"].create(
            [
                {
                    "subject": "Leaks",
                    "partner_id": self.customer.id,
                    "hour_ids": [Command.create({"hours": 1.0})],
                    "cost_ids": [Command.create({"amount": 5.0})],
                }
                for _number in range(20)
            ]
        )

        def count(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records._recompute_costs()
            return self.env.cr.sql_log_count - before

        count(complaints)
        self.assertEqual(count(complaints[:2]), count(complaints))
