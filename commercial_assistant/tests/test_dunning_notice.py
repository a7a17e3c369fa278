from datetime import date
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.commercial_assistant.models.common.dispatch import CommercialDispatch
from odoo.addons.commercial_assistant.models.dunning.dunning_run import DunningRun

from .common_dunning import DunningCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-20 09:00:00")
class TestDunningNotice(DunningCommon):
    def setUp(self):
        super().setUp()
        self._fake_letters()

    # --- NOTHING TWICE ---

    def test_twice_the_same_day(self):
        invoice = self._invoice()
        run = self._run()
        first = run.notice_ids
        run.action_propose()
        self.assertEqual(run.notice_ids, first)
        self.assertFalse(run.skip_ids)
        other = self._run(partner_ids=[Command.set(self.business.ids)])
        self.assertFalse(other.notice_ids)
        self.assertEqual(self._reasons(other), {invoice: "notice_pending"})
        self.assertEqual(other.skip_ids.detail, first.name)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self._run(propose=False)
            self.env.flush_all()
        self.assertEqual(self.env["commercial.dunning.run"]._get_or_create(self.company), run)

    def test_after_delivery_on_the_same_day(self):
        self._invoice()
        run = self._run()
        self._deliver(run)
        later = self._invoice(amount=50)
        run.sudo().state = "proposed"
        run.action_propose()
        self.assertEqual(len(run.notice_ids), 1)
        self.assertEqual(self._reasons(run)[later], "already_written")
        # approving and sending again does nothing
        self._deliver(run)
        self.assertEqual(len(self.sent), 1)

    def test_one_living_letter_for_an_item_and_level(self):
        self._invoice()
        line = self._run().notice_ids.line_ids
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            line.sudo().copy()

    def test_run_killed_halfway(self):
        """What the first chunk decided stays; the next start goes on after it, with the same result."""
        self.company.dunning_chunk_size = 1
        customers = [self._create_customer(f"Firma {number}", is_company=True) for number in range(4)]
        for customer in customers:
            self._invoice(customer)
        run = self._run(propose=False).sudo()
        run._start_proposing()
        commits = []

        def progress(done=0, remaining=None):
            commits.append(run.cursor_partner_id)
            return 0 if len(commits) == 2 else 60

        self.assertFalse(run._propose_in_chunks(progress), "no time left")
        self.assertEqual((run.state, len(run.notice_ids)), ("proposing", 2))
        with self.assertRaisesRegex(UserError, "still proposing"):
            run.action_approve()
        # killed in the middle of the third customer: the transaction is lost, the cursor too
        with self.assertRaises(KeyboardInterrupt), self.env.cr.savepoint():
            with patch.object(DunningRun, "_write_lines", side_effect=KeyboardInterrupt):
                run._propose_in_chunks(progress)
        self.env.invalidate_all()
        self.assertEqual(len(run.notice_ids), 2)
        run.action_propose()
        self.assertEqual(run.state, "approved")
        self.assertEqual(sorted(run.notice_ids.partner_id.ids), [customer.id for customer in customers])
        self.assertEqual(len(run.notice_ids.line_ids), 4)

    def test_one_customer_with_an_error(self):
        """The others get their letters, and the count is honest."""
        broken = self._invoice(self._create_customer("Broken", is_company=True))
        self._invoice()
        original = DunningRun._prepare_notice_vals

        def prepare(run, row, customer, *args):
            if customer.id == broken.partner_id.id:
                raise ValueError("Something nobody thought of")
            return original(run, row, customer, *args)

        logger = "odoo.addons.commercial_assistant.models.dunning.dunning_run"
        with patch.object(DunningRun, "_prepare_notice_vals", prepare), mute_logger(logger):
            run = self._run()
        self.assertEqual(run.notice_ids.partner_id, self.business)
        self.assertEqual(self._reasons(run), {broken: "error"})
        self.assertIn("nobody thought of", run.skip_ids.detail)

    # --- BETWEEN APPROVAL AND SENDING ---

    def test_paid_between_approval_and_sending(self):
        invoice = self._invoice()
        run = self._run()
        self._pay(invoice)
        self._deliver(run)
        self.assertEqual(run.notice_ids.state, "cancelled")
        self.assertIn("Nothing is open", run.notice_ids.skip_reason)
        self.assertFalse(self.sent)
        self.assertFalse(self._item(invoice).level_id)

    def test_paid_in_part_between_approval_and_sending(self):
        paid, partly, whole = (self._invoice(amount=amount) for amount in (100, 200, 400))
        run = self._run()
        notice = run.notice_ids
        self.assertEqual(notice.amount_total, 700)
        self._pay(paid)
        self._pay(partly, 50)
        self._deliver(run)
        self.assertRecordValues(notice, [{"state": "delivered", "amount_principal": 550, "amount_total": 550}])
        lines = {line.move_id: line for line in notice.line_ids}
        self.assertRecordValues(lines[paid], [{"included": False, "live": False}])
        self.assertRecordValues(lines[partly], [{"included": True, "amount_paid": 50, "amount_residual": 150}])
        self.assertFalse(self._item(paid).level_id)
        self.assertEqual(self._item(whole).level_id.kind, "reminder")

    def test_paid_while_the_letter_waits(self):
        """A letter on paper is looked at once more before it is printed."""
        self.business.email = False
        invoice = self._invoice()
        self._invoice(amount=50)
        notice = self._run().notice_ids
        notice.action_send()
        dispatch = notice.dispatch_ids
        self.assertEqual((notice.state, dispatch.state), ("sending", "reserved"))
        self._pay(invoice)
        with self.assertRaisesRegex(UserError, "out of date"):
            dispatch.with_user(self.collector).action_print()
        self.assertEqual((dispatch.state, notice.state, notice.amount_total), ("cancelled", "approved", 50))
        self.assertEqual(notice.run_id.state, "sending")
        notice.action_send()
        self.assertEqual(notice.dispatch_ids.mapped("state"), ["reserved", "cancelled"])

    def test_excluded_between_approval_and_sending(self):
        invoice = self._invoice()
        run = self._run()
        self._item(invoice).write({"is_excluded": True, "exclusion_reason": "Goods are being replaced"})
        self._deliver(run)
        self.assertEqual((run.notice_ids.state, run.notice_ids.skip_reason), ("cancelled", "Invoice gets no reminders"))

    def test_mail_of_another_day_bears_its_date(self):
        self._invoice(self.consumer)
        run = self._run()
        run.action_approve()
        self.assertEqual(run.notice_ids.date, date(2026, 3, 20))
        with freeze_time("2026-03-25 09:00:00"):
            run.action_send()
            self.assertRecordValues(
                run.notice_ids, [{"state": "delivered", "date": date(2026, 3, 25), "deadline": date(2026, 4, 9)}]
            )

    # --- OUTCOMES ---

    def test_failed_mail(self):
        """The item is not advanced and is proposed again."""
        invoice = self._invoice()
        run = self._run()
        with patch.object(CommercialDispatch, "_hand_over", lambda dispatch: ("failed", "Mailbox unknown")):
            self._deliver(run)
        self.assertRecordValues(run.notice_ids, [{"state": "failed", "skip_reason": "Mailbox unknown"}])
        item = self._item(invoice)
        self.assertFalse(item.level_id or item.notice_id)
        with freeze_time("2026-03-21 09:00:00"):
            again = self._run()
            self.assertEqual(again.notice_ids.level_kind, "reminder")

    def test_retry_of_a_failed_mail(self):
        invoice = self._invoice()
        run = self._run()
        with patch.object(CommercialDispatch, "_hand_over", lambda dispatch: ("failed", "Mailbox full")):
            self._deliver(run)
        dispatch = run.notice_ids.dispatch_ids
        dispatch.action_retry()
        dispatch._send()
        self.assertEqual((run.notice_ids.state, self._item(invoice).level_id.kind), ("delivered", "reminder"))

    def test_no_retry_after_a_new_letter(self):
        self._invoice()
        run = self._run()
        with patch.object(CommercialDispatch, "_hand_over", lambda dispatch: ("failed", "Mailbox full")):
            self._deliver(run)
        with freeze_time("2026-03-21 09:00:00"):
            self._deliver(self._run())
            dispatch = run.notice_ids.dispatch_ids
            dispatch.action_retry()
            dispatch._send()
        self.assertEqual((dispatch.state, run.notice_ids.state), ("cancelled", "failed"))
        self.assertEqual(len(self.sent), 1)

    def test_uncertain_mail(self):
        """Nobody knows whether it left: nothing is advanced and nothing is sent again until a person has decided."""
        invoice = self._invoice()
        run = self._run()
        with patch.object(CommercialDispatch, "_hand_over", lambda dispatch: ("ambiguous", "Connection lost")):
            self._deliver(run)
        notice = run.notice_ids
        self.assertEqual((notice.state, notice.dispatch_ids.state), ("sending", "ambiguous"))
        self.assertFalse(self._item(invoice).level_id)
        with self.assertRaisesRegex(UserError, "may have left already"):
            notice.action_cancel()
        with freeze_time("2026-03-21 09:00:00"):
            self.assertEqual(self._reasons(self._run()), {invoice: "notice_pending"})
        notice.dispatch_ids.action_resolve_sent()
        self.assertEqual((notice.state, self._item(invoice).level_id.kind), ("delivered", "reminder"))

    def test_bounce_takes_the_level_back(self):
        """The customer did not get it: level and charges fall back, and the next letter goes on paper."""
        invoice = self._invoice()
        self._deliver(self._run())
        with freeze_time("2026-04-01 09:00:00"):
            second = self._run()
            self._deliver(second)
            item = self._item(invoice)
            self.assertEqual(item.level_id.kind, "second_reminder")
            dispatch = second.notice_ids.dispatch_ids.sudo()
            dispatch.message_id = "<second@company.example>"
            self.env["commercial.dispatch"]._receive_bounce(["<second@company.example>"], "No such user")
            self.assertEqual(second.notice_ids.state, "failed")
            self.assertEqual((item.level_id.kind, item.last_delivered_on), ("reminder", date(2026, 3, 20)))
        with freeze_time("2026-04-02 09:00:00"):
            notice = self._run().notice_ids
            self.assertEqual((notice.level_kind, notice.channel), ("second_reminder", "post"))

    def test_bounce_of_the_first_reminder_of_a_consumer(self):
        invoice = self._invoice(self.consumer)
        run = self._run()
        self._deliver(run)
        run.notice_ids.dispatch_ids.sudo().message_id = "<first@company.example>"
        self.env["commercial.dispatch"]._receive_bounce(["<first@company.example>"], "No such user")
        self.assertRecordValues(
            self._item(invoice), [{"level_id": False, "first_reminder_on": False, "earliest_charge_on": False}]
        )

    def test_posted_too_late(self):
        """What the letter says about the free term is wrong then: it starts nothing."""
        self.consumer.email = False
        invoice = self._invoice(self.consumer)
        notice = self._run().notice_ids
        notice.action_send()
        # posted on Monday at the latest: begins on Thursday 26 March
        self.assertEqual(notice.deadline, date(2026, 4, 9))
        with freeze_time("2026-03-30 09:00:00"):
            self._post(notice.dispatch_ids, date(2026, 3, 30))
        self.assertEqual(notice.state, "failed")
        self.assertIn("XIX.2 CEL", notice.skip_reason)
        self.assertFalse(self._item(invoice).level_id)

    def test_posted_in_time(self):
        self.consumer.email = False
        invoice = self._invoice(self.consumer)
        notice = self._run().notice_ids
        notice.action_send()
        with freeze_time("2026-03-23 09:00:00"):
            self._post(notice.dispatch_ids, date(2026, 3, 23))
        self.assertRecordValues(notice, [{"state": "delivered", "delivered_on": date(2026, 3, 23)}])
        self.assertRecordValues(
            self._item(invoice), [{"first_reminder_on": date(2026, 3, 23), "earliest_charge_on": date(2026, 4, 10)}]
        )

    def test_withdrawn_letter(self):
        invoice = self._invoice()
        run = self._run()
        run.notice_ids.with_user(self.collector).action_cancel()
        self.assertEqual(run.notice_ids.state, "cancelled")
        self.assertFalse(self._item(invoice).notice_id)
        run.action_propose()
        self.assertEqual(run.notice_ids.mapped("state"), ["approved", "cancelled"])

    def test_dispatch_withdrawn(self):
        self.business.email = False
        invoice = self._invoice()
        notice = self._run().notice_ids
        notice.action_send()
        notice.dispatch_ids.with_user(self.collector).action_cancel()
        self.assertEqual(notice.state, "failed")
        self.assertFalse(self._item(invoice).notice_id)

    def test_cancelled_run(self):
        kept, gone = self._invoice(), self._invoice(self.consumer)
        run = self._run()
        business = run.notice_ids.filtered(lambda notice: notice.partner_id == self.business)
        business.action_send()
        run.action_cancel()
        self.assertEqual(set(run.notice_ids.mapped("state")), {"delivered", "cancelled"})
        self.assertEqual(self._item(kept).level_id.kind, "reminder")
        self.assertFalse(self._item(gone).notice_id)

    # --- CHANGING A LETTER ---

    def test_other_recipient(self):
        self._invoice()
        notice = self._run().notice_ids.with_user(self.collector)
        contact = self.env["res.partner"].create(
            {"name": "Ms Peeters", "parent_id": self.business.id, "email": "p@b.example", "lang": "fr_BE"}
        )
        notice.contact_id = contact
        self.assertRecordValues(notice, [{"contact_id": contact.id, "lang": "fr_BE", "state": "approved"}])
        with self.assertRaisesRegex(UserError, "not a contact of"):
            notice.contact_id = self.consumer
        notice.channel = "post"
        self.assertEqual(notice.deadline, date(2026, 3, 31))
        notice.action_send()
        with self.assertRaisesRegex(UserError, "not changed any more"):
            notice.channel = "email"

    def test_leave_one_invoice_out(self):
        kept, left_out = self._invoice(), self._invoice(amount=50)
        notice = self._run().notice_ids.with_user(self.collector)
        notice.line_ids.filtered(lambda line: line.move_id == left_out).action_leave_out()
        self.assertEqual(notice.amount_total, 1000)
        self._deliver(notice.run_id)
        self.assertEqual(self._item(kept).level_id.kind, "reminder")
        self.assertFalse(self._item(left_out).level_id or self._item(left_out).notice_id)

    def test_figures_are_not_typed_in(self):
        invoice = self._invoice()
        notice = self._run().notice_ids.with_user(self.collector)
        for vals in ({"amount_total": 1}, {"state": "delivered"}, {"deadline": "2027-01-01"}):
            with self.assertRaisesRegex(UserError, "made by a run"):
                notice.write(vals)
        with self.assertRaises(AccessError):
            notice.line_ids.write({"amount_residual": 1})
        with self.assertRaises(ValidationError):
            self._item(invoice).with_user(self.collector).write({"last_delivered_on": "2026-01-01"})
        with self.assertRaisesRegex(UserError, "follows its buttons"):
            notice.run_id.write({"state": "done"})
        with self.assertRaises(UserError):
            notice.sudo().unlink()

    def test_take_approval_back(self):
        self._invoice()
        notice = self._run().notice_ids.with_user(self.collector)
        self.assertEqual(notice.run_id.state, "approved")
        notice.action_reset()
        self.assertEqual((notice.state, notice.run_id.state), ("proposed", "proposed"))
        with self.assertRaisesRegex(UserError, "Approve the letters"):
            notice.action_send()
        notice.action_approve()
        self.assertEqual((notice.state, notice.approved_by_id), ("approved", self.collector))

    # --- CHARGES ---

    def _formal_notice(self):
        self._deliver(self._run())
        with freeze_time("2026-04-01 09:00:00"):
            self._deliver(self._run())
        with freeze_time("2026-04-20 09:00:00"):
            return self._run().notice_ids

    def test_charges_are_claimed_on_delivery(self):
        self._invoice()
        notice = self._formal_notice()
        self.assertEqual(set(notice.charge_ids.mapped("state")), {"planned"})
        with freeze_time("2026-04-20 09:00:00"):
            notice.run_id.action_cancel()
        self.assertEqual(set(notice.charge_ids.mapped("state")), {"cancelled"})
        with freeze_time("2026-04-21 09:00:00"):
            run = self._run()
            self._deliver(run)
        self.assertEqual(set(run.notice_ids.charge_ids.mapped("state")), {"claimed"})
        self.assertEqual(set(run.notice_ids.charge_ids.mapped("kind")), {"interest", "fixed"})

    def test_waiver_needs_approval(self):
        self._invoice()
        notice = self._formal_notice()
        total = notice.amount_total
        fixed = notice.charge_ids.filtered(lambda charge: charge.kind == "fixed").with_user(self.collector)
        with freeze_time("2026-04-20 09:00:00"):
            action = fixed.action_waive()
            self.assertEqual(action["context"]["default_charge_ids"], fixed.ids)
            wizard = self.env["commercial.dunning.charge.waive"].with_user(self.collector)
            wizard.create({"charge_ids": fixed.ids, "reason": "The invoice arrived late"}).action_request()
            self.assertEqual((fixed.state, fixed.approval_pending_count), ("planned", 1))
            request = fixed.approval_request_ids
            with self.assertRaises(UserError):
                request.with_user(self.collector).action_approve()
            request.with_user(self.lead).action_approve()
            self.env.invalidate_all()
            self.assertRecordValues(
                fixed, [{"state": "waived", "waive_reason": "The invoice arrived late", "waived_by_id": self.lead.id}]
            )
            self.assertAlmostEqual(notice.amount_total, total - 40, 2, "the letter that waits no longer claims it")
            self._deliver(notice.run_id)
        self.assertEqual((fixed.state, notice.amount_indemnity), ("waived", 0))
        with self.assertRaisesRegex(UserError, "not open any more"):
            fixed.action_waive()

    def test_charges_are_not_typed_in(self):
        self._invoice()
        notice = self._formal_notice()
        charges = notice.charge_ids.with_user(self.collector)
        with self.assertRaises(AccessError):
            charges.write({"state": "waived"})
        with self.assertRaisesRegex(UserError, "can be paid"):
            charges.action_mark_paid()
        with freeze_time("2026-04-20 09:00:00"):
            self._deliver(notice.run_id)
        self.assertEqual(charges.action_mark_paid()["context"]["default_charge_ids"], charges.ids)
        wizards = self.env["commercial.dunning.charge.pay"].with_user(self.collector)
        wizard = wizards.create({"charge_ids": charges.ids, "date": "2026-04-28", "reference": "Receipt 14"})
        wizard.action_confirm()
        wizard.action_confirm()
        self.assertEqual(set(charges.mapped("state")), {"paid"})
        with self.assertRaisesRegex(UserError, "never deleted"):
            charges.sudo().unlink()

    def test_no_day_bears_interest_twice(self):
        self._invoice()
        notice = self._formal_notice()
        interest = notice.charge_ids.filtered(lambda charge: charge.kind == "interest").sudo()
        claimed_already = self.assertRaisesRegex(ValidationError, "claimed already for a part of these days")
        with claimed_already, self.env.cr.savepoint():
            interest.copy({"date_from": interest.date_to, "date_to": date(2026, 5, 1), "state": "planned"})
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            notice.charge_ids.filtered(lambda charge: charge.kind == "fixed").sudo().copy()

    def test_interest_by_principal(self):
        """Until the payment the whole invoice bears interest, then the rest; a credit note counts from the start."""
        invoice = self._invoice(amount=1000, due="2026-03-01")
        self._pay(invoice, 400, day="2026-03-11")
        refund = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id, "date": "2026-03-15"})
        )
        refund.reverse_moves()
        credit = refund.new_move_ids
        credit.invoice_line_ids.price_unit = 100
        credit.action_post()
        lines = (invoice + credit).line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        lines.filtered(lambda line: not line.reconciled).reconcile()
        self.assertEqual(invoice.amount_residual, 500)
        notice = self._formal_notice()
        interest = notice.charge_ids.filtered(lambda charge: charge.kind == "interest")
        # 2 to 11 March on 900, 12 March to 20 April on 500, at 10.5 %
        self.assertEqual(interest.amount, 8.34)

    # --- JOBS ---

    def test_daily_job(self):
        self._invoice()
        Run = self.env["commercial.dunning.run"].sudo()
        before = Run.search([])
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 60):
            Run._cron_propose()
            self.assertFalse(Run.search([]) - before, "off until the company wants it")
            self.company.dunning_auto_propose = True
            Run._cron_propose()
            run = Run.search([]) - before
            self.assertRecordValues(run, [{"state": "approved", "is_automatic": True, "log_waiting": False}])
            Run._cron_propose()
            self.assertEqual(Run.search([]) - before, run)
            Run._cron_send()
            self.assertFalse(self.sent, "nothing leaves before it is sent")
            run.action_send()
            self.assertEqual(len(self.sent), 1)

    def test_daily_job_that_sends(self):
        self._invoice()
        self.company.write({"dunning_auto_propose": True, "dunning_auto_send": True})
        Run = self.env["commercial.dunning.run"].sudo()
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 60):
            Run._cron_propose()
            Run._cron_send()
        self.assertEqual(len(self.sent), 1)
        self.assertEqual(self.sent[0].partner_id, self.business)

    def test_many_letters_are_sent_by_the_job(self):
        self.company.dunning_send_batch = 1
        self._invoice()
        self._invoice(self.consumer)
        run = self._run()
        run.action_send()
        self.assertEqual((run.state, len(self.sent)), ("sending", 0))
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 60):
            self.env["commercial.dunning.run"].sudo()._cron_send()
        self.assertEqual((run.state, len(self.sent)), ("done", 2))

    def test_neutralized_copy_sends_nothing(self):
        self._invoice()
        self.env["ir.config_parameter"].sudo().set_param("database.is_neutralized", "1")
        run = self._run()
        self._deliver(run)
        self.assertFalse(self.sent)
        self.assertEqual((run.notice_ids.state, run.notice_ids.dispatch_ids.state), ("sending", "reserved"))

    def test_unrenderable_letter(self):
        """What goes wrong with one letter is written on it; the others leave."""
        self._invoice()
        self._invoice(self.consumer)
        run = self._run()

        def render(notice):
            if notice.partner_id == self.consumer:
                raise UserError("No logo")  # pylint: disable=translation-required
            return b"%PDF", "<p/>"

        with patch.object(type(self.env["commercial.dunning.notice"]), "_render_letter", render):
            self._deliver(run)
        states = {notice.partner_id: (notice.state, notice.skip_reason) for notice in run.notice_ids}
        self.assertEqual(states[self.consumer], ("approved", "No logo"))
        self.assertEqual(states[self.business], ("delivered", False))

    # --- CUSTOMERS ---

    def test_merged_customers_keep_their_history(self):
        other = self._create_customer("Bakkerij Desmet", is_company=True)
        first, second = self._invoice(), self._invoice(other)
        run = self._run()
        self._deliver(run)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.business + other).ids, self.business, extra_checks=False)
        self.env.invalidate_all()
        receivable = self.env["commercial.receivable"].search([("partner_id", "=", self.business.id)])
        self.assertEqual(receivable.item_ids.move_id, first + second)
        self.assertEqual(receivable.notice_ids, run.notice_ids)
        self.assertEqual({self._item(move).level_id.kind for move in first + second}, {"reminder"})
        with freeze_time("2026-04-20 09:00:00"):
            self.assertEqual(len(self._run().notice_ids.line_ids), 2)

    def test_smart_buttons(self):
        invoice = self._invoice()
        self._deliver(self._run())
        partner, move = self.business.with_user(self.collector), invoice.with_user(self.collector)
        self.assertEqual((partner.overdue_item_count, partner.dunning_notice_count), (1, 1))
        self.assertEqual((move.dunning_notice_count, move.dunning_level_id.kind), (1, "reminder"))
        Move = self.env["account.move"]
        self.assertIn(invoice, Move.search([("dunning_level_id", "!=", False)]))
        self.assertNotIn(invoice, Move.search([("dunning_level_id", "=", False)]))
        self.assertEqual(partner.action_open_receivable()["res_model"], "commercial.receivable")
        notices = self.env["commercial.dunning.notice"].search(move.action_open_dunning_notices()["domain"])
        self.assertEqual(notices.line_ids.move_id, invoice)
        nobody = self._create_customer("Nobody").with_user(self.collector)
        self.assertEqual(nobody.action_open_receivable()["tag"], "display_notification")

    def test_propose_for_one_customer(self):
        self._invoice()
        self._invoice(self.consumer)
        self.env["commercial.receivable"]._refresh_items(self.company)
        receivable = self.env["commercial.receivable"].search([("partner_id", "=", self.consumer.id)])
        action = receivable.with_user(self.collector).action_propose()
        run = self.env["commercial.dunning.run"].browse(action["res_id"])
        self.assertEqual(run.notice_ids.partner_id, self.consumer)

    def test_receivable_summary(self):
        self._invoice(amount=1000)
        self._invoice(amount=500, due="2026-06-01")
        currency = self.setup_other_currency("USD", rates=[("2026-01-01", 2.0)])
        self._invoice(amount=80, currency_id=currency.id)
        self.env["commercial.receivable"]._refresh_items(self.company)
        receivable = self.env["commercial.receivable"].search([("partner_id", "=", self.business.id)])
        receivable = receivable.with_context(lang="en_US")
        self.assertEqual((receivable.item_count, receivable.overdue_count), (3, 2))
        self.assertEqual(receivable.oldest_due, date(2026, 3, 1))
        self.assertIn("1,500.00", receivable.open_summary)
        self.assertIn("80.00", receivable.open_summary, "each currency by itself")
        self.assertNotIn("1,580", receivable.open_summary)
        self.assertIn(receivable, self.env["commercial.receivable"].search([("overdue_count", ">", 0)]))

    def test_exclude_wizard(self):
        invoice = self._invoice()
        self.env["commercial.receivable"]._refresh_items(self.company)
        item = self._item(invoice).with_user(self.collector)
        context = item.action_exclude()["context"]
        wizard = self.env["commercial.receivable.exclude"].with_user(self.collector).with_context(**context)
        wizard.create({"reason": "Goods are being replaced", "until": "2026-04-30"}).action_exclude()
        self.assertRecordValues(item, [{"is_excluded": True, "excluded_until": date(2026, 4, 30)}])
        item.action_include()
        self.assertFalse(item.is_excluded)
        with self.assertRaisesRegex(ValidationError, "Say why"):
            item.is_excluded = True
