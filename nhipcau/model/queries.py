"""What decide may load; `storage/run_queries.py` answers all queries of one kind with one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

from nhipcau.bot.forms.model import Form
from nhipcau.bot.language.periods import Period
from nhipcau.bot.units.tree import Unit
from nhipcau.model.answers import OfficialAnswer
from nhipcau.model.conversation import Conversation
from nhipcau.model.counts import AudienceForecast, BoardRow, ReachOutline
from nhipcau.model.issues import Issue, IssueState
from nhipcau.model.people import Invite, Member, Person, PersonalRecord
from nhipcau.model.poll_groups import GroupCount
from nhipcau.model.report_tallies import Dimension, ReportTally
from nhipcau.model.reports import NearReport, QueuedReport, Report, ReportState
from nhipcau.model.request_kinds import RequestKind
from nhipcau.model.requests import Audience, RecurringRequest, Request, RequestState
from nhipcau.model.reviews import Review, Trend
from nhipcau.model.rising_words import RisingWord
from nhipcau.model.scope import Scope
from nhipcau.model.signals import Rise, Signal, WeekCount
from nhipcau.model.tally import Tally

T = TypeVar("T")


class Query(Generic[T]):
    """Base of all queries: frozen dataclasses of one of the three kinds below. Equal ones are loaded once."""


class PersonalQuery(Query[T]):
    """What any person may read: their own data, what they were asked, or what a code they hold gives."""


class AreaQuery(Query[T]):
    """What everybody of a unit may read about it."""


@dataclass(frozen=True, slots=True)
class OfficeQuery(Query[T]):
    """What only the office may read; the answer holds nothing outside the scope or that its role may not read."""

    scope: Scope


@dataclass(frozen=True, slots=True)
class FindInvite(PersonalQuery[Invite | None]):
    code: str


@dataclass(frozen=True, slots=True)
class FindRequest(PersonalQuery[Request | None]):
    """A request, with this person's participation."""

    id: str
    person: Person
    contact_id: int


@dataclass(frozen=True, slots=True)
class FindConversation(PersonalQuery[Conversation]):
    """This person's conversation, in whichever app they began it."""

    person_id: str


@dataclass(frozen=True, slots=True)
class OpenRequests(PersonalQuery[Sequence[Request]]):
    """Open requests this person was asked, by closing time."""

    person_id: str


@dataclass(frozen=True, slots=True)
class MyReports(PersonalQuery[Sequence[Report]]):
    """Reports of this person whose tag can still be checked, newest first. `code`: only this one."""

    tag_secret: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class NextReport(OfficeQuery[QueuedReport | None]):
    """The report after this one in a queue, the first after the last; None where it is empty. The inbox: what has a
    reply since the office last acted, then what is new, urgent and oldest first; long past ones that nobody waits for
    come last. Under way: oldest first."""

    after: str = ""
    under_way: bool = False


@dataclass(frozen=True, slots=True)
class SimilarReports(OfficeQuery[Sequence[NearReport]]):
    """Up to three reports that may be about the same matter as this one, most alike first."""

    code: str


@dataclass(frozen=True, slots=True)
class CountReports(OfficeQuery[int]):
    """How many reports are in these states."""

    states: tuple[ReportState, ...]


@dataclass(frozen=True, slots=True)
class CanReachReporter(OfficeQuery[bool]):
    """Whether an answer can still reach the reporter: tag and key of that month exist."""

    code: str


@dataclass(frozen=True, slots=True)
class ReportAround(AreaQuery[Report | None]):
    """A report about the area of this unit, for a reply from that area."""

    unit: Unit
    code: str


@dataclass(frozen=True, slots=True)
class Issues(OfficeQuery[Sequence[Issue]]):
    """Issues in these states that a unit of the scope owns or that concern an area in it; oldest first."""

    states: tuple[IssueState, ...]


@dataclass(frozen=True, slots=True)
class IssueIn(OfficeQuery[Issue | None]):
    """One issue, under the same conditions as `Issues`."""

    code: str


@dataclass(frozen=True, slots=True)
class AreaIssues(AreaQuery[Sequence[Issue]]):
    """Open issues that concern exactly this area."""

    area_id: int


@dataclass(frozen=True, slots=True)
class MyIssues(PersonalQuery[Sequence[Issue]]):
    """Issues this person supports ("Cũng vậy"), where the tag can still be checked."""

    tag_secret: str


@dataclass(frozen=True, slots=True)
class MyIssue(PersonalQuery["tuple[Issue, tuple[str, ...]] | None"]):
    """An issue to which this person contributed, by a report or by "Cũng vậy", and the ids of their supports."""

    tag_secret: str
    code: str


@dataclass(frozen=True, slots=True)
class ReportIn(OfficeQuery[Report | None]):
    """One report if its area lies in the scope."""

    code: str


@dataclass(frozen=True, slots=True)
class AreaReaders(AreaQuery[int]):
    """Number of collaborators, consented or invited, in this unit and below."""

    area: Unit


@dataclass(frozen=True, slots=True)
class RulesOf(OfficeQuery[Sequence[RecurringRequest]]):
    """Active rules of units of this scope, by next date."""

    kinds: tuple[RequestKind, ...]


@dataclass(frozen=True, slots=True)
class NoticesFor(PersonalQuery[Sequence[Request]]):
    """Notices for this person, newest first, including those sent before they joined."""

    person: Person


@dataclass(frozen=True, slots=True)
class CountAudience(OfficeQuery[int]):
    """Number of people of the scope who would be asked now: consented, not paused, with a reachable contact."""

    audience: Audience


@dataclass(frozen=True, slots=True)
class CountVouched(OfficeQuery[int]):
    """How many of the people counted by CountAudience count for k = 5: who joined with a unit's open code does not,
    where the commune keeps a roster."""

    audience: Audience


@dataclass(frozen=True, slots=True)
class AskedBefore(OfficeQuery[bool]):
    """Whether a closed poll has put a question of this form to some of these people, but not to exactly them, so that
    the result of another may not be shown."""

    audience: Audience
    form: Form
    #: When it is to open.
    opens_at: datetime
    #: The closed poll that it repeats; "": none.
    repeats: str = ""


@dataclass(frozen=True, slots=True)
class ForecastAudience(OfficeQuery[AudienceForecast]):
    """How a message would reach the people counted by CountAudience."""

    audience: Audience
    #: Weekly limit of non-urgent messages a person; 0: none.
    budget: int = 0


@dataclass(frozen=True, slots=True)
class OutlineReach(OfficeQuery[ReachOutline]):
    """What apps and limits mean for a message to the people counted by CountAudience, as a coordinator may know it."""

    audience: Audience
    #: As for ForecastAudience.
    budget: int = 0


@dataclass(frozen=True, slots=True)
class ContactChannels(PersonalQuery[Sequence[str]]):
    """Channels that reach this person, in the order they would be tried."""

    person_id: str


@dataclass(frozen=True, slots=True)
class RequestsOf(OfficeQuery[Sequence[Request]]):
    """Requests made by units of this scope, newest first. `asked`: those addressed to people of this scope instead."""

    kinds: tuple[RequestKind, ...]
    states: tuple[RequestState, ...]
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Board(OfficeQuery[Sequence[BoardRow]]):
    """How far the people asked are, by unit: see `rows_within`."""

    request: Request


@dataclass(frozen=True, slots=True)
class Responsible(OfficeQuery[Mapping[int, str]]):
    """Unit id → name of whoever is responsible there: "Phụ trách", else a coordinator, else the people of the unit."""

    unit_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PollGroups(OfficeQuery[Sequence[GroupCount]]):
    """What may be shown by cluster of a closed poll made by a unit of the scope."""

    request: Request


@dataclass(frozen=True, slots=True)
class PollTally(OfficeQuery[Tally]):
    """Counts of the answers to a poll made by a unit of the scope; for coordinators with some of the free texts."""

    request: Request


@dataclass(frozen=True, slots=True)
class Answers(OfficeQuery[Sequence[dict[str, object]]]):
    """Official answers of units of this scope: question id → value (only for roles that read content), and `_unit`,
    `_late`, `_nothing`."""

    request_id: str


@dataclass(frozen=True, slots=True)
class AnswerIn(OfficeQuery[OfficialAnswer | None]):
    """One official answer of a unit of the scope, with what was asked and said about it."""

    id: str


@dataclass(frozen=True, slots=True)
class MyAnswer(PersonalQuery[OfficialAnswer | None]):
    """An official answer the office asks this person about, as one of those who gave it."""

    id: str
    person_id: str


@dataclass(frozen=True, slots=True)
class Network(OfficeQuery[Sequence[Member]]):
    """All people of the scope, with their channels."""


@dataclass(frozen=True, slots=True)
class UnitCoordinators(AreaQuery[Sequence[str]]):
    """Names of coordinators of this unit, or of the next one above that has any."""

    unit: Unit


@dataclass(frozen=True, slots=True)
class PersonalRecords(PersonalQuery[Sequence[PersonalRecord]]):
    """Every row stored that names one person, for that person."""

    person_id: str


@dataclass(frozen=True, slots=True)
class OwnContacts(PersonalQuery[Sequence[int]]):
    """Ids of the person's contacts."""

    person_id: str


@dataclass(frozen=True, slots=True)
class PersonalData(PersonalQuery[dict[str, object]]):
    """Everything stored about this person, for themselves only."""

    person_id: str


@dataclass(frozen=True, slots=True)
class LessonsDone(PersonalQuery[frozenset[str]]):
    """Ids of the lessons this person has done."""

    person_id: str


@dataclass(frozen=True, slots=True)
class ReviewOf(OfficeQuery[Review]):
    """Figures of a period for the scope's unit and the units directly below."""

    period: Period


@dataclass(frozen=True, slots=True)
class Signals(OfficeQuery[Sequence[Signal]]):
    """Rises that last, of places wholly in this scope; small places first."""


@dataclass(frozen=True, slots=True)
class WeeksOf(OfficeQuery[Sequence[WeekCount]]):
    """Reports of the 26 weeks up to the day `last`, of one topic ("": all), of a signal's place (None: the scope)."""

    topic: str
    place: Rise | None
    last: date


@dataclass(frozen=True, slots=True)
class TrendOf(OfficeQuery[Trend]):
    """What was reported in this scope in the last seven days, beside the weeks before."""


@dataclass(frozen=True, slots=True)
class ReportTallyOf(OfficeQuery[ReportTally]):
    """Counts of the reports of these days about this scope, by these dimensions."""

    first: date
    last: date
    by: tuple[Dimension, ...] = ()


@dataclass(frozen=True, slots=True)
class RisingWords(OfficeQuery[Sequence[RisingWord]]):
    """Words that more reports of this scope say in the last seven days than in the weeks before; with the codes of the
    reports for who may read them."""
