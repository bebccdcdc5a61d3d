"""What is asked about the network of a unit: its people in pages, how many of each state, what was heard of places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from nhipcau.bot.units.tree import Unit
from nhipcau.model.people import Member
from nhipcau.model.queries import OfficeQuery
from nhipcau.model.report_tallies import Heard


@dataclass(frozen=True, slots=True)
class MemberFilter:
    """Which people are meant: all of the scope, or fewer."""

    #: Of this unit and below; None: of the whole scope.
    unit: Unit | None = None
    #: Of the unit itself only, and none below.
    own: bool = False
    #: Words of the name, or the office's own number.
    words: str = ""
    #: As `Member.shown_state`; "": everybody who has not left.
    state: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class MemberPage:
    """Some people of a list, by unit and given name."""

    members: Sequence[Member]
    #: How many the whole list has.
    total: int
    #: Where the next page begins; "": this is the last.
    following: str


@dataclass(frozen=True, slots=True)
class ValidCard:
    """A personal card that somebody can still join with."""

    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class MembersOf(OfficeQuery[MemberPage]):
    """People of the scope, page after page. `after`: `following` of the page before."""

    which: MemberFilter = MemberFilter()
    after: str = ""
    size: int = 50


@dataclass(frozen=True, slots=True)
class MemberIn(OfficeQuery[Member | None]):
    """One person of the scope's network."""

    id: str


@dataclass(frozen=True, slots=True)
class StatesOf(OfficeQuery[Mapping[int, Mapping[str, int]]]):
    """Unit id → state (as `Member.shown_state`) → how many people sit in this very unit."""


@dataclass(frozen=True, slots=True)
class HeardOf(OfficeQuery[Mapping[int, Heard]]):
    """Id of each commune and agency of the scope → what was heard of it in these days."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class CardOf(OfficeQuery[ValidCard | None]):
    """The card a person of the scope's network can still join with."""

    person_id: str
