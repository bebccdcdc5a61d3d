"""What all actions share: the actor, and the refusal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.faults import Fault
from nhipcau.bot.units.tree import Unit
from nhipcau.model.people import Person
from nhipcau.model.scope import OFFICE

#: So long what the office sends can be undone (rule K4).
UNDO_TIME = timedelta(seconds=60)
#: Makes an identifier of a kind ("id", "code", "invite" …). Passed in, because actions use no random numbers.
NewId = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who decides, and for which unit."""

    #: A person's id, or OFFICE; recorded in the audit.
    id: str
    unit: Unit
    role: str

    @staticmethod
    def of(person: Person) -> Actor:
        return Actor(person.id, person.unit, person.acting_role)

    @staticmethod
    def office(unit: Unit) -> Actor:
        """The office itself, at the command line; has the rights of every role."""
        return Actor(OFFICE, unit, OFFICE)


class Key(str):
    """A fact of a refusal that is itself a catalogue key."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a decision can't be made: a catalogue key and the facts it needs."""

    key: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def fault(self) -> Fault:
        """The same, to be raised and said in any language."""
        facts = {name: Fault(fact) if isinstance(fact, Key) else fact for name, fact in self.facts.items()}
        return Fault(self.key, **facts)

    def words(self, t: Texts) -> str:
        return self.fault().say(t)
