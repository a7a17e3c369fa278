import csv
import hashlib
import io
import zipfile
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.commercial_assistant.models.dunning import collection_handover_dossier as module
from odoo.addons.commercial_assistant.models.dunning.collection_handover_dossier import CollectionHandover as Dossier

from .common_handover import HandoverCommon

INVOICE = b"%PDF-1.4 invoice as sent"


@tagged("post_install", "-at_install")
@freeze_time("2026-05-04 09:00:00")
class TestDossierOfHandover(HandoverCommon):
    """The file that goes to the collector."""

    def setUp(self):
        super().setUp()
        self.bailiff.lang = "en_US"
        self.invoice = self._invoice(amount=1000)
        self._keep(self.invoice, INVOICE)
        self.notice = self._reach(self.invoice, self.notice_level, channel="registered")
        self._charge(self.notice, interest=35, fixed=40)
        self.item = self._item(self.invoice)
        self.handover = self._prepare(self.item)

    def _keep(self, move, content, name="INV.pdf"):
        self.env["ir.attachment"].create(
            {
                "name": name,
                "raw": content,
                "mimetype": "application/pdf",
                "res_model": move._name,
                "res_id": move.id,
                "res_field": "invoice_pdf_report_file",
            }
        )
        move.invalidate_recordset(["invoice_pdf_report_id", "invoice_pdf_report_file"])

    def _open(self, dossier):
        return zipfile.ZipFile(io.BytesIO(dossier.attachment_id.raw))

    def _read(self, dossier):
        """Return ``{path without root: bytes}``."""
        with self._open(dossier) as archive:
            self.assertIsNone(archive.testzip())
            return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}

    def _find(self, files, *parts):
        found = [name for name in files if all(part in name for part in parts)]
        self.assertEqual(len(found), 1, f"{parts} in {list(files)}")
        return files[found[0]]

    # --- CONTENT ---

    def test_everything_is_there(self):
        files = self._read(self.handover._build_dossier())
        self.assertEqual(self._find(files, "1-Invoices", ".pdf"), INVOICE, "the stored document itself")
        letter = self._find(files, "2-Letters", ".pdf")
        self.assertEqual(letter, self.notice.attachment_id.raw)
        self.assertEqual(hashlib.sha256(letter).hexdigest(), self.notice.sha256)
        proof = self._find(files, "3-Proofs", ".txt").decode()
        for text in (
            self.notice.name,
            "RR123456789BE",
            self.notice.sha256,
            "bakkerij@customer.example" if self.notice.channel == "email" else "Kerkstraat 1",
            f"<{self.notice.id}@company.example>",
        ):
            self.assertIn(text, proof)
        self.assertIn("+0200", proof, "the hour where the company is")
        self.assertTrue(files["manifest.csv"])
        charges = list(
            csv.reader(
                io.StringIO(self._find(files, "4-", "Charges-and-computation").decode("utf-8-sig")), delimiter=";"
            )
        )
        self.assertEqual(len(charges), 3)

    def test_manifest(self):
        dossier = self.handover._build_dossier()
        files = self._read(dossier)
        manifest = files.pop("manifest.csv")
        self.assertEqual(hashlib.sha256(manifest).hexdigest(), dossier.manifest_sha256)
        self.assertEqual(hashlib.sha256(dossier.attachment_id.raw).hexdigest(), dossier.sha256)
        rows = list(csv.reader(io.StringIO(manifest.decode("utf-8-sig")), delimiter=";"))[1:]
        self.assertEqual(
            {row[2].partition("/")[2]: row[0] for row in rows},
            {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        )
        self.assertEqual(len(dossier.content.splitlines()), len(files))

    def test_same_again_is_the_same_version(self):
        first = self.handover._build_dossier()
        self.assertEqual(self.handover._build_dossier(), first)
        self.assertEqual(first.version, 1)
        self.handover.contract_attachment_ids = [Command.create({"name": "Terms.pdf", "raw": b"terms"})]
        second = self.handover._build_dossier()
        self.assertEqual(second.version, 2)
        self.assertEqual(self.handover.dossier_id, second)
        self.assertEqual(self.handover.manifest_sha256, second.manifest_sha256)
        self.assertNotIn("6-Contract", " ".join(self._read(first)))
        self.assertEqual(self._find(self._read(second), "6-Contract", "Terms"), b"terms")

    def test_kept_as_handed_over(self):
        self._admit(self.handover)
        self._hand_over(self.handover)
        kept = self.handover.dossier_id
        for change in (
            lambda: kept.attachment_id.write({"raw": b"x"}),
            lambda: kept.attachment_id.write({"res_id": 1}),
            lambda: kept.attachment_id.unlink(),
        ):
            with self.assertRaisesRegex(UserError, "kept as version"), self.env.cr.savepoint():
                change()
        self._pay(self.invoice, 400)
        self.env["commercial.receivable"]._refresh_items(self.company, self.business.ids)
        self.assertEqual(self._read(kept)["manifest.csv"], self._read(kept)["manifest.csv"])
        self.assertEqual(len(self.handover.dossier_ids), 1)

    def test_invoice_without_document(self):
        """An invoice of which no PDF is kept is printed, once; the file says so."""
        other = self._invoice(amount=70)
        self._reach(other, self.notice_level)
        handover = self._prepare(self._item(other))
        self.assertEqual(handover, self.handover)
        with patch(
            "odoo.addons.base.models.ir_actions_report.IrActionsReport._render_qweb_pdf",
            lambda report, name, ids, **kw: (f"%PDF {name} {ids} /CreationDate (D:20260504090000Z)".encode(), "pdf"),
        ):
            self.assertIn(other.name, handover.missing)
            first = handover._build_dossier()
        with patch(
            "odoo.addons.base.models.ir_actions_report.IrActionsReport._render_qweb_pdf",
            lambda report, name, ids, **kw: (f"%PDF {name} {ids} /CreationDate (D:20260505090000Z)".encode(), "pdf"),
        ):
            self.assertEqual(handover._build_dossier(), first, "the minute of printing is no content")

    def test_odd_names(self):
        """Whatever an invoice is called, its document stays inside the folder and overwrites nothing."""
        names = ["../../etc/passwd", "INV/1", "inv-1", "INV\\1", "CON", "=cmd|' /C calc'!A0", "a" * 300]
        moves = self.env["account.move"]
        for name in names:
            move = self._invoice(amount=10)
            move.sudo().name = name
            self._keep(move, f"%PDF {name}".encode())
            moves |= move
        self.env["commercial.receivable"]._refresh_items(self.company)
        handover = self._prepare(self.env["commercial.receivable.item"].search([("move_id", "in", moves.ids)]))
        handover.contract_attachment_ids = [
            Command.create({"name": "../terms.pdf", "raw": b"1"}),
            Command.create({"name": "..\\terms.pdf", "raw": b"2"}),
        ]
        dossier = handover._build_dossier()
        with self._open(dossier) as archive:
            paths = archive.namelist()
            self.assertEqual(len({path.casefold() for path in paths}), len(paths))
            root = handover.name.replace("/", "-")
            for path in paths:
                self.assertTrue(path.startswith(f"{root}/"), path)
                self.assertNotIn("..", path)
                self.assertNotIn("\\", path)
            contents = [archive.read(path) for path in paths]
        for name in names:
            self.assertIn(f"%PDF {name}".encode(), contents)
        self.assertTrue({b"1", b"2"}.issubset(contents))

    def test_tampered_letter(self):
        """A letter that is not the one that was sent is told, not passed over."""
        self.notice.sha256 = "0" * 64
        self.handover.invalidate_recordset(["missing"])
        self.assertIn(f"{self.notice.name} is not the file that was sent any more", self.handover.missing)
        self.assertIn(self.notice.name, self.handover._build_dossier().missing)

    def test_missing_pieces(self):
        self.assertIn("terms", self.handover.missing)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE commercial_dispatch SET tracking_number = NULL WHERE res_id = %s AND res_model = %s",
            (self.notice.id, self.notice._name),
        )
        self.env.invalidate_all()
        self.assertIn("no proof", self.handover.missing)
        never = self._invoice(self.consumer, 20)
        self.env["commercial.receivable"]._refresh_items(self.company)
        self.assertIn("No letter", self._prepare(self._item(never)).missing)

    def test_letter_that_came_back(self):
        """It stands in the file with its proof, as what it is."""
        other = self._invoice(amount=70)
        notice = self._reach(other, self.notice_level)
        notice.dispatch_ids.write({"state": "failed", "bounced_on": "2026-04-11 08:00:00", "error": "No such mailbox"})
        notice.state = "failed"
        handover = self._prepare(self._item(other))
        files = self._read(handover._build_dossier())
        proof = self._find(files, "3-Proofs", notice.name.replace("/", "-")).decode()
        self.assertIn("No such mailbox", proof)
        self.assertIn(f"{notice.name} came back", handover.missing)

    def test_receipt_of_the_post_office(self):
        self.env["ir.attachment"].create(
            {
                "name": "receipt.jpg",
                "raw": b"scan",
                "res_model": "commercial.dispatch",
                "res_id": self.notice.dispatch_ids.id,
            }
        )
        self.assertEqual(self._find(self._read(self.handover._build_dossier()), "3-", "receipt.jpg"), b"scan")

    def test_what_other_rooms_know(self):
        """Records of other rooms come along with what stands in them, and nothing of who changed them when."""
        event = self.env["commercial.prescription.event"].create(
            {
                "receivable_id": self.item.receivable_id.id,
                "item_ids": [Command.set(self.item.ids)],
                "kind": "acknowledgment",
                "date": "2026-04-20",
                "note": "They signed for half of it",
            }
        )
        self.env["ir.attachment"].create(
            {"name": "signed.pdf", "raw": b"signed", "res_model": event._name, "res_id": event.id}
        )
        with patch.object(module, "RELATED_MODELS", ("commercial.prescription.event", "commercial.not.there")):
            files = self._read(self.handover._build_dossier())
        text = self._find(files, "5-", ".txt").decode()
        self.assertIn("They signed for half of it", text)
        self.assertNotIn("OdooBot", text)
        self.assertEqual(self._find(files, "5-", "signed.pdf"), b"signed")

    def test_too_much(self):
        with patch.object(module, "MAX_BYTES", 10), self.assertRaisesRegex(UserError, "Leave invoices"):
            self.handover._build_dossier()
        self.assertFalse(self.handover.dossier_ids)

    def test_one_document_at_a_time(self):
        """Documents are read when they are written, not all before."""
        pieces = self.handover._get_pieces()
        with patch.object(Dossier, "_load_file", side_effect=AssertionError("read too early")):
            self.handover._get_pieces()
        self.assertTrue(all(callable(piece.load) for piece in pieces))

    # --- COVER LETTER ---

    def _cover(self, lang, **values):
        self.bailiff.lang = lang
        if values:
            self.handover.write(values)
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "commercial_assistant.report_collection_cover", self.handover.ids
        )
        return html.decode()

    def test_cover_letter(self):
        page = self._cover("en_US", instructions="Please hurry.\nThe shop closes.")
        for text in (
            "Gerechtsdeurwaarder De Wilde",
            "Amicable collection of our claim on Bakkerij De Smet",
            self.handover.name,
            self.invoice.name,
            "0477.472.701",
            "Please hurry.",
            "one thousand and seventy-five",
            self.notice.name,
            "RR123456789BE",
            "Neither contract nor accepted terms",
        ):
            self.assertIn(text, page)

    def test_cover_letter_of_an_undisputed_debt(self):
        self._charge(self.notice, indemnity=100)
        page = self._cover("en_US", procedure="ios")
        self.assertIn("1394/20", page)
        self.assertIn("ten percent", page)
        self.assertIn("Not claimed", page)
        self.assertIn("one thousand one hundred", page)

    def test_cover_letter_about_a_consumer(self):
        invoice = self._invoice(self.consumer, 300)
        self._reach(invoice, self.last_consumer_level)
        self.handover = self._prepare(self._item(invoice))
        self.assertIn("XIX.4", self._cover("en_US"))

    def test_other_currency(self):
        """Currencies are never added together."""
        dollar = self.env.ref("base.USD") if self.company.currency_id.name != "USD" else self.env.ref("base.EUR")
        dollar.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": dollar.id, "name": "2026-01-01", "rate": 2, "company_id": self.company.id}
        )
        other = self._invoice(amount=70, currency_id=dollar.id)
        self._reach(other, self.notice_level)
        self._prepare(self._item(other))
        self.assertIn(" + ", self.handover.claimed_summary)
        page = self._cover("en_US")
        self.assertEqual(page.count("In words"), 2)

    def test_customer_name_is_no_markup(self):
        self.business.name = "Bakkerij <b>De Smet</b>"
        self.assertIn("Bakkerij &lt;b&gt;De Smet&lt;/b&gt;", self._cover("en_US"))

    def test_language_of_the_collector(self):
        for lang in ("nl_BE", "fr_BE"):
            page = self._cover(lang)
            self.assertIn(f'data-oe-lang="{lang}"', page)
            translated = self.env["commercial.collection.handover"].with_context(lang=lang).env._("Dear Sir or Madam,")
            self.assertIn(translated, page)

    def test_real_pdf(self):
        """The program for PDFs makes the letter, and the same letter again has the same bytes."""
        handover = self.handover.with_context(force_report_rendering=True)
        pdf = handover._render_cover()
        self.assertTrue(pdf.startswith(b"%PDF"))
        with freeze_time("2026-05-04 11:00:00"):
            self.assertEqual(handover._render_cover(), pdf)
