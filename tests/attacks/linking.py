"""Attacks that lay orders side by side: every table of people by every table of what was said; and what differs."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from tests.attacks.chance import Finding, Outcome, by_guesses, by_order, by_set, outcome
from tests.attacks.rows import Row, Sorted, order_marks
from tests.attacks.session import PEOPLE, Utterance

#: Pairs below which an order tells nothing.
_FEWEST = 6
#: Marks whose equality says "written together".
TOGETHER = ("transaction", "commit")
#: A table's marks: name → one number for each thing said.
Columns = dict[str, list[float]]
Openly = Callable[[Utterance], Any]


class _Marked:
    """Rows of one table, each with the orders it can be put in."""

    def __init__(self, rows: Sequence[Row]) -> None:
        marks = order_marks(rows)
        self._marks = {id(row): marks(row) for row in rows}

    def columns(self, given: Sequence[Sequence[Row]]) -> Columns:
        """Each order as a column; where several rows are meant, by their first and by their last."""
        several = any(len(some) > 1 for some in given)
        marks = [[self._marks[id(row)] for row in some] for some in given]
        found: dict[tuple[int, ...], tuple[str, list[float]]] = {}
        for name in sorted({name for some in marks for one in some for name in one}):
            for title, choose in ((name, min), (f"last {name}", max))[: 1 + several]:
                column = [choose(one.get(name, 0.0) for one in some) for some in marks]
                rank = {value: n for n, value in enumerate(sorted(set(column)))}
                if len(rank) > 1:
                    # one of each order
                    found.setdefault(tuple(rank[value] for value in column), (title, column))
        return dict(found.values())


class Linker:
    """Lays the tables of one artefact side by side."""

    def __init__(self, found: Sorted) -> None:
        self.found = found
        self._people = {
            name: _Marked([r for rows in mine.values() for r in rows]) for name, mine in found.people.items()
        }
        self._said = {name: _Marked([r for rows in them.values() for r in rows]) for name, them in found.said.items()}

    def by_all_orders(self, said: Sequence[Utterance], *, openly: Openly | None = None) -> Outcome:
        """Every table of people beside every table that holds what was said, by every order of both. `openly`: what
        content carries on purpose, which is no link."""
        findings: list[Finding] = []
        tries = 0
        beside: dict[tuple[str, tuple[Utterance, ...]], Columns] = {}
        for content, rows_of in self.found.said.items():
            wanted = [s for s in said if s in rows_of]
            for people, mine in self.found.people.items():
                pairs = tuple(s for s in wanted if s.author in mine)
                if len(pairs) < _FEWEST:
                    continue
                title = f"{people} × {content}"
                right = self._said[content].columns([rows_of[s] for s in pairs])
                if (people, pairs) not in beside:
                    shared = _shared_values(pairs, rows_of)
                    meant = [_narrowed(mine[s.author], shared) for s in pairs]
                    beside[people, pairs] = self._people[people].columns(meant)
                groups = [openly(s) for s in pairs] if openly else []
                for more, number in (
                    _compare(title, beside[people, pairs], right, groups),
                    _together(title, pairs, mine, rows_of),
                ):
                    findings += more
                    tries += number
        return outcome(findings, tries)

    def by_same_transaction(self, said: Sequence[Utterance]) -> Outcome:
        """Whose row was written in the transaction that wrote what was said?"""
        findings: list[Finding] = []
        for content, rows_of in self.found.said.items():
            pairs = [s for s in said if s in rows_of]
            for people, mine in self.found.people.items():
                findings += _together(f"{people} × {content}", pairs, mine, rows_of)[0]
        return outcome(findings, len(findings))

    def by_known_order(self, said: Sequence[Utterance]) -> Outcome:
        """The adversary saw from outside in which order people acted: does any order of content follow it?"""
        findings: list[Finding] = []
        tries = 0
        for content, rows_of in self.found.said.items():
            pairs = [s for s in said if s in rows_of]
            if len(pairs) >= _FEWEST:
                right = self._said[content].columns([rows_of[s] for s in pairs])
                seen = {"order": [float(s.order) for s in pairs]}
                more, number = _compare(f"acts seen from outside × {content}", seen, right, [])
                findings += more
                tries += number
        return outcome(findings, tries)

    def features(self) -> Iterator[tuple[str, set[int]]]:
        """Each value, length or mark by which some people's rows differ from others', with who has it, or more."""
        for table, mine in self.found.people.items():
            marks = order_marks([row for rows in mine.values() for row in rows])
            of_person = {n: [marks(row) for row in rows] for n, rows in mine.items()}
            for name in sorted({name for rows in of_person.values() for row in rows for name in row}):
                values = {n: {row.get(name, 0.0) for row in rows} for n, rows in of_person.items()}
                for value in sorted(set().union(*values.values())):
                    yield f"{table}, {name} = {value:g}", {n for n, them in values.items() if value in them}
                    yield f"{table}, {name} from {value:g} on", {n for n, them in values.items() if max(them) >= value}

    def changes_since(self, before: Linker) -> Iterator[tuple[str, set[int]]]:
        """Who has other values, or lengths, in a column than before; who has more or fewer rows."""
        for table, mine in self.found.people.items():
            then = before.found.people.get(table, {})
            width = max(len(row.values) for rows in mine.values() for row in rows)
            for column in range(width):
                for what, of in (("value", _value), ("length", _length)):
                    now = {n: sorted(of(row, column) for row in rows) for n, rows in mine.items()}
                    was = {n: sorted(of(row, column) for row in rows) for n, rows in then.items()}
                    changed = {n for n in now.keys() | was.keys() if now.get(n) != was.get(n)}
                    yield f"{table}, {what} of column {column} changed", changed
                    yield f"{table}, {what} of column {column} stayed", set(range(PEOPLE)) - changed
            yield f"{table}, more rows", {n for n, rows in mine.items() if len(rows) > len(then.get(n, []))}
            yield f"{table}, fewer rows", {n for n, rows in then.items() if len(rows) > len(mine.get(n, []))}


def _value(row: Row, column: int) -> str:
    return repr(row.values[column]) if column < len(row.values) else ""


def _length(row: Row, column: int) -> int:
    return len(_value(row, column))


def _shared_values(pairs: Sequence[Utterance], rows_of: dict[Utterance, list[Row]]) -> set[Any]:
    """What stands in the rows of all of them, as a request's id does: rows of people with it are the ones meant."""
    common: set[Any] | None = None
    for s in pairs:
        values = {v for row in rows_of[s] for v in row.values if isinstance(v, str) and len(v) >= _FEWEST}
        common = values if common is None else common & values
    return common or set()


def _narrowed(rows: Sequence[Row], shared: set[Any]) -> Sequence[Row]:
    return [row for row in rows if shared.intersection(v for v in row.values if isinstance(v, str))] or rows


def _compare(title: str, left: Columns, right: Columns, groups: Sequence[Any]) -> tuple[list[Finding], int]:
    if not left or not right:
        return [], 0
    mine, theirs = (np.array(list(side.values())).T for side in (left, right))
    p = by_order(mine, theirs, groups)
    a, b = np.unravel_index(np.argmin(p), p.shape)
    findings = [Finding(float(p[a, b]), f"{title}, {list(left)[a]} × {list(right)[b]}")]
    guesses, number = ([], 0) if groups else _aligned(title, left, right)
    return [*findings, *guesses], p.size + number


def _aligned(title: str, left: Columns, right: Columns) -> tuple[list[Finding], int]:
    """Guess that the k-th of one order belongs to the k-th of the other: how many are right?"""
    whole = [{name: np.argsort(np.argsort(c)) for name, c in s.items() if len(set(c)) == len(c)} for s in (left, right)]
    if not all(whole):
        return [], 0
    ranks, others = (np.array(list(side.values())) for side in whole)
    n = ranks.shape[1]
    found, tries = [], 0
    for way, seen in (("", others), (" backwards", n - 1 - others)):
        right_ones = (ranks[:, None, :] == seen[None, :, :]).sum(2)
        a, b = np.unravel_index(np.argmax(right_ones), right_ones.shape)
        best = int(right_ones[a, b])
        what = f"{title}, k-th of {list(whole[0])[a]} × k-th of {list(whole[1])[b]}{way}"
        found.append(Finding(by_guesses(best, 1.0), what, best, n))
        tries += right_ones.size
    return found, tries


def _together(
    title: str, pairs: Sequence[Utterance], mine: dict[int, list[Row]], rows_of: dict[Utterance, list[Row]]
) -> tuple[list[Finding], int]:
    """Guess whose row was written in the transaction that wrote what was said."""
    findings = []
    names = {name for s in pairs for row in rows_of[s] for name in row.marks if name in TOGETHER}
    for name in sorted(names):
        wrote: dict[float, set[int]] = defaultdict(set)
        for n, rows in mine.items():
            for row in rows:
                if name in row.marks:
                    wrote[row.marks[name]].add(n)
        chance, right, guessed = random.Random(7), 0, 0
        for s in pairs:
            who = sorted(set().union(*(wrote.get(row.marks.get(name, -1.0), set()) for row in rows_of[s])))
            if who:
                guessed += 1
                right += chance.choice(who) == s.author
        p = by_guesses(right, guessed / PEOPLE) if right else 1.0
        findings.append(Finding(p, f"{title}, same {name}", right, guessed))
    return findings, len(findings)


def by_difference(sets: Sequence[tuple[str, set[int]]], authors: set[int], among: set[int]) -> Outcome:
    """Guess that those whose rows differ are those who said what came that day."""
    findings = []
    tried = set()
    for what, who in sets:
        chosen = frozenset(who & among)
        if not chosen or len(chosen) > len(among) // 2 or chosen in tried:
            continue
        tried.add(chosen)
        right = len(chosen & authors)
        p = by_set(right, len(among), len(chosen), len(authors))
        findings.append(
            Finding(p, f"{what}: {len(chosen)} people, {right} of {len(authors)} authors", right, len(authors))
        )
    return outcome(findings, len(tried))
