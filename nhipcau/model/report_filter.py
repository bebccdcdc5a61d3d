"""The list of reports as the office asks for it, and a page of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from nhipcau.bot.language.search_words import Phrase
from nhipcau.bot.units.tree import Unit
from nhipcau.model.queries import OfficeQuery
from nhipcau.model.reports import Report, ReportState


class ReplyState(StrEnum):
    """What was said between the office and whoever reported."""

    WAITING = "yes"
    """Somebody wrote about it since the office last acted."""
    UNANSWERED = "none"
    """The office has said nothing in words yet, and has not settled it."""
    ANSWERED = "answered"
    """The office has said something in words."""


@dataclass(frozen=True, slots=True)
class ReportFilter:
    """Which reports are meant; "", () and None: all."""

    #: Words that it holds, all of them, and phrases as they stand. Made by `phrases_of`, which refuses personal data.
    phrases: tuple[Phrase, ...] = ()
    code: str = ""
    topics: tuple[str, ...] = ()
    #: Each with the units below it.
    areas: tuple[Unit, ...] = ()
    states: tuple[ReportState, ...] = ()
    moods: tuple[str, ...] = ()
    urgencies: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    reply: ReplyState | None = None
    #: Code of the issue they are in.
    issue: str = ""
    #: Ids of the sections they are assigned to.
    sections: tuple[str, ...] = ()
    #: With a day from this one, and up to this one, by which something is to be done.
    due_since: date | None = None
    due_until: date | None = None


@dataclass(frozen=True, slots=True)
class ReportPage:
    """Newest day first; within a day by code, which is random. Before all others those that hold the words as they are
    spelt."""

    reports: Sequence[Report]
    #: Of all pages together.
    total: int
    #: Where the next page begins; "": this is the last.
    following: str
    #: There are more than `total`: no more were counted.
    is_more: bool = False
    #: The words name somebody of the roster, by whom nobody searches (rule R26).
    is_about_person: bool = False


@dataclass(frozen=True, slots=True)
class IssueAct:
    """A report was put into an issue ("merge") or taken out ("split"), on this day; never by whom."""

    day: date
    act: str
    report: str


@dataclass(frozen=True, slots=True)
class IssueHistory(OfficeQuery[Sequence[IssueAct]]):
    """What was done with reports of the scope in this issue, the latest first."""

    issue: str


@dataclass(frozen=True, slots=True)
class ReportList(OfficeQuery[ReportPage]):
    """One page of the reports of the scope that are meant, with their notes."""

    wanted: ReportFilter
    #: As `ReportPage.following` of the page before; "": from the first.
    after: str = ""
    size: int = 50
