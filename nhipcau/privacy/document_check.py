"""Checks documents of offices by their content, and stores them under a random name with a safe shown name.

Nothing is unpacked: of a DOCX only the list of its parts is read, and the beginning of one. The content, with its
authors and comments, stays as it is.
"""

from __future__ import annotations

import io
import struct
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from nhipcau.privacy.atomic_files import store_file

#: Bytes of a document: what the strictest app accepts (an Official Account, 5 MB).
MAX_BYTES = 5_000_000
#: Characters of a shown name, its ending included.
LONGEST_NAME = 60
_UNNAMED = "Tài liệu"
#: Endings that are removed from a given name; the content decides the new one.
ENDINGS = (".pdf", ".doc", ".docx", ".docm")
_PDF, _ZIP, _OLE = b"%PDF-", b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1")
#: Parts of a DOCX, and bytes they may unpack to on the phone that opens it.
_MAX_PARTS, _MAX_UNPACKED = 5000, 200_000_000
_TYPES_PART, _TYPES_PART_BYTES = "[content_types].xml", 200_000
_COMPRESSIONS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
#: Names inside an OLE file that show it is no plain Word document: encrypted, with macros, a spreadsheet, slides.
_REFUSED_PARTS = tuple(
    name.encode("utf-16-le") for name in ("EncryptedPackage", "_VBA_PROJECT", "Workbook", "PowerPoint Document")
)
#: Characters that some system refuses in a file name.
_UNSAFE = frozenset('"*/:<>?\\|')


class NotADocument(Exception):
    """Neither PDF nor Word, or with macros, or encrypted."""


class TooBig(Exception):
    """More than MAX_BYTES bytes."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A document in our folder."""

    #: Random: `<16 hex>.<ending>`.
    name: str
    #: What people see.
    shown: str


def recognise(data: bytes) -> str:
    """ "pdf", "docx" or "doc", by content and not by name. Raises TooBig, NotADocument."""
    if len(data) > MAX_BYTES:
        raise TooBig
    if data.startswith(_PDF):
        return "pdf"
    if data.startswith(_ZIP):
        _check_docx(data)
        return "docx"
    if data.startswith(_OLE) and not any(name in data for name in _REFUSED_PARTS):
        return "doc"
    raise NotADocument("unknown kind")


def _check_docx(data: bytes) -> None:
    # each entry of the part list begins so: counted before the list is read
    if data.count(b"PK\x01\x02") > _MAX_PARTS:
        raise NotADocument("too many parts")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            parts = {part.filename.casefold(): part for part in opened.infolist()}
            if len(parts) < len(opened.infolist()):
                raise NotADocument("a part twice")
            _check_parts(parts)
            if _TYPES_PART in parts:
                with opened.open(parts[_TYPES_PART]) as types:
                    words = types.read(_TYPES_PART_BYTES).lower()
                if b"macroenabled" in words or b"vbaproject" in words:
                    raise NotADocument("macros")
    except NotADocument:
        raise
    except (zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, ValueError, NotImplementedError) as error:
        raise NotADocument(type(error).__name__) from None


def _check_parts(parts: dict[str, zipfile.ZipInfo]) -> None:
    if "word/document.xml" not in parts:
        raise NotADocument("no words inside")
    if any(part.flag_bits & 1 or part.compress_type not in _COMPRESSIONS for part in parts.values()):
        raise NotADocument("locked, or packed as no Word does")
    if any(name.rpartition("/")[2] == "vbaproject.bin" for name in parts):
        raise NotADocument("macros")
    if sum(part.file_size for part in parts.values()) > _MAX_UNPACKED:
        raise NotADocument("unfolds without end")


def shown_name(title: str, kind: str) -> str:
    """A safe name to show: no path, nothing invisible, composed letters, the ending of the document's real kind."""
    name = unicodedata.normalize("NFC", title).replace("\\", "/").rpartition("/")[2]
    # category C holds the marks that reverse text, with which "exe.jpg" could be shown as "gpj.exe"
    spaced = (" " if c.isspace() or c in _UNSAFE else c for c in name)
    stem = " ".join("".join(c for c in spaced if unicodedata.category(c)[0] != "C").split())
    while ending := next((each for each in ENDINGS if stem.lower().endswith(each)), ""):
        stem = stem[: -len(ending)]
    room = LONGEST_NAME - len(kind) - 1
    return f"{stem.strip(' .')[:room].rstrip(' .') or _UNNAMED}.{kind}"


def store_document(folder: Path, data: bytes, day: date, title: str = "") -> Stored:
    """Store the document unchanged; `title`: its name as sent. File times are the day's midnight, UTC.

    Raises TooBig, NotADocument.
    """
    kind = recognise(data)
    if title.strip().casefold().endswith(".docm"):
        raise NotADocument("macros")
    return Stored(store_file(folder, data, kind, day), shown_name(title, kind))
