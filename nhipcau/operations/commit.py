"""The one place where changes are applied, and where what must follow a commit follows it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import assert_never

from nhipcau.handlers.situation import Office
from nhipcau.model.changes import (
    AlertCoordinators,
    Change,
    CorrectNotice,
    EndRequest,
    EndRule,
    FileReport,
    MakeRule,
    OpenRequest,
    ProlongRequest,
    RecordOfficial,
    RemindNow,
    RequestAct,
    RowChange,
    TellContributors,
    TellDecision,
    TellingAct,
    TellOffice,
    TellReporter,
)
from nhipcau.model.conversation import pictures_in
from nhipcau.operations import corrections, feedback, recurring_requests, requests
from nhipcau.operations.operation_context import OperationContext
from nhipcau.privacy.sealing import Sealer
from nhipcau.storage import apply_changes
from nhipcau.storage.database import Connection, Database
from nhipcau.storage.registry import ChangeContext


async def _no_files(names: set[str]) -> None:
    return


class Committer:
    """Opens the transactions of a process, and does after each commit what must follow it."""

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
        """`office`: the installation as of a transaction; `forget_files` deletes pictures and documents by name."""
        self.database, self.sealer, self.office, self.now = database, sealer, office, now
        self._forget_files = forget_files
        self._wake_sender, self._wake_clock = wake_sender, wake_clock

    @asynccontextmanager
    async def transaction(self, committed: Callable[[], None] = lambda: None) -> AsyncIterator[OperationContext]:
        """One transaction that writes. `committed` is called as soon as it is durable.

        Raises what the database raises; nothing of `after` is done then.
        """
        async with self.database.writing() as connection:
            work = OperationContext(connection, self.sealer, await self.office(connection), self.now())
            yield work
        committed()
        for key in work.after.keys:
            self.sealer.forget(key)
        if work.after.files:
            await self._forget_files(work.after.files)
        if work.after.said:
            self._wake_sender()
        if work.after.asked:
            self._wake_clock()


async def apply(
    work: OperationContext, changes: Sequence[Change], contacts: Mapping[int, tuple[str, str]] | None = None
) -> None:
    """Write the rows, kind by kind, then do what is more than rows. `contacts`: (channel, address) of those who act."""
    rows: list[RowChange] = [change for change in changes if isinstance(change, RowChange)]
    at = ChangeContext(work.connection, work.sealer, work.now, work.today, contacts or {}, work.office.language)
    await apply_changes.save(at, rows)
    for act in changes:
        if isinstance(act, RowChange):
            continue
        if isinstance(act, TellingAct):
            await _tell(work, act)
        elif isinstance(act, RequestAct):
            await _do_to_request(work, act)
        else:
            assert_never(act)
        work.after.said = True


async def _do_to_request(work: OperationContext, act: RequestAct) -> None:
    match act:
        case OpenRequest():
            await requests.create(work, act)
            work.after.asked = True
        case MakeRule():
            await recurring_requests.make(work, act)
            work.after.asked = True
        case ProlongRequest():
            await requests.prolong(work, act.id, act.closes_at, act.actor)
            work.after.asked = True
        case RemindNow():
            await requests.remind_now(work, act.id, act.actor)
        case EndRule():
            await recurring_requests.end(work, act.id, act.actor)
        case EndRequest():
            await (requests.stop if act.stop else requests.close)(work, act.id, act.actor)
        case _:
            assert_never(act)


async def _tell(work: OperationContext, act: TellingAct) -> None:
    match act:
        case AlertCoordinators():
            await requests.alert_coordinators(work, act)
        case CorrectNotice():
            await corrections.correct(work, act)
        case TellDecision():
            await corrections.decide(work, act)
        case TellReporter():
            await feedback.tell_reporter(work, act)
        case TellContributors():
            await feedback.tell_contributors(work, act)
        case TellOffice():
            await feedback.tell_office(work, act)
        case _:
            assert_never(act)


def files_of(row: Change) -> set[str]:
    """Names of the pictures and documents a row takes along, from whoever held them until now."""
    match row:
        case FileReport():
            return set(row.photos)
        case RecordOfficial():
            return pictures_in(row.answers)
        case OpenRequest() | MakeRule():
            along = row.content.attachment
            return {name for name in (along.photo, along.file) if name}
    return set()
