from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_proposal import ProposalCommon


@tagged("post_install", "-at_install")
class TestComplaintProposal(ProposalCommon):
    # --- GATES ---

    def test_something_must_be_offered_or_explained(self):
        complaint = self._ready()
        with self.assertRaisesRegex(UserError, "a solution, or the tick"):
            complaint.action_offer()
        self.assertFalse(complaint.proposal_ids, "nothing was begun")
        complaint.is_explanation_only = True
        complaint.action_offer()
        self.assertRecordValues(complaint.proposal_ids, [{"is_explanation_only": True, "state": "draft"}])

    def test_an_explanation_among_solutions_is_no_offer(self):
        complaint = self._ready({"kind": "information", "quantity": 0, "description": "Clean it each week."})
        complaint.action_offer()
        self.assertTrue(complaint.proposal_ids.is_explanation_only)

    def test_somebody_must_be_reachable(self):
        complaint = self._ready({})
        complaint.partner_id.write({"email": False, "street": False})
        complaint.email_from = False
        with self.assertRaisesRegex(UserError, "an e-mail or postal address"):
            complaint.action_offer()

    def test_only_a_complaint_with_a_verdict_gets_a_proposal(self):
        complaint = self._complain()
        with self.assertRaisesRegex(UserError, "cannot go to"):
            complaint.action_offer()

    def test_nothing_is_carried_out_before_the_customer_agrees(self):
        proposal = self._offered()
        complaint = proposal.complaint_id
        with self.assertRaisesRegex(UserError, "the agreement of the customer"):
            complaint._move("execute")
        with self.assertRaisesRegex(UserError, "the agreement of the customer"):
            complaint.action_go_on()
        self._answer(complaint)
        self.assertEqual(complaint.state, "execute")

    def test_an_explanation_needs_no_agreement(self):
        complaint = self._ready(verdict="unfounded", is_explanation_only=True)
        complaint._offer()
        complaint.action_go_on()
        self.assertEqual(complaint.state, "execute")

    # --- SENDING ---

    def test_the_letter_is_looked_at_before_it_leaves(self):
        complaint = self._ready({})
        action = complaint.action_offer()
        proposal = complaint.proposal_ids
        self.assertEqual((action["res_model"], action["res_id"]), (proposal._name, proposal.id))
        self.assertEqual(complaint.state, "propose")
        self.assertFalse(self.sent)
        self.assertIn("Pomp", proposal.preview)
        self.assertNotIn("access_token", proposal.preview)
        proposal.text_decision = "U hebt gelijk, en het spijt ons."
        proposal.line_ids.text = "U krijgt morgen een nieuwe pomp."
        self.assertIn("het spijt ons", proposal.preview)
        proposal.action_send()
        self.assertIn("het spijt ons", self.sent[0].body)
        self.assertIn("een nieuwe pomp", self._letter(proposal))

    def test_sending_moves_the_complaint_and_keeps_the_letter(self):
        complaint = self._ready({"description": "Binnen de week."})
        proposal = complaint._offer()
        self.assertEqual(complaint.state, "await_customer")
        self.assertRecordValues(
            proposal,
            [
                {
                    "state": "sent",
                    "version": 1,
                    "name": f"{complaint.name}-1",
                    "channel": "email",
                    "lang": "nl_BE",
                    "sent_uid": self.assistant.id,
                    "valid_until": proposal._get_today() + timedelta(days=14),
                }
            ],
        )
        self.assertEqual(complaint.solution_ids.state, "offered")
        [dispatch] = self.sent
        self.assertEqual(dispatch.attachment_id, proposal.attachment_id)
        self.assertEqual(dispatch.sha256, proposal.sha256)
        self.assertEqual(dispatch.recipient_email, complaint.email_from)
        self.assertEqual(dispatch.mail_id.model, "commercial.complaint", "the answer arrives at the complaint")
        self.assertEqual(dispatch.mail_id.res_id, complaint.id)
        self.assertIn("Binnen de week.", dispatch.body)

    def test_each_version_leaves_once(self):
        proposal = self._offered()
        proposal.action_send()
        proposal.with_user(self.lead).action_send()
        self.assertEqual(len(self.sent), 1)
        with self.assertRaisesRegex(UserError, "waits for the answer"):
            proposal.complaint_id.action_offer()

    def test_what_changed_meanwhile_is_written_anew(self):
        complaint = self._ready({})
        complaint.action_offer()
        draft = complaint.proposal_ids
        draft.text_intro = "Mijn eigen woorden."
        complaint.action_offer()
        self.assertEqual(complaint.proposal_ids.text_intro, "Mijn eigen woorden.", "an unchanged draft is kept")
        complaint.solution_ids.quantity = 3
        with self.assertRaisesRegex(UserError, "Write it anew"):
            draft.action_send()
        self.assertEqual(complaint.state, "propose")
        draft.action_write_anew()
        self.assertNotEqual(draft.text_intro, "Mijn eigen woorden.")
        self.assertEqual(draft.line_ids.quantity, 3)
        self._add_solution(complaint, "goodwill", quantity=0, amount=25)
        complaint.action_offer()
        self.assertEqual(len(complaint.proposal_ids), 1)
        complaint.proposal_ids.action_send()
        self.assertEqual(len(complaint.proposal_ids.line_ids), 2)

    def test_bad_letters_stay(self):
        complaint = self._ready({}, verdict="partly")
        complaint.action_offer()
        proposal = complaint.proposal_ids
        for name, values, message in (
            ("past", {"valid_until": proposal._get_today() - timedelta(days=1)}, "lies in the past"),
            ("no decision", {"text_decision": "  "}, "what was decided"),
            ("no reasons", {"text_reasons": False}, "Say why"),
        ):
            with self.subTest(name), self.assertRaisesRegex(UserError, message), self.env.cr.savepoint():
                proposal.write(values)
                proposal.action_send()
        complaint.email_from = False
        complaint.partner_id.email = False
        with self.assertRaisesRegex(UserError, "no e-mail address"):
            proposal.action_send()
        self.assertEqual((complaint.state, proposal.state), ("propose", "draft"))
        self.assertFalse(self.sent)

    def test_the_post(self):
        complaint = self._ready({})
        complaint.partner_id.email = False
        complaint.email_from = False
        proposal = complaint._offer()
        self.assertEqual(proposal.channel, "post")
        dispatch = proposal.sudo()._find_dispatches()
        self.assertEqual((dispatch.state, dispatch.channel), ("reserved", "post"))
        self.assertFalse(self.sent)
        proposal = proposal.with_user(self.assistant)
        self.assertTrue(proposal.is_to_post)
        for _time in range(2):
            proposal.action_mark_posted()
            proposal.invalidate_recordset()
            self.assertEqual(dispatch.state, "sent")
        self.assertFalse(proposal.is_to_post)
        self.assertEqual(proposal.sent_on, dispatch.sent_on)

    def test_a_stranger_gets_no_letter(self):
        complaint = self._ready({})
        complaint.action_offer()
        with self.assertRaises(ValidationError):
            complaint.proposal_ids.contact_id = self.consumer
        foreign = self._ready({})
        with self.assertRaises(ValidationError):
            self.env["commercial.complaint.proposal.line"].sudo().create(
                {
                    "proposal_id": complaint.proposal_ids.id,
                    "solution_id": foreign.solution_ids.id,
                    "kind": "repair",
                    "currency_id": self.company.currency_id.id,
                }
            )

    # --- VERSIONS ---

    def test_a_new_version_takes_the_place_of_the_old(self):
        first = self._offered()
        complaint = first.complaint_id
        complaint.action_propose_again()
        self.assertEqual((complaint.state, first.state), ("propose", "superseded"))
        self.assertEqual(complaint.solution_ids.state, "draft", "it can be offered again")
        second = complaint._offer()
        self.assertEqual((second.version, second.state), (2, "sent"))
        self.assertNotEqual(first.sudo().access_token, second.sudo().access_token)
        with self.assertRaisesRegex(UserError, "replaced"):
            first.sudo()._accept("phone")
        self.assertEqual(complaint.proposal_id, second)
        self.assertEqual(len(self.sent), 2)

    def test_a_letter_that_waits_does_not_leave_when_it_is_replaced(self):
        complaint = self._ready({})
        complaint.partner_id.email = complaint.email_from = False
        first = complaint._offer()
        complaint.action_propose_again()
        self.assertEqual(first.sudo()._find_dispatches().state, "cancelled")

    def test_cancelling_takes_our_word_back(self):
        proposal = self._offered()
        proposal.complaint_id._cancel("withdrawn")
        self.assertEqual(proposal.state, "superseded")
        with self.assertRaises(UserError):
            proposal.sudo()._accept("phone")

    # --- ANSWERS BY HAND ---

    def test_accepted_on_the_telephone(self):
        proposal = self._offered()
        complaint = proposal.complaint_id
        self._answer(complaint, how="phone", signed_name="An De Smet", note="Was tevreden.")
        self.assertEqual(complaint.state, "execute")
        self.assertRecordValues(
            proposal,
            [
                {
                    "state": "accepted",
                    "answered_how": "phone",
                    "answered_uid": self.assistant.id,
                    "signed_name": "An De Smet",
                    "answer_note": "Was tevreden.",
                }
            ],
        )
        self.assertTrue(proposal.answered_on)
        self.assertEqual(complaint.solution_ids.state, "accepted")
        self.assertIn("An De Smet", complaint.message_ids[0].body)

    def test_some_are_accepted(self):
        proposal = self._offered({}, {"kind": "goodwill", "amount": 25, "quantity": 0})
        complaint = proposal.complaint_id
        wizard = (
            self.env["commercial.complaint.answer"]
            .with_user(self.assistant)
            .create({"complaint_id": complaint.id, "decision": "accept"})
        )
        self.assertEqual(len(wizard.line_ids), 2)
        wizard.line_ids.is_accepted = False
        with self.assertRaisesRegex(UserError, "at least one solution"):
            wizard.action_note_answer()
        wizard.line_ids.filtered(lambda line: line.line_id.kind == "replacement").is_accepted = True
        wizard.action_note_answer()
        self.assertEqual(complaint.state, "execute")
        self.assertEqual(
            {line.kind: line.state for line in proposal.line_ids}, {"replacement": "accepted", "goodwill": "refused"}
        )
        self.assertEqual(
            {solution.kind: solution.state for solution in complaint.solution_ids},
            {"replacement": "accepted", "goodwill": "refused"},
        )

    def test_lines_of_another_proposal_are_not_accepted(self):
        proposal, other = self._offered(), self._offered()
        wizard = (
            self.env["commercial.complaint.answer"]
            .with_user(self.assistant)
            .create({"complaint_id": proposal.complaint_id.id, "decision": "accept"})
        )
        wizard.line_ids.line_id = other.line_ids
        with self.assertRaisesRegex(UserError, "no part of the proposal"):
            wizard.action_note_answer()
        self.assertEqual((proposal.state, other.line_ids.state), ("sent", "offered"))

    def test_all_or_nothing(self):
        complaint = self._ready({}, {"kind": "goodwill", "amount": 25, "quantity": 0})
        complaint.action_offer()
        complaint.proposal_ids.is_divisible = False
        complaint.proposal_ids.action_send()
        proposal = complaint.proposal_ids
        with self.assertRaisesRegex(UserError, "as a whole"):
            proposal.sudo()._accept("phone", lines=proposal.line_ids[0].sudo())
        self._answer(complaint)
        self.assertEqual(set(proposal.line_ids.mapped("state")), {"accepted"})

    def test_refused(self):
        proposal = self._offered()
        complaint = proposal.complaint_id
        with self.assertRaisesRegex(UserError, "Say why"):
            self._answer(complaint, "refuse", reason="  ")
        self._answer(complaint, "refuse", how="email", reason="Too little")
        self.assertEqual((complaint.state, proposal.state), ("propose", "refused"))
        self.assertEqual(complaint.solution_ids.state, "refused")
        self.assertEqual(complaint.last_refusal, "Too little")
        with self.assertRaisesRegex(UserError, "a solution"):
            complaint.action_offer()

    def test_the_second_refusal_suggests_to_escalate(self):
        complaint = self._ready({})
        for number in (1, 2):
            complaint._offer()
            self._answer(complaint, "refuse", reason=f"No {number}")
            summaries = complaint.activity_ids.mapped("summary")
            self.assertEqual(any("escalate" in summary for summary in summaries), number == 2)
            self._add_solution(complaint)
        complaint._offer()
        self._answer(complaint, "refuse", reason="No 3")
        summaries = complaint.activity_ids.mapped("summary")
        self.assertLessEqual(sum("escalate" in summary for summary in summaries), 1)

    def test_each_proposal_is_answered_once(self):
        proposal = self._offered()
        complaint = proposal.complaint_id
        action = complaint.action_accept()
        wizards = [
            self.env["commercial.complaint.answer"]
            .with_user(self.assistant)
            .with_context(**action["context"])
            .create({"signed_name": name})
            for name in ("One", "Two")
        ]
        wizards[0].action_note_answer()
        with self.assertRaisesRegex(UserError, "does not wait for an answer"):
            wizards[1].action_note_answer()
        with self.assertRaisesRegex(UserError, "answered already"):
            proposal.sudo()._refuse("phone", "Changed my mind")
        self.assertEqual(proposal.signed_name, "One")

    def test_the_day_of_the_answer(self):
        proposal = self._offered()
        today = proposal._get_today()
        proposal.sudo().sent_on = fields.Datetime.now() - timedelta(days=3)
        for day, message in ((today + timedelta(days=1), "still to come"), (today - timedelta(days=9), "before")):
            with self.assertRaisesRegex(UserError, message):
                self._answer(proposal.complaint_id, answered_on=day)
        self._answer(proposal.complaint_id, answered_on=today - timedelta(days=2))
        self.assertEqual(proposal.answered_on.date(), today - timedelta(days=2))

    # --- THE TERM ---

    def test_the_last_day_counts(self):
        proposal = self._offered()
        day = proposal.valid_until
        proposal.sudo()._expire(day)
        self.assertEqual(proposal.state, "sent")
        proposal.sudo()._expire(day + timedelta(days=1))
        self.assertEqual(proposal.state, "expired")
        complaint = proposal.complaint_id
        self.assertEqual(complaint.state, "await_customer")
        [activity] = complaint.activity_ids
        self.assertEqual(activity.user_id, self.assistant)
        proposal.sudo()._expire(day + timedelta(days=9))
        self.assertEqual(complaint.activity_ids, activity, "the task comes once, even after missed nights")
        wizard = self._answer(complaint)
        self.assertEqual((complaint.state, proposal.state), ("execute", "accepted"), "a person may be generous")
        self.assertFalse(complaint.activity_ids)
        self.assertTrue(wizard)

    def test_the_task_speaks_the_language_of_the_responsible(self):
        self.assistant.lang = "fr_BE"
        proposal = self._offered()
        proposal.sudo()._expire(proposal.valid_until + timedelta(days=1))
        self.assertNotIn("The customer", proposal.complaint_id.activity_ids.summary)

    def test_silence_accepts_only_when_the_letter_said_so(self):
        before = self._offered()
        self.company.complaint_deemed_accepted = True
        after = self._offered()
        self.assertFalse(before.is_deemed_accepted)
        self.assertTrue(after.is_deemed_accepted)
        self.assertNotEqual(before.text_term, after.text_term)
        self.env["commercial.complaint.proposal"].sudo()._expire(before.valid_until + timedelta(days=1))
        self.assertEqual((before.state, before.complaint_id.state), ("expired", "await_customer"))
        self.assertEqual((after.state, after.complaint_id.state), ("accepted", "execute"))
        self.assertEqual(after.answered_how, "silence")
        self.assertFalse(after.answered_uid)

    def test_silence_never_accepts_an_explanation(self):
        self.company.complaint_deemed_accepted = True
        proposal = self._ready(verdict="unfounded", is_explanation_only=True)._offer()
        self.assertFalse(proposal.is_deemed_accepted)

    def test_the_term_of_the_company(self):
        self.company.complaint_proposal_days = 30
        proposal = self._offered()
        self.assertEqual(proposal.valid_until, proposal._get_today() + timedelta(days=30))

    # --- WHO MAY WHAT ---

    def test_the_state_follows_the_buttons_only(self):
        proposal = self._offered().with_user(self.assistant)
        for values in (
            {"state": "accepted"},
            {"signed_name": "Me"},
            {"answered_on": fields.Datetime.now()},
            {"sha256": "0"},
            {"text_adr": "Nowhere"},
            {"verdict": "unfounded"},
        ):
            with self.subTest(values), self.assertRaises(AccessError):
                proposal.write(values)
        with self.assertRaisesRegex(UserError, "stays as the customer got it"):
            proposal.text_intro = "Changed"
        with self.assertRaisesRegex(UserError, "stays as the customer got it"):
            proposal.line_ids.text = "Changed"
        with self.assertRaises(AccessError):
            proposal.line_ids.amount = 1000
        with self.assertRaises(UserError):
            proposal.unlink()
        with self.assertRaises(UserError):
            proposal.copy()
        complaint = self._ready({})
        with self.assertRaises(AccessError):
            self.env["commercial.complaint.proposal"].with_user(self.assistant).create(
                {**complaint._prepare_proposal(), "state": "accepted"}
            )

    def test_the_key_is_read_by_nobody(self):
        proposal = self._offered().with_user(self.lead)
        with self.assertRaises(AccessError):
            proposal.read(["access_token"])
        with self.assertRaises(AccessError):
            proposal.search([("access_token", "=", "x")])

    def test_a_collector_reads_only(self):
        collector = self._create_desk_user("proposal_collector", "commercial_assistant.group_collector")
        proposal = self._offered()
        self.assertTrue(proposal.with_user(collector).read(["state"]))
        for method in ("action_accept", "action_refuse", "action_offer", "action_propose_again", "action_go_on"):
            with self.subTest(method), self.assertRaises(AccessError):
                getattr(proposal.complaint_id.with_user(collector), method)()
        complaint = self._ready({})
        complaint.action_offer()
        with self.assertRaises(AccessError):
            complaint.proposal_ids.with_user(collector).action_send()

    def test_goods_free_of_charge_have_no_amount_in_the_letter(self):
        proposal = self._offered({}, {"kind": "goodwill", "amount": 25, "quantity": 0})
        self.assertEqual(
            [(line.kind, line.amount) for line in proposal.line_ids], [("replacement", 0.0), ("goodwill", 25.0)]
        )
        self.assertTrue(proposal.complaint_id.solution_ids[:1].amount, "the value still counts for the authority")

    def test_a_secret_stays_one(self):
        proposal = self._offered()
        complaint = proposal.complaint_id
        dispatch = proposal.sudo()._find_dispatches()
        self.assertTrue(dispatch.with_user(self.lead).has_access("read"))
        complaint.sudo().is_confidential = True
        for record in (proposal, proposal.line_ids, dispatch):
            with self.subTest(record._name):
                for user in (self.assistant, self.lead):
                    self.assertFalse(record.with_user(user).has_access("read"))
                    self.assertFalse(record.with_user(user).search([("id", "in", record.ids)]))
                self.assertTrue(record.with_user(self.confidant).has_access("read"))
        self.assertEqual(
            self.env["commercial.complaint.proposal"]
            .with_user(self.lead)
            .search_count([("complaint_id", "=", complaint.id)]),
            0,
        )
        # nobody without access gets a task about it
        proposal.sudo()._expire(proposal.valid_until + timedelta(days=1))
        for activity in complaint.sudo().activity_ids:
            self.assertTrue(complaint.with_user(activity.user_id).has_access("read"))
        self.assertEqual(proposal.sudo().state, "expired")

    def test_a_category_can_make_it_a_secret_later(self):
        proposal = self._offered()
        dispatch = proposal.sudo()._find_dispatches()
        secret = self.env.ref("commercial_assistant.complaint_category_service_conduct")
        proposal.complaint_id.sudo().category_id = secret
        self.env.flush_all()
        self.assertTrue(dispatch.is_confidential)
        self.assertFalse(dispatch.with_user(self.lead).has_access("read"))

    def test_a_letter_about_a_secret_is_one_from_the_start(self):
        complaint = self._ready({})
        complaint.sudo().write({"is_confidential": True, "user_id": self.confidant.id})
        proposal = complaint.with_user(self.confidant)._offer()
        dispatch = proposal.sudo()._find_dispatches()
        self.assertTrue(dispatch.is_confidential)
        self.assertFalse(dispatch.with_user(self.lead).has_access("read"))
        self.assertFalse(proposal.sudo().attachment_id.with_user(self.lead).has_access("read"))

    def test_another_company_sees_nothing(self):
        proposal = self._offered()
        other = self.env["res.company"].create({"name": "Other"})
        stranger = self._create_desk_user(
            "proposal_stranger",
            "commercial_assistant.group_team_lead",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        for record in (proposal, proposal.line_ids):
            self.assertFalse(record.with_user(stranger).search([("id", "in", record.ids)]))
            self.assertFalse(record.with_user(stranger).has_access("read"))
        body = self.env["commercial.adr.body"].create(
            {
                "name": "Ours",
                "country_id": self.env.ref("base.be").id,
                "company_id": self.company.id,
                "date_from": "2020-01-01",
            }
        )
        self.assertFalse(body.with_user(stranger).has_access("read"))
        self.assertEqual(
            self.env["commercial.adr.body"]._find(other, self.env.ref("base.be"), proposal._get_today()),
            self.env.ref("commercial_assistant.adr_body_be"),
        )

    @mute_logger("odoo.sql_db")
    def test_one_proposal_at_a_time(self):
        proposal = self._offered()
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.env["commercial.complaint.proposal"].sudo().create(
                {**proposal.complaint_id._prepare_proposal(), "state": "sent"}
            ).flush_recordset()

    # --- HALFWAY ---

    def test_a_letter_that_fails_is_told(self):
        proposal = self._offered()
        dispatch = proposal.sudo()._find_dispatches()
        for _time in range(2):
            dispatch.write({"state": "failed", "error": "Mailbox full"})
            proposal._dispatch_after_failure(dispatch)
        [activity] = proposal.complaint_id.activity_ids
        self.assertIn("Mailbox full", activity.note)

    def test_nothing_is_half_done(self):
        complaint = self._ready({})
        self.patch(type(self.env["commercial.complaint.proposal"]), "_render_pdf", lambda _self: 1 / 0)
        complaint.action_offer()
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            complaint.proposal_ids.action_send()
        complaint.invalidate_recordset()
        complaint.proposal_ids.invalidate_recordset()
        self.assertEqual((complaint.state, complaint.proposal_ids.state), ("propose", "draft"))
        self.assertEqual(complaint.solution_ids.state, "draft")
        self.assertFalse(self.sent)

    # --- SPEED ---

    def test_the_night_costs_the_same_for_many(self):
        def measure():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["commercial.complaint.proposal"].sudo()._expire(day)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        proposals = [self._offered() for _number in range(14)]
        day = proposals[0].valid_until + timedelta(days=1)
        for proposal in proposals[2:]:
            proposal.sudo().state = "accepted"
        few = measure()
        for proposal in proposals:
            proposal.sudo().state = "sent"
            proposal.complaint_id.activity_ids.unlink()
        many = measure()
        self.assertEqual(len(proposals[0].search([("state", "=", "expired")])), 14)
        self.assertLessEqual(many, few)
