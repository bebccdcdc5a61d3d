"""People, their contacts and invites."""

from __future__ import annotations

import json
from collections.abc import Mapping
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
    """Runs the installation; in chat manages the network only."""


class PersonState(StrEnum):
    """Whether somebody of the roster takes part."""

    INVITED = "invited"
    """On the roster, and has not agreed yet."""
    CONSENTED = "consented"
    """Has agreed, and gets messages and requests."""
    PAUSED = "paused"
    """Has agreed, and wants no messages for a while."""
    UNREACHABLE = "unreachable"
    """Every app of theirs refuses our messages; ends when they write."""
    LEFT = "left"
    """No longer takes part; the row stays so that a roster import does not add them again."""


#: Shown of those who withdrew consent: they are invited again by name only.
WITHDREW = "withdrew"
#: States as the office reads them, those that need action first.
SHOWN_STATES = ("unreachable", "invited", "paused", "consented", WITHDREW, "left")
#: States in which nobody acts for the office (rule R25).
RESTING = frozenset({PersonState.PAUSED, PersonState.LEFT})
COORDINATORS = frozenset({Role.COORDINATOR})
#: Prefix in `Contact.shown_request`: the last message is a push without a request, so a typed number selects none of
#: the earlier choices. The push's own choices follow as JSON, [label, data] each.
PUSH_WITHOUT_REQUEST = "-"


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    #: Random, never displayed, replaced when a card is used on a new phone.
    tag_secret: str
    name: str
    unit: Unit
    role: Role
    state: PersonState
    language: str
    cell: str = ""
    consented_on: date | None = None
    consent_version: str = ""
    #: The channel this person chose for our messages ("": the one used last).
    chosen: str = ""
    #: The roster says so: "Phụ trách".
    is_responsible: bool = False
    #: Ids of the sections of their unit that they said are theirs.
    sections: tuple[str, ...] = ()

    @property
    def acting_role(self) -> Role:
        """The role whose rights they have now: who has paused or left serves nobody, and has a collaborator's."""
        return Role.COLLABORATOR if self.state in RESTING else self.role

    @property
    def is_paused_by_office(self) -> bool:
        """The roster says so, and they have never agreed: somebody else ends it, with a new card."""
        return self.state is PersonState.PAUSED and self.consented_on is None


@dataclass(frozen=True, slots=True)
class Contact:
    """One chat on one channel, of a person or of somebody who has not joined."""

    id: int
    channel: str
    #: The one pending invitation before consent.
    invite_code: str = ""
    #: If our last message in this chat is a push: its request, or PUSH_WITHOUT_REQUEST and its choices.
    shown_request: str = ""
    reachable: bool = True
    #: The hour of the person's last act, for apps with a delivery window.
    heard_at: datetime | None = None

    @property
    def shown_choices(self) -> list[list[str]]:
        """[label, data] of each choice, if our last message is a push without a request."""
        packed = self.shown_request.partition(PUSH_WITHOUT_REQUEST)[2]
        return json.loads(packed) if packed else []


@dataclass(frozen=True, slots=True)
class Invite:
    code: str
    unit: Unit
    role: Role
    #: The person a personal card belongs to.
    person: Person | None
    #: Not used up, revoked or expired.
    good: bool
    #: It adds a contact to its person, who has joined already.
    adds: bool = False
    #: A personal one with which its person has joined.
    used: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """A person as the coordinator of their network sees them."""

    id: str
    name: str
    unit: Unit
    role: Role
    state: PersonState
    channels: tuple[str, ...]
    reachable: bool
    #: They withdrew consent, and have not given it anew.
    withdrew: bool = False

    @property
    def shown_state(self) -> str:
        """The state as the office reads it: also whom no app of theirs lets us reach, and who withdrew consent."""
        if self.state is PersonState.CONSENTED and not self.reachable:
            return PersonState.UNREACHABLE
        return WITHDREW if self.withdrew else self.state


@dataclass(frozen=True, slots=True)
class PersonalRecord:
    """A row that names a person, as that person reads it."""

    #: Name of the table.
    table: str
    #: Column → value; None: there is one, which is not copied.
    values: Mapping[str, object]


def code_key(code: str) -> str:
    """By what two of the office's numbers are the same: a spreadsheet drops the zeros of 007."""
    bare = "".join(code.split()).upper()
    return bare.lstrip("0") or "0" if bare.isdigit() else bare
