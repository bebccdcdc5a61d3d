"""A Word file read without the library that wrote it: its paragraphs and tables in order, by zipfile and lxml."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from typing import Any

from lxml import etree

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@dataclass(frozen=True)
class Table:
    rows: tuple[tuple[str, ...], ...]


def blocks_of(data: bytes) -> list[str | Table]:
    """Paragraphs that have words, and tables; lines of one cell are divided by line breaks."""
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert opened.testzip() is None
        body = etree.fromstring(opened.read("word/document.xml"))[0]
    found: list[str | Table] = []
    for element in body:
        if element.tag == f"{_W}p" and (words := _words(element)):
            found.append(words)
        if element.tag == f"{_W}tbl":
            rows = (
                tuple("\n".join(map(_words, cell.iter(f"{_W}p"))) for cell in row.iter(f"{_W}tc"))
                for row in element.iter(f"{_W}tr")
            )
            found.append(Table(tuple(rows)))
    return found


def text_of(data: bytes) -> str:
    """All its words, those of tables too."""
    lines = [block if isinstance(block, str) else "\n".join(map("\n".join, block.rows)) for block in blocks_of(data)]
    return "\n".join(lines)


def _words(paragraph: Any) -> str:
    return "".join(words.text or "" for words in paragraph.iter(f"{_W}t"))
