"""Applies changes, and does what must follow a commit. All callers use it, so that none can forget a step."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import assert_never

import structlog

from nhipcau.error_log import name_of
from nhipcau.handlers.situation import Office
from nhipcau.model.changes import (
    AlertCoordinators,
    Change,
    ConfirmLeaving,
    FileReport,
    RequestAct,
    RowChange,
    TellingAct,
    TellOffice,
    TellReporter,
    TellUnit,
    WithdrawReport,
)
from nhipcau.model.conversation import pictures_in
from nhipcau.model.issue_changes import ReopenIssue, TellContributors
from nhipcau.model.request_changes import (
    AskBack,
    CorrectNotice,
    EndRequest,
    EndRule,
    MakeRule,
    OpenRequest,
    ProlongRequest,
    RecordOfficial,
    RemindNow,
    TellAddition,
    TellDecision,
)
from nhipcau.operations import answer_questions, corrections, feedback, leaving, recurring_requests, requests
from nhipcau.operations.operation_context import OperationContext
from nhipcau.privacy.sealing import Sealer
from nhipcau.storage import apply_changes
from nhipcau.storage.database import Connection, Database
from nhipcau.storage.registry import ChangeContext
from nhipcau.storage.sealed_people import take_departures

log = structlog.get_logger()


async def _no_files(names: set[str]) -> None:
    return


class Committer:
    """Opens the transactions of a process; after each commit destroys keys, deletes files and wakes loops."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        office: Callable[[Connection], Awaitable[Office]],
        *,
        forget_files: Callable[[set[str]], Awaitable[None]] = _no_files,
        wake_sender: Callable[[], None] = lambda: None,
        wake_clock: Callable[[], None] = lambda: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`office` loads the installation in a transaction; `forget_files` deletes pictures and documents by name."""
        self.database, self.sealer, self.office, self.now = database, sealer, office, now
        self._forget_files = forget_files
        self._wake_sender, self._wake_clock = wake_sender, wake_clock

    @asynccontextmanager
    async def transaction(self, committed: Callable[[], None] = lambda: None) -> AsyncIterator[OperationContext]:
        """One writing transaction. `committed` is called as soon as it is durable.

        Raises what the database raises; then nothing of `after` is done.
        """

        leavers: list[str] = []

        def durable() -> None:
            committed()
            for key in context.after.keys:
                self.sealer.forget(key)
            self._forget_people(leavers)
            if context.after.wake_sender:
                self._wake_sender()
            if context.after.wake_clock:
                self._wake_clock()

        async with self.database.writing(durable) as connection:
            context = OperationContext(connection, self.sealer, await self.office(connection), self.now())
            yield context
            leavers += take_departures(connection)
        if context.after.files:
            await self._forget_files(context.after.files)

    def _forget_people(self, leavers: Sequence[str]) -> None:
        """Destroy the keys of people who left. Where the disk refuses, the next sweep does it: what was committed must
        not look as if it had failed."""
        try:
            if leavers:
                self.sealer.forget_people(leavers)
        except OSError as error:
            log.warning("keys of people who left not destroyed, the next sweep does it", **name_of(error))


async def apply(
    context: OperationContext, changes: Sequence[Change], contacts: Mapping[int, tuple[str, str]] | None = None
) -> None:
    """Write row changes, kind by kind, then do the acts. `contacts`: contact id → (channel, address) of the actors."""
    rows: list[RowChange] = [change for change in changes if isinstance(change, RowChange)]
    change_context = ChangeContext(
        context.connection, context.sealer, context.now, context.today, contacts or {}, context.office.language
    )
    await apply_changes.save(change_context, rows)
    for act in changes:
        if isinstance(act, WithdrawReport):
            context.after.files |= set(act.photos)
        if isinstance(act, RowChange):
            continue
        if isinstance(act, TellingAct):
            await _tell(context, act)
        elif isinstance(act, ConfirmLeaving):
            await leaving.confirm_leaving(context, act)
        elif isinstance(act, RequestAct):
            await _do_to_request(context, act)
        else:
            assert_never(act)
        context.after.wake_sender = True


async def _do_to_request(context: OperationContext, act: RequestAct) -> None:
    match act:
        case OpenRequest():
            await requests.create(context, act)
            context.after.wake_clock = True
        case MakeRule():
            await recurring_requests.make(context, act)
            context.after.wake_clock = True
        case ProlongRequest():
            await requests.prolong(context, act.id, act.closes_at, act.actor)
            context.after.wake_clock = True
        case RemindNow():
            await requests.remind_now(context, act.id, act.actor)
        case EndRule():
            await recurring_requests.end(context, act.id, act.actor)
        case EndRequest():
            await (requests.stop if act.stop else requests.close)(context, act.id, act.actor)
        case _:
            assert_never(act)


async def _tell(context: OperationContext, act: TellingAct) -> None:
    match act:
        case AlertCoordinators():
            await requests.alert_coordinators(context, act)
        case CorrectNotice():
            await corrections.correct(context, act)
        case TellDecision():
            await corrections.decide(context, act)
        case TellReporter():
            await feedback.tell_reporter(context, act)
        case AskBack():
            await answer_questions.ask_back(context, act)
        case TellAddition():
            await answer_questions.tell_addition(context, act)
        case TellContributors():
            await feedback.tell_contributors(context, act)
        case ReopenIssue():
            await feedback.reopen_issue(context, act)
        case TellOffice() | TellUnit():
            await feedback.tell_office(context, act)
        case _:
            assert_never(act)


def files_of(row: Change) -> set[str]:
    """Names of the pictures and documents a change takes over from the conversation."""
    match row:
        case FileReport():
            return set(row.photos)
        case RecordOfficial():
            return pictures_in(row.answers)
        case OpenRequest() | MakeRule():
            attachment = row.content.attachment
            return {name for name in (attachment.photo, attachment.file) if name}
    return set()
