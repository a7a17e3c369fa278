import re
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command, fields, http
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from .common_complaint import ComplaintCommon

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


@tagged("post_install", "-at_install")
class TestComplaintPortal(ComplaintCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._sell(quantity=4.0)
        cls.foreign_order = cls._sell(quantity=2.0, partner=cls.consumer)
        cls.clerk = cls._create_contact("An Boekhoudster")
        cls.colleague = cls._create_contact("Bert Magazijn")
        cls.user = cls._create_portal_user("complaint_portal", cls.clerk)
        cls.complaint = cls._complain(order=cls.order).sudo()
        cls.foreign = cls._complain(order=cls.foreign_order, subject="Secret of Jan").sudo()
        cls.url = f"/my/complaints/{cls.complaint.id}"

    @classmethod
    def _create_contact(cls, name):
        return cls.env["res.partner"].create(
            {
                "name": name,
                "parent_id": cls.customer.id,
                "email": f"{name.split()[0].lower()}@x.example",
                "lang": "en_US",
            }
        )

    @classmethod
    def _create_portal_user(cls, login, partner):
        return new_test_user(
            cls.env,
            login=login,
            groups="base.group_portal",
            partner_id=partner.id,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def setUp(self):
        super().setUp()
        self.authenticate("complaint_portal", "complaint_portal")

    def _get(self, path, **params):
        query = "&".join(f"{key}={value}" for key, value in params.items())
        return self.url_open(f"{path}?{query}" if query else path)

    def _post(self, path, files=None, csrf=True, **values):
        if csrf:
            values["csrf_token"] = http.Request.csrf_token(self)
        return self.url_open(path, data=values, files=files)

    def _is_home(self, response):
        return "/my/complaints" not in response.url

    def _form(self, **params):
        """Open the form for a new complaint; return its mark."""
        page = self._get("/my/complaints/new", **params)
        return re.search(r'name="form" value="([^"]+)"', page.text).group(1)

    def _given(self, form=None, order=None, **values):
        order = order or self.order
        line = order.order_line
        return {
            "form": form or self._form(order=order.id),
            "kind": "order",
            "document_id": order.id,
            "line_ids": line.id,
            f"quantity_{line.id}": "2",
            "subject": "Two pumps leak",
            "description": "Water everywhere",
            "wish": "replacement",
            "category_id": self.category.id,
            **values,
        }

    def _send(self, given, files=None, **options):
        return self._post("/my/complaints/new/send", files=files, **options, **given)

    def _new_complaints(self):
        return self.env["commercial.complaint"].search([]) - self.complaint - self.foreign

    # --- WHOSE COMPLAINT ---

    def test_the_list_shows_the_complaints_of_the_customer(self):
        page = self._get("/my/complaints")
        self.assertIn(self.complaint.name, page.text)
        self.assertNotIn(self.foreign.name, page.text)
        self.assertNotIn("Secret of Jan", page.text)
        for params in (
            {"sortby": "number"},
            {"filterby": "open"},
            {"sortby": "state; drop table", "filterby": "nonsense"},
        ):
            with self.subTest(params):
                self.assertIn(self.complaint.name, self._get("/my/complaints", **params).text)
        self.assertNotIn(self.complaint.name, self._get("/my/complaints", filterby="closed").text)

    def test_many_complaints_come_page_by_page_at_one_price(self):
        Complaint = self.env["commercial.complaint"]
        Complaint.create([{"subject": f"C{n}", "partner_id": self.customer.id} for n in range(85)])
        first, second = self._get("/my/complaints").text, self._get("/my/complaints/page/2").text
        self.assertEqual(len(re.findall("data-complaint=", first)), 80)
        self.assertEqual(len(re.findall("data-complaint=", second)), 6)

    def test_the_page_of_a_complaint_shows_what_it_may(self):
        self.complaint.write(
            {
                "cause_note": "Our own stupid fault",
                "verdict_reason": "not said yet",
                "user_id": self.assistant.id,
                "description": "<p>Leaks<script>alert(1)</script></p>",
            }
        )
        self.complaint.message_post(body="Internal words", subtype_xmlid="mail.mt_note")
        self.complaint.message_post(
            body="Words for the customer", subtype_xmlid="mail.mt_comment", message_type="comment"
        )
        secret = self.env["ir.attachment"].create(
            {"name": "inspection.png", "raw": PNG, "res_model": self.complaint._name, "res_id": self.complaint.id}
        )
        page = self._get(self.url)
        self.assertEqual(page.status_code, 200)
        for shown in (self.complaint.name, "Leaks", "Words for the customer", self.order.name, "Pump"):
            self.assertIn(shown, page.text)
        for hidden in ("stupid", "not said yet", "Internal words", "inspection.png", "alert(1)"):
            self.assertNotIn(hidden, page.text)
        self.assertTrue(self._is_home(self._get(f"{self.url}/file/{secret.id}")))
        self.assertIn(self._get(f"/web/content/{secret.id}").status_code, (403, 404))

    def test_the_complaint_of_somebody_else_is_not_shown(self):
        for path in ("", "/file/1"):
            response = self._get(f"/my/complaints/{self.foreign.id}{path}")
            self.assertTrue(self._is_home(response))
            self.assertNotIn("Secret of Jan", response.text)
        self.assertTrue(self._is_home(self._get("/my/complaints/99999999")))
        response = self._post(f"/my/complaints/{self.foreign.id}/message", text="Hello")
        self.assertTrue(self._is_home(response))
        self.assertNotIn("Hello", "".join(self.foreign.message_ids.mapped("body")))

    def test_a_confidential_complaint_is_seen_by_who_wrote_it(self):
        self.complaint.write({"is_confidential": True, "partner_id": self.colleague.id})
        self.env.flush_all()
        self.assertNotIn(self.complaint.name, self._get("/my/complaints").text)
        self.assertTrue(self._is_home(self._get(self.url)))
        self._create_portal_user("complaint_colleague", self.colleague)
        self.authenticate("complaint_colleague", "complaint_colleague")
        self.assertIn(self.complaint.name, self._get("/my/complaints").text)

    def test_the_secret_link_opens_one_complaint(self):
        token = self.complaint._get_portal_link().partition("access_token=")[2]
        other_token = self.foreign._get_portal_link().partition("access_token=")[2]
        self.authenticate(None, None)
        self.assertIn(self.complaint.name, self._get(self.url, access_token=token).text)
        for given in ("", "wrong", other_token, "False"):
            with self.subTest(given):
                self.assertNotIn(self.complaint.name, self._get(self.url, access_token=given).text)
        self.foreign.access_token = False
        self.env.flush_all()
        self.assertNotIn("Secret of Jan", self._get(f"/my/complaints/{self.foreign.id}", access_token="False").text)
        self.complaint.line_ids.unlink()
        self.complaint.with_user(self.assistant).partner_id = self.consumer
        self.env.flush_all()
        self.assertNotIn("Pump", self._get(self.url, access_token=token).text, "the link of the former customer")

    def test_the_link_speaks_the_language_of_the_customer(self):
        token = self.complaint._get_portal_link().partition("access_token=")[2]
        self.authenticate(None, None)
        day = fields.Date.to_date(self.complaint.received_on).strftime("%d/%m/%Y")
        self.assertIn(day, self._get(self.url, access_token=token).text)

    def test_customers_have_no_right_on_complaints_as_such(self):
        Complaint = self.env["commercial.complaint"].with_user(self.user)
        for operation in ("read", "write", "create", "unlink"):
            with self.subTest(operation):
                self.assertFalse(Complaint.has_access(operation))
        with self.assertRaises(AccessError):
            Complaint.search([])

    def test_the_rule_holds_should_somebody_give_them_one(self):
        self.env["ir.model.access"].create(
            {
                "name": "test",
                "model_id": self.env["ir.model"]._get_id("commercial.complaint"),
                "group_id": self.env.ref("base.group_portal").id,
                "perm_read": True,
            }
        )
        hidden = self._complain(partner=self.colleague, subject="About you").sudo()
        hidden.is_confidential = True
        mine = self._complain(partner=self.clerk, subject="About me").sudo()
        mine.is_confidential = True
        self.env.flush_all()
        found = self.env["commercial.complaint"].with_user(self.user).search([])
        self.assertEqual(found, (self.complaint | mine))

    # --- MESSAGES ---

    def test_the_customer_adds_something(self):
        calls = []
        with patch.object(type(self.complaint), "_customer_replied", lambda self: calls.append(self.id)):
            response = self._post(
                f"{self.url}/message",
                text="It <script>still</script> leaks",
                files=[("files", ("leak.png", PNG, "image/png"))],
                state="closed",
                subject="Hacked",
            )
        self.assertIn("done=message", response.url)
        self.assertEqual(calls, self.complaint.ids)
        message = self.complaint.message_ids[0]
        self.assertEqual((message.author_id, message.attachment_ids.name), (self.clerk, "leak.png"))
        self.assertNotIn("<script>", message.body)
        self.assertEqual((self.complaint.state, self.complaint.subject), ("new", "Pump leaks"))
        file = message.attachment_ids
        answer = self._get(f"{self.url}/file/{file.id}")
        self.assertEqual(answer.content, PNG)
        self.assertIn("attachment", answer.headers["Content-Disposition"])
        self.assertTrue(self._is_home(self._get(f"/my/complaints/{self.foreign.id}/file/{file.id}")))

    def test_a_message_that_is_none(self):
        before = len(self.complaint.message_ids)
        for name, text, files in (
            ("nothing", "  ", None),
            ("a program", "x", [("files", ("a.pdf", b"MZ program", "application/pdf"))]),
            ("a page", "x", [("files", ("a.html", b"<script>", "text/html"))]),
            ("many files", "x", [("files", (f"{n}.png", PNG, "image/png")) for n in range(6)]),
        ):
            with self.subTest(name):
                response = self._post(f"{self.url}/message", text=text, files=files)
                self.assertIn('data-name="error"', response.text)
        self.assertEqual(len(self.complaint.message_ids), before)
        with self.assertLogs("odoo.http", "WARNING"):
            self.assertEqual(self._post(f"{self.url}/message", text="x", csrf=False).status_code, 400)
        self.assertIn(self._get(f"{self.url}/message", text="x").status_code, (404, 405))

    def test_a_message_by_the_link(self):
        token = self.complaint._get_portal_link().partition("access_token=")[2]
        self.authenticate(None, None)
        self.assertTrue(self._is_home(self._post(f"{self.url}/message", text="x", access_token="wrong")))
        response = self._post(f"{self.url}/message", text="By the link", access_token=token)
        self.assertIn("done=message", response.url)
        self.assertEqual(self.complaint.message_ids[0].author_id, self.customer)

    # --- A NEW COMPLAINT ---

    def test_a_complaint_about_an_order(self):
        response = self._send(
            self._given(state="closed", is_confidential="1", partner_id=str(self.consumer.id), severity="low"),
            files=[("files", ("leak.png", PNG, "image/png"))],
        )
        self.assertIn("done=registered", response.url)
        complaint = self._new_complaints()
        self.assertRecordValues(
            complaint,
            [
                {
                    "subject": "Two pumps leak",
                    "partner_id": self.clerk.id,
                    "commercial_partner_id": self.customer.id,
                    "channel": "portal",
                    "state": "new",
                    "wish": "replacement",
                    "category_id": self.category.id,
                    "is_confidential": False,
                    "company_id": self.company.id,
                    "lang": "en_US",
                }
            ],
        )
        self.assertRecordValues(
            complaint.line_ids,
            [{"sale_line_id": self.order.order_line.id, "quantity": 2.0, "product_id": self.pump.id}],
        )
        self.assertIn("leak.png", complaint.message_ids.attachment_ids.mapped("name"))
        self.assertRecordValues(
            complaint.acknowledgment_id, [{"state": "reserved", "recipient_email": self.clerk.email, "lang": "en_US"}]
        )

    def test_a_complaint_about_an_invoice(self):
        invoice = self.order.invoice_ids
        line = invoice.invoice_line_ids
        form = self._form(invoice=invoice.id)
        given = self._given(form, kind="invoice", document_id=invoice.id, line_ids=line.id)
        self.assertIn("done=registered", self._send(given).url)
        complaint = self._new_complaints()
        self.assertEqual(complaint.line_ids.invoice_line_id, line)
        self.assertEqual(complaint.line_ids.sale_line_id, self.order.order_line)
        self.assertEqual(complaint.line_ids.quantity, 4.0, "no quantity: all of it")

    def test_a_complaint_about_nothing_we_sold(self):
        given = self._given(self._form(), document_id="", line_ids="", category_id="", wish="")
        self.assertIn("done=registered", self._send(given).url)
        self.assertFalse(self._new_complaints().line_ids)

    def test_what_is_refused_changes_nothing(self):
        line, foreign = self.order.order_line, self.foreign_order.order_line
        conduct = self.env.ref("commercial_assistant.complaint_category_goods_misuse")
        cases = [
            ("order of another customer", {"document_id": self.foreign_order.id, "line_ids": foreign.id}, None),
            (
                "invoice of another customer",
                {"kind": "invoice", "document_id": self.foreign_order.invoice_ids.id},
                None,
            ),
            ("line of another customer", {"line_ids": foreign.id}, None),
            ("no such order", {"document_id": "99999999"}, None),
            ("order as an invoice", {"kind": "invoice"}, None),
            ("no line", {"line_ids": ""}, None),
            ("more than bought", {f"quantity_{line.id}": "5"}, None),
            ("nothing", {f"quantity_{line.id}": "0"}, None),
            ("negative", {f"quantity_{line.id}": "-1"}, None),
            ("infinite", {f"quantity_{line.id}": "inf"}, None),
            ("no number", {f"quantity_{line.id}": "some"}, None),
            ("no words", {"description": "  "}, None),
            ("no subject", {"subject": ""}, None),
            ("unknown wish", {"wish": "money"}, None),
            ("category that is not offered", {"category_id": conduct.id}, None),
            ("a program", {}, [("files", ("a.png", b"MZ program", "image/png"))]),
            ("many files", {}, [("files", (f"{n}.png", PNG, "image/png")) for n in range(6)]),
            ("form of nobody", {"form": "x.1.y"}, None),
            ("no form", {"form": ""}, None),
        ]
        for name, values, files in cases:
            with self.subTest(name):
                given = self._given() | values
                response = self._send(given, files=files)
                self.assertEqual(response.status_code, 200)
                self.assertIn('data-name="error"', response.text)
                self.assertNotIn("Secret of Jan", response.text)
                self.assertFalse(self._new_complaints())

    def test_the_form_of_somebody_else_does_not_show_his_order(self):
        page = self._get("/my/complaints/new", order=self.foreign_order.id)
        self.assertNotIn(self.foreign_order.name, page.text)
        page = self._get("/my/complaints/new", order="1 or 1=1")
        self.assertIn(self.order.name, page.text)

    def test_a_form_sent_twice_makes_one_complaint(self):
        given = self._given()
        first, second = self._send(given), self._send(given | {"subject": "Once more"})
        self.assertEqual(first.url, second.url)
        self.assertEqual(len(self._new_complaints()), 1)

    def test_a_form_at_the_same_moment(self):
        """The other one is found only after the index has refused ours."""
        given = self._given()
        self._send(given)
        Complaint = type(self.complaint)
        answers = [self.env["commercial.complaint"]]
        find = Complaint._find_portal_form

        def find_later(self, partner, form):
            return answers.pop() if answers else find(self, partner, form)

        with patch.object(Complaint, "_find_portal_form", find_later):
            response = self._send(given)
        self.assertIn("done=registered", response.url)
        self.assertEqual(len(self._new_complaints()), 1)

    def test_an_old_form_and_one_of_somebody_else(self):
        with freeze_time("2026-01-01"):
            old = self.env["commercial.complaint"]._sign_portal_form(self.clerk)
        foreign = self.env["commercial.complaint"]._sign_portal_form(self.consumer)
        for form, words in ((old, "open for too long"), (foreign, "not valid")):
            response = self._send(self._given(form))
            self.assertIn(words, response.text)
            self.assertIn("Water everywhere", response.text, "what was written stays")
        self.assertFalse(self._new_complaints())

    def test_changes_need_the_secret_of_the_session(self):
        given = self._given()
        with self.assertLogs("odoo.http", "WARNING"):
            self.assertEqual(self._send(given, csrf=False).status_code, 400)
        self.assertIn(self._get("/my/complaints/new/send", **{"subject": "x"}).status_code, (404, 405))
        self.assertFalse(self._new_complaints())
        self.authenticate(None, None)
        response = self._send(given)
        self.assertIn("/web/login", response.url)
        self.assertFalse(self._new_complaints())

    def test_script_in_the_text_is_text(self):
        given = self._given(subject="<script>alert(1)</script>", description="<img src=x onerror=alert(2)>")
        response = self._send(given)
        self.assertNotIn("<script>alert(1)", response.text)
        self.assertNotIn("<img src=x", response.text)
        complaint = self._new_complaints()
        self.assertIn("&lt;img", complaint.description)

    def test_an_order_of_a_company_of_ours(self):
        """The complaint goes to the company that sold."""
        other = self.env["res.company"].create({"name": "Other"})
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", other.id)], limit=1)
        order = self.order.copy({"company_id": other.id, "warehouse_id": warehouse.id, "fiscal_position_id": False})
        order.sudo().write({"state": "sale"})
        given = self._given(order=order)
        self.assertIn("done=registered", self._send(given).url)
        complaint = self._new_complaints()
        self.assertEqual(complaint.company_id, other)
        self.assertEqual(complaint.team_id.company_id, other)
        # lines of one company in the order of another
        response = self._send(self._given(line_ids=order.order_line.id))
        self.assertIn('data-name="error"', response.text)

    def test_the_home_page_counts(self):
        response = self.url_open(
            "/my/counters",
            json={"jsonrpc": "2.0", "method": "call", "params": {"counters": ["complaint_count"]}},
        )
        self.assertEqual(response.json()["result"]["complaint_count"], 1)
        self.assertIn("/my/complaints", self._get("/my/home").text)
        self.assertIn(f"/my/complaints/new?order={self.order.id}", self._get(f"/my/orders/{self.order.id}").text)
