"""People, their doors, and the conversation behind each door."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

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
