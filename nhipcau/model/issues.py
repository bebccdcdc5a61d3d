"""Issues: what several reports are about."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from nhipcau.bot.units.tree import Unit


class IssueState(StrEnum):
    OPEN = "open"
    """Reports can be merged into it; nobody works on it yet."""
    IN_PROGRESS = "in_progress"
    """Somebody works on it."""
    DONE = "done"
    """The office says it is solved."""
    NOT_POSSIBLE = "not_possible"
    """It can't be solved, and those who contributed were told why."""
    PASSED_ON = "passed_on"
    """Another authority is responsible and has received it."""
    MERGED = "merged"
    """It was merged into another issue, which now holds all that was in it."""


#: States in which reports can be merged into an issue.
OPEN_ISSUE = (IssueState.OPEN, IssueState.IN_PROGRESS)
#: States of the issues in lists and counts: a merged one is counted with the one it is in.
LISTED_ISSUE = tuple(state for state in IssueState if state is not IssueState.MERGED)


class StrandKind(StrEnum):
    """How many hold an opinion, as whoever writes it down judges; in the order in which strands are shown."""

    MAJORITY = "majority"
    """Most people (đa số)."""
    PART = "part"
    """A part of them (một bộ phận)."""
    SINGLE = "single"
    """A few single ones (cá biệt)."""


@dataclass(frozen=True, slots=True)
class Strand:
    """One of the opinions people have about an issue, in a coordinator's words."""

    #: Random.
    id: str
    issue: str
    kind: StrandKind
    words: str
    #: When it was written or last changed.
    day: date

    @property
    def digest(self) -> str:
        """Says whether it is still as it was displayed."""
        return hashlib.sha256(f"{self.kind}:{self.words}".encode()).hexdigest()[:6]


def in_order(strands: Iterable[Strand]) -> tuple[Strand, ...]:
    """As they are shown: what most think first, then by day."""
    kinds = list(StrandKind)
    return tuple(sorted(strands, key=lambda strand: (kinds.index(strand.kind), strand.day, strand.id)))


@dataclass(frozen=True, slots=True)
class Issue:
    """One matter that several reports are about, as a person wrote it."""

    code: str
    statement: str
    topic: str
    owner: Unit
    state: IssueState
    opened: date
    answered: date | None
    answer: str
    #: Areas of its reports, by name.
    areas: tuple[Unit, ...]
    #: How many reports and supporters it has, as a band: "0", "1", "2–4", "5+".
    band: str
    #: A coordinator has marked it: people think so, but have not said so in public (tiềm ẩn).
    latent: bool = False
    #: What people think about it, as the office reads it; empty where somebody reads it for their own contribution.
    strands: tuple[Strand, ...] = ()
    #: Code of the issue it was merged into; "": none.
    merged_into: str = ""
