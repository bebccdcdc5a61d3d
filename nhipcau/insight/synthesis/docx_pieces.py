"""Pieces of a page that python-docx has no words for: grids, rules, the number of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docx.document import Document


def grid(page: Document, widths: tuple[float, ...], style: str = "") -> Any:
    """A table of one row with these widths; without a style it has no lines, and its cells no inner margin."""
    from docx.enum.table import WD_TABLE_ALIGNMENT

    table = page.add_table(rows=1, cols=len(widths))
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    if style:
        table.style = style
    _set_inner_margins(table, 0.7 if style else 0)
    for cell, width in zip(table.rows[0].cells, widths, strict=True):
        set_width(cell, width)
    for column, width in zip(table.columns, widths, strict=True):
        set_width(column, width)
    return table


def set_width(cell: Any, width: float) -> None:
    from docx.shared import Mm

    cell.width = Mm(width)


def _set_inner_margins(table: Any, width: float) -> None:
    from docx.oxml.ns import qn
    from docx.oxml.parser import OxmlElement

    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        element = OxmlElement(f"w:{side}")
        element.set(qn("w:w"), str(round(width * 1440 / 25.4)))
        element.set(qn("w:type"), "dxa")
        margins.append(element)
    # before what the schema has after it, or Word calls the file damaged
    table._tbl.tblPr.find(qn("w:tblLook")).addprevious(margins)


def centred(
    where: Any, words: str, points: float, *, bold: bool = False, italic: bool = False, before: float = 0
) -> Any:
    """A centred line; in a cell that is empty yet, its first."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    is_empty = hasattr(where, "_tc") and len(where.paragraphs) == 1 and not where.paragraphs[0].text
    paragraph = where.paragraphs[0] if is_empty else where.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.space_before = Pt(before)
    run_of(paragraph, words, points, bold=bold, italic=italic)
    return paragraph


def rule(where: Any, width: float, length: float) -> Any:
    """A line of this length in the middle of a column of this width; 0: only a gap."""
    from docx.enum.text import WD_LINE_SPACING
    from docx.oxml.ns import qn
    from docx.oxml.parser import OxmlElement
    from docx.shared import Mm, Pt

    paragraph = where.add_paragraph()
    shape = paragraph.paragraph_format
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(3)
    shape.space_before, shape.space_after = Pt(2), Pt(6)
    if not length:
        return paragraph
    shape.left_indent = shape.right_indent = Mm((width - length) / 2)
    borders, line = OxmlElement("w:pBdr"), OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        line.set(qn(f"w:{name}"), value)
    borders.append(line)
    paragraph._p.get_or_add_pPr().insert_element_before(borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc")
    return paragraph


def run_of(paragraph: Any, words: str, points: float, *, bold: bool = False, italic: bool = False) -> Any:
    from docx.shared import Pt

    run = paragraph.add_run(words)
    run.font.size = Pt(points)
    run.bold, run.italic = bold, italic
    return run


def page_number(paragraph: Any) -> None:
    from docx.oxml.ns import qn
    from docx.oxml.parser import OxmlElement

    for kind, words in (("begin", ""), ("", "PAGE"), ("separate", ""), ("text", "2"), ("end", "")):
        run = run_of(paragraph, "2" if kind == "text" else "", 14)
        if kind == "text":
            continue
        element = OxmlElement("w:instrText" if words else "w:fldChar")
        if words:
            element.text = words
        else:
            element.set(qn("w:fldCharType"), kind)
        run._r.append(element)


def add_to_row(row: Any, name: str) -> None:
    from docx.oxml.parser import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement(name))
