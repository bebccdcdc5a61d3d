"""Writes the row changes of a batch of decisions: one call for each kind of change, in the order of `turn_of`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from enum import IntEnum, auto
from types import ModuleType
from typing import assert_never

from nhipcau.model.changes import (
    AddReportNote,
    AddUnit,
    Audit,
    ChangePerson,
    ChangeReport,
    CloseContact,
    CloseOtherContacts,
    DeletePerson,
    FileReport,
    ForgetContact,
    Join,
    KeepInvitation,
    LinkContact,
    MakeInvite,
    MarkLessonDone,
    RecordDataRequest,
    ReleaseContacts,
    ReplacePerson,
    RevokeCards,
    RevokeInvite,
    RowChange,
    SetCluster,
    WithdrawConsent,
    WithdrawReport,
)
from nhipcau.model.console_changes import (
    AddPasskey,
    DropPasskeys,
    KeepRecoveryCodes,
    MakeConsoleLink,
    RequireSecondFactor,
)
from nhipcau.model.issue_changes import (
    AddStrand,
    AddSupport,
    ChangeIssue,
    ChangeStrand,
    ConfirmSupports,
    DeleteStrand,
    MarkLatent,
    MergeIssue,
    MergeReport,
    OpenIssue,
    SplitIssue,
    UndoRegrouping,
)
from nhipcau.model.office_changes import AddReply, AddSection, ChangeReply, ChangeSection, DeleteReply
from nhipcau.model.request_changes import (
    AddAnswerNote,
    DropBankQuestion,
    KeepBankQuestion,
    MarkStarted,
    RecordOfficial,
    RecordPollAnswer,
)
from nhipcau.model.signal_changes import MarkSignal
from nhipcau.model.synthesis_changes import DropSynthesis, KeepSynthesis
from nhipcau.model.undo_changes import RevertIssue, RevertReport
from nhipcau.storage import (
    answer_notes,
    answers,
    audit,
    confirmations,
    console_sessions,
    contacts,
    data_requests,
    handover,
    invites,
    issues,
    leaving,
    lessons_done,
    people,
    question_bank,
    regroupings,
    report_notes,
    reports,
    saved_replies,
    second_factors,
    sections,
    signals,
    strands,
    syntheses,
    undo,
    units,
)
from nhipcau.storage.registry import WRITERS, ChangeContext

#: Files that register functions for writing changes (registry.py) when they are imported.
WRITING: tuple[ModuleType, ...] = (
    answer_notes,
    answers,
    audit,
    confirmations,
    console_sessions,
    contacts,
    data_requests,
    handover,
    invites,
    issues,
    leaving,
    lessons_done,
    people,
    question_bank,
    regroupings,
    report_notes,
    reports,
    saved_replies,
    sections,
    second_factors,
    signals,
    strands,
    syntheses,
    undo,
    units,
)


class Turn(IntEnum):
    """The order in which kinds are written. Kinds of one turn don't depend on each other and are written by name, so
    that two processes lock rows in the same order."""

    #: Units, to which people belong.
    UNITS = auto()
    #: People whom later rows refer to: somebody who joins, a successor before their card.
    PEOPLE = auto()
    #: Reports and issues, before reports are merged or get notes.
    CONTENT = auto()
    #: Reports enter or leave an issue before its new state is copied to every report in it.
    MERGES = auto()
    ISSUE_STATES = auto()
    #: Rows that belong to the people, reports and requests above; earlier cards are revoked.
    DETAILS = auto()
    #: After revoking, which would revoke the new card too.
    NEW_CARDS = auto()
    #: Late, so that rows written for this person in the same batch are deleted too.
    DELETED = auto()
    AUDIT = auto()


def turn_of(row: RowChange) -> Turn:
    match row:
        case AddUnit():
            return Turn.UNITS
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
        case FileReport() | ChangeReport() | WithdrawReport() | OpenIssue() | RevertReport() | RevertIssue():
            return Turn.CONTENT
        case MergeReport() | MergeIssue() | SplitIssue() | UndoRegrouping():
            return Turn.MERGES
        case ChangeIssue() | MarkLatent():
            return Turn.ISSUE_STATES
        case (
            AddAnswerNote()
            | AddPasskey()
            | AddReply()
            | AddReportNote()
            | AddSection()
            | AddStrand()
            | AddSupport()
            | ChangeReply()
            | ChangeSection()
            | ChangeStrand()
            | ConfirmSupports()
            | DeleteReply()
            | DeleteStrand()
            | DropBankQuestion()
            | DropSynthesis()
            | KeepBankQuestion()
            | DropPasskeys()
            | KeepRecoveryCodes()
            | KeepSynthesis()
            | MakeConsoleLink()
            | MarkLessonDone()
            | MarkSignal()
            | MarkStarted()
            | RecordDataRequest()
            | RecordOfficial()
            | RecordPollAnswer()
            | CloseOtherContacts()
            | ReleaseContacts()
            | RequireSecondFactor()
            | RevokeCards()
            | RevokeInvite()
            | SetCluster()
        ):
            return Turn.DETAILS
        case MakeInvite():
            return Turn.NEW_CARDS
        case DeletePerson() | WithdrawConsent():
            return Turn.DELETED
        case Audit():
            return Turn.AUDIT
        case _:
            assert_never(row)


async def save(at: ChangeContext, rows: Sequence[RowChange]) -> None:
    """Write these changes. Raises ChangedMeanwhile where a row has changed since the decision."""
    batches: dict[tuple[Turn, str], list[RowChange]] = defaultdict(list)
    for row in rows:
        batches[turn_of(row), type(row).__name__].append(row)
    for _, batch in sorted(batches.items(), key=lambda item: item[0]):
        await WRITERS[type(batch[0])](at, batch)
