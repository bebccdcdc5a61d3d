"""Writes what decide decided: one call a kind for a whole batch, in the order of `turn_of`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from enum import IntEnum, auto
from types import ModuleType
from typing import assert_never

from nhipcau.model.changes import (
    AddReportNote,
    AddSupport,
    Audit,
    ChangeIssue,
    ChangePerson,
    ChangeReport,
    CloseContact,
    DeletePerson,
    FileReport,
    ForgetContact,
    Join,
    KeepInvitation,
    LinkContact,
    MakeInvite,
    MarkLessonDone,
    MarkStarted,
    MergeReport,
    OpenIssue,
    RecordOfficial,
    RecordPollAnswer,
    ReleaseContacts,
    ReplacePerson,
    RevokeCards,
    RevokeInvite,
    RowChange,
)
from nhipcau.storage import (
    answers,
    audit,
    contacts,
    handover,
    invites,
    issues,
    lessons_done,
    people,
    report_notes,
    reports,
)
from nhipcau.storage.registry import WRITERS, ChangeContext

#: Files whose functions write changes: imported for what they register.
WRITING: tuple[ModuleType, ...] = (
    answers,
    audit,
    contacts,
    handover,
    invites,
    issues,
    lessons_done,
    people,
    report_notes,
    reports,
)


class Turn(IntEnum):
    """When a kind is written. Kinds of one turn touch rows that have nothing to do with each other, and go by name: two
    processes whose batches meet lock rows in the same order."""

    #: Whoever a later row points at: a person who joins, a successor before the card made out to them.
    PEOPLE = auto()
    #: Reports and issues, before one is merged into the other or a note is written below them.
    CONTENT = auto()
    #: A report into its issue, before the issue's new state is passed on to every report in it.
    MERGES = auto()
    ISSUE_STATES = auto()
    #: What belongs to people, reports and requests that are there; earlier cards are revoked.
    DETAILS = auto()
    #: After revoking, which would take the new card too.
    NEW_CARDS = auto()
    #: So late that nothing written for this person is left behind.
    DELETED = auto()
    AUDIT = auto()


def turn_of(row: RowChange) -> Turn:
    match row:
        case (
            ChangePerson()
            | CloseContact()
            | ForgetContact()
            | Join()
            | KeepInvitation()
            | LinkContact()
            | ReplacePerson()
        ):
            return Turn.PEOPLE
        case FileReport() | ChangeReport() | OpenIssue():
            return Turn.CONTENT
        case MergeReport():
            return Turn.MERGES
        case ChangeIssue():
            return Turn.ISSUE_STATES
        case (
            AddReportNote()
            | AddSupport()
            | MarkLessonDone()
            | MarkStarted()
            | RecordOfficial()
            | RecordPollAnswer()
            | ReleaseContacts()
            | RevokeCards()
            | RevokeInvite()
        ):
            return Turn.DETAILS
        case MakeInvite():
            return Turn.NEW_CARDS
        case DeletePerson():
            return Turn.DELETED
        case Audit():
            return Turn.AUDIT
        case _:
            assert_never(row)


async def save(at: ChangeContext, rows: Sequence[RowChange]) -> None:
    """Write these rows. Raises ChangedMeanwhile where somebody else was quicker."""
    batches: dict[tuple[Turn, str], list[RowChange]] = defaultdict(list)
    for row in rows:
        batches[turn_of(row), type(row).__name__].append(row)
    for _, batch in sorted(batches.items(), key=lambda item: item[0]):
        await WRITERS[type(batch[0])](at, batch)
