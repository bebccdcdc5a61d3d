"""Writes a synthesis as DOCX: the template filled by docxtpl, then each figure put into a bookmark and followed by its
reference in small letters; the queries of all figures stand in a part of the file. The same synthesis gives the same
bytes.
"""

from __future__ import annotations

import copy
import io
import itertools
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from xml.sax.saxutils import escape

from nhipcau.insight.synthesis.chart import Picture
from nhipcau.insight.synthesis.figures import Figure
from nhipcau.insight.synthesis.words import PICTURE, figure_places, has_figure

#: The element that holds the queries, in a custom XML part.
NAMESPACE = "urn:nhipcau:synthesis"
VERSION = 1
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STORE = "http://schemas.openxmlformats.org/officeDocument/2006/customXml"
_STORE_ID = "{6E68C3AD-7043-4361-8F75-5E0D5D1D2C4B}"
#: Of every entry of the file: when it was written is nobody's business, and differs from run to run.
_ZIP_MOMENT = (1980, 1, 1, 0, 0, 0)
_BOOKMARK = "F"
#: The name of its picture in the file, by which a draft's is drawn anew.
CHART = "nhipcau.chart"
#: Millimetres.
_PICTURE_WIDTH = 160


@dataclass(frozen=True, slots=True)
class Document:
    data: bytes
    #: Those the template has taken up, in the order of the synthesis.
    figures: tuple[Figure, ...]


def write_document(
    page: Any,
    title: str,
    figures: Sequence[Figure],
    picture: Picture | None,
    about: Mapping[str, Any],
    last: date,
) -> Document:
    """`page`: the template filled (`template_fields.filled_template`). `about`: what stands beside the queries. `last`:
    the period's last day, the document's only date."""
    _put_picture(page, picture)
    keep_with_gaps(page)
    placed = _Placed(figures)
    for root in _roots(page):
        placed.put_into(root)
    used = tuple(figure for place, figure in enumerate(figures) if place in placed.times)
    body = {"version": VERSION, **about}
    body["figures"] = [{"reference": each.reference, "query": each.query.to_json()} for each in used]
    _add_store(page, json.dumps(body, ensure_ascii=False, separators=(",", ":")))
    _set_properties(page, title, last)
    out = io.BytesIO()
    page.save(out)
    return Document(packed(out.getvalue()), used)


def keep_with_gaps(page: Any) -> None:
    """An empty paragraph that stays with the next one is a gap: what stands before it stays with it, too."""
    for paragraph, gap in itertools.pairwise(page.paragraphs):
        if not gap.text and gap.paragraph_format.keep_with_next and gap._p.getprevious() is paragraph._p:
            paragraph.paragraph_format.keep_with_next = True


def packed(data: bytes) -> bytes:
    """The same file with nothing in its container that differs from run to run."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, _ZIP_MOMENT)
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o600 << 16
            target.writestr(entry, source.read(name), compresslevel=6)
    return out.getvalue()


def bookmark_name(figure: Figure, time: int) -> str:
    """ "F_I_3_0a1b2c3d": reference and query; "…_2" where a template shows it a second time."""
    name = f"{_BOOKMARK}_{figure.reference.replace('.', '_')}_{figure.query.digest}"
    return name if time == 1 else f"{name}_{time}"


def _roots(page: Any) -> Iterator[Any]:
    """The words of the document, then those of its headers and footers."""
    yield page.element
    seen = set()
    for relation in page.part.rels.values():
        if relation.reltype.rpartition("/")[2] in {"header", "footer"} and relation.target_part not in seen:
            seen.add(relation.target_part)
            yield relation.target_part.element


def _put_picture(page: Any, picture: Picture | None) -> None:
    """The chart where its placeholder stands in a run by itself; elsewhere the placeholder goes."""
    from docx.oxml.parser import OxmlElement
    from docx.shared import Mm

    for words in list(page.element.iter(f"{{{_W}}}t")):
        if PICTURE not in (words.text or ""):
            continue
        words.text = words.text.replace(PICTURE, "")
        if picture is None:
            continue
        inline = page.part.new_pic_inline(io.BytesIO(picture.png), Mm(_PICTURE_WIDTH), None)
        inline.docPr.set("name", CHART)
        inline.docPr.set("descr", picture.words)
        drawing = OxmlElement("w:drawing")
        drawing.append(inline)
        words.addnext(drawing)


class _Placed:
    """Puts figures where the template has left their placeholders."""

    def __init__(self, figures: Sequence[Figure]) -> None:
        self._figures = figures
        #: Place of a figure → how often it stands in the document.
        self.times: dict[int, int] = {}
        self._last_id = 0

    def put_into(self, root: Any) -> None:
        ids = [int(each.get(f"{{{_W}}}id", 0)) for each in root.iter(f"{{{_W}}}bookmarkStart")]
        self._last_id = max([self._last_id, *ids])
        for element in list(root.iter(f"{{{_W}}}r")):
            if any(has_figure(words.text or "") for words in element.iterchildren(f"{{{_W}}}t")):
                self._split(element)
        # where no run can be split, as in the description of a picture: the bare number
        for element in root.iter():
            if not len(element) and has_figure(element.text or ""):
                element.text = self._bare(element.text)
            for name, value in element.items():
                if has_figure(value):
                    element.set(name, self._bare(value))

    def _split(self, run: Any) -> None:
        """Replace a run by runs that look the same, with the figures between them."""
        look = run.find(f"{{{_W}}}rPr")
        place = run.getparent().index(run)
        pieces: list[Any] = []
        for child in list(run):
            if child is look:
                continue
            if child.tag != f"{{{_W}}}t":
                pieces.append(_run(look, child))
                continue
            for piece in figure_places(child.text or ""):
                pieces += [_run(look, _words(piece))] if isinstance(piece, str) else self._figure(piece, look)
        parent = run.getparent()
        parent.remove(run)
        for number, piece in enumerate(pieces):
            parent.insert(place + number, piece)

    def _figure(self, place: int, look: Any) -> list[Any]:
        from docx.oxml.parser import OxmlElement

        if place >= len(self._figures):
            return []
        figure = self._figures[place]
        self.times[place] = time = self.times.get(place, 0) + 1
        self._last_id += 1
        start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
        for element in (start, end):
            element.set(f"{{{_W}}}id", str(self._last_id))
        start.set(f"{{{_W}}}name", bookmark_name(figure, time))
        return [start, _run(look, _words(figure.text)), end, _run(_small(), _words(f"[{figure.short_reference}]"))]

    def _bare(self, text: str) -> str:
        pieces = figure_places(text)
        known = range(len(self._figures))
        return "".join(
            piece if isinstance(piece, str) else self._figures[piece].text if piece in known else "" for piece in pieces
        )


def _run(look: Any, child: Any) -> Any:
    from docx.oxml.parser import OxmlElement

    run = OxmlElement("w:r")
    if look is not None:
        run.append(copy.deepcopy(look))
    run.append(child)
    return run


def _words(text: str) -> Any:
    from docx.oxml.parser import OxmlElement

    element = OxmlElement("w:t")
    element.text = text
    element.set(_SPACE, "preserve")
    return element


def _small() -> Any:
    """Six points, grey, raised."""
    from docx.oxml.parser import OxmlElement

    look = OxmlElement("w:rPr")
    for name, value in (("color", "7F7F7F"), ("position", "6"), ("sz", "12"), ("szCs", "12")):
        element = OxmlElement(f"w:{name}")
        element.set(f"{{{_W}}}val", value)
        look.append(element)
    return look


def _add_store(page: Any, words: str) -> None:
    """A part that programs keep as it is when they save the document."""
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    package = page.part.package
    taken = {str(part.partname) for part in package.iter_parts()}
    number = next(n for n in range(1, 1000) if f"/customXml/item{n}.xml" not in taken)
    declared = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    data = f'{declared}<figures xmlns="{NAMESPACE}">{escape(words)}</figures>'
    item = Part(PackURI(f"/customXml/item{number}.xml"), "application/xml", data.encode(), package)
    kind = "application/vnd.openxmlformats-officedocument.customXmlProperties+xml"
    properties = (
        f'{declared}<ds:datastoreItem ds:itemID="{_STORE_ID}" '
        f'xmlns:ds="{_STORE}"><ds:schemaRefs><ds:schemaRef ds:uri="{NAMESPACE}"/></ds:schemaRefs></ds:datastoreItem>'
    )
    about = Part(PackURI(f"/customXml/itemProps{number}.xml"), kind, properties.encode(), package)
    item.relate_to(about, f"{_RELATIONS}/customXmlProps")
    page.part.relate_to(item, f"{_RELATIONS}/customXml")


def _set_properties(page: Any, title: str, last: date) -> None:
    properties = page.core_properties
    for name in ("author", "last_modified_by", "comments", "keywords", "category", "subject", "identifier", "version"):
        setattr(properties, name, "")
    properties.title = title
    properties.language = "vi-VN"
    properties.revision = 1
    properties.created = properties.modified = datetime.combine(last, time())
    for element in page.part.package.core_properties._element.iterchildren():
        if element.tag.endswith("lastPrinted"):
            element.getparent().remove(element)
