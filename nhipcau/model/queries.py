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
from nhipcau.model.scope import Scope
from nhipcau.model.tally import Tally

T = TypeVar("T")


class Query(Generic[T]):
    """Something decide needs from the store: frozen dataclasses, each of one of the three kinds below. Equal ones are
    loaded once."""


class PersonalQuery(Query[T]):
    """What somebody may know for themselves: theirs, asked of them, or meant for them by a code they hold."""


class AreaQuery(Query[T]):
    """What whoever lives or serves in a unit may know about it."""


@dataclass(frozen=True, slots=True)
class OfficeQuery(Query[T]):
    """What only the office may know: nothing is given that the scope's role does not read, or from outside it."""

    scope: Scope


# ------------------------------------------------------------------ queries


@dataclass(frozen=True, slots=True)
class FindInvite(PersonalQuery[Invite | None]):
    code: str


@dataclass(frozen=True, slots=True)
class FindRequest(PersonalQuery[Request | None]):
    """With this person's participation."""

    id: str
    person: Person
    contact_id: int


@dataclass(frozen=True, slots=True)
class FindTalk(PersonalQuery[Conversation]):
    """What this person has half-written, wherever they began it."""

    person_id: str


@dataclass(frozen=True, slots=True)
class OpenRequests(PersonalQuery[Sequence[Request]]):
    """Open requests this person was asked, newest first."""

    person_id: str


@dataclass(frozen=True, slots=True)
class MyReports(PersonalQuery[Sequence[Report]]):
    """Reports of this person whose tag can still be read, newest first. `code`: only this one."""

    tag_secret: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Inbox(OfficeQuery[Sequence[Report]]):
    """Reports in these states, urgent and oldest first."""

    states: tuple[ReportState, ...] = (ReportState.NEW,)
    #: Only those where somebody has written back since the office last acted, whatever their state.
    waiting: bool = False
    #: Oldest first, urgent ones too.
    by_day: bool = False


@dataclass(frozen=True, slots=True)
class CountReports(OfficeQuery[int]):
    """How many reports are in these states."""

    states: tuple[ReportState, ...]


@dataclass(frozen=True, slots=True)
class WayBack(OfficeQuery[bool]):
    """Whether an answer can still find the reporter: the tag is kept, and its month's key lives."""

    code: str


@dataclass(frozen=True, slots=True)
class ReportAround(AreaQuery[Report | None]):
    """A report whose area holds this unit, for an answer from the area."""

    unit: Unit
    code: str


@dataclass(frozen=True, slots=True)
class Issues(OfficeQuery[Sequence[Issue]]):
    """Issues in these states that a unit of the scope owns, or that hold something of an area in it; oldest first."""

    states: tuple[IssueState, ...]


@dataclass(frozen=True, slots=True)
class IssueIn(OfficeQuery[Issue | None]):
    """One issue, as `Issues`."""

    code: str


@dataclass(frozen=True, slots=True)
class AreaIssues(AreaQuery[Sequence[Issue]]):
    """Open issues with something of exactly this area."""

    area_id: int


@dataclass(frozen=True, slots=True)
class MyIssues(PersonalQuery[Sequence[Issue]]):
    """Issues this person joined by "Cũng vậy", where the tag can still be read."""

    tag_secret: str


@dataclass(frozen=True, slots=True)
class ReportIn(OfficeQuery[Report | None]):
    """One report if its area lies in the scope."""

    code: str


@dataclass(frozen=True, slots=True)
class AreaReaders(AreaQuery[int]):
    """How many consented or invited collaborators serve in this unit and below."""

    area: Unit


@dataclass(frozen=True, slots=True)
class RulesOf(OfficeQuery[Sequence[RecurringRequest]]):
    """Active rules of units of this scope, those that come first first."""

    kinds: tuple[RequestKind, ...]


@dataclass(frozen=True, slots=True)
class NoticesFor(PersonalQuery[Sequence[Request]]):
    """Official information for this person, newest first, also what went out before they joined."""

    person: Person


@dataclass(frozen=True, slots=True)
class CountAudience(OfficeQuery[int]):
    """People of the scope who would be asked now: joined, consented, not paused, with a living door."""

    audience: Audience


@dataclass(frozen=True, slots=True)
class ForecastAudience(OfficeQuery[AudienceForecast]):
    """How the people of the scope who would be asked now would be told."""

    audience: Audience
    #: Non-urgent messages a person may have in a week; 0: not counted.
    budget: int = 0


@dataclass(frozen=True, slots=True)
class ContactChannels(PersonalQuery[Sequence[str]]):
    """Channels by which this person can be told, in the order they would be tried."""

    person_id: str


@dataclass(frozen=True, slots=True)
class RequestsOf(OfficeQuery[Sequence[Request]]):
    """Requests asked by units of this scope, newest first. `asked`: those that asked people of this scope instead."""

    kinds: tuple[RequestKind, ...]
    states: tuple[RequestState, ...]
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Board(OfficeQuery[Sequence[BoardRow]]):
    """How far the people asked are, by unit: see `rows_within`."""

    request: Request


@dataclass(frozen=True, slots=True)
class PollTally(OfficeQuery[Tally]):
    """How often everything was answered in a poll asked by a unit of the scope; for coordinators of that unit with some
    of the words given."""

    request: Request


@dataclass(frozen=True, slots=True)
class Answers(OfficeQuery[Sequence[dict[str, object]]]):
    """Official answers of units of this scope: question id → value (for who reads content), and `_unit`, `_late`,
    `_nothing`."""

    request_id: str


@dataclass(frozen=True, slots=True)
class Network(OfficeQuery[Sequence[Member]]):
    """Everybody of the scope, with their channels."""


@dataclass(frozen=True, slots=True)
class UnitCoordinators(AreaQuery[Sequence[str]]):
    """Names of coordinators of this unit, or of the next one above that has any."""

    unit: Unit


@dataclass(frozen=True, slots=True)
class PersonalData(PersonalQuery[dict[str, object]]):
    """Everything kept about this person, for their own eyes."""

    person_id: str


@dataclass(frozen=True, slots=True)
class LessonsDone(PersonalQuery[frozenset[str]]):
    """Ids of the lessons this person has done."""

    person_id: str


@dataclass(frozen=True, slots=True)
class ReviewOf(OfficeQuery[Review]):
    """Figures of a period for the scope's unit and those right below it."""

    period: Period


@dataclass(frozen=True, slots=True)
class TrendOf(OfficeQuery[Trend]):
    """What was reported in this scope in the last seven days, beside the weeks before."""
