"""Who may read what: every query of the office takes a scope, and storage returns nothing beyond it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from nhipcau.bot.units.tree import Unit
from nhipcau.model.people import Person, Role

#: The actor when no person acts: the command line and the scheduler.
OFFICE = "office"


class Access(StrEnum):
    """What kind of data a query of the office returns."""

    CONTENT = "content"
    """Text and pictures as people sent them: reports, free texts of a poll, official answers."""
    FIGURES = "figures"
    """Requests, counts, boards, results, issues and figures, without anybody's own words."""
    NETWORK = "network"
    """People by name, with their unit and role."""


#: Roles that may read each. Collaborators read only their own data and that of their area, by other queries.
READERS_OF: Mapping[Access, frozenset[str]] = {
    Access.CONTENT: frozenset({Role.COORDINATOR, OFFICE}),
    Access.FIGURES: frozenset({Role.COORDINATOR, Role.LEADER, OFFICE}),
    Access.NETWORK: frozenset({Role.COORDINATOR, Role.ADMIN, OFFICE}),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """What an actor may read: what their role allows, of their unit and the units below."""

    #: A role of people, or OFFICE.
    role: str
    #: The unit's path; "/" is above all units.
    path: str

    @staticmethod
    def of(person: Person) -> Scope:
        return Scope(person.acting_role, person.unit.path)

    @staticmethod
    def office(unit: Unit | None = None) -> Scope:
        """For the command line and the scheduler: all of this unit and below, or of all units."""
        return Scope(OFFICE, unit.path if unit else "/")

    def holds(self, unit: Unit) -> bool:
        return unit.path.startswith(self.path)

    def reads(self, access: Access) -> bool:
        return self.role in READERS_OF[access]
