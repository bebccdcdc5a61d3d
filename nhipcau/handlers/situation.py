"""What decide may know, and what it may say: the two ends of the pure middle."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from nhipcau.bot.conversation import Draft
from nhipcau.bot.events import Event
from nhipcau.bot.messages import Choice, Message
from nhipcau.bot.quiet import QuietHours
from nhipcau.bot.texts import Texts
from nhipcau.bot.units import Tree, Unit

T = TypeVar("T")

#: Roles that coordinate: they read, ask and invite within their unit and below.
COORDINATORS = frozenset({"coordinator"})


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    name: str
    unit: Unit
    #: collaborator, coordinator, leader, admin
    role: str
    #: invited, consented, paused, unreachable, left
    state: str
    language: str
    cell: str = ""
    consented_on: date | None = None
    consent_version: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """One door of a person, or of somebody who is not a person to us yet."""

    id: int
    channel: str
    #: The one pending invitation before consent.
    invite_code: str = ""
    shown_request: str = ""
    reachable: bool = True


@dataclass(slots=True)
class Conversation:
    """What was said last and what is half-written; sealed whole at each save."""

    drafts: dict[str, Draft] = field(default_factory=dict)
    #: The draft that typed words belong to; "" none.
    focus: str = ""
    #: Choices of the last screen that was not a question: [label, data], so that typed words and numbers can press them.
    shown: list[list[str]] = field(default_factory=list)
    #: What waits behind "Tiếp tục / Bỏ": a command, or a new text and picture.
    pending: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    @staticmethod
    def from_json(line: str) -> Conversation:
        body = json.loads(line)
        body["drafts"] = {key: Draft(**draft) for key, draft in body["drafts"].items()}
        return Conversation(**body)

    @property
    def is_empty(self) -> bool:
        return not (self.drafts or self.shown or self.pending)

    @property
    def draft(self) -> Draft | None:
        return self.drafts.get(self.focus)


@dataclass(frozen=True, slots=True)
class Office:
    """The installation, as far as words and rules need it."""

    tree: Tree
    zone: ZoneInfo
    quiet: QuietHours
    follow_up_days: int
    language: str = "vi"
    #: A link that joins with a code, a channel each; None while unknown.
    links: Callable[[str], dict[str, str | None]] = lambda code: {}


@dataclass(slots=True)
class Situation:
    """Everything decide knows about one event."""

    event: Event
    now: datetime
    contact: Contact
    person: Person | None
    talk: Conversation
    texts: Texts
    office: Office
    #: Random identifiers by kind: "code", "request", "id", "nonce", "invite".
    new_id: Callable[[str], str]

    @property
    def local(self) -> datetime:
        return self.now.astimezone(self.office.zone)

    @property
    def today(self) -> date:
        return self.local.date()

    @property
    def me(self) -> Person:
        assert self.person is not None
        return self.person


class Load(Generic[T]):
    """Something decide needs from the store. Frozen dataclasses below `handlers/loads.py`; equal needs are loaded once."""


#: A pure function that may ask for data on its way.
Deciding = Generator[Load[Any], Any, T]


def load(need: Load[T]) -> Deciding[T]:
    """`found = yield from load(FindInvite(code))`."""
    found: T = yield need
    return found


@dataclass(slots=True)
class Outcome:
    """What decide decided: the bundle of replies (at most three) and the rows to write, in order."""

    messages: list[Message] = field(default_factory=list)
    writes: list[Any] = field(default_factory=list)

    def say(self, text: str, choices: list[Choice] | None = None) -> Outcome:
        self.messages.append(Message(text, tuple(choices or ())))
        return self

    def write(self, *rows: Any) -> Outcome:
        self.writes.extend(rows)
        return self


def reply(*messages: Message | None, writes: list[Any] | None = None) -> Outcome:
    return Outcome([m for m in messages if m is not None], writes or [])
