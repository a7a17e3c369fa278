from email import message_from_string, policy
from email.message import EmailMessage
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.base.tests.common import MockSmtplibCase

from ..models.complaint import mail_thread
from .common_complaint import ComplaintCommon


class ComplaintMailCommon(ComplaintCommon, MockSmtplibCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.domain = cls.env["mail.alias.domain"].create({"name": "complaints.example", "bounce_alias": "bounce-c"})
        cls.company.alias_domain_id = cls.domain
        cls.company.partner_id.lang = "nl_BE"
        cls.company.phone = "+32 9 111 11 11"
        cls.team.write({"alias_name": "klachten-test", "alias_domain_id": cls.domain.id})
        cls.address = "klachten-test@complaints.example"

    def _receive(self, sender="Jan Peeters <jan@customer.example>", subject="Pomp lekt", body=None, **headers):
        """Let a mail arrive as the mail server brings it; return the complaints it made."""
        message = EmailMessage()
        if sender is not None:
            message["From"] = sender
        message["To"] = headers.pop("To", self.address)
        message["Subject"] = subject
        message["Message-Id"] = headers.pop("Message-Id", f"<{self.id()}-{self._next()}@customer.example>")
        attachments = headers.pop("attachments", ())
        message.set_content(body or "De pomp lekt en ik ben niet tevreden met het toestel.", subtype="html")
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        for name, content in attachments:
            message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
        before = self.env["commercial.complaint"].search([])
        with mute_logger("odoo.addons.mail.models.mail_thread"):
            self.env["mail.thread"].message_process(None, message.as_bytes())
        return self.env["commercial.complaint"].search([]) - before

    def _next(self):
        type(self).counter = getattr(type(self), "counter", 0) + 1
        return self.counter

    def _letters(self, complaint):
        return self.env["commercial.dispatch"].search(
            [("res_model", "=", "commercial.complaint"), ("res_id", "in", complaint.ids)]
        )

    def _send_queue(self):
        """Run the queue; return the mails that left."""
        self.env.flush_all()
        with self.mock_smtplib_connection():
            self.env["commercial.dispatch"].search([("state", "=", "reserved")], order="id")._send()
            sent = list(self.emails)
        self.env.invalidate_all()
        return [message_from_string(mail["message"], policy=policy.SMTP) for mail in sent]


@tagged("post_install", "-at_install")
class TestComplaintMail(ComplaintMailCommon):
    # --- NEW ---

    def test_a_mail_of_a_customer(self):
        complaint = self._receive(body="<p>Pump <b>leaks</b><script>alert(1)</script><img src='cid:x'/></p>")
        self.assertRecordValues(
            complaint,
            [
                {
                    "subject": "Pomp lekt",
                    "partner_id": self.consumer.id,
                    "email_from": "jan@customer.example",
                    "channel": "email",
                    "lang": "fr_BE",
                    "team_id": self.team.id,
                    "company_id": self.company.id,
                    "state": "new",
                }
            ],
        )
        self.assertTrue(complaint.name.strip("/"), "the number is a number, not the subject")
        self.assertIn("leaks", complaint.description)
        self.assertNotIn("script", complaint.description)
        self.assertNotIn("img", complaint.description)
        self.assertEqual(complaint.message_ids.filtered(lambda m: m.message_type == "email").author_id, self.consumer)

    def test_somebody_we_do_not_know(self):
        complaint = self._receive(
            sender='"Léa Martin" <lea@unknown.example>',
            body="La pompe que vous avez vendue ne marche pas et je ne suis pas contente",
            Cc="Mon avocat <avocat@unknown.example>",
        )
        self.assertRecordValues(
            complaint,
            [
                {
                    "partner_id": False,
                    "contact_name": "Léa Martin",
                    "email_from": "lea@unknown.example",
                    "lang": "fr_BE",
                    "customer_kind": "consumer",
                }
            ],
        )
        self.assertIn("avocat@unknown.example", complaint.email_cc)
        [mail] = self._send_queue()
        self.assertIn("lea@unknown.example", mail["To"])
        self.assertNotIn(
            complaint.subject, mail.get_body(("html",)).get_content(), "no words of strangers are reflected"
        )
        complaint.invalidate_recordset()
        self.assertEqual(complaint.acknowledged_how, "email")
        self.assertFalse(self._letters(complaint).partner_id)

    def test_the_language_of_the_mail_program_counts_where_the_text_says_nothing(self):
        complaint = self._receive(sender="x@unknown.example", subject="X200", body="X200", Content_Language="fr-BE")
        self.assertEqual(complaint.lang, "fr_BE")
        complaint = self._receive(sender="y@unknown.example", subject="X200", body="X200")
        self.assertEqual(complaint.lang, "nl_BE", "the language of the company")

    def test_a_mail_without_author(self):
        complaint = self._receive(sender=None)
        self.assertRecordValues(
            complaint, [{"partner_id": False, "email_from": False, "acknowledgment_obstacle": "no_address"}]
        )
        self.assertFalse(self._letters(complaint))
        complaint = self._receive(sender="not an address", subject="")
        self.assertEqual(complaint.acknowledgment_obstacle, "no_address")
        self.assertTrue(complaint.subject)

    def test_a_mail_of_a_colleague_has_no_customer_yet(self):
        self.assistant.partner_id.email = "assistant@company.example"
        complaint = self._receive(sender="assistant@company.example", subject="Fwd: pomp")
        self.assertRecordValues(complaint, [{"partner_id": False, "acknowledgment_obstacle": "colleague"}])
        self.assertFalse(self._letters(complaint))

    def test_a_contact_of_another_company_is_not_linked(self):
        other = self.env["res.company"].create({"name": "Other"})
        self._create_customer("Hidden", company_id=other.id, email="hidden@customer.example")
        complaint = self._receive(sender="hidden@customer.example")
        self.assertFalse(complaint.partner_id)
        self.assertEqual(complaint.email_from, "hidden@customer.example")

    def test_a_senseless_date_starts_no_clock_in_the_past(self):
        with freeze_time("2026-11-24 10:00:00"):
            old = self._receive(Date="Thu, 01 Jan 1970 00:00:00 +0000")
            night = self._receive(Date="Tue, 24 Nov 2026 03:00:00 +0100")
            future = self._receive(Date="Tue, 24 Nov 2037 03:00:00 +0100")
        self.assertEqual(str(old.received_on), "2026-11-24 10:00:00")
        self.assertEqual(str(night.received_on), "2026-11-24 02:00:00")
        self.assertEqual(str(future.received_on), "2026-11-24 10:00:00")

    # --- ONCE ---

    def test_the_acknowledgment_leaves_once(self):
        complaint = self._receive()
        letter = self._letters(complaint)
        self.assertEqual((len(letter), letter.lang, letter.channel), (1, "fr_BE", "email"))
        self.assertFalse(complaint.acknowledged_on, "nobody was told yet")
        complaint._acknowledge()
        complaint.with_user(self.assistant)
        with self.assertRaisesRegex(UserError, "told already"):
            complaint.with_user(self.assistant).action_send_acknowledgment()
        [mail] = self._send_queue()
        self.assertFalse(self._send_queue())
        complaint.invalidate_recordset()
        self.assertTrue(complaint.acknowledged_on)
        self.assertEqual(complaint.acknowledged_how, "email")
        text = mail.get_body(("html",)).get_content()
        for expected in (
            complaint.name,
            "+32 9 111 11 11",
            self.address,
            f"/my/complaints/{complaint.id}?access_token=",
        ):
            self.assertIn(expected, text)
        self.assertIn(self.address, mail["Reply-To"])
        self.assertEqual(mail["Auto-Submitted"], "auto-replied")
        self.assertEqual(mail["X-Auto-Response-Suppress"], "All")
        author = complaint.message_ids.filtered(lambda message: message.message_type == "email_outgoing").author_id
        self.assertEqual(author, self.company.partner_id)

    def test_who_was_told_in_person_gets_no_mail(self):
        complaint = self._receive()
        complaint.with_user(self.assistant).action_acknowledged_by_phone()
        self.assertFalse(self._send_queue())
        self.assertEqual(self._letters(complaint).state, "cancelled")
        self.assertEqual(complaint.acknowledged_how, "phone")

    def test_the_desk_begins_while_the_mail_waits(self):
        complaint = self._receive().with_user(self.assistant)
        complaint.action_assess()
        self.assertEqual(complaint.state, "assess")

    def test_a_mail_that_does_not_arrive_is_told(self):
        complaint = self._receive()
        self.env["mail.blacklist"].create({"email": "jan@customer.example"})
        self.assertFalse(self._send_queue())
        complaint.invalidate_recordset()
        self.assertEqual(complaint.acknowledgment_obstacle, "failed")
        self.assertFalse(complaint.acknowledged_on)
        with self.assertRaisesRegex(UserError, "acknowledgment"):
            complaint.with_user(self.assistant).action_assess()
        with self.assertRaisesRegex(UserError, "in person"):
            complaint.with_user(self.assistant).action_send_acknowledgment()

    def test_the_answer_date_of_the_clock_stands_in_it(self):
        complaint = self._receive()
        Complaint = type(complaint)
        with patch.object(Complaint, "_get_promised_answer_date", lambda self: self.received_on.date().replace(day=28)):
            letter = str(complaint._prepare_acknowledgment()["after"])
        self.assertIn("28/", letter)

    def test_each_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        complaint = self._receive()
        for lang in ("nl_BE", "fr_BE", "de_DE", "en_US"):
            complaint.lang = lang
            self.assertEqual(complaint._prepare_acknowledgment()["lang"], lang)

    # --- PROGRAMS AND LOOPS ---

    def test_programs_are_never_answered(self):
        for number, headers in enumerate(
            (
                {"Auto-Submitted": "auto-replied"},
                {"Auto-Submitted": "auto-generated"},
                {"Precedence": "bulk"},
                {"X-Auto-Response-Suppress": "All"},
                {"List-Id": "<news.customer.example>"},
            )
        ):
            with self.subTest(headers):
                complaint = self._receive(sender=f"robot{number}@customer.example", **headers)
                self.assertEqual(complaint.acknowledgment_obstacle, "automatic")
                self.assertFalse(self._letters(complaint))
        complaint.with_user(self.assistant).action_send_acknowledgment()
        self.assertEqual(len(self._letters(complaint)), 1, "a person may still do it")

    def test_a_bounce_makes_no_complaint(self):
        self.assertFalse(self._receive(sender="MAILER-DAEMON@customer.example"))
        self.assertFalse(self._receive(To="bounce-c@complaints.example"))

    def test_a_program_without_marks_is_stopped(self):
        complaints = self.env["commercial.complaint"]
        for number in range(7):
            complaints += self._receive(subject=f"Ticket {number}")
        self.assertEqual(len(self._letters(complaints)), 5)
        self.assertEqual(complaints[-1].acknowledgment_obstacle, "loop")

    # --- BLOCKED ---

    def test_a_blocked_sender_is_filed_as_no_complaint(self):
        self.team.blocked_senders = "spam@bad.example\n@worse.example"
        for sender in ("spam@bad.example", "anybody@mail.worse.example"):
            complaint = self._receive(sender=sender)
            self.assertRecordValues(complaint, [{"state": "cancelled", "cancel_reason": "spam"}])
            self.assertFalse(self._letters(complaint))
        complaint.with_user(self.assistant).action_restore()
        self.assertEqual(complaint.state, "new")

    def test_a_customer_who_wants_no_mailings_may_complain(self):
        self.env["mail.blacklist"].create([{"email": "jan@customer.example"}, {"email": "x@unknown.example"}])
        complaint = self._receive()
        self.assertRecordValues(complaint, [{"state": "new", "acknowledgment_obstacle": "blocked"}])
        self.assertFalse(self._letters(complaint))
        stranger = self._receive(sender="x@unknown.example")
        self.assertRecordValues(stranger, [{"state": "cancelled", "cancel_reason": "spam"}])

    # --- FILES ---

    def test_of_a_large_mail_is_kept_what_fits(self):
        with patch.object(mail_thread, "LARGEST_MAIL", 1000):
            complaint = self._receive(
                attachments=[("photo.jpg", b"a" * 600), ("film.mp4", b"b" * 900), ("x.txt", b"c")]
            )
        names = set(
            self.env["ir.attachment"]
            .search([("res_model", "=", complaint._name), ("res_id", "=", complaint.id)])
            .mapped("name")
        )
        self.assertEqual(names, {"photo.jpg", "x.txt"})
        self.assertIn("film.mp4", "".join(complaint.message_ids.mapped("body")))
        self.assertIn("film.mp4", self._letters(complaint).body)

    # --- ANSWERS ---

    def _answer(self, complaint, **values):
        [letter] = self._letters(complaint)
        parent = letter.message_id
        return self._receive(**{"In-Reply-To": parent, "References": parent, **values})

    def test_the_customer_answers(self):
        complaint = self._receive()
        self._send_queue()
        Complaint = type(complaint)
        calls = []
        with patch.object(Complaint, "_customer_replied", lambda self: calls.append(self.id)):
            self.assertFalse(self._answer(complaint, Cc="buur@customer.example"))
            self.assertFalse(self._answer(complaint, **{"Auto-Submitted": "auto-replied"}))
            self.assistant.partner_id.email = "assistant@company.example"
            self.assertFalse(self._answer(complaint, sender="assistant@company.example"))
            self.team.blocked_senders = "@bad.example"
            self.assertFalse(self._answer(complaint, sender="x@bad.example"))
        self.assertEqual(calls, complaint.ids, "only the first one was a word of the customer")
        self.assertIn("buur@customer.example", complaint.email_cc)
        self.assertEqual(len(complaint.message_ids.filtered(lambda m: m.message_type == "email")), 5)
        answer = complaint.message_ids.filtered(lambda m: m.message_type == "email")[0]
        self.assertFalse(answer.subtype_id.internal, "an answer is no internal note")

    def test_an_answer_to_a_closed_complaint_goes_through_the_hook(self):
        complaint = self._receive()
        self._send_queue()
        complaint.sudo().write({"state": "assess"})
        complaint._cancel("withdrawn")
        calls = []
        with patch.object(type(complaint), "_customer_replied", lambda self: calls.append(self.state)):
            self._answer(complaint)
        self.assertEqual(calls, ["cancelled"])

    def test_an_answer_on_a_duplicate_is_told_on_the_other_one(self):
        complaint, other = self._receive(), self._complain(partner=self.consumer).sudo()
        self._send_queue()
        complaint._cancel("duplicate", duplicate_of=other)
        self._answer(complaint)
        self.assertIn(complaint.name, "".join(other.message_ids.mapped("body")))

    # --- WHO SEES THE LETTER ---

    def test_letters_of_confidential_complaints_are_hidden(self):
        complaint = self._receive()
        letter = self._letters(complaint)
        complaint.is_confidential = True
        Dispatch = self.env["commercial.dispatch"]
        for user, expected in ((self.assistant, 0), (self.lead, 0), (self.confidant, 1)):
            with self.subTest(user.login):
                self.assertEqual(Dispatch.with_user(user).search_count([("id", "=", letter.id)]), expected)
        with self.assertRaises(AccessError):
            letter.with_user(self.assistant).read(["subject"])
        self.assertTrue(letter.with_user(self.confidant).subject)

    def test_a_letter_needs_somebody(self):
        vals = {"res_model": "commercial.complaint", "res_id": 1, "key": "x", "channel": "email", "partner_id": False}
        with self.assertRaises(Exception), mute_logger("odoo.sql_db"), self.env.cr.savepoint():  # noqa: B017
            self.env["commercial.dispatch"]._reserve([vals])

    def test_a_failed_letter_to_a_stranger_keeps_its_address(self):
        complaint = self._receive(sender="lea@unknown.example")
        block = self.env["mail.blacklist"].create({"email": "lea@unknown.example"})
        self._send_queue()
        letter = self._letters(complaint)
        self.assertEqual(letter.state, "failed")
        block.active = False
        letter.action_retry()
        [mail] = self._send_queue()
        self.assertIn("lea@unknown.example", mail["To"])
        self.assertEqual(letter.state, "sent")
        complaint.invalidate_recordset()
        self.assertRecordValues(complaint, [{"acknowledged_how": "email", "acknowledgment_obstacle": False}])

    def test_teams_of_two_companies(self):
        other = self.env["res.company"].create({"name": "Other", "alias_domain_id": self.domain.id})
        team = self.env["commercial.complaint.team"]._get_default_team(other)
        team.write({"alias_name": "klachten-other", "alias_domain_id": self.domain.id})
        complaint = self._receive(To="klachten-other@complaints.example")
        self.assertEqual((complaint.company_id, complaint.team_id), (other, team))
        self.assertFalse(self.env["commercial.complaint"].with_user(self.assistant).search([("id", "=", complaint.id)]))
