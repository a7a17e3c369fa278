from unittest.mock import patch

from freezegun import freeze_time
from psycopg2.errors import UniqueViolation

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.commercial_assistant.models.complaint.supplier_claim_documents import ComplaintLine

from .common_complaint_learning import LearningCommon


@tagged("post_install", "-at_install")
class TestSupplierClaim(LearningCommon):
    # --- MAKING ---

    def test_the_button_makes_a_claim_from_the_goods_of_the_complaint(self):
        complaint = self._investigated(quantity=4.0)
        complaint.action_ask_supplier()
        claim = complaint.claim_ids
        self.assertRecordValues(
            claim, [{"partner_id": self.supplier.id, "party": "supplier", "state": "draft", "amount_claimed": 240.0}]
        )
        self.assertRecordValues(
            claim.line_ids,
            [{"complaint_id": complaint.id, "product_id": self.pump.id, "quantity": 4.0, "name": "Leaks"}],
        )
        self.assertEqual(claim.create_uid, self.assistant)
        # asking again shows what is there
        action = complaint.action_ask_supplier()
        self.assertEqual(action["res_id"], claim.id)
        self.assertEqual(complaint.claim_count, 1)

    def test_goods_of_two_suppliers_make_two_claims(self):
        other = self._create_customer("Motoren Maes", is_company=True)
        motor = self.env["product.product"].create(
            {
                "name": "Motor",
                "type": "consu",
                "standard_price": 10.0,
                "seller_ids": [Command.create({"partner_id": other.id, "currency_id": self.other_currency.id})],
            }
        )
        complaint = self._complain(
            line_ids=[
                Command.create({"product_id": self.pump.id, "quantity": 1.0}),
                Command.create({"product_id": motor.id, "quantity": 3.0}),
            ]
        )
        complaint.action_ask_supplier()
        self.assertEqual(complaint.claim_ids.partner_id, self.supplier | other)
        claim = complaint.claim_ids.filtered(lambda claim: claim.partner_id == other)
        # in the currency of that supplier: 3 x 10 at a rate of two
        self.assertRecordValues(claim, [{"currency_id": self.other_currency.id, "amount_claimed": 60.0}])

    def test_a_lot_knows_its_supplier(self):
        other = self._create_customer("Motoren Maes", is_company=True)
        pump = self.env["product.product"].create(
            {
                "name": "Numbered pump",
                "type": "consu",
                "is_storable": True,
                "tracking": "serial",
                "seller_ids": [Command.create({"partner_id": self.supplier.id})],
            }
        )
        lot = self.env["stock.lot"].create({"name": "SN1", "product_id": pump.id, "company_id": self.company.id})
        move = self._receive(pump, 1.0, other, lot)
        complaint = self._complain(line_ids=[Command.create({"product_id": pump.id, "lot_id": lot.id})])
        complaint.action_ask_supplier()
        self.assertEqual(complaint.claim_ids.partner_id, other)
        claim = complaint.claim_ids
        claim.action_return_goods()
        self.assertEqual(claim.line_ids.receipt_move_id, move)
        self.assertEqual(claim.line_ids.return_move_id.lot_ids, lot)

    def test_nobody_claims_what_is_our_own_fault(self):
        complaint = self._investigated(cause=self.cause)
        with self.assertRaisesRegex(UserError, "neither supplier nor carrier"):
            complaint.action_ask_supplier()

    def test_a_carrier_is_chosen_by_hand(self):
        complaint = self._investigated(cause=self.carrier_cause)
        action = complaint.action_ask_supplier()
        self.assertEqual(action["context"]["default_party"], "carrier")
        carrier = self._create_customer("Snelpost", is_company=True)
        claim = (
            self.env["commercial.supplier.claim"]
            .with_user(self.assistant)
            .with_context(**action["context"])
            .create({"partner_id": carrier.id})
        )
        self.assertRecordValues(claim, [{"party": "carrier", "amount_claimed": 240.0}])
        self.assertEqual(complaint.claim_ids, claim)

    def test_without_goods_there_is_nothing_to_claim(self):
        with self.assertRaisesRegex(UserError, "no line with a product"):
            self._complain().action_ask_supplier()

    def test_an_unknown_supplier_is_asked_for(self):
        self.pump.seller_ids.unlink()
        action = self._investigated().action_ask_supplier()
        self.assertEqual(action["res_model"], "commercial.supplier.claim")
        self.assertTrue(action["context"]["default_line_ids"])

    def test_one_claim_bears_several_complaints(self):
        first, second = self._investigated(quantity=1.0), self._investigated(quantity=3.0)
        claim = self._claim(first)
        claim.line_ids = [Command.create(second.line_ids._prepare_claim_line_vals(claim.currency_id))]
        self.assertEqual(claim.complaint_ids, first | second)
        self.assertEqual(claim.amount_claimed, 240.0)
        self.assertEqual(second.claim_ids, claim)

    def test_the_same_goods_are_claimed_once(self):
        complaint = self._investigated()
        claim = self._claim(complaint)
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            claim.line_ids = [Command.create({"complaint_line_id": complaint.line_ids.id})]
        claim.action_cancel()
        complaint.action_ask_supplier()
        self.assertEqual(complaint.claim_count, 1)
        self.assertNotEqual(complaint.claim_ids, claim)

    def test_nobody_claims_more_than_the_complaint_is_about(self):
        claim = self._claim()
        with self.assertRaisesRegex(ValidationError, "5 claimed"):
            claim.line_ids.quantity = 5.0

    # --- STATES ---

    def test_each_step_says_what_is_missing(self):
        claim = self._claim(explanation=False)
        with self.assertRaisesRegex(UserError, "what we write to the supplier"):
            claim.action_send()
        claim.explanation = "The seal leaks."
        claim.line_ids.amount_claimed = 0.0
        with self.assertRaisesRegex(UserError, "claimed amount"):
            claim.action_send()
        claim.line_ids.amount_claimed = 240.0
        claim.date_deadline = fields.Date.subtract(fields.Date.today(), days=1)
        with self.assertRaisesRegex(UserError, "still to come"):
            claim.action_send()
        claim.date_deadline = False
        claim.action_send()
        self.assertEqual(claim.state, "sent")
        self.assertEqual(claim.date_deadline, fields.Date.add(fields.Date.today(), days=14))
        with self.assertRaisesRegex(UserError, "answer of the supplier"):
            claim.action_answered()
        with self.assertRaisesRegex(UserError, "accepted amount"):
            claim.action_accept()
        with self.assertRaisesRegex(UserError, "reasons of the supplier"):
            claim.action_refuse()
        claim.question_ids = [Command.create({"question": "Do you know this fault?", "answer": "Yes"})]
        claim.action_answered()
        claim.amount_accepted = 240.0
        claim.action_accept()
        self.assertEqual(claim.state, "accepted")
        with self.assertRaisesRegex(UserError, "posted credit note"):
            claim.action_settle()
        claim.settle_note = "New pumps came"
        claim.action_settle()
        self.assertEqual(claim.state, "settled")

    def test_less_than_claimed_is_accepted_in_part_and_more_is_refused(self):
        claim = self._claim()
        claim.action_send()
        with self.assertRaisesRegex(ValidationError, "cannot accept more"):
            claim.amount_accepted = 240.01
        claim.amount_accepted = 100.0
        claim.action_accept()
        self.assertEqual(claim.state, "partly")

    def test_what_was_sent_changes_in_a_new_version_only(self):
        claim = self._claim()
        claim.action_send()
        for vals in (
            {"explanation": "Other"},
            {"partner_id": self.customer.id},
            {"currency_id": self.other_currency.id},
        ):
            with self.subTest(vals=vals), self.assertRaisesRegex(UserError, "new version"):
                claim.write(vals)
        with self.assertRaisesRegex(UserError, "new version"):
            claim.line_ids.amount_claimed = 1.0
        with self.assertRaisesRegex(UserError, "new version"):
            claim.line_ids.unlink()
        claim.action_revise()
        claim.explanation = "More"
        self.assertRecordValues(claim, [{"state": "draft", "version": 2}])

    def test_the_state_follows_the_buttons_only(self):
        claim = self._claim()
        for vals in ({"state": "settled"}, {"version": 3}, {"sent_on": "2026-01-01 10:00:00"}):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                claim.write(vals)
        with self.assertRaises(AccessError):
            claim.create({"partner_id": self.supplier.id, "state": "accepted"})
        with self.assertRaisesRegex(UserError, "cannot go to"):
            claim.action_settle()

    # --- LETTERS ---

    def test_each_version_leaves_once_in_the_language_of_the_supplier(self):
        subjects = {"nl_BE": "Onze claim", "fr_BE": "Notre réclamation"}
        claim = self._claim()
        for lang, subject in subjects.items():
            with self.subTest(lang=lang):
                self.supplier.lang = lang
                claim._send_customer_letter("claim")
                claim._send_customer_letter("claim")
                letter = self._letters(claim)[:1]
                self.assertEqual(letter.lang, lang)
                self.assertIn(subject, letter.subject)
                self.assertIn("PJ-7", letter.body)
                self.assertIn("The seal of each pump leaks.", letter.body)
                claim.action_send()
                claim.action_revise()
        self.assertEqual(len(self._letters(claim)), 2)

    def test_the_customer_is_not_named_to_the_supplier(self):
        claim = self._claim()
        claim.action_send()
        self.assertNotIn(self.customer.name, self._letters(claim).body)

    def test_photos_go_along(self):
        photo = self.env["ir.attachment"].with_user(self.assistant).create({"name": "photo.jpg", "raw": b"photo"})
        claim = self._claim(attachment_ids=[Command.link(photo.id)])
        claim.action_send()
        self.assertEqual(self._letters(claim).attachment_ids, photo)
        # a colleague may look at it too
        self.assertEqual(photo.with_user(self.lead).name, "photo.jpg")

    def test_a_letter_of_an_old_version_does_not_leave(self):
        claim = self._claim()
        claim.action_send()
        letter = self._letters(claim)
        self.assertFalse(claim._dispatch_before_send(letter))
        claim.action_revise()
        self.assertIn("changed", claim._dispatch_before_send(letter))

    def test_reminders_are_letters_of_their_own(self):
        claim = self._claim()
        with self.assertRaisesRegex(UserError, "does not wait"):
            claim.action_remind()
        claim.action_send()
        claim.action_remind()
        claim.action_remind()
        self.assertEqual(len(self._letters(claim)), 3)

    def test_a_supplier_without_any_address_is_told(self):
        self.supplier.write({"email": False, "street": False})
        claim = self._claim()
        with self.assertRaisesRegex(UserError, "no e-mail and no postal address"):
            claim.action_send()
        self.assertEqual(claim.state, "draft")

    # --- WAITING ---

    def test_the_complaint_waits_until_the_supplier_answered(self):
        complaint = self._investigated()
        claim = self._claim(complaint)
        claim.action_send()
        self.assertEqual(complaint.state, "await_supplier")
        claim.answer_note = "We look into it"
        claim.action_answered()
        self.assertEqual(complaint.state, "investigate")

    def test_the_complaint_waits_for_the_last_supplier(self):
        complaint = self._investigated()
        claim = self._claim(complaint)
        other = claim.create(
            {
                "partner_id": self._create_customer("Snelpost", is_company=True).id,
                "party": "carrier",
                "request": "information",
                "explanation": "The box was open.",
                "line_ids": [Command.create({"complaint_id": complaint.id, "name": "Transport"})],
            }
        )
        claim.action_send()
        other.action_send()
        claim.answer_note = other.answer_note = "Not us"
        claim.action_refuse()
        self.assertEqual(complaint.state, "await_supplier")
        other.action_refuse()
        self.assertEqual(complaint.state, "investigate")

    def test_a_claim_need_not_hold_the_complaint(self):
        complaint = self._investigated()
        self._claim(complaint, waits=False).action_send()
        self.assertEqual(complaint.state, "investigate")

    # --- TASKS ---

    def test_a_late_answer_gives_one_task_even_after_missed_nights(self):
        claim = self._claim(date_deadline="2026-03-10")
        with freeze_time("2026-03-01"):
            claim.action_send()
        Claim = self.env["commercial.supplier.claim"]
        Claim._remind(self.company, fields.Date.to_date("2026-03-10"))
        self.assertFalse(claim.activity_ids)
        for day in ("2026-03-14", "2026-03-15"):
            Claim._remind(self.company, fields.Date.to_date(day))
        task = claim.sudo().activity_ids
        self.assertRecordValues(
            task, [{"user_id": self.assistant.id, "date_deadline": fields.Date.to_date("2026-03-14")}]
        )
        task.action_done()
        Claim._remind(self.company, fields.Date.to_date("2026-03-16"))
        self.assertFalse(claim.sudo().activity_ids)

    def test_the_end_of_the_recourse_is_warned_of_once(self):
        day = fields.Date.to_date("2026-06-30")
        with patch.object(ComplaintLine, "_get_recourse_until", lambda line: day):
            claim = self._claim()
            self.assertEqual(claim.recourse_until, day)
        Claim = self.env["commercial.supplier.claim"]
        self.assertFalse(Claim._remind(self.company, fields.Date.to_date("2026-06-15")))
        self.assertEqual(Claim._remind(self.company, fields.Date.to_date("2026-06-16")), claim)
        self.assertFalse(Claim._remind(self.company, fields.Date.to_date("2026-06-17")))
        self.assertEqual(len(claim.sudo().activity_ids), 1)

    def test_late_claims_are_found_as_they_are_shown(self):
        claim = self._claim(date_deadline="2026-03-10")
        with freeze_time("2026-03-01"):
            claim.action_send()
        for day, late in (("2026-03-10", False), ("2026-03-11", True)):
            with self.subTest(day=day), freeze_time(day):
                claim.invalidate_recordset(["is_late"])
                self.assertEqual(claim.is_late, late)
                self.assertEqual(bool(claim.search([("is_late", "=", True), ("id", "=", claim.id)])), late)
                self.assertEqual(bool(claim.search([("is_late", "=", False), ("id", "=", claim.id)])), not late)

    # --- GOODS ---

    def test_goods_go_back_with_the_receipt_once(self):
        move = self._receive(quantity=10.0)
        claim = self._claim()
        before = self.pump.qty_available
        claim.action_send()
        claim.action_return_goods()
        back = claim.line_ids.return_move_id
        self.assertEqual(back.origin_returned_move_id, move)
        self.assertRecordValues(back, [{"product_uom_qty": 4.0}])
        self.assertEqual(back.location_dest_id.usage, "supplier")
        claim.action_return_goods()
        self.assertEqual(claim.return_count, 1)
        self.assertEqual(len(move.returned_move_ids), 1)
        back.write({"quantity": 4.0, "picked": True})
        back.picking_id.button_validate()
        self.pump.invalidate_recordset(["qty_available"])
        self.assertEqual(self.pump.qty_available, before - 4.0)

    def test_no_more_goes_back_than_came(self):
        self._receive(quantity=6.0)
        first, second = self._claim(), self._claim()
        first.action_return_goods()
        with self.assertRaisesRegex(UserError, "there are 2 left"):
            second.action_return_goods()
        self.assertFalse(second.return_count)
        # a return that does not take place gives its goods free
        first.line_ids.return_move_id.picking_id.action_cancel()
        second.action_return_goods()
        self.assertTrue(second.return_count)

    def test_two_lines_of_one_receipt_count_together(self):
        self._receive(quantity=6.0)
        claim = self._claim(self._investigated(quantity=4.0))
        other = self._investigated(quantity=3.0)
        claim.line_ids = [Command.create(other.line_ids._prepare_claim_line_vals(claim.currency_id))]
        with self.assertRaisesRegex(UserError, "7 .* cannot go back"):
            claim.action_return_goods()

    def test_goods_without_a_receipt_ask_for_it(self):
        claim = self._claim()
        with self.assertRaisesRegex(UserError, "with which receipt"):
            claim.action_return_goods()

    def test_a_receipt_of_somebody_else_is_refused(self):
        move = self._receive(supplier=self._create_customer("Motoren Maes", is_company=True))
        claim = self._claim()
        with self.assertRaisesRegex(ValidationError, "no receipt of"):
            claim.line_ids.receipt_move_id = move

    # --- MONEY ---

    def test_the_credit_note_is_drafted_once_and_counts_when_posted(self):
        claim = self._claim(currency_id=self.other_currency.id)
        claim.line_ids.amount_claimed = 480.0
        with self.assertRaisesRegex(UserError, "not accepted anything"):
            claim.action_make_credit()
        claim.action_send()
        claim.amount_accepted = 300.0
        claim.action_accept()
        self.assertEqual(claim.amount_recovered, 150.0)
        claim.action_make_credit()
        claim.action_make_credit()
        credit = claim.sudo().credit_id
        self.assertRecordValues(
            credit,
            [
                {
                    "move_type": "in_refund",
                    "state": "draft",
                    "partner_id": self.supplier.id,
                    "currency_id": self.other_currency.id,
                    "amount_untaxed": 300.0,
                }
            ],
        )
        self.assertIn(claim.name, credit.invoice_line_ids.name)
        # the paper of the supplier says less
        credit.invoice_line_ids.price_unit = 280.0
        credit.invoice_date = fields.Date.today()
        credit.action_post()
        self.assertEqual(claim.amount_recovered, 140.0)
        claim.action_settle()
        self.assertEqual(claim.complaint_ids.cost_recovered, 140.0)

    def test_a_credit_note_of_somebody_else_is_refused(self):
        claim = self._claim()
        for move_type, partner in (("in_refund", self.customer), ("in_invoice", self.supplier)):
            move = self.env["account.move"].create({"move_type": move_type, "partner_id": partner.id})
            with self.subTest(move_type=move_type), self.assertRaisesRegex(ValidationError, "no credit note of"):
                claim.sudo().credit_id = move

    def test_what_comes_back_is_shared_by_amount(self):
        first, second = self._investigated(quantity=1.0), self._investigated(quantity=3.0)
        claim = self._claim(first)
        claim.line_ids = [Command.create(second.line_ids._prepare_claim_line_vals(claim.currency_id))]
        claim.action_send()
        claim.amount_accepted = 100.01
        claim.action_accept()
        self.assertEqual((first.cost_recovered, second.cost_recovered), (25.0, 75.01))
        self.assertEqual(first.cost_recovered + second.cost_recovered, claim.amount_recovered)
        claim.action_revise()
        self.assertEqual((first.cost_recovered, second.cost_recovered), (0.0, 0.0))

    # --- QUERIES ---

    def test_the_list_costs_the_same_for_two_and_twenty(self):
        Claim = self.env["commercial.supplier.claim"].with_user(self.assistant)
        complaint = self._complain(line_ids=[Command.create({"product_id": self.pump.id})])
        claims = Claim.create(
            [
                {
                    "partner_id": self.supplier.id,
                    "line_ids": [Command.create({"complaint_id": complaint.id, "amount_claimed": 10.0})],
                }
                for _number in range(20)
            ]
        )
        names = ["name", "partner_id", "amount_claimed", "amount_recovered", "complaint_count", "is_late", "state"]

        def count(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records.read(names)
            return self.env.cr.sql_log_count - before

        count(claims)
        self.assertEqual(count(claims[:2]), count(claims))
