"""Writes a publication sheet as DOCX. The same sheet gives the same bytes."""

from __future__ import annotations

import io
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from nhipcau.insight.publication import Columns, Heading, Sheet, Words

if TYPE_CHECKING:
    from docx.document import Document

#: Millimetres between the margins of the page.
_WIDTH = 165


def write_sheet(sheet: Sheet) -> bytes:
    from nhipcau.insight.synthesis.document import packed

    page = _new_page()
    for title in sheet.titles:
        _centred(page, title)
    for block in sheet.blocks:
        match block:
            case Heading(words):
                page.add_heading(words, 2)
            case Words(words, leads):
                paragraph = page.add_paragraph()
                paragraph.add_run(words).bold = leads
                paragraph.paragraph_format.keep_with_next = leads
            case Columns():
                _table(page, block)
    _set_properties(page, sheet)
    out = io.BytesIO()
    page.save(out)
    return packed(out.getvalue())


def _new_page() -> Document:
    """A4 with the margins and letters of Decree 30/2020; the page's number on top, but for the first page."""
    from docx import Document as new_document
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt, RGBColor

    from nhipcau.insight.synthesis.docx_pieces import page_number

    page = new_document()
    section = page.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(15)
    section.different_first_page_header_footer = True
    number = section.header.paragraphs[0]
    number.alignment = WD_ALIGN_PARAGRAPH.CENTER
    page_number(number)
    for name, points in (("Normal", 13), ("Heading 2", 13)):
        style = page.styles[name]
        style.font.name, style.font.size, style.font.color.rgb = "Times New Roman", Pt(points), RGBColor(0, 0, 0)
        # the fonts of a theme would win over the name
        fonts = style.element.rPr.rFonts
        for of_theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{of_theme}"), None)
        for of_name in ("eastAsia", "cs"):
            fonts.set(qn(f"w:{of_name}"), "Times New Roman")
        style.paragraph_format.space_after = Pt(6)
    return page


def _centred(page: Document, words: str) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    paragraph = page.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.add_run(words).bold = True


def _table(page: Document, columns: Columns) -> None:
    from nhipcau.insight.synthesis.docx_pieces import add_to_row, grid, set_width

    widths = tuple(_WIDTH * share / sum(columns.shares) for share in columns.shares)
    table = grid(page, widths, "Table Grid")
    add_to_row(table.rows[0], "w:tblHeader")
    for cell, title in zip(table.rows[0].cells, columns.titles, strict=True):
        cell.paragraphs[0].add_run(title).bold = True
    for row in columns.rows:
        added = table.add_row()
        add_to_row(added, "w:cantSplit")
        for cell, words, width in zip(added.cells, row, widths, strict=True):
            set_width(cell, width)
            _fill(cell, words)
    page.add_paragraph()


def _fill(cell: Any, words: str) -> None:
    first, *more = words.split("\n")
    cell.paragraphs[0].add_run(first)
    for line in more:
        cell.add_paragraph(line)


def _set_properties(page: Document, sheet: Sheet) -> None:
    properties = page.core_properties
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.title = " – ".join(sheet.titles)
    properties.language = "vi-VN"
    properties.revision = 1
    properties.created = properties.modified = datetime.combine(sheet.day, time())
