"""Documents as programs make them, and what only looks like one."""

from __future__ import annotations

import io
import zipfile

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


def docx(parts: dict[str, str | bytes] | None = None, types: str = PLAIN, **how: int) -> bytes:
    """With these parts beside its words."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how.get("packed", zipfile.ZIP_DEFLATED)) as made:
        made.writestr("[Content_Types].xml", types)
        for name, content in {"word/document.xml": "<w:document/>", **(parts or {})}.items():
            made.writestr(name, content)
    return out.getvalue()


def doc(*streams: str) -> bytes:
    """An OLE file that names these streams."""
    names = b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in ("Root Entry", *streams))
    return OLE + b"\0" * 504 + names


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
