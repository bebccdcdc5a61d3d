"""Texts of a synthesis: what stands for a figure in them, and what people wrote made fit for a document. Pure."""

from __future__ import annotations

from collections.abc import Iterator

_OPEN, _CLOSE = chr(0xE0F1), chr(0xE0F2)
#: Stands for the chart.
PICTURE = chr(0xE0F3)
#: Private-use letters: ours stand for figures, and nobody else's may. And what no XML may hold.
_TAKEN_OUT = dict.fromkeys((*range(0xE000, 0xF900), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)))
_CONTROLS = dict.fromkeys((*range(32), 127), " ")


def placeholder(place: int) -> str:
    """Stands in a text for the figure at this place."""
    return f"{_OPEN}{place}{_CLOSE}"


def figure_places(text: str) -> Iterator[str | int]:
    """The pieces of a text: words, and places of figures."""
    for piece in text.split(_OPEN):
        place, closed, words = piece.partition(_CLOSE)
        if closed and place.isascii() and place.isdigit():
            yield int(place)
            piece = words
        if piece:
            yield piece


def has_figure(text: str) -> bool:
    return _OPEN in text


def clean(text: str) -> str:
    """What people wrote, on one line and without letters that mean something to us or to a document."""
    return " ".join(text.translate(_TAKEN_OUT).translate(_CONTROLS).split())


def sentence(text: str) -> str:
    """A statement with a full stop."""
    written = clean(text)
    return written if written.endswith((".", "!", "?", "…")) else f"{written}."


def with_small_letter(text: str) -> str:
    """With a small first letter, inside a sentence."""
    return text[:1].lower() + text[1:]
