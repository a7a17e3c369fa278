from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common_dunning import DunningCommon


@tagged("post_install", "-at_install")
class TestDunningPolicyTour(DunningCommon, HttpCase):
    """The policies and the result of a call in the browser, in the languages of the desk."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.french = cls.env["commercial.dunning.policy"].search(
            [("company_id", "=", cls.company.id), ("regime", "=", "fr_business")]
        )
        for code in ("en_US", "nl_BE", "fr_BE"):
            cls.french.with_context(lang=code).name = "Tour FR"

    def _look_at_policies(self, lang):
        self.lead.lang = lang
        with mute_logger("odoo.http"):  # what the law forbids is refused once
            self.start_tour("/odoo/reminder-policies", "commercial_assistant_dunning_policy", login="dunning_lead")
        self.french.invalidate_recordset()
        self.assertRecordValues(self.french, [{"grace_days": 2, "charge_indemnity": False}])
        self.assertEqual(self.french.rule_ids.exposure_from, 2500)

    def test_policy_in_dutch(self):
        self._look_at_policies("nl_BE")

    def test_policy_in_french(self):
        self._look_at_policies("fr_BE")

    def test_call(self):
        level = self.business_policy.level_ids.filtered(lambda level: level.kind == "reminder")
        level.write({"channel": "phone", "fallback_channel": "email"})
        self.business.phone = "09 225 12 34"
        self._invoice(due="2025-03-01", invoice_date="2025-02-01")
        run = self._run()
        run.action_approve()
        run.action_send()
        notice = run.notice_ids
        self.assertEqual(notice.state, "sending")
        self.collector.lang = "nl_BE"
        self.start_tour(
            f"/odoo/action-commercial_assistant.dunning_notice_action/{notice.id}",
            "commercial_assistant_dunning_call",
            login="dunning_collector",
        )
        notice.invalidate_recordset()
        self.assertEqual(notice.state, "delivered")
        self.assertEqual(notice.line_ids.item_id.level_id, level)
