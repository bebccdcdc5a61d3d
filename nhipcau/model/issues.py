"""Issues: what several reports are about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from nhipcau.bot.units.tree import Unit


class IssueState(StrEnum):
    OPEN = "open"
    """Reports can be merged into it; nobody works on it yet."""
    IN_PROGRESS = "in_progress"
    """Somebody works on it."""
    DONE = "done"
    """The office says it is solved."""
    NOT_POSSIBLE = "not_possible"
    """It can't be solved, and those who contributed were told why."""
    PASSED_ON = "passed_on"
    """Another authority is responsible and has received it."""


#: States in which reports can be merged into an issue.
OPEN_ISSUE = (IssueState.OPEN, IssueState.IN_PROGRESS)


@dataclass(frozen=True, slots=True)
class Issue:
    """One matter that several reports are about, as a person wrote it."""

    code: str
    statement: str
    topic: str
    owner: Unit
    state: IssueState
    opened: date
    answered: date | None
    answer: str
    #: Areas of its reports, by name.
    areas: tuple[Unit, ...]
    #: How many reports and supporters it has, as a band: "0", "1", "2–4", "5+".
    band: str
