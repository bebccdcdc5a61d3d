"""The sentences people write for a synthesis: each has a place, and goes into the document there. Pure.

A place is stable while figures change: "III", "II.aggrieved" (the section of part II), "IV.X06040" (what is proposed to
that unit). Every part has one of its own name at its end. A sentence whose place is gone, since its issue was settled,
stands at the end of its part, so that none is lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from nhipcau.insight.synthesis.parts import Line, LineKind, Part, Synthesis
from nhipcau.insight.synthesis.words import clean

#: Characters of what stands in one place.
MAX_CHARS = 6000


@dataclass(frozen=True, slots=True)
class WritingPlace:
    """Where somebody may write."""

    place: str
    #: What is asked for there, as the line that waits says it; "": nothing waits, more can be said.
    asked: str


def with_words(found: Synthesis, words: Mapping[str, str]) -> Synthesis:
    """The synthesis with these sentences in it."""
    open_parts = iter(found.open_parts)
    still_open: list[str] = []
    parts = []
    for part in found.parts:
        lines: list[Line] = []
        for line in part.lines:
            if line.kind is not LineKind.OPEN:
                lines.append(line)
                continue
            name = next(open_parts)
            if written := _lines(words.get(line.place, ""), line.place):
                lines += written
            else:
                lines.append(line)
                still_open.append(name)
        for place in _places_after(part, words):
            lines += _lines(words[place], place)
        parts.append(replace(part, lines=tuple(lines)))
    return replace(found, parts=tuple(parts), open_parts=tuple(still_open))


def writing_places(part: Part, words: Mapping[str, str]) -> list[WritingPlace]:
    """The places of a part (as counted, without sentences) in the order of the document."""
    found = [WritingPlace(line.place, line.text) for line in part.lines if line.kind is LineKind.OPEN]
    after = [place for place in _places_after(part, words) if place != part.number]
    named = {each.place for each in found}
    own = [] if part.number in named else [part.number]
    return [*found, *(WritingPlace(place, "") for place in (*after, *own))]


def _places_after(part: Part, words: Mapping[str, str]) -> list[str]:
    """Places with sentences that no line of this part waits for; that of the part itself comes last."""
    waiting = {line.place for line in part.lines if line.kind is LineKind.OPEN}
    gone = sorted(place for place in words if place.startswith(f"{part.number}.") and place not in waiting)
    own = [part.number] if part.number in words and part.number not in waiting else []
    return [place for place in (*gone, *own) if words[place]]


def _lines(text: str, place: str) -> list[Line]:
    """A paragraph a line."""
    return [Line(LineKind.TEXT, written, place) for line in text.splitlines() if (written := clean(line))]
