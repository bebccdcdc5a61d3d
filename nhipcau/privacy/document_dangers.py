"""What a document must not carry to everybody under the office's name: commands, other programs, addresses it calls.

Read as bytes, within bounds, by patterns: no program that shows documents is run, and nothing is taken out of them.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from enum import StrEnum

from nhipcau.privacy.package_part import Part, read_part


class Reason(StrEnum):
    """Why a file is refused, where that helps who sent it."""

    OTHER = "other"
    MACROS = "macros"
    LOCKED = "locked"
    #: A script, in a PDF or a dynamic form.
    SCRIPT = "script"
    #: Opens another program, or holds another file.
    PROGRAM = "program"
    #: Fetches a template or content from elsewhere when it is opened.
    REMOTE = "remote"
    #: Something else at the same time: a page, an archive.
    MIXED = "mixed"
    #: Unfolds without end.
    UNFOLDS = "unfolds"
    #: Bears a mark of secrecy in its text.
    SECRET = "secret"


#: Bytes one part or stream, and all of a file, unfold to while they are looked at.
MOST_PART, MOST_IN_ALL = 20_000_000, 100_000_000

# ------------------------------------------------------------------ PDF

_STREAM = re.compile(rb"stream\r?\n")
_END = b"endstream"
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_NAME_END = rb"(?![A-Za-z0-9_.+-])"
#: Names that no program writes by chance into what it has compressed; the others are looked for outside of streams.
_SCRIPT, _PROGRAM = re.compile(rb"/JavaScript" + _NAME_END), re.compile(rb"/Launch" + _NAME_END)
_SHORT_SCRIPT = re.compile(rb"/(JS|XFA)" + _NAME_END)
_FILES = re.compile(rb"/(EmbeddedFiles?|RichMedia|ImportData|GoToE|Rendition)" + _NAME_END)
_PAGE = re.compile(rb"<\s*(html|script|!doctype\s+html|iframe|body|svg|\?php)\b", re.IGNORECASE)


def danger_in_pdf(data: bytes) -> Reason | None:
    """What forbids this PDF. Names written with escapes and in compressed objects are found; an encrypted one's objects
    are not (`document_text` opens those)."""
    if zipfile.is_zipfile(io.BytesIO(data)) or _PAGE.search(data, 0, 2048):
        return Reason.MIXED
    outside, unfolded = _parts_of_pdf(data)
    objects = plain_names(b"\n".join([outside, *unfolded]))
    if _PAGE.search(outside):
        return Reason.MIXED
    if _SCRIPT.search(plain_names(data)) or _SCRIPT.search(objects) or _SHORT_SCRIPT.search(objects):
        return Reason.SCRIPT
    if _PROGRAM.search(data) or _PROGRAM.search(objects) or _FILES.search(objects):
        return Reason.PROGRAM
    return None


def plain_names(data: bytes) -> bytes:
    """With the escapes of names undone: /J#61vaScript."""
    return _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), data)


def _parts_of_pdf(data: bytes) -> tuple[bytes, list[bytes]]:
    """What stands outside of streams, and what streams of objects unfold to."""
    outside, unfolded, place, left = [], list[bytes](), 0, MOST_IN_ALL
    for found in _STREAM.finditer(data):
        if found.start() < place:
            continue
        end = data.find(_END, found.end())
        end = len(data) if end < 0 else end
        about = plain_names(data[max(found.start() - 600, place) : found.start()])
        outside.append(data[place : found.start()])
        if b"/ObjStm" in about and left > 0:
            content = _inflated(data[found.end() : end], min(MOST_PART, left))
            left -= len(content)
            unfolded.append(content)
        place = end
    outside.append(data[place:])
    return b"\n".join(outside), unfolded


def _inflated(data: bytes, most: int) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, most)
    except zlib.error:
        return data


# ------------------------------------------------------------------ DOCX, and tables or slides inside

_DDE = re.compile(r"\bDDE(AUTO)?\b", re.IGNORECASE)
_SAFE_LINK = re.compile(r"(https?|mailto|tel|ftp|file):|#|[^:]*$", re.IGNORECASE)
_ELSEWHERE = re.compile(r"(https?|ftp|mhtml|smb|ldap):|\\\\|//|file:/{2,4}(?!/*[A-Za-z]:|/)", re.IGNORECASE)
_PACKAGES = (".docx", ".xlsx", ".pptx")
#: An embedded file that is a document of its own, to which depth it is looked into.
_DEEPEST = 2


def look_into_package(
    opened: zipfile.ZipFile, words: Callable[[str], bool], depth: int = 0
) -> tuple[Reason | None, list[str]]:
    """What forbids this DOCX (XLSX, PPTX): macros, other programs' objects, commands in fields, addresses it calls by
    itself; and the lines of the parts that hold words. A table inside (as every chart has one) is allowed where it
    bears none of these."""
    left, lines = MOST_IN_ALL, list[str]()
    for info in opened.infolist():
        name = info.filename.casefold()
        if "vbaproject" in name or "/activex/" in f"/{name}":
            return Reason.MACROS, []
        if "/embeddings/" in f"/{name}" and not name.endswith(_PACKAGES):
            return Reason.PROGRAM, []
        if not name.endswith((".xml", ".rels", *_PACKAGES)):
            continue
        with opened.open(info) as file:
            content = file.read(min(MOST_PART, left) + 1)
        left -= len(content)
        if len(content) > MOST_PART or left < 0:
            return Reason.UNFOLDS, []
        if name.endswith(_PACKAGES):
            danger = _danger_inside(content, depth)
        else:
            part = read_part(content)
            danger = _danger_in_part(part)
            if words(name):
                lines += part.lines
        if danger:
            return danger, []
    return None, lines


def _danger_inside(content: bytes, depth: int) -> Reason | None:
    if not content.startswith(b"PK\x03\x04"):
        # opened by nobody as what its name says
        return Reason.PROGRAM if content.startswith((b"MZ", bytes.fromhex("d0cf11e0a1b11ae1"))) else None
    if depth >= _DEEPEST:
        return Reason.UNFOLDS
    with zipfile.ZipFile(io.BytesIO(content)) as inside:
        return look_into_package(inside, lambda name: False, depth + 1)[0]


def _danger_in_part(part: Part) -> Reason | None:
    if part.is_odd:
        return Reason.MIXED
    if part.has_link or _DDE.search("".join(part.fields)):
        return Reason.PROGRAM
    return next(filter(None, map(_danger_in_relation, part.relations)), None)


def _danger_in_relation(said: dict[str, str]) -> Reason | None:
    kind, target = said.get("type", "").rpartition("/")[2].casefold(), said.get("target", "").strip()
    if kind in {"vbaproject", "control"}:
        return Reason.MACROS
    if said.get("targetmode", "").casefold() != "external":
        return Reason.PROGRAM if kind == "oleobject" and not target.casefold().endswith(_PACKAGES) else None
    if kind == "hyperlink":
        # opens only where somebody presses it
        return None if _SAFE_LINK.match(target) else Reason.PROGRAM
    return Reason.REMOTE if _ELSEWHERE.match(target) else None


# ------------------------------------------------------------------ DOC

_OLD_DDE = re.compile(rb"\x13[\s\x00]*D\x00?D\x00?E\x00?(A\x00?U\x00?T\x00?O\x00?)?[\s\"]", re.IGNORECASE)
_HELD_FILES = frozenset({"\x01ole10native", "package"})


def danger_in_doc(streams: Iterator[str], words: bytes) -> Reason | None:
    """What forbids this DOC, by the names of its streams and the stream of its words."""
    if any(name.casefold() in _HELD_FILES for name in streams) or _OLD_DDE.search(words):
        return Reason.PROGRAM
    return None
