"""Reports and the notes about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from nhipcau.bot.units.tree import Unit
from nhipcau.model.report_title import named
from nhipcau.model.sections import Section


class ReportState(StrEnum):
    NEW = "new"
    """Nobody has acted on it."""
    RECEIVED = "received"
    """The office has taken note of it."""
    VERIFYING = "verifying"
    """It is checked on the spot."""
    IN_PROGRESS = "in_progress"
    """Somebody works on it."""
    DONE = "done"
    """The office says it is solved."""
    NOT_POSSIBLE = "not_possible"
    """It can't be solved, and the reporter was told why."""
    PASSED_ON = "passed_on"
    """Another authority is responsible and has received it."""
    WITHDRAWN = "withdrawn"
    """Its reporter has withdrawn it."""


#: After this time people are asked once more whether what was called done is settled.
ASK_AGAIN_AFTER = timedelta(days=21)
#: Kinds of notes that the office should act on.
REPLY_KINDS = ("reply", "no")
#: Notes that say what a report is about: nobody has answered anybody by them. Their text: the topic before and after.
#: `topic`: what suggests topics learns from it; `topic_past`: no longer, as that was reset.
TOPIC_NOTES = ("topic", "topic_past")
#: States set by one tap; the reporter gets a standard sentence.
ONE_TAP_STATES = (ReportState.RECEIVED, ReportState.VERIFYING, ReportState.IN_PROGRESS)
#: States set with a text, which the reporter reads.
STATES_WITH_TEXT = (ReportState.DONE, ReportState.NOT_POSSIBLE, ReportState.PASSED_ON)
#: The office has not settled it, or another authority has it now.
UNSETTLED = (ReportState.NEW, *ONE_TAP_STATES, ReportState.PASSED_ON)
#: Texts to the reporter that leave the state as it is, except that a new report becomes received.
TEXTS_WITHOUT_STATE = ("answer", "question")


def again_on(values: Mapping[str, Any], today: date) -> dict[str, date | None]:
    """What a change of a report or issue does to the day on which people are asked once more; {}: nothing."""
    state = values.get("state")
    if values.get("confirmed") == "yes" or state in (ReportState.NOT_POSSIBLE, ReportState.PASSED_ON):
        return {"ask_again_on": None}
    return {"ask_again_on": today + ASK_AGAIN_AFTER} if state == ReportState.DONE else {}


@dataclass(frozen=True, slots=True)
class ReportNote:
    """What was said or done about a report, and by which side; never by whom."""

    day: date
    #: office, reporter, area
    side: str
    #: A state; answer, question, seen; topic, topic_past; reply, yes, no, edited.
    kind: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    code: str
    day: date
    topic: str
    area: Unit
    #: "" and 0: not told, in a report sent by one tap because of danger to life.
    mood: str
    spread: int
    urgency: str
    text: str
    #: What was added before it was sent: question id → the column (`bot/forms/report_fields.py`), "" where not given.
    added: Mapping[str, str]
    state: ReportState
    issue: str = ""
    photos: tuple[str, ...] = ()
    #: The reporter's answer to "done": "" (none), yes, no.
    confirmed: str = ""
    #: Oldest first; filled only when one report or an inbox is loaded.
    notes: tuple[ReportNote, ...] = ()
    #: When it was merged into its issue; filled together with the notes.
    merged: date | None = None
    #: Of an office, to which it is assigned; filled together with the notes.
    section: Section | None = None
    #: By which the office wants something done about it.
    due: date | None = None

    @property
    def named(self) -> str:
        """How sentences call it: its first words, its day and its code."""
        return named(self.text, self.day, self.code)

    @property
    def exchange(self) -> Sequence[ReportNote]:
        """The notes without those about its topic."""
        return [note for note in self.notes if note.kind not in TOPIC_NOTES]

    @property
    def is_topic_checked(self) -> bool:
        """A coordinator has said that it is about this topic, and its reporter has not chosen another one since."""
        said = [note.text for note in self.notes if note.kind in TOPIC_NOTES]
        return bool(said) and said[-1].endswith(self.topic)

    @property
    def is_waiting(self) -> bool:
        """There is a reply other than "đã ổn", and the office has not acted since."""
        since = [note for note in self.exchange if note.side == "office" or note.kind in REPLY_KINDS]
        return bool(since) and since[-1].side != "office"

    @property
    def may_be_settled(self) -> bool:
        """Its reporter may say whether it is settled: the office has called it done, or they said "chưa ổn" to that."""
        return self.state is ReportState.DONE or (self.state is ReportState.IN_PROGRESS and self.confirmed == "no")

    @property
    def is_asked(self) -> bool:
        """The last note is a question of the office."""
        return bool(self.exchange) and self.exchange[-1].kind == "question"


@dataclass(frozen=True, slots=True)
class QueuedReport:
    """A report in a queue of the office."""

    report: Report
    #: Its place, from 1, and how many there are.
    place: int
    total: int
    #: It stands there because somebody wrote about it since the office last acted.
    has_reply: bool = False


@dataclass(frozen=True, slots=True)
class NearReport:
    """What is told of a report beside another one."""

    code: str
    day: date
    area: Unit
    text: str
    state: ReportState
    issue: str = ""

    @property
    def named(self) -> str:
        """As a report is named."""
        return named(self.text, self.day, self.code)
