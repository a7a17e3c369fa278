from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.commercial_assistant.models.dunning.collection_handover_admission import LEGAL_CONDITIONS
from odoo.addons.commercial_assistant.tools import dunning as core

from .common_handover import HandoverCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-05-04 09:00:00")
class TestAdmission(HandoverCommon):
    """What may be handed over: judged by the program where it can know, else by a person."""

    def setUp(self):
        super().setUp()
        self.invoice = self._invoice(amount=1000)
        self.notice = self._reach(self.invoice, self.notice_level, channel="registered")
        self.item = self._item(self.invoice)
        self.other_company_number = "0403.170.701"

    def _ios(self):
        handover = self._prepare(self.item)
        handover.procedure = "ios"
        return handover

    def _point(self, handover, code):
        handover.action_check()
        checklist = handover._get_live_checklists(handover._get_admission_purpose())
        return checklist.point_ids.filtered(lambda point: point.method_code == code)

    # --- UNDISPUTED DEBTS ---

    def test_cap_of_ten_percent(self):
        """T29: 1000 with interest 35, clause 100, fixed 40: 175 of extras, claimed 1100."""
        self._charge(self.notice, interest=35, indemnity=100, fixed=40)
        handover = self._prepare(self.item)
        self.assertRecordValues(
            handover.line_ids,
            [
                {
                    "amount_principal": 1000,
                    "amount_interest": 35,
                    "amount_indemnity": 100,
                    "amount_fixed": 40,
                    "amount_reduction": 0,
                    "amount_claimed": 1175,
                }
            ],
        )
        handover.procedure = "ios"
        self.assertRecordValues(handover.line_ids, [{"amount_reduction": 75, "amount_claimed": 1100}])
        point = self._point(handover, "extras_capped")
        self.assertEqual(point.verdict, "fulfilled")
        for figure in ("175", "100", "10 %"):
            self.assertIn(figure, point.evidence)
        handover.procedure = "amicable"
        self.assertEqual(handover.line_ids.amount_claimed, 1175)

    def test_figure_of_law(self):
        """The share comes from the legal parameter; without it nothing is claimed by that procedure."""
        self._charge(self.notice, fixed=40)
        parameter = self.env.ref("commercial_assistant.legal_parameter_be_ios_cap_percent")
        parameter.sudo().value = 3
        handover = self._ios()
        self.assertEqual(handover.line_ids.amount_claimed, 1030)
        parameter.action_reopen()
        with self.assertRaisesRegex(UserError, "be_ios_cap_percent"):
            handover.action_check()

    def test_waived_and_paid_charges(self):
        charges = self._charge(self.notice, interest=35, indemnity=100, fixed=40)
        charges[0].state, charges[1].state = "waived", "paid"
        self.assertEqual(self._prepare(self.item).line_ids.amount_claimed, 1040)

    def test_everything_in_order(self):
        handover = self._ios()
        self.assertFalse(self._admit(handover))
        self.assertEqual(handover.state, "checked")
        judged = handover.checklist_ids.point_ids.filtered("method_code")
        self.assertEqual(
            {point.method_code: point.verdict for point in judged if point.verdict != "fulfilled"},
            {"not_insolvent": "unknown", "documents": "not_fulfilled"},
        )
        self.assertTrue(all(judged.mapped("evidence")))
        self._hand_over(handover)
        self.assertEqual(handover.state, "handed_over")

    def test_conditions_of_law(self):
        """Each condition that is not met stops the hand-over, and says why."""
        cases = {
            "debtor_number": (
                lambda: self.business.write({"vat": False, "company_registry": "0477472702"}),
                "no valid Belgian enterprise number",
            ),
            "creditor_number": (
                lambda: self.company.partner_id.write({"company_registry": False, "vat": False}),
                "no valid Belgian enterprise number",
            ),
            "debtor_is_business": (lambda: self.business.write({"customer_kind": "public"}), "Public authority"),
            "not_insolvent": (
                lambda: self.env["commercial.credit.hold"]._set(self.company, self.business, "insolvency"),
                "receiver",
            ),
            "not_prescribed": (lambda: self._make_old(), "Lapsed"),
        }
        for code, (change, text) in cases.items():
            with self.subTest(code), self.env.cr.savepoint() as savepoint:
                change()
                handover = self._ios()
                point = self._point(handover, code)
                self.assertRecordValues(point, [{"verdict": "not_fulfilled", "state": "open"}])
                self.assertIn(text, point.evidence)
                with self.assertRaisesRegex(UserError, "not fulfilled"):
                    point._close("done", note="I do not care")
                for way in ("overridden", "not_applicable"):
                    with self.assertRaises(UserError):
                        point.with_user(self.lead)._close(way, reason="I do not care")
                with self.assertRaisesRegex(UserError, text):
                    handover._check_admissible()
                savepoint.rollback()
                self.env.invalidate_all()

    def _make_old(self):
        self.item.sudo().claim_kind_choice = "hospitality"
        self.env.cr.execute(
            "UPDATE commercial_receivable_item SET date_due = '2025-01-01' WHERE id = %s", (self.item.id,)
        )
        self.env.cr.execute(
            "UPDATE account_move_line SET date_maturity = '2025-01-01' WHERE id = %s", (self.item.move_line_id.id,)
        )
        self.env.invalidate_all()

    def test_disputed(self):
        """Whatever holds the item, a dispute or a promise, is an objection; a hand-over itself is none."""
        handover = self._ios()
        Run = type(self.env["commercial.dunning.run"])
        holds = {self.item.id: [core.Hold("disputed"), core.Hold("handed_over")]}
        with patch.object(Run, "_fetch_holds", lambda run, rows: holds):
            point = self._point(handover, "undisputed")
            self.assertEqual(point.verdict, "not_fulfilled")
            self.assertIn("Disputed", point.evidence)
            self.assertIn(self.invoice.name, point.evidence)
            with self.assertRaisesRegex(UserError, "Disputed"):
                handover._check_admissible()
        point.checklist_id.with_user(self.collector).action_judge()
        self.assertRecordValues(point, [{"verdict": "fulfilled", "state": "done"}])

    def test_found_out_after_the_check(self):
        """A checked hand-over is judged again when it leaves."""
        handover = self._ios()
        self._admit(handover)
        self.env["commercial.credit.hold"]._set(self.company, self.business, "insolvency")
        with self.assertRaisesRegex(UserError, "receiver"):
            self._hand_over(handover)
        self.assertEqual(handover.state, "checked")

    # --- CONSUMERS ---

    def _consumer_handover(self, **values):
        invoice = self._invoice(self.consumer, 300)
        notice = self._reach(invoice, self.last_consumer_level)
        return self._prepare(self._item(invoice), **values), notice

    def test_consumer(self):
        handover, _notice = self._consumer_handover()
        self.assertEqual(handover._get_admission_purpose(), "collection_consumer")
        self.assertFalse(self._admit(handover))
        self._hand_over(handover)
        self.assertEqual(handover.state, "handed_over")

    def test_consumer_without_first_reminder(self):
        invoice = self._invoice(self.consumer, 300)
        self.env["commercial.receivable"]._refresh_items(self.company)
        handover = self._prepare(self._item(invoice))
        stuck = self._admit(handover)
        self.assertEqual({"first_reminder", "waiting_over"}, set(stuck.mapped("method_code")))
        with self.assertRaisesRegex(UserError, "XIX.2"):
            handover._check_admissible()

    def test_consumer_still_waiting(self):
        handover, notice = self._consumer_handover()
        item = notice.line_ids.item_id
        item.earliest_charge_on = "2026-05-05"
        self.assertEqual(self._admit(handover).mapped("method_code"), ["waiting_over"])
        item.earliest_charge_on = "2026-05-04"
        self.assertEqual(self._point(handover, "waiting_over").verdict, "fulfilled", "the first day after it")

    def test_proof_of_sending(self):
        handover, notice = self._consumer_handover()
        self.env.flush_all()
        self.env.cr.execute("UPDATE commercial_dispatch SET state = 'ambiguous' WHERE res_id = %s", (notice.id,))
        self.env.invalidate_all()
        point = self._point(handover, "proof_of_sending")
        self.assertEqual(point.verdict, "not_fulfilled")
        self.assertIn(notice.name, point.evidence)

    def test_agency_must_be_registered(self):
        handover, _notice = self._consumer_handover(collector_id=self.agency.id)
        self.assertEqual(handover.collector_type, "agency")
        point = self._point(handover, "collector_allowed")
        self.assertEqual(point.verdict, "not_fulfilled")
        self.assertIn("FPS Economy", point.evidence)
        with self.assertRaisesRegex(UserError, "FPS Economy"):
            handover._check_admissible()
        self.agency.collection_registration = "200123"
        self.assertEqual(self._point(handover, "collector_allowed").verdict, "fulfilled")

    def test_agency_for_a_business(self):
        handover = self._prepare(self.item, collector_id=self.agency.id)
        self.assertEqual(self._point(handover, "collector_allowed").verdict, "fulfilled")

    # --- MECHANISM ---

    def test_which_checklist(self):
        handover = self._prepare(self.item)
        self.assertEqual(handover._get_admission_purpose(), "collection_business")
        self._point(handover, "due")
        handover.procedure = "ios"
        handover.action_check()
        checklists = handover.checklist_ids
        self.assertEqual(
            {(checklist.purpose, checklist.state) for checklist in checklists},
            {("collection_business", "cancelled"), ("collection_ios", "open")},
        )

    def test_other_country(self):
        dutchman = self._create_customer("Klant NL", is_company=True, country_id=self.env.ref("base.nl").id)
        invoice = self._invoice(dutchman, 100)
        self.env["commercial.receivable"]._refresh_items(self.company)
        handover = self._prepare(self._item(invoice))
        self.assertEqual(handover._get_admission_purpose(), "collection_general")
        self.assertEqual(self._point(handover, "not_prescribed").verdict, "unknown", "the Dutch term is not confirmed")

    def test_part_without_first_reminder(self):
        """What was held when the first reminder left needs one of its own before a collector may ask for it."""
        handover, notice = self._consumer_handover()
        point = self._point(handover, "first_reminder")
        self.assertEqual(point.verdict, "fulfilled")
        first = self._reach(
            notice.line_ids.move_id,
            self.consumer_policy.level_ids.filtered(lambda level: level.kind == "reminder"),
            delivered_on="2026-03-10",
        )
        self.env.cr.execute(
            "UPDATE commercial_dunning_notice_line SET amount_reminded = 200, amount_residual = 200 WHERE id = ANY(%s)",
            (first.line_ids.ids,),
        )
        self.env.invalidate_all()
        handover.action_check()
        self.assertEqual(point.verdict, "not_fulfilled")
        self.assertIn("none of its own", point.evidence)

    def test_no_template_is_no_way_around(self):
        """Whoever archives the checklists still meets the law."""
        self.env["commercial.checklist.template"].search([("purpose", "=like", "collection_%")]).active = False
        handover = self._ios()
        self.env["commercial.credit.hold"]._set(self.company, self.business, "insolvency")
        with self.assertRaisesRegex(UserError, "receiver"):
            handover.action_check()
        self.env["commercial.credit.hold"].search([("partner_id", "=", self.business.id)])._release("x")
        handover.action_check()
        self.assertEqual(handover.state, "checked")

    def test_every_condition_has_its_judge(self):
        codes = {code for codes in LEGAL_CONDITIONS.values() for code in codes}
        codes |= {code for code, _label in self.env["commercial.checklist.template.point"]._selection_method_code()}
        for code in codes:
            with self.subTest(code):
                self.assertTrue(hasattr(self.env["commercial.collection.handover"], f"_checklist_point_{code}"))

    def test_reminders_stopped_for_insolvency(self):
        """A stop of the reminders says it too, without a credit hold; a stop of another kind does not."""
        account = self.item.receivable_id
        for kind, verdict in (
            ("insolvency", "not_fulfilled"),
            ("collective", "not_fulfilled"),
            ("death", "unknown"),
            (False, "unknown"),
        ):
            with self.subTest(kind):
                stop = {"is_excluded": bool(kind), "hold_kind": kind, "exclusion_reason": kind and "Judgment"}
                account.write({**stop, "hold_release_reason": "Mistake"})
                handover = self._ios()
                point = self._point(handover, "not_insolvent")
                self.assertEqual(point.verdict, verdict)
                self.assertEqual("Judgment" in point.evidence, verdict == "not_fulfilled")

    def test_person_and_program(self):
        """What a person closed with a reason stays; what the program closed opens again when it is no longer so."""
        handover = self._prepare(self.item)
        point = self._point(handover, "terms_enclosed")
        point.with_user(self.collector)._close("overridden", reason="They order by telephone")
        proof = self._point(handover, "proof_of_sending")
        self.assertEqual((point.state, proof.state), ("overridden", "done"))
        self.env.cr.execute("UPDATE commercial_dispatch SET state = 'ambiguous' WHERE res_id = %s", (self.notice.id,))
        self.env.invalidate_all()
        handover.action_check()
        self.assertEqual((point.state, proof.state), ("overridden", "open"))

    def test_who_judges(self):
        handover = self._prepare(self.item)
        point = self._point(handover, "due")
        self.assertEqual(point.closed_uid, self.collector)
        with self.assertRaises(AccessError):
            point.checklist_id.with_user(self.assistant).action_judge()
        self.assertEqual(point.date_deadline, date(2026, 5, 11))

    def test_template_of_another_record(self):
        template = self.env.ref("commercial_assistant.checklist_template_customer_handover")
        with self.assertRaisesRegex(UserError, "cannot judge"), self.env.cr.savepoint():
            template.point_ids[0].write({"method_code": "due"})
        self.assertFalse(self.business._start_checklist(template).has_judged_points)

    def test_terms(self):
        handover = self._prepare(self.item)
        handover.contract_attachment_ids = [Command.create({"name": "Terms 2026.pdf", "raw": b"%PDF"})]
        attachment = handover.contract_attachment_ids
        self.assertEqual((attachment.res_model, attachment.res_id), (handover._name, handover.id))
        point = self._point(handover, "terms_enclosed")
        self.assertIn("Terms 2026.pdf", point.evidence)
