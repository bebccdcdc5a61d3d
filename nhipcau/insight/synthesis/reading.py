"""Reads a synthesis back: what is written where a figure stands, and the query beside it. Of untrusted files."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from nhipcau.bot.language.periods import is_period
from nhipcau.insight.synthesis.document import NAMESPACE, VERSION
from nhipcau.insight.synthesis.figures import FigureQuery, UnknownFigure, read_number, read_topics
from nhipcau.model.synthesis import DocumentKind
from nhipcau.privacy.document_check import NotADocument, TooBig, recognise
from nhipcau.privacy.document_dangers import Reason

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_NAME = re.compile(r"F_(\w+)_([0-9a-f]{8})(?:_(\d+))?")
_REFERENCE = re.compile(r"[A-Z]{1,4}\d?(?:\.\d{1,5}[a-z]?){1,2}")
_WORDS = re.compile(r"word/(?:document|header|footer)\d*\.xml")
_MAX_FIGURES = 20_000


class NoSynthesis(Exception):
    """Not a synthesis of ours, or its queries are gone or damaged."""


@dataclass(frozen=True, slots=True)
class Written:
    """A figure of a file."""

    reference: str
    #: None: a place in the text whose query is gone or is another.
    query: FigureQuery | None
    #: What is written there; None: its place is gone from the text, so nobody knows what stands instead.
    text: str | None


@dataclass(frozen=True, slots=True)
class WrittenSynthesis:
    kind: DocumentKind
    unit: str
    period: str
    #: Texts of all periods its figures are about, its own among them.
    periods: tuple[str, ...]
    language: str
    figures: tuple[Written, ...]
    #: Codes of the topics it is about; none: all.
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    reference: str
    written: int | str | None
    now: int | str | None


def differences(found: WrittenSynthesis, count: Callable[[FigureQuery], str]) -> list[Difference]:
    """Figures that do not hold. `count`: what a query gives now; raises UnknownFigure."""
    different = []
    for figure in found.figures:
        try:
            now = count(figure.query) if figure.query else None
        except UnknownFigure:
            now = None
        if now is None or figure.text is None or now.strip() != figure.text.strip():
            written = None if figure.text is None else read_number(figure.text)
            different.append(Difference(figure.reference, written, None if now is None else read_number(now)))
    return different


def read_synthesis(data: bytes) -> WrittenSynthesis:
    """Raises NoSynthesis."""
    try:
        if _kind(data) != "docx":
            raise NoSynthesis
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            parts = {name: opened.read(name) for name in opened.namelist() if name.endswith(".xml")}
    except (NotADocument, TooBig, zipfile.BadZipFile, OSError):
        raise NoSynthesis from None
    body = _store(parts)
    texts = list(_texts(parts))
    try:
        figures = [(_reference(each["reference"]), FigureQuery.from_json(each["query"])) for each in body["figures"]]
        unit, period, language = str(body["unit"]), str(body["period"]), str(body["language"])
        kind = DocumentKind(body.get("kind", DocumentKind.SYNTHESIS))
        topics = read_topics(body.get("topics", []))
    except (KeyError, TypeError, ValueError):
        raise NoSynthesis from None
    periods = sorted({period, *(each for _, query in figures for each in query.periods)})
    if (
        not is_period(period)
        or len(periods) > 2
        or any((query.unit, query.topics) != (unit, topics) for _, query in figures)
        or len(figures) > _MAX_FIGURES
    ):
        raise NoSynthesis
    return WrittenSynthesis(kind, unit, period, tuple(periods), language, tuple(_figures(figures, texts)), topics)


def _kind(data: bytes) -> str:
    """As `recognise`; a mark of secrecy is no reason here, since nothing of the file is kept."""
    try:
        return recognise(data)
    except NotADocument as wrong:
        if wrong.reason is not Reason.SECRET:
            raise
        return "docx" if data.startswith(b"PK") else ""


def _figures(figures: list[tuple[str, FigureQuery]], texts: list[tuple[str, str, str]]) -> Iterator[Written]:
    """Each figure in each of its places; then places whose query is gone, or was put in for another."""
    queries = dict(figures)
    here: dict[str, list[str]] = {reference: [] for reference in queries}
    astray = []
    for reference, digest, text in texts:
        if reference in queries and queries[reference].digest == digest:
            here[reference].append(text)
        else:
            astray.append(Written(reference, None, text))
    for reference, query in figures:
        yield from (Written(reference, query, text) for text in here[reference])
        if not here[reference]:
            yield Written(reference, query, None)
    yield from astray


def _reference(text: Any) -> str:
    if not isinstance(text, str) or not _REFERENCE.fullmatch(text):
        raise UnknownFigure
    return text


def _store(parts: dict[str, bytes]) -> dict[str, Any]:
    from docx.oxml.parser import parse_xml

    for name, data in parts.items():
        if not name.startswith("customXml/item") or NAMESPACE.encode() not in data:
            continue
        try:
            root: Any = parse_xml(data)
            if root.tag != f"{{{NAMESPACE}}}figures":
                continue
            body = json.loads(root.text or "")
        except (SyntaxError, ValueError, RecursionError):
            continue
        if isinstance(body, dict) and body.get("version") == VERSION:
            return body
    raise NoSynthesis


def _texts(parts: dict[str, bytes]) -> Iterator[tuple[str, str, str]]:
    """(reference, digest of the query, text) of each bookmark of ours."""
    for name, data in parts.items():
        if has_words(name):
            for reference, digest, words in places(parsed(data)):
                yield reference, digest, "".join(each.text or "" for each in words)


def has_words(name: str) -> bool:
    """Whether this part of the file holds words of the document."""
    return bool(_WORDS.fullmatch(name))


def parsed(data: bytes) -> Any:
    """Raises NoSynthesis."""
    from docx.oxml.parser import parse_xml

    try:
        return parse_xml(data)
    except SyntaxError:
        raise NoSynthesis from None


def places(root: Any) -> Iterator[tuple[str, str, list[Any]]]:
    """(reference, digest of the query, elements that hold the text) of each bookmark of ours; text that is struck out
    does not count."""
    named: dict[str, tuple[str, str]] = {}
    words: dict[str, list[Any]] = {}
    for element in root.iter(f"{_W}bookmarkStart", f"{_W}bookmarkEnd", f"{_W}t"):
        id = element.get(f"{_W}id", "")
        if element.tag == f"{_W}t":
            for open_words in words.values():
                open_words.append(element)
        elif element.tag == f"{_W}bookmarkStart":
            if found := _NAME.fullmatch(element.get(f"{_W}name", "")):
                named[id], words[id] = (found[1].replace("_", "."), found[2]), []
        elif (held := words.pop(id, None)) is not None:
            yield (*named[id], held)
