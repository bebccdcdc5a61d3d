"""What is stored, as decide sees it: invites, requests and their rules, reports, issues, and counts of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from nhipcau.bot.forms.model import Form
from nhipcau.bot.units.tree import Unit
from nhipcau.model.people import Person
from nhipcau.model.request_kinds import REQUEST_KINDS, RequestKind


@dataclass(frozen=True, slots=True)
class Invite:
    code: str
    unit: Unit
    role: str
    #: The person a personal card belongs to.
    person: Person | None
    #: Still good: not used up, not revoked, not expired.
    good: bool
    #: A further door for its person, beside those they have.
    adds: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """A poll, a request, a duty or official information, and how far this person is with it."""

    id: str
    kind: str
    unit: Unit
    title: str
    intro: str
    form: Form
    sealed: bool
    urgent: bool
    state: str
    opens_at: datetime
    closes_at: datetime
    asked: int
    version: int = 1
    reminded_at: datetime | None = None
    #: asked, reached, started, answered, undeliverable; "" when this person was not asked.
    mine: str = ""
    #: A guard stands for this door: it answered once already, under this or an earlier person.
    guarded: bool = False
    #: The earlier answer can still be found by its tag, and so be replaced.
    editable: bool = False
    #: A poll that lost its key (see storage/requests.py): closed in fact.
    keyless: bool = False
    #: The rule it came of ("": none), and which of its periods it is.
    rule_id: str = ""
    period: str = ""
    #: The closed poll that this one asks again; "": none.
    repeats: str = ""
    #: What was decided after it, in words for those who answered.
    decision: str = ""
    #: Official information: a picture or a document that goes along, and what the document is called.
    photo: str = ""
    file: str = ""
    file_name: str = ""
    #: Somebody of this person's unit has answered, and that settles it.
    settled: bool = False

    @property
    def nature(self) -> RequestKind:
        return REQUEST_KINDS[self.kind]

    @property
    def is_answered(self) -> bool:
        """By this person, or for their unit where one answer is enough."""
        return self.mine == "answered" or self.settled

    @property
    def is_poll(self) -> bool:
        """Answers are counted, never shown by unit; all other kinds are official."""
        return self.kind == "poll"


#: Kinds of notes that the office should act on.
WAITING = ("reply", "no")


@dataclass(frozen=True, slots=True)
class ReportNote:
    """What was said or done about a report, by which side; never by whom."""

    day: date
    #: office, reporter, area
    side: str
    #: A state; answer, question, seen; reply, yes, no.
    kind: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    code: str
    day: date
    topic: str
    area: Unit
    mood: str
    spread: int
    urgency: str
    groups: str
    source: str
    text: str
    proposal: str
    state: str
    issue: str = ""
    practice: bool = False
    photos: tuple[str, ...] = ()
    #: What its reporter said of "done": "", yes, no.
    confirmed: str = ""
    #: In order; only where one report is read, or an inbox.
    notes: tuple[ReportNote, ...] = ()
    #: When it was merged into its issue; with the notes.
    merged: date | None = None

    @property
    def is_waiting(self) -> bool:
        """Somebody has written back ("đã ổn" asks for nothing), and the office has not acted since."""
        since = [note for note in self.notes if note.side == "office" or note.kind in WAITING]
        return bool(since) and since[-1].side != "office"

    @property
    def is_asked(self) -> bool:
        """The office's question stands last."""
        return bool(self.notes) and self.notes[-1].kind == "question"


#: States in which an issue takes reports up.
OPEN_ISSUE = ("open", "in_progress")


@dataclass(frozen=True, slots=True)
class Issue:
    """One matter that several reports are about, as a person wrote it."""

    code: str
    statement: str
    topic: str
    owner: Unit
    #: open, in_progress, done, not_possible, passed_on
    state: str
    opened: date
    answered: date | None
    answer: str
    #: Areas of what belongs to it, by name.
    areas: tuple[Unit, ...]
    #: How much belongs to it: "0", "1", "2–4", "5+".
    band: str


@dataclass(frozen=True, slots=True)
class BoardRow:
    """People asked of one unit, counted."""

    unit: Unit
    asked: int
    reached: int
    started: int
    answered: int
    nothing: int
    late: int
    undeliverable: int
    reasons: tuple[tuple[str, int], ...] = ()
    #: Somebody has answered in the unit's name.
    settled: bool = False
    #: Official information: people it was passed on to, as those who did say.
    spread: int = 0


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the network as its coordinator sees them."""

    id: str
    name: str
    unit: Unit
    role: str
    state: str
    channels: tuple[str, ...]
    reachable: bool


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a request is for."""

    paths: tuple[str, ...]
    roles: tuple[str, ...] = ("collaborator",)
    sample: int | None = None


@dataclass(frozen=True, slots=True)
class RecurringRequest:
    """What is asked again and again."""

    id: str
    #: duty, poll, rapid, notice
    kind: str
    unit: Unit
    title: str
    intro: str
    form: Form
    audience: Audience
    sealed: bool
    urgent: bool
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
    #: A picture or a document that goes along, and what the document is called.
    photo: str = ""
    file: str = ""
    file_name: str = ""


@dataclass(frozen=True, slots=True)
class AudienceForecast:
    """How people would be told now."""

    #: People by the channel that would tell them.
    by_channel: tuple[tuple[str, int], ...] = ()
    #: Of those told through an app with a window: at no price, and at a price.
    free: int = 0
    paid: int = 0
    #: What the paid ones cost about, in đồng.
    price: int = 0
    #: Whose first door is shut by its window or plan: told by another, or not until they write.
    other_door: int = 0
    unreached: int = 0
    #: People who have had as many non-urgent messages this week as a week allows.
    full: int = 0
    #: Of apps whose plan counts: channel, messages taken this month, messages the plan allows.
    plans: tuple[tuple[str, int, int], ...] = ()
