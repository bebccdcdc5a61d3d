"""Escalation of rapid requests: who is told, at two moments while one runs, that nobody of a unit has answered."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import IntEnum

from nhipcau.bot.units.tree import Tree, Unit
from nhipcau.model.people import COORDINATORS, Person
from nhipcau.model.request_kinds import REQUEST_TRAITS, RequestKind


class Step(IntEnum):
    RESPONSIBLE = 1
    """Whoever is responsible for the unit, else its coordinators."""
    ABOVE = 2
    """The coordinators of the nearest unit above it that has any."""


def steps_due(kind: RequestKind, opens: datetime, closes: datetime, now: datetime, taken: int) -> Sequence[Step]:
    """The steps that are due and were not taken, in order. `taken`: how many were."""
    used = (now - opens).total_seconds() / max(1.0, (closes - opens).total_seconds())
    passed = sum(1 for share in REQUEST_TRAITS[kind].escalations if used >= share)
    return [Step(number) for number in range(taken + 1, passed + 1)]


def told_of(unit: Unit, asking: Unit, tree: Tree) -> Sequence[Unit]:
    """Units whose people may be told of a silent unit, itself first, up to the unit that asks."""
    found = [unit]
    while unit.id != asking.id and unit.parent_id is not None:
        unit = tree.by_id[unit.parent_id]
        found.append(unit)
    return found


def whom_to_tell(
    step: Step,
    asking: Unit,
    silent: Sequence[Unit],
    people: Mapping[int, Sequence[Person]],
    reminded: Collection[str],
    tree: Tree,
) -> Mapping[str, Sequence[Unit]]:
    """Id of each person → the silent units they are told of, in one message.

    Of the unit that asks nobody is told: its board shows it. `people`: unit id → its coordinators who have joined and
    whoever is responsible there; `reminded`: who is asked, has not answered and is reminded at the same moment.
    """
    found: dict[str, list[Unit]] = {}
    for unit in silent:
        if unit.id == asking.id or not asking.holds(unit):
            continue
        for person in _of(step, told_of(unit, asking, tree), people):
            if step is Step.ABOVE or person.id not in reminded:
                found.setdefault(person.id, []).append(unit)
    return found


def _of(step: Step, chain: Sequence[Unit], people: Mapping[int, Sequence[Person]]) -> Sequence[Person]:
    own, *above = chain
    if step is Step.RESPONSIBLE:
        here = people.get(own.id, ())
        return [person for person in here if person.is_responsible] or here
    levels = ([person for person in people.get(unit.id, ()) if person.role in COORDINATORS] for unit in above)
    return next((level for level in levels if level), [])
