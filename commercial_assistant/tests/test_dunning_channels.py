from unittest.mock import patch

from freezegun import freeze_time
from requests import exceptions as http_errors
from urllib3.exceptions import NewConnectionError

from odoo import Command, fields
from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.tests import Form, tagged

from odoo.addons.sms.tools.sms_api import SmsApi

from .common_dunning import DunningCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-20 09:00:00")
class TestDunningTextMessages(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.business.phone = "0475 12 34 56"
        cls.reminder = cls.business_policy.level_ids.filtered(lambda level: level.kind == "reminder")
        cls.reminder.write({"channel": "sms", "fallback_channel": "email", "second_fallback_channel": "post"})

    def setUp(self):
        super().setUp()
        self.messages = []
        self.answer = "success"

        def send(api, messages, **kwargs):
            self.messages += messages
            if isinstance(self.answer, Exception):
                raise self.answer
            return [
                {"uuid": number["uuid"], "state": self.answer} for message in messages for number in message["numbers"]
            ]

        patcher = patch.object(SmsApi, "_send_sms_batch", autospec=True, side_effect=send)
        patcher.start()
        self.addCleanup(patcher.stop)

    def _sent(self, customer=None):
        run = self._run(partner_ids=[Command.set((customer or self.business).ids)])
        run.action_approve()
        run.action_send()
        self.env.invalidate_all()
        return run.notice_ids

    def test_message_leaves_and_counts(self):
        move = self._invoice(amount=1210)
        notice = self._sent()
        self.assertEqual((notice.channel, notice.state), ("sms", "delivered"))
        [message] = self.messages
        self.assertEqual(message["numbers"][0]["number"], "+32475123456")
        self.assertIn("1.210,00", message["content"].replace("\xa0", " "))
        self.assertIn(notice.payment_reference, message["content"])
        self.assertNotIn("{", message["content"])
        dispatch = notice.dispatch_ids
        self.assertEqual((dispatch.channel, dispatch.state, dispatch.recipient_phone), ("sms", "sent", "+32475123456"))
        self.assertTrue(dispatch.message_id and dispatch.sha256)
        self.assertEqual(self._item(move).level_id, self.reminder)
        dispatch._send()
        self.assertEqual(len(self.messages), 1, "sent once")

    def test_own_text(self):
        self.reminder.with_context(lang="nl_BE").sms_text = "{customer}, betaal {amount}. {{x"
        self._invoice(amount=100)
        self._sent()
        self.assertTrue(self.messages[0]["content"].startswith("Bakkerij De Smet, betaal"))
        self.assertTrue(self.messages[0]["content"].endswith("{{x"))

    def test_landline_goes_another_way(self):
        self.business.phone = "09 225 12 34"
        self._invoice()
        self.assertEqual(self._run().notice_ids.channel, "email")

    def test_blocked_number_goes_another_way(self):
        self.env["phone.blacklist"].sudo().create({"number": "+32475123456"})
        self._invoice()
        self.assertEqual(self._run().notice_ids.channel, "email")

    def test_refused(self):
        self.answer = "insufficient_credit"
        move = self._invoice()
        notice = self._sent()
        self.assertEqual(notice.state, "failed")
        self.assertIn("Credit", notice.skip_reason)
        self.assertFalse(self._item(move).level_id)

    def test_uncertain(self):
        """A broken connection is no failure: a person decides, and no second message leaves by itself."""
        errors = (http_errors.ReadTimeout(), http_errors.ConnectionError("reset"), KeyError("uuid"))
        for number, error in enumerate(errors):
            with self.subTest(error=error):
                self.answer = error
                customer = self._create_customer(f"Zaak{number}", is_company=True, phone="0475 12 34 58")
                self._invoice(customer)
                notice = self._sent(customer)
                self.assertEqual(notice.dispatch_ids.state, "ambiguous")
                self.assertEqual(notice.state, "sending")
                sent = len(self.messages)
                notice.dispatch_ids._send()
                self.assertEqual(len(self.messages), sent)
                notice.dispatch_ids.with_user(self.collector).action_resolve_not_sent()
                self.assertEqual(notice.state, "failed")
        self.answer = "server_error"
        self._invoice()
        self.assertEqual(self._sent().dispatch_ids.state, "ambiguous")

    def test_not_reached(self):
        """The provider was certainly not asked: the message failed and may be tried again."""
        refused = http_errors.ConnectionError(NewConnectionError(None, "refused"))
        for number, error in enumerate((http_errors.ConnectTimeout(), AccessError("Not during tests."), refused)):
            with self.subTest(error=error):
                self.answer = error
                customer = self._create_customer(f"Zaak{number}", is_company=True, phone="0475 12 34 58")
                self._invoice(customer)
                notice = self._sent(customer)
                self.assertEqual(notice.dispatch_ids.state, "failed")
                self.answer = "success"
                notice.dispatch_ids.with_user(self.collector).action_retry()
                notice.dispatch_ids.with_user(self.collector).action_send()
                self.assertEqual(notice.state, "delivered")

    def test_report_of_the_provider(self):
        move = self._invoice()
        notice = self._sent()
        self.assertEqual(self._item(move).level_id, self.reminder)
        tracker = self.env["sms.tracker"].sudo().search([("sms_uuid", "=", notice.dispatch_ids.message_id)])
        tracker._action_update_from_provider_error("not_delivered")
        self.assertEqual(notice.state, "failed")
        self.assertIn("did not arrive", notice.dispatch_ids.error)
        self.assertFalse(self._item(move).level_id, "the level is not reached")

    def test_copy_sends_nothing(self):
        self.env["ir.config_parameter"].sudo().set_param("database.is_neutralized", "True")
        self._invoice()
        notice = self._sent()
        self.assertFalse(self.messages)
        self.assertEqual(notice.dispatch_ids.state, "reserved")

    def test_amount_changes_before_sending(self):
        move = self._invoice(amount=1000)
        run = self._run()
        run.action_approve()
        dispatch = run.notice_ids.sudo()._reserve_dispatch()
        self._pay(move, 400, day="2026-03-20")
        dispatch.sudo()._send()
        self.assertEqual(dispatch.state, "cancelled")
        self.assertFalse(self.messages)
        self.assertEqual(run.notice_ids.state, "approved")
        run.notice_ids.with_user(self.collector).action_send()
        self.assertIn("600,00", self.messages[0]["content"])

    def test_consumer_gets_a_letter(self):
        self.consumer.phone = "0475 12 34 57"
        self._invoice(self.consumer)
        notice = self._run().notice_ids
        self.assertEqual(notice.channel, "email")
        with self.assertRaisesRegex(UserError, "can be kept"):
            notice.with_user(self.collector).channel = "sms"
        notice.with_user(self.collector).channel = "post"


@tagged("post_install", "-at_install")
@freeze_time("2026-03-20 09:00:00")
class TestDunningCalls(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.business.phone = "0475 12 34 56"
        cls.reminder = cls.business_policy.level_ids.filtered(lambda level: level.kind == "reminder")
        cls.reminder.write({"channel": "phone", "fallback_channel": "email", "second_fallback_channel": "post"})

    def setUp(self):
        super().setUp()
        self._fake_letters()

    def _calling(self, responsible=True, customer=None):
        customer = customer or self.business
        self.move = self._invoice(customer)
        run = self._run(partner_ids=[Command.set(customer.ids)])
        if responsible:
            run.notice_ids.receivable_id.user_id = self.collector
        run.action_approve()
        run.action_send()
        self.env.invalidate_all()
        return run.notice_ids

    def _save(self, notice, user=None, **values):
        action = notice.with_user(user or self.collector).action_open_call()
        wizard = (
            self.env[action["res_model"]].with_user(user or self.collector).with_context(**action["context"])
        ).create(values)
        return wizard.action_save()

    def test_task_for_the_responsible(self):
        notice = self._calling()
        self.assertEqual((notice.channel, notice.state), ("phone", "sending"))
        activity = notice.call_activity_ids
        self.assertEqual(activity.user_id, self.collector)
        self.assertEqual(activity.res_model, "commercial.receivable")
        self.assertEqual(activity.activity_type_id, self.env.ref("mail.mail_activity_data_call"))
        self.assertIn("0475 12 34 56", activity.note)
        self.assertIn("Bakkerij", activity.summary)
        self.assertFalse(self._item(self.move).level_id, "nothing is reached before somebody answered")
        self.assertFalse(self.sent)

    def test_own_kind_of_task(self):
        own = self.env["mail.activity.type"].create({"name": "Ring"})
        self.reminder.phone_activity_type_id = own
        self.assertEqual(self._calling().call_activity_ids.activity_type_id, own)

    def test_somebody_else_calls(self):
        notice = self._calling(responsible=False)
        user = notice.call_activity_ids.user_id
        self.assertTrue(user.has_group("commercial_assistant.group_collector"))
        self.assertIn(self.company, user.company_ids)

    def test_reached(self):
        notice = self._calling()
        activity = notice.call_activity_ids
        self._save(notice, result="reached", note="Pays on Friday")
        self.assertEqual(notice.state, "delivered")
        self.assertEqual(notice.delivered_on, fields.Date.to_date("2026-03-20"))
        self.assertEqual(self._item(self.move).level_id, self.reminder)
        self.assertFalse(activity.active and activity.exists())
        self.assertIn("Pays on Friday", "".join(notice.receivable_id.message_ids.mapped("body")))
        self.assertEqual(notice.dispatch_ids.state, "sent")
        with self.assertRaisesRegex(UserError, "waits for no call"):
            notice.with_user(self.collector).action_open_call()

    def test_promise_and_dispute_count_as_reached(self):
        for result in ("promised", "disputes"):
            notice = self._calling(customer=self._create_customer(result, is_company=True, phone="02 511 11 11"))
            self._save(notice, result=result)
            self.assertEqual(notice.state, "delivered", result)

    def test_never_silently(self):
        """Marking the task as done asks for the result first; so does the list of letters."""
        notice = self._calling()
        with self.assertRaisesRegex(RedirectWarning, "how the call went"):
            notice.call_activity_ids.with_user(self.collector).action_done()
        self.assertEqual(notice.state, "sending")
        with self.assertRaisesRegex(UserError, "is a call"):
            notice.dispatch_ids.with_user(self.collector).action_mark_posted("2026-03-20")

    def test_no_answer(self):
        notice = self._calling()
        self._save(notice, result="no_answer", call_again_on="2026-03-25")
        self.assertEqual((notice.state, notice.call_count), ("sending", 1))
        self.assertEqual(notice.call_activity_ids.date_deadline, fields.Date.to_date("2026-03-25"))
        with self.assertRaisesRegex(UserError, "today or later"):
            self._save(notice, result="no_answer", call_again_on="2026-03-19")
        notice.call_activity_ids.unlink()
        self._save(notice, result="no_answer", call_again_on="2026-03-26")
        self.assertTrue(notice.call_activity_ids, "a task that was thrown away comes back")

    def test_write_instead(self):
        notice = self._calling()
        self._save(notice, result="no_answer", write_instead=True)
        self.assertEqual((notice.channel, notice.state), ("email", "approved"))
        self.assertFalse(notice.call_activity_ids)
        self.assertEqual(notice.dispatch_ids.state, "cancelled")
        notice.with_user(self.collector).action_send()
        self.assertEqual(notice.state, "delivered")
        self.assertEqual(len(self.sent), 1)

    def test_no_other_channel(self):
        self.reminder.write({"fallback_channel": False, "second_fallback_channel": False})
        notice = self._calling()
        form = Form(
            self.env["commercial.dunning.call"].with_user(self.collector).with_context(default_notice_id=notice.id)
        )
        self.assertFalse(form.has_next_channel)
        self.assertEqual(form.phone, "0475 12 34 56")
        with self.assertRaisesRegex(UserError, "no other channel"):
            self._save(notice, result="no_answer", write_instead=True)

    def test_paid_before_the_call(self):
        notice = self._calling()
        self._pay(self.move, day="2026-03-20")
        action = notice.with_user(self.collector).action_open_call()
        self.assertEqual(action["tag"], "display_notification")
        self.assertEqual(notice.state, "cancelled")
        self.assertFalse(notice.call_activity_ids, "nobody is asked to call")

    def test_withdrawn(self):
        notice = self._calling()
        notice.with_user(self.collector).action_cancel()
        self.assertEqual(notice.state, "cancelled")
        self.assertFalse(notice.call_activity_ids)

    def test_rights(self):
        notice = self._calling()
        with self.assertRaises(AccessError):
            notice.with_user(self.assistant).action_open_call()
        with self.assertRaises(AccessError):
            self.env["commercial.dunning.call"].with_user(self.assistant).create(
                {"notice_id": notice.id, "result": "reached"}
            )
        with self.assertRaises(AccessError):
            notice.dispatch_ids.with_user(self.assistant)._mark_called()


@tagged("post_install", "-at_install")
class TestDunningForeignLaws(DunningCommon):
    """From the run to the delivery under the laws of the neighbours."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policies = {
            policy.regime: policy
            for policy in cls.env["commercial.dunning.policy"].search([("company_id", "=", cls.company.id)])
        }
        foreign = [policy for law, policy in cls.policies.items() if not law.startswith("be_")]
        for policy in foreign:
            cls._translate_levels(policy)
        cls.policies["nl_consumer"].write({"charge_interest": True, "charge_indemnity": True})

    def setUp(self):
        super().setUp()
        self._fake_letters()

    def _abroad(self, name, code, **values):
        return self._create_customer(name, country_id=self.env.ref(f"base.{code}").id, **values)

    def test_dutch_consumer(self):
        """Two invoices, one letter of fourteen days, then the announced costs and no cent more."""
        partner = self._abroad("Piet de Vries", "nl", zip="5611 AA", city="Eindhoven")
        moves = self._invoice(partner, 100, due="2026-02-20") + self._invoice(partner, 100, due="2026-02-22")
        with freeze_time("2026-03-03 09:00:00"):
            run = self._run()
            notice = run.notice_ids
            self.assertEqual((notice.regime, notice.announced_indemnity), ("nl_consumer", 40))
            self.assertEqual(str(notice.deadline), "2026-03-20")
            self._deliver(run)
        items = self.env["commercial.receivable.item"].search([("move_id", "in", moves.ids)])
        self.assertEqual({str(item.earliest_charge_on) for item in items}, {"2026-03-21"})
        with freeze_time("2026-03-22 09:00:00"):
            self.assertFalse(self._run().notice_ids, "20 days after the letter was delivered")
        self._pay(moves[0], day="2026-03-24")
        with freeze_time("2026-03-26 09:00:00"):
            run = self._run()
            notice = run.notice_ids
            self.assertEqual(notice.level_kind, "second_reminder")
            self.assertEqual(notice.amount_indemnity, 40)
            # 21 to 26 March at 4 %
            self.assertEqual(notice.amount_interest, 0.07)
            charge = notice.charge_ids.filtered(lambda charge: charge.kind == "indemnity")
            self.assertIn("6:96", charge.legal_ground)
            self._deliver(run)
        with freeze_time("2026-05-20 09:00:00"):
            run = self._run()
            formal = run.notice_ids
            self.assertEqual(formal.level_kind, "formal_notice")
            self.assertEqual(formal.amount_indemnity, 40, "claimed once")

    def test_second_invoice_claims_nothing_more(self):
        """The first invoice was charged the whole announced sum; the second one of the same letter owes nothing."""
        partner = self._abroad("Piet de Vries", "nl")
        first, second = self._invoice(partner, 100, due="2026-02-20"), self._invoice(partner, 100, due="2026-02-20")
        with freeze_time("2026-03-03 09:00:00"):
            self._deliver(self._run())
        self._item(second).sudo().write({"is_excluded": True, "exclusion_reason": "Later"})
        with freeze_time("2026-03-26 09:00:00"):
            run = self._run()
            self.assertEqual((run.notice_ids.line_ids.move_id, run.notice_ids.amount_indemnity), (first, 40))
            self._deliver(run)
        self._item(second).sudo().write({"is_excluded": False, "exclusion_reason": False})
        with freeze_time("2026-03-27 09:00:00"):
            run = self._run()
            self.assertEqual(run.notice_ids.line_ids.move_id, second)
            self.assertEqual(run.notice_ids.amount_indemnity, 0)

    def test_refresh_keeps_the_announced_sum(self):
        partner = self._abroad("Piet de Vries", "nl")
        move = self._invoice(partner, 1000, due="2026-02-20")
        with freeze_time("2026-03-03 09:00:00"):
            self._deliver(self._run())
        with freeze_time("2026-03-26 09:00:00"):
            run = self._run()
            self.assertEqual(run.notice_ids.amount_indemnity, 150)
            self._pay(move, 500, day="2026-03-26")
            run.notice_ids.with_user(self.collector).action_refresh()
            self.assertEqual(run.notice_ids.amount_indemnity, 75)

    def test_late_posting_of_the_dutch_letter(self):
        """Posted later than planned, the letter names too early a day and counts as no reminder."""
        partner = self._abroad("Piet de Vries", "nl", email=False)
        move = self._invoice(partner, 100, due="2026-02-20")
        with freeze_time("2026-03-03 09:00:00"):
            run = self._run()
            run.action_approve()
            run.action_send()
        with freeze_time("2026-03-06 09:00:00"):
            self._post(run.notice_ids.dispatch_ids, "2026-03-06")
        notice = run.notice_ids
        self.assertEqual(notice.state, "failed")
        self.assertIn("6:96 par. 6 of the Dutch Civil Code", notice.skip_reason)
        self.assertFalse(self._item(move).first_reminder_on)

    def test_french_consumer(self):
        """Legal interest runs after the formal notice, and stops when that comes back."""
        self.policies["fr_consumer"].charge_interest = True
        partner = self._abroad("Marie Dupont", "fr", lang="fr_BE")
        move = self._invoice(partner, 1000, due="2026-01-01", invoice_date="2025-12-01")
        for day in ("2026-01-10", "2026-02-01"):
            with freeze_time(f"{day} 09:00:00"):
                run = self._run()
                self.assertEqual(run.notice_ids.regime, "fr_consumer")
                self._deliver(run)
                self.assertFalse(self._item(move).interest_from)
        with freeze_time("2026-03-02 09:00:00"):
            run = self._run()
            self._deliver(run)
        formal = run.notice_ids
        self.assertEqual(formal.level_kind, "formal_notice")
        # Monday 2 March plus three working days
        self.assertEqual(str(self._item(move).interest_from), "2026-03-06")
        with freeze_time("2026-04-04 09:00:00"):
            run = self._run(mode="dry")
            # 6 March to 4 April: 30 days at 2.62 %
            self.assertEqual(run.notice_ids.amount_interest, 2.15)
            self.assertFalse(run.notice_ids.amount_indemnity)
        formal.sudo()._undo_delivery()
        self.assertFalse(self._item(move).interest_from)

    def test_luxembourg_consumer(self):
        """The delivery date of the invoice decides."""
        rate = self.env["commercial.legal.parameter"].search([("code", "=", "lu_consumer_rate")])
        rate.filtered(lambda parameter: parameter.state == "to_confirm").write({"source": "T", "state": "confirmed"})
        self.policies["lu_consumer"].write({"charge_interest": True, "invoices_state_interest": True})
        partner = self._abroad("Paul Weber", "lu", lang="fr_BE")
        told = self._invoice(partner, 1000, due="2026-01-15", invoice_date="2026-01-05", delivery_date="2026-01-02")
        untold = self._invoice(partner, 1000, due="2026-01-15", invoice_date="2026-01-05")
        untold.delivery_date = False
        level = self.policies["lu_consumer"].level_ids.filtered(lambda level: level.kind == "second_reminder")
        self.env["commercial.receivable"]._refresh_items(self.company)
        for move in (told, untold):
            self._item(move).sudo().write({"level_id": level.id, "last_delivered_on": "2026-03-01"})
        with freeze_time("2026-05-30 09:00:00"):
            run = self._run(mode="dry")
            notice = run.notice_ids
            interest = {line.move_id: line.amount_interest for line in notice.line_ids}
            self.assertGreater(interest[told], 0)
            self.assertEqual(interest[untold], 0)
            self.assertEqual(str(notice.charge_ids.date_from), "2026-05-01")

    def test_missing_figure_is_named(self):
        """Who reads the reason sees the parameter and the half-year in the own language; so does the task."""
        self.env["commercial.legal.parameter"].search([("code", "=", "nl_collection_cost_min")]).state = "to_confirm"
        partner = self._abroad("Piet de Vries", "nl")
        move = self._invoice(partner, 100, due="2026-02-20")
        with freeze_time("2026-03-03 09:00:00"):
            run = self._run()
        skip = run.skip_ids.filtered(lambda skip: skip.item_id.move_id == move)
        self.assertEqual(skip.reason, "missing_legal_value")
        self.assertIn("nl_collection_cost_min", skip.explanation)
        self.assertIn("Lowest collection costs", skip.explanation)
        parameter = self.env["commercial.legal.parameter"].search([("code", "=", "nl_collection_cost_min")])
        self.assertTrue(parameter.activity_ids)
        rate = self.env["commercial.dunning.skip"]._explain("missing_legal_value", "nl_consumer_rate 2027-02-01")
        self.assertIn("2027-H1", rate)
        self.assertFalse(self.env["commercial.dunning.skip"]._explain("too_early", False))

    def test_two_levels_of_rules_and_exposure(self):
        """The open amount of the company decides between two policies, all customers in one query."""
        big = self.business_policy.copy({"sequence": 1, "name": "Large"})
        big.rule_ids = [Command.clear(), Command.create({"customer_kind": "business", "exposure_from": 5000})]
        customers = [self._create_customer(f"Zaak{number}", is_company=True) for number in range(3)]
        for customer, amount in zip(customers, (1000, 4999.99, 5000), strict=True):
            self._invoice(customer, amount, due="2026-02-20")
        with freeze_time("2026-03-03 09:00:00"):
            run = self._run()
        policies = {notice.partner_id: notice.policy_id for notice in run.notice_ids}
        self.assertEqual([policies[customer] for customer in customers],
                         [self.business_policy, self.business_policy, big])  # fmt: skip

    def test_rules_cost_no_query_per_customer(self):
        team = self.env["crm.team"].create({"name": "North", "member_ids": [Command.set(self.env.user.ids)]})
        policy = self.business_policy.copy({"sequence": 1, "name": "Asks all"})
        policy.rule_ids = [
            Command.clear(),
            Command.create(
                {
                    "customer_kind": "business",
                    "category_ids": [Command.create({"name": "VIP"})],
                    "team_ids": [Command.set(team.ids)],
                    "exposure_from": 10,
                    "payment_method": "with",
                }
            ),
        ]
        costs = []
        for count, name in ((2, "Weinig"), (20, "Veel")):
            customers = [self._create_customer(f"{name}{number}", is_company=True) for number in range(count)]
            for customer in customers:
                self._invoice(customer, 100, due="2026-02-20")
            ids = [customer.id for customer in customers]
            with freeze_time("2026-03-03 09:00:00"):
                run = self._run(propose=False, partner_ids=[Command.set(ids)])
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                run.action_propose()
                self.env.flush_all()
                costs.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(run.notice_ids), count)
        self.assertLessEqual(costs[1], costs[0] + 2)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-20 09:00:00")
class TestDunningInvoiceExclusion(DunningCommon):
    """An invoice is taken out of the reminders where it is looked at."""

    def test_from_the_invoice(self):
        move = self._invoice()
        action = move.with_user(self.collector).action_exclude_from_dunning()
        wizard = self.env[action["res_model"]].with_user(self.collector).with_context(**action["context"])
        wizard.create({"reason": "Wrong address", "until": "2026-04-30"}).action_exclude()
        seen = move.with_user(self.assistant)
        self.assertIn("Wrong address (until", seen.dunning_exclusion)
        run = self._run()
        self.assertEqual(self._reasons(run)[move], "item_excluded")
        self.assertEqual(str(run.skip_ids.until), "2026-05-01")
        move.with_user(self.collector).action_include_in_dunning()
        self.assertFalse(move.dunning_exclusion)
        self.assertTrue(self._run(mode="dry").notice_ids)

    def test_exclusion_that_is_over(self):
        move = self._invoice()
        self.env["commercial.receivable"]._refresh_items(self.company)
        self._item(move).write({"is_excluded": True, "exclusion_reason": "Ill", "excluded_until": "2026-03-19"})
        self.assertFalse(move.dunning_exclusion)
        self._item(move).excluded_until = False
        self.assertEqual(move.dunning_exclusion, "Ill")

    def test_nothing_open(self):
        move = self._invoice()
        self._pay(move, day="2026-03-20")
        with self.assertRaisesRegex(UserError, "nothing to remind"):
            move.with_user(self.collector).action_exclude_from_dunning()

    def test_rights(self):
        move = self._invoice()
        with self.assertRaises(AccessError):
            move.with_user(self.assistant).action_exclude_from_dunning()

    def test_one_query_for_many(self):
        moves = self.env["account.move"]
        for number in range(6):
            moves |= self._invoice(amount=100 + number)
        self.env["commercial.receivable"]._refresh_items(self.company)
        self.env.flush_all()
        moves.invalidate_recordset()
        moves.mapped("dunning_exclusion")
        moves.invalidate_recordset()
        before = self.env.cr.sql_log_count
        moves.mapped("dunning_exclusion")
        self.assertLessEqual(self.env.cr.sql_log_count - before, 2)
