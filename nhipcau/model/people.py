"""People, their doors, and the conversation behind each door."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import date

from nhipcau.bot.conversation import Draft
from nhipcau.bot.units import Unit

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
    #: The request whose pushed question stands last in this chat.
    shown_request: str = ""
    reachable: bool = True


@dataclass(slots=True)
class Conversation:
    """What was said last and what is half-written; sealed whole at each save."""

    drafts: dict[str, Draft] = field(default_factory=dict)
    #: The draft that typed words belong to; "" none.
    focus: str = ""
    #: Choices of the last screen that was not a question: [label, data], so that words and numbers can press them.
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
