"""Charts as Vega-Lite specifications: results, boards, tables, comparisons. Pure.

A chart says what the text beside it says and nothing else, so nobody who can't see it misses anything: results come
from `publishable_result`, comparisons from poll_comparison.py. Every bar has its label and number; colours only help.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from nhipcau.bot.language.catalogue import Texts
from nhipcau.insight.chart_page import (
    DARK,
    INNER,
    LINE,
    MARGIN,
    MIDDLE,
    PALE,
    SIZE,
    TITLE,
    WARM,
    WHITE,
    WIDTH,
    Page,
    width_of,
    wrap,
)
from nhipcau.insight.poll_comparison import QuestionComparison, verdict
from nhipcau.insight.poll_comparison import notes as compare_notes
from nhipcau.insight.poll_results import Bar, ChartQuestion
from nhipcau.model.counts import BoardRow

_BAR = 30
#: Pixels to the right of the bars for `10000 (100 %)`.
_VALUE = 200
_TRACK = INNER - _VALUE
#: Pixels for "Trước" and "Sau" to the left of their bars.
_WHEN = 96
_UNITS = 20
_ROWS, _COLUMNS = 30, 6
_CELL = 10
_NUMBER = re.compile(r"[\d\s.,/%+−–-]*")


class CannotDraw(Exception):
    """This can't be drawn, or not now. Callers send the text alone."""


def result_chart(
    title: str, base_line: str, questions: Sequence[ChartQuestion], notes: Sequence[str] = ()
) -> dict[str, Any]:
    """One closed poll: every question with its bars, or with the sentence that the text has instead."""
    page = _begin(title, base_line)
    for question in questions:
        page.gap(SIZE)
        if question.head:
            page.words(question.head, bold=True)
            page.gap(6)
        for line in question.lines:
            if isinstance(line, str):
                page.words(line)
            else:
                page.words(line.label)
                page.gap(4)
                _bar(page, line, MARGIN, _TRACK, DARK)
                page.gap(_BAR + 14)
    return _end(page, title, notes)


def board_chart(title: str, base_line: str, rows: Sequence[BoardRow], notes: Sequence[str], t: Texts) -> dict[str, Any]:
    """Progress by unit, least answered first; for a poll one row of all, since its units are not shown."""
    page = _begin(title, base_line)
    page.gap(SIZE / 2)
    _key(page, t)
    ordered = sorted((r for r in rows if r.asked), key=lambda r: (r.answered / r.asked, r.unit.name))
    for row in ordered[:_UNITS]:
        _unit(page, row, t)
    if len(ordered) > _UNITS:
        page.gap(SIZE / 2)
        page.words(t("board.more_units", n=len(ordered) - _UNITS))
    return _end(page, title, notes)


def table_picture(
    title: str, header: Sequence[str], rows: Sequence[Sequence[str]], notes: Sequence[str] = ()
) -> dict[str, Any]:
    """A table of at most 30 rows and 6 columns; numbers are right-aligned. Raises CannotDraw for a larger one."""
    if len(rows) > _ROWS or not 0 < len(header) <= _COLUMNS or any(len(row) != len(header) for row in rows):
        raise CannotDraw("table")
    page = _begin(title, "")
    page.gap(10)
    widths = _columns([header, *rows])
    numbers = [all(_NUMBER.fullmatch(row[n]) for row in rows) for n in range(len(header))]
    _row(page, header, widths, numbers, bold=True, fill=PALE)
    for row in rows:
        _row(page, row, widths, numbers, bold=False, fill=WHITE)
    return _end(page, title, notes)


def compare_chart(title: str, compared: Sequence[QuestionComparison], t: Texts) -> dict[str, Any]:
    """Two polls: for every option its share of those who answered before, and of those who answered after."""
    page = _begin(t("compare.title", title=title), "")
    for number, found in enumerate(compared, start=1):
        page.gap(SIZE)
        page.words(found.text if len(compared) == 1 else f"{number}. {found.text}", bold=True)
        if not found.why and found.pairs:
            page.words(t("chart.bases", before=found.base_before, after=found.base_after))
            page.gap(6)
        elif not found.why:
            middles = (found.base_before, found.median_before), (found.base_after, found.median_after)
            for key, (base, median) in zip(("before", "after"), middles, strict=True):
                page.words(t(f"compare.{key}", n=base, values=t("compare.median", median=median)))
        for pair in found.pairs:
            page.words(pair.label)
            page.gap(4)
            for key, bar, fill in (("before", pair.before, MIDDLE), ("after", pair.after, DARK)):
                page.line(t(f"chart.{key}"))
                _bar(page, bar, MARGIN + _WHEN, _TRACK - _WHEN, fill, when=key)
                page.gap(_BAR + 8)
            page.gap(8)
        for line in verdict(found, t):
            page.words(line)
    return _end(page, title, compare_notes(compared, t))


# ------------------------------------------------------------------ parts


def _begin(title: str, base_line: str) -> Page:
    page = Page()
    page.words(title, size=TITLE, bold=True)
    if base_line:
        page.words(base_line)
    return page


def _end(page: Page, title: str, notes: Sequence[str]) -> dict[str, Any]:
    page.gap(SIZE / 2)
    for note in notes:
        page.box(MARGIN, INNER, 0, LINE)
        page.gap(10)
        page.words(note)
        page.gap(10)
    return page.spec(title)


def _bar(page: Page, bar: Bar, x: float, track: float, fill: str, **facts: Any) -> None:
    """A bar for the share that chose it, inside a box for the whole; its number to the right."""
    page.box(x, track, _BAR, PALE, LINE)
    page.box(
        x, track * bar.count / bar.base, _BAR, fill, LINE, label=bar.label, count=bar.count, base=bar.base, **facts
    )
    page.line(bar.value, WIDTH - MARGIN, bold=True, align="right")


_PARTS = (("answered", DARK), ("started", MIDDLE), ("waiting", PALE), ("undeliverable", WARM))


def _counts(row: BoardRow) -> dict[str, int]:
    rest = row.asked - row.answered - row.started - row.undeliverable
    return {
        "answered": row.answered,
        "started": row.started,
        "waiting": rest,
        "undeliverable": row.undeliverable,
    }


def _key(page: Page, t: Texts) -> None:
    """The legend, two entries a line."""
    for n, (name, fill) in enumerate(_PARTS):
        x = MARGIN + (n % 2) * INNER / 2
        page.box(x, SIZE, SIZE, fill, LINE)
        page.line(t(f"chart.key_{name}"), x + SIZE * 1.4)
        page.gap(n % 2 * SIZE * 1.5)


def _unit(page: Page, row: BoardRow, t: Texts) -> None:
    page.gap(SIZE / 2)
    share = f"{row.answered}/{row.asked}"
    page.line(share, WIDTH - MARGIN, bold=True, align="right")
    page.words(row.unit.name, width=INNER - width_of(share, SIZE, bold=True) - SIZE, bold=True)
    counts, x = _counts(row), float(MARGIN)
    for name, fill in _PARTS:
        width = INNER * counts[name] / row.asked
        if width > 0:
            page.box(x, width, _BAR, fill, LINE, unit=row.unit.name, part=name, count=counts[name])
        x += width
    page.gap(_BAR + 4)
    left = [t(f"chart.{name}", n=counts[name]) for name, _ in _PARTS[1:] if counts[name]]
    if left:
        page.words(" · ".join(left))


def _columns(rows: Sequence[Sequence[str]]) -> list[float]:
    """Widths: each as wide as its longest word, the rest shared by the length of the contents."""
    room = INNER - 2 * _CELL * len(rows[0])
    words = [max(_longest(row[n]) for row in rows) for n in range(len(rows[0]))]
    whole = [max(width_of(row[n], SIZE, bold=True) for row in rows) for n in range(len(rows[0]))]
    if sum(words) > room:
        return [room * word / sum(words) for word in words]
    spare, wanted = room - sum(words), sum(whole) - sum(words)
    return [
        word + (spare * (all_of - word) / wanted if wanted else spare / len(words))
        for word, all_of in zip(words, whole, strict=True)
    ]


def _longest(text: str) -> float:
    """The widest part that may not be wrapped; a number with its signs is one part."""
    if _NUMBER.fullmatch(text):
        return width_of(text, SIZE, bold=True)
    return max((width_of(word, SIZE, bold=True) for word in text.split()), default=SIZE)


def _row(
    page: Page, cells: Sequence[str], widths: Sequence[float], numbers: Sequence[bool], *, bold: bool, fill: str
) -> None:
    wrapped = [
        [cell] if _NUMBER.fullmatch(cell) else wrap(cell, width, SIZE, bold)
        for cell, width in zip(cells, widths, strict=True)
    ]
    height = max(len(lines) for lines in wrapped) * SIZE * 1.3 + _CELL
    page.box(MARGIN, INNER, height, fill, LINE)
    x = float(MARGIN)
    for lines, width, number in zip(wrapped, widths, numbers, strict=True):
        for n, line in enumerate(lines):
            at = x + _CELL + (width if number else 0)
            page.line(line, at, bold=bold, align="right" if number else "left", down=_CELL / 2 + n * SIZE * 1.3)
        x += width + 2 * _CELL
    page.gap(height)
