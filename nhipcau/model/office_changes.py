"""Changes of what an office keeps for its own work: its sections."""

from __future__ import annotations

from dataclasses import dataclass

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
