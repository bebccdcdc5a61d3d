"""Checks documents of offices by their content, and stores them under a random name with a safe shown name.

Nothing of it is run or changed: the content, with its authors and comments, stays as it is. What must not go to
everybody under the office's name is refused by name (document_dangers.py), and so is a mark of secrecy in its text.
"""

from __future__ import annotations

import io
import re
import struct
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import olefile

from nhipcau.privacy.atomic_files import store_file
from nhipcau.privacy.document_dangers import Reason, danger_in_doc, danger_in_pdf, look_into_package
from nhipcau.privacy.document_text import has_stamp, holds_words, lines_of_doc, look_into_pdf

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
_WORDS_PART = "word/document.xml"
_COMPRESSIONS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
#: Bytes within which a PDF may begin, as programs that show one allow: a byte order mark, a printer's or mail's lines.
_PDF_WITHIN = 1024
#: Beginnings of what else may hold a PDF somewhere: programs, archives, pages, other documents.
_OTHERS = (
    b"MZ",
    b"\x7fELF",
    b"\xca\xfe\xba\xbe",
    b"\xcf\xfa\xed\xfe",
    b"PK",
    _OLE,
    b"#!",
    b"<",
    b"{\\rtf",
    b"Rar!",
    b"7z\xbc\xaf",
)
#: What the list of types says of the part that holds the words of a DOCX.
_WORDS_TYPE = "wordprocessingml.document.main+xml"
#: The streams of an OLE file's root that say what it is. An embedded table has a folder of its own.
_DOC_STREAM, _LOCKED_STREAM = "worddocument", "encryptedpackage"
#: In the twelfth byte of the words' stream.
_LOCKED_FLAG = 1
#: In names of streams, at any depth, embedded tables included.
_MACROS = "_vba_project"
#: Characters that some system refuses in a file name.
_UNSAFE = frozenset('"*/:<>?\\|')


class NotADocument(Exception):
    """Neither PDF nor Word, or something `Reason` names."""

    def __init__(self, detail: str, reason: Reason = Reason.OTHER) -> None:
        super().__init__(detail)
        self.reason = reason


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
    if data.startswith(_ZIP):
        _check_docx(data)
        return "docx"
    if data.startswith(_OLE):
        _check_doc(data)
        return "doc"
    if data.startswith(_PDF) or (_PDF in data[:_PDF_WITHIN] and not data.lstrip().startswith(_OTHERS)):
        _check_pdf(data)
        return "pdf"
    raise NotADocument("unknown kind")


def _refuse(reason: Reason | None) -> None:
    if reason:
        raise NotADocument(reason.value, reason)


def _check_pdf(data: bytes) -> None:
    _refuse(danger_in_pdf(data))
    lines, danger = look_into_pdf(data)
    _refuse(danger)
    _refuse(Reason.SECRET if has_stamp(lines) else None)


def _check_doc(data: bytes) -> None:
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as opened:
            names = [[name.casefold() for name in path] for path in opened.listdir()]
            root = {path[0] for path in names if len(path) == 1}
            text = opened.openstream(_DOC_STREAM).read() if _DOC_STREAM in root else b""
    # a file made to break a reader may break this one in any way
    except Exception as error:
        raise NotADocument(type(error).__name__) from None
    if any(_MACROS in name for path in names for name in path):
        raise NotADocument("macros", Reason.MACROS)
    if _LOCKED_STREAM in root or (len(text) >= 12 and text[11] & _LOCKED_FLAG):
        raise NotADocument("locked", Reason.LOCKED)
    if _DOC_STREAM not in root:
        raise NotADocument("a table, slides, or something else")
    _refuse(danger_in_doc((name for path in names for name in path), text))
    _refuse(Reason.SECRET if has_stamp(lines_of_doc(text)) else None)


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
            types = ""
            if _TYPES_PART in parts:
                with opened.open(parts[_TYPES_PART]) as part:
                    types = part.read(_TYPES_PART_BYTES).decode("utf-8", "replace").casefold()
            if "macroenabled" in types or "vbaproject" in types:
                raise NotADocument("macros", Reason.MACROS)
            if _WORDS_PART not in parts and not any(name in parts for name in _words_parts(types)):
                raise NotADocument("no words inside")
            main = frozenset(_words_parts(types))
            danger, lines = look_into_package(opened, lambda name: name in main or holds_words(name))
            _refuse(danger or (Reason.SECRET if has_stamp(lines) else None))
    except NotADocument:
        raise
    except (zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, ValueError, NotImplementedError) as error:
        raise NotADocument(type(error).__name__) from None


def _words_parts(types: str) -> list[str]:
    """The parts that hold a document's words; most programs call the only one word/document.xml, some do not."""
    overrides = re.findall(r"<(?:\w+:)?override\b[^>]*>", types)
    named = (re.search(r"""partname\s*=\s*["']/?([^"']+)""", each) for each in overrides if _WORDS_TYPE in each)
    return [found[1] for found in named if found]


def _check_parts(parts: dict[str, zipfile.ZipInfo]) -> None:
    if any(part.flag_bits & 1 for part in parts.values()):
        raise NotADocument("locked", Reason.LOCKED)
    if any(part.compress_type not in _COMPRESSIONS for part in parts.values()):
        raise NotADocument("packed as no Word does")
    if any(name.rpartition("/")[2] == "vbaproject.bin" or "/activex/" in f"/{name}" for name in parts):
        raise NotADocument("macros", Reason.MACROS)
    if sum(part.file_size for part in parts.values()) > _MAX_UNPACKED:
        raise NotADocument("unfolds without end", Reason.UNFOLDS)


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
        raise NotADocument("macros", Reason.MACROS)
    return Stored(store_file(folder, data, kind, day), shown_name(title, kind))
