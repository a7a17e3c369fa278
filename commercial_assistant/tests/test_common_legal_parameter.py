from contextlib import contextmanager
from datetime import date
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.base.tests.common import BaseCommon
from odoo.addons.commercial_assistant.models.common.legal_parameter import LegalParameterError


class LegalParameterCase(BaseCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Parameter = cls.env["commercial.legal.parameter"]
        cls.belgium = cls.env.ref("base.be")
        cls.france = cls.env.ref("base.fr")
        cls.team_lead = new_test_user(
            cls.env,
            login="legal_team_lead",
            groups="commercial_assistant.group_team_lead",
            company_id=cls.company.id,
            lang="en_US",
        )
        cls.assistant = new_test_user(
            cls.env,
            login="legal_assistant",
            groups="commercial_assistant.group_assistant",
            company_id=cls.company.id,
            lang="en_US",
        )
        cls.company.write({"commercial_legal_responsible_id": cls.team_lead.id, "country_id": cls.belgium.id})

    @contextmanager
    def assertRefused(self, error, text):
        """The error says why, and what was tried is undone."""
        with self.assertRaisesRegex(error, text), self.env.cr.savepoint():
            yield

    @classmethod
    def _create_parameter(cls, **values):
        return cls.Parameter.create(
            {
                "code": "test_rate",
                "name": "Test rate",
                "value_type": "percent",
                "value": 10.5,
                "date_from": "2026-01-01",
                "date_to": "2026-06-30",
                "source": "Gazette",
                "state": "confirmed",
                "country_id": cls.belgium.id,
                **values,
            }
        )


@tagged("post_install", "-at_install")
class TestLegalParameterLookup(LegalParameterCase):
    def test_get(self):
        parameter = self._create_parameter()
        self.assertEqual(self.Parameter._get("test_rate", date(2026, 1, 1)), parameter)
        self.assertEqual(self.Parameter._get("test_rate", date(2026, 6, 30), self.belgium, "consumer"), parameter)
        self.assertEqual(self.Parameter._value("test_rate", date(2026, 3, 1), country=self.belgium), 10.5)

    def test_most_specific_first(self):
        values = {
            1.0: {"country_id": False},
            2.0: {},
            3.0: {"customer_kind": "public"},
            4.0: {"country_id": False, "customer_kind": "public"},
        }
        for value, vals in values.items():
            self._create_parameter(value=value, **vals)
        day = date(2026, 2, 1)
        for expected, arguments in (
            (1.0, ()),
            (2.0, (self.belgium,)),
            (2.0, (self.belgium, "consumer")),
            (3.0, (self.belgium, "public")),
            (1.0, (self.france,)),
            (4.0, (self.france, "public")),
            (4.0, (None, "public")),
        ):
            with self.subTest(arguments=arguments):
                self.assertEqual(self.Parameter._value("test_rate", day, *arguments), expected)

    def test_an_unclear_question_is_no_guess(self):
        self._create_parameter()
        self._create_parameter(country_id=self.france.id)
        with self.assertRaisesRegex(LegalParameterError, "several values"):
            self.Parameter._value("test_rate", date(2026, 2, 1))

    def test_missing_day_names_parameter_and_half_year(self):
        self._create_parameter()
        with self.assertRaises(LegalParameterError) as caught:
            self.Parameter._value("test_rate", date(2026, 7, 1), self.belgium)
        for text in ("Test rate", "test_rate", "Belgium", "07/01/2026", "2026-H2", "no value", "Legal parameters"):
            self.assertIn(text, str(caught.exception))
        self.assertEqual(caught.exception.code, "test_rate")
        self.assertEqual(caught.exception.on, date(2026, 7, 1))
        self.assertEqual(caught.exception.country, self.belgium)
        self.assertIsInstance(caught.exception, UserError)

    def test_unconfirmed_is_not_used(self):
        self._create_parameter()
        self._create_parameter(date_from="2026-07-01", date_to="2026-12-31", state="to_confirm")
        with self.assertRaisesRegex(LegalParameterError, "not confirmed for 2026-H2"):
            self.Parameter._value("test_rate", date(2026, 9, 1), self.belgium)

    def test_unknown_code(self):
        with self.assertRaisesRegex(LegalParameterError, "test_nothing"):
            self.Parameter._get("test_nothing", date(2026, 9, 1))

    def test_rates(self):
        self._create_parameter(date_from="2025-07-01", date_to="2025-12-31", value=11.5)
        self._create_parameter()
        self.assertEqual(
            self.Parameter._rates("test_rate", date(2025, 12, 1), date(2026, 2, 1)),
            [(date(2025, 7, 1), 11.5), (date(2026, 1, 1), 10.5)],
        )
        self.assertEqual(
            self.Parameter._rates("test_rate", date(2026, 3, 1), date(2026, 6, 30)), [(date(2026, 1, 1), 10.5)]
        )
        with self.assertRaises(LegalParameterError) as caught:
            self.Parameter._rates("test_rate", date(2026, 3, 1), date(2026, 7, 1))
        self.assertEqual(caught.exception.on, date(2026, 7, 1))
        with self.assertRaises(LegalParameterError) as caught:
            self.Parameter._rates("test_rate", date(2025, 6, 30), date(2026, 1, 1))
        self.assertEqual(caught.exception.on, date(2025, 6, 30))
        self._create_parameter(code="test_open", date_to=False)
        self.assertEqual(
            self.Parameter._rates("test_open", date(2026, 1, 1), date(2030, 1, 1)), [(date(2026, 1, 1), 10.5)]
        )

    def test_tiers(self):
        self._create_parameter(
            code="test_tiers",
            value_type="tiers",
            tier_ids=[
                Command.create({"above": 150, "base": 30, "percent": 10}),
                Command.create({"above": 0, "base": 20}),
            ],
        )
        self.assertEqual(self.Parameter._tiers("test_tiers", date(2026, 1, 1)), [(0.0, 20.0, 0.0), (150.0, 30.0, 10.0)])

    def test_asked_often_queried_once(self):
        self._create_parameter()
        self.env.flush_all()
        self.Parameter._value("test_rate", date(2026, 1, 1))
        with self.assertQueryCount(0):
            for day in range(1, 29):
                self.Parameter._value("test_rate", date(2026, 2, day), self.belgium, "business")

    def test_change_is_seen_at_once(self):
        parameter = self._create_parameter()
        day = date(2026, 2, 1)
        self.assertEqual(self.Parameter._value("test_rate", day), 10.5)
        parameter.value = 11
        self.assertEqual(self.Parameter._value("test_rate", day), 11)
        parameter.action_reopen()
        with self.assertRaises(LegalParameterError):
            self.Parameter._value("test_rate", day)
        parameter.unlink()
        with self.assertRaisesRegex(LegalParameterError, "no value"):
            self.Parameter._value("test_rate", day)

    def test_anybody_may_compute(self):
        self._create_parameter()
        employee = new_test_user(self.env, login="legal_employee", groups="base.group_user")
        self.assertEqual(self.Parameter.with_user(employee)._value("test_rate", date(2026, 1, 1)), 10.5)
        with self.assertRaises(AccessError):
            self.Parameter.with_user(employee)._get("test_rate", date(2026, 1, 1)).read(["value"])


@tagged("post_install", "-at_install")
class TestLegalParameterTask(LegalParameterCase):
    def test_task_for_an_unconfirmed_value(self):
        waiting = self._create_parameter(state="to_confirm", source=False, derivation="MRO + 8 = 10.5")
        found = self.Parameter.with_user(self.assistant)._ensure_task("test_rate", date(2026, 3, 1), self.belgium)
        self.assertEqual(found, waiting)
        self.assertRecordValues(waiting.activity_ids, [{"user_id": self.team_lead.id, "automated": True}])
        self.assertIn("Test rate (2026-H1)", waiting.activity_ids.summary)
        self.assertIn("MRO + 8", waiting.activity_ids.note)
        self.Parameter._ensure_task("test_rate", date(2026, 3, 1), self.belgium)
        self.assertEqual(len(waiting.activity_ids), 1, "one task, however often it is asked")

    def test_task_for_a_missing_value(self):
        self._create_parameter()
        found = self.Parameter.with_user(self.assistant)._ensure_task("test_rate", date(2026, 9, 1), self.belgium)
        self.assertRecordValues(
            found,
            [
                {
                    "name": "Test rate",
                    "value_type": "percent",
                    "country_id": self.belgium.id,
                    "date_from": date(2026, 7, 1),
                    "date_to": date(2026, 12, 31),
                    "state": "to_confirm",
                    "value": 0,
                }
            ],
        )
        self.assertEqual(found.activity_ids.user_id, self.team_lead)
        self.assertEqual(self.Parameter._ensure_task("test_rate", date(2026, 10, 1), self.belgium), found)

    def test_missing_year_and_gap(self):
        self._create_parameter(code="test_yearly_rate", date_from="2025-01-01", date_to="2025-12-31")
        found = self.Parameter._ensure_task("test_yearly_rate", date(2026, 9, 1), self.belgium)
        self.assertEqual((found.date_from, found.date_to), (date(2026, 1, 1), date(2026, 12, 31)))
        self._create_parameter(code="test_gap", date_from="2024-01-01", date_to="2024-02-29", value_type="number")
        self._create_parameter(code="test_gap", date_from="2024-05-01", date_to=False, value_type="number")
        found = self.Parameter._ensure_task("test_gap", date(2024, 4, 1), self.belgium)
        self.assertEqual((found.date_from, found.date_to), (date(2024, 3, 1), date(2024, 4, 30)))

    def test_missing_code(self):
        found = self.Parameter._ensure_task("test_new_rate", date(2026, 9, 1), self.belgium)
        self.assertRecordValues(
            found, [{"name": "test_new_rate", "value_type": "percent", "date_to": date(2026, 12, 31)}]
        )
        self.assertFalse(self.Parameter._ensure_task("test_new", date(2026, 9, 1)).date_to)

    def test_no_task_when_all_is_well(self):
        parameter = self._create_parameter()
        self.assertFalse(self.Parameter._ensure_task("test_rate", date(2026, 3, 1)))
        self.assertFalse(parameter.activity_ids)

    def test_task_survives_the_rollback(self):
        """The error reaches the user and undoes everything; the task is made in a transaction of its own."""
        hooks = []
        with (
            patch("odoo.modules.module.current_test", False),
            patch.object(type(self.env.cr.postrollback), "add", lambda _callbacks, function: hooks.append(function)),
        ):
            for _attempt in range(2):
                with self.assertRaises(LegalParameterError):
                    self.Parameter._value("test_lost_rate", date(2026, 9, 1), self.belgium)
        self.assertEqual(len(hooks), 2, "once for the transaction, whether it is committed or not")
        with self.enter_registry_test_mode():
            hooks[0]()
            hooks[0]()
        waiting = self.Parameter.search([("code", "=", "test_lost_rate")])
        self.assertEqual(waiting.country_id, self.belgium)
        self.assertEqual(len(waiting.activity_ids), 1)

    def test_confirming_ends_the_task(self):
        waiting = self._create_parameter(state="to_confirm", source=False)
        self.Parameter._ensure_task("test_rate", date(2026, 3, 1))
        mine = waiting.with_user(self.team_lead)
        with self.assertRaisesRegex(UserError, "Name the source"):
            mine.action_confirm()
        mine.source = "Gazette of 5 January 2026"
        mine.action_confirm()
        self.assertRecordValues(waiting, [{"state": "confirmed", "confirmed_by_id": self.team_lead.id}])
        self.assertTrue(waiting.confirmed_on)
        self.assertFalse(waiting.activity_ids)
        self.assertEqual(self.Parameter._value("test_rate", date(2026, 3, 1)), 10.5)

    def test_responsible(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.company.commercial_legal_responsible_id = False
        group = self.env.ref("commercial_assistant.group_team_lead")
        chosen = self.Parameter._get_responsible()
        self.assertIn(group, chosen.all_group_ids)
        self.assertNotIn(self.env.ref("commercial_assistant.group_administrator"), chosen.all_group_ids)
        there = new_test_user(
            self.env,
            login="legal_other",
            groups="commercial_assistant.group_team_lead",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.assertEqual(self.Parameter.with_company(other)._get_responsible(), there)

    @freeze_time("2026-06-25")
    def test_cron_opens_the_next_half_year(self):
        parameter = self._create_parameter()
        foreign = self._create_parameter(code="test_foreign_rate", country_id=self.env.ref("base.jp").id)
        fixed = self._create_parameter(code="test_fixed", date_to=False)
        self.Parameter._cron_keep_tasks()
        self.Parameter._cron_keep_tasks()
        periods = self.Parameter.search([("code", "=", "test_rate")])
        proposed = periods - parameter
        self.assertRecordValues(
            proposed,
            [{"date_from": date(2026, 7, 1), "date_to": date(2026, 12, 31), "state": "to_confirm", "value": 10.5}],
        )
        self.assertFalse(proposed.source)
        self.assertIn("2026-H1", proposed.derivation)
        self.assertEqual(len(proposed.activity_ids), 1)
        self.assertEqual(self.Parameter.search_count([("code", "in", [foreign.code, fixed.code])]), 2)

    @freeze_time("2026-06-10")
    def test_cron_is_not_too_early(self):
        self._create_parameter()
        self.Parameter._cron_keep_tasks()
        self.assertEqual(self.Parameter.search_count([("code", "=", "test_rate")]), 1)

    def test_cron_runs(self):
        with self.enter_registry_test_mode():
            self.env.ref("commercial_assistant.ir_cron_legal_parameter").method_direct_trigger()


@tagged("post_install", "-at_install")
class TestLegalParameterRecord(LegalParameterCase):
    def test_overlap(self):
        self._create_parameter()
        for values in (
            {"date_from": "2026-06-30", "date_to": "2026-12-31"},
            {"date_from": "2025-07-01", "date_to": "2026-01-01"},
            {"date_from": "2025-07-01", "date_to": False},
            {"date_from": "2026-02-01", "date_to": "2026-03-01"},
        ):
            with self.subTest(values=values), self.assertRefused(ValidationError, "overlaps"):
                self._create_parameter(**values)
        self._create_parameter(date_from="2026-07-01", date_to=False)
        self._create_parameter(country_id=self.france.id)
        self._create_parameter(customer_kind="consumer")

    @mute_logger("odoo.sql_db")
    def test_database_constraints(self):
        self._create_parameter()
        with self.assertRefused(IntegrityError, "one_start"):
            self._create_parameter()
        with self.assertRefused(IntegrityError, "period_order"):
            self._create_parameter(date_from="2027-07-01", date_to="2027-06-30")

    def test_confirmed_needs_source_and_tiers(self):
        with self.assertRefused(ValidationError, "source"):
            self._create_parameter(source=" ")
        with self.assertRefused(ValidationError, "no tiers"):
            self._create_parameter(value_type="tiers")

    def test_confirmed_value_is_not_changed_on_the_quiet(self):
        parameter = self._create_parameter(
            value_type="tiers", tier_ids=[Command.create({"above": 0, "base": 20, "percent": 0})]
        ).with_user(self.team_lead)
        for values in (
            {"value": 1},
            {"date_from": "2025-12-01"},
            {"tier_ids": [Command.update(parameter.tier_ids.id, {"base": 1})]},
        ):
            with self.subTest(values=values), self.assertRefused(UserError, "is confirmed"):
                parameter.write(values)
        for change in (
            lambda: parameter.tier_ids.write({"base": 1}),
            lambda: parameter.tier_ids.unlink(),
            lambda: parameter.tier_ids.create({"parameter_id": parameter.id, "above": 10}),
        ):
            with self.assertRefused(UserError, "is confirmed"):
                change()
        parameter.note = "a note is no figure"
        parameter.action_reopen()
        self.assertFalse(parameter.confirmed_by_id)
        parameter.tier_ids.base = 25
        self.assertEqual(parameter.state, "to_confirm")

    def test_changes_are_tracked(self):
        parameter = (
            self.env(context={"tracking_disable": False})["commercial.legal.parameter"]
            .with_user(self.team_lead)
            .create(
                {
                    "code": "test_track",
                    "name": "Track",
                    "value_type": "tiers",
                    "value": 1,
                    "date_from": "2026-01-01",
                    "tier_ids": [Command.create({"above": 0, "base": 20})],
                }
            )
        )
        self.env.flush_all()
        self.cr.precommit.run()
        parameter.value = 2
        parameter.tier_ids.base = 33
        self.env.flush_all()
        self.cr.precommit.run()
        tracked = parameter.message_ids.sudo().tracking_value_ids
        self.assertEqual(tracked.field_id.mapped("name"), ["value"])
        self.assertIn("33", " ".join(parameter.message_ids.mapped(lambda m: str(m.body))))

    def test_shown_value(self):
        for values, text in (
            ({"value_type": "percent", "value": 10.5}, "10.5 %"),
            ({"value_type": "percent", "value": 0}, "0 %"),
            ({"value_type": "days", "value": 14}, "14 days"),
            ({"value_type": "boolean", "value": 1}, "Yes"),
            ({"value_type": "boolean", "value": 0}, "No"),
            ({"value_type": "number", "value": 1200}, "1,200"),
        ):
            with self.subTest(values=values):
                self.assertEqual(self.Parameter.new(values).value_text, text)
        amount = self.Parameter.new({"value_type": "amount", "value": 7.5, "currency_id": self.env.ref("base.EUR").id})
        self.assertIn("7.50", amount.value_text)

    def test_names_of_periods(self):
        for start, end, text in (
            ("2026-01-01", "2026-06-30", "2026-H1"),
            ("2026-07-01", "2026-12-31", "2026-H2"),
            ("2026-01-01", "2026-12-31", "Test rate (2026)"),
            ("2013-03-16", "2013-06-30", "03/16/2013 to 06/30/2013"),
            ("2013-03-16", False, "from 03/16/2013"),
        ):
            with self.subTest(start=start, end=end):
                self.assertIn(
                    text, self.Parameter.new({"name": "Test rate", "date_from": start, "date_to": end}).display_name
                )

    def test_valid_today(self):
        with freeze_time("2026-03-01"):
            valid = self._create_parameter()
            late = self._create_parameter(date_from="2026-07-01", date_to=False)
            both = valid + late
            self.assertEqual(both.mapped("is_valid_today"), [True, False])
            domain = [("code", "=", "test_rate")]
            self.assertEqual(self.Parameter.search([*domain, ("is_valid_today", "=", True)]), valid)
            self.assertEqual(self.Parameter.search([*domain, ("is_valid_today", "=", False)]), late)

    def test_next_period(self):
        first = self._create_parameter(date_from="2013-03-16", date_to="2013-06-30")
        action = first.with_user(self.team_lead).action_propose_next()
        second = self.Parameter.browse(action["res_id"])
        self.assertEqual((second.date_from, second.date_to), (date(2013, 7, 1), date(2013, 12, 31)))
        self.assertEqual(second.state, "to_confirm")
        third = self.Parameter.browse(first.action_propose_next()["res_id"])
        self.assertEqual(third.date_from, date(2014, 1, 1), "after the latest one")
        self.assertEqual(first.history_count, 3)
        self.assertEqual(self.Parameter.search(first.action_open_history()["domain"]), third + second + first)
        self.assertEqual(third.copy().date_from, date(2014, 7, 1))
        with self.assertRefused(UserError, "no last day"):
            self._create_parameter(code="test_open", date_to=False).action_propose_next()

    def test_form(self):
        form = Form(self.Parameter.with_user(self.team_lead))
        form.code = "test_form"
        form.name = "Form"
        form.value_type = "boolean"
        form.value_boolean = True
        form.date_from = "2026-01-01"
        parameter = form.save()
        self.assertRecordValues(parameter, [{"state": "to_confirm", "value": 1.0}])

    def test_rights(self):
        parameter = self._create_parameter()
        self.assertEqual(parameter.with_user(self.assistant).value_text, "10.5 %")
        for change in (
            lambda: parameter.with_user(self.assistant).write({"note": "x"}),
            lambda: parameter.with_user(self.assistant).action_reopen(),
            lambda: parameter.with_user(self.assistant).action_propose_next(),
            lambda: parameter.with_user(self.team_lead).unlink(),
        ):
            with self.assertRaises(AccessError):
                change()
        administrator = new_test_user(
            self.env, login="legal_administrator", groups="commercial_assistant.group_administrator"
        )
        parameter.with_user(administrator).unlink()
        self.assertFalse(parameter.exists())

    def test_settings(self):
        self._create_parameter(state="to_confirm")
        settings = self.env["res.config.settings"].create({"commercial_legal_mention": "BV, RPR Gent"})
        self.assertGreaterEqual(settings.commercial_legal_to_confirm_count, 1)
        settings.execute()
        self.assertEqual(self.company.commercial_legal_mention, "BV, RPR Gent")

    def test_list_asks_no_more_for_more_rows(self):
        rows = self.Parameter.browse()
        for year in range(2000, 2022):
            rows += self._create_parameter(date_from=f"{year}-01-01", date_to=f"{year}-12-31")

        def count(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records.with_user(self.assistant).web_read(
                {name: {} for name in ("display_name", "value_text", "is_valid_today", "history_count", "state")}
            )
            return self.env.cr.sql_log_count - before

        count(rows[:2])
        self.assertLessEqual(count(rows[2:]), count(rows[:2]))
