from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_complaint import ComplaintCommon


@tagged("post_install", "-at_install")
class TestComplaintWarranty(ComplaintCommon):
    """Whether goods are covered is known before anything is proposed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.account_fiscal_country_id = cls.env.ref("base.be")

    def test_the_investigation_looks_the_guarantee_up(self):
        complaint = self._complain(order=self._sell(partner=self.consumer))
        self._bring_to(complaint, "investigate")
        line = complaint.line_ids
        self.assertEqual(len(line.warranty_check_ids), 1)
        check = line.warranty_check_id
        self.assertEqual((line.warranty_verdict, line.warranty_reason), (check.verdict, check.reason))
        self.assertEqual(check.reported_on, complaint._get_reported_on())
        self.assertEqual((check.partner_id, check.order_line_id), (self.consumer, line.sale_line_id))
        self.assertEqual(complaint.warranty_check_count, 1)
        # asked again: the first answer stays as it was given
        complaint.action_check_warranty()
        self.assertEqual(len(line.warranty_check_ids), 2)
        self.assertEqual(line.warranty_check_id, line.warranty_check_ids.sorted("id")[-1])

    def test_without_a_verdict_on_the_goods_nothing_is_proposed(self):
        complaint = self._complain(order=self._sell())
        self._bring_to(complaint, "investigate")
        complaint.sudo().line_ids.warranty_check_ids.complaint_line_id = False
        self.assertIn("the warranty verdict of Pump", complaint._get_missing("propose"))
        complaint.action_check_warranty()
        self.assertNotIn("the warranty verdict of Pump", complaint._get_missing("propose"))

    def test_a_case_without_goods_asks_for_no_guarantee(self):
        complaint = self._complain(category_id=self.env.ref("commercial_assistant.complaint_category_other").id)
        self._bring_to(complaint, "investigate")
        self.assertFalse(complaint._get_lines_to_check())
        with self.assertRaisesRegex(UserError, "No line names a product"):
            complaint.action_check_warranty()

    def test_what_the_customer_caused_is_not_covered(self):
        complaint = self._complain(order=self._sell(partner=self.consumer))
        self._bring_to(complaint, "investigate")
        self.assertNotEqual(complaint.line_ids.warranty_verdict, "excluded")
        cause = self.env["commercial.complaint.cause"].create({"name": "Run dry", "responsibility": "customer"})
        complaint.cause_ids = cause
        complaint.action_check_warranty()
        self.assertEqual(complaint.line_ids.warranty_verdict, "excluded")
        self.assertFalse(complaint.line_ids._is_covered())

    def test_a_replacement_takes_the_guarantee_over(self):
        order = self._sell(partner=self.consumer, quantity=1.0)
        complaint = self._complain_to_settle(order)
        line = complaint.line_ids
        self.assertTrue(line._is_covered(), line.warranty_reason)
        cover = line.sudo().warranty_check_id.warranty_id
        new = self._solve(complaint, "replacement", quantity=1.0)
        self._accept(complaint)
        new.action_execute()
        self._receive(new.sudo().picking_ids)
        self.assertEqual(new.state, "done")
        self.assertEqual(cover.quantity_replaced, 1.0)
        rows = self.env["commercial.warranty"].search(
            [("move_id", "in", new.sudo().picking_ids.move_ids.ids), ("side", "=", "customer")]
        )
        self.assertTrue(rows)
        self.assertLessEqual(max(rows.mapped("end")), cover.end)
