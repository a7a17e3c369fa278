from datetime import timedelta
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, LockError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged, users
from odoo.tools import mute_logger

from .common_desk import DeskCommon


@tagged("post_install", "-at_install")
class TestApproval(DeskCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # credit of a customer, as a room would have it approved
        cls.classPatch(
            cls.registry["res.partner"],
            "_get_approval_snapshot_fields",
            lambda partner, purpose: ["name", "phone", "country_id"],
        )
        cls.classPatch(
            cls.registry["res.partner"], "_get_approval_watched_fields", lambda partner: {"phone", "country_id"}
        )
        cls.calls = []
        for event in ("approved", "refused", "voided"):
            cls.classPatch(cls.registry["res.partner"], f"_approval_{event}", cls._record_call(event))

    @classmethod
    def _record_call(cls, event):
        def call(partner, request):
            cls.calls.append((event, partner.id, request.id, partner.env.uid))

        return call

    def setUp(self):
        super().setUp()
        self.calls.clear()

    def _ask(self, user=None, purpose="other", amount=None, currency=None, partner=None):
        partner = (partner or self.customer).with_user(user or self.assistant)
        return partner._request_approval(purpose, "They pay on Monday", amount, currency)

    def _create_rule(self, steps=None, **values):
        steps = steps or [{"name": "Lead", "group_id": self.env.ref("commercial_assistant.group_team_lead").id}]
        return self.env["commercial.approval.rule"].create(
            {
                "name": "Rule",
                "purpose": "other",
                "step_ids": [(0, 0, step) for step in steps],
                **values,
            }
        )

    # --- THE COURSE ---

    def test_without_rule_a_team_lead_decides(self):
        request = self._ask(amount=40.0)
        self.assertRecordValues(
            request,
            [
                {
                    "state": "pending",
                    "requester_id": self.assistant.id,
                    "partner_id": self.customer.id,
                    "record_label": self.customer.display_name,
                    "amount": 40.0,
                    "currency_id": self.company.currency_id.id,
                    "company_id": self.company.id,
                    "round": 1,
                    "rule_id": False,
                }
            ],
        )
        self.assertTrue(request.name.startswith("APR/"))
        self.assertEqual(request.sudo().activity_ids.user_id, self.lead + self.second_lead)
        request.with_user(self.lead).action_approve()
        self.assertEqual(request.state, "approved")
        self.assertEqual(self.calls, [("approved", self.customer.id, request.id, self.lead.id)])
        self.assertFalse(request.sudo().activity_ids)
        self.assertEqual(self.customer.with_user(self.assistant)._get_approved_request("other"), request)

    def test_a_reason_is_needed(self):
        with self.assertRaisesRegex(UserError, "Say why"):
            self.customer.with_user(self.assistant)._request_approval("other", "  ")

    def test_asking_twice_gives_the_same_request(self):
        request = self._ask()
        self.assertEqual(self._ask(), request)
        self.assertEqual(self._ask(self.colleague), request)
        request.with_user(self.lead).action_approve()
        self.assertEqual(self._ask(), request)
        self.assertEqual(self.calls, [("approved", self.customer.id, request.id, self.lead.id)])

    def test_one_pending_request_in_the_database_too(self):
        request = self._ask()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            request.sudo().copy({"res_model": request.res_model, "res_id": request.res_id})

    def test_repeating_a_decision_changes_nothing(self):
        request = self._ask()
        request.with_user(self.lead).action_approve()
        request.with_user(self.second_lead).action_approve()
        request.with_user(self.lead).action_approve()
        self.assertEqual(len(request.decision_ids), 1)
        self.assertEqual(len(self.calls), 1)
        with self.assertRaisesRegex(UserError, "cannot be decided any more"):
            request.with_user(self.lead)._decide("refused", "Too late")

    def test_refusing_needs_a_comment_and_opens_a_new_round(self):
        request = self._ask()
        with self.assertRaisesRegex(UserError, "why you refuse"):
            request.with_user(self.lead)._decide("refused", " ")
        action = request.with_user(self.lead).action_refuse()
        wizard = Form(self.env["commercial.approval.decide"].with_user(self.lead).with_context(**action["context"]))
        wizard.comment = "They never paid on a Monday"
        wizard.save().action_confirm()
        self.assertEqual(request.state, "refused")
        self.assertEqual(request.state_reason, "They never paid on a Monday")
        self.assertEqual(self.calls, [("refused", self.customer.id, request.id, self.lead.id)])
        again = self._ask()
        self.assertNotEqual(again, request)
        self.assertEqual(again.round, 2)

    def test_requester_withdraws(self):
        request = self._ask()
        with self.assertRaisesRegex(AccessError, "withdraw"):
            request.with_user(self.colleague).action_cancel()
        request.with_user(self.assistant).action_cancel()
        self.assertRecordValues(request, [{"state": "cancelled", "cause": "withdrawn"}])
        request.with_user(self.assistant).action_cancel()
        with self.assertRaisesRegex(UserError, "cannot be decided any more"):
            request.with_user(self.lead).action_approve()

    # --- WHO DECIDES ---

    def test_assistant_cannot_decide(self):
        request = self._ask()
        with self.assertRaisesRegex(AccessError, "waits for"):
            request.with_user(self.colleague).action_approve()
        self.assertFalse(request.with_user(self.colleague).can_decide)

    def test_requester_never_decides_also_as_team_lead(self):
        request = self._ask(self.lead)
        self.assertEqual(request.sudo().activity_ids.user_id, self.second_lead)
        self.assertFalse(request.with_user(self.lead).can_decide)
        with self.assertRaisesRegex(AccessError, "yourself"):
            request.with_user(self.lead).action_approve()
        request.with_user(self.second_lead).action_approve()
        self.assertEqual(request.state, "approved")

    def test_requester_as_only_approver_gives_way_to_the_team_leads(self):
        self._create_rule([{"name": "Colleague", "user_ids": [(6, 0, self.colleague.ids)]}])
        request = self._ask(self.colleague)
        self.assertEqual(request.sudo().activity_ids.user_id, self.lead + self.second_lead)
        other = self._ask(self.assistant, partner=self._create_customer())
        self.assertEqual(other.sudo().activity_ids.user_id, self.colleague)

    def test_nobody_can_decide(self):
        (self.second_lead + self.lead).active = False
        with self.assertRaisesRegex(UserError, "Nobody can decide"):
            self._ask()
        self.lead.active = True
        with self.assertRaisesRegex(UserError, "Nobody can decide"):
            self._ask(self.lead, partner=self._create_customer())

    def test_team_lead_of_another_company_does_not_count(self):
        request = self._ask()
        self.assertNotIn(self.other_lead, request.sudo().activity_ids.user_id)
        with self.assertRaises(AccessError):
            request.with_user(self.other_lead).action_approve()
        found = self.env["commercial.approval.request"].with_user(self.other_lead).search([])
        self.assertNotIn(request.id, found.ids)

    def test_steps_one_after_the_other_and_quorum(self):
        self._create_rule(
            [
                {"name": "Colleagues", "sequence": 1, "user_ids": [(6, 0, self.colleague.ids)]},
                {
                    "name": "Leads",
                    "sequence": 2,
                    "quorum": 2,
                    "group_id": self.env.ref("commercial_assistant.group_team_lead").id,
                },
            ]
        )
        request = self._ask()
        self.assertEqual(request.step_ids.mapped("state"), ["pending", "waiting"])
        with self.assertRaisesRegex(AccessError, "waits for: desk colleague"):
            request.with_user(self.lead).action_approve()
        request.with_user(self.colleague).action_approve()
        self.assertEqual(request.step_ids.mapped("state"), ["approved", "pending"])
        request.with_user(self.lead).action_approve()
        request.with_user(self.lead).action_approve()
        self.assertEqual(request.state, "pending", "one person counts once")
        self.assertFalse(request.with_user(self.lead).can_decide)
        request.with_user(self.second_lead).action_approve()
        self.assertEqual(request.state, "approved")
        self.assertEqual(len(request.decision_ids), 3)

    def test_refusal_of_the_first_step_skips_the_others(self):
        self._create_rule(
            [
                {"name": "First", "sequence": 1, "user_ids": [(6, 0, self.colleague.ids)]},
                {"name": "Second", "sequence": 2, "user_ids": [(6, 0, self.lead.ids)]},
            ]
        )
        request = self._ask()
        request.with_user(self.colleague)._decide("refused", "No")
        self.assertEqual(request.step_ids.mapped("state"), ["refused", "skipped"])
        self.assertEqual(request.state, "refused")

    def test_substitute_while_out_of_office(self):
        self._create_rule([{"name": "Lead", "user_ids": [(6, 0, self.lead.ids)]}])
        self.lead.substitute_id = self.colleague
        request = self._ask()
        self.assertFalse(request.with_user(self.colleague).can_decide)
        self.lead.out_of_office_from = fields.Datetime.now() - timedelta(days=1)
        self.lead.out_of_office_to = fields.Datetime.now() + timedelta(days=1)
        self.env.invalidate_all()
        self.assertTrue(request.with_user(self.colleague).can_decide)
        request.with_user(self.colleague).action_approve()
        self.assertEqual(request.state, "approved")
        self.assertEqual(request.decision_ids.substituted_id, self.lead)
        self.assertEqual(request.decision_ids.display_name, "desk colleague for desk lead")

    def test_substitute_of_the_rule_but_never_the_requester(self):
        self._create_rule([{"name": "Lead", "user_ids": [(6, 0, self.lead.ids)], "substitute_id": self.assistant.id}])
        self.lead.out_of_office_from = fields.Datetime.now() - timedelta(days=1)
        request = self._ask(self.assistant)
        with self.assertRaisesRegex(AccessError, "yourself"):
            request.with_user(self.assistant).action_approve()
        other = self._ask(self.colleague, partner=self._create_customer())
        other.with_user(self.assistant).action_approve()
        self.assertEqual(other.state, "approved")

    def test_who_becomes_able_to_decide_is_told_once(self):
        self._create_rule([{"name": "Lead", "user_ids": [(6, 0, self.lead.ids)]}])
        self.lead.substitute_id = self.colleague
        request = self._ask()
        self.assertEqual(request.sudo().activity_ids.user_id, self.lead)
        self.lead.out_of_office_from = fields.Datetime.now() - timedelta(days=1)
        self._run_cron()
        self.assertEqual(request.sudo().activity_ids.user_id, self.lead + self.colleague)
        request.sudo().activity_ids.filtered(lambda activity: activity.user_id == self.colleague).unlink()
        self._run_cron()
        self.assertEqual(request.sudo().activity_ids.user_id, self.lead, "told once is enough")

    def test_several_at_once(self):
        requests = self._ask() | self._ask(self.colleague, partner=self._create_customer())
        requests.with_user(self.lead).action_approve()
        self.assertEqual(requests.mapped("state"), ["approved", "approved"])

    def test_substitute_is_another_internal_user(self):
        with self.assertRaisesRegex(ValidationError, "another internal user"):
            self.lead.substitute_id = self.lead

    def test_running_request_keeps_its_rule(self):
        rule = self._create_rule([{"name": "Lead", "user_ids": [(6, 0, self.lead.ids)]}])
        request = self._ask()
        rule.step_ids.user_ids = self.colleague
        self.assertFalse(request.with_user(self.colleague).can_decide)
        rule.unlink()
        request.with_user(self.lead).action_approve()
        self.assertEqual(request.state, "approved")

    def test_two_people_at_once(self):
        request = self._ask()
        with (
            patch.object(self.registry["commercial.approval.request"], "lock_for_update", side_effect=LockError("no")),
            self.assertRaisesRegex(UserError, "Somebody else is deciding"),
        ):
            request.with_user(self.lead).action_approve()
        self.assertEqual(request.state, "pending")
        self.assertFalse(request.decision_ids)

    # --- WHICH RULE ---

    def test_amount_limits_are_inclusive_and_converted(self):
        self._create_rule(name="small", amount_max=100.0, sequence=1)
        self._create_rule(name="large", amount_min=100.01, sequence=2)
        for amount, name in ((99.0, "small"), (100.0, "small"), (100.01, "large"), (-250.0, "large")):
            request = self._ask(amount=amount, partner=self._create_customer())
            self.assertEqual(request.rule_id.name, name, amount)
        currency = self.env["res.currency"].create({"name": "XCB", "symbol": "x"})
        self.env["res.currency.rate"].create(
            {"currency_id": currency.id, "rate": 10.0, "name": "2020-01-01", "company_id": self.company.id}
        )
        request = self._ask(amount=900.0, currency=currency, partner=self._create_customer())
        self.assertEqual(request.rule_id.name, "small")
        self.assertEqual(request.currency_id, currency)

    def test_rule_by_domain_kind_model_and_company(self):
        partner_model = self.env["ir.model"]._get("res.partner")
        self._create_rule(name="gent", model_id=partner_model.id, domain="[('city', '=', 'Gent')]", sequence=1)
        self._create_rule(name="consumer", customer_kind="consumer", sequence=2)
        self._create_rule(name="elsewhere", company_id=self.other_company.id, sequence=0)
        self.assertEqual(self._ask().rule_id.name, "gent")
        person = self._create_customer(is_company=False, city="Brugge")
        self.assertEqual(self._ask(partner=person).rule_id.name, "consumer")
        company = self._create_customer(city="Brugge")
        self.assertFalse(self._ask(partner=company).rule_id)

    def test_rules_that_make_no_sense(self):
        partner_model = self.env["ir.model"]._get("res.partner")
        for domain, message in (
            ("[('no_such_field', '=', 1)]", "no_such_field"),
            ("[('country_id.no_such', '=', 1)]", "no_such"),
            ("[('name', '=', __import__('os'))]", "cannot be read"),
            ("{'a': 1}", "cannot be read"),
            ("[('name'", "cannot be read"),
        ):
            with self.assertRaisesRegex(ValidationError, message):
                self._create_rule(model_id=partner_model.id, domain=domain)
        with self.assertRaisesRegex(ValidationError, "at least one step"):
            self.env["commercial.approval.rule"].create({"name": "Empty", "purpose": "other"})
        with self.assertRaisesRegex(ValidationError, "group or users"):
            self._create_rule([{"name": "Nobody"}])
        with self.assertRaisesRegex(ValidationError, "more than 3 steps"):
            self._create_rule([{"name": str(n), "user_ids": [(6, 0, self.lead.ids)]} for n in range(4)])
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._create_rule(amount_min=10.0, amount_max=5.0)

    # --- THE SNAPSHOT ---

    def test_a_later_change_voids_the_approval(self):
        request = self._ask()
        request.with_user(self.lead).action_approve()
        self.customer.write({"comment": "a harmless change"})
        self.assertEqual(request.state, "approved")
        self.customer.write({"phone": "+32 9 123 45 67"})
        self.assertRecordValues(request, [{"state": "voided", "cause": "changed"}])
        self.assertEqual(self.calls[-1][0], "voided")
        self.assertFalse(self.customer._get_approved_request("other"))

    def test_a_change_that_is_not_watched_is_seen_at_use(self):
        request = self._ask()
        request.with_user(self.lead).action_approve()
        self.customer.name = "Bakkerij De Smet & zoon"
        self.assertEqual(request.state, "approved")
        self.assertFalse(self.customer._get_approved_request("other"))
        self.assertEqual(request.state, "voided")

    def test_deciding_on_changed_values_decides_nothing(self):
        request = self._ask()
        self.customer.name = "Another name"
        action = request.with_user(self.lead).action_approve()
        self.assertEqual(action["tag"], "display_notification")
        self.assertEqual(request.state, "voided")
        self.assertFalse(request.decision_ids)
        self.assertEqual(self._ask().round, 2)

    def test_what_happens_on_approval_does_not_void_it(self):
        def approved(partner, _request):
            partner.phone = "+32 9 000 00 00"

        self.patch(self.registry["res.partner"], "_approval_approved", approved)
        request = self._ask()
        request.with_user(self.lead).action_approve()
        self.assertEqual(request.state, "approved")

    def test_a_failing_consequence_undoes_the_decision(self):
        def approved(_partner, _request):
            raise UserError("The room says no")  # pylint: disable=translation-required

        self.patch(self.registry["res.partner"], "_approval_approved", approved)
        request = self._ask()
        with self.assertRaisesRegex(UserError, "The room says no"), self.cr.savepoint():
            request.with_user(self.lead).action_approve()
        self.env.invalidate_all()
        self.assertEqual(request.state, "pending")
        self.assertFalse(request.decision_ids)
        self.assertTrue(request.sudo().activity_ids)

    def test_a_room_may_let_a_better_change_pass(self):
        self.patch(
            self.registry["res.partner"],
            "_is_approval_still_valid",
            lambda partner, request, snapshot: bool(snapshot["phone"]),
        )
        request = self._ask()
        self.customer.phone = "+32 9 123 45 67"
        self.assertEqual(request.state, "pending")
        self.customer.phone = False
        self.assertEqual(request.state, "voided")

    def test_deleting_the_record_voids(self):
        partner = self._create_customer(name="Short life")
        request = self._ask(partner=partner)
        partner.unlink()
        self.assertEqual(request.state, "voided")
        self.assertEqual(request.with_user(self.assistant).record_label, "Short life")
        self.assertFalse(request.with_user(self.assistant).record_name)
        self.assertEqual(request.with_user(self.assistant).action_open_record()["tag"], "display_notification")

    def test_snapshot_is_shown_in_the_language_of_the_reader(self):
        request = self._ask()
        html = request.with_context(lang="fr_BE").snapshot_html
        self.assertIn("Belgique", html)
        self.assertIn("Belgium", request.with_context(lang="en_US").snapshot_html)
        self.customer.sudo().with_context(commercial_assistant_approval_running=request.id).country_id = self.env.ref(
            "base.fr"
        )
        request.invalidate_recordset()
        self.assertIn("now:", request.with_context(lang="en_US").snapshot_html)

    # --- WORDS ---

    def test_approver_and_requester_are_told_in_their_language(self):
        self.assistant.lang = "nl_BE"
        self.lead.lang = "fr_BE"
        request = self._ask()
        request.with_user(self.lead).action_approve()
        message = self.env["mail.message"].search(
            [
                ("model", "=", "commercial.approval.request"),
                ("res_id", "=", request.id),
                ("partner_ids", "in", self.assistant.partner_id.ids),
            ]
        )
        self.assertEqual(len(message), 1)
        self.assertIn(request.name, message.subject)
        self.assertIn("They pay on Monday", message.body)

    def test_markup_in_the_reason_is_escaped(self):
        request = self.customer.with_user(self.assistant)._request_approval("other", "<script>alert(1)</script>")
        notes = request.sudo().activity_ids.mapped("note")
        self.assertTrue(all("<script>" not in note for note in notes))
        request.with_user(self.lead)._decide("refused", "<img src=x onerror=alert(1)>")
        bodies = request.sudo().message_ids.mapped("body")
        self.assertTrue(all("<img" not in body and "<script" not in body for body in bodies))

    # --- TIME ---

    def test_reminder_exactly_once_then_escalation_once(self):
        self._create_rule([{"name": "Colleague", "user_ids": [(6, 0, self.colleague.ids)], "deadline_hours": 8}])
        self.company.resource_calendar_id = False
        with freeze_time("2026-03-02 08:00:00"):
            request = self._ask()
        self.assertEqual(str(request.deadline), "2026-03-02 16:00:00")
        self.assertEqual(self._remind(request, "2026-03-02 15:00:00"), 0)
        self.assertEqual(self._remind(request, "2026-03-02 16:30:00"), 1)
        self.assertEqual(self._remind(request, "2026-03-02 17:30:00"), 0)
        self.assertFalse(request.with_user(self.lead).can_decide)
        self.assertEqual(self._remind(request, "2026-03-05 08:00:00"), 0)
        self.assertTrue(request.step_ids.escalated_on)
        self.env.invalidate_all()
        self.assertTrue(request.with_user(self.lead).can_decide)
        activities = request.sudo().activity_ids
        self.assertEqual(activities.user_id, self.colleague + self.lead + self.second_lead)
        self._remind(request, "2026-03-06 08:00:00")
        self.assertEqual(request.sudo().activity_ids, activities)

    def _remind(self, request, now):
        """The number of reminders written by the cron at `now`."""
        domain = [("model", "=", request._name), ("res_id", "=", request.id), ("subject", "like", "Waits for")]
        before = self.env["mail.message"].search_count(domain)
        with freeze_time(now):
            self._run_cron()
        return self.env["mail.message"].search_count(domain) - before

    def _run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref("commercial_assistant.ir_cron_approval_remind").method_direct_trigger()
        self.env.invalidate_all()

    def test_deadline_in_working_hours(self):
        self.company.resource_calendar_id = self.env.ref("resource.resource_calendar_std")
        with freeze_time("2026-03-06 10:00:00"):  # a Friday
            request = self._ask()
        self.assertEqual(request.deadline.date().isoformat(), "2026-03-10")

    # --- LISTS ---

    def test_search_and_value_of_can_decide_agree(self):
        requests = self._ask() | self._ask(self.lead, partner=self._create_customer())
        for user in (self.assistant, self.lead, self.second_lead):
            mine = self.env["commercial.approval.request"].with_user(user)
            found = mine.search([("can_decide", "=", True), ("id", "in", requests.ids)])
            self.assertEqual(found, requests.with_user(user).filtered("can_decide"))
            others = mine.search([("can_decide", "=", False), ("id", "in", requests.ids)])
            self.assertEqual(others, requests.with_user(user) - found)

    def test_late_value_and_search_agree(self):
        request = self._ask()
        request.step_ids.sudo().deadline = fields.Datetime.now() - timedelta(hours=1)
        self.assertTrue(request.is_late)
        found = self.env["commercial.approval.request"].search([("is_late", "=", True)])
        self.assertIn(request, found)
        request.with_user(self.lead).action_approve()
        self.assertFalse(request.is_late)

    def test_queries_of_the_list_do_not_grow(self):
        partners = self.env["res.partner"].create([{"name": f"Customer {n}"} for n in range(20)])
        requests = self.env["commercial.approval.request"].union(*(self._ask(partner=partner) for partner in partners))
        self.env.flush_all()
        names = ["name", "record_name", "can_decide", "is_late", "deadline", "state"]

        def cost(some):
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            some.with_user(self.lead).read(names)
            return self.cr.sql_log_count - start

        cost(requests)
        self.assertEqual(cost(requests[:2]), cost(requests))
        self.env.invalidate_all()
        start = self.cr.sql_log_count
        self.assertEqual(partners.mapped("approval_pending_count"), [1] * 20)
        self.assertLessEqual(self.cr.sql_log_count - start, 3)

    # --- ACCESS ---

    @users("desk_assistant")
    def test_requests_are_not_written_by_hand(self):
        request = self._ask(self.env.user)
        model = self.env["commercial.approval.request"]
        with self.assertRaises(AccessError):
            request.write({"state": "approved"})
        with self.assertRaises(AccessError):
            model.create({"res_model": "res.partner", "res_id": self.customer.id, "purpose": "other", "reason": "x"})
        with self.assertRaises(AccessError):
            request.unlink()
        with self.assertRaises(AccessError):
            request.step_ids.write({"quorum": 0})
        with self.assertRaises(AccessError):
            self.env["commercial.approval.rule"].create({"name": "Mine", "purpose": "other"})

    def test_who_reads_a_request(self):
        request = self._ask()
        self.assertTrue(request.with_user(self.colleague).has_access("read"))
        plain = self._create_user("desk_plain", "base.group_user")
        # an employee reads partners, so the request; on what they cannot read there is none
        self.assertTrue(request.with_user(plain).has_access("read"))
        self.env["ir.rule"].create(
            {
                "name": "confidential",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', {self.customer.id})]",
                "groups": [(6, 0, self.env.ref("base.group_user").ids)],
            }
        )
        self.env.registry.clear_cache()
        self.env.invalidate_all()
        requests = self.env["commercial.approval.request"].with_user(plain)
        if not self.customer.with_user(plain).has_access("read"):
            self.assertFalse(request.with_user(plain).has_access("read"))
            self.assertFalse(requests.search([("id", "=", request.id)]))
            self.assertFalse(requests.search_count([("id", "=", request.id)]))
        portal = self._create_user("desk_portal", "base.group_portal")
        with self.assertRaises(AccessError):
            self.env["commercial.approval.request"].with_user(portal).search([])

    def test_approver_without_access_to_the_record(self):
        """Who must decide sees the request, not more."""
        plain = self._create_user("desk_plain", "base.group_user")
        self._create_rule([{"name": "Somebody", "user_ids": [(6, 0, plain.ids)]}])
        request = self._ask()
        self.assertTrue(request.with_user(plain).can_decide)
        request.with_user(plain).action_approve()
        self.assertEqual(request.state, "approved")
