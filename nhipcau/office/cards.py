"""The sheet of personal cards to print and cut: A4, eight cards, each with a square code and what to do with it.

A PDF, because it prints alike from any computer, however old.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from html import escape
from pathlib import Path
from textwrap import wrap

import nhipcau
from nhipcau.bot.language.catalogue import Texts
from nhipcau.office import cards_worker
from nhipcau.office.table_writer import write_bytes

#: Hides the machine's fonts from the printing process, as from the one that draws charts.
_FONTS = Path(nhipcau.__file__).parent / "insight" / "fonts.conf"
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TZ")
#: Millimetres of a page, of a card, and around what stands on it; points of a page.
_PAGE, _CARD, _MARGIN = (210, 297), (105, 74.25), 8
_POINTS = (595.276, 841.89)
_COLUMNS, _ROWS = 2, 4
_SQUARE = 33
#: Millimetres of a letter's width for one of its height, at most, and the heights of name and small print.
_WIDTH, _NAME, _SMALL, _CODE = 0.58, 5.2, 3.3, 4.2
_SECONDS = 300


class CannotPrint(Exception):
    """The sheet can't be drawn."""


@dataclass(frozen=True, slots=True)
class Card:
    name: str
    #: Unit, and above a cell its commune.
    units: tuple[str, ...]
    #: The office's own number; "" for none.
    number: str
    code: str
    #: What the square leads to.
    link: str
    #: Whether the code has to be typed there: links of Zalo can't carry it.
    is_typed: bool
    last_day: date


def link_for(links: Mapping[str, str | None], apps: Sequence[str]) -> str:
    """The link of the first of these apps that has one; "": none has."""
    return next((found for name in apps if (found := links.get(name))), "")


def print_cards(path: Path, cards: Sequence[Card], t: Texts) -> None:
    """Write the PDF. Raises OSError where it can't be written, CannotPrint."""
    write_bytes(path, cards_pdf(cards, t))


def cards_pdf(cards: Sequence[Card], t: Texts) -> bytes:
    done = subprocess.run(
        [sys.executable, "-I", str(Path(cards_worker.__file__))],
        input=json.dumps(list(_pages(cards, t))).encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ} | {"FONTCONFIG_FILE": str(_FONTS)},
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode or not done.stdout.startswith(b"%PDF"):
        raise CannotPrint
    return done.stdout


def _pages(cards: Sequence[Card], t: Texts) -> Iterator[str]:
    many = _COLUMNS * _ROWS
    size = f'width="{_POINTS[0]}" height="{_POINTS[1]}" viewBox="0 0 {_PAGE[0]} {_PAGE[1]}"'
    for first in range(0, len(cards), many):
        drawn = "".join(_placed(n, card, t) for n, card in enumerate(cards[first : first + many]))
        yield f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif">{drawn}</svg>'


def _placed(n: int, card: Card, t: Texts) -> str:
    x, y = n % _COLUMNS * _CARD[0], n // _COLUMNS * _CARD[1]
    dashed = 'fill="none" stroke="#999" stroke-width=".2" stroke-dasharray="1 1"'
    edge = f'<rect width="{_CARD[0]}" height="{_CARD[1]}" {dashed}/>'
    return f'<g transform="translate({x},{y})">{edge}{_head(card, t)}{_square(card.link)}{_steps(card, t)}</g>'


def _head(card: Card, t: Texts) -> str:
    """Name, units, number and code, left of the square."""
    width = _CARD[0] - 2 * _MARGIN - _SQUARE - 3
    name = card.name or "–"
    # at most three lines, in smaller letters where that is not enough
    names = wrap(name, max(int(width / (_WIDTH * _NAME)) + 2, len(name) // 3 + 6))
    height = min(_NAME, width / (_WIDTH * max(map(len, names))))
    lines = [line for unit in card.units for line in wrap(unit, int(width / (_WIDTH * _SMALL)))]
    small = [*([t("card.number", number=card.number)] if card.number else []), *lines]
    text = "".join(_text(13 + n * height, line, height, bold=True) for n, line in enumerate(names))
    top = 14 + len(names) * height
    text += "".join(_text(top + n * 4.2, line, _SMALL) for n, line in enumerate(small[: int((38 - top) / 4.2) + 1]))
    return text + _text(42, t("card.code", code=card.code), _CODE, bold=True)


def _steps(card: Card, t: Texts) -> str:
    """The four lines of what to do, below."""
    keys = ("card.scan", "card.type" if card.is_typed else "card.begin", "card.agree", "card.own")
    day = f"{card.last_day:%d/%m/%Y}"
    lines = [t(key, code=card.code, day=day) for key in keys]
    return "".join(_text(51 + n * 5, f"{n + 1}. {line}", _SMALL) for n, line in enumerate(lines))


def _text(y: float, text: str, height: float, *, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{_MARGIN}" y="{y:.2f}" font-size="{height:.2f}"{weight}>{escape(text)}</text>'


def _square(link: str) -> str:
    """The code as one path, in the upper right corner."""
    path, modules = _drawn(link)
    place = f"translate({_CARD[0] - _MARGIN - _SQUARE},{_MARGIN}) scale({_SQUARE / modules:.5f})"
    return f'<path transform="{place}" d="{path}"/>'


@cache
def _drawn(link: str) -> tuple[str, int]:
    import segno

    matrix: Iterable[Sequence[int]] = segno.make(link, error="m", micro=False).matrix
    rows = list(matrix)
    return "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark), len(rows)
