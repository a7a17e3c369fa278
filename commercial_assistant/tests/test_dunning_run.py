from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .common_dunning import DunningCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-20 09:00:00")
class TestDunningRun(DunningCommon):
    def setUp(self):
        super().setUp()
        self._fake_letters()

    # --- PROPOSING ---

    def test_first_reminder_to_a_business(self):
        invoice = self._invoice()
        run = self._run()
        self.assertRecordValues(
            run.notice_ids,
            [
                {
                    "partner_id": self.business.id,
                    "contact_id": self.business.id,
                    "lang": "nl_BE",
                    "regime": "be_business",
                    "level_kind": "reminder",
                    "channel": "email",
                    "state": "approved",
                    "amount_principal": 1000,
                    "amount_total": 1000,
                    "deadline": date(2026, 3, 28),
                    "announced_indemnity": 40,
                    "announced_interest_rate": 10.5,
                    "partner_bank_id": self.bank.id,
                }
            ],
        )
        self.assertRecordValues(
            run.notice_ids.line_ids,
            [
                {
                    "invoice_name": invoice.name,
                    "invoice_date": date(2026, 2, 1),
                    "date_maturity": date(2026, 3, 1),
                    "days_late": 19,
                    "amount_original": 1000,
                    "amount_paid": 0,
                    "amount_residual": 1000,
                    "description": "product_a",
                    "included": True,
                    "live": True,
                }
            ],
        )
        self.assertFalse(self._item(invoice).level_id, "nothing is reached before it is delivered")
        self.assertEqual(self._item(invoice).notice_id, run.notice_ids)

    def test_first_reminder_to_a_consumer(self):
        self._invoice(self.consumer, 1210)
        notice = self._run().notice_ids
        self.assertRecordValues(
            notice,
            [
                {
                    "lang": "fr_BE",
                    "regime": "be_consumer",
                    "amount_total": 1210,
                    "announced_indemnity": 100.5,
                    # sent on 20 March: 14 days from 21 March and one day of safety, a Saturday, then Easter Monday
                    "deadline": date(2026, 4, 7),
                    "earliest_charge_date": date(2026, 4, 8),
                }
            ],
        )
        self.assertFalse(notice.charge_ids)

    def test_delivery_reaches_the_level(self):
        invoice = self._invoice(self.consumer)
        run = self._run()
        self._deliver(run)
        self.assertEqual([dispatch.channel for dispatch in self.sent], ["email"])
        self.assertRecordValues(run.notice_ids, [{"state": "delivered", "delivered_on": date(2026, 3, 20)}])
        self.assertEqual(run.state, "done")
        item = self._item(invoice)
        self.assertEqual(item.level_id.kind, "reminder")
        self.assertRecordValues(
            item,
            [
                {
                    "last_delivered_on": date(2026, 3, 20),
                    "first_reminder_on": date(2026, 3, 20),
                    "earliest_charge_on": date(2026, 4, 8),
                    "interest_from": date(2026, 3, 21),
                    "notice_id": False,
                }
            ],
        )
        self.assertEqual(item.receivable_id.last_level_id.kind, "reminder")
        self.assertEqual(item.receivable_id.last_notice_on, date(2026, 3, 20))

    def test_ladder_of_a_consumer(self):
        invoice = self._invoice(self.consumer, 1210)
        self._deliver(self._run())
        with freeze_time("2026-04-07 09:00:00"):
            run = self._run()
            self.assertFalse(run.notice_ids)
            self.assertEqual(self._reasons(run), {invoice: "too_early"})
        with freeze_time("2026-04-08 09:00:00"):
            run = self._run()
            self.assertEqual(run.notice_ids.level_kind, "second_reminder")
            self.assertEqual(run.notice_ids.amount_indemnity, 100.5)
            # 21 March to 8 April: 19 days
            self.assertEqual(run.notice_ids.amount_interest, 6.61)
            self.assertEqual(run.notice_ids.amount_total, 1317.11)
            self.assertEqual(set(run.notice_ids.charge_ids.mapped("state")), {"planned"})
            self._deliver(run)
            self.assertEqual(set(run.notice_ids.charge_ids.mapped("state")), {"claimed"})
        with freeze_time("2026-05-01 09:00:00"):
            run = self._run()
            self.assertEqual(run.notice_ids.level_kind, "formal_notice")
            self.assertEqual(run.notice_ids.channel, "registered")
            self.assertEqual(run.notice_ids.state, "proposed", "a formal notice is approved by hand")
            self.assertEqual(run.notice_ids.amount_indemnity, 100.5)
            new = run.notice_ids.charge_ids.filtered(lambda charge: charge.state == "planned")
            self.assertRecordValues(
                new, [{"kind": "interest", "date_from": date(2026, 4, 9), "date_to": date(2026, 5, 1), "amount": 8.01}]
            )
            self.assertEqual(run.notice_ids.amount_interest, 14.62)
            self._deliver(run)
            self.assertEqual(self._item(invoice).level_id.kind, "formal_notice")
        with freeze_time("2026-05-20 09:00:00"):
            run = self._run()
            self.assertEqual((run.notice_ids.level_kind, run.notice_ids.state), ("last_notice", "proposed"))
            self._deliver(run)
        with freeze_time("2026-06-20 09:00:00"):
            self.assertEqual(self._reasons(self._run()), {invoice: "levels_done"})

    def test_formal_notice_to_a_business(self):
        invoices = [self._invoice(amount=amount) for amount in (1000, 500)]
        self._deliver(self._run())
        with freeze_time("2026-03-30 09:00:00"):
            self._deliver(self._run())
        with freeze_time("2026-04-10 09:00:00"):
            run = self._run()
            self.assertEqual(run.notice_ids.level_kind, "formal_notice")
            self.assertEqual(run.notice_ids.amount_indemnity, 80, "the fixed sum for each invoice")
            # 2 March to 10 April: 40 days at 10.5 %
            self.assertEqual(run.notice_ids.amount_interest, 17.26)
            self.assertEqual(run.notice_ids.amount_total, 1597.26)
            interest = run.notice_ids.charge_ids.filtered(lambda charge: charge.kind == "interest")[0]
            self.assertEqual(interest.rate_text, "10,50 %")
            self.assertEqual(interest.date_from, date(2026, 3, 2))
            self.assertEqual({self._item(i).level_id.kind for i in invoices}, {"second_reminder"})

    def test_instalments(self):
        """The unit is the instalment: the first half is late although the invoice falls due in summer."""
        term = self.env["account.payment.term"].create(
            {
                "name": "Halves",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 30}),
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 150}),
                ],
            }
        )
        invoice = self._invoice(invoice_payment_term_id=term.id)
        self.assertGreater(invoice.invoice_date_due, date(2026, 3, 20))
        run = self._run()
        self.assertEqual(run.notice_ids.amount_total, 500)
        items = self._item(invoice)
        self.assertEqual(items.sorted("date_due").mapped("date_due"), [date(2026, 3, 3), date(2026, 7, 1)])
        self.assertEqual(run.skip_count, 0, "what is not due yet is no finding")

    def test_partial_payment(self):
        invoice = self._invoice()
        self._pay(invoice, 400)
        line = self._run().notice_ids.line_ids
        self.assertRecordValues(line, [{"amount_original": 1000, "amount_paid": 400, "amount_residual": 600}])

    def test_credit_note_on_account(self):
        """An open credit note reduces the claim, whatever its own due date is."""
        self._invoice(amount=1000)
        credit = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.business.id,
                "invoice_date": "2026-03-15",
                "invoice_line_ids": [
                    Command.create({"product_id": self.product_a.id, "price_unit": 300, "tax_ids": False})
                ],
            }
        )
        credit.action_post()
        notice = self._run().notice_ids
        self.assertRecordValues(notice, [{"amount_principal": 1000, "amount_credit": 300, "amount_total": 700}])

    def test_draft_and_cancelled_credit_notes_count_for_nothing(self):
        self._invoice()
        for cancel in (False, True):
            credit = self.env["account.move"].create(
                {
                    "move_type": "out_refund",
                    "partner_id": self.business.id,
                    "invoice_line_ids": [Command.create({"product_id": self.product_a.id, "price_unit": 300})],
                }
            )
            if cancel:
                credit.button_cancel()
        self.assertEqual(self._run().notice_ids.amount_total, 1000)

    def test_payment_on_account(self):
        invoice = self._invoice(amount=1000)
        self._pay_on_account(self.business, 1000)
        run = self._run()
        self.assertFalse(run.notice_ids)
        self.assertEqual(self._reasons(run), {invoice: "unallocated_money"})

    def test_money_is_deducted_once(self):
        """A letter under way has deducted it; the next letter does not deduct it again."""
        self._invoice(amount=1000)
        self._pay_on_account(self.business, 100)
        first = self._run()
        self.assertEqual(first.notice_ids.amount_credit, 100)
        self._invoice(amount=500, due="2026-03-02")
        second = self._run(partner_ids=[Command.set(self.business.ids)])
        self.assertEqual((second.notice_ids.amount_principal, second.notice_ids.amount_credit), (500, 0))

    def test_foreign_currency_has_its_own_letter(self):
        currency = self.setup_other_currency("USD", rates=[("2026-01-01", 2.0)])
        self._invoice(amount=1000)
        self._invoice(amount=800, currency_id=currency.id)
        notices = self._run().notice_ids
        self.assertEqual(
            {n.currency_id: n.amount_total for n in notices}, {self.company.currency_id: 1000, currency: 800}
        )

    def test_currency_without_rate(self):
        currency = self.env["res.currency"].create({"name": "XTS", "symbol": "¤", "rounding": 0.01})
        self.env["res.currency.rate"].search([("currency_id", "=", currency.id)]).unlink()
        invoice = self._invoice(amount=800, currency_id=currency.id)
        run = self._run()
        self.assertEqual(self._reasons(run), {invoice: "no_rate"})

    def test_letter_for_each_invoice(self):
        self.business_policy.letter_scope = "invoice"
        first, second = self._invoice(), self._invoice(amount=50)
        notices = self._run().notice_ids
        self.assertEqual(sorted(notices.mapped("amount_total")), [50, 1000])
        self.assertEqual(notices.line_ids.move_id, first + second)

    def test_payment_reference(self):
        """The communication of the only invoice when it is a structured one, else one of the letter's own."""
        invoice = self._invoice(payment_reference="+++090/9337/55493+++")
        run = self._run()
        self.assertEqual(run.notice_ids.payment_reference, "+++090/9337/55493+++")
        run.action_cancel()
        self._invoice(amount=20)
        notice = self._run().notice_ids
        self.assertRegex(notice.payment_reference, r"^\+\+\+\d{3}/\d{4}/\d{5}\+\+\+$")
        self.assertNotEqual(notice.payment_reference, invoice.payment_reference)

    # --- FOLLOWING THE ACCOUNTING ---

    def test_paid_invoice_closes_and_reopens(self):
        invoice = self._invoice()
        self._deliver(self._run())
        item = self._item(invoice)
        payment = self._pay(invoice)
        self.env["commercial.receivable"]._refresh_items(self.company)
        self.assertEqual((item.state, item.amount_residual), ("closed", 0))
        self.assertEqual(item.level_id.kind, "reminder")
        payment.action_draft()
        payment.action_cancel()
        with freeze_time("2026-04-20 09:00:00"):
            run = self._run()
        self.assertEqual(item.state, "open")
        self.assertEqual(run.notice_ids.level_kind, "second_reminder", "the history stays")

    def test_no_followup_and_cancelled(self):
        kept_out, cancelled = self._invoice(), self._invoice()
        kept_out.no_followup = True
        cancelled.button_draft()
        cancelled.button_cancel()
        self.assertFalse(self._run().notice_ids)

    def test_changed_due_date(self):
        invoice = self._invoice()
        self._run(mode="dry")
        line = invoice.line_ids.filtered(lambda line: line.display_type == "payment_term")
        line.date_maturity = "2026-05-01"
        self.assertFalse(self._run().notice_ids)
        self.assertEqual(self._item(invoice).date_due, date(2026, 5, 1))

    def test_missing_maturity_falls_back_to_the_date(self):
        receivable = self.company_data["default_account_receivable"]
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": "2026-02-10",
                "line_ids": [
                    Command.create(
                        {"account_id": receivable.id, "partner_id": self.business.id, "debit": 70, "name": "Opening"}
                    ),
                    Command.create({"account_id": self.company_data["default_account_revenue"].id, "credit": 70}),
                ],
            }
        )
        move.action_post()
        self.assertFalse(self._run(mode="dry").notice_ids, "opening balances are left out as Odoo marks them")
        move.line_ids.filtered("partner_id").no_followup = False
        run = self._run()
        self.assertEqual(run.notice_ids.line_ids.date_maturity, date(2026, 2, 10))

    def test_recreated_journal_item_keeps_its_history(self):
        invoice = self._invoice()
        self._deliver(self._run())
        item = self._item(invoice)
        # what the foreign key does when the line is deleted
        item.sudo().write({"move_line_id": False, "state": "closed"})
        self.env["commercial.receivable"]._refresh_items(self.company)
        item.invalidate_recordset()
        self.assertEqual(self._item(invoice), item)
        self.assertTrue(item.move_line_id)
        self.assertEqual((item.state, item.level_id.kind), ("open", "reminder"))

    def test_payment_in_process(self):
        """A payment without a journal entry leaves the journal item open, yet the customer has paid."""
        invoice = self._invoice(amount=1000)
        payment = self._pay_in_process(invoice, 400)
        self.assertFalse(payment.move_id)
        self.assertEqual((payment.state, invoice.amount_residual), ("in_process", 1000))
        run = self._run(mode="dry")
        self.assertEqual(run.notice_ids.amount_total, 600)
        self.assertRecordValues(run.notice_ids.line_ids, [{"amount_paid": 400, "amount_residual": 600}])
        self._pay_in_process(invoice, 600)
        run = self._run()
        self.assertEqual(self._reasons(run), {invoice: "payment_in_process"})

    def _pay_in_process(self, invoice, amount):
        line = self.inbound_payment_method_line
        line.payment_account_id = False
        # with an accounting app, payments wait for the bank statement without a journal entry
        with patch.object(type(self.env["account.move"]), "_get_invoice_in_payment_state", lambda self: "in_payment"):
            payment = self._pay_on_account(
                self.business, amount, journal_id=line.journal_id.id, payment_method_line_id=line.id
            )
        invoice.matched_payment_ids += payment
        return payment

    # --- SKIPS ---

    def test_every_item_without_a_letter_has_a_reason(self):
        nobody = self._create_customer("Nobody", email=False, street=False, is_company=True)
        excluded = self._create_customer("Excluded", is_company=True)
        silent = self._create_customer("German", is_company=True, lang="en_US")
        invoices = {
            "no_recipient": self._invoice(nobody),
            "customer_excluded": self._invoice(excluded),
            "below_minimum": self._invoice(silent, amount=3),
            "item_excluded": self._invoice(),
        }
        self.env["commercial.receivable"]._refresh_items(self.company)
        receivable = self.env["commercial.receivable"].search([("partner_id", "=", excluded.id)])
        receivable.write({"is_excluded": True, "exclusion_reason": "Estate"})
        item = self._item(invoices["item_excluded"]).with_user(self.collector)
        item.write({"is_excluded": True, "exclusion_reason": "Goods are being replaced"})
        run = self._run()
        self.assertEqual(self._reasons(run), {invoice: reason for reason, invoice in invoices.items()})
        self.assertEqual(run.skip_count, 4)
        self.assertIn("Below the minimum amount: 1", run.skip_summary)

    def test_exclusion_ends(self):
        invoice = self._invoice()
        self.env["commercial.receivable"]._refresh_items(self.company)
        self._item(invoice).write({"is_excluded": True, "exclusion_reason": "Wait", "excluded_until": "2026-03-20"})
        self.assertEqual(self._reasons(self._run()), {invoice: "item_excluded"})
        with freeze_time("2026-03-21 09:00:00"):
            self.assertTrue(self._run().notice_ids)

    def test_company_switched_off(self):
        invoice = self._invoice()
        self.company.dunning_active = False
        self.assertEqual(self._reasons(self._run()), {invoice: "company_off"})

    def test_no_bank_account(self):
        invoice = self._invoice()
        self.bank.active = False
        self.assertEqual(self._reasons(self._run()), {invoice: "no_bank_account"})

    def test_no_text_in_the_language(self):
        self.env["res.lang"]._activate_lang("pt_PT")
        self.business.lang = "pt_PT"
        invoice = self._invoice()
        run = self._run()
        self.assertEqual(self._reasons(run), {invoice: "no_text"})
        self.assertEqual(run.skip_ids.detail, "pt_PT")

    def test_customer_without_language_gets_that_of_the_company(self):
        self.business.lang = False
        self._invoice()
        self.assertEqual(self._run().notice_ids.lang, "nl_BE")

    def test_no_mail_goes_by_post(self):
        self.business.email = False
        self._invoice()
        notice = self._run().notice_ids
        self.assertEqual((notice.channel, notice.state), ("post", "approved"))
        notice.with_user(self.collector).action_send()
        self.assertEqual(notice.state, "sending", "a letter on paper waits for its posting")
        self._post(notice.dispatch_ids, date(2026, 3, 20))
        self.assertEqual(notice.state, "delivered")

    def test_blacklisted_address_goes_by_post(self):
        self.env["mail.blacklist"].create({"email": self.business.email})
        self._invoice()
        self.assertEqual(self._run().notice_ids.channel, "post")

    def test_no_policy(self):
        self.business_policy.active = False
        invoice = self._invoice()
        self.assertEqual(self._reasons(self._run()), {invoice: "no_policy"})

    def test_missing_legal_value(self):
        """The rate of a half-year is not confirmed: what needs it waits, the rest leaves, and there is a task."""
        rate = self.env["commercial.legal.parameter"].search(
            [("code", "=", "be_late_rate"), ("date_from", "=", "2026-07-01")]
        )
        self.assertEqual(rate.state, "to_confirm")
        old, new = self._invoice(), self._invoice(due="2026-08-01")
        item = self._deliver_two_levels(old)
        with freeze_time("2026-08-20 09:00:00"):
            run = self._run()
            self.assertEqual(self._reasons(run), {old: "missing_legal_value"})
            self.assertEqual(run.skip_ids.detail, "be_late_rate 2026-07-01")
            self.assertEqual(run.notice_ids.line_ids.move_id, new)
            self.assertTrue(rate.activity_ids)
            self.assertEqual(item.level_id.kind, "second_reminder")
            rate.sudo().write({"source": "Gazette", "state": "confirmed"})
            run.action_propose()
            self.assertEqual(len(run.notice_ids), 1, "one letter a customer and day")

    def _deliver_two_levels(self, invoice):
        self._deliver(self._run())
        with freeze_time("2026-04-01 09:00:00"):
            self._deliver(self._run())
        item = self._item(invoice)
        self.assertEqual(item.level_id.kind, "second_reminder")
        return item

    # --- CONTACTS AND POLICIES ---

    def test_recipient(self):
        """The reminder contact, else the invoice address, else the customer; in the language of whom is written to."""
        self._invoice()
        invoice_contact = self.env["res.partner"].create(
            {
                "name": "Accounts",
                "parent_id": self.business.id,
                "type": "invoice",
                "email": "ap@b.example",
                "lang": "fr_BE",
            }
        )
        run = self._run(mode="dry")
        self.assertRecordValues(run.notice_ids, [{"contact_id": invoice_contact.id, "lang": "fr_BE"}])
        chosen = self.env["res.partner"].create(
            {"name": "Ms Peeters", "parent_id": self.business.id, "email": "peeters@b.example", "lang": "en_US"}
        )
        receivable = self.env["commercial.receivable"].search([("partner_id", "=", self.business.id)])
        receivable.contact_id = chosen
        run = self._run(mode="dry")
        self.assertRecordValues(run.notice_ids, [{"contact_id": chosen.id, "lang": "en_US"}])
        with self.assertRaisesRegex(ValidationError, "not a contact of"):
            receivable.contact_id = self.consumer

    def test_policy_by_rule_and_by_hand(self):
        tag = self.env["res.partner.category"].create({"name": "VIP"})
        gentle = self.business_policy.copy({"name": "Gentle", "sequence": 1})
        gentle.rule_ids.unlink()
        gentle.rule_ids = [Command.create({"customer_kind": "business", "category_ids": [Command.link(tag.id)]})]
        self._invoice()
        run = self._run(mode="dry")
        self.assertEqual(run.notice_ids.policy_id, self.business_policy)
        self.business.category_id = tag
        run.action_propose()
        self.assertEqual(run.notice_ids.policy_id, gentle)
        gentle.rule_ids = [Command.clear(), Command.create({"customer_kind": "business", "trust": "bad"})]
        run.action_propose()
        self.assertEqual(run.notice_ids.policy_id, self.business_policy)
        self.business.trust = "bad"
        run.action_propose()
        self.assertEqual(run.notice_ids.policy_id, gentle)
        gentle.rule_ids = [
            Command.clear(),
            Command.create({"customer_kind": "business", "country_ids": [Command.link(self.env.ref("base.nl").id)]}),
        ]
        run.action_propose()
        self.assertEqual(run.notice_ids.policy_id, self.business_policy)
        receivable = self.env["commercial.receivable"].search([("partner_id", "=", self.business.id)])
        receivable.policy_id = gentle
        run.action_propose()
        self.assertEqual(run.notice_ids.policy_id, gentle)

    def test_business_policy_refused_for_a_consumer(self):
        self._invoice(self.consumer)
        self.env["commercial.receivable"]._refresh_items(self.company)
        receivable = self.env["commercial.receivable"].search([("partner_id", "=", self.consumer.id)])
        with self.assertRaisesRegex(ValidationError, "does not apply to Jan Peeters .Consumer."):
            receivable.policy_id = self.business_policy

    def test_customer_becomes_a_consumer(self):
        """What was sent under the other law said too little: the ladder begins again."""
        self._invoice()
        self._deliver(self._run())
        self.business.customer_kind = "consumer"
        with freeze_time("2026-04-20 09:00:00"):
            notice = self._run().notice_ids
        self.assertEqual((notice.regime, notice.level_kind), ("be_consumer", "reminder"))

    def test_courtesy_reminder(self):
        courtesy = self.business_policy.with_context(active_test=False).level_ids.filtered(
            lambda level: level.kind == "courtesy"
        )
        courtesy.active = True
        invoice = self._invoice(due="2026-03-22")
        run = self._run()
        self.assertRecordValues(
            run.notice_ids, [{"level_kind": "courtesy", "amount_total": 1000, "scope_key": "courtesy"}]
        )
        self._deliver(run)
        item = self._item(invoice)
        self.assertEqual((item.level_id.kind, item.first_reminder_on), ("courtesy", False))
        with freeze_time("2026-03-25 09:00:00"):
            self.assertEqual(self._run().notice_ids.level_kind, "reminder")

    # --- DRY RUN ---

    def test_dry_run_changes_nothing(self):
        invoice = self._invoice()
        other = self._invoice(amount=2, partner=self.consumer)
        dry = self._run(mode="dry")
        self.assertEqual(dry.notice_ids.amount_total, 1000)
        self.assertEqual(dry.notice_ids.name, "/")
        self.assertEqual(self._reasons(dry), {other: "below_minimum"})
        self.assertFalse(self._item(invoice).notice_id)
        with self.assertRaisesRegex(UserError, "nothing to approve"):
            dry.action_approve()
        with self.assertRaisesRegex(UserError, "sends nothing"):
            dry.action_send()
        with self.assertRaisesRegex(UserError, "only looked at"):
            dry.notice_ids.action_approve()
        real = self._run()
        same = ["partner_id", "amount_total", "deadline", "level_id", "channel", "lang"]
        self.assertEqual(dry.notice_ids.read(same)[0] | {"id": 0}, real.notice_ids.read(same)[0] | {"id": 0})
        dry.action_cancel()
        self.assertFalse(dry.notice_ids)
        self.assertFalse(dry.skip_ids)
        dry.sudo().unlink()

    def test_dry_run_shows_charges(self):
        self._invoice()
        self._deliver(self._run())
        with freeze_time("2026-04-01 09:00:00"):
            self._deliver(self._run())
        with freeze_time("2026-04-20 09:00:00"):
            dry, real = self._run(mode="dry"), self._run()
            self.assertEqual(dry.notice_ids.amount_total, real.notice_ids.amount_total)
            self.assertEqual(set(dry.notice_ids.charge_ids.mapped("state")), {"simulated"})
            self.assertEqual(set(real.notice_ids.charge_ids.mapped("state")), {"planned"})
            dry.action_cancel()

    def test_dry_run_may_look_ahead(self):
        self._invoice(due="2026-04-01")
        self.assertEqual(self._run("2026-04-10", mode="dry").notice_ids.date, date(2026, 4, 10))
        with self.assertRaisesRegex(ValidationError, "in the future"):
            self._run("2026-04-10")

    def test_make_real(self):
        self._invoice()
        dry = self._run(mode="dry", partner_ids=[Command.set(self.business.ids)])
        action = dry.action_make_real()
        real = self.env["commercial.dunning.run"].browse(action["res_id"])
        self.assertEqual((real.mode, real.partner_ids, real.scope_key), ("real", self.business, dry.scope_key))

    # --- FORMS ---

    def test_form(self):
        form = Form(self.env["commercial.dunning.run"].with_user(self.collector))
        form.mode = "dry"
        run = form.save()
        self.assertEqual((run.state, run.scope_key), ("draft", "all"))
        self.assertRegex(run.name, r"^RUN/")
