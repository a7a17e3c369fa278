import re
from unittest.mock import patch

from odoo import Command, http
from odoo.exceptions import UserError
from odoo.tests import HttpCase, new_test_user, tagged

from .common_proposal import ProposalCommon

SCRIPT = "<script>alert('x')</script>"


@tagged("post_install", "-at_install")
class TestComplaintProposalPortal(ProposalCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.proposal = cls._offered(
            {}, {"kind": "goodwill", "amount": 25, "quantity": 0}, partner=cls.consumer, subject="Pompe qui fuit"
        )
        cls.complaint = cls.proposal.complaint_id
        cls.other = cls._offered(partner=cls.customer, subject="Geheime klacht")
        cls.portal_user = cls._create_portal_user("proposal_customer", cls.consumer)

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

    @classmethod
    def _url(cls, proposal, path=""):
        return f"/my/complaints/proposal/{proposal.id}{path}"

    @classmethod
    def _token(cls, proposal):
        return proposal.sudo().access_token

    def _get(self, proposal, path="", **params):
        query = "&".join(f"{key}={value}" for key, value in params.items())
        url = self._url(proposal, path)
        return self.url_open(f"{url}?{query}" if query else url)

    def _post(self, proposal, answer, token=None, csrf=True, **data):
        if token:
            data["access_token"] = token
        if csrf:
            data["csrf_token"] = http.Request.csrf_token(self)
        return self.url_open(self._url(proposal, f"/{answer}"), data=data)

    def assertOpen(self, proposal=None):
        proposal = proposal or self.proposal
        proposal.invalidate_recordset()
        self.assertEqual((proposal.state, proposal.complaint_id.state), ("sent", "await_customer"))

    def assertNoAccess(self, response):
        self.assertEqual(response.status_code, 404)
        self.assertNotIn("Geheime klacht", response.text)
        self.assertNotIn("Pompe qui fuit", response.text)

    # --- WHOSE PROPOSAL ---

    def test_the_key_opens_one_version(self):
        self.authenticate(None, None)
        page = self._get(self.proposal, access_token=self._token(self.proposal))
        self.assertEqual(page.status_code, 200)
        self.assertIn("Votre plainte est fondée", page.text, "in the language of the letter")
        self.assertIn("Je suis d’accord", page.text)
        self.assertEqual(page.headers["Referrer-Policy"], "no-referrer")
        for name, proposal, token in (
            ("no key", self.proposal, None),
            ("wrong key", self.proposal, "00000000-0000-0000-0000-000000000000"),
            ("key of another proposal", self.proposal, self._token(self.other)),
            ("key for another proposal", self.other, self._token(self.proposal)),
            ("word", self.proposal, "False"),
            ("key of the complaint", self.proposal, self.complaint.sudo()._portal_ensure_token()),
            ("letters no key has", self.proposal, "%C3%A9%00"),
        ):
            with self.subTest(name):
                params = {"access_token": token} if token else {}
                response = self._get(proposal, **params)
                self.assertNoAccess(response)
                self.assertIn('data-name="no_access"', response.text)
                self.assertNoAccess(self._get(proposal, "/letter", **params))
                for answer in ("accept", "refuse"):
                    self.assertNoAccess(self._post(proposal, answer, token, name="Eve", reason="No"))
                self.assertOpen(proposal)
        missing = self.env["commercial.complaint.proposal"].browse(99999999)
        self.assertEqual(self._get(missing, access_token=self._token(self.proposal)).status_code, 404)

    def test_a_draft_is_shown_to_nobody(self):
        complaint = self._ready({}, partner=self.consumer)
        complaint.action_offer()
        draft = complaint.proposal_ids
        draft.sudo().access_token = "known"
        self.authenticate(None, None)
        self.assertNoAccess(self._get(draft, access_token="known"))
        self.authenticate("proposal_customer", "proposal_customer")
        self.assertNoAccess(self._get(draft))

    def test_the_customer_needs_no_key(self):
        self.authenticate("proposal_customer", "proposal_customer")
        self.assertEqual(self._get(self.proposal).status_code, 200)
        self.assertNoAccess(self._get(self.other))
        response = self._post(self.other, "accept", name="Eve")
        self.assertNoAccess(response)
        self.assertOpen(self.other)

    def test_colleagues_see_what_is_no_secret(self):
        colleague = self.env["res.partner"].create({"name": "Collega", "parent_id": self.customer.id})
        self._create_portal_user("proposal_colleague", colleague)
        self.authenticate("proposal_colleague", "proposal_colleague")
        self.assertEqual(self._get(self.other).status_code, 200)
        self.other.complaint_id.sudo().is_confidential = True
        self.assertNoAccess(self._get(self.other))
        self.authenticate(None, None)
        self.assertEqual(self._get(self.other, access_token=self._token(self.other)).status_code, 200)

    def test_the_letter_as_it_was_sent(self):
        self.authenticate(None, None)
        response = self._get(self.proposal, "/letter", access_token=self._token(self.proposal))
        self.assertEqual(response.content, self.proposal.sudo().attachment_id.raw)
        self.assertEqual(response.headers["Content-Type"], "application/pdf")

    # --- ANSWERS ---

    def test_accepted_once(self):
        self.authenticate(None, None)
        token = self._token(self.proposal)
        for _click in range(2):
            response = self._post(self.proposal, "accept", token, name="Jan Peeters")
            self.assertEqual(response.status_code, 200)
        self.assertEqual(self.complaint.state, "execute")
        self.assertRecordValues(
            self.proposal,
            [
                {
                    "state": "accepted",
                    "answered_how": "portal",
                    "signed_name": "Jan Peeters",
                    "answered_uid": False,
                }
            ],
        )
        self.assertEqual(set(self.complaint.solution_ids.mapped("state")), {"accepted"})
        messages = self.complaint.message_ids.filtered(lambda message: "Jan Peeters" in (message.body or ""))
        self.assertEqual(len(messages), 1)
        self.assertEqual(len(self.complaint.activity_ids), 1)
        # the other answer comes too late
        response = self._post(self.proposal, "refuse", token, reason="No", name="Jan")
        self.assertIn('data-name="closed"', response.text)
        self.assertEqual(self.proposal.state, "accepted")
        page = self._get(self.proposal, access_token=token)
        self.assertNotIn('data-name="answer"', page.text)

    def test_a_part_is_accepted(self):
        self.authenticate(None, None)
        token = self._token(self.proposal)
        lines = self.proposal.line_ids
        for name, line_ids in (
            ("nothing", []),
            ("line of another proposal", [lines[0].id, self.other.line_ids.id]),
            ("no line at all", ["abc"]),
        ):
            with self.subTest(name):
                response = self._post(self.proposal, "accept", token, name="Jan", is_choice="1", line_ids=line_ids)
                self.assertIn('data-name="error"', response.text)
                self.assertOpen()
        self._post(self.proposal, "accept", token, name="Jan", is_choice="1", line_ids=[lines[1].id])
        self.assertEqual(lines.mapped("state"), ["refused", "accepted"])
        self.assertEqual(self.other.line_ids.state, "offered")

    def test_refused(self):
        self.authenticate(None, None)
        token = self._token(self.proposal)
        for reason in ("", "   ", "\x00\x07"):
            response = self._post(self.proposal, "refuse", token, reason=reason, name="Jan")
            self.assertIn('data-name="error"', response.text)
            self.assertOpen()
        response = self._post(self.proposal, "refuse", token, reason="C’est trop peu", name="Jan")
        self.assertIn('data-name="done"', response.text)
        self.assertEqual((self.proposal.state, self.complaint.state), ("refused", "propose"))
        self.assertEqual(self.proposal.refusal_reason, "C’est trop peu")
        [activity] = self.complaint.activity_ids
        self.assertIn("trop peu", activity.note)
        response = self._post(self.proposal, "accept", token, name="Jan")
        self.assertIn('data-name="closed"', response.text)
        self.assertEqual(self.proposal.state, "refused")

    def test_a_name_is_needed(self):
        self.authenticate(None, None)
        for name in ("", "  ", "\x00"):
            response = self._post(self.proposal, "accept", self._token(self.proposal), name=name)
            self.assertIn("Veuillez indiquer votre nom", response.text)
            self.assertOpen()

    def test_nothing_changes_by_looking(self):
        self.authenticate(None, None)
        token = self._token(self.proposal)
        for answer in ("accept", "refuse"):
            response = self._get(self.proposal, f"/{answer}", access_token=token, name="Jan", reason="No")
            self.assertIn(response.status_code, (404, 405))
        self._get(self.proposal, access_token=token, done="accepted")
        self.assertOpen()
        with self.assertLogs("odoo.http", "WARNING"):
            self.assertEqual(self._post(self.proposal, "accept", token, csrf=False, name="Jan").status_code, 400)
        self.assertOpen()

    def test_the_page_believes_no_address(self):
        self.authenticate(None, None)
        page = self._get(self.proposal, access_token=self._token(self.proposal), done="accepted")
        self.assertNotIn('data-name="done"', page.text)

    def test_too_late(self):
        self._late(self.proposal)
        self.authenticate(None, None)
        token = self._token(self.proposal)
        for answer in ("accept", "refuse"):
            response = self._post(self.proposal, answer, token, name="Jan", reason="No")
            self.assertIn('data-name="closed"', response.text)
            self.assertIn("passé", response.text)
            self.assertOpen()
        self.proposal.sudo()._expire(self.proposal._get_today())
        page = self._get(self.proposal, access_token=token)
        self.assertIn('data-name="closed"', page.text)
        self.assertNotIn('data-name="answer"', page.text)
        with self.assertRaises(UserError):
            self.proposal.sudo()._accept_from_portal("Jan", None)

    def test_the_last_day_is_in_time(self):
        self._late(self.proposal, days=0)
        self.authenticate(None, None)
        self._post(self.proposal, "accept", self._token(self.proposal), name="Jan")
        self.assertEqual(self.proposal.state, "accepted")

    def test_an_old_version(self):
        token = self._token(self.proposal)
        self.complaint.action_propose_again()
        self.authenticate(None, None)
        response = self._post(self.proposal, "accept", token, name="Jan")
        self.assertIn("remplacée ou retirée", response.text)
        self.assertEqual((self.proposal.state, self.complaint.state), ("superseded", "propose"))
        new = self.complaint._offer()
        self.assertNoAccess(self._get(new, access_token=token))
        self.assertNoAccess(self._post(new, "accept", token, name="Jan"))
        self.assertOpen(new)

    def test_a_cancelled_complaint(self):
        token = self._token(self.proposal)
        self.complaint._cancel("withdrawn")
        self.authenticate(None, None)
        self._post(self.proposal, "accept", token, name="Jan")
        self.assertEqual(self.complaint.state, "cancelled")

    def test_two_at_the_same_time(self):
        """Whoever comes while another answer is being written changes nothing."""
        self.authenticate(None, None)
        token = self._token(self.proposal)
        model = type(self.env["commercial.complaint.proposal"])
        busy = UserError("busy")
        with patch.object(model, "_lock", side_effect=busy):
            response = self._post(self.proposal, "accept", token, name="Jan")
        self.assertIn('data-name="error"', response.text)
        self.assertOpen()

    def test_scripts_are_text(self):
        self.authenticate(None, None)
        token = self._token(self.proposal)
        response = self._post(self.proposal, "accept", token, name=SCRIPT, is_choice="1")
        self.assertNotIn(SCRIPT, response.text)
        self._post(self.proposal, "refuse", token, name=SCRIPT, reason=f"{SCRIPT}<img src=x onerror=alert(1)>")
        self.assertEqual(self.proposal.state, "refused")
        page = self._get(self.proposal, access_token=token)
        self.assertNotIn(SCRIPT, page.text)
        for text in (*self.complaint.message_ids.mapped("body"), *self.complaint.activity_ids.mapped("note")):
            self.assertNotIn("<script", text or "")
            self.assertNotIn("<img", text or "")

    def test_other_fields_are_not_taken(self):
        self.authenticate(None, None)
        self._post(
            self.proposal,
            "accept",
            self._token(self.proposal),
            name="J" * 500,
            state="draft",
            amount="9999",
            answered_uid="2",
            valid_until="2099-01-01",
            id=str(self.other.id),
        )
        self.assertEqual(len(self.proposal.signed_name), 100)
        self.assertFalse(self.proposal.answered_uid)
        self.assertLess(self.proposal.valid_until.year, 2099)
        self.assertOpen(self.other)

    def test_a_second_refusal(self):
        self.authenticate(None, None)
        self._post(self.proposal, "refuse", self._token(self.proposal), reason="Non", name="Jan")
        self._add_solution(self.complaint)
        second = self.complaint._offer()
        self.assertIn("mediationconsommateur", second.text_adr)
        self._post(second, "refuse", self._token(second), reason="Toujours non", name="Jan")
        self.assertTrue(any("escalate" in (summary or "") for summary in self.complaint.activity_ids.mapped("summary")))

    # --- THE PAGE OF THE COMPLAINT ---

    def test_the_part_for_the_page_of_the_complaint(self):
        pages = {}
        for name, user in (("customer", self.portal_user), ("stranger", self.env.ref("base.public_user"))):
            pages[name] = str(
                self.env(user=user)["ir.qweb"]._render(
                    "commercial_assistant.complaint_proposal_portal", {"complaint": self.complaint.sudo()}
                )
            )
        self.assertIn(self._url(self.proposal), pages["customer"])
        self.assertNotIn(self._url(self.proposal), pages["stranger"])
        for page in pages.values():
            self.assertIn(self.proposal.name, page)
            self.assertNotIn(self._token(self.proposal), page)

    # --- SPEED ---

    def test_queries_do_not_grow_with_the_solutions(self):
        def count(proposal):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["report.commercial_assistant.report_complaint_proposal"]._prepare_proposal_letter(proposal.sudo())
            return self.env.cr.sql_log_count - before

        small = self._offered(*({} for _number in range(2)), quantity=20.0, price=10.0)
        large = self._offered(*({} for _number in range(20)), quantity=20.0, price=10.0)
        count(small)
        self.assertEqual(count(large), count(small))

    def test_the_page_of_the_complaint_leads_to_the_proposal(self):
        complaint = self.complaint.sudo()
        token = complaint._portal_ensure_token()
        page = self.url_open(f"/my/complaints/{complaint.id}?access_token={token}")
        self.assertEqual(page.status_code, 200)
        self.assertIn(self.proposal.name, page.text)
        self.assertIn('data-name="proposals"', page.text)
        self.assertNotIn(
            self.proposal.sudo().access_token, page.text, "the key of the proposal stands in the mail only"
        )

    # --- IN THE BROWSER ---

    def test_tour_customer(self):
        """The customer reads the mail, follows the link and accepts a part, in French."""
        [link] = re.findall(r'href="([^"]*access_token=[^"]*)"', self.sent_body(self.proposal))
        path = link[link.index("/my/") :].replace("&amp;", "&")
        self.start_tour(path, "commercial_assistant_proposal_customer", login=None)
        self.proposal.invalidate_recordset()
        self.assertRecordValues(
            self.proposal, [{"state": "accepted", "signed_name": "Jeanne Dupont", "answered_how": "portal"}]
        )
        self.assertEqual(self.proposal.line_ids.mapped("state"), ["accepted", "refused"])
        self.assertEqual(self.complaint.state, "execute")

    def sent_body(self, proposal):
        return str(proposal.sudo()._find_dispatches().body)

    def test_tour_assistant(self):
        """The assistant writes to the customer, changes a sentence, sends, and notes a telephone call, in Dutch."""
        self.assistant.write({"lang": "nl_BE", "password": "complaint_assistant"})
        complaint = self._ready({}, partner=self.consumer, subject="Lekkende pomp")
        self.start_tour(
            f"/odoo/complaints/{complaint.id}", "commercial_assistant_proposal_assistant", login="complaint_assistant"
        )
        complaint.invalidate_recordset()
        proposal = complaint.proposal_ids
        self.assertEqual(complaint.state, "execute")
        self.assertRecordValues(
            proposal, [{"state": "accepted", "answered_how": "phone", "signed_name": "An aan de telefoon"}]
        )
        self.assertEqual(proposal.text_intro, "Onze eigen woorden.")
        self.assertIn("Onze eigen woorden.", self.sent_body(proposal))


@tagged("post_install", "-at_install")
class TestProposalFromOutside(ProposalCommon):
    def test_private_methods(self):
        """Nothing that lends rights has a name that RPC calls."""
        model = self.env["commercial.complaint.proposal"]
        for name in ("_accept", "_refuse", "_accept_from_portal", "_refuse_from_portal", "_expire", "_offer"):
            self.assertTrue(hasattr(model, name))
            self.assertFalse(hasattr(model, name.lstrip("_")))
