"""What decide may ask for, by kind; `storage/run_queries.py` answers a batch of each kind with one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from nhipcau.bot.language.periods import Period
from nhipcau.bot.units.tree import Unit
from nhipcau.model.conversation import Conversation
from nhipcau.model.counts import AudienceForecast, BoardRow
from nhipcau.model.issues import Issue, IssueState
from nhipcau.model.people import Invite, Member, Person
from nhipcau.model.reports import Report, ReportState
from nhipcau.model.request_kinds import RequestKind
from nhipcau.model.requests import Audience, RecurringRequest, Request, RequestState
from nhipcau.model.reviews import Review, Trend
from nhipcau.model.tally import Tally

T = TypeVar("T")


class Query(Generic[T]):
    """Something decide needs from the store. Frozen dataclasses below; equal needs are loaded once."""


# ------------------------------------------------------------------ needs


@dataclass(frozen=True, slots=True)
class FindInvite(Query[Invite | None]):
    code: str


@dataclass(frozen=True, slots=True)
class FindRequest(Query[Request | None]):
    """With this person's participation."""

    id: str
    person: Person
    contact_id: int


@dataclass(frozen=True, slots=True)
class FindTalk(Query[Conversation]):
    """What this person has half-written, wherever they began it."""

    person_id: str


@dataclass(frozen=True, slots=True)
class OpenRequests(Query[Sequence[Request]]):
    """Open requests this person was asked, newest first."""

    person_id: str


@dataclass(frozen=True, slots=True)
class MyReports(Query[Sequence[Report]]):
    """Reports of this person whose tag can still be read, newest first. `code`: only this one."""

    tag_secret: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Inbox(Query[Sequence[Report]]):
    """Reports of a scope (a unit's path) in these states, urgent and oldest first."""

    path: str
    states: tuple[ReportState, ...] = (ReportState.NEW,)
    #: Only those where somebody has written back since the office last acted, whatever their state.
    waiting: bool = False
    #: Oldest first, urgent ones too.
    by_day: bool = False


@dataclass(frozen=True, slots=True)
class CountReports(Query[int]):
    """How many reports of a scope are in these states."""

    path: str
    states: tuple[ReportState, ...]


@dataclass(frozen=True, slots=True)
class WayBack(Query[bool]):
    """Whether an answer can still find the reporter: the tag is kept, and its month's key lives."""

    code: str


@dataclass(frozen=True, slots=True)
class ReportAround(Query[Report | None]):
    """A report whose area holds the unit of this path, for an answer from the area."""

    path: str
    code: str


@dataclass(frozen=True, slots=True)
class Issues(Query[Sequence[Issue]]):
    """Issues in these states that a unit of the scope owns, or that hold something of an area in it; oldest first."""

    path: str
    states: tuple[IssueState, ...]


@dataclass(frozen=True, slots=True)
class IssueIn(Query[Issue | None]):
    """One issue if the scope may read it."""

    path: str
    code: str


@dataclass(frozen=True, slots=True)
class AreaIssues(Query[Sequence[Issue]]):
    """Open issues with something of exactly this area."""

    area_id: int


@dataclass(frozen=True, slots=True)
class MyIssues(Query[Sequence[Issue]]):
    """Issues this person joined by "Cũng vậy", where the tag can still be read."""

    tag_secret: str


@dataclass(frozen=True, slots=True)
class ReportIn(Query[Report | None]):
    """One report if its area lies in the scope."""

    path: str
    code: str


@dataclass(frozen=True, slots=True)
class AreaReaders(Query[int]):
    """How many consented or invited collaborators serve in this unit and below."""

    path: str


@dataclass(frozen=True, slots=True)
class RulesOf(Query[Sequence[RecurringRequest]]):
    """Active rules of units of this scope, those that come first first."""

    path: str
    kinds: tuple[RequestKind, ...]


@dataclass(frozen=True, slots=True)
class NoticesFor(Query[Sequence[Request]]):
    """Official information for this person, newest first, also what went out before they joined."""

    person: Person


@dataclass(frozen=True, slots=True)
class CountAudience(Query[int]):
    """People who would be asked now: joined, consented, not paused, with a living door."""

    audience: Audience


@dataclass(frozen=True, slots=True)
class ForecastAudience(Query[AudienceForecast]):
    """How the people who would be asked now would be told."""

    audience: Audience
    #: Non-urgent messages a person may have in a week; 0: not counted.
    budget: int = 0


@dataclass(frozen=True, slots=True)
class ContactChannels(Query[Sequence[str]]):
    """Channels by which this person can be told, in the order they would be tried."""

    person_id: str


@dataclass(frozen=True, slots=True)
class RequestsOf(Query[Sequence[Request]]):
    """Requests asked by units of this scope, newest first. `asked`: those that asked people of this scope instead."""

    path: str
    kinds: tuple[RequestKind, ...]
    states: tuple[RequestState, ...]
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Board(Query[Sequence[BoardRow]]):
    request_id: str


@dataclass(frozen=True, slots=True)
class PollTally(Query[Tally]):
    """How often everything was answered in a poll; `texts`: with some of the words given."""

    request: Request
    texts: bool


@dataclass(frozen=True, slots=True)
class Answers(Query[Sequence[dict[str, object]]]):
    """Official answers of units of this scope: question id → value, and `_unit`, `_late`, `_nothing`."""

    request_id: str
    path: str


@dataclass(frozen=True, slots=True)
class Network(Query[Sequence[Member]]):
    path: str


@dataclass(frozen=True, slots=True)
class UnitCoordinators(Query[Sequence[str]]):
    """Names of coordinators of this unit, or of the next one above that has any."""

    path: str


@dataclass(frozen=True, slots=True)
class PersonalData(Query[dict[str, object]]):
    """Everything kept about this person, for their own eyes."""

    person_id: str


@dataclass(frozen=True, slots=True)
class LessonsDone(Query[frozenset[str]]):
    """Ids of the lessons this person has done."""

    person_id: str


@dataclass(frozen=True, slots=True)
class ReviewOf(Query[Review]):
    """Figures of a period for this unit and those right below it."""

    unit: Unit
    period: Period


@dataclass(frozen=True, slots=True)
class TrendOf(Query[Trend]):
    """What was reported in this scope in the last seven days, beside the weeks before."""

    path: str
