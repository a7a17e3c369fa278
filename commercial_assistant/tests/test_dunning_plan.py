from datetime import date
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.commercial_assistant.models.dunning.dunning_run import DunningRun
from odoo.addons.commercial_assistant.models.dunning.payment_plan_follow import PaymentPlan as FollowedPlan
from odoo.addons.commercial_assistant.tools.dunning import Hold
from odoo.addons.commercial_assistant.tools.identifiers import is_structured_communication

from .common_plan import PlanCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-20 09:00:00")
class TestMakePlan(PlanCommon):
    """From the account, the items, the invoice or the letter to a plan that was agreed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.foreign = cls.setup_other_currency("GBP", rates=[("2026-01-01", 0.8)])

    def test_preview_follows_the_choices(self):
        invoice, other = self._invoice(), self._invoice(amount=500, due="2026-05-01")
        action = self._account().with_user(self.assistant).action_make_payment_plan()
        form = Form(self.env[action["res_model"]].with_user(self.assistant).with_context(**action["context"]))
        self.assertEqual(form.amount_total, 1000, "what is overdue is chosen")
        self.assertEqual([line["amount"] for line in form.line_ids._records], [333.33, 333.33, 333.34])
        self.assertEqual(form.line_ids._records[0]["date"], date(2026, 4, 3), "two weeks from now")
        form.number = 4
        form.rhythm = "weekly"
        form.first_date = "2026-04-01"
        self.assertEqual(
            [line["date"] for line in form.line_ids._records],
            [date(2026, 4, 1), date(2026, 4, 8), date(2026, 4, 15), date(2026, 4, 22)],
        )
        with form.item_ids.edit(1) as line:
            line.is_chosen = True
        self.assertEqual(form.amount_total, 1500)
        form.method = "amount"
        form.amount_each = 600
        self.assertEqual([line["amount"] for line in form.line_ids._records], [600, 600, 300])
        self.assertFalse(form.problem)
        with form.line_ids.edit(2) as line:
            line.amount = 299
        self.assertRegex(form.problem, "1.00.*is missing")
        self.assertEqual(form.amount_difference, 1)
        make = form.save()
        with self.assertRaisesRegex(ValidationError, "is missing"):
            make.action_make()
        make.line_ids[2].amount = 300
        plan = self.env["commercial.payment.plan"].browse(make.action_make()["res_id"])
        self.assertRecordValues(
            plan,
            [{"state": "draft", "amount_total": 1500, "instalment_count": 3, "last_date": date(2026, 4, 15)}],
        )
        self.assertEqual(plan.item_ids.item_id.move_id, invoice | other)
        self.assertTrue(is_structured_communication(plan.payment_reference))

    def test_from_invoice_and_letter(self):
        invoice = self._invoice()
        self._invoice(amount=50)
        action = invoice.with_user(self.assistant).action_make_payment_plan()
        self.assertEqual(action["context"]["commercial_assistant_item_ids"], self._item(invoice).ids)
        notice = self._run().notice_ids
        action = notice.with_user(self.assistant).action_make_payment_plan()
        self.assertEqual(len(action["context"]["commercial_assistant_item_ids"]), 2)
        make = self._wizard([invoice])
        self.assertEqual(make.item_ids.filtered("is_chosen").item_id.move_id, invoice)
        self._pay(invoice)
        with self.assertRaisesRegex(UserError, "Nothing is open"):
            invoice.with_user(self.assistant).action_make_payment_plan()

    def test_refused_plans(self):
        invoice = self._invoice()
        for values, message in (
            ({"number": 50}, "smallest one of"),
            ({"number": 0}, "number of instalments"),
            ({"number": 500}, "too many"),
            ({"first_date": "2026-03-19"}, "lies in the past"),
            ({"rhythm": "days", "every_days": 0}, "At least one day"),
            ({"method": "amount", "amount_each": 0}, "no amount"),
        ):
            with self.subTest(**values), self.assertRaisesRegex(ValidationError, message):
                self._make([invoice], **values)
        self.assertFalse(self.env["commercial.payment.plan"].search([("partner_id", "=", self.business.id)]))
        other = self._invoice(self._create_customer("Other", is_company=True))
        self._account()
        with self.assertRaisesRegex(UserError, "one customer and one currency"):
            (self._item(invoice) | self._item(other)).action_make_payment_plan()

    def test_edited_days(self):
        make = self._wizard([self._invoice()])
        first, second, _third = make.line_ids
        second.date = first.date
        with self.assertRaisesRegex(ValidationError, r"Instalment 2 .* must lie after"):
            make.action_make()
        second.date = "2026-04-20"
        second.amount = -1
        with self.assertRaisesRegex(ValidationError, "Instalment 2 needs an amount"):
            make.action_make()
        make.line_ids.unlink()
        with self.assertRaisesRegex(ValidationError, "at least one instalment"):
            make.action_make()

    def test_more_than_is_open(self):
        make = self._wizard([self._invoice()])
        make.item_ids.amount = 1000.01
        with self.assertRaisesRegex(ValidationError, "up to 1,000.00.* can be planned"):
            make.action_make()

    def test_disputed_part_stays_out(self):
        invoice = self._invoice()
        self._account()
        item = self._item(invoice)
        with patch.object(DunningRun, "_fetch_payment_holds", lambda *_args: {item.id: [Hold("disputed", 300)]}):
            make = self._wizard([invoice])
            self.assertEqual(make.item_ids.amount_available, 700)
            self.assertEqual(make.amount_total, 700)
            make.item_ids.amount = 701
            with self.assertRaisesRegex(ValidationError, "up to"):
                make.action_make()

    def test_prescription(self):
        """Goods sold to a consumer: nine months after the due date the claim comes near to its end."""
        invoice = self._invoice(self.consumer, due="2026-02-15")
        with self.assertRaisesRegex(ValidationError, "prescription"):
            self._make([invoice], number=12, minimum=10)
        plan = self._make([invoice], number=12, is_signature_required=True, minimum=10)
        plan.action_propose()
        with self.assertRaisesRegex(UserError, "signed by the customer"):
            plan.action_activate()
        plan.write({"signed_document": "JVBERi0=", "signed_document_name": "signed.pdf"})
        plan.action_activate()
        self.assertEqual(plan.state, "active")
        self.assertTrue(self._make([self._invoice()], number=24))

    def test_interest_of_a_consumer(self):
        invoice = self._invoice(self.consumer)
        plan = self._make([invoice], has_late_interest=True, interest_rate=15)
        with self.assertRaisesRegex(ValidationError, "XIX.4"):
            plan.action_propose()
        plan.interest_rate = 10
        plan.action_propose()
        self.assertEqual(plan.state, "proposed")
        business = self._make([self._invoice()], has_late_interest=True, interest_rate=0)
        with self.assertRaisesRegex(ValidationError, "Enter the interest"):
            business.action_propose()

    def test_several_currencies(self):
        foreign = self._invoice(currency_id=self.foreign.id)
        invoice = self._invoice()
        self._account()
        with self.assertRaisesRegex(UserError, "one customer and one currency"):
            (self._item(invoice) | self._item(foreign)).action_make_payment_plan()
        plan = self._make([foreign])
        self.assertEqual(plan.currency_id, self.foreign)
        with self.assertRaisesRegex(ValidationError, "another currency"):
            plan.item_ids.create({"plan_id": plan.id, "item_id": self._item(invoice).id, "amount": 10})
        other = self._invoice(self._create_customer("Somebody Else"))
        self._account()
        with self.assertRaisesRegex(ValidationError, "not an invoice of"):
            plan.item_ids.create({"plan_id": plan.id, "item_id": self._item(other).id, "amount": 10})

    def test_change_a_draft(self):
        invoice = self._invoice()
        plan = self._make([invoice])
        plan.line_ids.filtered(lambda line: line.sequence == 1).amount = 400
        plan.line_ids.filtered(lambda line: line.sequence == 2).amount = 266.66
        action = plan.action_change()
        form = Form(self.env[action["res_model"]].with_user(self.collector).with_context(**action["context"]))
        self.assertEqual([line["amount"] for line in form.line_ids._records], [400, 266.66, 333.34], "as edited")
        form.number = 2
        self.assertEqual([line["amount"] for line in form.line_ids._records], [500, 500])
        form.save().action_make()
        self.assertEqual(plan.line_ids.sorted("sequence").mapped("amount"), [500, 500])
        self.assertEqual(plan.line_ids.sorted("sequence").mapped("sequence"), [1, 2])

    # --- AGREEMENT ---

    def test_propose_and_agree(self):
        invoice = self._invoice()
        plan = self._make([invoice])
        with self.assertRaisesRegex(UserError, "Send .* to the customer"):
            plan.action_activate()
        plan.action_propose()
        self.assertRecordValues(
            plan,
            [
                {
                    "state": "proposed",
                    "date": date(2026, 3, 20),
                    "proposed_on": date(2026, 3, 20),
                    "hold_until": date(2026, 4, 3),
                    "revision": 1,
                    "partner_bank_id": self.bank.id,
                }
            ],
        )
        self.assertEqual(plan.attachment_id.raw, b"%PDF-1.4 plan")
        self.assertEqual(len(plan.sha256), 64)
        letter = self._letters(plan, "agreement")
        self.assertRecordValues(letter, [{"state": "sent", "sha256": plan.sha256, "channel": "email"}])
        self.assertEqual(plan.activity_ids.mapped("user_id"), self.collector)
        # twice changes nothing
        plan.action_propose()
        self.assertEqual(self._letters(plan, "agreement"), letter)
        self.assertEqual(len(self.sent), 1)
        with self.assertRaisesRegex(UserError, "not changed any more"):
            plan.line_ids[0].amount = 1
        with self.assertRaisesRegex(UserError, "not changed any more"):
            plan.item_ids.amount = 1
        with self.assertRaisesRegex(UserError, "still to come"):
            plan.agreement_on = "2026-03-21"
            plan.action_activate()
        plan.agreement_on = "2026-03-19"
        plan.action_activate()
        self.assertRecordValues(
            plan, [{"state": "active", "agreement_on": date(2026, 3, 19), "started_on": date(2026, 3, 20)}]
        )
        self.assertFalse(plan.activity_ids)
        plan.action_activate()
        self.assertEqual(plan.state, "active")
        with self.assertRaisesRegex(UserError, "started already"):
            plan.action_reset()

    def test_withdraw_and_propose_again(self):
        self.business.email = False
        plan = self._make([self._invoice()])
        plan.action_propose()
        first = self._letters(plan, "agreement")
        self.assertRecordValues(first, [{"state": "reserved", "channel": "post"}])
        plan.action_reset()
        self.assertEqual((plan.state, first.state), ("draft", "cancelled"))
        self.assertFalse(plan.attachment_id)
        plan.action_propose()
        self.assertEqual(plan.revision, 2)
        self.assertEqual(self._letters(plan, "agreement").mapped("state").count("reserved"), 1)

    def test_nothing_to_reach(self):
        plan = self._make([self._invoice()])
        self.business.write({"email": False, "street": False})
        with self.assertRaisesRegex(UserError, "no e-mail address"):
            plan.action_propose()
        plan.channel = "post"
        with self.assertRaisesRegex(UserError, "no postal address"):
            plan.action_propose()
        self.business.street = "Kerkstraat 1"
        self.bank.active = False
        self.company.partner_id.bank_ids.active = False
        with self.assertRaisesRegex(UserError, "no bank account"):
            plan.action_propose()
        self.assertEqual(plan.state, "draft")
        self.assertFalse(plan.dispatch_ids)

    def test_paid_before_proposing(self):
        invoice = self._invoice()
        plan = self._make([invoice])
        self._pay(invoice, 100)
        self._account()
        with self.assertRaisesRegex(UserError, "900.00.* can be planned"):
            plan.action_propose()

    def test_paid_before_the_letter_leaves(self):
        self.business.email = False
        invoice = self._invoice()
        plan = self._make([invoice])
        plan.action_propose()
        letter = self._letters(plan, "agreement")
        self._pay(invoice, 100)
        with self.assertRaisesRegex(UserError, "put together anew"):
            letter.with_user(self.collector).action_print()
        self.assertEqual((letter.state, plan.state), ("cancelled", "draft"))
        self.assertIn("put the plan together anew", " ".join(plan.activity_ids.mapped("summary")))

    def test_letter_that_fails(self):
        plan = self._make([self._invoice()])
        with patch.object(type(self.env["commercial.dispatch"]), "_hand_over", lambda _self: ("failed", "No such box")):
            plan.action_propose()
        self.assertEqual(plan.state, "proposed")
        self.assertFalse(plan.proposed_on)
        self.assertIn("A letter of the payment plan did not arrive", plan.activity_ids.mapped("summary"))

    # --- APPROVAL ---

    def test_approval_by_amount(self):
        self.company.payment_plan_approval_amount = 999.99
        plan = self._make([self._invoice()], reason="Their customer went bankrupt")
        self.assertTrue(plan.needs_approval)
        plan.action_propose()
        self.assertEqual(plan.state, "to_approve")
        self.assertFalse(plan.dispatch_ids)
        request = plan.approval_request_ids
        self.assertRecordValues(request, [{"purpose": "payment_plan", "state": "pending", "amount": 1000}])
        self.assertIn("bankrupt", request.reason)
        self.assertIn("999.99", request.reason)
        plan.action_propose()
        self.assertEqual(len(plan.approval_request_ids), 1)
        with self.assertRaises(AccessError):
            request.with_user(self.collector).action_approve()
        request.with_user(self.lead).action_approve()
        self.assertRecordValues(plan, [{"state": "draft", "approval_state": "approved"}])
        plan.action_propose()
        self.assertEqual(plan.state, "proposed")

    def test_approval_by_months(self):
        self.company.payment_plan_approval_months = 6
        plan = self._make([self._invoice()], number=6, minimum=10)
        self.assertFalse(plan.needs_approval, "1 September is within six months from 20 March")
        plan = self._make([self._invoice()], number=7, minimum=10)
        self.assertTrue(plan.needs_approval)
        make = self._wizard([self._invoice()], number=7)
        self.assertIn("longer than 6 months", make.notice)

    def test_change_voids_the_approval(self):
        self.company.payment_plan_approval_amount = 500
        plan = self._make([self._invoice()])
        plan.action_propose()
        plan.approval_request_ids.with_user(self.lead).action_approve()
        plan.line_ids[0].amount += 0.01
        self.assertEqual(plan.approval_request_ids.state, "voided")
        self.assertFalse(plan.approval_state)
        plan.line_ids[1].amount -= 0.01
        plan.action_propose()
        self.assertEqual((plan.state, len(plan.approval_request_ids)), ("to_approve", 2))
        # a change while somebody decides
        plan.break_days = 20
        self.assertEqual(plan.state, "draft")
        self.assertEqual(set(plan.approval_request_ids.mapped("state")), {"voided"})

    def test_refused_approval_and_withdrawal(self):
        self.company.payment_plan_approval_amount = 500
        plan = self._make([self._invoice()])
        plan.action_propose()
        plan.approval_request_ids.with_user(self.lead)._decide("refused", "Too long")
        self.assertRecordValues(plan, [{"state": "draft", "approval_state": "refused", "approval_note": "Too long"}])
        plan.action_propose()
        plan.action_reset()
        self.assertEqual(plan.state, "draft")
        self.assertEqual(set(plan.approval_request_ids.mapped("state")), {"refused", "cancelled"})

    # --- ONE PLAN FOR AN ITEM ---

    def test_one_plan_for_an_item(self):
        invoice = self._invoice()
        plan = self._start(invoice)
        make = self._wizard([invoice])
        self.assertEqual(make.item_ids.other_plan_id, plan)
        self.assertFalse(make.item_ids.is_chosen)
        make.item_ids.is_chosen = True
        with self.assertRaisesRegex(ValidationError, "is part of"):
            make.action_make()
        vals = {"receivable_id": plan.receivable_id.id, "currency_id": plan.currency_id.id, "state": "active"}
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.env["commercial.payment.plan"].sudo().create(
                {**vals, "item_ids": [Command.create({"item_id": self._item(invoice).id, "amount": 10})]}
            )

    def test_two_drafts_one_proposal(self):
        invoice = self._invoice()
        first, second = self._make([invoice]), self._make([invoice])
        first.action_propose()
        with self.assertRaisesRegex(UserError, "is part of"):
            second.action_propose()
        first.sudo()._cancel("Other terms")
        second.action_propose()
        self.assertEqual(second.state, "proposed")

    # --- HOLDING ---

    def test_dry_run_tells_the_plan(self):
        invoice, other = self._invoice(), self._invoice(amount=200)
        plan = self._start(invoice)
        run = self._run(mode="dry")
        self.assertEqual(self._reasons(run)[invoice], "plan")
        skip = run.skip_ids.filtered(lambda skip: skip.item_id.move_id == invoice)
        self.assertEqual(skip.until, fields.Date.add(plan.next_date, days=15))
        self.assertEqual(run.notice_ids.line_ids.move_id, other)

    def test_look_ahead_says_what_it_presumes(self):
        """A run of a later day cannot know that the plan is kept until then: its list says so."""
        invoice = self._invoice()
        plan = self._start(invoice)
        today = self._run(mode="dry")
        self.assertFalse(today.skip_ids.explanation)
        ahead = self._run(fields.Date.add(plan.next_date, days=1), mode="dry")
        self.assertEqual(ahead.skip_ids.reason, "plan")
        self.assertIn("kept until that day", ahead.skip_ids.explanation)

    def test_exactly_its_amount(self):
        """What the plan leaves out is reminded."""
        invoice = self._invoice()
        make = self._wizard([invoice])
        make.item_ids.amount = 700
        make._compute_amount_total()
        plan = self.env["commercial.payment.plan"].browse(make.action_make()["res_id"]).with_user(self.collector)
        plan.action_propose()
        plan.action_activate()
        notice = self._run().notice_ids
        self.assertEqual(notice.amount_principal, 300)
        # money without a name settles first what is due now; money that names the plan is the plan's
        notice.action_cancel()
        self._pay(invoice, 300)
        self._follow(plan, "2026-03-21")
        self.assertEqual(plan.amount_paid, 0)
        payment = self._pay_for(plan, 250, "2026-03-22")
        (payment.move_id.line_ids | invoice.line_ids).filtered(
            lambda line: line.account_type == "asset_receivable"
        ).reconcile()
        self._follow(plan, "2026-03-22")
        self.assertEqual((plan.amount_paid, plan.item_ids.amount_open), (250, 450))
        self.assertEqual(self._reasons(self._run(mode="dry")), {invoice: "plan"})

    def test_draft_holds_nothing(self):
        invoice = self._invoice()
        self._make([invoice])
        self.assertEqual(self._run().notice_ids.line_ids.move_id, invoice)

    def test_proposal_holds_until_its_day(self):
        invoice = self._invoice()
        plan = self._make([invoice])
        plan.action_propose()
        run = self._run(mode="dry")
        self.assertEqual(self._reasons(run), {invoice: "plan"})
        with freeze_time("2026-04-04 09:00:00"):
            self.assertEqual(self._run(mode="dry").notice_ids.line_ids.move_id, invoice)

    def test_letters_under_way(self):
        invoice, other = self._invoice(), self._invoice(amount=200)
        notice = self._run().notice_ids
        self.assertEqual(notice.amount_total, 1200)
        plan = self._make([invoice])
        plan.action_propose()
        self.assertRecordValues(notice, [{"state": "approved", "amount_total": 200}])
        self.assertEqual(notice.line_ids.filtered("included").move_id, other)
        self.assertFalse(self._item(invoice).notice_id)
        second = self._make([other])
        second.action_propose()
        self.assertEqual(notice.state, "cancelled")

    def test_letter_on_the_desk_is_withdrawn(self):
        self.business.email = False
        invoice = self._invoice()
        run = self._run()
        run.action_approve()
        run.action_send()
        notice = run.notice_ids
        letter = notice.dispatch_ids
        self.assertEqual((notice.state, letter.state), ("sending", "reserved"))
        self._start(invoice)
        self.assertEqual((notice.state, letter.state), ("cancelled", "cancelled"))
        self.assertIn("Payment plan", notice.skip_reason)

    def test_letter_that_may_have_left(self):
        invoice = self._invoice()
        run = self._run()
        run.action_approve()
        unclear = patch.object(
            type(self.env["commercial.dispatch"]), "_hand_over", lambda _self: ("ambiguous", "The line broke")
        )
        with unclear:
            run.action_send()
        plan = self._start(invoice)
        self.assertEqual(run.notice_ids.state, "sending")
        self.assertTrue(plan.message_ids.filtered(lambda message: "may have left" in (message.body or "")))

    def test_money_of_the_plan_is_not_set_off(self):
        invoice, other = self._invoice(), self._invoice(amount=300)
        plan = self._start(invoice)
        self._pay_for(plan, 100, "2026-03-20")
        self._pay_on_account(self.business, 20)
        run = self._run()
        self.assertRecordValues(run.notice_ids, [{"amount_principal": 300, "amount_credit": 20}])
        self.assertEqual(run.notice_ids.line_ids.move_id, other)
        self.assertEqual(plan.amount_paid, 100)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-20 09:00:00")
class TestFollowPlan(PlanCommon):
    """What is paid, kept, late and broken. Instalments of 333.33 on 1 April, 1 May, 1 June; it breaks after 14 days."""

    def test_kept(self):
        invoice = self._invoice()
        plan = self._start(invoice)
        self._pay(invoice, 333.33, "2026-04-01")
        self._follow(plan, "2026-04-02")
        self.assertEqual(self._states(plan), ["paid", "due", "due"])
        self.assertEqual(plan.line_ids.sorted("sequence")[0].paid_on, date(2026, 4, 1))
        self.assertRecordValues(
            plan, [{"amount_paid": 333.33, "amount_open": 666.67, "next_date": date(2026, 5, 1), "state": "active"}]
        )
        # one payment for several instalments, by its communication only
        self._pay_for(plan, 500, "2026-04-30")
        self._follow(plan, "2026-05-02")
        self.assertEqual(self._states(plan), ["paid", "paid", "partly"])
        self.assertEqual(plan.amount_unallocated, 500)
        self._pay(invoice, 166.67, "2026-05-30")
        self._follow(plan, "2026-06-02")
        self.assertRecordValues(
            plan, [{"state": "kept", "kept_on": date(2026, 5, 30), "amount_open": 0, "amount_overpaid": 0}]
        )
        self.assertFalse(self._letters(plan, "broken") | self._letters(plan, "late"))

    def test_matching_later_changes_nothing(self):
        invoice = self._invoice()
        plan = self._start(invoice)
        payment = self._pay_for(plan, 333.33, "2026-04-01")
        self._follow(plan, "2026-04-02")
        before = plan.line_ids.read(["amount_paid", "paid_on", "state"])
        (payment.move_id.line_ids | invoice.line_ids).filtered(
            lambda line: line.account_type == "asset_receivable"
        ).reconcile()
        self._follow(plan, "2026-04-03")
        self.assertEqual(plan.line_ids.read(["amount_paid", "paid_on", "state"]), before)
        self.assertEqual(plan.amount_unallocated, 0)

    def test_too_much(self):
        invoice = self._invoice()
        plan = self._start(invoice)
        payment = self._pay_for(plan, 1050, "2026-04-01")
        self._follow(plan, "2026-04-02")
        self.assertRecordValues(plan, [{"state": "kept", "amount_overpaid": 50}])
        (payment.move_id.line_ids | invoice.line_ids).filtered(
            lambda line: line.account_type == "asset_receivable"
        ).reconcile()
        self._follow(plan, "2026-04-03")
        self.assertRecordValues(plan, [{"state": "kept", "amount_overpaid": 50}])

    def test_bank_statement_and_payment_without_entry(self):
        plan = self._start(self._invoice())
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": "2026-04-01",
                "payment_ref": f"Overschrijving {plan.payment_reference} dank u",
                "amount": 200,
            }
        )
        self._follow(plan, "2026-04-02")
        self.assertRecordValues(plan, [{"amount_paid": 200, "amount_unallocated": 200, "amount_on_account": 0}])
        line.unlink()
        self._follow(plan, "2026-04-03")
        self.assertEqual(plan.amount_paid, 0)

    def test_communication_of_somebody_else(self):
        invoice = self._invoice()
        plan = self._start(invoice)
        self._pay_on_account(self.consumer, 333.33, "2026-04-01", memo=plan.payment_reference)
        self._pay_on_account(self.business, 333.33, "2026-04-01", memo="+++900/0000/00052+++")
        self._follow(plan, "2026-04-02")
        self.assertEqual(plan.amount_paid, 0)

    def test_what_was_paid_before_is_not_the_plans(self):
        invoice = self._invoice()
        self._pay(invoice, 400, "2026-03-10")
        plan = self._start(invoice)
        self._follow(plan, "2026-03-21")
        self.assertRecordValues(plan, [{"amount_total": 600, "amount_paid": 0}])

    def test_late_and_warned_once(self):
        plan = self._start(self._invoice())
        self._follow(plan, "2026-04-02")
        self.assertEqual(self._states(plan), ["late", "due", "due"])
        self.assertEqual(plan.amount_late, 333.33)
        self.assertFalse(plan.activity_ids)
        self._follow(plan, "2026-04-05")
        self.assertEqual(plan.activity_ids.mapped("summary"), ["Instalment late"])
        letter = self._letters(plan, "late")
        self.assertRecordValues(letter, [{"state": "sent", "channel": "email"}])
        for day in ("2026-04-05", "2026-04-06", "2026-04-14"):
            self._follow(plan, day)
        self.assertEqual(len(plan.activity_ids), 1)
        self.assertEqual(self._letters(plan, "late"), letter)
        self.assertEqual(plan.state, "active", "the last day still holds")

    def test_no_letter_for_what_was_paid_meanwhile(self):
        self.business.email = False
        invoice = self._invoice()
        plan = self._start(invoice)
        self._follow(plan, "2026-04-05")
        letter = self._letters(plan, "late")
        self.assertEqual(letter.state, "reserved")
        self._pay(invoice, 333.33, "2026-04-05")
        with freeze_time("2026-04-06 09:00:00"), self.assertRaisesRegex(UserError, "paid meanwhile"):
            letter.with_user(self.collector).action_print()
        self.assertEqual(letter.state, "cancelled")
        self.assertFalse(plan.line_ids.late_dispatch_id)

    def test_courtesy(self):
        invoice = self._invoice()
        plan = self._start(invoice)
        self._follow(plan, "2026-03-29")
        self.assertFalse(self._letters(plan, "courtesy"), "off by default")
        self.company.payment_plan_courtesy_days = 3
        self._follow(plan, "2026-03-28")
        self.assertFalse(self._letters(plan, "courtesy"))
        for day in ("2026-03-29", "2026-03-30"):
            self._follow(plan, day)
        self.assertEqual(len(self._letters(plan, "courtesy")), 1)
        self._pay(invoice, 333.33, "2026-03-31")
        self._follow(plan, "2026-04-30")
        self.assertEqual(len(self._letters(plan, "courtesy")), 2)

    def test_broken(self):
        """Everything is due again and is reminded where it stood."""
        invoice = self._invoice()
        self._deliver(self._run())
        item = self._item(invoice)
        level = item.level_id
        self.assertEqual(level.kind, "reminder")
        plan = self._start(invoice)
        with freeze_time("2026-04-10 09:00:00"):
            self.assertEqual(self._reasons(self._run(mode="dry")), {invoice: "plan"})
        self._follow(plan, "2026-04-16")
        self.assertRecordValues(plan, [{"state": "broken", "broken_on": date(2026, 4, 16)}])
        self.assertIn("Payment plan broken", plan.activity_ids.mapped("summary"))
        self.assertEqual(self._letters(plan, "broken").state, "sent")
        self.assertEqual(item.level_id, level)
        with freeze_time("2026-04-16 09:00:00"):
            notice = self._run().notice_ids
        self.assertRecordValues(notice, [{"level_kind": "second_reminder", "amount_principal": 1000}])
        # again, and after being stopped halfway: one letter, one task
        self._follow(plan, "2026-04-17")
        self.assertEqual(len(self._letters(plan, "broken")), 1)
        self.assertEqual(plan.activity_ids.mapped("summary").count("Payment plan broken"), 1)

    def test_the_run_itself_sees_the_break(self):
        """Also when the nightly job has not looked yet."""
        invoice = self._invoice()
        plan = self._start(invoice)
        with freeze_time("2026-04-16 09:00:00"):
            run = self._run()
        self.assertEqual(plan.state, "broken")
        self.assertEqual(run.notice_ids.line_ids.move_id, invoice)

    def test_paid_late_but_before_anybody_looked(self):
        invoice = self._invoice()
        plan = self._start(invoice)
        self._pay(invoice, 333.33, "2026-04-17")
        self._follow(plan, "2026-04-18")
        self.assertEqual(plan.state, "active")

    def test_broken_stays_broken(self):
        invoice = self._invoice()
        plan = self._start(invoice)
        self._follow(plan, "2026-04-16")
        self._pay(invoice, 1000, "2026-04-20")
        self._follow(plan, "2026-04-21")
        self.assertRecordValues(plan, [{"state": "broken", "amount_open": 0}])

    def test_money_that_had_come_in_time(self):
        """The bank file of 1 April is read on 20 April: the plan was never broken, its notice does not leave."""
        self.business.email = False
        invoice = self._invoice()
        plan = self._start(invoice)
        self._follow(plan, "2026-04-16")
        letter = self._letters(plan, "broken")
        self.assertEqual(letter.state, "reserved")
        self._pay(invoice, 333.33, "2026-04-01")
        self._follow(plan, "2026-04-20")
        self.assertRecordValues(plan, [{"state": "active", "broken_on": False}])
        self.assertEqual(letter.state, "cancelled")
        with freeze_time("2026-04-20 09:00:00"):
            self.assertEqual(self._reasons(self._run(mode="dry")), {invoice: "plan"})

    def test_payment_undone(self):
        invoice = self._invoice()
        plan = self._start(invoice)
        payments = self._pay(invoice, 1000, "2026-04-01")
        self._follow(plan, "2026-04-02")
        self.assertEqual(plan.state, "kept")
        payments.action_draft()
        payments.action_cancel()
        self._follow(plan, "2026-04-05")
        self.assertRecordValues(plan, [{"state": "active", "amount_paid": 0, "kept_on": False}])
        self.assertEqual(self._states(plan), ["late", "due", "due"])
        with freeze_time("2026-04-06 09:00:00"):
            self.assertEqual(self._reasons(self._run(mode="dry")), {invoice: "plan"})

    def test_payment_undone_after_the_last_day(self):
        invoice = self._invoice()
        plan = self._start(invoice)
        payments = self._pay(invoice, 400, "2026-04-01")
        self._follow(plan, "2026-04-20")
        self.assertEqual(plan.state, "active")
        payments.action_draft()
        payments.action_cancel()
        self._follow(plan, "2026-04-21")
        self.assertRecordValues(plan, [{"state": "broken", "broken_on": date(2026, 4, 16)}])

    def test_older_payment_undone(self):
        """The debt besides the plan grows, the plan does not."""
        invoice = self._invoice()
        payments = self._pay(invoice, 400, "2026-03-10")
        plan = self._start(invoice)
        payments.action_draft()
        payments.action_cancel()
        self._follow(plan, "2026-03-21")
        self.assertRecordValues(plan, [{"amount_total": 600, "amount_paid": 0, "amount_open": 600}])
        self.assertEqual(self._run().notice_ids.amount_principal, 400)

    def test_credit_note(self):
        invoice = self._invoice()
        plan = self._start(invoice)
        self._credit(invoice, 400)
        self._follow(plan, "2026-03-26")
        lines = plan.line_ids.sorted("sequence")
        self.assertEqual(lines.mapped("amount_credited"), [0, 66.66, 333.34], "the next instalments stay as agreed")
        self.assertRecordValues(plan, [{"amount_credited": 400, "amount_paid": 0, "amount_open": 600}])
        self._pay(invoice, 600, "2026-03-31")
        self._follow(plan, "2026-04-01")
        self.assertEqual(plan.state, "kept")

    def test_credit_note_on_the_disputed_part(self):
        invoice = self._invoice()
        make = self._wizard([invoice])
        make.item_ids.amount = 700
        make._compute_amount_total()
        plan = self.env["commercial.payment.plan"].browse(make.action_make()["res_id"]).with_user(self.collector)
        plan.action_propose()
        plan.action_activate()
        self._credit(invoice, 300)
        self._follow(plan, "2026-03-26")
        self.assertRecordValues(plan, [{"amount_credited": 0, "amount_open": 700}])
        self.assertFalse(self._run().notice_ids)

    def test_invoice_cancelled(self):
        invoice, other = self._invoice(), self._invoice(amount=500)
        plan = self._start(invoice, other)
        invoice.button_draft()
        self._follow(plan, "2026-03-26")
        self.assertRecordValues(plan, [{"amount_credited": 1000, "amount_open": 500, "state": "active"}])
        invoice.action_post()
        self._follow(plan, "2026-03-27")
        self.assertRecordValues(plan, [{"amount_credited": 0, "amount_open": 1500}])

    def test_reinstate(self):
        invoice = self._invoice()
        plan = self._start(invoice)
        self._follow(plan, "2026-04-16")
        with freeze_time("2026-04-20 09:00:00"):
            action = plan.action_reinstate()
            wizard = self.env[action["res_model"]].with_user(self.collector).with_context(**action["context"])
            wizard.create({"reason": "They called: the bank made a mistake"}).action_confirm()
        self.assertRecordValues(plan, [{"state": "active", "forgiven_until": date(2026, 4, 20), "broken_on": False}])
        self._follow(plan, "2026-05-10")
        self.assertEqual(plan.state, "active")
        self._follow(plan, "2026-05-16")
        self.assertRecordValues(plan, [{"state": "broken", "broken_on": date(2026, 5, 16)}])
        self.assertEqual(len(self._letters(plan, "broken").filtered(lambda letter: letter.state == "sent")), 2)

    def test_reinstate_when_another_plan_has_taken_its_place(self):
        invoice = self._invoice()
        plan = self._start(invoice)
        self._follow(plan, "2026-04-16")
        with freeze_time("2026-04-17 09:00:00"):
            second = self._make([invoice], first_date="2026-05-01")
            second.action_propose()
            second.action_activate()
            with self.assertRaisesRegex(ValidationError, "is part of"):
                plan.sudo()._reinstate("Again")
        self._pay(invoice, 333.33, "2026-04-01")
        self._follow(plan, "2026-04-18")
        self.assertEqual((plan.state, second.state), ("broken", "active"))

    def test_cancel(self):
        invoice = self._invoice()
        plan = self._start(invoice)
        action = plan.action_cancel()
        wizard = self.env[action["res_model"]].with_user(self.collector).with_context(**action["context"])
        wizard.create({"reason": "They will pay at once"}).action_confirm()
        self.assertRecordValues(plan, [{"state": "cancelled", "end_reason": "They will pay at once"}])
        self.assertEqual(self._run().notice_ids.line_ids.move_id, invoice)
        plan.sudo()._cancel("Twice")
        self.assertEqual(plan.end_reason, "They will pay at once")
        with self.assertRaisesRegex(UserError, "was used"):
            plan.sudo().unlink()

    def test_late_interest(self):
        invoice = self._invoice()
        plan = self._start(invoice, has_late_interest=True, interest_rate=10)
        self._follow(plan, "2026-04-11")
        lines = plan.line_ids.sorted("sequence")
        self.assertEqual(lines.mapped("interest_amount"), [0.91, 0, 0], "333.33 for ten days")
        self._pay(invoice, 333.33, "2026-04-11")
        self._follow(plan, "2026-04-30")
        self.assertEqual(plan.amount_interest, 0.91)

    def test_charges(self):
        """Charges that the plan includes are paid when it is kept, and open again when its payment is undone."""
        invoice = self._invoice()
        self._deliver(self._run())
        notice = self._item(invoice).line_ids.notice_id
        charge = (
            self.env["commercial.dunning.charge"]
            .sudo()
            .create(
                {
                    "company_id": self.company.id,
                    "receivable_id": notice.receivable_id.id,
                    "notice_id": notice.id,
                    "item_id": self._item(invoice).id,
                    "kind": "fixed",
                    "state": "claimed",
                    "amount": 40,
                    "currency_id": self.company.currency_id.id,
                }
            )
        )
        plan = self._start(invoice, charge_ids=[Command.set(charge.ids)])
        self.assertRecordValues(plan, [{"amount_total": 1040, "amount_charges": 40}])
        payment = self._pay_for(plan, 1040, "2026-04-01")
        (payment.move_id.line_ids | invoice.line_ids).filtered(
            lambda line: line.account_type == "asset_receivable"
        ).reconcile()
        self._follow(plan, "2026-04-02")
        self.assertEqual((plan.state, charge.state, plan.amount_overpaid), ("kept", "paid", 0))
        payment.action_draft()
        payment.action_cancel()
        self._follow(plan, "2026-04-03")
        self.assertEqual((plan.state, charge.state), ("active", "claimed"))

    # --- THE JOB ---

    def test_killed_halfway(self):
        plans = []
        for number in range(3):
            customer = self._create_customer(f"Firma {number}", is_company=True)
            plans.append(self._start(self._invoice(customer)))
        Plan = self.env["commercial.payment.plan"]
        original = FollowedPlan._apply
        seen = []

        def apply(plan, facts, day):
            seen.append(plan.id)
            if len(seen) == 2:
                raise KeyboardInterrupt
            return original(plan, facts, day)

        with self.assertRaises(KeyboardInterrupt), self.env.cr.savepoint(), patch.object(FollowedPlan, "_apply", apply):
            self._follow(plans[0], "2026-04-16")
        self.env.invalidate_all()
        self.assertEqual({plan.state for plan in plans}, {"active"})
        self._follow(plans[0], "2026-04-16")
        self._follow(plans[0], "2026-04-16")
        self.env.invalidate_all()
        self.assertEqual({plan.state for plan in plans}, {"broken"})
        for plan in plans:
            self.assertEqual(len(self._letters(plan, "broken")), 1)
            self.assertEqual(len(plan.activity_ids), 1)
        self.assertFalse(Plan._find_due_broken())

    def test_no_time_left(self):
        plan = self._start(self._invoice())
        self._follow(plan, "2026-04-16", seconds_left=0)
        self.assertEqual(plan.state, "broken")
        self.assertFalse(self._letters(plan, "broken"))
        self._follow(plan, "2026-04-16")
        self.assertEqual(len(self._letters(plan, "broken")), 1)

    def test_one_letter_that_cannot_be_made(self):
        """The others leave; the responsible is told once."""
        plans = [
            self._start(self._invoice(self._create_customer(f"Firma {number}", is_company=True))) for number in range(2)
        ]

        def render(plan, kind, lines=None):
            if plan == plans[0]:
                raise UserError(plan.env._("Nothing is open any more"))
            return b"%PDF-1.4 plan", "<p>x</p>"

        with patch.object(type(self.env["commercial.payment.plan"]), "_render_letter", render):
            for day in ("2026-04-05", "2026-04-06"):
                self._follow(plans[0], day)
        self.assertFalse(self._letters(plans[0], "late"))
        self.assertEqual(self._letters(plans[1], "late").state, "sent")
        told = plans[0].activity_ids.filtered(lambda activity: "cannot be made" in activity.summary)
        self.assertEqual(len(told), 1)
        self._follow(plans[0], "2026-04-07")
        self.assertEqual(self._letters(plans[0], "late").state, "sent")

    def test_interest_ends_with_the_plan(self):
        plan = self._start(self._invoice(), has_late_interest=True, interest_rate=10)
        self._follow(plan, "2026-04-16")
        self._follow(plan, "2026-04-17")
        amount = plan.amount_interest
        self._follow(plan, "2026-05-30")
        self.assertEqual((plan.amount_interest, amount), (1.37, 1.37), "333.33 for fifteen days")

    def test_break_letter_by_hand(self):
        self.company.payment_plan_break_letter = False
        plan = self._start(self._invoice())
        self._follow(plan, "2026-04-16")
        self.assertFalse(self._letters(plan, "broken"))
        with freeze_time("2026-04-17 09:00:00"):
            plan.action_send_break_notice()
            plan.action_send_break_notice()
        self.assertEqual(len(self._letters(plan, "broken")), 1)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-20 09:00:00")
class TestRequestOfCustomer(PlanCommon):
    def test_request(self):
        """A request holds everything it is about, until it is answered or its days are over."""
        invoice, other = self._invoice(), self._invoice(amount=200)
        notice = self._run().notice_ids
        plan = self._request(invoice)
        self.assertRecordValues(
            plan,
            [
                {
                    "state": "requested",
                    "is_requested": True,
                    "amount_total": 1000,
                    "instalment_count": 3,
                    "hold_until": date(2026, 4, 3),
                    "request_note": "We expect money from our own customer.",
                }
            ],
        )
        self.assertEqual(notice.amount_total, 200, "the letter under way no longer asks for it")
        self.assertEqual(plan.activity_ids.mapped("summary"), ["A customer asks for a payment plan"])
        notice.action_cancel()
        run = self._run(mode="dry")
        self.assertEqual(self._reasons(run), {invoice: "plan"})
        self.assertEqual(run.notice_ids.line_ids.move_id, other)
        with freeze_time("2026-04-04 09:00:00"):
            self.assertEqual(self._run(mode="dry").notice_ids.line_ids.move_id, invoice | other)

    def test_answered_with_a_plan(self):
        plan = self._request(self._invoice()).with_user(self.collector)
        action = plan.action_change()
        form = Form(self.env[action["res_model"]].with_user(self.collector).with_context(**action["context"]))
        self.assertEqual(len(form.line_ids), 3)
        form.number = 2
        form.save().action_make()
        plan.action_propose()
        self.assertEqual(plan.state, "proposed")
        plan.action_reset()
        self.assertEqual(plan.state, "requested")
        plan.action_propose()
        plan.action_activate()
        self.assertEqual((plan.state, plan.instalment_count), ("active", 2))

    def test_refused(self):
        invoice = self._invoice()
        plan = self._request(invoice).with_user(self.collector)
        action = plan.action_refuse()
        wizard = self.env[action["res_model"]].with_user(self.collector).with_context(**action["context"])
        wizard.create({"reason": "The last two plans were broken"}).action_confirm()
        self.assertRecordValues(plan, [{"state": "cancelled", "end_reason": "The last two plans were broken"}])
        self.assertEqual(self._letters(plan, "refusal").state, "sent")
        self.assertEqual(self._run().notice_ids.line_ids.move_id, invoice)
        with self.assertRaisesRegex(UserError, "is not a request"):
            self._make([self._invoice()]).sudo()._refuse("No")

    def test_by_amount(self):
        values = {"amount": "250,00", "first_date": "2026-04-15"}
        plan = self._request(self._invoice(), values=values)
        self.assertEqual(plan.line_ids.mapped("amount"), [250] * 4)

    def test_only_what_is_asked_for(self):
        """Values beside the few that are allowed change nothing."""
        values = {
            "number": "2",
            "first_date": "2026-04-15",
            "state": "active",
            "break_days": 999,
            "user_id": self.env.uid,
            "note": "x" * 5000,
            "company_id": 1,
        }
        plan = self._request(self._invoice(), values=values)
        self.assertRecordValues(plan, [{"state": "requested", "break_days": 14, "company_id": self.company.id}])
        self.assertEqual(len(plan.request_note), 2000)

    def test_bad_values(self):
        invoice = self._invoice()
        for values, message in (
            ({}, "enter a number"),
            ({"number": 3}, "enter a number"),
            ({"number": "three", "first_date": "2026-04-01"}, "enter a number"),
            ({"number": "3", "first_date": "soon"}, "enter a number"),
            ({"amount": "NaN", "first_date": "2026-04-01"}, "enter a number"),
            ({"amount": "1e999999", "first_date": "2026-04-01"}, "below what you owe"),
            ({"number": 1, "first_date": "2026-04-01"}, "2 to 12"),
            ({"number": 13, "first_date": "2026-04-01"}, "2 to 12"),
            ({"amount": 5, "first_date": "2026-04-01"}, "2 to 12"),
            ({"amount": -5, "first_date": "2026-04-01"}, "below what you owe"),
            ({"amount": 1000, "first_date": "2026-04-01"}, "below what you owe"),
            ({"number": 3, "first_date": "2026-03-20"}, "after today"),
            ({"number": 3, "first_date": "2026-05-05"}, "not later than"),
        ):
            with self.subTest(**values), self.assertRaisesRegex(ValidationError, message):
                self._request(invoice, values={"note": "", **values})
        small = self._invoice(amount=40)
        with self.assertRaisesRegex(ValidationError, "smallest"):
            self._request(small)
        self.assertFalse(self.env["commercial.payment.plan"].search([("is_requested", "=", True)]))

    def test_items_of_somebody_else(self):
        mine, other = self._invoice(), self._invoice(self.consumer)
        account = self._account()
        Plan = self.env["commercial.payment.plan"].sudo()
        values = {"number": 3, "first_date": "2026-04-01"}
        for items in (self._item(other), self._item(mine) | self._item(other)):
            with self.assertRaisesRegex(ValidationError, "not open any more"):
                Plan._request_from_portal(account, items, values)
        with self.assertRaisesRegex(ValidationError, "Choose the invoices"):
            Plan._request_from_portal(account, Plan.item_ids.item_id, values)
        self._request(mine)
        with self.assertRaisesRegex(ValidationError, "a payment plan already"):
            self._request(mine)
        self._pay(other)
        self._account()
        with self.assertRaisesRegex(ValidationError, "not open any more"):
            Plan._request_from_portal(self._account(self.consumer), self._item(other), values)
