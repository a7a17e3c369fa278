from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, ConcurrencyError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.commercial_assistant.models.dunning.dunning_run import DunningRun

from .common_dunning import DunningCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-20 09:00:00")
class TestDunningSafety(DunningCommon):
    """Nobody is reminded twice, nothing is skipped in silence, and whoever has to act is told."""

    def setUp(self):
        super().setUp()
        self._fake_letters()

    # --- ENTERPRISE BESIDE US ---

    def _install_followup(self):
        """Let Odoo's own follow-up look installed."""
        module = self.env["ir.module.module"].search([("name", "=", "account_followup")])
        module = module or self.env["ir.module.module"].create({"name": "account_followup"})
        module.state = "installed"

    def test_followup_beside_us(self):
        invoice = self._invoice()
        self.assertFalse(self.company.dunning_has_followup)
        self._install_followup()
        self.company.invalidate_recordset(["dunning_has_followup"])
        self.assertTrue(self.company.dunning_has_followup)
        run = self._run()
        self.assertFalse(run.notice_ids)
        self.assertEqual(self._reasons(run), {invoice: "followup_beside"})
        self.assertIn("Odoo's own payment follow-up", run.company_problem)
        self.company.dunning_beside_followup = True
        run.invalidate_recordset(["company_problem"])
        self.assertFalse(run.company_problem)
        run.action_propose()
        self.assertEqual(run.notice_ids.amount_total, 1000)

    def test_followup_installed_before_sending(self):
        self._invoice()
        run = self._run()
        self._install_followup()
        self._deliver(run)
        self.assertFalse(self.sent)
        self.assertEqual(run.notice_ids.state, "cancelled")
        self.assertIn("Odoo's own payment follow-up", run.notice_ids.skip_reason)

    def test_followup_in_the_settings(self):
        self._install_followup()
        settings = self.env["res.config.settings"].create({"dunning_beside_followup": True})
        self.assertTrue(settings.dunning_has_followup)
        settings.execute()
        self.assertTrue(self.company.dunning_beside_followup)

    def test_company_off_is_told_on_the_run(self):
        self._invoice()
        self.company.dunning_active = False
        self.assertIn("switched off", self._run().company_problem)

    # --- THE NIGHTLY JOB ---

    def test_health_of_the_job(self):
        self.assertIn("Off", self.company.dunning_health)
        self.assertFalse(self.company.dunning_is_late)
        self.company.dunning_auto_propose = True
        self.assertEqual(self.company.dunning_auto_since, date(2026, 3, 20))
        self.assertIn("no nightly run yet", self.company.dunning_health)
        self.assertFalse(self.company.dunning_is_late)
        Run = self.env["commercial.dunning.run"].sudo()  # as the job works
        Run._start_automatic_run(self.company)
        with freeze_time("2026-03-21 09:00:00"):
            self.company.invalidate_recordset(["dunning_health", "dunning_is_late"])
            self.assertIn("Last nightly run: 20/03/2026", self.company.dunning_health)
            self.assertFalse(self.company.dunning_is_late)
        with freeze_time("2026-03-22 09:00:00"):
            self.company.invalidate_recordset(["dunning_health", "dunning_is_late"])
            self.assertTrue(self.company.dunning_is_late)
            self.assertTrue(Run.search([("company_id", "=", self.company.id)], limit=1).is_late)

    def test_late_job_gives_one_task(self):
        self.company.dunning_auto_propose = True
        Company = self.env["res.company"]
        Company._watch_dunning_job()
        self.assertFalse(self.company._get_job_tasks())
        with freeze_time("2026-03-23 09:00:00"):
            self.env.invalidate_all()
            for _time in range(2):
                Company._watch_dunning_job()
            task = self.company._get_job_tasks()
            self.assertEqual(len(task), 1)
            self.assertTrue(task.user_id.has_group("commercial_assistant.group_team_lead"))
            run = self.env["commercial.dunning.run"].browse(task.res_id)
            self.assertEqual((run.date, run.state, run.mode), (date(2026, 3, 23), "draft", "real"))
            # the job comes: the task is gone
            run.sudo()._start_automatic_run(self.company)
            self.assertFalse(self.company._get_job_tasks())
            self.assertTrue(run.is_automatic)

    def test_jobs_belong_to_the_technical_user(self):
        jobs = self.company._get_dunning_jobs()
        self.assertEqual(len(jobs), 5)
        self.assertEqual(jobs.user_id, self.env.ref("base.user_root"))
        self.assertEqual(self.company._find_job_problem(), "")

    def test_archived_owner_of_a_job(self):
        owner = self._create_desk_user("dunning_former", "commercial_assistant.group_collector")
        job = self.env.ref("commercial_assistant.ir_cron_dunning_propose")
        job.write({"user_id": owner.id, "active": False})
        self.company.dunning_auto_propose = True
        self.assertIn("Switched off: Commercial Assistant: propose reminders", self.company.dunning_health)
        owner.active = False
        self.company.invalidate_recordset(["dunning_health"])
        self.assertIn("dunning former, who is archived", self.company.dunning_health)
        with self.assertRaises(AccessError):
            self.company.with_user(self.collector).action_repair_dunning_jobs()
        self.env["res.config.settings"].create({}).action_repair_dunning_jobs()
        self.assertEqual(job.user_id, self.env.ref("base.user_root"))
        self.assertTrue(job.active)

    def test_job_tells_its_progress(self):
        """The job counts customers, so that Odoo knows that it moves and how much is left."""
        self.company.dunning_chunk_size = 2
        for number in range(5):
            self._invoice(self._create_customer(f"Firma {number}", is_company=True))
        run = self._run(propose=False).sudo()
        run._start_proposing()
        self.assertEqual((run.customers_total, run._count_left(), run.progress), (5, 6, 0))
        steps = []

        def progress(done=0, remaining=None):
            steps.append((done, round(run.progress)))
            return 60

        self.assertTrue(run._propose_in_chunks(progress))
        self.assertEqual(steps, [(2, 40), (2, 80), (1, 100), (1, 0)])
        self.assertEqual((run.state, run._count_left()), ("approved", 1))

    # --- AT ONCE ---

    def test_customer_in_use(self):
        """Who is in use when it is his turn is asked again at the end; who still is keeps the reason."""
        invoices = [self._invoice(self._create_customer(f"Firma {number}", is_company=True)) for number in range(3)]
        busy = {invoices[0].partner_id.id: 1, invoices[1].partner_id.id: 2}

        def lock(run, rows):
            free = []
            for row in rows:
                if busy.get(row["partner_id"], 0) > 0:
                    busy[row["partner_id"]] -= 1
                else:
                    free.append(row)
            return free

        with patch.object(DunningRun, "_lock_customers", lock):
            run = self._run()
        self.assertEqual(self._reasons(run), {invoices[1]: "in_use"})
        self.assertEqual(run.notice_ids.partner_id, (invoices[0] + invoices[2]).partner_id)
        run.action_propose()
        self.assertFalse(run.skip_ids)
        self.assertEqual(len(run.notice_ids), 3)

    def test_two_runs_made_at_once(self):
        """The second one begins again and finds the first."""
        run = self._run(propose=False)
        vals = {"company_id": run.company_id.id, "date": run.date, "mode": "real"}
        with self.assertRaises(ConcurrencyError), mute_logger("odoo.sql_db"):
            self.env["commercial.dunning.run"]._create_once(vals)
        self.assertEqual(self.env["commercial.dunning.run"]._get_or_create(self.company), run)

    def test_a_conflict_is_no_error_of_a_customer(self):
        """What another transaction did is repeated by the framework; it is not written down as an error."""
        self._invoice()
        with patch.object(DunningRun, "_write_lines", side_effect=ConcurrencyError("twice")):
            with self.assertRaises(ConcurrencyError):
                self._run()

    # --- LETTERS ---

    def test_a_letter_that_needs_a_hand_after_all(self):
        """Approved by itself, then money comes in that the policy wants looked at: a person decides."""
        self.business_policy.netting = "warn"
        self._invoice()
        notice = self._run().notice_ids
        self.assertEqual((notice.state, notice.approved_by_id.id), ("approved", False))
        self._pay_on_account(self.business, 100)
        notice.action_refresh()
        self.assertEqual((notice.state, notice.needs_approval), ("proposed", True))
        notice.with_user(self.collector).action_approve()
        notice.action_refresh()
        self.assertEqual((notice.state, notice.approved_by_id), ("approved", self.collector))

    def test_paper_of_a_run(self):
        """One click prints the next letters of a run, the next one asks for the day of posting."""
        for number in range(3):
            self._invoice(self._create_customer(f"Firma {number}", is_company=True, email=False))
        run = self._run().with_user(self.collector)
        with self.assertRaisesRegex(UserError, "waits to be printed"):
            run.action_print_letters()
        run.action_send()
        self.assertEqual((run.state, run.print_count, run.post_count), ("sending", 3, 3))
        self.assertEqual(run.progress, 0)
        with self.assertRaisesRegex(UserError, "waits for the post"):
            run.action_post_letters()
        module = "odoo.addons.commercial_assistant.models.dunning.dunning_run"
        with (
            patch(f"{module}.PRINT_BATCH", 2),
            patch(f"{module.replace('dunning.dunning_run', 'common.dispatch')}.merge_pdf"),
        ):
            for left in (1, 0):
                self.assertEqual(run.action_print_letters()["type"], "ir.actions.act_url")
                run.invalidate_recordset(["print_count"])
                self.assertEqual(run.print_count, left)
        action = run.action_post_letters()
        self.env.cr.execute("UPDATE commercial_dispatch SET create_date = '2026-03-20'")
        self.env.invalidate_all()
        self.env[action["res_model"]].with_user(self.collector).with_context(**action["context"]).create(
            {}
        ).action_apply()
        run.invalidate_recordset()
        self.assertEqual((run.state, run.post_count, run.delivered_count), ("done", 0, 3))
        self.assertEqual(run.progress, 100)

    def _posted(self, count, name):
        customers = [
            self._create_customer(f"{name}{number} Paper", is_company=True, email=False) for number in range(count)
        ]
        for customer in customers:
            self._invoice(customer)
        run = self._run(partner_ids=[Command.set([customer.id for customer in customers])])
        run.notice_ids._send()
        self.env.cr.execute("UPDATE commercial_dispatch SET create_date = '2026-03-20'")
        self.env.flush_all()
        self.env.invalidate_all()
        dispatches = run.notice_ids.dispatch_ids
        before = self.env.cr.sql_log_count
        dispatches.action_mark_posted("2026-03-20")
        self.assertEqual(set(run.notice_ids.mapped("state")), {"delivered"})
        return self.env.cr.sql_log_count - before

    def test_a_bundle_is_posted_in_few_queries(self):
        """The law is asked once for the whole bundle; a letter costs what is written about it."""
        self._posted(1, "Warm")
        few, many = self._posted(2, "Few"), self._posted(12, "Many")
        self.assertLess((many - few) / 10, 24)

    def test_letters_are_looked_at_in_sets(self):
        def cost(count, name):
            for number in range(count):
                self._invoice(self._create_customer(f"{name}{number} Set", is_company=True))
            run = self._run(
                partner_ids=[Command.set(self.env["res.partner"].search([("name", "like", f"{name}%Set")]).ids)]
            )
            self.assertEqual(len(run.notice_ids), count)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            run.notice_ids._refresh()
            return self.env.cr.sql_log_count - before

        cost(1, "Warm")
        few, many = cost(2, "Few"), cost(12, "Many")
        self.assertLess((many - few) / 10, 4)

    def test_two_letters_to_one_customer_are_looked_at_one_after_the_other(self):
        """Money on account is deducted once, also when both letters are refreshed."""
        self._invoice(amount=300)
        self._pay_on_account(self.business, 100)
        first = self._run().notice_ids
        self._invoice(amount=500, due="2026-03-02")
        second = self._run(partner_ids=[Command.set(self.business.ids)]).notice_ids
        (first + second)._refresh()
        self.assertEqual((first.amount_credit, second.amount_credit), (100, 0))

    def test_large_run_is_not_loaded(self):
        """Approving or withdrawing all letters of a run costs the same for two and for twenty."""
        costs = []
        self.business_policy.level_ids.approval = "manual"
        for count, name in ((2, "Few"), (20, "Many")):
            customers = [self._create_customer(f"{name}{n} Run", is_company=True) for n in range(count)]
            for customer in customers:
                self._invoice(customer)
            run = self._run(partner_ids=[Command.set([customer.id for customer in customers])])
            for action in (run.action_approve, run.action_cancel):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                action()
                self.env.flush_all()
                costs.append(self.env.cr.sql_log_count - before)
            self.assertEqual(set(run.notice_ids.mapped("state")), {"cancelled"})
        self.assertLessEqual(costs[2], costs[0] + 2)
        self.assertLessEqual(costs[3], costs[1] + 4)

    # --- BAD INPUT ---

    def test_customer_without_kind(self):
        """Whoever is of no known kind is protected like a consumer."""
        self._invoice(self.business)
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_partner SET customer_kind = NULL WHERE id = %s", self.business.ids)
        self.env.invalidate_all()
        self.assertEqual(self._run().notice_ids.regime, "be_consumer")

    def test_neither_address_nor_mail(self):
        self.business.write({"email": False, "street": False, "zip": False, "city": False})
        invoice = self._invoice()
        run = self._run()
        self.assertEqual(self._reasons(run), {invoice: "no_recipient"})

    def test_unusable_mail_address(self):
        """A typing mistake is no address: the letter goes by post."""
        self.business.email = "info at bakkerij"
        self._invoice()
        self.assertEqual(self._run().notice_ids.channel, "post")

    def test_archived_contact(self):
        """The chosen contact has left the company: the letter goes to the customer itself."""
        contact = self.env["res.partner"].create(
            {"name": "Ms Peeters", "parent_id": self.business.id, "email": "p@b.example"}
        )
        self._invoice()
        self.env["commercial.receivable"]._refresh_items(self.company)
        receivable = self.env["commercial.receivable"].search([("partner_id", "=", self.business.id)])
        receivable.contact_id = contact
        contact.active = False
        self.assertEqual(self._run().notice_ids.contact_id, self.business)

    def test_language_that_is_not_installed(self):
        invoice = self._invoice()
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_partner SET lang = 'pl_PL' WHERE id = %s", self.business.ids)
        self.env.invalidate_all()
        run = self._run()
        self.assertEqual(self._reasons(run), {invoice: "no_text"})
        self.assertEqual(run.skip_ids.detail, "pl_PL")

    def test_a_customer_that_breaks_the_computation_is_named(self):
        """Not a traceback for everybody: the customer is named, the others get their letters."""
        good, bad = self._invoice(), self._invoice(self._create_customer("Bad", is_company=True))
        original = DunningRun._choose_policy

        def choose(run, row, *args):
            if row["partner_id"] == bad.partner_id.id:
                raise ZeroDivisionError("nothing to divide by")
            return original(run, row, *args)

        logger = "odoo.addons.commercial_assistant.models.dunning.dunning_run"
        with patch.object(DunningRun, "_choose_policy", choose), self.assertLogs(logger, "WARNING"):
            run = self._run()
        self.assertEqual(run.notice_ids.line_ids.move_id, good)
        self.assertEqual(self._reasons(run), {bad: "error"})
