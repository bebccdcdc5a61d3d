"""The audit's seals: which lines were written on which day can be checked, although a day keeps no order of them.

Every line has an HMAC over all it says. Every day has the number of its lines and the sum of their HMACs modulo 2^256
(a multiset hash: MSet-Add-Hash of Clarke et al., 2003), and an HMAC over these and that of the day before, so days form
a chain. What has reached its term is cut off at the front; the last day cut stays as a sealed stub. Pure; the one key
is the lasting key `audit`.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

KEY = "audit"
_MODULUS = 1 << 256
_HANDLE_BYTES = 5


@dataclass(frozen=True, slots=True)
class Line:
    """`who` of the office (a handle) did this `kind` of thing to so many (`number`) on that day."""

    id: str
    day: date
    who: str
    kind: str
    number: int
    seal: bytes = b""


@dataclass(frozen=True, slots=True)
class Day:
    """A link of the chain. `lines` None: a stub, `total` then seals the cut and no line of it or before is kept."""

    day: date
    #: Random, so that a day begun anew in an older copy of the table is another day.
    nonce: bytes
    lines: int | None
    total: bytes
    seal: bytes = b""


@dataclass(frozen=True, slots=True)
class Head:
    """How far the chain had come at a sweep; kept beside the keys, where a copy of the database does not reach."""

    day: date
    nonce: bytes
    lines: int

    def packed(self) -> bytes:
        return json.dumps([self.day.isoformat(), self.nonce.hex(), self.lines]).encode()

    @staticmethod
    def unpacked(data: bytes) -> Head:
        """Raises ValueError."""
        try:
            day, nonce, lines = json.loads(data)
            return Head(date.fromisoformat(day), bytes.fromhex(nonce), int(lines))
        except TypeError as error:
            raise ValueError(str(error)) from None


@dataclass(frozen=True, slots=True)
class Break:
    """The first thing that does not hold: `what` is edited, missing, extra, no_day, chain or rolled_back."""

    what: str
    day: date
    #: The line that was edited.
    line: Line | None = None
    #: How many lines are missing, too many, or without a day.
    number: int = 0


class AuditSeals:
    """Handles and seals under one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def _mac(self, *parts: Any) -> bytes:
        said = [part.hex() if isinstance(part, bytes) else part for part in parts]
        return hmac.digest(self._key, json.dumps(said).encode(), "sha256")

    def handle(self, person_id: str) -> str:
        """The same for every act of one person, and without the key nobody's: 8 letters."""
        return base64.b32encode(self._mac("who", person_id)[:_HANDLE_BYTES]).decode().lower()

    def sealed(self, line: Line) -> Line:
        return replace(line, seal=self._mac("line", line.id, line.day.isoformat(), line.who, line.kind, line.number))

    def day(self, day: Day, before: bytes) -> Day:
        """`before`: the seal of the link before; b"": there is none."""
        said = ("day", day.day.isoformat(), day.nonce, day.lines, day.total, before)
        return replace(day, seal=self._mac(*said))

    def stub(self, day: Day) -> Day:
        return replace(day, lines=None, total=self._mac("cut", day.day.isoformat(), day.seal))


def new_day(day: date) -> Day:
    return Day(day, secrets.token_bytes(16), 0, bytes(32))


def with_lines(day: Day, lines: Sequence[Line]) -> Day:
    """The day with these lines added; to be sealed anew."""
    return replace(day, lines=(day.lines or 0) + len(lines), total=_sum(day.total, lines))


def _sum(total: bytes, lines: Iterable[Line]) -> bytes:
    number = int.from_bytes(total) + sum(int.from_bytes(line.seal) for line in lines)
    return (number % _MODULUS).to_bytes(32)


def first_break(
    seals: AuditSeals, lines: Iterable[Line], days: Iterable[Day], head: Head | None = None
) -> Break | None:
    """The first thing, by day, that was edited, deleted, added or moved; None: all holds."""
    by_day: dict[date, list[Line]] = defaultdict(list)
    for line in lines:
        by_day[line.day].append(line)
    links = {day.day: day for day in days}
    before = b""
    for at in sorted(by_day.keys() | links.keys()):
        if found := _break_of(seals, at, by_day[at], links, before):
            return found
        before = links[at].seal
    return Break("rolled_back", head.day) if head and not reaches(links, head) else None


def _break_of(
    seals: AuditSeals, at: date, lines: Sequence[Line], links: Mapping[date, Day], before: bytes
) -> Break | None:
    for line in sorted(lines, key=lambda line: (line.who, line.kind, line.id)):
        if not hmac.compare_digest(seals.sealed(line).seal, line.seal):
            return Break("edited", at, line)
    link = links.get(at)
    if link is None:
        return Break("no_day", at, number=len(lines))
    if link.lines is None:
        is_start = not before and not lines and hmac.compare_digest(seals.stub(link).total, link.total)
        return None if is_start else Break("chain", at, number=len(lines))
    if not hmac.compare_digest(seals.day(link, before).seal, link.seal):
        return Break("chain", at)
    if len(lines) != link.lines:
        off = len(lines) - link.lines
        return Break("extra" if off > 0 else "missing", at, number=abs(off))
    return None if _sum(bytes(32), lines) == link.total else Break("missing", at, number=1)


def reaches(links: Mapping[date, Day], head: Head) -> bool:
    """Whether the chain still holds what it held at `head`: the same day with at least as many lines, or cut since."""
    link = links.get(head.day)
    if link is None:
        return any(each.lines is None and each.day > head.day for each in links.values())
    return link.nonce == head.nonce and (link.lines is None or link.lines >= head.lines)
