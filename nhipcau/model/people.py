"""People, their doors, and the conversation behind each door."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from nhipcau.bot.forms.draft import Draft
from nhipcau.bot.units.tree import Unit


class Role(StrEnum):
    """What somebody may do."""

    COLLABORATOR = "collaborator"
    """Reports from their area, and answers what is asked."""
    COORDINATOR = "coordinator"
    """Reads, asks and invites within their unit and below."""
    LEADER = "leader"
    """Reads results and boards of their unit and below."""
    ADMIN = "admin"
    """Serves the installation; in chat they may no more than a collaborator."""


class PersonState(StrEnum):
    """Whether somebody of the roster takes part."""

    INVITED = "invited"
    """On the roster, and has not agreed yet."""
    CONSENTED = "consented"
    """Has agreed, and is told and asked."""
    PAUSED = "paused"
    """Has agreed, and wants to be told nothing for a while."""
    UNREACHABLE = "unreachable"
    """Every app of theirs refuses our messages; back the moment they write."""
    LEFT = "left"
    """Takes part no more; the row stays for the roster's number."""


#: Roles that coordinate: they read, ask and invite within their unit and below.
COORDINATORS = frozenset({Role.COORDINATOR})
#: In place of a request: some other push stands last in the chat, so a number means none of our earlier choices.
#: Its own choices follow as JSON, [label, data] each.
PUSH_WITHOUT_REQUEST = "-"


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    #: What tags are made over: random, never shown, made anew when a card is used on a new phone.
    tag_secret: str
    name: str
    unit: Unit
    role: Role
    state: PersonState
    language: str
    cell: str = ""
    consented_on: date | None = None
    consent_version: str = ""
    #: The door used last (a contact's id), and the channel this person wants to be told on ("": that one).
    last_contact_id: int | None = None
    chosen: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """One door of a person, or of somebody who is not a person to us yet."""

    id: int
    channel: str
    #: The one pending invitation before consent.
    invite_code: str = ""
    #: The request whose pushed question stands last in this chat, or ANOTHER and that push's choices.
    shown_request: str = ""
    reachable: bool = True
    #: The hour of the last act, where the app closes a window after it.
    heard_at: datetime | None = None

    @property
    def shown_choices(self) -> list[list[str]]:
        """Choices of a push that asks nothing and stands last: [label, data]."""
        packed = self.shown_request.partition(PUSH_WITHOUT_REQUEST)[2]
        return json.loads(packed) if packed else []


@dataclass(slots=True)
class Conversation:
    """What was said last and what is half-written; sealed whole at each save."""

    drafts: dict[str, Draft] = field(default_factory=dict)
    #: The draft that typed words belong to; "" none.
    focus: str = ""
    #: Choices of the last screen that was not a question: [label, data], so that words and numbers can press them.
    shown: list[list[str]] = field(default_factory=list)
    #: What the last message waits for (kind: name, add, confirm, detour); over with the next thing the person does.
    pending: dict[str, str] = field(default_factory=dict)
    #: Words and pictures sent outside of any form, masked, until "Có" or "Không": text, photos, nonce.
    kept: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        drafts = {name: {key: getattr(draft, key) for key in _DRAFT} for name, draft in self.drafts.items()}
        body = {key: getattr(self, key) for key in _TALK} | {"drafts": drafts}
        return json.dumps(body, ensure_ascii=False, separators=(",", ":"))

    @staticmethod
    def from_json(line: str) -> Conversation:
        body = json.loads(line)
        body["drafts"] = {key: Draft(**draft) for key, draft in body["drafts"].items()}
        return Conversation(**body)

    def begin(self, draft: Draft) -> Draft:
        """Typed words belong to this draft from now on."""
        self.drafts[draft.form] = draft
        self.focus = draft.form
        return draft

    def drop(self, form: str) -> None:
        """It is sent or left; typed words belong to nothing half-written now."""
        self.drafts.pop(form, None)
        self.focus = ""

    def move(self) -> None:
        """Gone on with at another door: what stands last there is not what stood last here."""
        self.shown, self.pending, self.focus = [], {}, ""

    @property
    def is_empty(self) -> bool:
        return not (self.drafts or self.shown or self.pending or self.kept)

    @property
    def draft(self) -> Draft | None:
        return self.drafts.get(self.focus)

    @property
    def latest(self) -> Draft | None:
        """The draft to go on with: the one in focus, else the report, else any."""
        return self.draft or self.drafts.get("report") or next(iter(self.drafts.values()), None)

    def pictures(self) -> set[str]:
        """Names of the pictures that only this conversation holds."""
        names = {name for name in self.kept.get("photos", "").split(",") if name}
        for draft in self.drafts.values():
            names |= pictures_in(draft.answers)
        return names

    def documents(self) -> set[str]:
        """Names of the documents that only this conversation holds."""
        values = (value for draft in self.drafts.values() for value in draft.answers.values())
        return {str(value["file"]) for value in values if isinstance(value, dict) and value.get("file")}

    def files(self) -> set[str]:
        """Both; no two files of ours have one name."""
        return self.pictures() | self.documents()


def pictures_in(answers: Mapping[str, Any]) -> set[str]:
    """Names of pictures among the answers of a form."""
    names = set()
    for value in answers.values():
        if isinstance(value, list):
            names |= {item for item in value if isinstance(item, str) and item.endswith(".jpg")}
        elif isinstance(value, dict) and value.get("photo"):
            names.add(str(value["photo"]))
    return names


#: Names of what is kept of a conversation and of a draft. (`asdict` would copy all that lies inside first.)
_TALK = tuple(f.name for f in fields(Conversation))
_DRAFT = tuple(f.name for f in fields(Draft))


@dataclass(frozen=True, slots=True)
class Invite:
    code: str
    unit: Unit
    role: Role
    #: The person a personal card belongs to.
    person: Person | None
    #: Still good: not used up, not revoked, not expired.
    good: bool
    #: A further door for its person, beside those they have.
    adds: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the network as its coordinator sees them."""

    id: str
    name: str
    unit: Unit
    role: Role
    state: PersonState
    channels: tuple[str, ...]
    reachable: bool
