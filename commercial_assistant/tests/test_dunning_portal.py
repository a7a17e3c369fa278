import re
from datetime import timedelta

from odoo import Command, fields, http
from odoo.tests import HttpCase, new_test_user, tagged

from .common_dunning import DunningCommon

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


@tagged("post_install", "-at_install")
class TestDunningPortal(DunningCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.today()
        cls.first = cls._invoice(due=cls.today - timedelta(days=40), invoice_date=cls.today - timedelta(days=70))
        cls.second = cls._invoice(
            amount=500.0, due=cls.today - timedelta(days=10), invoice_date=cls.today - timedelta(days=40)
        )
        cls.foreign = cls._invoice(
            cls.consumer, due=cls.today - timedelta(days=40), invoice_date=cls.today - timedelta(days=70)
        )
        cls.env["commercial.receivable"]._refresh_items(cls.company)
        cls.account = cls.env["commercial.receivable"].search([("partner_id", "=", cls.business.id)])
        cls.other_account = cls.env["commercial.receivable"].search([("partner_id", "=", cls.consumer.id)])
        cls.items = cls.account.item_ids.sorted("date_due")
        cls.clerk = cls.env["res.partner"].create(
            {"name": "An Boekhoudster", "parent_id": cls.business.id, "email": "an@customer.example", "lang": "en_US"}
        )
        cls.portal_user = new_test_user(
            cls.env,
            login="portal_customer",
            groups="base.group_portal",
            partner_id=cls.clerk.id,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.url = f"/my/receivables/{cls.account.id}"

    def _log_in(self):
        self.authenticate("portal_customer", "portal_customer")

    def _get(self, path, **params):
        query = "&".join(f"{key}={value}" for key, value in params.items())
        return self.url_open(f"{path}?{query}" if query else path)

    def _send(self, kind, account=None, token=None, files=None, csrf=True, **values):
        account = account or self.account
        data = {**values, **({"access_token": token} if token else {})}
        if csrf:
            data["csrf_token"] = http.Request.csrf_token(self)
        return self.url_open(f"/my/receivables/{account.id}/{kind}/send", data=data, files=files)

    def _is_home(self, response):
        return not re.search(r"/my/receivables", response.url)

    # --- WHOSE ACCOUNT ---

    def test_a_contact_of_the_customer_sees_the_account(self):
        self._log_in()
        page = self._get("/my/receivables")
        self.assertTrue(page.url.endswith(self.url), "the only account is opened at once")
        self.assertIn(self.first.name, page.text)
        self.assertIn(self.second.name, page.text)
        self.assertNotIn(self.foreign.name, page.text)

    def test_the_account_of_somebody_else_is_not_shown(self):
        self._log_in()
        for path in ("", "/dispute", "/promise", "/plan", "/statement", "/letter/1"):
            with self.subTest(path):
                response = self._get(f"/my/receivables/{self.other_account.id}{path}")
                self.assertTrue(self._is_home(response))
                self.assertNotIn(self.foreign.name, response.text)
        self.assertTrue(self._is_home(self._get("/my/receivables/999999")))

    def test_the_secret_link_opens_one_account(self):
        link = self.account._get_portal_link()
        token = link.partition("access_token=")[2]
        page = self._get(self.url, access_token=token)
        self.assertIn(self.first.name, page.text)
        for name, url, given in (
            ("no token", self.url, ""),
            ("wrong token", self.url, "00000000-0000-0000-0000-000000000000"),
            ("token of another account", f"/my/receivables/{self.other_account.id}", token),
        ):
            with self.subTest(name):
                response = self._get(url, access_token=given)
                self.assertNotIn(self.first.name, response.text)
                self.assertNotIn(self.foreign.name, response.text)

    def test_the_link_speaks_the_language_of_the_letter(self):
        token = self.other_account._get_portal_link().partition("access_token=")[2]
        page = self._get(f"/my/receivables/{self.other_account.id}", access_token=token)
        due = self.other_account.item_ids.date_due
        self.assertIn(due.strftime("%d/%m/%Y"), page.text)
        page = self._get(self.url, access_token=self.account._get_portal_link().partition("access_token=")[2])
        self.assertIn(self.items[0].date_due.strftime("%d/%m/%Y"), page.text)

    def test_an_account_without_token_opens_to_nobody(self):
        self.other_account.access_token = False
        response = self._get(f"/my/receivables/{self.other_account.id}", access_token="False")
        self.assertNotIn(self.foreign.name, response.text)

    # --- DISPUTES ---

    def test_a_dispute_of_a_part(self):
        self._log_in()
        item = self.items[0]
        reason = self.env["commercial.dispute.reason"].search([("is_portal", "=", True)], limit=1)
        response = self._send(
            "dispute",
            item_ids=item.id,
            reason=reason.code,
            description="Two boxes are missing",
            **{f"amount_{item.id}": "250.50"},
            files=[("files", ("box.png", PNG, "image/png"))],
            state="settled",
            accepted_amount="1000",
        )
        self.assertIn("done=dispute", response.url)
        dispute = self.env["commercial.dispute"].search([("receivable_id", "=", self.account.id)])
        self.assertRecordValues(dispute, [{"amount": 250.5, "source": "portal", "state": "new", "accepted_amount": 0}])
        self.assertEqual(dispute.contact_id, self.clerk)
        self.assertEqual(dispute.line_ids.item_id, item)
        files = self.env["ir.attachment"].search([("res_model", "=", dispute._name), ("res_id", "=", dispute.id)])
        self.assertIn("box.png", files.mapped("name"))
        self.assertIn('data-reason="disputed"', response.text)

    def test_what_is_refused_changes_nothing(self):
        self._log_in()
        item = self.items[0]
        code = self.env["commercial.dispute.reason"].search([("is_portal", "=", True)], limit=1).code
        right = {"item_ids": item.id, "reason": code, "description": "Broken"}
        cases = [
            ("no invoice", {**right, "item_ids": ""}, None),
            ("invoice of another customer", {**right, "item_ids": self.other_account.item_ids.id}, None),
            ("unknown invoice", {**right, "item_ids": "99999999"}, None),
            ("no words", {**right, "description": "  "}, None),
            ("unknown reason", {**right, "reason": "nonsense"}, None),
            ("no number", {**right, f"amount_{item.id}": "a lot"}, None),
            ("infinite", {**right, f"amount_{item.id}": "inf"}, None),
            ("negative", {**right, f"amount_{item.id}": "-5"}, None),
            ("more than is open", {**right, f"amount_{item.id}": "1000.01"}, None),
            ("a program", right, [("files", ("a.pdf", b"MZ program", "application/pdf"))]),
            ("a page", right, [("files", ("a.html", b"<script>", "text/html"))]),
            ("many files", right, [("files", (f"{n}.png", PNG, "image/png")) for n in range(6)]),
        ]
        for name, values, files in cases:
            with self.subTest(name):
                response = self._send("dispute", files=files, **values)
                self.assertEqual(response.status_code, 200)
                self.assertIn('data-name="error"', response.text)
                self.assertFalse(self.env["commercial.dispute"].search([("receivable_id", "=", self.account.id)]))

    def test_changes_need_the_secret_of_the_session(self):
        self._log_in()
        code = self.env["commercial.dispute.reason"].search([("is_portal", "=", True)], limit=1).code
        values = {"item_ids": self.items[0].id, "reason": code, "description": "Broken"}
        with self.assertLogs("odoo.http", "WARNING"):
            self.assertEqual(self._send("dispute", csrf=False, **values).status_code, 400)
        self.assertIn(self._get(f"{self.url}/dispute/send", **values).status_code, (404, 405))
        self.assertFalse(self.env["commercial.dispute"].search([("receivable_id", "=", self.account.id)]))
        response = self._send("dispute", account=self.other_account, **values)
        self.assertTrue(self._is_home(response))

    def test_a_dispute_by_the_link(self):
        token = self.account._get_portal_link().partition("access_token=")[2]
        self.authenticate(None, None)
        code = self.env["commercial.dispute.reason"].search([("is_portal", "=", True)], limit=1).code
        values = {"item_ids": self.items[0].id, "reason": code, "description": "Broken"}
        self.assertTrue(self._is_home(self._send("dispute", token="wrong", **values)))
        self.assertFalse(self.env["commercial.dispute"].search([("receivable_id", "=", self.account.id)]))
        response = self._send("dispute", token=token, **values)
        self.assertIn("done=dispute", response.url)
        dispute = self.env["commercial.dispute"].search([("receivable_id", "=", self.account.id)])
        self.assertEqual(dispute.contact_id, self.business)

    # --- PROMISES AND PLANS ---

    def test_a_promise(self):
        self._log_in()
        day = self.today + timedelta(days=5)
        response = self._send("promise", item_ids=self.items[0].id, amount="400", promised_on=day.isoformat())
        self.assertIn("done=promise", response.url)
        promise = self.env["commercial.payment.promise"].search([("receivable_id", "=", self.account.id)])
        self.assertRecordValues(promise, [{"amount": 400.0, "promised_on": day, "state": "open", "source": "portal"}])
        for name, values in (
            ("no amount", {"promised_on": day.isoformat()}),
            ("no day", {"amount": "10"}),
            ("no day at all", {"amount": "10", "promised_on": "soon"}),
            ("in the past", {"amount": "10", "promised_on": "2020-01-01"}),
            ("other currency", {"amount": "10", "promised_on": day.isoformat(), "currency": "XXX"}),
        ):
            with self.subTest(name):
                self.assertIn('data-name="error"', self._send("promise", **values).text)
        self.assertEqual(
            self.env["commercial.payment.promise"].search([("receivable_id", "=", self.account.id)]), promise
        )

    def test_a_plan_is_asked_for(self):
        self._log_in()
        day = self.today + timedelta(days=10)
        response = self._send("plan", item_ids=self.items[0].id, number="4", first_date=day.isoformat(), note="Please")
        self.assertIn("done=plan", response.url)
        plan = self.env["commercial.payment.plan"].search([("receivable_id", "=", self.account.id)])
        self.assertRecordValues(plan, [{"state": "requested", "amount_total": 1000.0, "request_note": "Please"}])
        self.assertEqual(len(plan.line_ids), 4)
        self.assertIn('data-reason="plan"', response.text)
        again = self._send("plan", item_ids=self.items[0].id, number="4", first_date=day.isoformat())
        self.assertIn('data-name="error"', again.text, "asking twice for the same invoice")
        self.assertEqual(self.env["commercial.payment.plan"].search([("receivable_id", "=", self.account.id)]), plan)

    def test_a_proposed_plan_is_accepted(self):
        self._log_in()
        day = self.today + timedelta(days=10)
        self._send("plan", item_ids=self.items[0].id, number="4", first_date=day.isoformat())
        plan = self.env["commercial.payment.plan"].search([("receivable_id", "=", self.account.id)])
        url = f"{self.url}/accept/{plan.id}"
        data = {"csrf_token": http.Request.csrf_token(self)}
        self.assertIn("done=refused", self.url_open(url, data=data).url, "it is not proposed yet")
        self.assertEqual(plan.state, "requested")
        plan.is_signature_required = False
        plan.action_propose()
        self.assertEqual(plan.state, "proposed")
        self.assertIn('data-name="accept"', self._get(self.url).text)
        agreement = self._get(f"{self.url}/agreement/{plan.id}")
        self.assertEqual(agreement.content, plan.attachment_id.raw)
        other = f"/my/receivables/{self.other_account.id}/accept/{plan.id}"
        self.assertTrue(self._is_home(self.url_open(other, data=data)))
        self.assertEqual(plan.state, "proposed")
        for _time in range(2):
            self.assertIn("done=accepted", self.url_open(url, data=data).url)
            self.assertEqual(plan.state, "active")

    # --- LETTERS, PAYMENT, SIZE ---

    def test_letters_of_this_account_only(self):
        self._fake_letters()
        self.company.dunning_active = True
        run = self._run()
        run.action_approve()
        run.action_send()
        mine = run.notice_ids.filtered(lambda notice: notice.partner_id == self.business)
        other = run.notice_ids.filtered(lambda notice: notice.partner_id == self.consumer)
        self.assertEqual(mine.state, "delivered")
        self._log_in()
        self.assertIn(mine.name, self._get(self.url).text)
        response = self._get(f"{self.url}/letter/{mine.id}")
        self.assertEqual(response.content, b"%PDF-1.4 letter")
        self.assertEqual(response.headers["Content-Type"], "application/pdf")
        self.assertTrue(self._is_home(self._get(f"{self.url}/letter/{other.id}")))

    def test_pay_leads_to_the_invoice(self):
        self._log_in()
        data = {"csrf_token": http.Request.csrf_token(self)}
        response = self.url_open(f"{self.url}/pay/{self.items[0].id}", data=data, allow_redirects=False)
        self.assertIn(f"/my/invoices/{self.first.id}", response.headers["Location"])
        foreign = self.other_account.item_ids
        response = self.url_open(f"{self.url}/pay/{foreign.id}", data=data, allow_redirects=False)
        self.assertTrue(response.headers["Location"].endswith("/my"))

    def test_queries_do_not_grow_with_the_items(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            values = self.account._prepare_portal_values(self.today)
            for section in values["sections"]:
                self.assertTrue(all(row["item"].move_name for row in section["rows"]))
            return self.env.cr.sql_log_count - before

        count()
        few = count()
        for number in range(18):
            self._invoice(amount=10.0 + number, due=self.today - timedelta(days=5))
        self.env["commercial.receivable"]._refresh_items(self.company)
        self.account.invalidate_recordset()
        self.assertLessEqual(count(), few)

    # --- IN THE BROWSER ---

    def test_tour(self):
        """As a customer sees it, in Dutch and in French."""
        for number, path in enumerate(("/nl", "/fr"), start=1):
            with self.subTest(path):
                self.start_tour(f"{path}/my/receivables", "commercial_assistant_portal", login="portal_customer")
                disputes = self.env["commercial.dispute"].search([("receivable_id", "=", self.account.id)])
                promises = self.env["commercial.payment.promise"].search([("receivable_id", "=", self.account.id)])
                self.assertEqual(disputes.mapped("amount"), [250.0] * number)
                self.assertEqual(promises.mapped("amount"), [300.0] * number)
                self.assertEqual(set(disputes.mapped("source") + promises.mapped("source")), {"portal"})
