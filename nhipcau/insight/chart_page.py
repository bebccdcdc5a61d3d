"""A chart as a page of boxes and text, and its Vega-Lite specification.

We place everything at pixels ourselves: Vega-Lite's axes cut long labels instead of wrapping them, and its legends are
far from what they explain. The font is one that the drawing library brings along, since a server may have none.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

#: Logical pixels; charts are drawn at twice that.
WIDTH = 720
MARGIN = 24
INNER = WIDTH - 2 * MARGIN
#: The smallest font size: its capitals are a fortieth of the width high.
SIZE = 27
TITLE = 33
#: Part of the drawing library, with all Vietnamese letters. With a font it does not know, it draws no text at all.
FONT = "Liberation Sans"

INK = "#1A1A1A"
DARK = "#0B4F7D"
MIDDLE = "#7FB2D6"
PALE = "#E4E9ED"
WARM = "#C9601A"
LINE = "#44515C"
WHITE = "#FFFFFF"

#: Advance widths of this font's letters from space to tilde, in thousandths of the size (those of Arial and Helvetica).
_WIDTHS = (
    "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 278 "
    "584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 944 "
    "667 667 611 278 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 "
    "278 556 500 722 500 500 500 334 260 334 584"
)
_WIDTH_OF = {chr(32 + n): int(width) for n, width in enumerate(_WIDTHS.split())}
_WIDTH_OF |= {"đ": 556, "Đ": 722, "–": 556, "…": 1000, "·": 278, "•": 350, "\u031b": 100}
# the width of an i with a diacritic; without one it is a little narrower
_WIDTH_OF["i"] = 278
_BOLD = 1.1

Align = Literal["left", "right", "center"]


def width_of(text: str, size: float, bold: bool = False) -> float:
    """The width of the text in pixels; unknown letters count as the widest."""
    units = 0
    for letter in unicodedata.normalize("NFD", text):
        known = _WIDTH_OF.get(letter)
        units += known if known is not None else 0 if unicodedata.combining(letter) else 1000
    return units * size / 1000 * (_BOLD if bold else 1)


def wrap(text: str, width: float, size: float, bold: bool = False) -> list[str]:
    """The text in lines of at most `width` pixels; a wider word is broken. At least one line."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if width_of(longer, size, bold) <= width:
            lines[-1] = longer
            continue
        if lines[-1]:
            lines.append("")
        for letter in word:
            if lines[-1] and width_of(lines[-1] + letter, size, bold) > width:
                lines.append("")
            lines[-1] += letter
    return lines


@dataclass(slots=True)
class Page:
    """A page that is filled from top to bottom; `y` is where the next part goes."""

    y: float = MARGIN
    boxes: list[dict[str, Any]] = field(default_factory=list)
    letters: list[dict[str, Any]] = field(default_factory=list)

    def gap(self, height: float) -> None:
        self.y += height

    def box(self, x: float, width: float, height: float, fill: str, edge: str = "", **facts: Any) -> None:
        """A filled box whose upper edge is at `y`. `facts`: what it stands for, added to its row of data."""
        row = {"x": x, "x2": x + width, "y": self.y, "y2": self.y + height, "fill": fill, "edge": edge or fill}
        self.boxes.append(row | facts)

    def line(
        self,
        text: str,
        x: float = MARGIN,
        *,
        size: float = SIZE,
        bold: bool = False,
        align: Align = "left",
        down: float = 0,
    ) -> None:
        """One unwrapped line whose upper edge is at `y` (or `down` pixels below)."""
        base = self.y + down + size * 0.95
        self.letters.append({"text": text, "x": x, "y": base, "size": size, "bold": bold, "align": align})

    def words(
        self,
        text: str,
        x: float = MARGIN,
        *,
        width: float = INNER,
        size: float = SIZE,
        bold: bool = False,
        align: Align = "left",
    ) -> None:
        """The text in as many lines as it needs; `y` moves below it."""
        for line in wrap(unicodedata.normalize("NFC", text), width, size, bold):
            self.line(line, x, size=size, bold=bold, align=align)
            self.gap(size * 1.3)

    def spec(self, description: str) -> dict[str, Any]:
        """The page as a Vega-Lite specification."""
        return {
            "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
            "description": description,
            "width": WIDTH,
            "height": round(self.y + MARGIN),
            "padding": 0,
            "autosize": "none",
            "background": WHITE,
            "config": {"font": FONT, "view": {"stroke": None}},
            "layer": [_boxes(self.boxes), _letters(self.letters)],
        }


def _at(name: str) -> dict[str, Any]:
    """A Vega-Lite channel that takes its value from the data without a scale."""
    return {"field": name, "type": "quantitative", "scale": None, "axis": None}


def _literal(name: str) -> dict[str, Any]:
    return {"field": name, "type": "nominal", "scale": None, "legend": None}


def _boxes(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "data": {"name": "boxes", "values": list(rows)},
        "mark": {"type": "rect", "strokeWidth": 1.5},
        "encoding": {
            "x": _at("x"),
            "x2": {"field": "x2"},
            "y": _at("y"),
            "y2": {"field": "y2"},
            "fill": _literal("fill"),
            "stroke": _literal("edge"),
        },
    }


def _letters(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "data": {"name": "letters", "values": list(rows)},
        "mark": {
            "type": "text",
            "font": FONT,
            "fill": INK,
            "baseline": "alphabetic",
            "align": {"expr": "datum.align"},
            "fontWeight": {"expr": "datum.bold ? 'bold' : 'normal'"},
        },
        "encoding": {
            "x": _at("x"),
            "y": _at("y"),
            "text": {"field": "text", "type": "nominal"},
            "size": {"field": "size", "type": "quantitative", "scale": None, "legend": None},
        },
    }
