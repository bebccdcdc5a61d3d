"""Requests: polls, duties, rapid requests and official information, once or again and again, and whom they are for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from nhipcau.bot.forms.model import Form
from nhipcau.bot.units.tree import Unit
from nhipcau.model.people import Role
from nhipcau.model.request_kinds import REQUEST_TRAITS, RequestKind, RequestTraits


class RequestState(StrEnum):
    """Where a request stands."""

    SCHEDULED = "scheduled"
    """It is planned; nobody was asked yet."""
    OPEN = "open"
    """People were asked and may answer."""
    CLOSED = "closed"
    """It has ended, and its result was told."""
    STOPPED = "stopped"
    """It was withdrawn: there is no result, and answers were deleted."""


class DutyState(StrEnum):
    """Where a unit stands with one period of a periodic report, as exports say it."""

    OPEN = "open"
    """It may still be answered on time."""
    ANSWERED = "answered"
    """It was answered on time."""
    LATE = "late"
    """It was answered after it was due."""
    MISSED = "missed"
    """It has ended without an answer."""


class RuleState(StrEnum):
    """Whether a rule still asks."""

    ACTIVE = "active"
    """It asks whenever its time has come."""
    ENDED = "ended"
    """It asks no more; what it has asked goes on."""


class ParticipationState(StrEnum):
    """How far somebody is with a request they were asked."""

    ASKED = "asked"
    """The question is on its way to them."""
    REACHED = "reached"
    """An app has taken the question for them."""
    STARTED = "started"
    """They have begun to answer."""
    ANSWERED = "answered"
    """They have answered."""
    UNDELIVERABLE = "undeliverable"
    """No app can take the question for them now; they are asked again once one can."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """What goes along with official information: a picture or a document, or nothing."""

    #: Random names of the picture and of the document in the data folder.
    photo: str = ""
    file: str = ""
    #: What people see the document called.
    file_name: str = ""


@dataclass(frozen=True, slots=True)
class RequestContent:
    """What people are asked or told, whenever and however often."""

    kind: RequestKind
    title: str
    intro: str
    form: Form
    #: A poll whose answers carry no tag: nobody can change theirs.
    sealed: bool = False
    #: It goes out before everything else, while the hours are quiet too.
    urgent: bool = False
    attachment: Attachment = Attachment()


@dataclass(frozen=True, slots=True)
class Participation:
    """How far one person is with a request."""

    #: None when this person was not asked.
    state: ParticipationState | None = None
    #: A guard stands for this contact: it answered once already, under this or an earlier person.
    guarded: bool = False
    #: The earlier answer can still be found by its tag, and so be replaced.
    editable: bool = False
    #: Somebody of this person's unit has answered, and that settles it.
    settled: bool = False

    @property
    def has_answered(self) -> bool:
        """This person themselves."""
        return self.state is ParticipationState.ANSWERED


@dataclass(frozen=True, slots=True)
class Request:
    """A poll, a request, a duty or official information, and how far this person is with it."""

    id: str
    unit: Unit
    content: RequestContent
    state: RequestState
    opens_at: datetime
    closes_at: datetime
    #: People who were asked.
    asked: int
    version: int = 1
    reminded_at: datetime | None = None
    participation: Participation = Participation()
    #: A poll that lost its key (see storage/requests.py): closed in fact.
    keyless: bool = False
    #: The rule it came of ("": none), and which of its periods it is.
    rule_id: str = ""
    period: str = ""
    #: The closed poll that this one asks again; "": none.
    repeats: str = ""
    #: What was decided after it, in words for those who answered.
    decision: str = ""

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
        """By this person, or for their unit where one answer is enough."""
        return self.participation.has_answered or self.participation.settled

    @property
    def is_poll(self) -> bool:
        """Answers are counted, never shown by unit; all other kinds are official."""
        return self.kind is RequestKind.POLL


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a request is for."""

    #: Paths of units: everybody there and below.
    paths: tuple[str, ...]
    roles: tuple[Role, ...] = (Role.COLLABORATOR,)
    #: So many of them, drawn at random; None: all.
    sample: int | None = None


@dataclass(frozen=True, slots=True)
class RecurringRequest:
    """What is asked again and again."""

    id: str
    unit: Unit
    content: RequestContent
    audience: Audience
    #: As bot/recurrence/rules.py reads it.
    rule: str
    #: How long each is open: a duty before it is due, the others from then on.
    seconds: int
    working_days: bool
    catch_up: bool
    #: When the next one is due, and when that one is opened.
    due: datetime
    next_at: datetime
    asked_by: str | None

    @property
    def kind(self) -> RequestKind:
        return self.content.kind

    @property
    def title(self) -> str:
        return self.content.title
