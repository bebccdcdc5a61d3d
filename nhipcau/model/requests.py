"""Requests (polls, rapid requests, duties, notices), the rules that repeat them, and whom they are for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from nhipcau.bot.forms.model import Form
from nhipcau.bot.units.tree import Unit
from nhipcau.model.people import Role
from nhipcau.model.request_kinds import REQUEST_TRAITS, RequestKind, RequestTraits


class RequestState(StrEnum):
    SCHEDULED = "scheduled"
    """It is planned; nobody was asked yet."""
    OPEN = "open"
    """People were asked and may answer."""
    CLOSED = "closed"
    """It has ended, and its result was sent."""
    STOPPED = "stopped"
    """It was withdrawn: there is no result, and answers were deleted."""


class DutyState(StrEnum):
    """How far a unit is with one period of a duty, as exports show it."""

    OPEN = "open"
    """It may still be answered on time."""
    ANSWERED = "answered"
    """It was answered on time."""
    LATE = "late"
    """It was answered after it was due."""
    MISSED = "missed"
    """It has ended without an answer."""


class Each(StrEnum):
    """Who gives one answer to a duty."""

    CELL = "cell"
    """Every cell where the people asked sit in cells; elsewhere every commune or agency."""
    COMMUNE = "commune"
    """Every commune or agency; people in its cells answer for it."""


class RuleState(StrEnum):
    ACTIVE = "active"
    """It makes a request whenever one is due."""
    ENDED = "ended"
    """It makes no more requests; those it has made go on."""


class ParticipationState(StrEnum):
    """How far somebody is with a request they were asked."""

    ASKED = "asked"
    """The question is being delivered."""
    REACHED = "reached"
    """An app has taken the question for them."""
    STARTED = "started"
    """They have begun to answer."""
    ANSWERED = "answered"
    """They have answered."""
    UNDELIVERABLE = "undeliverable"
    """No app can deliver the question now; it is sent again once one can."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture or a document sent with a notice, or nothing."""

    #: Random names of the picture and of the document in the data folder.
    photo: str = ""
    file: str = ""
    #: The document's name as people see it.
    file_name: str = ""


@dataclass(frozen=True, slots=True)
class RequestContent:
    """What people are asked or told, without when."""

    kind: RequestKind
    title: str
    intro: str
    form: Form
    #: A poll whose answers carry no tag, so that nobody can change theirs.
    sealed: bool = False
    #: Sent before everything else, and also in quiet hours.
    urgent: bool = False
    attachment: Attachment = Attachment()
    #: Of a duty: who gives one answer.
    each: Each = Each.CELL
    #: Of a rapid request: units that stay silent are told upwards while it runs.
    escalates: bool = True


@dataclass(frozen=True, slots=True)
class Participation:
    """How far one person is with a request."""

    #: None when this person was not asked.
    state: ParticipationState | None = None
    #: This contact has answered once already, as this or an earlier person.
    guarded: bool = False
    #: The earlier answer can still be found by its tag and replaced.
    editable: bool = False
    #: Somebody of this person's unit has answered, and one answer a unit is enough.
    settled: bool = False

    @property
    def has_answered(self) -> bool:
        """This person has answered themselves."""
        return self.state is ParticipationState.ANSWERED


@dataclass(frozen=True, slots=True)
class Request:
    """A request, and how far this person is with it."""

    id: str
    unit: Unit
    content: RequestContent
    state: RequestState
    opens_at: datetime
    closes_at: datetime
    #: Number of people who were asked.
    asked: int
    version: int = 1
    reminded_at: datetime | None = None
    participation: Participation = Participation()
    #: An open poll without a key (see storage/requests.py): nobody can answer it any more.
    keyless: bool = False
    #: The rule that made it ("": none), and for which period.
    rule_id: str = ""
    period: str = ""
    #: The closed poll that this one asks again; "": none.
    repeats: str = ""
    #: What was decided after it, in words for those who answered.
    decision: str = ""
    #: Of a closed poll: ids of questions not shown, since some of the same people answered them in another poll.
    withheld: frozenset[str] = frozenset()
    #: Of a rapid request: of how many silent units was told, at each step so far (see actions/escalation.py).
    escalated: tuple[int, ...] = ()
    #: Sent to whoever composes it, alone; an answer to it is stored nowhere.
    is_trial: bool = False

    @property
    def kind(self) -> RequestKind:
        return self.content.kind

    @property
    def title(self) -> str:
        return self.content.title

    @property
    def form(self) -> Form:
        return self.content.form

    @property
    def traits(self) -> RequestTraits:
        return REQUEST_TRAITS[self.kind]

    @property
    def is_answered(self) -> bool:
        """Whether this person, or somebody for their unit, has answered."""
        return self.participation.has_answered or self.participation.settled

    @property
    def is_poll(self) -> bool:
        return self.kind is RequestKind.POLL


class Stratum(StrEnum):
    """By what a sample is stratified: what is named is split up, all others are one stratum."""

    COMMUNE = "commune"
    """Each commune."""
    AGENCY = "agency"
    """Each agency and organisation."""


@dataclass(frozen=True, slots=True)
class SampleDraw:
    """How a sample was drawn at random, for whoever publishes a result."""

    #: With it and the same frame the same people are drawn again.
    seed: int
    #: How many were drawn, and of how many who had joined.
    size: int
    frame: int
    day: date
    #: None: a simple sample.
    by: Stratum | None = None


class UnitGroup(StrEnum):
    """Of the units of an audience, which alone are meant."""

    COMMUNES = "communes"
    """Communes, and the cells in them."""
    AGENCIES = "agencies"
    """Agencies and organisations."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a request is for."""

    #: Paths of units: everybody there and below.
    paths: tuple[str, ...]
    roles: tuple[Role, ...] = (Role.COLLABORATOR,)
    #: Number of people drawn at random; None: all.
    sample: int | None = None
    #: How the sample was drawn: beforehand, or when the request opened; None: not yet, or there is none.
    draw: SampleDraw | None = None
    #: Ids of the people drawn beforehand. They are stored with their participation, not here.
    people: tuple[str, ...] = ()
    #: Only those the roster marks as responsible for their unit ("Phụ trách").
    responsible: bool = False


@dataclass(frozen=True, slots=True)
class RecurringRequest:
    """A rule: a request made repeatedly."""

    id: str
    unit: Unit
    content: RequestContent
    audience: Audience
    #: In the notation of bot/recurrence/rules.py.
    rule: str
    #: How long each request is open, in seconds: a duty before it is due, other kinds from then on.
    seconds: int
    working_days: bool
    catch_up: bool
    #: When the next request is due, and when it opens.
    due: datetime
    next_at: datetime
    asked_by: str | None

    @property
    def kind(self) -> RequestKind:
        return self.content.kind

    @property
    def title(self) -> str:
        return self.content.title
