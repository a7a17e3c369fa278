from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged, users
from odoo.tools import mute_logger

from .common_desk import DeskCommon


@tagged("post_install", "-at_install")
class TestCheck(DeskCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # only the rules of these tests
        cls.env["commercial.check.rule"].with_context(active_test=False).search([("id", "!=", 0)]).active = False
        cls.moment = cls.env.ref("commercial_assistant.check_moment_confirm")
        cls.rule = cls._create_rule()

    @classmethod
    def _create_rule(cls, **values):
        return cls.env["commercial.check.rule"].create(
            {
                "name": "No phone",
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                "domain": "[('phone', '=', False)]",
                "moment_ids": [Command.set(cls.moment.ids)],
                "message": "%(record)s in %(city)s has no phone number.",
                "suggestion": "Ask for it.",
                **values,
            }
        )

    def _run(self, partners=None, user=None):
        partners = (partners or self.customer).with_user(user or self.assistant)
        return partners._run_checks("confirm")

    # --- FINDING ---

    def test_finding_of_a_domain(self):
        result = self._run()
        self.assertRecordValues(
            result,
            [
                {
                    "rule_id": self.rule.id,
                    "res_model": "res.partner",
                    "res_id": self.customer.id,
                    "state": "open",
                    "severity": "warning",
                    "moment_id": self.moment.id,
                    "message": "Bakkerij De Smet in Gent has no phone number.",
                    "suggestion": "Ask for it.",
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                }
            ],
        )
        self.assertEqual(self.customer.check_open_count, 1)
        self.assertEqual(self.customer.check_result_ids, result)

    def test_running_again_writes_nothing(self):
        result = self._run()
        self.env.flush_all()
        result.invalidate_recordset()
        before = result.write_date
        self.assertEqual(self._run(), result)
        self.env.flush_all()
        self.assertEqual(result.write_date, before)

    def test_what_is_gone_is_solved_and_kept(self):
        result = self._run()
        self.customer.phone = "+32 9 123 45 67"
        self.assertFalse(self._run())
        self.assertEqual(result.state, "solved")
        self.assertTrue(result.solved_on)
        self.customer.phone = False
        again = self._run()
        self.assertNotEqual(again, result)
        self.assertEqual(again.state, "open")

    def test_same_finding_keeps_the_reason_a_changed_one_does_not(self):
        result = self._run()
        result.with_user(self.assistant)._override("They only write")
        self.assertEqual(self._run(), result)
        self.assertEqual(result.state, "overridden")
        self.assertEqual(result.override_uid, self.assistant)
        self.assertFalse(self.customer._get_open_checks("confirm"))
        self.customer.city = "Brugge"
        changed = self._run()
        self.assertNotEqual(changed, result)
        self.assertEqual(changed.state, "open")
        self.assertRecordValues(result, [{"state": "solved", "superseded": True, "override_reason": "They only write"}])

    def test_open_finding_follows_the_record(self):
        result = self._run()
        self.customer.city = "Brugge"
        self.assertEqual(self._run(), result)
        self.assertIn("Brugge", result.with_user(self.assistant).message)

    def test_words_are_those_of_the_reader(self):
        self.rule.with_context(lang="fr_BE").message = "%(record)s, %(country_id)s : pas de téléphone."
        self.rule.message = "%(record)s, %(country_id)s: no phone."
        result = self._run().with_user(self.assistant)
        self.assertEqual(result.message, "Bakkerij De Smet, Belgium: no phone.")
        french = result.with_context(lang="fr_BE")
        self.assertEqual(french.message, "Bakkerij De Smet, Belgique : pas de téléphone.")
        # whoever runs the checks next in another language changes nothing
        self.customer.with_user(self.assistant).with_context(lang="fr_BE")._run_checks("confirm")
        self.assertEqual(result.state, "open")
        self.assertEqual(len(self.customer.check_result_ids), 1)

    def test_a_finding_that_a_user_cannot_read_is_found_too(self):
        """What is found does not depend on who runs the checks."""
        self.rule.domain = "[('credit_limit', '=', 0)]"
        self.assertEqual(len(self._run()), 1)

    # --- WHICH RULES ---

    def test_moment_severity_and_archive(self):
        self.assertFalse(self.customer._run_checks("send"))
        result = self._run()
        self.rule.severity = "off"
        self.assertEqual(result.state, "solved")
        self.assertFalse(self._run())
        self.rule.severity = "info"
        again = self._run()
        self.assertFalse(self.customer._gate_checks("confirm"), "information stands in nobody's way")
        self.rule.active = False
        self.assertEqual(again.state, "solved")

    def test_customer_kind_and_country(self):
        person = self._create_customer(is_company=False, country_id=self.env.ref("base.nl").id)
        self.rule.for_consumer = False
        self.assertEqual(self._run(self.customer + person).mapped("res_id"), self.customer.ids)
        self.rule.for_consumer = True
        self.rule.country_ids = self.env.ref("base.nl")
        self.assertEqual(self._run(self.customer + person).mapped("res_id"), person.ids)

    def test_rule_of_a_company_replaces_the_general_one(self):
        self.rule.code = "phone"
        own = self._create_rule(code="phone", company_id=self.company.id, severity="blocking")
        self.assertEqual(self._run().rule_id, own)
        own.severity = "off"
        self.assertFalse(self._run())
        self._create_rule(name="Elsewhere", code="other", company_id=self.other_company.id)
        self.assertFalse(self._run())

    def test_rules_that_make_no_sense(self):
        cases = (
            ({"domain": "[('no_such', '=', 1)]"}, "no_such"),
            ({"domain": False}, "needs conditions"),
            ({"domain": "[('phone', 'foo', 1)]"}, "does not work|cannot be read"),
            ({"kind": "method", "code": "no_such_method"}, "no built-in check"),
            ({"kind": "method", "code": False}, "no built-in check"),
            ({"code": "Not Allowed"}, "lower-case"),
            ({"message": "%(no_such)s"}, "no_such"),
            ({"message": "100 % of %(city)s"}, "percent sign"),
            ({"moment_ids": False}, "When is"),
            ({"model_id": self.env["ir.model"]._get_id("res.country")}, "Nothing can be checked"),
        )
        for values, message in cases:
            with self.subTest(values=values), self.assertRaisesRegex(ValidationError, message), self.cr.savepoint():
                self._create_rule(**values)
        self._create_rule(code="twice")
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self._create_rule(code="twice")

    def test_a_percent_sign_in_a_text(self):
        self.rule.message = "100 %% of %(city)s"
        self.assertEqual(self._run().message, "100 % of Gent")

    def test_rule_with_reasons_is_archived_not_deleted(self):
        self._run().with_user(self.assistant)._override("They only write")
        with self.assertRaisesRegex(ValidationError, "archive it"):
            self.rule.unlink()
        self._create_rule(name="Unused").unlink()

    # --- GATES ---

    def test_gate_asks_for_a_reason_before_anything_is_written(self):
        customer = self.customer.with_user(self.assistant)
        passed = []
        self.patch(
            self.registry["res.partner"],
            "_check_gate_passed",
            lambda partners, moment: passed.append((partners.ids, moment)) or True,
        )
        action = customer._gate_checks("confirm")
        wizard = self.env[action["res_model"]].with_user(self.assistant).browse(action["res_id"])
        self.assertEqual(wizard.line_ids.message, "Bakkerij De Smet in Gent has no phone number.")
        with self.assertRaisesRegex(UserError, "Give a reason"):
            wizard.action_confirm()
        self.assertFalse(passed)
        with Form(wizard) as form:
            form.reason = "They only write"
        self.assertTrue(wizard.action_confirm())
        self.assertEqual(passed, [(customer.ids, "confirm")])
        self.assertFalse(customer._gate_checks("confirm"))

    def test_gate_cannot_be_talked_over(self):
        """A wizard made by hand with no findings meets the findings all the same."""
        passed = []
        self.patch(self.registry["res.partner"], "_check_gate_passed", lambda *args: passed.append(args))
        wizard = (
            self.env["commercial.check.override"]
            .with_user(self.assistant)
            .create({"res_model": "res.partner", "res_ids": self.customer.ids, "moment": "confirm"})
        )
        action = wizard.action_confirm()
        self.assertEqual(action["res_model"], "commercial.check.override")
        self.assertFalse(passed)

    def test_error_text_for_chains_without_wizard(self):
        text = self.customer.with_user(self.assistant)._get_check_error("confirm")
        self.assertIn("has no phone number", text)
        with self.assertRaisesRegex(UserError, "has no phone number"):
            self.customer._assert_checks("confirm")
        self.customer.phone = "+32 9 123 45 67"
        self.assertEqual(self.customer._get_check_error("confirm"), "")
        self.customer._assert_checks("confirm")

    # --- BLOCKING ---

    def test_blocking_finding_needs_an_approval(self):
        self.rule.severity = "blocking"
        result = self._run().with_user(self.assistant)
        with self.assertRaisesRegex(UserError, "needs an approval"):
            result._override("I say so")
        action = result.action_override()
        wizard = self.env[action["res_model"]].with_user(self.assistant).browse(action["res_id"])
        wizard.line_ids.reason = "They only write"
        self.assertEqual(wizard.action_confirm()["tag"], "display_notification")
        request = result.approval_request_id
        self.assertEqual(request.state, "pending")
        self.assertEqual(request.purpose, "check_override")
        self.assertIn("has no phone number", request.snapshot_html)
        self.assertFalse(result.can_override)
        with self.assertRaises(AccessError):
            request.with_user(self.assistant).action_approve()
        request.with_user(self.lead).action_approve()
        self.assertRecordValues(
            result, [{"state": "overridden", "override_uid": self.lead.id, "override_reason": "They only write"}]
        )
        self.assertEqual(self._run(), result)
        self.assertFalse(self.customer._gate_checks("confirm"))

    def test_team_lead_needs_somebody_else_too(self):
        self.rule.severity = "blocking"
        result = self._run().with_user(self.lead)
        with self.assertRaisesRegex(UserError, "needs an approval"):
            result._override("I am the lead")
        request = result._request_approval("I am the lead")
        with self.assertRaisesRegex(AccessError, "yourself"):
            request.action_approve()

    def test_changed_finding_voids_the_approval(self):
        self.rule.severity = "blocking"
        result = self._run().with_user(self.assistant)
        request = result._request_approval("They only write")
        request.with_user(self.lead).action_approve()
        self.customer.city = "Brugge"
        changed = self._run()
        self.assertEqual(request.state, "voided")
        self.assertEqual(changed.state, "open")
        self.assertFalse(changed.approval_request_id)

    def test_changed_finding_voids_the_pending_request(self):
        self.rule.severity = "blocking"
        request = self._run().with_user(self.assistant)._request_approval("They only write")
        self.customer.city = "Brugge"
        result = self._run()
        self.assertEqual(request.state, "voided")
        self.assertFalse(result.approval_request_id)
        self.assertNotEqual(result.with_user(self.assistant)._request_approval("Again"), request)

    def test_solved_finding_does_not_harm_the_approval(self):
        self.rule.severity = "blocking"
        self._create_rule(name="No website", domain="[('website', '=', False)]", severity="blocking")
        results = self._run().with_user(self.assistant)
        self.assertEqual(len(results), 2)
        request = results._request_approval("They only write")
        self.assertEqual(len(request), 1, "one request for one record")
        self.customer.website = "https://bakkerij.example"
        self._run()
        self.assertEqual(request.state, "pending")
        request.with_user(self.lead).action_approve()
        self.assertEqual(sorted(results.mapped("state")), ["overridden", "solved"])

    def test_new_finding_voids_the_approval_but_keeps_what_was_accepted(self):
        self.rule.severity = "blocking"
        result = self._run().with_user(self.assistant)
        request = result._request_approval("They only write")
        request.with_user(self.lead).action_approve()
        self._create_rule(name="No website", domain="[('website', '=', False)]", severity="blocking")
        results = self._run()
        self.assertEqual(request.state, "voided")
        self.assertEqual(result.state, "overridden")
        self.assertEqual(len(results.filtered(lambda finding: finding.state == "open")), 1)

    def test_refused(self):
        self.rule.severity = "blocking"
        result = self._run().with_user(self.assistant)
        result._request_approval("They only write").with_user(self.lead)._decide("refused", "Call them")
        self.assertEqual(result.state, "open")
        self.assertFalse(result.approval_request_id)
        self.assertTrue(result.can_override)

    # --- TAKING BACK ---

    def test_taking_back_a_reason(self):
        result = self._run()
        result.with_user(self.assistant)._override("They only write")
        with self.assertRaisesRegex(AccessError, "take this back"):
            result.with_user(self.colleague).action_reopen()
        result.with_user(self.assistant).action_reopen()
        self.assertRecordValues(result, [{"state": "open", "override_uid": False, "override_reason": False}])
        result.with_user(self.assistant)._override("They only write")
        result.with_user(self.lead).action_reopen()
        self.assertEqual(result.state, "open")

    # --- ACCESS ---

    @users("desk_assistant")
    def test_findings_are_not_written_by_hand(self):
        result = self._run(user=self.env.user)
        with self.assertRaises(AccessError):
            result.write({"state": "overridden"})
        with self.assertRaises(AccessError):
            result.unlink()
        with self.assertRaises(AccessError):
            result.copy()
        with self.assertRaises(AccessError):
            self.env["commercial.check.rule"].browse(self.rule.id).write({"severity": "off"})

    def test_reason_needs_write_access_on_the_record(self):
        plain = self._create_user("desk_plain", "base.group_user")
        result = self._run().with_user(plain)
        self.assertTrue(result.message)
        with self.assertRaises(AccessError):
            result._override("Let me")

    def test_other_company_and_portal(self):
        result = self._run()
        self.assertFalse(
            self.env["commercial.check.result"].with_user(self.other_lead).search([("id", "=", result.id)])
        )
        # the same shared customer has findings of its own in each company
        other = self._run(user=self.other_lead)
        self.assertEqual(other.company_id, self.other_company)
        self.assertEqual(len(self.customer.sudo().check_result_ids), 2)
        self.assertEqual(self.customer.with_user(self.other_lead).check_open_count, 1)
        portal = self._create_user("desk_portal", "base.group_portal")
        with self.assertRaises(AccessError):
            self.env["commercial.check.result"].with_user(portal).search([])

    def test_hidden_record_hides_its_findings_and_counts(self):
        hidden = self._create_customer(name="Secret", ref="hidden")
        self._run(hidden + self.customer)
        self.env["ir.rule"].create(
            {
                "name": "confidential",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": "[('ref', '!=', 'hidden')]",
            }
        )
        results = self.env["commercial.check.result"].with_user(self.assistant)
        domain = [("res_id", "in", (hidden + self.customer).ids)]
        self.assertEqual(results.search(domain).mapped("res_id"), self.customer.ids)
        self.assertEqual(results.search_count(domain), 1)
        self.assertEqual(results._read_group(domain, [], ["__count"]), [(1,)])
        secret = self.env["commercial.check.result"].search([("res_id", "=", hidden.id)])
        with self.assertRaises(AccessError):
            secret.with_user(self.assistant).read(["message"])

    def test_search_by_the_name_of_the_record(self):
        result = self._run()
        found = self.env["commercial.check.result"].with_user(self.assistant).search([("record_name", "ilike", "smet")])
        self.assertIn(result, found)
        self.assertFalse(
            self.env["commercial.check.result"].with_user(self.assistant).search([("record_name", "ilike", "zzzz")])
        )

    def test_deleting_the_record_takes_its_findings_along(self):
        partner = self._create_customer()
        result = self._run(partner)
        partner.unlink()
        self.assertFalse(result.exists())

    # --- GROWTH ---

    def test_queries_do_not_grow_with_the_records(self):
        self._create_rule(name="No website", domain="[('website', '=', False)]")
        partners = self.env["res.partner"].create(
            [{"name": f"Customer {n}", "is_company": True, "city": "Gent"} for n in range(40)]
        )
        self.env.flush_all()

        def cost(some):
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            some._run_checks("confirm")
            self.env.flush_all()
            return self.cr.sql_log_count - start

        cost(partners[:1])  # warm up
        first = cost(partners[1:3])
        self.assertLessEqual(cost(partners[3:23]), first, "finding")
        self.assertLessEqual(cost(partners[3:23]), cost(partners[1:3]), "finding again")
        partners[:23].website = "https://customer.example"
        self.env.flush_all()
        self.assertLessEqual(cost(partners[3:23]), cost(partners[1:3]) + 1, "solving")

        def reading(some):
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            some.with_user(self.assistant).read(["record_name", "message", "suggestion", "state", "can_apply"])
            return self.cr.sql_log_count - start

        results = self.env["commercial.check.result"].search([("res_id", "in", partners.ids)])
        reading(results)
        self.assertEqual(reading(results[:2]), reading(results[:20]))


@tagged("post_install", "-at_install")
class TestCustomerData(DeskCommon):
    """The shipped checks of customer data."""

    def _find(self, partner, code):
        results = partner.with_user(self.assistant)._run_checks("data")
        return results.filtered(
            lambda result: result.rule_id.code == code and result.res_id == partner.id and result.state == "open"
        )

    def _create_wrong(self, **values):
        return self.env["res.partner"].with_context(no_vat_validation=True).create({"name": "Wrong", **values})

    def test_a_good_card_has_no_findings(self):
        self.customer.write({"vat": "BE0477472701", "company_registry": "0477472701"})
        self.assertFalse(self.customer._run_checks("data"))

    def test_enterprise_number(self):
        self.customer.company_registry = False
        self.assertTrue(self._find(self.customer, "customer_enterprise_missing"))
        self.customer.company_registry = "0477.472.702"
        self.assertFalse(self._find(self.customer, "customer_enterprise_missing"))
        result = self._find(self.customer, "customer_enterprise_invalid")
        self.assertEqual(result.severity, "blocking")
        self.assertIn("0477.472.702", result.message)
        self.customer.company_registry = "0477.472.701"
        self.assertEqual(result.state, "open")
        self.customer._run_checks("data")
        self.assertEqual(result.state, "solved")
        person = self._create_customer(is_company=False)
        self.assertFalse(self._find(person, "customer_enterprise_missing"), "a consumer has none")
        dutch = self._create_customer(country_id=self.env.ref("base.nl").id)
        self.assertFalse(self._find(dutch, "customer_enterprise_missing"))
        contact = self._create_customer(parent_id=self.customer.id, is_company=False, name="Jan")
        self.assertFalse(self._find(contact, "customer_enterprise_missing"), "its company has it")

    def test_enterprise_number_and_vat_differ(self):
        self.customer.write({"vat": "BE0477472701"})
        self.customer.company_registry = "0566.988.259"
        result = self._find(self.customer, "customer_enterprise_differs")
        self.assertEqual(result.value, "0566988259")
        self.assertEqual(result.limit, "0477472701")

    def test_vat(self):
        wrong = self._create_wrong(
            is_company=True, country_id=self.env.ref("base.be").id, vat="BE0477472702", company_registry="0477472701"
        )
        result = self._find(wrong, "customer_vat_invalid")
        self.assertIn("BE0477472702", result.message)
        self.assertEqual(result.data["proposal"], {"vat": "BE0477472701"})
        for vat in ("/", False, "NL123456782B90", "FR23334175221"):
            partner = self._create_wrong(is_company=True, vat=vat)
            self.assertFalse(self._find(partner, "customer_vat_invalid"), vat)
        for vat in ("NL123456783B90", "FR23334175222", "DE111"):
            partner = self._create_wrong(is_company=True, vat=vat)
            self.assertTrue(self._find(partner, "customer_vat_invalid"), vat)

    def test_mail(self):
        cases = {
            "jan@acme,be": "jan@acme.be",
            "jan@acme .be": "jan@acme.be",
            "mailto:jan@acme.be": "jan@acme.be",
            "jan@@acme.be": "jan@acme.be",
            "jan(at)acme.be": "jan@acme.be",
            "jan@acme.be.": "jan@acme.be",
            "jan@acme": False,
            "jan": False,
        }
        for value, proposal in cases.items():
            partner = self._create_customer(email=value)
            result = self._find(partner, "customer_email_invalid")
            self.assertEqual(result.data["proposal"].get("email", False), proposal, value)
            self.assertIn(value, result.message)
        for value in ("jan@acme.be", '"Jan" <jan@acme.be>', "jan@acme.be; piet@acme.be", False):
            partner = self._create_customer(email=value)
            self.assertFalse(self._find(partner, "customer_email_invalid"), value)

    def test_language(self):
        for code, proposal in (
            ("9000", "nl_BE"),
            ("4000", "fr_BE"),
            ("1348", "fr_BE"),
            ("4700", "de_DE"),
            ("1000", None),
            ("", None),
        ):
            partner = self._create_customer(lang=False, zip=code)
            result = self._find(partner, "customer_language")
            self.assertTrue(result)
            self.assertEqual(result.data["proposal"].get("lang"), proposal, code)
        child = self._create_customer(parent_id=self.customer.id, is_company=False, lang=False, type="invoice")
        self.assertEqual(self._find(child, "customer_language").data["proposal"], {"lang": "en_US"})
        inactive = self._create_customer(lang="de_DE")
        self.assertFalse(self._find(inactive, "customer_language"))
        self.cr.execute("UPDATE res_partner SET lang = 'xx_XX' WHERE id = %s", inactive.ids)
        inactive.invalidate_recordset()
        self.assertTrue(self._find(inactive, "customer_language"))

    def test_address(self):
        partner = self._create_customer(street=False, zip=False, city="9000 Gent", country_id=False)
        partner.with_context(no_vat_validation=True).vat = "BE0477472701"
        result = self._find(partner, "customer_address").with_user(self.assistant)
        self.assertIn("Street", result.message)
        self.assertIn("Zip", result.message)
        self.assertIn("Country", result.message)
        self.assertEqual(
            result.data["proposal"], {"zip": "9000", "city": "Gent", "country_id": self.env.ref("base.be").id}
        )
        self.assertIn("Belgium", result.proposal)
        self.assertIn("België", result.with_context(lang="nl_BE").proposal)
        contact = self._create_customer(parent_id=partner.id, type="contact", street=False, zip=False, city=False)
        self.assertFalse(self._find(contact, "customer_address"))

    def test_one_click_corrects_and_undoes(self):
        partner = self._create_customer(email="jan@acme,be")
        result = self._find(partner, "customer_email_invalid").with_user(self.assistant)
        self.assertTrue(result.can_apply)
        self.assertEqual(result.proposal, "Email: jan@acme.be")
        self.assertTrue(result.action_apply())
        self.assertEqual(partner.email, "jan@acme.be")
        self.assertRecordValues(result, [{"state": "solved", "applied_uid": self.assistant.id}])
        self.assertEqual(result.action_apply()["tag"], "display_notification", "once is enough")
        result.action_undo()
        self.assertEqual(partner.email, "jan@acme,be")
        self.assertFalse(result.can_undo)
        self.assertTrue(self._find(partner, "customer_email_invalid"))
        result.action_undo()

    def test_undo_stops_when_somebody_changed_the_value_since(self):
        partner = self._create_customer(email="jan@acme,be")
        result = self._find(partner, "customer_email_invalid").with_user(self.assistant)
        result.action_apply()
        partner.email = "piet@acme.be"
        with self.assertRaisesRegex(UserError, "changed since"):
            result.action_undo()
        self.assertEqual(partner.email, "piet@acme.be")

    def test_correction_of_what_was_corrected_meanwhile(self):
        partner = self._create_customer(email="jan@acme,be")
        result = self._find(partner, "customer_email_invalid").with_user(self.assistant)
        partner.email = "piet@acme.be"
        self.assertEqual(result.action_apply()["tag"], "display_notification")
        self.assertEqual(partner.email, "piet@acme.be")
        self.assertEqual(result.state, "solved")

    def test_correction_needs_write_access(self):
        partner = self._create_customer(email="jan@acme,be")
        plain = self._create_user("desk_plain", "base.group_user")
        result = self._find(partner, "customer_email_invalid").with_user(plain)
        with self.assertRaises(AccessError):
            result.action_apply()
        self.assertEqual(partner.email, "jan@acme,be")

    def test_overriding_a_blocking_finding_of_a_customer(self):
        self.customer.company_registry = "123"
        result = self._find(self.customer, "customer_enterprise_invalid").with_user(self.assistant)
        request = result._request_approval("A foreign branch without a number")
        self.assertEqual(request.partner_id, self.customer)
        request.with_user(self.lead).action_approve()
        self.assertEqual(result.state, "overridden")
        self.assertEqual(self.customer.check_blocking_count, 0)

    def test_list_action(self):
        partners = self.customer + self._create_customer(email="jan@acme")
        server_action = self.env.ref("commercial_assistant.action_server_check_data")
        action = (
            server_action.with_user(self.assistant)
            .with_context(active_model="res.partner", active_ids=partners.ids)
            .run()
        )
        self.assertEqual(action["res_model"], "commercial.check.result")
        found = self.env["commercial.check.result"].with_user(self.assistant).search(action["domain"])
        self.assertEqual(set(found.mapped("res_id")), set(partners.ids))
        bindings = self.env["ir.actions.actions"].with_user(self.assistant).get_bindings("res.partner")
        self.assertIn(server_action.id, [binding["id"] for binding in bindings["action"]])

    def test_queries_of_the_customer_checks_do_not_grow(self):
        partners = self.env["res.partner"].create(
            [
                {"name": f"Customer {n}", "is_company": True, "email": f"c{n}@x", "vat": False, "lang": False}
                for n in range(22)
            ]
        )

        def cost(some):
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            some.with_user(self.assistant)._run_checks("data")
            self.env.flush_all()
            return self.cr.sql_log_count - start

        cost(partners[:1])
        self.assertLessEqual(cost(partners[2:]), cost(partners[:2]) + 1)

    def test_values_of_a_finding_keep_their_type(self):
        """A room can give dates, amounts and labels; each reader sees them in their own way."""
        rule = self.env.ref("commercial_assistant.check_rule_customer_language")
        rule.message = "%(day)s %(price)s %(kind)s"
        rule.with_context(lang="nl_BE").message = "%(day)s %(price)s %(kind)s"
        from ..models.common import stored_value

        def find(partners, _rule):
            euro = self.env.ref("base.EUR")
            values = {
                "day": fields.Date.to_date("2026-03-02"),
                "price": stored_value.Amount(1234.5, euro),
                "kind": stored_value.Choice(partners, "customer_kind", "business"),
            }
            return {partner.id: {"values": values, "limit": 3.5} for partner in partners}

        self.patch(self.registry["res.partner"], "_check_rule_customer_language", find)
        result = self._find(self.customer, "customer_language").with_user(self.assistant)
        self.assertIn("03/02/2026", result.with_context(lang="en_US").message)
        self.assertIn("1,234.50", result.with_context(lang="en_US").message)
        self.assertIn("1.234,50", result.with_context(lang="nl_BE").message)
        self.assertEqual(result.with_context(lang="nl_BE").limit, "3,50")
