"""Field reports as their readers see them, and what was said about each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from nhipcau.bot.units.tree import Unit


class ReportState(StrEnum):
    """What became of a report."""

    NEW = "new"
    """Nobody has acted on it."""
    RECEIVED = "received"
    """The office has taken it up."""
    VERIFYING = "verifying"
    """It is looked at on the spot."""
    IN_PROGRESS = "in_progress"
    """Somebody works on it."""
    DONE = "done"
    """The office says it is solved."""
    NOT_POSSIBLE = "not_possible"
    """It can't be solved, and the reporter was told why."""
    PASSED_ON = "passed_on"
    """Another authority is responsible, and has it."""
    WITHDRAWN = "withdrawn"
    """Its reporter has taken it back."""


#: Kinds of notes that the office should act on.
WAITING = ("reply", "no")


#: States set by one tap, told in one standard sentence.
AT_ONCE = (ReportState.RECEIVED, ReportState.VERIFYING, ReportState.IN_PROGRESS)
#: States set with words of the office, which the reporter reads.
WITH_WORDS = (ReportState.DONE, ReportState.NOT_POSSIBLE, ReportState.PASSED_ON)
#: Words that leave the state as it is; a new report becomes received.
SPOKEN = ("answer", "question")


@dataclass(frozen=True, slots=True)
class ReportNote:
    """What was said or done about a report, by which side; never by whom."""

    day: date
    #: office, reporter, area
    side: str
    #: A state; answer, question, seen; reply, yes, no.
    kind: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    code: str
    day: date
    topic: str
    area: Unit
    mood: str
    spread: int
    urgency: str
    text: str
    #: What was added before it was sent: question id → the column (`bot/forms/report_fields.py`), "" where not given.
    added: Mapping[str, str]
    state: ReportState
    issue: str = ""
    practice: bool = False
    photos: tuple[str, ...] = ()
    #: What its reporter said of "done": "", yes, no.
    confirmed: str = ""
    #: In order; only where one report is read, or an inbox.
    notes: tuple[ReportNote, ...] = ()
    #: When it was merged into its issue; with the notes.
    merged: date | None = None

    @property
    def is_waiting(self) -> bool:
        """Somebody has written back ("đã ổn" asks for nothing), and the office has not acted since."""
        since = [note for note in self.notes if note.side == "office" or note.kind in WAITING]
        return bool(since) and since[-1].side != "office"

    @property
    def is_asked(self) -> bool:
        """The office's question stands last."""
        return bool(self.notes) and self.notes[-1].kind == "question"
