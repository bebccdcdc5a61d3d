"""Issues merged into another, and issues some of whose reports were split off into another; both can be undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from nhipcau.model.issues import IssueState
from nhipcau.model.queries import OfficeQuery


class RegroupingAct(StrEnum):
    MERGE = "merge"
    """The source went into the target, with all that was in it."""
    SPLIT = "split"
    """Some reports of the source went into the target."""


@dataclass(frozen=True, slots=True)
class Regrouping:
    id: str
    act: RegroupingAct
    #: Codes of issues.
    source: str
    target: str
    day: date
    #: When it was undone.
    undone: date | None
    #: Of a merge: the state the source had.
    source_state: IssueState
    #: What the target was when something was put into it, as `seen_of` says.
    target_seen: str
    #: The target was opened by it.
    opened: bool
    #: How many reports and supports of those that went are still in the target, as a band; and how many strands.
    band: str
    strands: int


@dataclass(frozen=True, slots=True)
class RegroupingsOf(OfficeQuery[Sequence[Regrouping]]):
    """What was merged into this issue or split off from it, and the other way round, the latest first; of an issue
    that the scope may read."""

    issue: str
