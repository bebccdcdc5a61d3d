"""Counts of people: how far they are with a request, and how a new one would reach them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nhipcau.bot.units.tree import Unit
from nhipcau.model.requests import Request
from nhipcau.model.scope import Access, Scope


@dataclass(frozen=True, slots=True)
class BoardRow:
    """Counts of the people of one unit who were asked."""

    unit: Unit
    asked: int
    reached: int
    started: int
    answered: int
    nothing: int
    late: int
    undeliverable: int
    reasons: tuple[tuple[str, int], ...] = ()
    #: Answers for the unit that count (the first of each person; of a duty the first of all); `nothing` says how many
    #: of them have nothing to report.
    first: int = 0
    #: Of a notice: how many others it was passed on to, as the readers report.
    spread: int = 0

    @property
    def settled(self) -> bool:
        """Somebody has answered for the unit."""
        return self.first > 0


@dataclass(frozen=True, slots=True)
class ListedRequest:
    """A request with how many people it has reached, and how many have answered."""

    request: Request
    reached: int
    answered: int


def rows_within(scope: Scope, request: Request, rows: Sequence[BoardRow]) -> Sequence[BoardRow]:
    """All rows where a unit of the scope asks; else the rows of units of the scope."""
    if not scope.reads(Access.FIGURES):
        return []
    return rows if scope.holds(request.unit) else [row for row in rows if scope.holds(row.unit)]


@dataclass(frozen=True, slots=True)
class BoardFacts:
    """What a board shows its reader."""

    rows: Sequence[BoardRow]
    #: Official answers as the query Answers gives them; without words for roles that don't read content.
    answers: Sequence[dict[str, object]] = ()
    #: Unit id → name of whoever is responsible there; empty for roles that don't read people by name.
    responsible: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WindowedApp:
    """An app with a delivery window, as far as it matters to an audience."""

    channel: str
    #: People of the audience who use it, whether or not their window is open.
    people: int
    #: Of one message after the free time, in đồng.
    price: int
    #: Of all people of the installation who use it, how many tenths would be reached at a price, and how many only once
    #: they write; None where fewer than 20 use it.
    tenths: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class ReachOutline:
    """What apps and limits mean for a message to an audience, without telling what anybody of it did (R31).

    Who has an app is known anyway; whether somebody's window is open, or week full, tells that they wrote or read just
    now. Such facts are therefore told of the whole installation only, so that no choice of an audience singles out a
    person.
    """

    #: App → people of the audience who use it; whoever uses two is counted with both.
    apps: tuple[tuple[str, int], ...] = ()
    windowed: tuple[WindowedApp, ...] = ()
    #: Of apps with a monthly plan: channel, messages sent this month, messages the plan allows, people who use it.
    plans: tuple[tuple[str, int, int, int], ...] = ()
    #: At least five people of the installation have used up their weekly limit.
    some_full: bool = False


@dataclass(frozen=True, slots=True)
class AudienceForecast:
    """How a message sent now would reach people, exactly: for the command line of the office's own machine."""

    #: Channel → people reached by it.
    by_channel: tuple[tuple[str, int], ...] = ()
    #: Of those reached by an app with a delivery window: free of charge, and at a price.
    free: int = 0
    paid: int = 0
    #: Estimated cost of the paid ones, in đồng.
    price: int = 0
    #: People whose first contact is closed by its delivery window or plan: reached by another contact, or only once
    #: they write.
    by_other_contact: int = 0
    unreached: int = 0
    #: People who have used up their weekly limit.
    full: int = 0
    #: Of apps with a monthly plan: channel, messages sent this month, messages the plan allows.
    plans: tuple[tuple[str, int, int], ...] = ()
