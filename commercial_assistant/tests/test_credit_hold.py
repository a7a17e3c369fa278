import json

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.payment.tests.common import PaymentCommon

from .common_desk import DeskCommon

# a picture of one point
SIGNATURE = "R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs="


class CreditCommon(DeskCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("nl_BE")
        cls.collector = cls._create_user("desk_collector", "commercial_assistant.group_collector")
        cls.seller = cls._create_user("desk_seller", "sales_team.group_sale_salesman_all_leads")
        cls.product = cls.env["product.product"].create({"name": "Chair", "type": "service", "list_price": 100})
        cls.contact = cls.env["res.partner"].create(
            {"name": "An", "parent_id": cls.customer.id, "email": "a@b.example"}
        )

    def _hold(self, user=None, **values):
        holds = self.env["commercial.credit.hold"].with_user(user or self.collector)
        return holds.create({"partner_id": self.customer.id, **values})

    def _order(self, user=None, **values):
        return (
            self.env["sale.order"]
            .with_user(user or self.seller)
            .create(
                {
                    "partner_id": self.customer.id,
                    "require_signature": True,
                    "require_payment": False,
                    "order_line": [
                        Command.create({"product_id": self.product.id, "price_unit": 100, "tax_ids": False})
                    ],
                    **values,
                }
            )
        )


@tagged("post_install", "-at_install")
class TestCreditHold(CreditCommon):
    def test_whole_customer(self):
        """A hold set on a contact counts for the customer, and for orders of any of its addresses."""
        hold = self._hold(partner_id=self.contact.id, note="Opened insolvency proceedings", reason="insolvency")
        self.assertRecordValues(
            hold,
            [{"partner_id": self.customer.id, "state": "live", "user_id": self.collector.id, "reason": "insolvency"}],
        )
        for partner in (self.customer, self.contact):
            self.assertTrue(partner.with_user(self.seller).is_on_credit_hold)
        self.assertIn(self.contact, self.env["res.partner"].search([("is_on_credit_hold", "=", True)]))
        self.assertNotIn(self.contact, self.env["res.partner"].search([("is_on_credit_hold", "!=", True)]))
        order = self._order(partner_id=self.contact.id)
        with self.assertRaisesRegex(UserError, "Bakkerij De Smet is on credit hold.*Insolvency"):
            order.action_confirm()
        self.assertEqual(order.state, "draft")

    def test_whoever_pays(self):
        payer = self._create_customer(name="Payer BV", email="payer@customer.example")
        self._hold(partner_id=payer.id)
        order = self._order(partner_invoice_id=payer.id)
        with self.assertRaisesRegex(UserError, "Payer BV is on credit hold"):
            order.action_confirm()

    def test_no_way_around(self):
        """No context key opens the gate, and a batch tells which order it is about."""
        free = self._order(partner_id=self._create_customer(name="Free").id)
        order = self._order()
        self._hold()
        for key in ("commercial_assistant_skip", "skip_credit_hold", "force", "bypass_risk"):
            with self.assertRaises(UserError):
                order.with_context(**{key: True}).action_confirm()
        with self.assertRaisesRegex(UserError, order.name):
            (free + order).action_confirm()
        free.action_confirm()
        self.assertEqual(free.state, "sale")

    def test_in_the_language_of_the_user(self):
        hold = self._hold()
        order = self._order().with_context(lang="nl_BE")
        message = order._get_credit_hold_message()
        self.assertIn(hold.partner_id.name, message)
        if order.env._("Credit hold") != "Credit hold":  # translations are loaded
            self.assertNotIn("cannot be confirmed", message)

    def test_one_live_hold(self):
        hold = self._hold()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self._hold(partner_id=self.contact.id)
        hold.with_user(self.lead)._release_by_hand("Paid")
        self.assertNotEqual(self._hold(), hold)
        Hold = self.env["commercial.credit.hold"]
        again = Hold._set(self.company, self.contact, "manual", note="second")
        self.assertEqual(len(Hold.search([("partner_id", "=", self.customer.id), ("state", "=", "live")])), 1)
        self.assertNotEqual(again.note, "second", "what exists already stays as it is")

    def test_companies(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.env.user.company_ids += branch + self.other_company
        self._hold()
        Hold = self.env["commercial.credit.hold"]
        self.assertTrue(Hold._find_live(branch, self.customer), "what the parent decides holds in its branches")
        self.assertFalse(Hold._find_live(self.other_company, self.customer))
        self.assertFalse(Hold.with_user(self.other_lead).search([]))
        self.assertFalse(self.customer.with_user(self.other_lead).is_on_credit_hold)
        elsewhere = self._order(user=self.env.user, company_id=self.other_company.id)
        self.assertFalse(elsewhere.is_on_credit_hold)
        with self.assertRaises(AccessError):
            self._hold(company_id=self.other_company.id)

    def test_release(self):
        hold = self._hold()
        order = self._order()
        with self.assertRaisesRegex(UserError, "why"):
            hold.with_user(self.lead)._release_by_hand(" ")
        with self.assertRaisesRegex(AccessError, "team lead"):
            hold._release_by_hand("I know them")
        wizard = Form.from_action(self.env(user=self.lead), hold.with_user(self.lead).action_release())
        wizard.reason = "Paid this morning"
        wizard.save().action_release()
        self.assertRecordValues(
            hold, [{"state": "released", "released_by_id": self.lead.id, "release_reason": "Paid this morning"}]
        )
        with self.assertRaisesRegex(UserError, "already"):
            hold.with_user(self.lead)._release_by_hand("again")
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertFalse(order.is_confirmed_on_hold)

    def test_collector_asks(self):
        hold = self._hold()
        wizard = Form.from_action(self.env(user=self.collector), hold.action_release())
        self.assertFalse(wizard.may_release)
        wizard.reason = "Promised to pay today"
        record = wizard.save()
        with self.assertRaises(AccessError):
            record.action_release()
        record.action_request()
        self.assertEqual(hold.state, "live")
        request = hold.approval_request_ids
        self.assertEqual(request.purpose, "credit_release")
        request.with_user(self.lead).action_approve()
        self.assertRecordValues(
            hold, [{"state": "released", "released_by_id": self.lead.id, "release_reason": "Promised to pay today"}]
        )

    def test_question_about_a_released_hold(self):
        hold = self._hold()
        hold._request_release("Promised")
        hold.with_user(self.lead)._release_by_hand("Paid")
        self.assertEqual(hold.approval_request_ids.state, "voided")

    def test_rights(self):
        hold = self._hold(note="Ask me first")
        with self.assertRaises(AccessError):
            self._hold(user=self.assistant, partner_id=self._create_customer(name="X").id)
        hold.with_user(self.assistant).read(["note", "reason", "source_name"])
        for values in ({"state": "released"}, {"partner_id": self.contact.id}, {"release_reason": "x"}):
            with self.subTest(values=values), self.assertRaises(AccessError):
                hold.write(values)
        hold.note = "Ask Jan first"
        with self.assertRaises(AccessError):
            hold.with_user(self.seller).read(["note"])
        employee = new_test_user(self.env, "credit_employee", "base.group_user", company_id=self.company.id)
        with self.assertRaises(AccessError):
            self.env["commercial.credit.hold"].with_user(employee).search([])
        with self.assertRaises(UserError):
            hold.with_user(self.env.ref("base.user_admin")).sudo().unlink()
        with self.assertRaises(AccessError):
            self.env["commercial.credit.hold"].with_user(self.collector).create(
                {"partner_id": self.customer.id, "res_model": "res.partner", "res_id": 1}
            )
        # whoever sells sees that, not why
        order = self._order()
        self.assertTrue(order.is_on_credit_hold)
        with self.assertRaises(AccessError):
            order.read(["credit_hold_id"])

    def test_merged_customers(self):
        twin = self._create_customer(name="Bakkerij De Smet bis")
        kept, other = self._hold(), self._hold(partner_id=twin.id)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge([self.customer.id, twin.id], self.customer, extra_checks=False)
        self.assertEqual((kept.state, other.state), ("live", "released"))
        self.assertEqual(other.partner_id, self.customer)

    def test_queries(self):
        customers = [self._create_customer(name=f"Customer {number}") for number in range(20)]
        for customer in customers:
            self._hold(partner_id=customer.id)
        orders = self.env["sale.order"].concat(*(self._order(partner_id=customer.id) for customer in customers))
        orders[:1].mapped("is_on_credit_hold")  # rights are read once
        costs = []
        for few in (orders[:2], orders):
            self.env.invalidate_all()
            few.mapped("partner_id.commercial_partner_id.name")
            few.mapped("company_id.parent_ids")
            before = self.cr.sql_log_count
            self.assertTrue(all(few.mapped("is_on_credit_hold")))
            costs.append(self.cr.sql_log_count - before)
        self.assertLessEqual(costs[1], costs[0] + 1)

    def test_screens(self):
        hold = self._hold()
        for view in ("list", "kanban", "form", "search"):
            hold.with_user(self.assistant).get_view(view_type=view)
        with Form(self.env["commercial.credit.hold"].with_user(self.collector)) as form:
            form.partner_id = self._create_customer(name="By Form")
            form.note = "No goods before payment"
        action = self.customer.with_user(self.assistant).action_open_credit_holds()
        self.assertEqual(self.env["commercial.credit.hold"].search(action["domain"]), hold)
        self.assertEqual(self.customer.with_user(self.assistant).credit_hold_count, 1)
        order = self._order(user=self.assistant)
        self.assertEqual(order.action_open_credit_hold()["res_id"], hold.id)


@tagged("post_install", "-at_install")
class TestCreditHoldPayment(CreditCommon, PaymentCommon):
    """Money that has arrived is never refused."""

    def _pay(self, order, amount, state="done"):
        payment = self.env["payment.transaction"].create(
            {
                "provider_id": self.dummy_provider.id,
                "payment_method_id": self.payment_method_id,
                "reference": f"{order.name}-{amount}-{state}",
                "amount": amount,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "sale_order_ids": [Command.set(order.ids)],
                "state": state,
            }
        )
        order.invalidate_recordset(["amount_paid"])
        return payment

    def _todo(self, order):
        return order.activity_ids.filtered(
            lambda activity: activity.activity_type_id
            == self.env.ref("commercial_assistant.mail_activity_type_credit_hold")
        )

    def test_paid_order_is_confirmed(self):
        self._hold()
        order = self._order(require_payment=True, prepayment_percent=1.0)
        payment = self._pay(order, 100)
        payment._check_amount_and_confirm_order()
        self.assertRecordValues(order, [{"state": "sale", "is_confirmed_on_hold": True}])
        self.assertEqual(len(self._todo(order)), 1)
        self.assertEqual(self._todo(order).user_id, self.seller)

    def test_agreed_part_is_enough(self):
        self._hold()
        order = self._order(require_payment=True, prepayment_percent=0.3)
        self._pay(order, 30)._check_amount_and_confirm_order()
        self.assertEqual(order.state, "sale")

    def test_small_payment_breaks_nothing(self):
        """A euro of a hundred, of an order that asks for no payment: Odoo would confirm; the quotation waits."""
        self._hold()
        order = self._order()
        payment = self._pay(order, 1)
        payment._check_amount_and_confirm_order()
        self.assertEqual(order.state, "draft")
        self.assertEqual(len(self._todo(order)), 1)
        payment._check_amount_and_confirm_order()
        self.assertEqual(len(self._todo(order)), 1)
        with self.assertRaises(UserError):
            order.action_confirm()
        self._pay(order, 99)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_failed_payment_counts_for_nothing(self):
        self._hold()
        order = self._order(require_payment=True, prepayment_percent=1.0)
        for state in ("draft", "pending", "error", "cancel"):
            self._pay(order, 100, state)
        with self.assertRaises(UserError):
            order.action_confirm()

    def test_without_hold_nothing_changes(self):
        order = self._order()
        self._pay(order, 1)._check_amount_and_confirm_order()
        self.assertRecordValues(order, [{"state": "sale", "is_confirmed_on_hold": False}])
        self.assertFalse(self._todo(order))


@tagged("post_install", "-at_install")
class TestCreditHoldPortal(CreditCommon, HttpCase):
    def _sign(self, order):
        response = self.url_open(
            f"/my/orders/{order.id}/accept",
            data=json.dumps(
                {
                    "jsonrpc": "2.0",
                    "method": "call",
                    "params": {"access_token": order.access_token, "name": "An", "signature": SIGNATURE},
                }
            ),
            headers={"Content-Type": "application/json"},
        )
        return response.json()["result"]

    def _page(self, order):
        return self.url_open(f"/my/orders/{order.id}?access_token={order.access_token}").text

    def test_page(self):
        order = self._order(state="sent")
        order._portal_ensure_token()
        self.seller.partner_id.phone = "+32 9 123 45 67"
        self.assertIn("modalaccept", self._page(order))
        hold = self._hold(note="Bailiff is at their door", reason="insolvency")
        page = self._page(order)
        self.assertNotIn('data-bs-target="#modalaccept"', page)
        self.assertIn("+32 9 123 45 67", page)
        for secret in ("Bailiff", "Insolvency", "on credit hold"):
            self.assertNotIn(secret, page)
        answer = self._sign(order)
        self.assertIn("contact us", answer["error"])
        self.assertRecordValues(order, [{"state": "sent", "signature": False}])
        hold.with_user(self.lead)._release_by_hand("Paid")
        self.assertTrue(self._sign(order)["force_refresh"])
        self.assertEqual(order.state, "sale")

    def test_wrong_token(self):
        order = self._order(state="sent")
        order._portal_ensure_token()
        self._hold()
        order.access_token += "x"
        wrong = order.access_token[:-1]
        response = self.url_open(
            f"/my/orders/{order.id}/accept",
            data=json.dumps({"jsonrpc": "2.0", "method": "call", "params": {"access_token": wrong, "name": "An"}}),
            headers={"Content-Type": "application/json"},
        )
        self.assertNotIn("contact us", response.json()["result"]["error"], "a stranger learns nothing")

    def test_signing_before_paying(self):
        """A signature that is followed by a payment does not confirm yet, so it is welcome."""
        order = self._order(state="sent", require_payment=True, prepayment_percent=1.0)
        self._hold()
        self.assertTrue(order._has_to_be_signed())
        self.assertTrue(order._has_to_be_paid())
        self.assertFalse(order._is_refused_in_portal())
