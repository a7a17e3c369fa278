from datetime import date, datetime
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.commercial_assistant.models.dunning.receivable_call import ReceivableCall
from odoo.addons.commercial_assistant.tools import collection_work as core

from .test_dunning_statement import StatementCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-20 09:00:00")
class TestCollectorsWorklist(StatementCommon):
    def setUp(self):
        super().setUp()
        self._fake_letters()

    def _refresh(self, partner=None):
        self.env["commercial.receivable"]._refresh_items(self.company)
        self.env["commercial.receivable"]._refresh_work(self.company)
        return self._account(partner)

    def _call(self, result, receivable=None, **values):
        receivable = receivable or self._account()
        return (
            self.env["commercial.receivable.call"]
            .with_user(self.collector)
            .create({"receivable_id": receivable.id, "result": result, **values})
        )

    # --- NEXT STEP ---

    def test_remind(self):
        self._invoice(amount=1000)
        account = self._refresh()
        self.assertRecordValues(
            account,
            [{"next_action": "reminder_due", "next_action_on": date(2026, 3, 4), "action_codes": " reminder_due "}],
        )
        self.assertEqual(
            account.with_context(lang="en_US").next_action_text, "Overdue invoices that can be reminded: 1"
        )

    def test_not_due_yet(self):
        self._invoice(amount=1000, due="2026-04-10")
        account = self._refresh()
        self.assertRecordValues(account, [{"next_action": "wait", "action_codes": False, "priority": 0}])
        self.assertIn("04/11/2026", account.with_context(lang="en_US").next_action_text)

    def test_course_of_a_letter(self):
        self._invoice(amount=1000)
        self.business_policy.level_ids.write({"approval": "manual", "channel": "post", "fallback_channel": False})
        run = self._run()
        account = self._refresh()
        self.assertEqual(account.next_action, "letter_to_approve")
        self.assertIn(run.notice_ids.name, account.next_action_text)
        run.action_approve()
        run.action_send()
        self.assertEqual(self._refresh().next_action, "letter_to_post")
        self._post(run.notice_ids.dispatch_ids, date(2026, 3, 20))
        self.assertEqual(run.notice_ids.state, "delivered")
        account = self._refresh()
        self.assertNotIn("letter", account.next_action or "")
        deadline = run.notice_ids.deadline
        with freeze_time(deadline):
            self.assertNotEqual(self._refresh().next_action, "deadline_passed")
        with freeze_time(fields.Date.add(deadline, days=1)):
            account = self._refresh()
            self.assertIn(" deadline_passed ", account.action_codes)
            self.assertEqual(account.next_action, "deadline_passed")
            self._pay(run.notice_ids.line_ids.move_id, day=deadline)
            self.assertFalse(self._refresh().next_action, "what is paid needs nothing")

    def test_letter_that_failed(self):
        self._invoice(amount=1000)
        run = self._run()
        run.action_approve()
        run.notice_ids.sudo()._fail("no such address")
        account = self._refresh()
        self.assertEqual(account.next_action, "letter_failed")
        self._run("2026-03-20", partner_ids=[Command.set(self.business.ids)])
        self.assertNotIn("letter_failed", self._refresh().action_codes or "")

    def test_activity(self):
        self._invoice(amount=1000)
        account = self._account()
        account.activity_schedule(
            "mail.mail_activity_data_call", date(2026, 3, 19), summary="Ask Els", user_id=self.collector.id
        )
        account = self._refresh()
        self.assertEqual(account.next_action, "activity_due")
        self.assertIn("Ask Els", account.next_action_text)

    def test_excluded(self):
        self._invoice(amount=1000)
        account = self._account()
        account.write({"is_excluded": True, "exclusion_reason": "Waits for parts", "excluded_until": "2026-04-30"})
        account = self._refresh()
        self.assertRecordValues(account, [{"next_action": "wait", "next_action_on": date(2026, 5, 1)}])

    def test_shown_as_it_is_now(self):
        """The sentence does not wait for the night."""
        invoice = self._invoice(amount=1000)
        account = self._refresh()
        self._pay(invoice)
        self.env["commercial.receivable"]._refresh_items(self.company)
        account.invalidate_recordset()
        self.assertEqual(account.next_action, "reminder_due")
        self.assertFalse(account.next_action_text)
        self._refresh()
        self.assertRecordValues(account, [{"next_action": False, "priority": 0, "priority_data": False}])

    def test_models_contribute(self):
        """A broken promise of another room comes before everything else; its text names amount and day."""
        self._invoice(amount=1000)
        account = self._account()
        facts = {"amount": 250, "currency_id": self.company.currency_id.id, "promised_on": "2026-03-12"}

        def answer(model, ids):
            return {account.id: [core.Action("promise_broken", date(2026, 3, 13), facts)]}

        with patch.object(ReceivableCall, "_fetch_receivable_actions", answer):
            self._refresh()
            text = account.with_context(lang="en_US").next_action_text
        self.assertEqual(account.next_action, "promise_broken")
        self.assertEqual(account.action_codes, " promise_broken reminder_due ")
        self.assertIn("250.00", text)
        self.assertIn("03/12/2026", text)

    def test_every_action_has_a_sentence(self):
        account = self._account()
        facts = {"name": "X1", "amount": 1, "summary": "S", "count": 2}
        for code in core.ACTIONS:
            for on in ("2026-03-01", "2026-04-01"):
                action = core.Action(code, fields.Date.to_date(on), facts)
                self.assertTrue(account._get_action_text(action, date(2026, 3, 20)), code)
        self.assertEqual({code for code, _label in account._fields["next_action"].selection}, set(core.ACTIONS))

    # --- ORDER ---

    def test_priority(self):
        self._invoice(amount=1000)
        self._invoice(self.consumer, amount=1000, due="2025-11-01", invoice_date="2025-10-01")
        self._refresh()
        accounts = self.env["commercial.receivable"].search(
            [("company_id", "=", self.company.id), ("priority", ">", 0)], order="priority desc"
        )
        self.assertEqual(accounts.partner_id, self.consumer + self.business)
        self.assertEqual(accounts[0].partner_id, self.consumer, "older comes first")
        text = accounts[0].with_context(lang="en_US").priority_text
        self.assertIn("1,000.00", text)
        self.assertIn("139 days late", text)

    def test_priority_of_several_currencies(self):
        """For the order only they are compared in the currency of the company; shown is each by itself."""
        dollar = self._in_dollar()
        self._invoice(amount=1000)
        self._invoice(amount=500, currency_id=dollar.id)
        account = self._refresh()
        self.assertEqual(account.priority, core.priority(1250, 19, 0))
        self.assertEqual(len(account.priority_data["overdue"]), 2)
        self.assertIn(" + ", account.priority_text)

    def test_only_changes_are_written(self):
        self._invoice(amount=1000)
        self._refresh()
        self.env.cr.execute("SELECT xmin::text FROM commercial_receivable WHERE id = %s", [self._account().id])
        before = self.env.cr.fetchone()
        self.env["commercial.receivable"]._refresh_work(self.company)
        self.env.cr.execute("SELECT xmin::text FROM commercial_receivable WHERE id = %s", [self._account().id])
        self.assertEqual(self.env.cr.fetchone(), before)

    def test_queries_do_not_grow(self):
        costs = []
        for count in (2, 20):
            for number in range(count):
                self._invoice(self._create_customer(f"Work{count}x{number} Customer"), amount=10 + number)
            self.env["commercial.receivable"]._refresh_items(self.company)
            self._run("2026-03-20").action_cancel()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["commercial.receivable"]._refresh_work(self.company)
            costs.append(self.env.cr.sql_log_count - before)
            accounts = self.env["commercial.receivable"].search([("company_id", "=", self.company.id)])
            accounts.mapped("partner_id.phone")
            before = self.env.cr.sql_log_count
            accounts.read(["next_action_text", "score_text", "priority_text", "phone"])
            costs.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(costs[2], costs[0])
        self.assertLessEqual(costs[3], costs[1] + 1)

    # --- SCORE ---

    def test_score(self):
        self._pay(self._invoice(amount=1000, due="2026-02-20"), day="2026-03-12")
        account = self._refresh()
        self.assertEqual(account.score, False, "nothing is open: nobody looks at the customer")
        self.env["commercial.receivable"]._refresh_work(self.company, account.ids)
        self.assertRecordValues(account, [{"mean_delay": 20, "score": 84, "score_grade": "b"}])
        self.assertIn("20 days late", account.with_context(lang="en_US").score_text)

    def test_open_items_spoil_the_score(self):
        self._pay(self._invoice(amount=100, due="2026-03-01"), day="2026-03-01")
        self._invoice(amount=900, due="2025-12-10", invoice_date="2025-11-10")
        account = self._refresh()
        self.assertEqual(account.mean_delay, 90)
        self.assertEqual(account.score_grade, "d")

    def test_credit_notes_are_no_payments(self):
        invoice = self._invoice(amount=1000, due="2025-12-10", invoice_date="2025-11-10")
        self._credit_note(invoice, 1000, "2026-03-10")
        account = self._account()
        self.env["commercial.receivable"]._refresh_work(self.company, account.ids)
        self.assertFalse(account.score_grade)

    def test_contributed_behaviour(self):
        self._pay(self._invoice(amount=1000), day="2026-03-01")
        account = self._account()
        dollar = self._in_dollar()

        def answer(model, company, ids, day):
            return {account.id: {"promises_due": 4, "promises_kept": 1, "disputed": {dollar.id: 1000}}}

        with patch.object(ReceivableCall, "_fetch_receivable_behaviour", answer, create=True):
            self.env["commercial.receivable"]._refresh_work(self.company, account.ids)
        self.assertEqual(account.score_data["by_promises"], 12)
        self.assertEqual(account.score_data["by_disputes"], 5, "1000 dollars are 500 euro of 1000")
        self.assertIn("1 of 4 promises kept", account.with_context(lang="en_US").score_text)

    # --- CALLS ---

    def test_no_answer_calls_again(self):
        """Friday: the next working day is Monday."""
        self._invoice(amount=1000)
        self._refresh()
        form = Form(
            self.env["commercial.receivable.call"]
            .with_user(self.collector)
            .with_context(default_receivable_id=self._account().id),
            view="commercial_assistant.receivable_call_view_form_new",
        )
        self.assertFalse(form.call_again_on)
        form.result = "no_answer"
        self.assertEqual(form.call_again_on, date(2026, 3, 23))
        form.note = "Voice mail is full"
        call = form.save()
        call.action_done()
        account = self._account()
        self.assertNotEqual(account.next_action, "call_due")
        with freeze_time("2026-03-23 09:00:00"):
            account = self._refresh()
            self.assertEqual(account.next_action, "call_due")
            self._call("reached").action_done()
            self.assertNotIn("call_due", account.action_codes or "")

    def test_calls_stand_in_the_history(self):
        self._invoice(amount=1000)
        account = self._refresh()
        self._call("reached", note="Pays <b>on</b> Friday").action_done()
        run = self._run()
        self._deliver(run)
        account.invalidate_recordset()
        timeline = account.with_context(lang="en_US").timeline
        self.assertIn("Pays &lt;b&gt;on&lt;/b&gt; Friday", timeline)
        self.assertIn(run.notice_ids.name, timeline)
        self.assertLess(timeline.index(run.notice_ids.name), len(timeline))
        self.assertIn("Reached", account.message_ids[1].body + account.message_ids[0].body)

    def test_call_leads_to_the_next_form(self):
        """The other rooms offer their forms as actions on the account; without them the window just closes."""
        call = self._call("promise")
        receivable_class = type(self.env["commercial.receivable"])
        if not hasattr(receivable_class, "action_register_promise"):
            self.assertEqual(call.action_done()["type"], "ir.actions.act_window_close")
        with patch.object(
            receivable_class, "action_register_promise", lambda account: {"opened": account.id}, create=True
        ):
            self.assertEqual(call.action_done(), {"opened": call.receivable_id.id})

    def test_call_is_checked(self):
        with self.assertRaisesRegex(ValidationError, "not a contact of"):
            self._call("reached", contact_id=self.consumer.id)
        with self.assertRaisesRegex(ValidationError, "still to come"):
            self._call("reached", called_on=datetime(2026, 3, 21, 9))

    def test_buttons(self):
        self._invoice(amount=1000)
        account = self._refresh().with_user(self.collector)
        self.assertEqual(account.action_call()["context"]["default_receivable_id"], account.id)
        mail = account.action_mail()
        self.assertEqual(mail["context"]["default_partner_ids"], self.business.ids)
        self.assertEqual(account.action_preview()["report_name"], "commercial_assistant.report_receivable_statement")
        run = self._run()
        account.invalidate_recordset()
        self.assertEqual(account.action_preview()["report_name"], "commercial_assistant.report_dunning_notice")
        self.assertTrue(run.notice_ids)
        self.assertEqual(account.action_refresh_worklist()["tag"], "soft_reload")
        self.assertTrue(account.action_refresh())

    # --- RESPONSIBLE ---

    def _assign(self, partners=None, user=None, **values):
        accounts = self._account(partners or self.business + self.consumer)
        wizard = (
            self.env["commercial.receivable.assign"]
            .with_user(user or self.collector)
            .create({"receivable_ids": [Command.set(accounts.ids)], **values})
        )
        return wizard.action_assign()

    def test_assign(self):
        accounts = self._account(self.business + self.consumer)
        self._assign(rule="person", user_id=self.collector.id)
        self.assertEqual(accounts.user_id, self.collector)
        with self.assertRaisesRegex(UserError, "have a responsible already"):
            self._assign(rule="person", user_id=self.lead.id)
        self._assign(rule="person", user_id=self.lead.id, only_unassigned=False)
        self.assertEqual(accounts.user_id, self.lead)

    def test_share_out(self):
        partners = self.env["res.partner"]
        for number, amount in enumerate((1000, 900, 100, 90)):
            partners |= self._create_customer(f"Share{number} Customer")
            self._invoice(partners[-1], amount=amount)
        self._refresh()
        self._assign(partners, rule="share", user_ids=[Command.set((self.collector + self.lead).ids)])
        shares = self._account(partners).grouped("user_id")
        self.assertEqual({user: len(mine) for user, mine in shares.items()}, {self.collector: 2, self.lead: 2})
        self.assertEqual(len(shares[self.collector].partner_id & partners[:2]), 1, "each has one of the large ones")

    def test_by_salesperson_team_and_country(self):
        seller = self._create_desk_user("work_seller", "sales_team.group_sale_salesman")
        self.env["crm.team"].create(
            {
                "name": "Team Work",
                "user_id": self.lead.id,
                "member_ids": [Command.set(seller.ids)],
                "company_id": self.company.id,
            }
        )
        self.business.user_id = seller
        accounts = self._account(self.business + self.consumer)
        self._assign(rule="salesperson")
        self.assertEqual(
            [account.user_id for account in accounts.sorted("partner_id")], [seller, self.env["res.users"]]
        )
        accounts.user_id = False
        result = self._assign(rule="team", user_id=self.collector.id)
        self.assertEqual(
            {account.partner_id: account.user_id for account in accounts},
            {self.business: self.lead, self.consumer: self.collector},
        )
        self.assertIn("1", result["params"]["message"])
        accounts.user_id = False
        with self.assertRaisesRegex(UserError, "which country"):
            self._assign(rule="country")
        self.consumer.country_id = self.env.ref("base.fr")
        lines = [Command.create({"country_ids": [Command.set(self.env.ref("base.fr").ids)], "user_id": self.lead.id})]
        result = self._assign(rule="country", line_ids=lines)
        self.assertEqual(accounts.filtered("user_id").partner_id, self.consumer)
        self.assertEqual(result["params"]["type"], "warning")

    # --- MERGING ---

    def test_merged_customers(self):
        twin = self._create_customer("Bakkerij De Smet bis", is_company=True)
        self._invoice(amount=1000)
        self._invoice(twin, amount=500)
        self.env["commercial.receivable"]._refresh_items(self.company)
        first, second = self._account(self.business), self._account(twin)
        self._call("reached", second)
        Statement = self.env["commercial.statement"]
        Statement._plan(first, {"date": "2026-03-20"})
        Statement._plan(second, {"date": "2026-03-20"})
        Statement._plan(second, {"date": "2026-03-19"})
        second.sudo()._move_to(first)
        self.assertFalse(second.exists())
        self.assertEqual(len(first.call_ids), 1)
        self.assertEqual(sorted(first.statement_ids.mapped("state")), ["cancelled", "waiting", "waiting"])
        self.assertEqual(first.statement_ids.partner_id, self.business)

    # --- RIGHTS ---

    def test_rights(self):
        self._invoice(amount=1000)
        self._refresh()
        account = self._account().with_user(self.assistant)
        self.assertTrue(account.next_action_text)
        self.assertIn("table", account.timeline) if account.notice_ids else self.assertTrue(account.timeline)
        for action in ("action_call", "action_mail", "action_assign", "action_refresh_worklist"):
            with self.subTest(action=action), self.assertRaises(AccessError):
                getattr(account, action)()
        with self.assertRaises(AccessError):
            self.env["commercial.receivable.call"].with_user(self.assistant).create(
                {"receivable_id": account.id, "result": "reached"}
            )
        with self.assertRaises(AccessError):
            self._assign(user=self.assistant, rule="person", user_id=self.lead.id)
        employee = new_test_user(self.env, "work_employee", "base.group_user", company_id=self.company.id)
        for model in ("commercial.receivable.call", "commercial.receivable.assign"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(employee).search([])

    def test_other_company(self):
        self._call("reached")
        other = self.setup_other_company(name="Other BV")["company"]
        stranger = new_test_user(
            self.env,
            "work_stranger",
            "commercial_assistant.group_collector",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.assertFalse(self.env["commercial.receivable.call"].with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            self.env["commercial.receivable.call"].with_user(stranger).create(
                {"receivable_id": self._account().id, "result": "reached"}
            )

    def test_runs_set_it_off(self):
        self._invoice(amount=1000)
        cron = self.env.ref("commercial_assistant.ir_cron_receivable_work")
        triggers = self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        self._run()
        self.assertGreater(self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)]), triggers)

    def test_job(self):
        self._invoice(amount=1000)
        self.env["commercial.receivable"]._refresh_items(self.company)
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 60):
            self.env["commercial.receivable"].sudo()._cron_refresh_work()
        self.assertEqual(self._account().next_action, "reminder_due")
