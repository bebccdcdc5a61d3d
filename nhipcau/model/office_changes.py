"""Changes of what an office keeps for its own work: its sections and its saved replies."""

from __future__ import annotations

from dataclasses import dataclass

from nhipcau.model.saved_replies import SavedReply
from nhipcau.model.sections import Section


@dataclass(frozen=True, slots=True)
class AddSection:
    section: Section
    actor: str


@dataclass(frozen=True, slots=True)
class ChangeSection:
    """Rename a section, close it or open it again."""

    section: Section
    #: As it was at the decision.
    seen: Section
    actor: str


@dataclass(frozen=True, slots=True)
class AddReply:
    reply: SavedReply
    actor: str


@dataclass(frozen=True, slots=True)
class ChangeReply:
    reply: SavedReply
    #: As it was at the decision.
    seen: SavedReply
    actor: str


@dataclass(frozen=True, slots=True)
class DeleteReply:
    seen: SavedReply
    actor: str


#: All of them.
OfficeChange = AddReply | AddSection | ChangeReply | ChangeSection | DeleteReply
