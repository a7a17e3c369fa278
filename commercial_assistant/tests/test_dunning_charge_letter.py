from importlib.util import module_from_spec, spec_from_file_location
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools.misc import file_path

from odoo.addons.base.models.ir_actions_report import IrActionsReport
from odoo.addons.commercial_assistant.hooks import _leave_products

from .test_dunning_charge import ChargeCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-05-06 09:00:00")
class TestDunningChargeLetter(ChargeCommon):
    def setUp(self):
        super().setUp()
        patcher = patch.object(
            IrActionsReport, "_render_qweb_pdf", autospec=True, side_effect=lambda *_args, **_kw: (b"%PDF-1.4", "pdf")
        )
        patcher.start()
        self.addCleanup(patcher.stop)

    def _open(self, charges):
        action = charges.receivable_id.with_user(self.collector).action_charge_letter()
        return self.env["commercial.dunning.charge.letter"].with_user(self.collector).browse(action["res_id"])

    def _orphan(self, allowed=True, **values):
        charges = self._claim(**values)
        charges.notice_id.policy_id.orphan_charge_letter = allowed
        self._pay(charges.move_id, day="2026-04-24")
        self.env["commercial.receivable"]._refresh_items(self.company)
        return charges

    def _text(self, letter, lang):
        letter = letter.with_context(lang=lang)
        values = letter.env["report.commercial_assistant.report_charge_letter"]._prepare_letter(letter, mail=True)
        return str(
            letter.env["ir.qweb"]._render(
                "commercial_assistant.mail_charge_letter", {"letter": values, "doc": letter, "report_type": "mail"}
            )
        )

    def test_statement_of_open_charges(self):
        """Anything that is claimed can be explained; only charges of paid invoices are asked for by themselves."""
        charges = self._claim()
        letter = self._open(charges)
        self.assertRecordValues(
            letter, [{"state": "draft", "amount_total": sum(charges.mapped("amount")), "contact_id": self.business.id}]
        )
        self.assertEqual(letter.charge_ids.sorted("id"), charges.sorted("id"))
        self.assertIn("invoice is open", letter.refusal)
        with self.assertRaisesRegex(UserError, "invoice is open"):
            letter.action_send()
        self.assertEqual(self._open(charges), letter, "one draft is enough")
        self.business.lang = "en_US"
        text = self._text(letter, "en_US")
        for part in ("14.3836", "50", "10.50", "Fixed recovery cost", "54.38", letter.name, "5 of the law"):
            self.assertIn(part, text)

    def test_letter_for_charges_alone(self):
        charges = self._orphan()
        letter = self._open(charges)
        self.assertFalse(letter.refusal)
        letter.action_send()
        self.assertRecordValues(letter, [{"state": "delivered", "amount_total": sum(charges.mapped("amount"))}])
        self.assertEqual(self.sent[-1].partner_id, self.business)
        self.assertEqual(letter.dispatch_ids.attachment_id.name, f"{letter.name.replace('/', '-')}.pdf")
        with self.assertRaisesRegex(UserError, "not changed any more"):
            letter.action_send()
        # its number names the charges when they are paid
        payment = self._pay_on_account(self.business, 1, "2026-05-06", memo=f"payment {letter.name}")
        wizard = payment.with_user(self.collector).action_allocate_to_dunning()
        wizard = self.env["commercial.payment.allocate"].browse(wizard["res_id"])
        self.assertEqual(wizard.named_text, charges.move_id.name)
        # once for each charge
        again = self._open(charges)
        self.assertNotEqual(again, letter)
        with self.assertRaisesRegex(UserError, "asked for it already"):
            again.action_send()
        # what is paid later does not change what the letter said
        wizard = self.env["commercial.dunning.charge.pay"].with_user(self.collector)
        wizard.create({"charge_ids": charges.ids, "date": "2026-05-06", "reference": "R"}).action_confirm()
        self.assertEqual(letter.amount_total, sum(charges.mapped("amount")))
        with self.assertRaisesRegex(UserError, "not deleted"):
            letter.sudo().unlink()

    def test_off_by_default(self):
        charges = self._orphan(allowed=False)
        self.assertFalse(self.env["commercial.dunning.policy"].new({}).orphan_charge_letter)
        with self.assertRaisesRegex(UserError, "sends no letter for charges alone"):
            self._open(charges).action_send()

    def test_consumer(self):
        charges = self._orphan(partner=self.consumer)
        item = self._item(charges.move_id).sudo()
        lawful = item.earliest_charge_on
        letter = self._open(charges)
        for day in (False, "2026-12-31"):
            item.earliest_charge_on = day
            with self.assertRaisesRegex(UserError, "before the consumer owed it"):
                letter.action_send()
        item.earliest_charge_on = lawful
        letter.action_send()
        self.assertEqual(letter.state, "delivered")

    def test_paid_before_it_left(self):
        charges = self._orphan()
        self.business.email = False
        charges.notice_id.contact_id.email = False
        letter = self._open(charges)
        self.assertEqual(letter.channel, "post")
        letter.action_send()
        self.assertEqual(letter.state, "sending")
        wizard = self.env["commercial.dunning.charge.pay"].with_user(self.collector)
        wizard.create({"charge_ids": charges[0].ids, "date": "2026-05-06", "reference": "R"}).action_confirm()
        with self.assertRaisesRegex(UserError, "paid or changed meanwhile"):
            letter.dispatch_ids.with_user(self.collector).action_print()
        self.assertEqual(letter.state, "cancelled")
        # the rest in a new one
        rest = self._open(charges)
        self.assertEqual(rest.charge_ids, charges[1])

    def test_letter_that_came_back(self):
        charges = self._orphan()
        letter = self._open(charges)
        letter.action_send()
        letter.sudo()._dispatch_after_failure(letter.dispatch_ids)
        self.assertEqual(letter.state, "failed")
        self._open(charges).action_send()

    def test_rights(self):
        charges = self._claim()
        with self.assertRaises(AccessError):
            charges.receivable_id.with_user(self.assistant).action_charge_letter()
        letter = self._open(charges)
        self.assertTrue(letter.with_user(self.assistant).read(["amount_total"]))
        with self.assertRaises(AccessError):
            letter.with_user(self.assistant).action_send()
        with self.assertRaisesRegex(UserError, "only recipient and day"):
            letter.write({"amount_total": 1})
        with self.assertRaisesRegex(UserError, "not a contact of"):
            letter.contact_id = self.consumer
        letter.deadline = "2026-05-31"
        letter.action_cancel()
        with self.assertRaisesRegex(UserError, "not changed any more"):
            letter.deadline = "2026-06-30"
        other = self.setup_other_company(name="Other BV")["company"]
        stranger = self._create_desk_user(
            "letter_stranger",
            "commercial_assistant.group_team_lead",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        with self.assertRaises(AccessError):
            letter.with_user(stranger).read(["amount_total"])

    def test_merged_customers(self):
        charges = self._claim()
        letter = self._open(charges)
        other = self._create_customer("Bakkerij Desmet", is_company=True)
        self._invoice(other)
        self.env["commercial.receivable"]._refresh_items(self.company)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.business + other).ids, other, extra_checks=False)
        self.env.invalidate_all()
        self.assertEqual(letter.receivable_id.partner_id, other)
        self.assertEqual(charges.receivable_id, letter.receivable_id)

    # --- INSTALLATION ---

    def test_products_on_invoices_outlive_an_uninstall(self):
        self._book_in("invoice")
        self._claim()
        self._job()
        names = self.env["ir.model.data"].search([("name", "=like", "charge\\_product\\_%")])
        self.assertEqual(len(names), 4)
        self.env.flush_all()
        _leave_products(self.env)
        self.env.invalidate_all()
        used = self.company.dunning_interest_product_id + self.company.dunning_fixed_product_id
        left = self.env["ir.model.data"].search([("name", "=like", "charge\\_product\\_%")])
        self.assertEqual(len(left), 2)
        self.assertFalse(set(left.mapped("res_id")) & set(used.ids))

    def test_migration(self):
        """Charges of the first version: what was marked paid was paid, the rest is open."""
        interest, fixed = self._claim()
        self.env.flush_all()
        self.env.cr.execute("ALTER TABLE commercial_dunning_charge ALTER COLUMN booking_state DROP NOT NULL")
        self.env.cr.execute(
            "UPDATE commercial_dunning_charge SET booking_state = NULL, amount_paid = NULL, amount_residual = NULL, "
            "amount_received = NULL, claimed_on = NULL, state = CASE id WHEN %s THEN 'paid' ELSE state END "
            "WHERE id = ANY(%s)",
            (fixed.id, [interest.id, fixed.id]),
        )
        spec = spec_from_file_location(
            "charges_migration", file_path("commercial_assistant/migrations/19.0.1.1.0/charges.py")
        )
        script = module_from_spec(spec)
        spec.loader.exec_module(script)
        script.pre_migrate(self.env.cr)
        self.env.invalidate_all()
        self.assertRecordValues(
            interest + fixed,
            [
                {"state": "claimed", "amount_paid": 0, "amount_residual": interest.amount, "booking_mode": "letter"},
                {"state": "paid", "amount_paid": 40, "amount_residual": 0, "booking_mode": "letter"},
            ],
        )
        self.assertEqual(set((interest + fixed).mapped("claimed_on")), {interest.notice_id.delivered_on})
        self.company.dunning_charge_journal_id = False
        script.post_migrate(self.env)
        self.assertTrue(self.company.dunning_charge_journal_id)
