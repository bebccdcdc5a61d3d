"""What a synthesis of a unit and a period is made of: counts, issues as people wrote them, results of polls.

No report's text or proposal is in it, nor a place below a commune (rules R19, R20).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from nhipcau.bot.language.periods import Period
from nhipcau.bot.units.tree import Unit
from nhipcau.model.issues import Issue
from nhipcau.model.report_tallies import Base, Dimension
from nhipcau.model.requests import Request
from nhipcau.model.reviews import ReviewFigures
from nhipcau.model.tally import Tally


class DocumentKind(StrEnum):
    """A document whose figures can be counted anew."""

    SYNTHESIS = "synthesis"
    REVIEW = "review"
    """Sơ kết, tổng kết."""


class Layout(StrEnum):
    """How an official document is laid out."""

    STATE = "state"
    """Decree 30/2020/NĐ-CP."""
    PARTY = "party"
    """Guidance 36-HD/VPTW."""


#: The cuts a synthesis counts reports by; every figure about reports is a sum over cells of one of them.
CUTS: tuple[tuple[Dimension, ...], ...] = (
    (Dimension.TOPIC, Dimension.MOOD),
    (Dimension.AREA, Dimension.MOOD),
    (Dimension.MOOD, Dimension.SPREAD),
    (Dimension.STATE,),
)
#: The same, each with the topic first: what a synthesis on chosen topics is counted from.
THEME_CUTS = tuple((Dimension.TOPIC, *(each for each in cut if each is not Dimension.TOPIC)) for cut in CUTS)
#: Topics one synthesis may be about.
MAX_TOPICS = 10


@dataclass(frozen=True, slots=True)
class IssueReports:
    """An issue, and its reports of the scope and the period."""

    issue: Issue
    #: (mood, spread, code of the area) → number.
    counts: Mapping[tuple[str, str, str], int]

    @property
    def reports(self) -> int:
        return sum(self.counts.values())

    def by(self, place: int) -> dict[str, int]:
        """Number by mood (0), spread (1) or area (2)."""
        found: dict[str, int] = {}
        for key, number in self.counts.items():
            found[key[place]] = found.get(key[place], 0) + number
        return found


@dataclass(frozen=True, slots=True)
class ClosedPoll:
    request: Request
    tally: Tally


@dataclass(frozen=True, slots=True)
class SignedBelow:
    """A signed synthesis of a unit below, as the one above takes it in."""

    unit: Unit
    signed: date
    #: Place (`insight/synthesis/own_words.py`) → what people of that unit wrote there.
    words: Mapping[str, str]


def due_on(period: Period) -> date:
    """The last day on which units below sign theirs in time: two days after a week, five after a longer period."""
    return period.last + timedelta(days=2 if (period.last - period.first).days < 7 else 5)


@dataclass(frozen=True, slots=True)
class PeriodFacts:
    """What is counted of one unit, with all below it, in one period. Withdrawn reports are counted nowhere.

    Of chosen topics: reports and issues of these alone, and neither polls, duties nor syntheses of units below, which
    are about no topic. The base is that of all reports.
    """

    unit: Unit
    period: Period
    reports: int
    base: Base
    #: Each of CUTS, and each dimension of these by itself → codes in its order → number of reports.
    cuts: Mapping[tuple[Dimension, ...], Mapping[tuple[str, ...], int]]
    #: With at least one report of the scope in the period.
    issues: tuple[IssueReports, ...] = ()
    #: Opened in the period, by their present state.
    opened: tuple[Issue, ...] = ()
    polls: tuple[ClosedPoll, ...] = ()
    review: ReviewFigures = field(default_factory=ReviewFigures)
    #: Signed syntheses of units below for the same period, and all units whose synthesis is awaited; none where no unit
    #: below keeps any.
    signed: tuple[SignedBelow, ...] = ()
    awaited: tuple[Unit, ...] = ()
    #: Codes of the topics chosen, in order; none: all.
    topics: tuple[str, ...] = ()

    def cells(self, dimension: Dimension) -> Mapping[tuple[str, ...], int]:
        """Each code of a dimension with its number."""
        return self.cuts[dimension,]


def of_topics(
    tallied: Mapping[tuple[Dimension, ...], Mapping[tuple[str, ...], int]], topics: Sequence[str]
) -> dict[tuple[Dimension, ...], Mapping[tuple[str, ...], int]]:
    """Each of CUTS, of these topics alone. `tallied`: each of THEME_CUTS."""
    found: dict[tuple[Dimension, ...], Mapping[tuple[str, ...], int]] = {}
    for cut, with_topic in zip(CUTS, THEME_CUTS, strict=True):
        cells: Counter[tuple[str, ...]] = Counter()
        for codes, number in tallied[with_topic].items():
            if codes[0] in topics:
                cells[codes if Dimension.TOPIC in cut else codes[1:]] += number
        found[cut] = cells
    return found


def with_margins(
    cuts: Mapping[tuple[Dimension, ...], Mapping[tuple[str, ...], int]],
) -> dict[tuple[Dimension, ...], Mapping[tuple[str, ...], int]]:
    """The cuts, and their sums over all dimensions but one."""
    found = dict(cuts)
    for cut, cells in cuts.items():
        for place, dimension in enumerate(cut):
            if (dimension,) not in found:
                margin: Counter[tuple[str, ...]] = Counter()
                for codes, number in cells.items():
                    margin[codes[place],] += number
                found[dimension,] = margin
    return found
