"""A file of documents as a zip archive whose bytes depend on its content only, with a list of fingerprints.

Nothing here knows what the documents are. Each piece is read when it is written and forgotten afterwards, so that the
memory needed is that of the largest piece.
"""

import csv
import hashlib
import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

MANIFEST = "manifest.csv"
MAX_NAME = 100
# the earliest moment that an archive can express: the day of writing is no part of the content
_MOMENT = (1980, 1, 1, 0, 0, 0)
_FORBIDDEN = re.compile(r"[^\w.,+@=-]+")
# names that mean a device, not a file, to Windows
_DEVICES = re.compile(r"^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE)
_PDF_MOMENT = re.compile(rb"(/(?:CreationDate|ModDate) ?\(D:)\d{14}([^)]*)\)")


class DossierTooLargeError(ValueError):
    """The documents are more than may be put together.

    :ivar size: bytes so far
    :ivar name: the piece with which it became too much
    """

    def __init__(self, size: int, name: str) -> None:
        super().__init__(f"{size} bytes with {name}")
        self.size = size
        self.name = name


@dataclass(frozen=True, slots=True)
class Piece:
    """One document: where it stands, how it is called, how it is read, what it is."""

    folder: str
    name: str
    load: Callable[[], bytes]
    description: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One document as it stands in the archive."""

    path: str
    size: int
    sha256: str
    description: str = ""


def safe_name(text: str, fallback: str = "document") -> str:
    """Return a text as the name of a file: no separators, no dots at the ends, nothing that a program could execute.

    Accents stay; everything that is neither letter, digit nor a harmless sign becomes a hyphen.
    """
    text = unicodedata.normalize("NFC", str(text or ""))
    name = _FORBIDDEN.sub("-", text).strip("-. ")
    name = re.sub(r"\.{2,}", ".", name)
    stem, dot, ending = name.rpartition(".")
    if dot and stem and len(ending) <= 8:
        name = f"{stem[: MAX_NAME - len(ending) - 1].rstrip('-. ')}.{ending}"
    else:
        name = name[:MAX_NAME].rstrip("-. ")
    name = name.lstrip("=+@-.") or fallback
    return f"_{name}" if _DEVICES.match(name) else name


def name_pieces(root: str, pieces: Iterable[Piece]) -> list[tuple[str, Piece]]:
    """Return ``[(path, piece)]`` with a path of its own for each piece, also where case makes no difference."""
    root, taken, named = safe_name(root), {f"{safe_name(root)}/{MANIFEST}".casefold()}, []
    for piece in pieces:
        parts = [root, *(safe_name(part) for part in piece.folder.split("/") if part), safe_name(piece.name)]
        path, number = "/".join(parts), 1
        while path.casefold() in taken:
            number += 1
            stem, dot, ending = parts[-1].rpartition(".")
            name = f"{stem}-{number}.{ending}" if dot and stem else f"{parts[-1]}-{number}"
            path = "/".join([*parts[:-1], name])
        taken.add(path.casefold())
        named.append((path, piece))
    return named


def write_dossier(
    file: BinaryIO,
    root: str,
    pieces: Iterable[Piece],
    headers: Sequence[str] = ("SHA-256", "Bytes", "File", "Document"),
    max_bytes: int | None = None,
) -> tuple[list[Entry], str]:
    """Write the archive and return what stands in it, and the SHA-256 of its list of fingerprints.

    :param root: name of the folder in which everything lies
    :param headers: titles of the four columns of the list
    :param max_bytes: most bytes of all documents together
    :raise DossierTooLargeError: they are more
    """
    entries, total = [], 0
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path, piece in name_pieces(root, pieces):
            content = piece.load()
            total += len(content)
            if max_bytes is not None and total > max_bytes:
                raise DossierTooLargeError(total, path)
            _write(archive, path, content)
            entries.append(Entry(path, len(content), hashlib.sha256(content).hexdigest(), piece.description))
        manifest = write_manifest(entries, headers)
        _write(archive, f"{safe_name(root)}/{MANIFEST}", manifest)
    return entries, hashlib.sha256(manifest).hexdigest()


def write_manifest(entries: Iterable[Entry], headers: Sequence[str]) -> bytes:
    """Return the list of fingerprints as a table that every spreadsheet opens (UTF-8, semicolons)."""
    return write_csv(headers, ((entry.sha256, entry.size, entry.path, entry.description) for entry in entries))


def write_csv(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return a table as text; a cell that a spreadsheet would take for a formula is disarmed."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(headers)
    for row in rows:
        writer.writerow([_disarm(cell) for cell in row])
    return text.getvalue().encode("utf-8-sig")


def steady_pdf(content: bytes) -> bytes:
    """Return a PDF without the moment in which it was made: the same document twice has the same bytes."""
    return _PDF_MOMENT.sub(rb"\g<1>19800101000000\g<2>)", content)


def _disarm(cell: object) -> object:
    if (
        isinstance(cell, str)
        and cell[:1] in ("=", "+", "@", "\t", "\r")
        or (isinstance(cell, str) and cell[:1] == "-" and not cell[1:2].isdigit())
    ):
        return f"'{cell}"
    return cell


def _write(archive: zipfile.ZipFile, path: str, content: bytes) -> None:
    info = zipfile.ZipInfo(path, _MOMENT)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3  # the same on every machine
    info.external_attr = 0o644 << 16
    archive.writestr(info, content)
