"""Counts the figures of a synthesis anew in the file itself: what people wrote around them stays as it is."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

from nhipcau.insight.synthesis.document import packed
from nhipcau.insight.synthesis.figures import FigureQuery, UnknownFigure
from nhipcau.insight.synthesis.reading import WrittenSynthesis, has_words, parsed, places


def refreshed(data: bytes, written: WrittenSynthesis, count: Callable[[FigureQuery], str]) -> bytes:
    """The same file with each number as it is now. `written`: the file as it was read. `count`: what a query gives now;
    raises UnknownFigure, and then the number stays."""
    queries = {(each.reference, each.query.digest): each.query for each in written.figures if each.query}
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            part = source.read(name)
            target.writestr(name, _refreshed_part(part, queries, count) if has_words(name) else part)
    return packed(out.getvalue())


def _refreshed_part(
    part: bytes, queries: dict[tuple[str, str], FigureQuery], count: Callable[[FigureQuery], str]
) -> bytes:
    from docx.opc.oxml import serialize_part_xml

    root, is_changed = parsed(part), False
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
    changed: bytes = serialize_part_xml(root)
    return changed if is_changed else part
