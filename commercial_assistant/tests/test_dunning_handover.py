from datetime import date
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.commercial_assistant.models.common.dispatch import CommercialDispatch
from odoo.addons.commercial_assistant.models.dunning.collection_handover_dossier import CollectionHandover as Dossier

from .common_handover import HandoverCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-05-04 09:00:00")
class TestHandover(HandoverCommon):
    def setUp(self):
        super().setUp()
        self.invoice = self._invoice(amount=1000)
        self.notice = self._reach(self.invoice, self.notice_level)
        self.item = self._item(self.invoice)

    # --- FROM PREPARATION TO THE END ---

    def test_whole_way(self):
        handover = self._prepare(self.item)
        self.assertRecordValues(
            handover,
            [
                {
                    "state": "draft",
                    "partner_id": self.business.id,
                    "collector_type": "bailiff",
                    "contact_id": self.bailiff.id,
                    "procedure": "amicable",
                    "is_proposal": False,
                }
            ],
        )
        self.assertTrue(handover.name.startswith("HND/"))
        self.assertRecordValues(handover.line_ids, [{"amount_principal": 1000, "amount_claimed": 1000, "live": True}])
        self.assertFalse(self._admit(handover))
        self.assertEqual(handover.state, "checked")
        self._hand_over(handover, "portal", "2026-05-02")
        self.assertRecordValues(
            handover,
            [{"state": "handed_over", "delivery_method": "portal", "date_handed_over": date(2026, 5, 2)}],
        )
        self.assertTrue(handover.dossier_id.attachment_id)
        self.assertEqual(handover.manifest_sha256, handover.dossier_id.manifest_sha256)
        self.assertTrue(self.item.is_handed_over)
        self._pay(self.invoice, day="2026-05-03")
        self.env["commercial.receivable"]._refresh_items(self.company, self.business.ids)
        self._end(handover, "settled", "")
        self.assertEqual(handover.state, "settled")
        self.assertFalse(handover.line_ids.live)

    def test_held_entirely(self):
        """No run writes about what another one collects; it says so."""
        handover = self._prepare(self.item)
        self.assertNotEqual(self._reasons(self._run()).get(self.invoice), "handed_over", "not before it is handed over")
        other = self._invoice(amount=500)
        self._admit(handover)
        self._hand_over(handover)
        with freeze_time("2026-05-05 09:00:00"):
            run = self._run(mode="dry")
            self.assertEqual(self._reasons(run)[self.invoice], "handed_over")
            self.assertNotIn(self.invoice, run.notice_ids.line_ids.move_id)
            self.assertIn(other, run.notice_ids.line_ids.move_id)

    def test_recall(self):
        """What comes back goes on at its level, and can be handed over again."""
        handover = self._prepare(self.item)
        self._admit(handover)
        self._hand_over(handover)
        with self.assertRaisesRegex(UserError, "why"):
            self._end(handover, "recalled", " ")
        self._end(handover, "recalled", "The customer called")
        self.assertRecordValues(handover, [{"state": "recalled", "end_reason": "The customer called"}])
        self.assertFalse(self.item.handover_id)
        self.assertEqual(self.item.level_id, self.notice_level, "the level is kept")
        with freeze_time("2026-05-06 09:00:00"):
            self.assertNotEqual(self._reasons(self._run(mode="dry")).get(self.invoice), "handed_over")
        again = self._prepare(self.item)
        self.assertNotEqual(again, handover)

    def test_close_with_a_rest(self):
        """What nobody could collect is not reminded any more, until somebody decides otherwise."""
        handover = self._prepare(self.item)
        self._admit(handover)
        self._hand_over(handover)
        with self.assertRaisesRegex(UserError, "still open"):
            self._end(handover, "settled")
        self._end(handover, "closed", "Nothing to seize")
        self.assertEqual(handover.state, "closed")
        self.assertTrue(self.item.is_excluded)
        self.assertIn(handover.name, self.item.exclusion_reason)
        action = handover.action_open_invoices_left()
        self.assertEqual(action["res_id"], self.invoice.id)
        self.item.with_user(self.collector).action_include()
        self.assertFalse(self.item.is_excluded)

    def test_results(self):
        handover = self._prepare(self.item)
        result = {"date": "2026-05-04", "amount_recovered": 300, "amount_cost": 20, "amount_commission": 45}
        with self.assertRaisesRegex(UserError, "not handed over yet"), self.env.cr.savepoint():
            handover.result_ids = [Command.create(result)]
        handover.invalidate_recordset()
        self._admit(handover)
        self._hand_over(handover)
        dollar = self.env.ref("base.USD")
        handover.result_ids = [Command.create(result), Command.create({**result, "currency_id": dollar.id})]
        groups = self.env["commercial.collection.result"]._read_group(
            [("handover_id", "=", handover.id)], ["currency_id"], ["amount_recovered:sum"]
        )
        self.assertTrue(groups)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            handover.result_ids = [Command.create({**result, "amount_cost": -1})]
            self.env.flush_all()

    def test_customer_is_no_recipient(self):
        """Whoever writes a message on the hand-over or on the hold does not write to the customer."""
        handover = self._prepare(self.item)
        self.assertEqual(handover._mail_get_partners()[handover.id], self.bailiff)
        hold = self.env["commercial.credit.hold"]._set(self.company, self.business, "manual")
        self.assertFalse(hold._mail_get_partners()[hold.id])

    # --- STATES ---

    def test_states_follow_the_buttons(self):
        handover = self._prepare(self.item)
        for vals in ({"state": "handed_over"}, {"date_handed_over": "2026-01-01"}, {"line_ids": [Command.clear()]}):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                handover.write(vals)
        with self.assertRaisesRegex(UserError, "Check"):
            handover.action_hand_over()
        with self.assertRaisesRegex(UserError, "To prepare"):
            handover._hand_over("hand")
        with self.assertRaisesRegex(UserError, "To prepare"):
            self._end(handover, "recalled")
        self._admit(handover)
        with self.assertRaisesRegex(UserError, "back to preparation"):
            handover.procedure = "court"
        handover.action_draft()
        self.assertEqual(handover.state, "draft")
        handover.procedure = "court"
        self._admit(handover)
        self._hand_over(handover)
        self._hand_over(handover)  # twice changes nothing
        self.assertEqual(len(handover.dossier_ids), 1)
        with self.assertRaisesRegex(UserError, "Handed over"):
            self._end(handover, "cancelled")

    def test_one_live_hand_over(self):
        handover = self._prepare(self.item)
        self.assertEqual(self._prepare(self.item), handover, "the same again")
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.env["commercial.collection.handover"].sudo().create(
                {
                    "receivable_id": self.item.receivable_id.id,
                    "state": "checked",
                    "line_ids": [Command.create({"item_id": self.item.id})],
                }
            )

    def test_second_draft_of_a_customer(self):
        handover = self._prepare(self.item)
        other = self._invoice(amount=70)
        self.env["commercial.receivable"]._refresh_items(self.company, self.business.ids)
        self.assertEqual(self._prepare(self._item(other)), handover, "one draft for each customer")
        self.assertEqual(len(handover.line_ids), 2)
        handover.line_ids.filtered(lambda line: line.item_id == self.item).action_leave_out()
        self.assertEqual(handover.line_ids.move_id, other)
        with self.assertRaisesRegex(UserError, "at least one"):
            handover.line_ids.action_leave_out()
        handover.action_add_items()
        self.assertEqual(len(handover.line_ids), 2)
        with self.assertRaisesRegex(UserError, "No other"):
            handover.action_add_items()

    def test_paid_while_prepared(self):
        """A part payment changes the claim, a full one takes the invoice out."""
        other = self._invoice(amount=70)
        self._reach(other, self.notice_level)
        handover = self._prepare(self.item + self._item(other))
        self._pay(self.invoice, 400)
        self._pay(other)
        handover.action_refresh()
        self.assertRecordValues(handover.line_ids, [{"item_id": self.item.id, "amount_principal": 600}])
        self._pay(self.invoice)
        with self.assertRaisesRegex(UserError, "no open invoice"):
            handover.action_check()

    def test_paid_after_the_check(self):
        handover = self._prepare(self.item)
        self._admit(handover)
        self._pay(self.invoice, 400)
        self._hand_over(handover)
        self.assertEqual(handover.line_ids.amount_principal, 600, "what is claimed is what is open on that day")

    def test_day_of_delivery(self):
        handover = self._prepare(self.item)
        self._admit(handover)
        with self.assertRaisesRegex(UserError, "still to come"):
            self._hand_over(handover, day="2026-05-05")
        self.assertEqual(handover.state, "checked")
        self.assertFalse(handover.dossier_ids, "halfway is not at all")

    def test_letter_under_way(self):
        """A letter that waits loses its lines; one that is leaving goes first."""
        other = self._invoice(amount=500)
        run = self._run()
        letter = run.notice_ids.filtered(lambda notice: other in notice.line_ids.move_id)
        handover = self._prepare(self._item(other))
        self._admit(handover)
        letter.sudo().state = "sending"
        with self.assertRaisesRegex(UserError, letter.name):
            self._hand_over(handover)
        letter.sudo().state = "approved"
        self._hand_over(handover)
        self.assertEqual(handover.state, "handed_over")
        self.assertNotIn(other, letter.line_ids.filtered("live").move_id)
        self.assertNotEqual(letter.state, "approved", "what is left of it is looked at again")

    # --- MANY AT ONCE ---

    def test_many_customers(self):
        moves = self._invoice(self.consumer, 300) + self._invoice(self._create_customer("Third", is_company=True), 40)
        self.env["commercial.receivable"]._refresh_items(self.company)
        never = self._create_customer("Nothing Due")
        future = self._invoice(never, 10, due="2026-12-01")
        self.env["commercial.receivable"]._refresh_items(self.company)
        items = self._item(self.invoice) + self._item(moves[0]) + self._item(moves[1]) + self._item(future)
        receivables = items.receivable_id
        wizard = Form.from_action(
            self.env(user=self.collector), receivables.with_user(self.collector).action_hand_over()
        )
        self.assertEqual(wizard.found_count, 3)
        self.assertIn("Nothing Due", wizard.left_out)
        wizard.collector_id = self.bailiff
        self.assertEqual(wizard.collector_type, "bailiff")
        wizard.save().action_prepare()
        handovers = self.env["commercial.collection.handover"].search([("receivable_id", "in", receivables.ids)])
        self.assertEqual(len(handovers), 3)
        action = handovers.with_user(self.collector).action_check()
        self.assertEqual(action["res_model"], "commercial.checklist")
        self.assertEqual(set(handovers.mapped("state")), {"draft"})

    def test_only_after_a_formal_notice(self):
        self._invoice(amount=70)
        self.env["commercial.receivable"]._refresh_items(self.company)
        wizard = self.env["commercial.collection.prepare"].create(
            {"receivable_ids": [Command.set(self.item.receivable_id.ids)], "only_last_level": True}
        )
        self.assertEqual(wizard._get_items(), self.item)

    def test_one_problem_does_not_stop_the_others(self):
        other = self._invoice(self._create_customer("Third", is_company=True), 40)
        self._reach(other, self.notice_level)
        good, bad = self._prepare(self.item), self._prepare(self._item(other))
        for handover in (good, bad):
            self._admit(handover)
        self.env["commercial.credit.hold"]._set(self.company, bad.partner_id, "insolvency")
        bad.sudo().procedure = "ios"
        answer = self._hand_over(good + bad)
        self.assertEqual((good.state, bad.state), ("handed_over", "checked"))
        self.assertIn(bad.name, answer["params"]["message"])

    # --- PAYMENTS ---

    def test_payment_is_told(self):
        self.item.receivable_id.user_id = self.lead
        handover = self._prepare(self.item)
        self._admit(handover)
        self._hand_over(handover)
        refresh = self.env["commercial.receivable"]._refresh_items
        refresh(self.company, self.business.ids)
        self.assertFalse(handover.has_unreported_payment)
        self._pay(self.invoice, 250)
        refresh(self.company, self.business.ids)
        self.assertTrue(handover.has_unreported_payment)
        self.assertIn(handover, handover.search([("has_unreported_payment", "=", True)]))
        self.assertIn("250", handover.paid_summary)
        self.assertIn("750", handover.open_summary)
        todo = handover.activity_ids
        self.assertRecordValues(
            todo,
            [
                {
                    "user_id": self.lead.id,
                    "activity_type_id": self.env.ref("commercial_assistant.mail_activity_type_handover_payment").id,
                }
            ],
        )
        refresh(self.company, self.business.ids)
        self.assertEqual(handover.activity_ids, todo, "told once")
        handover.action_payments_reported()
        self.assertFalse(handover.has_unreported_payment)
        self.assertNotIn(handover, handover.search([("has_unreported_payment", "=", True)]))
        self.assertFalse(handover.activity_ids)
        # a payment that is taken back is news again
        self.invoice.line_ids.remove_move_reconcile()
        refresh(self.company, self.business.ids)
        handover.invalidate_recordset()
        self.assertTrue(handover.has_unreported_payment)

    # --- BY MAIL ---

    def _send(self, handover):
        with (
            patch.object(Dossier, "_render_cover", lambda record: b"%PDF-1.4 cover"),
            patch.object(Dossier, "_render_cover_mail", lambda record: "<p>Enclosed</p>"),
        ):
            return self._hand_over(handover, "email")

    def test_mail(self):
        handover = self._prepare(self.item)
        self._admit(handover)
        self._send(handover)
        [dispatch] = self.sent
        self.assertRecordValues(
            dispatch,
            [{"partner_id": self.bailiff.id, "recipient_email": "office@bailiff.example", "state": "sent"}],
        )
        self.assertEqual(dispatch.attachment_ids, handover.dossier_id.attachment_id)
        self.assertEqual(dispatch.lang, "nl_BE")
        self.assertRecordValues(
            handover,
            [{"state": "handed_over", "delivery_method": "email", "is_sending": False}],
        )
        self._send(handover)
        self.assertEqual(len(self.sent), 1, "never twice")

    def test_mail_comes_back(self):
        handover = self._prepare(self.item)
        self._admit(handover)
        self._send(handover)
        self.sent[0].sudo()._receive_bounce([self.sent[0].message_id], "No such mailbox")
        self.assertRecordValues(handover, [{"state": "checked", "date_handed_over": False}])
        with freeze_time("2026-05-05 09:00:00"):
            self.assertNotEqual(self._reasons(self._run(mode="dry")).get(self.invoice), "handed_over")

    def test_mail_server_refuses(self):
        handover = self._prepare(self.item)
        self._admit(handover)
        with patch.object(CommercialDispatch, "_hand_over", lambda dispatch: ("failed", "Mailbox full")):
            answer = self._send(handover)
        self.assertIn("Mailbox full", answer["params"]["message"])
        self.assertRecordValues(handover, [{"state": "checked", "is_sending": False}])

    def test_held_while_the_mail_waits(self):
        handover = self._prepare(self.item)
        self._admit(handover)
        with patch.object(CommercialDispatch, "_hand_over", lambda dispatch: ("reserved", "Later")):
            self._send(handover)
        self.assertRecordValues(handover, [{"state": "checked", "is_sending": True}])
        with freeze_time("2026-05-05 09:00:00"):
            self.assertEqual(self._reasons(self._run(mode="dry"))[self.invoice], "handed_over")
        with self.assertRaisesRegex(UserError, "waits to leave"):
            handover.action_draft()
        # a payment meanwhile stops the file
        self._pay(self.invoice, 400)
        handover.dispatch_ids.sudo()._send()
        self.assertEqual(handover.dispatch_ids.state, "cancelled")
        self.assertRecordValues(handover, [{"state": "checked", "is_sending": False}])
        self._send(handover)
        self.assertEqual(handover.state, "handed_over")
        self.assertEqual(handover.line_ids.amount_principal, 600)

    def test_no_address_of_the_collector(self):
        self.bailiff.email = False
        handover = self._prepare(self.item)
        self._admit(handover)
        with self.assertRaisesRegex(UserError, "no e-mail address"):
            self._send(handover)
        self.assertFalse(handover.is_sending)

    def test_too_large_for_a_mail(self):
        handover = self._prepare(self.item)
        handover.contract_attachment_ids = [
            Command.create({"name": "contract.pdf", "raw": __import__("os").urandom(1200 * 1024)})
        ]
        self._admit(handover)
        self.company.handover_mail_limit = 1
        with self.assertRaisesRegex(UserError, "more than the 1 MB"):
            self._send(handover)
        self._hand_over(handover, "portal")
        self.assertEqual(handover.state, "handed_over")

    # --- BAD INPUT ---

    def test_impossible_combinations(self):
        handover = self._prepare(self.item)
        for values in (
            {"procedure": "ios", "collector_type": "agency"},
            {"procedure": "court", "collector_type": "accounting"},
        ):
            with (
                self.subTest(values),
                self.assertRaisesRegex(ValidationError, "lawyer or a bailiff"),
                self.env.cr.savepoint(),
            ):
                handover.write(values)
        with self.assertRaisesRegex(ValidationError, "own debt"), self.env.cr.savepoint():
            handover.collector_id = self.business
        with self.assertRaisesRegex(ValidationError, "does not work for"), self.env.cr.savepoint():
            handover.contact_id = self.consumer
        handover.write({"collector_id": False})
        with self.assertRaisesRegex(UserError, "Who collects"):
            handover.action_check()
        handover.write({"collector_type": "accounting", "procedure": "amicable"})
        self.assertFalse(self._admit(handover))
        self._hand_over(handover, "hand")
        self.assertEqual(handover.state, "handed_over")

    def test_nothing_to_hand_over(self):
        self._pay(self.invoice)
        wizard = self.env["commercial.collection.prepare"].with_user(self.collector)
        wizard = wizard.create({"receivable_ids": [Command.set(self.item.receivable_id.ids)]})
        with self.assertRaisesRegex(UserError, "Bakkerij De Smet"):
            wizard.action_prepare()

    # --- MERGE ---

    def test_merged_customers(self):
        twin = self._create_customer("Bakkerij De Smet bis", is_company=True)
        move = self._invoice(twin, 70)
        self._reach(move, self.notice_level)
        first, second = self._prepare(self.item), self._prepare(self._item(move))
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge([self.business.id, twin.id], self.business, extra_checks=False)
        self.env.invalidate_all()
        self.assertEqual((first.state, second.state), ("draft", "cancelled"))
        self.assertEqual(second.receivable_id, first.receivable_id)


@tagged("post_install", "-at_install")
@freeze_time("2026-05-04 09:00:00")
class TestHandoverProposal(HandoverCommon):
    """What a level proposes when its last day to pay has passed."""

    def setUp(self):
        super().setUp()
        self.notice_level.proposes_handover = True
        self.invoice = self._invoice(amount=1000)
        self.notice = self._reach(self.invoice, self.notice_level, deadline="2026-05-03")
        self.item = self._item(self.invoice)
        self.Handover = self.env["commercial.collection.handover"].sudo()  # as the job

    def _propose(self, day="2026-05-04"):
        return self.Handover._propose(self.company, date.fromisoformat(day))

    def test_day_after_the_deadline(self):
        self.assertFalse(self._propose("2026-05-03"), "the last day to pay belongs to the customer")
        handover = self._propose()
        self.assertRecordValues(handover, [{"state": "draft", "is_proposal": True, "partner_id": self.business.id}])
        self.assertEqual(handover.line_ids.item_id, self.item)
        self.assertFalse(self._propose(), "once")
        self.assertEqual(
            self.env["commercial.receivable.item"].search(
                [
                    ("handover_line_ids", "any", [("live", "=", True), ("handover_state", "in", ("draft", "checked"))]),
                    ("receivable_id", "=", self.item.receivable_id.id),
                ]
            ),
            self.item,
        )

    def test_one_for_each_customer(self):
        second = self._invoice(amount=70)
        self._reach(second, self.notice_level, deadline="2026-05-01")
        third = self._invoice(self.consumer, 40)
        self._reach(third, self.notice_level, deadline="2026-05-01")
        handovers = self._propose()
        self.assertEqual(len(handovers), 2)
        self.assertEqual(len(handovers.filtered(lambda h: h.partner_id == self.business).line_ids), 2)
        late = self._invoice(amount=30)
        self._reach(late, self.notice_level, deadline="2026-05-03")
        again = self._propose()
        self.assertIn(late, again.line_ids.move_id, "a later one joins the draft")
        self.assertIn(again, handovers)

    def test_responsible_gets_one_task(self):
        self.item.receivable_id.user_id = self.collector
        handover = self._propose()
        self.assertEqual(handover.activity_ids.user_id, self.collector)
        self.assertEqual(handover.user_id, self.collector)

    def test_who_is_not_proposed(self):
        cases = {
            "level": lambda: self.notice_level.write({"proposes_handover": False}),
            "paid": lambda: (
                self._pay(self.invoice),
                self.env["commercial.receivable"]._refresh_items(self.company),
            ),
            "excluded": lambda: self.item.write({"is_excluded": True, "exclusion_reason": "x"}),
            "customer excluded": lambda: self.item.receivable_id.write({"is_excluded": True, "exclusion_reason": "x"}),
            "came back": lambda: self.notice.write({"state": "failed"}),
        }
        for name, change in cases.items():
            with self.subTest(name):
                with self.env.cr.savepoint() as savepoint:
                    change()
                    self.assertFalse(self._propose())
                    savepoint.rollback()
                self.env.invalidate_all()
        with self.subTest("exclusion that has ended"):
            self.item.write({"is_excluded": True, "exclusion_reason": "x", "excluded_until": "2026-05-03"})
            self.assertTrue(self._propose())

    def test_held_items_wait(self):
        """A dispute, a plan or a promise holds a proposal back as it holds a letter back."""
        Run = type(self.env["commercial.dunning.run"])
        with patch.object(Run, "_fetch_holds", lambda run, rows: {self.item.id: ["something"]}):
            self.assertFalse(self._propose())
        self.assertTrue(self._propose())

    def test_decided_against(self):
        """Whoever decided not to hand over is asked again only after another letter."""
        handover = self._propose().with_user(self.collector)
        self._end(handover, "cancelled", "They pay on Friday")
        self.assertFalse(self._propose("2026-05-05"))
        self.item.sudo().last_delivered_on = "2026-05-20"
        self.assertTrue(self._propose("2026-06-05"))

    def test_job(self):
        self.company.dunning_active = True
        with self.enter_registry_test_mode():
            self.env.ref("commercial_assistant.ir_cron_handover").method_direct_trigger()
        self.assertTrue(self.item.handover_id)
        with self.enter_registry_test_mode():
            self.env.ref("commercial_assistant.ir_cron_handover").method_direct_trigger()
        self.assertEqual(self.Handover.search_count([("partner_id", "=", self.business.id)]), 1)


@tagged("post_install", "-at_install")
@freeze_time("2026-05-04 09:00:00")
class TestLevelSetsHold(HandoverCommon):
    def setUp(self):
        super().setUp()
        self.Hold = self.env["commercial.credit.hold"]
        self.reminder = self.business_policy.level_ids.filtered(lambda level: level.kind == "reminder")[:1]

    def _live(self):
        return self.Hold.search([("partner_id", "=", self.business.id), ("state", "=", "live")])

    def test_delivered_letter_holds(self):
        self.reminder.sets_credit_hold = True
        invoice = self._invoice()
        run = self._run()
        self.assertFalse(self._live(), "a proposal holds nobody")
        self._deliver(run)
        hold = self._live()
        self.assertRecordValues(
            hold,
            [
                {
                    "reason": "dunning",
                    "res_model": "commercial.dunning.notice",
                    "res_id": run.notice_ids.id,
                    "user_id": False,
                }
            ],
        )
        self.assertEqual(hold.with_user(self.collector).source_name, run.notice_ids.name)
        self._pay(invoice, 500)
        self.env["commercial.receivable"]._refresh_items(self.company, self.business.ids)
        self.assertTrue(self._live(), "a part is not enough")
        self._pay(invoice)
        self.env["commercial.receivable"]._refresh_items(self.company, self.business.ids)
        self.assertFalse(self._live())
        self.assertRecordValues(hold, [{"state": "released", "released_by_id": False}])

    def test_level_without_hold(self):
        self._invoice()
        self._deliver(self._run())
        self.assertFalse(self._live())

    def test_letter_that_comes_back(self):
        self.reminder.sets_credit_hold = True
        self._invoice()
        run = self._run()
        self._deliver(run)
        self.assertTrue(self._live())
        run.notice_ids.dispatch_ids.sudo()._receive_bounce(run.notice_ids.dispatch_ids.mapped("message_id"), "gone")
        if run.notice_ids.state == "failed":
            self.assertFalse(self._live())

    def test_hold_by_hand_stays(self):
        hold = self.Hold.with_user(self.collector).create({"partner_id": self.business.id, "note": "No cover"})
        self.env["commercial.receivable"]._refresh_items(self.company)
        with self.enter_registry_test_mode():
            self.env.ref("commercial_assistant.ir_cron_credit_hold").method_direct_trigger()
        self.assertEqual(hold.state, "live")

    def test_job_releases(self):
        self.reminder.sets_credit_hold = True
        invoice = self._invoice()
        self._deliver(self._run())
        self._pay(invoice)
        self.assertTrue(self._live(), "nobody looked yet")
        with self.enter_registry_test_mode():
            self.env.ref("commercial_assistant.ir_cron_handover").method_direct_trigger()
        self.assertFalse(self._live())
