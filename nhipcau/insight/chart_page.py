"""A picture as a page of boxes and words, and its Vega-Lite specification.

Everything stands at pixels of our own: Vega-Lite's axes cut long labels and can't wrap them, and its legends stand
apart from what they explain. Letters are of a font that the drawing library carries, since a server may have none.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

#: Logical pixels; drawn at twice that.
WIDTH = 720
MARGIN = 24
INNER = WIDTH - 2 * MARGIN
#: No letter is smaller: its capitals are a fortieth of the width high.
SIZE = 27
TITLE = 33
#: Carried by the drawing library, with all Vietnamese letters. A name it does not know draws nothing at all.
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
# an i with a mark above is as wide as this; without one it is a little narrower
_WIDTH_OF["i"] = 278
_BOLD = 1.1

Align = Literal["left", "right", "center"]


def width_of(text: str, size: float, bold: bool = False) -> float:
    """How wide the text is drawn, in pixels; letters we do not know count as the widest."""
    units = 0
    for letter in unicodedata.normalize("NFD", text):
        known = _WIDTH_OF.get(letter)
        units += known if known is not None else 0 if unicodedata.combining(letter) else 1000
    return units * size / 1000 * (_BOLD if bold else 1)


def wrap(text: str, width: float, size: float, bold: bool = False) -> list[str]:
    """The text in lines no wider than this; a word that is wider by itself is broken. At least one line."""
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
    """Grows downwards."""

    y: float = MARGIN
    boxes: list[dict[str, Any]] = field(default_factory=list)
    letters: list[dict[str, Any]] = field(default_factory=list)

    def gap(self, height: float) -> None:
        self.y += height

    def box(self, x: float, width: float, height: float, fill: str, edge: str = "", **facts: Any) -> None:
        """A filled box whose upper edge is here. `facts`: what it stands for, beside it in the data."""
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
        """One line as it is, whose upper edge is here (or `down` pixels below)."""
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
        """The text in as many lines as it needs, and the page goes on below it."""
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
    """A channel that takes its value as it stands in the data."""
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
