"""Rows as an adversary finds them, and whose they are: no table and no column is known by name."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.attacks.session import Session, Utterance

Key = tuple[str, int]
#: Shorter values are codes and counts, which many rows share.
_NAMING = 8


@dataclass(frozen=True)
class Row:
    """A row of a table or index, living, dead or in a log."""

    table: str
    values: tuple[Any, ...]
    #: Where and when it was written: place in the file, row id, transaction.
    marks: dict[str, float]
    #: Its own number, and the numbers its foreign keys point at.
    key: Key | None = None
    refers: tuple[Key, ...] = ()


@dataclass
class Sorted:
    """Rows of people and of what was said, by table."""

    people: dict[str, dict[int, list[Row]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    said: dict[str, dict[Utterance, list[Row]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    #: Rows that name both.
    both: list[Row] = field(default_factory=list)


def sort_rows(rows: Sequence[Row], session: Session, handles: Sequence[set[str | bytes]] | None = None) -> Sorted:
    """Whose row each is: by the person's handles, and by the word of what they said; then by keys of such rows."""
    person_of = _Finder({h: n for n, known in enumerate(handles or session.handles) for h in known})
    words = _Finder({s.word: s for s in session.said}, inside=True)
    speaks = [words.find(row.values) for row in rows]
    keys = _Finder(_keys_of_content(rows, speaks, person_of))
    names = [person_of.find(row.values) for row in rows]
    _follow_numbers(rows, names)
    found = Sorted()
    for row, said, person in zip(rows, speaks, names, strict=True):
        content = said or keys.find(row.values)
        for one in person:
            found.people[row.table][one].append(row)
        for one in content:
            found.said[row.table][one].append(row)
        if person and content:
            found.both.append(row)
    return found


class _Finder:
    """Finds known values in a row: whole; in raw bytes, and with `inside` in longer text, as parts too."""

    def __init__(self, known: dict[Any, Any], *, inside: bool = False) -> None:
        self.known = {**known, **{k.encode(): v for k, v in known.items() if isinstance(k, str)}}
        raw = sorted((k for k in self.known if isinstance(k, bytes)), key=len, reverse=True)
        self._raw = re.compile(b"|".join(map(re.escape, raw)), re.DOTALL) if raw else None
        self._inside = inside

    def find(self, values: Iterable[Any]) -> set[Any]:
        found = set()
        for value in values:
            if isinstance(value, str) and self._inside and self._raw:
                found |= {self.known[m] for m in self._raw.findall(value.encode())}
            elif isinstance(value, (str, bytes)) and len(value) >= _NAMING:
                if value in self.known:
                    found.add(self.known[value])
                elif isinstance(value, bytes) and self._raw:
                    found |= {self.known[m] for m in self._raw.findall(value)}
        return found


def _keys_of_content(rows: Sequence[Row], speaks: Sequence[set[Utterance]], people: _Finder) -> dict[Any, Utterance]:
    """Values that stand in rows of one thing said and of no other: codes, ids, names of files."""
    owners: dict[Any, set[Utterance]] = defaultdict(set)
    for row, said in zip(rows, speaks, strict=True):
        if len(said) == 1 and not row.table.startswith("page "):
            for value in row.values:
                if isinstance(value, (str, bytes)) and len(value) >= _NAMING and value not in people.known:
                    owners[value] |= said
    shared = Counter(v for row, said in zip(rows, speaks, strict=True) if not said for v in set(_texts(row)))
    # a key names one thing: what many rows without its word hold is a day, a state, a request
    return {v: next(iter(said)) for v, said in owners.items() if len(said) == 1 and shared[v] < _NAMING}


def _texts(row: Row) -> Iterable[Any]:
    return (v for v in row.values if isinstance(v, (str, bytes)))


def _follow_numbers(rows: Sequence[Row], names: list[set[int]]) -> None:
    """A row whose foreign key points at a person's row is that person's too."""
    for _ in range(3):
        owner = {row.key: person for row, person in zip(rows, names, strict=True) if row.key and len(person) == 1}
        for n, row in enumerate(rows):
            if not names[n]:
                names[n] = set().union(*(owner.get(key, set()) for key in row.refers))


def order_marks(rows: Sequence[Row]) -> Callable[[Row], dict[str, float]]:
    """By which orders rows of one table can be put: their marks, each column's value, each value's length."""
    width = max((len(row.values) for row in rows), default=0)
    rank: list[dict[Any, int]] = []
    for column in range(width):
        values = {_sortable(row.values[column]) for row in rows if column < len(row.values)}
        rank.append({value: n for n, value in enumerate(sorted(values))})

    def marks(row: Row) -> dict[str, float]:
        found = dict(row.marks)
        for column, value in enumerate(row.values):
            found[f"column {column}"] = rank[column][_sortable(value)]
            if isinstance(value, (bytes, str)):
                found[f"length {column}"] = len(value)
        return found

    return marks


def _sortable(value: Any) -> tuple[int, Any]:
    if value is None:
        return (0, 0)
    if isinstance(value, bool | int | float):
        return (1, float(value))
    if isinstance(value, bytes):
        return (2, value)
    return (3, str(value))
