"""Documents as programs make them, and what only looks like one."""

from __future__ import annotations

import io
import struct
import zipfile
from dataclasses import dataclass

#: What a DOCX says of its parts.
_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Override PartName="/word/document.xml" ContentType="application/{}+xml"/></Types>'
)
PLAIN = _TYPES.format("vnd.openxmlformats-officedocument.wordprocessingml.document.main")
WITH_MACROS = _TYPES.format("vnd.ms-word.document.macroEnabled.main")
OLE = bytes.fromhex("d0cf11e0a1b11ae1")


def pdf(words: str = "Thông báo", size: int = 0) -> bytes:
    """One page; filled up with a comment to so many bytes."""
    start = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    start += b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj\n%" + words.encode() + b"\n"
    end = b"\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    return start + b"%" * max(0, size - len(start) - len(end)) + end


def docx(parts: dict[str, str | bytes] | None = None, types: str = PLAIN, *, without: str = "", **how: int) -> bytes:
    """With these parts beside its words, and without one."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how.get("packed", zipfile.ZIP_DEFLATED)) as made:
        made.writestr("[Content_Types].xml", types)
        for name, content in {"word/document.xml": "<w:document/>", **(parts or {})}.items():
            if name != without:
                made.writestr(name, content)
    return out.getvalue()


def doc(*streams: str, words: bytes = b"") -> bytes:
    """An OLE file of these streams ("folder/stream" below a folder); `words`: how the stream WordDocument begins."""
    entries = [_Entry("Root Entry", 5)]
    for path in streams:
        at = 0
        for folder in path.split("/")[:-1]:
            at = _child(entries, at, folder, 1)
        _child(entries, at, path.split("/")[-1], 2)
    tables = -(-len(entries) // 4)
    sectors, fat = [], [0xFFFFFFFD, *range(2, tables + 1), 0xFFFFFFFE]
    for entry in entries:
        if entry.kind == 2:
            entry.start = len(fat)
            fat += [*range(len(fat) + 1, len(fat) + 8), 0xFFFFFFFE]
            sectors.append((words if entry.name == "WordDocument" else b"").ljust(4096, b"\0"))
    head = OLE + struct.pack(
        "<16xHHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0
    )
    head += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    directory = b"".join(entry.packed() for entry in entries).ljust(512 * tables, b"\0")
    return head + struct.pack("<128I", *fat, *[0xFFFFFFFF] * (128 - len(fat))) + directory + b"".join(sectors)


@dataclass
class _Entry:
    name: str
    #: 5: the root, 1: a folder, 2: a stream of 4096 bytes.
    kind: int
    sibling: int = 0xFFFFFFFF
    child: int = 0xFFFFFFFF
    start: int = 0xFFFFFFFE

    def packed(self) -> bytes:
        name = self.name.encode("utf-16-le") + b"\0\0"
        links = (0xFFFFFFFF, self.sibling, self.child)
        kind = struct.pack("<HBBIII36x", len(name), self.kind, 1, *links)
        return name.ljust(64, b"\0") + kind + struct.pack("<IQ", self.start, 4096 if self.kind == 2 else 0)


def _child(entries: list[_Entry], parent: int, name: str, kind: int) -> int:
    """The index of this entry below its parent, added where it is missing."""
    last, at = 0, entries[parent].child
    while at != 0xFFFFFFFF:
        if entries[at].name == name:
            return at
        last, at = at, entries[at].sibling
    entries.append(_Entry(name, kind))
    if last:
        entries[last].sibling = len(entries) - 1
    else:
        entries[parent].child = len(entries) - 1
    return len(entries) - 1


def locked(data: bytes) -> bytes:
    """A zip whose parts say that they are encrypted."""
    found = bytearray(data)
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = found.find(mark)
        while at >= 0:
            found[at + flags] |= 1
            at = found.find(mark, at + 4)
    return bytes(found)


def bomb() -> bytes:
    """A DOCX of a few kilobytes whose words unfold to three hundred megabytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made:
        made.writestr("[Content_Types].xml", PLAIN)
        with made.open("word/document.xml", "w") as part:
            for _ in range(300):
                part.write(b" " * 1_000_000)
    return out.getvalue()
