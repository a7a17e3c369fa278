from datetime import date
from functools import partial

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from .common_dunning import DunningCommon


class ClaimCommon(DunningCommon):
    """Open items of a business and a consumer, read by a run of nobody."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reason = cls.env.ref("commercial_assistant.dispute_reason_partly_delivered")
        cls.Dispute = cls.env["commercial.dispute"]
        cls.Promise = cls.env["commercial.payment.promise"]

    def setUp(self):
        super().setUp()
        self._fake_letters()

    def _read_items(self, *moves):
        self.env["commercial.receivable"]._refresh_items(self.company)
        items = self.env["commercial.receivable.item"]
        for move in moves:
            items |= self._item(move)
        return items

    def _dispute(self, *moves, amounts=None, user=None, **values):
        items = self._read_items(*moves)
        amounts = amounts and dict(zip(items.ids, amounts, strict=False))
        Dispute = self.Dispute.with_user(user or self.assistant)
        values = {"description": "Two motors are missing", **values}
        return Dispute._take_down(items.with_user(user or self.assistant), self.reason, amounts, **values)

    def _settle(self, dispute, outcome, accepted=None, **values):
        dispute.with_user(self.collector)._settle(outcome, accepted=accepted, **values)
        dispute.invalidate_recordset()

    def _credit(self, move, amount=None, day="2026-03-20", post=True, dispute=None):
        """Make a credit note the way a person does."""
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"date": day, "journal_id": move.journal_id.id, "dispute_id": dispute and dispute.id})
        )
        wizard.refund_moves()
        refund = wizard.new_move_ids
        if amount:
            refund.invoice_line_ids[0].price_unit = amount
        if post:
            refund.action_post()
        return refund


@tagged("post_install", "-at_install")
@freeze_time("2026-03-20 09:00:00")
class TestDispute(ClaimCommon):
    # --- REGISTERING ---

    def test_default_is_the_whole_open_amount(self):
        invoice = self._invoice(amount=1000)
        self._pay(invoice, 400)
        dispute = self._dispute(invoice)
        self.assertRecordValues(
            dispute,
            [
                {
                    "amount": 600,
                    "state": "new",
                    "opened_on": date(2026, 3, 20),
                    "deadline": date(2026, 3, 27),
                    "company_id": self.company.id,
                    "partner_id": self.business.id,
                    "source": "assistant",
                }
            ],
        )
        self.assertEqual(dispute.create_uid, self.assistant)
        self.assertIn("600", dispute.receivable_id.message_ids[0].body)
        activity = dispute.activity_ids
        self.assertRecordValues(activity, [{"user_id": dispute.user_id.id, "date_deadline": date(2026, 3, 27)}])

    def test_deadline_counts_working_days(self):
        """Easter Monday is 6 April 2026."""
        with freeze_time("2026-04-02 09:00:00"):
            self.reason.sla_days = 2
            self.assertEqual(self._dispute(self._invoice()).deadline, date(2026, 4, 7))

    def test_owner(self):
        salesman = self._create_desk_user("dispute_salesman", "sales_team.group_sale_salesman")
        invoice = self._invoice(invoice_user_id=salesman.id)
        receivable = self._read_items(invoice).receivable_id
        receivable.user_id = self.collector
        for rule, user in (("salesperson", salesman), ("responsible", self.collector), ("registrar", self.assistant)):
            self.reason.owner_rule = rule
            self.assertEqual(self.reason.with_user(self.assistant)._find_owner(receivable, invoice), user)
        with self.assertRaisesRegex(ValidationError, "Name the person"):
            self.reason.write({"owner_rule": "user", "user_id": False})
        self.reason.write({"owner_rule": "user", "user_id": self.lead.id})
        self.assertEqual(self._dispute(invoice).user_id, self.lead)

    def test_only_its_amount_is_held(self):
        disputed, other = self._invoice(amount=1000), self._invoice(amount=300)
        self._dispute(disputed, amounts=[400])
        run = self._run()
        amounts = {line.move_id: line.amount_residual for line in run.notice_ids.line_ids}
        self.assertEqual(amounts, {disputed: 600, other: 300})
        self.assertEqual(run.notice_ids.amount_total, 900)

    def test_several_items(self):
        first, second, third = (self._invoice(amount=amount) for amount in (100, 200, 300))
        dispute = self._dispute(first, second, amounts=[100, 50])
        self.assertEqual(dispute.amount, 150)
        run = self._run()
        self.assertEqual(
            {line.move_id: line.amount_residual for line in run.notice_ids.line_ids}, {second: 150, third: 300}
        )
        self.assertEqual(self._reasons(run), {first: "disputed"})

    def test_dry_run_tells_the_reason(self):
        invoice = self._invoice()
        self._dispute(invoice)
        run = self._run(mode="dry", date=date(2026, 6, 1))
        self.assertFalse(run.notice_ids)
        self.assertEqual(self._reasons(run), {invoice: "disputed"})

    def test_hold_follows_what_is_open(self):
        invoice = self._invoice(amount=1000)
        self._dispute(invoice, amounts=[400])
        item = self._item(invoice)
        self.assertEqual(item.disputed_amount, 400)
        self._pay(invoice, 700)
        self._read_items()
        self.assertEqual(item.disputed_amount, 300)
        self.assertEqual(self._reasons(self._run()), {invoice: "disputed"})
        self._pay(invoice, 300)
        self._read_items()
        self.assertEqual(item.disputed_amount, 0)

    def test_instalment_is_disputed_by_itself(self):
        terms = self.env["account.payment.term"].create(
            {
                "name": "Halves",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 10}),
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 20}),
                ],
            }
        )
        invoice = self._invoice(amount=1000, due=False, invoice_payment_term_id=terms.id)
        items = self._read_items(invoice)
        self.assertEqual(len(items), 2)
        self.Dispute.with_user(self.assistant)._take_down(items[0], self.reason)
        run = self._run()
        self.assertEqual(run.notice_ids.line_ids.item_id, items[1])
        self.assertEqual(run.skip_ids.item_id, items[0])

    # --- BAD INPUT ---

    def test_refused(self):
        invoice = self._invoice(amount=1000)
        other = self._invoice(self.consumer, 50)
        dollars = self._invoice(amount=70, currency_id=self.setup_other_currency("USD").id)
        for amounts, message in (
            ([1000.01], "cannot be disputed: only.*is open"),
            ([0], "above zero"),
            ([-5], "above zero"),
            ([float("nan")], "above zero"),
            ([float("inf")], "above zero"),
        ):
            with self.subTest(amounts=amounts), self.assertRaisesRegex(UserError, message):
                self._dispute(invoice, amounts=amounts)
        with self.assertRaisesRegex(UserError, "several customers"):
            self._dispute(invoice, other)
        with self.assertRaisesRegex(UserError, "several currencies"):
            self._dispute(invoice, dollars)
        with self.assertRaisesRegex(UserError, "at least one invoice"):
            self._dispute()
        self.assertFalse(self.Dispute.search([("company_id", "=", self.company.id)]))

    def test_already_paid(self):
        invoice = self._invoice()
        items = self._read_items(invoice)
        self._pay(invoice)
        with self.assertRaisesRegex(UserError, f"{invoice.name} is not open any more"):
            self.Dispute.with_user(self.assistant)._take_down(items.with_user(self.assistant), self.reason)

    def test_twice(self):
        """The same click twice does not hold anything twice."""
        invoice = self._invoice(amount=1000)
        self._dispute(invoice, amounts=[600])
        with self.assertRaisesRegex(UserError, "only.*400.00.*not disputed yet"):
            self._dispute(invoice, amounts=[600])
        self._dispute(invoice)
        with self.assertRaisesRegex(UserError, "disputed already"):
            self._dispute(invoice)
        self.assertEqual(self._item(invoice).disputed_amount, 1000)

    def test_contact_of_somebody_else(self):
        with self.assertRaisesRegex(ValidationError, "is not a contact of"):
            self._dispute(self._invoice(), contact_id=self.consumer.id)

    def test_no_rest_after_an_error(self):
        """A dispute that cannot be acknowledged is not registered either."""
        invoice = self._invoice()
        self.business.write({"email": False, "street": False})
        with self.assertRaisesRegex(UserError, "no e-mail and no postal"), self.env.cr.savepoint():
            self._dispute(invoice, acknowledge=True)
        self.assertFalse(self.Dispute.search([("company_id", "=", self.company.id)]))

    # --- LETTERS UNDER WAY ---

    def test_proposed_letter_changes(self):
        invoice, other = self._invoice(amount=1000), self._invoice(amount=300)
        notice = self._run().notice_ids
        self._dispute(invoice, amounts=[400])
        self.assertRecordValues(notice, [{"state": "approved", "amount_total": 900}])
        self._dispute(invoice)
        self.assertEqual(notice.amount_total, 300)
        gone = notice.line_ids.filtered(lambda line: not line.included)
        self.assertRecordValues(gone, [{"move_id": invoice.id, "skip_reason": "Disputed"}])
        self.assertFalse(self._item(invoice).notice_id)
        self._dispute(other)
        self.assertRecordValues(notice, [{"state": "cancelled", "skip_reason": "Disputed"}])

    def test_letter_in_the_queue_is_stopped(self):
        invoice = self._invoice()
        self.business.email = False
        run = self._run()
        run.action_send()
        notice = run.notice_ids
        dispatch = notice.dispatch_ids
        self.assertEqual((notice.state, dispatch.state, dispatch.channel), ("sending", "reserved", "post"))
        self._dispute(invoice)
        self.assertEqual((notice.state, dispatch.state), ("cancelled", "cancelled"))
        with self.assertRaisesRegex(UserError, "does not wait"):
            dispatch.with_user(self.collector).action_mark_posted("2026-03-20")
        self.assertFalse(self._item(invoice).level_id)

    def test_letter_in_the_queue_is_made_anew(self):
        invoice = self._invoice(amount=1000)
        self.business.email = False
        run = self._run()
        run.action_send()
        notice = run.notice_ids
        old = notice.dispatch_ids
        self._dispute(invoice, amounts=[250])
        self.assertRecordValues(notice, [{"state": "approved", "amount_total": 750}])
        self.assertEqual(old.state, "cancelled")
        run.action_send()
        self.assertEqual(notice.state, "sending")
        self.assertEqual((notice.dispatch_ids - old).state, "reserved")

    def test_letter_that_may_have_left_stays(self):
        invoice = self._invoice()
        self.business.email = False
        run = self._run()
        run.action_send()
        dispatch = run.notice_ids.dispatch_ids.sudo()
        dispatch.write({"state": "sending"})
        dispatch.write({"state": "ambiguous"})
        self._dispute(invoice)
        self.assertEqual((run.notice_ids.state, dispatch.state), ("sending", "ambiguous"))

    def test_reminded_again_after_a_rejection(self):
        invoice = self._invoice()
        dispute = self._dispute(invoice)
        with freeze_time("2026-03-21 09:00:00"):
            self.assertFalse(self._run().notice_ids)
        self._settle(dispute, "rejected", answer="Signed for")
        with freeze_time("2026-03-22 09:00:00"):
            self.assertEqual(self._run().notice_ids.amount_total, 1000)

    def test_nothing_is_added_for_the_held_part(self):
        """Interest and sums are claimed on what is not disputed only."""
        invoice = self._invoice(amount=1000)
        second = self.business_policy.level_ids.filtered(lambda level: level.kind == "second_reminder")
        item = self._read_items(invoice)
        item.sudo().write({"level_id": second.id, "last_delivered_on": "2026-03-10"})
        self._dispute(invoice, amounts=[600])
        with freeze_time("2026-04-30 09:00:00"):
            notice = self._run().notice_ids
        self.assertEqual(notice.amount_principal, 400)
        interest = notice.charge_ids.filtered(lambda charge: charge.kind == "interest")
        self.assertTrue(interest)
        self.assertEqual(interest.base_amount, 400)

    # --- SETTLING ---

    def test_upheld_stays_held_until_it_is_credited(self):
        invoice = self._invoice(amount=1000)
        dispute = self._dispute(invoice, amounts=[400])
        self._settle(dispute, "upheld")
        self.assertRecordValues(
            dispute,
            [
                {
                    "state": "settled",
                    "accepted_amount": 400,
                    "credit_pending": 400,
                    "closed_on": date(2026, 3, 20),
                    "settled_by_id": self.collector.id,
                    "cycle_days": 0,
                    "is_credit_done": False,
                }
            ],
        )
        item = self._item(invoice)
        self.assertEqual(item.disputed_amount, 400, "not reminded, though nothing is credited yet")
        activity = dispute.activity_ids
        self.assertEqual(activity.user_id, self.collector)
        action = dispute.with_user(self.collector).action_credit()
        wizard = Form(
            self.env["account.move.reversal"].with_user(self.collector).with_context(**action["context"])
        ).save()
        self.assertEqual(wizard.dispute_amount, 400)
        wizard.refund_moves()
        refund = wizard.new_move_ids
        self.assertRecordValues(refund, [{"amount_total": 400, "dispute_id": dispute.id, "state": "draft"}])
        self.assertEqual(dispute.with_user(self.collector).action_credit()["res_id"], refund.id, "no second draft")
        refund.action_post()
        self.assertRecordValues(dispute, [{"is_credit_done": True, "credit_pending": 0, "credit_count": 1}])
        self.assertFalse(dispute.activity_ids)
        self._read_items()
        item.invalidate_recordset()
        self.assertRecordValues(item, [{"amount_residual": 600, "disputed_amount": 0}])
        with self.assertRaisesRegex(UserError, "Nothing is left to credit"):
            dispute.with_user(self.collector).action_credit()

    def test_credit_note_that_is_not_allocated(self):
        """The customer gets the money once: held no longer, but set off as money on account."""
        invoice = self._invoice(amount=1000)
        dispute = self._dispute(invoice, amounts=[400])
        self._settle(dispute, "upheld")
        refund = self._credit(invoice, 400, dispute=dispute)
        refund.line_ids.remove_move_reconcile()
        notice = self._run().notice_ids
        self.assertRecordValues(notice, [{"amount_principal": 1000, "amount_credit": 400, "amount_total": 600}])

    def test_credit_note_made_another_way(self):
        invoice = self._invoice(amount=1000)
        old = self._credit(invoice, 100)  # has nothing to do with the dispute
        self.assertTrue(old)
        dispute = self._dispute(invoice, amounts=[400])
        self._settle(dispute, "upheld")
        self.assertEqual(dispute.credit_pending, 400)
        self._credit(invoice, 150)
        dispute.invalidate_recordset()
        self.assertEqual(dispute.credit_pending, 250)
        self._credit(invoice, 250)
        self._read_items()
        self.assertTrue(dispute.is_credit_done)

    def test_partly(self):
        first, second = self._invoice(amount=500), self._invoice(amount=300)
        dispute = self._dispute(first, second)
        lines = dispute.line_ids
        for accepted, message in (
            ({}, "Right in part means"),
            ({lines[0].id: 500, lines[1].id: 300}, "Right in part means"),
            ({lines[0].id: 501}, "between zero and"),
            ({lines[0].id: -1}, "between zero and"),
            ({lines[0].id: float("nan")}, "between zero and"),
        ):
            with self.subTest(accepted=accepted), self.assertRaisesRegex(UserError, message):
                self._settle(dispute, "partly", accepted)
        self._settle(dispute, "partly", {lines[0].id: 200})
        self.assertEqual(dispute.accepted_amount, 200)
        run = self._run()
        self.assertEqual(
            {line.move_id: line.amount_residual for line in run.notice_ids.line_ids}, {first: 300, second: 300}
        )

    def test_settled_once(self):
        dispute = self._dispute(self._invoice())
        self._settle(dispute, "rejected")
        with self.assertRaisesRegex(UserError, "closed already"):
            self._settle(dispute, "upheld")
        self.assertEqual(dispute.outcome, "rejected")

    def test_close_the_credit_by_hand(self):
        invoice = self._invoice()
        dispute = self._dispute(invoice)
        self._settle(dispute, "upheld")
        dispute.with_user(self.collector).action_close_credit()
        self.assertEqual(self._item(invoice).disputed_amount, 0)
        self.assertTrue(dispute.is_credit_done)

    def test_taken_back_and_opened_again(self):
        invoice = self._invoice()
        dispute = self._dispute(invoice)
        wizard = Form(
            self.env["commercial.dispute.settle"].with_user(self.collector).with_context(default_dispute_id=dispute.id)
        )
        wizard.outcome = "withdrawn"
        wizard.save().action_settle()
        self.assertEqual(dispute.state, "withdrawn")
        self.assertEqual(self._item(invoice).disputed_amount, 0)
        dispute.with_user(self.collector).action_reopen()
        self.assertRecordValues(dispute, [{"state": "investigation", "round": 2, "closed_on": False}])
        self.assertEqual(self._item(invoice).disputed_amount, 1000)
        dispute.with_user(self.collector).action_reopen()
        self.assertEqual(dispute.round, 2)
        self._settle(dispute, "rejected")
        self._pay(invoice, 900)
        with self.assertRaisesRegex(UserError, "cannot be disputed again: only.*100.00"), self.env.cr.savepoint():
            dispute.with_user(self.collector).action_reopen()
        dispute.invalidate_recordset()
        self.assertEqual(dispute.state, "settled")

    def test_credit_note_with_several_taxes(self):
        """The draft credits the accepted amount to the cent, each tax in proportion."""
        low = self.company_data["default_tax_sale"].copy({"name": "6", "amount": 6})
        high = self.company_data["default_tax_sale"].copy({"name": "21", "amount": 21})
        invoice = self._invoice(
            invoice_line_ids=[
                Command.create(
                    {"product_id": self.product_a.id, "price_unit": price, "tax_ids": tax.ids, "quantity": 3}
                )
                for price, tax in ((33.33, low), (77.77, high), (9.99, high))
            ]
        )
        dispute = self._dispute(invoice, amounts=[123.45])
        self._settle(dispute, "upheld")
        action = dispute.with_user(self.collector).action_credit()
        wizard = Form(
            self.env["account.move.reversal"].with_user(self.collector).with_context(**action["context"])
        ).save()
        wizard.refund_moves()
        refund = wizard.new_move_ids
        self.assertEqual(len(refund.invoice_line_ids), 2)
        self.assertAlmostEqual(refund.amount_total, 123.45, 2)
        shares = {line.tax_ids: line.price_subtotal for line in refund.invoice_line_ids}
        self.assertAlmostEqual(shares[low] / shares[high], 33.33 / 87.76, 2)

    # --- LETTERS TO THE CUSTOMER ---

    def _mails(self, dispute):
        return self.env["commercial.dispatch"].search([("res_model", "=", dispute._name), ("res_id", "=", dispute.id)])

    def test_acknowledgment_and_answer_once(self):
        self.business.lang = "en_US"
        dispute = self._dispute(self._invoice(amount=1000), amounts=[400], acknowledge=True)
        first = self._mails(dispute)
        self.assertRecordValues(first, [{"channel": "email", "lang": "en_US", "state": "reserved"}])
        for text in ("DIS/2026/", "400.00", "600.00", "03/27/2026", "Two motors are missing", "no costs are added"):
            self.assertIn(text, first.subject + first.body)
        dispute.sudo()._send_customer_letter("acknowledgment")
        first._send()
        self.assertEqual(dispute.acknowledged_on, date(2026, 3, 20))
        self._settle(dispute, "upheld", answer="You are right:\nthey stood here.", notify=True)
        answer = self._mails(dispute) - first
        self.assertEqual(len(answer), 1)
        for text in ("you are right", "they stood here.", "400.00", "credit note"):
            self.assertIn(text, answer.body)
        answer._send()
        self.assertEqual(dispute.answered_on, date(2026, 3, 20))
        self.assertEqual(len(self.sent), 2)

    def test_acknowledgment_is_withdrawn_when_it_is_late(self):
        dispute = self._dispute(self._invoice(), acknowledge=True)
        self._settle(dispute, "rejected")
        letter = self._mails(dispute)
        letter._send()
        self.assertEqual(letter.state, "cancelled")
        self.assertFalse(self.sent)

    def test_sender_is_the_desk(self):
        desk = self.env["res.partner"].create({"name": "Desk", "email": "desk@company.example"})
        self.company.dunning_contact_id = desk
        letter = self._mails(self._dispute(self._invoice(), acknowledge=True))
        self.assertIn("desk@company.example", letter._prepare_mail_vals()["reply_to"])

    def test_languages(self):
        """Each letter in the language of its reader, whoever writes it."""
        for code in ("nl_BE", "fr_BE", "en_US"):
            self.business.lang = code
            dispute = self._dispute(self._invoice(), acknowledge=True)
            self.assertEqual(self._mails(dispute).lang, code)

    def test_customer_without_mail_gets_paper(self):
        self.business.email = False
        dispute = self._dispute(self._invoice(), acknowledge=True)
        letter = self._mails(dispute)
        self.assertEqual((letter.channel, letter.state), ("post", "reserved"))
        self.assertTrue(letter.attachment_id.raw)

    # --- LATE ---

    def test_late(self):
        dispute = self._dispute(self._invoice())
        Dispute = self.Dispute
        self.assertFalse(dispute.is_late)
        with freeze_time("2026-03-30 09:00:00"):
            dispute.invalidate_recordset(["is_late"])
            self.assertTrue(dispute.is_late)
            self.assertIn(dispute, Dispute.search([("is_late", "=", True)]))
            self.assertNotIn(dispute, Dispute.search([("is_late", "=", False)]))
            self._settle(dispute, "rejected")
            self.assertFalse(dispute.is_late)
        self.assertEqual(dispute.cycle_days, 10)

    # --- PORTAL ---

    def _portal(self, partner=None, **values):
        return self.Dispute.sudo()._open_from_portal(
            partner or self.business, {"reason": "price", "description": "Not the agreed price", **values}
        )

    def test_from_the_portal(self):
        invoice = self._invoice(amount=1000)
        item = self._read_items(invoice)
        dispute = self._portal(lines=[{"item_id": item.id, "amount": 120.5}])
        self.assertRecordValues(
            dispute, [{"amount": 120.5, "source": "portal", "state": "new", "contact_id": self.business.id}]
        )
        self.assertTrue(self._mails(dispute))
        self.assertEqual(self._portal(lines=[{"item_id": item.id}]).amount, 879.5)

    def test_portal_checks_every_value(self):
        item = self._read_items(self._invoice(amount=1000))
        foreign = self._read_items(self._invoice(self.consumer))
        line = {"item_id": item.id}
        for values, message in (
            ({"lines": [line], "state": "settled"}, "Unknown entries: state"),
            ({"lines": [{"item_id": foreign.id}]}, "not one of yours"),
            ({"lines": [{"item_id": 999999999}]}, "not one of yours"),
            ({"lines": [{"item_id": str(item.id)}]}, "not one of yours"),
            ({"lines": [{"item_id": True}]}, "not one of yours"),
            ({"lines": [line, line]}, "not one of yours"),
            ({"lines": [{**line, "accepted_amount": 5}]}, "not one of yours"),
            ({"lines": [{**line, "amount": "12"}]}, "as a number"),
            ({"lines": [{**line, "amount": 1e9}]}, "cannot be disputed"),
            ({"lines": [{**line, "amount": float("nan")}]}, "above zero"),
            ({"lines": []}, "at least one invoice"),
            ({"lines": "all"}, "at least one invoice"),
            ({}, "at least one invoice"),
            ({"lines": [line], "description": "  "}, "Tell us why"),
            ({"lines": [line], "description": 5}, "Tell us why"),
            ({"lines": [line], "description": "x" * 4001}, "too long"),
            ({"lines": [line], "reason": "nonsense"}, "Choose a reason"),
            ({"lines": [line], "reason": None}, "Choose a reason"),
        ):
            with self.subTest(values=str(values)[:80]), self.assertRaisesRegex(UserError, message):
                self._portal(**values)
        self.env.ref("commercial_assistant.dispute_reason_price").is_portal = False
        with self.assertRaisesRegex(UserError, "Choose a reason"):
            self._portal(lines=[line])
        self.assertFalse(self.Dispute.search([("company_id", "=", self.company.id)]))

    # --- RIGHTS ---

    def test_assistant_registers_and_never_settles(self):
        invoice = self._invoice()
        items = self._read_items(invoice)
        wizard = Form(
            self.env["commercial.dispute.register"].with_user(self.assistant).with_context(default_item_ids=items.ids)
        )
        wizard.reason_id = self.reason
        wizard.description = "Half of it is missing"
        with wizard.line_ids.edit(0) as line:
            line.amount = 300
        dispute = self.Dispute.browse(wizard.save().action_register()["res_id"])
        self.assertRecordValues(dispute, [{"amount": 300, "create_uid": self.assistant.id}])
        mine = dispute.with_user(self.assistant)
        mine.action_investigate()
        mine.findings = "The slip is signed for two"
        mine.message_post(body="Called the carrier")
        for method, args in (
            ("action_settle", ()),
            ("_settle", ("upheld",)),
            ("_withdraw", ()),
            ("action_reopen", ()),
            ("action_credit", ()),
            ("action_close_credit", ()),
        ):
            with self.subTest(method=method), self.assertRaises(AccessError):
                getattr(mine, method)(*args)
        for vals in (
            {"state": "settled"},
            {"outcome": "upheld"},
            {"amount": 1},
            {"answer": "x"},
            {"is_credit_done": True},
        ):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                mine.write(vals)
        with self.assertRaises(AccessError):
            mine.line_ids.write({"accepted_amount": 1})
        with self.assertRaises(AccessError):
            self.env["commercial.dispute.settle"].with_user(self.assistant).create({"dispute_id": dispute.id})
        for user in (self.assistant, self.collector):
            with self.assertRaises(AccessError):
                self.Dispute.with_user(user).create({"receivable_id": dispute.receivable_id.id})
        with self.assertRaises(AccessError):
            dispute.with_user(self.collector).unlink()
        with self.assertRaisesRegex(UserError, "withdrawn, never deleted"):
            dispute.sudo().unlink()
        with self.assertRaisesRegex(UserError, "not duplicated"):
            dispute.copy()

    def test_closed_dispute_is_not_changed(self):
        dispute = self._dispute(self._invoice())
        self._settle(dispute, "rejected")
        with self.assertRaisesRegex(UserError, "not changed any more"):
            dispute.with_user(self.collector).description = "Other"
        dispute.with_user(self.collector).findings = "For the file"

    def test_strangers(self):
        invoice = self._invoice()
        dispute = self._dispute(invoice)
        employee = new_test_user(self.env, "dispute_employee", "base.group_user", company_id=self.company.id)
        portal = new_test_user(self.env, "dispute_portal", "base.group_portal")
        other = self.setup_other_company(name="Other BV")["company"]
        stranger = new_test_user(
            self.env,
            "dispute_stranger",
            "commercial_assistant.group_team_lead",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        for user in (employee, portal):
            for model in ("commercial.dispute", "commercial.dispute.line", "commercial.dispute.reason"):
                with self.subTest(user=user.login, model=model), self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])
            with self.assertRaises(AccessError):
                self.Dispute.with_user(user)._take_down(self._item(invoice).with_user(user), self.reason)
        self.assertFalse(self.Dispute.with_user(stranger).search([("id", "=", dispute.id)]))
        self.assertFalse(
            self.env["commercial.dispute.line"].with_user(stranger).search([("dispute_id", "=", dispute.id)])
        )
        with self.assertRaises(AccessError):
            dispute.with_user(stranger)._settle("upheld")
        with self.assertRaises(AccessError):
            self.Dispute.with_user(stranger)._take_down(self._item(invoice).with_user(stranger), self.reason)

    def test_company_of_the_item(self):
        """Nobody links an item of another company, whatever the rights."""
        dispute = self._dispute(self._invoice()).sudo()
        data = self.setup_other_company(name="Other BV", currency_id=self.company.currency_id.id)
        other = data["company"]
        self._invoice_of(other, data)
        self.env["commercial.receivable"]._refresh_items(other)
        item = self.env["commercial.receivable.item"].search([("company_id", "=", other.id)], limit=1)
        with self.assertRaisesRegex(UserError, "several companies"):
            self.Dispute._take_down(item + dispute.line_ids.item_id, self.reason)
        with self.assertRaises(UserError):
            dispute.line_ids.item_id = item

    def _invoice_of(self, company, data):
        move = (
            self.env["account.move"]
            .with_company(company)
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.business.id,
                    "invoice_date": "2026-02-01",
                    "invoice_date_due": "2026-03-01",
                    "invoice_payment_term_id": False,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": "Chair",
                                "price_unit": 70,
                                "tax_ids": False,
                                "account_id": data["default_account_revenue"].id,
                            }
                        )
                    ],
                }
            )
        )
        move.action_post()
        return move

    # --- FROM EVERYWHERE ---

    def test_buttons(self):
        invoice = self._invoice()
        run = self._run()
        item = self._item(invoice)
        for record in (item, invoice, run.notice_ids, item.receivable_id):
            record = record.with_user(self.collector)
            action = record.action_register_dispute()
            wizard = Form(self.env[action["res_model"]].with_user(self.collector).with_context(**action["context"]))
            self.assertEqual(wizard.receivable_id, item.receivable_id)
            self.assertEqual(len(wizard.line_ids), 1)
        dispute = self._dispute(invoice)
        for record, name in (
            (item.receivable_id, "dispute_count"),
            (invoice, "open_dispute_count"),
            (self.business, "open_dispute_count"),
        ):
            record.invalidate_recordset()
            self.assertEqual(record.with_user(self.assistant)[name], 1)
            action = record.with_user(self.assistant).action_open_disputes()
            self.assertEqual(self.Dispute.search(action["domain"]), dispute)
        self._pay(invoice)
        with self.assertRaisesRegex(UserError, "is not open"):
            invoice.with_user(self.assistant).action_register_dispute()

    def test_forms_open(self):
        """Every screen opens for the weakest person who may see it."""
        dispute = self._dispute(self._invoice())
        self.Promise._take_down(
            self._read_items(self._invoice()).receivable_id, 10, self.company.currency_id, date(2026, 3, 27)
        )
        self._settle(dispute, "upheld")
        self._credit(dispute.line_ids.move_id, dispute=dispute)
        for model in ("commercial.dispute", "commercial.dispute.reason", "commercial.payment.promise"):
            record = self.env[model].with_user(self.assistant).search([], limit=1)
            views = self.env["ir.ui.view"].search([("model", "=", model)])
            for view_type in set(views.mapped("type")):
                with self.subTest(model=model, view=view_type):
                    self.assertTrue(record.get_view(view_type=view_type)["arch"])
            with self.subTest(model=model):
                Form(record)
            names = [name for name, field in record._fields.items() if not field.groups]
            with self.subTest(model=model, names=names):
                record.invalidate_recordset()
                record.read(names)
        self.assertEqual(dispute.with_user(self.assistant).credit_count, 1)

    def test_merged_customers(self):
        dispute = self._dispute(self._invoice())
        double = self._create_customer("Bakkerij De Smet BV", is_company=True)
        self._invoice(double)
        self._read_items()
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.business + double).ids, double)
        dispute.invalidate_recordset()
        self.assertEqual(dispute.partner_id, double)
        self.assertEqual(dispute.receivable_id.partner_id, double)
        self.assertEqual(self._item(dispute.line_ids.move_id).disputed_amount, 1000)

    def test_queries(self):
        """Twenty disputed items cost as many queries as two."""
        costs = []
        for count in (2, 20):
            customers = [self._create_customer(f"Q{count} {number}", is_company=True) for number in range(count)]
            for customer in customers:
                self._dispute(self._invoice(customer), amounts=[100])
            items = self.env["commercial.receivable.item"].search([("partner_id", "in", [c.id for c in customers])])
            run = self._run(propose=False, partner_ids=[Command.set([customer.id for customer in customers])])
            costs.append([self._measure(run.action_propose), self._measure(partial(items.mapped, "disputed_amount"))])
        self.assertLessEqual(costs[1][0], costs[0][0] + 2)
        self.assertLessEqual(costs[1][1], costs[0][1])

    def _measure(self, method):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        method()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before
