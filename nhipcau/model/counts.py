"""Counts of people: how far they are with a request, how they would be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nhipcau.bot.units.tree import Unit
from nhipcau.model.requests import Request
from nhipcau.model.scope import Access, Scope


@dataclass(frozen=True, slots=True)
class BoardRow:
    """People asked of one unit, counted."""

    unit: Unit
    asked: int
    reached: int
    started: int
    answered: int
    nothing: int
    late: int
    undeliverable: int
    reasons: tuple[tuple[str, int], ...] = ()
    #: Somebody has answered in the unit's name.
    settled: bool = False
    #: Official information: people it was passed on to, as those who did say.
    spread: int = 0


def rows_within(scope: Scope, request: Request, rows: Sequence[BoardRow]) -> Sequence[BoardRow]:
    """All rows of what a unit of the scope asks; of what others ask, those of units of the scope."""
    if not scope.reads(Access.FIGURES):
        return []
    return rows if scope.holds(request.unit) else [row for row in rows if scope.holds(row.unit)]


@dataclass(frozen=True, slots=True)
class AudienceForecast:
    """How people would be told now."""

    #: People by the channel that would tell them.
    by_channel: tuple[tuple[str, int], ...] = ()
    #: Of those told through an app with a window: at no price, and at a price.
    free: int = 0
    paid: int = 0
    #: What the paid ones cost about, in đồng.
    price: int = 0
    #: Whose first door is shut by its window or plan: told by another, or not until they write.
    other_contact: int = 0
    unreached: int = 0
    #: People who have had as many non-urgent messages this week as a week allows.
    full: int = 0
    #: Of apps whose plan counts: channel, messages taken this month, messages the plan allows.
    plans: tuple[tuple[str, int, int], ...] = ()
