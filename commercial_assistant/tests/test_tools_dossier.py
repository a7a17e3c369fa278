import csv
import hashlib
import io
import zipfile

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.commercial_assistant.tests.test_tools_properties import steady
from odoo.addons.commercial_assistant.tools.dossier import (
    MANIFEST,
    MAX_NAME,
    DossierTooLargeError,
    Piece,
    name_pieces,
    safe_name,
    steady_pdf,
    write_csv,
    write_dossier,
)


def piece(name, content=b"x", folder="letters"):
    return Piece(folder, name, lambda: content, f"Document {name}")


def build(pieces, **options):
    file = io.BytesIO()
    entries, fingerprint = write_dossier(file, "HND/2026/0001", pieces, **options)
    return file.getvalue(), entries, fingerprint


@tagged("post_install", "-at_install")
class TestDossier(BaseCase):
    def test_names(self):
        table = [
            ("INV/2026/00001.pdf", "INV-2026-00001.pdf"),
            ("../../etc/passwd", "etc-passwd"),
            ("..\\..\\windows\\system.ini", "windows-system.ini"),
            ("C:\\x.pdf", "C-x.pdf"),
            ("a\x00b\nc.pdf", "a-b-c.pdf"),
            ("Facture n° 12 «été».pdf", "Facture-n-12-été.pdf"),
            ("", "document"),
            ("...", "document"),
            (None, "document"),
            ("CON.pdf", "_CON.pdf"),
            ("nul", "_nul"),
            ("=HYPERLINK(1).pdf", "HYPERLINK-1.pdf"),
            ("-rf", "rf"),
            ("x" * 300 + ".pdf", "x" * (MAX_NAME - 4) + ".pdf"),
        ]
        for text, expected in table:
            with self.subTest(text):
                self.assertEqual(safe_name(text), expected)

    def test_each_piece_has_its_own_path(self):
        names = ["A/1.pdf", "A-1.pdf", "a-1.PDF", "A 1.pdf", MANIFEST]
        paths = [path for path, _piece in name_pieces("x", [piece(name) for name in names])]
        self.assertEqual(len({path.casefold() for path in paths}), len(names))
        self.assertEqual(paths[:2], ["x/letters/A-1.pdf", "x/letters/A-1-2.pdf"])
        # nothing takes the place of the list itself
        [(path, _piece)] = name_pieces("x", [piece(MANIFEST, folder="")])
        self.assertEqual(path, "x/manifest-2.csv")

    def test_same_content_same_bytes(self):
        pieces = [piece("1.pdf", b"one" * 1000), piece("2.pdf", b"two")]
        first, entries, fingerprint = build(pieces)
        self.assertEqual((first, entries, fingerprint), build(pieces))
        other, _entries, changed = build([piece("1.pdf", b"one" * 1000), piece("2.pdf", b"Two")])
        self.assertNotEqual(first, other)
        self.assertNotEqual(fingerprint, changed)

    def test_list_of_fingerprints(self):
        content, entries, fingerprint = build([piece("1.pdf", b"one"), piece("=2.pdf", b"two")])
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            self.assertIsNone(archive.testzip())
            manifest = archive.read(f"HND-2026-0001/{MANIFEST}")
            self.assertEqual(hashlib.sha256(manifest).hexdigest(), fingerprint)
            rows = list(csv.reader(io.StringIO(manifest.decode("utf-8-sig")), delimiter=";"))
            self.assertEqual(rows[0], ["SHA-256", "Bytes", "File", "Document"])
            for (digest, size, path, _description), entry in zip(rows[1:], entries, strict=True):
                self.assertEqual(hashlib.sha256(archive.read(path)).hexdigest(), digest)
                self.assertEqual((int(size), path), (entry.size, entry.path))

    def test_too_large(self):
        read = []

        def load(number):
            read.append(number)
            return b"x" * 100

        pieces = [Piece("", f"{number}.pdf", lambda number=number: load(number)) for number in range(10)]
        with self.assertRaises(DossierTooLargeError) as caught:
            build(pieces, max_bytes=250)
        self.assertEqual((caught.exception.size, caught.exception.name), (300, "HND-2026-0001/2.pdf"))
        self.assertEqual(read, [0, 1, 2], "what does not fit any more is not even read")

    def test_table_is_disarmed(self):
        text = write_csv(["A"], [["=1+1"], ["+32 9 1"], ["-5"], ["-cmd"], ["@x"], [-5]]).decode("utf-8-sig")
        self.assertEqual(text.split("\r\n")[1:-1], ["'=1+1", "'+32 9 1", "-5", "'-cmd", "'@x", "-5"])

    def test_pdf_without_moment(self):
        one = b"%PDF-1.4 /CreationDate (D:20260320091500+01'00') /ModDate(D:20260320091500Z) x"
        two = one.replace(b"20260320", b"20270101")
        self.assertEqual(steady_pdf(one), steady_pdf(two))
        self.assertEqual(len(steady_pdf(one)), len(one), "offsets inside the file stay right")
        self.assertEqual(steady_pdf(b"no pdf"), b"no pdf")

    @steady
    @given(st.lists(st.tuples(st.text(max_size=40), st.text(max_size=60)), max_size=12))
    def test_nothing_leaves_the_folder(self, names):
        paths = [path for path, _piece in name_pieces("x", [piece(name, folder=folder) for folder, name in names])]
        self.assertEqual(len({path.casefold() for path in paths}), len(names))
        for path in paths:
            parts = path.split("/")
            self.assertEqual(parts[0], "x")
            for part in parts:
                self.assertTrue(part.strip(" ."), path)
                self.assertNotIn("\\", part)
                self.assertFalse(part.startswith(("..", "=", "-")), path)
