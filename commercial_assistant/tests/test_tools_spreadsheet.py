import io
import zipfile
from datetime import date, datetime, time, timedelta

import openpyxl
import xlwt

from odoo.tests import BaseCase, tagged

from odoo.addons.commercial_assistant.tools.spreadsheet import (
    REASONS,
    CellError,
    SpreadsheetError,
    column_letters,
    read_rows,
)

ROWS = [
    ("Name", "Number", "Amount", "Since", "Seen", "Customer"),
    ("Atelier Noël", 566988259, 12.5, date(2024, 2, 29), datetime(2026, 3, 2, 9, 30), True),
    ("Zonneçel BV", None, 3.0, None, None, False),
]
EXPECTED = [ROWS[0], ROWS[1], ("Zonneçel BV", None, 3, None, None, False)]


def make_xlsx(sheets, edit=None):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    if edit:
        edit(book)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def make_xls(sheets, edit=None):
    book = xlwt.Workbook()
    styles = {date: xlwt.easyxf(num_format_str="DD/MM/YYYY"), datetime: xlwt.easyxf(num_format_str="DD/MM/YYYY HH:MM")}
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        for row_number, row in enumerate(rows):
            for column, value in enumerate(row):
                if value is not None:
                    sheet.write(row_number, column, value, styles.get(type(value), xlwt.Style.default_style))
    if edit:
        edit(book)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def repack(content, change):
    """Return an archive whose members went through ``change(name, data)``; ``None`` leaves one out."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = change(name, source.read(name))
            if data is not None:
                target.writestr(name, data)
    return stream.getvalue()


@tagged("post_install", "-at_install")
class TestSpreadsheet(BaseCase):
    def assertRefused(self, reason, content, filename="list.xls", place=(None, None, None), **options):
        with self.assertRaises(SpreadsheetError) as caught:
            read_rows(content, filename, **options)
        error = caught.exception
        self.assertEqual((error.reason, (error.sheet, error.row, error.column)), (reason, place), str(error))
        self.assertIn(reason, REASONS)
        return error

    # --- WORKBOOKS ---

    def test_typed_cells(self):
        for file_format, content in (("xlsx", make_xlsx({"Fair": ROWS})), ("xls", make_xls({"Fair": ROWS}))):
            with self.subTest(file_format):
                sheet = read_rows(content, "list.xls")
                self.assertEqual(sheet.rows, EXPECTED)
                self.assertEqual([type(cell) for cell in sheet.rows[1]], [str, int, float, date, datetime, bool])
                self.assertEqual((sheet.name, sheet.sheet_names, sheet.file_format), ("Fair", ("Fair",), file_format))

    def test_times_become_text(self):
        rows = [(time(9, 30), timedelta(hours=30))]
        self.assertEqual(read_rows(make_xlsx({"A": rows})).rows, [("09:30:00", "1 day, 6:00:00")])

        def edit(book):
            book.get_sheet(0).write(0, 0, 0.25, xlwt.easyxf(num_format_str="HH:MM"))

        self.assertEqual(read_rows(make_xls({"A": []}, edit)).rows, [("06:00:00",)])

    def test_blank_rows_keep_their_number(self):
        rows = [(), ("a",), (), (), ("b", None, "c", None), ()]
        for make in (make_xlsx, make_xls):
            with self.subTest(make.__name__):
                sheet = read_rows(make({"A": rows}))
                self.assertEqual(sheet.rows, [(), ("a",), (), (), ("b", None, "c")])
                self.assertEqual([number for number, _row in sheet.numbered_rows()], [2, 5])

    def test_choice_of_sheet(self):
        sheets = {"Empty": [], "First": [("a",)], "Second": [("b",)]}
        for make in (make_xlsx, make_xls):
            content = make(sheets)
            with self.subTest(make.__name__):
                self.assertEqual(read_rows(content).name, "First")
                self.assertEqual(read_rows(content).sheet_names, ("Empty", "First", "Second"))
                self.assertEqual(read_rows(content, sheet="Second").rows, [("b",)])
                self.assertEqual(read_rows(content, sheet=2).rows, [("b",)])
                self.assertEqual(read_rows(content, sheet="Empty").rows, [])
                error = self.assertRefused("no_such_sheet", content, sheet="Third", place=("Third", None, None))
                self.assertEqual(error.detail, "Empty, First, Second")
                self.assertRefused("no_such_sheet", content, sheet=3, place=("3", None, None))
                self.assertRefused("no_such_sheet", content, sheet=-1, place=("-1", None, None))
            self.assertRefused("no_rows", make({"Empty": [], "Other": []}))

    def test_hidden_sheet_is_not_the_first_choice(self):
        def hide_xlsx(book):
            book["Hidden"].sheet_state = "hidden"

        def hide_xls(book):
            book.get_sheet(0).visibility = 1
            book.active_sheet = 1

        sheets = {"Hidden": [("a",)], "Shown": [("b",)]}
        self.assertEqual(read_rows(make_xlsx(sheets, hide_xlsx)).name, "Shown")
        self.assertEqual(read_rows(make_xls(sheets, hide_xls)).name, "Shown")
        self.assertEqual(read_rows(make_xls(sheets, hide_xls), sheet="Hidden").rows, [("a",)])

    def test_kind_of_file_is_told_by_its_content(self):
        content = make_xlsx({"A": [("a", 1)]})
        for filename in ("list.xls", "list.csv", "list", "LIST.XLSX", ""):
            with self.subTest(filename=filename):
                self.assertEqual(read_rows(content, filename).rows, [("a", 1)])
        self.assertEqual(read_rows(b"a;1\r\n", "list.xls").rows, [("a", "1")])

    def test_error_cells(self):
        def edit_xlsx(book):
            book["A"]["B3"] = "#N/A"
            book["A"]["B3"].data_type = "e"

        def edit_xls(book):
            book.get_sheet(0).row(2).set_cell_error(1, 0x2A)

        rows = [("Name", "Amount"), ("a", 1), ("b", None)]
        for content in (make_xlsx({"A": rows}, edit_xlsx), make_xls({"A": rows}, edit_xls)):
            error = self.assertRefused("error_cell", content, place=("A", 3, 2))
            self.assertEqual((error.detail, error.place), ("#N/A", "B3"))
            self.assertEqual(str(error), "The cell holds an error instead of a value. (sheet A, cell B3) [#N/A]")
            kept = read_rows(content, error_cells="keep")
            self.assertEqual(kept.rows[2], ("b", CellError("#N/A", "A", 3, 2)))
        # a text that only looks like an error
        self.assertEqual(read_rows(b"a;#N/A\n").rows, [("a", "#N/A")])

    def test_bad_date(self):
        def edit(book):
            book.get_sheet(0).write(1, 2, -40.0, xlwt.easyxf(num_format_str="DD/MM/YYYY"))

        content = make_xls({"A": []}, edit)
        self.assertRefused("bad_date", content, place=("A", 2, 3))
        self.assertEqual(read_rows(content, error_cells="keep").rows[1][2], CellError("#DATE!", "A", 2, 3))

    def test_limits(self):
        rows = [("a", "b", "c")] * 5
        for make in (make_xlsx, make_xls):
            content = make({"A": rows})
            with self.subTest(make.__name__):
                self.assertEqual(len(read_rows(content, max_rows=5, max_columns=3).rows), 5)
                self.assertRefused("too_many_rows", content, max_rows=4, place=("A", 5, None))
                self.assertRefused("too_many_columns", content, max_columns=2, place=("A", 1, 3))
                self.assertRefused("too_large", content, max_bytes=100)
        self.assertRefused("too_many_rows", b"a;b\n" * 5, "x.csv", max_rows=4, place=("x", 5, None))
        self.assertRefused("too_many_columns", b"a;b\n" * 5, "x.csv", max_columns=1, place=("x", 1, 2))

    def test_formatted_empty_rows_cost_nothing(self):
        def edit(book):
            book["A"]["A900000"].font = openpyxl.styles.Font(bold=True)

        self.assertEqual(read_rows(make_xlsx({"A": [("a",)]}, edit), max_rows=10).rows, [("a",)])

    def test_size_once_unpacked(self):
        content = make_xlsx({"A": [("a" * 30000,) for _number in range(30)]})
        self.assertLess(len(content), 20000)
        self.assertRefused("expands_too_much", content, max_unpacked_bytes=20000)
        self.assertEqual(len(read_rows(content).rows), 30)

    def test_row_number_out_of_bounds(self):
        def change(name, data):
            if name == "xl/worksheets/sheet1.xml":
                return data.replace(b'<row r="1"', b'<row r="99999999999"').replace(b'r="A1"', b'r="A99999999999"')
            return data

        with self.assertRaises(SpreadsheetError) as caught:
            read_rows(repack(make_xlsx({"A": [("a",)]}), change))
        self.assertEqual(caught.exception.reason, "broken")

    def test_wrong_dimension_in_the_file(self):
        def change(name, data):
            if name == "xl/worksheets/sheet1.xml":
                return data.replace(b'<dimension ref="A1:B2"/>', b'<dimension ref="A1:XFD1048576"/>')
            return data

        content = repack(make_xlsx({"A": [("a", 1), ("b", 2)]}), change)
        self.assertEqual(read_rows(content).rows, [("a", 1), ("b", 2)])

    def test_entities_are_refused(self):
        bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'
        content = repack(
            make_xlsx({"A": [("a",)]}), lambda name, data: bomb if name.startswith("xl/worksheets/") else data
        )
        self.assertRefused("unsafe", content)

    # --- NOT A SPREADSHEET ---

    def test_not_a_spreadsheet(self):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("word/document.xml", "<w/>")
        compound = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "WordDocument".encode("utf-16-le")
        table = [
            ("empty", b""),
            ("empty", b" \r\n\t"),
            ("empty", b"\xef\xbb\xbf"),
            ("not_a_spreadsheet", stream.getvalue()),
            ("not_a_spreadsheet", compound),
            ("not_a_spreadsheet", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"),
            ("not_a_spreadsheet", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"),
            ("not_a_spreadsheet", b"\x7fELF\x02\x01\x01\x00" + b"\0" * 64),
            ("not_a_spreadsheet", b"{\\rtf1\\ansi hello}"),
            ("web_page", b"<html><body><table><tr><td>a</td></tr></table></body></html>"),
            ("web_page", b"\xef\xbb\xbf<!DOCTYPE html>\n<html></html>"),
            ("web_page", b"<?xml version='1.0'?><Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'/>"),
            ("web_page", b"<!-- made by x -->\n<table><tr><td>1</td></tr></table>"),
            ("broken", b"PK\x03\x04 this is no archive"),
            ("broken", make_xlsx({"A": ROWS})[:-200]),
        ]
        for reason, content in table:
            with self.subTest(content=content[:20]):
                self.assertRefused(reason, content)

    def test_damaged_workbook(self):
        content = make_xls({"A": ROWS})
        with self.assertRaises(SpreadsheetError) as caught:
            read_rows(content[:700])
        self.assertIn(caught.exception.reason, ("broken", "not_a_spreadsheet"))
        without_sheet = repack(
            make_xlsx({"A": ROWS}), lambda name, data: None if name.startswith("xl/worksheets/") else data
        )
        self.assertRefused("broken", without_sheet)
        cut = repack(
            make_xlsx({"A": ROWS}), lambda name, data: data[:-80] if name.startswith("xl/worksheets/") else data
        )
        self.assertRefused("broken", cut, place=("A", None, None))

    def test_unsupported_workbooks(self):
        for name, detail in (("content.xml", "ods"), ("xl/workbook.bin", "xlsb")):
            stream = io.BytesIO()
            with zipfile.ZipFile(stream, "w") as archive:
                archive.writestr("[Content_Types].xml", "<t/>")
                archive.writestr(name, "x")
            self.assertEqual(self.assertRefused("unsupported_format", stream.getvalue()).detail, detail)

    def test_protected_by_a_password(self):
        header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504
        self.assertRefused("encrypted", header + "EncryptedPackage".encode("utf-16-le") + b"\0" * 512)
        # an .xls with the record FILEPASS right after the begin of the stream
        content = make_xls({"A": [("a",)]})
        begin = content.index(b"\x09\x08\x10\x00\x00\x06\x05\x00")
        record_end = begin + 20
        length = int.from_bytes(content[record_end + 2 : record_end + 4], "little")
        filepass = b"\x2f\x00" + length.to_bytes(2, "little") + b"\x00" * length
        encrypted = content[:record_end] + filepass + content[record_end + 4 + length :]
        self.assertRefused("encrypted", encrypted)

    # --- DELIMITED TEXT ---

    def test_encodings_and_delimiters(self):
        expected = [("Naam", "Plaats"), ("Café “De Zon”", "Liège"), ("0566988259", "1,5")]
        for delimiter in (";", "\t", "|"):
            text = "\r\n".join(delimiter.join(row) for row in expected) + "\r\n"
            for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"):
                with self.subTest(delimiter=delimiter, encoding=encoding):
                    sheet = read_rows(text.encode(encoding), "C:\\lists\\fair.csv")
                    self.assertEqual((sheet.rows, sheet.name, sheet.delimiter), (expected, "fair", delimiter))
                    self.assertEqual(sheet.file_format, "csv")

    def test_quotes(self):
        content = b'Name,Note\n"Peeters, Jan","two\nlines"\n"say ""hi""",\n\nend,x\n'
        self.assertEqual(
            read_rows(content).rows,
            [("Name", "Note"), ("Peeters, Jan", "two\nlines"), ('say "hi"',), (), ("end", "x")],
        )
        # a quotation mark inside a text is a character like any other
        self.assertEqual(read_rows('a;Café "De Zon" Gent\n'.encode()).rows, [("a", 'Café "De Zon" Gent')])
        self.assertRefused("bad_quotes", b'a;b\nc;"never closed\nd;e\n', "x.csv", place=("x", 2, None))
        self.assertRefused("bad_quotes", b'a;b\nc;"closed"too early\n', "x.csv", place=("x", 2, None))

    def test_declared_delimiter(self):
        sheet = read_rows(b"sep=|\r\na;b|c\r\n")
        self.assertEqual((sheet.rows, sheet.delimiter), ([(), ("a;b", "c")], "|"))
        self.assertRefused("no_rows", b"sep=;\r\n;;;\r\n", "x.csv", place=("x", None, None))

    def test_line_ends_of_old_machines(self):
        self.assertEqual(read_rows(b"a;b\rc;d\r").rows, [("a", "b"), ("c", "d")])

    def test_single_column(self):
        self.assertEqual(read_rows(b"Mail\na@example.com\nb@example.com\n").rows[1], ("a@example.com",))

    def test_only_sheet_of_a_text(self):
        self.assertEqual(read_rows(b"a;b\n", "fair.csv", sheet="fair").rows, [("a", "b")])
        self.assertEqual(read_rows(b"a;b\n", "fair.csv", sheet=0).rows, [("a", "b")])
        self.assertRefused("no_such_sheet", b"a;b\n", "fair.csv", sheet="Sheet1", place=("Sheet1", None, None))

    def test_column_letters(self):
        self.assertEqual([column_letters(number) for number in (1, 26, 27, 702, 703)], ["A", "Z", "AA", "ZZ", "AAA"])
