"""How the pages of a synthesis and a review look: what was seen once a program had drawn them as pages."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from docx import Document
from docx.enum.section import WD_ORIENTATION
from docx.shared import Mm
from docx.table import Table

from nhipcau.insight.synthesis.document import keep_with_gaps
from nhipcau.insight.synthesis.layouts import template_of
from nhipcau.insight.synthesis.review_template import review_template_of
from nhipcau.model.synthesis import Layout

#: Of bold Times, in thousandths of its size (its published metrics); letters with marks are as wide as those without.
_BOLD = {"D": 722, "o": 500, "c": 444, " ": 250, "l": 278, "a": 500, "p": 556, "-": 333, "T": 667, "u": 556, "d": 556}
_BOLD |= {"H": 778, "n": 556, "h": 556, "A": 722, "N": 722, "G": 778, "C": 722, "O": 778, "S": 556, "V": 722, "I": 389}
_BOLD |= {"E": 667, "M": 944}
_MOTTO = {
    Layout.STATE: ("Doc lap - Tu do - Hanh phuc", 14),
    Layout.PARTY: ("DANG CONG SAN VIET NAM", 15),
}
_MAKERS = (template_of, review_template_of)


def page_of(make: Callable[[Layout], bytes], layout: Layout = Layout.STATE) -> Any:
    return Document(io.BytesIO(make(layout)))


@pytest.mark.parametrize("layout", list(Layout))
def test_the_line_is_as_long_as_the_words_above_it(layout: Layout) -> None:
    words, points = _MOTTO[layout]
    long = sum(_BOLD[letter] for letter in words) / 1000 * points / 72 * 25.4
    head = page_of(template_of, layout).tables[0]
    shape = head.rows[0].cells[1].paragraphs[-1].paragraph_format
    drawn = head.columns[1].width / Mm(1) - 2 * shape.left_indent / Mm(1)
    assert abs(drawn - long) < 1


@pytest.mark.parametrize("make", _MAKERS)
def test_wide_tables_stand_on_wide_pages(make: Callable[[Layout], bytes]) -> None:
    page = page_of(make)
    upright, wide = page.sections
    assert (upright.orientation, wide.orientation) == (WD_ORIENTATION.PORTRAIT, WD_ORIENTATION.LANDSCAPE)
    assert wide.page_width > wide.page_height
    assert b"PAGE" in wide.header.part.blob
    room = (wide.page_width - wide.left_margin - wide.right_margin) / Mm(1)
    for table in page.tables[2:]:
        widths = [column.width / Mm(1) for column in table.columns]
        assert room - 1 < sum(widths) < room + 1
        # "20.000" with its reference stays on one line
        assert min(widths[2:]) > 17


@pytest.mark.parametrize("make", _MAKERS)
def test_a_table_has_its_caption_on_the_same_page(make: Callable[[Layout], bytes]) -> None:
    page = page_of(make)
    captions = [p for p in page.paragraphs if p.text.startswith(("Bảng PL", "Biểu đồ"))]
    # one is of the chart; the head and the signature are tables too
    assert len(captions) == len(page.tables) - 2 + 1
    assert all(caption.paragraph_format.keep_with_next for caption in captions)


def test_nobody_signs_a_page_without_words() -> None:
    page = page_of(template_of)
    keep_with_gaps(page)
    inside = list(page.iter_inner_content())
    signature = [place for place, each in enumerate(inside) if isinstance(each, Table)][1]
    assert [inside[signature - back].paragraph_format.keep_with_next for back in (1, 2)] == [True, True]
    assert inside[signature - 2].text
