from datetime import date
from decimal import Decimal
from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import BaseCase, tagged

from odoo.addons.commercial_assistant.tools.interest_follow import cap_path, correct_slices, principal_on
from odoo.addons.commercial_assistant.tools.late_payment import InterestSlice, interest_slices, late_interest

from .test_dunning_charge import ChargeCommon

RATE = [(date(2000, 1, 1), Decimal("10.5"))]


def day(text):
    return date.fromisoformat(text)


@tagged("post_install", "-at_install")
class TestInterestFollow(BaseCase):
    def _slices(self, *steps, start="2026-03-02", end="2026-04-20"):
        path = [(day(first), Decimal(principal)) for first, principal in steps]
        return interest_slices(path, RATE, day(start), day(end))

    def _path(self, *steps):
        return [(day(first), Decimal(principal)) for first, principal in steps]

    def test_principal_on(self):
        path = self._path(("2026-01-01", 1000), ("2026-03-11", 600))
        for when, principal in (("2025-12-31", 0), ("2026-03-10", 1000), ("2026-03-11", 600), ("2027-01-01", 600)):
            self.assertEqual(principal_on(path, day(when)), principal)

    def test_correct(self):
        claimed = self._slices(("2026-01-01", 1000))
        paid = self._path(("1900-01-01", 1000), ("2026-03-11", 600))
        self.assertEqual(
            [(piece.start, piece.end, piece.days, piece.principal) for piece in correct_slices(claimed, paid)],
            [
                (day("2026-03-02"), day("2026-03-10"), 9, 1000),
                (day("2026-03-11"), day("2026-04-20"), 41, 600),
            ],
        )

    def test_boundaries(self):
        claimed = self._slices(("2026-01-01", 1000))
        for first, same in (("2026-03-02", False), ("2026-04-20", False), ("2026-04-21", True)):
            with self.subTest(first):
                corrected = correct_slices(claimed, self._path(("1900-01-01", 1000), (first, 400)))
                self.assertEqual(corrected == claimed, same)
                self.assertEqual(sum(piece.days for piece in corrected), 50)
        self.assertEqual(correct_slices(claimed, self._path(("1900-01-01", 0))), [])

    def test_what_was_held_bore_no_interest(self):
        claimed = self._slices(("2026-01-01", 600))
        path = self._path(("1900-01-01", 1000), ("2026-03-11", 700))
        corrected = correct_slices(claimed, path, Decimal(400))
        self.assertEqual([piece.principal for piece in corrected], [600, 300])

    def test_never_more(self):
        claimed = self._slices(("2026-01-01", 500))
        self.assertEqual(correct_slices(claimed, self._path(("1900-01-01", 2000))), claimed)
        self.assertEqual(
            cap_path(self._path(("2026-01-01", 900), ("2026-02-01", 300)), Decimal(500)),
            self._path(("2026-01-01", 500), ("2026-02-01", 300)),
        )
        self.assertTrue(all(isinstance(piece, InterestSlice) for piece in claimed))


@tagged("post_install", "-at_install")
class TestChargeFollow(ChargeCommon):
    """A formal notice of 20 April 2026 claims interest on 1000 since 2 March, and 40 euro."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rates = cls.env["commercial.legal.parameter"].search([("code", "=", "be_late_rate")])
        cls.rates = [(rate.date_from, Decimal(str(rate.value))) for rate in rates if rate.state == "confirmed"]

    def _expected(self, start, end, *steps):
        path = [(day(first), Decimal(principal)) for first, principal in steps]
        return float(late_interest(path, self.rates, day(start), day(end)))

    def _switch_on(self, on="2026-01-01", **values):
        with freeze_time(on):
            self.business_policy.write({"final_interest": True, "final_interest_min": 0, **values})
            self.env.flush_all()

    def _follow(self, on="2026-05-20"):
        with freeze_time(f"{on} 09:00:00"):
            self.env["commercial.receivable"]._refresh_items(self.company)
            self._job()
            self.env.invalidate_all()

    def _interest(self, move):
        return self._charges(move).filtered(lambda charge: charge.kind == "interest").sorted("date_from")

    # --- AFTER THE LAST LETTER ---

    def test_paid_late(self):
        self._switch_on()
        claimed = self._claim()
        move = claimed.move_id
        self._pay(move, day="2026-05-10")
        self._follow()
        first, final = self._interest(move)
        self.assertEqual(first.date_to, date(2026, 4, 20))
        self.assertRecordValues(
            final,
            [
                {
                    "state": "claimed",
                    "is_final_interest": True,
                    "date_from": date(2026, 4, 21),
                    "date_to": date(2026, 5, 10),
                    "amount": self._expected("2026-04-21", "2026-05-10", ("2000-01-01", 1000)),
                    "amount_residual": 5.75,
                    "claimed_on": date(2026, 5, 20),
                    "notice_id": first.notice_id.id,
                    "is_orphan": True,
                    "booking_state": "not_booked",
                    "legal_ground": first.legal_ground,
                }
            ],
        )
        self.assertIn("5,75", final.receivable_id.message_ids[:1].body)
        self._follow("2026-05-21")
        self.assertEqual(len(self._interest(move)), 2, "once")

    def test_off_by_default(self):
        self.assertFalse(any(self.env["commercial.dunning.policy"].search([]).mapped("final_interest")))
        move = self._claim().move_id
        self._pay(move, day="2026-05-10")
        self._follow()
        self.assertEqual(len(self._interest(move)), 1)

    def test_paid_in_parts(self):
        self._switch_on()
        move = self._claim().move_id
        self._pay(move, 400, day="2026-04-30")
        self._follow("2026-05-01")
        self.assertEqual(len(self._interest(move)), 1, "the next letter reckons with it")
        self._pay(move, day="2026-05-10")
        self._follow()
        expected = self._expected("2026-04-21", "2026-05-10", ("2000-01-01", 1000), ("2026-05-01", 600))
        self.assertEqual(self._interest(move)[1].amount, expected)

    def test_let_go(self):
        """Below the minimum, paid in time, written off, credited, waived before, or paid before it was switched on."""

        def pay_late(move):
            self._pay(move, day="2026-05-10")

        def pay_on_the_day(move):
            self._pay(move, day="2026-04-20")

        def pay_after_waiver(move):
            self._waive(self._interest(move))
            pay_late(move)

        cases = {
            "minimum": ({"final_interest_min": 5.76}, "2026-01-01", pay_late),
            "switched on later": ({}, "2026-05-11", pay_late),
            "same day": ({}, "2026-01-01", pay_on_the_day),
            "waived": ({}, "2026-01-01", pay_after_waiver),
        }
        for name, (values, since, settle) in cases.items():
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                self._switch_on(since, **values)
                move = self._claim().move_id
                settle(move)
                self._follow()
                self.assertEqual(len(self._interest(move)), 1)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_booked_like_the_others(self):
        self._book_in("entry")
        self._switch_on()
        move = self._claim().move_id
        self._pay(move, day="2026-05-10")
        self._follow()
        final = self._interest(move)[1]
        self.assertEqual((final.booking_mode, final.booking_state), ("entry", "booked"))
        self.assertEqual(final.booking_ids.move_id.amount_total, final.amount)
        self._waive(final)
        self.assertEqual((final.state, final.booking_state), ("waived", "reversed"))
        self._follow("2026-05-22")
        self.assertEqual(len(self._interest(move)), 2, "what was waived does not come again")

    # --- CORRECTIONS ---

    def test_payment_dated_earlier(self):
        interest = self._claim().filtered(lambda charge: charge.kind == "interest")
        before = interest.amount
        self._pay(interest.move_id, 400, day="2026-03-31")
        self._follow("2026-04-25")
        expected = self._expected("2026-03-02", "2026-04-20", ("2000-01-01", 1000), ("2026-04-01", 600))
        self.assertLess(expected, before)
        self.assertRecordValues(interest, [{"amount": expected, "amount_residual": expected, "state": "claimed"}])
        self.assertEqual([piece.principal for piece in interest._get_slices()], [1000, 600])
        self.assertTrue(interest.correction_note)
        note = interest.correction_note
        self._follow("2026-04-26")
        self.assertRecordValues(interest, [{"amount": expected, "correction_note": note}])

    def test_payment_on_the_day_of_the_letter(self):
        interest = self._claim().filtered(lambda charge: charge.kind == "interest")
        before = interest.amount
        self._pay(interest.move_id, 400, day="2026-04-20")
        self._follow("2026-04-25")
        self.assertEqual(interest.amount, before, "the day of payment bears interest")

    def test_paid_before_it_was_late(self):
        """Nothing of the interest is left: it is dropped, with a reason."""
        interest = self._claim().filtered(lambda charge: charge.kind == "interest")
        self._pay(interest.move_id, day="2026-02-28")
        self._follow("2026-04-25")
        self.assertEqual(interest.state, "waived")
        self.assertTrue(interest.waive_reason)
        self.assertEqual(interest.amount_residual, 0)

    def test_booked_interest_is_booked_anew(self):
        self._book_in("entry")
        interest = self._claim().filtered(lambda charge: charge.kind == "interest")
        self._job()
        first = interest.booking_ids.move_id
        self._pay(interest.move_id, 400, day="2026-03-31")
        self._follow("2026-04-25")
        self.assertEqual(interest.booking_state, "booked")
        claims = interest.booking_ids.filtered(lambda booking: booking.kind == "claim")
        self.assertEqual(claims.filtered("is_live").move_id.amount_total, interest.amount)
        self.assertIn(first, claims.move_id)
        self.assertTrue(self._receivable_line(first).reconciled, "taken back")
        lines = interest.booking_ids.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        self.assertAlmostEqual(sum(lines.mapped("amount_residual")), interest.amount)

    def test_paid_interest_stays(self):
        interest = self._claim().filtered(lambda charge: charge.kind == "interest")
        before = interest.amount
        interest.sudo()._record_payment(date(2026, 4, 22), "bank")
        self._pay(interest.move_id, 400, day="2026-03-31")
        self._follow("2026-04-25")
        self.assertRecordValues(interest, [{"amount": before, "state": "paid"}])

    def test_never_below_what_was_paid(self):
        interest = self._claim().filtered(lambda charge: charge.kind == "interest")
        interest.sudo()._record_payment(date(2026, 4, 22), "bank", {interest: 2.0})
        self._pay(interest.move_id, day="2026-02-28")
        self._follow("2026-04-25")
        self.assertRecordValues(interest, [{"amount": 2, "state": "paid", "amount_residual": 0}])

    def test_credit_note(self):
        """What was credited was never owed."""
        interest = self._claim().filtered(lambda charge: charge.kind == "interest")
        refund = interest.move_id._reverse_moves([{"invoice_date": "2026-04-24", "date": "2026-04-24"}])
        refund.invoice_line_ids.price_unit = 500
        refund.action_post()
        lines = (refund + interest.move_id).line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        lines.reconcile()
        self._follow("2026-04-25")
        self.assertEqual(interest.amount, self._expected("2026-03-02", "2026-04-20", ("2000-01-01", 500)))

    def test_queries(self):
        """Looking costs the same for few and for many charges that are as they should be."""
        charge = self.env["commercial.dunning.charge"]
        costs = []
        for number in (2, 10):
            moves = self.env["account.move"]
            for _index in range(number):
                moves |= self._invoice(amount=1000)
            for at in (
                ("2026-03-20", "2026-04-01", "2026-04-20")
                if number == 2
                else ("2026-04-21", "2026-05-06", "2026-05-25")
            ):
                with freeze_time(f"{at} 09:00:00"):
                    self._deliver(self._run(at))
            for move in moves:
                self._pay(move, 10, day="2026-03-01")
            with freeze_time("2026-05-26 09:00:00"), patch.object(type(charge), "_reduce", lambda *args: None):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                charge.sudo()._follow_payments(self.company)
                costs.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(costs[1], costs[0] + 2)
