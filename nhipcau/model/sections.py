"""Sections of a unit's office (bộ phận): what a report is assigned to, so that no person stands beside it."""

from __future__ import annotations

from dataclasses import dataclass

from nhipcau.bot.units.tree import Unit


@dataclass(frozen=True, slots=True)
class Section:
    id: str
    unit: Unit
    name: str
    #: Nothing is assigned to it any more; reports that were keep it.
    closed: bool = False
