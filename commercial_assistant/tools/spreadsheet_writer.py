"""A table as a workbook (.xlsx) for people to open: names of columns, rows of texts and numbers, never a formula."""

import io
import re
from collections.abc import Iterable, Sequence
from itertools import zip_longest

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

MAX_CELL = 32_000  # a cell of Excel holds 32,767 signs
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def write_table(
    title: str,
    headers: Sequence[str],
    rows: Iterable[Sequence[object]],
    formats: Sequence[str | None] = (),
) -> bytes:
    """Return the bytes of an .xlsx file with one sheet.

    :param formats: number format of each column, ``None`` for the usual one

    Texts are stored as texts even when they begin like a formula ("=1+1", "+32 ..."): what came from outside is never
    executed by the program that opens the file.
    """
    rows = [list(row) for row in rows]
    book = Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", title)[:31] or "1")
    for index, header in enumerate(headers):
        texts = [str(row[index]) for row in rows[:200] if index < len(row)]
        longest = max((len(line) for text in [header, *texts] for line in text.splitlines()), default=8)
        sheet.column_dimensions[get_column_letter(index + 1)].width = min(max(longest + 2, 8), 60)
    sheet.freeze_panes = "A2"
    if headers:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(headers))}{len(rows) + 1}"
    bold, fill = Font(bold=True), PatternFill("solid", fgColor="DDE3EA")
    top = Alignment(vertical="top", wrap_text=True)
    sheet.append([_cell(sheet, header, font=bold, fill=fill) for header in headers])
    for row in rows:
        sheet.append(
            [
                _cell(sheet, value, alignment=top, **({"number_format": shape} if shape else {}))
                for value, shape in zip_longest(row, formats)
            ]
            if formats
            else [_cell(sheet, value, alignment=top) for value in row]
        )
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _cell(sheet, value: object, **style) -> WriteOnlyCell:
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, value=_ILLEGAL.sub("", value)[:MAX_CELL])
        cell.data_type = "s"
    else:
        cell = WriteOnlyCell(sheet, value=value)
    for name, setting in style.items():
        setattr(cell, name, setting)
    return cell
