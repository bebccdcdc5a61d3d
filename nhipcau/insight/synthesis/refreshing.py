"""Counts the figures of a synthesis anew in the file itself: what people wrote around them stays as it is."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

from nhipcau.insight.synthesis.chart import Picture
from nhipcau.insight.synthesis.document import CHART, packed
from nhipcau.insight.synthesis.figures import FigureQuery, UnknownFigure
from nhipcau.insight.synthesis.reading import WrittenSynthesis, has_words, parsed, places

_EMBED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}embed"
_DOCUMENT, _RELATIONS = "word/document.xml", "word/_rels/document.xml.rels"


def refreshed(
    data: bytes, written: WrittenSynthesis, count: Callable[[FigureQuery], str], picture: Picture | None
) -> bytes:
    """The same file with each number as it is now, and its chart. `written`: the file as it was read. `count`: what a
    query gives now; raises UnknownFigure, and then the number stays."""
    queries = {(each.reference, each.query.digest): each.query for each in written.figures if each.query}
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    for name in filter(has_words, parts):
        root = parsed(parts[name])
        is_changed = _count_anew(root, queries, count)
        chart = _draw_anew(root, parts, picture) if name == _DOCUMENT and picture else ""
        if chart and picture:
            parts[chart] = picture.png
        if is_changed or chart:
            parts[name] = _serialised(root)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name, part in parts.items():
            target.writestr(name, part)
    return packed(out.getvalue())


def _serialised(root: Any) -> bytes:
    from docx.opc.oxml import serialize_part_xml

    part: bytes = serialize_part_xml(root)
    return part


def _count_anew(root: Any, queries: dict[tuple[str, str], FigureQuery], count: Callable[[FigureQuery], str]) -> bool:
    """Whether any number is another now."""
    is_changed = False
    for reference, digest, words in places(root):
        query = queries.get((reference, digest))
        try:
            now = count(query) if query else None
        except UnknownFigure:
            now = None
        if now is None or not words or "".join(each.text or "" for each in words) == now:
            continue
        is_changed = True
        for place, element in enumerate(words):
            element.text = "" if place else now
    return is_changed


def picture_in(data: bytes) -> Picture | None:
    """The chart of a document that we have written; None where it has none."""
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    for described, name in _charts(parsed(parts[_DOCUMENT]), parts):
        return Picture(parts[name], described.get("descr", ""))
    return None


def _draw_anew(root: Any, parts: dict[str, bytes], picture: Picture) -> str:
    """Describes the chart as it is now; the name of the part that holds its picture, "" where there is none."""
    for described, name in _charts(root, parts):
        described.set("descr", picture.words)
        return name
    return ""


def _charts(root: Any, parts: dict[str, bytes]) -> Iterator[tuple[Any, str]]:
    """What describes our chart, and the name of the part that holds its picture."""
    for described in root.iter("{*}docPr"):
        if described.get("name") != CHART:
            continue
        ids = [each.get(_EMBED) for each in described.getparent().iter() if each.get(_EMBED)]
        for relation in parsed(parts.get(_RELATIONS, b"<none/>")):
            if relation.get("Id") in ids:
                name = posixpath.normpath(posixpath.join("word", relation.get("Target", "")))
                if name in parts and name.startswith("word/media/"):
                    yield described, name
