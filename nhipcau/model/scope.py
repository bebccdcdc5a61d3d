"""Who may read what: every query of the office takes a scope, and storage gives nothing beyond it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from nhipcau.bot.units.tree import Unit
from nhipcau.model.people import Person, Role

#: Who acts where nobody signed in does: the command line, and what happens by the clock.
OFFICE = "office"


class Access(StrEnum):
    """What a query of the office gives."""

    CONTENT = "content"
    """Words and pictures as people sent them: reports, free answers of a poll, official answers."""
    FIGURES = "figures"
    """What is asked, counts, boards, results, issues and figures: nobody's own words."""
    NETWORK = "network"
    """Who serves where, by name."""


#: Roles that read each. Collaborators read none of it: what they see is theirs, or of their area.
READERS_OF: Mapping[Access, frozenset[str]] = {
    Access.CONTENT: frozenset({Role.COORDINATOR, OFFICE}),
    Access.FIGURES: frozenset({Role.COORDINATOR, Role.LEADER, OFFICE}),
    Access.NETWORK: frozenset({Role.COORDINATOR, Role.ADMIN, OFFICE}),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """What somebody of the office may read: what their role gives, of their unit and the units below it."""

    #: A role of people, or OFFICE.
    role: str
    #: Of the unit; "/" is above all of them.
    path: str

    @staticmethod
    def of(person: Person) -> Scope:
        return Scope(person.role, person.unit.path)

    @staticmethod
    def office(unit: Unit | None = None) -> Scope:
        """The command line and the clock: everything of this unit and below, or of all units."""
        return Scope(OFFICE, unit.path if unit else "/")

    def holds(self, unit: Unit) -> bool:
        return unit.path.startswith(self.path)

    def reads(self, access: Access) -> bool:
        return self.role in READERS_OF[access]
