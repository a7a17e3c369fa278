import base64
import hashlib
import io
import json
import smtplib
from contextlib import contextmanager
from datetime import date, timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, new_test_user, tagged
from odoo.tools import mute_logger
from odoo.tools.pdf import PdfFileReader, PdfFileWriter

from odoo.addons.base.tests.common import BaseCommon, MockSmtplibCase
from odoo.addons.commercial_assistant.models.common.legal_parameter import LegalParameterError


def make_pdf(width):
    """Return a page of its own size, so that a merged file shows what is in it."""
    writer = PdfFileWriter()
    writer.addBlankPage(width=width, height=842)
    with io.BytesIO() as buffer:
        writer.write(buffer)
        return buffer.getvalue()


class DispatchCase(BaseCommon, MockSmtplibCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Dispatch = cls.env["commercial.dispatch"]
        cls.env["ir.config_parameter"].set_param("database.is_neutralized", False)
        cls.company.write({"email": "desk@seller.example", "name": "Seller"})
        cls.customer = cls.env["res.partner"].create(
            {
                "name": "Brouwerij De Molen",
                "is_company": True,
                "email": "info@molen.example",
                "street": "Molenstraat 1",
                "zip": "2300",
                "city": "Turnhout",
                "country_id": cls.env.ref("base.be").id,
                "lang": "en_US",
            }
        )
        cls.document = cls.env["res.partner"].create({"name": "Document"})
        cls.collector = new_test_user(
            cls.env,
            login="dispatch_collector",
            groups="commercial_assistant.group_collector",
            company_id=cls.company.id,
        )
        cls.assistant = new_test_user(
            cls.env,
            login="dispatch_assistant",
            groups="commercial_assistant.group_assistant",
            company_id=cls.company.id,
        )

    @classmethod
    def _make_attachment(cls, content=None, name="letter.pdf"):
        return cls.env["ir.attachment"].create(
            {
                "name": name,
                "raw": content if content is not None else make_pdf(595),
                "mimetype": "application/pdf",
                "res_model": cls.document._name,
                "res_id": cls.document.id,
            }
        )

    def _prepare_vals(self, key="letter,1", **values):
        return {
            "partner_id": self.customer.id,
            "res_model": self.document._name,
            "res_id": self.document.id,
            "key": key,
            "channel": "email",
            "subject": "Reminder",
            "body": "<p>Please pay <b>10</b></p>",
            **values,
        }

    def _reserve(self, key="letter,1", **values):
        return self.Dispatch._reserve([self._prepare_vals(key, **values)])

    def _reserve_post(self, key="post,1", width=595, **values):
        attachment = self._make_attachment(make_pdf(width), name=f"{key}.pdf")
        return self._reserve(key, channel="post", attachment_id=attachment.id, **values)

    @contextmanager
    def _hooks(self, **hooks):
        """Give the document's model the hooks of a document."""
        calls = []
        patchers = []
        for name in ("before_send", "after_send", "after_failure"):

            def hook(document, dispatch, name=name):
                calls.append((name, document, dispatch))
                answer = hooks.get(name)
                return answer(document, dispatch) if callable(answer) else answer

            patchers.append(patch.object(type(self.document), f"_dispatch_{name}", hook, create=True))
        for patcher in patchers:
            patcher.start()
        try:
            yield calls
        finally:
            for patcher in patchers:
                patcher.stop()

    @contextmanager
    def _smtp(self, **methods):
        """A mail server that takes every mail, with some methods that do something else."""
        with self.mock_smtplib_connection():
            for name, method in methods.items():
                setattr(self.testing_smtp_session, name, method)
            yield


@tagged("post_install", "-at_install")
class TestDispatchReserve(DispatchCase):
    def test_reserve_takes_recipient_from_the_customer(self):
        dispatch = self._reserve()
        self.assertRecordValues(
            dispatch,
            [
                {
                    "state": "reserved",
                    "company_id": self.company.id,
                    "contact_id": self.customer.id,
                    "recipient_email": "info@molen.example",
                    "lang": "en_US",
                    "attempt": 1,
                    "document_name": "Document",
                }
            ],
        )
        self.assertEqual(
            dispatch.recipient_address.splitlines(), ["Brouwerij De Molen", "Molenstraat 1", "2300 Turnhout", "Belgium"]
        )
        self.assertRegex(dispatch.name, r"^L\d{4}/\d{5}$")

    def test_reserve_twice_is_one_letter(self):
        first = self._reserve()
        self.assertEqual(self._reserve(subject="Other"), first)
        self.assertEqual(first.subject, "Reminder")
        pair = self.Dispatch._reserve([self._prepare_vals("a"), self._prepare_vals("a"), self._prepare_vals("b")])
        self.assertEqual(len(pair), 3)
        self.assertEqual(pair[0], pair[1])
        self.assertNotEqual(pair[0], pair[2])

    def test_key_is_free_again_after_the_end(self):
        first = self._reserve()
        first.action_cancel()
        self.assertNotEqual(self._reserve(), first)

    @mute_logger("odoo.sql_db")
    def test_database_refuses_a_second_live_letter(self):
        self._reserve()
        with self.assertRaisesRegex(Exception, "commercial_dispatch_one_live_letter"), self.env.cr.savepoint():
            self.Dispatch.create([self._prepare_vals()])

    def test_numbers_are_drawn_in_order_and_at_once(self):
        names = self.Dispatch._reserve([self._prepare_vals(f"k{n}") for n in range(5)]).mapped("name")
        numbers = [int(name.rpartition("/")[2]) for name in names]
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + 5)))

    def test_fingerprint(self):
        content = make_pdf(500)
        with_file = self._reserve("file", attachment_id=self._make_attachment(content).id)
        self.assertEqual(with_file.sha256, hashlib.sha256(content).hexdigest())
        text = self._reserve("text")
        self.assertEqual(text.sha256, hashlib.sha256(f"Reminder\n{text.body}".encode()).hexdigest())
        before = text.sha256
        text.subject = "Other"
        self.assertNotEqual(text.sha256, before)

    def test_unknown_language_is_left_empty(self):
        self.assertFalse(self._reserve(lang="xx_XX").lang)

    def test_reserving_does_not_ask_more_for_more_letters(self):
        def count(number, prefix):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.Dispatch._reserve([self._prepare_vals(f"{prefix}{n}") for n in range(number)])
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count(2, "warm")
        self.assertLessEqual(count(20, "b"), count(2, "a"))


@tagged("post_install", "-at_install")
class TestDispatchSend(DispatchCase):
    def test_sent(self):
        enclosure = self._make_attachment(name="terms.pdf")
        letter = self._make_attachment()
        dispatch = self._reserve(attachment_id=letter.id, attachment_ids=[Command.set(enclosure.ids)])
        with self._smtp(), self._hooks() as calls:
            dispatch.with_user(self.collector)._send()
        self.assertRecordValues(dispatch, [{"state": "sent", "error": False, "is_document_informed": True}])
        self.assertEqual([call[0] for call in calls], ["before_send", "after_send"])
        self.assertEqual(calls[0][1], self.document)
        self.assertEqual(calls[0][2], dispatch)
        self.assertTrue(dispatch.sent_on)
        self.assertEqual(len(self.emails), 1)
        email = self.emails[0]
        self.assertEqual(email["smtp_to_list"], ["info@molen.example"])
        self.assertEqual(email["msg_from_fmt"], '"Seller" <desk@seller.example>')
        self.assertIn(f"X-Commercial-Dispatch: {dispatch.name}", email["message"])
        self.assertIn(dispatch.message_id, email["message"])
        self.assertIn('filename="letter.pdf"', email["message"])
        self.assertIn('filename="terms.pdf"', email["message"])
        mail = dispatch.mail_id
        self.assertRecordValues(mail, [{"state": "sent", "auto_delete": False, "message_id": dispatch.message_id}])
        self.assertEqual((mail.model, mail.res_id), (self.document._name, self.document.id))

    def test_sending_twice_sends_once(self):
        dispatch = self._reserve()
        with self._smtp():
            dispatch._send()
            dispatch._send()
            dispatch.browse(dispatch.id)._send_one()
        self.assertEqual(len(self.emails), 1)

    def test_the_queue_of_odoo_never_sees_the_mail(self):
        """The mail is committed as cancelled: a worker of Odoo's queue must not send it at the same time."""
        dispatch = self._reserve()
        seen = []

        def commit(records):
            seen.extend(records.mail_id.sudo().mapped("state"))

        with self._smtp(), patch.object(type(dispatch), "_commit", commit):
            dispatch._send()
        self.assertEqual(seen[0], "cancel")
        self.assertNotIn("outgoing", seen)

    @mute_logger("odoo.addons.mail.models.mail_mail")
    def test_refused_by_the_server(self):
        dispatch = self._reserve()

        def refuse(message, smtp_from, smtp_to_list):
            raise smtplib.SMTPRecipientsRefused({"info@molen.example": (550, b"No such user")})

        with self._smtp(send_message=refuse), self._hooks() as calls:
            dispatch._send()
        self.assertEqual(dispatch.state, "failed")
        self.assertIn("No such user", dispatch.error)
        self.assertEqual([call[0] for call in calls], ["before_send", "after_failure"])
        self.assertEqual(dispatch.mail_id.state, "exception")
        self.assertFalse(dispatch.sent_on)

    def test_no_connection(self):
        dispatch = self._reserve()
        with self._smtp(), patch("smtplib.SMTP", side_effect=ConnectionRefusedError("refused")):
            dispatch._send()
        self.assertEqual(dispatch.state, "failed")
        self.assertIn("refused", dispatch.error)

    @mute_logger("odoo.addons.mail.models.mail_mail")
    def test_connection_lost_while_handing_over(self):
        """The server may have taken the mail: nobody knows, so it is not sent again."""
        for number, error in enumerate(
            (TimeoutError("timed out"), ConnectionResetError("reset"), smtplib.SMTPServerDisconnected("gone"))
        ):
            with self.subTest(error=error):
                dispatch = self._reserve(f"lost{number}")

                def lose(message, smtp_from, smtp_to_list, error=error):
                    raise error

                with self._smtp(send_message=lose), self._hooks() as calls:
                    dispatch._send()
                    dispatch._send()
                self.assertEqual(dispatch.state, "ambiguous")
                self.assertIn(str(error), dispatch.error)
                self.assertEqual([call[0] for call in calls], ["before_send"])
                with self.assertRaisesRegex(UserError, "did not fail"):
                    dispatch.action_retry()

    def test_connection_lost_after_the_server_accepted(self):
        dispatch = self._reserve()

        def lose():
            raise TimeoutError("timed out")

        with self._smtp(quit=lose):
            dispatch._send()
        self.assertEqual(len(self.emails), 1)
        self.assertEqual(dispatch.state, "ambiguous")
        self.assertEqual(dispatch.mail_id.state, "sent")

    def test_document_refuses(self):
        dispatch = self._reserve()
        with self._smtp(), self._hooks(before_send="Paid meanwhile"):
            dispatch._send()
        self.assertRecordValues(dispatch, [{"state": "cancelled", "error": "Paid meanwhile"}])
        self.assertFalse(self.emails)

    def test_document_waits_for_a_figure_of_law(self):
        dispatch = self._reserve()

        def ask(_document, letter):
            letter.env["commercial.legal.parameter"]._value("test_rate", date(2026, 3, 1))

        with self._smtp(), self._hooks(before_send=ask):
            dispatch._send()
        self.assertEqual(dispatch.state, "reserved")
        self.assertIn("test_rate", dispatch.error)
        waiting = self.env["commercial.legal.parameter"].search([("code", "=", "test_rate")])
        self.assertEqual(waiting.state, "to_confirm")
        self.assertTrue(waiting.activity_ids)
        with self._smtp(), self._hooks():
            dispatch._send()
        self.assertRecordValues(dispatch, [{"state": "sent", "error": False}])

    @mute_logger("odoo.addons.commercial_assistant.models.common.dispatch")
    def test_one_failure_does_not_stop_the_others(self):
        no_mail = self.env["res.partner"].create({"name": "Silent"})
        bad_mail = self.env["res.partner"].create({"name": "Broken", "email": "nobody at home"})
        blocked = self.env["res.partner"].create({"name": "Blocked", "email": "stop@blocked.example"})
        self.env["mail.blacklist"].create({"email": "stop@blocked.example"})
        broken = self._reserve("hook")
        dispatches = broken + self.Dispatch._reserve(
            [
                self._prepare_vals("none", partner_id=no_mail.id),
                self._prepare_vals("bad", partner_id=bad_mail.id),
                self._prepare_vals("blocked", partner_id=blocked.id),
                self._prepare_vals("good"),
            ]
        )

        def fail_once(_document, dispatch):
            if dispatch.key == "hook":
                raise RuntimeError("bug in a document")

        with self._smtp(), self._hooks(before_send=fail_once):
            dispatches._send()
        self.assertEqual(dispatches.mapped("state"), ["failed", "failed", "failed", "failed", "sent"])
        self.assertIn("bug in a document", dispatches[0].error)
        self.assertIn("Silent has no e-mail address", dispatches[1].error)
        self.assertIn("nobody at home", dispatches[2].error)
        self.assertIn("blocked addresses", dispatches[3].error)
        self.assertEqual(len(self.emails), 1)

    @mute_logger("odoo.addons.commercial_assistant.models.common.dispatch")
    def test_document_is_informed_again(self):
        """What the document missed is repeated; the letter is not."""
        dispatch = self._reserve()

        def fail(_document, _letter):
            raise RuntimeError("bug in a document")

        with self._smtp(), self._hooks(after_send=fail):
            dispatch._send()
        self.assertRecordValues(dispatch, [{"state": "sent", "is_document_informed": False}])
        with self._hooks() as calls:
            self.Dispatch._cron_sweep()
            self.Dispatch._cron_sweep()
        self.assertEqual([call[0] for call in calls], ["after_send"])
        self.assertTrue(dispatch.is_document_informed)

    def test_changed_file_is_not_sent(self):
        attachment = self._make_attachment()
        dispatch = self._reserve(attachment_id=attachment.id)
        attachment.raw = make_pdf(300)
        with self._smtp():
            dispatch._send()
        self.assertEqual(dispatch.state, "failed")
        self.assertIn("changed", dispatch.error)

    def test_neutralized_database_sends_nothing(self):
        self.env["ir.config_parameter"].set_param("database.is_neutralized", True)
        mail, post = self._reserve(), self._reserve_post()
        with self._smtp():
            mail._send()
            self.Dispatch._cron_send()
            with self.assertRaisesRegex(UserError, "copy"):
                post.action_print()
            with self.assertRaisesRegex(UserError, "copy"):
                post.action_mark_posted()
        self.assertEqual((mail + post).mapped("state"), ["reserved", "reserved"])
        self.assertIn("copy", mail.error)
        self.assertFalse(self.emails)

    def test_sending_switched_off(self):
        """Tests and installations send nothing: the letter waits, and no mail is left for Odoo's queue."""
        dispatch = self._reserve()
        dispatch._send()
        self.assertRecordValues(dispatch, [{"state": "reserved", "message_id": False}])
        self.assertTrue(dispatch.error)
        self.assertFalse(self.env["mail.mail"].search([("subject", "=", "Reminder"), ("state", "=", "outgoing")]))

    def test_crash_between_sending_and_sent(self):
        dispatch = self._reserve()
        with self._smtp(), patch.object(type(dispatch), "_finish", side_effect=KeyboardInterrupt):
            try:  # assertRaises would undo what a crash leaves behind
                dispatch._send()
            except KeyboardInterrupt:
                crashed = True
        self.assertTrue(crashed)
        self.assertEqual(dispatch.state, "sending")
        self.Dispatch._cron_sweep()
        self.assertEqual(dispatch.state, "sending", "too early to tell")
        dispatch.sending_on = fields.Datetime.now() - timedelta(minutes=16)
        self.Dispatch._cron_sweep()
        self.assertEqual(dispatch.state, "ambiguous")
        with self._smtp():
            dispatch._send()
        self.assertFalse(self.emails)
        self.assertEqual(self._reserve(), dispatch, "nor is the letter made anew")

    def test_cron(self):
        dispatches = self.Dispatch._reserve([self._prepare_vals(f"c{n}") for n in range(3)])
        post = self._reserve_post()
        cron = self.env.ref("commercial_assistant.ir_cron_dispatch_send")
        with self._smtp(), self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.assertEqual(set(dispatches.mapped("state")), {"sent"})
        self.assertEqual(post.state, "reserved")
        self.assertEqual(len(self.emails), 3)

    def test_bounce(self):
        dispatch = self._reserve()
        with self._smtp():
            dispatch._send()
        with self._hooks() as calls:
            self.env["mail.thread"]._routing_handle_bounce(
                None,
                {
                    "bounced_email": "info@molen.example",
                    "bounced_partner": self.customer,
                    "bounced_msg_ids": [dispatch.message_id],
                    "bounced_message": dispatch.mail_id.mail_message_id,
                    "body": "<p>Mailbox full</p>",
                    "email_from": "mailer-daemon@molen.example",
                    "to": "bounce@seller.example",
                    "message_id": "<1@molen.example>",
                },
            )
        self.assertEqual(dispatch.state, "failed")
        self.assertIn("Mailbox full", dispatch.error)
        self.assertTrue(dispatch.bounced_on)
        self.assertEqual([call[0] for call in calls], ["after_failure"])


@tagged("post_install", "-at_install")
class TestDispatchByHand(DispatchCase):
    def test_print_and_post(self):
        letters = self._reserve_post("p1", 400) + self._reserve_post("p2", 500)
        with self._hooks() as calls:
            action = letters.with_user(self.collector).action_print()
        self.assertEqual(action["type"], "ir.actions.act_url")
        self.assertEqual([call[0] for call in calls], ["before_send", "before_send"])
        self.assertTrue(all(letters.mapped("printed_on")))
        self.assertEqual(set(letters.mapped("state")), {"reserved"})
        _name, content = letters._get_print_file()
        pages = PdfFileReader(io.BytesIO(content)).pages
        self.assertEqual([int(page.mediabox[2]) for page in pages], [400, 500])
        with self._hooks() as calls:
            letters.with_user(self.collector).action_mark_posted(fields.Date.context_today(letters))
        self.assertEqual(set(letters.mapped("state")), {"sent"})
        self.assertEqual([call[0] for call in calls], ["after_send", "after_send"])
        self.assertTrue(letters.action_mark_posted(), "done already is no error")

    def test_print_again_gives_the_same_file(self):
        letter = self._reserve_post()
        kept = letter.attachment_id.raw
        letter.action_print()
        letter.action_mark_posted()
        letter.with_user(self.assistant).action_print()
        self.assertEqual(letter._get_print_file()[1], kept)

    def test_print_asks_the_document(self):
        letter, paid = self._reserve_post("p1"), self._reserve_post("p2")

        def ask(_document, dispatch):
            return "Paid meanwhile" if dispatch == paid else None

        with self._hooks(before_send=ask):
            action = (letter + paid).action_print()
            self.assertIn(f"{paid.name}: Paid meanwhile", action["params"]["message"])
            self.assertTrue(action["params"]["next"]["url"].endswith(f"/{letter.id}"))
            self.assertEqual(paid.state, "cancelled")
        with self._hooks(before_send="Paid"), self.assertRaisesRegex(UserError, "Paid"):
            self._reserve_post("p3").action_print()

    def test_damaged_or_missing_file(self):
        damaged = self._reserve("d", channel="post", attachment_id=self._make_attachment(b"%PDF-1.4 rubbish").id)
        with self.assertRaisesRegex(UserError, "damaged"), mute_logger("PyPDF2._reader", "pypdf._reader"):
            (damaged + self._reserve_post()).action_print()
        with self.assertRaisesRegex(UserError, "no PDF"):
            self._reserve("n", channel="post").action_print()

    def test_posting_day(self):
        letter = self._reserve_post()
        today = fields.Date.context_today(letter)
        with self.assertRaisesRegex(UserError, "still to come"):
            letter.action_mark_posted(today + timedelta(days=1))
        with self.assertRaisesRegex(UserError, "written later"):
            letter.action_mark_posted(today - timedelta(days=3))
        letter.action_mark_posted(today)
        self.assertEqual(letter._get_sent_date(), letter._get_local_date(fields.Datetime.now()))

    def test_day_counts_where_the_company_is(self):
        self.company.partner_id.tz = "Europe/Brussels"
        letter = self._reserve_post()
        letter.sent_on = "2026-03-01 23:30:00"
        self.assertEqual(letter._get_sent_date(), date(2026, 3, 2))
        self.assertEqual(str(letter._get_posting_time(date(2026, 7, 3))), "2026-07-03 10:00:00")

    def test_registered_needs_a_number(self):
        letter = self._reserve_post()
        letter.channel = "registered"
        wizard = Form.from_action(self.env, letter.with_user(self.collector).action_open_post_wizard())
        with wizard.line_ids.edit(0) as line:
            line.tracking_number = "0105412885"
        with self.assertRaisesRegex(UserError, "tracking number"):
            letter.action_mark_posted()
        wizard.save().action_apply()
        self.assertRecordValues(letter, [{"state": "sent", "tracking_number": "0105412885"}])

    def test_call_is_recorded_by_hand(self):
        call = self._reserve("call", channel="phone")
        call._send()
        self.assertEqual(call.state, "reserved")
        call.action_mark_posted()
        self.assertEqual(call.state, "sent")

    def test_retry_only_what_failed(self):
        letter = self._reserve()
        for state, steps in (("reserved", []), ("sent", ["sending", "sent"])):
            with self.subTest(state=state):
                for step in steps:
                    letter.state = step
                with self.assertRaisesRegex(UserError, "did not fail"):
                    letter.action_retry()

    def test_retry_goes_to_the_new_address(self):
        self.customer.email = False
        letter = self._reserve()
        with self._smtp():
            letter._send()
        self.assertEqual(letter.state, "failed")
        self.customer.email = "new@molen.example"
        letter.with_user(self.collector).action_retry()
        self.assertRecordValues(
            letter,
            [{"state": "reserved", "attempt": 2, "recipient_email": "new@molen.example", "error": False}],
        )
        with self._smtp():
            letter._send()
        self.assertEqual(letter.state, "sent")
        self.assertEqual(self.emails[0]["smtp_to_list"], ["new@molen.example"])
        self.assertIn("Attempt 1 failed", str(letter.message_ids.mapped("body")))

    def test_retry_of_a_letter_made_again(self):
        self.customer.email = False
        letter = self._reserve()
        with self._smtp():
            letter._send()
        other = self._reserve()
        with self.assertRaisesRegex(UserError, other.name):
            letter.action_retry()

    def test_resolve(self):
        for action, state, hook in (
            ("action_resolve_sent", "sent", "after_send"),
            ("action_resolve_not_sent", "failed", "after_failure"),
        ):
            with self.subTest(action=action), self._hooks() as calls:
                letter = self._reserve(action)
                with self.assertRaisesRegex(UserError, "not uncertain"):
                    getattr(letter, action)()
                letter.write({"state": "sending", "sending_on": "2026-01-02 10:00:00"})
                letter.state = "ambiguous"
                letter.resolution_note = "log"
                getattr(letter.with_user(self.collector), action)()
                self.assertRecordValues(letter, [{"state": state, "resolved_by_id": self.collector.id}])
                self.assertEqual([call[0] for call in calls], [hook])
        self.assertEqual(
            str(self.Dispatch.search([("key", "=", "action_resolve_sent")]).sent_on), "2026-01-02 10:00:00"
        )

    def test_withdraw(self):
        letter = self._reserve()
        with self._hooks() as calls:
            letter.action_cancel()
        self.assertEqual(letter.state, "cancelled")
        self.assertEqual([call[0] for call in calls], ["after_failure"])
        with self.assertRaises(UserError):
            letter.action_cancel()
        with self._smtp():
            letter._send()
        self.assertFalse(self.emails)

    def test_sent_letter_cannot_be_changed(self):
        attachment = self._make_attachment()
        letter = self._reserve(attachment_id=attachment.id)
        with self._smtp():
            letter._send()
        for values in (
            {"body": "<p>Other</p>"},
            {"subject": "Other"},
            {"attachment_id": False},
            {"recipient_email": "other@molen.example"},
            {"state": "reserved"},
            {"state": "reserved", "recipient_email": "other@molen.example"},
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                letter.write(values)
        for change in (
            lambda: attachment.write({"raw": b"other"}),
            lambda: attachment.write({"datas": base64.b64encode(b"other")}),
            attachment.unlink,
            letter.unlink,
            letter.copy,
        ):
            with self.assertRaises(UserError):
                change()
        attachment.name = "still mine to name.pdf"

    def test_mail_is_not_sent_again_behind_our_back(self):
        letter = self._reserve()
        with self._smtp():
            letter._send()
        with self.assertRaisesRegex(UserError, letter.name):
            letter.mail_id.mark_outgoing()

    def test_unsent_letter_may_be_deleted(self):
        self._reserve().unlink()

    def test_document_gone(self):
        letter = self._reserve()
        letter.action_open_document()
        self.document.unlink()
        self.assertFalse(letter.document_name)
        with self.assertRaisesRegex(UserError, "does not exist"):
            letter.action_open_document()
        with self._smtp():
            letter._send()
        self.assertEqual(letter.state, "sent")


@tagged("post_install", "-at_install")
class TestDispatchAccess(DispatchCase):
    def test_assistant_reads_only(self):
        letter = self._reserve()
        mine = letter.with_user(self.assistant)
        self.assertEqual(mine.subject, "Reminder")
        self.assertEqual(mine.document_name, "Document")
        for name in (
            "_send",
            "action_send",
            "action_cancel",
            "action_retry",
            "action_mark_posted",
            "action_resolve_sent",
        ):
            with self.subTest(name=name), self.assertRaises(AccessError):
                getattr(mine, name)()
        with self.assertRaises(AccessError):
            self.Dispatch.with_user(self.assistant)._reserve([self._prepare_vals("x")])
        post = self._reserve_post()
        with self.assertRaises(AccessError):
            post.with_user(self.assistant).action_print()

    def test_employee_reads_nothing(self):
        employee = new_test_user(self.env, login="dispatch_employee", groups="base.group_user")
        with self.assertRaises(AccessError):
            self._reserve().with_user(employee).read(["name"])

    def test_nobody_sends_what_he_may_not_read(self):
        secret = self.env["ir.attachment"].create({"name": "secret.pdf", "raw": b"%PDF", "res_model": "ir.cron"})
        mine = self.Dispatch.with_user(self.collector)
        for values in (
            {"attachment_id": secret.id},
            {"attachment_ids": [Command.set(secret.ids)]},
            {"res_model": "ir.cron", "res_id": self.env.ref("commercial_assistant.ir_cron_dispatch_send").id},
        ):
            with self.subTest(values=values), self.assertRaises(AccessError):
                mine._reserve([self._prepare_vals("secret", **values)])
        letter = mine._reserve([self._prepare_vals("fine")])
        with self.assertRaises(AccessError):
            letter.attachment_id = secret

    def test_collector_does_not_delete(self):
        with self.assertRaises(AccessError):
            self._reserve().with_user(self.collector).unlink()

    def test_other_company_is_invisible(self):
        other = self.env["res.company"].create({"name": "Other"})
        letter = self._reserve(company_id=other.id)
        self.assertNotIn(letter, self.Dispatch.with_user(self.collector).search([]))
        with self.assertRaises(AccessError):
            letter.with_user(self.collector).action_send()

    def test_company_bound_customer_of_another_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.customer.company_id = other
        with self.assertRaises(UserError):
            self._reserve()

    def test_list_asks_no_more_for_more_letters(self):
        dispatches = self.Dispatch._reserve([self._prepare_vals(f"q{n}") for n in range(22)])
        columns = ["name", "partner_id", "document_name", "channel", "state", "error", "attachment_id"]

        def count(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records.with_user(self.assistant).web_read({name: {} for name in columns})
            return self.env.cr.sql_log_count - before

        count(dispatches[:2])
        self.assertLessEqual(count(dispatches[2:]), count(dispatches[:2]))

    def test_letters_of_the_customer(self):
        contact = self.env["res.partner"].create({"name": "Els", "parent_id": self.customer.id})
        self._reserve("a")
        self._reserve("b", partner_id=contact.id)
        self.assertEqual((self.customer + contact).with_user(self.assistant).mapped("dispatch_count"), [2, 2])
        action = contact.with_user(self.assistant).action_open_dispatches()
        self.assertEqual(self.Dispatch.search_count(action["domain"]), 2)


@tagged("post_install", "-at_install")
class TestDispatchDownload(HttpCase, DispatchCase):
    def test_download(self):
        letter = self._reserve_post()
        url = f"/commercial_assistant/letters/{letter.id}"
        self.authenticate(self.assistant.login, self.assistant.login)
        response = self.url_open(url)
        self.assertEqual(response.content, letter.attachment_id.raw)
        self.assertEqual(response.headers["Content-Type"], "application/pdf")
        employee = new_test_user(self.env, login="dispatch_employee", groups="base.group_user")
        self.authenticate(employee.login, employee.login)
        with mute_logger("odoo.http"):
            self.assertNotEqual(self.url_open(url).status_code, 200)

    def test_unknown_error_class_is_not_shown_as_a_crash(self):
        self.assertEqual(LegalParameterError("x").context["exception_class"], "odoo.exceptions.UserError")


OPEN_VIEWS = """
(async () => {
    const action = odoo.__WOWL_DEBUG__.root.env.services.action;
    for (const [request, options, selector] of %s) {
        await action.doAction(request, options);
        const end = Date.now() + 20000;
        while (!document.querySelector(selector)) {
            if (Date.now() > end) {
                throw new Error(`${selector} is missing in ${JSON.stringify(options)}`);
            }
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
    }
    console.log("test successful");
})();
"""


@tagged("post_install", "-at_install")
class TestDispatchBrowser(HttpCase, DispatchCase):
    def test_every_view_opens(self):
        """What the server accepts can still fail in the browser, a kanban card for instance."""
        team_lead = new_test_user(
            self.env,
            login="dispatch_team_lead",
            groups="commercial_assistant.group_team_lead",
            company_id=self.company.id,
        )
        letter = self._reserve_post()
        parameter = self.env["commercial.legal.parameter"].create(
            {"code": "test_rate", "name": "Test", "date_from": "2026-01-01", "date_to": "2026-06-30"}
        )
        letters = "commercial_assistant.dispatch_action"
        figures = "commercial_assistant.legal_parameter_action"
        customer = {"type": "ir.actions.act_window", "res_model": "res.partner", "views": [[False, "form"]]}
        views = [
            [letters, {"viewType": "list"}, ".o_list_view .o_data_row"],
            [letters, {"viewType": "kanban"}, ".o_kanban_record:not(.o_kanban_ghost)"],
            [letters, {"viewType": "pivot"}, ".o_pivot table"],
            [letters, {"viewType": "graph"}, ".o_graph_view"],
            [letters, {"viewType": "form", "props": {"resId": letter.id}}, "button[name='action_print']"],
            [figures, {"viewType": "list"}, ".o_list_view .o_group_header"],
            [figures, {"viewType": "form", "props": {"resId": parameter.id}}, "button[name='action_propose_next']"],
            [customer, {"props": {"resId": self.customer.id}}, ".o_form_view div[name='customer_kind']"],
        ]
        self.browser_js(
            "/odoo/letters",
            OPEN_VIEWS % json.dumps(views),
            "!!document.querySelector('.o_list_view .o_data_row')",
            login=team_lead.login,
            timeout=120,
        )
