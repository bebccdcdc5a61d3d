"""The chart of a synthesis: reports by topic, a bar each, cut by section of part II; and that of a review: by unit.
Pure.

Its numbers are those of a table of the document, so each is traced there; the text beside it says them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nhipcau.bot.language.catalogue import Texts
from nhipcau.insight.chart_page import DARK, FONT, INK, LINE, MIDDLE, PALE, WARM, WHITE, width_of
from nhipcau.insight.synthesis.figures import read_number
from nhipcau.insight.synthesis.parts import MOODS, SECTIONS, Synthesis, period_title
from nhipcau.insight.synthesis.review_document import ReviewDocument
from nhipcau.insight.synthesis.words import clean, figure_places, with_small_letter

#: Logical pixels: the width of a page, the height of a bar with its gap, letters.
_WIDTH, _BAR, _SIZE = 960, 30, 19
#: Units in the chart of a review.
_MAX_UNITS = 20
_COLOURS = {"pleased": DARK, "uneasy": MIDDLE, "aggrieved": WARM, "untold": LINE}


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart that was drawn."""

    png: bytes
    #: What it shows, in words.
    words: str


def topic_chart(found: Synthesis, t: Texts) -> tuple[dict[str, Any], str] | None:
    """A Vega-Lite specification, and the same in words; None where nothing was reported."""
    topics = sorted(_numbers(found).items(), key=lambda row: -sum(row[1].values()))
    topics = [(name, numbers) for name, numbers in topics if sum(numbers.values())]
    if not topics:
        return None
    names = {section: t(f"synthesis.section.{section}") for section in SECTIONS}
    shown = [section for section in SECTIONS if any(numbers[section] for _, numbers in topics)]
    rows = [
        {"topic": name, "section": names[section], "order": place, "n": numbers[section]}
        for name, numbers in topics
        for place, section in enumerate(shown)
        if numbers[section]
    ]
    title = t("synthesis.chart", period=period_title(found.period, t))
    said = [
        f"{name}: "
        + ", ".join(f"{with_small_letter(names[section])} {numbers[section]}" for section in shown if numbers[section])
        for name, numbers in topics
    ]
    colours = {"domain": [names[section] for section in shown], "range": [_COLOURS[section] for section in shown]}
    return _spec(rows, [name for name, _ in topics], colours), f"{title}. {'; '.join(said)}."


def unit_chart(found: ReviewDocument, t: Texts) -> tuple[dict[str, Any], str] | None:
    """Reports by unit, answered and waiting, those with the most first; None where nothing was reported. Its numbers
    are those of table PL3."""
    units = [row for row in found.review.rows if row.figures.reports]
    units = sorted(units, key=lambda row: (-row.figures.reports, row.unit.code))[:_MAX_UNITS]
    if not units:
        return None
    names = [t(f"review_document.chart_{part}") for part in ("answered", "waiting")]
    numbers = {clean(row.unit.name): (row.figures.reports_answered, row.figures.reports_waiting) for row in units}
    rows = [
        {"topic": unit, "section": names[place], "order": place, "n": number}
        for unit, parts in numbers.items()
        for place, number in enumerate(parts)
        if number
    ]
    said = [
        f"{unit}: " + ", ".join(f"{with_small_letter(names[place])} {number}" for place, number in enumerate(parts))
        for unit, parts in numbers.items()
    ]
    title = t("review_document.chart", period=period_title(found.review.period, t))
    return _spec(rows, list(numbers), {"domain": names, "range": [DARK, WARM]}), f"{title}. {'; '.join(said)}."


def _numbers(found: Synthesis) -> dict[str, dict[str, int]]:
    """Topic → section → number, out of the figures of the table."""
    tables: dict[str, dict[str, int]] = {}
    for row in found.topics:
        of_mood = dict(zip(MOODS, row.cells, strict=False))
        tables[row.name] = {
            section: sum(_number(found, of_mood[mood]) for mood in moods) for section, moods in SECTIONS.items()
        }
    return tables


def _number(found: Synthesis, cell: str) -> int:
    (place,) = figure_places(cell)
    number = read_number(found.figures[int(place)].text)
    return number if isinstance(number, int) else 0


def _spec(rows: list[dict[str, Any]], topics: list[str], colours: dict[str, Any]) -> dict[str, Any]:
    width = _WIDTH - max(width_of(name, _SIZE) for name in topics) - _SIZE
    legend = {"title": None, "orient": "top", "labelFont": FONT, "labelFontSize": _SIZE, "labelColor": INK}
    legend |= {"labelLimit": 0, "symbolType": "square", "columns": 2}
    axis = {"title": None, "labelFont": FONT, "labelFontSize": _SIZE, "labelColor": INK, "domainColor": LINE}
    names = {**axis, "labelLimit": 0, "ticks": False}
    numbers = {**axis, "tickCount": 5, "format": "d", "tickMinStep": 1, "gridColor": PALE, "tickColor": LINE}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": WHITE,
        "padding": 6,
        "config": {"font": FONT, "view": {"stroke": None}},
        "width": round(width),
        "height": _BAR * len(topics),
        "data": {"values": rows},
        "mark": {"type": "bar"},
        "encoding": {
            "y": {"field": "topic", "type": "nominal", "sort": topics, "axis": names},
            "x": {"field": "n", "type": "quantitative", "stack": "zero", "axis": numbers},
            "color": {"field": "section", "type": "nominal", "scale": colours, "legend": legend},
            "order": {"field": "order", "type": "quantitative"},
        },
    }
