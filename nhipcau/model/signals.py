"""Early signals as the office reads them: a topic that grew at a place, with what is usual there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Level(StrEnum):
    """How large the place is at which a rise stands."""

    PROVINCE = "province"
    CLUSTER = "cluster"
    """Communes grouped as in results of polls, by default a former district."""
    COMMUNE = "commune"
    """A commune, or an agency."""


class SignalState(StrEnum):
    NEW = "new"
    SEEN = "seen"
    EXPLAINED = "explained"
    """A coordinator wrote why."""


@dataclass(frozen=True, slots=True)
class Rise:
    """A topic that grows at a place, at the end of one day. Counts are reports of the seven days up to it."""

    topic: str
    level: Level
    #: A unit's code; of a cluster its name.
    place: str
    #: First day on which it stood out, and the day of this look.
    since: date
    day: date
    count: int
    #: Reports to be expected in such a week.
    expected: float
    #: The usual range: 95 of 100 such weeks lie within.
    low: int
    high: int
    #: How likely so many are by chance, in one week or in two; and after Benjamini and Hochberg (1995) over all topics
    #: and places.
    p: float
    q: float
    #: Codes of the communes and agencies that reported the topic in these days.
    units: tuple[str, ...]
    #: Days on which it was told: when it stood out, and each time it had clearly grown.
    told: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class WeekCount:
    """Seven days, named by the last of them."""

    #: "29/11".
    name: str
    reports: int
    #: Communes and agencies that reported anything.
    units: int


class SignalMark(StrEnum):
    """What a coordinator does with a signal."""

    SEEN = "seen"
    EXPLAIN = "explain"
    FOLLOW = "follow"
    UNFOLLOW = "unfollow"


@dataclass(frozen=True, slots=True)
class Signal:
    """A rise that was told, and what the office made of it."""

    id: str
    rise: Rise
    #: Name of the place, and of the units that reported.
    where: str
    unit_names: tuple[str, ...]
    state: SignalState
    #: Why, as a coordinator wrote it; "": nobody did.
    explanation: str
    #: Somebody wants to hear when it has ended.
    followed: bool
    #: The first day on which it no longer stood out; None: it lasts.
    ended: date | None = None
