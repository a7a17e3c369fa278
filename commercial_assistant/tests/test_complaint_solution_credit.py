from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_complaint import ComplaintCommon


@tagged("post_install", "-at_install")
class TestComplaintSolutionCredit(ComplaintCommon):
    """Money that goes back, measured from the order to the credit note."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pump.invoice_policy = "delivery"
        cls.tax = cls.env["account.tax"].create(
            {"name": "VAT 21", "amount": 21.0, "type_tax_use": "sale", "company_id": cls.company.id}
        )

    def _settle(self, order, *solutions, quantity=None):
        complaint = self._complain_to_settle(order, quantity)
        made = [self._solve(complaint, kind, **values) for kind, values in solutions]
        self._accept(complaint)
        return made

    def _sell_taxed(self, quantity=4.0, price=100.0, taxes=None, **values):
        order = self._sell(quantity=quantity, price=price, invoice=False, **values)
        order.order_line.tax_ids = taxes or self.tax
        order._create_invoices().action_post()
        return order

    def test_a_lower_price_leaves_the_order_invoiced(self):
        order = self._sell_taxed()
        invoice = order.invoice_ids
        (cheaper,) = self._settle(order, ("price_reduction", {"document_amount": 40.0}))
        cheaper.action_execute()
        credit_note = cheaper.sudo().move_ids
        self.assertRecordValues(
            credit_note,
            [
                {
                    "move_type": "out_refund",
                    "state": "draft",
                    "amount_untaxed": 40.0,
                    "amount_total": 48.4,
                    "reversed_entry_id": invoice.id,
                    "partner_id": invoice.partner_id.id,
                }
            ],
        )
        self.assertFalse(credit_note.invoice_line_ids.sale_line_ids)
        self.assertEqual(credit_note.invoice_line_ids.account_id, invoice.invoice_line_ids.account_id)
        self.assertEqual(cheaper.state, "in_progress")
        self.assertRecordValues(order.order_line, [{"qty_invoiced": 4.0, "qty_to_invoice": 0.0}])
        credit_note.action_post()
        self.assertEqual(cheaper.state, "done")
        # allocated to the invoice by Odoo itself
        self.assertEqual((invoice.amount_residual, invoice.payment_state), (435.6, "partial"))
        self.assertRecordValues(order.order_line, [{"qty_delivered": 4.0, "qty_invoiced": 4.0, "qty_to_invoice": 0.0}])
        self.assertEqual(cheaper._get_cost(), 40.0)

    def test_a_full_credit_undoes_the_sale_only_when_the_goods_come_back(self):
        order = self._sell_taxed()
        (kept,) = self._settle(order, ("credit_full", {}))
        self.assertFalse(kept.touches_order)
        kept.action_execute()
        credit_note = kept.sudo().move_ids
        self.assertEqual((credit_note.amount_untaxed, credit_note.amount_total), (400.0, 484.0))
        self.assertRecordValues(order.order_line, [{"qty_invoiced": 4.0, "qty_to_invoice": 0.0}])
        # deleting the draft gives everything back
        credit_note.unlink()
        self.assertEqual((kept.state, kept.document_names), ("accepted", ""))

    def test_a_full_credit_with_a_return_undoes_the_sale(self):
        order = self._sell_taxed()
        back, credit = self._settle(order, ("return", {}), ("credit_full", {}))
        back.action_execute()
        self._receive(back.sudo().picking_ids)
        credit.action_execute()
        self.assertRecordValues(order.order_line, [{"qty_delivered": 0.0, "qty_invoiced": 0.0, "qty_to_invoice": 0.0}])
        self.assertEqual(credit.sudo().move_ids.reversed_entry_id.invoice_line_ids.sale_line_ids, order.order_line)

    def test_only_the_line_complained_about_is_credited(self):
        product = self.env["product.product"].create({"name": "Hose", "type": "consu", "taxes_id": False})
        order = self._sell(quantity=4.0, deliver=False, invoice=False)
        order.write(
            {"order_line": [Command.create({"product_id": product.id, "product_uom_qty": 2.0, "price_unit": 7.0})]}
        )
        self._receive(order.picking_ids)
        order._create_invoices().action_post()
        complaint = self._complain_to_settle(order)
        credit = self._solve(complaint, "credit_partial", quantity=1.0)
        self._accept(complaint)
        credit.action_execute()
        lines = credit.sudo().move_ids.invoice_line_ids
        self.assertRecordValues(lines, [{"product_id": self.pump.id, "quantity": 1.0, "price_subtotal": 100.0}])

    def test_nothing_is_credited_twice(self):
        order = self._sell_taxed(price=20.0)
        (first,) = self._settle(order, ("credit_partial", {"quantity": 3.0}))
        first.action_execute()
        first.action_execute()
        self.assertEqual(len(first.sudo().move_ids), 1)
        (second,) = self._settle(order, ("credit_partial", {"quantity": 2.0}))
        with self.assertRaisesRegex(UserError, "only 1 is not credited"), self.env.cr.savepoint():
            second.action_execute()
        (third,) = self._settle(order, ("price_reduction", {"quantity": 4.0, "document_amount": 20.5}))
        with self.assertRaisesRegex(UserError, "cannot be credited"), self.env.cr.savepoint():
            third.action_execute()
        self.assertFalse(third.sudo().move_ids)

    def test_what_was_not_charged_is_not_credited(self):
        order = self._sell(invoice=False)
        (credit,) = self._settle(order, ("credit_partial", {"quantity": 1.0}))
        with self.assertRaisesRegex(UserError, "not charged yet"), self.env.cr.savepoint():
            credit.action_execute()

    def test_discounts_go_back_as_they_were_charged(self):
        order = self._sell(quantity=3.0, price=9.99, invoice=False)
        order.order_line.discount = 33.0
        order._create_invoices().action_post()
        (credit,) = self._settle(order, ("credit_partial", {"quantity": 1.0}))
        credit.action_execute()
        credit_line = credit.sudo().move_ids.invoice_line_ids
        self.assertEqual((credit_line.price_unit, credit_line.discount), (9.99, 33.0))

    def test_prices_with_vat_included(self):
        included = self.tax.copy({"name": "VAT 21 included", "price_include_override": "tax_included"})
        order = self._sell_taxed(price=121.0, taxes=included)
        (cheaper,) = self._settle(order, ("price_reduction", {"document_amount": 10.0}))
        cheaper.action_execute()
        credit_note = cheaper.sudo().move_ids
        self.assertEqual((credit_note.amount_untaxed, credit_note.amount_total), (10.0, 12.1))

    def test_a_gesture_without_a_line_follows_the_taxes_of_the_invoice(self):
        other = self.tax.copy({"name": "VAT 6", "amount": 6.0})
        order = self._sell(quantity=1.0, price=100.0, deliver=False, invoice=False)
        order.write(
            {
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.pump.id,
                            "product_uom_qty": 1.0,
                            "price_unit": 50.0,
                            "tax_ids": [Command.set(other.ids)],
                        }
                    )
                ]
            }
        )
        order.order_line[0].tax_ids = self.tax
        order.picking_ids.move_ids.write({"quantity": 1.0, "picked": True})
        order.picking_ids.button_validate()
        order._create_invoices().action_post()
        (gesture,) = self._settle(order, ("goodwill", {"document_amount": 10.0}))
        gesture.action_execute()
        credit_note = gesture.sudo().move_ids
        self.assertEqual(
            sorted((line.price_subtotal, line.tax_ids.amount) for line in credit_note.invoice_line_ids),
            [(3.33, 6.0), (6.67, 21.0)],
        )
        self.assertEqual(credit_note.reversed_entry_id, order.invoice_ids - credit_note)

    def test_a_gesture_needs_no_invoice(self):
        complaint = self._complain(category_id=self.env.ref("commercial_assistant.complaint_category_other").id)
        self._bring_to(complaint, "propose", verdict="unfounded")
        gesture = self._solve(complaint, "goodwill", amount=25.0)
        self._accept(complaint)
        gesture.action_execute()
        self.assertRecordValues(
            gesture.sudo().move_ids,
            [{"amount_untaxed": 25.0, "partner_id": self.customer.id, "reversed_entry_id": False}],
        )

    def test_the_company_may_post_at_once(self):
        self.company.complaint_credit_posting = "post"
        (gesture,) = self._settle(self._sell_taxed(), ("goodwill", {"document_amount": 10.0}))
        gesture.action_execute()
        self.assertEqual((gesture.sudo().move_ids.state, gesture.state), ("posted", "done"))
        # set back by the accountant: it is not done any more
        gesture.sudo().move_ids.button_draft()
        self.assertEqual((gesture.state, gesture.done_on), ("in_progress", False))
        gesture.sudo().move_ids.button_cancel()
        self.assertEqual(gesture.state, "accepted")

    def test_foreign_invoices_are_credited_in_their_currency(self):
        currency = self.env["res.currency"].create(
            {
                "name": "FLX",
                "symbol": "F",
                "rounding": 1.0,
                "rate_ids": [Command.create({"name": "2020-01-01", "rate": 160.0, "company_id": self.company.id})],
            }
        )
        order = self._sell(quantity=4.0, price=1001.0, deliver=False, invoice=False)
        order = order.copy()
        order.currency_id = currency
        order.order_line.write({"price_unit": 1001.0})
        order.action_confirm()
        self._receive(order.picking_ids)
        order._create_invoices().action_post()
        self.assertEqual(order.invoice_ids.currency_id, currency)
        complaint = self._complain_to_settle(order)
        cheaper = self._solve(complaint, "price_reduction", document_amount=1001.0)
        self.assertEqual((cheaper.document_currency_id, cheaper.amount), (currency, 6.26))
        self._accept(complaint)
        cheaper.action_execute()
        self.assertRecordValues(cheaper.sudo().move_ids, [{"currency_id": currency.id, "amount_untaxed": 1001.0}])
        self.assertEqual(cheaper._get_cost(), 6.26)

    def test_rates_of_other_days_do_not_matter(self):
        """What was agreed in the currency of the company is counted at the rate of the invoice."""
        complaint = self._complain_to_settle(self._sell_taxed())
        gesture = self._solve(complaint, "goodwill", amount=12.34)
        self.assertEqual(gesture.document_amount, 12.34)
