"""Issues: what several reports are about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from nhipcau.bot.units.tree import Unit

#: States in which an issue takes reports up.
OPEN_ISSUE = ("open", "in_progress")


@dataclass(frozen=True, slots=True)
class Issue:
    """One matter that several reports are about, as a person wrote it."""

    code: str
    statement: str
    topic: str
    owner: Unit
    #: open, in_progress, done, not_possible, passed_on
    state: str
    opened: date
    answered: date | None
    answer: str
    #: Areas of what belongs to it, by name.
    areas: tuple[Unit, ...]
    #: How much belongs to it: "0", "1", "2–4", "5+".
    band: str
