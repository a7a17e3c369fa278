from datetime import date
from unittest.mock import patch

from odoo import Command
from odoo.tests import new_test_user

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.commercial_assistant.models.common.dispatch import CommercialDispatch
from odoo.addons.commercial_assistant.models.dunning.dunning_notice_letter import DunningNotice as LetterOfNotice

LANGUAGES = ("en_US", "nl_BE", "fr_BE")


class DunningCommon(AccountTestInvoicingCommon):
    """A Belgian company with the standard policies, a collector, a team lead, a business and a consumer."""

    chart_template = "generic_coa"
    country_code = "BE"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True, "mail_create_nolog": True})
        for code in LANGUAGES:
            cls.env["res.lang"]._activate_lang(code)
        cls.company = cls.env.company
        cls.company.write({"email": "accounts@company.example", "company_registry": "0477472701", "city": "Gent"})
        cls.company.partner_id.lang = "nl_BE"
        cls.bank = cls.env["res.partner.bank"].create(
            {"acc_number": "BE71 0961 2345 6769", "partner_id": cls.company.partner_id.id}
        )
        cls.env.user.group_ids += cls.env.ref("commercial_assistant.group_administrator")
        cls.collector = cls._create_desk_user("dunning_collector", "commercial_assistant.group_collector")
        cls.assistant = cls._create_desk_user("dunning_assistant", "commercial_assistant.group_assistant")
        cls.lead = cls._create_desk_user("dunning_lead", "commercial_assistant.group_team_lead")
        Policy = cls.env["commercial.dunning.policy"]
        cls.consumer_policy = Policy.search([("company_id", "=", cls.company.id), ("regime", "=", "be_consumer")])
        cls.business_policy = Policy.search([("company_id", "=", cls.company.id), ("regime", "=", "be_business")])
        cls.consumer_policy.write({"charge_interest": True, "charge_indemnity": True})
        cls._translate_levels(cls.consumer_policy + cls.business_policy)
        # the rates of the law that these tests need are confirmed
        rates = cls.env["commercial.legal.parameter"].search([("state", "=", "to_confirm"), ("code", "=like", "be_%")])
        rates.filtered(lambda rate: rate.code != "be_late_rate").state = "confirmed"
        cls.business = cls._create_customer("Bakkerij De Smet", is_company=True, vat="BE0477472701")
        cls.consumer = cls._create_customer("Jan Peeters", lang="fr_BE")
        cls.sent = []

    @classmethod
    def _create_desk_user(cls, login, groups, **values):
        values = {"company_id": cls.company.id, "company_ids": [Command.set(cls.company.ids)], **values}
        return new_test_user(cls.env, login=login, name=login.replace("_", " "), groups=groups, lang="en_US", **values)

    @classmethod
    def _create_customer(cls, name, **values):
        return cls.env["res.partner"].create(
            {
                "name": name,
                "email": f"{name.split()[0].lower()}@customer.example",
                "street": "Kerkstraat 1",
                "zip": "9000",
                "city": "Gent",
                "country_id": cls.env.ref("base.be").id,
                "lang": "nl_BE",
                "property_payment_term_id": False,
                **values,
            }
        )

    @classmethod
    def _translate_levels(cls, policies):
        """Give the levels a text in each language of the tests, as the translations of the app do."""
        for level in policies.with_context(active_test=False).level_ids:
            for code in LANGUAGES[1:]:
                translated = level.with_context(lang=code)
                translated.subject = f"{code} {level.subject}"
                for name in ("intro", "closing"):
                    terms = {term: f"{code} {term}" for term in level._fields[name].get_trans_terms(level[name] or "")}
                    level.update_field_translations(name, {code: terms})

    @classmethod
    def _invoice(cls, partner=None, amount=1000.0, due="2026-03-01", invoice_date="2026-02-01", **values):
        move = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": (partner or cls.business).id,
                "invoice_date": invoice_date,
                "invoice_date_due": due,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [
                    Command.create({"product_id": cls.product_a.id, "price_unit": amount, "tax_ids": False})
                ],
                **values,
            }
        )
        move.action_post()
        return move

    @classmethod
    def _pay(cls, move, amount=None, day="2026-03-10", **values):
        """Register a payment of one invoice the way a person does."""
        wizard = (
            cls.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"payment_date": day, **({"amount": amount} if amount else {}), **values})
        )
        return wizard._create_payments()

    @classmethod
    def _pay_on_account(cls, partner, amount, day="2026-03-10", **values):
        payment = cls.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": partner.id,
                "amount": amount,
                "date": day,
                "journal_id": cls.company_data["default_journal_bank"].id,
                **values,
            }
        )
        payment.action_post()
        return payment

    def _run(self, day=None, user=None, propose=True, **values):
        run = (
            self.env["commercial.dunning.run"]
            .with_user(user or self.collector)
            .create({"company_id": self.company.id, **({"date": day} if day else {}), **values})
        )
        if propose:
            run.action_propose()
        return run

    def _item(self, move):
        return self.env["commercial.receivable.item"].search([("move_id", "=", move.id)])

    def _reasons(self, run):
        return {skip.item_id.move_id: skip.reason for skip in run.skip_ids}

    def _fake_letters(self):
        """Letters without rendering and mails without a server; what leaves is kept in ``self.sent``."""
        self.sent = []

        def render(notice):
            return b"%PDF-1.4 letter", f"<p>{notice.name}</p>"

        def hand_over(dispatch):
            self.sent.append(dispatch)
            return "sent", False

        for target, name, fake in (
            (LetterOfNotice, "_render_letter", render),
            (LetterOfNotice, "_get_mail_values", lambda notice: {"subject": notice.level_id.subject}),
            (CommercialDispatch, "_hand_over", hand_over),
        ):
            patcher = patch.object(target, name, autospec=True, side_effect=fake)
            patcher.start()
            self.addCleanup(patcher.stop)

    def _deliver(self, run):
        """Approve and send everything; letters on paper are posted on the same day."""
        run.action_approve()
        run.action_send()
        waiting = run.notice_ids.dispatch_ids.filtered(lambda d: d.state == "reserved" and d.channel != "email")
        self._post(waiting, date.today())
        run.invalidate_recordset()

    def _post(self, dispatches, day):
        """Bring letters to the post office on that day; the database's own clock does not know frozen time."""
        for dispatch in dispatches:
            self.env.cr.execute("UPDATE commercial_dispatch SET create_date = %s WHERE id = %s", (day, dispatch.id))
            dispatch.invalidate_recordset(["create_date"])
            dispatch.with_user(self.collector).action_mark_posted(day, "RR123456789BE")
