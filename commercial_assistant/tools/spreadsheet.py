"""Rows of an uploaded spreadsheet: Excel 97 (.xls), Excel 2007 (.xlsx) and delimited text (.csv).

The kind of file is told by its content, never by its name: programs write web pages, delimited text and new Excel files
under the name ``.xls``. Whatever is wrong with a file, only :class:`SpreadsheetError` leaves this module. Its messages
are plain English for the log; what a person reads is chosen by its ``reason``, one of :data:`REASONS`.

Cells are ``str``, ``int``, ``float``, ``date``, ``datetime``, ``bool`` or ``None``. A whole number stored as a float
becomes ``int``; a date at midnight becomes ``date``; a time of day or a duration becomes text; an empty text becomes
``None``. The cells of delimited text stay ``str``, so that leading zeros of numbers and telephone prefixes survive.
"""

import csv
import io
import re
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from math import isfinite
from typing import Literal, NamedTuple

import openpyxl
import xlrd

# reason code -> message in plain English, filled with what is known of the place
_MESSAGES = {
    "empty": "The file is empty.",
    "too_large": "The file is too large.",
    "expands_too_much": "The file would take too much room once unpacked.",
    "too_many_rows": "The sheet has too many rows.",
    "too_many_columns": "The sheet has too many columns.",
    "encrypted": "The file is protected by a password.",
    "not_a_spreadsheet": "The file is not a spreadsheet.",
    "unsupported_format": "This kind of spreadsheet is not supported: save it as .xlsx, .xls or .csv.",
    "web_page": "The file is a web page or XML under the name of a spreadsheet: open it and save it as .xlsx.",
    "unsafe": "The file holds declarations that a spreadsheet never needs.",
    "broken": "The file is damaged and cannot be read.",
    "bad_encoding": "The text of the file is in an unknown encoding.",
    "bad_quotes": "A quotation mark is opened and not closed properly.",
    "bad_date": "The cell holds a date that does not exist.",
    "error_cell": "The cell holds an error instead of a value.",
    "no_rows": "The file holds no filled cell.",
    "no_such_sheet": "The file has no sheet of that name.",
}
REASONS = tuple(_MESSAGES)

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_ROWS = 50_000
MAX_COLUMNS = 300
_LAST_ROW = 1_048_576  # of an Excel sheet
_BAD_DATE = "#DATE!"

_ZIP = b"PK\x03\x04"
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLD_BIFF = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"\x09\x08")
_DELIMITERS = (";", ",", "\t", "|")
_MARKUP = re.compile(
    r"\s*(?:<!--.*?-->\s*)*<(?:\?xml|!doctype|html|head|body|table|meta|style|div)\b", re.IGNORECASE | re.DOTALL
)
_DECLARATION = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffe\uffff]")


class SpreadsheetError(Exception):
    """A file cannot be read as a spreadsheet.

    :ivar reason: one of :data:`REASONS`
    :ivar sheet: name of the sheet, if known
    :ivar row: number of the row as the spreadsheet program shows it (from 1), if known
    :ivar column: number of the column (from 1), if known
    :ivar detail: what exactly was found: the error code of a cell, the limit passed, the sheets there are
    """

    def __init__(
        self,
        reason: str,
        sheet: str | None = None,
        row: int | None = None,
        column: int | None = None,
        detail: str | None = None,
    ) -> None:
        self.reason = reason
        self.sheet = sheet
        self.row = row
        self.column = column
        self.detail = detail
        super().__init__(self._text())

    @property
    def place(self) -> str:
        """The cell as the spreadsheet program names it (``"C7"``), the row alone, or nothing."""
        if self.row and self.column:
            return f"{column_letters(self.column)}{self.row}"
        return str(self.row or (column_letters(self.column) if self.column else ""))

    def _text(self) -> str:
        where = [f"sheet {self.sheet}"] if self.sheet else []
        if self.row and self.column:
            where.append(f"cell {self.place}")
        elif self.row:
            where.append(f"row {self.row}")
        elif self.column:
            where.append(f"column {self.place}")
        text = _MESSAGES[self.reason]
        if where:
            text += f" ({', '.join(where)})"
        return f"{text} [{self.detail}]" if self.detail else text


@dataclass(frozen=True)
class CellError:
    """An error such as #N/A, or ``#DATE!`` for a date that does not exist, when the caller asked to keep them."""

    code: str
    sheet: str
    row: int
    column: int


Cell = str | int | float | bool | date | datetime | CellError | None


@dataclass(frozen=True)
class Sheet:
    """The rows of one sheet.

    ``rows[0]`` is row 1 of the sheet: blank rows in between are kept as empty tuples, those at the end are left out,
    likewise the empty cells at the end of a row.
    """

    name: str
    rows: list[tuple[Cell, ...]]
    sheet_names: tuple[str, ...]
    file_format: Literal["xls", "xlsx", "csv"]
    encoding: str = ""
    delimiter: str = ""

    def numbered_rows(self) -> Iterator[tuple[int, tuple[Cell, ...]]]:
        """Yield the rows that are not blank with their number in the sheet (from 1)."""
        return ((number, row) for number, row in enumerate(self.rows, 1) if row)


class _Raw(NamedTuple):
    """A cell as the reading library gives it: the value, or the code of an error."""

    value: object
    error: str = ""


@dataclass
class _Source:
    """One sheet that can be read."""

    name: str
    hidden: bool
    raw_rows: Iterable[Iterable[_Raw]] = field(repr=False)


@dataclass(frozen=True)
class _Limits:
    max_rows: int
    max_columns: int
    keep_errors: bool


def column_letters(number: int) -> str:
    """Return the name of a column: 1 is A, 27 is AA."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def read_rows(
    content: bytes,
    filename: str = "",
    sheet: str | int | None = None,
    max_rows: int = MAX_ROWS,
    max_columns: int = MAX_COLUMNS,
    max_bytes: int = MAX_BYTES,
    max_unpacked_bytes: int = MAX_UNPACKED_BYTES,
    error_cells: Literal["raise", "keep"] = "raise",
) -> Sheet:
    """Return the rows of one sheet of an uploaded file.

    :param content: the whole file
    :param filename: its name, used as name of the only sheet of delimited text
    :param sheet: name or number (from 0) of the sheet; without it the first visible sheet that holds anything
    :param max_rows: most rows that are not blank
    :param max_columns: most columns
    :param max_bytes: largest file
    :param max_unpacked_bytes: largest size of an .xlsx once unpacked
    :param error_cells: ``"raise"`` refuses a sheet with an error such as #N/A in a cell, ``"keep"`` returns it as
        :class:`CellError`
    :raise SpreadsheetError: whatever is wrong with the file
    """
    limits = _Limits(max_rows, max_columns, error_cells == "keep")
    file_format = _detect(content, max_bytes)
    try:
        if file_format == "csv":
            return _read_csv(content, filename, sheet, limits)
        reader = _open_xlsx(content, max_unpacked_bytes) if file_format == "xlsx" else _open_xls(content)
        with warnings.catch_warnings():
            # openpyxl warns of styles and extensions it leaves out: of no interest for values
            warnings.simplefilter("ignore")
            return _read_book(reader, sheet, file_format, limits)
    except SpreadsheetError:
        raise
    except Exception as error:  # damaged files make the libraries fail with any kind of exception
        raise SpreadsheetError("broken", detail=type(error).__name__) from error


# --- KIND OF FILE ---


def _detect(content: bytes, max_bytes: int) -> Literal["xls", "xlsx", "csv"]:
    if len(content) > max_bytes:
        raise SpreadsheetError("too_large", detail=f"{len(content)} > {max_bytes} bytes")
    if not content.strip():
        raise SpreadsheetError("empty")
    if content.startswith(_ZIP):
        return "xlsx"
    if content.startswith(_COMPOUND):
        # the names of the streams inside stand in UTF-16 in the directory of the compound file
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise SpreadsheetError("encrypted")
        if not any(name.encode("utf-16-le") in content for name in ("Workbook", "Book", "WORKBOOK", "BOOK")):
            raise SpreadsheetError("broken" if _lacks_directory(content) else "not_a_spreadsheet")
        return "xls"
    if content.startswith(_OLD_BIFF):
        return "xls"
    return "csv"


def _lacks_directory(content: bytes) -> bool:
    """Tell whether the directory of a compound file lies behind its end: the file was cut off."""
    if len(content) < 512:
        return True
    sector_size = 1 << min(int.from_bytes(content[30:32], "little"), 16)
    return (int.from_bytes(content[48:52], "little") + 1) * sector_size >= len(content)


# --- WORKBOOKS ---


def _read_book(
    sources: Iterator[_Source], wanted: str | int | None, file_format: Literal["xls", "xlsx"], limits: _Limits
) -> Sheet:
    sheets = list(sources)
    if not sheets:
        raise SpreadsheetError("broken", detail="no sheet")
    names = tuple(source.name for source in sheets)
    if isinstance(wanted, str):
        chosen = [source for source in sheets if source.name == wanted]
    elif wanted is not None:
        chosen = sheets[wanted : wanted + 1] if wanted >= 0 else []
    else:
        chosen = [source for source in sheets if not source.hidden] or sheets
    if not chosen:
        raise SpreadsheetError("no_such_sheet", sheet=str(wanted), detail=", ".join(names))
    for source in chosen:
        try:
            rows = _read_cells(source, limits)
        except SpreadsheetError:
            raise
        except Exception as error:  # damaged files make the libraries fail with any kind of exception
            raise SpreadsheetError("broken", sheet=source.name, detail=type(error).__name__) from error
        if rows or wanted is not None:
            return Sheet(source.name, rows, names, file_format)
    raise SpreadsheetError("no_rows", detail=", ".join(names))


def _read_cells(source: _Source, limits: _Limits) -> list[tuple[Cell, ...]]:
    rows: list[tuple[Cell, ...]] = []
    filled = blank = 0
    for number, raw_row in enumerate(source.raw_rows, 1):
        if number > _LAST_ROW:
            raise SpreadsheetError("broken", source.name, row=number)
        cells = [_clean_cell(raw, source.name, number, column, limits) for column, raw in enumerate(raw_row, 1)]
        while cells and cells[-1] is None:
            cells.pop()
        if not cells:
            blank += 1
            continue
        if len(cells) > limits.max_columns:
            raise SpreadsheetError("too_many_columns", source.name, number, len(cells), f"> {limits.max_columns}")
        filled += 1
        if filled > limits.max_rows:
            raise SpreadsheetError("too_many_rows", source.name, number, detail=f"> {limits.max_rows}")
        rows.extend([()] * blank)
        blank = 0
        rows.append(tuple(cells))
    return rows


def _clean_cell(raw: _Raw, sheet: str, row: int, column: int, limits: _Limits) -> Cell:
    value, error = raw
    if isinstance(value, float) and not isfinite(value):
        error = "#NUM!"
    if isinstance(value, date) and value.year < 1900:
        error = _BAD_DATE
    if error:
        if limits.keep_errors:
            return CellError(error, sheet, row, column)
        raise SpreadsheetError("bad_date" if error == _BAD_DATE else "error_cell", sheet, row, column, error)
    if value is None or value == "":
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, datetime) and value.time() == time():
        return value.date()
    if isinstance(value, timedelta | time):
        return str(value)
    if isinstance(value, str | int | float | date):
        return value
    return str(value)


def _open_xlsx(content: bytes, max_unpacked_bytes: int) -> Iterator[_Source]:
    _check_archive(content, max_unpacked_bytes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    for sheet in book.worksheets:
        yield _Source(sheet.title, sheet.sheet_state != "visible", _xlsx_rows(sheet))


def _check_archive(content: bytes, max_unpacked_bytes: int) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            names = {member.filename.replace("\\", "/").lower() for member in members}
            if "xl/workbook.bin" in names or "content.xml" in names:
                raise SpreadsheetError("unsupported_format", detail="xlsb" if "xl/workbook.bin" in names else "ods")
            if "[content_types].xml" not in names or not any(name.startswith("xl/") for name in names):
                raise SpreadsheetError("not_a_spreadsheet")
            if any(member.flag_bits & 1 for member in members):
                raise SpreadsheetError("encrypted")
            unpacked = sum(member.file_size for member in members)
            if unpacked > max_unpacked_bytes:
                raise SpreadsheetError("expands_too_much", detail=f"{unpacked} > {max_unpacked_bytes} bytes")
            for member in members:
                if member.filename.lower().endswith((".xml", ".rels")):
                    with archive.open(member) as part:
                        if _DECLARATION.search(part.read(65536)):
                            raise SpreadsheetError("unsafe", detail=member.filename)
    except SpreadsheetError:
        raise
    except Exception as error:  # a damaged archive fails in many ways, struct.error and zlib.error among them
        raise SpreadsheetError("broken", detail=type(error).__name__) from error


def _xlsx_rows(sheet) -> Iterator[Iterable[_Raw]]:
    # the dimension written in the file can be wrong, or a trap
    sheet.reset_dimensions()
    for row in sheet.iter_rows():
        yield [_Raw(cell.value, error=str(cell.value) if cell.data_type == "e" else "") for cell in row]


def _open_xls(content: bytes) -> Iterator[_Source]:
    try:
        book = xlrd.open_workbook(file_contents=content, logfile=io.StringIO(), on_demand=True, ragged_rows=True)
    except xlrd.XLRDError as error:
        if "encrypted" in str(error).lower():
            raise SpreadsheetError("encrypted") from error
        raise
    for index, name in enumerate(book.sheet_names()):
        hidden = bool(book._sheet_visibility[index]) if index < len(book._sheet_visibility) else False
        yield _Source(name, hidden, _xls_rows(book, index))


def _xls_rows(book: xlrd.Book, index: int) -> Iterator[Iterable[_Raw]]:
    sheet = book.sheet_by_index(index)
    for row in range(sheet.nrows):
        yield [_xls_cell(cell, book.datemode) for cell in sheet.row(row)]


def _xls_cell(cell: xlrd.sheet.Cell, datemode: int) -> _Raw:
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return _Raw(None, error=xlrd.error_text_from_code.get(cell.value, "#ERROR!"))
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return _Raw(bool(cell.value))
    if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
        return _Raw(None)
    if cell.ctype != xlrd.XL_CELL_DATE:
        return _Raw(cell.value)
    try:
        moment = xlrd.xldate.xldate_as_datetime(cell.value, datemode)
    except (ValueError, OverflowError, xlrd.XLDateError):
        return _Raw(None, _BAD_DATE)
    # a number below 1 is a time of day without a date
    return _Raw(moment.time() if 0 <= cell.value < 1 else moment)


# --- DELIMITED TEXT ---


def _decode(content: bytes) -> tuple[str, str]:
    """Return the text and the name of its encoding."""
    candidates: tuple[str, ...]
    if content.startswith(b"\xef\xbb\xbf"):
        candidates = ("utf-8-sig",)
    elif content.startswith((b"\xff\xfe", b"\xfe\xff")):
        candidates = ("utf-16",)
    elif b"\x00" in content[:200]:
        # UTF-16 without a mark: western text has its zeros at every second place
        candidates = ("utf-16-le",) if b"\x00" not in content[:200:2] else ("utf-16-be",)
    else:
        candidates = ("utf-8", "cp1252")
    for encoding in candidates:
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise SpreadsheetError(
        "bad_encoding" if len(candidates) == 1 and b"\x00" not in content[:200] else "not_a_spreadsheet"
    )


def _read_csv(content: bytes, filename: str, wanted: str | int | None, limits: _Limits) -> Sheet:
    text, encoding = _decode(content)
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise SpreadsheetError("empty")
    if _CONTROL.search(text) or text.startswith(("%PDF", "{\\rtf")):
        raise SpreadsheetError("not_a_spreadsheet")
    if _MARKUP.match(text):
        raise SpreadsheetError("web_page")
    name = re.sub(r".*[/\\]", "", filename or "").rpartition(".")[0] or filename or "csv"
    if wanted not in (None, 0, name):
        raise SpreadsheetError("no_such_sheet", sheet=str(wanted), detail=name)
    skipped = 0
    if declared := re.match(r"sep=(.)(?:\r\n|\r|\n)", text, re.IGNORECASE):
        # the first line by which Excel is told the delimiter
        delimiter = declared[1]
        text = text[declared.end() :]
        skipped = 1
    else:
        delimiter = _sniff(text)
    source = _Source(name, False, _csv_rows(text, delimiter, name, skipped))
    rows = [()] * skipped + _read_cells(source, limits)
    if len(rows) == skipped:
        raise SpreadsheetError("no_rows", sheet=name)
    return Sheet(name, rows, (name,), "csv", encoding, delimiter)


def _csv_rows(text: str, delimiter: str, name: str, skipped: int = 0) -> Iterator[Iterable[_Raw]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begin = 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise SpreadsheetError("bad_quotes", name, begin + skipped, detail=str(error)) from error
        yield [_Raw(value if value.strip() else None) for value in row]
        begin += 1


def _sniff(text: str) -> str:
    """Return the delimiter that divides the first rows most evenly into more than one column."""
    lines = text[:65536].splitlines(keepends=True)[:50]
    scores = {delimiter: _evenness(lines, delimiter) for delimiter in _DELIMITERS}
    best = max(scores, key=lambda delimiter: scores[delimiter])
    return best if scores[best] else ","


def _evenness(lines: list[str], delimiter: str) -> float:
    """Return the share of rows with the most frequent number of columns; of two alike the wider one scores higher."""
    try:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if any(row))
    except csv.Error:
        return 0
    if not widths:
        return 0
    most = max(widths, key=lambda width: (widths[width], width))
    return widths[most] / widths.total() + min(most, 50) / 1000 if most > 1 else 0
