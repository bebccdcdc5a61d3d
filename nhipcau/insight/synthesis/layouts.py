"""The two templates that come with the program, made by python-docx: the state's (Decree 30/2020/NĐ-CP, annex I) and
the Party's (Guidance 36-HD/VPTW). Sizes in millimetres and points as these set them, see docs/synthesis.md.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from nhipcau.insight.synthesis.docx_pieces import add_to_row, centred, grid, page_number, rule, run_of, set_width
from nhipcau.model.synthesis import Layout

if TYPE_CHECKING:
    from docx.document import Document

_FONT = "Times New Roman"
_PAGE = (210, 297)
#: Top, bottom, left, right.
_MARGINS = (20, 20, 30, 15)
_WIDTH = _PAGE[0] - _MARGINS[2] - _MARGINS[3]
#: The appendix stands on its side: nine columns of numbers with their references.
_WIDE = _PAGE[1] - _MARGINS[2] - _MARGINS[3]
#: The head is two columns: who writes it, and under which state or Party.
_LEFT, _RIGHT = 65, _WIDTH - 65
_TABLE_POINTS = 11


@dataclass(frozen=True, slots=True)
class _Sizes:
    """Sizes of letters in points, by what they are for."""

    above: float
    issuer: float
    motto: float
    number: float
    kind: float
    title: float
    body: float


_SIZES = {
    Layout.STATE: _Sizes(above=13, issuer=13, motto=14, number=13, kind=14, title=14, body=14),
    Layout.PARTY: _Sizes(above=14, issuer=14, motto=15, number=14, kind=16, title=15, body=14),
}
#: Width in bold Times New Roman of what has a line as long as itself below it, at the size above.
_STATE_MOTTO, _PARTY_MOTTO = 60.4, 72.7


def template_of(layout: Layout) -> bytes:
    """The template of a synthesis in this layout, as the bytes of a Word file."""
    return made(layout, _appendix)


def made(layout: Layout, appendix: Callable[[Document], None]) -> bytes:
    """A template, the same bytes each time but for the container (`document.packed`). `appendix` adds its tables."""
    from docx import Document as new_document

    page = new_document()
    _drop_leftovers(page)
    sizes = _SIZES[layout]
    _set_page(page, sizes)
    _set_headers(page)
    head = grid(page, (_LEFT, _RIGHT))
    (_state_head if layout is Layout.STATE else _party_head)(head, sizes)
    _title(page, sizes, layout)
    _parts(page, sizes)
    _signature(page, sizes, layout)
    start_appendix(page)
    appendix(page)
    page.core_properties.author = ""
    page.core_properties.comments = ""
    page.core_properties.created = page.core_properties.modified = datetime(2026, 1, 1)  # noqa: DTZ001
    out = io.BytesIO()
    page.save(out)
    return out.getvalue()


def _drop_leftovers(page: Document) -> None:
    """A bibliography and a small picture that python-docx's own empty document carries."""
    for holder in (page.part, page.part.package):
        for key, relation in list(holder.rels.items()):
            if relation.reltype.endswith(("/customXml", "/thumbnail")):
                del holder.rels[key]


# ------------------------------------------------------------------ the page


def _set_page(page: Document, sizes: _Sizes) -> None:
    from docx.shared import Mm, Pt, RGBColor

    section = page.sections[0]
    section.page_width, section.page_height = Mm(_PAGE[0]), Mm(_PAGE[1])
    section.top_margin, section.bottom_margin = Mm(_MARGINS[0]), Mm(_MARGINS[1])
    section.left_margin, section.right_margin = Mm(_MARGINS[2]), Mm(_MARGINS[3])
    section.header_distance = section.footer_distance = Mm(9)
    for name in ("Normal", "Heading 1", "Heading 2", "Header"):
        style: Any = page.styles[name]
        style.font.name, style.font.size = _FONT, Pt(sizes.body)
        style.font.color.rgb = RGBColor(0, 0, 0)
        style.font.italic = False
        style.font.bold = name.startswith("Heading")
        _name_fonts(style)
    page.styles["Normal"].paragraph_format.space_after = Pt(0)


def _name_fonts(style: Any) -> None:
    """The one font for every script, and the language of the words."""
    from docx.oxml.ns import qn
    from docx.oxml.parser import OxmlElement

    fonts = style.element.rPr.rFonts
    for name in list(fonts.attrib):
        if "heme" in name:
            del fonts.attrib[name]
    for script in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{script}"), _FONT)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "vi-VN")
    style.element.rPr.append(language)


def _set_headers(page: Document) -> None:
    """ "DỰ THẢO" on each page; the number of the page in the top margin, not on the first."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    section = page.sections[0]
    section.different_first_page_header_footer = True
    first = section.first_page_header.paragraphs[0]
    first.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    run_of(first, "{{ du_thao }}", 12, bold=True)
    _header(section, _WIDTH)


def _header(section: Any, width: float) -> None:
    from docx.enum.text import WD_TAB_ALIGNMENT
    from docx.shared import Mm

    section.header.is_linked_to_previous = False
    later = section.header.paragraphs[0]
    later.paragraph_format.tab_stops.clear_all()
    later.style.paragraph_format.tab_stops.clear_all()
    later.paragraph_format.tab_stops.add_tab_stop(Mm(width / 2), WD_TAB_ALIGNMENT.CENTER)
    later.paragraph_format.tab_stops.add_tab_stop(Mm(width), WD_TAB_ALIGNMENT.RIGHT)
    run_of(later, "\t", 14)
    page_number(later)
    run_of(later, "\t", 14)
    run_of(later, "{{ du_thao }}", 12, bold=True)


# ------------------------------------------------------------------ head and title


def _state_head(head: Any, sizes: _Sizes) -> None:
    left, right = head.rows[0].cells
    centred(left, "{{ co_quan_cap_tren }}", sizes.above)
    centred(left, "{{ co_quan }}", sizes.issuer, bold=True)
    rule(left, _LEFT, 22)
    centred(right, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", sizes.above, bold=True)
    centred(right, "Độc lập - Tự do - Hạnh phúc", sizes.motto, bold=True)
    rule(right, _RIGHT, _STATE_MOTTO)
    _number_and_date(head, sizes)


def _party_head(head: Any, sizes: _Sizes) -> None:
    left, right = head.rows[0].cells
    centred(left, "{{ co_quan_cap_tren }}", sizes.above)
    centred(left, "{{ co_quan }}", sizes.issuer, bold=True)
    centred(left, "*", sizes.issuer, bold=True)
    centred(right, "ĐẢNG CỘNG SẢN VIỆT NAM", sizes.motto, bold=True)
    rule(right, _RIGHT, _PARTY_MOTTO)
    _number_and_date(head, sizes)


def _number_and_date(head: Any, sizes: _Sizes) -> None:
    left, right = head.add_row().cells
    centred(left, "{{ so_hieu }}", sizes.number, before=6)
    centred(right, "{{ dia_danh_ngay }}", 14, italic=True, before=6)


def _title(page: Document, sizes: _Sizes, layout: Layout) -> None:
    centred(page, "{{ loai_van_ban }}", sizes.kind, bold=True, before=18)
    centred(page, "{{ trich_yeu }}", sizes.title, bold=True)
    if layout is Layout.STATE:
        rule(page, _WIDTH, 40)
    else:
        centred(page, "-----", sizes.title)


# ------------------------------------------------------------------ parts


def _parts(page: Document, sizes: _Sizes) -> None:
    tag(page, "{%p for phan in cac_phan %}")
    heading = _body(page, "{{ phan.so }}. {{ phan.ten }}", sizes, style="Heading 1")
    heading.paragraph_format.keep_with_next = True
    tag(page, "{%p for dong in phan.cac_dong %}")
    tag(page, "{%p if dong.loai == 'muc' %}")
    below = _body(page, "{{ dong.chu }}", sizes, style="Heading 2")
    below.paragraph_format.keep_with_next = True
    tag(page, "{%p elif dong.loai == 'y' %}")
    _body(page, "- {{ dong.chu }}", sizes)
    tag(page, "{%p elif dong.loai == 'luong' %}")
    _body(page, "+ {{ dong.chu }}", sizes)
    tag(page, "{%p elif dong.loai == 'cho_viet' %}")
    _body(page, "{{ dong.chu }}", sizes, is_open=True)
    tag(page, "{%p else %}")
    _body(page, "{{ dong.chu }}", sizes)
    for end in ("{%p endif %}", "{%p endfor %}", "{%p endfor %}"):
        tag(page, end)


def tag(page: Any, words: str) -> None:
    page.add_paragraph(words)


def _body(page: Document, words: str, sizes: _Sizes, *, style: str = "Normal", is_open: bool = False) -> Any:
    from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_COLOR_INDEX
    from docx.shared import Mm, Pt

    paragraph = page.add_paragraph(style=style)
    shape = paragraph.paragraph_format
    shape.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    shape.first_line_indent = Mm(12.7)
    shape.space_before, shape.space_after = Pt(0), Pt(6)
    shape.line_spacing = 1.15
    run = run_of(paragraph, words, sizes.body, bold=style != "Normal", italic=is_open)
    if is_open:
        run.font.highlight_color = WD_COLOR_INDEX.YELLOW
    return paragraph


def _signature(page: Document, sizes: _Sizes, layout: Layout) -> None:
    from docx.shared import Pt

    # what is before this gap goes with it (`document.keep_with_gaps`): nobody signs a page without words
    rule(page, _WIDTH, 0).paragraph_format.keep_with_next = True
    signed = grid(page, (_WIDTH / 2, _WIDTH / 2))
    _keep_whole(signed.rows[0])
    left, right = signed.rows[0].cells
    is_state = layout is Layout.STATE
    first = left.paragraphs[0]
    run = run_of(first, "Nơi nhận:", 12 if is_state else 14, bold=is_state, italic=is_state)
    run.underline = not is_state
    tag(left, "{%p for noi in noi_nhan %}")
    run_of(left.add_paragraph(), "{{ noi }}", 11 if is_state else 12)
    tag(left, "{%p endfor %}")
    centred(right, "{{ chuc_vu_nguoi_ky }}", sizes.body, bold=True)
    space = right.add_paragraph()
    space.paragraph_format.space_after = Pt(60)
    centred(right, "{{ ten_nguoi_ky }}", sizes.body, bold=True)


# ------------------------------------------------------------------ tables


def start_appendix(page: Document) -> None:
    from docx.enum.section import WD_ORIENTATION

    section = page.add_section()
    section.orientation = WD_ORIENTATION.LANDSCAPE
    section.page_width, section.page_height = section.page_height, section.page_width
    section.different_first_page_header_footer = False
    _header(section, _WIDE)
    centred(page, "PHỤ LỤC", 14, bold=True)


def caption(page: Document, words: str, before: float = 12) -> None:
    """Above a table or a picture, on the same page."""
    centred(page, words, 13, bold=True, before=before).paragraph_format.keep_with_next = True


def _appendix(page: Document) -> None:
    caption(page, "Bảng PL1. Phản ánh theo lĩnh vực và tâm trạng", before=6)
    titles = ("Lĩnh vực", "Phấn khởi", "Đồng tình", "Quan tâm", "Băn khoăn", "Bức xúc", "Chưa nêu")
    columns = ("phan_khoi", "dong_tinh", "quan_tam", "ban_khoan", "buc_xuc", "chua_ro")
    figures_table(page, (*titles, *_SUM_TITLES), (*columns, *_SUMS), "bang_linh_vuc", "cong_linh_vuc")
    tag(page, "{%p if bieu_do %}")
    caption(page, "Biểu đồ. Phản ánh theo lĩnh vực (số ở Bảng PL1)")
    centred(page, "{{ bieu_do }}", _TABLE_POINTS)
    tag(page, "{%p endif %}")
    caption(page, "Bảng PL2. Phản ánh theo địa bàn")
    titles_of_areas = ("Địa bàn", "Phấn khởi, đồng tình", "Quan tâm, băn khoăn", "Bức xúc", "Chưa nêu")
    columns_of_areas = ("dong_tinh", "ban_khoan", "buc_xuc", "chua_ro")
    all_titles, all_columns = (*titles_of_areas, *_SUM_TITLES), (*columns_of_areas, *_SUMS)
    figures_table(page, all_titles, all_columns, "bang_don_vi", "cong_don_vi")
    base = page.add_paragraph()
    run_of(base, "{{ co_so }}", _TABLE_POINTS, italic=True)


_SUM_TITLES, _SUMS = ("Cộng", "Kỳ trước", "Tăng (+), giảm (\u2212)"), ("tong", "ky_truoc", "tang_giam")


def figures_table(
    page: Document, titles: tuple[str, ...], columns: tuple[str, ...], rows: str, last: str = "", named: float = 60
) -> None:
    """A row of titles that stands on each page, a row for each of `rows`, a row of sums if there is one. `named`: width
    of the names."""
    titles = ("TT", *titles)
    narrow = 10.0
    each = (_WIDE - narrow - named) / len(columns)
    widths = (narrow, named, *(each for _ in columns))
    table = grid(page, widths, style="Table Grid")
    for place, title in enumerate(titles):
        centred(table.rows[0].cells[place], title, 10, bold=True)
    _mark_as_titles(table.rows[0])
    _cells(table.add_row(), [f"{{%tr for dong in {rows} %}}"])
    _cells(table.add_row(), ["{{ dong.stt }}", "{{ dong.ten }}", *(f"{{{{ dong.{name} }}}}" for name in columns)])
    _cells(table.add_row(), ["{%tr endfor %}"])
    if last:
        sums = [f"{{{{ {last}.{name} }}}}" for name in columns]
        _cells(table.add_row(), ["", f"{{{{ {last}.ten }}}}", *sums], bold=True)
    for row in table.rows:
        _keep_whole(row)
        for cell, width in zip(row.cells, widths, strict=True):
            set_width(cell, width)


def _cells(row: Any, words: list[str], *, bold: bool = False) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    for place, text in enumerate(words):
        paragraph = row.cells[place].paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT if place == 1 else WD_ALIGN_PARAGRAPH.CENTER
        run_of(paragraph, text, _TABLE_POINTS, bold=bold)


def _mark_as_titles(row: Any) -> None:
    add_to_row(row, "w:tblHeader")


def _keep_whole(row: Any) -> None:
    """It stands on one page."""
    add_to_row(row, "w:cantSplit")
