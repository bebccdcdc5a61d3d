"""Requests: polls, duties, rapid requests and official information, once or again and again, and whom they are for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from nhipcau.bot.forms.model import Form
from nhipcau.bot.units.tree import Unit
from nhipcau.model.request_kinds import REQUEST_KINDS, RequestKind


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
